/* Virtual drive: registers, and the firmware step that turns command words into torque and a speed setpoint. */
#include "sim/device/sim_drive.h"

#include <assert.h>
#include <math.h>

#define IDENTITY 0xB1D1
#define VENDOR 0x5349
#define FIRMWARE 0x0100
#define FAULT_OVERCURRENT 0x2310
#define FAULT_COMMUNICATION 0x7510
#define BIT_RESET 0x0080
#define STATUS_VOLTAGE 0x0010
#define STATUS_REMOTE 0x0200
#define TIME_10MS_MAX 6000
#define LIMIT_PERMILLE_MAX 2500

enum { AT_IDENTITY = 0x0000, AT_COMMAND = 0x0100, AT_STATUS = 0x0110, AT_SETTING = 0x0120 };

static const struct bank_range ranges[] = {
    {.first = AT_IDENTITY, .count = 3},
    {.first = AT_COMMAND, .count = 5, .writable = true},
    {.first = AT_STATUS, .count = 6},
    {.first = AT_SETTING, .count = 5, .writable = true},
};

static uint16_t signed_word(double value) {
    return (uint16_t)(int16_t)fmax(INT16_MIN, fmin(INT16_MAX, round(value)));
}

static uint16_t statusword(const struct sim_drive *drive) {
    return (uint16_t)(pds_status_bits(drive->state) | STATUS_REMOTE | (drive->voltage ? STATUS_VOLTAGE : 0));
}

static uint16_t read_register(const void *device, bool input, uint16_t wire) {
    const struct sim_drive *drive = device;
    assert(!input);
    switch (wire) {
    case AT_IDENTITY:     return IDENTITY;
    case AT_IDENTITY + 1: return VENDOR;
    case AT_IDENTITY + 2: return FIRMWARE;
    case AT_COMMAND:      return drive->controlword;
    case AT_COMMAND + 1:  return drive->setpoint;
    case AT_COMMAND + 2:  return drive->sequence;
    case AT_COMMAND + 3:  return drive->motoring_limit;
    case AT_COMMAND + 4:  return drive->generating_limit;
    case AT_STATUS:       return statusword(drive);
    case AT_STATUS + 1:   return signed_word(drive->actual_rpm);
    case AT_STATUS + 2:   return signed_word(drive->torque * 1000);
    case AT_STATUS + 3:   return drive->fault_code;
    case AT_STATUS + 4:   return drive->sequence;
    case AT_STATUS + 5:   return IDENTITY;
    case AT_SETTING:      return drive->watchdog_10ms;
    case AT_SETTING + 1:  return drive->reaction;
    case AT_SETTING + 2:  return drive->acceleration_10rpm_s;
    case AT_SETTING + 3:  return drive->quick_stop_10rpm_s;
    case AT_SETTING + 4:  return drive->stop_hold_10ms;
    }
    assert(false && "the bank asks for registers in its ranges only");
    return 0;
}

static bool accepts(const void *device, uint16_t wire, uint16_t value) {
    (void)device;
    switch (wire) {
    case AT_COMMAND + 3:
    case AT_COMMAND + 4:
        return value <= LIMIT_PERMILLE_MAX;
    case AT_SETTING:
    case AT_SETTING + 4:
        return value <= TIME_10MS_MAX;
    case AT_SETTING + 1:
        return value == SIM_DRIVE_IGNORE || value == SIM_DRIVE_COAST || value == SIM_DRIVE_RAMP ||
               value == SIM_DRIVE_QUICK_STOP;
    case AT_SETTING + 2:
    case AT_SETTING + 3:
        return value >= 1;
    }
    return true;
}

static void write_controlword(struct sim_drive *drive, uint16_t value) {
    if ((value & BIT_RESET) && !(drive->controlword & BIT_RESET))
        drive->reset_edge = true;
    drive->controlword = value;
    drive->since_write_us = 0;
}

static void write_register(void *device, uint16_t wire, uint16_t value) {
    struct sim_drive *drive = device;
    if (drive->deaf && wire >= AT_COMMAND && wire <= AT_COMMAND + 4 && wire != AT_COMMAND + 2) {
        drive->since_write_us = 0;
        return;
    }
    switch (wire) {
    case AT_COMMAND:     write_controlword(drive, value); return;
    case AT_COMMAND + 1: drive->setpoint = value; return;
    case AT_COMMAND + 2: drive->sequence = value; return;
    case AT_COMMAND + 3: drive->motoring_limit = value; return;
    case AT_COMMAND + 4: drive->generating_limit = value; return;
    case AT_SETTING:     drive->watchdog_10ms = value; return;
    case AT_SETTING + 1: drive->reaction = value; return;
    case AT_SETTING + 2: drive->acceleration_10rpm_s = value; return;
    case AT_SETTING + 3: drive->quick_stop_10rpm_s = value; return;
    case AT_SETTING + 4: drive->stop_hold_10ms = value; return;
    }
    assert(false && "the bank writes registers in its writable ranges only");
}

const struct bank sim_drive_bank = {
    .ranges = ranges,
    .range_count = sizeof ranges / sizeof ranges[0],
    .functions = 1u << BANK_READ_HOLDING | 1u << BANK_WRITE_ONE | 1u << BANK_WRITE | 1u << BANK_READ_WRITE,
    .request_max = BANK_READ_MAX,
    .read = read_register,
    .accepts = accepts,
    .write = write_register,
};

