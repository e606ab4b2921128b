/* The judge: latches, reactions, state. Integers only. */
#include "controller/safety/judge.h"

#include <assert.h>

void judge_init(struct judge_axis *axis) {
    *axis = (struct judge_axis){0};
    axis->state = STATE_DISARMED;
}

/* --- what a state means ------------------------------------------------------------------------------------------- */

bool judge_wants_torque(enum axis_state state) {
    return state == STATE_ENABLING || state == STATE_OPENING || state == STATE_RUNNING || state == STATE_STOPPING ||
           state == STATE_CLOSING;
}

bool judge_wants_brake_open(enum axis_state state) {
    return state == STATE_OPENING || state == STATE_RUNNING || state == STATE_STOPPING;
}

static bool disabled(enum axis_state state) {
    return state == STATE_FAULT || state == STATE_DISARMED || state == STATE_ARMED;
}

static bool drive_stops_itself(const struct judge_axis *axis) {
    if (axis->state != STATE_STOPPING && axis->state != STATE_CLOSING)
        return false;
    return axis->reaction == STOP_DRIVE;
}

static struct monitor_duty duty_of(const struct judge_axis *axis) {
    bool stopping = axis->state == STATE_STOPPING && !drive_stops_itself(axis);
    bool closed = !judge_wants_brake_open(axis->state);
    return (struct monitor_duty){
        .obeys = axis->state == STATE_RUNNING || stopping,
        .holds = axis->state == STATE_OPENING, /* behind a brake that sticks, a drive that creeps is better than none */
        .needs_torque = judge_wants_torque(axis->state) && axis->state != STATE_ENABLING,
        .stops_itself = drive_stops_itself(axis),
        .released = axis->state == STATE_RUNNING,
        .asks_closed = closed,
        .relies_on_brake = closed && axis->state != STATE_CLOSING,
    };
}

/* What a state must achieve in time. */
static uint64_t overdue(const struct judge_axis *axis, const struct judge_limits *limits) {
    if (axis->state == STATE_ENABLING && axis->cycles_in_state > limits->enable_cycles_max)
        return FAULT_BIT(DRIVE_DISOBEYS);
    if (axis->state == STATE_OPENING && axis->cycles_in_state > limits->brake_open_cycles_max)
        return FAULT_BIT(BRAKE_OPEN);
    if (axis->state == STATE_STOPPING && axis->cycles_in_state > limits->stop_cycles_max)
        return FAULT_BIT(STOP_TIME);
    if (axis->state == STATE_CLOSING && axis->cycles_in_state > limits->brake_close_cycles_max)
        return FAULT_BIT(BRAKE_CLOSE);
    if (axis->state == STATE_RELEASING && axis->cycles_in_state > limits->enable_cycles_max)
        return FAULT_BIT(DRIVE_DISOBEYS);
    return 0;
}

static bool standing(const struct judge_limits *limits, const struct judge_in *in) {
    return in->monitor.drive_ok && in->monitor.speed_um_s <= limits->monitor.standstill_um_s &&
           in->monitor.speed_um_s >= -limits->monitor.standstill_um_s;
}

/* Enough torque to hold the declared load, before the brake lets go of it? */
static bool torque_proved(const struct judge_limits *limits, const struct judge_in *in) {
    if (!limits->torque_watched)
        return true;
    return in->torque_ok && in->torque_permille >= limits->torque_min_permille;
}

/* Has what the state waits for happened? */
static bool done(const struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in) {
    const struct monitor_in *seen = &in->monitor;
    if (axis->state == STATE_ENABLING)
        return seen->drive_enabled && standing(limits, in) && torque_proved(limits, in);
    if (axis->state == STATE_OPENING)
        return seen->brake_ok && !seen->brake_closed;
    if (axis->state == STATE_STOPPING)
        return (drive_stops_itself(axis) || seen->setpoint_um_s == 0) && standing(limits, in);
    if (axis->state == STATE_CLOSING) /* the switch may tell before the pads hold: wait for the declared time */
        return seen->brake_ok && !seen->brake_open && axis->cycles_in_state >= limits->brake_close_cycles_max;
    if (axis->state == STATE_RELEASING)
        return in->holds_slip || (seen->drive_ok && !seen->drive_enabled);
    return false;
}

