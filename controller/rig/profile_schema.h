/* A profile file as it is written: the schema fills these structs, profile.c checks and converts them. Members are
 * named like the keys.
 */
#ifndef BELAY_CONTROLLER_RIG_PROFILE_SCHEMA_H
#define BELAY_CONTROLLER_RIG_PROFILE_SCHEMA_H

#include "controller/rig/profile.h"

/* Registers are given twice, as the manual prints them and as they go over the wire, so that an off-by-one shows. */
struct raw_block {
    bool present;
    int32_t printed, wire, count;
};

struct raw_term {
    bool present;
    int32_t printed, wire;
    int type; /* enum profile_type */
    bool has_scale, has_source;
    double scale;
    char source[PROFILE_TEXT_MAX];
};

/* Brake logic in the drive itself. */
enum raw_own_brake { OWN_BRAKE_SWITCHED_OFF, OWN_BRAKE_NONE };

struct raw_check {
    int32_t printed, wire, mask, min, max;
    bool has_comm_loss, has_hold, has_own_brake;
    int32_t comm_loss_ms_per_count, hold_ms_per_count;
    int own_brake; /* enum raw_own_brake, when has_own_brake */
    char text[PROFILE_TEXT_MAX];
    bool has_source;
    char source[PROFILE_TEXT_MAX];
};

struct raw_commands {
    int32_t idle, switch_on, run, quick_stop, coast, fault_reset;
};

struct raw_drive {
    bool present;
    int state_machine; /* one word so far */
    bool holds_zero_speed_with_torque, leaves_quick_stop, has_torque_limit_full;
    double torque_limit_full;
    int own_brake; /* enum raw_own_brake */
    struct raw_commands commands;
};

struct raw_load_cell {
    bool present;
    bool has_sign_mask;
    int32_t sign_mask, error_mask;
};

struct raw_station {
    int32_t a_closed, b_closed;
};

struct raw_io_brake {
    int32_t release, open_feedback;
};

struct raw_contact {
    int32_t closed;
};

struct raw_safety_io {
    bool present;
    int stations_count;
    struct raw_station stations[PROFILE_STATIONS_MAX];
    int brakes_count;
    struct raw_io_brake brakes[PROFILE_BRAKES_MAX];
    int32_t sto_inactive;
    bool has_pulse;
    int32_t pulse;
    int contacts_count;
    struct raw_contact contacts[PROFILE_CONTACTS_MAX];
};

enum raw_confidence { CONFIDENCE_DOCUMENT, CONFIDENCE_BENCH, CONFIDENCE_FIELD, CONFIDENCE_SIMULATOR };
enum raw_function { FUNCTION_3, FUNCTION_4, FUNCTION_23 };
enum raw_word_order { HIGH_WORD_FIRST, LOW_WORD_FIRST };

struct raw_profile {
    int32_t format;
    char profile[PROFILE_ID_MAX];
    int kind; /* enum device_kind */
    bool simulated;
    char vendor[PROFILE_TEXT_MAX], model[PROFILE_TEXT_MAX], firmware[PROFILE_TEXT_MAX], source[PROFILE_TEXT_MAX];
    int confidence; /* enum raw_confidence */
    bool has_notice, has_identity_value;
    char notice[PROFILE_NOTICE_MAX];
    int manual_base; /* index for profile_manual_base() */
    int word_order; /* enum raw_word_order */
    int function; /* enum raw_function */
    double reply_typical_ms;
    int32_t identity_value;
    struct raw_block read, write;
    struct raw_term terms[TERM_COUNT];
    int checks_count;
    struct raw_check checks[PROFILE_CHECKS_MAX];
    struct raw_drive drive;
    struct raw_load_cell load_cell;
    struct raw_safety_io safety_io;
};

/* Key of a term in the file's `terms`. Never NULL. */
const char *profile_term_name(enum profile_term_id id);

/* The number that the manual prints for wire address 0. */
int32_t profile_manual_base(int index);

#endif
