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
/*@ requires \valid_read(stood) && \valid_read(in) && monitor_at_a_place(stood->um) && monitor_in_valid(in);
    assigns \nothing;
    ensures -1000000000 <= \result <= 1000000000;
    ensures unknown: !in->position_ok || !stood->known ==> \result == 0;
    ensures known: in->position_ok && stood->known ==> \result == monitor_step_um(in, stood->um);
*/
static int32_t encoder_step(const struct monitor_stood *stood, const struct monitor_in *in) {
    if (!in->position_ok || !stood->known)
        return 0;
    return (int32_t)integer_bounded(in->position_um - stood->um, STEP_MAX_UM);
}

/*@ requires \valid(stood) && \valid_read(in) && \separated(stood, in);
    assigns *stood;
    ensures remembers: stood->known == in->position_ok;
    ensures place: stood->um == (in->position_ok ? in->position_um : \old(stood->um));
*/
static void remember_place(struct monitor_stood *stood, const struct monitor_in *in) {
    stood->known = in->position_ok;
    if (in->position_ok)
        stood->um = in->position_um;
}

/* One cycle more in the window; one that can't be told forgets it. */
/*@ requires \valid(window) && monitor_window_valid(*window);
    requires -100000000 <= planned_um <= 100000000 && -100000000 <= motor_um <= 100000000;
    requires -1000000000 <= encoder_um <= 1000000000 && 1 <= window_cycles <= MONITOR_WINDOW_MAX;
    assigns *window;
    ensures valid: monitor_window_valid(*window);
    ensures forgets: !told ==> window->count == 0;
    ensures next: told ==> window->newest == (\old(window->newest) + 1) % MONITOR_WINDOW_MAX;
    ensures count: told ==> window->count == \min(\old(window->count) + 1, window_cycles);
    ensures newest: told ==> window->planned_um.at[window->newest] == planned_um &&
      window->motor_um.at[window->newest] == motor_um && window->encoder_um.at[window->newest] == encoder_um;
    ensures others: \forall integer i; 0 <= i < MONITOR_WINDOW_MAX && i != window->newest ==>
      window->planned_um.at[i] == \old(window->planned_um.at[i]) &&
      window->motor_um.at[i] == \old(window->motor_um.at[i]) &&
      window->encoder_um.at[i] == \old(window->encoder_um.at[i]);
*/
static void remember_travel(struct monitor_window *window, int32_t window_cycles, bool told, int32_t planned_um,
                            int32_t motor_um, int32_t encoder_um) {
    if (!told) {
        window->count = 0;
        return;
    }
    int32_t next = (window->newest + 1) % MONITOR_WINDOW_MAX;
    window->newest = next;
    window->count = window->count < window_cycles ? window->count + 1 : window_cycles;
    window->planned_um.at[next] = planned_um;
    window->motor_um.at[next] = motor_um;
    window->encoder_um.at[next] = encoder_um;
}

/* Travels of the window, and the most of a cycle. */
struct sums {
    int64_t planned_um, motor_um, encoder_um, most_um;
};

/*@ predicate sums_valid(struct sums s, integer n) =
      -100000000 * n <= s.planned_um <= 100000000 * n && -100000000 * n <= s.motor_um <= 100000000 * n &&
      -1000000000 * n <= s.encoder_um <= 1000000000 * n && 0 <= s.most_um <= 100000000;
    predicate sums_of(struct sums s, struct monitor_window w, integer n) =
      s.planned_um == monitor_sum(w.planned_um, w.newest, n) && s.motor_um == monitor_sum(w.motor_um, w.newest, n) &&
      s.encoder_um == monitor_sum(w.encoder_um, w.newest, n) && s.most_um == monitor_most(w.planned_um, w.newest, n);
*/

