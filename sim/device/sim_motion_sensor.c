/* Virtual motion sensor. */
#include "sim/device/sim_motion_sensor.h"

#include <assert.h>
#include <math.h>

#define IDENTITY 0xB1D5
#define STREAM 4

enum { AT_BLOCK = 0x0100, BLOCK_COUNT = 4, AT_IDENTITY = 0x0110 };

static const struct bank_range ranges[] = {{.first = AT_BLOCK, .count = BLOCK_COUNT, .input = true},
                                           {.first = AT_IDENTITY, .count = 1, .input = true}};

static uint16_t read_register(const void *device, bool input, uint16_t wire) {
    const struct sim_motion_sensor *sensor = device;
    const uint32_t heave = (uint32_t)sensor->heave_tenth_mm;
    assert(input);
    if (wire == AT_IDENTITY)
        return IDENTITY;
    const uint16_t block[BLOCK_COUNT] = {(uint16_t)heave, (uint16_t)(heave >> 16), sensor->samples, 0};
    assert(wire - AT_BLOCK < BLOCK_COUNT);
    return block[wire - AT_BLOCK];
}

static bool accepts(const void *device, uint16_t wire, uint16_t value) {
    (void)device, (void)wire, (void)value;
    return false;
}

static void write_register(void *device, uint16_t wire, uint16_t value) {
    (void)device, (void)wire, (void)value;
    assert(false && "nothing here is writable");
}

const struct bank sim_motion_sensor_bank = {
    .ranges = ranges,
    .range_count = sizeof ranges / sizeof ranges[0],
    .functions = 1u << BANK_READ_INPUT,
    .request_max = BANK_READ_MAX,
    .read = read_register,
    .accepts = accepts,
    .write = write_register,
};

void sim_motion_sensor_init(struct sim_motion_sensor *sensor, const struct sim_motion_sensor_config *config) {
    assert(config->latency_ms >= 0 && config->latency_ms <= SIM_MOTION_LATENCY_MS_MAX);
    assert(config->sample_ms > 0 && config->noise_mm >= 0);
    *sensor = (struct sim_motion_sensor){.config = *config,
                                         .until_sample_us = llround(config->sample_ms * 1000)};
    noise_init(&sensor->noise, config->seed, STREAM);
}

static void sample(struct sim_motion_sensor *sensor) {
    const int ago = (int)lround(sensor->config.latency_ms * 1000 / SIM_MOTION_STEP_US);
    const double then_m = sensor->past_m[(sensor->now + SIM_MOTION_PAST - ago) % SIM_MOTION_PAST];
    const double noise_mm = sensor->config.noise_mm * noise_normal(&sensor->noise);
    sensor->heave_tenth_mm = (int32_t)lround((then_m * 1000 + noise_mm) * 10);
    sensor->samples++;
}

void sim_motion_sensor_step(struct sim_motion_sensor *sensor, double heave_m) {
    sensor->now = (sensor->now + 1) % SIM_MOTION_PAST;
    sensor->past_m[sensor->now] = heave_m;
    sensor->until_sample_us -= SIM_MOTION_STEP_US;
    if (sensor->until_sample_us > 0)
        return;
    sensor->until_sample_us += llround(sensor->config.sample_ms * 1000);
    sample(sensor);
}
