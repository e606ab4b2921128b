/* From the rig's doubles to the kernel's integers: every value where it belongs, rounded to the safe side. */
#include "controller/cycle_limits.h"

#include <criterion/criterion.h>

#include "tests/bench_rig.h"

static struct bench *bench;
static struct rig *rig;
static struct rig_axis *axis;
static struct clamp_limits clamp;
static struct judge_limits judge;

static void set_up(void) {
    bench = bench_new();
    rig = &bench->rig;
    axis = &rig->axis[0];
}

static void tear_down(void) {
    bench_free(bench);
}

TestSuite(cycle_limits, .init = set_up, .fini = tear_down);

static void convert(void) {
    cycle_clamp_limits(&clamp, rig, axis);
    cycle_judge_limits(&judge, rig, axis);
}

Test(cycle_limits, the_clamp_gets_speeds_by_mode_and_direction) {
    convert();
    cr_expect(clamp_limits_good(&clamp));
    cr_expect(clamp.speed_um_s[MODE_NONE][CLAMP_OUT] == 0 && clamp.speed_um_s[MODE_NONE][CLAMP_IN] == 0);
    cr_expect(clamp.speed_um_s[MODE_JOG][CLAMP_OUT] == 500000 && clamp.speed_um_s[MODE_JOG][CLAMP_IN] == 500000);
    cr_expect_eq(clamp.speed_um_s[MODE_MOVE][CLAMP_IN], 2000000);
    cr_expect(clamp.speed_um_s[MODE_FOLLOW][CLAMP_OUT] == 1300000 &&
              clamp.speed_um_s[MODE_FOLLOW][CLAMP_IN] == 1800000);
    cr_expect_eq(clamp.speed_um_s[MODE_CATCH][CLAMP_OUT], 1300000);
    cr_expect(clamp.speed_um_s[MODE_RECOVERY][CLAMP_OUT] == 300000 &&
              clamp.speed_um_s[MODE_RECOVERY][CLAMP_IN] == 100000);
    cr_expect(clamp.speed_max_um_s[CLAMP_OUT] == 2000000 && clamp.acceleration_um_s2[CLAMP_IN] == 6000000);
    cr_expect(clamp.cycle_us == 10000 && clamp.reaction_us == 70000 && clamp.weight_on_line_mn == 250000);
}

Test(cycle_limits, the_clamp_gets_three_ways_to_stop) {
    convert();
    cr_expect_eq(clamp.stop_deceleration_um_s2[CLAMP_OUT], 8000000);
    cr_expect_eq(clamp.stop_deceleration_um_s2[CLAMP_IN], 4900000);
    const struct clamp_path *const ramp = clamp.path[CLAMP_RAMP];
    cr_expect(ramp[CLAMP_OUT].delay_us == 0 && ramp[CLAMP_OUT].growth_um_s2 == 0);
    cr_expect(ramp[CLAMP_OUT].deceleration_um_s2 == 8000000 && ramp[CLAMP_IN].deceleration_um_s2 == 4900000);
    cr_expect_eq(ramp[CLAMP_IN].jerk_us, 40000);
    const struct clamp_path *const link = clamp.path[CLAMP_LINK_LOST];
    cr_expect(link[CLAMP_IN].delay_us == 150000 && link[CLAMP_IN].growth_um_s2 == 0);
    cr_expect_eq(link[CLAMP_OUT].deceleration_um_s2, 8000000);
    const struct clamp_path *const off = clamp.path[CLAMP_TORQUE_OFF];
    cr_expect_eq(off[CLAMP_OUT].delay_us, 220000, "torque off and brake");
    cr_expect(off[CLAMP_OUT].growth_um_s2 == 9806650 && off[CLAMP_IN].growth_um_s2 == 0, "a load falls only down");
    cr_expect_eq(off[CLAMP_OUT].deceleration_um_s2, 25000000);
}

