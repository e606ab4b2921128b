/* The steps and how they stand. */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "controller/commission/commission.h"

#define CLOCK_AHEAD_S 300 /* an entry that is younger than nothing by more than this: the clock was set back */

#define BIT(part) (UINT32_C(1) << (part))

static const struct commission_step_row rows[COMMISSION_STEPS] = {
    [STEP_REEVING] = {"reeving", "Reeving, layers and turns on the drum are counted", BIT(PART_ROPE), false, false},
    [STEP_TARE] = {"tare", "The load cell reads nothing when nothing hangs on it", BIT(PART_CELL), true, false},
    [STEP_SPAN] = {"span", "The load cell reads two known loads", BIT(PART_CELL), false, false},
    [STEP_DIRECTION] = {"direction", "Setpoint, motor, drum encoder and tension go the same way",
                        BIT(PART_ROPE) | BIT(PART_CELL) | BIT(PART_ENCODER) | BIT(PART_DRIVE), true, false},
    [STEP_MARKS] = {"marks", "Two taped marks are where the encoder says", BIT(PART_ROPE) | BIT(PART_ENCODER), false,
                    false},
    [STEP_BRAKE_HOLD] = {"brake_hold", "This brake alone holds the test load", BIT(PART_BRAKE), true, true},
    [STEP_LIMITS] = {"limits", "A slow jog ends at both limits, and each limit switch opens",
                     BIT(PART_ROPE) | BIT(PART_ENCODER) | BIT(PART_DRIVE) | BIT(PART_LIMITS), false, false},
    [STEP_RESPONSE] = {"response", "The drum follows the setpoint, and stops, as fast as declared",
                       BIT(PART_ENCODER) | BIT(PART_DRIVE) | BIT(PART_LAG), false, false},
    [STEP_ESTOP] = {"estop", "Every E-stop station opens both channels and takes the torque",
                    BIT(PART_ESTOP) | BIT(PART_DRIVE), true, false},
    [STEP_SILENCE] = {"silence", "Drive and brake stop the line when nobody talks to them",
                      BIT(PART_DRIVE) | BIT(PART_BRAKE) | BIT(PART_ESTOP), false, false},
    [STEP_REFERENCE] = {"reference", "The motion sensor and the setpoint agree about up and down",
                        BIT(PART_SENSOR) | BIT(PART_DRIVE) | BIT(PART_ENCODER) | BIT(PART_ROPE), false, false},
};

const char *const commission_step_names[] = {"reeving", "tare",     "span",  "direction", "marks", "brake_hold",
                                             "limits",  "response", "estop", "silence",
                                             "reference", NULL};

static const char *const part_names[PART_COUNT] = {
    [PART_ROPE] = "rope",   [PART_CELL] = "cell",   [PART_ENCODER] = "encoder",
    [PART_DRIVE] = "drive", [PART_BRAKE] = "brake", [PART_ESTOP] = "estop",     [PART_LIMITS] = "switch",
    [PART_SENSOR] = "sensor",
};

const struct commission_step_row *commission_step_row(enum commission_step step) {
    assert(step >= 0 && step < COMMISSION_STEPS && strcmp(rows[step].name, commission_step_names[step]) == 0);
    return &rows[step];
}

int commission_step_find(const char *name) {
    for (int i = 0; i < COMMISSION_STEPS; i++)
        if (strcmp(rows[i].name, name) == 0)
            return i;
    return -1;
}

int commission_part_find(const char *name) {
    for (int i = 0; i < PART_COUNT; i++)
        if (part_names[i] && strcmp(part_names[i], name) == 0)
            return i;
    return -1;
}

const char *commission_state_name(enum commission_state state) {
    static const char *const names[] = {[COMMISSION_OK] = "ok",
                                        [COMMISSION_DUE] = "due",
                                        [COMMISSION_MISSING] = "missing",
                                        [COMMISSION_VOID] = "void",
                                        [COMMISSION_FAILED] = "failed"};
    assert(state >= COMMISSION_OK && state <= COMMISSION_FAILED);
    return names[state];
}

int commission_brakes(const struct rig_axis *axis) {
    assert(axis);
    return axis->brake.unit_count;
}

int commission_times(const struct rig_axis *axis, enum commission_step step) {
    if (step == STEP_REFERENCE)
        return axis->reference.present;
    if (!axis->commissioning.present)
        return 0;
    return commission_step_row(step)->per_brake ? commission_brakes(axis) : 1;
}

/* --- how it stands ---------------------------------------------------------------------------------------------- */

static int64_t left_s(const struct rig_axis *axis, const struct record_entry *entry, int64_t now_s) {
    return entry->time_s + (int64_t)axis->commissioning.daily_h * 3600 - now_s;
}

