/* Load cell, encoder, safety I/O block and E-stop chain. */
#include "sim/device/sim_load_cell.h"

#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "sim/device/sim_chain.h"
#include "sim/device/sim_encoder.h"
#include "sim/device/sim_safety_io.h"

#define STEP_US 250

static const struct sim_load_cell_config cell_config = {.lag_ms = 20, .noise_n = 5, .seed = 3};

static int gross_n(const struct sim_load_cell *cell) {
    int magnitude = sim_load_cell_bank.read(cell, false, 7) << 16 | sim_load_cell_bank.read(cell, false, 8);
    return sim_load_cell_bank.read(cell, false, 6) & 0x80 ? -magnitude : magnitude;
}

Test(sim_device_sensors, load_cell_lags) {
    struct sim_load_cell cell;
    struct sim_load_cell_config quiet = cell_config;
    quiet.noise_n = 0;
    sim_load_cell_init(&cell, &quiet);
    for (int i = 0; i < 80; i++)
        sim_load_cell_step(&cell, 1000, STEP_US);
    cr_assert_float_eq(gross_n(&cell), 1000 * (1 - exp(-1)), 5);
}

Test(sim_device_sensors, load_cell_noise_has_its_size_and_its_sign) {
    struct sim_load_cell cell;
    sim_load_cell_init(&cell, &cell_config);
    double sum = 0, squares = 0;
    int negative = 0;
    for (int i = 0; i < 40000; i++) {
        sim_load_cell_step(&cell, 0, STEP_US);
        sum += gross_n(&cell);
        squares += gross_n(&cell) * gross_n(&cell);
        negative += gross_n(&cell) < 0;
    }
    cr_assert_float_eq(sum / 40000, 0, 0.2);
    cr_assert_float_eq(sqrt(squares / 40000), 5, 0.2);
    cr_assert(negative > 15000 && negative < 25000, "%d", negative);
}

Test(sim_device_sensors, load_cell_speaks_at_most_32_registers) {
    struct sim_load_cell cell;
    sim_load_cell_init(&cell, &cell_config);
    uint8_t reply[BANK_PDU_MAX];
    cr_assert_eq(bank_request(&sim_load_cell_bank, &cell, &cell, (const uint8_t[]){3, 0, 6, 0, 5}, 5, reply), 12);
    bank_request(&sim_load_cell_bank, &cell, &cell, (const uint8_t[]){3, 0, 6, 0, 33}, 5, reply);
    cr_assert_eq(reply[1], BANK_ILLEGAL_VALUE);
    bank_request(&sim_load_cell_bank, &cell, &cell, (const uint8_t[]){3, 0, 6, 0, 32}, 5, reply);
    cr_assert_eq(reply[1], BANK_ILLEGAL_ADDRESS);
    bank_request(&sim_load_cell_bank, &cell, &cell, (const uint8_t[]){16, 0, 7, 0, 1, 2, 0, 0}, 8, reply);
    cr_assert_eq(reply[1], BANK_ILLEGAL_ADDRESS);
    bank_request(&sim_load_cell_bank, &cell, &cell, (const uint8_t[]){6, 0, 7, 0, 1}, 5, reply);
    cr_assert_eq(reply[1], BANK_ILLEGAL_FUNCTION);
    cr_assert_eq(sim_load_cell_bank.read(&cell, false, 0), 0xB1D2);
}

static uint32_t encoder_word2(const struct sim_encoder *encoder, bool input, uint16_t wire) {
    return (uint32_t)sim_encoder_bank.read(encoder, input, wire) << 16 |
           sim_encoder_bank.read(encoder, input, (uint16_t)(wire + 1));
}

