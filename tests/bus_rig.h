/* A rig in memory for tests of the bus: link 0 has one drive, link 1 a load cell, an encoder and a safety I/O block. */
#ifndef BELAY_TESTS_BUS_RIG_H
#define BELAY_TESTS_BUS_RIG_H

#include "controller/bus/link.h"

/* Indices in rig.device and rig.profile; unit = index + 1. */
enum { BUS_DRIVE, BUS_CELL, BUS_ENCODER, BUS_IO, BUS_DEVICES };
enum { BUS_LINK_DRIVE, BUS_LINK_SENSORS, BUS_LINKS };

/* Wire addresses. The drive is written at CONTROL (word, setpoint, sequence) and read at STATUS (status, speed, echo,
 * identity); its three settings are checked after each connect. */
enum {
    BUS_DRIVE_CONTROL = 0x0100,
    BUS_DRIVE_SETPOINT = 0x0101,
    BUS_DRIVE_SEQUENCE = 0x0102,
    BUS_DRIVE_STATUS = 0x0110,
    BUS_DRIVE_ECHO = 0x0112,
    BUS_DRIVE_IDENTITY = 0x0113,
    BUS_DRIVE_WATCHDOG = 0x0120, /* 10 ms; 1..50, for the rig 1..30 */
    BUS_DRIVE_REACTION = 0x0121, /* 6..7 */
    BUS_DRIVE_HOLD = 0x0124,     /* 10 ms; 1..500, for the rig 80..500 */
    BUS_CELL_STATUS = 6,         /* status, weight */
    BUS_ENCODER_POSITION = 0,
    BUS_IO_INPUTS = 0, /* inputs, heartbeat echo, identity */
    BUS_IO_OUTPUTS = 0x0800,
    BUS_IO_HEARTBEAT = 0x0801,
    BUS_IO_WATCHDOG = 0x1120, /* ms; 50..1000, for the rig 50..500 */
    BUS_REGISTERS = 0x1200,
};
#define BUS_DRIVE_ID 0xB1D1
#define BUS_IO_ID 0xB1D4
#define BUS_IDLE 0x0006
#define BUS_RUN 0x000F
#define BUS_QUICK_STOP 0x0002

/* Fills `*rig`: cycle 10 ms, response timeout 40 ms, connect timeout 200 ms, ports as given. */
void bus_rig(struct rig *rig, uint16_t drive_port, uint16_t sensors_port);

/* Sets the registers of `device` (of a simulated memory of one unit) to what the rig expects of a healthy one. */
void bus_rig_registers(int device, uint16_t registers[BUS_REGISTERS]);

/* A healthy device's answer to a REQUEST: executes the write, echoes the drive's sequence, reads. `registers` has one
 * row per device. */
struct link_reply bus_rig_answer(uint16_t registers[][BUS_REGISTERS], const struct link_order *order);

#endif
