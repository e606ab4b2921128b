/* The curve through waypoints: against itself in extended precision, and what is refused. */
#include "controller/motion/path.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdbool.h>

#include "tests/property/random.h"

#define CURVES 60
#define FINE 4000

static uint64_t state;

static double uniform(double low, double high) {
    return low + (high - low) * (double)(random_next(&state) >> 11) * 0x1p-53;
}

/* Waypoints that go on, with turns; the last few tests want no turn on the spot. */
static int random_way(struct path_waypoint *at) {
    const int count = 2 + (int)(random_next(&state) % (PATH_WAYPOINTS_MAX - 1));
    double heading = uniform(-3, 3);
    for (int k = 0; k < 3; k++)
        at[0].place_m[k] = uniform(-20, 20);
    for (int i = 1; i < count; i++) {
        const double far_m = uniform(1, 8);
        heading += uniform(-1, 1);
        at[i].place_m[0] = at[i - 1].place_m[0] + far_m * cos(heading);
        at[i].place_m[1] = at[i - 1].place_m[1] + far_m * sin(heading);
        at[i].place_m[2] = at[i - 1].place_m[2] + uniform(-1, 1);
    }
    return count;
}

/* The natural spline anew: all second derivatives by elimination of the whole matrix. */
struct reference {
    int count;
    long double chord[PATH_WAYPOINTS_MAX], bend[3][PATH_WAYPOINTS_MAX];
    const struct path_waypoint *at;
};

static void eliminate(int n, long double m[PATH_WAYPOINTS_MAX][PATH_WAYPOINTS_MAX + 1], long double *x) {
    for (int i = 0; i < n; i++)
        for (int j = 0; j < n; j++) {
            const long double share = j == i ? 0 : m[j][i] / m[i][i];
            for (int k = i; k <= n; k++)
                m[j][k] -= share * m[i][k];
        }
    for (int i = 0; i < n; i++)
        x[i] = m[i][n] / m[i][i];
}

static struct reference lay_again(const struct path_waypoint *at, int count) {
    struct reference r = {.count = count, .at = at};
    for (int i = 0; i + 1 < count; i++) {
        long double square = 0;
        for (int k = 0; k < 3; k++)
            square += powl((long double)at[i + 1].place_m[k] - at[i].place_m[k], 2);
        r.chord[i] = sqrtl(square);
    }
    for (int k = 0; k < 3; k++) {
        long double m[PATH_WAYPOINTS_MAX][PATH_WAYPOINTS_MAX + 1] = {{0}};
        m[0][0] = m[count - 1][count - 1] = 1;
        for (int i = 1; i + 1 < count; i++) {
            m[i][i - 1] = r.chord[i - 1];
            m[i][i] = 2 * (r.chord[i - 1] + r.chord[i]);
            m[i][i + 1] = r.chord[i];
            m[i][count] = 6 * (((long double)at[i + 1].place_m[k] - at[i].place_m[k]) / r.chord[i] -
                               ((long double)at[i].place_m[k] - at[i - 1].place_m[k]) / r.chord[i - 1]);
        }
        eliminate(count, m, r.bend[k]);
    }
    return r;
}

/* Place in stretch i, as weights of the two waypoints and their bends. */
static void place_again(const struct reference *r, int i, long double share, long double *place) {
    const long double h = r->chord[i], left = 1 - share;
    for (int k = 0; k < 3; k++)
        place[k] = left * r->at[i].place_m[k] + share * r->at[i + 1].place_m[k] +
                   h * h / 6 * ((left * left * left - left) * r->bend[k][i] +
                                (share * share * share - share) * r->bend[k][i + 1]);
}

static long double apart(const long double *a, const long double *b) {
    long double square = 0;
    for (int k = 0; k < 3; k++)
        square += (a[k] - b[k]) * (a[k] - b[k]);
    return sqrtl(square);
}

static long double apart_of(const struct path *path, double one_m, double other_m) {
    const struct path_place a = path_at(path, one_m), b = path_at(path, other_m);
    long double x[3], y[3];
    for (int k = 0; k < 3; k++) {
        x[k] = a.place_m[k];
        y[k] = b.place_m[k];
    }
    return apart(x, y);
}

Test(path, the_way_along_the_curve_is_that_of_many_short_chords) {
    state = 1;
    for (int run = 0; run < CURVES / 4; run++) {
        struct path_waypoint way[PATH_WAYPOINTS_MAX];
        const int count = random_way(way);
        struct path path;
        int waypoint;
        cr_assert_eq(path_lay(&path, way, count, &waypoint), PATH_LAID);
        const struct reference r = lay_again(way, count);
        long double gone = 0, last[3], next[3];
        place_again(&r, 0, 0, last);
        for (int i = 0; i + 1 < count; i++)
            for (int j = 1; j <= FINE; j++) {
                place_again(&r, i, (long double)j / FINE, next);
                gone += apart(last, next);
                for (int k = 0; k < 3; k++)
                    last[k] = next[k];
                if (j % (FINE / 5) != 0)
                    continue;
                const struct path_place at = path_at(&path, (double)gone);
                for (int k = 0; k < 3; k++)
                    cr_expect_float_eq(at.place_m[k], (double)next[k], 2e-6, "run %d, waypoint %d", run, i);
            }
        cr_expect_float_eq(path.length_m, (double)gone, 2e-6, "run %d: %.9f instead of %.9f", run, path.length_m,
                           (double)gone);
    }
}

