/* The monitors by worked examples: each says so at its limit and not one count earlier, and only when it is watched. */
#include "controller/safety/monitor.h"

#include <criterion/criterion.h>

static const struct monitor_limits base_limits = {
    .cycle_us = 10000,
    .standstill_um_s = 20000,
    .position_min_um = 1000000,
    .position_max_um = 26500000,
    .ultimate_min_um = 500000,
    .ultimate_max_um = 27000000,
    .overspeed_um_s = 2500000,
    .following_um_s = 400000,
    .following_cycles = 15,
    .dead_cycles = 1,
    .lag_us = 40000,
    .window_cycles = 50,
    .follow_base_um = 20000,
    .follow_slack_us = 30000,
    .mismatch_base_um = 20000,
    .mismatch_slack_us = 30000,
    .frozen_um = 10000,
    .unintended_um = 5000,
    .moved_um = 5000,
    .moved_cycles = 3,
    .brake_close_cycles = 20,
    .tension_max_mn = 6000000,
    .tension_peak_mn = 9000000,
    .tension_low_mn = -50000,
    .tension_high_mn = 20000000,
    .tension_rate_mn = 500000,
    .tension_same_cycles = 25,
    .overload_mn = 1100000,
    .overload_both_mn = 1300000,
    .overload_clear_mn = 1000000,
    .underload_mn = 40000,
    .slack_mn = 15000,
    .load_cycles = 2,
    .chain_cycles = 10,
};

static const struct monitor_duty runs = {.obeys = true, .needs_torque = true, .released = true};
static const struct monitor_duty stands = {.asks_closed = true, .relies_on_brake = true};

/* A winch that does what it is told. */
struct winch {
    struct monitor monitor;
    struct monitor_limits limits;
    struct monitor_in in;
    struct monitor_duty duty;
};

static struct winch winch_of(struct monitor_duty duty) {
    return (struct winch){.limits = base_limits,
                          .duty = duty,
                          .in = {.drive_ok = true,
                                 .position_ok = true,
                                 .tension_ok = true,
                                 .brake_ok = true,
                                 .position_um = 10000000,
                                 .tension_mn = 90000,
                                 .drive_enabled = duty.needs_torque,
                                 .brake_open = duty.released,
                                 .brake_closed = !duty.released,
                                 .chain_closed = true,
                                 .mode = MODE_MOVE}};
}

static uint64_t look(struct winch *winch) {
    return monitor_step(&winch->monitor, &winch->limits, &winch->in, &winch->duty);
}

/* One cycle in which the drum turns at the speed of the setpoint behind the declared lag, or as the test says. */
static uint64_t turn(struct winch *winch, int32_t setpoint_um_s, int64_t motor_um_s, int64_t rope_um_s) {
    winch->in.setpoint_um_s = setpoint_um_s;
    winch->in.speed_um_s = (int32_t)motor_um_s;
    winch->in.position_um += rope_um_s / 100;
    winch->in.cell_raw++;
    return look(winch);
}

static uint64_t obey(struct winch *winch, int32_t setpoint_um_s) {
    int64_t speed_um_s = winch->monitor.plan.speed_nm_s / 1000;
    return turn(winch, setpoint_um_s, speed_um_s, speed_um_s);
}

static struct winch cruising(int32_t speed_um_s) {
    struct winch winch = winch_of(runs);
    look(&winch);
    for (int32_t v = 0; v != speed_um_s;) {
        int32_t missing = speed_um_s - v;
        v += missing > 50000 ? 50000 : missing < -50000 ? -50000 : missing;
        cr_assert_eq(obey(&winch, v), 0);
    }
    for (int i = 0; i < 100; i++)
        cr_assert_eq(obey(&winch, speed_um_s), 0, "a drive that follows is no fault");
    return winch;
}

/* What one changed reading says of a winch that runs at zero speed. */
static void expect(struct monitor_in in, struct monitor_duty duty, uint64_t fault) {
    struct winch winch = winch_of(duty);
    winch.in.position_um = in.position_um;
    look(&winch);
    winch.in = in;
    uint64_t said = look(&winch);
    cr_expect_eq(said, fault, "said %llx, expected %llx", (unsigned long long)said, (unsigned long long)fault);
}

Test(monitor, overspeed) {
    static const struct monitor_duty any = {.needs_torque = true, .released = true};
    struct winch winch = winch_of(any);
    winch.in.speed_um_s = 2500000;
    expect(winch.in, any, 0);
    winch.in.speed_um_s = 2500001;
    expect(winch.in, any, FAULT_BIT(OVERSPEED));
    winch.in.speed_um_s = -2500000;
    expect(winch.in, any, 0);
    winch.in.speed_um_s = -2500001;
    expect(winch.in, any, FAULT_BIT(OVERSPEED));
    winch.in.speed_um_s = INT32_MIN;
    expect(winch.in, any, FAULT_BIT(OVERSPEED));
    winch.in.drive_ok = false;
    expect(winch.in, any, FAULT_BIT(DRIVE_STALE));
}

