/* Speed ramps and the move to a position, one step a cycle. Pure; SI. */
#ifndef BELAY_CONTROLLER_MOTION_RAMP_H
#define BELAY_CONTROLLER_MOTION_RAMP_H

/* `from_m_s` brought towards `to_m_s` by at most acceleration_m_s2 x dt_s. */
double ramp_towards(double from_m_s, double to_m_s, double acceleration_m_s2, double dt_s);

/* Next speed of a move over `distance_m` (signed, from the actual position), at most speed_m_s, ramped from the
 * setpoint `now_m_s`, so that it comes to rest there. `lag_s` (> 0) is the time until a setpoint acts. */
double ramp_move(double distance_m, double now_m_s, double speed_m_s, double acceleration_m_s2, double lag_s,
                 double dt_s);

#endif
