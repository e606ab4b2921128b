/* Recovery: a person is moved out without one failed sensor, by two people, slowly, for a time; and nothing else is. */
#include "controller/cycle.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/bench_rig.h"

#define RIGGER 1 /* the session of bench_step() */
#define SPOTTER 2

static struct bench *b;

static void setup(void) {
    b = bench_new();
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_recovery, .init = setup, .fini = teardown);

static enum refusal recover(enum bypass bypass) {
    return bench_step(b, &(struct command){.kind = COMMAND_RECOVER, .session = RIGGER, .bypass = bypass});
}

static enum refusal give_clear(uint32_t session) {
    return bench_step(b, &(struct command){.kind = COMMAND_CLEAR, .session = session});
}

static enum refusal jog(double speed_m_s) {
    return bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = speed_m_s});
}

static void silence(int device) {
    b->silent[device] = true;
}

static void stop_for(int device) {
    bench_go(b, 0);
    bench_run(b, 20);
    silence(device);
    bench_run(b, 150);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
}

static void arm_and_hold(void) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
}

/* Somebody hangs there, a sensor is dead, the recovery is asked for and armed, and not yet cleared. */
static void ready(int device, enum bypass bypass) {
    stop_for(device);
    b->tension_n = 800;
    cr_assert_eq(recover(bypass), REFUSED_NOT);
    bench_run(b, 2);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    arm_and_hold();
}

static double travel_m(int cycles) {
    double from_m = b->position_m;
    bench_run(b, cycles);
    return b->position_m - from_m;
}

Test(cycle_recovery, without_an_encoder_a_person_is_lowered_under_a_clear) {
    stop_for(BENCH_ENCODER);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_CAUSE_REMAINS);
    cr_expect_eq(give_clear(SPOTTER), REFUSED_NO_RECOVERY);
    cr_assert_eq(recover(BYPASS_ENCODER), REFUSED_NOT);
    bench_run(b, 2);
    cr_expect_neq(b->out.snapshot.fault_mask, 0, "what was latched stays until the reset");
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(bench_axis(b)->bypass, BYPASS_ENCODER);
    cr_expect_eq(bench_axis(b)->recovery_left_us / 1000000, 599);
    arm_and_hold();
    cr_expect_eq(jog(0.2), REFUSED_NO_CLEAR);
    cr_expect_eq(give_clear(RIGGER), REFUSED_SAME_PERSON);
    cr_expect_eq(bench_axis(b)->clear_left_us, 0);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_expect_eq(bench_axis(b)->payout.refusal, REFUSED_NOT);
    cr_expect_eq(jog(0.31), REFUSED_LIMIT, "the speed of recovery");
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    cr_expect_float_eq(travel_m(200), 0.2 * 1.7, 0.1);
    cr_expect_eq(bench_axis(b)->mode, MODE_RECOVERY);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    b->press = 0;
    bench_run(b, 100);
    cr_expect_lt(fabs(travel_m(100)), 0.001, "let go");
}

Test(cycle_recovery, it_knows_no_position_limit_without_a_position) {
    bench_place(b, 26.45, 0); /* 5 cm before the end, when the encoder dies */
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    cr_expect_gt(travel_m(200), 0.2, "the second person looks");
}

Test(cycle_recovery, with_a_position_its_limits_hold) {
    bench_place(b, 26.3, 0);
    ready(BENCH_CELL, BYPASS_LOAD_CELL);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    bench_run(b, 400);
    cr_expect_leq(b->position_m, 26.5);
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_PAYOUT_END);
}

Test(cycle_recovery, up_only_with_a_live_load_cell) {
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_expect_eq(jog(-0.11), REFUSED_LIMIT, "the speed of recovery");
    cr_assert_eq(jog(-0.1), REFUSED_NOT);
    cr_expect_lt(travel_m(200), -0.1);
    silence(BENCH_CELL);
    bench_run(b, 100);
    cr_expect_eq(bench_axis(b)->state, STATE_FAULT, "a second sensor is not done without");
    cr_expect_lt(fabs(travel_m(100)), 0.001);
}

