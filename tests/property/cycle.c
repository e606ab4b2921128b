/* Random operators, random faults, random readings: what must hold in every cycle, whatever happens. Seeded. */
#include "controller/cycle.h"
#include "controller/drive/cia402.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "tests/bench_rig.h"
#include "tests/property/random.h"

#define RUNS 60 /* or those from BELAY_FIRST_RUN up to BELAY_RUNS, for a longer search or a closer look */
#define CYCLES 3000

static uint64_t seed;

static uint64_t asked(const char *name, uint64_t otherwise) {
    const char *said = getenv(name);
    return said ? strtoull(said, NULL, 10) : otherwise;
}

static uint64_t first_run(void) {
    return asked("BELAY_FIRST_RUN", 0);
}

static uint64_t runs(void) {
    return asked("BELAY_RUNS", RUNS);
}

static uint64_t next(void) {
    return random_next(&seed);
}

static bool chance(double p) {
    return (double)(next() >> 11) * 0x1p-53 < p;
}

static double uniform(double low, double high) {
    return low + (high - low) * (double)(next() >> 11) * 0x1p-53;
}

static struct {
    unsigned long long run;
    int cycle;
} now; /* what is being asked, for who looks for it again */

#define MUST(condition, what) cr_assert((condition), "run %llu, cycle %d: %s", now.run, now.cycle, (what))

static int hanging_cycles; /* of the I/O block, which answers all the while */

static void disturb(struct bench *b) {
    b->io_hangs = b->io_hangs ? !chance(0.05) : chance(0.0005);
    hanging_cycles = b->io_hangs ? hanging_cycles + 1 : 0;
    b->image.link[0].setting_changed = b->image.link[0].setting_changed ? !chance(0.05) : chance(0.0003);
    if (chance(0.002))
        b->estop_a_closed = !b->estop_a_closed;
    if (chance(0.002))
        b->estop_a_closed = b->estop_b_closed = false;
    if (chance(0.01))
        b->estop_a_closed = b->estop_b_closed = true;
    for (int i = 0; i < BENCH_DEVICES; i++)
        b->silent[i] = b->silent[i] ? !chance(0.05) : chance(0.0005);
    b->brake_stuck_open = b->brake_stuck_open ? !chance(0.005) : chance(0.002);
    if (chance(0.0005))
        b->image.link[0].generation++;
    b->drive_fault_word = chance(0.0005) ? 0x0218 : chance(0.05) ? 0 : b->drive_fault_word;
    if (chance(0.01))
        b->tension_n = chance(0.5) ? 90 : chance(0.3) ? uniform(170, 7000) : uniform(0, 170);
    if (chance(0.001)) /* a jump is a fault of its own */
        b->position_m = uniform(0.5, 27);
}

/* ---- torque behind a brake in doubt ---- */

#define CLOSES_CYCLES 20 /* the bench's brakes */

static int closed_cycles; /* told to be closed, before this cycle */
static bool stays_open;   /* read open after its closing time, and not closed since */
static long in_doubt_cycles, quick_stop_cycles, limited_cycles;

static bool slipped; /* a closed brake, since the last unlock */
static bool sticks;  /* a brake that did not close in time, behind a drive that has had torque ever since */

static void forget_machine(void) {
    closed_cycles = CLOSES_CYCLES;
    hanging_cycles = 0;
    stays_open = slipped = sticks = false;
}

/* Of a drive in this state, as it was read; one that can't be understood may be making torque. */
static bool takes_torque(uint16_t status, uint16_t word) {
    bool enabled = (status & 0x6F) == 0x27, quick_stop = (status & 0x6F) == 0x07;
    bool known = (status & 0x08) != 0 || (status & 0x4F) == 0x40 || (status & 0x4F) == 0 ||
                 (status & 0x6F) == 0x21 || (status & 0x6F) == 0x23;
    bool voltage_off = (word & 0x02) == 0;
    bool disables = voltage_off || (word & 0x07) == 0x06 || (word & 0x0F) == 0x07;
    return quick_stop ? voltage_off : enabled || !known ? disables : false;
}

