/* Margins of follow over everything a rig may be: lags, stiffness, and how wrong the stiffness stated is. */
#include <criterion/criterion.h>
#include <complex.h>
#include <math.h>
#include <string.h>

#include "tests/belay_loop.h"

#define GAIN_MIN 2.0
#define PHASE_DEG_MIN 60.0

static const double told[] = {0.8, 1, 1.4, 2};
static const double stiffness_n_m[] = {500, 12000};
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

/* Cycle, lag of drive and cell, s; their sum, with 2.5 cycles, is 35 to 145 ms. */
static const double lags_s[][3] = {
    {0.002, 0.020, 0.010}, /* the five of docs/belaying.md: 35, 65, 85, 145 and 110 ms */
    {0.002, 0.040, 0.020},
    {0.010, 0.040, 0.020},
    {0.010, 0.080, 0.040},
    {0.020, 0.040, 0.020},
    {0.001, 0.025, 0.040}, /* and others: a cell slower than the drive, a drive quicker than the bus, */
    {0.002, 0.012, 0.040}, {0.010, 0.011, 0.020}, {0.020, 0.012, 0.010}, {0.015, 0.085, 0.005},
    {0.001, 0.100, 0.040}, /* next to no dead time, */
    {0.004, 0.017, 0.010}, {0.005, 0.057, 0.040}, {0.008, 0.038, 0.010}, {0.015, 0.025, 0.040},
};

static void check(const struct belay_loop *loop) {
    struct belay_margins margins;
    belay_loop_measure(loop, &margins, NULL);
    const struct belay_margin *at = &margins.setpoint;
    cr_expect(at->gain >= GAIN_MIN && at->phase_deg >= PHASE_DEG_MIN && at->quieter < 0.5,
              "cycle %g, drive %g, cell %g s, %d late, %g N/m told %g-fold: %.2f, %.1f", loop->cycle_s,
              loop->drive_lag_s, loop->cell_lag_s, loop->dead_cycles, loop->stiffness_n_m, loop->told, at->gain,
              at->phase_deg);
    /* Error of stiffness beyond what is stated: a rope half as stiff again. */
    cr_expect(margins.tension.gain >= 1.4 && margins.tension.quieter < 0.3, "tension: %.2f, %.2f", margins.tension.gain,
              margins.tension.quieter);
}

Test(belay_margin, two_and_sixty_degrees_at_every_lag_and_stiffness, .timeout = 100) {
    for (size_t i = 0; i < COUNT(lags_s); i++)
        for (size_t k = 0; k < COUNT(stiffness_n_m); k++)
            for (size_t e = 0; e < COUNT(told); e++)
                check(&(struct belay_loop){lags_s[i][0], lags_s[i][1], lags_s[i][2], k == 0 ? 2 : 1, stiffness_n_m[k],
                                           told[e], 0, 90, false});
}

Test(belay_margin, a_rope_that_damps_takes_none_of_it) {
    for (size_t e = 0; e < COUNT(told); e++)
        check(&(struct belay_loop){0.010, 0.040, 0.020, 2, 4000, told[e], 0.008, 90, false});
}

/* Wherever in the band a tension stays: who climbs down steadily has more than the reference for as long. */
Test(belay_margin, the_whole_band_has_them) {
    static const double tension_n[] = {32, 60, 120, 148};
    for (size_t i = 0; i < 5; i++)
        for (size_t t = 0; t < COUNT(tension_n); t++)
            for (size_t e = 0; e < COUNT(told); e++)
                check(&(struct belay_loop){lags_s[i][0], lags_s[i][1], lags_s[i][2], 2, 1000, told[e], 0, tension_n[t],
                                           false});
}

/* Of a runner's line too, whose stiffness is stated within a quarter. */
Test(belay_margin, a_runners_line_has_nearly_as_much) {
    static const double near[] = {0.8, 1, 1.25};
    for (size_t i = 0; i < 5; i++)
        for (size_t e = 0; e < COUNT(near); e++) {
            const struct belay_loop loop = {lags_s[i][0], lags_s[i][1], lags_s[i][2], 2, 1000, near[e], 0, 90, true};
            struct belay_margins margins;
            belay_loop_measure(&loop, &margins, NULL);
            const struct belay_margin *at = &margins.setpoint;
            cr_expect(at->gain >= (near[e] < 1 ? 1.9 : 3.2) && at->phase_deg >= (near[e] < 1 ? 52 : 70),
                      "lags %zu, told %g-fold: %.2f, %.1f", i, near[e], at->gain, at->phase_deg);
        }
}

/* Nobody's formula: the loop flown step by step swings for ever beyond the gain margin, and dies away below it. */
static void fly(const struct belay_loop *loop) {
    struct belay_margins margins;
    belay_loop_measure(loop, &margins, NULL);
    const double gain = margins.setpoint.gain;
    cr_expect(belay_loop_settles(loop, 1), "lags %g s, told %g-fold", belay_loop_lag_sum_s(loop), loop->told);
    cr_expect(belay_loop_settles(loop, 0.9 * gain), "lags %g s, told %g-fold", belay_loop_lag_sum_s(loop), loop->told);
    cr_expect(!belay_loop_settles(loop, 1.1 * gain), "lags %g s, told %g-fold", belay_loop_lag_sum_s(loop), loop->told);
}

