/* camera-crew: two platforms, each on a locked pair of winches, flown by the real cycle in virtual time. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/camera-crew/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

enum { LEFT_A, LEFT_B, RIGHT_A, RIGHT_B, WINCHES };

static struct rig rig;
static struct show show;
static struct harness h;

/* Worst of what an instrument at the drums and on the platforms would show, in mm and m. */
struct worst {
    double drums_mm[2], tilt_mm[2];
} seen;

static double drums_mm(int pair) {
    const struct sim_winch a = sim_world_winch(h.world, 2 * pair), b = sim_world_winch(h.world, 2 * pair + 1);
    return 1000 * fabs(a.rope_out_m - b.rope_out_m);
}

static void watch(void *context, const struct harness *harness) {
    (void)context;
    (void)harness;
    for (int pair = 0; pair < 2; pair++) {
        seen.drums_mm[pair] = fmax(seen.drums_mm[pair], drums_mm(pair));
        seen.tilt_mm[pair] = fmax(seen.tilt_mm[pair], fabs(sim_world_tilt_mm(h.world, pair)));
    }
}

static void setup(void) {
    static struct yaml_errors errors;
    char text[1024];
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
    cr_assert_eq(harness_open(&h, &rig, &show, SCENARIO "world.yaml", text, sizeof text), 0, "%s", text);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    h.watch = watch;
    seen = (struct worst){{0}, {0}};
}

static void teardown(void) {
    harness_close(&h);
}

TestSuite(virtual_crew, .init = setup, .fini = teardown, .timeout = 120);

static enum axis_state state_of(int axis) {
    return h.out.snapshot.axis[axis].state;
}

static bool rests(const struct harness *harness) {
    for (int i = 0; i < WINCHES; i++)
        if (harness->out.snapshot.axis[i].state != STATE_ARMED)
            return false;
    return true;
}

static void goes(const char *id) {
    const int cue = show_cue_find(&show, id);
    cr_assert_geq(cue, 0);
    if (!h.holding)
        harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_STANDBY, .cue = cue}), REFUSED_NOT);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_GO, .cue = cue}), REFUSED_NOT, "%s",
                 cycle_refusal_name(h.out.replies[0].refusal));
}

static void arrives(void) {
    harness_run(&h, 1);
    cr_assert(harness_until(&h, rests, 40), "%s", fault_text(h.out.snapshot.first_out)->name);
    cr_assert_eq(h.out.snapshot.stop_cause, STOPPED_ARRIVED);
    harness_let_go(&h);
    harness_run(&h, 0.2);
}

Test(virtual_crew, a_pair_is_level_moving_and_at_rest) {
    goes("L1");
    arrives();
    printf("# up: drums within %.1f mm moving, %.2f mm at rest; platform tilt %.1f mm moving, %.1f mm at rest\n",
           seen.drums_mm[0], drums_mm(0), seen.tilt_mm[0], fabs(sim_world_tilt_mm(h.world, 0)));
    goes("L2");
    arrives();
    printf("# and down: drums within %.1f mm moving, %.2f mm at rest; told: drums %.2f mm, load %.1f mm, is %.1f mm\n",
           seen.drums_mm[0], drums_mm(0), 1000 * h.out.snapshot.group[0].level_m,
           1000 * h.out.snapshot.group[0].load_level_m, fabs(sim_world_tilt_mm(h.world, 0)));
    cr_expect_lt(seen.drums_mm[0], 10);
    cr_expect_lt(drums_mm(0), 3);
}

/* The lag of the second drive is declared by 5 % wrong, either way. */
Test(virtual_crew, a_pair_is_level_with_lags_that_are_a_little_off) {
    static const int32_t lags_ms[] = {46, 50};
    for (int i = 0; i < 2; i++) {
        if (i > 0) {
            teardown();
            setup();
        }
        rig.axis[LEFT_B].monitors.lag_ms = lags_ms[i];
        goes("L1");
        arrives();
        printf("# lag declared %d ms: drums within %.1f mm moving, %.2f mm at rest\n", (int)lags_ms[i],
               seen.drums_mm[0], drums_mm(0));
        cr_expect_lt(seen.drums_mm[0], 10);
        cr_expect_lt(drums_mm(0), 3);
    }
}

