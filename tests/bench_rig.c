/* The in-memory rig and its ideal machine. */
#include "tests/bench_rig.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "controller/safety/monitor.h"
#include "tests/stop_reference.h"

static struct profile_term term(uint16_t word, enum profile_type type, double scale) {
    return (struct profile_term){.present = true, .word = word, .type = type, .scale = scale};
}

static void profiles(struct rig *rig) {
    struct profile *drive = &rig->profile[BENCH_DRIVE];
    *drive = (struct profile){.id = "drive", .kind = DEVICE_DRIVE, .simulated = true, .function = 23, .read_count = 4,
                              .write_count = 2, .holds_zero_speed_with_torque = true, .leaves_quick_stop = true,
                              .commands = {0x06, 0x07, 0x0F, 0x02, 0x00, 0x80}};
    drive->term[TERM_STATUS] = term(0, TYPE_U16, 1);
    drive->term[TERM_ACTUAL_SPEED] = term(1, TYPE_S16, 1);
    drive->term[TERM_FAULT_CODE] = term(2, TYPE_U16, 1);
    drive->term[TERM_CONTROL] = term(0, TYPE_U16, 1);
    drive->term[TERM_SETPOINT_SPEED] = term(1, TYPE_S16, 1);
    struct profile *cell = &rig->profile[BENCH_CELL];
    *cell = (struct profile){.id = "cell", .kind = DEVICE_LOAD_CELL, .simulated = true, .function = 3, .read_count = 3,
                             .weight_sign_mask = 0x80, .weight_error_mask = 0x01};
    cell->term[TERM_STATUS] = term(0, TYPE_U16, 1);
    cell->term[TERM_WEIGHT] = term(1, TYPE_U32, 1);
    struct profile *encoder = &rig->profile[BENCH_ENCODER];
    *encoder =
        (struct profile){.id = "encoder", .kind = DEVICE_ENCODER, .simulated = true, .function = 4, .read_count = 2};
    encoder->term[TERM_POSITION] = term(0, TYPE_U32, 1);
    struct profile *io = &rig->profile[BENCH_IO];
    *io = (struct profile){.id = "io", .kind = DEVICE_SAFETY_IO, .simulated = true, .function = 23, .read_count = 2,
                           .write_count = 2,
                           .io = {2, {{0x01, 0x02}, {0x10, 0x20}}, 2, {{0x01, 0x04}, {0x02, 0x40}}, 0x08, 0x04,
                                  BENCH_CONTACTS, {0x100, 0x200, 0x400, 0x800, 0x1000, 0x2000}}};
    io->term[TERM_INPUTS] = term(0, TYPE_U16, 1);
    io->term[TERM_HEARTBEAT_ECHO] = term(1, TYPE_U16, 1);
    io->term[TERM_OUTPUTS] = term(0, TYPE_U16, 1);
    io->term[TERM_HEARTBEAT] = term(1, TYPE_U16, 1);
}

