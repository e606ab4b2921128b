/* The state of one axis, as a const table: state x event -> next state. docs/states.md is printed from it. */
#ifndef BELAY_CONTROLLER_SAFETY_STATE_H
#define BELAY_CONTROLLER_SAFETY_STATE_H

enum axis_state {
    STATE_FAULT,     /* disabled, brake closed, at least one fault latched */
    STATE_DISARMED,  /* disabled, brake closed, nothing latched */
    STATE_ARMED,     /* disabled, brake closed, waiting for a permission and a command */
    STATE_ENABLING,  /* drive going to operation enabled at zero speed, brake closed */
    STATE_OPENING,   /* drive holds zero speed, brake opening */
    STATE_RUNNING,   /* setpoints of the plan, brake open */
    STATE_STOPPING,  /* category 1 ramp to zero, brake open */
    STATE_CLOSING,   /* drive holds zero speed, brake closing */
    STATE_RELEASING, /* brake closed, drive giving up its torque */
    STATE_COUNT
};

enum axis_event {
    EVENT_AXIS_NOTHING,
    EVENT_AXIS_TRIP_0,     /* fault of category 0: torque off, brake */
    EVENT_AXIS_TRIP_1,     /* fault of category 1, E-stop: ramp, then brake */
    EVENT_AXIS_END,        /* permission gone, STOP, motion done: ramp, then brake */
    EVENT_AXIS_DONE,       /* what the state waits for has happened */
    EVENT_AXIS_ARM,
    EVENT_AXIS_DISARM,
    EVENT_AXIS_RUN,        /* GO or jog accepted */
    EVENT_AXIS_RESET,      /* accepted reset */
    EVENT_AXIS_COUNT
};

/* What moves the axis: the column of the stop table. */
enum axis_mode {
    MODE_NONE,     /* nothing: standing, armed or not */
    MODE_JOG,
    MODE_MOVE,
    MODE_FOLLOW,   /* belaying: holding the rope's tension on a climber */
    MODE_CATCH,    /* belaying: stopping a fall */
    MODE_RECOVERY, /* moving a person out with a failed sensor */
    MODE_COUNT
};

/* Next state. Pure, total over both enums. */
/*@ requires 0 <= state < STATE_COUNT && 0 <= event < EVENT_AXIS_COUNT;
    assigns \nothing;
    ensures total: 0 <= \result < STATE_COUNT;
    ensures torque_off: event == EVENT_AXIS_TRIP_0 ==> \result == STATE_FAULT;
    ensures no_motion_after_a_trip: event == EVENT_AXIS_TRIP_1 ==>
      \result == STATE_FAULT || \result == STATE_STOPPING || \result == STATE_CLOSING || \result == STATE_RELEASING;
    ensures one_way_to_motion: \result == STATE_RUNNING && state != STATE_RUNNING ==>
      state == STATE_OPENING && event == EVENT_AXIS_DONE;
    ensures one_way_to_torque: \result == STATE_ENABLING && state != STATE_ENABLING ==>
      state == STATE_ARMED && event == EVENT_AXIS_RUN;
    ensures one_way_to_release: \result == STATE_OPENING && state != STATE_OPENING ==>
      state == STATE_ENABLING && event == EVENT_AXIS_DONE;
    ensures no_arming_after_a_trip: event == EVENT_AXIS_DONE ==> \result != STATE_DISARMED || state == STATE_DISARMED;
    ensures nothing_happened: event == EVENT_AXIS_NOTHING ==> \result == state;
    ensures reset_is_not_arm: event == EVENT_AXIS_RESET ==> \result == state ||
      (state == STATE_FAULT && \result == STATE_DISARMED);
    ensures arm_is_not_go: event == EVENT_AXIS_ARM ==> \result == state ||
      (state == STATE_DISARMED && \result == STATE_ARMED);
    ensures disarm: event == EVENT_AXIS_DISARM ==> \result == state ||
      (state == STATE_ARMED && \result == STATE_DISARMED);
    ensures run: event == EVENT_AXIS_RUN ==> \result == (state == STATE_ARMED ? STATE_ENABLING : state);
    ensures armed_trips: event == EVENT_AXIS_TRIP_1 && state == STATE_ARMED ==> \result == STATE_FAULT;
    ensures resets: event == EVENT_AXIS_RESET && state == STATE_FAULT ==> \result == STATE_DISARMED;
    ensures arms: event == EVENT_AXIS_ARM && state == STATE_DISARMED ==> \result == STATE_ARMED;
    ensures disarms: event == EVENT_AXIS_DISARM && state == STATE_ARMED ==> \result == STATE_DISARMED;
    ensures running_ends: event == EVENT_AXIS_END && state == STATE_RUNNING ==> \result == STATE_STOPPING;
    ensures opening_ends: event == EVENT_AXIS_END && state == STATE_OPENING ==> \result == STATE_CLOSING;
    ensures enabling_ends: event == EVENT_AXIS_END && state == STATE_ENABLING ==> \result == STATE_RELEASING;
    ensures brake_before_release: state == STATE_CLOSING && \result == STATE_RELEASING ==> event == EVENT_AXIS_DONE;
    ensures no_torque_by_itself: event != EVENT_AXIS_RUN &&
      (state == STATE_FAULT || state == STATE_DISARMED || state == STATE_ARMED || state == STATE_RELEASING) ==>
      \result == STATE_FAULT || \result == STATE_DISARMED || \result == STATE_ARMED || \result == STATE_RELEASING;
    ensures only_a_reset_leaves_fault: state == STATE_FAULT && event != EVENT_AXIS_RESET ==> \result == STATE_FAULT;
*/
enum axis_state state_next(enum axis_state state, enum axis_event event);

/* "fault", "disarmed", ... Never NULL. */
/*@ requires 0 <= state < STATE_COUNT;
    assigns \nothing;
*/
const char *state_name(enum axis_state state);

#endif
