/* What physics asks of the values of one axis. Each rule is one function that shows its arithmetic. docs/rig-file.md
 * prints what they say; docs/belaying.md has the formulas of rope and catch. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "controller/rig/rig_check_parts.h"
#include "controller/safety/monitor.h"

#define NEEDS_MAX 16
#define ROUNDING 1e-9 /* relative: equal by calculation must pass */
#define FREE_ROPE_MIN_M 1.0 /* as in the belaying law: shorter rope counts as this long */
/* Greatest |sinc| beyond its first zero: a longer jerk time may meet it at some height. */
#define SIDE_LOBE 0.2172

/* Its needs, in their order, are in `v`. When the rule is broken it returns true and writes "what, expected what". */
typedef bool broken(const double *v, char text[static YAML_ERROR_TEXT_MAX]);

static bool too_much(double value, double most) {
    return value > most + fabs(most) * ROUNDING;
}

/* ---- times ---- */

/* How long a stop lasts from the reading that calls for it: the reaction, the ramp, and the jerk at both its ends. */
struct lasting {
    double speed_m_s, deceleration_m_s2, ms;
};

/* reaction jerk payout takein stop_payout stop_takein: the slower way's. */
static struct lasting longest_ramp(const double *v) {
    const bool payout = v[2] / v[4] >= v[3] / v[5];
    struct lasting ramp = {.speed_m_s = v[payout ? 2 : 3], .deceleration_m_s2 = v[payout ? 4 : 5]};
    ramp.ms = v[0] + v[1] + 1000 * ramp.speed_m_s / ramp.deceleration_m_s2;
    return ramp;
}

/* reaction jerk payout takein stop_payout stop_takein | off_delay cycle close. The standing drum is found in one cycle
 * and the brake told in the next. */
static bool ramp_outlasts_off_delay(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const struct lasting ramp = longest_ramp(v);
    const double held_ms = ramp.ms + 2 * v[7] + v[8];
    if (v[6] == 0 || !too_much(held_ms, v[6]))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "the worst ramp and the brake take %.0f ms of reaction + %.4g / %.4g m/s2 + %.0f of jerk + 2 cycles + "
             "%.0f of closing = %.0f ms, expected at least that: the chain would take the torque before the brake "
             "holds (or 0 for a chain of category 0)",
             v[0], ramp.speed_m_s, ramp.deceleration_m_s2, v[1], v[8], ceil(held_ms));
    return true;
}

/* reaction jerk payout takein stop_payout stop_takein | stop_time */
static bool ramp_outlasts_stop_time(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const struct lasting ramp = longest_ramp(v);
    if (!too_much(ramp.ms, v[6]))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "a stop from full speed takes %.0f ms of reaction + %.4g / %.4g m/s2 + %.0f of jerk = %.0f ms, expected "
             "at least that",
             v[0], ramp.speed_m_s, ramp.deceleration_m_s2, v[1], ceil(ramp.ms));
    return true;
}

/* reaction jerk payout takein drive drive | stop_time */
static bool drive_outlasts_stop_time(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const struct lasting ramp = longest_ramp(v);
    if (!too_much(ramp.ms, v[6]))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "the drive's own stop from full speed takes %.0f ms of reaction + %.4g / %.4g m/s2 + %.0f of jerk = %.0f "
             "ms, expected at most limits.stop_time_max_ms = %.0f",
             v[0], ramp.speed_m_s, ramp.deceleration_m_s2, v[1], ceil(ramp.ms), v[6]);
    return true;
}

/* reaction cycle dead lag */
static bool reaction_too_short(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    if (v[0] >= v[1] + v[2] + v[3])
        return false;
    snprintf(
        text, YAML_ERROR_TEXT_MAX,
        "%.0f ms are too few, expected at least cycle_ms %.0f + monitors.dead_ms %.0f + monitors.lag_ms %.0f = %.0f",
        v[0], v[1], v[2], v[3], v[1] + v[2] + v[3]);
    return true;
}

/* window cycle dead */
static bool window_does_not_fit(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double most = MONITOR_WINDOW_MAX * v[1];
    const bool long_window = v[0] > most, long_dead = v[2] > most - v[1];
    if (!long_window && !long_dead)
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "window_ms %.0f and dead_ms %.0f are remembered for %d cycles of %.0f ms, expected at most %.0f and "
             "%.0f",
             v[0], v[2], MONITOR_WINDOW_MAX, v[1], most, most - v[1]);
    return true;
}

