/* Groups by worked examples: two or three winches that may be 50 mm apart. */
#include "controller/safety/group.h"

#include <criterion/criterion.h>

#define MM 1000

static const struct group_limits limits = {.deviation_um = 50 * MM};
static struct group group;
static struct group_in in;

static void setup(void) {
    group = (struct group){0};
    in = (struct group_in){.count = 2, .known = {true, true, true}, .position_um = {5000 * MM, 7000 * MM, 1000 * MM}};
}

TestSuite(group, .init = setup);

static bool step(void) {
    return group_step(&group, &limits, &in);
}

static void starts(void) {
    in.moves = true;
    cr_assert_not(step(), "they stood where they stood");
}

Test(group, only_their_travels_are_compared) {
    starts();
    in.position_um[0] += 3000 * MM;
    in.position_um[1] += 3050 * MM;
    cr_expect_not(step(), "50 mm are let");
    in.position_um[1] += 1;
    cr_expect(step());
}

Test(group, whichever_is_ahead_and_whichever_way) {
    for (int one = 0; one < 2; one++)
        for (int sign = -1; sign <= 1; sign += 2) {
            setup();
            starts();
            in.position_um[one] += sign * (50 * MM + 1);
            cr_expect(step(), "%d %d", one, sign);
        }
}

Test(group, the_third_one_counts_and_the_fourth_place_does_not) {
    in.count = 3;
    starts();
    in.position_um[3] = 9000 * MM;
    cr_expect_not(step());
    in.position_um[2] -= 51 * MM;
    cr_expect(step());
}

Test(group, each_motion_begins_anew) {
    starts();
    in.position_um[0] += 40 * MM;
    cr_expect_not(step());
    in.moves = false;
    cr_expect_not(step());
    in.position_um[0] += 1000 * MM;
    cr_expect_not(step(), "at rest they may be levelled");
    starts();
    in.position_um[0] += 40 * MM;
    cr_expect_not(step());
    in.position_um[0] += 11 * MM;
    cr_expect(step());
}

Test(group, one_that_can_t_be_seen_counts_as_away_while_they_move) {
    in.known[1] = false;
    cr_expect_not(step(), "at rest it may be");
    in.moves = true;
    cr_expect(step());
    setup();
    starts();
    in.known[0] = false;
    cr_expect(step());
}

Test(group, a_group_of_nobody_is_never_apart) {
    in.count = 0;
    starts();
    cr_expect_not(step());
}
