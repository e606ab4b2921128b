/* Steps in which the line stands: brake hold, tare, span, reeving, marks. */
#include <math.h>

#include "controller/motion/drum.h"
#include "controller/commission/run_parts.h"

/* --- brake hold ------------------------------------------------------------------------------------------------- */

static double test_n(const struct commission_run *run) {
    return run_asks(run)->brake_test_percent / 100 * run_axis(run)->load.rated_mass_kg * GRAVITY_M_S2;
}

static const char *brake_name(const struct commission_run *run, int brake) {
    return run_axis(run)->brake.unit[brake - 1].name;
}

/* Of the two of a line; 0 where it has one. */
static int other_brake(const struct commission_run *run) {
    _Static_assert(RIG_BRAKES_MAX == 2, "one other brake at most");
    return run_axis(run)->brake.unit_count > 1 ? 3 - run->brake : 0;
}

static void say_test_load(struct commission_run *run) {
    double test_kg = test_n(run) / GRAVITY_M_S2;
    int other = other_brake(run);
    if (other == 0)
        run_say(run,
                "Nobody below. Hang at least %.0f kg (%.0f N) on the rope, a hand's width above the ground. Yes when "
                "it hangs on brake 1, %s.",
                test_kg, test_n(run), brake_name(run, 1));
    else
        run_say(run,
                "Nobody below. Hang at least %.0f kg (%.0f N) on the rope, a hand's width above the ground. Lift brake "
                "%d, %s, by its lever and keep it up: brake %d, %s, holds alone. Yes when so.",
                test_kg, test_n(run), other, brake_name(run, other), run->brake, brake_name(run, run->brake));
}

/* It would be no test, and with the other one's lever up nothing holds. */
static bool reads_open_itself(const struct commission_run *run, const struct snapshot_axis *axis) {
    bool other_alone = axis->brake_odd >= 0 && axis->brake_odd != run->brake - 1;
    return axis->brake_known && axis->brake_open && !other_alone;
}

static enum stage_end fail_open(struct commission_run *run) {
    return run_fail(run,
                    "%sBrake %d, %s, reads open, and it is the one that is to hold: wrong lever, or its switch. Do the "
                    "step again when every brake reads closed.",
                    other_brake(run) > 0 ? "LET GO OF BOTH LEVERS. " : "", run->brake, brake_name(run, run->brake));
}

/* Before anybody is told to lift the other one, and until he has. */
static enum stage_end hangs_yes(struct commission_run *run, const struct snapshot_axis *axis,
                                const struct snapshot *snapshot) {
    return reads_open_itself(run, axis) ? fail_open(run) : run_yes(run, axis, snapshot);
}

/* The cycle saw the closed brake slip, and the drive may have taken the load up since. */
static bool slipped(const struct snapshot_axis *axis) {
    return (axis->fault_mask & FAULT_BIT(MOVEMENT)) != 0 || axis->drive_holds;
}

static bool went(const struct commission_run *run, const struct snapshot_axis *axis, double from_m) {
    bool seen = axis->position_m.quality == QUALITY_GOOD;
    return seen && fabs(axis->position_m.value - from_m) * 1e3 > run_asks(run)->brake_hold_mm;
}

/* Of a line with a lever: the cycle watches for no slip while one brake reads open. */
static const char *lever_words(const struct commission_run *run) {
    return other_brake(run) > 0 ? "LET GO OF THE LEVER. " : "";
}

/* Two brakes that hold together tell nothing of either: a line can live for years on the better one. That the one under
 * test is not the open one was asked before, so a line of one brake holds. */
static enum stage_end holds_alone(struct commission_run *run, const struct snapshot_axis *axis) {
    int other = other_brake(run);
    if (!axis->brake_known || run_braked(run, axis))
        return STAGE_GOES_ON;
    return run_fail(run, "Brake %d, %s, reads closed: lift it by its lever, and keep it up until this is over.", other,
                    brake_name(run, other));
}

static enum stage_end load_is_on(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    (void)snapshot;
    if (run->before_us == 0)
        run->hung_m = axis->position_m.value;
    run->before_us = run->now_us;
    if (reads_open_itself(run, axis))
        return fail_open(run);
    if (slipped(axis) || went(run, axis, run->hung_m))
        return run_fail(run, "BRAKE %d SLIPS: the drum moved behind it. %sTake the line out of service.", run->brake,
                        lever_words(run));
    enum stage_end end = holds_alone(run, axis);
    if (end != STAGE_GOES_ON || !run_settled(run, axis, &run->before_m, &run->before_n))
        return end;
    double least_n = test_n(run) * (1 - run_asks(run)->span_percent / 100);
    if (run->before_n < least_n)
        return run_fail(run, "The load cell reads %.0f N, the test asks for %.0f N: hang more on it.", run->before_n,
                        test_n(run));
    return STAGE_DONE;
}

