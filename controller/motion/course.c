/* Following a course: its speed, and as much as brings the drum to where it should be; or a speed alone. */
#include "controller/motion/course.h"

#include <math.h>
#include <stdbool.h>

#include "controller/motion/ramp.h"

#define HELD_BACK_M_S 5e-6 /* by its rounding a setpoint is off by less */
#define HALVINGS 60 /* of an interval: down to what a double can tell */
#define PLANNED 0.9 /* of the acceleration */
#define GAIN 0.3 /* over the reaction: a fifth of what pure dead time bears, pi/2 */

/* What lies between a setpoint and its first effect, beyond the cycle in which that is read. */
static double dead_s(const struct course_limits *limits) {
    return fmax(0, limits->dead_s - limits->dt_s);
}

/* From where the drum is, at the speed that was sent last, with no acceleration: what cut it can't be planned with. */
void course_begin(struct course *course, const struct course_limits *limits, const struct course_reading *reading,
                  double last_m_s) {
    const double begun_m = reading->position_m + last_m_s * (dead_s(limits) + reading->old_s);
    *course = (struct course){.at = {begun_m + last_m_s * fmax(limits->lag_s, limits->dt_s), last_m_s, 0},
                              .lagged_m = begun_m,
                              .lagged_m_s = last_m_s,
                              .sent_m_s = last_m_s};
}

bool course_held_back(double sent_m_s, double last_m_s) {
    return fabs(last_m_s - sent_m_s) > HELD_BACK_M_S;
}

/* What is planned with: a part of the acceleration is the correction's. */
static struct otg_limits planned(const struct course_limits *limits) {
    struct otg_limits motion = limits->motion;
    motion.acceleration_max_m_s2 *= PLANNED;
    return motion;
}

void course_lag(struct course *course, const struct course_limits *limits, double mean_m_s) {
    course->lagged_m += course->lagged_m_s * limits->dt_s;
    course->lagged_m_s += (mean_m_s - course->lagged_m_s) * limits->dt_s / fmax(limits->lag_s, limits->dt_s);
}

/* The drive holds a setpoint for a whole cycle, so it is the mean speed of that. */
struct course_pace course_advance(struct course *course, const struct course_limits *limits, double goal_m) {
    const struct otg_state from = course->at;
    const struct otg_goal goal = {goal_m, 0};
    const struct otg_limits motion = planned(limits);
    const double dt_s = limits->dt_s;
    struct otg_plan plan;
    if (otg_plan(&course->at, &goal, &motion, &plan) != OTG_PLANNED)
        return (struct course_pace){0};
    course->at = plan.duration_s <= dt_s ? (struct otg_state){goal_m, 0, 0} : otg_at(&plan, dt_s);
    const double mean_m_s = (course->at.position_m - from.position_m) / dt_s;
    course_lag(course, limits, mean_m_s);
    return (struct course_pace){true, mean_m_s, (course->at.speed_m_s - from.speed_m_s) / dt_s};
}

/* How far the drum is behind where the plan, with its lag, should have brought it by now. */
static double behind_m(const struct course *course, const struct course_limits *own,
                       const struct course_reading *reading) {
    return course->lagged_m - course->lagged_m_s * (dead_s(own) + reading->old_s) - reading->position_m;
}

/* Brings the drum to its place. Farther behind than the acceleration could bring it from without going beyond (by the
 * gain alone its speed would fall faster) the plan comes to the drum instead. Not to one that is ahead: it is too fast,
 * and the plan would come to it again and again, past the goal. */
static void come_to_the_drum(struct course *course, const struct course_limits *limits,
                             const struct course_reading *reading) {
    const double away_m = behind_m(course, limits, reading), gain = GAIN / limits->reaction_s;
    const bool ahead = away_m * course->at.speed_m_s < 0;
    if (ahead || fabs(away_m) <= limits->motion.acceleration_max_m_s2 / (2 * gain * gain))
        return;
    course->at.position_m -= away_m;
    course->lagged_m -= away_m;
}

/* At its goal the drum is left alone. */
static double drum_m_s(const struct course *course, double speed_m_s, const struct course_limits *own, double goal_m,
                       const struct course_reading *reading, double last_m_s) {
    if (course->at.speed_m_s == 0 && fabs(goal_m - reading->position_m) < COURSE_ARRIVED_M)
        speed_m_s = 0;
    speed_m_s = fmin(fmax(speed_m_s, own->motion.speed_min_m_s), own->motion.speed_max_m_s);
    return ramp_towards(last_m_s, speed_m_s, own->motion.acceleration_max_m_s2, own->dt_s);
}

/* No faster than from where what is left of the acceleration stops it in level. */
static double levelling_m_s(double away_m, const struct course_limits *own) {
    const double left_m_s2 = (1 - PLANNED) * own->motion.acceleration_max_m_s2;
    return copysign(fmin(GAIN / own->reaction_s * fabs(away_m), sqrt(left_m_s2 * fabs(away_m))), away_m);
}