static bool table_may_say_off(const struct bench *b, uint64_t faults) {
    for (int id = 1; id < FAULT_COUNT; id++)
        for (int mode = 0; fault_has(faults, id) && mode < MODE_COUNT; mode++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                if (b->rig.stop_table[0].cells.cell[id][mode][direction].reaction == STOP_OFF)
                    return true;
    return false;
}

static bool brake_in_doubt(const struct snapshot_axis *axis) {
    if (axis->brake_known)
        return axis->brake_open || closed_cycles < CLOSES_CYCLES;
    return stays_open || closed_cycles <= CLOSES_CYCLES;
}

static bool takes_limits(const struct bench *b) {
    return b->rig.profile[BENCH_DRIVE].torque_limit_full > 0;
}

/* What limits the torque is sent by a hand-over alone: behind a brake that reads closed and had its time, at rest, with
 * a word that leaves the torque. Every other word carries the full limits. */
static void check_limits(const struct bench *b) {
    static uint16_t last = BENCH_FULL;
    const uint16_t *words = b->out.image.word[BENCH_DRIVE], status = b->image.frame[BENCH_DRIVE].word[0];
    const uint16_t before = last;
    last = takes_limits(b) ? words[2] : BENCH_FULL;
    if (!takes_limits(b) || (words[2] == BENCH_FULL && words[3] == BENCH_FULL))
        return;
    const struct snapshot_axis *axis = bench_axis(b);
    const enum axis_state state = axis->state;
    const bool at_rest = state == STATE_ARMED || state == STATE_DISARMED || state == STATE_FAULT ||
                         state == STATE_RELEASING;
    limited_cycles++;
    MUST(at_rest && axis->setpoint_m_s == 0, "torque limited in a motion");
    MUST(axis->brake_known && !axis->brake_open && closed_cycles >= CLOSES_CYCLES, "torque limited without the brake");
    MUST(words[2] == words[3] && words[2] <= before && words[2] < BENCH_FULL, "limits that differ, or rise");
    MUST(words[0] == 0x0F || words[0] == 0x02, "limits beside a word that takes the torque");
    MUST(!cia402_is_off(cia402_decode(status)), "limits to a drive that is off");
}

/* Whatever else happens: no word takes the torque behind a brake that reads open, that is not known and may be, or that
 * has not had its closing time, but where the stop table says off. */
static void check_torque(const struct bench *b) {
    const struct snapshot_axis *axis = bench_axis(b);
    uint16_t status = b->image.frame[BENCH_DRIVE].word[0], word = b->out.image.word[BENCH_DRIVE][0];
    stays_open = axis->brake_known ? axis->brake_open && (stays_open || closed_cycles >= CLOSES_CYCLES) : stays_open;
    const bool doubt = brake_in_doubt(axis);
    in_doubt_cycles += doubt;
    quick_stop_cycles += doubt && (status & 0x6F) == 0x07;
    cr_assert(!doubt || !takes_torque(status, word) || table_may_say_off(b, axis->fault_mask),
              "run %llu, cycle %d: word %04X to a drive in %04X, %s, faults %llX, brake %s, told for %d",
              now.run, now.cycle, word, status, state_name(axis->state),
              (unsigned long long)axis->fault_mask, !axis->brake_known ? "?" : axis->brake_open ? "open" : "closed",
              closed_cycles);
    check_limits(b);
    closed_cycles = b->out.image.word[BENCH_IO][0] != 0 ? 0 : closed_cycles < INT32_MAX ? closed_cycles + 1 : INT32_MAX;
}

/* Mostly the fastest that is offered, else any mode and any rung, which may be refused. */
static struct command choose_mode(const struct bench *b) {
    const struct rig_ladder *ladder = &b->rig.ladder;
    const struct snapshot *s = &b->out.snapshot;
    struct command command = {.kind = COMMAND_MODE, .operating = OPERATING_WALK_THROUGH, .percent = s->offer_percent};
    if (s->offer_show.refusal == REFUSED_NOT)
        command.operating = OPERATING_SHOW;
    if (chance(0.3)) {
        command.operating = (enum operating)(next() % OPERATING_COUNT);
        command.percent = chance(0.9) ? ladder->percent[next() % (uint64_t)ladder->rung_count] : 33;
    }
    return command;
}

static struct command operator_does(struct bench *b) {
    static const enum command_kind kinds[] = {COMMAND_ARM, COMMAND_ARM, COMMAND_GO, COMMAND_GO, COMMAND_JOG,
                                              COMMAND_JOG, COMMAND_RESET, COMMAND_RESET, COMMAND_STOP, COMMAND_DISARM,
                                              COMMAND_STANDBY, COMMAND_PERMIT_END, COMMAND_UNLOCK};
    /* Mostly what an operator would do next, else anything. */
    static const enum command_kind sensible[STATE_COUNT] = {[STATE_FAULT] = COMMAND_RESET,
                                                            [STATE_DISARMED] = COMMAND_ARM,
                                                            [STATE_ARMED] = COMMAND_GO,
                                                            [STATE_RUNNING] = COMMAND_STANDBY};
    enum axis_state state = bench_axis(b)->state;
    if (chance(state == STATE_DISARMED ? 0.3 : 0.02))
        return choose_mode(b);
    struct command command = {.kind =
                                  chance(0.85) ? sensible[state] : kinds[next() % (sizeof kinds / sizeof kinds[0])]};
    bool locked = bench_axis(b)->line_locked;
    if (command.kind == COMMAND_GO && locked)
        command.kind = chance(0.3) ? COMMAND_UNLOCK : COMMAND_JOG;
    if (command.kind == COMMAND_GO && chance(0.5))
        command.kind = COMMAND_JOG;
    if (state == STATE_ARMED && !b->out.snapshot.permission_alive) /* nobody presses again while his press lives */
        b->press++;
    command.cue = b->out.snapshot.standby_cue >= 0 && command.kind == COMMAND_GO ? b->out.snapshot.standby_cue
                                                                                : (int)(next() % 2);
    bool lowers = locked && chance(0.8);
    command.speed_m_s = lowers ? uniform(0.01, 0.4) : uniform(-0.6, 0.6);
    if (chance(0.05))
        b->press = 0;
    command.press = b->press;
    command.axes = chance(0.5) ? 1 : 0; /* the one axis by its name, or all */
    return command;
}

/* What was true before the step, to judge the step by. */
struct before {
    double setpoint_m_s;
    enum axis_state state;
    bool chain_closed, line_locked;
    enum operating operating;
    int32_t percent;
    uint64_t fault_mask;
};

static long in_mode[OPERATING_COUNT]; /* cycles of motion */

/* The operating mode changes by its command alone, with nothing armed; and what moves keeps to its speed. The command
 * comes after the judge, who may have come to the end of a stop in this same cycle: the state that it left counts. */
static void check_mode(const struct bench *b, const struct before *before, const struct command *command) {
    const struct snapshot *s = &b->out.snapshot;
    const struct snapshot_axis *axis = bench_axis(b);
    if (s->operating != before->operating || s->percent != before->percent) {
        MUST(command && command->kind == COMMAND_MODE, "a mode that changed by itself");
        MUST(axis->state == STATE_DISARMED || axis->state == STATE_FAULT, "a mode that changed with an axis armed");
    }
    in_mode[s->operating] += axis->setpoint_m_s != 0;
    double share_m_s = s->percent / 100.0 * 2.0;
    double most_m_s = axis->mode == MODE_JOG ? fmax(0.25, share_m_s) : axis->mode == MODE_MOVE ? share_m_s : 2.0;
    MUST(fabs(axis->setpoint_m_s) <= most_m_s + 1e-9, cycle_mode_name(axis->mode));
    MUST(s->operating != OPERATING_SETUP || s->running_cue == -1, "a cue in set-up");
}

/* Also one that a reset cleared in the cycle in which it latched. */
static bool fault_latched(const struct bench *b, enum fault_id fault) {
    for (int i = 0; i < b->out.event_count; i++)
        if (b->out.events[i].kind == EVENT_FAULT && b->out.events[i].to == (int)fault)
            return true;
    return fault_has(b->out.snapshot.fault_mask, (int)fault);
}

static void check(const struct bench *b, const struct before *before, const struct command *command) {
    const struct snapshot_axis *axis = bench_axis(b);
    const struct snapshot *s = &b->out.snapshot;
    const struct rig_axis *rig = &b->rig.axis[0];
    bool chain_open = !b->estop_a_closed || !b->estop_b_closed;
    bool seen_open = (b->image.frame[BENCH_IO].word[0] & 0x03) != 0x03; /* in the last scan */
    bool io_fresh = b->now_us - b->image.frame[BENCH_IO].stamp_us <= 80000 && !b->silent[BENCH_IO] && !b->io_hangs;
    double change = fabs(axis->setpoint_m_s - before->setpoint_m_s);
    slipped = (slipped && before->line_locked && axis->line_locked) || fault_latched(b, FAULT_MOVEMENT);

    uint16_t status = b->image.frame[BENCH_DRIVE].word[0];
    bool torque = status == 0x0237 || status == 0x0217;
    bool reads_open = axis->brake_known && axis->brake_open; /* a block that is just back says nothing yet */
    bool reads_closed = axis->brake_known && !axis->brake_open;
    bool late = fault_has(before->fault_mask, FAULT_BRAKE_CLOSE); /* also when it is reset in this cycle */
    sticks = torque && !reads_closed && (sticks || (late && reads_open));

    check_mode(b, before, command);
    MUST(fabs(axis->setpoint_m_s) <= 2.0 + 1e-9, "speed limit");
    MUST(change <= 8.0 * 0.01 + 1e-9 || axis->setpoint_m_s == 0, "acceleration limit");
    if (axis->state == STATE_RUNNING) {
        MUST(s->permission_alive || fabs(axis->setpoint_m_s) <= fabs(before->setpoint_m_s), "faster without a hold");
        MUST(!(chain_open && io_fresh), "running with an open chain");
        MUST(hanging_cycles <= 8, "running blind");
        MUST(!b->image.link[0].setting_changed, "running with a changed setting");
        MUST(s->fault_mask == 0, "running with a latched fault");
    }
    if (axis->state == STATE_FAULT || axis->state == STATE_DISARMED || axis->state == STATE_ARMED) {
        MUST(b->out.image.word[BENCH_IO][0] == 0, "brake open in a disabled state");
        MUST(axis->setpoint_m_s == 0, "a setpoint in a disabled state");
        if (b->out.image.word[BENCH_DRIVE][0] == 0x0F) {
            const bool hands_over = takes_limits(b) && b->out.image.word[BENCH_DRIVE][2] < BENCH_FULL;
            MUST((slipped && axis->line_locked) || sticks || hands_over,
                 "torque in a disabled state behind a brake that holds");
            MUST(!(seen_open && s->estop_known), "torque with a chain that is seen open");
            MUST(b->out.image.word[BENCH_DRIVE][1] == 0, "a speed in a disabled state");
        }
    }
    if (b->out.image.word[BENCH_IO][0])
        MUST((b->out.image.word[BENCH_DRIVE][0] & 0x08) != 0 || b->out.image.word[BENCH_DRIVE][0] == 0x02,
             "brake told to open without torque: neither enabled nor in quick stop");
    if (before->state == STATE_FAULT && axis->state != STATE_FAULT)
        MUST(command && command->kind == COMMAND_RESET, "a latched fault left without reset");
    MUST(before->state == STATE_ARMED || before->state == STATE_ENABLING || axis->state != STATE_ENABLING,
         "torque without arm");
    if (before->line_locked && !axis->line_locked)
        MUST(command && command->kind == COMMAND_UNLOCK, "a lock that went by itself");
    if (before->line_locked && before->state == STATE_ARMED && axis->state == STATE_ENABLING)
        MUST(command && command->kind == COMMAND_JOG && command->speed_m_s >= 0, "only lowering on a locked line");
    if (axis->mode == MODE_FOLLOW && b->tension_n >= 250 && !b->silent[BENCH_CELL])
        MUST(axis->setpoint_m_s <= fmax(0, before->setpoint_m_s), "pay-out under weight");
    MUST(axis->position_m.value < rig->limits.position_max_m || axis->setpoint_m_s <= 0 ||
             axis->setpoint_m_s <= before->setpoint_m_s,
         "faster beyond the limit");
}

/* One clean run of the move on each rung, from where the last one ended: then show is offered. */
static void climb_the_ladder(struct bench *b) {
    for (int i = 0; i < b->rig.ladder.rung_count; i++) {
        bench_step(b, &(struct command){.kind = COMMAND_MODE,
                                        .operating = OPERATING_WALK_THROUGH,
                                        .percent = b->rig.ladder.percent[i]});
        b->show.cue[1].position_m = i % 2 == 0 ? 12 : 10;
        bench_go(b, 1);
        for (int ms = 0; ms < 40000 && bench_axis(b)->state != STATE_ARMED; ms += 10)
            bench_step(b, NULL);
        bench_do(b, COMMAND_DISARM);
    }
    cr_assert_eq(b->out.snapshot.offer_show.refusal, REFUSED_NOT);
}

Test(cycle, keeps_its_rules_under_random_operators_and_faults, .timeout = 3600) {
    long running = 0, faults = 0;
    for (uint64_t run = first_run(); run < runs(); run++) {
        seed = 77 + run * 1000003;
        struct bench *b = bench_new();
        if (run % 2 == 0)
            bench_take_limits(b);
        b->rig.ladder = (struct rig_ladder){3, {10, 50, 100}};
        bench_step(b, NULL);
        forget_machine();
        if (run % 3 == 0)
            climb_the_ladder(b);
        for (int i = 0; i < CYCLES; i++) {
            now.run = run;
            now.cycle = i;
            struct before before = {bench_axis(b)->setpoint_m_s, bench_axis(b)->state,
                                    b->estop_a_closed && b->estop_b_closed, bench_axis(b)->line_locked,
                                    b->out.snapshot.operating, b->out.snapshot.percent,
                                    bench_axis(b)->fault_mask};
            disturb(b);
            bool asks = chance(0.1);
            struct command command = asks ? operator_does(b) : (struct command){0};
            bench_step(b, asks ? &command : NULL);
            check(b, &before, asks ? &command : NULL);
            check_torque(b);
            running += bench_axis(b)->state == STATE_RUNNING;
            faults += bench_axis(b)->state == STATE_FAULT;
        }
        bench_free(b);
    }
    cr_assert_gt(running, RUNS * CYCLES / 20, "too little motion to mean anything: %ld", running);
    cr_log_info("motion in set-up %ld, walk-through %ld, show %ld of %d cycles", in_mode[OPERATING_SETUP],
                in_mode[OPERATING_WALK_THROUGH], in_mode[OPERATING_SHOW], RUNS * CYCLES);
    for (int mode = 0; mode < OPERATING_COUNT; mode++)
        cr_assert_gt(in_mode[mode], 0, "nothing moved in operating mode %d", mode);
    cr_assert_gt(faults, RUNS * CYCLES / 20, "too few faults to mean anything: %ld", faults);
}

static uint32_t presses;
static bool flickers, stops_itself, gibberish;

/* What the drive and the brakes do by themselves, in the next image. */
static void spoil(struct bench *b) {
    uint16_t *status = &b->image.frame[BENCH_DRIVE].word[0];
    if (flickers)
        b->image.frame[BENCH_IO].word[0] ^= chance(0.5) ? 0x44 : 0x04;
    if (stops_itself && *status == 0x0237)
        *status = 0x0217;
    if (gibberish)
        *status = 0x0024;
    flickers = stops_itself = gibberish = false;
}

/* Mostly one thing at a time, so that a lowering gets somewhere; now and then all links at once. */
static void spoil_next(struct bench *b) {
    flickers = chance(0.001);
    stops_itself = chance(0.0005);
    gibberish = chance(0.0003);
    b->brake_stuck_open = b->brake_stuck_open ? !chance(0.001) : chance(0.005);
    b->tension_n = chance(0.01) ? uniform(100, 900) : b->tension_n;
    for (int i = 0; i < BENCH_DEVICES; i++)
        b->silent[i] = b->silent[i] ? !chance(0.05) : chance(0.0003);
    if (chance(0.0003))
        b->silent[BENCH_DRIVE] = b->silent[BENCH_IO] = true;
    b->io_hangs = b->io_hangs ? !chance(0.05) : chance(0.0003);
    if (chance(0.0005))
        b->image.link[0].generation++;
    b->drive_fault_word = chance(0.0003) ? 0x0218 : chance(0.05) ? 0 : b->drive_fault_word;
    if (chance(0.0003))
        b->estop_a_closed = b->estop_b_closed = !b->estop_a_closed;
    if (chance(0.02))
        b->estop_a_closed = b->estop_b_closed = true;
}

/* The operator of a line on which somebody hangs: reset, arm, lower, let go. */
static struct command lower(struct bench *b) {
    static const enum command_kind kinds[STATE_COUNT] = {[STATE_FAULT] = COMMAND_RESET,
                                                         [STATE_DISARMED] = COMMAND_ARM,
                                                         [STATE_ARMED] = COMMAND_JOG,
                                                         [STATE_RUNNING] = COMMAND_JOG};
    enum axis_state state = bench_axis(b)->state;
    struct command command = {.kind = kinds[state] ? kinds[state] : COMMAND_JOG, .speed_m_s = uniform(0.05, 0.4)};
    if (chance(0.1))
        command.kind = COMMAND_STOP;
    if (state == STATE_ARMED && !b->out.snapshot.permission_alive)
        b->press = ++presses;
    if (state == STATE_RUNNING && chance(0.1))
        b->press = 0;
    command.press = b->press;
    return command;
}

/* Drives that leave their quick stop with torque, and drives that don't. */
Test(cycle, takes_no_torque_behind_a_brake_in_doubt, .timeout = 3600) {
    long moved = 0;
    in_doubt_cycles = quick_stop_cycles = limited_cycles = 0;
    for (uint64_t run = 2 * first_run(); run < 2 * runs(); run++) {
        seed = 4711 + run * 1000003;
        struct bench *b = bench_new();
        b->rig.profile[BENCH_DRIVE].leaves_quick_stop = run % 2 == 0;
        b->inject = spoil;
        if (run % 4 < 2)
            bench_take_limits(b);
        forget_machine();
        for (int i = 0; i < CYCLES; i++) {
            now.run = run;
            now.cycle = i;
            spoil_next(b);
            b->position_m = b->position_m > 24 ? 5 : b->position_m; /* a new rope */
            bool asks = chance(0.1);
            struct command command = asks ? lower(b) : (struct command){0};
            bench_step(b, asks ? &command : NULL);
            check_torque(b);
            moved += bench_axis(b)->setpoint_m_s > 0;
        }
        bench_free(b);
    }
    cr_log_info("lowered in %ld, brake in doubt in %ld, in a quick stop behind it in %ld cycles", moved,
                in_doubt_cycles, quick_stop_cycles);
    cr_assert_gt(moved, RUNS * CYCLES / 20, "too little motion to mean anything: %ld", moved);
    cr_assert_gt(limited_cycles, RUNS * CYCLES / 200, "too few ramps to mean anything: %ld", limited_cycles);
    cr_assert_gt(quick_stop_cycles, RUNS * CYCLES / 20, "too few quick stops to mean anything: %ld", quick_stop_cycles);
}

/* ---- a brake that slips whenever the drive does not hold ---- */

static int16_t share_permille; /* of torque that the drive carries beside the brake */

static void shows_share(struct bench *b) {
    b->image.frame[BENCH_DRIVE].word[3] = (uint16_t)share_permille;
}

static void disturb_slipping(struct bench *b) {
    if (chance(0.003))
        share_permille = (int16_t)(chance(0.5) ? uniform(-99, 60) : uniform(-500, -100));
    if (chance(0.005))
        b->drift_m_s = chance(0.5) ? 0.1 : 0; /* for a while the pads bite */
    b->silent[BENCH_CELL] = b->silent[BENCH_CELL] ? !chance(0.05) : chance(0.001);
    b->silent[BENCH_ENCODER] = b->silent[BENCH_ENCODER] ? !chance(0.05) : chance(0.0003);
    b->silent[BENCH_IO] = b->silent[BENCH_IO] ? !chance(0.05) : chance(0.0003);
    b->silent[BENCH_DRIVE] = b->silent[BENCH_DRIVE] ? !chance(0.05) : chance(0.0003);
    b->image.link[0].setting_changed = b->image.link[0].setting_changed ? !chance(0.05) : chance(0.0003);
    if (chance(0.0005))
        b->image.link[0].generation++;
    if (chance(0.0003))
        b->estop_a_closed = b->estop_b_closed = !b->estop_a_closed;
    if (chance(0.02))
        b->estop_a_closed = b->estop_b_closed = true;
    b->late_us = chance(0.0003) ? 60000 : 0;
}

/* An ideal drive: of all that the stop table answers with off, nothing is its doing. */
#define MAY_END_THE_HOLD (FAULT_BIT(ESTOP) | FAULT_BIT(ESTOP_DISCREPANCY) | FAULT_BIT(DRIVE_STALE) | \
                          FAULT_BIT(LINK_LOST))

