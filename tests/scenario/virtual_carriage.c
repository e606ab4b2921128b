/* carriage-drop: two heavy winches and a railway carriage on one lifting point, the real cycle_step against the
 * simulated world on one clock. Figures: BELAY_FIGURES=1 prints them. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/carriage-drop/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define G 9.80665
#define CARRIAGE_KG 3500
#define RATED_KG 1800 /* of each line */
#define BOTH 3u       /* axes */

static struct rig rig;
static struct show show;
static struct harness h;

/* ---- the plant, as drawn ---- */

struct draw {
    double mass_kg, height_m;
    double ea_n[2], friction[2], rope_kg_m;
    unsigned seed;
};

static const struct draw as_stated = {CARRIAGE_KG, 24, {6e6, 6e6}, {0.02, 0.02}, 1.1, 20261128};

/* The text behind `key` becomes `value`, in the nth place where it stands. */
static void put(char *text, size_t size, const char *key, int nth, double value) {
    char *at = text;
    for (int i = 0; i <= nth; i++) {
        at = strstr(i ? at + 1 : at, key);
        cr_assert(at, "%s", key);
    }
    at += strlen(key);
    char rest[8192], number[32];
    snprintf(rest, sizeof rest, "%s", at + strcspn(at, "\n"));
    snprintf(number, sizeof number, " %.9g", value);
    snprintf(at, size - (size_t)(at - text), "%s%s", number, rest);
}

static void write_world(const struct draw *draw, char path[static 64]) {
    char text[8192];
    FILE *from = fopen(SCENARIO "world.yaml", "r");
    cr_assert(from);
    const size_t length = fread(text, 1, sizeof text - 256, from);
    fclose(from);
    text[length] = '\0';
    put(text, sizeof text, "\nseed:", 0, draw->seed);
    put(text, sizeof text, "    mass_kg:", 0, draw->mass_kg);
    put(text, sizeof text, "    height_m:", 0, draw->height_m);
    for (int i = 0; i < 2; i++) {
        put(text, sizeof text, "ea_n:", i, draw->ea_n[i]);
        put(text, sizeof text, "sheave_friction:", i, draw->friction[i]);
        put(text, sizeof text, "weight_kg_m:", i, draw->rope_kg_m);
    }
    snprintf(path, 64, "/tmp/belay-carriage-XXXXXX");
    const int file = mkstemp(path);
    cr_assert(file >= 0 && write(file, text, strlen(text)) == (ssize_t)strlen(text));
    close(file);
}

static void open_world(const struct draw *draw) {
    static struct yaml_errors errors;
    char text[1024], path[64];
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    write_world(draw, path);
    const int opened = harness_open(&h, &rig, &show, path, text, sizeof text);
    unlink(path);
    cr_assert_eq(opened, 0, "%s", text);
}

static void arm(void) {
    const enum refusal refusal = harness_ask(&h, (struct command){.kind = COMMAND_ARM});
    cr_assert_eq(refusal, REFUSED_NOT, "%s %s", cycle_refusal_text(refusal),
                 fault_text(h.out.snapshot.first_out)->name);
}

static void setup(void) {
    open_world(&as_stated);
    arm();
}

static void teardown(void) {
    harness_close(&h);
}

TestSuite(virtual_carriage, .timeout = 30);

static void figure(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void figure(const char *format, ...) {
    va_list values;
    va_start(values, format);
    if (getenv("BELAY_FIGURES")) {
        vfprintf(stderr, format, values);
        fputc('\n', stderr);
    }
    va_end(values);
}

/* ---- flying ---- */

static const struct snapshot_axis *axis(int index) {
    return &h.out.snapshot.axis[index];
}

static double tension_n(int index) {
    return sim_world_winch(h.world, index).tension_n;
}

static double paid_m(int index) {
    return sim_world_winch(h.world, index).rope_out_m;
}

static void begin(int cue, double to_m) {
    show.cue[cue].position_m = to_m;
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    const enum refusal refusal = harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = cue});
    cr_assert_eq(refusal, REFUSED_NOT, "%s", cycle_refusal_text(refusal));
}

