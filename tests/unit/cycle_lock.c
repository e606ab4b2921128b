/* The line lock: what it outlives, what it permits, and the one act that ends it. */
#include "controller/cycle.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/bench_rig.h"

static struct command jog(const struct bench *bench, double speed_m_s) {
    return (struct command){.kind = COMMAND_JOG, .press = bench->press, .speed_m_s = speed_m_s};
}

Test(cycle_lock, a_locked_line_is_unlocked_by_an_act_of_its_own) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    b->estop_a_closed = b->estop_b_closed = false; /* an E-stop while following */
    bench_run(b, 100);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_FAULT_LATCHED);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_assert(bench_axis(b)->line_locked, "a reset says nothing of the person");
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press += 1;
    bench_run(b, 2);
    struct command go = {.kind = COMMAND_GO, .press = b->press, .cue = 0};
    cr_assert_eq(b->out.snapshot.go.refusal, REFUSED_LINE_LOCKED);
    cr_assert_eq(bench_step(b, &go), REFUSED_LINE_LOCKED);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
    cr_assert_not(bench_axis(b)->line_locked);
    cr_assert_eq(b->out.snapshot.go.refusal, REFUSED_NOT);
    cr_assert_eq(bench_step(b, &go), REFUSED_NOT);
    bench_run(b, 20);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT_STANDING);
    bench_free(b);
}

/* As systemd does it: a new controller knows nothing of the climber who waits on a ledge until somebody asks. */
static void restart_at(struct bench *b, double tension_n) {
    b->tension_n = tension_n;
    b->silent[BENCH_CELL] = true; /* the cell's link comes up last */
    b->image.frame[BENCH_CELL].stamp_us = 0;
    cycle_init(b->cycle, &b->rig);
    bench_run(b, 50);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_INPUTS);
    b->silent[BENCH_CELL] = false;
    bench_run(b, 2);
    bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &b->show});
    bench_full_speed(b);
    bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 1});
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
}

Test(cycle_lock, a_restart_finds_a_taut_line_locked) {
    struct bench *b = bench_new();
    struct command move = {.kind = COMMAND_GO, .press = 1, .cue = 1};
    const double taut_n[] = {b->rig.axis[0].belay.slack_n, 90};
    for (int i = 0; i < 2; i++) {
        restart_at(b, taut_n[i]);
        move.press = b->press;
        cr_assert(bench_axis(b)->line_locked, "%g N", taut_n[i]);
        cr_assert_eq(bench_step(b, &move), REFUSED_LINE_LOCKED);
        b->tension_n = 0; /* that he stands closer now says nothing */
        bench_run(b, 2);
        cr_assert_eq(bench_step(b, &move), REFUSED_LINE_LOCKED);
        b->tension_n = taut_n[i];
        cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
        bench_run(b, 20);
        cr_assert_not(bench_axis(b)->line_locked, "only the first reading is asked");
    }
    cr_assert_eq(bench_step(b, &move), REFUSED_NOT);
    bench_free(b);
}

Test(cycle_lock, a_restart_finds_a_slack_line_unlocked) {
    struct bench *b = bench_new();
    restart_at(b, 14);
    cr_assert_not(bench_axis(b)->line_locked);
    b->tension_n = 90;
    bench_run(b, 20);
    cr_assert_not(bench_axis(b)->line_locked, "only the first reading is asked");
    struct command move = {.kind = COMMAND_GO, .press = b->press, .cue = 1};
    cr_assert_eq(bench_step(b, &move), REFUSED_NOT);
    bench_free(b);
}

Test(cycle_lock, a_line_that_belays_nobody_is_not_locked_by_a_restart) {
    struct bench *b = bench_new();
    b->rig.axis[0].belay.present = false;
    restart_at(b, 90);
    cr_assert_not(bench_axis(b)->line_locked);
    bench_free(b);
}

Test(cycle_lock, a_light_moment_of_a_bounce_unlocks_nothing) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    b->tension_n = 800;
    bench_run(b, 100);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    b->tension_n = 100;
    bench_run(b, 20);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_BOUNCE);
    bench_run(b, 1000);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT, "he stands");
    bench_free(b);
}

