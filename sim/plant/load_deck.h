/* A mass on the rope of a winch that stands on a deck at sea: what heaves is not the load but the last sheave. */
#ifndef BELAY_SIM_PLANT_LOAD_DECK_H
#define BELAY_SIM_PLANT_LOAD_DECK_H

#define DECK_WAVES 5

struct load_deck_config {
    double mass_kg;
    double height_m; /* of the hook above the ground, or the water, at the start; on it it lies at 0 */
    double heave_m;  /* the deck's greatest way from its middle, from 20 s to 80 s after the start */
    double swell_hz; /* its waves are within a fifth of this */
};

struct load_deck {
    struct deck_wave {
        double amplitude_m, w_per_s, phase;
    } wave[DECK_WAVES];
};

extern const struct load_kind load_deck_kind;

#endif
