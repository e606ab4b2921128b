/* The judge by worked examples: each fault trips when it must, and not one reading earlier. */
#include "tests/judge_axis.h"

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
    in.monitor.brake_open = false, in.monitor.brake_closed = true;
    expect_trip(in, 0, FAULT_BIT(BRAKE_OPEN), STATE_STOPPING);
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
    struct judge_axis axis = disarmed();
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

Test(judge, a_stop_that_lasts_too_long_ends_without_torque_whatever_is_latched) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.monitor.speed_um_s = 100000;
    axis.state = STATE_STOPPING;
    axis.latched = FAULT_BIT(STOP_TIME);
    axis.reaction = STOP_RAMP; /* too gentle by some error */
    while (axis.cycles_in_state < limits.stop_cycles_max)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_STOPPING);
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_FAULT);
}

Test(judge, closing_holds_torque_until_the_brake_must_hold) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.end = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_STOPPING);
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_CLOSING);
    in.monitor.brake_open = false, in.monitor.brake_closed = true; /* the switch tells at once, not the pads */
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

Test(judge, a_creeping_drive_behind_a_stuck_brake_keeps_its_torque) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.end = true;
    for (int i = 0; i < 1000; i++) {
        in.monitor.position_um += 100; /* 10 mm/s */
        step(&axis, in, 0);
    }
    cr_assert_eq(axis.state, STATE_CLOSING);
    cr_assert_eq(axis.latched, FAULT_BIT(BRAKE_CLOSE));
}

Test(judge, weight_on_the_line_latches_and_stops) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.caught = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_STOPPING);
    cr_assert_eq(axis.latched, FAULT_BIT(FALL_CAUGHT));
    judge_init(&axis);
    step(&axis, in, 0);
    cr_assert_eq(axis.latched, 0, "only of a running axis");
}

