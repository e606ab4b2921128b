/* The belaying law: observer of the rope's far end, prediction, fall detection, restart after a stop. */
#include "controller/motion/belay.h"

#include <assert.h>
#include <math.h>

#define GRAVITY_M_S2 9.80665
#define SLACK_RAMP_S 0.25     /* time over which the extra take-in on a slack rope builds up */
#define SLACK_DECAY_S 0.05    /* a slack rope says nothing of the person's acceleration: its estimate decays */
#define HAUL_BEYOND 0.2       /* of the half band: what swings farther from the usual tension is hauled back harder: */
#define HAUL_GAIN 0.5         /* speed for each metre of stretch beyond, times the lag sum */
#define USUAL_S 1.0           /* over which the usual tension forgets: longer than a burst of a climber */
#define RUNNER_MEMORY 2.2       /* times the climber's, on a rope as stiff as the next: */
#define RUNNER_N_M 2000.0     /* a softer one turns the cell's noise into more length; see runner_gains() */
#define RUNNER_BEGUN 0.9      /* of the reference: the rope is as taut as a runner has it */
#define FALL_MEMORY_S 0.0332  /* who looks for falls has a fading memory: 0.74 over 10 ms; see docs/belaying.md */
#define FALL_NOISY_N_M 1200.0 /* on a softer rope the cell's noise is more length, and the memory longer: noise of */
#define FALL_NOISY_DT_S 0.01  /* speed falls with its power of 1.5, and with the root of the cycle */
#define FALL_WINDOW_S 0.17    /* a far end that gains speed over this time at more than */
#define FALL_SHARE 0.65       /* of g is falling: climbers stay below a third of g, a hop of 60 ms gains too little */
#define FALL_SPRING_M 0.2     /* a fall with a line spring is longer by its stroke and this */
#define WEIGHT_S 0.02         /* weight for so long, */
#define WEIGHT_READINGS_MIN 2 /* and never in one reading alone, which is noise */
#define PAYOUT_FADE 0.85      /* pay-out fades from this share of weight_on_line_n to nothing at weight_on_line_n: */
                              /* where it fades, who climbs down tightens the rope more and more */
#define QUICK_FEED 0.12       /* how the feed falls with a drive that is quicker than cell and bus; see gains_for() */
#define DRUM_CYCLES 2         /* from a reading to where drum_now() sees the drum */
#define DEAD_CYCLES 2.5       /* read one cycle late, act one cycle late, hold half a cycle */

/* The gains of follow, by what share of the lag sum is dead time of the bus. Between two rows they go in a line. */
struct gains {
    double dead_share;
    double stiffness;     /* of the rope as taken here, times the one stated */
    double memory[3];     /* time constants of the observer, times the lag sum */
    double horizon_s;     /* of the prediction of place; in the table times what lies between reading and drum */
    double holding;       /* gain of place, 1/s; in the table times the drive's lag */
    double feed;          /* share of the far end's speed that the drum is told at once */
    double ahead_s;       /* of that of speed; in the table beyond the other, times the lag of the speed loop */
};
static const struct gains schedule[] = {
    {0.077, 0.77, {0.117, 0.234, 1.370}, 0.87, 0.178, 0.89, 0.38},
    {0.158, 0.79, {0.102, 0.372, 1.387}, 0.81, 0.094, 0.93, 0.27},
    {0.294, 0.81, {0.180, 1.055, 1.580}, 0.56, 0.100, 0.92, 0.69},
    {0.455, 0.83, {0.128, 0.994, 1.290}, 0.64, 0.053, 0.89, 0.86},
};
#define ROWS (int)(sizeof schedule / sizeof schedule[0])

static double lag_sum_s(const struct rig_belay *limits, double dt_s) {
    return DEAD_CYCLES * dt_s + (limits->drive_lag_ms + limits->cell_lag_ms) / 1000;
}

static double between(double from, double to, double share) {
    return from + (to - from) * share;
}

