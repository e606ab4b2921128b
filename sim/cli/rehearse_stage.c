/* The simulator's stage socket: one JSON object a packet, one reply to each. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define REPLY_MAX 4096
#define REPLY_WAIT_MS 1000

int stage_connect(const char *path) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0)
        return fd;
    int error = errno;
    close(fd);
    return -error;
}

/* Sends `request` (consumed) and returns the reply, NULL with *status. */
static json_t *ask(int fd, json_t *request, int *status, char *error, size_t error_size) {
    assert(fd >= 0 && request);
    char *text = json_dumps(request, JSON_COMPACT);
    json_decref(request);
    assert(text);
    *status = send(fd, text, strlen(text), MSG_NOSIGNAL) < 0 ? -errno : 0;
    free(text);
    struct pollfd wait = {.fd = fd, .events = POLLIN};
    while (*status == 0) {
        int got = poll(&wait, 1, REPLY_WAIT_MS);
        if (got > 0)
            break;
        if (got == 0 || errno != EINTR)
            *status = got == 0 ? -ETIMEDOUT : -errno;
    }
    char reply[REPLY_MAX];
    ssize_t length = *status == 0 ? recv(fd, reply, sizeof reply, 0) : -1;
    if (*status == 0 && length <= 0)
        *status = length < 0 ? -errno : -ECONNRESET;
    if (*status != 0) {
        snprintf(error, error_size, "%s", strerror(-*status));
        return NULL;
    }
    json_error_t problem;
    json_t *json = json_loadb(reply, (size_t)length, 0, &problem);
    const char *refusal = json_string_value(json_object_get(json, "error"));
    if (json && !refusal && json_is_true(json_object_get(json, "ok")))
        return json;
    snprintf(error, error_size, "%s", refusal ? refusal : json ? "no \"ok\" in the reply" : problem.text);
    json_decref(json);
    *status = -EPROTO;
    return NULL;
}

static int tell(int fd, json_t *request, char *error, size_t error_size) {
    int status;
    json_decref(ask(fd, request, &status, error, error_size));
    return status;
}

int stage_act(int fd, enum sim_act act, double value, char *error, size_t error_size) {
    double least, most;
    const char *key = sim_act_value(act, &least, &most);
    json_t *request = json_pack("{s:s, s:s}", "do", "act", "act", sim_act_name(act));
    if (key)
        json_object_set_new(request, key, json_real(value));
    return tell(fd, request, error, error_size);
}

int stage_estop(int fd, const char *station, bool pressed, char *error, size_t error_size) {
    return tell(fd, json_pack("{s:s, s:s, s:b}", "do", "estop", "station", station, "pressed", (int)pressed), error,
                error_size);
}

static int read_stations(const json_t *list, struct stage_truth *out) {
    out->station_count = (int)json_array_size(list);
    if (out->station_count < 1 || out->station_count > SIM_STATIONS_MAX)
        return -EPROTO;
    for (int i = 0; i < out->station_count; i++) {
        const json_t *station = json_array_get(list, (size_t)i);
        const char *name = json_string_value(json_object_get(station, "name"));
        if (!name || !json_is_boolean(json_object_get(station, "pressed")))
            return -EPROTO;
        snprintf(out->station[i].name, sizeof out->station[i].name, "%s", name);
        out->station[i].pressed = json_is_true(json_object_get(station, "pressed"));
    }
    return 0;
}

static int read_truth(const json_t *json, struct stage_truth *out) {
    json_int_t t_us;
    const char *act;
    int drive, brake, estop, ground;
    struct sim_truth truth = {0};
    json_t *copy = NULL;
    memcpy(&copy, &json, sizeof copy); /* json_unpack() takes no const, and changes nothing */
    if (json_unpack(copy, "{s:I, s:s, s:F, s:F, s:F, s:F, s:F, s:F, s:F, s:b, s:b, s:b, s:b}", "t_us", &t_us, "act",
                    &act, "height_m", &truth.height_m, "person_speed_m_s", &truth.person_speed_m_s, "person_accel_m_s2",
                    &truth.person_accel_m_s2, "tension_n", &truth.tension_n, "slack_m", &truth.slack_m, "rope_out_m",
                    &truth.rope_out_m, "rope_speed_m_s", &truth.rope_speed_m_s, "drive_enabled", &drive, "brake_closed",
                    &brake, "estop_pressed", &estop, "on_ground", &ground) != 0)
        return -EPROTO;
    int found = sim_act_find(act);
    if (found < 0)
        return -EPROTO;
    truth.act = (enum sim_act)found;
    truth.drive_enabled = drive;
    truth.brake_closed = brake;
    truth.estop_pressed = estop;
    truth.on_ground = ground;
    *out = (struct stage_truth){.known = true, .t_us = t_us, .truth = truth};
    return read_stations(json_object_get(json, "stations"), out);
}

int stage_look(int fd, struct stage_truth *truth, char *error, size_t error_size) {
    int status;
    json_t *reply = ask(fd, json_pack("{s:s}", "do", "truth"), &status, error, error_size);
    if (!reply)
        return status;
    status = read_truth(reply, truth);
    if (status != 0)
        snprintf(error, error_size, "the truth lacks a field, or one has the wrong type");
    json_decref(reply);
    return status;
}
