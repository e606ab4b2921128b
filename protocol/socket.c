/* Where the sockets are. */
#include <assert.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "protocol/belay.h"

#define SYSTEM_DIRECTORY "/run/belay"

static int join(char out[BELAY_SOCKET_PATH_MAX], const char *directory, const char *name) {
    int length = snprintf(out, BELAY_SOCKET_PATH_MAX, "%s%s", directory, name);
    return length < BELAY_SOCKET_PATH_MAX ? 0 : -ENAMETOOLONG;
}

int belay_socket_find(const char *path, bool server, char out[BELAY_SOCKET_PATH_MAX]) {
    const char *chosen = path ? path : getenv("BELAY_SOCKET");
    if (chosen && *chosen)
        return join(out, chosen, "");
    if (server ? access(SYSTEM_DIRECTORY, W_OK | X_OK) == 0 : access(SYSTEM_DIRECTORY "/operate", F_OK) == 0)
        return join(out, SYSTEM_DIRECTORY, "/operate");
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    if (runtime && *runtime == '/')
        return join(out, runtime, "/belay/operate");
    if (server)
        return -ENOENT;
    return join(out, SYSTEM_DIRECTORY, "/operate"); /* connecting will say what is missing there */
}

int belay_socket_view(const char *operate, char out[BELAY_SOCKET_PATH_MAX]) {
    assert(operate);
    const char *slash = strrchr(operate, '/');
    int directory = slash ? (int)(slash - operate) + 1 : 0;
    int length = snprintf(out, BELAY_SOCKET_PATH_MAX, "%.*sview", directory, operate);
    return length < BELAY_SOCKET_PATH_MAX ? 0 : -ENAMETOOLONG;
}
