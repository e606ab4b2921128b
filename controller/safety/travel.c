/* The monitors of travel. What each must and must not say is its contract. */
#include "controller/safety/travel.h"

#include "controller/safety/integer.h"

#define US_PER_S INT64_C(1000000)
#define NM_PER_UM INT64_C(1000)
#define STEP_MAX_UM INT64_C(1000000000) /* an encoder that jumps further in a cycle has jumped that far */
#define SUM_MAX_NM (STEP_MAX_UM * NM_PER_UM)

/* --- the window --------------------------------------------------------------------------------------------------- */

/*@ requires 1000 <= cycle_us <= 100000;
    assigns \nothing;
    ensures -100000000 <= \result <= 100000000;
    ensures -100000000 <= speed_um_s <= 100000000 ==> \result == speed_um_s * cycle_us / 1000000;
*/
static int32_t travelled(int64_t speed_um_s, int32_t cycle_us) {
    return (int32_t)integer_share(integer_bounded(speed_um_s, MONITOR_SPEED_MAX_UM_S), cycle_us, US_PER_S);
}

/* How far the drum encoder went in this cycle; 0 when it can't be told. */
/*@ requires \valid_read(monitor) && \valid_read(in) && monitor_places_valid(monitor) && monitor_in_valid(in);
    assigns \nothing;
    ensures -1000000000 <= \result <= 1000000000;
    ensures unknown: !in->position_ok || !monitor->position_known ==> \result == 0;
    ensures known: in->position_ok && monitor->position_known ==>
      \result == monitor_step_um(in, monitor->position_um);
*/
static int32_t encoder_step(const struct monitor *monitor, const struct monitor_in *in) {
    if (!in->position_ok || !monitor->position_known)
        return 0;
    return (int32_t)integer_bounded(in->position_um - monitor->position_um, STEP_MAX_UM);
}

/*@ requires \valid(monitor) && \valid_read(in) && \separated(monitor, in);
    requires monitor_places_valid(monitor) && monitor_in_valid(in);
    assigns monitor->position_known, monitor->position_um;
    ensures monitor_places_valid(monitor);
    ensures remembers: monitor->position_known == in->position_ok;
    ensures place: monitor->position_um == (in->position_ok ? in->position_um : \old(monitor->position_um));
*/
static void remember_place(struct monitor *monitor, const struct monitor_in *in) {
    monitor->position_known = in->position_ok;
    if (in->position_ok)
        monitor->position_um = in->position_um;
}

/* One cycle more in the window; one that can't be told forgets it. */
/*@ requires \valid(monitor) && monitor_travels_valid(monitor);
    requires -100000000 <= planned_um <= 100000000 && -100000000 <= motor_um <= 100000000;
    requires -1000000000 <= encoder_um <= 1000000000 && 1 <= window_cycles <= MONITOR_WINDOW_MAX;
    assigns monitor->travel_next, monitor->travel_count,
      monitor->travel_planned_um[(monitor->travel_next + 1) % MONITOR_WINDOW_MAX],
      monitor->travel_motor_um[(monitor->travel_next + 1) % MONITOR_WINDOW_MAX],
      monitor->travel_encoder_um[(monitor->travel_next + 1) % MONITOR_WINDOW_MAX];
    ensures monitor_travels_valid(monitor);
    ensures forgets: !told ==> monitor->travel_count == 0;
    ensures next: told ==> monitor->travel_next == (\old(monitor->travel_next) + 1) % MONITOR_WINDOW_MAX;
    ensures count: told ==> monitor->travel_count == \min(\old(monitor->travel_count) + 1, window_cycles);
    ensures newest: told ==> monitor->travel_planned_um[monitor->travel_next] == planned_um &&
      monitor->travel_motor_um[monitor->travel_next] == motor_um &&
      monitor->travel_encoder_um[monitor->travel_next] == encoder_um;
*/
static void remember_travel(struct monitor *monitor, int32_t window_cycles, bool told, int32_t planned_um,
                            int32_t motor_um, int32_t encoder_um) {
    if (!told) {
        monitor->travel_count = 0;
        return;
    }
    int32_t next = (monitor->travel_next + 1) % MONITOR_WINDOW_MAX;
    monitor->travel_next = next;
    monitor->travel_count = monitor->travel_count < window_cycles ? monitor->travel_count + 1 : window_cycles;
    monitor->travel_planned_um[next] = planned_um;
    monitor->travel_motor_um[next] = motor_um;
    monitor->travel_encoder_um[next] = encoder_um;
}

