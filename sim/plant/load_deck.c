/* The sea as a sum of waves of random height, length and phase; it rises in the first seconds. The mass by
 * semi-implicit Euler steps, as in load_mass.c. */
#include "sim/plant/load_deck.h"

#include <assert.h>
#include <math.h>

#include "sim/plant/ground.h"
#include "sim/plant/load.h"
#include "sim/plant/noise.h"

#define GROUND_N_M_KG 1000.0 /* it sinks in by 1 cm under its own weight, whatever that is */
#define STREAM 3
#define RISES_S 5.0  /* from a calm; smooth to the acceleration */
#define LOOK_FROM_S 20.0 /* the heave is the greatest from here, */
#define LOOK_TO_S 80.0   /* to here */
#define LOOK_STEP_S 0.02
#define PI 3.14159265358979323846

/* Place and speed of the full sea. */
static void sea(const struct load_deck *deck, double t_s, double *place_m, double *speed_m_s) {
    *place_m = *speed_m_s = 0;
    for (int i = 0; i < DECK_WAVES; i++) {
        const struct deck_wave *wave = &deck->wave[i];
        const double angle = wave->w_per_s * t_s + wave->phase;
        *place_m += wave->amplitude_m * sin(angle);
        *speed_m_s += wave->amplitude_m * wave->w_per_s * cos(angle);
    }
}

/* Where the deck is, above its place in a calm. */
static void move_deck(struct load *load) {
    const double x = fmin(load->t_s / RISES_S, 1);
    const double share = x * x * x * (10 - 15 * x + 6 * x * x), rises_s = 30 * x * x * (1 - x) * (1 - x) / RISES_S;
    double place_m, speed_m_s;
    sea(&load->of.deck, load->t_s, &place_m, &speed_m_s);
    load->deck_m = share * place_m;
    load->deck_m_s = share * speed_m_s + rises_s * place_m;
}

static void init_sea(struct load_deck *deck, const struct load_deck_config *config, uint64_t seed) {
    struct noise noise;
    double greatest_m = 0;
    noise_init(&noise, seed, STREAM);
    for (int i = 0; i < DECK_WAVES; i++) {
        deck->wave[i].amplitude_m = noise_uniform(&noise, 0.3, 1.3);
        deck->wave[i].w_per_s = 2 * PI * config->swell_hz * noise_uniform(&noise, 0.8, 1.2);
        deck->wave[i].phase = noise_uniform(&noise, 0, 2 * PI);
    }
    for (int k = 0; k < (int)((LOOK_TO_S - LOOK_FROM_S) / LOOK_STEP_S); k++) {
        double place_m, speed_m_s;
        sea(deck, LOOK_FROM_S + k * LOOK_STEP_S, &place_m, &speed_m_s);
        greatest_m = fmax(greatest_m, fabs(place_m));
    }
    for (int i = 0; i < DECK_WAVES; i++)
        deck->wave[i].amplitude_m *= config->heave_m / greatest_m;
}

static void init(struct load *load, struct line_start *start) {
    const struct load_deck_config *config = &load->config.of.deck;
    assert(config->mass_kg > 0 && config->swell_hz > 0 && config->heave_m >= 0);
    init_sea(&load->of.deck, config, load->config.seed);
    load->height_m = config->height_m;
    load->on_ground = config->height_m <= 0;
    start[0].tension_n = config->mass_kg * PLANT_GRAVITY_M_S2;
}

static void ends(const struct load *load, struct line_end *end) {
    end[0] = (struct line_end){.distance_m = load->anchor_height_m[0] + load->deck_m - load->height_m,
                               .speed_m_s = load->deck_m_s - load->speed_m_s};
}

static void step(struct load *load, const double *tension_n, double dt_s) {
    const double mass_kg = load->config.of.deck.mass_kg;
    const double ground_n = ground_push_n(GROUND_N_M_KG * mass_kg, mass_kg, load->height_m, load->speed_m_s);
    load->accel_m_s2 = (tension_n[0] + ground_n) / mass_kg - PLANT_GRAVITY_M_S2;
    load->speed_m_s += load->accel_m_s2 * dt_s;
    load->height_m += load->speed_m_s * dt_s;
    load->on_ground = ground_n > 0;
    move_deck(load);
}

static void vary(struct load *load, double more_kg, double off_m) {
    (void)off_m;
    load->config.of.deck.mass_kg += more_kg;
}

const struct load_kind load_deck_kind = {
    .name = "deck",
    .lines_min = 1,
    .lines_max = 1,
    .acts = 1u << ACT_HANG,
    .first_act = ACT_HANG,
    .init = init,
    .ends = ends,
    .step = step,
    .vary = vary,
};