/* slack stale_drive stale_encoder */
static bool age_trips(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double oldest_ms = fmax(v[1], v[2]);
    if (v[0] >= oldest_ms)
        return false;
    snprintf(
        text, YAML_ERROR_TEXT_MAX,
        "%.4g ms are too few: a reading of drive or encoder may be %.0f ms old (stale_after_ms), expected at least "
        "that",
        v[0], oldest_ms);
    return true;
}

/* following_error_ms cycle */
static bool following_does_not_fit(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    if (v[0] <= MONITOR_WINDOW_MAX * v[1])
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.0f ms are more than %d cycles of %.0f ms are remembered for, expected at most "
             "%.0f",
             v[0], MONITOR_WINDOW_MAX, v[1], MONITOR_WINDOW_MAX * v[1]);
    return true;
}

/* ---- monitors that would see nothing ---- */

#define OVERSPEED_SHARE_MAX 1.3  /* 1.7 times the energy that the brake is counted for */
#define FOLLOWING_SHARE_MAX 0.5  /* a drum that stands while it is asked for more trips */
#define LOAD_MS_ENOUGH 1000      /* for ropes so stiff that nothing bounces */

/* payout takein | value */
static bool past_fastest(const double *v, double share, char text[static YAML_ERROR_TEXT_MAX]) {
    const double fastest_m_s = fmax(v[0], v[1]);
    if (!too_much(v[2], share * fastest_m_s))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.4g is too much, expected at most %.4g = %.4g x the fastest permitted %.4g m/s", v[2],
             share * fastest_m_s, share, fastest_m_s);
    return true;
}

static bool overspeed_sees_nothing(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    return past_fastest(v, OVERSPEED_SHARE_MAX, text);
}

static bool following_sees_nothing(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    return past_fastest(v, FOLLOWING_SHARE_MAX, text);
}

/* Travel that is not seen must end between the operating limit and the ultimate one, on the narrower side.
 * position_min position_max ultimate_min ultimate_max | ... */
static double margin_mm(const double *v) {
    return 1000 * fmin(v[0] - v[2], v[3] - v[1]);
}

static bool past_margin(const double *v, double travel_mm, const char *how, char text[static YAML_ERROR_TEXT_MAX]) {
    const double most_mm = margin_mm(v);
    if (most_mm <= 0 || !too_much(travel_mm, most_mm))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%s lets %.4g mm pass unseen, expected at most %.4g between the operating limits and the ultimate ones",
             how, travel_mm, most_mm);
    return true;
}

/* margin | payout takein base slack */
static bool window_passes_margin(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double fastest_m_s = fmax(v[4], v[5]);
    char how[YAML_ERROR_TEXT_MAX / 2];
    snprintf(how, sizeof how, "%.4g mm + %.4g ms x %.4g m/s", v[6], v[7], fastest_m_s);
    return past_margin(v, v[6] + v[7] * fastest_m_s, how, text);
}

/* margin | travel */
static bool travel_passes_margin(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    return past_margin(v, v[4], "it", text);
}

/* overspeed travel */
static bool falls_past_overspeed(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double most_mm = 1000 * v[0] * v[0] / 2 / GRAVITY_M_S2;
    if (!too_much(v[1], most_mm))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.4g is too much, expected at most %.4g: a load that falls so far is as fast as limits.overspeed_m_s "
             "%.4g",
             v[1], most_mm, v[0]);
    return true;
}

/* overspeed time */
static bool falls_longer_than_overspeed(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double most_ms = 1000 * v[0] / GRAVITY_M_S2;
    if (!too_much(v[1], most_ms))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.4g is too much, expected at most %.4g: a load that falls so long is as fast as limits.overspeed_m_s "
             "%.4g",
             v[1], most_ms, v[0]);
    return true;
}

/* cycle low high rate */
static bool rate_sees_nothing(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double most_n_s = 1000 * (v[2] - v[1]) / v[0];
    if (!too_much(v[3], most_n_s))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.6g is too much, expected at most %.6g: from tension_low_n to tension_high_n within a cycle of %.0f ms",
             v[3], most_n_s, v[0]);
    return true;
}

