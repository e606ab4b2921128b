/* Stop tables of the rig file: rows to cells, every cell once, none gentler than its fault permits. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "controller/rig/rig_check_parts.h"

#define NO_ROW (-1)
#define LIST_MAX 150 /* bytes of a list of words in an error */

const char *const rig_fault_words[] = {
#define FAULT(ID, name, gentlest, text, cause, remedy) name,
#include "controller/safety/fault.def"
#undef FAULT
    NULL};
_Static_assert(sizeof rig_fault_words / sizeof rig_fault_words[0] == FAULT_COUNT, "a word for each fault, and NULL");

const char *const rig_stop_mode_words[] = {
    [MODE_NONE] = "none",   [MODE_JOG] = "jog",           [MODE_MOVE] = "move", [MODE_FOLLOW] = "follow",
    [MODE_CATCH] = "catch", [MODE_RECOVERY] = "recovery", [MODE_COUNT] = NULL,
};
const char *const rig_direction_words[] = {
    [DIRECTION_STANDING] = "standing",
    [DIRECTION_PAYOUT] = "payout",
    [DIRECTION_TAKEIN] = "takein",
    [DIRECTION_COUNT] = NULL,
};
const char *const rig_reaction_words[] = {"ramp", "drive", "off", NULL};
const char *const rig_scope_words[] = {
    [STOP_AXIS] = "axis", [STOP_GROUP] = "group", [STOP_RIG] = "rig", [STOP_SCOPE_COUNT] = NULL};
const char *const rig_allows_words[] = {"payout", "takein", NULL};

/* A word of rig_reaction_words is one less than the reaction, a word of rig_fault_words one less than the fault. */
#define REACTION_OF(word) ((enum stop_reaction)((word) + STOP_RAMP))
#define FAULT_WORD(fault) rig_fault_words[(fault)-1]

typedef int owners[FAULT_COUNT][MODE_COUNT][DIRECTION_COUNT]; /* row that decides a cell */

struct filler {
    const struct rig_loader *loader;
    int table;
    const struct raw_stop_table *raw;
    struct stop_table *cells;
    owners *owner;
};

static bool has(uint64_t words, int bit) {
    return (words >> bit & 1) != 0;
}

/* Appends `word` to a list of words; false when it does not fit. */
static bool add_word(char list[static LIST_MAX], const char *word) {
    const size_t used = strlen(list);
    if (used + strlen(word) + 3 > LIST_MAX)
        return false;
    snprintf(list + used, LIST_MAX - used, "%s%s", used == 0 ? "" : ", ", word);
    return true;
}

__attribute__((format(printf, 4, 5))) static void fail_row(const struct filler *filler, int row, const char *key,
                                                           const char *format, ...) {
    char path[RIG_PATH_MAX];
    char text[YAML_ERROR_TEXT_MAX];
    snprintf(path, sizeof path, "stop_tables[%d].rows[%d]%s%s", filler->table, row, key[0] == '\0' ? "" : ".", key);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_error_at(filler->loader->errors, filler->loader->doc, path, "%s", text);
}

static bool row_taken(const struct filler *filler, int row) {
    static const char *const keys[] = {"faults", "modes", "directions", "reaction", "scope", "allows"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        char path[RIG_PATH_MAX];
        snprintf(path, sizeof path, "stop_tables[%d].rows[%d].%s", filler->table, row, keys[i]);
        if (!yaml_find_valid(filler->loader->doc, path))
            return false;
    }
    return true;
}

/* Which faults of the row ask for something harder than its reaction? */
static void check_gentle(const struct filler *filler, int row) {
    const struct raw_stop_row *const from = &filler->raw->rows[row];
    for (enum stop_reaction least = STOP_DRIVE; least <= STOP_OFF; least++) {
        char list[LIST_MAX] = "";
        for (int fault = 1; fault < FAULT_COUNT; fault++)
            if (has(from->faults, fault - 1) && fault_gentlest((enum fault_id)fault) == least &&
                REACTION_OF(from->reaction) < least)
                add_word(list, FAULT_WORD(fault));
        if (list[0] != '\0')
            fail_row(filler, row, "reaction", "%s is too gentle for %s, expected %s%s",
                     rig_reaction_words[from->reaction], list, rig_reaction_words[least - STOP_RAMP],
                     least == STOP_OFF ? "" : " or off");
    }
}

static void check_allows(const struct filler *filler, int row) {
    const struct raw_stop_row *const from = &filler->raw->rows[row];
    char list[LIST_MAX] = "";
    for (int fault = 1; fault < FAULT_COUNT; fault++)
        if (from->allows != 0 && has(from->faults, fault - 1) && (STOP_NEVER_ALLOWED >> fault & 1) != 0)
            add_word(list, FAULT_WORD(fault));
    if (list[0] != '\0')
        fail_row(filler, row, "allows", "nothing may move while the cause of %s remains, expected []", list);
}

