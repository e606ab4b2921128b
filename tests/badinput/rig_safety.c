/* Recovery's times, a load cell that may repeat itself, a relay beside a second winch: each row is one mistake in the
 * rig of free-climb. */
#include <errno.h>

#include "controller/rig/rig.h"
#include "tests/badinput/bad_rows.h"

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define FREE_CLIMB BELAY_SOURCE_DIR "/sim/scenarios/free-climb/rig.yaml"
static const struct bad_row rows[] = {
    {"    clear_s: 30\n", "", {"safety.recovery.clear_s: missing"}},
    {"    clear_s: 30", "    clear_s: 4", {"safety.recovery.clear_s: 4 is out of range"}},
    {"    expires_s: 600", "    expires_s: 3601", {"safety.recovery.expires_s: 3601 is out of range"}},
    {"      tension_frozen_ms: 150 #",
     "      #",
     {"axes[0].monitors: no tension_frozen_ms on a line that belays, expected one of at most 200"}},
    {"tension_frozen_ms: 150",
     "tension_frozen_ms: 201",
     {"axes[0].monitors.tension_frozen_ms: 201 on a line that belays, expected at most 200"}},
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

TestSuite(badinput_rig_safety, .init = set_up, .fini = tear_down);

static int load(const char *text) {
    memset(&errors, 0, sizeof errors);
    bad_write(path, text);
    return rig_load(path, PROFILES, &rig, &errors);
}

Test(badinput_rig_safety, each_mistake_is_named_with_its_place) {
    cr_assert_eq(load(good), 0, "%s", errors.text[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = bad_text(good, &rows[i]);
        cr_expect_eq(load(text), -EINVAL, "%s -> %s was taken", rows[i].find, rows[i].replace);
        bad_expect(&errors, &rows[i]);
        free(text);
    }
}

/* The pulse is one for all: a drive that does not confirm its stop may not take the others' chain unannounced. */
Test(badinput_rig_safety, a_relay_asks_for_a_stop_of_the_whole_rig) {
    static const char name[] = "  - name: climber\n";
    char *text = NULL;
    cr_assert_gt(asprintf(&text, "%s  - name: rider\n%s", good, strstr(good, name) + strlen(name)), 0);
    cr_expect_eq(load(text), -EINVAL);
    int asked = 0;
    for (int i = 0; i < errors.count; i++)
        asked += strstr(errors.text[i], "answers stop_unconfirmed with scope axis, expected scope rig") != NULL;
    cr_expect_eq(asked, 2);
    free(text);
}