Test(path, direction_and_curvature_are_the_rates_of_the_place_and_have_no_jump) {
    state = 2;
    const double h = 1e-4;
    for (int run = 0; run < CURVES; run++) {
        struct path_waypoint way[PATH_WAYPOINTS_MAX];
        const int count = random_way(way);
        struct path path;
        int waypoint;
        cr_assert_eq(path_lay(&path, way, count, &waypoint), PATH_LAID);
        for (int i = 0; i < 40; i++) {
            const bool at_waypoint = i < 20 && count > 2;
            const double way_m = at_waypoint ? path_way_m(&path, 1 + i % (count - 2))
                                             : uniform(2 * h, fmax(3 * h, path.length_m - 2 * h));
            const struct path_place before = path_at(&path, way_m - h), at = path_at(&path, way_m);
            const struct path_place after = path_at(&path, way_m + h);
            for (int k = 0; k < 3; k++) {
                cr_expect_float_eq(at.along[k], (after.place_m[k] - before.place_m[k]) / (2 * h), 1e-5);
                cr_expect_float_eq(at.curve_1_m[k], (after.along[k] - before.along[k]) / (2 * h), 5e-3);
                cr_expect_float_eq(after.curve_1_m[k], before.curve_1_m[k], 5e-3, "run %d", run);
            }
            cr_expect_float_eq((double)apart_of(&path, way_m, way_m + h), h, 1e-9);
        }
    }
}

Test(path, it_goes_through_its_waypoints_and_ends_straight) {
    state = 3;
    for (int run = 0; run < CURVES; run++) {
        struct path_waypoint way[PATH_WAYPOINTS_MAX];
        const int count = random_way(way);
        struct path path;
        int waypoint;
        cr_assert_eq(path_lay(&path, way, count, &waypoint), PATH_LAID);
        for (int i = 0; i < count; i++) {
            const struct path_place at = path_at(&path, path_way_m(&path, i));
            for (int k = 0; k < 3; k++) {
                cr_expect_float_eq(at.place_m[k], way[i].place_m[k], 1e-8);
                if (i == 0 || i == count - 1)
                    cr_expect_float_eq(at.curve_1_m[k], 0, 1e-6);
            }
            cr_expect_eq(path_waypoint(&path, path_way_m(&path, i)), i);
            cr_expect_eq(path_waypoint(&path, path_way_m(&path, i) + 1e-3), i);
        }
        cr_expect_float_eq(path_at(&path, -1).place_m[0], way[0].place_m[0], 1e-12);
        cr_expect_float_eq(path_at(&path, path.length_m + 1).place_m[0], way[count - 1].place_m[0], 1e-8);
    }
}

Test(path, a_straight_way_is_straight) {
    const struct path_waypoint way[] = {{{0, 0, 0}}, {{3, 4, 0}}, {{6, 8, 0}}};
    struct path path;
    int waypoint;
    cr_assert_eq(path_lay(&path, way, 3, &waypoint), PATH_LAID);
    const struct path_place at = path_at(&path, 7.5);
    cr_expect_float_eq(path.length_m, 10, 1e-12);
    cr_expect_float_eq(at.place_m[0], 4.5, 1e-12);
    cr_expect_float_eq(at.along[1], 0.8, 1e-12);
    cr_expect_float_eq(at.curve_1_m[0], 0, 1e-12);
}

Test(path, the_nearest_way_to_a_place_beside_it) {
    state = 4;
    for (int run = 0; run < CURVES; run++) {
        struct path_waypoint way[PATH_WAYPOINTS_MAX];
        double off_m;
        const int count = random_way(way);
        struct path path;
        int waypoint;
        cr_assert_eq(path_lay(&path, way, count, &waypoint), PATH_LAID);
        const double way_m = uniform(0, path.length_m);
        struct path_place at = path_at(&path, way_m);
        at.place_m[2] += 0.01;
        const double nearest_m = path_nearest_m(&path, at.place_m, &off_m);
        cr_expect_leq(off_m, 0.01 + 1e-6);
        cr_expect_leq((double)apart_of(&path, way_m, nearest_m), 0.02);
    }
}

Test(path, bad_waypoints_are_named) {
    struct path_waypoint way[PATH_WAYPOINTS_MAX + 1] = {{{0, 0, 0}}, {{5, 0, 0}}, {{5, 0.001, 0}}};
    struct path path;
    int waypoint;
    cr_expect_eq(path_lay(&path, way, 1, &waypoint), PATH_BAD_COUNT);
    cr_expect_eq(path_lay(&path, way, PATH_WAYPOINTS_MAX + 1, &waypoint), PATH_BAD_COUNT);
    cr_expect_eq(path_lay(&path, way, 3, &waypoint), PATH_TOO_NEAR);
    cr_expect_eq(waypoint, 2);
    way[2].place_m[1] = NAN;
    cr_expect_eq(path_lay(&path, way, 3, &waypoint), PATH_NOT_FINITE);
    cr_expect_eq(waypoint, 2);
    const struct path_waypoint there_and_back[] = {{{0, 0, 0}}, {{5, 0, 0}}, {{0, 0, 0}}};
    cr_expect_eq(path_lay(&path, there_and_back, 3, &waypoint), PATH_TURNS_SHORT);
    cr_expect_eq(path.stretch_count, 0);
}
