/* The state machine of a link: its table cell by cell, and what it orders, accepts and refuses. */
#include "controller/bus/link.h"

#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "tests/bus_rig.h"

#define PERIOD_US 10000
#define OFFSET_US 1000 /* of a release from its tick */

static struct rig rig;
static struct image_out stop;
static struct link machine;
static struct link_words words;
static uint16_t registers[BUS_DEVICES][BUS_REGISTERS];
static int64_t now_us;

static void open_link(int index) {
    bus_rig(&rig, 1502, 1503);
    for (int i = 0; i < BUS_DEVICES; i++)
        bus_rig_registers(i, registers[i]);
    image_out_stop(&rig, &stop);
    memset(&words, 0, sizeof words);
    now_us = 5000000;
    link_init(&machine, &rig, index, &stop, now_us);
}

static void open_drive(void) {
    open_link(BUS_LINK_DRIVE);
}

TestSuite(link, .init = open_drive, .timeout = 60);

static struct link_order next(void) {
    return link_next(&machine, &words, now_us);
}

static void done(enum link_outcome outcome, int64_t took_us) {
    now_us += took_us;
    link_done(&machine, &(struct link_reply){.outcome = outcome}, now_us);
}

static void answer(const struct link_order *order, int64_t took_us) {
    struct link_reply reply = bus_rig_answer(registers, order);
    now_us += took_us;
    link_done(&machine, &reply, now_us);
}

static int64_t stamp_us(void) {
    return machine.report.frame[BUS_DRIVE].stamp_us;
}

/* The cycle hands words over at `tick_us`. */
static void tick(int64_t tick_us) {
    words.number++;
    words.tick_us = tick_us;
    words.word[BUS_DRIVE][0] = BUS_RUN;
    words.word[BUS_DRIVE][1] = (uint16_t)words.number;
}

/* Time goes on to the end of all waits; the cycle ticks every period, when it `lives`. Returns the next other order. */
static struct link_order next_of_any_kind(bool lives) {
    for (int i = 0; i < 1000; i++) {
        struct link_order order = next();
        if (order.kind != ORDER_WAIT)
            return order;
        while (lives && words.tick_us + PERIOD_US <= order.until_us)
            tick(words.tick_us + PERIOD_US);
        now_us = order.until_us > now_us ? order.until_us : now_us;
    }
    cr_assert_fail("waits for ever in step %s", link_step_name(machine.step));
    return (struct link_order){.kind = ORDER_WAIT};
}

/* Settings that are read again between the passes are answered on the way. */
static struct link_order next_not_wait(bool lives) {
    struct link_order order = next_of_any_kind(lives);
    while (machine.rechecking) {
        answer(&order, 100);
        order = next_of_any_kind(lives);
    }
    return order;
}

static struct link_order healthy_until(enum link_step step, bool lives) {
    for (int i = 0; i < 50; i++) {
        struct link_order order = next_not_wait(lives);
        if (machine.step == step)
            return order;
        if (order.kind == ORDER_CONNECT)
            done(OUTCOME_DONE, 100);
        else if (order.kind == ORDER_REQUEST)
            answer(&order, 100);
    }
    cr_assert_fail("never comes to step %s", link_step_name(step));
    return (struct link_order){.kind = ORDER_WAIT};
}

/* Up, the cycle alive, its words on the wire; returns the order of the next pass. */
static struct link_order up_with_cycle(void) {
    tick(now_us);
    struct link_order order = healthy_until(STEP_UP, true);
    for (int i = 0; i < 4; i++) {
        answer(&order, 100);
        order = next_not_wait(true);
    }
    return order;
}

/* ---- the table ---- */

