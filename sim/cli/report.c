/* Spans, limits and verdicts of a rehearsal. Pure. */
#include "sim/cli/report_parts.h"

#include <assert.h>
#include <math.h>
#include <string.h>

bool report_span_add(struct report_in *in, const char *window, int64_t from_us, int64_t to_us) {
    assert(strlen(window) < REPORT_WINDOW_MAX && from_us <= to_us);
    struct report_span *last = in->span_count > 0 ? &in->span[in->span_count - 1] : NULL;
    const bool cut = in->span_cut;
    in->span_cut = false;
    if (last && !cut && strcmp(last->window, window) == 0 && from_us <= last->to_us) {
        last->to_us = to_us > last->to_us ? to_us : last->to_us;
        return true;
    }
    if (in->span_count == REPORT_SPANS_MAX)
        return false;
    struct report_span *span = &in->span[in->span_count++];
    *span = (struct report_span){.from_us = from_us, .to_us = to_us};
    snprintf(span->window, sizeof span->window, "%s", window);
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

/* What is measured, in words and as a key: a figure over a window of its own has its name, the others are put together
 * from what the limit states. */
static void name_line(struct report_line *line) {
    const struct report_figure *figure = &report_figures[line->figure];
    const struct report_limit *limit = line->limit;
    const struct report_quantity *of = limit->has_of ? &report_quantities[limit->of] : NULL;
    assert(figure->unit || of);
    line->unit = figure->unit ? figure->unit : of->unit;
    line->digits = figure->unit ? figure->digits : of->digits;
    if (!limit->has_window) {
        snprintf(line->name, sizeof line->name, "%s", figure->name);
        snprintf(line->title, sizeof line->title, "%s", figure->title);
        return;
    }
    snprintf(line->name, sizeof line->name, "%s.%s%s%s%s%s%s%s%s%s", limit->window, figure->name, of ? "." : "",
             of ? of->name : "", limit->has_winch ? "." : "", limit->winch, limit->has_less ? "-" : "", limit->less,
             limit->has_fault ? "." : "", limit->fault);
    snprintf(line->title, sizeof line->title, "%s: %s%s%s%s%s%s%s%s%s", limit->window, of ? of->title : "",
             of ? ", " : "", figure->title, limit->has_winch ? ", " : "", limit->winch, limit->has_less ? " less " : "",
             limit->less, limit->has_fault ? " " : "", limit->fault);
}

void report_measure(const struct report_in *in, const struct report_expect *expect, struct report *report) {
    assert(expect->limits_count <= REPORT_LIMITS_MAX);
    *report = (struct report){.ok = true};
    for (int i = 0; i < expect->limits_count; i++) {
        const struct report_limit *limit = &expect->limits[i];
        assert(limit->figure >= 0 && limit->figure < FIGURE_COUNT);
        struct report_line *line = &report->line[report->line_count++];
        const struct report_figure *figure = &report_figures[limit->figure];
        *line = (struct report_line){.figure = limit->figure, .has_min = limit->has_min, .has_max = limit->has_max,
                                     .min = limit->min, .max = limit->max, .limit = limit};
        name_line(line);
        const bool unreal = figure->real_time && in->virtual_time;
        line->measured = !unreal && figure->measure(in, line);
        line->verdict = verdict_of(line, limit->judged && !unreal);
        if (unreal)
            snprintf(line->note, sizeof line->note, "not measured in virtual time");
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

const char *report_limit_window(const struct report_limit *limit) {
    assert(limit->figure >= 0 && limit->figure < FIGURE_COUNT);
    return limit->has_window ? limit->window : report_figures[limit->figure].window;
}

const char *report_verdict_name(enum report_verdict verdict) {
    static const char *const names[VERDICT_COUNT] = {"ok", "EXCEEDED", "MISSING", "reported"};
    assert(verdict >= 0 && verdict < VERDICT_COUNT);
    return names[verdict];
}
