/* Virtual safety I/O block. */
#include "sim/device/sim_safety_io.h"

#include <assert.h>

#define IDENTITY 0xB1D4
#define OUTPUT_BRAKES 0x0003
#define FIRST_CONTACT_BIT 9

enum { AT_INPUTS = 0x0000, AT_OUTPUTS = 0x0800, AT_WATCHDOG = 0x1120 };

static const struct bank_range ranges[] = {
    {.first = AT_INPUTS, .count = 4},
    {.first = AT_OUTPUTS, .count = 2, .writable = true},
    {.first = AT_WATCHDOG, .count = 1, .writable = true},
};

static uint16_t inputs(const struct sim_safety_io_in *in) {
    static const int first_bit[SIM_IO_STATIONS] = {0, 4, 6};
    int bits = in->brake_open[0] << 2 | in->sto_inactive << 3 | in->brake_open[1] << 8;
    for (int i = 0; i < SIM_IO_STATIONS; i++)
        bits |= in->a_closed[i] << first_bit[i] | in->b_closed[i] << (first_bit[i] + 1);
    for (int i = 0; i < SIM_IO_CONTACTS; i++)
        bits |= in->contact_closed[i] << (FIRST_CONTACT_BIT + i);
    return (uint16_t)bits;
}

static uint16_t read_register(const void *device, bool input, uint16_t wire) {
    const struct sim_safety_io *io = device;
    assert(!input);
    switch (wire) {
    case AT_INPUTS:      return inputs(&io->in);
    case AT_INPUTS + 1:  return io->heartbeat;
    case AT_INPUTS + 2:  return (uint16_t)io->watchdog;
    case AT_INPUTS + 3:  return IDENTITY;
    case AT_OUTPUTS:     return io->outputs;
    case AT_OUTPUTS + 1: return io->heartbeat;
    case AT_WATCHDOG:    return io->watchdog_ms;
    }
    assert(false && "the bank asks for registers in its ranges only");
    return 0;
}

static bool accepts(const void *device, uint16_t wire, uint16_t value) {
    (void)device;
    return wire != AT_OUTPUTS || (value & ~(OUTPUT_BRAKES | SIM_IO_PULSE)) == 0;
}

static void expire(struct sim_safety_io *io) {
    io->watchdog = SIM_IO_WATCHDOG_EXPIRED;
    io->beat_again = io->brake_zero_again = false;
}

static void set_watchdog(struct sim_safety_io *io, uint16_t value) {
    io->watchdog_ms = value;
    if (value == 0)
        io->watchdog = SIM_IO_WATCHDOG_OFF;
    else if (io->watchdog == SIM_IO_WATCHDOG_OFF)
        expire(io);
}

static void write_register(void *device, uint16_t wire, uint16_t value) {
    struct sim_safety_io *io = device;
    switch (wire) {
    case AT_OUTPUTS:
        io->outputs = value;
        if (!(value & OUTPUT_BRAKES))
            io->brake_zero_again = true;
        return;
    case AT_OUTPUTS + 1:
        if (value != io->heartbeat) {
            io->heartbeat = value;
            io->since_beat_us = 0;
            io->beat_again = true;
        }
        return;
    case AT_WATCHDOG:
        set_watchdog(io, value);
        return;
    }
    assert(false && "the bank writes registers in its writable ranges only");
}

const struct bank sim_safety_io_bank = {
    .ranges = ranges,
    .range_count = sizeof ranges / sizeof ranges[0],
    .functions = 1u << BANK_READ_HOLDING | 1u << BANK_WRITE_ONE | 1u << BANK_WRITE | 1u << BANK_READ_WRITE,
    .request_max = BANK_READ_MAX,
    .read = read_register,
    .accepts = accepts,
    .write = write_register,
};

void sim_safety_io_init(struct sim_safety_io *io, uint16_t watchdog_ms) {
    *io = (struct sim_safety_io){.watchdog = SIM_IO_WATCHDOG_OFF};
    set_watchdog(io, watchdog_ms);
}

uint16_t sim_safety_io_step(struct sim_safety_io *io, const struct sim_safety_io_in *in, int64_t dt_us) {
    assert(dt_us > 0);
    io->in = *in;
    io->since_beat_us += dt_us;
    bool in_time = io->since_beat_us <= (int64_t)io->watchdog_ms * 1000;
    if (io->watchdog == SIM_IO_WATCHDOG_RUNNING && !in_time)
        expire(io);
    else if (io->watchdog == SIM_IO_WATCHDOG_EXPIRED && in_time && io->beat_again && io->brake_zero_again)
        io->watchdog = SIM_IO_WATCHDOG_RUNNING;
    return io->watchdog != SIM_IO_WATCHDOG_EXPIRED ? io->outputs : 0;
}
