/* The figures of a rehearsal, each measured on the truth trace. Pure. */
#include "sim/cli/report_parts.h"

#include <assert.h>
#include <math.h>

#define GRAVITY_M_S2 9.80665
#define MEAN_ROWS 20             /* acceleration is taken as the mean of 20 ms: a body is no stiffer than that */
#define FALLING_M_S 0.3          /* faster downwards than this the person falls */

/* ---- climbing and what all share ---- */

/* Keeps the larger of what is in the line and `value`. */
static void worst(struct report_line *line, double value) {
    line->value = line->measured ? fmax(line->value, value) : value;
    line->measured = true;
}

static bool climb_time(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    double total_s = 0;
    for (int i = 0; report_next_span(in, WINDOW_CLIMB, &i, &rows);)
        total_s += (double)(rows.row[rows.count - 1].t_us - rows.row[0].t_us) / 1e6;
    line->value = total_s;
    return line->measured = total_s > 0;
}

static bool climb_tension_least(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_CLIMB, &i, &rows);)
        for (size_t k = 0; k < rows.count; k++)
            worst(line, -rows.row[k].tension_n);
    line->value = line->measured ? fabs(line->value) : 0;
    return line->measured;
}

static bool climb_tension_most(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_CLIMB, &i, &rows);)
        for (size_t k = 0; k < rows.count; k++)
            worst(line, rows.row[k].tension_n);
    return line->measured;
}

static bool climb_band_share(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    size_t inside = 0, total = 0;
    for (int i = 0; report_next_span(in, WINDOW_CLIMB, &i, &rows);) {
        for (size_t k = 0; k < rows.count; k++)
            inside += rows.row[k].tension_n >= in->rope.band_min_n && rows.row[k].tension_n <= in->rope.band_max_n;
        total += rows.count;
    }
    line->value = total > 0 ? 100.0 * (double)inside / (double)total : 0;
    return line->measured = total > 0;
}

static bool climb_slack(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_CLIMB, &i, &rows);)
        for (size_t k = 0; k < rows.count; k++)
            worst(line, rows.row[k].slack_m);
    return line->measured;
}

/* ---- stopping ---- */

/* First row from `from` on where the drum has come to stand and stays so; rows.count when it never does. */
static size_t stands_from(const struct rows *rows, size_t from) {
    size_t first = from;
    for (size_t k = from; k < rows->count; k++) {
        if (fabs(rows->row[k].rope_speed_m_s) > STANDS_M_S)
            first = k + 1;
        else if (k - first + 1 >= STANDS_ROWS)
            return first;
    }
    return rows->count;
}

static double travel_m(const struct rows *rows, size_t from) {
    double least_m = rows->row[from].rope_out_m, most_m = least_m;
    for (size_t k = from; k < rows->count; k++) {
        least_m = fmin(least_m, rows->row[k].rope_out_m);
        most_m = fmax(most_m, rows->row[k].rope_out_m);
    }
    return most_m - least_m;
}

static bool find_press(const struct report_in *in, struct rows *rows, size_t *press) {
    int i = 0;
    if (!report_next_span(in, WINDOW_ESTOP, &i, rows))
        return false;
    for (*press = 0; *press < rows->count; (*press)++)
        if (rows->row[*press].estop_pressed)
            return true;
    return false;
}

static bool estop_reaction(const struct report_in *in, struct report_line *line) {
    line->value = in->facts.estop_reaction_cycles;
    return line->measured = in->facts.estop_latched_us > 0 && in->facts.estop_reaction_cycles >= 0;
}

static bool estop_word(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    size_t press;
    if (!find_press(in, &rows, &press) || in->facts.estop_latched_us <= 0)
        return false;
    line->value = (double)(in->facts.estop_latched_us - rows.row[press].t_us) / 1e3;
    return line->measured = true;
}

static bool estop_stand(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    size_t press;
    if (!find_press(in, &rows, &press))
        return false;
    size_t stands = stands_from(&rows, press);
    if (stands == rows.count)
        return false;
    line->value = (double)(rows.row[stands].t_us - rows.row[press].t_us) / 1e3;
    return line->measured = true;
}

