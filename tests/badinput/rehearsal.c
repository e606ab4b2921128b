/* Bad scripts and expectations of a rehearsal: every row is one mistake, and the words of the answer. */
#include "tests/badinput/bad_rows.h"

#include <errno.h>

#include "sim/cli/rehearse_script.h"
#include "sim/cli/report.h"
#include "sim/sim.h"

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb/"

static const char good_script[] = "format: 1\n" /* 1 */
                                  "scenario: cliff\n" /* 2 */
                                  "steps:\n" /* 3 */
                                  "  - {name: Ready., do: wait, until: ready, within_s: 10}\n" /* 4 */
                                  "  - {name: Arm., do: arm}\n" /* 5 */
                                  "  - {name: Go., do: go, cue: 1}\n" /* 6 */
                                  "  - {name: Up., do: act, act: ascend, speed_m_s: 0.5, window: climb}\n" /* 7 */
                                  "  - {name: Wait., do: run, seconds: 2, seconds_max: 3, during: following}\n" /* 8 */
                                  "  - {name: Stop., do: estop, station: top, pressed: true, window: estop}\n" /* 9 */
                                  "  - {name: Fall., do: act, act: fall}\n" /* 10 */
                                  "  - {name: Lower., do: jog, speed_m_s: 0.4}\n" /* 11 */
                                  "  - {name: Walk., do: walk-through, percent: 10}\n" /* 12 */
                                  "  - {name: More., do: repeat, times: 20}\n" /* 13 */
                                  "  - {name: Break., do: defect, defect: brakes slip, there: false, winch: left}\n"
                                  "  - {name: Late., do: fault, unit: 8, kind: late, ms: 30}\n" /* 15 */
                                  "  - {name: Wire., do: switch, switch: end payout, wire: broken}\n" /* 16 */
                                  "  - {name: Cut., do: cut-link, link: drive}\n" /* 17 */
                                  "  - {name: End., do: again}\n"; /* 18 */

static const struct bad_row script_rows[] = {
    {"format: 1", "format: 2", {":1:9: format: 2 is out of range"}},
    {"scenario: cliff\n", "", {"scenario: missing"}},
    {"do: arm", "do: armed", {":5:22: steps[1].do: armed is not one of the words"}},
    {"do: arm}", "do: arm, cue: 1}", {"steps[1].do: arm takes no cue"}},
    {"do: go, cue: 1", "do: go", {"steps[2].do: go without cue"}},
    {"until: ready, ", "", {"steps[0].do: wait without until"}},
    {"until: ready", "until: soon", {"steps[0].until: soon is not one of the words"}},
    {", within_s: 10", "", {"steps[0].do: wait without within_s"}},
    {"within_s: 10", "within_s: 1,5", {"inside braces a comma ends a value"}},
    {"act: ascend, speed_m_s: 0.5", "act: ascend", {"steps[3].do: ascend without speed_m_s"}},
    {"speed_m_s: 0.5", "speed_m_s: -0.5", {"steps[3].do: speed_m_s of ascend is -0.5, expected 0 to 3"}},
    {"act: fall", "act: fall, speed_m_s: 1", {"steps[6].do: fall takes no speed_m_s"}},
    {"act: fall", "act: jump", {"steps[6].act: jump is not one of the words"}},
    {"seconds_max: 3", "seconds_max: 1", {"steps[4].do: seconds_max is below seconds"}},
    {"seconds: 2, ", "", {"steps[4].do: run without seconds"}},
    {"pressed: true", "pressed: yes", {"steps[5].pressed: "}},
    {"station: top, ", "", {"steps[5].do: estop without station"}},
    {"window: climb", "window: the door", {"steps[3].window: "}},
    {"do: jog, speed_m_s: 0.4", "do: jog, speed_m_s: nan", {"steps[7].speed_m_s: nan"}},
    {"through, percent: 10", "through", {"steps[8].do: walk-through without percent"}},
    {"act: fall", "act: fall, percent: 5", {"steps[6].do: fall takes no percent"}},
    {"act: fall", "act: shift", {"steps[6].do: shift without percent"}},
    {"percent: 10", "percent: 0", {"steps[8].percent: 0 for walk-through"}},
    {"percent: 10", "percent: 101", {"steps[8].percent: 101 is out of range"}},
    {"  - {name: Arm., do: arm}\n", "  - {name: Arm., do: arm, do: arm}\n", {"steps[1].do: "}},
    {"name: Arm., ", "", {"steps[1].name: missing"}},
    {"times: 20", "times: 0", {"steps[9].times: 0 is out of range"}},
    {", times: 20", "", {"steps[9].do: repeat without times"}},
    {"do: again", "do: stop", {":13:23: steps[9].do: a repeat without again"}},
    {"do: repeat, times: 20", "do: stop", {"steps[14].do: again without a repeat"}},
    {"do: cut-link, link: drive", "do: repeat, times: 2", {"steps[13].do: a repeat in a repeat"}},
    {"brakes slip", "brakes squeal", {"steps[10].defect: brakes squeal is not one of the words"}},
    {", there: false", "", {"steps[10].do: defect without there"}},
    {"unit: 8", "unit: 35", {"steps[11].unit: 35 is out of range"}},
    {", ms: 30", "", {"steps[11].do: late without ms"}},
    {"kind: late", "kind: none", {"steps[11].do: none takes no ms"}},
    {"wire: broken", "wire: bent", {"steps[12].wire: bent is not one of the words"}},
    {"switch: end payout, ", "", {"steps[12].do: switch without switch"}},
    {"do: cut-link, link: drive", "do: cut-link", {"steps[13].do: cut-link without link"}},
    {"do: arm}", "do: arm, winch: left}", {"steps[1].do: arm takes no winch"}},
    {"act: fall", "act: snore", {"steps[6].act: snore is not one of the words"}},
};

