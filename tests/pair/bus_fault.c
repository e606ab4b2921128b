/* Devices and networks that misbehave, over real TCP: nothing wrong is taken, nothing old takes effect. */
#include <criterion/criterion.h>
#include <errno.h>
#include <modbus.h>

#include "controller/base/clock.h"
#include "tests/pair/bus_bench.h"

#define STATUS 0x0237
#define FOREIGN 0xDEAD
#define AGE_MS_MAX 100 /* two periods, a response timeout, and this machine's own lateness; far below a stall */

static struct bus_bench bench;
static struct field_write writes[FIELD_WRITES_MAX];

static void open_bench(void) {
    bus_bench_open(&bench);
    field_set(bench.field[BUS_LINK_DRIVE], BUS_DRIVE + 1, BUS_DRIVE_STATUS, STATUS);
    field_set(bench.field[BUS_LINK_DRIVE], BUS_CELL + 1, BUS_DRIVE_STATUS, FOREIGN);
    bus_bench_fly(&bench);
}

static void close_bench(void) {
    bus_bench_close(&bench);
}

TestSuite(bus_fault, .init = open_bench, .fini = close_bench, .timeout = 60);

static struct field *drive(void) {
    return bench.field[BUS_LINK_DRIVE];
}

static const struct image_link *drive_link(void) {
    return bus_bench_link(&bench, BUS_LINK_DRIVE);
}

/* Cycles for `ms`; every frame on the way must be the drive's own. */
static void fly(int ms) {
    for (int i = 0; i < ms / 10; i++) {
        bus_bench_cycles(&bench, 10);
        cr_assert_eq(bus_bench_frame(&bench, BUS_DRIVE)->word[0], STATUS, "word %04X taken",
                     bus_bench_frame(&bench, BUS_DRIVE)->word[0]);
    }
}

/* Run words that took effect late. */
static int late_writes(void) {
    int count = field_writes(drive(), writes), late = 0;
    for (int i = 0; i < count; i++)
        late += writes[i].word[0] == BUS_RUN && bus_bench_age_ms(&writes[i]) > AGE_MS_MAX;
    return late;
}

struct wrong {
    enum field_fault fault;
    int ms;
    enum link_loss loss;
};

/* One error, one reset, one new generation, and a healthy link soon after? */
static bool resets_once(struct wrong wrong) {
    struct image_link before = *drive_link();
    int connections = field_connections(drive());
    field_fault(drive(), wrong.fault, wrong.ms, 1);
    fly(300);
    return drive_link()->state == LINK_UP && drive_link()->generation == before.generation + 1 &&
           drive_link()->errors == before.errors + 1 && drive_link()->loss == wrong.loss &&
           drive_link()->loss_device == BUS_DRIVE && field_connections(drive()) == connections + 1;
}

Test(bus_fault, one_wrong_reply_resets_the_link_once) {
    static const struct wrong cases[] = {
        {FIELD_LATE, 60, LOSS_TIMEOUT},
        {FIELD_MUTE, 0, LOSS_TIMEOUT},
        {FIELD_CUT, 0, LOSS_PEER},
        {FIELD_CLOSE, 0, LOSS_PEER},
        {FIELD_SHORT, 0, LOSS_REPLY},
        {FIELD_WRONG_FUNCTION, 0, LOSS_REPLY},
        {FIELD_WRONG_TID, 0, LOSS_REPLY},
        {FIELD_TWICE, 0, LOSS_REPLY},
        {FIELD_OTHER_UNIT, BUS_CELL + 1, LOSS_IDENTITY},
        {FIELD_TRAILER, 0, LOSS_REPLY},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int tries = 1;
        while (!resets_once(cases[i]) && tries < BUS_BENCH_TRIES) {
            tries++;
            bus_bench_fly(&bench);
        }
        cr_expect_lt(tries, BUS_BENCH_TRIES, "fault %d", (int)cases[i].fault);
    }
    cr_expect_eq(field_overlaps(drive()), 0, "a second request before the first was answered");
}

/* 17 bytes at 15 ms each: the response timeout of 40 ms bounds the reply as a whole. */
Test(bus_fault, a_dribbled_reply_is_given_up_in_time) {
    uint32_t errors = drive_link()->errors;
    field_fault(drive(), FIELD_DRIBBLE, 15, 1);
    int64_t start_us = clock_now_us();
    while (drive_link()->errors == errors && clock_now_us() - start_us < 1000000)
        bus_bench_cycles(&bench, 10);
    int64_t took_us = clock_now_us() - start_us;
    cr_expect(took_us > 35000 && took_us < 100000, "%lld us", (long long)took_us);
}

/* RST, not FIN: a FIN would queue up behind what still waits in the kernel, and be delivered with it. */
Test(bus_fault, connections_end_in_a_reset) {
    for (int i = 0; i < 5; i++) {
        field_fault(drive(), FIELD_MUTE, 0, 1);
        bus_bench_reconnect(&bench, BUS_LINK_DRIVE);
    }
    cr_expect_geq(field_resets(drive()), 5);
    cr_expect_eq(field_resets(drive()), field_connections(drive()) - 1);
}

Test(bus_fault, a_late_reply_never_answers_the_next_request) {
    for (int i = 0; i < 10; i++) {
        uint16_t status = (uint16_t)(STATUS + 0x1000 * i);
        field_set(drive(), BUS_DRIVE + 1, BUS_DRIVE_STATUS, status);
        bus_bench_cycles(&bench, 30);
        field_fault(drive(), FIELD_LATE, 45 + 3 * i, 1);
        bus_bench_reconnect(&bench, BUS_LINK_DRIVE);
        cr_expect_eq(bus_bench_frame(&bench, BUS_DRIVE)->word[0], status);
    }
    cr_expect_eq(field_overlaps(drive()), 0);
}

