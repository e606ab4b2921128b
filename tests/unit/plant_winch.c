/* Winch and brake: lag, torque limit, freewheel, delays, stiction. */
#include "sim/plant/winch.h"

#include <criterion/criterion.h>
#include <math.h>

#include "sim/plant/brake.h"

#define DT 0.00025

static const struct winch_config config = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20,
                                           .rated_n = 2000, .force_n_max = 4000, .speed_loop_ms = 20};
static const struct brake_config brake_config = {.open_ms = 80, .close_ms = 100, .rise_ms = 50, .hold_n = 8000};

static void run(struct winch *winch, bool torque_on, double setpoint_m_s, double tension_n, double held_n, double s) {
    long steps = lround(s / DT);
    for (long i = 0; i < steps; i++)
        winch_step(winch, &config, torque_on, setpoint_m_s, tension_n, held_n, DT);
}

Test(plant_winch, speed_follows_with_its_lag) {
    struct winch winch;
    winch_init(&winch, &config, 10);
    run(&winch, true, 1, 0, 0, 0.02);
    cr_assert_float_eq(winch.speed_m_s, 1 - exp(-1), 0.03);
    run(&winch, true, 1, 0, 0, 0.5);
    cr_assert_float_eq(winch.speed_m_s, 1, 1e-3);
    cr_assert_float_eq(winch.rope_out_m, 10 + 0.52 - 0.02, 0.002, "a lag of 20 ms costs 20 mm at 1 m/s");
    run(&winch, true, -2, 0, 0, 0.5);
    cr_assert_float_eq(winch.speed_m_s, -2, 1e-3);
}

Test(plant_winch, a_load_step_causes_a_short_sag_only) {
    struct winch winch;
    winch_init(&winch, &config, 10);
    run(&winch, true, 0, 0, 0, 0.1);
    run(&winch, true, 0, 800, 0, 1);
    cr_assert_float_eq(winch.rope_out_m - 10, 800 * 0.02 * 0.02 / 40, 0.001, "F t^2 / m");
    cr_assert_float_eq(winch.speed_m_s, 0, 1e-4);
    cr_assert_float_eq(winch.motor_n, -800, 25);
}

Test(plant_winch, torque_ends_at_its_limit) {
    struct winch winch;
    winch_init(&winch, &config, 10);
    run(&winch, true, 0, 6000, 0, 0.2);
    cr_assert_eq(winch.motor_n, -4000);
    cr_assert_float_eq(winch.speed_m_s, (6000 - 4000 - 20) / 40.0 * 0.2, 0.5, "the load pulls the drum through");
    double lowest_m_s = 0;
    for (int i = 0; i < 400; i++) {
        run(&winch, true, 0, 500, 0, 0.001);
        lowest_m_s = fmin(lowest_m_s, winch.speed_m_s);
    }
    cr_assert_gt(lowest_m_s, -3, "wound up: runs back at %g m/s", lowest_m_s);
    run(&winch, true, 0, 500, 0, 0.5);
    cr_assert_float_eq(winch.speed_m_s, 0, 1e-3);
}

Test(plant_winch, coasts_against_friction_without_torque) {
    struct winch winch;
    winch_init(&winch, &config, 10);
    run(&winch, true, 2, 0, 0, 0.5);
    run(&winch, false, 5, 0, 0, 1);
    cr_assert_float_eq(winch.speed_m_s, 2 - 20 / 40.0, 0.01);
    cr_assert_eq(winch.motor_n, 0);
    run(&winch, false, 0, 0, 0, 10);
    cr_assert_eq(winch.speed_m_s, 0);
    run(&winch, false, 0, 19, 0, 1);
    cr_assert_eq(winch.speed_m_s, 0, "sticks below its friction");
    run(&winch, false, 0, 21, 0, 1);
    cr_assert_gt(winch.speed_m_s, 0, "slides above it");
}

Test(plant_winch, the_brake_stops_holds_and_slips_above_its_force) {
    struct winch winch;
    winch_init(&winch, &config, 10);
    run(&winch, true, 2, 0, 0, 0.5);
    run(&winch, false, 0, 0, 8000, 0.02);
    cr_assert_eq(winch.speed_m_s, 0, "8 kN stop 40 kg from 2 m/s in 10 ms");
    run(&winch, false, 0, 8000, 8000, 1);
    cr_assert_eq(winch.speed_m_s, 0);
    run(&winch, false, 0, 8100, 8000, 0.1);
    cr_assert_float_eq(winch.speed_m_s, 80 / 40.0 * 0.1, 1e-6, "slips with what is too much");
}

