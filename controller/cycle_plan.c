/* Fourth and fifth call: plan, clamp. */
#include <assert.h>
#include <math.h>

#include "controller/cycle_parts.h"
#include "controller/motion/ramp.h"

typedef double planner(struct cycle *cycle, int index, double last_m_s);

static double plan_none(struct cycle *cycle, int index, double last_m_s) {
    (void)last_m_s;
    assert(cycle->axis[index].judge.state != STATE_RUNNING);
    (void)cycle;
    (void)index;
    return 0;
}

/* A jog of what is to be an empty rope, or one upwards, which lifts nobody. */
static bool jogs_empty(const struct axis *axis) {
    return !axis->loaded || axis->jog_m_s < 0;
}

/* A lowering ends when the load has reached the ground. Any other jog of a belay line ends, and locks it, when
 * weight comes on: somebody would be lifted, or is falling. */
static enum stop_cause jog_ends(const struct cycle *cycle, int index, struct axis *axis) {
    const struct rig_belay *belay = &cycle->rig->axis[index].belay;
    if (!belay->present)
        return STOPPED_NOT;
    bool person = axis->loaded || axis->line_locked; /* an empty rope may be paid out for rigging */
    bool slack = person && axis->jog_m_s > 0 && axis->tension_n < belay->slack_n;
    axis->slack_cycles = slack ? axis->slack_cycles + 1 : 0;
    bool weight = jogs_empty(axis) && axis_weight_came_on(cycle, index);
    axis->line_locked = axis->line_locked || weight;
    return weight ? STOPPED_WEIGHT : axis->slack_cycles >= cycle->touchdown_cycles ? STOPPED_SLACK : STOPPED_NOT;
}

/* A lowering to the ground ends by itself only where the load cell lives: else the second person looks. */
static enum stop_cause recovery_ends(const struct cycle *cycle, int index, struct axis *axis) {
    if (cycle->now_us >= axis->recovery.ends_us)
        return STOPPED_RECOVERED;
    if (!axis_clear(cycle, axis))
        return STOPPED_CLEAR;
    const struct rig_belay *belay = &cycle->rig->axis[index].belay;
    bool slack = belay->present && axis->jog_m_s > 0 && axis->tension.quality == QUALITY_GOOD &&
                 axis->tension_n < belay->slack_n;
    axis->slack_cycles = slack ? axis->slack_cycles + 1 : 0;
    return axis->slack_cycles >= cycle->touchdown_cycles ? STOPPED_SLACK : STOPPED_NOT;
}

/* No way is left in its direction. */
static enum stop_cause way_ends(const struct axis *axis) {
    if (!axis_at_end(axis, axis->jog_m_s))
        return STOPPED_NOT;
    return axis->jog_m_s > 0 ? STOPPED_PAYOUT_END : STOPPED_TAKEIN_END;
}

int32_t axis_snatch_um_s(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const struct rig_load *load = &cycle->rig->axis[index].load;
    const bool belays = axis->mode == MODE_FOLLOW || axis->mode == MODE_CATCH;
    const bool slack = axis->tension.quality == QUALITY_GOOD && axis->tension_n < load->slack_n;
    return load->has_slack && slack && !belays ? axis->snatch_um_s : INT32_MAX;
}

static double by_hand_m_s(struct cycle *cycle, int index, const struct rig_motion *mode, double wanted_m_s,
                          double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    if (axis->judge.cycles_in_state == 0)
        axis->jog_course = (struct speed_course){0};
    if (!mates_run(cycle, axis))
        return 0;
    double acceleration_m_s2 = mode->acceleration_m_s2, jerk_m_s3 = cycle->rig->axis[index].limits.jerk_max_m_s3;
    mates_least(cycle, axis, &acceleration_m_s2, &jerk_m_s3);
    last_m_s = mates_slowest_m_s(cycle, axis, last_m_s); /* the clamp may hold one of them back */
    return speed_course_step(&axis->jog_course, acceleration_m_s2, jerk_m_s3, wanted_m_s, last_m_s, cycle->dt_s);
}

static double plan_jog(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    double speed_m_s = 0;
    axis_finish(cycle, axis, jog_ends(cycle, index, axis));
    axis_finish(cycle, axis, way_ends(axis));
    if (jogs_empty(axis) && axis_waits_for_weight(cycle, index, last_m_s, &speed_m_s))
        return speed_m_s;
    double wanted = axis->finished ? 0 : fmax(axis->jog_m_s, -mates_snatch_m_s(cycle, index));
    return by_hand_m_s(cycle, index, &cycle->rig->axis[index].modes.jog, wanted, last_m_s);
}

static double plan_recovery(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    axis_finish(cycle, axis, recovery_ends(cycle, index, axis));
    axis_finish(cycle, axis, way_ends(axis));
    double wanted = axis->finished ? 0 : fmax(axis->jog_m_s, -axis_snatch_um_s(cycle, index) / 1e6);
    return by_hand_m_s(cycle, index, &cycle->rig->axis[index].modes.recovery, wanted, last_m_s);
}

