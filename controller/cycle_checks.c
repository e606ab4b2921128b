/* The questions behind the commands: may this be done now? Looking only; one answer for the command and for those who
 * want to know it beforehand. */
#include <assert.h>
#include <math.h>
#include <stddef.h>

#include "controller/cycle_parts.h"

bool press_is_dead(const struct permission *permission, uint32_t session, uint32_t press) {
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (permission->dead[i].session == session && permission->dead[i].press >= press)
            return true;
    return false;
}

bool any_latched(const struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (cycle->axis[i].judge.latched)
            return true;
    return false;
}

bool any_on_drive(const struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_on_drive(&cycle->axis[i]))
            return true;
    return false;
}

struct verdict check_press(const struct cycle *cycle, const struct command *asker) {
    if (!asker)
        return ACCEPTED;
    const struct permission *permission = &cycle->permission;
    if (press_is_dead(permission, asker->session, asker->press))
        return REFUSED(REFUSED_PRESS_USED);
    bool mine = permission->session == asker->session && permission->press == asker->press;
    return permission->alive && mine ? ACCEPTED : REFUSED(REFUSED_NO_PERMISSION);
}

bool axis_drive_ready(const struct cycle *cycle, const struct axis *axis) {
    if (axis->drive == CIA402_ENABLED)
        return axis_holds_slip(cycle, axis) || axis->told == DRIVE_WANT_HAND_OVER;
    if (axis->drive == CIA402_QUICK_STOP)
        return axis_holds_slip(cycle, axis) && axis_leaves_quick_stop(cycle, axis);
    if (axis->drive == CIA402_SWITCHED_ON)
        return axis->told == DRIVE_WANT_STANDBY;
    return axis->drive == CIA402_READY || axis->drive == CIA402_SWITCH_ON_DISABLED;
}

static enum refusal drive_refuses(const struct cycle *cycle, const struct axis *axis) {
    const bool hands_over = axis->told == DRIVE_WANT_HAND_OVER;
    if (axis_drive_ready(cycle, axis))
        return REFUSED_NOT;
    bool holds = axis->drive == CIA402_QUICK_STOP && axis_holds_slip(cycle, axis);
    return holds ? REFUSED_QUICK_STOP : hands_over ? REFUSED_STOP_PENDING : REFUSED_DRIVE_NOT_READY;
}

/* --- reset, arm ------------------------------------------------------------------------------------------------- */

bool axis_of(uint32_t axes, int index) {
    return axes == 0 || (axes >> index & 1) != 0;
}

/* A station of another zone keeps nobody waiting. */
static bool estop_open_for(const struct cycle *cycle, uint32_t axes) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_of(axes, i) && axis_estop_open(cycle, i))
            return true;
    return axes == 0 && cycle->estop_open;
}

enum refusal axis_stands_not(const struct cycle *cycle, int index) {
    if (axis_stands(cycle, index))
        return REFUSED_NOT;
    return cycle->axis[index].speed.quality == QUALITY_GOOD ? REFUSED_NOT_STANDING : REFUSED_INPUTS;
}

struct verdict check_reset(const struct cycle *cycle, uint32_t axes) {
    if (estop_open_for(cycle, axes))
        return REFUSED(REFUSED_ESTOP_OPEN);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if (!axis_of(axes, i))
            continue;
        if (axis_active(&cycle->axis[i]))
            return REFUSED_AXIS(REFUSED_NOT_STANDING, i);
        const bool unread = cycle->axis[i].status.quality != QUALITY_GOOD || cycle->axis[i].unclear;
        if (!cycle->axis[i].judge.quiet && unread)
            return REFUSED_AXIS(REFUSED_INPUTS, i); /* no waiting helps */
        if (!cycle->axis[i].judge.quiet)
            return REFUSED_AXIS(REFUSED_STOP_PENDING, i);
        if (!judge_can_reset(&cycle->axis[i].judge))
            return REFUSED_AXIS(REFUSED_CAUSE_REMAINS, i);
        if (!axis_stands(cycle, i) && !axis_on_drive(&cycle->axis[i])) /* it slides until the drive holds again */
            return REFUSED_AXIS(axis_stands_not(cycle, i), i);
    }
    return ACCEPTED;
}

