/* The judge: latches, reactions, state. Integers only. */
#include "controller/safety/judge.h"

#include <assert.h>

void judge_init(struct judge_axis *axis) {
    *axis = (struct judge_axis){0};
    axis->state = STATE_DISARMED;
}

/* --- what a state means ------------------------------------------------------------------------------------------- */

bool judge_wants_torque(enum axis_state state) {
    return state == STATE_ENABLING || state == STATE_OPENING || state == STATE_RUNNING || state == STATE_STOPPING ||
           state == STATE_CLOSING;
}

bool judge_wants_brake_open(enum axis_state state) {
    return state == STATE_OPENING || state == STATE_RUNNING || state == STATE_STOPPING;
}

/*@ assigns \nothing;
    ensures \result <==> judge_disabled(state);
*/
static bool disabled(enum axis_state state) {
    return state == STATE_FAULT || state == STATE_DISARMED || state == STATE_ARMED;
}

/*@ requires \valid_read(axis);
    assigns \nothing;
    ensures \result <==> (axis->state == STATE_STOPPING || axis->state == STATE_CLOSING) &&
      axis->reaction == STOP_DRIVE;
*/
static bool drive_stops_itself(const struct judge_axis *axis) {
    if (axis->state != STATE_STOPPING && axis->state != STATE_CLOSING)
        return false;
    return axis->reaction == STOP_DRIVE;
}

/* By a pointer: of structs that are returned WP knows little, and slowly. */
/*@ requires \valid_read(axis) && \valid(duty) && \separated(axis, duty);
    assigns duty->obeys, duty->holds, duty->needs_torque, duty->stops_itself, duty->released, duty->asks_closed,
      duty->relies_on_brake;
    ensures obeys: duty->obeys <==> axis->state == STATE_RUNNING ||
      (axis->state == STATE_STOPPING && axis->reaction != STOP_DRIVE);
    ensures holds: duty->holds <==> axis->state == STATE_OPENING;
    ensures itself: duty->stops_itself <==> (axis->state == STATE_STOPPING || axis->state == STATE_CLOSING) &&
      axis->reaction == STOP_DRIVE;
    ensures closed: duty->asks_closed <==> axis->state != STATE_OPENING && axis->state != STATE_RUNNING &&
      axis->state != STATE_STOPPING;
    ensures torque: duty->needs_torque <==> judge_torque(axis->state) && axis->state != STATE_ENABLING;
    ensures released: duty->released <==> axis->state == STATE_RUNNING;
    ensures relies: duty->relies_on_brake <==> axis->state != STATE_OPENING && axis->state != STATE_RUNNING &&
      axis->state != STATE_STOPPING && axis->state != STATE_CLOSING;
*/
static void tell_duty(const struct judge_axis *axis, struct monitor_duty *duty) {
    bool stopping = axis->state == STATE_STOPPING && !drive_stops_itself(axis);
    bool closed = !judge_wants_brake_open(axis->state);
    duty->obeys = axis->state == STATE_RUNNING || stopping;
    /* Behind a brake that sticks, a drive that creeps is better than none. */
    duty->holds = axis->state == STATE_OPENING;
    duty->needs_torque = judge_wants_torque(axis->state) && axis->state != STATE_ENABLING;
    duty->stops_itself = drive_stops_itself(axis);
    duty->released = axis->state == STATE_RUNNING;
    duty->asks_closed = closed;
    duty->relies_on_brake = closed && axis->state != STATE_CLOSING;
}

/* What a state must achieve in time. */
/*@ requires \valid_read(axis) && \valid_read(limits);
    assigns \nothing;
    ensures stopping: \result == FAULT_STOP_TIME <==> judge_late(*axis, limits);
    ensures opening: \result == FAULT_BRAKE_OPEN <==>
      axis->state == STATE_OPENING && axis->cycles_in_state > limits->brake_open_cycles_max;
    ensures closing: \result == FAULT_BRAKE_CLOSE <==>
      axis->state == STATE_CLOSING && axis->cycles_in_state > limits->brake_close_cycles_max;
    ensures drive: \result == FAULT_DRIVE_DISOBEYS <==>
      (axis->state == STATE_ENABLING || axis->state == STATE_RELEASING) &&
      axis->cycles_in_state > limits->enable_cycles_max;
    ensures one_of: \result == FAULT_NONE || \result == FAULT_STOP_TIME || \result == FAULT_BRAKE_OPEN ||
      \result == FAULT_BRAKE_CLOSE || \result == FAULT_DRIVE_DISOBEYS;
*/
static enum fault_id overdue(const struct judge_axis *axis, const struct judge_limits *limits) {
    if (axis->state == STATE_ENABLING && axis->cycles_in_state > limits->enable_cycles_max)
        return FAULT_DRIVE_DISOBEYS;
    if (axis->state == STATE_OPENING && axis->cycles_in_state > limits->brake_open_cycles_max)
        return FAULT_BRAKE_OPEN;
    if (axis->state == STATE_STOPPING && axis->cycles_in_state > limits->stop_cycles_max)
        return FAULT_STOP_TIME;
    if (axis->state == STATE_CLOSING && axis->cycles_in_state > limits->brake_close_cycles_max)
        return FAULT_BRAKE_CLOSE;
    if (axis->state == STATE_RELEASING && axis->cycles_in_state > limits->enable_cycles_max)
        return FAULT_DRIVE_DISOBEYS;
    return FAULT_NONE;
}

