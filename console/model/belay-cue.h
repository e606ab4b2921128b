/* A cue in one line, for the cue list. No GTK. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_CUE_H
#define BELAY_CONSOLE_MODEL_BELAY_CUE_H

#include <stddef.h>

#include "protocol/belay_messages.h"

#define CUE_TEXT_MAX 128

/* "move winch-1 to 8.000 m at 0.50 m/s", "belay winch-1 at 90 N"; what the controller did not say is left out. Writes
 * at most `size` bytes; returns `text`. */
char *belay_cue_text(const struct msg_cue *cue, char *text, size_t size);

#endif
