/* A recovery as the console guides it: what may be offered for an axis, and which step is next. Pure.
 *
 * This is courtesy: belayd decides by itself whether a recovery may begin, and who may give clear.
 */
#ifndef BELAY_CONSOLE_MODEL_BELAY_RECOVERY_H
#define BELAY_CONSOLE_MODEL_BELAY_RECOVERY_H

#include <stdbool.h>
#include <stddef.h>

#include "console/model/belay-axis.h"

#define BELAY_RECOVERY_SENSORS (MSG_SENSOR_WAY_DOWN + 1)
#define BELAY_RECOVERY_TEXT_MAX 320

/* What this axis might be moved without, as far as telemetry shows; bit = enum msg_sensor. 0 while it is armed, moves
 * or is in recovery, and before the first telemetry. */
unsigned belay_recovery_offers(const struct belay_axis_view *axis, const struct msg_telemetry *telemetry);

/* What is done without, for a button: "LOAD CELL". A sensor that this console does not know is "?". Static text. */
const char *belay_recovery_name(enum msg_sensor sensor);

/* Of an axis in recovery: what it does without, how long yet, and how fast it may be moved. Writes at most `size`
 * bytes; returns `text`. */
char *belay_recovery_headline(const struct belay_axis_view *axis, char *text, size_t size);

/* Of an axis in recovery: which of the four steps is next, and what it takes. `chosen`: its row is the one that RESET,
 * ARM and the jog are about. Writes at most `size` bytes; returns `text`. */
char *belay_recovery_next(const struct belay_axis_view *axis, bool chosen, char *text, size_t size);

#endif
