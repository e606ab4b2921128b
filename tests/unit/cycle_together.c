/* Axes that one cue moves: they begin together, arrive together, and what ends one ends them all. */
#include <criterion/criterion.h>
#include <math.h>

#include "controller/cycle_parts.h"
#include "tests/bench_rig.h"

static struct bench *b;

static void setup(void) {
    b = bench_new_pair();
    b->rig.group_count = 1;
    b->rig.axis[0].belay.present = false;
    b->rig.group[0] = (struct rig_group){.name = "truss", .kind = GROUP_LOCKED, .axes = 3, .deviation_m = 0.05};
    b->show.cue[2] = (struct cue){.id = "3", .name = "Both", .axis = 0, .axes = 3, .group = 0, .kind = CUE_MOVE,
                                  .position_m = 14, .speed_m_s = 1, .acceleration_m_s2 = 1};
    b->show.cue[1].axes = 2; /* "2" moves the second one alone */
    b->show.cue[1].axis = 1;
    b->rig.axis[0].limits.reaction_ms = b->rig.axis[1].limits.reaction_ms = 60;
    bench_place(b, 10, 10.02);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_together, .init = setup, .fini = teardown);

static enum axis_state state_of(int axis) {
    return b->out.snapshot.axis[axis].state;
}

static void lets_go(void) {
    const uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    bench_run(b, 100);
    b->press = press;
}

static enum refusal asks(int cue) {
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    return bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = cue});
}

static void goes(int cue) {
    bench_do(b, COMMAND_ARM);
    b->press++;
    bench_run(b, 2);
    cr_assert_eq(asks(cue), REFUSED_NOT);
}

static void both_run(void) {
    goes(2);
    for (int i = 0; i < 200 && (state_of(0) != STATE_RUNNING || state_of(1) != STATE_RUNNING); i++)
        bench_run(b, 1);
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) == STATE_RUNNING);
}

static double apart_m(void) {
    return fabs(b->position_m - b->second.position_m);
}

Test(cycle_together, both_come_to_their_place_level_and_at_once) {
    both_run();
    bench_run_ms(b, 1500);
    cr_expect_lt(apart_m(), 0.001, "levelled on the way: %g", apart_m());
    for (int i = 0; i < 1000 && state_of(0) == STATE_RUNNING; i++) {
        bench_run(b, 1);
        cr_assert_lt(apart_m(), 0.001);
    }
    cr_expect_neq(state_of(1), STATE_RUNNING, "both end in one cycle");
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
    cr_expect(fabs(b->position_m - 14) < 0.001 && fabs(b->second.position_m - 14) < 0.001);
    bench_run_ms(b, 1000);
    cr_expect(state_of(0) == STATE_ARMED && state_of(1) == STATE_ARMED && b->out.snapshot.fault_mask == 0);
}

/* The plan is the lead's: who looked at his own would find that it stands. */
Test(cycle_together, a_move_longer_than_a_drive_may_stand_ends_at_its_place) {
    b->cycle->axis[0].still_cycles_max = b->cycle->axis[1].still_cycles_max = 100;
    both_run();
    for (int i = 0; i < 1000 && state_of(0) == STATE_RUNNING; i++)
        bench_run(b, 1);
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
    cr_expect_float_eq(b->second.position_m, 14, 0.001);
}

Test(cycle_together, none_moves_before_the_brakes_of_all_are_open) {
    b->second.drive_fault_word = 0x0231; /* ready to switch on, for a while */
    goes(2);
    const double from_m = b->position_m;
    for (int i = 0; i < 18; i++) {
        bench_run(b, 1);
        cr_assert_eq(b->out.snapshot.axis[0].setpoint_m_s, 0);
    }
    cr_assert(state_of(0) == STATE_RUNNING && state_of(1) != STATE_RUNNING, "%d, %d", (int)state_of(0),
              (int)state_of(1));
    cr_expect_float_eq(b->position_m, from_m, 1e-9);
    b->second.drive_fault_word = 0;
    bench_run(b, 60);
    cr_expect(b->out.snapshot.axis[0].setpoint_m_s != 0 && b->out.snapshot.axis[1].setpoint_m_s != 0);
}

