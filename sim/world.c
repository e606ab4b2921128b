/* World files: the schema, checks across fields, and the world built from one. */
#include "sim/world_parts.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/world_schema.h"

#define NAME_MAX_BYTES 32
#define PATH_MAX_BYTES 64

/* The file, value by value, in the units in which an engineer states them. */
struct raw_winch {
    char name[SIM_STATION_NAME_MAX];
    struct rope_config rope;
    struct winch_config winch;
    int brakes_count;
    struct brake_config brakes[PLANT_BRAKES_MAX];
    struct raw_drive {
        double setpoint_lag_ms, acceleration_m_s2, quick_stop_m_s2;
        int32_t watchdog_ms, stop_hold_ms;
        int reaction;
    } drive;
    struct raw_cell {
        double lag_ms, noise_n;
    } load_cell;
    struct raw_encoder {
        double steps_per_turn;
        int32_t zero_steps;
    } encoder;
    struct raw_io {
        int32_t watchdog_ms;
    } safety_io;
    int limit_switches_count;
    struct world_switch limit_switches[SIM_SWITCHES_MAX];
};

struct raw_world {
    int32_t format;
    char world[NAME_MAX_BYTES];
    int32_t seed;
    struct raw_load load;
    bool has_variation;
    struct plant_variation variation;
    bool has_motion_sensor;
    struct sim_motion_sensor_config motion_sensor;
    int winches_count;
    struct raw_winch winches[SIM_WINCHES_MAX];
    struct raw_chain {
        int32_t off_delay_ms, pulse_timeout_ms;
        int stations_count;
        struct raw_station {
            char name[SIM_STATION_NAME_MAX];
        } stations[SIM_STATIONS_MAX];
    } estop_chain;
};

#define OWNER rope_spring
static const struct yaml_field spring_fields[] = {
    NUMBER(stiffness_n_m, 10, 1e6, "stiffness, N/m"),
    NUMBER(stroke_m, 0.01, 5, "way until it gives no more, m"),
    END};
#undef OWNER

#define OWNER rope_config
static const struct yaml_field rope_fields[] = {
    NUMBER(ea_n, 1000, 1e8, "stiffness times area: force at 100 % stretch, N"),
    NUMBER(damping_ms, 0, 50, "damping over stiffness, ms"),
    NUMBER(lead_m, 0.5, 500, "rope between drum and last sheave, m"),
    NUMBER(anchor_height_m, 1, 1000, "last sheave above the ground, m"),
    OPTIONAL_MAP(spring, spring_fields, "a line spring between rope and load"),
    OPTIONAL_NUMBER(weight_kg_m, 0, 100, "weight of the rope that hangs, kg/m; without it it has none"),
    OPTIONAL_NUMBER(sheave_friction, 0, 0.5,
                    "share of the tension that the sheaves add taking in and take paying out; without it none"),
    END};
#undef OWNER

#define OWNER winch_layers
static const struct yaml_field layers_fields[] = {
    NUMBER(turns_at_zero, 1, 10000, "turns on the drum with no rope paid out"),
    NUMBER(turns_per_layer, 1, 10000, "turns beside each other"),
    NUMBER(rise_m, 0.0005, 0.2, "by which a layer lies higher than the one below, m"),
    END};
#undef OWNER

#define OWNER winch_config
static const struct yaml_field winch_fields[] = {
    NUMBER(circumference_m, 0.05, 20, "rope per drum turn at the rope's centre, m"),
    NUMBER(gear_ratio, 0.1, 1000, "motor turns per drum turn"),
    NUMBER(mass_kg, 1, 10000, "motor, gear and drum as a mass moving with the rope, kg"),
    NUMBER(friction_n, 0, 10000, "friction of gear and bearings at the rope, N"),
    NUMBER(rated_n, 10, 1e6, "rope force at rated motor torque, N"),
    NUMBER(force_n_max, 10, 1e6, "rope force at the torque limit, N"),
    NUMBER(speed_loop_ms, 2, 500, "lag of the speed behind its setpoint, ms"),
    NUMBER(pretorque_n, 0, 1e6, "rope force that the drive makes on enabling, until the drum moves; 0 = none, N"),
    OPTIONAL_MAP(layers, layers_fields,
                 "rope over rope; circumference, mass and forces are those of the first layer, the brakes' too"),
    END};
