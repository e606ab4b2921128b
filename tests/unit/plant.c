/* The mechanics against theory: fall, sag, peak force, energy, the rope that only pulls, the ground. */
#include "sim/plant/plant.h"

#include <criterion/criterion.h>
#include <math.h>

#define G PLANT_GRAVITY_M_S2
#define DT 0.00025

static const struct line_input idle = {0}; /* motor without torque, brake closed */

/* 80 kg on 20 m of undamped rope, k = 1000 N/m, brake closed. */
static struct plant_config config(void) {
    return (struct plant_config){
        .load = {.kind = &load_climber_kind,
                 .seed = 1,
                 .of.climber = {.mass_kg = 80, .height_m = 11, .slack_m = 0, .slump_s = 1,
                                .climbing = {.low_m = 2, .high_m = 22, .speed_m_s = 1, .burst_m_s2 = 3,
                                             .jerk_m_s3 = 30, .pause_s_min = 0.5, .pause_s_max = 2}}},
        .line_count = 1,
        .line = {{.rope = {.ea_n = 20000, .damping_ms = 0, .lead_m = 5, .anchor_height_m = 26},
                  .winch = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20, .rated_n = 2000,
                            .force_n_max = 4000, .speed_loop_ms = 20},
                  .brake_count = 1,
                  .brake = {{.open_ms = 80, .close_ms = 100, .rise_ms = 50, .hold_n = 8000}}}},
    };
}

static void run(struct plant *plant, const struct line_input *input, double seconds) {
    long steps = lround(seconds / DT);
    for (long i = 0; i < steps; i++)
        plant_step(plant, input, DT);
}

Test(plant, starts_in_the_height_and_with_the_slack_asked_for) {
    struct plant_config c = config();
    c.load.of.climber.height_m = 2;
    c.load.of.climber.slack_m = 0.05;
    struct plant plant;
    plant_init(&plant, &c);
    cr_assert_float_eq(plant.line[0].winch.rope_out_m, 24.05, 1e-9);
    cr_assert_float_eq(line_slack_m(&plant.line[0]), 0.05, 1e-9);
    cr_assert_eq(plant.line[0].tension_n, 0);
}

Test(plant, falls_freely_while_the_rope_is_loose) {
    struct plant_config c = config();
    c.load.of.climber.slack_m = 6;
    struct plant plant;
    plant_init(&plant, &c);
    plant_act(&plant, ACT_FALL, 0);
    run(&plant, &idle, 1);
    cr_assert_float_eq(plant.load.height_m, 11 - G / 2, 0.002);
    cr_assert_float_eq(plant.load.speed_m_s, -G, 1e-6);
    cr_assert_float_eq(plant.load.accel_m_s2, -G, 1e-9);
    cr_assert_eq(plant.line[0].tension_n, 0);
}

/* T = m g + sqrt((m g)^2 + k m v^2), v the speed at which the rope tightens. */
Test(plant, peak_tension_of_a_fall_onto_a_locked_drum) {
    static const double slacks[] = {0, 0.05, 0.2, 1.0, 2.5};
    for (size_t i = 0; i < sizeof slacks / sizeof slacks[0]; i++) {
        struct plant_config c = config();
        c.load.of.climber.height_m = 20;
        c.load.of.climber.slack_m = slacks[i];
        struct plant plant;
        plant_init(&plant, &c);
        double k = rope_stiffness_n_m(&c.line[0].rope, plant.line[0].winch.rope_out_m), weight = 80 * G;
        double expected = weight + sqrt(weight * weight + k * 80 * 2 * G * slacks[i]);
        plant_act(&plant, ACT_FALL, 0);
        double peak = 0;
        for (int s = 0; s < 16000; s++) {
            plant_step(&plant, &idle, DT);
            peak = fmax(peak, plant.line[0].tension_n);
        }
        cr_expect_float_eq(peak, expected, 0.003 * expected, "slack %g: %g N, not %g N", slacks[i], peak, expected);
        cr_expect_eq(plant.line[0].winch.speed_m_s, 0, "the brake holds");
    }
}

Test(plant, energy_stays_while_nothing_damps) {
    struct plant_config c = config();
    c.load.of.climber.height_m = 20;
    c.load.of.climber.slack_m = 0.2;
    struct plant plant;
    plant_init(&plant, &c);
    double k = rope_stiffness_n_m(&c.line[0].rope, plant.line[0].winch.rope_out_m);
    plant_act(&plant, ACT_FALL, 0);
    double start = 80 * G * 20, worst = 0, scale = 80 * G * 2; /* the fall turns over about 2 m of height */
    for (int s = 0; s < 120000; s++) {
        plant_step(&plant, &idle, DT);
        double stretch = fmax(0, 26 - plant.load.height_m - plant.line[0].winch.rope_out_m);
        double speed = plant.load.speed_m_s;
        double now = 80 * (speed * speed / 2 + G * plant.load.height_m) + k * stretch * stretch / 2;
        worst = fmax(worst, fabs(now - start));
    }
    cr_assert_lt(worst, 0.005 * scale, "%g J of %g J", worst, scale);
}

