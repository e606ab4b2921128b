/* A cue in one line. */
#include "console/model/belay-cue.h"

#include <criterion/criterion.h>
#include <string.h>

Test(cue, a_move_says_where_to_and_how_fast) {
    const struct msg_cue cue = {.kind = MSG_CUE_KIND_MOVE, .axis = "winch-1", .has_position_m = true, .position_m = 8,
                                .has_speed_m_s = true, .speed_m_s = 0.5};
    char text[CUE_TEXT_MAX];
    cr_assert_str_eq(belay_cue_text(&cue, text, sizeof text), "move winch-1 to 8.000 m at 0.50 m/s");
}

Test(cue, belaying_says_its_tension) {
    const struct msg_cue cue = {.kind = MSG_CUE_KIND_BELAY, .axis = "winch-1", .has_tension_n = true, .tension_n = 90};
    char text[CUE_TEXT_MAX];
    cr_assert_str_eq(belay_cue_text(&cue, text, sizeof text), "belay winch-1 at 90 N");
}

Test(cue, what_was_not_said_is_left_out_and_nothing_overflows) {
    struct msg_cue cue = {.kind = MSG_CUE_KIND_UNKNOWN, .has_position_m = true, .position_m = 1e300,
                          .has_speed_m_s = true, .speed_m_s = -1e300};
    char text[CUE_TEXT_MAX];
    memset(cue.axis, 'x', sizeof cue.axis - 1);
    cr_assert_lt(strlen(belay_cue_text(&cue, text, sizeof text)), sizeof text);
    cue = (struct msg_cue){.kind = MSG_CUE_KIND_MOVE, .axis = "a"};
    cr_assert_str_eq(belay_cue_text(&cue, text, sizeof text), "move a");
    cr_assert_str_eq(belay_cue_text(&cue, text, 4), "mov");
}
