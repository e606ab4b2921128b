/* The winch's holding brake: closed by springs, opened by a coil, late both ways. */
#ifndef BELAY_SIM_PLANT_BRAKE_H
#define BELAY_SIM_PLANT_BRAKE_H

#include <stdbool.h>

struct brake_config {
    double open_ms;  /* from coil on to pads off */
    double close_ms; /* from coil off to pads touching */
    double rise_ms;  /* from touching to full force */
    double hold_n;   /* full force, at the rope */
};

struct brake {
    bool coil_on;
    double since_s; /* since the coil last changed */
    double force_n; /* friction that the pads can bear now, at the rope; 0 = open */
};

/* Closed, at full force. */
void brake_init(struct brake *brake, const struct brake_config *config);

/* Advances by `dt_s` with the coil on or off. */
void brake_step(struct brake *brake, const struct brake_config *config, bool coil_on, double dt_s);

#endif
