/* The two listening sockets and the lock that makes them one belayd's. */
#ifndef BELAY_CONTROLLER_SERVE_LISTEN_H
#define BELAY_CONTROLLER_SERVE_LISTEN_H

#include "protocol/belay.h"

#define LISTEN_PATH_MAX (BELAY_SOCKET_PATH_MAX + 8)

struct listening {
    int lock, operate, view; /* descriptors */
    char operate_path[BELAY_SOCKET_PATH_MAX], view_path[BELAY_SOCKET_PATH_MAX], lock_path[LISTEN_PATH_MAX];
};

/* Locks, replaces sockets that a dead belayd left, binds and listens; makes $XDG_RUNTIME_DIR/belay when that is the
 * place. `path` as in struct serve_config. Returns 0; -EADDRINUSE when a living belayd has the lock; -EEXIST when a
 * file that is no socket stands there; another -errno. Says why on the log. Before other threads create files (it sets
 * the umask). */
int listen_open(const char *path, struct listening *listening);

/* Closes and removes the sockets. The lock file stays: removing it would let two owners lock two files. */
void listen_close(struct listening *listening);

#endif