Test(monitor, tension_at_its_three_limits) {
    struct winch winch = winch_of(runs);
    winch.in.tension_mn = 6000000;
    expect(winch.in, runs, 0);
    winch.in.tension_mn = 6000001;
    expect(winch.in, runs, FAULT_BIT(OVERTENSION));
    winch.in.tension_mn = 9000001;
    expect(winch.in, runs, FAULT_BIT(OVERTENSION) | FAULT_BIT(PEAK_TENSION));
    winch.in.tension_mn = 20000001;
    expect(winch.in, runs, FAULT_BIT(OVERTENSION) | FAULT_BIT(PEAK_TENSION) | FAULT_BIT(TENSION_IMPLAUSIBLE));
    winch.in.tension_mn = -50000;
    expect(winch.in, runs, 0);
    winch.in.tension_mn = -50001;
    expect(winch.in, runs, FAULT_BIT(TENSION_IMPLAUSIBLE));
    winch.in.tension_mn = 20000001;
    winch.in.tension_ok = false;
    expect(winch.in, runs, FAULT_BIT(TENSION_STALE));
}

Test(monitor, drive_fault_and_lost_torque) {
    struct winch winch = winch_of(runs);
    winch.in.drive_fault = true;
    expect(winch.in, runs, FAULT_BIT(DRIVE_FAULT));
    winch.in.drive_enabled = false;
    expect(winch.in, runs, FAULT_BIT(DRIVE_FAULT));
    winch.in.drive_fault = false;
    expect(winch.in, runs, FAULT_BIT(DRIVE_DISOBEYS));
    struct monitor_duty itself = {.needs_torque = true, .stops_itself = true};
    expect(winch.in, itself, FAULT_BIT(DRIVE_DISOBEYS));
    winch.in.drive_stops = true;
    expect(winch.in, itself, 0);
    expect(winch.in, runs, FAULT_BIT(DRIVE_DISOBEYS));
    expect(winch.in, (struct monitor_duty){0}, 0);
    winch.in.drive_ok = false;
    expect(winch.in, runs, FAULT_BIT(DRIVE_STALE));
}

Test(monitor, brake_feedback_while_released) {
    struct winch winch = winch_of(runs);
    winch.in.brake_open = false;
    winch.in.brake_closed = true;
    expect(winch.in, runs, FAULT_BIT(BRAKE_OPEN));
    expect(winch.in, (struct monitor_duty){.obeys = true, .needs_torque = true}, 0);
    winch.in.brake_ok = false;
    expect(winch.in, runs, FAULT_BIT(IO_STALE));
}

Test(monitor, position_limits) {
    struct winch winch = winch_of(runs);
    winch.in.position_um = 26500001;
    winch.in.speed_um_s = 20000;
    expect(winch.in, runs, 0);
    winch.in.speed_um_s = 20001;
    expect(winch.in, runs, FAULT_BIT(POSITION_LIMIT));
    expect(winch.in, (struct monitor_duty){.needs_torque = true}, 0);
    winch.in.speed_um_s = -20001;
    expect(winch.in, runs, 0);
    winch.in.position_um = 999999;
    expect(winch.in, runs, FAULT_BIT(POSITION_LIMIT));
    winch.in.speed_um_s = -20000;
    expect(winch.in, runs, 0);
    winch.in.position_um = 1000000;
    winch.in.speed_um_s = -20001;
    expect(winch.in, runs, 0);
    winch.in.position_um = 26500001;
    winch.in.speed_um_s = 20001;
    winch.in.position_ok = false;
    expect(winch.in, runs, FAULT_BIT(POSITION_STALE));
    winch.in.position_ok = true;
    winch.in.drive_ok = false;
    expect(winch.in, runs, FAULT_BIT(DRIVE_STALE));
}

Test(monitor, ultimate_limits_trip_in_any_state) {
    struct winch winch = winch_of(stands);
    winch.in.position_um = 27000000;
    expect(winch.in, stands, 0);
    winch.in.position_um = 27000001;
    expect(winch.in, stands, FAULT_BIT(ULTIMATE_LIMIT));
    winch.in.position_um = 500000;
    expect(winch.in, stands, 0);
    winch.in.position_um = 499999;
    expect(winch.in, stands, FAULT_BIT(ULTIMATE_LIMIT));
    winch.in.position_ok = false;
    expect(winch.in, stands, FAULT_BIT(POSITION_STALE));
}