static void say_hold(struct commission_run *run) {
    run_say(run, "Brake %d holds for %d s. Stay clear of the load%s.", run->brake, (int)run_asks(run)->brake_hold_s,
            other_brake(run) ? "; KEEP THE LEVER UP until told, unless the load sinks" : "");
}

static enum stage_end watch_hold(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    (void)snapshot;
    double slip_mm = (axis->position_m.value - run->before_m) * 1e3,
           held_s = (double)(run->now_us - run->stage_us) / 1e6;
    if (reads_open_itself(run, axis))
        return fail_open(run);
    if (slipped(axis) || went(run, axis, run->before_m))
        return run_fail(run, "BRAKE %d SLIPS: %.1f mm in %.1f s under %.0f N. %sTake the line out of service.",
                        run->brake, slip_mm, held_s, run->before_n, lever_words(run));
    enum stage_end end = holds_alone(run, axis);
    if (end != STAGE_GOES_ON)
        return end;
    if (!run_stands(run, axis))
        return run_fail(run,
                        "After %.1f s the line no longer stands on its brake alone with good readings: leave it "
                        "disarmed and do the step again.",
                        held_s);
    if (axis->cell_n < 0.9 * run->before_n)
        return run_fail(run, "The load was taken off after %.1f s: leave it there for %d s.", held_s,
                        (int)run_asks(run)->brake_hold_s);
    if (held_s < run_asks(run)->brake_hold_s)
        return STAGE_GOES_ON;
    run_figure(run, "brake %d, %s, held %.0f N for %.0f s, %.1f mm", run->brake, brake_name(run, run->brake),
               run->before_n, held_s, slip_mm);
    return STAGE_DONE;
}

static void say_let_go(struct commission_run *run) {
    int other = other_brake(run);
    if (other == 0)
        run_say(run, "It held.");
    else
        run_say(run,
                "It held. Let go of the lever: brake %d, %s, must read closed again. Its lever made a fault: reset "
                "that afterwards.",
                other, brake_name(run, other));
}

/* A brake that was left up would be found only by the next arm. */
static enum stage_end watch_closed(struct commission_run *run, const struct snapshot_axis *axis,
                                   const struct snapshot *snapshot) {
    (void)snapshot;
    return other_brake(run) == 0 || (axis->brake_known && !axis->brake_open) ? STAGE_DONE : STAGE_GOES_ON;
}

const struct stage brake_hold_stages[STAGES_MAX] = {
    {WANTS_YES, say_test_load, hangs_yes},
    {WANTS_NOTHING, run_say_settle, load_is_on},
    {WANTS_NOTHING, say_hold, watch_hold},
    {WANTS_NOTHING, say_let_go, watch_closed},
};

/* --- tare ------------------------------------------------------------------------------------------------------- */

static void say_empty(struct commission_run *run) {
    run_say(run,
            "Nobody on the rope and nothing on it: the load cell without any load, the rope slack. Yes when that is "
            "so. Belay takes no tare of its own: a cell that reads beyond %.0f N is to be mended or zeroed at the "
            "cell.",
            run_asks(run)->tare_n_max);
}

static enum stage_end judge_tare(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    double position_m = 0, cell_n = 0;
    (void)snapshot;
    if (!run_settled(run, axis, &position_m, &cell_n))
        return STAGE_GOES_ON;
    if (fabs(cell_n) > run_asks(run)->tare_n_max)
        return run_fail(run,
                        "The empty load cell reads %.1f N, at most %.0f N are let pass: something hangs on it, a tare "
                        "hides something, or it has drifted.",
                        cell_n, run_asks(run)->tare_n_max);
    run_figure(run, "empty: %.1f N", cell_n);
    return STAGE_DONE;
}

const struct stage tare_stages[STAGES_MAX] = {
    {WANTS_YES, say_empty, run_yes},
    {WANTS_NOTHING, run_say_settle, judge_tare},
};

/* --- span ------------------------------------------------------------------------------------------------------- */

#define SPAN_APART 0.25 /* of the rated load, between the two known loads */
#define SPAN_LEAST 0.1  /* and of the smaller one */

static void say_first_load(struct commission_run *run) {
    run_say(run,
            "Nobody below. Hang a known load on the rope, at least %.0f kg, still and on its brake. Its mass in kg?",
            SPAN_LEAST * run_axis(run)->load.rated_mass_kg);
}

static void say_second_load(struct commission_run *run) {
    run_say(run, "Hang another known load, at least %.0f kg more or less, still and on its brake. Its mass in kg?",
            SPAN_APART * run_axis(run)->load.rated_mass_kg);
}

