/* A closed brake that slips: the drive holds beside it while the chain is closed, and the load is only lowered. */
#include "controller/cycle.h"

#include <criterion/criterion.h>

#include "tests/bench_rig.h"

#define SLIDES_M_S 0.1
#define ENABLED 0x0237
#define SETTLE_CYCLES 30

static uint16_t status_of(const struct bench *b) {
    return b->image.frame[BENCH_DRIVE].word[0];
}

static bool brake_released(const struct bench *b) {
    return (b->out.image.word[BENCH_IO][0] & 1) != 0;
}

static struct bench *slipping(void) {
    struct bench *b = bench_new();
    b->drift_m_s = SLIDES_M_S; /* unless the drive holds */
    bench_run(b, SETTLE_CYCLES);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    return b;
}

static enum refusal jog(struct bench *b, double speed_m_s) {
    return bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = b->press, .speed_m_s = speed_m_s});
}

static struct bench *lowering(void) {
    struct bench *b = bench_new();
    b->tension_n = 800;
    bench_do(b, COMMAND_ARM);
    b->press++;
    bench_run(b, 2);
    cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
    bench_run(b, 60);
    return b;
}

static void reset_and_arm(struct bench *b) {
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 2);
}

Test(cycle_slip, the_drive_takes_the_load_up_again) {
    struct bench *b = slipping();
    cr_expect_eq(status_of(b), ENABLED);
    cr_expect_eq(b->out.image.word[BENCH_DRIVE][1], 0, "at speed 0");
    cr_expect_not(brake_released(b));
    cr_expect(bench_axis(b)->line_locked && bench_axis(b)->drive_holds);
    cr_expect_eq(bench_axis(b)->state, STATE_FAULT);
    double stands_m = b->position_m;
    bench_run(b, 500);
    cr_expect_float_eq(b->position_m, stands_m, 1e-9, "it went on sliding");
    cr_expect_eq(b->out.snapshot.fault_mask, FAULT_BIT(MOVEMENT));
    bench_free(b);
}

Test(cycle_slip, only_lowering_is_offered_and_the_drive_never_lets_go_between) {
    struct bench *b = slipping();
    reset_and_arm(b);
    cr_expect_eq(status_of(b), ENABLED);
    cr_expect_eq(jog(b, -0.1), REFUSED_LINE_LOCKED);
    cr_expect_eq(jog(b, 0.1), REFUSED_NOT);
    double from_m = b->position_m;
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        cr_assert_eq(status_of(b), ENABLED, "cycle %d", i);
    }
    cr_expect_gt(b->position_m, from_m + 0.1);
    b->press = 0; /* lets go */
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        cr_assert_eq(status_of(b), ENABLED, "cycle %d after", i);
    }
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    bench_free(b);
}

Test(cycle_slip, the_unlock_says_that_nothing_hangs_there) {
    struct bench *b = slipping();
    reset_and_arm(b);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
    b->drift_m_s = 0;
    bench_run(b, 10);
    cr_expect_neq(status_of(b), ENABLED);
    cr_expect_not(bench_axis(b)->line_locked || bench_axis(b)->drive_holds);
    bench_free(b);
}

/* An opened chain takes the torque; closing it again gives none before the reset. */
Test(cycle_slip, an_emergency_stop_is_left_by_the_reset_alone) {
    struct bench *b = slipping();
    b->drift_m_s = 0;
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 10);
    cr_expect_neq(status_of(b), ENABLED);
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 100);
    cr_expect_neq(status_of(b), ENABLED);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 10);
    cr_expect_eq(status_of(b), ENABLED, "it slipped before, and nobody said that it is empty");
    bench_free(b);
}

/* He slides while nobody holds him, so nothing ever stands: the reset is what gives the hold back. */
Test(cycle_slip, a_reset_gives_the_hold_back_while_it_slides) {
    struct bench *b = slipping();
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 50);
    double from_m = b->position_m;
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 50);
    cr_expect_gt(b->position_m, from_m, "released: the chain alone gives no torque");
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 10);
    cr_expect_eq(status_of(b), ENABLED);
    double stands_m = b->position_m;
    bench_run(b, 100);
    cr_expect_float_eq(b->position_m, stands_m, 1e-9);
    bench_free(b);
}

