/* The expected load by worked examples: 80 kg weigh 784.532 N; the rig grants 20 N and 10 %. */
#include "controller/safety/load.h"

#include <criterion/criterion.h>

#define WEIGHT_MN 784532
#define ALLOWED_MN (20000 + 78453)

static const struct load_limits limits = {.tolerance_mn = 20000, .tolerance_permille = 100, .lasts_cycles = 3};
static struct load load;
static struct load_in in;

static void setup(void) {
    load = (struct load){0};
    in = (struct load_in){.hangs = true, .tension_ok = true, .tension_mn = WEIGHT_MN, .weight_mn = WEIGHT_MN};
}

TestSuite(load, .init = setup);

/* Cycles until it trips, 0 = not within twenty. */
static int trips_after(int32_t tension_mn) {
    in.tension_mn = tension_mn;
    for (int i = 1; i <= 20; i++)
        if (load_step(&load, &limits, &in))
            return i;
    return 0;
}

Test(load, the_load_of_the_cue_is_explained_up_to_the_tolerance) {
    cr_expect_eq(trips_after(WEIGHT_MN), 0);
    cr_expect_eq(trips_after(WEIGHT_MN + ALLOWED_MN), 0);
    cr_expect_eq(trips_after(WEIGHT_MN - ALLOWED_MN), 0);
}

Test(load, a_snag_trips_after_its_time) {
    cr_expect_eq(trips_after(WEIGHT_MN + ALLOWED_MN + 1), 3);
}

Test(load, a_touch_down_or_a_load_that_is_not_there_trips_after_its_time) {
    cr_expect_eq(trips_after(WEIGHT_MN - ALLOWED_MN - 1), 3);
}

Test(load, one_good_reading_begins_the_count_again) {
    in.tension_mn = 0;
    cr_expect_not(load_step(&load, &limits, &in));
    cr_expect_not(load_step(&load, &limits, &in));
    in.tension_mn = WEIGHT_MN;
    cr_expect_not(load_step(&load, &limits, &in));
    cr_expect_eq(trips_after(0), 3);
}

Test(load, a_lifted_load_pulls_harder_and_a_lowered_one_less) {
    in.lifting_um_s2 = LOAD_GRAVITY_UM_S2 / 2; /* 1176.798 N; 137.680 allowed */
    cr_expect_eq(trips_after(1176798 + 137679), 0);
    cr_expect_eq(trips_after(1176798 + 137680), 3);
    load = (struct load){0};
    in.lifting_um_s2 = -LOAD_GRAVITY_UM_S2 / 2; /* 392.266 N; 59.226 allowed */
    cr_expect_eq(trips_after(392266 - 59226), 0);
    cr_expect_eq(trips_after(392266 - 59227), 3);
}

Test(load, a_rope_does_not_push) {
    in.lifting_um_s2 = -2 * LOAD_GRAVITY_UM_S2;
    cr_expect_eq(trips_after(20000), 0);
    cr_expect_eq(trips_after(-20000), 0);
    cr_expect_eq(trips_after(20001), 3);
}

Test(load, the_empty_rope_is_a_load_too) {
    in.weight_mn = 0;
    cr_expect_eq(trips_after(20000), 0);
    cr_expect_eq(trips_after(20001), 3);
}

Test(load, nothing_is_expected_where_it_does_not_hang_free) {
    in.hangs = false;
    cr_expect_eq(trips_after(0), 0);
}

Test(load, a_reading_that_is_missing_says_nothing) {
    cr_expect_eq(trips_after(0), 3);
    in.tension_ok = false;
    cr_expect_not(load_step(&load, &limits, &in));
    cr_expect_eq(load.off_cycles, 0);
}

Test(load, the_count_ends_at_its_greatest_value) {
    load.off_cycles = INT32_MAX - 1;
    cr_expect_eq(trips_after(0), 1);
    cr_expect_eq(load.off_cycles, INT32_MAX);
    cr_expect(load_step(&load, &limits, &in));
    cr_expect_eq(load.off_cycles, INT32_MAX);
}

Test(load, the_widest_limits_do_not_overflow) {
    const struct load_limits widest = {LOAD_WEIGHT_MAX_MN, 1000, 1};
    in = (struct load_in){true, true, INT32_MIN, LOAD_WEIGHT_MAX_MN, LOAD_LIFTING_MAX_UM_S2};
    cr_expect(load_step(&load, &widest, &in));
    in.tension_mn = INT32_MAX;
    cr_expect_not(load_step(&load, &widest, &in));
}
