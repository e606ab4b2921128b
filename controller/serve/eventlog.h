/* The log of what happened, in plain English, on stderr. Never waits for whoever reads stderr. */
#ifndef BELAY_CONTROLLER_SERVE_EVENTLOG_H
#define BELAY_CONTROLLER_SERVE_EVENTLOG_H

#include "controller/base/log.h"
#include "controller/cycle.h"

#define EVENTLOG_LINE_MAX 512
#define EVENTLOG_ACTOR_MAX 128

struct eventlog {
    unsigned lost;         /* lines not written because stderr takes none */
    uint32_t dropped_seen; /* of the event ring */
};

/* Writes one line (printf style), or counts it as lost when stderr would block. */
void eventlog_say(struct eventlog *log, enum log_priority priority, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* True when stderr takes a line now. */
bool eventlog_ready(void);

/* Why the link was last lost, "reset by the other end (winch-drive)"; empty when it was not. Pure. */
void eventlog_loss(const struct rig *rig, const struct image_link *link, char *out, size_t size);

/* The line for `event` into `out`, and its priority. `snapshot` is a newer one (first-out, show); `actor` names the
 * session of a command. Pure. Returns false when the event is not worth a line. */
bool eventlog_text(const struct rig *rig, const struct snapshot *snapshot, const struct event *event, const char *actor,
                   enum log_priority *priority, char out[EVENTLOG_LINE_MAX]);

#endif
