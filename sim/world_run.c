/* The world at work: one step of everything, requests to the devices, stage directions. */
#include "sim/world_parts.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

/* The bus: unit 1 + index. */
static const struct {
    const struct bank *bank;
    size_t offset; /* in struct world_devices */
} units[SIM_FAULT_UNITS] = {
    {&sim_drive_bank, offsetof(struct world_devices, drive)},
    {&sim_load_cell_bank, offsetof(struct world_devices, load_cell)},
    {&sim_encoder_bank, offsetof(struct world_devices, encoder)},
    {&sim_safety_io_bank, offsetof(struct world_devices, io)},
};

static bool known(uint8_t unit) {
    return unit >= 1 && unit <= SIM_FAULT_UNITS;
}

void world_init(struct sim_world *world, const struct world_config *config) {
    memset(world, 0, sizeof *world);
    plant_init(&world->plant, &config->plant);
    sim_chain_init(&world->chain, config->chain_off_delay_ms, config->chain_pulse_timeout_ms);
    world->station_count = config->station_count;
    memcpy(world->station, config->station, sizeof world->station);
    world->switch_count = config->switch_count;
    memcpy(world->limit_switch, config->limit_switch, sizeof world->limit_switch);
    sim_drive_init(&world->devices.drive, &config->drive);
    sim_load_cell_init(&world->devices.load_cell, &config->load_cell);
    sim_encoder_init(&world->devices.encoder, &config->encoder, world->plant.winch.rope_out_m);
    sim_safety_io_init(&world->devices.io, (uint16_t)config->io_watchdog_ms);
}

static bool any_pressed(const struct sim_world *world) {
    bool any = false;
    for (int i = 0; i < world->station_count; i++)
        any = any || world->pressed[i];
    return any;
}

static bool has(const struct sim_world *world, enum sim_defect defect) {
    return sim_defect_in(world->defects, defect);
}

static bool first_channel_b(const struct sim_world *world, bool closed) {
    if (has(world, SIM_DEFECT_CHANNEL_WELDED))
        return true;
    return closed && !has(world, SIM_DEFECT_CHANNEL_OPEN);
}

static bool drive_has_voltage(const struct sim_world *world) {
    return world->chain.power && !has(world, SIM_DEFECT_STO_WIRE);
}

static bool reads_closed(const struct sim_world *world, int index) {
    const struct world_switch *limit_switch = &world->limit_switch[index];
    double rope_out_m = world->plant.winch.rope_out_m;
    if (world->wire[index] != SIM_WIRE_GOOD)
        return world->wire[index] == SIM_WIRE_SHORTED;
    return rope_out_m >= limit_switch->opens_below_m && rope_out_m <= limit_switch->opens_above_m;
}

/* Nothing is wired to an input without a station or a switch: it reads open. */
static struct sim_safety_io_in io_inputs(const struct sim_world *world) {
    const struct plant *plant = &world->plant;
    struct sim_safety_io_in in = {.sto_inactive = drive_has_voltage(world)};
    for (int i = 0; i < plant->config.brake_count; i++)
        in.brake_open[i] = plant->brake[i].force_n == 0;
    for (int i = 0; i < world->station_count; i++)
        in.a_closed[i] = in.b_closed[i] = !world->pressed[i];
    in.b_closed[0] = first_channel_b(world, in.b_closed[0]);
    for (int i = 0; i < world->switch_count; i++)
        in.contact_closed[i] = reads_closed(world, i);
    return in;
}

#define RACES_M_S 0.5

/* What the drive's power stage makes of its firmware's wish. */
static struct sim_drive_out worn(const struct sim_world *world, struct sim_drive_out out) {
    double more_rpm = winch_rpm(&world->plant.config.winch, RACES_M_S);
    if (has(world, SIM_DEFECT_DRIVE_RACES) && out.torque_on)
        out.setpoint_rpm = 2 * out.setpoint_rpm + (out.setpoint_rpm < 0 ? -more_rpm : more_rpm);
    return out;
}

#define CELL_LOW_N 300
#define CELL_SHORTED_N 9000

