/* The plot's ring of samples. */
#include "console/model/belay-history.h"

#include <criterion/criterion.h>

static struct belay_sample sample(int64_t t_us) {
    return (struct belay_sample){.t_us = t_us, .position_m = (double)t_us, .tension_n = -(double)t_us};
}

static void push(struct belay_history *history, int64_t t_us) {
    const struct belay_sample s = sample(t_us);
    cr_assert(belay_history_push(history, &s));
}

Test(history, keeps_the_newest) {
    struct belay_history *history = belay_history_new(4);
    cr_assert_eq(belay_history_count(history), 0);
    for (int64_t t = 10; t <= 60; t += 10) {
        push(history, t);
    }
    cr_assert_eq(belay_history_count(history), 4);
    for (size_t i = 0; i < 4; i++) {
        cr_assert_eq(belay_history_at(history, i)->t_us, 30 + 10 * (int64_t)i);
        cr_assert_float_eq(belay_history_at(history, i)->tension_n, -30.0 - 10.0 * (double)i, 1e-9);
    }
    belay_history_free(history);
}

Test(history, refuses_time_that_does_not_grow) {
    struct belay_history *history = belay_history_new(4);
    push(history, 20);
    const struct belay_sample same = sample(20), older = sample(19);
    cr_assert_not(belay_history_push(history, &same));
    cr_assert_not(belay_history_push(history, &older));
    cr_assert_eq(belay_history_count(history), 1);
    belay_history_free(history);
}

Test(history, finds_by_time) {
    struct belay_history *history = belay_history_new(3);
    cr_assert_eq(belay_history_find(history, 5), 0);
    for (int64_t t = 10; t <= 50; t += 10) { /* holds 30, 40, 50, across the seam */
        push(history, t);
    }
    cr_assert_eq(belay_history_find(history, 0), 0);
    cr_assert_eq(belay_history_find(history, 30), 0);
    cr_assert_eq(belay_history_find(history, 31), 1);
    cr_assert_eq(belay_history_find(history, 50), 2);
    cr_assert_eq(belay_history_find(history, 51), 3);
    belay_history_free(history);
}

Test(history, clear_takes_older_times_again) {
    struct belay_history *history = belay_history_new(2);
    push(history, 1000);
    belay_history_clear(history);
    cr_assert_eq(belay_history_count(history), 0);
    push(history, 1);
    cr_assert_eq(belay_history_at(history, 0)->t_us, 1);
    belay_history_free(history);
}
