/* The kill campaign: many runs of `belay rehearse --kill`, each a process of its own, and one table of them all. */
#include <assert.h>
#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/cli/rehearse_parts.h"

#define JOBS_MAX 16
#define RUNS_MAX 4000
#define TRIES_MAX 3 /* of a run that fails before its kill, or while this computer stood still */
#define POLL_US 50000
#define RUN_GRACE_MS 40000 /* a run that is ended ends its own programs first */

struct run {
    char name[KILL_NAME_MAX];
    char directory[PLACE_MAX];
    uint64_t seed;
    struct child child;
    int tries;
    bool done, ok;
    json_t *report;
};

struct campaign {
    const struct rehearse_options *options;
    struct places places;
    char directory[PLACE_MAX];
    int run_count;
    struct run run[RUNS_MAX];
};

/* Does `only`, parts of names with commas between them, let this one pass? */
static bool wanted(const char *only, const char *name) {
    if (!only)
        return true;
    char copy[256];
    char *rest = copy;
    snprintf(copy, sizeof copy, "%s", only);
    for (const char *part; (part = strsep(&rest, ",")) != NULL;)
        if (*part && strstr(name, part))
            return true;
    return false;
}

static void list_runs(struct campaign *campaign) {
    char name[KILL_NAME_MAX];
    for (int kind = 0; kill_name(kind, name); kind++) {
        if (!wanted(campaign->options->only, name))
            continue;
        for (int i = 0; i < campaign->options->runs && campaign->run_count < RUNS_MAX; i++) {
            struct run *run = &campaign->run[campaign->run_count];
            run->seed = campaign->options->seed + (uint64_t)campaign->run_count++;
            snprintf(run->name, sizeof run->name, "%s", name);
            snprintf(run->directory, sizeof run->directory, "%.300s/%s-%02d", campaign->directory, name, i + 1);
            *strrchr(run->directory, ':') = '-';
        }
    }
}

static bool begin(struct campaign *campaign, struct run *run) {
    char seed[24], log[24];
    run->tries++;
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->seed);
    const char *const argv[] = {campaign->places.belay, "rehearse", campaign->places.scenario, "--kill", run->name,
                                "--seed", seed, "--out", run->directory,
                                campaign->options->client ? "--client" : NULL, campaign->options->client, NULL};
    if (mkdir(run->directory, 0755) != 0 && errno != EEXIST)
        return false;
    run->child = (struct child){.name = "belay rehearse"};
    snprintf(log, sizeof log, "run-%d.log", run->tries); /* what was flown again is still to be read */
    places_join(run->child.log, run->directory, log);
    unlink(run->child.log);
    return child_start(&run->child, argv, "") == 0;
}

static const json_t *figure(const struct run *run, const char *name) {
    const json_t *figures = json_object_get(run->report, "figures");
    for (size_t i = 0; i < json_array_size(figures); i++) {
        const json_t *one = json_array_get(figures, i);
        const char *is = json_string_value(json_object_get(one, "figure"));
        if (is && strcmp(is, name) == 0)
            return one;
    }
    return NULL;
}