static bool estop_travel(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    size_t press;
    if (!find_press(in, &rows, &press))
        return false;
    line->value = travel_m(&rows, press);
    return line->measured = true;
}

static bool estop_speed(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    size_t press;
    if (!find_press(in, &rows, &press))
        return false;
    line->value = fabs(rows.row[press].rope_speed_m_s);
    return line->measured = true;
}

static bool estop_brake(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    size_t press;
    if (!find_press(in, &rows, &press))
        return false;
    for (size_t k = press; k < rows.count; k++) {
        if (!rows.row[k].brake_closed)
            continue;
        line->value = (double)(rows.row[k].t_us - rows.row[press].t_us) / 1e3;
        return line->measured = true;
    }
    return false;
}

static bool kill_stand(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_KILL, &i, &rows);) {
        size_t stands = stands_from(&rows, 0);
        if (stands == rows.count)
            return line->measured = false;
        worst(line, (double)(rows.row[stands].t_us - rows.row[0].t_us) / 1e3);
    }
    return line->measured;
}

static bool kill_travel(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_KILL, &i, &rows);)
        worst(line, travel_m(&rows, 0));
    return line->measured;
}

static bool kill_speed(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_KILL, &i, &rows);)
        worst(line, fabs(rows.row[0].rope_speed_m_s));
    return line->measured;
}

static bool rest_travel(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_REST, &i, &rows);)
        worst(line, travel_m(&rows, 0));
    return line->measured;
}

/* Drive with torque, or brake open, while nothing may move. */
static bool rest_energised(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_REST, &i, &rows);) {
        double energised_ms = 0;
        for (size_t k = 0; k < rows.count; k++)
            energised_ms += rows.row[k].drive_enabled || !rows.row[k].brake_closed;
        worst(line, energised_ms);
    }
    return line->measured;
}

/* ---- falling ---- */

struct fall {
    size_t let_go, low; /* rows: hands off; first lowest point */
    double distance_m;  /* highest to lowest after the hands were off */
    double stiffness_n_m;
};

static double highest_m(const struct rows *rows, size_t from, size_t to) {
    double height_m = rows->row[from].height_m;
    for (size_t k = from; k < to; k++)
        height_m = fmax(height_m, rows->row[k].height_m);
    return height_m;
}

static bool find_fall(const struct report_in *in, const struct rows *rows, struct fall *fall) {
    size_t k = 0;
    if (in->rope.ea_n <= 0)
        return false; /* a rig that catches nobody */
    while (k < rows->count && !rows->row[k].falling)
        k++;
    fall->let_go = k;
    while (k < rows->count && rows->row[k].person_speed_m_s > -FALLING_M_S)
        k++;
    while (k < rows->count && rows->row[k].person_speed_m_s < 0)
        k++;
    if (k == rows->count)
        return false;
    fall->low = k;
    fall->distance_m = highest_m(rows, fall->let_go, k) - rows->row[k].height_m;
    double free_m = rows->row[fall->let_go].rope_out_m + in->rope.lead_m;
    assert(in->rope.ea_n > 0 && free_m > 0);
    fall->stiffness_n_m = in->rope.ea_n / free_m;
    return true;
}

static bool fall_detected(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    int i = 0;
    if (!report_next_span(in, WINDOW_FALL, &i, &rows) || in->facts.fall_latched_us <= 0)
        return false;
    for (size_t k = 0; k < rows.count; k++) {
        if (!rows.row[k].falling)
            continue;
        line->value = (double)(in->facts.fall_latched_us - rows.row[k].t_us) / 1e6;
        return line->measured = true;
    }
    return false;
}

/* How far a mass sinks from where it let go, over a drum that holds: slack, then the sag, then the swing through
 * it. For no slack it is 2 m g / k. */
static double held_fall_m(double slack_m, double sag_m) {
    return slack_m + sag_m * (1 + sqrt(1 + 2 * slack_m / sag_m));
}

