/* Values of commissioning that do not fit their axis: every row is one mistake in free-climb's rig. */
#include <errno.h>

#include "controller/rig/rig.h"
#include "tests/badinput/bad_rows.h"

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define FREE_CLIMB BELAY_SOURCE_DIR "/sim/scenarios/free-climb/rig.yaml"
#define C "axes[0].commissioning"

static const struct bad_row rows[] = {
    {"    commissioning:",
     "    commissoning:",
     {"axes[0].commissoning: unknown key, did you mean commissioning?",
      C ": missing, expected it on a line that carries a person: see docs/commissioning.md"}},
    {"brake_test_percent: 125",
     "brake_test_percent: 90",
     {C ".brake_test_percent: 90 is out of range, expected load that each brake must hold alone"}},
    {"      tare_n_max: 10",
     "      tare_n_max: 50",
     {C ".tare_n_max: 50 is too much, expected less than 15 = belay.slack_n (a taut rope must not be tared away)",
      C ".tare_n_max: 50 is too much, expected at most 49.03 = 0.4903 x load.rated_mass_kg (a large tare hides a "
        "person)"}},
    {"      speed_max_m_s: 0.2",
     "      speed_max_m_s: 0.01",
     {C ".bump_speed_m_s: 0.02 is too much, expected at most 0.01 = commissioning.speed_max_m_s (the bump is a jog of "
        "commissioning)"}},
    {"bump_tension_n: 10",
     "bump_tension_n: 101",
     {C ".bump_tension_n: 101 is too much, expected at most"}},
    {"      brake_hold_s: 5\n", "", {C ".brake_hold_s: missing"}},
};

static char folder[] = "/tmp/belay-badinput-XXXXXX";
static char path[64];
static char *good;
static struct rig rig;
static struct yaml_errors errors;

static void set_up(void) {
    size_t length = 0;
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/rig.yaml", folder);
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(FREE_CLIMB, &good, &length, &errors), 0);
}

static void tear_down(void) {
    free(good);
    unlink(path);
    rmdir(folder);
}

TestSuite(badinput_rig_commissioning, .init = set_up, .fini = tear_down);

static int load(const char *text) {
    memset(&errors, 0, sizeof errors);
    bad_write(path, text);
    return rig_load(path, PROFILES, &rig, &errors);
}

Test(badinput_rig_commissioning, each_mistake_is_named_with_its_place) {
    cr_assert_eq(load(good), 0, "%s", errors.text[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = bad_text(good, &rows[i]);
        cr_expect_eq(load(text), -EINVAL, "%s -> %s was taken", rows[i].find, rows[i].replace);
        bad_expect(&errors, &rows[i]);
        free(text);
    }
}