static enum refusal arms_not(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    if (axis->judge.latched)
        return REFUSED_FAULT_LATCHED;
    if (axis_active(axis))
        return REFUSED_NOT_STANDING;
    if (axis->judge.state == STATE_ARMED)
        return REFUSED_ALREADY_ARMED;
    if (!axis_inputs_good(axis) || !cycle->io_ok)
        return REFUSED_INPUTS;
    if (axis->brake_open && !axis->sticks)
        return REFUSED_BRAKE_OPEN;
    if (!axis_stands(cycle, index))
        return REFUSED_NOT_STANDING;
    return drive_refuses(cycle, axis);
}

/* Those that are armed already stay so; somebody must be there to be armed. */
struct verdict check_arm(const struct cycle *cycle, uint32_t axes) {
    bool arms = false;
    if (estop_open_for(cycle, axes))
        return REFUSED(REFUSED_ESTOP_OPEN);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        enum refusal refusal = axis_of(axes, i) ? arms_not(cycle, i) : REFUSED_ALREADY_ARMED;
        if (refusal != REFUSED_NOT && refusal != REFUSED_ALREADY_ARMED)
            return REFUSED_AXIS(refusal, i);
        arms = arms || refusal == REFUSED_NOT;
    }
    return arms ? ACCEPTED : REFUSED(REFUSED_ALREADY_ARMED);
}

enum alone axis_alone(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const uint32_t itself = UINT32_C(1) << index;
    const enum axis_state state = axis->judge.state;
    const bool kept = cycle->estop_open || any_latched(cycle);
    if (axis->judge.latched) {
        const bool whole = check_reset(cycle, 0).refusal == REFUSED_NOT;
        return !whole && check_reset(cycle, itself).refusal == REFUSED_NOT ? ALONE_RESET : ALONE_NOTHING;
    }
    if (!kept || axis_estop_open(cycle, index))
        return ALONE_NOTHING;
    if (state == STATE_DISARMED)
        return check_arm(cycle, itself).refusal == REFUSED_NOT ? ALONE_ARM : ALONE_NOTHING;
    return state != STATE_FAULT ? ALONE_HOLD : ALONE_NOTHING;
}

/* --- motion ----------------------------------------------------------------------------------------------------- */

enum refusal axis_person_refused(const struct cycle *cycle, int index) {
    return cycle->rig->axis[index].carries_person ? cycle->axis[index].clearance : REFUSED_NOT;
}

/* What stands before everything else: whoever reads the answer sees to this first. */
static struct verdict check_health(const struct cycle *cycle, int index) {
    if (axis_estop_open(cycle, index))
        return REFUSED(REFUSED_ESTOP_OPEN);
    return cycle->axis[index].judge.latched ? REFUSED_AXIS(REFUSED_FAULT_LATCHED, index) : ACCEPTED;
}

static struct verdict check_motion(const struct cycle *cycle, const struct command *asker, int index) {
    assert(index >= 0 && index < cycle->rig->axis_count);
    const struct axis *axis = &cycle->axis[index];
    struct verdict health = check_health(cycle, index);
    if (health.refusal != REFUSED_NOT)
        return health;
    if (axis->judge.state == STATE_DISARMED)
        return REFUSED(REFUSED_NOT_ARMED);
    struct verdict verdict = check_press(cycle, asker);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    if (asker && asker->session == axis->spent_session && asker->press <= axis->spent_press)
        return REFUSED_AXIS(REFUSED_PRESS_USED, index);
    if (axis->judge.state != STATE_ARMED)
        return REFUSED_AXIS(REFUSED_BUSY, index);
    if (!axis_inputs_good(axis))
        return REFUSED_AXIS(REFUSED_INPUTS, index);
    if (!axis_stands(cycle, index))
        return REFUSED_AXIS(REFUSED_NOT_STANDING, index);
    if (!axis->judge.quiet)
        return REFUSED_AXIS(REFUSED_STOP_PENDING, index);
    enum refusal refusal = drive_refuses(cycle, axis);
    return refusal == REFUSED_NOT ? ACCEPTED : REFUSED_AXIS(refusal, index);
}

/* Would a limit switch block the cue's way? Belaying needs both. */
static bool cue_blocked(const struct cycle *cycle, int index, const struct cue *cue) {
    const struct axis *axis = &cycle->axis[index];
    if (cue->kind == CUE_MOVE)
        return axis_switch_blocks(axis, cue_goal_m(cue, index) - axis->position_m);
    return axis_switch_blocks(axis, 1) || axis_switch_blocks(axis, -1);
}

