/* Two winches lift one crate between them: the real cycle_step with two axes, each with a safety I/O block of its own,
 * and the simulated world on one clock. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "controller/safety/monitor.h"
#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define WORLD BELAY_SOURCE_DIR "/tests/worlds/two-winches.yaml"
#define WEIGHT_N (200 * 9.81)

static struct rig rig;
static struct show show;
static struct harness h;

/* The rig of free-climb with a second winch like the first one, on the units behind it. Neither belays. */
static void second_axis(void) {
    const int devices = rig.device_count;
    for (int i = 0; i < devices; i++) {
        struct rig_device *device = &rig.device[devices + i];
        *device = rig.device[i];
        device->unit = (uint8_t)(device->unit + SIM_WINCH_UNITS);
        snprintf(device->name, sizeof device->name, "second-%d", i);
    }
    rig.device_count = 2 * devices;
    rig.axis[0].belay.present = rig.axis[0].person.present = false;
    rig.axis[0].carries_person = false;
    rig.axis[0].rope.ea_n = 120000;
    struct rig_axis *axis = &rig.axis[1];
    *axis = rig.axis[0];
    snprintf(axis->name, sizeof axis->name, "second");
    axis->drive += devices;
    axis->load_cell += devices;
    axis->encoder += devices;
    axis->brake.io += devices;
    for (int i = 0; i < axis->switch_count; i++)
        axis->limit_switch[i].io += devices;
    rig.axis_count = 2;
}

/* A cue for each, whose place and speed the tests set. */
static const char moves[] = "format: 1\n"
                            "show: two\n"
                            "rig: free-climb\n"
                            "cues:\n"
                            "  - {id: 1, name: first, move: {axis: climber, position_m: 10, speed_m_s: 0.5,\n"
                            "     acceleration_m_s2: 1}}\n"
                            "  - {id: 2, name: second, move: {axis: second, position_m: 10, speed_m_s: 0.5,\n"
                            "     acceleration_m_s2: 1}}\n";

static void setup(void) {
    static struct yaml_errors errors;
    char text[1024];
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    second_axis();
    cr_assert_eq(show_load_text("show", moves, strlen(moves), &rig, &show, &errors), 0, "%s", errors.text[0]);
    cr_assert_eq(harness_open(&h, &rig, &show, WORLD, text, sizeof text), 0, "%s", text);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
}

static void teardown(void) {
    harness_close(&h);
}

TestSuite(virtual_two, .init = setup, .fini = teardown, .timeout = 60);

/* Both begin to move to `place_m` under one press. */
static void begin_to(const double *place_m, double speed_m_s) {
    harness_hold(&h);
    for (int i = 0; i < 2; i++) {
        struct cue *cue = &show.cue[i];
        cue->position_m = place_m[i];
        cue->speed_m_s = speed_m_s;
        cue->acceleration_m_s2 = 1;
    }
    for (int i = 0; i < 2; i++) {
        cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = i}), REFUSED_NOT);
        enum refusal refusal = harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = i});
        cr_assert_eq(refusal, REFUSED_NOT, "%d: %s", i, cycle_refusal_text(refusal));
    }
}

/* The same by `way_m`. */
static void begin(double way_m, double speed_m_s) {
    begin_to((const double[]){sim_world_winch(h.world, 0).rope_out_m + way_m,
                              sim_world_winch(h.world, 1).rope_out_m + way_m}, speed_m_s);
}

static bool both_rest(const struct harness *harness) {
    for (int i = 0; i < 2; i++)
        if (harness->out.snapshot.axis[i].state == STATE_RUNNING)
            return false;
    return true;
}

static void no_fault(void) {
    cr_assert_eq(h.out.snapshot.fault_mask, 0, "%s", fault_text(h.out.snapshot.first_out)->name);
}

static void arrive(void) {
    harness_run(&h, 1);
    cr_assert(harness_until(&h, both_rest, 30));
    no_fault();
    harness_let_go(&h);
    harness_run(&h, 40); /* it bounces once a second, hardly damped */
}

static void move(double way_m, double speed_m_s) {
    begin(way_m, speed_m_s);
    arrive();
}

static void move_to(const double *place_m, double speed_m_s) {
    begin_to(place_m, speed_m_s);
    arrive();
}

Test(virtual_two, they_lift_and_lower_the_crate_and_share_its_weight) {
    static const double ways_m[] = {-3, 2, -1, 4};
    double height_m = sim_world_truth(h.world).height_m;
    for (size_t i = 0; i < 4; i++) {
        move(ways_m[i], 0.5);
        height_m -= ways_m[i];
        const struct sim_winch left = sim_world_winch(h.world, 0), right = sim_world_winch(h.world, 1);
        cr_expect_float_eq(sim_world_truth(h.world).height_m, height_m, 0.05, "%g m", height_m);
        cr_expect_float_eq(left.tension_n + right.tension_n, WEIGHT_N, 2);
        cr_expect_float_eq(left.tension_n - right.tension_n, 0, 15, "%g and %g N", left.tension_n, right.tension_n);
        cr_expect(left.brake_closed && right.brake_closed);
    }
}

