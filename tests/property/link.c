/* Random replies, random absences of the cycle and of the worker: what a link may never do, judged from outside. */
#include "controller/bus/link.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/bus_rig.h"
#include "tests/property/random.h"

#define RUNS 6000
#define ORDERS 2500
#define PERIOD_US 10000
#define TIMEOUT_US 40000

enum fate { FINE, FAILED, EXCEPTION, SHORT, WRONG_IDENTITY, WRONG_ECHO, WRONG_SETTING, LATE, FATES };

static uint64_t state;

static uint64_t draw(void) {
    return random_next(&state);
}

static int below(int count) {
    return (int)(draw() % (unsigned)count);
}

/* One link, the world around it, and what an onlooker remembers. */
static struct rig rig;
static struct image_out stop;
static struct link machine;
static struct link_words words;
static uint16_t registers[BUS_DEVICES][BUS_REGISTERS];
static int64_t now_us, tick_us;
static int cycle_absent; /* ticks that the cycle will still miss */
static int trouble;      /* per mille of replies that are spoiled */

static struct {
    bool connected, broken;    /* broken: nothing may be sent on this connection any more */
    bool identified;           /* the link came up on this connection */
    bool stopped;              /* stop words were sent on it */
    uint64_t number_when_up;
    uint32_t generation, errors;
    int64_t failed_us, backoff_us; /* 0 = none pending; the last one seen */
    int64_t slot[BUS_DEVICES];     /* release in which the device was asked last */
    int taken;         /* devices whose data this pass brought */
    int passes_in_row; /* passes that brought the data of all, since the last failure */
} seen;

static long fates[FATES], settings[FATES], steps[STEP_COUNT], resumed, refused, stops, waits_away;

static void pass_time(int64_t to_us) {
    for (; tick_us + PERIOD_US <= to_us; ) {
        tick_us += PERIOD_US;
        if (cycle_absent > 0) {
            cycle_absent--;
            continue;
        }
        if (below(2000) < trouble / 20)
            cycle_absent = below(2) ? 1 : below(12);
        words.number++;
        words.tick_us = tick_us;
        words.word[BUS_DRIVE][0] = BUS_RUN;
        words.word[BUS_DRIVE][1] = (uint16_t)words.number;
        words.word[BUS_IO][0] = 1;
        words.word[BUS_IO][1] = (uint16_t)words.number;
    }
    now_us = to_us > now_us ? to_us : now_us;
}

/* ---- what goes out ---- */

static bool rows_equal(const uint16_t *sent, const uint16_t *row, int device) {
    int count = device == BUS_DRIVE ? 2 : rig.profile[device].write_count; /* the drive's third word is the sequence */
    return memcmp(sent, row, (size_t)count * sizeof *sent) == 0;
}

static void check_words(const struct link_order *order, int device) {
    bool safe = rows_equal(order->word, stop.word[device], device);
    if (machine.step == STEP_STOP) {
        cr_assert(safe);
        cr_assert_gt(now_us - words.tick_us, 2 * PERIOD_US, "stop words while the cycle lives");
        seen.stopped = true;
        stops++;
        return;
    }
    cr_assert_not(seen.stopped, "went on after the stop words");
    if (!safe) {
        cr_assert(rows_equal(order->word, words.word[device], device), "words that nobody gave");
        cr_assert_geq(words.number, seen.number_when_up + LINK_FIRST_IMAGES, "words of before the connect");
        cr_assert_leq(now_us - words.tick_us, 2 * PERIOD_US, "old words");
        resumed++;
    }
}

static void check_pace(int device) {
    if (machine.rechecking)
        return;
    if (machine.step != STEP_UP)
        return;
    int64_t slot = (now_us - tick_us % PERIOD_US - PERIOD_US / 10) / PERIOD_US;
    cr_assert_gt(slot, seen.slot[device], "asked twice in one release");
    seen.slot[device] = slot;
}

static void check_request(const struct link_order *order) {
    cr_assert(seen.connected && !seen.broken, "a request on a connection that is no more in step");
    int device = order->unit - 1;
    cr_assert_eq(rig.device[device].link, machine.index);
    cr_assert_eq(order->write_count > 0, seen.identified && rig.profile[device].function == 23 && !machine.rechecking,
                 "written to before it was identified, or not at all");
    if (order->write_count > 0)
        check_words(order, device);
    check_pace(device);
}

