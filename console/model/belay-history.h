/* The last seconds of one axis for the plot: a ring of samples. No GTK. One thread.
 *
 * A value that was missing, stale or bad is NAN, so that the plot shows a gap and never a guess.
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_HISTORY_H
#define BELAY_CONSOLE_MODEL_BELAY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct belay_sample {
    int64_t t_us;       /* controller's CLOCK_MONOTONIC */
    double position_m;  /* NAN = no good value */
    double tension_n;   /* NAN = no good value */
};

struct belay_history; /* opaque */

/* A ring of `capacity` samples (at least 2), empty. Allocates; never NULL (aborts without memory, as GLib does). */
struct belay_history *belay_history_new(size_t capacity);
/* Frees it; NULL is allowed. */
void belay_history_free(struct belay_history *history);

/* Adds the newest sample; the oldest one goes when the ring is full. Returns false, and adds nothing, when its time is
 * not after the newest one's. */
bool belay_history_push(struct belay_history *history, const struct belay_sample *sample);

/* Forgets everything (another controller: its clock may differ). */
void belay_history_clear(struct belay_history *history);

/* Samples held, 0..capacity. */
size_t belay_history_count(const struct belay_history *history);
/* Sample `index`, 0 = oldest. Asserts that it exists. Valid until the next push or clear. */
const struct belay_sample *belay_history_at(const struct belay_history *history, size_t index);
/* Index of the first sample at or after `t_us`; count when there is none. */
size_t belay_history_find(const struct belay_history *history, int64_t t_us);

#endif
