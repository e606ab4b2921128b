/* Turns and rope, layer by layer from the core. */
#include "controller/rig/winding.h"

#include <assert.h>
#include <math.h>

bool winding_can_be(const struct winding *winding) {
    return winding->core_m > 0 && winding->rope_m > 0 && winding->turns_per_layer > 0 && winding->layers >= 1 &&
           winding->layers <= WINDING_LAYERS_MAX;
}

static void check(const struct winding *winding) {
    assert(winding_can_be(winding));
    (void)winding; /* without assertions */
}

struct winding winding_around(double turn_m, double rope_m, double turns_per_layer, double nesting, int layers) {
    const double around_m = sqrt(fmax(0, turn_m * turn_m - rope_m * rope_m)); /* what the helix leaves of the turn */
    return (struct winding){.core_m = around_m / M_PI - rope_m, .rope_m = rope_m, .turns_per_layer = turns_per_layer,
                            .nesting = nesting, .layers = layers};
}

int winding_layer(const struct winding *winding, double turns) {
    check(winding);
    const double full = ceil(turns / winding->turns_per_layer) - 1; /* layers below the last turn */
    return (int)fmin(fmax(full, 0), winding->layers - 1);
}

double winding_turn_m(const struct winding *winding, int layer) {
    check(winding);
    const double radius_m = (winding->core_m + winding->rope_m) / 2 + layer * winding->nesting * winding->rope_m;
    return hypot(2 * M_PI * radius_m, winding->rope_m);
}

#define CLIMB_TURNS 0.5

double winding_turn_at_m(const struct winding *winding, double turns) {
    const int layer = winding_layer(winding, turns);
    const double top_m = winding_turn_m(winding, layer), above = turns - layer * winding->turns_per_layer;
    const double below = winding->turns_per_layer - above, half = CLIMB_TURNS / 2;
    if (layer > 0 && above < half)
        return top_m - (top_m - winding_turn_m(winding, layer - 1)) * (half - above) / CLIMB_TURNS;
    if (layer < winding->layers - 1 && below < half)
        return top_m + (winding_turn_m(winding, layer + 1) - top_m) * (half - below) / CLIMB_TURNS;
    return top_m;
}

double winding_rope_m(const struct winding *winding, double turns) {
    const int layer = winding_layer(winding, turns);
    double below_m = 0;
    for (int i = 0; i < layer; i++)
        below_m += winding->turns_per_layer * winding_turn_m(winding, i);
    return below_m + (turns - layer * winding->turns_per_layer) * winding_turn_m(winding, layer);
}

double winding_turns(const struct winding *winding, double rope_m) {
    int layer = 0;
    double left_m = rope_m;
    for (; layer < winding->layers - 1; layer++) {
        const double full_m = winding->turns_per_layer * winding_turn_m(winding, layer);
        if (left_m <= full_m)
            break;
        left_m -= full_m;
    }
    return layer * winding->turns_per_layer + left_m / winding_turn_m(winding, layer);
}
