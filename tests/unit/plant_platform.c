/* A platform on two lines against theory: shares by levers, tilt by stretch, bounce and rock, energy. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/plant/plant.h"

#define G PLANT_GRAVITY_M_S2
#define DT 0.00025
#define PI 3.14159265358979323846
#define FIRST(plant) (plant).load.of.platforms.each[0]

static const struct line_input idle[2]; /* motors without torque, brakes closed */

/* 200 kg, its lines 3 m apart, with about 20 m of rope in each from drum to platform. */
static struct plant_config config(double ea_n, double damping_ms) {
    struct plant_config c = {.load = {.kind = &load_platform_kind,
                                      .of.platform = {.mass_kg = 200, .inertia_kg_m2 = 180, .spacing_m = 3,
                                                      .height_m = 11, .shift_s = 1}},
                             .line_count = 2};
    for (int i = 0; i < 2; i++)
        c.line[i] = (struct line_config){
            .rope = {.ea_n = ea_n, .damping_ms = damping_ms, .lead_m = 5, .anchor_height_m = 26},
            .winch = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20, .rated_n = 2000,
                      .force_n_max = 4000, .speed_loop_ms = 20},
            .brake_count = 1,
            .brake = {{.open_ms = 80, .close_ms = 100, .rise_ms = 50, .hold_n = 8000}}};
    return c;
}

static void run(struct plant *plant, double seconds) {
    long steps = lround(seconds / DT);
    for (long i = 0; i < steps; i++)
        plant_step(plant, idle, DT);
}

static double stiffness(const struct plant *plant, int line) {
    return rope_stiffness_n_m(&plant->line[line].config.rope, plant->line[line].winch.rope_out_m);
}

Test(plant_platform, hangs_level_with_the_shares_of_its_levers) {
    for (double offset_m = -1.4; offset_m < 1.45; offset_m += 0.35) {
        struct plant_config c = config(120000, 8);
        c.line[1].rope.anchor_height_m = 30; /* its sheave is higher: more rope, and no other share */
        c.load.of.platform.offset_m = offset_m;
        struct plant plant;
        plant_init(&plant, &c);
        run(&plant, 20);
        cr_expect_float_eq(plant.line[1].tension_n, 200 * G * (1.5 + offset_m) / 3, 1e-6, "%g m", offset_m);
        cr_expect_float_eq(plant.line[0].tension_n, 200 * G * (1.5 - offset_m) / 3, 1e-6, "%g m", offset_m);
        cr_expect_float_eq(plant.load.height_m, 11, 1e-9);
        cr_expect_float_eq(plant.load.tilt_mm[0], 0, 1e-6);
    }
}

/* 2 L / EA for a newton from one line to the other: with 20 m, 100 N make 3.3 mm at 1.2 MN and 67 mm at 60 kN. */
Test(plant_platform, people_who_move_shift_shares_and_tilt_it) {
    static const double ea_n[] = {1.2e6, 60000}, tilt_mm[] = {3.3, 67};
    for (int i = 0; i < 2; i++)
        for (int way = -1; way <= 1; way += 2) {
            struct plant_config c = config(ea_n[i], 50);
            struct plant plant;
            plant_init(&plant, &c);
            const double percent = 100 * 100 / (200 * G);
            plant_act(&plant, ACT_SHIFT, way * percent);
            run(&plant, 0.5);
            cr_expect_lt(fabs(plant.line[1].tension_n - 100 * G), 70, "they take their time");
            run(&plant, 60);
            cr_expect_float_eq(plant.line[1].tension_n, 100 * G + way * 100, 0.01);
            cr_expect_float_eq(plant.line[0].tension_n, 100 * G - way * 100, 0.01);
            const double length_m = plant.line[0].winch.rope_out_m + 5;
            cr_expect_float_eq(plant.load.tilt_mm[0], -way * 1000 * 200 * length_m / ea_n[i], 1e-3);
            cr_expect_float_eq(fabs(plant.load.tilt_mm[0]), tilt_mm[i], 0.03 * tilt_mm[i], "%g mm",
                               plant.load.tilt_mm[0]);
            plant_act(&plant, ACT_HANG, 0);
            run(&plant, 60);
            cr_expect_float_eq(plant.load.tilt_mm[0], 0, 1e-3, "and back");
        }
}

