/* Every fault is provoked through cycle_step() by what the image says, and none is left out. Prints what each costs:
 * cycles from the cause to the reaction, the way until the drum stands, the hardest pull that was read on it. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

#define CYCLES_MAX 400 /* the slowest fault is found within four seconds */

enum motion { STANDING, MOVING, LOADED, BELAYING, LIFTING, TOGETHER }; /* together: with a second winch */

/* What the motion is doing when the cause comes, and what the cause is: `inject` changes the image from then on. */
struct row {
    enum fault_id fault;
    enum motion motion;
    void (*inject)(struct bench *bench);
    void (*prepare)(struct rig *rig); /* NULL: the bench's rig as it is */
};

static uint16_t *drive(struct bench *b) {
    return b->image.frame[BENCH_DRIVE].word;
}

static uint16_t *inputs(struct bench *b) {
    return b->image.frame[BENCH_IO].word;
}

static void weigh(struct bench *b, double tension_n) {
    uint32_t weight = (uint32_t)lround(fabs(tension_n));
    b->image.frame[BENCH_CELL].word[1] = (uint16_t)(weight >> 16);
    b->image.frame[BENCH_CELL].word[2] = (uint16_t)weight;
    b->tension_n = tension_n;
}

static void place(struct bench *b, double position_m) {
    uint32_t steps = (uint32_t)lround(position_m * 8192);
    b->image.frame[BENCH_ENCODER].word[0] = (uint16_t)(steps >> 16);
    b->image.frame[BENCH_ENCODER].word[1] = (uint16_t)steps;
}

/* No real cell says the same twice. */
static void breathe(struct bench *b) {
    weigh(b, b->tension_n + (b->now_us / 10000 % 2 ? 1 : -1));
}

static void estop(struct bench *b) {
    inputs(b)[0] &= (uint16_t)~3;
}

/* In local mode: whatever it is told. */
static void keeps_torque(struct bench *b) {
    drive(b)[0] = 0x0237;
}

static void one_channel(struct bench *b) {
    inputs(b)[0] &= (uint16_t)~2;
}

/* For half a second after 10 s of the bench's time; the moving rows begin before. */
static int64_t began_us;
static void welded(struct bench *b) {
    if (b->now_us - began_us < 500000)
        one_channel(b);
}

static void io_silent(struct bench *b) {
    b->silent[BENCH_IO] = true;
}

static void drive_silent(struct bench *b) {
    b->silent[BENCH_DRIVE] = true;
}

static void drive_garbled(struct bench *b) {
    drive(b)[0] = 0xFFFF;
}

static void cell_silent(struct bench *b) {
    b->silent[BENCH_CELL] = true;
}

static void encoder_silent(struct bench *b) {
    b->silent[BENCH_ENCODER] = true;
}

static void reconnected(struct bench *b) {
    b->image.link[0].generation = 2;
}

static void setting_is_changed(struct bench *b) {
    b->image.link[0].setting_changed = true;
}

static void drive_trips(struct bench *b) {
    drive(b)[0] = 0x0218;
}

static void drive_lets_go(struct bench *b) {
    drive(b)[0] = 0x0231;
}

static void races(struct bench *b) {
    drive(b)[1] = 3120; /* 2.6 m/s */
}

static void beyond_the_limit(struct bench *b) {
    place(b, 26.6);
    drive(b)[1] = 600;
}

static void beyond_the_ultimate(struct bench *b) {
    place(b, 28.5);
}

static void snagged(struct bench *b) {
    weigh(b, 4600);
}

static void shocked(struct bench *b) {
    weigh(b, 6100);
}

static void below_zero(struct bench *b) {
    weigh(b, -200);
    b->image.frame[BENCH_CELL].word[0] = 0x80;
}

static void brake_reads_closed(struct bench *b) {
    inputs(b)[0] &= (uint16_t)~4;
}

static void brake_stays_open(struct bench *b) {
    b->press = 0; /* the operator lets go */
    inputs(b)[0] |= 4;
}

static void creeps(struct bench *b) {
    drive(b)[1] = 60; /* 0.05 m/s */
}

static void does_not_stop(struct bench *b) {
    b->press = 0;
    if (drive(b)[1] < 360)
        drive(b)[1] = 360; /* 0.3 m/s for ever */
}

static void falls(struct bench *b) {
    weigh(b, 800);
}

static void late(struct bench *b) {
    b->late_us = 15000;
}

static void drum_stuck(struct bench *b) {
    b->drive_stuck = true;
}

static void pulled_back(struct bench *b) {
    b->position_m -= 0.02;
}

static void belt_slips(struct bench *b) {
    drive(b)[1] = (uint16_t)(drive(b)[1] * 7 / 5);
}

static double frozen_m;
static void encoder_frozen(struct bench *b) {
    place(b, frozen_m);
}

