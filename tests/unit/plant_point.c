/* A mass in space on two to four lines, against theory. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/plant/plant.h"

#define G PLANT_GRAVITY_M_S2
#define DT 0.00025
#define PI 3.14159265358979323846
#define EA_N 150000.0
#define LEAD_M 20.0

static const struct line_input idle[PLANT_LINES_MAX]; /* motors without torque, brakes closed */

/* 60 kg; anchors in the corners of a square of 20 m, or on its first side, 15 m up. */
static struct plant_config config(int lines, double x_m, double y_m, double z_m) {
    static const struct load_point_anchor corners[4] = {{0, 0}, {20, 0}, {20, 20}, {0, 20}};
    struct plant_config c = {.load = {.kind = &load_point_kind,
                                      .of.point = {.mass_kg = 60, .x_m = x_m, .y_m = y_m, .z_m = z_m,
                                                   .anchors_count = lines}},
                             .line_count = lines};
    for (int i = 0; i < lines; i++) {
        c.load.of.point.anchors[i] = corners[i];
        c.line[i] = (struct line_config){
            .rope = {.ea_n = EA_N, .lead_m = LEAD_M, .anchor_height_m = 15},
            .winch = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20, .rated_n = 2000,
                      .force_n_max = 4000, .speed_loop_ms = 20},
            .brake_count = 1,
            .brake = {{.open_ms = 80, .close_ms = 100, .rise_ms = 50, .hold_n = 8000}}};
    }
    return c;
}

static void run(struct plant *plant, double seconds) {
    for (long i = 0; i < lround(seconds / DT); i++)
        plant_step(plant, idle, DT);
}

/* Between upward passes of one coordinate through its start. */
static double period_s(struct plant *plant, int k, double start_m, int passes) {
    double first_s = -1, t_s = 0, before_m = plant->load.of.point.place_m[k];
    int seen = -1;
    while (seen < passes && t_s < 100) {
        run(plant, DT);
        t_s += DT;
        const double here_m = plant->load.of.point.place_m[k];
        if (before_m < start_m && here_m >= start_m) {
            const double at_s = t_s - DT * (here_m - start_m) / (here_m - before_m);
            first_s = seen < 0 ? at_s : first_s;
            seen++;
            if (seen == passes)
                return (at_s - first_s) / passes;
        }
        before_m = here_m;
    }
    return NAN;
}

Test(plant_point, it_hangs_at_rest_where_it_began_and_its_lines_carry_it) {
    static const double places_m[][3] = {{10, 6, 5}, {12, 4, 4}, {15, 9, 8}};
    for (int lines = 3; lines <= 4; lines++)
        for (size_t p = 0; p < 3; p++) {
            struct plant_config c = config(lines, places_m[p][0], places_m[p][1], places_m[p][2]);
            struct plant plant;
            plant_init(&plant, &c);
            run(&plant, 5);
            double force_n[3] = {0, 0, -60 * G};
            for (int i = 0; i < lines; i++) {
                const double d[3] = {c.load.of.point.anchors[i].x_m - plant.load.x_m,
                                     c.load.of.point.anchors[i].y_m - plant.load.y_m, 15 - plant.load.height_m};
                for (int k = 0; k < 3; k++)
                    force_n[k] += plant.line[i].tension_n * d[k] / sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
            }
            for (int k = 0; k < 3; k++)
                cr_expect_float_eq(force_n[k], 0, 1e-6);
            cr_expect_float_eq(plant.load.x_m, c.load.of.point.x_m, 1e-9);
            cr_expect_float_eq(plant.load.height_m, c.load.of.point.z_m, 1e-9);
        }
}

/* In the middle of four lines of length L and rise h each: up and down, k = 4 (k_line h^2 / L^2 + T (1 - h^2 / L^2) /
 * L), the second part because the lines turn. */
Test(plant_point, it_bounces_as_its_lines_and_their_angle_say) {
    struct plant_config c = config(4, 10, 10, 5);
    struct plant plant;
    plant_init(&plant, &c);
    const double long_m = sqrt(300), sine = 10 / long_m, pull_n = 60 * G / 4 / sine;
    const double line_n_m = rope_stiffness_n_m(&c.line[0].rope, plant.line[0].winch.rope_out_m);
    const double k_n_m = 4 * (line_n_m * sine * sine + pull_n * (1 - sine * sine) / long_m);
    plant.load.of.point.place_m[2] -= 0.005;
    cr_expect_float_eq(period_s(&plant, 2, 5, 20), 2 * PI * sqrt(60 / k_n_m), 1e-3);
}

/* Two lines hold it in their plane; across it is a pendulum as long as it hangs below their anchors. */
Test(plant_point, on_two_lines_it_is_a_pendulum_across) {
    struct plant_config c = config(2, 10, 0, 5);
    for (int i = 0; i < 2; i++)
        c.line[i].rope.ea_n = 5e6; /* hardly stretched */
    struct plant plant;
    plant_init(&plant, &c);
    plant.load.of.point.place_m[1] += 0.05;
    cr_expect_float_eq(period_s(&plant, 1, 0, 4), 2 * PI * sqrt(10 / G), 2e-3);
}

/* Undamped ropes, brakes that hold: height, speed and stretch keep their sum. */
Test(plant_point, no_energy_comes_or_goes) {
    struct plant_config c = config(4, 8, 12, 4);
    struct plant plant;
    plant_init(&plant, &c);
    plant.load.of.point.speed_m_s[0] = 0.4;
    plant.load.of.point.speed_m_s[1] = -0.3;
    double first_j = NAN, least_j = HUGE_VAL, most_j = -HUGE_VAL;
    for (int n = 0; n < 400; n++) {
        run(&plant, 0.05);
        const struct load_point *p = &plant.load.of.point;
        double sum_j = 60 * G * p->place_m[2];
        for (int k = 0; k < 3; k++)
            sum_j += 30 * p->speed_m_s[k] * p->speed_m_s[k];
        for (int i = 0; i < 4; i++) {
            const struct line *line = &plant.line[i];
            const double k_n_m = rope_stiffness_n_m(&line->config.rope, line->winch.rope_out_m);
            sum_j += k_n_m * fmax(0, line->stretch_m) * fmax(0, line->stretch_m) / 2;
        }
        first_j = n == 0 ? sum_j : first_j;
        least_j = fmin(least_j, sum_j);
        most_j = fmax(most_j, sum_j);
    }
    cr_expect_lt(most_j - least_j, 0.2, "%g to %g J", least_j, most_j); /* of 7.5 J of motion */
}