Test(judge, movement_behind_a_closed_brake_is_a_fault) {
    struct judge_axis axis = disarmed();
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
    in.monitor.brake_open = in.monitor.drive_enabled = false, in.monitor.brake_closed = true;
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

/* --- reactions --------------------------------------------------------------------------------------------------- */

Test(judge, each_reaction_has_its_state_and_its_drive_word) {
    struct judge_axis axis = tripped(FAULT_BIT(CYCLE_OVERRUN));
    cr_assert(axis.reaction == STOP_RAMP && axis.state == STATE_STOPPING && axis.scope == STOP_RIG);
    cr_assert_not(judge_wants_quick_stop(&axis, &limits));
    axis = tripped(FAULT_BIT(ULTIMATE_LIMIT));
    cr_assert(axis.reaction == STOP_DRIVE && axis.state == STATE_STOPPING && axis.scope == STOP_AXIS);
    cr_assert(judge_wants_quick_stop(&axis, &limits));
    axis = tripped(FAULT_BIT(OVERSPEED));
    cr_assert(axis.reaction == STOP_OFF && axis.state == STATE_FAULT);
    cr_assert_not(judge_wants_quick_stop(&axis, &limits));
}

Test(judge, the_drives_own_stop_ends_at_standstill_whatever_the_setpoint_says) {
    struct judge_axis axis = tripped(FAULT_BIT(ULTIMATE_LIMIT));
    struct judge_in in = moving_in(200000);
    in.monitor.drive_enabled = false;
    in.monitor.drive_stops = true; /* quick stop active is no disobedience now */
    for (int i = 0; i < 20; i++)
        step(&axis, in, 400000);
    cr_assert_eq(axis.state, STATE_STOPPING);
    cr_assert_eq(axis.latched, FAULT_BIT(ULTIMATE_LIMIT));
    in.monitor.speed_um_s = 20000;
    step(&axis, in, 300000);
    cr_assert_eq(axis.state, STATE_CLOSING);
    cr_assert(judge_wants_quick_stop(&axis, &limits), "it holds until the brake does");
    in.monitor.brake_open = false, in.monitor.brake_closed = true;
    for (int i = 0; i < limits.brake_close_cycles_max; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RELEASING);
    cr_assert_not(judge_wants_quick_stop(&axis, &limits));
}

Test(judge, a_reaction_gets_harder_and_never_softer) {
    struct judge_axis axis = tripped(FAULT_BIT(ESTOP));
    struct judge_in in = moving_in(500000);
    in.shared = FAULT_BIT(ULTIMATE_LIMIT);
    step(&axis, in, 420000);
    cr_assert_eq(axis.reaction, STOP_DRIVE);
    in.shared = FAULT_BIT(CYCLE_OVERRUN);
    step(&axis, in, 340000);
    cr_assert(axis.reaction == STOP_DRIVE && axis.state == STATE_STOPPING);
    in.shared = FAULT_BIT(OVERSPEED);
    step(&axis, in, 260000);
    cr_assert(axis.reaction == STOP_OFF && axis.state == STATE_FAULT);
}

Test(judge, the_cell_of_the_moment_counts_until_the_reset) {
    struct judge_axis axis = running();
    struct judge_in in = moving_in(-500000);
    in.shared = FAULT_BIT(FOLLOWING_ERROR); /* taking in: a ramp */
    step(&axis, in, -500000);
    cr_assert_eq(axis.reaction, STOP_RAMP);
    step(&axis, in, 100000); /* the same cause in the other direction would be the drive's own stop */
    cr_assert_eq(axis.reaction, STOP_RAMP);
    axis = running();
    step(&axis, in, 500000);
    cr_assert_eq(axis.reaction, STOP_DRIVE);
}

Test(judge, without_sight_there_is_no_ramp_but_the_drives_own) {
    struct judge_axis axis = running();
    struct judge_in in = moving_in(500000);
    in.monitor.drive_ok = false;
    step(&axis, in, 500000);
    cr_assert_eq(axis.latched, FAULT_BIT(DRIVE_STALE));
    cr_assert_eq(axis.state, STATE_FAULT);
    for (int i = 0; i < limits.brake_close_cycles_max; i++) {
        cr_assert(judge_wants_quick_stop(&axis, &limits), "until the brake holds, %d", i);
        step(&axis, in, 0);
    }
    cr_assert(judge_wants_quick_stop(&axis, &limits));
    step(&axis, in, 0);
    cr_assert_not(judge_wants_quick_stop(&axis, &limits), "then it is let go");
}

/* Understood again, it is not trusted to be what it was: not before the reset. */
Test(judge, a_drive_that_was_not_understood_stops_by_itself) {
    struct judge_axis axis = running();
    struct judge_in in = moving_in(500000);
    in.monitor.drive_unclear = true;
    in.monitor.drive_enabled = false;
    step(&axis, in, 500000);
    cr_assert_eq(axis.latched, FAULT_BIT(DRIVE_UNCLEAR));
    cr_assert_eq(axis.state, STATE_FAULT);
    in.monitor.drive_unclear = false;
    in.monitor.drive_enabled = true;
    step(&axis, in, 500000);
    cr_assert_eq(axis.state, STATE_FAULT);
    cr_expect(judge_wants_quick_stop(&axis, &limits), "until the brake holds");
    cr_expect_eq(axis.latched, FAULT_BIT(DRIVE_UNCLEAR));
}

static struct judge_in link_lost_in(bool of_the_drive) {
    struct judge_in in = moving_in(500000);
    in.shared = FAULT_BIT(LINK_LOST);
    in.drive_link_lost = of_the_drive;
    return in;
}

Test(judge, sight_that_came_back_through_a_new_link_is_not_trusted) {
    struct judge_axis axis = running();
    step(&axis, link_lost_in(true), 500000);
    cr_assert(axis.state == STATE_FAULT && judge_wants_quick_stop(&axis, &limits));
    struct judge_in in = moving_in(500000);
    in.shared = FAULT_BIT(OVERSPEED); /* and a suspect drive loses its torque even then */
    step(&axis, in, 0);
    cr_assert_not(judge_wants_quick_stop(&axis, &limits));
}

Test(judge, a_lost_link_of_another_drive_stops_this_one_before_the_brake) {
    struct judge_axis axis = running();
    step(&axis, link_lost_in(false), 500000);
    cr_assert_eq(axis.latched, FAULT_BIT(LINK_LOST));
    cr_assert_eq(axis.state, STATE_STOPPING);
    cr_assert(judge_wants_quick_stop(&axis, &limits));
    cr_assert(judge_wants_brake_open(axis.state), "no pads on a drum that moves");
    struct judge_in in = moving_in(500000);
    in.monitor.drive_enabled = false;
    in.monitor.drive_stops = true;
    step(&axis, in, 500000);
    cr_assert_eq(axis.state, STATE_STOPPING, "it stays in sight");
    in.monitor.speed_um_s = 0;
    step(&axis, in, 500000);
    cr_assert_eq(axis.state, STATE_CLOSING);
}

Test(judge, a_link_lost_in_another_ones_stop_ends_blind) {
    struct judge_axis axis = running();
    step(&axis, link_lost_in(false), 500000);
    cr_assert_eq(axis.state, STATE_STOPPING);
    step(&axis, link_lost_in(true), 500000); /* its own, although the fault is latched already */
    cr_assert(axis.state == STATE_FAULT && judge_wants_quick_stop(&axis, &limits));
}

Test(judge, a_reset_gives_the_sight_back) {
    struct judge_axis axis = running();
    step(&axis, link_lost_in(true), 500000);
    for (int i = 0; i < 60; i++)
        step(&axis, good(), 0);
    cr_assert(judge_can_reset(&axis));
    judge_reset(&axis);
    judge_event(&axis, EVENT_AXIS_ARM);
    step(&axis, good(), 0);
    cr_assert(judge_run(&axis, true));
    struct judge_in in = good();
    in.monitor.drive_enabled = true;
    step(&axis, in, 0);
    step(&axis, running_in(), 0);
    in = moving_in(500000);
    in.shared = FAULT_BIT(ESTOP);
    step(&axis, in, 500000);
    cr_assert_eq(axis.state, STATE_STOPPING, "%s", state_name(axis.state));
}

Test(judge, a_blind_axis_whose_brake_reads_open_is_not_let_go_for_moving) {
    struct judge_axis axis = running();
    struct judge_in in = moving_in(500000);
    in.monitor.drive_ok = false;
    step(&axis, in, 500000);
    cr_assert_eq(axis.state, STATE_FAULT);
    in.monitor.drive_ok = true; /* the brake stays open, the drive stops late */
    for (int i = 0; i < 4 * limits.brake_close_cycles_max; i++) {
        in.monitor.position_um += 1000;
        step(&axis, in, 0);
    }
    cr_assert_eq(axis.latched, FAULT_BIT(DRIVE_STALE) | FAULT_BIT(BRAKE_CLOSE));
    cr_assert_neq(axis.reaction, STOP_OFF);
}

Test(judge, a_ramp_that_loses_sight_ends_blind) {
    struct judge_axis axis = tripped(FAULT_BIT(ESTOP));
    struct judge_in in = moving_in(500000);
    in.monitor.drive_ok = false;
    step(&axis, in, 420000);
    cr_assert(axis.state == STATE_FAULT && judge_wants_quick_stop(&axis, &limits));
}

Test(judge, a_fault_without_torque_needs_no_quick_stop) {
    struct judge_axis axis = disarmed();
    struct judge_in in = good();
    step(&axis, in, 0);
    in.shared = FAULT_BIT(LINK_LOST);
    in.drive_link_lost = true;
    step(&axis, in, 0);
    cr_assert(axis.state == STATE_FAULT && !judge_wants_quick_stop(&axis, &limits));
}

Test(judge, another_axis_stops_this_one) {
    struct judge_axis axis = running();
    struct judge_in in = moving_in(500000);
    in.monitor.setpoint_um_s = 500000;
    step(&axis, in, 500000);
    judge_stop_with_rig(&axis, table, &limits, &in);
    cr_assert(axis.state == STATE_STOPPING && axis.latched == FAULT_BIT(RIG_STOP) && !axis.startable);
    judge_init(&axis);
    step(&axis, good(), 0);
    judge_event(&axis, EVENT_AXIS_ARM);
    in = good();
    judge_stop_with_rig(&axis, table, &limits, &in);
    cr_assert_eq(axis.state, STATE_FAULT);
    cr_assert(judge_can_reset(&axis), "it has no cause of its own");
}

/* --- start ------------------------------------------------------------------------------------------------------- */

Test(judge, torque_needs_arm_permission_chain_drive_and_readings) {
    struct judge_axis axis = disarmed();
    cr_assert_not(judge_run(&axis, true));
    step(&axis, good(), 0);
    cr_assert_not(judge_run(&axis, true), "not armed");
    judge_event(&axis, EVENT_AXIS_ARM);
    cr_assert_not(judge_run(&axis, false), "nobody holds");
    struct judge_in in = good();
    in.monitor.chain_closed = false;
    step(&axis, in, 0);
    cr_assert_not(judge_run(&axis, true), "chain");
    in = good();
    in.drive_ready = false;
    step(&axis, in, 0);
    cr_assert_not(judge_run(&axis, true), "drive");
    cr_assert_eq(axis.state, STATE_ARMED);
    step(&axis, good(), 0);
    cr_assert(judge_run(&axis, true));
    cr_assert_eq(axis.state, STATE_ENABLING);
    judge_init(&axis); /* armed by somebody who did not look: no reading was ever good */
    judge_event(&axis, EVENT_AXIS_ARM);
    in = good();
    in.monitor.tension_ok = false;
    step(&axis, in, 0);
    cr_assert_not(judge_run(&axis, true));
    in.monitor.drive_ok = false;
    axis.monitor.seen_good = true; /* and a reading that is tolerated as lost does not let a blind drive start */
    axis.tolerated = FAULT_BIT(DRIVE_STALE) | FAULT_BIT(TENSION_STALE);
    step(&axis, in, 0);
    cr_assert_eq(axis.latched, 0);
    cr_assert_not(judge_run(&axis, true));
}

/* --- reset with a cause that remains ----------------------------------------------------------------------------- */

/* Stopped by `shared`, standing disabled, the cause still there. */
static struct judge_axis standing_with(uint64_t shared, int32_t setpoint_um_s) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.shared = shared;
    step(&axis, in, setpoint_um_s);
    in.monitor.brake_open = in.monitor.drive_enabled = false, in.monitor.brake_closed = true;
    for (int i = 0; i < 60; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_FAULT);
    return axis;
}