/* What free-climb's rig file says, but for what the ideal machine does better. */
static void values(struct rig_axis *axis) {
    axis->limits = (struct rig_limits){.position_min_m = 1,
                                       .position_max_m = 26.5,
                                       .payout_speed_max_m_s = 2,
                                       .takein_speed_max_m_s = 2,
                                       .stop_payout_deceleration_m_s2 = 8,
                                       .stop_takein_deceleration_m_s2 = 4.9,
                                       .stop_time_max_ms = 600,
                                       .overspeed_m_s = 2.5,
                                       .following_error_max_m_s = 0.4,
                                       .following_error_ms = 150,
                                       .tension_max_n = 4500,
                                       .setup_speed_m_s = 0.25,
                                       .standstill_speed_m_s = 0.02,
                                       .enable_ms_max = 1000,
                                       .reaction_ms = 70,
                                       .jerk_max_m_s3 = 40};
    axis->ultimate = (struct rig_ultimate){0.2, 28};
    axis->modes = (struct rig_modes){.jog = {true, 0.5, 0.5, 1},
                                     .move = {true, 2, 2, 4},
                                     .recovery = {true, 0.3, 0.1, 0.5},
                                     .follow = {true, 1.3, 1.8, 6},
                                     .catch = {true, 1.3, 1.8, 6}};
    axis->load = (struct rig_load){.rated_mass_kg = 100,
                                   .rated_dynamic_tension_n = 6000,
                                   .overload_percent_up = 110,
                                   .overload_percent_both = 130};
    axis->rope = (struct rig_rope){.ea_n = 20000, .lead_m = 5, .jerk_ms = 40};
    axis->monitors = (struct rig_monitors){.window_ms = 200,
                                           .dead_ms = 10,
                                           .lag_ms = 0,
                                           .following_base_mm = 20,
                                           .following_slack_ms = 80,
                                           .mismatch_base_mm = 20,
                                           .mismatch_slack_ms = 80,
                                           .frozen_mm = 30,
                                           .unintended_mm = 20,
                                           .moved_mm = 20,
                                           .moved_ms = 30,
                                           .tension_low_n = -100,
                                           .tension_high_n = 8000,
                                           .tension_rate_n_s = 600000,
                                           .load_ms = 20};
    axis->person = (struct rig_person){true, 65, 170};
    axis->belay = (struct rig_belay){.present = true,
                                     .person_mass_kg = 80,
                                     .tension_n = 90,
                                     .band_min_n = 30,
                                     .band_max_n = 150,
                                     .weight_on_line_n = 250,
                                     .slack_n = 15,
                                     .slack_max_m = 0.2,
                                     .slack_takein_speed_max_m_s = 0.3,
                                     .catch_deceleration_m_s2 = 8,
                                     .fall_speed_m_s = 1.8,
                                     .lowering_speed_max_m_s = 0.5,
                                     .restart_speed_max_m_s = 0.2,
                                     .drive_lag_ms = 40,
                                     .cell_lag_ms = 20,
                                     .anchor_height_m = 26,
                                     .payout_speed_max_m_s = 1.3,
                                     .takein_speed_max_m_s = 1.8,
                                     .rope_ea_n = 20000,
                                     .rope_lead_m = 5};
}

static void build(struct rig *rig) {
    *rig = (struct rig){.name = "bench", .cycle_ms = 10, .permission_ms = 200, .rehearsal = true,
                        .ladder = {1, {100}},
                        .safety = {.io = BENCH_IO, .estop_discrepancy_ms = 300, .station_count = 1,
                                   .recovery = {600, 30},
                                   .station = {{.name = "desk", .pair = 0, .axes = (1 << RIG_AXES_MAX) - 1}}},
                        .link_count = 1,
                        .device_count = BENCH_DEVICES, .axis_count = 1, .profile_count = BENCH_DEVICES};
    for (int i = 0; i < BENCH_DEVICES; i++)
        rig->device[i] = (struct rig_device){.unit = (uint8_t)(i + 1), .stale_after_ms = 80, .profile = i};
    rig->device[BENCH_DRIVE].comm_loss_ms_max = 150;
    profiles(rig);
    rig->stop_table_count = 1;
    rig->stop_table[0] = (struct rig_stop_table){.name = "reference", .cells = stop_table_reference};
    rig->axis[0] = (struct rig_axis){.name = "climber",
                                     .carries_person = true,
                                     .drive = BENCH_DRIVE,
                                     .load_cell = BENCH_CELL,
                                     .encoder = BENCH_ENCODER,
                                     .drum = {.circumference_m = 1.0,
                                              .gear_ratio = 20,
                                              .motor_sign = 1,
                                              .encoder_steps_per_turn = 8192,
                                              .encoder_sign = 1,
                                              .encoder_absolute = true},
                                     .brake = {.io = BENCH_IO, .unit_count = 2,
                                               .unit = {{"motor-brake", 0}, {"drum-brake", 1}},
                                               .open_ms_max = 300, .close_ms_max = 200,
                                               .deceleration_m_s2 = 25, .hold_ms_max = 30000, .handover_ms = 300,
                                               .handover_mm = 4},
                                     .hardwired = {750, 20, 1000},
                                     .drive_stop = {8}};
    values(&rig->axis[0]);
}