Test(belay_margin, the_margin_is_where_the_loop_in_time_begins_to_swing, .timeout = 100) {
    for (size_t i = 0; i < 5; i++)
        for (size_t e = 0; e < COUNT(told); e += 3)
            fly(&(struct belay_loop){lags_s[i][0], lags_s[i][1], lags_s[i][2], 2, 1000, told[e], 0, 90, false});
}

/* Known signs: more dead time costs both margins. */
Test(belay_margin, a_loop_that_is_known_reads_its_margins) {
    const struct belay_loop loop = {0.010, 0.040, 0.020, 2, 1000, 1, 0, 90, false};
    struct belay_margins now, later;
    belay_loop_measure(&loop, &now, NULL);
    struct belay_loop late = loop;
    late.dead_cycles = 3;
    belay_loop_measure(&late, &later, NULL);
    cr_expect_lt(later.setpoint.phase_deg, now.setpoint.phase_deg);
    cr_expect_lt(later.setpoint.gain, now.setpoint.gain);
    cr_expect_float_eq(belay_loop_lag_sum_s(&loop), 0.085, 1e-12);
}

/* ---- the loop of docs/motion.md, written down anew ---- */

typedef double complex phasor;

static phasor turning(double imaginary) { /* not every compiler has CMPLX */
    const double parts[2] = {0, imaginary};
    phasor z;
    memcpy(&z, parts, sizeof z);
    return z;
}

/* Place, speed and acceleration that three poles make of a place: x = A x/z + K (y - C A x/z). */
static void seen(const double poles[3], double cycle_s, phasor z, phasor out[3]) {
    const double a = poles[0], b = poles[1], c = poles[2], t = cycle_s;
    const double alpha = 1 - a * b * c, sum = 3 - (a + b + c) - alpha, pairs = a * b + b * c + c * a - 3 + 2 * alpha;
    const double gain[3] = {alpha, (sum - pairs) / 2 / t, (sum + pairs) / (t * t)};
    const double next[3][3] = {{1, t, t * t / 2}, {0, 1, t}, {0, 0, 1}};
    phasor m[3][4];
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            m[i][j] = (i == j) - (next[i][j] - gain[i] * next[0][j]) / z;
        m[i][3] = gain[i];
    }
    for (int i = 0; i < 3; i++) /* Gauss and Jordan */
        for (int j = 0; j < 3; j++) {
            const phasor share = j == i ? 0 : m[j][i] / m[i][i];
            for (int n = i; n < 4; n++)
                m[j][n] -= share * m[i][n];
        }
    for (int i = 0; i < 3; i++)
        out[i] = m[i][3] / m[i][i];
}

/* The row of the table for 85 ms and a 10 ms cycle. */
static phasor written_down(const struct belay_loop *loop, double rad_s) {
    const double t = loop->cycle_s, drive_s = loop->drive_lag_s, cell_s = loop->cell_lag_s, kappa = 0.81 * loop->told;
    const double sum_s = 2.5 * t + drive_s + cell_s, h = 0.56 * (sum_s - drive_s / 2), h2 = h + 0.69 * drive_s / 2;
    const double g = 0.100 / drive_s;
    const double poles[3] = {exp(-t / (0.180 * sum_s)), exp(-t / (1.055 * sum_s)), exp(-t / (1.580 * sum_s))};
    const phasor z = cexp(turning(rad_s * t));
    phasor xva[3], drum = 0, cell = 0;
    seen(poles, t, z, xva);
    const phasor w = 0.92 * (xva[1] + h2 * xva[2]) + g * (xva[0] + h * xva[1] + h * h / 2 * xva[2]);
    const double encoder = t / (cell_s + t), drive = t / (drive_s + t);
    const phasor lagged = encoder / (1 - (1 - encoder) / z);
    const phasor model = t * (1 + 1 / z) * drive / z / (1 - (1 - drive) / z);
    for (int alias = -3; alias <= 3; alias++) {
        const phasor s = turning(rad_s + alias * 2 * 3.14159265358979323846 / t);
        const phasor half = 1 + s * drive_s / 2;
        const phasor moved = (1 - cexp(-s * t)) / (s * t) * cexp(-2 * s * t) / (half * half) / s;
        drum += moved;
        cell += moved / (1 + s * cell_s);
    }
    /* What is paid out stretches too: by the tension at which the loop is read. */
    const double longer = loop->tension_n / (kappa * loop->stiffness_n_m * BELAY_LOOP_PLACE_M);
    return (g * (1 + longer) * drum + w * (cell / kappa - (lagged + longer) * drum)) / (1 + g * model);
}

Test(belay_margin, the_loop_is_the_one_written_down) {
    for (size_t e = 0; e < COUNT(told); e++) {
        const struct belay_loop loop = {0.010, 0.040, 0.020, 2, 1000, told[e], 0, 90, false};
        struct belay_margins margins;
        FILE *curve = tmpfile();
        double rad_s, re, im, rest[2];
        int points = 0;
        cr_assert(curve != NULL);
        belay_loop_measure(&loop, &margins, curve);
        rewind(curve);
        while (fscanf(curve, "%lf,%lf,%lf,%lf,%lf", &rad_s, &re, &im, &rest[0], &rest[1]) == 5) {
            const phasor written = written_down(&loop, rad_s);
            const double off = hypot(creal(written) - re, cimag(written) - im);
            cr_expect_leq(off, 0.01 * fmax(hypot(re, im), 0.01), "%g rad/s, told %g-fold: %g", rad_s, told[e], off);
            points++;
        }
        fclose(curve);
        cr_expect_gt(points, 200);
    }
}
