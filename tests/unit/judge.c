/* The judge by worked examples: each fault trips when it must, and not one reading earlier. */
#include "controller/safety/judge.h"

#include <criterion/criterion.h>

#include "tests/stop_reference.h"

static const struct judge_limits limits = {
    .monitor = {.cycle_us = 10000,
                .standstill_um_s = 20000,
                .position_min_um = 1000000,
                .position_max_um = 26500000,
                .ultimate_min_um = 0,
                .ultimate_max_um = 27500000,
                .overspeed_um_s = 2500000,
                .following_um_s = 400000,
                .following_cycles = 15,
                .lag_us = 50000,
                .window_cycles = 50,
                /* The readings of this file stand still: what compares travels has its own tests. */
                .follow_base_um = 1000000000,
                .mismatch_base_um = 1000000000,
                .frozen_um = 1000000000,
                .unintended_um = 20000,
                .moved_um = 20000,
                .moved_cycles = 3,
                .brake_close_cycles = 20,
                .tension_max_mn = 6000000,
                .tension_peak_mn = 9000000,
                .tension_low_mn = -50000,
                .tension_high_mn = 20000000,
                .load_cycles = 2,
                .chain_cycles = 10},
    .stop_cycles_max = 60,
    .enable_cycles_max = 100,
    .brake_open_cycles_max = 30,
    .brake_close_cycles_max = 20,
};

static const struct stop_table *const table = &stop_table_reference;

static struct judge_in good(void) {
    return (struct judge_in){.monitor = {.drive_ok = true,
                                         .position_ok = true,
                                         .tension_ok = true,
                                         .brake_ok = true,
                                         .position_um = 10000000,
                                         .tension_mn = 90000,
                                         .chain_closed = true},
                             .drive_ready = true};
}

static struct judge_in running_in(void) {
    struct judge_in in = good();
    in.monitor.drive_enabled = in.monitor.brake_open = true;
    in.monitor.mode = MODE_MOVE;
    return in;
}

/* One cycle after `setpoint` was sent. */
static void step(struct judge_axis *axis, struct judge_in in, int32_t setpoint_um_s) {
    in.monitor.setpoint_um_s = setpoint_um_s;
    judge_step(axis, table, &limits, &in);
}

/* An axis brought to RUNNING the regular way. */
static struct judge_axis running_at(int64_t position_um) {
    struct judge_axis axis;
    judge_init(&axis);
    struct judge_in in = good();
    in.monitor.position_um = position_um;
    step(&axis, in, 0);
    judge_event(&axis, EVENT_AXIS_ARM);
    cr_assert(judge_run(&axis, true));
    in.monitor.drive_enabled = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_OPENING);
    in.monitor.brake_open = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RUNNING);
    return axis;
}

static struct judge_axis running(void) {
    return running_at(10000000);
}

Test(judge, a_quiet_cycle_changes_nothing) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    for (int i = 0; i < 1000; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RUNNING);
    cr_assert_eq(axis.latched, 0);
}

Test(judge, estop_stops_in_the_cycle_of_the_reading) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.shared = FAULT_BIT(ESTOP);
    step(&axis, in, 500000);
    cr_assert_eq(axis.state, STATE_STOPPING);
    cr_assert_eq(axis.latched, FAULT_BIT(ESTOP));
}

static void expect_trip(struct judge_in in, int32_t setpoint, uint64_t fault, enum axis_state state) {
    struct judge_axis axis = running_at(in.monitor.position_um);
    step(&axis, in, setpoint);
    cr_expect_eq(axis.latched, fault, "latched %llx, expected %llx", (unsigned long long)axis.latched,
                 (unsigned long long)fault);
    cr_expect_eq(axis.state, state, "%s", state_name(axis.state));
}

Test(judge, each_reading_trips_at_its_limit_and_not_before) {
    struct judge_in in = running_in();
    in.monitor.tension_mn = 6000000;
    expect_trip(in, 0, 0, STATE_RUNNING);
    in.monitor.tension_mn = 6000001;
    expect_trip(in, 0, FAULT_BIT(OVERTENSION), STATE_STOPPING);
    in = running_in();
    in.monitor.speed_um_s = -2500000;
    expect_trip(in, -2500000, 0, STATE_RUNNING);
    in.monitor.speed_um_s = -2500001;
    expect_trip(in, -2500000, FAULT_BIT(OVERSPEED), STATE_FAULT);
    in = running_in();
    in.monitor.drive_fault = true;
    expect_trip(in, 0, FAULT_BIT(DRIVE_FAULT), STATE_FAULT);
    in = running_in();
    in.monitor.drive_enabled = false;
    expect_trip(in, 0, FAULT_BIT(DRIVE_DISOBEYS), STATE_FAULT);
    in = running_in();
    in.monitor.brake_open = false;
    expect_trip(in, 0, FAULT_BIT(BRAKE_OPEN), STATE_FAULT);
}

Test(judge, beyond_a_position_limit_only_outward_motion_trips) {
    struct judge_in in = running_in();
    in.monitor.position_um = 26500001;
    in.monitor.speed_um_s = -100000;
    expect_trip(in, -100000, 0, STATE_RUNNING);
    in.monitor.speed_um_s = 20001;
    expect_trip(in, 20001, FAULT_BIT(POSITION_LIMIT), STATE_STOPPING);
    in.monitor.position_um = 999999;
    in.monitor.speed_um_s = -20001;
    expect_trip(in, -20001, FAULT_BIT(POSITION_LIMIT), STATE_STOPPING);
}

