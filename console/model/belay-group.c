/* Words of a group of axes. */
#include "console/model/belay-group.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static void millimetres(bool known, double m, char out[static 24]) {
    if (known) {
        snprintf(out, 24, "%.1f mm", m * 1000);
    } else {
        snprintf(out, 24, "- mm");
    }
}

char *belay_group_text(const struct msg_telemetry_group *group, bool fresh, char *text, size_t size) {
    char drums[24], load[24];
    millimetres(fresh && group->has_level_m, group->level_m, drums);
    millimetres(fresh && group->has_load_level_m, group->load_level_m, load);
    snprintf(text, size, "%s, %s: drums %s apart, load %s", group->name, group->kind, drums, load);
    return text;
}

char *belay_groups_text(const struct msg_telemetry *telemetry, bool fresh, char *text, size_t size) {
    assert(size > 0);
    text[0] = '\0';
    for (int i = 0; i < telemetry->groups_count; i++) {
        const size_t used = strlen(text);
        if (used + 2 < size && i > 0) {
            strcat(text, "\n");
        }
        belay_group_text(&telemetry->groups[i], fresh, text + strlen(text), size - strlen(text));
    }
    return text;
}
