/* The mass in space: m a = sum of T u - m g, u from the mass to each sheave. Each line is straight and only pulls. */
#include "sim/plant/load_point.h"

#include <assert.h>
#include <math.h>

#include "sim/plant/ground.h"
#include "sim/plant/load.h"

#define GROUND_N_M_KG 1000.0 /* as under any other mass */
#define ACROSS 1e-9          /* keeps the equation of two lines, which pull in one plane only, solvable */

/* From the mass to the sheave, of length 1; the distance is returned. */
static double towards(const struct load *load, int line, double unit[3]) {
    const struct load_point_anchor *anchor = &load->config.of.point.anchors[line];
    const double *place_m = load->of.point.place_m;
    unit[0] = anchor->x_m - place_m[0];
    unit[1] = anchor->y_m - place_m[1];
    unit[2] = load->anchor_height_m[line] - place_m[2];
    const double distance_m = sqrt(unit[0] * unit[0] + unit[1] * unit[1] + unit[2] * unit[2]);
    assert(distance_m > 0);
    for (int k = 0; k < 3; k++)
        unit[k] /= distance_m;
    return distance_m;
}

/* Solves the 3 x 3 equation by elimination; the matrix is symmetric and positive. */
static void solve(double m[3][4]) {
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++) {
            const double share = j == i ? 0 : m[j][i] / m[i][i];
            for (int k = i; k < 4; k++)
                m[j][k] -= share * m[i][k];
        }
    for (int i = 0; i < 3; i++)
        m[i][3] /= m[i][i];
}

/* The pulls with the least sum of squares that carry it: U (U' U)^-1 m g. */
static void init(struct load *load, struct line_start *start) {
    const struct load_point_config *config = &load->config.of.point;
    assert(config->mass_kg > 0 && config->anchors_count == load->line_count);
    load->of.point = (struct load_point){.place_m = {config->x_m, config->y_m, config->z_m}};
    load->x_m = config->x_m;
    load->y_m = config->y_m;
    load->height_m = config->z_m;
    double m[3][4] = {{ACROSS}, {0, ACROSS}, {0, 0, ACROSS, config->mass_kg * PLANT_GRAVITY_M_S2}}, unit[3];
    for (int i = 0; i < load->line_count; i++) {
        towards(load, i, unit);
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                m[a][b] += unit[a] * unit[b];
    }
    solve(m);
    for (int i = 0; i < load->line_count; i++) {
        towards(load, i, unit);
        start[i].tension_n = fmax(0, unit[0] * m[0][3] + unit[1] * m[1][3] + unit[2] * m[2][3]);
    }
}

static void ends(const struct load *load, struct line_end *end) {
    const double *speed_m_s = load->of.point.speed_m_s;
    for (int i = 0; i < load->line_count; i++) {
        double unit[3];
        end[i].distance_m = towards(load, i, unit);
        end[i].speed_m_s = -(unit[0] * speed_m_s[0] + unit[1] * speed_m_s[1] + unit[2] * speed_m_s[2]);
    }
}

static void step(struct load *load, const double *tension_n, double dt_s) {
    const double mass_kg = load->config.of.point.mass_kg;
    struct load_point *point = &load->of.point;
    const double ground_n = ground_push_n(GROUND_N_M_KG * mass_kg, mass_kg, point->place_m[2], point->speed_m_s[2]);
    double force_n[3] = {0, 0, ground_n - mass_kg * PLANT_GRAVITY_M_S2}, unit[3];
    for (int i = 0; i < load->line_count; i++) {
        towards(load, i, unit);
        for (int k = 0; k < 3; k++)
            force_n[k] += tension_n[i] * unit[k];
    }
    for (int k = 0; k < 3; k++) {
        point->speed_m_s[k] += force_n[k] / mass_kg * dt_s;
        point->place_m[k] += point->speed_m_s[k] * dt_s;
    }
    load->accel_m_s2 = force_n[2] / mass_kg;
    load->speed_m_s = point->speed_m_s[2];
    load->x_m = point->place_m[0];
    load->y_m = point->place_m[1];
    load->height_m = point->place_m[2];
    load->on_ground = ground_n > 0;
}

static void vary(struct load *load, double more_kg, double off_m) {
    (void)off_m;
    load->config.of.point.mass_kg += more_kg;
}

const struct load_kind load_point_kind = {
    .name = "point",
    .lines_min = 2,
    .lines_max = LOAD_POINT_LINES_MAX,
    .acts = 1u << ACT_HANG,
    .first_act = ACT_HANG,
    .init = init,
    .ends = ends,
    .step = step,
    .vary = vary,
};
