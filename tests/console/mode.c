/* What the banner says of the operating mode, and which rung WALK asks for. */
#include "console/model/belay-mode.h"

#include <criterion/criterion.h>

static const char *words(enum msg_operating_mode mode, int percent) {
    static char text[32];
    const struct msg_operation operation = {.mode = mode, .percent = percent};
    return belay_mode_words(&operation, text, sizeof text);
}

Test(mode, it_is_said_with_its_rung) {
    cr_expect_str_eq(words(MSG_OPERATING_MODE_SETUP, 0), "SET-UP");
    cr_expect_str_eq(words(MSG_OPERATING_MODE_WALK_THROUGH, 10), "WALK 10 %");
    cr_expect_str_eq(words(MSG_OPERATING_MODE_WALK_THROUGH, 100), "WALK 100 %");
    cr_expect_str_eq(words(MSG_OPERATING_MODE_SHOW, 100), "SHOW");
    cr_expect_str_eq(words((enum msg_operating_mode)0, 0), "UNKNOWN", "before belayd has said one");
}

Test(mode, walk_asks_for_the_standby_cue_s_rung) {
    struct msg_operation operation = {.offer_percent = 50, .standby_percent = 25};
    cr_expect_eq(belay_mode_walk_percent(&operation), 25);
    operation.standby_percent = 0;
    cr_expect_eq(belay_mode_walk_percent(&operation), 50, "a belay cue has no ladder");
}

Test(mode, the_first_rung_is_offered_beside_a_higher_one) {
    struct msg_operation operation = {.offer_percent = 50, .has_first_percent = true, .first_percent = 10};
    cr_expect_eq(belay_mode_first_percent(&operation), 10);
    operation.standby_percent = 10;
    cr_expect_eq(belay_mode_first_percent(&operation), 0, "it is what WALK offers");
    operation = (struct msg_operation){.offer_percent = 50};
    cr_expect_eq(belay_mode_first_percent(&operation), 0, "an older belayd does not tell");
}
