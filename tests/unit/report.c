/* The report's figures on traces whose answers theory knows. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/cli/report.h"

#define GRAVITY_M_S2 9.80665
#define START_US INT64_C(5000000)
#define MASS_KG 80.0
#define EA_N 20000.0
#define LEAD_M 5.0

static struct report_in in;
static struct report_expect expect;
static struct report result;

static void setup(void) {
    memset(&in, 0, sizeof in);
    memset(&expect, 0, sizeof expect);
    in.rope = (struct report_rope){
        .ea_n = EA_N, .lead_m = LEAD_M, .mass_kg = MASS_KG, .band_min_n = 30, .band_max_n = 150};
    in.facts = (struct report_facts){.estop_reaction_cycles = -1, .overruns = -1};
}

static void teardown(void) {
    report_trace_free(&in.trace);
}

static void make_rows(size_t count) {
    in.trace.row = calloc(count, sizeof *in.trace.row);
    cr_assert(in.trace.row);
    in.trace.count = count;
    for (size_t i = 0; i < count; i++)
        in.trace.row[i] = (struct report_row){.t_us = START_US + (int64_t)i * 1000, .height_m = 10, .rope_out_m = 15,
                                              .tension_n = 90};
}

static void span_all(const char *window) {
    cr_assert(report_span_add(&in, window, START_US, START_US + (int64_t)in.trace.count * 1000));
}

static int figure_named(const char *name) {
    const char *const *names = report_figure_names();
    for (int i = 0; names[i]; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    cr_assert_fail("no figure %s", name);
    return -1;
}

/* Measures one figure alone, judged against `max`. */
static const struct report_line *measured(const char *name, double max) {
    expect.limits_count = 1;
    expect.limits[0] =
        (struct report_limit){.figure = figure_named(name), .has_max = true, .max = max, .judged = true};
    report_measure(&in, &expect, &result);
    cr_assert_eq(result.line_count, 1);
    return &result.line[0];
}

#define expect_figure(name, max, wanted, tolerance, wanted_verdict) \
    do { \
        const struct report_line *line_ = measured(name, max); \
        cr_expect(line_->measured, "%s was not measured", name); \
        cr_expect_float_eq(line_->value, wanted, tolerance, "%s is %g, not %g", name, line_->value, (double)(wanted)); \
        cr_expect_eq(line_->verdict, wanted_verdict, "%s: %s", name, report_verdict_name(line_->verdict)); \
        cr_expect_eq(result.ok, wanted_verdict == VERDICT_OK); \
    } while (0)

/* A mass let go at row 100 with `slack_m` of loose rope over a drum that holds: free fall, then half a swing and on. */
static void make_fall(double slack_m, size_t count) {
    make_rows(count);
    double stiffness_n_m = EA_N / (15 + LEAD_M);
    double omega_rad_s = sqrt(stiffness_n_m / MASS_KG);
    double sag_m = MASS_KG * GRAVITY_M_S2 / stiffness_n_m;
    double free_s = sqrt(2 * slack_m / GRAVITY_M_S2), taut_m_s = GRAVITY_M_S2 * free_s;
    for (size_t i = 0; i < count; i++) {
        struct report_row *row = &in.trace.row[i];
        row->slack_m = slack_m;
        row->tension_n = 0;
        if (i < 100)
            continue;
        row->falling = true;
        double t_s = (double)(i - 100) / 1e3, swing_s = t_s - free_s;
        if (swing_s < 0) {
            row->height_m = 10 - GRAVITY_M_S2 * t_s * t_s / 2;
            row->person_speed_m_s = -GRAVITY_M_S2 * t_s;
            row->person_accel_m_s2 = -GRAVITY_M_S2;
            continue;
        }
        double x_m = sag_m * (1 - cos(omega_rad_s * swing_s)) + taut_m_s / omega_rad_s * sin(omega_rad_s * swing_s);
        row->height_m = 10 - slack_m - x_m;
        row->person_speed_m_s = -sag_m * omega_rad_s * sin(omega_rad_s * swing_s) -
                                taut_m_s * cos(omega_rad_s * swing_s);
        row->tension_n = fmax(0, stiffness_n_m * x_m);
        row->person_accel_m_s2 = row->tension_n / MASS_KG - GRAVITY_M_S2;
    }
    span_all(WINDOW_FALL);
}