Test(judge, each_missing_input_trips_with_its_own_fault) {
    struct judge_in in = running_in();
    in.monitor.tension_ok = false;
    expect_trip(in, 0, FAULT_BIT(TENSION_STALE), STATE_STOPPING);
    in = running_in();
    in.monitor.position_ok = false;
    expect_trip(in, 0, FAULT_BIT(POSITION_STALE), STATE_STOPPING);
    in = running_in();
    in.monitor.drive_ok = false;
    expect_trip(in, 0, FAULT_BIT(DRIVE_STALE), STATE_FAULT);
    in = running_in();
    in.monitor.brake_ok = false; /* the block on which this brake hangs, whether or not the E-stop is read there too */
    expect_trip(in, 0, FAULT_BIT(IO_STALE), STATE_STOPPING);
}

Test(judge, inputs_that_never_came_do_not_latch) {
    struct judge_axis axis;
    judge_init(&axis);
    struct judge_in in = {0};
    for (int i = 0; i < 100; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_DISARMED);
    cr_assert_eq(axis.latched, 0);
}

Test(judge, a_drive_that_lags_inside_the_window_follows) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    for (int i = 0; i < 200; i++) {
        int32_t setpoint = i < 50 ? i * 20000 : 1000000;
        in.monitor.speed_um_s = i < 10 ? 0 : (i - 10 < 50 ? (i - 10) * 20000 : 1000000); /* 100 ms behind */
        step(&axis, in, setpoint);
    }
    cr_assert_eq(axis.latched, 0);
}

Test(judge, a_drive_that_disobeys_is_found_after_its_time) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    int cycles = 0;
    while (!axis.latched && cycles < 100) {
        step(&axis, in, 1000000); /* asked for 1 m/s, stands */
        cycles++;
    }
    cr_assert_eq(axis.latched, FAULT_BIT(DRIVE_DISOBEYS));
    /* 14 cycles until no setpoint of the window is near, then 15 in a row. */
    cr_assert_eq(cycles, 14 + 15);
}

Test(judge, the_stop_ends_by_itself_or_by_time) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.end = true;
    in.monitor.speed_um_s = 100000;
    step(&axis, in, 100000);
    cr_assert_eq(axis.state, STATE_STOPPING);
    in.end = false;
    int cycles = 0;
    while (axis.state == STATE_STOPPING && cycles < 200) {
        step(&axis, in, 0); /* the setpoint is 0 but the drum turns on */
        cycles++;
    }
    cr_assert_eq(axis.latched, FAULT_BIT(STOP_TIME));
    cr_assert_eq(axis.state, STATE_FAULT);
    cr_assert_eq(cycles, limits.stop_cycles_max + 1);
}

Test(judge, closing_holds_torque_until_the_brake_must_hold) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.end = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_STOPPING);
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_CLOSING);
    in.monitor.brake_open = false; /* the switch tells at once, the pads need their time */
    for (int i = 1; i < limits.brake_close_cycles_max; i++) {
        step(&axis, in, 0);
        cr_assert_eq(axis.state, STATE_CLOSING, "after %d cycles", i);
    }
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RELEASING);
    in.monitor.drive_enabled = false;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_ARMED);
}

Test(judge, a_brake_that_stays_open_keeps_the_torque) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.end = true;
    for (int i = 0; i < 500; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_CLOSING, "letting go of the load would drop it");
    cr_assert_eq(axis.latched, FAULT_BIT(BRAKE_CLOSE));
}

Test(judge, weight_on_the_line_latches_and_stops) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.caught = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_STOPPING);
    cr_assert_eq(axis.latched, FAULT_BIT(FALL_CAUGHT));
}

Test(judge, movement_behind_a_closed_brake_is_a_fault) {
    struct judge_axis axis;
    judge_init(&axis);
    struct judge_in in = good();
    for (int i = 0; i < 50; i++)
        step(&axis, in, 0);
    in.monitor.speed_um_s = 20001;
    step(&axis, in, 0);
    step(&axis, in, 0);
    cr_assert_eq(axis.latched, 0);
    step(&axis, in, 0);
    cr_assert_eq(axis.latched, FAULT_BIT(MOVEMENT));
    cr_assert_eq(axis.state, STATE_FAULT);
}

Test(judge, reset_needs_standstill_and_no_cause) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.shared = FAULT_BIT(ESTOP);
    step(&axis, in, 0);
    cr_assert(!judge_can_reset(&axis), "still stopping");
    in.monitor.brake_open = in.monitor.drive_enabled = false;
    for (int i = 0; i < 60; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_FAULT);
    cr_assert(!judge_can_reset(&axis), "the chain is still open");
    in.shared = 0;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_FAULT, "releasing the station alone resets nothing");
    cr_assert(judge_can_reset(&axis));
    judge_reset(&axis);
    cr_assert_eq(axis.state, STATE_DISARMED, "reset is not arm");
    cr_assert_eq(axis.latched, 0);
}