static void climber_gains(struct gains *gains, const struct rig_belay *limits, double dt_s) {
    int row = 1;
    while (row < ROWS - 1 && gains->dead_share > schedule[row].dead_share)
        row++;
    const struct gains *a = &schedule[row - 1], *b = &schedule[row];
    double share = fmax(0, fmin(1, (gains->dead_share - a->dead_share) / (b->dead_share - a->dead_share)));
    double drive_s = limits->drive_lag_ms / 1000;
    double half_s = drive_s / 2; /* half is the speed loop, half lies before it */
    /* The rows are for a drive that lags twice as long as the cell, and as two cycles: a quicker one gains nothing. */
    double quick = drive_s / fmax(drive_s, fmax(2 * limits->cell_lag_ms / 1000, 2 * dt_s));
    gains->stiffness = between(a->stiffness, b->stiffness, share);
    gains->horizon_s = between(a->horizon_s, b->horizon_s, share) * (lag_sum_s(limits, dt_s) - half_s);
    gains->ahead_s = gains->horizon_s + between(a->ahead_s, b->ahead_s, share) * half_s;
    gains->holding = quick * between(a->holding, b->holding, share) / drive_s;
    gains->feed = pow(quick, QUICK_FEED) * between(a->feed, b->feed, share);
    for (int i = 0; i < 3; i++)
        gains->memory[i] = between(a->memory[i], b->memory[i], share);
}

/* A runner is fast for long: every millisecond by which his place is taken for too far ahead costs 8 mm at 8 m/s, so he
 * is predicted to just when the drum's place is known, his speed by the lag sum, and all of it is fed. Newtons of noise
 * are more metres on a softer rope: of a place that white jerk moves the best observer's time grows with the cube root
 * of them. A drum that dances to the noise takes in when he starts, and take-in is slowed but gently. */
static void runner_gains(struct gains *gains, const struct rig_belay *limits, double n_m, double dt_s) {
    gains->stiffness = 0.85;
    gains->horizon_s = DRUM_CYCLES * dt_s + limits->cell_lag_ms / 1000;
    gains->ahead_s = 0.8 * lag_sum_s(limits, dt_s);
    gains->holding = 0.3 / (DEAD_CYCLES * dt_s + limits->drive_lag_ms / 1000);
    gains->feed = 1;
    for (int i = 0; i < 3; i++)
        gains->memory[i] *= RUNNER_MEMORY * cbrt(fmax(1, RUNNER_N_M / n_m));
}

static struct gains gains_for(const struct rig_belay *limits, double n_m, double dt_s) {
    struct gains gains = {.dead_share = DEAD_CYCLES * dt_s / lag_sum_s(limits, dt_s)};
    climber_gains(&gains, limits, dt_s);
    if (limits->runner.present)
        runner_gains(&gains, limits, n_m, dt_s);
    return gains;
}

static double rope_n_m(const struct rig_belay *limits, double position_m) {
    double free_m = fmax(position_m + limits->rope_lead_m, 1.0);
    assert(limits->rope_ea_n > 0);
    return limits->rope_ea_n / free_m;
}

double belay_stiffness_n_m(const struct rig_belay *limits, double position_m) {
    double n_m = rope_n_m(limits, position_m);
    return limits->rope_spring.present ? 1 / (1 / n_m + 1 / limits->rope_spring.stiffness_n_m) : n_m;
}

/* Beyond a line spring's stroke there is the rope alone. */
static double stiffness_under_n_m(const struct rig_belay *limits, double position_m, double tension_n) {
    const struct rig_spring *spring = &limits->rope_spring;
    bool used_up = spring->present && tension_n > spring->stiffness_n_m * spring->stroke_m;
    return used_up ? rope_n_m(limits, position_m) : belay_stiffness_n_m(limits, position_m);
}

double belay_stretch_m(const struct rig_belay *limits, double position_m, double tension_n) {
    const struct rig_spring *spring = &limits->rope_spring;
    double spring_m = spring->present ? fmin(tension_n / spring->stiffness_n_m, spring->stroke_m) : 0;
    return tension_n / rope_n_m(limits, position_m) + spring_m;
}

double belay_height_m(const struct rig_belay *limits, double position_m, double tension_n) {
    return limits->anchor_height_m - position_m - belay_stretch_m(limits, position_m, tension_n);
}

double belay_fall_m(const struct rig_belay *limits, double position_m) {
    double spring_m = limits->rope_spring.present ? limits->rope_spring.stroke_m + FALL_SPRING_M : 0;
    return 0.6 + 2 * limits->person_mass_kg * GRAVITY_M_S2 / rope_n_m(limits, position_m) + spring_m;
}

static void begin(struct belay_end *end, double at_m) {
    *end = (struct belay_end){.m = at_m};
}

void belay_start(struct belay *belay, const struct belay_reading *reading) {
    *belay = (struct belay){.lagged_m = reading->position_m, .usual_n = reading->tension_n, .restarting = true};
}

/* One reading of the place of the far end. */
struct sight {
    double seen_m;
    double keep[3]; /* what the observer's three memories keep over one cycle */
    bool slack;     /* then the end is only known not to be farther away than the rope is long */
};