Test(plant_winch, pretorque_pulls_against_the_brake_until_the_drum_moves) {
    struct winch_config pulling = config;
    pulling.pretorque_n = 200;
    struct winch winch;
    winch_init(&winch, &config, 10);
    winch_step(&winch, &pulling, false, 0, 0, 8000, DT);
    for (int i = 0; i < 500; i++)
        winch_step(&winch, &pulling, true, 0, 0, 8000, DT);
    cr_assert_float_eq(winch.motor_n, -200, 1e-6);
    cr_assert_eq(winch.rope_out_m, 10);
    for (int i = 0; i < 500; i++)
        winch_step(&winch, &pulling, true, 0, 0, 0, DT);
    cr_assert_float_eq(winch.rope_out_m, 10, 0.003, "the speed loop takes it back");
    cr_assert_float_eq(winch.motor_n, 0, 20.1, "but for what dry friction hides");
}

Test(plant_winch, rpm_and_rope_speed) {
    cr_assert_float_eq(winch_rpm(&config, 2), 2400, 1e-9);
    cr_assert_float_eq(winch_speed_m_s(&config, -600), -0.5, 1e-12);
}

/* 30 turns in a layer of 1 m, the next ones 6.3 cm longer each: 75 turns lie in three layers. */
static struct winch_config layered(void) {
    struct winch_config drum = config;
    drum.has_layers = true;
    drum.layers = (struct winch_layers){.turns_at_zero = 75, .turns_per_layer = 30, .rise_m = 0.01};
    return drum;
}

Test(plant_winch, a_turn_is_longer_in_each_layer_and_climbs_within_half_a_turn) {
    const struct winch_config drum = layered();
    const double rise = 2 * M_PI * 0.01;
    cr_assert_float_eq(winch_lever(&drum, 0), 1 + 2 * rise, 1e-12);
    cr_assert_float_eq(winch_lever(&drum, 75 - 60.25), 1 + 2 * rise, 1e-12);
    cr_assert_float_eq(winch_lever(&drum, 75 - 60), 1 + 1.5 * rise, 1e-12, "in the middle of the climb");
    cr_assert_float_eq(winch_lever(&drum, 75 - 59.75), 1 + rise, 1e-12);
    cr_assert_float_eq(winch_lever(&drum, 75 - 30.125), 1 + 0.75 * rise, 1e-12);
    cr_assert_float_eq(winch_lever(&drum, 75 - 29), 1, 1e-12);
    cr_assert_float_eq(winch_lever(&drum, 75), 1, 1e-12, "nothing climbs at the clamp");
}

Test(plant_winch, rope_that_starts_out_is_turned_off_the_drum) {
    const struct winch_config drum = layered();
    const double rise = 2 * M_PI * 0.01;
    struct winch winch;
    winch_init(&winch, &drum, 15 * (1 + 2 * rise) + 30 * (1 + rise) + 5); /* the climbs' halves cancel */
    cr_assert_float_eq(winch.turns_out, 50, 1e-9);
    cr_assert_float_eq(winch_drum_m(&drum, &winch), 50, 1e-9);
    winch_init(&winch, &drum, -3);
    cr_assert_float_eq(winch.turns_out, -3 / (1 + 2 * rise), 1e-9);
    winch_init(&winch, &config, 12.5);
    cr_assert_eq(winch_drum_m(&config, &winch), 12.5, "one layer");
}

Test(plant_winch, forces_at_the_rope_are_smaller_in_an_outer_layer) {
    const struct winch_config drum = layered();
    struct winch winch;
    winch_init(&winch, &drum, 1);
    const double lever = winch_lever(&drum, winch.turns_out);
    const struct winch_config here = winch_here(&drum, &winch);
    cr_assert_float_eq(here.force_n_max, 4000 / lever, 1e-9);
    cr_assert_float_eq(winch_rpm(&here, 2), 2400 / lever, 1e-9);
    winch_step(&winch, &drum, false, 0, 8000 / lever + 17, 8000, DT);
    cr_assert_eq(winch.speed_m_s, 0);
    winch_step(&winch, &drum, false, 0, 8000 / lever + 19, 8000, DT);
    cr_assert_gt(winch.speed_m_s, 0, "the brake and friction hold less rope force there");
}

