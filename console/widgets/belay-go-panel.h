/* The operating mode, ARM and DISARM, and GO with the standby cue's name. GO moves nothing by itself: it needs a hold.
 * Each control that is not offered says why on the screen. Main thread.
 *
 * Signals "arm", "disarm", "go"; "mode-setup", "mode-first", "mode-walk", "mode-show" ask for one.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_GO_PANEL_H
#define BELAY_CONSOLE_WIDGETS_BELAY_GO_PANEL_H

#include <gtk/gtk.h>
#include <stdbool.h>

G_DECLARE_FINAL_TYPE(BelayGoPanel, belay_go_panel, BELAY, GO_PANEL, GtkWidget)
#define BELAY_TYPE_GO_PANEL (belay_go_panel_get_type())

/* `walk_percent` is the rung that WALK offers, `first_percent` the one of the button beside it, 0 = none. NULL =
 * offered, else why not: any mode, and show beside that. */
void belay_go_panel_set_mode(BelayGoPanel *self, int first_percent, int walk_percent, const char *reason,
                             const char *show_reason);
/* NULL = offered, else why not; offered, ARM acts for `axis` alone, or for all (NULL). */
void belay_go_panel_set_arm(BelayGoPanel *self, const char *arm_reason, const char *disarm_reason, const char *axis);
/* `line` stands under GO: the standby cue, or why not. `loaded` draws it as waiting for the hold. */
void belay_go_panel_set_go(BelayGoPanel *self, bool offered, bool loaded, const char *line);

#endif
