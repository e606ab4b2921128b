/* Commissioning: the record against damage and clocks, what voids a step, and the judges of steps. */
#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/commission/run.h"
#include "protocol/belay_messages.h"

#define RIG BELAY_SOURCE_DIR "/sim/scenarios/free-climb/rig.yaml"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define NOW_S INT64_C(1795766400) /* 2026-11-27T08:00:00Z */
#define HOUR_S 3600
#define SETTLED_MS 3000 /* a whole bounce of the test load on the longest rope is 2.8 s */

static struct rig rig;
static struct yaml_errors errors;
static struct commission_record record;
static struct commission_run run;
static struct snapshot snapshot;
static char directory[] = "/tmp/belay-record-XXXXXX", path[64];

static void begin(void) {
    memset(&errors, 0, sizeof errors);
    memset(&record, 0, sizeof record);
    cr_assert_eq(rig_load(RIG, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/record.yaml", directory);
}

static void end(void) {
    unlink(path);
    cr_expect_eq(rmdir(directory), 0, "something was left in %s", directory);
}

TestSuite(commission, .init = begin, .fini = end);

static void pass(enum commission_step step, int brake, int64_t time_s) {
    struct record_entry entry = {.axis = "climber",
                                 .step = (int)step,
                                 .brake = brake,
                                 .passed = true,
                                 .operator= "A \"Rigger\" \\ ü, uid 1",
                                 .time = "2026-11-27T08:00:00Z",
                                 .figures = "well",
                                 .time_s = time_s};
    memcpy(entry.rig_hash, rig.hash, sizeof entry.rig_hash);
    commission_parts_hash(&rig, 0, step, entry.parts);
    record_put(&record, &rig, &entry);
}

static void pass_all(int64_t time_s) {
    for (int step = 0; step < COMMISSION_STEPS; step++)
        if (step != STEP_REFERENCE) /* this line has no motion sensor */
            pass((enum commission_step)step, step == STEP_BRAKE_HOLD, time_s);
    pass(STEP_BRAKE_HOLD, 2, time_s);
}

static const struct commission_change replaced = {.what = "cell was changed", .operator = "B. Rigger, uid 1001",
                                                  .time = "2026-11-28T09:00:00Z", .time_s = NOW_S + 25 * HOUR_S};

static enum refusal clearance_at(int64_t now_s) {
    struct commission_standing standing = commission_standing(&rig, 0, &record, now_s);
    return commission_clearance(&standing);
}

/* --- standing --------------------------------------------------------------------------------------------------- */

Test(commission, every_step_is_needed) {
    cr_expect_eq(clearance_at(NOW_S), REFUSED_NOT_COMMISSIONED);
    pass_all(NOW_S);
    cr_expect_eq(clearance_at(NOW_S), REFUSED_NOT);
    for (int i = 0; i < record.entries_count; i++) {
        record.entries[i].passed = false;
        cr_expect_eq(clearance_at(NOW_S), REFUSED_NOT_COMMISSIONED, "%s",
                     commission_step_names[record.entries[i].step]);
        record.entries[i].passed = true;
    }
}

Test(commission, daily_steps_are_due_after_the_interval_and_after_a_clock_set_back) {
    pass_all(NOW_S);
    cr_expect_eq(clearance_at(NOW_S + 24 * HOUR_S - 1), REFUSED_NOT);
    cr_expect_eq(clearance_at(NOW_S + 24 * HOUR_S), REFUSED_DAILY_DUE);
    cr_expect_eq(clearance_at(NOW_S - 300), REFUSED_NOT);
    cr_expect_eq(clearance_at(NOW_S - 301), REFUSED_DAILY_DUE);
    struct commission_standing standing = commission_standing(&rig, 0, &record, NOW_S + HOUR_S);
    cr_expect_eq(standing.due_s, 23 * HOUR_S);
    pass(STEP_SPAN, 0, NOW_S - 1000 * HOUR_S); /* not a daily one */
    cr_expect_eq(clearance_at(NOW_S), REFUSED_NOT);
}

Test(commission, a_change_voids_what_depends_on_it_and_nothing_else) {
    static const struct {
        enum commission_part part;
        uint32_t steps; /* bits */
    } rows[] = {
        {PART_ROPE, 1 << STEP_REEVING | 1 << STEP_DIRECTION | 1 << STEP_MARKS | 1 << STEP_LIMITS},
        {PART_CELL, 1 << STEP_TARE | 1 << STEP_SPAN | 1 << STEP_DIRECTION},
        {PART_ENCODER, 1 << STEP_DIRECTION | 1 << STEP_MARKS | 1 << STEP_LIMITS | 1 << STEP_RESPONSE},
        {PART_DRIVE,
         1 << STEP_DIRECTION | 1 << STEP_LIMITS | 1 << STEP_RESPONSE | 1 << STEP_ESTOP | 1 << STEP_SILENCE},
        {PART_BRAKE, 1 << STEP_BRAKE_HOLD | 1 << STEP_SILENCE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        pass_all(NOW_S);
        commission_void(&rig, 0, rows[i].part, &replaced, &record);
        for (int step = 0; step < STEP_REFERENCE; step++)
            cr_expect_eq(
                commission_state_of(&rig, 0, (enum commission_step)step, step == STEP_BRAKE_HOLD, &record, NOW_S),
                rows[i].steps >> step & 1 ? COMMISSION_VOID : COMMISSION_OK, "part %d, %s", (int)rows[i].part,
                commission_step_names[step]);
        cr_expect_eq(clearance_at(NOW_S), REFUSED_NOT_COMMISSIONED);
    }
}

/* Who made it void, when and why; and behind that what was measured before, by whom. */
Test(commission, a_void_step_names_its_change_and_keeps_what_was_before) {
    static struct commission_record again;
    struct commission_change later = replaced;
    pass_all(NOW_S);
    commission_void(&rig, 0, PART_CELL, &replaced, &record);
    snprintf(later.what, sizeof later.what, "rope was changed");
    commission_void(&rig, 0, PART_ROPE, &later, &record);
    const struct record_entry *tare = record_find(&record, "climber", STEP_TARE, 0);
    cr_expect_str_eq(tare->operator, "B. Rigger, uid 1001");
    cr_expect_str_eq(tare->time, "2026-11-28T09:00:00Z");
    cr_expect_str_eq(tare->figures, "cell was changed; before: 2026-11-27T08:00:00Z, A \"Rigger\" \\ ü, uid 1: well");
    cr_expect(strncmp(record_find(&record, "climber", STEP_DIRECTION, 0)->figures, "cell was changed; ", 18) == 0);
    cr_expect(strncmp(record_find(&record, "climber", STEP_MARKS, 0)->figures, "rope was changed; ", 18) == 0);
    cr_assert_eq(record_save(path, &rig, &record), 0);
    cr_assert_eq(record_load(path, &rig, &again, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(record_find(&again, "climber", STEP_TARE, 0)->time_s, 1795856400, "as it is written");
    pass(STEP_TARE, 0, NOW_S);
    cr_expect_str_eq(record_find(&record, "climber", STEP_TARE, 0)->figures, "well", "done again");
}

/* As long as they may be. */
Test(commission, a_void_steps_figures_are_cut_behind_who_did_it_before) {
    struct commission_change longest = replaced;
    pass_all(NOW_S);
    struct record_entry *entry = &record.entries[0];
    memset(longest.what, 'w', sizeof longest.what - 1);
    memset(entry->operator, 'o', sizeof entry->operator - 1);
    memset(entry->figures, 'f', sizeof entry->figures - 1);
    commission_void_step(&rig, 0, (enum commission_step)entry->step, &longest, &record);
    cr_expect_eq(strlen(entry->figures), sizeof entry->figures - 1);
    cr_expect_not_null(strstr(entry->figures, "oooo: fff"));
}

Test(commission, a_rig_file_that_changes_voids_its_part) {
    pass_all(NOW_S);
    rig.axis[0].belay.band_max_n = 149; /* of no step */
    cr_expect_eq(clearance_at(NOW_S), REFUSED_NOT);
    rig.axis[0].drum.encoder_zero_steps++;
    cr_expect_eq(commission_state_of(&rig, 0, STEP_MARKS, 0, &record, NOW_S), COMMISSION_VOID);
    cr_expect_eq(commission_state_of(&rig, 0, STEP_TARE, 0, &record, NOW_S), COMMISSION_OK);
    rig.profile[rig.device[rig.axis[0].load_cell].profile].hash[0] ^= 1;
    cr_expect_eq(commission_state_of(&rig, 0, STEP_TARE, 0, &record, NOW_S), COMMISSION_VOID);
}

/* --- the file --------------------------------------------------------------------------------------------------- */

static char *read_file(size_t *length) {
    char *text = NULL;
    cr_assert_eq(yaml_read(path, &text, length, &errors), 0);
    return text;
}

static void write_file(const char *text, size_t length) {
    FILE *out = fopen(path, "w");
    cr_assert_not_null(out);
    cr_assert_eq(fwrite(text, 1, length, out), length);
    cr_assert_eq(fclose(out), 0);
}

Test(commission, the_record_comes_back_as_it_was_written) {
    static struct commission_record again;
    cr_expect_eq(record_load(path, &rig, &again, &errors), -ENOENT);
    cr_assert_eq(record_save(path, &rig, &record), 0);
    cr_assert_eq(record_load(path, &rig, &again, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(again.entries_count, 0);
    pass_all(NOW_S);
    record.places_count = 2;
    record.places[0] = (struct record_place){"climber", 24.049927};
    record.places[1] = (struct record_place){"other", -0.5};
    cr_assert_eq(record_save(path, &rig, &record), 0);
    cr_assert_eq(record_load(path, &rig, &again, &errors), 0, "%s", errors.text[0]);
    cr_assert_eq(again.entries_count, record.entries_count);
    cr_expect_float_eq(record_place_find(&again, "climber")->position_m, 24.049927, 1e-9);
    cr_expect_float_eq(record_place_find(&again, "other")->position_m, -0.5, 1e-9);
    cr_expect_null(record_place_find(&again, "third"));
    for (int i = 0; i < again.entries_count; i++)
        cr_expect(again.entries[i].time_s == NOW_S &&
                  strcmp(again.entries[i].operator, record.entries[i].operator) == 0);
    snprintf(rig.name, sizeof rig.name, "other");
    cr_expect_eq(record_load(path, &rig, &again, &errors), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "another rig's record"));
    cr_expect_eq(record_save("/nonexistent/record.yaml", &rig, &record), -ENOENT);
}

/* The key is left out, and the seal made anew, as an older version wrote it. */
Test(commission, a_record_without_places_stands_and_says_so) {
    static struct commission_record again;
    size_t length = 0;
    pass_all(NOW_S);
    cr_assert_eq(record_save(path, &rig, &record), 0);
    char *text = read_file(&length), *places = strstr(text, "places:"), seal[HASH_HEX_SIZE];
    cr_assert_not_null(places);
    hash_hex(text, (size_t)(places - text), seal);
    snprintf(places, length - (size_t)(places - text), "seal: %s\n", seal);
    write_file(text, strlen(text));
    free(text);
    cr_assert_eq(record_load(path, &rig, &again, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(again.entries_count, record.entries_count);
    cr_expect(again.placeless && again.places_count == 0);
    cr_assert_eq(record_save(path, &rig, &again), 0);
    cr_assert_eq(record_load(path, &rig, &again, &errors), 0);
    cr_expect_not(again.placeless, "an empty list says that they are not known now");
}

Test(commission, one_step_is_void_and_no_other) {
    pass_all(NOW_S);
    commission_void_step(&rig, 0, STEP_MARKS, &replaced, &record);
    for (int i = 0; i < record.entries_count; i++)
        cr_expect_eq(record.entries[i].changed, record.entries[i].step == STEP_MARKS);
}

Test(commission, a_record_cut_off_or_changed_anywhere_is_refused, .timeout = 100) {
    static struct commission_record again;
    size_t length = 0;
    pass_all(NOW_S);
    cr_assert_eq(record_save(path, &rig, &record), 0);
    char *text = read_file(&length);
    for (size_t at = 0; at < length; at += 7) {
        memset(&errors, 0, sizeof errors);
        write_file(text, at);
        cr_assert_neq(record_load(path, &rig, &again, &errors), 0, "taken after %zu of %zu bytes", at, length);
        cr_assert_gt(errors.count, 0);
        cr_assert_eq(again.entries_count, 0);
        text[at] ^= 1;
        write_file(text, length);
        text[at] ^= 1;
        cr_assert_neq(record_load(path, &rig, &again, &errors), 0, "taken with byte %zu changed", at);
    }
    free(text);
}

/* --- judges ----------------------------------------------------------------------------------------------------- */

static struct snapshot_axis *axis(void) {
    return &snapshot.axis[0];
}

static void stand(double position_m, double cell_n) {
    memset(&snapshot, 0, sizeof snapshot);
    snapshot.t_us = 1000000;
    snapshot.estop_known = true;
    for (int i = 0; i < 2; i++)
        snapshot.estop_a_closed[i] = snapshot.estop_b_closed[i] = true;
    for (int i = 0; i < RIG_LINKS_MAX; i++)
        snapshot.link[i].state = LINK_UP;
    *axis() = (struct snapshot_axis){.state = STATE_ARMED, .brake_known = true, .brake_odd = -1, .cell_n = cell_n};
    axis()->position_m = (struct snapshot_value){position_m, 0, QUALITY_GOOD};
    axis()->speed_m_s = axis()->tension_n = (struct snapshot_value){0, 0, QUALITY_GOOD};
}

static void watch_ms(int ms) {
    for (int i = 0; i < ms / 10; i++) {
        snapshot.t_us += 10000;
        commission_watch(&run, &snapshot);
    }
}

/* The line jogs for `ms`; drum, motor and cell move as they are told to. */
static void jog_ms(int ms, double setpoint_m_s, double motor_m_s, double drum_m_s, double cell_n_s) {
    axis()->state = STATE_RUNNING;
    axis()->mode = MODE_JOG;
    axis()->brake_open = axis()->drive_enabled = true;
    axis()->setpoint_m_s = setpoint_m_s;
    axis()->speed_m_s.value = motor_m_s;
    for (int i = 0; i < ms / 10 && !run.stop; i++) {
        axis()->position_m.value += drum_m_s * 0.01;
        axis()->cell_n += cell_n_s * 0.01;
        watch_ms(10);
    }
    axis()->state = STATE_ARMED;
    axis()->brake_open = axis()->drive_enabled = false;
    axis()->setpoint_m_s = axis()->speed_m_s.value = 0;
}

static void begin_bump(void) {
    stand(10, 12);
    commission_begin(&run, &rig, 0, STEP_DIRECTION, 0);
    cr_assert(commission_answer(&run, 1));
    cr_expect_not(commission_answer(&run, 1), "once");
    watch_ms(SETTLED_MS);
    cr_assert_eq(run.wants, WANTS_JOG, "%s", run.text);
    cr_assert_float_eq(run.jog_m_s, -0.02, 1e-9);
}

Test(commission, a_bump_that_agrees_passes) {
    begin_bump();
    jog_ms(4000, -0.02, -0.02, -0.02, 12);
    cr_assert(run.stop, "it ends by itself");
    run.stop = false;
    watch_ms(SETTLED_MS);
    cr_assert_float_eq(run.jog_m_s, 0.02, 1e-9, "%s", run.text);
    jog_ms(4000, 0.02, 0.02, 0.02, -12);
    run.stop = false;
    watch_ms(SETTLED_MS);
    cr_expect_eq(run.end, RUN_PASSED, "%s", run.text);
}

#define RESPONSE_M_S 0.2

static void begin_response(void) {
    stand(10, 12);
    commission_begin(&run, &rig, 0, STEP_RESPONSE, 0);
    cr_assert(commission_answer(&run, 1));
    watch_ms(SETTLED_MS);
    cr_assert_eq(run.wants, WANTS_JOG, "%s", run.text);
    cr_assert_float_eq(run.jog_m_s, RESPONSE_M_S, 1e-9);
}

/* The jog, and its stop when one is asked for: the drum does what the setpoint said `late` cycles ago. After the stop
 * it glides on by `glides_m`. */
static void respond(int sign, int late, double glides_m) {
    double asked_m[600] = {0};
    int stopped_at = 0;
    const double from_m = axis()->position_m.value;
    axis()->state = STATE_RUNNING;
    axis()->mode = MODE_JOG;
    axis()->brake_open = axis()->drive_enabled = true;
    for (int i = 1; i < 600 && (stopped_at == 0 || i < stopped_at + 50); i++) {
        double speed = fabs(axis()->setpoint_m_s);
        stopped_at = run.stop && stopped_at == 0 ? i : stopped_at;
        asked_m[i] = asked_m[i - 1] + sign * speed * 0.01;
        speed = stopped_at ? fmax(0, speed - 0.05) : fmin(RESPONSE_M_S, speed + 0.02);
        axis()->setpoint_m_s = sign * speed;
        axis()->position_m.value = from_m + asked_m[i > late ? i - late : 0];
        watch_ms(10);
    }
    axis()->position_m.value += sign * glides_m;
    axis()->state = STATE_ARMED;
    axis()->brake_open = axis()->drive_enabled = false;
    axis()->setpoint_m_s = 0;
    run.stop = false;
    watch_ms(SETTLED_MS);
}

Test(commission, a_drum_that_follows_and_stops_as_declared_passes) {
    begin_response();
    respond(1, 6, 0);
    cr_assert_float_eq(run.jog_m_s, -RESPONSE_M_S, 1e-9, "%s", run.text);
    respond(-1, 7, 0);
    cr_expect_eq(run.end, RUN_PASSED, "%s", run.text);
    cr_expect(strstr(run.text, "out: lag 60 ms; stop 15 of ") && strstr(run.text, "in: lag 70 ms; stop 17 of "), "%s",
              run.text);
}

Test(commission, a_drum_that_follows_later_than_declared_fails) {
    begin_response();
    respond(1, 9, 0);
    cr_expect_eq(run.end, RUN_FAILED);
    cr_expect(strstr(run.text, "follows 90 ms late, and limits.reaction_ms says 80"), "%s", run.text);
    begin_response();
    rig.axis[0].monitors.lag_ms = 200;
    respond(1, 6, 0);
    cr_expect_eq(run.end, RUN_FAILED);
    cr_expect(strstr(run.text, "monitors.dead_ms and lag_ms make 220"), "%s", run.text);
}

Test(commission, a_drum_that_glides_on_beyond_its_reserve_fails) {
    begin_response();
    respond(1, 6, 0.008);
    cr_expect_eq(run.end, RUN_GOES_ON, "%s", run.text);
    begin_response();
    respond(1, 6, 0.018);
    cr_expect_eq(run.end, RUN_FAILED);
    cr_expect(strstr(run.text, "are reserved"), "%s", run.text);
}

Test(commission, a_limit_in_the_way_of_the_response_is_said) {
    begin_response();
    axis()->state = STATE_RUNNING;
    axis()->clamped = true;
    watch_ms(10);
    cr_expect_eq(run.end, RUN_FAILED);
    cr_expect(run.stop && strstr(run.text, "a limit holds it"), "%s", run.text);
}

Test(commission, a_bump_that_disagrees_is_stopped_after_5_mm) {
    static const struct {
        double setpoint, motor, drum;
        const char *why;
    } rows[] = {
        {-0.02, -0.02, 0.02, "drum encoder counts against"},
        {-0.02, 0.02, -0.02, "motor turns against"},
        {0.02, 0.02, 0.02, "setpoint goes against"},
        {-0.02, -0.02, 0, "encoder stands still"},
        {-0.02, 0, -0.02, "motor reads still"},
        {-0.05, -0.05, -0.05, "faster than the bump"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin_bump();
        jog_ms(4000, rows[i].setpoint, rows[i].motor, rows[i].drum, 0);
        cr_expect(run.stop && run.end == RUN_FAILED, "%s: %s", rows[i].why, run.text);
        cr_expect_not_null(strstr(run.text, rows[i].why), "%s: %s", rows[i].why, run.text);
        cr_expect_lt(fabs(axis()->position_m.value - 10), 0.025);
    }
}

Test(commission, a_bump_asks_the_tension_too) {
    static const struct {
        double cell_n_s;
        const char *why;
    } rows[] = {{-12, "wrong way"}, {0, "tension changed by"}, {3, "tension changed by"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        begin_bump();
        jog_ms(4000, -0.02, -0.02, -0.02, rows[i].cell_n_s);
        run.stop = false;
        watch_ms(SETTLED_MS);
        cr_expect_eq(run.end, RUN_FAILED);
        cr_expect_not_null(strstr(run.text, rows[i].why), "%s", run.text);
    }
}

/* Index of the brake that its lever keeps open; -1: none. */
static void lift(int brake) {
    axis()->brake_open = brake >= 0;
    axis()->brake_odd = brake;
}

static void begin_hold_of(int brake, double load_n) {
    stand(10, load_n);
    commission_begin(&run, &rig, 0, STEP_BRAKE_HOLD, brake);
    lift(brake == 1 ? 1 : 0);
    commission_answer(&run, 1);
    watch_ms(SETTLED_MS);
}

static void begin_hold(double load_n) {
    begin_hold_of(1, load_n);
}

Test(commission, a_brake_that_holds_long_enough_passes_and_no_other) {
    begin_hold(1240);
    watch_ms(4500);
    cr_expect_eq(run.end, RUN_GOES_ON);
    watch_ms(1000);
    cr_expect_not_null(strstr(run.text, "Let go of the lever"), "%s", run.text);
    watch_ms(1000);
    cr_expect_eq(run.end, RUN_GOES_ON, "the lever is still up");
    lift(-1);
    watch_ms(10);
    cr_expect_eq(run.end, RUN_PASSED, "%s", run.text);

    begin_hold(1100);
    cr_expect_not_null(strstr(run.text, "hang more on it"), "%s", run.text);

    begin_hold(1240);
    axis()->position_m.value += 0.003;
    watch_ms(10);
    cr_expect_not_null(strstr(run.text, "BRAKE 1 SLIPS"), "%s", run.text);

    begin_hold(1240);
    axis()->fault_mask = FAULT_BIT(MOVEMENT);
    watch_ms(10);
    cr_expect_not_null(strstr(run.text, "BRAKE 1 SLIPS"), "%s", run.text);

    begin_hold(1240);
    axis()->drive_enabled = true; /* the drive helps */
    watch_ms(10);
    cr_expect_not_null(strstr(run.text, "no longer stands on its brake alone"), "%s", run.text);

    begin_hold(1240);
    axis()->cell_n = 600;
    watch_ms(10);
    cr_expect_not_null(strstr(run.text, "taken off"), "%s", run.text);
}

/* Its lever was left up by the test before: told to lift the other one too, the rigger would drop the load. */
Test(commission, nobody_is_told_to_lift_a_brake_while_the_other_reads_open) {
    for (int brake = 1; brake <= 2; brake++) {
        stand(10, 1240);
        commission_begin(&run, &rig, 0, STEP_BRAKE_HOLD, brake);
        lift(brake - 1);
        watch_ms(10);
        cr_expect_eq(run.end, RUN_FAILED, "before any yes");
        cr_expect(strstr(run.text, "LET GO OF BOTH LEVERS") && !strstr(run.text, "SLIPS"), "%s", run.text);
        begin_hold_of(brake, 1240);
        watch_ms(1000);
        lift(-1);
        axis()->brake_open = true; /* both */
        axis()->position_m.value += 0.2;
        watch_ms(10);
        cr_expect(strstr(run.text, "LET GO OF BOTH LEVERS") && !strstr(run.text, "SLIPS"), "%s", run.text);
    }
}

Test(commission, a_step_that_waits_says_for_what) {
    stand(10, 12);
    commission_begin(&run, &rig, 0, STEP_RESPONSE, 0);
    cr_assert(commission_answer(&run, 1));
    axis()->drive_enabled = axis()->drive_holds = true;
    watch_ms(4000);
    cr_expect_null(strstr(run.text, "Waiting"));
    watch_ms(2000);
    cr_expect(strstr(run.text, "the drive holds beside the brake: unlock the line"), "%s", run.text);
    axis()->drive_holds = false;
    watch_ms(20);
    cr_expect(strstr(run.text, "still has torque"), "%s", run.text);
    axis()->drive_enabled = false;
    watch_ms(SETTLED_MS);
    cr_expect_eq(run.wants, WANTS_JOG);
}

Test(commission, each_brake_holds_alone_or_is_not_tested) {
    for (int brake = 1; brake <= 2; brake++) {
        for (int lifted = -1; lifted <= 2; lifted++) { /* 2: both are */
            stand(10, 1240);
            commission_begin(&run, &rig, 0, STEP_BRAKE_HOLD, brake);
            lift(lifted == 2 ? -1 : lifted);
            axis()->brake_open = lifted >= 0;
            commission_answer(&run, 1);
            watch_ms(20);
            bool alone = lifted == 2 - brake;
            cr_expect_eq(run.end, alone ? RUN_GOES_ON : RUN_FAILED, "%d, %d: %s", brake, lifted, run.text);
            const char *why = lifted < 0 ? "reads closed: lift it" : "reads open";
            cr_expect(alone || strstr(run.text, why) != NULL, "%s", run.text);
        }
        begin_hold_of(brake, 1240);
        watch_ms(1000);
        lift(-1);
        watch_ms(10);
        cr_expect_not_null(strstr(run.text, "keep it up"), "the lever slipped: %s", run.text);
        begin_hold_of(brake, 1240);
        watch_ms(1000);
        axis()->position_m.value += 0.003;
        watch_ms(10);
        cr_expect_not_null(strstr(run.text, brake == 1 ? "BRAKE 1 SLIPS" : "BRAKE 2 SLIPS"), "%s", run.text);
        cr_expect_not_null(strstr(run.text, "LET GO OF THE LEVER"), "%s", run.text);
        begin_hold_of(brake, 1240);
        commission_begin(&run, &rig, 0, STEP_BRAKE_HOLD, brake);
        commission_answer(&run, 1);
        watch_ms(50);
        axis()->position_m.value += 0.003;
        watch_ms(10);
        cr_expect_not_null(strstr(run.text, "SLIPS"), "while it is weighed: %s", run.text);
    }
}

Test(commission, a_line_with_one_brake_tests_it_without_a_lever) {
    rig.axis[0].brake.unit_count = 1;
    stand(10, 1240);
    commission_begin(&run, &rig, 0, STEP_BRAKE_HOLD, 1);
    lift(-1);
    cr_expect_null(strstr(run.text, "lever"), "%s", run.text);
    commission_answer(&run, 1);
    watch_ms(9000);
    cr_expect_eq(run.end, RUN_PASSED, "%s", run.text);
}

Test(commission, no_text_is_cut_off_by_long_names) {
    struct rig_brake *brake = &rig.axis[0].brake;
    for (int i = 0; i < 2; i++) {
        memset(brake->unit[i].name, 'm', sizeof brake->unit[i].name - 1);
        brake->unit[i].name[sizeof brake->unit[i].name - 1] = '\0';
    }
    commission_begin(&run, &rig, 0, STEP_BRAKE_HOLD, 1);
    cr_expect_not_null(strstr(run.text, "Yes when so."), "%s", run.text);

    static const char name[] = "a-line-with-the-longest-name-31";
    struct msg_refusal said;
    snprintf(rig.axis[0].name, sizeof rig.axis[0].name, "%s", name);
    for (int state = COMMISSION_DUE; state <= COMMISSION_FAILED; state++) {
        struct commission_standing standing = {(enum commission_state)state, STEP_BRAKE_HOLD, 2, 0};
        commission_say(&rig, 0, &standing, said.text, sizeof said.text);
        cr_expect_not_null(strstr(said.text, "brake_hold 2 --operator NAME"), "%s", said.text);
    }
}

/* Near its turning point a swinging load seems to hang still for a second. */
Test(commission, a_load_that_swings_is_not_weighed) {
    begin_hold(1240);
    commission_begin(&run, &rig, 0, STEP_BRAKE_HOLD, 1);
    commission_answer(&run, 1);
    for (int ms = 0; ms < 20000; ms += 10) {
        axis()->cell_n = 1240 + 60 * sin(2 * M_PI * ms / 2700);
        watch_ms(10);
    }
    cr_expect_not_null(strstr(run.text, "Steady a load"), "%s", run.text);
    for (int ms = 0; ms < 4000; ms += 10) {
        axis()->cell_n = 1240 + 20 * sin(2 * M_PI * ms / 2700);
        watch_ms(10);
    }
    cr_expect_float_eq(run.before_n, 1240, 3, "%.1f", run.before_n);
}

Test(commission, a_tare_beyond_its_limit_fails_whichever_way) {
    static const double readings_n[] = {-10.5, -9.5, 9.5, 10.5};
    for (size_t i = 0; i < 4; i++) {
        stand(10, readings_n[i]);
        commission_begin(&run, &rig, 0, STEP_TARE, 0);
        commission_answer(&run, 1);
        watch_ms(SETTLED_MS);
        cr_expect_eq(run.end, fabs(readings_n[i]) > 10 ? RUN_FAILED : RUN_PASSED, "%.1f N: %s", readings_n[i],
                     run.text);
    }
}

Test(commission, a_drive_that_goes_on_in_silence_is_found) {
    for (int late = 0; late < 2; late++) {
        stand(10, 0);
        commission_begin(&run, &rig, 0, STEP_SILENCE, 0);
        jog_ms(1000, 0.02, 0.02, 0.02, 0);
        snapshot.link[rig.device[rig.axis[0].drive].link].state = LINK_DOWN;
        axis()->position_m.value += late ? 0.02 : 0.002;
        watch_ms(SETTLED_MS);
        cr_assert_eq(run.wants, WANTS_YES, "%s", run.text);
        commission_answer(&run, 1);
        watch_ms(20);
        snapshot.link[rig.device[rig.axis[0].drive].link].state = LINK_UP;
        watch_ms(SETTLED_MS);
        cr_expect_eq(run.end, late ? RUN_FAILED : RUN_GOES_ON, "%s", run.text);
        cr_expect_not_null(strstr(run.text, late ? "It went on for 20 mm" : "safety I/O"), "%s", run.text);
    }
}

static void begin_switches(void) {
    stand(25.9, 0);
    axis()->switch_known = axis()->switch_closed = (1 << GUARD_SWITCH_COUNT) - 1;
    commission_begin(&run, &rig, 0, STEP_LIMITS, 0);
    axis()->position_m.value = rig.axis[0].limits.position_max_m;
    axis()->payout.refusal = REFUSED_LIMIT;
    watch_ms(20);
    watch_ms(SETTLED_MS);
    axis()->position_m.value = rig.axis[0].limits.position_min_m;
    axis()->takein.refusal = REFUSED_LIMIT;
    watch_ms(20);
    watch_ms(SETTLED_MS);
    cr_assert_not_null(strstr(run.text, "Open end_payout by hand"), "%s", run.text);
}

Test(commission, each_switch_is_opened_alone_and_closes_again) {
    begin_switches();
    for (int kind = 0; kind < GUARD_SWITCH_COUNT; kind++) {
        axis()->fault_mask |= FAULT_BIT(SWITCH_IMPLAUSIBLE); /* as the hand makes it */
        axis()->switch_closed &= ~(UINT32_C(1) << kind);
        watch_ms(500);
        cr_assert_eq(run.end, RUN_GOES_ON, "open is not enough: %s", run.text);
        axis()->switch_closed |= UINT32_C(1) << kind;
        watch_ms(20);
    }
    cr_expect_eq(run.end, RUN_PASSED, "%s", run.text);
    cr_expect_not_null(strstr(run.text, "6 switches"), "%s", run.text);

    begin_switches();
    axis()->switch_closed &= ~(UINT32_C(1) << GUARD_END_TAKEIN);
    watch_ms(10);
    cr_expect_eq(run.end, RUN_FAILED);
    cr_expect_not_null(strstr(run.text, "end_takein reads open, and end_payout was"), "exchanged: %s", run.text);

    begin_switches();
    axis()->switch_known = axis()->switch_closed = 0; /* the block is silent */
    watch_ms(1000);
    cr_expect_eq(run.end, RUN_GOES_ON, "%s", run.text);
}

Test(commission, a_rig_without_switches_is_walked_without_them) {
    rig.axis[0].switch_count = 0;
    stand(25.9, 0);
    commission_begin(&run, &rig, 0, STEP_LIMITS, 0);
    axis()->position_m.value = rig.axis[0].limits.position_max_m;
    axis()->payout.refusal = REFUSED_LIMIT;
    watch_ms(SETTLED_MS + 100);
    axis()->position_m.value = rig.axis[0].limits.position_min_m;
    axis()->takein.refusal = REFUSED_LIMIT;
    watch_ms(SETTLED_MS + 100);
    cr_expect_eq(run.end, RUN_PASSED, "%s", run.text);
}

Test(commission, a_station_with_one_dead_channel_does_not_count) {
    stand(10, 0);
    commission_begin(&run, &rig, 0, STEP_ESTOP, 0);
    snapshot.estop_a_closed[0] = false;
    watch_ms(300);
    axis()->torque_off = true;
    watch_ms(2000);
    snapshot.estop_a_closed[0] = true;
    axis()->torque_off = false;
    watch_ms(100);
    cr_expect_not_null(strstr(run.text, "belay desk"), "%s", run.text);
    axis()->fault_mask = FAULT_BIT(ESTOP_DISCREPANCY);
    watch_ms(10);
    cr_expect_eq(run.end, RUN_FAILED);

    stand(10, 0);
    commission_begin(&run, &rig, 0, STEP_ESTOP, 0);
    snapshot.estop_a_closed[1] = snapshot.estop_b_closed[1] = false;
    watch_ms(1050); /* 850 + 20 and the margin: the chain does not take the torque */
    cr_expect_not_null(strstr(run.text, "still torque"), "%s", run.text);
}
