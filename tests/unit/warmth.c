/* The rest before a run, against the integrator of the kernel itself: a motor that rested so long does not trip, and
 * one that rested less does where the run's heat comes at once. */
#include "controller/wear/warmth.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "controller/safety/duty.h"

#define STEP_US 100000
#define TIME_S 60.0

static const struct duty_limits limits = {
    .watched = true, .continuous_permille = 1000, .cycle_us = STEP_US, .time_us = 60000000};

static struct duty duty;
static struct warmth warmth;
static int64_t now_us;
static bool tripped;

static void setup(void) {
    duty = (struct duty){0};
    warmth = (struct warmth){0};
    now_us = 0;
    tripped = false;
}

TestSuite(warmth, .init = setup);

static double share(void) {
    return (double)duty.mean / DUTY_SCALE / 1e6;
}

static void spend(double seconds, int cue, int32_t permille) {
    for (int i = 0; i < (int)round(seconds * 1e6 / STEP_US); i++) {
        tripped = duty_step(&duty, &limits, true, permille) || tripped;
        now_us += STEP_US;
        warmth_see(&warmth, cue, share(), now_us, TIME_S);
    }
}

static double rest_s(int cue) {
    return warmth_rest_s(&warmth, cue, share(), TIME_S);
}

Test(warmth, a_cue_that_has_not_run_is_not_known) {
    spend(5, -1, 1500);
    cr_expect_not(warmth_knows(&warmth, 3));
    spend(5, 3, 0);
    cr_expect(warmth_knows(&warmth, 3), "it has run, and warmed nothing");
    cr_expect_eq(rest_s(3), 0);
    warmth_forget(&warmth);
    cr_expect_not(warmth_knows(&warmth, 3));
}

/* 20 s at twice the torque: 4 (1 - e^-1/3) = 1.134 is more than any motor may do; 10 s make 0.614. */
Test(warmth, what_a_run_makes_of_its_own_is_its_closed_form) {
    spend(10, 1, 2000);
    cr_expect_float_eq(warmth.own[1], 4 * (1 - exp(-10 / TIME_S)), 0.01);
    cr_expect_float_eq(rest_s(1), TIME_S * log(share() / (1 - warmth.own[1])), 1e-9);
    cr_expect(rest_s(1) > 20);
    spend(600, -1, 0);
    cr_expect_eq(rest_s(1), 0);
    spend(20, 2, 2000);
    cr_expect_eq(rest_s(2), WARMTH_NO_REST);
}

Test(warmth, a_warm_motor_s_run_counts_for_no_more_than_a_cold_one_s) {
    spend(10, 1, 2000);
    double cold = warmth.own[1];
    spend(30, -1, 1200);
    spend(10, 1, 2000);
    cr_expect_float_eq(warmth.own[1], cold, 0.01);
}

/* Random runs: first alone, then as early as told. */
Test(warmth, who_rests_as_told_does_not_trip) {
    int rested = 0, would = 0;
    for (int seed = 1; seed <= 200; seed++) {
        setup();
        srand((unsigned)seed);
        int32_t torque[8];
        for (int i = 0; i < 8; i++)
            torque[i] = rand() % 2200;
        for (int i = 0; i < 8; i++)
            spend(3, 5, torque[i]);
        if (tripped || rest_s(5) == WARMTH_NO_REST)
            continue;
        struct duty before = duty;
        struct warmth known = warmth;
        double wait_s = rest_s(5);
        rested += wait_s > 0;
        spend(ceil(wait_s), -1, 0);
        for (int i = 0; i < 8; i++)
            spend(3, 5, torque[i]);
        cr_expect_not(tripped, "seed %d after %.0f s", seed, wait_s);
        duty = before;
        warmth = known;
        for (int i = 0; i < 8; i++)
            spend(3, 5, torque[i]);
        would += tripped;
    }
    cr_expect_geq(rested, 20, "of %d runs", rested);
    cr_expect_geq(would, 10, "%d of them would have tripped without it", would);
}
