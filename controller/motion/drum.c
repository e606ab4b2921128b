/* Drum geometry: rope at its centre line, layer upon layer where the rig says so. */
#include "controller/motion/drum.h"

#include <assert.h>

static bool layered(const struct rig_drum *drum) {
    return drum->winding.layers > 0;
}

double drum_turns(const struct rig_drum *drum, double position_m) {
    assert(layered(drum));
    return winding_turns(&drum->winding, drum->rope_m - position_m);
}

double drum_turn_m(const struct rig_drum *drum, double position_m) {
    if (!layered(drum))
        return drum->circumference_m;
    return winding_turn_at_m(&drum->winding, drum_turns(drum, position_m));
}

double drum_position_m(const struct rig_drum *drum, uint32_t steps) {
    assert(drum->encoder_steps_per_turn > 0);
    int32_t from_zero = (int32_t)(steps - (uint32_t)drum->encoder_zero_steps);
    const double turns_out = drum->encoder_sign * (double)from_zero / drum->encoder_steps_per_turn;
    if (!layered(drum))
        return turns_out * drum->circumference_m;
    return drum->rope_m - winding_rope_m(&drum->winding, drum->turns - turns_out);
}

double drum_speed_m_s(const struct rig_drum *drum, double position_m, double motor_rpm) {
    assert(drum->gear_ratio > 0);
    return drum->motor_sign * motor_rpm / 60.0 / drum->gear_ratio * drum_turn_m(drum, position_m);
}

double drum_motor_rpm(const struct rig_drum *drum, double position_m, double speed_m_s) {
    assert(drum->circumference_m > 0);
    return drum->motor_sign * speed_m_s / drum_turn_m(drum, position_m) * drum->gear_ratio * 60.0;
}