Test(link, every_cell) {
    static const struct {
        enum link_step from;
        enum link_event event;
        enum link_step to;
    } allowed[] = {
        {STEP_DOWN, LINK_EVENT_DUE, STEP_CONNECT},
        {STEP_DOWN, LINK_EVENT_CYCLE_LOST, STEP_SILENT},
        {STEP_CONNECT, LINK_EVENT_CONNECTED, STEP_IDENTIFY},
        {STEP_CONNECT, LINK_EVENT_FAILED, STEP_DOWN},
        {STEP_IDENTIFY, LINK_EVENT_ANSWERED, STEP_IDENTIFY},
        {STEP_IDENTIFY, LINK_EVENT_EXCEPTION, STEP_REFUSED},
        {STEP_IDENTIFY, LINK_EVENT_REFUSED, STEP_REFUSED},
        {STEP_IDENTIFY, LINK_EVENT_COMPLETE, STEP_UP},
        {STEP_IDENTIFY, LINK_EVENT_FAILED, STEP_DOWN},
        {STEP_IDENTIFY, LINK_EVENT_CYCLE_LOST, STEP_SILENT},
        {STEP_REFUSED, LINK_EVENT_DUE, STEP_CONNECT},
        {STEP_REFUSED, LINK_EVENT_CYCLE_LOST, STEP_SILENT},
        {STEP_UP, LINK_EVENT_ANSWERED, STEP_UP},
        {STEP_UP, LINK_EVENT_EXCEPTION, STEP_UP},
        {STEP_UP, LINK_EVENT_REFUSED, STEP_UP},
        {STEP_UP, LINK_EVENT_FAILED, STEP_DOWN},
        {STEP_UP, LINK_EVENT_CYCLE_LOST, STEP_STOP},
        {STEP_STOP, LINK_EVENT_ANSWERED, STEP_STOP},
        {STEP_STOP, LINK_EVENT_EXCEPTION, STEP_STOP},
        {STEP_STOP, LINK_EVENT_COMPLETE, STEP_SILENT},
        {STEP_STOP, LINK_EVENT_FAILED, STEP_SILENT},
        {STEP_STOP, LINK_EVENT_CYCLE_LOST, STEP_STOP},
        {STEP_SILENT, LINK_EVENT_CYCLE_LOST, STEP_SILENT},
        {STEP_SILENT, LINK_EVENT_CYCLE_BACK, STEP_DOWN},
    };
    for (int from = STEP_DOWN; from < STEP_COUNT; from++)
        for (int event = 0; event < LINK_EVENT_COUNT; event++) {
            enum link_step expected = STEP_NONE;
            for (size_t i = 0; i < sizeof allowed / sizeof allowed[0]; i++)
                if (allowed[i].from == (enum link_step)from && allowed[i].event == (enum link_event)event)
                    expected = allowed[i].to;
            cr_expect_eq(link_transition((enum link_step)from, (enum link_event)event), expected, "%s, %s",
                         link_step_name((enum link_step)from), link_event_name((enum link_event)event));
        }
}

/* ---- coming up ---- */

Test(link, starts_with_a_connect_at_once) {
    cr_assert_eq(machine.report.link.state, LINK_DOWN);
    cr_assert_eq(next().kind, ORDER_CONNECT);
    cr_assert_eq(machine.step, STEP_CONNECT);
}

Test(link, reads_identity_and_every_setting_before_it_writes) {
    next();
    done(OUTCOME_DONE, 100);
    cr_assert_eq(machine.report.link.state, LINK_CONNECTING);
    static const uint16_t wires[] = {BUS_DRIVE_STATUS, BUS_DRIVE_WATCHDOG, BUS_DRIVE_REACTION, BUS_DRIVE_HOLD};
    static const uint16_t counts[] = {4, 1, 1, 1};
    for (int i = 0; i < 4; i++) {
        struct link_order order = next();
        cr_expect_eq(order.kind, ORDER_REQUEST);
        cr_expect_eq(order.function, 3);
        cr_expect_eq(order.unit, 1);
        cr_expect_eq(order.read_wire, wires[i]);
        cr_expect_eq(order.read_count, counts[i]);
        cr_expect_eq(order.write_count, 0);
        cr_expect_eq(machine.report.link.generation, 0);
        answer(&order, 100);
    }
    cr_assert_eq(next().kind, ORDER_WAIT);
    cr_assert_eq(machine.report.link.state, LINK_UP);
    cr_assert_eq(machine.report.link.generation, 1);
}

Test(link, asks_its_devices_in_order_with_their_functions) {
    open_link(BUS_LINK_SENSORS);
    struct link_order order = healthy_until(STEP_UP, true);
    static const uint8_t functions[] = {3, 4, 23};
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(order.unit, BUS_CELL + 1 + i);
        cr_expect_eq(order.function, functions[i]);
        cr_expect_eq(order.read_wire, rig.profile[BUS_CELL + i].read_wire);
        cr_expect_eq(order.read_count, rig.profile[BUS_CELL + i].read_count);
        cr_expect_eq(order.write_count, i == 2 ? 2 : 0);
        answer(&order, 100);
        order = next();
    }
    cr_assert_eq(order.kind, ORDER_WAIT);
    cr_assert_geq(machine.report.link.round_trip_us, 300);
}