Test(cycle_together, one_whose_drive_does_not_enable_leaves_the_other_standing) {
    b->second.drive_stuck = true;
    b->second.drive_fault_word = 0x0231; /* ready to switch on, for ever */
    goes(2);
    bench_run_ms(b, 3000);
    cr_expect_eq(state_of(1), STATE_FAULT);
    cr_expect_neq(state_of(0), STATE_RUNNING);
    cr_expect_float_eq(b->position_m, 10, 1e-9);
}

Test(cycle_together, a_fault_of_one_stops_the_other_in_the_same_cycle) {
    both_run();
    bench_run_ms(b, 1500);
    b->second.drive_fault_word = 0x0218;
    while (state_of(1) == STATE_RUNNING)
        bench_run(b, 1);
    cr_expect_eq(state_of(0), STATE_STOPPING);
    cr_expect_eq(b->out.snapshot.axis[0].fault_mask, FAULT_BIT(RIG_STOP));
    cr_expect_eq(b->out.snapshot.first_out, FAULT_DRIVE_FAULT);
    cr_expect_eq(b->out.snapshot.first_out_axis, 1);
}

Test(cycle_together, no_cue_of_the_group_runs_beside_a_fault) {
    b->second.drive_fault_word = 0x0218;
    bench_run(b, 5);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_ARM, .axes = 1, .axis = 0}), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
    b->show.cue[1].axes = 1;
    b->show.cue[1].axis = 0;
    cr_expect_eq(asks(1), REFUSED_FAULT_LATCHED);
    cr_expect_eq(b->out.replies[0].axis, 1);
    b->rig.group[0].kind = GROUP_FREE;
    cr_expect_eq(asks(1), REFUSED_NOT, "a free one stops alone");
}

Test(cycle_together, letting_go_stops_both) {
    both_run();
    bench_run_ms(b, 1000);
    b->press = 0;
    bench_run(b, 1 + b->rig.permission_ms / b->rig.cycle_ms);
    cr_expect(state_of(0) == STATE_STOPPING && state_of(1) == STATE_STOPPING);
    bench_run_ms(b, 2000);
    cr_expect_lt(apart_m(), 0.001);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

Test(cycle_together, out_of_level_there_is_no_go) {
    bench_place(b, 10, 10.051);
    bench_do(b, COMMAND_ARM);
    b->press++;
    bench_run(b, 2);
    cr_expect_eq(asks(2), REFUSED_LEVEL);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_LEVEL, "told beforehand");
}

Test(cycle_together, a_rung_counts_as_run_when_all_ran_it_clean) {
    both_run();
    for (int i = 0; i < 1000 && state_of(0) == STATE_RUNNING; i++)
        bench_run(b, 1);
    b->second.drive_fault_word = 0x0218; /* while its brake closes */
    bench_run_ms(b, 2000);
    cr_expect_eq(b->cycle->clean[2], 0);
}

/* By how much at most the healthy one's setpoint grew from cycle to cycle in apart_after(). */
static double sped_up_m_s;

/* The second one's brake slips: it comes to rest with this deceleration, and the healthy one follows it. How far they
 * are apart at the end. */
static double apart_after(double brake_m_s2) {
    both_run();
    bench_run_ms(b, 1800);
    cr_assert_float_eq(b->second.speed_m_s, 0.97, 0.01);
    b->second.drive_fault_word = 0x0218;
    b->second.drive_stuck = true;
    double speed_m_s = b->second.speed_m_s;
    const double dt_s = b->rig.cycle_ms / 1000.0;
    double before_m_s = b->out.snapshot.axis[0].setpoint_m_s;
    sped_up_m_s = 0;
    for (double t_s = 0; t_s < 2; t_s += dt_s) {
        speed_m_s = fmax(0, speed_m_s - brake_m_s2 * dt_s);
        b->second.position_m += speed_m_s * dt_s;
        bench_run(b, 1);
        sped_up_m_s = fmax(sped_up_m_s, b->out.snapshot.axis[0].setpoint_m_s - before_m_s);
        before_m_s = b->out.snapshot.axis[0].setpoint_m_s;
    }
    return apart_m();
}

