/* One line of a rig: winch, holding brakes and rope, up to where the load holds the rope. Which load that is and how it
 * moves is not known here: it says how far from the last sheave the rope's end is.
 */
#ifndef BELAY_SIM_PLANT_LINE_H
#define BELAY_SIM_PLANT_LINE_H

#include <stdbool.h>

#include "sim/plant/brake.h"
#include "sim/plant/rope.h"
#include "sim/plant/winch.h"

#define PLANT_BRAKES_MAX 2

struct line_config {
    struct rope_config rope;
    struct winch_config winch;
    int brake_count;
    struct brake_config brake[PLANT_BRAKES_MAX];
};

/* What acts on a line from outside. */
struct line_input {
    bool torque_on;      /* the drive's power stage */
    double setpoint_rpm; /* of the motor, behind the drive's ramps; positive pays out */
    double motoring_lost, generating_lost; /* shares of its torque limit that the drive does not give, 0..1 */
    double brakes_lost;  /* share of the brakes' force that is not there, 0..1 */
    bool brake_release[PLANT_BRAKES_MAX]; /* the brakes' coils */
};

/* Where the load holds the rope. */
struct line_end {
    double distance_m; /* from the last sheave, along the rope */
    double speed_m_s;  /* at which that grows */
};

/* How a line begins: stretched by a pull, or, at tension 0, with rope that hangs loose (below 0: stretched by that). */
struct line_start {
    double tension_n, slack_m;
};

struct line {
    struct line_config config;
    struct winch winch;
    struct brake brake[PLANT_BRAKES_MAX];
    double creep_m;   /* by which the rope is longer than its drum counts */
    double stretch_m; /* of rope and line spring; below 0 it hangs loose */
    double tension_n; /* at the load, as things stand now */
    double drum_n;    /* at drum and load cell */
    double rubs;      /* rope_drum_n() */
};

/* Drum at rest, brakes closed. */
void line_init(struct line *line, const struct line_config *config, const struct line_start *start,
               const struct line_end *end);

/* Advances winch and brakes by `dt_s` against the tension there was. */
void line_step(struct line *line, const struct line_input *input, double dt_s);

/* Takes the rope's end to be at `end`: stretch and tension follow. */
void line_hold(struct line *line, const struct line_end *end);

/* The pads of every brake touch. */
bool line_brakes_closed(const struct line *line);
/* Rope between last sheave and load that hangs loose; 0 when taut. */
double line_slack_m(const struct line *line);

#endif