/*@ requires \valid_read(limits) && \valid_read(in) && limits->monitor.standstill_um_s >= 0;
    assigns \nothing;
    ensures \result <==> judge_standing(limits, in);
*/
static bool standing(const struct judge_limits *limits, const struct judge_in *in) {
    return in->monitor.drive_ok && in->monitor.speed_um_s <= limits->monitor.standstill_um_s &&
           in->monitor.speed_um_s >= -limits->monitor.standstill_um_s;
}

/* Enough torque to hold the declared load, before the brake lets go of it? */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> judge_torque_proved(limits, in);
*/
static bool torque_proved(const struct judge_limits *limits, const struct judge_in *in) {
    if (!limits->torque_watched)
        return true;
    return in->torque_ok && in->torque_permille >= limits->torque_min_permille;
}

/* Has what the state waits for happened? */
/*@ requires \valid_read(axis) && \valid_read(limits) && \valid_read(in);
    requires limits->monitor.standstill_um_s >= 0;
    assigns \nothing;
    ensures nothing_to_wait_for: judge_disabled(axis->state) || axis->state == STATE_RUNNING ==> !\result;
    ensures enabling: axis->state == STATE_ENABLING ==>
      (\result <==> in->monitor.drive_enabled && judge_standing(limits, in) && judge_torque_proved(limits, in));
    ensures opening: axis->state == STATE_OPENING ==> (\result <==> in->monitor.brake_ok && !in->monitor.brake_closed);
    ensures stopping: axis->state == STATE_STOPPING ==>
      (\result <==> (axis->reaction == STOP_DRIVE || in->monitor.setpoint_um_s == 0) && judge_standing(limits, in));
    ensures closing: axis->state == STATE_CLOSING ==> (\result <==> in->monitor.brake_ok && !in->monitor.brake_open &&
      axis->cycles_in_state >= limits->brake_close_cycles_max);
    ensures releasing: axis->state == STATE_RELEASING ==>
      (\result <==> in->holds_slip || (in->monitor.drive_ok && !in->monitor.drive_enabled));
*/
static bool done(const struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in) {
    const struct monitor_in *seen = &in->monitor;
    if (axis->state == STATE_ENABLING)
        return seen->drive_enabled && standing(limits, in) && torque_proved(limits, in);
    if (axis->state == STATE_OPENING)
        return seen->brake_ok && !seen->brake_closed;
    if (axis->state == STATE_STOPPING)
        return (drive_stops_itself(axis) || seen->setpoint_um_s == 0) && standing(limits, in);
    if (axis->state == STATE_CLOSING) /* the switch may tell before the pads hold: wait for the declared time */
        return seen->brake_ok && !seen->brake_open && axis->cycles_in_state >= limits->brake_close_cycles_max;
    if (axis->state == STATE_RELEASING)
        return in->holds_slip || (seen->drive_ok && !seen->drive_enabled);
    return false;
}

/* --- state -------------------------------------------------------------------------------------------------------- */

/*@ requires \valid(axis) && 0 <= next < STATE_COUNT && 0 <= axis->cycles_in_state;
    assigns axis->state, axis->cycles_in_state;
    ensures axis->state == next;
    ensures axis->cycles_in_state == (next == \old(axis->state) ? \old(axis->cycles_in_state) : 0);
*/
static void enter(struct judge_axis *axis, enum axis_state next) {
    axis->cycles_in_state = next == axis->state ? axis->cycles_in_state : 0;
    axis->state = next;
}

/*@ requires \valid(axis) && 0 <= axis->cycles_in_state;
    assigns axis->cycles_in_state;
    ensures axis->cycles_in_state == monitor_next(\old(axis->cycles_in_state));
*/
static void age(struct judge_axis *axis) {
    if (axis->cycles_in_state < INT32_MAX)
        axis->cycles_in_state++;
}

/* Until the reset a drive that was out of sight is not trusted to be what it was. It is not under suspicion, and a
 * person may hang on its torque until the brake's pads hold: it stops by its own ramp first. The link of another drive
 * takes nothing from the sight of this one. */
/*@ requires \valid_read(axis) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> judge_in_sight(*axis, in);
*/
static bool in_sight(const struct judge_axis *axis, const struct judge_in *in) {
    return in->monitor.drive_ok && !in->monitor.drive_unclear && !fault_has(axis->latched, FAULT_DRIVE_STALE) &&
           !fault_has(axis->latched, FAULT_DRIVE_UNCLEAR) && !axis->drive_link_lost;
}

