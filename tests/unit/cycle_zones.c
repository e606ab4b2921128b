/* E-stop stations with names and zones: which axes a station stops, which station is told, and that each is watched for
 * itself. */
#include <criterion/criterion.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

enum { DESK, GRID };

static struct bench *b;

/* "desk" stops both winches, "grid" the second one alone, and no stop table widens that. */
static void setup(void) {
    static const enum fault_id of_station[] = {FAULT_ESTOP, FAULT_ESTOP_DISCREPANCY, FAULT_ESTOP_WELDED};
    b = bench_new_pair();
    b->rig.safety.station_count = 2;
    b->rig.safety.station[GRID] = (struct rig_station){.name = "grid", .pair = 1, .axes = 1 << 1};
    for (size_t i = 0; i < sizeof of_station / sizeof of_station[0]; i++)
        for (int mode = 0; mode < MODE_COUNT; mode++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                b->rig.stop_table[0].cells.cell[of_station[i]][mode][direction].scope = STOP_AXIS;
    bench_place(b, 5, 12);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_zones, .init = setup, .fini = teardown);

static enum axis_state state_of(int axis) {
    return b->out.snapshot.axis[axis].state;
}

static void both_run(void) {
    bench_go(b, 1);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 2}), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = 2}), REFUSED_NOT);
    for (int i = 0; i < 30 && state_of(1) != STATE_RUNNING; i++)
        bench_step(b, NULL);
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_RUNNING);
}

Test(cycle_zones, a_station_stops_its_zone_and_no_other_axis) {
    both_run();
    b->grid_a_closed = b->grid_b_closed = false;
    bench_step(b, NULL);
    const struct snapshot *now = &b->out.snapshot;
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_STOPPING);
    cr_assert(now->estop_reaction_cycles == 0 && now->estop_count == 1);
    cr_assert(now->permission_alive, "the first winch moves under it");
    cr_assert_eq(now->axis[0].fault_mask, 0);
    cr_assert_eq(now->axis[1].fault_mask, FAULT_BIT(ESTOP));
    cr_assert(now->first_out == FAULT_ESTOP && now->first_out_axis == -1 && now->first_out_station == GRID);
    cr_assert(now->estop_a_closed[DESK] && now->estop_b_closed[DESK]);
    cr_assert_not(now->estop_a_closed[GRID] || now->estop_b_closed[GRID]);
    bench_run(b, 200);
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_FAULT);
}

Test(cycle_zones, a_station_over_all_axes_stops_all) {
    both_run();
    b->estop_a_closed = b->estop_b_closed = false;
    bench_step(b, NULL);
    cr_assert(state_of(0) == STATE_STOPPING && state_of(1) == STATE_STOPPING);
    cr_assert_eq(b->out.snapshot.first_out_station, DESK);
    b->grid_a_closed = b->grid_b_closed = false;
    bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.first_out_station, DESK, "first-out stays");
    cr_assert_eq(b->out.snapshot.estop_count, 2);
}

Test(cycle_zones, nothing_is_reset_or_armed_while_any_station_is_open) {
    b->grid_a_closed = b->grid_b_closed = false;
    bench_run(b, 60);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_ESTOP_OPEN);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_ESTOP_OPEN);
    b->grid_a_closed = b->grid_b_closed = true;
    bench_run(b, 60);
    cr_assert(state_of(1) == STATE_FAULT, "closed again: nothing by itself");
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert(state_of(0) == STATE_DISARMED && state_of(1) == STATE_DISARMED, "reset is not arm");
    cr_assert_eq(b->out.snapshot.first_out_station, -1);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    bench_run(b, 60);
    cr_assert(state_of(0) == STATE_ARMED && state_of(1) == STATE_ARMED, "arm is not GO");
}

