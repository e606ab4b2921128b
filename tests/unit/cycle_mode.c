/* Operating modes: what set-up, walk-through and show let move and how fast, and how the ladder is climbed. */
#include <criterion/criterion.h>
#include <math.h>

#include "controller/cycle_parts.h"
#include "tests/bench_rig.h"

#define BELAY 0
#define MOVE 1 /* at 1 m/s and 1 m/s2 */

static struct bench *b;
static double fastest_m_s; /* setpoint of the last run */

/* As belayd starts: in set-up; then a show is loaded. */
static void begin(void) {
    b = bench_new();
    b->rig.ladder = (struct rig_ladder){3, {10, 50, 100}};
    cycle_init(b->cycle, &b->rig);
    bench_run_ms(b, 250);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &b->show}), REFUSED_NOT);
}

static void end(void) {
    bench_free(b);
}

TestSuite(cycle_mode, .init = begin, .fini = end, .timeout = 30);

static enum refusal mode(enum operating operating, int32_t percent) {
    return bench_step(b, &(struct command){.kind = COMMAND_MODE, .operating = operating, .percent = percent});
}

static enum refusal walk(int32_t percent) {
    return mode(OPERATING_WALK_THROUGH, percent);
}

static void arm(void) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_step(b, NULL);
}

static enum refusal go(int cue) {
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    return bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = cue});
}

static enum refusal jog(double speed_m_s) {
    return bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = speed_m_s});
}

static void run_for(int ms) {
    for (int i = 0; i < ms / b->rig.cycle_ms && bench_axis(b)->state != STATE_FAULT; i++) {
        bench_step(b, NULL);
        fastest_m_s = fmax(fastest_m_s, fabs(bench_axis(b)->setpoint_m_s));
    }
}

static void disarm(void) {
    bench_do(b, COMMAND_DISARM);
    bench_run_ms(b, 2000);
    cr_assert(b->out.snapshot.stopped);
}

/* The move from where the drum is, to its end or for `ms`; then disarmed. */
static void run_to(double position_m, int ms) {
    b->show.cue[MOVE].position_m = position_m;
    fastest_m_s = 0;
    arm();
    cr_assert_eq(go(MOVE), REFUSED_NOT);
    run_for(ms);
    disarm();
}

#define WHOLE_MS 30000

static void run_to_end(double position_m) {
    run_to(position_m, WHOLE_MS);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
}

static void climb_to(int rungs) {
    for (int i = 0; i < rungs; i++) {
        cr_assert_eq(walk(b->rig.ladder.percent[i]), REFUSED_NOT);
        run_to_end(i % 2 == 0 ? 12 : 10);
    }
}

/* --- what moves, and how fast ------------------------------------------------------------------------------------- */

Test(cycle_mode, it_starts_in_set_up_where_there_is_no_go) {
    cr_expect_eq(b->out.snapshot.operating, OPERATING_SETUP);
    cr_expect_eq(b->out.snapshot.percent, 0);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_SETUP);
    arm();
    cr_expect_eq(go(MOVE), REFUSED_SETUP);
    cr_expect_eq(go(BELAY), REFUSED_SETUP);
}

/* Whoever is told to select a mode would find the E-stop open behind it. */
Test(cycle_mode, what_is_most_serious_stands_before_the_mode) {
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run_ms(b, 100);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_ESTOP_OPEN);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run_ms(b, 100);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_FAULT_LATCHED);
    b->rig.axis[0].carries_person = true;
    bench_step(b, &(struct command){.kind = COMMAND_CLEARANCE, .clearance = REFUSED_DAILY_DUE});
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_FAULT_LATCHED);
}

Test(cycle_mode, set_up_jogs_at_its_own_speed) {
    arm();
    cr_assert_eq(jog(0.5), REFUSED_NOT);
    run_for(2500);
    cr_expect_float_eq(bench_axis(b)->setpoint_m_s, 0.25, 1e-9);
    cr_expect_float_eq(bench_axis(b)->jog_max_m_s, 0.25, 1e-9, "and says so");
    cr_assert_eq(jog(0.4), REFUSED_NOT);
    cr_expect_float_eq(b->out.replies[0].jog_m_s, 0.25, 1e-9, "to who asked, too");
    cr_assert_eq(jog(-0.5), REFUSED_NOT);
    run_for(2500);
    cr_expect_float_eq(bench_axis(b)->setpoint_m_s, -0.25, 1e-9);
}