static void cell_frozen(struct bench *b) {
    weigh(b, 90);
}

static void jerked(struct bench *b) {
    weigh(b, 240);
}

static void heavy(struct bench *b) {
    weigh(b, 1100); /* 112 % of 100 kg */
}

static void far_too_heavy(struct bench *b) {
    weigh(b, 1400);
}

/* Far below every limit of the rope. */
static void snags_lightly(struct bench *b) {
    weigh(b, b->now_us / 10000 % 2 ? 130 : 131);
}

/* Three times its rated torque. */
static void works_hard(struct bench *b) {
    breathe(b);
    drive(b)[3] = 3000;
}

static void with_duty(struct rig *rig) {
    rig->profile[BENCH_DRIVE].term[TERM_TORQUE] =
        (struct profile_term){.present = true, .word = 3, .type = TYPE_S16, .scale = 0.001};
    rig->axis[0].monitors.duty = (struct rig_duty){.present = true, .continuous_percent = 100, .time_s = 5};
}

/* The bench's motor tells no torque, and then that it holds 600 N. */
static void holds_more(struct bench *b) {
    breathe(b);
    drive(b)[3] = (uint16_t)-600;
}

static void with_pull(struct rig *rig) {
    rig->profile[BENCH_DRIVE].term[TERM_TORQUE] =
        (struct profile_term){.present = true, .word = 3, .type = TYPE_S16, .scale = 0.001};
    rig->axis[0].monitors.pull =
        (struct rig_pull){.present = true, .rated_n = 1000, .tolerance_n = 300, .tolerance_percent = 10,
                          .window_ms = 200};
}

static void with_load_tolerance(struct rig *rig) {
    rig->axis[0].monitors.load =
        (struct rig_load_tolerance){.present = true, .tolerance_n = 20, .tolerance_percent = 10};
}

static void light(struct bench *b) {
    weigh(b, 20);
}

static void slack(struct bench *b) {
    weigh(b, 0);
}

static void kept_off(struct bench *b) {
    inputs(b)[0] &= (uint16_t)~8;
}

/* Seven eighths of its way: motor and encoder say the same, and each winch is in order by itself. */
static void mate_lags(struct bench *b) {
    breathe(b);
    b->second.position_m -= b->second.speed_m_s * b->rig.cycle_ms / 1000.0 / 8;
    b->image.frame[BENCH_SECOND(BENCH_DRIVE)].word[1] = (uint16_t)(b->second.speed_m_s * 1200 * 7 / 8);
}

static void opens(struct bench *b, enum guard_switch which) {
    inputs(b)[0] &= (uint16_t)~(0x100 << which);
}

static void end_switch_opens(struct bench *b) {
    opens(b, GUARD_END_PAYOUT);
}

static void other_end_switch_opens(struct bench *b) {
    opens(b, GUARD_END_TAKEIN);
}

static void ultimate_switch_opens(struct bench *b) {
    opens(b, GUARD_ULTIMATE_PAYOUT);
}

static void dead_turns_are_reached(struct bench *b) {
    opens(b, GUARD_DEAD_TURNS);
}

static void rope_climbs_over_itself(struct bench *b) {
    opens(b, GUARD_OVERWRAP);
}

/* Each on the contact of its number; only that of the other end has its place said, or all would be far from theirs. */
static void with_switches(struct rig *rig) {
    for (int i = 0; i < GUARD_SWITCH_COUNT; i++)
        rig->axis[0].limit_switch[i] = (struct rig_switch){.kind = (enum guard_switch)i, .io = BENCH_IO, .contact = i};
    rig->axis[0].limit_switch[GUARD_END_TAKEIN].has_place = true;
    rig->axis[0].limit_switch[GUARD_END_TAKEIN].opens_at_m = 0.8;
    rig->axis[0].limit_switch[GUARD_END_TAKEIN].within_m = 0.2;
    rig->axis[0].switch_count = GUARD_SWITCH_COUNT;
}

static void with_rate(struct rig *rig) {
    rig->axis[0].monitors.tension_rate_n_s = 10000;
}

static void with_frozen_cell(struct rig *rig) {
    rig->axis[0].monitors.has_tension_frozen = true;
    rig->axis[0].monitors.tension_frozen_ms = 200;
}

/* The encoder alone: the following error would be there before. */
static void with_wide_following(struct rig *rig) {
    rig->axis[0].monitors.following_base_mm = rig->axis[0].monitors.mismatch_base_mm = 1000;
}

/* Else a drive so far off is a disobeying one before. */
static void with_narrow_mismatch(struct rig *rig) {
    rig->axis[0].monitors.mismatch_slack_ms = 20;
}

static void with_underload(struct rig *rig) {
    rig->axis[0].load.has_underload = true;
    rig->axis[0].load.underload_n = 50;
}

