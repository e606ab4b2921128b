/* The monitors. What each must and must not say is its contract. */
#include "controller/safety/monitor.h"

#include <assert.h>

#define US_PER_S INT64_C(1000000)
#define NM_PER_UM INT64_C(1000)
#define STEP_MAX_UM INT64_C(1000000000) /* an encoder that jumps further in a cycle has jumped that far */

/*@ requires count >= 0;
    assigns \nothing;
    ensures !counts ==> \result == 0;
    ensures counts ==> \result == \min(count + 1, INT32_MAX);
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

/*@ requires 0 <= bound <= 1000000000000;
    assigns \nothing;
    ensures \result == \max(-bound, \min(value, bound));
*/
static int64_t bounded(int64_t value, int64_t bound) {
    if (value > bound)
        return bound;
    return value < -bound ? -bound : value;
}

/*@ requires -4000000000000000000 <= value <= 4000000000000000000;
    assigns \nothing;
    ensures \result == \abs(value);
*/
static int64_t magnitude(int64_t value) {
    return value < 0 ? -value : value;
}

/* That part of a value, towards zero: never more than the value. */
/*@ requires -400000000000 <= value <= 400000000000 && 0 < part <= whole && part <= 100000;
    assigns \nothing;
    ensures exact: \result == value * part / whole;
    ensures within: 0 <= \result <= value || value <= \result <= 0;
*/
static int64_t share(int64_t value, int64_t part, int64_t whole) {
    return value * part / whole;
}