/* A drum that is d ahead of the other lets its end down by d: tilt and height follow from the geometry. */
Test(plant_platform, tilts_with_its_drums) {
    struct plant_config c = config(1.2e6, 50);
    struct plant plant;
    plant_init(&plant, &c);
    plant.line[1].winch.rope_out_m += 0.05;
    run(&plant, 30);
    cr_expect_float_eq(plant.load.tilt_mm[0], -50 * (1 + 100 * G / 1.2e6), 1e-3);
    cr_expect_float_eq(plant.load.height_m, 11 - 0.025 * (1 + 100 * G / 1.2e6), 1e-6);
    cr_expect_float_eq(plant.line[0].tension_n, 100 * G, 1e-3);
}

/* Mean period of `sign`, taken at its upward crossings of zero. */
static double period_s(struct plant *plant, double (*value)(const struct plant *)) {
    double first_s = 0, last_s = 0;
    int periods = -1;
    for (double t_s = 0; t_s < 30; t_s += DT) {
        const double before = value(plant);
        plant_step(plant, idle, DT);
        const double now = value(plant);
        if (before >= 0 || now < 0)
            continue;
        last_s = t_s - DT * now / (now - before);
        first_s = ++periods ? first_s : last_s;
    }
    cr_assert_gt(periods, 10);
    return (last_s - first_s) / periods;
}

static double bounce(const struct plant *plant) { return plant->load.height_m - 11; }
static double rock(const struct plant *plant) { return plant->load.tilt_mm[0]; }

/* Centre of gravity in the middle: it bounces with sqrt(2 k / m) and rocks with sqrt(k s^2 / (2 J)), each by itself. */
Test(plant_platform, bounces_and_rocks_with_its_frequencies) {
    struct plant_config c = config(120000, 0);
    struct plant plant;
    plant_init(&plant, &c);
    const double k = stiffness(&plant, 0);
    FIRST(plant).speed_m_s = 0.1;
    double expected_s = 2 * PI / sqrt(2 * k / 200), got_s = period_s(&plant, bounce);
    cr_expect_float_eq(got_s, expected_s, 0.001 * expected_s, "%g s, not %g s", got_s, expected_s);
    cr_expect_lt(fabs(plant.load.tilt_mm[0]), 1e-6);
    plant_init(&plant, &c);
    FIRST(plant).tilt_rad_s = 0.05;
    expected_s = 2 * PI / sqrt(k * 9 / (2 * 180)), got_s = period_s(&plant, rock);
    cr_expect_float_eq(got_s, expected_s, 0.001 * expected_s, "%g s, not %g s", got_s, expected_s);
    cr_expect_lt(fabs(plant.load.height_m - 11), 1e-9);
}

/* Off the middle both mix. The frequencies are the roots of |K - w^2 M| = 0 in the heights of the two ends. */
Test(plant_platform, with_its_weight_on_one_side_it_swings_in_both_its_modes) {
    struct plant_config c = config(120000, 0);
    c.load.of.platform.offset_m = 0.6;
    struct plant plant;
    plant_init(&plant, &c);
    /* The centre of gravity is a z1 + b z2, the tilt (z2 - z1) / s. */
    const double k[] = {stiffness(&plant, 0), stiffness(&plant, 1)}, b = 0.5 + 0.6 / 3, a = 1 - b, j = 180 / 9.0;
    const double m11 = 200 * a * a + j, m22 = 200 * b * b + j, m12 = 200 * a * b - j;
    const double p = m11 * m22 - m12 * m12, q = k[0] * m22 + k[1] * m11, r = k[0] * k[1];
    const double slow_s2 = (q - sqrt(q * q - 4 * p * r)) / (2 * p);
    /* Started in the slow mode's shape it stays in it. */
    const double shape = (k[0] - slow_s2 * m11) / (slow_s2 * m12);
    FIRST(plant).speed_m_s = 0.05 * (1 + shape) / 2;
    FIRST(plant).tilt_rad_s = 0.05 * (shape - 1) / 3;
    const double expected_s = 2 * PI / sqrt(slow_s2), got_s = period_s(&plant, bounce);
    cr_expect_float_eq(got_s, expected_s, 0.001 * expected_s, "%g s, not %g s", got_s, expected_s);
}

