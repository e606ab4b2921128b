/* The fault table: names, texts and gentlest reactions. */
#include "controller/safety/fault.h"

#include <criterion/criterion.h>

Test(fault, each_has_its_texts_and_a_reaction) {
    cr_assert_str_eq(fault_text(FAULT_NONE)->name, "none");
    cr_assert_str_eq(fault_text(FAULT_ESTOP)->name, "estop");
    for (int id = 1; id < FAULT_COUNT; id++)
        cr_expect(fault_gentlest((enum fault_id)id) >= STOP_RAMP && fault_gentlest((enum fault_id)id) <= STOP_OFF);
}

/* The old table's category 0, less the two that leave a drive out of sight its own ramp. */
Test(fault, what_was_category_0_is_no_gentler) {
    static const enum fault_id off[] = {FAULT_DRIVE_FAULT, FAULT_DRIVE_DISOBEYS, FAULT_OVERSPEED,
                                        FAULT_BRAKE_OPEN,  FAULT_MOVEMENT,       FAULT_STOP_TIME};
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        cr_expect_eq(fault_gentlest(off[i]), STOP_OFF, "%s", fault_text(off[i])->name);
    cr_expect_eq(fault_gentlest(FAULT_DRIVE_STALE), STOP_DRIVE);
    cr_expect_eq(fault_gentlest(FAULT_LINK_LOST), STOP_DRIVE);
}

Test(fault, masks_hold_each_id) {
    for (int id = 1; id < FAULT_COUNT; id++)
        for (int other = 0; other < FAULT_COUNT; other++)
            cr_expect_eq(fault_has(UINT64_C(1) << id, other), id == other);
    cr_expect(fault_has(FAULT_BIT(RIG_STOP), FAULT_RIG_STOP));
}