Test(plant, hangs_mg_over_k_below) {
    struct plant_config c = config();
    c.line[0].rope.damping_ms = 50;
    struct plant plant;
    plant_init(&plant, &c);
    plant_act(&plant, ACT_SLUMP, 0);
    run(&plant, &idle, 60);
    cr_assert_float_eq(11 - plant.load.height_m, 80 * G / 1000, 1e-4);
    cr_assert_float_eq(plant.line[0].tension_n, 80 * G, 0.05);
    cr_assert_eq(plant.load.act, ACT_SLUMP, "hangs until told otherwise");
    plant_act(&plant, ACT_STAND, 0);
    run(&plant, &idle, 1);
    cr_assert_float_eq(11 - plant.load.height_m, 80 * G / 1000, 1e-3, "takes hold where he is");
}

Test(plant, a_slump_is_gentler_than_a_fall) {
    double peak[2] = {0};
    for (int i = 0; i < 2; i++) {
        struct plant_config c = config();
        struct plant plant;
        plant_init(&plant, &c);
        plant_act(&plant, i ? ACT_FALL : ACT_SLUMP, 0);
        for (int s = 0; s < 16000; s++) {
            plant_step(&plant, &idle, DT);
            peak[i] = fmax(peak[i], plant.line[0].tension_n);
        }
    }
    cr_assert_float_eq(peak[1], 2 * 80 * G, 5, "a fall into a taut rope doubles the weight");
    cr_assert_lt(peak[0], 1.7 * 80 * G);
}

Test(plant, a_rope_only_pulls) {
    const struct rope_config rope = {.ea_n = 2e6, .damping_ms = 50, .lead_m = 5, .anchor_height_m = 26};
    for (int i = -100; i <= 100; i++)
        for (int j = -100; j <= 100; j++) {
            double tension = rope_tension_n(&rope, 20, i * 0.01, j * 0.2);
            cr_assert_geq(tension, 0);
            cr_assert(i > 0 || tension == 0, "loose by %d cm, %g N", -i, tension);
        }
    cr_assert_float_eq(rope_tension_n(&rope, 15, 0.01, 0), 1000, 1e-9);
    cr_assert_float_eq(rope_tension_n(&rope, 15, 0.01, 0.2), 2000, 1e-9);
}

Test(plant, the_rope_does_not_move_a_climber_who_holds_on) {
    struct plant_config c = config();
    struct plant plant;
    plant_init(&plant, &c);
    struct line_input pull = {.torque_on = true, .setpoint_rpm = -600, .brake_release = {true}};
    run(&plant, &pull, 1);
    cr_assert_eq(plant.load.height_m, 11);
    cr_assert_gt(plant.line[0].tension_n, 200);
}

Test(plant, the_ground_ends_a_fall) {
    struct plant_config c = config();
    c.load.of.climber.height_m = 1;
    c.load.of.climber.slack_m = 5;
    struct plant plant;
    plant_init(&plant, &c);
    plant_act(&plant, ACT_FALL, 0);
    cr_assert(!plant.load.on_ground);
    run(&plant, &idle, 3);
    cr_assert(plant.load.on_ground);
    cr_assert_float_eq(plant.load.height_m, 0, 0.02);
    cr_assert_float_eq(plant.load.speed_m_s, 0, 1e-3);
    cr_assert_eq(plant.line[0].tension_n, 0);
    plant_act(&plant, ACT_STAND, 0);
    run(&plant, &idle, 0.1);
    cr_assert(plant.load.on_ground);
}

/* Brake open, motor without torque: drum and person fall together, a = g m / (m + M) less the friction. */
Test(plant, a_freewheeling_drum_falls_with_its_load) {
    struct plant_config c = config();
    c.load.of.climber.height_m = 24;
    c.line[0].rope.ea_n = 2e6;
    c.line[0].rope.damping_ms = 8;
    struct plant plant;
    plant_init(&plant, &c);
    struct line_input open = {.brake_release = {true}};
    run(&plant, &open, 0.2);
    plant_act(&plant, ACT_FALL, 0);
    run(&plant, &open, 1);
    double a = (80 * G - 20) / (80 + 40);
    const double fell = plant.line[0].winch.speed_m_s;
    cr_assert_float_eq(fell, a, 0.02 * a, "%g m/s, expected %g", fell, a);
    cr_assert_float_eq(plant.load.speed_m_s, -a, 0.02 * a);
}

Test(plant, a_motor_with_torque_carries_a_fall_and_holds_the_place) {
    struct plant_config c = config();
    c.line[0].rope.damping_ms = 50;
    struct plant plant;
    plant_init(&plant, &c);
    struct line_input hold = {.torque_on = true, .brake_release = {true}};
    run(&plant, &hold, 0.2);
    double before = plant.line[0].winch.rope_out_m, farthest = 0, sag = 80 * G * 0.02 * 0.02 / 40;
    plant_act(&plant, ACT_FALL, 0);
    for (int s = 0; s < 120000; s++) {
        plant_step(&plant, &hold, DT);
        farthest = fmax(farthest, fabs(plant.line[0].winch.rope_out_m - before));
    }
    cr_assert_lt(farthest, 0.03, "the drum gave %g m", farthest);
    cr_assert_float_eq(plant.line[0].winch.rope_out_m - before, sag, 0.001, "F t^2 / m and no creep");
    cr_assert_float_eq(plant.line[0].winch.motor_n, -80 * G, 25, "the motor carries the weight");
}
