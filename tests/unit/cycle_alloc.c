/* The cycle allocates nothing: malloc and its kin are counted through a whole flight. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "tests/bench_rig.h"

static volatile bool counting;
static volatile long calls;

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *old, size_t size);

void *malloc(size_t size) {
    calls = calls + counting;
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size) {
    calls = calls + counting;
    return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size) {
    calls = calls + counting;
    return __libc_realloc(old, size);
}

Test(cycle_alloc, the_hook_counts) {
    void *(*volatile allocate)(size_t) = malloc; /* the compiler may not see that the block is not needed */
    counting = true;
    void *block = allocate(10);
    counting = false;
    cr_assert_eq(calls, 1);
    free(block);
}

Test(cycle_alloc, a_flight_with_a_fault_allocates_nothing) {
    struct bench *b = bench_new();
    calls = 0;
    counting = true;
    bench_go(b, 0);
    bench_run(b, 500);
    b->tension_n = 900;
    bench_run(b, 100);
    bench_do(b, COMMAND_RESET);
    bench_do(b, COMMAND_ARM);
    counting = false;
    long seen = calls;
    bench_free(b);
    cr_assert_eq(seen, 0, "%ld allocations in the cycle", seen);
}