static void late_twice(struct bench *b) {
    for (int i = 0; i < 2; i++) {
        b->late_us = 11000;
        bench_run(b, 1);
    }
}

static void change_setting(struct bench *b) {
    b->image.link[0].setting_changed = true;
    bench_run(b, 5);
    b->image.link[0].setting_changed = false;
}

static void silence_io(struct bench *b) {
    b->silent[BENCH_IO] = true;
    bench_run(b, 30);
    b->silent[BENCH_IO] = false;
}

static void silence_sensors(struct bench *b) {
    b->silent[BENCH_CELL] = b->silent[BENCH_ENCODER] = true;
    bench_run(b, 30);
}

/* Whatever else happens to the machine, there is nothing better to hang on. */
Test(cycle_slip, what_is_no_doubt_of_drive_or_chain_takes_nothing_away) {
    static const struct {
        void (*happens)(struct bench *);
        enum fault_id fault;
    } rows[] = {{late_twice, FAULT_CYCLE_OVERRUN}, {change_setting, FAULT_SETTING_CHANGED},
                {silence_io, FAULT_IO_STALE}, {silence_sensors, FAULT_TENSION_STALE}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct bench *b = slipping();
        double stands_m = b->position_m;
        rows[i].happens(b);
        bench_run(b, 500);
        cr_expect(fault_has(b->out.snapshot.fault_mask, (int)rows[i].fault), "%zu", i);
        cr_expect_eq(status_of(b), ENABLED, "%s", fault_text(rows[i].fault)->name);
        cr_expect_float_eq(b->position_m, stands_m, 1e-9, "%s", fault_text(rows[i].fault)->name);
        bench_free(b);
    }
}

Test(cycle_slip, a_link_that_was_lost_under_the_drive_takes_it_until_the_reset) {
    struct bench *b = slipping();
    b->image.link[0].generation++;
    bench_run(b, 20);
    cr_expect_neq(status_of(b), ENABLED, "it may have restarted");
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 10);
    cr_expect_eq(status_of(b), ENABLED);
    bench_free(b);
}

/* A drive that needs long to make torque begins to hold when the slide is fast already. */
Test(cycle_slip, an_overspeed_of_the_slide_does_not_end_its_hold) {
    struct bench *b = bench_new();
    b->drift_m_s = b->rig.axis[0].limits.overspeed_m_s + 1;
    bench_run(b, SETTLE_CYCLES);
    cr_assert(fault_has(b->out.snapshot.fault_mask, FAULT_OVERSPEED));
    cr_expect_eq(status_of(b), ENABLED);
    bench_free(b);
}

Test(cycle_slip, a_table_that_says_off_gets_off) {
    struct bench *b = bench_new();
    for (int mode = 0; mode < MODE_COUNT; mode++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            b->rig.stop_table[0].cells.cell[FAULT_MOVEMENT][mode][direction].reaction = STOP_OFF;
    b->drift_m_s = SLIDES_M_S;
    bench_run(b, SETTLE_CYCLES);
    cr_assert_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    cr_expect_neq(status_of(b), ENABLED);
    bench_free(b);
}

/* It ends with the load on the drive: who ends belayd is told, and asked again. */
Test(cycle_slip, a_shutdown_waits_for_what_the_drive_holds) {
    struct bench *b = slipping();
    bench_do(b, COMMAND_SHUTDOWN);
    bench_run(b, 100);
    cr_expect_not(b->out.snapshot.stopped);
    cr_expect_eq(status_of(b), ENABLED);
    bench_free(b);
}

/* Only down, only while a hand holds; the unlock ends it. */
Test(cycle_slip, a_shutdown_lets_what_the_drive_holds_be_lowered) {
    struct bench *b = slipping();
    b->tension_n = 800;
    bench_do(b, COMMAND_SHUTDOWN);
    bench_run(b, 10);
    reset_and_arm(b);
    cr_expect_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press}), REFUSED_SHUTTING_DOWN);
    cr_expect_eq(jog(b, -0.1), REFUSED_LINE_LOCKED);
    cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
    double from_m = b->position_m;
    bench_run(b, 100);
    cr_expect_gt(b->position_m, from_m + 0.05);
    cr_expect_not(b->out.snapshot.stopped);
    b->press = 0; /* lets go */
    bench_run(b, 100);
    double stands_m = b->position_m;
    bench_run(b, 100);
    cr_expect_float_eq(b->position_m, stands_m, 1e-9);
    cr_expect_not(b->out.snapshot.stopped);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_WEIGHT);
    b->tension_n = 0;
    b->drift_m_s = 0;
    bench_run(b, 1000);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
    bench_run(b, 60);
    cr_expect(b->out.snapshot.stopped);
    cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_SHUTTING_DOWN);
    bench_free(b);
}

