/* The judge: from the readings of one cycle to faults and the axis's state. Integers only, pure, no plan known.
 *
 * Called once per axis and cycle, before any command is looked at, so that a stop beats a GO of the same cycle.
 */
#ifndef BELAY_CONTROLLER_SAFETY_JUDGE_H
#define BELAY_CONTROLLER_SAFETY_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/fault.h"
#include "controller/safety/monitor.h"
#include "controller/safety/state.h"
#include "controller/safety/stop.h"

/* What a reset itself clears; it latches again when it stays. A drive's own fault: the word for it goes out afterwards.
 * The slide behind a brake that slips: it is the drive, held again, that ends it. */
#define JUDGE_RESET_CLEARS (FAULT_BIT(DRIVE_FAULT) | FAULT_BIT(MOVEMENT))

/* Limits of one axis, from the rig. Counts of cycles are >= 1. */
struct judge_limits {
    struct monitor_limits monitor;
    int32_t stop_cycles_max;
    int32_t enable_cycles_max;
    int32_t brake_open_cycles_max;
    int32_t brake_close_cycles_max;
    int32_t reply_cycles_max; /* until a reading surely tells of a word: longest reply, and oldest good reading */
    bool torque_watched; /* the drive reports its torque */
    int32_t torque_min_permille; /* of rated: what must be there before the brake is released */
};

/* Readings of one axis in one cycle. */
struct judge_in {
    struct monitor_in monitor;
    bool torque_ok;
    int32_t torque_permille; /* of rated; positive holds the load */
    bool drive_ready; /* the drive waits to be enabled */
    uint64_t shared; /* faults of this cycle from elsewhere: E-stop, I/O, its links, overrun, guards, group */
    bool drive_link_lost; /* in this cycle, the link on which this axis's drive hangs; LINK_LOST is then in `shared` */
    bool caught; /* the belaying plan of the last cycle saw the weight come on the line */
    bool end; /* permission gone, STOP, motion done, disarm or shutdown */
    bool disarm; /* after the stop: disarmed, not armed */
    bool holds_slip; /* the drive is to keep its torque behind a closed brake that slipped */
};

struct judge_axis {
    enum axis_state state;
    int32_t cycles_in_state;
    uint64_t latched; /* faults since the last reset */
    uint64_t causes; /* faults whose cause is there in this cycle */
    uint64_t tolerated; /* causes that a reset left: motion only where their cells allow it; until they are gone */
    uint64_t allow_payout, allow_takein; /* latched or tolerated faults whose cell allowed the direction */
    enum stop_reaction reaction; /* hardest since the last reset, from the cells of the moments of latching */
    enum stop_scope scope; /* what the faults of this cycle stop */
    int32_t quiet_cycles; /* in a row in which no torque was wanted, nor the confirmation of a stop word owed */
    bool quiet; /* for longer than any reply takes: none is under way that knows of something else */
    bool startable; /* in this cycle: quiet, chain closed, drive ready, inputs good, nothing latched */
    bool drive_link_lost; /* since the last reset */
    bool blind; /* FAULT for loss of sight only: the drive's own quick stop until the brake holds */
    struct monitor monitor;
};

