/* A free mass on one line or several, and the line spring, against theory. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/plant/plant.h"

#define G PLANT_GRAVITY_M_S2
#define DT 0.00025
#define PI 3.14159265358979323846

static const struct line_input idle[PLANT_LINES_MAX]; /* motors without torque, brakes closed */

/* `mass_kg` at 11 m under sheaves at 26 m; about 10 m of undamped rope with k = 6 kN/m. */
static struct plant_config config(double mass_kg, int lines) {
    struct plant_config c = {
        .load = {.kind = &load_mass_kind, .of.mass = {.mass_kg = mass_kg, .height_m = 11}}, .line_count = lines};
    for (int i = 0; i < lines; i++)
        c.line[i] = (struct line_config){
            .rope = {.ea_n = 120000, .lead_m = 5, .anchor_height_m = 26},
            .winch = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20, .rated_n = 2000,
                      .force_n_max = 4000, .speed_loop_ms = 20},
            .brake_count = 1,
            .brake = {{.open_ms = 80, .close_ms = 100, .rise_ms = 50, .hold_n = 8000}}};
    return c;
}

static void run(struct plant *plant, const struct line_input *input, double seconds) {
    long steps = lround(seconds / DT);
    for (long i = 0; i < steps; i++)
        plant_step(plant, input, DT);
}

static double stiffness(const struct plant *plant) {
    double sum = 0;
    for (int i = 0; i < plant->line_count; i++)
        sum += rope_stiffness_n_m(&plant->line[i].config.rope, plant->line[i].winch.rope_out_m);
    return sum;
}

Test(plant_mass, every_line_carries_its_share_from_the_start) {
    for (int lines = 1; lines <= PLANT_LINES_MAX; lines++) {
        struct plant_config c = config(300, lines);
        struct plant plant;
        plant_init(&plant, &c);
        run(&plant, idle, 5);
        for (int i = 0; i < lines; i++)
            cr_expect_float_eq(plant.line[i].tension_n, 300 * G / lines, 1e-6, "%d lines: %g N", lines,
                               plant.line[i].tension_n);
        cr_expect_float_eq(plant.load.height_m, 11, 1e-9);
        cr_expect(!plant.load.on_ground);
    }
}

/* One rope is longer by d: its line carries k d / 2 less, the other one k d / 2 more. Exactly: with L the free length,
 * both stretch to D, and EA (D / L_1 - 1) + EA (D / L_2 - 1) = m g. */
Test(plant_mass, a_longer_rope_carries_less) {
    static const double ways_m[] = {0.002, 0.01, 0.05, -0.03};
    for (size_t w = 0; w < sizeof ways_m / sizeof ways_m[0]; w++) {
        struct plant_config c = config(300, 2);
        c.line[0].rope.damping_ms = c.line[1].rope.damping_ms = 50;
        struct plant plant;
        plant_init(&plant, &c);
        const double k = stiffness(&plant) / 2;
        plant.line[1].winch.rope_out_m += ways_m[w];
        run(&plant, idle, 60);
        const double length_m[] = {plant.line[0].winch.rope_out_m + 5, plant.line[1].winch.rope_out_m + 5};
        const double to_m = (300 * G / 120000 + 2) / (1 / length_m[0] + 1 / length_m[1]);
        cr_expect_float_eq(plant.line[1].tension_n, 120000 * (to_m / length_m[1] - 1), 1e-3, "%g m", ways_m[w]);
        const double less_n = 300 * G / 2 - plant.line[1].tension_n;
        cr_expect_float_eq(less_n, k * ways_m[w] / 2, 0.015 * fabs(less_n), "%g m: %g N", ways_m[w], less_n);
        cr_expect_float_eq(plant.line[0].tension_n + plant.line[1].tension_n, 300 * G, 1e-3);
    }
}

/* A rope that is too long by more than the other one gives hangs loose, and the other one carries everything. */
Test(plant_mass, a_rope_that_is_too_long_hangs_loose) {
    struct plant_config c = config(300, 2);
    c.line[0].rope.damping_ms = c.line[1].rope.damping_ms = 50;
    struct plant plant;
    plant_init(&plant, &c);
    plant.line[1].winch.rope_out_m += 1;
    run(&plant, idle, 60);
    cr_expect_eq(plant.line[1].tension_n, 0);
    cr_expect_float_eq(plant.line[0].tension_n, 300 * G, 1e-3);
    const double gives_m = 300 * G / rope_stiffness_n_m(&c.line[0].rope, plant.line[0].winch.rope_out_m);
    const double height_m = 26 - plant.line[0].winch.rope_out_m - gives_m;
    cr_expect_float_eq(plant.load.height_m, height_m, 1e-6);
    cr_expect_float_eq(line_slack_m(&plant.line[1]), plant.line[1].winch.rope_out_m - (26 - height_m), 1e-6);
}

