/* Dead presses: remembered for as long as their session can send them again, and no longer. */
#include <criterion/criterion.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

static struct bench *b;

static void setup(void) {
    b = bench_new();
    cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_press, .init = setup, .fini = teardown);

static enum refusal permit(uint32_t session, uint32_t press) {
    return bench_step(b, &(struct command){.kind = COMMAND_PERMIT, .session = session, .press = press,
                                           .expires_us = b->now_us + 300000});
}

static enum refusal end(uint32_t session, uint32_t press, bool gone) {
    struct command over = {.kind = COMMAND_PERMIT_END, .session = session, .press = press, .gone = gone};
    return bench_step(b, &over);
}

/* Three times as many as can be connected come, hold beside a living press, see a stop and leave. */
static void others_come_and_go(uint32_t first) {
    for (uint32_t session = first; session < first + 3 * SESSIONS_MAX; session += 2) {
        cr_assert_eq(permit(session, 1), REFUSED_NOT, "session %u", session);
        cr_assert_eq(permit(session + 1, 1), REFUSED_NO_PERMISSION);
        bench_do(b, COMMAND_STOP);
        cr_assert_eq(permit(session, 1), REFUSED_PRESS_USED);
        cr_assert_eq(permit(session + 1, 1), REFUSED_PRESS_USED, "it saw the stop beside the other one");
        end(session, 1, true);
        end(session + 1, 1, true);
    }
}

Test(cycle_press, a_dead_press_stays_dead_however_many_come_and_go) {
    cr_assert_eq(permit(2, 5), REFUSED_NOT);
    bench_do(b, COMMAND_STOP);
    others_come_and_go(10);
    cr_expect_eq(permit(2, 5), REFUSED_PRESS_USED);
    cr_expect_eq(permit(2, 4), REFUSED_PRESS_USED, "an older one of it neither");
    cr_expect_eq(permit(2, 6), REFUSED_NOT);
}

Test(cycle_press, one_that_waits_is_buried_however_many_came_and_went) {
    others_come_and_go(10);
    cr_assert_eq(permit(3, 1), REFUSED_NOT);
    cr_assert_eq(permit(2, 5), REFUSED_NO_PERMISSION);
    bench_do(b, COMMAND_STOP);
    cr_expect_eq(permit(2, 5), REFUSED_PRESS_USED);
}

Test(cycle_press, as_many_as_can_be_connected_are_remembered_at_once) {
    for (uint32_t session = 2; session < 2 + SESSIONS_MAX; session++) {
        cr_assert_eq(permit(session, 7), REFUSED_NOT);
        bench_do(b, COMMAND_STOP);
    }
    for (uint32_t session = 2; session < 2 + SESSIONS_MAX; session++)
        cr_expect_eq(permit(session, 7), REFUSED_PRESS_USED, "session %u", session);
}

/* Whoever is told that a press is dead takes it for over, and sends no end of it. */
Test(cycle_press, a_press_that_lives_is_never_called_dead) {
    cr_assert_eq(permit(2, 5), REFUSED_NOT);
    const int64_t expires_us = b->now_us + 200000;
    struct command old = {.kind = COMMAND_PERMIT, .session = 2, .press = 5, .expires_us = b->now_us - 1};
    cr_expect_eq(bench_step(b, &old), REFUSED_NOT);
    cr_expect(b->out.snapshot.permission_alive);
    while (b->now_us < expires_us - 20000)
        bench_step(b, &old);
    cr_expect(b->out.snapshot.permission_alive, "an older renewal takes nothing back");
    bench_run_ms(b, 30);
    cr_expect_not(b->out.snapshot.permission_alive, "and prolongs nothing");
    cr_expect_eq(bench_step(b, &old), REFUSED_PRESS_USED);
}

Test(cycle_press, a_session_that_is_gone_leaves_no_press_alive) {
    cr_assert_eq(permit(2, 5), REFUSED_NOT);
    end(2, 6, true);
    cr_expect_not(b->out.snapshot.permission_alive);
}

Test(cycle_press, an_end_that_comes_twice_ends_nothing_of_another) {
    cr_assert_eq(permit(2, 5), REFUSED_NOT);
    end(2, 5, false);
    cr_assert_eq(permit(3, 1), REFUSED_NOT);
    end(2, 5, true);
    cr_expect_eq(permit(3, 1), REFUSED_NOT, "the living press lives on");
}
