/* Flights of a point: one that is good is flown again in small steps, and each reason to refuse one is met. */
#include "controller/motion/flight.h"

#include <criterion/criterion.h>
#include <math.h>

#include "controller/motion/otg.h"
#include "tests/property/random.h"

#define JERK 20
#define STEP_S 0.01
#define FLIGHTS 60

static uint64_t state;

static double uniform(double low, double high) {
    return low + (high - low) * (double)(random_next(&state) >> 11) * 0x1p-53;
}

/* Four anchors around a square of 30 m, of different heights. */
static struct point_flight good(void) {
    struct point_flight f = {
        .point = {4, 250,
                  {{{0, 0, 22}, 20, 1500, 300e3, 25},
                   {{30, 0, 20}, 20, 1500, 300e3, 25},
                   {{30, 30, 21}, 20, 1500, 300e3, 25},
                   {{0, 30, 24}, 20, 1500, 300e3, 25}}},
        .mass_min_kg = 60, .mass_max_kg = 66,
        .volume_min_m = {5, 5, 2}, .volume_max_m = {25, 25, 12},
        .speed_m_s = 2, .acceleration_m_s2 = 1.2, .stop_m_s2 = 1.1};
    for (int i = 0; i < 4; i++)
        f.line[i] = (struct flight_line){3, 3, 1.5, 5, 40};
    return f;
}

static const struct path_waypoint bow[] = {{{8, 8, 6}}, {{14, 10, 8}}, {{20, 15, 7}}, {{21, 21, 5}}};

static struct path path_of(const struct path_waypoint *at, int count) {
    struct path path;
    int waypoint;
    cr_assert_eq(path_lay(&path, at, count, &waypoint), PATH_LAID);
    return path;
}

static enum flight_result look(const struct point_flight *f, struct flight_refusal *refusal) {
    const struct path path = path_of(bow, 4);
    return flight_check(f, &path, refusal);
}

Test(flight, each_reason_to_refuse_one) {
    struct flight_refusal no;
    struct point_flight f = good();
    cr_expect_eq(look(&f, &no), FLIGHT_GOOD);
    f.volume_max_m[2] = 7.5;
    cr_expect_eq(look(&f, &no), FLIGHT_LEAVES);
    cr_expect_eq(no.line, 2);
    cr_expect_float_eq(no.value, 7.5, 0.02);
    f = good();
    f.volume_min_m[0] = 9;
    cr_expect_eq(look(&f, &no), FLIGHT_LEAVES);
    cr_expect_eq(no.line, 0);
    cr_expect_float_eq(no.way_m, 0, 1e-9);
    f = good();
    f.point.line[2].tension_min_n = 90;
    f.point.line[0].tension_max_n = 480;
    cr_expect_eq(look(&f, &no), FLIGHT_SLACK);
    cr_expect_eq(no.line, 2);
    f = good();
    f.point.line[1].tension_max_n = 200;
    cr_expect_eq(look(&f, &no), FLIGHT_OVERLOADED);
    cr_expect_eq(no.line, 1);
    cr_expect_gt(no.value, 200);
    f = good();
    f.acceleration_m_s2 = 0.1;
    cr_expect_eq(look(&f, &no), FLIGHT_CURVE);
    cr_expect_gt(no.value, 0.1);
    f = good();
    f.line[0].speed_max_m_s = 1;
    cr_expect_eq(look(&f, &no), FLIGHT_SPEED);
    cr_expect_eq(no.line, 0);
    cr_expect_float_eq(no.limit, 0.9, 1e-12);
    f = good();
    f.line[2].acceleration_max_m_s2 = 1;
    cr_expect_eq(look(&f, &no), FLIGHT_ACCELERATION);
    cr_expect_eq(no.line, 2);
    f = good();
    f.line[0].position_max_m = 25;
    cr_expect_eq(look(&f, &no), FLIGHT_POSITION);
    cr_expect_eq(no.line, 0);
    f = good();
    f.line[0].position_min_m = 20;
    cr_expect_eq(look(&f, &no), FLIGHT_POSITION);
    const struct path_waypoint level[] = {{{8, 8, 8}}, {{12, 10, 8}}};
    const struct path path = path_of(level, 2);
    f = good();
    for (int i = 0; i < 4; i++)
        f.point.line[i].anchor_m[2] = 8;
    cr_expect_eq(flight_check(&f, &path, &no), FLIGHT_UNHELD);
    cr_expect_eq(no.why, POINT_FLAT);
}