Test(cycle_recovery, down_only_without_a_load_cell) {
    ready(BENCH_CELL, BYPASS_LOAD_CELL);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_expect_eq(jog(-0.05), REFUSED_UNFELT);
    cr_expect_eq(bench_axis(b)->takein.refusal, REFUSED_UNFELT);
    cr_expect_float_eq(bench_axis(b)->jog_max_m_s, 0.3, 1e-9, "of the way that is open");
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    cr_expect_gt(travel_m(200), 0.2);
    cr_expect_eq(jog(-0.05), REFUSED_UNFELT, "nor by changing the speed of the jog");
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

Test(cycle_recovery, a_clear_runs_out_and_the_axis_stops) {
    b->rig.safety.recovery.clear_s = 1;
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    cr_expect_gt(travel_m(95), 0.05);
    cr_expect_neq(bench_axis(b)->state, STATE_STOPPING);
    bench_run(b, 100);
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_CLEAR);
    cr_expect_lt(fabs(travel_m(100)), 0.001);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    b->press++;
    bench_run(b, 2);
    cr_expect_eq(jog(0.2), REFUSED_NO_CLEAR);
    cr_expect_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_expect_eq(jog(0.2), REFUSED_NOT, "again, by a new clear and a new press");
}

Test(cycle_recovery, it_ends_by_itself_and_the_sensor_is_a_fault_again) {
    b->rig.safety.recovery.expires_s = 3;
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    while (bench_axis(b)->bypass == BYPASS_ENCODER) {
        cr_assert_eq(b->out.snapshot.fault_mask, 0, "it stops before it ends");
        bench_run(b, 1);
    }
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED, "it stands");
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_RECOVERED);
    bench_run(b, 50);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_POSITION_STALE));
    cr_expect_lt(fabs(travel_m(100)), 0.001);
    cr_expect_eq(give_clear(SPOTTER), REFUSED_NO_RECOVERY);
}

Test(cycle_recovery, it_is_ended_by_an_operator_in_motion_too) {
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    bench_run(b, 100);
    cr_assert_eq(recover(BYPASS_NOTHING), REFUSED_NOT);
    bench_run(b, 150);
    cr_expect_eq(bench_axis(b)->bypass, BYPASS_NOTHING);
    cr_expect_lt(fabs(travel_m(100)), 0.001);
}

Test(cycle_recovery, a_good_sensor_is_not_done_without) {
    for (int bypass = BYPASS_LOAD_CELL; bypass <= BYPASS_LIMIT_SWITCH; bypass++)
        cr_expect_eq(recover((enum bypass)bypass), REFUSED_SENSOR_GOOD, "%s",
                     cycle_bypass_name((enum bypass)bypass));
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    silence(BENCH_ENCODER);
    cr_expect_eq(recover(BYPASS_ENCODER), REFUSED_ARMED);
}

/* With the whole link of the sensors silent: one is done without, and the other one lets nothing move all the same. */
Test(cycle_recovery, two_dead_sensors_are_not_one) {
    stop_for(BENCH_CELL);
    silence(BENCH_ENCODER);
    bench_run(b, 20);
    cr_expect_eq(recover(BYPASS_LOAD_CELL), REFUSED_INPUTS);
    cr_expect_eq(recover(BYPASS_ENCODER), REFUSED_INPUTS);
    b->silent[BENCH_ENCODER] = false;
    bench_run(b, 20);
    silence(BENCH_IO);
    bench_run(b, 20);
    cr_expect_eq(recover(BYPASS_LOAD_CELL), REFUSED_INPUTS);
    b->silent[BENCH_IO] = false;
    bench_run(b, 20);
    cr_expect_eq(recover(BYPASS_LOAD_CELL), REFUSED_NOT);
}

Test(cycle_recovery, asked_for_again_it_keeps_the_clear_of_the_other_person) {
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(bench_do(b, COMMAND_DISARM), REFUSED_NOT);
    cr_assert_eq(recover(BYPASS_ENCODER), REFUSED_NOT);
    arm_and_hold();
    cr_expect_eq(jog(0.2), REFUSED_NOT);
    const uint32_t used = b->press;
    b->press = 0;
    bench_run(b, 100);
    b->press = used;
    cr_assert_eq(bench_do(b, COMMAND_DISARM), REFUSED_NOT);
    const struct command again = {.kind = COMMAND_RECOVER, .session = SPOTTER, .bypass = BYPASS_ENCODER};
    cr_assert_eq(bench_step(b, &again), REFUSED_NOT);
    arm_and_hold();
    const enum refusal unseen = jog(0.2);
    cr_expect_eq(unseen, REFUSED_NO_CLEAR, "%d: who asks for it has looked at nothing for himself", unseen);
}

