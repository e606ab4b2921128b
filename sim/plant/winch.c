/* The winch: speed loop (a first-order model of the drum, and proportional-integral correction of what differs from
 * it), torque limit, inertia, dry friction. */
#include "sim/plant/winch.h"

#include <assert.h>
#include <math.h>

#define CLIMB_TURNS 0.5 /* in which the rope climbs at a flange, half of them in each of the two layers */

/* How many layers lie under the rope that leaves a drum with so many turns; between two whole ones it climbs. */
static double layers_below(const struct winch_layers *layers, double turns) {
    const double full = turns / layers->turns_per_layer, flange = fmax(1, round(full));
    const double behind = (turns - flange * layers->turns_per_layer) / CLIMB_TURNS; /* -1/2 to 1/2 while it climbs */
    return flange - 1 + fmax(0, fmin(behind + 0.5, 1));
}

double winch_lever(const struct winch_config *config, double turns_out) {
    if (!config->has_layers)
        return 1;
    const double below = layers_below(&config->layers, config->layers.turns_at_zero - turns_out);
    return 1 + below * config->layers.rise_m * 2 * M_PI / config->circumference_m;
}

struct winch_config winch_here(const struct winch_config *config, const struct winch *winch) {
    struct winch_config here = *config;
    const double lever = winch_lever(config, winch->turns_out);
    here.circumference_m *= lever;
    here.mass_kg /= lever * lever;
    here.friction_n /= lever;
    here.rated_n /= lever;
    here.force_n_max /= lever;
    here.pretorque_n /= lever;
    return here;
}

double winch_drum_m(const struct winch_config *config, const struct winch *winch) {
    return config->has_layers ? winch->turns_out * config->circumference_m : winch->rope_out_m;
}

#define WALK_TURNS (1.0 / 64)

/* Turns the drum until the rope is out: from nothing, in small steps, the last one shorter. */
static double walked_turns(const struct winch_config *config, double rope_out_m) {
    double turns = 0, left_m = rope_out_m;
    const double way = copysign(WALK_TURNS, rope_out_m);
    while (config->has_layers && left_m != 0) {
        const double step_m = way * config->circumference_m * winch_lever(config, turns + way / 2);
        if (fabs(step_m) >= fabs(left_m))
            break;
        turns += way;
        left_m -= step_m;
    }
    return turns + left_m / (config->circumference_m * winch_lever(config, turns));
}

void winch_init(struct winch *winch, const struct winch_config *config, double rope_out_m) {
    *winch = (struct winch){.rope_out_m = rope_out_m, .turns_out = walked_turns(config, rope_out_m)};
}

/* The drum goes on with its speed where the radius changes, and not the rope. */
static void turn_drum(struct winch *winch, const struct winch_config *config, double dt_s) {
    const double before = winch_lever(config, winch->turns_out);
    winch->turns_out += winch->speed_m_s * dt_s / (config->circumference_m * before);
    const double changed = winch_lever(config, winch->turns_out) / before;
    winch->speed_m_s *= changed;
    winch->model_speed_m_s *= changed;
}

/* Between standstill and this speed against its torque a drive goes over from one limit to the other. */
#define QUADRANT_M_S 0.01

/* Most force of the motor in the direction `sign`. It drives at standstill already: a drive that is to bear more than
 * that gives way, and holds as it does. */
static double most_n(const struct winch *winch, const struct winch_config *config, double sign) {
    const double share = fmax(0, fmin(-sign * winch->speed_m_s / QUADRANT_M_S, 1));
    const double lost = config->motoring_lost + share * (config->generating_lost - config->motoring_lost);
    return config->force_n_max * (1 - lost);
}

/* Motor force. Both poles of the correction lie at the loop's own lag: with m the mass and t the lag, a load step F
 * sets the drum back by F t^2 / m and then it is held. */
static double speed_loop(struct winch *winch, const struct winch_config *config, double setpoint_m_s, double dt_s) {
    double lag_s = config->speed_loop_ms / 1000;
    double model_m_s2 = (setpoint_m_s - winch->model_speed_m_s) / lag_s;
    winch->model_speed_m_s += model_m_s2 * dt_s;
    double error_m_s = winch->model_speed_m_s - winch->speed_m_s;
    double wanted_n = config->mass_kg * (model_m_s2 + 2 * error_m_s / lag_s) + winch->integral_n;
    double motor_n = fmax(-most_n(winch, config, -1), fmin(most_n(winch, config, 1), wanted_n));
    bool saturated_by_it = (wanted_n > motor_n && error_m_s > 0) || (wanted_n < motor_n && error_m_s < 0);
    if (!saturated_by_it)
        winch->integral_n += config->mass_kg * error_m_s / (lag_s * lag_s) * dt_s;
    return motor_n;
}

void winch_step(struct winch *winch, const struct winch_config *drum, bool torque_on, double setpoint_m_s,
                double tension_n, double held_n, double dt_s) {
    assert(tension_n >= 0 && held_n >= 0 && dt_s > 0);
    const struct winch_config here = winch_here(drum, winch), *const config = &here;
    held_n /= winch_lever(drum, winch->turns_out);
    if (torque_on) {
        winch->motor_n = speed_loop(winch, config, setpoint_m_s, dt_s);
    } else {
        winch->motor_n = 0;
        winch->integral_n = -config->pretorque_n;
        winch->model_speed_m_s = winch->speed_m_s;
    }
    /* Dry friction takes speed away, at most all of it: that is also how it sticks. */
    double free_m_s = winch->speed_m_s + (winch->motor_n + tension_n) / config->mass_kg * dt_s;
    double friction_m_s = (config->friction_n + held_n) / config->mass_kg * dt_s;
    winch->speed_m_s = copysign(fmax(0, fabs(free_m_s) - friction_m_s), free_m_s);
    winch->rope_out_m += winch->speed_m_s * dt_s;
    turn_drum(winch, drum, dt_s);
}

double winch_rpm(const struct winch_config *config, double speed_m_s) {
    return speed_m_s / config->circumference_m * config->gear_ratio * 60;
}

double winch_speed_m_s(const struct winch_config *config, double rpm) {
    return rpm / 60 / config->gear_ratio * config->circumference_m;
}