/* In a curve a line gains speed beside what the stop takes from it: there a tenth is not enough. */
Test(flight, a_line_that_could_not_stop_on_the_path_is_named) {
    struct point_flight f = good();
    struct flight_refusal no;
    f.line[2].stop_m_s2 = 1.1;
    cr_expect_eq(look(&f, &no), FLIGHT_STOP);
    cr_expect_eq(no.line, 2);
    cr_expect_gt(no.value, 0.99);
    cr_expect_float_eq(no.limit, 0.99, 1e-12);
}

Test(flight, a_heavier_and_a_lighter_load_are_carried_by_the_stretch) {
    struct point_flight f = good();
    struct flight_refusal no;
    f.mass_max_kg = 150; /* the drums are led for the mean of 105 kg */
    f.point.line[1].tension_max_n = 700;
    cr_expect_eq(look(&f, &no), FLIGHT_OVERLOADED);
    cr_expect_eq(no.line, 1);
    f = good();
    f.mass_max_kg = 150;
    f.mass_min_kg = 5;
    cr_expect_eq(look(&f, &no), FLIGHT_SLACK);
}

/* Ropes that do not stretch: the drums are the lines. */
Test(flight, the_acceleration_of_a_drum_is_that_of_its_line) {
    struct point_flight f = good();
    struct flight_refusal no;
    struct point_lengths lengths;
    for (int i = 0; i < 4; i++)
        f.point.line[i].ea_n = 1e12;
    f.mass_min_kg = f.mass_max_kg;
    f.speed_m_s = 1.8;
    f.line[2].acceleration_max_m_s2 = 0.1;
    cr_assert_eq(look(&f, &no), FLIGHT_ACCELERATION);
    const struct path path = path_of(bow, 4);
    const double way_m = fmax(no.way_m, FLIGHT_LOOKS_M);
    const struct point_motion m = flight_motion(&path, way_m, 1.8, 0);
    cr_assert_eq(point_lines(&f.point, &m, &lengths), POINT_HELD);
    const double first = lengths.speed_m_s[2] / 1.8;
    cr_expect_eq(no.line, 2);
    cr_expect_float_eq(no.value, fabs(lengths.acceleration_m_s2[2]) + fabs(first) * 1.2, 2e-3);
}

/* Pulls of lines with these drums when the point has the acceleration of its path: it moves to where the forces fit. */
static void settle(const struct point_flight *f, const struct path *path, const struct otg_state *at, double mass_kg,
                   const double *drum_m, double *tension_n) {
    const struct point_motion m = flight_motion(path, at->position_m, at->speed_m_s, at->acceleration_m_s2);
    double place_m[3] = {m.place_m[0], m.place_m[1], m.place_m[2]};
    for (int round = 0; round < 400; round++) {
        double left_n[3] = {0, 0, -9.80665 * mass_kg}, most_n = 0;
        for (int k = 0; k < 3; k++)
            left_n[k] -= mass_kg * m.acceleration_m_s2[k];
        for (int i = 0; i < f->point.count; i++) {
            const struct point_line *line = &f->point.line[i];
            const double d[3] = {line->anchor_m[0] - place_m[0], line->anchor_m[1] - place_m[1],
                                 line->anchor_m[2] - place_m[2]};
            const double long_m = sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
            tension_n[i] = line->ea_n * ((long_m + line->lead_m) / (drum_m[i] + line->lead_m) - 1);
            for (int k = 0; k < 3; k++)
                left_n[k] += tension_n[i] * d[k] / long_m;
        }
        for (int k = 0; k < 3; k++) {
            most_n = fmax(most_n, fabs(left_n[k]));
            place_m[k] += left_n[k] / 15e3; /* the four springs are softer than that together */
        }
        if (most_n < 0.05)
            return;
    }
    cr_assert(false, "the springs do not settle");
}

/* From end to end with the cycle's plan, stopped after a time: drums by differences, pulls by the stretch that the
 * drums leave: the point is where the springs balance, found by relaxation. */
