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
#include "controller/rig/winding.h"
#include "controller/rig/profile.h"
#include "controller/safety/guard.h"
#include "controller/safety/stop.h"

#define GRAVITY_M_S2 9.80665

#define RIG_NAME_MAX 32
#define RIG_HOST_MAX 46
#define RIG_LINKS_MAX 16
#define RIG_DEVICES_MAX 64
#define RIG_AXES_MAX 16
#define RIG_BANDS_MAX 8
#define RIG_STOP_TABLES_MAX 4
#define RIG_GROUPS_MAX 8
#define RIG_POINTS_MAX 4
#define RIG_POINT_LINES_MAX 4
#define RIG_STATIONS_MAX PROFILE_STATIONS_MAX
#define RIG_BRAKES_MAX PROFILE_BRAKES_MAX /* of an axis */
#define RIG_RUNGS_MAX YAML_RISING_MAX
#define RIG_TEXT_MAX 96
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
    double circumference_m; /* rope paid out per drum turn, at the rope's centre, in the first layer */
    double gear_ratio;      /* motor turns per drum turn */
    int motor_sign;         /* +1: positive rpm pays out */
    double encoder_steps_per_turn;
    int encoder_sign;
    int32_t encoder_zero_steps; /* reading at position 0 */
    bool encoder_absolute;      /* on the drum, and keeps its count without power */
    /* Of a drum with winding.layers only; else winding.layers is 0 here: */
    struct winding winding;
    double rope_m, turns; /* that lie on it at position 0 */
};

struct rig_brake_unit {
    char name[RIG_NAME_MAX];
    int output; /* index in the I/O block's profile.io.brake */
};

/* The brakes of an axis: opened and closed together, each counted on alone. */
struct rig_brake {
    int io; /* index in rig.device of the safety I/O block that they hang on; it serves no other axis's */
    int unit_count;
    struct rig_brake_unit unit[RIG_BRAKES_MAX];
    int32_t open_ms_max;  /* feedback "open" of all within this after release */
    int32_t close_ms_max; /* feedback "closed" of all within this after closing */
    double deceleration_m_s2; /* what the weakest one's torque leaves for braking the lowered rated load, at the rope */
    int32_t handover_ms; /* its torque goes down a ramp, where its limits do; then it waits one step from torque */
    double handover_mm;  /* and takes the load up when the drum moved by this */
    int32_t hold_ms_max; /* longest hold at speed 0 in a motion, until the brakes take the load */
    bool has_torque_min;
    double torque_min_percent; /* of the drive's rated torque: what must be there before the brake is released */
};

/* What the hardwired E-stop chain does by itself. */
struct rig_hardwired {
    int32_t off_delay_ms;    /* from the open chain to torque off (SS1-t); 0: at once, category 0 only */
    int32_t sto_response_ms; /* from torque off being asked for until the motor has none */
    int32_t on_delay_ms;     /* from the closed chain until the drive says that its safety input lets it */
};

/* What the drive does by itself: quick stop, and stop after lost communication. */
struct rig_drive_stop {
    double deceleration_m_s2;
};

/* Beyond the operating limits: what none of the stops may reach. */
struct rig_ultimate {
    double position_min_m, position_max_m;
};

struct rig_load {
    double rated_mass_kg;
    double rated_dynamic_tension_n; /* peak that the line and everything in it is rated for */
    double overload_percent_up;     /* of the rated load: stops taking in */
    double overload_percent_both;   /* stops both ways */
    bool has_underload;
    double underload_n;             /* a hanging load that weighs less is gone */
    bool has_slack;
    double slack_n;            /* rope that pulls less is slack: no pay-out */
    double snatch_speed_m_s;   /* slack rope is taken in no faster, until the tension returns; there with slack_n */
    bool has_snatch_speed;
};

/* Where a load is set down, and how slowly: there light rope is no fault. */
struct rig_landing {
    bool present;
    double from_m, to_m;
    double speed_m_s; /* at most, down and up again until the load hangs */
};

/* A spring between rope and load that gives until its stroke is used up: a soft line whatever the rope. */
struct rig_spring {
    bool present;
    double stiffness_n_m, stroke_m;
};

/* Rope between drum and load. */
/* Bending of the rope, counted in controller/wear/bends.h. */
struct rig_bends {
    bool present;
    int32_t sheaves; /* that the rope runs over; one that bends it the other way counts twice */
    int32_t worn;    /* bends of one place after which the rope is to be replaced */
};

