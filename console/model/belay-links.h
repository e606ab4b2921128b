/* What is told of the field links: their state in a word or two, and their trouble until it is acknowledged. No GTK. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_LINKS_H
#define BELAY_CONSOLE_MODEL_BELAY_LINKS_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/belay_messages.h"

/* Whether a loss that is over is still told. */
struct belay_links {
    bool told;
    bool latched; /* a fault was, in the last frame */
};

/* Another controller, or the same one again: what it lost before is told once. */
void belay_links_init(struct belay_links *links);
/* To be called with each frame: a loss is told from when a link is not up, or was away, until the reset of the fault
 * that it was, or the next arming. */
void belay_links_note(struct belay_links *links, const struct msg_telemetry *telemetry);

/* "2 up", or the first link that is not; *good = all are up. Writes at most `size` bytes; returns `text`. */
char *belay_links_words(const struct msg_telemetry *telemetry, char *text, size_t size, bool *good);
/* The sentence about the first link that has trouble, "" when there is none to tell; *down = it is not up now. Writes
 * at most `size` bytes; returns `text`. */
char *belay_links_trouble(const struct belay_links *links, const struct msg_telemetry *telemetry, char *text,
                          size_t size, bool *down);

#endif
