/* Both brakes read closed and do not hold when the load is handed over to them: how far a person on the rope sinks,
 * with a ramp of the drive's torque limits and with a drive that takes none and only waits one step from torque. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

static struct rig rig;
static struct show show;

static void load(void) {
    static struct yaml_errors errors;
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
}

TestSuite(virtual_handover, .init = load, .timeout = 60);

/* A drive of the same make without registers for its limits. */
static void takes_no_limits(void) {
    for (int i = 0; i < rig.profile_count; i++) {
        struct profile *profile = &rig.profile[i];
        if (profile->torque_limit_full == 0)
            continue;
        profile->torque_limit_full = 0;
        profile->write_count = 3;
        profile->term[TERM_MOTORING_LIMIT].present = profile->term[TERM_GENERATING_LIMIT].present = false;
    }
}

static bool running(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_RUNNING;
}

static bool closing(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_CLOSING;
}

struct slide {
    double way_m, fastest_m_s, seconds; /* from the closing of the brakes */
    uint64_t faults;
    bool holds;
    double off_s; /* without the drive's torque */
};

/* The climber hangs on the rope and is lowered; the operator lets go. */
static struct slide hand_over(double height_m, bool slips) {
    struct harness h;
    char text[1024];
    cr_assert_eq(harness_open(&h, &rig, &show, SCENARIO "world.yaml", text, sizeof text), 0, "%s", text);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = show_cue_find(&show, "1")}), REFUSED_NOT);
    cr_assert(harness_until(&h, running, 3));
    harness_run(&h, 2);
    sim_world_act(h.world, ACT_ASCEND, 0.8);
    while (sim_world_truth(h.world).height_m < height_m)
        harness_step(&h);
    sim_world_act(h.world, ACT_FALL, 0);
    harness_run(&h, 10);
    harness_let_go(&h);
    harness_run(&h, 5);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    harness_step(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_JOG, .speed_m_s = 0.3}), REFUSED_NOT);
    cr_assert(harness_until(&h, running, 3));
    harness_run(&h, 2);
    harness_let_go(&h);
    cr_assert(harness_until(&h, closing, 3));
    harness_run(&h, 0.2); /* the pads touch, and the drum stands */
    if (slips)
        sim_world_defect(h.world, 0, SIM_DEFECT_BRAKES_SLIP, true);
    struct slide slide = {0};
    const double from_m = sim_world_truth(h.world).rope_out_m;
    for (int i = 0; i < 400; i++) {
        harness_step(&h);
        const struct sim_truth truth = sim_world_truth(h.world);
        slide.way_m = fmax(slide.way_m, truth.rope_out_m - from_m);
        slide.fastest_m_s = fmax(slide.fastest_m_s, truth.rope_speed_m_s);
        slide.off_s += truth.drive_enabled ? 0 : 0.01;
        slide.faults |= h.out.snapshot.fault_mask;
    }
    slide.holds = sim_world_truth(h.world).drive_enabled && fabs(sim_world_truth(h.world).rope_speed_m_s) < 0.001;
    harness_close(&h);
    return slide;
}

static const double heights_m[] = {5, 6, 7, 8, 9.5};
#define HEIGHTS (sizeof heights_m / sizeof heights_m[0])

static double worst_slide_m(const char *name) {
    double worst_m = 0;
    for (size_t i = 0; i < HEIGHTS; i++) {
        const struct slide slide = hand_over(heights_m[i], true);
        cr_expect(slide.faults == FAULT_BIT(MOVEMENT) && slide.holds, "%s at %g m: %llx", name, heights_m[i],
                  (unsigned long long)slide.faults);
        cr_log_info("%s, at %g m: %.1f mm, %.0f mm/s, without torque for %.2f s", name, heights_m[i],
                    slide.way_m * 1e3, slide.fastest_m_s * 1e3, slide.off_s);
        worst_m = fmax(worst_m, slide.way_m);
    }
    return worst_m;
}

Test(virtual_handover, brakes_that_slip_are_found_with_less_travel_by_a_ramp_of_the_limits) {
    const double ramp_m = worst_slide_m("ramp of the torque limits");
    takes_no_limits();
    const double step_m = worst_slide_m("one step from torque");
    cr_expect_lt(ramp_m, 0.008, "%.1f mm", ramp_m * 1e3);
    cr_expect_lt(step_m, 0.06, "%.1f mm", step_m * 1e3);
    cr_expect_lt(ramp_m, step_m / 3, "%.1f mm against %.1f mm", ramp_m * 1e3, step_m * 1e3);
}

Test(virtual_handover, brakes_that_hold_take_the_load_with_next_to_no_travel) {
    for (size_t i = 0; i < HEIGHTS; i++) {
        const struct slide slide = hand_over(heights_m[i], false);
        cr_expect_eq(slide.faults, 0);
        cr_expect_lt(slide.way_m, 0.001, "%.2f mm", slide.way_m * 1e3);
        cr_expect(!slide.holds && slide.off_s > 2);
    }
}
