/* The kernel for Frama-C's Eva: every public function with every value of its declared ranges, cycle after cycle
 * without end, on memory that the cycles before left. Beside WP it sees memory that nobody has set. Never run. */
#include <__fc_builtin.h>
#include "controller/safety/clamp.h"
#include "controller/safety/duty.h"
#include "controller/safety/pull.h"
#include "controller/safety/group.h"
#include "controller/safety/guard.h"
#include "controller/safety/judge.h"
#include "controller/safety/load.h"

#define SPEED 100000000
#define PLACE INT64_C(10000000000)

#define BOOL() (Frama_C_interval(0, 1) != 0)
#define INT(min, max) Frama_C_interval(min, max)
#define LONG(min, max) Frama_C_long_interval(min, max)
#define BITS() Frama_C_unsigned_long_interval(0, UINT64_MAX)
#define CYCLES() INT(1, INT32_MAX - 1)

static struct monitor_limits any_monitor_limits(void) {
    struct monitor_limits to = {
        .cycle_us = INT(1000, 100000),
        .standstill_um_s = INT(0, SPEED),
        .position_min_um = LONG(-PLACE, PLACE),
        .position_max_um = LONG(-PLACE, PLACE),
        .ultimate_min_um = LONG(-PLACE, PLACE),
        .ultimate_max_um = LONG(-PLACE, PLACE),
        .overspeed_um_s = INT(0, SPEED),
        .following_um_s = INT(0, SPEED),
        .following_cycles = INT(1, MONITOR_WINDOW_MAX),
        .dead_cycles = INT(0, MONITOR_WINDOW_MAX - 1),
        .lag_us = INT(0, 2000000),
        .window_cycles = INT(1, MONITOR_WINDOW_MAX),
        .follow_base_um = INT(0, 1000000000),
        .follow_slack_us = INT(0, 1000000),
        .mismatch_base_um = INT(0, 1000000000),
        .mismatch_slack_us = INT(0, 1000000),
        .frozen_um = INT(0, 1000000000),
        .unintended_um = INT(0, 1000000),
        .moved_um = INT(0, 1000000000),
        .moved_cycles = CYCLES(),
        .brake_close_cycles = CYCLES(),
        .tension_max_mn = INT(0, 1000000000),
        .tension_peak_mn = INT(0, 1000000000),
        .tension_low_mn = INT(-1000000000, 0),
        .tension_high_mn = INT(0, 1000000000),
        .tension_rate_mn = INT(0, 1000000000),
        .tension_same_cycles = CYCLES(),
        .overload_mn = INT(0, 1000000000),
        .overload_both_mn = INT(0, 1000000000),
        .overload_clear_mn = INT(0, 1000000000),
        .underload_mn = INT(0, 1000000000),
        .slack_mn = INT(0, 1000000000),
        .load_cycles = CYCLES(),
        .confirm_cycles = CYCLES(),
        .chain_cycles = CYCLES(),
        .tension_same_watched = BOOL(),
        .sto_watched = BOOL(),
    };
    for (int mode = 0; mode < MODE_COUNT; mode++) {
        to.overload_watched[mode] = BOOL();
        to.underload_watched[mode] = BOOL();
        to.slack_watched[mode] = BOOL();
        to.tension_rate_watched[mode] = BOOL();
    }
    return to;
}

static struct judge_limits any_judge_limits(void) {
    return (struct judge_limits){.monitor = any_monitor_limits(),
                                 .stop_cycles_max = CYCLES(),
                                 .enable_cycles_max = CYCLES(),
                                 .brake_open_cycles_max = CYCLES(),
                                 .brake_close_cycles_max = CYCLES(),
                                 .reply_cycles_max = CYCLES(),
                                 .torque_watched = BOOL(),
                                 .torque_min_permille = INT(0, 10000)};
}

static struct monitor_in any_monitor_in(void) {
    return (struct monitor_in){.drive_ok = BOOL(),
                               .position_ok = BOOL(),
                               .tension_ok = BOOL(),
                               .brake_ok = BOOL(),
                               .position_waived = BOOL(),
                               .tension_waived = BOOL(),
                               .position_um = LONG(-MONITOR_PLACE_MAX_UM, MONITOR_PLACE_MAX_UM),
                               .speed_um_s = INT(INT32_MIN, INT32_MAX),
                               .tension_mn = INT(INT32_MIN, INT32_MAX),
                               .cell_raw = Frama_C_unsigned_int_interval(0, UINT32_MAX),
                               .drive_enabled = BOOL(),
                               .drive_fault = BOOL(),
                               .drive_stops = BOOL(),
                               .drive_off = BOOL(),
                               .asked_off = BOOL(),
                               .asked_stop = BOOL(),
                               .sto_off = BOOL(),
                               .chain_closed = BOOL(),
                               .brake_open = BOOL(),
                               .brake_closed = BOOL(),
                               .setpoint_um_s = INT(INT32_MIN, INT32_MAX),
                               .mode = (enum axis_mode)INT(0, MODE_COUNT - 1)};
}

