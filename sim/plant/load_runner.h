/* A runner on one line: a source of position along the rope that runs out, rests, walks back, take after take; who
 * stumbles is a free mass on the rope. Height is the place along the rope: it falls while he runs away from the winch.
 */
#ifndef BELAY_SIM_PLANT_LOAD_RUNNER_H
#define BELAY_SIM_PLANT_LOAD_RUNNER_H

#include <stdbool.h>

#include "sim/plant/climber.h"

struct sprint_config {
    double start_m, end_m; /* heights: where a take begins, and by where the runner stands again */
    double speed_m_s, acceleration_m_s2, jerk_m_s3;
    double walk_m_s;       /* back to the start */
    double stride_hz, stride_m_s, bounce_m; /* steps; ripple of the speed, and up and down of the body, while running */
    double sheave_m;       /* the last sheave above the harness: by that the bounce comes into the rope */
    double rest_s_min, rest_s_max;          /* before each way */
};

struct load_runner_config {
    double mass_kg;
    double slack_m; /* rope that hangs loose at the start */
    struct sprint_config sprint;
};

struct load_runner {
    struct climber body; /* his mean motion */
    bool out, braking;   /* on the way out; coming to rest on it */
    double rest_left_s;
    double phase;        /* of the stride, turns */
    double ripple_m;
    double ground_n;     /* what the ground carries of who stumbled */
};

extern const struct load_kind load_runner_kind;

#endif
