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
      !(duty->stops_itself && in->drive_stops);
*/
static bool torque_lost(const struct monitor_in *in, const struct monitor_duty *duty) {
    bool stops_as_told = duty->stops_itself && in->drive_stops;
    return in->drive_ok && duty->needs_torque && !in->drive_enabled && !in->drive_fault && !stops_as_told;
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

/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in);
    assigns monitor->seen_good;
    ensures good: monitor->seen_good <==> \old(monitor->seen_good ||
      monitor_all_good(in));
    ensures members: \forall integer id; 0 <= id < 64 ==>
      (fault_in(\result, id) <==> \old(monitor_misses(id, monitor, in)));
*/
static uint64_t stale(struct monitor *monitor, const struct monitor_in *in) {
    bool seen = monitor->seen_good;
    uint64_t faults = fault_if(seen && !in->drive_ok, FAULT_DRIVE_STALE);
    faults = fault_with(faults, seen && position_missing(in), FAULT_POSITION_STALE);
    faults = fault_with(faults, seen && tension_missing(in), FAULT_TENSION_STALE);
    faults = fault_with(faults, seen && !in->brake_ok, FAULT_IO_STALE);
    if (all_good(in))
        monitor->seen_good = true;
    return faults;
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

/*@ requires \valid(monitor) && monitor_setpoints_valid(monitor);
    assigns monitor->setpoint_next,
      monitor->setpoint_um_s[(monitor->setpoint_next + 1) % MONITOR_WINDOW_MAX];
    ensures valid: monitor_setpoints_valid(monitor);
    ensures next: monitor->setpoint_next == (\old(monitor->setpoint_next) + 1) % MONITOR_WINDOW_MAX;
    ensures newest: monitor->setpoint_um_s[monitor->setpoint_next] ==
      \max(-MONITOR_SPEED_MAX_UM_S, \min(setpoint_um_s, MONITOR_SPEED_MAX_UM_S));
*/
static void remember_setpoint(struct monitor *monitor, int32_t setpoint_um_s) {
    int32_t next = (monitor->setpoint_next + 1) % MONITOR_WINDOW_MAX;
    monitor->setpoint_next = next;
    monitor->setpoint_um_s[next] = (int32_t)integer_bounded(setpoint_um_s, MONITOR_SPEED_MAX_UM_S);
}

/* The speed that the drum should have: the setpoint behind dead time and first-order lag. */
/*@ requires \valid(monitor) && monitor_setpoints_valid(monitor) && monitor_plan_valid(monitor);
    requires 0 <= dead_cycles < MONITOR_WINDOW_MAX && 0 <= lag_us && 1000 <= cycle_us <= 100000;
    assigns monitor->planned_nm_s, monitor->planned_before_nm_s;
    ensures valid: monitor_plan_valid(monitor);
    ensures before: monitor->planned_before_nm_s == \old(monitor->planned_nm_s);
    ensures follows: monitor->planned_nm_s == \old(monitor->planned_nm_s + (monitor->setpoint_um_s[
      monitor_place(monitor->setpoint_next, dead_cycles)] * 1000 - monitor->planned_nm_s) * cycle_us /
      (lag_us + cycle_us));
*/
static void plan_speed(struct monitor *monitor, int32_t dead_cycles, int32_t lag_us, int32_t cycle_us) {
    int64_t aim_nm_s = monitor->setpoint_um_s[ring_index(monitor->setpoint_next, dead_cycles)] * NM_PER_UM;
    int64_t before_nm_s = monitor->planned_nm_s;
    int64_t moved_nm_s = integer_share(aim_nm_s - before_nm_s, cycle_us, (int64_t)lag_us + cycle_us);
    monitor->planned_before_nm_s = before_nm_s;
    monitor->planned_nm_s = before_nm_s + moved_nm_s;
}

/*@ requires \valid_read(monitor) && monitor_setpoints_valid(monitor) && 1 <= cycles <= MONITOR_WINDOW_MAX;
    assigns \nothing;
    ensures \result == monitor_slowest(monitor, cycles);
    ensures -100000000 <= \result <= monitor->setpoint_um_s[monitor->setpoint_next];
*/
static int32_t slowest(const struct monitor *monitor, int32_t cycles) {
    int32_t low_um_s = monitor->setpoint_um_s[monitor->setpoint_next];
    /*@ loop invariant 1 <= back <= cycles;
        loop invariant -100000000 <= low_um_s <= 100000000;
        loop invariant low_um_s <= monitor->setpoint_um_s[monitor->setpoint_next];
        loop invariant low_um_s == monitor_slowest((struct monitor *)monitor, back);
        loop assigns back, low_um_s;
        loop variant cycles - back;
    */
    for (int32_t back = 1; back < cycles; back++)
        if (monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)] < low_um_s)
            low_um_s = monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)];
    return low_um_s;
}

