/* Damaged files: a rig file with bytes changed, lost, doubled or cut off is either refused, or every value in the
 * struct is the value that stands in the text under its name. The text is read a second time here, by a parser of 40
 * lines that knows nothing of libyaml or of the schema. Profiles and shows are damaged too and must be refused or be
 * sound.
 */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "controller/cue/show.h"
#include "controller/rig/rig.h"
#include "tests/property/random.h"
#include "tests/property/runs.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define RIG_RUNS RUNS_OF(6000)
#define OTHER_RUNS RUNS_OF(3000)
#define TEXT_MAX 16384
#define LEAVES_MAX 256
#define PATH_LENGTH_MAX 96
#define WORDS_MAX 512
#define ROWS_MAX 200
#define LEVELS_MAX 16
#define MEMORY_PATH_MAX 32

static struct rig rig;
static struct show show;
static struct profile profile;
static struct yaml_errors errors;

/* ---- the second reading ---- */

struct leaf {
    char path[PATH_LENGTH_MAX];
    char text[64];
    bool used;
};

struct leaves {
    int count;
    struct leaf leaf[LEAVES_MAX];
};

/* Rows of stop tables are written in braces over one or more lines. A brace within a name is part of it. */
static bool is_row(const char *line, bool *inside) {
    const char *const item = line + strspn(line, " ");
    const bool row = *inside || (item[0] == '-' && item[1] == ' ' && item[1 + strspn(item + 1, " ")] == '{');
    *inside = row && strchr(line, '}') == NULL;
    return row;
}

static void trim(char *text) {
    for (size_t end = strlen(text); end > 0 && text[end - 1] == ' '; end--)
        text[end - 1] = '\0';
}

/* The level of a line that begins at `indent`: how many lines around it begin further left. */
static size_t level_of(size_t indent, size_t dash, size_t column[static LEVELS_MAX], size_t *depth) {
    size_t level = 0;
    while (level < *depth && level < LEVELS_MAX - 2 && column[level] < indent)
        level++;
    column[level] = indent;
    column[level + 1] = indent + dash; /* an item's keys stand behind its "- " */
    *depth = level + 1 + (dash > 0);
    return level;
}

/* `key: value` lines of a file in block style, as in the rig file: more spaces a level, "- " before the first key of an
 * item, remarks behind " #". Rows in braces are read_cells()' matter. */
static void read_leaves(const char *text, struct leaves *leaves) {
    char path[LEVELS_MAX][PATH_LENGTH_MAX] = {""};
    size_t column[LEVELS_MAX], depth = 0;
    int item[LEVELS_MAX];
    memset(item, -1, sizeof item);
    leaves->count = 0;
    bool inside = false;
    for (const char *line = text; *line != '\0';) {
        char copy[256];
        const size_t length = strcspn(line, "\n");
        snprintf(copy, sizeof copy, "%.*s", (int)length, line);
        line += length + (line[length] == '\n');
        char *const remark = copy[0] == '#' ? copy : strstr(copy, " #");
        if (remark != NULL)
            *remark = '\0';
        size_t indent = strspn(copy, " ");
        const bool is_item = strncmp(copy + indent, "- ", 2) == 0;
        const size_t dash = is_item ? 1 + strspn(copy + indent + 1, " ") : 0;
        char *const key = copy + indent + dash;
        char *const colon = strchr(key, ':');
        if (is_row(copy, &inside) || colon == NULL)
            continue;
        const size_t level = level_of(indent, dash, column, &depth);
        *colon = '\0';
        trim(key);
        const size_t own = is_item ? level + 1 : level;
        if (is_item) {
            item[level]++;
            char list[PATH_LENGTH_MAX];
            memcpy(list, path[level], sizeof list);
            snprintf(path[own], PATH_LENGTH_MAX, "%.70s[%d]", list, item[level]);
        }
        char full[PATH_LENGTH_MAX];
        snprintf(full, sizeof full, "%.60s%s%.30s", path[own], path[own][0] == '\0' ? "" : ".", key);
        char *value = colon + 1 + strspn(colon + 1, " ");
        trim(value);
        if (*value == '\0') {
            snprintf(path[own + 1], PATH_LENGTH_MAX, "%s", full);
            item[own + 1] = -1;
        } else if (leaves->count < LEAVES_MAX) {
            struct leaf *const leaf = &leaves->leaf[leaves->count++];
            snprintf(leaf->path, sizeof leaf->path, "%s", full);
            snprintf(leaf->text, sizeof leaf->text, "%.63s", value);
            leaf->used = false;
        }
    }
}

