/* The climber while he holds on to the wall: a source of position that no rope tension moves. Upward positive. */
#ifndef BELAY_SIM_PLANT_CLIMBER_H
#define BELAY_SIM_PLANT_CLIMBER_H

#include <stdbool.h>

#include "sim/plant/noise.h"
#include "sim/sim.h"

struct climber_config {
    double low_m, high_m;       /* random climbing stays between these heights */
    double speed_m_s;           /* greatest speed of random climbing */
    double burst_m_s2;          /* greatest acceleration */
    double jerk_m_s3;
    double pause_s_min, pause_s_max; /* of the random rests */
};

struct climber {
    double height_m, speed_m_s, accel_m_s2;
    bool gripping; /* took hold while moving; not yet at rest */
    double move_m_s, move_accel_m_s2, move_left_s; /* the piece of random climbing under way */
    struct noise noise;
};

/* At rest at `height_m`; `seed` decides the random climbing. */
void climber_init(struct climber *climber, double height_m, uint64_t seed);

/* Takes hold of the wall at this height and speed, after having been a free mass. */
void climber_grip(struct climber *climber, double height_m, double speed_m_s);

/* Advances by `dt_s` as `act` says, which is one of those on the wall; `speed_m_s` is for ACT_ASCEND and ACT_DESCEND.
 * Ascending ends at high_m, descending at the ground. */
void climber_step(struct climber *climber, const struct climber_config *config, enum sim_act act, double speed_m_s,
                  double dt_s);

#endif