/*@ requires \valid_read(window) && monitor_window_valid(*window);
    assigns \nothing;
    ensures sums_valid(\result, MONITOR_WINDOW_MAX);
    ensures sums_of(\result, *window, window->count);
*/
static struct sums sums_of(const struct monitor_window *window) {
    struct sums sum = {0};
    /*@ loop invariant 0 <= back <= window->count && sums_valid(sum, back);
        loop invariant sums_of(sum, *window, back);
        loop assigns back, sum;
        loop variant window->count - back;
    */
    for (int32_t back = 0; back < window->count; back++) {
        int32_t at = window->newest - back;
        if (at < 0)
            at += MONITOR_WINDOW_MAX;
        sum.planned_um += window->planned_um.at[at];
        sum.motor_um += window->motor_um.at[at];
        sum.encoder_um += window->encoder_um.at[at];
        int64_t most_um = integer_magnitude(window->planned_um.at[at]);
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

/*@ requires \valid_read(limits) && \valid_read(sums) && sums_valid(*sums, MONITOR_WINDOW_MAX);
    requires 1000 <= limits->cycle_us <= 100000 && 0 <= limits->follow_slack_us;
    assigns \nothing;
    ensures \result <==> monitor_far(sums->planned_um, sums->encoder_um, limits->follow_base_um,
      sums->most_um, limits->follow_slack_us, limits->cycle_us);
*/
static bool following_error(const struct monitor_limits *limits, const struct sums *sums) {
    return apart(sums->planned_um, sums->encoder_um, limits->follow_base_um, sums->most_um,
                 limits->follow_slack_us, limits->cycle_us);
}

/*@ requires \valid_read(limits) && \valid_read(sums) && sums_valid(*sums, MONITOR_WINDOW_MAX);
    requires 1000 <= limits->cycle_us <= 100000 && 0 <= limits->mismatch_slack_us;
    assigns \nothing;
    ensures \result <==> monitor_far(sums->motor_um, sums->encoder_um, limits->mismatch_base_um,
      sums->most_um, limits->mismatch_slack_us, limits->cycle_us);
*/
static bool apart_in_window(const struct monitor_limits *limits, const struct sums *sums) {
    return apart(sums->motor_um, sums->encoder_um, limits->mismatch_base_um, sums->most_um,
                 limits->mismatch_slack_us, limits->cycle_us);
}

/*@ requires \valid_read(limits) && \valid_read(sums) && sums_valid(*sums, MONITOR_WINDOW_MAX);
    assigns \nothing;
    ensures \result <==> sums->encoder_um == 0 && \abs(sums->motor_um) > limits->frozen_um;
*/
static bool position_frozen(const struct monitor_limits *limits, const struct sums *sums) {
    return sums->encoder_um == 0 && integer_magnitude(sums->motor_um) > limits->frozen_um;
}

/* What the window says. */
struct verdict {
    bool off_plan, apart, frozen;
};

/*@ requires \valid_read(window) && \valid_read(limits) && monitor_window_valid(*window);
    requires 1000 <= limits->cycle_us <= 100000 && 0 <= limits->follow_slack_us && 0 <= limits->mismatch_slack_us;
    assigns \nothing;
    ensures off_plan: \result.off_plan <==> monitor_off_plan(*window, limits);
    ensures apart: \result.apart <==> monitor_apart(*window, limits);
    ensures frozen: \result.frozen <==> monitor_frozen(*window, limits);
*/
static struct verdict look_back(const struct monitor_window *window, const struct monitor_limits *limits) {
    struct sums sums = sums_of(window);
    return (struct verdict){.off_plan = following_error(limits, &sums),
                            .apart = apart_in_window(limits, &sums),
                            .frozen = position_frozen(limits, &sums)};
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

/*@ requires \valid_read(stood) && \valid_read(in) && \valid_read(duty);
    requires monitor_at_a_place(stood->um) && monitor_in_valid(in);
    assigns \nothing;
    ensures in->position_ok && stood->known ==> \result == monitor_drum_nm(*stood, in, duty);
    ensures -1000000000000 <= \result <= 1000000000000;
*/
static int64_t drum_travel(const struct monitor_stood *stood, const struct monitor_in *in,
                           const struct monitor_duty *duty) {
    return duty->needs_torque ? encoder_step(stood, in) * NM_PER_UM : 0;
}

/* Does the encoder tell another way than the motor does? What was said once is forgotten: the latch keeps it. */
/*@ requires \valid(slip) && \valid_read(stood) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(slip, stood) && \separated(slip, limits) && \separated(slip, in) && \separated(slip, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_slip_valid(*slip) &&
      monitor_at_a_place(stood->um);
    assigns *slip;
    ensures valid: monitor_slip_valid(*slip);
    ensures trips: \result <==> \old(monitor_slipped(limits, in, duty, *stood, *slip));
    ensures said: \result ==> slip->apart_nm == 0 && slip->path_nm == 0;
    ensures blind: monitor_blind(limits, in, duty, stood->known) ==> slip->apart_nm == 0 && slip->path_nm == 0;
*/
static bool slipped(struct monitor_slip *slip, const struct monitor_stood *stood, const struct monitor_limits *limits,
                    const struct monitor_in *in, const struct monitor_duty *duty) {
    if (incomparable(limits, in, duty, in->position_ok && stood->known)) {
        *slip = (struct monitor_slip){0};
        return false;
    }
    int64_t motor_nm = motor_travel(limits, in, duty);
    int64_t more_nm = motor_nm - drum_travel(stood, in, duty);
    slip->apart_nm = leaky(slip->apart_nm, more_nm, limits->cycle_us);
    slip->path_nm = leaky(slip->path_nm, integer_magnitude(motor_nm), limits->cycle_us);
    bool apart = apart_for_long(limits, motor_nm, slip->apart_nm, slip->path_nm);
    if (apart)
        *slip = (struct monitor_slip){0};
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

/* The sum of what nobody asked for, behind this cycle. */
/*@ requires \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires monitor_limits_valid(limits) && -1000000000000 <= so_far_nm <= 1000000000000;
    requires -100000000000 <= planned_nm_s <= 100000000000 && -1000000000 <= step_um <= 1000000000;
    assigns \nothing;
    ensures within: -1000000000000 <= \result <= 1000000000000;
    ensures elsewhere: !in->position_ok || (!duty->obeys && !duty->holds) ==> \result == 0;
    ensures asked: (planned_nm_s > limits->standstill_um_s * 1000 && step_um >= 0) ||
      (planned_nm_s < -limits->standstill_um_s * 1000 && step_um <= 0) ==> \result == 0;
    ensures no_setpoint: in->position_ok && (duty->obeys || duty->holds) && planned_nm_s == 0 ==>
      \result == \max(-1000000000000, \min(so_far_nm + step_um * 1000, 1000000000000));
*/
static int64_t unintended(int64_t so_far_nm, int64_t planned_nm_s, const struct monitor_limits *limits,
                          const struct monitor_in *in, const struct monitor_duty *duty, int32_t step_um) {
    bool watched = in->position_ok && (duty->obeys || duty->holds);
    if (!watched || !unasked(planned_nm_s, limits->standstill_um_s * NM_PER_UM, step_um))
        return 0;
    int64_t planned_nm = integer_share(planned_nm_s, limits->cycle_us, US_PER_S);
    return unexplained(integer_bounded(so_far_nm + step_um * NM_PER_UM, SUM_MAX_NM), planned_nm);
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

uint64_t travel_step(struct monitor_travel *travel, int64_t planned_nm_s, const struct monitor_limits *limits,
                     const struct monitor_in *in, const struct monitor_duty *duty) {
    int32_t step_um = encoder_step(&travel->stood, in);
    bool told = duty->obeys && in->drive_ok && in->position_ok;
    int32_t planned_um = travelled(planned_nm_s / NM_PER_UM, limits->cycle_us);
    int32_t motor_um = travelled(in->speed_um_s, limits->cycle_us);
    bool slips = slipped(&travel->slip, &travel->stood, limits, in, duty);
    travel->unintended_nm = unintended(travel->unintended_nm, planned_nm_s, limits, in, duty, step_um);
    remember_place(&travel->stood, in);
    remember_travel(&travel->window, limits->window_cycles, told, planned_um, motor_um, step_um);
    struct verdict window = look_back(&travel->window, limits);
    bool unasked_for = integer_magnitude(travel->unintended_nm) > limits->unintended_um * NM_PER_UM;
    return said(window.off_plan, slips || window.apart, window.frozen, unasked_for);
}