/* The limit of a fall depends on where it began; of several falls the one nearest to its limit is shown. */
static bool fall_length(const struct report_in *in, struct report_line *line, bool slack_counts) {
    struct rows rows;
    double margin_m = HUGE_VAL, fixed_m = line->max;
    for (int i = 0; report_next_span(in, WINDOW_FALL, &i, &rows);) {
        struct fall fall;
        if (!find_fall(in, &rows, &fall))
            return line->measured = false;
        double slack_m = rows.row[fall.let_go].slack_m, sag_m = in->rope.mass_kg * GRAVITY_M_S2 / fall.stiffness_n_m;
        double rope_m = slack_counts ? held_fall_m(slack_m, sag_m) : slack_m + 2 * sag_m;
        double limit_m = fixed_m + rope_m;
        if (limit_m - fall.distance_m >= margin_m)
            continue;
        margin_m = limit_m - fall.distance_m;
        line->value = fall.distance_m;
        line->max = limit_m;
        snprintf(line->note, sizeof line->note, "%.1f + %s %.2f, slack %.2f, k %.0f N/m", fixed_m,
                 slack_counts ? "held drum" : "slack + 2 m g/k", rope_m, slack_m, fall.stiffness_n_m);
        line->measured = true;
    }
    return line->measured;
}

static bool fall_distance(const struct report_in *in, struct report_line *line) {
    return fall_length(in, line, false);
}

static bool fall_slack_distance(const struct report_in *in, struct report_line *line) {
    return fall_length(in, line, true);
}

static bool fall_tension(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_FALL, &i, &rows);)
        for (size_t k = 0; k < rows.count; k++)
            worst(line, rows.row[k].tension_n / 1e3);
    return line->measured;
}

static bool fall_deceleration(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_FALL, &i, &rows);) {
        struct fall fall;
        if (!find_fall(in, &rows, &fall))
            return line->measured = false;
        double sum_m_s2 = 0;
        for (size_t k = fall.let_go; k < rows.count; k++) {
            sum_m_s2 += rows.row[k].person_accel_m_s2;
            if (k < fall.let_go + MEAN_ROWS)
                continue;
            sum_m_s2 -= rows.row[k - MEAN_ROWS].person_accel_m_s2;
            worst(line, sum_m_s2 / MEAN_ROWS / GRAVITY_M_S2);
        }
    }
    snprintf(line->note, sizeof line->note, "mean of %d ms", MEAN_ROWS);
    return line->measured;
}

static bool fall_ground(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_FALL, &i, &rows);) {
        double on_ground_ms = 0;
        for (size_t k = 0; k < rows.count; k++)
            on_ground_ms += rows.row[k].on_ground;
        worst(line, on_ground_ms);
    }
    return line->measured;
}

static bool hang_time(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_FALL, &i, &rows);) {
        struct fall fall;
        if (!find_fall(in, &rows, &fall))
            return line->measured = false;
        worst(line, (double)(rows.row[rows.count - 1].t_us - rows.row[fall.low].t_us) / 1e6);
    }
    return line->measured;
}

static bool hang_sag(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_FALL, &i, &rows);) {
        struct fall fall;
        if (!find_fall(in, &rows, &fall))
            return line->measured = false;
        for (size_t k = fall.low; k < rows.count; k++)
            worst(line, 1e3 * (rows.row[fall.low].height_m - rows.row[k].height_m));
    }
    return line->measured;
}

static bool hang_payout(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_FALL, &i, &rows);) {
        struct fall fall;
        if (!find_fall(in, &rows, &fall))
            return line->measured = false;
        for (size_t k = fall.low; k < rows.count; k++)
            worst(line, 1e3 * (rows.row[k].rope_out_m - rows.row[fall.low].rope_out_m));
    }
    return line->measured;
}

/* ---- lowering and the controller itself ---- */

static bool lowering_speed(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_LOWERING, &i, &rows);)
        for (size_t k = 0; k < rows.count; k++)
            worst(line, rows.row[k].rope_speed_m_s);
    return line->measured;
}

static bool lowering_height(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    for (int i = 0; report_next_span(in, WINDOW_LOWERING, &i, &rows);)
        worst(line, rows.row[0].height_m - rows.row[rows.count - 1].height_m);
    return line->measured;
}

