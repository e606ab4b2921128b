/* Permissions and stops over real sockets, with the real cycle behind them: who may move, and that a stop is never
 * lost. */
#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "tests/serve_bench.h"

static struct serve_bench *bench;
static struct belay_connection *one, *two;

static void setup(void) {
    bench = serve_bench_new();
    one = client_new(bench, MSG_ROLE_OPERATE);
    two = client_new(bench, MSG_ROLE_OPERATE);
}

static void teardown(void) {
    belay_close(one);
    belay_close(two);
    serve_bench_free(bench);
}

TestSuite(serve_permission, .init = setup, .fini = teardown, .timeout = 30);

static const struct snapshot *state(void) {
    return &bench->bench->out.snapshot;
}

static const char *jog(struct belay_connection *client, int64_t press) {
    const struct msg_axis_jog jog = {.press = press, .axis = "climber", .speed_m_s = 0.2};
    return client_code(client_ask(bench, client, MSG_AXIS_JOG, &jog));
}

static const char *ask(struct belay_connection *client, enum msg_method method) {
    return client_code(client_ask(bench, client, method, NULL));
}

/* Arms, presses, jogs, and renews until the axis runs. */
static void move(struct belay_connection *client, int64_t press) {
    cr_assert_str_eq(ask(client, MSG_SAFETY_ARM), "");
    cr_assert_str_eq(client_hold(bench, client, press, clock_now_us()), "alive");
    cr_assert_str_eq(jog(client, press), "");
    for (int i = 0; i < 50 && state()->axis[0].state != STATE_RUNNING; i++) {
        cr_assert_str_eq(client_hold(bench, client, press, clock_now_us()), "alive");
        serve_bench_run(bench, 20);
    }
    cr_assert_eq(state()->axis[0].state, STATE_RUNNING);
}

static bool standing(void) {
    return state()->axis[0].state == STATE_ARMED || state()->axis[0].state == STATE_DISARMED;
}

Test(serve_permission, a_hold_that_is_not_renewed_ends_the_motion) {
    move(one, 1);
    serve_bench_run(bench, 250);
    cr_expect_not(state()->permission_alive);
    serve_bench_run(bench, 600);
    cr_expect(standing());
    cr_expect_str_eq(client_hold(bench, one, 1, clock_now_us()), "dead", "the same press never comes back");
    cr_expect_str_eq(jog(one, 1), "press_used");
    cr_expect_str_eq(client_hold(bench, one, 2, clock_now_us()), "alive", "a new one does");
}

/* Renewals that were stuck on their way count from when the hand was known to hold, not from when they arrive. */
Test(serve_permission, a_stale_renewal_renews_nothing) {
    move(one, 1);
    cr_expect_str_eq(client_hold(bench, one, 1, clock_now_us() - 201000), "clock");
    cr_expect_str_eq(client_hold(bench, one, 1, clock_now_us() + 50000), "clock");
    int64_t frozen_us = clock_now_us(); /* the hand's time stands still from here, the renewals go on */
    while (clock_now_us() < frozen_us + 190000) {
        client_hold(bench, one, 1, frozen_us);
        serve_bench_run(bench, 15);
    }
    serve_bench_run(bench, 40);
    cr_expect_not(state()->permission_alive, "renewals without a hand kept the press alive");
    cr_expect_str_eq(client_hold(bench, one, 1, clock_now_us()), "dead");
}

Test(serve_permission, only_one_press_is_alive) {
    move(one, 1);
    cr_expect_str_eq(client_hold(bench, two, 1, clock_now_us()), "permission_taken");
    cr_expect_str_eq(jog(two, 1), "no_permission");
    cr_expect_eq(state()->permission_session, 1);
    client_hold(bench, one, 1, clock_now_us());
    client_ask(bench, one, MSG_PERMISSION_END, &(struct msg_permission_end){.press = 1});
    serve_bench_run(bench, 30);
    cr_expect_not(state()->permission_alive);
    cr_expect_str_eq(client_hold(bench, two, 1, clock_now_us()), "dead", "that press began while another one held");
    cr_expect_str_eq(client_hold(bench, two, 2, clock_now_us()), "alive");
}

