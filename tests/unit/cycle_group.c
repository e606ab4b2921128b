/* Groups through the cycle: winches that get apart in a motion stop together, by the stop table. */
#include <criterion/criterion.h>

#include "controller/cycle_parts.h"
#include "tests/bench_rig.h"

static struct bench *b;

static void setup(void) {
    b = bench_new_pair();
    b->rig.group_count = 1;
    b->rig.axis[0].belay.present = false;
    b->rig.group[0] = (struct rig_group){.name = "truss", .kind = GROUP_LOCKED, .axes = 3, .deviation_m = 0.5};
    bench_place(b, 5, 12);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_group, .init = setup, .fini = teardown);

static enum axis_state state_of(int axis) {
    return b->out.snapshot.axis[axis].state;
}

static void both_run(void) {
    bench_go(b, 1);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 2}), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = 2}), REFUSED_NOT);
    bench_run(b, 100);
}

static void jogs(int axis, double speed_m_s) {
    b->press++;
    bench_run(b, 2);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .axis = axis,
                                                 .speed_m_s = speed_m_s}), REFUSED_NOT);
}

static void lets_go(void) {
    const uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    bench_run(b, 100);
    b->press = press;
}

Test(cycle_group, one_that_goes_on_when_the_other_has_arrived_stops_both) {
    both_run();
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_RUNNING);
    for (int i = 0; i < 1500 && b->out.snapshot.fault_mask == 0; i++)
        bench_run(b, 1);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_GROUP_DEVIATION);
    for (int i = 0; i < 2; i++)
        cr_expect_eq(b->out.snapshot.axis[i].fault_mask, FAULT_BIT(GROUP_DEVIATION), "axis %d", i);
    cr_expect_neq(state_of(1), STATE_RUNNING);
    const double apart_m = (b->second.position_m - 12) - (b->position_m - 5);
    cr_expect(apart_m > 0.49 && apart_m < 0.52, "%g", apart_m);
}

Test(cycle_group, a_jog_of_one_alone_goes_so_far_at_a_time) {
    bench_do(b, COMMAND_ARM);
    jogs(1, 0.25);
    bench_run_ms(b, 1900);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    lets_go();
    jogs(1, 0.25);
    bench_run_ms(b, 1500);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "each motion begins anew");
    bench_run_ms(b, 1500);
    cr_expect(state_of(0) == STATE_FAULT && b->out.snapshot.first_out == FAULT_GROUP_DEVIATION);
    bench_run(b, 100);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT, "at rest nothing is apart");
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    jogs(1, -0.25);
    bench_run_ms(b, 1500);
    cr_expect_eq(state_of(1), STATE_RUNNING, "the way back");
}

Test(cycle_group, one_that_is_not_seen_stops_the_other) {
    both_run();
    b->silent[BENCH_SECOND(BENCH_ENCODER)] = true;
    bench_run_ms(b, 150);
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(GROUP_DEVIATION));
    cr_expect_neq(state_of(0), STATE_RUNNING);
}

Test(cycle_group, a_rig_without_groups_lets_them_go_apart) {
    b->rig.group_count = 0;
    bench_place(b, 5, 12);
    both_run();
    bench_run(b, 900);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    cr_expect_float_eq(b->second.position_m, 20, 0.005);
}

Test(cycle_group, a_recovery_of_one_is_not_ended_by_the_group) {
    b->silent[BENCH_SECOND(BENCH_ENCODER)] = true;
    bench_run(b, 150);
    struct command recover = {.kind = COMMAND_RECOVER, .session = 1, .axis = 1, .bypass = BYPASS_ENCODER};
    cr_assert_eq(bench_step(b, &recover), REFUSED_NOT);
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    struct command clear = {.kind = COMMAND_CLEAR, .session = 2, .axis = 1};
    cr_assert_eq(bench_step(b, &clear), REFUSED_NOT);
    jogs(1, 0.1);
    bench_run(b, 300);
    cr_expect_eq(state_of(1), STATE_RUNNING, "%s", fault_text(b->out.snapshot.first_out)->name);
}

