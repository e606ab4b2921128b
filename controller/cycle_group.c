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

/* Bits of the group's axes that `holds`. */
static uint32_t axes_that(const struct cycle *cycle, int group, bool (*holds)(const struct axis *)) {
    uint32_t axes = 0;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (is_in(cycle, group, i) && holds(&cycle->axis[i]))
            axes |= UINT32_C(1) << i;
    return axes;
}

/* In a recovery without an encoder two people look instead; nobody else of the group is left out for that. */
static bool has_place(const struct axis *axis) {
    return !axis_bypasses(axis, BYPASS_ENCODER);
}

static bool has_fault(const struct axis *axis) {
    return axis->judge.state == STATE_FAULT;
}

static bool goes_down_by_hand(const struct axis *axis) {
    return (axis->mode == MODE_JOG || axis->mode == MODE_RECOVERY) && axis->jog_m_s >= 0;
}

/* Lowering by hand is the only way down for what hangs on a locked line, or on the drive, and beside a mate with a
 * fault. */
static bool has_no_other_way(const struct cycle *cycle, int group, const struct axis *axis) {
    const bool left_alone = axes_that(cycle, group, has_fault) != 0;
    return axis->loaded || axis->line_locked || axis_on_drive(axis) || left_alone;
}

/* Is one lowered alone, from the beginning of its motion? Then no mate that stands on its brake ends that. What began
 * together is compared to its end, and so is one that turns round. */
static bool lowers_alone(struct cycle *cycle, int group) {
    const uint32_t loose = axes_that(cycle, group, is_loose);
    uint32_t *alone = &cycle->group_alone[group];
    const bool goes_on = loose == *alone;
    *alone = 0;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct axis *axis = &cycle->axis[i];
        if (loose != UINT32_C(1) << i || !goes_down_by_hand(axis))
            continue;
        if (goes_on || (!cycle->group[group].moves && has_no_other_way(cycle, group, axis)))
            *alone = loose;
    }
    return *alone != 0;
}

static bool is_apart(struct cycle *cycle, int group) {
    const uint32_t compared = lowers_alone(cycle, group) ? 0 : axes_that(cycle, group, has_place);
    struct group_in in = {.count = 0};
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((compared >> i & 1) != 0)
            add(&in, &cycle->axis[i]);
    if (compared != cycle->group_compared[group])
        cycle->group[group].moves = false; /* other axes have their places there: it begins anew */
    cycle->group_compared[group] = compared;
    return group_step(&cycle->group[group], &cycle->group_limits[group], &in);
}

int group_mate_recovers(const struct cycle *cycle, int index) {
    for (int group = 0; group < cycle->rig->group_count; group++)
        for (int i = 0; is_in(cycle, group, index) && i < cycle->rig->axis_count; i++)
            if (is_in(cycle, group, i) && axis_recovers(&cycle->axis[i]))
                return i;
    return -1;
}

void cycle_watch_groups(struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        cycle->axis[i].group_faults = 0;
    for (int i = 0; i < cycle->rig->group_count; i++) {
        const bool apart = cycle->rig->group[i].kind == GROUP_LOCKED && is_apart(cycle, i);
        for (int axis = 0; apart && axis < cycle->rig->axis_count; axis++)
            if (is_in(cycle, i, axis))
                cycle->axis[axis].group_faults = FAULT_BIT(GROUP_DEVIATION);
    }
}
