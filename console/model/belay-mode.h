/* The operating mode in words, and what WALK offers. Pure. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_MODE_H
#define BELAY_CONSOLE_MODEL_BELAY_MODE_H

#include <stddef.h>

#include "protocol/belay.h"

/* "SET-UP", "WALK 10 %", "SHOW". Writes at most `size` bytes; returns `text`. */
char *belay_mode_words(const struct msg_operation *operation, char *text, size_t size);

/* The rung that WALK selects: the one that the standby cue has reached; without such a cue the highest that belayd
 * offers. In percent. */
int belay_mode_walk_percent(const struct msg_operation *operation);

/* The lowest rung, offered beside that: whoever is in doubt begins there. 0 = it is the same, or not known. */
int belay_mode_first_percent(const struct msg_operation *operation);

#endif
