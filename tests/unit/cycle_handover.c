/* The load goes over to the closed brake: the drive's torque down a ramp of its limits, back at once when it slides. */
#include "controller/cycle.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/bench_rig.h"

#define ENABLED 0x0237
#define QUICK_STOP 0x0217
#define RUN 0x0F
#define RAMP_CYCLES 30 /* handover_ms of the bench */

static struct bench *b;

static void setup(void) {
    b = bench_new();
    b->tension_n = 800;
    bench_take_limits(b);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_handover, .init = setup, .fini = teardown);

static uint16_t word(int index) {
    return b->out.image.word[BENCH_DRIVE][index];
}

static uint16_t status(void) {
    return b->image.frame[BENCH_DRIVE].word[0];
}

static bool full(void) {
    return word(2) == BENCH_FULL && word(3) == BENCH_FULL;
}

static void jog_down(void) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
    struct command jog = {.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1};
    cr_assert_eq(bench_step(b, &jog), REFUSED_NOT);
    bench_run(b, 60);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
}

/* Lets go, until the first word of the ramp is out. */
static void until_ramp(void) {
    b->press = 0;
    for (int i = 0; i < 200 && full(); i++)
        bench_run(b, 1);
    cr_assert_not(full(), "it hands over");
}

Test(cycle_handover, both_limits_go_down_in_a_straight_line_with_the_drive_enabled) {
    jog_down();
    until_ramp();
    for (int i = 1; i <= RAMP_CYCLES; i++) {
        const double wanted = fmax(0, BENCH_FULL * (1 - i / (0.75 * RAMP_CYCLES)));
        cr_expect_float_eq(word(2), wanted, 1.01, "cycle %d: motoring %d", i, word(2));
        cr_expect_float_eq(word(3), wanted, 1.01, "cycle %d: generating %d", i, word(3));
        cr_expect(word(0) == RUN && word(1) == 0 && status() == ENABLED, "cycle %d", i);
        bench_run(b, 1);
    }
    cr_expect(full() && word(0) == 0x07, "then it waits one step from all of its torque");
    bench_run(b, 2);
    cr_expect_eq(status(), 0x0233);
    bench_run(b, 60);
    cr_expect(full() && status() == 0x0231 && bench_axis(b)->state == STATE_ARMED);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

static bool seen(void) {
    return b->out.snapshot.first_out == FAULT_MOVEMENT;
}

/* From the cycle on in which the limits are below it the load slides. */
static double slides(double load_torque, double speed_m_s) {
    jog_down();
    b->load_torque = load_torque;
    b->drift_m_s = speed_m_s;
    until_ramp();
    const double from_m = b->position_m;
    for (int i = 0; i < RAMP_CYCLES && !seen(); i++) {
        bench_run(b, 1);
        cr_assert_eq(status(), ENABLED, "cycle %d: the drive never lets go", i);
        cr_assert_eq(full(), seen(), "cycle %d: in the cycle that sees it", i);
    }
    cr_assert(seen() && full() && word(0) == RUN);
    cr_expect(bench_axis(b)->line_locked && bench_axis(b)->drive_holds);
    bench_run(b, 300);
    cr_expect(full() && status() == ENABLED, "and it keeps it");
    return b->position_m - from_m;
}

Test(cycle_handover, a_load_that_slides_has_its_torque_back_in_the_cycle_that_sees_it) {
    const double way_m = slides(0.4, 0.1);
    cr_expect_lt(way_m, 0.0055, "%g mm", way_m * 1e3);
}

/* The drum counts as standing. */
Test(cycle_handover, a_load_that_creeps_is_seen_at_4_mm) {
    const double way_m = slides(1.6, 0.0195);
    cr_expect(way_m > 0.004 && way_m < 0.0045, "%g mm", way_m * 1e3);
}

Test(cycle_handover, a_load_that_moves_less_than_is_watched_for_is_handed_over) {
    jog_down();
    b->load_torque = 0.4;
    b->drift_m_s = 0.019; /* for a third of the cycles: 2.1 mm, as brakes give */
    until_ramp();
    bench_run(b, RAMP_CYCLES);
    b->drift_m_s = 0;
    bench_run(b, 60);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_NONE, "%s", fault_text(b->out.snapshot.first_out)->name);
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
}

Test(cycle_handover, a_brake_that_reads_open_gets_the_torque_back_in_the_same_cycle) {
    for (int both = 0; both < 2; both++) {
        jog_down();
        until_ramp();
        bench_run(b, 10);
        b->brake_stuck_open = both;
        b->other_brake_reads_open = true;
        bench_run(b, 1);
        cr_expect(full() && status() == ENABLED && word(0) == 0x02, "both %d: %04X", both, word(0));
        bench_run(b, 100);
        cr_expect(full() && status() == QUICK_STOP, "both %d: held as long as it reads open: %04X", both, status());
        teardown();
        setup();
    }
}

Test(cycle_handover, a_block_that_falls_silent_gets_the_torque_back_too) {
    jog_down();
    until_ramp();
    bench_run(b, 10);
    b->silent[BENCH_IO] = true;
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        cr_assert(full() || bench_axis(b)->brake_known, "cycle %d", i);
    }
}

