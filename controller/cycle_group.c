/* The groups in the cycle: axes that carry one thing between them stop together when they get apart. */
#include <math.h>

#include "controller/cycle_parts.h"

_Static_assert(RIG_AXES_MAX <= GROUP_AXES_MAX, "every axis of a rig has its place in a group");

/* Free to move, or on the way into it or out of it. */
static bool is_loose(const struct axis *axis) {
    return judge_wants_brake_open(axis->judge.state);
}

static void add(struct group_in *in, const struct axis *axis) {
    const double most_um = GROUP_PLACE_MAX_UM;
    in->known[in->count] = axis->position_steps.quality == QUALITY_GOOD;
    in->position_um[in->count] = llround(fmax(-most_um, fmin(axis->position_m * 1e6, most_um)));
    in->moves = in->moves || is_loose(axis);
    in->count++;
}

static bool is_in(const struct cycle *cycle, int group, int axis) {
    return (cycle->rig->group[group].axes >> axis & 1) != 0;
}

/* In a recovery without an encoder two people look instead, and one axis moves alone. */
static bool recovers(const struct cycle *cycle, int group) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (is_in(cycle, group, i) && axis_recovers(&cycle->axis[i]))
            return true;
    return false;
}

static bool is_apart(struct cycle *cycle, int group) {
    struct group_in in = {.count = 0};
    for (int i = 0; i < cycle->rig->axis_count && !recovers(cycle, group); i++)
        if (is_in(cycle, group, i))
            add(&in, &cycle->axis[i]);
    return group_step(&cycle->group[group], &cycle->group_limits[group], &in);
}

void cycle_watch_groups(struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        cycle->axis[i].group_faults = 0;
    for (int i = 0; i < cycle->rig->group_count; i++) {
        const bool apart = is_apart(cycle, i);
        for (int axis = 0; apart && axis < cycle->rig->axis_count; axis++)
            if (is_in(cycle, i, axis))
                cycle->axis[axis].group_faults = FAULT_BIT(GROUP_DEVIATION);
    }
}
