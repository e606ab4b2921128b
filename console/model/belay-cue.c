/* Words of a cue. */
#include "console/model/belay-cue.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "console/model/belay-units.h"

/* Adds " to 8.000 m" when there is a value. */
static void add(char *text, size_t size, const char *word, bool there, enum belay_quantity quantity, double value) {
    char number[BELAY_TEXT_MAX];
    const size_t used = strlen(text);
    assert(used < size);
    if (there) {
        snprintf(text + used, size - used, " %s %s %s", word,
                 belay_units_number(quantity, value, number, sizeof number), belay_units_symbol(quantity));
    }
}

char *belay_cue_text(const struct msg_cue *cue, char *text, size_t size) {
    snprintf(text, size, "%s %s", msg_cue_kind_name(cue->kind),
             cue->has_group ? cue->group : cue->axis);
    add(text, size, "to", cue->has_position_m, QUANTITY_POSITION, cue->position_m);
    add(text, size, "at", cue->has_speed_m_s, QUANTITY_SPEED, cue->speed_m_s);
    add(text, size, "at", cue->has_tension_n, QUANTITY_TENSION, cue->tension_n);
    return text;
}