/* ---- one lowered by itself ---- */

static enum refusal one(enum command_kind kind, int axis) {
    return bench_step(b, &(struct command){.kind = kind, .axis = axis, .axes = UINT32_C(1) << axis});
}

static void armed_alone(int axis) {
    cr_assert_eq(one(COMMAND_RESET, axis), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(one(COMMAND_ARM, axis), REFUSED_NOT);
}

static void mate_dies(void) {
    for (int device = BENCH_DRIVE; device <= BENCH_ENCODER; device++)
        b->silent[BENCH_SECOND(device)] = true;
}

static void mates_drive_fails(void) {
    b->second.drive_fault_word = 0x0218;
}

Test(cycle_group, a_mate_that_is_out_of_order_leaves_a_way_down) {
    static void (*const breaks[])(void) = {mate_dies, mates_drive_fails};
    for (size_t i = 0; i < sizeof breaks / sizeof breaks[0]; i++) {
        b->silent[BENCH_SECOND(BENCH_DRIVE)] = b->silent[BENCH_SECOND(BENCH_CELL)] = false;
        b->silent[BENCH_SECOND(BENCH_ENCODER)] = false;
        bench_place(b, 5, 12);
        breaks[i]();
        bench_run(b, 100);
        armed_alone(0);
        jogs(0, 0.25);
        bench_run_ms(b, 6000);
        cr_expect_eq(state_of(0), STATE_RUNNING, "%zu: %s", i, fault_text(b->out.snapshot.first_out)->name);
        cr_expect_gt(b->position_m, 6);
        lets_go();
    }
}

/* Somebody mends it: what falls silent there is no load that moves. What moves there is. */
Test(cycle_group, new_faults_of_a_mate_that_lies_on_its_brake_end_no_lowering) {
    static const int devices[] = {BENCH_CELL, BENCH_ENCODER};
    static const enum fault_id faults[] = {FAULT_TENSION_STALE, FAULT_POSITION_STALE};
    mates_drive_fails();
    bench_run(b, 100);
    armed_alone(0);
    jogs(0, 0.25);
    bench_run_ms(b, 1000);
    for (int i = 0; i < 2; i++) {
        b->silent[BENCH_SECOND(devices[i])] = true;
        bench_run_ms(b, 500);
        cr_assert(b->out.snapshot.axis[1].fault_mask >> faults[i] & 1);
    }
    cr_expect_eq(state_of(0), STATE_RUNNING, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_float_eq(b->out.snapshot.axis[0].setpoint_m_s, 0.25, 1e-6);
}

Test(cycle_group, a_mate_that_slips_on_its_brake_ends_a_lowering) {
    mates_drive_fails();
    bench_run(b, 100);
    armed_alone(0);
    jogs(0, 0.25);
    bench_run_ms(b, 1000);
    b->second.position_m += 0.5;
    bench_run_ms(b, 200);
    cr_assert(b->out.snapshot.axis[1].fault_mask & FAULT_BIT(MOVEMENT), "%llx",
              (unsigned long long)b->out.snapshot.axis[1].fault_mask);
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(RIG_STOP));
}

Test(cycle_group, a_mate_that_falls_silent_ends_what_is_lifted_beside_it) {
    mates_drive_fails();
    bench_run(b, 100);
    armed_alone(0);
    jogs(0, -0.25);
    bench_run_ms(b, 500);
    b->silent[BENCH_SECOND(BENCH_CELL)] = true;
    bench_run_ms(b, 500);
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(RIG_STOP));
}

Test(cycle_group, a_mate_that_is_in_order_again_ends_no_lowering) {
    mates_drive_fails();
    bench_run(b, 100);
    armed_alone(0);
    jogs(0, 0.25);
    bench_run_ms(b, 1000);
    b->second.drive_fault_word = 0;
    bench_run(b, 30);
    cr_assert_eq(one(COMMAND_RESET, 1), REFUSED_NOT);
    bench_run_ms(b, 5000);
    cr_expect_eq(state_of(0), STATE_RUNNING, "%s", fault_text(b->out.snapshot.first_out)->name);
    lets_go();
    jogs(0, 0.25);
    bench_run_ms(b, 3000);
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(GROUP_DEVIATION), "the next one goes so far as ever");
}

