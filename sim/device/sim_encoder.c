/* Virtual encoder. */
#include "sim/device/sim_encoder.h"

#include <assert.h>
#include <math.h>

#define IDENTITY 0xB1D3
#define SPEED_US 100000

enum { AT_BLOCK = 0, BLOCK_COUNT = 6, AT_IDENTITY = 0x0020, AT_HOLDING_BLOCK = 94 };

static const struct bank_range ranges[] = {
    {.first = AT_BLOCK, .count = BLOCK_COUNT, .input = true},
    {.first = AT_IDENTITY, .count = 1, .input = true},
    {.first = AT_HOLDING_BLOCK, .count = BLOCK_COUNT},
};

static uint16_t read_register(const void *device, bool input, uint16_t wire) {
    const struct sim_encoder *encoder = device;
    if (input && wire == AT_IDENTITY)
        return IDENTITY;
    const uint32_t block[BLOCK_COUNT / 2] = {encoder->position_steps, (uint32_t)encoder->speed_steps_s, 0};
    uint16_t word = (uint16_t)(wire - (input ? AT_BLOCK : AT_HOLDING_BLOCK));
    assert(word < BLOCK_COUNT);
    return (uint16_t)(word % 2 == 0 ? block[word / 2] >> 16 : block[word / 2]);
}

static bool accepts(const void *device, uint16_t wire, uint16_t value) {
    (void)device, (void)wire, (void)value;
    return false;
}

static void write_register(void *device, uint16_t wire, uint16_t value) {
    (void)device, (void)wire, (void)value;
    assert(false && "nothing here is writable");
}

const struct bank sim_encoder_bank = {
    .ranges = ranges,
    .range_count = sizeof ranges / sizeof ranges[0],
    .functions = 1u << BANK_READ_HOLDING | 1u << BANK_READ_INPUT,
    .request_max = BANK_READ_MAX,
    .read = read_register,
    .accepts = accepts,
    .write = write_register,
};

/* The register is unsigned: below zero it shows 4 billion, as the real ones do. */
static uint32_t reading(const struct sim_encoder *encoder, double rope_out_m) {
    return (uint32_t)(int64_t)floor(encoder->config.zero_steps + rope_out_m * encoder->config.steps_per_m);
}

void sim_encoder_init(struct sim_encoder *encoder, const struct sim_encoder_config *config, double rope_out_m) {
    assert(config->steps_per_m > 0);
    *encoder = (struct sim_encoder){.config = *config};
    encoder->position_steps = encoder->speed_from_steps = reading(encoder, rope_out_m);
}

void sim_encoder_step(struct sim_encoder *encoder, double rope_out_m, int64_t dt_us) {
    assert(dt_us > 0);
    encoder->position_steps = reading(encoder, rope_out_m);
    encoder->speed_age_us += dt_us;
    if (encoder->speed_age_us < SPEED_US)
        return;
    int32_t moved_steps = (int32_t)(encoder->position_steps - encoder->speed_from_steps);
    encoder->speed_steps_s = (int32_t)(moved_steps * INT64_C(1000000) / encoder->speed_age_us);
    encoder->speed_from_steps = encoder->position_steps;
    encoder->speed_age_us = 0;
}