Test(cycle_handover, an_opened_chain_ends_it) {
    jog_down();
    until_ramp();
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 1);
    cr_expect(full() && word(0) != RUN, "%04X", word(0));
    bench_run(b, 10);
    cr_expect(full() && status() != ENABLED);
}

Test(cycle_handover, a_motion_that_begins_meanwhile_has_the_full_limits_and_no_break) {
    jog_down();
    until_ramp();
    b->press = 9;
    bench_run(b, 10);
    struct command jog = {.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1};
    cr_assert_eq(bench_step(b, &jog), REFUSED_NOT);
    for (int i = 0; i < 40; i++) {
        cr_assert(full() && status() == ENABLED, "cycle %d", i);
        bench_run(b, 1);
    }
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
}

/* In its own quick stop the drive holds too: a word to run would break its torque in one step. */
Test(cycle_handover, a_drive_in_its_quick_stop_hands_over_out_of_it) {
    jog_down();
    b->first_brake_reads_closed = true; /* it fell in: the drive stops by itself */
    until_ramp();
    cr_assert_eq(b->out.snapshot.first_out, FAULT_BRAKE_OPEN);
    for (int i = 1; i < RAMP_CYCLES; i++) {
        cr_assert(status() == QUICK_STOP && word(0) == 0x02 && !full(), "cycle %d", i);
        bench_run(b, 1);
    }
    bench_run(b, 3);
    cr_expect(full() && status() != QUICK_STOP);
}

static int16_t torque_permille;

static void shows_torque(struct bench *bench) {
    bench->image.frame[BENCH_DRIVE].word[3] = (uint16_t)torque_permille;
}

static void watch_torque(void) {
    b->rig.axis[0].brake.has_torque_min = true;
    b->rig.axis[0].brake.torque_min_percent = 10;
    b->rig.profile[BENCH_DRIVE].term[TERM_TORQUE] =
        (struct profile_term){.present = true, .word = 3, .type = TYPE_S16, .scale = 0.001};
    b->inject = shows_torque;
    torque_permille = -400; /* against pay-out */
    bench_take_limits(b);
}

/* What the drive carries is what the brake is to take over: from that on, and not from limits far above. */
Test(cycle_handover, it_begins_at_the_torque_that_the_drive_shows) {
    watch_torque();
    jog_down();
    until_ramp();
    torque_permille = -200; /* as it gets less */
    for (int i = 1; i < 22; i++) {
        cr_expect_float_eq(word(3), 400 * (1 - i / 22.5), 1.01, "cycle %d: %d", i, word(3));
        bench_run(b, 1);
    }
}

/* An empty rope: there is nothing to hand over, and the next motion waits for nothing. */
Test(cycle_handover, a_drive_that_shows_next_to_no_torque_lets_go_at_once) {
    watch_torque();
    jog_down();
    torque_permille = -90;
    b->press = 0;
    for (int i = 0; i < 100; i++) {
        bench_run(b, 1);
        cr_assert(full(), "cycle %d", i);
    }
    cr_expect_eq(status(), 0x0231);
}

/* Torque that has gone down to less than what must be there before a brake opens is no proof of it: the drive makes it
 * anew. Nobody is kept waiting, and no word of it has low limits. */
Test(cycle_handover, a_motion_that_begins_at_the_end_of_it_takes_the_torque_anew) {
    watch_torque();
    jog_down();
    until_ramp();
    b->press = 9;
    bench_run(b, 10);
    torque_permille = -90;
    bench_run(b, 1);
    struct command jog = {.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1};
    cr_assert_eq(bench_step(b, &jog), REFUSED_NOT);
    cr_expect(full() && b->out.image.word[BENCH_DRIVE][0] == 7, "switched on: %04x", b->out.image.word[BENCH_DRIVE][0]);
    bench_run(b, 1);
    cr_expect(full() && b->out.image.word[BENCH_DRIVE][0] == 0xF, "and again: %04x", b->out.image.word[BENCH_DRIVE][0]);
    torque_permille = -110;
    for (int i = 0; i < 60; i++) {
        bench_run(b, 1);
        cr_assert(full(), "cycle %d", i);
    }
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

/* A drive that kept a low limit from somewhere makes no torque, or too little: the brake stays closed. */
Test(cycle_handover, a_drive_that_starts_with_a_low_limit_opens_no_brake) {
    watch_torque();
    torque_permille = -90;
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
    struct command jog = {.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1};
    cr_assert_eq(bench_step(b, &jog), REFUSED_NOT);
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        cr_assert(b->out.image.word[BENCH_IO][0] == 0 && full(), "cycle %d", i);
    }
    cr_expect_eq(b->out.snapshot.first_out, FAULT_DRIVE_DISOBEYS);
}

/* The words of the bus workers, for when the cycle does not speak: a link that came up, is lost, or has no cycle. */
Test(cycle_handover, words_without_a_cycle_carry_the_full_limits) {
    struct image_out out;
    image_out_safe(&b->rig, &out);
    cr_expect(out.word[BENCH_DRIVE][2] == BENCH_FULL && out.word[BENCH_DRIVE][3] == BENCH_FULL);
    image_out_stop(&b->rig, &out);
    cr_expect(out.word[BENCH_DRIVE][2] == BENCH_FULL && out.word[BENCH_DRIVE][3] == BENCH_FULL);
}