static struct leaf *find_leaf(struct leaves *leaves, const char *path) {
    for (int i = 0; i < leaves->count; i++) {
        if (strcmp(leaves->leaf[i].path, path) == 0)
            return &leaves->leaf[i];
    }
    return NULL;
}

/* ---- stop tables ---- */

/* The text behind `key` up to the comma or bracket that ends it. */
static void read_words(const char *row, const char *key, char words[static WORDS_MAX]) {
    const char *const at = strstr(row, key);
    cr_assert_not_null(at, "a row without %s: %s", key, row);
    const char *from = at + strlen(key) + strspn(at + strlen(key), " \n");
    const bool list = *from == '[';
    from += list;
    size_t length = strcspn(from, list ? "]" : ",}");
    while (length > 0 && strchr(" \n", from[length - 1]) != NULL)
        length--;
    snprintf(words, WORDS_MAX, "%.*s,", (int)length, from);
}

/* Is `word` among the words, or are they "any"? */
static bool says(const char *words, const char *word) {
    const size_t length = strlen(word);
    if (strncmp(words, "any,", 4) == 0)
        return true;
    for (const char *at = words; *at != '\0'; at += strcspn(at, ",") + 1) {
        at += strspn(at, " \n");
        if (strncmp(at, word, length) == 0 && strchr(", \n", at[length]) != NULL)
            return true;
    }
    return false;
}

/* All rows of a text, cut up once. */
static struct rows {
    int count;
    struct row {
        const char *at;
        char faults[WORDS_MAX], modes[WORDS_MAX], directions[WORDS_MAX];
    } row[ROWS_MAX];
} rows;

static void read_rows(const char *text) {
    rows.count = 0;
    for (const char *at = strstr(text, "faults:"); at != NULL; at = strstr(at + 1, "faults:")) {
        cr_assert_lt(rows.count, ROWS_MAX);
        struct row *const row = &rows.row[rows.count++];
        row->at = at;
        read_words(at, "faults:", row->faults);
        read_words(at, "modes:", row->modes);
        read_words(at, "directions:", row->directions);
    }
}

static const char *row_of(const char *fault, const char *mode, const char *direction) {
    const char *found = NULL;
    for (const struct row *row = rows.row; row < rows.row + rows.count; row++) {
        if (!says(row->faults, fault) || !says(row->modes, mode) || !says(row->directions, direction))
            continue;
        cr_assert_null(found, "%s, %s, %s is decided twice", fault, mode, direction);
        found = row->at;
    }
    return found;
}

/* Every cell is what the one row that names it says. */
static void expect_same_cells(const char *text, const char *what) {
    static const char *const modes[MODE_COUNT] = {"none", "jog", "move", "follow", "catch", "recovery"};
    static const char *const directions[DIRECTION_COUNT] = {"standing", "payout", "takein"};
    static const char *const reactions[STOP_REACTION_COUNT] = {"", "ramp", "drive", "off"};
    static const char *const scopes[STOP_SCOPE_COUNT] = {"axis", "group", "rig"};
    read_rows(text);
    for (int fault = 1; fault < FAULT_COUNT; fault++) {
        for (int mode = 0; mode < MODE_COUNT; mode++) {
            for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
                const char *const row =
                    row_of(fault_text((enum fault_id)fault)->name, modes[mode], directions[direction]);
                cr_assert_not_null(row, "%s: the hole %s, %s, %s was taken:\n%s", what,
                                   fault_text((enum fault_id)fault)->name, modes[mode], directions[direction], text);
                const struct stop_cell *const cell = &rig.stop_table[0].cells.cell[fault][mode][direction];
                char reaction[WORDS_MAX], scope[WORDS_MAX], allows[WORDS_MAX];
                read_words(row, "reaction:", reaction);
                read_words(row, "scope:", scope);
                read_words(row, "allows:", allows);
                cr_assert(says(reaction, reactions[cell->reaction]) && says(scope, scopes[cell->scope]), "%s", what);
                cr_assert(cell->allows_payout == says(allows, "payout"), "%s", what);
                cr_assert(cell->allows_takein == says(allows, "takein"), "%s", what);
            }
        }
    }
}

