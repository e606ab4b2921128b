/* A mass on the rope of a winch on a heaving deck, against theory. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/plant/plant.h"

#define G PLANT_GRAVITY_M_S2
#define DT 0.00025

static const struct line_input idle[PLANT_LINES_MAX]; /* motors without torque, brakes closed */

static struct plant_config config(double heave_m, double ea_n, uint64_t seed) {
    struct plant_config c = {.load = {.kind = &load_deck_kind,
                                      .seed = seed,
                                      .of.deck = {.mass_kg = 150, .height_m = 8, .heave_m = heave_m, .swell_hz = 0.2}},
                             .line_count = 1};
    c.line[0] = (struct line_config){
        .rope = {.ea_n = ea_n, .damping_ms = 20, .lead_m = 5, .anchor_height_m = 20},
        .winch = {.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20, .rated_n = 2500,
                  .force_n_max = 5000, .speed_loop_ms = 20},
        .brake_count = 1,
        .brake = {{.open_ms = 80, .close_ms = 100, .rise_ms = 50, .hold_n = 8000}}};
    return c;
}

static void step(struct plant *plant) {
    plant_step(plant, idle, DT);
}

Test(plant_deck, in_a_calm_it_hangs_still) {
    struct plant_config c = config(0, 50000, 1);
    struct plant plant;
    plant_init(&plant, &c);
    for (int i = 0; i < 20000; i++)
        step(&plant);
    cr_expect_float_eq(plant.load.height_m, 8, 1e-9);
    cr_expect_float_eq(plant.line[0].tension_n, 150 * G, 1e-6);
    cr_expect_eq(plant.load.deck_m, 0);
}

/* Begins in a calm, without a jump of place or speed, goes as far as it says, and its speed is that of its place. */
Test(plant_deck, the_sea_is_as_the_world_says) {
    double first_m = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct plant_config c = config(1, 1e6, seed);
        struct plant plant;
        double greatest_m = 0, last_m = 0, last_m_s = 0;
        int crossings = 0;
        plant_init(&plant, &c);
        for (int i = 0; i < 600 * 1000; i++) { /* of the load alone, in steps of 1 ms */
            plant.load.t_s += 0.001;
            load_deck_kind.step(&plant.load, (const double[]){150 * G}, 0.001);
            const double mean_m_s = (plant.load.deck_m - last_m) / 0.001;
            cr_assert_float_eq(mean_m_s, (plant.load.deck_m_s + last_m_s) / 2, 1e-5, "after %d ms", i);
            crossings += (plant.load.deck_m > 0) != (last_m > 0);
            if (i > 20000 && i < 80000)
                greatest_m = fmax(greatest_m, fabs(plant.load.deck_m));
            last_m = plant.load.deck_m;
            last_m_s = plant.load.deck_m_s;
        }
        cr_expect_float_eq(greatest_m, 1, 0.005);
        cr_expect(crossings > 2 * 600 * 0.16 && crossings < 2 * 600 * 0.24, "%d", crossings);
        cr_expect_neq(plant.load.deck_m, first_m, "each seed has its own sea");
        first_m = plant.load.deck_m;
    }
}

/* On a drum that stands the mass is a spring's: each wave moves it by 1 / (1 - (w/w0)^2) of its own height. The rope is
 * soft for this, and damped well below that. */
Test(plant_deck, the_rope_gives_as_theory_says) {
    struct plant_config c = config(1, 50000, 4);
    struct plant plant;
    plant_init(&plant, &c);
    const double k_n_m = rope_stiffness_n_m(&c.line[0].rope, plant.line[0].winch.rope_out_m), w02 = k_n_m / 150;
    double worst_m = 0, more_m = 0;
    for (int i = 0; i < (int)(60 / DT); i++) {
        double theory_m = 8;
        step(&plant);
        if (i * DT < 25)
            continue;
        for (int j = 0; j < DECK_WAVES; j++) {
            const struct deck_wave *wave = &plant.load.of.deck.wave[j];
            const double w2 = wave->w_per_s * wave->w_per_s;
            theory_m += wave->amplitude_m / (1 - w2 / w02) * sin(wave->w_per_s * plant.load.t_s + wave->phase);
        }
        worst_m = fmax(worst_m, fabs(plant.load.height_m - theory_m));
        more_m = fmax(more_m, fabs(plant.load.height_m - 8 - plant.load.deck_m));
    }
    cr_expect_gt(more_m, 0.05, "the rope stretches by %g m", more_m);
    cr_expect_lt(worst_m, 0.1 * more_m, "%g of %g m", worst_m, more_m);
}
