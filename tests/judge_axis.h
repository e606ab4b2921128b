/* An axis for the judge's worked examples: its limits, readings that are good, and the regular way to RUNNING. */
#ifndef BELAY_TESTS_JUDGE_AXIS_H
#define BELAY_TESTS_JUDGE_AXIS_H

#include <criterion/criterion.h>

#include "controller/safety/judge.h"
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
                /* The readings of these tests stand still: what compares travels has its own tests. */
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
    .reply_cycles_max = 1,
};

static const struct stop_table *const table = &stop_table_reference;

static inline struct judge_in good(void) {
    return (struct judge_in){.monitor = {.drive_ok = true,
                                         .position_ok = true,
                                         .tension_ok = true,
                                         .brake_ok = true, .brake_closed = true,
                                         .position_um = 10000000,
                                         .tension_mn = 90000,
                                         .drive_off = true,
                                         .chain_closed = true},
                             .drive_ready = true};
}

static inline struct judge_in running_in(void) {
    struct judge_in in = good();
    in.monitor.drive_enabled = in.monitor.brake_open = true, in.monitor.brake_closed = false;
    in.monitor.mode = MODE_MOVE;
    return in;
}

/* One cycle after `setpoint` was sent. */
static inline void step(struct judge_axis *axis, struct judge_in in, int32_t setpoint_um_s) {
    in.monitor.setpoint_um_s = setpoint_um_s;
    judge_step(axis, table, &limits, &in);
}

static inline struct judge_axis disarmed(void) {
    struct judge_axis begun;
    judge_init(&begun);
    return begun;
}

/* An axis brought to RUNNING the regular way. */
static inline struct judge_axis running_at(int64_t position_um) {
    struct judge_axis axis = disarmed();
    struct judge_in in = good();
    in.monitor.position_um = position_um;
    step(&axis, in, 0);
    judge_event(&axis, EVENT_AXIS_ARM);
    cr_assert(judge_run(&axis, true));
    in.monitor.drive_enabled = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_OPENING);
    in.monitor.brake_open = true, in.monitor.brake_closed = false;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RUNNING);
    return axis;
}

static inline struct judge_axis running(void) {
    return running_at(10000000);
}

static inline struct judge_in moving_in(int32_t speed_um_s) {
    struct judge_in in = running_in();
    in.monitor.speed_um_s = speed_um_s;
    return in;
}

/* A running axis to which `fault` of the machine happens. */
static inline struct judge_axis tripped(uint64_t shared) {
    struct judge_axis axis = running();
    struct judge_in in = moving_in(500000);
    in.shared = shared;
    step(&axis, in, 500000);
    return axis;
}

#endif
