/* The drum at rest behind its closed brake: it stays where it was, whatever the brake reads. The drive's torque goes
 * down a ramp of its torque limits, where it takes such; then it waits for a time one step from torque. In both a load
 * that the brake does not hold is taken up at once. */
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

/* Of the drive that holds while its torque goes down. */
static bool ramps(const struct axis *axis) {
    return axis->told == DRIVE_WANT_HAND_OVER && axis_makes_torque(axis);
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
    return (let_go || ramps(axis)) && had_time && !judge_wants_torque(axis->judge.state);
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

/* A drive that shows next to none has none to hand over. */
static bool has_torque_left(const struct cycle *cycle, const struct axis *axis) {
    const bool begins = axis->ramp_cycles == 0;
    return axis->takes_limits && axis->ramp_cycles < axis->handover_cycles &&
           (!begins || axis_shows_torque(cycle, axis));
}

bool axis_ramps_torque(const struct cycle *cycle, const struct axis *axis) {
    const bool closed = axis->brake_ok && !axis->brake_open && axis_brake_holds(axis);
    const bool asked = !judge_wants_torque(axis->judge.state) && axis->torque_was_asked && !axis_on_drive(axis);
    return has_torque_left(cycle, axis) && closed && asked && axis_makes_torque(axis) &&
           axis->judge.reaction != STOP_OFF && axis_may_hold(cycle, axis);
}

#define FALLING 0.75 /* part of the time in which the limits fall; then they stay at 0, for what slides late */

void axis_step_ramp(struct axis *axis, double full) {
    const bool ramps = axis->told == DRIVE_WANT_HAND_OVER, read = axis->torque.quality == QUALITY_GOOD;
    if (ramps && axis->ramp_cycles == 0)
        axis->ramp_from = read ? fmin(fabs(axis->torque.value) / full, 1) : 1;
    axis->ramp_cycles = ramps ? axis->ramp_cycles + 1 : axis_asks_torque(axis) ? 0 : axis->ramp_cycles;
}

double axis_torque_share(const struct axis *axis) {
    const double gone = axis->ramp_cycles / (FALLING * axis->handover_cycles);
    return axis->told == DRIVE_WANT_HAND_OVER ? axis->ramp_from * fmax(0, 1 - gone) : 1;
}