/* A trip beats the end of motion. Without sight of the drive there is no ramp. */
/*@ requires \valid_read(axis) && \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures late: judge_late(*axis, limits) ==> \result == EVENT_AXIS_TRIP_0;
    ensures off: axis->reaction == STOP_OFF ==> \result == EVENT_AXIS_TRIP_0;
    ensures out_of_sight: axis->reaction != STOP_NONE && !judge_in_sight(*axis, in) ==> \result == EVENT_AXIS_TRIP_0;
    ensures ramp: STOP_RAMP <= axis->reaction <= STOP_DRIVE && judge_in_sight(*axis, in) &&
      !judge_late(*axis, limits) ==> \result == EVENT_AXIS_TRIP_1;
    ensures trip: axis->reaction != STOP_NONE ==> \result == EVENT_AXIS_TRIP_0 || \result == EVENT_AXIS_TRIP_1;
    ensures no_trip: axis->reaction == STOP_NONE && !judge_late(*axis, limits) ==>
      \result == (in->end ? EVENT_AXIS_END : EVENT_AXIS_NOTHING);
    ensures one_of: \result == EVENT_AXIS_TRIP_0 || \result == EVENT_AXIS_TRIP_1 || \result == EVENT_AXIS_END ||
      \result == EVENT_AXIS_NOTHING;
*/
static enum axis_event wanted_event(const struct judge_axis *axis, const struct judge_limits *limits,
                                    const struct judge_in *in) {
    if (axis->state == STATE_STOPPING && axis->cycles_in_state > limits->stop_cycles_max)
        return EVENT_AXIS_TRIP_0; /* whatever else is known */
    if (axis->reaction == STOP_OFF)
        return EVENT_AXIS_TRIP_0;
    if (axis->reaction != STOP_NONE)
        return in_sight(axis, in) ? EVENT_AXIS_TRIP_1 : EVENT_AXIS_TRIP_0;
    return in->end ? EVENT_AXIS_END : EVENT_AXIS_NOTHING;
}

/* What is wanted, and only when that changes nothing, what the state was waiting for. */
/*@ requires \valid_read(axis) && \valid_read(limits) && \valid_read(in);
    requires 0 <= axis->state < STATE_COUNT && limits->monitor.standstill_um_s >= 0;
    assigns \nothing;
    ensures late: judge_late(*axis, limits) ==> \result == EVENT_AXIS_TRIP_0;
    ensures off: axis->reaction == STOP_OFF ==> \result == EVENT_AXIS_TRIP_0;
    ensures out_of_sight: axis->reaction != STOP_NONE && !judge_in_sight(*axis, in) ==> \result == EVENT_AXIS_TRIP_0;
    ensures torque_kept: STOP_RAMP <= axis->reaction <= STOP_DRIVE && judge_in_sight(*axis, in) &&
      !judge_late(*axis, limits) ==> \result != EVENT_AXIS_TRIP_0;
    ensures trip: axis->reaction != STOP_NONE ==> \result == EVENT_AXIS_TRIP_0 || \result == EVENT_AXIS_TRIP_1 ||
      (\result == EVENT_AXIS_DONE && judge_stops(axis->state));
    ensures runs_on: axis->reaction == STOP_NONE && !in->end && axis->state == STATE_RUNNING ==>
      \result == EVENT_AXIS_NOTHING;
    ensures ends: in->end && axis->reaction == STOP_NONE ==> \result != EVENT_AXIS_NOTHING;
    ensures rests: judge_disabled(axis->state) || axis->state == STATE_RUNNING ==> \result != EVENT_AXIS_DONE;
    ensures held: axis->state == STATE_ENABLING && \result == EVENT_AXIS_DONE ==> !in->end &&
      in->monitor.drive_enabled && judge_standing(limits, in) && judge_torque_proved(limits, in);
    ensures open: axis->state == STATE_OPENING && \result == EVENT_AXIS_DONE ==> !in->end &&
      in->monitor.brake_ok && !in->monitor.brake_closed;
    ensures closed: axis->state == STATE_CLOSING && \result == EVENT_AXIS_DONE ==>
      in->monitor.brake_ok && !in->monitor.brake_open && axis->cycles_in_state >= limits->brake_close_cycles_max;
    ensures stands: axis->state == STATE_STOPPING && \result == EVENT_AXIS_DONE ==> judge_standing(limits, in);
    ensures one_of: \result == EVENT_AXIS_TRIP_0 || \result == EVENT_AXIS_TRIP_1 || \result == EVENT_AXIS_END ||
      \result == EVENT_AXIS_NOTHING || \result == EVENT_AXIS_DONE;
*/
static enum axis_event event_of(const struct judge_axis *axis, const struct judge_limits *limits,
                                const struct judge_in *in) {
    enum axis_event event = wanted_event(axis, limits, in);
    if (state_next(axis->state, event) == axis->state && done(axis, limits, in))
        return EVENT_AXIS_DONE;
    return event;
}

