/* Two brakes on one drum: released and closed together, each watched alone; the longest hold without them; the pulse
 * for the safety relay. */
#include <criterion/criterion.h>

#include "controller/cycle_parts.h"
#include "tests/bench_rig.h"

#define ENABLED 0x0237
#define BOTH 3
#define PULSE 4
#define PULSE_MS 50

static uint16_t outputs(const struct bench *b) {
    return b->out.image.word[BENCH_IO][0];
}

static uint16_t status_of(const struct bench *b) {
    return b->image.frame[BENCH_DRIVE].word[0];
}

static enum refusal jog(struct bench *b, double speed_m_s) {
    return bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = speed_m_s});
}

/* Armed, pressed, jogging. */
static struct bench *jogging(double speed_m_s) {
    struct bench *b = bench_new();
    b->tension_n = 0;
    bench_run(b, 2);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
    cr_assert_eq(jog(b, speed_m_s), REFUSED_NOT);
    return b;
}

Test(cycle_brakes, they_are_released_and_closed_together) {
    struct bench *b = jogging(0.1);
    uint16_t seen = 0;
    for (int i = 0; i < 100; i++) {
        bench_run(b, 1);
        cr_assert(outputs(b) == 0 || outputs(b) == BOTH, "one of them alone: %d", outputs(b));
        seen |= outputs(b);
    }
    cr_expect_eq(seen, BOTH);
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    b->press = 0;
    bench_run(b, 100);
    cr_expect_eq(outputs(b), 0);
    cr_expect_eq(bench_axis(b)->brake_odd, -1);
    bench_free(b);
}

Test(cycle_brakes, one_that_stays_closed_lets_nothing_run) {
    struct bench *b = jogging(0.1);
    b->first_brake_reads_closed = true;
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        cr_assert_neq(bench_axis(b)->state, STATE_RUNNING);
        cr_assert_eq(b->out.image.word[BENCH_DRIVE][1], 0);
    }
    cr_expect_eq(b->out.snapshot.first_out, FAULT_BRAKE_OPEN);
    bench_free(b);
}

Test(cycle_brakes, one_that_falls_in_stops_the_motion) {
    struct bench *b = jogging(0.1);
    bench_run(b, 100);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
    b->first_brake_reads_closed = true;
    bench_run(b, 2);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_BRAKE_OPEN);
    cr_expect(!judge_wants_brake_open(bench_axis(b)->state) || bench_axis(b)->state == STATE_STOPPING);
    cr_expect_eq(bench_axis(b)->brake_odd, 1, "it is told which one is still open");
    bench_free(b);
}

/* The other one may hold, and nobody has seen it hold alone since the last test: the drive stays. */
Test(cycle_brakes, one_that_stays_open_keeps_the_drive) {
    struct bench *b = jogging(0.1);
    bench_run(b, 100);
    b->other_brake_reads_open = true;
    b->press = 0;
    bench_run(b, 200);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_BRAKE_CLOSE);
    cr_expect_eq(bench_axis(b)->brake_odd, 1);
    cr_expect(bench_axis(b)->brake_open);
    cr_expect_eq(status_of(b), ENABLED);
    cr_expect_not(b->out.snapshot.stopped);
    b->other_brake_reads_open = false;
    bench_run(b, 200);
    cr_expect_neq(status_of(b), ENABLED, "both read closed for their time");
    cr_expect_eq(bench_axis(b)->brake_odd, -1);
    bench_free(b);
}

Test(cycle_brakes, no_arm_while_one_reads_open) {
    struct bench *b = bench_new();
    b->other_brake_reads_open = true;
    bench_run(b, 3);
    cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_BRAKE_OPEN);
    bench_free(b);
}

/* --- the longest hold ------------------------------------------------------------------------------------------ */

Test(cycle_brakes, the_brakes_take_what_stands_too_long) {
    struct bench *b = jogging(0);
    int cycles = 0;
    for (; bench_axis(b)->state != STATE_RUNNING; cycles++) {
        cr_assert_lt(cycles, 100);
        bench_run(b, 1);
    }
    for (cycles = 0; bench_axis(b)->state == STATE_RUNNING; cycles++) {
        cr_assert_lt(cycles, 4000);
        bench_run(b, 1);
    }
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_HELD);
    cr_expect(cycles >= 3000 && cycles <= 3003, "%d cycles of 10 ms, the rig says 30 s", cycles);
    bench_run(b, 100);
    cr_expect_eq(outputs(b), 0);
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    bench_free(b);
}