/* A sensor that fails too does not leave him there. */
Test(cycle_slip, a_shutdown_lets_the_slipping_line_recover_without_a_sensor) {
    struct bench *b = slipping();
    b->rig.safety.recovery.expires_s = 600;
    b->tension_n = 800;
    bench_do(b, COMMAND_SHUTDOWN);
    bench_run(b, 10);
    b->silent[BENCH_CELL] = true;
    bench_run(b, 150);
    struct command recover = {.kind = COMMAND_RECOVER, .session = 1, .bypass = BYPASS_LOAD_CELL};
    cr_expect_eq(bench_step(b, &recover), REFUSED_NOT);
    bench_run(b, 3);
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    cr_expect_eq(bench_step(b, &(struct command){.kind = COMMAND_CLEAR, .session = 2}), REFUSED_NOT);
    bench_free(b);
}

/* Another axis of the rig stays where it is. */
Test(cycle_slip, a_shutdown_lets_nothing_else_be_moved) {
    struct bench *b = bench_new_pair();
    b->drift_m_s = SLIDES_M_S;
    bench_run(b, SETTLE_CYCLES);
    bench_do(b, COMMAND_SHUTDOWN);
    bench_run(b, 10);
    reset_and_arm(b);
    struct command other = {.kind = COMMAND_JOG, .press = b->press, .axis = 1, .speed_m_s = 0.1};
    cr_expect_eq(bench_step(b, &other), REFUSED_SHUTTING_DOWN);
    cr_expect_eq(b->out.snapshot.axis[1].state, STATE_DISARMED);
    bench_free(b);
}

/* ---- what the monitors of a closed brake do not see ---- */

static bool standby(const struct bench *b) {
    return b->out.image.word[BENCH_DRIVE][0] == 0x07;
}

/* Jogged down, let go of, and the brake closed: the cycle in which the torque goes. */
static struct bench *letting_go(void) {
    struct bench *b = lowering();
    b->press = 0;
    for (int i = 0; i < 200 && !standby(b); i++)
        bench_run(b, 1);
    cr_assert(standby(b), "it gives up its torque and stays one step from it");
    return b;
}

Test(cycle_slip, a_load_that_slides_when_the_torque_goes_is_taken_up_at_once) {
    struct bench *b = letting_go();
    const double from_m = b->position_m;
    b->drift_m_s = 0.3; /* worn pads */
    bench_run(b, 10);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    cr_expect_eq(status_of(b), ENABLED);
    cr_expect_lt(b->position_m, from_m + 0.013, "%g mm", (b->position_m - from_m) * 1e3);
    cr_expect(bench_axis(b)->line_locked && bench_axis(b)->drive_holds);
    bench_free(b);
}

Test(cycle_slip, a_load_that_creeps_when_the_torque_went_is_seen_at_4_mm) {
    struct bench *b = letting_go();
    const double from_m = b->position_m;
    b->drift_m_s = 0.019; /* the drum counts as standing */
    bench_run(b, 29);
    cr_expect_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
    cr_expect_lt(b->position_m, from_m + 0.0055);
    bench_free(b);
}