static uint16_t obey(const struct profile *drive, uint16_t status, uint16_t control) {
    if ((control & 0x82) == 0)
        return 0x0240;
    bool torque = (status & 0x6F) == 0x27 || (status & 0x6F) == 0x07;
    if (torque && (control & 0x86) == 0x02) /* quick stop: it stands at once, and holds */
        return 0x0217;
    if ((status & 0x6F) == 0x07) /* left through "disabled", or by transition 16 */
        return drive->leaves_quick_stop && (control & 0x0F) == 0x0F ? 0x0237 : status;
    if (((status & 0x6F) == 0x21 || (status & 0x6F) == 0x23 || (status & 0x6F) == 0x27) && (control & 0x0F) == 0x07)
        return 0x0233;
    if (((status & 0x6F) == 0x23 || (status & 0x6F) == 0x27) && (control & 0x0F) == 0x0F)
        return 0x0237;
    return (control & 0x0F) == 0x06 || (status & 0x6F) != 0x21 ? 0x0231 : status;
}

static void answer(struct bench *bench, int device, const uint16_t *words, int count) {
    if (bench->silent[device])
        return;
    bench->image.frame[device].stamp_us = bench->now_us;
    memcpy(bench->image.frame[device].word, words, sizeof *words * (size_t)count);
}

/* `first` is the first of the winch's devices. */
static bool reads_open(const struct bench *bench, const struct bench_winch *winch, int first, bool released) {
    return (released || winch->brake_stuck_open) && !(first == 0 && bench->brake_reads_closed);
}

static void winch_step(struct bench *bench, struct bench_winch *winch, int first, double drift_m_s) {
    const uint16_t *drive_out = bench->out.image.word[first + BENCH_DRIVE];
    const struct profile *profile = &bench->rig.profile[BENCH_DRIVE];
    uint16_t status = obey(profile, bench->image.frame[first + BENCH_DRIVE].word[0], drive_out[0]);
    bool weak = first == 0 && profile->torque_limit_full > 0 && drive_out[3] < bench->load_torque * 1000;
    bool moves = status == 0x0237 && !winch->drive_stuck && !weak;
    bool holds = (status == 0x0237 || status == 0x0217) && !weak;
    winch->speed_m_s = moves ? (int16_t)drive_out[1] / 1200.0 : holds ? 0 : drift_m_s;
    winch->position_m += winch->speed_m_s * bench->rig.cycle_ms / 1000.0;
    uint16_t drive[4] = {winch->drive_fault_word ? winch->drive_fault_word : status,
                         (uint16_t)(int16_t)lround(winch->speed_m_s * 1200),
                         first == 0 ? bench->drive_fault_code : (uint16_t)0, 0};
    answer(bench, first + BENCH_DRIVE, drive, 4);
    uint32_t weight = (uint32_t)lround(winch->tension_n);
    answer(bench, first + BENCH_CELL, (uint16_t[]){0, (uint16_t)(weight >> 16), (uint16_t)weight}, 3);
    uint32_t steps = (uint32_t)lround(winch->position_m * 8192);
    answer(bench, first + BENCH_ENCODER, (uint16_t[]){(uint16_t)(steps >> 16), (uint16_t)steps}, 2);
    uint16_t outputs = bench->out.image.word[first + BENCH_IO][0];
    bool open = reads_open(bench, winch, first, outputs & 1), other = reads_open(bench, winch, first, outputs & 2);
    open = open && !bench->first_brake_reads_closed;
    other = other || bench->other_brake_reads_open;
    uint16_t inputs = (uint16_t)((bench->estop_a_closed ? 1 : 0) | (bench->estop_b_closed ? 2 : 0) | (open ? 4 : 0) |
                                 (other ? 64 : 0) | 8 | (bench->grid_a_closed ? 16 : 0) |
                                 (bench->grid_b_closed ? 32 : 0));
    inputs |= (uint16_t)(0x3F00 & ~(first == 0 ? bench->open_contacts << 8 : 0));
    uint16_t scan[2] = {inputs, bench->out.image.word[first + BENCH_IO][1]};
    if (bench->io_hangs)
        memcpy(scan, bench->image.frame[first + BENCH_IO].word, sizeof scan);
    answer(bench, first + BENCH_IO, scan, 2);
}

