/* Two winches under one hold: what ends one motion, what ends all, and that no hold is inherited. */
#include <criterion/criterion.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

static struct bench *b;

static void setup(void) {
    b = bench_new_pair();
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_pair, .init = setup, .fini = teardown);

static enum axis_state state_of(int axis) {
    return b->out.snapshot.axis[axis].state;
}

static void go_more(int cue) {
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = cue}), REFUSED_NOT);
}

/* Both move; the second has `left_m` to go. */
static void both_run(double left_m) {
    bench_place(b, 5, 20 - left_m);
    bench_go(b, 1);
    go_more(2);
    for (int i = 0; i < 30 && state_of(1) != STATE_RUNNING; i++)
        bench_step(b, NULL);
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_RUNNING);
    cr_assert_eq(b->out.snapshot.running_cue, 2, "the last begun");
}

Test(cycle_pair, an_arrival_ends_only_its_own_motion) {
    both_run(0.05);
    for (int i = 0; i < 400 && state_of(1) != STATE_ARMED; i++) {
        bench_step(b, NULL);
        cr_assert_eq(state_of(0), STATE_RUNNING);
    }
    cr_assert_eq(state_of(1), STATE_ARMED);
    cr_assert(b->out.snapshot.permission_alive);
    cr_assert_eq(b->out.snapshot.running_cue, 1, "the other cue runs on");
    bench_run(b, 900);
    cr_assert_float_eq(b->position_m, 12, 0.002, "until it has arrived too");
    cr_assert_not(b->out.snapshot.permission_alive, "then the hold is used up");
    cr_assert_eq(b->out.snapshot.running_cue, -1);
}

Test(cycle_pair, a_reset_leaves_no_axis_armed) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->drive_fault_word = 0x0218; /* of the first axis alone */
    bench_step(b, NULL);
    cr_assert(state_of(0) == STATE_FAULT && state_of(1) == STATE_ARMED);
    b->drive_fault_word = 0;
    bench_run(b, 30);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert(state_of(0) == STATE_DISARMED && state_of(1) == STATE_DISARMED, "reset is not arm");
}

Test(cycle_pair, a_hold_is_not_inherited_when_a_motion_ends) {
    both_run(0.05);
    b->other_press = 7; /* another operator presses all the while */
    for (int i = 0; i < 300; i++) {
        bench_step(b, NULL);
        if (state_of(0) == STATE_RUNNING)
            cr_assert_eq(b->out.snapshot.permission_session, 1, "it moves under the hold that it began with");
    }
    uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    cr_assert_eq(b->out.snapshot.permission_session, 2);
    double before = b->out.snapshot.axis[0].setpoint_m_s;
    bench_step(b, NULL);
    cr_assert_eq(state_of(0), STATE_STOPPING);
    cr_assert_lt(b->out.snapshot.axis[0].setpoint_m_s, before);
}

static enum refusal permit_of_other(uint32_t press) {
    struct command permit = {.kind = COMMAND_PERMIT, .session = 2, .press = press, .expires_us = b->now_us + 200000};
    return bench_step(b, &permit);
}

/* A stop is for everybody who holds: he who waited behind the live press presses again too. */
Test(cycle_pair, a_hold_that_waited_does_not_outlive_a_stop) {
    static const enum command_kind stops[] = {COMMAND_STOP, COMMAND_DISARM};
    for (size_t i = 0; i < sizeof stops / sizeof stops[0]; i++) {
        both_run(0.05);
        b->other_press = 7;
        bench_run(b, 20);
        cr_assert_eq(b->out.snapshot.permission_session, 1);
        b->press = 0;
        cr_assert_eq(bench_do(b, stops[i]), REFUSED_NOT);
        bench_run(b, 100);
        cr_expect_not(b->out.snapshot.permission_alive, "%zu", i);
        b->other_press = 0;
        cr_expect_eq(permit_of_other(7), REFUSED_PRESS_USED);
        cr_expect_eq(permit_of_other(8), REFUSED_NOT, "a fresh one is meant");
    }
}

Test(cycle_pair, a_hold_that_waited_does_not_outlive_an_arm) {
    b->press = 1;
    b->other_press = 7;
    bench_run(b, 5);
    b->press = 0;
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    bench_run(b, 5);
    cr_expect_not(b->out.snapshot.permission_alive);
    b->other_press = 8;
    bench_run(b, 2);
    cr_expect_eq(b->out.snapshot.permission_session, 2);
}