static bool rests(const struct harness *harness) {
    for (int i = 0; i < 2; i++) {
        const enum axis_state state = harness->out.snapshot.axis[i].state;
        if (state != STATE_ARMED && state != STATE_FAULT && state != STATE_DISARMED)
            return false;
    }
    return true;
}

static const char *fault_name(void) {
    return fault_text(h.out.snapshot.first_out)->name;
}

struct flight {
    double apart;      /* most by which the shares differ, of the greater one */
    double unexplained; /* most by which a reading differs from the plan at constant speed, of the expected one */
    double level_m;
};

static struct flight flies_to(int cue, double to_m) {
    struct flight f = {0};
    begin(cue, to_m);
    for (int i = 0; i < 10000 && (i < 100 || !rests(&h)); i++) {
        harness_step(&h);
        const double north_n = tension_n(0), south_n = tension_n(1);
        f.apart = fmax(f.apart, fabs(north_n - south_n) / fmax(north_n, south_n));
        f.level_m = fmax(f.level_m, fabs(paid_m(0) - paid_m(1)));
        cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s at %g m", fault_name(), paid_m(0));
    }
    cr_assert_eq(h.out.snapshot.stop_cause, STOPPED_ARRIVED, "%d at %g m of %g m", h.out.snapshot.stop_cause,
                 paid_m(0), to_m);
    cr_expect_float_eq((paid_m(0) + paid_m(1)) / 2, to_m, 0.002);
    cr_expect_lt(fabs(paid_m(0) - to_m), rig.group[0].share_trim_m + 0.002);
    harness_let_go(&h);
    harness_run(&h, 0.5);
    return f;
}

Test(virtual_carriage, both_carry_their_share_down_and_up, .init = setup, .fini = teardown) {
    for (int cue = 0; cue < 2; cue++) {
        const struct flight f = flies_to(cue, cue ? 6 : 26);
        cr_expect_lt(f.apart, 0.05, "%g %%", 100 * f.apart);
        figure("shares %s: %.2f %% apart at most, drums %.2f mm", cue ? "up" : "down", 100 * f.apart,
               1e3 * f.level_m);
    }
}

/* What keeps them alike is theory: T dL (1/EA - 1/EA') of rope, half of it to each side. */
Test(virtual_carriage, ropes_that_differ_by_a_fifth_share_alike, .fini = teardown) {
    struct draw draw = as_stated;
    draw.ea_n[0] = 5.4e6;
    draw.ea_n[1] = 6.6e6;
    open_world(&draw);
    arm();
    const double from_m = paid_m(1) - paid_m(0);
    const struct flight f = flies_to(0, 26);
    const double theory_m = CARRIAGE_KG / 2.0 * G * 20 * (1 / draw.ea_n[0] - 1 / draw.ea_n[1]);
    const double trimmed_m = paid_m(1) - paid_m(0) - from_m;
    cr_expect_lt(f.apart, 0.05, "%g %%", 100 * f.apart);
    cr_expect_float_eq(trimmed_m, theory_m, 0.002, "%g m of %g m", trimmed_m, theory_m);
    figure("EA 5.4 and 6.6 MN: shares %.2f %% apart at most, drums %.1f mm, theory %.1f mm", 100 * f.apart,
           1e3 * trimmed_m, 1e3 * theory_m);
}

/* ---- a snag ---- */

/* The tension at a load cell at constant speed, by hand: the share, the rope, 2 % of friction. */
static double expected_n(int index, bool lifts) {
    return (CARRIAGE_KG / 2.0 + 1.1 * axis(index)->position_m.value) * G * (lifts ? 1.02 : 1 / 1.02);
}

static bool outside(int index, bool lifts) {
    const double expected = expected_n(index, lifts);
    return fabs(axis(index)->tension_n.value - expected) > 20 + 0.08 * expected;
}