/*@ predicate judge_limits_valid(struct judge_limits *l) =
      monitor_limits_valid(&l->monitor) && 1 <= l->stop_cycles_max < INT32_MAX && 1 <= l->reply_cycles_max;

    predicate judge_in_valid(struct judge_in *in) = monitor_in_valid(&in->monitor);

    // The drive's state says what the word of the last cycle asks.
    predicate judge_obeyed(struct monitor_in *in) =
      in->asked_off ? in->drive_off : (in->asked_stop ==> in->drive_stops || in->drive_off);

    predicate judge_torque(integer state) = state == STATE_ENABLING || state == STATE_OPENING ||
      state == STATE_RUNNING || state == STATE_STOPPING || state == STATE_CLOSING;

    // Whose drive has not yet shown that it stopped: none can, as long as the state wants torque.
    predicate judge_owes(struct judge_axis a, struct monitor_in *in) =
      !in->drive_ok || in->drive_unclear || judge_torque(a.state) || !judge_obeyed(in);

    // Quiet is a drive in sight only: what is unconfirmed does not start.
    predicate judge_can_start(struct judge_axis a, struct judge_in *in) =
      a.quiet && a.reaction == STOP_NONE && a.monitor.seen_good && in->monitor.chain_closed && in->drive_ready;

    // What every call leaves behind. A fault that is latched has its reaction.
    predicate judge_valid(struct judge_axis a) =
      0 <= a.state < STATE_COUNT && 0 <= a.cycles_in_state && 0 <= a.quiet_cycles &&
      STOP_NONE <= a.reaction <= STOP_OFF &&
      (a.reaction == STOP_NONE ==> \forall integer id; 1 <= id < FAULT_COUNT ==> !fault_in(a.latched, id));

    predicate judge_asked(struct judge_axis a, struct stop_table *t, struct judge_limits *l, struct judge_in *in) =
      judge_valid(a) && judge_limits_valid(l) && judge_in_valid(in) && stop_table_valid(t);

    predicate judge_disabled(integer state) =
      state == STATE_FAULT || state == STATE_DISARMED || state == STATE_ARMED;

    // Where an axis with something latched may be: on its way to standing still, or there.
    predicate judge_stops(integer state) =
      state == STATE_FAULT || state == STATE_STOPPING || state == STATE_CLOSING || state == STATE_RELEASING;

    // Longer on the way to standing than the rig permits.
    predicate judge_late(struct judge_axis a, struct judge_limits *l) =
      a.state == STATE_STOPPING && a.cycles_in_state > l->stop_cycles_max;

    predicate judge_standing(struct judge_limits *l, struct judge_in *in) = in->monitor.drive_ok &&
      -l->monitor.standstill_um_s <= in->monitor.speed_um_s <= l->monitor.standstill_um_s;

    predicate judge_torque_proved(struct judge_limits *l, struct judge_in *in) =
      l->torque_watched ==> in->torque_ok && in->torque_permille >= l->torque_min_permille;

    predicate judge_in_sight(struct judge_axis a, struct judge_in *in) =
      in->monitor.drive_ok && !in->monitor.drive_unclear && !fault_in(a.latched, FAULT_DRIVE_STALE) &&
      !fault_in(a.latched, FAULT_DRIVE_UNCLEAR) && !a.drive_link_lost;

    // The column of the stop table.
    logic integer judge_direction(struct judge_limits *l, struct judge_in *in) =
      in->monitor.setpoint_um_s > 0 ? DIRECTION_PAYOUT : in->monitor.setpoint_um_s < 0 ? DIRECTION_TAKEIN :
      in->monitor.speed_um_s > l->monitor.standstill_um_s ? DIRECTION_PAYOUT :
      in->monitor.speed_um_s < -l->monitor.standstill_um_s ? DIRECTION_TAKEIN : DIRECTION_STANDING;

    predicate judge_resettable(struct judge_axis a) = judge_disabled(a.state) && a.quiet &&
      (a.causes & (uint64_t)~JUDGE_RESET_CLEARS & STOP_NEVER_ALLOWED) == 0 &&
      ((a.causes & (uint64_t)~JUDGE_RESET_CLEARS & (uint64_t)~a.allow_payout) == 0 ||
       (a.causes & (uint64_t)~JUDGE_RESET_CLEARS & (uint64_t)~a.allow_takein) == 0);
*/

/* Begins disarmed, nothing latched: zero memory. */
/*@ requires \valid(axis);
    assigns *axis;
    ensures valid: judge_valid(*axis) && monitor_valid(axis->monitor);
    ensures disarmed: axis->state == STATE_DISARMED && axis->latched == 0 && !axis->startable;
*/
void judge_init(struct judge_axis *axis);

/* One cycle. Updates state, causes, latched faults and reaction. `table` has passed stop_table_check(). */
/*@ requires \valid(axis) && \valid_read(table) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, table) && \separated(axis, limits) && \separated(axis, in);
    requires judge_asked(*axis, table, limits, in) && monitor_valid(axis->monitor);
    assigns *axis;
    ensures valid: judge_valid(*axis);
    ensures monitor_valid: monitor_valid(axis->monitor);
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
    ensures missing: \forall integer id; 0 <= id < 64 ==>
      \old(monitor_misses(id, axis->monitor.seen_good, &in->monitor)) ==> fault_in(axis->causes, id);
    ensures readings: \forall integer id; 0 <= id < 64 ==>
      \old(monitor_reads(id, &limits->monitor, &in->monitor)) ==> fault_in(axis->causes, id);
    ensures shared: \forall integer id; 0 <= id < 64 && fault_in(\old(in->shared), id) ==>
      fault_in(axis->causes, id);
    ensures only_for_a_cause: axis->causes == 0 && !\old(in->caught) ==>
      axis->latched == \old(axis->latched) && axis->reaction == \old(axis->reaction) && axis->scope == STOP_AXIS;
    ensures runs_on: axis->reaction == STOP_NONE && !in->end && \old(axis->state) == STATE_RUNNING ==>
      axis->state == STATE_RUNNING;
    ensures stop_time: \old(axis->state == STATE_STOPPING && axis->cycles_in_state >= limits->stop_cycles_max) ==>
      fault_in(axis->causes, FAULT_STOP_TIME);
    ensures unconfirmed: \old(judge_owes(*axis, &in->monitor)) ==> !axis->quiet && !axis->startable;
    ensures in_sight: axis->startable ==> in->monitor.drive_ok;
    ensures in_time: \old(axis->state) == STATE_STOPPING && \old(axis->cycles_in_state) >= limits->stop_cycles_max ==>
      axis->state == STATE_FAULT;
*/
void judge_step(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                const struct judge_in *in);

