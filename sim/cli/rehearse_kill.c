/* One run of the kill campaign: a program dies, or hangs, at a random instant of a phase. The winch must stop by
 * the drive's own watchdog or by the expired permission; the climber climbs on for two seconds, falls and must be
 * caught; and nothing may resume by itself. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define CLIMB_S_MIN 1.0
#define CLIMB_S_MAX 4.0
#define CATCH_S_MAX 0.7  /* seeing the fall, the ramp, the brake: then the drum stands anyway */
#define LOWER_S_MIN 0.2
#define LOWER_S_MAX 2.0
#define HANG_S 2.5       /* after a kill in the catch or in a lowering, before the climber takes hold again */
#define CLIMB_ON_S 2.0
#define CLIMB_ON_M_S_MIN 0.4
#define CLIMB_ON_M_S_MAX 1.0
#define FALL_S 4.0
#define SETTLE_S 2.5 /* until nobody bounces off the rope any more: a jog ends when weight comes on */
#define REST_S 5.0
#define STOPPED_S 2.0    /* how long a hanging simulator stays stopped */
#define LET_GO_US 50000  /* the act went out less than this ago */
#define LOWERING_SPEED "0.4"
#define HOLDER "holder "
#define CLIENT_S 40.0          /* a console needs a display and some seconds */
#define CLIENT_GRACE_MS 5000

struct phase {
    const char *name;
    bool (*prepare)(struct director *director); /* until the phase runs */
    double after_s_min, after_s_max;            /* the instant of the kill, from there on */
    bool hangs;                                 /* the climber hangs on the rope in this phase, */
    bool falls;                                 /* because he fell */
};

struct victim {
    const char *name;
    bool (*strike)(struct director *director);
    bool (*check)(struct director *director); /* before the rest is watched */
};

/* ---- phases ---- */

static bool wait_s(struct director *director, double duration_s) {
    return director_pump(director, clock_now_us() + (int64_t)(duration_s * 1e6));
}

/* The last "holder N" in the client's log; 0 when there is none yet. */
static pid_t read_holder(const struct director *director) {
    FILE *log = fopen(director->console.log, "re");
    char line[256];
    int number = 0;
    while (log && fgets(line, sizeof line, log))
        if (strncmp(line, HOLDER, strlen(HOLDER)) == 0)
            number = atoi(line + strlen(HOLDER));
    if (log)
        fclose(log);
    return number;
}

/* The client that holds the permission, a process of its own: the real command line, or what --client names. */
static bool start_client(struct director *director, const char *const *argv) {
    child_end(&director->console, CLIENT_GRACE_MS);
    unlink(director->console.log);
    setenv("BELAY_CONSOLE", director->places.console, 1);
    int error = child_start(&director->console, argv, director->socket);
    director->console.may_end = true;
    director->holder_pid = director->console.pid;
    if (error != 0)
        director_fail(director, "cannot start %s: %s", argv[0], strerror(-error));
    int64_t until_us = clock_now_us() + (int64_t)(CLIENT_S * 1e6);
    while (director->options->client && (director->holder_pid = read_holder(director)) == 0 && !director->failed) {
        if (clock_now_us() > until_us || !child_runs(&director->console))
            director_fail(director, "%s did not come to hold", argv[0]);
        director_pump(director, clock_now_us() + 10000);
    }
    return !director->failed;
}

static const char *client_program(const struct director *director) {
    return director->options->client ? director->options->client : director->places.belay;
}

static bool prepare_follow(struct director *director) {
    const char *const argv[] = {client_program(director), "go", "1", NULL};
    return director_need(director, WHEN_READY, 10) && operator_walk(director, director->rig.ladder.percent[0]) &&
           operator_ask(director, MSG_SAFETY_ARM, NULL) && start_client(director, argv) &&
           director_need(director, WHEN_TAUT, 5) &&
           director_act(director, ACT_CLIMB, 0) &&
           wait_s(director, director_random(director, CLIMB_S_MIN, CLIMB_S_MAX)) &&
           director_need(director, WHEN_FOLLOWING, 0);
}

static bool prepare_catch(struct director *director) {
    return prepare_follow(director) && director_act(director, ACT_FALL, 0);
}

static bool prepare_lowering(struct director *director) {
    const char *const argv[] = {client_program(director), "jog", director->rig.axis[0].name, "--speed", LOWERING_SPEED,
                                NULL};
    return prepare_follow(director) && director_act(director, ACT_SLUMP, 0) &&
           director_need(director, WHEN_CAUGHT, 4) && wait_s(director, SETTLE_S) &&
           operator_ask(director, MSG_SAFETY_RESET, NULL) && operator_ask(director, MSG_SAFETY_ARM, NULL) &&
           start_client(director, argv) && director_need(director, WHEN_JOGGING, 3);
}

