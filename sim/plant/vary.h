/* What is never twice the same: between takes the load, the friction and the ropes are drawn anew about what the world
 * file states.
 */
#ifndef BELAY_SIM_PLANT_VARY_H
#define BELAY_SIM_PLANT_VARY_H

#include <stdint.h>

#include "sim/plant/plant.h"

/* How far each may be off, uniformly to both sides; creep only makes ropes longer. Percents below 100. */
struct plant_variation {
    double load_kg;
    double start_mm;         /* of a load that stands by itself; one that hangs is where its lines hold it */
    double friction_percent; /* of each winch */
    double ea_percent;       /* of each rope */
    double creep_mm;         /* of each rope, 0 to that longer than its drum counts */
};

/* Draws anew about `nominal`, the config of plant_init(). The same seed draws the same, whatever was drawn before. */
void plant_vary(struct plant *plant, const struct plant_config *nominal, const struct plant_variation *variation,
                uint64_t seed);

#endif
