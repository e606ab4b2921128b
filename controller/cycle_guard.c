/* The guards of an axis in the cycle: their readings, their faults, and what they block; the load of its cue,
 * and the duty of its motor. */
#include <math.h>
#include <stdlib.h>

#include "controller/cycle_parts.h"
#include "controller/motion/drum.h"

#define NEVER_LIGHT INT32_MIN /* no reading is below it */

void axis_take_switches(struct cycle *cycle, const struct image_in *image, int index) {
    const struct rig_axis *from = &cycle->rig->axis[index];
    struct axis *axis = &cycle->axis[index];
    for (int i = 0; i < from->switch_count; i++) {
        const struct rig_switch *limit_switch = &from->limit_switch[i];
        const struct profile *block = &cycle->rig->profile[cycle->rig->device[limit_switch->io].profile];
        struct image_value inputs = cycle_read_inputs(cycle, image, limit_switch->io);
        axis->guard_in.read_ok[limit_switch->kind] = inputs.quality == QUALITY_GOOD;
        axis->guard_in.closed[limit_switch->kind] =
            (inputs.raw & block->io.contact_closed[limit_switch->contact]) != 0;
    }
}

static uint64_t when(bool there, uint64_t fault) {
    return there ? fault : 0;
}

/* The plan that the drum follows now, as the monitors keep it: from the cycle before, in nm/s. */
static int32_t lifting_um_s2(const struct axis *axis) {
    const struct monitor *plan = &axis->judge.monitor;
    int64_t up_nm_s = plan->plan.before_nm_s - plan->plan.speed_nm_s;
    double up_um_s2 = (double)up_nm_s * 1000 / axis->judge_limits.monitor.cycle_us;
    return (int32_t)lround(fmax(-LOAD_LIFTING_MAX_UM_S2, fmin(up_um_s2, LOAD_LIFTING_MAX_UM_S2)));
}

/* Which way the drum turns by that plan. */
static enum cable_way way_of(const struct axis *axis) {
    const int64_t still_nm_s = (int64_t)axis->judge_limits.monitor.standstill_um_s * 1000;
    const int64_t speed_nm_s = axis->judge.monitor.plan.speed_nm_s;
    return speed_nm_s > still_nm_s ? CABLE_PAYS_OUT : speed_nm_s < -still_nm_s ? CABLE_TAKES_IN : CABLE_STANDS;
}

/* Of what the cue says, the rope that hangs from the sheave, and friction: at rest. */
static int32_t weight_mn(const struct axis *axis) {
    const double weight_n =
        cable_tension_n(&axis->cable, axis->cue_load.mass_kg, fmax(0, axis->position_m), 0, way_of(axis));
    return (int32_t)lround(fmin(weight_n * 1e3, LOAD_WEIGHT_MAX_MN));
}

/* Where single readings count, a stop is no time to look: it swings the load harder than any cue, and it stops
 * already. */
static bool hangs_free(const struct axis *axis, bool by_readings) {
    const struct cue_load *cue = &axis->cue_load;
    const bool flies = axis->mode == MODE_MOVE && (!by_readings || axis->judge.state == STATE_RUNNING);
    return cue->present && flies && axis->position_steps.quality == QUALITY_GOOD &&
           axis->position_m >= cue->hangs_from_m && axis->position_m <= cue->hangs_to_m;
}

static bool carries_unexpected(const struct cycle *cycle, struct axis *axis) {
    const bool by_readings = cycle->rig->axis[axis - cycle->axis].monitors.load.has_readings;
    const bool hangs = hangs_free(axis, by_readings);
    const struct load_in in = {
        .hangs = hangs,
        .tension_ok = axis->tension.quality == QUALITY_GOOD,
        .tension_mn = (int32_t)lround(fmax(-INT32_MAX, fmin(axis->tension.value * 1e3, INT32_MAX))),
        .weight_mn = hangs ? weight_mn(axis) : 0,
        .lifting_um_s2 = lifting_um_s2(axis),
    };
    const int64_t read_us = cycle->now_us - axis->tension.age_us;
    const bool seen = in.hangs && in.tension_ok && read_us == axis->load_read_us;
    axis->load_read_us = read_us;
    if (by_readings && seen)
        return axis->load.off_cycles >= axis->load_limits.lasts_cycles;
    return load_step(&axis->load, &axis->load_limits, &in);
}

static bool worked_too_much(struct axis *axis) {
    double permille = fmax(-DUTY_TORQUE_MAX_PERMILLE, fmin(axis->torque.value * 1000, DUTY_TORQUE_MAX_PERMILLE));
    return axis->duty_limits.watched && duty_step(&axis->duty, &axis->duty_limits, axis->torque.quality == QUALITY_GOOD,
                                                  (int32_t)lround(permille));
}

