/* The guarded press. */
#include "console/model/belay-confirm.h"

#include <criterion/criterion.h>

Test(confirm, two_presses_with_a_pause_between) {
    struct belay_confirm confirm = {0};
    cr_expect_not(belay_confirm_asks(&confirm, 1000000));
    cr_expect_not(belay_confirm_press(&confirm, 1000000), "the first asks");
    cr_expect(belay_confirm_asks(&confirm, 1000000));
    cr_expect_not(belay_confirm_press(&confirm, 1000000 + CONFIRM_EARLIEST_US - 1), "a double click is one press");
    cr_expect(belay_confirm_press(&confirm, 1000000 + CONFIRM_EARLIEST_US));
    cr_expect_not(belay_confirm_asks(&confirm, 1000000 + CONFIRM_EARLIEST_US), "done once");
}

Test(confirm, a_late_second_press_asks_again) {
    struct belay_confirm confirm = {0};
    (void)belay_confirm_press(&confirm, 1);
    cr_expect(belay_confirm_asks(&confirm, 1 + CONFIRM_LATEST_US));
    cr_expect_not(belay_confirm_asks(&confirm, 2 + CONFIRM_LATEST_US));
    cr_expect_not(belay_confirm_press(&confirm, 2 + CONFIRM_LATEST_US));
    cr_expect(belay_confirm_press(&confirm, 2 + CONFIRM_LATEST_US + CONFIRM_EARLIEST_US));
}

Test(confirm, a_question_taken_back_is_asked_anew) {
    struct belay_confirm confirm = {0};
    (void)belay_confirm_press(&confirm, 1);
    belay_confirm_forget(&confirm);
    cr_expect_not(belay_confirm_press(&confirm, 1 + CONFIRM_EARLIEST_US));
}