/* Position, speed and acceleration of the far end by an observer with three real poles. */
static void observe(struct belay_end *end, const struct sight *sight, double dt_s) {
    const double a = sight->keep[0], b = sight->keep[1], c = sight->keep[2];
    const double alpha = 1 - a * b * c;
    const double rest = 3 - (a + b + c) - alpha, pairs = a * b + b * c + c * a - 3 + 2 * alpha;
    const double beta = (rest - pairs) / 2, gamma = rest + pairs;

    end->m += end->m_s * dt_s + end->m_s2 * dt_s * dt_s / 2;
    end->m_s += end->m_s2 * dt_s;
    double error_m = sight->seen_m - end->m;
    if (sight->slack) {
        error_m = fmin(error_m, 0);
        end->m_s2 -= end->m_s2 * dt_s / SLACK_DECAY_S;
    }
    end->m += alpha * error_m;
    end->m_s += beta * error_m / dt_s;
    end->m_s2 += gamma * error_m / (dt_s * dt_s);
}

/* One observer follows, and is as quick as the margins of the loop let it; another one looks for falls. Until the rope
 * is taut nothing is known but that the person stands, by procedure. */
static void look(struct belay *belay, const struct rig_belay *limits, const struct gains *gains,
                 const struct belay_reading *reading, double dt_s) {
    double cell_s = limits->cell_lag_ms / 1000, lags_s = lag_sum_s(limits, dt_s);
    belay->lagged_m += (reading->position_m - belay->lagged_m) * dt_s / (cell_s + dt_s);
    double stretch_m = belay_stretch_m(limits, reading->position_m, reading->tension_n);
    struct sight follow = {.seen_m = belay->lagged_m + stretch_m / gains->stiffness,
                           .slack = reading->tension_n < limits->slack_n};
    struct sight fall = {.seen_m = belay->lagged_m + stretch_m, .slack = follow.slack};
    if (belay->restarting || !belay->looks) {
        belay->looks = true;
        begin(&belay->end, follow.seen_m);
        begin(&belay->falling, fall.seen_m);
        return;
    }
    double noise = FALL_NOISY_N_M / belay_stiffness_n_m(limits, reading->position_m) * sqrt(dt_s / FALL_NOISY_DT_S);
    double memory_s = FALL_MEMORY_S * sqrt(fmax(1, noise));
    for (int i = 0; i < 3; i++) {
        follow.keep[i] = exp(-dt_s / (gains->memory[i] * lags_s));
        fall.keep[i] = exp(-dt_s / memory_s);
    }
    observe(&belay->end, &follow, dt_s);
    observe(&belay->falling, &fall, dt_s);
}

/* Where the drum is now: the encoder's reading plus what the setpoints since then have moved it. */
static double drum_now(struct belay *belay, const struct rig_belay *limits, const struct belay_reading *reading,
                       double dt_s) {
    double lag_s = limits->drive_lag_ms / 1000.0;
    belay->model_before_m[1] = belay->model_before_m[0];
    belay->model_before_m[0] = belay->model_m;
    belay->model_m_s += (reading->setpoint_m_s - belay->model_m_s) * dt_s / (lag_s + dt_s);
    belay->model_m += belay->model_m_s * dt_s;
    return reading->position_m + belay->model_m - belay->model_before_m[1];
}

/* What of the tension swings farther from the usual one than it may without being hauled back, N. Where a tension
 * stays, anywhere in the band, there is no haul, and the loop has the margins of the rest of the law. The usual one is
 * no nearer to an edge of the band than a swing is wide, so that beyond the band there always is a haul. */
static double beyond_swing_n(struct belay *belay, const struct rig_belay *limits, double reference_n,
                             const struct belay_reading *reading, double dt_s) {
    double up_n = limits->band_max_n - reference_n, down_n = reference_n - limits->band_min_n;
    if (belay->restarting || reading->tension_n < limits->slack_n)
        belay->usual_n = reference_n;
    belay->usual_n += (reading->tension_n - belay->usual_n) * dt_s / (USUAL_S + dt_s);
    belay->usual_n = fmax(reference_n - (1 - HAUL_BEYOND) * down_n,
                          fmin(reference_n + (1 - HAUL_BEYOND) * up_n, belay->usual_n));
    double swing_n = reading->tension_n - belay->usual_n;
    return fmax(0, swing_n - HAUL_BEYOND * up_n) + fmin(0, swing_n + HAUL_BEYOND * down_n);
}