/* --- state -------------------------------------------------------------------------------------------------------- */

static void enter(struct judge_axis *axis, enum axis_state next) {
    axis->cycles_in_state = next == axis->state ? axis->cycles_in_state : 0;
    axis->state = next;
}

static void age(struct judge_axis *axis) {
    if (axis->cycles_in_state < INT32_MAX)
        axis->cycles_in_state++;
}

/* Until the reset a drive that was out of sight is not trusted to be what it was. It is not under suspicion, and a
 * person may hang on its torque until the brake's pads hold: it stops by its own ramp first. The link of another drive
 * takes nothing from the sight of this one. */
static bool in_sight(const struct judge_axis *axis, const struct judge_in *in) {
    return in->monitor.drive_ok && (axis->latched & FAULT_BIT(DRIVE_STALE)) == 0 && !axis->drive_link_lost;
}

/* A trip beats the end of motion. Without sight of the drive there is no ramp. */
static enum axis_event wanted_event(const struct judge_axis *axis, const struct judge_limits *limits,
                                    const struct judge_in *in) {
    if (axis->state == STATE_STOPPING && axis->cycles_in_state > limits->stop_cycles_max)
        return EVENT_AXIS_TRIP_0; /* whatever else is known */
    if (axis->reaction == STOP_OFF)
        return EVENT_AXIS_TRIP_0;
    if (axis->reaction != STOP_NONE)
        return in_sight(axis, in) ? EVENT_AXIS_TRIP_1 : EVENT_AXIS_TRIP_0;
    return in->end ? EVENT_AXIS_END : EVENT_AXIS_NOTHING;
}

/* One move a cycle: what is wanted, and only when that changes nothing, what the state was waiting for. */
static void move(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in) {
    enum axis_event event = wanted_event(axis, limits, in);
    if (state_next(axis->state, event) == axis->state && done(axis, limits, in))
        event = EVENT_AXIS_DONE;
    bool loses_torque = event == EVENT_AXIS_TRIP_0 && judge_wants_torque(axis->state);
    axis->blind = axis->reaction != STOP_OFF && (axis->blind || loses_torque);
    enter(axis, state_next(axis->state, event));
}

/* After a stop with something latched, or towards disarm, the axis does not go back to armed. */
static void settle(struct judge_axis *axis, bool disarm) {
    if (axis->state != STATE_ARMED)
        return;
    if (axis->reaction != STOP_NONE)
        enter(axis, state_next(axis->state, EVENT_AXIS_TRIP_1));
    else if (disarm)
        enter(axis, state_next(axis->state, EVENT_AXIS_DISARM));
}

/* --- latches ------------------------------------------------------------------------------------------------------ */

static enum stop_reaction harder(enum stop_reaction one, enum stop_reaction other) {
    return one > other ? one : other;
}

static void latch(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                  const struct judge_in *in, uint64_t fresh) {
    enum axis_mode mode = in->monitor.mode;
    enum stop_direction direction =
        stop_direction(in->monitor.setpoint_um_s, in->monitor.speed_um_s, limits->monitor.standstill_um_s);
    axis->latched |= fresh;
    axis->allow_payout = (axis->allow_payout & ~fresh) | stop_allowing_payout(table, fresh, mode, direction);
    axis->allow_takein = (axis->allow_takein & ~fresh) | stop_allowing_takein(table, fresh, mode, direction);
    axis->reaction = harder(axis->reaction, stop_strongest(table, fresh, mode, direction));
    axis->rig_stop = stop_of_rig(table, fresh, mode, direction);
}

/* What was caught while running latches although it has no cause that lasts. */
static uint64_t events(const struct judge_axis *axis, const struct judge_in *in) {
    return in->caught && axis->state == STATE_RUNNING ? FAULT_BIT(FALL_CAUGHT) : 0;
}

