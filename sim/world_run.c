/* The world at work: one step of everything, requests to the devices, stage directions. */
#include "sim/world_parts.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

/* The bus: the units of a winch, in their order. */
static const struct {
    const struct bank *bank;
    size_t offset; /* in struct world_devices */
} units[SIM_WINCH_UNITS] = {
    {&sim_drive_bank, offsetof(struct world_devices, drive)},
    {&sim_load_cell_bank, offsetof(struct world_devices, load_cell)},
    {&sim_encoder_bank, offsetof(struct world_devices, encoder)},
    {&sim_safety_io_bank, offsetof(struct world_devices, io)},
};

/* A unit on the bus. */
struct unit {
    const struct bank *bank;
    void *device;
    const void *frozen; /* as things stood when it froze */
    struct sim_fault *fault;
    struct world_winch *winch; /* whose it is, and which of its devices; NULL: nobody's, the motion sensor */
    int of_winch;
};

/* Where `unit` is; false when there is none. */
static bool find_unit(struct sim_world *world, uint8_t unit, struct unit *found) {
    if (unit == SIM_MOTION_SENSOR_UNIT && world->motion.present) {
        struct world_motion *motion = &world->motion;
        *found = (struct unit){&sim_motion_sensor_bank, &motion->sensor, &motion->frozen, &motion->fault, NULL, 0};
        return true;
    }
    if (unit < 1 || unit > SIM_WINCH_UNITS * world->winch_count)
        return false;
    struct world_winch *winch = &world->winch[(unit - 1) / SIM_WINCH_UNITS];
    const int device = (unit - 1) % SIM_WINCH_UNITS;
    const size_t offset = units[device].offset;
    *found = (struct unit){units[device].bank, (char *)&winch->devices + offset,
                           (const char *)&winch->frozen[device] + offset, &winch->fault[device], winch, device};
    return true;
}

static void winch_setup(struct world_winch *winch, const struct world_winch_config *config, const struct line *line) {
    memcpy(winch->name, config->name, sizeof winch->name);
    winch->switch_count = config->switch_count;
    memcpy(winch->limit_switch, config->limit_switch, sizeof winch->limit_switch);
    sim_drive_init(&winch->devices.drive, &config->drive);
    sim_load_cell_init(&winch->devices.load_cell, &config->load_cell);
    winch->devices.load_cell.filtered_n = line->drum_n; /* switched on long ago */
    sim_encoder_init(&winch->devices.encoder, &config->encoder, winch_drum_m(&line->config.winch, &line->winch));
    sim_safety_io_init(&winch->devices.io, (uint16_t)config->io_watchdog_ms);
}

void world_init(struct sim_world *world, const struct world_config *config) {
    memset(world, 0, sizeof *world);
    plant_init(&world->plant, &config->plant);
    world->has_variation = config->has_variation;
    world->variation = config->variation;
    world->nominal = config->plant;
    sim_chain_init(&world->chain, config->chain_off_delay_ms, config->chain_pulse_timeout_ms);
    world->station_count = config->station_count;
    memcpy(world->station, config->station, sizeof world->station);
    world->motion.present = config->has_motion_sensor;
    if (config->has_motion_sensor)
        sim_motion_sensor_init(&world->motion.sensor, &config->motion_sensor);
    world->winch_count = config->plant.line_count;
    for (int i = 0; i < world->winch_count; i++)
        winch_setup(&world->winch[i], &config->winch[i], &world->plant.line[i]);
}

static bool any_pressed(const struct sim_world *world) {
    bool any = false;
    for (int i = 0; i < world->station_count; i++)
        any = any || world->pressed[i];
    return any;
}

static bool has(const struct world_winch *winch, enum sim_defect defect) {
    return sim_defect_in(winch->defects, defect);
}

static bool first_channel_b(const struct world_winch *winch, bool closed) {
    if (has(winch, SIM_DEFECT_CHANNEL_WELDED))
        return true;
    return closed && !has(winch, SIM_DEFECT_CHANNEL_OPEN);
}

static bool drive_has_voltage(const struct sim_world *world, const struct world_winch *winch) {
    return world->chain.power && !has(winch, SIM_DEFECT_STO_WIRE);
}

static bool reads_closed(const struct world_winch *winch, int index, double rope_out_m) {
    const struct world_switch *limit_switch = &winch->limit_switch[index];
    if (winch->wire[index] != SIM_WIRE_GOOD)
        return winch->wire[index] == SIM_WIRE_SHORTED;
    return rope_out_m >= limit_switch->opens_below_m && rope_out_m <= limit_switch->opens_above_m;
}