Test(monitor, what_was_never_good_is_not_stale) {
    struct winch winch = winch_of(stands);
    winch.in.drive_ok = winch.in.position_ok = winch.in.tension_ok = winch.in.brake_ok = false;
    cr_assert_eq(look(&winch), 0);
    bool *const inputs[] = {&winch.in.drive_ok, &winch.in.position_ok, &winch.in.tension_ok};
    for (int i = 0; i < 3; i++) {
        *inputs[i] = true;
        cr_assert_eq(look(&winch), 0);
    }
    winch.in.brake_ok = true;
    cr_assert_eq(look(&winch), 0);
    winch.in.drive_ok = winch.in.position_ok = winch.in.tension_ok = winch.in.brake_ok = false;
    cr_assert_eq(look(&winch),
                 FAULT_BIT(DRIVE_STALE) | FAULT_BIT(POSITION_STALE) | FAULT_BIT(TENSION_STALE) | FAULT_BIT(IO_STALE));
}

Test(monitor, a_drive_that_answers_and_is_not_understood_is_not_silent) {
    struct winch winch = winch_of(runs);
    winch.in.drive_enabled = false;
    winch.in.drive_unclear = true;
    expect(winch.in, runs, FAULT_BIT(DRIVE_UNCLEAR));
    winch.in.drive_ok = false;
    expect(winch.in, runs, FAULT_BIT(DRIVE_STALE));
    winch.in.drive_unclear = false;
    winch.in.drive_ok = true;
    expect(winch.in, runs, FAULT_BIT(DRIVE_DISOBEYS));
}

Test(monitor, what_recovery_does_without_is_not_stale) {
    struct winch winch = winch_of(stands);
    look(&winch);
    winch.in.position_ok = winch.in.tension_ok = false;
    winch.in.position_waived = true;
    cr_expect_eq(look(&winch), FAULT_BIT(TENSION_STALE));
    winch.in.tension_waived = true;
    cr_expect_eq(look(&winch), 0);
    winch.in.position_waived = false;
    cr_expect_eq(look(&winch), FAULT_BIT(POSITION_STALE));
}

/* After a restart the rest is watched although one was never good. */
Test(monitor, what_recovery_does_without_is_not_waited_for) {
    struct winch winch = winch_of(stands);
    winch.in.position_ok = false;
    winch.in.position_waived = true;
    look(&winch);
    winch.in.drive_ok = false;
    cr_expect_eq(look(&winch), FAULT_BIT(DRIVE_STALE));
}

Test(monitor, a_drive_that_follows_both_ways_is_no_fault) {
    cruising(2000000);
    cruising(-2000000);
}

Test(monitor, a_drive_that_disobeys_is_found_after_its_time) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct winch winch = winch_of(runs);
        winch.limits.follow_base_um = 2000000000;
        look(&winch);
        int cycles = 0;
        while (turn(&winch, sign * 1000000, 0, 0) == 0 && cycles < 100)
            cycles++;
        cr_expect_eq(cycles, 14 + 14, "14 until no setpoint of the window is near, and the 15th in a row");
    }
}

Test(monitor, a_drive_at_the_allowed_difference_does_not_disobey) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct winch winch = cruising(0);
        uint64_t faults = 0;
        for (int i = 0; i < 30; i++)
            faults |= turn(&winch, 0, sign * 400000, 0);
        cr_assert_eq(faults & FAULT_BIT(DRIVE_DISOBEYS), 0);
        for (int i = 0; i < 15; i++)
            faults |= turn(&winch, 0, sign * 400001, 0);
        cr_assert_neq(faults & FAULT_BIT(DRIVE_DISOBEYS), 0);
    }
}

Test(monitor, disobeying_is_watched_only_where_the_setpoint_is_obeyed) {
    struct winch winch = winch_of((struct monitor_duty){.needs_torque = true});
    for (int i = 0; i < 100; i++)
        cr_assert_eq(turn(&winch, 1000000, 0, 0), 0);
    winch = winch_of(runs);
    look(&winch);
    winch.in.drive_ok = false;
    for (int i = 0; i < 100; i++)
        cr_assert_eq(turn(&winch, 1000000, 0, 0), FAULT_BIT(DRIVE_STALE));
}

/* The rope goes `rope_percent` of the setpoint's way, the motor `motor_percent`. */
static uint64_t slip(int32_t speed_um_s, int rope_percent, int motor_percent, int cycles) {
    struct winch winch = cruising(speed_um_s);
    uint64_t faults = 0;
    for (int i = 0; i < cycles; i++)
        faults |= turn(&winch, speed_um_s, (int64_t)speed_um_s * motor_percent / 100,
                       (int64_t)speed_um_s * rope_percent / 100);
    return faults;
}

Test(monitor, following_error_is_base_and_speed_times_slack) {
    /* 1 m/s: 20 mm + 30 mm allowed; 10 % of 500 ms are 50 mm. */
    cr_expect_eq(slip(1000000, 90, 90, 200), 0);
    cr_expect_eq(slip(1000000, 89, 89, 200), FAULT_BIT(FOLLOWING_ERROR));
    cr_expect_eq(slip(-1000000, 90, 90, 200), 0);
    cr_expect_eq(slip(-1000000, 89, 89, 200), FAULT_BIT(FOLLOWING_ERROR));
    cr_expect_eq(slip(1000000, 111, 111, 200), FAULT_BIT(FOLLOWING_ERROR));
}

