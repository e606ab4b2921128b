/* The campaign "always": a scenario in virtual time, struck by one fault at a random instant. Whatever it is, nobody is
 * dropped, and afterwards no winch moves that nobody commands. The limits are in the scenario's expect-always.yaml. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/harness/harness.h"

#define STOP_S 5.0     /* from the strike on: whatever has to stop has stopped */
#define SEES_S 0.5     /* until the operator lets go of a machine that goes on */
#define NOTICES_S 0.3  /* until the climber holds on */
#define SETTLE_S 3.0   /* after letting go */
#define REST_S 5.0
#define FALL_S 8.0
#define LATE_MS_MAX 200
#define AWAY_S_MIN 0.02 /* of a link or of belayd */
#define AWAY_S_MAX 3.0
#define WHOLE_SEED 1 /* of the script without a fault, whose length the instants are shares of */
#define ROWS_MAX (8 + SIM_DEFECT_COUNT)

struct strike {
    struct director *director;
    const struct always_row *row;
    int what; /* a defect, a unit or a link; with */
    int winch;
    int64_t back_us; /* when it comes back; 0 = never */
};

struct always_row {
    char name[48];
    void (*strike)(struct strike *strike, struct harness *harness);
    void (*back)(struct strike *strike, struct harness *harness);
    int value; /* of a defect or a kind of device fault */
};

static int random_below(struct director *director, int count) {
    const int drawn = (int)director_random(director, 0, count);
    return drawn < count ? drawn : count - 1;
}

static void away(struct strike *strike, const struct harness *harness) {
    strike->back_us = harness->now_us + (int64_t)(1e6 * director_random(strike->director, AWAY_S_MIN, AWAY_S_MAX));
}

static void estop(struct strike *strike, struct harness *harness) {
    int stations = 0;
    while (sim_world_station(harness->world, stations, NULL))
        stations++;
    sim_world_estop(harness->world, random_below(strike->director, stations), true);
}

static void cut(struct strike *strike, struct harness *harness) {
    strike->what = random_below(strike->director, harness->rig->link_count);
    harness->link_cut[strike->what] = true;
    away(strike, harness);
}

static void mend_link(struct strike *strike, struct harness *harness) {
    harness->link_cut[strike->what] = false;
}

static void device(struct strike *strike, struct harness *harness) {
    const int index = random_below(strike->director, harness->rig->device_count);
    const int32_t ms = strike->row->value == SIM_FAULT_LATE ? 1 + random_below(strike->director, LATE_MS_MAX)
                                                            : SIM_FAULT_STAYS;
    sim_world_fault(harness->world, harness->rig->device[index].unit, (enum sim_fault_kind)strike->row->value, ms);
}

static void defect(struct strike *strike, struct harness *harness) {
    strike->winch = random_below(strike->director, sim_world_winches(harness->world));
    sim_world_defect(harness->world, strike->winch, (enum sim_defect)strike->row->value, true);
}

static void kill_belayd(struct strike *strike, struct harness *harness) {
    harness_kill(harness);
    away(strike, harness);
}

static void start_belayd(struct strike *strike, struct harness *harness) {
    (void)strike;
    harness_start(harness, harness->out.snapshot.show);
}

/* Every row; returns how many. */
static int make_rows(struct always_row rows[static ROWS_MAX]) {
    static const struct always_row plain[] = {
        {"E-stop pressed", estop, NULL, 0},
        {"link lost for 20 ms to 3 s", cut, mend_link, 0},
        {"belayd killed, a new one after 20 ms to 3 s", kill_belayd, start_belayd, 0},
        {"device late by 1 to 200 ms", device, NULL, SIM_FAULT_LATE},
        {"device silent", device, NULL, SIM_FAULT_SILENT},
        {"device frozen", device, NULL, SIM_FAULT_FROZEN},
        {"device garbled", device, NULL, SIM_FAULT_GARBLED},
    };
    int count = 0;
    for (size_t i = 0; i < sizeof plain / sizeof plain[0]; i++)
        rows[count++] = plain[i];
    for (int i = 0; i < SIM_DEFECT_COUNT; i++) {
        rows[count] = (struct always_row){.strike = defect, .value = i};
        snprintf(rows[count++].name, sizeof rows[0].name, "%s", sim_defect_name((enum sim_defect)i));
    }
    assert(count <= ROWS_MAX);
    return count;
}

/* ---- one run ---- */

/* Time passes, and what comes back meanwhile does. */
static bool pass(struct strike *strike, double seconds) {
    struct director *director = strike->director;
    struct harness *harness = virtual_harness(director);
    const int64_t until_us = harness->now_us + (int64_t)(seconds * 1e6);
    while (harness->now_us < until_us) {
        if (strike->back_us > 0 && harness->now_us >= strike->back_us) {
            strike->back_us = 0;
            strike->row->back(strike, harness);
        }
        if (!director_pump(director, harness->now_us + 1))
            return false;
    }
    return true;
}

