/* Pulses into the law, their transforms, and the sampled plant; and the same loop step by step. */
#include "tests/belay_loop.h"

#include <assert.h>
#include <complex.h>
#include <math.h>
#include <string.h>

#include "controller/motion/belay.h"

#define PLACE_M BELAY_LOOP_PLACE_M
#define REFERENCE_N 90.0
#define ANSWERS_MAX 4096
#define ANSWER_S 2.5     /* the longest memory of the law is a tenth of this */
#define FREQUENCIES 300
#define LOWEST_RAD_S 0.5
#define ALIASES 3        /* of the sampled plant, either side */
#define PI 3.14159265358979323846

typedef double complex phasor;

/* I is a complex float, and not every compiler has CMPLX. */
static phasor turning(double imaginary) {
    const double parts[2] = {0, imaginary};
    phasor z;
    memcpy(&z, parts, sizeof z);
    return z;
}

struct rig_belay belay_loop_limits(const struct belay_loop *loop) {
    return (struct rig_belay){
        .present = true,
        .person_mass_kg = 80,
        .tension_n = REFERENCE_N,
        .band_min_n = 30,
        .band_max_n = 150,
        .weight_on_line_n = 250,
        .slack_n = 15,
        .payout_speed_max_m_s = 1.3,
        .takein_speed_max_m_s = 1.8,
        .slack_takein_speed_max_m_s = 0.3,
        .fall_speed_m_s = 1.6,
        .restart_speed_max_m_s = 0.2,
        .rope_ea_n = loop->told * loop->stiffness_n_m * PLACE_M,
        .drive_lag_ms = loop->drive_lag_s * 1000,
        .cell_lag_ms = loop->cell_lag_s * 1000,
        .anchor_height_m = 26,
        .runner = {.present = loop->runner},
    };
}

double belay_loop_lag_sum_s(const struct belay_loop *loop) {
    return 2.5 * loop->cycle_s + loop->drive_lag_s + loop->cell_lag_s;
}

/* ---- in frequency ---- */

enum input { POSITION, TENSION, SETPOINT, INPUTS };

struct answers {
    int count;
    double to[INPUTS][ANSWERS_MAX]; /* the law's speeds after a pulse of 1 in one cycle */
};

/* The law's speeds from rest on, at this tension, with one input higher by `by` in the first cycle. */
static void answer(const struct belay_loop *loop, enum input input, double by, double *wanted_m_s, int count) {
    const struct rig_belay limits = belay_loop_limits(loop);
    struct belay belay;
    bool caught;
    const struct belay_reading rest = {.position_m = PLACE_M, .tension_n = loop->tension_n};
    belay_start(&belay, &rest);
    belay_step(&belay, &limits, REFERENCE_N, &rest, loop->cycle_s, &caught);
    for (int i = 0; i < count; i++) {
        struct belay_reading reading = rest;
        const double more = i == 0 ? by : 0;
        reading.position_m += input == POSITION ? more : 0;
        reading.tension_n += input == TENSION ? more : 0;
        reading.setpoint_m_s += input == SETPOINT ? more : 0;
        wanted_m_s[i] = belay_step(&belay, &limits, REFERENCE_N, &reading, loop->cycle_s, &caught);
    }
}

static void pulse(const struct belay_loop *loop, enum input input, struct answers *answers) {
    static const double size[INPUTS] = {1e-6, 1e-3, 1e-6};
    static double without[ANSWERS_MAX];
    double *with = answers->to[input];
    answer(loop, input, 0, without, answers->count);
    answer(loop, input, size[input], with, answers->count);
    for (int i = 0; i < answers->count; i++)
        with[i] = (with[i] - without[i]) / size[input];
}

static phasor transform(const double *answers, int count, double rad_s, double cycle_s) {
    const phasor turn = cexp(turning(-rad_s * cycle_s));
    phasor sum = 0;
    for (int i = count - 1; i >= 0; i--)
        sum = sum * turn + answers[i];
    return sum;
}

/* Held setpoint to drum and to the cell's reading, as sampled: the plant's own line and its aliases. */
static void plant_at(const struct belay_loop *loop, double rad_s, phasor *drum, phasor *tension) {
    *drum = *tension = 0;
    for (int alias = -ALIASES; alias <= ALIASES; alias++) {
        const phasor s = turning(rad_s + alias * 2 * PI / loop->cycle_s);
        const phasor held = (1 - cexp(-s * loop->cycle_s)) / (s * loop->cycle_s);
        const phasor half = 1 + s * loop->drive_lag_s / 2;
        const phasor moved = held * cexp(-s * loop->cycle_s * loop->dead_cycles) / (half * half) / s;
        *drum += moved;
        *tension -= moved * loop->stiffness_n_m * (1 + loop->damping_s * s) / (1 + loop->cell_lag_s * s);
    }
}

/* Reads margins off a curve point by point. */
struct reader {
    bool begun;
    phasor last;
    struct belay_margin margin;
};

