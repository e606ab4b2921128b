/* Words of a group of axes. No GTK. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_GROUP_H
#define BELAY_CONSOLE_MODEL_BELAY_GROUP_H

#include <stdbool.h>
#include <stddef.h>

#include "protocol/belay_messages.h"

#define GROUPS_TEXT_MAX 1024

/* "left, locked: drums 0.7 mm apart, load 3.5 mm" into `text`, which is returned. A figure that is not known, and every
 * one when telemetry is old, is "- mm". */
char *belay_group_text(const struct msg_telemetry_group *group, bool fresh, char *text, size_t size);

/* The lines of all groups; empty without any. */
char *belay_groups_text(const struct msg_telemetry *telemetry, bool fresh, char *text, size_t size);

#endif
