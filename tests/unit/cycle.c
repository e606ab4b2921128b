/* The controller's cycle against an ideal machine: who may start motion, what stops it, and when. */
#include "controller/cycle.h"

#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/bench_rig.h"

static struct command jog(const struct bench *bench, double speed_m_s) {
    return (struct command){.kind = COMMAND_JOG, .press = bench->press, .speed_m_s = speed_m_s};
}

Test(cycle, starts_disarmed_and_silent) {
    struct bench *b = bench_new();
    cr_assert_eq(bench_axis(b)->state, STATE_DISARMED);
    cr_assert_eq(b->out.image.word[BENCH_DRIVE][0], 0x06);
    cr_assert_eq(b->out.image.word[BENCH_IO][0], 0, "brake closed");
    bench_free(b);
}

Test(cycle, go_needs_arm_and_a_live_press) {
    struct bench *b = bench_new();
    struct command go = {.kind = COMMAND_GO, .press = 1, .cue = 0};
    cr_assert_eq(bench_step(b, &go), REFUSED_NOT_ARMED);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &go), REFUSED_NO_PERMISSION);
    b->press = 1;
    cr_assert_eq(bench_step(b, &go), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &go), REFUSED_BUSY);
    bench_free(b);
}

Test(cycle, a_cue_that_is_not_on_standby_is_refused) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->press = 1;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = 1, .cue = 1}), REFUSED_NO_CUE);
    bench_free(b);
}

Test(cycle, the_brake_opens_only_with_the_drive_enabled) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->press = 1;
    bench_step(b, &(struct command){.kind = COMMAND_GO, .press = 1, .cue = 0});
    for (int i = 0; i < 30; i++) {
        bench_step(b, NULL);
        bool enabled = (b->image.frame[BENCH_DRIVE].word[0] & 0x6F) == 0x27;
        cr_assert(enabled || b->out.image.word[BENCH_IO][0] == 0);
    }
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
    bench_free(b);
}

Test(cycle, estop_stops_in_the_cycle_of_its_reading) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    double before = bench_axis(b)->setpoint_m_s;
    cr_assert_gt(before, 0.5);
    b->estop_b_closed = false; /* one channel is enough */
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_STOPPING);
    cr_assert_float_eq(bench_axis(b)->setpoint_m_s, before - 0.08, 1e-6, "8 m/s2 from this very cycle");
    cr_assert_eq(b->out.snapshot.estop_reaction_cycles, 0);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_ESTOP);
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert_eq(b->out.image.word[BENCH_IO][0], 0);
    bench_free(b);
}

Test(cycle, after_an_estop_nothing_resumes_by_itself) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 100);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_ESTOP_OPEN);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 100); /* the operator still holds the old press */
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_FAULT_LATCHED);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert_eq(bench_axis(b)->state, STATE_DISARMED);
    bench_run(b, 100);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    double at = b->position_m;
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED);
    struct command go = {.kind = COMMAND_GO, .press = b->press, .cue = 1};
    cr_assert_eq(bench_step(b, &go), REFUSED_PRESS_USED, "a new press is needed");
    cr_assert_float_eq(b->position_m, at, 1e-9);
    bench_free(b);
}

Test(cycle, letting_go_stops_and_leaves_the_line_locked) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    cr_assert_eq(bench_axis(b)->mode, MODE_FOLLOW);
    uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    bench_run(b, 60);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED);
    cr_assert(bench_axis(b)->line_locked);
    cr_assert_eq(b->out.image.word[BENCH_IO][0], 0);
    bench_free(b);
}

Test(cycle, a_permission_that_is_not_renewed_dies_in_its_time) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 50);
    b->press = 0; /* nothing is sent any more */
    int cycles = 0;
    while (bench_axis(b)->state == STATE_RUNNING && cycles < 100) {
        bench_step(b, NULL);
        cycles++;
    }
    cr_assert_eq(cycles, 20, "200 ms after the last renewal, in cycles of 10 ms");
    bench_free(b);
}

