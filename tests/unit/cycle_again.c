/* What happens behind a fault that is latched already: a later cause, and the same one once more. */
#include <criterion/criterion.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

static struct bench *b;

/* The cell was away, and is back: its fault waits for the reset. */
static void setup(void) {
    b = bench_new();
    b->silent[BENCH_CELL] = true;
    bench_run_ms(b, 300);
    b->silent[BENCH_CELL] = false;
    bench_run_ms(b, 2000);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_TENSION_STALE);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_again, .init = setup, .fini = teardown);

/* Events of this kind about the fault, while the device is silent, or not, for `ms`. */
static int told(enum event_kind kind, enum fault_id fault, int device, bool silent, int ms) {
    int count = 0;
    b->silent[device] = silent;
    for (int i = 0; i < ms / b->rig.cycle_ms; i++) {
        bench_run(b, 1);
        for (int k = 0; k < b->out.event_count; k++)
            count += b->out.events[k].kind == kind && b->out.events[k].to == (int)fault && b->out.events[k].axis == 0;
    }
    return count;
}

static bool there(enum fault_id fault) {
    return fault_has(bench_axis(b)->there_mask, (int)fault);
}

/* A shorted cell passes the tension limit on its way to where no rope could pull. */
Test(cycle_again, a_load_cell_that_fails_is_named_before_what_it_made_up) {
    for (int late = 0; late < 2; late++) {
        bench_free(b);
        b = bench_new();
        b->rig.axis[0].belay.present = false;
        cycle_init(b->cycle, &b->rig);
        bench_run(b, 20);
        b->tension_n = b->rig.axis[0].limits.tension_max_n + 100;
        bench_run(b, 4);
        cr_assert_eq(b->out.snapshot.first_out, FAULT_OVERTENSION, "%s", fault_text(b->out.snapshot.first_out)->name);
        bench_run(b, late ? 40 : 4);
        b->tension_n = b->rig.axis[0].monitors.tension_high_n + 1000;
        bench_run(b, 4);
        cr_assert(fault_has(b->out.snapshot.fault_mask, FAULT_TENSION_IMPLAUSIBLE));
        cr_expect_eq(b->out.snapshot.first_out, late ? FAULT_OVERTENSION : FAULT_TENSION_IMPLAUSIBLE);
        cr_expect_eq(b->out.snapshot.first_out_axis, 0);
    }
}

Test(cycle_again, a_later_outage_is_latched_and_told_behind_the_first_fault) {
    cr_expect_eq(told(EVENT_FAULT, FAULT_DRIVE_STALE, BENCH_DRIVE, true, 500), 1);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_TENSION_STALE, "the first stays the first");
    cr_expect_eq(bench_axis(b)->fault_mask, FAULT_BIT(TENSION_STALE) | FAULT_BIT(DRIVE_STALE));
    cr_expect(there(FAULT_DRIVE_STALE) && !there(FAULT_TENSION_STALE));
    cr_expect_neq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

Test(cycle_again, a_second_outage_is_told_although_its_fault_is_latched) {
    const int64_t first_us = b->out.snapshot.first_out_us;
    cr_expect_not(there(FAULT_TENSION_STALE));
    cr_expect_eq(told(EVENT_AGAIN, FAULT_TENSION_STALE, BENCH_CELL, true, 3000), 1);
    cr_expect(there(FAULT_TENSION_STALE));
    cr_expect_eq(told(EVENT_AGAIN, FAULT_TENSION_STALE, BENCH_CELL, false, 3000), 0);
    cr_expect_eq(told(EVENT_AGAIN, FAULT_TENSION_STALE, BENCH_CELL, true, 300), 1);
    cr_expect_eq(b->out.snapshot.first_out_us, first_us);
}

/* A device that comes and goes many times a second would fill the log. */
Test(cycle_again, a_cause_that_flickers_is_told_once) {
    int count = 0;
    for (int i = 0; i < 10; i++)
        count += told(EVENT_AGAIN, FAULT_TENSION_STALE, BENCH_CELL, true, 300) +
                 told(EVENT_AGAIN, FAULT_TENSION_STALE, BENCH_CELL, false, 900);
    cr_expect_eq(count, 1);
}

Test(cycle_again, after_the_reset_it_is_a_fault_like_any_other) {
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(bench_axis(b)->there_mask, 0);
    b->silent[BENCH_CELL] = true;
    cr_expect_eq(told(EVENT_FAULT, FAULT_TENSION_STALE, BENCH_CELL, true, 300), 1);
    cr_expect_eq(told(EVENT_AGAIN, FAULT_TENSION_STALE, BENCH_CELL, true, 1000), 0);
}