struct rig_rope {
    double ea_n;          /* stiffness times area: force at 100 % stretch */
    double lead_m;        /* rope between the drum and the last sheave, added to the paid-out length for stretch */
    double jerk_ms;  /* time in which an acceleration or deceleration builds up at the drum */
    bool has_weight, has_friction; /* else left to the tolerance of the load */
    double weight_kg_m;
    double sheave_friction_percent; /* of the tension, by the sheaves between load and load cell */
    struct rig_spring spring;
    struct rig_bends bends;
};

/* One way of moving. Magnitudes. */
struct rig_motion {
    bool present;
    double payout_speed_max_m_s, takein_speed_max_m_s;
    double acceleration_m_s2; /* most change while running */
};

/* follow and catch are there on an axis that belays, and on no other. */
struct rig_modes {
    struct rig_motion jog, move, recovery, follow, catch;
};

/* Between two heights other speeds hold. */
struct rig_band {
    double from_m, to_m;
    double payout_speed_max_m_s, takein_speed_max_m_s;
    char why[RIG_TEXT_MAX];
};

struct rig_limits {
    double position_min_m, position_max_m;
    double payout_speed_max_m_s, takein_speed_max_m_s; /* magnitudes, of every mode */
    /* Reserved for stops: of pay-out, and of take-in, where a load that is slowed too hard goes slack. */
    double stop_payout_deceleration_m_s2, stop_takein_deceleration_m_s2;
    int32_t stop_time_max_ms;      /* a ramp that lasts longer becomes category 0 */
    double overspeed_m_s;          /* actual speed, either direction, that trips */
    double following_error_max_m_s; /* actual speed outside the setpoints of the last following_error_ms */
    int32_t following_error_ms;     /* by more than this, for that long, trips; at most RIG_FOLLOWING_CYCLES_MAX */
    double tension_max_n; /* trips */
    double setup_speed_m_s; /* in set-up, either direction; stops aside */
    double standstill_speed_m_s; /* at or below this the drum counts as standing */
    int32_t enable_ms_max;       /* the drive reaches "operation enabled", or leaves it, within this */
    int32_t reaction_ms;         /* from a reading to the drum following the setpoint made of it: bus, cycle, drive */
    double jerk_max_m_s3;        /* of moves, jogs and recovery; stops may be harder */
};

/* Who is unweighted by the rope while running, and is no climber (docs/belaying.md). */
struct rig_runner {
    bool present;
    double speed_max_m_s, acceleration_max_m_s2; /* his */
};

/* Belaying: tension holding with a person on the rope (control notes in docs/belaying.md). */
struct rig_belay {
    bool present;
    double person_mass_kg;
    double tension_n;          /* reference */
    double band_min_n, band_max_n;
    double weight_on_line_n;   /* at and above: no pay-out; 20 ms, two readings at least: hold */
    double slack_n;            /* below: the rope counts as slack */
    double slack_max_m;        /* slack with which a fall may begin */
    double slack_takein_speed_max_m_s; /* take-in on a slack rope, beyond the speed of following */
    double catch_deceleration_m_s2;    /* of pay-out, in a catch */
    double fall_speed_m_s;     /* estimated speed of the person away from the drum that is a fall */
    double lowering_speed_max_m_s;
    double restart_speed_max_m_s; /* take-in after a stop until the band is reached */
    double drive_lag_ms, cell_lag_ms;
    double anchor_height_m;    /* last sheave above the ground */
    struct rig_runner runner;
    /* Beside the belaying law's own values, for that law, the axis's of the same meaning: modes.follow and rope. */
    double payout_speed_max_m_s, takein_speed_max_m_s;
    double rope_ea_n, rope_lead_m;
    struct rig_spring rope_spring;
};

/* What commissioning and the daily test ask for (controller/commission/). */
struct rig_commissioning {
    bool present;
    int32_t daily_h;      /* a daily step is asked for again after so long */
    double speed_max_m_s; /* of a jog on a person's line that is not commissioned, or whose daily test is due */
    double reeving_ratio; /* parts of rope that carry the load */
    double marks_mm;      /* a taped mark may be off by this */
    double bump_mm, bump_speed_m_s;
    double bump_tension_n;     /* least change of tension by a bump */
    double tare_n_max;         /* reading of the empty rope, either sign */
    double span_percent;       /* reading of a known load */
    double brake_test_percent; /* test load of each brake, share of the rated load */
    int32_t brake_hold_s;
    double brake_hold_mm; /* a brake that lets more rope go has failed */
};

