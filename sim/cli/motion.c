/* `belay go` and `belay jog`: the process is the hand on the hold-to-run control. */
#include <assert.h>
#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <string.h>

#include "sim/cli/cli.h"

#define PRESS 1               /* a session of its own for each command, so the first press is the only one */
#define HOLD_PERIOD_US 40000
#define TELEMETRY_MS 50
#define STANDS_M_S 0.005       /* noise of a drum that its drive holds */
#define STAND_WAIT_US 8000000 /* for the ramp and the brake after letting go */

enum phase {
    PHASE_PRESSING, /* the first renewal has not been answered */
    PHASE_ASKED,    /* GO or jog was sent */
    PHASE_MOVING,   /* accepted */
    PHASE_ENDING    /* let go or dead: waiting until everything stands */
};

struct motion {
    struct cli *cli;
    enum phase phase;
    enum msg_method method; /* MSG_CUE_GO or MSG_AXIS_JOG */
    struct msg_cue cue;
    struct msg_axis_jog jog;
    int64_t begun_us, hold_us, ending_us;
    bool by_others;         /* it ended, but not by this hand */
    bool ran;               /* accepted at least once */
    bool refused;           /* and said so: what others move meanwhile is not waited for */
    int code;               /* exit code, once ending */
    int signals;            /* come till then: one more ends the wait */
    const char *why;        /* how it ended, for people */
    bool standing;
    struct msg_telemetry telemetry;
    bool has_telemetry;
};

static volatile sig_atomic_t signals;

static void on_signal(int number) {
    (void)number;
    signals++;
}

/* --- ending ------------------------------------------------------------------------------------------------------- */

static void end(struct motion *motion, int code, const char *why) {
    if (motion->phase == PHASE_ENDING)
        return;
    motion->phase = PHASE_ENDING;
    motion->code = code;
    motion->signals = signals;
    motion->why = why;
    motion->ending_us = belay_now_us();
    belay_send_permission_end(motion->cli->connection, &(struct msg_permission_end){.press = PRESS});
}

static const struct msg_telemetry_axis *axis_of(const struct motion *motion) {
    const char *name = motion->method == MSG_CUE_GO ? motion->cue.axis : motion->jog.axis;
    for (int i = 0; i < motion->telemetry.groups_count; i++)
        if (strcmp(motion->telemetry.groups[i].name, name) == 0)
            name = motion->telemetry.groups[i].axis;
    for (int i = 0; i < motion->telemetry.axes_count; i++)
        if (strcmp(motion->telemetry.axes[i].name, name) == 0)
            return &motion->telemetry.axes[i];
    return NULL;
}

/* The press died without us: belayd's newest telemetry will say why. */
static void end_by_others(struct motion *motion) {
    motion->by_others = motion->phase != PHASE_ENDING;
    end(motion, CLI_REFUSED, "STOPPED");
}

/* What belayd would answer now; NULL = it would accept. */
static const struct msg_refusal *refusal_of(const struct motion *motion) {
    if (motion->method == MSG_CUE_GO)
        return motion->telemetry.has_go_refusal ? &motion->telemetry.go_refusal : NULL;
    const struct msg_telemetry_axis *axis = axis_of(motion);
    if (!axis)
        return NULL;
    if (motion->jog.speed_m_s > 0)
        return axis->has_payout_refusal ? &axis->payout_refusal : NULL;
    return axis->has_takein_refusal ? &axis->takein_refusal : NULL;
}

/* It may have ended a moment before this hand let go; belayd knows. */
static bool ended_before(const struct motion *motion) {
    const struct msg_telemetry *telemetry = &motion->telemetry;
    const struct msg_last_stop *stop = &telemetry->last_stop;
    bool fresh = motion->has_telemetry && telemetry->t_us > motion->ending_us && telemetry->has_last_stop;
    bool by_this_hand = strcmp(stop->what, "released") == 0 && stop->session == motion->cli->hello.session;
    return motion->ran && fresh && !by_this_hand;
}

