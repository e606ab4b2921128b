/* Which controls are offered, and why one is not: from what the controller says, as one table of rules; about GO and
 * jog belayd says itself what it would refuse. Pure.
 *
 * This is courtesy, not safety: belayd refuses by itself whatever must not be. STOP is not here: it is always offered.
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_INTERLOCK_H
#define BELAY_CONSOLE_MODEL_BELAY_INTERLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "console/model/belay-hold.h"
#include "console/model/belay-units.h"

enum belay_control {
    CONTROL_ARM,
    CONTROL_DISARM,
    CONTROL_RESET,
    CONTROL_GO,
    CONTROL_HOLD,
    CONTROL_PAY_OUT,
    CONTROL_TAKE_IN,
    CONTROL_STANDBY,
    CONTROL_LOAD,
    CONTROL_MODE,
    CONTROL_UNLOCK,
    CONTROL_RECOVER, /* begin, clear, end */
    CONTROL_COUNT
};

/* What the rules need to know. */
struct belay_situation {
    bool connected;      /* greeted, and telemetry has come */
    bool may_operate;    /* the session's role */
    enum belay_freshness freshness; /* of the newest telemetry */
    bool shut_down;      /* the controller is stopping for good */
    bool estop_known, estop_closed; /* closed = both channels */
    bool fault;          /* at least one latched */
    bool armed;          /* an axis is, */
    bool all_armed;      /* and so is every other one */
    unsigned alone;      /* controls that are open for the chosen axis by itself; bit = enum belay_control */
    bool moving;         /* an axis is on its way to, in or out of motion */
    bool other_holds;    /* another session's press is alive */
    bool has_show;
    bool cue_shown;      /* the standby cue is in the list on the screen, and that list is the one in force */
    bool recovers;       /* the chosen axis does without a failed sensor, */
    bool clear;          /* and a second person's clear is alive */
    bool line_locked;    /* of the chosen axis, or of the one that GO would move */
    /* Why belayd would refuse GO, or a jog of the chosen axis, in its words; NULL = it would not. */
    const char *go_refusal, *pay_out_refusal, *take_in_refusal;
    /* The longest rest that a motor needs before GO, s: 0 = none that is known of, -1 = no rest is enough; whose. */
    int64_t rest_s;
    const char *rest_axis;
};

/* NULL when the control is offered, else the reason and the way out, for its tooltip and the line on screen. Static
 * text, or belayd's of the situation. */
const char *belay_interlock_reason(const struct belay_situation *situation, enum belay_control control);

/* The same for what the next press would do. */
const char *belay_interlock_intent_reason(const struct belay_situation *situation, enum hold_intent intent);

/* One line: what the next press of HOLD does, or the present one is doing, or why it can't. `cue` is the loaded or
 * running cue's name, `axis` and `speed` ("0.10 m/s") the chosen jog. Writes at most `size` bytes; returns `text`. */
char *belay_interlock_line(const struct belay_situation *situation, const struct belay_hold *hold, int64_t now_us,
                           const char *cue, const char *axis, const char *speed, char *text, size_t size);

#endif
