/* belay-sim as a process, by libmodbus and by raw bytes: registers, framing, units, several masters, peers that
 * misbehave, real time, stage, truth file, command line. */
#include "tests/pair/sim_process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define WORLD BELAY_SOURCE_DIR "/sim/scenarios/free-climb/world.yaml"

static struct sim_process sim;

static void begin(void) {
    sim_process_start(&sim);
}

static void end(void) {
    cr_assert_eq(sim_process_end(&sim), 0);
    sim_process_clean(&sim);
}

TestSuite(sim_modbus, .init = begin, .fini = end);

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The drive's cyclic request: control, setpoint, sequence out; six registers back. */
static void cycle(modbus_t *drive, uint16_t control, int16_t rpm, uint16_t sequence, uint16_t *in) {
    const uint16_t out[] = {control, (uint16_t)rpm, sequence};
    int count = modbus_write_and_read_registers(drive, 0x0100, 3, out, 0x0110, 6, in);
    cr_assert_eq(count, 6, "%s", modbus_strerror(errno));
    cr_assert_eq(in[4], sequence);
    cr_assert_eq(in[5], 0xB1D1);
}

/* Enables the drive and opens the brake. Both watchdogs are set to a second: the test itself may be kept waiting. */
static void enable(modbus_t *drive, modbus_t *io) {
    static const uint16_t words[] = {0x06, 0x07, 0x0F};
    uint16_t in[6], inputs[4];
    cr_assert_eq(modbus_write_register(drive, 0x0120, 100), 1);
    cr_assert_eq(modbus_write_register(io, 0x1120, 1000), 1);
    for (uint16_t beat = 1; beat <= 25; beat++) { /* the relay gives power with the first edge */
        cycle(drive, words[beat < 6 ? 0 : beat < 7 ? 1 : 2], 0, beat, in);
        const uint16_t out[] = {(uint16_t)((beat > 7 ? 3 : 0) | (beat / 2 % 2 ? 4 : 0)), beat};
        cr_assert_eq(modbus_write_and_read_registers(io, 0x0800, 2, out, 0, 4, inputs), 4);
        usleep(10000);
    }
    cr_assert_eq(in[0] & 0x6F, 0x27);
    cr_assert_eq(inputs[0], 0x7F3F, "brakes open, both stations and the limit switches closed");
    cr_assert_eq(inputs[2], 1);
}

Test(sim_modbus, every_unit_by_libmodbus) {
    modbus_t *drive = sim_process_master(sim.drive_port, 1), *cell = sim_process_master(sim.sensor_port, 2);
    modbus_t *encoder = sim_process_master(sim.sensor_port, 3), *io = sim_process_master(sim.sensor_port, 4);
    uint16_t in[8];
    cr_assert_eq(modbus_read_registers(drive, 0, 3, in), 3);
    cr_assert(in[0] == 0xB1D1 && in[1] == 0x5349 && in[2] == 0x0100);
    cr_assert_eq(modbus_read_registers(cell, 6, 5, in), 5);
    cr_assert_lt(in[2], 40, "noise around 0 N");
    cr_assert_eq(modbus_read_input_registers(encoder, 0, 6, in), 6);
    cr_assert_eq((uint32_t)in[0] << 16 | in[1], 1000000 + 24.05 * 8192 - 0.6);
    cr_assert_eq(modbus_write_register(io, 0x1120, 250), 1);
    cr_assert_eq(modbus_read_registers(io, 0x1120, 1, in), 1);
    cr_assert_eq(in[0], 250);
    const uint16_t settings[] = {20, 6};
    cr_assert_eq(modbus_write_registers(drive, 0x0120, 2, settings), 2);
    cr_assert_eq(modbus_read_registers(drive, 0x0120, 2, in), 2);
    cr_assert(in[0] == 20 && in[1] == 6);
    cr_assert_eq(modbus_read_registers(drive, 3, 1, in), -1);
    cr_assert_eq(errno, EMBXILADD);
    cr_assert_eq(modbus_write_register(drive, 0x0121, 9), -1);
    cr_assert_eq(errno, EMBXILVAL);
    cr_assert_eq(modbus_read_input_registers(drive, 0, 1, in), -1);
    cr_assert_eq(errno, EMBXILFUN);
    modbus_t *const all[] = {drive, cell, encoder, io};
    for (size_t i = 0; i < 4; i++) {
        modbus_close(all[i]);
        modbus_free(all[i]);
    }
}

