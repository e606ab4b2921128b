/* libbelay: a client's side of belayd's socket. docs/protocol.md describes every message.
 *
 * Thread rule: one connection belongs to one thread at a time; different connections are independent. No global state.
 * Nothing blocks except belay_call(). Messages are the structs of protocol/belay_messages.h (generated from
 * schema.json).
 *
 *     struct belay_connection *connection;
 *     int error = belay_connect(NULL, MSG_ROLE_OPERATE, &connection);
 *     struct msg_meta_hello hello = {.major = MSG_MAJOR, .minor = MSG_MINOR, .client = "my program"};
 *     belay_send_meta_hello(connection, &hello);
 *     ... when belay_fd() is readable (poll, or g_source_add_unix_fd):
 *     const struct belay_message *message;
 *     while ((error = belay_dispatch(connection, &message)) == 1)
 *         take(message);
 */
#ifndef BELAY_PROTOCOL_BELAY_H
#define BELAY_PROTOCOL_BELAY_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/belay_messages.h"

#define BELAY_PENDING_MAX 64       /* requests whose reply has not come */
#define BELAY_ERROR_TEXT_MAX 24576 /* error `show` lists every wrong line of a file */
#define BELAY_SOCKET_PATH_MAX 108

struct belay_connection; /* opaque */

enum belay_message_kind {
    BELAY_RESULT, /* the request `id` was done; `result` by `method` */
    BELAY_ERROR,  /* the request `id` was refused; `error` */
    BELAY_EVENT   /* `event_params` by `event` */
};

struct belay_error {
    char code[32];  /* stable, see docs/protocol.md */
    char field[96]; /* "params.speed_m_s"; empty = not about one field */
    char message[BELAY_ERROR_TEXT_MAX]; /* for the operator, with the remedy; may have several lines */
};

struct belay_message {
    enum belay_message_kind kind;
    int64_t id;             /* as belay_send() returned it */
    enum msg_method method; /* of that request */
    struct belay_error error;
    union msg_result result;
    enum msg_event event;
    int64_t seq;  /* grows with every event; a gap means that events were skipped because this client read too slowly */
    int64_t t_us; /* CLOCK_MONOTONIC of the event */
    union msg_event_params event_params;
};

/* Connects to the operate or the view socket. `path` is the path of the operate socket (the view socket is `view` in
 * the same directory); NULL = environment BELAY_SOCKET, else as belay_socket_find(). Does not wait. Allocates. Returns
 * 0; -ENOENT or -ECONNREFUSED: no belayd there; -EACCES: not permitted; -ENAMETOOLONG; another -errno. */
int belay_connect(const char *path, enum msg_role role, struct belay_connection **connection);

/* Closes the socket and frees. A live press of the session ends. NULL is allowed. */
void belay_close(struct belay_connection *connection);

/* The socket, to wait for readability. Owned by the connection. */
int belay_fd(const struct belay_connection *connection);

/* Sends one request; `params` is the method's struct, NULL for a method without parameters. Better use the typed
 * belay_send_METHOD() of protocol/belay_requests.h. Does not wait: the packet goes as a whole or not at all.
 * Returns the request's id (> 0); -EAGAIN: belayd does not read, or BELAY_PENDING_MAX replies are missing;
 * -EMSGSIZE: too long; -EPIPE or -ECONNRESET: connection lost; -EINVAL: a number is not finite. */
int64_t belay_send(struct belay_connection *connection, enum msg_method method, const void *params);

/* Takes the next message, when there is one. Does not wait. Returns 1 with `*message` (valid until the next call on
 * this connection); 0: nothing more now; -ECONNRESET: belayd closed the connection; -EPROTO: a packet that this client
 * does not understand was dropped, the connection goes on; another -errno. */
int belay_dispatch(struct belay_connection *connection, const struct belay_message **message);

/* What the last -EPROTO was about. Never NULL. */
const char *belay_protocol_error(const struct belay_connection *connection);

/* For programs without a main loop: sends the request and waits for its reply, at most `timeout_ms`. Events that come
 * meanwhile are dropped. Returns 0 with `*message` a RESULT or ERROR, -ETIMEDOUT, or as belay_send() and
 * belay_dispatch(). */
int belay_call(struct belay_connection *connection, enum msg_method method, const void *params, int timeout_ms,
               const struct belay_message **message);

/* CLOCK_MONOTONIC in microseconds: the clock of every t_us. */
int64_t belay_now_us(void);

/* Finds the path of the operate socket into `out`: `path` when not NULL; else the environment BELAY_SOCKET; else
 * /run/belay/operate; else $XDG_RUNTIME_DIR/belay/operate. Clients take /run/belay when a socket is there, the server
 * when it may write there. Returns 0, -ENOENT when there is no such place, -ENAMETOOLONG. */
int belay_socket_find(const char *path, bool server, char out[BELAY_SOCKET_PATH_MAX]);

/* The view socket beside `operate` into `out`. Returns 0 or -ENAMETOOLONG. */
int belay_socket_view(const char *operate, char out[BELAY_SOCKET_PATH_MAX]);

/* A sentence with a remedy for the -errno of belay_connect(), or of any call here, into `out`. */
void belay_errno_text(int error, const char *path, char *out, size_t size);

#include "protocol/belay_requests.h"

#endif
