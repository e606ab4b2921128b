/* Third call: commands. A table of handlers, each of which accepts whole or refuses with a reason. */
#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "controller/cycle_parts.h"

#define DRIVE_RESET_MS 500 /* reset edges are given to a faulted drive for this long after a reset */

typedef enum refusal handler(struct cycle *cycle, const struct command *command);

/* --- permission ------------------------------------------------------------------------------------------------ */

/* Remembers the last dead press of a session, in place of an older one of it. */
static void bury(struct permission *permission, uint32_t session, uint32_t press) {
    int at = permission->dead_next;
    for (int i = 0; i < PERMISSION_SESSIONS_MAX; i++)
        at = permission->dead[i].session == session ? i : at;
    if (at == permission->dead_next)
        permission->dead_next = (permission->dead_next + 1) % PERMISSION_SESSIONS_MAX;
    permission->dead[at].session = session;
    permission->dead[at].press = press;
}

void permission_kill(struct permission *permission) {
    if (permission->alive)
        bury(permission, permission->session, permission->press);
    permission->alive = false;
}

/* Presses of one session only grow, so everything up to the last dead one is dead. */
static bool press_is_dead(const struct permission *permission, uint32_t session, uint32_t press) {
    for (int i = 0; i < PERMISSION_SESSIONS_MAX; i++)
        if (permission->dead[i].session == session && permission->dead[i].press >= press)
            return true;
    return false;
}

static bool any_latched(const struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (cycle->axis[i].judge.latched)
            return true;
    return false;
}

static enum refusal permit(struct cycle *cycle, const struct command *command) {
    struct permission *permission = &cycle->permission;
    bool same = permission->session == command->session && permission->press == command->press;
    if (permission->alive && !same)
        return REFUSED_NO_PERMISSION;
    if (command->expires_us <= cycle->now_us || press_is_dead(permission, command->session, command->press))
        return REFUSED_PRESS_USED;
    if (cycle->estop_open || any_latched(cycle)) { /* held through a stop: it may not act after the reset */
        bury(permission, command->session, command->press);
        return REFUSED_PRESS_USED;
    }
    permission->alive = true;
    permission->session = command->session;
    permission->press = command->press;
    int64_t longest_us = cycle->now_us + (int64_t)cycle->rig->permission_ms * 1000;
    permission->expires_us = command->expires_us < longest_us ? command->expires_us : longest_us;
    return REFUSED_NOT;
}

static void end_motions(struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        cycle->axis[i].finished = axis_active(&cycle->axis[i]);
}

static enum refusal permit_end(struct cycle *cycle, const struct command *command) {
    struct permission *permission = &cycle->permission;
    if (permission->alive && permission->session == command->session && permission->press == command->press) {
        permission_kill(permission);
        end_motions(cycle); /* a new press accepted in this same cycle must not inherit them */
    }
    return REFUSED_NOT;
}

static enum refusal check_permission(const struct cycle *cycle, const struct command *command) {
    const struct permission *permission = &cycle->permission;
    if (press_is_dead(permission, command->session, command->press))
        return REFUSED_PRESS_USED;
    bool mine = permission->session == command->session && permission->press == command->press;
    return permission->alive && mine ? REFUSED_NOT : REFUSED_NO_PERMISSION;
}

/* --- stop, reset, arm ------------------------------------------------------------------------------------------ */

static enum refusal stop(struct cycle *cycle, const struct command *command) {
    (void)command;
    permission_kill(
        &cycle->permission); /* the judge of the next cycle would stop for that; the clamp stops in this one */
    end_motions(cycle);
    return REFUSED_NOT;
}

static enum refusal reset(struct cycle *cycle, const struct command *command) {
    (void)command;
    if (cycle->estop_open)
        return REFUSED_ESTOP_OPEN;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if (axis_active(&cycle->axis[i]))
            return REFUSED_NOT_STANDING;
        if (!judge_can_reset(&cycle->axis[i].judge))
            return REFUSED_CAUSE_REMAINS;
    }
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        struct axis *axis = &cycle->axis[i];
        judge_reset(&axis->judge);
        bool faulted = axis->drive == CIA402_FAULT || axis->drive == CIA402_FAULT_REACTION;
        axis->drive_reset_cycles = faulted ? DRIVE_RESET_MS / cycle->rig->cycle_ms : 0;
        axis->line_locked = axis_weight_on_line(cycle, i);
        axis->fall_caught = false;
    }
    permission_kill(&cycle->permission);
    cycle->first_out = FAULT_NONE;
    cycle->first_out_axis = -1;
    return REFUSED_NOT;
}