Test(sim_modbus, drives_in_real_time_and_stops_when_the_master_dies) {
    modbus_t *drive = sim_process_master(sim.drive_port, 1), *io = sim_process_master(sim.sensor_port, 4);
    uint16_t in[6];
    enable(drive, io);
    for (uint16_t i = 0; i < 60; i++) {
        cycle(drive, 0x0F, 600, i, in);
        modbus_write_register(io, 0x0801, (uint16_t)(1000 + i));
        usleep(10000);
    }
    cr_assert_float_eq((int16_t)in[1], 600, 6, "%d rpm", (int16_t)in[1]);
    modbus_close(drive);
    modbus_close(io);
    usleep(2200000); /* a second of watchdog, the ramp, and the hold for the brake */
    cr_assert_eq(modbus_connect(drive), 0);
    cr_assert_eq(modbus_read_registers(drive, 0x0110, 6, in), 6);
    cr_assert_eq(in[0] & 0x4F, 0x08, "fault");
    cr_assert_eq(in[3], 0x7510);
    cr_assert_eq((int16_t)in[1], 0);
    cr_assert(strstr(sim_process_stage(&sim, "{\"do\":\"truth\"}"), "\"brake_closed\":true"));
    modbus_free(drive);
    modbus_free(io);
}

/* A stopped simulator is a hardware that nobody could ask for a while: its time has passed all the same. */
Test(sim_modbus, time_passes_while_the_process_is_stopped) {
    modbus_t *drive = sim_process_master(sim.drive_port, 1), *io = sim_process_master(sim.sensor_port, 4);
    uint16_t in[6];
    enable(drive, io);
    kill(sim.pid, SIGSTOP);
    usleep(1300000);
    kill(sim.pid, SIGCONT);
    cr_assert_eq(modbus_read_registers(drive, 0x0110, 6, in), 6);
    cr_assert_eq(in[3], 0x7510, "the watchdog did not wait");
    modbus_close(drive);
    modbus_close(io);
    modbus_free(drive);
    modbus_free(io);
}

/* ---- framing ---- */

static const uint8_t ask_identity[] = {0x12, 0x34, 0, 0, 0, 6, 1, 3, 0, 0, 0, 1};
static const uint8_t tell_identity[] = {0x12, 0x34, 0, 0, 0, 5, 1, 3, 2, 0xB1, 0xD1};

static void cr_identity(int fd, const char *when) {
    uint8_t reply[sizeof tell_identity];
    cr_assert_eq(recv(fd, reply, sizeof reply, MSG_WAITALL), (ssize_t)sizeof reply, "%s: no reply", when);
    cr_assert_eq(memcmp(reply, tell_identity, sizeof reply), 0, "%s: wrong reply", when);
}

Test(sim_modbus, frames_in_pieces_and_several_at_once) {
    int fd = sim_process_socket(sim.drive_port);
    for (size_t i = 0; i < sizeof ask_identity; i++) {
        cr_assert_eq(send(fd, ask_identity + i, 1, 0), 1);
        usleep(3000);
    }
    cr_identity(fd, "byte by byte");
    uint8_t many[40 * sizeof ask_identity];
    for (int i = 0; i < 40; i++)
        memcpy(many + (size_t)i * sizeof ask_identity, ask_identity, sizeof ask_identity);
    cr_assert_eq(send(fd, many, sizeof many - 5, 0), (ssize_t)sizeof many - 5);
    usleep(20000);
    cr_assert_eq(send(fd, many + sizeof many - 5, 5, 0), 5);
    for (int i = 0; i < 40; i++)
        cr_identity(fd, "many at once, the last torn");
    cr_assert_eq(send(fd, many, sizeof many, 0), (ssize_t)sizeof many);
    for (int i = 0; i < 40; i++)
        cr_identity(fd, "more at once than it queues");
    close(fd);
}