TestSuite(report, .init = setup, .fini = teardown);

Test(report, a_fall_from_rest_is_twice_the_sag) {
    make_fall(0, 1500);
    double sag_m = MASS_KG * GRAVITY_M_S2 / 1000;
    const struct report_line *line = measured("fall_distance_m", 0.6);
    cr_expect_float_eq(line->value, 2 * sag_m, 0.001);
    cr_expect_float_eq(line->max, 0.6 + 2 * sag_m, 1e-9);
    cr_expect_eq(line->verdict, VERDICT_OK);
    cr_expect_eq(measured("fall_distance_m", -0.01)->verdict, VERDICT_EXCEEDED);
    expect_figure("fall_tension_kn", 6, 2 * MASS_KG * GRAVITY_M_S2 / 1e3, 0.001, VERDICT_OK);
    expect_figure("fall_deceleration_g", 4, 1.0, 0.005, VERDICT_OK);
    expect_figure("fall_deceleration_g", 0.9, 1.0, 0.005, VERDICT_EXCEEDED);
}

Test(report, slack_lengthens_a_fall_and_its_limit) {
    make_fall(0.5, 1500);
    double weight_n = MASS_KG * GRAVITY_M_S2, taut_m_s = sqrt(2 * GRAVITY_M_S2 * 0.5);
    double peak_n = weight_n + sqrt(weight_n * weight_n + 1000 * MASS_KG * taut_m_s * taut_m_s);
    expect_figure("fall_tension_kn", 6, peak_n / 1e3, 0.002, VERDICT_OK);
    const struct report_line *line = measured("fall_distance_m", 0.6);
    cr_expect_float_eq(line->value, 0.5 + peak_n / 1000, 0.002);
    cr_expect_float_eq(line->max, 0.6 + 0.5 + 2 * weight_n / 1000, 1e-9);
    cr_expect_eq(line->verdict, VERDICT_OK);
    /* With much slack the energy of the free fall counts: over a drum that holds the two are equal. */
    line = measured("fall_slack_distance_m", 0);
    cr_expect_float_eq(line->value, line->max, 0.001);
    cr_expect_float_eq(measured("fall_slack_distance_m", 0.1)->max, 0.1 + line->value, 0.001);
}

Test(report, deceleration_is_a_mean_over_20_ms) {
    make_fall(0, 1500);
    for (size_t i = 400; i < 410; i++) /* a spike of 10 ms counts half */
        in.trace.row[i].person_accel_m_s2 = 100 * GRAVITY_M_S2;
    const struct report_line *line = measured("fall_deceleration_g", 4);
    cr_expect(line->value > 49 && line->value < 51, "%g", line->value);
    cr_expect_eq(line->verdict, VERDICT_EXCEEDED);
}

Test(report, two_falls_show_the_one_nearest_its_limit) {
    make_fall(0, 1500);
    in.span_count = 0;
    struct report_row *first = in.trace.row;
    make_fall(0.5, 1500);
    struct report_row *both = calloc(3000, sizeof *both);
    memcpy(both, first, 1500 * sizeof *both);
    memcpy(both + 1500, in.trace.row, 1500 * sizeof *both);
    free(first);
    free(in.trace.row);
    in.trace = (struct report_trace){.row = both, .count = 3000};
    for (size_t i = 0; i < 3000; i++)
        both[i].t_us = START_US + (int64_t)i * 1000;
    in.span_count = 0;
    cr_assert(report_span_add(&in, WINDOW_FALL, START_US, START_US + 1499000));
    cr_assert(report_span_add(&in, WINDOW_FALL, START_US + 1500000, START_US + 3000000));
    double weight_n = MASS_KG * GRAVITY_M_S2;
    double margin_rest_m = 0.6; /* from rest the distance is 2 m g / k exactly */
    double peak_n = weight_n + sqrt(weight_n * weight_n + 1000 * MASS_KG * 2 * GRAVITY_M_S2 * 0.5);
    double margin_slack_m = 0.6 + 2 * weight_n / 1000 - peak_n / 1000;
    cr_assert(margin_slack_m < margin_rest_m);
    const struct report_line *line = measured("fall_distance_m", 0.6);
    cr_expect_float_eq(line->max - line->value, margin_slack_m, 0.002);
}