static enum refusal check_arm(const struct cycle *cycle) {
    if (cycle->estop_open)
        return REFUSED_ESTOP_OPEN;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct axis *axis = &cycle->axis[i];
        if (axis->judge.latched)
            return REFUSED_FAULT_LATCHED;
        if (axis_active(axis))
            return REFUSED_NOT_STANDING;
        if (axis->judge.state == STATE_ARMED)
            return REFUSED_ALREADY_ARMED;
        if (!axis_inputs_good(axis) || !cycle->io_ok)
            return REFUSED_INPUTS;
        if (axis->brake_open)
            return REFUSED_BRAKE_OPEN;
        if (axis->drive != CIA402_READY && axis->drive != CIA402_SWITCH_ON_DISABLED)
            return REFUSED_DRIVE_NOT_READY;
    }
    return REFUSED_NOT;
}

static enum refusal arm(struct cycle *cycle, const struct command *command) {
    (void)command;
    enum refusal refusal = check_arm(cycle);
    for (int i = 0; refusal == REFUSED_NOT && i < cycle->rig->axis_count; i++) {
        struct axis *axis = &cycle->axis[i];
        axis->line_locked = axis->line_locked || axis_weight_on_line(cycle, i);
        judge_event(&axis->judge, EVENT_AXIS_ARM);
    }
    if (refusal == REFUSED_NOT)
        permission_kill(&cycle->permission); /* held before the arm: a fresh press says that it is meant */
    return refusal;
}

static enum refusal disarm(struct cycle *cycle, const struct command *command) {
    stop(cycle, command);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        cycle->disarming = cycle->disarming || axis_active(&cycle->axis[i]);
        judge_event(&cycle->axis[i].judge, EVENT_AXIS_DISARM);
    }
    return REFUSED_NOT;
}

static enum refusal shut_down(struct cycle *cycle, const struct command *command) {
    cycle->shutting_down = true;
    return disarm(cycle, command);
}

/* --- motion ---------------------------------------------------------------------------------------------------- */

static enum refusal check_motion(const struct cycle *cycle, const struct command *command, int index) {
    assert(index >= 0 && index < cycle->rig->axis_count);
    const struct axis *axis = &cycle->axis[index];
    if (cycle->estop_open)
        return REFUSED_ESTOP_OPEN;
    if (axis->judge.latched)
        return REFUSED_FAULT_LATCHED;
    if (axis->judge.state == STATE_DISARMED)
        return REFUSED_NOT_ARMED;
    enum refusal refusal = check_permission(cycle, command);
    if (refusal != REFUSED_NOT)
        return refusal;
    if (axis->judge.state != STATE_ARMED)
        return REFUSED_BUSY;
    if (!axis_inputs_good(axis))
        return REFUSED_INPUTS;
    return axis->drive == CIA402_READY || axis->drive == CIA402_SWITCH_ON_DISABLED ? REFUSED_NOT
                                                                                   : REFUSED_DRIVE_NOT_READY;
}

static enum refusal run(const struct cycle *cycle, struct axis *axis, enum axis_mode mode) {
    if (!judge_run(&axis->judge, cycle->permission.alive))
        return REFUSED_INPUTS;
    axis->mode = mode;
    axis->finished = axis->caught = false;
    axis->slack_cycles = 0;
    return REFUSED_NOT;
}

static enum refusal go(struct cycle *cycle, const struct command *command) {
    if (!cycle->show)
        return REFUSED_NO_SHOW;
    if (command->cue < 0 || command->cue >= cycle->show->cue_count || command->cue != cycle->standby_cue)
        return REFUSED_NO_CUE;
    const struct cue *cue = &cycle->show->cue[command->cue];
    struct axis *axis = &cycle->axis[cue->axis];
    enum refusal refusal = check_motion(cycle, command, cue->axis);
    if (refusal != REFUSED_NOT)
        return refusal;
    if (axis->judge.tolerated) /* only jogs, away from what remains */
        return REFUSED_CAUSE_REMAINS;
    /* With the weight on the rope neither belaying nor a move is offered: lowering only. */
    if (axis_weight_on_line(cycle, cue->axis) || (cue->kind == CUE_MOVE && axis->line_locked))
        return REFUSED_LINE_LOCKED;
    if (cue->kind == CUE_BELAY) {
        axis->belay_reference_n = cue->tension_n;
        axis->line_locked = false;
    } else {
        axis->move_to_m = cue->position_m;
        axis->move_speed_m_s = cue->speed_m_s;
        axis->move_acceleration_m_s2 = cue->acceleration_m_s2;
    }
    refusal = run(cycle, axis, cue->kind == CUE_BELAY ? MODE_FOLLOW : MODE_MOVE);
    if (refusal == REFUSED_NOT)
        cycle->running_cue = command->cue;
    return refusal;
}