/* ---- slack and toss ---- */

static double stiffness_n_m(double ea_n, double position_m, double lead_m) {
    return ea_n / fmax(position_m + lead_m, FREE_ROPE_MIN_M);
}

/* Share of gravity by which a hanging load may be slowed or let down without slack: g / (1 + q), q = |sinc(jerk time /
 * bounce period)|; the slowest bounce is that of the rated load on the most rope. Writes the arithmetic. */
static double slackless_m_s2(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double mass_kg = v[0], ea_n = v[1], lead_m = v[2], position_max_m = v[3], jerk_ms = v[4];
    const double period_s = 2 * M_PI * sqrt(mass_kg / stiffness_n_m(ea_n, position_max_m, lead_m));
    const double turns = jerk_ms / 1000 / period_s;
    double q = turns <= 0 ? 1 : turns < 1 ? sin(M_PI * turns) / (M_PI * turns) : 0;
    q = fmax(q, SIDE_LOBE);
    snprintf(
        text, YAML_ERROR_TEXT_MAX,
        "%.4g kg on %.4g m of rope bounce in %.2f s, a jerk of %.0f ms gives q %.3f: at most g / (1 + q) = %.3f m/s2",
        mass_kg, fmax(position_max_m + lead_m, FREE_ROPE_MIN_M), period_s, jerk_ms, q, GRAVITY_M_S2 / (1 + q));
    return GRAVITY_M_S2 / (1 + q);
}

/* mass ea lead position_max load_ms */
static bool load_outlasts_bounce(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double bounce_ms = 2000 * M_PI * sqrt(v[0] / stiffness_n_m(v[1], v[3], v[2]));
    const double most_ms = fmax(LOAD_MS_ENOUGH, bounce_ms);
    if (!too_much(v[4], most_ms))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.4g is too much, expected at most %.4g: the rated load on the most rope bounces in %.4g ms", v[4],
             most_ms, bounce_ms);
    return true;
}

/* mass ea lead position_max jerk deceleration */
static bool stop_makes_slack(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    char why[YAML_ERROR_TEXT_MAX];
    if (!too_much(v[5], slackless_m_s2(v, why)))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX, "%.4g m/s2 lets a rising load fly into slack rope, expected less: %.200s", v[5],
             why);
    return true;
}

/* mass ea lead position_max jerk acceleration */
static bool start_makes_slack(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    char why[YAML_ERROR_TEXT_MAX];
    if (!too_much(v[5], slackless_m_s2(v, why)))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX, "starting down with %.4g m/s2 makes slack, expected less: %.200s", v[5], why);
    return true;
}

/* Peak of a load that comes into the rope with speed v: m g + sqrt((m g)^2 + k m v^2). */
static double catch_peak_n(double mass_kg, double k_n_m, double speed2_m2_s2) {
    const double weight_n = mass_kg * GRAVITY_M_S2;
    return weight_n + sqrt(weight_n * weight_n + k_n_m * mass_kg * speed2_m2_s2);
}

/* mass ea lead position_min rated_dynamic takein */
static bool toss_peaks(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double k_n_m = stiffness_n_m(v[1], v[3], v[2]);
    const double peak_n = catch_peak_n(v[0], k_n_m, v[5] * v[5]);
    if (!too_much(peak_n, v[4]))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "torque off at %.4g m/s upwards tosses %.4g kg by %.3g m, and the rope of %.4g N/m catches it again with "
             "%.0f N, expected at most load.rated_dynamic_tension_n %.4g",
             v[5], v[0], v[5] * v[5] / 2 / GRAVITY_M_S2, k_n_m, peak_n, v[4]);
    return true;
}

#define SEEN_S 0.3 /* a fall is seen within */

/* The speed, squared, with which who falls comes to the rope's own stiffness: that of following, what the slack gives,
 * and what the stroke of a line spring gives more than the spring takes.
 * A runner's drum runs with him: what he gains until the line sees that he fell counts.
 * mass ea lead position_min limit follow_payout slack_max spring stroke runner */
static double catch_speed2(const double *v) {
    const double follow_m_s = isnan(v[9]) ? v[5] : fmin(v[5], GRAVITY_M_S2 * SEEN_S);
    const double spring2 = isnan(v[7]) ? 0 : fmax(0, 2 * GRAVITY_M_S2 * v[8] - v[7] * v[8] * v[8] / v[0]);
    return follow_m_s * follow_m_s + 2 * GRAVITY_M_S2 * v[6] + spring2;
}

