/* Hold-to-run: every way in and out of a press, and what each one sends. */
#include "console/model/belay-hold.h"

#include <criterion/criterion.h>

static struct belay_hold hold;

static void fresh(void) {
    belay_hold_init(&hold);
}

TestSuite(hold, .init = fresh);

Test(hold, table_is_total_and_a_dead_press_never_revives) {
    static const enum hold_state expected[HOLD_STATE_COUNT][HOLD_EVENT_COUNT] = {
        [HOLD_FREE] = {[HOLD_EVENT_PRESS] = HOLD_HELD, [HOLD_EVENT_RELEASE] = HOLD_FREE, [HOLD_EVENT_KILL] = HOLD_FREE},
        [HOLD_HELD] =
            {[HOLD_EVENT_PRESS] = HOLD_HELD, [HOLD_EVENT_RELEASE] = HOLD_FREE, [HOLD_EVENT_KILL] = HOLD_SPENT},
        [HOLD_SPENT] =
            {[HOLD_EVENT_PRESS] = HOLD_SPENT, [HOLD_EVENT_RELEASE] = HOLD_FREE, [HOLD_EVENT_KILL] = HOLD_SPENT},
    };
    for (int state = 0; state < HOLD_STATE_COUNT; state++) {
        for (int event = 0; event < HOLD_EVENT_COUNT; event++) {
            cr_expect_eq(belay_hold_next((enum hold_state)state, (enum hold_event)event), expected[state][event]);
        }
    }
}

Test(hold, a_press_alone_asks_for_nothing_but_the_permission) {
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 1000), SEND_HOLD);
    cr_assert_eq(hold.press, 1);
    cr_assert_eq(belay_hold_release(&hold, HOLD_BY_POINTER), SEND_END);
    cr_assert_eq(hold.state, HOLD_FREE);
}

Test(hold, each_press_has_a_new_number) {
    for (uint32_t i = 1; i <= 3; i++) {
        (void)belay_hold_press(&hold, HOLD_BY_KEY, 1000);
        cr_assert_eq(hold.press, i);
        (void)belay_hold_release(&hold, HOLD_BY_KEY);
    }
}

Test(hold, only_the_hand_that_pressed_lets_go) {
    (void)belay_hold_press(&hold, HOLD_BY_KEY, 0);
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 10), SEND_NOTHING);
    cr_assert_eq(belay_hold_release(&hold, HOLD_BY_POINTER), SEND_NOTHING);
    cr_assert_eq(hold.state, HOLD_HELD);
    cr_assert_eq(belay_hold_release(&hold, HOLD_BY_KEY), SEND_END);
}

Test(hold, tokens_every_40_ms_while_held) {
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 0);
    int tokens = 0;
    for (int64_t t = 20000; t <= 1000000; t += 20000) {
        tokens += belay_hold_tick(&hold, t) == SEND_HOLD;
    }
    cr_assert_eq(tokens, 25);
    (void)belay_hold_release(&hold, HOLD_BY_POINTER);
    cr_assert_eq(belay_hold_tick(&hold, 1040000), SEND_NOTHING);
}

Test(hold, a_stalled_main_loop_kills_the_press) {
    (void)belay_hold_press(&hold, HOLD_BY_POINTER, 0);
    cr_assert_eq(belay_hold_tick(&hold, HOLD_STALL_US), SEND_HOLD, "at the limit it still lives");
    cr_assert_eq(belay_hold_tick(&hold, 2 * HOLD_STALL_US + 1), SEND_END);
    cr_assert_eq(hold.state, HOLD_SPENT);
    cr_assert_eq(belay_hold_tick(&hold, 2 * HOLD_STALL_US + 20000), SEND_NOTHING);
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 500000), SEND_NOTHING, "let go first");
    cr_assert_eq(belay_hold_release(&hold, HOLD_BY_POINTER), SEND_NOTHING, "it was ended already");
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 600000), SEND_HOLD);
}

Test(hold, go_loads_and_the_next_press_runs_it_once) {
    unsigned send;
    cr_assert_eq(belay_hold_go(&hold, "1", 1000000, &send), GO_LOADED);
    cr_assert_eq(send, SEND_NOTHING);
    cr_assert_eq(belay_hold_loaded_us(&hold, 1000000), HOLD_LOADED_US);
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 2000000), SEND_HOLD | SEND_GO);
    cr_assert_str_eq(hold.cue, "1");
    cr_assert_eq(hold.running, INTENT_CUE);
    (void)belay_hold_release(&hold, HOLD_BY_POINTER);
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 2100000), SEND_HOLD, "one GO, one run");
}

Test(hold, a_loaded_go_is_forgotten_after_five_seconds) {
    unsigned send;
    (void)belay_hold_go(&hold, "1", 0 + 1, &send);
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, HOLD_LOADED_US + 1), SEND_HOLD);
    cr_assert_eq(hold.running, INTENT_NOTHING);
    belay_hold_init(&hold);
    (void)belay_hold_go(&hold, "1", 1, &send);
    (void)belay_hold_tick(&hold, HOLD_LOADED_US + 1);
    cr_assert_eq(hold.intent, INTENT_NOTHING);
}

Test(hold, go_under_a_live_hold_runs_at_once) {
    unsigned send;
    (void)belay_hold_press(&hold, HOLD_BY_KEY, 0);
    cr_assert_eq(belay_hold_go(&hold, "2", 1000000, &send), GO_RUNS);
    cr_assert_eq(send, SEND_GO);
    cr_assert_eq(belay_hold_go(&hold, "2", 3000000, &send), GO_RUNNING, "a second GO does not disturb the cue");
    cr_assert_eq(send, SEND_NOTHING);
    belay_hold_done(&hold);
    cr_assert_eq(belay_hold_go(&hold, "3", 4000000, &send), GO_RUNS, "the next cue under the same hold");
}

