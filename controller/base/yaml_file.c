/* Reads a file of limits from disk, whole and once: what is hashed is what is parsed. */
#include "controller/base/yaml.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int refuse(const char *path, const char *what, int error, struct yaml_errors *errors) {
    char reason[128];
    yaml_error_add(errors, path, (struct yaml_place){1, 1}, "", "%s: %s, expected a readable file", what,
                   strerror_r(error, reason, sizeof reason));
    return -error;
}

/* Reads up to `size` bytes until the end of the file. Returns their number or -errno. */
static ssize_t read_all(int fd, char *text, size_t size) {
    size_t length = 0;
    while (length < size) {
        const ssize_t got = read(fd, text + length, size - length);
        if (got == 0)
            break;
        if (got < 0 && errno != EINTR)
            return -errno;
        if (got > 0)
            length += (size_t)got;
    }
    return (ssize_t)length;
}

int yaml_read(const char *path, char **text, size_t *length, struct yaml_errors *errors) {
    assert(path != NULL && text != NULL && length != NULL && errors != NULL);
    *text = NULL;
    *length = 0;
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK); /* not to hang on a pipe */
    if (fd < 0)
        return refuse(path, "can't be opened", errno, errors);
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        close(fd);
        return refuse(path, "is not a regular file", EINVAL, errors);
    }
    char *const buffer = malloc(YAML_BYTES_MAX + 2);
    if (buffer == NULL) {
        close(fd);
        return refuse(path, "can't be held", ENOMEM, errors);
    }
    const ssize_t got = read_all(fd, buffer, YAML_BYTES_MAX + 1);
    close(fd);
    if (got < 0 || got > YAML_BYTES_MAX) {
        free(buffer);
        if (got < 0)
            return refuse(path, "can't be read", (int)-got, errors);
        yaml_error_add(errors, path, (struct yaml_place){1, 1}, "", "the file is too large, expected at most %d bytes",
                       YAML_BYTES_MAX);
        return -EFBIG;
    }
    buffer[got] = '\0';
    *text = buffer;
    *length = (size_t)got;
    return 0;
}

int yaml_load(const char *path, const struct yaml_field *fields, void *out, struct yaml_doc **doc,
              struct yaml_errors *errors) {
    char *text = NULL;
    size_t length = 0;
    if (doc != NULL)
        *doc = NULL;
    const int status = yaml_read(path, &text, &length, errors);
    if (status != 0)
        return status;
    const int checked = yaml_load_text(path, text, length, fields, out, doc, errors);
    free(text);
    return checked;
}
