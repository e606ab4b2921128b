/* The sockets: sessions, roles, permissions, telemetry. One epoll loop on the main thread; never waits for a client.
 *
 * Everything a client may do becomes a struct command in the command ring; everything it may see comes from the
 * snapshot.
 */
#ifndef BELAY_CONTROLLER_SERVE_SERVE_H
#define BELAY_CONTROLLER_SERVE_SERVE_H

#include "controller/base/spsc.h"
#include "controller/base/tbuf.h"
#include "controller/cycle.h"

struct serve_config {
    const struct rig *rig;
    const char *socket_path; /* operate socket; NULL = /run/belay/operate, else $XDG_RUNTIME_DIR/belay/operate */
    const char *record_path; /* of the commissioning record; NULL = none is asked for, which only a rehearsal may */
    struct tbuf *snapshots;  /* struct snapshot, written by the cycle thread */
    struct spsc *commands;   /* struct command, read by the cycle thread */
    struct spsc *replies;    /* struct command_reply, written by the cycle thread */
    struct spsc *events;     /* struct event, written by the cycle thread */
};

struct serve; /* opaque */

/* Binds both sockets (operate and, beside it, view). Returns 0; -EADDRINUSE when a live belayd owns them (a stale
 * file of a dead one is replaced); -errno otherwise. Allocates. */
int serve_open(const struct serve_config *config, struct serve **serve);

/* Loads a show at start as if a client had sent it. Blocking file I/O. Returns 0 or -EINVAL with the errors printed. */
int serve_load_show(struct serve *serve, const char *path);

/* Runs until SIGTERM or SIGINT (read through a signalfd; both must be blocked in all threads) has led to a stopped
 * machine: sends COMMAND_SHUTDOWN, waits for snapshot.stopped, at most `stop_wait_ms`. While the cycle is alive and a
 * drive holds a load whose brake does not read closed, it stays, says so every 5 s, and waits `stop_wait_ms`
 * after the hold; a further signal then ends it. Returns 0, or -ETIMEDOUT. */
int serve_run(struct serve *serve, int stop_wait_ms);

/* Closes all sessions and removes the socket files. */
void serve_close(struct serve *serve);

#endif