static void with_slack(struct rig *rig) {
    rig->axis[0].load.has_slack = true;
    rig->axis[0].load.slack_n = 15;
    rig->axis[0].load.snatch_speed_m_s = 0.1;
}

/* A second axis on the same devices, whose line is rated for less: its peak stops the whole rig. */
static void with_second_axis(struct rig *rig) {
    rig->axis[1] = rig->axis[0];
    rig->axis[1].load.rated_dynamic_tension_n = 4500;
    rig->axis_count = 2;
}

/* The one begins some cycles before the other. */
static void with_group(struct rig *rig) {
    rig->axis[0].belay.present = false;
    rig->group_count = 1;
    rig->group[0] = (struct rig_group){.name = "truss", .kind = GROUP_LOCKED, .axes = 3, .deviation_m = 0.3};
}

static const struct row rows[] = {
    {FAULT_ESTOP, MOVING, estop, NULL},
    {FAULT_ESTOP_DISCREPANCY, MOVING, one_channel, NULL},
    {FAULT_ESTOP_WELDED, MOVING, welded, NULL},
    {FAULT_IO_STALE, MOVING, io_silent, NULL},
    {FAULT_DRIVE_STALE, MOVING, drive_silent, NULL},
    {FAULT_DRIVE_UNCLEAR, MOVING, drive_garbled, NULL},
    {FAULT_TENSION_STALE, MOVING, cell_silent, NULL},
    {FAULT_POSITION_STALE, MOVING, encoder_silent, NULL},
    {FAULT_LINK_LOST, MOVING, reconnected, NULL},
    {FAULT_DRIVE_FAULT, MOVING, drive_trips, NULL},
    {FAULT_DRIVE_DISOBEYS, MOVING, drive_lets_go, NULL},
    {FAULT_OVERSPEED, MOVING, races, NULL},
    {FAULT_POSITION_LIMIT, MOVING, beyond_the_limit, NULL},
    {FAULT_OVERTENSION, MOVING, snagged, NULL},
    {FAULT_BRAKE_OPEN, MOVING, brake_reads_closed, NULL},
    {FAULT_BRAKE_CLOSE, MOVING, brake_stays_open, NULL},
    {FAULT_MOVEMENT, STANDING, creeps, NULL},
    {FAULT_STOP_TIME, MOVING, does_not_stop, with_wide_following},
    {FAULT_STOP_UNCONFIRMED, STANDING, keeps_torque, NULL},
    {FAULT_FALL_CAUGHT, BELAYING, falls, NULL},
    {FAULT_CYCLE_OVERRUN, MOVING, late, NULL},
    {FAULT_FOLLOWING_ERROR, MOVING, drum_stuck, NULL},
    {FAULT_UNINTENDED_MOTION, MOVING, pulled_back, NULL},
    {FAULT_POSITION_MISMATCH, MOVING, belt_slips, with_narrow_mismatch},
    {FAULT_POSITION_FROZEN, MOVING, encoder_frozen, with_wide_following},
    {FAULT_TENSION_FROZEN, MOVING, cell_frozen, with_frozen_cell},
    {FAULT_TENSION_IMPLAUSIBLE, MOVING, below_zero, NULL},
    {FAULT_TENSION_MISMATCH, MOVING, holds_more, with_pull},
    {FAULT_TENSION_RATE, MOVING, jerked, with_rate},
    {FAULT_PEAK_TENSION, MOVING, shocked, NULL},
    {FAULT_OVERLOAD, LIFTING, heavy, NULL},
    {FAULT_OVERLOAD_BOTH, MOVING, far_too_heavy, NULL},
    {FAULT_UNDERLOAD, MOVING, light, with_underload},
    {FAULT_SLACK_PAYOUT, MOVING, slack, with_slack},
    {FAULT_ULTIMATE_LIMIT, MOVING, beyond_the_ultimate, NULL},
    {FAULT_CHAIN_OFF, STANDING, kept_off, NULL},
    {FAULT_RIG_STOP, STANDING, snagged, with_second_axis},
    {FAULT_LOAD_UNEXPECTED, LOADED, snags_lightly, with_load_tolerance},
    {FAULT_DUTY, MOVING, works_hard, with_duty},
    {FAULT_END_SWITCH, MOVING, end_switch_opens, with_switches},
    {FAULT_ULTIMATE_SWITCH, MOVING, ultimate_switch_opens, with_switches},
    {FAULT_SWITCH_IMPLAUSIBLE, MOVING, other_end_switch_opens, with_switches},
    {FAULT_DEAD_TURNS, MOVING, dead_turns_are_reached, with_switches},
    {FAULT_OVERWRAP, MOVING, rope_climbs_over_itself, with_switches},
    {FAULT_SETTING_CHANGED, MOVING, setting_is_changed, NULL},
    {FAULT_GROUP_DEVIATION, TOGETHER, mate_lags, with_group},
};

