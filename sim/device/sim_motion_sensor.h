/* Firmware of the virtual motion sensor on a deck: how far it is above its place in a calm. Late, sampled and noisy, as
 * real ones are. Pure.
 *
 * Registers, input (FC 04), low word first: 0x0100-0x0101 heave, 0.1 mm, signed, up positive; 0x0102 sample counter;
 * 0x0103 status, 0 = ok; 0x0110 identity.
 */
#ifndef BELAY_SIM_DEVICE_SIM_MOTION_SENSOR_H
#define BELAY_SIM_DEVICE_SIM_MOTION_SENSOR_H

#include <stdint.h>

#include "sim/device/bank.h"
#include "sim/plant/noise.h"

#define SIM_MOTION_LATENCY_MS_MAX 100
#define SIM_MOTION_STEP_US 250 /* steps are as long as this, or longer */
#define SIM_MOTION_PAST (SIM_MOTION_LATENCY_MS_MAX * 1000 / SIM_MOTION_STEP_US + 1)

struct sim_motion_sensor_config {
    double latency_ms; /* from the motion to the register that shows it */
    double sample_ms;  /* the register is renewed each */
    double noise_mm;   /* standard deviation */
    uint64_t seed;
};

struct sim_motion_sensor {
    struct sim_motion_sensor_config config;
    struct noise noise;
    double past_m[SIM_MOTION_PAST]; /* a ring: the motion, step by step */
    int now;                        /* its newest */
    int64_t until_sample_us;
    int32_t heave_tenth_mm;
    uint16_t samples;
};

extern const struct bank sim_motion_sensor_bank;

/* Power-on in a calm. */
void sim_motion_sensor_init(struct sim_motion_sensor *sensor, const struct sim_motion_sensor_config *config);

/* The deck is at `heave_m`, SIM_MOTION_STEP_US after the last step. */
void sim_motion_sensor_step(struct sim_motion_sensor *sensor, double heave_m);

#endif