Test(report, a_fall_that_never_ends_is_missing_and_fails) {
    make_fall(0, 400); /* cut off on the way down */
    expect.limits_count = 0;
    cr_expect_eq(measured("fall_distance_m", 0.6)->verdict, VERDICT_MISSING);
    cr_expect_not(result.ok);
}

Test(report, hanging_counts_from_the_first_lowest_point) {
    make_fall(0, 3000);
    double omega_rad_s = sqrt(1000 / MASS_KG);
    size_t low = 100 + (size_t)(M_PI / omega_rad_s * 1e3) + 1;
    expect_figure("hang_sag_mm", 50, 0, 0.1, VERDICT_OK); /* undamped: it comes back to the same height */
    for (size_t i = 2000; i < 3000; i++) {
        in.trace.row[i].height_m = in.trace.row[low].height_m - 0.060;
        in.trace.row[i].rope_out_m += 0.030;
    }
    expect_figure("hang_sag_mm", 50, 60, 0.1, VERDICT_EXCEEDED);
    expect_figure("hang_payout_mm", 20, 30, 0.01, VERDICT_EXCEEDED);
    expect_figure("hang_time_s", 60, (double)(2999 - low) / 1e3, 0.002, VERDICT_OK);
}

Test(report, the_ground_is_no_place_to_be_caught) {
    make_fall(0, 1500);
    expect_figure("fall_ground_ms", 0, 0, 0, VERDICT_OK);
    in.trace.row[900].on_ground = true;
    expect_figure("fall_ground_ms", 0, 1, 0, VERDICT_EXCEEDED);
}

Test(report, detection_counts_from_the_hands_off) {
    make_fall(0, 1500);
    cr_expect_eq(measured("fall_detected_s", 0.3)->verdict, VERDICT_MISSING);
    in.facts.fall_latched_us = START_US + 100000 + 210000;
    expect_figure("fall_detected_s", 0.3, 0.210, 1e-9, VERDICT_OK);
    in.facts.fall_latched_us += 100000;
    expect_figure("fall_detected_s", 0.3, 0.310, 1e-9, VERDICT_EXCEEDED);
}

/* 1 m/s, E-stop at row 500, 5 ms later a ramp of 4 m/s2: stands after 255 ms and 0.13 m. */
static void make_stop(void) {
    make_rows(2000);
    double out_m = 15;
    for (size_t i = 0; i < 2000; i++) {
        double speed_m_s = i < 505 ? 1 : fmax(0, 1 - 4 * (double)(i - 505) / 1e3);
        out_m += speed_m_s / 1e3;
        in.trace.row[i].rope_speed_m_s = speed_m_s;
        in.trace.row[i].rope_out_m = out_m;
        in.trace.row[i].estop_pressed = i >= 500 && i < 1800;
        in.trace.row[i].drive_enabled = i < 900;
        in.trace.row[i].brake_closed = i >= 850;
    }
}

Test(report, an_estop_is_timed_from_the_press) {
    make_stop();
    span_all(WINDOW_ESTOP);
    in.facts.estop_latched_us = START_US + 500000 + 8200;
    in.facts.estop_reaction_cycles = 0;
    expect_figure("estop_reaction_cycles", 0, 0, 0, VERDICT_OK);
    expect_figure("estop_word_ms", 30, 8.2, 1e-6, VERDICT_OK);
    expect_figure("estop_stand_ms", 600, 250, 1, VERDICT_OK); /* 0.02 m/s is as good as standing */
    expect_figure("estop_brake_ms", 600, 350, 0, VERDICT_OK);
    expect_figure("estop_travel_m", 0.2, 0.130, 0.001, VERDICT_OK);
    expect_figure("estop_travel_m", 0.1, 0.130, 0.001, VERDICT_EXCEEDED);
    in.facts.estop_reaction_cycles = 1;
    expect_figure("estop_reaction_cycles", 0, 1, 0, VERDICT_EXCEEDED);
}

Test(report, a_drum_that_turns_again_does_not_stand) {
    make_stop();
    span_all(WINDOW_ESTOP);
    for (size_t i = 900; i < 2000; i += 100)
        in.trace.row[i].rope_speed_m_s = -0.05;
    cr_expect_eq(measured("estop_stand_ms", 600)->verdict, VERDICT_MISSING);
}