Test(judge, a_cause_that_remains_leaves_the_way_that_its_cell_allows) {
    struct judge_axis axis = standing_with(FAULT_BIT(OVERLOAD), -100000);
    cr_assert(judge_can_reset(&axis));
    judge_reset(&axis);
    cr_assert_eq(axis.state, STATE_DISARMED);
    cr_assert_eq(axis.tolerated, FAULT_BIT(OVERLOAD));
    cr_assert(judge_permits_payout(&axis) && !judge_permits_takein(&axis));
    struct judge_in in = good();
    in.shared = FAULT_BIT(OVERLOAD);
    step(&axis, in, 0);
    cr_assert_eq(axis.latched, 0, "it does not latch again while it lasts");
    in.shared = 0;
    step(&axis, in, 0);
    cr_assert(judge_permits_payout(&axis) && judge_permits_takein(&axis));
    in.shared = FAULT_BIT(OVERLOAD);
    step(&axis, in, 0);
    cr_assert_eq(axis.latched, FAULT_BIT(OVERLOAD), "but when it comes back");
}

Test(judge, slack_leaves_take_in_only) {
    struct judge_axis axis = standing_with(FAULT_BIT(SLACK_PAYOUT), 100000);
    cr_assert(judge_can_reset(&axis));
    judge_reset(&axis);
    cr_assert(!judge_permits_payout(&axis) && judge_permits_takein(&axis));
}