/* The judge comes first: the cycle in which the axis is done with its stop is the first one that takes a mode. */
Test(cycle_mode, it_is_taken_from_the_cycle_on_in_which_the_last_axis_is_disarmed) {
    arm();
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    run_for(1000);
    cr_assert_eq(bench_do(b, COMMAND_DISARM), REFUSED_NOT);
    enum axis_state before = bench_axis(b)->state;
    enum refusal refusal = REFUSED_BUSY;
    for (int i = 0; i < 300 && refusal != REFUSED_NOT; i++) {
        before = bench_axis(b)->state;
        refusal = walk(10);
        cr_assert_eq(refusal == REFUSED_NOT, bench_axis(b)->state == STATE_DISARMED, "%s",
                     state_name(bench_axis(b)->state));
    }
    cr_expect_eq(before, STATE_RELEASING, "%s", state_name(before));
    cr_expect_eq(b->out.snapshot.operating, OPERATING_WALK_THROUGH);
}

Test(cycle_mode, walk_through_jogs_and_moves_at_the_rung_s_share) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    arm();
    cr_assert_eq(jog(0.5), REFUSED_NOT);
    run_for(2500);
    cr_expect_float_eq(bench_axis(b)->setpoint_m_s, 0.25, 1e-9, "set-up speed, which is more than 10 %% of 2 m/s");
    disarm();
    run_to_end(12);
    cr_expect_float_eq(fastest_m_s, 0.1, 1e-6, "10 %% of the cue's 1 m/s");
    b->rig.ladder.percent[0] = 20;
    cr_assert_eq(walk(20), REFUSED_NOT);
    arm();
    cr_assert_eq(jog(0.5), REFUSED_NOT);
    run_for(2500);
    cr_expect_float_eq(bench_axis(b)->setpoint_m_s, 0.4, 1e-9, "20 %% of the axis's 2 m/s");
}

/* The plan may be wrong; the clamp does not ask it. */
Test(cycle_mode, the_clamp_keeps_the_rung_whatever_the_plan_wants) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    arm();
    cr_assert_eq(go(MOVE), REFUSED_NOT);
    b->cycle->axis[0].move_speed_m_s = 1.5;
    run_for(5000);
    cr_expect_float_eq(fastest_m_s, 0.2, 1e-9);
}

Test(cycle_mode, the_clamp_keeps_set_up_s_speed_whatever_the_plan_wants) {
    arm();
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    b->cycle->axis[0].jog_m_s = 0.5;
    run_for(2500);
    cr_expect_float_eq(fastest_m_s, 0.25, 1e-9);
}

/* A slower rope would hang slack, and let whoever falls into it fall farther. */
Test(cycle_mode, belaying_has_no_ladder) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    arm();
    cr_assert_eq(go(BELAY), REFUSED_NOT);
    run_for(500);
    b->tension_n = 20; /* somebody climbs up quickly */
    for (int i = 0; i < 100 && bench_axis(b)->state == STATE_RUNNING; i++)
        run_for(10);
    cr_expect_gt(fastest_m_s, 0.25, "%f", fastest_m_s);
}

Test(cycle_mode, whoever_hangs_there_is_lowered_in_set_up) {
    b->tension_n = 800;
    run_for(100);
    arm();
    cr_expect_eq(jog(-0.1), REFUSED_LINE_LOCKED);
    cr_assert_eq(jog(0.5), REFUSED_NOT);
    run_for(2500);
    cr_expect_float_eq(bench_axis(b)->setpoint_m_s, 0.25, 1e-9);
}

/* A stop is as hard as ever, from every speed and on every rung: 0.2 m/s with 8 m/s2 that build up in 40 ms are gone
 * after 2 sqrt(0.2 m/s x 40 ms / 8 m/s2) = 63 ms, and half of them after the half of that. */
Test(cycle_mode, a_stop_decelerates_as_in_every_mode) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    arm();
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    run_for(2500);
    double before_m_s = bench_axis(b)->setpoint_m_s;
    bench_do(b, COMMAND_STOP);
    cr_expect_float_eq(before_m_s - bench_axis(b)->setpoint_m_s, 200 * 0.01 * 0.01 / 2, 1e-6);
    run_for(20);
    cr_expect_float_eq(before_m_s - bench_axis(b)->setpoint_m_s, 200 * 0.03 * 0.03 / 2, 2e-6);
    run_for(40);
    cr_expect_eq(bench_axis(b)->setpoint_m_s, 0);
}

/* --- choosing ----------------------------------------------------------------------------------------------------- */