static double plan_follow(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    const struct rig_belay *belay = &cycle->rig->axis[index].belay;
    struct belay_reading reading = {
        .position_m = axis->position_m, .tension_n = axis->tension_n, .setpoint_m_s = last_m_s};
    if (axis->judge.cycles_in_state == 0)
        belay_start(&axis->belay, &reading);
    double wanted = belay_step(&axis->belay, belay, axis->belay_reference_n, &reading, cycle->dt_s, &axis->caught);
    return ramp_towards(last_m_s, wanted, cycle->rig->axis[index].modes.follow.acceleration_m_s2, cycle->dt_s);
}

static planner *const planners[MODE_COUNT] = {
    [MODE_NONE] = plan_none,     [MODE_JOG] = plan_jog,   [MODE_MOVE] = axis_plan_move,
    [MODE_FOLLOW] = plan_follow, [MODE_CATCH] = plan_none, [MODE_RECOVERY] = plan_recovery,
};

/* At its goal but for less than the drive can be told: its setpoint is no 0, and moves nothing. The plan of several is
 * their lead's. */
static bool hovers(const struct cycle *cycle, const struct axis *axis) {
    return axis->mode == MODE_MOVE && !axis->tracks && cycle->axis[axis->lead].course.at.speed_m_s == 0;
}

/* A drive that stands under a load for long gets hot, and nobody looks at it. A belaying winch stands only while the
 * climber does, with next to no load. */
static bool held_too_long(const struct cycle *cycle, struct axis *axis) {
    bool rests = axis->setpoint_um_s == 0 || hovers(cycle, axis);
    bool still = axis->judge.state == STATE_RUNNING && axis->mode != MODE_FOLLOW && rests;
    axis->still_cycles = still ? axis->still_cycles + 1 : 0;
    return axis->still_cycles > axis->still_cycles_max;
}

/* The fault of a drive that does not enable takes its torque: with a load on it the motion ends before. */
static bool enables_in_vain(const struct axis *axis) {
    int32_t half_cycles = axis->judge_limits.enable_cycles_max / 2;
    return axis->judge.state == STATE_ENABLING && axis->judge.cycles_in_state >= half_cycles;
}

static bool stays_in_quick_stop(const struct axis *axis) {
    return enables_in_vain(axis) && axis->told == DRIVE_WANT_RESUME && axis->drive == CIA402_QUICK_STOP;
}

/* It holds its share beside the brake that slips, and does not show that it would hold all of the load. */
static bool holds_unproved(const struct axis *axis) {
    return enables_in_vain(axis) && axis->drive == CIA402_ENABLED && axis_on_drive(axis);
}

/* --- stops ------------------------------------------------------------------------------------------------------- */

/* The judge sees it in the next cycle, the setpoint falls in this one. */
static bool ends_now(const struct cycle *cycle, const struct axis *axis) {
    return axis->judge.state == STATE_RUNNING && (axis->finished || !axis_held(cycle, axis));
}

/* What regulates tension has no plan to come down from, and locked mates stop in level. */
bool axis_stops_as_planned(const struct cycle *cycle, int index) {
    static const bool plans[MODE_COUNT] = {[MODE_JOG] = true, [MODE_MOVE] = true, [MODE_RECOVERY] = true};
    const struct axis *axis = &cycle->axis[index];
    const bool stops = axis->judge.state == STATE_STOPPING || ends_now(cycle, axis);
    const int group = moves_alone(axis) ? -1 : rig_group_of(cycle->rig, index);
    const bool locked = group >= 0 && cycle->rig->group[group].kind == GROUP_LOCKED;
    return stops && plans[axis->mode] && !axis->judge.latched && !axis->stops_at_once && axis->follow.mate < 0 &&
           !locked && !axis->on_path;
}

/* The drum follows the setpoints u after a dead time D, with a lag T: y = u(t - D) less a T. What is under way of them
 * still comes, v D - a D^2 / 2, and T y more; then comes the stop, which gains no speed. A cycle is in the dead time,
 * and one in the age, as in a course; a setpoint that is held for a cycle is half of one ahead of its ramp. */
static void plan_stop(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    const struct rig_monitors *monitors = &cycle->rig->axis[index].monitors;
    const double v = last_m_s, a = axis->stop_course.acceleration_m_s2, lag_s = monitors->lag_ms / 1000.0;
    const double old_s = fmax(0, (double)axis->position_steps.age_us / 1e6 - cycle->dt_s);
    const double dead_s = fmax(0, monitors->dead_ms / 1000.0 - cycle->dt_s) + old_s - cycle->dt_s / 2;
    const double comes_m = (v - a * dead_s / 2) * dead_s + (v - a * (dead_s + lag_s)) * lag_s;
    const struct otg_state from = {axis->position_m + comes_m, v, a * v < 0 ? a : 0};
    axis->stop_known = axis->position_steps.quality == QUALITY_GOOD &&
                       stop_path_plan(&from, &axis->stop_ways, &axis->stop_path);
}

