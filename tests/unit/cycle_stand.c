/* Standing: nothing begins on a moving drum or a closing brake, and no drive is let go before the brake holds. */
#include <criterion/criterion.h>
#include <math.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

#define QUICK_STOP 0x02
#define CLOSE_CYCLES 20 /* the bench's brake, in its cycles */

static struct bench *b;

static void setup(void) {
    b = bench_new();
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_stand, .init = setup, .fini = teardown);

static uint16_t drive_word(void) {
    return b->out.image.word[BENCH_DRIVE][0];
}

/* Until a reading surely tells of a word. */
static int answer_cycles(void) {
    return (b->rig.link[0].response_timeout_ms + b->rig.device[BENCH_DRIVE].stale_after_ms) / b->rig.cycle_ms;
}

static enum refusal named(enum refusal refusal) {
    cr_assert(refusal == REFUSED_NOT || b->out.replies[0].axis == 0, "the axis is named");
    return refusal;
}

Test(cycle_stand, arm_go_and_jog_need_a_standing_drum) {
    b->drift_m_s = 0.05;
    cr_assert_eq(named(bench_do(b, COMMAND_ARM)), REFUSED_NOT_STANDING);
    b->drift_m_s = 0.01; /* below the rig's standstill */
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 1;
    bench_run(b, 2);
    b->drift_m_s = -0.05;
    cr_assert_eq(named(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = 1})), REFUSED_NOT_STANDING);
    cr_assert_eq(named(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 1, .speed_m_s = 0.1})),
                 REFUSED_NOT_STANDING);
    cr_assert_eq(b->out.snapshot.go.refusal, REFUSED_NOT_STANDING, "and it is said beforehand");
}

Test(cycle_stand, reset_needs_a_standing_drum) {
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 3);
    b->estop_a_closed = b->estop_b_closed = true;
    b->drift_m_s = 0.05;
    cr_assert_eq(named(bench_do(b, COMMAND_RESET)), REFUSED_NOT_STANDING);
    b->drift_m_s = 0;
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

Test(cycle_stand, reset_waits_for_the_brakes_closing_time) {
    bench_go(b, 1);
    b->drive_fault_word = 0x0218;
    bench_step(b, NULL);
    b->drive_fault_word = 0;
    for (int i = 1; i < CLOSE_CYCLES; i++)
        cr_assert_eq(named(bench_do(b, COMMAND_RESET)),
                     i < answer_cycles() ? REFUSED_STOP_PENDING : REFUSED_NOT_STANDING, "after %d cycles", i);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

/* It trips on its way to torque, behind a brake that is closed: what it said before is no answer to the stop. */
Test(cycle_stand, reset_waits_for_the_answer_to_the_stop) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 1;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 1}), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = 1, .cue = 1}), REFUSED_NOT);
    cr_assert_eq(bench_axis(b)->state, STATE_ENABLING);
    b->drive_fault_word = 0x0218;
    cr_assert_eq(named(bench_do(b, COMMAND_RESET)), REFUSED_STOP_PENDING, "in the cycle of the fault");
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    for (int i = 1; i < answer_cycles(); i++)
        cr_assert_eq(named(bench_do(b, COMMAND_RESET)), REFUSED_STOP_PENDING, "after %d cycles", i);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

static int64_t read_us;
static uint16_t read_word;

static void shows_old_reading(struct bench *bench) {
    bench->image.frame[BENCH_DRIVE].stamp_us = read_us;
    bench->image.frame[BENCH_DRIVE].word[0] = read_word;
}

