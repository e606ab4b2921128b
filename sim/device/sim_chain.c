/* The hardwired E-stop chain. */
#include "sim/device/sim_chain.h"

#include <assert.h>

void sim_chain_init(struct sim_chain *chain, int32_t off_delay_ms) {
    assert(off_delay_ms >= 0);
    *chain = (struct sim_chain){.off_delay_ms = off_delay_ms, .power = true};
}

void sim_chain_step(struct sim_chain *chain, bool pressed, int64_t dt_us) {
    assert(dt_us > 0);
    bool was_open = chain->open;
    chain->open = pressed;
    if (!pressed) {
        chain->open_us = 0;
        chain->power = true;
        return;
    }
    if (was_open)
        chain->open_us += dt_us;
    if (chain->open_us >= (int64_t)chain->off_delay_ms * 1000)
        chain->power = false;
}
