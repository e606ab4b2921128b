/* Steps that move the line: the direction bump, and how the drum follows. The client jogs, with every limit of a jog; a
 * step that sees what it should not asks for a stop. */
#include <math.h>

#include "controller/commission/run_parts.h"

#define WRONG_WAY_M 0.005 /* of a direction that is wrong beyond doubt */
#define STILL_M 0.02      /* way of one reading while the other stands: it is dead */
#define WAYS_DIFFER 0.3   /* of the bump, between motor and encoder, and of the bump from what was asked */
#define TOO_FAST 1.1      /* of the speed that was asked for */

static enum stage_end stop_and_fail(struct commission_run *run, const char *why) {
    run->stop = true;
    return run_fail(run, "Stopped: %s", why);
}

/* Way by the motor's speed since the snapshot before. */
static void follow_motor(struct commission_run *run, const struct snapshot_axis *axis) {
    if (run->before_us > 0)
        run->motor_m += axis->speed_m_s.value * (double)(run->now_us - run->before_us) / 1e6;
    run->before_us = run->now_us;
}

/* --- direction -------------------------------------------------------------------------------------------------- */

static void say_fixed(struct commission_run *run) {
    run_say(run,
            "Nobody on the rope. Make its end fast, or fix it to the test load on the ground, and take up the slack "
            "until it is just taut, below %.0f N. Yes when that is done.",
            2 * run_asks(run)->bump_tension_n);
}

static enum stage_end settle_before(struct commission_run *run, const struct snapshot_axis *axis,
                                    const struct snapshot *snapshot) {
    (void)snapshot;
    return run_settled(run, axis, &run->before_m, &run->before_n) ? STAGE_DONE : STAGE_GOES_ON;
}

static void say_bump(struct commission_run *run, int sign) {
    run->motor_m = 0;
    run->jog_m_s = sign * run_asks(run)->bump_speed_m_s;
    run_say(run, "Direction bump: hold, it %s %.0f mm at %.0f mm/s and stops by itself. WATCH THE DRUM: it must %s.",
            sign > 0 ? "pays out" : "takes in", run_asks(run)->bump_mm, run_asks(run)->bump_speed_m_s * 1e3,
            sign > 0 ? "pay out" : "take in");
}

static void say_take_in(struct commission_run *run) {
    say_bump(run, -1);
}

static void say_pay_out(struct commission_run *run) {
    say_bump(run, 1);
}

static const char *wrong_way(double setpoint_m_s, double motor_m, double drum_m) {
    if (setpoint_m_s < 0)
        return "the setpoint goes against the jog.";
    if (motor_m < -WRONG_WAY_M)
        return "the motor turns against the setpoint: drum.motor_sign, or two motor phases.";
    if (drum_m < -WRONG_WAY_M)
        return "the drum encoder counts against motor and setpoint: drum.encoder_sign, drum.motor_sign, or the wiring.";
    if (motor_m > STILL_M && fabs(drum_m) < WRONG_WAY_M)
        return "the motor turns and the drum encoder stands still: coupling, or another line's encoder.";
    if (drum_m > STILL_M && fabs(motor_m) < WRONG_WAY_M)
        return "the drum turns and the motor reads still: another line's drive, or its speed.";
    return NULL;
}

static enum stage_end watch_bump(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    (void)snapshot;
    enum stage_end end = run_no_fault(run, axis);
    if (end != STAGE_GOES_ON)
        return end;
    if (axis->position_m.quality != QUALITY_GOOD || axis->speed_m_s.quality != QUALITY_GOOD)
        return STAGE_GOES_ON; /* they trip by themselves when that lasts */
    int sign = run->jog_m_s > 0 ? 1 : -1;
    double drum_m = sign * (axis->position_m.value - run->before_m);
    follow_motor(run, axis);
    if (fabs(axis->setpoint_m_s) > TOO_FAST * run_asks(run)->bump_speed_m_s)
        return stop_and_fail(run, "the jog is faster than the bump that was asked for.");
    const char *wrong = wrong_way(sign * axis->setpoint_m_s, sign * run->motor_m, drum_m);
    if (wrong)
        return stop_and_fail(run, wrong);
    bool done = fmax(drum_m, sign * run->motor_m) >= run_asks(run)->bump_mm / 1e3;
    run->stop = run->stop || done;
    return done ? STAGE_DONE : STAGE_GOES_ON;
}