static struct judge_in any_judge_in(void) {
    return (struct judge_in){.monitor = any_monitor_in(),
                             .torque_ok = BOOL(),
                             .torque_permille = INT(INT32_MIN, INT32_MAX),
                             .drive_ready = BOOL(),
                             .shared = BITS(),
                             .drive_link_lost = BOOL(),
                             .caught = BOOL(),
                             .end = BOOL(),
                             .disarm = BOOL(),
                             .holds_slip = BOOL()};
}

/* Cell by cell: Eva takes cells that it joins for bytes of any value. */
static void any_table(struct stop_table *table) {
    //@ loop unroll FAULT_COUNT;
    for (int id = 0; id < FAULT_COUNT; id++)
        //@ loop unroll MODE_COUNT;
        for (int mode = 0; mode < MODE_COUNT; mode++)
            //@ loop unroll DIRECTION_COUNT;
            for (int direction = 0; direction < DIRECTION_COUNT; direction++) {
                struct stop_cell *cell = &table->cell[id][mode][direction];
                cell->reaction = (enum stop_reaction)INT(STOP_RAMP, STOP_OFF);
                cell->scope = (enum stop_scope)INT(STOP_AXIS, STOP_RIG);
                cell->allows_payout = BOOL();
                cell->allows_takein = BOOL();
            }
}

/* What the cycle asks of an axis, in any order. */
static void ask(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                const struct judge_in *in) {
    if (BOOL())
        judge_stop_with_rig(axis, table, limits, in);
    if (BOOL() && judge_can_reset(axis))
        judge_reset(axis);
    if (BOOL())
        judge_event(axis, (enum axis_event)INT(0, EVENT_AXIS_COUNT - 1));
    if (BOOL())
        judge_run(axis, BOOL());
    judge_permits_payout(axis);
    judge_permits_takein(axis);
    judge_wants_torque(axis->state);
    judge_wants_brake_open(axis->state);
    judge_wants_quick_stop(axis, limits);
}

static void judge_for_ever(void) {
    static struct stop_table table;
    any_table(&table);
    stop_table_check(&table);
    struct judge_limits limits = any_judge_limits();
    struct judge_axis axis;
    struct monitor_chain chain = {0};
    judge_init(&axis);
    while (BOOL()) {
        struct judge_in in = any_judge_in();
        in.shared |= monitor_chain(&chain, BOOL(), BOOL(), BOOL(), CYCLES());
        judge_step(&axis, &table, &limits, &in);
        ask(&axis, &table, &limits, &in);
    }
}

static struct clamp_path any_path(void) {
    return (struct clamp_path){INT(0, 10000000), INT(0, 100000000), INT(10, 100000000), INT(0, 10000000)};
}

static struct clamp_limits any_clamp_limits(void) {
    struct clamp_limits to = {.position_min_um = LONG(-PLACE, PLACE),
                              .position_max_um = LONG(-PLACE, PLACE),
                              .ultimate_min_um = LONG(-PLACE, PLACE),
                              .ultimate_max_um = LONG(-PLACE, PLACE),
                              .band_count = INT(0, CLAMP_BANDS_MAX),
                              .weight_on_line_mn = INT(0, INT32_MAX),
                              .cycle_us = INT(1000, 100000),
                              .reaction_us = INT(0, 2000000)};
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        for (int mode = 0; mode < MODE_COUNT; mode++)
            to.speed_um_s[mode][d] = INT(0, 50000000);
        for (int i = 0; i < CLAMP_BANDS_MAX; i++)
            to.band[i].speed_um_s[d] = INT(0, 50000000);
        for (int i = 0; i < CLAMP_STOPS; i++)
            to.path[i][d] = any_path();
        to.speed_max_um_s[d] = INT(0, 50000000);
        to.acceleration_um_s2[d] = INT(10, 100000000);
        to.stop_deceleration_um_s2[d] = INT(10, 100000000);
        to.catch_deceleration_um_s2[d] = INT(10, 100000000);
    }
    for (int i = 0; i < CLAMP_BANDS_MAX; i++) {
        to.band[i].from_um = LONG(-PLACE, PLACE);
        to.band[i].to_um = LONG(-PLACE, PLACE);
    }
    return to;
}

