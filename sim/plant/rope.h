/* The rope: an elastic line that only pulls. Massless; its tension is the same at drum, load cell and harness. */
#ifndef BELAY_SIM_PLANT_ROPE_H
#define BELAY_SIM_PLANT_ROPE_H

#include <stdbool.h>

/* A spring between rope and load that gives until its stroke is used up. */
struct rope_spring {
    double stiffness_n_m;
    double stroke_m;
};

struct rope_config {
    double ea_n;            /* stiffness times area: force at 100 % stretch */
    double damping_ms;      /* damping = stiffness x this time */
    double lead_m;          /* between drum and last sheave; stretches too */
    double anchor_height_m; /* last sheave above the ground */
    bool has_spring;
    struct rope_spring spring;
};

/* EA / L of the free rope without its spring, N/m; L = paid-out length + lead. */
double rope_stiffness_n_m(const struct rope_config *config, double rope_out_m);

/* Pull of the rope, never negative. `stretch_m`, that of rope and spring together, below 0 means that it hangs loose.
 * With a spring of k_s in series: 1 / (L / EA + 1 / k_s) until its stroke is used up, from there on EA / L. */
double rope_tension_n(const struct rope_config *config, double rope_out_m, double stretch_m, double stretch_speed_m_s);

/* Rope off the drum with which the line over `distance_m` pulls with `tension_n` at rest; the inverse of the above. */
double rope_out_m_at(const struct rope_config *config, double distance_m, double tension_n);

#endif
