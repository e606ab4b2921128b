/* Loads a device profile: what the schema can't say about registers and words is checked here. */
#include "controller/rig/profile.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "controller/rig/profile_schema.h"

#define PATH_MAX_BYTES 96

struct loader {
    const struct yaml_doc *doc;
    const struct raw_profile *raw;
    struct yaml_errors *errors;
};

#define KIND(kind) (1u << (kind))
#define ANY_KIND (KIND(DEVICE_KIND_COUNT) - 1u)
#define TYPE(type) (1u << (type))
#define SIGNED (TYPE(TYPE_S16) | TYPE(TYPE_S32))
#define WORD (TYPE(TYPE_U16) | TYPE(TYPE_S16))
#define ANY_TYPE (SIGNED | TYPE(TYPE_U16) | TYPE(TYPE_U32))

/* Which terms a kind of device must and may have, and how they may be coded. */
static const struct term_rule {
    unsigned allowed, required; /* KIND() */
    unsigned types; /* TYPE() */
    bool scaled; /* a quantity with a scale; all others are counts, bits or codes */
    const char *why; /* it is required, behind a colon; "" where the name says it */
} term_rules[TERM_COUNT] = {
    [TERM_STATUS] = {KIND(DEVICE_DRIVE) | KIND(DEVICE_LOAD_CELL), KIND(DEVICE_DRIVE) | KIND(DEVICE_LOAD_CELL),
                     TYPE(TYPE_U16), false, ""},
    [TERM_ACTUAL_SPEED] = {KIND(DEVICE_DRIVE), KIND(DEVICE_DRIVE), SIGNED, true, ""},
    [TERM_TORQUE] = {KIND(DEVICE_DRIVE), 0, SIGNED, true, ""},
    [TERM_FAULT_CODE] = {KIND(DEVICE_DRIVE), KIND(DEVICE_DRIVE), TYPE(TYPE_U16), false, ""},
    [TERM_SEQUENCE_ECHO] = {ANY_KIND, 0, TYPE(TYPE_U16), false, ""},
    [TERM_IDENTITY] = {ANY_KIND, 0, TYPE(TYPE_U16), false, ""},
    [TERM_WEIGHT] = {KIND(DEVICE_LOAD_CELL), KIND(DEVICE_LOAD_CELL), ANY_TYPE, true, ""},
    [TERM_POSITION] = {KIND(DEVICE_ENCODER), KIND(DEVICE_ENCODER), TYPE(TYPE_U32) | TYPE(TYPE_S32), false, ""},
    [TERM_PLACE] = {KIND(DEVICE_MOTION_SENSOR), KIND(DEVICE_MOTION_SENSOR), SIGNED, true, ""},
    [TERM_INPUTS] = {KIND(DEVICE_SAFETY_IO), KIND(DEVICE_SAFETY_IO), TYPE(TYPE_U16), false, ""},
    [TERM_HEARTBEAT_ECHO] = {KIND(DEVICE_SAFETY_IO), KIND(DEVICE_SAFETY_IO), TYPE(TYPE_U16), false,
                             ": a block whose program hangs would go on showing a closed E-stop chain"},
    [TERM_CONTROL] = {KIND(DEVICE_DRIVE), KIND(DEVICE_DRIVE), TYPE(TYPE_U16), false, ""},
    [TERM_SETPOINT_SPEED] = {KIND(DEVICE_DRIVE), KIND(DEVICE_DRIVE), TYPE(TYPE_S16), true, ""},
    [TERM_MOTORING_LIMIT] = {KIND(DEVICE_DRIVE), 0, WORD, true, ""},
    [TERM_GENERATING_LIMIT] = {KIND(DEVICE_DRIVE), 0, WORD, true, ""},
    [TERM_SEQUENCE] = {ANY_KIND, 0, TYPE(TYPE_U16), false, ""},
    [TERM_OUTPUTS] = {KIND(DEVICE_SAFETY_IO), KIND(DEVICE_SAFETY_IO), TYPE(TYPE_U16), false, ""},
    [TERM_HEARTBEAT] = {KIND(DEVICE_SAFETY_IO), KIND(DEVICE_SAFETY_IO), TYPE(TYPE_U16), false, ""},
};