Test(cycle, a_permission_never_lasts_longer_than_the_rig_says) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT, .press = press, .expires_us = INT64_MAX});
    bench_run(b, 19);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
    bench_run(b, 1);
    cr_assert_eq(bench_axis(b)->state, STATE_STOPPING);
    bench_free(b);
}

Test(cycle, stop_falls_in_its_own_cycle_and_kills_the_press) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    double before = bench_axis(b)->setpoint_m_s;
    bench_do(b, COMMAND_STOP);
    cr_assert_lt(bench_axis(b)->setpoint_m_s, before);
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = 1}), REFUSED_PRESS_USED);
    bench_free(b);
}

Test(cycle, another_session_cannot_take_a_live_permission) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    struct command other = {.kind = COMMAND_PERMIT, .session = 2, .press = 99, .ticket = 3, .expires_us = INT64_MAX};
    struct cycle_in in = {.image = &b->image, .commands = &other, .command_count = 1};
    cycle_step(b->cycle, &in, b->now_us, &b->out);
    cr_assert_eq(b->out.reply_count, 1);
    cr_assert_eq(b->out.replies[0].refusal, REFUSED_NO_PERMISSION);
    cr_assert_eq(b->out.snapshot.permission_session, 1);
    bench_free(b);
}

Test(cycle, each_silent_device_stops_the_axis) {
    static const enum fault_id faults[BENCH_DEVICES] = {FAULT_DRIVE_STALE, FAULT_TENSION_STALE, FAULT_POSITION_STALE,
                                                        FAULT_IO_STALE};
    for (int device = 0; device < BENCH_DEVICES; device++) {
        struct bench *b = bench_new();
        bench_go(b, 1);
        bench_run(b, 50);
        b->silent[device] = true;
        bench_run(b, 8);
        cr_assert_eq(bench_axis(b)->state, STATE_RUNNING, "80 ms old is not yet stale");
        bench_run(b, 1);
        cr_assert_neq(bench_axis(b)->state, STATE_RUNNING);
        cr_assert_eq(b->out.snapshot.first_out, faults[device]);
        bench_free(b);
    }
}

Test(cycle, a_setting_changed_in_flight_stops_under_control_and_stays_latched) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 50);
    b->image.link[0].setting_changed = true;
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_STOPPING);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_SETTING_CHANGED);
    cr_assert_eq(b->out.snapshot.first_out_axis, -1);
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_CAUSE_REMAINS);
    b->image.link[0].setting_changed = false;
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_free(b);
}

Test(cycle, an_io_block_that_repeats_its_last_scan_hides_no_estop) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 50);
    b->io_hangs = true;
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 8);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING, "80 ms old is not yet stale");
    bench_run(b, 1);
    cr_assert_eq(bench_axis(b)->state, STATE_STOPPING);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_IO_STALE);
    cr_assert_not(b->out.snapshot.estop_known);
    bench_run(b, 100);
    cr_assert_neq(bench_do(b, COMMAND_RESET), REFUSED_NOT, "the cause remains");
    bench_free(b);
}

/* As after a restart of belayd in front of a block that hung long ago: its number fits by chance. */
Test(cycle, an_echo_that_stands_still_is_never_believed) {
    struct bench *b = bench_new();
    bench_run(b, 20);
    b->io_hangs = true;
    bench_run(b, 10);
    b->image.frame[BENCH_IO].word[1] = (uint16_t)(b->out.image.word[BENCH_IO][1] + 100);
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        cr_assert_not(b->out.snapshot.estop_known);
    }
    bench_free(b);
}

/* A scan slower than the cycle: the number changes every few cycles only, and lags. */
Test(cycle, a_block_with_a_slow_scan_is_alive) {
    struct bench *b = bench_new();
    for (int i = 0; i < 300; i++) {
        b->io_hangs = i % 4 != 0;
        bench_run(b, 1);
        cr_assert(b->out.snapshot.estop_known);
    }
    cr_assert_eq(b->out.snapshot.fault_mask, 0);
    bench_free(b);
}

Test(cycle, a_link_that_was_away_latches_and_stays_disabled) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 50);
    b->image.link[0].generation++; /* reconnected between two cycles: no value ever got stale */
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_LINK_LOST);
    bench_free(b);
}

