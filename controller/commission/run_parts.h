/* What the steps of a run share. Private to controller/commission/run*.c. */
#ifndef BELAY_CONTROLLER_COMMISSION_RUN_PARTS_H
#define BELAY_CONTROLLER_COMMISSION_RUN_PARTS_H

#include "controller/commission/run.h"


enum stage_end { STAGE_GOES_ON, STAGE_DONE, STAGE_FAILED };

/* One stage of a step: what it wants, its text, and the judge that ends it. */
struct stage {
    enum commission_wants wants;
    void (*say)(struct commission_run *run); /* on entry: the text, and the speed of a jog */
    enum stage_end (*watch)(struct commission_run *run, const struct snapshot_axis *axis,
                            const struct snapshot *snapshot); /* each snapshot */
};

#define STAGES_MAX 8
#define HELD_M_S 0.003 /* a jog of which the clamp lets no more through is held by a limit */
extern const struct stage reeving_stages[], tare_stages[], span_stages[], direction_stages[], marks_stages[],
    brake_hold_stages[], limits_stages[], response_stages[], estop_stages[],
    silence_stages[], reference_stages[]; /* one without `watch` ends each */

const struct rig_axis *run_axis(const struct commission_run *run);
const struct rig_commissioning *run_asks(const struct commission_run *run);

/* Text for the client (printf style). */
void run_say(struct commission_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same and the end: fails the step. Returns STAGE_FAILED. */
enum stage_end run_fail(struct commission_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Adds to the figures of the record. */
void run_figure(struct commission_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Every brake reads closed; in the test of one of several, this one alone and every other one open. */
bool run_braked(const struct commission_run *run, const struct snapshot_axis *axis);
/* The line stands on its brakes, or on the one under test, without torque, and every reading is good. */
bool run_stands(const struct commission_run *run, const struct snapshot_axis *axis);
/* Mean of the readings of a whole bounce while it stands and the load hangs still, into mean_m and mean_n; false until
 * then. */
bool run_settled(struct commission_run *run, const struct snapshot_axis *axis, double *mean_m, double *mean_n);
/* Watch of a stage that waits for a yes; a no fails the step. */
enum stage_end run_yes(struct commission_run *run, const struct snapshot_axis *axis, const struct snapshot *snapshot);
/* Text of a stage that only waits for standstill. */
void run_say_settle(struct commission_run *run);
/* Fails the step when a fault is latched, with its text. */
enum stage_end run_no_fault(struct commission_run *run, const struct snapshot_axis *axis);

#endif
