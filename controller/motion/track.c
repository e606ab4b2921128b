/* Estimate, predict, invert the drive. */
#include "controller/motion/track.h"

#include <math.h>

#include "controller/motion/ramp.h"

#define GAIN 0.3      /* over the loop's time: a fifth of what pure dead time bears, pi/2 */
#define GAIN_MAX_PER_S 3.0 /* a load bounces on its rope at 10 /s and more, and pushes the drum: not to be answered */
#define SETTLES 20.0  /* times the smoothing until nothing is left of how the estimate began */
#define LAGS 3.0      /* of the drum, until it runs at a speed that was told */
#define MATCHED_M_S 0.05 /* nearer than this the drum has come up: what is left is noise */
#define MEMORY_S 5.0  /* a wave or so */
#define CALM_M2_S2 1e-4       /* speeds of 10 mm/s: less is the sensor's noise */
#define SWING_MAX_PER_S2 6.0  /* 0.39 Hz: what is quicker is taken for noise */

/* --- the estimate ------------------------------------------------------------------------------------------------ */

/* A swell swings: its jerk is against its speed, and as much as it has been of late. */
static void advance(struct track *track, double by_s) {
    const double jerk_m_s3 = -track->swing_per_s2 * track->speed_m_s;
    const double snap_m_s4 = -track->swing_per_s2 * track->acceleration_m_s2;
    track->position_m +=
        (track->speed_m_s + (track->acceleration_m_s2 / 2 + jerk_m_s3 * by_s / 6) * by_s) * by_s;
    track->speed_m_s += (track->acceleration_m_s2 + jerk_m_s3 * by_s / 2) * by_s;
    track->acceleration_m_s2 += (jerk_m_s3 + snap_m_s4 * by_s / 2) * by_s;
    track->age_s -= by_s;
}

/* Of a wave the mean squares of acceleration and speed are to each other as its angular frequency squared. */
static void learn(struct track *track, double by_s) {
    const double share = 1 - exp(-by_s / MEMORY_S);
    track->speed2 += (track->speed_m_s * track->speed_m_s - track->speed2) * share;
    track->acceleration2 += (track->acceleration_m_s2 * track->acceleration_m_s2 - track->acceleration2) * share;
    track->swing_per_s2 = fmin(track->acceleration2 / fmax(track->speed2, CALM_M2_S2), SWING_MAX_PER_S2);
}

/* Gains of the steady Kalman filter of a reference whose acceleration walks at random, of one parameter (Gray and
 * Murray, IEEE Trans. AES 29, 1993): s = 1 gives 0, and in continuous time a Butterworth filter of third order. */
static void correct(struct track *track, double off_m, double by_s, double smoothing_s) {
    const double s = exp(-by_s / smoothing_s);
    const double alpha = 1 - s * s, beta = 2 * (1 - s) * (1 - s), gamma = beta * beta / (2 * alpha);
    track->position_m += alpha * off_m;
    track->speed_m_s += beta / by_s * off_m;
    track->acceleration_m_s2 += gamma / (by_s * by_s) * off_m;
}

bool track_ready(const struct track *track, const struct track_limits *limits) {
    return track->known && track->fed_s >= SETTLES * limits->smoothing_s;
}

/* A new number came into the register some time in the cycle before. */
static double age_s(const struct track_limits *limits, const struct track_reading *reading) {
    return reading->age_s + limits->latency_s + fmin(limits->dt_s, limits->latency_s) / 2;
}

static void take(struct track *track, const struct track_limits *limits, const struct track_reading *reading) {
    const double by_s = track->age_s - age_s(limits, reading);
    struct track then = *track;
    track->raw = reading->raw;
    if (by_s <= 0)
        return;
    advance(&then, by_s);
    const double off_m = reading->position_m - then.position_m;
    if (fabs(off_m) > limits->jump_m)
        return;
    correct(&then, off_m, by_s, limits->smoothing_s);
    then.raw = reading->raw;
    then.silent_s = 0;
    if (track_ready(&then, limits)) /* how it began is no wave */
        learn(&then, by_s);
    *track = then;
}

