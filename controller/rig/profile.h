/* A device profile: what one type of drive, load cell, encoder, safety I/O block or motion sensor means by its
 * registers.
 *
 * Profiles are data files (controller/drive/profiles/NAME.yaml) loaded by profile_load(); the struct below is const
 * after load. Addresses are wire addresses: what libmodbus takes, base 0. A word index counts registers inside the
 * block that the one cyclic request reads or writes. 32-bit terms are high word first (ABCD) unless
 * `low_word_first`.
 */
#ifndef BELAY_CONTROLLER_RIG_PROFILE_H
#define BELAY_CONTROLLER_RIG_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/base/hash.h"
#include "controller/base/yaml.h"

#define PROFILE_ID_MAX 32
#define PROFILE_CHECKS_MAX 8
#define PROFILE_WORDS_MAX 32 /* registers in one direction of the cyclic request */
#define PROFILE_STATIONS_MAX 7 /* pairs of E-stop inputs that one register holds beside others */
#define PROFILE_BRAKES_MAX 2 /* of one axis; one safety I/O block for each axis */
#define PROFILE_CONTACTS_MAX 8 /* single inputs for limit switches */
#define PROFILE_TEXT_MAX 96
#define PROFILE_NOTICE_MAX 200

enum device_kind {
    DEVICE_DRIVE,
    DEVICE_LOAD_CELL,
    DEVICE_ENCODER,
    DEVICE_SAFETY_IO,
    DEVICE_MOTION_SENSOR, /* of what moves by itself: the deck on which a winch stands */
    DEVICE_KIND_COUNT
};

/* What a register means. The unit belongs to the term: */
enum profile_term_id {
    /* read block */
    TERM_STATUS,         /* drive: statusword, bits; load cell: status bits */
    TERM_ACTUAL_SPEED,   /* drive: motor speed, rpm, signed */
    TERM_TORQUE,         /* drive: motor torque, fraction of rated (scale gives 1.0 = rated), signed */
    TERM_FAULT_CODE,     /* drive: maker's code, 0 = none */
    TERM_SEQUENCE_ECHO,  /* any: the sequence number last written */
    TERM_IDENTITY,       /* any: node identity; compared with `identity_value` in every reply */
    TERM_WEIGHT,         /* load cell: force, N (magnitude if sign_mask is set) */
    TERM_POSITION,       /* encoder: steps */
    TERM_PLACE,          /* motion sensor: how far what it is fixed to is from its middle, mm, signed */
    TERM_INPUTS,         /* safety I/O: input bits */
    TERM_HEARTBEAT_ECHO, /* safety I/O: the heartbeat as its program last took it, never as its front end received it */
    /* write block */
    TERM_CONTROL,        /* drive: controlword */
    TERM_SETPOINT_SPEED, /* drive: motor speed, rpm, signed */
    TERM_MOTORING_LIMIT,   /* drive: most torque in the direction of its speed and at standstill, fraction of rated */
    TERM_GENERATING_LIMIT, /* drive: most torque against its speed, fraction of rated */
    TERM_SEQUENCE,       /* any: number that the device echoes */
    TERM_OUTPUTS,        /* safety I/O: output bits */
    TERM_HEARTBEAT,      /* safety I/O: a number that must change to keep the device's watchdog fed */
    TERM_COUNT
};
#define TERM_FIRST_WRITE TERM_CONTROL

enum profile_type { TYPE_U16, TYPE_S16, TYPE_U32, TYPE_S32 };

struct profile_term {
    bool present;
    uint16_t word; /* index in the block */
    enum profile_type type;
    double scale; /* engineering value = raw x scale; > 0 */
};

/* A register read after connect, and in turn from then on; the device is refused when (value & mask) is outside
 * min..max. A time that the rig states narrows the range. */
struct profile_check {
    uint16_t wire;
    uint16_t mask;
    uint16_t min;
    uint16_t max;
    int32_t comm_loss_ms_per_count; /* > 0: the register is the device's own communication watchdog */
    int32_t hold_ms_per_count;      /* > 0: how long the drive holds torque at standstill after that watchdog's stop */
    char text[PROFILE_TEXT_MAX]; /* what is wrong and what to do, for the operator */
};

/* Exact command words of a drive; 0 is never assumed to mean "stop". CiA 402, IEC 61800-7-201. */
struct profile_commands {
    uint16_t idle;        /* no torque asked for, leads to "ready to switch on" */
    uint16_t switch_on;   /* leads to "switched on" */
    uint16_t run;         /* operation enabled */
    uint16_t quick_stop;  /* drive ramps down by itself */
    uint16_t coast;       /* torque off at once */
    uint16_t fault_reset; /* rising edge of this word resets a drive fault */
};

/* The two normally closed channels of an E-stop station; 1 = closed. */
struct profile_station {
    uint16_t a_closed, b_closed;
};

/* A brake's output and its feedback; 1 = release, and open. */
struct profile_brake {
    uint16_t release, open_feedback;
};

/* Bit masks of the safety I/O block; 1 in an input bit means "closed / healthy / open" as the name says. */
struct profile_io_bits {
    int station_count;
    struct profile_station station[PROFILE_STATIONS_MAX]; /* pairs of inputs; the rig says what is wired to them */
    int brake_count;
    struct profile_brake brake[PROFILE_BRAKES_MAX];
    uint16_t sto_inactive; /* the hardwired chain lets the drive make torque */
    uint16_t pulse;        /* output that a safety relay times; 0 = not wired */
    int contact_count;
    uint16_t contact_closed[PROFILE_CONTACTS_MAX]; /* normally closed; the rig says which limit switch is wired there */
};

struct profile {
    char id[PROFILE_ID_MAX];
    char hash[HASH_HEX_SIZE];  /* SHA-256 of the file's text */
    double reply_typical_ms;   /* one cyclic request, from sending it to its reply */
    char notice[PROFILE_NOTICE_MAX]; /* what the installer has to verify before use; empty = none (simulated only) */
    enum device_kind kind;
    bool simulated; /* belay-sim and nothing else answers to this profile */
    uint8_t function; /* 23 (read/write), 3 or 4 (read only) */
    uint16_t read_wire, read_count;
    uint16_t write_wire, write_count; /* function 23 only, else 0 */
    bool low_word_first;
    struct profile_term term[TERM_COUNT];
    uint16_t identity_value;     /* when TERM_IDENTITY is present */
    uint16_t weight_sign_mask;   /* load cell: bit of TERM_STATUS that means negative; 0 = weight is signed */
    uint16_t weight_error_mask;  /* load cell: any of these bits of TERM_STATUS makes the value bad */
    bool holds_zero_speed_with_torque;
    bool leaves_quick_stop; /* by the run word, without a break of its torque: transition 16 */
    double torque_limit_full; /* what both limits read unless torque is to be limited; 0 = it has no such terms */
    struct profile_commands commands; /* drive */
    struct profile_io_bits io;        /* safety I/O */
    struct profile_check check[PROFILE_CHECKS_MAX];
    int check_count;
};

/* Reads the profile file at `path` into `*profile`. Blocking file I/O, never on the cycle thread.
 * Every fault of the file is added to `errors` as `file:line:column: path: what, and what was expected`.
 * Returns 0, -EINVAL when errors were added, or another -errno when the file can't be read (also added). */
int profile_load(const char *path, struct profile *profile, struct yaml_errors *errors);

/* The schema of profile files, for the manual. */
const struct yaml_field *profile_fields(void);

/* Name of a device kind as files spell it: "drive", "load_cell", ... Never NULL. */
const char *profile_kind_name(enum device_kind kind);

#endif