/* --- one reading against its limit -------------------------------------------------------------------------------- */

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->drive_ok && \abs(in->speed_um_s) > limits->overspeed_um_s;
*/
static bool overspeed(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->drive_ok && magnitude(in->speed_um_s) > limits->overspeed_um_s;
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> in->drive_ok && \abs(in->speed_um_s) > limits->standstill_um_s;
*/
static bool moves(const struct monitor_limits *limits, const struct monitor_in *in) {
    return in->drive_ok && magnitude(in->speed_um_s) > limits->standstill_um_s;
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
    ensures \result <==> duty->released && in->brake_ok && !in->brake_open;
*/
static bool brake_lost(const struct monitor_in *in, const struct monitor_duty *duty) {
    return duty->released && in->brake_ok && !in->brake_open;
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
    ensures \result <==> in->drive_ok && in->position_ok && in->tension_ok && in->brake_ok;
*/
static bool all_good(const struct monitor_in *in) {
    return in->drive_ok && in->position_ok && in->tension_ok && in->brake_ok;
}

/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in);
    assigns monitor->seen_good;
    ensures good: monitor->seen_good <==> \old(monitor->seen_good) ||
      (in->drive_ok && in->position_ok && in->tension_ok && in->brake_ok);
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==> monitor_misses(id, monitor, in));
*/
static uint64_t stale(struct monitor *monitor, const struct monitor_in *in) {
    if (all_good(in))
        monitor->seen_good = true;
    bool seen = monitor->seen_good;
    uint64_t faults = fault_if(seen && !in->drive_ok, FAULT_DRIVE_STALE);
    faults = fault_with(faults, seen && !in->position_ok, FAULT_POSITION_STALE);
    faults = fault_with(faults, seen && !in->tension_ok, FAULT_TENSION_STALE);
    return fault_with(faults, seen && !in->brake_ok, FAULT_IO_STALE);
}

/* --- the drive against the setpoint ------------------------------------------------------------------------------- */

/*@ requires 0 <= newest < MONITOR_WINDOW_MAX && 0 <= back < MONITOR_WINDOW_MAX;
    assigns \nothing;
    ensures \result == (back <= newest ? newest - back : newest - back + MONITOR_WINDOW_MAX);
*/
static int32_t ring_index(int32_t newest, int32_t back) {
    return (newest + MONITOR_WINDOW_MAX - back) % MONITOR_WINDOW_MAX;
}

/*@ requires \valid(monitor) && monitor_setpoints_valid(monitor);
    assigns monitor->setpoint_next, monitor->setpoint_um_s[0 .. MONITOR_WINDOW_MAX - 1];
    ensures monitor_setpoints_valid(monitor);
    ensures newest: -100000000 <= setpoint_um_s <= 100000000 ==>
      monitor->setpoint_um_s[monitor->setpoint_next] == setpoint_um_s;
*/
static void remember_setpoint(struct monitor *monitor, int32_t setpoint_um_s) {
    monitor->setpoint_next = (monitor->setpoint_next + 1) % MONITOR_WINDOW_MAX;
    monitor->setpoint_um_s[monitor->setpoint_next] = (int32_t)bounded(setpoint_um_s, MONITOR_SPEED_MAX_UM_S);
}

/* The speed that the drum should have: the setpoint behind dead time and first-order lag. */
/*@ requires \valid(monitor) && \valid_read(limits) && \separated(monitor, limits);
    requires monitor_setpoints_valid(monitor) && monitor_plan_valid(monitor) && monitor_limits_valid(limits);
    assigns monitor->planned_nm_s, monitor->planned_before_nm_s;
    ensures monitor_plan_valid(monitor) && monitor->planned_before_nm_s == \old(monitor->planned_nm_s);
*/
static void plan_speed(struct monitor *monitor, const struct monitor_limits *limits) {
    int64_t aim_nm_s = monitor->setpoint_um_s[ring_index(monitor->setpoint_next, limits->dead_cycles)] * NM_PER_UM;
    int64_t missing_nm_s = aim_nm_s - monitor->planned_nm_s;
    monitor->planned_before_nm_s = monitor->planned_nm_s;
    monitor->planned_nm_s += share(missing_nm_s, limits->cycle_us, (int64_t)limits->lag_us + limits->cycle_us);
}

/*@ requires \valid_read(monitor) && monitor_setpoints_valid(monitor) && 1 <= cycles <= MONITOR_WINDOW_MAX;
    assigns \nothing;
    ensures -100000000 <= \result <= monitor->setpoint_um_s[monitor->setpoint_next];
*/
static int32_t slowest(const struct monitor *monitor, int32_t cycles) {
    int32_t low_um_s = monitor->setpoint_um_s[monitor->setpoint_next];
    /*@ loop invariant 1 <= back <= cycles;
        loop invariant -100000000 <= low_um_s <= 100000000;
        loop invariant low_um_s <= monitor->setpoint_um_s[monitor->setpoint_next];
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
    ensures monitor->setpoint_um_s[monitor->setpoint_next] <= \result <= 100000000;
*/
static int32_t fastest(const struct monitor *monitor, int32_t cycles) {
    int32_t high_um_s = monitor->setpoint_um_s[monitor->setpoint_next];
    /*@ loop invariant 1 <= back <= cycles;
        loop invariant -100000000 <= high_um_s <= 100000000;
        loop invariant high_um_s >= monitor->setpoint_um_s[monitor->setpoint_next];
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
/*@ requires monitor_asked(monitor, limits, in) && \valid_read(duty) && \separated(monitor, duty);
    requires monitor_setpoints_valid(monitor) && monitor->disobeys_cycles >= 0;
    assigns monitor->disobeys_cycles;
    ensures monitor->disobeys_cycles >= 0;
    ensures counts: monitor->disobeys_cycles == 0 ||
      monitor_counted(monitor->disobeys_cycles, \old(monitor->disobeys_cycles));
    ensures \result <==> monitor->disobeys_cycles >= limits->following_cycles;
    ensures elsewhere: !duty->obeys || !in->drive_ok ==> !\result && monitor->disobeys_cycles == 0;
    ensures at_the_setpoint: in->speed_um_s == monitor->setpoint_um_s[monitor->setpoint_next] ==> !\result;
*/
static bool disobeys(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                     const struct monitor_duty *duty) {
    int32_t low_um_s = slowest(monitor, limits->following_cycles);
    int32_t high_um_s = fastest(monitor, limits->following_cycles);
    bool away = outside(in->speed_um_s, low_um_s, high_um_s, limits->following_um_s);
    monitor->disobeys_cycles = counted(monitor->disobeys_cycles, duty->obeys && in->drive_ok && away);
    return lasted(monitor->disobeys_cycles, limits->following_cycles);
}

/* --- the drive against a stop word -------------------------------------------------------------------------------- */

/* A drive that was told to let go must say a state without torque, one in its own quick stop must say so or stand. */
/*@ requires monitor_asked(monitor, limits, in) && monitor->unconfirmed_cycles >= 0;
    assigns monitor->unconfirmed_cycles;
    ensures owed: monitor_unconfirmed(limits, in) ==>
      monitor_counted(monitor->unconfirmed_cycles, \old(monitor->unconfirmed_cycles));
    ensures confirmed: !monitor_unconfirmed(limits, in) ==> monitor->unconfirmed_cycles == 0;
    ensures \result <==> monitor->unconfirmed_cycles > limits->confirm_cycles;
*/
static bool stop_unconfirmed(struct monitor *monitor, const struct monitor_limits *limits,
                             const struct monitor_in *in) {
    bool holds_on = in->asked_off && !in->drive_off;
    bool runs_on = in->asked_stop && in->drive_enabled && moves(limits, in);
    monitor->unconfirmed_cycles = counted(monitor->unconfirmed_cycles, in->drive_ok && (holds_on || runs_on));
    return monitor->unconfirmed_cycles > limits->confirm_cycles;
}

/* --- travels ------------------------------------------------------------------------------------------------------ */

/*@ requires 1000 <= cycle_us <= 100000;
    assigns \nothing;
    ensures -100000000 <= \result <= 100000000;
    ensures -100000000 <= speed_um_s <= 100000000 ==> \result == speed_um_s * cycle_us / 1000000;
*/
static int32_t travelled(int64_t speed_um_s, int32_t cycle_us) {
    return (int32_t)share(bounded(speed_um_s, MONITOR_SPEED_MAX_UM_S), cycle_us, US_PER_S);
}

/* How far the drum encoder went in this cycle; 0 when it can't be told. */
/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in) &&
      monitor_places_valid(monitor) && monitor_in_valid(in);
    assigns monitor->position_known, monitor->position_um;
    ensures monitor_places_valid(monitor) && -1000000000 <= \result <= 1000000000;
    ensures unknown: !in->position_ok || !\old(monitor->position_known) ==> \result == 0;
    ensures known: in->position_ok && \old(monitor->position_known) ==>
      \result == \max(-1000000000, \min(in->position_um - \old(monitor->position_um), 1000000000));
*/
static int32_t encoder_step(struct monitor *monitor, const struct monitor_in *in) {
    int32_t step_um = 0;
    if (in->position_ok && monitor->position_known)
        step_um = (int32_t)bounded(in->position_um - monitor->position_um, STEP_MAX_UM);
    monitor->position_known = in->position_ok;
    monitor->position_um = in->position_ok ? in->position_um : monitor->position_um;
    return step_um;
}

/*@ requires monitor_asked(monitor, limits, in) && \valid_read(duty) && \separated(monitor, duty);
    requires monitor_travels_valid(monitor) && -1000000000 <= step_um <= 1000000000;
    assigns monitor->travel_next, monitor->travel_count, monitor->travel[0 .. MONITOR_WINDOW_MAX - 1];
    ensures monitor_travels_valid(monitor);
    ensures forgets: !duty->obeys || !in->drive_ok || !in->position_ok ==> monitor->travel_count == 0;
*/
static void remember_travel(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                            const struct monitor_duty *duty, int32_t step_um) {
    if (!duty->obeys || !in->drive_ok || !in->position_ok) {
        monitor->travel_count = 0;
        return;
    }
    monitor->travel_next = (monitor->travel_next + 1) % MONITOR_WINDOW_MAX;
    monitor->travel_count =
        monitor->travel_count < limits->window_cycles ? monitor->travel_count + 1 : limits->window_cycles;
    struct monitor_travel *travel = &monitor->travel[monitor->travel_next];
    travel->planned_um = travelled(monitor->planned_nm_s / NM_PER_UM, limits->cycle_us);
    travel->motor_um = travelled(in->speed_um_s, limits->cycle_us);
    travel->encoder_um = step_um;
}

/* Travels of the window, and the most of a cycle. */
struct window {
    int64_t planned_um, motor_um, encoder_um, most_um;
};

/*@ predicate window_valid(struct window w, integer n) =
      -100000000 * n <= w.planned_um <= 100000000 * n && -100000000 * n <= w.motor_um <= 100000000 * n &&
      -1000000000 * n <= w.encoder_um <= 1000000000 * n && 0 <= w.most_um <= 100000000;
*/

/*@ requires \valid_read(monitor) && monitor_travels_valid(monitor);
    assigns \nothing;
    ensures window_valid(\result, MONITOR_WINDOW_MAX);
    ensures monitor->travel_count == 0 ==> \result.planned_um == 0 && \result.motor_um == 0 &&
      \result.encoder_um == 0;
*/
static struct window window_of(const struct monitor *monitor) {
    struct window sum = {0};
    /*@ loop invariant 0 <= back <= monitor->travel_count && window_valid(sum, back);
        loop invariant back == 0 ==> sum.planned_um == 0 && sum.motor_um == 0 && sum.encoder_um == 0;
        loop assigns back, sum;
        loop variant monitor->travel_count - back;
    */
    for (int32_t back = 0; back < monitor->travel_count; back++) {
        const struct monitor_travel *travel = &monitor->travel[ring_index(monitor->travel_next, back)];
        sum.planned_um += travel->planned_um;
        sum.motor_um += travel->motor_um;
        sum.encoder_um += travel->encoder_um;
        int64_t most_um = magnitude(travel->planned_um);
        if (most_um > sum.most_um)
            sum.most_um = most_um;
    }
    return sum;
}

/* Two travels of the window further apart than base + speed x slack. */
/*@ requires -64000000000 <= one_um <= 64000000000 && -64000000000 <= other_um <= 64000000000;
    requires 0 <= most_um <= 100000000 && 0 <= slack_us && 1000 <= cycle_us <= 100000;
    requires -2147483648 <= base_um <= 2147483647;
    assigns \nothing;
    ensures \result <==> \abs(one_um - other_um) > base_um + most_um * slack_us / cycle_us;
*/
static bool apart(int64_t one_um, int64_t other_um, int64_t base_um, int64_t most_um, int32_t slack_us,
                  int32_t cycle_us) {
    return magnitude(one_um - other_um) > base_um + most_um * slack_us / cycle_us;
}

/*@ requires \valid_read(limits) && \valid_read(window) && monitor_limits_valid(limits);
    requires window_valid(*window, MONITOR_WINDOW_MAX);
    assigns \nothing;
    ensures \result <==> \abs(window->planned_um - window->encoder_um) >
      limits->follow_base_um + window->most_um * limits->follow_slack_us / limits->cycle_us;
*/
static bool following_error(const struct monitor_limits *limits, const struct window *window) {
    return apart(window->planned_um, window->encoder_um, limits->follow_base_um, window->most_um,
                 limits->follow_slack_us, limits->cycle_us);
}

/*@ requires \valid_read(limits) && \valid_read(window) && monitor_limits_valid(limits);
    requires window_valid(*window, MONITOR_WINDOW_MAX);
    assigns \nothing;
    ensures \result <==> \abs(window->motor_um - window->encoder_um) >
      limits->mismatch_base_um + window->most_um * limits->mismatch_slack_us / limits->cycle_us;
*/
static bool position_mismatch(const struct monitor_limits *limits, const struct window *window) {
    return apart(window->motor_um, window->encoder_um, limits->mismatch_base_um, window->most_um,
                 limits->mismatch_slack_us, limits->cycle_us);
}

/*@ requires \valid_read(limits) && \valid_read(window) && window_valid(*window, MONITOR_WINDOW_MAX);
    assigns \nothing;
    ensures \result <==> window->encoder_um == 0 && \abs(window->motor_um) > limits->frozen_um;
*/
static bool position_frozen(const struct monitor_limits *limits, const struct window *window) {
    return window->encoder_um == 0 && magnitude(window->motor_um) > limits->frozen_um;
}

/* Without a setpoint, or against it? */
/*@ requires -100000000000 <= planned_nm_s <= 100000000000 && 0 <= standstill_nm_s;
    assigns \nothing;
    ensures \result <==> \abs(planned_nm_s) <= standstill_nm_s ||
      (planned_nm_s > 0 && step_um < 0) || (planned_nm_s < 0 && step_um > 0);
*/
static bool unasked(int64_t planned_nm_s, int64_t standstill_nm_s, int32_t step_um) {
    if (magnitude(planned_nm_s) <= standstill_nm_s)
        return true;
    return planned_nm_s > 0 ? step_um < 0 : step_um > 0;
}

/*@ requires low <= high && -2000000000000 <= low && high <= 2000000000000;
    requires -2000000000000 <= value <= 2000000000000;
    assigns \nothing;
    ensures above: value > high ==> \result == value - high;
    ensures below: value < low ==> \result == value - low;
    ensures inside: low <= value <= high ==> \result == 0;
*/
static int64_t beyond(int64_t value, int64_t low, int64_t high) {
    if (value > high)
        return value - high;
    return value < low ? value - low : 0;
}

/* What a slow setpoint does not explain: it takes its own way off travel in its direction, and what the drum did not
 * use of that is not saved up. */
/*@ requires -1000000000000 <= travel_nm <= 1000000000000 && -1000000000000 <= planned_nm <= 1000000000000;
    assigns \nothing;
    ensures no_more: \abs(\result) <= \abs(travel_nm);
    ensures standing: planned_nm == 0 ==> \result == travel_nm;
    ensures with_it: planned_nm > 0 && travel_nm > 0 ==> \result == \max(travel_nm - planned_nm, 0);
    ensures back_with_it: planned_nm < 0 && travel_nm < 0 ==> \result == \min(travel_nm - planned_nm, 0);
    ensures against: (planned_nm > 0 && travel_nm < 0) || (planned_nm < 0 && travel_nm > 0) ==> \result == travel_nm;
*/
static int64_t unexplained(int64_t travel_nm, int64_t planned_nm) {
    return planned_nm > 0 ? beyond(travel_nm, 0, planned_nm) : beyond(travel_nm, planned_nm, 0);
}

/*@ requires monitor_asked(monitor, limits, in) && \valid_read(duty) && \separated(monitor, duty);
    requires monitor_places_valid(monitor) && monitor_plan_valid(monitor) && -1000000000 <= step_um <= 1000000000;
    assigns monitor->unintended_nm;
    ensures monitor_places_valid(monitor);
    ensures trips: \result <==> \abs(monitor->unintended_nm) > limits->unintended_um * 1000;
    ensures elsewhere: !in->position_ok || (!duty->obeys && !duty->holds) ==> monitor->unintended_nm == 0;
    ensures asked: (monitor->planned_nm_s > limits->standstill_um_s * 1000 && step_um >= 0) ||
      (monitor->planned_nm_s < -limits->standstill_um_s * 1000 && step_um <= 0) ==> monitor->unintended_nm == 0;
    ensures no_setpoint: in->position_ok && (duty->obeys || duty->holds) && monitor->planned_nm_s == 0 ==>
      monitor->unintended_nm ==
        \max(-1000000000000, \min(\old(monitor->unintended_nm) + step_um * 1000, 1000000000000));
*/
static bool unintended(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                       const struct monitor_duty *duty, int32_t step_um) {
    bool watched = in->position_ok && (duty->obeys || duty->holds);
    bool counts = watched && unasked(monitor->planned_nm_s, limits->standstill_um_s * NM_PER_UM, step_um);
    int64_t planned_nm = share(monitor->planned_nm_s, limits->cycle_us, US_PER_S);
    int64_t travel_nm = bounded(monitor->unintended_nm + step_um * NM_PER_UM, STEP_MAX_UM * NM_PER_UM);
    monitor->unintended_nm = counts ? unexplained(travel_nm, planned_nm) : 0;
    return magnitude(monitor->unintended_nm) > limits->unintended_um * NM_PER_UM;
}

/*@ requires monitor_asked(monitor, limits, in) && \valid_read(duty) && \separated(monitor, duty);
    requires monitor_travels_valid(monitor) && monitor_places_valid(monitor) && monitor_plan_valid(monitor);
    assigns monitor->position_known, monitor->position_um, monitor->travel_next, monitor->travel_count,
      monitor->travel[0 .. MONITOR_WINDOW_MAX - 1], monitor->unintended_nm;
    ensures valid: monitor_travels_valid(monitor) && monitor_places_valid(monitor);
    ensures unintended: fault_in(\result, FAULT_UNINTENDED_MOTION) <==>
      \abs(monitor->unintended_nm) > limits->unintended_um * 1000;
    ensures only: \forall integer id; 0 <= id < 64 && fault_in(\result, id) ==> monitor_travels(id);
*/
static uint64_t travels(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                        const struct monitor_duty *duty) {
    int32_t step_um = encoder_step(monitor, in);
    remember_travel(monitor, limits, in, duty, step_um);
    struct window window = window_of(monitor);
    uint64_t faults = fault_if(following_error(limits, &window), FAULT_FOLLOWING_ERROR);
    faults = fault_with(faults, position_mismatch(limits, &window), FAULT_POSITION_MISMATCH);
    faults = fault_with(faults, position_frozen(limits, &window), FAULT_POSITION_FROZEN);
    return fault_with(faults, unintended(monitor, limits, in, duty, step_um), FAULT_UNINTENDED_MOTION);
}

/* --- the closed brake --------------------------------------------------------------------------------------------- */

/* The drum's place when the brake came to hold. */
/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in) &&
      monitor_places_valid(monitor) && monitor_in_valid(in);
    assigns monitor->held, monitor->held_um;
    ensures monitor_places_valid(monitor);
    ensures !relies || (!\old(monitor->held) && !in->position_ok) ==> !monitor->held;
    ensures relies && \old(monitor->held) ==> monitor->held && monitor->held_um == \old(monitor->held_um);
    ensures relies && !\old(monitor->held) && in->position_ok ==> monitor->held && monitor->held_um == in->position_um;
*/
static void remember_hold(struct monitor *monitor, const struct monitor_in *in, bool relies) {
    if (!relies)
        monitor->held = false;
    else if (!monitor->held && in->position_ok) {
        monitor->held = true;
        monitor->held_um = in->position_um;
    }
}

/* Away from where the brake came to hold; from then on that is the place. */
/*@ requires monitor_asked(monitor, limits, in) && monitor_places_valid(monitor);
    assigns monitor->held_um;
    ensures monitor_places_valid(monitor);
    ensures \result <==> monitor->held && in->position_ok &&
      \abs(in->position_um - \old(monitor->held_um)) > limits->moved_um;
    ensures monitor->held_um == (\result ? in->position_um : \old(monitor->held_um));
*/
static bool moved_away(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool away = monitor->held && in->position_ok && magnitude(in->position_um - monitor->held_um) > limits->moved_um;
    if (away)
        monitor->held_um = in->position_um;
    return away;
}

/* Movement is said only of a brake that reads closed: the fault takes the torque off, and behind one that is open or
 * not known the drive may be all that holds. */
/*@ requires monitor_asked(monitor, limits, in) && \valid_read(duty) && \separated(monitor, duty);
    requires monitor_places_valid(monitor) && monitor_counts_valid(monitor);
    assigns monitor->closed_cycles, monitor->open_cycles, monitor->moving_cycles, monitor->held, monitor->held_um;
    ensures valid: monitor_places_valid(monitor) && monitor_counts_valid(monitor);
    ensures movement: fault_in(\result, FAULT_MOVEMENT) ==> duty->relies_on_brake && in->brake_ok && !in->brake_open;
    ensures still_moves: duty->relies_on_brake && monitor->closed_cycles > limits->brake_close_cycles && in->brake_ok &&
      !in->brake_open && in->drive_ok && \abs(in->speed_um_s) > limits->standstill_um_s ==>
      monitor_counted(monitor->moving_cycles, \old(monitor->moving_cycles));
    ensures moving: monitor->moving_cycles > 0 && monitor->moving_cycles >= limits->moved_cycles ==>
      fault_in(\result, FAULT_MOVEMENT);
    ensures opens: duty->relies_on_brake && monitor->closed_cycles > limits->brake_close_cycles && in->brake_ok &&
      in->brake_open ==> monitor_counted(monitor->open_cycles, \old(monitor->open_cycles));
    ensures closes: !duty->relies_on_brake || !in->brake_ok || !in->brake_open ==> monitor->open_cycles == 0;
    ensures open: fault_in(\result, FAULT_BRAKE_CLOSE) <==>
      monitor->open_cycles > 0 && monitor->open_cycles >= limits->brake_close_cycles;
    ensures only: \forall integer id; 0 <= id < 64 && fault_in(\result, id) ==>
      id == FAULT_MOVEMENT || id == FAULT_BRAKE_CLOSE;
*/
static uint64_t closed_brake(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                             const struct monitor_duty *duty) {
    monitor->closed_cycles = counted(monitor->closed_cycles, duty->asks_closed);
    bool relies = duty->relies_on_brake && monitor->closed_cycles > limits->brake_close_cycles;
    bool reads_open = in->brake_ok && in->brake_open;
    bool reads_closed = in->brake_ok && !in->brake_open;
    remember_hold(monitor, in, relies && !reads_open);
    monitor->moving_cycles = counted(monitor->moving_cycles, relies && reads_closed && moves(limits, in));
    bool away = reads_closed && moved_away(monitor, limits, in);
    bool moved = away || lasted(monitor->moving_cycles, limits->moved_cycles);
    monitor->open_cycles = counted(monitor->open_cycles, relies && reads_open);
    bool open = lasted(monitor->open_cycles, limits->brake_close_cycles);
    return fault_with(fault_if(moved, FAULT_MOVEMENT), open, FAULT_BRAKE_CLOSE);
}

/* --- the load ----------------------------------------------------------------------------------------------------- */

/* Upward acceleration that the setpoint asks for, at most g and at least -g/2: so the limit never vanishes. */
/*@ requires \valid_read(monitor) && \valid_read(limits) && monitor_plan_valid(monitor);
    requires monitor_limits_valid(limits);
    assigns \nothing;
    ensures -4903325 <= \result <= 9806650;
    ensures monitor->planned_nm_s == monitor->planned_before_nm_s ==> \result == 0;
*/
static int64_t lifting_acceleration(const struct monitor *monitor, const struct monitor_limits *limits) {
    int64_t up_nm_s = monitor->planned_before_nm_s - monitor->planned_nm_s;
    int64_t up_um_s2 = bounded(up_nm_s * NM_PER_UM / limits->cycle_us, MONITOR_GRAVITY_UM_S2);
    return up_um_s2 < -MONITOR_GRAVITY_UM_S2 / 2 ? -MONITOR_GRAVITY_UM_S2 / 2 : up_um_s2;
}

/* Does the tension mean more than a load whose weight is `weight_mn`? T > m (g + a). */
/*@ requires -2147483648 <= tension_mn <= 2147483647 && 0 <= weight_mn <= 2147483647;
    requires -4903325 <= up_um_s2 <= 9806650;
    assigns \nothing;
    ensures \result <==> tension_mn * 9806650 > weight_mn * (9806650 + up_um_s2);
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

/* Once an overload, it is one until the load is back under the rated one. */
/*@ assigns \nothing;
    ensures \result <==> trips || (was && !cleared);
*/
static bool still(bool was, bool trips, bool cleared) {
    if (trips)
        return true;
    return was && !cleared;
}

/*@ requires monitor_asked(monitor, limits, in);
    requires monitor_counts_valid(monitor) && monitor_plan_valid(monitor);
    assigns monitor->overload_cycles, monitor->overload_both_cycles, monitor->overloaded, monitor->overloaded_both;
    ensures monitor_counts_valid(monitor);
    ensures light: in->tension_ok && in->tension_mn < limits->overload_clear_mn &&
      !limits->overload_watched[in->mode] ==> !monitor->overloaded && !monitor->overloaded_both;
    ensures latched: (\old(monitor->overloaded) && !(in->tension_ok && in->tension_mn < limits->overload_clear_mn) ==>
      monitor->overloaded) && (\old(monitor->overloaded_both) &&
      !(in->tension_ok && in->tension_mn < limits->overload_clear_mn) ==> monitor->overloaded_both);
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_OVERLOAD && monitor->overloaded) || (id == FAULT_OVERLOAD_BOTH && monitor->overloaded_both));
*/
static uint64_t overload(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool watched = in->tension_ok && limits->overload_watched[in->mode];
    int64_t up_um_s2 = lifting_acceleration(monitor, limits);
    bool up = watched && lifts(monitor, limits, in) && heavier(in->tension_mn, limits->overload_mn, up_um_s2);
    bool both = watched && heavier(in->tension_mn, limits->overload_both_mn, up_um_s2);
    bool cleared = in->tension_ok && in->tension_mn < limits->overload_clear_mn;
    monitor->overload_cycles = counted(monitor->overload_cycles, up);
    monitor->overload_both_cycles = counted(monitor->overload_both_cycles, both);
    monitor->overloaded = still(monitor->overloaded, lasted(monitor->overload_cycles, limits->load_cycles), cleared);
    monitor->overloaded_both =
        still(monitor->overloaded_both, lasted(monitor->overload_both_cycles, limits->load_cycles), cleared);
    return fault_with(fault_if(monitor->overloaded, FAULT_OVERLOAD), monitor->overloaded_both, FAULT_OVERLOAD_BOTH);
}

/*@ requires monitor_asked(monitor, limits, in) && \valid_read(duty) && \separated(monitor, duty) &&
      monitor->underload_cycles >= 0;
    assigns monitor->underload_cycles;
    ensures counts: monitor_light(limits, in, duty) ==>
      monitor_counted(monitor->underload_cycles, \old(monitor->underload_cycles));
    ensures not_so: !monitor_light(limits, in, duty) ==> monitor->underload_cycles == 0;
    ensures trips: \result <==> monitor->underload_cycles > 0 && monitor->underload_cycles >= limits->load_cycles;
*/
static bool underload(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    bool light = in->tension_ok && limits->underload_watched[in->mode] && duty->obeys && in->setpoint_um_s != 0 &&
                 in->tension_mn < limits->underload_mn;
    monitor->underload_cycles = counted(monitor->underload_cycles, light);
    return lasted(monitor->underload_cycles, limits->load_cycles);
}

/*@ requires monitor_asked(monitor, limits, in) && monitor->slack_cycles >= 0;
    assigns monitor->slack_cycles;
    ensures counts: monitor_slack(limits, in) ==> monitor_counted(monitor->slack_cycles, \old(monitor->slack_cycles));
    ensures not_so: !monitor_slack(limits, in) ==> monitor->slack_cycles == 0;
    ensures trips: \result <==> monitor->slack_cycles > 0 && monitor->slack_cycles >= limits->load_cycles;
*/
static bool slack_payout(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool slack =
        in->tension_ok && limits->slack_watched[in->mode] && in->setpoint_um_s > 0 && in->tension_mn < limits->slack_mn;
    monitor->slack_cycles = counted(monitor->slack_cycles, slack);
    return lasted(monitor->slack_cycles, limits->load_cycles);
}

/*@ requires \valid_read(monitor) && \valid_read(limits) && \valid_read(in) && monitor_in_valid(in);
    assigns \nothing;
    ensures \result <==> monitor_jumps(limits, in, monitor->tension_known, monitor->tension_mn);
*/
static bool tension_jumped(const struct monitor *monitor, const struct monitor_limits *limits,
                           const struct monitor_in *in) {
    if (!in->tension_ok || !monitor->tension_known || !limits->tension_rate_watched[in->mode])
        return false;
    return magnitude((int64_t)in->tension_mn - monitor->tension_mn) > limits->tension_rate_mn;
}

/*@ requires monitor_asked(monitor, limits, in) && monitor->same_cycles >= 0;
    assigns monitor->same_cycles;
    ensures counts: monitor_same(limits, in, monitor) ==>
      monitor_counted(monitor->same_cycles, \old(monitor->same_cycles));
    ensures not_so: !monitor_same(limits, in, monitor) ==> monitor->same_cycles == 0;
    ensures trips: \result <==> monitor->same_cycles > 0 && monitor->same_cycles >= limits->tension_same_cycles;
*/
static bool tension_frozen(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool same = limits->tension_same_watched && in->tension_ok && monitor->tension_known &&
                in->cell_raw == monitor->cell_raw && moves(limits, in);
    monitor->same_cycles = counted(monitor->same_cycles, same);
    return lasted(monitor->same_cycles, limits->tension_same_cycles);
}

/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in);
    assigns monitor->tension_known, monitor->tension_mn, monitor->cell_raw;
    ensures monitor->tension_known == in->tension_ok && monitor->tension_mn == in->tension_mn &&
      monitor->cell_raw == in->cell_raw;