/* The stretch grows with the load's way and shrinks with the drum's: both damp. */
Test(plant_mass, a_rope_damps_what_both_its_ends_do) {
    struct plant_config c = config(300, 1);
    c.line[0].rope.damping_ms = 50;
    struct plant plant;
    plant_init(&plant, &c);
    const double k = stiffness(&plant);
    for (double drum_m_s = -0.4; drum_m_s < 0.5; drum_m_s += 0.2) {
        plant.line[0].winch.speed_m_s = drum_m_s;
        line_hold(&plant.line[0], &(struct line_end){.distance_m = 15, .speed_m_s = 0.3});
        cr_expect_float_eq(plant.line[0].tension_n, 300 * G + k * 0.05 * (0.3 - drum_m_s), 1e-6, "%g m/s", drum_m_s);
    }
}

/* 2 pi sqrt(m / k), k of all lines together. */
Test(plant_mass, bounces_with_the_period_of_mass_and_ropes) {
    for (int lines = 1; lines <= 4; lines++) {
        struct plant_config c = config(120 * lines * lines, lines);
        struct plant plant;
        plant_init(&plant, &c);
        const double expected_s = 2 * PI * sqrt(c.load.of.mass.mass_kg / stiffness(&plant));
        plant.load.speed_m_s = 0.1;
        double first_s = 0, last_s = 0;
        int periods = -1;
        for (double t_s = 0; t_s < 30; t_s += DT) {
            const double before_m = plant.load.height_m - 11;
            plant_step(&plant, idle, DT);
            const double now_m = plant.load.height_m - 11;
            if (before_m >= 0 || now_m < 0)
                continue;
            last_s = t_s - DT * now_m / (now_m - before_m);
            first_s = ++periods ? first_s : last_s;
        }
        const double period_s = (last_s - first_s) / periods;
        cr_expect(periods > 5);
        cr_expect_float_eq(period_s, expected_s, 0.001 * expected_s, "%d lines: %g s, not %g s", lines, period_s,
                           expected_s);
    }
}

/* Kinetic, potential and elastic energy while nothing damps, the ropes going slack and taut again. */
Test(plant_mass, energy_neither_grows_nor_gets_lost) {
    struct plant_config c = config(300, 2);
    struct plant plant;
    plant_init(&plant, &c);
    plant.line[1].winch.rope_out_m += 0.03;
    plant.load.speed_m_s = 2.5;
    double first = 0, last = 0, least = INFINITY, most = -INFINITY;
    const double scale = 300 * 2.5 * 2.5 / 2;
    for (int s = 0; s < 480000; s++) {
        plant_step(&plant, idle, DT);
        double joule = 300 * (plant.load.speed_m_s * plant.load.speed_m_s / 2 + G * (plant.load.height_m - 11));
        for (int i = 0; i < 2; i++) {
            const double stretch_m = fmax(0, plant.line[i].stretch_m);
            const struct rope_config *rope = &plant.line[i].config.rope;
            joule += rope_stiffness_n_m(rope, plant.line[i].winch.rope_out_m) * stretch_m * stretch_m / 2;
        }
        least = fmin(least, joule), most = fmax(most, joule);
        first += s < 80000 ? joule / 80000 : 0;
        last += s >= 400000 ? joule / 80000 : 0;
    }
    cr_expect_lt(most - least, 0.01 * scale, "%g J of %g J", most - least, scale);
    cr_expect_float_eq(last, first, 1e-4 * scale, "%g J more after two minutes", last - first);
}

Test(plant_mass, lies_on_the_ground_until_all_lines_lift_it) {
    struct plant_config c = config(200, 2);
    c.load.of.mass = (struct load_mass_config){.mass_kg = 200, .height_m = 0, .has_slack_m = true, .slack_m = 0.1};
    struct plant plant;
    plant_init(&plant, &c);
    run(&plant, idle, 5);
    cr_expect(plant.load.on_ground);
    cr_expect_float_eq(plant.load.height_m, -0.01, 0.001, "it sinks in by 1 cm");
    cr_expect_float_eq(line_slack_m(&plant.line[0]), 0.1 - 0.01, 0.001);
    struct line_input lift[2] = {{.torque_on = true, .setpoint_rpm = -600, .brake_release = {true}}};
    run(&plant, lift, 0.5);
    cr_expect(plant.load.on_ground && plant.line[0].tension_n > 0, "one alone begins to pull");
    lift[1] = lift[0];
    run(&plant, lift, 4);
    cr_expect(!plant.load.on_ground && plant.load.height_m > 1);
}

