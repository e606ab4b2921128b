/* Lines and load coupled, by semi-implicit Euler steps (speeds first, then places: energy does not creep). */
#include "sim/plant/plant.h"

#include <assert.h>

void plant_hold(struct plant *plant) {
    struct line_end end[PLANT_LINES_MAX];
    plant->load.config.kind->ends(&plant->load, end);
    for (int i = 0; i < plant->line_count; i++)
        line_hold(&plant->line[i], &end[i]);
}

static void tensions(const struct plant *plant, double *tension_n) {
    for (int i = 0; i < plant->line_count; i++)
        tension_n[i] = plant->line[i].tension_n;
}

void plant_init(struct plant *plant, const struct plant_config *config) {
    const struct load_kind *kind = config->load.kind;
    assert(config->line_count >= kind->lines_min && config->line_count <= kind->lines_max);
    *plant = (struct plant){.line_count = config->line_count,
                            .load = {.config = config->load, .line_count = config->line_count, .act = kind->first_act}};
    for (int i = 0; i < config->line_count; i++)
        plant->load.anchor_height_m[i] = config->line[i].rope.anchor_height_m;
    struct line_start start[PLANT_LINES_MAX] = {{0}};
    struct line_end end[PLANT_LINES_MAX];
    kind->init(&plant->load, start);
    kind->ends(&plant->load, end);
    for (int i = 0; i < config->line_count; i++)
        line_init(&plant->line[i], &config->line[i], &start[i], &end[i]);
}

void plant_act(struct plant *plant, enum sim_act act, double value) {
    struct load *load = &plant->load;
    assert((load->config.kind->acts >> act & 1) != 0);
    double tension_n[PLANT_LINES_MAX];
    tensions(plant, tension_n);
    if (load->config.kind->act)
        load->config.kind->act(load, act, value, tension_n);
    load->act = act;
    load->act_value = value;
}

void plant_step(struct plant *plant, const struct line_input *input, double dt_s) {
    assert(dt_s > 0 && dt_s <= PLANT_STEP_S_MAX);
    double tension_n[PLANT_LINES_MAX];
    tensions(plant, tension_n);
    for (int i = 0; i < plant->line_count; i++)
        line_step(&plant->line[i], &input[i], dt_s);
    plant->load.t_s += dt_s;
    plant->load.config.kind->step(&plant->load, tension_n, dt_s);
    plant_hold(plant);
}
