/* The ring: order, full and empty, counts that wrap, and two threads. */
#include "controller/base/spsc.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <signal.h>

#define SLOTS 8

static struct spsc ring;
static uint32_t storage[SLOTS];

static void open_ring(void) {
    spsc_init(&ring, storage, sizeof storage[0], SLOTS);
}

TestSuite(spsc, .init = open_ring, .timeout = 60);

Test(spsc, empty_gives_nothing) {
    uint32_t value = 7;
    cr_assert_not(spsc_pop(&ring, &value));
    cr_assert_eq(value, 7);
}

Test(spsc, all_slots_hold_and_one_more_is_refused_and_counted) {
    for (uint32_t i = 0; i < SLOTS; i++)
        cr_assert(spsc_push(&ring, &i));
    uint32_t more = 99;
    cr_assert_not(spsc_push(&ring, &more));
    cr_assert_not(spsc_push(&ring, &more));
    cr_assert_eq(ring.dropped, 2);
    for (uint32_t i = 0; i < SLOTS; i++) {
        uint32_t value = 0;
        cr_assert(spsc_pop(&ring, &value));
        cr_assert_eq(value, i);
    }
    cr_assert_not(spsc_pop(&ring, &more));
}

Test(spsc, counts_wrap_around) {
    atomic_store(&ring.head, UINT32_MAX - 3);
    atomic_store(&ring.tail, UINT32_MAX - 3);
    for (uint32_t i = 0; i < 5 * SLOTS; i += SLOTS) {
        for (uint32_t k = 0; k < SLOTS; k++) {
            uint32_t value = i + k;
            cr_assert(spsc_push(&ring, &value));
        }
        uint32_t more = 0;
        cr_assert_not(spsc_push(&ring, &more));
        for (uint32_t k = 0; k < SLOTS; k++) {
            uint32_t value = 0;
            cr_assert(spsc_pop(&ring, &value));
            cr_assert_eq(value, i + k);
        }
    }
    cr_assert_lt(atomic_load(&ring.head), 100, "the counts must have wrapped");
}

Test(spsc, slots_are_a_power_of_two, .signal = SIGABRT) {
    spsc_init(&ring, storage, sizeof storage[0], 6);
}

#define COUNT 500000

static void *write_all(void *unused) {
    for (uint32_t i = 0; i < COUNT;)
        i += spsc_push(&ring, &i);
    return unused;
}

Test(spsc, two_threads_lose_and_swap_nothing) {
    pthread_t writer;
    cr_assert_eq(pthread_create(&writer, NULL, write_all, NULL), 0);
    for (uint32_t i = 0; i < COUNT;) {
        uint32_t value;
        if (spsc_pop(&ring, &value))
            cr_assert_eq(value, i++);
    }
    pthread_join(writer, NULL);
    cr_assert_not(spsc_pop(&ring, storage));
}
