/* Recovery: one person begins it here, another one gives clear at another console. In the plot's place, hidden unless a
 * recovery runs or its beginning was asked for. Main thread.
 *
 * For assistive technology it is a group called "Recovery" whose description is what it says.
 *
 * Signals: "begin" (int: enum msg_sensor), "clear", "end": after two presses each but for clear, which is given again
 * and again; "closed": the operator does not want to begin one.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_RECOVERY_PANEL_H
#define BELAY_CONSOLE_WIDGETS_BELAY_RECOVERY_PANEL_H

#include <gtk/gtk.h>
#include <stdbool.h>

G_DECLARE_FINAL_TYPE(BelayRecoveryPanel, belay_recovery_panel, BELAY, RECOVERY_PANEL, GtkWidget)
#define BELAY_TYPE_RECOVERY_PANEL (belay_recovery_panel_get_type())

struct belay_recovery_view {
    const char *axis;
    bool runs;                   /* else it may begin */
    const char *headline, *next; /* two texts */
    unsigned offers;             /* what it may begin without; bit = enum msg_sensor */
    const char *reason;          /* NULL, or why nothing of this is offered here */
    const char *no_clear;        /* NULL, or why clear is not given from here */
    gint64 clear_s;              /* until the clear that was given runs out, 0 = none */
};

/* Shows this; ten times a second is plenty. */
void belay_recovery_panel_set(BelayRecoveryPanel *self, const struct belay_recovery_view *view);

#endif
