/* The loop: signals, new clients, requests, answers, telemetry, log. */
#include "controller/serve/serve.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "controller/serve/serve_parts.h"

#define EVENTS_PER_TURN 64 /* epoll, and lines of the log */
#define HOLDING_SAID_US 5000000 /* so often the log says why it does not end */

/* --- open and close --------------------------------------------------------------------------------------------- */

static int watch(struct serve *serve, int fd, void *what) {
    struct epoll_event wanted = {.events = EPOLLIN, .data.ptr = what};
    return epoll_ctl(serve->epoll, EPOLL_CTL_ADD, fd, &wanted) == 0 ? 0 : -errno;
}

static int open_descriptors(struct serve *serve) {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    serve->signals = signalfd(-1, &ends, SFD_CLOEXEC | SFD_NONBLOCK);
    serve->epoll = epoll_create1(EPOLL_CLOEXEC);
    if (serve->signals < 0 || serve->epoll < 0)
        return -errno;
    int error = watch(serve, serve->signals, &serve->signals);
    if (!error)
        error = watch(serve, serve->listening.operate, &serve->listening.operate);
    return error ? error : watch(serve, serve->listening.view, &serve->listening.view);
}

int serve_open(const struct serve_config *config, struct serve **serve) {
    assert(config && serve && config->rig && config->snapshots);
    assert(config->commands && config->replies && config->events);
    *serve = NULL;
    struct serve *made = calloc(1, sizeof *made);
    if (!made)
        return -ENOMEM;
    made->config = *config;
    made->swap.current = made->swap.coming = -1;
    made->epoll = made->signals = -1;
    made->snapshot = tbuf_read(config->snapshots, NULL);
    int error = listen_open(config->socket_path, &made->listening);
    if (!error)
        error = open_descriptors(made);
    if (error) {
        serve_close(made);
        return error;
    }
    eventlog_say(&made->log, LOG_NOTICE, "serving rig %s on %s", config->rig->name, made->listening.operate_path);
    commission_open(made);
    wear_open(made);
    *serve = made;
    return 0;
}

void serve_close(struct serve *serve) {
    assert(serve);
    for (int i = 0; i < SESSIONS_MAX; i++)
        if (serve->session[i].number != 0 && serve->session[i].fd >= 0)
            close(serve->session[i].fd);
    listen_close(&serve->listening);
    if (serve->epoll >= 0)
        close(serve->epoll);
    if (serve->signals >= 0)
        close(serve->signals);
    free(serve);
}

int serve_load_show(struct serve *serve, const char *path) {
    assert(serve && path);
    char *text = NULL;
    size_t length = 0;
    memset(&serve->errors, 0, sizeof serve->errors);
    int error = yaml_read(path, &text, &length, &serve->errors);
    if (!error)
        error = request_offer_show(serve, 0, 0, path, text, length);
    free(text);
    for (int i = 0; i < serve->errors.count; i++)
        log_line(LOG_ERROR, "%s", serve->errors.text[i]);
    if (serve->errors.dropped > 0)
        log_line(LOG_ERROR, "and %d more", serve->errors.dropped);
    return error ? -EINVAL : 0;
}

/* --- the turn --------------------------------------------------------------------------------------------------- */

static void take_signal(struct serve *serve) {
    struct signalfd_siginfo signal;
    while (read(serve->signals, &signal, sizeof signal) == (ssize_t)sizeof signal) {
        serve->given_up = serve->holding;
        if (!serve->ending)
            eventlog_say(&serve->log, LOG_NOTICE, "%s from pid %u: stopping all axes, then ending",
                         strsignal((int)signal.ssi_signo), signal.ssi_pid);
        serve->shutdown_owed = serve->shutdown_owed || !serve->ending;
        serve->ending = true;
    }
}

static void take_input(struct serve *serve, const struct epoll_event *event) {
    void *what = event->data.ptr;
    struct session *session = what;
    if (what == &serve->signals)
        take_signal(serve);
    else if (what == &serve->listening.operate)
        session_accept(serve, MSG_ROLE_OPERATE);
    else if (what == &serve->listening.view)
        session_accept(serve, MSG_ROLE_VIEW);
    else if (session->number != 0 && session->fd >= 0) /* may have been closed in this turn */
        session_read(serve, session);
}

static void name_actor(struct serve *serve, uint32_t number, char out[EVENTLOG_ACTOR_MAX]) {
    const struct session *session = session_find(serve, number);
    if (number == 0)
        snprintf(out, EVENTLOG_ACTOR_MAX, "belayd");
    else if (!session)
        snprintf(out, EVENTLOG_ACTOR_MAX, "session %u (ended)", number);
    else
        snprintf(out, EVENTLOG_ACTOR_MAX, "session %u (%s, uid %u)", number, session->client, (unsigned)session->uid);
}