Test(serve_permission, presses_only_grow) {
    cr_expect_str_eq(client_hold(bench, one, 7, clock_now_us()), "alive");
    cr_expect_str_eq(client_hold(bench, one, 6, clock_now_us()), "dead");
    cr_expect_str_eq(client_hold(bench, one, 7, clock_now_us()), "alive");
    client_ask(bench, one, MSG_PERMISSION_END, &(struct msg_permission_end){.press = 7});
    cr_expect_str_eq(client_hold(bench, one, 7, clock_now_us()), "dead");
    client_ask(bench, one, MSG_PERMISSION_END, &(struct msg_permission_end){.press = 9});
    cr_expect_str_eq(client_hold(bench, one, 8, clock_now_us()), "dead");
    cr_expect_str_eq(client_hold(bench, one, 9, clock_now_us()), "dead", "ended before it came");
    cr_expect_str_eq(client_hold(bench, one, 10, clock_now_us()), "alive");
}

/* A new press without the end of the old one: the hand has let go in between, so the motion ends. */
Test(serve_permission, a_new_press_ends_the_motion_of_the_old_one) {
    move(one, 1);
    cr_expect_str_eq(client_hold(bench, one, 2, clock_now_us()), "alive");
    serve_bench_run(bench, 30);
    cr_expect_neq(state()->axis[0].state, STATE_RUNNING);
    cr_expect_eq(bench->taken[COMMAND_PERMIT_END], 1);
    cr_expect_str_eq(client_hold(bench, one, 1, clock_now_us()), "dead");
}

/* What `client` is told of the last stop: "what by whom". Static text. */
static const char *last_stop(struct belay_connection *client) {
    static char text[128];
    const struct belay_message *message = client_ask(bench, client, MSG_STATE_GET, NULL);
    const struct msg_telemetry *telemetry = &message->result.state_get;
    snprintf(text, sizeof text, "%s by %lld %s", telemetry->has_last_stop ? telemetry->last_stop.what : "nothing",
             (long long)telemetry->last_stop.session, telemetry->last_stop.client);
    return text;
}

Test(serve_permission, a_closed_socket_ends_the_press_at_once) {
    move(one, 1);
    belay_close(one);
    one = NULL;
    serve_bench_run(bench, 40); /* far less than the permission's 200 ms */
    cr_expect_not(state()->permission_alive);
    cr_expect_eq(bench->last.kind, COMMAND_PERMIT_END);
    cr_expect_eq(bench->last.press, 1);
    cr_expect_str_eq(last_stop(two), "gone by 1 test", "the name outlives the session");
}

/* The cycle keeps a dead press for as long as its session can send it again: it has to hear of the end of each. */
Test(serve_permission, the_cycle_hears_of_the_end_of_a_session_whose_press_was_over) {
    move(one, 1);
    cr_assert(client_ask(bench, one, MSG_PERMISSION_END, &(struct msg_permission_end){.press = 1}));
    serve_bench_run(bench, 40);
    cr_assert(bench->last.kind == COMMAND_PERMIT_END && !bench->last.gone);
    belay_close(one);
    one = NULL;
    serve_bench_run(bench, 40);
    cr_expect(bench->last.kind == COMMAND_PERMIT_END && bench->last.gone && bench->last.press == 1);
    cr_expect_eq(bench->taken[COMMAND_PERMIT_END], 2);
}

/* Whatever the client sends, an end of its session leaves nothing behind in the cycle. */
Test(serve_permission, sessions_with_a_clock_that_goes_back_come_and_go) {
    for (int i = 0; i < 3 * SESSIONS_MAX; i++) {
        struct belay_connection *other = client_new(bench, MSG_ROLE_OPERATE);
        cr_assert_str_eq(client_hold(bench, other, 1, clock_now_us()), "alive", "session %d", i);
        client_hold(bench, other, 1, clock_now_us() - 195000);
        serve_bench_run(bench, 10);
        client_hold(bench, other, 1, clock_now_us() - 195000);
        client_hold(bench, other, 2, clock_now_us());
        belay_close(other);
        serve_bench_run(bench, 30);
        cr_assert_not(state()->permission_alive, "session %d", i);
    }
}

