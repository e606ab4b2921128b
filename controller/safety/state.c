/* The state table of one axis. A cell that is not written keeps its state. */
#include "controller/safety/state.h"

#include <assert.h>

static const struct {
    enum axis_state from;
    enum axis_event event;
    enum axis_state to;
} moves[] = {
    /* Trips: torque off at once, or a ramp when there is something to ramp. */
    {STATE_DISARMED, EVENT_AXIS_TRIP_0, STATE_FAULT},
    {STATE_DISARMED, EVENT_AXIS_TRIP_1, STATE_FAULT},
    {STATE_ARMED, EVENT_AXIS_TRIP_0, STATE_FAULT},
    {STATE_ARMED, EVENT_AXIS_TRIP_1, STATE_FAULT},
    {STATE_ENABLING, EVENT_AXIS_TRIP_0, STATE_FAULT},
    {STATE_ENABLING, EVENT_AXIS_TRIP_1, STATE_RELEASING},
    {STATE_OPENING, EVENT_AXIS_TRIP_0, STATE_FAULT},
    {STATE_OPENING, EVENT_AXIS_TRIP_1, STATE_CLOSING},
    {STATE_RUNNING, EVENT_AXIS_TRIP_0, STATE_FAULT},
    {STATE_RUNNING, EVENT_AXIS_TRIP_1, STATE_STOPPING},
    {STATE_STOPPING, EVENT_AXIS_TRIP_0, STATE_FAULT},
    {STATE_CLOSING, EVENT_AXIS_TRIP_0, STATE_FAULT},
    {STATE_RELEASING, EVENT_AXIS_TRIP_0, STATE_FAULT},
    /* The way to motion and back. */
    {STATE_FAULT, EVENT_AXIS_RESET, STATE_DISARMED},
    {STATE_DISARMED, EVENT_AXIS_ARM, STATE_ARMED},
    {STATE_ARMED, EVENT_AXIS_DISARM, STATE_DISARMED},
    {STATE_ARMED, EVENT_AXIS_RUN, STATE_ENABLING},
    {STATE_ENABLING, EVENT_AXIS_DONE, STATE_OPENING},
    {STATE_ENABLING, EVENT_AXIS_END, STATE_RELEASING},
    {STATE_OPENING, EVENT_AXIS_DONE, STATE_RUNNING},
    {STATE_OPENING, EVENT_AXIS_END, STATE_CLOSING},
    {STATE_RUNNING, EVENT_AXIS_END, STATE_STOPPING},
    {STATE_STOPPING, EVENT_AXIS_DONE, STATE_CLOSING},
    {STATE_CLOSING, EVENT_AXIS_DONE, STATE_RELEASING},
    {STATE_RELEASING, EVENT_AXIS_DONE, STATE_ARMED},
};

enum axis_state state_next(enum axis_state state, enum axis_event event) {
    assert(state >= 0 && state < STATE_COUNT);
    assert(event >= 0 && event < EVENT_AXIS_COUNT);
    /*@ loop invariant 0 <= i <= sizeof(moves) / sizeof(moves[0]);
        loop invariant \forall integer k; 0 <= k < i ==> !(moves[k].from == state && moves[k].event == event);
        loop assigns i;
        loop variant sizeof(moves) / sizeof(moves[0]) - i;
    */
    for (unsigned i = 0; i < sizeof moves / sizeof moves[0]; i++)
        if (moves[i].from == state && moves[i].event == event)
            return moves[i].to;
    return state;
}

const char *state_name(enum axis_state state) {
    static const char *const names[STATE_COUNT] = {
        [STATE_FAULT] = "fault",       [STATE_DISARMED] = "disarmed", [STATE_ARMED] = "armed",
        [STATE_ENABLING] = "enabling", [STATE_OPENING] = "opening",   [STATE_RUNNING] = "running",
        [STATE_STOPPING] = "stopping", [STATE_CLOSING] = "closing",   [STATE_RELEASING] = "releasing",
    };
    assert(state >= 0 && state < STATE_COUNT);
    return names[state];
}