static bool catch_trips(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double k_n_m = stiffness_n_m(v[1], v[3], v[2]);
    const double speed2 = catch_speed2(v);
    const double peak_n = catch_peak_n(v[0], k_n_m, speed2);
    if (peak_n < v[4])
        return false;
    snprintf(
        text, YAML_ERROR_TEXT_MAX,
        "a fall of %.4g kg out of %.4g m/s and %.4g m of slack (%.3g m/s) into a rope of %.4g N/m peaks at %.0f N, "
        "expected more than that",
        v[0], isnan(v[9]) ? v[5] : fmin(v[5], GRAVITY_M_S2 * SEEN_S), v[6], sqrt(speed2), k_n_m, peak_n);
    return true;
}

#define BODY_G_MAX 4 /* of the lightest: the light one is stopped hardest */

/* lightest ea lead position_min follow_payout follow_payout slack_max spring stroke */
static bool catch_hurts(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double k_n_m = stiffness_n_m(v[1], v[3], v[2]);
    const double peak_n = catch_peak_n(v[0], k_n_m, catch_speed2(v));
    const double body_g = peak_n / v[0] / GRAVITY_M_S2 - 1;
    if (!too_much(body_g, BODY_G_MAX))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.4g kg fall into a rope of %.4g N/m with %.3g m/s: %.0f N stop them with %.2f g, expected at most %d g",
             v[0], k_n_m, sqrt(catch_speed2(v)), peak_n, body_g, BODY_G_MAX);
    return true;
}

/* How long the tension grows after the rope has tightened: half a bounce of the rope at most, and before that the time
 * through a line spring's stroke, by what of g it leaves; where it carries the person, half a bounce of both.
 * mass k spring stroke */
static double loading_s(double mass_kg, double k_n_m, double spring_n_m, double stroke_m) {
    const double rope_s = M_PI * sqrt(mass_kg / k_n_m);
    if (isnan(spring_n_m))
        return rope_s;
    const double left_m_s2 = GRAVITY_M_S2 - spring_n_m * stroke_m / mass_kg;
    const double both_n_m = 1 / (1 / k_n_m + 1 / spring_n_m);
    const double both_s = M_PI * sqrt(mass_kg / both_n_m);
    return left_m_s2 <= 0 ? both_s : fmin(both_s, rope_s + sqrt(2 * stroke_m / left_m_s2));
}

/* person ea lead position_max reaction stop_time spring stroke */
static bool catch_outlasts_stop_time(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double k_n_m = stiffness_n_m(v[1], v[3], v[2]);
    const double needed_ms = v[4] + 1000 * loading_s(v[0], k_n_m, v[6], v[7]);
    if (!too_much(needed_ms, v[5]))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.4g kg that fall into a rope of %.4g N/m load it for %.0f ms, reaction included, and the drive gives "
             "way until then, expected at least that: the torque would go at the peak",
             v[0], k_n_m, ceil(needed_ms));
    return true;
}

#define SPRING_SHARE_MIN 1.2 /* of the tension held: a spring at its stop softens nothing */

/* tension spring stroke */
static bool spring_ends(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double least_m = SPRING_SHARE_MIN * v[0] / v[1];
    if (!too_much(least_m, v[2]))
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "%.4g m are used up at %.4g N, expected at least %.4g = %.4g x belay.tension_n %.4g / %.4g N/m", v[2],
             v[1] * v[2], least_m, SPRING_SHARE_MIN, v[0], v[1]);
    return true;
}

/* mass tension_max stop_payout */
static bool stop_trips(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double pull_n = v[0] * (GRAVITY_M_S2 + 2 * v[2]);
    if (pull_n < v[1])
        return false;
    snprintf(
        text, YAML_ERROR_TEXT_MAX,
        "a stop of the lowered rated load pulls up to %.4g kg x (9.81 + 2 x %.4g m/s2) = %.0f N, expected more than "
        "that",
        v[0], v[2], pull_n);
    return true;
}

/* ---- room for stops ---- */