/* The axis whose latched fault stopped the whole rig, or -1. Others, reset meanwhile, are jogged to safety. */
static int rig_stopped_by(const struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (cycle->axis[i].stopped_rig && cycle->axis[i].judge.latched)
            return i;
    return -1;
}

/* Did the weight leave the belay line so lately that it may come again? */
static bool climber_bounces(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    return cycle->rig->axis[index].belay.present && axis->light_cycles <= axis->bounce_cycles;
}

/* As far as one of its axes is concerned. A person who may hang on the rope is neither belayed on nor moved: lowering
 * only, or an unlock first. */
static struct verdict check_go_of(const struct cycle *cycle, const struct command *asker, int cue, int index) {
    struct verdict verdict = check_health(cycle, index);
    const bool follows_sensor = cycle->show->cue[cue].kind == CUE_COMPENSATE;
    const enum refusal uncleared = follows_sensor ? cycle->axis[index].clearance : axis_person_refused(cycle, index);
    if (verdict.refusal == REFUSED_NOT && uncleared != REFUSED_NOT)
        verdict = REFUSED_AXIS(uncleared, index);
    if (verdict.refusal == REFUSED_NOT)
        verdict = check_ladder(cycle, cue);
    if (verdict.refusal == REFUSED_NOT)
        verdict = check_motion(cycle, asker, index);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    int other = rig_stopped_by(cycle);
    if (other < 0)
        other = group_mate_faulted(cycle, index);
    if (other >= 0)
        return REFUSED_AXIS(REFUSED_FAULT_LATCHED, other);
    if (axis_recovers(&cycle->axis[index]))
        return REFUSED_AXIS(REFUSED_RECOVERY, index);
    if (group_mate_recovers(cycle, index) >= 0)
        return REFUSED_AXIS(REFUSED_RECOVERY, group_mate_recovers(cycle, index));
    if (cycle->axis[index].sticks)
        return REFUSED_AXIS(REFUSED_BRAKE_OPEN, index);
    if (cycle->axis[index].judge.tolerated) /* only jogs, away from what remains */
        return REFUSED_AXIS(REFUSED_LIMIT_REMAINS, index);
    if (cycle->axis[index].line_locked)
        return REFUSED_AXIS(REFUSED_LINE_LOCKED, index);
    if (cue_blocked(cycle, index, &cycle->show->cue[cue]))
        return REFUSED_AXIS(REFUSED_SWITCH, index);
    if (cycle->show->cue[cue].kind == CUE_COMPENSATE && !axis_reference_ready(&cycle->axis[index]))
        return REFUSED_AXIS(REFUSED_REFERENCE, index);
    const struct verdict begins = check_timed(cycle, &cycle->show->cue[cue]);
    if (begins.refusal != REFUSED_NOT)
        return begins;
    if (axis_climber_hangs(cycle, index))
        return REFUSED_AXIS(REFUSED_WEIGHT, index);
    return climber_bounces(cycle, index) ? REFUSED_AXIS(REFUSED_BOUNCE, index) : ACCEPTED;
}

struct verdict check_go(const struct cycle *cycle, const struct command *asker, int cue) {
    if (cycle->shutting_down)
        return REFUSED(REFUSED_SHUTTING_DOWN);
    if (!cycle->show)
        return REFUSED(REFUSED_NO_SHOW);
    if (cue < 0 || cue >= cycle->show->cue_count || cue != cycle->standby_cue)
        return REFUSED(REFUSED_NO_CUE);
    const uint32_t axes = cycle->show->cue[cue].axes;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct verdict verdict = (axes >> i & 1) != 0 ? check_go_of(cycle, asker, cue, i) : ACCEPTED;
        if (verdict.refusal != REFUSED_NOT)
            return verdict;
    }
    const struct verdict shown = check_ladder_of_axes(cycle, cue);
    if (shown.refusal != REFUSED_NOT)
        return shown;
    const struct verdict level = group_out_of_level(cycle, axes);
    return level.refusal == REFUSED_NOT ? check_flight(cycle, &cycle->show->cue[cue]) : level;
}

bool axis_jogs(const struct cycle *cycle, const struct axis *axis) {
    bool jogs = axis->mode == MODE_JOG || axis->mode == MODE_RECOVERY;
    return axis_held(cycle, axis) && jogs && axis_in_motion(axis->judge.state) && !axis->finished;
}