Test(sim_modbus, what_is_no_modbus_ends_the_connection_and_nobody_elses) {
    static const uint8_t wrong[][8] = {
        {0, 1, 0, 1, 0, 6, 1, 3},       /* protocol */
        {0, 1, 0, 0, 0, 1, 1, 3},       /* length without a function code */
        {0, 1, 0, 0, 0, 0, 1, 3},       /* no length */
        {0, 1, 0, 0, 0, 255, 1, 3},     /* longer than a PDU can be */
        {'G', 'E', 'T', ' ', '/', ' ', 'H', 'T'},
    };
    int other = sim_process_socket(sim.drive_port);
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        int fd = sim_process_socket(sim.drive_port);
        char byte;
        cr_assert_eq(send(fd, wrong[i], 8, 0), 8);
        errno = 0;
        cr_expect_leq(recv(fd, &byte, 1, 0), 0, "row %zu was answered", i);
        cr_expect(errno != EAGAIN, "row %zu: still open", i);
        close(fd);
        send(other, ask_identity, sizeof ask_identity, 0);
        cr_identity(other, "another connection");
    }
    close(other);
}

Test(sim_modbus, each_port_leads_to_its_units_only) {
    for (int port = 0; port < 2; port++)
        for (int unit = 0; unit < 256; unit++) {
            if (port == 0 ? unit == 1 : unit >= 2 && unit <= 4)
                continue;
            int fd = sim_process_socket(port ? sim.sensor_port : sim.drive_port);
            uint8_t ask[sizeof ask_identity], right[sizeof ask_identity], reply[16];
            memcpy(ask, ask_identity, sizeof ask);
            ask[6] = (uint8_t)unit;
            memcpy(right, ask_identity, sizeof right);
            right[6] = port ? 2 : 1;
            right[1] = 0x99;
            send(fd, ask, sizeof ask, 0);
            send(fd, right, sizeof right, 0);
            cr_assert_gt(recv(fd, reply, sizeof reply, 0), 0);
            cr_assert_eq(reply[1], 0x99, "port %d answered unit %d", port, unit);
            close(fd);
        }
}

/* It sends until the simulator takes nothing more, and never reads a reply. */
Test(sim_modbus, a_peer_that_never_reads_holds_nobody_up) {
    static const uint8_t ask[] = {0, 1, 0, 0, 0, 6, 1, 3, 1, 0x10, 0, 6};
    int flood = sim_process_socket(sim.drive_port), other = sim_process_socket(sim.drive_port);
    double slowest_ms = 0;
    int refused = 0;
    for (long sent = 0; refused < 50 && sent < 10000000; sent++) {
        if (send(flood, ask, sizeof ask, MSG_DONTWAIT | MSG_NOSIGNAL) == (ssize_t)sizeof ask) {
            refused = 0;
            if (sent % 200)
                continue;
        } else {
            cr_assert_eq(errno, EAGAIN, "the flood's connection ended");
            refused++;
            usleep(2000);
        }
        double before_ms = now_ms();
        send(other, ask_identity, sizeof ask_identity, 0);
        cr_identity(other, "beside a flood");
        slowest_ms = now_ms() - before_ms > slowest_ms ? now_ms() - before_ms : slowest_ms;
    }
    cr_assert_eq(refused, 50, "the simulator never stopped taking requests");
    cr_assert_lt(slowest_ms, 1000, "%g ms", slowest_ms);
    close(flood);
    close(other);
}

