/* One axis: name and state in words, its marks (line locked, fall caught, slack, ground fall, brake, drive), and the
 * three readouts. Main thread.
 *
 * Signals: "chosen": the operator chose this axis for jog and plot; "unlock": the operator said twice that nobody hangs
 * on the rope.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_AXIS_ROW_H
#define BELAY_CONSOLE_WIDGETS_BELAY_AXIS_ROW_H

#include <gtk/gtk.h>
#include <stdbool.h>

#include "console/model/belay-axis.h"

G_DECLARE_FINAL_TYPE(BelayAxisRow, belay_axis_row, BELAY, AXIS_ROW, GtkWidget)
#define BELAY_TYPE_AXIS_ROW (belay_axis_row_get_type())

/* A row for `axis`, which the caller keeps alive longer. `group` joins the choice with another row (NULL = first row);
 * `choosable` shows the choice at all. */
GtkWidget *belay_axis_row_new(const struct belay_axis_view *axis, BelayAxisRow *group, bool choosable);

/* Bars: at every telemetry frame. */
void belay_axis_row_refresh_bars(BelayAxisRow *self, int64_t now_us);
/* Words, numbers and ages: ten times a second is plenty. `connected` = the words may still be believed. */
void belay_axis_row_refresh_text(BelayAxisRow *self, int64_t now_us, bool connected);
/* Offers to unlock a locked line (NULL) or withholds it with a reason; after belay_axis_row_refresh_text(). */
void belay_axis_row_set_unlock(BelayAxisRow *self, const char *reason);

#endif