static void fly(const struct point_flight *f, const struct path *path, double mass_kg, double stops_at_s, int run) {
    const struct otg_limits limits = {-f->speed_m_s, f->speed_m_s, f->acceleration_m_s2, JERK, -HUGE_VAL, HUGE_VAL};
    struct otg_state at = {0, 0, 0};
    double before_m[4] = {0}, last_m[4] = {0}, drum_m[4], tension_n[4];
    for (int i = 0; i * STEP_S < 60 && (i < 2 || at.speed_m_s > 0); i++) {
        const bool stops = i * STEP_S > stops_at_s;
        cr_assert(flight_drums(f, path, at.position_m, drum_m, tension_n));
        settle(f, path, &at, mass_kg, drum_m, tension_n);
        for (int k = 0; k < f->point.count; k++) {
            const double speed_m_s = (drum_m[k] - last_m[k]) / STEP_S;
            const double change_m_s2 = (drum_m[k] - 2 * last_m[k] + before_m[k]) / (STEP_S * STEP_S);
            const double can_m_s2 = stops ? f->line[k].stop_m_s2 : f->line[k].acceleration_max_m_s2;
            cr_expect_geq(tension_n[k], f->point.line[k].tension_min_n - 0.5, "run %d", run);
            cr_expect_leq(tension_n[k], f->point.line[k].tension_max_n + 0.5, "run %d", run);
            if (i > 0)
                cr_expect_leq(fabs(speed_m_s), f->line[k].speed_max_m_s, "run %d", run);
            if (i > 1)
                cr_expect_leq(fabs(change_m_s2), can_m_s2 * 1.01, "run %d line %d at %g m: %g", run, k, at.position_m,
                              change_m_s2);
            before_m[k] = last_m[k];
            last_m[k] = drum_m[k];
        }
        if (stops) {
            const double fewer_m_s = fmin(at.speed_m_s, f->stop_m_s2 * STEP_S);
            at = (struct otg_state){at.position_m + (at.speed_m_s - fewer_m_s / 2) * STEP_S,
                                    at.speed_m_s - fewer_m_s, -f->stop_m_s2};
            continue;
        }
        const struct otg_goal end = {path->length_m, 0};
        struct otg_plan plan;
        cr_assert_eq(otg_plan(&at, &end, &limits, &plan), OTG_PLANNED);
        at = otg_at(&plan, STEP_S);
    }
}

Test(flight, what_is_found_good_is_good_when_it_is_flown_and_stopped) {
    int flown = 0;
    state = 1;
    for (int run = 0; run < FLIGHTS; run++) {
        struct point_flight f = good();
        struct path_waypoint at[5];
        struct path path;
        struct flight_refusal no;
        int waypoint;
        for (int i = 0; i < 4; i++)
            for (int k = 0; k < 3; k++)
                f.point.line[i].anchor_m[k] += uniform(-3, 3);
        for (int i = 0; i < 5; i++)
            for (int k = 0; k < 3; k++)
                at[i].place_m[k] = uniform(f.volume_min_m[k] + 1, f.volume_max_m[k] - 1);
        f.speed_m_s = uniform(0.3, 2.5);
        f.point.tension_n = uniform(100, 400);
        if (path_lay(&path, at, 5, &waypoint) != PATH_LAID || flight_check(&f, &path, &no) != FLIGHT_GOOD)
            continue;
        flown++;
        fly(&f, &path, f.mass_min_kg, HUGE_VAL, run);
        fly(&f, &path, f.mass_max_kg, uniform(0, path.length_m / f.speed_m_s), run);
    }
    cr_expect_gt(flown, FLIGHTS / 20, "only %d", flown);
}

Test(flight, drums_show_the_stretch) {
    const struct point_flight f = good();
    const struct path path = path_of(bow, 4);
    double drum_m[4], tension_n[4];
    cr_assert(flight_drums(&f, &path, 3, drum_m, tension_n));
    const struct path_place at = path_at(&path, 3);
    for (int i = 0; i < 4; i++) {
        const struct point_line *line = &f.point.line[i];
        const double long_m = hypot(hypot(at.place_m[0] - line->anchor_m[0], at.place_m[1] - line->anchor_m[1]),
                                    at.place_m[2] - line->anchor_m[2]);
        cr_expect_float_eq((drum_m[i] + 25) * (1 + tension_n[i] / 300e3), long_m + 25, 1e-9);
    }
}
