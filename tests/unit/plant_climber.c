/* The climber on the wall: within his bounds, speeds, accelerations and jerks, and the same for the same seed. */
#include "sim/plant/climber.h"

#include <criterion/criterion.h>
#include <math.h>

#define DT 0.00025

static const struct climber_config config = {.low_m = 2, .high_m = 22, .speed_m_s = 1, .burst_m_s2 = 3, .jerk_m_s3 = 30,
                                             .pause_s_min = 0.5, .pause_s_max = 4};

Test(plant_climber, climbs_at_random_within_everything_promised) {
    struct climber climber;
    climber_init(&climber, 2, 7);
    double low = 99, high = 0, speed = 0, accel = 0, jerk = 0, at_rest_s = 0, before_m_s2 = 0;
    for (int i = 0; i < 4 * 1200000; i++) {
        climber_step(&climber, &config, ACT_CLIMB, 0, DT);
        low = fmin(low, climber.height_m);
        high = fmax(high, climber.height_m);
        speed = fmax(speed, fabs(climber.speed_m_s));
        accel = fmax(accel, fabs(climber.accel_m_s2));
        jerk = fmax(jerk, fabs(climber.accel_m_s2 - before_m_s2) / DT);
        before_m_s2 = climber.accel_m_s2;
        at_rest_s += climber.speed_m_s == 0 ? DT : 0;
    }
    cr_expect(low > 1.95 && low < 2.5, "lowest %g m", low);
    cr_expect(high < 22.05 && high > 8, "highest %g m", high);
    cr_expect(speed <= 1.02 && speed > 0.95, "fastest %g m/s", speed);
    cr_expect(accel <= 3.0001 && accel > 2.5, "hardest %g m/s2", accel);
    cr_expect(jerk <= 60.001 && jerk > 25, "sharpest %g m/s3", jerk); /* coming to rest may end two steps at once */
    cr_expect(at_rest_s > 60 && at_rest_s < 900, "%g s at rest", at_rest_s);
}

Test(plant_climber, same_seed_same_climb) {
    struct climber one, same, other;
    climber_init(&one, 5, 11);
    climber_init(&same, 5, 11);
    climber_init(&other, 5, 12);
    for (int i = 0; i < 200000; i++) {
        climber_step(&one, &config, ACT_CLIMB, 0, DT);
        climber_step(&same, &config, ACT_CLIMB, 0, DT);
        climber_step(&other, &config, ACT_CLIMB, 0, DT);
    }
    cr_assert_eq(one.height_m, same.height_m);
    cr_assert_neq(one.height_m, other.height_m);
}

Test(plant_climber, ascends_and_descends_steadily_to_the_end) {
    struct climber climber;
    climber_init(&climber, 2, 1);
    for (int i = 0; i < 4000 * 10; i++)
        climber_step(&climber, &config, ACT_ASCEND, 0.5, DT);
    cr_assert_float_eq(climber.speed_m_s, 0.5, 1e-9);
    cr_assert_float_eq(climber.height_m, 2 + 0.5 * 10, 0.1);
    for (int i = 0; i < 4000 * 60; i++)
        climber_step(&climber, &config, ACT_ASCEND, 0.5, DT);
    cr_assert_float_eq(climber.height_m, 22, 0.05);
    for (int i = 0; i < 4000 * 60; i++)
        climber_step(&climber, &config, ACT_DESCEND, 1.0, DT);
    cr_assert_float_eq(climber.height_m, 0, 0.05);
    cr_assert_geq(climber.height_m, 0);
    for (int i = 0; i < 4000; i++)
        climber_step(&climber, &config, ACT_STAND, 0, DT);
    cr_assert_eq(climber.speed_m_s, 0);
}

Test(plant_climber, takes_hold_while_moving) {
    struct climber climber;
    climber_init(&climber, 2, 1);
    climber_grip(&climber, 10, -2);
    for (int i = 0; i < 4000; i++)
        climber_step(&climber, &config, ACT_STAND, 0, DT);
    cr_assert_eq(climber.speed_m_s, 0);
    cr_assert_float_eq(climber.height_m, 10 - 2 * 2 / (2 * 10.0), 0.01);
}