/* NAN when the run has no such figure. */
static double value_of(const struct run *run, const char *name) {
    const json_t *value = json_object_get(figure(run, name), "value");
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static const struct {
    const char *figure, *title;
    int digits;
} shown[] = {
    {"kill_speed_m_s", "speed", 2},         {"kill_stand_ms", "stop ms", 0},
    {"kill_travel_m", "travel m", 3},       {"fall_slack_distance_m", "fall m", 2},
    {"fall_tension_kn", "peak kN", 2},      {"fall_deceleration_g", "decel g", 2},
    {"hang_payout_mm", "paid mm", 1},       {"rest_travel_m", "rest m", 3},
};
enum { SHOWN_COUNT = sizeof shown / sizeof shown[0] };

static void print_head(const char *first) {
    printf("%-22s %8s", first, "seed");
    for (int i = 0; i < SHOWN_COUNT; i++)
        printf(" %8s", shown[i].title);
    printf("\n");
}

static void print_figures(const double value[SHOWN_COUNT]) {
    for (int i = 0; i < SHOWN_COUNT; i++) {
        if (isnan(value[i]))
            printf(" %8s", "-");
        else
            printf(" %8.*f", shown[i].digits, value[i]);
    }
}

static void remove_large(const struct run *run) {
    static const char *const large[] = {"truth.csv", "truth-after.csv"};
    char path[PATH_SIZE];
    for (size_t i = 0; i < sizeof large / sizeof large[0]; i++) {
        places_join(path, run->directory, large[i]);
        unlink(path);
    }
}

static void print_run(const struct run *run) {
    double value[SHOWN_COUNT];
    for (int i = 0; i < SHOWN_COUNT; i++)
        value[i] = value_of(run, shown[i].figure);
    const char *failure = json_string_value(json_object_get(run->report, "failure"));
    printf("%-22s %8llu", run->name, (unsigned long long)run->seed);
    print_figures(value);
    printf("  %s%s%s\n", run->ok ? "ok" : run->done ? "FAILED" : "again", failure ? ": " : "", failure ? failure : "");
}

/* Takes in what a run left behind. One that never came to its kill says nothing about it, and one that failed while
 * this computer stood still for as long as a device may says nothing about Belay: it is flown again. */
static void finish(struct run *run, bool keep) {
    char path[PATH_SIZE];
    json_error_t error;
    places_join(path, run->directory, "report.json");
    json_decref(run->report);
    run->report = json_load_file(path, 0, &error);
    bool struck = json_is_true(json_object_get(run->report, "struck"));
    run->ok = child_ended_well(&run->child) && struck && json_is_true(json_object_get(run->report, "ok"));
    bool said = run->ok || (struck && !json_is_true(json_object_get(run->report, "paused")));
    run->done = said || run->tries == TRIES_MAX || director_interrupted();
    if (run->ok && !keep)
        remove_large(run);
    print_run(run);
}

/* The worst of each figure over the runs of one kind. */
static void print_worst(const struct campaign *campaign) {
    char name[KILL_NAME_MAX];
    printf("\n");
    print_head("worst of");
    for (int kind = 0; kill_name(kind, name); kind++) {
        double worst[SHOWN_COUNT];
        int count = 0, passed = 0;
        for (int i = 0; i < SHOWN_COUNT; i++)
            worst[i] = (double)NAN;
        for (int k = 0; k < campaign->run_count; k++) {
            const struct run *run = &campaign->run[k];
            if (strcmp(run->name, name) != 0)
                continue;
            count++;
            passed += run->ok;
            for (int i = 0; i < SHOWN_COUNT; i++)
                worst[i] = fmax(worst[i], value_of(run, shown[i].figure)); /* fmax() leaves out what is no number */
        }
        if (count == 0)
            continue;
        printf("%-22s %4d/%-3d", name, passed, count);
        print_figures(worst);
        printf("\n");
    }
}

static void write_json(const struct campaign *campaign) {
    json_t *runs = json_array();
    for (int k = 0; k < campaign->run_count; k++) {
        const struct run *run = &campaign->run[k];
        json_t *one = json_pack("{s:s, s:I, s:i, s:b}", "kill", run->name, "seed", (json_int_t)run->seed, "tries",
                                run->tries, "ok", run->ok);
        for (int i = 0; i < SHOWN_COUNT; i++) {
            json_t *value = json_object_get(figure(run, shown[i].figure), "value");
            if (json_is_number(value))
                json_object_set(one, shown[i].figure, value);
        }
        json_array_append_new(runs, one);
    }
    json_t *all = json_pack("{s:s, s:s, s:o}", "scenario", campaign->options->scenario, "version", BELAY_VERSION,
                            "runs", runs);
    char path[PATH_SIZE];
    places_join(path, campaign->directory, "campaign.json");
    if (json_dump_file(all, path, JSON_INDENT(1)) != 0)
        fprintf(stderr, "belay rehearse: %s could not be written\n", path);
    json_decref(all);
}

/* One look at the runs under way: those that ended are taken in, or begun again. */
static bool look(struct campaign *campaign, int begun, int *running) {
    for (int i = 0; i < begun; i++) {
        struct run *run = &campaign->run[i];
        if (run->done || child_runs(&run->child))
            continue;
        finish(run, campaign->options->keep);
        if (!run->done && !begin(campaign, run))
            return false;
        *running -= run->done;
    }
    return true;
}

static bool fly(struct campaign *campaign) {
    int begun = 0, running = 0;
    bool ok = true;
    print_head("phase:victim");
    while (ok && (begun < campaign->run_count || running > 0) && !director_interrupted()) {
        if (begun < campaign->run_count && running < campaign->options->jobs) {
            ok = begin(campaign, &campaign->run[begun]);
            begun++;
            running++;
            continue;
        }
        usleep(POLL_US);
        ok = look(campaign, begun, &running);
    }
    for (int i = 0; i < begun; i++)
        child_end(&campaign->run[i].child, RUN_GRACE_MS);
    return ok;
}

int campaign_run(const struct rehearse_options *options) {
    static struct campaign campaign;
    campaign.options = options;
    char error[PATH_SIZE + 80], made[] = "/tmp/belay-campaign-XXXXXX";
    if (places_find(&campaign.places, options->scenario, false, error, sizeof error) != 0) {
        fprintf(stderr, "belay rehearse: %s\n", error);
        return 2;
    }
    const char *directory = options->out ? options->out : mkdtemp(made);
    if (!directory || !directory_out(directory, campaign.directory, error, sizeof error)) {
        fprintf(stderr, "belay rehearse: %s\n", directory ? error : "no directory could be made in /tmp: give --out");
        return 2;
    }
    list_runs(&campaign);
    printf("%d runs, %d at a time, seeds from %llu, in %s\n", campaign.run_count, options->jobs,
           (unsigned long long)options->seed, campaign.directory);
    if (!fly(&campaign))
        fprintf(stderr, "belay rehearse: a run could not be started: %s\n", strerror(errno));
    print_worst(&campaign);
    write_json(&campaign);
    int passed = 0;
    for (int i = 0; i < campaign.run_count; i++) {
        passed += campaign.run[i].ok;
        json_decref(campaign.run[i].report);
    }
    printf("\n%d of %d runs held. Kept: %s/campaign.json\n", passed, campaign.run_count, campaign.directory);
    return passed == campaign.run_count && passed > 0 ? 0 : 1;
}
