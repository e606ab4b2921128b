/* Who or what ended the last motion, as one sentence. No GTK. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_STOP_H
#define BELAY_CONSOLE_MODEL_BELAY_STOP_H

#include <stddef.h>
#include <stdint.h>

#include "protocol/belay_messages.h"

/* The sentence about `stop`; `session` is this console's own. A cause that this console does not know is given as it
 * came. Writes at most `size` bytes; returns `text`. */
char *belay_stop_text(const struct msg_last_stop *stop, int64_t session, char *text, size_t size);

#endif