/* Between takes the plant is drawn anew: the drums come back to their places, the crate hangs a little elsewhere. */
Test(virtual_two, takes_repeat_at_the_drum_and_differ_at_the_load) {
    double drum_m[2] = {0}, least_m = INFINITY, most_m = -INFINITY, height_m[6], drums_off_m = 0;
    for (int i = 0; i < 2; i++)
        drum_m[i] = sim_world_winch(h.world, i).rope_out_m - 2;
    for (uint32_t take = 0; take < 6; take++) {
        cr_assert_eq(sim_world_draw(h.world, 100 + take), 0);
        harness_run(&h, 40);
        no_fault();
        move_to((const double[]){drum_m[0], drum_m[1]}, 0.5);
        for (int i = 0; i < 2; i++)
            drums_off_m = fmax(drums_off_m, fabs(sim_world_winch(h.world, i).rope_out_m - drum_m[i]));
        height_m[take] = sim_world_truth(h.world).height_m;
        for (uint32_t other = 0; other < take; other++)
            cr_expect_neq(height_m[take], height_m[other], "takes %u and %u are the same to the last bit", take, other);
        least_m = fmin(least_m, height_m[take]), most_m = fmax(most_m, height_m[take]);
        move_to((const double[]){drum_m[0] + 2, drum_m[1] + 2}, 0.5);
    }
    printf("# six takes: drums %.2f mm off their places at most, the crate within %.1f mm\n", 1000 * drums_off_m,
           1000 * (most_m - least_m));
    cr_expect_lt(drums_off_m, 0.002);
    cr_expect(most_m - least_m > 0.002 && most_m - least_m < 0.06, "%g m", most_m - least_m);
}

/* The chain takes the torque of both drives and the coils of both winches' brakes. */
Test(virtual_two, an_estop_stops_both_at_any_instant) {
    for (int after_ms = 0; after_ms <= 2400; after_ms += 300) {
        begin(after_ms % 600 ? 2.5 : -2.5, 0.8);
        harness_run(&h, after_ms / 1000.0);
        const double before_m = sim_world_truth(h.world).height_m;
        sim_world_estop(h.world, 1, true);
        harness_run(&h, 3);
        cr_expect_eq(h.out.snapshot.first_out, FAULT_ESTOP);
        for (int i = 0; i < 2; i++) {
            const struct sim_winch winch = sim_world_winch(h.world, i);
            cr_expect(winch.brake_closed && !winch.drive_enabled, "%s, E-stop after %d ms", winch.name, after_ms);
            cr_expect_lt(fabs(winch.rope_speed_m_s), 1e-6);
        }
        cr_expect_float_eq(sim_world_truth(h.world).height_m, before_m, 0.6, "after %d ms", after_ms);
        sim_world_estop(h.world, 1, false);
        harness_let_go(&h);
        harness_run(&h, 2);
        cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
        cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    }
}

/* A defect has its winch: the second one's brake stays closed, and it is the second one's axis that says so. */
Test(virtual_two, a_defect_is_of_one_winch) {
    sim_world_defect(h.world, 1, SIM_DEFECT_FIRST_BRAKE_CLOSED, true);
    begin(-1, 0.5);
    harness_run(&h, 2);
    cr_expect_eq(h.out.snapshot.axis[1].fault_mask, FAULT_BIT(BRAKE_OPEN));
    cr_expect_eq(h.out.snapshot.axis[0].fault_mask & FAULT_BIT(BRAKE_OPEN), 0);
}

static void count(void *context, const struct harness *harness) {
    cr_assert_eq(harness->now_us % 1000, 0);
    ++*(int *)context;
}

/* The bus is a tenth of a cycle behind the tick, in steps of the world; whoever watches sees every millisecond. */
Test(virtual_two, frames_come_a_tenth_of_a_cycle_after_the_tick) {
    static const struct {
        int cycle_ms, after_us;
    } rows[] = {{2, 250}, {4, 500}, {5, 500}, {10, 1000}, {15, 1500}, {20, 2000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct harness other;
        char text[1024];
        int seen = 0;
        const int32_t longest_ms = MONITOR_WINDOW_MAX * rows[i].cycle_ms;
        rig.cycle_ms = rows[i].cycle_ms;
        for (int k = 0; k < 2; k++) {
            rig.axis[k].limits.following_error_ms = (int32_t)fmin(200, longest_ms);
            rig.axis[k].monitors.window_ms = (int32_t)fmin(200, longest_ms);
        }
        cr_assert_eq(harness_open(&other, &rig, &show, WORLD, text, sizeof text), 0, "%s", text);
        other.watch = count;
        other.context = &seen;
        const int64_t tick_us = other.now_us, end_us = tick_us + 60000;
        while (other.now_us < end_us) {
            const int64_t from_us = other.now_us;
            harness_step(&other);
            cr_expect_eq(other.image.frame[0].stamp_us - from_us, rows[i].after_us, "%d ms", rows[i].cycle_ms);
        }
        cr_expect_eq(seen, 60, "%d ms: %d", rows[i].cycle_ms, seen);
        harness_close(&other);
    }
}
