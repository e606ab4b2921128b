/* The belaying law: what each reading makes it want. The closed loop is flown in tests/scenario. */
#include "controller/motion/belay.h"

#include <criterion/criterion.h>
#include <math.h>

static const struct rig_belay limits = {.present = true,
                                        .person_mass_kg = 80,
                                        .tension_n = 90,
                                        .band_min_n = 30,
                                        .band_max_n = 150,
                                        .weight_on_line_n = 250,
                                        .slack_n = 15,
                                        .payout_speed_max_m_s = 1.3,
                                        .takein_speed_max_m_s = 1.8,
                                        .slack_takein_speed_max_m_s = 0.3,
                                        .catch_deceleration_m_s2 = 8,
                                        .fall_speed_m_s = 1.8,
                                        .lowering_speed_max_m_s = 0.5,
                                        .restart_speed_max_m_s = 0.2,
                                        .rope_ea_n = 20000,
                                        .rope_lead_m = 5,
                                        .drive_lag_ms = 40,
                                        .cell_lag_ms = 20,
                                        .anchor_height_m = 26};

static struct belay_reading reading(double tension_n) {
    return (struct belay_reading){.position_m = 15, .tension_n = tension_n};
}

/* A law that has seen this tension for a while. */
static struct belay settled_at(double tension_n) {
    struct belay belay;
    struct belay_reading at = reading(tension_n);
    bool caught;
    belay_start(&belay, &at);
    for (int i = 0; i < 200; i++)
        belay_step(&belay, &limits, 90, &at, 0.01, &caught);
    return belay;
}

static struct belay settled(void) {
    return settled_at(90);
}

static double step(struct belay *belay, double tension_n, bool *caught) {
    struct belay_reading at = reading(tension_n);
    return belay_step(belay, &limits, 90, &at, 0.01, caught);
}

Test(belay, stiffness_height_and_fall_of_a_worked_place) {
    cr_assert_float_eq(belay_stiffness_n_m(&limits, 15), 1000, 1e-9); /* 20 kN over 15 + 5 m */
    cr_assert_float_eq(belay_height_m(&limits, 15, 100), 26 - 15 - 0.1, 1e-9);
    cr_assert_float_eq(belay_fall_m(&limits, 15), 0.6 + 2 * 80 * 9.80665 / 1000, 1e-9);
}

Test(belay, a_line_spring_gives_until_its_stroke_is_used_up) {
    struct rig_belay soft = limits;
    soft.rope_spring = (struct rig_spring){.present = true, .stiffness_n_m = 500, .stroke_m = 0.4};
    cr_assert_float_eq(belay_stiffness_n_m(&soft, 15), 1000 / 3.0, 1e-9);
    cr_assert_float_eq(belay_stretch_m(&soft, 15, 150), 0.15 + 0.3, 1e-12);
    cr_assert_float_eq(belay_stretch_m(&soft, 15, 400), 0.4 + 0.4, 1e-12, "beyond 200 N the rope alone");
    cr_assert_float_eq(belay_fall_m(&soft, 15), belay_fall_m(&limits, 15) + 0.6, 1e-12);
    struct belay belay;
    const struct belay_reading at = reading(90);
    bool caught;
    belay_start(&belay, &at);
    for (int i = 0; i < 200; i++)
        cr_assert_float_eq(belay_step(&belay, &soft, 90, &at, 0.01, &caught), 0, 1e-9);
}

/* As if there were none: the same readings, the same speeds, whatever swings. */
Test(belay, a_line_spring_that_is_used_up_follows_as_the_rope_alone) {
    struct rig_belay used_up = limits;
    used_up.rope_spring = (struct rig_spring){.present = true, .stiffness_n_m = 500, .stroke_m = 0.1};
    struct belay with, without;
    const struct belay_reading at = reading(90);
    bool caught;
    belay_start(&with, &at);
    belay_start(&without, &at);
    double fastest_m_s = 0;
    for (int i = 0; i < 200; i++) {
        const struct belay_reading swings = reading(i < 50 ? 90 : 90 + 35 * sin((i - 50) * 0.1));
        double alone_m_s = belay_step(&without, &limits, 90, &swings, 0.01, &caught);
        double with_m_s = belay_step(&with, &used_up, 90, &swings, 0.01, &caught);
        cr_assert_float_eq(with_m_s, alone_m_s, 1e-9, "cycle %d", i);
        fastest_m_s = fmax(fastest_m_s, alone_m_s);
    }
    cr_expect_gt(fastest_m_s, 0.05);
}

