/* A cue that moves an empty rope, flown by the real cycle on the simulated winch in virtual time. */
#include <criterion/criterion.h>
#include <math.h>

#include "controller/motion/stop_path.h"
#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

static struct rig rig;
static struct show show;
static struct harness h;
static int cue;

static void setup(void) {
    static struct yaml_errors errors;
    char text[1024];
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
    cue = show_cue_find(&show, "2");
    cr_assert_eq(show.cue[cue].kind, CUE_MOVE);
    cr_assert_eq(harness_open(&h, &rig, &show, SCENARIO "world.yaml", text, sizeof text), 0, "%s", text);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
}

static void teardown(void) {
    harness_close(&h);
}

TestSuite(virtual_move, .init = setup, .fini = teardown, .timeout = 60);

struct flight {
    double end_m, overshoot_m, fastest_m_s, seconds;
    double jerk_m_s3; /* of the drum, over 50 ms */
};

/* Moves to `goal_m` and flies until it rests. */
static struct flight fly(double goal_m, double speed_m_s, double acceleration_m_s2) {
    struct flight f = {0};
    double speed[11] = {0};
    show.cue[cue].position_m = goal_m;
    show.cue[cue].speed_m_s = speed_m_s;
    show.cue[cue].acceleration_m_s2 = acceleration_m_s2;
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = cue}), REFUSED_NOT);
    const double sign = copysign(1, goal_m - sim_world_truth(h.world).rope_out_m);
    for (int i = 0; i < 6000 && (i < 100 || h.out.snapshot.axis[0].state != STATE_ARMED); i++) {
        harness_step(&h);
        const struct sim_truth truth = sim_world_truth(h.world);
        cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s", fault_text(h.out.snapshot.first_out)->name);
        f.overshoot_m = fmax(f.overshoot_m, sign * (truth.rope_out_m - goal_m));
        f.fastest_m_s = fmax(f.fastest_m_s, fabs(truth.rope_speed_m_s));
        for (int k = 10; k > 0; k--)
            speed[k] = speed[k - 1];
        speed[0] = truth.rope_speed_m_s;
        f.jerk_m_s3 = fmax(f.jerk_m_s3, fabs(speed[0] - 2 * speed[5] + speed[10]) / 0.0025);
        f.seconds += 0.01;
    }
    f.end_m = sim_world_truth(h.world).rope_out_m;
    cr_assert_eq(h.out.snapshot.stop_cause, STOPPED_ARRIVED, "at %g m of %g m", f.end_m, goal_m);
    harness_let_go(&h);
    harness_run(&h, 0.5);
    return f;
}

Test(virtual_move, it_comes_to_rest_at_its_place_at_any_speed) {
    const double from_m = sim_world_truth(h.world).rope_out_m;
    const double ways_m[] = {0.3, 2, -1.5, 4, 0.01}, speeds_m_s[] = {0.2, 1, 2};
    double goal_m = from_m;
    for (size_t s = 0; s < 3; s++)
        for (size_t w = 0; w < 5; w++) {
            goal_m = fmin(goal_m + ways_m[w], 26.4);
            const struct flight f = fly(goal_m, speeds_m_s[s], 2);
            cr_expect_float_eq(f.end_m, goal_m, 0.0015, "to %g m at %g m/s: %g", goal_m, speeds_m_s[s], f.end_m);
            cr_expect_lt(f.overshoot_m, 0.005, "to %g m at %g m/s: %g m beyond", goal_m, speeds_m_s[s], f.overshoot_m);
            cr_expect_leq(f.fastest_m_s, speeds_m_s[s] * 1.02 + 0.005, "%g m/s", f.fastest_m_s);
        }
}

/* The drum feels the jerk of the plan, not a step of acceleration: twice 2 m/s2 in one cycle would be 80 m/s3 here. */
Test(virtual_move, it_begins_and_ends_with_the_jerk_of_the_rig) {
    const double way_m = 1.6, a = 1.8, ramp_s = 1 / a + a / rig.axis[0].limits.jerk_max_m_s3; /* to and from 1 m/s */
    const struct flight f = fly(sim_world_truth(h.world).rope_out_m + way_m, 1, 2);
    cr_expect_lt(f.jerk_m_s3, 1.5 * rig.axis[0].limits.jerk_max_m_s3, "%g m/s3", f.jerk_m_s3);
    const double planned_s = ramp_s + way_m;
    cr_expect_lt(f.seconds, planned_s + 3, "enabling, brake, arrival and brake: %g s for %g s", f.seconds, planned_s);
}

/* Let go of at `at_s` of a move: it stops as planned, with the jerk that the clamp counts, and the clamp does nothing;
 * it stands where it was said before. By the ramp alone that would be v x 20 ms sooner. */