Test(cycle, devices_that_restarted_during_a_stop_are_not_brought_to_life_again) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    bench_do(b, COMMAND_STOP);
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_STOPPING);
    b->image.link[0].generation++; /* power came back before anything got stale */
    bench_step(b, NULL);
    cr_assert_eq(b->out.image.word[BENCH_IO][0], 0, "the brake closes in the same cycle");
    cr_assert_neq(b->out.image.word[BENCH_DRIVE][0], 0x0F);
    for (int i = 0; i < 100; i++) {
        bench_step(b, NULL);
        cr_assert_neq(b->out.image.word[BENCH_DRIVE][0], 0x0F, "no torque is asked for");
    }
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    bench_free(b);
}

Test(cycle, a_drive_that_lost_its_torque_in_a_stop_is_braked_not_enabled) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    bench_do(b, COMMAND_STOP);
    bench_step(b, NULL);
    b->drive_fault_word = 0x0231; /* ready to switch on: the torque is gone */
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_DRIVE_DISOBEYS);
    cr_assert_eq(b->out.image.word[BENCH_IO][0], 0);
    bench_free(b);
}

Test(cycle, a_drive_that_stands_while_asked_to_move_is_found) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    b->drive_stuck = true;
    bench_run(b, 150);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_FOLLOWING_ERROR);
    bench_free(b);
}

Test(cycle, a_drive_fault_is_cleared_by_reset_when_it_can_be) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    b->drive_fault_word = 0x0218;
    bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_DRIVE_FAULT);
    bench_run(b, 50);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bool edge = false;
    for (int i = 0; i < 20; i++) {
        bench_step(b, NULL);
        edge = edge || b->out.image.word[BENCH_DRIVE][0] == 0x80;
    }
    cr_assert(edge, "the drive gets its reset edge");
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_DRIVE_NOT_READY);
    bench_run(b, 50); /* the fault stays: it latches again */
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    b->drive_fault_word = 0;
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    bench_free(b);
}

Test(cycle, weight_on_the_line_catches_and_locks) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    b->tension_n = 800;
    bench_run(b, 1);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING, "one reading alone is noise");
    bench_run(b, 2);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_FALL_CAUGHT);
    cr_assert_leq(bench_axis(b)->setpoint_m_s, 0.0);
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert(bench_axis(b)->fall_caught && bench_axis(b)->line_locked);
    bench_free(b);
}

Test(cycle, a_hanging_person_is_lowered_and_nothing_else) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    b->tension_n = 800;
    bench_run(b, 100);
    b->press = 0;
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 100);
    cr_assert(bench_axis(b)->line_locked, "the weight is still there");
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 50;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = 50, .cue = 0}), REFUSED_LINE_LOCKED);
    struct command up = jog(b, -0.1), fast = jog(b, 0.6), down = jog(b, 0.4);
    cr_assert_eq(bench_step(b, &up), REFUSED_LINE_LOCKED);
    cr_assert_eq(bench_step(b, &fast), REFUSED_LINE_LOCKED);
    cr_assert_eq(bench_step(b, &down), REFUSED_NOT);
    double from = b->position_m;
    bench_run(b, 200);
    cr_assert_gt(b->position_m, from + 0.5);
    b->tension_n = 0; /* touched down */
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED, "no rope is piled up on the ground");
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_SLACK);
    bench_free(b);
}

/* The drive is told whole rpm, 0.83 mm/s each: what is rounded up is asked for too. */
Test(cycle, a_hanging_person_is_lowered_as_slowly_as_asked_for) {
    static const double speeds_m_s[] = {0.010, 0.0006, 0.0105, 0.0104, 0.0199};
    for (size_t i = 0; i < sizeof speeds_m_s / sizeof speeds_m_s[0]; i++) {
        struct bench *b = bench_new();
        b->tension_n = 785;
        bench_run(b, 2);
        bench_do(b, COMMAND_ARM);
        b->press = 1;
        struct command down = jog(b, speeds_m_s[i]);
        cr_assert_eq(bench_step(b, &down), REFUSED_NOT);
        bench_run(b, 30000); /* five minutes */
        cr_expect_eq(bench_axis(b)->state, STATE_RUNNING, "%g m/s: %s", speeds_m_s[i],
                     fault_text(b->out.snapshot.first_out)->name);
        cr_expect_float_eq(b->position_m, 10 + 300 * speeds_m_s[i], 300 * 0.00042 + 0.01);
        bench_free(b);
    }
}