/* CiA 402 (IEC 61800-7-201) controlword: which bits each command needs. Bit 7 must not stand in a cyclic command,
 * because its edge would reset faults. */
static const struct command_rule {
    const char *path;
    size_t offset; /* in struct raw_commands */
    int32_t mask, bits;
} command_rules[] = {
    {"drive.commands.idle", offsetof(struct raw_commands, idle), 0x87, 0x06},
    {"drive.commands.switch_on", offsetof(struct raw_commands, switch_on), 0x8F, 0x07},
    {"drive.commands.run", offsetof(struct raw_commands, run), 0x8F, 0x0F},
    {"drive.commands.quick_stop", offsetof(struct raw_commands, quick_stop), 0x86, 0x02},
    {"drive.commands.coast", offsetof(struct raw_commands, coast), 0x82, 0x00},
    {"drive.commands.fault_reset", offsetof(struct raw_commands, fault_reset), 0x80, 0x80},
};

static bool has(const struct loader *loader, const char *path) {
    return yaml_find_valid(loader->doc, path);
}

/* True when the value of `key` inside `path` was taken. */
static bool has_in(const struct loader *loader, const char *path, const char *key) {
    char full[2 * PATH_MAX_BYTES];
    snprintf(full, sizeof full, "%s.%s", path, key);
    return has(loader, full);
}

static int term_words(const struct raw_term *term) {
    return term->type == TYPE_U32 || term->type == TYPE_S32 ? 2 : 1;
}

/* ---- addresses ---- */

static void check_register(const struct loader *loader, const char *path, int32_t printed, int32_t wire) {
    if (!has(loader, "manual_base") || !has_in(loader, path, "printed") || !has_in(loader, path, "wire"))
        return;
    const int32_t base = profile_manual_base(loader->raw->manual_base);
    if (printed - base == wire)
        return;
    char full[PATH_MAX_BYTES];
    snprintf(full, sizeof full, "%s.wire", path);
    yaml_error_at(loader->errors, loader->doc, full,
                  "wire address %d does not fit printed register %d, expected %d - manual_base %d = %d", wire, printed,
                  printed, base, printed - base);
}

static void check_block(const struct loader *loader, const char *path, const struct raw_block *block) {
    check_register(loader, path, block->printed, block->wire);
    if (has_in(loader, path, "wire") && has_in(loader, path, "count") && block->wire + block->count > 65536)
        yaml_error_at(loader->errors, loader->doc, path, "the block ends at %d, expected its end within 65535",
                      block->wire + block->count - 1);
}

static bool block_known(const struct loader *loader, const char *path) {
    return has_in(loader, path, "wire") && has_in(loader, path, "count");
}

/* Marks the words of each term in `user`, the terms of a block by word; reports terms outside and terms that overlap.
 * Returns false when the term's place is not known. */
static bool check_term_place(const struct loader *loader, int id, const char *path, const struct raw_block *block,
                             const char *block_name, int user[static PROFILE_WORDS_MAX]) {
    const struct raw_term *const term = &loader->raw->terms[id];
    if (!has_in(loader, path, "wire") || !has_in(loader, path, "type") || !block_known(loader, block_name))
        return false;
    const int32_t first = term->wire - block->wire;
    const int32_t last = first + term_words(term) - 1;
    char full[PATH_MAX_BYTES];
    snprintf(full, sizeof full, "%s.wire", path);
    if (first < 0 || last >= block->count) {
        yaml_error_at(loader->errors, loader->doc, full, "register %d is outside the %s block, expected %d to %d",
                      term->wire, block_name, block->wire, block->wire + block->count - term_words(term));
        return true;
    }
    for (int32_t word = first; word <= last; word++) {
        if (user[word] >= 0)
            yaml_error_at(loader->errors, loader->doc, full,
                          "register %d is the term %s already, expected one of its own", block->wire + word,
                          profile_term_name((enum profile_term_id)user[word]));
        user[word] = id;
    }
    return true;
}

/* ---- terms ---- */

