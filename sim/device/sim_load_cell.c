/* Virtual load cell amplifier. */
#include "sim/device/sim_load_cell.h"

#include <assert.h>
#include <math.h>

#define IDENTITY 0xB1D2
#define REQUEST_MAX 32
#define STATUS_GROSS_NEGATIVE 0x0080
#define STREAM 2

enum { AT_IDENTITY = 0, AT_STATUS = 6, AT_GROSS = 7, AT_NET = 9 };

static const struct bank_range ranges[] = {{.first = AT_IDENTITY, .count = 1}, {.first = AT_STATUS, .count = 5}};

static uint16_t read_register(const void *device, bool input, uint16_t wire) {
    const struct sim_load_cell *cell = device;
    uint32_t magnitude_n = (uint32_t)(cell->gross_n < 0 ? -cell->gross_n : cell->gross_n);
    assert(!input);
    switch (wire) {
    case AT_IDENTITY:  return IDENTITY;
    case AT_STATUS:    return cell->gross_n < 0 ? STATUS_GROSS_NEGATIVE : 0;
    case AT_GROSS:
    case AT_NET:       return (uint16_t)(magnitude_n >> 16);
    case AT_GROSS + 1:
    case AT_NET + 1:   return (uint16_t)magnitude_n;
    }
    assert(false && "the bank asks for registers in its ranges only");
    return 0;
}

static bool accepts(const void *device, uint16_t wire, uint16_t value) {
    (void)device, (void)wire, (void)value;
    return false;
}

static void write_register(void *device, uint16_t wire, uint16_t value) {
    (void)device, (void)wire, (void)value;
    assert(false && "nothing here is writable");
}

const struct bank sim_load_cell_bank = {
    .ranges = ranges,
    .range_count = sizeof ranges / sizeof ranges[0],
    .functions = 1u << BANK_READ_HOLDING | 1u << BANK_WRITE,
    .request_max = REQUEST_MAX,
    .read = read_register,
    .accepts = accepts,
    .write = write_register,
};

void sim_load_cell_init(struct sim_load_cell *cell, const struct sim_load_cell_config *config) {
    assert(config->lag_ms > 0 && config->noise_n >= 0);
    *cell = (struct sim_load_cell){.config = *config};
    noise_init(&cell->noise, config->seed, STREAM);
}

void sim_load_cell_step(struct sim_load_cell *cell, double tension_n, int64_t dt_us) {
    assert(tension_n >= 0 && dt_us > 0);
    double share = fmin(1, (double)dt_us / 1000 / cell->config.lag_ms);
    cell->filtered_n += (tension_n - cell->filtered_n) * share;
    cell->gross_n = (int32_t)lround(cell->filtered_n + cell->config.noise_n * noise_normal(&cell->noise));
}