Test(link, a_setting_outside_its_range_is_refused_and_tried_again_slowly) {
    static const struct {
        uint16_t wire, value;
        int check;
    } bad[] = {
        {BUS_DRIVE_IDENTITY, 0xB1D2, -1}, {BUS_DRIVE_WATCHDOG, 0, 0},  {BUS_DRIVE_WATCHDOG, 51, 0},
        {BUS_DRIVE_REACTION, 5, 1},       {BUS_DRIVE_REACTION, 8, 1},   {BUS_DRIVE_HOLD, 0, 2},
        {BUS_DRIVE_HOLD, 501, 2},         {BUS_DRIVE_WATCHDOG, 31, 0},  {BUS_DRIVE_HOLD, 79, 2},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        open_drive();
        registers[BUS_DRIVE][bad[i].wire] = bad[i].value;
        cr_assert_eq(healthy_until(STEP_REFUSED, true).kind, ORDER_RESET);
        cr_expect_eq(machine.report.link.state, LINK_REFUSED);
        cr_expect_eq(machine.report.link.refused_device, BUS_DRIVE);
        cr_expect_eq(machine.report.link.refused_check, bad[i].check);
        int64_t refused_us = now_us;
        cr_expect_eq(next_not_wait(true).kind, ORDER_CONNECT);
        cr_expect_eq(now_us - refused_us, LINK_REFUSED_RETRY_MS * 1000);
        done(OUTCOME_DONE, 100);
        cr_expect_eq(machine.report.link.state, LINK_REFUSED, "shown while it is tried again");
        bus_rig_registers(BUS_DRIVE, registers[BUS_DRIVE]);
        healthy_until(STEP_UP, true);
        cr_expect_eq(machine.report.link.state, LINK_UP);
    }
}

Test(link, what_the_rig_just_bears_is_accepted) {
    registers[BUS_DRIVE][BUS_DRIVE_WATCHDOG] = 30;
    registers[BUS_DRIVE][BUS_DRIVE_HOLD] = 80;
    healthy_until(STEP_UP, true);
}

Test(link, only_masked_bits_are_checked) {
    registers[BUS_DRIVE][BUS_DRIVE_REACTION] = 0xAB07;
    healthy_until(STEP_UP, true);
}

Test(link, a_setting_that_cannot_be_read_is_refused) {
    next();
    done(OUTCOME_DONE, 100);
    struct link_order order = next();
    answer(&order, 100);
    next();
    done(OUTCOME_EXCEPTION, 100);
    cr_assert_eq(machine.step, STEP_REFUSED);
    cr_assert_eq(machine.report.link.refused_check, 0);
    cr_assert_eq(machine.report.link.errors, 1);
}

/* ---- settings read again ---- */

/* Answers everything, cyclic or not, for `time_us`; counts the settings read. */
static int settings_read(int64_t time_us, uint16_t *wires, int most) {
    int count = 0;
    for (int64_t end_us = now_us + time_us; now_us < end_us;) {
        struct link_order order = next_of_any_kind(true);
        if (machine.rechecking) {
            cr_assert_eq(order.kind, ORDER_REQUEST);
            cr_assert_eq(order.read_count, 1);
            cr_assert_eq(order.write_count, 0);
            cr_assert_lt(count, most);
            wires[count++] = order.read_wire;
        }
        answer(&order, 100);
    }
    return count;
}

Test(link, reads_one_setting_again_every_100_ms_in_turn) {
    uint16_t wires[16];
    struct link_order order = up_with_cycle();
    answer(&order, 100);
    int count = settings_read(LINK_RECHECK_MS * 1000 * 10, wires, 16);
    cr_assert_geq(count, 10);
    cr_assert_leq(count, 11);
    for (int i = 0; i < count; i++)
        cr_expect_eq(wires[i], rig.profile[BUS_DRIVE].check[i % 3].wire);
    open_link(BUS_LINK_SENSORS); /* one setting among three devices */
    order = up_with_cycle();
    answer(&order, 100);
    count = settings_read(LINK_RECHECK_MS * 1000 * 10, wires, 16);
    cr_assert_geq(count, 10);
    cr_expect_eq(wires[count - 1], BUS_IO_WATCHDOG);
}