/* 1 / (L / EA + 1 / k_s) until the stroke is used up, then EA / L: the stretch of a pull, summed up part by part. */
Test(plant_mass, a_line_spring_gives_until_its_stroke_is_used_up) {
    const struct rope_config rope = {
        .ea_n = 20000, .lead_m = 5, .anchor_height_m = 26, .has_spring = true, .spring = {300, 0.8}};
    for (double pull_n = 1; pull_n < 1500; pull_n *= 1.07) {
        const double spring_m = pull_n < 240 ? pull_n / 300 : 0.8;
        const double stretch_m = pull_n * 15 / 20000 + spring_m;
        const double got_n = rope_tension_n(&rope, 10, stretch_m, 0);
        cr_expect_float_eq(got_n, pull_n, 1e-9 * pull_n, "%g N: %g N", pull_n, got_n);
        const double out_m = rope_out_m_at(&rope, 10 + stretch_m, pull_n);
        cr_expect_float_eq(out_m, 10, 1e-9, "%g N: %g m", pull_n, out_m);
    }
    cr_expect_eq(rope_tension_n(&rope, 10, -0.1, 1), 0);
}

Test(plant_mass, a_mass_on_a_line_spring_hangs_where_it_begins) {
    struct plant_config c = config(20, 1);
    c.line[0].rope.has_spring = true;
    c.line[0].rope.spring = (struct rope_spring){300, 0.8};
    struct plant plant;
    plant_init(&plant, &c);
    run(&plant, idle, 5);
    cr_expect_float_eq(plant.line[0].tension_n, 20 * G, 1e-6);
    cr_expect_float_eq(plant.line[0].stretch_m, 20 * G * (1 / 300.0 + 1 / stiffness(&plant)), 1e-9);
}

/* ---- what the sheaves and the rope's own weight add at drum and load cell ---- */

static struct plant rubbing(double friction, double weight_kg_m) {
    struct plant_config c = config(300, 1);
    c.line[0].rope.has_sheave_friction = c.line[0].rope.has_weight_kg_m = true;
    c.line[0].rope.sheave_friction = friction;
    c.line[0].rope.weight_kg_m = weight_kg_m;
    c.line[0].winch.force_n_max = 8000;
    struct plant plant;
    plant_init(&plant, &c);
    return plant;
}

Test(plant_mass, sheaves_rub_against_the_way_of_the_rope) {
    for (int way = -1; way <= 1; way += 2) {
        struct plant plant = rubbing(0.05, 0);
        const struct line_input input = {
            .torque_on = true, .setpoint_rpm = way * 60, .brake_release = {true, true}}; /* 0.05 m/s */
        cr_expect_float_eq(plant.line[0].drum_n, 300 * G, 1e-6, "not moved yet");
        run(&plant, &input, 2);
        const double at_load_n = plant.line[0].tension_n;
        cr_expect_float_eq(plant.line[0].drum_n, way > 0 ? at_load_n / 1.05 : at_load_n * 1.05, 1e-6);
        const struct line_input back = {.torque_on = true, .setpoint_rpm = -way * 6, .brake_release = {true, true}};
        while (way * plant.line[0].winch.speed_m_s > 0)
            run(&plant, &back, DT);
        const double turned_m = plant.line[0].winch.rope_out_m;
        while (fabs(plant.line[0].winch.rope_out_m - turned_m) < 0.001)
            run(&plant, &back, DT);
        const double ratio = plant.line[0].drum_n / plant.line[0].tension_n;
        cr_expect(ratio > 1 / 1.05 + 1e-3 && ratio < 1.05 - 1e-3, "%g: turning round", ratio);
    }
}

Test(plant_mass, the_rope_that_hangs_weighs_at_the_drum) {
    struct plant plant = rubbing(0, 1.5);
    run(&plant, idle, 5);
    cr_expect_float_eq(plant.line[0].tension_n, 300 * G, 1e-6);
    cr_expect_float_eq(plant.line[0].drum_n, 300 * G + 1.5 * G * plant.line[0].winch.rope_out_m, 1e-6);
}

/* ---- caught ---- */

/* Paid out by d, rope and snag share the weight as springs do: the load sinks by k d / (k + k_snag). */
Test(plant_mass, a_snag_holds_it_up_and_down) {
    for (int way = -1; way <= 1; way += 2) {
        struct plant_config c = config(300, 1);
        c.line[0].rope.damping_ms = 50;
        struct plant plant;
        plant_init(&plant, &c);
        plant_act(&plant, ACT_SNAG, 50000);
        plant.line[0].winch.rope_out_m += way * 0.1;
        run(&plant, idle, 60);
        const double k = rope_stiffness_n_m(&c.line[0].rope, plant.line[0].winch.rope_out_m);
        cr_expect_float_eq(plant.load.height_m, 11 - way * 0.1 * k / (k + 50000), 2e-3);
        cr_expect_float_eq(plant.line[0].tension_n, 300 * G - 50000 * (11 - plant.load.height_m), 1e-3);
        plant_act(&plant, ACT_HANG, 0);
        run(&plant, idle, 60);
        cr_expect_float_eq(plant.line[0].tension_n, 300 * G, 1e-2, "and lets go");
    }
}