static void check_term_meaning(const struct loader *loader, int id, const char *path) {
    const struct raw_term *const term = &loader->raw->terms[id];
    const struct term_rule *const rule = &term_rules[id];
    const enum device_kind kind = (enum device_kind)loader->raw->kind;
    if (has(loader, "kind") && (rule->allowed & KIND(kind)) == 0)
        yaml_error_at(loader->errors, loader->doc, path, "a %s has no such term, expected it to be left out",
                      profile_kind_name(kind));
    if (has_in(loader, path, "type") && (rule->types & TYPE(term->type)) == 0)
        yaml_error_at(loader->errors, loader->doc, path, "a type that this term can't have, expected %s",
                      rule->types == SIGNED           ? "s16 or s32"
                      : rule->types == WORD           ? "u16 or s16"
                      : rule->types == TYPE(TYPE_S16) ? "s16"
                      : rule->types == TYPE(TYPE_U16) ? "u16"
                                                      : "u32 or s32");
    if (rule->scaled && !term->has_scale)
        yaml_error_at(loader->errors, loader->doc, path, "scale is missing, expected the value of one count");
    if (!rule->scaled && term->has_scale)
        yaml_error_at(loader->errors, loader->doc, path, "this term has no scale, expected it to be left out");
}

static void check_terms(const struct loader *loader) {
    int reader[PROFILE_WORDS_MAX], writer[PROFILE_WORDS_MAX];
    for (int word = 0; word < PROFILE_WORDS_MAX; word++)
        reader[word] = writer[word] = -1;
    bool all_placed = block_known(loader, "write");
    for (int id = 0; id < TERM_COUNT; id++) {
        const struct raw_term *const term = &loader->raw->terms[id];
        const bool is_write = id >= TERM_FIRST_WRITE;
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "terms.%s", profile_term_name((enum profile_term_id)id));
        if (!term->present) {
            if (has(loader, "kind") && has(loader, "terms") && (term_rules[id].required & KIND(loader->raw->kind)) != 0)
                yaml_error_at(loader->errors, loader->doc, path, "missing, expected this term for a %s%s",
                              profile_kind_name((enum device_kind)loader->raw->kind), term_rules[id].why);
            continue;
        }
        check_register(loader, path, term->printed, term->wire);
        check_term_meaning(loader, id, path);
        if (!is_write)
            check_term_place(loader, id, path, &loader->raw->read, "read", reader);
        else if (loader->raw->write.present)
            all_placed = check_term_place(loader, id, path, &loader->raw->write, "write", writer) && all_placed;
        else
            yaml_error_at(loader->errors, loader->doc, path, "no write block, expected a `write` block for this term");
    }
    for (int word = 0; all_placed && word < loader->raw->write.count; word++) {
        if (writer[word] < 0)
            yaml_error_at(loader->errors, loader->doc, "write",
                          "register %d has no term and would be written with 0, expected a term for every register",
                          loader->raw->write.wire + word);
    }
}

static void check_full_fits(const struct loader *loader, int id) {
    const struct raw_term *const term = &loader->raw->terms[id];
    const double most = (term->type == TYPE_S16 ? INT16_MAX : UINT16_MAX) * term->scale;
    if (!term->present || !term->has_scale || loader->raw->drive.torque_limit_full <= most)
        return;
    yaml_error_at(loader->errors, loader->doc, "drive.torque_limit_full",
                  "%g is more than the term %s can say, expected at most %g", loader->raw->drive.torque_limit_full,
                  profile_term_name((enum profile_term_id)id), most);
}

/* One limit alone bounds the torque of one direction of turning; and every word that is sent writes both in full, but
 * for a few. */
static void check_torque_limits(const struct loader *loader) {
    const struct raw_profile *const raw = loader->raw;
    const struct raw_term *const motoring = &raw->terms[TERM_MOTORING_LIMIT];
    const struct raw_term *const generating = &raw->terms[TERM_GENERATING_LIMIT];
    if (motoring->present != generating->present)
        yaml_error_at(loader->errors, loader->doc, "terms",
                      "only one of motoring_torque_limit and generating_torque_limit, expected both or none");
    if (!raw->drive.present || (motoring->present && generating->present) == raw->drive.has_torque_limit_full) {
        for (int id = TERM_MOTORING_LIMIT; id <= TERM_GENERATING_LIMIT; id++)
            check_full_fits(loader, id);
        return;
    }
    yaml_error_at(loader->errors, loader->doc, "drive.torque_limit_full",
                  raw->drive.has_torque_limit_full
                      ? "given without both torque limit terms, expected it to be left out"
                      : "missing, expected what both torque limits read unless torque is to be limited");
}