double rig_lowering_max_m_s(const struct rig_axis *from) {
    return from->belay.present ? from->belay.lowering_speed_max_m_s : from->modes.jog.payout_speed_max_m_s;
}

bool axis_only_lowers(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    /* Once lowered, always lowered: a bounce of the rope takes nobody off it. */
    const bool hangs = axis_jogs(cycle, axis) ? axis->loaded || axis_weight_on_line(cycle, index)
                                              : axis_climber_hangs(cycle, index) || climber_bounces(cycle, index);
    return axis->line_locked || axis->sticks || hangs;
}

/* A hanging person is lowered, at the speed of that, and never lifted; but for a recovery. So is whatever hangs on a
 * drive whose brake sticks open. */
static enum refusal lifts(const struct cycle *cycle, int index, double speed_m_s) {
    const struct rig_axis *from = &cycle->rig->axis[index];
    const struct axis *axis = &cycle->axis[index];
    /* The steps of commissioning are jogs, and so is lowering a person when the day's test ran out meanwhile. */
    if (!axis_only_lowers(cycle, index))
        return fabs(speed_m_s) > from->commissioning.speed_max_m_s ? axis_person_refused(cycle, index)
                                                                              : REFUSED_NOT;
    if (speed_m_s >= 0 && speed_m_s <= rig_lowering_max_m_s(from))
        return REFUSED_NOT;
    if (axis->line_locked)
        return REFUSED_LINE_LOCKED;
    if (axis->sticks)
        return REFUSED_BRAKE_OPEN;
    return axis->light_cycles > 0 && !axis_jogs(cycle, axis) ? REFUSED_BOUNCE : REFUSED_WEIGHT;
}

/* Of a jog that is faster than it may be: the most in this direction; 0 = it is not. */
static double fast_jog_max_m_s(const struct rig_motion *most, double speed_m_s) {
    double max_m_s = speed_m_s > 0 ? most->payout_speed_max_m_s : most->takein_speed_max_m_s;
    return fabs(speed_m_s) > max_m_s ? max_m_s : 0;
}

/* A locked line is paid out to lower somebody; on a slack one nobody is lowered, and it would jump off the drum. The
 * light moment of a bounce is none. */
static bool pays_out_slack(const struct cycle *cycle, int index, double speed_m_s) {
    const struct rig_belay *belay = &cycle->rig->axis[index].belay;
    const struct axis *axis = &cycle->axis[index];
    bool slack = belay->present && axis->tension.quality == QUALITY_GOOD && axis->tension_n < belay->slack_n;
    bool stays = axis->light_cycles > axis->bounce_cycles;
    return speed_m_s > 0 && slack && stays && axis->line_locked && !axis_jogs(cycle, axis);
}

/* What hangs on a point's lines hangs on all of them. One by itself is for whoever rigs, at set-up speed, and for a
 * recovery; so is lowering what hangs on a drive. */
static bool is_bound_to_point(const struct cycle *cycle, int index) {
    const bool by_hand = cycle->operating == OPERATING_SETUP || axis_recovers(&cycle->axis[index]) ||
                         axis_only_lowers(cycle, index);
    return rig_point_of(cycle->rig, index) >= 0 && !by_hand;
}

/* Speed and direction that the axis's condition allows. */
static enum refusal jogs_not(const struct cycle *cycle, int index, double speed_m_s) {
    const struct rig_axis *from = &cycle->rig->axis[index];
    const struct axis *axis = &cycle->axis[index];
    if (axis->sticks && axis_recovers(axis) && speed_m_s < 0)
        return REFUSED_BRAKE_OPEN; /* two people don't make the drive alone a brake */
    enum refusal lifted = axis_recovers(axis) ? REFUSED_NOT : lifts(cycle, index, speed_m_s);
    if (lifted != REFUSED_NOT)
        return lifted;
    if (is_bound_to_point(cycle, index))
        return REFUSED_POINT_LINE;
    if (pays_out_slack(cycle, index, speed_m_s))
        return REFUSED_SLACK;
    bool permitted = speed_m_s > 0 ? judge_permits_payout(&axis->judge) : judge_permits_takein(&axis->judge);
    if (!permitted && speed_m_s != 0)
        return REFUSED_LIMIT_REMAINS;
    if (axis_switch_blocks(axis, speed_m_s))
        return REFUSED_SWITCH;
    if (axis_bypasses(axis, BYPASS_ENCODER))
        return REFUSED_NOT;
    bool fast = fast_jog_max_m_s(&from->modes.jog, speed_m_s) > 0;
    return fast || axis_at_end(axis, speed_m_s) ? REFUSED_LIMIT : REFUSED_NOT;
}