Test(sim_modbus, many_masters_come_and_go) {
    for (int round = 0; round < 5; round++) {
        int fd[40];
        for (int i = 0; i < 40; i++)
            fd[i] = sim_process_socket(sim.drive_port);
        for (int i = 0; i < 40; i++)
            send(fd[i], ask_identity, sizeof ask_identity, 0);
        for (int i = 0; i < 40; i++) {
            cr_identity(fd[i], "one of 40");
            close(fd[i]);
        }
    }
}

/* ---- faults, stage, truth, command line ---- */

Test(sim_modbus, late_and_silent_units_in_real_time) {
    modbus_t *cell = sim_process_master(sim.sensor_port, 2), *io = sim_process_master(sim.sensor_port, 4);
    uint16_t in[5];
    const char *said = sim_process_stage(&sim, "{\"do\":\"fault\",\"unit\":2,\"kind\":\"late\",\"ms\":600}");
    cr_assert_str_eq(said, "{\"ok\":true}");
    double before_ms = now_ms();
    cr_assert_eq(modbus_read_registers(cell, 6, 5, in), 5);
    double took_ms = now_ms() - before_ms;
    cr_assert(took_ms > 598 && took_ms < 990, "%g ms", took_ms);
    before_ms = now_ms();
    cr_assert_eq(modbus_read_registers(io, 0, 4, in), 4, "the others are in time");
    cr_assert_lt(now_ms() - before_ms, 500);
    sim_process_stage(&sim, "{\"do\":\"fault\",\"unit\":2,\"kind\":\"silent\"}");
    modbus_set_response_timeout(cell, 0, 100000);
    cr_assert_eq(modbus_read_registers(cell, 6, 5, in), -1);
    cr_assert_eq(errno, ETIMEDOUT);
    modbus_close(cell);
    modbus_close(io);
    modbus_free(cell);
    modbus_free(io);
}

static double field(const char *row, int number) {
    for (int i = 0; i < number; i++)
        row = strchr(row, ',') + 1;
    return strtod(row, NULL);
}

Test(sim_modbus, truth_file_has_a_row_for_every_millisecond_to_the_end) {
    sim_process_stage(&sim, "{\"do\":\"act\",\"act\":\"climb\"}");
    usleep(1500000);
    double before_us = now_ms() * 1000;
    cr_assert_eq(sim_process_end(&sim), 0);
    FILE *file = fopen(sim.truth, "r");
    char line[512];
    cr_assert(fgets(line, sizeof line, file));
    cr_assert_eq(strncmp(line, "t_us,act,t_s,height_m,", 22), 0);
    int rows = 0;
    double last_us = 0;
    while (fgets(line, sizeof line, file)) {
        int commas = 0;
        for (const char *c = line; *c; c++)
            commas += *c == ',';
        cr_assert(commas == 15 && line[strlen(line) - 1] == '\n', "a torn row: %s", line);
        cr_assert(rows == 0 || field(line, 0) == last_us + 1000, "%f after %f", field(line, 0), last_us);
        last_us = field(line, 0);
        rows++;
        cr_assert_float_eq(field(line, 2), rows * 0.001, 1e-6);
    }
    fclose(file);
    cr_assert_geq(rows, 1500);
    cr_assert_gt(last_us, before_us - 2000, "the last row is from the end");
    cr_assert_neq(access(sim.stage, F_OK), 0, "the stage socket is taken away");
    sim_process_clean(&sim);
    sim_process_start(&sim); /* for end() */
}

