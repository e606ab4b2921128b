/* Commands to the cycle, and its answers back to the sessions. */
#include <assert.h>

#include "controller/base/clock.h"
#include "controller/serve/serve_parts.h"

static uint32_t next_ticket(struct serve *serve) {
    serve->tickets += serve->tickets == UINT32_MAX ? 2 : 1; /* 0 means that no reply is wanted */
    return serve->tickets;
}

/* --- owed: what must reach the cycle however full the ring is --------------------------------------------------- */

static bool give_stop(struct serve *serve, struct session *session) {
    struct command stop = {.kind = COMMAND_STOP, .session = session->number, .ticket = session->stop_ticket};
    if (session->stop_owed)
        session->stop_owed = !spsc_push(serve->config.commands, &stop);
    return !session->stop_owed;
}

static bool give_end(struct serve *serve, struct session *session) {
    struct command end = {.kind = COMMAND_PERMIT_END, .session = session->number, .press = session->end_owed,
                          .gone = session->fd < 0};
    if (session->end_owed && spsc_push(serve->config.commands, &end))
        session->end_owed = 0;
    return session->end_owed == 0;
}

bool command_give_owed(struct serve *serve) {
    bool given = true;
    for (int i = 0; i < SESSIONS_MAX; i++)
        given = give_stop(serve, &serve->session[i]) && given;
    for (int i = 0; i < SESSIONS_MAX; i++)
        given = give_end(serve, &serve->session[i]) && given;
    struct command end = {.kind = COMMAND_SHUTDOWN};
    if (serve->shutdown_owed)
        serve->shutdown_owed = !spsc_push(serve->config.commands, &end);
    return given && !serve->shutdown_owed;
}

bool command_give(struct serve *serve, const struct command *command) {
    return command_give_owed(serve) && spsc_push(serve->config.commands, command);
}

/* --- asking ----------------------------------------------------------------------------------------------------- */

static struct waiting *free_waiting(struct session *session) {
    for (int i = 0; i < WAITING_MAX; i++)
        if (session->waiting[i].ticket == 0)
            return &session->waiting[i];
    return NULL;
}

static void overloaded(struct serve *serve, struct session *session) {
    session_error(serve, session, serve->request.id, "overloaded", "",
                  "Too many commands wait for the control cycle; this one was not taken. "
                  "If that lasts, use the E-stop.");
}

void command_ask(struct serve *serve, struct session *session, struct command command) {
    struct waiting *waiting = free_waiting(session);
    command.session = session->number;
    command.ticket = next_ticket(serve);
    if (!waiting || !command_give(serve, &command)) {
        overloaded(serve, session);
        return;
    }
    *waiting = (struct waiting){command.ticket, serve->request.id, serve->request.method, command.press,
                                clock_now_us()};
}

void command_stop(struct serve *serve, struct session *session) {
    struct waiting *waiting = free_waiting(session);
    if (!session->stop_owed)
        session->stop_ticket = waiting ? next_ticket(serve) : 0;
    session->stop_owed = true;
    if (waiting && session->stop_ticket)
        *waiting = (struct waiting){session->stop_ticket, serve->request.id, MSG_SAFETY_STOP, 0, clock_now_us()};
    command_give_owed(serve);
    if (!waiting) /* the stop is on its way, but the silence of the cycle is worth an error */
        overloaded(serve, session);
}

/* An end that is still owed is that of the only press of this session that can be alive. */
static void owe_end(struct serve *serve, struct session *session) {
    session->press_over = true;
    if (session->end_owed == 0)
        session->end_owed = session->press;
    command_give_owed(serve);
}

void command_end_press(struct serve *serve, struct session *session) {
    if (session->press != 0 && !session->press_over)
        owe_end(serve, session);
}

void command_end_session(struct serve *serve, struct session *session) {
    if (session->press != 0)
        owe_end(serve, session);
}

/* --- answers ---------------------------------------------------------------------------------------------------- */

/* A renewal tells the client whether its press lives; that another operator holds is an error of its own. */
static void answer_hold(struct serve *serve, struct session *session, const struct waiting *waiting,
                        struct verdict verdict) {
    enum refusal refusal = verdict.refusal;
    if (refusal == REFUSED_NO_PERMISSION) {
        session_error(serve, session, waiting->id, "permission_taken", "",
                      "Another operator holds the machine: wait until they let go.");
    } else if (refusal == REFUSED_NOT || refusal == REFUSED_PRESS_USED) {
        serve->result.permission_hold.alive = refusal == REFUSED_NOT;
        session_result(serve, session, waiting->id, waiting->method, &serve->result);
    } else {
        session_refuse(serve, session, waiting->id, verdict);
    }
    if (waiting->press != session->press)
        return;
    if (refusal != REFUSED_NOT && !session->press_begun && !session->press_over)
        session_say(serve, session, "holds, press %u, and is not heard: %s", session->press,
                    refusal == REFUSED_NO_PERMISSION ? "another operator holds"
                                                     : "this press met a stop, an open E-stop or a latched fault");
    if (refusal != REFUSED_NOT)
        command_end_press(serve, session);
    else if (!session->press_begun)
        session_say(serve, session, "holds, press %u", session->press);
    session->press_begun = true;
}

static struct verdict verdict_of(const struct command_reply *reply) {
    return (struct verdict){.refusal = reply->refusal, .axis = reply->axis, .detail = reply->detail};
}

static void answer(struct serve *serve, struct session *session, const struct waiting *waiting,
                   const struct command_reply *reply) {
    struct verdict verdict = verdict_of(reply);
    /* The results of the other commands are empty. */
    serve->result.axis_jog = (struct msg_axis_jog_result){.has_speed_m_s = true, .speed_m_s = reply->jog_m_s};
    if (waiting->method == MSG_PERMISSION_HOLD)
        answer_hold(serve, session, waiting, verdict);
    else if (verdict.refusal == REFUSED_NOT)
        session_result(serve, session, waiting->id, waiting->method, &serve->result);
    else
        session_refuse(serve, session, waiting->id, verdict);
}

static void take_answer(struct serve *serve, const struct command_reply *reply) {
    if (serve->swap.coming >= 0 && reply->ticket == serve->swap.ticket) {
        request_show_answered(serve, verdict_of(reply));
        return;
    }
    struct session *session = session_find(serve, reply->session);
    for (int i = 0; session && session->fd >= 0 && i < WAITING_MAX; i++) {
        struct waiting waiting = session->waiting[i];
        if (waiting.ticket != reply->ticket)
            continue;
        session->waiting[i].ticket = 0;
        answer(serve, session, &waiting, reply);
    }
}

static void give_up(struct serve *serve, struct session *session, int64_t now_us) {
    for (int i = 0; session->fd >= 0 && i < WAITING_MAX; i++) {
        struct waiting waiting = session->waiting[i];
        if (waiting.ticket == 0 || now_us - waiting.since_us < ANSWER_MAX_US)
            continue;
        session->waiting[i].ticket = 0;
        session_error(serve, session, waiting.id, "no_answer", "",
                      "The control cycle does not answer: use the E-stop, then look at belayd's log.");
    }
}

void command_take_answers(struct serve *serve, int64_t now_us) {
    struct command_reply reply;
    while (spsc_pop(serve->config.replies, &reply))
        take_answer(serve, &reply);
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (serve->session[i].number != 0)
            give_up(serve, &serve->session[i], now_us);
}
