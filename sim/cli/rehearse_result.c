/* What comes out of a run: the table, and report.json. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static json_t *rounded(const struct report_line *line, double value) {
    char text[48];
    snprintf(text, sizeof text, "%.*f", line->digits, value);
    json_error_t error;
    return json_loads(text, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, &error);
}

static json_t *figure_json(const struct report_line *line) {
    json_t *out = json_pack("{s:s, s:s, s:s}", "figure", line->name, "unit",
                            line->unit, "verdict", report_verdict_name(line->verdict));
    json_object_set_new(out, "value", line->measured ? rounded(line, line->value) : json_null());
    if (line->has_min)
        json_object_set_new(out, "min", rounded(line, line->min));
    if (line->has_max)
        json_object_set_new(out, "max", rounded(line, line->max));
    if (line->note[0])
        json_object_set_new(out, "note", json_string(line->note));
    return out;
}

static json_t *steps_json(const struct director *director) {
    json_t *steps = json_array();
    for (int i = 0; i < director->note_count; i++) {
        char text[32];
        json_error_t error;
        snprintf(text, sizeof text, "%.3f", director->note[i].duration_s);
        json_t *step = json_pack("{s:s, s:b}", "step", director->note[i].name, "ok", director->note[i].ok);
        json_object_set_new(step, "seconds", json_loads(text, JSON_DECODE_ANY, &error));
        json_array_append_new(steps, step);
    }
    return steps;
}

static bool write_json(struct director *director, const struct report *report) {
    json_t *figures = json_array();
    for (int i = 0; i < report->line_count; i++)
        json_array_append_new(figures, figure_json(&report->line[i]));
    const struct rehearse_options *options = director->options;
    json_t *all = json_pack("{s:s, s:s, s:s, s:I, s:b, s:b, s:o, s:o}", "scenario", director->expect.scenario,
                            "rig_hash", director->rig.hash, "version", BELAY_VERSION, "seed",
                            (json_int_t)options->seed, "ok", report->ok && !director->failed, "paused",
                            director->paused, "figures", figures, "steps", steps_json(director));
    if (options->kill) {
        json_object_set_new(all, "kill", json_string(options->kill));
        json_object_set_new(all, "struck", json_boolean(director->struck));
    }
    if (director->failed)
        json_object_set_new(all, "failure", json_string(director->failure));
    char path[PATH_SIZE];
    places_join(path, director->files_dir, "report.json");
    bool written = json_dump_file(all, path, JSON_INDENT(1)) == 0;
    if (!written)
        director_fail(director, "%s could not be written", path);
    json_decref(all);
    return written;
}

struct report_rope result_rope(const struct director *director) {
    const struct rig_belay *belay = &director->rig.axis[0].belay;
    if (!belay->present)
        return (struct report_rope){0};
    return (struct report_rope){.ea_n = belay->rope_ea_n, .lead_m = belay->rope_lead_m,
                                .mass_kg = belay->person_mass_kg, .band_min_n = belay->band_min_n,
                                .band_max_n = belay->band_max_n};
}

bool result_report(struct director *director) {
    static struct report report;
    char error[160] = "";
    director->in.rope = result_rope(director);
    if (!director->in.virtual_time &&
        report_trace_load(director->truth_path, &director->in.trace, error, sizeof error) != 0)
        director_fail(director, "the simulator's truth cannot be read: %s: %s", director->truth_path, error);
    report_measure(&director->in, &director->expect, &report);
    printf("\n");
    report_print(&report, stdout);
    printf("\nSeed %llu. Measured on the simulator's truth, one row a millisecond.\n",
           (unsigned long long)director->options->seed);
    write_json(director, &report);
    report_trace_free(&director->in.trace);
    return report.ok;
}
