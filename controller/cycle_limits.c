/* From the rig's values to the kernel's integers: limits of judge and clamp, and the stop table. */
#include <assert.h>
#include <math.h>

#include "controller/cycle_parts.h"

#define FOLLOW_BASE_UM 20000 /* beside speed x reaction: encoder and drive tell of different moments */
#define MOVED_CYCLES 3 /* readings of movement in a row with the brake closed; one alone is encoder noise */
#define LOAD_CYCLES 2 /* one reading of a load alone is noise */

static int64_t micro(double value) {
    return (int64_t)llround(value * 1e6);
}

static int32_t micro32(double value) {
    int64_t whole = micro(value);
    assert(whole >= INT32_MIN && whole <= INT32_MAX && "the rig loader bounds every limit");
    return (int32_t)whole;
}

static int32_t milli32(double value) {
    return (int32_t)lround(value * 1e3);
}

int32_t cycle_count(const struct rig *rig, int32_t ms) {
    int32_t count = (ms + rig->cycle_ms - 1) / rig->cycle_ms;
    return count < 1 ? 1 : count;
}

static int32_t window_cycles(const struct rig *rig, int32_t ms) {
    int32_t count = cycle_count(rig, ms);
    return count > MONITOR_WINDOW_MAX ? MONITOR_WINDOW_MAX : count;
}

static void drive_limits(struct monitor_limits *to, const struct rig *rig, const struct rig_axis *from) {
    const struct rig_limits *limits = &from->limits;
    to->overspeed_um_s = micro32(limits->overspeed_m_s);
    to->standstill_um_s = micro32(limits->standstill_speed_m_s);
    to->following_um_s = micro32(limits->following_error_max_m_s);
    to->following_cycles = window_cycles(rig, limits->following_error_ms);
    to->lag_us = limits->reaction_ms * 1000 / 2; /* half of all that may pass, plus or minus as much */
    to->follow_slack_us = to->mismatch_slack_us = limits->reaction_ms * 1000;
    to->follow_base_um = to->mismatch_base_um = FOLLOW_BASE_UM;
    to->window_cycles = MONITOR_WINDOW_MAX;
    to->frozen_um = to->unintended_um = to->moved_um = FOLLOW_BASE_UM;
    to->moved_cycles = MOVED_CYCLES;
    to->brake_close_cycles = cycle_count(rig, from->brake.close_ms_max);
    to->chain_cycles = cycle_count(rig, limits->enable_ms_max);
}

static void load_limits(struct monitor_limits *to, const struct rig_axis *from) {
    const struct rig_limits *limits = &from->limits;
    to->tension_max_mn = to->tension_peak_mn = to->overload_both_mn = milli32(limits->tension_max_n);
    to->overload_clear_mn = milli32(limits->tension_max_n / 1.3);
    to->overload_mn = milli32(limits->tension_max_n / 1.3 * 1.1);
    to->tension_low_mn = -milli32(limits->tension_max_n / 20);
    to->tension_high_mn = 2 * milli32(limits->tension_max_n);
    to->tension_rate_mn = milli32(limits->tension_max_n);
    to->load_cycles = LOAD_CYCLES;
    for (int mode = 0; mode < MODE_COUNT; mode++) { /* a fall loads the rope as it will */
        bool belays = mode == MODE_FOLLOW || mode == MODE_CATCH;
        to->overload_watched[mode] = to->tension_rate_watched[mode] = !belays;
    }
}

static struct monitor_limits monitor_limits(const struct rig *rig, const struct rig_axis *from) {
    const struct rig_limits *limits = &from->limits;
    double beyond_m = limits->overspeed_m_s * limits->stop_time_max_ms / 1000; /* no stop takes longer */
    struct monitor_limits to = {
        .cycle_us = rig->cycle_ms * 1000,
        .position_min_um = micro(limits->position_min_m),
        .position_max_um = micro(limits->position_max_m),
        .ultimate_min_um = micro(limits->position_min_m - beyond_m),
        .ultimate_max_um = micro(limits->position_max_m + beyond_m),
    };
    to.sto_watched = rig->profile[rig->device[from->brake.io].profile].io.sto_inactive != 0;
    drive_limits(&to, rig, from);
    load_limits(&to, from);
    return to;
}

void cycle_judge_limits(struct judge_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    *limits = (struct judge_limits){
        .monitor = monitor_limits(rig, axis),
        .stop_cycles_max = cycle_count(rig, axis->limits.stop_time_max_ms),
        .enable_cycles_max = cycle_count(rig, axis->limits.enable_ms_max),
        .brake_open_cycles_max = cycle_count(rig, axis->brake.open_ms_max),
        .brake_close_cycles_max = cycle_count(rig, axis->brake.close_ms_max),
    };
}

void cycle_clamp_limits(struct clamp_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_limits *from = &axis->limits;
    *limits = (struct clamp_limits){
        .position_min_um = micro(from->position_min_m),
        .position_max_um = micro(from->position_max_m),
        .payout_max_um_s = micro32(from->payout_speed_max_m_s),
        .takein_max_um_s = micro32(from->takein_speed_max_m_s),
        .acceleration_um_s2 = micro32(from->acceleration_max_m_s2),
        .stop_deceleration_um_s2 = micro32(from->stop_deceleration_m_s2),
        .weight_on_line_mn = axis->belay.present ? milli32(axis->belay.weight_on_line_n) : INT32_MAX,
        .cycle_us = rig->cycle_ms * 1000,
        .reaction_us = from->reaction_ms * 1000,
    };
}

void cycle_catch_limits(struct clamp_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    cycle_clamp_limits(limits, rig, axis);
    if (axis->belay.present)
        limits->stop_deceleration_um_s2 = micro32(axis->belay.catch_deceleration_m_s2);
    if (limits->acceleration_um_s2 > limits->stop_deceleration_um_s2)
        limits->acceleration_um_s2 = limits->stop_deceleration_um_s2;
}

static bool of_rig(enum fault_id id) {
    return fault_has(STOP_NEVER_ALLOWED, (int)id);
}

/* The directions in which the axis may be jogged although the cause remains: never further into it. */
static void allow(struct stop_cell *cell, enum fault_id id, enum stop_direction direction) {
    bool relieves = id == FAULT_OVERLOAD || id == FAULT_OVERLOAD_BOTH || id == FAULT_OVERTENSION;
    bool back = id == FAULT_ULTIMATE_LIMIT; /* found there at a standstill, the clamp knows the way back */
    cell->allows_payout = relieves || (back && direction != DIRECTION_PAYOUT);
    cell->allows_takein = back && direction != DIRECTION_TAKEIN;
}

void cycle_stop_table(struct stop_table *table, const struct rig *rig) {
    (void)rig; /* until rigs bring their own: every fault stops as gently as it may */
    for (int id = FAULT_NONE + 1; id < FAULT_COUNT; id++)
        for (int mode = 0; mode < MODE_COUNT; mode++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
                struct stop_cell *cell = &table->cell[id][mode][direction];
                *cell = (struct stop_cell){.reaction = fault_gentlest((enum fault_id)id),
                                           .scope = of_rig((enum fault_id)id) ? STOP_RIG : STOP_AXIS};
                allow(cell, (enum fault_id)id, (enum stop_direction)direction);
            }
    assert(stop_table_check(table).fault == FAULT_NONE);
}