Test(plant_winch, the_drum_keeps_its_speed_where_the_rope_climbs) {
    const struct winch_config drum = layered();
    struct winch winch;
    winch_init(&winch, &drum, 0);
    double drum_turns_s = 0;
    winch.speed_m_s = 4;
    drum_turns_s = winch.speed_m_s / winch_lever(&drum, 0);
    struct winch_config free = drum;
    free.friction_n = 0;
    for (int i = 0; i < 6 * 4000; i++)
        winch_step(&winch, &free, false, 0, 0, 0, DT);
    cr_assert_float_eq(winch.speed_m_s / winch_lever(&drum, winch.turns_out), drum_turns_s, 1e-9);
    cr_assert_lt(winch_lever(&drum, winch.turns_out), winch_lever(&drum, 0));
}

/* Time from the change of the coil until the pads' force passes `force_n`. */
static double change_s(struct brake *brake, bool coil_on, double force_n) {
    bool below = brake->force_n < force_n;
    for (int i = 1; i < 4000; i++) {
        brake_step(brake, &brake_config, coil_on, DT);
        if ((brake->force_n < force_n) != below)
            return i * DT;
    }
    return INFINITY;
}

Test(plant_winch, brake_delays) {
    struct brake brake;
    brake_init(&brake, &brake_config);
    cr_assert_eq(brake.force_n, 8000, "closed by springs");
    double open_s = change_s(&brake, true, 1);
    cr_assert_float_eq(open_s, 0.080, 0.0006);
    cr_assert_eq(brake.force_n, 0);
    double touch_s = change_s(&brake, false, 1), half_s = change_s(&brake, false, 4000);
    double full_s = change_s(&brake, false, 7999);
    cr_assert_float_eq(touch_s, 0.100, 0.0006);
    cr_assert_float_eq(half_s, 0.025, 0.0006);
    cr_assert_float_eq(full_s, 0.025, 0.0006);
}

Test(plant_winch, a_short_pulse_on_the_coil_does_not_open_the_brake) {
    struct brake brake;
    brake_init(&brake, &brake_config);
    for (int i = 0; i < 300; i++) /* 75 ms */
        brake_step(&brake, &brake_config, true, DT);
    for (int i = 0; i < 1000; i++) {
        brake_step(&brake, &brake_config, false, DT);
        cr_assert_eq(brake.force_n, 8000);
    }
}

/* A quarter of the force while it drives, all of it against its motion. */
static const struct winch_config limited = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20,
                                            .rated_n = 2000, .force_n_max = 4000, .speed_loop_ms = 20,
                                            .motoring_lost = 0.75};

static void run_limited(struct winch *winch, double setpoint_m_s, double tension_n, double s) {
    for (long i = 0; i < lround(s / DT); i++)
        winch_step(winch, &limited, true, setpoint_m_s, tension_n, 0, DT);
}

Test(plant_winch, what_it_drives_with_is_limited_apart_from_what_it_brakes_with) {
    struct winch winch;
    winch_init(&winch, &limited, 10);
    run_limited(&winch, -2, 0, 0.01);
    cr_expect_float_eq(winch.speed_m_s, -(1000 - 20) / 40.0 * 0.01, 1e-3, "takes in with 1000 N: %g", winch.speed_m_s);
    winch_init(&winch, &limited, 10);
    winch.speed_m_s = winch.model_speed_m_s = 2;
    run_limited(&winch, 0, 3000, 0.3);
    cr_expect_lt(winch.motor_n, -2500, "holds back what pays out with all it has: %g N", winch.motor_n);
    cr_expect(winch.speed_m_s > 0 && winch.speed_m_s < 0.01, "and gives way slowly: %g m/s", winch.speed_m_s);
    const double most_n = winch.motor_n;
    run_limited(&winch, -2, 3000, 1);
    cr_expect(winch.speed_m_s > 0, "it takes in nothing that pulls more than 1000 N: %g m/s", winch.speed_m_s);
    cr_expect_lt(winch.motor_n, -2500, "%g, %g N", most_n, winch.motor_n);
    run_limited(&winch, -1, 900, 2);
    cr_expect_float_eq(winch.speed_m_s, -1, 0.05, "but what pulls less: %g m/s", winch.speed_m_s);
}
