/* The show of free-climb as the struct that the cycle runs. */
#include "controller/cue/show.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb"

static struct rig rig;
static struct show show;
static struct yaml_errors errors;

static void set_up(void) {
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(rig_load(SCENARIO "/rig.yaml", BELAY_SOURCE_DIR "/controller/drive/profiles", &rig, &errors), 0, "%s",
                 errors.text[0]);
}

TestSuite(show, .init = set_up);

Test(show, free_climb) {
    cr_assert_eq(show_load(SCENARIO "/show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
    cr_expect_str_eq(show.name, "Free climb");
    cr_expect_eq(show.cue_count, 2);
    const struct cue *const belay = &show.cue[0];
    cr_expect(belay->kind == CUE_BELAY && belay->axis == 0 && belay->tension_n == 90);
    cr_expect_str_eq(belay->name, "Belay the climber");
    const struct cue *const move = &show.cue[1];
    cr_expect(move->kind == CUE_MOVE && move->axis == 0);
    cr_expect(move->position_m == 2.0 && move->speed_m_s == 0.5 && move->acceleration_m_s2 == 0.5);
    cr_expect_eq(show_cue_find(&show, "1"), 0);
    cr_expect_eq(show_cue_find(&show, "2"), 1);
    cr_expect_eq(show_cue_find(&show, "3"), -ENOENT);
}

Test(show, the_hash_is_that_of_the_text) {
    char *text = NULL;
    size_t length = 0;
    char wanted[HASH_HEX_SIZE];
    cr_assert_eq(yaml_read(SCENARIO "/show.yaml", &text, &length, &errors), 0);
    cr_assert_eq(show_load_text("show", text, length, &rig, &show, &errors), 0);
    hash_hex(text, length, wanted);
    cr_expect_str_eq(show.hash, wanted);
    cr_assert_eq(text[0], '#'); /* a remark, that means nothing to the show: the hash tells all the same */
    text[2] = text[2] == 'x' ? 'y' : 'x';
    cr_assert_eq(show_load_text("show", text, length, &rig, &show, &errors), 0);
    cr_expect_str_neq(show.hash, wanted);
    free(text);
}

Test(show, a_file_that_is_not_there) {
    cr_expect_eq(show_load("/nonexistent/show.yaml", &rig, &show, &errors), -ENOENT);
    cr_expect_eq(errors.count, 1);
    cr_expect_not_null(strstr(errors.text[0], "/nonexistent/show.yaml:1:1: file: can't be opened"));
}

Test(show, limits_are_inclusive) {
    static const char text[] = "format: 1\nshow: Edges\nrig: free-climb\ncues:\n"
                               "  - {id: a, name: Top, move: {axis: climber, position_m: 1, speed_m_s: 2, "
                               "acceleration_m_s2: 4}}\n"
                               "  - {id: b, name: Foot, move: {axis: climber, position_m: 26.5, speed_m_s: 0.001, "
                               "acceleration_m_s2: 0.01}}\n"
                               "  - {id: c, name: Loose, belay: {axis: climber, tension_n: 30}}\n"
                               "  - {id: d, name: Tight, belay: {axis: climber, tension_n: 150}}\n";
    cr_expect_eq(show_load_text("show", text, strlen(text), &rig, &show, &errors), 0, "%s", errors.text[0]);
}

/* ---- groups ---- */

static const char group_text[] = "format: 1\nshow: Both\nrig: free-climb\ncues:\n"
                                 "  - id: 1\n    name: Up\n    move: {group: truss, position_m: 2, speed_m_s: 0.5, "
                                 "acceleration_m_s2: 0.5}\n";

/* Two lines like the climber's, which belay nobody. */
static void two_lines(enum rig_group_kind kind) {
    rig.axis[1] = rig.axis[0];
    snprintf(rig.axis[1].name, sizeof rig.axis[1].name, "second");
    rig.axis[0].belay.present = rig.axis[1].belay.present = false;
    rig.axis_count = 2;
    rig.group_count = 1;
    rig.group[0] = (struct rig_group){.name = "truss", .kind = kind, .axes = 3, .deviation_m = 0.1};
}

Test(show, a_group_moves_all_of_its_axes) {
    two_lines(GROUP_LOCKED);
    cr_assert_eq(show_load_text("show", group_text, sizeof group_text - 1, &rig, &show, &errors), 0, "%s",
                 errors.text[0]);
    cr_expect(show.cue[0].axes == 3 && show.cue[0].axis == 0 && show.cue[0].group == 0);
}

Test(show, a_group_moves_within_the_limits_of_each) {
    two_lines(GROUP_FREE);
    rig.axis[1].limits.position_min_m = 3;
    cr_assert_eq(show_load_text("show", group_text, sizeof group_text - 1, &rig, &show, &errors), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "cues[0].move.position_m: 2 is too little, expected at least 3 m"));
}

Test(show, a_climbers_line_is_in_no_group_move) {
    two_lines(GROUP_SAFE);
    rig.axis[1].belay.present = true;
    cr_assert_eq(show_load_text("show", group_text, sizeof group_text - 1, &rig, &show, &errors), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "cues[0].move.group: second has a belay section"));
}

