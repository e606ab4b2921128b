/* One sentence a cause. */
#include "console/model/belay-stop.h"

#include <stdio.h>
#include <string.h>

/* Before and after the name of who it was; a sentence without a name has no `after`. */
static const struct {
    const char *what, *before, *after;
} sentences[] = {
    {"stop", "Stopped: the operator of ", " pressed STOP."},
    {"released", "Stopped: the operator of ", " let go."},
    {"expired", "Stopped: the hold of ", " was not renewed in time."},
    {"gone", "Stopped: the connection to ", " was lost while it held."},
    {"disarm", "Stopped: the operator of ", " disarmed."},
    {"shutdown", "Stopped: belayd was shutting down.", NULL},
    {"arrived", "Ended by itself: it arrived.", NULL},
    {"slack", "Ended by itself: the rope went slack. The load stands, or is held.", NULL},
    {"weight", "Stopped: weight came on the rope.", NULL},
    {"clear", "Stopped: the second person's clear ran out.", NULL},
    {"recovered", "Stopped: the recovery is over.", NULL},
    {"held", "Ended by itself: it stood still for its longest time, so the brakes took the load. Press again.", NULL},
    {"payout_end", "Ended by itself: it came to its end of pay-out.", NULL},
    {"takein_end", "Ended by itself: it came to its end of take-in.", NULL},
    {"torque",
     "Stopped: the drive did not show the torque that holds the load; no brake was released, it holds on. Secure it.",
     NULL},
    {"quick_stop",
     "Stopped: the drive stays in its quick stop, against its profile, and the load hangs on that. Secure it first.",
     NULL},
    {"reference",
     "Stopped: the motion sensor is silent, repeats itself or jumps. The load moves with the deck now; look at the "
     "sensor.",
     NULL},
    {"behind", "Stopped: the drum did not keep up with the deck. The load moves with the deck now.", NULL},
    {"off_path", "Stopped: it was not where its path has it at that time. Move it to where the path begins.", NULL},
    {"fault", "Stopped: a fault.", NULL},
};

static void who(const struct msg_last_stop *stop, int64_t session, char *text, size_t size) {
    if (stop->session == session) {
        snprintf(text, size, "this console");
    } else if (stop->has_client) {
        snprintf(text, size, "%s (session %lld)", stop->client, (long long)stop->session);
    } else {
        snprintf(text, size, "session %lld", (long long)stop->session);
    }
}

char *belay_stop_text(const struct msg_last_stop *stop, int64_t session, char *text, size_t size) {
    char name[sizeof stop->client + 32];
    who(stop, session, name, sizeof name);
    snprintf(text, size, "Stopped: %s.", stop->what);
    for (size_t i = 0; i < sizeof sentences / sizeof sentences[0]; i++) {
        if (strcmp(sentences[i].what, stop->what) != 0) {
            continue;
        }
        if (sentences[i].after == NULL) {
            snprintf(text, size, "%s", sentences[i].before);
        } else if (stop->session == 0) {
            snprintf(text, size, "Stopped: belayd did it.");
        } else {
            snprintf(text, size, "%s%s%s", sentences[i].before, name, sentences[i].after);
        }
    }
    return text;
}