Test(cycle_recovery, another_axis_that_is_armed_is_in_nobodys_way) {
    struct bench *pair = bench_new_pair();
    const struct command arm_first = {.kind = COMMAND_ARM, .axes = 1, .axis = 0};
    cr_assert_eq(bench_step(pair, &arm_first), REFUSED_NOT);
    pair->silent[BENCH_SECOND(BENCH_ENCODER)] = true;
    bench_run(pair, 150);
    struct command without = {.kind = COMMAND_RECOVER, .ticket = 1, .axis = 1, .bypass = BYPASS_ENCODER};
    cr_expect_eq(bench_step(pair, &without), REFUSED_NOT);
    without.axis = 0;
    cr_expect_eq(bench_step(pair, &without), REFUSED_ARMED);
    cr_expect_eq(pair->out.replies[0].axis, 0, "which one");
    bench_free(pair);
}

Test(cycle_recovery, who_moves_gives_no_clear_and_who_gave_it_does_not_move) {
    stop_for(BENCH_ENCODER);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_RECOVER, .session = 3, .bypass = BYPASS_ENCODER}),
                 REFUSED_NOT);
    bench_run(b, 2);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    arm_and_hold();
    cr_assert_eq(give_clear(RIGGER), REFUSED_NOT);
    cr_expect_eq(jog(0.2), REFUSED_SAME_PERSON);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    bench_run(b, 100);
    cr_expect_eq(give_clear(RIGGER), REFUSED_SAME_PERSON);
    cr_expect_eq(give_clear(SPOTTER), REFUSED_NOT, "in motion too");
}

Test(cycle_recovery, nothing_but_a_jog_moves_it) {
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    b->tension_n = 90;
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    struct command go = {.kind = COMMAND_GO, .press = b->press, .cue = 0};
    cr_expect_eq(bench_step(b, &go), REFUSED_RECOVERY);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_RECOVERY);
}

Test(cycle_recovery, it_locks_the_line_and_nobody_unlocks_it_unseen) {
    b->tension_n = 90;
    silence(BENCH_CELL);
    bench_run(b, 20);
    cr_assert_eq(recover(BYPASS_LOAD_CELL), REFUSED_NOT);
    bench_run(b, 2);
    cr_expect(bench_axis(b)->line_locked);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_INPUTS);
}

/* He bounces when the cell comes back: that it was not read for long says nothing of him. */
Test(cycle_recovery, its_end_unlocks_nothing_in_a_light_moment) {
    ready(BENCH_CELL, BYPASS_LOAD_CELL);
    bench_run(b, 1000);
    cr_assert_eq(bench_do(b, COMMAND_DISARM), REFUSED_NOT);
    b->silent[BENCH_CELL] = false;
    b->tension_n = 100;
    cr_assert_eq(recover(BYPASS_NOTHING), REFUSED_NOT);
    bench_run(b, 3);
    cr_assert_eq(bench_axis(b)->bypass, BYPASS_NOTHING);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_BOUNCE);
}

Test(cycle_recovery, every_other_fault_stops_it) {
    ready(BENCH_ENCODER, BYPASS_ENCODER);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    bench_run(b, 100);
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 2);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_ESTOP));
    cr_expect_neq(bench_axis(b)->state, STATE_RUNNING);
}

/* The machine was switched off and on: what is dead was never good before these eyes. */
Test(cycle_recovery, it_works_after_a_restart_and_the_rest_is_still_watched) {
    silence(BENCH_ENCODER);
    b->image.frame[BENCH_ENCODER].stamp_us = 0;
    b->tension_n = 800;
    cycle_init(b->cycle, &b->rig);
    bench_run(b, 50);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_INPUTS);
    cr_assert_eq(recover(BYPASS_ENCODER), REFUSED_NOT);
    bench_run(b, 20);
    arm_and_hold();
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    cr_expect_gt(travel_m(200), 0.2);
    silence(BENCH_DRIVE);
    bench_run(b, 20);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_DRIVE_STALE));
}

Test(cycle_recovery, a_broken_wire_of_a_limit_switch_keeps_nobody_hanging) {
    b->rig.axis[0].switch_count = 1;
    b->rig.axis[0].limit_switch[0] = (struct rig_switch){GUARD_END_PAYOUT, BENCH_IO, 0, true, 26.8, 0.2};
    bench_place(b, 10, 0);
    bench_go(b, 0);
    bench_run(b, 20);
    b->open_contacts = 1;
    bench_run(b, 150);
    b->tension_n = 800;
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_SWITCH_IMPLAUSIBLE));
    cr_assert_eq(recover(BYPASS_LIMIT_SWITCH), REFUSED_NOT);
    bench_run(b, 2);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    arm_and_hold();
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    cr_expect_gt(travel_m(200), 0.2);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