/* One channel of each of two stations open is no closed pair, and no discrepancy cancels another. */
Test(cycle_zones, each_station_is_watched_for_itself) {
    both_run();
    b->grid_b_closed = false;
    bench_run_ms(b, 290);
    cr_assert_eq(b->out.snapshot.axis[1].fault_mask, FAULT_BIT(ESTOP));
    bench_run_ms(b, 20);
    cr_assert_eq(b->out.snapshot.axis[1].fault_mask, FAULT_BIT(ESTOP) | FAULT_BIT(ESTOP_DISCREPANCY));
    cr_assert_eq(b->out.snapshot.axis[0].fault_mask, 0);
    b->grid_b_closed = true;
    b->estop_a_closed = b->estop_b_closed = false; /* both channels of the other one do not clear it */
    bench_run_ms(b, 2000);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run_ms(b, 300);
    cr_assert(b->out.snapshot.axis[1].fault_mask & FAULT_BIT(ESTOP_WELDED));
    cr_assert_not(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(ESTOP_WELDED));
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_CAUSE_REMAINS);
    b->grid_a_closed = b->grid_b_closed = false;
    bench_run_ms(b, 100);
    b->grid_a_closed = b->grid_b_closed = true;
    bench_run_ms(b, 100);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

Test(cycle_zones, a_silent_io_block_is_no_station_s_fault) {
    both_run();
    b->silent[BENCH_IO] = true;
    bench_run_ms(b, 120);
    cr_assert(b->out.snapshot.first_out == FAULT_IO_STALE && b->out.snapshot.first_out_station == -1);
    cr_assert(b->out.snapshot.axis[0].fault_mask & b->out.snapshot.axis[1].fault_mask & FAULT_BIT(IO_STALE));
}

/* ---- reset and arm of one axis ---- */

static enum refusal one(enum command_kind kind, int axis) {
    return bench_step(b, &(struct command){.kind = kind, .axis = axis, .axes = UINT32_C(1) << axis, .press = b->press});
}

static enum refusal jog(int axis, double speed_m_s) {
    struct command command = {.kind = COMMAND_JOG, .press = b->press, .axis = axis, .speed_m_s = speed_m_s};
    return bench_step(b, &command);
}

/* The climber falls, and a station of the other zone stays pressed. */
static void caught_while_the_grid_is_open(void) {
    bench_go(b, 0);
    b->tension_n = 800;
    b->grid_a_closed = b->grid_b_closed = false;
    bench_run(b, 100);
    cr_assert(state_of(0) == STATE_FAULT && state_of(1) == STATE_FAULT);
    cr_assert(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(FALL_CAUGHT));
    b->press = 0;
}

Test(cycle_zones, a_caught_climber_does_not_wait_for_another_zone) {
    caught_while_the_grid_is_open();
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_ESTOP_OPEN, "of all");
    cr_expect_eq(one(COMMAND_RESET, 1), REFUSED_ESTOP_OPEN);
    cr_expect_eq(b->out.snapshot.axis[0].alone, ALONE_RESET);
    cr_assert_eq(one(COMMAND_RESET, 0), REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.axis[0].alone, ALONE_ARM);
    cr_expect(b->out.events[0].kind == EVENT_COMMAND && b->out.events[0].axis == 0, "the log names it");
    cr_expect(state_of(0) == STATE_DISARMED && state_of(1) == STATE_FAULT, "reset is not arm");
    cr_expect_eq(one(COMMAND_ARM, 1), REFUSED_ESTOP_OPEN);
    cr_assert_eq(one(COMMAND_ARM, 0), REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.axis[0].alone, ALONE_HOLD);
    cr_expect_eq(b->out.snapshot.axis[1].alone, ALONE_NOTHING);
    b->press = 9;
    bench_run(b, 2);
    cr_expect_eq(jog(0, -0.1), REFUSED_LINE_LOCKED);
    cr_expect_neq(jog(1, 0.1), REFUSED_NOT);
    cr_assert_eq(jog(0, 0.2), REFUSED_NOT);
    double from_m = b->position_m;
    bench_run(b, 200);
    cr_expect_gt(b->position_m, from_m + 0.2);
    cr_expect_eq(state_of(1), STATE_FAULT);
    cr_expect_eq(b->second.position_m, 12);
}