Test(report, rest_sees_travel_and_torque) {
    make_stop();
    cr_assert(report_span_add(&in, WINDOW_REST, START_US + 1000000, START_US + 2000000));
    expect_figure("rest_travel_m", 0.01, 0, 1e-9, VERDICT_OK);
    expect_figure("rest_energised_ms", 0, 0, 0, VERDICT_OK);
    in.trace.row[1500].drive_enabled = true;
    in.trace.row[1501].brake_closed = false;
    in.trace.row[1500].rope_out_m -= 0.02;
    expect_figure("rest_energised_ms", 0, 2, 0, VERDICT_EXCEEDED);
    expect_figure("rest_travel_m", 0.01, 0.02, 1e-9, VERDICT_EXCEEDED);
}

Test(report, climbing_is_measured_in_its_spans_only) {
    make_rows(4000);
    for (size_t i = 0; i < 4000; i++)
        in.trace.row[i].tension_n = i < 2000 ? 90 : 0;
    for (size_t i = 1000; i < 1010; i++)
        in.trace.row[i].tension_n = 160;
    in.trace.row[1500].slack_m = 0.15;
    in.trace.row[3000].slack_m = 1.5;
    cr_assert(report_span_add(&in, WINDOW_CLIMB, START_US, START_US + 1000000));
    cr_assert(report_span_add(&in, WINDOW_CLIMB, START_US + 1000000, START_US + 2000000)); /* merges */
    cr_assert_eq(in.span_count, 1);
    expect_figure("climb_tension_n_max", 250, 160, 0, VERDICT_OK);
    expect_figure("climb_tension_n_min", 250, 90, 0, VERDICT_OK);
    expect_figure("climb_band_share", 100, 99.5, 1e-9, VERDICT_OK);
    expect_figure("climb_slack_m", 0.2, 0.15, 0, VERDICT_OK);
    expect_figure("climb_slack_m", 0.1, 0.15, 0, VERDICT_EXCEEDED);
    expect_figure("climb_time_s", 60, 1.999, 1e-9, VERDICT_OK);
}

Test(report, what_is_only_reported_never_fails) {
    make_rows(10);
    expect.limits_count = 1;
    expect.limits[0] = (struct report_limit){.figure = figure_named("climb_slack_m"), .has_max = true, .max = 0.2};
    report_measure(&in, &expect, &result);
    cr_expect_eq(result.line[0].verdict, VERDICT_REPORTED);
    cr_expect_not(result.line[0].measured);
    cr_expect(result.ok);
}

/* ---- windows that a limit names ---- */

static int quantity_named(const char *name) {
    static const struct yaml_field *fields;
    fields = report_expect_fields();
    const struct yaml_field *of = fields[2].fields;
    while (strcmp(of->key, "of") != 0)
        of++;
    for (int i = 0; of->names[i]; i++)
        if (strcmp(of->names[i], name) == 0)
            return i;
    cr_assert_fail("no quantity %s", name);
    return -1;
}

static struct report_limit limit_of(const char *figure, const char *quantity) {
    struct report_limit limit = {.figure = figure_named(figure), .has_window = true, .window = "flight"};
    if (quantity) {
        limit.has_of = true;
        limit.of = quantity_named(quantity);
    }
    return limit;
}

static const struct report_line *taken(const struct report_limit *limit) {
    expect.limits_count = 1;
    expect.limits[0] = *limit;
    report_measure(&in, &expect, &result);
    return &result.line[0];
}

#define expect_taken(limit_, wanted, tolerance) \
    do { \
        const struct report_line *line_ = taken(limit_); \
        cr_expect(line_->measured, "%s was not measured: %s", line_->name, line_->note); \
        cr_expect_float_eq(line_->value, wanted, tolerance, "%s is %g, not %g", line_->name, line_->value, \
                           (double)(wanted)); \
    } while (0)

/* Two winches, 2000 rows: the tension of each a sine about its mean, the second drum 7 mm behind in the first second,
 * 3 mm ahead in the other. */