#undef OWNER

#define OWNER brake_config
static const struct yaml_field brake_fields[] = {
    NUMBER(open_ms, 1, 2000, "from coil on to pads off, ms"),
    NUMBER(close_ms, 1, 2000, "from coil off to pads touching, ms"),
    NUMBER(rise_ms, 1, 2000, "from touching to full force, ms"),
    NUMBER(hold_n, 10, 1e6, "full force of this one at the rope, N"),
    END};
#undef OWNER

enum { REACTION_IGNORE, REACTION_COAST, REACTION_RAMP, REACTION_QUICK_STOP };
static const char *const reaction_names[] = {"ignore", "coast", "ramp", "quick_stop", NULL};
static const enum sim_drive_reaction reactions[] = {
    [REACTION_IGNORE] = SIM_DRIVE_IGNORE,
    [REACTION_COAST] = SIM_DRIVE_COAST,
    [REACTION_RAMP] = SIM_DRIVE_RAMP,
    [REACTION_QUICK_STOP] = SIM_DRIVE_QUICK_STOP,
};

#define OWNER raw_drive
static const struct yaml_field drive_fields[] = {
    NUMBER(setpoint_lag_ms, 1, 500, "filter in front of the drive's ramp, ms"),
    NUMBER(acceleration_m_s2, 0.1, 100, "the drive's ramp, at the rope, m/s2"),
    NUMBER(quick_stop_m_s2, 0.1, 100, "the drive's quick stop ramp, at the rope, m/s2"),
    WHOLE(watchdog_ms, 0, 60000, "communication watchdog, ms, a multiple of 10; 0 = off, as some drives are delivered"),
    {.key = "reaction", .kind = YAML_KIND_ENUM, AT(reaction), .names = reaction_names,
     .doc = "what the drive does when its watchdog expires: ignore, coast, ramp, quick_stop"},
    WHOLE(stop_hold_ms, 0, 5000, "after such a stop it holds zero speed this long, ms, a multiple of 10"),
    END};
#undef OWNER

#define OWNER raw_cell
static const struct yaml_field cell_fields[] = {
    NUMBER(lag_ms, 0.5, 1000, "lag of the reading, ms"),
    NUMBER(noise_n, 0, 1000, "noise of the reading, rms, N"),
    END};
#undef OWNER

#define OWNER raw_encoder
static const struct yaml_field encoder_fields[] = {
    NUMBER(steps_per_turn, 1, 16777216, "steps per drum turn"),
    WHOLE(zero_steps, 0, 2147483647, "reading at no rope paid out, steps"),
    END};
#undef OWNER

#define OWNER raw_io
static const struct yaml_field io_fields[] = {
    WHOLE(watchdog_ms, 0, 60000, "watchdog on the outputs, ms; 0 = off, as some blocks are delivered"), END};
#undef OWNER

#define OWNER raw_station
static const struct yaml_field station_fields[] = {
    {.key = "name", .kind = YAML_KIND_TEXT, AT(name), .size = SIM_STATION_NAME_MAX, .doc = "name of the station"}, END};
#undef OWNER

#define OWNER raw_chain
static const struct yaml_field chain_fields[] = {
    WHOLE(off_delay_ms, 0, 10000, "from the E-stop to safe torque off and brake, ms"),
    WHOLE(pulse_timeout_ms, 0, 10000,
          "time without an edge of the pulse after which the relay opens the chain, ms; 0 = none is wired"),
    {.key = "stations", .kind = YAML_KIND_LIST, AT(stations), .min = 1, .size = SIM_STATIONS_MAX,
     .fields = station_fields, .stride = sizeof(struct raw_station),
     .count_offset = offsetof(struct raw_chain, stations_count),
     .doc = "E-stop stations, in the order of the I/O block's pairs of inputs"},
    END};
#undef OWNER

#define OWNER world_switch
static const struct yaml_field switch_fields[] = {
    {.key = "name", .kind = YAML_KIND_TEXT, AT(name), .size = SIM_STATION_NAME_MAX, .doc = "name of the switch"},
    NUMBER(opens_below_m, -1000, 2000, "it is open with less rope paid out, m"),
    NUMBER(opens_above_m, -1000, 2000, "it is open with more rope paid out, m"),
    END};