Test(cycle_brakes, moving_between_begins_the_hold_anew) {
    struct bench *b = jogging(0);
    for (int turn = 0; turn < 3; turn++) {
        bench_run(b, 2000);
        cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
        cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
        bench_run(b, 10);
        cr_assert_eq(jog(b, 0), REFUSED_NOT);
    }
    bench_free(b);
}

Test(cycle_brakes, belaying_may_stand) {
    struct bench *b = bench_new();
    bench_go(b, 0);
    bench_run(b, 4000);
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    bench_free(b);
}

/* --- the pulse -------------------------------------------------------------------------------------------------- */

static struct bench *with_relay(void) {
    struct bench *b = bench_new();
    b->rig.safety.relay = (struct rig_relay){true, PULSE_MS, 300};
    bench_place(b, 10, 0); /* belayd starts again, with a relay */
    return b;
}

/* Longest time between two edges, ms. */
static int longest_ms(struct bench *b, int cycles) {
    int since = 0, longest = 0;
    bool level = (outputs(b) & PULSE) != 0;
    for (int i = 0; i < cycles; i++) {
        bench_run(b, 1);
        since++;
        if (((outputs(b) & PULSE) != 0) != level) {
            level = !level;
            longest = since > longest ? since : longest;
            since = 0;
        }
    }
    longest = since > longest ? since : longest;
    return longest * b->rig.cycle_ms;
}

Test(cycle_brakes, the_relay_gets_its_edges_at_rest_and_in_motion) {
    struct bench *b = with_relay();
    cr_expect_eq(longest_ms(b, 100), PULSE_MS);
    bench_go(b, 0);
    cr_expect_eq(longest_ms(b, 300), PULSE_MS);
    cr_expect_eq(outputs(b) & BOTH, BOTH);
    b->estop_a_closed = b->estop_b_closed = false;
    cr_expect_eq(longest_ms(b, 300), PULSE_MS, "the chain is open already");
    bench_free(b);
}

Test(cycle_brakes, a_rig_without_relay_has_no_pulse) {
    struct bench *b = bench_new();
    for (int i = 0; i < 50; i++) {
        bench_run(b, 1);
        cr_assert_eq(outputs(b) & PULSE, 0);
    }
    bench_free(b);
}

/* Told to let go and still enabled: the words reach it no more. */
static void keeps_torque(struct bench *b) {
    b->image.frame[BENCH_DRIVE].word[0] = ENABLED;
}

static void without_power(struct bench *b) {
    b->image.frame[BENCH_IO].word[0] &= (uint16_t)~8;
}

Test(cycle_brakes, no_edges_while_a_drive_does_not_confirm_its_stop) {
    struct bench *b = with_relay();
    bench_run(b, 100);
    b->inject = keeps_torque;
    int cycles = 0;
    for (; !(bench_axis(b)->fault_mask & FAULT_BIT(STOP_UNCONFIRMED)); cycles++) {
        cr_assert_lt(cycles, 1000);
        bench_run(b, 1);
    }
    cr_expect_geq(longest_ms(b, 50), 490, "the relay must open the chain");
    b->inject = without_power;
    cr_expect_geq(longest_ms(b, 200), 1990, "it let go because it has no power: that is not to return by itself");
    cr_expect_eq(b->out.snapshot.fault_mask, FAULT_BIT(STOP_UNCONFIRMED), "the open chain is no fault of its own");
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    b->inject = NULL;
    bench_run(b, 10);
    cr_expect_eq(longest_ms(b, 100), PULSE_MS);
    bench_free(b);
}

Test(cycle_brakes, a_pulse_withheld_for_as_long_as_can_be_counted_comes_back) {
    struct bench *b = with_relay();
    b->cycle->axis[0].judge.latched = FAULT_BIT(STOP_UNCONFIRMED);
    b->cycle->pulse_cycles = INT32_MAX - 10;
    cr_expect_geq(longest_ms(b, 50), 490);
    cr_expect_eq(b->cycle->pulse_cycles, INT32_MAX);
    b->cycle->axis[0].judge.latched = 0;
    cr_expect_leq(longest_ms(b, 100), PULSE_MS);
    bench_free(b);
}

/* ---- torque before the brake lets go ---- */

static int16_t torque_permille;
static void shows_torque(struct bench *b) {
    b->image.frame[BENCH_DRIVE].word[3] = (uint16_t)torque_permille;
}

static struct bench *proving(int motor_sign) {
    struct bench *b = bench_new();
    b->rig.axis[0].drum.motor_sign = motor_sign;
    b->rig.axis[0].brake.has_torque_min = true;
    b->rig.axis[0].brake.torque_min_percent = 10;
    b->rig.profile[BENCH_DRIVE].term[TERM_TORQUE] =
        (struct profile_term){.present = true, .word = 3, .type = TYPE_S16, .scale = 0.001};
    b->inject = shows_torque;
    bench_place(b, 10, 0);
    return b;
}