static const char good_expect[] = "format: 1\n"
                                  "scenario: cliff\n"
                                  "limits:\n"
                                  "  - {figure: climb_slack_m, max: 0.2, judged: true}\n"
                                  "  - {figure: hang_time_s, min: 60, judged: true}\n"
                                  "  - {figure: cycle_overruns, judged: false}\n"
                                  "  - {figure: most, window: w, of: tension_n, winch: a, less: b, judged: false}\n"
                                  "  - {figure: mean_most, window: w, of: height_mm, over_s: 0.5, judged: false}\n"
                                  "  - {figure: share, window: w, of: slack_m, from: 0, to: 1, judged: false}\n"
                                  "  - {figure: trips, window: w, fault: estop, judged: false}\n"
                                  "  - {figure: trips, window: w, fault: overload, judged: false}\n"
                                  "  - {figure: trip_ms, window: v, judged: false}\n";

static const struct bad_row expect_rows[] = {
    {"figure: climb_slack_m", "figure: slack", {":4:14: limits[0].figure: slack is not one of the words"}},
    {"max: 0.2, ", "", {"limits[0].figure: judged without a limit"}},
    {"max: 0.2", "max: 0.2 m", {"limits[0].max: "}},
    {"overruns, judged: false", "overruns, judged: no", {"limits[2].judged: "}},
    {"overruns, judged: false", "overruns", {"limits[2].judged: missing"}},
    {"figure: hang_time_s", "figure: climb_slack_m", {"limits[1].figure: climb_slack_m is listed twice"}},
    {"figure: cycle_overruns", "figure: cycle_overruns, window: w",
     {"limits[2].figure: cycle_overruns takes no window"}},
    {"figure: most, window: w, ", "figure: most, ", {"limits[3].figure: most without window"}},
    {"of: tension_n, ", "", {"limits[3].figure: most without of"}},
    {"of: tension_n", "of: tension", {"limits[3].of: tension is not one of the words"}},
    {"winch: a, less", "less", {"limits[3].figure: less without winch"}},
    {"of: tension_n, winch: a, less: b", "of: share_percent, winch: a", {"limits[3].figure: share_percent is of two"}},
    {"of: tension_n", "of: tilt_mm", {"limits[3].figure: tilt_mm is of the load, expected no winch and no less"}},
    {"over_s: 0.5, ", "", {"limits[4].figure: mean_most without over_s"}},
    {"over_s: 0.5", "over_s: 0", {"limits[4].over_s: 0 is out of range"}},
    {"from: 0, ", "", {"limits[5].figure: share without from", "limits[5].figure: one of from and to alone"}},
    {"to: 1", "to: -1", {"limits[5].figure: to is below from"}},
    {"fault: overload", "fault: estop", {"limits[7].figure: trips is listed twice"}},
    {"window: v", "window: v, of: slack_m", {"limits[8].figure: trip_ms of a quantity, expected of, from and to"}},
    {"min: 60", "least: 60", {"limits[1].least: ", "limits[1].figure: judged without a limit"}},
};