Test(serve_permission, anybody_stops_and_the_press_dies) {
    move(one, 1);
    cr_expect_str_eq(ask(two, MSG_SAFETY_STOP), "");
    cr_expect_str_eq(client_hold(bench, one, 1, clock_now_us()), "dead");
    serve_bench_run(bench, 30);
    cr_expect_str_eq(last_stop(one), "stop by 2 test");
    cr_expect_neq(state()->axis[0].state, STATE_RUNNING);
    serve_bench_run(bench, 800);
    cr_expect(standing());
    cr_expect_str_eq(client_hold(bench, one, 1, clock_now_us()), "dead");
}

/* --- a ring that takes nothing ---------------------------------------------------------------------------------- */

static void fill_ring(void) {
    bench->frozen = true;
    const struct command nothing = {.kind = COMMAND_PERMIT_END, .session = 99, .press = 1};
    while (spsc_push(&bench->commands, &nothing))
        continue;
}

Test(serve_permission, a_stop_is_never_lost) {
    move(one, 1);
    fill_ring();
    cr_assert_gt(belay_send_safety_stop(two), 0);
    serve_bench_run(bench, 50);
    cr_expect(bench->serve->session[1].stop_owed);
    cr_expect_str_eq(ask(one, MSG_SAFETY_RESET), "overloaded", "other commands are refused, not kept");
    belay_close(two); /* nobody waits for the answer any more; the stop is owed all the same */
    two = NULL;
    serve_bench_run(bench, 50);
    cr_expect(bench->serve->session[1].stop_owed);
    cr_expect_eq(bench->taken[COMMAND_STOP], 0);
    bench->frozen = false;
    serve_bench_run(bench, 150);
    cr_expect_eq(bench->taken[COMMAND_STOP], 1);
    cr_expect_eq(bench->serve->session[1].number, 0, "then the place is free");
    cr_expect_neq(state()->axis[0].state, STATE_RUNNING);
}

Test(serve_permission, many_stops_are_one_and_all_are_answered) {
    fill_ring();
    int64_t id[3];
    for (int i = 0; i < 3; i++)
        id[i] = belay_send_safety_stop(one);
    serve_bench_run(bench, 30);
    bench->frozen = false;
    serve_bench_run(bench, 150);
    const struct belay_message *message;
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(belay_dispatch(one, &message), 1);
        cr_expect_eq(message->kind, BELAY_RESULT);
        cr_expect_eq(message->id, id[i]);
    }
    cr_expect_eq(bench->taken[COMMAND_STOP], 1);
}

Test(serve_permission, the_end_of_a_press_is_never_lost) {
    move(one, 1);
    fill_ring();
    belay_close(one);
    one = NULL;
    serve_bench_run(bench, 50);
    cr_expect_eq(bench->serve->session[0].end_owed, 1);
    bench->taken[COMMAND_PERMIT_END] = 0;
    bench->frozen = false;
    serve_bench_run(bench, 150);
    cr_expect_eq(bench->last.kind, COMMAND_PERMIT_END);
    cr_expect_eq(bench->last.session, 1);
    cr_expect_eq(bench->last.press, 1);
    cr_expect_eq(bench->serve->session[0].number, 0);
}

/* A cycle that hangs: the client hears of it, and a stop still goes into the ring. */
Test(serve_permission, a_silent_cycle_is_told) {
    bench->frozen = true;
    for (int i = 0; i < WAITING_MAX; i++)
        cr_assert_gt(belay_send_safety_arm(one), 0);
    serve_bench_run(bench, 30);
    cr_expect_str_eq(ask(one, MSG_SAFETY_DISARM), "overloaded", "a session's commands are bounded");
    cr_expect_str_eq(ask(one, MSG_SAFETY_STOP), "overloaded", "told, and taken:");
    struct command command;
    bool stop = false;
    while (spsc_pop(&bench->commands, &command))
        stop = stop || command.kind == COMMAND_STOP;
    cr_expect(stop);
    serve_bench_run(bench, 1100);
    const struct belay_message *message;
    for (int i = 0; i < WAITING_MAX; i++) {
        cr_assert_eq(belay_dispatch(one, &message), 1);
        cr_expect_str_eq(client_code(message), "no_answer");
    }
    cr_expect(bench->serve->silent);
}
