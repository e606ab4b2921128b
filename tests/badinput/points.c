/* Suspended points that do not fit their rig, and flights that do not fit their point: every row is one mistake in the
 * files of gliding-camera. */
#define BAD_RIG_FILE BELAY_SOURCE_DIR "/sim/scenarios/gliding-camera/rig.yaml"
#include "tests/badinput/bad_rig.h"

#include "controller/cue/show.h"

#define SHOW_FILE BELAY_SOURCE_DIR "/sim/scenarios/gliding-camera/show.yaml"
#define P "points[0]."
#define C "cues[0].fly."
#define REST                                                                                                           \
    "        - {x_m: 15, y_m: 9, z_m: 8}\n        - {x_m: 20, y_m: 12, z_m: 9}\n"                                      \
    "        - {x_m: 24, y_m: 17, z_m: 7.5}\n        - {x_m: 28, y_m: 20, z_m: 6}"

static const struct bad_row rig_rows[] = {
    {"      - axis: north-east\n", "      - axis: north\n", {P "lines[1].axis: no axis is called north"}},
    {"      - axis: north-east\n",
     "      - axis: north-west\n",
     {P "lines[1].axis: north-west is a line of a point already, expected another axis"}},
    {"      pair: 2\n      axes: any",
     "      pair: 2\n      axes: [north-west]",
     {"safety.stations[1].axes: a zone, but table camera-line",
      P "name: E-stop station slope stops some of its lines and not the others, expected one zone for all"}},
    {"x_m: 40\n        y_m: 0\n        z_m: 20",
     "x_m: 0.3\n        y_m: 0\n        z_m: 24",
     {P "lines[1].x_m: the anchor is that of line north-west, expected one at least 0.5 m away"}},
    {"x_m: 40\n        y_m: 0\n        z_m: 20\n        tension_min_n: 40",
     "x_m: 40\n        y_m: 0\n        z_m: 20\n        tension_min_n: 20",
     {P "lines[1].tension_min_n: north-east trips, or counts as slack, at its load.underload_n or slack_n, expected "
        "more than 20"}},
    {"x_m: 40\n        y_m: 0\n        z_m: 20\n        tension_min_n: 40\n        tension_max_n: 700",
     "x_m: 40\n        y_m: 0\n        z_m: 20\n        tension_min_n: 40\n        tension_max_n: 1500",
     {P "lines[1].tension_max_n: north-east trips at its limits.tension_max_n, expected less than 1500"}},
    {"    tension_n: 250",
     "    tension_n: 40",
     {P "lines[0].tension_min_n: north-west, expected less than the point's tension_n, 40",
      P "lines[1].tension_min_n: ", P "lines[2].tension_min_n: ", P "lines[3].tension_min_n: "}},
    {"mass_max_kg: 64", "mass_max_kg: 59", {P "mass_max_kg: 59, expected at least mass_min_kg, 60"}},
    {"z_max_m: 13", "z_max_m: 2", {P "z_max_m: 2, expected more than the other side of the volume, 2"}},
    {"    stop_m_s2: 1.2",
     "    stop_m_s2: 4.9",
     {P "lines[0].axis: north-west stops more gently than the point's stop_m_s2, expected at most 4.8",
      P "lines[1].axis", P "lines[2].axis", P "lines[3].axis"}},
    {"    start_within_m: 0.1", "    start_within_m: 0", {P "start_within_m: 0 is out of range"}},
};

