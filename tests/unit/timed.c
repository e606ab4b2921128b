/* A path in time: its curve against what is known of it, and followed through a drive that lags, by clocks that are
 * not right. */
#include "controller/motion/timed.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/property/random.h"

#define DT_S 0.01

static uint64_t state;

static double uniform(double low, double high) {
    return low + (high - low) * (double)(random_next(&state) >> 11) * 0x1p-53;
}

static struct timed_path random_path(struct timed_knot *knot, int count, double apart_m) {
    struct timed_path path;
    int wrong;
    for (int i = 0; i < count; i++) {
        knot[i].t_s = i == 0 ? 0 : knot[i - 1].t_s + uniform(0.3, 2);
        knot[i].position_m = i == 0 ? 5 : knot[i - 1].position_m + uniform(-apart_m, apart_m);
    }
    cr_assert_eq(timed_lay(&path, knot, count, &wrong), TIMED_LAID);
    return path;
}

/* --- the curve --------------------------------------------------------------------------------------------------- */

/* From rest to rest there is one of fifth order: 10 s^3 - 15 s^4 + 6 s^5. */
Test(timed, two_knots_are_the_known_curve) {
    const struct timed_knot knot[] = {{0, 2}, {4, 8}};
    struct timed_path path;
    int wrong;
    cr_assert_eq(timed_lay(&path, knot, 2, &wrong), TIMED_LAID);
    cr_expect_float_eq(path.speed_max_m_s, 15.0 / 8 * 6 / 4, 1e-12);
    cr_expect_float_eq(path.acceleration_max_m_s2, 10 / sqrt(3) * 6 / 16, 1e-12);
    cr_expect_float_eq(path.jerk_max_m_s3, 60.0 * 6 / 64, 1e-12);
    for (double s = 0; s <= 1; s += 0.05) {
        const double curve = s * s * s * (10 + s * (-15 + 6 * s));
        cr_expect_float_eq(timed_at(&path, 4 * s).position_m, 2 + 6 * curve, 1e-12);
    }
    cr_expect_eq(timed_at(&path, -1).position_m, 2);
    cr_expect_eq(timed_at(&path, 9).position_m, 8);
    cr_expect_eq(timed_at(&path, 9).speed_m_s, 0);
}

/* Through each knot, with no step of speed or acceleration; each of them is the slope of the one before. */
Test(timed, the_curve_is_smooth_through_its_knots) {
    struct timed_knot knot[12];
    state = 1;
    for (int run = 0; run < 300; run++) {
        const int count = 2 + (int)(random_next(&state) % 11);
        const struct timed_path path = random_path(knot, count, 3);
        for (int i = 0; i < count; i++) {
            const double t = knot[i].t_s, h = 1e-7;
            const struct timed_state before = timed_at(&path, t - h), after = timed_at(&path, t + h);
            cr_assert_float_eq(before.position_m, knot[i].position_m, 1e-5);
            cr_assert_float_eq(after.position_m, knot[i].position_m, 1e-5);
            cr_assert_float_eq(before.speed_m_s, after.speed_m_s, 1e-4);
            cr_assert_float_eq(before.acceleration_m_s2, after.acceleration_m_s2, 1e-3, "knot %d of %d", i, count);
        }
        for (int k = 0; k < 50; k++) {
            const double t = uniform(1e-4, timed_end_s(&path) - 1e-4), h = 1e-5;
            const struct timed_state a = timed_at(&path, t - h), at = timed_at(&path, t), b = timed_at(&path, t + h);
            cr_assert_float_eq((b.position_m - a.position_m) / (2 * h), at.speed_m_s, 1e-5);
            cr_assert_float_eq((b.speed_m_s - a.speed_m_s) / (2 * h), at.acceleration_m_s2, 2e-3);
        }
    }
}

