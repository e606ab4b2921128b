/* Sessions: who is connected, what they sent, what they get. Nobody is waited for. */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "controller/serve/serve_parts.h"

/* --- begin and end ---------------------------------------------------------------------------------------------- */

static struct session *free_place(struct serve *serve, enum msg_role role) {
    int first = role == MSG_ROLE_OPERATE ? 0 : OPERATE_SESSIONS_MAX;
    int end = role == MSG_ROLE_OPERATE ? OPERATE_SESSIONS_MAX : SESSIONS_MAX;
    for (int i = first; i < end; i++)
        if (serve->session[i].number == 0)
            return &serve->session[i];
    return NULL;
}

static void turn_away(struct serve *serve, int fd) {
    int length = packet_write_error(0, "sessions", "", "Too many clients are connected: close one.", serve->packet,
                                    sizeof serve->packet);
    if (length > 0)
        send(fd, serve->packet, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL);
    close(fd);
    eventlog_say(&serve->log, LOG_WARNING, "a client was turned away: too many are connected");
}

void session_accept(struct serve *serve, enum msg_role role) {
    int listening = role == MSG_ROLE_OPERATE ? serve->listening.operate : serve->listening.view;
    int fd = accept4(listening, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0)
        return; /* gone again */
    struct session *session = free_place(serve, role);
    struct ucred who = {.pid = 0};
    socklen_t size = sizeof who;
    bool known = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &size) == 0;
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = session};
    if (!session || !known || epoll_ctl(serve->epoll, EPOLL_CTL_ADD, fd, &wanted) < 0) {
        turn_away(serve, fd);
        return;
    }
    serve->sessions += serve->sessions == UINT32_MAX ? 2 : 1; /* 0 is belayd itself */
    *session = (struct session){.number = serve->sessions, .fd = fd, .role = role, .uid = who.uid, .pid = who.pid};
    snprintf(session->client, sizeof session->client, "nameless client");
    eventlog_say(&serve->log, LOG_INFORMATION, "session %u begins: %s socket, uid %u, pid %d", session->number,
                 msg_role_name(role), (unsigned)who.uid, (int)who.pid);
}

static void remember(struct serve *serve, const struct session *session) {
    struct ended *ended = &serve->ended[serve->ended_next];
    ended->number = session->number;
    memcpy(ended->client, session->client, sizeof ended->client);
    serve->ended_next = (serve->ended_next + 1) % ENDED_MAX;
}

void session_close(struct serve *serve, struct session *session, const char *why) {
    assert(session->number != 0);
    if (session->fd < 0)
        return;
    close(session->fd); /* leaves the epoll set */
    session->fd = -1;
    if (session->greeted)
        remember(serve, session);
    bool held = session->press != 0 && !session->press_over;
    command_end_session(serve, session);
    eventlog_say(&serve->log, LOG_INFORMATION, "session %u (%s) ends%s: %s", session->number, session->client,
                 held ? ", and its hold" : "", why);
}

void session_sweep(struct serve *serve) {
    for (int i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &serve->session[i];
        if (session->number != 0 && session->fd < 0 && !session->stop_owed && session->end_owed == 0)
            session->number = 0;
    }
}

struct session *session_find(struct serve *serve, uint32_t number) {
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (number != 0 && serve->session[i].number == number && serve->session[i].fd >= 0)
            return &serve->session[i];
    return NULL;
}

