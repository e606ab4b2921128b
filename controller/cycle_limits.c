/* From the rig's values to the kernel's integers, in one place. Whatever does not come out even is rounded to the side
 * that stops earlier: limits inwards, times to act down, times to wait up. */
#include "controller/cycle_limits.h"

#include <assert.h>
#include <math.h>

#define GRAVITY_UM_S2 9806650
#define EVEN 1e-3 /* of a unit: 0.3 in binary is not 0.3, and is meant */

static int64_t down(double value) {
    const double whole = floor(value + EVEN);
    assert(fabs(whole) < 9e15 && "the rig loader bounds every limit");
    return (int64_t)whole;
}

static int64_t up(double value) {
    return -down(-value);
}

static int32_t narrow(int64_t value) {
    assert(value >= INT32_MIN && value <= INT32_MAX && "the rig loader bounds every limit");
    return (int32_t)value;
}

/* m to um, m/s to um/s, m/s2 to um/s2. */
static int32_t micro_down(double value) {
    return narrow(down(value * 1e6));
}

static int32_t milli_down(double value) {
    return narrow(down(value * 1e3));
}

static int32_t milli_up(double value) {
    return narrow(up(value * 1e3));
}

int32_t cycle_count(const struct rig *rig, int32_t ms) {
    const int32_t count = (ms + rig->cycle_ms - 1) / rig->cycle_ms;
    return count < 1 ? 1 : count;
}

/* Whole cycles that last at most `ms`, at least one. */
static int32_t cycles_within(const struct rig *rig, int32_t ms) {
    const int32_t count = ms / rig->cycle_ms;
    return count < 1 ? 1 : count;
}

/* ---- clamp ---- */

static void motion_limits(struct clamp_limits *to, enum axis_mode mode, const struct rig_motion *from) {
    to->speed_um_s[mode][CLAMP_OUT] = micro_down(from->payout_speed_max_m_s);
    to->speed_um_s[mode][CLAMP_IN] = micro_down(from->takein_speed_max_m_s);
    const int32_t acceleration_um_s2 = micro_down(from->acceleration_m_s2);
    for (int d = 0; d < CLAMP_DIRECTIONS; d++)
        if (acceleration_um_s2 > to->acceleration_um_s2[d])
            to->acceleration_um_s2[d] = acceleration_um_s2;
}

static void band_limits(struct clamp_limits *to, const struct rig_axis *from) {
    _Static_assert(RIG_BANDS_MAX <= CLAMP_BANDS_MAX, "every band of a rig has its place in the clamp");
    to->band_count = from->band_count;
    for (int i = 0; i < from->band_count; i++) {
        const struct rig_band *const band = &from->band[i];
        to->band[i] = (struct clamp_band){
            .from_um = down(band->from_m * 1e6),
            .to_um = up(band->to_m * 1e6),
            .speed_um_s = {micro_down(band->payout_speed_max_m_s), micro_down(band->takein_speed_max_m_s)},
        };
    }
}

static void stop_limits(struct clamp_limits *to, const struct rig *rig, const struct rig_axis *from) {
    const int32_t jerk_us = narrow(up(from->rope.jerk_ms * 1e3));
    const double catch_m_s2 =
        from->belay.present ? from->belay.catch_deceleration_m_s2 : from->limits.stop_payout_deceleration_m_s2;
    to->stop_deceleration_um_s2[CLAMP_OUT] = micro_down(from->limits.stop_payout_deceleration_m_s2);
    to->stop_deceleration_um_s2[CLAMP_IN] = micro_down(from->limits.stop_takein_deceleration_m_s2);
    to->catch_deceleration_um_s2[CLAMP_OUT] = micro_down(catch_m_s2);
    to->catch_deceleration_um_s2[CLAMP_IN] = to->stop_deceleration_um_s2[CLAMP_IN];
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        const int32_t stop = to->stop_deceleration_um_s2[d], catch = to->catch_deceleration_um_s2[d];
        to->path[CLAMP_RAMP][d] =
            (struct clamp_path){.deceleration_um_s2 = stop < catch ? stop : catch, .jerk_us = jerk_us};
        to->path[CLAMP_LINK_LOST][d] =
            (struct clamp_path){.delay_us = rig->device[from->drive].comm_loss_ms_max * 1000,
                                .deceleration_um_s2 = micro_down(from->drive_stop.deceleration_m_s2),
                                .jerk_us = jerk_us};
        to->path[CLAMP_TORQUE_OFF][d] =
            (struct clamp_path){.delay_us = (from->hardwired.sto_response_ms + from->brake.close_ms_max) * 1000,
                                .growth_um_s2 = d == CLAMP_OUT ? GRAVITY_UM_S2 : 0,
                                .deceleration_um_s2 = micro_down(from->brake.deceleration_m_s2)};
    }
}

