/* The load of a cue through the cycle: a move stops when the rope pulls otherwise than the cue explains. */
#include <criterion/criterion.h>
#include <math.h>

#include "controller/cycle_parts.h"
#include "tests/bench_rig.h"

#define LOAD_KG 60
#define WEIGHT_N (LOAD_KG * 9.80665)

static struct bench *b;

/* The second winch carries 60 kg from 10 to 20 m; they hang free from 12 to 18 m. */
static void setup(void) {
    b = bench_new_pair();
    b->rig.axis[1].monitors.load =
        (struct rig_load_tolerance){.present = true, .tolerance_n = 40, .tolerance_percent = 10};
    b->rig.axis[1].monitors.load_ms = 200;
    b->second.tension_n = WEIGHT_N;
    cycle_init(b->cycle, &b->rig);
    bench_run(b, 49);
    bench_do(b, COMMAND_UNLOCK);
    b->show.cue[2].load =
        (struct cue_load){.present = true, .mass_kg = LOAD_KG, .hangs_from_m = 12, .hangs_to_m = 18};
    bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &b->show});
    bench_full_speed(b);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_load, .init = setup, .fini = teardown);

static const struct snapshot_axis *axis(void) {
    return &b->out.snapshot.axis[1];
}

static void run_to(double position_m) {
    for (int i = 0; i < 5000 && b->second.position_m < position_m; i++)
        bench_run(b, 1);
    cr_assert_geq(b->second.position_m, position_m);
}

/* Cycles from now until the fault, -1 = not within a second. */
static int trips_after(void) {
    for (int i = 1; i <= 100; i++) {
        bench_run(b, 1);
        if (axis()->fault_mask & FAULT_BIT(LOAD_UNEXPECTED))
            return i;
    }
    return -1;
}

Test(cycle_load, the_load_of_the_cue_flies_to_the_end) {
    bench_go(b, 2);
    run_to(19.9);
    bench_run(b, 300);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_float_eq(b->second.position_m, 20, 0.005);
}

Test(cycle_load, a_snag_stops_the_move) {
    bench_go(b, 2);
    run_to(14);
    b->second.tension_n = WEIGHT_N + 120;
    int cycles = trips_after();
    cr_expect(cycles >= 20 && cycles <= 23, "%d", cycles);
    bench_run(b, 200);
    cr_expect_eq(axis()->state, STATE_FAULT);
    cr_expect_lt(b->second.position_m, 16);
}

Test(cycle_load, a_touch_down_before_its_place_stops_the_move) {
    bench_go(b, 2);
    run_to(14);
    b->second.tension_n = 200;
    cr_expect_neq(trips_after(), -1);
}

Test(cycle_load, a_load_that_is_not_clipped_in_is_missed_where_it_should_hang) {
    b->second.tension_n = 20;
    bench_go(b, 2);
    run_to(11.9);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "it may stand on its stage there");
    cr_expect_neq(trips_after(), -1);
}

Test(cycle_load, beyond_its_place_it_may_stand) {
    bench_go(b, 2);
    run_to(18);
    b->second.tension_n = 20;
    bench_run(b, 400);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
}

Test(cycle_load, it_is_expected_of_the_move_alone) {
    bench_go(b, 2);
    run_to(14);
    b->press = 0;
    bench_run(b, 300);
    b->second.tension_n = 20; /* taken off by hand */
    bench_run(b, 300);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
}

Test(cycle_load, a_cue_without_a_load_expects_none) {
    b->show.cue[2].load.present = false;
    bench_go(b, 2);
    run_to(14);
    b->second.tension_n = 20;
    cr_expect_eq(trips_after(), -1);
}

Test(cycle_load, after_the_reset_it_may_be_moved_either_way) {
    bench_go(b, 2);
    run_to(14);
    b->second.tension_n = 200;
    cr_assert_neq(trips_after(), -1);
    b->press = 0;
    bench_run(b, 300);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 7;
    cr_expect_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .axis = 1, .press = 7, .speed_m_s = -0.1}),
                 REFUSED_NOT);
    bench_run(b, 200);
    cr_expect_lt(axis()->speed_m_s.value, -0.05);
}

