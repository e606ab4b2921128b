/* Motions flown by the planner: a move to a place, and a change of speed. Pure; SI; one call a cycle.
 *
 * The rest is planned anew in every cycle, from where the plan is: so a limit may change in motion. A tenth of the
 * acceleration is left to the correction. Where something else
 * holds the setpoint back (a clamp, a stop), the course begins again from the drum; to one that is far behind the plan
 * comes. */
#ifndef BELAY_CONTROLLER_MOTION_COURSE_H
#define BELAY_CONTROLLER_MOTION_COURSE_H

#include <stdbool.h>

#include "controller/motion/otg.h"

#define COURSE_ARRIVED_M 0.0005 /* nearer than this the move is over; half a millimetre of rope */

struct course {
    struct otg_state at;         /* of the plan, for the setpoint of this cycle */
    double lagged_m, lagged_m_s; /* the plan through the drive's lag */
    double sent_m_s;             /* what the last step gave */
};

/* The plan's next cycle, for all drums that fly it. */
struct course_pace {
    bool planned;             /* false: there is no way to the goal */
    double speed_m_s;         /* mean of the cycle */
    double acceleration_m_s2; /* mean of the cycle */
};

struct course_limits {
    struct otg_limits motion;
    double dead_s;     /* from a setpoint until the first of it is read, the cycle of that included; and then */
    double lag_s;      /* its first-order lag: both as declared, and measured in commissioning */
    double reaction_s; /* from a reading until the drum follows what was made of it; > 0, no less than it is */
    double dt_s;       /* of a cycle */
};

/* Of the drum. */
struct course_reading {
    double position_m;
    double old_s; /* >= 0: how much older than a reading of the last cycle */
};

/* Begins where the drum will be when a setpoint acts that is sent now; `last_m_s` was sent last. */
void course_begin(struct course *course, const struct course_limits *limits, const struct course_reading *reading,
                  double last_m_s);

/* The next speed on the way to `goal_m`, at most the acceleration away from `last_m_s`, what was sent last. 0 when it
 * has arrived, and where there is no plan. */
double course_step(struct course *course, const struct course_limits *limits, double goal_m,
                   const struct course_reading *reading, double last_m_s);

/* course_step() in two parts, for drums that are locked together: one plan, one cycle on, and each drum's own part. */
struct course_drum {
    double correction_m_s;
    double sent_m_s; /* what the last step gave */
};

/* The plan of all, one cycle on; `limits` has the largest lag of all. Where anything holds one of them back,
 * course_begin() for all. */
struct course_pace course_advance(struct course *course, const struct course_limits *limits, double goal_m);

/* For a plan that is not course_advance()'s: what the drum shows of it, one cycle at this mean speed later. */
void course_lag(struct course *course, const struct course_limits *limits, double mean_m_s);

/* The next speed of one drum; `own` has its own speeds, dead time, lag and reaction. The quicker a drum the later it is
 * told, so that all are where the slowest is. What is left is its correction, with the acceleration that the plan
 * leaves to it: it brings a drum that began out of level into level, and never holds it back as the plan speeds up. */
double course_drum_step(struct course_drum *drum, const struct course *course, const struct course_limits *limits,
                        const struct course_pace *pace, const struct course_limits *own, double goal_m,
                        const struct course_reading *reading, double last_m_s);

/* How long a course from rest to rest takes, by the acceleration that it plans with. */
double course_time_s(const struct course_limits *limits, double way_m);

/* The greatest speed with which it takes `time_s`, at least course_time_s(): what is to arrive together with a slower
 * one goes so fast. In (0, the limits' own]. */
double course_speed_for_m_s(const struct course_limits *limits, double way_m, double time_s);

/* Was a setpoint held back after the plan had given `sent_m_s`? */
bool course_held_back(double sent_m_s, double last_m_s);

/* A speed that is asked for and changes: a jog. */
struct speed_course {
    double sent_m_s;          /* what the last step gave */
    double acceleration_m_s2; /* and came to */
};

/* The next speed on the shortest way to `wanted_m_s` within acceleration and jerk, from `last_m_s`, what was sent last.
 * A motion begins with a struct of zeros. */
double speed_course_step(struct speed_course *course, double acceleration_max_m_s2, double jerk_max_m_s3,
                         double wanted_m_s, double last_m_s, double dt_s);

#endif
