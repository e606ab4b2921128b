/* The free mass, by semi-implicit Euler steps: speed first, then place, so that its energy does not creep. */
#include "sim/plant/load_mass.h"

#include <assert.h>

#include "sim/plant/ground.h"
#include "sim/plant/load.h"

#define GROUND_N_M_KG 1000.0 /* it sinks in by 1 cm under its own weight, whatever that is */

static void init(struct load *load, struct line_start *start) {
    const struct load_mass_config *config = &load->config.of.mass;
    assert(config->mass_kg > 0);
    load->height_m = config->height_m;
    load->on_ground = config->height_m <= 0;
    for (int i = 0; i < load->line_count; i++) {
        if (config->has_slack_m)
            start[i].slack_m = config->slack_m;
        else
            start[i].tension_n = config->mass_kg * PLANT_GRAVITY_M_S2 / load->line_count;
    }
}

static void ends(const struct load *load, struct line_end *end) {
    for (int i = 0; i < load->line_count; i++)
        end[i] =
            (struct line_end){.distance_m = load->anchor_height_m[i] - load->height_m, .speed_m_s = -load->speed_m_s};
}

static void act(struct load *load, enum sim_act act, double value, const double *tension_n) {
    (void)value, (void)tension_n;
    if (act == ACT_SNAG)
        load->of.mass.caught_m = load->height_m;
}

static double snag_n(const struct load *load) {
    return load->act == ACT_SNAG ? load->act_value * (load->of.mass.caught_m - load->height_m) : 0;
}

static void step(struct load *load, const double *tension_n, double dt_s) {
    const double mass_kg = load->config.of.mass.mass_kg;
    double ground_n = ground_push_n(GROUND_N_M_KG * mass_kg, mass_kg, load->height_m, load->speed_m_s);
    double up_n = ground_n + snag_n(load);
    for (int i = 0; i < load->line_count; i++)
        up_n += tension_n[i];
    load->accel_m_s2 = up_n / mass_kg - PLANT_GRAVITY_M_S2;
    load->speed_m_s += load->accel_m_s2 * dt_s;
    load->height_m += load->speed_m_s * dt_s;
    load->on_ground = ground_n > 0;
}

static void vary(struct load *load, double more_kg, double off_m) {
    (void)off_m;
    load->config.of.mass.mass_kg += more_kg;
}

const struct load_kind load_mass_kind = {
    .name = "mass",
    .lines_min = 1,
    .lines_max = PLANT_LINES_MAX,
    .acts = 1u << ACT_HANG | 1u << ACT_SNAG,
    .first_act = ACT_HANG,
    .init = init,
    .ends = ends,
    .act = act,
    .step = step,
    .vary = vary,
};
