/* Random points on random lines, against other ways to know: lengths are differentiated, forces added up, and the pulls
 * of four lines searched for by trying. */
#include "controller/motion/point.h"
#include "tests/property/random.h"
#include "tests/property/runs.h"

#include <criterion/criterion.h>
#include <math.h>

#define RUNS RUNS_OF(4000)
#define TRIES 400
#define G 9.80665L

static uint64_t state;

static double uniform(double low, double high) {
    return low + (high - low) * (double)(random_next(&state) >> 11) * 0x1p-53;
}

static void random_place(double *place_m, double low_z_m, double high_z_m) {
    for (int k = 0; k < 2; k++)
        place_m[k] = uniform(-30, 30);
    place_m[2] = uniform(low_z_m, high_z_m);
}

static struct point_rig random_rig(int count) {
    struct point_rig rig = {.count = count, .tension_n = uniform(100, 800)};
    for (int i = 0; i < count; i++) {
        struct point_line *line = &rig.line[i];
        random_place(line->anchor_m, 10, 30);
        line->tension_min_n = uniform(10, 100);
        line->tension_max_n = uniform(300, 3000);
        line->ea_n = uniform(50e3, 2e6);
        line->lead_m = uniform(0, 60);
    }
    return rig;
}

/* Below all anchors; on two lines in their plane. */
static struct point_motion random_motion(const struct point_rig *rig) {
    struct point_motion m;
    random_place(m.place_m, -5, 8);
    random_place(m.speed_m_s, -3, 3);
    random_place(m.acceleration_m_s2, -3, 3);
    for (int k = 0; k < 2; k++) {
        m.speed_m_s[k] /= 10;
        m.acceleration_m_s2[k] /= 10;
    }
    if (rig->count > 2)
        return m;
    const double *a = rig->line[0].anchor_m, *b = rig->line[1].anchor_m, share = uniform(0, 1);
    for (int k = 0; k < 2; k++) {
        m.place_m[k] = a[k] + share * (b[k] - a[k]);
        m.acceleration_m_s2[k] = 0.1 * (b[k] - a[k]);
    }
    return m;
}

static long double length_at(const struct point_line *line, const struct point_motion *m, long double t) {
    long double square = 0;
    for (int k = 0; k < 3; k++) {
        const long double d = m->place_m[k] + t * (m->speed_m_s[k] + t * m->acceleration_m_s2[k] / 2) -
                              line->anchor_m[k];
        square += d * d;
    }
    return sqrtl(square);
}

Test(point, lengths_and_their_rates_are_those_of_a_moving_point) {
    state = 1;
    const long double h = 1e-4L;
    for (int run = 0; run < RUNS; run++) {
        const struct point_rig rig = random_rig(2 + run % 3);
        const struct point_motion m = random_motion(&rig);
        struct point_lengths lengths;
        cr_assert_eq(point_lines(&rig, &m, &lengths), POINT_HELD);
        for (int i = 0; i < rig.count; i++) {
            const long double before = length_at(&rig.line[i], &m, -h), here = length_at(&rig.line[i], &m, 0);
            const long double after = length_at(&rig.line[i], &m, h);
            cr_expect_float_eq(lengths.length_m[i], (double)here, 1e-12);
            cr_expect_float_eq(lengths.speed_m_s[i], (double)((after - before) / (2 * h)), 1e-6);
            cr_expect_float_eq(lengths.acceleration_m_s2[i], (double)((after - 2 * here + before) / (h * h)), 1e-6);
        }
    }
}

/* Force that the pulls leave over, in newtons. */
static double left_over_n(const struct point_rig *rig, const struct point_motion *m, double mass_kg,
                          const double *tension_n) {
    long double sum[3] = {0, 0, -G * mass_kg};
    for (int i = 0; i < rig->count; i++)
        for (int k = 0; k < 3; k++)
            sum[k] += tension_n[i] * (rig->line[i].anchor_m[k] - (long double)m->place_m[k]) /
                      length_at(&rig->line[i], m, 0);
    long double square = 0;
    for (int k = 0; k < 3; k++) {
        const long double miss = sum[k] - (long double)mass_kg * m->acceleration_m_s2[k];
        square += miss * miss;
    }
    return (double)sqrtl(square);
}

static bool is_inside(const struct point_rig *rig, const double *tension_n) {
    for (int i = 0; i < rig->count; i++)
        if (tension_n[i] < rig->line[i].tension_min_n - 1e-6 || tension_n[i] > rig->line[i].tension_max_n + 1e-6)
            return false;
    return true;
}

