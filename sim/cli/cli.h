/* What the client subcommands of `belay` share: options, the connection, texts for people. One thread. */
#ifndef BELAY_SIM_CLI_CLI_H
#define BELAY_SIM_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "protocol/belay.h"

#define CLI_ARGUMENTS_MAX 3
#define CLI_ANSWER_MS 2000
#define CLI_LINE_MAX 640
#define CLI_WHY_MAX 192

enum cli_exit { CLI_DONE = 0, CLI_REFUSED = 1, CLI_USAGE = 2, CLI_NO_CONNECTION = 3 };

/* Options that a subcommand may have; bits. */
enum cli_option {
    OPTION_SOCKET = 1,
    OPTION_JSON = 2,
    OPTION_SPEED = 4,
    OPTION_FOR = 8,
    OPTION_PERIOD = 16,
    OPTION_PROFILES = 32,
    OPTION_OPERATOR = 64,
    OPTION_CHANGED = 128
};

/* A parsed command line and, once connected, the other end. */
struct cli {
    const struct cli_command *command;
    const char *argument[CLI_ARGUMENTS_MAX]; /* NULL = not given */
    const char *socket;
    bool json;
    bool has_speed, has_for;
    double speed_m_s, for_s;
    int period_ms;
    const char *profiles;
    const char *operator, *changed; /* NULL = not given */
    const char *surplus; /* what a command that is never wrong does not take; NULL = nothing */
    struct belay_connection *connection;
    struct msg_meta_hello_result hello;
};

struct cli_command {
    const char *name, *arguments, *summary, *description; /* for --help */
    unsigned options; /* enum cli_option bits */
    int arguments_min, arguments_max;
    bool never_wrong; /* runs whatever else the line says; `surplus` of struct cli has it */
    int (*run)(struct cli *cli);               /* returns enum cli_exit */
    int (*run_raw)(int argc, char **argv);     /* instead: parses its own command line */
};

/* Parses the command line of `command`, runs it, closes the connection. Returns the exit code. */
int cli_run(const struct cli_command *command, int argc, char **argv);

/* Connects and greets. Returns CLI_DONE, or CLI_NO_CONNECTION or CLI_REFUSED with the reason printed. */
int cli_connect(struct cli *cli, enum msg_role role);
/* The same without the greeting. */
int cli_connect_only(struct cli *cli, enum msg_role role);
/* Only the greeting. */
int cli_greet(struct cli *cli);
/* Sends one request and waits; prints a refusal with its remedy. Returns CLI_DONE with `*message` a result, else an
 * exit code. */
int cli_call(struct cli *cli, enum msg_method method, const void *params, const struct belay_message **message);
/* Prints why the connection failed, and returns CLI_NO_CONNECTION. */
int cli_lost(const struct cli *cli, int error);
/* Prints a refusal, as JSON or for people, and returns CLI_REFUSED. */
int cli_refused(const struct cli *cli, const struct belay_message *message);
/* Says that a command was done: `text` for people, the packet with its result for --json. Returns CLI_DONE. */
int cli_done(const struct cli *cli, const struct belay_message *message, const char *text);
/* Telemetry as one JSON line on stdout. */
void cli_print_telemetry_json(const struct msg_telemetry *telemetry);

/* --- text.c ----------------------------------------------------------------------------------------------------- */

/* "12.345 m", "12.345 m STALE 340 ms", "no reading". */
void text_value(const struct msg_value *value, const char *unit, int digits, char *out, size_t size);
/* The machine in one line: state, hold, each axis. */
void text_line(const struct msg_telemetry *telemetry, char out[CLI_LINE_MAX]);
/* The whole state, for people. `show` may be NULL; `now_us` judges whether belayd itself is silent. */
void text_status(const struct msg_meta_hello_result *hello, const struct msg_telemetry *telemetry,
                 const struct msg_show_get_result *show, int64_t now_us, FILE *out);
/* How the last motion ended, and by whom: "STOPPED by session 4 (belay stop)". */
void text_stop(const struct msg_last_stop *stop, char out[CLI_WHY_MAX]);
/* One line for each cue. `standby` may be NULL. */
void text_cues(const struct msg_cue *cues, int count, const char *standby, FILE *out);
/* Prints `line` over the last one on a terminal; elsewhere only when `important` or a second after the last. */
void text_live(const char *line, bool important, int64_t now_us);
/* Ends the live line. */
void text_live_end(void);

/* --- the subcommands; each returns enum cli_exit ---------------------------------------------------------------- */

/* Looks only. */
int status_run(struct cli *cli);
int watch_run(struct cli *cli);
/* One request each. */
int simple_run(struct cli *cli);
int stop_run(struct cli *cli);
int standby_run(struct cli *cli);
/* One request about every axis, or about the one that is named. */
int arm_run(struct cli *cli);
int reset_run(struct cli *cli);
/* One request about one axis. */
int unlock_run(struct cli *cli);
int recover_run(struct cli *cli);
int clear_run(struct cli *cli);
/* Set-up, walk-through, show; without an argument what status says. */
int mode_run(struct cli *cli);
/* Sends a show file. */
int load_run(struct cli *cli);
/* Hold for as long as they run. */
int go_run(struct cli *cli);
int jog_run(struct cli *cli);
/* Shows the steps of commissioning, runs one, or voids those of a part. */
int commission_run(struct cli *cli);
/* Reads rig and show files, needs no belayd. */
int check_run(struct cli *cli);

#endif