/* Caught at `at_m` by something of `snag_n_m`: both stop at the second reading outside. */
static void is_caught(int cue, double at_m, double snag_n_m) {
    begin(cue, cue == 0 ? 26 : 6);
    for (int i = 0; i < 6000 && (cue == 0 ? paid_m(0) < at_m : paid_m(0) > at_m); i++)
        harness_step(&h);
    cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s", fault_name());
    sim_world_act(h.world, ACT_SNAG, snag_n_m);
    const int64_t caught_us = h.now_us;
    const double from_m = paid_m(0), height_m = sim_world_truth(h.world).height_m;
    double least_n = HUGE_VAL, most_n = 0, held_n = 0;
    int first = 0, cycles = 0;
    for (; h.out.snapshot.fault_mask == 0 && cycles < 200; cycles++) {
        harness_step(&h);
        if (first == 0 && (outside(0, cue == 1) || outside(1, cue == 1)))
            first = cycles;
    }
    const int tripped = cycles - 1;
    const double trip_ms = (double)(h.now_us - caught_us) / 1e3, way_m = fabs(paid_m(0) - from_m);
    cr_assert_eq(h.out.snapshot.first_out, FAULT_LOAD_UNEXPECTED, "%s", fault_name());
    cr_expect_eq(tripped, first + 1, "outside in cycle %d, tripped in %d", first, tripped);
    for (int i = 0; i < 200; i++) {
        harness_step(&h);
        for (int line = 0; line < 2; line++) {
            least_n = fmin(least_n, tension_n(line));
            most_n = fmax(most_n, tension_n(line));
        }
        held_n = fmax(held_n, snag_n_m * fabs(sim_world_truth(h.world).height_m - height_m));
    }
    for (int i = 0; i < 2; i++)
        cr_expect(sim_world_winch(h.world, i).brake_closed && axis(i)->state == STATE_FAULT);
    cr_expect_lt(most_n, rig.axis[0].load.rated_dynamic_tension_n);
    figure("snag %s at %g m, %g MN/m: first reading outside after %d ms, stop after %.0f ms and %.0f mm, stands after "
           "%.0f mm; line %.1f to %.1f kN, snag %.1f kN",
           cue ? "up" : "down", at_m, snag_n_m / 1e6, 10 * (first + 1), trip_ms, 1e3 * way_m,
           1e3 * fabs(paid_m(0) - from_m), least_n / 1e3, most_n / 1e3, held_n / 1e3);
}

Test(virtual_carriage, a_snag_while_lowering_stops_both_at_the_second_reading, .fini = teardown) {
    static const double places_m[] = {9, 16, 24};
    for (size_t i = 0; i < 3; i++) {
        setup();
        is_caught(0, places_m[i], 2e6);
        if (i < 2)
            teardown();
    }
}

/* Its roof hooks in under the grid: the winches pull against it, as hard as they can. */
Test(virtual_carriage, a_snag_while_lifting_stops_both_at_the_second_reading, .fini = teardown) {
    static const double heights_m[] = {21, 14, 7};
    for (size_t i = 0; i < 3; i++) {
        struct draw draw = as_stated;
        draw.height_m = heights_m[i] - 2;
        open_world(&draw);
        arm();
        is_caught(1, 30 - heights_m[i], 2e6);
        if (i < 2)
            teardown();
    }
}

/* ---- overload ---- */

static enum refusal jog(double speed_m_s) {
    harness_hold(&h);
    harness_step(&h);
    return harness_ask(&h, (struct command){.kind = COMMAND_JOG, .axis = 0, .axes = BOTH, .speed_m_s = speed_m_s});
}

static void let_go(void) {
    harness_let_go(&h);
    harness_run(&h, 1.5);
}

