/* The stop table: every cell is looked up, and nothing gentler than fault.def gets in. */
#include "controller/safety/stop.h"

#include <criterion/criterion.h>

#include "tests/stop_reference.h"

static struct stop_cell *cell_of(struct stop_table *table, enum fault_id id, int mode, int direction) {
    return &table->cell[id][mode][direction];
}

Test(stop, the_reference_table_is_complete) {
    cr_assert_eq(stop_table_check(&stop_table_reference).fault, FAULT_NONE);
}

Test(stop, a_gentler_or_missing_cell_is_found_wherever_it_is) {
    for (int id = 1; id < FAULT_COUNT; id++)
        for (int mode = 0; mode < MODE_COUNT; mode++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
                struct stop_table table = stop_table_reference;
                enum fault_id fault = (enum fault_id)id;
                cell_of(&table, fault, mode, direction)->reaction = (enum stop_reaction)(fault_gentlest(fault) - 1);
                struct stop_place place = stop_table_check(&table);
                cr_expect(place.fault == fault && (int)place.mode == mode && (int)place.direction == direction, "%s",
                          fault_text(fault)->name);
            }
}

Test(stop, a_cell_is_good_or_not_for_each_reason) {
    struct stop_cell cell = {.reaction = STOP_RAMP, .scope = STOP_AXIS};
    cr_assert(stop_cell_good(&cell, FAULT_OVERTENSION));
    cr_assert_not(stop_cell_good(&cell, FAULT_OVERSPEED), "a ramp is too gentle");
    cell.reaction = STOP_OFF;
    cr_assert(stop_cell_good(&cell, FAULT_OVERSPEED));
    cell.reaction = STOP_REACTION_COUNT;
    cr_assert_not(stop_cell_good(&cell, FAULT_OVERSPEED));
    cell = (struct stop_cell){.reaction = STOP_RAMP, .scope = STOP_SCOPE_COUNT};
    cr_assert_not(stop_cell_good(&cell, FAULT_OVERTENSION));
    cell = (struct stop_cell){.reaction = STOP_RAMP, .scope = STOP_RIG, .allows_payout = true};
    cr_assert(stop_cell_good(&cell, FAULT_OVERTENSION));
    cr_assert_not(stop_cell_good(&cell, FAULT_ESTOP), "no motion with an open chain");
    cell = (struct stop_cell){.reaction = STOP_RAMP, .scope = STOP_RIG, .allows_takein = true};
    cr_assert_not(stop_cell_good(&cell, FAULT_ESTOP));
    cell.allows_takein = false;
    cr_assert(stop_cell_good(&cell, FAULT_ESTOP));
}

Test(stop, direction_is_of_the_setpoint_and_without_one_of_the_drum) {
    cr_assert_eq(stop_direction(1, -500000, 20000), DIRECTION_PAYOUT);
    cr_assert_eq(stop_direction(-1, 500000, 20000), DIRECTION_TAKEIN);
    cr_assert_eq(stop_direction(0, 20001, 20000), DIRECTION_PAYOUT);
    cr_assert_eq(stop_direction(0, 20000, 20000), DIRECTION_STANDING);
    cr_assert_eq(stop_direction(0, -20000, 20000), DIRECTION_STANDING);
    cr_assert_eq(stop_direction(0, -20001, 20000), DIRECTION_TAKEIN);
}

Test(stop, the_hardest_reaction_of_all_faults_counts) {
    const struct stop_table *table = &stop_table_reference;
    cr_assert_eq(stop_strongest(table, 0, MODE_MOVE, DIRECTION_PAYOUT), STOP_NONE);
    uint64_t faults = FAULT_BIT(ESTOP);
    cr_assert_eq(stop_strongest(table, faults, MODE_MOVE, DIRECTION_PAYOUT), STOP_RAMP);
    faults |= FAULT_BIT(FOLLOWING_ERROR);
    cr_assert_eq(stop_strongest(table, faults, MODE_MOVE, DIRECTION_TAKEIN), STOP_RAMP, "a brake would make slack");
    cr_assert_eq(stop_strongest(table, faults, MODE_MOVE, DIRECTION_PAYOUT), STOP_DRIVE);
    faults |= FAULT_BIT(OVERSPEED);
    cr_assert_eq(stop_strongest(table, faults, MODE_MOVE, DIRECTION_PAYOUT), STOP_OFF);
}

