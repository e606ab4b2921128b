/* Limit switches in the cycle: read from the I/O block, judged for their axis, and blocking jog, GO and setpoint. */
#include <criterion/criterion.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

static struct bench *b;

/* As on free-climb: behind the working range of 1 to 26.5 m, before the ultimate one of 0.2 to 28 m. */
static const struct rig_switch fitted[GUARD_SWITCH_COUNT] = {
    {GUARD_END_PAYOUT, BENCH_IO, 0, true, 26.8, 0.2},     {GUARD_END_TAKEIN, BENCH_IO, 1, true, 0.8, 0.2},
    {GUARD_ULTIMATE_PAYOUT, BENCH_IO, 2, true, 27.6, 0.2}, {GUARD_ULTIMATE_TAKEIN, BENCH_IO, 3, true, 0.4, 0.2},
    {GUARD_DEAD_TURNS, BENCH_IO, 4, true, 27.5, 0.2},      {GUARD_OVERWRAP, BENCH_IO, 5, false, 0, 0},
};

static void place(double position_m) {
    bench_place(b, position_m, 12);
}

static void setup(void) {
    b = bench_new_pair();
    b->rig.axis[0].switch_count = GUARD_SWITCH_COUNT;
    memcpy(b->rig.axis[0].limit_switch, fitted, sizeof fitted);
    place(10);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_switches, .init = setup, .fini = teardown);

static void open_contact(enum guard_switch which) {
    b->open_contacts = 1U << which;
}

static enum refusal jog(int axis, double speed_m_s) {
    return bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .axis = axis,
                                           .speed_m_s = speed_m_s});
}

static void arm_and_hold(void) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_step(b, NULL);
}

Test(cycle_switches, closed_ones_change_nothing) {
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    bench_go(b, 1);
    bench_run(b, 50);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

/* The limit that should have come first is set too far out. */
Test(cycle_switches, an_end_switch_blocks_its_way_and_leaves_the_other) {
    b->rig.axis[0].limits.position_max_m = 27;
    b->open_contacts = 1U << GUARD_END_PAYOUT;
    place(26.75);
    cr_assert_eq(b->out.snapshot.fault_mask, 0);
    cr_expect_eq(b->out.snapshot.axis[0].payout.refusal, REFUSED_NOT_ARMED);
    arm_and_hold();
    cr_expect_eq(b->out.snapshot.axis[0].payout.refusal, REFUSED_SWITCH);
    cr_expect_eq(b->out.snapshot.axis[0].takein.refusal, REFUSED_NOT);
    cr_expect_eq(jog(0, 0.1), REFUSED_SWITCH);
    cr_expect_eq(jog(1, 0.1), REFUSED_NOT, "the other winch has no switch there");
    cr_expect_eq(jog(0, -0.1), REFUSED_NOT);
    bench_run(b, 60);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    cr_expect_lt(b->position_m, 26.75);
}

Test(cycle_switches, an_end_switch_that_opens_in_motion_stops_it) {
    b->rig.axis[0].limits.position_max_m = 27;
    place(26.65);
    arm_and_hold();
    cr_assert_eq(jog(0, 0.1), REFUSED_NOT);
    bench_run(b, 60);
    cr_assert_gt(b->speed_m_s, 0.05);
    open_contact(GUARD_END_PAYOUT);
    bench_step(b, NULL);
    cr_expect_eq(b->out.snapshot.axis[0].fault_mask, FAULT_BIT(END_SWITCH));
    cr_expect(b->out.snapshot.first_out == FAULT_END_SWITCH && b->out.snapshot.first_out_axis == 0);
    cr_expect_eq(b->out.snapshot.axis[1].fault_mask, 0);
    bench_run(b, 100);
    cr_expect_float_eq(b->speed_m_s, 0, 1e-9);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT, "standing there is no cause");
    arm_and_hold();
    cr_expect_eq(jog(0, 0.1), REFUSED_SWITCH);
    cr_expect_eq(jog(0, -0.1), REFUSED_NOT);
}

/* The clamp holds the way even before the judge has a speed to judge by. */
Test(cycle_switches, no_setpoint_goes_out_towards_an_open_switch) {
    b->rig.axis[0].limits.position_max_m = 27;
    place(26.65);
    arm_and_hold();
    cr_assert_eq(jog(0, 0.015), REFUSED_NOT, "slower than what counts as motion");
    bench_run(b, 60);
    cr_assert_gt(b->out.snapshot.axis[0].setpoint_m_s, 0.01);
    open_contact(GUARD_END_PAYOUT);
    bench_step(b, NULL);
    cr_expect_eq(b->out.snapshot.axis[0].fault_mask, 0);
    bench_run(b, 10);
    cr_expect_float_eq(b->out.snapshot.axis[0].setpoint_m_s, 0, 1e-9);
}

