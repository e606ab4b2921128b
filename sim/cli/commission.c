/* `belay commission`: lists the steps of a line, or guides through one; belayd judges. The process is the hand that
 * holds the jogs of a step. */
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/cli.h"

#define HOLD_PERIOD_US 40000
#define TELEMETRY_MS 20

struct course {
    struct cli *cli;
    struct msg_commission_run run; /* as last told */
    bool known, asking;            /* something is wanted that was not given yet */
    bool holding, jogged, ended;
    bool stopped; /* the press died: by the step, or by something else; the next telemetry tells */
    int64_t press, hold_us;
    bool input_over;
    size_t used;
    char input[256];
};

static volatile sig_atomic_t signals;

static void on_signal(int number) {
    (void)number;
    signals++;
}

/* --- list --------------------------------------------------------------------------------------------------------- */

static void print_step(const struct msg_commission_step *step) {
    char name[48];
    snprintf(name, sizeof name, step->brake > 0 ? "%s %lld" : "%s", step->step, (long long)step->brake);
    printf("  %-8s %-13s %s%s\n", step->state, name, step->title, step->daily ? " (daily)" : "");
    if (*step->time)
        printf("                         %s, %s: %s\n", step->time, step->operator, step->figures);
}

static void print_next(const char *axis, const struct msg_commission_step *step) {
    char brake[24] = "";
    if (step->brake > 0)
        snprintf(brake, sizeof brake, " %lld", (long long)step->brake);
    printf("Next: belay commission %s %s%s --operator NAME\n", axis, step->step, brake);
}

static int list(struct cli *cli, const struct msg_commission_get *params) {
    const struct belay_message *message;
    int code = cli_connect(cli, MSG_ROLE_VIEW);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_COMMISSION_GET, params, &message);
    if (code || cli->json)
        return code ? code : cli_done(cli, message, "");
    const struct msg_commission_get_result *result = &message->result.commission_get;
    if (result->steps_count == 0) {
        printf("The rig asks for no commissioning of %s.\n", params->axis);
        return CLI_DONE;
    }
    printf("Commissioning of %s, daily steps every %lld h; record: %s\n", params->axis, (long long)result->daily_h,
           *result->record ? result->record : "none is kept, this is a rehearsal");
    const struct msg_commission_step *next = NULL;
    for (int i = 0; i < result->steps_count; i++) {
        print_step(&result->steps[i]);
        if (!next && strcmp(result->steps[i].state, "ok") != 0)
            next = &result->steps[i];
    }
    if (next)
        print_next(params->axis, next);
    return CLI_DONE;
}

/* --- the hand ----------------------------------------------------------------------------------------------------- */

static void let_go(struct course *course) {
    if (!course->holding)
        return;
    course->holding = course->jogged = false;
    belay_send_permission_end(course->cli->connection, &(struct msg_permission_end){.press = course->press});
}

static void take_hold(struct course *course) {
    course->press++;
    course->hold_us = 0;
    course->holding = true;
    course->jogged = false;
}

static void renew(struct course *course, int64_t now_us) {
    if (!course->holding || now_us < course->hold_us)
        return;
    course->hold_us = now_us + HOLD_PERIOD_US;
    struct msg_permission_hold params = {.press = course->press, .t_us = now_us};
    if (belay_send_permission_hold(course->cli->connection, &params) < 0)
        let_go(course);
}

static void jog(struct course *course) {
    struct msg_axis_jog params = {.press = course->press, .speed_m_s = course->run.jog_m_s};
    memcpy(params.axis, course->run.axis, sizeof params.axis);
    course->jogged = true;
    belay_send_axis_jog(course->cli->connection, &params);
}

/* --- what is wanted ----------------------------------------------------------------------------------------------- */

static void prompt(struct course *course) {
    const char *wants = course->run.wants;
    course->asking = strcmp(wants, "nothing") != 0;
    if (course->cli->json || !course->asking)
        return;
    fputs(strcmp(wants, "yes") == 0      ? "  yes (no fails the step): "
          : strcmp(wants, "number") == 0 ? "  figure: "
                                         : "  Enter holds, Ctrl-C lets go. ",
          stdout);
    fflush(stdout);
}

static void again(struct course *course, const char *why) {
    if (!course->cli->json)
        printf("\n  %s\n", why);
    prompt(course);
}

static bool stop_pends(const struct msg_telemetry_axis *axis) {
    return (axis->has_payout_refusal && strcmp(axis->payout_refusal.name, "stop_pending") == 0) ||
           (axis->has_takein_refusal && strcmp(axis->takein_refusal.name, "stop_pending") == 0);
}

