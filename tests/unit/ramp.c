/* Ramps: change per step. */
#include "controller/motion/ramp.h"

#include <criterion/criterion.h>

Test(ramp, changes_by_no_more_than_the_acceleration) {
    cr_assert_float_eq(ramp_towards(0, 1, 2, 0.01), 0.02, 1e-12);
    cr_assert_float_eq(ramp_towards(0.5, -1, 2, 0.01), 0.48, 1e-12);
    cr_assert_float_eq(ramp_towards(0.99, 1, 2, 0.01), 1.0, 1e-12);
}