static enum stage_end judge_bump(struct commission_run *run, const struct snapshot_axis *axis, int sign) {
    double position_m = 0, cell_n = 0;
    follow_motor(run, axis);
    enum stage_end end = run_no_fault(run, axis);
    if (end != STAGE_GOES_ON)
        return end;
    if (!run_settled(run, axis, &position_m, &cell_n))
        return STAGE_GOES_ON;
    double asked_m = run_asks(run)->bump_mm / 1e3, least_n = run_asks(run)->bump_tension_n;
    double drum_m = sign * (position_m - run->before_m), motor_m = sign * run->motor_m;
    double pull_n = -sign * (cell_n - run->before_n);
    if (fabs(drum_m - motor_m) > WAYS_DIFFER * asked_m || fabs(drum_m - asked_m) > WAYS_DIFFER * asked_m)
        return run_fail(run,
                        "Motor %.0f mm, drum encoder %.0f mm for %.0f mm: gear ratio, circumference, encoder steps or "
                        "the profile's scale.",
                        motor_m * 1e3, drum_m * 1e3, asked_m * 1e3);
    if (pull_n <= -least_n)
        return run_fail(run,
                        "The tension goes the wrong way by %.0f N: the rope is reeved the other way round, or the load "
                        "cell's sign.",
                        -pull_n);
    if (pull_n < least_n)
        return run_fail(run,
                        "The tension changed by %.0f N, at least %.0f N are asked for: was the rope fixed and taut? "
                        "Else another line's load cell, or a dead one.",
                        pull_n, least_n);
    run_figure(run, "%s: drum %.1f mm, motor %.1f mm, tension %+.0f N", sign > 0 ? "out" : "in", drum_m * 1e3,
               motor_m * 1e3, -sign * pull_n);
    run->before_m = position_m;
    run->before_n = cell_n;
    return STAGE_DONE;
}

static enum stage_end judge_take_in(struct commission_run *run, const struct snapshot_axis *axis,
                                    const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_bump(run, axis, -1);
}

static enum stage_end judge_pay_out(struct commission_run *run, const struct snapshot_axis *axis,
                                    const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_bump(run, axis, 1);
}

const struct stage direction_stages[STAGES_MAX] = {
    {WANTS_YES, say_fixed, run_yes},      {WANTS_NOTHING, run_say_settle, settle_before},
    {WANTS_JOG, say_take_in, watch_bump}, {WANTS_NOTHING, run_say_settle, judge_take_in},
    {WANTS_JOG, say_pay_out, watch_bump}, {WANTS_NOTHING, run_say_settle, judge_pay_out},
};

/* --- response --------------------------------------------------------------------------------------------------- */

#define STEADY_SHARE 0.99      /* of the jog's speed: it is reached */
#define STEADY_US 500000       /* from there until the drum moves evenly too */
#define MEASURE_US 1000000     /* and then the mean over so long */
#define MS_PER_S 1000.0

static void say_free(struct commission_run *run) {
    run_say(run,
            "Nobody on the rope. It will pay out and take in for some two seconds each, at %.2f m/s: both ways must be "
            "free, and its end too. Yes when they are.",
            run_asks(run)->speed_max_m_s);
}

static void say_jog(struct commission_run *run, int sign) {
    run->asked_m = run->setpoint_m_s = run->behind_m = 0;
    run->steady_us = 0;
    run->behind_count = 0;
    run->jog_m_s = sign * run_asks(run)->speed_max_m_s;
    run_say(run, "Hold: it %s at %.2f m/s, is measured and stops by itself. WATCH IT, let go when it does not.",
            sign > 0 ? "pays out" : "takes in", run_asks(run)->speed_max_m_s);
}

static void say_jog_out(struct commission_run *run) {
    say_jog(run, 1);
}

static void say_jog_in(struct commission_run *run) {
    say_jog(run, -1);
}

/* From a reading to the drum following the setpoint made of it, and until the next reading tells: what the declared
 * reaction has to cover. Standing still it is behind by nothing, so what it is behind at even speed is speed x lag. */
static enum stage_end judge_lag(struct commission_run *run) {
    const struct rig_axis *axis = run_axis(run);
    double lag_ms = MS_PER_S * run->behind_m / run->behind_count / fabs(run->jog_m_s);
    double watched_ms = axis->monitors.dead_ms + axis->monitors.lag_ms;
    if (lag_ms > axis->limits.reaction_ms)
        return run_fail(run,
                        "Stopped: the drum follows %.0f ms late, and limits.reaction_ms says %d: each stop would end "
                        "later than reserved. Mend the drive's filter or ramp, or declare what is true.",
                        lag_ms, (int)axis->limits.reaction_ms);
    if (fabs(lag_ms - watched_ms) > axis->monitors.following_slack_ms)
        return run_fail(run,
                        "Stopped: the drum follows %.0f ms late, and monitors.dead_ms and lag_ms make %.0f: at full "
                        "speed that alone is a following error. Declare what is true.",
                        lag_ms, watched_ms);
    run_figure(run, "%s: lag %.0f ms", run->jog_m_s > 0 ? "out" : "in", lag_ms);
    return STAGE_DONE;
}