static void make_pair(void) {
    make_rows(2000);
    in.trace.winch_count = 2;
    in.trace.winch = calloc(4000, sizeof *in.trace.winch);
    cr_assert(in.trace.winch);
    snprintf(in.trace.winch_name[0], REPORT_NAME_MAX, "left");
    snprintf(in.trace.winch_name[1], REPORT_NAME_MAX, "right");
    for (size_t i = 0; i < 2000; i++) {
        const double wave = sin(2 * 3.14159265358979 * (double)i / 100);
        struct report_winch *left = &in.trace.winch[2 * i], *right = left + 1;
        *left = (struct report_winch){.rope_out_m = 5 + 1e-4 * (double)i, .tension_n = (float)(300 + 40 * wave),
                                      .brake_closed = true};
        *right = (struct report_winch){.rope_out_m = left->rope_out_m + (i < 1000 ? -0.007 : 0.003),
                                       .tension_n = (float)(100 + 20 * wave), .slack_m = i == 1500 ? 0.25f : 0,
                                       .rope_speed_m_s = i < 400 ? -0.1f : 0, .drive_enabled = i >= 100 && i < 130,
                                       .brake_closed = true};
        in.trace.row[i].tilt_mm = i < 1000 ? 4 : -6;
        in.trace.row[i].height_m = 10 - (i < 500 ? 0 : 0.02);
    }
    cr_assert(report_span_add(&in, "flight", START_US, START_US + 1000000));
    in.span_cut = true;
    cr_assert(report_span_add(&in, "flight", START_US + 1000000, START_US + 2000000));
}

Test(report, a_span_that_was_cut_does_not_merge) {
    make_pair();
    struct report_limit limit = limit_of("times", NULL);
    expect_taken(&limit, 2, 0);
    limit = limit_of("time_s", NULL);
    expect_taken(&limit, 1.998, 1e-9);
}

Test(report, quantities_are_of_each_winch_or_of_one) {
    make_pair();
    struct report_limit limit = limit_of("most", "tension_n");
    expect_taken(&limit, 340, 0.1);
    limit.has_winch = true;
    strcpy(limit.winch, "right");
    expect_taken(&limit, 120, 0.1);
    cr_expect_str_eq(taken(&limit)->name, "flight.most.tension_n.right");
    cr_expect_str_eq(taken(&limit)->unit, "N");
    limit.figure = figure_named("least");
    expect_taken(&limit, 80, 0.1);
    limit.figure = figure_named("mean");
    expect_taken(&limit, 100, 0.01);
    limit.figure = figure_named("share");
    limit.from = 100, limit.to = 1000;
    expect_taken(&limit, 50, 2);
    limit.has_winch = false;
    limit.winch[0] = '\0';
    expect_taken(&limit, 75, 1);
    limit = limit_of("most", "slack_m");
    expect_taken(&limit, 0.25, 1e-6);
    strcpy(limit.winch, "middle");
    limit.has_winch = true;
    cr_expect_not(taken(&limit)->measured);
    cr_expect_str_eq(taken(&limit)->note, "the world has no winch middle");
}

Test(report, a_pair_is_compared) {
    make_pair();
    struct report_limit limit = limit_of("largest", "rope_out_mm");
    limit.has_winch = limit.has_less = true;
    strcpy(limit.winch, "right");
    strcpy(limit.less, "left");
    expect_taken(&limit, 7, 1e-9);
    limit.figure = figure_named("most");
    expect_taken(&limit, 3, 1e-9);
    limit.of = quantity_named("share_percent");
    limit.figure = figure_named("largest"); /* left and right are in the ratio 3 about their means: 2 (3 - 1) / 4 */
    expect_taken(&limit, 200 * 180.0 / 340, 0.5);
    limit = limit_of("largest", "tilt_mm");
    expect_taken(&limit, 6, 0);
}

Test(report, a_moving_mean_is_within_a_span) {
    make_pair();
    struct report_limit limit = limit_of("mean_most", "tension_n");
    limit.has_winch = limit.has_over = true;
    strcpy(limit.winch, "left");
    limit.over_s = 0.1; /* a whole wave */
    expect_taken(&limit, 300, 0.01);
    limit.over_s = 0.05; /* half of one: 40 x 2 / pi above */
    expect_taken(&limit, 300 + 40 * 2 / 3.14159265, 0.1);
    limit.figure = figure_named("mean_least");
    expect_taken(&limit, 300 - 40 * 2 / 3.14159265, 0.1);
    limit.over_s = 1.5; /* longer than a span */
    cr_expect_not(taken(&limit)->measured);
}