static void check_companions(const struct loader *loader) {
    check_torque_limits(loader);
    const struct raw_profile *const raw = loader->raw;
    if (raw->terms[TERM_SEQUENCE].present != raw->terms[TERM_SEQUENCE_ECHO].present)
        yaml_error_at(loader->errors, loader->doc, "terms",
                      "only one of sequence and sequence_echo, expected both or none");
    if (raw->terms[TERM_IDENTITY].present != raw->has_identity_value)
        yaml_error_at(loader->errors, loader->doc, raw->has_identity_value ? "identity_value" : "terms.identity",
                      "only one of identity_value and terms.identity, expected both or none");
    if (has(loader, "function") && (raw->function == FUNCTION_23) != raw->write.present)
        yaml_error_at(loader->errors, loader->doc, raw->write.present ? "write" : "function",
                      "function and write block disagree, expected a write block with function 23 and with no other");
    const bool is_simulator = raw->confidence == CONFIDENCE_SIMULATOR;
    if (has(loader, "simulated") && has(loader, "confidence") && raw->simulated != is_simulator)
        yaml_error_at(
            loader->errors, loader->doc, "confidence",
            "simulated and confidence disagree, expected `simulator` for a simulated device and for no other");
    if (has(loader, "simulated") && !raw->simulated && !raw->has_notice)
        yaml_error_at(loader->errors, loader->doc, "notice",
                      "missing, expected for a real device what the installer must verify before use");
}

/* ---- sections of one kind ---- */

static void check_sections(const struct loader *loader) {
    const struct {
        enum device_kind kind;
        const char *name;
        bool present;
    } sections[] = {{DEVICE_DRIVE, "drive", loader->raw->drive.present},
                    {DEVICE_LOAD_CELL, "load_cell", loader->raw->load_cell.present},
                    {DEVICE_SAFETY_IO, "safety_io", loader->raw->safety_io.present}};
    if (!has(loader, "kind"))
        return;
    for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
        const bool wanted = loader->raw->kind == (int)sections[i].kind;
        if (wanted && !sections[i].present)
            yaml_error_at(loader->errors, loader->doc, sections[i].name, "missing, expected this section for a %s",
                          profile_kind_name(sections[i].kind));
        if (!wanted && sections[i].present)
            yaml_error_at(loader->errors, loader->doc, sections[i].name, "not for a %s, expected it to be left out",
                          profile_kind_name((enum device_kind)loader->raw->kind));
    }
}

static void check_commands(const struct loader *loader) {
    const struct raw_commands *const commands = &loader->raw->drive.commands;
    for (size_t i = 0; i < sizeof command_rules / sizeof command_rules[0]; i++) {
        const struct command_rule *const rule = &command_rules[i];
        int32_t word = 0;
        memcpy(&word, (const char *)commands + rule->offset, sizeof word);
        if (has(loader, rule->path) && (word & rule->mask) != rule->bits)
            yaml_error_at(loader->errors, loader->doc, rule->path,
                          "0x%04X is not this CiA 402 command, expected 0x%04X in the bits 0x%04X", (unsigned)word,
                          (unsigned)rule->bits, (unsigned)rule->mask);
    }
}

static void check_weight(const struct loader *loader) {
    const struct raw_term *const weight = &loader->raw->terms[TERM_WEIGHT];
    if (!has(loader, "load_cell") || !has(loader, "terms.weight.type"))
        return;
    const bool is_unsigned = weight->type == TYPE_U16 || weight->type == TYPE_U32;
    if (is_unsigned && !loader->raw->load_cell.has_sign_mask)
        yaml_error_at(loader->errors, loader->doc, "load_cell.sign_mask",
                      "missing, expected the status bit that means negative, because the weight is unsigned");
    if (!is_unsigned && loader->raw->load_cell.has_sign_mask)
        yaml_error_at(loader->errors, loader->doc, "load_cell.sign_mask",
                      "the weight has its own sign, expected sign_mask to be left out");
}