Test(point, pulls_hold_the_point_and_are_inside_their_limits_or_the_line_is_named) {
    int held = 0, named = 0;
    state = 2;
    for (int run = 0; run < RUNS; run++) {
        const struct point_rig rig = random_rig(2 + run % 3);
        const struct point_motion m = random_motion(&rig);
        const double mass_kg = uniform(5, 120);
        struct point_pull pull;
        const enum point_result result = point_tensions(&rig, &m, mass_kg, &pull);
        if (result == POINT_FLAT)
            continue;
        cr_assert(result == POINT_HELD || result == POINT_SLACK || result == POINT_OVERLOADED, "run %d: %s", run,
                  point_result_name(result));
        double most_n = 1;
        for (int i = 0; i < rig.count; i++)
            most_n = fmax(most_n, fabs(pull.tension_n[i]));
        cr_expect_lt(left_over_n(&rig, &m, mass_kg, pull.tension_n), 1e-8 * most_n, "run %d", run);
        cr_expect_eq(is_inside(&rig, pull.tension_n), result == POINT_HELD, "run %d", run);
        held += result == POINT_HELD;
        named += result != POINT_HELD && pull.line >= 0;
        if (result == POINT_SLACK)
            cr_expect_lt(pull.tension_n[pull.line], rig.line[pull.line].tension_min_n);
        if (result == POINT_OVERLOADED)
            cr_expect_gt(pull.tension_n[pull.line], rig.line[pull.line].tension_max_n);
    }
    cr_expect_gt(held, RUNS / 20);
    cr_expect_gt(named, RUNS / 4);
}

/* Pulls of four lines that make no force together, by elimination: 1 for one of them, the others solved for. */
static void idle_of(const struct point_rig *rig, const struct point_motion *m, double idle[4]) {
    long double row[3][4];
    int pivot[3];
    bool used[4] = {false};
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 4; i++)
            row[k][i] = (rig->line[i].anchor_m[k] - (long double)m->place_m[k]) / length_at(&rig->line[i], m, 0);
    for (int k = 0; k < 3; k++) {
        int best = -1;
        for (int i = 0; i < 4; i++)
            if (!used[i] && (best < 0 || fabsl(row[k][i]) > fabsl(row[k][best])))
                best = i;
        pivot[k] = best;
        used[best] = true;
        for (int other = 0; other < 3; other++) {
            const long double share = other == k ? 0 : row[other][best] / row[k][best];
            for (int i = 0; i < 4; i++)
                row[other][i] -= share * row[k][i];
        }
    }
    for (int i = 0; i < 4; i++)
        idle[i] = used[i] ? 0 : 1;
    for (int k = 0; k < 3; k++)
        for (int i = 0; i < 4; i++)
            if (!used[i])
                idle[pivot[k]] = (double)(-row[k][i] / row[k][pivot[k]]);
}

static double away(const struct point_rig *rig, const double *tension_n) {
    double sum = 0;
    for (int i = 0; i < 4; i++)
        sum += (tension_n[i] - rig->tension_n) * (tension_n[i] - rig->tension_n);
    return sum;
}

Test(point, no_pulls_of_four_lines_that_could_hold_it_are_nearer_to_the_wanted_tension) {
    int held = 0, refused = 0;
    state = 3;
    for (int run = 0; run < RUNS / 4; run++) {
        const struct point_rig rig = random_rig(4);
        const struct point_motion m = random_motion(&rig);
        struct point_pull pull;
        double idle[4], tried[4], far_n = 4000;
        const enum point_result result = point_tensions(&rig, &m, uniform(5, 120), &pull);
        if (result == POINT_FLAT)
            continue;
        idle_of(&rig, &m, idle);
        for (int i = 0; i < 4; i++) /* as far as any line's range lets it, and no farther */
            if (fabs(idle[i]) > 1e-3)
                far_n = fmin(far_n, (fabs(pull.tension_n[i]) + rig.line[i].tension_max_n) / fabs(idle[i]));
        const double best = away(&rig, pull.tension_n);
        for (int step = -TRIES; step <= TRIES; step++) {
            for (int i = 0; i < 4; i++)
                tried[i] = pull.tension_n[i] + far_n * step / TRIES * idle[i];
            if (!is_inside(&rig, tried))
                continue;
            cr_assert_eq(result, POINT_HELD, "run %d: refused as %s, but there are pulls inside", run,
                         point_result_name(result));
            cr_expect_geq(away(&rig, tried), best * (1 - 1e-9), "run %d: %g < %g", run, away(&rig, tried), best);
        }
        held += result == POINT_HELD;
        refused += result != POINT_HELD;
    }
    cr_expect_gt(held, RUNS / 100);
    cr_expect_gt(refused, RUNS / 100);
}

