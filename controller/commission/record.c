/* The record's file. */
#include "controller/commission/record.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "controller/base/file.h"
#include "controller/base/yaml_fields.h"
#include "controller/commission/commission.h"

#define SEAL "seal: "

struct raw_record {
    int32_t format;
    char rig[RIG_NAME_MAX];
    int entries_count;
    struct record_entry entries[RECORD_ENTRIES_MAX];
    bool has_places;
    int places_count;
    struct record_place places[RIG_AXES_MAX];
    char seal[HASH_HEX_SIZE];
};

#define OWNER record_entry
static const struct yaml_field entry_fields[] = {FIELD_NAME(axis, "name of the axis"),
                                                 FIELD_ENUM(step, commission_step_names, "step of commissioning"),
                                                 FIELD_INT(brake, 0, 8, "which brake, from 1; 0: not of one brake"),
                                                 FIELD_BOOL(passed, "whether it passed"),
                                                 FIELD_BOOL(changed, "whether a part of it was replaced since"),
                                                 FIELD_TEXT(operator, "who did it"),
                                                 FIELD_TEXT(time, "when, UTC, like 2026-11-27T08:00:00Z"),
                                                 FIELD_TEXT(rig_hash, "hash of the rig"),
                                                 FIELD_TEXT(parts, "hash of what it depends on"),
                                                 FIELD_TEXT(figures, "what was measured"),
                                                 FIELD_END};
#undef OWNER

#define OWNER record_place
static const struct yaml_field place_fields[] = {FIELD_NAME(axis, "name of the axis"),
                                                 FIELD_DOUBLE(position_m, -1e6, 1e6, "where its drum stood, m"),
                                                 FIELD_END};
#undef OWNER

#define OWNER raw_record
static const struct yaml_field fields[] = {
    FIELD_INT(format, 1, 1, "version of this file format"), FIELD_NAME(rig, "name of the rig"),
    FIELD_LIST(entries, 0, RECORD_ENTRIES_MAX, entry_fields, "last entry of each step"),
    OPTIONAL_LIST(places, has_places, 0, RIG_AXES_MAX, place_fields,
                  "where the drums stood when nothing was to move them any more; older versions noted none"),
    FIELD_TEXT(seal, "SHA-256 of the text before it"), FIELD_END};
#undef OWNER

/* --- time ------------------------------------------------------------------------------------------------------- */

static bool read_time(const char *text, int64_t *time_s) {
    struct tm utc = {0};
    const char *end = strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc);
    *time_s = end ? (int64_t)timegm(&utc) : 0;
    return end && *end == '\0';
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static void fail(struct yaml_errors *errors, const char *path, const char *why) {
    yaml_error_add(errors, path, (struct yaml_place){1, 1}, "", "%s", why);
}

static int take(const char *path, const char *text, size_t length, const struct rig *rig, struct raw_record *raw,
                struct yaml_errors *errors) {
    if (yaml_load_text(path, text, length, fields, raw, NULL, errors) != 0)
        return -EINVAL;
    if (!hash_seals(text, length, SEAL)) { /* strict YAML has no other line of that key */
        fail(errors, path,
             "its seal does not fit its text, it was damaged or edited; expected a record as belayd "
             "wrote it: the steps must be done again");
        return -EINVAL;
    }
    if (strcmp(raw->rig, rig->name) != 0) {
        fail(errors, path, "it is another rig's record, expected one of the rig that runs: give its own with --record");
        return -EINVAL;
    }
    for (int i = 0; i < raw->entries_count; i++) {
        if (!read_time(raw->entries[i].time, &raw->entries[i].time_s)) {
            fail(errors, path, "an entry has no time, expected one like 2026-11-27T08:00:00Z");
            return -EINVAL;
        }
    }
    return 0;
}

int record_load(const char *path, const struct rig *rig, struct commission_record *record, struct yaml_errors *errors) {
    assert(path && rig && record && errors);
    memset(record, 0, sizeof *record);
    if (access(path, F_OK) != 0 && errno == ENOENT)
        return -ENOENT;
    char *text = NULL;
    size_t length = 0;
    if (yaml_read(path, &text, &length, errors) != 0)
        return -EINVAL;
    struct raw_record *raw = calloc(1, sizeof *raw);
    int error = raw ? take(path, text, length, rig, raw, errors) : -ENOMEM;
    if (!error) {
        record->entries_count = raw->entries_count;
        memcpy(record->entries, raw->entries, sizeof record->entries);
        record->placeless = !raw->has_places;
        record->places_count = raw->places_count;
        memcpy(record->places, raw->places, sizeof record->places);
    }
    free(raw);
    free(text);
    return error;
}

/* --- writing ---------------------------------------------------------------------------------------------------- */