Test(cycle_pair, a_jog_of_another_hold_is_not_steered) {
    bench_do(b, COMMAND_ARM);
    b->press = 1;
    struct command jog = {.kind = COMMAND_JOG, .press = 1, .speed_m_s = 0.2};
    cr_assert_eq(bench_step(b, &jog), REFUSED_NOT);
    bench_run(b, 30);
    b->other_press = 7;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = 1});
    cr_assert_eq(b->out.snapshot.permission_session, 2);
    struct command steer = {.kind = COMMAND_JOG, .session = 2, .press = 7, .speed_m_s = 0.3, .ticket = 9};
    struct cycle_in in = {.image = &b->image, .commands = &steer, .command_count = 1};
    cycle_step(b->cycle, &in, b->now_us, &b->out);
    cr_assert_eq(b->out.replies[0].refusal, REFUSED_BUSY, "%s", cycle_refusal_name(b->out.replies[0].refusal));
    cr_assert_eq(b->out.replies[0].axis, 0);
    cr_assert(b->out.snapshot.permission_alive, "the fresh hold is not punished for the old one's end");
}

static void one_stops(void (*break_it)(void), enum fault_id fault) {
    both_run(8);
    break_it();
    for (int i = 0; i < 60 && !b->out.snapshot.axis[1].fault_mask; i++)
        bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.first_out, fault);
    cr_assert_eq(b->out.snapshot.first_out_axis, 1);
    cr_assert_neq(state_of(1), STATE_RUNNING);
    cr_assert_eq(b->out.snapshot.axis[0].fault_mask, 0);
    bench_run(b, 30); /* renewals are still taken */
    cr_assert_eq(state_of(0), STATE_RUNNING);
    cr_assert_eq(b->out.snapshot.running_cue, 1);
    b->press++;
    bench_run(b, 60);
    cr_assert_eq(state_of(0), STATE_ARMED, "a new press moves nothing by itself");
    struct command jog = {.kind = COMMAND_JOG, .press = b->press, .axis = 1, .speed_m_s = 0.2};
    cr_assert_eq(bench_step(b, &jog), REFUSED_FAULT_LATCHED);
    jog.axis = 0;
    cr_assert_eq(bench_step(b, &jog), REFUSED_NOT, "nobody half-way down waits for the other winch");
}

static void break_drive(void) {
    b->second.drive_fault_word = 0x0218;
}

static void break_cell(void) {
    b->silent[BENCH_SECOND(BENCH_CELL)] = true;
}

Test(cycle_pair, a_category_0_fault_of_one_axis_stops_that_axis) {
    one_stops(break_drive, FAULT_DRIVE_FAULT);
}

Test(cycle_pair, a_category_1_fault_of_one_axis_stops_that_axis) {
    one_stops(break_cell, FAULT_TENSION_STALE);
}

Test(cycle_pair, what_is_wrong_with_the_whole_machine_stops_all) {
    both_run(8);
    b->estop_b_closed = false;
    bench_step(b, NULL);
    cr_assert(state_of(0) == STATE_STOPPING && state_of(1) == STATE_STOPPING);
    cr_assert_not(b->out.snapshot.permission_alive);
}

/* The second winch's devices hang on a link of their own. */
static void with_two_links(void) {
    for (int i = 0; i < BENCH_DEVICES; i++)
        b->rig.device[BENCH_SECOND(i)].link = 1;
    b->rig.link_count = 2;
    b->image.link[1] = (struct image_link){.state = LINK_UP, .generation = 1};
}

static uint16_t word_of(int device) {
    return b->out.image.word[device][0];
}

Test(cycle_pair, a_lost_link_blinds_only_the_winch_whose_drive_hangs_on_it) {
    for (int lost = 0; lost < 2; lost++) {
        with_two_links();
        both_run(8);
        int seen = 1 - lost;
        b->image.link[lost].generation++;
        bench_step(b, NULL);
        cr_assert_eq(b->out.snapshot.first_out, FAULT_LINK_LOST);
        cr_assert_eq(state_of(lost), STATE_FAULT);
        cr_assert_eq(state_of(seen), STATE_STOPPING);
        cr_assert_eq(word_of(lost ? BENCH_SECOND(BENCH_IO) : BENCH_IO), 0, "out of sight: the brake at once");
        cr_assert_eq(word_of(lost ? BENCH_IO : BENCH_SECOND(BENCH_IO)), 3, "in sight: no pads on a moving drum");
        cr_assert_eq(word_of(lost ? BENCH_SECOND(BENCH_DRIVE) : BENCH_DRIVE), 0x02, "by the drive's own ramp");
        cr_assert_eq(word_of(lost ? BENCH_DRIVE : BENCH_SECOND(BENCH_DRIVE)), lost ? 0x0F : 0x02,
                     "the other one too when the chain is behind that link, else as the table stops it with the rig");
        bench_run(b, 100);
        cr_assert(state_of(0) == STATE_FAULT && state_of(1) == STATE_FAULT);
        cr_assert(word_of(BENCH_IO) == 0 && word_of(BENCH_SECOND(BENCH_IO)) == 0);
        cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
        b->press++;
    }
}