Test(plant_platform, energy_neither_grows_nor_gets_lost) {
    struct plant_config c = config(120000, 0);
    c.load.of.platform.offset_m = 0.4;
    struct plant plant;
    plant_init(&plant, &c);
    FIRST(plant).speed_m_s = 1;
    FIRST(plant).tilt_rad_s = 0.5;
    double first = 0, last = 0, least = INFINITY, most = -INFINITY;
    const double scale = 200 * 1.2 * 1.2 / 2 + 180 * 0.5 * 0.5 / 2;
    for (int s = 0; s < 480000; s++) {
        plant_step(&plant, idle, DT);
        const double turn = FIRST(plant).tilt_rad_s, tilt = FIRST(plant).tilt_rad;
        const double speed = FIRST(plant).speed_m_s + 0.4 * turn; /* of the centre of gravity */
        double joule = 100 * speed * speed + 90 * turn * turn + 200 * G * (plant.load.height_m + 0.4 * tilt - 11);
        for (int i = 0; i < 2; i++) {
            const double stretch_m = fmax(0, plant.line[i].stretch_m);
            joule += stiffness(&plant, i) * stretch_m * stretch_m / 2;
        }
        least = fmin(least, joule), most = fmax(most, joule);
        first += s < 80000 ? joule / 80000 : 0;
        last += s >= 400000 ? joule / 80000 : 0;
    }
    cr_expect_lt(most - least, 0.02 * scale, "%g J of %g J", most - least, scale);
    cr_expect_float_eq(last, first, 1e-3 * scale, "%g J more after two minutes", last - first);
}

Test(plant_platform, touches_down_with_one_end_first) {
    struct plant_config c = config(120000, 8);
    c.load.of.platform.height_m = 0.5;
    struct plant plant;
    plant_init(&plant, &c);
    const struct line_input lower[2] = {{.torque_on = true, .setpoint_rpm = 0, .brake_release = {true}},
                                        {.torque_on = true, .setpoint_rpm = 240, .brake_release = {true}}};
    for (int s = 0; s < 40000 && !plant.load.on_ground; s++)
        plant_step(&plant, lower, DT);
    cr_expect(plant.load.on_ground);
    cr_expect_float_eq(plant.load.height_m, 0.25, 0.03, "the middle is half as high");
    cr_expect_float_eq(plant.load.tilt_mm[0], -500, 60);
}

/* Four lines hold two of them, and what is done to one is nothing to the other. */
Test(plant_platform, two_of_them_hang_each_on_its_own_pair) {
    struct plant_config c = config(120000, 8);
    c.line_count = 4;
    c.line[2] = c.line[3] = c.line[0];
    struct plant plant;
    plant_init(&plant, &c);
    plant.line[0].winch.rope_out_m += 0.05;
    for (int i = 0; i < 80000; i++)
        plant_step(&plant, (const struct line_input[4]){{0}}, DT);
    const double lower_m = 0.05 * (1 + 100 * G / 120000);
    cr_expect_float_eq(plant.load.tilt_mm[0], 1000 * lower_m, 0.01);
    cr_expect_float_eq(plant.load.tilt_mm[1], 0, 1e-6);
    cr_expect_float_eq(plant.load.of.platforms.each[0].height_m, 11 - lower_m / 2, 1e-4);
    cr_expect_float_eq(plant.load.of.platforms.each[1].height_m, 11, 1e-6);
}