void cycle_clamp_limits(struct clamp_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    *limits = (struct clamp_limits){
        .position_min_um = up(axis->limits.position_min_m * 1e6),
        .position_max_um = down(axis->limits.position_max_m * 1e6),
        .ultimate_min_um = up(axis->ultimate.position_min_m * 1e6),
        .ultimate_max_um = down(axis->ultimate.position_max_m * 1e6),
        .speed_max_um_s = {micro_down(axis->limits.payout_speed_max_m_s),
                           micro_down(axis->limits.takein_speed_max_m_s)},
        .weight_on_line_mn = axis->belay.present ? milli_down(axis->belay.weight_on_line_n) : INT32_MAX,
        .cycle_us = rig->cycle_ms * 1000,
        .reaction_us = axis->limits.reaction_ms * 1000,
    };
    motion_limits(limits, MODE_JOG, &axis->modes.jog);
    motion_limits(limits, MODE_MOVE, &axis->modes.move);
    motion_limits(limits, MODE_RECOVERY, &axis->modes.recovery);
    motion_limits(limits, MODE_FOLLOW, &axis->modes.follow);
    motion_limits(limits, MODE_CATCH, &axis->modes.catch);
    band_limits(limits, axis);
    stop_limits(limits, rig, axis);
    assert(clamp_limits_good(limits) && "the rig loader checks what the clamp needs");
}

int32_t cycle_setup_um_s(const struct rig_axis *axis) {
    return micro_down(axis->limits.setup_speed_m_s);
}

int32_t cycle_creep_um_s(const struct rig_axis *axis) {
    double creep_m_s = axis->limits.standstill_speed_m_s;
    for (int i = 0; i < axis->band_count; i++)
        creep_m_s = fmin(creep_m_s, fmin(axis->band[i].payout_speed_max_m_s, axis->band[i].takein_speed_max_m_s));
    return micro_down(creep_m_s);
}

int32_t cycle_snatch_um_s(const struct rig_axis *axis) {
    return micro_down(axis->load.snatch_speed_m_s);
}

/* ---- monitors ---- */

static void position_limits(struct monitor_limits *to, const struct rig_axis *from) {
    to->position_min_um = up(from->limits.position_min_m * 1e6);
    to->position_max_um = down(from->limits.position_max_m * 1e6);
    to->ultimate_min_um = up(from->ultimate.position_min_m * 1e6);
    to->ultimate_max_um = down(from->ultimate.position_max_m * 1e6);
}