Test(cycle_switches, an_ultimate_switch_stops_both_ways_and_lets_the_axis_back) {
    b->rig.axis[0].limits.position_max_m = b->rig.axis[0].ultimate.position_max_m = 28;
    b->open_contacts = 1U << GUARD_ULTIMATE_PAYOUT | 1U << GUARD_END_PAYOUT | 1U << GUARD_DEAD_TURNS;
    place(27.65);
    cr_expect_eq(b->out.snapshot.axis[0].fault_mask, FAULT_BIT(ULTIMATE_SWITCH));
    cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_FAULT_LATCHED);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT, "its cell allows a way");
    bench_step(b, &(struct command){.kind = COMMAND_UNLOCK, .axis = 0});
    arm_and_hold();
    cr_expect_eq(jog(0, 0.1), REFUSED_SWITCH, "not further out, whatever the cell allows");
    cr_assert_eq(jog(0, -0.1), REFUSED_NOT);
    bench_run(b, 60);
    cr_expect_lt(b->position_m, 27.65);
    b->open_contacts = 1U << GUARD_END_PAYOUT | 1U << GUARD_ULTIMATE_PAYOUT;
    bench_step(b, NULL);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "the same cause is not latched twice");
}

Test(cycle_switches, a_broken_wire_stops_and_stays) {
    bench_go(b, 1);
    bench_run(b, 20);
    open_contact(GUARD_END_TAKEIN);
    bench_step(b, NULL);
    cr_expect_eq(b->out.snapshot.axis[0].fault_mask, FAULT_BIT(SWITCH_IMPLAUSIBLE));
    cr_expect_eq(b->out.snapshot.axis[0].state, STATE_STOPPING);
    bench_run(b, 100);
    b->open_contacts = 0;
    bench_run(b, 5);
    cr_expect_eq(b->out.snapshot.axis[0].state, STATE_FAULT, "mended: nothing by itself");
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

Test(cycle_switches, a_cue_towards_an_open_switch_is_refused) {
    open_contact(GUARD_OVERWRAP);
    place(11);
    b->open_contacts = 1U << GUARD_OVERWRAP;
    bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.axis[0].fault_mask, FAULT_BIT(OVERWRAP));
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_step(b, &(struct command){.kind = COMMAND_UNLOCK, .axis = 0});
    arm_and_hold();
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_LIMIT_REMAINS);
    cr_expect_eq(jog(0, -0.1), REFUSED_LIMIT_REMAINS);
    cr_expect_eq(jog(0, 0.1), REFUSED_NOT);
}

Test(cycle_switches, belaying_needs_both_ways_and_a_move_its_own) {
    b->rig.axis[0].limits.position_max_m = 27;
    b->open_contacts = 1U << GUARD_END_PAYOUT;
    place(26.75);
    arm_and_hold();
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_SWITCH, "cue 1 belays");
    bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 1});
    bench_step(b, NULL);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_NOT, "cue 2 goes to 12 m");
    b->show.cue[1].position_m = 26.8;
    bench_step(b, NULL);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_SWITCH);
}

/* A switch of the first winch is read by the block of the second: when that one falls silent both stop, and arm no
 * more. */
Test(cycle_switches, a_silent_block_stops_the_axis_whose_switch_it_reads) {
    b->silent[BENCH_SECOND(BENCH_IO)] = true;
    bench_run_ms(b, 120);
    cr_assert_eq(b->out.snapshot.axis[0].fault_mask, FAULT_BIT(RIG_STOP), "not its own block");
    b->silent[BENCH_SECOND(BENCH_IO)] = false;
    b->rig.axis[0].limit_switch[0].io = BENCH_SECOND(BENCH_IO);
    place(10);
    cr_assert_eq(b->out.snapshot.fault_mask, 0);
    b->silent[BENCH_SECOND(BENCH_IO)] = true;
    bench_run_ms(b, 120);
    cr_expect_eq(b->out.snapshot.axis[0].fault_mask, FAULT_BIT(IO_STALE));
    cr_expect(b->out.snapshot.first_out == FAULT_IO_STALE && b->out.snapshot.first_out_axis == 0);
    place(10); /* never read since the start */
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_INPUTS);
}