Test(link, a_setting_changed_in_flight_is_reported_in_its_time_and_keeps_the_link) {
    static const struct {
        uint16_t wire, value;
        int check;
    } bad[] = {{BUS_DRIVE_WATCHDOG, 0, 0}, {BUS_DRIVE_WATCHDOG, 51, 0}, {BUS_DRIVE_REACTION, 0, 1}};
    uint16_t wires[16];
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        for (int phase = 0; phase < 20; phase++) {
            open_drive();
            struct link_order order = up_with_cycle();
            answer(&order, 100);
            settings_read(phase * PERIOD_US, wires, 16);
            registers[BUS_DRIVE][bad[i].wire] = bad[i].value;
            cr_expect_not(machine.report.link.setting_changed);
            settings_read(rig.profile[BUS_DRIVE].check_count * LINK_RECHECK_MS * 1000, wires, 16);
            cr_assert(machine.report.link.setting_changed, "case %zu, phase %d", i, phase);
            cr_expect_eq(machine.report.link.refused_device, BUS_DRIVE);
            cr_expect_eq(machine.report.link.refused_check, bad[i].check);
            cr_expect_eq(machine.step, STEP_UP, "the cycle still has a winch to stop");
            cr_expect_eq(machine.report.link.errors, 0);
        }
        bus_rig_registers(BUS_DRIVE, registers[BUS_DRIVE]);
        settings_read(rig.profile[BUS_DRIVE].check_count * LINK_RECHECK_MS * 1000, wires, 16);
        cr_expect_not(machine.report.link.setting_changed, "set right again");
    }
}

Test(link, a_setting_that_cannot_be_read_any_more_is_reported) {
    struct link_order order = up_with_cycle();
    while (!machine.rechecking) {
        answer(&order, 100);
        order = next_of_any_kind(true);
    }
    done(OUTCOME_EXCEPTION, 100);
    cr_expect(machine.report.link.setting_changed);
    cr_expect_eq(machine.report.link.errors, 1);
    cr_expect_eq(machine.step, STEP_UP);
}

Test(link, a_setting_without_an_answer_ends_the_link_as_any_request) {
    struct link_order order = up_with_cycle();
    while (!machine.rechecking) {
        answer(&order, 100);
        order = next_of_any_kind(true);
    }
    done(OUTCOME_FAILED, 40000);
    cr_expect_eq(machine.step, STEP_DOWN);
    cr_expect_not(machine.report.link.setting_changed);
    cr_expect_eq(next().kind, ORDER_RESET);
}

/* ---- errors ---- */

Test(link, backs_off_longer_and_longer_until_a_full_pass) {
    static const int expected_ms[] = {10, 20, 50, 100, 200, 500, 500, 500};
    struct link_order order = next();
    for (int i = 0; i < 8; i++) {
        cr_assert_eq(order.kind, ORDER_CONNECT);
        done(OUTCOME_FAILED, 300);
        int64_t failed_us = now_us;
        order = next_not_wait(true);
        cr_expect_eq(now_us - failed_us, expected_ms[i] * 1000, "try %d: %lld us", i, (long long)(now_us - failed_us));
    }
    /* A connect and good checks are no full pass. */
    done(OUTCOME_DONE, 100);
    order = healthy_until(STEP_UP, true);
    done(OUTCOME_FAILED, 100);
    int64_t failed_us = now_us;
    cr_expect_eq(next().kind, ORDER_RESET);
    next_not_wait(true);
    cr_expect_eq(now_us - failed_us, 500000);
    done(OUTCOME_DONE, 100);
    order = healthy_until(STEP_UP, true);
    answer(&order, 100);
    next_not_wait(true);
    done(OUTCOME_FAILED, 100);
    failed_us = now_us;
    cr_expect_eq(next().kind, ORDER_RESET);
    next_not_wait(true);
    cr_expect_eq(now_us - failed_us, 10000);
}

