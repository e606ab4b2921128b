/* After bus_start() nothing is allocated any more, not by the cycle, not by a link that loses and finds its devices. */
#include <criterion/criterion.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "tests/pair/bus_bench.h"

static atomic_bool counting;
static atomic_long calls;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size) {
    calls += counting;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    calls += counting;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    calls += counting;
    return __libc_realloc(old, size);
}

Test(bus_alloc, the_hook_counts) {
    counting = true;
    void *volatile block = malloc(10);
    counting = false;
    free(block);
    cr_assert_eq(calls, 1);
}

Test(bus_alloc, flying_and_reconnecting_allocate_nothing) {
    static struct bus_bench bench;
    bus_bench_open(&bench);
    bus_bench_fly(&bench);
    calls = 0;
    counting = true;
    bus_bench_cycles(&bench, 500);
    for (int i = 0; i < 10; i++) {
        static const enum field_fault faults[] = {FIELD_CUT, FIELD_MUTE, FIELD_WRONG_TID, FIELD_EXCEPTION, FIELD_CLOSE};
        field_fault(bench.field[i % BUS_LINKS], faults[i % 5], 4, 1);
        bus_bench_cycles(&bench, 200);
    }
    counting = false;
    long seen = calls;
    uint32_t generation = bus_bench_link(&bench, BUS_LINK_DRIVE)->generation;
    bus_bench_close(&bench);
    cr_expect_eq(seen, 0, "%ld allocations", seen);
    cr_expect_gt(generation, 3);
}