static void check_connect(void) {
    cr_assert_not(seen.connected, "connects without a reset");
    if (seen.failed_us > 0) {
        static const int64_t backoffs_us[] = {10000, 20000, 50000, 100000, 200000, 500000};
        int64_t waited_us = now_us - seen.failed_us, chosen_us = 0;
        for (int i = 0; i < 6; i++)
            chosen_us = waited_us >= backoffs_us[i] ? backoffs_us[i] : chosen_us;
        cr_assert_geq(chosen_us, seen.passes_in_row > 0 ? 10000 : seen.backoff_us, "back-off shrank: %lld us",
                      (long long)waited_us);
        seen.backoff_us = chosen_us;
        seen.failed_us = 0;
        seen.passes_in_row = 0;
    }
}

/* ---- what comes in ---- */

static enum fate choose(const struct link_order *order) {
    if (below(1000) >= trouble)
        return FINE;
    enum fate fate = (enum fate)below(FATES);
    int device = order->unit - 1;
    bool identity = rig.profile[device].term[TERM_IDENTITY].present && order->read_count > 1;
    bool echo = device == BUS_DRIVE && order->write_count > 0;
    bool setting = order->read_count == 1;
    bool unfit = (fate == WRONG_IDENTITY && !identity) || (fate == WRONG_ECHO && !echo) ||
                 (fate == WRONG_SETTING && !setting);
    return unfit ? FAILED : fate;
}

static struct link_reply spoiled(const struct link_order *order, enum fate fate) {
    struct link_reply reply = bus_rig_answer(registers, order);
    bool plain = order->unit == BUS_CELL + 1 || order->unit == BUS_ENCODER + 1;
    for (int i = 0; plain && fate == FINE && i < order->read_count; i++)
        reply.word[i] = (uint16_t)draw();
    if (fate == FAILED || fate == EXCEPTION)
        reply = (struct link_reply){.outcome = fate == FAILED ? OUTCOME_FAILED : OUTCOME_EXCEPTION, .count = -1};
    if (fate == SHORT)
        reply.count--;
    if (fate == WRONG_IDENTITY)
        reply.word[rig.profile[order->unit - 1].term[TERM_IDENTITY].word] ^= (uint16_t)(1 + below(65535));
    if (fate == WRONG_ECHO)
        reply.word[2] = (uint16_t)(reply.word[2] + (below(2) ? 1 + below(30000) : -2 - below(30000)));
    if (fate == WRONG_SETTING)
        reply.word[0] = 0xFFFF;
    return reply;
}

/* A setting that is read again while the link is up gives no data, and ends the link only when it fails. */
static void after_setting(const struct image_frame *before, const struct image_frame *frame, enum fate fate) {
    bool failed = fate == FAILED || fate == SHORT;
    cr_assert_eq(memcmp(frame, before, sizeof *frame), 0);
    cr_assert_eq(machine.step, failed ? STEP_DOWN : STEP_UP);
    cr_assert(machine.report.link.setting_changed || (fate != EXCEPTION && fate != WRONG_SETTING));
    seen.errors += failed || fate == EXCEPTION;
    if (failed) {
        seen.broken = true;
        seen.failed_us = now_us;
    }
    settings[fate]++;
}

static void after_request(const struct link_order *order, enum fate fate, const struct image_frame *before,
                          const struct link_reply *reply) {
    const struct image_frame *frame = &machine.report.frame[order->unit - 1];
    bool cyclic = seen.identified && !seen.stopped;
    bool taken = frame->stamp_us != before->stamp_us;
    bool failed = fate == FAILED || (!seen.stopped && (fate == SHORT || (cyclic && fate == WRONG_IDENTITY)));
    /* A wrong echo on the first exchange of a connection is not counted as an error: the device may lag. */
    failed = failed || (cyclic && fate == WRONG_ECHO && machine.step == STEP_DOWN);
    if (taken) {
        cr_assert(cyclic && fate == FINE, "data taken from a reply of fate %d", (int)fate);
        cr_assert_eq(frame->stamp_us, now_us);
        cr_assert_eq(memcmp(frame->word, reply->word, (size_t)reply->count * sizeof reply->word[0]), 0);
    } else {
        cr_assert_eq(memcmp(frame, before, sizeof *frame), 0);
        cr_assert(!cyclic || fate != FINE, "good data not taken");
    }
    if (failed) {
        seen.errors++;
        seen.broken = true;
        seen.failed_us = machine.step == STEP_DOWN ? now_us : 0;
    }
    seen.errors += fate == EXCEPTION || (fate == LATE && cyclic);
    if (machine.step == STEP_REFUSED) {
        cr_assert(!seen.identified && (fate == EXCEPTION || fate == WRONG_IDENTITY || fate == WRONG_SETTING));
        seen.broken = true;
        refused++;
    }
    seen.taken += taken;
    if (cyclic && !failed && machine.at == 0) {
        seen.passes_in_row += seen.taken == machine.device_count;
        seen.taken = 0;
    }
}

