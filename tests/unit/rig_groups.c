/* Locked groups of people: what the loader asks of their lines. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "controller/cue/show.h"
#include "tests/unit/rig_changed.h"

#define SHOW BELAY_SOURCE_DIR "/sim/scenarios/camera-crew/show.yaml"
#define RIG BELAY_SOURCE_DIR "/sim/scenarios/camera-crew/rig.yaml"

static int load_with(const char *from, const char *to) {
    return load_changed(RIG, from, to);
}

static void refused(const char *from, const char *to, const char *error) {
    refused_in(RIG, from, to, error);
}

Test(rig_groups, a_pair_is_locked) {
    cr_assert_eq(rig_load(RIG, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    cr_expect(rig.group_count == 2 && rig.group[0].axes == 3 && rig.group[1].axes == 12);
    cr_expect_eq(rig.group[0].kind, GROUP_LOCKED);
    cr_expect(rig_group_find(&rig, "right") == 1 && rig_group_of(&rig, 3) == 1 && rig_group_of(&rig, 1) == 0);
    cr_expect_str_eq(rig_group_kind_name(GROUP_SAFE), "safe");
}

Test(rig_groups, a_cue_of_another_group_is_told_which_there_are) {
    static struct show show;
    char *text = NULL;
    size_t length = 0;
    cr_assert_eq(rig_load(RIG, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    cr_assert_eq(yaml_read(SHOW, &text, &length, &errors), 0);
    memcpy(strstr(text, "group: left"), "group: lefy", strlen("group: lefy"));
    cr_expect_neq(show_load_text("show", text, length, &rig, &show, &errors), 0);
    cr_expect_not_null(strstr(errors.text[0], "rig camera-crew has no group lefy, expected one of left, right"), "%s",
                       errors.text[0]);
    free(text);
}

/* 200 kg fall by 0.15 m into 600 kN over 9 m: a worked example. */
Test(rig_groups, each_line_of_a_person_carries_all_and_the_jolt) {
    const double weight_n = 200 * 9.80665, k = 600000 / 9.0;
    const double jolt_n = weight_n + sqrt(weight_n * weight_n + 2 * k * weight_n * 0.15);
    char less[64], more[64];
    snprintf(less, sizeof less, "rated_dynamic_tension_n: %.0f", jolt_n - 2);
    snprintf(more, sizeof more, "rated_dynamic_tension_n: %.0f", jolt_n + 2);
    refused("rated_dynamic_tension_n: 10000", less, "axes[0].load.rated_dynamic_tension_n");
    load_with("rated_dynamic_tension_n: 10000", more);
    for (int i = 0; i < errors.count; i++)
        cr_expect_null(strstr(errors.text[i], "jolt"), "%s", errors.text[i]);
    refused("mass_kg: 200\n  - name: right", "mass_kg: 201\n  - name: right", "but 201 kg hang on group left");
}

Test(rig_groups, lines_of_one_person_are_in_one_zone) {
    refused("      pair: 1\n      axes: any", "      pair: 1\n      axes: [left-a, right-a, right-b]",
            "groups[0].axes: E-stop station winch desk stops some of these lines of one person");
}

Test(rig_groups, all_of_a_persons_lines_carry_a_person) {
    refused("carries_person: true", "carries_person: false", "some of them carry a person and some do not");
    refused("    mass_kg: 200\n  - name: right", "  - name: right",
            "groups[0].kind: locked, with lines that carry people");
}

/* Taking in at 2 m/s, stopped with 4.9 m/s2 after 80 ms, two cycles and half the jerk time: a worked example. */
Test(rig_groups, a_group_bears_the_drop_of_one_of_its_drums) {
    const double apart_m = 2 * (0.08 + 0.02 + 0.02) + 4 / (2 * 4.9);
    char less[32], more[32];
    snprintf(less, sizeof less, "drop_m: %.4f", apart_m - 0.001);
    snprintf(more, sizeof more, "drop_m: %.4f", apart_m + 0.001);
    refused("drop_m: 0.7", less, "groups[0].drop_m: 0.647");
    cr_expect_eq(load_with("drop_m: 0.7", more), 0, "%s", errors.text[0]);
}

/* A jog of the group is stopped as a move is. */
Test(rig_groups, a_drop_counts_jogs_that_are_faster_than_moves) {
    refused("      jog:\n        payout_speed_max_m_s: 0.5\n        takein_speed_max_m_s: 0.5",
            "      jog:\n        payout_speed_max_m_s: 0.5\n        takein_speed_max_m_s: 2.5",
            "groups[0].drop_m: 0.7 m, but when a brake stops one of them they get 0.938 m apart (left-a, taking in)");
}

/* What drums may leave their level by for their share stays inside what trips. */
Test(rig_groups, a_trim_is_less_than_half_the_deviation) {
    refused("    deviation_m: 0.15\n", "    deviation_m: 0.15\n    share_trim_m: 0.075\n",
            "groups[0].share_trim_m: 0.075 m to both sides reach deviation_m 0.15 m, expected less than half of it");
    cr_expect_eq(load_with("    deviation_m: 0.15\n", "    deviation_m: 0.15\n    share_trim_m: 0.07\n"), 0, "%s",
                 errors.text[0]);
    cr_expect_eq(rig.group[0].share_trim_m, 0.07);
}

Test(rig_groups, drums_of_a_locked_group_stop_alike) {
    refused("stop_takein_deceleration_m_s2: 4.9", "stop_takein_deceleration_m_s2: 4.8",
            "axes[1].limits.stop_payout_deceleration_m_s2: this or that of take-in differs from left-a's");
}

/* By the brake's declared time: 250 ms of falling are more than 180. */
Test(rig_groups, a_drop_counts_the_time_that_the_brake_is_declared_with) {
    refused("close_ms_max: 180", "close_ms_max: 250", "groups[0].drop_m: 0.7 m, but when a brake stops one of them");
}

#define GLIDING BELAY_SOURCE_DIR "/sim/scenarios/gliding-camera/rig.yaml"
#define DECK BELAY_SOURCE_DIR "/sim/scenarios/moving-deck/rig.yaml"

Test(rig_groups, no_person_flies_on_a_point_or_moves_with_a_deck) {
    refused_in(GLIDING, "carries_person: false", "carries_person: true",
               "carries a person, expected lines of a camera");
    refused_in(DECK, "carries_person: false", "carries_person: true", "nobody is moved with a deck");
}
