/* Drum: rope metres <-> encoder steps and motor rpm. One layer; pure. */
#ifndef BELAY_CONTROLLER_MOTION_DRUM_H
#define BELAY_CONTROLLER_MOTION_DRUM_H

#include <stdint.h>

#include "controller/rig/rig.h"

/* Paid-out rope length at an absolute encoder reading. Steps are unsigned on the wire and compared modulo 2^32, so a
 * zero mark near the encoder's own wrap works. */
double drum_position_m(const struct rig_drum *drum, uint32_t steps);

/* Rope speed at a motor speed, and back. Pay-out positive. */
double drum_speed_m_s(const struct rig_drum *drum, double motor_rpm);
double drum_motor_rpm(const struct rig_drum *drum, double speed_m_s);

#endif
