/* Third call: commands. A table of handlers, each of which accepts whole or refuses with a reason. */
#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "controller/cycle_parts.h"

#define US_PER_S INT64_C(1000000)
#define DRIVE_RESET_MS 500 /* reset edges are given to a faulted drive for this long after a reset */

typedef struct verdict handler(struct cycle *cycle, const struct command *command);

/* --- permission ------------------------------------------------------------------------------------------------ */

/* The place of this session, or a free one; session 0 is nobody. There is one for each that can be connected, and who
 * leaves gives his back: nobody's press is forgotten while he can still hold it. */
static struct press_of *place_of(struct press_of *places, uint32_t session) {
    struct press_of *place = NULL;
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (places[i].session == session || (places[i].session == 0 && !place))
            place = &places[i];
    assert(place);
    return place;
}

static void forget(struct press_of *places, uint32_t session) {
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (places[i].session == session)
            places[i] = (struct press_of){0};
}

/* Remembers the last dead press of a session: presses of a session only grow. */
static void bury(struct permission *permission, uint32_t session, uint32_t press) {
    if (!press_is_dead(permission, session, press))
        *place_of(permission->dead, session) = (struct press_of){session, press};
}

/* Remembers the press of a session that was refused because another one lived. */
static void wait_behind(struct permission *permission, uint32_t session, uint32_t press) {
    *place_of(permission->waiting, session) = (struct press_of){session, press};
}

/* Whoever held beside the live press when it was stopped saw that stop too. After a release the next one may go on. */
void permission_bury_waiting(struct permission *permission) {
    for (int i = 0; i < SESSIONS_MAX; i++) {
        const struct press_of waits = permission->waiting[i];
        if (waits.session != 0)
            bury(permission, waits.session, waits.press);
        permission->waiting[i] = (struct press_of){0};
    }
}

static void kill_all(struct permission *permission) {
    permission_kill(permission);
    permission_bury_waiting(permission);
}

void permission_kill(struct permission *permission) {
    if (permission->alive)
        bury(permission, permission->session, permission->press);
    permission->alive = false;
}

void cycle_note_stop(struct cycle *cycle, enum stop_cause cause, uint32_t session) {
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct axis *axis = &cycle->axis[i];
        if (!axis_in_motion(axis->judge.state) || axis->finished)
            continue;
        cycle->stop_cause = cause;
        cycle->stop_session = session;
    }
}

/* Is there an axis that a press can be meant for, whatever is wrong with another one? */
static bool any_takes_press(const struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct axis *axis = &cycle->axis[i];
        const bool armed = axis->judge.state != STATE_FAULT && axis->judge.state != STATE_DISARMED;
        if (armed && !axis->judge.latched && !axis_estop_open(cycle, i))
            return true;
    }
    return false;
}

/* Never longer than the rig says, whatever is asked for. */
static int64_t granted_until(const struct cycle *cycle, const struct command *command) {
    int64_t longest_us = cycle->now_us + (int64_t)cycle->rig->permission_ms * 1000;
    return command->expires_us < longest_us ? command->expires_us : longest_us;
}

static int64_t later_of(int64_t one_us, int64_t other_us) {
    return one_us > other_us ? one_us : other_us;
}

static struct verdict permit(struct cycle *cycle, const struct command *command) {
    struct permission *permission = &cycle->permission;
    bool same = permission->session == command->session && permission->press == command->press;
    bool renews = permission->alive && same;
    if (permission->alive && !same) {
        wait_behind(permission, command->session, command->press);
        return REFUSED(REFUSED_NO_PERMISSION);
    }
    if (renews) { /* an older one that comes behind takes nothing back: what is refused is dead */
        permission->expires_us = later_of(permission->expires_us, granted_until(cycle, command));
        return ACCEPTED;
    }
    if (command->expires_us <= cycle->now_us || press_is_dead(permission, command->session, command->press))
        return REFUSED(REFUSED_PRESS_USED);
    /* Held through a stop of all: it may not act after the reset. */
    if ((cycle->estop_open || any_latched(cycle)) && !any_takes_press(cycle)) {
        bury(permission, command->session, command->press);
        return REFUSED(REFUSED_PRESS_USED);
    }
    permission->alive = true;
    permission->session = command->session;
    permission->press = command->press;
    permission->expires_us = granted_until(cycle, command);
    return ACCEPTED;
}

