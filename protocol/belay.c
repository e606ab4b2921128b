/* libbelay: one connection, its pending requests, and its messages. */
#include "protocol/belay.h"

#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "protocol/packet.h"

struct pending {
    int64_t id; /* 0 = free */
    enum msg_method method;
};

struct belay_connection {
    int fd;
    int64_t last_id;
    struct pending pending[BELAY_PENDING_MAX];
    struct codec_problem problem;
    struct belay_message message;
    char packet[MSG_PACKET_BYTES_MAX + 1];
};

int64_t belay_now_us(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* --- connecting ------------------------------------------------------------------------------------------------ */

static int connect_to(const char *path, int *out) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (strlen(path) >= sizeof address.sun_path)
        return -ENAMETOOLONG;
    memcpy(address.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return -errno;
    if (connect(fd, (const struct sockaddr *)&address, sizeof address) < 0) {
        int error = -errno;
        close(fd);
        return error;
    }
    *out = fd;
    return 0;
}

int belay_connect(const char *path, enum msg_role role, struct belay_connection **connection) {
    assert(connection && (role == MSG_ROLE_OPERATE || role == MSG_ROLE_VIEW));
    *connection = NULL;
    char operate[BELAY_SOCKET_PATH_MAX], view[BELAY_SOCKET_PATH_MAX];
    int error = belay_socket_find(path, false, operate);
    if (!error)
        error = belay_socket_view(operate, view);
    int fd = -1;
    if (!error)
        error = connect_to(role == MSG_ROLE_VIEW ? view : operate, &fd);
    if (error)
        return error;
    struct belay_connection *made = calloc(1, sizeof *made);
    if (!made) {
        close(fd);
        return -ENOMEM;
    }
    made->fd = fd;
    *connection = made;
    return 0;
}

void belay_close(struct belay_connection *connection) {
    if (!connection)
        return;
    close(connection->fd);
    free(connection);
}

int belay_fd(const struct belay_connection *connection) {
    assert(connection);
    return connection->fd;
}

const char *belay_protocol_error(const struct belay_connection *connection) {
    assert(connection);
    return connection->problem.message;
}

/* --- sending --------------------------------------------------------------------------------------------------- */

static struct pending *pending_find(struct belay_connection *connection, int64_t id) {
    for (int i = 0; i < BELAY_PENDING_MAX; i++)
        if (connection->pending[i].id == id)
            return &connection->pending[i];
    return NULL;
}

int64_t belay_send(struct belay_connection *connection, enum msg_method method, const void *params) {
    assert(connection && method >= 0 && method < MSG_METHOD_COUNT);
    struct pending *pending = pending_find(connection, 0);
    /* A stop goes out even when no reply was read for long; nobody then learns of its own reply. */
    if (!pending && method != MSG_SAFETY_STOP)
        return -EAGAIN;
    int64_t id = connection->last_id % PACKET_ID_MAX + 1;
    char packet[MSG_PACKET_BYTES_MAX];
    int length = packet_write_request(id, method, params, packet, sizeof packet);
    if (length < 0)
        return length;
    if (send(connection->fd, packet, (size_t)length, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
        return -errno;
    connection->last_id = id;
    if (pending)
        *pending = (struct pending){id, method};
    return id;
}

/* --- receiving ------------------------------------------------------------------------------------------------- */

static void copy(char *out, size_t size, const json_t *json) {
    snprintf(out, size, "%s", json_is_string(json) ? json_string_value(json) : "");
}

static int take_event(struct belay_connection *connection, const json_t *json) {
    struct belay_message *message = &connection->message;
    const char *name = json_string_value(json_object_get(json, "event"));
    for (int i = 0; name && i < MSG_EVENT_COUNT; i++) {
        if (strcmp(msg_events[i].name, name) != 0)
            continue;
        message->kind = BELAY_EVENT;
        message->id = 0;
        message->event = (enum msg_event)i;
        message->seq = json_integer_value(json_object_get(json, "seq"));
        message->t_us = json_integer_value(json_object_get(json, "t_us"));
        const json_t *params = json_object_get(json, "params");
        if (!params)
            break;
        return codec_decode(msg_events[i].params, params, false, "params", &message->event_params, &connection->problem)
                   ? 1
                   : -EPROTO;
    }
    codec_refuse(&connection->problem, "unknown_method", "event", "An event that this client does not know.");
    return -EPROTO;
}

static int take_reply(struct belay_connection *connection, const json_t *json) {
    struct belay_message *message = &connection->message;
    int64_t id = json_integer_value(json_object_get(json, "id"));
    struct pending *pending = id > 0 ? pending_find(connection, id) : NULL;
    const json_t *error = json_object_get(json, "error"), *result = json_object_get(json, "result");
    message->id = id;
    message->method = pending ? pending->method : MSG_METHOD_COUNT;
    if (pending)
        *pending = (struct pending){0};
    if (json_is_object(error)) {
        message->kind = BELAY_ERROR;
        copy(message->error.code, sizeof message->error.code, json_object_get(error, "code"));
        copy(message->error.field, sizeof message->error.field, json_object_get(error, "field"));
        copy(message->error.message, sizeof message->error.message, json_object_get(error, "message"));
        return 1;
    }
    if (!pending || !result) {
        codec_refuse(&connection->problem, "not_json", "", "A reply that fits no request.");
        return -EPROTO;
    }
    message->kind = BELAY_RESULT;
    return codec_decode(msg_methods[message->method].result, result, false, "result", &message->result,
                        &connection->problem)
               ? 1
               : -EPROTO;
}

int belay_dispatch(struct belay_connection *connection, const struct belay_message **message) {
    assert(connection && message);
    ssize_t length = recv(connection->fd, connection->packet, sizeof connection->packet, MSG_DONTWAIT);
    if (length < 0)
        return errno == EAGAIN || errno == EINTR ? 0 : -errno;
    if (length == 0)
        return -ECONNRESET;
    json_t *json = codec_parse(connection->packet, (size_t)length, &connection->problem);
    if (!json)
        return -EPROTO;
    int taken = json_object_get(json, "event") ? take_event(connection, json) : take_reply(connection, json);
    json_decref(json);
    *message = &connection->message;
    return taken;
}

int belay_call(struct belay_connection *connection, enum msg_method method, const void *params, int timeout_ms,
               const struct belay_message **message) {
    assert(connection && message && timeout_ms >= 0);
    int64_t deadline_us = belay_now_us() + (int64_t)timeout_ms * 1000;
    int64_t id = belay_send(connection, method, params);
    if (id < 0)
        return (int)id;
    for (;;) {
        int taken = belay_dispatch(connection, message);
        if (taken < 0)
            return taken;
        if (taken == 1 && (*message)->kind != BELAY_EVENT && (*message)->id == id)
            return 0;
        if (taken == 1)
            continue;
        int64_t left_us = deadline_us - belay_now_us();
        if (left_us <= 0)
            return -ETIMEDOUT;
        struct pollfd wait = {.fd = connection->fd, .events = POLLIN};
        poll(&wait, 1, (int)((left_us + 999) / 1000));
    }
}

/* --- words ----------------------------------------------------------------------------------------------------- */

void belay_errno_text(int error, const char *path, char *out, size_t size) {
    static const struct {
        int error;
        const char *text;
    } rows[] = {
        {-ENOENT, "belayd is not running here: no socket at %s. Start belayd, or name its socket with --socket PATH."},
        {-ECONNREFUSED, "belayd is not running: the socket %s is left over. Start belayd."},
        {-EACCES, "You may not use %s: ask to be added to the group that owns it."},
        {-ENAMETOOLONG, "The socket path %s is too long (at most 107 bytes)."},
        {-EAGAIN, "belayd does not answer (%s). Use the E-stop."},
        {-ETIMEDOUT, "belayd did not answer in time (%s). Use the E-stop if anything moves."},
        {-ECONNRESET, "belayd closed the connection (%s): see its log. Use the E-stop if anything still moves."},
        {-EPIPE, "belayd closed the connection (%s): see its log. Use the E-stop if anything still moves."},
        {-EMSGSIZE, "The message is too long for belayd (%s): at most 81920 bytes, quotation included."},
        {-EPROTO, "belayd at %s said something that this program does not understand: use one version of both."},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].error == error) {
            int cut = (int)(strstr(rows[i].text, "%s") - rows[i].text);
            snprintf(out, size, "%.*s%s%s", cut, rows[i].text, path, rows[i].text + cut + 2);
            return;
        }
    }
    snprintf(out, size, "%s: %s.", path, strerror(-error));
}
