/* Drum geometry: one layer, rope at its centre line. */
#include "controller/motion/drum.h"

#include <assert.h>

double drum_position_m(const struct rig_drum *drum, uint32_t steps) {
    assert(drum->encoder_steps_per_turn > 0);
    int32_t from_zero = (int32_t)(steps - (uint32_t)drum->encoder_zero_steps);
    return drum->encoder_sign * (double)from_zero / drum->encoder_steps_per_turn * drum->circumference_m;
}

double drum_speed_m_s(const struct rig_drum *drum, double motor_rpm) {
    assert(drum->gear_ratio > 0);
    return drum->motor_sign * motor_rpm / 60.0 / drum->gear_ratio * drum->circumference_m;
}

double drum_motor_rpm(const struct rig_drum *drum, double speed_m_s) {
    assert(drum->circumference_m > 0);
    return drum->motor_sign * speed_m_s / drum->circumference_m * drum->gear_ratio * 60.0;
}
