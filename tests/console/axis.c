/* Words, ages and limits of one axis. */
#include "console/model/belay-axis.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static struct belay_axis_view axis_in(const char *state, const char *mode) {
    struct belay_axis_view axis = {.limits = {.belay = true, .band_min_n = 30, .band_max_n = 150,
                                              .jog_speed_max_m_s = 0.5, .lowering_speed_max_m_s = 0.3},
                                   .t_us = 1000000};
    snprintf(axis.now.state, sizeof axis.now.state, "%s", state);
    snprintf(axis.now.mode, sizeof axis.now.mode, "%s", mode);
    return axis;
}

static struct msg_value value(double number, double age_ms, enum msg_quality quality) {
    return (struct msg_value){.has_value = quality != MSG_QUALITY_MISSING, .value = number, .age_ms = age_ms,
                              .quality = quality};
}

Test(axis, words_and_motion) {
    static const struct {
        const char *state, *mode, *words;
        bool moving;
    } cases[] = {
        {"fault", "none", "FAULT", false},         {"disarmed", "none", "DISARMED", false},
        {"armed", "none", "ARMED", false},         {"running", "follow", "FOLLOWING", true},
        {"running", "catch", "CATCHING", true},    {"running", "jog", "JOGGING", true},
        {"running", "other", "RUNNING", true},     {"stopping", "follow", "STOPPING", true},
        {"closing", "none", "CLOSING BRAKE", true}, {"melting", "none", "melting", true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct belay_axis_view axis = axis_in(cases[i].state, cases[i].mode);
        cr_expect_str_eq(belay_axis_words(&axis), cases[i].words);
        cr_expect_eq(belay_axis_moving(&axis), cases[i].moving, "%s", cases[i].state);
    }
}

Test(axis, nothing_is_known_before_the_first_telemetry) {
    struct belay_axis_view axis = {.t_us = 0};
    cr_expect_eq(belay_axis_reading(&axis, QUANTITY_TENSION, 5000000).quality, BELAY_MISSING);
    cr_expect_not(belay_axis_moving(&axis));
}

Test(axis, age_grows_with_the_silence) {
    struct belay_axis_view axis = axis_in("armed", "none");
    axis.now.tension_n = value(90, 12.7, MSG_QUALITY_GOOD);
    cr_expect_eq(belay_axis_reading(&axis, QUANTITY_TENSION, 1000000).said_ms, 12);
    cr_expect_eq(belay_axis_reading(&axis, QUANTITY_TENSION, 1300000).silent_ms, 300);
    cr_expect_eq(belay_axis_reading(&axis, QUANTITY_TENSION, 900000).silent_ms, 0, "never younger than it said");
    axis.now.tension_n.age_ms = 1e300;
    cr_expect_gt(belay_axis_reading(&axis, QUANTITY_TENSION, 1000000).said_ms, 1000000);
}

Test(axis, each_quantity_reads_its_own_value) {
    struct belay_axis_view axis = axis_in("armed", "none");
    axis.now.position_m = value(1, 0, MSG_QUALITY_GOOD);
    axis.now.speed_m_s = value(2, 0, MSG_QUALITY_GOOD);
    axis.now.tension_n = value(3, 0, MSG_QUALITY_GOOD);
    for (int i = 0; i < QUANTITY_COUNT; i++) {
        cr_expect_float_eq(belay_axis_reading(&axis, (enum belay_quantity)i, 1000000).value, i + 1.0, 1e-12);
    }
}

Test(axis, quality_is_never_better_than_said) {
    static const struct {
        enum msg_quality said;
        enum belay_quality quality;
    } cases[] = {
        {MSG_QUALITY_GOOD, BELAY_GOOD},       {MSG_QUALITY_STALE, BELAY_STALE},   {MSG_QUALITY_BAD, BELAY_BAD},
        {MSG_QUALITY_MISSING, BELAY_MISSING}, {MSG_QUALITY_UNKNOWN, BELAY_BAD},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct belay_axis_view axis = axis_in("armed", "none");
        axis.now.position_m = value(7, 0, cases[i].said);
        cr_expect_eq(belay_axis_reading(&axis, QUANTITY_POSITION, 1000000).quality, cases[i].quality);
        const bool drawn = isfinite(belay_axis_sample(&axis).position_m);
        cr_expect_eq(drawn, cases[i].said == MSG_QUALITY_GOOD, "a doubtful value is a gap in the plot");
    }
}

Test(axis, locked_line_jogs_at_lowering_speed) {
    struct belay_axis_view axis = axis_in("armed", "none");
    cr_expect_float_eq(belay_axis_jog_max_m_s(&axis), 0.5, 1e-9);
    axis.now.line_locked = true;
    cr_expect_float_eq(belay_axis_jog_max_m_s(&axis), 0.3, 1e-9);
    axis.limits.lowering_speed_max_m_s = 0.8;
    cr_expect_float_eq(belay_axis_jog_max_m_s(&axis), 0.5, 1e-9, "never above the jog limit");
    axis.now.jog_speed_max_m_s = 0.25;
    cr_expect_float_eq(belay_axis_jog_max_m_s(&axis), 0.25, 1e-9, "nor above the operating mode's");
}

Test(axis, band_counts_only_while_following) {
    struct belay_axis_view axis = axis_in("running", "follow");
    axis.now.tension_n = value(20, 0, MSG_QUALITY_GOOD);
    cr_expect_str_eq(belay_axis_band_word(&axis), "below band");
    axis.now.tension_n.value = 90;
    cr_expect_str_eq(belay_axis_band_word(&axis), "in band");
    axis.now.tension_n.value = 151;
    cr_expect_str_eq(belay_axis_band_word(&axis), "above band");
    axis.now.tension_n.quality = MSG_QUALITY_STALE;
    cr_expect_null(belay_axis_band_word(&axis));
    axis = axis_in("armed", "none");
    axis.now.tension_n = value(20, 0, MSG_QUALITY_GOOD);
    cr_expect_null(belay_axis_band_word(&axis));
}

Test(axis, a_line_is_unlocked_as_telemetry_permits) {
    struct belay_axis_view axis = axis_in("disarmed", "none");
    axis.limits.weight_on_line_n = 250;
    axis.now.tension_n = value(249, 0, MSG_QUALITY_GOOD);
    cr_expect_null(belay_axis_unlock_reason(&axis));
    axis.now.tension_n.value = 250;
    cr_expect_str_eq(belay_axis_unlock_reason(&axis), "Weight on the line.");
    axis.now.tension_n = value(0, 0, MSG_QUALITY_STALE);
    cr_expect_str_eq(belay_axis_unlock_reason(&axis), "Tension not known.");
    axis.now.tension_n = value(0, 0, MSG_QUALITY_GOOD);
    axis.now.faults_count = 1;
    cr_expect_not_null(belay_axis_unlock_reason(&axis));
    axis = axis_in("running", "jog");
    axis.now.tension_n = value(0, 0, MSG_QUALITY_GOOD);
    cr_expect_str_eq(belay_axis_unlock_reason(&axis), "Moving: stop first.");
    strcpy(axis.now.state, "closing");
    cr_expect_str_eq(belay_axis_unlock_reason(&axis), "Coming to rest: wait.");
}

/* A silent drive is neither on nor off. */
Test(axis, a_drive_is_known_while_it_speaks) {
    struct belay_axis_view axis = axis_in("armed", "none");
    axis.now.speed_m_s = value(0, 0, MSG_QUALITY_GOOD);
    cr_expect(belay_axis_drive_known(&axis));
    axis.now.speed_m_s = value(0, 400, MSG_QUALITY_STALE);
    cr_expect_not(belay_axis_drive_known(&axis));
}

static struct belay_axis_view commissioned(const char *state, const char *step, int brake) {
    struct belay_axis_view axis = axis_in("armed", "none");
    axis.now.has_commissioning = true;
    axis.now.commissioning = (struct msg_commissioning){.brake = brake, .has_due_s = strcmp(state, "ok") == 0,
                                                        .due_s = 3600};
    snprintf(axis.now.commissioning.state, sizeof axis.now.commissioning.state, "%s", state);
    snprintf(axis.now.commissioning.step, sizeof axis.now.commissioning.step, "%s", step);
    return axis;
}

Test(axis, commissioning_says_what_is_wanted_or_until_when) {
    static const struct {
        const char *state, *step;
        int brake;
        const char *words;
        bool not, due;
    } cases[] = {
        {"ok", "tare", 0, "daily test by Fri 09:00", false, false},
        {"due", "brake_hold", 2, "brake_hold 2 is due", false, true},
        {"missing", "reeving", 0, "reeving was never done", true, false},
        {"void", "span", 0, "span is void: a part changed", true, false},
        {"failed", "direction", 0, "direction failed", true, false},
        {"rusty", "span", 0, "span rusty", true, false},
    };
    char text[BELAY_COMMISSIONING_MAX];
    setenv("TZ", "UTC", 1);
    tzset();
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const struct belay_axis_view axis = commissioned(cases[i].state, cases[i].step, cases[i].brake);
        cr_expect_str_eq(belay_axis_commissioning(&axis, 1795766400, text, sizeof text), cases[i].words);
        cr_expect_eq(belay_axis_not_commissioned(&axis), cases[i].not, "%s", cases[i].state);
        cr_expect_eq(belay_axis_test_due(&axis), cases[i].due, "%s", cases[i].state);
    }
    const struct belay_axis_view axis = axis_in("armed", "none");
    cr_expect_str_eq(belay_axis_commissioning(&axis, 0, text, sizeof text), "");
    cr_expect_not(belay_axis_not_commissioned(&axis) || belay_axis_test_due(&axis));
}

