/* Why a show file was not loaded: every line that is wrong, as belayd words it, to read and to copy; and what to do.
 * Takes the plot's place until it is closed. Main thread.
 *
 * Signal "closed": the operator has read it.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_SHOW_ERRORS_H
#define BELAY_CONSOLE_WIDGETS_BELAY_SHOW_ERRORS_H

#include <gtk/gtk.h>

G_DECLARE_FINAL_TYPE(BelayShowErrors, belay_show_errors, BELAY, SHOW_ERRORS, GtkWidget)
#define BELAY_TYPE_SHOW_ERRORS (belay_show_errors_get_type())

/* Shows the lines (separated by newlines) about the file called `name`. */
void belay_show_errors_set(BelayShowErrors *self, const char *name, const char *lines);

#endif
