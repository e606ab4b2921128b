/* A point in space on two to four lines: lengths of the lines from its place and back, and the pull of each. Pure; SI;
 * no allocation, bounded. docs/motion.md derives it.
 *
 * Places are x, y, z with z up. A line runs straight from its anchor, the last sheave, to the point: its own weight,
 * and the way of the rope around the sheave, are left out. On two lines the point keeps to the vertical plane of both
 * anchors.
 */
#ifndef BELAY_CONTROLLER_MOTION_POINT_H
#define BELAY_CONTROLLER_MOTION_POINT_H

#include <stdbool.h>

#define POINT_LINES_MIN 2
#define POINT_LINES_MAX 4
#define POINT_GRAVITY_M_S2 9.80665
#define POINT_MEETS_M 0.5 /* lines that miss each other by more, as a mean, hold no point */

struct point_line {
    double anchor_m[3];
    double tension_min_n, tension_max_n; /* 0 < min < max: what the line is let pull */
    double ea_n;                         /* stiffness times area: force at 100 % stretch */
    double lead_m;                       /* rope from the drum to the anchor */
};

struct point_rig {
    int count; /* POINT_LINES_MIN to POINT_LINES_MAX */
    double tension_n; /* that four lines are kept near; of fewer each pull follows from the force */
    struct point_line line[POINT_LINES_MAX];
};

/* Of the point. */
struct point_motion {
    double place_m[3], speed_m_s[3], acceleration_m_s2[3];
};

/* Of each line, from anchor to point: positive speeds pay out. */
struct point_lengths {
    double length_m[POINT_LINES_MAX], speed_m_s[POINT_LINES_MAX], acceleration_m_s2[POINT_LINES_MAX];
};

enum point_result {
    POINT_HELD,
    POINT_NOT_FINITE, /* a number is not one */
    POINT_AT_ANCHOR,  /* a line has no direction there */
    POINT_FLAT,       /* the lines lie in one plane, or two in one line: nothing holds the point across it */
    POINT_OFF_PLANE,  /* on two lines: not in the plane of both anchors, or moved out of it */
    POINT_SLACK,      /* a line would pull less than its least */
    POINT_OVERLOADED, /* a line would pull more than its most */
    POINT_NO_PLACE,   /* lines of these lengths meet nowhere */
    POINT_RESULT_COUNT
};

/* The pulls; when refused, what they would come to, and the line that is farthest outside. */
struct point_pull {
    double tension_n[POINT_LINES_MAX];
    int line; /* -1 = of none */
};

/* Lengths, speeds and accelerations of the lines. POINT_AT_ANCHOR, POINT_NOT_FINITE: nothing is given. */
enum point_result point_lines(const struct point_rig *rig, const struct point_motion *motion,
                              struct point_lengths *lengths);

/* Pulls that give a point of `mass_kg` this acceleration against gravity, each within its line's limits. Of the many
 * that four lines could take, the ones nearest to rig->tension_n: unique, and without a jump along a smooth path. */
enum point_result point_tensions(const struct point_rig *rig, const struct point_motion *motion, double mass_kg,
                                 struct point_pull *pull);

/* Are these pulls inside their limits? Else SLACK or OVERLOADED, and pull->line is the one farthest outside. */
enum point_result point_judge(const struct point_rig *rig, struct point_pull *pull);

/* While the drums stand, a further force is carried by the stretch of the lines alone: by how much each pull changes,
 * and how far the point moves. `force_n` is what the lines are to give beside what they give now. */
enum point_result point_yield(const struct point_rig *rig, const double place_m[3], const double force_n[3],
                              double change_n[POINT_LINES_MAX], double moved_m[3]);

/* Where lines of these lengths meet, below their anchors: nearest in the sense of least squares. `off_m` is what a line
 * misses the place by, as a root mean square. */
enum point_result point_place(const struct point_rig *rig, const double length_m[POINT_LINES_MAX], double place_m[3],
                              double *off_m);

/* Rope paid out beyond the anchor, unstretched, as the drum's position counts it, for a length at a tension;
 * and back. */
double point_drum_m(const struct point_line *line, double length_m, double tension_n);
double point_length_m(const struct point_line *line, double drum_m, double tension_n);

/* "slack", the name of a result; static. */
const char *point_result_name(enum point_result result);

#endif
