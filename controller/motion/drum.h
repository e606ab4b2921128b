/* Drum: rope metres <-> encoder steps and motor rpm. Pure. docs/cable.md. */
#ifndef BELAY_CONTROLLER_MOTION_DRUM_H
#define BELAY_CONTROLLER_MOTION_DRUM_H

#include <stdint.h>

#include "controller/rig/rig.h"

/* Paid-out rope length at an absolute encoder reading. Steps are unsigned on the wire and compared modulo 2^32, so a
 * zero mark near the encoder's own wrap works. */
double drum_position_m(const struct rig_drum *drum, uint32_t steps);

/* Rope that one turn of the drum pays out at a position: that of the layer which the rope leaves there, or between
 * two while it climbs. */
double drum_turn_m(const struct rig_drum *drum, double position_m);

/* Turns on a drum with several layers, with so much rope paid out. */
double drum_turns(const struct rig_drum *drum, double position_m);

/* Rope speed at a motor speed, and back, where so much rope is paid out. Pay-out positive. */
double drum_speed_m_s(const struct rig_drum *drum, double position_m, double motor_rpm);
double drum_motor_rpm(const struct rig_drum *drum, double position_m, double speed_m_s);

#endif
