/* A horizontal bar: an actual value between its limits, with the normal band, one marked line and the setpoint.
 *
 * Draws only; the readout around it carries the words and the accessible text. Main thread.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_BAR_H
#define BELAY_CONSOLE_WIDGETS_BELAY_BAR_H

#include <gtk/gtk.h>
#include <stdbool.h>

G_DECLARE_FINAL_TYPE(BelayBar, belay_bar, BELAY, BAR, GtkWidget)
#define BELAY_TYPE_BAR (belay_bar_get_type())

/* All in the unit of the value. `min` < `max`. */
struct belay_bar_scale {
    double min, max;
    bool has_band;
    double band_min, band_max;
    bool has_mark;
    double mark;
    bool has_knee; /* two scales in one bar: `min`..`knee` takes most of it, the rest up to `max` is pressed together */
    double knee;
};

/* Sets limits and marks; asserts that they are in order. */
void belay_bar_set_scale(BelayBar *self, const struct belay_bar_scale *scale);

/* Shows `value` and `setpoint`; NAN = none. `strange` draws the value as abnormal. */
void belay_bar_set(BelayBar *self, double value, double setpoint, bool strange);

#endif
