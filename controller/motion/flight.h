/* A flight: a point on lines goes along a path. What the drums are to do, and whether they can, all the way. Pure; SI;
 * no allocation. docs/motion.md derives it. */
#ifndef BELAY_CONTROLLER_MOTION_FLIGHT_H
#define BELAY_CONTROLLER_MOTION_FLIGHT_H

#include "controller/motion/path.h"
#include "controller/motion/point.h"

#define FLIGHT_PLANNED 0.9 /* of a line's speed and acceleration; the rest is the correction's */
#define FLIGHT_LOOKS_M 0.02 /* the whole path is looked at in steps of this, or of a part of it */
#define FLIGHT_LOOKS_MAX 20000

/* What a line's axis can do. */
struct flight_line {
    double speed_max_m_s;         /* either way */
    double acceleration_max_m_s2; /* of a move */
    double stop_m_s2;             /* of a stop, the gentler of both ways */
    double position_min_m, position_max_m;
};

struct point_flight {
    struct point_rig point;
    struct flight_line line[POINT_LINES_MAX];
    double mass_min_kg, mass_max_kg;
    double volume_min_m[3], volume_max_m[3];
    double speed_m_s, acceleration_m_s2; /* along the path, and across it in a curve; > 0 */
    double stop_m_s2;                    /* along the path, in a stop */
};

enum flight_result {
    FLIGHT_GOOD,
    FLIGHT_LEAVES,       /* the volume, in direction x, y or z: `line` 0 to 2 */
    FLIGHT_UNHELD,       /* the lines hold no point there: flat, off their plane or at an anchor */
    FLIGHT_SLACK,        /* a line would pull less than its least */
    FLIGHT_OVERLOADED,   /* more than its most */
    FLIGHT_CURVE,        /* across the path the acceleration is more than the flight's own */
    FLIGHT_SPEED,        /* a drum would be faster than it may be planned */
    FLIGHT_ACCELERATION, /* or gain speed faster */
    FLIGHT_STOP,         /* a drum could not stop as fast as the point on its path */
    FLIGHT_POSITION,     /* a drum would leave its position limits */
    FLIGHT_RESULT_COUNT
};

/* Where, of what, and by how much. */
struct flight_refusal {
    double way_m;
    int line;            /* or direction; -1 = of none */
    enum point_result why; /* UNHELD */
    double value, limit; /* in the unit of what it is */
};

/* Looks at the whole path: volume, pulls, speeds and accelerations of the drums, at rest, under way, at the
 * acceleration and in a stop, with the least and the largest mass. The pulls are linear in acceleration and speed
 * squared, so that their extremes stand for all between. Not for the cycle. */
enum flight_result flight_check(const struct point_flight *flight, const struct path *path,
                                struct flight_refusal *refusal);

/* What the drums show when the point hangs there at rest, with the mean mass: paid out, unstretched; and the pulls.
 * What accelerations add is carried by the stretch: to lead the drums by it would put its jumps into their speeds.
 * False where lines hold no point; nothing is given then. A pull outside its limits is given as it is. */
bool flight_drums(const struct point_flight *flight, const struct path *path, double way_m,
                  double drum_m[POINT_LINES_MAX], double tension_n[POINT_LINES_MAX]);
/* The same at any place. */
bool flight_drums_at(const struct point_flight *flight, const double place_m[3], double drum_m[POINT_LINES_MAX],
                     double tension_n[POINT_LINES_MAX]);

/* Motion of the point at a way along the path, at a speed and an acceleration along it. */
struct point_motion flight_motion(const struct path *path, double way_m, double speed_m_s, double acceleration_m_s2);

#endif
