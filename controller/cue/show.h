/* The show: cues in order, as the show file states them. Const after load. */
#ifndef BELAY_CONTROLLER_CUE_SHOW_H
#define BELAY_CONTROLLER_CUE_SHOW_H

#include <stddef.h>
#include <stdint.h>

#include "controller/base/yaml.h"
#include "controller/motion/flight.h"
#include "controller/motion/timed.h"
#include "controller/rig/rig.h"

#define SHOW_NAME_MAX 64
#define SHOW_CUES_MAX 200
#define SHOW_CUE_ID_MAX 16
#define SHOW_FLIGHTS_MAX 12
#define SHOW_TIMED_MAX 12

enum cue_kind {
    CUE_MOVE, /* one axis to a position, or all of a group */
    CUE_BELAY, /* one axis holds tension and follows the person until stopped */
    CUE_FLY,   /* a point on lines flies along a path */
    CUE_COMPENSATE, /* one axis holds the height of its hook while its winch moves with a deck, until stopped */
    CUE_TIMED /* one axis goes through places at times, and begins at the first */
};

/* What hangs on the rope in a move, as the load cell feels it, and where it hangs free. */
struct cue_load {
    bool present;
    double mass_kg;
    double hangs_from_m, hangs_to_m; /* rope paid out; elsewhere it may stand, lie or be lifted by hand */
};

struct cue {
    char id[SHOW_CUE_ID_MAX];
    char name[SHOW_NAME_MAX];
    enum cue_kind kind;
    int axis;      /* index in rig.axis; of several the first */
    uint32_t axes; /* bits of all that it moves: they begin together and end together */
    int group;     /* index in rig.group that it names, or -1 */
    double position_m;                   /* CUE_MOVE */
    bool has_to;                /* CUE_MOVE of a group that is not locked: each axis to its own place */
    double to_m[RIG_AXES_MAX];  /* then these, by axis, in place of position_m */
    double speed_m_s, acceleration_m_s2; /* CUE_MOVE, CUE_FLY; the speed of CUE_TIMED is the most of its path */
    int timed;                           /* CUE_TIMED: index in show.timed; else -1 */
    double error_m;                      /* CUE_TIMED: farther from its place it stops */
    int point, flight;                   /* CUE_FLY: index in rig.point, in show.flight; else -1 */
    struct cue_load load;                            /* CUE_MOVE */
    double tension_n;                                /* CUE_BELAY: the reference, within the rig's band */
};

/* Where a move takes this axis. */
double cue_goal_m(const struct cue *cue, int axis);

/* A path, and what the lines do on it: looked at from end to end, and found good. */
struct show_flight {
    struct point_flight flight;
    struct path path;
    double jerk_m_s3;
};

struct show {
    char name[SHOW_NAME_MAX];
    char hash[RIG_HASH_MAX]; /* SHA-256 of the text, lower-case hex */
    int cue_count;
    struct cue cue[SHOW_CUES_MAX];
    int flight_count;
    struct show_flight flight[SHOW_FLIGHTS_MAX];
    int timed_count;
    struct timed_path timed[SHOW_TIMED_MAX];
};

/* Reads show text against `rig`; `name` stands for the file in errors. Every error in one run, as rig_load().
 * Checks that each cue names an axis of the rig, keeps inside that axis's limits and that cue ids are unique; and the
 * whole path of each flight, and of each path in time.
 * Allocates and is not for the cycle thread. Returns 0 or -EINVAL with errors added. */
int show_load_text(const char *name, const char *text, size_t length, const struct rig *rig, struct show *show,
                   struct yaml_errors *errors);

/* The same from a file. Returns also -errno when it can't be read (an error text is added too). */
int show_load(const char *path, const struct rig *rig, struct show *show, struct yaml_errors *errors);

/* The schema of show files, for the manual. */
const struct yaml_field *show_fields(void);

/* Index of the cue with this id, or -ENOENT. */
int show_cue_find(const struct show *show, const char *id);

#endif