*/
static void remember_tension(struct monitor *monitor, const struct monitor_in *in) {
    monitor->tension_known = in->tension_ok;
    monitor->tension_mn = in->tension_mn;
    monitor->cell_raw = in->cell_raw;
}

/*@ requires monitor_asked(monitor, limits, in) && \valid_read(duty) && \separated(monitor, duty);
    requires monitor_counts_valid(monitor) && monitor_plan_valid(monitor);
    assigns monitor->overload_cycles, monitor->overload_both_cycles, monitor->overloaded, monitor->overloaded_both,
      monitor->underload_cycles, monitor->slack_cycles, monitor->same_cycles, monitor->tension_known,
      monitor->tension_mn, monitor->cell_raw;
    ensures monitor_counts_valid(monitor);
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      monitor_weighs(id, monitor, limits) || (id == FAULT_TENSION_RATE && monitor_jumps(limits, in,
        \old(monitor->tension_known), \old(monitor->tension_mn))));
    ensures light: monitor_light(limits, in, duty) ==>
      monitor_counted(monitor->underload_cycles, \old(monitor->underload_cycles));
    ensures slack: monitor_slack(limits, in) ==> monitor_counted(monitor->slack_cycles, \old(monitor->slack_cycles));
    ensures remembers: monitor->tension_known == in->tension_ok && monitor->tension_mn == in->tension_mn;
*/
static uint64_t loads(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    uint64_t faults = overload(monitor, limits, in);
    faults = fault_with(faults, underload(monitor, limits, in, duty), FAULT_UNDERLOAD);
    faults = fault_with(faults, slack_payout(monitor, limits, in), FAULT_SLACK_PAYOUT);
    faults = fault_with(faults, tension_jumped(monitor, limits, in), FAULT_TENSION_RATE);
    faults = fault_with(faults, tension_frozen(monitor, limits, in), FAULT_TENSION_FROZEN);
    remember_tension(monitor, in);
    return faults;
}

