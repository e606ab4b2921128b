/* Figures over a window, and of a quantity, that a limit names. Pure. */
#include "sim/cli/report_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#define GRAVITY_M_S2 9.80665

/* ---- spans and rows ---- */

static size_t first_row_at(const struct report_trace *trace, int64_t t_us) {
    size_t low = 0, high = trace->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (trace->row[middle].t_us < t_us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool report_next_span(const struct report_in *in, const char *window, int *index, struct rows *rows) {
    assert(*index >= 0 && in->span_count <= REPORT_SPANS_MAX);
    for (; *index < in->span_count; (*index)++) {
        const struct report_span *span = &in->span[*index];
        size_t from = first_row_at(&in->trace, span->from_us), to = first_row_at(&in->trace, span->to_us);
        if (strcmp(span->window, window) != 0 || from >= to)
            continue;
        *rows = (struct rows){.row = in->trace.row + from, .count = to - from, .from_us = span->from_us,
                              .to_us = span->to_us};
        if (in->trace.winch)
            rows->winch = in->trace.winch + from * (size_t)in->trace.winch_count;
        (*index)++;
        return true;
    }
    return false;
}

/* ---- quantities ---- */

static double tension_n(const struct report_winch *winch) {
    return (double)winch->tension_n;
}

static double slack_m(const struct report_winch *winch) {
    return (double)winch->slack_m;
}

static double rope_out_mm(const struct report_winch *winch) {
    return 1e3 * winch->rope_out_m;
}

static double rope_speed_m_s(const struct report_winch *winch) {
    return (double)winch->rope_speed_m_s;
}

static double torque_percent(const struct report_winch *winch) {
    return 100 * (double)winch->torque;
}

static double height_mm(const struct report_row *row) {
    return 1e3 * row->height_m;
}

static double load_speed_m_s(const struct report_row *row) {
    return row->person_speed_m_s;
}

static double load_acceleration_g(const struct report_row *row) {
    return row->person_accel_m_s2 / GRAVITY_M_S2;
}

static double tilt_mm(const struct report_row *row) {
    return row->tilt_mm;
}

static double x_mm(const struct report_row *row) {
    return 1e3 * row->x_m;
}

static double y_mm(const struct report_row *row) {
    return 1e3 * row->y_m;
}

static double ground_percent(const struct report_row *row) {
    return row->on_ground ? 100 : 0;
}

const struct report_quantity report_quantities[] = {
    {"tension_n", "tension", "N", 1, true, false, NULL, tension_n, false},
    {"share_percent", "share of the load", "%", 2, true, true, NULL, tension_n, false},
    {"slack_m", "slack", "m", 3, true, false, NULL, slack_m, false},
    {"rope_out_mm", "rope out", "mm", 2, true, false, NULL, rope_out_mm, false},
    {"rope_speed_m_s", "drum speed", "m/s", 3, true, false, NULL, rope_speed_m_s, false},
    {"torque_percent", "torque", "%", 1, true, false, NULL, torque_percent, false},
    {"height_mm", "height", "mm", 1, false, false, height_mm, NULL, false},
    {"load_speed_m_s", "load's speed", "m/s", 3, false, false, load_speed_m_s, NULL, false},
    {"load_acceleration_g", "load's acceleration", "g", 2, false, false, load_acceleration_g, NULL, false},
    {"tilt_mm", "tilt", "mm", 1, false, false, tilt_mm, NULL, false},
    {"x_mm", "place along x", "mm", 1, false, false, x_mm, NULL, true},
    {"y_mm", "place along y", "mm", 1, false, false, y_mm, NULL, true},
    {"ground_percent", "on the ground", "%", 0, false, false, ground_percent, NULL, false},
};
enum { QUANTITY_COUNT = sizeof report_quantities / sizeof report_quantities[0] };

const char *const *report_quantity_names(void) {
    static const char *names[QUANTITY_COUNT + 1];
    for (int i = 0; i < QUANTITY_COUNT; i++)
        names[i] = report_quantities[i].name;
    return names;
}

/* ---- a quantity as a series ---- */

/* Of one winch, of one less another, or of the load. */
struct series {
    const struct report_quantity *of;
    int winch, less; /* -1 = none */
    int winch_count;
    struct rows rows;
};

static struct report_winch winch_at(const struct series *series, size_t row, int winch) {
    if (series->rows.winch)
        return series->rows.winch[row * (size_t)series->winch_count + (size_t)winch];
    const struct report_row *at = &series->rows.row[row]; /* a trace of the first winch alone */
    return (struct report_winch){.rope_out_m = at->rope_out_m, .tension_n = (float)at->tension_n,
                                 .slack_m = (float)at->slack_m, .rope_speed_m_s = (float)at->rope_speed_m_s,
                                 .drive_enabled = at->drive_enabled, .brake_closed = at->brake_closed};
}

static double value_at(const struct series *series, size_t row) {
    const struct report_quantity *of = series->of;
    if (!of->of_winch)
        return of->load(&series->rows.row[row]);
    const struct report_winch one = winch_at(series, row, series->winch);
    if (series->less < 0)
        return of->winch(&one);
    const struct report_winch other = winch_at(series, row, series->less);
    const double a = of->winch(&one), b = of->winch(&other);
    return of->relative ? (a + b != 0 ? 200 * (a - b) / (a + b) : 0) : a - b;
}

static int winch_named(const struct report_in *in, const char *name) {
    for (int i = 0; i < in->trace.winch_count; i++)
        if (strcmp(in->trace.winch_name[i], name) == 0)
            return i;
    return -1;
}

/* The winches that a limit means: `first` to `last`. False, with a note, when it names one that is not there. */
static bool winches_of(const struct report_in *in, struct report_line *line, int *first, int *last) {
    const struct report_limit *limit = line->limit;
    const int count = in->trace.winch_count > 0 ? in->trace.winch_count : 1;
    if (limit->has_of && report_quantities[limit->of].virtual_only && !in->virtual_time) {
        snprintf(line->note, sizeof line->note, "in virtual time only");
        return false;
    }
    *first = 0, *last = limit->has_of && !report_quantities[limit->of].of_winch ? 0 : count - 1;
    if (!limit->has_winch)
        return true;
    *first = *last = winch_named(in, limit->winch);
    if (*first < 0)
        snprintf(line->note, sizeof line->note, "the world has no winch %s", limit->winch);
    return *first >= 0;
}

/* What is done with each span of each winch's series: adds to the line. */
typedef void take_function(const struct series *series, struct report_line *line);

static bool over_window(const struct report_in *in, struct report_line *line, take_function *take) {
    const struct report_limit *limit = line->limit;
    struct series series = {.of = &report_quantities[limit->of], .less = -1, .winch_count = in->trace.winch_count};
    int last;
    if (!winches_of(in, line, &series.winch, &last))
        return false;
    if (limit->has_less && (series.less = winch_named(in, limit->less)) < 0) {
        snprintf(line->note, sizeof line->note, "the world has no winch %s", limit->less);
        return false;
    }
    for (; series.winch <= last; series.winch++)
        for (int i = 0; report_next_span(in, limit->window, &i, &series.rows);)
            take(&series, line);
    return line->measured;
}

static void keep_most(struct report_line *line, double value) {
    line->value = line->measured ? fmax(line->value, value) : value;
    line->measured = true;
}

static void keep_least(struct report_line *line, double value) {
    line->value = line->measured ? fmin(line->value, value) : value;
    line->measured = true;
}

/* ---- figures of a quantity ---- */

static void take_least(const struct series *series, struct report_line *line) {
    for (size_t k = 0; k < series->rows.count; k++)
        keep_least(line, value_at(series, k));
}

static void take_most(const struct series *series, struct report_line *line) {
    for (size_t k = 0; k < series->rows.count; k++)
        keep_most(line, value_at(series, k));
}

static void take_largest(const struct series *series, struct report_line *line) {
    for (size_t k = 0; k < series->rows.count; k++)
        keep_most(line, fabs(value_at(series, k)));
}

bool window_least(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_least);
}

bool window_most(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_most);
}

