/* Words of the operating mode. */
#include "console/model/belay-mode.h"

#include <stdio.h>

char *belay_mode_words(const struct msg_operation *operation, char *text, size_t size) {
    if (operation->mode == MSG_OPERATING_MODE_WALK_THROUGH) {
        snprintf(text, size, "WALK %d %%", (int)operation->percent);
    } else {
        snprintf(text, size, "%s", operation->mode == MSG_OPERATING_MODE_SHOW    ? "SHOW"
                                   : operation->mode == MSG_OPERATING_MODE_SETUP ? "SET-UP"
                                                                                 : "UNKNOWN");
    }
    return text;
}

int belay_mode_walk_percent(const struct msg_operation *operation) {
    return (int)(operation->standby_percent > 0 ? operation->standby_percent : operation->offer_percent);
}

int belay_mode_first_percent(const struct msg_operation *operation) {
    const bool other = operation->has_first_percent && operation->first_percent < belay_mode_walk_percent(operation);
    return other ? (int)operation->first_percent : 0;
}