#define IO_INPUTS_MAX (2 * PROFILE_STATIONS_MAX + PROFILE_BRAKES_MAX + 1 + PROFILE_CONTACTS_MAX)
#define IO_OUTPUTS_MAX (PROFILE_BRAKES_MAX + 1)

struct io_bit {
    char path[48];
    int32_t bit;
};

/* The bits of the inputs term, in the order of the file's schema. */
static int io_inputs(const struct raw_safety_io *io, struct io_bit inputs[static IO_INPUTS_MAX]) {
    int count = 0;
    for (int i = 0; i < io->stations_count; i++) {
        struct io_bit *const a = &inputs[count++], *const b = &inputs[count++];
        snprintf(a->path, sizeof a->path, "safety_io.stations[%d].a_closed", i);
        snprintf(b->path, sizeof b->path, "safety_io.stations[%d].b_closed", i);
        a->bit = io->stations[i].a_closed;
        b->bit = io->stations[i].b_closed;
    }
    for (int i = 0; i < io->brakes_count; i++) {
        struct io_bit *const open = &inputs[count++];
        snprintf(open->path, sizeof open->path, "safety_io.brakes[%d].open_feedback", i);
        open->bit = io->brakes[i].open_feedback;
    }
    inputs[count++] = (struct io_bit){"safety_io.sto_inactive", io->sto_inactive};
    for (int i = 0; i < io->contacts_count; i++) {
        struct io_bit *const contact = &inputs[count++];
        snprintf(contact->path, sizeof contact->path, "safety_io.contacts[%d].closed", i);
        contact->bit = io->contacts[i].closed;
    }
    return count;
}

static int io_outputs(const struct raw_safety_io *io, struct io_bit outputs[static IO_OUTPUTS_MAX]) {
    int count = 0;
    for (int i = 0; i < io->brakes_count; i++) {
        struct io_bit *const release = &outputs[count++];
        snprintf(release->path, sizeof release->path, "safety_io.brakes[%d].release", i);
        release->bit = io->brakes[i].release;
    }
    if (io->has_pulse)
        outputs[count++] = (struct io_bit){"safety_io.pulse", io->pulse};
    return count;
}

static void check_one_bit(const struct loader *loader, const struct io_bit *bit) {
    if (has(loader, bit->path) && (bit->bit & (bit->bit - 1)) != 0)
        yaml_error_at(loader->errors, loader->doc, bit->path, "0x%04X has several bits, expected exactly one",
                      (unsigned)bit->bit);
}

static void check_own_bits(const struct loader *loader, const struct io_bit *bits, int count) {
    for (int i = 0; i < count; i++) {
        check_one_bit(loader, &bits[i]);
        for (int j = 0; j < i; j++) {
            if (has(loader, bits[i].path) && has(loader, bits[j].path) && (bits[i].bit & bits[j].bit) != 0)
                yaml_error_at(loader->errors, loader->doc, bits[i].path, "the same bit as %s, expected one of its own",
                              bits[j].path);
        }
    }
}

static void check_io_bits(const struct loader *loader) {
    struct io_bit inputs[IO_INPUTS_MAX], outputs[IO_OUTPUTS_MAX];
    check_own_bits(loader, inputs, io_inputs(&loader->raw->safety_io, inputs));
    check_own_bits(loader, outputs, io_outputs(&loader->raw->safety_io, outputs));
}

/* The range of a time: the whole register, and 0 counts switch it off. */
static void check_time(const struct loader *loader, const char *path, const struct raw_check *check) {
    if ((!check->has_comm_loss && !check->has_hold) || !has_in(loader, path, "mask") || !has_in(loader, path, "min"))
        return;
    if (check->mask != 0xFFFF || check->min < 1)
        yaml_error_at(loader->errors, loader->doc, path,
                      "a time with mask 0x%04X and min %d, expected mask 0xFFFF and at least 1, because 0 is off",
                      (unsigned)check->mask, check->min);
    if (check->has_comm_loss && check->has_hold)
        yaml_error_at(loader->errors, loader->doc, path,
                      "both comm_loss_ms_per_count and hold_ms_per_count, expected one of them");
}