/* Two winches: the drives on the first port, everything else on the second, and each has its columns of truth. */
Test(sim_modbus, every_winch_is_on_the_bus_and_in_the_truth_file) {
    static const struct {
        int unit, register_, input;
        uint16_t identity;
    } rows[] = {{1, 0, 0, 0xB1D1}, {2, 0, 0, 0xB1D2}, {3, 0x20, 1, 0xB1D3}, {4, 3, 0, 0xB1D4},
                {5, 0, 0, 0xB1D1}, {6, 0, 0, 0xB1D2}, {7, 0x20, 1, 0xB1D3}, {8, 3, 0, 0xB1D4}};
    cr_assert_eq(sim_process_end(&sim), 0);
    sim_process_clean(&sim);
    sim.world = BELAY_SOURCE_DIR "/tests/worlds/two-winches.yaml";
    sim_process_start(&sim);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        for (int port = 0; port < 2; port++) {
            const bool there = (port == 0) == (rows[i].unit % 4 == 1);
            uint16_t word = 0;
            modbus_t *master = sim_process_master(port ? sim.sensor_port : sim.drive_port, rows[i].unit);
            modbus_set_response_timeout(master, 0, there ? 900000 : 50000);
            const int got = rows[i].input ? modbus_read_input_registers(master, rows[i].register_, 1, &word)
                                          : modbus_read_registers(master, rows[i].register_, 1, &word);
            cr_expect_eq(got, there ? 1 : -1, "unit %d on port %d", rows[i].unit, port);
            cr_expect_eq(word, there ? rows[i].identity : 0, "unit %d: %04X", rows[i].unit, word);
            modbus_close(master);
            modbus_free(master);
        }
    cr_assert_eq(sim_process_end(&sim), 0);
    FILE *file = fopen(sim.truth, "r");
    char line[1024];
    cr_assert(fgets(line, sizeof line, file) && strstr(line, ",tilt_mm,tension_n_2,"), "%s", line);
    cr_assert(fgets(line, sizeof line, file));
    cr_expect_float_eq(field(line, 16), 100 * 9.81, 0.01, "%s", line);
    fclose(file);
    sim_process_clean(&sim);
    sim_process_start(&sim); /* for end() */
}

Test(sim_modbus, a_taken_port_is_named) {
    char ports[32], said[512], wanted[32];
    snprintf(ports, sizeof ports, "%d,%d", sim.drive_port, sim.sensor_port);
    snprintf(wanted, sizeof wanted, "127.0.0.1:%d", sim.drive_port);
    const char *const arguments[] = {"--world", WORLD, "--ports", ports, NULL};
    cr_assert_eq(sim_process_try(arguments, said, sizeof said), 1);
    cr_assert(strstr(said, wanted) && strstr(said, "in use"), "%s", said);
}

Test(sim_modbus, wrong_command_lines) {
    static const struct {
        const char *argument[6];
        int code;
        const char *said;
    } rows[] = {
        {{NULL}, 2, "--world"},
        {{"--world", "/nonexistent.yaml", NULL}, 1, "/nonexistent.yaml"},
        {{"--world", "w", "more", NULL}, 2, "too many"},
        {{"--world", "w", "--ports", "1502", NULL}, 2, "--ports"},
        {{"--world", "w", "--ports", "1502,0", NULL}, 2, "--ports"},
        {{"--world", "w", "--ports", "1502,65536", NULL}, 2, "--ports"},
        {{"--world", "w", "--ports", "-1,1503", NULL}, 2, "--ports"},
        {{"--world", "w", "--ports", "1,2,3,4,5,6,7,8,9", NULL}, 2, "--ports"},
        {{"--speed", "9", NULL}, 2, "--help"},
        {{"--world", WORLD, "--bind", "localhost", NULL}, 1, "localhost"},
        {{"--world", WORLD, "--truth", "/nonexistent/t.csv", NULL}, 1, "/nonexistent/t.csv"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char said[1024];
        cr_expect_eq(sim_process_try(rows[i].argument, said, sizeof said), rows[i].code, "row %zu: %s", i, said);
        cr_expect(strstr(said, rows[i].said), "row %zu: %s", i, said);
    }
}
