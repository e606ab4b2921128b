/* Random numbers by SplitMix64 (Steele, Lea, Flood 2014); normal ones by Box and Muller. */
#include "sim/plant/noise.h"

#include <assert.h>
#include <math.h>

static uint64_t next(struct noise *noise) {
    noise->state += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = noise->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

void noise_init(struct noise *noise, uint64_t seed, uint64_t stream) {
    noise->state = seed;
    noise->state = next(noise) ^ (stream * UINT64_C(0xD1342543DE82EF95));
}

/* 0 <= x < 1 with all 53 bits of a double. */
static double unit(struct noise *noise) {
    return (double)(next(noise) >> 11) * 0x1p-53;
}

double noise_uniform(struct noise *noise, double least, double most) {
    assert(least <= most);
    return least + (most - least) * unit(noise);
}

double noise_normal(struct noise *noise) {
    double radius = sqrt(-2 * log(1 - unit(noise)));
    return radius * cos(2 * 3.14159265358979323846 * unit(noise));
}