static bool window(struct strike *strike, const char *name, double seconds) {
    struct director *director = strike->director;
    const int64_t from_us = director_now_us(director);
    director->recording = true;
    const bool ok = pass(strike, seconds);
    return report_span_add(&director->in, name, from_us, director_now_us(director)) && ok;
}

static bool climbs(const struct director *director) {
    const enum sim_act act = director->stage.truth.act;
    return act == ACT_CLIMB || act == ACT_ASCEND || act == ACT_DESCEND;
}

static bool any_runs(const struct harness *harness) {
    for (int i = 0; i < harness->rig->axis_count && !harness->controller_dead; i++)
        if (harness->out.snapshot.axis[i].state == STATE_RUNNING)
            return true;
    return false;
}

/* The fault and what follows. Who holds goes on holding where everything has stopped; nothing may come of it. */
static bool aftermath(struct strike *strike) {
    struct director *director = strike->director;
    struct harness *harness = virtual_harness(director);
    strike->row->strike(strike, harness);
    if (!window(strike, "stop", NOTICES_S))
        return false;
    if (climbs(director))
        sim_world_act(harness->world, ACT_STAND, 0);
    if (!window(strike, "stop", SEES_S - NOTICES_S))
        return false;
    if (any_runs(harness) && harness->holding)
        harness_let_go(harness);
    if (!window(strike, "stop", STOP_S - SEES_S))
        return false;
    if (harness->holding && !harness->controller_dead)
        harness_let_go(harness);
    harness->holding = false;
    director->recording = false;
    if (!pass(strike, SETTLE_S) || !window(strike, "rest", REST_S))
        return false;
    const bool on_wall = strcmp(sim_world_load(harness->world), "climber") == 0 &&
                         director->stage.truth.act == ACT_STAND && truth_clear(director);
    if (!on_wall || director->stage.truth.slack_m > 2)
        return true;
    sim_world_act(harness->world, ACT_FALL, 0);
    return window(strike, WINDOW_FALL, FALL_S);
}

static bool load_limits(struct director *director) {
    static struct yaml_errors errors;
    char path[PATH_SIZE];
    places_join(path, director->places.scenario, "expect-always.yaml");
    errors.count = errors.dropped = 0;
    if (report_expect_load(path, &director->expect, &errors) == 0)
        return true;
    for (int i = 0; i < errors.count; i++)
        fprintf(stderr, "%s\n", errors.text[i]);
    director_fail(director, "the expectations of this scenario are wrong");
    return false;
}

/* Flies the script up to `strike_us` of its time, or to its end without a row, and what follows. */
static bool fly(struct director *director, const struct rehearse_options *options, const struct always_row *row,
                int64_t strike_us) {
    director_init(director, options);
    director->quiet = true;
    char error[FAILURE_MAX / 2];
    if (places_find(&director->places, options->scenario, true, error, sizeof error) != 0)
        director_fail(director, "%s", error);
    if (director->failed || !virtual_prepare(director) || !load_limits(director))
        return false;
    director->unmatched = true;
    director->strike_us = row ? director->began_us + strike_us : 0;
    const bool played = script_play(director);
    if (!row || (!played && !director->struck))
        return played;
    struct strike strike = {.director = director, .row = row};
    director->strike_us = 0; /* it may lie behind this script's end */
    director->failed = false;
    director->failure[0] = '\0';
    director->in.span_count = 0;
    director->in.trace.count = 0;
    return aftermath(&strike);
}

/* ---- the campaign ---- */

struct always_sum {
    int runs, bad;
    bool measured[REPORT_LIMITS_MAX];
    double worst[REPORT_LIMITS_MAX];
    uint64_t bad_seed;
};

static void take(struct always_sum *sum, const struct report *report, uint64_t seed, bool flown) {
    sum->runs++;
    bool bad = !flown;
    for (int i = 0; i < report->line_count && flown; i++) {
        const struct report_line *line = &report->line[i];
        bad = bad || line->verdict == VERDICT_EXCEEDED;
        if (!line->measured)
            continue;
        const double value = line->has_max ? line->value : -line->value; /* of a least the least is worst */
        const double known = line->has_max ? sum->worst[i] : -sum->worst[i];
        if (!sum->measured[i] || value > known)
            sum->worst[i] = line->value;
        sum->measured[i] = true;
    }
    if (bad && sum->bad++ == 0)
        sum->bad_seed = seed;
}

