/* The course of a step: stage after stage. */
#include "controller/commission/run.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "controller/commission/run_parts.h"

#define SETTLE_S_MIN 1.0
#define WAITS_US 5000000 /* for standstill, before it is said what is missing */
#define CALM_SHARE 0.05 /* of the rated load: a load that swings more does not hang still */

static const struct stage *const programs[COMMISSION_STEPS] = {
    [STEP_REEVING] = reeving_stages,     [STEP_TARE] = tare_stages,   [STEP_SPAN] = span_stages,
    [STEP_DIRECTION] = direction_stages, [STEP_MARKS] = marks_stages, [STEP_BRAKE_HOLD] = brake_hold_stages,
    [STEP_LIMITS] = limits_stages,       [STEP_RESPONSE] = response_stages, [STEP_ESTOP] = estop_stages,
    [STEP_SILENCE] = silence_stages,     [STEP_REFERENCE] = reference_stages,
};

const char *commission_wants_name(enum commission_wants wants) {
    static const char *const names[] = {"nothing", "yes", "number", "jog"};
    assert(wants >= WANTS_NOTHING && wants <= WANTS_JOG);
    return names[wants];
}

const struct rig_axis *run_axis(const struct commission_run *run) {
    return &run->rig->axis[run->axis];
}

const struct rig_commissioning *run_asks(const struct commission_run *run) {
    return &run_axis(run)->commissioning;
}

void run_say(struct commission_run *run, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->text, sizeof run->text, format, arguments);
    va_end(arguments);
}

enum stage_end run_fail(struct commission_run *run, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->text, sizeof run->text, format, arguments);
    va_end(arguments);
    return STAGE_FAILED;
}

void run_figure(struct commission_run *run, const char *format, ...) {
    size_t used = strlen(run->figures);
    if (used > 0)
        used += (size_t)snprintf(run->figures + used, sizeof run->figures - used, "; ");
    va_list arguments;
    va_start(arguments, format);
    if (used < sizeof run->figures)
        vsnprintf(run->figures + used, sizeof run->figures - used, format, arguments);
    va_end(arguments);
}

bool run_braked(const struct commission_run *run, const struct snapshot_axis *axis) {
    bool tests_one = run->step == STEP_BRAKE_HOLD && run_axis(run)->brake.unit_count > 1;
    bool this_alone = axis->brake_odd >= 0 && axis->brake_odd != run->brake - 1;
    return axis->brake_known && (tests_one ? this_alone : !axis->brake_open);
}

/* What keeps the line from standing on its brakes, for the operator; NULL when it stands. */
static const char *unrest(const struct commission_run *run, const struct snapshot_axis *axis) {
    if (axis->position_m.quality != QUALITY_GOOD || axis->speed_m_s.quality != QUALITY_GOOD ||
        axis->tension_n.quality != QUALITY_GOOD)
        return "a reading is missing: belay status names it";
    if (axis->drive_holds)
        return "the drive holds beside the brake: unlock the line when nobody hangs there";
    if (!axis->brake_known)
        return "its brakes can't be read";
    if (!run_braked(run, axis))
        return run->step == STEP_BRAKE_HOLD ? "the one brake alone must read closed" : "a brake reads open";
    if (axis->state != STATE_FAULT && axis->state != STATE_DISARMED && axis->state != STATE_ARMED)
        return "its motion has not ended";
    if (axis->drive_enabled)
        return "the drive still has torque";
    return fabs(axis->speed_m_s.value) <= run_axis(run)->limits.standstill_speed_m_s ? NULL : "the drum turns";
}

bool run_stands(const struct commission_run *run, const struct snapshot_axis *axis) {
    return unrest(run, axis) == NULL;
}

/* A whole bounce of the heaviest load on the longest rope: within less, a load near its turning point seems to hang
 * still, and weighs wrong. */
static double settle_s(const struct commission_run *run) {
    const struct rig_axis *axis = run_axis(run);
    double heaviest_kg = axis->commissioning.brake_test_percent / 100 * axis->load.rated_mass_kg;
    double longest_m = axis->rope.lead_m + axis->limits.position_max_m;
    return fmax(SETTLE_S_MIN, 2 * M_PI * sqrt(heaviest_kg * longest_m / axis->rope.ea_n));
}

