/* Paths in time that their axis can't follow: every row is one mistake in a cue for the hook of moving-deck. */
#define BAD_RIG_FILE BELAY_SOURCE_DIR "/sim/scenarios/moving-deck/rig.yaml"
#include "tests/badinput/bad_rig.h"

#include "controller/cue/show.h"

#define P "cues[0].timed.path"

static const char good[] = "format: 1\nshow: Timed\nrig: moving-deck\ncues:\n"
                           "  - id: 1\n    name: Down and up\n    timed:\n      axis: hook\n      error_m: 0.05\n"
                           "      path:\n"
                           "        - {t_s: 0, position_m: 16}\n"
                           "        - {t_s: 3, position_m: 19}\n"
                           "        - {t_s: 5, position_m: 20}\n";

static const struct bad_row rows[] = {
    {"axis: hook", "axis: crook", {"cues[0].timed.axis: rig moving-deck has no axis crook, expected one of hook"}},
    {"error_m: 0.05", "error_m: 0", {"cues[0].timed.error_m: 0 is out of range"}},
    {"      error_m: 0.05\n", "", {"cues[0].timed.error_m: missing"}},
    {"t_s: 0,", "t_s: 1,", {P "[0]: at 1 s, expected the first place at 0 s: the time counts from GO"}},
    {"t_s: 5,", "t_s: 3.01,", {P "[2]: at 3.01 s, expected at least 3.02 s: 0.02 s after the one before"}},
    {"t_s: 5,", "t_s: 2,", {P "[2]: at 2 s, expected at least 3.02 s"}},
    {"t_s: 5, position_m: 20", "t_s: 13, position_m: 27",
     {P "[1]: after it the curve goes from 19.000 m to 27.000 m, expected from 4 m to 26.5 m"}},
    {"position_m: 20}", "position: 20}",
     {P "[2].position: unknown key, did you mean position_m?", P "[2].position_m: missing"}},
    {"t_s: 3, position_m: 19", "t_s: 3, position_m: 20.2",
     {P "[0]: after it the curve is 2.257 m/s fast, expected at most 1.8 m/s, nine tenths of the axis's move"}},
    {"t_s: 3, position_m: 19", "t_s: 0.3, position_m: 16.1",
     {P "[0]: after it the curve asks for 82.931 m/s3, expected at most 16 m/s3, four fifths of limits.jerk_max_m_s3"}},
    {"t_s: 5, position_m: 20", "t_s: 10, position_m: 26.49",
     {"left to the position limit, expected more: slower there, or farther from it"}},
};

TestSuite(timed, .init = bad_rig_set_up, .fini = bad_rig_tear_down);

static struct show show;

static int load(const char *text) {
    memset(&errors, 0, sizeof errors);
    return show_load_text("show", text, strlen(text), &bad_rig, &show, &errors);
}

Test(timed, each_mistake_in_a_path_is_named_at_its_knot) {
    cr_assert_eq(bad_rig_load(bad_rig_good), 0, "%s", errors.text[0]);
    cr_assert_eq(load(good), 0, "%s", errors.text[0]);
    cr_expect_eq(show.timed_count, 1);
    cr_expect_eq(show.cue[0].timed, 0);
    cr_expect_eq(show.cue[0].position_m, 20);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *const text = bad_text(good, &rows[i]);
        cr_expect_eq(load(text), -EINVAL, "%s was taken", rows[i].replace);
        bad_expect(&errors, &rows[i]);
        free(text);
    }
}

Test(timed, a_harder_path_than_the_axis_moves_is_refused) {
    cr_assert_eq(bad_rig_load(bad_rig_good), 0, "%s", errors.text[0]);
    bad_rig.axis[0].modes.move.acceleration_m_s2 = 1.0;
    cr_expect_eq(load(good), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "expected at most 0.8 m/s2, four fifths of the axis's move"), "%s",
                       errors.text[0]);
}

/* A slower part of the way, on the way. */
Test(timed, a_band_on_the_way_is_kept) {
    cr_assert_eq(bad_rig_load(bad_rig_good), 0, "%s", errors.text[0]);
    bad_rig.axis[0].band_count = 1;
    bad_rig.axis[0].band[0] = (struct rig_band){17.5, 18.5, 0.5, 0.5, "net"};
    cr_expect_eq(load(good), -EINVAL);
    cr_expect_eq(errors.count, 1);
    cr_expect_not_null(strstr(errors.text[0], "too fast for the band from 17.5 m to 18.5 m, expected at most 0.5 m/s"),
                       "%s", errors.text[0]);
    bad_rig.axis[0].band[0] = (struct rig_band){20.5, 22, 0.5, 0.5, "net"};
    cr_expect_eq(load(good), 0, "%s", errors.text[0]);
}

Test(timed, too_many_paths_are_refused) {
    char text[16384];
    cr_assert_eq(bad_rig_load(bad_rig_good), 0, "%s", errors.text[0]);
    int n = snprintf(text, sizeof text, "format: 1\nshow: Timed\nrig: moving-deck\ncues:\n");
    for (int i = 0; i <= SHOW_TIMED_MAX; i++)
        n += snprintf(text + n, sizeof text - (size_t)n, "  - id: %d\n    name: n\n    timed:\n      axis: hook\n"
                      "      error_m: 0.05\n      path: [{t_s: 0, position_m: 16}, {t_s: 3, position_m: 17}]\n", i);
    cr_expect_eq(load(text), -EINVAL);
    cr_expect_eq(errors.count, 1);
    cr_expect_not_null(strstr(errors.text[0], "cues[12].timed: one path in time too many, expected at most 12"), "%s",
                       errors.text[0]);
}
