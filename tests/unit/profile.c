/* The profiles that Belay ships with, as the struct that bus, image and drive work with. */
#include "controller/rig/profile.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles/"

static struct profile profile;
static struct yaml_errors errors;

static void load(const char *name) {
    char path[512];
    snprintf(path, sizeof path, PROFILES "%s.yaml", name);
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(profile_load(path, &profile, &errors), 0, "%s", errors.text[0]);
    cr_assert_str_eq(profile.id, name);
    cr_assert_eq(strlen(profile.hash), 64);
}

static void expect_term(enum profile_term_id id, uint16_t word, enum profile_type type, double scale) {
    const struct profile_term *const term = &profile.term[id];
    cr_expect(term->present, "term %d is missing", (int)id);
    cr_expect_eq(term->word, word, "term %d: word %d", (int)id, term->word);
    cr_expect_eq(term->type, type, "term %d: type %d", (int)id, (int)term->type);
    cr_expect_eq(term->scale, scale, "term %d: scale %g", (int)id, term->scale);
}

static int count_terms(void) {
    int count = 0;
    for (int id = 0; id < TERM_COUNT; id++)
        count += profile.term[id].present;
    return count;
}

Test(profile, sim_drive) {
    load("sim-drive");
    cr_expect_eq(profile.kind, DEVICE_DRIVE);
    cr_expect(profile.simulated && profile.holds_zero_speed_with_torque && profile.leaves_quick_stop);
    cr_expect_not(profile.low_word_first);
    cr_expect_eq(profile.function, 23);
    cr_expect(profile.read_wire == 0x0110 && profile.read_count == 6);
    cr_expect(profile.write_wire == 0x0100 && profile.write_count == 5);
    cr_expect_eq(profile.identity_value, 0xB1D1);
    cr_expect_eq(profile.reply_typical_ms, 1);
    expect_term(TERM_STATUS, 0, TYPE_U16, 1);
    expect_term(TERM_ACTUAL_SPEED, 1, TYPE_S16, 1);
    expect_term(TERM_TORQUE, 2, TYPE_S16, 0.001);
    expect_term(TERM_FAULT_CODE, 3, TYPE_U16, 1);
    expect_term(TERM_SEQUENCE_ECHO, 4, TYPE_U16, 1);
    expect_term(TERM_IDENTITY, 5, TYPE_U16, 1);
    expect_term(TERM_CONTROL, 0, TYPE_U16, 1);
    expect_term(TERM_SETPOINT_SPEED, 1, TYPE_S16, 1);
    expect_term(TERM_SEQUENCE, 2, TYPE_U16, 1);
    expect_term(TERM_MOTORING_LIMIT, 3, TYPE_U16, 0.001);
    expect_term(TERM_GENERATING_LIMIT, 4, TYPE_U16, 0.001);
    cr_expect_eq(profile.torque_limit_full, 2.5);
    cr_expect_eq(count_terms(), 11);
    const struct profile_commands *const words = &profile.commands;
    cr_expect(words->idle == 0x0006 && words->switch_on == 0x0007 && words->run == 0x000F);
    cr_expect(words->quick_stop == 0x0002 && words->coast == 0x0000 && words->fault_reset == 0x0080);
    cr_expect_eq(profile.check_count, 4);
    cr_expect(profile.check[1].comm_loss_ms_per_count == 10 && profile.check[3].hold_ms_per_count == 10);
    cr_expect(profile.check[1].wire == 0x0120 && profile.check[1].min == 1 && profile.check[1].max == 50);
    cr_expect(profile.check[2].wire == 0x0121 && profile.check[2].min == 6 && profile.check[2].max == 7);
    cr_expect_eq(profile.check[2].mask, 0xFFFF);
    cr_expect_eq(strncmp(profile.check[2].text, "Reaction to lost communication", 30), 0);
}

Test(profile, sim_load_cell) {
    load("sim-load-cell");
    cr_expect_eq(profile.kind, DEVICE_LOAD_CELL);
    cr_expect_eq(profile.function, 3);
    cr_expect(profile.read_wire == 6 && profile.read_count == 5 && profile.write_count == 0);
    expect_term(TERM_STATUS, 0, TYPE_U16, 1);
    expect_term(TERM_WEIGHT, 1, TYPE_U32, 1);
    cr_expect_eq(count_terms(), 2);
    cr_expect(profile.weight_sign_mask == 0x0080 && profile.weight_error_mask == 0x0001);
}

