/* Ring between exactly one writing and one reading thread: events, commands, replies. Wait-free, no system call.
 *
 * The storage belongs to the caller and its element count is a power of two. Acquire/release only, so that
 * ThreadSanitizer sees all of it.
 */
#ifndef BELAY_CONTROLLER_BASE_SPSC_H
#define BELAY_CONTROLLER_BASE_SPSC_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct spsc {
    unsigned char *slots;
    size_t slot_size;
    uint32_t mask;
    _Atomic uint32_t head;    /* next to write */
    _Atomic uint32_t tail;    /* next to read */
    _Atomic uint32_t dropped; /* pushes refused because the ring was full */
};

/* `storage` holds `slots` elements of `slot_size` bytes; `slots` is a power of two (asserted). Before any thread uses
 * it. */
void spsc_init(struct spsc *ring, void *storage, size_t slot_size, uint32_t slots);

/* Writer: copies one element in. False, and counted in `dropped`, when full. */
bool spsc_push(struct spsc *ring, const void *element);

/* Reader: copies the oldest element out. False when empty. */
bool spsc_pop(struct spsc *ring, void *element);

#endif
