/* How the rope must lie on the drum: enough turns left at the far end, and no more layers at the near one than the
 * figures of the rig file are for. */
#include <math.h>

#include "controller/rig/rig_check_parts.h"

#define ROUNDING 1e-9
#define DIAMETERS_MIN 8 /* of a drum: no rope bears to be bent sharper */

static bool number(const struct rig_loader *loader, int axis, const char *key, double *value) {
    return rig_number_of(loader, "axes", axis, key, value);
}

/* Does the drum stand in the file? */
static bool drum_of(const struct rig_loader *loader, int axis, struct winding *drum) {
    double turn_m = 0, per_layer = 0, diameter_m = 0, nesting = 0, count = 0;
    if (!number(loader, axis, "drum.circumference_m", &turn_m) ||
        !number(loader, axis, "winding.turns_per_layer", &per_layer) ||
        !number(loader, axis, "winding.layers.diameter_m", &diameter_m) ||
        !number(loader, axis, "winding.layers.nesting", &nesting) ||
        !number(loader, axis, "winding.layers.count", &count))
        return false;
    *drum = winding_around(turn_m, diameter_m, per_layer, nesting, (int)count);
    return winding_can_be(drum);
}

/* Turns on the drum with so much rope on it; false when a value was not taken. */
static bool turns_of(const struct rig_loader *loader, int axis, double rope_m, double *turns) {
    double circumference_m = 0;
    struct winding drum;
    if (loader->raw->axes[axis].winding.layers.present) {
        if (!drum_of(loader, axis, &drum))
            return false;
        *turns = winding_turns(&drum, rope_m);
        return true;
    }
    if (!number(loader, axis, "drum.circumference_m", &circumference_m))
        return false;
    *turns = rope_m / circumference_m;
    return true;
}

/* The same at a place of the axis. */
static bool turns_at(const struct rig_loader *loader, int axis, const char *position, double *turns) {
    double rope_m = 0, position_m = 0;
    return number(loader, axis, "winding.rope_m", &rope_m) && number(loader, axis, position, &position_m) &&
           turns_of(loader, axis, rope_m - position_m, turns);
}

/* The turns that hold the rope stay on the drum wherever a stop may end. */
static void check_dead_turns(const struct rig_loader *loader, int axis) {
    double turns = 0, dead_turns = 0, circumference_m = 0;
    if (!number(loader, axis, "winding.dead_turns", &dead_turns) ||
        !number(loader, axis, "drum.circumference_m", &circumference_m) ||
        !turns_at(loader, axis, "ultimate.position_max_m", &turns) || turns >= dead_turns * (1 - ROUNDING))
        return;
    rig_fail(loader, "axes", axis, "winding.rope_m",
             "%.4g turns are left at ultimate.position_max_m, expected at least %.4g = winding.dead_turns: %.4g m more "
             "rope, or a nearer limit",
             turns, dead_turns, (dead_turns - turns) * circumference_m);
}

/* In a layer more a turn is longer, and position, speed and torque of the figures above are wrong. */
static void check_layer(const struct rig_loader *loader, int axis) {
    double turns = 0, most = 0, count = 0;
    const bool layered = loader->raw->axes[axis].winding.layers.present;
    if (!number(loader, axis, "winding.turns_per_layer", &most) ||
        !turns_at(loader, axis, "ultimate.position_min_m", &turns))
        return;
    if (!layered && turns > most * (1 + ROUNDING))
        rig_fail(loader, "axes", axis, "winding.turns_per_layer",
                 "%.4g turns lie on the drum at ultimate.position_min_m, expected at most %.4g, a layer: in the next "
                 "one a turn is longer than drum.circumference_m",
                 turns, most);
    if (layered && number(loader, axis, "winding.layers.count", &count) && turns > count * most * (1 + ROUNDING))
        rig_fail(loader, "axes", axis, "winding.layers.count",
                 "%.4g turns lie on the drum at ultimate.position_min_m, expected at most %.4g, %.4g layers of %.4g",
                 turns, count * most, count, most);
}

/* The last turns hold by lying on the drum itself. */
static void check_first_layer(const struct rig_loader *loader, int axis) {
    double dead_turns = 0, most = 0;
    if (loader->raw->axes[axis].winding.layers.present && number(loader, axis, "winding.dead_turns", &dead_turns) &&
        number(loader, axis, "winding.turns_per_layer", &most) && dead_turns > most)
        rig_fail(loader, "axes", axis, "winding.dead_turns", "%.4g is more than the first layer, %.4g turns",
                 dead_turns, most);
}

static void check_diameter(const struct rig_loader *loader, int axis) {
    double turn_m = 0, diameter_m = 0;
    if (!number(loader, axis, "drum.circumference_m", &turn_m) ||
        !number(loader, axis, "winding.layers.diameter_m", &diameter_m))
        return;
    const double most_m = turn_m / M_PI / DIAMETERS_MIN;
    if (diameter_m > most_m)
        rig_fail(loader, "axes", axis, "winding.layers.diameter_m",
                 "%.4g m on a drum of %.4g m, expected at most %.4g m: the drum has %d diameters of its rope at least",
                 diameter_m, turn_m / M_PI, most_m, DIAMETERS_MIN);
}

/* Rope that climbs too early or falls into a gap makes another length of each turn. Motor and encoder turn with the
 * drum whichever way it lies: only a switch sees it. */
static void check_watched(const struct rig_loader *loader, int axis) {
    const struct rig_axis *const to = &loader->rig->axis[axis];
    bool watched = false;
    for (int i = 0; i < to->switch_count; i++)
        watched = watched || to->limit_switch[i].kind == GUARD_OVERWRAP;
    if (loader->raw->axes[axis].winding.layers.present && to->carries_person && !watched)
        rig_fail(loader, "axes", axis, "winding.layers",
                 "several layers on a line that carries a person, expected an overwrap switch: nothing else sees a "
                 "wrong layer");
}

void rig_check_winding(const struct rig_loader *loader, int axis) {
    check_diameter(loader, axis);
    check_dead_turns(loader, axis);
    check_layer(loader, axis);
    check_first_layer(loader, axis);
    check_watched(loader, axis);
}