/* One cell from one row; a cell that an earlier row decided is an error, once for each pair of rows. */
static void fill_cell(const struct filler *filler, int row, int fault, int mode, int direction,
                      bool told[static RIG_STOP_ROWS_MAX]) {
    const struct raw_stop_row *const from = &filler->raw->rows[row];
    int *const owner = &(*filler->owner)[fault][mode][direction];
    if (*owner != NO_ROW) {
        char path[RIG_PATH_MAX];
        snprintf(path, sizeof path, "stop_tables[%d].rows[%d]", filler->table, *owner);
        if (!told[*owner])
            fail_row(filler, row, "", "%s in mode %s, direction %s, is decided in line %d already, expected each once",
                     FAULT_WORD(fault), rig_stop_mode_words[mode], rig_direction_words[direction],
                     yaml_find_place(filler->loader->doc, path).line);
        told[*owner] = true;
        return;
    }
    *owner = row;
    filler->cells->cell[fault][mode][direction] = (struct stop_cell){.reaction = REACTION_OF(from->reaction),
                                                                     .scope = (enum stop_scope)from->scope,
                                                                     .allows_payout = has(from->allows, 0),
                                                                     .allows_takein = has(from->allows, 1)};
}

static void fill_row(const struct filler *filler, int row) {
    const struct raw_stop_row *const from = &filler->raw->rows[row];
    bool told[RIG_STOP_ROWS_MAX] = {false};
    check_gentle(filler, row);
    check_allows(filler, row);
    for (int fault = 1; fault < FAULT_COUNT; fault++)
        for (int mode = 0; mode < MODE_COUNT; mode++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                if (has(from->faults, fault - 1) && has(from->modes, mode) && has(from->directions, direction))
                    fill_cell(filler, row, fault, mode, direction, told);
}

/* ---- holes ---- */

/* Directions of a fault and mode that no row decides, as bits. */
static unsigned holes(const struct filler *filler, int fault, int mode) {
    unsigned open = 0;
    for (int direction = 0; direction < DIRECTION_COUNT; direction++)
        if ((*filler->owner)[fault][mode][direction] == NO_ROW)
            open |= 1U << direction;
    return open;
}

static bool same_holes(const struct filler *filler, int fault, int other) {
    bool same = fault_gentlest((enum fault_id)fault) == fault_gentlest((enum fault_id)other);
    for (int mode = 0; mode < MODE_COUNT; mode++)
        same = same && holes(filler, fault, mode) == holes(filler, other, mode);
    return same;
}

/* "any", or the words of the bits in brackets. */
static void write_set(char text[static LIST_MAX], unsigned bits, const char *const *words, int count) {
    char list[LIST_MAX - 2] = "";
    for (int i = 0; i < count; i++)
        if (bits >> i & 1) {
            const size_t used = strlen(list);
            snprintf(list + used, sizeof list - used, "%s%s", used == 0 ? "" : ", ", words[i]);
        }
    if (bits == (1U << count) - 1)
        snprintf(text, LIST_MAX, "any");
    else
        snprintf(text, LIST_MAX, "[%s]", list);
}

/* The rows that these faults lack, as they may be pasted: the gentlest permitted, the whole rig, nothing allowed. */
static void print_missing(const struct filler *filler, int fault, const char *faults) {
    for (unsigned directions = 1; directions < 1U << DIRECTION_COUNT; directions++) {
        unsigned modes = 0;
        for (int mode = 0; mode < MODE_COUNT; mode++)
            if (holes(filler, fault, mode) == directions)
                modes |= 1U << mode;
        if (modes == 0)
            continue;
        char mode_text[LIST_MAX], direction_text[LIST_MAX], path[RIG_PATH_MAX];
        write_set(mode_text, modes, rig_stop_mode_words, MODE_COUNT);
        write_set(direction_text, directions, rig_direction_words, DIRECTION_COUNT);
        snprintf(path, sizeof path, "stop_tables[%d].rows", filler->table);
        yaml_error_at(filler->loader->errors, filler->loader->doc, path,
                      "add - {faults: [%s], modes: %s, directions: %s, reaction: %s, scope: rig, allows: []}", faults,
                      mode_text, direction_text, rig_reaction_words[fault_gentlest((enum fault_id)fault) - STOP_RAMP]);
    }
}

/* Faults with the same holes share rows. */
static void check_holes(const struct filler *filler) {
    bool done[FAULT_COUNT] = {false};
    for (int fault = 1; fault < FAULT_COUNT; fault++) {
        char list[LIST_MAX] = "";
        for (int other = fault; other < FAULT_COUNT; other++) {
            if (done[other] || !same_holes(filler, fault, other))
                continue;
            if (!add_word(list, FAULT_WORD(other))) {
                print_missing(filler, fault, list);
                list[0] = '\0';
                add_word(list, FAULT_WORD(other));
            }
            done[other] = true;
        }
        if (list[0] != '\0')
            print_missing(filler, fault, list);
    }
}

/* ---- tables and their axes ---- */

static void fill_table(const struct rig_loader *loader, int table) {
    static const int none = NO_ROW;
    owners owner;
    for (size_t i = 0; i < sizeof owner / sizeof none; i++)
        memcpy((char *)owner + i * sizeof none, &none, sizeof none);
    const struct filler filler = {.loader = loader,
                                  .table = table,
                                  .raw = &loader->raw->stop_tables[table],
                                  .cells = &loader->rig->stop_table[table].cells,
                                  .owner = &owner};
    char path[RIG_PATH_MAX];
    snprintf(path, sizeof path, "stop_tables[%d].rows", table);
    bool all_taken = yaml_find_valid(loader->doc, path);
    for (int row = 0; row < filler.raw->rows_count; row++) {
        const bool taken = row_taken(&filler, row);
        all_taken = all_taken && taken;
        if (taken)
            fill_row(&filler, row);
    }
    if (all_taken)
        check_holes(&filler);
}

/* The drive's own stop ends, and the brake holds, before the chain takes the torque. */
static void check_drive_stop(const struct rig_loader *loader, int axis, double off_delay_ms) {
    const struct rig_axis *from = &loader->rig->axis[axis];
    const double speed_m_s = fmax(from->limits.payout_speed_max_m_s, from->limits.takein_speed_max_m_s);
    const double needed_ms = from->limits.reaction_ms + 1000 * speed_m_s / from->drive_stop.deceleration_m_s2 +
                             2 * loader->rig->cycle_ms + from->brake.close_ms_max;
    if (needed_ms <= off_delay_ms || !rig_valid_of(loader, "axes", axis, "drive_stop"))
        return;
    rig_fail(loader, "axes", axis, "hardwired.off_delay_ms",
             "estop is answered with the drive's own stop, which takes %d ms of reaction + %.4g / %.4g m/s2 of "
             "drive_stop + 2 cycles + %d of brake closing = %.0f ms, expected at least that",
             (int)from->limits.reaction_ms, speed_m_s, from->drive_stop.deceleration_m_s2,
             (int)from->brake.close_ms_max, ceil(needed_ms));
}

/* Whoever hangs there is brought down although the motor is warm, and no torque is taken for it. */
static void check_duty(const struct rig_loader *loader, int axis) {
    const struct rig_axis *from = &loader->rig->axis[axis];
    if (!from->carries_person || !from->monitors.duty.present || from->stops < 0)
        return;
    const struct stop_table *const table = &loader->rig->stop_table[from->stops].cells;
    for (int mode = 0; mode < MODE_COUNT; mode++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
            const struct stop_cell *cell = &table->cell[FAULT_DUTY][mode][direction];
            if (cell->reaction == STOP_NONE || (cell->reaction != STOP_OFF && cell->allows_payout))
                continue;
            rig_fail(loader, "axes", axis, "stops",
                     "table %s answers duty in mode %s with off or without payout, but the line carries a person, who "
                     "must be brought down: expected ramp or drive that allows payout",
                     loader->raw->stop_tables[from->stops].name, rig_stop_mode_words[mode]);
            return;
        }
}

static bool answers_estop_by_drive(const struct stop_table *table) {
    for (int mode = 0; mode < MODE_COUNT; mode++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++)
            if (table->cell[FAULT_ESTOP][mode][direction].reaction == STOP_DRIVE)
                return true;
    return false;
}

/* A chain that takes the torque off at once leaves no ramp to the controller. */
static void check_chain(const struct rig_loader *loader, int axis) {
    double off_delay_ms = 0;
    const int table = loader->rig->axis[axis].stops;
    if (table < 0 || !rig_number_of(loader, "axes", axis, "hardwired.off_delay_ms", &off_delay_ms))
        return;
    if (off_delay_ms > 0 && answers_estop_by_drive(&loader->rig->stop_table[table].cells))
        check_drive_stop(loader, axis, off_delay_ms);
    if (off_delay_ms > 0)
        return;
    for (int mode = 0; mode < MODE_COUNT; mode++)
        for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
            const enum stop_reaction reaction =
                loader->rig->stop_table[table].cells.cell[FAULT_ESTOP][mode][direction].reaction;
            if (reaction == STOP_OFF || reaction == STOP_NONE)
                continue;
            rig_fail(loader, "axes", axis, "stops",
                     "table %s answers estop in mode %s with %s, but hardwired.off_delay_ms 0 takes the torque off at "
                     "once, expected off",
                     loader->raw->stop_tables[table].name, rig_stop_mode_words[mode],
                     rig_reaction_words[reaction - STOP_RAMP]);
            return;
        }
}

void rig_check_stops(const struct rig_loader *loader) {
    bool used[RIG_STOP_TABLES_MAX] = {false};
    bool all_known = yaml_find_valid(loader->doc, "axes");
    for (int i = 0; i < loader->raw->stop_tables_count; i++)
        fill_table(loader, i);
    for (int i = 0; i < loader->raw->axes_count; i++) {
        const int table = loader->rig->axis[i].stops;
        all_known = all_known && table >= 0;
        if (table >= 0)
            used[table] = true;
        check_chain(loader, i);
        check_duty(loader, i);
    }
    for (int i = 0; all_known && i < loader->raw->stop_tables_count; i++)
        if (!used[i] && rig_valid_of(loader, "stop_tables", i, "name"))
            rig_fail(loader, "stop_tables", i, "name", "no axis uses %s, expected every table to be used",
                     loader->raw->stop_tables[i].name);
}
