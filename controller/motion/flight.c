/* A point along a path, and its drums. */
#include "controller/motion/flight.h"

#include <math.h>

struct point_motion flight_motion(const struct path *path, double way_m, double speed_m_s, double acceleration_m_s2) {
    const struct path_place at = path_at(path, way_m);
    struct point_motion motion;
    for (int k = 0; k < 3; k++) {
        motion.place_m[k] = at.place_m[k];
        motion.speed_m_s[k] = speed_m_s * at.along[k];
        motion.acceleration_m_s2[k] = acceleration_m_s2 * at.along[k] + speed_m_s * speed_m_s * at.curve_1_m[k];
    }
    return motion;
}

static bool gives_pulls(enum point_result result) {
    return result == POINT_HELD || result == POINT_SLACK || result == POINT_OVERLOADED;
}

static double mean_kg(const struct point_flight *flight) {
    return (flight->mass_min_kg + flight->mass_max_kg) / 2;
}

bool flight_drums_at(const struct point_flight *flight, const double place_m[3], double drum_m[POINT_LINES_MAX],
                     double tension_n[POINT_LINES_MAX]) {
    const struct point_motion rests = {.place_m = {place_m[0], place_m[1], place_m[2]}};
    struct point_lengths lengths;
    struct point_pull pull;
    if (point_lines(&flight->point, &rests, &lengths) != POINT_HELD)
        return false;
    if (!gives_pulls(point_tensions(&flight->point, &rests, mean_kg(flight), &pull)))
        return false;
    for (int i = 0; i < flight->point.count; i++) {
        tension_n[i] = pull.tension_n[i];
        drum_m[i] = point_drum_m(&flight->point.line[i], lengths.length_m[i], pull.tension_n[i]);
    }
    return true;
}

bool flight_drums(const struct point_flight *flight, const struct path *path, double way_m,
                  double drum_m[POINT_LINES_MAX], double tension_n[POINT_LINES_MAX]) {
    const struct path_place at = path_at(path, way_m);
    return flight_drums_at(flight, at.place_m, drum_m, tension_n);
}

/* --- looking ------------------------------------------------------------------------------------------------------ */

struct look {
    const struct point_flight *flight;
    const struct path *path;
    struct flight_refusal *refusal;
};

static enum flight_result refuse(const struct look *look, enum flight_result result, int line, double value,
                                 double limit) {
    look->refusal->line = line;
    look->refusal->value = value;
    look->refusal->limit = limit;
    return result;
}

static enum flight_result look_at_place(const struct look *look, const struct path_place *at) {
    const struct point_flight *flight = look->flight;
    for (int k = 0; k < 3; k++) {
        if (at->place_m[k] < flight->volume_min_m[k])
            return refuse(look, FLIGHT_LEAVES, k, at->place_m[k], flight->volume_min_m[k]);
        if (at->place_m[k] > flight->volume_max_m[k])
            return refuse(look, FLIGHT_LEAVES, k, at->place_m[k], flight->volume_max_m[k]);
    }
    const double bend_1_m = sqrt(at->curve_1_m[0] * at->curve_1_m[0] + at->curve_1_m[1] * at->curve_1_m[1] +
                                 at->curve_1_m[2] * at->curve_1_m[2]);
    const double across_m_s2 = flight->speed_m_s * flight->speed_m_s * bend_1_m;
    return across_m_s2 > flight->acceleration_m_s2
               ? refuse(look, FLIGHT_CURVE, -1, across_m_s2, flight->acceleration_m_s2)
               : FLIGHT_GOOD;
}

static enum flight_result pulls_are(const struct look *look, enum point_result why, const struct point_pull *pull) {
    const struct point_line *line = look->flight->point.line;
    look->refusal->why = why;
    if (why == POINT_SLACK)
        return refuse(look, FLIGHT_SLACK, pull->line, pull->tension_n[pull->line], line[pull->line].tension_min_n);
    if (why == POINT_OVERLOADED)
        return refuse(look, FLIGHT_OVERLOADED, pull->line, pull->tension_n[pull->line],
                      line[pull->line].tension_max_n);
    return why == POINT_HELD ? FLIGHT_GOOD : refuse(look, FLIGHT_UNHELD, -1, 0, 0);
}

/* At rest the pulls are those of flight_drums(); a motion, or another mass, is carried by the stretch. */
static enum flight_result look_at_pulls(const struct look *look, const struct point_motion *motion, double mass_kg,
                                        const struct point_pull *rest) {
    const struct point_rig *rig = &look->flight->point;
    double force_n[3], change_n[POINT_LINES_MAX], moved_m[3];
    struct point_pull pull = *rest;
    for (int k = 0; k < 3; k++)
        force_n[k] = mass_kg * motion->acceleration_m_s2[k];
    force_n[2] += (mass_kg - mean_kg(look->flight)) * POINT_GRAVITY_M_S2;
    const enum point_result found = point_yield(rig, motion->place_m, force_n, change_n, moved_m);
    if (found != POINT_HELD)
        return pulls_are(look, found, &pull);
    for (int i = 0; i < rig->count; i++)
        pull.tension_n[i] += change_n[i];
    return pulls_are(look, point_judge(rig, &pull), &pull);
}

