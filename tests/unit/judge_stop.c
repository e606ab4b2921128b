/* A stop word is repeated until the drive confirms it: one that never does is found, and nothing begins before. */
#include <criterion/criterion.h>

#include "controller/safety/judge.h"
#include "tests/stop_reference.h"

static const struct judge_limits limits = {
    .monitor = {.cycle_us = 10000,
                .standstill_um_s = 20000,
                .position_max_um = 26500000,
                .ultimate_max_um = 27500000,
                .overspeed_um_s = 2500000,
                .following_cycles = 15,
                .window_cycles = 50,
                .moved_um = 20000,
                .moved_cycles = 1000,
                .tension_max_mn = 6000000,
                .tension_peak_mn = 9000000,
                .tension_high_mn = 20000000,
                .confirm_cycles = 50},
    .stop_cycles_max = 60,
    .enable_cycles_max = 100,
    .reply_cycles_max = 4,
};

static const struct stop_table *const table = &stop_table_reference;

static struct judge_in good(void) {
    return (struct judge_in){.monitor = {.drive_ok = true,
                                         .position_ok = true,
                                         .tension_ok = true,
                                         .brake_ok = true,
                                         .position_um = 10000000,
                                         .tension_mn = 90000,
                                         .drive_off = true,
                                         .chain_closed = true},
                             .drive_ready = true};
}

static int cycles_to_unconfirmed(const struct judge_in *in) {
    struct judge_axis axis;
    judge_init(&axis);
    int cycles = 0;
    for (; !(axis.latched & FAULT_BIT(STOP_UNCONFIRMED)) && cycles < 1000; cycles++)
        judge_step(&axis, table, &limits, in);
    cr_expect(cycles == 1000 || axis.reaction == STOP_OFF);
    return cycles;
}

Test(judge_stop, a_drive_that_does_not_confirm_a_stop_is_found_after_its_time) {
    struct judge_in in = good();
    in.monitor.asked_off = true;
    cr_expect_eq(cycles_to_unconfirmed(&in), 1000, "it let go");
    in.monitor.drive_off = false;
    cr_expect_eq(cycles_to_unconfirmed(&in), limits.monitor.confirm_cycles + 1, "no torque: any other state");
    in.monitor.drive_ok = false;
    cr_expect_eq(cycles_to_unconfirmed(&in), 1000, "out of sight: another fault's matter");
    in = good();
    in.monitor.asked_stop = in.monitor.drive_enabled = true;
    in.monitor.drive_off = false;
    cr_expect_eq(cycles_to_unconfirmed(&in), 1000, "quick stop: it stands");
    in.monitor.speed_um_s = 500000;
    cr_expect_eq(cycles_to_unconfirmed(&in), limits.monitor.confirm_cycles + 1, "quick stop: it runs on");
    in.monitor.drive_enabled = false;
    in.monitor.drive_stops = true;
    cr_expect_eq(cycles_to_unconfirmed(&in), 1000, "quick stop: it says that it stops");
    in.monitor.drive_stops = false;
    in.monitor.drive_enabled = false;
    in.monitor.drive_unclear = true;
    cr_expect_eq(cycles_to_unconfirmed(&in), limits.monitor.confirm_cycles + 1, "nobody knows, and it moves");
}

/* The stop word goes out again and again until it is confirmed, and for one longest reply after. */
Test(judge_stop, no_reset_and_no_start_before_the_stop_was_confirmed_for_a_whole_reply) {
    struct judge_axis axis;
    judge_init(&axis);
    struct judge_in in = good();
    in.shared = FAULT_BIT(ESTOP);
    judge_step(&axis, table, &limits, &in);
    cr_assert_eq(axis.state, STATE_FAULT);
    in.shared = 0;
    in.monitor.asked_off = true;
    for (int round = 0; round < 2; round++) {
        in.monitor.drive_off = false;
        judge_step(&axis, table, &limits, &in);
        in.monitor.drive_off = true;
        for (int i = 1; i <= limits.reply_cycles_max; i++) {
            cr_assert(!judge_can_reset(&axis) && !axis.startable, "cycle %d", i);
            judge_step(&axis, table, &limits, &in);
        }
        cr_assert(judge_can_reset(&axis));
    }
    judge_reset(&axis);
    judge_event(&axis, EVENT_AXIS_ARM);
    in.monitor.drive_off = false;
    judge_step(&axis, table, &limits, &in);
    cr_assert_not(judge_run(&axis, true), "not quiet any more");
    in.monitor.drive_off = true;
    for (int i = 0; i < limits.reply_cycles_max; i++)
        judge_step(&axis, table, &limits, &in);
    cr_assert(judge_run(&axis, true));
}

