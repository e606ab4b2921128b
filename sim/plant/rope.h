/* The rope: an elastic line that only pulls. Massless; its tension is the same at drum, load cell and harness. */
#ifndef BELAY_SIM_PLANT_ROPE_H
#define BELAY_SIM_PLANT_ROPE_H

struct rope_config {
    double ea_n;            /* stiffness times area: force at 100 % stretch */
    double damping_ms;      /* damping = stiffness x this time */
    double lead_m;          /* between drum and last sheave; stretches too */
    double anchor_height_m; /* last sheave above the ground */
};

/* EA / L of the free rope, N/m; L = paid-out length + lead. */
double rope_stiffness_n_m(const struct rope_config *config, double rope_out_m);

/* Pull of the rope, never negative. `stretch_m` below 0 means that it hangs loose. */
double rope_tension_n(const struct rope_config *config, double rope_out_m, double stretch_m, double stretch_speed_m_s);

#endif
