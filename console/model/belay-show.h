/* A show file on its way from the disk to belayd: whether it can be sent at all. What it says is judged by belayd. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_SHOW_H
#define BELAY_CONSOLE_MODEL_BELAY_SHOW_H

#include <glib.h>

#include "protocol/belay_messages.h"

/* One byte more than the longest text that fits a request: who reads so much has read enough to see it. */
#define SHOW_READ_MAX sizeof((struct msg_show_load *)NULL)->text

/* Fills `params` from a file's name and bytes. Returns NULL, or why such a file can't be sent and what to do. Static
 * text. */
const char *belay_show_prepare(const char *name, GBytes *bytes, struct msg_show_load *params);

#endif
