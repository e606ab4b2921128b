/* The winch: speed loop (a first-order model of the drum, and proportional-integral correction of what differs from
 * it), torque limit, inertia, dry friction. */
#include "sim/plant/winch.h"

#include <assert.h>
#include <math.h>

void winch_init(struct winch *winch, double rope_out_m) {
    *winch = (struct winch){.rope_out_m = rope_out_m};
}

/* Motor force. Both poles of the correction lie at the loop's own lag: with m the mass and t the lag, a load step F
 * sets the drum back by F t^2 / m and then it is held. */
static double speed_loop(struct winch *winch, const struct winch_config *config, double setpoint_m_s, double dt_s) {
    double lag_s = config->speed_loop_ms / 1000;
    double model_m_s2 = (setpoint_m_s - winch->model_speed_m_s) / lag_s;
    winch->model_speed_m_s += model_m_s2 * dt_s;
    double error_m_s = winch->model_speed_m_s - winch->speed_m_s;
    double wanted_n = config->mass_kg * (model_m_s2 + 2 * error_m_s / lag_s) + winch->integral_n;
    double motor_n = fmax(-config->force_n_max, fmin(config->force_n_max, wanted_n));
    bool saturated_by_it = (wanted_n > motor_n && error_m_s > 0) || (wanted_n < motor_n && error_m_s < 0);
    if (!saturated_by_it)
        winch->integral_n += config->mass_kg * error_m_s / (lag_s * lag_s) * dt_s;
    return motor_n;
}

void winch_step(struct winch *winch, const struct winch_config *config, bool torque_on, double setpoint_m_s,
                double tension_n, double held_n, double dt_s) {
    assert(tension_n >= 0 && held_n >= 0 && dt_s > 0);
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
}

double winch_rpm(const struct winch_config *config, double speed_m_s) {
    return speed_m_s / config->circumference_m * config->gear_ratio * 60;
}

double winch_speed_m_s(const struct winch_config *config, double rpm) {
    return rpm / 60 / config->gear_ratio * config->circumference_m;
}