static struct clamp_in any_clamp_in(int32_t last_um_s) {
    return (struct clamp_in){.state = (enum axis_state)INT(0, STATE_COUNT - 1),
                             .mode = (enum axis_mode)INT(0, MODE_COUNT - 1),
                             .belaying = BOOL(),
                             .blocked = {BOOL(), BOOL()},
                             .position_ok = BOOL(),
                             .tension_ok = BOOL(),
                             .position_waived = BOOL(),
                             .position_um = LONG(INT64_MIN, INT64_MAX),
                             .tension_mn = INT(INT32_MIN, INT32_MAX),
                             .speed_cap_um_s = {INT(0, INT32_MAX), INT(0, INT32_MAX)},
                             .setpoint_um_s = last_um_s};
}

static void clamp_for_ever(void) {
    struct clamp_limits limits = any_clamp_limits();
    int32_t setpoint_um_s = 0;
    if (!clamp_limits_good(&limits))
        return;
    while (BOOL()) {
        struct clamp_in in = any_clamp_in(setpoint_um_s);
        clamp_allows(&limits, &in, INT(-50000000, 50000000));
        setpoint_um_s = clamp_setpoint(&limits, &in, INT(INT32_MIN, INT32_MAX));
    }
}

static void guard_for_ever(void) {
    struct guard guard = {0};
    struct guard_limits limits = {.standstill_um_s = INT(0, SPEED)};
    for (int i = 0; i < GUARD_SWITCH_COUNT; i++)
        limits.place[i] = (struct guard_place){BOOL(), LONG(INT64_MIN, INT64_MAX), LONG(INT64_MIN, INT64_MAX),
                                               LONG(INT64_MIN, INT64_MAX), LONG(INT64_MIN, INT64_MAX)};
    while (BOOL()) {
        struct guard_in in = {BOOL(), BOOL(), INT(INT32_MIN, INT32_MAX), LONG(INT64_MIN, INT64_MAX), {0}, {0}};
        for (int i = 0; i < GUARD_SWITCH_COUNT; i++) {
            in.read_ok[i] = BOOL();
            in.closed[i] = BOOL();
        }
        guard_step(&guard, &limits, &in);
        guard_blocks_payout(&limits, &in);
        guard_blocks_takein(&limits, &in);
        guard_all_read(&limits, &in);
    }
}

static void load_and_duty_for_ever(void) {
    struct load load = {0};
    struct duty duty = {0};
    const struct load_limits load_limits = {INT(0, LOAD_WEIGHT_MAX_MN), INT(0, 1000), CYCLES()};
    const struct duty_limits duty_limits = {BOOL(), INT(1, DUTY_TORQUE_MAX_PERMILLE), INT(1000, 100000),
                                            LONG(1000000, 100000000000)};
    while (BOOL()) {
        struct load_in in = {BOOL(), BOOL(), INT(INT32_MIN, INT32_MAX), INT(0, LOAD_WEIGHT_MAX_MN),
                             INT(-LOAD_LIFTING_MAX_UM_S2, LOAD_LIFTING_MAX_UM_S2)};
        load_step(&load, &load_limits, &in);
        duty_step(&duty, &duty_limits, BOOL(), INT(INT32_MIN, INT32_MAX));
    }
}

static void pull_for_ever(void) {
    struct pull pull = {0};
    const struct pull_limits limits = {INT(0, PULL_MASS_MAX_G), INT(0, PULL_MN_MAX), INT(0, 1000),
                                       INT(1, PULL_WINDOW_MAX_CYCLES), INT(1000, 100000)};
    while (BOOL()) {
        struct pull_in in = {BOOL(), INT(-PULL_MN_MAX, PULL_MN_MAX), INT(-PULL_MN_MAX, PULL_MN_MAX),
                             INT(-PULL_SPEED_MAX_UM_S, PULL_SPEED_MAX_UM_S)};
        pull_step(&pull, &limits, &in);
    }
}

static void group_for_ever(void) {
    struct group group = {0};
    const struct group_limits limits = {INT(0, INT32_MAX)};
    while (BOOL()) {
        struct group_in in = {.count = INT(0, GROUP_AXES_MAX), .moves = BOOL()};
        for (int i = 0; i < GROUP_AXES_MAX; i++) {
            in.known[i] = BOOL();
            in.position_um[i] = LONG(-GROUP_PLACE_MAX_UM, GROUP_PLACE_MAX_UM);
        }
        group_step(&group, &limits, &in);
    }
}

int main(void) {
    judge_for_ever();
    clamp_for_ever();
    guard_for_ever();
    load_and_duty_for_ever();
    pull_for_ever();
    group_for_ever();
    return 0;
}
