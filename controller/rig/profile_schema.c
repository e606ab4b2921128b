/* The schema of profile files. */
#include "controller/rig/profile_schema.h"

#include <assert.h>

#include "controller/base/yaml_fields.h"

#define REGISTER_MAX 65535
#define PRINTED_MAX 465536 /* the last register of the 4xxxxx way of counting */

static const char *const type_words[] = {
    [TYPE_U16] = "u16", [TYPE_S16] = "s16", [TYPE_U32] = "u32", [TYPE_S32] = "s32", NULL};
static const char *const kind_words[] = {[DEVICE_DRIVE] = "drive",
                                         [DEVICE_LOAD_CELL] = "load_cell",
                                         [DEVICE_ENCODER] = "encoder",
                                         [DEVICE_SAFETY_IO] = "safety_io",
                                         [DEVICE_MOTION_SENSOR] = "motion_sensor",
                                         [DEVICE_KIND_COUNT] = NULL};
static const char *const confidence_words[] = {[CONFIDENCE_DOCUMENT] = "document",
                                               [CONFIDENCE_BENCH] = "bench",
                                               [CONFIDENCE_FIELD] = "field",
                                               [CONFIDENCE_SIMULATOR] = "simulator",
                                               NULL};
static const char *const function_words[] = {[FUNCTION_3] = "3", [FUNCTION_4] = "4", [FUNCTION_23] = "23", NULL};
static const char *const word_order_words[] = {
    [HIGH_WORD_FIRST] = "high_word_first", [LOW_WORD_FIRST] = "low_word_first", NULL};
static const char *const machine_words[] = {"cia402", NULL};
static const char *const own_brake_words[] = {
    [OWN_BRAKE_SWITCHED_OFF] = "switched_off", [OWN_BRAKE_NONE] = "none", NULL};
static const char *const off_words[] = {[OWN_BRAKE_SWITCHED_OFF] = "switched_off", NULL};

static const int32_t manual_bases[] = {0, 1, 30001, 40001, 300001, 400001};
static const char *const manual_base_words[] = {"0", "1", "30001", "40001", "300001", "400001", NULL};
static_assert(sizeof manual_base_words / sizeof manual_base_words[0] ==
                  sizeof manual_bases / sizeof manual_bases[0] + 1,
              "one word for each base");

#define PRINTED FIELD_REGISTER(printed, 0, PRINTED_MAX, "register as the manual prints it")
#define WIRE FIELD_REGISTER(wire, 0, REGISTER_MAX, "register as it goes over the wire, counted from 0")
#define SOURCE OPTIONAL_TEXT(source, has_source, "where this register is documented, if not in the profile's source")

#define OWNER raw_block
static const struct yaml_field block_fields[] = {
    PRINTED, WIRE, FIELD_INT(count, 1, PROFILE_WORDS_MAX, "registers in the cyclic request"), FIELD_END};
#undef OWNER

#define OWNER raw_term
static const struct yaml_field term_fields[] = {
    PRINTED,
    WIRE,
    FIELD_ENUM(type, type_words, "type of the value"),
    OPTIONAL_DOUBLE(scale, has_scale, 0.0001, 10000,
                    "value of one count in the term's unit; for speeds, torque, weight and place"),
    SOURCE,
    FIELD_END};
#undef OWNER

#define OWNER raw_check
static const struct yaml_field check_fields[] = {
    PRINTED,
    WIRE,
    FIELD_REGISTER(mask, 1, REGISTER_MAX, "bits that are compared"),
    FIELD_REGISTER(min, 0, REGISTER_MAX, "least value accepted"),
    FIELD_REGISTER(max, 0, REGISTER_MAX, "greatest value accepted"),
    OPTIONAL_INT(comm_loss_ms_per_count, has_comm_loss, 1, 1000,
                 "given for the register of the device's communication watchdog: ms of one count; `max` is then at "
                 "most the rig's comm_loss_ms_max"),
    OPTIONAL_INT(hold_ms_per_count, has_hold, 1, 1000,
                 "given for the register of the time for which a drive holds torque at standstill after its "
                 "watchdog's stop: ms of one count; `min` is then at least the rig's hold_ms_min"),
    OPTIONAL_ENUM(own_brake, has_own_brake, off_words,
                  "given for the register of the drive's own brake logic: the values accepted are those that switch it "
                  "off"),
    FIELD_TEXT(text, "what is wrong then and what to do, for the operator"),
    SOURCE,
    FIELD_END};
#undef OWNER

