/* The runner: his mean motion is a climber's along a level wall, the stride rides on it. */
#include "sim/plant/load_runner.h"

#include <assert.h>
#include <math.h>

#include "sim/plant/ground.h"
#include "sim/plant/load.h"

#define LEGS_N_M 80000.0   /* 1 cm under 80 kg */
#define FULL_STRIDE_M_S 4.0 /* a slower runner's stride is as much smaller */
#define TURN 6.283185307179586

static struct climber_config along(const struct sprint_config *sprint) {
    return (struct climber_config){.low_m = sprint->end_m,
                                   .high_m = sprint->start_m,
                                   .speed_m_s = sprint->speed_m_s,
                                   .burst_m_s2 = sprint->acceleration_m_s2,
                                   .jerk_m_s3 = sprint->jerk_m_s3,
                                   .pause_s_min = sprint->rest_s_min,
                                   .pause_s_max = sprint->rest_s_max};
}

static void init(struct load *load, struct line_start *start) {
    const struct load_runner_config *config = &load->config.of.runner;
    assert(config->mass_kg > 0 && config->sprint.start_m > config->sprint.end_m);
    load->height_m = config->sprint.start_m;
    climber_init(&load->of.runner.body, load->height_m, load->config.seed);
    start[0] = (struct line_start){.slack_m = config->slack_m};
}

static void ends(const struct load *load, struct line_end *end) {
    end[0] = (struct line_end){.distance_m = load->anchor_height_m[0] - load->height_m, .speed_m_s = -load->speed_m_s};
}

static void begin(struct load *load, enum sim_act act, double value, const double *tension_n) {
    (void)value;
    (void)tension_n;
    struct load_runner *runner = &load->of.runner;
    if (load->act == ACT_FALL && act != ACT_FALL) {
        climber_grip(&runner->body, load->height_m, load->speed_m_s);
        runner->ripple_m = 0;
    }
    if (act == ACT_RUN && load->act != ACT_RUN) {
        runner->out = true;
        runner->braking = false;
        runner->rest_left_s = 0;
    }
    load->on_ground = act != ACT_FALL;
}

/* Way to standstill from here: deceleration and jerk. */
static double braking_m(const struct sprint_config *sprint, double speed_m_s) {
    double time_s = speed_m_s / sprint->acceleration_m_s2 + sprint->acceleration_m_s2 / sprint->jerk_m_s3;
    return speed_m_s * time_s / 2 + speed_m_s * sprint->acceleration_m_s2 / sprint->jerk_m_s3;
}

static void turn_round(struct load_runner *runner, const struct sprint_config *sprint) {
    runner->out = !runner->out;
    runner->braking = false;
    runner->rest_left_s = noise_uniform(&runner->body.noise, sprint->rest_s_min, sprint->rest_s_max);
}

/* What the body does now, by the take's course; a speed for the acts that have one. */
static enum sim_act course(struct load_runner *runner, const struct sprint_config *sprint, double dt_s,
                           double *speed_m_s) {
    const struct climber *body = &runner->body;
    runner->rest_left_s -= dt_s;
    if (runner->rest_left_s > 0)
        return ACT_STAND;
    if (!runner->out) {
        *speed_m_s = sprint->walk_m_s;
        if (sprint->start_m - body->height_m < 0.05)
            turn_round(runner, sprint);
        return ACT_ASCEND;
    }
    *speed_m_s = sprint->speed_m_s;
    double room_m = body->height_m - sprint->end_m;
    runner->braking = runner->braking || room_m <= braking_m(sprint, -body->speed_m_s);
    if (runner->braking && body->speed_m_s == 0)
        turn_round(runner, sprint);
    return runner->braking ? ACT_STAND : ACT_DESCEND;
}

/* Stride and bounce along the rope, as much smaller as he is slow. The bounce is upright, and the rope is not: of it
 * comes the sheave's height over the rope's length. */
static double ripple_m(struct load_runner *runner, const struct sprint_config *sprint, double anchor_m, double dt_s) {
    double share = fmin(1, fabs(runner->body.speed_m_s) / FULL_STRIDE_M_S);
    runner->phase += sprint->stride_hz * dt_s;
    double stride_m = sprint->stride_m_s / (TURN * sprint->stride_hz);
    double bounce_m = sprint->bounce_m * sprint->sheave_m / (anchor_m - runner->body.height_m);
    return share * (stride_m * cos(TURN * runner->phase) + bounce_m * sin(TURN * runner->phase));
}

static void step_feet(struct load *load, double dt_s) {
    const struct sprint_config *sprint = &load->config.of.runner.sprint;
    struct load_runner *runner = &load->of.runner;
    struct climber_config config = along(sprint);
    double speed_m_s = 0;
    enum sim_act act = load->act == ACT_RUN ? course(runner, sprint, dt_s, &speed_m_s) : ACT_STAND;
    climber_step(&runner->body, &config, act, speed_m_s, dt_s);
    runner->ripple_m = ripple_m(runner, sprint, load->anchor_height_m[0], dt_s);
    double height_m = runner->body.height_m + runner->ripple_m;
    double before_m_s = load->speed_m_s;
    load->speed_m_s = (height_m - load->height_m) / dt_s;
    load->accel_m_s2 = (load->speed_m_s - before_m_s) / dt_s;
    load->height_m = height_m;
    load->on_ground = true;
}

/* All of the weight is on the rope: worse than any stumble. */
static void step_free(struct load *load, double tension_n, double dt_s) {
    double mass_kg = load->config.of.runner.mass_kg;
    struct load_runner *runner = &load->of.runner;
    runner->ground_n = ground_push_n(LEGS_N_M, mass_kg, load->height_m, load->speed_m_s);
    load->accel_m_s2 = (tension_n + runner->ground_n) / mass_kg - PLANT_GRAVITY_M_S2;
    load->speed_m_s += load->accel_m_s2 * dt_s;
    load->height_m += load->speed_m_s * dt_s;
    load->on_ground = runner->ground_n > 0;
}

static void step(struct load *load, const double *tension_n, double dt_s) {
    if (load->act == ACT_FALL)
        step_free(load, tension_n[0], dt_s);
    else
        step_feet(load, dt_s);
}

const struct load_kind load_runner_kind = {
    .name = "runner",
    .lines_min = 1,
    .lines_max = 1,
    .acts = 1u << ACT_STAND | 1u << ACT_RUN | 1u << ACT_FALL,
    .first_act = ACT_STAND,
    .init = init,
    .ends = ends,
    .act = begin,
    .step = step,
};