#undef OWNER

#define OWNER raw_winch
static const struct yaml_field one_winch_fields[] = {
    {.key = "name", .kind = YAML_KIND_TEXT, AT(name), .size = SIM_STATION_NAME_MAX, .doc = "name of the winch"},
    MAP(rope, rope_fields, "the rope"),
    MAP(winch, winch_fields, "motor, gear and drum"),
    {.key = "brakes", .kind = YAML_KIND_LIST, AT(brakes), .min = 1, .size = PLANT_BRAKES_MAX, .fields = brake_fields,
     .stride = sizeof(struct brake_config), .count_offset = offsetof(struct raw_winch, brakes_count),
     .doc = "holding brakes, in the order of the I/O block's outputs"},
    MAP(drive, drive_fields, "how the drive is set up"),
    MAP(load_cell, cell_fields, "the load cell amplifier"),
    MAP(encoder, encoder_fields, "the encoder on the drum"),
    MAP(safety_io, io_fields, "the safety I/O block"),
    {.key = "limit_switches", .kind = YAML_KIND_LIST, AT(limit_switches), .min = 0, .size = SIM_SWITCHES_MAX,
     .fields = switch_fields, .stride = sizeof(struct world_switch),
     .count_offset = offsetof(struct raw_winch, limit_switches_count),
     .doc = "limit switches, in the order of the I/O block's contacts; [] when there are none"},
    END};
#undef OWNER

#define OWNER plant_variation
static const struct yaml_field variation_fields[] = {
    NUMBER(load_kg, 0, 1000, "mass of the load, to both sides, kg"),
    NUMBER(start_mm, 0, 1000, "place of a load that stands by itself, to both sides, mm"),
    NUMBER(friction_percent, 0, 90, "friction of each winch, to both sides, %"),
    NUMBER(ea_percent, 0, 90, "stiffness of each rope, to both sides, %"),
    NUMBER(creep_mm, 0, 1000, "by which each rope gets longer, at most, mm"),
    END};
#undef OWNER

#define OWNER sim_motion_sensor_config
static const struct yaml_field motion_sensor_fields[] = {
    NUMBER(latency_ms, 0, SIM_MOTION_LATENCY_MS_MAX, "from the motion to the register that shows it, ms"),
    NUMBER(sample_ms, 1, 1000, "time between two readings, ms"),
    NUMBER(noise_mm, 0, 1000, "noise of a reading, rms, mm"),
    END};
#undef OWNER

#define OWNER raw_world
static const struct yaml_field world_fields[] = {
    WHOLE(format, 1, 1, "version of this format"),
    {.key = "world", .kind = YAML_KIND_NAME, AT(world), .size = NAME_MAX_BYTES, .doc = "name of the world"},
    WHOLE(seed, 0, 2147483647, "seed of everything random"),
    MAP(load, world_load_fields, "what hangs on the lines: one of its keys"),
    OPTIONAL_MAP(variation, variation_fields, "what differs from take to take, drawn uniformly"),
    {.key = "winches", .kind = YAML_KIND_LIST, AT(winches), .min = 1, .size = SIM_WINCHES_MAX,
     .fields = one_winch_fields, .stride = sizeof(struct raw_winch),
     .count_offset = offsetof(struct raw_world, winches_count),
     .doc = "the winches; i, counted from 0, has the units 4 i + 1 to 4 i + 4 on the bus"},
    OPTIONAL_MAP(motion_sensor, motion_sensor_fields, "the motion sensor on the deck, unit 34 on the bus"),
    MAP(estop_chain, chain_fields, "the hardwired E-stop chain"),
    END};
#undef OWNER

static struct world_winch_config convert_winch(const struct raw_winch *raw, uint64_t seed) {
    struct world_winch_config config = {
        .drive = {.watchdog_ms = raw->drive.watchdog_ms,
                  .reaction = reactions[raw->drive.reaction],
                  .acceleration_rpm_s = winch_rpm(&raw->winch, raw->drive.acceleration_m_s2),
                  .quick_stop_rpm_s = winch_rpm(&raw->winch, raw->drive.quick_stop_m_s2),
                  .setpoint_lag_ms = raw->drive.setpoint_lag_ms,
                  .stop_hold_ms = raw->drive.stop_hold_ms},
        .load_cell = {.lag_ms = raw->load_cell.lag_ms, .noise_n = raw->load_cell.noise_n, .seed = seed},
        .encoder = {.steps_per_m = raw->encoder.steps_per_turn / raw->winch.circumference_m,
                    .zero_steps = raw->encoder.zero_steps},
        .io_watchdog_ms = raw->safety_io.watchdog_ms,
        .switch_count = raw->limit_switches_count,
    };
    memcpy(config.name, raw->name, sizeof config.name);
    memcpy(config.limit_switch, raw->limit_switches, sizeof config.limit_switch);
    return config;
}