static void check_hold(const struct bench *b) {
    const uint16_t status = b->image.frame[BENCH_DRIVE].word[0], word = b->out.image.word[BENCH_DRIVE][0];
    const uint64_t faults = bench_axis(b)->fault_mask;
    slipped = slipped || fault_latched(b, FAULT_MOVEMENT);
    cr_assert(!slipped || !takes_torque(status, word) || (faults & MAY_END_THE_HOLD) != 0,
              "run %llu, cycle %d: word %04X to a drive in %04X, %s, faults %llX", now.run, now.cycle, word, status,
              state_name(bench_axis(b)->state), (unsigned long long)faults);
}

/* What hangs on the drive beside a brake that slips is not let go of by a lowering, whatever its share shows. */
Test(cycle, lets_go_of_nothing_that_slips, .timeout = 3600) {
    long lowered = 0, held = 0;
    for (uint64_t run = first_run(); run < runs(); run++) {
        seed = 1234 + run * 1000003;
        struct bench *b = bench_new();
        b->rig.axis[0].brake.has_torque_min = true;
        b->rig.axis[0].brake.torque_min_percent = 10;
        b->rig.profile[BENCH_DRIVE].term[TERM_TORQUE] =
            (struct profile_term){.present = true, .word = 3, .type = TYPE_S16, .scale = 0.001};
        bench_place(b, 10, 0);
        b->inject = shows_share;
        b->drift_m_s = 0.1;
        b->tension_n = 800;
        forget_machine();
        for (int i = 0; i < CYCLES; i++) {
            now.run = run;
            now.cycle = i;
            disturb_slipping(b);
            b->position_m = b->position_m > 24 ? 5 : b->position_m; /* a new rope */
            bool asks = chance(0.1);
            struct command command = asks ? lower(b) : (struct command){0};
            bench_step(b, asks ? &command : NULL);
            check_hold(b);
            lowered += bench_axis(b)->setpoint_m_s > 0;
            held += bench_axis(b)->state == STATE_ENABLING;
        }
        bench_free(b);
    }
    cr_log_info("lowered in %ld, on the way to it in %ld cycles", lowered, held);
    cr_assert_gt(lowered, RUNS * CYCLES / 20, "too little motion to mean anything: %ld", lowered);
}
