/* The holding brake: delay to open, delay to touch, rise to full force. */
#include "sim/plant/brake.h"

#include <assert.h>
#include <math.h>

void brake_init(struct brake *brake, const struct brake_config *config) {
    assert(config->hold_n > 0 && config->rise_ms > 0);
    *brake = (struct brake){.since_s = 1e9, .force_n = config->hold_n};
}

void brake_step(struct brake *brake, const struct brake_config *config, bool coil_on, double dt_s) {
    assert(dt_s > 0);
    if (coil_on != brake->coil_on) {
        brake->coil_on = coil_on;
        brake->since_s = 0;
    }
    brake->since_s += dt_s;
    if (coil_on && brake->since_s > config->open_ms / 1000)
        brake->force_n = 0;
    if (!coil_on && brake->since_s > config->close_ms / 1000)
        brake->force_n = fmin(config->hold_n, brake->force_n + config->hold_n * dt_s / (config->rise_ms / 1000));
}
