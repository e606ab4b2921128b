/* Command lines, the connection and its errors, for all client subcommands. */
#include "sim/cli/cli.h"

#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/packet.h"

#define PERIOD_DEFAULT_MS 200
#define FOR_MAX_S 86400.0

/* --- command line ------------------------------------------------------------------------------------------------ */

static const struct {
    enum cli_option bit;
    const char *name, *argument, *text;
} option_rows[] = {
    {OPTION_SPEED, "speed", "M_S", "metres per second; positive pays out"},
    {OPTION_FOR, "for", "S", "let go after S seconds"},
    {OPTION_PERIOD, "period", "MS", "20 to 1000 milliseconds between two lines (200)"},
    {OPTION_PROFILES, "profiles", "DIR", "device profiles (" BELAY_PROFILE_DIR ")"},
    {OPTION_OPERATOR, "operator", "NAME", "who does it, for the record"},
    {OPTION_CHANGED, "changed", "PART", "PART was replaced: rope, cell, encoder, drive, brake, estop, switch, sensor"},
    {OPTION_JSON, "json", NULL, "JSON on stdout instead of text"},
    {OPTION_SOCKET, "socket", "PATH", "operate socket of belayd (BELAY_SOCKET, /run/belay/operate,\n"
                                      "                   or belay/operate in $XDG_RUNTIME_DIR)"},
};

static void print_help(const struct cli_command *command, FILE *out) {
    fprintf(out, "usage: belay %s %s%s[OPTIONS]\n\n%c%s.\n", command->name, command->arguments,
            *command->arguments ? " " : "", toupper(command->summary[0]), command->summary + 1);
    if (*command->description)
        fprintf(out, "%s\n", command->description);
    fputs("\n", out);
    for (size_t i = 0; i < sizeof option_rows / sizeof option_rows[0]; i++) {
        if (!(command->options & option_rows[i].bit))
            continue;
        char left[32];
        const char *argument = option_rows[i].argument ? option_rows[i].argument : "";
        snprintf(left, sizeof left, "--%s %s", option_rows[i].name, argument);
        fprintf(out, "  %-16s %s\n", left, option_rows[i].text);
    }
    fputs("  --help           this text\n\n"
          "Exit codes: 0 done, 1 refused or stopped, 2 wrong usage, 3 no connection to belayd.\n", out);
}

static int complain(const struct cli *cli, const char *what, const char *value) {
    fprintf(stderr, "belay %s: %s%s.\nSee belay %s --help.\n", cli->command->name, what, value, cli->command->name);
    return CLI_USAGE;
}

static bool take_number(const char *text, double min, double max, double *out) {
    char *end;
    bool plain = text[strspn(text, "+-.0123456789")] == '\0';
    *out = strtod(text, &end);
    return plain && *text && *end == '\0' && isfinite(*out) && *out >= min && *out <= max;
}

static int take_option(struct cli *cli, enum cli_option option, const char *value) {
    double number = 0;
    switch (option) {
    case OPTION_SOCKET:
        cli->socket = value;
        return CLI_DONE;
    case OPTION_JSON:
        cli->json = true;
        return CLI_DONE;
    case OPTION_PROFILES:
        cli->profiles = value;
        return CLI_DONE;
    case OPTION_OPERATOR:
        cli->operator = value;
        return CLI_DONE;
    case OPTION_CHANGED:
        cli->changed = value;
        return CLI_DONE;
    case OPTION_SPEED:
        cli->has_speed = take_number(value, -50, 50, &cli->speed_m_s);
        return cli->has_speed ? CLI_DONE
                              : complain(cli, "--speed takes metres per second like 0.2 or -0.2, not ", value);
    case OPTION_FOR:
        cli->has_for = take_number(value, 0.001, FOR_MAX_S, &cli->for_s);
        return cli->has_for ? CLI_DONE : complain(cli, "--for takes seconds like 2.5, not ", value);
    case OPTION_PERIOD:
        if (!take_number(value, 20, 1000, &number))
            return complain(cli, "--period takes 20 to 1000 milliseconds, not ", value);
        cli->period_ms = (int)number;
        return CLI_DONE;
    }
    abort(); /* the table has no other option */
}

static int take_arguments(struct cli *cli, int argc, char **argv) {
    int count = argc - optind;
    if (count < cli->command->arguments_min)
        return complain(cli, "needs ", cli->command->arguments);
    const int taken = count < cli->command->arguments_max ? count : cli->command->arguments_max;
    if (count > taken)
        cli->surplus = argv[optind + taken];
    if (cli->surplus && !cli->command->never_wrong)
        return complain(cli, "does not take ", cli->surplus);
    for (int i = 0; i < taken; i++)
        cli->argument[i] = argv[optind + i];
    return CLI_DONE;
}

static int wrong_option(struct cli *cli, const char *option) {
    if (!cli->command->never_wrong)
        return complain(cli, "the options are wrong", "");
    cli->surplus = option;
    return CLI_DONE;
}

