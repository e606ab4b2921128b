/* The rope: an elastic line that only pulls. It has no inertia; its tension at the load is that at drum and load cell
 * but for its own weight and the friction of the sheaves, where those are given. */
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
    bool has_weight_kg_m, has_sheave_friction; /* else 0 */
    double weight_kg_m;     /* of the rope that hangs from the last sheave */
    double sheave_friction; /* share of the tension that the sheaves between load and drum take or add */
};

/* EA / L of the free rope without its spring, N/m; L = paid-out length + lead. */
double rope_stiffness_n_m(const struct rope_config *config, double rope_out_m);

/* Pull of the rope, never negative. `stretch_m`, that of rope and spring together, below 0 means that it hangs loose.
 * With a spring of k_s in series: 1 / (L / EA + 1 / k_s) until its stroke is used up, from there on EA / L. */
double rope_tension_n(const struct rope_config *config, double rope_out_m, double stretch_m, double stretch_speed_m_s);

/* The pull at drum and load cell of a line that pulls the load with `tension_n`: with the weight of what hangs, and
 * the sheaves' friction. `rubs` is -1 after taking in, 1 after paying out, between them where it has turned round. A
 * rope that hangs loose weighs nothing here. */
double rope_drum_n(const struct rope_config *config, double rope_out_m, double tension_n, double rubs);

/* Rope off the drum with which the line over `distance_m` pulls with `tension_n` at rest; the inverse of the above. */
double rope_out_m_at(const struct rope_config *config, double distance_m, double tension_n);

#endif
