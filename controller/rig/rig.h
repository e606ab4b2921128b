/* The rig: what is built, wired and permitted, as the rig file states it. Const after load; every limit explicit.
 *
 * Positions are unstretched rope length paid out from the drum's zero mark, in metres; pay-out is positive, take-in
 * negative. Speeds follow: positive pays out. Tension is the pull in the rope at the load cell, never negative.
 */
#ifndef BELAY_CONTROLLER_RIG_RIG_H
#define BELAY_CONTROLLER_RIG_RIG_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/base/hash.h"
#include "controller/base/yaml.h"
#include "controller/rig/profile.h"

#define RIG_NAME_MAX 32
#define RIG_HOST_MAX 46
#define RIG_LINKS_MAX 16
#define RIG_DEVICES_MAX 64
#define RIG_AXES_MAX 16
#define RIG_FOLLOWING_CYCLES_MAX 64 /* setpoints that the controller remembers */
#define RIG_HASH_MAX HASH_HEX_SIZE

/* One TCP connection, one bus worker. */
struct rig_link {
    char name[RIG_NAME_MAX];
    char host[RIG_HOST_MAX]; /* dotted IPv4 */
    uint16_t port;
    int32_t connect_timeout_ms;
    int32_t response_timeout_ms;
};

/* One unit id behind a link. Devices of one link are asked in the order of the file. */
struct rig_device {
    char name[RIG_NAME_MAX];
    int link; /* index in rig.link */
    uint8_t unit;
    int32_t stale_after_ms; /* older values trip */
    int32_t comm_loss_ms_max; /* drive, safety I/O: its own communication watchdog acts within this; else 0 */
    int32_t hold_ms_min;      /* drive: then holds torque at standstill for at least this; else 0 */
    int profile;            /* index in rig.profile */
};

/* The drum and its measuring: rope metres <-> motor rpm <-> encoder steps. Signs are +1 or -1. */
struct rig_drum {
    double circumference_m; /* rope paid out per drum turn, at the rope's centre */
    double gear_ratio;      /* motor turns per drum turn */
    int motor_sign;         /* +1: positive rpm pays out */
    double encoder_steps_per_turn;
    int encoder_sign;
    int32_t encoder_zero_steps; /* reading at position 0 */
};

struct rig_brake {
    int io;               /* index in rig.device of the safety I/O block that this brake hangs on; one brake a block */
    int32_t open_ms_max;  /* feedback "open" within this after release */
    int32_t close_ms_max; /* feedback "closed" within this after closing */
};

struct rig_limits {
    double position_min_m, position_max_m;
    double payout_speed_max_m_s, takein_speed_max_m_s; /* magnitudes */
    double jog_speed_max_m_s, jog_acceleration_m_s2;
    double acceleration_max_m_s2;
    double stop_deceleration_m_s2; /* reserved for stops; >= acceleration_max */
    int32_t stop_time_max_ms;      /* a ramp that lasts longer becomes category 0 */
    double overspeed_m_s;          /* actual speed, either direction, that trips */
    double following_error_max_m_s; /* actual speed outside the setpoints of the last following_error_ms */
    int32_t following_error_ms;     /* by more than this, for that long, trips; at most RIG_FOLLOWING_CYCLES_MAX */
    double tension_max_n; /* trips */
    double standstill_speed_m_s; /* at or below this the drum counts as standing */
    int32_t enable_ms_max;       /* the drive reaches "operation enabled", or leaves it, within this */
    int32_t reaction_ms;         /* from a reading to the drum following the setpoint made of it: bus, cycle, drive */
};

/* Belaying: tension holding with a person on the rope (control notes in docs/belaying.md). */
struct rig_belay {
    bool present;
    double person_mass_kg;
    double tension_n;          /* reference */
    double band_min_n, band_max_n;
    double weight_on_line_n;   /* at and above: no pay-out; 20 ms, two readings at least: hold */
    double slack_n;            /* below: the rope counts as slack */
    double payout_speed_max_m_s, takein_speed_max_m_s;
    double slack_takein_speed_max_m_s; /* take-in on a slack rope, beyond the speed of following */
    double acceleration_m_s2;
    double catch_deceleration_m_s2;
    double fall_speed_m_s;     /* estimated speed of the person away from the drum that is a fall */
    double lowering_speed_max_m_s;
    double restart_speed_max_m_s; /* take-in after a stop until the band is reached */
    double rope_ea_n;          /* stiffness times area: force at 100 % stretch */
    double rope_lead_m;        /* rope between the drum and the last sheave, added to the paid-out length for stretch */
    double drive_lag_ms, cell_lag_ms;
    double anchor_height_m;    /* last sheave above the ground */
};

struct rig_axis {
    char name[RIG_NAME_MAX];
    bool carries_person;
    int drive, load_cell, encoder; /* indices in rig.device */
    struct rig_drum drum;
    struct rig_brake brake;
    struct rig_limits limits;
    struct rig_belay belay;
};

struct rig_safety {
    int io; /* index in rig.device of the safety I/O block */
    int32_t estop_discrepancy_ms;
};

struct rig {
    char name[RIG_NAME_MAX];
    /* SHA-256 of the lines of hex hashes of the rig file and of its profiles in the order of their first use:
     * sha256sum RIG PROFILES... | cut -c1-64 | sha256sum */
    char hash[RIG_HASH_MAX];
    int32_t cycle_ms;
    int32_t permission_ms; /* a permission not renewed for this long is dead; 150..250 */
    bool rehearsal;        /* true when every device's profile is simulated */
    struct rig_safety safety;
    int link_count, device_count, axis_count, profile_count;
    struct rig_link link[RIG_LINKS_MAX];
    struct rig_device device[RIG_DEVICES_MAX];
    struct rig_axis axis[RIG_AXES_MAX];
    struct profile profile[RIG_DEVICES_MAX];
};

/* Reads rig file `path` and the profiles that it names (found in `profile_dir`). Blocking file I/O.
 * All errors of all files are collected in one run into `errors`: `file:line:column: path: what, and what was
 * expected`. Checks across fields too: names unique and resolved, device kinds fit, limits ordered, simulated and real
 * devices never mixed, the cycle long enough for the links' requests. After an error `*rig` is all zero.
 * Returns 0, or -EINVAL when errors were added (an unreadable file is one of them). */
int rig_load(const char *path, const char *profile_dir, struct rig *rig, struct yaml_errors *errors);

/* The schema of rig files, for the manual. */
const struct yaml_field *rig_fields(void);

/* Prints the rules that hold between two values of an axis as a table in Markdown, for the manual. */
void rig_rules_print(FILE *out);

/* Index of the axis called `name`, or -ENOENT. */
int rig_axis_find(const struct rig *rig, const char *name);

#endif