Test(cycle_together, beside_a_drum_that_is_late_to_brake_the_healthy_one_goes_on_to_it) {
    b->rig.group[0].deviation_m = 0.3;
    b->rig.axis[0].limits.stop_time_max_ms = 1500;
    bench_place(b, 10, 10);
    const double way_m = 0.97 * 0.97 / 4;
    cr_expect_lt(apart_after(2), 0.04, "%g of %g m; a ramp alone would end 0.12 m before it",
                 apart_m(), way_m);
    cr_expect_eq(state_of(0), STATE_FAULT);
}

Test(cycle_together, beside_a_drum_that_is_not_read_it_goes_by_what_the_rig_declares) {
    b->rig.group[0].deviation_m = 0.3;
    bench_place(b, 10, 10);
    both_run();
    bench_run_ms(b, 1800);
    const double from_m = b->position_m;
    b->silent[BENCH_SECOND(BENCH_ENCODER)] = true;
    bench_run_ms(b, 2000);
    const double speed_m_s = 0.97, stop_m_s2 = b->rig.axis[0].limits.stop_payout_deceleration_m_s2;
    const double ramp_m = speed_m_s * speed_m_s / 2 / stop_m_s2;
    const double stale_m = speed_m_s * b->rig.device[BENCH_SECOND(BENCH_ENCODER)].stale_after_ms / 1000.0;
    cr_expect_eq(b->out.snapshot.first_out, FAULT_POSITION_STALE, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_lt(fabs(b->position_m - from_m - stale_m - ramp_m), 0.06, "%g m: that ramps, and so does this",
                 b->position_m - from_m);
}

/* Measured from a reading that is 200 ms old, the other one would seem to have come farther than it has. */
Test(cycle_together, the_other_one_is_followed_from_where_it_is_by_now) {
    struct rig_monitors *monitors = &b->rig.axis[1].monitors;
    b->rig.group[0].deviation_m = 0.5;
    b->rig.device[BENCH_SECOND(BENCH_ENCODER)].stale_after_ms = 300;
    monitors->following_base_mm = monitors->mismatch_base_mm = monitors->frozen_mm = 1000; /* none of them notices */
    bench_place(b, 10, 10);
    both_run();
    bench_run_ms(b, 1800);
    b->silent[BENCH_SECOND(BENCH_ENCODER)] = true;
    bench_run_ms(b, 200);
    b->second.drive_fault_word = 0x0218;
    b->second.drive_stuck = true; /* its brake stops it at once */
    bench_run(b, 1);
    b->silent[BENCH_SECOND(BENCH_ENCODER)] = false;
    bench_run_ms(b, 1000);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_DRIVE_FAULT, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_lt(b->position_m - b->second.position_m, 0.1, "%g m farther", b->position_m - b->second.position_m);
}

Test(cycle_together, the_healthy_one_is_never_faster_and_always_stands) {
    b->rig.group[0].deviation_m = 5;
    apart_after(-9.81); /* the other one falls: its place is always farther than a ramp from here comes */
    cr_expect_eq(sped_up_m_s, 0);
    cr_expect_eq(state_of(0), STATE_FAULT);
    cr_expect_eq(b->out.snapshot.axis[0].setpoint_m_s, 0, "the stop's time is over, although the other one runs on");
    cr_expect_eq(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(STOP_TIME), 0, "it ramped in time: %llx",
                 (unsigned long long)b->out.snapshot.axis[0].fault_mask);
}

/* How far the healthy one goes when the other one, at 1 m/s, trips and runs on for a while. */
static double goes_on_m(enum rig_group_kind kind) {
    b->rig.group[0].kind = kind;
    b->rig.group[0].deviation_m = 5;
    bench_place(b, 10, 10);
    both_run();
    bench_run_ms(b, 1800);
    const double from_m = b->position_m;
    b->second.drive_fault_word = 0x0218;
    b->second.drive_stuck = true;
    for (int i = 0; i < 100; i++) {
        b->second.position_m += i < 25 ? 0.97 * b->rig.cycle_ms / 1000.0 : 0;
        bench_run(b, 1);
    }
    cr_expect(b->out.snapshot.axis[0].fault_mask & FAULT_BIT(RIG_STOP), "%d", (int)kind);
    return b->position_m - from_m;
}

Test(cycle_together, only_what_carries_one_thing_follows) {
    const double ramp_m = 0.97 * 0.97 / 2 / b->rig.axis[0].limits.stop_payout_deceleration_m_s2;
    const double locked_m = goes_on_m(GROUP_LOCKED);
    teardown();
    setup();
    const double safe_m = goes_on_m(GROUP_SAFE);
    teardown();
    setup();
    const double free_m = goes_on_m(GROUP_FREE);
    cr_expect_gt(locked_m, ramp_m + 0.05, "%g m", locked_m);
    cr_expect(safe_m < ramp_m + 0.03 && free_m < ramp_m + 0.03, "%g m, %g m", safe_m, free_m);
}

Test(cycle_together, a_fault_of_its_own_ends_its_following) {
    b->rig.group[0].deviation_m = 5;
    b->rig.axis[0].limits.stop_time_max_ms = 1500;
    bench_place(b, 10, 10);
    both_run();
    bench_run_ms(b, 1800);
    b->second.drive_fault_word = 0x0218;
    b->second.drive_stuck = true;
    for (int i = 0; i < 12; i++) {
        b->second.position_m += 0.97 * b->rig.cycle_ms / 1000.0;
        bench_run(b, 1);
    }
    const double slow_m_s = b->out.snapshot.axis[0].setpoint_m_s;
    cr_assert(slow_m_s > 0.1 && state_of(0) == STATE_STOPPING, "%g", slow_m_s);
    b->tension_n = b->rig.axis[0].limits.tension_max_n + 100;
    for (int i = 0; i < 30; i++) {
        b->second.position_m += 0.97 * b->rig.cycle_ms / 1000.0;
        bench_run(b, 1);
    }
    cr_expect_eq(b->out.snapshot.axis[0].setpoint_m_s, 0, "it ramps, wherever the other one goes");
}

/* ---- jogs ---- */

static enum refusal jogs(double speed_m_s) {
    return bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .axis = 0, .axes = 3,
                                           .speed_m_s = speed_m_s});
}

