/* What stands against a person on a line, in the cycle: GO and fast jogs wait for commissioning; what moves goes on. */
#include <criterion/criterion.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

#define SLOW_M_S 0.2

static struct bench *b;

/* As loaded from a rig file: the section is there, and no record was read yet. */
static void setup(void) {
    b = bench_new();
    b->rig.axis[0].commissioning.present = true;
    b->rig.axis[0].commissioning.speed_max_m_s = SLOW_M_S;
    bench_place(b, 10, 10);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_clearance, .init = setup, .fini = teardown);

static void clear(enum refusal clearance) {
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_CLEARANCE, .clearance = clearance}), REFUSED_NOT);
    cr_assert_eq(bench_axis(b)->clearance, clearance);
}

static enum refusal ask_go(void) {
    return bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press});
}

static enum refusal jog(double speed_m_s) {
    return bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = speed_m_s});
}

static void arm_and_hold(void) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_step(b, NULL);
}

Test(cycle_clearance, until_the_record_was_read_nobody_flies) {
    arm_and_hold();
    cr_expect_eq(bench_axis(b)->clearance, REFUSED_NOT_COMMISSIONED);
    cr_expect_eq(ask_go(), REFUSED_NOT_COMMISSIONED);
    cr_expect_eq(jog(SLOW_M_S + 0.01), REFUSED_NOT_COMMISSIONED);
    cr_expect_eq(jog(-SLOW_M_S - 0.01), REFUSED_NOT_COMMISSIONED);
    cr_expect_eq(jog(-SLOW_M_S), REFUSED_NOT, "the steps themselves are slow jogs");
}

Test(cycle_clearance, each_refusal_is_told_and_a_good_record_lifts_it) {
    arm_and_hold();
    clear(REFUSED_DAILY_DUE);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_DAILY_DUE);
    cr_expect_eq(ask_go(), REFUSED_DAILY_DUE);
    clear(REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_NOT);
    cr_expect_eq(jog(SLOW_M_S + 0.1), REFUSED_NOT);
}

Test(cycle_clearance, a_cue_under_way_outlives_the_day) {
    clear(REFUSED_NOT);
    bench_go(b, 0);
    clear(REFUSED_DAILY_DUE);
    bench_run(b, 100);
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    cr_expect_eq(bench_axis(b)->mode, MODE_FOLLOW);
}

Test(cycle_clearance, a_person_who_hangs_there_is_lowered_all_the_same) {
    const double lowering_m_s = b->rig.axis[0].belay.lowering_speed_max_m_s;
    cr_assert_gt(lowering_m_s, SLOW_M_S, "else this tells nothing");
    arm_and_hold();
    clear(REFUSED_DAILY_DUE);
    b->tension_n = 800;
    bench_run(b, 20);
    cr_expect_eq(jog(-SLOW_M_S), REFUSED_LINE_LOCKED);
    cr_expect_eq(jog(lowering_m_s), REFUSED_NOT);
}

Test(cycle_clearance, the_speed_that_is_shown_for_a_jog_is_the_one_that_is_let) {
    bench_step(b, NULL);
    cr_expect_float_eq(bench_axis(b)->jog_max_m_s, SLOW_M_S, 1e-9, "only the steps");
    clear(REFUSED_NOT);
    const double free_m_s = bench_axis(b)->jog_max_m_s;
    cr_expect_gt(free_m_s, SLOW_M_S);
    b->rig.axis[0].belay.lowering_speed_max_m_s = free_m_s / 2;
    b->tension_n = 800;
    bench_run(b, 20);
    cr_expect_float_eq(bench_axis(b)->jog_max_m_s, free_m_s / 2, 1e-9, "somebody hangs there");
}

Test(cycle_clearance, a_line_without_a_person_needs_none) {
    b->rig.axis[0].carries_person = false;
    bench_place(b, 10, 10);
    cr_expect_eq(bench_axis(b)->clearance, REFUSED_NOT);
}
