/* The load of a cue through the cycle: a move stops when the rope pulls otherwise than the cue explains. */
#include <criterion/criterion.h>

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
