/* The only place that reads a clock; allowed callers are main, bus workers and serve (tests/tidy checks it). */
#ifndef BELAY_CONTROLLER_BASE_CLOCK_H
#define BELAY_CONTROLLER_BASE_CLOCK_H

#include <stdint.h>

/* CLOCK_MONOTONIC in microseconds. */
int64_t clock_now_us(void);

/* Sleeps until CLOCK_MONOTONIC reaches `deadline_us`; returns at once when it has passed. Not ended by signals. */
void clock_sleep_until_us(int64_t deadline_us);

#endif