/* The stop paths of the clamp (controller/safety/clamp.h), at the speed of recovery: the lowest that is of use.
 * cycle reaction speed speed_max stop catch jerk | position_min position_max ultimate | delay... of the path */
enum room_need { CYCLE, REACTION, SPEED, SPEED_MAX, STOP, CATCH, JERK, POSITION_MIN, POSITION_MAX, ULTIMATE, PATH };

/* What the drum may still be faster than the setpoint: that falls while the reaction time passes. */
static double drum_m_s(const double *v) {
    const double lead_m_s = v[STOP] * v[CYCLE] / 1000 * (floor(v[REACTION] / v[CYCLE]) + 2);
    return fmin(v[SPEED] + lead_m_s, v[SPEED_MAX]);
}

static double ramp_m_s2(const double *v) {
    return isnan(v[CATCH]) ? v[STOP] : fmin(v[STOP], v[CATCH]);
}

static double wait_s(const double *v) {
    return (v[REACTION] + 2 * v[CYCLE]) / 1000;
}

static double ramp_m(const double *v) {
    return drum_m_s(v) * (wait_s(v) + v[JERK] / 2000) + v[SPEED] * v[SPEED] / 2 / ramp_m_s2(v);
}

static bool no_room_for_ramp(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const double range_m = v[POSITION_MAX] - v[POSITION_MIN];
    if (range_m <= 0 || range_m >= ramp_m(v)) /* no range at all is said by itself */
        return false;
    snprintf(text, YAML_ERROR_TEXT_MAX,
             "a ramp from %.4g m/s needs %.3g m and the range has %.3g m: the axis could never move, expected a longer "
             "range",
             v[SPEED], ramp_m(v), range_m);
    return true;
}

/* The path begins where a ramp would just end at the operating limit; it must end before the ultimate one. */
static bool no_room(const double *v, const char *path, double delay_ms, double growth_m_s2, double stop_m_s2,
                    double jerk_ms, char text[static YAML_ERROR_TEXT_MAX]) {
    const double drum = drum_m_s(v), delay_s = delay_ms / 1000, grown = growth_m_s2 * delay_s;
    const double path_m = drum * (wait_s(v) + delay_s) + grown * delay_s / 2 + (drum + grown) * jerk_ms / 2000 +
                          (2 * drum + grown) * grown / 2 / stop_m_s2 + drum * drum / 2 / fmin(stop_m_s2, ramp_m_s2(v));
    const double needed_m = path_m - ramp_m(v);
    const double near_m = v[ULTIMATE] > v[POSITION_MAX] ? v[POSITION_MAX] : v[POSITION_MIN];
    if (fabs(v[ULTIMATE] - near_m) >= needed_m)
        return false;
    snprintf(
        text, YAML_ERROR_TEXT_MAX,
        "%s at %.4g m/s, %.0f ms late, ends after %.3g m, a ramp after %.3g m: expected at least %.3g m between the "
        "operating limit %.4g and the ultimate one",
        path, v[SPEED], delay_ms, path_m, ramp_m(v), needed_m, near_m);
    return true;
}

/* ... comm_loss deceleration */
static bool no_room_for_drive(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    return no_room(v, "the drive's stop after lost communication", v[PATH], 0, v[PATH + 1], v[JERK], text);
}

/* ... sto close deceleration */
static bool no_room_for_brake(const double *v, char text[static YAML_ERROR_TEXT_MAX]) {
    const bool falls = v[ULTIMATE] > v[POSITION_MAX];
    return no_room(v, "torque off and brake", v[PATH] + v[PATH + 1], falls ? GRAVITY_M_S2 : 0, v[PATH + 2], 0, text);
}

/* ---- the rules ---- */

#define ROOM_OUT                                                                                                       \
    "/cycle_ms", "limits.reaction_ms", "modes.recovery.payout_speed_max_m_s", "limits.payout_speed_max_m_s",           \
        "limits.stop_payout_deceleration_m_s2", "?belay.catch_deceleration_m_s2", "rope.jerk_ms",                      \
        "limits.position_min_m", "limits.position_max_m", "ultimate.position_max_m"
#define ROOM_IN                                                                                                        \
    "/cycle_ms", "limits.reaction_ms", "modes.recovery.takein_speed_max_m_s", "limits.takein_speed_max_m_s",           \
        "limits.stop_takein_deceleration_m_s2", "?", "rope.jerk_ms", "limits.position_min_m", "limits.position_max_m", \
        "ultimate.position_min_m"