Test(axis, its_faults_are_told_in_words_and_cut_where_they_are_too_many) {
    static const struct msg_fault faults[] = {{.fault = "brake_close", .text = "Brake does not close"},
                                              {.fault = "estop", .text = "Emergency stop"},
                                              {.fault = "duty", .text = "Motor too warm"}};
    struct belay_axis_view axis = axis_in("fault", "none");
    belay_axis_note_faults(&axis, faults, 3);
    cr_expect_str_eq(axis.faults, "", "of others");
    axis.now.faults_count = 3;
    snprintf(axis.now.faults[0], sizeof axis.now.faults[0], "estop");
    snprintf(axis.now.faults[1], sizeof axis.now.faults[1], "newer_than_this");
    snprintf(axis.now.faults[2], sizeof axis.now.faults[2], "brake_close");
    belay_axis_note_faults(&axis, faults, 3);
    cr_expect_str_eq(axis.faults, "Emergency stop; newer_than_this; Brake does not close");
    axis.now.faults_count = 48;
    for (int i = 0; i < 48; i++)
        memset(axis.now.faults[i], 'x', sizeof axis.now.faults[i] - 1);
    belay_axis_note_faults(&axis, faults, 3);
    cr_expect_eq(strlen(axis.faults), sizeof axis.faults - 1);
}
