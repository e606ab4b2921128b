/* Speed ramps, one step a cycle. Pure; SI. */
#ifndef BELAY_CONTROLLER_MOTION_RAMP_H
#define BELAY_CONTROLLER_MOTION_RAMP_H

/* `from_m_s` brought towards `to_m_s` by at most acceleration_m_s2 x dt_s. */
double ramp_towards(double from_m_s, double to_m_s, double acceleration_m_s2, double dt_s);

#endif