Test(timed, its_extremes_are_those_of_a_fine_look) {
    struct timed_knot knot[12];
    state = 2;
    for (int run = 0; run < 200; run++) {
        const int count = 2 + (int)(random_next(&state) % 6);
        const struct timed_path path = random_path(knot, count, 3);
        double speed_m_s = 0;
        for (int i = 0; i + 1 < count; i++) {
            struct timed_peaks seen = {HUGE_VAL, -HUGE_VAL, 0, 0, 0};
            const struct timed_peaks peaks = timed_peaks(&path, i);
            for (int k = 1; k < 2000; k++) {
                const struct timed_state at =
                    timed_at(&path, knot[i].t_s + (knot[i + 1].t_s - knot[i].t_s) * k / 2000);
                seen.position_min_m = fmin(seen.position_min_m, at.position_m);
                seen.position_max_m = fmax(seen.position_max_m, at.position_m);
                seen.speed_m_s = fmax(seen.speed_m_s, fabs(at.speed_m_s));
                seen.acceleration_m_s2 = fmax(seen.acceleration_m_s2, fabs(at.acceleration_m_s2));
                seen.jerk_m_s3 = fmax(seen.jerk_m_s3, fabs(at.jerk_m_s3));
            }
            cr_assert_leq(peaks.position_min_m, seen.position_min_m + 1e-9);
            cr_assert_geq(peaks.position_max_m, seen.position_max_m - 1e-9);
            cr_assert_float_eq(peaks.position_min_m, seen.position_min_m, 0.01, "run %d", run);
            cr_assert_float_eq(peaks.position_max_m, seen.position_max_m, 0.01, "run %d", run);
            cr_assert_float_eq(peaks.speed_m_s, seen.speed_m_s, 0.02 + 0.002 * peaks.speed_m_s);
            cr_assert_float_eq(peaks.acceleration_m_s2, seen.acceleration_m_s2, 0.1 + 0.01 * peaks.acceleration_m_s2);
            cr_assert_float_eq(peaks.jerk_m_s3, seen.jerk_m_s3, 0.02 * peaks.jerk_m_s3 + 1e-9);
            cr_assert_geq(peaks.speed_m_s, seen.speed_m_s - 1e-9);
            cr_assert_geq(peaks.acceleration_m_s2, seen.acceleration_m_s2 - 1e-9);
            speed_m_s = fmax(speed_m_s, peaks.speed_m_s);
        }
        cr_assert_eq(path.speed_max_m_s, speed_m_s);
    }
}

Test(timed, knots_that_are_none_are_refused) {
    const struct timed_knot late[] = {{1, 2}, {4, 8}}, back[] = {{0, 2}, {4, 8}, {3, 9}}, near[] = {{0, 2}, {0.01, 2}};
    const struct timed_knot none[] = {{0, 2}, {4, (double)NAN}};
    struct timed_path path;
    int wrong;
    cr_expect_eq(timed_lay(&path, late, 1, &wrong), TIMED_BAD_COUNT);
    cr_expect_eq(timed_lay(&path, late, TIMED_KNOTS_MAX + 1, &wrong), TIMED_BAD_COUNT);
    cr_expect(timed_lay(&path, late, 2, &wrong) == TIMED_BAD_TIME && wrong == 0);
    cr_expect(timed_lay(&path, back, 3, &wrong) == TIMED_BAD_TIME && wrong == 2);
    cr_expect(timed_lay(&path, near, 2, &wrong) == TIMED_BAD_TIME && wrong == 1);
    cr_expect(timed_lay(&path, none, 2, &wrong) == TIMED_NOT_FINITE && wrong == 1);
    cr_expect_eq(path.count, 0);
}

/* --- followed ---------------------------------------------------------------------------------------------------- */

#define PIPE 8

struct flight {
    double error_m;    /* worst of the drum, against the path by the clock, from `after_s` on */
    double change_m_s2, jerk_m_s3; /* worst of the plan's */
    double end_m, last_m_s;
    double within_s;   /* since when it has been within 5 mm */
};

struct clock {
    double rate;              /* of the real one; 1 is told */
    double jump_s, jump_at_s; /* and once it jumps */
};

static const struct course_limits limits = {
    .motion = {-2, 2, 2, 20, -HUGE_VAL, HUGE_VAL}, .dead_s = 0.05, .lag_s = 0.04, .reaction_s = 0.08, .dt_s = DT_S};

/* The drive obeys a setpoint two cycles after the one in which it was computed, and lags; a reading is a cycle old. */
static struct flight fly(const struct timed_path *path, const struct clock *clock, double start_m, double after_s) {
    struct timed_follow follow = {0};
    struct flight f = {0};
    double sent[PIPE] = {0}, drum_m = start_m, read_m = start_m, drum_m_s = 0, jumped_s = 0;
    struct otg_state before = {0};
    const double lead_s = timed_lead_s(&limits);
    for (double t = -lead_s; t < timed_end_s(path) * 1.1 + 2; t += DT_S) {
        if (clock->jump_s != 0 && t >= clock->jump_at_s)
            jumped_s = clock->jump_s;
        const struct timed_source source = {t * clock->rate + jumped_s, 1};
        const struct course_reading reading = {read_m, 0};
        const double next_m_s = timed_step(&follow, path, &limits, &source, &reading, sent[0]);
        cr_assert_leq(fabs(next_m_s), limits.motion.speed_max_m_s);
        cr_assert_leq(fabs(next_m_s - sent[0]), limits.motion.acceleration_max_m_s2 * DT_S + 1e-9);
        for (int i = PIPE - 1; i > 0; i--)
            sent[i] = sent[i - 1];
        sent[0] = next_m_s;
        drum_m_s += (sent[2] - drum_m_s) * (1 - exp(-DT_S / limits.lag_s));
        read_m = drum_m;
        drum_m += drum_m_s * DT_S;
        f.end_m = drum_m;
        f.last_m_s = next_m_s;
        if (t > after_s)
            f.error_m = fmax(f.error_m, fabs(follow.error_m));
        if (fabs(follow.error_m) > 0.005)
            f.within_s = t;
        const struct otg_state now = follow.course.at;
        if (t > 0) {
            f.change_m_s2 = fmax(f.change_m_s2, fabs(now.acceleration_m_s2));
            f.jerk_m_s3 = fmax(f.jerk_m_s3, fabs(now.acceleration_m_s2 - before.acceleration_m_s2) / DT_S);
        }
        before = now;
    }
    return f;
}