/* One move a cycle. */
/*@ requires \valid(axis) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, limits) && \separated(axis, in);
    requires 0 <= axis->state < STATE_COUNT && 0 <= axis->cycles_in_state;
    requires limits->monitor.standstill_um_s >= 0;
    assigns axis->state, axis->cycles_in_state, axis->blind;
    ensures total: 0 <= axis->state < STATE_COUNT && 0 <= axis->cycles_in_state;
    ensures tripped: axis->reaction != STOP_NONE ==> judge_stops(axis->state) || axis->state == STATE_ARMED;
    ensures off: axis->reaction == STOP_OFF ==> axis->state == STATE_FAULT && !axis->blind;
    ensures out_of_sight: axis->reaction != STOP_NONE && !judge_in_sight(*axis, in) ==> axis->state == STATE_FAULT;
    ensures blind: axis->blind ==>
      axis->reaction != STOP_OFF && (\old(axis->blind) || judge_torque(\old(axis->state)));
    ensures stops_itself: axis->reaction != STOP_NONE && axis->reaction != STOP_OFF && !judge_in_sight(*axis, in) &&
      judge_torque(\old(axis->state)) ==> axis->blind;
    ensures in_time: \old(axis->state) == STATE_STOPPING && \old(axis->cycles_in_state) > limits->stop_cycles_max ==>
      axis->state == STATE_FAULT;
    ensures fault_stays: \old(axis->state) == STATE_FAULT ==> axis->state == STATE_FAULT;
    ensures no_torque_by_itself: !judge_torque(\old(axis->state)) ==> !judge_torque(axis->state);
    ensures runs_on: axis->reaction == STOP_NONE && !in->end && \old(axis->state) == STATE_RUNNING ==>
      axis->state == STATE_RUNNING;
    ensures no_motion_while_it_ends: axis->state == STATE_RUNNING ==>
      \old(axis->state) == STATE_RUNNING || (\old(axis->state) == STATE_OPENING && !in->end &&
        in->monitor.brake_ok && !in->monitor.brake_closed);
    ensures releases_when_held: axis->state == STATE_OPENING && \old(axis->state) != STATE_OPENING ==>
      \old(axis->state) == STATE_ENABLING && !in->end && in->monitor.drive_enabled &&
      judge_standing(limits, in) && judge_torque_proved(limits, in);
    ensures ends: in->end ==> axis->state != STATE_RUNNING && axis->state != STATE_OPENING;
    ensures brake_before_release: \old(axis->state) == STATE_CLOSING && axis->state == STATE_RELEASING ==>
      in->monitor.brake_ok && !in->monitor.brake_open;
*/
static void move(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in) {
    enum axis_event event = event_of(axis, limits, in);
    bool loses_torque = event == EVENT_AXIS_TRIP_0 && judge_wants_torque(axis->state);
    axis->blind = axis->reaction != STOP_OFF && (axis->blind || loses_torque);
    enter(axis, state_next(axis->state, event));
}

/* After a stop with something latched, or towards disarm, the axis does not go back to armed. */
/*@ requires \valid(axis) && 0 <= axis->state < STATE_COUNT && 0 <= axis->cycles_in_state;
    assigns axis->state, axis->cycles_in_state;
    ensures total: 0 <= axis->state < STATE_COUNT && 0 <= axis->cycles_in_state;
    ensures elsewhere: \old(axis->state) != STATE_ARMED ==> axis->state == \old(axis->state);
    ensures armed: \old(axis->state) == STATE_ARMED ==> judge_disabled(axis->state);
    ensures latched: \old(axis->state) == STATE_ARMED && axis->reaction != STOP_NONE ==> axis->state == STATE_FAULT;
    ensures disarmed: \old(axis->state) == STATE_ARMED && axis->reaction == STOP_NONE ==>
      axis->state == (disarm ? STATE_DISARMED : STATE_ARMED);
*/
static void settle(struct judge_axis *axis, bool disarm) {
    if (axis->state != STATE_ARMED)
        return;
    if (axis->reaction != STOP_NONE)
        enter(axis, state_next(axis->state, EVENT_AXIS_TRIP_1));
    else if (disarm)
        enter(axis, state_next(axis->state, EVENT_AXIS_DISARM));
}

/* --- latches ------------------------------------------------------------------------------------------------------ */

/*@ lemma fault_none: \forall integer id; 0 <= id < 64 ==> !fault_in(0, id); */

/*@ assigns \nothing;
    ensures \result == \max(one, other);
*/
static enum stop_reaction harder(enum stop_reaction one, enum stop_reaction other) {
    return one > other ? one : other;
}

/* Of these faults, those that are not latched. */
/*@ requires \valid_read(axis);
    assigns \nothing;
    ensures mask: \result == (faults & (uint64_t)~axis->latched);
    ensures members: \forall integer id; 0 <= id < 64 ==>
      (fault_in(\result, id) <==> fault_in(faults, id) && !fault_in(axis->latched, id));
*/
static uint64_t unlatched(const struct judge_axis *axis, uint64_t faults) {
    return fault_without(faults, axis->latched);
}