/* What the whole machine may is told by nobody as what one axis may; nor is a press offered that would be refused. */
Test(cycle_zones, alone_is_said_only_where_it_makes_a_difference) {
    cr_expect_eq(b->out.snapshot.axis[0].alone, ALONE_NOTHING, "all may be armed");
    bench_go(b, 1);
    cr_expect_eq(b->out.snapshot.axis[0].alone, ALONE_NOTHING, "all are");
    b->grid_a_closed = b->grid_b_closed = false;
    bench_run(b, 3);
    cr_assert(state_of(0) != STATE_FAULT && state_of(1) == STATE_FAULT);
    cr_expect_eq(b->out.snapshot.axis[0].alone, ALONE_HOLD, "a new press for it is taken");
    cr_expect_eq(b->out.snapshot.axis[1].alone, ALONE_NOTHING, "its own station is open");
    b->grid_a_closed = b->grid_b_closed = true;
    b->press = 0;
    bench_run(b, 150);
    bench_do(b, COMMAND_DISARM);
    bench_run(b, 2);
    cr_expect_eq(b->out.snapshot.axis[1].alone, ALONE_NOTHING, "a reset of all is open");
    cr_expect_eq(b->out.snapshot.axis[0].alone, ALONE_ARM);
}

Test(cycle_zones, first_out_is_of_what_is_still_latched) {
    caught_while_the_grid_is_open();
    cr_assert_eq(one(COMMAND_RESET, 0), REFUSED_NOT);
    cr_expect(b->out.snapshot.first_out == FAULT_ESTOP && b->out.snapshot.first_out_station == GRID);
    b->grid_a_closed = b->grid_b_closed = true;
    bench_run(b, 60);
    cr_assert_eq(one(COMMAND_RESET, 1), REFUSED_NOT);
    cr_expect(b->out.snapshot.first_out == FAULT_NONE && b->out.snapshot.first_out_station == -1);
}

/* Whoever held while the axis was reset and armed presses anew for it; what moves under his hold moves on. */
Test(cycle_zones, a_press_held_through_the_reset_of_one_axis_does_not_move_it) {
    both_run();
    b->grid_a_closed = b->grid_b_closed = false;
    bench_run(b, 60);
    b->grid_a_closed = b->grid_b_closed = true;
    bench_run(b, 60);
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_FAULT);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT_STANDING, "of all");
    cr_assert_eq(one(COMMAND_RESET, 1), REFUSED_NOT);
    cr_assert_eq(one(COMMAND_ARM, 1), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_ARMED);
    cr_expect_eq(jog(1, 0.1), REFUSED_PRESS_USED);
    bench_run(b, 100);
    cr_expect(state_of(0) == STATE_RUNNING && state_of(1) == STATE_ARMED);
    uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    b->press = press + 1;
    bench_run(b, 2);
    cr_expect_eq(jog(1, 0.1), REFUSED_NOT);
}

Test(cycle_zones, a_press_that_waited_through_the_arm_of_one_axis_is_dead) {
    both_run();
    b->other_press = 7;
    b->grid_a_closed = b->grid_b_closed = false;
    bench_run(b, 60);
    b->grid_a_closed = b->grid_b_closed = true;
    bench_run(b, 60);
    cr_assert_eq(one(COMMAND_RESET, 1), REFUSED_NOT);
    cr_assert_eq(one(COMMAND_ARM, 1), REFUSED_NOT);
    b->other_press = 0; /* asks no more, and then again with the same press */
    uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    b->other_press = 7;
    bench_run(b, 5);
    cr_expect_not(b->out.snapshot.permission_alive);
    b->other_press = 8;
    bench_run(b, 5);
    cr_expect_eq(b->out.snapshot.permission_session, 2);
}