#define COMMAND(member, text) FIELD_REGISTER(member, 0, REGISTER_MAX, "command word: " text)
#define OWNER raw_commands
static const struct yaml_field command_fields[] = {
    COMMAND(idle, "no torque asked for, leads to \"ready to switch on\""),
    COMMAND(switch_on, "leads to \"switched on\""),
    COMMAND(run, "operation enabled"),
    COMMAND(quick_stop, "the drive ramps down by itself"),
    COMMAND(coast, "torque off at once"),
    COMMAND(fault_reset, "its rising edge resets a drive fault"),
    FIELD_END};
#undef OWNER

#define OWNER raw_drive
static const struct yaml_field drive_fields[] = {
    FIELD_ENUM(state_machine, machine_words, "state machine behind statusword and controlword"),
    FIELD_BOOL(holds_zero_speed_with_torque,
               "whether the drive holds a hanging load at setpoint 0; if not, it carries no person"),
    FIELD_BOOL(leaves_quick_stop,
               "whether the run word leads from quick stop active to operation enabled without a break of torque "
               "(IEC 61800-7-201, transition 16: its quick stop option code keeps that state); if not, nothing is "
               "lowered behind a brake that sticks open once the drive stopped by its own quick stop"),
    FIELD_ENUM(own_brake, own_brake_words,
               "brake logic in the drive itself: it has none, or it is switched off and a check reads that back, for "
               "belayd works the brakes"),
    OPTIONAL_DOUBLE(torque_limit_full, has_torque_limit_full, 1, 10,
                    "what both torque limits read unless torque is to be limited, fraction of rated: no less than the "
                    "drive can give; given if and only if those terms are"),
    FIELD_MAP(commands, command_fields, "exact words for the control term"), FIELD_END};
#undef OWNER

#define OWNER raw_load_cell
static const struct yaml_field load_cell_fields[] = {
    OPTIONAL_REGISTER(sign_mask, has_sign_mask, 1, REGISTER_MAX,
                      "bit of the status term that means negative; given if and only if the weight is unsigned"),
    FIELD_REGISTER(error_mask, 1, REGISTER_MAX, "bits of the status term that make the weight bad"), FIELD_END};
#undef OWNER

#define IO_BIT(member, text) FIELD_REGISTER(member, 1, 0x8000, text)
#define OWNER raw_station
static const struct yaml_field station_fields[] = {
    IO_BIT(a_closed, "bit of the inputs term: channel A is closed"),
    IO_BIT(b_closed, "bit of the inputs term: channel B is closed"),
    FIELD_END};
#undef OWNER

#define OWNER raw_io_brake
static const struct yaml_field io_brake_fields[] = {
    IO_BIT(release, "bit of the outputs term: release this brake"),
    IO_BIT(open_feedback, "bit of the inputs term: this brake is open"),
    FIELD_END};
#undef OWNER

#define OWNER raw_contact
static const struct yaml_field contact_fields[] = {
    IO_BIT(closed, "bit of the inputs term: the contact is closed"), FIELD_END};
#undef OWNER

#define OWNER raw_safety_io
static const struct yaml_field safety_io_fields[] = {
    FIELD_LIST(stations, 0, PROFILE_STATIONS_MAX, station_fields,
               "pairs of inputs for E-stop stations, in the order in which a rig counts them; [] when there are none"),
    FIELD_LIST(brakes, 0, PROFILE_BRAKES_MAX, io_brake_fields,
               "outputs for brakes with their feedback, in the order in which a rig counts them; [] for none"),
    IO_BIT(sto_inactive, "bit of the inputs term: the hardwired chain lets the drive make torque"),
    OPTIONAL_REGISTER(pulse, has_pulse, 1, 0x8000,
                      "bit of the outputs term: the pulse that a safety relay times, where one is wired"),
    FIELD_LIST(contacts, 0, PROFILE_CONTACTS_MAX, contact_fields,
               "single inputs for normally closed limit switches, in the order in which a rig counts them; [] when "
               "there are none"),
    FIELD_END};
#undef OWNER

/* `terms` is an array in the struct and a map in the file. */
#define TERM(id, name, text) \
    [id] = {.key = name, \
            .kind = YAML_KIND_MAP, \
            .optional = true, \
            .offset = sizeof(struct raw_term) * (id), \
            .present_offset = (ptrdiff_t)(sizeof(struct raw_term) * (id) + offsetof(struct raw_term, present)), \
            .fields = term_fields, \
            .doc = text}