Test(sim_device_sensors, encoder_counts_rope_and_computes_speed_each_100_ms) {
    struct sim_encoder encoder;
    sim_encoder_init(&encoder, &(struct sim_encoder_config){.steps_per_m = 8192, .zero_steps = 1000000}, 2);
    cr_assert_eq(encoder_word2(&encoder, true, 0), 1000000 + 2 * 8192);
    for (int i = 1; i < 400; i++)
        sim_encoder_step(&encoder, 2 - i * 0.00025, STEP_US);
    cr_assert_eq(encoder_word2(&encoder, true, 2), 0, "not computed yet");
    sim_encoder_step(&encoder, 1.9, STEP_US);
    cr_assert_float_eq((int32_t)encoder_word2(&encoder, true, 2), -8192, 11);
    cr_assert_eq(encoder_word2(&encoder, true, 0), (uint32_t)floor(1000000 + 1.9 * 8192));
    for (uint16_t i = 0; i < 6; i++)
        cr_assert_eq(sim_encoder_bank.read(&encoder, true, i),
                     sim_encoder_bank.read(&encoder, false, (uint16_t)(94 + i)));
    cr_assert_eq(sim_encoder_bank.read(&encoder, true, 0x20), 0xB1D3);
    cr_assert_eq(encoder_word2(&encoder, true, 4), 0);
}

Test(sim_device_sensors, encoder_below_zero_shows_four_billion) {
    struct sim_encoder encoder;
    sim_encoder_init(&encoder, &(struct sim_encoder_config){.steps_per_m = 8192, .zero_steps = 0}, -0.001);
    cr_assert_eq(encoder_word2(&encoder, true, 0), UINT32_MAX - 8);
}

/* ---- safety I/O ---- */

static const struct sim_safety_io_in healthy = {.a_closed = {true}, .b_closed = {true}, .sto_inactive = true};

static int io_write(struct sim_safety_io *io, uint16_t outputs, uint16_t heartbeat) {
    const uint8_t pdu[] = {16, 8, 0, 0, 2, 4, (uint8_t)(outputs >> 8), (uint8_t)outputs, (uint8_t)(heartbeat >> 8),
                           (uint8_t)heartbeat};
    uint8_t reply[BANK_PDU_MAX];
    int length = bank_request(&sim_safety_io_bank, io, io, pdu, sizeof pdu, reply);
    return length == 2 ? reply[1] : 0;
}

static bool io_pass(struct sim_safety_io *io, int ms) {
    bool on = false;
    for (int i = 0; i < ms * 1000 / STEP_US; i++)
        on = sim_safety_io_step(io, &healthy, STEP_US);
    return on;
}

Test(sim_device_sensors, io_inputs_are_bits) {
    for (unsigned bits = 0; bits < 512; bits++) {
        struct sim_safety_io io;
        sim_safety_io_init(&io, 300);
        struct sim_safety_io_in in = {.a_closed = {bits & 1, bits & 16, bits & 64},
                                      .b_closed = {bits & 2, bits & 32, bits & 128},
                                      .brake_open = {bits & 4, bits & 256},
                                      .sto_inactive = bits & 8};
        sim_safety_io_step(&io, &in, STEP_US);
        cr_assert_eq(sim_safety_io_bank.read(&io, false, 0), bits);
    }
}

Test(sim_device_sensors, io_watchdog_drops_the_brake_in_its_time) {
    struct sim_safety_io io;
    sim_safety_io_init(&io, 300);
    cr_assert_eq(sim_safety_io_bank.read(&io, false, 2), 2, "expired from power-on");
    io_write(&io, 0, 0);
    io_write(&io, 1, 0);
    cr_assert(!io_pass(&io, 10), "the heartbeat has not begun");
    io_write(&io, 0, 1);
    cr_assert(!io_pass(&io, 1));
    cr_assert_eq(sim_safety_io_bank.read(&io, false, 2), 1);
    for (uint16_t beat = 2; beat < 100; beat++) {
        io_write(&io, 1, beat);
        cr_assert(io_pass(&io, 10));
        cr_assert_eq(sim_safety_io_bank.read(&io, false, 1), beat);
    }
    for (int i = 0; i < 29; i++) {
        cr_assert(io_pass(&io, 10));
        io_write(&io, 1, 99); /* written again, but it does not change */
    }
    cr_assert(!io_pass(&io, 2), "300 ms");
    cr_assert_eq(sim_safety_io_bank.read(&io, false, 2), 2);
}