static bool cycle_overruns(const struct report_in *in, struct report_line *line) {
    line->value = (double)in->facts.overruns;
    return line->measured = in->facts.overruns >= 0;
}

static bool cycle_late(const struct report_in *in, struct report_line *line) {
    line->value = (double)in->facts.late_us_max / 1e3;
    return line->measured = in->facts.overruns >= 0;
}

static bool telemetry_age(const struct report_in *in, struct report_line *line) {
    line->value = (double)in->facts.telemetry_us_max / 1e3;
    return line->measured = in->facts.overruns >= 0;
}

static bool telemetry_gap(const struct report_in *in, struct report_line *line) {
    line->value = (double)in->facts.telemetry_gap_us_max / 1e3;
    return line->measured = in->facts.overruns >= 0;
}

static bool renewal_gap(const struct report_in *in, struct report_line *line) {
    line->value = (double)in->facts.renewal_us_max / 1e3;
    return line->measured = in->facts.renewal_us_max > 0;
}

static bool machine_pause(const struct report_in *in, struct report_line *line) {
    line->value = (double)in->facts.machine_us_max / 1e3;
    return line->measured = in->facts.machine_us_max >= 0;
}

#define ON (LIMIT_WINDOW | LIMIT_OF)
#define OF (LIMIT_WINCH | LIMIT_LESS)

