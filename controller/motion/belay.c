/* The belaying law: observer of the rope's far end, prediction, fall detection, restart after a stop. */
#include "controller/motion/belay.h"

#include <assert.h>
#include <math.h>

#define GRAVITY_M_S2 9.80665
#define STIFFNESS_ERR 1.1     /* err to the stiff side: the observer is stable for 0.8 to 2 times the true stiffness */
#define OBSERVER_S 0.0332     /* fading memory: 0.74 over 10 ms; see docs/belaying.md for the sweep that chose it */
#define HORIZON 0.5           /* of the dead time and lags: the whole of it overshoots on human jerk */
#define POSITION_GAIN 0.4     /* Kx times the drive's lag */
#define SLACK_RAMP_S 0.25     /* time over which the extra take-in on a slack rope builds up */
#define SLACK_DECAY_S 0.05    /* a slack rope says nothing of the person's acceleration: its estimate decays */
#define FALL_WINDOW_S 0.15    /* a far end that gains speed over this time at more than */
#define FALL_SHARE 0.65       /* of g is falling: climbers stay below a third of g, a hop of 60 ms gains too little */
#define WEIGHT_S 0.02         /* weight for so long, */
#define WEIGHT_READINGS_MIN 2 /* and never in one reading alone, which is noise */
#define PAYOUT_FADE 0.6       /* pay-out fades from this share of weight_on_line_n to nothing at weight_on_line_n */

double belay_stiffness_n_m(const struct rig_belay *limits, double position_m) {
    double free_m = fmax(position_m + limits->rope_lead_m, 1.0);
    assert(limits->rope_ea_n > 0);
    return limits->rope_ea_n / free_m;
}

double belay_height_m(const struct rig_belay *limits, double position_m, double tension_n) {
    return limits->anchor_height_m - position_m - tension_n / belay_stiffness_n_m(limits, position_m);
}

double belay_fall_m(const struct rig_belay *limits, double position_m) {
    return 0.6 + 2 * limits->person_mass_kg * GRAVITY_M_S2 / belay_stiffness_n_m(limits, position_m);
}

static double stiffness(const struct rig_belay *limits, const struct belay_reading *reading) {
    return STIFFNESS_ERR * belay_stiffness_n_m(limits, reading->position_m);
}

void belay_start(struct belay *belay, const struct rig_belay *limits, const struct belay_reading *reading) {
    double end_m = reading->position_m + reading->tension_n / stiffness(limits, reading);
    *belay = (struct belay){.lagged_m = reading->position_m, .end_m = end_m, .restarting = true};
}

/* Follows the far end with a fading-memory filter of second order (position, speed, acceleration). A slack rope only
 * says that the end is not farther away than the rope is long. */
static void observe(struct belay *belay, const struct rig_belay *limits, const struct belay_reading *reading,
                    double dt_s) {
    const double t = exp(-dt_s / OBSERVER_S);
    const double alpha = 1 - t * t * t, beta = 1.5 * (1 - t * t) * (1 - t), gamma = (1 - t) * (1 - t) * (1 - t);
    double lag_s = limits->cell_lag_ms / 1000.0;
    belay->lagged_m += (reading->position_m - belay->lagged_m) * dt_s / (lag_s + dt_s);
    double seen_m = belay->lagged_m + reading->tension_n / stiffness(limits, reading);
    if (belay->restarting) { /* until the rope is taut nothing is known but that the person stands, by procedure */
        belay->end_m = seen_m;
        belay->end_m_s = belay->end_m_s2 = 0;
        return;
    }

    belay->end_m += belay->end_m_s * dt_s + belay->end_m_s2 * dt_s * dt_s / 2;
    belay->end_m_s += belay->end_m_s2 * dt_s;
    double error_m = seen_m - belay->end_m;
    if (reading->tension_n < limits->slack_n) {
        error_m = fmin(error_m, 0);
        belay->end_m_s2 -= belay->end_m_s2 * dt_s / SLACK_DECAY_S;
    }
    belay->end_m += alpha * error_m;
    belay->end_m_s += beta * error_m / dt_s;
    belay->end_m_s2 += gamma * error_m / (dt_s * dt_s);
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

/* Speed that brings the drum to stand one reference stretch behind the predicted end. */
static double regulate(struct belay *belay, const struct rig_belay *limits, double reference_n,
                       const struct belay_reading *reading, double dt_s) {
    double drive_s = limits->drive_lag_ms / 2000.0; /* half of the lag is the speed loop, half lies before it */
    double ahead_s = HORIZON * (2.5 * dt_s + limits->cell_lag_ms / 1000.0 + drive_s);
    double end_m = belay->end_m + belay->end_m_s * ahead_s + belay->end_m_s2 * ahead_s * ahead_s / 2;
    double end_m_s = belay->end_m_s + belay->end_m_s2 * ahead_s;
    double stretch_m = reference_n / stiffness(limits, reading);
    double behind_m = end_m - stretch_m - drum_now(belay, limits, reading, dt_s);
    return end_m_s + drive_s * belay->end_m_s2 + POSITION_GAIN / (2 * drive_s) * behind_m;
}

/* Speed that the far end has gained over the window. A rope that was slack has no past to compare with. */
static bool gains_like_a_fall(struct belay *belay, bool slack, double dt_s) {
    int window = (int)fmin(ceil(FALL_WINDOW_S / dt_s), BELAY_PAST_MAX);
    belay->past_count = slack || belay->restarting ? 0 : belay->past_count;
    double before_m_s = belay->past_m_s[belay->past_next];
    bool full = belay->past_count >= window;
    belay->past_m_s[belay->past_next] = belay->end_m_s;
    belay->past_next = (belay->past_next + 1) % window;
    belay->past_count = full ? window : belay->past_count + 1;
    return full && belay->end_m_s - before_m_s > FALL_SHARE * GRAVITY_M_S2 * window * dt_s;
}

static bool weight_on_line(struct belay *belay, const struct rig_belay *limits, double tension_n, double dt_s) {
    bool gains = gains_like_a_fall(belay, tension_n < limits->slack_n, dt_s);
    bool weight = tension_n >= limits->weight_on_line_n || belay->end_m_s >= limits->fall_speed_m_s || gains;
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
    belay->restarting = belay->restarting && reading->tension_n < limits->band_min_n;
    observe(belay, limits, reading, dt_s);
    *caught = weight_on_line(belay, limits, reading->tension_n, dt_s);
    double wanted = regulate(belay, limits, reference_n, reading, dt_s);
    wanted = take_up_slack(belay, limits, reading->tension_n < limits->slack_n, wanted, dt_s);

    double takein_max = belay->restarting ? limits->restart_speed_max_m_s : limits->takein_speed_max_m_s;
    double payout_max = limits->payout_speed_max_m_s;
    double fade_n = PAYOUT_FADE * limits->weight_on_line_n;
    if (reading->tension_n > fade_n)
        payout_max *= fmax(0, (limits->weight_on_line_n - reading->tension_n) / (limits->weight_on_line_n - fade_n));
    return *caught ? 0 : fmin(fmax(wanted, -takein_max), payout_max);
}