bool window_largest(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_largest);
}

/* Calls `keep` with each mean over the limit's time that lies within the span. */
static void take_means(const struct series *series, struct report_line *line,
                       void (*keep)(struct report_line *line, double value)) {
    const size_t width = (size_t)(line->limit->over_s * 1e3 + 0.5);
    double sum = 0;
    for (size_t k = 0; k < series->rows.count; k++) {
        sum += value_at(series, k);
        if (k >= width)
            sum -= value_at(series, k - width);
        if (k + 1 >= width)
            keep(line, sum / (double)width);
    }
    snprintf(line->note, sizeof line->note, "mean of %g s", line->limit->over_s);
}

static void take_mean_least(const struct series *series, struct report_line *line) {
    take_means(series, line, keep_least);
}

static void take_mean_most(const struct series *series, struct report_line *line) {
    take_means(series, line, keep_most);
}

bool window_mean_least(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_mean_least);
}

bool window_mean_most(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_mean_most);
}

/* Sum and count over all rows of all spans and winches. */
struct total {
    double sum;
    size_t count;
};

typedef double value_function(const struct series *series, const struct report_limit *limit, size_t row);

static struct total total_of(const struct report_in *in, struct report_line *line, value_function *value) {
    const struct report_limit *limit = line->limit;
    struct series series = {.of = &report_quantities[limit->of], .less = -1, .winch_count = in->trace.winch_count};
    struct total total = {0};
    int last;
    if (!winches_of(in, line, &series.winch, &last) ||
        (limit->has_less && (series.less = winch_named(in, limit->less)) < 0))
        return total;
    for (; series.winch <= last; series.winch++)
        for (int i = 0; report_next_span(in, limit->window, &i, &series.rows); total.count += series.rows.count)
            for (size_t k = 0; k < series.rows.count; k++)
                total.sum += value(&series, limit, k);
    return total;
}

