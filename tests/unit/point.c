/* A point on lines: places and pulls that can be worked out by hand, and what is refused. */
#include "controller/motion/point.h"

#include <criterion/criterion.h>
#include <math.h>

#define G 9.80665

static struct point_line line_at(double x, double y, double z) {
    return (struct point_line){{x, y, z}, 50, 2000, 400e3, 20};
}

/* Anchors in the corners of a square of 20 m, 15 m up. */
static struct point_rig square(void) {
    return (struct point_rig){4, 400, {line_at(0, 0, 15), line_at(20, 0, 15), line_at(20, 20, 15), line_at(0, 20, 15)}};
}

static struct point_motion still(double x, double y, double z) {
    return (struct point_motion){.place_m = {x, y, z}};
}

Test(point, in_the_middle_of_four_lines_each_carries_a_quarter) {
    struct point_rig rig = square();
    const struct point_motion at = still(10, 10, 5);
    struct point_lengths lengths;
    struct point_pull pull;
    const double long_m = sqrt(300), share_n = 40 * G / 4 * long_m / 10;
    cr_assert_eq(point_lines(&rig, &at, &lengths), POINT_HELD);
    /* The middle is the one place where the pulls that cancel out lift nothing: those of opposite lines. */
    rig.tension_n = share_n + 100;
    cr_assert_eq(point_tensions(&rig, &at, 40, &pull), POINT_HELD);
    for (int i = 0; i < 4; i++) {
        cr_expect_float_eq(lengths.length_m[i], long_m, 1e-12);
        cr_expect_float_eq(lengths.speed_m_s[i], 0, 1e-12);
        cr_expect_float_eq(pull.tension_n[i], share_n, 1e-9, "line %d: %g N", i, pull.tension_n[i]);
    }
    cr_expect_eq(pull.line, -1);
}

Test(point, a_line_straight_up_carries_it_all_and_the_others_their_least) {
    struct point_rig rig = {3, 0, {line_at(0, 0, 10), line_at(10, 0, 10), line_at(0, 10, 10)}};
    struct point_pull pull;
    const struct point_motion at = still(0, 0, 2);
    rig.line[1].tension_min_n = rig.line[2].tension_min_n = -1;
    cr_assert_eq(point_tensions(&rig, &at, 30, &pull), POINT_HELD);
    cr_expect_float_eq(pull.tension_n[0], 30 * G, 1e-9);
    cr_expect_float_eq(pull.tension_n[1], 0, 1e-9);
    cr_expect_float_eq(pull.tension_n[2], 0, 1e-9);
}

Test(point, two_lines_at_45_degrees_and_the_plane_they_keep) {
    const struct point_rig rig = {2, 0, {line_at(3, 4, 10), line_at(15, 20, 10)}}; /* 20 m apart, askew */
    struct point_motion at = still(9, 12, 0);
    struct point_pull pull;
    cr_assert_eq(point_tensions(&rig, &at, 30, &pull), POINT_HELD);
    cr_expect_float_eq(pull.tension_n[0], 30 * G / sqrt(2), 1e-9);
    cr_expect_float_eq(pull.tension_n[1], 30 * G / sqrt(2), 1e-9);
    at.acceleration_m_s2[0] = 0.6; /* along the plane */
    at.acceleration_m_s2[1] = 0.8;
    cr_assert_eq(point_tensions(&rig, &at, 30, &pull), POINT_HELD);
    cr_expect_float_eq((pull.tension_n[1] - pull.tension_n[0]) / sqrt(2), 30 * 1.0, 1e-9);
    at.acceleration_m_s2[0] = 0.8; /* out of it */
    cr_expect_eq(point_tensions(&rig, &at, 30, &pull), POINT_OFF_PLANE);
    at = still(9, 12.1, 0);
    cr_expect_eq(point_tensions(&rig, &at, 30, &pull), POINT_OFF_PLANE);
}

Test(point, speeds_and_accelerations_of_a_fall_below_an_anchor_and_of_a_pass_beside_it) {
    const struct point_rig rig = {2, 0, {line_at(0, 0, 10), line_at(8, 0, 10)}};
    struct point_motion at = still(0, 0, 4);
    struct point_lengths lengths;
    at.speed_m_s[0] = 3; /* across the first line: it only turns, and its length grows by v^2 / L */
    at.acceleration_m_s2[2] = -G;
    cr_assert_eq(point_lines(&rig, &at, &lengths), POINT_HELD);
    cr_expect_float_eq(lengths.speed_m_s[0], 0, 1e-12);
    cr_expect_float_eq(lengths.acceleration_m_s2[0], G + 9.0 / 6, 1e-12);
    cr_expect_float_eq(lengths.length_m[1], 10, 1e-12);
    cr_expect_float_eq(lengths.speed_m_s[1], -3 * 0.8, 1e-12);
}

