/* Bad show files, held against the free-climb rig. */
#include "tests/badinput/bad_rows.h"

#include <errno.h>

#include "controller/cue/show.h"

static const char good[] = "format: 1\n" /* 1 */
                           "show: \"Cliff, day 3\"\n" /* 2 */
                           "rig: free-climb\n" /* 3 */
                           "cues:\n" /* 4 */
                           "  - id: 1\n" /* 5 */
                           "    name: Belay the climber\n" /* 6 */
                           "    belay: {axis: climber, tension_n: 90}\n"
                           "  - id: 1-b\n" /* 8 */
                           "    name: Rope up\n" /* 9 */
                           "    move:\n" /* 10 */
                           "      axis: climber\n" /* 11 */
                           "      position_m: 2.0\n" /* 12 */
                           "      speed_m_s: 0.5\n" /* 13 */
                           "      acceleration_m_s2: 0.4\n"; /* 14 */

static const struct bad_row rows[] = {
    {"position_m: 2.0",
     "position_m: 0.9",
     {"show:12:19: cues[1].move.position_m: 0.9 is too little, expected at least 1 m "
      "(the axis's position limits)"}},
    {"position_m: 2.0",
     "position_m: 26.6",
     {"show:12:19: cues[1].move.position_m: 26.6 is too much, expected at most 26.5 m"}},
    {"position_m: 2.0",
     "position_m: 2,0",
     {"show:12:19: cues[1].move.position_m: 2,0 is not a number (did you mean 2.0?)"}},
    {"position_m: 2.0",
     "position_m: 4350 mm",
     {"show:12:19: cues[1].move.position_m: 4350 mm is not a number; the unit"}},
    {"position_m: 2.0",
     "position_mm: 2000",
     {"show:12:7: cues[1].move.position_mm: unknown key, did you mean position_m?",
      "cues[1].move: neither position_m nor to, expected exactly one of them"}},
    {"speed_m_s: 0.5",
     "speed_m_s: 2.01",
     {"show:13:18: cues[1].move.speed_m_s: 2.01 is too much, expected at most 2 m/s (the "
      "smaller of a move's speed limits, pay-out and take-in)"}},
    {"speed_m_s: 0.5", "speed_m_s: 0", {"show:13:18: cues[1].move.speed_m_s: 0 is out of range"}},
    {"speed_m_s: 0.5", "speed_m_s: -0.5", {"show:13:18: cues[1].move.speed_m_s: -0.5 is out of range"}},
    {"acceleration_m_s2: 0.4",
     "acceleration_m_s2: 4.1",
     {"show:14:26: cues[1].move.acceleration_m_s2: 4.1 is too much, "
      "expected at most 4 m/s2"}},
    {"      acceleration_m_s2: 0.4\n", "", {"show:11:7: cues[1].move.acceleration_m_s2: missing"}},
    {"tension_n: 90",
     "tension_n: 29.9",
     {"show:7:39: cues[0].belay.tension_n: 29.9 is too little, expected at least 30 N (the "
      "axis's tension band)"}},
    {"tension_n: 90",
     "tension_n: 150.1",
     {"show:7:39: cues[0].belay.tension_n: 150.1 is too much, expected at most 150 N"}},
    {"      axis: climber\n", "", {"cues[1].move: neither axis nor group, expected exactly one of them"}},
    {"      axis: climber\n",
     "      axis: climber\n      group: truss\n",
     {"cues[1].move: both axis and group, expected exactly one of them"}},
    {"      axis: climber\n",
     "      group: truss\n",
     {"cues[1].move.group: rig free-climb has no group truss, expected axis: it has no groups"}},
    {"axis: climber\n      position",
     "axis: winch\n      position",
     {"show:11:13: cues[1].move.axis: rig free-climb has no axis winch, expected one of climber"}},
    {"{axis: climber, ", "{axis: rider, ", {"show:7:19: cues[0].belay.axis: rig free-climb has no axis rider"}},
    {"    belay: {axis: climber, tension_n: 90}\n",
     "",
     {"show:5:5: cues[0]: none of move, belay, fly, compensate and timed, expected exactly one"}},
    {"    move:\n",
     "    belay: {axis: climber, tension_n: 90}\n    move:\n",
     {"show:8:5: cues[1]: more than one of move, belay, fly, compensate and timed, expected exactly one"}},
    {"belay: {axis: climber, tension_n: 90}",
     "compensate: {axis: climber}",
     {"cues[0].compensate.axis: axis climber has nothing to go by, expected an axis with a reference section"}},
    {"id: 1-b", "id: 1", {"show:8:9: cues[1].id: 1 is the id of cues[0] already, expected one of its own"}},
    {"id: 1-b", "id: 1 b", {"show:8:9: cues[1].id: \"1 b\" is not a name"}},
    {"id: 1-b", "id: a-very-long-cue-id", {"show:8:9: cues[1].id: 18 bytes are too long"}},
    {"rig: free-climb",
     "rig: cliff-ramp",
     {"show:3:6: rig: the show is for rig cliff-ramp, expected the rig that runs, "
      "free-climb"}},
    {"show: \"Cliff, day 3\"", "show: \"Cliff\\n3\"", {"show:2:7: show: control or hidden characters in a text"}},
    {"show: \"Cliff, day 3\"", "show: \"Cliff\\0\"", {"show:2:7: show: a zero byte in a text"}},
    {"format: 1\n", "", {"show:1:1: format: missing, expected version of this file format (whole number, 1 to 1)"}},
    {"name: Rope up",
     "name: Rope: up",
     {"show:9:15: file: not valid YAML: mapping values are not allowed in this context"}},
    {"name: Rope up", "name: [Rope, up]", {"show:9:11: cues[1].name: a list stands here, expected what happens"}},
    {"acceleration_m_s2: 0.4\n",
     "acceleration_m_s2: 0.4\n      load: {mass_kg: 500, hangs_from_m: 2, hangs_to_m: 90}\n",
     {"show:15:23: cues[1].move.load.mass_kg: 500 is too much, expected at most 100 kg (the axis's rated load)",
      "show:15:57: cues[1].move.load.hangs_to_m: 90 is too much, expected at most"}},
    {"acceleration_m_s2: 0.4\n",
     "acceleration_m_s2: 0.4\n      load: {mass_kg: 60, hangs_from_m: 9, hangs_to_m: 5}\n",
     {"show:15:56: cues[1].move.load.hangs_to_m: 5 is too little, expected at least 9 m (hangs_from_m and"}},
    {"acceleration_m_s2: 0.4\n",
     "acceleration_m_s2: 0.4\n      load: {mass_kg: 4, hangs_from_m: 2, hangs_to_m: 9}\n",
     {"show:15:23: cues[1].move.load.mass_kg: 4 kg weigh no more than the tolerance of 43.9 N, so that nobody would "
      "see it was not there"}},
    {"  - id: 1\n",
     "  - 7\n  - id: 1\n",
     {"show:5:5: cues[0]: not a map, expected `key: value` lines behind the dash"}},
};