/* ---- landing ---- */

/* A load that is set down between 12 and 14 m, at 0.2 m/s at most; light rope trips elsewhere after 200 ms. */
static void with_landing(void) {
    struct rig_axis *from = &b->rig.axis[1];
    from->load.has_slack = from->load.has_underload = true;
    from->load.slack_n = 50;
    from->load.snatch_speed_m_s = 0.1;
    from->load.underload_n = 100;
    from->landing = (struct rig_landing){true, 12, 14, 0.2};
    bench_place(b, 10, 10);
}

static void jogs(double speed_m_s) {
    b->press++;
    bench_run(b, 2);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .axis = 1,
                                                 .speed_m_s = speed_m_s}), REFUSED_NOT);
    bench_run(b, 60);
}

static void lets_go(void) {
    uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    bench_run(b, 100);
    b->press = press;
}

Test(cycle_load, a_load_is_set_down_in_its_window_and_taken_up_again) {
    with_landing();
    bench_place(b, 10, 12.1);
    bench_do(b, COMMAND_ARM);
    jogs(0.2);
    b->second.tension_n = 5; /* it stands */
    bench_run(b, 300);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_gt(b->second.position_m, 12.5);
    lets_go();
    jogs(-0.2);
    bench_run(b, 60);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "until the tension returns");
    b->second.tension_n = WEIGHT_N;
    bench_run(b, 200);
    cr_expect_eq(axis()->state, STATE_RUNNING);
}

Test(cycle_load, light_rope_outside_the_window_stops) {
    with_landing();
    bench_place(b, 10, 13.8);
    bench_do(b, COMMAND_ARM);
    jogs(0.2);
    b->second.tension_n = 5;
    for (int i = 0; i < 500 && axis()->fault_mask == 0; i++)
        bench_run(b, 1);
    cr_expect(axis()->fault_mask & FAULT_BIT(SLACK_PAYOUT));
    cr_expect(axis()->fault_mask & FAULT_BIT(UNDERLOAD));
    cr_expect(b->second.position_m > 14 && b->second.position_m < 14.1, "%g", b->second.position_m);
}

Test(cycle_load, a_load_that_lands_faster_than_it_may_stops) {
    with_landing();
    bench_place(b, 10, 12.1);
    bench_do(b, COMMAND_ARM);
    jogs(0.21);
    b->second.tension_n = 5;
    bench_run(b, 30);
    cr_expect(axis()->fault_mask & FAULT_BIT(SLACK_PAYOUT));
}

Test(cycle_load, a_rig_without_a_window_has_none) {
    with_landing();
    b->rig.axis[1].landing = (struct rig_landing){0};
    bench_place(b, 10, 12.1);
    bench_do(b, COMMAND_ARM);
    jogs(0.1);
    b->second.tension_n = 5;
    bench_run(b, 60);
    cr_expect(axis()->fault_mask & FAULT_BIT(SLACK_PAYOUT));
}

/* ---- slack rope is not snatched ---- */

#define SNATCH_M_S 0.1

/* The fastest that it takes in within `cycles`. */
static double fastest_up_m_s(int cycles) {
    double most_m_s = 0;
    for (int i = 0; i < cycles; i++) {
        bench_run(b, 1);
        most_m_s = fmax(most_m_s, -axis()->setpoint_m_s);
    }
    return most_m_s;
}

static void goes_up(void) {
    b->show.cue[2].position_m = 2;
    b->show.cue[2].speed_m_s = 2;
    b->show.cue[2].acceleration_m_s2 = 4;
    b->show.cue[2].load.present = false;
    bench_go(b, 2);
}

static void slack_is_watched(double position_m) {
    with_landing();
    b->rig.axis[1].load.has_underload = false;
    bench_place(b, 10, position_m);
}

