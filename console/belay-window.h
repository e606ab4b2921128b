/* The console's one window: puts the widgets together and joins them to session and operation. Main thread.
 *
 * Keys, from any focus: Esc = STOP, G = GO, Space = hold (while HOLD TO RUN has the focus, or always with "show keys").
 */
#ifndef BELAY_CONSOLE_BELAY_WINDOW_H
#define BELAY_CONSOLE_BELAY_WINDOW_H

#include <gtk/gtk.h>

#include "console/model/belay-session.h"

G_DECLARE_FINAL_TYPE(BelayWindow, belay_window, BELAY, WINDOW, GtkApplicationWindow)
#define BELAY_TYPE_WINDOW (belay_window_get_type())

/* A window on `session`, of which it takes a reference. */
GtkWidget *belay_window_new(GtkApplication *application, BelaySession *session);

/* Writes what the window shows as a PNG. Returns FALSE when it is not drawn yet or the file can't be written. */
gboolean belay_window_save_png(BelayWindow *self, const char *path);

#endif
