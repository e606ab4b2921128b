/* The cue list: one large row per cue, the standby and the running one marked by shape, word and colour. Main thread.
 *
 * Signal "standby" (string): the operator wants the cue with this id on standby.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_CUE_VIEW_H
#define BELAY_CONSOLE_WIDGETS_BELAY_CUE_VIEW_H

#include <gtk/gtk.h>

G_DECLARE_FINAL_TYPE(BelayCueView, belay_cue_view, BELAY, CUE_VIEW, GtkWidget)
#define BELAY_TYPE_CUE_VIEW (belay_cue_view_get_type())

/* Empties the list. */
void belay_cue_view_clear(BelayCueView *self);
/* Adds a cue at the end. `detail` is its kind and axis. */
void belay_cue_view_add(BelayCueView *self, const char *id, const char *name, const char *detail);
/* Marks cues by id (NULL = none) and brings a newly marked one into view. */
void belay_cue_view_mark(BelayCueView *self, const char *standby, const char *running);
/* Offers choosing the standby cue (NULL) or withholds it with a reason. */
void belay_cue_view_set_reason(BelayCueView *self, const char *reason);

#endif