/* A device that goes on by itself when the controller is gone must have a watchdog that can be looked at. */
static void check_watchdog(const struct loader *loader) {
    int watchdogs = 0, holds = 0;
    for (int i = 0; i < loader->raw->checks_count; i++) {
        watchdogs += loader->raw->checks[i].has_comm_loss;
        holds += loader->raw->checks[i].has_hold;
    }
    if (!has(loader, "kind") || !has(loader, "checks"))
        return;
    const enum device_kind kind = (enum device_kind)loader->raw->kind;
    const int wanted = kind == DEVICE_DRIVE || kind == DEVICE_SAFETY_IO;
    if (watchdogs != wanted)
        yaml_error_at(loader->errors, loader->doc, "checks",
                      "%d checks with comm_loss_ms_per_count, expected %d for a %s: the communication watchdog of what "
                      "moves, and of nothing else",
                      watchdogs, wanted, profile_kind_name(kind));
    if (holds > (kind == DEVICE_DRIVE))
        yaml_error_at(loader->errors, loader->doc, "checks",
                      "%d checks with hold_ms_per_count, expected at most %d for a %s", holds, kind == DEVICE_DRIVE,
                      profile_kind_name(kind));
}

/* Two that open and close one brake open it at the wrong moment. */
static void check_own_brake(const struct loader *loader) {
    const struct raw_drive *const drive = &loader->raw->drive;
    int found = 0;
    for (int i = 0; i < loader->raw->checks_count; i++)
        found += loader->raw->checks[i].has_own_brake;
    if (!has(loader, "kind") || !has(loader, "checks") || (drive->present && !has_in(loader, "drive", "own_brake")))
        return;
    const int wanted = drive->present && drive->own_brake == OWN_BRAKE_SWITCHED_OFF;
    if (found != wanted)
        yaml_error_at(loader->errors, loader->doc, "checks",
                      "%d checks with own_brake, expected %d: one for a drive whose own brake logic is switched off, "
                      "none for any other device",
                      found, wanted);
}

static void check_checks(const struct loader *loader) {
    check_watchdog(loader);
    check_own_brake(loader);
    for (int i = 0; i < loader->raw->checks_count; i++) {
        const struct raw_check *const check = &loader->raw->checks[i];
        char path[PATH_MAX_BYTES];
        snprintf(path, sizeof path, "checks[%d]", i);
        check_register(loader, path, check->printed, check->wire);
        check_time(loader, path, check);
        if (!has_in(loader, path, "mask") || !has_in(loader, path, "min") || !has_in(loader, path, "max"))
            continue;
        if (check->min > check->max)
            yaml_error_at(loader->errors, loader->doc, path, "min %d is above max %d, expected min <= max", check->min,
                          check->max);
        else if ((check->max & ~check->mask) != 0 || (check->min & ~check->mask) != 0)
            yaml_error_at(loader->errors, loader->doc, path,
                          "min or max has bits outside the mask 0x%04X, expected only bits that are compared",
                          (unsigned)check->mask);
    }
}

/* ---- conversion ---- */

static void build_terms(const struct raw_profile *raw, struct profile *profile) {
    for (int id = 0; id < TERM_COUNT; id++) {
        const struct raw_term *const from = &raw->terms[id];
        const struct raw_block *const block = id < TERM_FIRST_WRITE ? &raw->read : &raw->write;
        if (!from->present)
            continue;
        profile->term[id] = (struct profile_term){
            .present = true,
            .word = (uint16_t)(from->wire - block->wire),
            .type = (enum profile_type)from->type,
            .scale = from->has_scale ? from->scale : 1.0,
        };
    }
}

