/* The subcommands that are one request: arm, disarm, reset, stop, standby, unlock, recover, clear, mode, load. */
#include <assert.h>
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/cli/cli.h"

/* --- a command that changes nothing is sent all the same, and says so --------------------------------------------- */

typedef bool idle(const struct msg_telemetry *telemetry, const char *axis);

static const struct msg_telemetry_axis *axis_of(const struct msg_telemetry *telemetry, const char *name) {
    for (int i = 0; name && i < telemetry->axes_count; i++)
        if (strcmp(telemetry->axes[i].name, name) == 0)
            return &telemetry->axes[i];
    return NULL;
}

static bool nothing_latched(const struct msg_telemetry *telemetry, const char *axis) {
    (void)axis;
    return !telemetry->has_first_out && telemetry->faults_count == 0;
}

static bool axis_has_none(const struct msg_telemetry *telemetry, const char *axis) {
    const struct msg_telemetry_axis *now = axis_of(telemetry, axis);
    return now && now->faults_count == 0;
}

/* Not nothing, but what whoever arms must know: a drive that is not armed has torque beside a brake that is not trusted
 * only. */
static bool hangs_on_drive(const struct msg_telemetry *telemetry, const char *axis) {
    for (int i = 0; i < telemetry->axes_count; i++) {
        const struct msg_telemetry_axis *now = &telemetry->axes[i];
        if (strcmp(now->state, "disarmed") == 0 && now->drive_enabled && (!axis || strcmp(now->name, axis) == 0))
            return true;
    }
    return false;
}

static bool nothing_armed(const struct msg_telemetry *telemetry, const char *axis) {
    (void)axis;
    for (int i = 0; i < telemetry->axes_count; i++)
        if (strcmp(telemetry->axes[i].state, "disarmed") != 0 && strcmp(telemetry->axes[i].state, "fault") != 0)
            return false;
    return true;
}

static bool not_in_recovery(const struct msg_telemetry *telemetry, const char *axis) {
    const struct msg_telemetry_axis *now = axis_of(telemetry, axis);
    return now && !now->has_recovery;
}

static bool not_locked(const struct msg_telemetry *telemetry, const char *axis) {
    const struct msg_telemetry_axis *now = axis_of(telemetry, axis);
    return now && !now->line_locked;
}

/* Sends one request; then says `text`, or `idle_text` when `is_idle` said beforehand that nothing would change. */
static int ask_told(struct cli *cli, enum msg_method method, const void *params, const char *text, idle *is_idle,
                    const char *idle_text) {
    const struct belay_message *message;
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_STATE_GET, NULL, &message);
    bool idles = code == CLI_DONE && is_idle && is_idle(&message->result.state_get, cli->argument[0]);
    if (code == CLI_DONE)
        code = cli_call(cli, method, params, &message);
    return code ? code : cli_done(cli, message, idles ? idle_text : text);
}

int simple_run(struct cli *cli) {
    static const struct {
        const char *name;
        enum msg_method method;
        const char *text;
        idle *idle;
        const char *idle_text;
    } rows[] = {
        {"arm", MSG_SAFETY_ARM, "Armed. Nothing moves until `belay go` or `belay jog` holds.", hangs_on_drive,
         "Armed. A line HANGS ON ITS DRIVE, not on its brake: lower it by `belay jog`; nothing else moves it."},
        {"disarm", MSG_SAFETY_DISARM, "Disarmed; what moved is stopping.", nothing_armed, "Nothing was armed."},
        {"reset", MSG_SAFETY_RESET, "Reset. Arm when the stage is clear.", nothing_latched,
         "Nothing was latched. Every axis is DISARMED now."},
    };
    size_t i = 0;
    while (strcmp(rows[i].name, cli->command->name) != 0)
        assert(++i < sizeof rows / sizeof rows[0]);
    return ask_told(cli, rows[i].method, NULL, rows[i].text, rows[i].idle, rows[i].idle_text);
}

/* The greeting comes afterwards: a stop is taken without one, and comes sooner; others are told whose it was. */
int stop_run(struct cli *cli) {
    const struct belay_message *message;
    int code = cli_connect_only(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_SAFETY_STOP, NULL, &message);
    if (code == CLI_DONE) {
        cli_done(cli, message, "Stop taken: whatever moved is stopping. Watch with `belay status`.");
        if (cli->surplus)
            fprintf(stderr, "belay stop takes no '%s': it stopped EVERY axis.\n", cli->surplus);
        cli_greet(cli);
        return CLI_DONE;
    }
    if (!cli->json)
        fputs("THE STOP WAS NOT CONFIRMED. Use the E-stop.\n", stderr);
    return code;
}