/* The ramp that is reserved is the gentlest that may be needed. */
Test(cycle_limits, a_catch_that_brakes_less_counts) {
    axis->belay.catch_deceleration_m_s2 = 5.5;
    convert();
    cr_expect_eq(clamp.catch_deceleration_um_s2[CLAMP_OUT], 5500000);
    cr_expect_eq(clamp.path[CLAMP_RAMP][CLAMP_OUT].deceleration_um_s2, 5500000);
    cr_expect_eq(clamp.path[CLAMP_RAMP][CLAMP_IN].deceleration_um_s2, 4900000);
}

/* 0.3 m/s is 300000 um/s though its double is a little less; what is really between two integers goes the safe way. */
Test(cycle_limits, odd_values_are_rounded_to_the_safe_side) {
    axis->limits.position_min_m = 1.0000004;
    axis->limits.position_max_m = 26.4999996;
    axis->modes.jog.payout_speed_max_m_s = 0.2999996;
    axis->brake.deceleration_m_s2 = 24.9999996;
    axis->rope.jerk_ms = 40.0004;
    axis->limits.tension_max_n = 4499.9996;
    axis->monitors.tension_low_n = -100.0004;
    axis->load.has_underload = axis->load.has_slack = true;
    axis->load.underload_n = 50.0004;
    axis->load.slack_n = 20.0004;
    axis->monitors.moved_ms = 39;
    axis->limits.stop_time_max_ms = 609;
    axis->brake.close_ms_max = 201;
    axis->band_count = 1;
    axis->band[0] = (struct rig_band){
        .from_m = 2.0000006, .to_m = 3.0000004, .payout_speed_max_m_s = 1.9999999, .takein_speed_max_m_s = 1};
    convert();
    cr_expect(clamp.position_min_um == 1000001 && clamp.position_max_um == 26499999);
    cr_expect(judge.monitor.position_min_um == 1000001 && judge.monitor.position_max_um == 26499999);
    cr_expect_eq(clamp.speed_um_s[MODE_JOG][CLAMP_OUT], 299999);
    cr_expect_eq(clamp.speed_um_s[MODE_RECOVERY][CLAMP_OUT], 300000);
    cr_expect_eq(clamp.path[CLAMP_TORQUE_OFF][CLAMP_IN].deceleration_um_s2, 24999999);
    cr_expect_eq(clamp.path[CLAMP_LINK_LOST][CLAMP_IN].jerk_us, 40001);
    cr_expect(clamp.band_count == 1 && clamp.band[0].from_um == 2000000 && clamp.band[0].to_um == 3000001);
    cr_expect(clamp.band[0].speed_um_s[CLAMP_OUT] == 1999999 && clamp.band[0].speed_um_s[CLAMP_IN] == 1000000);
    cr_expect(judge.monitor.tension_max_mn == 4499999 && judge.monitor.tension_low_mn == -100000);
    cr_expect(judge.monitor.underload_mn == 50001 && judge.monitor.slack_mn == 20001);
    cr_expect_eq(judge.monitor.moved_cycles, 3, "39 ms end within the fourth cycle");
    cr_expect_eq(judge.stop_cycles_max, 60, "no stop lasts longer than it may");
    cr_expect_eq(judge.brake_close_cycles_max, 21, "the pads get all of their time");
}

Test(cycle_limits, the_monitors_get_their_limits) {
    convert();
    const struct monitor_limits *const monitor = &judge.monitor;
    cr_expect(monitor->ultimate_min_um == 200000 && monitor->ultimate_max_um == 28000000);
    cr_expect(monitor->window_cycles == 20 && monitor->dead_cycles == 1 && monitor->lag_us == 0);
    cr_expect(monitor->follow_base_um == 20000 && monitor->follow_slack_us == 80000);
    cr_expect(monitor->mismatch_base_um == 20000 && monitor->mismatch_slack_us == 80000);
    cr_expect(monitor->frozen_um == 30000 && monitor->unintended_um == 20000 && monitor->moved_um == 20000);
    cr_expect(monitor->tension_max_mn == 4500000 && monitor->tension_peak_mn == 6000000);
    cr_expect_eq(monitor->tension_rate_mn, 6000000, "600 kN/s in a cycle of 10 ms");
    cr_expect(monitor->overload_mn == 1078731 && monitor->overload_both_mn == 1274864);
    cr_expect_eq(monitor->overload_clear_mn, 980665);
    cr_expect(monitor->chain_cycles == 100 && judge.enable_cycles_max == 100 && judge.brake_open_cycles_max == 30);
}