static enum stage_end take_load(struct commission_run *run, int which) {
    double rated_kg = run_axis(run)->load.rated_mass_kg;
    if (!run->answered)
        return STAGE_GOES_ON;
    if (run->answer < SPAN_LEAST * rated_kg || run->answer * GRAVITY_M_S2 > run_axis(run)->load.rated_dynamic_tension_n)
        return run_fail(run, "%.1f kg tell nothing about this line: take %.0f kg or more, within its rating.",
                        run->answer, SPAN_LEAST * rated_kg);
    if (which == 1 && fabs(run->answer - run->known_kg[0]) < SPAN_APART * rated_kg)
        return run_fail(run, "%.1f and %.1f kg are too near to each other: take %.0f kg more or less.",
                        run->known_kg[0], run->answer, SPAN_APART * rated_kg);
    run->known_kg[which] = run->answer;
    return STAGE_DONE;
}

static enum stage_end judge_load(struct commission_run *run, const struct snapshot_axis *axis, int which) {
    double position_m = 0, cell_n = 0, known_n = run->known_kg[which] * GRAVITY_M_S2;
    if (!run_settled(run, axis, &position_m, &cell_n))
        return STAGE_GOES_ON;
    double off_percent = (cell_n - known_n) / known_n * 100;
    if (fabs(off_percent) > run_asks(run)->span_percent)
        return run_fail(run,
                        "%.1f kg weigh %.0f N and the cell reads %.0f N, %+.1f %% off; %.1f %% are let pass: calibrate "
                        "the cell, or see its profile's scale.",
                        run->known_kg[which], known_n, cell_n, off_percent, run_asks(run)->span_percent);
    run_figure(run, "%.1f kg: %.1f N, %+.2f %%", run->known_kg[which], cell_n, off_percent);
    return STAGE_DONE;
}

static enum stage_end take_first(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    (void)axis;
    (void)snapshot;
    return take_load(run, 0);
}

static enum stage_end take_second(struct commission_run *run, const struct snapshot_axis *axis,
                                  const struct snapshot *snapshot) {
    (void)axis;
    (void)snapshot;
    return take_load(run, 1);
}

static enum stage_end judge_first(struct commission_run *run, const struct snapshot_axis *axis,
                                  const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_load(run, axis, 0);
}

static enum stage_end judge_second(struct commission_run *run, const struct snapshot_axis *axis,
                                   const struct snapshot *snapshot) {
    (void)snapshot;
    return judge_load(run, axis, 1);
}

const struct stage span_stages[STAGES_MAX] = {
    {WANTS_NUMBER, say_first_load, take_first},
    {WANTS_NOTHING, run_say_settle, judge_first},
    {WANTS_NUMBER, say_second_load, take_second},
    {WANTS_NOTHING, run_say_settle, judge_second},
};

/* --- reeving ---------------------------------------------------------------------------------------------------- */

static void say_parts(struct commission_run *run) {
    run_say(run, "Count at the load: how many parts of rope carry it?");
}

static void say_layers(struct commission_run *run) {
    run_say(run, "How many layers does the drum hold when all the rope is on it?");
}

static void say_turns(struct commission_run *run) {
    run_say(run, "Let it stand. Count the turns on the drum as it is now. How many?");
}

static void say_rope(struct commission_run *run) {
    run_say(run, "Look at it: the rope's end is clamped on the drum, the rope lies in its grooves and in every sheave, "
                 "nothing is worn beyond its limit. Yes when that is so.");
}

static enum stage_end take_parts(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    (void)axis;
    (void)snapshot;
    if (!run->answered)
        return STAGE_GOES_ON;
    if (run->answer != run_asks(run)->reeving_ratio)
        return run_fail(run, "Counted %.10g parts, the rig file says %.10g: mend the one that is wrong.", run->answer,
                        run_asks(run)->reeving_ratio);
    run_figure(run, "%.10g parts", run->answer);
    return STAGE_DONE;
}

static enum stage_end take_layers(struct commission_run *run, const struct snapshot_axis *axis,
                                  const struct snapshot *snapshot) {
    (void)axis;
    (void)snapshot;
    if (!run->answered)
        return STAGE_GOES_ON;
    const struct rig_layers *const layers = &run_axis(run)->winding.layers;
    const int count = layers->present ? layers->count : 1;
    if (run->answer != count)
        return run_fail(run,
                        "Counted %.10g layers, the rig file says %d: in another one a turn is longer, so position and "
                        "speed are wrong.",
                        run->answer, count);
    run_figure(run, count == 1 ? "%d layer" : "%d layers", count);
    return STAGE_DONE;
}

#define TURNS_OFF 1 /* where the first one begins is not seen to the turn */

static double turns_at(const struct commission_run *run, double position_m) {
    const struct rig_axis *const axis = run_axis(run);
    return axis->winding.layers.present ? drum_turns(&axis->drum, position_m)
                                        : (axis->winding.rope_m - position_m) / axis->drum.circumference_m;
}