static void end_motions(struct cycle *cycle, enum stop_cause cause, uint32_t session) {
    cycle_note_stop(cycle, cause, session);
    for (int i = 0; i < cycle->rig->axis_count; i++)
        cycle->axis[i].finished = axis_active(&cycle->axis[i]);
}

static struct verdict permit_end(struct cycle *cycle, const struct command *command) {
    struct permission *permission = &cycle->permission;
    const bool its = permission->session == command->session && (permission->press == command->press || command->gone);
    if (permission->alive && its) {
        permission_kill(permission);
        end_motions(cycle, command->gone ? STOPPED_GONE : STOPPED_RELEASED, command->session);
    }
    if (command->gone) {
        forget(permission->dead, command->session);
        forget(permission->waiting, command->session);
    }
    return ACCEPTED;
}

/* --- stop, reset, arm ------------------------------------------------------------------------------------------ */

/* The judge of the next cycle would stop for the killed permission; the clamp stops in this one. */
static void stop_all(struct cycle *cycle, enum stop_cause cause, uint32_t session) {
    kill_all(&cycle->permission);
    end_motions(cycle, cause, session);
}

static struct verdict stop(struct cycle *cycle, const struct command *command) {
    stop_all(cycle, STOPPED_BY_STOP, command->session);
    return ACCEPTED;
}

/* Held before a reset or an arm, a press moves none of these axes. One under which another axis moves lives on for that
 * one. */
static void spend_holds(struct cycle *cycle, uint32_t axes) {
    const struct permission *permission = &cycle->permission;
    bool used = false;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        used = used || (axis_active(&cycle->axis[i]) && axis_held(cycle, &cycle->axis[i]));
    if (!used) {
        kill_all(&cycle->permission);
        return;
    }
    permission_bury_waiting(&cycle->permission);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if (!axis_of(axes, i))
            continue;
        cycle->axis[i].spent_session = permission->session;
        cycle->axis[i].spent_press = permission->press;
    }
}

/* The log names the one. */
static struct verdict accepted_for(const struct command *command) {
    return REFUSED_AXIS(REFUSED_NOT, command->axes != 0 ? command->axis : -1);
}

static struct verdict reset(struct cycle *cycle, const struct command *command) {
    struct verdict verdict = check_reset(cycle, command->axes);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        struct axis *axis = &cycle->axis[i];
        if (!axis_of(command->axes, i))
            continue;
        judge_reset(&axis->judge);
        axis->stopped_rig = false;
        judge_event(&axis->judge, EVENT_AXIS_DISARM); /* one that had no fault is not left armed: reset is not arm */
        bool faulted = axis->drive == CIA402_FAULT || axis->drive == CIA402_FAULT_REACTION;
        axis->drive_reset_cycles = faulted ? DRIVE_RESET_MS / cycle->rig->cycle_ms : 0;
        axis->line_locked = axis->line_locked || axis_climber_hangs(cycle, i);
        axis->fall_caught = false;
    }
    spend_holds(cycle, command->axes);
    cycle_next_first_out(cycle);
    return accepted_for(command);
}

static struct verdict arm(struct cycle *cycle, const struct command *command) {
    struct verdict verdict = check_arm(cycle, command->axes);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        struct axis *axis = &cycle->axis[i];
        if (!axis_of(command->axes, i))
            continue;
        axis->line_locked = axis->line_locked || axis_climber_hangs(cycle, i);
        judge_event(&axis->judge, EVENT_AXIS_ARM);
    }
    spend_holds(cycle, command->axes); /* held before the arm: a fresh press says that it is meant */
    return accepted_for(command);
}

static void disarm_all(struct cycle *cycle, enum stop_cause cause, uint32_t session) {
    stop_all(cycle, cause, session);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        cycle->disarming = cycle->disarming || axis_active(&cycle->axis[i]);
        judge_event(&cycle->axis[i].judge, EVENT_AXIS_DISARM);
    }
}

static struct verdict disarm(struct cycle *cycle, const struct command *command) {
    disarm_all(cycle, STOPPED_DISARM, command->session);
    return ACCEPTED;
}

static struct verdict shut_down(struct cycle *cycle, const struct command *command) {
    cycle->shutting_down = true;
    disarm_all(cycle, STOPPED_SHUTDOWN, command->session);
    return ACCEPTED;
}

