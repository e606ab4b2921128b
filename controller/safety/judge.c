/* The judge: causes, latches, state. Integers only. */
#include "controller/safety/judge.h"

#include <assert.h>
#include <stddef.h>
#include <string.h>

void judge_init(struct judge_axis *axis) {
    memset(axis, 0, sizeof *axis);
    axis->state = STATE_DISARMED;
}

bool judge_wants_torque(enum axis_state state) {
    return state == STATE_ENABLING || state == STATE_OPENING || state == STATE_RUNNING || state == STATE_STOPPING ||
           state == STATE_CLOSING;
}

bool judge_wants_brake_open(enum axis_state state) {
    return state == STATE_OPENING || state == STATE_RUNNING || state == STATE_STOPPING;
}

static bool moves_by_setpoint(enum axis_state state) {
    return state == STATE_RUNNING || state == STATE_STOPPING;
}

static int32_t magnitude(int32_t value) {
    return value < 0 ? (value == INT32_MIN ? INT32_MAX : -value) : value;
}

static bool standing(const struct judge_limits *limits, const struct judge_in *in) {
    return in->drive_ok && magnitude(in->speed_um_s) <= limits->standstill_um_s;
}

/* Actual speed against the setpoints of the last window: a drive that lags lies between them, one that disobeys does
 * not. */
static uint32_t following(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in) {
    int32_t low = axis->window[0], high = axis->window[0];
    for (int32_t i = 1; i < limits->following_cycles; i++) {
        low = axis->window[i] < low ? axis->window[i] : low;
        high = axis->window[i] > high ? axis->window[i] : high;
    }
    bool outside = (int64_t)in->speed_um_s < (int64_t)low - limits->following_um_s ||
                   (int64_t)in->speed_um_s > (int64_t)high + limits->following_um_s;
    bool watched = moves_by_setpoint(axis->state) && in->drive_ok;
    axis->following_count = watched && outside ? axis->following_count + 1 : 0;
    return axis->following_count >= limits->following_cycles ? FAULT_BIT(DRIVE_DISOBEYS) : 0;
}

static uint32_t movement(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in) {
    bool closed = !judge_wants_brake_open(axis->state) && axis->cycles_in_state > limits->brake_close_cycles_max &&
                  axis->state != STATE_CLOSING && axis->state != STATE_RELEASING;
    bool moves = in->drive_ok && !standing(limits, in);
    axis->moved_cycles = closed && moves ? axis->moved_cycles + 1 : 0;
    return axis->moved_cycles >= limits->moved_cycles_max ? FAULT_BIT(MOVEMENT) : 0;
}

/* What a state must achieve in time. */
static uint32_t overdue(const struct judge_axis *axis, const struct judge_limits *limits) {
    static const struct {
        enum axis_state state;
        size_t limit;
        uint32_t fault;
    } times[] = {
        {STATE_ENABLING, offsetof(struct judge_limits, enable_cycles_max), FAULT_BIT(DRIVE_DISOBEYS)},
        {STATE_OPENING, offsetof(struct judge_limits, brake_open_cycles_max), FAULT_BIT(BRAKE_OPEN)},
        {STATE_STOPPING, offsetof(struct judge_limits, stop_cycles_max), FAULT_BIT(STOP_TIME)},
        {STATE_CLOSING, offsetof(struct judge_limits, brake_close_cycles_max), FAULT_BIT(BRAKE_CLOSE)},
        {STATE_RELEASING, offsetof(struct judge_limits, enable_cycles_max), FAULT_BIT(DRIVE_DISOBEYS)},
    };
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int32_t limit;
        memcpy(&limit, (const char *)limits + times[i].limit, sizeof limit);
        if (axis->state == times[i].state && axis->cycles_in_state > limit)
            return times[i].fault;
    }
    return 0;
}

static uint32_t value_faults(const struct judge_axis *axis, const struct judge_limits *limits,
                             const struct judge_in *in) {
    uint32_t faults = 0;
    if (in->drive_ok && magnitude(in->speed_um_s) > limits->overspeed_um_s)
        faults |= FAULT_BIT(OVERSPEED);
    if (in->tension_ok && in->tension_mn > limits->tension_max_mn)
        faults |= FAULT_BIT(OVERTENSION);
    if (in->drive_ok && in->drive_fault)
        faults |= FAULT_BIT(DRIVE_FAULT);
    bool outward = (in->position_um > limits->position_max_um && in->speed_um_s > limits->standstill_um_s) ||
                   (in->position_um < limits->position_min_um && in->speed_um_s < -limits->standstill_um_s);
    if (in->position_ok && in->drive_ok && outward && moves_by_setpoint(axis->state))
        faults |= FAULT_BIT(POSITION_LIMIT);
    /* A drive that gave up its torque is never enabled again from here: it may have restarted. */
    bool needs_torque = judge_wants_torque(axis->state) && axis->state != STATE_ENABLING;
    if (in->drive_ok && !in->drive_enabled && !in->drive_fault && needs_torque)
        faults |= FAULT_BIT(DRIVE_DISOBEYS);
    if (axis->state == STATE_RUNNING && in->brake_ok && !in->brake_open)
        faults |= FAULT_BIT(BRAKE_OPEN);
    return faults;
}