/* In a catch the tension goes up faster than a cell with its lag can tell; the line is locked behind it anyway. */
static bool compares_pull(const struct rig_monitors *from, const struct axis *axis) {
    const enum axis_state state = axis->judge.state;
    const bool good = axis->tension.quality == QUALITY_GOOD && axis->torque.quality == QUALITY_GOOD &&
                      axis->speed.quality == QUALITY_GOOD && axis->status.quality == QUALITY_GOOD;
    const bool free_drum = axis->brake_ok && axis->brake_open && !axis->brake_closed;
    return from->pull.present && good && free_drum && axis_makes_torque(axis) && axis->mode != MODE_CATCH &&
           (state == STATE_RUNNING || state == STATE_STOPPING) && !axis_bypasses(axis, BYPASS_LOAD_CELL);
}

static int32_t within(double value, int32_t most) {
    return (int32_t)lround(fmax(-most, fmin(value, most)));
}

static bool cell_lies(const struct cycle *cycle, struct axis *axis) {
    const struct rig_axis *from = &cycle->rig->axis[axis - cycle->axis];
    const double layer = from->drum.circumference_m / drum_turn_m(&from->drum, axis->position_m); /* of several */
    const double motor_n = -from->drum.motor_sign * axis->torque.value * from->monitors.pull.rated_n * layer;
    const struct pull_in in = {
        .compared = compares_pull(&from->monitors, axis),
        .cell_mn = within(axis->tension.value * 1e3, PULL_MN_MAX),
        .motor_mn = within(motor_n * 1e3, PULL_MN_MAX),
        .speed_um_s = within(axis->speed_m_s * 1e6, PULL_SPEED_MAX_UM_S),
    };
    return pull_step(&axis->pull, &axis->pull_limits, &in);
}

static uint64_t switch_faults(struct axis *axis) {
    axis->guard_in.drive_ok = axis->status.quality == QUALITY_GOOD && axis->speed.quality == QUALITY_GOOD;
    axis->guard_in.speed_um_s = (int32_t)lround(fmax(-INT32_MAX, fmin(axis->speed_m_s * 1e6, INT32_MAX)));
    axis->guard_in.position_ok = axis->position_steps.quality == QUALITY_GOOD;
    axis->guard_in.position_um = llround(axis->position_m * 1e6);
    if (axis_bypasses(axis, BYPASS_LIMIT_SWITCH))
        return 0;
    struct guard_causes causes = guard_step(&axis->guard, &axis->guard_limits, &axis->guard_in);
    return when(causes.end_switch, FAULT_BIT(END_SWITCH)) |
           when(causes.ultimate_switch, FAULT_BIT(ULTIMATE_SWITCH)) |
           when(causes.dead_turns, FAULT_BIT(DEAD_TURNS)) |
           when(causes.overwrap, FAULT_BIT(OVERWRAP)) |
           when(causes.switch_implausible, FAULT_BIT(SWITCH_IMPLAUSIBLE)) |
           when(causes.silent, FAULT_BIT(IO_STALE));
}

void axis_guard(const struct cycle *cycle, struct axis *axis) {
    axis->guard_faults = switch_faults(axis) | when(carries_unexpected(cycle, axis), FAULT_BIT(LOAD_UNEXPECTED)) |
                         when(worked_too_much(axis), FAULT_BIT(DUTY)) |
                         when(cell_lies(cycle, axis), FAULT_BIT(TENSION_MISMATCH));
}

void axis_let_land(struct axis *axis) {
    const struct landing *landing = &axis->landing;
    const int64_t at_um = llround(axis->position_m * 1e6);
    const bool there = landing->declared && axis->position_steps.quality == QUALITY_GOOD && at_um >= landing->from_um &&
                       at_um <= landing->to_um;
    const bool lands = there && abs(axis->setpoint_um_s) <= landing->speed_um_s;
    struct monitor_limits *limits = &axis->judge_limits.monitor;
    limits->slack_mn = lands ? NEVER_LIGHT : landing->slack_mn;
    limits->underload_mn = lands ? NEVER_LIGHT : landing->underload_mn;
}

bool axis_switch_blocks(const struct axis *axis, double direction) {
    if (axis_bypasses(axis, BYPASS_LIMIT_SWITCH))
        return false;
    if (direction > 0)
        return guard_blocks_payout(&axis->guard_limits, &axis->guard_in);
    return direction < 0 && guard_blocks_takein(&axis->guard_limits, &axis->guard_in);
}
