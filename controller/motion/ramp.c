/* Ramps: the simplest legal plan. The jerk-limited planner takes this file's place. */
#include "controller/motion/ramp.h"

#include <assert.h>
#include <math.h>

#define ARRIVED_M 0.0005 /* nearer than this the move is over; half a millimetre of rope */

double ramp_towards(double from_m_s, double to_m_s, double acceleration_m_s2, double dt_s) {
    assert(acceleration_m_s2 > 0 && dt_s > 0);
    double step = acceleration_m_s2 * dt_s;
    double change = to_m_s - from_m_s;
    return fabs(change) <= step ? to_m_s : from_m_s + copysign(step, change);
}

double ramp_move(double distance_m, double now_m_s, double speed_m_s, double acceleration_m_s2, double lag_s,
                 double dt_s) {
    assert(speed_m_s > 0 && acceleration_m_s2 > 0 && lag_s > 0);
    double left = distance_m - now_m_s * lag_s; /* what is still ahead when this setpoint acts */
    if (fabs(left) < ARRIVED_M && fabs(distance_m) < ARRIVED_M)
        return ramp_towards(now_m_s, 0, acceleration_m_s2, dt_s);
    /* Speed by the square root of the distance far away, in proportion to it near the end: the gain 0.3 / lag is a
     * fifth of what pure dead time bears (pi/2), and the two laws meet with the same slope. */
    double gain = 0.3 / lag_s;
    double linear = acceleration_m_s2 / (gain * gain);
    double wanted = fabs(left) <= linear ? gain * fabs(left) : sqrt(2 * acceleration_m_s2 * (fabs(left) - linear / 2));
    wanted = copysign(fmin(speed_m_s, wanted), left);
    return ramp_towards(now_m_s, wanted, acceleration_m_s2, dt_s);
}
