/* The server on real sockets in a directory of its own, and behind it the real cycle_step() with the bench's ideal
 * machine, all on one thread: nothing happens but in serve_bench_turn(). */
#ifndef BELAY_TESTS_SERVE_BENCH_H
#define BELAY_TESTS_SERVE_BENCH_H

#include <jansson.h>

#include "controller/serve/serve_parts.h"
#include "protocol/belay.h"
#include "tests/bench_rig.h"

#define SERVE_BENCH_SLOTS 256

struct serve_bench {
    struct bench *bench;
    struct serve *serve;
    struct tbuf snapshots;
    struct spsc commands, replies, events;
    struct snapshot snapshot_slots[3];
    struct command command_slots[SERVE_BENCH_SLOTS];
    struct command_reply reply_slots[SERVE_BENCH_SLOTS];
    struct event event_slots[SERVE_BENCH_SLOTS];
    char directory[64], path[80];
    bool frozen;             /* the cycle does not run */
    struct command last;     /* newest command that the cycle took, */
    int taken[COMMAND_KIND_COUNT]; /* and how many of each kind */
};

/* Cycle running, machine good and disarmed, no show. Asserts on failure. */
struct serve_bench *serve_bench_new(void);
void serve_bench_free(struct serve_bench *bench);

/* Only the cycles that have become due; for a thread of its own beside serve_run(). */
void serve_bench_cycle(struct serve_bench *bench);
/* One turn of the server, then the cycles that have become due on the real clock. */
void serve_bench_turn(struct serve_bench *bench);
/* Turns for `ms` of real time. */
void serve_bench_run(struct serve_bench *bench, int ms);

/* A raw client: a connected socket of the operate or view socket. */
int raw_connect(const struct serve_bench *bench, enum msg_role role);
/* Sends text as one packet. */
void raw_send(int fd, const char *text);
/* Turns until a packet that is no event has come (at most 2 s); NULL when the socket was closed. To be released. */
json_t *raw_reply(struct serve_bench *bench, int fd);
/* Sends, and returns the code of the error reply, or "" for a result. Static text. */
const char *raw_ask(struct serve_bench *bench, int fd, const char *text);
/* Greets. */
void raw_hello(struct serve_bench *bench, int fd);

/* A request as libbelay sends it, and its answer; the server turns meanwhile. NULL when the connection closed. */
const struct belay_message *client_ask(struct serve_bench *bench, struct belay_connection *connection,
                                       enum msg_method method, const void *params);
/* Connected and greeted. */
struct belay_connection *client_new(struct serve_bench *bench, enum msg_role role);
/* One renewal of `press` with the time `t_us`; returns the error's code, "dead" or "alive". Static text. */
const char *client_hold(struct serve_bench *bench, struct belay_connection *connection, int64_t press, int64_t t_us);
/* The code of an answer: "" for a result. */
const char *client_code(const struct belay_message *message);

#endif