/* --- no way down ------------------------------------------------------------------------------------------------- */

/* Nobody hangs as still as a dead load cell reads. */
static void sway(struct bench *bench) {
    bench->tension_n = bench->tension_n == 500 ? 501 : bench->tension_n == 501 ? 500 : bench->tension_n;
}

/* Somebody hangs where no rope is left to be paid out: he was lowered until the axis would not. */
static void hang_at_the_end(void) {
    bench_place(b, 26.45, 0);
    b->tension_n = 500;
    b->inject = sway;
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert(bench_axis(b)->line_locked);
}

static void let_go(void) {
    uint32_t press = b->press;
    b->press = 0;
    bench_run(b, 150);
    b->press = press;
}

static void ready_to_raise(void) {
    hang_at_the_end();
    cr_assert_eq(recover(BYPASS_WAY_DOWN), REFUSED_NOT);
    arm_and_hold();
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
}

Test(cycle_recovery, who_hangs_at_the_end_of_pay_out_is_taken_up_by_two) {
    hang_at_the_end();
    arm_and_hold();
    cr_expect_eq(jog(-0.1), REFUSED_LINE_LOCKED);
    cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_ARMED);
    cr_assert_eq(bench_do(b, COMMAND_DISARM), REFUSED_NOT);
    cr_assert_eq(recover(BYPASS_WAY_DOWN), REFUSED_NOT);
    cr_expect_eq(bench_axis(b)->bypass, BYPASS_WAY_DOWN);
    cr_expect_eq(bench_axis(b)->recovery_left_us / 1000000, 600);
    arm_and_hold();
    cr_expect_eq(jog(-0.1), REFUSED_NO_CLEAR);
    cr_expect_eq(give_clear(RIGGER), REFUSED_SAME_PERSON);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_expect_eq(jog(-0.11), REFUSED_LIMIT, "the speed of recovery");
    cr_assert_eq(jog(-0.1), REFUSED_NOT);
    cr_expect_float_eq(travel_m(200), -0.1 * 1.7, 0.05);
    cr_expect_eq(bench_axis(b)->mode, MODE_RECOVERY);
    cr_expect(bench_axis(b)->line_locked);
    let_go();
    cr_expect_lt(fabs(travel_m(100)), 0.001);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

Test(cycle_recovery, it_runs_out_on_the_way_up_too_and_is_asked_for_again_there) {
    b->rig.safety.recovery.clear_s = 120;
    b->rig.safety.recovery.expires_s = 60;
    ready_to_raise();
    cr_assert_eq(jog(-0.1), REFUSED_NOT);
    bench_run(b, 3000);
    cr_assert_lt(b->position_m, 25);
    let_go();
    cr_assert_eq(bench_do(b, COMMAND_DISARM), REFUSED_NOT);
    cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_NOT, "nobody is lowered again to be taken up");
    bench_run(b, 6100);
    cr_assert_eq(bench_axis(b)->bypass, BYPASS_NOTHING);
    cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_DOWN_OPEN);
    arm_and_hold();
    cr_expect_eq(jog(-0.1), REFUSED_LINE_LOCKED);
    cr_expect_eq(jog(0.2), REFUSED_NOT);
}

Test(cycle_recovery, nobody_is_taken_up_while_down_is_open) {
    bench_place(b, 20, 0);
    b->tension_n = 500;
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_DOWN_OPEN);
    b->tension_n = 90; /* nobody hangs there, and the line is not locked: a jog will do */
    bench_place(b, 26.45, 0);
    bench_run(b, 3);
    cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_DOWN_OPEN);
}

Test(cycle_recovery, an_end_switch_that_is_open_leaves_no_way_down_either) {
    b->rig.axis[0].switch_count = 1;
    b->rig.axis[0].limit_switch[0] = (struct rig_switch){GUARD_END_PAYOUT, BENCH_IO, 0, true, 20, 1};
    b->open_contacts = 1;
    bench_place(b, 20.5, 0);
    b->tension_n = 500;
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert_eq(recover(BYPASS_WAY_DOWN), REFUSED_NOT);
    arm_and_hold();
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_expect_eq(jog(0.1), REFUSED_SWITCH);
    cr_assert_eq(jog(-0.1), REFUSED_NOT);
    cr_expect_lt(travel_m(100), -0.04);
}

