/* The last half minute of one axis: tension above, position below, with band, pay-out line and limits. Main thread. */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_PLOT_H
#define BELAY_CONSOLE_WIDGETS_BELAY_PLOT_H

#include <gtk/gtk.h>
#include <stdbool.h>

#include "console/model/belay-history.h"

G_DECLARE_FINAL_TYPE(BelayPlot, belay_plot, BELAY, PLOT, GtkWidget)
#define BELAY_TYPE_PLOT (belay_plot_get_type())

/* What the panes are scaled to. The tension pane follows the trace in steps, up to `tension_max_n`. */
struct belay_plot_scale {
    double position_min_m, position_max_m;
    double tension_max_n;
    bool has_band; /* belay axes */
    double band_min_n, band_max_n, weight_on_line_n;
};

/* Shows `history` of the axis called `name`; the caller keeps both alive until the next call. NULL history shows an
 * empty plot. */
void belay_plot_set_axis(BelayPlot *self, const char *name, const struct belay_history *history,
                         const struct belay_plot_scale *scale);

/* Draws again at the next frame. */
void belay_plot_refresh(BelayPlot *self);

#endif