/* It answers and is in step, but never with data: as good as not there. */
Test(link, a_pass_without_data_does_not_shorten_the_back_off) {
    static const int expected_ms[] = {10, 20, 50};
    for (int i = 0; i < 3; i++) {
        healthy_until(STEP_UP, true);
        done(OUTCOME_EXCEPTION, 100);
        next_not_wait(true);
        done(OUTCOME_FAILED, 100);
        int64_t failed_us = now_us;
        cr_expect_eq(next().kind, ORDER_RESET);
        cr_expect_eq(next_not_wait(true).kind, ORDER_CONNECT);
        cr_expect_eq(now_us - failed_us, expected_ms[i] * 1000);
        done(OUTCOME_DONE, 100);
    }
}

Test(link, an_error_resets_and_leaves_the_frames_as_they_were) {
    struct link_order order = up_with_cycle();
    struct image_frame before = machine.report.frame[BUS_DRIVE];
    cr_assert_gt(before.stamp_us, 0);
    registers[BUS_DRIVE][BUS_DRIVE_STATUS] = 0x5555;
    done(OUTCOME_FAILED, 40000);
    cr_expect_eq(machine.report.link.state, LINK_DOWN);
    cr_expect_eq(machine.report.link.errors, 1);
    cr_expect_eq(machine.report.link.generation, 1, "counted at the next connect");
    cr_expect_eq(next().kind, ORDER_RESET);
    cr_expect_eq(memcmp(&before, &machine.report.frame[BUS_DRIVE], sizeof before), 0);
    order = healthy_until(STEP_UP, true);
    cr_expect_eq(machine.report.link.generation, 2);
    cr_expect_eq(stamp_us(), 0, "what was read before the reconnect counts no more");
    answer(&order, 100);
    cr_expect_eq(machine.report.frame[BUS_DRIVE].word[0], 0x5555);
}

Test(link, an_exception_keeps_the_link_and_gives_no_data) {
    up_with_cycle();
    int64_t before_us = stamp_us();
    for (int i = 1; i <= 5; i++) {
        done(OUTCOME_EXCEPTION, 100);
        cr_expect_eq(machine.step, STEP_UP);
        cr_expect_eq(machine.report.link.errors, (uint32_t)i);
        cr_expect_eq(stamp_us(), before_us);
        cr_assert_eq(next_not_wait(true).kind, ORDER_REQUEST);
    }
}

/* What makes an answer no answer. */
static void spoil_count(struct link_reply *reply) {
    reply->count--;
}

static void spoil_identity(struct link_reply *reply) {
    reply->word[3] ^= 1;
}

static void spoil_echo_new(struct link_reply *reply) {
    reply->word[2]++;
}

static void spoil_echo_old(struct link_reply *reply) {
    reply->word[2] = (uint16_t)(reply->word[2] - 2);
}

Test(link, an_answer_with_a_wrong_length_identity_or_echo_resets) {
    static void (*const spoil[])(struct link_reply *) = {spoil_count, spoil_identity, spoil_echo_new, spoil_echo_old};
    for (size_t i = 0; i < sizeof spoil / sizeof spoil[0]; i++) {
        open_drive();
        struct link_order order = up_with_cycle();
        int64_t before_us = stamp_us();
        struct link_reply reply = bus_rig_answer(registers, &order);
        spoil[i](&reply);
        link_done(&machine, &reply, now_us + 100);
        cr_expect_eq(machine.step, STEP_DOWN, "case %zu", i);
        cr_expect_eq(machine.report.link.errors, 1);
        cr_expect_eq(stamp_us(), before_us);
        cr_expect_eq(next().kind, ORDER_RESET);
    }
}

