/* `belay status` and `belay watch`: they look and never command. */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "sim/cli/cli.h"

int status_run(struct cli *cli) {
    int code = cli_connect(cli, MSG_ROLE_VIEW);
    if (code)
        return code;
    const struct belay_message *message;
    static struct msg_show_get_result show;
    static struct msg_telemetry telemetry;
    code = cli_call(cli, MSG_SHOW_GET, NULL, &message);
    if (code)
        return code;
    show = message->result.show_get;
    code = cli_call(cli, MSG_STATE_GET, NULL, &message);
    if (code)
        return code;
    telemetry = message->result.state_get;
    if (cli->json)
        cli_print_telemetry_json(&telemetry);
    else
        text_status(&cli->hello, &telemetry, &show, belay_now_us(), stdout);
    return CLI_DONE;
}

static volatile sig_atomic_t ended;

static void on_signal(int number) {
    (void)number;
    ended = 1;
}

static void show_event(const struct cli *cli, const struct msg_telemetry *telemetry) {
    static char last_state[32];
    if (cli->json) {
        cli_print_telemetry_json(telemetry);
        return;
    }
    char line[CLI_LINE_MAX];
    text_line(telemetry, line);
    text_live(line, strcmp(last_state, telemetry->state) != 0, belay_now_us());
    memcpy(last_state, telemetry->state, sizeof last_state);
}

int watch_run(struct cli *cli) {
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    const struct belay_message *message;
    int code = cli_connect(cli, MSG_ROLE_VIEW);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_STATE_SUBSCRIBE, &(struct msg_state_subscribe){.period_ms = cli->period_ms}, &message);
    while (code == CLI_DONE && !ended) {
        struct pollfd wait = {.fd = belay_fd(cli->connection), .events = POLLIN};
        poll(&wait, 1, 200);
        int taken;
        while ((taken = belay_dispatch(cli->connection, &message)) == 1)
            if (message->kind == BELAY_EVENT && message->event == MSG_STATE_TELEMETRY)
                show_event(cli, &message->event_params.state_telemetry);
        if (taken < 0) {
            text_live_end();
            code = cli_lost(cli, taken);
        }
    }
    text_live_end();
    return code;
}
