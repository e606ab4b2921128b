/* What the operator does: the hold, GO, jog and STOP, joined to the session. Sends the tokens while a hold is true.
 * Main thread.
 *
 * Signals: "changed" (hold, selection or message), "verify" (returns gboolean: does the hand still hold? asked before
 * every token).
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_OPERATION_H
#define BELAY_CONSOLE_MODEL_BELAY_OPERATION_H

#include <glib-object.h>
#include <stdbool.h>
#include <stdint.h>

#include "console/model/belay-hold.h"
#include "console/model/belay-interlock.h"
#include "console/model/belay-session.h"

G_DECLARE_FINAL_TYPE(BelayOperation, belay_operation, BELAY, OPERATION, GObject)
#define BELAY_TYPE_OPERATION (belay_operation_get_type())

/* Works on `session`, of which it takes a reference. */
BelayOperation *belay_operation_new(BelaySession *session);

/* The hand. */
void belay_operation_press(BelayOperation *self, enum hold_source source);
void belay_operation_let_go(BelayOperation *self, enum hold_source source);
/* Loads the standby cue for the next press, or runs it under the present one. */
void belay_operation_go(BelayOperation *self);
/* Selects the jog of the next press; `speed_m_s` is a magnitude. A new way during a press ends the press. */
void belay_operation_jog(BelayOperation *self, enum hold_intent way, double speed_m_s);
/* Chooses the axis for jog; ends a press. */
void belay_operation_choose_axis(BelayOperation *self, int axis);
/* Stops everything and kills the press. Always possible. */
void belay_operation_stop(BelayOperation *self);

/* To be called ten times a second: forgets what is not offered any more. */
void belay_operation_refresh(BelayOperation *self);

/* The press and the selection, for display. */
const struct belay_hold *belay_operation_hold(BelayOperation *self);
/* The chosen axis's name when RESET, or ARM, is to act for it alone, because something elsewhere keeps the whole
 * machine from it; NULL: it acts for all. */
const char *belay_operation_reset_name(BelayOperation *self);
const char *belay_operation_arm_name(BelayOperation *self);
/* What the rules know at `now_us`. */
struct belay_situation belay_operation_situation(BelayOperation *self, int64_t now_us);
/* Index of the axis chosen for jog, 0 at the start. */
int belay_operation_axis(BelayOperation *self);
/* The one line about the next press. Writes at most `size` bytes; returns `text`. */
char *belay_operation_line(BelayOperation *self, char *text, size_t size);
/* The newest message for the operator ("" = none); it fades after some seconds. */
const char *belay_operation_message(BelayOperation *self);

#endif
