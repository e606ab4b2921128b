/* A small file that is replaced whole or not at all. Blocking; not for the cycle. */
#ifndef BELAY_CONTROLLER_BASE_FILE_H
#define BELAY_CONTROLLER_BASE_FILE_H

#include <stddef.h>

/* Writes `text` to a new file beside `path`, flushes it and lets it take the old one's name. Returns 0, -ENAMETOOLONG
 * for a path over 500 bytes, or -errno; then `path` is as it was. Waits for the disk. */
int file_replace(const char *path, const char *text, size_t length);

#endif