/*@ requires \valid_read(monitor) && monitor_setpoints_valid(monitor) && 1 <= cycles <= MONITOR_WINDOW_MAX;
    assigns \nothing;
    ensures \result == monitor_quickest(monitor, cycles);
    ensures monitor->setpoint_um_s[monitor->setpoint_next] <= \result <= 100000000;
*/
static int32_t fastest(const struct monitor *monitor, int32_t cycles) {
    int32_t high_um_s = monitor->setpoint_um_s[monitor->setpoint_next];
    /*@ loop invariant 1 <= back <= cycles;
        loop invariant -100000000 <= high_um_s <= 100000000;
        loop invariant high_um_s >= monitor->setpoint_um_s[monitor->setpoint_next];
        loop invariant high_um_s == monitor_quickest((struct monitor *)monitor, back);
        loop assigns back, high_um_s;
        loop variant cycles - back;
    */
    for (int32_t back = 1; back < cycles; back++)
        if (monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)] > high_um_s)
            high_um_s = monitor->setpoint_um_s[ring_index(monitor->setpoint_next, back)];
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
/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires monitor_setpoints_valid(monitor);
    requires 1 <= limits->following_cycles <= MONITOR_WINDOW_MAX && 0 <= limits->following_um_s;
    assigns \nothing;
    ensures \result <==> monitor_strays(monitor, limits, in, duty);
    ensures in->speed_um_s == monitor->setpoint_um_s[monitor->setpoint_next] ==> !\result;
*/
static bool strays(const struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                   const struct monitor_duty *duty) {
    if (!duty->obeys || !in->drive_ok)
        return false;
    return outside(in->speed_um_s, slowest(monitor, limits->following_cycles),
                   fastest(monitor, limits->following_cycles), limits->following_um_s);
}

/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(monitor, limits) && \separated(monitor, in) && \separated(monitor, duty);
    requires monitor_setpoints_valid(monitor) && 0 <= monitor->disobeys_cycles;
    requires 1 <= limits->following_cycles <= MONITOR_WINDOW_MAX && 0 <= limits->following_um_s;
    assigns monitor->disobeys_cycles;
    ensures strays: \old(monitor_strays(monitor, limits, in, duty)) ==>
      monitor_counted(monitor->disobeys_cycles, \old(monitor->disobeys_cycles));
    ensures follows: \old(!monitor_strays(monitor, limits, in, duty)) ==> monitor->disobeys_cycles == 0;
    ensures trips: \result <==> monitor->disobeys_cycles >= \old(limits->following_cycles);
    ensures elsewhere: \old(!duty->obeys || !in->drive_ok) ==> monitor->disobeys_cycles == 0;
    ensures at_the_setpoint: \old(in->speed_um_s == monitor->setpoint_um_s[monitor->setpoint_next]) ==> !\result;
*/
static bool disobeys(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                     const struct monitor_duty *duty) {
    int32_t cycles = counted(monitor->disobeys_cycles, strays(monitor, limits, in, duty));
    bool trips = lasted(cycles, limits->following_cycles);
    monitor->disobeys_cycles = cycles;
    return trips;
}

/* --- the drive against a stop word -------------------------------------------------------------------------------- */

