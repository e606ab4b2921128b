/* Random climbing: the law, two cycles of the bus, drive, rope, cell. */
#include "tests/belay_climb.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

#include "controller/motion/belay.h"
#include "sim/device/sim_load_cell.h"
#include "sim/plant/climber.h"
#include "sim/plant/rope.h"
#include "sim/plant/winch.h"

#define REFERENCE_N 90.0
#define FOLLOW_M_S2 6.0  /* modes.follow.acceleration_m_s2 of free-climb */
#define DRIVE_M_S2 12.0
#define ANCHOR_M 26.0
#define MIDDLE_M 7.5     /* of the heights of the climb */
#define LEAD_M 100.0     /* so long that the climb changes the stiffness little */
#define ENCODER_STEPS_M 8192.0
#define BEGIN_S 3.0      /* standing, until the law has settled */
#define TOLD_MAX 4

static const struct climber_config climbing = {.low_m = 5, .high_m = 10, .speed_m_s = 1, .burst_m_s2 = 3,
                                               .jerk_m_s3 = 30, .pause_s_min = 0.5, .pause_s_max = 4};

struct flight {
    const struct belay_loop *loop;
    struct rig_belay told;
    struct rope_config rope;
    struct winch_config winch_config;
    struct winch winch;
    struct climber climber;
    struct sim_load_cell cell;
    struct belay belay;
    double told_m_s[TOLD_MAX]; /* setpoints, the last one first */
    double lagged_m_s, ramp_m_s; /* in the drive, before its speed loop */
    double tension_n, slack_m;
    bool caught;
};

static void hold(struct flight *f) {
    const double stretch_m = ANCHOR_M - f->climber.height_m - f->winch.rope_out_m;
    const double stretching_m_s = -f->climber.speed_m_s - f->winch.speed_m_s;
    f->tension_n = rope_tension_n(&f->rope, f->winch.rope_out_m, stretch_m, stretching_m_s);
    f->slack_m = fmax(0, -stretch_m);
}

static void begin(struct flight *f, const struct belay_loop *loop, uint64_t seed) {
    const double length_m = ANCHOR_M - MIDDLE_M + LEAD_M, half_ms = loop->drive_lag_s * 500;
    *f = (struct flight){.loop = loop, .told = belay_loop_limits(loop)};
    f->told.rope_lead_m = LEAD_M;
    f->told.rope_ea_n = loop->told * loop->stiffness_n_m * length_m;
    f->rope = (struct rope_config){.ea_n = loop->stiffness_n_m * length_m, .damping_ms = 8, .lead_m = LEAD_M};
    f->winch_config = (struct winch_config){.circumference_m = 1, .gear_ratio = 20, .mass_kg = 40, .friction_n = 20,
                                            .rated_n = 2000, .force_n_max = 4000, .speed_loop_ms = half_ms};
    climber_init(&f->climber, MIDDLE_M, seed);
    winch_init(&f->winch, &f->winch_config, rope_out_m_at(&f->rope, ANCHOR_M - MIDDLE_M, REFERENCE_N));
    const struct sim_load_cell_config cell = {.lag_ms = loop->cell_lag_s * 1000, .noise_n = 5, .seed = seed};
    sim_load_cell_init(&f->cell, &cell);
    f->cell.filtered_n = REFERENCE_N;
    f->cell.gross_n = (int32_t)REFERENCE_N;
    f->winch.integral_n = -REFERENCE_N;
    hold(f);
}

/* One cycle of the law: reading, ramp, the way to the drive. */
static void tell(struct flight *f, bool first) {
    const struct belay_reading reading = {
        .position_m = floor(f->winch.rope_out_m * ENCODER_STEPS_M) / ENCODER_STEPS_M,
        .tension_n = f->cell.gross_n,
        .setpoint_m_s = f->told_m_s[0]};
    const double step_m_s = FOLLOW_M_S2 * f->loop->cycle_s;
    if (first)
        belay_start(&f->belay, &reading);
    const double wanted_m_s = belay_step(&f->belay, &f->told, REFERENCE_N, &reading, f->loop->cycle_s, &f->caught);
    for (int i = TOLD_MAX - 1; i > 0; i--)
        f->told_m_s[i] = f->told_m_s[i - 1];
    f->told_m_s[0] += fmax(-step_m_s, fmin(step_m_s, wanted_m_s - f->told_m_s[0]));
}

static void move(struct flight *f, bool climbs, double dt_s) {
    const double lag_s = f->loop->drive_lag_s / 2, most_m_s = DRIVE_M_S2 * dt_s;
    f->lagged_m_s += (f->told_m_s[f->loop->dead_cycles] - f->lagged_m_s) * dt_s / lag_s;
    f->ramp_m_s += fmax(-most_m_s, fmin(most_m_s, f->lagged_m_s - f->ramp_m_s));
    winch_step(&f->winch, &f->winch_config, true, f->ramp_m_s, f->tension_n, 0, dt_s);
    climber_step(&f->climber, &climbing, climbs ? ACT_CLIMB : ACT_STAND, 0, dt_s);
    hold(f);
    sim_load_cell_step(&f->cell, f->tension_n, (int64_t)lround(dt_s * 1e6));
}

static void note(const struct flight *f, struct belay_climb *sum) {
    sum->steps++;
    sum->in_band_steps += f->tension_n >= f->told.band_min_n && f->tension_n <= f->told.band_max_n;
    sum->tension_min_n = fmin(sum->tension_min_n, f->tension_n);
    sum->tension_max_n = fmax(sum->tension_max_n, f->tension_n);
    sum->slack_max_m = fmax(sum->slack_max_m, f->slack_m);
}

void belay_climb_fly(const struct belay_loop *loop, uint64_t seed, double duration_s, struct belay_climb *sum) {
    const int steps_of_cycle = (int)lround(loop->cycle_s / BELAY_CLIMB_STEP_S);
    const long begin_steps = lround(BEGIN_S / BELAY_CLIMB_STEP_S), steps = lround(duration_s / BELAY_CLIMB_STEP_S);
    struct flight f;
    assert(loop->dead_cycles < TOLD_MAX && steps_of_cycle > 0);
    begin(&f, loop, seed);
    for (long i = 0; i < begin_steps + steps && !f.caught; i++) {
        if (i % steps_of_cycle == 0)
            tell(&f, i == 0);
        move(&f, i >= begin_steps, BELAY_CLIMB_STEP_S);
        if (i >= begin_steps)
            note(&f, sum);
    }
    sum->catches += f.caught;
}

double belay_climb_band_percent(const struct belay_climb *sum) {
    return 100.0 * (double)sum->in_band_steps / (double)sum->steps;
}

void belay_climb_row(const struct belay_loop *loop, double duration_s, char *row, size_t size) {
    struct belay_climb seen = BELAY_CLIMB_NOTHING;
    struct belay_margins margins;
    belay_climb_fly(loop, 1, duration_s, &seen);
    belay_loop_measure(loop, &margins, NULL);
    snprintf(row, size, "%.2f | %.0f | %.0f | %.0f | %d | %.2f | %.1f |", belay_climb_band_percent(&seen),
             seen.tension_min_n, seen.tension_max_n, seen.slack_max_m * 1000, seen.catches, margins.setpoint.gain,
             margins.setpoint.phase_deg);
}
