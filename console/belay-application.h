/* The application: options, theme, one session, one window. Main thread. */
#ifndef BELAY_CONSOLE_BELAY_APPLICATION_H
#define BELAY_CONSOLE_BELAY_APPLICATION_H

#include <gtk/gtk.h>

G_DECLARE_FINAL_TYPE(BelayApplication, belay_application, BELAY, APPLICATION, GtkApplication)
#define BELAY_TYPE_APPLICATION (belay_application_get_type())

/* Runs the console until its window is closed. Returns the exit status: not 0 for wrong options, no display, or a
 * screenshot that could not be written. */
int belay_application_main(int argc, char **argv);

#endif
