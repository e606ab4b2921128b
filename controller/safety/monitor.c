/* The monitors. What each must and must not say is its contract. */
#include "controller/safety/monitor.h"

#include <assert.h>

#include "controller/safety/integer.h"
#include "controller/safety/travel.h"

#define NM_PER_UM INT64_C(1000)

/*@ requires count >= 0;
    assigns \nothing;
    ensures !counts ==> \result == 0;
    ensures counts ==> monitor_counted(\result, count);
*/
static int32_t counted(int32_t count, bool counts) {
    if (!counts)
        return 0;
    return count < INT32_MAX ? count + 1 : count;
}

/* Counted often enough? What was not seen at all has not lasted. */
/*@ assigns \nothing;
    ensures \result <==> count > 0 && count >= cycles;
*/
static bool lasted(int32_t count, int32_t cycles) {
    return count > 0 && count >= cycles;
}

/* --- one reading against its limit -------------------------------------------------------------------------------- */

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->drive_ok && \abs(in->speed_um_s) > limits->overspeed_um_s;
*/
static bool overspeed(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->drive_ok && integer_magnitude(in->speed_um_s) > limits->overspeed_um_s;
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->drive_ok && \abs(in->speed_um_s) > limits->standstill_um_s;
*/
static bool moves(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->drive_ok && integer_magnitude(in->speed_um_s) > limits->standstill_um_s;
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->tension_ok && in->tension_mn > limits->tension_max_mn;
*/
static bool overtension(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->tension_ok && in->tension_mn > limits->tension_max_mn;
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->tension_ok && in->tension_mn > limits->tension_peak_mn;
*/
static bool peak_tension(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->tension_ok && in->tension_mn > limits->tension_peak_mn;
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->tension_ok &&
      !(limits->tension_low_mn <= in->tension_mn <= limits->tension_high_mn);
*/
static bool tension_implausible(const struct monitor_limits *limits, const struct monitor_in *in) {
    if (!in->tension_ok)
        return false;
    return in->tension_mn < limits->tension_low_mn || in->tension_mn > limits->tension_high_mn;
}

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->drive_ok && in->drive_fault;
*/
static bool drive_fault(const struct monitor_in *in) {
    return in->drive_ok && in->drive_fault;
}

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->drive_ok && in->drive_unclear;
*/
static bool drive_unclear(const struct monitor_in *in) {
    return in->drive_ok && in->drive_unclear;
}

/* Beyond the working range only motion further out is a fault: the way back stays open. */
/*@ requires \valid_read(limits) && \valid_read(in) && \valid_read(duty) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \result <==> in->position_ok && in->drive_ok && duty->obeys &&
      ((in->position_um > limits->position_max_um && in->speed_um_s > limits->standstill_um_s) ||
       (in->position_um < limits->position_min_um && in->speed_um_s < -limits->standstill_um_s));
*/
static bool position_limit(const struct monitor_limits *limits, const struct monitor_in *in,
                           const struct monitor_duty *duty) {
    if (!in->position_ok || !in->drive_ok || !duty->obeys)
        return false;
    bool past_max = in->position_um > limits->position_max_um && in->speed_um_s > limits->standstill_um_s;
    bool past_min = in->position_um < limits->position_min_um && in->speed_um_s < -limits->standstill_um_s;
    return past_max || past_min;
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->position_ok &&
      !(limits->ultimate_min_um <= in->position_um <= limits->ultimate_max_um);
*/
static bool ultimate_limit(const struct monitor_limits *limits, const struct monitor_in *in) {
    if (!in->position_ok)
        return false;
    return in->position_um > limits->ultimate_max_um || in->position_um < limits->ultimate_min_um;
}

/* A drive that gave up its torque is never enabled again from here: it may have restarted. */
/*@ requires \valid_read(in) && \valid_read(duty);
    assigns \nothing;
    ensures \result <==> in->drive_ok && duty->needs_torque && !in->drive_enabled && !in->drive_fault &&
      !in->drive_unclear && !(duty->stops_itself && in->drive_stops);
*/
static bool torque_lost(const struct monitor_in *in, const struct monitor_duty *duty) {
    bool stops_as_told = duty->stops_itself && in->drive_stops;
    bool explained = in->drive_enabled || in->drive_fault || in->drive_unclear || stops_as_told;
    return in->drive_ok && duty->needs_torque && !explained;
}

/*@ requires \valid_read(in) && \valid_read(duty);
    assigns \nothing;
    ensures \result <==> duty->released && in->brake_ok && in->brake_closed;
*/
static bool brake_lost(const struct monitor_in *in, const struct monitor_duty *duty) {
    return duty->released && in->brake_ok && in->brake_closed;
}

/*@ requires \valid_read(limits) && \valid_read(in) && \valid_read(duty) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      monitor_reads(id, limits, in) || monitor_reads_on_duty(id, limits, in, duty));
*/
static uint64_t readings(const struct monitor_limits *limits, const struct monitor_in *in,
                         const struct monitor_duty *duty) {
    uint64_t faults = fault_if(overspeed(limits, in), FAULT_OVERSPEED);
    faults = fault_with(faults, overtension(limits, in), FAULT_OVERTENSION);
    faults = fault_with(faults, peak_tension(limits, in), FAULT_PEAK_TENSION);
    faults = fault_with(faults, tension_implausible(limits, in), FAULT_TENSION_IMPLAUSIBLE);
    faults = fault_with(faults, drive_fault(in), FAULT_DRIVE_FAULT);
    faults = fault_with(faults, drive_unclear(in), FAULT_DRIVE_UNCLEAR);
    faults = fault_with(faults, position_limit(limits, in, duty), FAULT_POSITION_LIMIT);
    faults = fault_with(faults, ultimate_limit(limits, in), FAULT_ULTIMATE_LIMIT);
    faults = fault_with(faults, torque_lost(in, duty), FAULT_DRIVE_DISOBEYS);
    return fault_with(faults, brake_lost(in, duty), FAULT_BRAKE_OPEN);
}

/* --- missing readings --------------------------------------------------------------------------------------------- */

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_position_missing(in);
*/
static bool position_missing(const struct monitor_in *in) {
    return !in->position_ok && !in->position_waived;
}

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_tension_missing(in);
*/
static bool tension_missing(const struct monitor_in *in) {
    return !in->tension_ok && !in->tension_waived;
}

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_all_good(in);
*/
static bool all_good(const struct monitor_in *in) {
    return in->drive_ok && in->brake_ok && !position_missing(in) && !tension_missing(in);
}

/*@ requires \valid_read(in);
    assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==>
      (fault_in(\result, id) <==> monitor_misses(id, seen_good, in));
*/
static uint64_t stale(bool seen_good, const struct monitor_in *in) {
    uint64_t faults = fault_if(seen_good && !in->drive_ok, FAULT_DRIVE_STALE);
    faults = fault_with(faults, seen_good && position_missing(in), FAULT_POSITION_STALE);
    faults = fault_with(faults, seen_good && tension_missing(in), FAULT_TENSION_STALE);
    return fault_with(faults, seen_good && !in->brake_ok, FAULT_IO_STALE);
}

/* --- the drive against the setpoint ------------------------------------------------------------------------------- */

/*@ requires 0 <= newest < MONITOR_WINDOW_MAX && 0 <= back < MONITOR_WINDOW_MAX;
    assigns \nothing;
    ensures \result == monitor_place(newest, back);
    ensures 0 <= \result < MONITOR_WINDOW_MAX;
*/
static int32_t ring_index(int32_t newest, int32_t back) {
    return (newest + MONITOR_WINDOW_MAX - back) % MONITOR_WINDOW_MAX;
}

/*@ requires \valid(plan) && monitor_plan_valid(*plan);
    assigns plan->newest, plan->setpoint_um_s;
    ensures valid: monitor_plan_valid(*plan);
    ensures newest: plan->setpoint_um_s.at[plan->newest] ==
      \max(-MONITOR_SPEED_MAX_UM_S, \min(setpoint_um_s, MONITOR_SPEED_MAX_UM_S));
    ensures next: plan->newest == (\old(plan->newest) + 1) % MONITOR_WINDOW_MAX;
    ensures others: \forall integer i; 0 <= i < MONITOR_WINDOW_MAX && i != plan->newest ==>
      plan->setpoint_um_s.at[i] == \old(plan->setpoint_um_s.at[i]);
*/
static void remember_setpoint(struct monitor_plan *plan, int32_t setpoint_um_s) {
    plan->newest = (plan->newest + 1) % MONITOR_WINDOW_MAX;
    plan->setpoint_um_s.at[plan->newest] = (int32_t)integer_bounded(setpoint_um_s, MONITOR_SPEED_MAX_UM_S);
}

/* The speed that the drum should have: the setpoint behind dead time and first-order lag. */
/*@ requires \valid(plan) && monitor_plan_valid(*plan);
    requires 0 <= dead_cycles < MONITOR_WINDOW_MAX && 0 <= lag_us && 1000 <= cycle_us <= 100000;
    assigns plan->speed_nm_s, plan->before_nm_s;
    ensures valid: monitor_plan_valid(*plan);
    ensures before: plan->before_nm_s == \old(plan->speed_nm_s);
    ensures follows: plan->speed_nm_s == \old(plan->speed_nm_s + (plan->setpoint_um_s.at[
      monitor_place(plan->newest, dead_cycles)] * 1000 - plan->speed_nm_s) * cycle_us / (lag_us + cycle_us));
*/
static void plan_speed(struct monitor_plan *plan, int32_t dead_cycles, int32_t lag_us, int32_t cycle_us) {
    int64_t aim_nm_s = plan->setpoint_um_s.at[ring_index(plan->newest, dead_cycles)] * NM_PER_UM;
    int64_t before_nm_s = plan->speed_nm_s;
    int64_t moved_nm_s = integer_share(aim_nm_s - before_nm_s, cycle_us, (int64_t)lag_us + cycle_us);
    plan->before_nm_s = before_nm_s;
    plan->speed_nm_s = before_nm_s + moved_nm_s;
}

/*@ requires \valid_read(plan) && monitor_plan_valid(*plan) && 1 <= cycles <= MONITOR_WINDOW_MAX;
    assigns \nothing;
    ensures \result == monitor_slowest(*plan, cycles);
    ensures -100000000 <= \result <= plan->setpoint_um_s.at[plan->newest];
*/
static int32_t slowest(const struct monitor_plan *plan, int32_t cycles) {
    int32_t low_um_s = plan->setpoint_um_s.at[plan->newest];
    /*@ loop invariant 1 <= back <= cycles;
        loop invariant -100000000 <= low_um_s <= plan->setpoint_um_s.at[plan->newest];
        loop invariant low_um_s == monitor_slowest(*plan, back);
        loop assigns back, low_um_s;
        loop variant cycles - back;
    */
    for (int32_t back = 1; back < cycles; back++) {
        int32_t then_um_s = plan->setpoint_um_s.at[ring_index(plan->newest, back)];
        if (then_um_s < low_um_s)
            low_um_s = then_um_s;
    }
    return low_um_s;
}

/*@ requires \valid_read(plan) && monitor_plan_valid(*plan) && 1 <= cycles <= MONITOR_WINDOW_MAX;
    assigns \nothing;
    ensures \result == monitor_quickest(*plan, cycles);
    ensures plan->setpoint_um_s.at[plan->newest] <= \result <= 100000000;
*/
static int32_t fastest(const struct monitor_plan *plan, int32_t cycles) {
    int32_t high_um_s = plan->setpoint_um_s.at[plan->newest];
    /*@ loop invariant 1 <= back <= cycles;
        loop invariant plan->setpoint_um_s.at[plan->newest] <= high_um_s <= 100000000;
        loop invariant high_um_s == monitor_quickest(*plan, back);
        loop assigns back, high_um_s;
        loop variant cycles - back;
    */
    for (int32_t back = 1; back < cycles; back++) {
        int32_t then_um_s = plan->setpoint_um_s.at[ring_index(plan->newest, back)];
        if (then_um_s > high_um_s)
            high_um_s = then_um_s;
    }
    return high_um_s;
}

/*@ requires -3000000000 <= low_um_s <= 3000000000 && -3000000000 <= high_um_s <= 3000000000;
    requires 0 <= allowed_um_s <= 3000000000;
    assigns \nothing;
    ensures \result <==> !(low_um_s - allowed_um_s <= speed_um_s <= high_um_s + allowed_um_s);
*/
static bool outside(int64_t speed_um_s, int64_t low_um_s, int64_t high_um_s, int64_t allowed_um_s) {
    return speed_um_s < low_um_s - allowed_um_s || speed_um_s > high_um_s + allowed_um_s;
}

/* A drive that lags lies between the setpoints of the last cycles, one that disobeys does not. */
/*@ requires \valid_read(plan) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires monitor_plan_valid(*plan);
    requires 1 <= limits->following_cycles <= MONITOR_WINDOW_MAX && 0 <= limits->following_um_s;
    assigns \nothing;
    ensures \result <==> monitor_strays(*plan, limits, in, duty);
    ensures in->speed_um_s == plan->setpoint_um_s.at[plan->newest] ==> !\result;
*/
static bool strays(const struct monitor_plan *plan, const struct monitor_limits *limits, const struct monitor_in *in,
                   const struct monitor_duty *duty) {
    if (!duty->obeys || !in->drive_ok)
        return false;
    return outside(in->speed_um_s, slowest(plan, limits->following_cycles), fastest(plan, limits->following_cycles),
                   limits->following_um_s);
}

/* A drive that was told to let go must say a state without torque, one in its own quick stop must say so or stand. What
 * says nothing that is understood confirms nothing. */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_unconfirmed(limits, in);
*/
static bool unconfirmed(const struct monitor_limits *limits, const struct monitor_in *in) {
    bool holds_on = in->asked_off && !in->drive_off;
    bool runs_on = in->asked_stop && (in->drive_enabled || in->drive_unclear) && moves(limits, in);
    return in->drive_ok && (holds_on || runs_on);
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_kept_off(limits, in);
*/
static bool kept_off(const struct monitor_limits *limits, const struct monitor_in *in) {
    return limits->sto_watched && in->sto_off && in->chain_closed;
}

/*@ requires \valid(drive) && \valid_read(plan) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(drive, plan) && \separated(drive, limits) && \separated(drive, in) &&
      \separated(drive, duty);
    requires monitor_limits_valid(limits) && monitor_plan_valid(*plan) && monitor_drive_valid(*drive);
    assigns *drive;
    ensures valid: monitor_drive_valid(*drive);
    ensures strays: monitor_strays(*plan, limits, in, duty) ==>
      monitor_counted(drive->disobeys_cycles, \old(drive->disobeys_cycles));
    ensures follows: !monitor_strays(*plan, limits, in, duty) ==> drive->disobeys_cycles == 0;
    ensures owed: monitor_unconfirmed(limits, in) ==>
      monitor_counted(drive->unconfirmed_cycles, \old(drive->unconfirmed_cycles));
    ensures confirmed: !monitor_unconfirmed(limits, in) ==> drive->unconfirmed_cycles == 0;
    ensures kept_off: monitor_kept_off(limits, in) ==>
      monitor_counted(drive->chain_cycles, \old(drive->chain_cycles));
    ensures let_on: !monitor_kept_off(limits, in) ==> drive->chain_cycles == 0;
*/
static void count_drive(struct monitor_drive *drive, const struct monitor_plan *plan,
                        const struct monitor_limits *limits, const struct monitor_in *in,
                        const struct monitor_duty *duty) {
    drive->disobeys_cycles = counted(drive->disobeys_cycles, strays(plan, limits, in, duty));
    drive->unconfirmed_cycles = counted(drive->unconfirmed_cycles, unconfirmed(limits, in));
    drive->chain_cycles = counted(drive->chain_cycles, kept_off(limits, in));
}

/*@ requires \valid_read(drive) && \valid_read(limits) && 1 <= limits->following_cycles;
    assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_DRIVE_DISOBEYS && drive->disobeys_cycles >= limits->following_cycles) ||
      (id == FAULT_STOP_UNCONFIRMED && drive->unconfirmed_cycles > limits->confirm_cycles) ||
      (id == FAULT_CHAIN_OFF && drive->chain_cycles > limits->chain_cycles));
*/
static uint64_t drive_faults(const struct monitor_drive *drive, const struct monitor_limits *limits) {
    uint64_t faults = fault_if(drive->disobeys_cycles >= limits->following_cycles, FAULT_DRIVE_DISOBEYS);
    faults = fault_with(faults, drive->unconfirmed_cycles > limits->confirm_cycles, FAULT_STOP_UNCONFIRMED);
    return fault_with(faults, drive->chain_cycles > limits->chain_cycles, FAULT_CHAIN_OFF);
}

/* --- the closed brake --------------------------------------------------------------------------------------------- */

/*@ requires \valid_read(brake) && \valid_read(limits) && \valid_read(duty) && 0 <= brake->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_relies(*brake, limits, duty);
*/
static bool relies(const struct monitor_brake *brake, const struct monitor_limits *limits,
                   const struct monitor_duty *duty) {
    return duty->relies_on_brake && counted(brake->closed_cycles, duty->asks_closed) > limits->brake_close_cycles;
}

/*@ requires \valid_read(brake) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires 0 <= brake->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_relies(*brake, limits, duty) && in->brake_ok && !in->brake_open;
*/
static bool reads_closed(const struct monitor_brake *brake, const struct monitor_limits *limits,
                         const struct monitor_in *in, const struct monitor_duty *duty) {
    return in->brake_ok && !in->brake_open && relies(brake, limits, duty);
}

/*@ requires \valid_read(brake) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires 0 <= brake->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_stays_open(*brake, limits, in, duty);
*/
static bool stays_open(const struct monitor_brake *brake, const struct monitor_limits *limits,
                       const struct monitor_in *in, const struct monitor_duty *duty) {
    return in->brake_ok && in->brake_open && relies(brake, limits, duty);
}

/*@ requires \valid_read(brake) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires 0 <= brake->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_turns(*brake, limits, in, duty);
*/
static bool turns(const struct monitor_brake *brake, const struct monitor_limits *limits, const struct monitor_in *in,
                  const struct monitor_duty *duty) {
    return reads_closed(brake, limits, in, duty) && moves(limits, in);
}

/* Away from where the brake came to hold? */
/*@ requires \valid_read(brake) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires monitor_brake_valid(*brake) && monitor_in_valid(in);
    assigns \nothing;
    ensures \result <==> monitor_away(*brake, limits, in, duty);
*/
static bool moved_away(const struct monitor_brake *brake, const struct monitor_limits *limits,
                       const struct monitor_in *in, const struct monitor_duty *duty) {
    if (!brake->held || !in->position_ok || !reads_closed(brake, limits, in, duty))
        return false;
    return integer_magnitude(in->position_um - brake->held_um) > limits->moved_um;
}

/* The drum's place when the brake came to hold, or when it was found away from there. */
/*@ requires \valid(brake) && \valid_read(in) && \separated(brake, in);
    requires monitor_brake_valid(*brake) && monitor_in_valid(in);
    assigns brake->held, brake->held_um;
    ensures valid: monitor_brake_valid(*brake);
    ensures lets_go: !holds || open ==> !brake->held;
    ensures stays: holds && !open && \old(brake->held) ==> brake->held;
    ensures place: holds && !open && \old(brake->held) && !away ==> brake->held_um == \old(brake->held_um);
    ensures new_place: holds && !open && \old(in->position_ok) && (away || !\old(brake->held)) ==>
      brake->held && brake->held_um == \old(in->position_um);
    ensures no_place: \old(!in->position_ok && !brake->held) ==> !brake->held;
*/
static void remember_hold(struct monitor_brake *brake, const struct monitor_in *in, bool holds, bool open, bool away) {
    if (in->position_ok && (away || !brake->held))
        brake->held_um = in->position_um;
    brake->held = holds && !open && (brake->held || in->position_ok);
}

/*@ assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_MOVEMENT && (away || turned)) || (id == FAULT_BRAKE_CLOSE && open));
*/
static uint64_t brake_faults(bool away, bool turned, bool open) {
    uint64_t faults = fault_if(away, FAULT_MOVEMENT);
    faults = fault_with(faults, turned, FAULT_MOVEMENT);
    return fault_with(faults, open, FAULT_BRAKE_CLOSE);
}

/* Movement is said only of a brake that reads closed: the fault takes the torque off, and behind one that is open or
 * not known the drive may be all that holds. */
/*@ requires \valid(brake) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(brake, limits) && \separated(brake, in) && \separated(brake, duty);
    requires monitor_in_valid(in) && monitor_brake_valid(*brake);
    assigns *brake;
    ensures valid: monitor_brake_valid(*brake);
    ensures counts: brake->closed_cycles == \old(monitor_closed(*brake, duty));
    ensures turns: \old(monitor_turns(*brake, limits, in, duty)) ==>
      monitor_counted(brake->moving_cycles, \old(brake->moving_cycles));
    ensures stands: \old(!monitor_turns(*brake, limits, in, duty)) ==> brake->moving_cycles == 0;
    ensures stays_open: \old(monitor_stays_open(*brake, limits, in, duty)) ==>
      monitor_counted(brake->open_cycles, \old(brake->open_cycles));
    ensures closes: \old(!monitor_stays_open(*brake, limits, in, duty)) ==> brake->open_cycles == 0;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_MOVEMENT && (\old(monitor_away(*brake, limits, in, duty)) ||
        (brake->moving_cycles > 0 && brake->moving_cycles >= limits->moved_cycles))) ||
      (id == FAULT_BRAKE_CLOSE && brake->open_cycles > 0 && brake->open_cycles >= limits->brake_close_cycles));
*/
static uint64_t closed_brake(struct monitor_brake *brake, const struct monitor_limits *limits,
                             const struct monitor_in *in, const struct monitor_duty *duty) {
    bool alone = relies(brake, limits, duty);
    bool open = stays_open(brake, limits, in, duty);
    bool away = moved_away(brake, limits, in, duty);
    brake->moving_cycles = counted(brake->moving_cycles, turns(brake, limits, in, duty));
    brake->open_cycles = counted(brake->open_cycles, open);
    brake->closed_cycles = counted(brake->closed_cycles, duty->asks_closed);
    remember_hold(brake, in, alone, open, away);
    return brake_faults(away, lasted(brake->moving_cycles, limits->moved_cycles),
                        lasted(brake->open_cycles, limits->brake_close_cycles));
}

/* --- the load ----------------------------------------------------------------------------------------------------- */

/* Upward acceleration that the setpoint asks for, at most g and at least -g/2: so the limit never vanishes. */
/*@ requires \valid_read(plan) && \valid_read(limits) && monitor_plan_valid(*plan);
    requires monitor_limits_valid(limits);
    assigns \nothing;
    ensures -4903325 <= \result <= 9806650;
    ensures \result == monitor_lifting(*plan, limits);
*/
static int64_t lifting_acceleration(const struct monitor_plan *plan, const struct monitor_limits *limits) {
    int64_t up_nm_s = plan->before_nm_s - plan->speed_nm_s;
    int64_t up_um_s2 = integer_bounded(up_nm_s * NM_PER_UM / limits->cycle_us, MONITOR_GRAVITY_UM_S2);
    return up_um_s2 < -MONITOR_GRAVITY_UM_S2 / 2 ? -MONITOR_GRAVITY_UM_S2 / 2 : up_um_s2;
}

/* Does the tension mean more than a load whose weight is `weight_mn`? T > m (g + a). */
/*@ requires -2147483648 <= tension_mn <= 2147483647 && 0 <= weight_mn <= 2147483647;
    requires -4903325 <= up_um_s2 <= 9806650;
    assigns \nothing;
    ensures \result <==> monitor_heavier(tension_mn, weight_mn, up_um_s2);
*/
static bool heavier(int64_t tension_mn, int64_t weight_mn, int64_t up_um_s2) {
    return tension_mn * MONITOR_GRAVITY_UM_S2 > weight_mn * (MONITOR_GRAVITY_UM_S2 + up_um_s2);
}

/*@ requires \valid_read(plan) && \valid_read(limits) && \valid_read(in) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \result <==> in->setpoint_um_s < 0 || plan->speed_nm_s < -limits->standstill_um_s * 1000;
*/
static bool lifts(const struct monitor_plan *plan, const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->setpoint_um_s < 0 || plan->speed_nm_s < -limits->standstill_um_s * NM_PER_UM;
}

/*@ requires \valid_read(plan) && \valid_read(limits) && \valid_read(in);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_plan_valid(*plan);
    assigns \nothing;
    ensures \result <==> monitor_lifts_too_much(*plan, limits, in);
*/
static bool lifts_too_much(const struct monitor_plan *plan, const struct monitor_limits *limits,
                           const struct monitor_in *in) {
    if (!in->tension_ok || !limits->overload_watched[in->mode] || !lifts(plan, limits, in))
        return false;
    return heavier(in->tension_mn, limits->overload_mn, lifting_acceleration(plan, limits));
}

/*@ requires \valid_read(plan) && \valid_read(limits) && \valid_read(in);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_plan_valid(*plan);
    assigns \nothing;
    ensures \result <==> monitor_far_too_heavy(*plan, limits, in);
*/
static bool far_too_heavy(const struct monitor_plan *plan, const struct monitor_limits *limits,
                          const struct monitor_in *in) {
    if (!in->tension_ok || !limits->overload_watched[in->mode])
        return false;
    return heavier(in->tension_mn, limits->overload_both_mn, lifting_acceleration(plan, limits));
}

/*@ requires \valid_read(limits) && \valid_read(in) && \valid_read(duty) && monitor_in_valid(in);
    assigns \nothing;
    ensures \result <==> monitor_light(limits, in, duty);
*/
static bool underload(const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    return in->tension_ok && limits->underload_watched[in->mode] && duty->obeys && in->setpoint_um_s != 0 &&
           in->tension_mn < limits->underload_mn;
}

/*@ requires \valid_read(limits) && \valid_read(in) && monitor_in_valid(in);
    assigns \nothing;
    ensures \result <==> monitor_slack(limits, in);
*/
static bool slack_payout(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->tension_ok && limits->slack_watched[in->mode] && in->setpoint_um_s > 0 &&
           in->tension_mn < limits->slack_mn;
}

/*@ requires \valid_read(load) && \valid_read(limits) && \valid_read(in) && monitor_in_valid(in);
    assigns \nothing;
    ensures \result <==> monitor_jumps(limits, in, *load);
*/
static bool tension_jumped(const struct monitor_load *load, const struct monitor_limits *limits,
                           const struct monitor_in *in) {
    if (!in->tension_ok || !load->tension_known || !limits->tension_rate_watched[in->mode])
        return false;
    return integer_magnitude((int64_t)in->tension_mn - load->tension_mn) > limits->tension_rate_mn;
}

/*@ requires \valid_read(load) && \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_same(limits, in, *load);
*/
static bool tension_same(const struct monitor_load *load, const struct monitor_limits *limits,
                         const struct monitor_in *in) {
    return limits->tension_same_watched && in->tension_ok && load->tension_known &&
           in->cell_raw == load->cell_raw && moves(limits, in);
}

/* Once an overload, it is one until the load is back under the rated one. */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_still(limits, in, was, cycles);
*/
static bool still(const struct monitor_limits *limits, const struct monitor_in *in, bool was, int32_t cycles) {
    if (lasted(cycles, limits->load_cycles))
        return true;
    return was && !(in->tension_ok && in->tension_mn < limits->overload_clear_mn);
}

/*@ requires \valid(load) && \valid_read(plan) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(load, plan) && \separated(load, limits) && \separated(load, in) && \separated(load, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_plan_valid(*plan) &&
      monitor_load_valid(*load);
    assigns *load;
    ensures valid: monitor_load_valid(*load);
    ensures up: monitor_lifts_too_much(*plan, limits, in) ==>
      monitor_counted(load->overload_cycles, \old(load->overload_cycles));
    ensures not_up: !monitor_lifts_too_much(*plan, limits, in) ==> load->overload_cycles == 0;
    ensures both: monitor_far_too_heavy(*plan, limits, in) ==>
      monitor_counted(load->overload_both_cycles, \old(load->overload_both_cycles));
    ensures not_both: !monitor_far_too_heavy(*plan, limits, in) ==> load->overload_both_cycles == 0;
    ensures light: monitor_light(limits, in, duty) ==>
      monitor_counted(load->underload_cycles, \old(load->underload_cycles));
    ensures not_light: !monitor_light(limits, in, duty) ==> load->underload_cycles == 0;
    ensures slack: monitor_slack(limits, in) ==> monitor_counted(load->slack_cycles, \old(load->slack_cycles));
    ensures not_slack: !monitor_slack(limits, in) ==> load->slack_cycles == 0;
    ensures same: \old(monitor_same(limits, in, *load)) ==>
      monitor_counted(load->same_cycles, \old(load->same_cycles));
    ensures not_same: \old(!monitor_same(limits, in, *load)) ==> load->same_cycles == 0;
    ensures tripped: load->overloaded <==>
      monitor_still(limits, in, \old(load->overloaded), load->overload_cycles);
    ensures tripped_both: load->overloaded_both <==>
      monitor_still(limits, in, \old(load->overloaded_both), load->overload_both_cycles);
    ensures remembers: load->tension_known == in->tension_ok && load->tension_mn == in->tension_mn &&
      load->cell_raw == in->cell_raw;
*/
static void weigh(struct monitor_load *load, const struct monitor_plan *plan, const struct monitor_limits *limits,
                  const struct monitor_in *in, const struct monitor_duty *duty) {
    load->overload_cycles = counted(load->overload_cycles, lifts_too_much(plan, limits, in));
    load->overload_both_cycles = counted(load->overload_both_cycles, far_too_heavy(plan, limits, in));
    load->underload_cycles = counted(load->underload_cycles, underload(limits, in, duty));
    load->slack_cycles = counted(load->slack_cycles, slack_payout(limits, in));
    load->same_cycles = counted(load->same_cycles, tension_same(load, limits, in));
    load->overloaded = still(limits, in, load->overloaded, load->overload_cycles);
    load->overloaded_both = still(limits, in, load->overloaded_both, load->overload_both_cycles);
    load->tension_known = in->tension_ok;
    load->tension_mn = in->tension_mn;
    load->cell_raw = in->cell_raw;
}

/*@ requires \valid_read(load) && \valid_read(limits);
    assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      monitor_weighs(id, *load, limits->load_cycles, limits->tension_same_cycles));
*/
static uint64_t load_faults(const struct monitor_load *load, const struct monitor_limits *limits) {
    uint64_t faults = fault_if(load->overloaded, FAULT_OVERLOAD);
    faults = fault_with(faults, load->overloaded_both, FAULT_OVERLOAD_BOTH);
    faults = fault_with(faults, lasted(load->underload_cycles, limits->load_cycles), FAULT_UNDERLOAD);
    faults = fault_with(faults, lasted(load->slack_cycles, limits->load_cycles), FAULT_SLACK_PAYOUT);
    return fault_with(faults, lasted(load->same_cycles, limits->tension_same_cycles), FAULT_TENSION_FROZEN);
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/*@ assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      fault_in(now, id) || fault_in(missing, id) || fault_in(drive, id) || fault_in(brake, id) ||
      fault_in(load, id) || fault_in(travel, id));
*/
static uint64_t all_of(uint64_t now, uint64_t missing, uint64_t drive, uint64_t brake, uint64_t load,
                       uint64_t travel) {
    uint64_t faults = fault_either(fault_either(now, missing), fault_either(drive, brake));
    return fault_either(faults, fault_either(load, travel));
}

uint64_t monitor_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    uint64_t now = fault_with(readings(limits, in, duty), tension_jumped(&monitor->load, limits, in),
                              FAULT_TENSION_RATE);
    uint64_t missing = stale(monitor->seen_good, in);
    monitor->seen_good = monitor->seen_good || all_good(in);
    remember_setpoint(&monitor->plan, in->setpoint_um_s);
    plan_speed(&monitor->plan, limits->dead_cycles, limits->lag_us, limits->cycle_us);
    count_drive(&monitor->drive, &monitor->plan, limits, in, duty);
    weigh(&monitor->load, &monitor->plan, limits, in, duty);
    uint64_t brake = closed_brake(&monitor->brake, limits, in, duty);
    uint64_t travel = travel_step(&monitor->travel, monitor->plan.speed_nm_s, limits, in, duty);
    return all_of(now, missing, drive_faults(&monitor->drive, limits), brake, load_faults(&monitor->load, limits),
                  travel);
}

/* A station opens both channels, if not at once; how they close again says nothing. */
/*@ requires \valid(chain) && !(closed && open);
    assigns chain->opened, chain->half, chain->welded;
    ensures opened: chain->opened <==> !closed && (open || \old(chain->opened));
    ensures half: chain->half <==> !closed && !open && (\old(chain->half) ||
      (!\old(chain->opened) && chain->differ_cycles > discrepancy_cycles / MONITOR_CHAIN_BOUNCE));
    ensures welded: chain->welded <==> !open && (\old(chain->welded) || (closed && \old(chain->half)));
*/
static void watch_opening(struct monitor_chain *chain, bool closed, bool open, int32_t discrepancy_cycles) {
    chain->welded = !open && (chain->welded || (closed && chain->half));
    bool alone = !chain->opened && chain->differ_cycles > discrepancy_cycles / MONITOR_CHAIN_BOUNCE;
    chain->half = !closed && !open && (chain->half || alone);
    chain->opened = !closed && (open || chain->opened);
}

uint64_t monitor_chain(struct monitor_chain *chain, bool io_ok, bool a_closed, bool b_closed,
                       int32_t discrepancy_cycles) {
    if (!io_ok) {
        chain->differ_cycles = 0;
        return fault_if(true, FAULT_IO_STALE);
    }
    chain->differ_cycles = counted(chain->differ_cycles, a_closed != b_closed);
    bool differs = chain->differ_cycles >= discrepancy_cycles;
    bool closed = a_closed && b_closed;
    if (differs)
        chain->welded = true;
    watch_opening(chain, closed, !a_closed && !b_closed, discrepancy_cycles);
    uint64_t faults = fault_if(!closed, FAULT_ESTOP);
    faults = fault_with(faults, differs, FAULT_ESTOP_DISCREPANCY);
    return fault_with(faults, closed && chain->welded, FAULT_ESTOP_WELDED);
}