Test(cycle_mode, a_mode_is_selected_disarmed_and_at_rest) {
    arm();
    cr_expect_eq(walk(10), REFUSED_ARMED);
    cr_expect_eq(mode(OPERATING_SETUP, 0), REFUSED_ARMED);
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    run_for(1000);
    cr_expect_eq(walk(10), REFUSED_BUSY);
    cr_expect_float_eq(bench_axis(b)->setpoint_m_s, 0.2, 1e-9, "and the motion goes on");
    bench_do(b, COMMAND_DISARM);
    cr_expect_eq(walk(10), REFUSED_BUSY);
    bench_run_ms(b, 2000);
    cr_expect_eq(walk(10), REFUSED_NOT);
    b->drift_m_s = 0.1;
    run_for(20);
    cr_expect_neq(mode(OPERATING_SETUP, 0), REFUSED_NOT, "the drum turns");
}

Test(cycle_mode, a_winch_that_is_switched_off_is_not_called_moving) {
    b->silent[BENCH_DRIVE] = true;
    bench_run_ms(b, 500);
    cr_expect_eq(walk(10), REFUSED_INPUTS);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_INPUTS, "and no moment to wait helps");
}

Test(cycle_mode, show_needs_a_show_and_walk_through_a_rung) {
    cycle_init(b->cycle, &b->rig);
    bench_run_ms(b, 250);
    cr_expect_eq(mode(OPERATING_SHOW, 0), REFUSED_NO_SHOW);
    cr_expect_eq(walk(10), REFUSED_NOT);
    cr_expect_eq(walk(50), REFUSED_LADDER);
    cr_expect_eq(walk(33), REFUSED_RUNG);
    cr_expect_eq(walk(0), REFUSED_RUNG);
}

/* --- the ladder --------------------------------------------------------------------------------------------------- */

Test(cycle_mode, the_ladder_is_climbed_rung_by_rung) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    run_to_end(12);
    cr_expect_eq(b->out.snapshot.offer_percent, 50);
    cr_expect_eq(walk(100), REFUSED_LADDER);
    cr_expect_eq(mode(OPERATING_SHOW, 0), REFUSED_LADDER);
    cr_assert_eq(walk(50), REFUSED_NOT);
    run_to_end(10);
    cr_expect_float_eq(fastest_m_s, 0.5, 1e-6);
    cr_assert_eq(walk(100), REFUSED_NOT);
    cr_expect_eq(mode(OPERATING_SHOW, 0), REFUSED_LADDER);
    run_to_end(12);
    cr_expect_float_eq(fastest_m_s, 1, 1e-6);
    cr_assert_eq(mode(OPERATING_SHOW, 0), REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.percent, 100);
    run_to_end(10);
    cr_expect_float_eq(fastest_m_s, 1, 1e-6);
}

/* Which cue, and where it has to run first. */
Test(cycle_mode, a_refused_ladder_names_cue_and_rung) {
    climb_to(1);
    cr_assert_eq(mode(OPERATING_SHOW, 0), REFUSED_LADDER);
    struct verdict_detail detail = b->out.replies[0].detail;
    cr_expect_eq(detail.cue, MOVE);
    cr_expect_eq(detail.percent, 50);
    cr_assert_eq(walk(100), REFUSED_LADDER);
    cr_expect_eq(b->out.replies[0].detail.cue, -1, "any will do");
    cr_expect_eq(b->out.replies[0].detail.percent, 50);
}

/* Other rope, other load: what was run clean was run with the old one. */
Test(cycle_mode, a_changed_part_takes_back_what_its_axis_ran) {
    climb_to(3);
    cr_assert_eq(mode(OPERATING_SHOW, 0), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_CHANGED}), REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.offer_percent, 10);
    arm();
    cr_expect_eq(go(MOVE), REFUSED_LADDER);
}

/* The run under way began before. */
Test(cycle_mode, a_change_in_a_run_takes_it_back_too) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    b->show.cue[MOVE].position_m = 12;
    arm();
    cr_assert_eq(go(MOVE), REFUSED_NOT);
    run_for(1000);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_CHANGED}), REFUSED_NOT);
    run_for(WHOLE_MS);
    disarm();
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
    cr_expect_eq(b->out.snapshot.offer_percent, 10);
}