Test(cycle_slip, what_holds_still_leaves_the_drive_without_torque) {
    struct bench *b = letting_go();
    for (int i = 0; i < 28; i++) {
        bench_run(b, 1);
        cr_assert(standby(b), "cycle %d", i);
        cr_assert_eq(status_of(b), 0x0233, "cycle %d", i);
    }
    bench_run(b, 10);
    cr_expect_eq(status_of(b), 0x0231);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
    bench_free(b);
}

Test(cycle_slip, a_motion_begins_while_the_drive_still_waits) {
    struct bench *b = letting_go();
    b->press = 9;
    bench_run(b, 2);
    cr_expect_eq(jog(b, 0.1), REFUSED_STOP_PENDING);
    bench_run(b, 10);
    cr_assert(standby(b), "the wait for its answer leaves time");
    cr_expect_eq(jog(b, 0.1), REFUSED_NOT);
    bench_run(b, 20);
    cr_expect_eq(bench_axis(b)->state, STATE_RUNNING);
    bench_free(b);
}

Test(cycle_slip, an_opened_chain_ends_the_waiting) {
    struct bench *b = letting_go();
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 3);
    cr_expect_not(standby(b));
    bench_free(b);
}

/* Both brakes, or one, open by themselves while nothing moves the axis: whoever hangs there sinks. */
Test(cycle_slip, a_drum_that_moves_behind_an_open_brake_at_rest_is_said_and_held) {
    for (int both = 0; both < 2; both++) {
        struct bench *b = bench_new();
        b->tension_n = 800;
        bench_run(b, 100);
        const double from_m = b->position_m;
        b->brake_stuck_open = both;
        b->other_brake_reads_open = true;
        b->drift_m_s = 0.1;
        bench_run(b, 60);
        cr_expect(fault_has(b->out.snapshot.fault_mask, FAULT_MOVEMENT), "both %d", both);
        cr_expect_eq(status_of(b), ENABLED);
        cr_expect_lt(b->position_m, from_m + 0.06);
        bench_free(b);
    }
}

Test(cycle_slip, an_open_brake_at_rest_behind_which_nothing_moves_is_no_movement) {
    struct bench *b = bench_new();
    b->brake_stuck_open = true;
    bench_run(b, 200);
    cr_expect_not(fault_has(b->out.snapshot.fault_mask, FAULT_MOVEMENT));
    cr_expect_neq(status_of(b), ENABLED);
    bench_free(b);
}

/* ---- a brake that sticks open, or only reads so ---- */

/* Jogged down with a person, let go of, and the brake goes on reading open; the drive was never without torque. */
static struct bench *sticking(void) {
    struct bench *b = lowering();
    b->brake_stuck_open = true;
    b->press = 0;
    for (int i = 0; i < 100; i++) {
        bench_run(b, 1);
        cr_assert_eq(status_of(b), ENABLED, "cycle %d", i);
    }
    cr_assert_eq(b->out.snapshot.fault_mask, FAULT_BIT(BRAKE_CLOSE));
    cr_assert_eq(bench_axis(b)->state, STATE_FAULT);
    return b;
}

/* Down by hold-to-run and down only; whoever looks at the status of each cycle sees torque in all of them. */
static void is_lowered(struct bench *b) {
    b->press = 5;
    reset_and_arm(b);
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
    cr_expect_neq(jog(b, -0.1), REFUSED_NOT);
    enum refusal refusal = jog(b, 0.1);
    cr_assert_eq(refusal, REFUSED_NOT, "%s", cycle_refusal_name(refusal));
    double from_m = b->position_m;
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        cr_assert_eq(status_of(b), ENABLED, "cycle %d", i);
    }
    cr_expect_gt(b->position_m, from_m + 0.1);
    b->press = 0; /* lets go */
    bench_run(b, 100);
    double stands_m = b->position_m;
    bench_run(b, 500);
    cr_expect_float_eq(b->position_m, stands_m, 1e-9);
    cr_expect_eq(status_of(b), ENABLED);
    cr_expect(bench_axis(b)->line_locked && bench_axis(b)->drive_holds);
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
}

