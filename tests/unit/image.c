/* The process image: decoding of every register type, and what makes a value stale, bad or missing. */
#include "controller/image/image.h"

#include <criterion/criterion.h>
#include <string.h>

#include "tests/bench_rig.h"

static struct bench *b;

static void set_up(void) {
    b = bench_new();
}

static void tear_down(void) {
    bench_free(b);
}

TestSuite(image, .init = set_up, .fini = tear_down);

static struct image_value weigh(uint16_t status, uint32_t magnitude, int64_t age_us) {
    struct image_frame *frame = &b->image.frame[BENCH_CELL];
    frame->stamp_us = 5000000;
    frame->word[0] = status;
    frame->word[1] = (uint16_t)(magnitude >> 16);
    frame->word[2] = (uint16_t)magnitude;
    return image_read(&b->rig, &b->image, BENCH_CELL, TERM_WEIGHT, 5000000 + age_us);
}

Test(image, a_weight_has_its_sign_in_the_status) {
    cr_assert_float_eq(weigh(0, 70000, 0).value, 70000, 0);
    cr_assert_float_eq(weigh(0x80, 70000, 0).value, -70000, 0);
}

Test(image, the_devices_own_error_makes_a_value_bad) {
    cr_assert_eq(weigh(0x01, 90, 0).quality, QUALITY_BAD);
    cr_assert_eq(weigh(0x02, 90, 0).quality, QUALITY_GOOD, "only the bits of the profile's mask count");
}

Test(image, a_value_is_good_until_its_age_limit_and_stale_after) {
    cr_assert_eq(weigh(0, 90, 80000).quality, QUALITY_GOOD);
    cr_assert_eq(weigh(0, 90, 80001).quality, QUALITY_STALE);
    cr_assert_eq(weigh(0, 90, 80001).age_us, 80001);
}

Test(image, a_value_behind_a_lost_link_is_stale_at_once) {
    b->image.link[0].state = LINK_DOWN;
    cr_assert_eq(weigh(0, 90, 0).quality, QUALITY_STALE);
}

Test(image, a_value_that_never_came_is_missing_and_zero) {
    b->image.frame[BENCH_CELL].stamp_us = 0;
    struct image_value value = image_read(&b->rig, &b->image, BENCH_CELL, TERM_WEIGHT, 1);
    cr_assert_eq(value.quality, QUALITY_MISSING);
    cr_assert_eq(value.value, 0.0);
}

Test(image, signed_and_low_word_first_registers) {
    struct profile *encoder = &b->rig.profile[BENCH_ENCODER];
    encoder->term[TERM_POSITION].type = TYPE_S32;
    b->image.frame[BENCH_ENCODER].word[0] = 0xFFFF;
    b->image.frame[BENCH_ENCODER].word[1] = 0xFFFE;
    cr_assert_eq(image_read(&b->rig, &b->image, BENCH_ENCODER, TERM_POSITION, b->now_us).value, -2.0);
    encoder->low_word_first = true;
    cr_assert_eq(image_read(&b->rig, &b->image, BENCH_ENCODER, TERM_POSITION, b->now_us).value, (int32_t)0xFFFEFFFF);
    b->image.frame[BENCH_DRIVE].word[1] = 0x8000;
    cr_assert_eq(image_read(&b->rig, &b->image, BENCH_DRIVE, TERM_ACTUAL_SPEED, b->now_us).value, -32768.0);
}

Test(image, outputs_are_rounded_and_kept_inside_the_register) {
    struct image_out out;
    image_out_safe(&b->rig, &out);
    cr_assert_eq(out.word[BENCH_DRIVE][0], 0x06, "the safe word is the profile's idle, never a bare 0");
    image_out_stop(&b->rig, &out);
    cr_assert_eq(out.word[BENCH_DRIVE][0], 0x02, "the stop word is the profile's quick stop");
    cr_assert_eq(out.word[BENCH_IO][0], 0);
    image_write(&b->rig, &out, BENCH_DRIVE, TERM_SETPOINT_SPEED, -12.6);
    cr_assert_eq((int16_t)out.word[BENCH_DRIVE][1], -13);
    image_write(&b->rig, &out, BENCH_DRIVE, TERM_SETPOINT_SPEED, 1e9);
    cr_assert_eq((int16_t)out.word[BENCH_DRIVE][1], INT16_MAX);
    image_write(&b->rig, &out, BENCH_DRIVE, TERM_SETPOINT_SPEED, -1e9);
    cr_assert_eq((int16_t)out.word[BENCH_DRIVE][1], INT16_MIN);
}

Test(image, what_a_register_says_is_known) {
    static const struct {
        double value, says;
    } rows[] = {{-12.6, -13}, {12.6, 13}, {0.4, 0}, {0, 0}, {1e9, INT16_MAX}, {-1e9, INT16_MIN}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(image_written(&b->rig, BENCH_DRIVE, TERM_SETPOINT_SPEED, rows[i].value), rows[i].says);
        struct image_out out = {0};
        image_write(&b->rig, &out, BENCH_DRIVE, TERM_SETPOINT_SPEED, rows[i].value);
        cr_expect_eq((int16_t)out.word[BENCH_DRIVE][1], (int16_t)rows[i].says);
    }
    b->rig.profile[BENCH_DRIVE].term[TERM_SETPOINT_SPEED].scale = 0.5;
    cr_expect_eq(image_written(&b->rig, BENCH_DRIVE, TERM_SETPOINT_SPEED, -12.6), -12.5);
    cr_expect_eq(image_written(&b->rig, BENCH_IO, TERM_OUTPUTS, -1), 0);
}
