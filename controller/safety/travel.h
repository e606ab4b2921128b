/* The monitors of travel: what the setpoint planned, what the motor says, and what the drum's encoder says.
 *
 * They are compared over the last window (rig: monitors.window_ms), which sees an error within its time or not at all.
 * Motor and encoder are compared for longer too: an encoder that slips on its shaft by some tens of millimetres in each
 * window is never far off within one, and yet soon tells a wrong place. So their difference is also summed from cycle
 * to cycle, and a time constant of 5 s lets go of it.
 *
 * The limit of that sum follows from the window's, without a number of its own. base + speed x slack is how far the two
 * may stand apart: the readings' age, play, rounding. What has leaked away of such a difference comes back with the
 * other sign when it ends, so the sum can reach that distance twice: once with the speed of now, once with the mean
 * speed of the last seconds. Beyond it the two are further apart than the rig grants, whatever the drum did before. A
 * scale that is off by more than about 2 x slack / 5 s is such an error too.
 */
#ifndef BELAY_CONTROLLER_SAFETY_TRAVEL_H
#define BELAY_CONTROLLER_SAFETY_TRAVEL_H

#include <stdint.h>

#include "controller/safety/monitor.h"

/* One cycle of these monitors, for monitor_step(): FOLLOWING_ERROR, POSITION_MISMATCH, POSITION_FROZEN and
 * UNINTENDED_MOTION, as far as they are there now. `planned_nm_s` is the speed of the setpoint behind the declared lag.
 * Units as in monitor.h; thread of the cycle. */
/*@ requires \valid(travel) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(travel, limits) && \separated(travel, in) && \separated(travel, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_travel_valid(*travel);
    requires -100000000000 <= planned_nm_s <= 100000000000;
    assigns *travel;
    ensures valid: monitor_travel_valid(*travel);
    ensures no_window: !duty->obeys || !in->drive_ok || !in->position_ok ==> travel->window.count == 0;
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_FOLLOWING_ERROR && monitor_off_plan(travel->window, limits)) ||
      (id == FAULT_POSITION_FROZEN && monitor_frozen(travel->window, limits)) ||
      (id == FAULT_UNINTENDED_MOTION && \abs(travel->unintended_nm) > limits->unintended_um * 1000) ||
      (id == FAULT_POSITION_MISMATCH && (monitor_apart(travel->window, limits) ||
        \old(monitor_slipped(limits, in, duty, travel->stood, travel->slip)))));
*/
uint64_t travel_step(struct monitor_travel *travel, int64_t planned_nm_s, const struct monitor_limits *limits,
                     const struct monitor_in *in, const struct monitor_duty *duty);

#endif