/*@ requires \valid(axis) && \valid_read(table) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, table) && \separated(axis, limits) && \separated(axis, in);
    requires judge_asked(*axis, table, limits, in);
    assigns axis->latched, axis->allow_payout, axis->allow_takein, axis->reaction, axis->scope;
    ensures latched: \forall integer id; 0 <= id < 64 ==>
      (fault_in(axis->latched, id) <==> fault_in(\old(axis->latched), id) || fault_in(fresh, id));
    ensures valid: judge_valid(*axis);
    ensures never_softer: axis->reaction >= \old(axis->reaction);
    ensures stops: \forall integer id; 1 <= id < FAULT_COUNT && fault_in(fresh, id) ==> axis->reaction >= STOP_RAMP;
    ensures by_the_table: \forall integer id; 1 <= id < FAULT_COUNT && fault_in(fresh, id) ==>
      axis->reaction >= \old(table->cell[id][in->monitor.mode][judge_direction(limits, in)].reaction);
    ensures no_harder: axis->reaction == \old(axis->reaction) ||
      \exists integer id; 1 <= id < FAULT_COUNT && fault_in(fresh, id) &&
        axis->reaction == \old(table->cell[id][in->monitor.mode][judge_direction(limits, in)].reaction);
    ensures scoped: STOP_AXIS <= axis->scope <= STOP_RIG;
    ensures rig: axis->scope == STOP_RIG <==> \exists integer id; 1 <= id < FAULT_COUNT && fault_in(fresh, id) &&
      table->cell[id][in->monitor.mode][judge_direction(limits, in)].scope == STOP_RIG;
    ensures nothing_new: fresh == 0 ==>
      axis->latched == \old(axis->latched) && axis->reaction == \old(axis->reaction) && axis->scope == STOP_AXIS;
*/
static void latch(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                  const struct judge_in *in, uint64_t fresh) {
    enum axis_mode mode = in->monitor.mode;
    enum stop_direction direction =
        stop_direction(in->monitor.setpoint_um_s, in->monitor.speed_um_s, limits->monitor.standstill_um_s);
    axis->latched = fault_either(axis->latched, fresh);
    axis->allow_payout = (axis->allow_payout & ~fresh) | stop_allowing_payout(table, fresh, mode, direction);
    axis->allow_takein = (axis->allow_takein & ~fresh) | stop_allowing_takein(table, fresh, mode, direction);
    axis->reaction = harder(axis->reaction, stop_strongest(table, fresh, mode, direction));
    axis->scope = stop_widest(table, fresh, mode, direction);
}

/* What was caught while running latches although it has no cause that lasts. */
/*@ requires \valid_read(axis) && \valid_read(in);
    assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==>
      (fault_in(\result, id) <==> in->caught && axis->state == STATE_RUNNING && id == FAULT_FALL_CAUGHT);
    ensures nothing: !in->caught ==> \result == 0;
*/
static uint64_t events(const struct judge_axis *axis, const struct judge_in *in) {
    return fault_if(in->caught && axis->state == STATE_RUNNING, FAULT_FALL_CAUGHT);
}

/* What is there in this cycle and neither tolerated nor latched. */
/*@ requires \valid_read(axis) && \valid_read(in);
    assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (fault_in(axis->causes, id) || (in->caught && axis->state == STATE_RUNNING && id == FAULT_FALL_CAUGHT)) &&
      !fault_in(axis->tolerated, id) && !fault_in(axis->latched, id));
    ensures nothing: axis->causes == 0 && !in->caught ==> \result == 0;
*/
static uint64_t fresh_of(const struct judge_axis *axis, const struct judge_in *in) {
    uint64_t there = fault_either(axis->causes, events(axis, in));
    return unlatched(axis, fault_without(there, axis->tolerated));
}

/*@ requires \valid_read(axis) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> judge_can_start(*axis, in);
*/
static bool can_start(const struct judge_axis *axis, const struct judge_in *in) {
    return axis->quiet && axis->reaction == STOP_NONE && axis->monitor.seen_good && in->monitor.chain_closed &&
           in->drive_ready;
}

