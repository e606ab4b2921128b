/* SHA-256 of texts, to tell whether a file is the file it was. A fingerprint against mix-ups, not a signature. */
#ifndef BELAY_CONTROLLER_BASE_HASH_H
#define BELAY_CONTROLLER_BASE_HASH_H

#include <stdbool.h>
#include <stddef.h>

#define HASH_HEX_SIZE 65 /* 64 lower-case hexadecimal digits and the terminator */

/* Writes the SHA-256 of `length` bytes at `data` in hexadecimal. Pure. */
void hash_hex(const void *data, size_t length, char hex[static HASH_HEX_SIZE]);

/* Is the last line of a text `label` and the SHA-256 of all before that line? The text ends in a line end. Pure. */
bool hash_seals(const char *text, size_t length, const char *label);

#endif
