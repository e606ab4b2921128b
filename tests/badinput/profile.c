/* Bad profile files: each row changes one thing in a profile that Belay ships with. */
#include "tests/badinput/bad_rows.h"

#include <errno.h>

#include "controller/rig/profile.h"

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles/"

static const struct bad_row drive_rows[] = {
    /* addresses: as printed and as on the wire */
    {"status: {printed: 0x0110, wire: 0x0110",
     "status: {printed: 0x0110, wire: 0x0111",
     {"terms.status.wire: wire address 273 does not fit printed register 272, expected 272 - manual_base 0 = 272",
      "terms.actual_speed.wire: register 273 is the term status already, expected one of its own"}},
    {"manual_base: 0",
     "manual_base: 2",
     {"profile.yaml:11:14: manual_base: 2 is not one of the words, expected number "
      "that the manual prints for wire address 0 (0, 1, 30001, 40001, 300001 or 400001)"}},
    {"control: {printed: 0x0100, wire: 0x0100",
     "control: {printed: 0x0105, wire: 0x0105",
     {"terms.control.wire: register 261 is outside the write block, expected 256 to 260",
      "write: register 256 has no term and would be written with 0"}},
    {"read: {printed: 0x0110, wire: 0x0110, count: 6}",
     "read: {printed: 0x0110, wire: 0x0110, count: 33}",
     {"read.count: 33 is out of range, expected registers in the cyclic request (whole number, 1 to 32)"}},
    {"read: {printed: 0x0110, wire: 0x0110, count: 6}",
     "read: {printed: 0x0110, wire: 0x0110, count: 5}",
     {"terms.identity.wire: register 277 is outside the read block, expected 272 to 276"}},
    {"write: {printed: 0x0100, wire: 0x0100, count: 5}",
     "write: {printed: 0x0100, wire: 0x0100, count: 6}",
     {"write: register 261 has no term and would be written with 0, expected a term for every register"}},
    {"write: {printed: 0x0100, wire: 0x0100, count: 5}",
     "write: {printed: 0xFFFE, wire: 0xFFFE, count: 3}",
     {"write: the block ends at 65536, expected its end within 65535", "terms.control.wire: register 256 is outside",
      "terms.setpoint_speed.wire", "terms.motoring_torque_limit.wire", "terms.generating_torque_limit.wire",
      "terms.sequence.wire", "write: register 65534 has no term", "write: register 65535",
      "write: register 65536"}},
    {"wire: 0x0121", "wire: 0x10000", {"checks[2].wire: 0x10000 is out of range"}},
    {"wire: 0x0121", "wire: 0121", {"checks[2].wire: 0121 has a leading zero"}},
    {"wire: 0x0121", "wire: 0x012g", {"checks[2].wire: 0x012g is not a register number; write it in decimal or as 0x"}},
    /* terms */
    {"  status: {printed: 0x0110, wire: 0x0110, type: u16}\n",
     "",
     {"profile.yaml:21:3: terms.status: missing, expected this term for a drive"}},
    {"type: s16, scale: 1}\n  torque",
     "type: u16, scale: 1}\n  torque",
     {"terms.actual_speed: a type that this term can't have, expected s16 or s32"}},
    {"0x0101, type: s16, scale: 1}",
     "0x0101, type: u16, scale: 1}",
     {"terms.setpoint_speed: a type that this term can't have, expected s16"}},
    {"0x0100, type: u16}", "0x0100, type: s16}", {"terms.control: a type that this term can't have, expected u16"}},
    {"0x0101, type: s16, scale: 1}", "0x0101, type: s16}", {"terms.setpoint_speed: scale is missing"}},
    {"0x0101, type: s16, scale: 1}", "0x0101, type: s16, scale: 0}", {"terms.setpoint_speed.scale: 0 is out of range"}},
    {"0x0101, type: s16, scale: 1}",
     "0x0101, type: f32, scale: 1}",
     {"terms.setpoint_speed.type: f32 is not one of the words, expected type of the value (u16, s16, u32 or s32)"}},
    {"0x0113, type: u16}", "0x0113, type: u16, scale: 1}", {"terms.fault_code: this term has no scale"}},
    {"  fault_code: {",
     "  weight: {",
     {"terms.weight: a drive has no such term", "terms.fault_code: missing", "terms.weight: scale is missing"}},
    {"  sequence: {printed: 0x0102, wire: 0x0102, type: u16}\n",
     "",
     {"terms: only one of sequence and sequence_echo, expected both or none", "write: register 258 has no term"}},
    {"  generating_torque_limit: {printed: 0x0104, wire: 0x0104, type: u16, scale: 0.001}\n",
     "",
     {"terms: only one of motoring_torque_limit and generating_torque_limit, expected both or none",
      "drive.torque_limit_full: given without both torque limit terms", "write: register 260 has no term"}},
    {"wire: 0x0103, type: u16, scale: 0.001}",
     "wire: 0x0103, type: u32, scale: 0.001}",
     {"terms.motoring_torque_limit: a type that this term can't have, expected u16 or s16",
      "terms.generating_torque_limit.wire: register 260 is the term motoring_torque_limit already"}},
    {"wire: 0x0103, type: u16, scale: 0.001}",
     "wire: 0x0103, type: u16}",
     {"terms.motoring_torque_limit: scale is missing"}},
    {"  torque_limit_full: 2.5\n",
     "",
     {"drive.torque_limit_full: missing, expected what both torque limits read unless torque is to be limited"}},
    {"torque_limit_full: 2.5", "torque_limit_full: 0.5", {"drive.torque_limit_full: 0.5 is out of range"}},
    {"identity_value: 0xB1D1\n", "", {"terms.identity: only one of identity_value and terms.identity"}},
    {"  identity: {printed: 0x0115, wire: 0x0115, type: u16}\n",
     "",
     {"profile.yaml:15:17: identity_value: only one of identity_value and terms.identity"}},
    /* function and sections */
    {"function: 23", "function: 3", {"write: function and write block disagree"}},
    {"function: 23",
     "function: 16",
     {"function: 16 is not one of the words, expected Modbus function of the cyclic "
      "request: 23 reads and writes, 3 and 4 only read (3, 4 or 23)"}},
    {"kind: drive",
     "kind: inverter",
     {"profile.yaml:4:7: kind: inverter is not one of the words, expected kind of device "
      "(drive, load_cell, encoder, safety_io or motion_sensor)"}},
    {"drive:\n  state_machine: cia402\n",
     "load_cell: {error_mask: 1}\ndrive:\n  state_machine: cia402\n",
     {"load_cell: not for a drive, expected it to be left out"}},
    {"simulated: true",
     "simulated: false",
     {"profile.yaml:10:13: confidence: simulated and confidence disagree",
      "notice: missing, expected for a real device what the installer must verify"}},
    {"confidence: simulator",
     "confidence: field",
     {"profile.yaml:10:13: confidence: simulated and confidence disagree"}},
    /* command words: a wrong one moves a winch or lets it go */
    {"idle: 0x0006",
     "idle: 0x000F",
     {"drive.commands.idle: 0x000F is not this CiA 402 command, expected 0x0006 in the bits "
      "0x0087"}},
    {"switch_on: 0x0007", "switch_on: 0x000F", {"drive.commands.switch_on: 0x000F is not this CiA 402 command"}},
    {"run: 0x000F", "run: 0x0007", {"drive.commands.run: 0x0007 is not this CiA 402 command"}},
    {"quick_stop: 0x0002", "quick_stop: 0x000F", {"drive.commands.quick_stop: 0x000F is not this CiA 402 command"}},
    {"coast: 0x0000", "coast: 0x0002", {"drive.commands.coast: 0x0002 is not this CiA 402 command"}},
    {"fault_reset: 0x0080", "fault_reset: 0x0040", {"drive.commands.fault_reset: 0x0040 is not this CiA 402 command"}},
    {"run: 0x000F", "run: 0x008F", {"drive.commands.run: 0x008F is not this CiA 402 command"}},
    {"    coast: 0x0000\n", "", {"drive.commands.coast: missing, expected command word: torque off at once"}},
    {"holds_zero_speed_with_torque: true",
     "holds_zero_speed_with_torque: on",
     {"drive.holds_zero_speed_with_torque: on is not true or false"}},
    {"  leaves_quick_stop: true\n", "", {"drive.leaves_quick_stop: missing, expected whether the run word"}},
    /* settings read back */
    {"    min: 6\n    max: 7\n", "    min: 7\n    max: 6\n", {"checks[2]: min 7 is above max 6, expected min <= max"}},
    {"    min: 1\n    max: 50\n", "    min: 1\n    max: 0x10032\n", {"checks[1].max: 0x10032 is out of range"}},
    {"    mask: 0xFFFF\n    min: 6",
     "    mask: 0x0003\n    min: 6",
     {"checks[2]: min or max has bits outside the mask"}},
    {"    comm_loss_ms_per_count: 10\n",
     "",
     {"checks: 0 checks with comm_loss_ms_per_count, expected 1 for a drive: the communication watchdog of what "
      "moves"}},
    {"    hold_ms_per_count: 10\n",
     "    comm_loss_ms_per_count: 10\n",
     {"checks: 2 checks with comm_loss_ms_per_count, expected 1 for a drive"}},
    {"    comm_loss_ms_per_count: 10\n",
     "    comm_loss_ms_per_count: 10\n    hold_ms_per_count: 10\n",
     {"checks[1]: both comm_loss_ms_per_count and hold_ms_per_count", "checks: 2 checks with hold_ms_per_count"}},
    {"  own_brake: none\n", "", {"drive.own_brake: missing, expected brake logic in the drive itself"}},
    {"own_brake: none", "own_brake: on", {"drive.own_brake: on is not one of the words"}},
    {"own_brake: none",
     "own_brake: switched_off",
     {"checks: 0 checks with own_brake, expected 1: one for a drive whose own brake logic is switched off"}},
    {"    min: 6\n    max: 7\n",
     "    min: 6\n    max: 7\n    own_brake: switched_off\n",
     {"checks: 1 checks with own_brake, expected 0"}},
    {"    min: 6\n    max: 7\n",
     "    min: 6\n    max: 7\n    own_brake: none\n",
     {"checks[2].own_brake: none is not one of the words", "checks: 1 checks with own_brake, expected 0"}},
    {"    min: 1\n    max: 50\n",
     "    min: 0\n    max: 50\n",
     {"checks[1]: a time with mask 0xFFFF and min 0, expected mask 0xFFFF and at least 1, because 0 is off"}},
    {"    mask: 0xFFFF\n    min: 6", "    mask: 0\n    min: 6", {"checks[2].mask: 0 is out of range"}},
};