#define DRIVE_STOP "@drive.comm_loss_ms_max", "drive_stop.deceleration_m_s2"
#define BRAKE_STOP "hardwired.sto_response_ms", "brake.close_ms_max", "brake.deceleration_m_s2"

#define RAMP_FROM "limits.reaction_ms", "rope.jerk_ms", "limits.payout_speed_max_m_s", "limits.takein_speed_max_m_s"
#define RAMP RAMP_FROM, "limits.stop_payout_deceleration_m_s2", "limits.stop_takein_deceleration_m_s2"

#define ROPE "load.rated_mass_kg", "rope.ea_n", "rope.lead_m"

#define MARGIN                                                                                                         \
    "limits.position_min_m", "limits.position_max_m", "ultimate.position_min_m", "ultimate.position_max_m"
#define FASTEST "limits.payout_speed_max_m_s", "limits.takein_speed_max_m_s"

/* A `+` stands for each mode in which a load hangs on the rope. A rule of which a need was not taken is not asked, but
 * for needs behind a `?`: they are NAN then. `@drive.` and `@encoder.` lead to the axis's devices. */
static const struct rule {
    const char *at; /* where the error stands */
    broken *broken;
    bool person_only;
    const char *says; /* for the manual: what holds */
    const char *needs[NEEDS_MAX];
} rules[] = {
    {"hardwired.off_delay_ms",
     ramp_outlasts_off_delay,
     false,
     "is 0, or at least `limits.reaction_ms`, the longest ramp (speed / deceleration), `rope.jerk_ms`, two cycles and "
     "`brake.close_ms_max` together: the chain takes the torque when the brake holds, and not before",
     {RAMP, "hardwired.off_delay_ms", "/cycle_ms", "brake.close_ms_max"}},
    {"limits.stop_time_max_ms",
     ramp_outlasts_stop_time,
     false,
     "is at least `limits.reaction_ms`, the longest ramp and `rope.jerk_ms` together",
     {RAMP, "limits.stop_time_max_ms"}},
    {"limits.stop_time_max_ms",
     catch_outlasts_stop_time,
     true,
     "of a belay line is at least `limits.reaction_ms` and half a bounce of the person on the most rope, "
     "pi sqrt(m / k), and the way through a spring: the drive gives way a little while the tension grows, and stands "
     "at its peak",
     {"belay.person_mass_kg", "rope.ea_n", "rope.lead_m", "limits.position_max_m", "limits.reaction_ms",
      "limits.stop_time_max_ms", "?rope.spring.stiffness_n_m", "?rope.spring.stroke_m"}},
    {"drive_stop.deceleration_m_s2",
     drive_outlasts_stop_time,
     false,
     "ends the drive's own stop within `limits.stop_time_max_ms` too, reaction and jerk included",
     {RAMP_FROM, "drive_stop.deceleration_m_s2", "drive_stop.deceleration_m_s2", "limits.stop_time_max_ms"}},
    {"limits.reaction_ms",
     reaction_too_short,
     false,
     "is at least `cycle_ms`, dead time and lag of the monitors together",
     {"limits.reaction_ms", "/cycle_ms", "monitors.dead_ms", "monitors.lag_ms"}},
    {"monitors.window_ms",
     window_does_not_fit,
     false,
     "and `monitors.dead_ms` fit into 64 cycles",
     {"monitors.window_ms", "/cycle_ms", "monitors.dead_ms"}},
    {"monitors.following_slack_ms",
     age_trips,
     false,
     "is at least `stale_after_ms` of drive and encoder",
     {"monitors.following_slack_ms", "@drive.stale_after_ms", "@encoder.stale_after_ms"}},
    {"monitors.mismatch_slack_ms",
     age_trips,
     false,
     "the same",
     {"monitors.mismatch_slack_ms", "@drive.stale_after_ms", "@encoder.stale_after_ms"}},
    {"limits.following_error_ms",
     following_does_not_fit,
     false,
     "fits into 64 cycles",
     {"limits.following_error_ms", "/cycle_ms"}},
    {"limits.overspeed_m_s",
     overspeed_sees_nothing,
     false,
     "is at most 1.3 times the fastest permitted speed",
     {FASTEST, "limits.overspeed_m_s"}},
    {"limits.following_error_max_m_s",
     following_sees_nothing,
     false,
     "is at most half the fastest permitted speed",
     {FASTEST, "limits.following_error_max_m_s"}},
    {"monitors.following_base_mm",
     window_passes_margin,
     false,
     "and the travel of `monitors.following_slack_ms` at the fastest speed fit between the operating limits and the "
     "ultimate ones",
     {MARGIN, FASTEST, "monitors.following_base_mm", "monitors.following_slack_ms"}},
    {"monitors.mismatch_base_mm",
     window_passes_margin,
     false,
     "the same, with `monitors.mismatch_slack_ms`",
     {MARGIN, FASTEST, "monitors.mismatch_base_mm", "monitors.mismatch_slack_ms"}},
    {"monitors.frozen_mm", travel_passes_margin, false, "fits there", {MARGIN, "monitors.frozen_mm"}},
    {"monitors.unintended_mm",
     falls_past_overspeed,
     false,
     "is at most v2 / 2g, v = `limits.overspeed_m_s`: a load that falls farther is faster",
     {"limits.overspeed_m_s", "monitors.unintended_mm"}},
    {"monitors.moved_mm",
     falls_past_overspeed,
     false,
     "the same",
     {"limits.overspeed_m_s", "monitors.moved_mm"}},
    {"monitors.moved_ms",
     falls_longer_than_overspeed,
     false,
     "is at most v / g, likewise",
     {"limits.overspeed_m_s", "monitors.moved_ms"}},
    {"monitors.tension_rate_n_s",
     rate_sees_nothing,
     false,
     "is at most from `monitors.tension_low_n` to `monitors.tension_high_n` in one cycle",
     {"/cycle_ms", "monitors.tension_low_n", "monitors.tension_high_n", "monitors.tension_rate_n_s"}},
    {"monitors.load_ms",
     load_outlasts_bounce,
     false,
     "is at most one bounce of the rated load on the most rope, or 1000",
     {ROPE, "limits.position_max_m", "monitors.load_ms"}},
    {"limits.stop_takein_deceleration_m_s2",
     stop_makes_slack,
     false,
     "is at most g / (1 + q), q = abs(sinc(`rope.jerk_ms` / bounce period)), with the rated load on the most rope",
     {ROPE, "limits.position_max_m", "rope.jerk_ms", "limits.stop_takein_deceleration_m_s2"}},
    {"modes.+.acceleration_m_s2",
     start_makes_slack,
     false,
     "is at most that too where a load hangs (jog, move, recovery): a start downwards",
     {ROPE, "limits.position_max_m", "rope.jerk_ms", "modes.+.acceleration_m_s2"}},
    {"modes.+.takein_speed_max_m_s",
     toss_peaks,
     true,
     "of a person's line: tossed by v2 / 2g at torque off, the person comes back into the stiffest rope with at most "
     "`load.rated_dynamic_tension_n`: m g + sqrt((m g)2 + k m v2)",
     {ROPE, "limits.position_min_m", "load.rated_dynamic_tension_n", "modes.+.takein_speed_max_m_s"}},
    {"limits.tension_max_n",
     catch_trips,
     true,
     "of a belay line is above the peak of a catch: the same formula with v2 = (speed of following)2 + 2 g "
     "`belay.slack_max_m`, and what a spring's stroke adds; a runner counts with 0.3 s of g",
     {ROPE, "limits.position_min_m", "limits.tension_max_n", "modes.follow.payout_speed_max_m_s", "belay.slack_max_m",
      "?rope.spring.stiffness_n_m", "?rope.spring.stroke_m", "?belay.runner.speed_max_m_s"}},
    {"person.lightest_kg",
     catch_hurts,
     true,
     "of a belay line is stopped by that catch with at most 4 g",
     {"person.lightest_kg", "rope.ea_n", "rope.lead_m", "limits.position_min_m", "modes.follow.payout_speed_max_m_s",
      "modes.follow.payout_speed_max_m_s", "belay.slack_max_m", "?rope.spring.stiffness_n_m", "?rope.spring.stroke_m",
      "?belay.runner.speed_max_m_s"}},
    {"rope.spring.stroke_m",
     spring_ends,
     false,
     "times its stiffness is at least 1.2 times `belay.tension_n`: a spring at its stop softens nothing",
     {"belay.tension_n", "rope.spring.stiffness_n_m", "rope.spring.stroke_m"}},
    {"limits.tension_max_n",
     stop_trips,
     false,
     "is above the pull of the rated load in a stop: m (g + 2 x deceleration)",
     {"load.rated_mass_kg", "limits.tension_max_n", "limits.stop_payout_deceleration_m_s2"}},
    {"limits.position_max_m",
     no_room_for_ramp,
     false,
     "is far enough from `limits.position_min_m` to stop in between",
     {ROOM_OUT}},
    {"limits.position_min_m", no_room_for_ramp, false, "the same, taking in", {ROOM_IN}},
    {"ultimate.position_max_m",
     no_room_for_drive,
     false,
     "is far enough from `limits.position_max_m`: a lost link and the drive's own stop end before it, from the speed "
     "of "
     "recovery and from where a ramp ends at `limits.position_max_m`",
     {ROOM_OUT, DRIVE_STOP}},
    {"ultimate.position_max_m",
     no_room_for_brake,
     false,
     "and so do torque off and brake: the load falls with g until the brake holds",
     {ROOM_OUT, BRAKE_STOP}},
    {"ultimate.position_min_m", no_room_for_drive, false, "the same, taking in", {ROOM_IN, DRIVE_STOP}},
    {"ultimate.position_min_m", no_room_for_brake, false, "the same, taking in: gravity helps", {ROOM_IN, BRAKE_STOP}},
};
#define RULES (int)(sizeof rules / sizeof rules[0])