Test(cycle_zones, arm_of_all_takes_those_that_are_left) {
    cr_assert_eq(one(COMMAND_ARM, 1), REFUSED_NOT);
    cr_assert(state_of(0) == STATE_DISARMED && state_of(1) == STATE_ARMED);
    cr_expect_eq(one(COMMAND_ARM, 1), REFUSED_ALREADY_ARMED);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    cr_expect(state_of(0) == STATE_ARMED && state_of(1) == STATE_ARMED);
    cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_ALREADY_ARMED);
    cr_assert_eq(one(COMMAND_RESET, 0), REFUSED_NOT);
    cr_expect(state_of(0) == STATE_DISARMED && state_of(1) == STATE_ARMED, "a reset disarms its own axis");
}

/* With nothing armed a press begun in a stop is dead, as ever. */
Test(cycle_zones, a_press_begun_in_a_stop_moves_nothing_that_was_not_armed_then) {
    caught_while_the_grid_is_open();
    b->press = 9;
    bench_run(b, 5);
    cr_expect_not(b->out.snapshot.permission_alive);
    cr_assert_eq(one(COMMAND_RESET, 0), REFUSED_NOT);
    cr_assert_eq(one(COMMAND_ARM, 0), REFUSED_NOT);
    bench_run(b, 5);
    cr_expect_eq(jog(0, 0.1), REFUSED_PRESS_USED);
}

/* The end of the first press was never heard: it expires only after the second one was killed by the arm. */
Test(cycle_zones, a_press_that_an_arm_killed_stays_dead_when_an_older_one_ends) {
    cr_assert_eq(one(COMMAND_ARM, 1), REFUSED_NOT);
    b->press = 1;
    bench_run(b, 3);
    cr_assert_eq(jog(1, 0.2), REFUSED_NOT);
    bench_run(b, 60);
    b->press = 2;
    bench_run(b, 5);
    cr_assert_eq(one(COMMAND_ARM, 0), REFUSED_NOT);
    bench_run(b, 60);
    cr_expect_eq(jog(0, 0.2), REFUSED_PRESS_USED);
    cr_expect_eq(state_of(0), STATE_ARMED);
}

/* Armed when the other winch failed: a new press moves it, without a reset or an arm that there is nothing for. */
Test(cycle_zones, who_is_half_way_down_does_not_wait_for_the_other_winch) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->grid_a_closed = b->grid_b_closed = false;
    bench_run(b, 100);
    cr_assert(state_of(0) == STATE_ARMED && state_of(1) == STATE_FAULT);
    b->press = 9;
    bench_run(b, 2);
    cr_expect_eq(jog(1, 0.2), REFUSED_ESTOP_OPEN);
    cr_expect_eq(jog(0, 0.2), REFUSED_NOT);
    cr_expect(b->out.snapshot.armed, "clients are told that a winch is armed");
}

/* What stopped the whole rig is there still: an axis that was reset is jogged to safety, and runs no cue. */
Test(cycle_zones, an_axis_reset_alone_runs_no_cue_while_what_stopped_the_rig_is_latched) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->second.tension_n = 7000; /* peak tension: stops the rig */
    bench_run(b, 100);
    cr_assert(state_of(0) == STATE_FAULT && state_of(1) == STATE_FAULT);
    cr_assert_eq(one(COMMAND_RESET, 0), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(one(COMMAND_ARM, 0), REFUSED_NOT);
    b->press = 9;
    bench_run(b, 2);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 1}), REFUSED_NOT);
    struct command go = {.kind = COMMAND_GO, .press = 9, .cue = 1};
    cr_expect_eq(bench_step(b, &go), REFUSED_FAULT_LATCHED);
    cr_expect_eq(state_of(0), STATE_ARMED);
    cr_expect_eq(jog(0, 0.2), REFUSED_NOT);
}