static void begins_a_jog(double speed_m_s) {
    bench_do(b, COMMAND_ARM);
    b->press++;
    bench_run(b, 2);
    cr_assert_eq(jogs(speed_m_s), REFUSED_NOT);
}

Test(cycle_together, a_jog_of_a_group_moves_both_alike) {
    b->rig.axis[1].modes.jog.acceleration_m_s2 /= 4;
    begins_a_jog(0.25);
    for (int i = 0; i < 300; i++) {
        bench_run(b, 1);
        cr_assert_lt(fabs(apart_m() - 0.02), 0.0005, "%g", apart_m());
    }
    cr_expect_gt(b->position_m, 10.2);
    cr_assert_eq(jogs(-0.1), REFUSED_NOT, "its speed is changed");
    bench_run_ms(b, 2000);
    cr_expect_float_eq(b->second.speed_m_s, -0.1, 0.001);
    cr_expect_lt(fabs(apart_m() - 0.02), 0.0005);
}

Test(cycle_together, a_jog_of_a_group_ends_for_both_where_one_has_no_way_left) {
    begins_a_jog(-0.25);
    b->cycle->axis[1].clamp_limits.position_min_um = 9500000;
    for (int i = 0; i < 2000 && (i < 100 || state_of(0) == STATE_RUNNING); i++)
        bench_run(b, 1);
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_TAKEIN_END);
    cr_expect_lt(fabs(apart_m() - 0.02), 0.03);
    bench_run_ms(b, 1000);
    cr_expect(state_of(0) == STATE_ARMED && state_of(1) == STATE_ARMED);
}