static void read_margin(struct reader *reader, phasor now) {
    const phasor last = reader->last;
    const bool first = !reader->begun;
    reader->begun = true;
    reader->last = now;
    if (first)
        return;
    const double before = cabs(last) - 1, after = cabs(now) - 1;
    if (before * after <= 0 && before != after) {
        const phasor at = last + before / (before - after) * (now - last);
        reader->margin.phase_deg = fmin(reader->margin.phase_deg, fabs(carg(-at)) * 180 / PI);
    }
    if (cimag(last) * cimag(now) > 0 || cimag(last) == cimag(now))
        return;
    const double real = creal(last) + cimag(last) / (cimag(last) - cimag(now)) * (creal(now) - creal(last));
    if (real < -1)
        reader->margin.quieter = fmax(reader->margin.quieter, -1 / real);
    else if (real < 0)
        reader->margin.gain = fmin(reader->margin.gain, -1 / real);
}

void belay_loop_measure(const struct belay_loop *loop, struct belay_margins *margins, FILE *nyquist) {
    static struct answers answers;
    answers.count = (int)fmin(ceil(ANSWER_S / loop->cycle_s), ANSWERS_MAX);
    for (enum input input = POSITION; input < INPUTS; input++)
        pulse(loop, input, &answers);
    const struct reader fresh = {.margin = {.gain = HUGE_VAL, .phase_deg = 180}};
    struct reader setpoint = fresh, tension = fresh;
    const double span = 0.999 * PI / loop->cycle_s / LOWEST_RAD_S;
    for (int i = 0; i < FREQUENCIES; i++) {
        const double rad_s = LOWEST_RAD_S * pow(span, (double)i / (FREQUENCIES - 1));
        phasor law[INPUTS], drum, cell;
        for (enum input input = POSITION; input < INPUTS; input++)
            law[input] = transform(answers.to[input], answers.count, rad_s, loop->cycle_s);
        /* The law is told its own last setpoint. */
        const phasor own = 1 - law[SETPOINT] * cexp(turning(-rad_s * loop->cycle_s));
        plant_at(loop, rad_s, &drum, &cell);
        const phasor by_drum = law[POSITION] / own * drum, by_cell = law[TENSION] / own * cell;
        const phasor whole = -(by_drum + by_cell), stiff = -by_cell / (1 - by_drum);
        read_margin(&setpoint, whole);
        read_margin(&tension, stiff);
        if (nyquist != NULL)
            fprintf(nyquist, "%.6g,%.6g,%.6g,%.6g,%.6g\n", rad_s, creal(whole), cimag(whole), creal(stiff),
                    cimag(stiff));
    }
    *margins = (struct belay_margins){.setpoint = setpoint.margin, .tension = tension.margin};
}

/* ---- in time ---- */

#define SUB_S 0.00025
#define SETTLING_S 8.0
#define PUSH_M 1e-5
#define TOLD_MAX 4

struct drum {
    double filtered_m_s, speed_m_s, moved_m, cell_n;
};

static void move(struct drum *drum, const struct belay_loop *loop, double told_m_s, double push_m) {
    const int steps = (int)lround(loop->cycle_s / SUB_S);
    const double half_s = loop->drive_lag_s / 2;
    for (int i = 0; i < steps; i++) {
        drum->filtered_m_s += (told_m_s - drum->filtered_m_s) * SUB_S / half_s;
        drum->speed_m_s += (drum->filtered_m_s - drum->speed_m_s) * SUB_S / half_s;
        drum->moved_m += drum->speed_m_s * SUB_S;
        const double stretch_m = push_m - drum->moved_m - loop->damping_s * drum->speed_m_s;
        drum->cell_n += (loop->stiffness_n_m * stretch_m - drum->cell_n) * SUB_S / loop->cell_lag_s;
    }
}

bool belay_loop_settles(const struct belay_loop *loop, double louder) {
    assert(loop->dead_cycles < TOLD_MAX && loop->tension_n == REFERENCE_N);
    const struct rig_belay limits = belay_loop_limits(loop);
    struct belay belay;
    struct drum drum = {0};
    double told_m_s[TOLD_MAX] = {0}, early_n = 0, late_n = 0;
    const int cycles = (int)(SETTLING_S / loop->cycle_s);
    for (int i = 0; i < cycles; i++) {
        const struct belay_reading reading = {.position_m = PLACE_M + drum.moved_m,
                                              .tension_n = loop->tension_n + drum.cell_n,
                                              .setpoint_m_s = told_m_s[0]};
        bool caught;
        if (i == 0)
            belay_start(&belay, &reading);
        for (int j = TOLD_MAX - 1; j > 0; j--)
            told_m_s[j] = told_m_s[j - 1];
        told_m_s[0] = belay_step(&belay, &limits, REFERENCE_N, &reading, loop->cycle_s, &caught);
        move(&drum, loop, louder * told_m_s[loop->dead_cycles], i < 10 ? 0 : PUSH_M);
        double *largest = i < cycles / 2 ? &early_n : &late_n;
        if (i > cycles / 4 && (i < cycles / 2 || i > cycles * 3 / 4))
            *largest = fmax(*largest, fabs(drum.cell_n));
    }
    return late_n < early_n / 2 || late_n < 1e-6 * loop->stiffness_n_m * PUSH_M;
}