static void do_request(const struct link_order *order) {
    check_request(order);
    enum fate fate = choose(order);
    fates[fate]++;
    struct image_frame before = machine.report.frame[order->unit - 1];
    struct link_reply reply = spoiled(order, fate);
    bool setting = machine.rechecking;
    pass_time(now_us + (fate == LATE ? TIMEOUT_US + 1 + below(100000) : fate == FAILED ? TIMEOUT_US : 50 + below(900)));
    link_done(&machine, &reply, now_us);
    if (setting)
        after_setting(&before, &machine.report.frame[order->unit - 1], fate);
    else
        after_request(order, fate, &before, &reply);
}

static void do_connect(void) {
    check_connect();
    bool succeeds = below(1000) >= trouble * 2;
    pass_time(now_us + (succeeds ? 200 : below(2) ? 200 : 200000));
    link_done(&machine, &(struct link_reply){.outcome = succeeds ? OUTCOME_DONE : OUTCOME_FAILED}, now_us);
    seen.connected = succeeds;
    seen.broken = seen.identified = seen.stopped = false;
    seen.errors += !succeeds;
    seen.failed_us = succeeds ? 0 : now_us;
    seen.taken = 0;
}

/* ---- the run ---- */

static void begin(uint64_t seed) {
    state = seed;
    bus_rig(&rig, 1502, 1503);
    for (int i = 0; i < BUS_DEVICES; i++)
        bus_rig_registers(i, registers[i]);
    image_out_stop(&rig, &stop);
    memset(&words, 0, sizeof words);
    memset(&seen, 0, sizeof seen);
    now_us = tick_us = 1000000;
    cycle_absent = below(5);
    static const int troubles[] = {0, 5, 40, 200, 500};
    trouble = troubles[below(5)];
    link_init(&machine, &rig, below(BUS_LINKS), &stop, now_us);
}

static void one_order(void) {
    if (below(3000) < trouble / 10) { /* the worker or the whole machine stands still */
        waits_away++;
        seen.failed_us = 0; /* the wait for the next try can't be measured */
        pass_time(now_us + below(60000));
    }
    bool was_up = machine.step == STEP_UP;
    struct link_order order = link_next(&machine, &words, now_us);
    steps[machine.step]++;
    if (machine.step == STEP_UP && !was_up) {
        seen.identified = true;
        seen.generation++;
        seen.number_when_up = words.number;
    }
    if (machine.step == STEP_SILENT)
        seen.failed_us = 0;
    switch (order.kind) {
    case ORDER_WAIT:
        cr_assert_leq(order.until_us, now_us + PERIOD_US, "looks away for more than a period");
        pass_time(order.until_us + below(60));
        break;
    case ORDER_RESET:
        cr_assert(seen.connected);
        seen.connected = seen.broken = seen.identified = seen.stopped = false;
        break;
    case ORDER_CONNECT:
        do_connect();
        break;
    case ORDER_REQUEST:
        do_request(&order);
        break;
    case ORDER_KIND_COUNT:
        cr_assert_fail("no such order");
    }
    cr_assert_eq(machine.report.link.errors, seen.errors, "%u errors, not %u", machine.report.link.errors, seen.errors);
    cr_assert_eq(machine.report.link.generation, seen.generation);
    cr_assert_eq(machine.report.link.state == LINK_UP, machine.step == STEP_UP);
}

Test(link, keeps_its_rules_whatever_comes, .timeout = 110) {
    for (uint64_t run = 0; run < RUNS; run++) {
        begin(run + 1);
        for (int i = 0; i < ORDERS; i++)
            one_order();
    }
    for (int i = 0; i < FATES; i++)
        cr_expect_gt(fates[i], 2000, "fate %d came %ld times only", i, fates[i]);
    static const enum fate of_settings[] = {FINE, FAILED, EXCEPTION, SHORT, WRONG_SETTING, LATE};
    for (size_t i = 0; i < sizeof of_settings / sizeof of_settings[0]; i++)
        cr_expect_gt(settings[of_settings[i]], 100, "%ld settings of fate %zu", settings[of_settings[i]], i);
    for (int i = STEP_DOWN; i < STEP_COUNT; i++)
        cr_expect_gt(steps[i], 500, "step %s was seen %ld times only", link_step_name((enum link_step)i), steps[i]);
    cr_expect_gt(resumed, 1000000);
    cr_expect_gt(refused, 5000);
    cr_expect_gt(stops, 500);
    cr_expect_gt(waits_away, 50000);
}
