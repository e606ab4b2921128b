/* A hook goes through places at times: the real cycle_step and the simulated winch with 150 kg on it, on one clock. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/moving-deck/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define ERROR_M 0.05

static const char text[] = "format: 1\nshow: Timed\nrig: moving-deck\ncues:\n"
                           "  - id: 1\n    name: Down and up\n    timed:\n      axis: hook\n      error_m: 0.05\n"
                           "      path:\n"
                           "        - {t_s: 0, position_m: 16}\n"
                           "        - {t_s: 2, position_m: 17}\n"
                           "        - {t_s: 4, position_m: 19.5}\n"
                           "        - {t_s: 5.5, position_m: 20}\n"
                           "        - {t_s: 7.5, position_m: 18}\n"
                           "        - {t_s: 10, position_m: 17}\n"
                           "  - id: 2\n    name: Back\n"
                           "    move: {axis: hook, position_m: 16, speed_m_s: 1, acceleration_m_s2: 1}\n";

static struct rig rig;
static struct show show;
static struct harness h;

static void write_world(char *path) {
    char world[8192];
    FILE *from = fopen(SCENARIO "world.yaml", "r");
    cr_assert(from);
    world[fread(world, 1, sizeof world - 1, from)] = '\0';
    fclose(from);
    char *const heave = strstr(world, "heave_m: 1.0");
    cr_assert(heave);
    heave[strlen("heave_m: ")] = '0'; /* a calm sea */
    strcpy(path, "/tmp/belay-timed-XXXXXX");
    const int fd = mkstemp(path);
    cr_assert(fd >= 0);
    FILE *to = fdopen(fd, "w");
    cr_assert(to && fputs(world, to) >= 0 && fclose(to) == 0);
}

static void open_with(double position_max_m, int percent) {
    static struct yaml_errors errors;
    char path[64], error[1024];
    errors.count = 0;
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {percent}};
    cr_assert_eq(show_load_text("show", text, sizeof text - 1, &rig, &show, &errors), 0, "%s", errors.text[0]);
    rig.axis[0].limits.position_max_m = position_max_m;
    write_world(path);
    cr_assert_eq(harness_open(&h, &rig, &show, path, error, sizeof error), 0, "%s", error);
    unlink(path);
    harness_run(&h, 2);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
}

static double drum_m(void) {
    return sim_world_truth(h.world).rope_out_m;
}

static enum refusal go(int cue) {
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    return harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = cue});
}

static bool runs(const struct harness *harness) {
    return harness->out.snapshot.axis[0].state == STATE_RUNNING;
}

static bool rests(const struct harness *harness) {
    return harness->out.snapshot.axis[0].state == STATE_ARMED;
}

static void no_fault(void) {
    cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s", fault_text(h.out.snapshot.first_out)->name);
}

static void come_back(void) {
    cr_assert_eq(go(1), REFUSED_NOT);
    cr_assert(harness_until(&h, runs, 2) && harness_until(&h, rests, 20));
    harness_let_go(&h);
    harness_run(&h, 3); /* the load is handed over to the brakes */
    cr_assert_float_eq(drum_m(), 16, 0.005);
}

/* Worst distance of the drum from its place at the time, until it rests. */
static double fly(double rate) {
    const double dt_s = rig.cycle_ms / 1000.0;
    double worst_m = 0;
    cr_assert_eq(go(0), REFUSED_NOT);
    cr_assert(harness_until(&h, runs, 2));
    double t_s = -rate * (fmax(0, rig.axis[0].monitors.dead_ms / 1000.0 - dt_s) - 2 * dt_s +
                          rig.axis[0].monitors.lag_ms / 1000.0);
    while (runs(&h)) {
        const double off_m = drum_m() - timed_at(&show.timed[0], t_s).position_m;
        worst_m = fmax(worst_m, fabs(off_m));
        harness_step(&h);
        t_s += rate * dt_s;
        cr_assert_lt(t_s, 12);
    }
    return worst_m;
}

/* What is left: the rope's and the drive's part, and what dead time and lag are off by. */
Test(virtual_timed, the_drum_is_where_its_path_has_it_at_that_time, .timeout = 60) {
    static const int percent[] = {100, 50};
    for (int i = 0; i < 2; i++) {
        open_with(26.5, percent[i]);
        come_back();
        const double worst_m = fly(percent[i] / 100.0);
        cr_log_info("%d %%: %.1f mm", percent[i], 1e3 * worst_m);
        no_fault();
        cr_expect_eq(h.out.snapshot.stop_cause, STOPPED_ARRIVED);
        cr_expect_float_eq(drum_m(), 17, 0.002);
        cr_expect_lt(worst_m, 0.010, "%g m", worst_m);
        harness_close(&h);
    }
}

Test(virtual_timed, away_from_where_it_begins_it_is_refused, .timeout = 60) {
    open_with(26.5, 100);
    come_back();
    cr_assert_lt(fly(1), ERROR_M);
    harness_let_go(&h);
    harness_run(&h, 3);
    cr_expect_eq(go(0), REFUSED_START);
    cr_expect_eq(h.out.snapshot.go.refusal, REFUSED_START);
    cr_expect_eq(h.out.snapshot.go.detail.place_m, 16);
    harness_let_go(&h);
    come_back();
    cr_expect_eq(go(0), REFUSED_NOT);
    harness_close(&h);
}

Test(virtual_timed, let_go_of_it_stops_and_does_not_go_on, .timeout = 60) {
    open_with(26.5, 100);
    come_back();
    cr_assert_eq(go(0), REFUSED_NOT);
    cr_assert(harness_until(&h, runs, 2));
    harness_run(&h, 3);
    cr_assert_gt(h.out.snapshot.axis[0].setpoint_m_s, 1);
    harness_let_go(&h);
    harness_step(&h);
    const double told_m = h.out.snapshot.axis[0].stop_at_m;
    cr_assert(harness_until(&h, rests, 2));
    no_fault();
    cr_expect_eq(h.out.snapshot.stop_cause, STOPPED_RELEASED);
    /* The drive's speed loop gives way to 150 kg that are slowed down. */
    cr_expect_float_eq(drum_m(), told_m, 0.03, "%g m, told %g m", drum_m(), told_m);
    harness_run(&h, 3);
    cr_expect_eq(go(0), REFUSED_START, "in the middle");
    harness_close(&h);
}

/* The path was good in the rig for which it was loaded; here the clamp holds the drum back before 19 m. */
Test(virtual_timed, with_a_limit_in_its_way_it_stops_as_soon_as_it_is_too_far_behind, .timeout = 60) {
    open_with(19, 100);
    come_back();
    cr_assert_eq(go(0), REFUSED_NOT);
    cr_assert(harness_until(&h, runs, 2) && harness_until(&h, rests, 10));
    no_fault();
    cr_expect_eq(h.out.snapshot.stop_cause, STOPPED_OFF_PATH);
    cr_expect_lt(drum_m(), 19);
    cr_expect_gt(drum_m(), 18);
    harness_close(&h);
}
