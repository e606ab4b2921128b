/* From the rig's doubles to the integers of judge and clamp: the only place where they are converted. */
#include <assert.h>
#include <math.h>

#include "controller/cycle_parts.h"

#define CLAMP_POSITION_MAX_UM INT64_C(10000000000)

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
    return count > JUDGE_WINDOW_MAX ? JUDGE_WINDOW_MAX : count;
}

void cycle_judge_limits(struct judge_limits *to, const struct rig *rig, const struct rig_axis *from) {
    const struct rig_limits *limits = &from->limits;
    *to = (struct judge_limits){
        .position_min_um = micro(limits->position_min_m),
        .position_max_um = micro(limits->position_max_m),
        .overspeed_um_s = micro32(limits->overspeed_m_s),
        .standstill_um_s = micro32(limits->standstill_speed_m_s),
        .following_um_s = micro32(limits->following_error_max_m_s),
        .following_cycles = window_cycles(rig, limits->following_error_ms),
        .tension_max_mn = milli32(limits->tension_max_n),
        .stop_cycles_max = cycle_count(rig, limits->stop_time_max_ms),
        .enable_cycles_max = cycle_count(rig, limits->enable_ms_max),
        .brake_open_cycles_max = cycle_count(rig, from->brake.open_ms_max),
        .brake_close_cycles_max = cycle_count(rig, from->brake.close_ms_max),
    };
}

/* Speeds by mode; MODE_NONE has none. */
static void mode_speeds(struct clamp_limits *to, const struct rig_axis *from) {
    const struct rig_limits *limits = &from->limits;
    const double most[CLAMP_DIRECTIONS] = {limits->payout_speed_max_m_s, limits->takein_speed_max_m_s};
    const double belay[CLAMP_DIRECTIONS] = {from->belay.payout_speed_max_m_s, from->belay.takein_speed_max_m_s};
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        double follow = from->belay.present ? fmin(belay[d], most[d]) : 0;
        to->speed_max_um_s[d] = micro32(most[d]);
        to->speed_um_s[MODE_JOG][d] = to->speed_um_s[MODE_RECOVERY][d] =
            micro32(fmin(limits->jog_speed_max_m_s, most[d]));
        to->speed_um_s[MODE_MOVE][d] = micro32(most[d]);
        to->speed_um_s[MODE_FOLLOW][d] = to->speed_um_s[MODE_CATCH][d] = micro32(follow);
    }
}

/* Not in the rig file yet: the ultimate limits and the two stops without a ramp. Until then they limit nothing, and the
 * operating limits hold as they did. */
static void undeclared(struct clamp_limits *to) {
    to->ultimate_min_um = -CLAMP_POSITION_MAX_UM;
    to->ultimate_max_um = CLAMP_POSITION_MAX_UM;
    for (int d = 0; d < CLAMP_DIRECTIONS; d++)
        to->path[CLAMP_LINK_LOST][d] = to->path[CLAMP_TORQUE_OFF][d] = to->path[CLAMP_RAMP][d];
}

void cycle_clamp_limits(struct clamp_limits *to, const struct rig *rig, const struct rig_axis *from) {
    const struct rig_limits *limits = &from->limits;
    *to = (struct clamp_limits){
        .position_min_um = micro(limits->position_min_m),
        .position_max_um = micro(limits->position_max_m),
        .weight_on_line_mn = from->belay.present ? milli32(from->belay.weight_on_line_n) : INT32_MAX,
        .cycle_us = rig->cycle_ms * 1000,
        .reaction_us = limits->reaction_ms * 1000,
    };
    mode_speeds(to, from);
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        to->acceleration_um_s2[d] = micro32(limits->acceleration_max_m_s2);
        to->stop_deceleration_um_s2[d] = to->catch_deceleration_um_s2[d] = micro32(limits->stop_deceleration_m_s2);
    }
    if (from->belay.present)
        to->catch_deceleration_um_s2[CLAMP_OUT] = micro32(from->belay.catch_deceleration_m_s2);
    /* A catch may begin at any time: what is reserved is the gentler of the two. */
    for (int d = 0; d < CLAMP_DIRECTIONS; d++)
        to->path[CLAMP_RAMP][d].deceleration_um_s2 = to->catch_deceleration_um_s2[d] < to->stop_deceleration_um_s2[d]
                                                         ? to->catch_deceleration_um_s2[d]
                                                         : to->stop_deceleration_um_s2[d];
    undeclared(to);
    assert(clamp_limits_good(to) && "the rig loader bounds every limit");
}