Test(monitor, motor_against_encoder) {
    /* In one window; for longer: unit-travel. */
    cr_expect_eq(slip(1000000, 95, 104, 50), 0);
    cr_expect_eq(slip(1000000, 95, 106, 50), FAULT_BIT(POSITION_MISMATCH));
    cr_expect_eq(slip(-1000000, 106, 95, 50), FAULT_BIT(POSITION_MISMATCH));
}

Test(monitor, an_encoder_that_stands_still) {
    struct winch winch = winch_of(runs);
    look(&winch);
    /* 10 mm of the motor at 100 mm/s: ten cycles, and the one beyond. */
    for (int i = 0; i < 10; i++)
        cr_assert_eq(turn(&winch, 100000, 100000, 0), 0);
    cr_assert_eq(turn(&winch, 100000, 100000, 0), FAULT_BIT(POSITION_FROZEN));
    cr_assert_eq(turn(&winch, 100000, 100000, 100), 0, "it moves again");
}

Test(monitor, travels_are_forgotten_with_a_reading_or_the_duty) {
    for (int lost = 0; lost < 3; lost++) {
        struct winch winch = winch_of(runs);
        look(&winch);
        for (int i = 0; i < 10; i++)
            turn(&winch, 100000, 100000, 0);
        winch.in.drive_ok = lost != 0;
        winch.in.position_ok = lost != 1;
        winch.duty.obeys = lost != 2;
        turn(&winch, 100000, 100000, 0);
        winch.in.drive_ok = winch.in.position_ok = winch.duty.obeys = true;
        for (int i = 0; i < 10; i++)
            cr_expect_eq(turn(&winch, 100000, 100000, 0), 0, "%d", lost);
        cr_expect_eq(turn(&winch, 100000, 100000, 0), FAULT_BIT(POSITION_FROZEN));
    }
}

/* The rope creeps at 10 mm/s, below standstill: 0.1 mm a cycle. */
static int creep(struct winch *winch, int32_t setpoint_um_s, int32_t rope_um_s) {
    int cycles = 0;
    while (!(turn(winch, setpoint_um_s, 0, rope_um_s) & FAULT_BIT(UNINTENDED_MOTION)) && cycles < 1000)
        cycles++;
    return cycles;
}

Test(monitor, motion_without_a_setpoint) {
    struct monitor_duty holds = {.holds = true, .needs_torque = true};
    struct winch winch = winch_of(runs);
    look(&winch);
    cr_expect_eq(creep(&winch, 0, 10000), 50, "5 mm may be");
    winch = winch_of(holds);
    look(&winch);
    cr_expect_eq(creep(&winch, 0, -10000), 50);
    winch = winch_of((struct monitor_duty){.needs_torque = true});
    look(&winch);
    cr_expect_eq(creep(&winch, 0, 10000), 1000);
    winch = winch_of(holds);
    look(&winch);
    winch.in.position_ok = false;
    cr_expect_eq(creep(&winch, 0, 10000), 1000);
}

Test(monitor, motion_against_the_setpoint) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct winch winch = winch_of(runs);
        winch.limits.follow_base_um = winch.limits.mismatch_base_um = 2000000000;
        look(&winch);
        for (int i = 0; i < 50; i++)
            cr_assert_eq(turn(&winch, sign * 50000, sign * 50000, sign * 50000), 0);
        cr_expect_eq(creep(&winch, sign * 50000, -sign * 10000), 50);
        cr_expect_eq(turn(&winch, sign * 50000, sign * 50000, sign * 50000), 0, "with it, it is over");
    }
}

/* A jog below standstill, for ten minutes: its travel is asked for. The encoder tells it in whole mm. */
Test(monitor, motion_against_the_setpoint_ends_with_a_drum_that_stands) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct winch winch = cruising(sign * 100000);
        uint64_t faults = turn(&winch, sign * 100000, sign * 100000, sign * -400000);
        faults |= turn(&winch, sign * 100000, sign * 100000, 0);
        faults |= turn(&winch, sign * 100000, sign * 100000, sign * -400000);
        cr_assert_eq(faults & FAULT_BIT(UNINTENDED_MOTION), 0);
        faults |= turn(&winch, sign * 100000, sign * 100000, sign * -400000);
        cr_assert_neq(faults & FAULT_BIT(UNINTENDED_MOTION), 0, "two in a row are too far");
    }
}

Test(monitor, unintended_motion_may_be_permitted_far) {
    struct winch winch = cruising(0);
    winch.limits.unintended_um = 2000000;
    cr_assert_eq(turn(&winch, 0, 0, 200000000) & FAULT_BIT(UNINTENDED_MOTION), 0);
    cr_assert_neq(turn(&winch, 0, 0, 100) & FAULT_BIT(UNINTENDED_MOTION), 0);
}

