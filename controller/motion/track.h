/* A drum that keeps up with a reference which moves by itself: the deck on which the winch stands, for one. Pure; SI;
 * one call of each a cycle. docs/motion.md derives estimator, prediction and the bound of the error.
 *
 * The reference counts as the rope does: where it grows the drum pays out as much. */
#ifndef BELAY_CONTROLLER_MOTION_TRACK_H
#define BELAY_CONTROLLER_MOTION_TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/motion/course.h"

struct track_limits {
    double latency_s;   /* from the reference's motion until its sensor's register shows it */
    double smoothing_s; /* of the readings: less follows faster, more lets less noise through; > 0 */
    double jump_m;      /* a reading farther from where it was expected is not believed */
    double silent_s;    /* without a new reading that is believed the reference is lost */
    double dead_s;      /* from a setpoint until the drum begins to follow, */
    double lag_s;       /* and the first-order lag of that; both as declared, and measured in commissioning */
    double speed_max_m_s, acceleration_max_m_s2; /* of the drum, either way */
    double jerk_max_m_s3;                        /* as it comes up to the reference's speed */
    double dt_s; /* of a cycle */
};

/* What the sensor's register shows. It is a new reading only when it differs from the last one to the last bit: one
 * that works never shows the same for long, for its last digits are noise. */
struct track_reading {
    bool good;
    uint32_t raw;
    double position_m;
    double age_s; /* >= 0, of the reply */
};

/* The estimate of the reference's motion, as it was `age_s` ago. Zeros before the first reading. */
struct track {
    bool known;
    uint32_t raw;
    double age_s, position_m, speed_m_s, acceleration_m_s2;
    double swing_per_s2;          /* its jerk is as much times its speed, and against it */
    double speed2, acceleration2; /* mean squares of the last seconds, from which that is learned */
    double fed_s;    /* for which it has been fed without a break */
    double silent_s; /* since the last new reading that was believed */
};

/* The drum beside it. A motion begins with a struct of zeros. */
struct track_drum {
    struct speed_course up; /* its way up to the reference's speed */
    double matched_s;       /* since its setpoint came to that speed */
    double hold_m;    /* drum's position less the reference's: to be held, once matched */
    double error_m;   /* by which it was not held, when the drum was last read */
};

/* A cycle goes by, with what the sensor shows in it. */
void track_listen(struct track *track, const struct track_limits *limits, const struct track_reading *reading);

/* Is the estimate one to go by: fed for long enough, and not lost since? */
bool track_ready(const struct track *track, const struct track_limits *limits);

/* The next speed of the drum, which was at `position_m` `age_s` ago: the reference's predicted one, and what brings the
 * drum to its place; within the limits, from `last_m_s`, what was sent last. What is held is the place that the drum
 * has relative to the reference when it has come up to its speed. With a reference that is not known: a stop. */
double track_step(struct track_drum *drum, const struct track *track, const struct track_limits *limits,
                  double position_m, double age_s, double last_m_s);

/* Has the drum come up to the reference, so that error_m means something? */
bool track_matched(const struct track_drum *drum, const struct track_limits *limits);

/* By how much the place may be missed, at the frequency `hz`, for a jerk of the reference of which the swing explains
 * all but `jerk_m_s3`. On top come what noise does, and the speed for as long as latency lasts that nobody declared. */
double track_error_m(const struct track_limits *limits, double jerk_m_s3, double hz);

#endif