static void put_text(FILE *out, const char *key, const char *text) {
    fprintf(out, "    %s: \"", key);
    for (; *text; text++)
        fprintf(out, "%s%c", *text == '"' || *text == '\\' ? "\\" : "", *text);
    fputs("\"\n", out);
}

static void put_entry(FILE *out, const struct record_entry *entry) {
    fprintf(out, "  - axis: %s\n    step: %s\n    brake: %d\n    passed: %s\n    changed: %s\n", entry->axis,
            commission_step_names[entry->step], (int)entry->brake, entry->passed ? "true" : "false",
            entry->changed ? "true" : "false");
    put_text(out, "operator", entry->operator);
    put_text(out, "time", entry->time);
    put_text(out, "rig_hash", entry->rig_hash);
    put_text(out, "parts", entry->parts);
    put_text(out, "figures", entry->figures);
}

static char *text_of(const struct rig *rig, const struct commission_record *record, size_t *length) {
    char *text = NULL;
    FILE *out = open_memstream(&text, length);
    if (!out)
        return NULL;
    fprintf(out, "# Written by belayd; do not edit: an edit makes it void.\nformat: 1\nrig: %s\nentries:%s\n",
            rig->name, record->entries_count > 0 ? "" : " []");
    for (int i = 0; i < record->entries_count; i++)
        put_entry(out, &record->entries[i]);
    fprintf(out, "places:%s\n", record->places_count > 0 ? "" : " []");
    for (int i = 0; i < record->places_count; i++)
        fprintf(out, "  - {axis: %s, position_m: %.6f}\n", record->places[i].axis, record->places[i].position_m);
    char seal[HASH_HEX_SIZE];
    bool flushed = fflush(out) == 0;
    if (flushed)
        hash_hex(text, *length, seal);
    if (flushed)
        fprintf(out, SEAL "%s\n", seal);
    if (fclose(out) == 0 && flushed)
        return text;
    free(text);
    return NULL;
}

int record_save(const char *path, const struct rig *rig, const struct commission_record *record) {
    assert(path && rig && record);
    size_t length = 0;
    char *text = text_of(rig, record, &length);
    int error = text ? file_replace(path, text, length) : -ENOMEM;
    free(text);
    return error;
}

/* --- entries ---------------------------------------------------------------------------------------------------- */

const struct record_entry *record_find(const struct commission_record *record, const char *axis,
                                       enum commission_step step, int brake) {
    assert(record && axis);
    for (int i = 0; i < record->entries_count; i++) {
        const struct record_entry *entry = &record->entries[i];
        if (entry->step == (int)step && entry->brake == brake && strcmp(entry->axis, axis) == 0)
            return entry;
    }
    return NULL;
}

const struct record_place *record_place_find(const struct commission_record *record, const char *axis) {
    assert(record && axis);
    for (int i = 0; i < record->places_count; i++)
        if (strcmp(record->places[i].axis, axis) == 0)
            return &record->places[i];
    return NULL;
}

static int place_of(struct commission_record *record, const struct rig *rig, const struct record_entry *entry) {
    const struct record_entry *last = record_find(record, entry->axis, (enum commission_step)entry->step, entry->brake);
    if (last)
        return (int)(last - record->entries);
    if (record->entries_count < RECORD_ENTRIES_MAX)
        return record->entries_count++;
    for (int i = 0; i < RECORD_ENTRIES_MAX; i++)
        if (rig_axis_find(rig, record->entries[i].axis) < 0)
            return i;
    return 0; /* not with as many axes and steps as there can be */
}

void record_put(struct commission_record *record, const struct rig *rig, const struct record_entry *entry) {
    assert(record && rig && entry);
    record->entries[place_of(record, rig, entry)] = *entry;
}

/* --- place ------------------------------------------------------------------------------------------------------ */

int record_path_find(const struct rig *rig, char out[RECORD_PATH_MAX]) {
    const char *state = getenv("STATE_DIRECTORY"), *xdg = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char directory[RECORD_PATH_MAX];
    int length = -1;
    if (state && *state == '/')
        length = snprintf(directory, sizeof directory, "%s", state);
    else if (xdg && *xdg == '/')
        length = snprintf(directory, sizeof directory, "%s/belay", xdg);
    else if (home && *home == '/')
        length = snprintf(directory, sizeof directory, "%s/.local/state/belay", home);
    if (length < 0)
        return -ENOENT;
    if (length >= (int)sizeof directory)
        return -ENAMETOOLONG;
    for (char *slash = directory + 1; (slash = strchr(slash, '/')) != NULL; *slash++ = '/') {
        *slash = '\0';
        mkdir(directory, 0750);
    }
    mkdir(directory, 0750); /* one that can't be made is told when the record is written */
    return snprintf(out, RECORD_PATH_MAX, "%s/%s.commissioning.yaml", directory, rig->name) < RECORD_PATH_MAX
               ? 0
               : -ENAMETOOLONG;
}
