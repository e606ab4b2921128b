/* The step of a motion sensor: which way it tells, how far, and that the hook sinks for it. */
#include <criterion/criterion.h>
#include <string.h>

#include "controller/commission/run.h"

#define RIG BELAY_SOURCE_DIR "/sim/scenarios/moving-deck/rig.yaml"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define NOW_S INT64_C(1795766400)
#define SETTLED_MS 3000

static struct rig rig;
static struct yaml_errors errors;
static struct commission_record record;
static struct commission_run run;
static struct snapshot snapshot;

static struct snapshot_axis *axis(void) {
    return &snapshot.axis[0];
}

static void begin(void) {
    memset(&errors, 0, sizeof errors);
    memset(&record, 0, sizeof record);
    memset(&snapshot, 0, sizeof snapshot);
    cr_assert_eq(rig_load(RIG, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    snapshot.t_us = 1000000;
    *axis() = (struct snapshot_axis){.state = STATE_ARMED, .brake_known = true, .brake_odd = -1};
    axis()->position_m = (struct snapshot_value){10, 0, QUALITY_GOOD};
    axis()->speed_m_s = axis()->tension_n = axis()->reference_m = (struct snapshot_value){0, 0, QUALITY_GOOD};
    commission_begin(&run, &rig, 0, STEP_REFERENCE, 0);
}

TestSuite(commission_reference, .init = begin);

static void watch_ms(int ms) {
    for (int i = 0; i < ms / 10; i++) {
        snapshot.t_us += 10000;
        commission_watch(&run, &snapshot);
    }
}

/* The sensor is raised, and then reads so much more. */
static void raised(double read_m) {
    cr_assert(commission_answer(&run, 1));
    watch_ms(SETTLED_MS);
    cr_assert_eq(run.wants, WANTS_YES, "%s", run.text);
    axis()->reference_m.value += read_m;
    cr_assert(commission_answer(&run, 1));
    watch_ms(SETTLED_MS);
}

/* It jogs, and the drum goes at this speed. */
static void jogged(double drum_m_s) {
    watch_ms(SETTLED_MS);
    cr_assert_eq(run.wants, WANTS_JOG, "%s", run.text);
    cr_expect_eq(run.jog_m_s, rig.axis[0].limits.setup_speed_m_s);
    axis()->state = STATE_RUNNING;
    for (int i = 0; i < 10000 && !run.stop; i++) {
        axis()->position_m.value += drum_m_s * 0.01;
        watch_ms(10);
    }
    axis()->state = STATE_ARMED;
}

Test(commission_reference, a_good_sensor_passes) {
    raised(rig.axis[0].reference.check_mm / 1000);
    jogged(rig.axis[0].limits.setup_speed_m_s);
    cr_assert(commission_answer(&run, 1));
    watch_ms(20);
    cr_expect_eq(run.end, RUN_PASSED, "%s", run.text);
    cr_expect_str_eq(run.text, "raised by 500 mm, read +500 mm; the hook sank");
}

Test(commission_reference, a_wrong_sign_fails) {
    raised(-rig.axis[0].reference.check_mm / 1000);
    cr_expect_eq(run.end, RUN_FAILED);
    cr_expect_not_null(strstr(run.text, "it would double the motion. Mend reference.sign"), "%s", run.text);
}

Test(commission_reference, a_wrong_amount_fails) {
    static const double read_m[] = {0, 0.39, 0.61, -0.2};
    for (size_t i = 0; i < sizeof read_m / sizeof read_m[0]; i++) {
        begin();
        raised(read_m[i]);
        cr_expect_eq(run.end, RUN_FAILED, "%g", read_m[i]);
        cr_expect_not_null(strstr(run.text, "another sensor, its scale or its axis"), "%s", run.text);
    }
}

Test(commission_reference, one_that_moves_or_is_not_heard_is_waited_for) {
    cr_assert(commission_answer(&run, 1));
    for (int i = 0; i < 500; i++) {
        axis()->reference_m.value = i % 2 ? 0.03 : -0.03;
        watch_ms(10);
    }
    cr_expect_eq(run.wants, WANTS_NOTHING, "%s", run.text);
    axis()->reference_m.quality = QUALITY_STALE;
    watch_ms(SETTLED_MS);
    cr_expect_not_null(strstr(run.text, "not heard"), "%s", run.text);
    axis()->reference_m.quality = QUALITY_GOOD;
    watch_ms(SETTLED_MS);
    cr_expect_eq(run.wants, WANTS_YES, "%s", run.text);
}

Test(commission_reference, a_drum_or_a_hook_that_goes_the_wrong_way_fails) {
    raised(0.5);
    jogged(-0.1);
    cr_expect_eq(run.end, RUN_FAILED);
    cr_expect(run.stop);
    begin();
    raised(0.5);
    jogged(0.1);
    cr_assert(commission_answer(&run, 0));
    watch_ms(20);
    cr_expect_eq(run.end, RUN_FAILED, "the hook rose");
}

static enum refusal clearance(void) {
    const struct commission_standing standing = commission_standing(&rig, 0, &record, NOW_S);
    return commission_clearance(&standing);
}

/* The line carries nobody: this is all that is asked of it. */
Test(commission_reference, it_is_asked_for_and_void_with_another_sensor) {
    struct record_entry entry = {.step = STEP_REFERENCE, .passed = true, .time_s = NOW_S};
    cr_expect_eq(clearance(), REFUSED_NOT_COMMISSIONED);
    memcpy(entry.axis, rig.axis[0].name, sizeof entry.axis);
    commission_parts_hash(&rig, 0, STEP_REFERENCE, entry.parts);
    record_put(&record, &rig, &entry);
    cr_expect_eq(clearance(), REFUSED_NOT);
    rig.device[rig.axis[0].reference.device].unit++;
    cr_expect_eq(clearance(), REFUSED_NOT_COMMISSIONED, "another device");
    rig.device[rig.axis[0].reference.device].unit--;
    rig.axis[0].reference.sign = -rig.axis[0].reference.sign;
    cr_expect_eq(clearance(), REFUSED_NOT_COMMISSIONED, "its sign");
    rig.axis[0].reference.sign = -rig.axis[0].reference.sign;
    cr_expect_eq(clearance(), REFUSED_NOT);
    const struct commission_change change = {.what = "sensor was changed", .time_s = NOW_S};
    commission_void(&rig, 0, (enum commission_part)commission_part_find("sensor"), &change, &record);
    cr_expect_eq(clearance(), REFUSED_NOT_COMMISSIONED, "somebody says so");
}