static void machine(struct bench *bench) {
    struct bench_winch winch = {.position_m = bench->position_m,
                                .tension_n = bench->tension_n,
                                .brake_stuck_open = bench->brake_stuck_open,
                                .drive_stuck = bench->drive_stuck,
                                .drive_fault_word = bench->drive_fault_word};
    winch_step(bench, &winch, 0, bench->drift_m_s);
    bench->position_m = winch.position_m;
    bench->speed_m_s = winch.speed_m_s;
    if (bench->rig.axis_count == 2)
        winch_step(bench, &bench->second, BENCH_DEVICES, 0);
}

enum refusal bench_step(struct bench *bench, const struct command *command) {
    bench->now_us += (int64_t)bench->rig.cycle_ms * 1000;
    machine(bench);
    if (bench->inject)
        bench->inject(bench);
    struct command commands[3];
    int count = 0;
    if (bench->press)
        commands[count++] = (struct command){.kind = COMMAND_PERMIT, .session = 1, .press = bench->press,
                                             .expires_us = bench->now_us + 200000};
    if (command) {
        commands[count] = *command;
        bool belayds_own = command->kind == COMMAND_CLEARANCE;
        commands[count].session = belayds_own ? 0 : command->session ? command->session : 1;
        commands[count++].ticket = 7;
    }
    if (bench->other_press)
        commands[count++] = (struct command){.kind = COMMAND_PERMIT, .session = 2, .press = bench->other_press,
                                             .expires_us = bench->now_us + 200000};
    struct cycle_in in = {
        .image = &bench->image, .commands = commands, .command_count = count, .late_us = bench->late_us};
    cycle_step(bench->cycle, &in, bench->now_us, &bench->out);
    bench->late_us = 0;
    for (int i = 0; i < bench->out.reply_count; i++)
        if (bench->out.replies[i].ticket == 7)
            return bench->out.replies[i].refusal;
    assert(!command && "a command with a ticket is answered in its cycle");
    return REFUSED_NOT;
}

enum refusal bench_do(struct bench *bench, enum command_kind kind) {
    return bench_step(bench, &(struct command){.kind = kind, .press = bench->press});
}

void bench_run(struct bench *bench, int cycles) {
    for (int i = 0; i < cycles; i++)
        bench_step(bench, NULL);
}

void bench_run_ms(struct bench *bench, int ms) {
    bench_run(bench, (ms + bench->rig.cycle_ms - 1) / bench->rig.cycle_ms);
}

const struct snapshot_axis *bench_axis(const struct bench *bench) {
    return &bench->out.snapshot.axis[0];
}

void bench_go(struct bench *bench, int cue) {
    enum refusal refusal = bench_do(bench, COMMAND_ARM);
    assert(refusal == REFUSED_NOT || refusal == REFUSED_ALREADY_ARMED);
    bench->press++;
    refusal = bench_step(bench, &(struct command){.kind = COMMAND_STANDBY, .cue = cue});
    assert(refusal == REFUSED_NOT);
    const struct command go = {.kind = COMMAND_GO, .press = bench->press, .cue = cue};
    refusal = bench_step(bench, &go);
    for (int i = 0; i < 30 && refusal == REFUSED_STOP_PENDING; i++)
        refusal = bench_step(bench, &go);
    assert(refusal == REFUSED_NOT);
    const struct snapshot_axis *axis = &bench->out.snapshot.axis[bench->show.cue[cue].axis];
    for (int i = 0; i < 30 && axis->state != STATE_RUNNING; i++)
        bench_step(bench, NULL);
    assert(axis->state == STATE_RUNNING);
}

/* A second winch, wired as the first. */
static void add_winch(struct bench *bench) {
    struct rig *rig = &bench->rig;
    for (int i = 0; i < BENCH_DEVICES; i++) {
        rig->device[BENCH_SECOND(i)] = rig->device[i];
        rig->device[BENCH_SECOND(i)].unit = (uint8_t)(BENCH_SECOND(i) + 1);
    }
    rig->device_count = 2 * BENCH_DEVICES;
    rig->axis_count = 2;
    struct rig_axis *axis = &rig->axis[1];
    *axis = rig->axis[0];
    *axis->name = '\0';
    strncat(axis->name, "second", sizeof axis->name - 1);
    axis->drive = BENCH_SECOND(BENCH_DRIVE);
    axis->load_cell = BENCH_SECOND(BENCH_CELL);
    axis->encoder = BENCH_SECOND(BENCH_ENCODER);
    axis->brake.io = BENCH_SECOND(BENCH_IO);
    axis->belay.present = false;
    bench->show.cue[2] = (struct cue){.id = "3", .name = "Other", .axis = 1, .axes = 2, .group = -1,
                                      .kind = CUE_MOVE, .position_m = 20,
                                      .speed_m_s = 1, .acceleration_m_s2 = 1};
    bench->show.cue_count = 3;
    bench->second = (struct bench_winch){.position_m = 10, .tension_n = 90};
}