/* Each move has its own ladder. */
Test(cycle_mode, one_move_s_clean_runs_say_nothing_of_another) {
    b->show.cue[2] = b->show.cue[MOVE];
    b->show.cue_count = 3;
    climb_to(1);
    cr_assert_eq(walk(50), REFUSED_NOT);
    arm();
    cr_expect_eq(go(2), REFUSED_LADDER);
    cr_expect_eq(b->out.snapshot.standby_percent, 10);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_LADDER);
    disarm();
    cr_assert_eq(walk(50), REFUSED_NOT);
    run_to_end(10);
    cr_assert_eq(walk(100), REFUSED_NOT);
    run_to_end(12);
    cr_expect_eq(mode(OPERATING_SHOW, 0), REFUSED_LADDER, "the other one was never run");
}

Test(cycle_mode, a_run_that_was_stopped_shows_nothing_and_takes_nothing) {
    climb_to(1);
    cr_assert_eq(walk(50), REFUSED_NOT);
    run_to(10, 1500);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_DISARM);
    cr_expect_eq(b->out.snapshot.offer_percent, 50);
    cr_expect_eq(walk(50), REFUSED_NOT);
}

/* A move over no way would climb the ladder without moving. */
Test(cycle_mode, a_run_too_short_for_its_speed_shows_nothing) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    run_to_end(10.009);
    cr_expect_eq(b->out.snapshot.offer_percent, 10);
    run_to_end(10.1);
    cr_expect_eq(b->out.snapshot.offer_percent, 50);
}

static void reset(void) {
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run_ms(b, 2000);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

static void fault_in_a_run(double to_m) {
    b->show.cue[MOVE].position_m = to_m;
    arm();
    cr_assert_eq(go(MOVE), REFUSED_NOT);
    run_for(1000);
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run_ms(b, 2000);
    reset();
}

Test(cycle_mode, a_fault_in_a_run_takes_a_rung_back) {
    climb_to(2);
    cr_assert_eq(walk(100), REFUSED_NOT);
    fault_in_a_run(12);
    cr_expect_eq(b->out.snapshot.offer_percent, 50);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_LADDER, "nor does the rung that is still selected");
    cr_assert_eq(walk(50), REFUSED_NOT);
    fault_in_a_run(12);
    cr_expect_eq(b->out.snapshot.offer_percent, 10);
    cr_assert_eq(walk(10), REFUSED_NOT);
    fault_in_a_run(12);
    cr_expect_eq(b->out.snapshot.offer_percent, 10, "there is none below");
}

Test(cycle_mode, a_fault_in_a_show_takes_the_show_back) {
    climb_to(3);
    cr_assert_eq(mode(OPERATING_SHOW, 0), REFUSED_NOT);
    fault_in_a_run(10);
    cr_expect_eq(b->out.snapshot.go.refusal, REFUSED_LADDER);
    cr_expect_eq(mode(OPERATING_SHOW, 0), REFUSED_LADDER);
    cr_expect_eq(b->out.snapshot.offer_percent, 50);
}

/* A fault after arriving, while the brakes close, is one of the run. */
Test(cycle_mode, a_run_is_clean_when_the_brakes_have_closed) {
    cr_assert_eq(walk(10), REFUSED_NOT);
    b->show.cue[MOVE].position_m = 10.1;
    arm();
    cr_assert_eq(go(MOVE), REFUSED_NOT);
    for (int i = 0; i < 3000 && b->out.snapshot.stop_cause != STOPPED_ARRIVED; i++)
        bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.stop_cause, STOPPED_ARRIVED);
    cr_expect_eq(b->out.snapshot.offer_percent, 10);
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run_ms(b, 2000);
    reset();
    cr_expect_eq(b->out.snapshot.offer_percent, 10);
}

Test(cycle_mode, a_show_of_other_content_begins_anew_in_set_up) {
    climb_to(3);
    cr_assert_eq(mode(OPERATING_SHOW, 0), REFUSED_NOT);
    static struct show again, other;
    again = other = b->show;
    other.hash[0] = '1';
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &again}), REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.operating, OPERATING_SHOW, "the same once more");
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &other}), REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.operating, OPERATING_SETUP);
    cr_expect_eq(b->out.snapshot.offer_percent, 10);
    cr_expect_eq(mode(OPERATING_SHOW, 0), REFUSED_LADDER);
}

Test(cycle_mode, a_show_without_moves_has_no_ladder) {
    b->show.cue_count = 1;
    cr_expect_eq(walk(100), REFUSED_NOT);
    cr_expect_eq(mode(OPERATING_SHOW, 0), REFUSED_NOT);
    cr_expect_eq(b->out.snapshot.standby_percent, 0);
}