int standby_run(struct cli *cli) {
    struct msg_cue_standby params;
    if (strlen(cli->argument[0]) >= sizeof params.cue) {
        fprintf(stderr, "belay standby: '%s' is too long for a cue; `belay status` lists them.\n", cli->argument[0]);
        return CLI_USAGE;
    }
    snprintf(params.cue, sizeof params.cue, "%s", cli->argument[0]);
    const struct belay_message *message;
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_CUE_STANDBY, &params, &message);
    if (code)
        return code;
    char text[64];
    snprintf(text, sizeof text, "Cue %s is on standby.", params.cue);
    return cli_done(cli, message, text);
}

static int name_axis(const struct cli *cli, const char *command, char *axis, size_t size) {
    if (strlen(cli->argument[0]) < size) {
        snprintf(axis, size, "%s", cli->argument[0]);
        return CLI_DONE;
    }
    fprintf(stderr, "belay %s: '%s' is too long for an axis; `belay status` lists them.\n", command, cli->argument[0]);
    return CLI_USAGE;
}

static int ask(struct cli *cli, enum msg_method method, const void *params, const char *text) {
    const struct belay_message *message;
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = cli_call(cli, method, params, &message);
    return code ? code : cli_done(cli, message, text);
}

int unlock_run(struct cli *cli) {
    struct msg_line_unlock params;
    int code = name_axis(cli, "unlock", params.axis, sizeof params.axis);
    char text[96];
    snprintf(text, sizeof text, "The line of %.31s is unlocked.", cli->argument[0]);
    return code ? code : ask_told(cli, MSG_LINE_UNLOCK, &params, text, not_locked, "The line was not locked.");
}

/* `belay arm AXIS`, `belay reset AXIS`. */
static int of_one_axis(struct cli *cli, bool arms) {
    struct msg_axis_arm arm;
    struct msg_axis_reset reset;
    int code = name_axis(cli, cli->command->name, arms ? arm.axis : reset.axis, sizeof arm.axis);
    char text[128], idle_text[96];
    snprintf(idle_text, sizeof idle_text, "Nothing was latched on %.31s. It is DISARMED now.", cli->argument[0]);
    snprintf(text, sizeof text, arms ? "%.31s is armed. Nothing moves until `belay go` or `belay jog` holds."
                                     : "%.31s is reset. Arm it when the stage is clear.", cli->argument[0]);
    if (code)
        return code;
    return arms ? ask_told(cli, MSG_AXIS_ARM, &arm, text, hangs_on_drive,
                           "Armed. It HANGS ON ITS DRIVE, not on its brake: lower it by `belay jog`.")
                : ask_told(cli, MSG_AXIS_RESET, &reset, text, axis_has_none, idle_text);
}

int arm_run(struct cli *cli) {
    return cli->argument[0] ? of_one_axis(cli, true) : simple_run(cli);
}

int reset_run(struct cli *cli) {
    return cli->argument[0] ? of_one_axis(cli, false) : simple_run(cli);
}

static int recover_end(struct cli *cli) {
    struct msg_recovery_end params;
    int code = name_axis(cli, "recover", params.axis, sizeof params.axis);
    char text[96];
    snprintf(text, sizeof text, "The recovery of %.31s ends.", cli->argument[0]);
    return code ? code : ask_told(cli, MSG_RECOVERY_END, &params, text, not_in_recovery, "It was not in recovery.");
}

/* Does the word name it, however a hyphen is written? */
static bool names(const char *word, const char *name) {
    for (; *word; word++) {
        name += *name == '_';
        if (*word == '-' || *word == '_')
            continue;
        if (tolower((unsigned char)*word) != *name++)
            return false;
    }
    return *name == '\0';
}

int recover_run(struct cli *cli) {
    struct msg_recovery_begin params;
    if (strcmp(cli->argument[1], "off") == 0)
        return recover_end(cli);
    int code = name_axis(cli, "recover", params.axis, sizeof params.axis);
    if (code)
        return code;
    static const enum msg_sensor sensors[] = {MSG_SENSOR_LOAD_CELL, MSG_SENSOR_ENCODER, MSG_SENSOR_LIMIT_SWITCH,
                                              MSG_SENSOR_WAY_DOWN};
    for (size_t i = 0; i < sizeof sensors / sizeof sensors[0]; i++) {
        params.without = sensors[i];
        if (!names(cli->argument[1], msg_sensor_name(params.without)))
            continue;
        char text[320];
        snprintf(text, sizeof text,
                 "%s is in recovery without its %s. Next: `belay reset %s`, `belay arm %s`; a second person gives "
                 "`belay clear %s`; then `belay jog %s --speed %s`.",
                 params.axis, msg_sensor_name(params.without), params.axis, params.axis, params.axis, params.axis,
                 params.without == MSG_SENSOR_WAY_DOWN ? "-M_S" : "M_S");
        return ask(cli, MSG_RECOVERY_BEGIN, &params, text);
    }
    fprintf(stderr, "belay recover: '%s' is no sensor; expected load_cell, encoder, limit_switch, way_down or off.\n",
            cli->argument[1]);
    return CLI_USAGE;
}