Test(cycle, taking_in_ends_when_it_begins_to_lift) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->press = 1;
    struct command up = jog(b, -0.2);
    cr_assert_eq(bench_step(b, &up), REFUSED_NOT);
    bench_run(b, 50);
    cr_assert_lt(bench_axis(b)->setpoint_m_s, 0.0);
    b->tension_n = 300;
    bench_run(b, 60);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED);
    cr_assert(bench_axis(b)->line_locked);
    bench_free(b);
}

Test(cycle, a_move_ends_at_its_position_and_hands_over_to_the_next_cue) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 600);
    cr_assert_float_eq(b->position_m, 12.0, 0.002);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED);
    cr_assert_eq(b->out.snapshot.running_cue, -1);
    bench_free(b);
}

Test(cycle, a_move_ends_when_weight_comes_on_the_rope) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    b->tension_n = 260;
    double before = bench_axis(b)->setpoint_m_s;
    bench_step(b, NULL);
    cr_assert_lt(bench_axis(b)->setpoint_m_s, before, "stops in the cycle of the reading");
    bench_run(b, 60);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED);
    cr_assert(bench_axis(b)->line_locked);
    bench_free(b);
}

Test(cycle, a_new_press_in_the_cycle_of_the_old_ones_end_does_not_take_the_motion_over) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    uint32_t old = b->press;
    b->press = 0;
    struct command both[] = {
        {.kind = COMMAND_PERMIT_END, .session = 1, .press = old},
        {.kind = COMMAND_PERMIT, .session = 2, .press = 1, .expires_us = b->now_us + 150000, .ticket = 9}};
    struct cycle_in in = {.image = &b->image, .commands = both, .command_count = 2};
    cycle_step(b->cycle, &in, b->now_us, &b->out);
    bench_run(b, 2);
    cr_assert_eq(bench_axis(b)->state, STATE_STOPPING);
    bench_free(b);
}

Test(cycle, weight_that_comes_on_a_pay_out_jog_ends_it) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->press = 1;
    struct command down = jog(b, 0.4);
    cr_assert_eq(bench_step(b, &down), REFUSED_NOT);
    bench_run(b, 60);
    cr_assert_gt(bench_axis(b)->setpoint_m_s, 0.3);
    b->tension_n = 800; /* somebody fell into the rope */
    double before = bench_axis(b)->setpoint_m_s;
    bench_step(b, NULL);
    cr_assert_lt(bench_axis(b)->setpoint_m_s, before, "stops in the cycle of the reading");
    bench_run(b, 60);
    cr_assert_eq(bench_axis(b)->state, STATE_ARMED);
    cr_assert(bench_axis(b)->line_locked);
    bench_free(b);
}

Test(cycle, a_press_held_through_an_estop_is_dead_also_before_any_motion) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->press = 1;
    bench_run(b, 5);
    cr_assert(b->out.snapshot.permission_alive);
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 5);
    cr_assert(!b->out.snapshot.permission_alive);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert(!b->out.snapshot.permission_alive);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = 1, .cue = 0}), REFUSED_PRESS_USED);
    bench_free(b);
}

Test(cycle, a_press_that_began_while_a_fault_was_latched_is_dead_after_the_reset) {
    struct bench *b = bench_new();
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 3);
    b->press = 4;
    bench_run(b, 3);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 3);
    cr_assert(!b->out.snapshot.permission_alive);
    bench_free(b);
}

Test(cycle, arming_needs_a_fresh_press_and_a_closed_brake) {
    struct bench *b = bench_new();
    b->press = 1;
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = 1, .cue = 0}), REFUSED_PRESS_USED);
    bench_do(b, COMMAND_DISARM);
    b->brake_stuck_open = true;
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_BRAKE_OPEN);
    bench_free(b);
}