Test(monitor, motion_that_a_slow_setpoint_explains) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct winch winch = winch_of(runs);
        look(&winch);
        int64_t way_um = 0;
        for (int i = 0; i < 60000; i++) {
            way_um += winch.monitor.plan.speed_nm_s / 100000;
            int64_t shown_um = way_um / 1000 * 1000;
            winch.in.position_um = 10000000 + shown_um;
            winch.in.cell_raw++;
            winch.in.setpoint_um_s = winch.in.speed_um_s = sign * 10000;
            cr_assert_eq(look(&winch) & FAULT_BIT(UNINTENDED_MOTION), 0, "after %d cycles", i);
        }
        cr_expect_gt(sign * way_um, 5900000, "it went");
    }
}

Test(monitor, motion_that_a_slow_setpoint_does_not_explain) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct winch winch = winch_of(runs);
        look(&winch);
        for (int i = 0; i < 1000; i++)
            cr_assert_eq(turn(&winch, sign * 10000, 0, 0), 0, "standing is no motion");
        cr_expect_eq(creep(&winch, sign * 10000, -sign * 10000), 50, "against it");
        winch = winch_of(runs);
        look(&winch);
        for (int i = 0; i < 1000; i++)
            cr_assert_eq(obey(&winch, sign * 10000), 0);
        cr_expect_eq(creep(&winch, sign * 10000, sign * 19000), 55, "9 mm/s beyond it");
    }
}

static struct winch closed(void) {
    struct winch winch = winch_of(stands);
    for (int i = 0; i < 21; i++)
        cr_assert_eq(look(&winch), 0);
    return winch;
}

Test(monitor, movement_behind_the_closed_brake_by_speed) {
    struct winch winch = winch_of(stands);
    for (int i = 0; i < 20; i++)
        cr_assert_eq(turn(&winch, 0, 20001, 0), 0, "until the pads hold");
    cr_assert_eq(turn(&winch, 0, 20001, 0), 0);
    cr_assert_eq(turn(&winch, 0, 20000, 0), 0, "standing");
    cr_assert_eq(turn(&winch, 0, 20001, 0), 0);
    cr_assert_eq(turn(&winch, 0, -20001, 0), 0);
    cr_assert_eq(turn(&winch, 0, 20001, 0), FAULT_BIT(MOVEMENT));
    winch.in.drive_ok = false;
    cr_assert_eq(turn(&winch, 0, 20001, 0), FAULT_BIT(DRIVE_STALE));
}

Test(monitor, movement_behind_the_closed_brake_by_distance) {
    struct winch winch = closed();
    int64_t from_um = winch.in.position_um;
    winch.in.position_um = from_um + 5000;
    cr_assert_eq(look(&winch), 0);
    winch.in.position_um = from_um - 5001;
    cr_assert_eq(look(&winch), FAULT_BIT(MOVEMENT));
    cr_assert_eq(look(&winch), 0, "from there on it holds");
    winch.in.position_um -= 5001;
    winch.in.position_ok = false;
    cr_assert_eq(look(&winch), FAULT_BIT(POSITION_STALE));
    winch.in.position_ok = true;
    cr_assert_eq(look(&winch), FAULT_BIT(MOVEMENT), "also when nobody could see it");
}

Test(monitor, the_place_is_taken_when_the_brake_holds_and_can_be_read) {
    struct winch winch = winch_of(stands);
    for (int i = 0; i < 30; i++) {
        winch.in.position_ok = i >= 25;
        winch.in.position_um += 100000 * (i < 25);
        cr_assert_eq(look(&winch), 0, "%d", i);
    }
    winch.duty = (struct monitor_duty){.asks_closed = true}; /* the drive holds: it is not the brake's matter */
    winch.in.position_um += 6000;
    cr_assert_eq(look(&winch), 0);
    winch.duty = stands;
    cr_assert_eq(look(&winch), 0);
}

Test(monitor, behind_a_brake_that_reads_open_movement_is_not_said) {
    struct winch winch = closed();
    winch.in.brake_open = true;
    winch.in.brake_closed = false;
    for (int i = 0; i < 30; i++)
        cr_assert_eq(turn(&winch, 0, 50000, 50000) & FAULT_BIT(MOVEMENT), 0, "the drive may hold, %d", i);
    winch.in.brake_open = false;
    winch.in.brake_closed = true;
    cr_assert_eq(look(&winch) & FAULT_BIT(MOVEMENT), 0, "the place is where it closed");
    winch.in.position_um += 5001;
    cr_assert_eq(look(&winch) & FAULT_BIT(MOVEMENT), FAULT_BIT(MOVEMENT));
}

