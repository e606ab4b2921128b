/* Integers of the kernel. */
#include "controller/safety/integer.h"

int64_t integer_bounded(int64_t value, int64_t bound) {
    if (value > bound)
        return bound;
    return value < -bound ? -bound : value;
}

int64_t integer_magnitude(int64_t value) {
    return value < 0 ? -value : value;
}

int64_t integer_share(int64_t value, int64_t part, int64_t whole) {
    return value * part / whole;
}
