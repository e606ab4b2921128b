/* The drum at rest, without the drive's torque: it stays where it was, whatever the brake reads. For a time after the
 * torque went the drive waits one step from it, so that a load which the brake does not hold is taken up at once. */
#include <math.h>
#include <stdlib.h>

#include "controller/cycle_parts.h"

#define NO_LIMIT INT64_MAX

bool axis_makes_torque(const struct axis *axis) {
    return axis->drive == CIA402_ENABLED || axis->drive == CIA402_QUICK_STOP;
}

static bool just_let_go(const struct axis *axis) {
    return axis->rest_cycles <= axis->handover_cycles && axis->judge.reaction != STOP_OFF;
}

/* Behind a brake that reads closed the monitors watch, with limits of their own. */
static int64_t most_um(const struct axis *axis) {
    if (just_let_go(axis))
        return axis->handover_um;
    return axis->brake_ok && axis->brake_open ? axis->judge_limits.monitor.moved_um : NO_LIMIT;
}

/* Until the brake has had its time the drum may still turn. What rested before its drive could not be read is to be
 * where it was when it can be read again. */
static bool rests(const struct axis *axis) {
    const bool had_time = axis->closed_cycles >= axis->judge_limits.brake_close_cycles_max;
    const bool let_go = axis->status.quality == QUALITY_GOOD ? !axis_makes_torque(axis) : axis->rests;
    return let_go && had_time && !judge_wants_torque(axis->judge.state);
}

void axis_watch_rest(struct axis *axis) {
    const int64_t now_um = llround(axis->position_m * 1e6);
    const bool known = axis->position_steps.quality == QUALITY_GOOD;
    axis->rests = rests(axis);
    axis->rest_cycles = axis_makes_torque(axis) ? 0 : axis->rest_cycles < INT32_MAX ? axis->rest_cycles + 1 : INT32_MAX;
    const bool away = axis->rests && known && axis->rest_known && llabs(now_um - axis->rest_um) > most_um(axis);
    if (known && (!axis->rests || !axis->rest_known || away))
        axis->rest_um = now_um;
    axis->rest_known = known || (axis->rests && axis->rest_known); /* through a gap of the encoder too */
    axis->rest_faults = away ? FAULT_BIT(MOVEMENT) : 0;
}

bool axis_hands_over(const struct cycle *cycle, const struct axis *axis) {
    const bool one_step = axis->drive == CIA402_ENABLED || axis->drive == CIA402_SWITCHED_ON;
    return one_step && just_let_go(axis) && axis->torque_was_asked && axis_may_hold(cycle, axis);
}