struct verdict check_jog(const struct cycle *cycle, const struct command *asker, int index, double speed_m_s) {
    /* What hangs on the drive alone may still be lowered. */
    if (cycle->shutting_down && !axis_on_drive(&cycle->axis[index]))
        return REFUSED(REFUSED_SHUTTING_DOWN);
    if (!isfinite(speed_m_s))
        return REFUSED_AXIS(REFUSED_LIMIT, index);
    struct verdict verdict =
        axis_jogs(cycle, &cycle->axis[index]) ? check_press(cycle, asker) : check_motion(cycle, asker, index);
    if (verdict.refusal == REFUSED_NOT && axis_recovers(&cycle->axis[index]))
        verdict = check_recovery_jog(cycle, asker, index, speed_m_s);
    if (verdict.refusal != REFUSED_NOT)
        return verdict;
    enum refusal refusal = jogs_not(cycle, index, speed_m_s);
    if (refusal == REFUSED_NOT)
        return ACCEPTED;
    verdict = REFUSED_AXIS(refusal, index);
    verdict.detail.limit_m_s =
        refusal == REFUSED_LIMIT ? fast_jog_max_m_s(&cycle->rig->axis[index].modes.jog, speed_m_s) : 0;
    return verdict;
}

/* Of several none is in recovery, and none jogs by itself: they begin together and change their speed together. */
static enum refusal jogs_not_together(const struct cycle *cycle, uint32_t axes, int index) {
    const struct axis *axis = &cycle->axis[index];
    if (axis_recovers(axis))
        return REFUSED_RECOVERY;
    return axis_jogs(cycle, axis) && axis->mates != axes ? REFUSED_BUSY : REFUSED_NOT;
}

struct verdict check_jogs(const struct cycle *cycle, const struct command *asker, uint32_t axes, double speed_m_s) {
    const bool several = (axes & (axes - 1)) != 0;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if ((axes >> i & 1) == 0)
            continue;
        const struct verdict verdict = check_jog(cycle, asker, i, speed_m_s);
        if (verdict.refusal != REFUSED_NOT)
            return verdict;
        const bool other = axis_jogs(cycle, &cycle->axis[i]) && cycle->axis[i].mates != axes;
        const enum refusal refusal = several ? jogs_not_together(cycle, axes, i) : other ? REFUSED_BUSY : REFUSED_NOT;
        if (refusal != REFUSED_NOT)
            return REFUSED_AXIS(refusal, i);
    }
    return ACCEPTED;
}

/* --- line, show ------------------------------------------------------------------------------------------------- */

struct verdict check_unlock(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    if (axis_active(axis))
        return REFUSED_AXIS(REFUSED_NOT_STANDING, index);
    if (axis->judge.latched)
        return REFUSED_AXIS(REFUSED_FAULT_LATCHED, index);
    if (axis->tension.quality != QUALITY_GOOD)
        return REFUSED_AXIS(REFUSED_INPUTS, index);
    if (!axis_stands(cycle, index))
        return REFUSED_AXIS(REFUSED_NOT_STANDING, index);
    if (axis->light_cycles == 0)
        return REFUSED_AXIS(REFUSED_WEIGHT, index);
    /* Nor in the light moment of a bounce. */
    return axis->light_cycles > axis->bounce_cycles ? ACCEPTED : REFUSED_AXIS(REFUSED_BOUNCE, index);
}

/* Only while nobody is armed: a GO must run what the operator saw when arming. */
struct verdict check_show(const struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (cycle->axis[i].judge.state != STATE_DISARMED && cycle->axis[i].judge.state != STATE_FAULT)
            return axis_active(&cycle->axis[i]) ? REFUSED_AXIS(REFUSED_BUSY, i) : REFUSED(REFUSED_ARMED);
    return ACCEPTED;
}

struct verdict check_standby(const struct cycle *cycle, int cue) {
    if (!cycle->show)
        return REFUSED(REFUSED_NO_SHOW);
    return cue >= 0 && cue < cycle->show->cue_count ? ACCEPTED : REFUSED(REFUSED_NO_CUE);
}