/* A drive that was told to let go must say a state without torque, one in its own quick stop must say so or stand. */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_unconfirmed(limits, in);
*/
static bool unconfirmed(const struct monitor_limits *limits, const struct monitor_in *in) {
    bool holds_on = in->asked_off && !in->drive_off;
    bool runs_on = in->asked_stop && in->drive_enabled && moves(limits, in);
    return in->drive_ok && (holds_on || runs_on);
}

/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in);
    requires \separated(monitor, limits) && \separated(monitor, in) && 0 <= monitor->unconfirmed_cycles;
    assigns monitor->unconfirmed_cycles;
    ensures owed: \old(monitor_unconfirmed(limits, in)) ==>
      monitor_counted(monitor->unconfirmed_cycles, \old(monitor->unconfirmed_cycles));
    ensures confirmed: \old(!monitor_unconfirmed(limits, in)) ==> monitor->unconfirmed_cycles == 0;
    ensures trips: \result <==> monitor->unconfirmed_cycles > \old(limits->confirm_cycles);
*/
static bool stop_unconfirmed(struct monitor *monitor, const struct monitor_limits *limits,
                             const struct monitor_in *in) {
    int32_t cycles = counted(monitor->unconfirmed_cycles, unconfirmed(limits, in));
    bool trips = cycles > limits->confirm_cycles;
    monitor->unconfirmed_cycles = cycles;
    return trips;
}

/* --- the closed brake --------------------------------------------------------------------------------------------- */

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(duty) && 0 <= monitor->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_relies(monitor, limits, duty);
*/
static bool relies(const struct monitor *monitor, const struct monitor_limits *limits,
                   const struct monitor_duty *duty) {
    return duty->relies_on_brake && counted(monitor->closed_cycles, duty->asks_closed) > limits->brake_close_cycles;
}

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires 0 <= monitor->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_relies(monitor, limits, duty) && in->brake_ok && !in->brake_open;
*/
static bool reads_closed(const struct monitor *monitor, const struct monitor_limits *limits,
                         const struct monitor_in *in, const struct monitor_duty *duty) {
    return in->brake_ok && !in->brake_open && relies(monitor, limits, duty);
}

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires 0 <= monitor->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_stays_open(monitor, limits, in, duty);
*/
static bool stays_open(const struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                       const struct monitor_duty *duty) {
    return in->brake_ok && in->brake_open && relies(monitor, limits, duty);
}

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires 0 <= monitor->closed_cycles;
    assigns \nothing;
    ensures \result <==> monitor_turns(monitor, limits, in, duty);
*/
static bool turns(const struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                  const struct monitor_duty *duty) {
    return reads_closed(monitor, limits, in, duty) && moves(limits, in);
}

/* Away from where the brake came to hold? */
/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires 0 <= monitor->closed_cycles && monitor_places_valid(monitor) && monitor_in_valid(in);
    assigns \nothing;
    ensures \result <==> monitor_away(monitor, limits, in, duty);
*/
static bool moved_away(const struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                       const struct monitor_duty *duty) {
    if (!monitor->held || !in->position_ok || !reads_closed(monitor, limits, in, duty))
        return false;
    return integer_magnitude(in->position_um - monitor->held_um) > limits->moved_um;
}

/* The drum's place when the brake came to hold, or when it was found away from there. */
/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in);
    requires monitor_places_valid(monitor) && monitor_in_valid(in);
    assigns monitor->held, monitor->held_um;
    ensures valid: monitor_places_valid(monitor);
    ensures lets_go: !holds || open ==> !monitor->held;
    ensures stays: holds && !open && \old(monitor->held) ==> monitor->held;
    ensures place: holds && !open && \old(monitor->held) && !away ==> monitor->held_um == \old(monitor->held_um);
    ensures new_place: holds && !open && \old(in->position_ok) && (away || !\old(monitor->held)) ==>
      monitor->held && monitor->held_um == \old(in->position_um);
    ensures no_place: \old(!in->position_ok && !monitor->held) ==> !monitor->held;
