/* A rig file as it is written: devices are called by name. The schema fills these structs, rig.c resolves the names.
 * Members are named like the keys.
 */
#ifndef BELAY_CONTROLLER_RIG_RIG_SCHEMA_H
#define BELAY_CONTROLLER_RIG_RIG_SCHEMA_H

#include "controller/rig/rig.h"

struct raw_safety {
    char io[RIG_NAME_MAX];
    int32_t estop_discrepancy_ms;
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
};

struct raw_brake {
    char io[RIG_NAME_MAX];
    int32_t open_ms_max, close_ms_max;
};

struct raw_axis {
    char name[RIG_NAME_MAX];
    bool carries_person;
    char drive[RIG_NAME_MAX], load_cell[RIG_NAME_MAX], encoder[RIG_NAME_MAX];
    struct raw_drum drum;
    struct raw_brake brake;
    struct rig_limits limits;
    struct rig_belay belay;
};

struct raw_rig {
    int32_t format;
    char rig[RIG_NAME_MAX];
    int32_t cycle_ms, permission_ms;
    struct raw_safety safety;
    int links_count, devices_count, axes_count;
    struct raw_link links[RIG_LINKS_MAX];
    struct raw_device devices[RIG_DEVICES_MAX];
    struct raw_axis axes[RIG_AXES_MAX];
};

/* What the checks work on. Devices, links and profiles that could not be resolved have the index -1. */
struct rig_loader {
    const struct yaml_doc *doc;
    const struct raw_rig *raw;
    struct rig *rig; /* names resolved, as far as they are known */
    struct yaml_errors *errors;
};

/* Checks across fields: adds one error for each rule that is broken by values that were taken. */
void rig_check(const struct rig_loader *loader);

#endif
