/* The directory that a rehearsal runs in: sockets, and files that nobody wants to keep. A lock in it tells whether its
 * rehearsal lives, whatever became of its process number; what a killed one left is removed by the next. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define SOCKET_PATH_MAX 107
#define NAME "belay-rehearsal-"
#define LOCK "lock"

static const char *base_directory(void) {
    const char *base = getenv("XDG_RUNTIME_DIR"), *fallback = getenv("TMPDIR");
    if (base && access(base, W_OK) == 0)
        return base;
    return fallback && *fallback ? fallback : "/tmp";
}

static void remove_directory(const char *path) {
    DIR *directory = opendir(path);
    if (!directory)
        return;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        char file[PATH_SIZE];
        if (strlen(path) + strlen(entry->d_name) + 2 > sizeof file)
            continue;
        places_join(file, path, entry->d_name);
        if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
            unlink(file);
    }
    closedir(directory);
    rmdir(path);
}

/* Whose lock is it? The process while that lives, 0 when it has died; -1 for a directory without a lock of ours, as
 * --keep leaves it. With 0, `*fd` holds the lock. */
static pid_t owner(const char *path, int *fd) {
    struct stat found;
    char file[PATH_SIZE], text[16] = "";
    places_join(file, path, LOCK);
    *fd = -1;
    if (lstat(path, &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != geteuid() ||
        (*fd = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
        return -1;
    if (flock(*fd, LOCK_EX | LOCK_NB) == 0)
        return 0;
    ssize_t length = read(*fd, text, sizeof text - 1);
    close(*fd);
    *fd = -1;
    return length > 0 && atoi(text) > 0 ? atoi(text) : -1;
}

/* Goes through the run directories of this user, but for `own`: removes those of the dead when `clean`. Returns the
 * process of one that lives, 0 when there is none. */
static pid_t look_around(const char *own, bool clean) {
    const char *base = base_directory();
    DIR *directory = opendir(base);
    pid_t living = 0;
    for (const struct dirent *entry; directory && (entry = readdir(directory)) != NULL;) {
        char path[PLACE_MAX];
        int fd;
        if (strncmp(entry->d_name, NAME, strlen(NAME)) != 0 ||
            snprintf(path, sizeof path, "%s/%s", base, entry->d_name) >= (int)sizeof path || strcmp(path, own) == 0)
            continue;
        pid_t pid = owner(path, &fd);
        living = pid > 0 ? pid : living;
        if (pid == 0 && clean)
            remove_directory(path);
        if (fd >= 0)
            close(fd);
    }
    if (directory)
        closedir(directory);
    return living;
}

pid_t directory_other(const struct director *director) {
    return look_around(director->run_dir, false);
}

/* Locked before it has its name, so that nobody takes it for one of the dead. */
static bool lock(struct director *director) {
    char made[PATH_SIZE], file[PATH_SIZE];
    places_join(made, director->run_dir, LOCK ".new");
    places_join(file, director->run_dir, LOCK);
    director->lock_fd = open(made, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return director->lock_fd >= 0 && flock(director->lock_fd, LOCK_EX | LOCK_NB) == 0 &&
           dprintf(director->lock_fd, "%d\n", (int)getpid()) > 0 && rename(made, file) == 0;
}

bool directory_out(const char *out, char absolute[static PLACE_MAX], char *error, size_t error_size) {
    char whole[PATH_MAX];
    struct stat found;
    int number = (mkdir(out, 0755) != 0 && errno != EEXIST) || !realpath(out, whole) || stat(whole, &found) != 0 ? errno
                 : !S_ISDIR(found.st_mode)                                                                   ? ENOTDIR
                 : access(whole, W_OK | X_OK) != 0                                                           ? errno
                 : strlen(whole) >= PLACE_MAX / 2 ? ENAMETOOLONG
                                                  : 0;
    if (number == 0)
        snprintf(absolute, PLACE_MAX, "%.*s", PLACE_MAX - 1, whole);
    else
        snprintf(error, error_size, "--out %.200s: %s. Name a directory that can be written", out, strerror(number));
    return number == 0;
}

bool directory_make(struct director *director) {
    const char *base = base_directory(), *out = director->options->out;
    look_around("", true);
    snprintf(director->run_dir, sizeof director->run_dir, "%.300s/" NAME "XXXXXX", base);
    if (!mkdtemp(director->run_dir)) {
        director_fail(director, "no run directory in %s: %s", base, strerror(errno));
        director->run_dir[0] = '\0';
        return false;
    }
    char error[FAILURE_MAX / 2];
    if (!lock(director)) {
        director_fail(director, "%s cannot be locked: %s", director->run_dir, strerror(errno));
        return false;
    }
    snprintf(director->files_dir, sizeof director->files_dir, "%s", director->run_dir);
    if (out && !directory_out(out, director->files_dir, error, sizeof error)) {
        director_fail(director, "%s", error);
        return false;
    }
    places_join(director->socket, director->run_dir, "operate");
    places_join(director->stage_path, director->run_dir, "stage");
    if (strlen(director->socket) > SOCKET_PATH_MAX) {
        director_fail(director, "%s is too long for a socket: set TMPDIR to a shorter directory", director->socket);
        return false;
    }
    return true;
}

void directory_clean(struct director *director) {
    char file[PATH_SIZE];
    places_join(file, director->run_dir, LOCK);
    if (director->run_dir[0] && director->options->keep)
        unlink(file); /* without it, it is nobody's leavings */
    else if (director->run_dir[0])
        remove_directory(director->run_dir);
    if (director->lock_fd >= 0)
        close(director->lock_fd);
    director->lock_fd = -1;
}
