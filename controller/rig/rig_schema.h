/* A rig file as it is written: devices are called by name. The schema fills these structs, rig.c resolves the names.
 * Members are named like the keys.
 */
#ifndef BELAY_CONTROLLER_RIG_RIG_SCHEMA_H
#define BELAY_CONTROLLER_RIG_RIG_SCHEMA_H

#include "controller/rig/rig.h"

struct raw_rig_station {
    char name[RIG_NAME_MAX];
    int32_t pair;
    struct yaml_names axes;
};

struct raw_safety {
    char io[RIG_NAME_MAX];
    int32_t estop_discrepancy_ms;
    int stations_count;
    struct raw_rig_station stations[RIG_STATIONS_MAX];
    struct rig_relay relay;
    struct rig_recovery recovery;
};

struct raw_link {
    char name[RIG_NAME_MAX];
    char host[RIG_HOST_MAX];
    int32_t port, connect_timeout_ms, response_timeout_ms;
};

struct raw_device {
    char name[RIG_NAME_MAX];
    char link[RIG_NAME_MAX];
    int32_t unit;
    char profile[PROFILE_ID_MAX];
    int32_t stale_after_ms;
    bool has_comm_loss, has_hold;
    int32_t comm_loss_ms_max, hold_ms_min;
};

enum raw_sign { SIGN_MINUS, SIGN_PLUS };

struct raw_drum {
    double circumference_m, gear_ratio;
    int motor_sign; /* enum raw_sign */
    double encoder_steps_per_turn;
    int encoder_sign; /* enum raw_sign */
    int32_t encoder_zero_steps;
    bool encoder_absolute;
};

struct raw_brake_unit {
    char name[RIG_NAME_MAX];
    int32_t output;
};

struct raw_brake {
    char io[RIG_NAME_MAX];
    int units_count;
    struct raw_brake_unit units[RIG_BRAKES_MAX];
    int32_t open_ms_max, close_ms_max, hold_ms_max, handover_ms;
    double deceleration_m_s2, torque_min_percent, handover_mm;
    bool has_torque_min;
};

struct raw_switch {
    int kind; /* enum guard_switch */
    char io[RIG_NAME_MAX];
    int32_t contact;
    bool has_opens_at, has_within;
    double opens_at_m, within_m;
};

#define RIG_STOP_ROWS_MAX 96

struct raw_stop_row {
    uint64_t faults, modes, directions; /* bits of the words below */
    int reaction, scope;
    uint64_t allows;
};

struct raw_stop_table {
    char name[RIG_NAME_MAX];
    int rows_count;
    struct raw_stop_row rows[RIG_STOP_ROWS_MAX];
};

struct raw_reference {
    bool present;
    char device[RIG_NAME_MAX];
    int sign; /* enum raw_sign */
    double latency_ms, smoothing_ms, low_mm, high_mm, jump_mm, silent_ms, error_max_mm, check_mm;
};

struct raw_axis {
    char name[RIG_NAME_MAX];
    bool carries_person;
    char drive[RIG_NAME_MAX], load_cell[RIG_NAME_MAX], encoder[RIG_NAME_MAX];
    struct raw_drum drum;
    struct raw_brake brake;
    struct rig_hardwired hardwired;
    struct rig_drive_stop drive_stop;
    char stops[RIG_NAME_MAX];
    struct rig_limits limits;
    struct rig_ultimate ultimate;
    struct rig_modes modes;
    int bands_count;
    struct rig_band bands[RIG_BANDS_MAX];
    struct rig_load load;
    struct rig_landing landing;
    struct rig_rope rope;
    struct rig_monitors monitors;
    struct rig_winding winding;
    int switches_count;
    struct raw_switch switches[GUARD_SWITCH_COUNT];
    struct raw_reference reference;
    struct rig_belay belay;
    struct rig_commissioning commissioning;
    struct rig_person person;
};

struct raw_group {
    char name[RIG_NAME_MAX];
    int kind; /* enum rig_group_kind */
    struct yaml_names axes;
    bool has_deviation_m, has_drop_m, has_mass_kg, has_share_trim_m;
    double deviation_m, drop_m, mass_kg, share_trim_m;
};

struct raw_point_line {
    char axis[RIG_NAME_MAX];
    double x_m, y_m, z_m, tension_min_n, tension_max_n;
};

struct raw_point {
    char name[RIG_NAME_MAX];
    int lines_count;
    struct raw_point_line lines[RIG_POINT_LINES_MAX];
    double tension_n, mass_min_kg, mass_max_kg;
    double x_min_m, x_max_m, y_min_m, y_max_m, z_min_m, z_max_m;
    double stop_m_s2, start_within_m;
};

struct raw_rig {
    int32_t format;
    char rig[RIG_NAME_MAX];
    int32_t cycle_ms, permission_ms;
    struct yaml_rising ladder_percent;
    struct raw_safety safety;
    int links_count, devices_count, axes_count, stop_tables_count;
    struct raw_link links[RIG_LINKS_MAX];
    struct raw_device devices[RIG_DEVICES_MAX];
    struct raw_axis axes[RIG_AXES_MAX];
    struct raw_stop_table stop_tables[RIG_STOP_TABLES_MAX];
    bool has_groups;
    int groups_count;
    struct raw_group groups[RIG_GROUPS_MAX];
    bool has_points;
    int points_count;
    struct raw_point points[RIG_POINTS_MAX];
};

/* What the checks work on. Devices, links and profiles that could not be resolved have the index -1. */
struct rig_loader {
    const struct yaml_doc *doc;
    const struct raw_rig *raw;
    struct rig *rig; /* names resolved, as far as they are known */
    struct yaml_errors *errors;
};

/* Names of the modes, in the order of struct rig_modes. */
#define RIG_MODES 5
extern const char *const rig_mode_words[RIG_MODES];

/* Words of the limit switches, in the order of enum guard_switch, with a NULL behind. */
extern const char *const rig_switch_words[];

/* Words of stop tables, each list with a NULL behind it. */
extern const char *const rig_fault_words[], *const rig_stop_mode_words[], *const rig_direction_words[],
    *const rig_reaction_words[], *const rig_scope_words[], *const rig_allows_words[];

/* Checks across fields: adds one error for each rule that is broken by values that were taken. */
void rig_check(const struct rig_loader *loader);

#endif