/* --- motion, line ---------------------------------------------------------------------------------------------- */

/* False and nothing done when the kernel does not let the axis start. */
static bool run(struct cycle *cycle, struct axis *axis, enum axis_mode mode, const struct command *command) {
    if (!judge_run(&axis->judge, cycle->permission.alive))
        return false;
    axis->mode = mode;
    axis->session = command->session;
    axis->press = command->press;
    axis->finished = axis->caught = axis->stops_at_once = false;
    axis->slack_cycles = 0;
    axis->tracks = axis->timed = axis->flies = false;
    cycle->stop_cause = STOPPED_NOT;
    cycle->stop_session = 0;
    return true;
}

static void take_cue(const struct cycle *cycle, struct axis *axis, const struct cue *cue) {
    axis->belay_reference_n = cue->tension_n;
    axis->move_to_m = cue_goal_m(cue, (int)(axis - cycle->axis));
    axis->move_speed_m_s = cue->speed_m_s * cycle_share(cycle);
    axis->move_acceleration_m_s2 = cue->acceleration_m_s2;
    axis->cue_load = cue->load;
    axis->tracks = cue->kind == CUE_COMPENSATE;
    axis->timed = cue->kind == CUE_TIMED;
    if (axis->timed) /* its curve asks for less; what that leaves catches up */
        timed_limits(cycle, axis);
}

/* All of `axes` under one hold, or none. The first that can't is the answer. */
static struct verdict run_together(struct cycle *cycle, uint32_t axes, enum axis_mode mode,
                                   const struct command *command) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((axes >> i & 1) != 0 && !cycle->axis[i].judge.startable)
            return REFUSED_AXIS(REFUSED_INPUTS, i);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if ((axes >> i & 1) == 0)
            continue;
        if (!run(cycle, &cycle->axis[i], mode, command))
            return REFUSED_AXIS(REFUSED_INPUTS, i);
        cycle->axis[i].mates = axes;
        cycle->axis[i].lead = __builtin_ctz(axes);
        cycle->axis[i].under_way = cycle->axis[i].there = false;
        cycle->axis[i].drum = (struct course_drum){0};
        cycle->axis[i].trim_m = 0;
    }
    return ACCEPTED;
}

uint32_t cue_moves(const struct cycle *cycle, const struct cue *cue) {
    uint32_t axes = 0;
    for (int i = 0; i < cycle->rig->axis_count && cue->has_to; i++)
        if ((cue->axes >> i & 1) != 0 && fabs(cue_goal_m(cue, i) - cycle->axis[i].position_m) >= CYCLE_PLACE_M)
            axes |= UINT32_C(1) << i;
    return axes != 0 ? axes : cue->axes;
}

static struct verdict go(struct cycle *cycle, const struct command *command) {
    struct verdict verdict = check_go(cycle, command, command->cue);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    const struct cue *cue = &cycle->show->cue[command->cue];
    const uint32_t axes = cue_moves(cycle, cue);
    verdict = run_together(cycle, axes, cue->kind == CUE_BELAY ? MODE_FOLLOW : MODE_MOVE, command);
    if (verdict.refusal == REFUSED_NOT && cue->kind == CUE_FLY)
        flight_take(cycle, cue);
    for (int i = 0; i < cycle->rig->axis_count && verdict.refusal == REFUSED_NOT; i++) {
        struct axis *axis = &cycle->axis[i];
        if ((axes >> i & 1) == 0)
            continue;
        take_cue(cycle, axis, cue);
        axis->cue = command->cue;
        axis->begun = cycle->number;
        ladder_begin(cycle, axis, cue);
    }
    return verdict;
}

/* Who bounces on a locked line takes his weight off it for a moment. */
static bool hangs(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    if (axis_climber_hangs(cycle, index) || axis_bypasses(axis, BYPASS_LOAD_CELL))
        return true;
    return axis->line_locked && axis->light_cycles <= axis->bounce_cycles;
}

static uint32_t jogged(const struct command *command) {
    return command->axes != 0 ? command->axes : UINT32_C(1) << command->axis;
}