static const struct bad_row load_cell_rows[] = {
    {"  sign_mask: 0x0080 # gross weight negative\n",
     "",
     {"load_cell.sign_mask: missing, expected the status bit that means negative, because the weight is unsigned"}},
    {"type: u32", "type: s32", {"load_cell.sign_mask: the weight has its own sign"}},
    {"error_mask: 0x0001", "error_mask: 0", {"load_cell.error_mask: 0 is out of range"}},
    {"count: 5}", "count: 2}", {"terms.weight.wire: register 7 is outside the read block, expected 6 to 6"}},
    {"  status: {printed: 6, wire: 6, type: u16}\n", "", {"terms.status: missing, expected this term for a load_cell"}},
    {"load_cell:\n",
     "drive:\n",
     {"load_cell: missing", "drive: not for a load_cell", "drive.sign_mask: unknown key",
      "drive.error_mask: unknown key", "drive.state_machine: missing", "drive.holds_zero_speed_with_torque: missing",
      "drive.leaves_quick_stop: missing",
      "drive.own_brake: missing", "drive.commands: missing"}},
    {"word_order: high_word_first",
     "word_order: ABCD",
     {"word_order: ABCD is not one of the words, expected order of the "
      "two registers of a 32-bit value (high_word_first or "
      "low_word_first)"}},
    {"read: {printed: 6, wire: 6",
     "read: {printed: 7, wire: 6",
     {"read.wire: wire address 6 does not fit printed register "
      "7, expected 7 - manual_base 0 = 7"}},
};