static enum refusal one(enum command_kind kind, int axis) {
    return bench_step(b, &(struct command){.kind = kind, .axis = axis, .axes = UINT32_C(1) << axis});
}

static void caught_on_the_first(void) {
    with_two_links();
    bench_place(b, 5, 12);
    bench_go(b, 0);
    b->tension_n = 800;
    bench_run(b, 60);
    b->press = 0;
    bench_run(b, 30);
    cr_assert(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(FALL_CAUGHT));
}

static void lowers_the_first(uint32_t press) {
    cr_assert_eq(one(COMMAND_RESET, 0), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(one(COMMAND_ARM, 0), REFUSED_NOT);
    b->press = press;
    bench_run(b, 2);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = press, .speed_m_s = 0.2}), REFUSED_NOT);
}

Test(cycle_pair, a_setting_of_the_other_winch_keeps_no_climber_up) {
    caught_on_the_first();
    b->image.link[1].setting_changed = true;
    bench_run(b, 20);
    cr_expect(b->out.snapshot.axis[1].fault_mask & FAULT_BIT(SETTING_CHANGED));
    cr_expect_not(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(SETTING_CHANGED));
    lowers_the_first(20);
    bench_run(b, 300);
    cr_expect_eq(state_of(0), STATE_RUNNING, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_eq(one(COMMAND_RESET, 1), REFUSED_CAUSE_REMAINS);
}

Test(cycle_pair, a_link_of_the_other_winch_that_comes_and_goes_ends_no_lowering) {
    caught_on_the_first();
    b->image.link[1].generation++;
    bench_run(b, 20);
    lowers_the_first(20);
    for (int i = 0; i < 4; i++) {
        bench_run(b, 60);
        b->image.link[1].generation++;
        bench_run(b, 60);
        cr_expect_eq(state_of(0), STATE_RUNNING, "%d: %s", i, fault_text(b->out.snapshot.first_out)->name);
    }
}

Test(cycle_pair, whichever_device_is_on_a_link_its_trouble_is_the_axiss) {
    b->rig.axis[1].switch_count = 1;
    b->rig.axis[1].limit_switch[0] = (struct rig_switch){.kind = GUARD_END_PAYOUT, .io = BENCH_IO, .contact = 0};
    for (int device = 0; device <= BENCH_DEVICES; device++) {
        const bool contact = device == BENCH_DEVICES; /* a limit switch on a block of another link than the brakes' */
        with_two_links();
        b->image.link[1].setting_changed = false;
        for (int i = 0; i < BENCH_DEVICES; i++)
            b->rig.device[BENCH_SECOND(i)].link = !contact && i == device;
        b->rig.device[BENCH_SECOND(BENCH_IO)].link = contact || device == BENCH_IO;
        b->rig.axis[1].brake.io = contact ? BENCH_IO : BENCH_SECOND(BENCH_IO);
        b->rig.axis[1].limit_switch[0].io = contact ? BENCH_SECOND(BENCH_IO) : BENCH_IO;
        bench_place(b, 5, 12);
        b->image.link[1].setting_changed = true;
        bench_run(b, 2);
        cr_expect(b->out.snapshot.axis[1].fault_mask & FAULT_BIT(SETTING_CHANGED), "device %d", device);
        cr_expect_not(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(SETTING_CHANGED), "device %d", device);
        cr_expect_eq(b->out.snapshot.first_out_axis, 1);
    }
}

Test(cycle_pair, trouble_of_the_link_with_the_chain_is_everybodys) {
    with_two_links();
    bench_place(b, 5, 12);
    b->image.link[0].setting_changed = true;
    bench_run(b, 2);
    for (int i = 0; i < 2; i++)
        cr_expect(b->out.snapshot.axis[i].fault_mask & FAULT_BIT(SETTING_CHANGED), "axis %d", i);
    cr_expect_eq(b->out.snapshot.first_out_axis, -1);
}

Test(cycle_pair, a_stop_stops_all) {
    both_run(8);
    bench_do(b, COMMAND_STOP);
    bench_step(b, NULL);
    cr_assert(state_of(0) == STATE_STOPPING && state_of(1) == STATE_STOPPING);
}

Test(cycle_pair, a_refusal_names_the_axis) {
    b->second.brake_stuck_open = true;
    bench_run(b, 2);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_BRAKE_OPEN);
    cr_assert_eq(b->out.replies[0].axis, 1);
}
