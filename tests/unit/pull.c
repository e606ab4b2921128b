/* The cell against the motor: worked figures, and random drums of which theory says what the motor must make. */
#include "controller/safety/pull.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

/* A drum of 40 kg; 50 N and 10 %; windows of 20 cycles of 10 ms. */
static const struct pull_limits limits = {
    .mass_g = 40000, .tolerance_mn = 50000, .tolerance_permille = 100, .window_cycles = 20, .cycle_us = 10000};

static struct pull pull;

static void setup(void) {
    pull = (struct pull){0};
}

TestSuite(pull, .init = setup);

/* So many cycles alike; whether the last said that the cell lies. */
static bool same(double cell_n, double motor_n, int cycles) {
    const struct pull_in in = {.compared = true,
                               .cell_mn = (int32_t)lround(cell_n * 1000),
                               .motor_mn = (int32_t)lround(motor_n * 1000)};
    bool lies = false;
    for (int i = 0; i < cycles; i++)
        lies = pull_step(&pull, &limits, &in);
    return lies;
}

Test(pull, two_windows_in_a_row_trip) {
    cr_expect_not(same(90, 200, 40), "one cycle begins, 39 are in windows: the second is not over");
    cr_expect(same(90, 200, 1), "the second window");
    cr_expect(same(90, 200, 19), "it stays until a window agrees");
    cr_expect(same(100, 100, 20), "this window began with one that did not");
    cr_expect_not(same(100, 100, 1));
}

Test(pull, one_window_is_no_lie) {
    same(0, 0, 1);
    for (int i = 0; i < 10; i++) {
        cr_expect_not(same(90, 300, 20));
        cr_expect_not(same(90, 90, 20));
    }
}

/* 200 against 120: 80 off, 50 + 20 let. 200 against 132: 68 off, 70 let. Either way round. */
Test(pull, the_tolerance_is_both_together_of_the_greater) {
    const struct {
        double cell_n, motor_n;
        bool lies;
    } rows[] = {{120, 200, true},  {132, 200, false}, {200, 120, true},  {200, 132, false}, {0, 55, false},
                {0, 56, true},     {-56, 0, true},    {-55, 0, false},   {50, -20, true},   {30, -22, false},
                {1000, 1166, false}, {1000, 1168, true}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setup();
        cr_expect_eq(same(rows[i].cell_n, rows[i].motor_n, 41), rows[i].lies, "row %zu", i);
    }
}

/* What a drum of 40 kg takes in a window that ends 0.5 m/s faster: 40 x 0.5 / 0.2 = 100 N. Paid out faster, the rope
 * pulls it along: the motor holds less by that. */
Test(pull, a_drum_that_is_sped_up_takes_its_share) {
    for (int way = -1; way <= 1; way += 2) {
        setup();
        bool right = false;
        for (int i = 0; i <= 80; i++) {
            struct pull_in in = {true, 300000, 300000 - way * 100000, (int32_t)(way * i * 25000)};
            right = pull_step(&pull, &limits, &in) || right;
        }
        cr_expect_not(right, "way %d", way);
        for (int i = 81; i <= 140; i++) {
            struct pull_in in = {true, 300000, 300000 + way * 100000, (int32_t)(way * i * 25000)};
            right = pull_step(&pull, &limits, &in);
        }
        cr_expect(right, "way %d: it should be the other way round", way);
    }
}

Test(pull, what_is_not_compared_begins_anew) {
    same(90, 300, 40);
    struct pull_in none = {.cell_mn = 90000, .motor_mn = 300000};
    cr_expect_not(pull_step(&pull, &limits, &none));
    cr_expect_not(same(90, 300, 40), "the one that was almost there counts no more");
    cr_expect(same(90, 300, 1));
    cr_expect_not(pull_step(&pull, &limits, &none), "and what stood is over");
}

Test(pull, a_window_of_one_cycle_and_the_greatest_values) {
    const struct pull_limits one = {.mass_g = PULL_MASS_MAX_G, .tolerance_permille = 1000, .window_cycles = 1,
                                    .cycle_us = 1000};
    struct pull_in in = {true, PULL_MN_MAX, -PULL_MN_MAX, -PULL_SPEED_MAX_UM_S};
    pull_step(&pull, &one, &in);
    cr_expect_not(pull_step(&pull, &one, &in));
    cr_expect(pull_step(&pull, &one, &in), "2 MN apart, and 1 MN let");
    in.speed_um_s = PULL_SPEED_MAX_UM_S;
    cr_expect_not(pull_step(&pull, &one, &in),
                  "200 m/s in 1 ms ask for 20 GN: all of the greater is let, if its sign fits");
    in.speed_um_s = -PULL_SPEED_MAX_UM_S;
    cr_expect_not(pull_step(&pull, &one, &in), "the other way it does not");
    cr_expect(pull_step(&pull, &one, &in), "and the other");
}

static double unit(void) {
    return (double)rand() / RAND_MAX;
}

/* Random motions of random drums with friction, seen without a fault: never a lie while the friction is in the
 * tolerance; always one with a cell that reads by more than twice what is let beside it. */
Test(pull, theory_says_what_the_motor_makes) {
    for (int seed = 1; seed <= 300; seed++) {
        srand((unsigned)seed);
        const double mass_kg = 10 + 200 * unit(), friction_n = 45 * unit();
        const double a_m_s2 = 8 * unit(), tension_n = 800 * unit();
        const double lie_n = 2 * (50 + 0.1 * (tension_n + 200) + friction_n) * (seed % 2 ? 1 : -1);
        const int cycles = 5 + rand() % 50, cycle_ms = 1 + rand() % 20;
        const struct pull_limits of = {(int32_t)(mass_kg * 1000), 50000, 100, cycles, 1000 * cycle_ms};
        for (int lying = 0; lying < 2; lying++) {
            double speed_m_s = 0, time_s = 0;
            bool said = false;
            setup();
            for (int i = 0; i < 400; i++) {
                const double now_m_s2 = a_m_s2 * sin(3 * time_s + seed);
                const double pull_n = tension_n * (1 + 0.2 * sin(time_s)) + (lying ? lie_n : 0);
                const double true_n = tension_n * (1 + 0.2 * sin(time_s));
                speed_m_s += now_m_s2 * of.cycle_us / 1e6; /* pays out faster: the motor holds less */
                time_s += of.cycle_us / 1e6;
                const double motor_n = true_n - mass_kg * now_m_s2 + (speed_m_s < 0 ? friction_n : -friction_n);
                const struct pull_in in = {true, (int32_t)lround(pull_n * 1000), (int32_t)lround(motor_n * 1000),
                                           (int32_t)lround(speed_m_s * 1e6)};
                said = pull_step(&pull, &of, &in) || said;
            }
            cr_expect_eq(said, lying != 0, "seed %d, lie %.0f N of %.0f N", seed, lying ? lie_n : 0, tension_n);
        }
    }
}
