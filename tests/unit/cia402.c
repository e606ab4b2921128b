/* CiA 402: patterns of the standard, and a walk of the state machine by a drive model that obeys the command words. */
#include "controller/drive/cia402.h"

#include <criterion/criterion.h>

static const struct profile_commands commands = {.idle = 0x0006, .switch_on = 0x0007, .run = 0x000F,
                                                 .quick_stop = 0x0002, .coast = 0x0000, .fault_reset = 0x0080};

Test(cia402, decodes_the_patterns_of_the_standard) {
    static const struct {
        uint16_t word;
        enum cia402_state state;
    } rows[] = {
        {0x0000, CIA402_NOT_READY}, {0x0240, CIA402_SWITCH_ON_DISABLED}, {0x0231, CIA402_READY},
        {0x0233, CIA402_SWITCHED_ON}, {0x0237, CIA402_ENABLED}, {0x1637, CIA402_ENABLED}, {0x0217, CIA402_QUICK_STOP},
        {0x021F, CIA402_FAULT_REACTION}, {0x0218, CIA402_FAULT}, {0x0238, CIA402_FAULT}, {0x0024, CIA402_UNKNOWN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        cr_expect_eq(cia402_decode(rows[i].word), rows[i].state, "0x%04X is %s", rows[i].word,
                     cia402_state_name(cia402_decode(rows[i].word)));
}

Test(cia402, every_word_decodes_to_one_state) {
    for (unsigned word = 0; word <= 0xFFFF; word++) {
        enum cia402_state state = cia402_decode((uint16_t)word);
        cr_assert(state >= 0 && state < CIA402_STATE_COUNT);
        cr_assert(state != CIA402_ENABLED || (word & 0x0F) == 0x07, "enabled needs bits 0 to 2 and no fault");
    }
}

Test(cia402, the_way_to_operation_enabled_takes_one_step_at_a_time) {
    cr_assert_eq(cia402_command(&commands, CIA402_SWITCH_ON_DISABLED, DRIVE_WANT_RUN, 0), 0x0006);
    cr_assert_eq(cia402_command(&commands, CIA402_READY, DRIVE_WANT_RUN, 0), 0x0007);
    cr_assert_eq(cia402_command(&commands, CIA402_SWITCHED_ON, DRIVE_WANT_RUN, 0), 0x000F);
    cr_assert_eq(cia402_command(&commands, CIA402_ENABLED, DRIVE_WANT_RUN, 0), 0x000F);
}

Test(cia402, a_drive_in_an_unknown_or_faulted_state_is_never_told_to_run) {
    static const enum cia402_state states[] = {CIA402_UNKNOWN, CIA402_NOT_READY, CIA402_FAULT, CIA402_FAULT_REACTION};
    for (size_t i = 0; i < sizeof states / sizeof states[0]; i++)
        cr_expect_eq(cia402_command(&commands, states[i], DRIVE_WANT_RUN, 1), commands.idle);
}

Test(cia402, fault_reset_is_an_edge_and_in_fault_only) {
    cr_assert_eq(cia402_command(&commands, CIA402_FAULT, DRIVE_WANT_RESET, 1), 0x0080);
    cr_assert_eq(cia402_command(&commands, CIA402_FAULT, DRIVE_WANT_RESET, 0), commands.idle);
    cr_assert_eq(cia402_command(&commands, CIA402_READY, DRIVE_WANT_RESET, 1), commands.idle);
}

Test(cia402, quick_stop_active_is_left_by_taking_the_voltage_away) {
    cr_assert_eq(cia402_command(&commands, CIA402_QUICK_STOP, DRIVE_WANT_IDLE, 0), commands.coast);
    cr_assert_eq(cia402_command(&commands, CIA402_QUICK_STOP, DRIVE_WANT_RUN, 0), commands.coast, "never straight on");
    cr_assert_eq(cia402_command(&commands, CIA402_QUICK_STOP, DRIVE_WANT_QUICK_STOP, 0), commands.quick_stop);
}

Test(cia402, what_resumes_gets_no_word_that_takes_torque) {
    static const enum cia402_state torque[] = {CIA402_ENABLED, CIA402_QUICK_STOP};
    for (size_t i = 0; i < sizeof torque / sizeof torque[0]; i++)
        cr_expect_eq(cia402_command(&commands, torque[i], DRIVE_WANT_RESUME, 0), commands.run);
    cr_expect_eq(cia402_command(&commands, CIA402_READY, DRIVE_WANT_RESUME, 0), commands.switch_on);
    cr_expect_eq(cia402_command(&commands, CIA402_FAULT, DRIVE_WANT_RESUME, 1), commands.idle);
}

/* One step from torque: only out of a state that is there already. */
Test(cia402, standby_is_reached_from_torque_only) {
    cr_expect_eq(cia402_command(&commands, CIA402_ENABLED, DRIVE_WANT_HAND_OVER, 0), commands.run);
    cr_expect_eq(cia402_command(&commands, CIA402_QUICK_STOP, DRIVE_WANT_HAND_OVER, 0), commands.quick_stop);
    cr_expect_eq(cia402_command(&commands, CIA402_ENABLED, DRIVE_WANT_STANDBY, 0), commands.switch_on);
    cr_expect_eq(cia402_command(&commands, CIA402_SWITCHED_ON, DRIVE_WANT_STANDBY, 0), commands.switch_on);
    cr_expect_eq(cia402_command(&commands, CIA402_READY, DRIVE_WANT_STANDBY, 0), commands.idle);
    cr_expect_eq(cia402_command(&commands, CIA402_QUICK_STOP, DRIVE_WANT_STANDBY, 0), commands.coast);
}
