/* The faults: which came first, why, what to do, what else is latched; and RESET, beside what it resets. Always the
 * same size, so that nothing moves under a finger when a fault comes. Main thread.
 *
 * Signals: "reset": the operator asks for it; "recover" (boolean): whether the operator wants to see what a recovery
 * may begin without.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_FAULT_BAR_H
#define BELAY_CONSOLE_WIDGETS_BELAY_FAULT_BAR_H

#include <gtk/gtk.h>
#include <stdbool.h>

G_DECLARE_FINAL_TYPE(BelayFaultBar, belay_fault_bar, BELAY, FAULT_BAR, GtkWidget)
#define BELAY_TYPE_FAULT_BAR (belay_fault_bar_get_type())

/* NULL strings are left out. */
struct belay_fault_view {
    bool known;         /* false: nobody can say */
    const char *first;  /* text of the first-out fault; NULL = nothing is latched */
    const char *remaining; /* nothing is latched, but this a reset left: a cause that is still there */
    const char *axis;   /* where it was */
    const char *when;   /* time of day */
    const char *cause, *remedy; /* of the first; or why nothing is known */
    const char *others; /* what else there is: codes, other faults, joined */
    const char *stop;   /* what ended the last motion, and who */
};

/* Shows the faults. */
void belay_fault_bar_set(BelayFaultBar *self, const struct belay_fault_view *view);
/* Offers RESET (NULL) or withholds it with a reason; offered, it acts for `axis` alone, or for all (NULL). */
void belay_fault_bar_set_reset(BelayFaultBar *self, const char *reason, const char *axis);

/* Offers to look at a recovery at all; `open` = it is looked at. */
void belay_fault_bar_set_recover(BelayFaultBar *self, bool offered, bool open);

#endif