Test(cycle_lock, silence_of_the_load_cell_is_no_light_moment) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    b->tension_n = 800;
    bench_run(b, 100);
    b->tension_n = 100;
    bench_run(b, 2);
    b->silent[BENCH_CELL] = true;
    bench_run(b, 1000);
    b->silent[BENCH_CELL] = false;
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_BOUNCE);
    bench_free(b);
}

Test(cycle_lock, a_line_with_weight_on_it_is_not_unlocked) {
    struct bench *b = bench_new();
    b->tension_n = 800;
    bench_run(b, 2);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_WEIGHT);
    b->tension_n = 90;
    b->silent[BENCH_CELL] = true;
    b->image.frame[BENCH_CELL].stamp_us -= 200000;
    cr_assert_neq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT, "without a reading nobody knows");
    bench_free(b);
}

Test(cycle_lock, a_bounce_of_the_rope_does_not_end_a_lowering_s_limit) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->tension_n = 800; /* after the arm */
    b->rig.axis[0].belay.lowering_speed_max_m_s = 0.2;
    b->press = 1;
    bench_run(b, 2);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 1, .speed_m_s = 0.2}), REFUSED_NOT);
    bench_run(b, 30);
    b->tension_n = 240;
    bench_run(b, 2);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
    cr_assert_neq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 1, .speed_m_s = 0.5}), REFUSED_NOT);
    cr_assert_neq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 1, .speed_m_s = -0.1}), REFUSED_NOT);
    cr_assert(bench_axis(b)->line_locked);
    bench_free(b);
}

Test(cycle_lock, a_locked_line_that_is_slack_is_not_paid_out) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    uint32_t press = b->press;
    b->press = 0;
    bench_step(b, &(struct command){.kind = COMMAND_PERMIT_END, .press = press});
    bench_run(b, 60);
    b->tension_n = 0; /* the climber went up */
    b->press = press + 1;
    struct command down = jog(b, 0.4);
    bench_run(b, 2);
    cr_expect_eq(bench_axis(b)->payout.refusal, REFUSED_SLACK);
    cr_expect_eq(bench_step(b, &down), REFUSED_SLACK);
    cr_expect(bench_axis(b)->slack && isnan(bench_axis(b)->height_m), "nor is his height known");
    b->tension_n = 20;
    bench_run(b, 1);
    cr_expect_eq(bench_step(b, &down), REFUSED_NOT);
    cr_expect_not(isnan(bench_axis(b)->height_m));
    bench_free(b);
}

Test(cycle_lock, the_light_moment_of_a_bounce_is_no_slack) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->tension_n = 800;
    b->press++;
    bench_run(b, 20);
    b->tension_n = 0;
    bench_run(b, 2);
    cr_expect_eq(bench_axis(b)->payout.refusal, REFUSED_NOT, "he is lowered");
    bench_run(b, 1000);
    cr_expect_eq(bench_axis(b)->payout.refusal, REFUSED_SLACK);
    bench_free(b);
}


/* ---- somebody whom the belaying law does not know ---- */

/* A line that flies people has no belay section: his weight is on it in every move, and it is let go by nobody. */
Test(cycle_lock, a_flown_person_behind_a_brake_that_slipped_is_not_unlocked) {
    struct bench *b = bench_new();
    b->rig.axis[0].belay.present = false;
    b->tension_n = 800;
    bench_place(b, 10, 0);
    b->drift_m_s = 0.1;
    bench_run(b, 30);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert(bench_axis(b)->line_locked);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_WEIGHT);
    b->tension_n = 169;
    bench_run(b, 10);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_BOUNCE, "a light moment of a bounce");
    bench_run(b, 1000);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT, "he stands");
    bench_free(b);
}

Test(cycle_lock, a_flown_person_is_moved_with_his_weight_on_the_line) {
    struct bench *b = bench_new();
    b->rig.axis[0].belay.present = false;
    b->tension_n = 800;
    bench_place(b, 10, 0);
    bench_go(b, 1);
    b->press++;
    bench_run(b, 60);
    cr_assert_not(bench_axis(b)->line_locked);
    struct command up = jog(b, -0.1);
    cr_expect_eq(bench_step(b, &up), REFUSED_NOT);
    bench_free(b);
}