Test(cycle_slip, a_brake_that_sticks_open_lets_the_load_be_lowered) {
    struct bench *b = sticking();
    is_lowered(b);
    bench_free(b);
}

Test(cycle_slip, a_shutdown_lets_what_hangs_behind_a_brake_that_sticks_open_be_lowered) {
    struct bench *b = sticking();
    bench_do(b, COMMAND_SHUTDOWN);
    bench_run(b, 100);
    is_lowered(b);
    cr_expect_not(b->out.snapshot.stopped);
    cr_expect_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press}), REFUSED_SHUTTING_DOWN);
    b->tension_n = 0;
    bench_run(b, 1000);
    cr_expect_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
    bench_run(b, 100);
    cr_expect_not(b->out.snapshot.stopped, "still only the drive");
    b->brake_stuck_open = false;
    bench_run(b, 100);
    cr_expect(b->out.snapshot.stopped);
    cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_SHUTTING_DOWN);
    bench_free(b);
}

/* The unlock says that nobody hangs there, and nothing of the brake. */
Test(cycle_slip, nothing_is_lifted_or_run_while_the_brake_sticks_open) {
    struct bench *b = sticking();
    b->press = 5;
    reset_and_arm(b);
    b->tension_n = 90;
    bench_run(b, 1000);
    cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT);
    cr_expect_eq(jog(b, -0.1), REFUSED_BRAKE_OPEN);
    cr_expect_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press}), REFUSED_BRAKE_OPEN);
    cr_expect_eq(jog(b, 0.1), REFUSED_NOT);
    bench_free(b);
}

/* Two people and a live load cell lift nobody on the drive alone either. */
Test(cycle_slip, a_recovery_lifts_nothing_while_the_brake_sticks_open) {
    struct bench *b = sticking();
    b->silent[BENCH_ENCODER] = true;
    bench_run(b, 60);
    struct command recover = {.kind = COMMAND_RECOVER, .session = 1, .bypass = BYPASS_ENCODER};
    cr_assert_eq(bench_step(b, &recover), REFUSED_NOT);
    bench_run(b, 3);
    b->press = 5;
    reset_and_arm(b);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_CLEAR, .session = 2}), REFUSED_NOT);
    cr_expect_eq(jog(b, -0.1), REFUSED_BRAKE_OPEN);
    double from_m = b->position_m;
    cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
    bench_run(b, 100);
    cr_expect_gt(b->position_m, from_m + 0.05, "lowered");
    cr_expect_eq(jog(b, -0.1), REFUSED_BRAKE_OPEN, "nor by a change of its speed");
    bench_free(b);
}

/* Its program is not seen to run yet: what it says may be its last scan, or the first of one that begins. */
Test(cycle_slip, a_block_that_is_just_back_does_not_say_that_the_brake_closed) {
    struct bench *b = sticking();
    b->silent[BENCH_IO] = true;
    b->brake_stuck_open = false;
    bench_run(b, 60);
    b->silent[BENCH_IO] = false;
    bench_run(b, 1);
    cr_assert_not(bench_axis(b)->brake_known);
    cr_expect_eq(b->out.image.word[BENCH_DRIVE][0], 0x0F, "it goes on holding");
    bench_run(b, 40);
    cr_expect(bench_axis(b)->brake_known && !bench_axis(b)->brake_open);
    cr_expect_neq(status_of(b), ENABLED, "the brake has it");
    bench_free(b);
}