static bool can_start(const struct judge_axis *axis, const struct judge_in *in) {
    return axis->quiet && axis->reaction == STOP_NONE && axis->monitor.seen_good && in->monitor.drive_ok &&
           in->monitor.chain_closed && in->drive_ready;
}

/* New faults, then the one move of the cycle. */
static void act(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                const struct judge_in *in, uint64_t fresh) {
    latch(axis, table, limits, in, fresh);
    move(axis, limits, in);
    settle(axis, in->disarm);
    axis->startable = can_start(axis, in);
}

/* Does the drive's state say what the word of the last cycle asks? One that asks for torque is no stop to confirm. */
static bool obeyed(const struct monitor_in *in) {
    if (in->asked_off)
        return in->drive_off;
    return !in->asked_stop || in->drive_stops;
}

/* A stop word is confirmed by the drive's state, and then repeated for as long as an older reply may be under way. */
static void hear(struct judge_axis *axis, const struct judge_limits *limits, const struct monitor_in *in) {
    if (!in->drive_ok || !obeyed(in))
        axis->quiet_cycles = 0;
    else if (axis->quiet_cycles < INT32_MAX)
        axis->quiet_cycles++;
    axis->quiet = axis->quiet_cycles >= limits->reply_cycles_max;
}

void judge_step(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                const struct judge_in *in) {
    struct monitor_duty duty = duty_of(axis);
    uint64_t seen = monitor_step(&axis->monitor, &limits->monitor, &in->monitor, &duty);
    age(axis);
    if (in->drive_link_lost)
        axis->drive_link_lost = true;
    hear(axis, limits, &in->monitor);
    axis->causes = in->shared | seen | overdue(axis, limits);
    axis->tolerated &= axis->causes;
    act(axis, table, limits, in, (axis->causes | events(axis, in)) & ~axis->latched & ~axis->tolerated);
}

void judge_stop_with_rig(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                         const struct judge_in *in) {
    act(axis, table, limits, in, FAULT_BIT(RIG_STOP) & ~axis->latched);
}

/* --- reset and start ---------------------------------------------------------------------------------------------- */

/* A drive's own fault is cleared by the reset itself: its word goes out afterwards, and a fault that stays latches
 * again. */
static uint64_t remaining(const struct judge_axis *axis) {
    return axis->causes & ~FAULT_BIT(DRIVE_FAULT);
}

static bool covered(uint64_t faults, uint64_t allowing) {
    return (faults & ~allowing) == 0;
}

bool judge_can_reset(const struct judge_axis *axis) {
    uint64_t left = remaining(axis);
    if (!disabled(axis->state) || !axis->quiet || (left & STOP_NEVER_ALLOWED) != 0)
        return false;
    return covered(left, axis->allow_payout) || covered(left, axis->allow_takein);
}

void judge_reset(struct judge_axis *axis) {
    assert(judge_can_reset(axis));
    axis->tolerated = remaining(axis);
    axis->latched = 0;
    axis->reaction = STOP_NONE;
    axis->startable = false;
    axis->blind = axis->drive_link_lost = false;
    enter(axis, state_next(axis->state, EVENT_AXIS_RESET));
}

bool judge_permits_payout(const struct judge_axis *axis) {
    return covered(axis->tolerated, axis->allow_payout);
}

bool judge_permits_takein(const struct judge_axis *axis) {
    return covered(axis->tolerated, axis->allow_takein);
}

void judge_event(struct judge_axis *axis, enum axis_event event) {
    assert(event == EVENT_AXIS_ARM || event == EVENT_AXIS_DISARM);
    enter(axis, state_next(axis->state, event));
}

bool judge_run(struct judge_axis *axis, bool permission) {
    if (axis->state != STATE_ARMED || !axis->startable || !permission)
        return false;
    enter(axis, state_next(axis->state, EVENT_AXIS_RUN));
    return true;
}

bool judge_wants_quick_stop(const struct judge_axis *axis, const struct judge_limits *limits) {
    if (axis->state == STATE_FAULT)
        return axis->blind && axis->cycles_in_state <= limits->brake_close_cycles_max;
    return drive_stops_itself(axis);
}