static void travel_limits(struct monitor_limits *to, const struct rig *rig, const struct rig_axis *from) {
    const struct rig_monitors *const monitors = &from->monitors;
    to->overspeed_um_s = micro_down(from->limits.overspeed_m_s);
    to->standstill_um_s = micro_down(from->limits.standstill_speed_m_s);
    to->following_um_s = micro_down(from->limits.following_error_max_m_s);
    to->following_cycles = cycles_within(rig, from->limits.following_error_ms);
    to->dead_cycles = (monitors->dead_ms + rig->cycle_ms / 2) / rig->cycle_ms;
    to->lag_us = monitors->lag_ms * 1000;
    to->window_cycles = cycles_within(rig, monitors->window_ms);
    to->follow_base_um = milli_down(monitors->following_base_mm);
    to->follow_slack_us = milli_down(monitors->following_slack_ms);
    to->mismatch_base_um = milli_down(monitors->mismatch_base_mm);
    to->mismatch_slack_us = milli_down(monitors->mismatch_slack_ms);
    to->frozen_um = milli_down(monitors->frozen_mm);
    to->unintended_um = milli_down(monitors->unintended_mm);
    to->moved_um = milli_down(monitors->moved_mm);
    to->moved_cycles = cycles_within(rig, monitors->moved_ms);
    to->moved_cycles = to->moved_cycles < 2 ? 2 : to->moved_cycles; /* one reading alone is noise */
    to->brake_close_cycles = cycle_count(rig, from->brake.close_ms_max);
}

static void load_limits(struct monitor_limits *to, const struct rig *rig, const struct rig_axis *from) {
    const double weight_n = from->load.rated_mass_kg * GRAVITY_UM_S2 / 1e6;
    const double per_cycle = rig->cycle_ms / 1000.0;
    to->tension_max_mn = milli_down(from->limits.tension_max_n);
    to->tension_peak_mn = milli_down(from->load.rated_dynamic_tension_n);
    to->tension_low_mn = milli_up(from->monitors.tension_low_n);
    to->tension_high_mn = milli_down(from->monitors.tension_high_n);
    to->tension_rate_mn = milli_down(from->monitors.tension_rate_n_s * per_cycle);
    to->tension_same_watched = from->monitors.has_tension_frozen;
    to->tension_same_cycles =
        to->tension_same_watched ? cycles_within(rig, from->monitors.tension_frozen_ms) : INT32_MAX;
    to->overload_mn = milli_down(weight_n * from->load.overload_percent_up / 100);
    to->overload_both_mn = milli_down(weight_n * from->load.overload_percent_both / 100);
    to->overload_clear_mn = milli_down(weight_n);
    to->underload_mn = from->load.has_underload ? milli_up(from->load.underload_n) : 0;
    to->slack_mn = from->load.has_slack ? milli_up(from->load.slack_n) : 0;
    to->load_cycles = cycles_within(rig, from->monitors.load_ms);
}

/* A fall loads the rope as it will, and so does a climber in the rope of an axis that stands. */
static void load_watches(struct monitor_limits *to, const struct rig_axis *from) {
    static const bool moves_load[MODE_COUNT] = {[MODE_JOG] = true, [MODE_MOVE] = true, [MODE_RECOVERY] = true};
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        const bool stands = mode == MODE_NONE && !from->belay.present;
        to->overload_watched[mode] = to->tension_rate_watched[mode] = moves_load[mode] || stands;
        to->underload_watched[mode] = from->load.has_underload && moves_load[mode];
        to->slack_watched[mode] = from->load.has_slack && moves_load[mode];
    }
}

/* A word may wait for the reply to the one before, and a reading that is good may be as old as the rig lets it be. */
static int32_t answer_ms(const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_device *drive = &rig->device[axis->drive];
    return rig->link[drive->link].response_timeout_ms + drive->stale_after_ms;
}

void cycle_judge_limits(struct judge_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    *limits = (struct judge_limits){
        .stop_cycles_max = cycles_within(rig, axis->limits.stop_time_max_ms),
        .enable_cycles_max = cycle_count(rig, axis->limits.enable_ms_max),
        .brake_open_cycles_max = cycle_count(rig, axis->brake.open_ms_max),
        .brake_close_cycles_max = cycle_count(rig, axis->brake.close_ms_max),
        .reply_cycles_max = cycle_count(rig, answer_ms(rig, axis)),
        .torque_watched = axis->brake.has_torque_min,
        .torque_min_permille = axis->brake.has_torque_min ? narrow(up(axis->brake.torque_min_percent * 10)) : 0,
    };
    struct monitor_limits *const monitor = &limits->monitor;
    monitor->cycle_us = rig->cycle_ms * 1000;
    monitor->confirm_cycles = cycle_count(rig, axis->limits.enable_ms_max);
    monitor->chain_cycles = cycle_count(rig, axis->hardwired.on_delay_ms);
    monitor->sto_watched = rig->profile[rig->device[axis->brake.io].profile].io.sto_inactive != 0;
    position_limits(monitor, axis);
    travel_limits(monitor, rig, axis);
    load_limits(monitor, rig, axis);
    load_watches(monitor, axis);
}