Test(point, a_line_outside_its_limits_is_named) {
    struct point_rig rig = square();
    struct point_pull pull;
    const struct point_motion low = still(3, 3, 0), high = still(10, 10, 14.6);
    rig.line[2].tension_min_n = 300; /* far away, and there is next to nothing for it to hold */
    rig.line[0].tension_max_n = 320;
    cr_expect_eq(point_tensions(&rig, &low, 30, &pull), POINT_SLACK);
    cr_expect_eq(pull.line, 2);
    cr_expect_lt(pull.tension_n[2], 300);
    rig = square();
    rig.line[3].tension_max_n = 1500; /* with so little sag the pulls are those of a washing line */
    cr_expect_eq(point_tensions(&rig, &high, 30, &pull), POINT_OVERLOADED);
    cr_expect_eq(pull.line, 3);
    cr_expect_gt(pull.tension_n[3], 1500);
}

Test(point, what_no_lines_can_hold_is_refused_by_name) {
    struct point_rig rig = square();
    struct point_pull pull;
    struct point_lengths lengths;
    struct point_motion at = still(4, 6, 15); /* level with all anchors: nothing holds it up */
    cr_expect_eq(point_tensions(&rig, &at, 30, &pull), POINT_FLAT);
    at = still(0, 0, 15);
    cr_expect_eq(point_tensions(&rig, &at, 30, &pull), POINT_AT_ANCHOR);
    cr_expect_eq(point_lines(&rig, &at, &lengths), POINT_AT_ANCHOR);
    at = still(NAN, 0, 0);
    cr_expect_eq(point_tensions(&rig, &at, 30, &pull), POINT_NOT_FINITE);
    cr_expect_eq(point_lines(&rig, &at, &lengths), POINT_NOT_FINITE);
    rig.count = 3;
    at = still(5, 0, 15);
    cr_expect_eq(point_tensions(&rig, &at, 30, &pull), POINT_FLAT);
    rig = (struct point_rig){2, 0, {line_at(1, 1, 10), line_at(1, 1, 20)}};
    at = still(1, 1, 5);
    cr_expect_eq(point_tensions(&rig, &at, 30, &pull), POINT_FLAT);
    for (int i = 0; i < POINT_RESULT_COUNT; i++)
        cr_expect_not_null(point_result_name((enum point_result)i));
}

Test(point, the_place_of_lengths_that_meet_and_of_lengths_that_do_not) {
    const struct point_rig rig = square();
    const double meet_m[4] = {sqrt(300), sqrt(300), sqrt(300), sqrt(300)}, short_m[4] = {9, 9, 9, 9};
    const double noise_m[4] = {sqrt(300) + 0.02, sqrt(300) - 0.02, sqrt(300) + 0.02, sqrt(300) - 0.02};
    double place_m[3], off_m;
    cr_assert_eq(point_place(&rig, meet_m, place_m, &off_m), POINT_HELD);
    cr_expect_float_eq(place_m[0], 10, 1e-9);
    cr_expect_float_eq(place_m[2], 5, 1e-9);
    cr_expect_float_eq(off_m, 0, 1e-9);
    cr_assert_eq(point_place(&rig, noise_m, place_m, &off_m), POINT_HELD);
    cr_expect_float_eq(place_m[1], 10, 1e-3);
    cr_expect_float_eq(off_m, 0.02, 1e-3); /* two too long, two too short, opposite each other */
    cr_expect_eq(point_place(&rig, short_m, place_m, &off_m), POINT_NO_PLACE);
    cr_expect_eq(point_place(&rig, (double[]){1, NAN, 1, 1}, place_m, &off_m), POINT_NOT_FINITE);
}

Test(point, rope_stretches_with_its_lead) {
    const struct point_line line = line_at(0, 0, 0);
    /* 50 m of unstretched rope, 20 of them before the anchor, pulled by 0.5 % of EA: 50 * 0.005 longer. */
    cr_expect_float_eq(point_length_m(&line, 30, 2000), 30.25, 1e-12);
    cr_expect_float_eq(point_drum_m(&line, 30.25, 2000), 30, 1e-12);
}