static void step_sensors(struct sim_world *world) {
    struct world_devices *devices = &world->devices;
    const struct plant *plant = &world->plant;
    sim_load_cell_step(&devices->load_cell, has(world, SIM_DEFECT_CELL_SHORTED) ? CELL_SHORTED_N : plant->tension_n,
                       WORLD_STEP_US);
    if (has(world, SIM_DEFECT_CELL_LOW))
        devices->load_cell.gross_n -= CELL_LOW_N;
    if (has(world, SIM_DEFECT_ENCODER_SLIPS))
        world->slipped_m += plant->winch.speed_m_s / 2 * WORLD_STEP_US / 1e6;
    sim_encoder_step(&devices->encoder, plant->winch.rope_out_m - world->slipped_m, WORLD_STEP_US);
}

static void step_devices(struct sim_world *world) {
    struct world_devices *devices = &world->devices;
    const struct plant *plant = &world->plant;
    const struct winch_config *winch = &plant->config.winch;
    sim_chain_step(&world->chain, any_pressed(world), (world->outputs & SIM_IO_PULSE) != 0, WORLD_STEP_US);
    const struct sim_drive_in in = {.motor_rpm = winch_rpm(winch, plant->winch.speed_m_s),
                                    .torque = plant->winch.motor_n / winch->rated_n,
                                    .voltage = drive_has_voltage(world)};
    world->drive_out = worn(world, sim_drive_step(&devices->drive, &in, WORLD_STEP_US));
    step_sensors(world);
    const struct sim_safety_io_in inputs = io_inputs(world);
    world->outputs = sim_safety_io_step(&devices->io, &inputs, WORLD_STEP_US);
}

/* Coil on, or lever up: it opens, and stays open. */
static bool lifted(const struct sim_world *world, int brake) {
    if (has(world, brake == 0 ? SIM_DEFECT_FIRST_BRAKE_LIFTED : SIM_DEFECT_SECOND_BRAKE_LIFTED))
        return true;
    if (brake == 0 && has(world, SIM_DEFECT_FIRST_BRAKE_CLOSED))
        return false;
    bool was_open = world->plant.brake[brake].force_n == 0;
    if (brake == 1 && has(world, SIM_DEFECT_SECOND_BRAKE_OPEN) && was_open)
        return true;
    return (world->outputs >> brake & 1) != 0 && world->chain.power;
}

#define WEAK_DRIVE_LOST 0.95
#define OILY_PADS_LOST 0.98

static void step(struct sim_world *world) {
    step_devices(world);
    struct plant_input input = {.torque_on = world->drive_out.torque_on,
                                .setpoint_rpm = world->drive_out.setpoint_rpm,
                                .torque_lost = has(world, SIM_DEFECT_DRIVE_WEAK) ? WEAK_DRIVE_LOST : 0,
                                .brakes_lost = has(world, SIM_DEFECT_BRAKES_SLIP) ? OILY_PADS_LOST : 0};
    for (int i = 0; i < world->plant.config.brake_count; i++)
        input.brake_release[i] = lifted(world, i);
    plant_step(&world->plant, &input, WORLD_STEP_US / 1e6);
    for (int i = 0; i < SIM_FAULT_UNITS; i++)
        sim_fault_step(&world->fault[i], WORLD_STEP_US);
    world->steps++;
}

void sim_world_step(struct sim_world *world, int64_t dt_us) {
    assert(dt_us >= 0);
    for (world->owed_us += dt_us; world->owed_us >= WORLD_STEP_US; world->owed_us -= WORLD_STEP_US)
        step(world);
}

/* The values of a reply to a read: behind function and byte count. */
static void garble(uint8_t *reply, int length) {
    const bool reads = length > 2 && (reply[0] == 3 || reply[0] == 4 || reply[0] == 23) && reply[1] == length - 2;
    if (reads)
        memset(reply + 2, 0xFF, (size_t)length - 2);
}

int sim_world_request(struct sim_world *world, uint8_t unit, const uint8_t *pdu, int length, uint8_t *reply) {
    assert(length >= 0);
    if (!known(unit) || length < 1 || length > BANK_PDU_MAX)
        return 0;
    const struct sim_fault *fault = &world->fault[unit - 1];
    if (fault->kind == SIM_FAULT_SILENT)
        return 0;
    char *device = (char *)&world->devices + units[unit - 1].offset;
    const char *shown = device;
    if (fault->kind == SIM_FAULT_FROZEN)
        shown = (const char *)&world->frozen[unit - 1] + units[unit - 1].offset;
    const int replied = bank_request(units[unit - 1].bank, device, shown, pdu, length, reply);
    if (fault->kind == SIM_FAULT_GARBLED)
        garble(reply, replied);
    return replied;
}