bool run_settled(struct commission_run *run, const struct snapshot_axis *axis, double *mean_m, double *mean_n) {
    struct commission_mean *mean = &run->mean;
    const char *missing = unrest(run, axis);
    if (missing) {
        mean->count = 0;
        if (run->now_us - run->stage_us > WAITS_US)
            run_say(run, "Waiting for it to stand: %s.", missing);
        return false;
    }
    if (mean->count == 0)
        *mean = (struct commission_mean){.since_us = run->now_us, .least_n = axis->cell_n, .most_n = axis->cell_n};
    mean->count++;
    mean->least_n = fmin(mean->least_n, axis->cell_n);
    mean->most_n = fmax(mean->most_n, axis->cell_n);
    if (mean->most_n - mean->least_n > CALM_SHARE * run_axis(run)->load.rated_mass_kg * GRAVITY_M_S2)
        mean->count = 0;
    if (mean->count == 0)
        return false;
    mean->position_m += axis->position_m.value;
    mean->cell_n += axis->cell_n;
    *mean_m = mean->position_m / mean->count;
    *mean_n = mean->cell_n / mean->count;
    return (double)(run->now_us - mean->since_us) >= settle_s(run) * 1e6;
}

enum stage_end run_yes(struct commission_run *run, const struct snapshot_axis *axis, const struct snapshot *snapshot) {
    (void)axis;
    (void)snapshot;
    if (!run->answered)
        return STAGE_GOES_ON;
    return run->answer == 1 ? STAGE_DONE : run_fail(run, "The operator said no: mend it, then do the step again.");
}

void run_say_settle(struct commission_run *run) {
    run_say(run,
            "Measuring: it must stand on its brake, and the load hang still, for %.0f s. Steady a load that swings.",
            ceil(settle_s(run)));
}

enum stage_end run_no_fault(struct commission_run *run, const struct snapshot_axis *axis) {
    for (int id = 1; id < FAULT_COUNT; id++)
        if ((axis->fault_mask & (UINT64_C(1) << id)) != 0)
            return run_fail(run, "Stopped by a fault: %s. %s", fault_text((enum fault_id)id)->text,
                            fault_text((enum fault_id)id)->cause);
    return STAGE_GOES_ON;
}

/* --- course ----------------------------------------------------------------------------------------------------- */

static const struct stage *stage_of(const struct commission_run *run) {
    return &programs[run->step][run->stage];
}

static void enter(struct commission_run *run, int stage) {
    run->stage = stage;
    run->stage_us = run->before_us = 0;
    run->answered = false;
    run->mean.count = 0;
    run->jog_m_s = 0;
    run->wants = WANTS_NOTHING;
    if (stage_of(run)->watch == NULL) {
        run->end = RUN_PASSED;
        run_say(run, "%s", run->figures);
        return;
    }
    run->wants = stage_of(run)->wants;
    stage_of(run)->say(run);
}

void commission_begin(struct commission_run *run, const struct rig *rig, int axis, enum commission_step step,
                      int brake) {
    assert(run && rig && axis >= 0 && axis < rig->axis_count && step >= 0 && step < COMMISSION_STEPS);
    *run = (struct commission_run){.rig = rig, .axis = axis, .step = step, .brake = brake};
    enter(run, 0);
}

bool commission_answer(struct commission_run *run, double value) {
    assert(run);
    bool wanted = run->end == RUN_GOES_ON && (run->wants == WANTS_YES || run->wants == WANTS_NUMBER) && !run->answered;
    run->answered = run->answered || wanted;
    run->answer = wanted ? value : run->answer;
    return wanted;
}

void commission_watch(struct commission_run *run, const struct snapshot *snapshot) {
    assert(run && snapshot);
    if (run->end != RUN_GOES_ON || snapshot->t_us <= run->now_us)
        return;
    run->now_us = snapshot->t_us;
    run->stage_us = run->stage_us == 0 ? run->now_us : run->stage_us;
    enum stage_end end = stage_of(run)->watch(run, &snapshot->axis[run->axis], snapshot);
    if (end == STAGE_DONE) {
        enter(run, run->stage + 1);
    } else if (end == STAGE_FAILED) {
        run->end = RUN_FAILED;
        run->wants = WANTS_NOTHING;
        run->jog_m_s = 0;
    }
}