static enum stage_end take_turns(struct commission_run *run, const struct snapshot_axis *axis,
                                 const struct snapshot *snapshot) {
    const struct rig_winding *winding = &run_axis(run)->winding;
    const double end_m = run_axis(run)->ultimate.position_max_m;
    (void)snapshot;
    if (!run->answered || !run_stands(run, axis))
        return STAGE_GOES_ON;
    double turns = turns_at(run, axis->position_m.value);
    double left = run->answer - (turns - turns_at(run, end_m));
    if (left < winding->dead_turns)
        return run_fail(run,
                        "Only %.1f turns would be left at ultimate.position_max_m, %.10g are asked for: less pay-out, "
                        "or more rope.",
                        left, winding->dead_turns);
    if (fabs(run->answer - turns) > TURNS_OFF)
        return run_fail(run,
                        "Counted %.10g turns, winding.rope_m and the position say %.1f: mend the one that is wrong.",
                        run->answer, turns);
    run_figure(run, "%.10g turns at %.2f m, %.1f left at the end", run->answer, axis->position_m.value, left);
    return STAGE_DONE;
}

const struct stage reeving_stages[STAGES_MAX] = {
    {WANTS_NUMBER, say_parts, take_parts},
    {WANTS_NUMBER, say_layers, take_layers},
    {WANTS_NUMBER, say_turns, take_turns},
    {WANTS_YES, say_rope, run_yes},
};

/* --- marks ------------------------------------------------------------------------------------------------------ */

#define MARKS_APART_M 1.0

static void say_first_mark(struct commission_run *run) {
    run_say(run, "Jog slowly to the first mark and let it stand. Tape the rope there, measure: how many metres of rope "
                 "are out?");
}

static void say_second_mark(struct commission_run *run) {
    run_say(run, "Jog on by a metre at least and let it stand. Tape the second mark, measure: how many metres of rope "
                 "are out?");
}

static enum stage_end take_mark(struct commission_run *run, const struct snapshot_axis *axis, int which) {
    double position_m = 0, cell_n = 0;
    if (!run->answered || !run_settled(run, axis, &position_m, &cell_n))
        return STAGE_GOES_ON;
    run->taped_m[which] = run->answer;
    run->mark_m[which] = position_m;
    return STAGE_DONE;
}

static enum stage_end take_first_mark(struct commission_run *run, const struct snapshot_axis *axis,
                                      const struct snapshot *snapshot) {
    (void)snapshot;
    return take_mark(run, axis, 0);
}

/* What encoder_zero_steps would have to be for the reading to be the taped one. */
static double zero_steps(const struct commission_run *run, double off_m) {
    const struct rig_drum *drum = &run_axis(run)->drum;
    return drum->encoder_zero_steps +
           drum->encoder_sign * off_m / drum_turn_m(drum, run->mark_m[0]) * drum->encoder_steps_per_turn;
}

static enum stage_end take_second_mark(struct commission_run *run, const struct snapshot_axis *axis,
                                       const struct snapshot *snapshot) {
    (void)snapshot;
    if (take_mark(run, axis, 1) == STAGE_GOES_ON)
        return STAGE_GOES_ON;
    double off_m[2] = {run->mark_m[0] - run->taped_m[0], run->mark_m[1] - run->taped_m[1]};
    double most_m = run_asks(run)->marks_mm / 1e3;
    if (fabs(run->mark_m[1] - run->mark_m[0]) < MARKS_APART_M)
        return run_fail(run, "The marks are %.2f m apart: at least a metre tells whether the scale is right.",
                        fabs(run->mark_m[1] - run->mark_m[0]));
    if (fabs(off_m[1] - off_m[0]) > most_m)
        return run_fail(run,
                        "Between the marks the encoder counts %.3f m and the tape %.3f m: circumference, steps or "
                        "sign.",
                        run->mark_m[1] - run->mark_m[0], run->taped_m[1] - run->taped_m[0]);
    if (fabs(off_m[0]) > most_m || fabs(off_m[1]) > most_m)
        return run_fail(run,
                        "The position is off by %+.3f m at both marks: preset the encoder, or set encoder_zero_steps "
                        "to %.0f in the rig file.",
                        (off_m[0] + off_m[1]) / 2, zero_steps(run, (off_m[0] + off_m[1]) / 2));
    run_figure(run, "%.3f m taped %.3f m, %.3f m taped %.3f m", run->mark_m[0], run->taped_m[0], run->mark_m[1],
               run->taped_m[1]);
    return STAGE_DONE;
}

const struct stage marks_stages[STAGES_MAX] = {
    {WANTS_NUMBER, say_first_mark, take_first_mark},
    {WANTS_NUMBER, say_second_mark, take_second_mark},
};
