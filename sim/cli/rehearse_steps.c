/* Plays script.yaml: a small table of verbs. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "controller/base/clock.h"

#define TERMINATE_S 10.0

bool step_wait(struct director *director, const struct script_step *step) {
    return director_need(director, (enum script_condition)step->until, step->within_s);
}

/* With something to hold all along, one look at which it does not ends the step. */
bool step_run(struct director *director, const struct script_step *step) {
    double duration_s = step->has_seconds_max ? director_random(director, step->seconds, step->seconds_max)
                                              : step->seconds;
    int64_t until_us = director_now_us(director) + (int64_t)(duration_s * 1e6);
    while (director_now_us(director) < until_us) {
        if (step->has_during && !director_need(director, (enum script_condition)step->during, 0))
            return false;
        int64_t next_us = director_now_us(director) + 1000;
        if (!director_pump(director, next_us < until_us ? next_us : until_us))
            return false;
    }
    return true;
}

static bool do_act(struct director *director, const struct script_step *step) {
    return director_act(director, (enum sim_act)step->act, step->value);
}

static bool do_estop(struct director *director, const struct script_step *step) {
    return director_estop(director, step->station, step->pressed);
}

static bool do_load(struct director *director, const struct script_step *step) {
    (void)step;
    return operator_load(director, director->show_path);
}

static bool do_walk(struct director *director, const struct script_step *step) {
    return operator_walk(director, step->percent);
}

static bool do_reset(struct director *director, const struct script_step *step) {
    (void)step;
    return operator_ask(director, MSG_SAFETY_RESET, NULL);
}

static bool do_unlock(struct director *director, const struct script_step *step) {
    struct msg_line_unlock params;
    snprintf(params.axis, sizeof params.axis, "%s", step->has_axis ? step->axis : director->rig.axis[0].name);
    return operator_ask(director, MSG_LINE_UNLOCK, &params);
}

static bool do_arm(struct director *director, const struct script_step *step) {
    (void)step;
    return operator_ask(director, MSG_SAFETY_ARM, NULL);
}

static bool do_disarm(struct director *director, const struct script_step *step) {
    (void)step;
    return operator_ask(director, MSG_SAFETY_DISARM, NULL);
}

static bool do_hold(struct director *director, const struct script_step *step) {
    (void)step;
    return operator_hold(director);
}

static bool do_let_go(struct director *director, const struct script_step *step) {
    (void)step;
    return operator_let_go(director);
}

static bool do_go(struct director *director, const struct script_step *step) {
    return operator_go(director, step->cue);
}

static bool do_jog(struct director *director, const struct script_step *step) {
    return operator_jog(director, step->has_axis ? step->axis : director->rig.axis[0].name, step->speed_m_s);
}

static bool do_terminate(struct director *director, const struct script_step *step) {
    (void)step;
    director->belayd.may_end = true;
    child_signal(&director->belayd, SIGTERM);
    int64_t until_us = clock_now_us() + (int64_t)(TERMINATE_S * 1e6);
    while (child_runs(&director->belayd) && clock_now_us() < until_us)
        if (!director_pump(director, clock_now_us() + 10000))
            return false;
    if (director->belayd.pid != 0)
        director_fail(director, "belayd did not end within %.0f s of SIGTERM", TERMINATE_S);
    else if (!child_ended_well(&director->belayd))
        director_fail(director, "belayd ended, but not with exit code 0");
    return !director->failed && director_need(director, WHEN_STOPPED, 1);
}

verb_function *const real_verbs[VERB_COUNT] = {
    [VERB_WAIT] = step_wait,   [VERB_RUN] = step_run,       [VERB_ACT] = do_act,
    [VERB_ESTOP] = do_estop,   [VERB_LOAD] = do_load,     [VERB_RESET] = do_reset,
    [VERB_ARM] = do_arm,       [VERB_DISARM] = do_disarm, [VERB_HOLD] = do_hold,
    [VERB_LET_GO] = do_let_go, [VERB_GO] = do_go,         [VERB_JOG] = do_jog,
    [VERB_TERMINATE] = do_terminate, [VERB_UNLOCK] = do_unlock, [VERB_WALK] = do_walk,
    [VERB_REPEAT] = step_repeat, [VERB_AGAIN] = step_repeat,
};

/* play() does what is to do. */
bool step_repeat(struct director *director, const struct script_step *step) {
    (void)director;
    (void)step;
    return true;
}

/* ---- the play ---- */

/* Is everything in the script something that this kind of flight can do? */
static bool can_fly(struct director *director, const struct script *script) {
    const struct flight_kind *kind = director->kind;
    for (int i = 0; i < script->steps_count; i++) {
        const struct script_step *step = &script->steps[i];
        assert(step->verb >= 0 && step->verb < VERB_COUNT);
        const bool known = kind->verbs[step->verb] && (!step->has_until || kind->conditions[step->until]) &&
                           (!step->has_during || kind->conditions[step->during]);
        if (known && (kind->axis_alone || !step->has_axis || (step->verb != VERB_ARM && step->verb != VERB_RESET)))
            continue;
        director_fail(director, "script.yaml: steps[%d]: \"%s\" can be flown in virtual time only: use --virtual", i,
                      step->name);
        return false;
    }
    return true;
}

static bool play_step(struct director *director, const struct script_step *step, int64_t from_us) {
    director_step_begin(director, step->name);
    director->recording = step->has_window;
    bool ok = director->kind->verbs[step->verb](director, step);
    if (step->has_window && !report_span_add(&director->in, step->window, from_us, director_now_us(director)))
        director_fail(director, "more than %d windows", REPORT_SPANS_MAX);
    return director_step_end(director, from_us, ok && !director->failed);
}

/* Each step lasts from the end of the one before it, so that a window over several steps has no gaps. With each pass of
 * a repeat the windows begin anew. */
static bool play(struct director *director, const struct script *script) {
    int64_t from_us = director_now_us(director);
    int repeat = -1, passes = 0;
    for (int i = 0; i < script->steps_count; i++) {
        const struct script_step *step = &script->steps[i];
        if (step->verb == VERB_REPEAT)
            repeat = i, passes = step->times;
        if (step->verb == VERB_REPEAT || step->verb == VERB_AGAIN)
            director->in.span_cut = true;
        if (!play_step(director, step, from_us))
            return false;
        from_us = director_now_us(director);
        if (step->verb == VERB_AGAIN && --passes > 0)
            i = repeat;
    }
    return true;
}

bool script_play(struct director *director) {
    static struct script script;
    static struct yaml_errors errors;
    char path[PATH_SIZE], error[FAILURE_MAX / 2];
    places_join(path, director->places.scenario, "script.yaml");
    if (script_load(path, &script, &errors) != 0) {
        for (int i = 0; i < errors.count; i++)
            fprintf(stderr, "%s\n", errors.text[i]);
        director_fail(director, "the script of this scenario is wrong");
        return false;
    }
    if (!director->unmatched && script_match(&script, &director->expect, error, sizeof error) != 0)
        director_fail(director, "%s", error);
    return !director->failed && can_fly(director, &script) && play(director, &script);
}
