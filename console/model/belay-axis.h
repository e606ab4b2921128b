/* One axis as the console knows it: its limits as the controller stated them, its newest values, its last minute. No
 * GTK. */
#ifndef BELAY_CONSOLE_MODEL_BELAY_AXIS_H
#define BELAY_CONSOLE_MODEL_BELAY_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "console/model/belay-history.h"
#include "console/model/belay-units.h"
#include "protocol/belay_messages.h"

#define BELAY_FAULTS_MAX 512

struct belay_axis_view {
    struct msg_hello_axis limits;     /* and the name */
    struct msg_telemetry_axis now;    /* valid once t_us is not 0 */
    bool has_step;                    /* of commissioning runs on this axis: */
    struct msg_commission_run step;
    char faults[BELAY_FAULTS_MAX];    /* its latched faults in words, "" = none */
    int64_t t_us;                     /* CLOCK_MONOTONIC of `now`; 0 = nothing has come yet */
    struct belay_history *history;    /* owned by whoever owns the view */
};

/* Notes the words of the axis's latched faults, from those of the whole machine. One without words keeps its name. */
void belay_axis_note_faults(struct belay_axis_view *axis, const struct msg_fault *faults, int count);

/* A reading with its age at `now_us`: missing before the first telemetry. */
struct belay_reading belay_axis_reading(const struct belay_axis_view *axis, enum belay_quantity quantity,
                                        int64_t now_us);

/* The newest values as one sample of the plot: NAN where a value is not good. */
struct belay_sample belay_axis_sample(const struct belay_axis_view *axis);

/* What the axis does, in the operator's words: "FOLLOWING", "DISARMED". A state that this console does not know is
 * given back as it came. Valid as long as the axis. */
const char *belay_axis_words(const struct belay_axis_view *axis);
/* True while the axis is on its way to, in or out of motion; before the first telemetry false. */
bool belay_axis_moving(const struct belay_axis_view *axis);

/* Greatest jog speed that is offered now: lowering speed while the line is locked. */
double belay_axis_jog_max_m_s(const struct belay_axis_view *axis);

/* Is the drive's state known? A silent one is neither on nor off. */
bool belay_axis_drive_known(const struct belay_axis_view *axis);

/* NULL when belayd would unlock the line, as far as its telemetry shows, else why not. Static text. */
const char *belay_axis_unlock_reason(const struct belay_axis_view *axis);

#define BELAY_COMMISSIONING_MAX 96 /* bytes of the longest such phrase */

/* How commissioning stands, as a phrase after which a sentence goes on: "tare is due", "daily test by Sat 08:00". Empty
 * where none is asked for. `now_s` is CLOCK_REALTIME. Writes at most `size` bytes; returns `text`. */
char *belay_axis_commissioning(const struct belay_axis_view *axis, int64_t now_s, char *text, size_t size);
/* True when that keeps persons off the line: commissioned never or no more, and when only a daily step is due. */
bool belay_axis_not_commissioned(const struct belay_axis_view *axis);
bool belay_axis_test_due(const struct belay_axis_view *axis);

#define BELAY_RECOVERY_MAX 96 /* bytes of the longest such text */

/* What a recovery does without, and for how long yet. Empty when there is none. Writes at most `size` bytes; returns
 * `text`. */
char *belay_axis_recovery(const struct belay_axis_view *axis, char *text, size_t size);

/* NULL, or how the tension stands to the band while the axis belays: "below band", "above band", "in band". Static
 * text. */
const char *belay_axis_band_word(const struct belay_axis_view *axis);

#endif