Test(cycle_limits, what_the_rig_does_not_state_is_not_watched) {
    convert();
    cr_expect_not(judge.monitor.tension_same_watched || judge.torque_watched);
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        bool moves = mode == MODE_JOG || mode == MODE_MOVE || mode == MODE_RECOVERY;
        cr_expect_not(judge.monitor.underload_watched[mode] || judge.monitor.slack_watched[mode]);
        cr_expect_eq(judge.monitor.overload_watched[mode], moves, "a climber's fall is no overload");
    }
    cr_expect(judge.monitor.sto_watched, "the I/O block of the bench reads the drive's safety input");
    rig->profile[BENCH_IO].io.sto_inactive = 0;
    axis->belay.present = false;
    axis->load.has_slack = axis->brake.has_torque_min = axis->monitors.has_tension_frozen = true;
    axis->brake.torque_min_percent = 12.34;
    axis->monitors.tension_frozen_ms = 1000;
    convert();
    cr_expect(judge.monitor.slack_watched[MODE_MOVE] && !judge.monitor.slack_watched[MODE_NONE]);
    cr_expect(judge.monitor.overload_watched[MODE_NONE] && !judge.monitor.underload_watched[MODE_MOVE]);
    cr_expect_not(judge.monitor.sto_watched);
    cr_expect(judge.torque_watched && judge.torque_min_permille == 124);
    cr_expect(judge.monitor.tension_same_watched && judge.monitor.tension_same_cycles == 100);
    cr_expect_eq(clamp.weight_on_line_mn, INT32_MAX);
}

Test(cycle_limits, what_a_reset_left_is_published_until_it_is_gone) {
    struct bench *b = bench_new();
    bench_run(b, 20);
    b->tension_n = 5000;
    bench_run(b, 5);
    cr_assert(bench_axis(b)->fault_mask & FAULT_BIT(OVERTENSION));
    cr_assert_eq(bench_axis(b)->tolerated_mask, 0, "latched, not tolerated");
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert_eq(b->out.snapshot.fault_mask, 0);
    cr_expect(bench_axis(b)->tolerated_mask & FAULT_BIT(OVERTENSION), "a clean screen over a rope that pulls too hard");
    cr_expect(bench_axis(b)->allow_payout & FAULT_BIT(OVERTENSION));
    cr_expect_not(bench_axis(b)->allow_takein & FAULT_BIT(OVERTENSION));
    b->tension_n = 90;
    bench_run(b, 5);
    cr_expect_eq(bench_axis(b)->tolerated_mask, 0);
    bench_free(b);
}

Test(cycle_limits, set_up_is_rounded_down) {
    axis->limits.setup_speed_m_s = 0.2500009;
    cr_expect_eq(cycle_setup_um_s(axis), 250000);
}

/* The remedy of what follows from a reading sends people to the wrong place when the sensor itself is in doubt. */
Test(cycle_limits, a_doubted_sensor_comes_before_what_was_read_from_it) {
    const struct {
        double tension_n;
        enum fault_id first;
    } rows[] = {{5000, FAULT_OVERTENSION}, {60000, FAULT_TENSION_IMPLAUSIBLE}};
    for (int i = 0; i < 2; i++) {
        struct bench *b = bench_new();
        bench_run(b, 20);
        b->tension_n = rows[i].tension_n;
        bench_run(b, 5);
        cr_assert(bench_axis(b)->fault_mask & FAULT_BIT(OVERTENSION), "%g N", rows[i].tension_n);
        cr_expect_eq(b->out.snapshot.first_out, rows[i].first, "%g N", rows[i].tension_n);
        bench_free(b);
    }
}
