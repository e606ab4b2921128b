/* The winch: motor with speed loop and torque limit, gear and drum as one mass at the rope, the brake's friction. */
#ifndef BELAY_SIM_PLANT_WINCH_H
#define BELAY_SIM_PLANT_WINCH_H

#include <stdbool.h>

struct winch_config {
    double circumference_m; /* rope per drum turn */
    double gear_ratio;      /* motor turns per drum turn */
    double mass_kg;         /* motor, gear and drum as a mass moving with the rope */
    double friction_n;      /* of gear and bearings, at the rope */
    double rated_n;         /* rope force at rated motor torque */
    double force_n_max;     /* rope force at the torque limit */
    double speed_loop_ms;   /* lag of the speed behind its setpoint */
    double pretorque_n;     /* take-in force on enabling, until the drum moves */
};

/* Pay-out positive throughout. */
struct winch {
    double rope_out_m; /* unstretched */
    double speed_m_s;
    double model_speed_m_s; /* what the speed loop expects of an unloaded drum */
    double integral_n;
    double motor_n; /* force of the motor at the rope */
};

/* Stands still with `rope_out_m` off the drum. */
void winch_init(struct winch *winch, double rope_out_m);

/* Advances by `dt_s`. Without `torque_on` the motor turns freely and `setpoint_m_s` is ignored. `held_n` is the
 * friction that the brake can bear. */
void winch_step(struct winch *winch, const struct winch_config *config, bool torque_on, double setpoint_m_s,
                double tension_n, double held_n, double dt_s);

/* Rope speed <-> motor speed. */
double winch_rpm(const struct winch_config *config, double speed_m_s);
double winch_speed_m_s(const struct winch_config *config, double rpm);

#endif