/* The step may yet find what it waits for when the drum stands. */
static bool on_the_way(const struct msg_telemetry *telemetry, const char *name) {
    static const char *const ways[] = {"enabling", "opening", "running", "stopping", "closing", "releasing"};
    for (int i = 0; i < telemetry->axes_count; i++)
        for (size_t j = 0; strcmp(telemetry->axes[i].name, name) == 0 && j < sizeof ways / sizeof ways[0]; j++)
            if (strcmp(telemetry->axes[i].state, ways[j]) == 0 || stop_pends(&telemetry->axes[i]))
                return true;
    return false;
}

static void take_run(struct course *course, const struct msg_telemetry *telemetry) {
    const struct msg_commission_run *run = &telemetry->commission;
    bool same = course->known && strcmp(run->wants, course->run.wants) == 0 &&
                strcmp(run->text, course->run.text) == 0 && run->ended == course->run.ended;
    course->run = *run;
    course->known = true;
    course->ended = run->ended;
    if (strcmp(run->wants, "jog") != 0)
        let_go(course);
    bool stopped = course->stopped && same && !run->ended;
    if (stopped && on_the_way(telemetry, run->axis))
        return;
    course->stopped = false;
    if (stopped)
        again(course, "It was stopped: see belay status.");
    if (same || run->ended)
        return;
    if (!course->cli->json)
        printf("\n%s\n", run->text);
    prompt(course);
}

static void give_answer(struct course *course, double value) {
    course->asking = false;
    belay_send_commission_answer(course->cli->connection, &(struct msg_commission_answer){.value = value});
}

static void take_line(struct course *course, const char *line) {
    if (strcmp(course->run.wants, "jog") == 0) {
        course->asking = false;
        take_hold(course);
    } else if (strcmp(course->run.wants, "yes") == 0) {
        if (strcmp(line, "yes") != 0 && strcmp(line, "y") != 0 && strcmp(line, "no") != 0 && strcmp(line, "n") != 0)
            again(course, "Write yes or no.");
        else
            give_answer(course, *line == 'y' ? 1 : 0);
    } else {
        char *end;
        double value = strtod(line, &end);
        if (*line == '\0' || *end != '\0' || !isfinite(value) || fabs(value) > 1e6 || strpbrk(line, "xXpP"))
            again(course, "Write a figure like 12.5.");
        else if (value <= 0 && strcmp(course->run.step, "marks") != 0) /* weighed or counted; a place may be 0 */
            again(course, "Write a figure above zero.");
        else
            give_answer(course, value);
    }
}

/* One line of what was typed, when something is wanted. */
static void take_input(struct course *course) {
    char *end = memchr(course->input, '\n', course->used);
    if (!course->asking || !end)
        return;
    char line[sizeof course->input];
    size_t length = (size_t)(end - course->input);
    memcpy(line, course->input, length);
    line[length] = '\0';
    course->used -= length + 1;
    memmove(course->input, end + 1, course->used);
    take_line(course, line);
}