static struct rig rig;
static struct show show;
static struct yaml_errors errors;

static void set_up(void) {
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(rig_load(BELAY_SOURCE_DIR "/sim/scenarios/free-climb/rig.yaml",
                          BELAY_SOURCE_DIR "/controller/drive/profiles", &rig, &errors),
                 0, "%s", errors.text[0]);
}

TestSuite(badinput_show, .init = set_up);

static int load(const char *text, size_t length) {
    memset(&errors, 0, sizeof errors);
    return show_load_text("show", text, length, &rig, &show, &errors);
}

Test(badinput_show, the_good_text_is_good) {
    cr_assert_eq(load(good, strlen(good)), 0, "%s", errors.text[0]);
    cr_expect_eq(show.cue_count, 2);
}

Test(badinput_show, each_mistake_is_named_with_its_place) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = bad_text(good, &rows[i]);
        cr_expect_eq(load(text, strlen(text)), -EINVAL, "%s -> %s was taken", rows[i].find, rows[i].replace);
        cr_expect_eq(show.cue_count, 0, "a refused file must leave nothing behind");
        bad_expect(&errors, &rows[i]);
        free(text);
    }
}

Test(badinput_show, an_axis_without_a_belay_section_takes_no_belay_cue) {
    rig.axis[0].belay.present = false;
    cr_expect_eq(load(good, strlen(good)), -EINVAL);
    cr_expect_eq(errors.count, 1);
    cr_expect_str_eq(errors.text[0],
                     "show:7:19: cues[0].belay.axis: axis climber can't belay, expected an axis with a belay "
                     "section in the rig file");
}

Test(badinput_show, a_move_may_run_either_way_so_the_smaller_speed_limit_counts) {
    rig.axis[0].modes.move.takein_speed_max_m_s = 0.4;
    cr_expect_eq(load(good, strlen(good)), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "cues[1].move.speed_m_s: 0.5 is too much, expected at most 0.4 m/s"));
}

Test(badinput_show, too_many_cues_and_too_large_a_file) {
    char *text = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&text, &length);
    fputs("format: 1\nshow: Many\nrig: free-climb\ncues:\n", out);
    for (int i = 0; i <= SHOW_CUES_MAX; i++)
        fprintf(out,
                "  - {id: c%d, name: Up, move: {axis: climber, position_m: 2, speed_m_s: 1, acceleration_m_s2: 1}}\n",
                i);
    fclose(out);
    cr_expect_eq(load(text, length), -EINVAL);
    cr_expect_eq(errors.count, 1, "%s", errors.text[1]);
    cr_expect_not_null(strstr(errors.text[0], "show:5:3: cues: 201 entries, expected cues in the order of the show"));
    free(text);

    text = calloc(1, YAML_BYTES_MAX + 2);
    cr_assert_not_null(text);
    memset(text, '#', YAML_BYTES_MAX + 1);
    cr_expect_eq(load(text, YAML_BYTES_MAX + 1), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "show:1:1: file: the file has 262145 bytes, expected at most 262144"));
    free(text);
}

Test(badinput_show, more_errors_than_fit_are_counted) {
    char *text = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&text, &length);
    fputs("format: 1\nshow: Many\nrig: free-climb\ncues:\n", out);
    for (int i = 0; i < 100; i++)
        fprintf(out,
                "  - {id: c%d, name: Up, move: {axis: climber, position_m: x, speed_m_s: 1, acceleration_m_s2: 1}}\n",
                i);
    fclose(out);
    cr_expect_eq(load(text, length), -EINVAL);
    cr_expect_eq(errors.count, YAML_ERRORS_MAX);
    cr_expect_eq(errors.dropped, 100 - YAML_ERRORS_MAX);
    free(text);
}

Test(badinput_show, an_axis_without_a_tolerance_takes_no_load) {
    rig.axis[0].monitors.load.present = false;
    const struct bad_row row = {
        "acceleration_m_s2: 0.4\n",
        "acceleration_m_s2: 0.4\n      load: {mass_kg: 60, hangs_from_m: 2, hangs_to_m: 9}\n",
        {"show:15:13: cues[1].move.load: axis climber has no tolerance for it, expected monitors.load of that axis in "
         "the rig file"}};
    char *const text = bad_text(good, &row);
    cr_expect_eq(load(text, strlen(text)), -EINVAL);
    bad_expect(&errors, &row);
    free(text);
}
