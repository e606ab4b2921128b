/* Listening sockets: lock, stale files, modes. */
#include "controller/serve/listen.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "controller/base/log.h"

#define OPERATE_MODE 0660
#define VIEW_MODE 0666
#define BACKLOG 16

static int complain(const char *path, int error, const char *remedy) {
    log_line(LOG_ERROR, "socket %s: %s. %s", path, strerror(-error), remedy);
    return error;
}

static int find_paths(const char *path, struct listening *listening) {
    int error = belay_socket_find(path, true, listening->operate_path);
    if (error == -ENOENT)
        return complain("belay/operate", error, "There is neither a writable /run/belay nor XDG_RUNTIME_DIR: "
                                                "run the packaged unit, or give --socket PATH.");
    if (!error)
        error = belay_socket_view(listening->operate_path, listening->view_path);
    if (error)
        return complain(path ? path : "", error, "Choose a shorter --socket PATH.");
    if (strcmp(listening->operate_path, listening->view_path) == 0)
        return complain(listening->operate_path, -EINVAL, "The operate socket can't be called 'view'.");
    snprintf(listening->lock_path, sizeof listening->lock_path, "%s.lock", listening->operate_path);
    return 0;
}

/* Only our own directory is made; a wrong --socket must not leave directories behind. */
static void make_directory(const char *path) {
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    char directory[BELAY_SOCKET_PATH_MAX], own[BELAY_SOCKET_PATH_MAX];
    int length = (int)(strrchr(path, '/') ? strrchr(path, '/') - path : 0);
    snprintf(directory, sizeof directory, "%.*s", length, path);
    int whole = snprintf(own, sizeof own, "%s/belay", runtime ? runtime : "");
    if (runtime && whole < (int)sizeof own && strcmp(directory, own) == 0)
        mkdir(directory, 0700);
}

static int take_lock(struct listening *listening) {
    const char *path = listening->lock_path;
    listening->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (listening->lock < 0)
        return complain(path, -errno, "Check that the directory is there and belongs to you, or give --socket PATH.");
    if (flock(listening->lock, LOCK_EX | LOCK_NB) == 0)
        return 0;
    return errno == EWOULDBLOCK ? -EADDRINUSE : complain(path, -errno, "The file system there can't lock.");
}

/* Under the lock a socket file is nobody's. */
static int remove_stale(const char *path) {
    struct stat file;
    if (lstat(path, &file) < 0)
        return errno == ENOENT ? 0 : complain(path, -errno, "Check the directory.");
    if (!S_ISSOCK(file.st_mode))
        return complain(path, -EEXIST, "It is not a socket: move it away, or give another --socket PATH.");
    return unlink(path) == 0 ? 0 : complain(path, -errno, "Remove it.");
}

static int bind_one(const char *path, mode_t mode, int *out) {
    int error = remove_stale(path);
    if (error)
        return error;
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    assert(strlen(path) < sizeof address.sun_path);
    memcpy(address.sun_path, path, strlen(path));
    *out = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (*out < 0)
        return complain(path, -errno, "");
    mode_t before = umask((mode_t)(~mode & 0777));
    int bound = bind(*out, (const struct sockaddr *)&address, sizeof address);
    error = -errno;
    umask(before);
    if (bound < 0)
        return complain(path, error, "Check the directory, or give --socket PATH.");
    return listen(*out, BACKLOG) == 0 ? 0 : complain(path, -errno, "");
}

int listen_open(const char *path, struct listening *listening) {
    assert(listening);
    *listening = (struct listening){.lock = -1, .operate = -1, .view = -1};
    int error = find_paths(path, listening);
    if (error)
        return error;
    make_directory(listening->operate_path);
    error = take_lock(listening);
    if (!error)
        error = bind_one(listening->operate_path, OPERATE_MODE, &listening->operate);
    if (!error)
        error = bind_one(listening->view_path, VIEW_MODE, &listening->view);
    if (error)
        listen_close(listening);
    return error;
}

void listen_close(struct listening *listening) {
    assert(listening);
    if (listening->operate >= 0) {
        unlink(listening->operate_path);
        close(listening->operate);
    }
    if (listening->view >= 0) {
        unlink(listening->view_path);
        close(listening->view);
    }
    if (listening->lock >= 0)
        close(listening->lock);
    *listening = (struct listening){.lock = -1, .operate = -1, .view = -1};
}
