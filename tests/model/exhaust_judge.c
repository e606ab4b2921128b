/* One cycle of the real judge from every state, with whatever was latched before and every combination of readings, and
 * all of state_next(): rules that no cycle may break, said here in other words than the state table's.
 *
 * usage: exhaust_judge PART PARTS: every PARTS-th beginning. Prints the number of transitions; on the first violation
 * says which and exits with 1.
 */
#include <stdio.h>
#include <stdlib.h>

#include "controller/safety/judge.h"
#include "tests/stop_reference.h"

#define CYCLES_MAX 2 /* longest time of every state */
#define STANDSTILL_UM_S 20000
#define MOVING_UM_S 100000

/* Readings, a bit each. */
enum {
    DRIVE_OK,
    DRIVE_ENABLED,
    DRIVE_FAULTY,
    DRIVE_STOPS,
    BRAKE_OK,
    BRAKE_READS_OPEN,
    TORQUE_OK,
    END,
    DISARM,
    CAUGHT,
    LINK_LOST,
    ESTOP,
    READINGS
};
/* Speed of the drum and setpoint. */
static const int32_t motion_um_s[][2] = {{0, 0},           {MOVING_UM_S, 0},           {-MOVING_UM_S, 0},
                                         {0, MOVING_UM_S}, {MOVING_UM_S, MOVING_UM_S}, {-MOVING_UM_S, -MOVING_UM_S}};
#define MOTIONS ((int)(sizeof motion_um_s / sizeof motion_um_s[0]))

/* What may have been latched before, and what that asked for. */
static const struct {
    uint64_t latched;
    enum stop_reaction reaction;
} earlier[] = {{0, STOP_NONE},
               {FAULT_BIT(OVERTENSION), STOP_RAMP},
               {FAULT_BIT(DRIVE_STALE) | FAULT_BIT(DRIVE_UNCLEAR), STOP_DRIVE},
               {FAULT_BIT(OVERSPEED), STOP_OFF}};
#define EARLIER ((int)(sizeof earlier / sizeof earlier[0]))

static const struct judge_limits limits = {
    .monitor = {.cycle_us = 10000,
                .standstill_um_s = STANDSTILL_UM_S,
                .position_max_um = 20000000,
                .ultimate_max_um = 20000000,
                .overspeed_um_s = 2500000,
                .following_um_s = 400000,
                .following_cycles = 2,
                .window_cycles = 2,
                .follow_base_um = 1000000000,
                .mismatch_base_um = 1000000000,
                .frozen_um = 1000000000,
                .unintended_um = 20000,
                .moved_um = 20000,
                .moved_cycles = 2,
                .brake_close_cycles = CYCLES_MAX,
                .tension_max_mn = 6000000,
                .tension_peak_mn = 9000000,
                .tension_low_mn = -50000,
                .tension_high_mn = 20000000,
                .load_cycles = 2,
                .chain_cycles = 2},
    .stop_cycles_max = CYCLES_MAX,
    .enable_cycles_max = CYCLES_MAX,
    .brake_open_cycles_max = CYCLES_MAX,
    .brake_close_cycles_max = CYCLES_MAX,
    .reply_cycles_max = 1,
    .torque_watched = true,
    .torque_min_permille = 100,
};

static long long transitions;

struct turn {
    struct judge_axis before, after;
    struct judge_in in;
    int readings;
};

static bool reads(const struct turn *turn, int reading) {
    return turn->readings >> reading & 1;
}

static void fail(const struct turn *turn, const char *what) {
    printf("# %s: %s for %d cycles, latched %llx, readings %x, speed %d, setpoint %d; then %s, latched %llx\n", what,
           state_name(turn->before.state), turn->before.cycles_in_state, (unsigned long long)turn->before.latched,
           (unsigned)turn->readings, turn->in.monitor.speed_um_s, turn->in.monitor.setpoint_um_s,
           state_name(turn->after.state), (unsigned long long)turn->after.latched);
    exit(1);
}

