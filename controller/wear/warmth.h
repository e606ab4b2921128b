/* The rest that a motor needs before a cue may run once more as it ran before: how much a run warms it is measured, not
 * foretold. Pure.
 *
 * The unit is the duty of controller/safety/duty.h: the mean of the squared torque, 1 = what the motor may give without
 * end. It goes towards the square of each reading with the time constant T, so that what it was at the beginning has
 * e^(-t/T) of its weight after t, and the rest is the run's own: own(t) = duty(t) - duty(0) e^(-t/T). A run that begins
 * at d stays below d + the greatest own(t), and resting brings d down by e^(-t/T). The bound is above what comes: the
 * greatest own(t) comes late, when d has less weight.
 */
#ifndef BELAY_CONTROLLER_WEAR_WARMTH_H
#define BELAY_CONTROLLER_WEAR_WARMTH_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/cue/show.h"

/* Of one motor. Zero at the start. */
struct warmth {
    bool runs;
    int cue;
    int64_t begun_us;
    double begun;                /* duty then */
    double own[SHOW_CUES_MAX];   /* the most that a run of this cue made of its own; 0 = it has not run */
};

#define WARMTH_NO_REST (-1.0) /* however long it rests: one run alone is more than the motor may do */

/* The motor's duty now, 0 or more; `cue` is the index of the cue that moves its axis, -1 = none. `time_s` > 0: T. */
void warmth_see(struct warmth *warmth, int cue, double duty, int64_t now_us, double time_s);

/* Another show: its cues have not run. */
void warmth_forget(struct warmth *warmth);

/* The cue has run. */
bool warmth_knows(const struct warmth *warmth, int cue);

/* Rest in s, 0 or more, until the cue may run with `duty` now; WARMTH_NO_REST. The cue is known. */
double warmth_rest_s(const struct warmth *warmth, int cue, double duty, double time_s);

#endif
