/* Following a course: its speed, and as much as brings the drum to where it should be; or a speed alone. */
#include "controller/motion/course.h"

#include <math.h>
#include <stdbool.h>

#include "controller/motion/ramp.h"

#define HELD_BACK_M_S 5e-6 /* by its rounding a setpoint is off by less */
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

/* One cycle on. The drive holds a setpoint for a whole cycle, so it is the mean speed of that. */
static double advance_m_s(struct course *course, const struct course_limits *limits, const struct otg_plan *plan,
                          double goal_m) {
    const double from_m = course->at.position_m, dt_s = limits->dt_s;
    course->at = plan->duration_s <= dt_s ? (struct otg_state){goal_m, 0, 0} : otg_at(plan, dt_s);
    const double mean_m_s = (course->at.position_m - from_m) / dt_s;
    course->lagged_m += course->lagged_m_s * dt_s;
    course->lagged_m_s += (mean_m_s - course->lagged_m_s) * dt_s / fmax(limits->lag_s, dt_s);
    return mean_m_s;
}

/* Brings the drum to its place. Farther behind than the acceleration could bring it from without going beyond (by the
 * gain alone its speed would fall faster) the plan comes to the drum instead. Not to one that is ahead: it is too fast,
 * and the plan would come to it again and again, past the goal. */
static double correction_m_s(struct course *course, const struct course_limits *limits,
                             const struct course_reading *reading) {
    const double shown_m = course->lagged_m - course->lagged_m_s * (dead_s(limits) + reading->old_s);
    const double behind_m = shown_m - reading->position_m, gain = GAIN / limits->reaction_s;
    const bool ahead = behind_m * course->at.speed_m_s < 0;
    if (ahead || fabs(behind_m) <= limits->motion.acceleration_max_m_s2 / (2 * gain * gain))
        return gain * behind_m;
    course->at.position_m -= behind_m;
    course->lagged_m -= behind_m;
    return 0;
}

double course_step(struct course *course, const struct course_limits *limits, double goal_m,
                   const struct course_reading *reading, double last_m_s) {
    const double position_m = reading->position_m;
    struct otg_plan plan;
    struct otg_limits motion = limits->motion;
    const struct otg_goal goal = {goal_m, 0};
    double wanted_m_s = 0;
    motion.acceleration_max_m_s2 *= PLANNED;
    if (fabs(last_m_s - course->sent_m_s) > HELD_BACK_M_S)
        course_begin(course, limits, reading, last_m_s);
    if (otg_plan(&course->at, &goal, &motion, &plan) == OTG_PLANNED) {
        wanted_m_s = advance_m_s(course, limits, &plan, goal_m);
        wanted_m_s += correction_m_s(course, limits, reading);
    }
    if (course->at.speed_m_s == 0 && fabs(goal_m - position_m) < COURSE_ARRIVED_M)
        wanted_m_s = 0;
    wanted_m_s = fmin(fmax(wanted_m_s, motion.speed_min_m_s), motion.speed_max_m_s);
    course->sent_m_s = ramp_towards(last_m_s, wanted_m_s, limits->motion.acceleration_max_m_s2, limits->dt_s);
    return course->sent_m_s;
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
