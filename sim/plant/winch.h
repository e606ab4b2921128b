/* The winch: motor with speed loop and torque limit, gear and drum as one mass at the rope, the brake's friction. */
#ifndef BELAY_SIM_PLANT_WINCH_H
#define BELAY_SIM_PLANT_WINCH_H

#include <stdbool.h>

/* Rope over rope. At a flange it climbs from one layer to the next within half a turn. */
struct winch_layers {
    double turns_at_zero;   /* on the drum with no rope paid out */
    double turns_per_layer; /* at least 1 */
    double rise_m;          /* by which a layer lies higher than the one below */
};

/* Forces, mass and circumference are those of the first layer. */
struct winch_config {
    double circumference_m; /* rope per drum turn */
    double gear_ratio;      /* motor turns per drum turn */
    double mass_kg;         /* motor, gear and drum as a mass moving with the rope */
    double friction_n;      /* of gear and bearings, at the rope */
    double rated_n;         /* rope force at rated motor torque */
    double force_n_max;     /* rope force at the torque limit */
    double motoring_lost, generating_lost; /* shares of it that the drive does not give now, 0..1 */
    double speed_loop_ms;   /* lag of the speed behind its setpoint */
    double pretorque_n;     /* take-in force on enabling, until the drum moves */
    bool has_layers;
    struct winch_layers layers;
};

/* Pay-out positive throughout. */
struct winch {
    double rope_out_m; /* unstretched */
    double turns_out;  /* of the drum, since no rope was paid out */
    double speed_m_s;
    double model_speed_m_s; /* what the speed loop expects of an unloaded drum */
    double integral_n;
    double motor_n; /* force of the motor at the rope */
};

/* Stands still with `rope_out_m` off the drum. */
void winch_init(struct winch *winch, const struct winch_config *config, double rope_out_m);

/* How much longer a turn is than in the first layer, after so many turns were paid out: a factor. The motor's and the
 * brakes' forces at the rope are that much smaller there. */
double winch_lever(const struct winch_config *config, double turns_out);

/* The config as it counts where the drum stands: with circumference, mass and forces of that radius. */
struct winch_config winch_here(const struct winch_config *config, const struct winch *winch);

/* Way of the bare drum's first layer: what an encoder on its shaft sees. It is the rope where there is one layer. */
double winch_drum_m(const struct winch_config *config, const struct winch *winch);

/* Advances by `dt_s`, with the forces of winch_here(). Without `torque_on` the motor turns freely and `setpoint_m_s` is
 * ignored. `held_n` is the friction that the brake can bear, in the first layer. */
void winch_step(struct winch *winch, const struct winch_config *drum, bool torque_on, double setpoint_m_s,
                double tension_n, double held_n, double dt_s);

/* Rope speed <-> motor speed, with the circumference of winch_here(). */
double winch_rpm(const struct winch_config *config, double speed_m_s);
double winch_speed_m_s(const struct winch_config *config, double rpm);

#endif