/* Nothing is wired to an input without a station or a switch: it reads open. Every block shows every station. */
static struct sim_safety_io_in io_inputs(const struct sim_world *world, const struct world_winch *winch,
                                         const struct line *line) {
    struct sim_safety_io_in in = {.sto_inactive = drive_has_voltage(world, winch)};
    for (int i = 0; i < line->config.brake_count; i++)
        in.brake_open[i] = line->brake[i].force_n == 0;
    for (int i = 0; i < world->station_count; i++)
        in.a_closed[i] = in.b_closed[i] = !world->pressed[i];
    in.b_closed[0] = first_channel_b(winch, in.b_closed[0]);
    for (int i = 0; i < winch->switch_count; i++)
        in.contact_closed[i] = reads_closed(winch, i, line->winch.rope_out_m);
    return in;
}

#define RACES_M_S 0.5

/* What the drive's power stage makes of its firmware's wish. */
static struct sim_drive_out worn(const struct world_winch *winch, const struct winch_config *config,
                                 struct sim_drive_out out) {
    double more_rpm = winch_rpm(config, RACES_M_S);
    if (has(winch, SIM_DEFECT_DRIVE_RACES) && out.torque_on)
        out.setpoint_rpm = 2 * out.setpoint_rpm + (out.setpoint_rpm < 0 ? -more_rpm : more_rpm);
    return out;
}

#define CELL_LOW_N 300
#define CELL_DRIFT_N_S 50
#define CELL_DRIFT_N_MAX 100
#define CELL_SHORTED_N 9000

static void step_sensors(struct world_winch *winch, const struct line *line) {
    struct world_devices *devices = &winch->devices;
    const double felt_n = has(winch, SIM_DEFECT_CELL_HALF) ? line->drum_n / 2 : line->drum_n;
    sim_load_cell_step(&devices->load_cell, has(winch, SIM_DEFECT_CELL_SHORTED) ? CELL_SHORTED_N : felt_n,
                       WORLD_STEP_US);
    const bool drifts = has(winch, SIM_DEFECT_CELL_DRIFTS);
    winch->drift_n = drifts ? fmin(winch->drift_n + CELL_DRIFT_N_S * WORLD_STEP_US / 1e6, CELL_DRIFT_N_MAX) : 0;
    devices->load_cell.gross_n += (int32_t)winch->drift_n;
    if (has(winch, SIM_DEFECT_CELL_LOW))
        devices->load_cell.gross_n -= CELL_LOW_N;
    if (has(winch, SIM_DEFECT_ENCODER_SLIPS))
        winch->slipped_m += line->winch.speed_m_s / 2 * WORLD_STEP_US / 1e6;
    sim_encoder_step(&devices->encoder, winch_drum_m(&line->config.winch, &line->winch) - winch->slipped_m,
                     WORLD_STEP_US);
}

static void step_devices(const struct sim_world *world, struct world_winch *winch, const struct line *line) {
    struct world_devices *devices = &winch->devices;
    const struct winch_config here = winch_here(&line->config.winch, &line->winch), *const config = &here;
    const struct sim_drive_in in = {.motor_rpm = winch_rpm(config, line->winch.speed_m_s),
                                    .torque = line->winch.motor_n / config->rated_n,
                                    .voltage = drive_has_voltage(world, winch)};
    winch->drive_out = worn(winch, config, sim_drive_step(&devices->drive, &in, WORLD_STEP_US));
    step_sensors(winch, line);
    const struct sim_safety_io_in inputs = io_inputs(world, winch, line);
    winch->outputs = sim_safety_io_step(&devices->io, &inputs, WORLD_STEP_US);
}

/* Coil on, or lever up: it opens, and stays open. */
static bool lifted(const struct sim_world *world, int index, int brake) {
    const struct world_winch *winch = &world->winch[index];
    if (has(winch, brake == 0 ? SIM_DEFECT_FIRST_BRAKE_LIFTED : SIM_DEFECT_SECOND_BRAKE_LIFTED))
        return true;
    if (brake == 0 && has(winch, SIM_DEFECT_FIRST_BRAKE_CLOSED))
        return false;
    bool was_open = world->plant.line[index].brake[brake].force_n == 0;
    if (brake == 1 && has(winch, SIM_DEFECT_SECOND_BRAKE_OPEN) && was_open)
        return true;
    return (winch->outputs >> brake & 1) != 0 && world->chain.power;
}

#define WEAK_DRIVE_LOST 0.95
#define OILY_PADS_LOST 0.98