/* What the monitors remember at this cycle time: a rig of this cycle would have to say no more. */
static void fit_windows(struct rig_axis *axis, int cycle_ms) {
    const int32_t longest_ms = MONITOR_WINDOW_MAX * cycle_ms;
    if (axis->limits.following_error_ms > longest_ms)
        axis->limits.following_error_ms = longest_ms;
    if (axis->monitors.window_ms > longest_ms)
        axis->monitors.window_ms = longest_ms;
}

void bench_full_speed(struct bench *bench) {
    enum refusal refusal = bench_step(
        bench, &(struct command){.kind = COMMAND_MODE, .operating = OPERATING_WALK_THROUGH, .percent = 100});
    assert(refusal == REFUSED_NOT);
}

void bench_place(struct bench *bench, double position_m, double second_position_m) {
    bench->position_m = position_m;
    bench->second.position_m = second_position_m;
    cycle_init(bench->cycle, &bench->rig);
    bench_run_ms(bench, 250); /* the brakes' closing time is over */
    for (int i = 0; i < bench->rig.axis_count; i++) /* found taut, the line is locked: the person stands and says so */
        bench_step(bench, &(struct command){.kind = COMMAND_UNLOCK, .axis = i});
    bench_step(bench, &(struct command){.kind = COMMAND_SHOW, .show = &bench->show});
    bench_full_speed(bench);
}

void bench_take_limits(struct bench *bench) {
    struct profile *drive = &bench->rig.profile[BENCH_DRIVE];
    drive->write_count = 4;
    drive->torque_limit_full = 2;
    drive->term[TERM_MOTORING_LIMIT] = term(2, TYPE_U16, 0.001);
    drive->term[TERM_GENERATING_LIMIT] = term(3, TYPE_S16, 0.001);
    bench_place(bench, bench->position_m, bench->second.position_m);
}

static struct bench *begin(int cycle_ms, bool pair) {
    struct bench *bench = calloc(1, sizeof *bench);
    assert(bench);
    build(&bench->rig);
    bench->rig.cycle_ms = cycle_ms;
    for (int i = 0; i < bench->rig.axis_count; i++)
        fit_windows(&bench->rig.axis[i], cycle_ms);
    bench->show = (struct show){.name = "bench", .cue_count = 2};
    bench->show.cue[0] = (struct cue){.id = "1", .name = "Belay on", .axes = 1, .group = -1,
                                      .kind = CUE_BELAY, .tension_n = 90};
    bench->show.cue[1] = (struct cue){.id = "2", .name = "Down", .axes = 1, .group = -1, .kind = CUE_MOVE,
                                      .position_m = 12, .speed_m_s = 1,
                                      .acceleration_m_s2 = 1};
    bench->position_m = 10;
    bench->tension_n = 90;
    bench->estop_a_closed = bench->estop_b_closed = bench->grid_a_closed = bench->grid_b_closed = true;
    if (pair)
        add_winch(bench);
    bench->cycle = calloc(1, cycle_size());
    assert(bench->cycle);
    image_out_safe(&bench->rig, &bench->out.image);
    bench->image.link[0] = (struct image_link){.state = LINK_UP, .generation = 1};
    bench_place(bench, bench->position_m, bench->second.position_m);
    return bench;
}

struct bench *bench_new(void) {
    return begin(10, false);
}

struct bench *bench_new_at(int cycle_ms) {
    return begin(cycle_ms, false);
}

struct bench *bench_new_pair(void) {
    return begin(10, true);
}

void bench_free(struct bench *bench) {
    free(bench->cycle);
    free(bench);
}