static const char *const hanging_modes[] = {"jog", "move", "recovery"};
#define HANGING_MODES (int)(sizeof hanging_modes / sizeof hanging_modes[0])

static void for_mode(const char *key, const char *mode, char text[static RIG_PATH_MAX]) {
    const char *const plus = strchr(key, '+');
    const int before = plus == NULL ? (int)strlen(key) : (int)(plus - key);
    snprintf(text, RIG_PATH_MAX, "%.*s%s%s", before, key, plus == NULL ? "" : mode, plus == NULL ? "" : plus + 1);
}

static bool fetch(const struct rig_loader *loader, int axis, const char *need, const char *mode, double *value) {
    char key[RIG_PATH_MAX];
    if (need[0] == '?') {
        if (need[1] == '\0' || !rig_number_of(loader, "axes", axis, need + 1, value))
            *value = NAN;
        return true;
    }
    if (need[0] == '@') {
        const bool drive = strncmp(need, "@drive.", 7) == 0;
        const int device = drive ? loader->rig->axis[axis].drive : loader->rig->axis[axis].encoder;
        return device >= 0 && rig_number_of(loader, "devices", device, strchr(need, '.') + 1, value);
    }
    for_mode(need, mode, key);
    return key[0] == '/' ? yaml_find_number(loader->doc, key + 1, value)
                         : rig_number_of(loader, "axes", axis, key, value);
}

