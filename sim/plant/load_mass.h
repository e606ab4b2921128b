/* A free mass that moves up and down, hanging at one point on one line or several. */
#ifndef BELAY_SIM_PLANT_LOAD_MASS_H
#define BELAY_SIM_PLANT_LOAD_MASS_H

#include <stdbool.h>

struct load_mass_config {
    double mass_kg;
    double height_m; /* of the point above the ground, at the start; there it lies at 0 */
    bool has_slack_m;  /* its lines hang loose at the start; else they carry it, each an equal share */
    double slack_m;
};

struct load_mass {
    double caught_m; /* height at which it is caught, while it is */
};

extern const struct load_kind load_mass_kind;

#endif
