/* Jog: which way and how fast. Choosing moves nothing; the next hold does. Main thread.
 *
 * Signal "changed": way or speed were changed by the operator.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_JOG_PANEL_H
#define BELAY_CONSOLE_WIDGETS_BELAY_JOG_PANEL_H

#include <gtk/gtk.h>

#include "console/model/belay-hold.h"

G_DECLARE_FINAL_TYPE(BelayJogPanel, belay_jog_panel, BELAY, JOG_PANEL, GtkWidget)
#define BELAY_TYPE_JOG_PANEL (belay_jog_panel_get_type())

/* Axis and its greatest jog speed now, as the controller stated it: the choices are parts of it. */
void belay_jog_panel_set_axis(BelayJogPanel *self, const char *axis, double speed_max_m_s);
/* Shows the selection without a signal. */
void belay_jog_panel_set_way(BelayJogPanel *self, enum hold_intent way);
/* NULL = offered, else why not. */
void belay_jog_panel_set_reasons(BelayJogPanel *self, const char *pay_out, const char *take_in);

/* INTENT_PAY_OUT, INTENT_TAKE_IN or INTENT_NOTHING. */
enum hold_intent belay_jog_panel_way(BelayJogPanel *self);
/* Chosen magnitude, > 0 once an axis is set. */
double belay_jog_panel_speed_m_s(BelayJogPanel *self);

#endif