/* A jog changes its speed many times a second; one that is refused is for the log. */
Test(cycle, tells_of_a_jog_only_when_it_is_refused) {
    struct bench *b = bench_new();
    struct command command = {.kind = COMMAND_JOG, .speed_m_s = 0.1};
    cr_assert_eq(bench_step(b, &command), REFUSED_NOT_ARMED);
    cr_assert_eq(b->out.event_count, 1);
    cr_expect_eq(b->out.events[0].kind, EVENT_COMMAND);
    cr_expect_eq(b->out.events[0].from, COMMAND_JOG);
    cr_expect_eq(b->out.events[0].to, REFUSED_NOT_ARMED);
    bench_do(b, COMMAND_ARM);
    command.press = ++b->press;
    bench_run(b, 1);
    cr_assert_eq(bench_step(b, &command), REFUSED_NOT);
    for (int i = 0; i < b->out.event_count; i++)
        cr_expect_neq(b->out.events[i].kind, EVENT_COMMAND);
    command.speed_m_s = 9;
    cr_assert_eq(bench_step(b, &command), REFUSED_LIMIT);
    cr_expect_float_eq(b->out.replies[0].detail.limit_m_s, b->rig.axis[0].modes.jog.payout_speed_max_m_s, 1e-9);
    bench_free(b);
}

Test(cycle, says_beforehand_what_a_jog_would_be_answered) {
    struct bench *b = bench_new();
    cr_assert_eq(bench_axis(b)->payout.refusal, REFUSED_NOT_ARMED);
    bench_do(b, COMMAND_ARM);
    cr_assert_eq(bench_axis(b)->payout.refusal, REFUSED_NOT, "the hold is left aside");
    cr_assert_eq(bench_axis(b)->takein.refusal, REFUSED_NOT);
    b->tension_n = 800;
    bench_run(b, 1);
    cr_assert_eq(bench_axis(b)->payout.refusal, REFUSED_NOT);
    cr_assert_eq(bench_axis(b)->takein.refusal, REFUSED_WEIGHT);
    bench_run(b, 1);
    cr_assert_eq(bench_axis(b)->takein.refusal, REFUSED_LINE_LOCKED);
    b->tension_n = 90;
    bench_place(b, 26.6, 0);
    bench_do(b, COMMAND_ARM);
    cr_assert_eq(bench_axis(b)->payout.refusal, REFUSED_LIMIT);
    cr_assert_eq(bench_axis(b)->takein.refusal, REFUSED_NOT);
    bench_place(b, 10, 0);
    bench_go(b, 1);
    cr_assert_eq(bench_axis(b)->payout.refusal, REFUSED_BUSY);
    cr_assert_eq(b->out.snapshot.go.refusal, REFUSED_BUSY);
    bench_do(b, COMMAND_SHUTDOWN);
    cr_assert_eq(b->out.snapshot.go.refusal, REFUSED_SHUTTING_DOWN);
    bench_free(b);
}

Test(cycle, says_what_ended_the_last_motion_and_who) {
    static const struct {
        struct command command;
        enum stop_cause cause;
    } rows[] = {
        {{.kind = COMMAND_STOP}, STOPPED_BY_STOP},
        {{.kind = COMMAND_DISARM}, STOPPED_DISARM},
        {{.kind = COMMAND_PERMIT_END}, STOPPED_RELEASED},
        {{.kind = COMMAND_PERMIT_END, .gone = true}, STOPPED_GONE},
        {{.kind = COMMAND_SHUTDOWN}, STOPPED_SHUTDOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *b = bench_new();
        bench_go(b, 1);
        cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_NOT);
        struct command command = rows[i].command;
        command.press = b->press;
        b->press = 0;
        bench_step(b, &command);
        bench_run(b, 100);
        bench_do(b, COMMAND_STOP); /* nothing moves: it ended nothing */
        cr_assert_eq(b->out.snapshot.stop_cause, rows[i].cause, "row %zu", i);
        cr_assert_eq(b->out.snapshot.stop_session, 1);
        bench_free(b);
    }
    struct bench *b = bench_new();
    bench_go(b, 1);
    b->press = 0;
    bench_run(b, 100);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_EXPIRED);
    b->press = 50;
    bench_do(b, COMMAND_DISARM);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_EXPIRED, "nothing moved");
    bench_go(b, 1);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_NOT, "a new motion began");
    bench_run(b, 600);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
    bench_free(b);
}

