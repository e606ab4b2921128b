/* The hardwired E-stop chain: a safety relay with two channels that takes away the drive's torque and the brake's
 * supply after an off-delay, whatever any program does. Pure.
 */
#ifndef BELAY_SIM_DEVICE_SIM_CHAIN_H
#define BELAY_SIM_DEVICE_SIM_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

struct sim_chain {
    int32_t off_delay_ms;
    int64_t open_us; /* since it opened */
    bool open;
    bool power; /* the drive may make torque and the brake's coil has its supply */
};

/* Closed, power on. */
void sim_chain_init(struct sim_chain *chain, int32_t off_delay_ms);

/* Advances by `dt_us` with a station pressed or none. Power returns as soon as all are released. */
void sim_chain_step(struct sim_chain *chain, bool pressed, int64_t dt_us);

#endif