Test(cycle_together, one_of_a_jogged_group_is_not_jogged_by_itself_meanwhile) {
    begins_a_jog(0.2);
    bench_run_ms(b, 1500);
    cr_expect_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .axis = 1, .speed_m_s = 0.1}),
                 REFUSED_BUSY);
    cr_expect_eq(b->out.snapshot.axis[1].setpoint_m_s, b->out.snapshot.axis[0].setpoint_m_s);
}

Test(cycle_together, clients_are_told_how_far_a_group_is_out_of_level) {
    bench_place(b, 10, 10.02);
    bench_run(b, 2);
    cr_expect_float_eq(b->out.snapshot.group[0].level_m, 0.02, 1e-4);
    b->tension_n = 1090;
    b->second.tension_n = 90;
    b->rig.axis[0].rope.ea_n = b->rig.axis[1].rope.ea_n = 100000;
    b->rig.axis[0].rope.lead_m = b->rig.axis[1].rope.lead_m = 10;
    bench_run(b, 2);
    cr_expect_float_eq(b->out.snapshot.group[0].load_level_m, fabs(10 + 1090.0 * 20 / 1e5 - 10.02 - 90 * 20.02 / 1e5),
                       1e-3);
    b->silent[BENCH_CELL] = true;
    bench_run_ms(b, 300);
    cr_expect(isnan(b->out.snapshot.group[0].load_level_m) && !isnan(b->out.snapshot.group[0].level_m));
}

/* ---- a group that is not locked ---- */

static void each_to(double first_m, double second_m) {
    b->rig.group[0].kind = GROUP_SAFE;
    b->show.cue[2].has_to = true;
    b->show.cue[2].to_m[0] = first_m;
    b->show.cue[2].to_m[1] = second_m;
}

Test(cycle_together, each_goes_to_its_own_place_and_all_arrive_together) {
    static const double to_m[][2] = {{14, 9.5}, {9.9, 18}, {11, 11}};
    for (size_t i = 0; i < sizeof to_m / sizeof to_m[0]; i++) {
        double ends_s[2] = {0, 0};
        each_to(to_m[i][0], to_m[i][1]);
        bench_place(b, 10, 10.02);
        both_run();
        for (double t_s = 0; t_s < 30 && state_of(0) == STATE_RUNNING; t_s += b->rig.cycle_ms / 1000.0) {
            bench_run(b, 1);
            ends_s[0] = fabs(b->position_m - to_m[i][0]) > 0.002 ? t_s : ends_s[0];
            ends_s[1] = fabs(b->second.position_m - to_m[i][1]) > 0.002 ? t_s : ends_s[1];
        }
        cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED, "%zu: %d, %s, %g m, %g m", i,
                     (int)b->out.snapshot.stop_cause, fault_text(b->out.snapshot.first_out)->name, b->position_m,
                     b->second.position_m);
        cr_expect_float_eq(ends_s[0], ends_s[1], 0.25, "%g s, %g s", ends_s[0], ends_s[1]);
        cr_expect(fabs(b->position_m - to_m[i][0]) < 0.001 && fabs(b->second.position_m - to_m[i][1]) < 0.001);
        lets_go();
    }
}

Test(cycle_together, what_stands_at_its_place_is_left_on_its_brake) {
    each_to(14, 10.02);
    goes(2);
    for (int i = 0; i < 2000 && (i < 100 || state_of(0) == STATE_RUNNING); i++) {
        bench_run(b, 1);
        cr_assert_eq(state_of(1), STATE_ARMED);
    }
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
}

static void walks(int32_t percent) {
    bench_run_ms(b, 1000);
    bench_do(b, COMMAND_DISARM);
    bench_run_ms(b, 1000);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_MODE, .operating = OPERATING_WALK_THROUGH,
                                                 .percent = percent}), REFUSED_NOT);
}

/* A cue to these places from where they stand, to its end. */
static void runs_to(double first_m, double second_m) {
    each_to(first_m, second_m);
    goes(2);
    for (int i = 0; i < 5000 && (i < 100 || state_of(0) != STATE_ARMED || state_of(1) != STATE_ARMED); i++)
        bench_run(b, 1);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
    lets_go();
}

