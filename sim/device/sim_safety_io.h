/* Firmware of the virtual safety I/O block: E-stop inputs, outputs for two brakes and a relay, and a watchdog on
 * the outputs. Pure.
 *
 * Registers (wire addresses, FC 03/06/16/23):
 *   0x0000 inputs (bit 0 and 1: channels A and B of E-stop station 1 closed; 2 brake 1 open; 3 safe torque off
 *          inactive; 4 and 5: station 2; 6 and 7: station 3; 8 brake 2 open; 9 to 14: contacts 1 to 6 closed),
 *          heartbeat echo, watchdog (0 off, 1 running, 2 expired), identity
 *   0x0800 outputs (bit 0 and 1: release brake 1 and 2; 2 pulse for a safety relay), heartbeat
 *   0x1120 watchdog time in ms, 0 = off
 * The watchdog is fed by a heartbeat that changes. Once expired, and from power-on, all outputs are off until the
 * heartbeat has changed and the brake bits have been written 0.
 */
#ifndef BELAY_SIM_DEVICE_SIM_SAFETY_IO_H
#define BELAY_SIM_DEVICE_SIM_SAFETY_IO_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/device/bank.h"

#define SIM_IO_STATIONS 3
#define SIM_IO_BRAKES 2
#define SIM_IO_PULSE 0x0004 /* in the outputs; the brakes are the bits below */
#define SIM_IO_CONTACTS 6

struct sim_safety_io_in {
    bool a_closed[SIM_IO_STATIONS], b_closed[SIM_IO_STATIONS]; /* of the E-stop stations */
    bool brake_open[SIM_IO_BRAKES];
    bool sto_inactive;
    bool contact_closed[SIM_IO_CONTACTS]; /* of the limit switches */
};

enum sim_safety_io_watchdog { SIM_IO_WATCHDOG_OFF, SIM_IO_WATCHDOG_RUNNING, SIM_IO_WATCHDOG_EXPIRED };

struct sim_safety_io {
    uint16_t outputs, heartbeat, watchdog_ms;
    enum sim_safety_io_watchdog watchdog;
    int64_t since_beat_us;             /* since the heartbeat last changed */
    bool beat_again, brake_zero_again; /* since it expired */
    struct sim_safety_io_in in;
};

extern const struct bank sim_safety_io_bank;

/* Power-on: outputs off. `watchdog_ms` 0 = no watchdog. */
void sim_safety_io_init(struct sim_safety_io *io, uint16_t watchdog_ms);

/* Advances by `dt_us`. Returns the outputs that are on. */
uint16_t sim_safety_io_step(struct sim_safety_io *io, const struct sim_safety_io_in *in, int64_t dt_us);

#endif
