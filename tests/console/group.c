/* What the console says of groups. */
#include "console/model/belay-group.h"

#include <criterion/criterion.h>

static const struct msg_telemetry_group left = {.name = "left", .kind = "locked", .has_level_m = true,
                                                .level_m = 0.00068, .has_load_level_m = true,
                                                .load_level_m = 0.0035};

Test(group, how_far_it_is_out_of_level) {
    char text[128];
    cr_expect_str_eq(belay_group_text(&left, true, text, sizeof text),
                     "left, locked: drums 0.7 mm apart, load 3.5 mm");
}

Test(group, nothing_is_said_that_is_not_known_now) {
    char text[128];
    struct msg_telemetry_group group = left;
    cr_expect_str_eq(belay_group_text(&group, false, text, sizeof text), "left, locked: drums - mm apart, load - mm");
    group.has_load_level_m = false;
    cr_expect_str_eq(belay_group_text(&group, true, text, sizeof text), "left, locked: drums 0.7 mm apart, load - mm");
}

Test(group, a_line_for_each) {
    char text[256];
    struct msg_telemetry telemetry = {.groups_count = 0};
    cr_expect_str_empty(belay_groups_text(&telemetry, true, text, sizeof text));
    telemetry.groups_count = 2;
    telemetry.groups[0] = telemetry.groups[1] = left;
    cr_expect_str_eq(belay_groups_text(&telemetry, true, text, sizeof text),
                     "left, locked: drums 0.7 mm apart, load 3.5 mm\nleft, locked: drums 0.7 mm apart, load 3.5 mm");
    cr_expect_lt(strlen(belay_groups_text(&telemetry, true, text, 20)), 20, "cut, not beyond");
}
