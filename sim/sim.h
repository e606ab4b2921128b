/* The simulated world: plant and devices of one rig, stepped on any clock. Used by belay-sim on real Modbus TCP and by
 * sim/harness in virtual time. Written from the drive manuals and from physics, not from controller/.
 *
 * Rope length is counted as in the rig: unstretched length paid out, pay-out positive.
 */
#ifndef BELAY_SIM_SIM_H
#define BELAY_SIM_SIM_H

#include <stdbool.h>
#include <stdint.h>

#define SIM_WINCHES_MAX 8

#define SIM_STATIONS_MAX 3 /* pairs of E-stop inputs of a safety I/O block */
#define SIM_STATION_NAME_MAX 32

#define SIM_SWITCHES_MAX 6 /* contacts for limit switches of a safety I/O block */

/* Winch i, counted from 0, has these units on the bus: drive 4 i + 1, load cell 4 i + 2, encoder 4 i + 3, safety I/O
 * block 4 i + 4. */
#define SIM_WINCH_UNITS 4
#define SIM_UNITS_MAX (SIM_WINCH_UNITS * SIM_WINCHES_MAX)
/* A motion sensor, in a world that has one: where the load cell of one winch more would be. */
#define SIM_MOTION_SENSOR_UNIT (SIM_UNITS_MAX + 2)

struct sim_world; /* opaque */

/* What the load does. Each kind of load understands some of them. */
enum sim_act {
    ACT_STAND,   /* stands or holds on, still */
    ACT_CLIMB,   /* climbs up and down at random; range, speed, bursts and pauses from the world file */
    ACT_ASCEND,  /* steadily up at speed_m_s */
    ACT_DESCEND, /* steadily down at speed_m_s */
    ACT_FALL,    /* lets go: from now on a free mass on the rope until it hangs still or reaches the ground */
    ACT_SLUMP,   /* sits into the harness slowly: weight goes onto the rope over a second */
    ACT_HANG,    /* a thing: gravity, its lines and the ground move it */
    ACT_SHIFT,   /* people on it move: so many percent of the weight go to the second line */
    ACT_SNAG,    /* a thing: caught where it is, by something of stiffness_n_m, up and down; ACT_HANG frees it */
    ACT_RUN,     /* sprints out and walks back, take after take, with rests; as the world file says */
    ACT_COUNT
};

/* The truth, for reports: what an instrument bolted to the real world would show. Of the load, and of the first winch:
 * sim_world_winch() tells of each. */
struct sim_truth {
    double t_s;               /* simulated time since start */
    enum sim_act act;
    double height_m;          /* of the person or thing above the ground */
    double person_speed_m_s;  /* upward positive */
    double person_accel_m_s2; /* upward positive */
    double tension_n;         /* at the harness */
    double slack_m;           /* rope that hangs loose, 0 when taut */
    double rope_out_m;        /* unstretched rope off the drum */
    double rope_speed_m_s;    /* pay-out positive */
    double motor_torque;      /* fraction of rated */
    bool drive_enabled;       /* the power stage makes torque */
    bool brake_closed;        /* the pads of every brake hold */
    bool estop_pressed;       /* a station is */
    bool on_ground;
    double x_m, y_m;          /* of a point in space, from above; else 0 */
    double deck_m;            /* how far a deck is above its place in a calm; 0 without one */
    double tilt_mm;           /* the first platform's end at the second line above that at the first one */
};

/* The truth of one winch. */
struct sim_winch {
    const char *name;
    double tension_n; /* at the load */
    double slack_m;
    double rope_out_m, rope_speed_m_s, motor_torque;
    bool drive_enabled, brake_closed;
};

/* Builds the world from a world file (sim/scenarios/NAME/world.yaml). Errors as lines into `errors` (a
 * caller's buffer, always terminated). Returns NULL when there are any. Allocates. */
struct sim_world *sim_world_new(const char *path, char *errors, int errors_size);

/* Frees the world and its devices; NULL is nothing. */
void sim_world_free(struct sim_world *world);

/* Advances plant and device firmware (watchdogs, state machines) by `dt_us`, in substeps of at most 1 ms.
 * Deterministic for the same calls. */
void sim_world_step(struct sim_world *world, int64_t dt_us);

/* One Modbus request PDU (function code first, no unit, no CRC) to `unit`; the reply PDU (at least 253 bytes room) is
 * written to `reply`. Returns its length, or 0 when the unit does not answer (wrong unit, silent by a fault). */
int sim_world_request(struct sim_world *world, uint8_t unit, const uint8_t *pdu, int length, uint8_t *reply);

/* The state of the world as it stands now. */
struct sim_truth sim_world_truth(const struct sim_world *world);

/* Winches of the world, at least 1; the truth of winch 0 <= `winch` < that; the winch of that name, -1 for none. */
int sim_world_winches(const struct sim_world *world);
struct sim_winch sim_world_winch(const struct sim_world *world, int winch);
int sim_world_winch_find(const struct sim_world *world, const char *name);
/* End of the second line of platform `index` above that of its first one, mm; 0 for a load that can't tilt. */
double sim_world_tilt_mm(const struct sim_world *world, int index);

/* Stage directions. */
/* What the load does from now on; `value` within what sim_act_value() says of the act, else 0. Returns 0, or -EINVAL
 * for an act that this kind of load does not understand; sim_world_load() names the kind. */
int sim_world_act(struct sim_world *world, enum sim_act act, double value);
const char *sim_world_load(const struct sim_world *world);
/* Draws anew what the section `variation` of the world file says, as between two takes: the machine at rest, its brakes
 * closed. The same seed draws the same. Returns 0, or -ENOENT without that section. */
