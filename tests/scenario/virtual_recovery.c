/* A climber hangs on the rope and a sensor fails: in virtual time he is brought down in recovery, by two people. */
#include <criterion/criterion.h>
#include <math.h>

#include "sim/harness/harness.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define SPOTTER 2

enum unit { DRIVE = 1, CELL, ENCODER, IO };

static struct rig rig;
static struct show show;

static void load(void) {
    static struct yaml_errors errors;
    cr_assert_eq(rig_load(SCENARIO "rig.yaml", PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    rig.ladder = (struct rig_ladder){1, {100}};
    cr_assert_eq(show_load(SCENARIO "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
}

TestSuite(virtual_recovery, .init = load, .timeout = 60);

static bool running(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_RUNNING;
}

static bool rests(const struct harness *h) {
    return h->out.snapshot.axis[0].state == STATE_ARMED || h->out.snapshot.axis[0].state == STATE_FAULT;
}

static bool on_ground(const struct harness *h) {
    return sim_world_truth(h->world).on_ground || rests(h);
}

static enum refusal jog(struct harness *h, double speed_m_s) {
    return harness_ask(h, (struct command){.kind = COMMAND_JOG, .speed_m_s = speed_m_s});
}

static void arm_and_hold(struct harness *h) {
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_RESET}), REFUSED_NOT);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(h);
}

/* Belayed, fallen, caught: he hangs. */
static void hang(struct harness *h) {
    char errors[1024];
    cr_assert_eq(harness_open(h, &rig, &show, SCENARIO "world.yaml", errors, sizeof errors), 0, "%s", errors);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_ARM}), REFUSED_NOT);
    harness_hold(h);
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_GO, .cue = show_cue_find(&show, "1")}), REFUSED_NOT);
    cr_assert(harness_until(h, running, 3));
    harness_run(h, 2); /* on the ledge, until the rope is taut */
    sim_world_act(h->world, ACT_ASCEND, 0.8);
    harness_run(h, 14);
    sim_world_act(h->world, ACT_FALL, 0);
    harness_run(h, 8);
    harness_let_go(h);
    harness_step(h);
}

struct failure {
    const char *what;
    enum bypass bypass;
    uint8_t unit; /* of the device that fails, or 0: the wire of the end switch of pay-out */
    enum sim_fault_kind fault;
    bool seen_in_motion; /* not before the rope moves */
};

static const struct failure failures[] = {
    {"encoder silent", BYPASS_ENCODER, ENCODER, SIM_FAULT_SILENT, false},
    {"encoder frozen", BYPASS_ENCODER, ENCODER, SIM_FAULT_FROZEN, true},
    {"load cell silent", BYPASS_LOAD_CELL, CELL, SIM_FAULT_SILENT, false},
    {"load cell frozen", BYPASS_LOAD_CELL, CELL, SIM_FAULT_FROZEN, true},
    {"wire of the end switch broken", BYPASS_LIMIT_SWITCH, 0, SIM_FAULT_SILENT, false},
};

static void fail(struct harness *h, const struct failure *failure) {
    if (failure->unit)
        sim_world_fault(h->world, failure->unit, failure->fault, SIM_FAULT_STAYS);
    else
        sim_world_wire(h->world, 0, 0, SIM_WIRE_BROKEN);
    harness_run(h, 1);
    if (!failure->seen_in_motion)
        return;
    arm_and_hold(h);
    cr_assert_eq(jog(h, 0.3), REFUSED_NOT, "%s", failure->what);
    harness_run(h, 4);
    harness_let_go(h);
    harness_run(h, 1);
}

static void give_clear(struct harness *h) {
    cr_assert_eq(harness_ask(h, (struct command){.kind = COMMAND_CLEAR, .session = SPOTTER}), REFUSED_NOT);
}

/* Without a load cell nobody but the two people sees the ground. */
static void lower_to_the_ground(struct harness *h, const struct failure *failure) {
    give_clear(h);
    cr_assert_eq(jog(h, 0.2), REFUSED_NOT, "%s: %s", failure->what,
                 cycle_refusal_text(h->out.snapshot.axis[0].payout.refusal));
    for (int i = 0; i < 20 && !on_ground(h); i++) {
        harness_until(h, on_ground, 20);
        give_clear(h);
    }
    harness_let_go(h);
    harness_run(h, 2);
}

Test(virtual_recovery, a_hanging_person_is_brought_down_without_the_sensor_that_failed) {
    for (size_t i = 0; i < sizeof failures / sizeof failures[0]; i++) {
        const struct failure *failure = &failures[i];
        struct harness h;
        hang(&h);
        double height_m = sim_world_truth(h.world).height_m;
        cr_assert_gt(height_m, 2, "%.2f m, %s", height_m, fault_text(h.out.snapshot.first_out)->name);
        fail(&h, failure);
        double rope_m = sim_world_truth(h.world).rope_out_m;
        cr_expect_eq(harness_ask(&h, (struct command){.kind = COMMAND_RECOVER, .bypass = failure->bypass}),
                     REFUSED_NOT, "%s", failure->what);
        harness_step(&h);
        arm_and_hold(&h);
        cr_expect_eq(jog(&h, 0.2), REFUSED_NO_CLEAR, "%s", failure->what);
        cr_expect_float_eq(sim_world_truth(h.world).rope_out_m, rope_m, 0.001, "%s", failure->what);
        lower_to_the_ground(&h, failure);
        const struct sim_truth t = sim_world_truth(h.world);
        cr_expect_lt(t.height_m, 0.05, "%s: hangs at %.2f m", failure->what, t.height_m); /* may bounce on his feet */
        cr_expect(t.brake_closed && !t.drive_enabled, "%s", failure->what);
        cr_expect_lt(t.slack_m, 0.3, "%s: rope piled up", failure->what);
        cr_expect_eq(h.out.snapshot.fault_mask, 0, "%s: %s", failure->what, fault_text(h.out.snapshot.first_out)->name);
        harness_close(&h);
    }
}
