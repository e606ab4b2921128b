/* Spans, limits and verdicts of a rehearsal. Pure. */
#include "sim/cli/report_parts.h"

#include <assert.h>
#include <math.h>

bool report_span_add(struct report_in *in, enum report_window window, int64_t from_us, int64_t to_us) {
    assert(window >= 0 && window < WINDOW_COUNT && from_us <= to_us);
    struct report_span *last = in->span_count > 0 ? &in->span[in->span_count - 1] : NULL;
    if (window == WINDOW_NONE)
        return true;
    if (last && last->window == window && from_us <= last->to_us) {
        last->to_us = to_us > last->to_us ? to_us : last->to_us;
        return true;
    }
    if (in->span_count == REPORT_SPANS_MAX)
        return false;
    in->span[in->span_count++] = (struct report_span){.window = window, .from_us = from_us, .to_us = to_us};
    return true;
}

/* ---- verdicts ---- */

static enum report_verdict verdict_of(const struct report_line *line, bool judged) {
    if (!judged)
        return VERDICT_REPORTED;
    if (!line->measured || isnan(line->value))
        return VERDICT_MISSING;
    bool inside = (!line->has_min || line->value >= line->min) && (!line->has_max || line->value <= line->max);
    return inside ? VERDICT_OK : VERDICT_EXCEEDED;
}

void report_measure(const struct report_in *in, const struct report_expect *expect, struct report *report) {
    assert(expect->limits_count <= REPORT_LIMITS_MAX);
    *report = (struct report){.ok = true};
    for (int i = 0; i < expect->limits_count; i++) {
        const struct report_limit *limit = &expect->limits[i];
        assert(limit->figure >= 0 && limit->figure < FIGURE_COUNT);
        struct report_line *line = &report->line[report->line_count++];
        *line = (struct report_line){.figure = limit->figure, .has_min = limit->has_min, .has_max = limit->has_max,
                                     .min = limit->min, .max = limit->max};
        line->measured = report_figures[limit->figure].measure(in, line);
        line->verdict = verdict_of(line, limit->judged);
        report->ok = report->ok && (line->verdict == VERDICT_OK || line->verdict == VERDICT_REPORTED);
    }
}

/* ---- names ---- */

const char *const *report_figure_names(void) {
    static const char *names[FIGURE_COUNT + 1];
    for (int i = 0; i < FIGURE_COUNT; i++)
        names[i] = report_figures[i].name;
    return names;
}

const char *const *report_window_names(void) {
    static const char *const names[] = {"none", "climb", "estop", "fall", "lowering", "kill", "rest", NULL};
    static_assert(sizeof names / sizeof names[0] == WINDOW_COUNT + 1, "a name for each window");
    return names;
}

const char *report_figure_title(int figure) {
    assert(figure >= 0 && figure < FIGURE_COUNT);
    return report_figures[figure].title;
}

const char *report_figure_unit(int figure) {
    assert(figure >= 0 && figure < FIGURE_COUNT);
    return report_figures[figure].unit;
}

int report_figure_digits(int figure) {
    assert(figure >= 0 && figure < FIGURE_COUNT);
    return report_figures[figure].digits;
}

const char *report_verdict_name(enum report_verdict verdict) {
    static const char *const names[VERDICT_COUNT] = {"ok", "EXCEEDED", "MISSING", "reported"};
    assert(verdict >= 0 && verdict < VERDICT_COUNT);
    return names[verdict];
}
