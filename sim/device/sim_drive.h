/* Firmware of the virtual CiA 402 velocity drive: registers, state machine, ramps, communication watchdog. Pure.
 *
 * Registers (wire addresses, FC 03/06/16/23):
 *   0x0000 identity, vendor, firmware
 *   0x0100 controlword, setpoint speed (rpm, signed), sequence, torque limits while motoring and while generating (0.1
 *          % of rated, at most and after power-on 2500; what they exceed of the drive's own limit is not there)
 *   0x0110 statusword, actual speed (rpm, signed), torque (0.1 % of rated, signed), fault code, sequence echo, identity
 *   0x0120 watchdog (10 ms), reaction (0 ignore, 1 coast, 6 ramp, 7 quick stop), acceleration and quick stop
 *          deceleration (10 rpm/s), hold after the watchdog's stop (10 ms)
 */
#ifndef BELAY_SIM_DEVICE_SIM_DRIVE_H
#define BELAY_SIM_DEVICE_SIM_DRIVE_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/device/bank.h"
#include "sim/device/pds.h"

enum sim_drive_reaction {
    SIM_DRIVE_IGNORE = 0,
    SIM_DRIVE_COAST = 1,
    SIM_DRIVE_RAMP = 6,
    SIM_DRIVE_QUICK_STOP = 7
};

/* As the drive was set up when it was installed. */
struct sim_drive_config {
    int32_t watchdog_ms;      /* multiple of 10 */
    enum sim_drive_reaction reaction;
    double acceleration_rpm_s;
    double quick_stop_rpm_s;
    double setpoint_lag_ms;   /* filter in front of the ramp */
    int32_t stop_hold_ms;     /* multiple of 10; a fault reaction holds zero speed this long, for the brake to close */
};

struct sim_drive {
    /* Registers. */
    uint16_t controlword, setpoint, sequence;
    uint16_t motoring_limit, generating_limit; /* permille */
    uint16_t watchdog_10ms, reaction, acceleration_10rpm_s, quick_stop_10rpm_s, stop_hold_10ms;
    uint16_t fault_code;
    /* Behind them. */
    enum pds_state state;
    bool deaf;             /* in local mode: command words are answered and not obeyed */
    bool voltage;          /* the hardwired chain lets the power stage work */
    bool reset_edge;       /* bit 7 rose since the last step */
    bool watchdog_armed;   /* since the drive was first enabled */
    int64_t since_write_us; /* since the controlword was last written */
    int64_t standing_us;   /* a fault reaction: since its ramp reached zero */
    double setpoint_lag_ms, lagged_rpm, ramp_rpm;
    double actual_rpm, torque;
};

/* What the drive measures. */
struct sim_drive_in {
    double motor_rpm;
    double torque; /* of rated */
    bool voltage;  /* false = safe torque off */
};

/* What it does to the motor. */
struct sim_drive_out {
    bool torque_on;
    double setpoint_rpm;
    double motoring_limit, generating_limit; /* of rated torque */
};

extern const struct bank sim_drive_bank;

/* Power-on. */
void sim_drive_init(struct sim_drive *drive, const struct sim_drive_config *config);

/* Overcurrent (0x2310): trips in this moment, without a ramp. */
void sim_drive_trip(struct sim_drive *drive);

/* Advances the firmware by `dt_us`. */
struct sim_drive_out sim_drive_step(struct sim_drive *drive, const struct sim_drive_in *in, int64_t dt_us);

#endif