/* Who may hang on the rope of a line that carries a person. */
struct rig_person {
    bool present;
    double lightest_kg;
    double hangs_n; /* at and above: somebody hangs there, at rest */
};

/* How far the tension may be from what the load of a cue explains: both together. */
struct rig_load_tolerance {
    bool present;
    double tolerance_n, tolerance_percent;
    bool has_readings; /* else it lasts for load_ms */
    int32_t readings;  /* in a row beyond it that trip */
};

/* What the motor may give without end, and the time in which it warms up. */
struct rig_duty {
    bool present;
    double continuous_percent; /* of its rated torque */
    double time_s;
};

/* How well the load cell and the motor's torque must agree (controller/safety/pull.h). */
struct rig_pull {
    bool present;
    double rated_n; /* force at the rope at the motor's rated torque */
    double mass_kg; /* of motor, gear and drum, as a mass that moves with the rope */
    double tolerance_n, tolerance_percent; /* both together */
    int32_t window_ms; /* over which means are compared */
};

/* What is watched, each with its own limit; faults of the same names. Travels are those of one window. */
struct rig_monitors {
    int32_t window_ms;
    int32_t dead_ms; /* from a setpoint being sent until the drum begins to follow: bus and drive */
    int32_t lag_ms;  /* first order, after that */
    double following_base_mm, following_slack_ms; /* rope against setpoints: base and fastest speed times slack */
    double mismatch_base_mm, mismatch_slack_ms;   /* motor against encoder */
    double frozen_mm;     /* motor's travel with an encoder that stands still */
    double unintended_mm; /* travel without a setpoint, or against it */
    double moved_mm;      /* with the brake closed */
    int32_t moved_ms;     /* speed with the brake closed, for so long */
    double tension_low_n, tension_high_n; /* plausible readings of the cell; the low one is at or below 0 */
    double tension_rate_n_s;
    bool has_tension_frozen;
    int32_t tension_frozen_ms; /* equal raw readings while the rope moves, for so long */
    int32_t load_ms;           /* overload, underload, slack or a load that is not the cue's, for so long */
    struct rig_load_tolerance load;
    struct rig_duty duty;
    struct rig_pull pull;
};

/* Rope over rope. */
struct rig_layers {
    bool present;
    int32_t count;     /* that the drum takes, 2..WINDING_LAYERS_MAX */
    double diameter_m; /* of the rope */
    double nesting;    /* from WINDING_NESTED to WINDING_ON_TOP */
};

/* How the rope lies on the drum. */
struct rig_winding {
    double rope_m;          /* on the drum at position 0, to its end there */
    double dead_turns;      /* of it that must stay, so that the rope's end holds */
    double turns_per_layer;
    struct rig_layers layers; /* without it one */
};

/* A limit switch of an axis: normally closed, open beyond its place. */
struct rig_switch {
    enum guard_switch kind;
    int io;      /* index in rig.device of the safety I/O block that reads it */
    int contact; /* index in the block's profile.io.contact_closed */
    bool has_place;
    double opens_at_m, within_m; /* it opens there, give or take */
};

/* What moves by itself under the winch, and the motion sensor that tells of it (controller/motion/track.h). */
struct rig_reference {
    bool present;
    int device; /* index in rig.device */
    int sign;   /* +1: a reading that grows asks for pay-out; -1: for take-in */
    double latency_ms, smoothing_ms;
    double low_mm, high_mm; /* plausible readings */
    double jump_mm, silent_ms;
    double error_max_mm; /* farther from its place the motion ends */
    double check_mm;     /* by so much it is raised in commissioning */
};

struct rig_axis {
    char name[RIG_NAME_MAX];
    bool carries_person;
    int drive, load_cell, encoder; /* indices in rig.device */
    struct rig_drum drum;
    struct rig_brake brake;
    struct rig_hardwired hardwired;
    struct rig_drive_stop drive_stop;
    int stops; /* index in rig.stop_table */
    struct rig_limits limits;
    struct rig_ultimate ultimate;
    struct rig_modes modes;
    int band_count;
    struct rig_band band[RIG_BANDS_MAX];
    struct rig_load load;
    struct rig_landing landing;
    struct rig_rope rope;
    struct rig_monitors monitors;
    struct rig_winding winding;
    int switch_count; /* at most one of each kind */
    struct rig_switch limit_switch[GUARD_SWITCH_COUNT];
    struct rig_reference reference;
    struct rig_belay belay;
    struct rig_commissioning commissioning; /* there on every line that carries a person */
    struct rig_person person;               /* likewise */
};