Test(cycle_recovery, nobody_is_taken_up_with_a_doubtful_sensor) {
    static const struct {
        int device;
        enum refusal refusal;
    } rows[] = {{BENCH_CELL, REFUSED_UNFELT}, {BENCH_ENCODER, REFUSED_INPUTS}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        hang_at_the_end();
        silence(rows[i].device);
        bench_run(b, 20);
        cr_expect_eq(recover(BYPASS_WAY_DOWN), rows[i].refusal, "%zu", i);
        b->silent[rows[i].device] = false;
        bench_run(b, 20);
        cr_expect_eq(recover(BYPASS_WAY_DOWN), rows[i].refusal, "%zu: its fault is latched", i);
        cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
        cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_NOT, "%zu", i);
    }
}

/* One sensor or the way down: never both. */
Test(cycle_recovery, who_does_without_a_sensor_does_not_do_without_a_way_down_too) {
    hang_at_the_end();
    silence(BENCH_ENCODER);
    bench_run(b, 20);
    cr_assert_eq(recover(BYPASS_ENCODER), REFUSED_NOT);
    b->silent[BENCH_ENCODER] = false;
    bench_run(b, 2);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_RECOVERY);
}

Test(cycle_recovery, what_is_taken_up_and_catches_stops_it) {
    ready_to_raise();
    cr_assert_eq(jog(-0.1), REFUSED_NOT);
    bench_run(b, 150);
    b->tension_n = 1400; /* caught under a ledge: more than 110 % of the rated mass */
    bench_run(b, 100);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_OVERLOAD));
    cr_expect_lt(fabs(travel_m(100)), 0.001);
}

Test(cycle_recovery, on_the_way_up_every_sensor_counts) {
    for (int device = BENCH_CELL; device <= BENCH_ENCODER; device++) {
        b->silent[BENCH_CELL] = false;
        ready_to_raise();
        cr_assert_eq(jog(-0.1), REFUSED_NOT);
        bench_run(b, 150);
        silence(device);
        bench_run(b, 100);
        cr_expect_neq(b->out.snapshot.fault_mask, 0);
        cr_expect_lt(fabs(travel_m(100)), 0.001);
    }
}

Test(cycle_recovery, nobody_is_taken_up_on_a_drive_whose_brake_does_not_hold) {
    ready_to_raise();
    cr_assert_eq(jog(-0.1), REFUSED_NOT);
    bench_run(b, 150);
    b->brake_stuck_open = true;
    let_go();
    cr_assert(fault_has(b->out.snapshot.fault_mask, FAULT_BRAKE_CLOSE), "its closing time is over");
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(recover(BYPASS_WAY_DOWN), REFUSED_BRAKE_OPEN);
    arm_and_hold();
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    cr_expect_eq(jog(-0.1), REFUSED_BRAKE_OPEN);
    cr_expect_eq(jog(0.1), REFUSED_NOT, "down it may");
}

/* What fails behind the sensor that is done without is a second one all the same. */
Test(cycle_recovery, one_failed_sensor_is_not_exchanged_for_another) {
    stop_for(BENCH_CELL);
    cr_assert_eq(recover(BYPASS_LOAD_CELL), REFUSED_NOT);
    bench_run(b, 2);
    silence(BENCH_ENCODER);
    bench_run(b, 20);
    cr_expect_eq(recover(BYPASS_ENCODER), REFUSED_INPUTS);
}

Test(cycle_recovery, a_clear_ends_with_its_recovery) {
    stop_for(BENCH_CELL);
    cr_assert_eq(recover(BYPASS_LOAD_CELL), REFUSED_NOT);
    bench_run(b, 2);
    cr_assert_eq(give_clear(SPOTTER), REFUSED_NOT);
    bench_run(b, 2);
    const struct command both[2] = {{.kind = COMMAND_RECOVER, .session = SPOTTER, .bypass = BYPASS_NOTHING},
                                    {.kind = COMMAND_RECOVER, .session = RIGGER, .bypass = BYPASS_LOAD_CELL}};
    b->now_us += 10000;
    const struct cycle_in in = {.image = &b->image, .commands = both, .command_count = 2};
    cycle_step(b->cycle, &in, b->now_us, &b->out);
    cr_expect_eq(bench_axis(b)->clear_left_us, 0);
}