/* 22 kg on a line for 65 and more: less than what locks a line that moves. */
Test(cycle_lock, a_child_on_a_line_for_adults_is_felt_at_rest) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 100);
    b->estop_a_closed = b->estop_b_closed = true;
    b->tension_n = 216;
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_WEIGHT);
    b->tension_n = 90;
    bench_run(b, 1000);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->tension_n = 216;
    b->press++;
    bench_run(b, 2);
    struct command go = {.kind = COMMAND_GO, .press = b->press, .cue = 0}, up = jog(b, -0.1), down = jog(b, 0.1);
    cr_expect_eq(bench_step(b, &go), REFUSED_LINE_LOCKED);
    cr_expect_eq(bench_step(b, &up), REFUSED_LINE_LOCKED);
    cr_expect_eq(bench_step(b, &down), REFUSED_NOT, "he is lowered");
    cr_expect(bench_axis(b)->line_locked);
    bench_free(b);
}

/* ---- weight that comes on in motion, less than what locks a moving line ---- */

static void move_starts(struct bench *b) {
    bench_go(b, 1);
}

static void jog_up_starts(struct bench *b) {
    bench_do(b, COMMAND_ARM);
    b->press++;
    bench_run(b, 2);
    struct command up = jog(b, -0.2);
    cr_assert_eq(bench_step(b, &up), REFUSED_NOT);
    bench_run(b, 20);
}

static void jog_down_starts(struct bench *b) {
    bench_do(b, COMMAND_ARM);
    b->press++;
    bench_run(b, 2);
    struct command down = jog(b, 0.2);
    cr_assert_eq(bench_step(b, &down), REFUSED_NOT);
    bench_run(b, 20);
}

Test(cycle_lock, a_child_that_comes_on_an_empty_rope_in_motion_ends_it) {
    static void (*const starts[])(struct bench *) = {jog_up_starts, jog_down_starts, move_starts};
    for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
        struct bench *b = bench_new();
        b->rig.axis[0].monitors.load_ms = 500;
        bench_place(b, 10, 0);
        starts[i](b);
        cr_assert_eq(bench_axis(b)->state, STATE_RUNNING, "%zu", i);
        b->tension_n = 216;
        bench_run_ms(b, 490);
        cr_expect_eq(bench_axis(b)->state, STATE_RUNNING, "%zu: the rope jolts", i);
        bench_run_ms(b, 30);
        cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_WEIGHT, "%zu", i);
        cr_expect(bench_axis(b)->line_locked, "%zu", i);
        bench_run(b, 100);
        cr_expect_eq(bench_axis(b)->state, STATE_ARMED, "%zu", i);
        bench_free(b);
    }
}

Test(cycle_lock, a_jolt_of_an_empty_rope_ends_nothing) {
    struct bench *b = bench_new();
    b->rig.axis[0].monitors.load_ms = 500;
    bench_place(b, 10, 0);
    jog_up_starts(b);
    for (int i = 0; i < 5; i++) {
        b->tension_n = 216;
        bench_run_ms(b, 300);
        b->tension_n = 169;
        bench_run_ms(b, 100);
    }
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    bench_free(b);
}

static void fast_move_up_starts(struct bench *b) {
    bench_go(b, 1);
}

/* However long it may take until the weight counts: what it is moved by is a stop, from its first reading on. */
Test(cycle_lock, a_child_that_comes_on_an_empty_rope_is_moved_by_no_more_than_a_stop) {
    static const struct {
        void (*starts)(struct bench *);
        double speed_m_s, stop_m_s2;
    } rows[] = {{jog_up_starts, 0.2, 4.9}, {jog_down_starts, 0.2, 8}, {fast_move_up_starts, 2, 4.9}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *b = bench_new();
        b->rig.axis[0].monitors.load_ms = 1000;
        b->show.cue[1].position_m = 2;
        b->show.cue[1].speed_m_s = 2;
        b->show.cue[1].acceleration_m_s2 = 4;
        bench_place(b, 10, 0);
        rows[i].starts(b);
        bench_run_ms(b, 900);
        cr_assert_float_eq(fabs(bench_axis(b)->setpoint_m_s), rows[i].speed_m_s, 1e-6, "%zu", i);
        const double from_m = b->position_m;
        b->tension_n = 216;
        bench_run_ms(b, 2000);
        const double most_m = rows[i].speed_m_s * rows[i].speed_m_s / (2 * rows[i].stop_m_s2);
        cr_expect_leq(fabs(b->position_m - from_m), most_m + 2 * rows[i].speed_m_s * 0.01, "%zu: %g m", i,
                      fabs(b->position_m - from_m));
        cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_WEIGHT, "%zu", i);
        cr_expect(bench_axis(b)->line_locked, "%zu", i);
        bench_free(b);
    }
}