static void read_input(struct course *course) {
    if (course->used == sizeof course->input)
        course->used = 0; /* no answer is as long */
    ssize_t got = read(STDIN_FILENO, course->input + course->used, sizeof course->input - course->used);
    if (got > 0)
        course->used += (size_t)got;
    else if (got == 0 || errno != EINTR)
        course->input_over = true;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void take_reply(struct course *course, const struct belay_message *message) {
    bool hand = message->kind == BELAY_RESULT && message->method == MSG_PERMISSION_HOLD;
    if (message->kind == BELAY_ERROR) {
        if (!course->holding)
            return; /* of a hold that was let go */
        let_go(course);
        again(course, message->error.message);
    } else if (hand && course->holding && !message->result.permission_hold.alive) {
        let_go(course);
        course->stopped = true;
    } else if (hand && course->holding && !course->jogged) {
        jog(course);
    }
}

static int take_messages(struct course *course) {
    const struct belay_message *message;
    int taken;
    while ((taken = belay_dispatch(course->cli->connection, &message)) == 1) {
        if (message->kind != BELAY_EVENT)
            take_reply(course, message);
        else if (message->event == MSG_STATE_TELEMETRY && message->event_params.state_telemetry.has_commission)
            take_run(course, &message->event_params.state_telemetry);
    }
    return taken;
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static int report(const struct course *course) {
    const struct msg_commission_run *run = &course->run;
    if (course->cli->json)
        printf("{\"step\":\"%s\",\"passed\":%s}\n", run->step, run->passed ? "true" : "false");
    else
        printf("\n%s: %s: %s\n", run->passed ? "PASSED" : "NOT PASSED", run->step, run->text);
    return run->passed ? CLI_DONE : CLI_REFUSED;
}

/* Ctrl-C first lets go; with nothing held it gives the step up, and so does the end of what is typed. */
static void take_signals(struct course *course) {
    static int taken;
    bool over = course->input_over && course->asking && !memchr(course->input, '\n', course->used);
    if (signals == taken && !over)
        return;
    bool held = course->holding;
    taken = signals;
    let_go(course);
    if (held && !over)
        again(course, "Let go.");
    else
        belay_send_commission_end(course->cli->connection);
}

static void wait_for_both(struct course *course, int64_t now_us) {
    struct pollfd wait[] = {{.fd = belay_fd(course->cli->connection), .events = POLLIN},
                            {.fd = course->input_over ? -1 : STDIN_FILENO, .events = POLLIN}};
    int64_t left_us = course->holding ? course->hold_us - now_us : HOLD_PERIOD_US;
    poll(wait, 2, left_us <= 0 ? 0 : (int)(left_us / 1000) + 1);
    if (wait[1].revents)
        read_input(course);
}

static int loop(struct course *course) {
    while (!course->ended) {
        int64_t now_us = belay_now_us();
        take_signals(course);
        renew(course, now_us);
        wait_for_both(course, now_us);
        int error = take_messages(course);
        if (error)
            return cli_lost(course->cli, error);
        take_input(course);
    }
    return report(course);
}

static int guide(struct cli *cli, const struct msg_commission_begin *params) {
    static struct course course;
    const struct belay_message *message;
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
    course = (struct course){.cli = cli};
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_COMMISSION_BEGIN, params, &message);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_STATE_SUBSCRIBE, &(struct msg_state_subscribe){.period_ms = TELEMETRY_MS}, &message);
    return code ? code : loop(&course);
}

static int changed(struct cli *cli, const struct msg_commission_changed *params) {
    const struct belay_message *message;
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_COMMISSION_CHANGED, params, &message);
    return code ? code
                : cli_done(cli, message,
                           "Noted. What depends on it must be done again: belay commission AXIS. The moves of the axis "
                           "climb the ladder anew.");
}

/* False when a text is longer than the protocol takes, or missing. */
#define TEXT_BYTES_MIN 2 /* as in the protocol */

static bool take_text(const char *text, const char *what, char *out, size_t size) {
    if (text && strlen(text) >= TEXT_BYTES_MIN && strlen(text) < size) {
        memcpy(out, text, strlen(text) + 1);
        return true;
    }
    fprintf(stderr, "belay commission: it needs %s, %d to %zu bytes. See belay commission --help.\n", what,
            TEXT_BYTES_MIN, size - 1);
    return false;
}

int commission_run(struct cli *cli) {
    struct msg_commission_get listed;
    struct msg_commission_begin begin = {.brake = 0};
    struct msg_commission_changed change;
    if (!take_text(cli->argument[0], "the name of an axis", listed.axis, sizeof listed.axis))
        return CLI_USAGE;
    memcpy(begin.axis, listed.axis, sizeof begin.axis);
    memcpy(change.axis, listed.axis, sizeof change.axis);
    if (cli->argument[1] && cli->changed) {
        fputs("belay commission: a step and --changed exclude each other.\n", stderr);
        return CLI_USAGE;
    }
    if (!cli->argument[1] && !cli->changed)
        return list(cli, &listed);
    if (!take_text(cli->operator, "--operator and the name of who does it", begin.operator, sizeof begin.operator))
        return CLI_USAGE;
    memcpy(change.operator, begin.operator, sizeof change.operator);
    if (cli->changed)
        return take_text(cli->changed, "a part", change.part, sizeof change.part) ? changed(cli, &change) : CLI_USAGE;
    if (!take_text(cli->argument[1], "a step", begin.step, sizeof begin.step))
        return CLI_USAGE;
    if (strcmp(begin.step, "brake_hold") == 0 && !cli->argument[2]) {
        fputs("belay commission: brake_hold needs the number of the brake: brake_hold 1, or brake_hold 2.\n", stderr);
        return CLI_USAGE;
    }
    begin.brake = cli->argument[2] ? strtol(cli->argument[2], NULL, 10) : 0;
    return guide(cli, &begin);
}
