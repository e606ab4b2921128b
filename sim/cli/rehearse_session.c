/* A rehearsal with a person at the console, and an assistant at the keys of this terminal: the E-stop, the climber, and
 * programs that die, hang and come back. What dies is told, and the rehearsal goes on. */
#include "sim/cli/rehearse_parts.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define PASS_US 20000
#define CONSOLE_OPENS_US 10000000 /* one that ended before had no display to show itself on */

struct session;

/* A program that the assistant kills, starts, freezes and thaws. */
struct part {
    struct child *child;
    bool (*start)(struct session *session);
    void (*lost)(struct session *session); /* it has ended: what was connected to it */
    const char *key;                       /* that starts it again */
    bool running, frozen;
};

enum { PART_SIM, PART_BELAYD, PART_CONSOLE, PART_COUNT };

struct session {
    struct director *director;
    struct climber climber;
    struct part part[PART_COUNT];
    struct termios terminal; /* as it was */
    bool has_keys, ends;
    int64_t console_us; /* when the console was started */
};

/* ---- programs ---- */

static void say(struct session *session, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void say(struct session *session, const char *format, ...) {
    char text[FAILURE_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    director_say(session->director, text);
}

/* What failed is told, and the rehearsal goes on. */
static void forgive(struct session *session) {
    struct director *director = session->director;
    if (!director->failed || director_interrupted())
        return;
    director_say(director, director->failure);
    director->failed = false;
}

static bool start_sim(struct session *session) {
    climber_begin(&session->climber);
    session->director->sim_blind = false;
    return machine_start_sim(session->director);
}

static bool start_belayd(struct session *session) {
    return machine_start_belayd(session->director);
}

static bool start_console(struct session *session) {
    struct director *director = session->director;
    const char *const argv[] = {director->places.console, "--socket", director->socket, NULL};
    session->console_us = clock_now_us();
    int error = child_start(&director->console, argv, director->socket);
    if (error != 0)
        director_fail(director, "cannot start %s: %s", argv[0], strerror(-error));
    return error == 0;
}

static void lost_sim(struct session *session) {
    machine_lose_sim(session->director);
}

static void lost_belayd(struct session *session) {
    operator_close(session->director);
}

static void lost_console(struct session *session) {
    (void)session;
}

static void start(struct session *session, struct part *part) {
    say(session, "%s starts.", part->child->name);
    part->frozen = false;
    part->running = part->start(session) && !session->director->failed;
    part->child->may_end = true; /* from here on its end is told, and ends nothing else */
    if (!part->running && !director_interrupted()) {
        child_print_log(part->child);
        child_end(part->child, 1000);
        part->lost(session);
        say(session, "%s is not there. Key %s starts it again.", part->child->name, part->key);
    }
    forgive(session);
}

static void kill_or_start(struct session *session, struct part *part) {
    if (part->running)
        child_signal(part->child, SIGKILL);
    else
        start(session, part);
}

static void freeze_or_thaw(struct session *session, struct part *part) {
    if (!part->running) {
        say(session, "%s does not run. Key %s starts it.", part->child->name, part->key);
        return;
    }
    part->frozen = !part->frozen;
    if (part->child == &session->director->sim)
        session->director->sim_blind = part->frozen;
    child_signal(part->child, part->frozen ? SIGSTOP : SIGCONT);
    say(session, "%s %s.", part->child->name, part->frozen ? "is frozen (SIGSTOP)" : "goes on (SIGCONT)");
}

/* A console that ended badly before anybody could have seen it. */
static bool had_no_display(const struct session *session) {
    const struct child *console = &session->director->console;
    return !child_ended_well(console) && clock_now_us() - session->console_us < CONSOLE_OPENS_US &&
           child_said(console, "cannot open display");
}

/* Tells what has ended. The console closed by its user ends the rehearsal. */
static void look_after(struct session *session, struct part *part) {
    if (!part->running || child_runs(part->child))
        return;
    part->running = false;
    part->lost(session);
    bool console = part->child == &session->director->console, closed = console && child_ended_well(part->child);
    session->director->no_display = console && had_no_display(session);
    session->ends = session->ends || closed || session->director->no_display;
    if (closed)
        director_say(session->director, "The console was closed.");
    if (session->ends)
        return;
    char how[96];
    child_end_text(part->child, how, sizeof how);
    say(session, "%s has ended: %s. Key %s starts it again.", part->child->name, how, part->key);
}

/* ---- keys ---- */

/* The simulator is there to hear of it. One that somebody else froze and thawed is connected to anew. */
static bool answers(struct session *session) {
    struct director *director = session->director;
    const struct part *sim = &session->part[PART_SIM];
    if (sim->running && !sim->frozen && director->stage_fd < 0)
        machine_connect_sim(director);
    return sim->running && !sim->frozen && director->stage_fd >= 0;
}

static bool there(struct session *session) {
    bool good = answers(session);
    if (!good)
        director_say(session->director, "The simulator does not answer: nobody to direct.");
    return good;
}

static void press(struct session *session, int index) {
    struct director *director = session->director;
    if (!there(session) || !director->stage.known)
        return;
    if (index >= director->stage.station_count) {
        director_say(director, "The world file has no such E-stop station.");
        return;
    }
    struct stage_station *station = &director->stage.station[index];
    bool pressed = !station->pressed;
    if (director_estop(director, station->name, pressed))
        say(session, "E-stop station %s is %s.", station->name, pressed ? "pressed" : "released");
    station->pressed = pressed; /* until the next look at the truth */
}

static void press_first(struct session *session) {
    press(session, 0);
}

static void press_second(struct session *session) {
    press(session, 1);
}

static void fall(struct session *session) {
    if (there(session))
        climber_falls(session->director, &session->climber);
}

static void sit(struct session *session) {
    if (there(session))
        climber_sits(session->director, &session->climber);
}

static void stand(struct session *session) {
    if (there(session))
        climber_stands(session->director, &session->climber);
}

static void kill_sim(struct session *session) {
    kill_or_start(session, &session->part[PART_SIM]);
}

static void kill_belayd(struct session *session) {
    kill_or_start(session, &session->part[PART_BELAYD]);
}

static void kill_console(struct session *session) {
    kill_or_start(session, &session->part[PART_CONSOLE]);
}

static void freeze_sim(struct session *session) {
    freeze_or_thaw(session, &session->part[PART_SIM]);
}

static void freeze_belayd(struct session *session) {
    freeze_or_thaw(session, &session->part[PART_BELAYD]);
}

static void freeze_console(struct session *session) {
    freeze_or_thaw(session, &session->part[PART_CONSOLE]);
}

static void quit(struct session *session) {
    session->ends = true;
}

static void print_keys(struct session *session);

static const struct key {
    char key;
    void (*act)(struct session *session);
    const char *what;
} keys[] = {
    {'e', press_first, "presses the first E-stop station of the world file, and releases it"},
    {'E', press_second, "presses the second one, and releases it"},
    {'f', fall, "the climber falls"},
    {'l', sit, "the climber lets go of the wall and sits into the rope"},
    {'s', stand, "the climber takes hold of the wall and stands"},
    {'b', kill_belayd, "kills belayd, and starts it again"},
    {'B', freeze_belayd, "freezes belayd, and lets it go on"},
    {'m', kill_sim, "kills the simulator (every device is gone), and starts it again as a new world"},
    {'M', freeze_sim, "freezes the simulator (every device is silent), and lets it go on"},
    {'c', kill_console, "kills the console, and starts it again"},
    {'C', freeze_console, "freezes the console, and lets it go on"},
    {'?', print_keys, "these keys"},
    {'q', quit, "ends the rehearsal, as closing the console does"},
};

static void print_keys(struct session *session) {
    director_say(session->director, "Keys in this terminal:");
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        printf("             %c  %s\n", keys[i].key, keys[i].what);
}

/* Single keys, where standard input is the terminal that this program has; Ctrl-C stays a signal. */
static void open_keys(struct session *session) {
    session->has_keys = isatty(STDIN_FILENO) && tcgetpgrp(STDIN_FILENO) == getpgrp() &&
                        tcgetattr(STDIN_FILENO, &session->terminal) == 0;
    if (!session->has_keys)
        return;
    struct termios single = session->terminal;
    single.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &single);
    print_keys(session);
}

static void close_keys(const struct session *session) {
    if (session->has_keys)
        tcsetattr(STDIN_FILENO, TCSANOW, &session->terminal);
}

static void take_key(struct session *session) {
    struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
    char pressed;
    if (!session->has_keys || poll(&wait, 1, 0) <= 0)
        return;
    if (read(STDIN_FILENO, &pressed, 1) != 1) {
        session->has_keys = errno == EINTR;
        return;
    }
    size_t i = 0;
    while (i < sizeof keys / sizeof keys[0] && keys[i].key != pressed)
        i++;
    if (i < sizeof keys / sizeof keys[0])
        keys[i].act(session);
    else
        director_say(session->director, "Key ? lists the keys.");
}

/* ---- the session ---- */

static bool began(struct session *session) {
    struct director *director = session->director;
    director_step_begin(director, "The simulator and the controller start.");
    int64_t begun_us = clock_now_us();
    bool started = start_sim(session) && start_belayd(session);
    if (!director_step_end(director, begun_us, started) || !start_console(session))
        return false;
    for (int i = 0; i < PART_COUNT; i++)
        session->part[i].running = session->part[i].child->may_end = true;
    return true;
}

bool session_play(struct director *director) {
    struct session session = {
        .director = director,
        .part = {[PART_SIM] = {&director->sim, start_sim, lost_sim, "m", false, false},
                 [PART_BELAYD] = {&director->belayd, start_belayd, lost_belayd, "b", false, false},
                 [PART_CONSOLE] = {&director->console, start_console, lost_console, "c", false, false}}};
    if (!began(&session))
        return false;
    director_say(director, "The console opens. Arm, press GO for cue 1, then hold: the climber waits for the rope.");
    director_say(director, "Close the console to end.");
    open_keys(&session);
    director->doing = "rehearsing";
    while (!session.ends && director_pump(director, clock_now_us() + PASS_US)) {
        for (int i = 0; i < PART_COUNT; i++)
            look_after(&session, &session.part[i]);
        if (answers(&session))
            climber_pass(director, &session.climber);
        take_key(&session);
        forgive(&session);
    }
    director->doing = NULL;
    close_keys(&session);
    return !director->failed;
}
