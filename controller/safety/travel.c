/* The monitors of travel. What each must and must not say is its contract. */
#include "controller/safety/travel.h"

#include "controller/safety/integer.h"

#define US_PER_S INT64_C(1000000)
#define NM_PER_UM INT64_C(1000)
#define STEP_MAX_UM INT64_C(1000000000) /* an encoder that jumps further in a cycle has jumped that far */
#define SUM_MAX_NM (STEP_MAX_UM * NM_PER_UM)

static uint64_t fault_if(bool there, uint64_t fault) {
    return there ? fault : 0;
}

/* --- the window --------------------------------------------------------------------------------------------------- */

static int32_t travelled(int64_t speed_um_s, int32_t cycle_us) {
    return (int32_t)(integer_bounded(speed_um_s, MONITOR_SPEED_MAX_UM_S) * cycle_us / US_PER_S);
}

/* How far the drum encoder went in this cycle; 0 when it can't be told. */
static int32_t encoder_step(struct monitor *monitor, const struct monitor_in *in) {
    int32_t step_um = 0;
    if (in->position_ok && monitor->position_known)
        step_um = (int32_t)integer_bounded(in->position_um - monitor->position_um, STEP_MAX_UM);
    monitor->position_known = in->position_ok;
    monitor->position_um = in->position_ok ? in->position_um : monitor->position_um;
    return step_um;
}

static void remember_travel(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                            const struct monitor_duty *duty, int32_t step_um) {
    if (!duty->obeys || !in->drive_ok || !in->position_ok) {
        monitor->travel_count = 0;
        return;
    }
    monitor->travel_next = (monitor->travel_next + 1) % MONITOR_WINDOW_MAX;
    monitor->travel_count =
        monitor->travel_count < limits->window_cycles ? monitor->travel_count + 1 : limits->window_cycles;
    monitor->travel_planned_um[monitor->travel_next] = travelled(monitor->planned_nm_s / NM_PER_UM, limits->cycle_us);
    monitor->travel_motor_um[monitor->travel_next] = travelled(in->speed_um_s, limits->cycle_us);
    monitor->travel_encoder_um[monitor->travel_next] = step_um;
}

/* Travels of the window, and the most of a cycle. */
struct window {
    int64_t planned_um, motor_um, encoder_um, most_um;
};