/* ---- where each value must have arrived ---- */

#define AXIS "axes[0]."
#define AXIS_DOUBLE(member) \
    { AXIS #member, 'd', &rig.axis[0].member }
#define AXIS_INT(member) \
    { AXIS #member, 'i', &rig.axis[0].member }
#define LINK(n) \
    {"links[" #n "].name", 't', rig.link[n].name}, {"links[" #n "].host", 't', rig.link[n].host}, \
        {"links[" #n "].port", 'w', &rig.link[n].port}, \
        {"links[" #n "].connect_timeout_ms", 'i', &rig.link[n].connect_timeout_ms}, { \
        "links[" #n "].response_timeout_ms", 'i', &rig.link[n].response_timeout_ms \
    }
#define DEVICE(n) \
    {"devices[" #n "].name", 't', rig.device[n].name}, {"devices[" #n "].link", 'l', &rig.device[n].link}, \
        {"devices[" #n "].unit", 'b', &rig.device[n].unit}, {"devices[" #n "].profile", 'p', &rig.device[n].profile}, \
    { \
        "devices[" #n "].stale_after_ms", 'i', &rig.device[n].stale_after_ms \
    }

#define STATION(n) \
    {"safety.stations[" #n "].name", 't', rig.safety.station[n].name}, \
        {"safety.stations[" #n "].pair", 'c', &rig.safety.station[n].pair}, { \
        "safety.stations[" #n "].axes", 'z', &rig.safety.station[n].axes \
    }

#define SWITCH_DOUBLE(n, member) \
    { AXIS "switches[" #n "]." #member, 'd', &rig.axis[0].limit_switch[n].member }
#define SWITCH(n) \
    {AXIS "switches[" #n "].kind", 'k', &rig.axis[0].limit_switch[n].kind}, \
        {AXIS "switches[" #n "].io", 'D', &rig.axis[0].limit_switch[n].io}, { \
        AXIS "switches[" #n "].contact", 'c', &rig.axis[0].limit_switch[n].contact \
    }
#define PLACED_SWITCH(n) SWITCH(n), SWITCH_DOUBLE(n, opens_at_m), SWITCH_DOUBLE(n, within_m)

/* d double, i int32_t, w uint16_t, b uint8_t, t text, y bool; c: index counted from 1; z: zone of
 * the one axis, by its name or `any`; D, l, p: index of the device, link, profile of that name;
 * T: of the stop table; k: kind of a limit switch; f: the number 1; n: [] for the count 0; o: int32_t that may be left
 * out; r: the ladder. */
static const struct place {
    const char *path;
    char kind;
    const void *member;
} places[] = {
    {"format", 'f', NULL},
    {"rig", 't', rig.name},
    {"cycle_ms", 'i', &rig.cycle_ms},
    {"permission_ms", 'i', &rig.permission_ms},
    {"ladder_percent", 'r', &rig.ladder},
    {"safety.io", 'D', &rig.safety.io},
    {"safety.estop_discrepancy_ms", 'i', &rig.safety.estop_discrepancy_ms},
    {"safety.relay.pulse_ms", 'i', &rig.safety.relay.pulse_ms},
    {"safety.relay.timeout_ms", 'i', &rig.safety.relay.timeout_ms},
    {"safety.recovery.expires_s", 'i', &rig.safety.recovery.expires_s},
    {"safety.recovery.clear_s", 'i', &rig.safety.recovery.clear_s},
    STATION(0),
    STATION(1),
    LINK(0),
    LINK(1),
    DEVICE(0),
    DEVICE(1),
    DEVICE(2),
    DEVICE(3),
    {"devices[0].comm_loss_ms_max", 'i', &rig.device[0].comm_loss_ms_max},
    {"devices[0].hold_ms_min", 'i', &rig.device[0].hold_ms_min},
    {"devices[3].comm_loss_ms_max", 'i', &rig.device[3].comm_loss_ms_max},
    {AXIS "name", 't', rig.axis[0].name},
    {"stop_tables[0].name", 't', rig.stop_table[0].name},
    {AXIS "carries_person", 'y', &rig.axis[0].carries_person},
    {AXIS "drive", 'D', &rig.axis[0].drive},
    {AXIS "load_cell", 'D', &rig.axis[0].load_cell},
    {AXIS "encoder", 'D', &rig.axis[0].encoder},
    AXIS_DOUBLE(drum.circumference_m),
    AXIS_DOUBLE(drum.gear_ratio),
    AXIS_INT(drum.motor_sign),
    AXIS_DOUBLE(drum.encoder_steps_per_turn),
    AXIS_INT(drum.encoder_sign),
    AXIS_INT(drum.encoder_zero_steps),
    {AXIS "drum.encoder_absolute", 'y', &rig.axis[0].drum.encoder_absolute},
    {AXIS "brake.io", 'D', &rig.axis[0].brake.io},
    AXIS_INT(brake.open_ms_max),
    AXIS_INT(brake.close_ms_max),
    AXIS_INT(brake.hold_ms_max),
    {"axes[0].brake.units[0].name", 't', rig.axis[0].brake.unit[0].name},
    {"axes[0].brake.units[0].output", 'c', &rig.axis[0].brake.unit[0].output},
    {"axes[0].brake.units[1].name", 't', rig.axis[0].brake.unit[1].name},
    {"axes[0].brake.units[1].output", 'c', &rig.axis[0].brake.unit[1].output},
    AXIS_DOUBLE(brake.deceleration_m_s2),
    AXIS_DOUBLE(brake.torque_min_percent),
    AXIS_INT(brake.handover_ms),
    AXIS_DOUBLE(brake.handover_mm),
    AXIS_INT(hardwired.off_delay_ms),
    AXIS_INT(hardwired.sto_response_ms),
    AXIS_INT(hardwired.on_delay_ms),
    AXIS_DOUBLE(drive_stop.deceleration_m_s2),
    {AXIS "stops", 'T', &rig.axis[0].stops},
    AXIS_DOUBLE(limits.position_min_m),
    AXIS_DOUBLE(limits.position_max_m),
    AXIS_DOUBLE(limits.payout_speed_max_m_s),
    AXIS_DOUBLE(limits.takein_speed_max_m_s),
    AXIS_DOUBLE(limits.stop_payout_deceleration_m_s2),
    AXIS_DOUBLE(limits.stop_takein_deceleration_m_s2),
    AXIS_INT(limits.stop_time_max_ms),
    AXIS_DOUBLE(limits.overspeed_m_s),
    AXIS_DOUBLE(limits.following_error_max_m_s),
    AXIS_INT(limits.following_error_ms),
    AXIS_DOUBLE(limits.tension_max_n),
    AXIS_DOUBLE(limits.setup_speed_m_s),
    AXIS_DOUBLE(limits.standstill_speed_m_s),
    AXIS_INT(limits.enable_ms_max),
    AXIS_INT(limits.reaction_ms),
    AXIS_DOUBLE(limits.jerk_max_m_s3),
    AXIS_DOUBLE(ultimate.position_min_m),
    AXIS_DOUBLE(ultimate.position_max_m),
    AXIS_DOUBLE(modes.jog.payout_speed_max_m_s),
    AXIS_DOUBLE(modes.jog.takein_speed_max_m_s),
    AXIS_DOUBLE(modes.jog.acceleration_m_s2),
    AXIS_DOUBLE(modes.move.payout_speed_max_m_s),
    AXIS_DOUBLE(modes.move.takein_speed_max_m_s),
    AXIS_DOUBLE(modes.move.acceleration_m_s2),
    AXIS_DOUBLE(modes.recovery.payout_speed_max_m_s),
    AXIS_DOUBLE(modes.recovery.takein_speed_max_m_s),
    AXIS_DOUBLE(modes.recovery.acceleration_m_s2),
    AXIS_DOUBLE(modes.follow.payout_speed_max_m_s),
    AXIS_DOUBLE(modes.follow.takein_speed_max_m_s),
    AXIS_DOUBLE(modes.follow.acceleration_m_s2),
    AXIS_DOUBLE(modes.catch.payout_speed_max_m_s),
    AXIS_DOUBLE(modes.catch.takein_speed_max_m_s),
    AXIS_DOUBLE(modes.catch.acceleration_m_s2),
    {AXIS "bands", 'n', &rig.axis[0].band_count},
    AXIS_DOUBLE(load.rated_mass_kg),
    AXIS_DOUBLE(load.rated_dynamic_tension_n),
    AXIS_DOUBLE(load.overload_percent_up),
    AXIS_DOUBLE(load.overload_percent_both),
    AXIS_DOUBLE(rope.ea_n),
    AXIS_DOUBLE(rope.lead_m),
    AXIS_DOUBLE(rope.jerk_ms),
    AXIS_INT(monitors.window_ms),
    AXIS_INT(monitors.dead_ms),
    AXIS_INT(monitors.lag_ms),
    AXIS_DOUBLE(monitors.following_base_mm),
    AXIS_DOUBLE(monitors.following_slack_ms),
    AXIS_DOUBLE(monitors.mismatch_base_mm),
    AXIS_DOUBLE(monitors.mismatch_slack_ms),
    AXIS_DOUBLE(monitors.frozen_mm),
    AXIS_DOUBLE(monitors.unintended_mm),
    AXIS_DOUBLE(monitors.moved_mm),
    AXIS_INT(monitors.moved_ms),
    AXIS_DOUBLE(monitors.tension_low_n),
    AXIS_DOUBLE(monitors.tension_high_n),
    AXIS_DOUBLE(monitors.tension_rate_n_s),
    {AXIS "monitors.tension_frozen_ms", 'o', &rig.axis[0].monitors.tension_frozen_ms},
    AXIS_INT(monitors.load_ms),
    AXIS_DOUBLE(winding.rope_m),
    AXIS_DOUBLE(winding.dead_turns),
    AXIS_DOUBLE(winding.turns_per_layer),
    PLACED_SWITCH(0),
    PLACED_SWITCH(1),
    PLACED_SWITCH(2),
    PLACED_SWITCH(3),
    PLACED_SWITCH(4),
    SWITCH(5),
    AXIS_DOUBLE(belay.person_mass_kg),
    AXIS_DOUBLE(belay.tension_n),
    AXIS_DOUBLE(belay.band_min_n),
    AXIS_DOUBLE(belay.band_max_n),
    AXIS_DOUBLE(belay.weight_on_line_n),
    AXIS_DOUBLE(belay.slack_n),
    AXIS_DOUBLE(belay.slack_max_m),
    AXIS_DOUBLE(belay.slack_takein_speed_max_m_s),
    AXIS_DOUBLE(belay.catch_deceleration_m_s2),
    AXIS_DOUBLE(belay.fall_speed_m_s),
    AXIS_DOUBLE(belay.lowering_speed_max_m_s),
    AXIS_DOUBLE(belay.restart_speed_max_m_s),
    AXIS_DOUBLE(belay.drive_lag_ms),
    AXIS_DOUBLE(belay.cell_lag_ms),
    AXIS_DOUBLE(belay.anchor_height_m),
    AXIS_DOUBLE(monitors.duty.continuous_percent),
    AXIS_DOUBLE(monitors.duty.time_s),
    AXIS_DOUBLE(monitors.pull.rated_n),
    AXIS_DOUBLE(monitors.pull.mass_kg),
    AXIS_DOUBLE(monitors.pull.tolerance_n),
    AXIS_DOUBLE(monitors.pull.tolerance_percent),
    AXIS_INT(monitors.pull.window_ms),
    AXIS_DOUBLE(monitors.load.tolerance_n),
    AXIS_DOUBLE(monitors.load.tolerance_percent),
    AXIS_DOUBLE(person.lightest_kg),
    AXIS_DOUBLE(person.hangs_n),
    AXIS_INT(commissioning.daily_h),
    AXIS_DOUBLE(commissioning.speed_max_m_s),
    AXIS_DOUBLE(commissioning.reeving_ratio),
    AXIS_DOUBLE(commissioning.marks_mm),
    AXIS_DOUBLE(commissioning.bump_mm),
    AXIS_DOUBLE(commissioning.bump_speed_m_s),
    AXIS_DOUBLE(commissioning.bump_tension_n),
    AXIS_DOUBLE(commissioning.tare_n_max),
    AXIS_DOUBLE(commissioning.span_percent),
    AXIS_DOUBLE(commissioning.brake_test_percent),
    AXIS_INT(commissioning.brake_hold_s),
    AXIS_DOUBLE(commissioning.brake_hold_mm),
};
#define PLACES (int)(sizeof places / sizeof places[0])

static const char *const switch_words[GUARD_SWITCH_COUNT] = {
    [GUARD_END_PAYOUT] = "end_payout",           [GUARD_END_TAKEIN] = "end_takein",
    [GUARD_ULTIMATE_PAYOUT] = "ultimate_payout", [GUARD_ULTIMATE_TAKEIN] = "ultimate_takein",
    [GUARD_DEAD_TURNS] = "dead_turns",           [GUARD_OVERWRAP] = "overwrap",
};

/* The whole text is a figure, or none of it. */
static bool is_figure(const char *text) {
    char *end = NULL;
    strtod(text, &end);
    return *end == '\0' && text[0] != '\0' && strspn(text, "-.0123456789") == strlen(text);
}

/* "[10, 100]", number by number; a list may go on in the next line. */
static bool holds_ladder(const struct rig_ladder *ladder, const char *text) {
    int count = 0;
    for (text += *text == '['; count < ladder->rung_count && strcspn(text, "0123456789") < strlen(text); count++) {
        char *end = NULL;
        text += strcspn(text, "0123456789");
        if (ladder->percent[count] != strtol(text, &end, 10))
            return false;
        text = end;
    }
    return strchr(text, ']') == NULL || (count == ladder->rung_count && strcspn(text, "0123456789") == strlen(text));
}

static bool holds(const struct place *place, const char *text) {
    if (strchr("diwboc", place->kind) != NULL && !is_figure(text))
        return false;
    switch (place->kind) {
    case 'd': {
        double value = 0;
        memcpy(&value, place->member, sizeof value);
        return value == atof(text);
    }
    case 'o':
    case 'i': {
        int32_t value = 0;
        memcpy(&value, place->member, sizeof value);
        return value == atol(text);
    }
    case 'w': {
        uint16_t value = 0;
        memcpy(&value, place->member, sizeof value);
        return value == atol(text);
    }
    case 'b':
        return *(const uint8_t *)place->member == atol(text);
    case 'y':
        return *(const bool *)place->member == (strcmp(text, "true") == 0);
    case 't':
        return strcmp(place->member, text) == 0;
    case 'f':
        return strcmp(text, "1") == 0;
    case 'c':
        return *(const int *)place->member + 1 == atol(text);
    case 'z':
        return *(const uint32_t *)place->member == 1 &&
               (strcmp(text, "any") == 0 || strcmp(text, rig.axis[0].name) == 0);
    case 'k':
        return strcmp(switch_words[*(const enum guard_switch *)place->member], text) == 0;
    case 'r':
        return holds_ladder(place->member, text);
    case 'n':
        return *(const int *)place->member == 0 && strcmp(text, "[]") == 0;
    default:
        break;
    }
    int index = -1;
    memcpy(&index, place->member, sizeof index);
    const char *const name = place->kind == 'D'   ? rig.device[index].name
                             : place->kind == 'T' ? rig.stop_table[index].name
                             : place->kind == 'l' ? rig.link[index].name
                                                  : rig.profile[index].id;
    return strcmp(name, text) == 0;
}

/* The struct holds what the text says: nothing more, nothing less, nothing else. */
static void expect_same(const char *text, const char *what) {
    static struct leaves leaves;
    read_leaves(text, &leaves);
    for (int i = 0; i < PLACES; i++) {
        struct leaf *const leaf = find_leaf(&leaves, places[i].path);
        if (leaf == NULL && places[i].kind == 'o')
            continue;
        cr_assert_not_null(leaf, "%s: loaded, but %s is not in the text:\n%s", what, places[i].path, text);
        cr_assert(holds(&places[i], leaf->text), "%s: %s is not %s", what, places[i].path, leaf->text);
        leaf->used = true;
    }
    for (int i = 0; i < leaves.count; i++)
        cr_assert(leaves.leaf[i].used, "%s: loaded with %s, which is nowhere in the struct", what, leaves.leaf[i].path);
    expect_same_cells(text, what);
}

/* ---- damage ---- */

static uint64_t state;

static uint64_t next(void) {
    return random_next(&state);
}

static size_t below(size_t limit) {
    return (size_t)(next() % limit);
}

/* A line doubled or lost. */
static size_t damage_line(size_t length, char text[static TEXT_MAX]) {
    size_t first = below(length);
    while (first > 0 && text[first - 1] != '\n')
        first--;
    const size_t bytes = strcspn(text + first, "\n") + 1;
    if (below(2) == 0 && length + bytes < TEXT_MAX) {
        memmove(text + first + bytes, text + first, length - first);
        return length + bytes;
    }
    memmove(text + first, text + first + bytes, length - first - bytes);
    return length - bytes;
}

/* One small damage of the kind that editors, mail and tired people do; `text` ends with a line break and a zero. */
static size_t damage_once(size_t length, char text[static TEXT_MAX]) {
    static const char likely[] = "0123456789.,-+eExX: \n\t#'\"&*!{}[]_%\\\xFF";
    const size_t at = below(length - 1);
    switch (below(7)) {
    case 0: /* one bit */
        text[at] = (char)(text[at] ^ (1 << below(8)));
        break;
    case 1: /* one character */
    case 2:
        text[at] = likely[below(sizeof likely - 1)];
        break;
    case 3: /* lost */
        memmove(text + at, text + at + 1, --length - at);
        break;
    case 4: /* too many */
        memmove(text + at + 1, text + at, length++ - at);
        text[at] = likely[below(sizeof likely - 1)];
        break;
    case 5: { /* two swapped */
        const char first = text[at];
        text[at] = text[at + 1];
        text[at + 1] = first;
        break;
    }
    default:
        length = damage_line(length, text);
        break;
    }
    text[length] = '\0';
    return length;
}

/* One to three damages. */
static size_t damage(const char *good, size_t length, char text[static TEXT_MAX]) {
    memcpy(text, good, length + 1);
    const size_t times = 1 + below(3);
    for (size_t i = 0; i < times && length > 64 && length < TEXT_MAX - 64 && text[length - 1] == '\n'; i++)
        length = damage_once(length, text);
    return length;
}

static char *read_good(const char *path, size_t *length) {
    char *text = NULL;
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(path, &text, length, &errors), 0);
    cr_assert_lt(*length + 256, TEXT_MAX);
    return text;
}

/* Thousands of files on a disk would take longer than all that is tested. The descriptor; the name goes to `path`. */
static int memory_file(char path[static MEMORY_PATH_MAX]) {
    const int memory = memfd_create("damaged", 0);
    cr_assert_geq(memory, 0);
    snprintf(path, MEMORY_PATH_MAX, "/proc/self/fd/%d", memory);
    return memory;
}

static void write_file(const char *path, const char *text, size_t length) {
    FILE *const file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fwrite(text, 1, length, file), length);
    cr_assert_eq(fclose(file), 0);
    memset(&errors, 0, sizeof errors);
}

/* ---- properties ---- */

Test(rig_file, every_value_arrives_under_its_own_name) {
    size_t length = 0;
    char *const good = read_good(SCENARIO "/rig.yaml", &length);
    cr_assert_eq(rig_load(SCENARIO "/rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    expect_same(good, "the good file");
    free(good);
}

Test(rig_file, a_damaged_rig_file_is_refused_or_means_what_it_says, .timeout = 100) {
    size_t length = 0;
    char *const good = read_good(SCENARIO "/rig.yaml", &length);
    static char text[TEXT_MAX];
    char path[MEMORY_PATH_MAX];
    const int memory = memory_file(path);
    int taken = 0;
    for (uint64_t seed = 1; seed <= RIG_RUNS; seed++) {
        state = seed;
        const size_t damaged = damage(good, length, text);
        write_file(path, text, damaged);
        if (rig_load(path, PROFILES, &rig, &errors) == 0) {
            char what[32];
            snprintf(what, sizeof what, "seed %" PRIu64, seed);
            cr_assert_eq(strlen(text), damaged, "%s: a zero byte was taken", what);
            expect_same(text, what);
            taken++;
        } else {
            cr_assert_gt(errors.count, 0);
            cr_assert_eq(rig.axis_count, 0);
        }
    }
    cr_expect(taken > RIG_RUNS / 50 && taken < RIG_RUNS / 2, "%d of %d taken: the damage is not what it was", taken,
              RIG_RUNS);
    close(memory);
    free(good);
}

/* 26.0 cut off to 26 or 2 would be a limit that nobody wrote. */
Test(rig_file, a_rig_file_cut_off_anywhere_is_refused, .timeout = 100) {
    size_t length = 0;
    char *const good = read_good(SCENARIO "/rig.yaml", &length);
    char path[MEMORY_PATH_MAX];
    const int memory = memory_file(path);
    for (size_t end = 0; end < length; end++) {
        write_file(path, good, end);
        cr_assert_neq(rig_load(path, PROFILES, &rig, &errors), 0, "taken after %zu of %zu bytes", end, length);
    }
    close(memory);
    free(good);
}

/* A profile that loads has its terms inside its blocks, and no register is written without a meaning. */
static void expect_sound_profile(uint64_t seed) {
    int written = 0;
    cr_assert(profile.read_count >= 1 && profile.read_count <= PROFILE_WORDS_MAX, "seed %" PRIu64, seed);
    for (int id = 0; id < TERM_COUNT; id++) {
        const struct profile_term *const term = &profile.term[id];
        if (!term->present)
            continue;
        const int words = term->type == TYPE_U32 || term->type == TYPE_S32 ? 2 : 1;
        const int count = id < TERM_FIRST_WRITE ? profile.read_count : profile.write_count;
        cr_assert_leq(term->word + words, count, "seed %" PRIu64 ": term %d", seed, id);
        cr_assert_gt(term->scale, 0);
        written += id < TERM_FIRST_WRITE ? 0 : words;
    }
    cr_assert_eq(written, profile.write_count, "seed %" PRIu64, seed);
    cr_assert_eq(profile.function == 23, profile.write_count > 0);
    cr_assert_eq(profile.commands.run & 0x8F, 0x0F);
    cr_assert_eq(profile.commands.idle & 0x87, 0x06);
    for (int i = 0; i < profile.check_count; i++)
        cr_assert(profile.check[i].mask != 0 && profile.check[i].min <= profile.check[i].max);
}

Test(rig_file, a_damaged_profile_is_refused_or_sound, .timeout = 100) {
    size_t length = 0;
    char *const good = read_good(PROFILES "/sim-drive.yaml", &length);
    static char text[TEXT_MAX];
    char path[MEMORY_PATH_MAX];
    const int memory = memory_file(path);
    int taken = 0;
    for (uint64_t seed = 1; seed <= OTHER_RUNS; seed++) {
        state = seed;
        write_file(path, text, damage(good, length, text));
        if (profile_load(path, &profile, &errors) == 0) {
            expect_sound_profile(seed);
            taken++;
        } else {
            cr_assert_gt(errors.count, 0);
        }
    }
    cr_expect(taken > OTHER_RUNS / 50 && taken < OTHER_RUNS / 2, "%d of %d taken", taken, OTHER_RUNS);
    close(memory);
    free(good);
}

Test(rig_file, a_damaged_show_is_refused_or_within_the_limits, .timeout = 100) {
    size_t length = 0;
    char *const good = read_good(SCENARIO "/show.yaml", &length);
    static char text[TEXT_MAX];
    cr_assert_eq(rig_load(SCENARIO "/rig.yaml", PROFILES, &rig, &errors), 0);
    const struct rig_limits *const limits = &rig.axis[0].limits;
    const struct rig_motion *const motion = &rig.axis[0].modes.move;
    const struct rig_belay *const belay = &rig.axis[0].belay;
    int taken = 0;
    for (uint64_t seed = 1; seed <= OTHER_RUNS; seed++) {
        state = seed;
        memset(&errors, 0, sizeof errors);
        const size_t damaged = damage(good, length, text);
        if (show_load_text("show", text, damaged, &rig, &show, &errors) != 0) {
            cr_assert_gt(errors.count, 0);
            continue;
        }
        taken++;
        cr_assert_eq(text[damaged - 1], '\n', "seed %" PRIu64 ": taken without the end of its last line", seed);
        cr_assert_geq(show.cue_count, 1); /* cut off between two cues, a show is a shorter show */
        cr_assert(show.cue[0].tension_n >= belay->band_min_n && show.cue[0].tension_n <= belay->band_max_n);
        if (show.cue_count == 1)
            continue;
        const struct cue *const move = &show.cue[1];
        cr_assert(move->position_m >= limits->position_min_m && move->position_m <= limits->position_max_m);
        cr_assert(move->speed_m_s > 0 && move->speed_m_s <= motion->takein_speed_max_m_s);
        cr_assert(move->acceleration_m_s2 > 0 && move->acceleration_m_s2 <= motion->acceleration_m_s2);
    }
    cr_expect(taken > OTHER_RUNS / 50 && taken < OTHER_RUNS * 3 / 4, "%d of %d taken", taken, OTHER_RUNS);
    free(good);
}
