/* Lets the operator choose a show file and reads it. The file dialog is this program's own and not modal: Esc and STOP
 * work in it and beside it. Main thread.
 *
 * Signals: "chosen" (string: the file's name, GBytes: what is in it, cut after SHOW_READ_MAX), "unreadable" (string:
 * the file's name, string: why), "stop": the operator wants everything to stop.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_LOAD_BUTTON_H
#define BELAY_CONSOLE_WIDGETS_BELAY_LOAD_BUTTON_H

#include <gtk/gtk.h>

G_DECLARE_FINAL_TYPE(BelayLoadButton, belay_load_button, BELAY, LOAD_BUTTON, GtkWidget)
#define BELAY_TYPE_LOAD_BUTTON (belay_load_button_get_type())

/* Offers to load (NULL) or withholds it with a reason. */
void belay_load_button_set_reason(BelayLoadButton *self, const char *reason);
/* Closes the dialog, when it is open. */
void belay_load_button_close(BelayLoadButton *self);
/* Opens the dialog, or brings it to the front; nothing while withheld. */
void belay_load_button_open(BelayLoadButton *self);

#endif
