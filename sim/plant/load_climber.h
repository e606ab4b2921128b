/* A climber on one line: on the wall a source of position (climber.h), off it a free mass on the rope. */
#ifndef BELAY_SIM_PLANT_LOAD_CLIMBER_H
#define BELAY_SIM_PLANT_LOAD_CLIMBER_H

#include "sim/plant/climber.h"

struct load_climber_config {
    double mass_kg;
    double height_m; /* at the start */
    double slack_m;  /* rope that hangs loose at the start */
    double slump_s;  /* time over which a slump shifts the weight from the wall to the rope */
    struct climber_config climbing;
};

struct load_climber {
    struct climber climber; /* while he holds on to the wall */
    double support_n, support_left_s, support_start_n; /* a slump: what hands and feet still carry */
    double ground_n; /* what the ground carries of a free mass */
};

extern const struct load_kind load_climber_kind;

#endif
