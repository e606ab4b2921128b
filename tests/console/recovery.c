/* What a recovery is offered without, and which step is next. */
#include "console/model/belay-recovery.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define BIT(sensor) (1u << MSG_SENSOR_##sensor)

static struct belay_axis_view axis_in(const char *state) {
    struct belay_axis_view axis = {.limits = {.name = "climber", .position_max_m = 26.5, .jog_speed_max_m_s = 0.4,
                                              .lowering_speed_max_m_s = 0.3},
                                   .t_us = 1};
    axis.now.position_m = axis.now.tension_n = (struct msg_value){.has_value = true, .quality = MSG_QUALITY_GOOD};
    axis.now.jog_speed_max_m_s = 0.1;
    snprintf(axis.now.state, sizeof axis.now.state, "%s", state);
    return axis;
}

static unsigned offers(const struct belay_axis_view *axis) {
    static const struct msg_telemetry nothing;
    return belay_recovery_offers(axis, &nothing);
}

Test(recovery, a_good_axis_is_offered_none) {
    struct belay_axis_view axis = axis_in("disarmed");
    cr_expect_eq(offers(&axis), 0);
    axis.now.line_locked = true;
    cr_expect_eq(offers(&axis), 0, "a locked line that can be lowered");
}

Test(recovery, each_fault_of_a_sensor_offers_to_do_without_it) {
    static const struct {
        const char *fault;
        unsigned offers;
    } cases[] = {
        {"tension_stale", BIT(LOAD_CELL)},       {"tension_frozen", BIT(LOAD_CELL)},
        {"tension_mismatch", BIT(LOAD_CELL)}, {"tension_implausible", BIT(LOAD_CELL)}, {"position_stale", BIT(ENCODER)},
        {"position_frozen", BIT(ENCODER)},       {"position_mismatch", BIT(ENCODER)},
        {"end_switch", BIT(LIMIT_SWITCH)},       {"ultimate_switch", BIT(LIMIT_SWITCH)},
        {"switch_implausible", BIT(LIMIT_SWITCH)}, {"dead_turns", BIT(LIMIT_SWITCH)},
        {"overwrap", BIT(LIMIT_SWITCH)},         {"estop", 0},
        {"brake_close", 0},                      {"newer_than_this", 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct belay_axis_view axis = axis_in("fault");
        axis.now.faults_count = 1;
        snprintf(axis.now.faults[0], sizeof axis.now.faults[0], "%s", cases[i].fault);
        cr_expect_eq(offers(&axis), cases[i].offers, "%s", cases[i].fault);
        axis.now.faults_count = 0; /* what a reset left is told by the whole machine */
        struct msg_telemetry telemetry = {.remaining_count = 1, .remaining = {{.axis = "climber", .payout = true}}};
        memcpy(telemetry.remaining[0].fault, axis.now.faults[0], sizeof axis.now.faults[0]);
        cr_expect_eq(belay_recovery_offers(&axis, &telemetry), cases[i].offers, "%s, left by a reset", cases[i].fault);
        snprintf(telemetry.remaining[0].axis, sizeof telemetry.remaining[0].axis, "other");
        cr_expect_eq(belay_recovery_offers(&axis, &telemetry), 0, "%s of another axis", cases[i].fault);
    }
}

Test(recovery, a_sensor_that_reads_badly_is_offered_too) {
    struct belay_axis_view axis = axis_in("disarmed");
    axis.now.tension_n.quality = MSG_QUALITY_STALE;
    cr_expect_eq(offers(&axis), BIT(LOAD_CELL));
    axis.now.position_m.has_value = false;
    cr_expect_eq(offers(&axis), BIT(LOAD_CELL) | BIT(ENCODER));
}

Test(recovery, none_is_offered_while_it_is_armed_moves_recovers_or_is_not_known) {
    static const char *const states[] = {"armed", "enabling", "opening", "running", "stopping", "closing", "releasing",
                                         "newer_than_this"};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++) {
        struct belay_axis_view axis = axis_in(states[i]);
        axis.now.tension_n.has_value = false;
        cr_expect_eq(offers(&axis), 0, "%s", states[i]);
    }
    struct belay_axis_view axis = axis_in("fault");
    axis.now.tension_n.has_value = false;
    axis.now.has_recovery = true;
    cr_expect_eq(offers(&axis), 0);
    axis.now.has_recovery = false;
    axis.t_us = 0;
    cr_expect_eq(offers(&axis), 0);
}