static const struct phase phases[] = {
    {"follow", prepare_follow, 0, 0, false, false}, /* the instant is random already */
    {"catch", prepare_catch, 0, CATCH_S_MAX, true, true},
    {"lowering", prepare_lowering, LOWER_S_MIN, LOWER_S_MAX, true, false},
};

/* ---- victims ---- */

static bool strike_belayd(struct director *director) {
    director->belayd.may_end = true;
    child_signal(&director->belayd, SIGKILL);
    return true;
}

static bool strike_client(struct director *director) {
    kill(director->holder_pid, SIGKILL);
    return true;
}

static bool hang_client(struct director *director) {
    kill(director->holder_pid, SIGSTOP);
    return true;
}

static bool strike_sim(struct director *director) {
    director->sim.may_end = director->sim_blind = true;
    child_signal(&director->sim, SIGKILL);
    return true;
}

static bool hang_sim(struct director *director) {
    director->sim_blind = true;
    child_signal(&director->sim, SIGSTOP);
    bool ok = wait_s(director, STOPPED_S);
    child_signal(&director->sim, SIGCONT);
    director->sim_blind = false;
    return ok;
}

/* A new belayd meets the rig as it is: it must take nothing up by itself. */
static bool check_belayd(struct director *director) {
    operator_close(director);
    while (child_runs(&director->belayd))
        if (!director_pump(director, clock_now_us() + 10000))
            return false;
    bool ok = machine_start_belayd(director) && director_need(director, WHEN_READY, 10);
    if (ok && director->operator.telemetry.armed)
        director_fail(director, "belayd was armed by itself after its restart");
    return !director->failed;
}

static bool check_client(struct director *director) {
    if (strstr(director->options->kill, "hang"))
        kill(director->holder_pid, SIGCONT); /* it wakes up and goes on holding */
    return true;
}

static bool latched(const struct director *director) {
    const struct msg_telemetry_axis *axis = operator_axis(director);
    return axis && director->operator.telemetry.has_first_out && strcmp(axis->state, "fault") == 0;
}

static bool need_latched(struct director *director, double within_s) {
    int64_t until_us = clock_now_us() + (int64_t)(within_s * 1e6);
    while (!latched(director) && clock_now_us() < until_us)
        if (!director_pump(director, clock_now_us() + 5000))
            return false;
    if (!latched(director))
        director_fail(director, "belayd did not latch the loss of its devices within %.1f s", within_s);
    return latched(director);
}

static bool check_sim_hung(struct director *director) {
    return need_latched(director, 1) && director_need(director, WHEN_READY, 10) && need_latched(director, 0);
}

/* The simulator comes back as a new world, with its own truth. */
static bool check_sim(struct director *director) {
    if (!need_latched(director, 2))
        return false;
    while (child_runs(&director->sim))
        if (!director_pump(director, clock_now_us() + 10000))
            return false;
    close(director->stage_fd);
    places_join(director->truth_path, director->files_dir, "truth-after.csv");
    director->sim_blind = false;
    return machine_start_sim(director) && director_need(director, WHEN_READY, 10) && need_latched(director, 0);
}

static const struct victim victims[] = {
    {"belayd", strike_belayd, check_belayd},   {"client", strike_client, check_client},
    {"client-hang", hang_client, check_client}, {"sim", strike_sim, check_sim},
    {"sim-hang", hang_sim, check_sim_hung},
};

static bool find(const char *text, const struct phase **phase, const struct victim **victim) {
    *phase = NULL;
    *victim = NULL;
    const char *colon = strchr(text, ':');
    for (size_t i = 0; colon && i < sizeof phases / sizeof phases[0]; i++) {
        size_t length = strlen(phases[i].name);
        if (length == (size_t)(colon - text) && strncmp(phases[i].name, text, length) == 0)
            *phase = &phases[i];
    }
    for (size_t i = 0; colon && i < sizeof victims / sizeof victims[0]; i++)
        if (strcmp(victims[i].name, colon + 1) == 0)
            *victim = &victims[i];
    return *phase && *victim;
}

bool kill_known(const char *text) {
    const struct phase *phase;
    const struct victim *victim;
    return find(text, &phase, &victim);
}

bool kill_ends_world(const char *text) {
    const struct phase *phase;
    const struct victim *victim;
    return find(text, &phase, &victim) && victim->strike == strike_sim;
}