static const struct bad_row safety_io_rows[] = {
    {"b_closed: 0x0002",
     "b_closed: 0x0001",
     {"safety_io.stations[0].b_closed: the same bit as safety_io.stations[0].a_closed, expected one of its own"}},
    {"a_closed: 0x0040",
     "a_closed: 0x0060",
     {"safety_io.stations[2].a_closed: 0x0060 has several bits, expected exactly one",
      "safety_io.stations[2].a_closed: the same bit as safety_io.stations[1].b_closed, expected one of its own"}},
    {"b_closed: 0x0020", "b_closed: 0", {"safety_io.stations[1].b_closed: 0 is out of range"}},
    {"{a_closed: 0x0010, b_closed: 0x0020}", "{a_closed: 0x0010}", {"safety_io.stations[1].b_closed: missing"}},
    {"sto_inactive: 0x0008",
     "sto_inactive: 0x4008",
     {"safety_io.sto_inactive: 0x4008 has several bits, expected exactly one",
      "safety_io.contacts[5].closed: the same bit as safety_io.sto_inactive"}},
    {"release: 0x0001", "release: 0x0030", {"safety_io.brakes[0].release: 0x0030 has several bits"}},
    {"release: 0x0002",
     "release: 0x0001",
     {"safety_io.brakes[1].release: the same bit as safety_io.brakes[0].release"}},
    {"open_feedback: 0x0100", "open_feedback: 0x0008", {"the same bit as safety_io.brakes[1].open_feedback"}},
    {"pulse: 0x0004", "pulse: 0x0002", {"safety_io.pulse: the same bit as safety_io.brakes[1].release"}},
    {"closed: 0x0400}",
     "closed: 0x0080}",
     {"safety_io.contacts[1].closed: the same bit as safety_io.stations[2].b_closed, expected one of its own"}},
    {"closed: 0x0800}",
     "closed: 0x1800}",
     {"safety_io.contacts[2].closed: 0x1800 has several bits, expected exactly one",
      "safety_io.contacts[3].closed: the same bit as safety_io.contacts[2].closed, expected one of its own"}},
    {"    - {closed: 0x4000}\n", "    - {}\n", {"safety_io.contacts[5].closed: missing"}},
    {"  contacts:\n", "  contact:\n", {"safety_io.contact: unknown key, did you mean contacts?",
                                       "safety_io.contacts: missing"}},
    {"  heartbeat: {printed: 0x0801, wire: 0x0801, type: u16}\n",
     "",
     {"terms.heartbeat: missing, expected this term for a safety_io", "write: register 2049 has no term"}},
    {"  heartbeat_echo: {printed: 0x0001, wire: 0x0001, type: u16}\n",
     "",
     {"terms.heartbeat_echo: missing, expected this term for a safety_io: a block whose program hangs would go on "
      "showing a closed E-stop chain"}},
    {"safety_io:\n  stations:\n",
     "safety_io:\n  station:\n",
     {"safety_io.station: unknown key, did you mean stations?", "safety_io.stations: missing"}},
};