static double plain(const struct series *series, const struct report_limit *limit, size_t row) {
    (void)limit;
    return value_at(series, row);
}

static double within(const struct series *series, const struct report_limit *limit, size_t row) {
    const double value = value_at(series, row);
    return value >= limit->from && value <= limit->to ? 100 : 0;
}

bool window_mean(const struct report_in *in, struct report_line *line) {
    const struct total total = total_of(in, line, plain);
    line->value = total.count > 0 ? total.sum / (double)total.count : 0;
    return line->measured = total.count > 0;
}

bool window_share(const struct report_in *in, struct report_line *line) {
    const struct total total = total_of(in, line, within);
    line->value = total.count > 0 ? total.sum / (double)total.count : 0;
    snprintf(line->note, sizeof line->note, "%g to %g %s", line->limit->from, line->limit->to,
             report_quantities[line->limit->of].unit);
    return line->measured = total.count > 0;
}

static void take_travel(const struct series *series, struct report_line *line) {
    double least = value_at(series, 0), most = least;
    for (size_t k = 0; k < series->rows.count; k++) {
        least = fmin(least, value_at(series, k));
        most = fmax(most, value_at(series, k));
    }
    keep_most(line, most - least);
}

bool window_travel(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_travel);
}

static void take_stray(const struct series *series, struct report_line *line) {
    const double begin = value_at(series, 0);
    for (size_t k = 0; k < series->rows.count; k++)
        keep_most(line, fabs(value_at(series, k) - begin));
}

bool window_stray(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_stray);
}

static void take_drop(const struct series *series, struct report_line *line) {
    const double begin = value_at(series, 0);
    for (size_t k = 0; k < series->rows.count; k++)
        keep_most(line, begin - value_at(series, k));
}

bool window_drop(const struct report_in *in, struct report_line *line) {
    return over_window(in, line, take_drop);
}

/* The last row of each span, take by take: the most less the least, of the winch where that is most. Of one take it
 * says nothing. */
bool window_spread(const struct report_in *in, struct report_line *line) {
    const struct report_limit *limit = line->limit;
    struct series series = {.of = &report_quantities[limit->of], .less = -1, .winch_count = in->trace.winch_count};
    int last;
    if (!winches_of(in, line, &series.winch, &last) ||
        (limit->has_less && (series.less = winch_named(in, limit->less)) < 0))
        return false;
    for (; series.winch <= last; series.winch++) {
        double least = INFINITY, most = -INFINITY;
        int takes = 0;
        for (int i = 0; report_next_span(in, limit->window, &i, &series.rows); takes++) {
            const double end = value_at(&series, series.rows.count - 1);
            least = fmin(least, end);
            most = fmax(most, end);
        }
        if (takes > 1)
            keep_most(line, most - least);
        snprintf(line->note, sizeof line->note, "%d takes", takes);
    }
    return line->measured;
}

/* ---- figures of the window itself ---- */

bool window_times(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    int times = 0;
    for (int i = 0; report_next_span(in, line->limit->window, &i, &rows);)
        times++;
    line->value = times;
    return line->measured = times > 0;
}

bool window_time(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    line->value = 0;
    for (int i = 0; report_next_span(in, line->limit->window, &i, &rows);) {
        line->value += (double)(rows.row[rows.count - 1].t_us - rows.row[0].t_us) / 1e6;
        line->measured = true;
    }
    return line->measured;
}

