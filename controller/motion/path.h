/* A smooth curve through waypoints, by the way along it. Pure; SI; no allocation. docs/motion.md derives it.
 *
 * A cubic spline over the chords: place, direction and curvature have no jump. It begins and ends straight. It is laid
 * once, and then asked for a place in a time that grows with the logarithm of the waypoints.
 */
#ifndef BELAY_CONTROLLER_MOTION_PATH_H
#define BELAY_CONTROLLER_MOTION_PATH_H

#define PATH_WAYPOINTS_MAX 24
#define PATH_CUTS 12 /* of each stretch between two waypoints, for the way along it */
#define PATH_APART_M 0.01 /* least distance of two waypoints, one after the other */

/* One stretch: place = a + b t + c t^2 + d t^3 with t in metres of the chord from its first waypoint. */
struct path_stretch {
    double chord_m;
    double a[3], b[3], c[3], d[3];
};

struct path {
    int stretch_count; /* one less than waypoints; 0: none is laid */
    struct path_stretch stretch[PATH_WAYPOINTS_MAX - 1];
    double way_m[(PATH_WAYPOINTS_MAX - 1) * PATH_CUTS + 1]; /* to each cut */
    double length_m;
};

enum path_result {
    PATH_LAID,
    PATH_BAD_COUNT,   /* 2 to PATH_WAYPOINTS_MAX */
    PATH_NOT_FINITE,  /* a number of this waypoint is not one, or beyond 1e5 m */
    PATH_TOO_NEAR,    /* this waypoint is nearer than PATH_APART_M to the one before */
    PATH_TURNS_SHORT, /* after this waypoint the curve comes to a stop to turn round: no speed fits */
    PATH_RESULT_COUNT
};

struct path_waypoint {
    double place_m[3];
};

/* Where it is at a way along it. */
struct path_place {
    double place_m[3];
    double along[3];     /* direction, of length 1 */
    double curve_1_m[3]; /* curvature: the direction's change with the way; across `along` */
};

/* Lays the curve. `*waypoint` is what a refusal is about, from 0. */
enum path_result path_lay(struct path *path, const struct path_waypoint *waypoints, int count, int *waypoint);

/* The place at this way from the start, 0 to length_m; what is outside counts as the end. */
struct path_place path_at(const struct path *path, double way_m);

/* Index of the waypoint that was passed last there; the way to a waypoint. */
int path_waypoint(const struct path *path, double way_m);
double path_way_m(const struct path *path, int waypoint);

/* The way at which the curve is nearest to a place, to a tenth of a millimetre; how far that is in `*off_m`. Looks at
 * the whole curve: for a start, not for every cycle. */
double path_nearest_m(const struct path *path, const double place_m[3], double *off_m);

#endif
