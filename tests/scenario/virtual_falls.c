/* free-climb's lines over persons, ropes, cycles and stiffness told wrong: some of the falls that `ninja falls` flies
 * for docs/reports/free-climb.md. */
#include <criterion/criterion.h>
#include <stdio.h>

#include "tests/falls.h"

static const struct falls_rig rigs[] = {
    {30, 500, 1, 2},      {30, 1500, 1.33, 2}, {45, 700, 1.33, 10}, {60, 1000, 1, 10},
    {60, 4000, 1, 2},     {80, 500, 1, 10},    {80, 2000, 0.75, 2}, {100, 1000, 1, 10},
    {100, 4000, 1.33, 2}, {150, 500, 1, 10},   {150, 2000, 1, 2},   {150, 12000, 1, 2},
};
#define RIGS (int)(sizeof rigs / sizeof rigs[0])

static void fly(const struct falls_rig *rig, const struct falls_kind *kind, unsigned seed, double after_s) {
    struct falls_notes n;
    falls_fly(rig, kind, seed, after_s, &n);
    cr_assert_str_empty(n.refused, "%s", n.refused);
    const char *broken = falls_broken(rig, kind, &n);
    cr_expect_null(broken,
                   "%g kg, %g N/m told %g-fold, %d ms, %s, seed %u: %s: seen after %.3f s, %.2f of %.2f m, %.2f kN, "
                   "%.1f g, %.0f mm below, %.0f mm paid out",
                   rig->mass_kg, rig->k_n_m, rig->told, rig->cycle_ms, kind->name, seed, broken, n.seen_s, n.fall_m,
                   n.allowed_m, n.peak_n / 1000, n.body_g, n.below_m * 1000, n.paid_m * 1000);
}

TestSuite(virtual_falls, .timeout = 100);

/* Every kind on every fourth rig, so that every rig falls. */
Test(virtual_falls, whoever_falls_on_whatever_rope_keeps_the_lines) {
    int count;
    const struct falls_kind *kinds = falls_kinds(&count);
    for (int i = 0; i < count; i++)
        for (int j = i % 4; j < RIGS; j += 4)
            fly(&rigs[j], &kinds[i], (unsigned)(1 + i), 3);
}

/* 30 kg weigh less than the newtons of a grown-up's thresholds. */
Test(virtual_falls, a_child_that_hangs_still_is_not_lowered) {
    int count;
    const struct falls_kind *kinds = falls_kinds(&count);
    for (int i = 0; i < count; i++)
        if (kinds[i].way == FALLS_SLUMPS)
            fly(&(struct falls_rig){30, 1000, 1, 2}, &kinds[i], 7, 60);
}

/* 150 kg load a rope of 2 kN/m for so long that the drive, which gives way meanwhile, does not stand within 600 ms. */
Test(virtual_falls, the_torque_stays_on_until_the_heaviest_hangs) {
    int count;
    const struct falls_kind *kinds = falls_kinds(&count);
    struct falls_notes n;
    falls_fly(&(struct falls_rig){150, 2000, 1, 10}, &kinds[0], 1, 60, &n);
    cr_assert_str_empty(n.refused, "%s", n.refused);
    cr_expect(n.caught && !n.category_0);
    cr_expect_leq(n.paid_m, 0.02);
}

Test(virtual_falls, a_rope_that_hurts_the_lightest_is_refused) {
    int count;
    const struct falls_kind *kinds = falls_kinds(&count);
    struct falls_notes n;
    falls_fly(&(struct falls_rig){30, 12000, 1, 2}, &kinds[0], 1, 1, &n);
    cr_expect(n.refused[0] != '\0', "30 kg on 12 kN/m are stopped with more than 4 g");
}

Test(virtual_falls, climbing_on_a_soft_rope_told_softer_is_no_fall) {
    struct falls_notes n;
    for (unsigned seed = 1; seed <= 3; seed++) {
        falls_climb(&(struct falls_rig){80, 500, 0.75, 10}, seed, 120, &n);
        cr_expect(!n.early, "seed %u", seed);
    }
}
