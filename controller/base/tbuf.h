/* Triple buffer: one thread writes whole values, one other thread reads the newest. Wait-free, no tearing, no system
 * call. */
#ifndef BELAY_CONTROLLER_BASE_TBUF_H
#define BELAY_CONTROLLER_BASE_TBUF_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

struct tbuf {
    unsigned char *slots; /* three values */
    size_t slot_size;
    unsigned write_slot, read_slot; /* each touched by its own thread only */
    _Atomic unsigned middle;        /* slot number, bit 2 set = fresh */
};

/* `storage` is 3 x slot_size bytes, zeroed or filled with the first value in each slot. Before any thread uses it. */
void tbuf_init(struct tbuf *buffer, void *storage, size_t slot_size);

/* Writer: the slot to fill. Its old content is undefined: write all of it, then tbuf_publish(). */
void *tbuf_write_slot(struct tbuf *buffer);

/* Writer: makes the filled slot the newest. */
void tbuf_publish(struct tbuf *buffer);

/* Reader: the newest value, valid until the next call. `*fresh` (may be NULL) tells whether it changed since the last
 * call. */
const void *tbuf_read(struct tbuf *buffer, bool *fresh);

#endif
