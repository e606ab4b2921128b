/* The fault table: names, texts and gentlest reactions. */
#include "controller/safety/fault.h"

#include <criterion/criterion.h>

Test(fault, each_has_its_texts_and_a_reaction) {
    cr_assert_str_eq(fault_text(FAULT_NONE)->name, "none");
    cr_assert_str_eq(fault_text(FAULT_ESTOP)->name, "estop");
    for (int id = 1; id < FAULT_COUNT; id++)
        cr_expect(fault_gentlest((enum fault_id)id) >= STOP_RAMP && fault_gentlest((enum fault_id)id) <= STOP_OFF);
}

/* What puts the drive itself or its torque under suspicion is off. A drive out of sight, or a brake whose switch is
 * lost, leaves the drive its own stop: a person may hang on its torque until the pads hold. */
Test(fault, what_suspects_the_drive_takes_its_torque) {
    static const enum fault_id off[] = {FAULT_DRIVE_FAULT, FAULT_DRIVE_DISOBEYS,    FAULT_OVERSPEED,
                                        FAULT_STOP_TIME,   FAULT_UNINTENDED_MOTION, FAULT_CHAIN_OFF,
                                        FAULT_STOP_UNCONFIRMED};
    for (size_t i = 0; i < sizeof off / sizeof off[0]; i++)
        cr_expect_eq(fault_gentlest(off[i]), STOP_OFF, "%s", fault_text(off[i])->name);
    cr_expect_eq(fault_gentlest(FAULT_DRIVE_STALE), STOP_DRIVE);
    cr_expect_eq(fault_gentlest(FAULT_LINK_LOST), STOP_DRIVE);
    cr_expect_eq(fault_gentlest(FAULT_MOVEMENT), STOP_DRIVE, "the brake is under suspicion, not the drive");
    cr_expect_eq(fault_gentlest(FAULT_BRAKE_OPEN), STOP_RAMP);
}

Test(fault, masks_hold_each_id) {
    for (int id = 1; id < FAULT_COUNT; id++)
        for (int other = 0; other < FAULT_COUNT; other++)
            cr_expect_eq(fault_has(UINT64_C(1) << id, other), id == other);
    cr_expect(fault_has(FAULT_BIT(RIG_STOP), FAULT_RIG_STOP));
}
