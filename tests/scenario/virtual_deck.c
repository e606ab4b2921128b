/* A hook is held at its height over a heaving deck: the real cycle_step and the simulated winch, sensor and sea on one
 * clock, at several cycles and drives, and what ends it. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/safety/monitor.h"
#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/moving-deck/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define SETTLED_S 12.0
#define HELD_S 60.0
#define SEAS 1

static struct rig rig;
static struct show show;
static struct harness h;

/* How the machine is built, and what of it nobody told the controller. */
struct built {
    int cycle_ms;
    int drive_ms; /* a quarter of it the drive's filter, the rest its speed loop */
    double noise_mm, undeclared_ms, swell_hz, heave_m;
    int seed;
};

static const struct built as_declared = {10, 40, 2, 0, 0.2, 1, 1};

/* Puts `value` behind the first `key` of the text. */
static void put(char *text, size_t size, const char *key, double value) {
    char rest[8192];
    char *at = strstr(text, key);
    cr_assert(at, "%s", key);
    at += strlen(key);
    snprintf(rest, sizeof rest, "%s", at + strcspn(at, "\n"));
    snprintf(at, size - (size_t)(at - text), " %.10g%s", value, rest);
}

/* The scenario's world with other figures, as a file. */
static void write_world(const struct built *built, char *path) {
    char text[8192];
    FILE *from = fopen(SCENARIO "world.yaml", "r");
    cr_assert(from);
    text[fread(text, 1, sizeof text - 256, from)] = '\0';
    fclose(from);
    put(text, sizeof text, "seed:", built->seed);
    put(text, sizeof text, "swell_hz:", built->swell_hz);
    put(text, sizeof text, "heave_m:", built->heave_m);
    put(text, sizeof text, "speed_loop_ms:", built->drive_ms * 0.75);
    put(text, sizeof text, "setpoint_lag_ms:", built->drive_ms * 0.25);
    put(text, sizeof text, "latency_ms:", 20 + built->undeclared_ms);
    put(text, sizeof text, "noise_mm:", built->noise_mm);
    strcpy(path, "/tmp/belay-deck-XXXXXX");
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    FILE *to = fdopen(fd, "w");
    cr_assert(to && fputs(text, to) >= 0 && fclose(to) == 0);
}

static void open_deck(const struct built *built) {
    static struct yaml_errors errors;
    char path[64], text[1024];
    errors.count = 0;
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
    const int32_t longest_ms = MONITOR_WINDOW_MAX * built->cycle_ms; /* what this cycle permits */
    rig.cycle_ms = built->cycle_ms;
    if (rig.axis[0].monitors.window_ms > longest_ms)
        rig.axis[0].monitors.window_ms = longest_ms - built->cycle_ms;
    if (rig.axis[0].limits.following_error_ms > longest_ms)
        rig.axis[0].limits.following_error_ms = longest_ms;
    rig.axis[0].monitors.dead_ms = (int32_t)lround(built->cycle_ms + 1 + built->drive_ms * 0.25);
    rig.axis[0].monitors.lag_ms = (int32_t)lround(built->drive_ms * 0.75);
    write_world(built, path);
    cr_assert_eq(harness_open(&h, &rig, &show, path, text, sizeof text), 0, "%s", text);
    unlink(path);
    harness_run(&h, 8);
    const enum refusal refusal = harness_ask(&h, (struct command){.kind = COMMAND_ARM});
    cr_assert_eq(refusal, REFUSED_NOT, "%s %s", cycle_refusal_text(refusal),
                 fault_text(h.out.snapshot.first_out)->name);
}

static const struct snapshot_axis *axis(void) {
    return &h.out.snapshot.axis[0];
}

static void no_fault(void) {
    cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s", fault_text(h.out.snapshot.first_out)->name);
}

static void go(void) {
    harness_hold(&h);
    const enum refusal refusal = harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = 0});
    cr_assert_eq(refusal, REFUSED_NOT, "%s", cycle_refusal_text(refusal));
}

static bool rests(const struct harness *harness) {
    const enum axis_state state = harness->out.snapshot.axis[0].state;
    return state == STATE_ARMED || state == STATE_DISARMED || state == STATE_FAULT;
}

/* Least and greatest height of the hook, by the millisecond. */
struct range {
    double least_m, most_m, deck_least_m, deck_most_m;
};

static void look(void *context, const struct harness *harness) {
    struct range *range = context;
    const struct sim_truth truth = sim_world_truth(harness->world);
    range->least_m = fmin(range->least_m, truth.height_m);
    range->most_m = fmax(range->most_m, truth.height_m);
    range->deck_least_m = fmin(range->deck_least_m, truth.deck_m);
    range->deck_most_m = fmax(range->deck_most_m, truth.deck_m);
}

static struct range watch(double seconds) {
    struct range range = {HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL};
    h.watch = look;
    h.context = &range;
    harness_run(&h, seconds);
    h.watch = NULL;
    return range;
}