int64_t sim_world_delay_us(const struct sim_world *world, uint8_t unit) {
    if (!known(unit) || world->fault[unit - 1].kind != SIM_FAULT_LATE)
        return 0;
    return (int64_t)world->fault[unit - 1].ms * 1000;
}

int sim_world_fault(struct sim_world *world, uint8_t unit, enum sim_fault_kind kind, int32_t ms) {
    if (!known(unit))
        return -ENODEV;
    int result = sim_fault_set(&world->fault[unit - 1], kind, ms);
    if (result == 0 && kind == SIM_FAULT_FROZEN)
        world->frozen[unit - 1] = world->devices;
    return result;
}

struct sim_truth sim_world_truth(const struct sim_world *world) {
    const struct plant *plant = &world->plant;
    return (struct sim_truth){
        .t_s = (double)(world->steps * WORLD_STEP_US) / 1e6,
        .act = plant->act,
        .height_m = plant->height_m,
        .person_speed_m_s = plant->speed_m_s,
        .person_accel_m_s2 = plant->accel_m_s2,
        .tension_n = plant->tension_n,
        .slack_m = plant_slack_m(plant),
        .rope_out_m = plant->winch.rope_out_m,
        .rope_speed_m_s = plant->winch.speed_m_s,
        .motor_torque = plant->winch.motor_n / plant->config.winch.rated_n,
        .drive_enabled = world->drive_out.torque_on,
        .brake_closed = plant_brakes_closed(plant),
        .estop_pressed = any_pressed(world),
        .on_ground = plant_on_ground(plant),
    };
}

void sim_world_act(struct sim_world *world, enum sim_act act, double speed_m_s) {
    plant_act(&world->plant, act, speed_m_s);
}

void sim_world_estop(struct sim_world *world, int index, bool pressed) {
    assert(index >= 0 && index < world->station_count);
    world->pressed[index] = pressed;
}

const char *sim_world_station(const struct sim_world *world, int index, bool *pressed) {
    assert(index >= 0);
    if (index >= world->station_count)
        return NULL;
    if (pressed)
        *pressed = world->pressed[index];
    return world->station[index];
}

const char *sim_world_switch(const struct sim_world *world, int index, enum sim_wire *wire) {
    assert(index >= 0);
    if (index >= world->switch_count)
        return NULL;
    if (wire)
        *wire = world->wire[index];
    return world->limit_switch[index].name;
}

void sim_world_wire(struct sim_world *world, int index, enum sim_wire wire) {
    assert(index >= 0 && index < world->switch_count && (unsigned)wire < SIM_WIRE_COUNT);
    world->wire[index] = wire;
}

static const char *const wire_names[SIM_WIRE_COUNT] = {
    [SIM_WIRE_GOOD] = "good", [SIM_WIRE_BROKEN] = "broken", [SIM_WIRE_SHORTED] = "shorted"};

const char *sim_wire_name(enum sim_wire wire) {
    assert((unsigned)wire < SIM_WIRE_COUNT);
    return wire_names[wire];
}

int sim_wire_find(const char *name) {
    for (int i = 0; i < SIM_WIRE_COUNT; i++)
        if (strcmp(name, wire_names[i]) == 0)
            return i;
    return -1;
}

static const char *const act_names[ACT_COUNT] = {
    [ACT_STAND] = "stand",     [ACT_CLIMB] = "climb", [ACT_ASCEND] = "ascend",
    [ACT_DESCEND] = "descend", [ACT_FALL] = "fall",   [ACT_SLUMP] = "slump",
};

const char *sim_act_name(enum sim_act act) {
    assert((unsigned)act < ACT_COUNT);
    return act_names[act];
}

int sim_act_find(const char *name) {
    for (int i = 0; i < ACT_COUNT; i++)
        if (strcmp(name, act_names[i]) == 0)
            return i;
    return -1;
}

void sim_world_defect(struct sim_world *world, enum sim_defect defect, bool there) {
    assert((unsigned)defect < SIM_DEFECT_COUNT);
    world->defects = there ? world->defects | 1u << defect : world->defects & ~(1u << defect);
    world->devices.drive.deaf = has(world, SIM_DEFECT_DRIVE_DEAF);
    if (defect == SIM_DEFECT_DRIVE_TRIPS && there)
        sim_drive_trip(&world->devices.drive);
}
