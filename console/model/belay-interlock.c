/* The rules, first match wins. */
#include "console/model/belay-interlock.h"

#include <assert.h>
#include <stdio.h>

/* A condition that withholds controls. */
typedef bool condition(const struct belay_situation *situation);

static bool disconnected(const struct belay_situation *s) { return !s->connected; }
static bool view_only(const struct belay_situation *s) { return !s->may_operate; }
static bool stale(const struct belay_situation *s) { return s->freshness != FRESH; }
static bool shut_down(const struct belay_situation *s) { return s->shut_down; }
static bool estop_unknown(const struct belay_situation *s) { return !s->estop_known; }
static bool estop_open(const struct belay_situation *s) { return !s->estop_closed; }
static bool moving(const struct belay_situation *s) { return s->moving; }
static bool fault(const struct belay_situation *s) { return s->fault; }
static bool no_fault(const struct belay_situation *s) { return !s->fault; }
static bool armed(const struct belay_situation *s) { return s->armed; }
static bool all_armed(const struct belay_situation *s) { return s->all_armed; }
static bool not_armed(const struct belay_situation *s) { return !s->armed; }
static bool other_holds(const struct belay_situation *s) { return s->other_holds; }
static bool fault_in_recovery(const struct belay_situation *s) { return s->recovers && s->fault; }
static bool unarmed_recovery(const struct belay_situation *s) { return s->recovers && !s->armed; }
static bool resets_alone(const struct belay_situation *s) { return (s->alone & (1u << CONTROL_RESET)) != 0; }
static bool arms_alone(const struct belay_situation *s) { return (s->alone & (1u << CONTROL_ARM)) != 0; }
static bool no_show(const struct belay_situation *s) { return !s->has_show; }

#define ON(control) (1u << CONTROL_##control)
#define MOTION (ON(GO) | ON(HOLD) | ON(PAY_OUT) | ON(TAKE_IN))
#define ALL ((1u << CONTROL_COUNT) - 1)

static const struct {
    condition *applies;
    unsigned controls;
    const char *reason;
    bool shared; /* of the whole machine: does not withhold what is open for the chosen axis by itself */
} rules[] = {
    {disconnected, ALL, "Not connected: only the E-STOP stops.", false},
    {view_only, ALL, "View only: may not operate.", false},
    {stale, ALL & ~ON(DISARM), "belayd is silent: USE THE E-STOP.", false},
    {shut_down, ALL & ~ON(DISARM), "Shutting down: belayd ends.", false},
    {other_holds, MOTION, "Another console holds.", false},
    {estop_unknown, ON(HOLD) | ON(ARM) | ON(RESET), "E-stop chain: state not known.", false},
    {resets_alone, ON(HOLD) | ON(ARM), "RESET acts for this axis alone; then ARM.", false},
    {arms_alone, ON(HOLD), "ARM acts for this axis alone; then hold.", false},
    {estop_open, ON(HOLD) | ON(ARM) | ON(RESET), "E-stop open: release the station.", true},
    {no_fault, ON(RESET), "Nothing to reset.", false},
    {all_armed, ON(ARM), "Already armed.", false},
    {moving, ON(RESET) | ON(ARM) | ON(LOAD) | ON(MODE), "Moving: let go or stop first.", false},
    {armed, ON(LOAD) | ON(MODE), "Disarm first.", false},
    {fault_in_recovery, ON(HOLD) | ON(ARM), "Recovery: RESET, then ARM.", true},
    {fault, ON(HOLD) | ON(ARM), "Fault latched: mend it, then reset.", true},
    {unarmed_recovery, ON(HOLD), "Recovery: ARM, then the second person's clear.", true},
    {not_armed, ON(HOLD) | ON(DISARM), "Not armed.", true},
    {no_show, ON(STANDBY), "No show is loaded.", false},
};

static const char *refusal(const struct belay_situation *situation, enum belay_control control) {
    switch (control) {
    case CONTROL_GO:
        return situation->go_refusal != NULL ? situation->go_refusal
               : situation->cue_shown        ? NULL
                                             : "Reading the cue list: GO when its cue is shown.";
    case CONTROL_PAY_OUT: return situation->pay_out_refusal;
    case CONTROL_TAKE_IN: return situation->take_in_refusal;
    case CONTROL_ARM:
    case CONTROL_DISARM:
    case CONTROL_RESET:
    case CONTROL_HOLD:
    case CONTROL_STANDBY:
    case CONTROL_LOAD:
    case CONTROL_MODE:
    case CONTROL_UNLOCK:
    case CONTROL_RECOVER:
    case CONTROL_COUNT: return NULL;
    }
    return NULL;
}

