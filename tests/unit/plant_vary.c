/* What is drawn between takes: within its bounds, everywhere in them, the same for the same seed. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/plant/vary.h"

#define DT 0.00025
#define DRAWS 2000

static const struct line_input idle[2];
static const struct plant_variation variation = {
    .load_kg = 5, .start_mm = 30, .friction_percent = 20, .ea_percent = 10, .creep_mm = 40};

static struct plant_config config(void) {
    struct plant_config c = {.load = {.kind = &load_mass_kind, .of.mass = {.mass_kg = 200, .height_m = 11}},
                             .line_count = 2};
    for (int i = 0; i < 2; i++)
        c.line[i] = (struct line_config){
            .rope = {.ea_n = 120000, .damping_ms = 50, .lead_m = 5, .anchor_height_m = 26},
            .winch = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20, .rated_n = 2000,
                      .force_n_max = 4000, .speed_loop_ms = 20},
            .brake_count = 1,
            .brake = {{.open_ms = 80, .close_ms = 100, .rise_ms = 50, .hold_n = 8000}}};
    return c;
}

/* Share of the way between its bounds, of each value that is drawn. */
static void shares(const struct plant *plant, double share[7]) {
    int n = 0;
    share[n++] = (plant->load.config.of.mass.mass_kg - 195) / 10;
    for (int i = 0; i < 2; i++) {
        share[n++] = (plant->line[i].config.winch.friction_n - 16) / 8;
        share[n++] = (plant->line[i].config.rope.ea_n - 108000) / 24000;
        share[n++] = plant->line[i].creep_m / 0.04;
    }
}

/* Uniform and unrelated: means 1/2 and variances 1/12, correlations of none, with what 2000 draws may be off by. */
Test(plant_vary, everything_is_drawn_everywhere_within_its_bounds) {
    const struct plant_config c = config();
    struct plant plant;
    plant_init(&plant, &c);
    double sum[7] = {0}, product[7][7] = {{0}};
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        double share[7];
        plant_vary(&plant, &c, &variation, seed);
        shares(&plant, share);
        for (int i = 0; i < 7; i++) {
            cr_assert(share[i] > -1e-9 && share[i] < 1 + 1e-9, "value %d: %g", i, share[i]);
            sum[i] += share[i] / DRAWS;
            for (int j = 0; j < 7; j++)
                product[i][j] += (share[i] - 0.5) * (share[j] - 0.5) / DRAWS;
        }
    }
    for (int i = 0; i < 7; i++) {
        cr_expect_float_eq(sum[i], 0.5, 0.03, "value %d: mean %g", i, sum[i]);
        for (int j = 0; j < 7; j++)
            cr_expect_float_eq(product[i][j], i == j ? 1.0 / 12 : 0, 0.01, "values %d and %d: %g", i, j, product[i][j]);
    }
}

Test(plant_vary, a_seed_draws_the_same_whatever_was_drawn_before) {
    const struct plant_config c = config();
    double first[7], again[7];
    struct plant plant;
    plant_init(&plant, &c);
    plant_vary(&plant, &c, &variation, 7);
    shares(&plant, first);
    plant_vary(&plant, &c, &variation, 8);
    shares(&plant, again);
    cr_expect_neq(memcmp(first, again, sizeof first), 0);
    plant_vary(&plant, &c, &variation, 7);
    shares(&plant, again);
    cr_expect_eq(memcmp(first, again, sizeof first), 0);
}

/* At rest each drawn load hangs as theory says: rope and creep, stretched by its share, end at one height. */
Test(plant_vary, a_drawn_load_hangs_where_its_ropes_hold_it) {
    const struct plant_config c = config();
    for (uint64_t seed = 1; seed <= 5; seed++) {
        struct plant plant;
        plant_init(&plant, &c);
        const double counted_m = plant.line[0].winch.rope_out_m;
        plant_vary(&plant, &c, &variation, seed);
        for (int s = 0; s < 160000; s++) /* 40 s */
            plant_step(&plant, idle, DT);
        double sum_n = 0;
        for (int i = 0; i < 2; i++) {
            const struct line *line = &plant.line[i];
            const double long_m = line->tension_n * (line->winch.rope_out_m + 5) / line->config.rope.ea_n;
            cr_expect_float_eq(26 - line->winch.rope_out_m - line->creep_m - long_m, plant.load.height_m, 1e-6);
            cr_expect_eq(line->winch.rope_out_m, counted_m, "the drum counts no creep");
            sum_n += line->tension_n;
        }
        cr_expect_float_eq(sum_n, plant.load.config.of.mass.mass_kg * PLANT_GRAVITY_M_S2, 1e-3);
    }
}

Test(plant_vary, a_climber_who_stands_begins_elsewhere) {
    struct plant_config c = config();
    c.line_count = 1;
    c.load = (struct load_config){.kind = &load_climber_kind,
                                  .of.climber = {.mass_kg = 80, .height_m = 11, .slump_s = 1}};
    double least_m = INFINITY, most_m = -INFINITY;
    struct plant plant;
    plant_init(&plant, &c);
    for (uint64_t seed = 0; seed < 200; seed++) {
        plant_vary(&plant, &c, &variation, seed);
        plant_step(&plant, idle, DT);
        least_m = fmin(least_m, plant.load.height_m), most_m = fmax(most_m, plant.load.height_m);
        cr_expect(plant.load.config.of.climber.mass_kg >= 75 && plant.load.config.of.climber.mass_kg <= 85);
    }
    cr_expect(least_m >= 10.97 && least_m < 10.975, "%g m", least_m);
    cr_expect(most_m <= 11.03 && most_m > 11.025, "%g m", most_m);
    plant_act(&plant, ACT_FALL, 0);
    plant_step(&plant, idle, DT);
    const double falls_from_m = plant.load.height_m;
    plant_vary(&plant, &c, &variation, 3);
    cr_expect_eq(plant.load.height_m, falls_from_m, "nobody is moved in the air");
}
