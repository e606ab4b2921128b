/* Following a course: its speed, and as much as brings the drum to where it should be. */
#include "controller/motion/course.h"

#include <math.h>

#include "controller/motion/ramp.h"

#define HELD_BACK_M_S 5e-6 /* by its rounding a setpoint is off by less */
#define PLANNED 0.9 /* of the acceleration */
#define GAIN 0.3 /* over the reaction: a fifth of what pure dead time bears, pi/2 */

void course_begin(struct course *course, const struct course_limits *limits, double position_m, double last_m_s) {
    *course = (struct course){{position_m + last_m_s * limits->lag_s, last_m_s, 0}, last_m_s, last_m_s};
}

/* Where the drum should be read now: it shows what was sent lag_s ago. */
static double shown_m(const struct course *course, const struct course_limits *limits) {
    const double lag_s = limits->lag_s;
    return course->at.position_m - lag_s * (course->at.speed_m_s - lag_s * course->at.acceleration_m_s2 / 2);
}

/* One cycle on. The drive holds a setpoint for a whole cycle, so it is the mean speed of that. */
static double advance_m_s(struct course *course, const struct otg_plan *plan, double goal_m, double dt_s) {
    const double from_m = course->at.position_m;
    course->at = plan->duration_s <= dt_s ? (struct otg_state){goal_m, 0, 0} : otg_at(plan, dt_s);
    return (course->at.position_m - from_m) / dt_s;
}

/* Something else decided the speed: on from that, and from how it changes. */
static void take_speed(struct course *course, const struct course_limits *limits, double last_m_s) {
    const double most = limits->motion.acceleration_max_m_s2 * PLANNED;
    course->at.speed_m_s = last_m_s;
    course->at.acceleration_m_s2 = fmin(fmax((last_m_s - course->last_m_s) / limits->dt_s, -most), most);
}

/* Brings the drum to its place. Farther off than the acceleration could bring it back from without going beyond (by the
 * gain alone its speed would fall faster) the plan comes to the drum instead. */
static double correction_m_s(struct course *course, const struct course_limits *limits, double position_m) {
    const double gain = GAIN / limits->reaction_s, behind_m = shown_m(course, limits) - position_m;
    if (fabs(behind_m) <= limits->motion.acceleration_max_m_s2 / (2 * gain * gain))
        return gain * behind_m;
    course->at.position_m -= behind_m;
    return 0;
}

double course_step(struct course *course, const struct course_limits *limits, double goal_m, double position_m,
                   double last_m_s) {
    struct otg_plan plan;
    struct otg_limits motion = limits->motion;
    const struct otg_goal goal = {goal_m, 0};
    double wanted_m_s = 0;
    motion.acceleration_max_m_s2 *= PLANNED;
    if (fabs(last_m_s - course->sent_m_s) > HELD_BACK_M_S)
        take_speed(course, limits, last_m_s);
    if (otg_plan(&course->at, &goal, &motion, &plan) == OTG_PLANNED) {
        wanted_m_s = advance_m_s(course, &plan, goal_m, limits->dt_s);
        wanted_m_s += correction_m_s(course, limits, position_m);
    }
    if (course->at.speed_m_s == 0 && fabs(goal_m - position_m) < COURSE_ARRIVED_M)
        wanted_m_s = 0;
    wanted_m_s = fmin(fmax(wanted_m_s, motion.speed_min_m_s), motion.speed_max_m_s);
    course->last_m_s = last_m_s;
    course->sent_m_s = ramp_towards(last_m_s, wanted_m_s, limits->motion.acceleration_max_m_s2, limits->dt_s);
    return course->sent_m_s;
}