const char *belay_interlock_reason(const struct belay_situation *situation, enum belay_control control) {
    assert(control < CONTROL_COUNT);
    const bool alone = (situation->alone & (1u << control)) != 0;
    for (size_t i = 0; i < sizeof rules / sizeof rules[0]; i++) {
        if ((rules[i].controls & (1u << control)) != 0 && !(rules[i].shared && alone) && rules[i].applies(situation)) {
            return rules[i].reason;
        }
    }
    return refusal(situation, control);
}

const char *belay_interlock_intent_reason(const struct belay_situation *situation, enum hold_intent intent) {
    switch (intent) {
    case INTENT_CUE: return belay_interlock_reason(situation, CONTROL_GO);
    case INTENT_PAY_OUT: return belay_interlock_reason(situation, CONTROL_PAY_OUT);
    case INTENT_TAKE_IN: return belay_interlock_reason(situation, CONTROL_TAKE_IN);
    case INTENT_NOTHING: return NULL;
    }
    return NULL;
}

/* A press alone is refused on a locked line, as GO is; in recovery, where the line is locked too, so is an unlock. */
static void say_way_on(const struct belay_situation *situation, const char *before, char *text, size_t size) {
    if (situation->recovers && !situation->clear) {
        snprintf(text, size, "%sa second person gives CLEAR elsewhere, then choose a way.", before);
    } else {
        snprintf(text, size, "%s%s", before,
                 situation->recovers ? "clear is given: choose a way, then hold."
                                     : "ask the climber, UNLOCK, then GO. PAY OUT lowers.");
    }
}

static void say_stopped(const struct belay_situation *situation, char *text, size_t size) {
    if (situation->recovers) {
        say_way_on(situation, "Stopped. Let go; ", text, size);
    } else if (situation->line_locked) {
        say_way_on(situation, "Stopped, line locked. Let go; ", text, size);
    } else {
        snprintf(text, size, "Stopped. Let go, then GO or choose a jog again.");
    }
}

static void say_jog(enum hold_intent intent, const char *verb, const char *axis, const char *speed, char *text,
                    size_t size) {
    const char *way = intent == INTENT_PAY_OUT ? "out" : "in";
    snprintf(text, size, "%s %s %s at %s", verb, axis, way, speed);
}

/* It is told and not held against GO: the motor's own duty stops what is too much. */
static void say_rest(const struct belay_situation *situation, char *text, size_t size) {
    if (situation->rest_s < 0) {
        snprintf(text, size, " Motor %s: too much for it.", situation->rest_axis);
    } else if (situation->rest_s > 0) {
        snprintf(text, size, " Motor %s: rest %d:%02d first.", situation->rest_axis, (int)(situation->rest_s / 60),
                 (int)(situation->rest_s % 60));
    } else {
        snprintf(text, size, "%s", "");
    }
}

char *belay_interlock_line(const struct belay_situation *situation, const struct belay_hold *hold, int64_t now_us,
                           const char *cue, const char *axis, const char *speed, char *text, size_t size) {
    const char *reason = belay_interlock_reason(situation, CONTROL_HOLD);
    const bool held = hold->state == HOLD_HELD;
    const enum hold_intent intent = held ? hold->running : hold->intent;
    const char *refused = !held ? belay_interlock_intent_reason(situation, intent) : NULL;
    const int64_t left_us = belay_hold_loaded_us(hold, now_us);
    char rest[80];
    say_rest(situation, rest, sizeof rest);
    if (reason != NULL) {
        snprintf(text, size, "%s", reason);
    } else if (hold->state == HOLD_SPENT) {
        say_stopped(situation, text, size);
    } else if (refused != NULL) {
        snprintf(text, size, "HOLD moves nothing: %s", refused);
    } else if (intent == INTENT_PAY_OUT || intent == INTENT_TAKE_IN) {
        say_jog(intent, held ? "Moving" : "HOLD moves", axis, speed, text, size);
    } else if (held && intent == INTENT_CUE) {
        snprintf(text, size, "Running %s", cue);
    } else if (held && situation->recovers) {
        say_way_on(situation, "Held; nothing moves. Let go; ", text, size);
    } else if (held && situation->go_refusal != NULL) {
        snprintf(text, size, "Held; nothing moves. GO: %s", situation->go_refusal);
    } else if (held) {
        snprintf(text, size, "Held; nothing moves. GO runs the standby cue.");
    } else if (left_us > 0) {
        snprintf(text, size, "HOLD runs %s (%d s left)%s%s", cue, (int)((left_us + 999999) / 1000000), *rest ? "." : "",
                 rest);
    } else if (situation->recovers || situation->line_locked) {
        say_way_on(situation, situation->recovers ? "Recovery: " : "Line locked: ", text, size);
    } else {
        snprintf(text, size, "HOLD alone moves nothing: press GO, or choose a jog.%s", rest);
    }
    return text;
}