/* Returns -1 to go on, else the exit code. */
static int parse(struct cli *cli, int argc, char **argv) {
    enum { ROWS = sizeof option_rows / sizeof option_rows[0] };
    struct option names[ROWS + 2] = {{"help", no_argument, NULL, 'h'}};
    int used = 1;
    for (int i = 0; i < ROWS; i++)
        if (cli->command->options & option_rows[i].bit)
            names[used++] = (struct option){option_rows[i].name,
                                            option_rows[i].argument ? required_argument : no_argument, NULL, 256 + i};
    optind = 1;
    for (int c; (c = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        if (c == 'h') {
            print_help(cli->command, stdout);
            return CLI_DONE;
        }
        int code = c < 256 ? wrong_option(cli, argv[optind - 1]) : take_option(cli, option_rows[c - 256].bit, optarg);
        if (code)
            return code;
    }
    int code = take_arguments(cli, argc, argv);
    return code ? code : -1;
}

int cli_run(const struct cli_command *command, int argc, char **argv) {
    assert(command && argc > 0);
    if (command->run_raw)
        return command->run_raw(argc, argv);
    struct cli cli = {.command = command, .period_ms = PERIOD_DEFAULT_MS, .profiles = BELAY_PROFILE_DIR};
    int code = parse(&cli, argc, argv);
    if (code >= 0)
        return code;
    code = command->run(&cli);
    belay_close(cli.connection);
    return code;
}

/* --- connection -------------------------------------------------------------------------------------------------- */

/* As a packet of the protocol; id 0: none came. */
static void print_error(int64_t id, const char *code, const char *field, const char *text) {
    static char packet[MSG_PACKET_BYTES_MAX];
    json_t *json = json_pack("{s:i, s:I, s:{s:s, s:s, s:s}}", "v", PACKET_VERSION, "id", (json_int_t)id, "error",
                             "code", code, "field", field, "message", text);
    size_t length = json ? json_dumpb(json, packet, sizeof packet, JSON_COMPACT) : 0;
    if (length > 0 && length < sizeof packet)
        printf("%.*s\n", (int)length, packet);
    json_decref(json);
}

int cli_lost(const struct cli *cli, int error) {
    char path[BELAY_SOCKET_PATH_MAX], text[512];
    if (belay_socket_find(cli->socket, false, path) < 0)
        snprintf(path, sizeof path, "%.100s", cli->socket ? cli->socket : "its socket");
    belay_errno_text(error, path, text, sizeof text);
    if (cli->json)
        print_error(0, "no_connection", "", text);
    fprintf(stderr, "belay: %s\n", text);
    return CLI_NO_CONNECTION;
}

int cli_refused(const struct cli *cli, const struct belay_message *message) {
    const struct belay_error *error = &message->error;
    if (cli->json) {
        print_error(message->id, error->code, error->field, error->message);
    } else if (strcmp(error->code, "show") == 0) {
        fprintf(stderr, "%s\nThe show was not loaded; what was loaded before stays.\n", error->message);
    } else {
        fprintf(stderr, "Refused (%s): %s\n", error->code, error->message);
    }
    return CLI_REFUSED;
}

int cli_done(const struct cli *cli, const struct belay_message *message, const char *text) {
    if (!cli->json) {
        puts(text);
        return CLI_DONE;
    }
    static char packet[MSG_PACKET_BYTES_MAX];
    int length = packet_write_result(message->id, message->method, &message->result, packet, sizeof packet);
    if (length > 0)
        puts(packet);
    return CLI_DONE;
}

int cli_call(struct cli *cli, enum msg_method method, const void *params, const struct belay_message **message) {
    int error = belay_call(cli->connection, method, params, CLI_ANSWER_MS, message);
    if (error)
        return cli_lost(cli, error);
    return (*message)->kind == BELAY_ERROR ? cli_refused(cli, *message) : CLI_DONE;
}

int cli_connect_only(struct cli *cli, enum msg_role role) {
    int error = belay_connect(cli->socket, role, &cli->connection);
    return error ? cli_lost(cli, error) : CLI_DONE;
}

int cli_greet(struct cli *cli) {
    struct msg_meta_hello hello = {.major = MSG_MAJOR, .minor = MSG_MINOR};
    snprintf(hello.client, sizeof hello.client, "belay %s", cli->command->name);
    const struct belay_message *message;
    int code = cli_call(cli, MSG_META_HELLO, &hello, &message);
    if (code == CLI_DONE)
        cli->hello = message->result.meta_hello;
    return code;
}

int cli_connect(struct cli *cli, enum msg_role role) {
    int code = cli_connect_only(cli, role);
    return code ? code : cli_greet(cli);
}

void cli_print_telemetry_json(const struct msg_telemetry *telemetry) {
    static char text[MSG_PACKET_BYTES_MAX];
    if (packet_write_params(MSG_STATE_TELEMETRY, telemetry, text, sizeof text) > 0)
        puts(text);
    fflush(stdout);
}