Test(show, a_locked_axis_is_not_moved_alone) {
    static const char text[] = "format: 1\nshow: One\nrig: free-climb\ncues:\n  - id: 1\n    name: Up\n"
                               "    move: {axis: second, position_m: 2, speed_m_s: 0.5, acceleration_m_s2: 0.5}\n";
    two_lines(GROUP_LOCKED);
    cr_assert_eq(show_load_text("show", text, sizeof text - 1, &rig, &show, &errors), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "cues[0].move.axis: second is locked in group truss, expected group: "
                                              "truss"));
    rig.group[0].kind = GROUP_SAFE;
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(show_load_text("show", text, sizeof text - 1, &rig, &show, &errors), 0, "%s", errors.text[0]);
}

static int load_to(const char *to) {
    char text[400];
    const int length = snprintf(text, sizeof text,
                                "format: 1\nshow: Each\nrig: free-climb\ncues:\n  - id: 1\n    name: Up\n"
                                "    move: {group: truss, %s, speed_m_s: 0.5, acceleration_m_s2: 0.5}\n", to);
    memset(&errors, 0, sizeof errors);
    return show_load_text("show", text, (size_t)length, &rig, &show, &errors);
}

Test(show, a_free_group_goes_to_a_place_for_each) {
    static const struct {
        const char *to, *error;
    } rows[] = {
        {"to: [{axis: climber, position_m: 3}, {axis: second, position_m: 30}]",
         "cues[0].move.to[1].position_m: 30 is too much"},
        {"to: [{axis: climber, position_m: 3}, {axis: climber, position_m: 4}]",
         "cues[0].move.to[1].axis: climber has a place already"},
        {"to: [{axis: climber, position_m: 3}, {axis: rider, position_m: 4}]", "cues[0].move.to: no place for second"},
        {"to: [{axis: climber, position_m: 3}, {axis: second, position_m: 4}], position_m: 2",
         "cues[0].move: both position_m and to"},
        {"load: {mass_kg: 0, hangs_from_m: 1, hangs_to_m: 2}", "cues[0].move: neither position_m nor to"},
    };
    two_lines(GROUP_FREE);
    cr_assert_eq(load_to("to: [{axis: second, position_m: 7}, {axis: climber, position_m: 3}]"), 0, "%s",
                 errors.text[0]);
    cr_expect(cue_goal_m(&show.cue[0], 0) == 3 && cue_goal_m(&show.cue[0], 1) == 7);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        bool told = false;
        cr_expect_eq(load_to(rows[i].to), -EINVAL, "%s", rows[i].to);
        for (int e = 0; e < errors.count; e++)
            told = told || strstr(errors.text[e], rows[i].error);
        cr_expect(told, "%s: %s", rows[i].error, errors.text[0]);
    }
    two_lines(GROUP_LOCKED);
    cr_expect_eq(load_to("to: [{axis: second, position_m: 7}, {axis: climber, position_m: 3}]"), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "the group is locked and level, expected position_m"));
}

/* 1750 kg on 32.5 m of 6 MN bounce in 0.61 s; swing 0.45 m/s2, 80 ms late, friction of 2 %: 1.29 kN of 1.34 kN. */
Test(show, a_cue_that_swings_its_load_beyond_what_is_tolerated_is_refused) {
#define CARRIAGE BELAY_SOURCE_DIR "/sim/scenarios/carriage-drop/"
    static const double less[] = {8, 7.5};
    for (int i = 0; i < 2; i++) {
        memset(&errors, 0, sizeof errors);
        cr_assert_eq(rig_load(CARRIAGE "rig.yaml", BELAY_SOURCE_DIR "/controller/drive/profiles", &rig, &errors), 0);
        rig.axis[0].monitors.load.tolerance_percent = less[i];
        cr_expect_eq(show_load(CARRIAGE "show.yaml", &rig, &show, &errors), i == 0 ? 0 : -EINVAL, "%s", errors.text[0]);
    }
    cr_expect_not_null(strstr(errors.text[0], "cues[0].move.acceleration_m_s2: 1750 kg bounce in 0.614 s on 27.5 m of "
                                              "rope of axis north"), "%s", errors.text[0]);
    rig.axis[0].monitors.load.has_readings = false; /* it must last then, and a swing does not */
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(show_load(CARRIAGE "show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
}

Test(show, a_goal_leaves_room_for_the_trim_of_shares) {
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(rig_load(CARRIAGE "rig.yaml", BELAY_SOURCE_DIR "/controller/drive/profiles", &rig, &errors), 0);
    rig.group[0].share_trim_m = 2.5;
    cr_expect_eq(show_load(CARRIAGE "show.yaml", &rig, &show, &errors), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "cues[0].move.position_m: 26 is too much, expected at most 25.5 m "
                                              "(share_trim_m of the group"), "%s", errors.text[0]);
}