Test(stop, each_fault_is_looked_up_by_itself) {
    for (int id = 1; id < FAULT_COUNT; id++)
        for (int mode = 0; mode < MODE_COUNT; mode++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
                const struct stop_cell *cell = &stop_table_reference.cell[id][mode][direction];
                uint64_t bit = UINT64_C(1) << id;
                enum axis_mode m = (enum axis_mode)mode;
                enum stop_direction d = (enum stop_direction)direction;
                cr_expect_eq(stop_strongest(&stop_table_reference, bit, m, d), cell->reaction);
                cr_expect_eq(stop_widest(&stop_table_reference, bit, m, d), cell->scope);
                cr_expect_eq(stop_allowing_payout(&stop_table_reference, bit, m, d), cell->allows_payout ? bit : 0);
                cr_expect_eq(stop_allowing_takein(&stop_table_reference, bit, m, d), cell->allows_takein ? bit : 0);
            }
    cr_expect_eq(stop_widest(&stop_table_reference, 0, MODE_NONE, DIRECTION_STANDING), STOP_AXIS);
}

Test(stop, a_cell_may_stop_the_axis_its_group_or_the_rig) {
    for (int scope = -1; scope <= STOP_SCOPE_COUNT; scope++) {
        const struct stop_cell cell = {.reaction = STOP_OFF, .scope = (enum stop_scope)scope};
        cr_expect_eq(stop_cell_good(&cell, FAULT_DUTY), scope >= 0 && scope < STOP_SCOPE_COUNT, "%d", scope);
    }
}

Test(stop, the_widest_scope_counts) {
    struct stop_table table = stop_table_reference;
    const uint64_t duty = FAULT_BIT(DUTY), snag = FAULT_BIT(LOAD_UNEXPECTED), over = FAULT_BIT(OVERLOAD);
    cell_of(&table, FAULT_DUTY, MODE_MOVE, DIRECTION_PAYOUT)->scope = STOP_AXIS;
    cell_of(&table, FAULT_LOAD_UNEXPECTED, MODE_MOVE, DIRECTION_PAYOUT)->scope = STOP_GROUP;
    cell_of(&table, FAULT_OVERLOAD, MODE_MOVE, DIRECTION_PAYOUT)->scope = STOP_RIG;
    cr_expect_eq(stop_widest(&table, duty, MODE_MOVE, DIRECTION_PAYOUT), STOP_AXIS);
    cr_expect_eq(stop_widest(&table, duty | snag, MODE_MOVE, DIRECTION_PAYOUT), STOP_GROUP);
    cr_expect_eq(stop_widest(&table, duty | snag | over, MODE_MOVE, DIRECTION_PAYOUT), STOP_RIG);
    cr_expect_eq(stop_widest(&table, over | duty, MODE_MOVE, DIRECTION_PAYOUT), STOP_RIG);
}

Test(stop, a_table_that_allows_the_never_allowed_is_not_believed) {
    struct stop_table table = stop_table_reference;
    cell_of(&table, FAULT_ESTOP, MODE_NONE, DIRECTION_STANDING)->allows_payout = true;
    cell_of(&table, FAULT_ESTOP, MODE_NONE, DIRECTION_STANDING)->allows_takein = true;
    cr_assert_eq(stop_allowing_payout(&table, FAULT_BIT(ESTOP), MODE_NONE, DIRECTION_STANDING), 0);
    cr_assert_eq(stop_allowing_takein(&table, FAULT_BIT(ESTOP), MODE_NONE, DIRECTION_STANDING), 0);
}

Test(stop, no_fault_allows_nothing) {
    cr_assert_eq(stop_allowing_payout(&stop_table_reference, FAULT_BIT(NONE), MODE_NONE, DIRECTION_STANDING), 0);
    cr_assert_eq(stop_allowing_takein(&stop_table_reference, FAULT_BIT(NONE), MODE_NONE, DIRECTION_STANDING), 0);
}

Test(stop, words_have_names) {
    cr_assert_str_eq(stop_reaction_name(STOP_NONE), "none");
    cr_assert_str_eq(stop_reaction_name(STOP_RAMP), "ramp");
    cr_assert_str_eq(stop_reaction_name(STOP_DRIVE), "drive");
    cr_assert_str_eq(stop_reaction_name(STOP_OFF), "off");
    cr_assert_str_eq(stop_scope_name(STOP_AXIS), "axis");
    cr_assert_str_eq(stop_scope_name(STOP_GROUP), "group");
    cr_assert_str_eq(stop_scope_name(STOP_RIG), "rig");
    cr_assert_str_eq(stop_direction_name(DIRECTION_STANDING), "standing");
    cr_assert_str_eq(stop_direction_name(DIRECTION_PAYOUT), "payout");
    cr_assert_str_eq(stop_direction_name(DIRECTION_TAKEIN), "takein");
}
