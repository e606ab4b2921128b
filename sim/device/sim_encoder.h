/* Firmware of the virtual absolute multiturn encoder on the drum. Pure.
 *
 * Registers: input (FC 04) 0-1 position, steps, unsigned; 2-3 speed, steps/s, signed, computed every 100 ms; 4-5
 * status, 0 = ok; 0x0020 identity. Holding (FC 03) 94-99: the same six as input 0-5. High word first.
 */
#ifndef BELAY_SIM_DEVICE_SIM_ENCODER_H
#define BELAY_SIM_DEVICE_SIM_ENCODER_H

#include <stdint.h>

#include "sim/device/bank.h"

struct sim_encoder_config {
    double steps_per_m; /* of rope; grows with pay-out */
    int32_t zero_steps; /* reading at no rope paid out */
};

struct sim_encoder {
    struct sim_encoder_config config;
    uint32_t position_steps;
    int32_t speed_steps_s;
    uint32_t speed_from_steps; /* position at the last computing of the speed */
    int64_t speed_age_us;
};

extern const struct bank sim_encoder_bank;

/* Power-on with `rope_out_m` off the drum. */
void sim_encoder_init(struct sim_encoder *encoder, const struct sim_encoder_config *config, double rope_out_m);

/* Takes a reading, `dt_us` after the last one. */
void sim_encoder_step(struct sim_encoder *encoder, double rope_out_m, int64_t dt_us);

#endif
