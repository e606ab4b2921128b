/* Witnesses of the computer itself: does it keep time, or was it taken away for a while? */
#ifndef BELAY_SIM_CLI_WITNESS_H
#define BELAY_SIM_CLI_WITNESS_H

#include <stdbool.h>
#include <stdint.h>

/* Starts the witnesses: a thread on each processor that sleeps for two milliseconds and measures how late it wakes,
 * and one that measures the round trip over TCP loopback to another processor. With `above` they stand above everything
 * that Belay runs, where that is permitted: then a program of Belay that takes too long does not delay them, and only a
 * computer that was taken away does. Without, they are as any program of a user, and see a busy computer too. What
 * cannot be started is left out. Not from two threads at a time. */
void witness_start(bool above);

/* The longest pause since the start or the last call, in us; one that still lasts counts. -1: nobody measures. */
int64_t witness_take(void);

/* Ends them. The longest pause since the start or the last witness_take(), in us; -1: nobody measured. Waits for the
 * threads. */
int64_t witness_end(void);

#endif