/* Speed and acceleration at their extremes, in every pair; with both masses. */
static enum flight_result look_at_motions(const struct look *look, double way_m) {
    const struct point_flight *flight = look->flight;
    const double most_m_s2 = fmax(flight->acceleration_m_s2, flight->stop_m_s2);
    struct point_motion motion = flight_motion(look->path, way_m, 0, 0);
    struct point_pull rest;
    enum flight_result result =
        pulls_are(look, point_tensions(&flight->point, &motion, mean_kg(flight), &rest), &rest);
    for (int i = 0; i < 8 && result == FLIGHT_GOOD; i++) {
        motion = flight_motion(look->path, way_m, (i & 1) != 0 ? flight->speed_m_s : 0,
                               (i & 2) != 0 ? most_m_s2 : -most_m_s2);
        const double mass_kg = (i & 4) != 0 ? flight->mass_max_kg : flight->mass_min_kg;
        result = look_at_pulls(look, &motion, mass_kg, &rest);
    }
    return result;
}

/* The drums under way, with the stretch that changes as the pulls do: speeds p' v, accelerations p'' v^2 + p' a. */
static enum flight_result look_at_drums(const struct look *look, double way_m) {
    const struct point_flight *flight = look->flight;
    const double step_m = fmin(FLIGHT_LOOKS_M, look->path->length_m / 4), v = flight->speed_m_s;
    const double from_m = fmin(fmax(way_m - step_m, 0), look->path->length_m - 2 * step_m);
    double drum_m[3][POINT_LINES_MAX], tension_n[POINT_LINES_MAX];
    for (int i = 0; i < 3; i++)
        if (!flight_drums(flight, look->path, from_m + i * step_m, drum_m[i], tension_n))
            return refuse(look, FLIGHT_UNHELD, -1, 0, 0);
    for (int i = 0; i < flight->point.count; i++) {
        const struct flight_line *can = &flight->line[i];
        const double first = fabs(drum_m[2][i] - drum_m[0][i]) / (2 * step_m);
        const double bend_m_s2 = fabs(drum_m[2][i] - 2 * drum_m[1][i] + drum_m[0][i]) / (step_m * step_m) * v * v;
        const double gain_m_s2 = bend_m_s2 + first * flight->acceleration_m_s2;
        const double stop_m_s2 = bend_m_s2 + first * flight->stop_m_s2;
        if (drum_m[1][i] < can->position_min_m)
            return refuse(look, FLIGHT_POSITION, i, drum_m[1][i], can->position_min_m);
        if (drum_m[1][i] > can->position_max_m)
            return refuse(look, FLIGHT_POSITION, i, drum_m[1][i], can->position_max_m);
        if (first * v > FLIGHT_PLANNED * can->speed_max_m_s)
            return refuse(look, FLIGHT_SPEED, i, first * v, FLIGHT_PLANNED * can->speed_max_m_s);
        if (gain_m_s2 > FLIGHT_PLANNED * can->acceleration_max_m_s2)
            return refuse(look, FLIGHT_ACCELERATION, i, gain_m_s2, FLIGHT_PLANNED * can->acceleration_max_m_s2);
        if (stop_m_s2 > FLIGHT_PLANNED * can->stop_m_s2)
            return refuse(look, FLIGHT_STOP, i, stop_m_s2, FLIGHT_PLANNED * can->stop_m_s2);
    }
    return FLIGHT_GOOD;
}

enum flight_result flight_check(const struct point_flight *flight, const struct path *path,
                                struct flight_refusal *refusal) {
    const struct look look = {flight, path, refusal};
    const int looks = (int)fmin(ceil(path->length_m / FLIGHT_LOOKS_M) + 1, FLIGHT_LOOKS_MAX);
    *refusal = (struct flight_refusal){.line = -1};
    for (int i = 0; i <= looks; i++) {
        refusal->way_m = path->length_m * i / looks;
        const struct path_place at = path_at(path, refusal->way_m);
        enum flight_result result = look_at_place(&look, &at);
        if (result == FLIGHT_GOOD)
            result = look_at_motions(&look, refusal->way_m);
        if (result == FLIGHT_GOOD)
            result = look_at_drums(&look, refusal->way_m);
        if (result != FLIGHT_GOOD)
            return result;
    }
    return FLIGHT_GOOD;
}