static struct timed_path show_path(void) {
    static const struct timed_knot knot[] = {{0, 5}, {2, 5.8}, {4, 8}, {6, 9}, {8, 8}, {10, 7.8}, {12, 5.6}, {14, 5}};
    struct timed_path path;
    int wrong;
    cr_assert_eq(timed_lay(&path, knot, sizeof knot / sizeof knot[0], &wrong), TIMED_LAID);
    cr_log_info("%g m/s, %g m/s2, %g m/s3", path.speed_max_m_s, path.acceleration_max_m_s2, path.jerk_max_m_s3);
    cr_assert(path.speed_max_m_s < TIMED_SPEED * 2 && path.acceleration_max_m_s2 < TIMED_SHARE * 2 &&
              path.jerk_max_m_s3 < TIMED_SHARE * 20);
    return path;
}

Test(timed, by_a_clock_that_is_right_it_is_on_its_path) {
    const struct timed_path path = show_path();
    const struct flight f = fly(&path, &(struct clock){.rate = 1}, 5, 0);
    cr_log_info("%.2f mm, %g m/s2, %g m/s3", 1e3 * f.error_m, f.change_m_s2, f.jerk_m_s3);
    cr_expect_lt(f.error_m, 0.004, "%g m", f.error_m);
    cr_expect_float_eq(f.end_m, 5, 0.001);
    cr_expect_eq(f.last_m_s, 0);
    cr_expect_leq(f.change_m_s2, path.acceleration_max_m_s2 + 1e-9);
    cr_expect_leq(f.jerk_m_s3, path.jerk_max_m_s3 + 1e-9);
}

/* A cycle's drift of a clock is made up for in the next: what stays is that, and what it does behind lead and lag. */
Test(timed, a_clock_that_runs_fast_or_slow_is_followed) {
    const struct timed_path path = show_path();
    const double rates[] = {0.99, 1.01};
    for (int i = 0; i < 2; i++) {
        const struct flight f = fly(&path, &(struct clock){.rate = rates[i]}, 5, 0);
        cr_log_info("%g: %.2f mm, %g m/s2", rates[i], 1e3 * f.error_m, f.change_m_s2);
        cr_expect_lt(f.error_m, 0.006, "%g: %g m", rates[i], f.error_m);
        cr_expect_float_eq(f.end_m, 5, 0.001);
        cr_expect_leq(f.change_m_s2, 1.8 + 1e-9);
    }
}

/* The way it jumped is caught up with by what the path leaves of speed and acceleration, beyond which nothing goes. */
Test(timed, a_clock_that_jumps_is_caught_up_with_within_the_limits) {
    const struct timed_path path = show_path();
    const double jumps_s[] = {-0.2, 0.2, 0.5, -0.04};
    for (int i = 0; i < 4; i++) {
        const struct clock clock = {.rate = 1, .jump_s = jumps_s[i], .jump_at_s = 3};
        const struct flight f = fly(&path, &clock, 5, 0);
        cr_log_info("%g s: %.1f mm, within 5 mm after %.2f s", jumps_s[i], 1e3 * f.error_m, f.within_s - 3);
        cr_expect_leq(f.error_m, fabs(jumps_s[i]) * path.speed_max_m_s + 0.01);
        cr_expect_geq(f.error_m, fabs(jumps_s[i]) * 1.1, "it was moving");
        cr_expect_lt(f.within_s, 3 + 3, "after %g s", f.within_s - 3);
        cr_expect_leq(f.change_m_s2, 1.8 + 1e-9);
        cr_expect_leq(f.jerk_m_s3, 20 + 1e-6);
        cr_expect_float_eq(f.end_m, 5, 0.001);
    }
}

Test(timed, a_drum_that_begins_beside_its_path_comes_to_it) {
    const struct timed_path path = show_path();
    const struct flight f = fly(&path, &(struct clock){.rate = 1}, 5.03, 2);
    cr_expect_lt(f.error_m, 0.004, "%g m", f.error_m);
    cr_expect_float_eq(f.end_m, 5, 0.001);
}