/* By how much the hook is off its height at most, mm: half of what it moves. */
static double held_mm(const struct built *built) {
    open_deck(built);
    go();
    harness_run(&h, SETTLED_S);
    const struct range range = watch(HELD_S);
    cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s: cycle %d, drive %d, noise %g, undeclared %g, %g Hz, seed %d",
                 fault_text(h.out.snapshot.first_out)->name, built->cycle_ms, built->drive_ms, built->noise_mm,
                 built->undeclared_ms, built->swell_hz, built->seed);
    cr_assert_eq(axis()->state, STATE_RUNNING);
    cr_assert_float_eq(fmax(range.deck_most_m, -range.deck_least_m), 1, 0.02, "there is a sea");
    harness_close(&h);
    return (range.most_m - range.least_m) / 2 * 1000;
}

static const struct {
    int cycle_ms, drive_ms;
} rows[] = {{2, 20}, {2, 40}, {2, 80}, {10, 20}, {10, 40}, {10, 80}};

static double worst_mm(struct built built) {
    double worst = 0;
    for (built.seed = 1; built.seed <= SEAS; built.seed++)
        worst = fmax(worst, held_mm(&built));
    return worst;
}

Test(virtual_deck, the_hook_holds_its_height, .timeout = 60) {
    printf("# cycle, drive: as declared, 10 mm noise, 20 ms undeclared, 0.3 Hz (mm)\n");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct built base = as_declared;
        base.cycle_ms = rows[i].cycle_ms;
        base.drive_ms = rows[i].drive_ms;
        struct built noisy = base, late = base, quick = base;
        noisy.noise_mm = 10;
        late.undeclared_ms = 20;
        quick.swell_hz = 0.3;
        const double declared_mm = worst_mm(base), noisy_mm = worst_mm(noisy), late_mm = worst_mm(late);
        printf("# %2d ms, %2d ms: %5.1f %5.1f %5.1f", base.cycle_ms, base.drive_ms, declared_mm, noisy_mm, late_mm);
        printf(" %5.1f\n", worst_mm(quick));
        cr_expect_lt(declared_mm, 25);
        cr_expect_lt(noisy_mm, 50);
        cr_expect_lt(late_mm, 50);
    }
}

/* --- what ends it ------------------------------------------------------------------------------------------------ */

#define STOPS_M 0.6 /* from 1.6 m/s: 60 ms until it is noticed, 100 ms of bus and drive, then 4.9 m/s2 */

/* The drum stands, behind its brakes; the hook moves with the deck, but for the rope's bounce. */
static void stands_on_the_deck(double from_m) {
    cr_assert(harness_until(&h, rests, 3));
    harness_run(&h, 2);
    const struct sim_winch winch = sim_world_winch(h.world, 0);
    cr_expect(winch.brake_closed && !winch.drive_enabled);
    cr_expect_lt(fabs(winch.rope_out_m - from_m), STOPS_M, "%g m", winch.rope_out_m - from_m);
    const struct sim_truth before = sim_world_truth(h.world);
    for (int i = 0; i < 20; i++) {
        harness_run(&h, 0.25);
        const struct sim_truth now = sim_world_truth(h.world);
        cr_expect_float_eq(now.height_m - before.height_m, now.deck_m - before.deck_m, 0.05);
        cr_expect_eq(now.rope_out_m, before.rope_out_m);
    }
}

static double hold_for(double seconds) {
    go();
    harness_run(&h, seconds);
    cr_assert_eq(axis()->state, STATE_RUNNING, "%d: %d %s", axis()->state, h.out.snapshot.stop_cause,
                 fault_text(h.out.snapshot.first_out)->name);
    no_fault();
    return sim_world_winch(h.world, 0).rope_out_m;
}

static void sensor(enum sim_fault_kind kind, int32_t ms) {
    cr_assert_eq(sim_world_fault(h.world, SIM_MOTION_SENSOR_UNIT, kind, ms), 0);
}

/* At any instant of a wave, whatever is wrong with it: it is noticed, and no fault of the axis. */
Test(virtual_deck, a_sensor_that_fails_ends_it_on_the_deck, .timeout = 60) {
    static const enum sim_fault_kind kinds[] = {SIM_FAULT_FROZEN, SIM_FAULT_SILENT, SIM_FAULT_GARBLED};
    open_deck(&as_declared);
    for (int i = 0; i < 12; i++) {
        const double from_m = hold_for(8 + 0.45 * i);
        sensor(kinds[i % 3], SIM_FAULT_STAYS);
        harness_run(&h, 0.1);
        cr_expect_eq(h.out.snapshot.stop_cause, STOPPED_REFERENCE, "after %g s: %d", 8 + 0.45 * i,
                     h.out.snapshot.stop_cause);
        stands_on_the_deck(from_m);
        no_fault();
        harness_let_go(&h);
        harness_run(&h, 0.5);
        cr_expect_eq(h.out.snapshot.go.refusal, REFUSED_REFERENCE, "told beforehand");
        sensor(SIM_FAULT_NONE, SIM_FAULT_STAYS);
        harness_run(&h, 1);
        cr_expect_eq(h.out.snapshot.go.refusal, REFUSED_REFERENCE, "not settled yet");
        harness_run(&h, 4);
    }
    harness_close(&h);
}