/* A jolt costs time and nothing else. */
Test(cycle_lock, a_move_goes_on_after_a_jolt) {
    struct bench *b = bench_new();
    b->rig.axis[0].monitors.load_ms = 500;
    bench_place(b, 10, 0);
    bench_go(b, 1);
    bench_run_ms(b, 600);
    b->tension_n = 216;
    bench_run_ms(b, 400);
    cr_expect_eq(bench_axis(b)->setpoint_m_s, 0.0, "it waits");
    b->tension_n = 90;
    bench_run_ms(b, 8000);
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
    cr_expect_float_eq(b->position_m, 12, 0.002);
    cr_expect_not(bench_axis(b)->line_locked);
    bench_free(b);
}

Test(cycle_lock, a_child_who_hung_there_already_is_lowered_as_anybody) {
    struct bench *b = bench_new();
    bench_do(b, COMMAND_ARM);
    b->tension_n = 216;
    b->press++;
    bench_run(b, 2);
    struct command down = jog(b, 0.2);
    cr_assert_eq(bench_step(b, &down), REFUSED_NOT);
    bench_run(b, 200);
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING, "he hung there when it began");
    bench_free(b);
}

/* ---- weight that comes on at rest ---- */

static int locks_told(const struct bench *b) {
    int told = 0;
    for (int i = 0; i < b->out.event_count; i++)
        told += b->out.events[i].kind == EVENT_LOCK && b->out.events[i].axis == 0 && b->out.events[i].to == 1;
    return told;
}

static struct bench *stands_armed(void) {
    struct bench *b = bench_new();
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
    cr_assert_not(bench_axis(b)->line_locked);
    return b;
}

Test(cycle_lock, a_fall_onto_a_standing_line_locks_it) {
    struct bench *b = stands_armed();
    const struct command go = {.kind = COMMAND_GO, .press = b->press, .cue = 0};
    const struct command up = jog(b, -0.1);
    b->tension_n = 3000;
    int told = 0;
    for (int i = 0; i < 20; i++) {
        bench_run(b, 1);
        told += locks_told(b);
    }
    cr_expect_eq(told, 1, "the log says so, once");
    b->tension_n = 20; /* up in the light moment of the bounce */
    bench_run(b, 10);
    cr_assert(bench_axis(b)->line_locked);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_LINE_LOCKED);
    cr_expect_eq(bench_step(b, &go), REFUSED_LINE_LOCKED);
    cr_expect_eq(bench_step(b, &up), REFUSED_LINE_LOCKED);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_BOUNCE);
    bench_free(b);
}

Test(cycle_lock, one_reading_of_weight_locks_nothing_and_waits_out_the_bounce) {
    struct bench *b = stands_armed();
    const struct command go = {.kind = COMMAND_GO, .press = b->press, .cue = 0};
    const struct command up = jog(b, -0.1), down = jog(b, 0.1);
    b->tension_n = 3000;
    bench_run(b, 1);
    b->tension_n = 20;
    bench_run(b, 10);
    cr_expect_not(bench_axis(b)->line_locked, "noise");
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_BOUNCE);
    cr_expect_eq(bench_step(b, &go), REFUSED_BOUNCE);
    cr_expect_eq(bench_step(b, &up), REFUSED_BOUNCE);
    bench_run(b, 1000);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_NOT);
    cr_expect_eq(bench_axis(b)->takein.refusal, REFUSED_NOT);
    cr_expect_eq(bench_step(b, &down), REFUSED_NOT);
    bench_free(b);
}

Test(cycle_lock, who_is_flown_hangs_on_his_line_at_rest) {
    struct bench *b = bench_new();
    b->rig.axis[0].belay.present = false;
    b->tension_n = 800;
    bench_place(b, 10, 0);
    bench_run(b, 100);
    cr_expect_not(bench_axis(b)->line_locked);
    b->tension_n = 20;
    bench_go(b, 1);
    bench_free(b);
}