static char path[] = "/tmp/belay-rehearsal-XXXXXX";

static void make_path(void) {
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    close(fd);
}

static void remove_path(void) {
    unlink(path);
}

TestSuite(rehearsal, .init = make_path, .fini = remove_path);

Test(rehearsal, a_good_script_is_taken) {
    static struct script script;
    struct yaml_errors errors = {0};
    bad_write(path, good_script);
    cr_assert_eq(script_load(path, &script, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(script.steps_count, 15);
    cr_expect_eq(script.steps[10].defect, SIM_DEFECT_BRAKES_SLIP);
    cr_expect_str_eq(script.steps[12].switch_name, "end payout");
    cr_expect_eq(script.steps[2].verb, VERB_GO);
    cr_expect_str_eq(script.steps[2].cue, "1");
    cr_expect_eq(script.steps[3].act, ACT_ASCEND);
    cr_expect(script.steps[3].has_window && strcmp(script.steps[3].window, WINDOW_CLIMB) == 0);
    cr_expect_eq(script.steps[4].during, WHEN_FOLLOWING);
    cr_expect(script.steps[5].pressed);
    cr_expect_str_eq(script.steps[5].station, "top");
}

Test(rehearsal, each_mistake_in_a_script_is_named) {
    static struct script script;
    for (size_t i = 0; i < sizeof script_rows / sizeof script_rows[0]; i++) {
        struct yaml_errors errors = {0};
        char *text = bad_text(good_script, &script_rows[i]);
        bad_write(path, text);
        cr_expect_eq(script_load(path, &script, &errors), -EINVAL, "row %zu was taken", i);
        bad_expect(&errors, &script_rows[i]);
        free(text);
    }
}

Test(rehearsal, each_mistake_in_expectations_is_named) {
    struct report_expect expect;
    struct yaml_errors none = {0};
    bad_write(path, good_expect);
    cr_assert_eq(report_expect_load(path, &expect, &none), 0, "%s", none.text[0]);
    for (size_t i = 0; i < sizeof expect_rows / sizeof expect_rows[0]; i++) {
        struct yaml_errors errors = {0};
        char *text = bad_text(good_expect, &expect_rows[i]);
        bad_write(path, text);
        cr_expect_eq(report_expect_load(path, &expect, &errors), -EINVAL, "row %zu was taken", i);
        bad_expect(&errors, &expect_rows[i]);
        free(text);
    }
}

Test(rehearsal, the_files_of_the_repository_are_good) {
    static struct script script;
    struct report_expect expect;
    struct yaml_errors errors = {0};
    cr_expect_eq(script_load(SCENARIO "script.yaml", &script, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(report_expect_load(SCENARIO "expect.yaml", &expect, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(report_expect_load(SCENARIO "expect-always.yaml", &expect, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(report_expect_load(SCENARIO "expect-kill.yaml", &expect, &errors), 0, "%s", errors.text[0]);
    cr_expect_eq(report_expect_load(SCENARIO "expect-kill-sim.yaml", &expect, &errors), 0, "%s", errors.text[0]);
}
