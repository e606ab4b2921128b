/* The fastest legal move of one axis from a state of motion to a place and a speed: jerk-limited, each plan in closed
 * form but for a root that can't be missed. Pure; SI; no allocation. docs/motion.md derives it.
 *
 * A plan never asks for more jerk or acceleration than the limits, and for no more speed, but for what a start outside
 * them can't avoid: too much acceleration ends first, as fast as the jerk lets it; too much speed comes down to the
 * limit and not below it, unless the goal asks for that.
 */
#ifndef BELAY_CONTROLLER_MOTION_OTG_H
#define BELAY_CONTROLLER_MOTION_OTG_H

#include <stdbool.h>

#define OTG_SEGMENTS_MAX 20
#define OTG_TOGETHER_MAX 16
#define OTG_MOST 1e9 /* of any number, in its unit: beyond it rounding is no trifle any more */

struct otg_state {
    double position_m, speed_m_s, acceleration_m_s2;
};

struct otg_limits {
    double speed_min_m_s, speed_max_m_s; /* below 0, above 0 */
    double acceleration_max_m_s2;        /* > 0, either way */
    double jerk_max_m_s3;                /* > 0, either way */
    double position_min_m, position_max_m; /* -INFINITY, INFINITY: none */
};

/* Where to: with acceleration 0. */
struct otg_goal {
    double position_m, speed_m_s;
};

struct otg_segment {
    double time_s; /* > 0 */
    double jerk_m_s3;
};

struct otg_plan {
    struct otg_state start;
    double duration_s;
    int count;
    struct otg_segment segment[OTG_SEGMENTS_MAX];
};

enum otg_result {
    OTG_PLANNED,
    OTG_NOT_FINITE,      /* a number of start or goal is not one, or beyond OTG_MOST */
    OTG_BAD_LIMITS,      /* speed_min < 0, others > 0, from 1 / OTG_MOST to OTG_MOST; position_min < position_max */
    OTG_GOAL_TOO_FAST, /* the goal's speed is outside the limits */
    OTG_GOAL_OUTSIDE,  /* the goal's position is */
    OTG_START_LEAVES,    /* even the fastest stop from the start leaves the position limits */
    OTG_PLAN_LEAVES,     /* a stop would stay inside them, no plan to this goal does */
    OTG_NO_COMMON_TIME,  /* together: no time was found which all can take */
    OTG_RESULT_COUNT
};

/* The shortest plan, or why there is none; then `plan` is empty. */
enum otg_result otg_plan(const struct otg_state *start, const struct otg_goal *goal,
                         const struct otg_limits *limits, struct otg_plan *plan);

/* The shortest way to a speed, wherever that is; speed and position limits do not count. */
enum otg_result otg_plan_speed(const struct otg_state *start, double speed_m_s, const struct otg_limits *limits,
                               struct otg_plan *plan);

struct otg_move {
    struct otg_state start;
    struct otg_goal goal;
    struct otg_limits limits;
};

/* Plans of `count` axes that all end at the same time, the first at which all can. They keep the limits but need not be
 * straight: an axis with time left may move away a little and come back. plan[count]; empty when refused, by
 * the first axis that has a reason. The cycle has no use for it: its cues begin at rest (docs/motion.md). */
enum otg_result otg_plan_together(const struct otg_move *move, int count, struct otg_plan *plan);

/* Where the plan is after `time_s` >= 0; beyond its end it goes on at its last speed. */
struct otg_state otg_at(const struct otg_plan *plan, double time_s);

/* The name of a result, in the words of this enum; static. */
const char *otg_result_name(enum otg_result result);

#endif
