/* The hardwired E-stop chain. */
#include "sim/device/sim_chain.h"

#include <assert.h>

void sim_chain_init(struct sim_chain *chain, int32_t off_delay_ms, int32_t pulse_timeout_ms) {
    assert(off_delay_ms >= 0 && pulse_timeout_ms >= 0);
    *chain = (struct sim_chain){.off_delay_ms = off_delay_ms,
                                .pulse_timeout_ms = pulse_timeout_ms,
                                .since_edge_us = (int64_t)pulse_timeout_ms * 1000,
                                .open = pulse_timeout_ms > 0,
                                .open_us = pulse_timeout_ms > 0 ? (int64_t)off_delay_ms * 1000 : 0,
                                .power = pulse_timeout_ms == 0};
}

static bool pulse_lost(struct sim_chain *chain, bool pulse, int64_t dt_us) {
    if (chain->pulse_timeout_ms == 0)
        return false;
    chain->since_edge_us = pulse != chain->pulse ? 0 : chain->since_edge_us + dt_us;
    chain->pulse = pulse;
    return chain->since_edge_us >= (int64_t)chain->pulse_timeout_ms * 1000;
}

void sim_chain_step(struct sim_chain *chain, bool pressed, bool pulse, int64_t dt_us) {
    assert(dt_us > 0);
    bool was_open = chain->open;
    chain->open = pulse_lost(chain, pulse, dt_us) || pressed;
    if (!chain->open) {
        chain->open_us = 0;
        chain->power = true;
        return;
    }
    if (was_open)
        chain->open_us += dt_us;
    if (chain->open_us >= (int64_t)chain->off_delay_ms * 1000)
        chain->power = false;
}
