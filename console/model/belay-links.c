/* Words about links. */
#include "console/model/belay-links.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

void belay_links_init(struct belay_links *links) {
    *links = (struct belay_links){.told = true};
}

static bool link_lost_latched(const struct msg_telemetry *telemetry) {
    for (int i = 0; i < telemetry->faults_count; i++) {
        if (strcmp(telemetry->faults[i].fault, "link_lost") == 0) { /* back before anybody saw it away */
            return true;
        }
    }
    return false;
}

void belay_links_note(struct belay_links *links, const struct msg_telemetry *telemetry) {
    const bool latched = telemetry->has_first_out || telemetry->faults_count > 0;
    bool all_up = true;
    for (int i = 0; i < telemetry->links_count; i++) {
        all_up = all_up && telemetry->links[i].state == MSG_LINK_STATE_UP;
    }
    if (!all_up || link_lost_latched(telemetry)) {
        links->told = true;
    } else if (!latched && (links->latched || telemetry->armed)) {
        links->told = false;
    }
    links->latched = latched;
}

char *belay_links_words(const struct msg_telemetry *telemetry, char *text, size_t size, bool *good) {
    *good = true;
    snprintf(text, size, "%d up", telemetry->links_count);
    for (int i = 0; i < telemetry->links_count && *good; i++) {
        const struct msg_link *link = &telemetry->links[i];
        if (link->state != MSG_LINK_STATE_UP) {
            *good = false;
            snprintf(text, size, "%s %s%s%s", link->name, msg_link_state_name(link->state), link->has_loss ? ": " : "",
                     link->has_loss ? link->loss : "");
        }
    }
    return text;
}

/* Why a device of it is refused, or why it was lost. NULL = nothing. */
static const char *trouble(const struct msg_link *link) {
    return link->has_refusal ? link->refusal : link->has_loss ? link->loss : NULL;
}

/* The first that has trouble, of those that are up or of those that are not. */
static const struct msg_link *troubled(const struct msg_telemetry *telemetry, bool up) {
    for (int i = 0; i < telemetry->links_count; i++) {
        const struct msg_link *link = &telemetry->links[i];
        if ((link->state == MSG_LINK_STATE_UP) == up && trouble(link) != NULL) {
            return link;
        }
    }
    return NULL;
}

char *belay_links_trouble(const struct belay_links *links, const struct msg_telemetry *telemetry, char *text,
                          size_t size, bool *down) {
    assert(size > 0);
    const struct msg_link *link = troubled(telemetry, false);
    *down = link != NULL;
    if (link == NULL && links->told) {
        link = troubled(telemetry, true);
    }
    *text = '\0';
    if (link != NULL) {
        snprintf(text, size, "%s%s: %s", *down ? "" : "Up again, lost before: ", link->name, trouble(link));
    }
    return text;
}