Test(sim_device_sensors, io_stays_off_until_a_beat_and_a_zero) {
    struct sim_safety_io io;
    sim_safety_io_init(&io, 300);
    io_write(&io, 0, 1);
    io_pass(&io, 1);
    io_write(&io, 1, 2);
    cr_assert(io_pass(&io, 299));
    cr_assert(!io_pass(&io, 10));
    for (uint16_t beat = 3; beat < 60; beat++) {
        io_write(&io, 1, beat);
        cr_assert(!io_pass(&io, 10), "the brake bit was never 0");
    }
    io_pass(&io, 400);
    io_write(&io, 0, 59);
    io_write(&io, 1, 59);
    cr_assert(!io_pass(&io, 10), "the heartbeat has not changed");
    io_write(&io, 0, 60);
    io_pass(&io, 10);
    io_write(&io, 1, 61);
    cr_assert(io_pass(&io, 10), "both: works again");
}

Test(sim_device_sensors, io_without_watchdog_keeps_its_outputs) {
    struct sim_safety_io io;
    sim_safety_io_init(&io, 0);
    cr_assert_eq(sim_safety_io_bank.read(&io, false, 2), 0);
    io_write(&io, 1, 1);
    cr_assert(io_pass(&io, 60000), "nobody writes, the brake stays open: the trap");
    uint8_t reply[BANK_PDU_MAX];
    bank_request(&sim_safety_io_bank, &io, &io, (const uint8_t[]){6, 0x11, 0x20, 0, 100}, 5, reply);
    cr_assert(!io_pass(&io, 1), "switched on: off until a beat and a zero");
    cr_assert_eq(io_write(&io, 8, 1), BANK_ILLEGAL_VALUE, "there are three outputs only");
}

Test(sim_device_sensors, chain_takes_power_after_its_delay_and_gives_it_back) {
    struct sim_chain chain;
    sim_chain_init(&chain, 700, 0);
    sim_chain_step(&chain, false, false, STEP_US);
    cr_assert(chain.power && !chain.open);
    int steps = 0;
    do {
        sim_chain_step(&chain, true, false, STEP_US);
        cr_assert(chain.open);
        steps++;
    } while (chain.power && steps < 4000);
    cr_assert_float_eq(steps * STEP_US / 1000.0, 700, 1);
    sim_chain_step(&chain, false, false, STEP_US);
    cr_assert(chain.power);
    for (int i = 0; i < 2000; i++)
        sim_chain_step(&chain, true, false, STEP_US);
    cr_assert(chain.power, "500 ms: the delay starts anew");
}

Test(sim_device_sensors, chain_without_a_pulse_is_open) {
    struct sim_chain chain;
    sim_chain_init(&chain, 0, 300);
    sim_chain_step(&chain, false, false, STEP_US);
    cr_assert(chain.open && !chain.power, "no edge yet");
    for (int edge = 0; edge < 10; edge++) {
        for (int i = 0; i < 299000 / STEP_US; i++) {
            sim_chain_step(&chain, false, edge % 2 == 0, STEP_US);
            cr_assert(chain.power, "edge %d, step %d", edge, i);
        }
    }
    int steps = 0;
    do {
        sim_chain_step(&chain, false, false, STEP_US);
        steps++;
    } while (chain.power && steps < 4000);
    cr_assert_float_eq(steps * STEP_US / 1000.0, 1, 1, "300 ms after the last edge");
    sim_chain_step(&chain, true, true, STEP_US);
    cr_assert(!chain.power, "an edge helps no pressed station");
    sim_chain_step(&chain, false, true, STEP_US);
    cr_assert(chain.power);
}