Test(cycle_load, slack_rope_is_taken_in_at_snatch_speed_until_it_pulls) {
    for (int move = 0; move < 2; move++) {
        slack_is_watched(19);
        b->second.tension_n = 5;
        if (move) {
            goes_up();
        } else {
            bench_do(b, COMMAND_ARM);
            jogs(-0.25);
            cr_expect_float_eq(b->out.replies[0].jog_m_s, -SNATCH_M_S, 1e-9, "and says so");
        }
        cr_expect_float_eq(fastest_up_m_s(200), SNATCH_M_S, 1e-9, "move %d", move);
        cr_expect_not(axis()->clamped, "the plan itself goes no faster");
        b->second.tension_n = WEIGHT_N;
        cr_expect_gt(fastest_up_m_s(200), move ? 1.9 : 0.24, "move %d", move);
        cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
        lets_go();
        bench_do(b, COMMAND_DISARM);
    }
}

Test(cycle_load, a_recovery_snatches_no_slack_rope) {
    b->rig.axis[1].modes.recovery.takein_speed_max_m_s = 0.2;
    slack_is_watched(15);
    b->second.tension_n = 5;
    b->silent[BENCH_SECOND(BENCH_ENCODER)] = true;
    bench_run(b, 60);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_RECOVER, .axis = 1, .bypass = BYPASS_ENCODER}),
                 REFUSED_NOT);
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_CLEAR, .session = 2, .axis = 1}), REFUSED_NOT);
    jogs(-0.2);
    cr_expect_float_eq(fastest_up_m_s(100), SNATCH_M_S, 1e-9);
    cr_expect_eq(axis()->state, STATE_RUNNING);
}

Test(cycle_load, rope_that_goes_slack_in_a_fast_move_slows_down_by_a_stops_ramp) {
    slack_is_watched(19);
    goes_up();
    cr_assert_gt(fastest_up_m_s(200), 1.9);
    b->second.tension_n = 5;
    const double step_m_s = b->rig.axis[1].limits.stop_takein_deceleration_m_s2 * b->rig.cycle_ms / 1000 + 1e-6;
    double last_m_s = -axis()->setpoint_m_s;
    for (int i = 0; i < 100; i++) {
        bench_run(b, 1);
        cr_expect_leq(last_m_s + axis()->setpoint_m_s, step_m_s);
        last_m_s = -axis()->setpoint_m_s;
    }
    cr_expect_float_eq(last_m_s, SNATCH_M_S, 1e-9);
    cr_expect_eq(axis()->state, STATE_RUNNING);
}

Test(cycle_load, the_clamp_snatches_no_slack_rope_whatever_the_plan_wants) {
    slack_is_watched(15);
    b->second.tension_n = 5;
    bench_do(b, COMMAND_ARM);
    jogs(-0.05);
    for (int i = 0; i < 50; i++) {
        b->cycle->axis[1].wanted_m_s = -0.25;
        cycle_clamp(b->cycle);
    }
    cr_expect_eq(b->cycle->axis[1].setpoint_um_s, -(int32_t)(SNATCH_M_S * 1e6));
}

Test(cycle_load, a_climbers_slack_is_taken_in_as_belaying_says) {
    b->rig.axis[0].load.has_slack = true;
    b->rig.axis[0].load.slack_n = 20;
    b->rig.axis[0].load.snatch_speed_m_s = 0.05;
    bench_place(b, 10, 10);
    bench_go(b, 0);
    b->tension_n = 5;
    double most_m_s = 0;
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        most_m_s = fmax(most_m_s, -b->out.snapshot.axis[0].setpoint_m_s);
    }
    cr_expect_gt(most_m_s, 0.19);
}

Test(cycle_load, a_move_that_lays_rope_down_in_the_window_is_no_slower) {
    slack_is_watched(12.1);
    b->second.tension_n = 5;
    b->show.cue[2].position_m = 13.9;
    b->show.cue[2].speed_m_s = 0.2;
    b->show.cue[2].load.present = false;
    bench_go(b, 2);
    bench_run(b, 200);
    cr_expect_float_eq(axis()->setpoint_m_s, 0.2, 1e-9);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
}

