/* The rope as spring and damper in parallel, cut off at zero force; a line spring in series where there is one. */
#include "sim/plant/rope.h"

#include <assert.h>
#include <math.h>

#define ROPE_GRAVITY_M_S2 9.81
#define FREE_LENGTH_M_MIN 0.5 /* rope that always remains between drum and harness: keeps the stiffness finite */

double rope_stiffness_n_m(const struct rope_config *config, double rope_out_m) {
    assert(config->ea_n > 0);
    return config->ea_n / fmax(rope_out_m + config->lead_m, FREE_LENGTH_M_MIN);
}

double rope_tension_n(const struct rope_config *config, double rope_out_m, double stretch_m, double stretch_speed_m_s) {
    if (stretch_m <= 0)
        return 0;
    double stiffness_n_m = rope_stiffness_n_m(config, rope_out_m);
    if (config->has_spring) {
        const struct rope_spring *spring = &config->spring;
        const double used_up_m = spring->stroke_m * (1 + spring->stiffness_n_m / stiffness_n_m);
        if (stretch_m < used_up_m)
            stiffness_n_m = 1 / (1 / stiffness_n_m + 1 / spring->stiffness_n_m);
        else
            stretch_m -= spring->stroke_m;
    }
    double damping_s = config->damping_ms / 1000;
    return fmax(0, stiffness_n_m * (stretch_m + damping_s * stretch_speed_m_s));
}

double rope_drum_n(const struct rope_config *config, double rope_out_m, double tension_n, double rubs) {
    if (tension_n <= 0)
        return 0;
    const double weight_n = config->has_weight_kg_m ? config->weight_kg_m * ROPE_GRAVITY_M_S2 * fmax(0, rope_out_m) : 0;
    const double share = 1 + (config->has_sheave_friction ? config->sheave_friction * fabs(rubs) : 0);
    return rubs > 0 ? (tension_n + weight_n) / share : (tension_n + weight_n) * share;
}

double rope_out_m_at(const struct rope_config *config, double distance_m, double tension_n) {
    assert(tension_n >= 0 && config->lead_m >= FREE_LENGTH_M_MIN);
    double spring_m = config->has_spring ? fmin(tension_n / config->spring.stiffness_n_m, config->spring.stroke_m) : 0;
    return ((distance_m - spring_m) * config->ea_n - tension_n * config->lead_m) / (config->ea_n + tension_n);
}