/* Speed that brings the drum to stand one reference stretch behind the predicted end. */
static double regulate(struct belay *belay, const struct rig_belay *limits, const struct gains *gains,
                       double reference_n, const struct belay_reading *reading, double dt_s) {
    const struct belay_end *end = &belay->end;
    double ahead_s = gains->horizon_s;
    double end_m = end->m + end->m_s * ahead_s + end->m_s2 * ahead_s * ahead_s / 2;
    double end_m_s = end->m_s + end->m_s2 * gains->ahead_s;
    double stretch_m = belay_stretch_m(limits, reading->position_m, reference_n) / gains->stiffness;
    double behind_m = end_m - stretch_m - drum_now(belay, limits, reading, dt_s);
    double wanted_m_s = gains->feed * end_m_s + gains->holding * behind_m;
    double beyond_n = beyond_swing_n(belay, limits, reference_n, reading, dt_s);
    if (reading->tension_n < limits->slack_n)
        return wanted_m_s;
    double stiffness_n_m = gains->stiffness * stiffness_under_n_m(limits, reading->position_m, reading->tension_n);
    return wanted_m_s + HAUL_GAIN / lag_sum_s(limits, dt_s) * beyond_n / stiffness_n_m;
}

static int window_cycles(double dt_s) {
    return (int)fmin(ceil(FALL_WINDOW_S / dt_s), BELAY_PAST_MAX);
}

/* Speed that the far end has gained over the window. A rope that was slack has no past to compare with. */
static bool gains_like_a_fall(struct belay *belay, bool slack, double dt_s) {
    int window = window_cycles(dt_s);
    belay->past_count = slack || belay->restarting ? 0 : belay->past_count;
    double before_m_s = belay->past_m_s[belay->past_next];
    bool full = belay->past_count >= window;
    belay->past_m_s[belay->past_next] = belay->falling.m_s;
    belay->past_next = (belay->past_next + 1) % window;
    belay->past_count = full ? window : belay->past_count + 1;
    return full && belay->falling.m_s - before_m_s > FALL_SHARE * GRAVITY_M_S2 * window * dt_s;
}

static bool weight_on_line(struct belay *belay, const struct rig_belay *limits, double tension_n, double dt_s) {
    bool gains = gains_like_a_fall(belay, tension_n < limits->slack_n, dt_s) && !limits->runner.present;
    /* A rope that was slack has shown no gain of speed yet: whoever comes into it faster than it follows falls. */
    double fall_m_s = belay->past_count < window_cycles(dt_s) ? limits->payout_speed_max_m_s : limits->fall_speed_m_s;
    bool weight = tension_n >= limits->weight_on_line_n || belay->falling.m_s >= fall_m_s || gains;
    belay->weight_cycles = weight ? belay->weight_cycles + 1 : 0;
    return belay->weight_cycles >= fmax(WEIGHT_READINGS_MIN, ceil(WEIGHT_S / dt_s - 1e-6));
}

static double take_up_slack(struct belay *belay, const struct rig_belay *limits, bool slack, double wanted,
                            double dt_s) {
    double step = limits->slack_takein_speed_max_m_s * dt_s / SLACK_RAMP_S;
    belay->slack_m_s = slack ? fmin(belay->slack_m_s + step, limits->slack_takein_speed_max_m_s) : 0;
    return slack ? fmin(wanted, 0) - belay->slack_m_s : wanted;
}

double belay_step(struct belay *belay, const struct rig_belay *limits, double reference_n,
                  const struct belay_reading *reading, double dt_s, bool *caught) {
    assert(limits->present && dt_s > 0 && !isnan(reading->tension_n));
    double begun_n = limits->runner.present ? RUNNER_BEGUN * reference_n : limits->band_min_n;
    belay->restarting = belay->restarting && reading->tension_n < begun_n;
    const struct gains gains = gains_for(limits, belay_stiffness_n_m(limits, reading->position_m), dt_s);
    look(belay, limits, &gains, reading, dt_s);
    *caught = weight_on_line(belay, limits, reading->tension_n, dt_s);
    double wanted = regulate(belay, limits, &gains, reference_n, reading, dt_s);
    wanted = take_up_slack(belay, limits, reading->tension_n < limits->slack_n, wanted, dt_s);

    double takein_max = belay->restarting ? limits->restart_speed_max_m_s : limits->takein_speed_max_m_s;
    double payout_max = limits->payout_speed_max_m_s;
    double fade_n = PAYOUT_FADE * limits->weight_on_line_n;
    if (reading->tension_n > fade_n)
        payout_max *= fmax(0, (limits->weight_on_line_n - reading->tension_n) / (limits->weight_on_line_n - fade_n));
    return *caught ? 0 : fmin(fmax(wanted, -takein_max), payout_max);
}
