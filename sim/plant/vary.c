/* Draws, in an order that never changes: the load, then line by line. */
#include "sim/plant/vary.h"

#include <assert.h>

#include "sim/plant/noise.h"

#define STREAM 3

static double about(struct noise *noise, double value, double percent) {
    assert(percent >= 0 && percent < 100);
    return value * (1 + noise_uniform(noise, -percent, percent) / 100);
}

void plant_vary(struct plant *plant, const struct plant_config *nominal, const struct plant_variation *variation,
                uint64_t seed) {
    struct noise noise;
    noise_init(&noise, seed, STREAM);
    struct load *load = &plant->load;
    load->config = nominal->load;
    const double more_kg = noise_uniform(&noise, -variation->load_kg, variation->load_kg);
    const double off_mm = noise_uniform(&noise, -variation->start_mm, variation->start_mm);
    load->config.kind->vary(load, more_kg, off_mm / 1000);
    for (int i = 0; i < plant->line_count; i++) {
        struct line *line = &plant->line[i];
        line->config = nominal->line[i];
        line->config.winch.friction_n = about(&noise, line->config.winch.friction_n, variation->friction_percent);
        line->config.rope.ea_n = about(&noise, line->config.rope.ea_n, variation->ea_percent);
        line->creep_m = noise_uniform(&noise, 0, variation->creep_mm) / 1000;
    }
    plant_hold(plant);
}