static void mate_goes(struct bench *b) {
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_STANDBY, .cue = 2}), REFUSED_NOT);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_GO, .press = b->press, .cue = 2}), REFUSED_NOT);
}

static struct bench *begin(const struct row *row) {
    const bool together = row->motion == TOGETHER;
    struct bench *b = together ? bench_new_pair() : bench_new();
    b->inject = breathe;
    if (row->prepare) {
        row->prepare(&b->rig);
        cycle_init(b->cycle, &b->rig);
    }
    bench_run(b, 49);
    bench_do(b, COMMAND_UNLOCK); /* found taut */
    if (row->motion == LOADED) /* 90 N pull at the cell */
        b->show.cue[1].load = (struct cue_load){.present = true, .mass_kg = 9, .hangs_to_m = 20};
    bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &b->show});
    bench_full_speed(b);
    if (together)
        b->show.cue[1].position_m = b->show.cue[2].position_m;
    if (row->motion != STANDING && row->motion != LIFTING)
        bench_go(b, row->motion == BELAYING ? 0 : 1);
    if (together)
        mate_goes(b);
    if (row->motion == LIFTING) {
        cr_assert_eq(bench_do(b, COMMAND_ARM), REFUSED_NOT);
        b->press = 1;
        struct command up = {.kind = COMMAND_JOG, .press = 1, .speed_m_s = -0.3};
        cr_assert_eq(bench_step(b, &up), REFUSED_NOT);
    }
    if (row->motion != STANDING)
        bench_run(b, 80);
    return b;
}

static bool stands(const struct bench *b) {
    enum axis_state state = bench_axis(b)->state;
    return state == STATE_FAULT || state == STATE_DISARMED || state == STATE_ARMED;
}

static void provoke(const struct row *row) {
    struct bench *b = begin(row);
    const char *name = fault_text(row->fault)->name;
    uint64_t bit = UINT64_C(1) << row->fault;
    cr_assert_eq(b->out.snapshot.fault_mask, 0, "%s: %s came before its cause", name,
                 fault_text(b->out.snapshot.first_out)->name);
    uint64_t cause = b->out.snapshot.cycle;
    double from_m = frozen_m = b->position_m, peak_n = 0;
    began_us = b->now_us;
    b->inject = row->inject;
    int cycles = 0;
    while (!(b->out.snapshot.fault_mask & bit) && cycles < CYCLES_MAX) {
        bench_run(b, 1);
        peak_n = fmax(peak_n, b->tension_n);
        cycles++;
    }
    cr_expect(b->out.snapshot.fault_mask & bit, "%s does not come, %s does", name,
              fault_text(b->out.snapshot.first_out)->name);
    bool of_cell = row->fault == FAULT_TENSION_IMPLAUSIBLE || row->fault == FAULT_TENSION_FROZEN ||
                   row->fault == FAULT_TENSION_MISMATCH;
    cr_expect_eq(bench_axis(b)->tension_doubted, of_cell, "%s", name);
    uint64_t reaction = b->out.snapshot.cycle;
    for (int i = 0; i < b->rig.axis_count; i++) {
        enum axis_state state = b->out.snapshot.axis[i].state;
        cr_expect(state != STATE_RUNNING && state != STATE_ENABLING && state != STATE_OPENING, "%s: still in motion",
                  name);
    }
    for (int i = 0; i < 100; i++) {
        bench_run(b, 1);
        peak_n = fmax(peak_n, b->tension_n);
        cr_expect(b->out.image.word[BENCH_IO][0] == 0 || (b->out.image.word[BENCH_DRIVE][0] & 2) != 0,
                  "%s: brake open without torque", name);
    }
    /* While the brake is not known to be closed, the drive holds. */
    bool holds = row->fault == FAULT_BRAKE_CLOSE || row->fault == FAULT_IO_STALE;
    cr_expect(stands(b) || holds, "%s: %s", name, state_name(bench_axis(b)->state));
    printf("# %-20s cause %4llu reaction %4llu way %6.0f mm peak %5.0f N\n", name, (unsigned long long)cause + 1,
           (unsigned long long)reaction, fabs(b->position_m - from_m) * 1000, peak_n);
    bench_free(b);
}

Test(fault_cycle, each_fault_is_provoked_through_the_cycle) {
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        provoke(&rows[i]);
}

Test(fault_cycle, no_fault_is_left_out) {
    for (int id = 1; id < FAULT_COUNT; id++) {
        int found = 0;
        for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
            found += rows[i].fault == (enum fault_id)id;
        cr_expect_eq(found, 1, "%s", fault_text((enum fault_id)id)->name);
    }
}
