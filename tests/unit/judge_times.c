/* The judge's states by worked examples: what each waits for, for how long, and how it ends. */
#include "tests/judge_axis.h"

/* Armed and told to run; the drive has not answered yet. */
static struct judge_axis enabling(void) {
    struct judge_axis axis = disarmed();
    step(&axis, good(), 0);
    judge_event(&axis, EVENT_AXIS_ARM);
    cr_assert(judge_run(&axis, true));
    return axis;
}

static int cycles_until(struct judge_axis *axis, struct judge_in in, uint64_t fault) {
    int cycles = 0;
    while (!(axis->latched & fault) && cycles < 1000) {
        step(axis, in, 0);
        cycles++;
    }
    return cycles;
}

Test(judge_times, each_state_has_its_time) {
    struct judge_axis axis = enabling();
    cr_expect_eq(cycles_until(&axis, good(), FAULT_BIT(DRIVE_DISOBEYS)), limits.enable_cycles_max + 1);
    cr_expect_eq(axis.state, STATE_FAULT);

    axis = enabling();
    struct judge_in in = good();
    in.monitor.drive_enabled = true;
    step(&axis, in, 0);
    cr_expect_eq(axis.state, STATE_OPENING);
    cr_expect_eq(cycles_until(&axis, in, FAULT_BIT(BRAKE_OPEN)), limits.brake_open_cycles_max + 1);
    cr_expect_eq(axis.state, STATE_CLOSING);

    axis = enabling();
    in = good();
    in.end = true;
    step(&axis, in, 0);
    cr_expect_eq(axis.state, STATE_RELEASING);
    in.monitor.drive_enabled = true; /* it does not let go */
    cr_expect_eq(cycles_until(&axis, in, FAULT_BIT(DRIVE_DISOBEYS)), limits.enable_cycles_max + 1);
}

Test(judge_times, the_drive_is_waited_for_in_every_part) {
    struct judge_in in = good();
    in.monitor.drive_enabled = true;
    in.monitor.speed_um_s = 20001;
    struct judge_axis axis = enabling();
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_ENABLING, "not at zero speed");
    in.monitor.speed_um_s = -20001;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_ENABLING);
    in.monitor.speed_um_s = 0;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_OPENING);
    in.monitor.brake_open = true, in.monitor.brake_closed = false;
    in.monitor.brake_ok = false;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_CLOSING, "a switch that can't be read opens nothing");
}

Test(judge_times, torque_is_proved_before_the_brake_lets_go) {
    struct judge_limits proving = limits;
    proving.torque_watched = true;
    proving.torque_min_permille = 200;
    struct judge_axis axis = enabling();
    struct judge_in in = good();
    in.monitor.drive_enabled = true;
    in.torque_permille = 200;
    judge_step(&axis, table, &proving, &in);
    cr_assert_eq(axis.state, STATE_ENABLING, "not known");
    in.torque_ok = true;
    in.torque_permille = 199;
    judge_step(&axis, table, &proving, &in);
    cr_assert_eq(axis.state, STATE_ENABLING);
    in.torque_permille = 200;
    judge_step(&axis, table, &proving, &in);
    cr_assert_eq(axis.state, STATE_OPENING);
}

Test(judge_times, rollback_while_the_brake_opens_closes_it) {
    struct judge_axis axis = enabling();
    struct judge_in in = good();
    in.monitor.drive_enabled = true;
    step(&axis, in, 0);
    in.monitor.position_um += 20001;
    step(&axis, in, 0);
    cr_assert_eq(axis.latched, FAULT_BIT(UNINTENDED_MOTION));
    cr_assert_not(judge_wants_brake_open(axis.state));
}

Test(judge_times, every_way_out_of_motion_waits_for_its_reading) {
    struct judge_axis axis = running();
    struct judge_in in = moving_in(20001);
    in.end = true;
    step(&axis, in, 100000);
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_STOPPING, "still turning");
    in.monitor.speed_um_s = 0;
    step(&axis, in, 1);
    cr_assert_eq(axis.state, STATE_STOPPING, "the ramp is not at its end");
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_CLOSING);
    in.monitor.brake_open = false, in.monitor.brake_closed = true;
    for (int i = 0; i < limits.brake_close_cycles_max; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RELEASING);
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RELEASING, "the drive still has torque");
    in.monitor.drive_enabled = false;
    in.monitor.drive_ok = false;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_FAULT, "nobody knows whether it let go");
    cr_assert_not(judge_wants_quick_stop(&axis, &limits), "the brake holds already");
}

Test(judge_times, a_brake_that_cannot_be_read_keeps_the_torque) {
    struct judge_axis axis = running();
    struct judge_in in = running_in();
    in.end = true;
    step(&axis, in, 0);
    step(&axis, in, 0);
    in.monitor.brake_open = false, in.monitor.brake_closed = true;
    in.monitor.brake_ok = false;
    for (int i = 0; i < 100; i++)
        step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_CLOSING);
}

/* No way leads there: but should an axis whose inputs were never good be under way, what is not known is not done. */
Test(judge_times, unknown_is_not_done) {
    static const enum axis_state waiting[] = {STATE_ENABLING, STATE_OPENING, STATE_STOPPING, STATE_RELEASING};
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
        struct judge_axis axis = {.state = waiting[i]};
        struct judge_in in = {.monitor = {.drive_enabled = waiting[i] != STATE_RELEASING, .brake_open = true}};
        step(&axis, in, 0);
        cr_expect_eq(axis.state, waiting[i], "%s", state_name(waiting[i]));
    }
}

Test(judge_times, disarm_follows_the_stop) {
    struct judge_axis axis = enabling();
    struct judge_in in = good();
    in.end = in.disarm = true;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_RELEASING);
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_DISARMED);
}

Test(judge_times, a_stop_with_something_latched_does_not_end_armed) {
    struct judge_axis axis = enabling();
    struct judge_in in = good();
    in.shared = FAULT_BIT(ESTOP);
    step(&axis, in, 0);
    in.shared = 0;
    step(&axis, in, 0);
    cr_assert_eq(axis.state, STATE_FAULT);
}

Test(judge_times, a_state_grows_old_but_not_for_ever) {
    struct judge_axis axis = disarmed();
    axis.cycles_in_state = INT32_MAX;
    step(&axis, good(), 0);
    cr_assert_eq(axis.cycles_in_state, INT32_MAX);
}
