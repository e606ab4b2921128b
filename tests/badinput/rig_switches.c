/* Limit switches that do not fit their axis: every row is one mistake in the switches of free-climb's rig. */
#include <errno.h>

#include "controller/rig/rig.h"
#include "tests/badinput/bad_rows.h"

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#define FREE_CLIMB BELAY_SOURCE_DIR "/sim/scenarios/free-climb/rig.yaml"
#define S "axes[0].switches"

static const struct bad_row rows[] = {
    {"    switches: #", "    switched: #", {"axes[0].switched: unknown key, did you mean switches?", S ": missing"}},
    {"kind: overwrap", "kind: underwrap", {S "[5].kind: underwrap is not one of the words"}},
    {"kind: overwrap\n        io: safety-io", "kind: overwrap\n        io: encoder",
     {S "[5].io: encoder is a encoder, expected a safety_io"}},
    {"kind: overwrap\n        io: safety-io", "kind: overwrap\n        io: safety",
     {S "[5].io: no device is called safety, expected one of"}},
    {"contact: 6", "contact: 7", {S "[5].contact: sim-safety-io has no contact 7, expected 1 to 6"}},
    {"contact: 6", "contact: 9", {S "[5].contact: 9 is out of range"}},
    {"contact: 6", "contact: 4",
     {S "[5].contact: 4 is wired to ultimate_takein of climber already, expected one of its own"}},
    {"contact: 6\n", "contact: 6\n        opens_at_m: 9\n        within_m: 0.2\n",
     {S "[5].opens_at_m: overwrap has no place, expected it to be left out",
      S "[5].within_m: overwrap has no place, expected it to be left out"}},
    {"kind: overwrap", "kind: dead_turns",
     {S "[5].kind: dead_turns stands here twice, expected one of each kind",
      S "[5].opens_at_m: missing, expected this key for dead_turns",
      S "[5].within_m: missing, expected this key for dead_turns"}},
    {"opens_at_m: 26.8", "opens_at_m: 26.69",
     {S "[0].opens_at_m: 26.69 - 0.2 may open in the working range, expected at least 26.7 = limits.position_max_m + "
      "within_m"}},
    {"opens_at_m: 27.6", "opens_at_m: 27.81",
     {S "[2].opens_at_m: 27.81 + 0.2 may open too late, expected at most 27.8 = ultimate.position_max_m - within_m"}},
    {"opens_at_m: 27.5", "opens_at_m: 27.81",
     {S "[4].opens_at_m: 27.81 + 0.2 may open too late, expected at most 27.8 = ultimate.position_max_m - within_m"}},
    {"opens_at_m: 0.8", "opens_at_m: 0.81",
     {S "[1].opens_at_m: 0.81 + 0.2 may open in the working range, expected at most 0.8 = limits.position_min_m - "
      "within_m"}},
    {"opens_at_m: 0.4", "opens_at_m: 0.39",
     {S "[3].opens_at_m: 0.39 - 0.2 may open too late, expected at least 0.4 = ultimate.position_min_m + within_m"}},
    {"opens_at_m: 27.6", "opens_at_m: 26.8",
     {S "[2].opens_at_m: 26.8 does not lie beyond end_payout, expected more than 26.8"}},
    {"opens_at_m: 0.4", "opens_at_m: 0.8",
     {S "[3].opens_at_m: 0.8 does not lie beyond end_takein, expected less than 0.8"}},
    {"opens_at_m: 26.8\n        within_m: 0.2", "opens_at_m: 26.8\n        within_m: 0.159",
     {S "[0].within_m: 0.159 m are less than the drum travels while a reading ages: 2 m/s x 80 ms (stale_after_ms), "
      "expected at least 0.16"}},
    {"opens_at_m: 0.8\n        within_m: 0.2", "opens_at_m: 0.8\n        within_m: 0.159",
     {S "[1].within_m: 0.159 m are less than the drum travels while a reading ages"}},
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

TestSuite(badinput_rig_switches, .init = set_up, .fini = tear_down);

static int load(const char *text) {
    memset(&errors, 0, sizeof errors);
    bad_write(path, text);
    return rig_load(path, PROFILES, &rig, &errors);
}

Test(badinput_rig_switches, each_mistake_is_named_with_its_place) {
    cr_assert_eq(load(good), 0, "%s", errors.text[0]);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = bad_text(good, &rows[i]);
        cr_expect_eq(load(text), -EINVAL, "%s -> %s was taken", rows[i].find, rows[i].replace);
        bad_expect(&errors, &rows[i]);
        free(text);
    }
}

/* One contact, two axes: whose switch is it? */
Test(badinput_rig_switches, two_axes_share_no_contact) {
    static const char name[] = "  - name: climber\n";
    char *text = NULL;
    cr_assert_gt(asprintf(&text, "%s  - name: rider\n%s", good, strstr(good, name) + strlen(name)), 0);
    cr_expect_eq(load(text), -EINVAL);
    int shared = 0;
    for (int i = 0; i < errors.count; i++)
        shared += strstr(errors.text[i], "of climber already, expected one of its own") != NULL;
    cr_expect_eq(shared, GUARD_SWITCH_COUNT);
    free(text);
}
