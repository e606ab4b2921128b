/* Ring between one writing and one reading thread. */
#include "controller/base/spsc.h"

#include <assert.h>
#include <string.h>

static_assert(ATOMIC_INT_LOCK_FREE == 2, "the ring must never lock");

/* head and tail count on for ever and wrap at 2^32; only their low bits are a slot number. head - tail = elements
 * inside. */
static unsigned char *slot(const struct spsc *ring, uint32_t count) {
    return ring->slots + (size_t)(count & ring->mask) * ring->slot_size;
}

void spsc_init(struct spsc *ring, void *storage, size_t slot_size, uint32_t slots) {
    assert(storage != NULL && slot_size > 0);
    assert(slots > 0 && (slots & (slots - 1)) == 0);
    ring->slots = storage;
    ring->slot_size = slot_size;
    ring->mask = slots - 1;
    atomic_init(&ring->head, 0);
    atomic_init(&ring->tail, 0);
    atomic_init(&ring->dropped, 0);
}

bool spsc_push(struct spsc *ring, const void *element) {
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_relaxed);
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_acquire);
    assert(head - tail <= ring->mask + 1);
    if (head - tail > ring->mask) {
        atomic_fetch_add_explicit(&ring->dropped, 1, memory_order_relaxed);
        return false;
    }
    memcpy(slot(ring, head), element, ring->slot_size);
    atomic_store_explicit(&ring->head, head + 1, memory_order_release);
    return true;
}

bool spsc_pop(struct spsc *ring, void *element) {
    uint32_t tail = atomic_load_explicit(&ring->tail, memory_order_relaxed);
    uint32_t head = atomic_load_explicit(&ring->head, memory_order_acquire);
    assert(head - tail <= ring->mask + 1);
    if (head == tail)
        return false;
    memcpy(element, slot(ring, tail), ring->slot_size);
    atomic_store_explicit(&ring->tail, tail + 1, memory_order_release);
    return true;
}
