/* The rope's model against worked figures, closed forms of others, and sums in extended precision. */
#include "controller/motion/cable.h"

#include <criterion/criterion.h>
#include <math.h>

#define G 9.80665

/* 16 mm of steel: 6 MN, 1.1 kg/m; one sheave of 2 % between load and cell. */
static const struct cable steel = {
    .ea_n = 6e6, .lead_m = 5, .weight_n_m = 1.1 * G, .friction = 0.02, .sheaves = 1, .parts = 1};

/* ---- length and place ---- */

/* By hand: 20 m of it under 1750 kg. The load's 17,161.6 N stretch 20 m by 57.205 mm, the rope's own 10.787 N/m by
 * w L^2 / 2 EA = 0.360 mm, and 17,377.4 N the lead of 5 m by 14.481 mm. */
Test(cable, a_worked_example) {
    const double force_n = 1750 * G;
    cr_expect_float_eq(cable_place_m(&steel, 20, force_n), 20 + 0.057205 + 0.000360 + 0.014481, 2e-6);
    cr_expect_float_eq(cable_paid_m(&steel, 20.072046, force_n), 20, 2e-6);
    cr_expect_float_eq(cable_stiffness_n_m(&steel, 20), 240000, 1e-6);
    /* rope of 27.5 kg, a third of it: 2 pi sqrt(1759.17 / 240000) */
    cr_expect_float_eq(cable_bounce_s(&steel, 1750, 20), 0.537932, 1e-6);
}

/* The strain of each of 10,000 pieces, summed from the load upwards. */
static long double summed_place_m(const struct cable *cable, long double paid_m, long double force_n) {
    const int pieces = 10000;
    const long double piece_m = paid_m / cable->parts / pieces;
    long double below_n = force_n / cable->parts, place_m = 0;
    for (int i = 0; i < pieces; i++) {
        const long double weight_n = cable->weight_n_m * piece_m;
        place_m += piece_m * (1 + (below_n + weight_n / 2) / cable->ea_n);
        below_n += weight_n;
    }
    return place_m + cable->lead_m * below_n / cable->ea_n / cable->parts;
}

Test(cable, the_place_is_the_sum_of_the_strains) {
    struct cable cable = steel;
    for (cable.parts = 1; cable.parts <= 6; cable.parts++)
        for (double paid_m = 0; paid_m < 400; paid_m = 2 * paid_m + 1) {
            cable.weight_n_m = paid_m; /* heavier than any rope */
            const double place_m = cable_place_m(&cable, paid_m, 30000);
            cr_expect_float_eq(place_m, (double)summed_place_m(&cable, paid_m, 30000), 1e-11 * (1 + paid_m));
            cr_expect_float_eq(cable_paid_m(&cable, place_m, 30000), paid_m, 1e-12 * (1 + paid_m));
        }
}

Test(cable, rope_without_weight_is_inverted_too) {
    struct cable cable = steel;
    cable.weight_n_m = 0;
    cr_expect_float_eq(cable_paid_m(&cable, cable_place_m(&cable, 12, 5000), 5000), 12, 1e-13);
}

/* Pulled by one more newton, the load is lower by 1 / k. */
Test(cable, stiffness_is_the_slope_of_the_place) {
    struct cable cable = steel;
    for (cable.parts = 1; cable.parts <= 4; cable.parts++) {
        const double slope = (cable_place_m(&cable, 40, 21000) - cable_place_m(&cable, 40, 20000)) / 1000;
        cr_expect_float_eq(1 / slope, cable_stiffness_n_m(&cable, 40), 1);
    }
}

/* The rod with a mass at its end: b tan b = rope's mass / load's mass, b = 2 pi L / (period x speed of sound). */
static double rod_period_s(double mass_kg, double kg_m, double ea_n, double length_m) {
    const double share = kg_m * length_m / mass_kg;
    double low = 0, high = M_PI / 2;
    for (int i = 0; i < 100; i++) {
        const double b = (low + high) / 2;
        *(b * tan(b) > share ? &high : &low) = b;
    }
    return 2 * M_PI * length_m / sqrt(ea_n / kg_m) / low;
}

Test(cable, a_third_of_the_rope_bounces_along) {
    for (double mass_kg = 100; mass_kg < 4000; mass_kg *= 2) {
        const double rod_s = rod_period_s(mass_kg, 1.1, 6e6, 25);
        cr_expect_float_eq(cable_bounce_s(&steel, mass_kg, 20), rod_s, 2e-3 * rod_s, "%g kg", mass_kg);
    }
}

/* ---- tension ---- */