static struct line_config convert_line(const struct raw_winch *raw) {
    struct line_config config = {.rope = raw->rope, .winch = raw->winch, .brake_count = raw->brakes_count};
    memcpy(config.brake, raw->brakes, sizeof config.brake);
    return config;
}

static void convert(const struct raw_world *raw, struct world_config *config) {
    uint64_t seed = (uint64_t)raw->seed;
    *config = (struct world_config){
        .plant = {.load = {.seed = seed}, .line_count = raw->winches_count},
        .has_variation = raw->has_variation,
        .variation = raw->variation,
        .has_motion_sensor = raw->has_motion_sensor,
        .motion_sensor = raw->motion_sensor,
        .chain_off_delay_ms = raw->estop_chain.off_delay_ms,
        .chain_pulse_timeout_ms = raw->estop_chain.pulse_timeout_ms,
        .station_count = raw->estop_chain.stations_count,
    };
    config->motion_sensor.seed = seed;
    world_load_convert(&raw->load, &config->plant.load);
    for (int i = 0; i < raw->winches_count; i++) {
        config->plant.line[i] = convert_line(&raw->winches[i]);
        config->winch[i] = convert_winch(&raw->winches[i], seed | (uint64_t)i << 32);
    }
    for (int i = 0; i < config->station_count; i++)
        memcpy(config->station[i], raw->estop_chain.stations[i].name, sizeof config->station[i]);
}

void world_check_below(const struct yaml_doc *doc, struct yaml_errors *errors, const char *path,
                       const char *limit_path) {
    double value = 0, limit = 0;
    if (!yaml_find_number(doc, path, &value) || !yaml_find_number(doc, limit_path, &limit) || value <= limit)
        return;
    yaml_error_at(errors, doc, path, "%g is above %s (%g); expected at most that", value, limit_path, limit);
}

/* Path of `key` of winch `index`. */
static const char *path_of(char path[static PATH_MAX_BYTES], int index, const char *key) {
    int length = snprintf(path, PATH_MAX_BYTES, "winches[%d].%s", index, key);
    assert(length < PATH_MAX_BYTES);
    return path;
}

static void check_ramp(const struct winch_config *winch, int index, const struct yaml_doc *doc,
                       struct yaml_errors *errors, const char *key) {
    double ramp_m_s2 = 0;
    char path[PATH_MAX_BYTES];
    if (!yaml_find_valid(doc, path_of(path, index, "winch.gear_ratio")) ||
        !yaml_find_valid(doc, path_of(path, index, "winch.circumference_m")) ||
        !yaml_find_number(doc, path_of(path, index, key), &ramp_m_s2))
        return;
    double ramp_10rpm_s = round(winch_rpm(winch, ramp_m_s2) / 10);
    if (ramp_10rpm_s < 1 || ramp_10rpm_s > UINT16_MAX)
        yaml_error_at(errors, doc, path, "is %.0f x 10 rpm/s at the motor; expected 1..65535, the drive's register",
                      ramp_10rpm_s);
}

static void check_unit(int index, const struct yaml_doc *doc, struct yaml_errors *errors, const char *key,
                       int32_t time_ms) {
    char path[PATH_MAX_BYTES];
    if (yaml_find_valid(doc, path_of(path, index, key)) && time_ms % 10 != 0)
        yaml_error_at(errors, doc, path, "%d is no multiple of 10 ms, the drive's unit", time_ms);
}

/* Directions call stations, switches and winches by their names: `names` is the first of `count` that lie `stride`
 * bytes apart, and `list` the path of their list. */
