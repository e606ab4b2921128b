/* The way to speed 0, and the extremes of its cubics. */
#include "controller/motion/stop_path.h"

#include <math.h>

#include "controller/motion/course.h"

/* --- the plan --------------------------------------------------------------------------------------------------- */

struct stop_ways stop_ways_of(const struct rig *rig, const struct rig_axis *axis, enum stop_kind kind) {
    const struct rig_limits *limits = &axis->limits;
    const double jerk_s = axis->rope.jerk_ms / 1000;
    if (kind == STOP_KIND_RAMP)
        return (struct stop_ways){{0, limits->stop_payout_deceleration_m_s2, jerk_s},
                                  {0, limits->stop_takein_deceleration_m_s2, jerk_s}};
    const struct stop_way drive = {rig->device[axis->drive].comm_loss_ms_max / 1000.0,
                                   axis->drive_stop.deceleration_m_s2, jerk_s};
    return (struct stop_ways){drive, drive};
}

/* No jerk time is a jerk so great that it takes none. */
static struct otg_limits limits_of(const struct stop_way *way) {
    const double a = way->deceleration_m_s2;
    return (struct otg_limits){.acceleration_max_m_s2 = a, .jerk_max_m_s3 = fmin(a / way->jerk_s, OTG_MOST)};
}

static const struct stop_way *way_of(const struct otg_state *start, const struct stop_ways *ways) {
    const double goes = start->speed_m_s != 0 ? start->speed_m_s : start->acceleration_m_s2;
    return goes >= 0 ? &ways->out : &ways->in;
}

static struct otg_state along(const struct otg_state *from, double jerk_m_s3, double t) {
    const double v = from->speed_m_s, a = from->acceleration_m_s2;
    return (struct otg_state){from->position_m + (v + (a / 2 + jerk_m_s3 / 6 * t) * t) * t,
                              v + (a + jerk_m_s3 / 2 * t) * t, a + jerk_m_s3 * t};
}

/* fmin() and fmax() are calls, and say more of numbers that are none. */
static void widen(double *min, double *max, double to) {
    *min = to < *min ? to : *min;
    *max = to > *max ? to : *max;
}

static void reach(struct stop_path *path, const struct otg_state *at) {
    widen(&path->position_min_m, &path->position_max_m, at->position_m);
    widen(&path->speed_min_m_s, &path->speed_max_m_s, at->speed_m_s);
}

static void turn(struct stop_path *path, const struct otg_state *from, const struct otg_segment *part, double t) {
    if (!(t > 0 && t < part->time_s))
        return;
    const struct otg_state at = along(from, part->jerk_m_s3, t);
    reach(path, &at);
}

/* A speed is most where the acceleration is 0, a place where the speed is: in a part of a stop at the first of its
 * roots, by the form that does not cancel. Where neither changes its sign there is none. */
static void turn_within(struct stop_path *path, const struct otg_state *from, const struct otg_segment *part,
                        const struct otg_state *to) {
    const double v = from->speed_m_s, a = from->acceleration_m_s2, j = part->jerk_m_s3, under = a * a - 2 * j * v;
    const bool swings = a * to->acceleration_m_s2 < 0;
    if (swings)
        turn(path, from, part, -a / j);
    if (under < 0 || !(swings || v * to->speed_m_s < 0))
        return;
    const double q = -(a + (a < 0 ? -sqrt(under) : sqrt(under)));
    turn(path, from, part, 2 * v / q);
}

bool stop_path_plan(const struct otg_state *start, const struct stop_ways *ways, struct stop_path *path) {
    const struct stop_way *way = way_of(start, ways);
    const struct otg_limits limits = limits_of(way);
    struct otg_state at = *start;
    path->delay_s = path->time_s = way->delay_s;
    path->position_min_m = path->position_max_m = start->position_m;
    path->speed_min_m_s = path->speed_max_m_s = start->speed_m_s;
    if (way->delay_s > 0) { /* what was told last is kept */
        at.position_m += at.speed_m_s * way->delay_s;
        at.acceleration_m_s2 = 0;
        reach(path, &at);
    }
    if (otg_plan_speed(&at, 0, &limits, &path->plan) != OTG_PLANNED)
        return false;
    for (int i = 0; i < path->plan.count; i++) {
        const struct otg_segment *part = &path->plan.segment[i];
        const struct otg_state to = along(&at, part->jerk_m_s3, part->time_s);
        turn_within(path, &at, part, &to);
        reach(path, &to);
        at = to;
    }
    path->time_s += path->plan.duration_s;
    path->end_m = at.position_m;
    return true;
}

struct otg_state stop_path_at(const struct stop_path *path, double time_s) {
    const struct otg_state *from = &path->plan.start;
    if (time_s < path->delay_s)
        return (struct otg_state){from->position_m - from->speed_m_s * (path->delay_s - time_s), from->speed_m_s, 0};
    if (time_s >= path->time_s)
        return (struct otg_state){path->end_m, 0, 0};
    return otg_at(&path->plan, time_s - path->delay_s);
}

/* --- flown ------------------------------------------------------------------------------------------------------ */

void stop_course_watch(struct stop_course *course, double last_m_s, double dt_s) {
    course->acceleration_m_s2 = (last_m_s - course->last_m_s) / dt_s;
    course->last_m_s = last_m_s;
}

double stop_course_step(struct stop_course *course, const struct stop_ways *ways, double last_m_s, double dt_s) {
    const bool goes_on = course->stops && !course_held_back(course->sent_m_s, last_m_s);
    const double v = goes_on ? course->sent_m_s : last_m_s; /* not as it was rounded: that adds up */
    const double a = goes_on ? course->braking_m_s2 : course->acceleration_m_s2;
    const struct otg_state from = {0, v, a * v < 0 ? a : 0};
    const struct otg_limits limits = limits_of(way_of(&from, ways));
    struct otg_plan plan;
    course->stops = true;
    course->sent_m_s = course->braking_m_s2 = 0;
    if (v == 0 || otg_plan_speed(&from, 0, &limits, &plan) != OTG_PLANNED || plan.duration_s <= dt_s)
        return 0;
    const struct otg_state next = otg_at(&plan, dt_s);
    if (next.speed_m_s * v <= 0) /* it brakes harder than it takes, and would turn round */
        return 0;
    course->sent_m_s = next.speed_m_s;
    course->braking_m_s2 = next.acceleration_m_s2;
    return next.speed_m_s;
}
