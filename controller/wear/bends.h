/* How often a rope was bent, place by place along it: a rope dies of being bent over drum and sheaves, and most where
 * most often, not of its age. Pure; SI, rope paid out.
 *
 * A place of the rope is named by the rope paid out when it leaves the drum. That is half a bend, from round to
 * straight or back; a sheave, which it passes `lead_m` later, is a whole one (K. Feyrer, Wire Ropes: a bending cycle is
 * straight, bent, straight). A sheave that bends the rope the other way wears it about twice as much: the rig counts
 * it twice. Tension and diameter ratios are in the number of bends that the rig allows, not in the count.
 */
#ifndef BELAY_CONTROLLER_WEAR_BENDS_H
#define BELAY_CONTROLLER_WEAR_BENDS_H

#include <stdbool.h>
#include <stdint.h>

#define BENDS_PLACES 1024

struct bends {
    double from_m, step_m; /* place i is the piece that begins at from_m + i x step_m; step_m > 0 */
    double lead_m;         /* rope between drum and sheaves, >= 0 */
    int sheaves;           /* 0..20 */
    uint32_t half[BENDS_PLACES]; /* half bends of each place; stops at UINT32_MAX */
    bool placed;           /* at_m is known */
    double at_m;           /* rope paid out when last seen */
};

struct bends_worst {
    uint32_t bends; /* whole ones, rounded up */
    double place_m; /* the middle of the place */
};

/* None yet, for a rope of which `least_m` to `most_m` is paid out, least_m < most_m. */
void bends_begin(struct bends *bends, double least_m, double most_m, double lead_m, int sheaves);

/* So much rope is paid out now. A first reading, or one after bends_lose(), tells where the rope is, and counts
 * nothing. */
void bends_see(struct bends *bends, double at_m);

/* The position is not known: what moves until the next reading is not counted. */
void bends_lose(struct bends *bends);

/* The place that was bent most; the first of several. */
struct bends_worst bends_worst(const struct bends *bends);

/* Takes over what `from` counted of the same rope, for places laid otherwise: each gets the most of what it covers. */
void bends_take(struct bends *bends, const struct bends *from);

#endif
