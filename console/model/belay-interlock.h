/* Which controls are offered, and why one is not: from what the controller says, as one table of rules. Pure.
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
    bool armed;
    bool moving;         /* an axis is on its way to, in or out of motion */
    bool line_locked;    /* the axis chosen for jog */
    bool other_holds;    /* another session's press is alive */
    bool has_show, has_standby, cue_running;
};

/* NULL when the control is offered, else the reason and the way out, for its tooltip and the line on screen. Static
 * text. */
const char *belay_interlock_reason(const struct belay_situation *situation, enum belay_control control);

/* One line: what the next press of HOLD does, or the present one is doing, or why it can't. `cue` is the loaded or
 * running cue's name, `axis` and `speed` ("0.10 m/s") the chosen jog. Writes at most `size` bytes; returns `text`. */
char *belay_interlock_line(const struct belay_situation *situation, const struct belay_hold *hold, int64_t now_us,
                           const char *cue, const char *axis, const char *speed, char *text, size_t size);

#endif
