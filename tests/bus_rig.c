/* The rig for tests of the bus. */
#include "tests/bus_rig.h"

#include <string.h>

static struct profile_term term(uint16_t word, enum profile_type type) {
    return (struct profile_term){.present = true, .word = word, .type = type, .scale = 1};
}

static void drive_profile(struct profile *drive) {
    *drive = (struct profile){
        .id = "drive", .kind = DEVICE_DRIVE, .simulated = true, .function = 23, .read_wire = BUS_DRIVE_STATUS,
        .read_count = 4, .write_wire = BUS_DRIVE_CONTROL, .write_count = 3, .identity_value = BUS_DRIVE_ID,
        .commands = {BUS_IDLE, 0x0007, BUS_RUN, BUS_QUICK_STOP, 0x0000, 0x0080},
        .check = {{BUS_DRIVE_WATCHDOG, 0xFFFF, 1, 50, 10, 0, "watchdog"},
                  {BUS_DRIVE_REACTION, 0x00FF, 6, 7, 0, 0, "reaction"},
                  {BUS_DRIVE_HOLD, 0xFFFF, 1, 500, 0, 10, "hold"}},
        .check_count = 3};
    drive->term[TERM_STATUS] = term(0, TYPE_U16);
    drive->term[TERM_ACTUAL_SPEED] = term(1, TYPE_S16);
    drive->term[TERM_SEQUENCE_ECHO] = term(2, TYPE_U16);
    drive->term[TERM_IDENTITY] = term(3, TYPE_U16);
    drive->term[TERM_CONTROL] = term(0, TYPE_U16);
    drive->term[TERM_SETPOINT_SPEED] = term(1, TYPE_S16);
    drive->term[TERM_SEQUENCE] = term(2, TYPE_U16);
}

static void io_profile(struct profile *io) {
    *io = (struct profile){
        .id = "io", .kind = DEVICE_SAFETY_IO, .simulated = true, .function = 23, .read_wire = BUS_IO_INPUTS,
        .read_count = 3, .write_wire = BUS_IO_OUTPUTS, .write_count = 2, .identity_value = BUS_IO_ID,
        .io = {.station_count = 1, .station = {{0x01, 0x02}}, .brake_count = 1, .brake = {{0x01, 0x04}},
               .sto_inactive = 0x08},
        .check = {{BUS_IO_WATCHDOG, 0xFFFF, 50, 1000, 1, 0, "watchdog"}}, .check_count = 1};
    io->term[TERM_INPUTS] = term(0, TYPE_U16);
    io->term[TERM_HEARTBEAT_ECHO] = term(1, TYPE_U16);
    io->term[TERM_IDENTITY] = term(2, TYPE_U16);
    io->term[TERM_OUTPUTS] = term(0, TYPE_U16);
    io->term[TERM_HEARTBEAT] = term(1, TYPE_U16);
}

static void sensor_profiles(struct profile *cell, struct profile *encoder) {
    *cell = (struct profile){.id = "cell", .kind = DEVICE_LOAD_CELL, .simulated = true, .function = 3,
                             .read_wire = BUS_CELL_STATUS, .read_count = 3};
    cell->term[TERM_STATUS] = term(0, TYPE_U16);
    cell->term[TERM_WEIGHT] = term(1, TYPE_U32);
    *encoder = (struct profile){.id = "encoder", .kind = DEVICE_ENCODER, .simulated = true, .function = 4,
                                .read_wire = BUS_ENCODER_POSITION, .read_count = 2};
    encoder->term[TERM_POSITION] = term(0, TYPE_U32);
}

void bus_rig(struct rig *rig, uint16_t drive_port, uint16_t sensors_port) {
    memset(rig, 0, sizeof *rig);
    rig->cycle_ms = 10;
    rig->link_count = BUS_LINKS;
    rig->device_count = rig->profile_count = BUS_DEVICES;
    for (int i = 0; i < BUS_LINKS; i++)
        rig->link[i] = (struct rig_link){.name = "link",
                                         .host = "127.0.0.1",
                                         .port = i == BUS_LINK_DRIVE ? drive_port : sensors_port,
                                         .connect_timeout_ms = 200,
                                         .response_timeout_ms = 40};
    for (int i = 0; i < BUS_DEVICES; i++)
        rig->device[i] = (struct rig_device){.link = i == BUS_DRIVE ? BUS_LINK_DRIVE : BUS_LINK_SENSORS,
                                             .unit = (uint8_t)(i + 1), .stale_after_ms = 80, .profile = i};
    rig->device[BUS_DRIVE].comm_loss_ms_max = 300;
    rig->device[BUS_DRIVE].hold_ms_min = 800;
    rig->device[BUS_IO].comm_loss_ms_max = 500;
    drive_profile(&rig->profile[BUS_DRIVE]);
    sensor_profiles(&rig->profile[BUS_CELL], &rig->profile[BUS_ENCODER]);
    io_profile(&rig->profile[BUS_IO]);
}

void bus_rig_registers(int device, uint16_t registers[BUS_REGISTERS]) {
    memset(registers, 0, BUS_REGISTERS * sizeof registers[0]);
    if (device == BUS_DRIVE) {
        registers[BUS_DRIVE_IDENTITY] = BUS_DRIVE_ID;
        registers[BUS_DRIVE_WATCHDOG] = 15;
        registers[BUS_DRIVE_REACTION] = 7;
        registers[BUS_DRIVE_HOLD] = 80;
    } else if (device == BUS_IO) {
        registers[BUS_IO_INPUTS + 2] = BUS_IO_ID;
        registers[BUS_IO_WATCHDOG] = 300;
    }
}

struct link_reply bus_rig_answer(uint16_t registers[][BUS_REGISTERS], const struct link_order *order) {
    struct link_reply reply = {.outcome = OUTCOME_DONE, .count = order->read_count};
    uint16_t *device = registers[order->unit - 1];
    memcpy(device + order->write_wire, order->word, order->write_count * sizeof order->word[0]);
    if (order->unit == BUS_DRIVE + 1)
        device[BUS_DRIVE_ECHO] = device[BUS_DRIVE_SEQUENCE];
    memcpy(reply.word, device + order->read_wire, order->read_count * sizeof reply.word[0]);
    return reply;
}
