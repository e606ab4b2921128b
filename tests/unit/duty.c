/* Duty by worked examples: a motor that may give 100 % without end, warming up with 10 s, at 10 ms. */
#include "controller/safety/duty.h"

#include <criterion/criterion.h>
#include <math.h>

#define S 100 /* cycles */

static const struct duty_limits limits = {
    .watched = true, .continuous_permille = 1000, .cycle_us = 10000, .time_us = 10000000};
static struct duty duty;

static void setup(void) {
    duty = (struct duty){0};
}

TestSuite(duty, .init = setup);

/* Seconds until it trips, -1 = not within `seconds`. */
static double trips_after(int32_t permille, int seconds) {
    for (int i = 1; i <= seconds * S; i++)
        if (duty_step(&duty, &limits, true, permille))
            return (double)i / S;
    return -1;
}

Test(duty, what_it_may_give_without_end_it_may_give_without_end) {
    cr_expect_eq(trips_after(1000, 1000), -1);
    cr_expect_leq(duty.mean, INT64_C(1000) * 1000 * DUTY_SCALE);
    cr_expect_geq(duty.mean, INT64_C(1000) * 1000 * DUTY_SCALE - 1000000, "within 1 permille2 of it");
}

/* First order: (M / Mn)^2 (1 - e^(-t/T)) = 1. */
Test(duty, more_is_let_for_as_long_as_the_motor_takes_to_warm_up) {
    static const int32_t torques[] = {1100, 1500, 2000, 3000};
    for (size_t i = 0; i < sizeof torques / sizeof torques[0]; i++) {
        setup();
        double ratio = torques[i] / 1000.0;
        double expected_s = -10 * log(1 - 1 / (ratio * ratio));
        cr_expect_float_eq(trips_after(torques[i], 100), expected_s, 0.03, "%d permille", torques[i]);
    }
}

Test(duty, torque_that_holds_warms_like_torque_that_lifts) {
    double lifts_s = trips_after(2000, 100);
    setup();
    cr_expect_eq(trips_after(-2000, 100), lifts_s);
}

Test(duty, it_is_the_mean_square_that_counts) {
    /* 2 s of 200 % in every 10 s are 89 % without end; 3 s are 110 %. */
    for (int on_s = 2; on_s <= 3; on_s++) {
        setup();
        bool tripped = false;
        for (int i = 0; i < 200 * S; i++)
            tripped = duty_step(&duty, &limits, true, i % (10 * S) < on_s * S ? 2000 : 0) || tripped;
        double mean = (double)duty.mean / DUTY_SCALE / 1e6;
        cr_expect(on_s == 2 ? mean < 0.9 : tripped, "%d s: %.2f", on_s, mean);
    }
}

Test(duty, rest_cools_it) {
    cr_assert_gt(trips_after(2000, 100), 0);
    cr_expect(duty_step(&duty, &limits, true, 1010));
    int cycles = 1;
    while (duty_step(&duty, &limits, true, 0))
        cycles++;
    cr_expect_leq(cycles, 3, "just above the limit it takes no time");
    for (int i = 0; i < 10 * S; i++)
        duty_step(&duty, &limits, true, 0);
    cr_expect_float_eq((double)duty.mean / DUTY_SCALE / 1e6, exp(-1), 0.01);
}

Test(duty, a_reading_that_is_missing_changes_nothing) {
    cr_assert_gt(trips_after(2000, 100), 0);
    int64_t mean = duty.mean;
    for (int i = 0; i < S; i++)
        cr_expect(duty_step(&duty, &limits, false, 0));
    cr_expect_eq(duty.mean, mean);
    cr_expect(duty_step(&duty, &limits, false, 5000));
    cr_expect_eq(duty.mean, mean);
}

Test(duty, not_watched_says_nothing) {
    struct duty_limits none = limits;
    none.watched = false;
    for (int i = 0; i < 100 * S; i++)
        cr_assert_not(duty_step(&duty, &none, true, 3000));
}

Test(duty, readings_beyond_every_motor_are_taken_for_the_greatest) {
    struct duty_limits widest = {true, DUTY_TORQUE_MAX_PERMILLE, 100000, 1000000};
    for (int i = 0; i < 1000; i++) {
        cr_assert_not(duty_step(&duty, &widest, true, INT32_MIN));
        cr_assert_not(duty_step(&duty, &widest, true, INT32_MAX));
    }
    cr_expect_leq(duty.mean, INT64_C(100000000) * DUTY_SCALE);
}
