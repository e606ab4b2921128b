/* Drum geometry against worked figures, both signs, and across the encoder's wrap. */
#include "controller/motion/drum.h"

#include <criterion/criterion.h>
#include <math.h>

static struct rig_drum drum(int motor_sign, int encoder_sign, int32_t zero) {
    return (struct rig_drum){.circumference_m = 1.0, .gear_ratio = 20, .motor_sign = motor_sign,
                             .encoder_steps_per_turn = 8192, .encoder_sign = encoder_sign, .encoder_zero_steps = zero};
}

Test(drum, position_of_an_encoder_reading) {
    struct rig_drum d = drum(1, 1, 1000000);
    cr_assert_float_eq(drum_position_m(&d, 1000000), 0, 1e-12);
    cr_assert_float_eq(drum_position_m(&d, 1000000 + 8192 * 16), 16.0, 1e-12);
    d.encoder_sign = -1;
    cr_assert_float_eq(drum_position_m(&d, 1000000 - 4096), 0.5, 1e-12);
}

Test(drum, crossing_the_wrap_of_the_reading_is_no_jump) {
    struct rig_drum d = drum(1, 1, 100);
    cr_assert_float_eq(drum_position_m(&d, UINT32_MAX - 8191 + 100), -1.0, 1e-12);
}

Test(drum, speed_and_back) {
    struct rig_drum d = drum(-1, 1, 0);
    cr_assert_float_eq(drum_motor_rpm(&d, 1.0), -1200.0, 1e-9); /* 1 turn/s at the drum, 20 at the motor, 60 s */
    cr_assert_float_eq(drum_speed_m_s(&d, -1200.0), 1.0, 1e-12);
    for (double v = -3; v <= 3; v += 0.1)
        cr_assert_float_eq(drum_speed_m_s(&d, drum_motor_rpm(&d, v)), v, 1e-12);
}
