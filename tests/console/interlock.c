/* Which controls are offered in which situation, and what the line about the next press says. */
#include "console/model/belay-interlock.h"

#include <criterion/criterion.h>
#include <string.h>

/* Armed, a cue on standby, nothing wrong: everything that fits is offered. */
static struct belay_situation ready(void) {
    return (struct belay_situation){
        .connected = true, .may_operate = true, .freshness = FRESH, .estop_known = true, .estop_closed = true,
        .armed = true, .all_armed = true, .has_show = true, .cue_shown = true,
    };
}

static unsigned offered(const struct belay_situation *situation) {
    unsigned mask = 0;
    for (int control = 0; control < CONTROL_COUNT; control++) {
        if (belay_interlock_reason(situation, (enum belay_control)control) == NULL) {
            mask |= 1u << control;
        }
    }
    return mask;
}

#define BIT(control) (1u << CONTROL_##control)
#define MOVE (BIT(GO) | BIT(HOLD) | BIT(PAY_OUT) | BIT(TAKE_IN))

Test(interlock, armed_offers_motion_and_disarm) {
    const struct belay_situation situation = ready();
    cr_assert_eq(offered(&situation), MOVE | BIT(DISARM) | BIT(STANDBY) | BIT(UNLOCK) | BIT(RECOVER));
}

/* Not armed, so that belayd refuses every motion. */
static struct belay_situation disarmed(void) {
    struct belay_situation situation = ready();
    situation.armed = situation.all_armed = false;
    situation.go_refusal = situation.pay_out_refusal = situation.take_in_refusal = "Not armed: arm first.";
    return situation;
}

#define ALWAYS (BIT(STANDBY) | BIT(LOAD) | BIT(MODE) | BIT(UNLOCK) | BIT(RECOVER))

/* Arming takes those that are left. */
Test(interlock, one_of_two_armed_offers_arm_and_disarm) {
    struct belay_situation situation = disarmed();
    situation.armed = true;
    cr_expect_null(belay_interlock_reason(&situation, CONTROL_ARM));
    cr_expect_null(belay_interlock_reason(&situation, CONTROL_DISARM));
    situation.all_armed = true;
    cr_expect_not_null(belay_interlock_reason(&situation, CONTROL_ARM));
}

Test(interlock, disarmed_offers_arm) {
    const struct belay_situation situation = disarmed();
    cr_assert_eq(offered(&situation), BIT(ARM) | ALWAYS);
}

Test(interlock, fault_with_closed_chain_offers_only_reset) {
    struct belay_situation situation = disarmed();
    situation.fault = true;
    cr_assert_eq(offered(&situation), BIT(RESET) | ALWAYS);
}