static void learn_why(struct motion *motion) {
    static char why[CLI_WHY_MAX];
    motion->by_others = motion->by_others || ended_before(motion);
    if (!motion->by_others || !motion->has_telemetry)
        return;
    if (!motion->ran) { /* the last stop is of somebody else's motion, or of an earlier one */
        const struct msg_refusal *refusal = refusal_of(motion);
        snprintf(why, sizeof why, "Not run: %s", refusal ? refusal->text : "The hold was not accepted.");
        motion->why = why;
        return;
    }
    if (!motion->telemetry.has_last_stop)
        return;
    const struct msg_last_stop *stop = &motion->telemetry.last_stop;
    const char *what = stop->what;
    text_stop(stop, why);
    if (strcmp(what, "expired") == 0 && stop->session == motion->cli->hello.session)
        snprintf(why, sizeof why, "STOPPED: this command did not renew its own hold in time (suspended, or a busy "
                                  "computer)");
    motion->why = why;
    bool done = strcmp(what, "arrived") == 0 || strcmp(what, "slack") == 0;
    motion->code = done ? CLI_DONE : CLI_REFUSED;
}

/* --- messages ----------------------------------------------------------------------------------------------------- */

static void ask_for_motion(struct motion *motion) {
    int64_t sent;
    if (motion->method == MSG_CUE_GO) {
        struct msg_cue_go go = {.press = PRESS};
        memcpy(go.cue, motion->cue.id, sizeof go.cue);
        sent = belay_send_cue_go(motion->cli->connection, &go);
    } else {
        sent = belay_send_axis_jog(motion->cli->connection, &motion->jog);
    }
    motion->phase = PHASE_ASKED;
    if (sent < 0)
        end(motion, CLI_NO_CONNECTION, "The command could not be sent");
}

/* Not before: a jog that is refused pays nothing out. */
static void say_granted(const struct motion *motion, const struct msg_axis_jog_result *result) {
    const struct msg_axis_jog *jog = &motion->jog;
    if (motion->cli->json || motion->method != MSG_AXIS_JOG)
        return;
    double asked_m_s = fabs(jog->speed_m_s);
    double runs_m_s = result->has_speed_m_s ? fabs(result->speed_m_s) : asked_m_s;
    text_live_end();
    printf("%s %s at %.2f m/s", jog->speed_m_s > 0 ? "Paying out" : "Taking in", jog->axis, runs_m_s);
    if (runs_m_s < asked_m_s - 0.0005)
        printf(", the most of this operating mode (asked: %.2f)", asked_m_s);
    printf(". Ctrl-C lets go.\n");
}

static void take_reply(struct motion *motion, const struct belay_message *message) {
    bool refused = message->kind == BELAY_ERROR;
    if (motion->phase == PHASE_ENDING)
        return;
    if (refused) {
        text_live_end();
        cli_refused(motion->cli, message);
        motion->refused = !motion->ran;
        end(motion, CLI_REFUSED, "Not run");
    } else if (message->method == motion->method) {
        motion->phase = PHASE_MOVING;
        motion->ran = true;
        say_granted(motion, &message->result.axis_jog);
    } else if (message->method == MSG_PERMISSION_HOLD) {
        if (!message->result.permission_hold.alive)
            end_by_others(motion);
        else if (motion->phase == PHASE_PRESSING)
            ask_for_motion(motion);
    }
}

/* Beside a brake that is not trusted, at speed 0, until the line is unlocked. */
static bool held_by_drive(const struct msg_telemetry_axis *axis) {
    bool rests = strcmp(axis->state, "fault") == 0 || strcmp(axis->state, "disarmed") == 0 ||
                 strcmp(axis->state, "armed") == 0;
    return rests && axis->drive_enabled && axis->speed_m_s.has_value && fabs(axis->speed_m_s.value) < STANDS_M_S;
}

static bool stands(const struct msg_telemetry_axis *axis) {
    return held_by_drive(axis) || (!axis->drive_enabled && axis->has_brake_open && !axis->brake_open);
}

static void take_telemetry(struct motion *motion, const struct msg_telemetry *telemetry) {
    static char last_state[32];
    motion->telemetry = *telemetry;
    motion->has_telemetry = true;
    bool moves = strcmp(telemetry->state, "running") == 0 || strcmp(telemetry->state, "stopping") == 0;
    for (int i = 0; i < telemetry->axes_count; i++)
        moves = moves || !stands(&telemetry->axes[i]);
    motion->standing = !moves;
    if (motion->cli->json) {
        cli_print_telemetry_json(telemetry);
    } else {
        char line[CLI_LINE_MAX];
        text_line(telemetry, line);
        text_live(line, strcmp(last_state, telemetry->state) != 0, belay_now_us());
    }
    memcpy(last_state, telemetry->state, sizeof last_state);
}