/* Travels of the window, and the most of a cycle. */
struct window {
    int64_t planned_um, motor_um, encoder_um, most_um;
};

/*@ predicate window_valid(struct window w, integer n) =
      -100000000 * n <= w.planned_um <= 100000000 * n && -100000000 * n <= w.motor_um <= 100000000 * n &&
      -1000000000 * n <= w.encoder_um <= 1000000000 * n && 0 <= w.most_um <= 100000000;
    predicate window_sums{L}(struct window w, struct monitor *m, integer n) =
      w.planned_um == monitor_sum(&m->travel_planned_um[0], m->travel_next, n) &&
      w.motor_um == monitor_sum(&m->travel_motor_um[0], m->travel_next, n) &&
      w.encoder_um == monitor_sum(&m->travel_encoder_um[0], m->travel_next, n) &&
      w.most_um == monitor_most(&m->travel_planned_um[0], m->travel_next, n);
*/

/*@ requires \valid_read(monitor) && monitor_travels_valid(monitor);
    assigns \nothing;
    ensures window_valid(\result, MONITOR_WINDOW_MAX);
    ensures window_sums(\result, monitor, monitor->travel_count);
*/
static struct window window_of(const struct monitor *monitor) {
    struct window sum = {0};
    /*@ loop invariant 0 <= back <= monitor->travel_count && window_valid(sum, back);
        loop invariant window_sums(sum, (struct monitor *)monitor, back);
        loop assigns back, sum;
        loop variant monitor->travel_count - back;
    */
    for (int32_t back = 0; back < monitor->travel_count; back++) {
        int32_t at = monitor->travel_next - back;
        if (at < 0)
            at += MONITOR_WINDOW_MAX;
        sum.planned_um += monitor->travel_planned_um[at];
        sum.motor_um += monitor->travel_motor_um[at];
        sum.encoder_um += monitor->travel_encoder_um[at];
        int64_t most_um = integer_magnitude(monitor->travel_planned_um[at]);
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
    ensures \result <==> monitor_far(one_um, other_um, base_um, most_um, slack_us, cycle_us);
*/
static bool apart(int64_t one_um, int64_t other_um, int64_t base_um, int64_t most_um, int32_t slack_us,
                  int32_t cycle_us) {
    return integer_magnitude(one_um - other_um) > base_um + most_um * slack_us / cycle_us;
}

/*@ requires \valid_read(limits) && \valid_read(window) && window_valid(*window, MONITOR_WINDOW_MAX);
    requires 1000 <= limits->cycle_us <= 100000 && 0 <= limits->follow_slack_us;
    assigns \nothing;
    ensures \result <==> monitor_far(window->planned_um, window->encoder_um, limits->follow_base_um,
      window->most_um, limits->follow_slack_us, limits->cycle_us);
*/
static bool following_error(const struct monitor_limits *limits, const struct window *window) {
    return apart(window->planned_um, window->encoder_um, limits->follow_base_um, window->most_um,
                 limits->follow_slack_us, limits->cycle_us);
}

/*@ requires \valid_read(limits) && \valid_read(window) && window_valid(*window, MONITOR_WINDOW_MAX);
    requires 1000 <= limits->cycle_us <= 100000 && 0 <= limits->mismatch_slack_us;
    assigns \nothing;
    ensures \result <==> monitor_far(window->motor_um, window->encoder_um, limits->mismatch_base_um,
      window->most_um, limits->mismatch_slack_us, limits->cycle_us);
*/
static bool apart_in_window(const struct monitor_limits *limits, const struct window *window) {
    return apart(window->motor_um, window->encoder_um, limits->mismatch_base_um, window->most_um,
                 limits->mismatch_slack_us, limits->cycle_us);
}

/*@ requires \valid_read(limits) && \valid_read(window) && window_valid(*window, MONITOR_WINDOW_MAX);
    assigns \nothing;
    ensures \result <==> window->encoder_um == 0 && \abs(window->motor_um) > limits->frozen_um;
*/
static bool position_frozen(const struct monitor_limits *limits, const struct window *window) {
    return window->encoder_um == 0 && integer_magnitude(window->motor_um) > limits->frozen_um;
}

/* What the window says. */
struct verdict {
    bool off_plan, apart, frozen;
};

/*@ requires \valid_read(monitor) && \valid_read(limits) && monitor_travels_valid(monitor);
    requires 1000 <= limits->cycle_us <= 100000 && 0 <= limits->follow_slack_us && 0 <= limits->mismatch_slack_us;
    assigns \nothing;
    ensures off_plan: \result.off_plan <==> monitor_off_plan(monitor, limits);
    ensures apart: \result.apart <==> monitor_apart(monitor, limits);
    ensures frozen: \result.frozen <==> monitor_frozen(monitor, limits);
*/
static struct verdict look_back(const struct monitor *monitor, const struct monitor_limits *limits) {
    struct window window = window_of(monitor);
    return (struct verdict){.off_plan = following_error(limits, &window),
                            .apart = apart_in_window(limits, &window),
                            .frozen = position_frozen(limits, &window)};
}

/* --- motor against encoder, for longer than the window ------------------------------------------------------------ */

/* One cycle more of a sum that lets go of its old terms. */
/*@ requires 1000 <= cycle_us <= 100000;
    requires -1000000000000 <= sum_nm <= 1000000000000 && -2000000000000 <= more_nm <= 2000000000000;
    assigns \nothing;
    ensures sum: \result == monitor_leaky(sum_nm, more_nm, cycle_us);
    ensures within: -1000000000000 <= \result <= 1000000000000;
    ensures no_less: sum_nm >= 0 && more_nm >= 0 ==> \result >= 0;
*/
static int64_t leaky(int64_t sum_nm, int64_t more_nm, int32_t cycle_us) {
    int64_t leaks_nm = integer_share(sum_nm, 1, MONITOR_LEAK_US / cycle_us);
    return integer_bounded(sum_nm - leaks_nm + more_nm, SUM_MAX_NM);
}

/* Further apart than the rig grants twice: at the speed of this cycle, and at the mean speed of the last seconds. */
/*@ requires \valid_read(limits) && monitor_limits_valid(limits) && -10000000000 <= motor_nm <= 10000000000;
    requires -1000000000000 <= slip_nm <= 1000000000000 && 0 <= path_nm <= 1000000000000;
    assigns \nothing;
    ensures \result <==> monitor_slips(limits, motor_nm, slip_nm, path_nm);
*/
static bool apart_for_long(const struct monitor_limits *limits, int64_t motor_nm, int64_t slip_nm, int64_t path_nm) {
    int64_t mean_nm = integer_share(path_nm, 1, MONITOR_LEAK_US / limits->cycle_us);
    int64_t speeds_um = (integer_magnitude(motor_nm) + mean_nm) / NM_PER_UM;
    int64_t slack_um = speeds_um * limits->mismatch_slack_us / limits->cycle_us;
    int64_t allowed_um = 2 * (int64_t)limits->mismatch_base_um + slack_um;
    return integer_magnitude(slip_nm) / NM_PER_UM > allowed_um;
}

/* Can't the two be compared? A drive without torque may say any speed, and one whose drum is stopped by the brake alone
 * does not say how far it still went. */
/*@ requires \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    assigns \nothing;
    ensures \result <==> !stepped || !in->drive_ok ||
      (!duty->needs_torque && \abs(in->speed_um_s) > limits->standstill_um_s);
*/
static bool incomparable(const struct monitor_limits *limits, const struct monitor_in *in,
                         const struct monitor_duty *duty, bool stepped) {
    if (!stepped || !in->drive_ok)
        return true;
    return !duty->needs_torque && integer_magnitude(in->speed_um_s) > limits->standstill_um_s;
}

/* A drive without torque adds nothing. */
/*@ requires \valid_read(limits) && \valid_read(in) && \valid_read(duty) && monitor_limits_valid(limits);
    assigns \nothing;
    ensures \result == monitor_drive_nm(limits, in, duty);
    ensures -10000000000 <= \result <= 10000000000;
*/
static int64_t motor_travel(const struct monitor_limits *limits, const struct monitor_in *in,
                            const struct monitor_duty *duty) {
    if (!duty->needs_torque)
        return 0;
    return integer_bounded(in->speed_um_s, MONITOR_SPEED_MAX_UM_S) * limits->cycle_us / NM_PER_UM;
}

/*@ requires \valid_read(monitor) && \valid_read(in) && \valid_read(duty);
    requires monitor_places_valid(monitor) && monitor_in_valid(in);
    assigns \nothing;
    ensures in->position_ok && monitor->position_known ==> \result == monitor_drum_nm(monitor, in, duty);
    ensures -1000000000000 <= \result <= 1000000000000;
*/
static int64_t drum_travel(const struct monitor *monitor, const struct monitor_in *in,
                           const struct monitor_duty *duty) {
    return duty->needs_torque ? encoder_step(monitor, in) * NM_PER_UM : 0;
}

/* Does the encoder tell another way than the motor does? What was said once is forgotten: the latch keeps it. */
/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(monitor, limits) && \separated(monitor, in) && \separated(monitor, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_places_valid(monitor);
    assigns monitor->slip_nm, monitor->path_nm;
    ensures valid: monitor_places_valid(monitor);
    ensures trips: \result <==> \old(monitor_slipped(limits, in, duty, monitor));
    ensures said: \result ==> monitor->slip_nm == 0 && monitor->path_nm == 0;
    ensures blind: \old(monitor_blind(limits, in, duty, monitor->position_known)) ==>
      monitor->slip_nm == 0 && monitor->path_nm == 0;
*/
static bool slipped(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                    const struct monitor_duty *duty) {
    if (incomparable(limits, in, duty, in->position_ok && monitor->position_known)) {
        monitor->slip_nm = 0;
        monitor->path_nm = 0;
        return false;
    }
    int64_t motor_nm = motor_travel(limits, in, duty);
    int64_t apart_nm = motor_nm - drum_travel(monitor, in, duty);
    int64_t slip_nm = leaky(monitor->slip_nm, apart_nm, limits->cycle_us);
    int64_t path_nm = leaky(monitor->path_nm, integer_magnitude(motor_nm), limits->cycle_us);
    bool apart = apart_for_long(limits, motor_nm, slip_nm, path_nm);
    monitor->slip_nm = apart ? 0 : slip_nm;
    monitor->path_nm = apart ? 0 : path_nm;
    return apart;
}

/* --- motion that nobody asked for --------------------------------------------------------------------------------- */

/* Without a setpoint, or against it? */
/*@ requires -100000000000 <= planned_nm_s <= 100000000000 && 0 <= standstill_nm_s;
    assigns \nothing;
    ensures \result <==> \abs(planned_nm_s) <= standstill_nm_s ||
      (planned_nm_s > 0 && step_um < 0) || (planned_nm_s < 0 && step_um > 0);
*/
static bool unasked(int64_t planned_nm_s, int64_t standstill_nm_s, int32_t step_um) {
    if (integer_magnitude(planned_nm_s) <= standstill_nm_s)
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

/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(monitor, limits) && \separated(monitor, in) && \separated(monitor, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in);
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
    int64_t planned_nm = integer_share(monitor->planned_nm_s, limits->cycle_us, US_PER_S);
    int64_t travel_nm = integer_bounded(monitor->unintended_nm + step_um * NM_PER_UM, SUM_MAX_NM);
    monitor->unintended_nm = counts ? unexplained(travel_nm, planned_nm) : 0;
    return integer_magnitude(monitor->unintended_nm) > limits->unintended_um * NM_PER_UM;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

/*@ assigns \nothing;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_FOLLOWING_ERROR && off_plan) || (id == FAULT_POSITION_MISMATCH && mismatch) ||
      (id == FAULT_POSITION_FROZEN && frozen) || (id == FAULT_UNINTENDED_MOTION && unasked_for));
*/
static uint64_t said(bool off_plan, bool mismatch, bool frozen, bool unasked_for) {
    uint64_t faults = fault_if(off_plan, FAULT_FOLLOWING_ERROR);
    faults = fault_with(faults, mismatch, FAULT_POSITION_MISMATCH);
    faults = fault_with(faults, frozen, FAULT_POSITION_FROZEN);
    return fault_with(faults, unasked_for, FAULT_UNINTENDED_MOTION);
}

uint64_t travel_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                     const struct monitor_duty *duty) {
    int32_t step_um = encoder_step(monitor, in);
    bool told = duty->obeys && in->drive_ok && in->position_ok;
    int32_t planned_um = travelled(monitor->planned_nm_s / NM_PER_UM, limits->cycle_us);
    int32_t motor_um = travelled(in->speed_um_s, limits->cycle_us);
    bool slips = slipped(monitor, limits, in, duty);
    bool unasked_for = unintended(monitor, limits, in, duty, step_um);
    remember_place(monitor, in);
    remember_travel(monitor, limits->window_cycles, told, planned_um, motor_um, step_um);
    struct verdict window = look_back(monitor, limits);
    return said(window.off_plan, slips || window.apart, window.frozen, unasked_for);
}