Test(link, says_why_it_was_lost_and_the_tries_after_it_hide_nothing) {
    cr_expect_eq(machine.report.link.loss, LOSS_NONE);
    next();
    done(OUTCOME_FAILED, 100);
    cr_expect_eq(machine.report.link.loss, LOSS_CONNECT, "never up: why the last try failed");
    cr_expect_eq(machine.report.link.loss_device, -1);
    struct link_order order = up_with_cycle();
    now_us += 40000;
    link_done(&machine, &(struct link_reply){.outcome = OUTCOME_FAILED, .loss = LOSS_TIMEOUT}, now_us);
    for (int i = 0; i < 3; i++) {
        cr_expect_eq(machine.report.link.loss, LOSS_TIMEOUT);
        cr_expect_eq(machine.report.link.loss_device, BUS_DRIVE);
        order = next_not_wait(true);
        order = order.kind == ORDER_RESET ? next_not_wait(true) : order;
        cr_assert_eq(order.kind, ORDER_CONNECT);
        done(OUTCOME_FAILED, 100);
    }
    order = up_with_cycle();
    struct link_reply reply = bus_rig_answer(registers, &order);
    reply.word[3] ^= 1;
    link_done(&machine, &reply, now_us);
    cr_expect_eq(machine.report.link.loss, LOSS_IDENTITY);
    order = up_with_cycle();
    while (machine.step == STEP_UP) {
        answer(&order, 100);
        order = next_not_wait(false);
    }
    cr_expect_eq(machine.report.link.loss, LOSS_CYCLE);
}

/* A device that answers from its last scan echoes the number before; on a new connection that number is not known. */
Test(link, an_echo_may_lag_by_one) {
    struct link_order order = healthy_until(STEP_UP, true);
    uint16_t last = 0x7777;
    for (int i = 0; i < 5; i++) {
        struct link_reply reply = bus_rig_answer(registers, &order);
        uint16_t sent = reply.word[2];
        reply.word[2] = last;
        last = sent;
        link_done(&machine, &reply, now_us += 100);
        cr_expect_eq(machine.step, STEP_UP);
        cr_expect_eq(stamp_us(), i == 0 ? 0 : now_us, "the first one proves nothing");
        order = next_not_wait(true);
    }
}

/* Right by number, but it is the one of before the reconnect: nothing shows that this request was carried out. */
Test(link, an_echo_of_the_last_connection_proves_nothing) {
    up_with_cycle();
    done(OUTCOME_FAILED, 40000);
    struct link_order order = healthy_until(STEP_UP, true);
    int64_t before_us = stamp_us();
    struct link_reply reply = bus_rig_answer(registers, &order);
    reply.word[2]--;
    link_done(&machine, &reply, now_us += 100);
    cr_expect_eq(machine.step, STEP_UP);
    cr_expect_eq(stamp_us(), before_us);
}

/* A request that was refused was not carried out: a lagging device then echoes the number of the one before that. */
Test(link, an_exception_may_leave_a_gap_in_the_echoes) {
    struct link_order order = up_with_cycle();
    uint16_t carried_out = order.word[2];
    answer(&order, 100);
    next_not_wait(true);
    done(OUTCOME_EXCEPTION, 100);
    order = next_not_wait(true);
    struct link_reply reply = bus_rig_answer(registers, &order);
    reply.word[2] = carried_out;
    link_done(&machine, &reply, now_us += 100);
    cr_expect_eq(machine.step, STEP_UP);
    cr_expect_eq(machine.report.link.errors, 1);
    order = next_not_wait(true);
    answer(&order, 100);
    cr_expect_eq(stamp_us(), now_us);
}

Test(link, the_sequence_goes_on_over_connects_and_wraps) {
    up_with_cycle();
    uint16_t before = machine.sequence[BUS_DRIVE];
    done(OUTCOME_FAILED, 100);
    struct link_order order = healthy_until(STEP_UP, true);
    cr_expect_eq(order.word[2], before + 1);
    machine.sequence[BUS_DRIVE] = UINT16_MAX - 2;
    machine.echo_known[BUS_DRIVE] = false;
    answer(&order, 100);
    for (int i = 0; i < 5; i++) {
        order = next_not_wait(true);
        answer(&order, 100);
        cr_expect_eq(stamp_us(), now_us);
    }
    cr_expect_eq(machine.report.frame[BUS_DRIVE].word[2], 2);
}

/* libmodbus found the reply, but only after this thread had stood still: in step, of unknown age. */
Test(link, an_answer_that_took_longer_than_the_timeout_is_not_taken) {
    struct link_order order = up_with_cycle();
    int64_t before_us = stamp_us();
    answer(&order, 40001);
    cr_expect_eq(machine.step, STEP_UP);
    cr_expect_eq(machine.report.link.errors, 1);
    cr_expect_eq(stamp_us(), before_us);
}

/* ---- pace ---- */