static void rule(const struct turn *turn, bool kept, const char *what) {
    if (!kept)
        fail(turn, what);
}

static bool comes(const struct turn *turn, enum axis_state state) {
    return turn->after.state == state && turn->before.state != state;
}

static bool stands(const struct turn *turn) {
    return reads(turn, DRIVE_OK) && abs(turn->in.monitor.speed_um_s) <= STANDSTILL_UM_S;
}

/* No drive is enabled in its quick stop: that combination stands for words that fit no state. */
static bool unclear(const struct turn *turn) {
    return reads(turn, DRIVE_OK) && reads(turn, DRIVE_ENABLED) && reads(turn, DRIVE_STOPS);
}

static bool enabled(const struct turn *turn) {
    return reads(turn, DRIVE_ENABLED) && !unclear(turn);
}

static bool overdue(const struct turn *turn) {
    return turn->before.cycles_in_state + 1 > CYCLES_MAX;
}

static void check_latches(const struct turn *turn) {
    const struct judge_axis *was = &turn->before, *is = &turn->after;
    rule(turn, (was->latched & ~is->latched) == 0, "a fault went without a reset");
    rule(turn, is->reaction >= was->reaction, "a reaction became gentler");
    rule(turn, (is->latched == 0) == (is->reaction == STOP_NONE), "a fault that asks for nothing");
    rule(turn, (turn->in.shared & ~is->latched) == 0, "a fault of the machine was not latched");
    rule(turn, reads(turn, DRIVE_OK) || fault_has(is->latched, FAULT_DRIVE_STALE), "a silent drive was not latched");
    rule(turn, !unclear(turn) || fault_has(is->latched, FAULT_DRIVE_UNCLEAR), "an unclear drive was not latched");
    rule(turn, reads(turn, BRAKE_OK) || fault_has(is->latched, FAULT_IO_STALE), "silent I/O was not latched");
    bool tripped = reads(turn, DRIVE_OK) && reads(turn, DRIVE_FAULTY);
    rule(turn, !tripped || fault_has(is->latched, FAULT_DRIVE_FAULT), "a drive's fault was not latched");
    bool caught = reads(turn, CAUGHT) && was->state == STATE_RUNNING;
    rule(turn, !caught || fault_has(is->latched, FAULT_FALL_CAUGHT), "a caught fall was not latched");
}

/* Towards motion only with nothing latched, and only when what is waited for is there. */
static void check_way_up(const struct turn *turn) {
    enum axis_state is = turn->after.state;
    bool up = is == STATE_ARMED || is == STATE_ENABLING || is == STATE_OPENING || is == STATE_RUNNING;
    rule(turn, !up || turn->after.latched == 0, "on with a fault");
    rule(turn, is != STATE_DISARMED || turn->after.latched == 0, "disarmed with a fault");
    rule(turn,
         !comes(turn, STATE_RUNNING) ||
             (turn->before.state == STATE_OPENING && reads(turn, BRAKE_OK) && reads(turn, BRAKE_READS_OPEN)),
         "runs without an open brake");
    rule(turn,
         !comes(turn, STATE_OPENING) || (turn->before.state == STATE_ENABLING && stands(turn) &&
                                         enabled(turn) && reads(turn, TORQUE_OK)),
         "opens the brake without torque");
    rule(turn, !comes(turn, STATE_ENABLING), "torque without a command");
    bool moves = is == STATE_ENABLING || is == STATE_OPENING || is == STATE_RUNNING;
    rule(turn, !(moves && reads(turn, END)), "goes on without permission");
    rule(turn, !(is == STATE_ARMED && reads(turn, DISARM)), "armed against a disarm");
}

