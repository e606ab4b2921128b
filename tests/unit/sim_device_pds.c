/* CiA 402 in the virtual drive: every cell of the table, every controlword, the status bits. */
#include "sim/device/pds.h"

#include <criterion/criterion.h>

/* The transitions that the standard draws, with its numbers; everything else must stay where it is. */
static const struct {
    int number;
    enum pds_state from;
    enum pds_event event;
    enum pds_state to;
} transitions[] = {
    {1, PDS_NOT_READY, PDS_STARTED, PDS_SWITCH_ON_DISABLED},
    {2, PDS_SWITCH_ON_DISABLED, PDS_SHUTDOWN, PDS_READY},
    {3, PDS_READY, PDS_SWITCH_ON, PDS_SWITCHED_ON},
    {3, PDS_READY, PDS_ENABLE_OPERATION, PDS_SWITCHED_ON}, /* 4 follows by the same word */
    {4, PDS_SWITCHED_ON, PDS_ENABLE_OPERATION, PDS_ENABLED},
    {5, PDS_ENABLED, PDS_SWITCH_ON, PDS_SWITCHED_ON},
    {6, PDS_SWITCHED_ON, PDS_SHUTDOWN, PDS_READY},
    {7, PDS_READY, PDS_DISABLE_VOLTAGE, PDS_SWITCH_ON_DISABLED},
    {7, PDS_READY, PDS_DO_QUICK_STOP, PDS_SWITCH_ON_DISABLED},
    {7, PDS_READY, PDS_VOLTAGE_LOST, PDS_SWITCH_ON_DISABLED},
    {8, PDS_ENABLED, PDS_SHUTDOWN, PDS_READY},
    {9, PDS_ENABLED, PDS_DISABLE_VOLTAGE, PDS_SWITCH_ON_DISABLED},
    {9, PDS_ENABLED, PDS_VOLTAGE_LOST, PDS_SWITCH_ON_DISABLED},
    {10, PDS_SWITCHED_ON, PDS_DISABLE_VOLTAGE, PDS_SWITCH_ON_DISABLED},
    {10, PDS_SWITCHED_ON, PDS_DO_QUICK_STOP, PDS_SWITCH_ON_DISABLED},
    {10, PDS_SWITCHED_ON, PDS_VOLTAGE_LOST, PDS_SWITCH_ON_DISABLED},
    {11, PDS_ENABLED, PDS_DO_QUICK_STOP, PDS_QUICK_STOP},
    {12, PDS_QUICK_STOP, PDS_DISABLE_VOLTAGE, PDS_SWITCH_ON_DISABLED},
    {12, PDS_QUICK_STOP, PDS_VOLTAGE_LOST, PDS_SWITCH_ON_DISABLED},
    {13, PDS_ENABLED, PDS_FAULT_SEEN, PDS_FAULT_REACTION},
    {13, PDS_QUICK_STOP, PDS_FAULT_SEEN, PDS_FAULT_REACTION},
    {14, PDS_FAULT_REACTION, PDS_REACTION_DONE, PDS_FAULT},
    {14, PDS_FAULT_REACTION, PDS_VOLTAGE_LOST, PDS_FAULT},
    {15, PDS_FAULT, PDS_FAULT_RESET, PDS_SWITCH_ON_DISABLED},
    {16, PDS_QUICK_STOP, PDS_ENABLE_OPERATION, PDS_ENABLED},
};

static enum pds_state expected(enum pds_state from, enum pds_event event) {
    for (size_t i = 0; i < sizeof transitions / sizeof transitions[0]; i++)
        if (transitions[i].from == from && transitions[i].event == event)
            return transitions[i].to;
    /* Without torque there is nothing to react with: a fault is a fault at once. */
    bool torque = from == PDS_ENABLED || from == PDS_QUICK_STOP || from == PDS_FAULT_REACTION;
    if (event == PDS_FAULT_AT_ONCE || (event == PDS_FAULT_SEEN && !torque))
        return PDS_FAULT;
    return from;
}

Test(sim_device_pds, every_cell) {
    for (int state = 0; state < PDS_STATE_COUNT; state++)
        for (int event = 0; event < PDS_EVENT_COUNT; event++)
            cr_expect_eq(pds_next((enum pds_state)state, (enum pds_event)event),
                         expected((enum pds_state)state, (enum pds_event)event), "state %d, event %d", state, event);
}

Test(sim_device_pds, every_controlword_is_one_command) {
    for (unsigned word = 0; word <= 0xFFFF; word++) {
        enum pds_event wanted = !(word & 2)   ? PDS_DISABLE_VOLTAGE
                                : !(word & 4) ? PDS_DO_QUICK_STOP
                                : !(word & 1) ? PDS_SHUTDOWN
                                : !(word & 8) ? PDS_SWITCH_ON
                                              : PDS_ENABLE_OPERATION;
        cr_assert_eq(pds_command((uint16_t)word), wanted, "word %04X", word);
    }
}

Test(sim_device_pds, status_bits_answer_to_the_standard_masks) {
    static const struct {
        enum pds_state state;
        uint16_t mask, value;
    } rows[] = {
        {PDS_NOT_READY, 0x4F, 0x00},  {PDS_SWITCH_ON_DISABLED, 0x4F, 0x40}, {PDS_READY, 0x6F, 0x21},
        {PDS_SWITCHED_ON, 0x6F, 0x23}, {PDS_ENABLED, 0x6F, 0x27},           {PDS_QUICK_STOP, 0x6F, 0x07},
        {PDS_FAULT_REACTION, 0x4F, 0x0F}, {PDS_FAULT, 0x4F, 0x08},
    };
    for (int state = 0; state < PDS_STATE_COUNT; state++)
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
            bool fits = (pds_status_bits((enum pds_state)state) & rows[i].mask) == rows[i].value;
            cr_expect_eq(fits, rows[i].state == (enum pds_state)state, "state %d, row %zu", state, i);
        }
}