static const struct yaml_field terms_fields[] = {
    TERM(TERM_STATUS, "status", "statusword or status bits"),
    TERM(TERM_ACTUAL_SPEED, "actual_speed", "motor speed, rpm"),
    TERM(TERM_TORQUE, "torque", "motor torque, fraction of rated; positive in the direction of positive rpm"),
    TERM(TERM_FAULT_CODE, "fault_code", "the maker's fault code, 0 = none"),
    TERM(TERM_SEQUENCE_ECHO, "sequence_echo", "the sequence number last written"),
    TERM(TERM_IDENTITY, "identity", "a number that only this type of device shows"),
    TERM(TERM_WEIGHT, "weight", "force, N"),
    TERM(TERM_POSITION, "position", "position, steps"),
    TERM(TERM_PLACE, "place", "how far what a motion sensor is fixed to is from its middle, mm"),
    TERM(TERM_INPUTS, "inputs", "input bits"),
    TERM(TERM_HEARTBEAT_ECHO, "heartbeat_echo",
         "the heartbeat as the block's program last took it; required for a safety I/O block"),
    TERM(TERM_CONTROL, "control", "controlword"),
    TERM(TERM_SETPOINT_SPEED, "setpoint_speed", "motor speed wanted, rpm"),
    TERM(TERM_MOTORING_LIMIT, "motoring_torque_limit",
         "most torque in the direction in which the motor turns, and at standstill, fraction of rated"),
    TERM(TERM_GENERATING_LIMIT, "generating_torque_limit",
         "most torque against the direction in which the motor turns, fraction of rated"),
    TERM(TERM_SEQUENCE, "sequence", "a number that the device echoes"),
    TERM(TERM_OUTPUTS, "outputs", "output bits"),
    TERM(TERM_HEARTBEAT, "heartbeat", "a number whose change feeds the device's watchdog"),
    [TERM_COUNT] = FIELD_END};

#define OWNER raw_profile
static const struct yaml_field fields[] = {
    FIELD_INT(format, 1, 1, "version of this file format"),
    FIELD_NAME(profile, "name of the profile, as the file's without .yaml"),
    FIELD_ENUM(kind, kind_words, "kind of device"),
    FIELD_BOOL(simulated, "whether belay-sim and nothing else answers to this profile"),
    FIELD_TEXT(vendor, "maker of the device"),
    FIELD_TEXT(model, "type of the device"),
    FIELD_TEXT(firmware, "firmware versions that this profile was made for"),
    FIELD_TEXT(source, "manual, edition and page, or measurement, that the registers come from"),
    FIELD_ENUM(confidence, confidence_words,
               "how far the registers are proven: read in documents, on the bench, in the field, or belay-sim's own"),
    OPTIONAL_TEXT(notice, has_notice, "what the installer must verify before use; required for a real device"),
    FIELD_ENUM(manual_base, manual_base_words, "number that the manual prints for wire address 0"),
    FIELD_ENUM(word_order, word_order_words, "order of the two registers of a 32-bit value"),
    FIELD_ENUM(function, function_words,
               "Modbus function of the cyclic request: 23 reads and writes, 3 and 4 only read"),
    FIELD_DOUBLE(reply_typical_ms, 0.1, 200, "time from a request to its reply, ms"),
    OPTIONAL_REGISTER(identity_value, has_identity_value, 0, REGISTER_MAX,
                      "value that the identity term must read; given if and only if that term is"),
    FIELD_MAP(read, block_fields, "registers that the cyclic request reads"),
    OPTIONAL_MAP(write, block_fields, "registers that the cyclic request writes; with function 23 only"),
    FIELD_MAP(terms, terms_fields, "what the registers mean"),
    FIELD_LIST(checks, 0, PROFILE_CHECKS_MAX, check_fields,
               "settings read back after each connect, and in turn while it runs; a device that fails one is refused"),
    OPTIONAL_MAP(drive, drive_fields,
                 "what a drive needs beside its registers; required for a drive, for nothing else"),
    OPTIONAL_MAP(load_cell, load_cell_fields,
                 "what a load cell needs beside its registers; required for a load cell, for nothing else"),
    OPTIONAL_MAP(safety_io, safety_io_fields, "what the bits mean; required for a safety I/O block, for nothing else"),
    FIELD_END};
#undef OWNER

const struct yaml_field *profile_fields(void) {
    return fields;
}

const char *profile_kind_name(enum device_kind kind) {
    assert(kind >= 0 && kind < DEVICE_KIND_COUNT);
    return kind_words[kind];
}

const char *profile_term_name(enum profile_term_id id) {
    assert(id >= 0 && id < TERM_COUNT);
    return terms_fields[id].key;
}

int32_t profile_manual_base(int index) {
    assert(index >= 0 && index < (int)(sizeof manual_bases / sizeof manual_bases[0]));
    return manual_bases[index];
}