/* The brake falls on a moving drum only where nothing else is left. */
static void check_way_down(const struct turn *turn) {
    enum axis_state was = turn->before.state, is = turn->after.state;
    enum stop_reaction reaction = turn->after.reaction;
    bool by_itself = turn->before.reaction == STOP_DRIVE || reaction == STOP_DRIVE;
    rule(turn, reaction != STOP_OFF || is == STATE_FAULT, "torque after category 0");
    const uint64_t out_of_sight = FAULT_BIT(DRIVE_STALE) | FAULT_BIT(DRIVE_UNCLEAR);
    bool sight = reads(turn, DRIVE_OK) && !unclear(turn) && !reads(turn, LINK_LOST) &&
                 (turn->before.latched & out_of_sight) == 0;
    rule(turn, reaction == STOP_NONE || sight || is == STATE_FAULT, "ramps without sight of the drive");
    rule(turn, was != STATE_FAULT || is == STATE_FAULT, "left the fault without a reset");
    rule(turn, !(was == STATE_STOPPING && overdue(turn)) || is == STATE_FAULT, "stops for too long");
    bool at_rest = stands(turn) && (turn->in.monitor.setpoint_um_s == 0 || by_itself);
    rule(turn, !(was == STATE_STOPPING && is == STATE_CLOSING) || at_rest, "brake on a drum that moves");
    bool holds =
        reads(turn, BRAKE_OK) && !reads(turn, BRAKE_READS_OPEN) && turn->before.cycles_in_state + 1 >= CYCLES_MAX;
    rule(turn, !(was == STATE_CLOSING && is == STATE_RELEASING) || holds, "gives up torque before the brake holds");
    bool gone = reads(turn, DRIVE_OK) && !enabled(turn);
    bool released = was == STATE_RELEASING && is != STATE_RELEASING;
    rule(turn, !released || gone || reaction != STOP_NONE, "armed with torque");
    rule(turn,
         !(was == STATE_RUNNING && is == STATE_FAULT) || reaction == STOP_OFF || !reads(turn, DRIVE_OK) ||
             (turn->after.latched & out_of_sight) != 0 || reads(turn, LINK_LOST),
         "fell out of a run although a ramp was possible");
    rule(turn, !judge_wants_brake_open(is) || judge_wants_torque(is), "brake open without torque");
    bool quick = judge_wants_quick_stop(&turn->after, &limits);
    bool may = (reaction == STOP_DRIVE && (is == STATE_STOPPING || is == STATE_CLOSING)) || turn->after.blind;
    rule(turn, !quick || may, "a quick stop that nothing asks for");
}

/* What a command or a reset may do after the cycle. */
static void check_after(const struct turn *turn) {
    struct judge_axis axis = turn->after;
    bool ready = axis.state == STATE_ARMED && axis.latched == 0 && reads(turn, DRIVE_OK);
    rule(turn, !judge_run(&axis, false), "runs without a permission");
    rule(turn, !judge_run(&axis, true) || ready, "runs although not ready");
    axis = turn->after;
    if (!judge_can_reset(&axis))
        return;
    bool off = !judge_wants_torque(axis.state) && axis.state != STATE_RELEASING;
    rule(turn, off, "reset with torque");
    rule(turn, !judge_wants_torque(turn->before.state), "reset before the drive could answer");
    rule(turn, !reads(turn, ESTOP) && !reads(turn, LINK_LOST) && reads(turn, DRIVE_OK) && reads(turn, BRAKE_OK),
         "reset although the cause is there");
    judge_reset(&axis);
    bool clean = axis.latched == 0 && axis.reaction == STOP_NONE && !axis.blind && !axis.startable;
    rule(turn, clean, "reset left something");
    rule(turn, judge_permits_payout(&axis) || judge_permits_takein(&axis), "reset to no direction");
}