/* Share of the most that the motor gives which this limit takes away. */
static double lost(const struct world_winch *winch, const struct winch_config *config, double limit) {
    if (has(winch, SIM_DEFECT_DRIVE_WEAK))
        return WEAK_DRIVE_LOST;
    return limit * config->rated_n < config->force_n_max ? 1 - limit * config->rated_n / config->force_n_max : 0;
}

static struct line_input line_input(const struct sim_world *world, int index) {
    const struct world_winch *winch = &world->winch[index];
    const struct winch_config *config = &world->plant.line[index].config.winch;
    const struct sim_drive_out *drive = &winch->drive_out;
    struct line_input input = {.torque_on = drive->torque_on,
                               .setpoint_rpm = drive->setpoint_rpm,
                               .motoring_lost = lost(winch, config, drive->motoring_limit),
                               .generating_lost = lost(winch, config, drive->generating_limit),
                               .brakes_lost = has(winch, SIM_DEFECT_BRAKES_SLIP) ? OILY_PADS_LOST : 0};
    for (int i = 0; i < world->plant.line[index].config.brake_count; i++)
        input.brake_release[i] = lifted(world, index, i);
    return input;
}

static void step_motion(struct world_motion *motion, double deck_m) {
    if (!motion->present)
        return;
    sim_motion_sensor_step(&motion->sensor, deck_m);
    sim_fault_step(&motion->fault, WORLD_STEP_US);
}

static void step(struct sim_world *world) {
    struct line_input input[SIM_WINCHES_MAX];
    sim_chain_step(&world->chain, any_pressed(world), (world->winch[0].outputs & SIM_IO_PULSE) != 0, WORLD_STEP_US);
    for (int i = 0; i < world->winch_count; i++) {
        step_devices(world, &world->winch[i], &world->plant.line[i]);
        input[i] = line_input(world, i);
    }
    plant_step(&world->plant, input, WORLD_STEP_US / 1e6);
    step_motion(&world->motion, world->plant.load.deck_m);
    for (int i = 0; i < world->winch_count; i++)
        for (int k = 0; k < SIM_WINCH_UNITS; k++)
            sim_fault_step(&world->winch[i].fault[k], WORLD_STEP_US);
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
    struct unit found;
    if (!find_unit(world, unit, &found) || length < 1 || length > BANK_PDU_MAX)
        return 0;
    if (found.fault->kind == SIM_FAULT_SILENT)
        return 0;
    const void *shown = found.fault->kind == SIM_FAULT_FROZEN ? found.frozen : found.device;
    const int replied = bank_request(found.bank, found.device, shown, pdu, length, reply);
    if (found.fault->kind == SIM_FAULT_GARBLED)
        garble(reply, replied);
    return replied;
}

int64_t sim_world_delay_us(struct sim_world *world, uint8_t unit) {
    struct unit found;
    if (!find_unit(world, unit, &found) || found.fault->kind != SIM_FAULT_LATE)
        return 0;
    return (int64_t)found.fault->ms * 1000;
}

int sim_world_fault(struct sim_world *world, uint8_t unit, enum sim_fault_kind kind, int32_t ms) {
    struct unit found;
    if (!find_unit(world, unit, &found))
        return -ENODEV;
    int result = sim_fault_set(found.fault, kind, ms);
    if (result != 0 || kind != SIM_FAULT_FROZEN)
        return result;
    if (found.winch)
        found.winch->frozen[found.of_winch] = found.winch->devices;
    else
        world->motion.frozen = world->motion.sensor;
    return result;
}

double sim_world_tilt_mm(const struct sim_world *world, int index) {
    assert(index >= 0 && index < PLATFORMS_MAX);
    return world->plant.load.tilt_mm[index];
}

struct sim_truth sim_world_truth(const struct sim_world *world) {
    const struct load *load = &world->plant.load;
    const struct sim_winch first = sim_world_winch(world, 0);
    return (struct sim_truth){
        .t_s = (double)(world->steps * WORLD_STEP_US) / 1e6,
        .act = load->act,
        .height_m = load->height_m,
        .person_speed_m_s = load->speed_m_s,
        .person_accel_m_s2 = load->accel_m_s2,
        .tension_n = first.tension_n,
        .slack_m = first.slack_m,
        .rope_out_m = first.rope_out_m,
        .rope_speed_m_s = first.rope_speed_m_s,
        .motor_torque = first.motor_torque,
        .drive_enabled = first.drive_enabled,
        .brake_closed = first.brake_closed,
        .estop_pressed = any_pressed(world),
        .on_ground = load->on_ground,
        .x_m = load->x_m,
        .y_m = load->y_m,
        .deck_m = load->deck_m,
        .tilt_mm = load->tilt_mm[0],
    };
}