Test(monitor, behind_a_brake_that_cannot_be_read_movement_waits_for_the_reading) {
    struct winch winch = closed();
    winch.in.brake_ok = false;
    for (int i = 0; i < 30; i++)
        cr_assert_eq(turn(&winch, 0, 50000, 50000) & FAULT_BIT(MOVEMENT), 0, "%d", i);
    winch.in.brake_ok = true;
    cr_assert_eq(look(&winch), FAULT_BIT(MOVEMENT), "it moved behind a brake that was closed before and after");
}

Test(monitor, a_brake_that_reads_open_while_it_should_hold) {
    struct winch winch = winch_of(stands);
    winch.in.brake_open = true;
    winch.in.brake_closed = false;
    for (int i = 0; i < 39; i++)
        cr_assert_eq(look(&winch), 0, "%d", i);
    cr_assert_eq(look(&winch), FAULT_BIT(BRAKE_CLOSE));
    winch.in.brake_ok = false;
    cr_assert_eq(look(&winch) & FAULT_BIT(BRAKE_CLOSE), 0);
    winch.in.brake_ok = true;
    winch.in.brake_open = false;
    winch.in.brake_closed = true;
    cr_assert_eq(look(&winch), 0);
}

/* --- the load ---------------------------------------------------------------------------------------------------- */

static struct winch loaded(int32_t tension_mn, int32_t speed_um_s) {
    struct winch winch = cruising(speed_um_s);
    winch.limits.overload_watched[MODE_MOVE] = true;
    winch.in.tension_mn = tension_mn;
    return winch;
}

Test(monitor, overload_stops_lifting_after_its_readings_and_until_it_is_gone) {
    struct winch winch = loaded(1100001, -500000);
    cr_assert_eq(obey(&winch, -500000), 0);
    cr_assert_eq(obey(&winch, -500000), FAULT_BIT(OVERLOAD));
    winch.in.tension_mn = 1000000;
    cr_assert_eq(obey(&winch, 0), FAULT_BIT(OVERLOAD), "not yet under the rated load");
    winch.in.tension_ok = false;
    winch.in.tension_mn = 0;
    cr_assert_eq(obey(&winch, 0), FAULT_BIT(OVERLOAD) | FAULT_BIT(TENSION_STALE));
    winch.in.tension_ok = true;
    winch.in.tension_mn = 999999;
    cr_assert_eq(obey(&winch, 0), 0);
}

Test(monitor, overload_needs_more_than_its_limit_and_lifting) {
    struct winch winch = loaded(1100000, -500000);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(obey(&winch, -500000), 0);
    winch = loaded(1300000, 500000);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(obey(&winch, 500000), 0, "lowering");
    winch.in.tension_mn = 1300001;
    cr_assert_eq(obey(&winch, 500000), 0);
    cr_assert_eq(obey(&winch, 500000), FAULT_BIT(OVERLOAD_BOTH));
    winch = loaded(1100001, -500000);
    winch.limits.overload_watched[MODE_MOVE] = false;
    winch.limits.overload_watched[MODE_JOG] = true;
    for (int i = 0; i < 10; i++)
        cr_assert_eq(obey(&winch, -500000), 0, "not watched in this mode");
}

Test(monitor, a_load_at_rest_is_not_lifted) {
    struct winch winch = loaded(1300000, 0);
    for (int i = 0; i < 10; i++)
        cr_assert_eq(obey(&winch, 0), 0);
}

Test(monitor, the_end_of_a_lift_still_lifts) {
    struct winch winch = loaded(1100001, -500000);
    cr_assert_eq(turn(&winch, 0, -500000, -500000), 0);
    cr_assert_eq(turn(&winch, 0, -480000, -480000), FAULT_BIT(OVERLOAD), "the drum is behind the setpoint");
}

Test(monitor, acceleration_is_taken_off_the_load) {
    /* Lifting off at 5 m/s2 adds half its weight: 1.1 kN read 1.66 kN, and are no overload. */
    for (int heavy = 0; heavy <= 1; heavy++) {
        struct winch winch = winch_of(runs);
        winch.limits.overload_watched[MODE_MOVE] = true;
        look(&winch);
        uint64_t faults = 0;
        for (int i = 1; i <= 20; i++)
            faults |= obey(&winch, -50000 * i);
        for (int i = 21; i <= 30; i++) { /* the lag is through: 5 m/s2 */
            winch.in.tension_mn = heavy ? 1670000 : 1640000;
            faults |= obey(&winch, -50000 * i);
        }
        cr_expect_eq(faults, heavy ? FAULT_BIT(OVERLOAD) : 0);
    }
}

