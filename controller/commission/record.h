/* The record of commissioning: one file for a rig, the last entry of each step, and where each drum stood when nothing
 * was to move it any more. Main thread only.
 *
 * Its seal is a SHA-256 over the text: it shows damage and a hand's edit. It keeps no secret, so it is no proof against
 * somebody who forges one on purpose.
 */
#ifndef BELAY_CONTROLLER_COMMISSION_RECORD_H
#define BELAY_CONTROLLER_COMMISSION_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/base/hash.h"
#include "controller/base/yaml.h"
#include "controller/rig/rig.h"

#define RECORD_ENTRIES_MAX 384 /* more than 16 axes with every step and brake */
#define RECORD_OPERATOR_MAX 64
#define RECORD_FIGURES_MAX 192
#define RECORD_TIME_MAX 32
#define RECORD_PATH_MAX 512

/* In the order in which they are done. */
enum commission_step {
    STEP_REEVING,
    STEP_TARE,
    STEP_SPAN,
    STEP_DIRECTION,
    STEP_MARKS,
    STEP_BRAKE_HOLD,
    STEP_LIMITS,
    STEP_RESPONSE,
    STEP_ESTOP,
    STEP_SILENCE,
    STEP_REFERENCE,
    COMMISSION_STEPS
};

struct record_entry {
    char axis[RIG_NAME_MAX];
    int step;                           /* enum commission_step */
    int32_t brake;                      /* from 1; 0 = not of one brake */
    bool passed, changed;               /* changed: a person said that a part of it was replaced since */
    char operator[RECORD_OPERATOR_MAX]; /* name as given, and the uid that the kernel tells */
    char time[RECORD_TIME_MAX];         /* UTC, "2026-11-27T08:00:00Z" */
    char rig_hash[HASH_HEX_SIZE];
    char parts[HASH_HEX_SIZE];        /* of what the step depends on, as it was then */
    char figures[RECORD_FIGURES_MAX]; /* what was measured, or why it failed */
    int64_t time_s;                   /* CLOCK_REALTIME; from `time` */
};

/* Rope paid out while the rig was disarmed and the drum stood: there it must stand at the next start. */
struct record_place {
    char axis[RIG_NAME_MAX];
    double position_m;
};

struct commission_record {
    int entries_count;
    struct record_entry entries[RECORD_ENTRIES_MAX];
    bool placeless; /* read from a file of an older version, which noted no places */
    int places_count;
    struct record_place places[RIG_AXES_MAX];
};

/* Reads the file. Blocking. Returns 0; -ENOENT when there is none (no error is added); -EINVAL with errors added when
 * it is damaged, edited or another rig's. `*record` is empty unless 0. */
int record_load(const char *path, const struct rig *rig, struct commission_record *record, struct yaml_errors *errors);

/* Replaces the file whole or not at all: a new file, flushed, takes the old one's name. Blocking. Returns 0 or -errno.
 */
int record_save(const char *path, const struct rig *rig, const struct commission_record *record);

/* The entry of a step, or NULL. */
const struct record_entry *record_find(const struct commission_record *record, const char *axis,
                                       enum commission_step step, int brake);
/* Takes the place of the step's last entry; entries of axes that the rig no longer has make room. */
void record_put(struct commission_record *record, const struct rig *rig, const struct record_entry *entry);

/* The place of an axis, or NULL: it is not known, or the drum may be moved. */
const struct record_place *record_place_find(const struct commission_record *record, const char *axis);

/* Where the record of `rig` is without --record: $STATE_DIRECTORY, $XDG_STATE_HOME/belay or ~/.local/state/belay, which
 * is made. Returns 0, -ENOENT without any of them, -ENAMETOOLONG. */
int record_path_find(const struct rig *rig, char out[RECORD_PATH_MAX]);

#endif
