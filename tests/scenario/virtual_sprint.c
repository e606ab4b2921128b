/* sprint in virtual time: a runner is unweighted, take after take, and stumbles (sim/scenarios/sprint/README.md). */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/sprint/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define REFERENCE_N 200.0
#define MEAN_MS 500

static struct rig rig;
static struct show show;
static struct harness h;

struct notes {
    double window_n[MEAN_MS], sum_n;
    long ms;
    double mean_min_n, mean_max_n, min_n, max_n, fastest_m_s;
};

static void watch(void *context, const struct harness *harness) {
    struct notes *n = context;
    const struct sim_truth t = sim_world_truth(harness->world);
    const long at = n->ms % MEAN_MS;
    n->sum_n += t.tension_n - n->window_n[at];
    n->window_n[at] = t.tension_n;
    n->ms++;
    n->min_n = fmin(n->min_n, t.tension_n);
    n->max_n = fmax(n->max_n, t.tension_n);
    n->fastest_m_s = fmax(n->fastest_m_s, t.rope_speed_m_s);
    if (n->ms < MEAN_MS)
        return;
    n->mean_min_n = fmin(n->mean_min_n, n->sum_n / MEAN_MS);
    n->mean_max_n = fmax(n->mean_max_n, n->sum_n / MEAN_MS);
}

static bool running(const struct harness *harness) {
    return harness->out.snapshot.axis[0].state == STATE_RUNNING;
}

/* A copy of the world file in which the lines that begin so are others; NULL ends the pairs. */
static void open_world(const char *const changes[][2]) {
    char errors[1024] = "", path[] = "/tmp/belay-sprint-XXXXXX", line[256];
    FILE *from = fopen(SCENARIO "world.yaml", "r");
    FILE *to = fdopen(mkstemp(path), "w");
    cr_assert(from && to);
    while (fgets(line, sizeof line, from)) {
        const char *text = line;
        for (int i = 0; changes && changes[i][0]; i++)
            if (strncmp(line + strspn(line, " "), changes[i][0], strlen(changes[i][0])) == 0)
                text = changes[i][1];
        fputs(text, to);
    }
    fclose(from);
    fclose(to);
    int error = harness_open(&h, &rig, &show, path, errors, sizeof errors);
    unlink(path);
    cr_assert_eq(error, 0, "%s", errors);
}

static void load(void) {
    static struct yaml_errors errors;
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
}

TestSuite(virtual_sprint, .init = load, .timeout = 100);

static void go(void) {
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(&h);
    enum refusal refusal = harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = show_cue_find(&show, "1")});
    cr_assert_eq(refusal, REFUSED_NOT, "%s", cycle_refusal_text(refusal));
    cr_assert(harness_until(&h, running, 3));
    harness_run(&h, 8); /* the rope is taken in at restart speed */
    cr_assert(running(&h));
}

static struct notes run(double seconds) {
    struct notes n = {.mean_min_n = INFINITY, .min_n = INFINITY};
    h.watch = watch;
    h.context = &n;
    sim_world_act(h.world, ACT_RUN, 0);
    harness_run(&h, seconds);
    h.watch = NULL;
    return n;
}

static void takes(const char *what, const char *const changes[][2]) {
    open_world(changes);
    go();
    struct notes n = run(120);
    printf("# %s: mean of 0.5 s %.0f..%.0f N, peaks %.0f..%.0f N, rope up to %.1f m/s\n", what, n.mean_min_n,
           n.mean_max_n, n.min_n, n.max_n, n.fastest_m_s);
    cr_expect(running(&h), "%s: %s", what, fault_text(h.out.snapshot.first_out)->text);
    cr_expect(n.mean_min_n >= 0.8 * REFERENCE_N && n.mean_max_n <= 1.2 * REFERENCE_N, "%s", what);
    cr_expect(n.min_n >= 0.5 * REFERENCE_N && n.max_n <= 1.5 * REFERENCE_N, "%s", what);
    cr_expect_gt(n.fastest_m_s, 7.9);
    harness_close(&h);
}

Test(virtual_sprint, two_hundred_newtons_take_after_take) {
    takes("5 ms, line spring", NULL);
}

/* The same rig at a quick cycle, and without its spring. */
static const char *const bare[][2] = {{"spring:", ""}, {NULL, NULL}};

static void quicken(void) {
    struct rig_axis *axis = &rig.axis[0];
    rig.cycle_ms = 2;
    axis->rope.spring.present = axis->belay.rope_spring.present = false;
    axis->limits.reaction_ms = 40;
    axis->monitors.dead_ms = 5;
}

Test(virtual_sprint, a_cycle_of_two_milliseconds_needs_no_spring) {
    quicken();
    takes("2 ms, 2 kN/m at the start", bare);
}

/* Who stumbles is a free mass on the rope, with whatever speed he ran, and all of his weight along it: worse than any
 * real one. While he falls no faster than the drum may run, it follows: only the tension tells. */
static void stumble(double after_s) {
    open_world(NULL);
    go();
    run(after_s);
    const struct sim_truth before = sim_world_truth(h.world);
    sim_world_act(h.world, ACT_FALL, 0);
    const int64_t fell_us = h.now_us;
    bool caught = false;
    double seen_s = 0, peak_n = 0;
    for (int i = 0; i < 1000; i++) {
        harness_step(&h);
        peak_n = fmax(peak_n, sim_world_truth(h.world).tension_n);
        if (!caught && h.out.snapshot.fault_mask & FAULT_BIT(FALL_CAUGHT))
            seen_s = (double)(h.now_us - fell_us) / 1e6;
        caught = caught || h.out.snapshot.fault_mask & FAULT_BIT(FALL_CAUGHT);
    }
    harness_let_go(&h);
    const double rope_m = sim_world_truth(h.world).rope_out_m;
    harness_run(&h, 30);
    printf("# stumbles at %.1f m/s: seen after %.0f ms, %.2f kN\n", -before.person_speed_m_s, seen_s * 1000,
           peak_n / 1000);
    cr_expect(caught && seen_s <= 1.3, "after %.1f s: %.3f s", after_s, seen_s);
    cr_expect_leq(peak_n, 80 * 9.81 * (1 + 4), "4 g");
    cr_expect_leq(sim_world_truth(h.world).rope_out_m - rope_m, 0.02, "the line is locked");
    harness_close(&h);
}

Test(virtual_sprint, who_stumbles_is_caught_and_held) {
    for (double after_s = 0.5; after_s < 4; after_s += 0.5)
        stumble(after_s);
}