double course_drum_step(struct course_drum *drum, const struct course *course, const struct course_limits *limits,
                        const struct course_pace *pace, const struct course_limits *own, double goal_m,
                        const struct course_reading *reading, double last_m_s) {
    const double left_m_s2 = (1 - PLANNED) * own->motion.acceleration_max_m_s2;
    const double wanted_m_s = levelling_m_s(behind_m(course, own, reading), own);
    drum->correction_m_s = ramp_towards(drum->correction_m_s, wanted_m_s, left_m_s2, own->dt_s);
    double speed_m_s = 0;
    if (pace->planned)
        speed_m_s = pace->speed_m_s + (own->lag_s - limits->lag_s) * pace->acceleration_m_s2 + drum->correction_m_s;
    drum->sent_m_s = drum_m_s(course, speed_m_s, own, goal_m, reading, last_m_s);
    return drum->sent_m_s;
}

double course_step(struct course *course, const struct course_limits *limits, double goal_m,
                   const struct course_reading *reading, double last_m_s) {
    double speed_m_s = 0;
    if (course_held_back(course->sent_m_s, last_m_s))
        course_begin(course, limits, reading, last_m_s);
    const struct course_pace pace = course_advance(course, limits, goal_m);
    if (pace.planned) {
        come_to_the_drum(course, limits, reading);
        speed_m_s = pace.speed_m_s + GAIN / limits->reaction_s * behind_m(course, limits, reading);
    }
    course->sent_m_s = drum_m_s(course, speed_m_s, limits, goal_m, reading, last_m_s);
    return course->sent_m_s;
}

/* Two ramps of speed v take v/a + a/J each, or 2 sqrt(v/J) without reaching a; the way between them is at v. */
static double time_at_s(const struct otg_limits *motion, double way_m, double speed_m_s) {
    const double a = motion->acceleration_max_m_s2, jerk = motion->jerk_max_m_s3;
    const double ramp_s = speed_m_s >= a * a / jerk ? speed_m_s / a + a / jerk : 2 * sqrt(speed_m_s / jerk);
    return ramp_s + way_m / speed_m_s;
}

/* The speed that a way is long enough to reach: way = v ramp(v), which only grows with v. */
static double reached_m_s(const struct otg_limits *motion, double way_m, double most_m_s) {
    double low_m_s = 0, high_m_s = most_m_s;
    if (most_m_s * (time_at_s(motion, 0, most_m_s)) <= way_m)
        return most_m_s;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle_m_s = (low_m_s + high_m_s) / 2;
        if (middle_m_s * time_at_s(motion, 0, middle_m_s) > way_m)
            high_m_s = middle_m_s;
        else
            low_m_s = middle_m_s;
    }
    return high_m_s;
}

static double most_m_s(const struct course_limits *limits, double way_m) {
    return way_m >= 0 ? limits->motion.speed_max_m_s : -limits->motion.speed_min_m_s;
}

double course_time_s(const struct course_limits *limits, double way_m) {
    const struct otg_limits motion = planned(limits);
    if (way_m == 0)
        return 0;
    return time_at_s(&motion, fabs(way_m), reached_m_s(&motion, fabs(way_m), most_m_s(limits, way_m)));
}

/* The time only falls as the speed grows, up to the speed that is reached. */
double course_speed_for_m_s(const struct course_limits *limits, double way_m, double time_s) {
    const struct otg_limits motion = planned(limits);
    double high_m_s = reached_m_s(&motion, fabs(way_m), most_m_s(limits, way_m)), low_m_s = 0;
    if (way_m == 0)
        return most_m_s(limits, way_m);
    for (int i = 0; i < HALVINGS; i++) {
        const double middle_m_s = (low_m_s + high_m_s) / 2;
        if (time_at_s(&motion, fabs(way_m), middle_m_s) > time_s)
            low_m_s = middle_m_s;
        else
            high_m_s = middle_m_s;
    }
    return high_m_s;
}

double speed_course_step(struct speed_course *course, double acceleration_max_m_s2, double jerk_max_m_s3,
                         double wanted_m_s, double last_m_s, double dt_s) {
    const double most = acceleration_max_m_s2;
    const struct otg_limits limits = {.acceleration_max_m_s2 = most, .jerk_max_m_s3 = jerk_max_m_s3};
    struct otg_plan plan;
    if (fabs(last_m_s - course->sent_m_s) > HELD_BACK_M_S)
        course->acceleration_m_s2 = 0;
    const struct otg_state from = {0, last_m_s, course->acceleration_m_s2};
    course->sent_m_s = last_m_s;
    if (otg_plan_speed(&from, wanted_m_s, &limits, &plan) != OTG_PLANNED)
        return ramp_towards(last_m_s, 0, most, dt_s);
    const struct otg_state at = otg_at(&plan, dt_s);
    course->acceleration_m_s2 = plan.duration_s <= dt_s ? 0 : at.acceleration_m_s2;
    course->sent_m_s = plan.duration_s <= dt_s ? wanted_m_s : at.speed_m_s;
    return course->sent_m_s;
}