/* Read before the word for torque went out, "off" stays good for as long as the rig lets a reading age. */
Test(cycle_stand, a_reading_from_before_the_start_confirms_no_stop) {
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 1;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 1, .speed_m_s = 0.1}), REFUSED_NOT);
    while (drive_word() != 0x0F)
        bench_run(b, 1);
    cr_assert_eq(bench_axis(b)->state, STATE_ENABLING);
    read_us = b->image.frame[BENCH_DRIVE].stamp_us;
    read_word = b->image.frame[BENCH_DRIVE].word[0];
    b->inject = shows_old_reading;
    b->press = 0;
    b->estop_a_closed = b->estop_b_closed = false;
    bench_step(b, NULL);
    b->estop_a_closed = b->estop_b_closed = true;
    for (int i = 0; i < 100; i++)
        cr_assert_neq(bench_do(b, COMMAND_RESET), REFUSED_NOT, "cycle %d, the reading is %lld us old", i,
                      (long long)(b->now_us - read_us));
}

static void has_no_torque(struct bench *bench) {
    bench->image.frame[BENCH_DRIVE].word[0] = 0x0240;
}

/* The chain took its torque while it waited in its quick stop: more it can't say. */
Test(cycle_stand, a_drive_that_is_off_has_stopped) {
    bench_go(b, 1);
    b->brake_stuck_open = true;
    b->press = 0;
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 100);
    b->inject = has_no_torque;
    bench_run(b, 10);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 100);
    cr_expect_neq(bench_do(b, COMMAND_RESET), REFUSED_STOP_PENDING);
}

Test(cycle_stand, after_a_start_the_brake_gets_its_closing_time) {
    cycle_init(b->cycle, &b->rig);
    bench_step(b, NULL);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT_STANDING);
    bench_run(b, CLOSE_CYCLES);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
}

Test(cycle_stand, a_controller_that_restarts_does_not_drop_what_the_drive_holds) {
    bench_go(b, 1);
    cycle_init(b->cycle, &b->rig);
    for (int i = 0; i < CLOSE_CYCLES; i++) {
        bench_step(b, NULL);
        cr_assert_eq(drive_word(), QUICK_STOP, "cycle %d", i);
    }
    bench_run(b, 4);
    cr_assert_neq(drive_word(), QUICK_STOP);
}

/* Cycles of quick stop from now on; none of them asks for torque. */
static int cycles_held(void) {
    int held = 0;
    while (held < 500 && drive_word() == QUICK_STOP) {
        bench_step(b, NULL);
        held++;
    }
    return held;
}

Test(cycle_stand, a_drive_holds_as_long_as_the_brake_reads_open) {
    bench_go(b, 1);
    bench_run(b, 50);
    b->brake_stuck_open = true;
    b->image.link[0].generation++; /* the link was away */
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert_eq(cycles_held(), 500, "whoever hangs there hangs on the drive");
    b->brake_stuck_open = false;
    bench_run(b, 2);
    cr_assert_eq(drive_word(), 0x00);
}

/* Both links blip, and the I/O block stays away: it may go on releasing the brake until its watchdog acts. */
Test(cycle_stand, a_brake_that_cannot_be_asked_is_given_its_watchdog_and_its_closing_time) {
    b->rig.device[BENCH_IO].comm_loss_ms_max = 300;
    bench_place(b, 10, 0);
    bench_go(b, 1);
    bench_run(b, 50);
    b->silent[BENCH_IO] = true;
    b->image.frame[BENCH_IO].stamp_us = 0;
    b->image.link[0].generation++;
    bench_step(b, NULL);
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    cr_assert_eq(cycles_held(), CLOSE_CYCLES + 30);
    cr_assert_eq(drive_word(), 0x00);
}

Test(cycle_stand, a_brake_that_closes_late_is_waited_for) {
    bench_go(b, 1);
    bench_run(b, 50);
    b->brake_stuck_open = true;
    b->image.link[0].generation++;
    bench_run(b, 40);
    cr_assert_eq(drive_word(), QUICK_STOP);
    b->brake_stuck_open = false;
    bench_run(b, 2);
    cr_assert_eq(drive_word(), 0x00);
}

Test(cycle_stand, a_lost_brake_switch_leaves_the_brake_its_closing_time) {
    bench_go(b, 1);
    bench_run(b, 50);
    b->brake_reads_closed = true;
    bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_BRAKE_OPEN);
    cr_assert_geq(cycles_held(), CLOSE_CYCLES, "by the drive's own stop, and then till the pads hold");
    bench_run(b, 5);
    cr_assert_eq(drive_word(), 0x00);
}

