/* SHA-256 of texts, to tell whether a file is the file it was. A fingerprint against mix-ups, not a signature. */
#ifndef BELAY_CONTROLLER_BASE_HASH_H
#define BELAY_CONTROLLER_BASE_HASH_H

#include <stddef.h>

#define HASH_HEX_SIZE 65 /* 64 lower-case hexadecimal digits and the terminator */

/* Writes the SHA-256 of `length` bytes at `data` in hexadecimal. Pure. */
void hash_hex(const void *data, size_t length, char hex[static HASH_HEX_SIZE]);

#endif