/* ---- guards ---- */

/* Where a switch may be either is rounded outwards: a micrometre is no wire that broke. */
static struct guard_place place_of(const struct rig_switch *from) {
    const int64_t low_um = down((from->opens_at_m - from->within_m) * 1e6);
    const int64_t high_um = up((from->opens_at_m + from->within_m) * 1e6);
    struct guard_place place = {.fitted = true, /* anywhere may be either */
                                .closed_min_um = INT64_MAX,
                                .closed_max_um = INT64_MIN,
                                .open_below_um = INT64_MIN,
                                .open_above_um = INT64_MAX};
    if (!from->has_place)
        return place;
    if (from->kind == GUARD_END_TAKEIN || from->kind == GUARD_ULTIMATE_TAKEIN) {
        place.open_below_um = low_um;
        place.closed_min_um = high_um;
        place.closed_max_um = INT64_MAX;
    } else {
        place.closed_min_um = INT64_MIN;
        place.closed_max_um = low_um;
        place.open_above_um = high_um;
    }
    return place;
}

void cycle_guard_limits(struct guard_limits *limits, const struct rig_axis *axis) {
    *limits = (struct guard_limits){.standstill_um_s = micro_down(axis->limits.standstill_speed_m_s)};
    for (int i = 0; i < axis->switch_count; i++)
        limits->place[axis->limit_switch[i].kind] = place_of(&axis->limit_switch[i]);
}

void cycle_load_limits(struct load_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_load_tolerance *from = &axis->monitors.load;
    *limits = (struct load_limits){.tolerance_mn = (int32_t)lround(from->tolerance_n * 1e3),
                                   .tolerance_permille = (int32_t)lround(from->tolerance_percent * 10),
                                   .lasts_cycles = from->has_readings ? from->readings
                                                                      : cycles_within(rig, axis->monitors.load_ms)};
}

void cycle_duty_limits(struct duty_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_duty *from = &axis->monitors.duty;
    *limits = (struct duty_limits){.watched = from->present,
                                   .continuous_permille = (int32_t)lround(from->continuous_percent * 10),
                                   .cycle_us = rig->cycle_ms * 1000,
                                   .time_us = llround(from->time_s * 1e6)};
}

void cycle_pull_limits(struct pull_limits *limits, const struct rig *rig, const struct rig_axis *axis) {
    const struct rig_pull *from = &axis->monitors.pull;
    const int32_t cycles = from->window_ms / rig->cycle_ms;
    *limits = (struct pull_limits){.mass_g = (int32_t)lround(from->mass_kg * 1e3),
                                   .tolerance_mn = micro_down(from->tolerance_n / 1e3),
                                   .tolerance_permille = (int32_t)floor(from->tolerance_percent * 10),
                                   .window_cycles = cycles > 1 ? cycles : 1,
                                   .cycle_us = rig->cycle_ms * 1000};
}

void cycle_landing_limits(struct landing *landing, const struct monitor_limits *limits, const struct rig_axis *axis) {
    const struct rig_landing *from = &axis->landing;
    *landing = (struct landing){.declared = from->present,
                                .from_um = up(from->from_m * 1e6),
                                .to_um = down(from->to_m * 1e6),
                                .speed_um_s = micro_down(from->speed_m_s),
                                .slack_mn = limits->slack_mn,
                                .underload_mn = limits->underload_mn};
}

void cycle_group_limits(struct group_limits *limits, const struct rig_group *group) {
    limits->deviation_um = micro_down(group->deviation_m);
}
