/* The winding against worked figures: a drum of 400 mm, rope of 16 mm, ten turns a layer. A turn of the first layer
 * lies at r = 208 mm: hypot(2 pi 0.208, 0.016) m = 1.307000... m; of the second, rope on rope, at 224 mm. */
#include "controller/rig/winding.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct winding drum = {
    .core_m = 0.400, .rope_m = 0.016, .turns_per_layer = 10, .nesting = WINDING_ON_TOP, .layers = 3};

Test(winding, a_turn_is_as_long_as_its_helix) {
    cr_expect_float_eq(winding_turn_m(&drum, 0), sqrt(1.306902544 * 1.306902544 + 0.000256), 1e-9);
    cr_expect_float_eq(winding_turn_m(&drum, 1), sqrt(1.407433509 * 1.407433509 + 0.000256), 1e-9);
}

/* Three circles that touch: the upper one's centre is sqrt(3)/2 of a diameter above the two lower ones'. */
Test(winding, rope_in_the_furrows_lies_lower) {
    struct winding nested = drum;
    nested.nesting = WINDING_NESTED;
    const double rise_m = sqrt(0.016 * 0.016 - 0.008 * 0.008);
    cr_expect_float_eq(winding_turn_m(&nested, 2), hypot(2 * M_PI * (0.208 + 2 * rise_m), 0.016), 1e-12);
}

Test(winding, layers_add_up) {
    const double first_m = 10 * winding_turn_m(&drum, 0), second_m = 10 * winding_turn_m(&drum, 1);
    cr_expect_eq(winding_rope_m(&drum, 0), 0);
    cr_expect_float_eq(winding_rope_m(&drum, 4), 0.4 * first_m, 1e-12);
    cr_expect_float_eq(winding_rope_m(&drum, 10), first_m, 1e-12);
    cr_expect_float_eq(winding_rope_m(&drum, 13), first_m + 0.3 * second_m, 1e-12);
    cr_expect_float_eq(winding_rope_m(&drum, 25), first_m + second_m + 5 * winding_turn_m(&drum, 2), 1e-12);
}

Test(winding, between_two_layers_the_full_one_counts) {
    const int want[] = {0, 0, 0, 0, 1, 1, 2, 2, 2};
    const double turns[] = {0, 0.1, 5, 10, 10.0001, 20, 20.0001, 30, 31};
    for (int i = 0; i < 9; i++)
        cr_expect_eq(winding_layer(&drum, turns[i]), want[i], "%g turns", turns[i]);
}

Test(winding, the_end_of_a_layer_leads_back_to_it) {
    for (double turns = 0; turns <= 33; turns += 0.5) /* beyond the last layer it goes on in that */
        cr_expect_float_eq(winding_turns(&drum, winding_rope_m(&drum, turns)), turns, 1e-12);
}
