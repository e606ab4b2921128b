/* The guards of an axis in the cycle: their readings, their faults, and what they block. */
#include <math.h>

#include "controller/cycle_parts.h"

void axis_take_switches(struct cycle *cycle, const struct image_in *image, int index) {
    const struct rig_axis *from = &cycle->rig->axis[index];
    struct axis *axis = &cycle->axis[index];
    for (int i = 0; i < from->switch_count; i++) {
        const struct rig_switch *limit_switch = &from->limit_switch[i];
        const struct profile *block = &cycle->rig->profile[cycle->rig->device[limit_switch->io].profile];
        struct image_value inputs = cycle_read_inputs(cycle, image, limit_switch->io);
        axis->guard_in.read_ok[limit_switch->kind] = inputs.quality == QUALITY_GOOD;
        axis->guard_in.closed[limit_switch->kind] =
            (inputs.raw & block->io.contact_closed[limit_switch->contact]) != 0;
    }
}

static uint64_t when(bool there, uint64_t fault) {
    return there ? fault : 0;
}

void axis_guard(struct axis *axis) {
    axis->guard_in.drive_ok = axis->status.quality == QUALITY_GOOD && axis->speed.quality == QUALITY_GOOD;
    axis->guard_in.speed_um_s = (int32_t)lround(fmax(-INT32_MAX, fmin(axis->speed_m_s * 1e6, INT32_MAX)));
    axis->guard_in.position_ok = axis->position_steps.quality == QUALITY_GOOD;
    axis->guard_in.position_um = llround(axis->position_m * 1e6);
    if (axis_bypasses(axis, BYPASS_LIMIT_SWITCH)) {
        axis->guard_faults = 0;
        return;
    }
    struct guard_causes causes = guard_step(&axis->guard, &axis->guard_limits, &axis->guard_in);
    axis->guard_faults = when(causes.end_switch, FAULT_BIT(END_SWITCH)) |
                         when(causes.ultimate_switch, FAULT_BIT(ULTIMATE_SWITCH)) |
                         when(causes.dead_turns, FAULT_BIT(DEAD_TURNS)) |
                         when(causes.overwrap, FAULT_BIT(OVERWRAP)) |
                         when(causes.switch_implausible, FAULT_BIT(SWITCH_IMPLAUSIBLE)) |
                         when(causes.silent, FAULT_BIT(IO_STALE));
}

bool axis_switch_blocks(const struct axis *axis, double direction) {
    if (axis_bypasses(axis, BYPASS_LIMIT_SWITCH))
        return false;
    if (direction > 0)
        return guard_blocks_payout(&axis->guard_limits, &axis->guard_in);
    return direction < 0 && guard_blocks_takein(&axis->guard_limits, &axis->guard_in);
}
