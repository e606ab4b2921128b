/* STOP: controlled stop of all axes. Always there, never insensitive, acts when pressed and not when released. Not an
 * emergency stop and not drawn like one. Main thread.
 *
 * Signal "stop".
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_STOP_BAR_H
#define BELAY_CONSOLE_WIDGETS_BELAY_STOP_BAR_H

#include <gtk/gtk.h>

G_DECLARE_FINAL_TYPE(BelayStopBar, belay_stop_bar, BELAY, STOP_BAR, GtkWidget)
#define BELAY_TYPE_STOP_BAR (belay_stop_bar_get_type())

#endif