Test(recovery, up_is_offered_only_on_a_locked_line_that_ends_and_is_felt) {
    struct belay_axis_view axis = axis_in("disarmed");
    axis.now.position_m.value = 26.3;
    cr_expect_eq(offers(&axis), 0, "not locked");
    axis.now.line_locked = true;
    cr_expect_eq(offers(&axis), BIT(WAY_DOWN));
    axis.now.tension_n.quality = MSG_QUALITY_BAD;
    cr_expect_eq(offers(&axis), BIT(LOAD_CELL), "nobody is taken up unfelt");
    axis.now.tension_n.quality = MSG_QUALITY_GOOD;
    axis.now.position_m.value = 20;
    cr_expect_eq(offers(&axis), 0, "there is a way down");
    struct msg_telemetry telemetry = {.remaining_count = 1,
                                      .remaining = {{.axis = "climber", .fault = "position_limit", .payout = true}}};
    cr_expect_eq(belay_recovery_offers(&axis, &telemetry), 0, "pay-out leads out");
    telemetry.remaining[0].payout = false;
    cr_expect_eq(belay_recovery_offers(&axis, &telemetry), BIT(WAY_DOWN));
}

Test(recovery, the_headline_says_without_what_how_long_and_how_fast) {
    static const struct {
        enum msg_sensor without;
        const char *words;
    } cases[] = {
        {MSG_SENSOR_LOAD_CELL, "RECOVERY climber without load cell: 9 min 58 s left, at most 0.10 m/s, down only"},
        {MSG_SENSOR_ENCODER, "RECOVERY climber without encoder: 9 min 58 s left, at most 0.10 m/s, no position "
                             "limit: look"},
        {MSG_SENSOR_LIMIT_SWITCH, "RECOVERY climber without limit switches: 9 min 58 s left, at most 0.10 m/s, no "
                                  "switch stops it"},
        {MSG_SENSOR_WAY_DOWN, "RECOVERY climber without way down: 9 min 58 s left, at most 0.10 m/s, up, to where "
                              "one can stand"},
        {(enum msg_sensor)77, "RECOVERY climber without something this console does not know: 9 min 58 s left, at "
                              "most 0.10 m/s, ask at the command line"},
    };
    char text[BELAY_RECOVERY_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct belay_axis_view axis = axis_in("fault");
        axis.now.has_recovery = true;
        axis.now.recovery = (struct msg_recovery){.without = cases[i].without, .left_s = 598};
        cr_expect_str_eq(belay_recovery_headline(&axis, text, sizeof text), cases[i].words);
    }
    cr_expect_str_eq(belay_recovery_name((enum msg_sensor)77), "?");
    cr_expect_str_eq(belay_recovery_name(MSG_SENSOR_WAY_DOWN), "WAY DOWN");
}

Test(recovery, the_next_step_follows_the_state) {
    static const struct {
        const char *state;
        int clear_s;
        const char *words;
    } cases[] = {
        {"fault", 0, "Step 1 of 4: RESET. What failed stays out of use, and its fault lets go."},
        {"disarmed", 0, "Step 2 of 4: ARM. The brake stays closed."},
        {"armed", 0, "Step 3 of 4: a second person, who sees the load, gives CLEAR at another console, or types belay "
                     "clear climber."},
        {"armed", 21, "Step 4 of 4: choose the way, then hold. Clear for 21 s: the second person gives it again before "
                      "that. END when the load is safe."},
        {"running", 1, "Step 4 of 4: choose the way, then hold. Clear for 1 s: the second person gives it again before "
                       "that. END when the load is safe."},
    };
    char text[BELAY_RECOVERY_TEXT_MAX], chosen[BELAY_RECOVERY_TEXT_MAX];
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct belay_axis_view axis = axis_in(cases[i].state);
        axis.now.has_recovery = true;
        axis.now.recovery.clear_s = cases[i].clear_s;
        cr_expect_str_eq(belay_recovery_next(&axis, true, text, sizeof text), cases[i].words);
        snprintf(chosen, sizeof chosen, "Choose climber in its row. %s", cases[i].words);
        cr_expect_str_eq(belay_recovery_next(&axis, false, text, sizeof text), chosen);
    }
}