Test(judge, behind_a_position_limit_the_way_back_stays) {
    for (int way = -1; way <= 1; way += 2) {
        struct judge_axis axis = standing_with(FAULT_BIT(POSITION_LIMIT), way * 100000);
        cr_assert(judge_can_reset(&axis));
        judge_reset(&axis);
        cr_expect_eq(judge_permits_payout(&axis), way < 0);
        cr_expect_eq(judge_permits_takein(&axis), way > 0);
    }
}

Test(judge, causes_that_allow_nothing_in_common_hold_the_reset) {
    struct judge_axis axis = standing_with(FAULT_BIT(OVERLOAD) | FAULT_BIT(SLACK_PAYOUT), 100000);
    cr_assert_not(judge_can_reset(&axis));
    axis = standing_with(FAULT_BIT(TENSION_RATE), 100000);
    cr_assert_not(judge_can_reset(&axis));
}

Test(judge, an_open_chain_is_never_tolerated) {
    struct judge_axis axis = standing_with(FAULT_BIT(ESTOP), 100000);
    axis.allow_payout = axis.allow_takein = UINT64_MAX;
    cr_assert_not(judge_can_reset(&axis));
}

Test(judge, a_drive_fault_is_left_to_the_reset) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.monitor.drive_fault = true;
    in.monitor.drive_enabled = false;
    step(&axis, in, 0);
    cr_assert(axis.latched == FAULT_BIT(DRIVE_FAULT) && !judge_can_reset(&axis), "no answer to the stop yet");
    step(&axis, in, 0);
    cr_assert(judge_can_reset(&axis));
    judge_reset(&axis);
    cr_assert_eq(axis.tolerated, 0);
    step(&axis, in, 0);
    cr_assert_eq(axis.latched & FAULT_BIT(DRIVE_FAULT), FAULT_BIT(DRIVE_FAULT), "it stayed, so it latches again");
}

Test(judge, an_armed_and_a_disarmed_axis_may_be_reset_too) {
    struct judge_axis axis = disarmed();
    step(&axis, good(), 0);
    cr_assert(judge_can_reset(&axis));
    judge_event(&axis, EVENT_AXIS_ARM);
    cr_assert(judge_can_reset(&axis));
}