/* The speed that all of them take. */
static double jog_m_s(const struct cycle *cycle, uint32_t axes, double wanted_m_s) {
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if ((axes >> i & 1) == 0)
            continue;
        const double payout_m_s = axis_speed_cap(cycle, &cycle->axis[i], CLAMP_OUT) / 1e6;
        const double takein_m_s = axis_speed_cap(cycle, &cycle->axis[i], CLAMP_IN) / 1e6;
        wanted_m_s = fmax(fmin(wanted_m_s, payout_m_s), -takein_m_s);
    }
    return wanted_m_s;
}

static struct verdict begin_jog(struct cycle *cycle, uint32_t axes, const struct command *command) {
    bool loaded[RIG_AXES_MAX];
    for (int i = 0; i < cycle->rig->axis_count; i++)
        loaded[i] = hangs(cycle, i);
    const bool recovers = axis_recovers(&cycle->axis[command->axis]);
    const struct verdict verdict = run_together(cycle, axes, recovers ? MODE_RECOVERY : MODE_JOG, command);
    for (int i = 0; i < cycle->rig->axis_count && verdict.refusal == REFUSED_NOT; i++) {
        if ((axes >> i & 1) == 0)
            continue;
        cycle->axis[i].loaded = loaded[i];
        cycle->axis[i].line_locked = cycle->axis[i].line_locked || loaded[i];
    }
    return verdict;
}

static struct verdict jog(struct cycle *cycle, const struct command *command) {
    const uint32_t axes = jogged(command);
    struct verdict verdict = check_jogs(cycle, command, axes, command->speed_m_s);
    if (verdict.refusal == REFUSED_NOT && !axis_jogs(cycle, &cycle->axis[command->axis]))
        verdict = begin_jog(cycle, axes, command);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    const double speed_m_s = jog_m_s(cycle, axes, command->speed_m_s);
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((axes >> i & 1) != 0)
            cycle->axis[i].jog_m_s = speed_m_s;
    return verdict;
}

static struct verdict unlock(struct cycle *cycle, const struct command *command) {
    struct verdict verdict = check_unlock(cycle, command->axis);
    if (verdict.refusal == REFUSED_NOT)
        cycle->axis[command->axis].line_locked = cycle->axis[command->axis].slips = false;
    return verdict;
}

/* A motion under way goes on: whoever hangs there is not left alone because a day is over. */
static struct verdict take_clearance(struct cycle *cycle, const struct command *command) {
    assert(command->session == 0 && command->clearance >= 0 && command->clearance < REFUSED_COUNT);
    cycle->axis[command->axis].clearance = command->clearance;
    return ACCEPTED;
}

/* --- recovery -------------------------------------------------------------------------------------------------- */

/* Who hangs there is not known any more, or soon not. */
static struct verdict recover(struct cycle *cycle, const struct command *command) {
    struct axis *axis = &cycle->axis[command->axis];
    struct verdict verdict = check_recover(cycle, command);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    if (command->bypass == BYPASS_NOTHING) {
        axis->recovery.ends_us = axis->recovery.clear_until_us = cycle->now_us; /* a motion ramps down first */
        return ACCEPTED;
    }
    axis->line_locked = axis->line_locked || cycle->rig->axis[command->axis].belay.present;
    /* Asked for again before it runs out, by one who does not look himself: the clear given for it lives on. */
    if (axis->recovery.bypass != command->bypass || axis->recovery.clear_session == command->session)
        axis->recovery = (struct recovery){.bypass = command->bypass};
    axis->recovery.ends_us = cycle->now_us + cycle->rig->safety.recovery.expires_s * US_PER_S;
    axis->recovery.session = command->session;
    return ACCEPTED;
}

static struct verdict give_clear(struct cycle *cycle, const struct command *command) {
    struct recovery *recovery = &cycle->axis[command->axis].recovery;
    struct verdict verdict = check_clear(cycle, command);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    recovery->clear_session = command->session;
    recovery->clear_until_us = cycle->now_us + cycle->rig->safety.recovery.clear_s * US_PER_S;
    return ACCEPTED;
}

/* --- show ------------------------------------------------------------------------------------------------------ */

static struct verdict take_show(struct cycle *cycle, const struct command *command) {
    struct verdict verdict = check_show(cycle);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    cycle->show = command->show;
    cycle->standby_cue = command->show->cue_count > 0 ? 0 : -1;
    ladder_take_show(cycle);
    return ACCEPTED;
}