int sim_world_draw(struct sim_world *world, uint32_t seed);
/* Presses or releases E-stop station `index`, one that sim_world_station() names. */
void sim_world_estop(struct sim_world *world, int index, bool pressed);

/* Name of E-stop station `index` >= 0 of the world file, which hangs on that pair of inputs of every safety I/O block;
 * NULL behind the last one.
 * `pressed`, when not NULL, gets its state. */
const char *sim_world_station(const struct sim_world *world, int index, bool *pressed);

/* The wire of a limit switch: as built, broken (it reads open), or shorted (it reads closed). */
enum sim_wire { SIM_WIRE_GOOD, SIM_WIRE_BROKEN, SIM_WIRE_SHORTED, SIM_WIRE_COUNT };

/* Name of limit switch `index` >= 0 of a winch, which hangs on that contact of its safety I/O block; NULL behind the
 * last one. `wire`, when not NULL, gets its wire. */
const char *sim_world_switch(const struct sim_world *world, int winch, int index, enum sim_wire *wire);
/* Breaks, shorts or mends the wire of switch `index`, one that sim_world_switch() names. */
void sim_world_wire(struct sim_world *world, int winch, int index, enum sim_wire wire);
/* "good", "broken", "shorted"; sim_wire_find returns -1 for an unknown name. */
const char *sim_wire_name(enum sim_wire wire);
int sim_wire_find(const char *name);

/* Faults of one device, for rehearsing what the controller makes of them. */
enum sim_fault_kind {
    SIM_FAULT_NONE,   /* takes a fault away */
    SIM_FAULT_SILENT, /* the unit hears requests and answers none; nothing is carried out */
    SIM_FAULT_LATE,   /* it answers, but later (sim_world_delay_us) */
    SIM_FAULT_FROZEN, /* it answers with the register values of this moment for ever; writes still act */
    SIM_FAULT_GARBLED, /* it answers, and every register reads FFFFh; writes still act */
    SIM_FAULT_COUNT
};
#define SIM_FAULT_STAYS (-1) /* in place of a time: until taken away */

/* Sets the one fault of `unit`. `ms`, 1..60000, is the delay of SIM_FAULT_LATE and the length of the others, for
 * which it may be SIM_FAULT_STAYS. Returns 0, -ENODEV without such a unit, or -EINVAL for a wrong `ms`. */
int sim_world_fault(struct sim_world *world, uint8_t unit, enum sim_fault_kind kind, int32_t ms);

/* How much later than at once `unit` answers, in us; for those who carry its replies. */
int64_t sim_world_delay_us(struct sim_world *world, uint8_t unit);

/* Defects of the machine itself, each of one winch: its drive, brakes, sensors, the inputs of its safety I/O block.
 * Several may be there at once. */
enum sim_defect {
    SIM_DEFECT_CHANNEL_OPEN,       /* channel B of the first E-stop station reads open */
    SIM_DEFECT_CHANNEL_WELDED,     /* channel B of the first E-stop station reads closed whatever is pressed */
    SIM_DEFECT_STO_WIRE,           /* the drive's safety input has no voltage, although the chain is closed */
    SIM_DEFECT_FIRST_BRAKE_CLOSED, /* its coil is broken */
    SIM_DEFECT_SECOND_BRAKE_OPEN,  /* it sticks, once it was open */
    SIM_DEFECT_FIRST_BRAKE_LIFTED, /* by its hand lever, whatever its coil does */
    SIM_DEFECT_SECOND_BRAKE_LIFTED,
    SIM_DEFECT_BRAKES_SLIP,        /* oil on all pads: a fiftieth of their force */
    SIM_DEFECT_DRIVE_TRIPS,        /* overcurrent, in this moment */
    SIM_DEFECT_DRIVE_WEAK,         /* a torque limit of 5 % of what it had */
    SIM_DEFECT_DRIVE_DEAF,         /* in local mode: it answers, and goes on doing what it was told last */
    SIM_DEFECT_DRIVE_RACES,        /* twice the speed it is told, and 0.5 m/s more in that direction */
    SIM_DEFECT_ENCODER_SLIPS,      /* it turns by half of what the drum turns */
    SIM_DEFECT_CELL_LOW,           /* it reads 300 N too little */
    SIM_DEFECT_CELL_HALF,          /* it reads half of what there is */
    SIM_DEFECT_CELL_DRIFTS,        /* it drifts: more by 50 N each second, up to 100 N */
    SIM_DEFECT_CELL_SHORTED,       /* it reads 9000 N */
    SIM_DEFECT_COUNT
};

/* Brings a defect in or takes it away. Taking it away mends; it undoes nothing. */
void sim_world_defect(struct sim_world *world, int winch, enum sim_defect defect, bool there);

/* "brakes slip", ...; sim_defect_find returns -1 for an unknown name. */
const char *sim_defect_name(enum sim_defect defect);
int sim_defect_find(const char *name);

/* "none", "silent", "late", "frozen", "garbled": the kind, or -1 for an unknown name. */
int sim_fault_find(const char *name);

/* "stand", "climb", ...; sim_act_find returns -1 for an unknown name. */
const char *sim_act_name(enum sim_act act);
int sim_act_find(const char *name);

/* What the value of an act is, unit included: "speed_m_s", "percent", and its range; NULL for an act without one. */
const char *sim_act_value(enum sim_act act, double *least, double *most);

#endif