/* The drum ran away behind the open brake, and the drive took it: it keeps it whenever the reset came. */
Test(cycle_slip, an_unlock_leaves_the_torque_while_the_brake_reads_open) {
    for (int wait = 0; wait < 20; wait++) {
        struct bench *b = bench_new();
        b->tension_n = 20;
        b->brake_stuck_open = true;
        b->drift_m_s = 0.1;
        for (int i = 0; i < 100 && !fault_has(b->out.snapshot.fault_mask, FAULT_MOVEMENT); i++)
            bench_run(b, 1);
        bench_run(b, wait);
        for (int i = 0; i < 5 && b->out.snapshot.fault_mask != 0; i++)
            bench_do(b, COMMAND_RESET);
        cr_assert_eq(b->out.snapshot.fault_mask, 0, "after %d cycles: %s", wait,
                     fault_text(b->out.snapshot.first_out)->name);
        bench_run(b, 1000);
        cr_assert_eq(bench_do(b, COMMAND_UNLOCK), REFUSED_NOT, "after %d cycles", wait);
        for (int i = 0; i < 300; i++) {
            bench_run(b, 1);
            cr_assert(status_of(b) == ENABLED || status_of(b) == 0x0217, "after %d cycles: %04X", wait, status_of(b));
        }
        bench_free(b);
    }
}

Test(cycle_slip, a_brake_that_reads_closed_after_all_takes_the_load) {
    struct bench *b = sticking();
    b->brake_stuck_open = false;
    bench_run(b, 100);
    cr_expect_neq(status_of(b), ENABLED);
    cr_expect_not(bench_axis(b)->drive_holds);
    cr_expect(bench_axis(b)->line_locked);
    bench_free(b);
}

/* The daily test lifts a brake at rest: no drive may take part in it. */
Test(cycle_slip, a_brake_that_is_lifted_at_rest_gets_no_torque) {
    struct bench *b = bench_new();
    b->brake_stuck_open = true;
    bench_run(b, 500);
    cr_assert(fault_has(b->out.snapshot.fault_mask, FAULT_BRAKE_CLOSE));
    cr_expect_neq(status_of(b), ENABLED);
    cr_expect_not(bench_axis(b)->line_locked);
    cr_expect_neq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_free(b);
}

/* The chain takes the torque; nothing brings it back while the brake reads open. */
Test(cycle_slip, a_brake_that_sticks_open_is_not_counted_on_after_an_emergency_stop) {
    struct bench *b = sticking();
    b->estop_a_closed = b->estop_b_closed = false;
    bench_run(b, 5);
    b->image.frame[BENCH_DRIVE].word[0] = 0x0240;
    b->drive_fault_word = 0x0240;
    bench_run(b, 100);
    b->drive_fault_word = 0;
    b->estop_a_closed = b->estop_b_closed = true;
    bench_run(b, 100);
    cr_expect_neq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 100);
    cr_expect_neq(status_of(b), ENABLED);
    bench_free(b);
}

Test(cycle_slip, a_table_that_takes_the_torque_for_movement_waits_for_the_brake) {
    struct bench *b = sticking();
    for (int mode = 0; mode < MODE_COUNT; mode++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            b->rig.stop_table[0].cells.cell[FAULT_MOVEMENT][mode][direction].reaction = STOP_OFF;
    cycle_init(b->cycle, &b->rig);
    b->brake_stuck_open = false;
    b->tension_n = 90;
    bench_place(b, 10, 0);
    bench_do(b, COMMAND_ARM);
    b->press = 9;
    bench_run(b, 2);
    cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
    bench_run(b, 60);
    b->brake_stuck_open = true;
    b->press = 0;
    bench_run(b, 200);
    cr_expect_eq(bench_axis(b)->state, STATE_CLOSING);
    cr_expect_eq(status_of(b), ENABLED);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT_STANDING);
    bench_free(b);
}

/* ---- the drive stopped by its own quick stop ---- */

#define QUICK_STOP 0x0217

static bool makes_torque(const struct bench *b) {
    return status_of(b) == ENABLED || status_of(b) == QUICK_STOP;
}

static bool flicker; /* of the brakes' feedback, in one scan */

static void take_feedback(struct bench *b) {
    if (flicker)
        b->image.frame[BENCH_IO].word[0] &= (uint16_t)~0x44;
    flicker = false;
}

