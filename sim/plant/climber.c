/* The climber on the wall: random, rising or sinking climbing with bounded acceleration and jerk. */
#include "sim/plant/climber.h"

#include <assert.h>
#include <math.h>

#define GRIP_M_S2 10.0         /* how hard a hand that takes hold stops the body */
#define PAUSE_SHARE 0.25       /* of the pieces of random climbing */
#define MOVE_S_MIN 0.4         /* length of a piece that is not a pause */
#define MOVE_S_MAX 3.0
#define SLOWEST_SHARE 0.2      /* of the greatest speed */
#define GENTLEST_SHARE 0.3     /* of the greatest acceleration */
#define TURN_M 0.5             /* this near to a bound the next piece leads away from it */
#define BRAKING_SHARE 0.4      /* of the acceleration, used to come to rest at a bound */
#define STREAM 1

void climber_init(struct climber *climber, double height_m, uint64_t seed) {
    *climber = (struct climber){.height_m = height_m};
    noise_init(&climber->noise, seed, STREAM);
}

void climber_grip(struct climber *climber, double height_m, double speed_m_s) {
    climber->height_m = height_m;
    climber->speed_m_s = speed_m_s;
    climber->accel_m_s2 = 0;
    climber->move_left_s = 0;
    climber->gripping = speed_m_s != 0;
}

static void next_move(struct climber *climber, const struct climber_config *config) {
    struct noise *noise = &climber->noise;
    climber->move_accel_m_s2 = config->burst_m_s2 * noise_uniform(noise, GENTLEST_SHARE, 1);
    if (noise_uniform(noise, 0, 1) < PAUSE_SHARE) {
        climber->move_m_s = 0;
        climber->move_left_s = noise_uniform(noise, config->pause_s_min, config->pause_s_max);
        return;
    }
    double speed_m_s = config->speed_m_s * noise_uniform(noise, SLOWEST_SHARE, 1);
    bool up = noise_uniform(noise, 0, 1) < 0.5;
    if (climber->height_m < config->low_m + TURN_M)
        up = true;
    if (climber->height_m > config->high_m - TURN_M)
        up = false;
    climber->move_m_s = up ? speed_m_s : -speed_m_s;
    climber->move_left_s = noise_uniform(noise, MOVE_S_MIN, MOVE_S_MAX);
}

/* The speed nearest to the wanted one from which he still comes to rest at the bound. */
static double bounded(double wanted_m_s, double height_m, double low_m, double high_m, double accel_m_s2) {
    double room_m = fmax(0, wanted_m_s > 0 ? high_m - height_m : height_m - low_m);
    return copysign(fmin(fabs(wanted_m_s), sqrt(2 * BRAKING_SHARE * accel_m_s2 * room_m)), wanted_m_s);
}

/* Towards `wanted_m_s`. The acceleration runs along sqrt(2 j e) into the wanted speed, e being what is missing. */
static void accelerate(struct climber *climber, double wanted_m_s, double accel_m_s2_max, double jerk_m_s3,
                       double dt_s) {
    double missing_m_s = wanted_m_s - climber->speed_m_s;
    double step_m_s2 = jerk_m_s3 * dt_s;
    if (fabs(missing_m_s) <= 4 * step_m_s2 * dt_s && fabs(climber->accel_m_s2) <= 2 * step_m_s2) {
        climber->speed_m_s = wanted_m_s;
        climber->accel_m_s2 = 0;
        return;
    }
    double accel_m_s2 = copysign(fmin(accel_m_s2_max, sqrt(2 * jerk_m_s3 * fabs(missing_m_s))), missing_m_s);
    double change_m_s2 = fmax(-step_m_s2, fmin(step_m_s2, accel_m_s2 - climber->accel_m_s2));
    climber->accel_m_s2 += change_m_s2;
    climber->speed_m_s += climber->accel_m_s2 * dt_s;
}

static void grip(struct climber *climber, double dt_s) {
    double step_m_s = fmin(fabs(climber->speed_m_s), GRIP_M_S2 * dt_s);
    climber->accel_m_s2 = -copysign(step_m_s / dt_s, climber->speed_m_s);
    climber->speed_m_s -= copysign(step_m_s, climber->speed_m_s);
    climber->gripping = climber->speed_m_s != 0;
    if (!climber->gripping)
        climber->accel_m_s2 = 0;
}

static double wanted_speed(struct climber *climber, const struct climber_config *config, enum sim_act act,
                           double speed_m_s, double dt_s) {
    double height_m = climber->height_m;
    switch (act) {
    case ACT_CLIMB:
        climber->move_left_s -= dt_s;
        if (climber->move_left_s <= 0)
            next_move(climber, config);
        return bounded(climber->move_m_s, height_m, config->low_m, config->high_m, climber->move_accel_m_s2);
    case ACT_ASCEND:
        return bounded(speed_m_s, height_m, 0, config->high_m, config->burst_m_s2);
    case ACT_DESCEND:
        return bounded(-speed_m_s, height_m, 0, config->high_m, config->burst_m_s2);
    case ACT_STAND:
        return 0;
    case ACT_FALL:
    case ACT_SLUMP:
    case ACT_HANG:
    case ACT_SHIFT:
    case ACT_SNAG:
    case ACT_RUN:
    case ACT_COUNT:
        break;
    }
    assert(false && "not an act on the wall");
    return 0;
}

void climber_step(struct climber *climber, const struct climber_config *config, enum sim_act act, double speed_m_s,
                  double dt_s) {
    assert(dt_s > 0 && speed_m_s >= 0);
    if (climber->gripping) {
        grip(climber, dt_s);
    } else {
        double wanted_m_s = wanted_speed(climber, config, act, speed_m_s, dt_s);
        double accel_m_s2 = act == ACT_CLIMB ? climber->move_accel_m_s2 : config->burst_m_s2;
        accelerate(climber, wanted_m_s, accel_m_s2, config->jerk_m_s3, dt_s);
    }
    climber->height_m += climber->speed_m_s * dt_s;
    if (climber->height_m < 0 && climber->speed_m_s < 0) { /* feet on the ground */
        climber->height_m = 0;
        climber->speed_m_s = 0;
        climber->accel_m_s2 = 0;
        climber->gripping = false;
    }
}