static struct verdict select_mode(struct cycle *cycle, const struct command *command) {
    struct verdict verdict = check_mode(cycle, command->operating, command->percent);
    if (verdict.refusal == REFUSED_NOT)
        mode_select(cycle, command->operating, command->percent);
    return verdict;
}

static struct verdict part_changed(struct cycle *cycle, const struct command *command) {
    ladder_forget(cycle, command->axis);
    return (struct verdict){.refusal = REFUSED_NOT, .axis = command->axis};
}

static struct verdict standby(struct cycle *cycle, const struct command *command) {
    struct verdict verdict = check_standby(cycle, command->cue);
    if (verdict.refusal == REFUSED_NOT)
        cycle->standby_cue = command->cue;
    return verdict;
}

static handler *const handlers[COMMAND_KIND_COUNT] = {
    [COMMAND_STOP] = stop,       [COMMAND_RESET] = reset,     [COMMAND_UNLOCK] = unlock,
    [COMMAND_ARM] = arm,         [COMMAND_DISARM] = disarm,   [COMMAND_PERMIT] = permit,
    [COMMAND_RECOVER] = recover, [COMMAND_CLEAR] = give_clear,
    [COMMAND_PERMIT_END] = permit_end, [COMMAND_GO] = go,     [COMMAND_JOG] = jog,
    [COMMAND_SHOW] = take_show,  [COMMAND_STANDBY] = standby, [COMMAND_SHUTDOWN] = shut_down,
    [COMMAND_CLEARANCE] = take_clearance, [COMMAND_MODE] = select_mode,
    [COMMAND_CHANGED] = part_changed,
};

/* Who hangs on a drive, not on its brake, is lowered, and unlocked when he stands: then it ends. */
static bool lowers(enum command_kind kind) {
    return kind == COMMAND_RESET || kind == COMMAND_ARM || kind == COMMAND_PERMIT || kind == COMMAND_JOG ||
           kind == COMMAND_UNLOCK || kind == COMMAND_RECOVER || kind == COMMAND_CLEAR;
}

static bool refused_in_shutdown(const struct cycle *cycle, enum command_kind kind) {
    bool ends = kind == COMMAND_STOP || kind == COMMAND_DISARM || kind == COMMAND_SHUTDOWN ||
                kind == COMMAND_PERMIT_END;
    return cycle->shutting_down && !ends && !(lowers(kind) && any_on_drive(cycle));
}

static bool of_one_axis(enum command_kind kind) {
    return kind == COMMAND_UNLOCK || kind == COMMAND_RECOVER || kind == COMMAND_CLEAR;
}

/* A hold is renewed and a jog changes its speed many times a second: of these only a jog that is refused is told. */
static bool is_told(enum command_kind kind, enum refusal refusal) {
    bool often = kind == COMMAND_PERMIT || kind == COMMAND_CLEARANCE;
    return !often && (kind != COMMAND_JOG || refusal != REFUSED_NOT);
}

static double jog_speed(const struct cycle *cycle, const struct command *command) {
    if (command->kind != COMMAND_JOG)
        return 0;
    return fmax(cycle->axis[command->axis].jog_m_s, -axis_snatch_um_s(cycle, command->axis) / 1e6);
}

void cycle_commands(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out) {
    for (int i = 0; i < in->command_count; i++) {
        const struct command *command = &in->commands[i];
        assert(command->kind >= 0 && command->kind < COMMAND_KIND_COUNT && handlers[command->kind]);
        struct verdict verdict = refused_in_shutdown(cycle, command->kind)
                                     ? REFUSED(REFUSED_SHUTTING_DOWN)
                                     : handlers[command->kind](cycle, command);
        if (command->ticket)
            out->replies[out->reply_count++] = (struct command_reply){.session = command->session,
                                                                      .ticket = command->ticket,
                                                                      .refusal = verdict.refusal,
                                                                      .axis = verdict.axis,
                                                                      .detail = verdict.detail,
                                                                      .jog_m_s = jog_speed(cycle, command)};
        int axis = of_one_axis(command->kind) ? command->axis : verdict.axis;
        if (is_told(command->kind, verdict.refusal))
            cycle_event(cycle, out, (struct event){.kind = EVENT_COMMAND, .axis = axis, .from = (int)command->kind,
                                                   .to = (int)verdict.refusal, .session = command->session});
    }
}