void track_listen(struct track *track, const struct track_limits *limits, const struct track_reading *reading) {
    track->age_s += limits->dt_s;
    track->silent_s += limits->dt_s;
    track->fed_s += limits->dt_s;
    if (track->known && reading->good && reading->raw != track->raw)
        take(track, limits, reading);
    if (!track->known && reading->good)
        *track = (struct track){.known = true,
                                .raw = reading->raw,
                                .position_m = reading->position_m,
                                .age_s = age_s(limits, reading)};
    if (track->known && track->silent_s > limits->silent_s + limits->dt_s / 2)
        *track = (struct track){0};
}

/* --- the drum ---------------------------------------------------------------------------------------------------- */

/* The reference as it was, or will be. */
static struct track at(const struct track *track, double ago_s) {
    struct track then = *track;
    advance(&then, track->age_s - ago_s);
    return then;
}

/* Filter of the setpoint: with a drive that is quicker than the smoothing the drum is as slow as that, and leaves noise
 * behind which would make the load bounce. The prediction makes up for it. */
static double filter_s(const struct track_limits *limits) {
    return fmax(0, limits->smoothing_s - limits->dead_s - limits->lag_s);
}

static double gain_per_s(const struct track_limits *limits) {
    return fmin(GAIN / (limits->dead_s + limits->lag_s + filter_s(limits) + limits->dt_s), GAIN_MAX_PER_S);
}

bool track_matched(const struct track_drum *drum, const struct track_limits *limits) {
    return drum->matched_s >= limits->dead_s + LAGS * limits->lag_s;
}

double track_step(struct track_drum *drum, const struct track *track, const struct track_limits *limits,
                  double position_m, double age_s, double last_m_s) {
    if (!track->known)
        return ramp_towards(last_m_s, 0, limits->acceleration_max_m_s2, limits->dt_s);
    const struct track read = at(track, age_s), acts = at(track, -limits->dead_s - filter_s(limits));
    const bool matched = track_matched(drum, limits);
    if (!matched)
        drum->hold_m = position_m - read.position_m;
    drum->error_m = position_m - read.position_m - drum->hold_m;
    double wanted_m_s = acts.speed_m_s + limits->lag_s * acts.acceleration_m_s2;
    wanted_m_s -= gain_per_s(limits) * drum->error_m;
    wanted_m_s = fmin(fmax(wanted_m_s, -limits->speed_max_m_s), limits->speed_max_m_s);
    if (drum->matched_s > 0 || fabs(wanted_m_s - last_m_s) < MATCHED_M_S)
        drum->matched_s += limits->dt_s;
    if (drum->matched_s == 0)
        return speed_course_step(&drum->up, limits->acceleration_max_m_s2, limits->jerk_max_m_s3, wanted_m_s, last_m_s,
                                 limits->dt_s);
    const double share = 1 - exp(-limits->dt_s / fmax(filter_s(limits), limits->dt_s / 100));
    const double told_m_s = last_m_s + share * (wanted_m_s - last_m_s);
    return ramp_towards(last_m_s, told_m_s, limits->acceleration_max_m_s2, limits->dt_s);
}

/* A jerk j leaves the filter behind by smoothing^3 j, and 2 smoothing^2 j and 2 smoothing j in speed and acceleration;
 * the prediction leaves out the jerk itself. What that does to the place is divided by the loop, which sees it late. */
double track_error_m(const struct track_limits *limits, double jerk_m_s3, double hz) {
    const double w = 2 * M_PI * hz, smooth_s = limits->smoothing_s, lag_s = limits->lag_s;
    const double old_s = limits->latency_s + 1.5 * limits->dt_s, dead_s = limits->dead_s + filter_s(limits),
                 ahead_s = old_s + dead_s;
    const double speed_m_s = jerk_m_s3 * (2 * smooth_s * smooth_s + 2 * smooth_s * (ahead_s + lag_s) +
                                          ahead_s * ahead_s / 2 + lag_s * ahead_s);
    const double seen_m = jerk_m_s3 * smooth_s * (smooth_s * smooth_s + 2 * smooth_s * old_s + old_s * old_s);
    const double late = atan(w * lag_s) + w * dead_s, drum = w * hypot(1, w * lag_s);
    const double loop_per_s = hypot(gain_per_s(limits) - drum * sin(late), drum * cos(late));
    return speed_m_s / loop_per_s + seen_m;
}
