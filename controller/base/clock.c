/* The monotonic clock: reading it and sleeping on it. */
#include "controller/base/clock.h"

#include <assert.h>
#include <errno.h>
#include <time.h>

int64_t clock_now_us(void) {
    struct timespec now;
    int failed = clock_gettime(CLOCK_MONOTONIC, &now);
    assert(failed == 0);
    (void)failed;
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

void clock_sleep_until_us(int64_t deadline_us) {
    assert(deadline_us >= 0);
    const struct timespec deadline = {.tv_sec = (time_t)(deadline_us / 1000000),
                                      .tv_nsec = (long)(deadline_us % 1000000 * 1000)};
    int error;
    do
        error = clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL);
    while (error == EINTR);
    assert(error == 0);
}