/* Speed and direction that the axis's condition allows; a hanging person is lowered, never lifted. */
static enum refusal check_jog(const struct cycle *cycle, const struct command *command) {
    const struct rig_axis *from = &cycle->rig->axis[command->axis];
    const struct axis *axis = &cycle->axis[command->axis];
    bool loaded = axis->line_locked || axis_weight_on_line(cycle, command->axis);
    if (loaded && (command->speed_m_s < 0 || command->speed_m_s > from->belay.lowering_speed_max_m_s))
        return REFUSED_LINE_LOCKED;
    bool outward = (command->speed_m_s > 0 && axis->position_m >= from->limits.position_max_m) ||
                   (command->speed_m_s < 0 && axis->position_m <= from->limits.position_min_m);
    if ((command->speed_m_s > 0 && !judge_permits_payout(&axis->judge)) ||
        (command->speed_m_s < 0 && !judge_permits_takein(&axis->judge)))
        return REFUSED_CAUSE_REMAINS;
    const struct rig_motion *jog = &from->modes.jog;
    if (outward || command->speed_m_s > jog->payout_speed_max_m_s || -command->speed_m_s > jog->takein_speed_max_m_s)
        return REFUSED_LIMIT;
    return REFUSED_NOT;
}

static enum refusal jog(struct cycle *cycle, const struct command *command) {
    struct axis *axis = &cycle->axis[command->axis];
    bool running = axis->mode == MODE_JOG && axis_in_motion(axis->judge.state) && !axis->finished;
    enum refusal refusal = running ? check_permission(cycle, command) : check_motion(cycle, command, command->axis);
    if (refusal == REFUSED_NOT)
        refusal = check_jog(cycle, command);
    if (refusal != REFUSED_NOT)
        return refusal;
    if (!running)
        refusal = run(cycle, axis, MODE_JOG);
    if (refusal != REFUSED_NOT)
        return refusal;
    axis->jog_m_s = command->speed_m_s;
    axis->loaded = running ? axis->loaded : axis_weight_on_line(cycle, command->axis);
    return REFUSED_NOT;
}

/* --- show ------------------------------------------------------------------------------------------------------ */

/* Only while nobody is armed: a GO must run what the operator saw when arming. */
static enum refusal take_show(struct cycle *cycle, const struct command *command) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (cycle->axis[i].judge.state != STATE_DISARMED && cycle->axis[i].judge.state != STATE_FAULT)
            return axis_active(&cycle->axis[i]) ? REFUSED_BUSY : REFUSED_ARMED;
    cycle->show = command->show;
    cycle->standby_cue = command->show->cue_count > 0 ? 0 : -1;
    cycle->running_cue = -1;
    return REFUSED_NOT;
}

static enum refusal standby(struct cycle *cycle, const struct command *command) {
    if (!cycle->show)
        return REFUSED_NO_SHOW;
    if (command->cue < 0 || command->cue >= cycle->show->cue_count)
        return REFUSED_NO_CUE;
    cycle->standby_cue = command->cue;
    return REFUSED_NOT;
}

static handler *const handlers[COMMAND_KIND_COUNT] = {
    [COMMAND_STOP] = stop,       [COMMAND_RESET] = reset,     [COMMAND_ARM] = arm,
    [COMMAND_DISARM] = disarm,   [COMMAND_PERMIT] = permit,   [COMMAND_PERMIT_END] = permit_end,
    [COMMAND_GO] = go,           [COMMAND_JOG] = jog,         [COMMAND_SHOW] = take_show,
    [COMMAND_STANDBY] = standby, [COMMAND_SHUTDOWN] = shut_down,
};

static bool allowed_in_shutdown(enum command_kind kind) {
    return kind == COMMAND_STOP || kind == COMMAND_DISARM || kind == COMMAND_SHUTDOWN || kind == COMMAND_PERMIT_END;
}

void cycle_commands(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out) {
    for (int i = 0; i < in->command_count; i++) {
        const struct command *command = &in->commands[i];
        assert(command->kind >= 0 && command->kind < COMMAND_KIND_COUNT && handlers[command->kind]);
        enum refusal refusal = cycle->shutting_down && !allowed_in_shutdown(command->kind)
                                   ? REFUSED_SHUTTING_DOWN
                                   : handlers[command->kind](cycle, command);
        if (command->ticket)
            out->replies[out->reply_count++] =
                (struct command_reply){.session = command->session, .ticket = command->ticket, .refusal = refusal};
        if (command->kind != COMMAND_PERMIT && command->kind != COMMAND_JOG)
            cycle_event(cycle, out, (struct event){.kind = EVENT_COMMAND, .axis = -1, .from = (int)command->kind,
                                                   .to = (int)refusal, .session = command->session});
    }
}
