/* Triple buffer: the newest whole value from one thread to another. */
#include "controller/base/tbuf.h"

#include <assert.h>

static_assert(ATOMIC_INT_LOCK_FREE == 2, "the buffer must never lock");

/* Each slot belongs to the writer, to the reader, or lies in the middle; whoever exchanges gives one and takes one,
 * so no two threads ever hold the same. */
#define FRESH 4u
#define SLOT_MASK 3u

void tbuf_init(struct tbuf *buffer, void *storage, size_t slot_size) {
    assert(storage != NULL && slot_size > 0);
    buffer->slots = storage;
    buffer->slot_size = slot_size;
    buffer->write_slot = 0;
    buffer->read_slot = 1;
    atomic_init(&buffer->middle, 2);
}

void *tbuf_write_slot(struct tbuf *buffer) {
    assert(buffer->write_slot < 3);
    return buffer->slots + buffer->write_slot * buffer->slot_size;
}

void tbuf_publish(struct tbuf *buffer) {
    unsigned given = buffer->write_slot | FRESH;
    buffer->write_slot = atomic_exchange_explicit(&buffer->middle, given, memory_order_acq_rel) & SLOT_MASK;
    assert(buffer->write_slot < 3);
}

const void *tbuf_read(struct tbuf *buffer, bool *fresh) {
    bool is_fresh = (atomic_load_explicit(&buffer->middle, memory_order_relaxed) & FRESH) != 0;
    if (is_fresh)
        buffer->read_slot =
            atomic_exchange_explicit(&buffer->middle, buffer->read_slot, memory_order_acq_rel) & SLOT_MASK;
    assert(buffer->read_slot < 3);
    if (fresh)
        *fresh = is_fresh;
    return buffer->slots + buffer->read_slot * buffer->slot_size;
}