int clear_run(struct cli *cli) {
    struct msg_recovery_clear params;
    int code = name_axis(cli, "clear", params.axis, sizeof params.axis);
    char text[256];
    snprintf(text, sizeof text,
             "Clear given for %.31s: `belay status` tells how long. Keep looking.\n"
             "belayd tells people apart by their connections alone: clear is for other eyes than those of who moves.",
             cli->argument[0]);
    return code ? code : ask(cli, MSG_RECOVERY_CLEAR, &params, text);
}

static int mode_wrong(const char *text) {
    fprintf(stderr, "belay mode: '%s' is no mode; expected set-up, walk-through PERCENT or show.\n", text);
    return CLI_USAGE;
}

/* "walk-through 25", or "25%": a whole number with nothing else behind it; belayd knows the rungs. */
static int walk_through(struct cli *cli, struct msg_mode_select *params) {
    char *end = NULL, text[128];
    const char *percent = cli->argument[1] ? cli->argument[1] : "";
    params->mode = MSG_OPERATING_MODE_WALK_THROUGH;
    if (!*percent) {
        fputs("belay mode: walk-through: expected a percent of the rig's ladder: `belay mode walk-through 10`.\n",
              stderr);
        return CLI_USAGE;
    }
    params->percent = strtol(percent, &end, 10);
    if (*end == '%')
        end++;
    if (*percent < '0' || *percent > '9' || *end || params->percent > 100) {
        fprintf(stderr, "belay mode: walk-through '%s': expected a percent of the rig's ladder, like 10.\n", percent);
        return CLI_USAGE;
    }
    snprintf(text, sizeof text, "Walk-through at %lld %% of the speeds.", (long long)params->percent);
    return ask(cli, MSG_MODE_SELECT, params, text);
}

int mode_run(struct cli *cli) {
    struct msg_mode_select params = {.mode = MSG_OPERATING_MODE_SETUP};
    if (!cli->argument[0])
        return status_run(cli);
    if (names(cli->argument[0], "walkthrough"))
        return walk_through(cli, &params);
    if (!cli->argument[1] && names(cli->argument[0], "setup"))
        return ask(cli, MSG_MODE_SELECT, &params, "Set-up: jogs at set-up speed, no GO.");
    params.mode = MSG_OPERATING_MODE_SHOW;
    if (!cli->argument[1] && names(cli->argument[0], "show"))
        return ask(cli, MSG_MODE_SELECT, &params, "Show: FULL SPEED.");
    return mode_wrong(cli->argument[0]);
}

/* The whole file, or an error text. */
static const char *read_show(const char *path, char *out, size_t size) {
    FILE *file = fopen(path, "rb");
    if (!file)
        return strerror(errno);
    size_t length = fread(out, 1, size, file);
    bool broken = ferror(file) != 0;
    fclose(file);
    if (broken)
        return "it can't be read";
    if (length == size)
        return "it is longer than 60000 bytes; split the show";
    out[length] = '\0';
    if (memchr(out, '\0', length))
        return "it is not a text file";
    return length > 0 ? NULL : "it is empty";
}

int load_run(struct cli *cli) {
    static struct msg_show_load params;
    const char *path = cli->argument[0];
    if (strlen(path) >= sizeof params.name) {
        fprintf(stderr, "belay load: the path is longer than %zu bytes.\n", sizeof params.name - 1);
        return CLI_USAGE;
    }
    memcpy(params.name, path, strlen(path) + 1);
    const char *wrong = read_show(path, params.text, sizeof params.text);
    if (wrong) {
        fprintf(stderr, "belay load: %s: %s.\n", path, wrong);
        return CLI_USAGE;
    }
    const struct belay_message *message;
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = cli_call(cli, MSG_SHOW_LOAD, &params, &message);
    if (code)
        return code;
    const struct msg_show *show = &message->result.show_load;
    char text[128];
    snprintf(text, sizeof text, "Loaded \"%s\", %d cues:", show->name, show->cues_count);
    cli_done(cli, message, text);
    if (!cli->json)
        text_cues(show->cues, show->cues_count, show->cues_count > 0 ? show->cues[0].id : NULL, stdout);
    return CLI_DONE;
}
