/* The run directory, its files, and the programs of one rehearsal: started in order, ended in the opposite one. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/base/clock.h"

#define PORT_FIRST 20000 /* below what the system hands out by itself */
#define PORT_COUNT_TRIED 10000
#define KILL_HEIGHT_M_MIN 9.0  /* of the climber's start: a fall from 2 m of slack ends above the ground */
#define KILL_HEIGHT_M_MAX 19.0
#define KILL_CLIMB_M 1.5       /* he climbs down from there by as much at most, */
#define KILL_TOP_M 1.5         /* and never higher than so much below the sheave */
#define SIM_READY_S 15.0
#define BELAYD_READY_S 15.0
#define SIM_GRACE_MS 15000 /* it writes its truth to the end */
#define BELAYD_GRACE_MS 15000
#define CONSOLE_GRACE_MS 3000

/* ---- ports ---- */

static bool port_is_free(int port) {
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), one = 1;
    if (fd < 0)
        return false;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool free_now = bind(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return free_now;
}

/* Runs beside each other must not meet: they begin to look at places that differ by their process numbers. */
static bool choose_ports(int port[PORT_COUNT]) {
    int found = 0;
    int place = (int)(getpid() * 7 % PORT_COUNT_TRIED);
    for (int i = 0; i < PORT_COUNT_TRIED && found < PORT_COUNT; i++) {
        int candidate = PORT_FIRST + (place + i) % PORT_COUNT_TRIED;
        if (port_is_free(candidate))
            port[found++] = candidate;
    }
    return found == PORT_COUNT;
}

/* A port that is taken is most likely another rehearsal's: says so, and how to fly beside it. */
static bool ports_are_free(struct director *director) {
    int taken = 0, other[PORT_COUNT];
    for (int i = PORT_COUNT - 1; i >= 0; i--)
        taken = port_is_free(director->port[i]) ? taken : director->port[i];
    if (taken == 0)
        return true;
    char text[PATH_SIZE];
    pid_t pid = directory_other(director);
    if (pid > 0)
        snprintf(text, sizeof text, "another rehearsal is running already (process %d): end it", (int)pid);
    else
        snprintf(text, sizeof text, "another program has it: end that");
    if (choose_ports(other))
        director_fail(director, "TCP port %d is taken, and %s, or rehearse beside it with\n  %s rehearse --ports %d,%d",
                      taken, text, director->places.belay, other[0], other[1]);
    else
        director_fail(director, "TCP port %d is taken, and %s", taken, text);
    return false;
}

/* ---- files ---- */

static struct change *change_of(struct change *change, int count, const char *word) {
    for (int i = 0; i < count; i++) {
        size_t length = strlen(change[i].key);
        if (!change[i].done && strncmp(word, change[i].key, length) == 0 && word[length] == ':')
            return &change[i];
    }
    return NULL;
}

bool machine_copy(struct director *director, const char *from, const char *to, struct change *change, int count) {
    static struct yaml_errors errors;
    char *text = NULL;
    size_t length;
    if (yaml_read(from, &text, &length, &errors) != 0) {
        director_fail(director, "%s", errors.text[errors.count - 1]);
        return false;
    }
    FILE *file = fopen(to, "we");
    int replaced = 0;
    char *rest = text;
    for (char *line; file && (line = strsep(&rest, "\n")) != NULL;) {
        const char *word = line + strspn(line, " -");
        struct change *found = change_of(change, count, word);
        if (found) {
            fprintf(file, "%.*s%s: %s\n", (int)(word - line), line, found->key, found->value);
            found->done = true;
            replaced++;
        } else if (rest || *line) {
            fprintf(file, "%s\n", line);
        }
    }
    free(text);
    bool written = file && fclose(file) == 0;
    if (!written)
        director_fail(director, "%s: %s", to, strerror(errno));
    else if (replaced < count)
        director_fail(director, "%s lacks a key that a rehearsal changes", from);
    return written && replaced == count;
}

static bool copy_rig(struct director *director) {
    char from[PATH_SIZE];
    places_join(from, director->places.scenario, "rig.yaml");
    places_join(director->rig_path, director->files_dir, "rig.yaml");
    struct change change[PORT_COUNT] = {{.key = "port"}, {.key = "port"}};
    for (int i = 0; i < PORT_COUNT; i++)
        snprintf(change[i].value, sizeof change[i].value, "%d", director->port[i]);
    if (!machine_copy(director, from, director->rig_path, change, PORT_COUNT))
        return false;
    static struct yaml_errors errors;
    if (rig_load(director->rig_path, director->places.profiles, &director->rig, &errors) == 0)
        return true;
    for (int i = 0; i < errors.count; i++)
        fprintf(stderr, "%s\n", errors.text[i]);
    director_fail(director, "the rig of this scenario is wrong");
    return false;
}

/* The world with this run's seed: another seed is another climb. A run of the kill campaign begins high enough for its
 * fall, anywhere up to the top, because the climb to there is not what it is about. */