Test(hold, a_bounced_go_is_ignored) {
    unsigned send;
    (void)belay_hold_go(&hold, "1", 1000000, &send);
    cr_assert_eq(belay_hold_go(&hold, "1", 1000000 + HOLD_GO_LOCKOUT_US - 1, &send), GO_TOO_SOON);
    cr_assert_eq(belay_hold_go(&hold, "1", 1000000 + HOLD_GO_LOCKOUT_US, &send), GO_LOADED);
}

Test(hold, stop_kills_the_press_and_every_selection) {
    unsigned send;
    (void)belay_hold_go(&hold, "1", 1000000, &send);
    cr_assert_eq(belay_hold_kill(&hold), SEND_NOTHING, "nothing was held");
    cr_assert_eq(hold.intent, INTENT_NOTHING);
    (void)belay_hold_select(&hold, INTENT_PAY_OUT);
    (void)belay_hold_press(&hold, HOLD_BY_KEY, 2000000);
    cr_assert_eq(belay_hold_kill(&hold), SEND_END);
    cr_assert_eq(hold.state, HOLD_SPENT);
    cr_assert_eq(hold.intent, INTENT_NOTHING);
    cr_assert_eq(belay_hold_go(&hold, "1", 9000000, &send), GO_LET_GO_FIRST);
    cr_assert_eq(send, SEND_NOTHING);
    (void)belay_hold_release(&hold, HOLD_BY_KEY);
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_KEY, 9100000), SEND_HOLD, "the jog must be chosen anew");
}

Test(hold, jog_runs_at_each_press_until_another_choice) {
    (void)belay_hold_select(&hold, INTENT_TAKE_IN);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 1000), SEND_HOLD | SEND_JOG);
        cr_assert_eq(hold.running, INTENT_TAKE_IN);
        cr_assert_eq(belay_hold_release(&hold, HOLD_BY_POINTER), SEND_END);
    }
}

Test(hold, another_way_during_a_press_ends_it) {
    (void)belay_hold_select(&hold, INTENT_TAKE_IN);
    (void)belay_hold_press(&hold, HOLD_BY_KEY, 0);
    cr_assert_eq(belay_hold_select(&hold, INTENT_TAKE_IN), SEND_NOTHING, "no change, no end");
    cr_assert_eq(belay_hold_select(&hold, INTENT_PAY_OUT), SEND_END);
    cr_assert_eq(hold.state, HOLD_SPENT);
    cr_assert_eq(hold.intent, INTENT_PAY_OUT);
}

Test(hold, go_replaces_a_jog_and_a_jog_replaces_go) {
    unsigned send;
    (void)belay_hold_select(&hold, INTENT_PAY_OUT);
    (void)belay_hold_go(&hold, "1", 1000000, &send);
    cr_assert_eq(hold.intent, INTENT_CUE);
    (void)belay_hold_select(&hold, INTENT_TAKE_IN);
    cr_assert_eq(belay_hold_press(&hold, HOLD_BY_POINTER, 1100000), SEND_HOLD | SEND_JOG);
}

Test(hold, another_standby_unloads) {
    unsigned send;
    (void)belay_hold_go(&hold, "1", 1000000, &send);
    belay_hold_standby(&hold, "1");
    cr_assert_eq(hold.intent, INTENT_CUE);
    belay_hold_standby(&hold, "2");
    cr_assert_eq(hold.intent, INTENT_NOTHING);
    (void)belay_hold_go(&hold, "2", 2000000, &send);
    belay_hold_standby(&hold, NULL);
    cr_assert_eq(hold.intent, INTENT_NOTHING);
}

/* Whatever happens in whatever order: tokens and motion only in a live press, each press ended once, numbers grow. */
Test(hold, random_hands) {
    uint32_t seed = 20260101, last_press = 0;
    int64_t now_us = 1;
    bool alive = false; /* as the controller sees it */
    for (int step = 0; step < 200000; step++) {
        seed = seed * 1664525u + 1013904223u;
        unsigned send = SEND_NOTHING;
        const bool was_spent = hold.state == HOLD_SPENT;
        now_us += (seed >> 8) % 30 == 0 ? 200000 : 15000;
        switch ((seed >> 16) % 9) {
        case 0: send = belay_hold_press(&hold, HOLD_BY_POINTER, now_us); break;
        case 1: send = belay_hold_press(&hold, HOLD_BY_KEY, now_us); break;
        case 2: send = belay_hold_release(&hold, HOLD_BY_POINTER); break;
        case 3: send = belay_hold_release(&hold, HOLD_BY_KEY); break;
        case 4: send = (seed >> 24) % 4 == 0 ? belay_hold_kill(&hold) : SEND_NOTHING; break;
        case 5: (void)belay_hold_go(&hold, "1", now_us, &send); break;
        case 6: send = belay_hold_select(&hold, (seed & 0x10000000u) != 0 ? INTENT_PAY_OUT : INTENT_TAKE_IN); break;
        default: send = belay_hold_tick(&hold, now_us); break;
        }
        cr_assert(!(was_spent && (send & (SEND_HOLD | SEND_GO | SEND_JOG)) != 0), "a dead press sent something");
        if ((send & SEND_HOLD) != 0 && !alive) {
            cr_assert_gt(hold.press, last_press);
            last_press = hold.press;
            alive = true;
        }
        cr_assert(alive || (send & (SEND_GO | SEND_JOG | SEND_END)) == 0, "motion or end without a live press");
        alive = alive && (send & SEND_END) == 0;
        cr_assert_eq(alive, hold.state == HOLD_HELD);
    }
    cr_assert_gt(last_press, 1000);
}
