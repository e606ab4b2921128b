/* The hold-to-run control: says that a hand holds it, and that it does not any more. It is no GtkButton (a gesture
 * added to one never reports the release) and offers assistive technology no action: software must not be able to hold
 * it.
 *
 * A hold begins with the primary button or a finger on it, or with Space (when it has the focus, or anywhere in the
 * window while "Space holds" is on). It ends with the release and with everything that makes the release uncertain:
 * leaving the bounds, losing the focus, the window turning inactive, the widget unmapped or insensitive. It never
 * begins again by itself: a Space that was down when the window turned inactive counts as down until it is released in
 * this window.
 *
 * Signals: "held" (int: enum hold_source) and "let-go" (int: the same source). Main thread.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_HOLD_BUTTON_H
#define BELAY_CONSOLE_WIDGETS_BELAY_HOLD_BUTTON_H

#include <gtk/gtk.h>
#include <stdbool.h>

#include "console/model/belay-hold.h"

G_DECLARE_FINAL_TYPE(BelayHoldButton, belay_hold_button, BELAY, HOLD_BUTTON, GtkWidget)
#define BELAY_TYPE_HOLD_BUTTON (belay_hold_button_get_type())

/* Shows the state of the press and, in one line, what it does or will do. */
void belay_hold_button_show(BelayHoldButton *self, enum hold_state state, const char *line);

/* Space holds from anywhere in the window. */
void belay_hold_button_set_space_anywhere(BelayHoldButton *self, bool on);

/* Asks the pointer itself whether its button is still down; ends the hold when it is not. True while held. */
bool belay_hold_button_verify(BelayHoldButton *self);

#endif