/* New faults, then the one move of the cycle. */
/*@ requires \valid(axis) && \valid_read(table) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, table) && \separated(axis, limits) && \separated(axis, in);
    requires judge_asked(*axis, table, limits, in);
    assigns axis->state, axis->cycles_in_state, axis->latched, axis->allow_payout, axis->allow_takein, axis->reaction,
      axis->scope, axis->blind, axis->startable;
    ensures latched: \forall integer id; 0 <= id < 64 ==>
      (fault_in(axis->latched, id) <==> fault_in(\old(axis->latched), id) || fault_in(fresh, id));
    ensures valid: judge_valid(*axis);
    ensures never_softer: axis->reaction >= \old(axis->reaction);
    ensures stops: \forall integer id; 1 <= id < FAULT_COUNT && fault_in(fresh, id) ==> axis->reaction >= STOP_RAMP;
    ensures by_the_table: \forall integer id; 1 <= id < FAULT_COUNT && fault_in(fresh, id) ==>
      axis->reaction >= \old(table->cell[id][in->monitor.mode][judge_direction(limits, in)].reaction);
    ensures no_harder: axis->reaction == \old(axis->reaction) ||
      \exists integer id; 1 <= id < FAULT_COUNT && fault_in(fresh, id) &&
        axis->reaction == \old(table->cell[id][in->monitor.mode][judge_direction(limits, in)].reaction);
    ensures nothing_new: fresh == 0 ==>
      axis->latched == \old(axis->latched) && axis->reaction == \old(axis->reaction) && axis->scope == STOP_AXIS;
    ensures tripped: axis->reaction != STOP_NONE ==> judge_stops(axis->state);
    ensures startable: axis->startable <==> judge_can_start(*axis, in);
    ensures off: axis->reaction == STOP_OFF ==> axis->state == STATE_FAULT && !axis->blind;
    ensures out_of_sight: axis->reaction != STOP_NONE && !judge_in_sight(*axis, in) ==> axis->state == STATE_FAULT;
    ensures blind: axis->blind ==>
      axis->reaction != STOP_OFF && (\old(axis->blind) || judge_torque(\old(axis->state)));
    ensures stops_itself: axis->reaction != STOP_NONE && axis->reaction != STOP_OFF && !judge_in_sight(*axis, in) &&
      judge_torque(\old(axis->state)) ==> axis->blind;
    ensures in_time: \old(axis->state) == STATE_STOPPING && \old(axis->cycles_in_state) > limits->stop_cycles_max ==>
      axis->state == STATE_FAULT;
    ensures fault_stays: \old(axis->state) == STATE_FAULT ==> axis->state == STATE_FAULT;
    ensures no_torque_by_itself: !judge_torque(\old(axis->state)) ==> !judge_torque(axis->state);
    ensures runs_on: axis->reaction == STOP_NONE && !in->end && \old(axis->state) == STATE_RUNNING ==>
      axis->state == STATE_RUNNING;
    ensures no_motion_while_it_ends: axis->state == STATE_RUNNING ==>
      \old(axis->state) == STATE_RUNNING || (\old(axis->state) == STATE_OPENING && !in->end &&
        in->monitor.brake_ok && !in->monitor.brake_closed);
    ensures ends: in->end ==> axis->state != STATE_RUNNING && axis->state != STATE_OPENING;
    ensures brake_before_release: \old(axis->state) == STATE_CLOSING && axis->state == STATE_RELEASING ==>
      in->monitor.brake_ok && !in->monitor.brake_open;
*/
static void act(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                const struct judge_in *in, uint64_t fresh) {
    latch(axis, table, limits, in, fresh);
    move(axis, limits, in);
    settle(axis, in->disarm);
    axis->startable = can_start(axis, in);
}

/* Does the drive's state say what the word of the last cycle asks? One that holds what slips through a closed brake is
 * no stop to confirm. */
/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> judge_obeyed(in);
*/
static bool obeyed(const struct monitor_in *in) {
    if (in->asked_off)
        return in->drive_off;
    return !in->asked_stop || in->drive_stops || in->drive_off;
}

/* A stop word is confirmed by the drive's state, and then repeated for as long as an older reply may be under way. As
 * long as the state wants torque there is none to confirm. */
/*@ requires \valid(axis) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, limits) && \separated(axis, in);
    requires 0 <= axis->quiet_cycles;
    assigns axis->quiet_cycles, axis->quiet;
    ensures owed: \old(judge_owes(*axis, in)) ==> axis->quiet_cycles == 0;
    ensures heard: \old(!judge_owes(*axis, in)) ==> axis->quiet_cycles == monitor_next(\old(axis->quiet_cycles));
    ensures quiet: axis->quiet <==> axis->quiet_cycles >= limits->reply_cycles_max;
*/
static void hear(struct judge_axis *axis, const struct judge_limits *limits, const struct monitor_in *in) {
    if (!in->drive_ok || in->drive_unclear || judge_wants_torque(axis->state) || !obeyed(in))
        axis->quiet_cycles = 0;
    else if (axis->quiet_cycles < INT32_MAX)
        axis->quiet_cycles++;
    axis->quiet = axis->quiet_cycles >= limits->reply_cycles_max;
}

/* Apart from watch(): what the monitors promise is long, and beside a local variable the provers do not finish it. */
/*@ requires \valid(axis) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(axis, limits) && \separated(axis, in) && \separated(axis, duty);
    requires judge_valid(*axis) && monitor_valid(axis->monitor) && judge_limits_valid(limits) && judge_in_valid(in);
    assigns axis->monitor;
    ensures monitor_valid: monitor_valid(axis->monitor);
    ensures missing: \forall integer id; 0 <= id < 64 ==>
      \old(monitor_misses(id, axis->monitor.seen_good, &in->monitor)) ==> fault_in(\result, id);
    ensures readings: \forall integer id; 0 <= id < 64 ==>
      \old(monitor_reads(id, &limits->monitor, &in->monitor)) ==> fault_in(\result, id);
*/
static uint64_t watch_on_duty(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in,
                              const struct monitor_duty *duty) {
    return monitor_step(&axis->monitor, &limits->monitor, &in->monitor, duty);
}

/* What the monitors see, by what the axis's state is doing. */
/*@ requires \valid(axis) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, limits) && \separated(axis, in);
    requires judge_valid(*axis) && monitor_valid(axis->monitor) && judge_limits_valid(limits) && judge_in_valid(in);
    assigns axis->monitor;
    ensures monitor_valid: monitor_valid(axis->monitor);
    ensures missing: \forall integer id; 0 <= id < 64 ==>
      \old(monitor_misses(id, axis->monitor.seen_good, &in->monitor)) ==> fault_in(\result, id);
    ensures readings: \forall integer id; 0 <= id < 64 ==>
      \old(monitor_reads(id, &limits->monitor, &in->monitor)) ==> fault_in(\result, id);
*/
static uint64_t watch(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in) {
    struct monitor_duty duty = {0};
    tell_duty(axis, &duty);
    return watch_on_duty(axis, limits, in, &duty);
}

