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
    cr_assert_float_eq(drum_motor_rpm(&d, 0, 1.0), -1200.0, 1e-9); /* 1 turn/s at the drum, 20 at the motor, 60 s */
    cr_assert_float_eq(drum_speed_m_s(&d, 0, -1200.0), 1.0, 1e-12);
    for (double v = -3; v <= 3; v += 0.1)
        cr_assert_float_eq(drum_speed_m_s(&d, 0, drum_motor_rpm(&d, 0, v)), v, 1e-12);
}

/* 30 turns in a layer; the first one 1 m a turn, the rope 10 mm: 75 turns are 15 in the third layer. */
static struct rig_drum layered(int encoder_sign) {
    struct rig_drum d = drum(1, encoder_sign, 5000);
    d.winding = winding_around(1, 0.01, 30, WINDING_ON_TOP, 3);
    d.rope_m = winding_rope_m(&d.winding, 75);
    d.turns = 75;
    return d;
}

static double turn_m(int layer) {
    const double first_m = sqrt(1 - 1e-4), up_m = 2 * M_PI * 0.01 * layer;
    return hypot(first_m + up_m, 0.01);
}

Test(drum, position_over_three_layers) {
    for (int sign = -1; sign <= 1; sign += 2) {
        const struct rig_drum d = layered(sign);
        cr_assert_float_eq(turn_m(0), 1, 1e-12);
        cr_assert_float_eq(drum_position_m(&d, 5000), 0, 1e-9);
        const double third_m = 15 * turn_m(2), second_m = 30 * turn_m(1);
        cr_assert_float_eq(drum_position_m(&d, (uint32_t)(5000 + sign * 8192 * 15)), third_m, 1e-9);
        cr_assert_float_eq(drum_position_m(&d, (uint32_t)(5000 + sign * 8192 * 45)), third_m + second_m, 1e-9);
        cr_assert_float_eq(drum_position_m(&d, (uint32_t)(5000 + sign * 8192 * 50)), third_m + second_m + 5, 1e-9);
        cr_assert_float_eq(drum_position_m(&d, (uint32_t)(5000 - sign * 8192)), -turn_m(2), 1e-9);
    }
}

Test(drum, speed_is_that_of_the_layer_which_the_rope_leaves) {
    const struct rig_drum d = layered(1);
    const double third_m = 15 * turn_m(2), second_m = 30 * turn_m(1);
    const struct {
        double position_m;
        int layer;
    } rows[] = {{-1, 2}, {0, 2}, {third_m - 0.3, 2}, {third_m + 0.3, 1}, {third_m + second_m - 0.3, 1},
                {third_m + second_m + 0.3, 0}, {third_m + second_m + 20, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const double at_m = rows[i].position_m;
        cr_assert_float_eq(drum_turn_m(&d, at_m), turn_m(rows[i].layer), 1e-12, "%zu", i);
        cr_assert_float_eq(drum_speed_m_s(&d, at_m, 1200), turn_m(rows[i].layer), 1e-12, "a turn a second");
        cr_assert_float_eq(drum_speed_m_s(&d, at_m, drum_motor_rpm(&d, at_m, 2.5)), 2.5, 1e-12, "%zu", i);
    }
    cr_assert_float_eq(drum_turns(&d, third_m), 60, 1e-9);
    cr_assert_float_eq(drum_turn_m(&d, third_m), (turn_m(2) + turn_m(1)) / 2, 1e-9, "in the middle of the climb");
    const double eighth_m = turn_m(1) / 8;
    cr_assert_float_eq(drum_turn_m(&d, third_m + eighth_m), turn_m(1) + (turn_m(2) - turn_m(1)) / 4, 1e-9);
    cr_assert_float_eq(drum_turn_m(&d, third_m - turn_m(2) / 8), turn_m(2) - (turn_m(2) - turn_m(1)) / 4, 1e-9);
}
