/* How the rope must lie on the drum: enough turns left at the far end, and one layer, for one length per turn holds
 * all the way. */
#include <math.h>

#include "controller/rig/rig_check_parts.h"

#define ROUNDING 1e-9

/* Turns on the drum with so much rope paid out; false when a value was not taken. */
static bool turns_at(const struct rig_loader *loader, int axis, const char *position, double *turns) {
    double rope_m = 0, position_m = 0, circumference_m = 0;
    if (!rig_number_of(loader, "axes", axis, "winding.rope_m", &rope_m) ||
        !rig_number_of(loader, "axes", axis, position, &position_m) ||
        !rig_number_of(loader, "axes", axis, "drum.circumference_m", &circumference_m))
        return false;
    *turns = (rope_m - position_m) / circumference_m;
    return true;
}

/* The turns that hold the rope stay on the drum wherever a stop may end. */
static void check_dead_turns(const struct rig_loader *loader, int axis) {
    double turns = 0, dead_turns = 0, circumference_m = 0;
    if (!rig_number_of(loader, "axes", axis, "winding.dead_turns", &dead_turns) ||
        !rig_number_of(loader, "axes", axis, "drum.circumference_m", &circumference_m) ||
        !turns_at(loader, axis, "ultimate.position_max_m", &turns) || turns >= dead_turns * (1 - ROUNDING))
        return;
    rig_fail(loader, "axes", axis, "winding.rope_m",
             "%.4g turns are left at ultimate.position_max_m, expected at least %.4g = winding.dead_turns: %.4g m more "
             "rope, or a nearer limit",
             turns, dead_turns, (dead_turns - turns) * circumference_m);
}

/* In a second layer a turn is longer, and position, speed and torque of the figures above are wrong. */
static void check_layer(const struct rig_loader *loader, int axis) {
    double turns = 0, most = 0;
    if (!rig_number_of(loader, "axes", axis, "winding.turns_per_layer", &most) ||
        !turns_at(loader, axis, "ultimate.position_min_m", &turns) || turns <= most * (1 + ROUNDING))
        return;
    rig_fail(loader, "axes", axis, "winding.turns_per_layer",
             "%.4g turns lie on the drum at ultimate.position_min_m, expected at most %.4g, a layer: in the next one a "
             "turn is longer than drum.circumference_m",
             turns, most);
}

void rig_check_winding(const struct rig_loader *loader, int axis) {
    check_dead_turns(loader, axis);
    check_layer(loader, axis);
}