/* Somebody hangs on this axis; what is wrong is elsewhere, and stays. */
Test(interlock, what_is_wrong_elsewhere_keeps_nobody_from_the_chosen_axis) {
    static const struct {
        bool fault, estop_closed;
        unsigned alone, offered;
    } rows[] = {
        {true, true, BIT(ARM), BIT(ARM) | BIT(RESET)},
        {true, false, BIT(RESET), BIT(RESET)},
        {true, false, BIT(ARM), BIT(ARM)},
        {false, false, BIT(ARM), BIT(ARM)},
        {true, false, BIT(HOLD) | BIT(DISARM), BIT(HOLD) | BIT(DISARM)},
        {true, false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct belay_situation situation = disarmed();
        situation.fault = rows[i].fault;
        situation.estop_closed = rows[i].estop_closed;
        situation.alone = rows[i].alone;
        cr_expect_eq(offered(&situation), rows[i].offered | ALWAYS, "row %zu", i);
        situation.freshness = GONE;
        cr_expect_eq(offered(&situation) & ~BIT(DISARM), 0, "row %zu: nothing on old readings", i);
    }
    struct belay_situation situation = disarmed();
    situation.fault = true;
    situation.alone = BIT(ARM);
    cr_expect_str_eq(belay_interlock_reason(&situation, CONTROL_HOLD), "ARM acts for this axis alone; then hold.");
    situation.moving = true;
    cr_expect_eq(offered(&situation) & BIT(ARM), 0);
}

Test(interlock, reset_waits_for_the_chain) {
    struct belay_situation situation = disarmed();
    situation.fault = true;
    situation.estop_closed = false;
    cr_assert_eq(offered(&situation), ALWAYS);
    cr_assert(strstr(belay_interlock_reason(&situation, CONTROL_RESET), "E-stop open") != NULL);
    situation.estop_closed = true;
    situation.estop_known = false;
    cr_assert_eq(offered(&situation), ALWAYS, "an unknown chain is not a closed one");
}

Test(interlock, reset_waits_for_standstill) {
    struct belay_situation situation = ready();
    situation.fault = true;
    situation.moving = true;
    cr_assert_not_null(belay_interlock_reason(&situation, CONTROL_RESET));
}

Test(interlock, old_readings_leave_only_disarm) {
    struct belay_situation situation = ready();
    situation.freshness = belay_units_freshness(250);
    cr_assert_neq(offered(&situation) & MOVE, 0);
    situation.freshness = belay_units_freshness(251);
    cr_assert_eq(offered(&situation), BIT(DISARM));
}

Test(interlock, nothing_without_a_connection_or_the_right) {
    struct belay_situation situation = ready();
    situation.connected = false;
    cr_assert_eq(offered(&situation), 0);
    situation = ready();
    situation.may_operate = false;
    cr_assert_eq(offered(&situation), 0);
    situation = ready();
    situation.shut_down = true;
    cr_assert_eq(offered(&situation), BIT(DISARM));
}

Test(interlock, another_hand_keeps_ours_off) {
    struct belay_situation situation = ready();
    situation.other_holds = true;
    cr_assert_eq(offered(&situation) & MOVE, 0);
}

Test(interlock, motion_is_withheld_in_the_words_of_belayd) {
    struct belay_situation situation = ready();
    situation.take_in_refusal = "winch-1: The line is locked.";
    cr_assert_eq(offered(&situation) & MOVE, MOVE & ~BIT(TAKE_IN));
    cr_assert_str_eq(belay_interlock_reason(&situation, CONTROL_TAKE_IN), "winch-1: The line is locked.");
    situation = ready();
    situation.pay_out_refusal = "Too far.";
    cr_assert_eq(offered(&situation) & MOVE, MOVE & ~BIT(PAY_OUT));
    cr_assert_str_eq(belay_interlock_reason(&situation, CONTROL_PAY_OUT), "Too far.");
    situation = ready();
    situation.go_refusal = "Another motion runs: stop it first.";
    situation.moving = true;
    cr_assert_eq(offered(&situation) & MOVE, MOVE & ~BIT(GO), "the hold that runs it must not be taken away");
    cr_assert_str_eq(belay_interlock_reason(&situation, CONTROL_GO), "Another motion runs: stop it first.");
}

Test(interlock, go_waits_for_the_cue_on_the_screen) {
    struct belay_situation situation = ready();
    situation.cue_shown = false;
    cr_assert_eq(offered(&situation) & MOVE, MOVE & ~BIT(GO));
    cr_assert_not_null(strstr(belay_interlock_reason(&situation, CONTROL_GO), "Reading the cue list"));
    situation.go_refusal = "Not armed: arm first.";
    cr_assert_str_eq(belay_interlock_reason(&situation, CONTROL_GO), "Not armed: arm first.");
}

/* Every one of the 2^13 situations: no motion is offered that belayd must refuse. */
Test(interlock, no_situation_offers_motion_it_should_not) {
    for (unsigned bits = 0; bits < 1u << 13; bits++) {
        const char *refusal = bits & 512 ? "No." : NULL;
        const struct belay_situation s = {
            .connected = bits & 1, .may_operate = bits & 2, .freshness = bits & 4 ? AGEING : FRESH,
            .shut_down = bits & 8, .estop_known = bits & 16, .estop_closed = bits & 32, .fault = bits & 64,
            .armed = bits & 128, .moving = bits & 256, .other_holds = bits & 1024, .has_show = bits & 2048,
            .cue_shown = bits & 4096,
            .go_refusal = refusal, .pay_out_refusal = refusal, .take_in_refusal = refusal,
        };
        const bool heard = s.connected && s.may_operate && s.freshness == FRESH && !s.shut_down && !s.other_holds;
        const bool sound = heard && s.estop_known && s.estop_closed && !s.fault && s.armed;
        const unsigned moves = offered(&s) & MOVE & ~BIT(HOLD);
        cr_assert_eq(belay_interlock_reason(&s, CONTROL_HOLD) == NULL, sound, "situation %x", bits);
        const unsigned go = s.cue_shown ? 0 : BIT(GO);
        cr_assert_eq(moves, heard && refusal == NULL ? MOVE & ~BIT(HOLD) & ~go : 0, "situation %x", bits);
        cr_assert_not((offered(&s) & BIT(RESET)) != 0 && (offered(&s) & BIT(ARM)) != 0, "reset is not arm: %x", bits);
    }
}

static const char *line(const struct belay_situation *situation, const struct belay_hold *hold, int64_t now_us) {
    static char text[200];
    return belay_interlock_line(situation, hold, now_us, "cue 1: Belay on", "winch-1", "0.10 m/s", text, sizeof text);
}

Test(interlock, the_line_says_what_the_next_press_does) {
    struct belay_situation situation = ready();
    struct belay_hold hold;
    unsigned send;
    belay_hold_init(&hold);
    cr_expect_str_eq(line(&situation, &hold, 1), "HOLD alone moves nothing: press GO, or choose a jog.");
    (void)belay_hold_go(&hold, "1", 1000000, &send);
    cr_expect_str_eq(line(&situation, &hold, 1000000), "HOLD runs cue 1: Belay on (5 s left)");
    cr_expect_str_eq(line(&situation, &hold, 5500000), "HOLD runs cue 1: Belay on (1 s left)");
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 5500000);
    cr_expect_str_eq(line(&situation, &hold, 5500000), "Running cue 1: Belay on");
    (void)belay_hold_kill(&hold);
    cr_expect_str_eq(line(&situation, &hold, 5500000), "Stopped. Let go, then GO or choose a jog again.");
    (void)belay_hold_release(&hold, HOLD_BY_POINTER);
    (void)belay_hold_select(&hold, INTENT_PAY_OUT);
    cr_expect_str_eq(line(&situation, &hold, 5500000), "HOLD moves winch-1 out at 0.10 m/s");
    situation.pay_out_refusal = "Too far.";
    cr_expect_str_eq(line(&situation, &hold, 5500000), "HOLD moves nothing: Too far.");
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 5600000);
    cr_expect_str_eq(line(&situation, &hold, 5600000), "Moving winch-1 out at 0.10 m/s");
    situation.estop_closed = false;
    cr_expect_str_eq(line(&situation, &hold, 5600000), "E-stop open: release the station.");
}

