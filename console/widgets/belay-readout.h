/* One quantity of one axis: name and unit, a large number, the bar below it, its age when it is not fresh.
 *
 * Not fresh is hatched; gone is "--". For assistive technology it is a group called "<axis> <quantity>" whose
 * description carries the reading, renewed twice a second at most. Main thread.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_READOUT_H
#define BELAY_CONSOLE_WIDGETS_BELAY_READOUT_H

#include <gtk/gtk.h>

#include "console/model/belay-units.h"
#include "console/widgets/belay-bar.h"

G_DECLARE_FINAL_TYPE(BelayReadout, belay_readout, BELAY, READOUT, GtkWidget)
#define BELAY_TYPE_READOUT (belay_readout_get_type())

/* Says what is read and between which limits; `note` (NULL = none) stands under the bar. */
void belay_readout_set_limits(BelayReadout *self, const char *axis, enum belay_quantity quantity,
                              const struct belay_bar_scale *scale, const char *note);

/* Changes the note under the bar. */
void belay_readout_set_note(BelayReadout *self, const char *note);

/* Moves the bar: cheap, for every telemetry frame. `setpoint` may be NAN; `strange` marks the value as abnormal. */
void belay_readout_set_bar(BelayReadout *self, const struct belay_reading *reading, double setpoint, bool strange);

/* Renews number, age and hatching; ten times a second is plenty. `word` (NULL = none) is shown beside the number. */
void belay_readout_set_text(BelayReadout *self, const struct belay_reading *reading, const char *word);

/* Draws diagonal hatching over an area: the sign of "not fresh" everywhere in the console. */
void belay_readout_hatch(GtkSnapshot *snapshot, const graphene_rect_t *area);

#endif
