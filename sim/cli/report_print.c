/* expect.yaml, and the report as a table for people. */
#include "sim/cli/report.h"

#include <assert.h>
#include <errno.h>

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
    return fields;
}

static void check(const struct report_expect *expect, const struct yaml_doc *doc, struct yaml_errors *errors) {
    for (int i = 0; i < expect->limits_count; i++) {
        const struct report_limit *limit = &expect->limits[i];
        char path[64];
        snprintf(path, sizeof path, "limits[%d].figure", i);
        if (!yaml_find_valid(doc, path))
            continue;
        for (int k = 0; k < i; k++)
            if (expect->limits[k].figure == limit->figure)
                yaml_error_at(errors, doc, path, "%s is listed twice, expected once",
                              report_figure_names()[limit->figure]);
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

static void print_limit(const struct report_line *line, FILE *out) {
    int digits = report_figure_digits(line->figure);
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
    fprintf(out, "%-34s %10s %-6s  %-14s%s\n", "figure", "value", "unit", "limit", "verdict");
    for (int i = 0; i < report->line_count; i++) {
        const struct report_line *line = &report->line[i];
        fprintf(out, "%-34s ", report_figure_title(line->figure));
        if (line->measured)
            fprintf(out, "%10.*f ", report_figure_digits(line->figure), line->value);
        else
            fprintf(out, "%10s ", "-");
        fprintf(out, "%-6s", report_figure_unit(line->figure));
        print_limit(line, out);
        fprintf(out, "%s%s%s%s\n", report_verdict_name(line->verdict), line->note[0] ? "   (" : "", line->note,
                line->note[0] ? ")" : "");
    }
}