void session_say(struct serve *serve, const struct session *session, const char *format, ...) {
    char text[EVENTLOG_LINE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    eventlog_say(&serve->log, LOG_NOTICE, "session %u (%s, uid %u): %s", session->number, session->client,
                 (unsigned)session->uid, text);
}

/* --- out -------------------------------------------------------------------------------------------------------- */

static void send_reply(struct serve *serve, struct session *session, int length) {
    if (session->fd < 0)
        return;
    if (length < 0)
        session_close(serve, session, "its reply could not be written");
    else if (send(session->fd, serve->packet, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        session_close(serve, session, errno == EAGAIN ? "it does not read its replies" : "the connection broke");
}

void session_result(struct serve *serve, struct session *session, int64_t id, enum msg_method method,
                    const void *result) {
    send_reply(serve, session, packet_write_result(id, method, result, serve->packet, sizeof serve->packet));
}

void session_error(struct serve *serve, struct session *session, int64_t id, const char *code, const char *field,
                   const char *message) {
    send_reply(serve, session, packet_write_error(id, code, field, message, serve->packet, sizeof serve->packet));
}

void session_refuse(struct serve *serve, struct session *session, int64_t id, struct verdict verdict) {
    char text[256];
    telemetry_refusal(serve->config.rig, serve->snapshot->show, verdict, text, sizeof text);
    commission_explain(serve, verdict, text, sizeof text);
    session_error(serve, session, id, cycle_refusal_name(verdict.refusal), "", text);
}

/* Name that a session gave itself, also when it has ended. NULL when it gave none, or is long gone. */
static const char *client_of(struct serve *serve, uint32_t number) {
    const struct session *session = session_find(serve, number);
    if (session)
        return session->greeted ? session->client : NULL;
    for (int i = 0; i < ENDED_MAX; i++)
        if (number != 0 && serve->ended[i].number == number)
            return serve->ended[i].client;
    return NULL;
}

void session_fill(struct serve *serve, struct msg_telemetry *out) {
    telemetry_fill(serve->config.rig, serve->snapshot, client_of(serve, serve->snapshot->stop_session), out);
    commission_fill(serve, out);
    wear_fill(serve, out);
}

static bool due(const struct session *session, int64_t now_us) {
    return session->number != 0 && session->fd >= 0 && session->period_us > 0 && now_us >= session->due_us;
}

/* Telemetry may be skipped, a reply never: the newest state is all that a slow client needs. */
static void send_telemetry(struct serve *serve, struct session *session, int64_t now_us) {
    int length = packet_write_event(MSG_STATE_TELEMETRY, session->seq++, serve->snapshot->t_us, serve->params,
                                    serve->packet, sizeof serve->packet);
    assert(length > 0);
    bool late = now_us - session->due_us > session->period_us;
    session->due_us = late ? now_us + session->period_us : session->due_us + session->period_us;
    if (send(session->fd, serve->packet, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) {
        session->blocked_since_us = 0;
    } else if (errno != EAGAIN) {
        session_close(serve, session, "the connection broke");
    } else if (session->blocked_since_us == 0) {
        session->blocked_since_us = now_us;
    } else if (now_us - session->blocked_since_us > BLOCKED_MAX_US) {
        session_close(serve, session, "it does not read");
    }
}

void session_telemetry(struct serve *serve, int64_t now_us) {
    if (!serve->fresh)
        return;
    bool encoded = false;
    for (int i = 0; i < SESSIONS_MAX; i++) {
        struct session *session = &serve->session[i];
        if (!due(session, now_us))
            continue;
        if (!encoded) {
            session_fill(serve, &serve->telemetry);
            int length = packet_write_params(MSG_STATE_TELEMETRY, &serve->telemetry, serve->params,
                                             MSG_PACKET_BYTES_MAX - 256 /* room for the envelope */);
            if (length < 0)
                return; /* no memory: the next snapshot may get through */
            encoded = true;
        }
        send_telemetry(serve, session, now_us);
    }
}

/* --- in --------------------------------------------------------------------------------------------------------- */

static bool allowed(struct serve *serve, struct session *session) {
    const struct packet_request *request = &serve->request;
    if (session->role == MSG_ROLE_VIEW && !msg_methods[request->method].view) {
        session_error(serve, session, request->id, "role", "method",
                      "This is the view socket: commands go to the operate socket.");
        return false;
    }
    bool first = request->method == MSG_META_HELLO || request->method == MSG_SAFETY_STOP;
    if (!session->greeted && !first) {
        session_error(serve, session, request->id, "hello_first", "method", "Meta.Hello must be the first request.");
        return false;
    }
    return true;
}

static void take_packet(struct serve *serve, struct session *session, size_t length) {
    struct codec_problem problem;
    if (!packet_read_request(serve->packet, length, &serve->request, &problem))
        session_error(serve, session, serve->request.id, problem.code, problem.field, problem.message);
    else if (allowed(serve, session))
        request_handle(serve, session);
}

void session_read(struct serve *serve, struct session *session) {
    assert(session->number != 0);
    for (int i = 0; i < REQUESTS_PER_TURN && session->fd >= 0; i++) {
        ssize_t length = recv(session->fd, serve->packet, sizeof serve->packet, MSG_DONTWAIT);
        if (length < 0 && (errno == EAGAIN || errno == EINTR))
            return;
        if (length <= 0)
            session_close(serve, session, length == 0 ? "closed by the client" : "the connection broke");
        else
            take_packet(serve, session, (size_t)length);
    }
}