static bool follows_evenly(struct commission_run *run, const struct snapshot_axis *axis) {
    bool steady = fabs(axis->setpoint_m_s) >= STEADY_SHARE * fabs(run->jog_m_s);
    run->steady_us = !steady ? 0 : run->steady_us == 0 ? run->now_us : run->steady_us;
    return steady && run->now_us - run->steady_us >= STEADY_US;
}

static enum stage_end watch_response(struct commission_run *run, const struct snapshot_axis *axis,
                                     const struct snapshot *snapshot) {
    (void)snapshot;
    enum stage_end end = run_no_fault(run, axis);
    if (end != STAGE_GOES_ON)
        return end;
    if (run->before_us > 0)
        run->asked_m += run->setpoint_m_s * (double)(run->now_us - run->before_us) / 1e6;
    run->before_us = run->now_us;
    run->setpoint_m_s = axis->setpoint_m_s;
    if (axis->state == STATE_RUNNING && axis->clamped && fabs(axis->setpoint_m_s) < HELD_M_S)
        return stop_and_fail(run, "a limit holds it here. Jog it away from there, and do the step again.");
    if (axis->position_m.quality != QUALITY_GOOD || !follows_evenly(run, axis)) {
        run->behind_m = 0;
        run->behind_count = 0;
        return STAGE_GOES_ON;
    }
    int sign = run->jog_m_s > 0 ? 1 : -1;
    run->behind_m += sign * (run->asked_m - (axis->position_m.value - run->before_m));
    run->behind_count++;
    if (run->now_us - run->steady_us < STEADY_US + MEASURE_US)
        return STAGE_GOES_ON;
    run->stop = true;
    return judge_lag(run);
}

static void say_stop(struct commission_run *run) {
    run->falls = false;
    run_say(run, "Measuring: it must come to a stop, and stand on its brake.");
}

/* What the envelope reserves for a stop from this speed: wait, jerk, and the declared deceleration. */
static double reserved_m(const struct commission_run *run, double deceleration_m_s2) {
    double v = run_asks(run)->speed_max_m_s, cycles_s = 2 * run->rig->cycle_ms / MS_PER_S;
    double wait_s = run_axis(run)->limits.reaction_ms / MS_PER_S + cycles_s;
    return v * wait_s + v * run_axis(run)->rope.jerk_ms / MS_PER_S / 2 + v * v / (2 * deceleration_m_s2);
}

static enum stage_end judge_stop(struct commission_run *run, const struct snapshot_axis *axis, int sign) {
    const struct rig_limits *limits = &run_axis(run)->limits;
    double a = sign > 0 ? limits->stop_payout_deceleration_m_s2 : limits->stop_takein_deceleration_m_s2;
    double position_m = 0, cell_n = 0;
    enum stage_end end = run_no_fault(run, axis);
    if (end != STAGE_GOES_ON)
        return end;
    bool fell = fabs(axis->setpoint_m_s) < STEADY_SHARE * run_asks(run)->speed_max_m_s;
    if (!run->falls && fell)
        run->falls_at_m = axis->position_m.value;
    run->falls = run->falls || fell;
    if (!run_settled(run, axis, &position_m, &cell_n))
        return STAGE_GOES_ON;
    double way_m = sign * (position_m - run->falls_at_m);
    if (way_m > reserved_m(run, a))
        return run_fail(run,
                        "It stopped within %.0f mm, and %.0f mm are reserved: the drive brakes later or slower than "
                        "limits and rope.jerk_ms say.",
                        way_m * 1e3, reserved_m(run, a) * 1e3);
    run_figure(run, "stop %.0f of %.0f mm", way_m * 1e3, reserved_m(run, a) * 1e3);
    run->before_m = position_m;
    return STAGE_DONE;
}

static enum stage_end judge_stop_out(struct commission_run *run, const struct snapshot_axis *axis,
                                     const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_stop(run, axis, 1);
}

static enum stage_end judge_stop_in(struct commission_run *run, const struct snapshot_axis *axis,
                                    const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_stop(run, axis, -1);
}

const struct stage response_stages[STAGES_MAX] = {
    {WANTS_YES, say_free, run_yes},          {WANTS_NOTHING, run_say_settle, settle_before},
    {WANTS_JOG, say_jog_out, watch_response}, {WANTS_NOTHING, say_stop, judge_stop_out},
    {WANTS_JOG, say_jog_in, watch_response},  {WANTS_NOTHING, say_stop, judge_stop_in},
};