/* By hand: lowered from rest with 0.3 m/s2, 20 m paid out: (1750 (g - 0.3) + 215.746 (1 - 0.3 / g)) / 1.02. */
Test(cable, tension_of_a_load_that_is_lowered_or_lifted) {
    const double bare_n = 1750 * G + 1.1 * G * 20;
    cr_expect_float_eq(cable_tension_n(&steel, 1750, 20, 0, CABLE_STANDS), 17377.384, 1e-3);
    cr_expect_float_eq(cable_tension_n(&steel, 1750, 20, 0.3, CABLE_PAYS_OUT), 16515.475, 1e-3);
    cr_expect_float_eq(cable_tension_n(&steel, 1750, 20, -0.3, CABLE_TAKES_IN), 1.02 * bare_n * (1 + 0.3 / G), 1e-6);
    cr_expect_eq(cable_tension_n(&steel, 1750, 20, 2 * G, CABLE_PAYS_OUT), 0, "a rope only pulls");
}

/* Wire rope handbooks: lead line factor of N parts over N sheaves, K^N (K - 1) / (K^N - 1). */
Test(cable, a_tackle_lifts_by_the_lead_line_factor) {
    for (int parts = 1; parts <= 8; parts++) {
        const struct cable tackle = {6e6, 0, 0, 0.04, 1, parts};
        const double factor = pow(1.04, parts) * 0.04 / (pow(1.04, parts) - 1);
        cr_expect_float_eq(cable_tension_n(&tackle, 1000, 10, 0, CABLE_TAKES_IN), 1000 * G * factor, 1e-6);
    }
}

/* Part by part: each sheave leaves the next part 1 / (1 + friction) of the one that moves ahead. */
Test(cable, a_tackle_lowers_by_what_its_sheaves_leave) {
    const struct cable tackle = {6e6, 0, 0, 0.05, 2, 3};
    const double last = 1, middle = last / 1.05, first = middle / 1.05; /* the last one is pulled by the load alone */
    const double share = first / (first + middle + last) / 1.05 / 1.05;
    cr_expect_float_eq(cable_tension_n(&tackle, 900, 30, 0, CABLE_PAYS_OUT), 900 * G * share, 1e-6);
}

Test(cable, half_the_way_is_half_the_acceleration) {
    const struct cable two = {6e6, 0, 0, 0, 0, 2};
    cr_expect_float_eq(cable_tension_n(&two, 1000, 10, 1, CABLE_PAYS_OUT), 500 * (G - 0.5), 1e-9);
}

/* ---- what a plan leaves unexplained ---- */

Test(cable, a_ramp_of_a_bounce_period_leaves_nothing_swinging) {
    cr_expect_eq(cable_left_swinging(0), 1);
    cr_expect_float_eq(cable_left_swinging(0.5), 2 / M_PI, 1e-12);
    cr_expect_float_eq(cable_left_swinging(1), 0, 1e-12);
    cr_expect_float_eq(cable_left_swinging(1.5), 2 / M_PI / 3, 1e-12);
}

/* A ramp of jerk 1 up to t_r leaves 2 / omega |sin(omega t_r / 2)|. */
Test(cable, no_shorter_ramp_and_no_shorter_period_swings_more_than_is_said) {
    for (double periods = 0.01; periods < 4; periods += 0.01) {
        const double most = cable_left_swinging_most(periods);
        double worst = 0;
        for (double share = 0.02; share < 1.001; share += 0.02)
            for (double other = periods; other < 6; other += 0.02)
                worst = fmax(worst, share * cable_left_swinging(share * other));
        cr_expect(most >= worst - 1e-12 && most < 1.01 * worst, "%g: %g of %g", periods, worst, most);
    }
}

/* By hand: 1750 kg on 25 m at 0.3 m/s2, 0.6 m/s3: ramps of 0.5 s on bounces of 0.58958 s: x = 0.84806, q = 0.37534;
 * 0.3 x 4 x 0.37534 = 0.45041 m/s2; 0.05 s late 0.03. */
Test(cable, a_worked_tolerance) {
    const double bounce_s = cable_bounce_s(&steel, 1750, 25);
    cr_expect_float_eq(bounce_s, 0.58958, 1e-5);
    cr_expect_float_eq(cable_swing_m_s2(0.3, 0.6, bounce_s), 0.45041, 1e-5);
    const double mass_kg = 1750 + 1.1 * 25, swing_n = mass_kg * 0.48041, hardest_n = mass_kg * (G + 0.3) + swing_n;
    cr_expect_float_eq(cable_unexplained_n(&steel, 1750, 25, 0.3, 0.6, 0.05), swing_n + 0.02 * hardest_n, 0.05);
}