void sim_drive_init(struct sim_drive *drive, const struct sim_drive_config *config) {
    assert(config->watchdog_ms % 10 == 0 && config->stop_hold_ms % 10 == 0 && config->setpoint_lag_ms > 0);
    *drive = (struct sim_drive){
        .watchdog_10ms = (uint16_t)(config->watchdog_ms / 10),
        .reaction = (uint16_t)config->reaction,
        .acceleration_10rpm_s = (uint16_t)lround(config->acceleration_rpm_s / 10),
        .quick_stop_10rpm_s = (uint16_t)lround(config->quick_stop_rpm_s / 10),
        .motoring_limit = LIMIT_PERMILLE_MAX,
        .generating_limit = LIMIT_PERMILLE_MAX,
        .state = PDS_NOT_READY,
        .setpoint_lag_ms = config->setpoint_lag_ms,
        .stop_hold_10ms = (uint16_t)(config->stop_hold_ms / 10),
    };
}

static void apply(struct sim_drive *drive, enum pds_event event) {
    enum pds_state before = drive->state;
    drive->state = pds_next(before, event);
    if (drive->state == before)
        return;
    if (drive->state == PDS_ENABLED) { /* takes the turning motor over as it is */
        drive->ramp_rpm = drive->lagged_rpm = drive->actual_rpm;
        drive->watchdog_armed = true;
    }
    if (drive->state == PDS_FAULT_REACTION)
        drive->standing_us = 0;
    if (drive->state == PDS_FAULT)
        drive->watchdog_armed = false; /* it has done its work; armed again by the next enable */
    if (before == PDS_FAULT)
        drive->fault_code = 0;
}

void sim_drive_trip(struct sim_drive *drive) {
    drive->fault_code = FAULT_OVERCURRENT;
    apply(drive, PDS_FAULT_AT_ONCE);
}

static void watch_link(struct sim_drive *drive, int64_t dt_us) {
    drive->since_write_us += dt_us;
    bool late = drive->since_write_us > (int64_t)drive->watchdog_10ms * 10000;
    bool off = drive->watchdog_10ms == 0 || drive->reaction == SIM_DRIVE_IGNORE;
    if (!late || off || !drive->watchdog_armed || drive->state == PDS_FAULT_REACTION)
        return;
    drive->fault_code = FAULT_COMMUNICATION;
    apply(drive, drive->reaction == SIM_DRIVE_COAST ? PDS_FAULT_AT_ONCE : PDS_FAULT_SEEN);
}

static double towards(double from, double to, double step) {
    return from + fmax(-step, fmin(step, to - from));
}

static void ramp(struct sim_drive *drive, double dt_s) {
    double acceleration_rpm_s = 10.0 * drive->acceleration_10rpm_s;
    double quick_stop_rpm_s = 10.0 * drive->quick_stop_10rpm_s;
    if (drive->state == PDS_ENABLED) {
        double setpoint_rpm = (int16_t)drive->setpoint;
        drive->lagged_rpm += (setpoint_rpm - drive->lagged_rpm) * fmin(1, dt_s / (drive->setpoint_lag_ms / 1000));
        drive->ramp_rpm = towards(drive->ramp_rpm, drive->lagged_rpm, acceleration_rpm_s * dt_s);
        return;
    }
    bool gently = drive->state == PDS_FAULT_REACTION && drive->reaction == SIM_DRIVE_RAMP;
    drive->ramp_rpm = towards(drive->ramp_rpm, 0, (gently ? acceleration_rpm_s : quick_stop_rpm_s) * dt_s);
}

static void react(struct sim_drive *drive, int64_t dt_us) {
    if (drive->state != PDS_FAULT_REACTION || drive->ramp_rpm != 0)
        return;
    drive->standing_us += dt_us;
    if (drive->standing_us >= (int64_t)drive->stop_hold_10ms * 10000)
        apply(drive, PDS_REACTION_DONE);
}

struct sim_drive_out sim_drive_step(struct sim_drive *drive, const struct sim_drive_in *in, int64_t dt_us) {
    assert(dt_us > 0);
    drive->actual_rpm = in->motor_rpm;
    drive->torque = in->torque;
    drive->voltage = in->voltage;
    apply(drive, PDS_STARTED);
    if (drive->reset_edge) {
        drive->reset_edge = false;
        apply(drive, PDS_FAULT_RESET);
    } else {
        apply(drive, pds_command(drive->controlword));
    }
    watch_link(drive, dt_us);
    if (!drive->voltage)
        apply(drive, PDS_VOLTAGE_LOST);
    ramp(drive, (double)dt_us / 1e6);
    react(drive, dt_us);
    bool torque_on =
        drive->state == PDS_ENABLED || drive->state == PDS_QUICK_STOP || drive->state == PDS_FAULT_REACTION;
    return (struct sim_drive_out){.torque_on = torque_on,
                                  .setpoint_rpm = drive->ramp_rpm,
                                  .motoring_limit = drive->motoring_limit / 1e3,
                                  .generating_limit = drive->generating_limit / 1e3};
}