static struct window window_of(const struct monitor *monitor) {
    struct window sum = {0};
    for (int32_t back = 0; back < monitor->travel_count; back++) {
        int32_t at = (monitor->travel_next + MONITOR_WINDOW_MAX - back) % MONITOR_WINDOW_MAX;
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
static bool apart(int64_t one_um, int64_t other_um, int64_t base_um, int64_t most_um, int32_t slack_us,
                  int32_t cycle_us) {
    return integer_magnitude(one_um - other_um) > base_um + most_um * slack_us / cycle_us;
}

static bool following_error(const struct monitor_limits *limits, const struct window *window) {
    return apart(window->planned_um, window->encoder_um, limits->follow_base_um, window->most_um,
                 limits->follow_slack_us, limits->cycle_us);
}

static bool apart_in_window(const struct monitor_limits *limits, const struct window *window) {
    return apart(window->motor_um, window->encoder_um, limits->mismatch_base_um, window->most_um,
                 limits->mismatch_slack_us, limits->cycle_us);
}

static bool position_frozen(const struct monitor_limits *limits, const struct window *window) {
    return window->encoder_um == 0 && integer_magnitude(window->motor_um) > limits->frozen_um;
}

/* --- motor against encoder, for longer than the window ------------------------------------------------------------ */

/* One cycle more of a sum that lets go of its old terms. */
static int64_t leaky(int64_t sum_nm, int64_t more_nm, int32_t cycle_us) {
    return integer_bounded(sum_nm - sum_nm / (TRAVEL_LEAK_US / cycle_us) + more_nm, SUM_MAX_NM);
}

/* Further apart than the rig grants twice: at the speed of this cycle, and at the mean speed of the last seconds. */
static bool apart_for_long(const struct monitor *monitor, const struct monitor_limits *limits, int64_t motor_nm) {
    int64_t mean_nm = monitor->path_nm / (TRAVEL_LEAK_US / limits->cycle_us);
    int64_t speeds_um = (integer_magnitude(motor_nm) + mean_nm) / NM_PER_UM;
    int64_t slack_um = speeds_um * limits->mismatch_slack_us / limits->cycle_us;
    int64_t allowed_um = 2 * (int64_t)limits->mismatch_base_um + slack_um;
    return integer_magnitude(monitor->slip_nm) / NM_PER_UM > allowed_um;
}

static void forget_slip(struct monitor *monitor) {
    monitor->slip_nm = 0;
    monitor->path_nm = 0;
}

/* Can't the two be compared? A drive without torque may say any speed, and one whose drum is stopped by the brake alone
 * does not say how far it still went. */
static bool incomparable(const struct monitor_limits *limits, const struct monitor_in *in,
                         const struct monitor_duty *duty, bool stepped) {
    if (!stepped || !in->drive_ok)
        return true;
    return !duty->needs_torque && integer_magnitude(in->speed_um_s) > limits->standstill_um_s;
}

/* Does the encoder tell another way than the motor does? What was said once is forgotten: the latch keeps it. */
static bool slipped(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                    const struct monitor_duty *duty, bool stepped, int32_t step_um) {
    if (incomparable(limits, in, duty, stepped)) {
        forget_slip(monitor);
        return false;
    }
    int64_t motor_nm =
        duty->needs_torque ? integer_bounded(in->speed_um_s, MONITOR_SPEED_MAX_UM_S) * limits->cycle_us / NM_PER_UM : 0;
    int64_t encoder_nm = duty->needs_torque ? step_um * NM_PER_UM : 0;
    monitor->slip_nm = leaky(monitor->slip_nm, motor_nm - encoder_nm, limits->cycle_us);
    monitor->path_nm = leaky(monitor->path_nm, integer_magnitude(motor_nm), limits->cycle_us);
    bool apart = apart_for_long(monitor, limits, motor_nm);
    if (apart)
        forget_slip(monitor);
    return apart;
}

/* --- motion that nobody asked for --------------------------------------------------------------------------------- */

/* Without a setpoint, or against it? */
static bool unasked(int64_t planned_nm_s, int64_t standstill_nm_s, int32_t step_um) {
    if (integer_magnitude(planned_nm_s) <= standstill_nm_s)
        return true;
    return planned_nm_s > 0 ? step_um < 0 : step_um > 0;
}

static int64_t beyond(int64_t value, int64_t low, int64_t high) {
    if (value > high)
        return value - high;
    return value < low ? value - low : 0;
}

/* What a slow setpoint does not explain: it takes its own way off travel in its direction, and what the drum did not
 * use of that is not saved up. */
static int64_t unexplained(int64_t travel_nm, int64_t planned_nm) {
    return planned_nm > 0 ? beyond(travel_nm, 0, planned_nm) : beyond(travel_nm, planned_nm, 0);
}

static bool unintended(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                       const struct monitor_duty *duty, int32_t step_um) {
    bool watched = in->position_ok && (duty->obeys || duty->holds);
    bool counts = watched && unasked(monitor->planned_nm_s, limits->standstill_um_s * NM_PER_UM, step_um);
    int64_t planned_nm = monitor->planned_nm_s * limits->cycle_us / US_PER_S;
    int64_t travel_nm = integer_bounded(monitor->unintended_nm + step_um * NM_PER_UM, STEP_MAX_UM * NM_PER_UM);
    monitor->unintended_nm = counts ? unexplained(travel_nm, planned_nm) : 0;
    return integer_magnitude(monitor->unintended_nm) > limits->unintended_um * NM_PER_UM;
}

/* --- all of them -------------------------------------------------------------------------------------------------- */

uint64_t travel_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                     const struct monitor_duty *duty) {
    bool stepped = in->position_ok && monitor->position_known;
    int32_t step_um = encoder_step(monitor, in);
    remember_travel(monitor, limits, in, duty, step_um);
    struct window window = window_of(monitor);
    bool mismatch = slipped(monitor, limits, in, duty, stepped, step_um) || apart_in_window(limits, &window);
    return fault_if(following_error(limits, &window), FAULT_BIT(FOLLOWING_ERROR)) |
           fault_if(mismatch, FAULT_BIT(POSITION_MISMATCH)) |
           fault_if(position_frozen(limits, &window), FAULT_BIT(POSITION_FROZEN)) |
           fault_if(unintended(monitor, limits, in, duty, step_um), FAULT_BIT(UNINTENDED_MOTION));
}