static void take(struct turn *turn) {
    turn->in = (struct judge_in){.monitor = {.drive_ok = reads(turn, DRIVE_OK),
                                             .position_ok = true,
                                             .tension_ok = true,
                                             .brake_ok = reads(turn, BRAKE_OK),
                                             .position_um = 10000000,
                                             .speed_um_s = turn->in.monitor.speed_um_s,
                                             .tension_mn = 90000,
                                             .drive_enabled = enabled(turn),
                                             .drive_unclear = unclear(turn),
                                             .drive_fault = reads(turn, DRIVE_FAULTY),
                                             .drive_stops = reads(turn, DRIVE_STOPS) && !unclear(turn),
                                             .chain_closed = !reads(turn, ESTOP),
                                             .brake_open = reads(turn, BRAKE_READS_OPEN),
                                             .brake_closed = !reads(turn, BRAKE_READS_OPEN),
                                             .setpoint_um_s = turn->in.monitor.setpoint_um_s,
                                             .mode = MODE_MOVE},
                                 .torque_ok = true,
                                 .torque_permille = reads(turn, TORQUE_OK) ? 100 : 99,
                                 .drive_ready = true,
                                 .shared = (reads(turn, ESTOP) ? FAULT_BIT(ESTOP) : 0) |
                                           (reads(turn, LINK_LOST) ? FAULT_BIT(LINK_LOST) : 0),
                                 .drive_link_lost = reads(turn, LINK_LOST),
                                 .caught = reads(turn, CAUGHT),
                                 .end = reads(turn, END),
                                 .disarm = reads(turn, DISARM)};
    turn->after = turn->before;
    judge_step(&turn->after, &stop_table_reference, &limits, &turn->in);
    transitions++;
    check_latches(turn);
    check_way_up(turn);
    check_way_down(turn);
    check_after(turn);
}

static void search(enum axis_state state, int past) {
    struct turn turn = {.before = {.state = state,
                                   .latched = earlier[past].latched,
                                   .reaction = earlier[past].reaction,
                                   .monitor = {.seen_good = true}}};
    for (int cycles = 0; cycles <= CYCLES_MAX + 1; cycles++)
        for (int motion = 0; motion < MOTIONS; motion++)
            for (turn.readings = 0; turn.readings < 1 << READINGS; turn.readings++) {
                turn.before.cycles_in_state = cycles;
                turn.in.monitor.speed_um_s = motion_um_s[motion][0];
                turn.in.monitor.setpoint_um_s = motion_um_s[motion][1];
                take(&turn);
            }
}

/* Nothing leads to torque, to an open brake or to motion but the one event; nothing but a reset out of the fault. */
static void search_states(void) {
    for (int state = 0; state < STATE_COUNT; state++)
        for (int event = 0; event < EVENT_AXIS_COUNT; event++, transitions++) {
            struct turn turn = {.before = {.state = (enum axis_state)state}};
            turn.after.state = state_next((enum axis_state)state, (enum axis_event)event);
            bool arms = comes(&turn, STATE_ARMED), runs = comes(&turn, STATE_RUNNING);
            rule(&turn, !comes(&turn, STATE_ENABLING) || event == EVENT_AXIS_RUN, "torque without a run");
            rule(&turn, !(comes(&turn, STATE_OPENING) || runs) || event == EVENT_AXIS_DONE, "on before it is time");
            rule(&turn, !arms || event == EVENT_AXIS_ARM || event == EVENT_AXIS_DONE, "armed by itself");
            rule(&turn, state != STATE_FAULT || turn.after.state == STATE_FAULT || event == EVENT_AXIS_RESET,
                 "left the fault without a reset");
            rule(&turn, event != EVENT_AXIS_TRIP_0 || turn.after.state == STATE_FAULT, "category 0 is not off");
        }
}

int main(int argc, char **argv) {
    int part = argc == 3 ? atoi(argv[1]) : 0, parts = argc == 3 ? atoi(argv[2]) : 0;
    if (parts < 1 || part < 0 || part >= parts)
        return fprintf(stderr, "usage: exhaust_judge PART PARTS   (0 <= PART < PARTS)\n"), 2;
    search_states();
    for (int i = part; i < STATE_COUNT * EARLIER; i += parts)
        search((enum axis_state)(i / EARLIER), i % EARLIER);
    printf("# %lld transitions\n", transitions);
    return 0;
}