static enum axis_state state_with(int motor_sign, int16_t permille) {
    struct bench *b = proving(motor_sign);
    torque_permille = permille;
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1});
    bench_run(b, 20);
    enum axis_state state = bench_axis(b)->state;
    bench_free(b);
    return state;
}

Test(cycle_brakes, only_torque_that_holds_the_load_releases_them) {
    cr_expect_eq(state_with(1, -100), STATE_RUNNING, "against pay-out");
    cr_expect_eq(state_with(1, -99), STATE_ENABLING, "too little");
    cr_expect_eq(state_with(1, 0), STATE_ENABLING);
    cr_expect_eq(state_with(1, 300), STATE_ENABLING, "it would help the load down");
    cr_expect_eq(state_with(-1, 300), STATE_RUNNING, "a motor that takes in with positive rpm");
    cr_expect_eq(state_with(-1, -300), STATE_ENABLING);
}

/* A load slides in the closed brake, and the drive that stops it shows this torque. */
static struct bench *sliding(int16_t permille) {
    struct bench *b = proving(1);
    torque_permille = permille;
    b->drift_m_s = 0.1;
    b->tension_n = 800;
    bench_run(b, 30);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    return b;
}

/* The brake that slipped carries a share of the load: what the drive carries beside it may be little. */
Test(cycle_brakes, a_drive_that_holds_already_proves_nothing_more) {
    struct bench *b = sliding(-10);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1}),
                 REFUSED_NOT);
    bench_run(b, 20);
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    bench_free(b);
}

/* After the slide was stopped: the chain opens and closes again, reset, arm, a jog down with this torque. */
static enum axis_state after_an_estop_with(int16_t permille, bool estop) {
    struct bench *b = sliding(-500);
    b->drift_m_s = 0;
    bench_run(b, 30);
    b->estop_a_closed = b->estop_b_closed = !estop;
    bench_run(b, 200);
    b->estop_a_closed = b->estop_b_closed = true;
    torque_permille = permille;
    bench_run(b, 300);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 50);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1}),
                 REFUSED_NOT);
    bench_run(b, 20);
    enum axis_state state = bench_axis(b)->state;
    bench_free(b);
    return state;
}

Test(cycle_brakes, a_drive_that_let_go_after_the_slide_proves_its_torque_again) {
    cr_expect_eq(after_an_estop_with(-500, true), STATE_RUNNING);
    cr_expect_eq(after_an_estop_with(0, true), STATE_ENABLING, "it makes none");
    cr_expect_eq(after_an_estop_with(500, true), STATE_ENABLING, "it pulls the load down");
}

Test(cycle_brakes, torque_the_other_way_is_no_hold_whatever_was) {
    cr_expect_eq(after_an_estop_with(-10, false), STATE_RUNNING, "it shares the load with the brake");
    cr_expect_eq(after_an_estop_with(500, false), STATE_ENABLING);
}

/* ---- a brake that slips, and the drive's link was lost under it ---- */

/* The drive let go for want of its link, holds again since the reset, and shows this torque beside the brake. */
static struct bench *held_after_a_lost_link(int16_t permille, bool slides) {
    struct bench *b = sliding(-500);
    b->drift_m_s = slides ? 0.1 : 0;
    b->image.link[0].generation++;
    bench_run(b, 100);
    cr_assert_neq(b->image.frame[BENCH_DRIVE].word[0], 0x0237, "it let go");
    torque_permille = permille;
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 50);
    cr_assert_eq(b->image.frame[BENCH_DRIVE].word[0], 0x0237, "it holds again");
    cr_assert(!slides || bench_do(b, COMMAND_RESET) == REFUSED_NOT, "of the slide that went on till then");
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1}),
                 REFUSED_NOT);
    return b;
}

Test(cycle_brakes, a_lowering_that_proves_no_torque_does_not_take_what_holds) {
    struct bench *b = held_after_a_lost_link(-10, false);
    b->drift_m_s = 0.1; /* without the drive it would slide on */
    for (int i = 0; i < 300; i++) {
        bench_run(b, 1);
        cr_assert_eq(b->image.frame[BENCH_DRIVE].word[0], 0x0237, "cycle %d, %s", i,
                     fault_text(b->out.snapshot.first_out)->name);
    }
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_TORQUE);
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
    bench_free(b);
}

Test(cycle_brakes, a_drive_that_stopped_the_next_slide_too_has_shown_its_torque_again) {
    struct bench *b = held_after_a_lost_link(-10, true);
    bench_run(b, 20);
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    bench_free(b);
}
