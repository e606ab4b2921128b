/* Integers of the kernel: bounds, magnitudes and parts, without overflow. Pure. */
#ifndef BELAY_CONTROLLER_SAFETY_INTEGER_H
#define BELAY_CONTROLLER_SAFETY_INTEGER_H

#include <stdint.h>

/* The value, but no further from 0 than `bound`, 0..1e12. */
/*@ requires 0 <= bound <= 1000000000000;
    assigns \nothing;
    ensures \result == \max(-bound, \min(value, bound));
*/
int64_t integer_bounded(int64_t value, int64_t bound);

/* Without its sign. The value lies within 4e18 of 0. */
/*@ requires -4000000000000000000 <= value <= 4000000000000000000;
    assigns \nothing;
    ensures \result == \abs(value);
*/
int64_t integer_magnitude(int64_t value);

/* That part of a value within 1e12 of 0, towards zero: never more than the value. `part` is 1..1e5, and `whole` is not
 * below it. */
/*@ requires -1000000000000 <= value <= 1000000000000 && 0 < part <= whole && part <= 100000;
    assigns \nothing;
    ensures exact: \result == value * part / whole;
    ensures within: 0 <= \result <= value || value <= \result <= 0;
*/
int64_t integer_share(int64_t value, int64_t part, int64_t whole);

#endif
