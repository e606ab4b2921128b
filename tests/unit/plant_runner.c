/* The runner against what the world file says of him: speed, acceleration, way, stride, rests. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/plant/plant.h"

#define DT 0.001

static struct load load;

static void start(double stride_m_s, double bounce_m) {
    load = (struct load){.config = {.kind = &load_runner_kind,
                                    .seed = 7,
                                    .of.runner = {.mass_kg = 80,
                                                  .slack_m = 0.1,
                                                  .sprint = {.start_m = 40, .end_m = 12, .speed_m_s = 8,
                                                             .acceleration_m_s2 = 6, .jerk_m_s3 = 60, .walk_m_s = 1,
                                                             .stride_hz = 3.5, .stride_m_s = stride_m_s,
                                                             .bounce_m = bounce_m, .sheave_m = 3,
                                                             .rest_s_min = 2, .rest_s_max = 6}}},
                         .line_count = 1,
                         .anchor_height_m = {55},
                         .act = ACT_RUN};
    struct line_start line;
    load_runner_kind.init(&load, &line);
    cr_assert_float_eq(line.slack_m, 0.1, 0);
    load.act = ACT_STAND;
    load_runner_kind.act(&load, ACT_RUN, 0, &line.tension_n);
    load.act = ACT_RUN;
}

static void step(void) {
    const double tension_n = 200;
    load_runner_kind.step(&load, &tension_n, DT);
}

Test(plant_runner, a_take_runs_out_brakes_at_the_end_rests_and_walks_back) {
    start(0, 0);
    double fastest_m_s = 0, hardest_m_s2 = 0, lowest_m = 40, rest_s = 0;
    bool back = false;
    for (int i = 0; i < 60000 && !back; i++) {
        step();
        fastest_m_s = fmax(fastest_m_s, -load.speed_m_s);
        hardest_m_s2 = fmax(hardest_m_s2, fabs(load.accel_m_s2));
        lowest_m = fmin(lowest_m, load.height_m);
        rest_s += load.speed_m_s == 0 && lowest_m < 15 && load.height_m < 15 ? DT : 0;
        back = lowest_m < 15 && load.height_m > 39.9;
    }
    cr_expect_float_eq(fastest_m_s, 8, 0.01);
    cr_expect_float_eq(hardest_m_s2, 6, 0.1);
    cr_expect(lowest_m > 11.9 && lowest_m < 13.5, "stands at %.2f m", lowest_m);
    cr_expect(rest_s >= 1.99 && rest_s <= 6.01, "rests for %.2f s", rest_s);
    cr_expect(back, "walks back");
}

/* Way to 8 m/s with 6 m/s2 and jerk 60: v (v/a + a/j) / 2; the last 0.02 m/s of it take sqrt(2 x 0.02 / j). */
Test(plant_runner, the_start_takes_the_way_that_its_ramp_takes) {
    start(0, 0);
    while (-load.speed_m_s < 7.98)
        step();
    double way_m = 40 - load.height_m;
    cr_expect_float_eq(way_m, 8 * (8 / 6.0 + 0.1) / 2 - 8 * sqrt(0.04 / 60), 0.05, "%.3f m", way_m);
}

Test(plant_runner, stride_and_bounce_are_as_large_as_said) {
    start(0.15, 0.04);
    double fastest_m_s = 0, slowest_m_s = 100;
    for (int i = 0; i < 2600; i++) {
        step();
        if (i > 2000) {
            fastest_m_s = fmax(fastest_m_s, -load.speed_m_s);
            slowest_m_s = fmin(slowest_m_s, -load.speed_m_s);
        }
    }
    double bounce_m_s = 0.04 * 3 / (55 - load.height_m) * 2 * M_PI * 3.5; /* a quarter of a step behind the stride */
    double ripple_m_s = hypot(0.15, bounce_m_s);
    cr_expect_float_eq(fastest_m_s, 8 + ripple_m_s, 0.03);
    cr_expect_float_eq(slowest_m_s, 8 - ripple_m_s, 0.03);
}

Test(plant_runner, who_stumbles_falls_with_what_the_rope_leaves_of_g) {
    start(0, 0);
    for (int i = 0; i < 500; i++)
        step();
    double before_m_s = load.speed_m_s;
    const double tension_n = 200;
    load_runner_kind.act(&load, ACT_FALL, 0, &tension_n);
    load.act = ACT_FALL;
    for (int i = 0; i < 100; i++)
        step();
    cr_expect_float_eq(load.speed_m_s - before_m_s, -0.1 * (PLANT_GRAVITY_M_S2 - 200 / 80.0), 1e-9);
}