static int take_messages(struct motion *motion) {
    const struct belay_message *message;
    int taken;
    while ((taken = belay_dispatch(motion->cli->connection, &message)) == 1) {
        if (message->kind != BELAY_EVENT)
            take_reply(motion, message);
        else if (message->event == MSG_STATE_TELEMETRY)
            take_telemetry(motion, &message->event_params.state_telemetry);
    }
    return taken;
}

/* --- the loop ----------------------------------------------------------------------------------------------------- */

static void hold(struct motion *motion, int64_t now_us) {
    if (now_us < motion->hold_us)
        return;
    motion->hold_us = now_us + HOLD_PERIOD_US;
    struct msg_permission_hold params = {.press = PRESS, .t_us = now_us};
    if (belay_send_permission_hold(motion->cli->connection, &params) < 0)
        end(motion, CLI_NO_CONNECTION, "The hold could not be renewed");
}

static bool finished(const struct motion *motion, int64_t now_us) {
    if (motion->phase != PHASE_ENDING)
        return false;
    bool old = now_us - motion->ending_us > 2 * TELEMETRY_MS * 1000; /* telemetry from before the end does not count */
    if (motion->refused)
        return old; /* its replies have come, and belayd sees an orderly end */
    return (old && motion->standing) || now_us - motion->ending_us > STAND_WAIT_US ||
           signals > motion->signals;
}

/* A fault in the ramp of a stop leaves the stop's cause as it was, and is no success all the same. */
static bool faulted(const struct motion *motion) {
    const struct msg_telemetry_axis *axis = axis_of(motion);
    bool fresh = motion->has_telemetry && motion->telemetry.t_us > motion->ending_us;
    return motion->ran && fresh && axis && axis->faults_count > 0;
}

static const char *stand_words(const struct motion *motion) {
    const struct msg_telemetry_axis *axis = axis_of(motion);
    if (!motion->standing && axis && axis->speed_m_s.quality != MSG_QUALITY_GOOD)
        return "MAY NOT STAND, its readings are gone: look at the drum";
    if (!motion->standing)
        return "DOES NOT STAND YET: watch it";
    return axis && held_by_drive(axis) ? "at standstill, HELD BY ITS DRIVE beside the brake" : "at standstill";
}

static int report(struct motion *motion, int64_t now_us) {
    learn_why(motion);
    bool fault = faulted(motion);
    motion->code = fault && motion->code == CLI_DONE ? CLI_REFUSED : motion->code;
    text_live_end();
    const struct msg_telemetry_axis *axis = axis_of(motion);
    char position[48] = "not known";
    if (axis)
        text_value(&axis->position_m, "m", 3, position, sizeof position);
    if (motion->cli->json) {
        printf("{\"ended\":\"%s\",\"done\":%s,\"standing\":%s}\n", motion->why,
               motion->code == CLI_DONE ? "true" : "false", motion->standing ? "true" : "false");
    } else if (motion->refused) {
        puts("Not run.");
    } else {
        if (motion->by_others && !motion->ran)
            printf("%s", motion->why);
        else
            printf("%s after %.1f s.", motion->why, (double)(now_us - motion->begun_us) / 1e6);
        printf(" Winch%s%s %s; position: %s.%s\n", axis ? " " : "", axis ? axis->name : "", stand_words(motion),
               position,
               fault ? " A FAULT is latched: `belay status`." : "");
    }
    return motion->code;
}

static int loop(struct motion *motion) {
    struct cli *cli = motion->cli;
    motion->begun_us = belay_now_us();
    for (;;) {
        int64_t now_us = belay_now_us();
        if (signals > 0)
            end(motion, CLI_DONE, "Let go");
        if (cli->has_for && (double)(now_us - motion->begun_us) / 1e6 >= cli->for_s)
            end(motion, CLI_DONE, "Let go, time over");
        if (motion->phase != PHASE_ENDING)
            hold(motion, now_us);
        if (finished(motion, now_us))
            return report(motion, now_us);
        struct pollfd wait = {.fd = belay_fd(cli->connection), .events = POLLIN};
        int64_t wait_us = motion->hold_us - now_us;
        poll(&wait, 1, motion->phase == PHASE_ENDING || wait_us > HOLD_PERIOD_US ? 20 : wait_us < 0 ? 0
                                                                                 : (int)(wait_us / 1000) + 1);
        int error = take_messages(motion);
        if (error) {
            text_live_end();
            return cli_lost(cli, error);
        }
    }
}