Test(link, releases_a_tenth_of_a_period_after_each_tick) {
    struct link_order order = up_with_cycle();
    for (int i = 0; i < 20; i++) {
        cr_expect_eq((now_us - words.tick_us), OFFSET_US);
        cr_expect_eq(order.word[1], (uint16_t)words.number, "the words of this very tick");
        answer(&order, 150 + 50 * i);
        order = next_not_wait(true);
    }
}

Test(link, runs_free_on_its_own_period_before_the_first_words) {
    struct link_order order = healthy_until(STEP_UP, false);
    int64_t last_us = now_us;
    for (int i = 0; i < 10; i++) {
        cr_expect_eq(order.word[0], BUS_QUICK_STOP);
        answer(&order, 400);
        order = next_not_wait(false);
        cr_expect_eq(now_us - last_us, PERIOD_US);
        last_us = now_us;
    }
}

Test(link, a_pass_that_takes_too_long_skips_and_never_bursts) {
    struct link_order order = up_with_cycle();
    int64_t release_us = now_us;
    answer(&order, 23000);
    order = next_not_wait(true);
    cr_expect_eq(now_us - release_us, 3 * PERIOD_US);
    answer(&order, 100);
    order = next_not_wait(true);
    cr_expect_eq(now_us - release_us, 4 * PERIOD_US);
}

Test(link, follows_a_tick_that_moved) {
    struct link_order order = up_with_cycle();
    answer(&order, 100);
    tick(words.tick_us + 13700);
    now_us = words.tick_us;
    order = next_not_wait(true);
    answer(&order, 100);
    next_not_wait(true);
    cr_expect_eq(now_us, words.tick_us + OFFSET_US);
}

/* ---- words of the cycle ---- */

Test(link, sends_stop_words_until_the_cycle_has_answered_a_connect_twice) {
    up_with_cycle();
    done(OUTCOME_FAILED, 100);
    healthy_until(STEP_CONNECT, true);
    done(OUTCOME_DONE, 100);
    struct link_order order = healthy_until(STEP_UP, false);
    uint64_t at_connect = words.number;
    for (uint64_t handed = 0; handed < 4; handed++) {
        bool resumed = handed >= LINK_FIRST_IMAGES;
        cr_expect_eq(words.number, at_connect + handed);
        cr_expect_eq(order.word[0], resumed ? BUS_RUN : BUS_QUICK_STOP, "%d words after the connect", (int)handed);
        cr_expect_eq(order.word[1], resumed ? (uint16_t)words.number : 0);
        answer(&order, 100);
        tick(words.tick_us + PERIOD_US);
        now_us = words.tick_us + 500;
        order = next_not_wait(false);
    }
}

Test(link, words_of_a_lost_cycle_are_never_sent) {
    struct link_order order = up_with_cycle();
    int64_t tick_us = words.tick_us;
    for (int i = 0; i < 10; i++) {
        bool stopping = now_us - tick_us > LINK_CYCLE_LOST_PERIODS * PERIOD_US;
        cr_expect_eq(order.word[0], stopping ? BUS_QUICK_STOP : BUS_RUN);
        if (stopping)
            break;
        answer(&order, 100);
        order = next_not_wait(false);
    }
    cr_expect_eq(now_us - tick_us, 2 * PERIOD_US + OFFSET_US);
    cr_expect_eq(machine.step, STEP_STOP);
    cr_expect_eq(machine.report.link.state, LINK_DOWN);
    cr_expect_eq(order.word[1], 0);
    answer(&order, 100);
    cr_expect_eq(next().kind, ORDER_WAIT);
    cr_expect_eq(next().kind, ORDER_RESET);
    for (int i = 0; i < 100; i++) {
        order = next();
        cr_assert_eq(order.kind, ORDER_WAIT);
        cr_assert_leq(order.until_us, now_us + PERIOD_US);
        now_us = order.until_us;
    }
    cr_expect_eq(machine.report.link.generation, 1);
    tick(now_us);
    order = healthy_until(STEP_UP, true);
    cr_expect_eq(machine.report.link.generation, 2);
    cr_expect_eq(order.word[0], BUS_QUICK_STOP);
}