/* Fault x mode x direction -> what the stop does; passed stop_table_check(). */
struct rig_stop_table {
    char name[RIG_NAME_MAX];
    struct stop_table cells;
};

/* An E-stop station: what is pressed, where it is read, what it stops. */
struct rig_station {
    char name[RIG_NAME_MAX]; /* operator's text */
    int pair;                /* index in the I/O block's profile.io.station */
    uint32_t axes;           /* its zone: bit = index in rig.axis */
};

/* A safety relay that opens the chain when the I/O block's pulse has had no edge for a time. */
struct rig_relay {
    bool present;
    int32_t pulse_ms; /* from one edge to the next */
    int32_t timeout_ms;
};

/* How long a person may be moved without a failed sensor, and how long the second person's clear lasts. */
struct rig_recovery {
    int32_t expires_s, clear_s;
};

struct rig_safety {
    int io; /* index in rig.device of the safety I/O block */
    struct rig_relay relay;
    struct rig_recovery recovery;
    int32_t estop_discrepancy_ms;
    int station_count; /* every axis is in the zone of one at least */
    struct rig_station station[RIG_STATIONS_MAX];
};

/* The speeds of walk-through, in the order in which they are run: percent of each axis's own. */
struct rig_ladder {
    int rung_count;
    int32_t percent[RIG_RUNGS_MAX]; /* strictly rising; the last one is 100 */
};

/* What the axes of a group are to each other. */
enum rig_group_kind {
    GROUP_FREE,   /* one cue moves them all; each stops alone, but for the stop table's scope group */
    GROUP_SAFE,   /* whatever stops one stops all */
    GROUP_LOCKED, /* they carry one thing between them: they move in level, and stop in level */
};

struct rig_group {
    char name[RIG_NAME_MAX];
    enum rig_group_kind kind;
    uint32_t axes;      /* bit = index in rig.axis; two at least, each in one group at most; locked: none that belays */
    double deviation_m; /* locked: how far one may get ahead of another, from where a motion began */
    double share_trim_m; /* locked, lines on one point: how far a drum may leave the level for its share; 0 = stays */
    double drop_m;      /* locked: how far one gets ahead of another when one of them is stopped by its brake alone */
    double mass_kg;     /* locked, of lines that carry people: what hangs on all of them together; else 0 */
};

/* A line of a suspended point: its axis, whose position counts the rope beyond the anchor, and the anchor, its last
 * sheave, x, y and z with z up. */
struct rig_point_line {
    int axis; /* index in rig.axis; in no other point */
    double anchor_m[3];
    double tension_min_n, tension_max_n; /* what flights may make it pull; underload < min < tension_n < max */
};

/* A point that hangs on two to four lines, and flies. */
struct rig_point {
    char name[RIG_NAME_MAX];
    int line_count;
    struct rig_point_line line[RIG_POINT_LINES_MAX];
    double tension_n; /* that four lines are kept near */
    double mass_min_kg, mass_max_kg;
    double volume_min_m[3], volume_max_m[3];
    double stop_m_s2;      /* along its path, in a stop; no harder than the gentlest line's */
    double start_within_m; /* of the path: from farther away no flight begins */
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
    struct rig_ladder ladder;
    int link_count, device_count, axis_count, profile_count, stop_table_count;
    struct rig_link link[RIG_LINKS_MAX];
    struct rig_device device[RIG_DEVICES_MAX];
    struct rig_axis axis[RIG_AXES_MAX];
    struct rig_stop_table stop_table[RIG_STOP_TABLES_MAX];
    int group_count;
    struct rig_group group[RIG_GROUPS_MAX];
    int point_count;
    struct rig_point point[RIG_POINTS_MAX];
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

/* Index of the group called `name`, or -ENOENT; of the one that the axis is in, or -1. Pure. */
int rig_group_find(const struct rig *rig, const char *name);
int rig_group_of(const struct rig *rig, int axis);

/* "free", "safe", "locked". Never NULL. */
const char *rig_group_kind_name(enum rig_group_kind kind);

/* Index of the suspended point called `name`, or -ENOENT. Pure. */
int rig_point_find(const struct rig *rig, const char *name);

/* Index of the point that has this axis as a line, or -1. Pure. */
int rig_point_of(const struct rig *rig, int axis);

/* Does the axis have a device on the link? Both are indices. Pure. */
bool rig_axis_on_link(const struct rig *rig, int axis, int link);

#endif