bool kill_name(int index, char out[static KILL_NAME_MAX]) {
    const int victim_count = sizeof victims / sizeof victims[0], phase_count = sizeof phases / sizeof phases[0];
    if (index < 0 || index >= victim_count * phase_count)
        return false;
    snprintf(out, KILL_NAME_MAX, "%s:%s", phases[index % phase_count].name, victims[index / phase_count].name);
    return true;
}

/* ---- the course of a run ---- */

struct run {
    struct director *director;
    const struct phase *phase;
    const struct victim *victim;
    int64_t let_go_us; /* not later than the first fall */
};

static bool still(const struct director *director) {
    static const char *const quiet[] = {"fault", "disarmed", "armed"};
    const struct msg_telemetry_axis *axis = operator_axis(director);
    for (size_t i = 0; axis && i < sizeof quiet / sizeof quiet[0]; i++)
        if (strcmp(axis->state, quiet[i]) == 0)
            return !axis->drive_enabled && !axis->brake_open;
    return !axis;
}

static bool begin(struct run *run) {
    return machine_start_sim(run->director) && machine_start_belayd(run->director);
}

static bool prepare(struct run *run) {
    struct director *director = run->director;
    bool ok = run->phase->prepare(director);
    run->let_go_us = clock_now_us() - LET_GO_US;
    return ok && wait_s(director, director_random(director, run->phase->after_s_min, run->phase->after_s_max));
}

/* The kill, and until everything stands. On the wall the climber does not notice and goes on upwards. */
static bool strike(struct run *run) {
    struct director *director = run->director;
    int64_t from_us = clock_now_us();
    director->struck = true;
    double speed_m_s = director_random(director, CLIMB_ON_M_S_MIN, CLIMB_ON_M_S_MAX);
    if (!(run->phase->hangs || director_act(director, ACT_ASCEND, speed_m_s)) || !run->victim->strike(director))
        return false;
    if (director->sim.may_end)
        return true; /* the world is gone with its simulator: nobody is left to fall */
    bool ok = wait_s(director, run->phase->hangs ? HANG_S : CLIMB_ON_S);
    int64_t to_us = clock_now_us();
    report_span_add(&director->in, WINDOW_KILL, from_us, to_us);
    if (run->phase->falls)
        report_span_add(&director->in, WINDOW_FALL, run->let_go_us, to_us);
    if (!ok || !run->phase->hangs)
        return ok;
    return director_act(director, ACT_ASCEND, speed_m_s) && wait_s(director, CLIMB_ON_S);
}

static bool fall(struct run *run) {
    struct director *director = run->director;
    if (director->sim.may_end)
        return true;
    int64_t from_us = clock_now_us();
    bool ok = director_act(director, ACT_FALL, 0) && wait_s(director, FALL_S);
    report_span_add(&director->in, WINDOW_FALL, from_us, clock_now_us());
    return ok;
}

static bool come_back(struct run *run) {
    return run->victim->check(run->director);
}

static bool rest(struct run *run) {
    struct director *director = run->director;
    int64_t from_us = clock_now_us(), until_us = from_us + (int64_t)(REST_S * 1e6);
    while (clock_now_us() < until_us) {
        if (!director_pump(director, clock_now_us() + 2000))
            return false;
        if (still(director))
            continue;
        char text[400];
        director_now_text(director, text, sizeof text);
        const struct msg_telemetry_axis *axis = operator_axis(director);
        director_fail(director, "the winch came alive by itself (torque %d, brake open %d): %s", axis->drive_enabled,
                      axis->brake_open, text);
    }
    report_span_add(&director->in, WINDOW_REST, from_us, clock_now_us());
    return !director->failed;
}

bool kill_play(struct director *director) {
    static const struct {
        const char *name;
        bool (*play)(struct run *run);
    } scenes[] = {
        {"The simulator and the controller start.", begin}, {"Until the instant of the kill.", prepare},
        {"The kill.", strike},                              {"The climber has climbed on and falls.", fall},
        {"What was struck comes back.", come_back},         {"Nothing may resume by itself.", rest},
    };
    struct run run = {.director = director};
    bool known = find(director->options->kill, &run.phase, &run.victim);
    assert(known);
    for (size_t i = 0; known && i < sizeof scenes / sizeof scenes[0]; i++) {
        int64_t begun_us = clock_now_us();
        director_step_begin(director, scenes[i].name);
        if (!director_step_end(director, begun_us, scenes[i].play(&run) && !director->failed))
            return false;
    }
    return known;
}
