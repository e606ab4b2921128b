/* expect.yaml, and the report as a table for people. */
#include "sim/cli/report_parts.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "controller/base/yaml_fields.h"

const struct yaml_field *report_expect_fields(void) {
#define OWNER report_limit
    static struct yaml_field limit_fields[] = {
        FIELD_ENUM(figure, NULL, "what is measured"),
        OPTIONAL_DOUBLE(min, has_min, -1e9, 1e9, "least permitted, in the figure's unit"),
        OPTIONAL_DOUBLE(max, has_max, -1e9, 1e9,
                        "most permitted; of a fall's distance the fixed part: fall_distance_m adds slack + 2 m g/k, "
                        "fall_slack_distance_m adds what a drum that holds gives by energy, for much slack"),
        FIELD_BOOL(judged, "true: exceeding it fails the run; false: shown only"),
        OPTIONAL_NAME(window, has_window, "over the steps of this window"),
        OPTIONAL_ENUM(of, has_of, NULL, "of this quantity"),
        OPTIONAL_NAME(winch, has_winch, "of this winch of the world file; else of all, the worst of them"),
        OPTIONAL_NAME(less, has_less, "less that of this winch"),
        OPTIONAL_DOUBLE(from, has_from, -1e9, 1e9, "least of the range, in the quantity's unit"),
        OPTIONAL_DOUBLE(to, has_to, -1e9, 1e9, "most of the range, in the quantity's unit"),
        OPTIONAL_DOUBLE(over_s, has_over, 0.001, 60, "mean over so long, s"),
        OPTIONAL_NAME(fault, has_fault, "trips by this fault only"),
        FIELD_END};
#undef OWNER
#define OWNER report_expect
    static const struct yaml_field fields[] = {
        FIELD_INT(format, 1, 1, "version of this file's form"),
        FIELD_NAME(scenario, "name of the scenario that these limits belong to"),
        FIELD_LIST(limits, 1, REPORT_LIMITS_MAX, limit_fields, "figures in the order of the report"),
        FIELD_END};
#undef OWNER
    limit_fields[0].names = report_figure_names();
    for (struct yaml_field *field = limit_fields; field->key; field++)
        if (field->offset == offsetof(struct report_limit, of))
            field->names = report_quantity_names();
    return fields;
}

static const struct {
    unsigned bit;
    const char *key;
    size_t flag;
} keys[] = {
    {LIMIT_WINDOW, "window", offsetof(struct report_limit, has_window)},
    {LIMIT_OF, "of", offsetof(struct report_limit, has_of)},
    {LIMIT_WINCH, "winch", offsetof(struct report_limit, has_winch)},
    {LIMIT_LESS, "less", offsetof(struct report_limit, has_less)},
    {LIMIT_FROM, "from", offsetof(struct report_limit, has_from)},
    {LIMIT_TO, "to", offsetof(struct report_limit, has_to)},
    {LIMIT_OVER, "over_s", offsetof(struct report_limit, has_over)},
    {LIMIT_FAULT, "fault", offsetof(struct report_limit, has_fault)},
};

/* Which keys go with which figure, and with each other. */
static void check_keys(const struct report_limit *limit, const char *path, const struct yaml_doc *doc,
                       struct yaml_errors *errors) {
    const struct report_figure *figure = &report_figures[limit->figure];
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        const bool there = *(const bool *)((const char *)limit + keys[i].flag);
        if ((figure->needs & keys[i].bit) && !there)
            yaml_error_at(errors, doc, path, "%s without %s, expected that key too", figure->name, keys[i].key);
        if (there && !((figure->needs | figure->may) & keys[i].bit))
            yaml_error_at(errors, doc, path, "%s takes no %s, expected that key to be left out", figure->name,
                          keys[i].key);
    }
    const struct report_quantity *of = limit->has_of ? &report_quantities[limit->of] : NULL;
    if (of && !of->of_winch && (limit->has_winch || limit->has_less))
        yaml_error_at(errors, doc, path, "%s is of the load, expected no winch and no less", of->name);
    if (limit->has_less && !limit->has_winch)
        yaml_error_at(errors, doc, path, "less without winch, expected the winch whose value it is less");
    if (of && of->relative && !limit->has_less)
        yaml_error_at(errors, doc, path, "%s is of two winches, expected winch and less", of->name);
    if (limit->has_from && limit->has_to && limit->to < limit->from)
        yaml_error_at(errors, doc, path, "to is below from, expected at least as much");
    if (limit->has_of && limit->has_from != limit->has_to)
        yaml_error_at(errors, doc, path, "one of from and to alone, expected both");
    if (!(figure->needs & LIMIT_OF) && limit->has_of != limit->has_from)
        yaml_error_at(errors, doc, path, "%s of a quantity, expected of, from and to together", figure->name);
}