*/
static void remember_hold(struct monitor *monitor, const struct monitor_in *in, bool holds, bool open, bool away) {
    if (in->position_ok && (away || !monitor->held))
        monitor->held_um = in->position_um;
    monitor->held = holds && !open && (monitor->held || in->position_ok);
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
/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(monitor, limits) && \separated(monitor, in) && \separated(monitor, duty);
    requires monitor_in_valid(in) && monitor_places_valid(monitor);
    requires 0 <= monitor->closed_cycles && 0 <= monitor->open_cycles && 0 <= monitor->moving_cycles;
    assigns monitor->closed_cycles, monitor->open_cycles, monitor->moving_cycles, monitor->held, monitor->held_um;
    ensures valid: monitor_places_valid(monitor);
    ensures counts: monitor->closed_cycles == \old(monitor_closed(monitor, duty));
    ensures turns: \old(monitor_turns(monitor, limits, in, duty)) ==>
      monitor_counted(monitor->moving_cycles, \old(monitor->moving_cycles));
    ensures stands: \old(!monitor_turns(monitor, limits, in, duty)) ==> monitor->moving_cycles == 0;
    ensures stays_open: \old(monitor_stays_open(monitor, limits, in, duty)) ==>
      monitor_counted(monitor->open_cycles, \old(monitor->open_cycles));
    ensures closes: \old(!monitor_stays_open(monitor, limits, in, duty)) ==> monitor->open_cycles == 0;
    ensures moved: fault_in(\result, FAULT_MOVEMENT) <==> \old(monitor_away(monitor, limits, in, duty)) ||
      (monitor->moving_cycles > 0 && monitor->moving_cycles >= \old(limits->moved_cycles));
    ensures open: fault_in(\result, FAULT_BRAKE_CLOSE) <==>
      monitor->open_cycles > 0 && monitor->open_cycles >= \old(limits->brake_close_cycles);
    ensures only: \forall integer id; 0 <= id < 64 && fault_in(\result, id) ==>
      id == FAULT_MOVEMENT || id == FAULT_BRAKE_CLOSE;
*/
static uint64_t closed_brake(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                             const struct monitor_duty *duty) {
    bool alone = relies(monitor, limits, duty);
    bool open = stays_open(monitor, limits, in, duty);
    bool away = moved_away(monitor, limits, in, duty);
    int32_t moving_cycles = counted(monitor->moving_cycles, turns(monitor, limits, in, duty));
    int32_t open_cycles = counted(monitor->open_cycles, open);
    uint64_t faults = brake_faults(away, lasted(moving_cycles, limits->moved_cycles),
                                   lasted(open_cycles, limits->brake_close_cycles));
    monitor->closed_cycles = counted(monitor->closed_cycles, duty->asks_closed);
    monitor->moving_cycles = moving_cycles;
    monitor->open_cycles = open_cycles;
    remember_hold(monitor, in, alone, open, away);
    return faults;
}

/* --- the load ----------------------------------------------------------------------------------------------------- */

/* Upward acceleration that the setpoint asks for, at most g and at least -g/2: so the limit never vanishes. */
/*@ requires \valid_read(monitor) && \valid_read(limits) && monitor_plan_valid(monitor);
    requires monitor_limits_valid(limits);
    assigns \nothing;
    ensures -4903325 <= \result <= 9806650;
    ensures \result == monitor_lifting(monitor, limits);
*/
static int64_t lifting_acceleration(const struct monitor *monitor, const struct monitor_limits *limits) {
    int64_t up_nm_s = monitor->planned_before_nm_s - monitor->planned_nm_s;
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

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \result <==> in->setpoint_um_s < 0 || monitor->planned_nm_s < -limits->standstill_um_s * 1000;
*/
static bool lifts(const struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->setpoint_um_s < 0 || monitor->planned_nm_s < -limits->standstill_um_s * NM_PER_UM;
}

/* Counts of loads in a row, and what they come to. */
struct counts {
    int32_t up_cycles, both_cycles, light_cycles, slack_cycles, same_cycles;
};

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_plan_valid(monitor);
    assigns \nothing;
    ensures \result <==> monitor_lifts_too_much(monitor, limits, in);
*/
static bool lifts_too_much(const struct monitor *monitor, const struct monitor_limits *limits,
                           const struct monitor_in *in) {
    if (!in->tension_ok || !limits->overload_watched[in->mode] || !lifts(monitor, limits, in))
        return false;
    return heavier(in->tension_mn, limits->overload_mn, lifting_acceleration(monitor, limits));
}

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_plan_valid(monitor);
    assigns \nothing;
    ensures \result <==> monitor_far_too_heavy(monitor, limits, in);
*/
static bool far_too_heavy(const struct monitor *monitor, const struct monitor_limits *limits,
                          const struct monitor_in *in) {
    if (!in->tension_ok || !limits->overload_watched[in->mode])
        return false;
    return heavier(in->tension_mn, limits->overload_both_mn, lifting_acceleration(monitor, limits));
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

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && monitor_in_valid(in);
    assigns \nothing;
    ensures \result <==> monitor_jumps(limits, in, monitor);
*/
static bool tension_jumped(const struct monitor *monitor, const struct monitor_limits *limits,
                           const struct monitor_in *in) {
    if (!in->tension_ok || !monitor->tension_known || !limits->tension_rate_watched[in->mode])
        return false;
    return integer_magnitude((int64_t)in->tension_mn - monitor->tension_mn) > limits->tension_rate_mn;
}

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> monitor_same(limits, in, monitor);
*/
static bool tension_same(const struct monitor *monitor, const struct monitor_limits *limits,
                         const struct monitor_in *in) {
    return limits->tension_same_watched && in->tension_ok && monitor->tension_known &&
           in->cell_raw == monitor->cell_raw && moves(limits, in);
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

/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in);
    assigns monitor->tension_known, monitor->tension_mn, monitor->cell_raw;
    ensures monitor->tension_known == \old(in->tension_ok) && monitor->tension_mn == \old(in->tension_mn) &&
      monitor->cell_raw == \old(in->cell_raw);
*/
static void remember_tension(struct monitor *monitor, const struct monitor_in *in) {
    bool known = in->tension_ok;
    int32_t tension_mn = in->tension_mn;
    uint32_t raw = in->cell_raw;
    monitor->tension_known = known;
    monitor->tension_mn = tension_mn;
    monitor->cell_raw = raw;
}

/*@ assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_OVERLOAD && up) || (id == FAULT_OVERLOAD_BOTH && both) || (id == FAULT_UNDERLOAD && light) ||
      (id == FAULT_SLACK_PAYOUT && slack) || (id == FAULT_TENSION_RATE && jumps) ||
      (id == FAULT_TENSION_FROZEN && same));
*/
static uint64_t load_faults(bool up, bool both, bool light, bool slack, bool jumps, bool same) {
    uint64_t faults = fault_if(up, FAULT_OVERLOAD);
    faults = fault_with(faults, both, FAULT_OVERLOAD_BOTH);
    faults = fault_with(faults, light, FAULT_UNDERLOAD);
    faults = fault_with(faults, slack, FAULT_SLACK_PAYOUT);
    faults = fault_with(faults, jumps, FAULT_TENSION_RATE);
    return fault_with(faults, same, FAULT_TENSION_FROZEN);
}

/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(monitor, limits) && \separated(monitor, in) && \separated(monitor, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_plan_valid(monitor);
    requires 0 <= monitor->overload_cycles && 0 <= monitor->overload_both_cycles && 0 <= monitor->underload_cycles &&
      0 <= monitor->slack_cycles && 0 <= monitor->same_cycles;
    assigns monitor->overload_cycles, monitor->overload_both_cycles, monitor->overloaded, monitor->overloaded_both,
      monitor->underload_cycles, monitor->slack_cycles, monitor->same_cycles, monitor->tension_known,
      monitor->tension_mn, monitor->cell_raw;
    ensures up: \old(monitor_lifts_too_much(monitor, limits, in)) ==>
      monitor_counted(monitor->overload_cycles, \old(monitor->overload_cycles));
    ensures not_up: \old(!monitor_lifts_too_much(monitor, limits, in)) ==> monitor->overload_cycles == 0;
    ensures both: \old(monitor_far_too_heavy(monitor, limits, in)) ==>
      monitor_counted(monitor->overload_both_cycles, \old(monitor->overload_both_cycles));
    ensures not_both: \old(!monitor_far_too_heavy(monitor, limits, in)) ==> monitor->overload_both_cycles == 0;
    ensures light: \old(monitor_light(limits, in, duty)) ==>
      monitor_counted(monitor->underload_cycles, \old(monitor->underload_cycles));
    ensures not_light: \old(!monitor_light(limits, in, duty)) ==> monitor->underload_cycles == 0;
    ensures slack: \old(monitor_slack(limits, in)) ==>
      monitor_counted(monitor->slack_cycles, \old(monitor->slack_cycles));
    ensures not_slack: \old(!monitor_slack(limits, in)) ==> monitor->slack_cycles == 0;
    ensures same: \old(monitor_same(limits, in, monitor)) ==>
      monitor_counted(monitor->same_cycles, \old(monitor->same_cycles));
    ensures not_same: \old(!monitor_same(limits, in, monitor)) ==> monitor->same_cycles == 0;
    ensures trips: monitor->overload_cycles > 0 && monitor->overload_cycles >= \old(limits->load_cycles) ==>
      monitor->overloaded;
    ensures trips_both: monitor->overload_both_cycles > 0 &&
      monitor->overload_both_cycles >= \old(limits->load_cycles) ==> monitor->overloaded_both;
    ensures latched: \old(monitor->overloaded && !monitor_cleared(limits, in)) ==> monitor->overloaded;
    ensures latched_both: \old(monitor->overloaded_both && !monitor_cleared(limits, in)) ==>
      monitor->overloaded_both;
    ensures cleared: \old(!monitor->overloaded || monitor_cleared(limits, in)) &&
      !(monitor->overload_cycles > 0 && monitor->overload_cycles >= \old(limits->load_cycles)) ==>
      !monitor->overloaded;
    ensures cleared_both: \old(!monitor->overloaded_both || monitor_cleared(limits, in)) &&
      !(monitor->overload_both_cycles > 0 && monitor->overload_both_cycles >= \old(limits->load_cycles)) ==>
      !monitor->overloaded_both;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      monitor_weighs(id, monitor, \old(limits->load_cycles), \old(limits->tension_same_cycles)) ||
      (id == FAULT_TENSION_RATE && \old(monitor_jumps(limits, in, monitor))));
    ensures remembers: monitor->tension_known == \old(in->tension_ok) &&
      monitor->tension_mn == \old(in->tension_mn);
*/
static uint64_t loads(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    struct counts now = {.up_cycles = counted(monitor->overload_cycles, lifts_too_much(monitor, limits, in)),
                         .both_cycles = counted(monitor->overload_both_cycles, far_too_heavy(monitor, limits, in)),
                         .light_cycles = counted(monitor->underload_cycles, underload(limits, in, duty)),
                         .slack_cycles = counted(monitor->slack_cycles, slack_payout(limits, in)),
                         .same_cycles = counted(monitor->same_cycles, tension_same(monitor, limits, in))};
    bool up = still(limits, in, monitor->overloaded, now.up_cycles);
    bool both = still(limits, in, monitor->overloaded_both, now.both_cycles);
    bool light = lasted(now.light_cycles, limits->load_cycles);
    bool slack = lasted(now.slack_cycles, limits->load_cycles);
    bool same = lasted(now.same_cycles, limits->tension_same_cycles);
    uint64_t faults = load_faults(up, both, light, slack, tension_jumped(monitor, limits, in), same);
    remember_tension(monitor, in);
    monitor->overload_cycles = now.up_cycles;
    monitor->overload_both_cycles = now.both_cycles;
    monitor->overloaded = up;
    monitor->overloaded_both = both;
    monitor->underload_cycles = now.light_cycles;
    monitor->slack_cycles = now.slack_cycles;
    monitor->same_cycles = now.same_cycles;
    return faults;
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in);
    requires \separated(monitor, limits) && \separated(monitor, in) && 0 <= monitor->chain_cycles;
    assigns monitor->chain_cycles;
    ensures counts: \old(monitor_kept_off(limits, in)) ==>
      monitor_counted(monitor->chain_cycles, \old(monitor->chain_cycles));
    ensures not_so: \old(!monitor_kept_off(limits, in)) ==> monitor->chain_cycles == 0;
    ensures trips: \result <==> monitor->chain_cycles > \old(limits->chain_cycles);
*/
static bool chain_off(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool off = limits->sto_watched && in->sto_off && in->chain_closed;
    int32_t cycles = counted(monitor->chain_cycles, off);
    bool trips = cycles > limits->chain_cycles;
    monitor->chain_cycles = cycles;
    return trips;
}

/*@ assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_DRIVE_DISOBEYS && disobeyed) || (id == FAULT_STOP_UNCONFIRMED && owed) ||
      (id == FAULT_CHAIN_OFF && off));
*/
static uint64_t counted_faults(bool disobeyed, bool owed, bool off) {
    uint64_t faults = fault_if(disobeyed, FAULT_DRIVE_DISOBEYS);
    faults = fault_with(faults, owed, FAULT_STOP_UNCONFIRMED);
    return fault_with(faults, off, FAULT_CHAIN_OFF);
}

/*@ assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      fault_in(now, id) || fault_in(missing, id) || fault_in(counts, id) || fault_in(brake, id) ||
      fault_in(load, id) || fault_in(travel, id));
*/
static uint64_t all_of(uint64_t now, uint64_t missing, uint64_t counts, uint64_t brake, uint64_t load,
                       uint64_t travel) {
    uint64_t faults = fault_either(fault_either(now, missing), fault_either(counts, brake));
    return fault_either(faults, fault_either(load, travel));
}

uint64_t monitor_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    assert(limits->following_cycles >= 1 && limits->following_cycles <= MONITOR_WINDOW_MAX);
    assert(limits->window_cycles >= 1 && limits->window_cycles <= MONITOR_WINDOW_MAX);
    uint64_t now = readings(limits, in, duty);
    uint64_t missing = stale(monitor, in);
    bool owed = stop_unconfirmed(monitor, limits, in);
    bool off = chain_off(monitor, limits, in);
    uint64_t brake = closed_brake(monitor, limits, in, duty);
    remember_setpoint(monitor, in->setpoint_um_s);
    plan_speed(monitor, limits->dead_cycles, limits->lag_us, limits->cycle_us);
    bool disobeyed = disobeys(monitor, limits, in, duty);
    uint64_t load = loads(monitor, limits, in, duty);
    uint64_t travel = travel_step(monitor, limits, in, duty);
    return all_of(now, missing, counted_faults(disobeyed, owed, off), brake, load, travel);
}

uint64_t monitor_chain(struct monitor_chain *chain, bool io_ok, bool a_closed, bool b_closed,
                       int32_t discrepancy_cycles) {
    if (!io_ok) {
        chain->differ_cycles = 0;
        return fault_if(true, FAULT_IO_STALE);
    }
    chain->differ_cycles = counted(chain->differ_cycles, a_closed != b_closed);
    bool differs = chain->differ_cycles >= discrepancy_cycles;
    if (differs)
        chain->welded = true;
    if (!a_closed && !b_closed)
        chain->welded = false;
    bool closed = a_closed && b_closed;
    uint64_t faults = fault_if(!closed, FAULT_ESTOP);
    faults = fault_with(faults, differs, FAULT_ESTOP_DISCREPANCY);
    return fault_with(faults, closed && chain->welded, FAULT_ESTOP_WELDED);
}