static double wanted_m_s(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    const bool runs = axis->judge.state == STATE_RUNNING;
    const double runs_m_s = runs ? planners[axis->mode](cycle, index, last_m_s) : 0;
    const bool stops = axis_stops_as_planned(cycle, index);
    if (!stops)
        axis->stop_course.stops = false;
    if (stops)
        return stop_course_step(&axis->stop_course, &axis->stop_ways, last_m_s, cycle->dt_s);
    return runs                                ? runs_m_s
           : axis->on_path                     ? axis_plan_flight(cycle, index)
           : axis_stops_in_level(cycle, index) ? axis_plan_stop_in_level(cycle, index)
                                               : 0;
}

/* Its stop is slower than the clamp's ramp by the jerk time, and by nothing else. */
static bool follows_its_plan(const struct cycle *cycle, int index) {
    const bool late = cycle->axis[index].judge.state == STATE_STOPPING && axis_ramp_is_due(cycle, index);
    return axis_stops_as_planned(cycle, index) && !late;
}

void cycle_plan(struct cycle *cycle, struct cycle_out *out) {
    (void)out;
    cycle_fly(cycle);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        struct axis *axis = &cycle->axis[i];
        double last_m_s = axis->setpoint_um_s / 1e6;
        axis->finished = axis->finished || mates_end(cycle, axis);
        axis->keeps_quick_stop = axis->keeps_quick_stop || stays_in_quick_stop(axis);
        axis_finish(cycle, axis, stays_in_quick_stop(axis) ? STOPPED_QUICK_STOP : STOPPED_NOT);
        axis_finish(cycle, axis, holds_unproved(axis) ? STOPPED_TORQUE : STOPPED_NOT);
        axis_finish(cycle, axis, held_too_long(cycle, axis) ? STOPPED_HELD : STOPPED_NOT);
        stop_course_watch(&axis->stop_course, last_m_s, cycle->dt_s);
        plan_stop(cycle, i, last_m_s);
        axis->wanted_m_s = wanted_m_s(cycle, i, last_m_s);
    }
}

bool axis_at_end(const struct axis *axis, double direction) {
    if (direction == 0 || axis->position_steps.quality != QUALITY_GOOD)
        return false;
    const struct clamp_in least = {
        .state = STATE_RUNNING,
        .mode = axis_recovers(axis) ? MODE_RECOVERY : MODE_JOG,
        .position_ok = true,
        .tension_ok = true,
        .position_um = llround(axis->position_m * 1e6),
        .speed_cap_um_s = {INT32_MAX, INT32_MAX},
    };
    return !clamp_allows(&axis->clamp_limits, &least, direction > 0 ? axis->creep_um_s : -axis->creep_um_s);
}

static int32_t takein_cap_um_s(const struct cycle *cycle, int index) {
    const int32_t mode = axis_speed_cap(cycle, &cycle->axis[index], CLAMP_IN), snatch = axis_snatch_um_s(cycle, index);
    return mode < snatch ? mode : snatch;
}

/* Who hangs on the rope is lowered; else the rope is not paid out to him. */
static bool belays(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    bool lowers = (axis->mode == MODE_JOG && axis->loaded) || axis->mode == MODE_RECOVERY;
    return cycle->rig->axis[index].belay.present && !lowers;
}

void cycle_clamp(struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        struct axis *axis = &cycle->axis[i];
        struct clamp_in in = {
            .state = axis->judge.state,
            .mode = axis->mode,
            .belaying = belays(cycle, i),
            .follows = axis_stops_in_level(cycle, i) || axis->on_path || follows_its_plan(cycle, i),
            .blocked = {!judge_permits_payout(&axis->judge) || axis_switch_blocks(axis, 1),
                        !judge_permits_takein(&axis->judge) || axis_switch_blocks(axis, -1)},
            .position_ok = axis->position_steps.quality == QUALITY_GOOD,
            .position_waived = axis_bypasses(axis, BYPASS_ENCODER),
            .tension_ok = axis->tension.quality == QUALITY_GOOD,
            .position_um = llround(axis->position_m * 1e6),
            .tension_mn = (int32_t)lround(fmin(axis->tension_n * 1e3, INT32_MAX)),
            .speed_cap_um_s = {axis_speed_cap(cycle, axis, CLAMP_OUT), takein_cap_um_s(cycle, i)},
            .setpoint_um_s = axis->setpoint_um_s,
        };
        if (ends_now(cycle, axis))
            in.state = STATE_STOPPING;
        int32_t wanted = (int32_t)lround(axis->wanted_m_s * 1e6);
        axis->setpoint_um_s = clamp_setpoint(&axis->clamp_limits, &in, wanted);
        axis->clamped = axis->judge.state == STATE_RUNNING && axis->setpoint_um_s != wanted;
    }
}