static uint32_t stale_faults(struct judge_axis *axis, const struct judge_in *in) {
    axis->seen_good = axis->seen_good || (in->drive_ok && in->position_ok && in->tension_ok && in->brake_ok);
    if (!axis->seen_good)
        return 0;
    return (in->drive_ok ? 0 : FAULT_BIT(DRIVE_STALE)) | (in->position_ok ? 0 : FAULT_BIT(POSITION_STALE)) |
           (in->tension_ok ? 0 : FAULT_BIT(TENSION_STALE)) | (in->brake_ok ? 0 : FAULT_BIT(IO_STALE));
}

static bool category_0(uint32_t faults) {
    for (int id = 1; id < FAULT_COUNT; id++)
        if (faults & (UINT32_C(1) << id) && fault_text((enum fault_id)id)->category == 0)
            return true;
    return false;
}

/* Has what the state waits for happened? */
static bool done(const struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in,
                 int32_t setpoint_um_s) {
    switch (axis->state) {
    case STATE_ENABLING:
        return in->drive_ok && in->drive_enabled;
    case STATE_OPENING:
        return in->brake_ok && in->brake_open;
    case STATE_STOPPING:
        return setpoint_um_s == 0 && standing(limits, in);
    case STATE_CLOSING: /* the switch may tell before the pads hold: wait for the whole declared closing time */
        return in->brake_ok && !in->brake_open && axis->cycles_in_state >= limits->brake_close_cycles_max;
    case STATE_RELEASING:
        return in->drive_ok && !in->drive_enabled;
    case STATE_FAULT:
    case STATE_DISARMED:
    case STATE_ARMED:
    case STATE_RUNNING:
    case STATE_COUNT:
        break;
    }
    return false;
}

void judge_event(struct judge_axis *axis, enum axis_event event) {
    enum axis_state next = state_next(axis->state, event);
    axis->cycles_in_state = next == axis->state ? axis->cycles_in_state : 0;
    axis->state = next;
}

/* After a stop with something latched, or towards disarm, the axis does not go back to armed. */
static void settle(struct judge_axis *axis, bool disarm) {
    if (axis->state != STATE_ARMED)
        return;
    if (axis->latched)
        judge_event(axis, EVENT_AXIS_TRIP_1);
    else if (disarm)
        judge_event(axis, EVENT_AXIS_DISARM);
}

void judge_step(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in,
                int32_t setpoint_um_s) {
    assert(limits->following_cycles >= 1 && limits->following_cycles <= JUDGE_WINDOW_MAX);
    axis->window_next = (axis->window_next + 1) % limits->following_cycles;
    axis->window[axis->window_next] = setpoint_um_s;
    if (axis->cycles_in_state < INT32_MAX)
        axis->cycles_in_state++;

    axis->causes = in->shared | stale_faults(axis, in) | value_faults(axis, limits, in) | following(axis, limits, in) |
                   movement(axis, limits, in) | overdue(axis, limits);
    bool caught = in->caught && axis->state == STATE_RUNNING;
    uint32_t fresh = (axis->causes | (caught ? FAULT_BIT(FALL_CAUGHT) : 0)) & ~axis->latched;
    axis->latched |= fresh;

    /* One move a cycle: a trip beats the end of motion, which beats what the state was waiting for. */
    enum axis_event event = category_0(fresh) ? EVENT_AXIS_TRIP_0
                            : fresh           ? EVENT_AXIS_TRIP_1
                            : in->end         ? EVENT_AXIS_END
                                              : EVENT_AXIS_NOTHING;
    if (state_next(axis->state, event) == axis->state && done(axis, limits, in, setpoint_um_s))
        event = EVENT_AXIS_DONE;
    judge_event(axis, event);
    settle(axis, in->disarm);
}

bool judge_can_reset(const struct judge_axis *axis) {
    bool disabled = axis->state == STATE_FAULT || axis->state == STATE_DISARMED || axis->state == STATE_ARMED;
    /* A drive's own fault is cleared by the reset itself: its word goes out afterwards, and a fault that stays
     * latches again. */
    return disabled && (axis->causes & ~FAULT_BIT(DRIVE_FAULT)) == 0;
}

void judge_reset(struct judge_axis *axis) {
    assert(judge_can_reset(axis));
    axis->latched = 0;
    judge_event(axis, EVENT_AXIS_RESET);
}

uint32_t judge_estop(struct judge_estop *estop, bool io_ok, bool a_closed, bool b_closed, int32_t discrepancy_cycles) {
    if (!io_ok) {
        estop->differ_cycles = 0;
        return FAULT_BIT(IO_STALE);
    }
    estop->differ_cycles = a_closed != b_closed ? estop->differ_cycles + 1 : 0;
    uint32_t faults = a_closed && b_closed ? 0 : FAULT_BIT(ESTOP);
    return faults | (estop->differ_cycles >= discrepancy_cycles ? FAULT_BIT(ESTOP_DISCREPANCY) : 0);
}