enum commission_state commission_state_of(const struct rig *rig, int axis, enum commission_step step, int brake,
                                          const struct commission_record *record, int64_t now_s) {
    const struct rig_axis *from = &rig->axis[axis];
    const struct record_entry *entry = record_find(record, from->name, step, brake);
    if (!entry)
        return COMMISSION_MISSING;
    char parts[HASH_HEX_SIZE];
    commission_parts_hash(rig, axis, step, parts);
    if (entry->changed || strcmp(parts, entry->parts) != 0)
        return COMMISSION_VOID;
    if (!entry->passed)
        return COMMISSION_FAILED;
    bool ahead = entry->time_s > now_s + CLOCK_AHEAD_S;
    return commission_step_row(step)->daily && (ahead || left_s(from, entry, now_s) <= 0) ? COMMISSION_DUE
                                                                                          : COMMISSION_OK;
}

/* A line that carries nobody is asked for its motion sensor only. */
static bool is_asked(const struct rig_axis *axis, int step) {
    return step == STEP_REFERENCE || axis->carries_person;
}

/* Takes the step into account: a worse one, or of those that are well the one that is due first. */
static void stand(const struct rig *rig, int axis, int step, int brake, const struct commission_record *record,
                  int64_t now_s, struct commission_standing *standing) {
    enum commission_step this = (enum commission_step)step;
    enum commission_state state = commission_state_of(rig, axis, this, brake, record, now_s);
    int64_t due_s = INT64_MAX;
    if (state == COMMISSION_OK && commission_step_row(this)->daily)
        due_s = left_s(&rig->axis[axis], record_find(record, rig->axis[axis].name, this, brake), now_s);
    if (state > standing->state || (state == standing->state && due_s < standing->due_s))
        *standing = (struct commission_standing){state, this, brake, due_s};
}

struct commission_standing commission_standing(const struct rig *rig, int axis, const struct commission_record *record,
                                               int64_t now_s) {
    assert(rig && record && axis >= 0 && axis < rig->axis_count);
    struct commission_standing standing = {.state = COMMISSION_OK, .due_s = INT64_MAX};
    for (int step = 0; step < COMMISSION_STEPS; step++) {
        bool each = commission_step_row((enum commission_step)step)->per_brake;
        int times = commission_times(&rig->axis[axis], (enum commission_step)step);
        for (int i = 0; i < times && is_asked(&rig->axis[axis], step); i++)
            stand(rig, axis, step, each ? i + 1 : 0, record, now_s, &standing);
    }
    return standing;
}

enum refusal commission_clearance(const struct commission_standing *standing) {
    assert(standing);
    return standing->state == COMMISSION_OK    ? REFUSED_NOT
           : standing->state == COMMISSION_DUE ? REFUSED_DAILY_DUE
                                               : REFUSED_NOT_COMMISSIONED;
}

void commission_say(const struct rig *rig, int axis, const struct commission_standing *standing, char *out,
                    size_t size) {
    static const char *const words[] = {[COMMISSION_OK] = "is well",
                                        [COMMISSION_DUE] = "is due",
                                        [COMMISSION_MISSING] = "was never done",
                                        [COMMISSION_VOID] = "is void",
                                        [COMMISSION_FAILED] = "failed"};
    const char *axis_name = rig->axis[axis].name, *step = commission_step_row(standing->step)->name;
    char brake[16] = "";
    if (standing->brake > 0)
        snprintf(brake, sizeof brake, " %d", standing->brake);
    if (standing->state == COMMISSION_OK)
        snprintf(out, size, "%s: commissioned; %s%s is due next.", axis_name, step, brake);
    else if (standing->step == STEP_REFERENCE)
        snprintf(out, size, "%s: no compensate cue, %s %s: belay commission %s %s --operator NAME", axis_name, step,
                 words[standing->state], axis_name, step);
    else
        snprintf(out, size, "%s: jogs to %.2f m/s, %s%s %s: belay commission %s %s%s --operator NAME", axis_name,
                 rig->axis[axis].commissioning.speed_max_m_s, step, brake, words[standing->state], axis_name, step,
                 brake);
}

static void void_entry(struct record_entry *entry, const struct commission_change *change) {
    char figures[2 * RECORD_FIGURES_MAX];
    snprintf(figures, sizeof figures, "%s; before: %s, %s: %s", change->what, entry->time, entry->operator,
             entry->figures);
    snprintf(entry->figures, sizeof entry->figures, "%.*s", RECORD_FIGURES_MAX - 1, figures);
    memcpy(entry->operator, change->operator, sizeof entry->operator);
    memcpy(entry->time, change->time, sizeof entry->time);
    entry->time_s = change->time_s;
    entry->changed = true;
}

void commission_void_step(const struct rig *rig, int axis, enum commission_step step,
                          const struct commission_change *change, struct commission_record *record) {
    assert(change && record);
    for (int i = 0; i < record->entries_count; i++) {
        struct record_entry *entry = &record->entries[i];
        if (entry->step == (int)step && !entry->changed && strcmp(entry->axis, rig->axis[axis].name) == 0)
            void_entry(entry, change);
    }
}

void commission_void(const struct rig *rig, int axis, enum commission_part part, const struct commission_change *change,
                     struct commission_record *record) {
    assert(part >= 0 && part < PART_COUNT);
    for (int step = 0; step < COMMISSION_STEPS; step++)
        if ((commission_step_row((enum commission_step)step)->parts & BIT(part)) != 0)
            commission_void_step(rig, axis, (enum commission_step)step, change, record);
}