static void let_go_at(double at_s) {
    const struct rig_limits *limits = &rig.axis[0].limits;
    const double from_m = sim_world_truth(h.world).rope_out_m, sign = from_m < 25.2 ? 1 : -1;
    const double most_m_s2 = sign > 0 ? limits->stop_payout_deceleration_m_s2 : limits->stop_takein_deceleration_m_s2;
    const double jerk_m_s3 = most_m_s2 / (rig.axis[0].rope.jerk_ms / 1000), dt_s = rig.cycle_ms / 1000.0;
    show.cue[cue].position_m = sign > 0 ? 26.4 : 24.1; /* below it the climber hangs */
    show.cue[cue].speed_m_s = 1.2;
    show.cue[cue].acceleration_m_s2 = 1.8;
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = cue}), REFUSED_NOT, "%g", from_m);
    for (int i = 0; i < 500 && h.out.snapshot.axis[0].setpoint_m_s == 0; i++)
        harness_step(&h);
    harness_run(&h, at_s);
    const double earlier_m_s = h.out.snapshot.axis[0].setpoint_m_s;
    harness_step(&h);
    const double speed_m_s = h.out.snapshot.axis[0].setpoint_m_s;
    double before_m_s = speed_m_s, slowed_m_s2 = -sign * (speed_m_s - earlier_m_s) / dt_s, told_m = 0;
    harness_let_go(&h);
    for (int i = 0; i < 100; i++) {
        harness_step(&h);
        told_m = i == 0 ? h.out.snapshot.axis[0].stop_at_m : told_m;
        const double now_m_s2 = -sign * (h.out.snapshot.axis[0].setpoint_m_s - before_m_s) / dt_s;
        before_m_s = h.out.snapshot.axis[0].setpoint_m_s;
        cr_assert_geq(now_m_s2, 0, "it gained speed");
        cr_assert_leq(now_m_s2, most_m_s2 + 0.001);
        cr_assert_leq(now_m_s2 - fmax(slowed_m_s2, 0), jerk_m_s3 * dt_s + 0.001, "%g after %g m/s2", now_m_s2,
                      slowed_m_s2);
        slowed_m_s2 = now_m_s2;
    }
    cr_assert_eq(before_m_s, 0);
    cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s", fault_text(h.out.snapshot.first_out)->name);
    cr_assert_eq(h.out.snapshot.stop_cause, STOPPED_RELEASED);
    harness_run(&h, 1);
    cr_expect_float_eq(sim_world_truth(h.world).rope_out_m, told_m, 0.003,
                       "let go after %g s at %g m/s: at %g m, told %g m", at_s, speed_m_s,
                       sim_world_truth(h.world).rope_out_m, told_m);
    cr_log_info("let go at %g m/s: off by %.4f m", speed_m_s, sim_world_truth(h.world).rope_out_m - told_m);
}

Test(virtual_move, let_go_of_in_mid_move_it_stands_where_it_was_said) {
    const double at_s[] = {0.3, 0.6, 0.9, 1.3, 1.7, 0.4, 0.8, 1.1, 1.5, 0.5, 0.7, 1.0};
    for (size_t i = 0; i < sizeof at_s / sizeof at_s[0]; i++)
        let_go_at(at_s[i]);
}

/* Without a word from the controller the drive stops by itself, within what the rig declares of it. */
Test(virtual_move, cut_off_the_drive_stops_within_its_declared_path) {
    const struct rig_axis *axis = &rig.axis[0];
    const struct stop_ways ways = stop_ways_of(&rig, axis, STOP_KIND_QUICK);
    show.cue[cue].position_m = 26.4;
    show.cue[cue].speed_m_s = 1.2;
    show.cue[cue].acceleration_m_s2 = 1.8;
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = cue}), REFUSED_NOT);
    for (int i = 0; i < 500 && h.out.snapshot.axis[0].setpoint_m_s < 1.1; i++)
        harness_step(&h);
    const struct sim_truth cut = sim_world_truth(h.world);
    const double late_s = (axis->monitors.dead_ms + axis->monitors.lag_ms) / 1000.0;
    const struct otg_state from = {0, h.out.snapshot.axis[0].setpoint_m_s, 0};
    struct stop_path path;
    cr_assert(stop_path_plan(&from, &ways, &path));
    h.link_cut[rig.device[axis->drive].link] = true;
    harness_run(&h, path.time_s + late_s);
    const struct sim_truth stopped = sim_world_truth(h.world);
    const double way_m = stopped.rope_out_m - cut.rope_out_m;
    cr_expect_lt(fabs(stopped.rope_speed_m_s), 0.02, "%g m/s", stopped.rope_speed_m_s);
    cr_expect_leq(way_m, path.end_m + from.speed_m_s * late_s, "%g m of %g m", way_m, path.end_m);
    cr_expect_geq(way_m, path.end_m / 2, "%g m of %g m", way_m, path.end_m);
}
