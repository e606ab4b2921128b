/* The climber: acts on the wall and off it, by semi-implicit Euler steps. */
#include "sim/plant/load_climber.h"

#include <assert.h>
#include <math.h>

#include "sim/plant/ground.h"
#include "sim/plant/load.h"

#define LEGS_N_M 80000.0 /* 1 cm under 80 kg */

static bool on_wall(enum sim_act act) {
    return act != ACT_FALL && act != ACT_SLUMP;
}

static void init(struct load *load, struct line_start *start) {
    const struct load_climber_config *config = &load->config.of.climber;
    assert(config->mass_kg > 0 && config->slump_s > 0);
    load->height_m = config->height_m;
    load->on_ground = config->height_m <= 0;
    climber_init(&load->of.climber.climber, config->height_m, load->config.seed);
    start[0] = (struct line_start){.slack_m = config->slack_m};
}

static void ends(const struct load *load, struct line_end *end) {
    end[0] = (struct line_end){.distance_m = load->anchor_height_m[0] - load->height_m, .speed_m_s = -load->speed_m_s};
}

static void begin(struct load *load, enum sim_act act, double value, const double *tension_n) {
    (void)value;
    const struct load_climber_config *config = &load->config.of.climber;
    struct load_climber *person = &load->of.climber;
    bool held_on = on_wall(load->act);
    if (on_wall(act) && !held_on)
        climber_grip(&person->climber, load->height_m, load->speed_m_s);
    if (act == ACT_SLUMP && held_on) {
        person->support_start_n = fmax(0, config->mass_kg * PLANT_GRAVITY_M_S2 - tension_n[0]);
        person->support_left_s = config->slump_s;
    }
    if (act != ACT_SLUMP)
        person->support_left_s = 0;
    if (on_wall(act))
        person->ground_n = 0;
    load->on_ground = on_wall(act) ? load->height_m <= 0 : person->ground_n > 0;
}

static void step_free(struct load *load, double tension_n, double dt_s) {
    const struct load_climber_config *config = &load->config.of.climber;
    struct load_climber *person = &load->of.climber;
    person->support_left_s = fmax(0, person->support_left_s - dt_s);
    person->support_n = person->support_start_n * person->support_left_s / config->slump_s;
    person->ground_n = ground_push_n(LEGS_N_M, config->mass_kg, load->height_m, load->speed_m_s);
    double up_n = tension_n + person->support_n + person->ground_n;
    load->accel_m_s2 = up_n / config->mass_kg - PLANT_GRAVITY_M_S2;
    load->speed_m_s += load->accel_m_s2 * dt_s;
    load->height_m += load->speed_m_s * dt_s;
    load->on_ground = person->ground_n > 0;
}

static void step_wall(struct load *load, double dt_s) {
    struct climber *climber = &load->of.climber.climber;
    climber_step(climber, &load->config.of.climber.climbing, load->act, load->act_value, dt_s);
    load->height_m = climber->height_m;
    load->speed_m_s = climber->speed_m_s;
    load->accel_m_s2 = climber->accel_m_s2;
    load->on_ground = load->height_m <= 0;
}

static void step(struct load *load, const double *tension_n, double dt_s) {
    if (on_wall(load->act))
        step_wall(load, dt_s);
    else
        step_free(load, tension_n[0], dt_s);
}

static void vary(struct load *load, double more_kg, double off_m) {
    load->config.of.climber.mass_kg += more_kg;
    if (load->act != ACT_STAND || load->speed_m_s != 0)
        return;
    load->height_m = fmax(0, load->config.of.climber.height_m + off_m);
    load->of.climber.climber.height_m = load->height_m;
    load->on_ground = load->height_m <= 0;
}

const struct load_kind load_climber_kind = {
    .name = "climber",
    .lines_min = 1,
    .lines_max = 1,
    .acts = 1u << ACT_STAND | 1u << ACT_CLIMB | 1u << ACT_ASCEND | 1u << ACT_DESCEND | 1u << ACT_FALL |
            1u << ACT_SLUMP,
    .first_act = ACT_STAND,
    .init = init,
    .ends = ends,
    .act = begin,
    .step = step,
    .vary = vary,
};
