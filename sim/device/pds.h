/* The power drive system's state machine of CiA 402 (IEC 61800-7-201), as a drive runs it. Pure. */
#ifndef BELAY_SIM_DEVICE_PDS_H
#define BELAY_SIM_DEVICE_PDS_H

#include <stdint.h>

enum pds_state {
    PDS_NOT_READY,
    PDS_SWITCH_ON_DISABLED,
    PDS_READY,
    PDS_SWITCHED_ON,
    PDS_ENABLED,
    PDS_QUICK_STOP,
    PDS_FAULT_REACTION,
    PDS_FAULT,
    PDS_STATE_COUNT
};

/* What moves the machine: the controlword's bits 0..3 as levels, and what happens in the drive. */
enum pds_event {
    PDS_DISABLE_VOLTAGE,  /* bit 1 off */
    PDS_DO_QUICK_STOP,    /* bit 1 on, bit 2 off */
    PDS_SHUTDOWN,         /* bits 2, 1 on, bit 0 off */
    PDS_SWITCH_ON,        /* bits 2, 1, 0 on, bit 3 off */
    PDS_ENABLE_OPERATION, /* bits 3, 2, 1, 0 on */
    PDS_FAULT_RESET,      /* rising edge of bit 7 */
    PDS_STARTED,          /* self-test is over */
    PDS_VOLTAGE_LOST,     /* safe torque off */
    PDS_FAULT_SEEN,       /* a fault whose reaction keeps torque on */
    PDS_FAULT_AT_ONCE,    /* a fault with torque off at once */
    PDS_REACTION_DONE,    /* the fault reaction has come to its end */
    PDS_EVENT_COUNT
};

/* The level command in a controlword: one of the first five events. */
enum pds_event pds_command(uint16_t controlword);

/* The state after `event` in `state`. */
enum pds_state pds_next(enum pds_state state, enum pds_event event);

/* Statusword bits 0..3, 5 and 6. */
uint16_t pds_status_bits(enum pds_state state);

#endif