Test(cycle_stand, a_shutdown_does_not_end_before_the_brake_holds) {
    bench_go(b, 1);
    bench_run(b, 50);
    b->image.link[0].generation++;
    bench_do(b, COMMAND_SHUTDOWN);
    for (int i = 1; i < CLOSE_CYCLES; i++) {
        cr_assert_not(b->out.snapshot.stopped, "cycle %d", i);
        cr_assert_eq(drive_word(), QUICK_STOP);
        bench_step(b, NULL);
    }
    bench_run(b, 2);
    cr_assert(b->out.snapshot.stopped);
}

Test(cycle_stand, a_controller_that_slept_blames_itself) {
    bench_go(b, 1);
    bench_run(b, 50);
    for (int i = 0; i < BENCH_DEVICES; i++)
        b->silent[i] = true;
    b->now_us += 100000;
    b->late_us = 100000;
    bench_step(b, NULL);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_CYCLE_OVERRUN);
    cr_assert_eq(b->out.snapshot.first_out_axis, -1);
    cr_assert(b->out.snapshot.fault_mask & FAULT_BIT(IO_STALE), "the rest is not hidden");
}

static void unreadable(struct bench *bench) {
    bench->image.frame[BENCH_DRIVE].word[0] = 0x0024;
}

/* Reset after a fault of the drive, jogged and let go of, while the edges of that reset still go on. */
static void let_go_in_a_drive_reset(void) {
    b->drive_fault_word = 0x0218;
    bench_run(b, 30);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    b->drive_fault_word = 0;
    bench_run(b, 7);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 1);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = 0.1}),
                 REFUSED_NOT);
    for (int i = 0; i < 20 && bench_axis(b)->state != STATE_RUNNING; i++)
        bench_run(b, 1);
    b->brake_stuck_open = true;
    b->press = 0;
    cr_assert_eq(bench_do(b, COMMAND_STOP), REFUSED_NOT);
}

/* Statuses that can't be understood say nothing of the torque, and the brake does not hold. */
Test(cycle_stand, a_drive_reset_takes_no_torque_of_a_drive_that_can_not_be_understood) {
    for (int wait = 24; wait < 60; wait++) {
        bench_free(b);
        b = bench_new();
        let_go_in_a_drive_reset();
        bench_run(b, wait);
        cr_assert_eq(b->image.frame[BENCH_DRIVE].word[0], 0x0237, "%d", wait);
        b->inject = unreadable;
        bench_run(b, 1);
        cr_expect(bench_axis(b)->brake_open);
        cr_expect_eq(drive_word(), 0x0F, "after %d cycles: %04X", wait, drive_word());
        bench_run(b, 1);
        cr_expect_eq(drive_word(), QUICK_STOP, "after %d cycles: %04X", wait, drive_word());
    }
}

static int64_t read_us; /* != 0: when the drive was read last */

static void unreadable_then(struct bench *bench) {
    unreadable(bench);
    bench->image.frame[BENCH_DRIVE].stamp_us = read_us;
}

/* One cycle; the bench's drive goes on from its last word, which is put back. */
static void step_with(void (*inject)(struct bench *bench)) {
    b->inject = inject;
    bench_step(b, NULL);
    b->image.frame[BENCH_DRIVE].word[0] = 0x0237;
}

/* Noise on the bus: at its word, a drive in flight would have let go. */
Test(cycle_stand, one_status_word_that_fits_no_pattern_is_noise) {
    bench_go(b, 1);
    for (int i = 0; i < 20; i++) {
        step_with(i % 2 == 0 ? unreadable : NULL);
        cr_assert_eq(b->out.snapshot.fault_mask, 0, "word %d", i);
        cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
        cr_assert_eq(drive_word(), 0x0F);
    }
    step_with(unreadable);
    cr_assert_eq(b->out.snapshot.fault_mask, 0);
    step_with(unreadable);
    cr_assert_eq(b->out.snapshot.fault_mask, FAULT_BIT(DRIVE_UNCLEAR), "a second one in a row is no noise");
    cr_expect_eq(drive_word(), QUICK_STOP);
    cr_expect_eq(b->out.image.word[BENCH_IO][0] & 3, 0, "both brakes close at once");
}