/* It does not hang at a setpoint of 0 until somebody lets go; and nothing but a new press moves it again. */
Test(cycle, a_jog_that_comes_to_the_end_of_its_way_ends_there_and_says_which) {
    static const struct {
        double from_m, speed_m_s;
        enum stop_cause cause;
    } rows[] = {{25.5, 0.4, STOPPED_PAYOUT_END}, {2, -0.4, STOPPED_TAKEIN_END}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *b = bench_new();
        bench_place(b, rows[i].from_m, 0);
        bench_do(b, COMMAND_ARM);
        b->press = 1;
        bench_run(b, 2);
        struct command jog = {.kind = COMMAND_JOG, .press = 1, .speed_m_s = rows[i].speed_m_s};
        cr_assert_eq(bench_step(b, &jog), REFUSED_NOT, "row %zu", i);
        bench_run(b, 100);
        cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_NOT, "row %zu: on its way", i);
        bench_run(b, 900);
        cr_expect_eq(b->out.snapshot.stop_cause, rows[i].cause, "row %zu", i);
        cr_expect_eq(bench_axis(b)->state, STATE_ARMED, "row %zu", i);
        cr_expect(b->position_m > 1 && b->position_m < 26.5, "row %zu: %g m", i, b->position_m);
        cr_expect_eq(b->out.snapshot.fault_mask, 0);
        jog.speed_m_s = -jog.speed_m_s;
        cr_expect_eq(bench_step(b, &jog), REFUSED_PRESS_USED, "row %zu", i);
        jog.press = b->press = 2;
        bench_run(b, 2);
        jog.speed_m_s = rows[i].speed_m_s;
        cr_expect_eq(bench_step(b, &jog), REFUSED_LIMIT, "row %zu: nor does it begin there", i);
        jog.speed_m_s = -jog.speed_m_s;
        cr_expect_eq(bench_step(b, &jog), REFUSED_NOT, "row %zu", i);
        bench_free(b);
    }
}

Test(cycle, the_show_is_not_changed_under_an_armed_operator) {
    struct bench *b = bench_new();
    struct command load = {.kind = COMMAND_SHOW, .show = &b->show};
    bench_do(b, COMMAND_ARM);
    cr_assert_eq(bench_step(b, &load), REFUSED_ARMED);
    bench_do(b, COMMAND_DISARM);
    cr_assert_eq(bench_step(b, &load), REFUSED_NOT);
    bench_free(b);
}

Test(cycle, a_drive_that_was_only_late_holds_the_person_until_the_brake_does) {
    struct bench *b = bench_new();
    b->tension_n = 800;
    bench_do(b, COMMAND_ARM);
    b->press = 1;
    struct command down = jog(b, 0.4);
    cr_assert_eq(bench_step(b, &down), REFUSED_NOT);
    bench_run(b, 60);
    b->silent[BENCH_DRIVE] = true;
    bench_run(b, 9);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_DRIVE_STALE);
    b->silent[BENCH_DRIVE] = false;
    for (int i = 0; i < 19; i++) { /* the brake closes within 200 ms */
        bench_step(b, NULL);
        cr_assert_eq(b->out.image.word[BENCH_DRIVE][0], 0x02, "quick stop keeps the torque, after %d cycles", i);
        cr_assert_eq(b->out.image.word[BENCH_IO][0], 0);
    }
    bench_run(b, 5);
    cr_assert_eq(b->out.image.word[BENCH_DRIVE][0], 0x00, "then the torque goes");
    cr_assert(bench_axis(b)->line_locked, "somebody hangs there");
    bench_free(b);
}