/* What this cycle tells, before anything is decided. */
/*@ requires \valid(axis) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, limits) && \separated(axis, in);
    requires judge_valid(*axis);
    assigns axis->cycles_in_state, axis->drive_link_lost, axis->quiet_cycles, axis->quiet, axis->causes,
      axis->tolerated;
    ensures valid: judge_valid(*axis);
    ensures aged: axis->cycles_in_state == monitor_next(\old(axis->cycles_in_state));
    ensures link: axis->drive_link_lost <==> \old(axis->drive_link_lost) || in->drive_link_lost;
    ensures owed: \old(judge_owes(*axis, &in->monitor)) ==> axis->quiet_cycles == 0;
    ensures heard: \old(!judge_owes(*axis, &in->monitor)) ==>
      axis->quiet_cycles == monitor_next(\old(axis->quiet_cycles));
    ensures quiet: axis->quiet <==> axis->quiet_cycles >= limits->reply_cycles_max;
    ensures shared: \forall integer id; 0 <= id < 64 && fault_in(\old(in->shared), id) ==>
      fault_in(axis->causes, id);
    ensures seen: \forall integer id; 0 <= id < 64 && fault_in(seen, id) ==> fault_in(axis->causes, id);
    ensures late: judge_late(*axis, limits) ==> fault_in(axis->causes, FAULT_STOP_TIME);
    ensures tolerated: \forall integer id; 0 <= id < 64 ==>
      (fault_in(axis->tolerated, id) <==> fault_in(\old(axis->tolerated), id) && fault_in(axis->causes, id));
*/
static void perceive(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in,
                     uint64_t seen) {
    age(axis);
    if (in->drive_link_lost)
        axis->drive_link_lost = true;
    hear(axis, limits, &in->monitor);
    enum fault_id late = overdue(axis, limits);
    axis->causes = fault_either(in->shared, fault_either(seen, fault_if(late != FAULT_NONE, (int)late)));
    axis->tolerated = fault_both(axis->tolerated, axis->causes);
}

/* All but the monitors: what this cycle tells, and what follows from it. */
/*@ requires \valid(axis) && \valid_read(table) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, table) && \separated(axis, limits) && \separated(axis, in);
    requires judge_asked(*axis, table, limits, in);
    assigns axis->state, axis->cycles_in_state, axis->latched, axis->allow_payout, axis->allow_takein, axis->reaction,
      axis->scope, axis->blind, axis->startable, axis->drive_link_lost, axis->quiet_cycles, axis->quiet,
      axis->causes, axis->tolerated;
    ensures valid: judge_valid(*axis);
    ensures never_softer: axis->reaction >= \old(axis->reaction);
    ensures tripped: axis->reaction != STOP_NONE ==> judge_stops(axis->state);
    ensures off: axis->reaction == STOP_OFF ==> axis->state == STATE_FAULT && !axis->blind;
    ensures out_of_sight: axis->reaction != STOP_NONE && !judge_in_sight(*axis, in) ==> axis->state == STATE_FAULT;
    ensures blind: axis->blind ==>
      axis->reaction != STOP_OFF && (\old(axis->blind) || judge_torque(\old(axis->state)));
    ensures stops_itself: axis->reaction != STOP_NONE && axis->reaction != STOP_OFF && !judge_in_sight(*axis, in) &&
      judge_torque(\old(axis->state)) ==> axis->blind;
    ensures fault_stays: \old(axis->state) == STATE_FAULT ==> axis->state == STATE_FAULT;
    ensures startable: axis->startable <==> judge_can_start(*axis, in);
    ensures no_torque_by_itself: !judge_torque(\old(axis->state)) ==> !judge_torque(axis->state);
    ensures no_motion_while_it_ends: axis->state == STATE_RUNNING ==>
      \old(axis->state) == STATE_RUNNING || (\old(axis->state) == STATE_OPENING && !in->end &&
        in->monitor.brake_ok && !in->monitor.brake_closed);
    ensures ends: in->end ==> axis->state != STATE_RUNNING && axis->state != STATE_OPENING;
    ensures brake_before_release: \old(axis->state) == STATE_CLOSING && axis->state == STATE_RELEASING ==>
      in->monitor.brake_ok && !in->monitor.brake_open;
    ensures latched: \forall integer id; 0 <= id < 64 ==> (fault_in(axis->latched, id) <==>
      fault_in(\old(axis->latched), id) || (!fault_in(axis->tolerated, id) &&
        (fault_in(axis->causes, id) ||
         (in->caught && \old(axis->state) == STATE_RUNNING && id == FAULT_FALL_CAUGHT))));
    ensures tolerated: \forall integer id; 0 <= id < 64 ==>
      (fault_in(axis->tolerated, id) <==> fault_in(\old(axis->tolerated), id) && fault_in(axis->causes, id));
    ensures stops: \forall integer id; 1 <= id < FAULT_COUNT && fault_in(axis->latched, id) ==>
      axis->reaction >= STOP_RAMP;
    ensures seen: \forall integer id; 0 <= id < 64 && fault_in(seen, id) ==> fault_in(axis->causes, id);
    ensures shared: \forall integer id; 0 <= id < 64 && fault_in(\old(in->shared), id) ==>
      fault_in(axis->causes, id);
    ensures only_for_a_cause: axis->causes == 0 && !\old(in->caught) ==>
      axis->latched == \old(axis->latched) && axis->reaction == \old(axis->reaction) && axis->scope == STOP_AXIS;
    ensures runs_on: axis->reaction == STOP_NONE && !in->end && \old(axis->state) == STATE_RUNNING ==>
      axis->state == STATE_RUNNING;
    ensures stop_time: \old(axis->state == STATE_STOPPING && axis->cycles_in_state >= limits->stop_cycles_max) ==>
      fault_in(axis->causes, FAULT_STOP_TIME);
    ensures unconfirmed: \old(judge_owes(*axis, &in->monitor)) ==> !axis->quiet && !axis->startable;
    ensures in_time: \old(axis->state) == STATE_STOPPING && \old(axis->cycles_in_state) >= limits->stop_cycles_max ==>
      axis->state == STATE_FAULT;
*/
static void decide(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                   const struct judge_in *in, uint64_t seen) {
    perceive(axis, limits, in, seen);
    /*@ assert shared: \forall integer id; 0 <= id < 64 && fault_in(\at(in->shared, Pre), id) ==>
          fault_in(axis->causes, id); */
    //@ assert unconfirmed: \at(judge_owes(*axis, &in->monitor), Pre) ==> !axis->quiet;
    /*@ assert late: \at(axis->state == STATE_STOPPING && axis->cycles_in_state >= limits->stop_cycles_max, Pre) ==>
          fault_in(axis->causes, FAULT_STOP_TIME); */
    uint64_t fresh = fresh_of(axis, in);
    //@ assert nothing: axis->causes == 0 && !\at(in->caught, Pre) ==> fresh == 0;
    act(axis, table, limits, in, fresh);
}

