/* Every cell of the state table, against the rules it must keep rather than against a copy of it. */
#include "controller/safety/state.h"

#include <criterion/criterion.h>
#include <stdbool.h>

#include "controller/safety/judge.h"

static bool torque(enum axis_state state) {
    return judge_wants_torque(state);
}

Test(state, every_cell_has_a_valid_next_state) {
    for (int state = 0; state < STATE_COUNT; state++)
        for (int event = 0; event < EVENT_AXIS_COUNT; event++) {
            enum axis_state next = state_next((enum axis_state)state, (enum axis_event)event);
            cr_assert(next >= 0 && next < STATE_COUNT);
        }
}

Test(state, category_0_ends_in_fault_from_everywhere) {
    for (int state = 0; state < STATE_COUNT; state++)
        cr_expect_eq(state_next((enum axis_state)state, EVENT_AXIS_TRIP_0), STATE_FAULT, "%s",
                     state_name((enum axis_state)state));
}

Test(state, category_1_never_leads_towards_motion) {
    static const enum axis_state after[STATE_COUNT] = {
        [STATE_FAULT] = STATE_FAULT,          [STATE_DISARMED] = STATE_FAULT,    [STATE_ARMED] = STATE_FAULT,
        [STATE_ENABLING] = STATE_RELEASING,   [STATE_OPENING] = STATE_CLOSING,   [STATE_RUNNING] = STATE_STOPPING,
        [STATE_STOPPING] = STATE_STOPPING,    [STATE_CLOSING] = STATE_CLOSING,   [STATE_RELEASING] = STATE_RELEASING,
    };
    for (int state = 0; state < STATE_COUNT; state++)
        cr_expect_eq(state_next((enum axis_state)state, EVENT_AXIS_TRIP_1), after[state], "%s",
                     state_name((enum axis_state)state));
}

Test(state, fault_is_left_by_reset_only) {
    for (int event = 0; event < EVENT_AXIS_COUNT; event++)
        cr_expect_eq(state_next(STATE_FAULT, (enum axis_event)event),
                     event == EVENT_AXIS_RESET ? STATE_DISARMED : STATE_FAULT);
}

Test(state, torque_begins_with_run_from_armed_only) {
    for (int state = 0; state < STATE_COUNT; state++)
        for (int event = 0; event < EVENT_AXIS_COUNT; event++) {
            enum axis_state from = (enum axis_state)state, to = state_next(from, (enum axis_event)event);
            if (torque(to) && !torque(from))
                cr_expect(from == STATE_ARMED && event == EVENT_AXIS_RUN, "%s", state_name(from));
        }
}

Test(state, running_is_reached_through_the_opened_brake_only) {
    for (int state = 0; state < STATE_COUNT; state++)
        for (int event = 0; event < EVENT_AXIS_COUNT; event++) {
            enum axis_state from = (enum axis_state)state;
            if (from != STATE_RUNNING && state_next(from, (enum axis_event)event) == STATE_RUNNING)
                cr_expect(from == STATE_OPENING && event == EVENT_AXIS_DONE);
        }
}

Test(state, the_brake_never_closes_before_the_ramp_except_by_category_0) {
    for (int event = 0; event < EVENT_AXIS_COUNT; event++) {
        enum axis_state next = state_next(STATE_RUNNING, (enum axis_event)event);
        cr_expect(next == STATE_RUNNING || next == STATE_STOPPING ||
                  (next == STATE_FAULT && event == EVENT_AXIS_TRIP_0));
    }
}

Test(state, a_brake_open_without_torque_is_no_state) {
    for (int state = 0; state < STATE_COUNT; state++)
        cr_expect(!judge_wants_brake_open((enum axis_state)state) || torque((enum axis_state)state));
}

Test(state, each_has_its_name) {
    static const char *const names[STATE_COUNT] = {"fault",   "disarmed", "armed",   "enabling", "opening",
                                                   "running", "stopping", "closing", "releasing"};
    for (int state = 0; state < STATE_COUNT; state++)
        cr_expect_str_eq(state_name((enum axis_state)state), names[state]);
}