Test(profile, sim_encoder) {
    load("sim-encoder");
    cr_expect_eq(profile.kind, DEVICE_ENCODER);
    cr_expect_eq(profile.function, 4);
    cr_expect(profile.read_wire == 0 && profile.read_count == 6 && profile.write_count == 0);
    expect_term(TERM_POSITION, 0, TYPE_U32, 1);
    cr_expect_eq(count_terms(), 1);
}

Test(profile, sim_safety_io) {
    load("sim-safety-io");
    cr_expect_eq(profile.kind, DEVICE_SAFETY_IO);
    cr_expect(profile.read_wire == 0 && profile.read_count == 4);
    cr_expect(profile.write_wire == 0x0800 && profile.write_count == 2);
    cr_expect_eq(profile.identity_value, 0xB1D4);
    expect_term(TERM_INPUTS, 0, TYPE_U16, 1);
    expect_term(TERM_HEARTBEAT_ECHO, 1, TYPE_U16, 1);
    expect_term(TERM_IDENTITY, 3, TYPE_U16, 1);
    expect_term(TERM_OUTPUTS, 0, TYPE_U16, 1);
    expect_term(TERM_HEARTBEAT, 1, TYPE_U16, 1);
    cr_expect_eq(profile.io.station_count, 3);
    cr_expect(profile.io.brake_count == 2 && profile.io.brake[1].open_feedback == 0x100);
    cr_expect(profile.io.station[0].a_closed == 1 && profile.io.station[0].b_closed == 2);
    cr_expect(profile.io.station[2].a_closed == 0x40 && profile.io.station[2].b_closed == 0x80);
    cr_expect(profile.io.sto_inactive == 8 && profile.io.brake[0].release == 1 && profile.io.pulse == 4);
    cr_expect_eq(profile.io.contact_count, 6);
    cr_expect(profile.io.contact_closed[0] == 0x200 && profile.io.contact_closed[5] == 0x4000);
    cr_expect_eq(profile.check[0].comm_loss_ms_per_count, 1);
    cr_expect(profile.check[0].wire == 0x1120 && profile.check[0].min == 50 && profile.check[0].max == 1000);
}

/* A real drive: no simulator, no person on it, and the installer is told to verify. */
Test(profile, altivar_rpm) {
    load("altivar-rpm");
    cr_expect_eq(profile.kind, DEVICE_DRIVE);
    cr_expect(!profile.simulated && !profile.holds_zero_speed_with_torque && !profile.leaves_quick_stop);
    cr_expect_not_null(strstr(profile.notice, "your drive's manual and firmware"));
    cr_expect_eq(profile.torque_limit_full, 0, "its torque limits are parameters, outside the cyclic block");
    cr_expect(profile.read_wire == 8603 && profile.read_count == 4);
    cr_expect(profile.write_wire == 8601 && profile.write_count == 2);
    expect_term(TERM_STATUS, 0, TYPE_U16, 1);
    expect_term(TERM_ACTUAL_SPEED, 1, TYPE_S16, 1);
    expect_term(TERM_FAULT_CODE, 3, TYPE_U16, 1);
    expect_term(TERM_CONTROL, 0, TYPE_U16, 1);
    expect_term(TERM_SETPOINT_SPEED, 1, TYPE_S16, 1);
    cr_expect_eq(profile.check[0].comm_loss_ms_per_count, 100);
    cr_expect(profile.check[0].wire == 6005 && profile.check[1].wire == 7010 && profile.check[1].min == 6);
    cr_expect(profile.check[2].wire == 10001 && profile.check[2].max == 0, "its own brake logic must be off");
}

Test(profile, kinds_have_names) {
    cr_expect_str_eq(profile_kind_name(DEVICE_DRIVE), "drive");
    cr_expect_str_eq(profile_kind_name(DEVICE_LOAD_CELL), "load_cell");
    cr_expect_str_eq(profile_kind_name(DEVICE_ENCODER), "encoder");
    cr_expect_str_eq(profile_kind_name(DEVICE_SAFETY_IO), "safety_io");
}