static void build(const struct raw_profile *raw, struct profile *profile) {
    static const uint8_t functions[] = {[FUNCTION_3] = 3, [FUNCTION_4] = 4, [FUNCTION_23] = 23};
    memcpy(profile->id, raw->profile, sizeof profile->id);
    memcpy(profile->notice, raw->notice, sizeof profile->notice);
    profile->reply_typical_ms = raw->reply_typical_ms;
    profile->kind = (enum device_kind)raw->kind;
    profile->simulated = raw->simulated;
    profile->function = functions[raw->function];
    profile->read_wire = (uint16_t)raw->read.wire;
    profile->read_count = (uint16_t)raw->read.count;
    profile->write_wire = (uint16_t)raw->write.wire;
    profile->write_count = (uint16_t)raw->write.count;
    profile->low_word_first = raw->word_order == LOW_WORD_FIRST;
    profile->identity_value = (uint16_t)raw->identity_value;
    profile->weight_sign_mask = (uint16_t)raw->load_cell.sign_mask;
    profile->weight_error_mask = (uint16_t)raw->load_cell.error_mask;
    profile->holds_zero_speed_with_torque = raw->drive.holds_zero_speed_with_torque;
    profile->leaves_quick_stop = raw->drive.leaves_quick_stop;
    profile->torque_limit_full = raw->drive.torque_limit_full;
    const struct raw_commands *const commands = &raw->drive.commands;
    profile->commands = (struct profile_commands){
        .idle = (uint16_t)commands->idle,
        .switch_on = (uint16_t)commands->switch_on,
        .run = (uint16_t)commands->run,
        .quick_stop = (uint16_t)commands->quick_stop,
        .coast = (uint16_t)commands->coast,
        .fault_reset = (uint16_t)commands->fault_reset,
    };
    profile->io = (struct profile_io_bits){
        .station_count = raw->safety_io.stations_count,
        .brake_count = raw->safety_io.brakes_count,
        .sto_inactive = (uint16_t)raw->safety_io.sto_inactive,
        .pulse = (uint16_t)raw->safety_io.pulse,
        .contact_count = raw->safety_io.contacts_count,
    };
    for (int i = 0; i < raw->safety_io.contacts_count; i++)
        profile->io.contact_closed[i] = (uint16_t)raw->safety_io.contacts[i].closed;
    for (int i = 0; i < raw->safety_io.stations_count; i++)
        profile->io.station[i] = (struct profile_station){(uint16_t)raw->safety_io.stations[i].a_closed,
                                                          (uint16_t)raw->safety_io.stations[i].b_closed};
    for (int i = 0; i < raw->safety_io.brakes_count; i++)
        profile->io.brake[i] = (struct profile_brake){(uint16_t)raw->safety_io.brakes[i].release,
                                                      (uint16_t)raw->safety_io.brakes[i].open_feedback};
    profile->check_count = raw->checks_count;
    for (int i = 0; i < raw->checks_count; i++) {
        const struct raw_check *const from = &raw->checks[i];
        struct profile_check *const to = &profile->check[i];
        *to = (struct profile_check){.wire = (uint16_t)from->wire,
                                     .mask = (uint16_t)from->mask,
                                     .min = (uint16_t)from->min,
                                     .max = (uint16_t)from->max,
                                     .comm_loss_ms_per_count = from->comm_loss_ms_per_count,
                                     .hold_ms_per_count = from->hold_ms_per_count};
        memcpy(to->text, from->text, sizeof to->text);
    }
    build_terms(raw, profile);
}

static void check_all(const struct loader *loader) {
    check_block(loader, "read", &loader->raw->read);
    if (loader->raw->write.present)
        check_block(loader, "write", &loader->raw->write);
    check_terms(loader);
    check_companions(loader);
    check_sections(loader);
    check_commands(loader);
    check_weight(loader);
    check_io_bits(loader);
    check_checks(loader);
}

int profile_load(const char *path, struct profile *profile, struct yaml_errors *errors) {
    assert(path != NULL && profile != NULL && errors != NULL);
    memset(profile, 0, sizeof *profile);
    char *text = NULL;
    size_t length = 0;
    const int status = yaml_read(path, &text, &length, errors);
    if (status != 0)
        return status;
    const int errors_before = errors->count + errors->dropped;
    struct raw_profile raw = {0};
    struct yaml_doc *doc = NULL;
    yaml_load_text(path, text, length, profile_fields(), &raw, &doc, errors);
    if (doc != NULL) {
        const struct loader loader = {.doc = doc, .raw = &raw, .errors = errors};
        check_all(&loader);
    }
    const bool clean = errors->count + errors->dropped == errors_before;
    if (clean) {
        build(&raw, profile);
        hash_hex(text, length, profile->hash);
    }
    yaml_doc_free(doc);
    free(text);
    return clean ? 0 : -EINVAL;
}