Test(monitor, falling_away_never_makes_the_limit_vanish) {
    struct winch winch = winch_of(runs);
    winch.limits.overload_watched[MODE_MOVE] = true;
    winch.limits.follow_base_um = winch.limits.mismatch_base_um = 2000000000;
    look(&winch);
    uint64_t faults = 0;
    for (int i = 1; i <= 10; i++) { /* 50 m/s2 downwards */
        winch.in.tension_mn = 640000;
        faults |= obey(&winch, 500000 * i);
    }
    cr_expect_eq(faults & FAULT_BIT(OVERLOAD_BOTH), 0, "half of 1.3 kN are 650 N");
    winch.in.tension_mn = 660000;
    obey(&winch, 5500000);
    cr_expect_neq(obey(&winch, 6000000) & FAULT_BIT(OVERLOAD_BOTH), 0);
}

Test(monitor, underload_while_moving) {
    struct winch winch = loaded(39999, 500000);
    cr_assert_eq(obey(&winch, 500000), 0);
    cr_assert_eq(obey(&winch, 500000), 0, "not watched");
    winch.limits.underload_watched[MODE_MOVE] = true;
    winch.in.tension_mn = 40000;
    cr_assert_eq(obey(&winch, 500000), 0);
    cr_assert_eq(obey(&winch, 500000), 0);
    winch.in.tension_mn = 39999;
    cr_assert_eq(obey(&winch, 500000), 0);
    cr_assert_eq(obey(&winch, 500000), FAULT_BIT(UNDERLOAD));
    winch.in.tension_ok = false;
    cr_assert_eq(obey(&winch, 500000), FAULT_BIT(TENSION_STALE));
    winch.in.tension_ok = true;
    for (int i = 0; i < 10; i++)
        cr_assert_eq(obey(&winch, 0), 0, "standing");
    winch.duty.obeys = false;
    for (int i = 0; i < 10; i++)
        cr_assert_eq(obey(&winch, 500000), 0);
}

Test(monitor, slack_while_paying_out) {
    struct winch winch = loaded(14999, 500000);
    cr_assert_eq(obey(&winch, 500000), 0);
    cr_assert_eq(obey(&winch, 500000), 0, "not watched");
    winch.limits.slack_watched[MODE_MOVE] = true;
    winch.in.tension_mn = 15000;
    cr_assert_eq(obey(&winch, 500000), 0);
    cr_assert_eq(obey(&winch, 500000), 0);
    winch.in.tension_mn = 14999;
    cr_assert_eq(obey(&winch, 500000), 0);
    cr_assert_eq(obey(&winch, 500000), FAULT_BIT(SLACK_PAYOUT));
    cr_assert_eq(obey(&winch, 0), 0);
    winch.in.tension_ok = false;
    cr_assert_eq(obey(&winch, 500000), FAULT_BIT(TENSION_STALE));
    cr_assert_eq(obey(&winch, 500000), FAULT_BIT(TENSION_STALE));
}

Test(monitor, tension_that_jumps) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct winch winch = loaded(1000000, 0);
        look(&winch);
        winch.in.tension_mn += sign * 500001;
        cr_assert_eq(look(&winch), 0, "not watched");
        winch.limits.tension_rate_watched[MODE_MOVE] = true;
        winch.limits.overload_watched[MODE_MOVE] = false;
        winch.in.tension_mn -= sign * 500000;
        cr_assert_eq(look(&winch), 0);
        winch.in.tension_mn += sign * 500001;
        cr_assert_eq(look(&winch), FAULT_BIT(TENSION_RATE));
        cr_assert_eq(look(&winch), 0);
        winch.in.tension_ok = false;
        winch.in.tension_mn -= sign * 500001;
        cr_assert_eq(look(&winch), FAULT_BIT(TENSION_STALE));
        winch.in.tension_ok = true;
        winch.in.tension_mn += sign * 500001;
        cr_assert_eq(look(&winch), 0, "nothing to compare with");
    }
}

/* A reading that is the same to the last bit, `cycles` times, at `speed`. */
static uint64_t same(struct winch *winch, int32_t speed_um_s, int cycles) {
    uint64_t said = 0;
    for (int i = 0; i < cycles; i++) {
        uint32_t raw = winch->in.cell_raw;
        winch->in.cell_raw = raw - 1;
        said = turn(winch, speed_um_s, speed_um_s, speed_um_s);
    }
    return said;
}

Test(monitor, a_cell_that_says_the_same_to_the_last_bit) {
    struct winch winch = cruising(500000);
    cr_assert_eq(same(&winch, 500000, 30), 0, "not watched");
    winch.limits.tension_same_watched = true;
    cr_assert_eq(same(&winch, 500000, 24), 0);
    cr_assert_eq(same(&winch, 500000, 1), FAULT_BIT(TENSION_FROZEN));
    cr_assert_eq(turn(&winch, 500000, 500000, 500000), 0, "one bit is enough");
    cr_assert_eq(same(&winch, 500000, 24), 0);
    winch.in.tension_ok = false;
    cr_assert_eq(same(&winch, 500000, 1), FAULT_BIT(TENSION_STALE));
    winch.in.tension_ok = true;
    cr_assert_eq(same(&winch, 500000, 25), 0, "the first has nothing to be the same as");
    cr_assert_eq(same(&winch, 500000, 1), FAULT_BIT(TENSION_FROZEN));
    winch = winch_of(runs);
    winch.limits.tension_same_watched = true;
    cr_assert_eq(same(&winch, 0, 100), 0, "standing");
}