int sim_world_winches(const struct sim_world *world) {
    return world->winch_count;
}

struct sim_winch sim_world_winch(const struct sim_world *world, int winch) {
    assert(winch >= 0 && winch < world->winch_count);
    const struct line *line = &world->plant.line[winch];
    return (struct sim_winch){
        .name = world->winch[winch].name,
        .tension_n = line->tension_n,
        .slack_m = line_slack_m(line),
        .rope_out_m = line->winch.rope_out_m,
        .rope_speed_m_s = line->winch.speed_m_s,
        .motor_torque = line->winch.motor_n / winch_here(&line->config.winch, &line->winch).rated_n,
        .drive_enabled = world->winch[winch].drive_out.torque_on,
        .brake_closed = line_brakes_closed(line),
    };
}

int sim_world_winch_find(const struct sim_world *world, const char *name) {
    for (int i = 0; i < world->winch_count; i++)
        if (strcmp(name, world->winch[i].name) == 0)
            return i;
    return -1;
}

int sim_world_act(struct sim_world *world, enum sim_act act, double value) {
    assert((unsigned)act < ACT_COUNT);
    if ((world->plant.load.config.kind->acts >> act & 1) == 0)
        return -EINVAL;
    plant_act(&world->plant, act, value);
    return 0;
}

int sim_world_draw(struct sim_world *world, uint32_t seed) {
    if (!world->has_variation)
        return -ENOENT;
    plant_vary(&world->plant, &world->nominal, &world->variation, seed);
    return 0;
}

const char *sim_world_load(const struct sim_world *world) {
    return world->plant.load.config.kind->name;
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

const char *sim_world_switch(const struct sim_world *world, int winch, int index, enum sim_wire *wire) {
    assert(winch >= 0 && winch < world->winch_count && index >= 0);
    const struct world_winch *of = &world->winch[winch];
    if (index >= of->switch_count)
        return NULL;
    if (wire)
        *wire = of->wire[index];
    return of->limit_switch[index].name;
}

void sim_world_wire(struct sim_world *world, int winch, int index, enum sim_wire wire) {
    assert(winch >= 0 && winch < world->winch_count && (unsigned)wire < SIM_WIRE_COUNT);
    assert(index >= 0 && index < world->winch[winch].switch_count);
    world->winch[winch].wire[index] = wire;
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

#define SPEED_M_S_MAX 3.0
#define SHIFT_PERCENT_MAX 50.0
#define SNAG_N_M_MIN 100.0
#define SNAG_N_M_MAX 1e8

static const struct {
    const char *name;
    const char *value; /* NULL: it has none */
    double least, most;
} acts[ACT_COUNT] = {
    [ACT_STAND] = {.name = "stand"},
    [ACT_CLIMB] = {.name = "climb"},
    [ACT_ASCEND] = {"ascend", "speed_m_s", 0, SPEED_M_S_MAX},
    [ACT_DESCEND] = {"descend", "speed_m_s", 0, SPEED_M_S_MAX},
    [ACT_FALL] = {.name = "fall"},
    [ACT_SLUMP] = {.name = "slump"},
    [ACT_HANG] = {.name = "hang"},
    [ACT_RUN] = {.name = "run"},
    [ACT_SHIFT] = {"shift", "percent", -SHIFT_PERCENT_MAX, SHIFT_PERCENT_MAX},
    [ACT_SNAG] = {"snag", "stiffness_n_m", SNAG_N_M_MIN, SNAG_N_M_MAX},
};

const char *sim_act_name(enum sim_act act) {
    assert((unsigned)act < ACT_COUNT);
    return acts[act].name;
}

int sim_act_find(const char *name) {
    for (int i = 0; i < ACT_COUNT; i++)
        if (strcmp(name, acts[i].name) == 0)
            return i;
    return -1;
}

const char *sim_act_value(enum sim_act act, double *least, double *most) {
    assert((unsigned)act < ACT_COUNT);
    *least = acts[act].least;
    *most = acts[act].most;
    return acts[act].value;
}

void sim_world_defect(struct sim_world *world, int winch, enum sim_defect defect, bool there) {
    assert((unsigned)defect < SIM_DEFECT_COUNT && winch >= 0 && winch < world->winch_count);
    struct world_winch *of = &world->winch[winch];
    of->defects = there ? of->defects | 1u << defect : of->defects & ~(1u << defect);
    of->devices.drive.deaf = has(of, SIM_DEFECT_DRIVE_DEAF);
    if (defect == SIM_DEFECT_DRIVE_TRIPS && there)
        sim_drive_trip(&of->devices.drive);
}