/* What the drive said while it was asked for torque confirms no stop, whatever it said. */
Test(judge_stop, what_came_before_the_stop_word_confirms_nothing) {
    for (int state = 0; state < STATE_COUNT; state++) {
        if (!judge_wants_torque((enum axis_state)state))
            continue;
        struct judge_axis axis;
        judge_init(&axis);
        struct judge_in in = good();
        for (int i = 0; i < 100; i++) { /* "off" all along */
            axis.state = (enum axis_state)state;
            axis.cycles_in_state = 0;
            judge_step(&axis, table, &limits, &in);
        }
        axis.state = (enum axis_state)state;
        in.monitor.drive_fault = true;
        judge_step(&axis, table, &limits, &in);
        cr_assert_eq(axis.state, STATE_FAULT);
        in.monitor.drive_fault = false;
        in.monitor.asked_off = true;
        for (int i = 0; i < limits.reply_cycles_max; i++) {
            cr_assert_not(judge_can_reset(&axis), "out of %s, cycle %d", state_name((enum axis_state)state), i);
            judge_step(&axis, table, &limits, &in);
        }
        cr_assert(judge_can_reset(&axis), "out of %s", state_name((enum axis_state)state));
    }
}

/* Released while the drive was still on its way to torque: the next start waits for the answer to that. */
Test(judge_stop, a_start_that_was_given_up_is_confirmed_before_the_next) {
    struct judge_axis axis;
    judge_init(&axis);
    struct judge_in in = good();
    in.monitor.asked_off = true;
    for (int i = 0; i < limits.reply_cycles_max; i++)
        judge_step(&axis, table, &limits, &in);
    judge_event(&axis, EVENT_AXIS_ARM);
    cr_assert(judge_run(&axis, true));
    in.end = true;
    in.monitor.asked_off = false;
    judge_step(&axis, table, &limits, &in);
    cr_assert_eq(axis.state, STATE_RELEASING);
    in.end = false;
    in.monitor.asked_off = true;
    for (int i = 1; i < limits.reply_cycles_max; i++) {
        judge_step(&axis, table, &limits, &in);
        cr_assert_eq(axis.state, STATE_ARMED);
        cr_assert_not(judge_run(&axis, true), "cycle %d", i);
    }
    judge_step(&axis, table, &limits, &in);
    cr_assert(judge_run(&axis, true));
}

/* Its own stop, or none left to make: each confirms a quick stop, and nothing else does. */
Test(judge_stop, a_quick_stop_is_confirmed_by_a_drive_that_stops_or_is_off) {
    for (int bits = 0; bits < 4; bits++) {
        struct judge_axis axis;
        judge_init(&axis);
        struct judge_in in = good();
        in.monitor.asked_stop = true;
        in.monitor.drive_stops = (bits & 1) != 0;
        in.monitor.drive_off = (bits & 2) != 0;
        for (int i = 0; i < limits.reply_cycles_max; i++)
            judge_step(&axis, table, &limits, &in);
        cr_expect_eq(axis.quiet, bits != 0, "stops %d, off %d", bits & 1, bits >> 1);
    }
}

Test(judge_stop, quiet_for_ever_is_quiet) {
    struct judge_axis axis;
    judge_init(&axis);
    axis.quiet_cycles = INT32_MAX;
    struct judge_in in = good();
    in.monitor.asked_off = true;
    judge_step(&axis, table, &limits, &in);
    cr_expect(axis.quiet && axis.quiet_cycles == INT32_MAX);
}

/* The closed brake slipped: the drive keeps its torque, so the end of a motion waits for no drive to let go. */
Test(judge_stop, a_drive_that_holds_a_slipping_load_is_not_waited_for) {
    struct judge_axis axis;
    judge_init(&axis);
    axis.state = STATE_RELEASING;
    struct judge_limits patient = limits;
    patient.enable_cycles_max = 100;
    struct judge_in in = good();
    in.monitor.drive_off = false;
    in.monitor.drive_enabled = true;
    judge_step(&axis, table, &patient, &in);
    cr_assert_eq(axis.state, STATE_RELEASING);
    in.holds_slip = true;
    judge_step(&axis, table, &patient, &in);
    cr_assert_eq(axis.state, STATE_ARMED);
    axis.state = STATE_RELEASING;
    in = good();
    judge_step(&axis, table, &patient, &in);
    cr_assert_eq(axis.state, STATE_ARMED);
}
