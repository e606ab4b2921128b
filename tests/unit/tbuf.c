/* The triple buffer: the newest value, whole, once fresh, and between two threads. */
#include "controller/base/tbuf.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>

#define WORDS 512

struct value {
    uint64_t word[WORDS];
};

static struct tbuf buffer;
static struct value storage[3];

static void open_buffer(void) {
    memset(storage, 0, sizeof storage);
    tbuf_init(&buffer, storage, sizeof storage[0]);
}

TestSuite(tbuf, .init = open_buffer, .timeout = 60);

static void put(uint64_t number) {
    struct value *slot = tbuf_write_slot(&buffer);
    for (int i = 0; i < WORDS; i++)
        slot->word[i] = number;
    tbuf_publish(&buffer);
}

static uint64_t newest(bool *fresh) {
    const struct value *value = tbuf_read(&buffer, fresh);
    for (int i = 1; i < WORDS; i++)
        cr_assert_eq(value->word[i], value->word[0], "torn at word %d", i);
    return value->word[0];
}

Test(tbuf, before_the_first_value_the_storage_is_read) {
    bool fresh = true;
    cr_assert_eq(newest(&fresh), 0);
    cr_assert_not(fresh);
}

Test(tbuf, a_value_is_fresh_once_and_stays) {
    bool fresh;
    put(1);
    cr_assert_eq(newest(&fresh), 1);
    cr_assert(fresh);
    for (int i = 0; i < 3; i++) {
        cr_assert_eq(newest(&fresh), 1);
        cr_assert_not(fresh);
    }
}

Test(tbuf, only_the_newest_counts) {
    for (uint64_t i = 1; i <= 20; i++)
        put(i);
    cr_assert_eq(newest(NULL), 20);
    put(21);
    put(22);
    cr_assert_eq(newest(NULL), 22);
}

Test(tbuf, what_the_reader_holds_is_not_written_over) {
    put(1);
    const struct value *held = tbuf_read(&buffer, NULL);
    for (uint64_t i = 2; i < 10; i++) {
        cr_assert_neq(tbuf_write_slot(&buffer), held);
        put(i);
    }
    cr_assert_eq(held->word[0], 1);
}

#define COUNT 100000

static void *write_all(void *unused) {
    for (uint64_t i = 1; i <= COUNT; i++)
        put(i);
    return unused;
}

Test(tbuf, two_threads_tear_nothing_and_never_go_back) {
    pthread_t writer;
    cr_assert_eq(pthread_create(&writer, NULL, write_all, NULL), 0);
    uint64_t last = 0;
    while (last < COUNT) {
        bool fresh;
        uint64_t value = newest(&fresh);
        cr_assert(fresh ? value > last : value == last);
        last = value;
    }
    pthread_join(writer, NULL);
}