Test(report, travel_stray_drop_and_spread) {
    make_pair();
    struct report_limit limit = limit_of("travel", "rope_out_mm");
    expect_taken(&limit, 99.9, 1e-6);
    limit = limit_of("stray", "height_mm");
    expect_taken(&limit, 20, 1e-9);
    limit.figure = figure_named("drop");
    expect_taken(&limit, 20, 1e-9);
    in.trace.row[900].height_m = 10.05; /* above its begin: no drop, but a stray */
    expect_taken(&limit, 20, 1e-9);
    limit.figure = figure_named("stray");
    expect_taken(&limit, 50, 1e-9);
    limit = limit_of("spread", "rope_out_mm"); /* 100 mm along; the right one 10 mm more of its own */
    expect_taken(&limit, 110, 1e-6);
    cr_expect_str_eq(taken(&limit)->note, "2 takes");
    in.span_count = 1;
    cr_expect_not(taken(&limit)->measured, "one take has no spread");
}

Test(report, standing_and_energised) {
    make_pair();
    struct report_limit limit = limit_of("stand_ms", NULL);
    expect_taken(&limit, 400, 0);
    limit = limit_of("energised_ms", NULL);
    expect_taken(&limit, 30, 0);
    in.trace.winch[2 * 1950].rope_speed_m_s = 0.1f; /* less than 200 ms before the end */
    limit = limit_of("stand_ms", NULL);
    cr_expect_not(taken(&limit)->measured);
}

Test(report, trips_have_a_name_and_a_time) {
    make_pair();
    in.virtual_time = true;
    in.cycle_ms = 10;
    in.trip[0] = (struct report_trip){.t_us = START_US, .fault = "overload"}; /* before the span begins */
    in.trip[1] = (struct report_trip){.t_us = START_US + 250000, .fault = "load_unexpected"};
    in.trip[2] = (struct report_trip){.t_us = START_US + 2000000, .fault = "estop"}; /* with the span's end */
    in.trip_count = 3;
    struct report_limit limit = limit_of("trips", NULL);
    expect_taken(&limit, 2, 0);
    limit.has_fault = true;
    strcpy(limit.fault, "estop");
    expect_taken(&limit, 1, 0);
    limit = limit_of("trip_ms", NULL);
    expect_taken(&limit, 1000, 0); /* the later of the two */
    limit.figure = figure_named("trip_cycles");
    expect_taken(&limit, 100, 0);
    in.span_count = 1;
    expect_taken(&limit, 25, 0);
    limit = limit_of("trip_ms", "height_mm"); /* from where the range is left: row 200 */
    limit.has_from = limit.has_to = true;
    limit.from = 9999, limit.to = 10001;
    in.trace.row[200].height_m = 9;
    expect_taken(&limit, 50, 0);
    limit.from = -1e9, limit.to = 1e9;
    cr_expect_not(taken(&limit)->measured, "never left");
    in.virtual_time = false;
    limit = limit_of("trips", NULL);
    cr_expect_not(taken(&limit)->measured, "headless nobody counts them");
}

Test(report, what_only_the_real_clock_has_is_judged_by_nothing_in_virtual_time) {
    in.facts.overruns = 0;
    cr_expect(measured("cycle_late_ms", 1)->measured);
    in.virtual_time = true;
    const struct report_line *line = measured("cycle_late_ms", 1);
    cr_expect_not(line->measured);
    cr_expect_eq(line->verdict, VERDICT_REPORTED);
    cr_expect_str_eq(line->note, "not measured in virtual time");
}

/* ---- files ---- */

static char path[] = "/tmp/belay-report-XXXXXX";