/* 20 N shifted from one line to the other and back while it moves. */
Test(virtual_crew, an_operator_who_walks_tilts_the_platform_and_not_the_drums) {
    goes("L1");
    harness_run(&h, 2);
    sim_world_act(h.world, ACT_SHIFT, 10);
    arrives();
    cr_expect_lt(seen.drums_mm[0], 10);
    const double truly_mm = fabs(sim_world_tilt_mm(h.world, 0));
    const double told_mm = 1000 * h.out.snapshot.group[0].load_level_m;
    printf("# shifted: drums %.2f mm, platform %.1f mm, told %.1f mm\n", drums_mm(0), truly_mm, told_mm);
    cr_expect_lt(drums_mm(0), 3);
    cr_expect_gt(truly_mm, 3, "rope stretch shows");
    cr_expect_float_eq(told_mm, truly_mm, 3);
}

#define TAKES 20

/* The plant is drawn anew between takes: load, friction, ropes. Drums within 1 mm of each other, and of none to the
 * micrometre; what the ropes' stretch makes of that at the platform is reported. */
Test(virtual_crew, twenty_repeats_arrive_within_a_millimetre) {
    double least_m[2] = {HUGE_VAL, HUGE_VAL}, most_m[2] = {-HUGE_VAL, -HUGE_VAL}, low_m = HUGE_VAL, high_m = -HUGE_VAL;
    goes("L2");
    arrives();
    for (int take = 0; take < TAKES; take++) {
        cr_assert_eq(sim_world_draw(h.world, (uint32_t)take + 1), 0);
        harness_run(&h, 1);
        goes("L1");
        arrives();
        for (int i = 0; i < 2; i++) {
            const double rope_m = sim_world_winch(h.world, LEFT_A + i).rope_out_m;
            least_m[i] = fmin(least_m[i], rope_m);
            most_m[i] = fmax(most_m[i], rope_m);
        }
        low_m = fmin(low_m, sim_world_truth(h.world).height_m);
        high_m = fmax(high_m, sim_world_truth(h.world).height_m);
        goes("L2");
        arrives();
    }
    printf("# %d takes: drums within %.2f and %.2f mm, platform within %.1f mm\n", TAKES,
           1000 * (most_m[0] - least_m[0]), 1000 * (most_m[1] - least_m[1]), 1000 * (high_m - low_m));
    for (int i = 0; i < 2; i++)
        cr_expect(most_m[i] - least_m[i] < 0.001 && most_m[i] - least_m[i] > 1e-6, "%g m", most_m[i] - least_m[i]);
    cr_expect_lt(high_m - low_m, 0.02);
}

/* In mid-move, at full speed, for each defect of one winch, both ways: the pair stops within the rig's limit, the other
 * pair ends its own move as if nothing were. One that does not obey is stopped by the safety relay, and all with it. */
static const struct {
    enum sim_defect defect;
    bool stops_all;
    const char *text;
} defects[] = {
    {SIM_DEFECT_DRIVE_TRIPS, false, "the drive trips"},
    {SIM_DEFECT_FIRST_BRAKE_CLOSED, false, "a brake closes"},
    {SIM_DEFECT_STO_WIRE, false, "its safety input opens"},
    {SIM_DEFECT_ENCODER_SLIPS, false, "the encoder slips"},
    {SIM_DEFECT_DRIVE_DEAF, true, "the drive does not obey"},
};

static bool right_rests(const struct harness *harness) {
    return harness->out.snapshot.axis[RIGHT_A].state == STATE_ARMED;
}