static char folder[] = "/tmp/belay-badinput-XXXXXX";
static char path[64];
static struct profile profile;
static struct yaml_errors errors;

static void set_up(void) {
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/profile.yaml", folder);
}

static void tear_down(void) {
    unlink(path);
    rmdir(folder);
}

TestSuite(badinput_profile, .init = set_up, .fini = tear_down);

static void run_rows(const char *good_path, const struct bad_row *rows, size_t count) {
    char *good = NULL;
    size_t length = 0;
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(good_path, &good, &length, &errors), 0);
    cr_assert_eq(profile_load(good_path, &profile, &errors), 0, "%s", errors.text[0]);
    for (size_t i = 0; i < count; i++) {
        char *const text = bad_text(good, &rows[i]);
        bad_write(path, text);
        memset(&errors, 0, sizeof errors);
        cr_expect_eq(profile_load(path, &profile, &errors), -EINVAL, "%s -> %s was taken", rows[i].find,
                     rows[i].replace);
        bad_expect(&errors, &rows[i]);
        free(text);
    }
    free(good);
}

Test(badinput_profile, drive) {
    run_rows(PROFILES "sim-drive.yaml", drive_rows, sizeof drive_rows / sizeof drive_rows[0]);
}

/* A limit that the register can't say would be cut short in each word. */
Test(badinput_profile, a_full_torque_limit_that_the_register_can_not_say) {
    static const struct bad_row fine = {.find = "wire: 0x0104, type: u16, scale: 0.001",
                                        .replace = "wire: 0x0104, type: s16, scale: 0.0001"};
    static const struct bad_row row = {"torque_limit_full: 2.5", "torque_limit_full: 3.5",
                                       {"drive.torque_limit_full: 3.5 is more than the term generating_torque_limit "
                                        "can say, expected at most 3.2767"}};
    char *good = NULL;
    size_t length = 0;
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(PROFILES "sim-drive.yaml", &good, &length, &errors), 0);
    char *const finer = bad_text(good, &fine), *const bad = bad_text(finer, &row);
    bad_write(path, finer);
    cr_expect_eq(profile_load(path, &profile, &errors), 0, "%s", errors.text[0]);
    bad_write(path, bad);
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(profile_load(path, &profile, &errors), -EINVAL);
    bad_expect(&errors, &row);
    free(bad);
    free(finer);
    free(good);
}

Test(badinput_profile, load_cell) {
    run_rows(PROFILES "sim-load-cell.yaml", load_cell_rows, sizeof load_cell_rows / sizeof load_cell_rows[0]);
}

Test(badinput_profile, safety_io) {
    run_rows(PROFILES "sim-safety-io.yaml", safety_io_rows, sizeof safety_io_rows / sizeof safety_io_rows[0]);
}

Test(badinput_profile, a_file_that_is_not_there) {
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(profile_load("/nonexistent.yaml", &profile, &errors), -ENOENT);
    cr_expect_eq(errors.count, 1);
}

/* An Altivar register that is off by one against its manual, the most common mistake of all. */
Test(badinput_profile, off_by_one_in_a_real_profile) {
    static const struct bad_row rows[] = {
        {"control: {printed: 8601, wire: 8601",
         "control: {printed: 8602, wire: 8601",
         {"terms.control.wire: wire address 8601 does not fit printed register 8602, expected 8602 - manual_base 0 = "
          "8602"}},
        {"manual_base: 0",
         "manual_base: 1",
         {"read.wire: wire address 8603", "write.wire: wire address 8601", "terms.status.wire",
          "terms.actual_speed.wire", "terms.fault_code.wire", "terms.control.wire", "terms.setpoint_speed.wire",
          "checks[0].wire", "checks[1].wire", "checks[2].wire"}},
    };
    run_rows(PROFILES "altivar-rpm.yaml", rows, sizeof rows / sizeof rows[0]);
}
