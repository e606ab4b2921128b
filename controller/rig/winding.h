/* How rope lies on a drum, layer upon layer: drum turns <-> rope. Pure; SI. docs/cable.md derives it.
 *
 * A turn is as long as the helix at the rope's centre: hypot(2 pi r, rope diameter). The first layer lies at
 * r = (core + rope) / 2, each further one higher by nesting x rope diameter. So the length is a broken line over the
 * turns, and can be inverted exactly.
 */
#ifndef BELAY_CONTROLLER_RIG_WINDING_H
#define BELAY_CONTROLLER_RIG_WINDING_H

#include <stdbool.h>

#define WINDING_LAYERS_MAX 32
#define WINDING_ON_TOP 1.0                  /* nesting: rope on rope, as where layers cross */
#define WINDING_NESTED 0.86602540378443865  /* sqrt(3) / 2: in the furrows of the layer below */

struct winding {
    double core_m;          /* diameter of the bare drum, > 0 */
    double rope_m;          /* diameter of the rope, > 0 */
    double turns_per_layer; /* > 0 */
    double nesting;         /* from WINDING_NESTED to WINDING_ON_TOP; what is measured on the full drum */
    int layers;             /* that the drum can take, 1..WINDING_LAYERS_MAX */
};

/* A drum whose first layer has turns of `turn_m`, for rope of `rope_m` diameter. Not every figure makes one: see
 * winding_can_be(). */
struct winding winding_around(double turn_m, double rope_m, double turns_per_layer, double nesting, int layers);

/* Are the values in the ranges above? All the rest asserts it. */
bool winding_can_be(const struct winding *winding);

/* The layer, from 0, in which the rope comes off with so many turns on the drum; the outermost where more are asked
 * for than the drum takes. At the place between two layers it is the inner one, the one that is full. */
int winding_layer(const struct winding *winding, double turns);

/* Rope in one turn of a layer, from 0. Also what one turn of the drum pays out there. */
double winding_turn_m(const struct winding *winding, int layer);

/* Rope that one turn pays out just there: of a layer, but for the half turn around a flange in which the rope climbs
 * from one to the next. By it a speed goes over without a step. */
double winding_turn_at_m(const struct winding *winding, double turns);

/* Rope on the drum with so many turns, >= 0. */
double winding_rope_m(const struct winding *winding, double turns);

/* Turns with so much rope on the drum, >= 0: the inverse. */
double winding_turns(const struct winding *winding, double rope_m);

#endif
