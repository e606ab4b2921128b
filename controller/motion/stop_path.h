/* A stop as a plan: from any state of motion, how it ends, where, and how far and fast it goes on the way there. Pure;
 * SI; no allocation. docs/motion.md derives it.
 *
 * All kinds are one shape: for a delay the speed stays what it is, then the deceleration builds up and goes away again
 * in the jerk time. From a speed of its own accord that is v delay + v^2 / 2a + v jerk_s / 2, what the clamp counts; a
 * start that still gains speed goes on rising, and its peak counts.
 */
#ifndef BELAY_CONTROLLER_MOTION_STOP_PATH_H
#define BELAY_CONTROLLER_MOTION_STOP_PATH_H

#include <stdbool.h>

#include "controller/motion/otg.h"
#include "controller/rig/rig.h"

enum stop_kind {
    STOP_KIND_RAMP,  /* category 1 and 2: the setpoint's way to 0; then the brake and no torque, or the drive holds */
    STOP_KIND_QUICK, /* the drive's own, as it makes it without a word from here: after its watchdog */
    STOP_KIND_COUNT
};

struct stop_way {
    double delay_s;           /* >= 0; then */
    double deceleration_m_s2; /* > 0, as most, which builds up in */
    double jerk_s;            /* >= 0 */
};

/* Paying out and taking in. */
struct stop_ways {
    struct stop_way out, in;
};

struct stop_path {
    double delay_s; /* then: */
    struct otg_plan plan;
    double time_s, end_m; /* of all */
    double position_min_m, position_max_m, speed_min_m_s, speed_max_m_s; /* on the way, start and end among them */
};

/* As the rig declares them. */
struct stop_ways stop_ways_of(const struct rig *rig, const struct rig_axis *axis, enum stop_kind kind);

/* The stop from `start`; of the way that it goes. False where a number is not one, or beyond OTG_MOST: no path then. */
bool stop_path_plan(const struct otg_state *start, const struct stop_ways *ways, struct stop_path *path);

/* Where the stop is after `time_s` >= 0. */
struct otg_state stop_path_at(const struct stop_path *path, double time_s);

/* A stop that is flown: one call a cycle, from zeros before the first, in motion too. */
struct stop_course {
    double last_m_s;          /* of the setpoints: the last one seen, */
    double acceleration_m_s2; /* and its change over a cycle */
    double sent_m_s, braking_m_s2; /* what the last step of a stop gave, and came to */
    bool stops;
};

/* A cycle goes by, at whose begin `last_m_s` is what was sent last. */
void stop_course_watch(struct stop_course *course, double last_m_s, double dt_s);

/* The next speed of the stop. It never gains speed: what was still gained when the stop began ends at once. */
double stop_course_step(struct stop_course *course, const struct stop_ways *ways, double last_m_s, double dt_s);

#endif
