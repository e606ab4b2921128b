/* The truth file: what really happened, one CSV row per simulated millisecond, written by a thread of its own. Columns
 * are the fields of struct sim_truth, and for each winch behind the first one its own, with its number: tension_n_2. */
#ifndef BELAY_SIM_TRUTH_H
#define BELAY_SIM_TRUTH_H

#include <stdint.h>

#include "sim/sim.h"

struct truth; /* opaque */

/* Creates the file with its header and starts the writer, which inherits the caller's signal mask and scheduling: call
 * it before asking for real-time scheduling. Returns 0 with `*truth` set, or -errno. */
int truth_open(const char *path, const struct sim_world *world, struct truth **truth);

/* Adds one row of the same world, `t_us` on CLOCK_MONOTONIC. No file I/O;
 * waits only when the writer is 16 s behind. One thread. */
void truth_add(struct truth *truth, int64_t t_us, const struct sim_world *world);

/* Writes what is left, ends the thread, closes the file. Returns 0, or -errno when any row could not be written. */
int truth_close(struct truth *truth);

#endif
