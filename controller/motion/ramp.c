/* A change of speed within an acceleration: what a jog needs, and a stop's clamp undoes no further. */
#include "controller/motion/ramp.h"

#include <assert.h>
#include <math.h>

double ramp_towards(double from_m_s, double to_m_s, double acceleration_m_s2, double dt_s) {
    assert(acceleration_m_s2 > 0 && dt_s > 0);
    double step = acceleration_m_s2 * dt_s;
    double change = to_m_s - from_m_s;
    return fabs(change) <= step ? to_m_s : from_m_s + copysign(step, change);
}