static void print_head(FILE *out, const struct director *director, const struct report *report, int runs) {
    fprintf(out, "# %s, always\n\n", director->expect.scenario);
    fprintf(out,
            "Written by `belay rehearse --virtual %s --campaign always --runs %d --seed %llu --out DIR`. Each\n"
            "run flies the script in virtual time up to an instant drawn from all of it, and is struck by one fault:\n"
            "five seconds (window `stop`), in which the operator lets go after half a second of what still runs, and\n"
            "holds on to what has stopped; then nobody holds, and five seconds more (`rest`). A climber on the wall\n"
            "then falls (`fall`). Worst of all runs; limits are those of `expect-always.yaml`, a fall's with slack\n"
            "and stretch to come.\n\n",
            director->expect.scenario, runs, (unsigned long long)director->options->seed);
    fprintf(out, "| fault | runs | not held |");
    for (int i = 0; i < report->line_count; i++)
        fprintf(out, " %s, %s |", report->line[i].title, report->line[i].unit);
    fprintf(out, "\n|---|---:|---:|");
    for (int i = 0; i < report->line_count; i++)
        fprintf(out, "---:|");
    fprintf(out, "\n| limit | | |");
    for (int i = 0; i < report->line_count; i++) {
        const struct report_limit *limit = &director->expect.limits[i];
        if (limit->has_max || limit->has_min)
            fprintf(out, " %g |", limit->has_max ? limit->max : limit->min);
        else
            fprintf(out, " |");
    }
    fputc('\n', out);
}

static void print_row(FILE *out, const char *name, const struct always_sum *sum, const struct report *report) {
    fprintf(out, "| %s | %d | %d |", name, sum->runs, sum->bad);
    for (int i = 0; i < report->line_count; i++)
        if (sum->measured[i])
            fprintf(out, " %.*f |", report->line[i].digits, sum->worst[i]);
        else
            fprintf(out, " |");
    fputc('\n', out);
}

static void end_run(struct director *director) {
    virtual_end(director);
    report_trace_free(&director->in.trace);
    directory_clean(director);
}

/* All runs of a row. False when the user ended it. */
static bool fly_row(struct director *director, struct rehearse_options *options, const struct always_row *row,
                    int64_t whole_us, struct always_sum *sum, struct report *report) {
    for (int run = 0; run < options->runs && !director_interrupted(); run++) {
        const bool flown = fly(director, options, row, (int64_t)(director_share(options->seed) * (double)whole_us));
        if (flown) {
            director->in.rope = result_rope(director);
            report_measure(&director->in, &director->expect, report);
        } else {
            fprintf(stderr, "%s, seed %llu: %s\n", row->name, (unsigned long long)options->seed, director->failure);
        }
        take(sum, report, options->seed, flown);
        end_run(director);
        options->seed++;
    }
    return !director_interrupted();
}

int always_run(const struct rehearse_options *stated, struct director *director) {
    static struct report report;
    struct always_row rows[ROWS_MAX];
    struct rehearse_options options = *stated;
    char path[PATH_SIZE];
    int bad = 0;
    const int count = make_rows(rows);
    options.out = NULL;
    options.seed = WHOLE_SEED;
    const bool whole = fly(director, &options, NULL, 0);
    const int64_t whole_us = whole ? director_now_us(director) - director->began_us : 0;
    if (!whole)
        fprintf(stderr, "belay rehearse: without a fault: %s\n", director->failure);
    report_measure(&director->in, &director->expect, &report);
    FILE *file = NULL;
    if (whole && stated->out) {
        char name[80];
        snprintf(name, sizeof name, "always-%.60s.md", director->expect.scenario);
        places_join(path, stated->out, name);
        file = fopen(path, "we");
        if (!file)
            fprintf(stderr, "belay rehearse: %s: %s\n", path, strerror(errno));
    }
    FILE *const outs[] = {stdout, file};
    options.seed = stated->seed;
    director->options = stated;
    for (int k = 0; whole && k < 2; k++)
        if (outs[k])
            print_head(outs[k], director, &report, options.runs);
    end_run(director);
    if (!whole || (stated->out && !file))
        return 1;
    for (int i = 0; i < count; i++) {
        struct always_sum sum = {0};
        if (stated->only && !strstr(rows[i].name, stated->only))
            continue;
        if (!fly_row(director, &options, &rows[i], whole_us, &sum, &report))
            break;
        for (int k = 0; k < 2; k++)
            if (outs[k])
                print_row(outs[k], rows[i].name, &sum, &report);
        if (sum.bad > 0)
            fprintf(stderr, "%s: first with --only '%s' --runs 1 --seed %llu\n", rows[i].name, rows[i].name,
                    (unsigned long long)sum.bad_seed);
        bad += sum.bad;
    }
    const bool written = !file || fclose(file) == 0;
    return bad == 0 && written && !director_interrupted() ? 0 : 1;
}