Test(cycle_group, beside_one_that_is_not_seen_nothing_is_lifted) {
    mate_dies();
    bench_run(b, 100);
    armed_alone(0);
    jogs(0, -0.25);
    bench_run_ms(b, 500);
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(GROUP_DEVIATION));
}

Test(cycle_group, a_lowering_that_began_together_ends_with_the_mates_fault) {
    bench_do(b, COMMAND_ARM);
    jogs(0, 0.25);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .axis = 1,
                                                 .speed_m_s = 0.25}), REFUSED_NOT);
    bench_run_ms(b, 1000);
    b->cycle->axis[0].line_locked = true;
    mates_drive_fails();
    const double from_m = b->position_m;
    bench_run_ms(b, 3000);
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(RIG_STOP));
    cr_expect_leq(b->position_m - from_m, 0.1);
}

Test(cycle_group, a_fault_elsewhere_is_no_reason_to_go_on_alone) {
    b->rig.group_count = 0;
    bench_place(b, 5, 12);
    bench_do(b, COMMAND_ARM);
    b->rig.group_count = 1;
    jogs(0, 0.25);
    bench_run_ms(b, 3000);
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(GROUP_DEVIATION));
}

Test(cycle_group, what_hangs_on_a_locked_line_is_lowered_by_itself) {
    bench_do(b, COMMAND_ARM);
    b->cycle->axis[0].line_locked = true; /* as after a slide */
    jogs(0, 0.25);
    bench_run_ms(b, 4000);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_gt(b->position_m, 5.9);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .axis = 1,
                                                 .speed_m_s = -0.25}), REFUSED_NOT);
    bench_run_ms(b, 1500);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_GROUP_DEVIATION, "two that move are compared");
}

/* ---- one in recovery ---- */

static void recovers(int axis, enum bypass bypass) {
    struct command recover = {.kind = COMMAND_RECOVER, .session = 1, .axis = axis, .bypass = bypass};
    cr_assert_eq(bench_step(b, &recover), REFUSED_NOT);
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
}

Test(cycle_group, no_cue_runs_beside_a_recovery) {
    static const struct {
        int device;
        enum bypass bypass;
    } rows[] = {{BENCH_CELL, BYPASS_LOAD_CELL}, {BENCH_ENCODER, BYPASS_ENCODER}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bench_do(b, COMMAND_DISARM);
        b->silent[rows[i].device] = true;
        bench_place(b, 5, 12);
        b->silent[BENCH_CELL] = b->silent[BENCH_ENCODER] = false;
        b->silent[rows[i].device] = true;
        bench_run(b, 60);
        recovers(0, rows[i].bypass);
        bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 2});
        b->press++;
        bench_run(b, 2);
        cr_expect_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = 2}),
                     REFUSED_RECOVERY, "%zu", i);
        cr_expect_eq(b->out.replies[0].axis, 0, "the one in recovery is named");
    }
}

Test(cycle_group, a_recovery_with_its_encoder_is_compared) {
    b->silent[BENCH_CELL] = true;
    bench_run(b, 60);
    recovers(0, BYPASS_LOAD_CELL);
    jogs(1, 0.25);
    bench_run_ms(b, 3000);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_GROUP_DEVIATION);
}

Test(cycle_group, one_that_comes_back_from_recovery_is_compared_from_where_it_is) {
    b->silent[BENCH_ENCODER] = true;
    bench_run(b, 60);
    recovers(0, BYPASS_ENCODER);
    b->silent[BENCH_ENCODER] = false;
    jogs(1, 0.25);
    bench_run_ms(b, 600);
    struct command ends = {.kind = COMMAND_RECOVER, .session = 1, .axis = 0, .bypass = BYPASS_NOTHING};
    cr_assert_eq(bench_step(b, &ends), REFUSED_NOT);
    bench_run_ms(b, 1200);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
    bench_run_ms(b, 1200);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_GROUP_DEVIATION);
}
