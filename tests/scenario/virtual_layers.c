/* A heavy load on drums with four layers, moved across two changes of layer down and up: carriage-drop with narrower
 * drums, the real cycle_step against the simulated world, whose drums lay their rope by themselves. Figures:
 * BELAY_FIGURES=1 prints them. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/carriage-drop/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define LAYERS 4
#define PER_LAYER 11
#define DIAMETER_M 0.016
#define TURN_M 1.5
#define LATE_S 0.02 /* a reading on the bus, give or take a cycle */
#define ROPE_M 60 /* on each drum with nothing paid out */

static struct rig rig;
static struct show show;
static struct harness h;

static double turn_m(int layer) {
    return hypot(sqrt(TURN_M * TURN_M - DIAMETER_M * DIAMETER_M) + 2 * M_PI * DIAMETER_M * layer, DIAMETER_M);
}

/* Paid out where the rope passes from this layer, counted from 0, to the one below. */
static double change_m(int layer) {
    double below_m = 0;
    for (int i = 0; i < layer; i++)
        below_m += PER_LAYER * turn_m(i);
    return ROPE_M - below_m;
}

static double turns_at_zero(void) {
    return (LAYERS - 1) * PER_LAYER + change_m(LAYERS - 1) / turn_m(LAYERS - 1);
}

/* The file with each `key` line followed by `more`, in `path`. */
static void write_with(const char *file, const char *key, const char *more, char path[static 64]) {
    char line[256];
    FILE *from = fopen(file, "r");
    snprintf(path, 64, "/tmp/belay-layers-XXXXXX");
    const int number = mkstemp(path);
    FILE *to = number >= 0 ? fdopen(number, "w") : NULL;
    cr_assert(from && to);
    int found = 0;
    while (fgets(line, sizeof line, from)) {
        const bool here = strstr(line, key) != NULL;
        found += here;
        fputs(here ? more : line, to);
    }
    fclose(from);
    fclose(to);
    cr_assert_eq(found, 2, "%s", key);
}

static void setup(void) {
    static struct yaml_errors errors;
    char text[1024], path[64], more[512];
    snprintf(more, sizeof more, "      turns_per_layer: %d\n      layers: {count: %d, diameter_m: %g, nesting: 1}\n",
             PER_LAYER, LAYERS, DIAMETER_M);
    write_with(SCENARIO "rig.yaml", "turns_per_layer:", more, path);
    const int loaded = rig_load(path, PROFILES, &rig, &errors);
    unlink(path);
    cr_assert_eq(loaded, 0, "%s", errors.text[0]);
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    /* the drive is set up for the load in the outermost layer */
    snprintf(more, sizeof more,
             "      pretorque_n: %.9g\n      layers: {turns_at_zero: %.12g, turns_per_layer: %d, rise_m: %g}\n",
             17200 * turn_m(LAYERS - 1) / TURN_M, turns_at_zero(), PER_LAYER, DIAMETER_M);
    write_with(SCENARIO "world.yaml", "pretorque_n:", more, path);
    const int opened = harness_open(&h, &rig, &show, path, text, sizeof text);
    unlink(path);
    cr_assert_eq(opened, 0, "%s", text);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
}

static void teardown(void) {
    harness_close(&h);
}

TestSuite(virtual_layers, .init = setup, .fini = teardown, .timeout = 60);

static struct sim_winch line(int index) {
    return sim_world_winch(h.world, index);
}

struct flight {
    double off_m;       /* most by which the position differs from the rope that is out, while the drum turns */
    double fastest_m_s; /* of the rope */
    double tension;     /* most by which it differs from its mean, as a share */
};

static struct flight fly(int cue, double to_m) {
    struct flight f = {0};
    double low_n = INFINITY, high_n = 0;
    show.cue[cue].position_m = to_m;
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = cue}), REFUSED_NOT);
    for (int i = 0; i < 9000 && (i < 100 || h.out.snapshot.axis[0].state != STATE_ARMED); i++) {
        harness_step(&h);
        cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s at %g m", fault_text(h.out.snapshot.first_out)->name,
                     line(0).rope_out_m);
        for (int k = 0; k < 2; k++) {
            const double late_m = line(k).rope_speed_m_s * LATE_S;
            const double off_m = h.out.snapshot.axis[k].position_m.value - (line(k).rope_out_m - late_m);
            f.off_m = fmax(f.off_m, fabs(off_m));
            f.fastest_m_s = fmax(f.fastest_m_s, fabs(line(k).rope_speed_m_s));
        }
        if (i > 200) {
            low_n = fmin(low_n, line(0).tension_n);
            high_n = fmax(high_n, line(0).tension_n);
        }
    }
    f.tension = (high_n - low_n) / (high_n + low_n);
    cr_assert_eq(h.out.snapshot.stop_cause, STOPPED_ARRIVED, "at %g m of %g m", line(0).rope_out_m, to_m);
    harness_let_go(&h);
    harness_run(&h, 3); /* the load is handed over to the brakes */
    if (getenv("BELAY_FIGURES"))
        fprintf(stderr, "to %g m: ends %.2f mm off, %.2f mm on the way, %.4f m/s, tension +-%.1f %%\n", to_m,
                (line(0).rope_out_m - to_m) * 1e3, f.off_m * 1e3, f.fastest_m_s, f.tension * 100);
    return f;
}

Test(virtual_layers, a_load_crosses_two_changes_of_layer_both_ways) {
    const double changes = turn_m(1) - turn_m(0);
    cr_assert(change_m(3) > 7 && change_m(3) < 8, "%g", change_m(3));
    cr_assert(change_m(2) > 25 && change_m(2) < 26, "%g", change_m(2));
    const double to_m[] = {27, 6, 26.2, 7};
    for (size_t i = 0; i < sizeof to_m / sizeof to_m[0]; i++) {
        const struct flight f = fly((int)(i % 2), to_m[i]);
        for (int k = 0; k < 2; k++)
            cr_expect_float_eq(line(k).rope_out_m, to_m[i], 0.003, "line %d, to %g m: %g", k, to_m[i],
                               line(k).rope_out_m);
        cr_expect_lt(f.off_m, changes / 16 + 0.5 * 0.01 + 0.001, "to %g m: %g m off", to_m[i], f.off_m);
        cr_expect_leq(f.fastest_m_s, 0.5 * 1.02 + 0.005, "%g m/s", f.fastest_m_s);
        cr_expect_lt(f.tension, 0.08, "%g", f.tension);
    }
}