Test(link, stop_words_go_to_the_devices_that_are_written_only) {
    open_link(BUS_LINK_SENSORS);
    struct link_order order = up_with_cycle();
    while (machine.step == STEP_UP) {
        answer(&order, 100);
        order = next_not_wait(false);
    }
    cr_expect_eq(machine.step, STEP_STOP);
    cr_expect_eq(order.unit, BUS_IO + 1);
    cr_expect_eq(order.word[0], 0);
    done(OUTCOME_EXCEPTION, 100);
    cr_expect_eq(next().kind, ORDER_WAIT);
    cr_expect_eq(next().kind, ORDER_RESET);
    cr_expect_eq(machine.step, STEP_SILENT);
}

/* The whole machine stood still: the words are old, but nobody knows yet who was late. Nothing is sent for a period. */
Test(link, after_its_own_absence_it_waits_for_new_words_and_goes_on) {
    struct link_order order = up_with_cycle();
    answer(&order, 100);
    now_us += 35000;
    order = next();
    cr_expect_eq(order.kind, ORDER_WAIT);
    tick(words.tick_us + 4 * PERIOD_US);
    now_us = order.until_us;
    order = next();
    cr_expect_eq(order.kind, ORDER_REQUEST);
    cr_expect_eq(order.word[1], (uint16_t)words.number);
    cr_expect_eq(machine.report.link.generation, 1);
}

Test(link, after_its_own_absence_and_no_new_words_it_stops) {
    struct link_order order = up_with_cycle();
    answer(&order, 100);
    now_us += 10000000;
    order = next();
    cr_expect_eq(order.kind, ORDER_WAIT);
    now_us = order.until_us;
    order = next();
    cr_expect_eq(order.kind, ORDER_REQUEST);
    cr_expect_eq(order.word[0], BUS_QUICK_STOP);
}

Test(link, does_not_connect_for_a_lost_cycle) {
    tick(now_us);
    next();
    done(OUTCOME_FAILED, 100);
    for (int i = 0; i < 200; i++) {
        struct link_order order = next();
        cr_assert(order.kind == ORDER_WAIT || words.tick_us + 2 * PERIOD_US >= now_us);
        if (order.kind == ORDER_CONNECT)
            done(OUTCOME_FAILED, 100);
        else
            now_us = order.until_us;
    }
    cr_expect_eq(machine.step, STEP_SILENT);
}

/* ---- the end ---- */

Test(link, ends_through_the_stop_words) {
    struct link_order order = up_with_cycle();
    answer(&order, 100);
    link_end(&machine);
    cr_expect_not(link_ended(&machine));
    order = next();
    cr_expect_eq(order.kind, ORDER_REQUEST);
    cr_expect_eq(order.word[0], BUS_QUICK_STOP);
    answer(&order, 100);
    next();
    cr_expect_not(link_ended(&machine));
    cr_expect_eq(next().kind, ORDER_RESET);
    cr_expect(link_ended(&machine));
}

Test(link, ends_from_every_step) {
    static const enum link_step steps[] = {STEP_DOWN, STEP_IDENTIFY, STEP_REFUSED, STEP_UP, STEP_SILENT};
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        open_drive();
        tick(now_us);
        registers[BUS_DRIVE][BUS_DRIVE_WATCHDOG] = steps[i] == STEP_REFUSED ? 0 : 15;
        if (steps[i] != STEP_DOWN) {
            struct link_order order = healthy_until(steps[i], steps[i] != STEP_SILENT);
            if (order.kind == ORDER_REQUEST)
                answer(&order, 100);
        }
        link_end(&machine);
        for (int k = 0; k < 10 && !link_ended(&machine); k++) {
            struct link_order order = next();
            cr_assert_neq(order.kind, ORDER_CONNECT);
            if (order.kind == ORDER_REQUEST)
                answer(&order, 100);
        }
        cr_expect(link_ended(&machine), "from %s", link_step_name(steps[i]));
    }
}

/* ---- misuse ---- */

Test(link, a_reply_that_nobody_ordered_is_a_bug, .signal = SIGABRT) {
    done(OUTCOME_DONE, 0);
}

Test(link, a_second_order_before_the_first_is_done_is_a_bug, .signal = SIGABRT) {
    next();
    next();
}

Test(link, a_tick_in_the_future_is_a_bug, .signal = SIGABRT) {
    tick(now_us + 2 * PERIOD_US);
    next();
}