/* Ctrl-C, kill and a closed terminal let go; SIGKILL and a suspended process do so by the permission's end. */
static void catch_signals(void) {
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

static int run(struct motion *motion) {
    const struct belay_message *message;
    catch_signals();
    int code = cli_call(motion->cli, MSG_STATE_SUBSCRIBE, &(struct msg_state_subscribe){.period_ms = TELEMETRY_MS},
                        &message);
    return code ? code : loop(motion);
}

/* --- go ----------------------------------------------------------------------------------------------------------- */

/* The cue that was asked for, or the standby cue, into `cue`; `before` is the standby cue as it is, "" when none. */
static int choose_cue(struct cli *cli, struct msg_cue *cue, struct msg_cue_standby *before) {
    const struct belay_message *message;
    int code = cli_call(cli, MSG_STATE_GET, NULL, &message);
    if (code)
        return code;
    memcpy(before->cue, message->result.state_get.standby_cue, sizeof before->cue);
    char wanted[sizeof cue->id] = "";
    if (!cli->argument[0])
        memcpy(wanted, before->cue, sizeof wanted);
    else if (strlen(cli->argument[0]) < sizeof wanted)
        snprintf(wanted, sizeof wanted, "%s", cli->argument[0]);
    code = cli_call(cli, MSG_SHOW_GET, NULL, &message);
    if (code)
        return code;
    const struct msg_show_get_result *show = &message->result.show_get;
    for (int i = 0; i < show->cues_count; i++) {
        if (*wanted && strcmp(show->cues[i].id, wanted) == 0) {
            *cue = show->cues[i];
            return CLI_DONE;
        }
    }
    fprintf(stderr, "%s\n", !show->loaded        ? "No show is loaded: load one with `belay load FILE`."
                            : cli->argument[0] ? "The show has no cue of this id: `belay status` lists the cues."
                                               : "No cue is on standby: name one, `belay go CUE`.");
    return CLI_REFUSED;
}

/* A cue that did not run leaves the standby cue as it was, unless somebody chose another meanwhile. */
static void put_back(struct motion *motion, const struct msg_cue_standby *before) {
    const struct belay_message *message;
    if (motion->ran || !*before->cue || strcmp(before->cue, motion->cue.id) == 0 ||
        cli_call(motion->cli, MSG_STATE_GET, NULL, &message) != CLI_DONE ||
        strcmp(message->result.state_get.standby_cue, motion->cue.id) != 0 ||
        cli_call(motion->cli, MSG_CUE_STANDBY, before, &message) != CLI_DONE)
        return;
    if (!motion->cli->json)
        printf("Cue %s is on standby again.\n", before->cue);
}

int go_run(struct cli *cli) {
    static struct motion motion;
    motion = (struct motion){.cli = cli, .method = MSG_CUE_GO};
    struct msg_cue_standby before = {""};
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    if (code == CLI_DONE)
        code = choose_cue(cli, &motion.cue, &before);
    const struct belay_message *message;
    struct msg_cue_standby standby;
    memcpy(standby.cue, motion.cue.id, sizeof standby.cue);
    if (code == CLI_DONE && cli->argument[0])
        code = cli_call(cli, MSG_CUE_STANDBY, &standby, &message);
    if (code)
        return code;
    if (!cli->json)
        printf("Cue %s \"%s\", %s %s. Ctrl-C lets go.\n", motion.cue.id, motion.cue.name,
               motion.cue.has_group ? "group" : "axis",
               motion.cue.has_group ? motion.cue.group : motion.cue.axis);
    code = run(&motion);
    if (code != CLI_NO_CONNECTION)
        put_back(&motion, &before);
    return code;
}

/* --- jog ---------------------------------------------------------------------------------------------------------- */

int jog_run(struct cli *cli) {
    static struct motion motion;
    motion = (struct motion){.cli = cli, .method = MSG_AXIS_JOG};
    if (!cli->has_speed || cli->speed_m_s == 0) {
        fputs("belay jog: give --speed M_S, not zero; positive pays out, negative takes in.\n", stderr);
        return CLI_USAGE;
    }
    if (strlen(cli->argument[0]) >= sizeof motion.jog.axis) {
        fprintf(stderr, "belay jog: '%s' is too long for an axis; `belay status` lists them.\n", cli->argument[0]);
        return CLI_USAGE;
    }
    motion.jog = (struct msg_axis_jog){.press = PRESS, .speed_m_s = cli->speed_m_s};
    snprintf(motion.jog.axis, sizeof motion.jog.axis, "%s", cli->argument[0]);
    int code = cli_connect(cli, MSG_ROLE_OPERATE);
    return code ? code : run(&motion);
}
