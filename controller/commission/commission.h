/* Commissioning and the daily test of a line: its steps, what each depends on, and how each stands.
 *
 * belayd judges every step from its own readings; a client only begins it, answers what a person must see, and holds
 * the jogs that it asks for, which are ordinary jogs with every limit. All of it runs on the main thread; the cycle
 * only gets, for each axis, what stands against a person on it. docs/commissioning.md is for the rigger.
 */
#ifndef BELAY_CONTROLLER_COMMISSION_COMMISSION_H
#define BELAY_CONTROLLER_COMMISSION_COMMISSION_H

#include "controller/commission/record.h"
#include "controller/cycle.h"

#define COMMISSION_TEXT_MAX 256

/* What a step depends on; bits of commission_step_row.parts. A change of it voids the step. */
enum commission_part {
    PART_ROPE,
    PART_CELL,
    PART_ENCODER,
    PART_DRIVE,
    PART_BRAKE,
    PART_ESTOP,
    PART_LIMITS,
    PART_LAG,
    PART_SENSOR,
    PART_COUNT
};

struct commission_step_row {
    const char *name, *title;
    uint32_t parts;
    bool daily;     /* asked for again at the rig's interval */
    bool per_brake; /* once for each brake */
};

/* Worst last. */
enum commission_state { COMMISSION_OK, COMMISSION_DUE, COMMISSION_MISSING, COMMISSION_VOID, COMMISSION_FAILED };

/* Where an axis stands: its worst step, the first of these; of an axis that is ok, the daily step that is due next. */
struct commission_standing {
    enum commission_state state;
    enum commission_step step;
    int brake;
    int64_t due_s; /* until that step is due; of COMMISSION_OK only */
};

/* Never NULL. */
const struct commission_step_row *commission_step_row(enum commission_step step);
/* Names of all steps, in order, with a NULL behind them. */
extern const char *const commission_step_names[];
/* Index by name, or -1. A part is one that a person may say has changed; of the limits, their switches. The lag is
 * none: it is what the rig file says of the drive. */
int commission_step_find(const char *name);
int commission_part_find(const char *name);
/* "ok", "due", "missing", "void", "failed". Never NULL. */
const char *commission_state_name(enum commission_state state);

/* Brakes of the axis, counted from 1 in steps. */
int commission_brakes(const struct rig_axis *axis);
/* How often the axis has the step: not at all, once, or once for each brake. Its brakes then run from 1, else the only
 * one is 0. That of the motion sensor is for an axis that has one; the others are for one with a commissioning section.
 */
int commission_times(const struct rig_axis *axis, enum commission_step step);

/* SHA-256 over all that the step depends on, as the rig has it. Pure. */
void commission_parts_hash(const struct rig *rig, int axis, enum commission_step step, char hex[static HASH_HEX_SIZE]);

/* How the step stands at `now_s` (CLOCK_REALTIME, s). An entry from the future is due: the clock was set back. Pure. */
enum commission_state commission_state_of(const struct rig *rig, int axis, enum commission_step step, int brake,
                                          const struct commission_record *record, int64_t now_s);
struct commission_standing commission_standing(const struct rig *rig, int axis, const struct commission_record *record,
                                               int64_t now_s);
/* What that says against a person on the line: REFUSED_NOT, REFUSED_DAILY_DUE or REFUSED_NOT_COMMISSIONED. */
enum refusal commission_clearance(const struct commission_standing *standing);
/* The sentence with step and remedy into `out`. */
void commission_say(const struct rig *rig, int axis, const struct commission_standing *standing, char *out,
                    size_t size);
/* Why entries are void: what changed, who says so, and when, as the record has it. */
struct commission_change {
    char what[64];
    char operator[RECORD_OPERATOR_MAX];
    char time[RECORD_TIME_MAX];
    int64_t time_s;
};

/* Voids the axis's entries of one step: they name the change from then on, and behind it what was entered before. An
 * entry that is void already keeps its first change. */
void commission_void_step(const struct rig *rig, int axis, enum commission_step step,
                          const struct commission_change *change, struct commission_record *record);
/* Voids the axis's entries of every step that depends on `part`. */
void commission_void(const struct rig *rig, int axis, enum commission_part part, const struct commission_change *change,
                     struct commission_record *record);

#endif
