/* Seeded random numbers, the same on every machine: runs of the simulator can be repeated. */
#ifndef BELAY_SIM_PLANT_NOISE_H
#define BELAY_SIM_PLANT_NOISE_H

#include <stdint.h>

struct noise {
    uint64_t state;
};

/* Starts a sequence. Different seeds, and different streams of one seed, are unrelated. */
void noise_init(struct noise *noise, uint64_t seed, uint64_t stream);

/* Next number, uniform in least..most. */
double noise_uniform(struct noise *noise, double least, double most);

/* Next number of a normal distribution, mean 0, standard deviation 1. */
double noise_normal(struct noise *noise);

#endif