static void strike(int row, const char *cue, int winch) {
    teardown();
    setup();
    if (cue[1] == '2') {
        goes("L1");
        arrives();
    }
    goes("R1");
    goes(cue);
    harness_run(&h, 4.2);
    cr_assert(state_of(LEFT_A) == STATE_RUNNING && state_of(RIGHT_A) == STATE_RUNNING);
    const double speed_m_s = sim_world_winch(h.world, LEFT_A).rope_speed_m_s;
    cr_assert_gt(fabs(speed_m_s), 1.5, "%g", speed_m_s);
    seen = (struct worst){{0}, {0}};
    sim_world_defect(h.world, winch, defects[row].defect, true);
    harness_run(&h, 4);
    printf("# %-24s winch %d, %4.1f m/s: drums %5.1f mm apart, platform %5.1f mm, then %5.1f mm; by %s\n",
           defects[row].text, winch, speed_m_s, seen.drums_mm[0], seen.tilt_mm[0], fabs(sim_world_tilt_mm(h.world, 0)),
           fault_text(h.out.snapshot.first_out)->name);
    cr_expect_lt(seen.drums_mm[0], 1000 * rig.group[0].drop_m, "%s", defects[row].text);
    cr_expect(state_of(LEFT_A) == STATE_FAULT && state_of(LEFT_B) == STATE_FAULT);
    for (int i = LEFT_A; i <= LEFT_B; i++)
        cr_expect(sim_world_winch(h.world, i).brake_closed && fabs(sim_world_winch(h.world, i).rope_speed_m_s) < 0.01);
    cr_expect_lt(seen.drums_mm[1], defects[row].stops_all ? 20 : 10);
    if (defects[row].stops_all)
        return;
    cr_assert(harness_until(&h, right_rests, 40), "%s", defects[row].text);
    cr_expect_eq(h.out.snapshot.axis[RIGHT_A].fault_mask | h.out.snapshot.axis[RIGHT_B].fault_mask, 0);
    cr_expect_float_eq(sim_world_winch(h.world, RIGHT_A).rope_out_m, 8, 0.002, "it arrives");
}

Test(virtual_crew, a_fault_in_one_pair_stops_that_pair_and_leaves_the_other) {
    for (size_t row = 0; row < sizeof defects / sizeof defects[0]; row++)
        for (int way = 0; way < 2; way++)
            strike((int)row, way == 0 ? "L1" : "L2", row % 2 == 0 ? LEFT_A : LEFT_B);
}

Test(virtual_crew, an_estop_stops_all_in_level) {
    goes("R1");
    goes("L1");
    harness_run(&h, 4);
    sim_world_estop(h.world, 0, true);
    harness_run(&h, 3);
    printf("# E-stop at full speed: drums of the pairs %.1f and %.1f mm apart\n", seen.drums_mm[0], seen.drums_mm[1]);
    cr_expect(seen.drums_mm[0] < 10 && seen.drums_mm[1] < 10);
    cr_expect(drums_mm(0) < 3 && drums_mm(1) < 3);
    for (int i = 0; i < WINCHES; i++)
        cr_expect(sim_world_winch(h.world, i).brake_closed && !sim_world_winch(h.world, i).drive_enabled);
}

Test(virtual_crew, letting_go_stops_in_level) {
    goes("L1");
    harness_run(&h, 4);
    harness_let_go(&h);
    harness_run(&h, 3);
    printf("# let go at full speed: drums %.1f mm apart, then %.2f mm\n", seen.drums_mm[0], drums_mm(0));
    cr_expect_lt(seen.drums_mm[0], 10);
    cr_expect_lt(drums_mm(0), 3);
    cr_expect_eq(h.out.snapshot.fault_mask, 0);
}

Test(virtual_crew, a_jog_of_a_pair_keeps_its_level) {
    const double before_mm = drums_mm(0);
    harness_hold(&h);
    cr_assert_eq(harness_ask(&h, (struct command){.kind = COMMAND_JOG, .axis = LEFT_A, .axes = 3, .speed_m_s = -0.4}),
                 REFUSED_NOT);
    harness_run(&h, 8);
    harness_let_go(&h);
    harness_run(&h, 2);
    printf("# jogged: drums %.1f mm apart before, at most %.1f mm, then %.1f mm\n", before_mm, seen.drums_mm[0],
           drums_mm(0));
    cr_expect_lt(drums_mm(0), before_mm + 1);
    cr_expect_lt(seen.drums_mm[0], before_mm + 5);
}