Test(point, along_a_way_the_pulls_have_no_jump) {
    state = 4;
    int steps = 0;
    for (int run = 0; run < RUNS / 4; run++) {
        const struct point_rig rig = random_rig(2 + run % 3);
        struct point_motion m = random_motion(&rig), next;
        struct point_pull pull, then;
        const double mass_kg = uniform(5, 120);
        for (int step = 0; step < 50; step++) {
            next = m;
            for (int k = 0; k < 3; k++)
                next.place_m[k] += 1e-7 * (k < 2 && rig.count == 2 ? m.acceleration_m_s2[k] : m.speed_m_s[k]);
            if (point_tensions(&rig, &m, mass_kg, &pull) == POINT_HELD &&
                point_tensions(&rig, &next, mass_kg, &then) == POINT_HELD) {
                for (int i = 0; i < rig.count; i++)
                    cr_expect_float_eq(then.tension_n[i], pull.tension_n[i], 0.01, "run %d line %d", run, i);
                steps++;
            }
            for (int k = 0; k < 3; k++)
                m.place_m[k] += 0.05 * (k < 2 && rig.count == 2 ? m.acceleration_m_s2[k] : m.speed_m_s[k]);
        }
    }
    cr_expect_gt(steps, RUNS / 4);
}

/* Lines that hold the point at rest, not nearly in one plane: elsewhere lengths tell the place badly, or two places. */
static bool tells(const struct point_rig *rig, const struct point_motion *m) {
    struct point_rig wide = *rig;
    struct point_pull pull;
    struct point_motion rest = *m;
    for (int k = 0; k < 3; k++)
        rest.acceleration_m_s2[k] = 0;
    for (int i = 0; i < rig->count; i++) {
        wide.line[i].tension_min_n = 1;
        wide.line[i].tension_max_n = 1000;
    }
    return point_tensions(&wide, &rest, 10, &pull) == POINT_HELD;
}

Test(point, the_place_is_found_again_from_the_lengths) {
    state = 5;
    int found = 0;
    for (int run = 0; run < RUNS; run++) {
        const struct point_rig rig = random_rig(2 + run % 3);
        const struct point_motion m = random_motion(&rig);
        struct point_lengths lengths;
        double place_m[3], off_m;
        if (point_lines(&rig, &m, &lengths) != POINT_HELD || !tells(&rig, &m))
            continue;
        cr_assert_eq(point_place(&rig, lengths.length_m, place_m, &off_m), POINT_HELD, "run %d", run);
        for (int k = 0; k < 3; k++)
            cr_expect_float_eq(place_m[k], m.place_m[k], 1e-5, "run %d, %d lines: %g instead of %g", run, rig.count,
                               place_m[k], m.place_m[k]);
        found++;
    }
    cr_expect_gt(found, RUNS / 10, "%d", found);
}

/* The change of the pulls makes the force, and each pull changes as its spring says when the point moves so. */
Test(point, a_further_force_is_carried_by_the_stretch) {
    state = 6;
    int carried = 0;
    for (int run = 0; run < RUNS; run++) {
        const struct point_rig rig = random_rig(2 + run % 3);
        const struct point_motion m = random_motion(&rig);
        double force_n[3], change_n[POINT_LINES_MAX], moved_m[3];
        for (int k = 0; k < 3; k++)
            force_n[k] = uniform(-100, 100);
        for (int k = 0; rig.count == 2 && k < 2; k++)
            force_n[k] = m.acceleration_m_s2[k];
        if (point_yield(&rig, m.place_m, force_n, change_n, moved_m) != POINT_HELD)
            continue;
        long double sum[3] = {0};
        for (int i = 0; i < rig.count; i++) {
            const struct point_line *line = &rig.line[i];
            const long double before = length_at(line, &m, 0);
            long double longer = 0;
            for (int k = 0; k < 3; k++) {
                const long double unit = (line->anchor_m[k] - (long double)m.place_m[k]) / before;
                sum[k] += change_n[i] * unit;
                longer -= unit * moved_m[k];
            }
            cr_expect_float_eq(change_n[i], (double)(line->ea_n / (line->lead_m + before) * longer),
                               1e-6 * (1 + fabs(change_n[i])), "run %d", run);
        }
        for (int k = 0; k < 3; k++)
            cr_expect_float_eq((double)sum[k], force_n[k], 1e-3, "run %d", run);
        carried++;
    }
    cr_expect_gt(carried, RUNS / 2);
}
