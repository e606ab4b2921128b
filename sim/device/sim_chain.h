/* The hardwired E-stop chain: a safety relay with two channels that takes away the drive's torque and the brake's
 * supply after an off-delay, whatever any program does. It may time a pulse, too: without edges it
 * opens the chain. Pure.
 */
#ifndef BELAY_SIM_DEVICE_SIM_CHAIN_H
#define BELAY_SIM_DEVICE_SIM_CHAIN_H

#include <stdbool.h>
#include <stdint.h>

struct sim_chain {
    int32_t off_delay_ms;
    int32_t pulse_timeout_ms; /* 0: no pulse is wired */
    bool pulse;
    int64_t since_edge_us;
    int64_t open_us; /* since it opened */
    bool open;
    bool power; /* the drive may make torque and the brake's coil has its supply */
};

/* Closed, power on; with a pulse wired, open and without power until its first edge. */
void sim_chain_init(struct sim_chain *chain, int32_t off_delay_ms, int32_t pulse_timeout_ms);

/* Advances by `dt_us` with a station pressed or none and the pulse's level. Power returns as soon as all are released
 * and edges come. */
void sim_chain_step(struct sim_chain *chain, bool pressed, bool pulse, int64_t dt_us);

#endif