static void print_events(struct serve *serve) {
    struct event event;
    for (int i = 0; i < EVENTS_PER_TURN && eventlog_ready() && spsc_pop(serve->config.events, &event); i++) {
        char actor[EVENTLOG_ACTOR_MAX], line[EVENTLOG_LINE_MAX];
        enum log_priority priority;
        name_actor(serve, event.session, actor);
        if (eventlog_text(serve->config.rig, serve->snapshot, &event, actor, &priority, line))
            eventlog_say(&serve->log, priority, "%s", line);
    }
    uint32_t dropped = atomic_load_explicit(&serve->config.events->dropped, memory_order_relaxed);
    if (dropped != serve->log.dropped_seen)
        eventlog_say(&serve->log, LOG_WARNING, "%u events are missing here: too many at once",
                     dropped - serve->log.dropped_seen);
    serve->log.dropped_seen = dropped;
}

/* Bus workers stop the drives by themselves when the cycle hangs; people have to be told. */
static void watch_cycle(struct serve *serve, int64_t now_us) {
    bool silent = serve->snapshot->cycle > 0 && now_us - serve->snapshot->t_us > SILENT_CYCLE_US;
    if (silent && !serve->silent)
        eventlog_say(&serve->log, LOG_CRITICAL, "the control cycle is silent: use the E-stop, then restart belayd");
    serve->silent = silent;
}

/* A press that the cycle has let die is dead here too, and the log says so: nobody else names the missing hand. */
static void watch_permission(struct serve *serve, int64_t now_us) {
    const struct snapshot *now = serve->snapshot;
    bool same = now->permission_alive && now->permission_session == serve->held_session &&
                now->permission_press == serve->held_press;
    struct session *session = same ? NULL : session_find(serve, serve->held_session);
    if (session && session->press == serve->held_press && !session->press_over) {
        session->press_over = true;
        session_say(serve, session, "%s", now_us >= session->expires_us ? "its hold was not renewed in time"
                                                                        : "its hold ended with the motion");
    }
    serve->held_session = now->permission_alive ? now->permission_session : 0;
    serve->held_press = now->permission_press;
}

void serve_turn(struct serve *serve, int wait_ms) {
    struct epoll_event events[EVENTS_PER_TURN];
    int count = epoll_wait(serve->epoll, events, EVENTS_PER_TURN, wait_ms);
    for (int i = 0; i < count; i++)
        take_input(serve, &events[i]);
    int64_t now_us = clock_now_us();
    command_give_owed(serve);
    serve->snapshot = tbuf_read(serve->config.snapshots, &serve->fresh);
    command_take_answers(serve, now_us);
    watch_permission(serve, now_us);
    commission_turn(serve, now_us);
    wear_turn(serve, now_us);
    session_telemetry(serve, now_us);
    print_events(serve);
    watch_cycle(serve, now_us);
    session_sweep(serve);
}

/* An axis whose drive may be all that holds the load, as a live cycle sees it; -1 = none. Bus workers whose cycle is
 * silent have sent their stop words: staying holds nothing then. */
static int held_axis(const struct serve *serve) {
    for (int i = 0; i < serve->config.rig->axis_count && !serve->silent; i++)
        if (serve->snapshot->axis[i].drive_holds)
            return i;
    return -1;
}

static void say_what_holds(struct serve *serve, int axis) {
    eventlog_say(&serve->log, LOG_CRITICAL,
                 "%s: its brake slipped or does not read closed, and its drive holds the load: not ending, for then "
                 "the drive lets go. Lower it by reset, arm and hold to pay out, and unlock when it is down: that ends "
                 "it where the brake slipped. Where it does not read closed, mend brake or switch, or end at once by "
                 "another SIGTERM",
                 serve->config.rig->axis[axis].name);
}

int serve_run(struct serve *serve, int stop_wait_ms) {
    assert(serve && stop_wait_ms > 0);
    while (!serve->ending)
        serve_turn(serve, TURN_MS);
    int64_t wait_us = (int64_t)stop_wait_ms * 1000, deadline_us = clock_now_us() + wait_us, say_us = deadline_us;
    while (!(serve->snapshot->shutting_down && serve->snapshot->stopped)) {
        int64_t now_us = clock_now_us();
        int axis = held_axis(serve);
        if (axis >= 0 && now_us >= say_us) {
            say_what_holds(serve, axis);
            serve->holding = true;
            say_us = now_us + HOLDING_SAID_US;
        }
        if (axis >= 0 && serve->holding)
            deadline_us = now_us + wait_us;
        if (serve->given_up || now_us >= deadline_us)
            return -ETIMEDOUT;
        serve_turn(serve, TURN_MS);
    }
    commission_close(serve);
    wear_close(serve);
    eventlog_say(&serve->log, LOG_NOTICE, "all axes stand: ending");
    return 0;
}