static const struct bad_row show_rows[] = {
    {"point: camera\n      speed_m_s: 2.0",
     "point: crane\n      speed_m_s: 2.0",
     {C "point: rig gliding-camera has no point crane, expected one of its points"}},
    {"speed_m_s: 2.0",
     "speed_m_s: 2.3",
     {C "speed_m_s: a stop on the path would last 2.32 s, expected at most 2.25 s",
      C "waypoints[0]: 0.00 m after it, at 0.00 m of 22.54 m, north-east would run at 2.31 m/s, expected at most 2.25, "
        "nine tenths of its move: fly slower"}},
    {"    fly:\n      point: camera\n      speed_m_s: 2.0\n      acceleration_m_s2: 1.2\n      jerk_m_s3: 3.0\n"
     "      waypoints:\n        - {x_m: 11, y_m: 10, z_m: 6}\n" REST "\n",
     "    move: {axis: south-east, position_m: 20, speed_m_s: 0.5, acceleration_m_s2: 0.5}\n",
     {"cues[0].move.axis: south-east is a line of point camera, expected a fly cue: its lines move together"}},
    {"acceleration_m_s2: 1.2",
     "acceleration_m_s2: 1.21",
     {C "acceleration_m_s2: 1.21 is too much, expected at most 1.2 m/s2 (the point's stop_m_s2): a stop must beat "
        "every motion"}},
    {"jerk_m_s3: 3.0", "jerk_m_s3: 21", {C "jerk_m_s3: 21 is too much, expected at most 20 m/s3 (north-west's limit)"}},
    {"jerk_m_s3: 3.0",
     "jerk_m_s3: 1.0",
     {C "speed_m_s: a stop on the path would last 2.87 s, expected at most 2.25 s, nine tenths of north-west's "
        "stop_time_max_ms: fly slower, or with more jerk"}},
    {"y_m: 9, z_m: 8}",
     "y_m: 9, z_m: 13.5}",
     {C "waypoints[0]: 7.47 m after it, at 7.47 m of 28.35 m, the curve asks for "}},
    {"{x_m: 28, y_m: 20, z_m: 6}\n  - id",
     "{x_m: 34, y_m: 20, z_m: 6}\n  - id",
     {C "waypoints[3]: 8.71 m after it, at 26.02 m of 28.04 m, the path is outside the point's volume: x = 32.004 m, "
        "expected 32 m or less"}},
    {"{x_m: 28, y_m: 20, z_m: 6}\n  - id",
     "{x_m: 31.5, y_m: 23.5, z_m: 2.5}\n  - id",
     {C "waypoints[3]: 7.63 m after it, at 24.94 m of 28.45 m, outside the volume that the lines can hold: north-west "
        "would pull 39."}},
    {"{x_m: 15, y_m: 9, z_m: 8}", "{x_m: 11, y_m: 10, z_m: 6.005}",
     {C "waypoints[1]: on the spot of the one before, expected it at least 10 mm away"}},
    {REST,
     "        - {x_m: 15, y_m: 10, z_m: 6}\n        - {x_m: 11, y_m: 10, z_m: 6}",
     {C "waypoints[0]: after it the curve turns round on the spot"}},
    {REST "\n",
     "",
     {C "waypoints: 1 entry, expected places that the point flies through"}},
};

TestSuite(points, .init = bad_rig_set_up, .fini = bad_rig_tear_down);

Test(points, each_mistake_in_the_rig_is_named_at_its_place) {
    bad_rig_check(rig_rows, sizeof rig_rows / sizeof rig_rows[0]);
}

/* Before the stop on the path is over and the brakes have closed, the chain would take the torque of four drums. */
Test(points, a_stop_longer_than_the_chain_waits_is_refused) {
    static struct show show;
    char *const delay = strstr(bad_rig_good, "off_delay_ms: 2900"); /* of the first line */
    memcpy(delay, "off_delay_ms: 2400", strlen("off_delay_ms: 2400"));
    cr_assert_eq(bad_rig_load(bad_rig_good), 0, "%s", errors.text[0]);
    cr_expect_neq(show_load(SHOW_FILE, &bad_rig, &show, &errors), 0);
    cr_expect_eq(errors.count, 1);
    const char *said = C "speed_m_s: a stop on the path, reaction and brake last 2.42 s, expected at most 2.40 s, "
                         "after which an E-stop takes north-west's torque";
    cr_expect_not_null(strstr(errors.text[0], said), "%s", errors.text[0]);
}

/* What the lines can't hold, or their axes can't do, is told with its place on the path, and what helps. */
Test(points, each_mistake_in_a_flight_is_named_at_its_place) {
    static struct show show;
    char *good = NULL;
    size_t length = 0;
    cr_assert_eq(bad_rig_load(bad_rig_good), 0, "%s", errors.text[0]);
    cr_assert_eq(yaml_read(SHOW_FILE, &good, &length, &errors), 0);
    cr_assert_eq(show_load_text("show", good, length, &bad_rig, &show, &errors), 0, "%s", errors.text[0]);
    for (size_t i = 0; i < sizeof show_rows / sizeof show_rows[0]; i++) {
        char *const text = bad_text(good, &show_rows[i]);
        memset(&errors, 0, sizeof errors);
        cr_expect_eq(show_load_text("show", text, strlen(text), &bad_rig, &show, &errors), -EINVAL, "%s was taken",
                     show_rows[i].replace);
        bad_expect(&errors, &show_rows[i]);
        free(text);
    }
    free(good);
}