/* belayd was restarted in the middle of a motion: the link came up with quick stop, and somebody may hang on it. */
Test(cycle, a_drive_found_with_torque_keeps_it_until_the_brake_holds) {
    struct bench *b = bench_new();
    b->brake_stuck_open = true;
    b->drive_fault_word = 0x0207; /* quick stop active */
    for (int i = 0; i < 300; i++) {
        bench_step(b, NULL);
        cr_assert_eq(b->out.image.word[BENCH_DRIVE][0], 0x02, "the brake is open");
    }
    b->brake_stuck_open = false;
    int cycles = 0;
    for (; b->out.image.word[BENCH_DRIVE][0] == 0x02 && cycles < 100; cycles++)
        bench_step(b, NULL);
    cr_assert_eq(b->out.image.word[BENCH_DRIVE][0], 0x00, "out of quick stop leads only \"disable voltage\"");
    cr_assert_geq(cycles * 10, b->rig.axis[0].brake.close_ms_max);
    cr_assert_leq(cycles * 10, b->rig.axis[0].brake.close_ms_max + 20);
    bench_free(b);
}

Test(cycle, the_drives_own_code_is_shown_while_it_is_known) {
    struct bench *b = bench_new();
    cr_assert_eq(bench_axis(b)->drive_fault_code, 0);
    b->drive_fault_word = 0x0208;
    b->drive_fault_code = 0x7510;
    bench_run(b, 2);
    cr_assert_eq(bench_axis(b)->drive_fault_code, 0x7510);
    cr_assert(bench_axis(b)->fault_mask & FAULT_BIT(DRIVE_FAULT));
    b->silent[BENCH_DRIVE] = true;
    bench_run(b, 10);
    cr_assert_eq(bench_axis(b)->drive_fault_code, -1);
    bench_free(b);
}

Test(cycle, a_suspect_drive_loses_its_torque_at_once) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    b->drive_fault_word = 0x0218;
    bench_step(b, NULL);
    cr_assert_eq(b->out.image.word[BENCH_DRIVE][0], 0x00);
    bench_free(b);
}

Test(cycle, two_late_beats_in_a_row_trip) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    b->late_us = 15000;
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
    b->late_us = 15000;
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_STOPPING);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_CYCLE_OVERRUN);
    cr_assert_eq(b->out.snapshot.overruns, 2);
    bench_free(b);
}

/* One late beat does not trip, but two periods without words make the links give up, and every device looks silent. */
Test(cycle, a_link_given_up_for_a_late_cycle_is_no_silent_device) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    b->late_us = 25000;
    b->image.link[0].state = LINK_DOWN;
    b->image.link[0].loss = LOSS_CYCLE;
    bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_CYCLE_OVERRUN);
    bench_free(b);
    b = bench_new();
    bench_go(b, 1);
    b->image.link[0].generation++; /* given up and up again between two cycles */
    b->image.link[0].loss = LOSS_CYCLE;
    bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_CYCLE_OVERRUN);
    bench_free(b);
}

Test(cycle, a_device_that_falls_silent_long_after_a_late_cycle_is_named) {
    struct bench *b = bench_new();
    b->image.link[0].loss = LOSS_CYCLE; /* of a loss before */
    bench_go(b, 1);
    b->silent[BENCH_DRIVE] = true;
    bench_run(b, 30);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_DRIVE_STALE);
    bench_free(b);
}

Test(cycle, shutdown_stops_and_takes_nothing_more) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    bench_do(b, COMMAND_SHUTDOWN);
    cr_assert(!b->out.snapshot.stopped);
    bench_run(b, 100);
    cr_assert(b->out.snapshot.stopped);
    cr_assert_eq(bench_axis(b)->state, STATE_DISARMED);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_SHUTTING_DOWN);
    bench_free(b);
}

Test(cycle, arm_is_refused_while_a_reading_is_missing) {
    struct bench *b = bench_new();
    struct cycle *fresh = b->cycle;
    cycle_init(fresh, &b->rig); /* as after start: nothing has been good yet */
    b->silent[BENCH_CELL] = true;
    b->image.frame[BENCH_CELL].stamp_us = 0;
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_INPUTS);
    bench_free(b);
}

Test(cycle, disarm_while_moving_stops_first) {
    struct bench *b = bench_new();
    bench_go(b, 1);
    bench_run(b, 80);
    bench_do(b, COMMAND_DISARM);
    cr_assert(bench_axis(b)->brake_open);
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_DISARMED);
    bench_free(b);
}