Test(belay, holds_still_at_its_reference) {
    struct belay belay = settled();
    bool caught;
    cr_assert_float_eq(step(&belay, 90, &caught), 0, 1e-9);
    cr_assert(!caught);
}

Test(belay, pays_out_when_pulled_and_takes_in_when_eased) {
    struct belay belay = settled();
    bool caught;
    cr_assert_gt(step(&belay, 130, &caught), 0.0);
    belay = settled();
    cr_assert_lt(step(&belay, 50, &caught), 0.0);
}

Test(belay, weight_needs_two_readings_in_a_row) {
    struct belay belay = settled_at(245);
    bool caught;
    step(&belay, 250, &caught);
    cr_assert(!caught, "one reading is noise");
    step(&belay, 245, &caught);
    cr_assert(!caught);
    step(&belay, 250, &caught);
    cr_assert(!caught);
    cr_assert_float_eq(step(&belay, 250, &caught), 0, 0);
    cr_assert(caught);
}

Test(belay, a_slow_slump_is_weight_however_slowly_it_came) {
    struct belay belay = settled();
    bool caught = false;
    double tension = 90;
    while (!caught && tension < 400)
        step(&belay, tension += 0.05, &caught);
    cr_assert(caught);
    cr_assert_leq(tension, 250.2);
}

/* The drum dragged along at `speed_m_s` under a tension in the band: only the far end's speed tells of the fall. */
static int cycles_until_caught(double from_m_s, double acceleration_m_s2, int cycles_max) {
    struct belay belay = settled();
    struct belay_reading at = reading(90);
    double speed_m_s = from_m_s;
    bool caught = false;
    for (int i = 1; i <= cycles_max; i++) {
        speed_m_s += acceleration_m_s2 * 0.01;
        at.position_m += speed_m_s * 0.01;
        at.setpoint_m_s = speed_m_s;
        belay_step(&belay, &limits, 90, &at, 0.01, &caught);
        if (caught)
            return i;
    }
    return 0;
}

Test(belay, a_far_end_that_runs_away_is_a_fall_below_the_weight) {
    int cycles = cycles_until_caught(0, 9.8, 100);
    cr_assert(cycles > 0 && cycles <= 25, "seen after %d cycles", cycles);
}

Test(belay, climbing_hard_is_no_fall) {
    cr_assert_eq(cycles_until_caught(0, 3, 33), 0, "a burst of 3 m/s2 to 1 m/s");
    cr_assert_neq(cycles_until_caught(0, 3, 100), 0, "but on to 3 m/s it is");
}

Test(belay, near_the_weight_pay_out_fades_to_nothing) {
    bool caught;
    struct belay belay = settled();
    belay.end.m_s = 1.3;
    double at_210 = step(&belay, 210, &caught);
    belay = settled();
    belay.end.m_s = 1.3;
    double at_232 = step(&belay, 232, &caught);
    belay = settled();
    belay.end.m_s = 1.3;
    double at_246 = step(&belay, 246, &caught);
    cr_assert_float_eq(at_210, 1.3, 1e-9, "who climbs down is not hung up by what he pulls");
    cr_assert_leq(at_232, 1.3 * 18 / 37.5 + 1e-9);
    cr_assert_leq(at_246, 1.3 * 4 / 37.5 + 1e-9);
    cr_assert_geq(at_246, 0.0);
}

Test(belay, slack_is_never_paid_out) {
    struct belay belay = settled();
    bool caught;
    belay.end.m_s = 1.0;
    for (int i = 0; i < 50; i++)
        cr_assert_leq(step(&belay, 5, &caught), 0.0);
}

Test(belay, slack_is_taken_in_and_never_faster_than_the_rig_allows) {
    struct belay belay = settled();
    bool caught;
    for (int i = 0; i < 100; i++) {
        double wanted = step(&belay, 0, &caught); /* the rope hangs */
        cr_assert_leq(wanted, 0.0);
        cr_assert_geq(wanted, -1.8 - 1e-9);
        cr_assert(i < 30 || wanted <= -0.3);
    }
}

Test(belay, after_a_start_take_in_is_slow_until_the_band_is_reached) {
    struct belay belay;
    struct belay_reading at = reading(0);
    bool caught;
    belay_start(&belay, &at);
    for (int i = 0; i < 100; i++)
        cr_assert_geq(step(&belay, 0, &caught), -0.2 - 1e-9);
    step(&belay, 31, &caught);
    cr_assert(!belay.restarting, "in the band the full speed is there");
}
