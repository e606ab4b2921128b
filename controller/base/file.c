/* A new file beside, flushed, takes the old one's name. */
#include "controller/base/file.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_BYTES_MAX 512

static int write_all(int fd, const char *text, size_t length) {
    for (size_t done = 0; done < length;) {
        ssize_t written = write(fd, text + done, length - done);
        if (written < 0 && errno != EINTR)
            return -errno;
        done += written > 0 ? (size_t)written : 0;
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

/* So that the new name is on the disk too. */
static void flush_directory(const char *path) {
    char directory[PATH_BYTES_MAX];
    const char *slash = strrchr(path, '/');
    snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path) + 1 : 1, slash ? path : ".");
    int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return;
    fsync(fd);
    close(fd);
}

int file_replace(const char *path, const char *text, size_t length) {
    assert(path && text);
    char new_path[PATH_BYTES_MAX];
    if (snprintf(new_path, sizeof new_path, "%s.new", path) >= (int)sizeof new_path)
        return -ENAMETOOLONG;
    int fd = open(new_path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
    int error = fd < 0 ? -errno : write_all(fd, text, length);
    if (fd >= 0 && close(fd) < 0 && !error)
        error = -errno;
    if (!error && rename(new_path, path) < 0)
        error = -errno;
    if (!error)
        flush_directory(path);
    return error;
}