static void check_names(const struct yaml_doc *doc, struct yaml_errors *errors, const char *list, const char *thing,
                        const char *names, size_t stride, int count) {
    for (int i = 1; i < count; i++) {
        const char *name = names + (size_t)i * stride;
        char path[PATH_MAX_BYTES + 32];
        snprintf(path, sizeof path, "%s[%d].name", list, i);
        for (int j = 0; j < i && yaml_find_valid(doc, path); j++)
            if (strcmp(name, names + (size_t)j * stride) == 0)
                yaml_error_at(errors, doc, path, "%s is the name of another %s, expected one of its own", name, thing);
    }
}

static void check_switches(const struct raw_winch *raw, int index, const struct yaml_doc *doc,
                           struct yaml_errors *errors) {
    char list[PATH_MAX_BYTES];
    path_of(list, index, "limit_switches");
    for (int i = 0; i < raw->limit_switches_count; i++) {
        char path[PATH_MAX_BYTES + 32], above[PATH_MAX_BYTES + 32];
        snprintf(path, sizeof path, "%s[%d].opens_below_m", list, i);
        snprintf(above, sizeof above, "%s[%d].opens_above_m", list, i);
        world_check_below(doc, errors, path, above);
    }
    check_names(doc, errors, list, "switch", raw->limit_switches[0].name, sizeof raw->limit_switches[0],
                raw->limit_switches_count);
}

static void check_winch(const struct raw_winch *raw, int index, const struct yaml_doc *doc,
                        struct yaml_errors *errors) {
    char rated[PATH_MAX_BYTES], most[PATH_MAX_BYTES];
    world_check_below(doc, errors, path_of(rated, index, "winch.rated_n"), path_of(most, index, "winch.force_n_max"));
    check_switches(raw, index, doc, errors);
    check_ramp(&raw->winch, index, doc, errors, "drive.acceleration_m_s2");
    check_ramp(&raw->winch, index, doc, errors, "drive.quick_stop_m_s2");
    check_unit(index, doc, errors, "drive.watchdog_ms", raw->drive.watchdog_ms);
    check_unit(index, doc, errors, "drive.stop_hold_ms", raw->drive.stop_hold_ms);
}

static void check(const struct raw_world *raw, const struct yaml_doc *doc, struct yaml_errors *errors) {
    const struct raw_chain *chain = &raw->estop_chain;
    world_load_check(&raw->load, raw->winches_count, doc, errors);
    for (int i = 0; i < raw->winches_count; i++)
        check_winch(&raw->winches[i], i, doc, errors);
    check_names(doc, errors, "winches", "winch", raw->winches[0].name, sizeof raw->winches[0], raw->winches_count);
    check_names(doc, errors, "estop_chain.stations", "station", chain->stations[0].name, sizeof chain->stations[0],
                chain->stations_count);
}

static void tell(const struct yaml_errors *errors, char *text, int size) {
    int used = 0;
    for (int i = 0; i < errors->count && used < size; i++)
        used += snprintf(text + used, (size_t)(size - used), "%s%s", i ? "\n" : "", errors->text[i]);
    if (errors->dropped > 0 && used < size)
        snprintf(text + used, (size_t)(size - used), "\nand %d more", errors->dropped);
}

/* Fills `raw` from the file; true without any error. */
static bool load(const char *path, struct raw_world *raw, struct yaml_errors *found) {
    struct yaml_doc *doc = NULL;
    yaml_load(path, world_fields, raw, &doc, found);
    if (doc)
        check(raw, doc, found);
    yaml_doc_free(doc);
    return found->count == 0;
}

struct sim_world *sim_world_new(const char *path, char *errors, int errors_size) {
    assert(errors_size > 0);
    errors[0] = '\0';
    struct yaml_errors *found = calloc(1, sizeof *found);
    struct sim_world *world = calloc(1, sizeof *world);
    struct raw_world *raw = calloc(1, sizeof *raw);
    struct world_config *config = calloc(1, sizeof *config);
    bool valid = false;
    if (found && world && raw && config) {
        valid = load(path, raw, found);
        tell(found, errors, errors_size);
    } else {
        snprintf(errors, (size_t)errors_size, "%s: not enough memory", path);
    }
    if (valid) {
        convert(raw, config);
        world_init(world, config);
    } else {
        free(world);
        world = NULL;
    }
    free(config);
    free(raw);
    free(found);
    return world;
}

void sim_world_free(struct sim_world *world) {
    free(world);
}
