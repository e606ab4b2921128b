/* CiA 402 drive states (IEC 61800-7-201) from the statusword, and the command word that leads to a wanted one. Pure. */
#ifndef BELAY_CONTROLLER_DRIVE_CIA402_H
#define BELAY_CONTROLLER_DRIVE_CIA402_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/rig/profile.h"

enum cia402_state {
    CIA402_UNKNOWN, /* no pattern fits: never treated as safe */
    CIA402_NOT_READY,
    CIA402_SWITCH_ON_DISABLED,
    CIA402_READY,
    CIA402_SWITCHED_ON,
    CIA402_ENABLED,
    CIA402_QUICK_STOP,
    CIA402_FAULT_REACTION,
    CIA402_FAULT,
    CIA402_STATE_COUNT
};

/* What the controller wants of a drive. */
enum drive_want {
    DRIVE_WANT_IDLE,       /* no torque; ready for the next enable */
    DRIVE_WANT_RUN,        /* torque, follows the setpoint; out of its quick stop by a break of torque */
    DRIVE_WANT_RESUME,     /* the same without the break, of a drive that offers it */
    DRIVE_WANT_QUICK_STOP, /* its own stop ramp */
    DRIVE_WANT_HAND_OVER,  /* torque as it has it now, at speed 0, while the caller takes its limits down */
    DRIVE_WANT_STANDBY,    /* no torque, and one step from it when it had some; idle otherwise */
    DRIVE_WANT_COAST,      /* torque off at once */
    DRIVE_WANT_RESET       /* rising edge of fault reset while the drive is in fault, idle otherwise */
};

/* State by mask and value; table in cia402.c. */
enum cia402_state cia402_decode(uint16_t statusword);

/* A state without torque, as far as is known: CIA402_UNKNOWN is none. */
bool cia402_is_off(enum cia402_state state);

/* The word to send now so that the drive goes one step from `state` towards `want`. `edge` alternates from cycle to
 * cycle and makes the rising edge of a fault reset. */
uint16_t cia402_command(const struct profile_commands *commands, enum cia402_state state, enum drive_want want,
                        int edge);

/* "operation enabled", ... Never NULL. */
const char *cia402_state_name(enum cia402_state state);

#endif