/* In set-up, after the reset: up is refused, down goes, no faster than set-up and only while it is held. */
static void is_relieved(void) {
    let_go();
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_MODE, .operating = OPERATING_SETUP}), REFUSED_NOT);
    arm();
    const double stood_m = paid_m(0);
    cr_expect_neq(jog(-0.1), REFUSED_NOT, "up");
    harness_run(&h, 1);
    cr_expect_float_eq(paid_m(0), stood_m, 0.002);
    let_go();
    const enum refusal refusal = jog(0.25);
    cr_expect_eq(refusal, REFUSED_NOT, "down: %s", cycle_refusal_text(refusal));
    harness_run(&h, 4);
    const double way_m = paid_m(0) - stood_m;
    cr_expect(way_m > 0.2 && way_m < 0.1 * 4.1, "%g m in 4 s of set-up speed 0.1", way_m);
    let_go();
    const double let_go_m = paid_m(0);
    harness_run(&h, 2);
    cr_expect_float_eq(paid_m(0), let_go_m, 0.001);
    cr_expect_lt(fabs(paid_m(0) - paid_m(1)), rig.group[0].deviation_m, "both");
    figure("relieved by %.0f mm in 4 s, drums %.1f mm apart", 1e3 * way_m, 1e3 * fabs(paid_m(0) - paid_m(1)));
}

Test(virtual_carriage, at_110_percent_nothing_is_lifted_and_lowering_goes_on, .fini = teardown) {
    struct draw draw = as_stated;
    draw.mass_kg = 2 * 1.13 * RATED_KG;
    draw.height_m = 16;
    open_world(&draw);
    arm();
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    harness_run(&h, 4);
    cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s", fault_name());
    let_go();
    harness_run(&h, 2); /* the brakes have taken the load over */
    const double from_m = paid_m(0);
    cr_assert_eq(jog(-0.2), REFUSED_NOT);
    for (int i = 0; i < 500 && h.out.snapshot.fault_mask == 0; i++)
        harness_step(&h);
    harness_run(&h, 2);
    cr_expect_eq(h.out.snapshot.first_out, FAULT_OVERLOAD, "%s", fault_name());
    cr_expect_eq(h.out.snapshot.fault_mask & FAULT_BIT(OVERLOAD_BOTH), 0);
    cr_expect_lt(from_m - paid_m(0), 0.1);
    figure("113 %% are lifted by %.0f mm until it stands", 1e3 * (from_m - paid_m(0)));
    is_relieved();
}

/* Rope of 4 kg/m that is paid out weighs more and more: 130 % are reached at 22 m, on the way down,
 * by the line that carries more a little before. */
Test(virtual_carriage, at_130_percent_nothing_moves_but_down_in_set_up, .fini = teardown) {
    struct draw draw = as_stated;
    draw.friction[0] = draw.friction[1] = 0;
    draw.rope_kg_m = 4;
    draw.mass_kg = 2 * (1.3 * RATED_KG - draw.rope_kg_m * 22);
    draw.height_m = 24;
    open_world(&draw);
    arm();
    cr_assert_eq(jog(0.2), REFUSED_NOT);
    for (int i = 0; i < 8000 && h.out.snapshot.fault_mask == 0; i++)
        harness_step(&h);
    cr_expect_eq(h.out.snapshot.first_out, FAULT_OVERLOAD_BOTH, "%s", fault_name());
    cr_expect(paid_m(0) > 16 && paid_m(0) < 22.5, "at %g m", paid_m(0));
    figure("130 %% stop the way down at %.1f m", paid_m(0));
    harness_run(&h, 2);
    for (int i = 0; i < 2; i++)
        cr_expect(sim_world_winch(h.world, i).brake_closed);
    is_relieved();
}

/* ---- stops ---- */

struct stopped {
    double apart_m, least_n, most_n, sank_m;
};

/* Until both stand behind closed brakes. */
static struct stopped until_both_stand(void) {
    struct stopped s = {.least_n = HUGE_VAL};
    const double height_m = sim_world_truth(h.world).height_m;
    for (int i = 0; i < 300; i++) {
        harness_step(&h);
        s.apart_m = fmax(s.apart_m, fabs(paid_m(0) - paid_m(1)));
        for (int line = 0; line < 2; line++) {
            s.least_n = fmin(s.least_n, tension_n(line));
            s.most_n = fmax(s.most_n, tension_n(line));
        }
        s.sank_m = fmax(s.sank_m, fabs(height_m - sim_world_truth(h.world).height_m));
    }
    for (int i = 0; i < 2; i++) {
        const struct sim_winch winch = sim_world_winch(h.world, i);
        cr_expect(winch.brake_closed && !winch.drive_enabled, "%s", winch.name);
        cr_expect_lt(fabs(winch.rope_speed_m_s), 1e-3);
    }
    cr_expect_lt(s.most_n, rig.axis[0].load.rated_dynamic_tension_n);
    return s;
}

