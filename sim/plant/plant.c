/* Winch, rope and person coupled, by semi-implicit Euler steps (speeds first, then places: energy does not creep). */
#include "sim/plant/plant.h"

#include <assert.h>
#include <math.h>

/* A body meets the ground with legs that give: 1 cm under 80 kg, half the critical damping, and they never pull. */
#define LEGS_N_M 80000.0
#define LEGS_DAMPING 0.5

static bool on_wall(enum sim_act act) {
    return act != ACT_FALL && act != ACT_SLUMP;
}

static double stretch_m(const struct plant *plant) {
    return plant->config.rope.anchor_height_m - plant->height_m - plant->winch.rope_out_m;
}

static double tension_now(const struct plant *plant) {
    double stretch_speed_m_s = -plant->speed_m_s - plant->winch.speed_m_s;
    return rope_tension_n(&plant->config.rope, plant->winch.rope_out_m, stretch_m(plant), stretch_speed_m_s);
}

void plant_init(struct plant *plant, const struct plant_config *config) {
    assert(config->person_kg > 0 && config->slump_s > 0);
    *plant = (struct plant){.config = *config, .act = ACT_STAND, .height_m = config->height_m};
    climber_init(&plant->climber, config->height_m, config->seed);
    winch_init(&plant->winch, config->rope.anchor_height_m - config->height_m + config->slack_m);
    assert(config->brake_count >= 1 && config->brake_count <= PLANT_BRAKES_MAX);
    for (int i = 0; i < config->brake_count; i++)
        brake_init(&plant->brake[i], &config->brake[i]);
    plant->tension_n = tension_now(plant);
}

void plant_act(struct plant *plant, enum sim_act act, double speed_m_s) {
    assert((unsigned)act < ACT_COUNT && speed_m_s >= 0);
    bool held_on = on_wall(plant->act);
    if (on_wall(act) && !held_on)
        climber_grip(&plant->climber, plant->height_m, plant->speed_m_s);
    if (act == ACT_SLUMP && held_on) {
        plant->support_start_n = fmax(0, plant->config.person_kg * PLANT_GRAVITY_M_S2 - plant->tension_n);
        plant->support_left_s = plant->config.slump_s;
    }
    if (act != ACT_SLUMP)
        plant->support_left_s = 0;
    if (on_wall(act))
        plant->ground_n = 0;
    plant->act = act;
    plant->act_speed_m_s = speed_m_s;
}

static double legs_n(const struct plant *plant) {
    if (plant->height_m >= 0)
        return 0;
    double damping_n_s_m = 2 * LEGS_DAMPING * sqrt(LEGS_N_M * plant->config.person_kg);
    return fmax(0, -LEGS_N_M * plant->height_m - damping_n_s_m * plant->speed_m_s);
}

static void step_free(struct plant *plant, double dt_s) {
    plant->support_left_s = fmax(0, plant->support_left_s - dt_s);
    plant->support_n = plant->support_start_n * plant->support_left_s / plant->config.slump_s;
    plant->ground_n = legs_n(plant);
    double up_n = plant->tension_n + plant->support_n + plant->ground_n;
    plant->accel_m_s2 = up_n / plant->config.person_kg - PLANT_GRAVITY_M_S2;
    plant->speed_m_s += plant->accel_m_s2 * dt_s;
    plant->height_m += plant->speed_m_s * dt_s;
}

static void step_wall(struct plant *plant, double dt_s) {
    climber_step(&plant->climber, &plant->config.climber, plant->act, plant->act_speed_m_s, dt_s);
    plant->height_m = plant->climber.height_m;
    plant->speed_m_s = plant->climber.speed_m_s;
    plant->accel_m_s2 = plant->climber.accel_m_s2;
}

/* Force with which they hold together. */
static double step_brakes(struct plant *plant, const struct plant_input *input, double dt_s) {
    double force_n = 0;
    for (int i = 0; i < plant->config.brake_count; i++) {
        brake_step(&plant->brake[i], &plant->config.brake[i], input->brake_release[i], dt_s);
        force_n += plant->brake[i].force_n;
    }
    return force_n * (1 - input->brakes_lost);
}

void plant_step(struct plant *plant, const struct plant_input *input, double dt_s) {
    assert(dt_s > 0 && dt_s <= PLANT_STEP_S_MAX);
    struct winch_config winch = plant->config.winch;
    winch.force_n_max *= 1 - input->torque_lost;
    double brakes_n = step_brakes(plant, input, dt_s);
    double setpoint_m_s = winch_speed_m_s(&winch, input->setpoint_rpm);
    winch_step(&plant->winch, &winch, input->torque_on, setpoint_m_s, plant->tension_n, brakes_n, dt_s);
    if (on_wall(plant->act))
        step_wall(plant, dt_s);
    else
        step_free(plant, dt_s);
    plant->tension_n = tension_now(plant);
}

bool plant_brakes_closed(const struct plant *plant) {
    for (int i = 0; i < plant->config.brake_count; i++)
        if (plant->brake[i].force_n == 0)
            return false;
    return true;
}

double plant_slack_m(const struct plant *plant) {
    return fmax(0, -stretch_m(plant));
}

bool plant_on_ground(const struct plant *plant) {
    return on_wall(plant->act) ? plant->height_m <= 0 : plant->ground_n > 0;
}