/* An unlock is refused there, and a GO: neither is what helps. */
Test(interlock, in_recovery_the_line_says_what_recovery_needs) {
    struct belay_situation situation = ready();
    struct belay_hold hold;
    situation.line_locked = situation.recovers = situation.fault = true;
    situation.armed = false;
    belay_hold_init(&hold);
    cr_expect_str_eq(line(&situation, &hold, 1), "Recovery: RESET, then ARM.");
    situation.fault = false;
    cr_expect_str_eq(line(&situation, &hold, 1), "Recovery: ARM, then the second person's clear.");
    situation.armed = true;
    cr_expect_str_eq(line(&situation, &hold, 1),
                     "Recovery: a second person gives CLEAR elsewhere, then choose a way.");
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 1);
    cr_expect_str_eq(line(&situation, &hold, 1), "Held; nothing moves. Let go; a second person gives CLEAR "
                                                 "elsewhere, then choose a way.");
    (void)belay_hold_release(&hold, HOLD_BY_POINTER);
    situation.clear = true;
    cr_expect_str_eq(line(&situation, &hold, 1), "Recovery: clear is given: choose a way, then hold.");
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 1);
    (void)belay_hold_kill(&hold);
    cr_expect_str_eq(line(&situation, &hold, 1), "Stopped. Let go; clear is given: choose a way, then hold.");
}

Test(interlock, a_hold_alone_offers_no_go_that_is_refused) {
    struct belay_situation situation = ready();
    struct belay_hold hold;
    belay_hold_init(&hold);
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 1);
    cr_expect_str_eq(line(&situation, &hold, 1), "Held; nothing moves. GO runs the standby cue.");
    situation.go_refusal = "In set-up there is no GO.";
    cr_expect_str_eq(line(&situation, &hold, 1), "Held; nothing moves. GO: In set-up there is no GO.");
}

Test(interlock, on_a_locked_line_the_line_says_what_helps) {
    struct belay_situation situation = ready();
    struct belay_hold hold;
    situation.line_locked = true;
    belay_hold_init(&hold);
    cr_expect_str_eq(line(&situation, &hold, 1), "Line locked: ask the climber, UNLOCK, then GO. PAY OUT lowers.");
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 1);
    (void)belay_hold_kill(&hold);
    cr_expect_str_eq(line(&situation, &hold, 1),
                     "Stopped, line locked. Let go; ask the climber, UNLOCK, then GO. PAY OUT lowers.");
    (void)belay_hold_release(&hold, HOLD_BY_POINTER);
    (void)belay_hold_select(&hold, INTENT_PAY_OUT);
    cr_expect_str_eq(line(&situation, &hold, 1), "HOLD moves winch-1 out at 0.10 m/s");
}

Test(interlock, the_rest_of_a_motor_is_told_before_go_and_not_while_it_runs) {
    struct belay_situation situation = ready();
    struct belay_hold hold = {.state = HOLD_FREE};
    char text[256];
    situation.rest_s = 130;
    situation.rest_axis = "runner";
    belay_interlock_line(&situation, &hold, 0, "Sprint", "runner", "0.1 m/s", text, sizeof text);
    cr_expect_not_null(strstr(text, " Motor runner: rest 2:10 first."), "%s", text);
    cr_expect_null(belay_interlock_reason(&situation, CONTROL_GO), "told, not held against it");
    situation.rest_s = -1;
    belay_interlock_line(&situation, &hold, 0, "Sprint", "runner", "0.1 m/s", text, sizeof text);
    cr_expect_not_null(strstr(text, " Motor runner: too much for it."), "%s", text);
    hold.state = HOLD_HELD;
    hold.running = INTENT_CUE;
    belay_interlock_line(&situation, &hold, 0, "Sprint", "runner", "0.1 m/s", text, sizeof text);
    cr_expect_str_eq(text, "Running Sprint");
}
