/* Inside of struct sim_world, for world.c (builds it from a file) and world_run.c (runs it). */
#ifndef BELAY_SIM_WORLD_PARTS_H
#define BELAY_SIM_WORLD_PARTS_H

#include "sim/device/sim_chain.h"
#include "sim/device/sim_drive.h"
#include "sim/device/sim_encoder.h"
#include "sim/device/sim_load_cell.h"
#include "sim/device/sim_motion_sensor.h"
#include "sim/device/sim_safety_io.h"
#include "sim/fault/sim_defect.h"
#include "sim/fault/sim_fault.h"
#include "sim/plant/plant.h"
#include "sim/plant/vary.h"
#include "sim/sim.h"

/* Normally closed; open while the rope paid out is below the one or above the other. */
struct world_switch {
    char name[SIM_STATION_NAME_MAX];
    double opens_below_m, opens_above_m;
};

/* What a world file states of a winch, in the order of the device structs. Its mechanics are in the plant's config. */
struct world_winch_config {
    char name[SIM_STATION_NAME_MAX];
    struct sim_drive_config drive;
    struct sim_load_cell_config load_cell;
    struct sim_encoder_config encoder;
    int32_t io_watchdog_ms;
    int switch_count;
    struct world_switch limit_switch[SIM_SWITCHES_MAX];
};

/* What a world file states. */
struct world_config {
    struct plant_config plant;
    bool has_variation;
    struct plant_variation variation;
    struct world_winch_config winch[SIM_WINCHES_MAX]; /* as many as the plant has lines */
    bool has_motion_sensor;
    struct sim_motion_sensor_config motion_sensor;
    int32_t chain_off_delay_ms, chain_pulse_timeout_ms;
    int station_count;
    char station[SIM_STATIONS_MAX][SIM_STATION_NAME_MAX];
};

/* The devices of a winch on the bus: all that a frozen one keeps a copy of. */
struct world_devices {
    struct sim_drive drive;
    struct sim_load_cell load_cell;
    struct sim_encoder encoder;
    struct sim_safety_io io;
};

/* A winch's devices, with what is wrong with them. Its mechanics are a line of the plant. */
struct world_winch {
    char name[SIM_STATION_NAME_MAX];
    struct world_devices devices;
    struct world_devices frozen[SIM_WINCH_UNITS]; /* per unit, as things stood when it froze */
    struct sim_fault fault[SIM_WINCH_UNITS];
    int switch_count;
    struct world_switch limit_switch[SIM_SWITCHES_MAX];
    enum sim_wire wire[SIM_SWITCHES_MAX];
    uint32_t defects; /* bits of enum sim_defect */
    double drift_n;   /* by which the load cell reads too much */
    double slipped_m; /* travel of the drum that the encoder missed */
    struct sim_drive_out drive_out;
    uint16_t outputs; /* of the I/O block, that are on */
};

/* The motion sensor on the deck. */
struct world_motion {
    bool present;
    struct sim_motion_sensor sensor, frozen;
    struct sim_fault fault;
};

struct sim_world {
    struct plant plant;
    bool has_variation;
    struct plant_variation variation;
    struct plant_config nominal; /* about which is drawn */
    struct sim_chain chain; /* its pulse comes from the first winch's I/O block */
    int winch_count;
    struct world_winch winch[SIM_WINCHES_MAX];
    struct world_motion motion;
    int station_count;
    char station[SIM_STATIONS_MAX][SIM_STATION_NAME_MAX];
    bool pressed[SIM_STATIONS_MAX];
    int64_t owed_us; /* time asked for that does not fill a step yet */
    int64_t steps;   /* of WORLD_STEP_US since the start */
};

#define WORLD_STEP_US 250

void world_init(struct sim_world *world, const struct world_config *config);

#endif