static bool copy_world(struct director *director) {
    char from[PATH_SIZE];
    places_join(from, director->places.scenario, "world.yaml");
    places_join(director->world_path, director->files_dir, "world.yaml");
    struct change change[] = {{.key = "seed"}, {.key = "height_m"}, {.key = "low_m"}, {.key = "high_m"}};
    double height_m = director_random(director, KILL_HEIGHT_M_MIN, KILL_HEIGHT_M_MAX);
    snprintf(change[0].value, sizeof change[0].value, "%u", (unsigned)(director->options->seed % 1000000));
    snprintf(change[1].value, sizeof change[1].value, "%.3f", height_m);
    snprintf(change[2].value, sizeof change[2].value, "%.3f", height_m - KILL_CLIMB_M);
    snprintf(change[3].value, sizeof change[3].value, "%.3f", director->rig.axis[0].belay.anchor_height_m - KILL_TOP_M);
    return machine_copy(director, from, director->world_path, change,
                     director->options->kill ? (int)(sizeof change / sizeof change[0]) : 1);
}

static void prepare_child(struct director *director, struct child *child, const char *name) {
    char file[64];
    snprintf(file, sizeof file, "%s.log", name);
    *child = (struct child){.name = name};
    places_join(child->log, director->files_dir, file);
    unlink(child->log); /* of a run before this one, in the same --out */
}

bool machine_prepare(struct director *director) {
    const struct rehearse_options *options = director->options;
    director->stage_fd = -1;
    if (!directory_make(director))
        return false;
    prepare_child(director, &director->sim, "belay-sim");
    prepare_child(director, &director->belayd, "belayd");
    prepare_child(director, &director->console, options->kill ? "belay" : "belay-console");
    places_join(director->show_path, director->places.scenario, "show.yaml");
    places_join(director->truth_path, director->files_dir, "truth.csv");
    director->port[0] = options->has_ports ? options->port[0] : 1502;
    director->port[1] = options->has_ports ? options->port[1] : 1503;
    if (options->headless && !options->has_ports && !choose_ports(director->port)) {
        director_fail(director, "no free TCP port between %d and %d: give --ports", PORT_FIRST,
                      PORT_FIRST + PORT_COUNT_TRIED);
        return false;
    }
    return ports_are_free(director) && copy_rig(director) && copy_world(director);
}

/* ---- programs ---- */

static bool start(struct director *director, struct child *child, const char *const *argv) {
    int error = child_start(child, argv, director->socket);
    if (error != 0)
        director_fail(director, "cannot start %s: %s", child->name, strerror(-error));
    return error == 0;
}

bool machine_connect_sim(struct director *director) {
    int fd = stage_connect(director->stage_path);
    director->stage_fd = fd < 0 ? -1 : fd;
    return fd >= 0;
}

void machine_lose_sim(struct director *director) {
    if (director->stage_fd >= 0)
        close(director->stage_fd);
    director->stage_fd = -1;
    director->stage.known = false;
}

bool machine_start_sim(struct director *director) {
    char ports[24];
    snprintf(ports, sizeof ports, "%d,%d", director->port[0], director->port[1]);
    const char *argv[12] = {director->places.sim, "--world", director->world_path, "--ports", ports, "--stage",
                            director->stage_path};
    if (director->options->headless) { /* a row a millisecond: not for an evening at the console */
        argv[7] = "--truth";
        argv[8] = director->truth_path;
    }
    director->stage_fd = -1;
    director->stage.known = false;
    unlink(director->stage_path);
    if (!start(director, &director->sim, argv))
        return false;
    int64_t until_us = clock_now_us() + (int64_t)(SIM_READY_S * 1e6);
    while (!machine_connect_sim(director) && clock_now_us() < until_us)
        if (!director_pump(director, clock_now_us() + 20000))
            return false;
    if (director->stage_fd < 0)
        director_fail(director, "belay-sim was not ready within %.0f s", SIM_READY_S);
    return director->stage_fd >= 0;
}

bool machine_start_belayd(struct director *director) {
    const char *const argv[] = {director->places.belayd,   "--rig",    director->rig_path, "--profiles",
                                director->places.profiles, "--socket", director->socket,   "--show",
                                director->show_path,       "--no-record", NULL};
    return start(director, &director->belayd, argv) &&
           operator_open(director, director->options->headless ? MSG_ROLE_OPERATE : MSG_ROLE_VIEW, BELAYD_READY_S);
}

void machine_end(struct director *director) {
    operator_close(director);
    struct {
        struct child *child;
        int grace_ms;
    } const order[] = {{&director->console, CONSOLE_GRACE_MS}, {&director->belayd, BELAYD_GRACE_MS},
                       {&director->sim, SIM_GRACE_MS}};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        if (!child_end(order[i].child, order[i].grace_ms))
            director_fail(director, "%s did not end within %d ms of SIGTERM and was killed", order[i].child->name,
                          order[i].grace_ms);
    }
    machine_lose_sim(director);
}