static void ask(const struct rig_loader *loader, int axis, const struct rule *rule, const char *mode) {
    double v[NEEDS_MAX] = {0};
    for (int i = 0; i < NEEDS_MAX && rule->needs[i] != NULL; i++)
        if (!fetch(loader, axis, rule->needs[i], mode, &v[i]))
            return;
    char text[YAML_ERROR_TEXT_MAX];
    char at[RIG_PATH_MAX];
    if (!rule->broken(v, text))
        return;
    for_mode(rule->at, mode, at);
    rig_fail(loader, "axes", axis, at, "%s", text);
}

void rig_check_physics(const struct rig_loader *loader, int axis) {
    for (int i = 0; i < RULES; i++) {
        if (rules[i].person_only && !loader->raw->axes[axis].carries_person)
            continue;
        const int times = strchr(rules[i].at, '+') == NULL ? 1 : HANGING_MODES;
        for (int mode = 0; mode < times; mode++)
            ask(loader, axis, &rules[i], hanging_modes[mode]);
    }
}

void rig_check_physics_print(FILE *out) {
    fputs("| value | what physics asks |\n|---|---|\n", out);
    for (int i = 0; i < RULES; i++)
        fprintf(out, "| `%s` | %s |\n", rules[i].at, rules[i].says);
}