static void refuses_to(double first_m, double second_m, int axis) {
    each_to(first_m, second_m);
    bench_do(b, COMMAND_ARM);
    b->press++;
    bench_run(b, 2);
    cr_expect_eq(asks(2), REFUSED_LADDER);
    cr_expect_eq(b->out.replies[0].axis, axis);
    cr_expect_eq(b->out.replies[0].detail.percent, 50);
    lets_go();
}

Test(cycle_together, one_that_stood_at_its_place_has_not_run_the_ladder) {
    b->rig.ladder = (struct rig_ladder){2, {50, 100}};
    walks(50);
    runs_to(14, 10.02);
    walks(100);
    refuses_to(10, 12, 1);
    runs_to(10, 10.02); /* the one that ran may */
}

Test(cycle_together, one_that_was_slow_beside_a_longer_way_has_not_shown_its_speed) {
    b->rig.ladder = (struct rig_ladder){2, {50, 100}};
    walks(50);
    runs_to(18, 11); /* 1 m in the time of 8 m */
    walks(100);
    refuses_to(18, 13, 1);
    runs_to(10, 10.02); /* the same ways back */
}

/* ---- lines on one point ---- */

/* 40 kN/m of rope at 10 m; the first line carries 100 N more than the mean. */
static void on_one_point(double trim_m, double mass_kg) {
    for (int i = 0; i < 2; i++) {
        b->rig.axis[i].monitors.load = (struct rig_load_tolerance){.present = true, .tolerance_n = 10000};
        b->rig.axis[i].rope.ea_n = 600000;
        b->rig.axis[i].rope.lead_m = 5;
    }
    b->rig.group[0].share_trim_m = trim_m;
    b->show.cue[2].load =
        (struct cue_load){.present = mass_kg > 0, .mass_kg = mass_kg, .hangs_from_m = 5, .hangs_to_m = 20};
    b->tension_n = 700;
    b->second.tension_n = 500;
    cycle_init(b->cycle, &b->rig);
    bench_run(b, 49);
    bench_do(b, COMMAND_UNLOCK);
    bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &b->show});
    bench_full_speed(b);
    bench_place(b, 10, 10);
}

static void arrives(void) {
    both_run();
    for (int i = 0; i < 2000 && state_of(0) == STATE_RUNNING; i++)
        bench_run(b, 1);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
}

/* 2.5 mm too much stretch, half of it a second, for the 4 s and more that the plan moves. */
Test(cycle_together, the_line_that_carries_more_gives_out_until_the_trim_ends) {
    static const double trims_m[] = {0.02, 0.003};
    for (int i = 0; i < 2; i++) {
        if (i > 0) {
            teardown();
            setup();
        }
        on_one_point(trims_m[i], 60);
        arrives();
        const double ahead_m = b->position_m - 14, back_m = 14 - b->second.position_m;
        cr_expect(i == 0 ? ahead_m > 0.004 && ahead_m < 0.009 : fabs(ahead_m - 0.003) < 0.001, "%g m", ahead_m);
        cr_expect_float_eq(ahead_m, back_m, 0.001, "the load stays where it is");
        cr_expect_eq(b->out.snapshot.fault_mask, 0);
    }
}

Test(cycle_together, without_a_trim_or_a_load_they_stay_level) {
    for (int load = 0; load < 2; load++) {
        if (load > 0) {
            teardown();
            setup();
        }
        on_one_point(load ? 0 : 0.02, load ? 60 : 0);
        arrives();
        cr_expect_lt(apart_m(), 0.001, "%g", apart_m());
    }
}

/* The next move begins with the shares as they are: it does not level the drums first. */
Test(cycle_together, the_next_move_keeps_the_shares) {
    on_one_point(0.02, 60);
    b->tension_n = b->second.tension_n = 600;
    bench_place(b, 10.006, 9.994);
    both_run();
    for (int i = 0; i < 2000 && state_of(0) == STATE_RUNNING; i++) {
        bench_run(b, 1);
        cr_assert_float_eq(b->position_m - b->second.position_m, 0.012, 0.0015);
    }
    cr_expect_float_eq(b->position_m, 14.006, 0.001);
}