/* The server stands still for a second, then serves what the kernel kept for it. The one request that was already there
 * can't be taken back: only the drive's own watchdog ends it. It is one, it is the last of its connection, and what
 * comes next are stop words. */
Test(bus_fault, after_a_stall_at_most_the_request_under_way_takes_effect) {
    for (int i = 0; i < 3; i++) {
        field_fault(drive(), FIELD_STALL, 1000, 1);
        fly(1500);
        cr_assert_eq(drive_link()->state, LINK_UP);
    }
    int count = field_writes(drive(), writes);
    cr_expect_leq(late_writes(), 3, "%d writes took effect late", late_writes());
    for (int i = 0; i < count - 1; i++)
        if (writes[i].word[0] == BUS_RUN && bus_bench_age_ms(&writes[i]) > AGE_MS_MAX) {
            cr_expect_neq(writes[i].connection, writes[i + 1].connection, "more came on the connection that failed");
            cr_expect_eq(writes[i + 1].word[0], BUS_QUICK_STOP);
        }
    cr_expect_eq(drive_link()->generation, 4);
}

/* What the test above would find without the guards: this is what libmodbus does by itself. */
Test(bus_fault, a_master_without_the_guards_replays_them_all) {
    bus_stop(bench.bus);
    bench.bus = NULL;
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", field_port(drive()));
    modbus_set_response_timeout(modbus, 0, 40000);
    cr_assert_eq(modbus_connect(modbus), 0);
    modbus_set_slave(modbus, BUS_DRIVE + 1);
    field_fault(drive(), FIELD_STALL, 600, 1);
    for (int i = 0; i < 10; i++) {
        uint16_t words[3] = {BUS_RUN, (uint16_t)(clock_now_us() / 1000), (uint16_t)i}, read[4];
        modbus_write_and_read_registers(modbus, BUS_DRIVE_CONTROL, 3, words, BUS_DRIVE_STATUS, 4, read);
    }
    bus_bench_silence(&bench, 500);
    modbus_close(modbus);
    modbus_free(modbus);
    cr_expect_geq(late_writes(), 8);
    cr_expect_gt(field_overlaps(drive()), 5);
}

static enum quality drive_quality(void) {
    return image_read(&bench.rig, &bench.in, BUS_DRIVE, TERM_STATUS, clock_now_us()).quality;
}

Test(bus_fault, exceptions_keep_the_link_and_make_the_data_old) {
    for (int try = 0; try < BUS_BENCH_TRIES; try++) {
        struct image_link before = *drive_link();
        field_fault(drive(), FIELD_EXCEPTION, 4, 12);
        bus_bench_cycles(&bench, 100);
        enum quality meanwhile = drive_quality();
        bus_bench_cycles(&bench, 100);
        if (meanwhile == QUALITY_STALE && drive_quality() == QUALITY_GOOD &&
            drive_link()->generation == before.generation && drive_link()->errors == before.errors + 12)
            return;
        field_fault(drive(), FIELD_FINE, 0, -1);
        bus_bench_fly(&bench);
    }
    cr_assert_fail("12 exceptions are never 12 errors on one connection");
}

Test(bus_fault, a_frozen_device_behind_a_live_stack_is_no_device) {
    field_fault(drive(), FIELD_ECHO_STUCK, 0, -1);
    fly(500);
    cr_expect_gt(drive_link()->errors, 2);
    cr_expect_neq(drive_quality(), QUALITY_GOOD);
    cr_expect_eq(drive_link()->loss, LOSS_ECHO);
    field_fault(drive(), FIELD_FINE, 0, -1);
    fly(700);
    cr_expect_eq(drive_quality(), QUALITY_GOOD);
}

Test(bus_fault, an_echo_that_lags_by_one_is_fine) {
    field_fault(drive(), FIELD_ECHO_LAGS, 0, -1);
    fly(200);
    field_power(drive(), false);
    bus_bench_until(&bench, BUS_LINK_DRIVE, LINK_DOWN);
    uint32_t errors = drive_link()->errors;
    field_power(drive(), true);
    bus_bench_reconnect(&bench, BUS_LINK_DRIVE);
    fly(200);
    cr_expect_leq(drive_link()->errors, errors + 1, "a connect may fail before the server listens again");
    cr_expect_eq(drive_link()->generation, 2);
    cr_expect_eq(drive_quality(), QUALITY_GOOD);
}

/* A dead device costs its own link only. */
Test(bus_fault, one_dead_link_leaves_the_other_as_it_was) {
    field_fault(drive(), FIELD_MUTE, 0, -1);
    int before = field_requests(bench.field[BUS_LINK_SENSORS]), good = 0;
    for (int i = 0; i < 100; i++) {
        bus_bench_cycles(&bench, 10);
        good += image_read(&bench.rig, &bench.in, BUS_CELL, TERM_WEIGHT, clock_now_us()).quality == QUALITY_GOOD;
    }
    cr_expect_neq(drive_link()->state, LINK_UP);
    cr_expect_geq(field_requests(bench.field[BUS_LINK_SENSORS]) - before, 3 * 80);
    cr_expect_geq(good, 95);
}

/* Nobody listens at all: it tries, ever more slowly, and comes back when somebody does. */
Test(bus_fault, an_absent_server_is_tried_with_back_off) {
    field_power(drive(), false);
    bus_bench_cycles(&bench, 1000);
    uint32_t errors = drive_link()->errors;
    cr_expect(errors >= 5 && errors <= 9, "%u tries in a second", errors);
    field_power(drive(), true);
    bus_bench_reconnect(&bench, BUS_LINK_DRIVE);
}
