/* A path in time: an axis follows places that are given against a clock. Laid once, as a smooth curve; then one call a
 * cycle, with the clock's time as an argument: it may start late, jump and run fast or slow. Pure; SI; no allocation.
 * docs/motion.md derives it. */
#ifndef BELAY_CONTROLLER_MOTION_TIMED_H
#define BELAY_CONTROLLER_MOTION_TIMED_H

#include <stdbool.h>

#include "controller/motion/course.h"

#define TIMED_KNOTS_MAX 64
#define TIMED_APART_S 0.02 /* from knot to knot, at least */
#define TIMED_SPEED 0.9 /* of the axis's, at most; the rest catches up */
#define TIMED_SHARE 0.8 /* the same of acceleration and jerk; of the acceleration a tenth is the correction's */

struct timed_knot {
    double t_s, position_m;
};

/* Fifth-order parts from knot to knot; at rest at the first and the last. */
struct timed_path {
    int count;
    struct timed_point {
        double t_s, position_m, speed_m_s, acceleration_m_s2;
    } knot[TIMED_KNOTS_MAX];
    double speed_max_m_s, acceleration_max_m_s2, jerk_max_m_s3; /* magnitudes */
};

struct timed_state {
    double position_m, speed_m_s, acceleration_m_s2, jerk_m_s3;
};

/* Extremes of one part; magnitudes but for the places. */
struct timed_peaks {
    double position_min_m, position_max_m, speed_m_s, acceleration_m_s2, jerk_m_s3;
};

enum timed_result {
    TIMED_LAID,
    TIMED_BAD_COUNT, /* fewer than 2 or more than TIMED_KNOTS_MAX */
    TIMED_BAD_TIME,  /* the first is not at 0, or a knot is not TIMED_APART_S after the one before */
    TIMED_NOT_FINITE,
    TIMED_RESULT_COUNT
};

/* Not for the cycle. `*knot` is the one that is wrong; the path is empty then. */
enum timed_result timed_lay(struct timed_path *path, const struct timed_knot *knot, int count, int *wrong);

/* From knot `part` to the next. Not for the cycle. */
struct timed_peaks timed_peaks(const struct timed_path *path, int part);

/* Before the first knot, and after the last one, it rests there. */
struct timed_state timed_at(const struct timed_path *path, double t_s);
double timed_end_s(const struct timed_path *path);

/* The time that is followed: what its clock shows now, and how fast it is taken to run until it is heard again. */
struct timed_source {
    double time_s;
    double rate; /* 1 = as fast as this clock; > 0 */
};

/* Begins with zeros. */
struct timed_follow {
    bool begun;
    struct course course; /* what the drum shows of the plan; */
    struct course_drum drum;
    double error_m; /* of the drum, when it was last read: ahead of its place at that time */
};

/* How long before its time a place is sent: dead time and lag of the drum. */
double timed_lead_s(const struct course_limits *limits);

/* The next speed. Where the plan is off the path it comes back to it as fast as the limits that the path leaves. */
double timed_step(struct timed_follow *follow, const struct timed_path *path, const struct course_limits *limits,
                  const struct timed_source *source, const struct course_reading *reading, double last_m_s);

#endif