Test(virtual_carriage, an_estop_at_any_instant_stops_both) {
    struct stopped worst = {.least_n = HUGE_VAL};
    for (int after_ms = 100; after_ms <= 4000; after_ms += 433) {
        struct draw draw = as_stated;
        draw.height_m = 15;
        open_world(&draw);
        arm();
        begin(after_ms % 2, after_ms % 2 ? 5 : 26);
        harness_run(&h, after_ms / 1000.0);
        sim_world_estop(h.world, after_ms % 3 % 2, true);
        const struct stopped s = until_both_stand();
        cr_expect_eq(h.out.snapshot.first_out, FAULT_ESTOP, "%s", fault_name());
        cr_expect(s.apart_m < rig.group[0].deviation_m && s.sank_m < 0.5 && s.least_n > 1000,
                  "after %d ms: %g m apart, %g m, %g N", after_ms, s.apart_m, s.sank_m, s.least_n);
        worst = (struct stopped){fmax(worst.apart_m, s.apart_m), fmin(worst.least_n, s.least_n),
                                 fmax(worst.most_n, s.most_n), fmax(worst.sank_m, s.sank_m)};
        teardown();
    }
    figure("E-stop: drums %.1f mm apart, %.0f mm of way, lines %.1f to %.1f kN", 1e3 * worst.apart_m,
           1e3 * worst.sank_m, worst.least_n / 1e3, worst.most_n / 1e3);
}

Test(virtual_carriage, a_drive_that_trips_stops_both, .fini = teardown) {
    for (int winch = 0; winch < 2; winch++) {
        setup();
        begin(0, 26);
        harness_run(&h, 5);
        sim_world_defect(h.world, winch, SIM_DEFECT_DRIVE_TRIPS, true);
        const struct stopped s = until_both_stand();
        cr_expect_eq(h.out.snapshot.first_out, FAULT_DRIVE_FAULT, "%s", fault_name());
        cr_expect_eq(h.out.snapshot.first_out_axis, winch);
        cr_expect_lt(s.sank_m, 0.5);
        figure("drive %d trips: drums %.1f mm apart, %.0f mm of way, lines %.1f to %.1f kN", winch + 1, 1e3 * s.apart_m,
               1e3 * s.sank_m, s.least_n / 1e3, s.most_n / 1e3);
        if (winch == 0)
            teardown();
    }
}

/* ---- fifty lowerings ---- */

static uint64_t state = 20261128;

static double uniform(double low, double high) { /* splitmix64 */
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return low + (high - low) * (double)((z ^ (z >> 31)) >> 11) * 0x1p-53;
}

static struct draw drawn(void) {
    struct draw draw = as_stated;
    draw.mass_kg += uniform(-5, 5);
    draw.height_m = uniform(8, 24);
    for (int i = 0; i < 2; i++) {
        draw.ea_n[i] *= uniform(0.9, 1.1);
        draw.friction[i] *= uniform(0.8, 1.2);
    }
    draw.seed += (unsigned)uniform(0, 1e6);
    return draw;
}

/* None stops by mistake, and no two are the same. */
Test(virtual_carriage, fifty_lowerings_of_a_plant_drawn_anew, .fini = teardown) {
    double most = 0, sum = 0, last = 0;
    for (int i = 0; i < 50; i++) {
        const struct draw draw = drawn();
        open_world(&draw);
        arm();
        const struct flight f = flies_to(0, fmin(paid_m(0) + uniform(0.5, 6), 27));
        cr_expect_lt(f.apart, 0.05, "%d: %g %%", i, 100 * f.apart);
        cr_expect_neq(f.apart, last);
        most = fmax(most, f.apart);
        sum += last = f.apart;
        if (i < 49)
            teardown();
    }
    figure("50 lowerings: shares %.2f %% apart at most, %.2f %% on the mean", 100 * most, 2 * sum);
}
