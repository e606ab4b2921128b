/* The step of a motion sensor: what moves under the winch is moved by a declared way, and sensor, setpoint and hook
 * must agree about up and down. A wrong sign would double the motion that is to be made up for. */
#include <math.h>

#include "controller/commission/run_parts.h"

#define STILL_US 2000000   /* so long a mean of readings takes */
#define STILL_SHARE 0.1    /* of the way: within that it keeps still */
#define WAY_SHARE 0.2      /* by so much it may read otherwise: it is moved by hand and tape */
#define WRONG_SHARE 0.25   /* of the way, by the drum, against the jog */

static const struct rig_reference *sensor_of(const struct commission_run *run) {
    return &run_axis(run)->reference;
}

static double way_m(const struct commission_run *run) {
    return sensor_of(run)->check_mm / 1000;
}

static void say_rests(struct commission_run *run) {
    run_say(run,
            "The deck rests, or the sensor is off its place and in your hands, the right way up. Nothing hangs on the "
            "hook. Yes when it is so.");
}

static void say_keep_still(struct commission_run *run) {
    run_say(run, "Measuring: the sensor must keep still for %.0f s.", STILL_US / 1e6);
}

/* Mean of what the sensor reads while it keeps still, into `*mean_m`; false until then. */
static bool keeps_still(struct commission_run *run, const struct snapshot_axis *axis, double *mean_m) {
    struct commission_mean *mean = &run->mean;
    const double read_m = axis->reference_m.value;
    if (axis->reference_m.quality != QUALITY_GOOD) {
        mean->count = 0;
        run_say(run, "Waiting for the sensor: it is not heard, or reads beyond low_mm or high_mm.");
        return false;
    }
    if (mean->count == 0)
        *mean = (struct commission_mean){.since_us = run->now_us, .least_n = read_m, .most_n = read_m};
    mean->count++;
    mean->position_m += read_m;
    mean->least_n = fmin(mean->least_n, read_m);
    mean->most_n = fmax(mean->most_n, read_m);
    if (mean->most_n - mean->least_n > STILL_SHARE * way_m(run))
        mean->count = 0;
    if (mean->count == 0 || run->now_us - mean->since_us < STILL_US)
        return false;
    *mean_m = mean->position_m / mean->count;
    return true;
}

static enum stage_end read_before(struct commission_run *run, const struct snapshot_axis *axis,
                                  const struct snapshot *snapshot) {
    (void)snapshot;
    return keeps_still(run, axis, &run->sensor_m) ? STAGE_DONE : STAGE_GOES_ON;
}

static void say_raise(struct commission_run *run) {
    run_say(run, "Raise the deck, or the sensor in your hands, by %.0f mm, and keep it there. Yes when it is there.",
            way_m(run) * 1e3);
}

static enum stage_end read_after(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    (void)snapshot;
    double after_m = 0;
    if (!keeps_still(run, axis, &after_m))
        return STAGE_GOES_ON;
    const double up_m = after_m - run->sensor_m;
    if (up_m < -(1 - WAY_SHARE) * way_m(run) && up_m > -(1 + WAY_SHARE) * way_m(run))
        return run_fail(run,
                        "Raised by %.0f mm it asks for %.0f mm of take-in: it would double the motion. Mend "
                        "reference.sign, or the way the sensor is built in.",
                        way_m(run) * 1e3, -up_m * 1e3);
    if (fabs(up_m - way_m(run)) > WAY_SHARE * way_m(run))
        return run_fail(run,
                        "Raised by %.0f mm it tells %.0f mm: another sensor, its scale or its axis. Else do it again.",
                        way_m(run) * 1e3, up_m * 1e3);
    run_figure(run, "raised by %.0f mm, read %+.0f mm", way_m(run) * 1e3, up_m * 1e3);
    return STAGE_DONE;
}

static enum stage_end settle(struct commission_run *run, const struct snapshot_axis *axis,
                             const struct snapshot *snapshot) {
    (void)snapshot;
    return run_settled(run, axis, &run->before_m, &run->before_n) ? STAGE_DONE : STAGE_GOES_ON;
}

static void say_pay_out(struct commission_run *run) {
    run->jog_m_s = run_axis(run)->limits.setup_speed_m_s;
    run_say(run, "Hold: it pays out %.0f mm at %.0f mm/s and stops by itself. WATCH THE HOOK: it must sink.",
            way_m(run) * 1e3, run->jog_m_s * 1e3);
}

static enum stage_end watch_pay_out(struct commission_run *run, const struct snapshot_axis *axis,
                                    const struct snapshot *snapshot) {
    (void)snapshot;
    const enum stage_end end = run_no_fault(run, axis);
    if (end != STAGE_GOES_ON || axis->position_m.quality != QUALITY_GOOD)
        return end;
    const double drum_m = axis->position_m.value - run->before_m;
    run->stop = run->stop || drum_m >= way_m(run) || drum_m < -WRONG_SHARE * way_m(run);
    if (drum_m < -WRONG_SHARE * way_m(run))
        return run_fail(run, "Stopped: the drum takes in while the jog pays out: drum.encoder_sign, drum.motor_sign.");
    return drum_m >= way_m(run) ? STAGE_DONE : STAGE_GOES_ON;
}

static void say_sank(struct commission_run *run) {
    run_figure(run, "the hook sank");
    run_say(run, "Did the hook sink by some %.0f mm? Yes when it did.", way_m(run) * 1e3);
}

/* The rope pays out for a deck that rises, and the hook sinks for that. */
const struct stage reference_stages[STAGES_MAX] = {
    {WANTS_YES, say_rests, run_yes},
    {WANTS_NOTHING, say_keep_still, read_before},
    {WANTS_YES, say_raise, run_yes},
    {WANTS_NOTHING, say_keep_still, read_after},
    {WANTS_NOTHING, run_say_settle, settle},
    {WANTS_JOG, say_pay_out, watch_pay_out},
    {WANTS_YES, say_sank, run_yes},
};