const struct report_figure report_figures[] = {
    {"climb_time_s", "climb: followed for", "s", 1, climb_time, WINDOW_CLIMB, false, 0, 0},
    {"climb_tension_n_min", "climb: tension, least", "N", 0, climb_tension_least, WINDOW_CLIMB, false, 0, 0},
    {"climb_tension_n_max", "climb: tension, most", "N", 0, climb_tension_most, WINDOW_CLIMB, false, 0, 0},
    {"climb_band_share", "climb: time in the band", "%", 2, climb_band_share, WINDOW_CLIMB, false, 0, 0},
    {"climb_slack_m", "climb: slack, most", "m", 3, climb_slack, WINDOW_CLIMB, false, 0, 0},
    {"estop_reaction_cycles", "E-stop: read to stop word", "cycles", 0, estop_reaction, WINDOW_ESTOP, false, 0, 0},
    {"estop_word_ms", "E-stop: press to stop word", "ms", 1, estop_word, WINDOW_ESTOP, false, 0, 0},
    {"estop_speed_m_s", "E-stop: speed when pressed", "m/s", 2, estop_speed, WINDOW_ESTOP, false, 0, 0},
    {"estop_stand_ms", "E-stop: press to standstill", "ms", 0, estop_stand, WINDOW_ESTOP, false, 0, 0},
    {"estop_brake_ms", "E-stop: press to brake closed", "ms", 0, estop_brake, WINDOW_ESTOP, false, 0, 0},
    {"estop_travel_m", "E-stop: drum travel", "m", 3, estop_travel, WINDOW_ESTOP, false, 0, 0},
    {"fall_detected_s", "fall: let go to latched", "s", 3, fall_detected, WINDOW_FALL, false, 0, 0},
    {"fall_distance_m", "fall: distance", "m", 2, fall_distance, WINDOW_FALL, false, 0, 0},
    {"fall_slack_distance_m", "fall: distance", "m", 2, fall_slack_distance, WINDOW_FALL, false, 0, 0},
    {"fall_tension_kn", "fall: peak tension", "kN", 2, fall_tension, WINDOW_FALL, false, 0, 0},
    {"fall_deceleration_g", "fall: peak deceleration", "g", 2, fall_deceleration, WINDOW_FALL, false, 0, 0},
    {"fall_ground_ms", "fall: time on the ground", "ms", 0, fall_ground, WINDOW_FALL, false, 0, 0},
    {"hang_time_s", "hanging: watched for", "s", 1, hang_time, WINDOW_FALL, false, 0, 0},
    {"hang_sag_mm", "hanging: below the lowest point", "mm", 1, hang_sag, WINDOW_FALL, false, 0, 0},
    {"hang_payout_mm", "hanging: rope paid out", "mm", 1, hang_payout, WINDOW_FALL, false, 0, 0},
    {"lowering_speed_m_s", "lowering: speed, most", "m/s", 3, lowering_speed, WINDOW_LOWERING, false, 0, 0},
    {"lowering_height_m", "lowering: height", "m", 2, lowering_height, WINDOW_LOWERING, false, 0, 0},
    {"kill_speed_m_s", "kill: speed at that instant", "m/s", 2, kill_speed, WINDOW_KILL, false, 0, 0},
    {"kill_stand_ms", "kill: to standstill", "ms", 0, kill_stand, WINDOW_KILL, false, 0, 0},
    {"kill_travel_m", "kill: drum travel", "m", 3, kill_travel, WINDOW_KILL, false, 0, 0},
    {"rest_travel_m", "afterwards: drum travel", "m", 3, rest_travel, WINDOW_REST, false, 0, 0},
    {"rest_energised_ms", "afterwards: torque or open brake", "ms", 0, rest_energised, WINDOW_REST, false, 0, 0},
    {"cycle_overruns", "controller: late cycles", "cycles", 0, cycle_overruns, NULL, true, 0, 0},
    {"cycle_late_ms", "controller: latest start", "ms", 2, cycle_late, NULL, true, 0, 0},
    {"machine_pause_ms", "this computer: longest pause", "ms", 1, machine_pause, NULL, true, 0, 0},
    {"telemetry_age_ms", "telemetry: oldest on arrival", "ms", 1, telemetry_age, NULL, true, 0, 0},
    {"telemetry_gap_ms", "telemetry: longest silence", "ms", 1, telemetry_gap, NULL, true, 0, 0},
    {"renewal_ms", "operator: longest between renewals", "ms", 1, renewal_gap, NULL, true, 0, 0},
    /* Over a window and of a quantity that the limit names; a unit of NULL is the quantity's. */
    {"least", "least", NULL, 0, window_least, NULL, false, ON, OF},
    {"most", "most", NULL, 0, window_most, NULL, false, ON, OF},
    {"largest", "largest, either way", NULL, 0, window_largest, NULL, false, ON, OF},
    {"mean", "mean", NULL, 0, window_mean, NULL, false, ON, OF},
    {"mean_least", "least mean", NULL, 0, window_mean_least, NULL, false, ON | LIMIT_OVER, OF},
    {"mean_most", "most mean", NULL, 0, window_mean_most, NULL, false, ON | LIMIT_OVER, OF},
    {"share", "time within", "%", 2, window_share, NULL, false, ON | LIMIT_FROM | LIMIT_TO, OF},
    {"travel", "most less least", NULL, 0, window_travel, NULL, false, ON, OF},
    {"stray", "off its begin", NULL, 0, window_stray, NULL, false, ON, OF},
    {"drop", "below its begin", NULL, 0, window_drop, NULL, false, ON, OF},
    {"spread", "ends apart", NULL, 0, window_spread, NULL, false, ON, OF},
    {"times", "how often", "", 0, window_times, NULL, false, LIMIT_WINDOW, 0},
    {"time_s", "watched for", "s", 1, window_time, NULL, false, LIMIT_WINDOW, 0},
    {"stand_ms", "to standstill", "ms", 0, window_stand, NULL, false, LIMIT_WINDOW, LIMIT_WINCH},
    {"energised_ms", "torque or open brake", "ms", 0, window_energised, NULL, false, LIMIT_WINDOW, LIMIT_WINCH},
    {"trips", "trips", "", 0, window_trips, NULL, false, LIMIT_WINDOW, LIMIT_FAULT},
    {"trip_ms", "to the trip", "ms", 0, window_trip_ms, NULL, false, LIMIT_WINDOW,
     LIMIT_FAULT | LIMIT_OF | LIMIT_FROM | LIMIT_TO | OF},
    {"trip_cycles", "to the trip", "cycles", 1, window_trip_ms, NULL, false, LIMIT_WINDOW,
     LIMIT_FAULT | LIMIT_OF | LIMIT_FROM | LIMIT_TO | OF},
};
static_assert(sizeof report_figures / sizeof report_figures[0] == FIGURE_COUNT, "FIGURE_COUNT counts them");