Test(cycle_stand, a_word_that_is_shown_again_by_a_slower_bus_is_still_one) {
    bench_go(b, 1);
    read_us = b->now_us + 5000;
    for (int i = 0; i < 3; i++)
        step_with(unreadable_then);
    cr_assert_eq(b->out.snapshot.fault_mask, 0);
    read_us = b->now_us;
    step_with(unreadable_then);
    cr_assert_eq(b->out.snapshot.fault_mask, FAULT_BIT(DRIVE_UNCLEAR), "read again, it is another one");
}

static uint16_t drive_shows;

/* Its word arrives garbled; the drive itself is what it was. */
static void garbles(struct bench *bench) {
    drive_shows = bench->image.frame[BENCH_DRIVE].word[0];
    bench->image.frame[BENCH_DRIVE].word[0] = 0xFFFF;
}

static void run_garbled(int cycles) {
    for (int i = 0; i < cycles; i++) {
        b->inject = garbles;
        bench_run(b, 1);
        b->image.frame[BENCH_DRIVE].word[0] = drive_shows;
        b->inject = NULL;
    }
}

/* Both brakes slip and the drive alone holds: whatever is read of it, it is not told to let go. */
Test(cycle_stand, a_drive_that_holds_behind_slipping_brakes_is_held_on_when_it_can_not_be_read) {
    b->drift_m_s = 0.1; /* unless the drive holds */
    bench_run(b, 30);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    cr_assert(bench_axis(b)->drive_holds);
    const double held_m = b->position_m;
    run_garbled(2);
    cr_expect_eq(drive_word(), QUICK_STOP);
    run_garbled(300);
    cr_expect_float_eq(b->position_m, held_m, 1e-9, "slid %g m", b->position_m - held_m);
    b->inject = garbles;
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_INPUTS, "nobody knows what it does");
}

/* Found with torque at the start of belayd, behind a brake that has only just closed. */
Test(cycle_stand, a_drive_found_with_torque_is_held_when_it_can_not_be_read) {
    bench_go(b, 1);
    bench_run(b, 20);
    b->press = 0;
    cycle_init(b->cycle, &b->rig);
    b->brake_stuck_open = true;
    bench_run(b, 60);
    cr_assert_eq(drive_word(), QUICK_STOP);
    b->brake_stuck_open = false;
    bench_run(b, 2);
    for (int i = 0; i < CLOSE_CYCLES - 4; i++) {
        run_garbled(1);
        cr_assert_eq(drive_word(), QUICK_STOP, "cycle %d of its closing time", i);
    }
    run_garbled(20);
    cr_expect_neq(drive_word(), QUICK_STOP, "the pads hold now");
}

/* The move was stopped half-way, and a minute went by: what was planned for that time is not caught up on. */
Test(cycle_stand, each_motion_begins_at_rest_where_the_drum_is) {
    const double step_m_s = b->rig.axis[0].limits.stop_payout_deceleration_m_s2 * b->rig.cycle_ms / 1000;
    bench_go(b, 1);
    bench_run(b, 50);
    cr_assert_gt(fabs(b->speed_m_s), 5 * step_m_s, "under way");
    b->press = 0;
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 100);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run_ms(b, 60000);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 2);
    b->press = 10;
    bench_go(b, 1);
    cr_expect_leq(fabs(bench_axis(b)->setpoint_m_s), step_m_s + 1e-6, "in its first cycle");
    for (double last_m_s = bench_axis(b)->setpoint_m_s; fabs(bench_axis(b)->setpoint_m_s) < 5 * step_m_s;) {
        bench_run(b, 1);
        cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
        cr_assert_leq(fabs(bench_axis(b)->setpoint_m_s - last_m_s), step_m_s + 1e-6);
        last_m_s = bench_axis(b)->setpoint_m_s;
    }
}