static void write_file(const char *text) {
    strcpy(path, "/tmp/belay-report-XXXXXX");
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

#define HEADER "t_us,act,t_s,height_m,person_speed_m_s,person_accel_m_s2,tension_n,slack_m,rope_out_m,rope_speed_m_s," \
               "motor_torque,drive_enabled,brake_closed,estop_pressed,on_ground,tilt_mm\n"

static int load(const char *text, char *error, size_t size) {
    write_file(text);
    int status = report_trace_load(path, &in.trace, error, size);
    unlink(path);
    return status;
}

Test(report, a_trace_is_read_by_the_names_of_its_columns) {
    char error[200];
    int status = load(HEADER "1000,climb,0.001,2.5,0.1,-0.2,91,0,15.25,-1.5,0.3,1,0,0,1,2.5\n"
                             "2000,fall,0.002,2.4,0.1,-0.2,91,0,15.25,-1.5,0.3,0,1,1,0,0\n", error, sizeof error);
    cr_assert_eq(status, 0, "%s", error);
    cr_assert_eq(in.trace.count, 2);
    const struct report_row *row = in.trace.row;
    cr_expect_eq(row[0].t_us, 1000);
    cr_expect_float_eq(row[0].height_m, 2.5, 0);
    cr_expect_float_eq(row[0].rope_speed_m_s, -1.5, 0);
    cr_expect_float_eq(row[0].tilt_mm, 2.5, 0);
    cr_expect(row[0].drive_enabled && !row[0].brake_closed && !row[0].estop_pressed && row[0].on_ground);
    cr_expect(!row[0].falling && row[1].falling && row[1].brake_closed && !row[1].drive_enabled);
}

Test(report, the_last_row_may_be_cut_short) {
    char error[200];
    int status = load(HEADER "1000,climb,0.001,2.5,0.1,-0.2,91,0,15.25,-1.5,0.3,1,0,0,1,2.5\n"
                             "2000,fall,0.002,2.4,0", error, sizeof error);
    cr_assert_eq(status, 0, "%s", error);
    cr_expect_eq(in.trace.count, 1);
}

Test(report, a_bad_trace_is_refused_with_its_line) {
    static const struct {
        const char *text, *error;
    } rows[] = {
        {"", "the file is empty"},
        {"t_us,act\n", "line 1: there is no column height_m"},
        {HEADER "1000,climb,0.001,2.5,x,-0.2,91,0,15.25,-1.5,0.3,1,0,0,1,2.5\n"
                "2000,climb,0.001,2.5,0,-0.2,91,0,15.25,-1.5,0.3,1,0,0,1,2.5\n", "line 2: not a row of 16 numbers"},
        {HEADER "2000,climb,0.001,2.5,0,-0.2,91,0,15.25,-1.5,0.3,1,0,0,1,2.5\n"
                "1000,climb,0.001,2.5,0,-0.2,91,0,15.25,-1.5,0.3,1,0,0,1,2.5\n", "line 3: time runs backwards"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char error[200] = "";
        cr_expect_lt(load(rows[i].text, error, sizeof error), 0, "row %zu was taken", i);
        cr_expect_str_eq(error, rows[i].error);
        cr_expect_null(in.trace.row);
    }
}

Test(report, expectations_are_read_strictly) {
    struct yaml_errors errors = {0};
    write_file("format: 1\nscenario: free-climb\nlimits:\n"
               "  - {figure: climb_slack_m, max: 0.2, judged: true}\n"
               "  - {figure: climb_band_share, min: 99.5, judged: false}\n");
    cr_assert_eq(report_expect_load(path, &expect, &errors), 0, "%s", errors.text[0]);
    unlink(path);
    cr_expect_eq(expect.limits_count, 2);
    cr_expect(expect.limits[0].has_max && !expect.limits[0].has_min && expect.limits[0].judged);
    cr_expect_float_eq(expect.limits[1].min, 99.5, 0);

    write_file("format: 1\nscenario: free-climb\nlimits:\n"
               "  - {figure: climb_slack_m, max: 0.2, judged: true}\n"
               "  - {figure: climb_slack_m, judged: true}\n"
               "  - {figure: luck, judged: false}\n");
    cr_assert_eq(report_expect_load(path, &expect, &errors), -EINVAL);
    unlink(path);
    cr_assert_eq(errors.count, 3);
    cr_expect(strstr(errors.text[0], ":6:") && strstr(errors.text[0], "limits[2].figure"), "%s", errors.text[0]);
    cr_expect(strstr(errors.text[1], "listed twice"), "%s", errors.text[1]);
    cr_expect(strstr(errors.text[2], "judged without a limit"), "%s", errors.text[2]);
}