/* A wrong sign doubles the motion: nothing follows a sensor that was not looked at, and everything else goes. */
Test(virtual_deck, a_sensor_that_was_not_commissioned_is_not_followed) {
    open_deck(&as_declared);
    harness_run(&h, SETTLED_S);
    h.queue[h.queued++] = (struct command){.kind = COMMAND_CLEARANCE, .clearance = REFUSED_NOT_COMMISSIONED};
    harness_run(&h, 0.1);
    harness_hold(&h);
    cr_expect_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = 0}), REFUSED_NOT_COMMISSIONED);
    cr_expect_eq(harness_ask(&h, (struct command){.kind = COMMAND_JOG, .speed_m_s = -0.1}), REFUSED_NOT);
    harness_close(&h);
}

/* For less than its time it is flown over by prediction. */
Test(virtual_deck, a_short_silence_is_flown_over, .timeout = 60) {
    open_deck(&as_declared);
    hold_for(SETTLED_S);
    struct range range = {HUGE_VAL, -HUGE_VAL, HUGE_VAL, -HUGE_VAL};
    h.watch = look;
    h.context = &range;
    for (int i = 0; i < 40; i++) {
        sensor(i % 2 ? SIM_FAULT_SILENT : SIM_FAULT_FROZEN, 40);
        harness_run(&h, 0.73);
    }
    h.watch = NULL;
    cr_expect_eq(axis()->state, STATE_RUNNING);
    cr_expect_lt(range.most_m - range.least_m, 2 * 0.05, "%g m", range.most_m - range.least_m);
    harness_close(&h);
}

Test(virtual_deck, who_lets_go_stops_on_the_deck, .timeout = 60) {
    open_deck(&as_declared);
    for (int i = 0; i < 8; i++) {
        const double from_m = hold_for(8 + 0.6 * i);
        harness_let_go(&h);
        stands_on_the_deck(from_m);
        cr_expect_eq(h.out.snapshot.stop_cause, STOPPED_RELEASED);
        no_fault();
    }
    harness_close(&h);
}

static void ready_again(void) {
    harness_let_go(&h);
    harness_run(&h, 6);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    harness_run(&h, 2); /* the drive's own fault is reset */
    const enum refusal refusal = harness_ask(&h, (struct command){.kind = COMMAND_ARM});
    cr_assert_eq(refusal, REFUSED_NOT, "%s", cycle_refusal_text(refusal));
}

Test(virtual_deck, an_estop_stops_it_at_any_instant, .timeout = 60) {
    open_deck(&as_declared);
    for (int i = 0; i < 8; i++) {
        const double from_m = hold_for(8 + 0.6 * i);
        sim_world_estop(h.world, i % 2, true);
        harness_run(&h, 0.1);
        cr_expect_eq(h.out.snapshot.first_out, FAULT_ESTOP);
        stands_on_the_deck(from_m);
        sim_world_estop(h.world, i % 2, false);
        ready_again();
    }
    harness_close(&h);
}

/* The sensor is a device of the axis: with its link the sight of encoder and cell is lost too, or of the drive. */
Test(virtual_deck, a_lost_link_stops_it, .timeout = 60) {
    open_deck(&as_declared);
    for (int i = 0; i < 6; i++) {
        const double from_m = hold_for(8 + 0.8 * i);
        h.link_cut[i % 2] = true;
        harness_run(&h, 3);
        h.link_cut[i % 2] = false;
        cr_expect_neq(h.out.snapshot.fault_mask, 0);
        stands_on_the_deck(from_m);
        ready_again();
    }
    harness_close(&h);
}

/* A sea that is too high for the winch: it ends where the drum is 0.3 m from its place, and not far beyond. */
Test(virtual_deck, a_drum_that_does_not_keep_up_ends_it, .timeout = 60) {
    struct built high = as_declared;
    high.heave_m = 2.4;
    open_deck(&high);
    go();
    cr_expect(harness_until(&h, rests, 60));
    cr_expect_eq(h.out.snapshot.stop_cause, STOPPED_BEHIND);
    no_fault();
    harness_close(&h);
}

Test(virtual_deck, without_a_settled_sensor_there_is_no_go, .timeout = 60) {
    open_deck(&as_declared);
    sensor(SIM_FAULT_FROZEN, SIM_FAULT_STAYS);
    harness_run(&h, 1);
    harness_hold(&h);
    cr_expect_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = 0}), REFUSED_REFERENCE);
    harness_close(&h);
}