static void swaps_words(struct bench *bench) {
    uint16_t *word = bench->image.frame[BENCH_ENCODER].word, first = word[0];
    word[0] = word[1];
    word[1] = first;
}

/* As a device does that was replaced by one with the other order. */
Test(cycle_stand, swapped_words_of_the_encoder_stop_the_motion) {
    bench_go(b, 1);
    bench_run(b, 50);
    b->inject = swaps_words;
    bench_run(b, 1);
    cr_expect_neq(bench_axis(b)->state, STATE_RUNNING);
    b->inject = NULL; /* injected into what was given before, else it would swap to and fro */
    cr_expect(bench_axis(b)->fault_mask != 0);
}

/* Both brakes slip, the drive has tripped: what holds the load comes back as soon as its fault is gone. */
Test(cycle_stand, a_reset_gives_the_hold_back_as_soon_as_the_drive_can) {
    b->drift_m_s = 0.1;
    bench_run(b, 30);
    cr_assert(bench_axis(b)->drive_holds);
    b->drive_fault_word = 0x0218;
    bench_run(b, 50);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    for (int i = 0; i < 100 && drive_word() != 0x80; i++)
        bench_run(b, 1);
    b->drive_fault_word = 0;
    bench_run(b, 6);
    cr_expect(bench_axis(b)->drive_holds);
    const double held_m = b->position_m;
    bench_run(b, 100);
    cr_expect_float_eq(b->position_m, held_m, 1e-9);
}

/* Right after the reset of its fault it trips anew. */
Test(cycle_stand, a_second_drive_fault_waits_for_a_second_reset) {
    b->drive_fault_word = 0x0218;
    bench_run(b, 50);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    b->drive_fault_word = 0;
    bench_run(b, 10);
    b->drive_fault_word = 0x0218;
    bench_run(b, 2);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_DRIVE_FAULT));
    for (int i = 0; i < 100; i++) {
        bench_run(b, 1);
        cr_assert_neq(drive_word(), 0x80, "nobody asked for that");
    }
}

/* Lowered on the drive behind a brake that sticks open, which then can't be understood for a moment. */
Test(cycle_stand, a_lowering_behind_a_brake_that_sticks_survives_noise) {
    b->tension_n = 800;
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 1;
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 1, .speed_m_s = 0.1}), REFUSED_NOT);
    bench_run(b, 60);
    b->brake_stuck_open = true;
    b->press = 0;
    bench_run(b, 100);
    cr_assert(bench_axis(b)->drive_holds);
    b->rig.profile[BENCH_DRIVE].leaves_quick_stop = true;
    b->drift_m_s = 0.3; /* unless the drive holds */
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 2;
    bench_run(b, 2);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 2, .speed_m_s = 0.1}), REFUSED_NOT);
    bench_run(b, 60);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
    const double from_m = b->position_m;
    run_garbled(2);
    bench_run(b, 300);
    cr_expect_lt(b->position_m, from_m + 0.05, "slid %g m", b->position_m - from_m);
    cr_expect(bench_axis(b)->drive_holds);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

static struct command jogs_at(uint32_t press, double speed_m_s) {
    return (struct command){.kind = COMMAND_JOG, .press = press, .speed_m_s = speed_m_s};
}

/* Lowered on the drive beside brakes that slip. */
Test(cycle_stand, a_lowering_behind_brakes_that_slip_survives_noise) {
    b->tension_n = 800;
    b->drift_m_s = 0.1; /* unless the drive holds */
    bench_run(b, 30);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
    const struct command jog = jogs_at(b->press, 0.1);
    cr_assert_eq(bench_step(b, &jog), REFUSED_NOT);
    bench_run(b, 60);
    cr_assert_eq(bench_axis(b)->state, STATE_RUNNING);
    const double from_m = b->position_m;
    run_garbled(2);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_DRIVE_UNCLEAR, "%s", fault_text(b->out.snapshot.first_out)->name);
    bench_run(b, 300);
    cr_expect_lt(b->position_m, from_m + 0.05, "slid %g m", b->position_m - from_m);
    cr_expect(bench_axis(b)->drive_holds);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
}