Test(monitor, a_drive_kept_off_behind_a_closed_chain) {
    struct winch winch = winch_of(stands);
    winch.in.sto_off = true;
    for (int i = 0; i < 20; i++)
        cr_assert_eq(look(&winch), 0, "the drive does not tell");
    winch.limits.sto_watched = true;
    for (int i = 0; i < 10; i++)
        cr_assert_eq(look(&winch), 0);
    cr_assert_eq(look(&winch), FAULT_BIT(CHAIN_OFF));
    winch.in.chain_closed = false;
    cr_assert_eq(look(&winch), 0, "an open chain keeps it off rightly");
    winch.in.chain_closed = true;
    winch.in.sto_off = false;
    for (int i = 0; i < 20; i++)
        cr_assert_eq(look(&winch), 0);
}

Test(monitor, counters_stay_where_they_end) {
    struct winch winch = closed();
    winch.monitor.brake.closed_cycles = INT32_MAX;
    cr_assert_eq(look(&winch), 0);
    cr_assert_eq(winch.monitor.brake.closed_cycles, INT32_MAX);
}

/* --- the chain --------------------------------------------------------------------------------------------------- */

Test(monitor, chain_and_its_discrepancy) {
    struct monitor_chain chain = {0};
    cr_assert_eq(monitor_chain(&chain, true, true, true, 30), 0);
    cr_assert_eq(monitor_chain(&chain, false, true, true, 30), FAULT_BIT(IO_STALE));
    for (int i = 1; i < 30; i++)
        cr_assert_eq(monitor_chain(&chain, true, true, false, 30), FAULT_BIT(ESTOP), "one open channel stops at once");
    cr_assert_eq(monitor_chain(&chain, true, true, false, 30), FAULT_BIT(ESTOP) | FAULT_BIT(ESTOP_DISCREPANCY));
    cr_assert_eq(monitor_chain(&chain, true, false, false, 30), FAULT_BIT(ESTOP));
    cr_assert_eq(monitor_chain(&chain, true, true, true, 30), 0);
}

Test(monitor, a_channel_that_did_not_open_is_remembered_until_both_do) {
    for (int which = 0; which < 2; which++) {
        struct monitor_chain chain = {0};
        for (int i = 0; i < 30; i++)
            monitor_chain(&chain, true, which == 0, which == 1, 30);
        for (int i = 0; i < 5; i++)
            cr_assert_eq(monitor_chain(&chain, true, true, true, 30), FAULT_BIT(ESTOP_WELDED));
        cr_assert_eq(monitor_chain(&chain, true, which == 0, which == 1, 30), FAULT_BIT(ESTOP));
        cr_assert_eq(monitor_chain(&chain, true, true, true, 30), FAULT_BIT(ESTOP_WELDED), "again only one");
        cr_assert_eq(monitor_chain(&chain, true, false, false, 30), FAULT_BIT(ESTOP));
        cr_assert_eq(monitor_chain(&chain, true, true, true, 30), 0);
    }
}

/* However short the press was: a station opens both. */
Test(monitor, one_channel_that_opens_alone_is_a_weld) {
    for (int cycles = 1; cycles < 30; cycles++) {
        struct monitor_chain chain = {0};
        for (int i = 0; i < cycles; i++)
            cr_assert_eq(monitor_chain(&chain, true, true, false, 30), FAULT_BIT(ESTOP));
        cr_assert_eq(monitor_chain(&chain, true, true, true, 30), cycles < 8 ? 0 : FAULT_BIT(ESTOP_WELDED),
                     "%d cycles; a quarter of the time is bounce", cycles);
    }
    struct monitor_chain chain = {0};
    for (int i = 0; i < 8; i++)
        monitor_chain(&chain, true, true, false, 30);
    monitor_chain(&chain, false, true, true, 30);
    cr_assert_eq(monitor_chain(&chain, true, true, true, 30), FAULT_BIT(ESTOP_WELDED), "remembered while it was blind");
}

Test(monitor, a_station_need_not_move_both_channels_at_once) {
    struct monitor_chain chain = {0};
    for (int way = 0; way < 2; way++) { /* the one opens and closes first, or opens first and closes last */
        for (int i = 0; i < 29; i++)
            monitor_chain(&chain, true, true, false, 30);
        cr_assert_eq(monitor_chain(&chain, true, false, false, 30), FAULT_BIT(ESTOP));
        for (int i = 0; i < 29; i++)
            monitor_chain(&chain, true, way == 0, way == 1, 30);
        cr_assert_eq(monitor_chain(&chain, true, true, true, 30), 0, "way %d", way);
    }
}