static void link_is_lost(struct bench *b) {
    b->image.link[0].generation++;
}

static void feedback_flickers(struct bench *b) {
    (void)b;
    flicker = true;
}

static void cell_is_silent(struct bench *b) {
    for (int mode = 0; mode < MODE_COUNT; mode++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            b->rig.stop_table[0].cells.cell[FAULT_TENSION_STALE][mode][direction].reaction = STOP_DRIVE;
    b->silent[BENCH_CELL] = true;
}

static void (*const quick_stops[])(struct bench *) = {link_is_lost, feedback_flickers, cell_is_silent};

#define QUICK_STOPS (sizeof quick_stops / sizeof quick_stops[0])

static void runs_with_torque(struct bench *b, int cycles, const char *what) {
    for (int i = 0; i < cycles; i++) {
        bench_run(b, 1);
        cr_assert(makes_torque(b), "%s, cycle %d: %04X", what, i, status_of(b));
    }
}

/* Lowered, then stopped by `stop`; the brake sticks from then on. */
static void stop_lowering(struct bench *b, void (*stop)(struct bench *)) {
    b->inject = take_feedback;
    b->brake_stuck_open = true;
    stop(b);
    runs_with_torque(b, 1, "stop");
    b->press = 0;
    runs_with_torque(b, 150, "after the stop");
    b->silent[BENCH_CELL] = false;
    runs_with_torque(b, 30, "stopped");
    cr_assert_eq(status_of(b), QUICK_STOP);
}

static struct bench *quick_stopped(void (*stop)(struct bench *)) {
    struct bench *b = lowering();
    stop_lowering(b, stop);
    return b;
}

static void is_lowered_out_of_the_quick_stop(struct bench *b, uint32_t press) {
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    runs_with_torque(b, 5, "reset");
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = press;
    runs_with_torque(b, 2, "armed");
    cr_expect_neq(jog(b, -0.1), REFUSED_NOT);
    cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
    double from_m = b->position_m;
    runs_with_torque(b, 200, "lowering");
    cr_expect_gt(b->position_m, from_m + 0.1);
}

Test(cycle_slip, a_lowering_out_of_the_quick_stop_never_lets_go) {
    for (size_t i = 0; i < QUICK_STOPS; i++) {
        struct bench *b = quick_stopped(quick_stops[i]);
        is_lowered_out_of_the_quick_stop(b, 5);
        b->press = 0;
        runs_with_torque(b, 200, "let go");
        cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
        bench_free(b);
    }
}

Test(cycle_slip, a_second_quick_stop_of_a_lowering_is_left_likewise) {
    for (size_t i = 0; i < QUICK_STOPS; i++) {
        struct bench *b = quick_stopped(quick_stops[i]);
        is_lowered_out_of_the_quick_stop(b, 5);
        stop_lowering(b, quick_stops[i]);
        is_lowered_out_of_the_quick_stop(b, 9);
        bench_free(b);
    }
}

/* Of a drive that would have to let go first: it holds on, and whoever asks is told why. */
Test(cycle_slip, a_drive_that_can_not_leave_its_quick_stop_with_torque_holds_on) {
    for (size_t i = 0; i < QUICK_STOPS; i++) {
        struct bench *b = bench_new();
        b->rig.profile[BENCH_DRIVE].leaves_quick_stop = false;
        b->tension_n = 800;
        bench_do(b, COMMAND_ARM);
        b->press++;
        bench_run(b, 2);
        cr_assert_eq(jog(b, 0.1), REFUSED_NOT, "a drive without torque begins as ever");
        bench_run(b, 60);
        stop_lowering(b, quick_stops[i]);
        cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
        runs_with_torque(b, 5, "reset");
        cr_expect_eq(bench_do(b, COMMAND_ARM), REFUSED_QUICK_STOP);
        runs_with_torque(b, 200, "refused");
        bench_free(b);
    }
}

/* A closed brake that slips holds no better. */
Test(cycle_slip, a_slipping_load_is_lowered_out_of_the_quick_stop) {
    for (int leaves = 0; leaves < 2; leaves++) {
        struct bench *b = slipping();
        b->rig.profile[BENCH_DRIVE].leaves_quick_stop = leaves;
        reset_and_arm(b);
        cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
        bench_run(b, 60);
        cell_is_silent(b);
        runs_with_torque(b, 100, "stop");
        b->press = 0;
        b->silent[BENCH_CELL] = false;
        runs_with_torque(b, 30, "stopped");
        cr_assert_eq(status_of(b), QUICK_STOP);
        if (leaves)
            is_lowered_out_of_the_quick_stop(b, 5);
        cr_expect(leaves || bench_do(b, COMMAND_RESET) == REFUSED_NOT);
        cr_expect(leaves || bench_do(b, COMMAND_ARM) == REFUSED_QUICK_STOP);
        bench_free(b);
    }
}

/* The drive's fault was reset, and the motion after that was over before the reset's edges were. */
Test(cycle_slip, the_end_of_a_drive_reset_takes_no_torque) {
    struct bench *b = bench_new();
    b->drive_fault_word = 0x0218;
    bench_run(b, 30);
    cr_assert(fault_has(b->out.snapshot.fault_mask, FAULT_DRIVE_FAULT));
    b->tension_n = 800;
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    b->drive_fault_word = 0;
    bench_run(b, 7);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press++;
    bench_run(b, 1);
    cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
    for (int i = 0; i < 20 && bench_axis(b)->state != STATE_RUNNING; i++)
        bench_run(b, 1);
    b->brake_stuck_open = true;
    b->press = 0;
    cr_assert_eq(bench_do(b, COMMAND_STOP), REFUSED_NOT);
    runs_with_torque(b, 100, "after the stop");
    cr_expect_eq(b->out.snapshot.fault_mask, FAULT_BIT(BRAKE_CLOSE));
    bench_free(b);
}

/* All falls silent, and comes back, behind a brake that read open till then. */
Test(cycle_slip, a_stuck_brake_that_is_not_heard_any_more_is_no_closed_one) {
    struct bench *b = sticking();
    for (int i = 0; i < BENCH_DEVICES; i++)
        b->silent[i] = true;
    runs_with_torque(b, 300, "silent");
    cr_expect_eq(b->out.image.word[BENCH_DRIVE][0], 0x02, "its own quick stop, should it hear of it");
    b->silent[BENCH_DRIVE] = false;
    runs_with_torque(b, 100, "the drive answers");
    for (int i = 0; i < BENCH_DEVICES; i++)
        b->silent[i] = false;
    runs_with_torque(b, 100, "all do");
    is_lowered_out_of_the_quick_stop(b, 5);
    bench_free(b);
}

static void keep_quick_stop(struct bench *b) {
    uint16_t *status = &b->image.frame[BENCH_DRIVE].word[0];
    *status = *status == ENABLED ? QUICK_STOP : *status;
}

/* Its option code is another one than the profile says: it is found out, and lets go of nobody. */
Test(cycle_slip, a_drive_that_keeps_its_quick_stop_against_its_profile_holds_on) {
    struct bench *b = quick_stopped(link_is_lost);
    b->inject = keep_quick_stop;
    cr_assert_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 5);
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
    b->press = 5;
    bench_run(b, 2);
    cr_assert_eq(jog(b, 0.1), REFUSED_NOT);
    runs_with_torque(b, 300, "it stays");
    cr_expect_eq(b->out.snapshot.fault_mask, 0);
    cr_expect_eq(b->out.snapshot.stop_cause, STOPPED_QUICK_STOP, "no fault is latched");
    cr_expect_eq(bench_axis(b)->state, STATE_ARMED);
    b->press = 6;
    bench_run(b, 2);
    cr_expect_eq(jog(b, 0.1), REFUSED_QUICK_STOP);
    runs_with_torque(b, 100, "refused");
    bench_free(b);
}