void judge_step(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                const struct judge_in *in) {
    uint64_t seen = watch(axis, limits, in);
    decide(axis, table, limits, in, seen);
}

void judge_stop_with_rig(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                         const struct judge_in *in) {
    uint64_t rig_stop = fault_if(true, FAULT_RIG_STOP);
    //@ assert fault_in(rig_stop, FAULT_RIG_STOP);
    act(axis, table, limits, in, unlatched(axis, rig_stop));
    //@ assert fault_in(axis->latched, FAULT_RIG_STOP);
}

/* --- reset and start ---------------------------------------------------------------------------------------------- */

/*@ requires \valid_read(axis);
    assigns \nothing;
    ensures \result == (axis->causes & (uint64_t)~JUDGE_RESET_CLEARS);
*/
static uint64_t remaining(const struct judge_axis *axis) {
    return fault_without(axis->causes, JUDGE_RESET_CLEARS);
}

/*@ assigns \nothing;
    ensures \result <==> (faults & (uint64_t)~allowing) == 0;
*/
static bool covered(uint64_t faults, uint64_t allowing) {
    return fault_without(faults, allowing) == 0;
}

bool judge_can_reset(const struct judge_axis *axis) {
    uint64_t left = remaining(axis);
    if (!disabled(axis->state) || !axis->quiet || (left & STOP_NEVER_ALLOWED) != 0)
        return false;
    return covered(left, axis->allow_payout) || covered(left, axis->allow_takein);
}

void judge_reset(struct judge_axis *axis) {
    assert(judge_can_reset(axis));
    axis->tolerated = remaining(axis);
    axis->latched = 0;
    //@ assert \forall integer id; 1 <= id < FAULT_COUNT ==> !fault_in(axis->latched, id);
    axis->reaction = STOP_NONE;
    axis->startable = false;
    axis->blind = axis->drive_link_lost = false;
    enter(axis, state_next(axis->state, EVENT_AXIS_RESET));
}

bool judge_permits_payout(const struct judge_axis *axis) {
    return covered(axis->tolerated, axis->allow_payout);
}

bool judge_permits_takein(const struct judge_axis *axis) {
    return covered(axis->tolerated, axis->allow_takein);
}

void judge_event(struct judge_axis *axis, enum axis_event event) {
    assert(event == EVENT_AXIS_ARM || event == EVENT_AXIS_DISARM);
    enter(axis, state_next(axis->state, event));
}

bool judge_run(struct judge_axis *axis, bool permission) {
    if (axis->state != STATE_ARMED || !axis->startable || !permission)
        return false;
    enter(axis, state_next(axis->state, EVENT_AXIS_RUN));
    return true;
}

bool judge_wants_quick_stop(const struct judge_axis *axis, const struct judge_limits *limits) {
    if (axis->state == STATE_FAULT)
        return axis->blind && axis->cycles_in_state <= limits->brake_close_cycles_max;
    return drive_stops_itself(axis);
}
