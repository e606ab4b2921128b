/* Firmware of the virtual load cell amplifier: lag, noise, whole newtons, sign in the status register. Pure.
 *
 * Registers (wire addresses, FC 03/16, at most 32 a request; none can be written): 0 identity; 6 status (bit 0 load
 * cell error, bit 7 gross negative); 7-8 gross and 9-10 net weight, magnitude in newtons, high word first.
 */
#ifndef BELAY_SIM_DEVICE_SIM_LOAD_CELL_H
#define BELAY_SIM_DEVICE_SIM_LOAD_CELL_H

#include <stdint.h>

#include "sim/device/bank.h"
#include "sim/plant/noise.h"

struct sim_load_cell_config {
    double lag_ms;  /* first order */
    double noise_n; /* standard deviation */
    uint64_t seed;
};

struct sim_load_cell {
    struct sim_load_cell_config config;
    struct noise noise;
    double filtered_n;
    int32_t gross_n;
};

extern const struct bank sim_load_cell_bank;

/* Power-on, unloaded. */
void sim_load_cell_init(struct sim_load_cell *cell, const struct sim_load_cell_config *config);

/* Takes a reading of `tension_n`, `dt_us` after the last one. */
void sim_load_cell_step(struct sim_load_cell *cell, double tension_n, int64_t dt_us);

#endif