/* ---- single readings count ---- */

/* `tension_n` at full speed in mid-air; cycles until the fault. */
static void reads_single(void) {
    b->rig.axis[1].monitors.load.has_readings = true;
    b->rig.axis[1].monitors.load.readings = 2;
    b->rig.axis[1].monitors.load.tolerance_n = 1;
    b->rig.axis[1].monitors.load.tolerance_percent = 8;
    cycle_init(b->cycle, &b->rig);
    bench_run(b, 49);
    bench_do(b, COMMAND_UNLOCK);
    bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &b->show});
    bench_full_speed(b);
}

Test(cycle_load, the_second_reading_outside_trips) {
    reads_single();
    bench_go(b, 2);
    run_to(14);
    b->second.tension_n = WEIGHT_N * 1.09 + 1;
    bench_run(b, 1);
    int first = 0; /* cycles until it is read */
    while (b->out.snapshot.axis[1].tension_n.value < WEIGHT_N * 1.08 && first++ < 10)
        bench_run(b, 1);
    cr_expect_eq(axis()->fault_mask, 0, "one is noise");
    bench_run(b, 1);
    cr_expect(axis()->fault_mask & FAULT_BIT(LOAD_UNEXPECTED), "in the cycle of the second");
}

Test(cycle_load, one_reading_outside_is_noise) {
    reads_single();
    bench_go(b, 2);
    run_to(13);
    for (int i = 0; i < 100; i++) {
        b->second.tension_n = i % 2 ? WEIGHT_N : WEIGHT_N * 1.5;
        bench_run(b, 1);
    }
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
}

/* A frame that is read twice is one reading. */
Test(cycle_load, an_old_reading_is_not_counted_again) {
    reads_single();
    bench_go(b, 2);
    run_to(14);
    b->second.tension_n = WEIGHT_N * 1.5;
    bench_run(b, 1);
    b->silent[BENCH_SECOND(BENCH_CELL)] = true;
    bench_run(b, 4);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
    b->silent[BENCH_SECOND(BENCH_CELL)] = false;
    cr_expect_leq(trips_after(), 2);
}

Test(cycle_load, a_stop_swings_the_load_and_is_no_snag) {
    reads_single();
    bench_go(b, 2);
    run_to(14);
    const uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    bench_run(b, 1);
    b->second.tension_n = WEIGHT_N * 1.3;
    bench_run(b, 200);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "%s", fault_text(b->out.snapshot.first_out)->name);
}

/* `tension_n` all the way: does the move trip, when the rig says what rope and sheaves do, and when not? */
static void flies_with(double tension, double weight_kg_m, double friction_percent) {
    for (int told = 0; told < 2; told++) {
        teardown();
        setup();
        struct rig_rope *rope = &b->rig.axis[1].rope;
        rope->has_weight = rope->has_friction = told;
        rope->weight_kg_m = weight_kg_m;
        rope->sheave_friction_percent = friction_percent;
        reads_single();
        b->second.tension_n = tension;
        bench_go(b, 2);
        run_to(11.9);
        for (int i = 0; i < 600; i++)
            bench_run(b, 1);
        cr_expect_eq((axis()->fault_mask & FAULT_BIT(LOAD_UNEXPECTED)) == 0, told, "%g N, told %d", tension, told);
    }
}

/* 0.5 kg/m weigh 6 to 9 kg on the way where the load hangs, a tenth of it and more. */
Test(cycle_load, the_rope_that_hangs_is_expected_too) {
    flies_with((LOAD_KG + 0.5 * 15) * 9.80665, 0.5, 0);
}

Test(cycle_load, on_the_way_down_sheaves_take_their_share) {
    flies_with(WEIGHT_N / 1.1, 0, 10);
}