/* Nothing of what it says is known, so no waiting brings the confirmation. */
Test(cycle_stand, a_drive_that_is_not_understood_is_no_stop_to_wait_for) {
    bench_go(b, 1);
    run_garbled(60);
    cr_expect_eq(b->out.snapshot.fault_mask, FAULT_BIT(DRIVE_UNCLEAR));
    cr_expect_eq(bench_axis(b)->state, STATE_FAULT);
    b->inject = garbles;
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_INPUTS);
}

/* The encoder is gone while the drum turns a little, and comes back. */
Test(cycle_stand, a_gap_of_the_encoder_hides_no_way_at_rest) {
    b->tension_n = 800;
    b->brake_stuck_open = true;
    bench_run(b, 100);
    cr_assert_not(fault_has(b->out.snapshot.fault_mask, FAULT_MOVEMENT));
    b->silent[BENCH_ENCODER] = true;
    bench_run(b, 30);
    b->position_m += 0.2;
    b->silent[BENCH_ENCODER] = false;
    bench_run(b, 30);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_MOVEMENT));
}

#define PULSE_BIT 4

static int longest_pulse_ms(int cycles) {
    int since = 0, longest = 0;
    uint16_t last = b->out.image.word[BENCH_IO][0] & PULSE_BIT;
    for (int i = 0; i < cycles; i++) {
        run_garbled(1);
        const uint16_t now = b->out.image.word[BENCH_IO][0] & PULSE_BIT;
        since = now == last ? since + 1 : 0;
        longest = since > longest ? since : longest;
        last = now;
    }
    return longest * b->rig.cycle_ms;
}

/* It goes on getting its writes, so no watchdog of its own stops it: if it runs on, the chain does. */
Test(cycle_stand, a_drive_that_is_not_understood_confirms_nothing_and_the_chain_opens) {
    for (int moves = 0; moves < 2; moves++) {
        bench_free(b);
        b = bench_new();
        b->rig.safety.relay = (struct rig_relay){true, 100, 300};
        bench_place(b, 10, 0);
        if (moves)
            bench_go(b, 1);
        run_garbled(300);
        cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_DRIVE_UNCLEAR));
        cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_STOP_UNCONFIRMED), "moves %d", moves);
        cr_expect_gt(longest_pulse_ms(100), 900, "the relay's pulse ends");
    }
}

Test(cycle_stand, a_drive_that_was_never_understood_is_said_and_hides_nothing) {
    cycle_init(b->cycle, &b->rig);
    run_garbled(50);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_DRIVE_UNCLEAR));
    b->drive_fault_word = 0;
    run_garbled(200);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_STOP_UNCONFIRMED));
}

/* On one link both go, and both come back. */
Test(cycle_stand, a_gap_of_drive_and_encoder_hides_no_way_at_rest) {
    b->tension_n = 800;
    b->brake_stuck_open = true;
    bench_run(b, 100);
    b->silent[BENCH_ENCODER] = b->silent[BENCH_DRIVE] = true;
    bench_run(b, 30);
    b->position_m += 0.2;
    b->silent[BENCH_ENCODER] = b->silent[BENCH_DRIVE] = false;
    bench_run(b, 30);
    cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_MOVEMENT));
}

/* The way of a stop that the drive makes by itself is no slip. */
Test(cycle_stand, a_stop_out_of_sight_is_no_movement) {
    bench_go(b, 1);
    bench_run(b, 60);
    b->silent[BENCH_DRIVE] = true;
    bench_run(b, 10);
    b->position_m += 0.3;
    bench_run(b, 60);
    b->silent[BENCH_DRIVE] = false;
    bench_run(b, 60);
    cr_expect_not(fault_has(b->out.snapshot.fault_mask, FAULT_MOVEMENT));
}
