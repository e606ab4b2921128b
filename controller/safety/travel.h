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

#define TRAVEL_LEAK_US 5000000 /* time constant of the sum of what motor and encoder differ by */

/* One cycle of these monitors, for monitor_step(): FOLLOWING_ERROR, POSITION_MISMATCH, POSITION_FROZEN and
 * UNINTENDED_MOTION, as far as they are there now. Units as in monitor.h; thread of the cycle. */
uint64_t travel_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                     const struct monitor_duty *duty);

#endif
