/* Integers of the kernel: bounds and magnitudes, without overflow. Pure. */
#ifndef BELAY_CONTROLLER_SAFETY_INTEGER_H
#define BELAY_CONTROLLER_SAFETY_INTEGER_H

#include <stdint.h>

/* The value, but no further from 0 than `bound`, 0..1e12. */
int64_t integer_bounded(int64_t value, int64_t bound);

/* Without its sign. The value lies within 4e18 of 0. */
int64_t integer_magnitude(int64_t value);

#endif
