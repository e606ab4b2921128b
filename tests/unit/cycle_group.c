/* Groups through the cycle: winches that get apart in a motion stop together, by the stop table. */
#include <criterion/criterion.h>

#include "tests/bench_rig.h"

static struct bench *b;

static void setup(void) {
    b = bench_new_pair();
    b->rig.group_count = 1;
    b->rig.group[0] = (struct rig_group){.name = "truss", .axes = 3, .deviation_m = 0.5};
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