/* From the begin of a span until the drum stands and goes on standing; the longest. */
bool window_stand(const struct report_in *in, struct report_line *line) {
    struct series series = {.winch_count = in->trace.winch_count};
    int last;
    if (!winches_of(in, line, &series.winch, &last))
        return false;
    for (; series.winch <= last; series.winch++)
        for (int i = 0; report_next_span(in, line->limit->window, &i, &series.rows);) {
            size_t still = series.rows.count; /* last row on which it moved, counted from the end of the span */
            while (still > 0 && fabs(rope_speed_m_s(&(struct report_winch){
                                    .rope_speed_m_s = winch_at(&series, still - 1, series.winch).rope_speed_m_s})) <=
                                    STANDS_M_S)
                still--;
            if (series.rows.count - still < STANDS_ROWS)
                return line->measured = false;
            keep_most(line, (double)(series.rows.row[still].t_us - series.rows.row[0].t_us) / 1e3);
        }
    return line->measured;
}

bool window_energised(const struct report_in *in, struct report_line *line) {
    struct series series = {.winch_count = in->trace.winch_count};
    int last;
    if (!winches_of(in, line, &series.winch, &last))
        return false;
    for (; series.winch <= last; series.winch++)
        for (int i = 0; report_next_span(in, line->limit->window, &i, &series.rows);) {
            double energised_ms = 0;
            for (size_t k = 0; k < series.rows.count; k++) {
                const struct report_winch winch = winch_at(&series, k, series.winch);
                energised_ms += winch.drive_enabled || !winch.brake_closed;
            }
            keep_most(line, energised_ms);
        }
    return line->measured;
}

/* ---- trips ---- */

static bool counts(const struct report_trip *trip, const struct report_limit *limit, const struct rows *rows) {
    return trip->t_us > rows->from_us && trip->t_us <= rows->to_us &&
           (!limit->has_fault || strcmp(trip->fault, limit->fault) == 0);
}

static const struct report_trip *first_trip(const struct report_in *in, const struct report_limit *limit,
                                            const struct rows *rows, int64_t from_us) {
    for (int i = 0; i < in->trip_count && i < REPORT_TRIPS_MAX; i++)
        if (counts(&in->trip[i], limit, rows) && in->trip[i].t_us >= from_us)
            return &in->trip[i];
    return NULL;
}

/* Only a run that hears belayd knows its trips. */
bool window_trips(const struct report_in *in, struct report_line *line) {
    struct rows rows;
    line->value = 0;
    if (in->trip_count > REPORT_TRIPS_MAX)
        return line->measured = false;
    for (int i = 0; report_next_span(in, line->limit->window, &i, &rows);) {
        line->measured = in->virtual_time;
        for (int k = 0; k < in->trip_count; k++) {
            if (counts(&in->trip[k], line->limit, &rows)) {
                line->value++;
                snprintf(line->note, sizeof line->note, "%s", in->trip[k].fault);
            }
        }
    }
    return line->measured;
}

/* From the begin of the span, or from the first row at which the quantity is outside from..to, to the first trip; the
 * longest of all spans. A span without one is missing. */
bool window_trip_ms(const struct report_in *in, struct report_line *line) {
    const struct report_limit *limit = line->limit;
    struct series series = {.less = -1, .winch_count = in->trace.winch_count};
    int last = 0;
    if (limit->has_of)
        series.of = &report_quantities[limit->of];
    if (!winches_of(in, line, &series.winch, &last) ||
        (limit->has_less && (series.less = winch_named(in, limit->less)) < 0))
        return false;
    const int first = series.winch;
    for (int i = 0; report_next_span(in, limit->window, &i, &series.rows);) {
        size_t from = series.rows.count;
        for (series.winch = first; limit->has_of && series.winch <= last; series.winch++)
            for (size_t k = 0; k < from; k++)
                if (within(&series, limit, k) <= 0)
                    from = k;
        if (limit->has_of && from == series.rows.count)
            return line->measured = false;
        const int64_t from_us = limit->has_of ? series.rows.row[from].t_us : series.rows.from_us;
        const struct report_trip *trip = first_trip(in, limit, &series.rows, from_us);
        if (!trip)
            return line->measured = false;
        const double ms = (double)(trip->t_us - from_us) / 1e3;
        keep_most(line, strcmp(line->unit, "ms") == 0 ? ms : ms / in->cycle_ms);
        snprintf(line->note, sizeof line->note, "%s", trip->fault);
    }
    return line->measured;
}