/* Do both ask for the same? */
static bool same(const struct report_limit *a, const struct report_limit *b) {
    return a->figure == b->figure && strcmp(a->window, b->window) == 0 && a->has_of == b->has_of && a->of == b->of &&
           strcmp(a->winch, b->winch) == 0 && strcmp(a->less, b->less) == 0 && strcmp(a->fault, b->fault) == 0 &&
           memcmp(&a->from, &b->from, sizeof a->from) == 0 && memcmp(&a->to, &b->to, sizeof a->to) == 0 &&
           memcmp(&a->over_s, &b->over_s, sizeof a->over_s) == 0;
}

static void check(const struct report_expect *expect, const struct yaml_doc *doc, struct yaml_errors *errors) {
    for (int i = 0; i < expect->limits_count; i++) {
        const struct report_limit *limit = &expect->limits[i];
        char path[64];
        snprintf(path, sizeof path, "limits[%d].figure", i);
        if (!yaml_find_valid(doc, path))
            continue;
        for (int k = 0; k < i; k++)
            if (same(&expect->limits[k], limit))
                yaml_error_at(errors, doc, path, "%s is listed twice, expected once",
                              report_figure_names()[limit->figure]);
        check_keys(limit, path, doc, errors);
        if (limit->judged && !limit->has_min && !limit->has_max)
            yaml_error_at(errors, doc, path, "judged without a limit, expected min or max, or judged: false");
    }
}

int report_expect_load(const char *path, struct report_expect *expect, struct yaml_errors *errors) {
    assert(path && expect && errors);
    const int errors_before = errors->count + errors->dropped;
    struct yaml_doc *doc = NULL;
    *expect = (struct report_expect){0};
    int status = yaml_load(path, report_expect_fields(), expect, &doc, errors);
    if (doc != NULL)
        check(expect, doc, errors);
    yaml_doc_free(doc);
    return errors->count + errors->dropped > errors_before && status == 0 ? -EINVAL : status;
}

#define TITLE_WIDTH 34 /* at least */

static void print_limit(const struct report_line *line, FILE *out) {
    int digits = line->digits;
    char text[48] = "";
    if (line->has_min && line->has_max)
        snprintf(text, sizeof text, "%.*f .. %.*f", digits, line->min, digits, line->max);
    else if (line->has_max)
        snprintf(text, sizeof text, "<= %.*f", digits, line->max);
    else if (line->has_min)
        snprintf(text, sizeof text, ">= %.*f", digits, line->min);
    fprintf(out, "  %-14s", text);
}

void report_print(const struct report *report, FILE *out) {
    assert(report->line_count <= REPORT_LIMITS_MAX);
    int width = TITLE_WIDTH;
    for (int i = 0; i < report->line_count; i++)
        width = (int)strlen(report->line[i].title) > width ? (int)strlen(report->line[i].title) : width;
    fprintf(out, "%-*s %10s %-6s  %-14s%s\n", width, "figure", "value", "unit", "limit", "verdict");
    for (int i = 0; i < report->line_count; i++) {
        const struct report_line *line = &report->line[i];
        fprintf(out, "%-*s ", width, line->title);
        if (line->measured)
            fprintf(out, "%10.*f ", line->digits, line->value);
        else
            fprintf(out, "%10s ", "-");
        fprintf(out, "%-6s", line->unit);
        print_limit(line, out);
        fprintf(out, "%s%s%s%s\n", report_verdict_name(line->verdict), line->note[0] ? "   (" : "", line->note,
                line->note[0] ? ")" : "");
    }
}