/* Another axis stops the whole rig: latches RIG_STOP with this axis's own cell. After judge_step() of the cycle. */
/*@ requires \valid(axis) && \valid_read(table) && \valid_read(limits) && \valid_read(in);
    requires \separated(axis, table) && \separated(axis, limits) && \separated(axis, in);
    requires judge_asked(*axis, table, limits, in);
    assigns axis->state, axis->cycles_in_state, axis->latched, axis->allow_payout, axis->allow_takein, axis->reaction,
      axis->scope, axis->blind, axis->startable;
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
      fault_in(\old(axis->latched), id) || id == FAULT_RIG_STOP);
    ensures rig: fault_in(axis->latched, FAULT_RIG_STOP) && axis->reaction >= STOP_RAMP;
*/
void judge_stop_with_rig(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                         const struct judge_in *in);

/* True when a reset may clear the axis: disabled, quiet, and every cause that is left allows at least one common
 * direction. An open chain and the like (STOP_NEVER_ALLOWED) never do. A caught fall has no cause that remains;
 * JUDGE_RESET_CLEARS are cleared by the reset. That the drum stands is asked before, in cycle_checks.c: one that slides
 * behind its brake may be reset. */
/*@ requires \valid_read(axis);
    assigns \nothing;
    ensures \result <==> judge_resettable(*axis);
*/
bool judge_can_reset(const struct judge_axis *axis);

/* Clears the latched faults and leaves STATE_FAULT; causes that remain are tolerated. Only after judge_can_reset(). */
/*@ requires \valid(axis) && judge_valid(*axis) && judge_resettable(*axis);
    assigns axis->state, axis->cycles_in_state, axis->latched, axis->tolerated, axis->reaction, axis->startable,
      axis->blind, axis->drive_link_lost;
    ensures valid: judge_valid(*axis);
    ensures cleared: axis->latched == 0 && axis->reaction == STOP_NONE && !axis->startable;
    ensures tolerated: axis->tolerated == (\old(axis->causes) & (uint64_t)~JUDGE_RESET_CLEARS);
    ensures reset_is_not_arm: axis->state != STATE_FAULT &&
      (axis->state == \old(axis->state) || axis->state == STATE_DISARMED);
*/
void judge_reset(struct judge_axis *axis);

/* Directions in which the axis may move: false for those that a tolerated cause does not allow. */
/*@ requires \valid_read(axis);
    assigns \nothing;
    ensures \result <==> (axis->tolerated & (uint64_t)~axis->allow_payout) == 0;
*/
bool judge_permits_payout(const struct judge_axis *axis);
/*@ requires \valid_read(axis);
    assigns \nothing;
    ensures \result <==> (axis->tolerated & (uint64_t)~axis->allow_takein) == 0;
*/
bool judge_permits_takein(const struct judge_axis *axis);

/* Gives ARM or DISARM to the axis's state. */
/*@ requires \valid(axis) && judge_valid(*axis) && (event == EVENT_AXIS_ARM || event == EVENT_AXIS_DISARM);
    assigns axis->state, axis->cycles_in_state;
    ensures valid: judge_valid(*axis);
    ensures arm_is_not_go: event == EVENT_AXIS_ARM ==> axis->state == \old(axis->state) ||
      (\old(axis->state) == STATE_DISARMED && axis->state == STATE_ARMED);
    ensures disarm: event == EVENT_AXIS_DISARM ==> axis->state == \old(axis->state) ||
      (\old(axis->state) == STATE_ARMED && axis->state == STATE_DISARMED);
*/
void judge_event(struct judge_axis *axis, enum axis_event event);

/* GO or jog: the only way to torque. False and nothing done unless the axis is armed, startable in this cycle and
 * `permission` is alive. */
/*@ requires \valid(axis) && judge_valid(*axis);
    assigns axis->state, axis->cycles_in_state;
    ensures valid: judge_valid(*axis);
    ensures only_if: \result <==> \old(axis->state) == STATE_ARMED && axis->startable && permission;
    ensures enabling: \result ==> axis->state == STATE_ENABLING;
    ensures refused: !\result ==> axis->state == \old(axis->state) &&
      axis->cycles_in_state == \old(axis->cycles_in_state);
*/
bool judge_run(struct judge_axis *axis, bool permission);

/* Does the state ask the drive for torque? Does it ask the brake to be open? */
/*@ assigns \nothing;
    ensures \result <==> judge_torque(state);
*/
bool judge_wants_torque(enum axis_state state);
/*@ assigns \nothing;
    ensures \result <==> state == STATE_OPENING || state == STATE_RUNNING || state == STATE_STOPPING;
*/
bool judge_wants_brake_open(enum axis_state state);

/* Must the drive stop by its own quick stop now, instead of obeying the setpoint or letting go? */
/*@ requires \valid_read(axis) && \valid_read(limits);
    assigns \nothing;
    ensures blind: axis->state == STATE_FAULT ==>
      (\result <==> axis->blind && axis->cycles_in_state <= limits->brake_close_cycles_max);
    ensures by_itself: axis->state != STATE_FAULT ==>
      (\result <==> (axis->state == STATE_STOPPING || axis->state == STATE_CLOSING) && axis->reaction == STOP_DRIVE);
*/
bool judge_wants_quick_stop(const struct judge_axis *axis, const struct judge_limits *limits);

#endif