/* --- the chain ---------------------------------------------------------------------------------------------------- */

/*@ requires monitor_asked(monitor, limits, in) && monitor->chain_cycles >= 0;
    assigns monitor->chain_cycles;
    ensures counts: monitor_kept_off(limits, in) ==>
      monitor_counted(monitor->chain_cycles, \old(monitor->chain_cycles));
    ensures not_so: !monitor_kept_off(limits, in) ==> monitor->chain_cycles == 0;
    ensures trips: \result <==> monitor->chain_cycles > limits->chain_cycles;
*/
static bool chain_off(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in) {
    bool off = limits->sto_watched && in->sto_off && in->chain_closed;
    monitor->chain_cycles = counted(monitor->chain_cycles, off);
    return monitor->chain_cycles > limits->chain_cycles;
}

uint64_t monitor_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty) {
    assert(limits->following_cycles >= 1 && limits->following_cycles <= MONITOR_WINDOW_MAX);
    assert(limits->window_cycles >= 1 && limits->window_cycles <= MONITOR_WINDOW_MAX);
    remember_setpoint(monitor, in->setpoint_um_s);
    plan_speed(monitor, limits);
    uint64_t faults = fault_either(stale(monitor, in), readings(limits, in, duty));
    faults = fault_with(faults, disobeys(monitor, limits, in, duty), FAULT_DRIVE_DISOBEYS);
    faults = fault_with(faults, stop_unconfirmed(monitor, limits, in), FAULT_STOP_UNCONFIRMED);
    faults = fault_either(faults, travels(monitor, limits, in, duty));
    faults = fault_either(faults, closed_brake(monitor, limits, in, duty));
    faults = fault_either(faults, loads(monitor, limits, in, duty));
    return fault_with(faults, chain_off(monitor, limits, in), FAULT_CHAIN_OFF);
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
