/* The judge: from the readings of one cycle to faults and the axis's state. Integers only, pure, no plan known.
 *
 * Units: um, um/s, mN, and cycles for times. Called once per axis and cycle, before any command is looked at, so
 * that a stop beats a GO of the same cycle.
 */
#ifndef BELAY_CONTROLLER_SAFETY_JUDGE_H
#define BELAY_CONTROLLER_SAFETY_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/fault.h"
#include "controller/safety/state.h"

#define JUDGE_WINDOW_MAX 64 /* setpoints remembered for the following check */

/* Limits of one axis, from the rig. Counts of cycles are >= 1. */
struct judge_limits {
    int64_t position_min_um, position_max_um;
    int32_t overspeed_um_s;
    int32_t standstill_um_s;
    int32_t following_um_s;
    int32_t following_cycles; /* 1..JUDGE_WINDOW_MAX */
    int32_t tension_max_mn;
    int32_t stop_cycles_max;
    int32_t enable_cycles_max;
    int32_t brake_open_cycles_max;
    int32_t brake_close_cycles_max;
    int32_t moved_cycles_max; /* movement with the brake closed, in a row; >= 2: one reading is encoder noise */
};

/* Readings of one axis in one cycle. A value whose `_ok` is false must not be used and is not. */
struct judge_in {
    bool drive_ok, position_ok, tension_ok; /* fresh and good */
    int64_t position_um;
    int32_t speed_um_s;
    int32_t tension_mn;
    bool drive_enabled; /* the statusword says operation enabled */
    bool drive_fault;   /* the statusword says fault or fault reaction */
    bool brake_ok, brake_open;
    uint32_t shared;    /* faults of the whole machine in this cycle: E-stop, I/O, link, overrun */
    bool caught;        /* the belaying plan of the last cycle saw the weight come on the line */
    bool end;           /* permission gone, STOP, motion done, disarm or shutdown */
    bool disarm;        /* after the stop: disarmed, not armed */
};

struct judge_axis {
    enum axis_state state;
    int32_t cycles_in_state;
    uint32_t latched;          /* faults since the last reset */
    uint32_t causes;           /* faults whose cause is there in this cycle */
    int32_t following_count;
    int32_t window[JUDGE_WINDOW_MAX]; /* last setpoints, um/s */
    int32_t window_next;
    int32_t moved_cycles;      /* movement with the brake closed, in a row */
    bool seen_good;            /* all inputs were good once: from then on a stale one latches */
};

/* Begins disarmed, nothing latched. */
void judge_init(struct judge_axis *axis);

/* One cycle. `setpoint_um_s` is what went to the drive in the last cycle. Updates state, causes and latched faults. */
void judge_step(struct judge_axis *axis, const struct judge_limits *limits, const struct judge_in *in,
                int32_t setpoint_um_s);

/* True when a reset may clear the axis: standing, disabled, no cause left (a caught fall has no cause that remains). */
bool judge_can_reset(const struct judge_axis *axis);

/* Clears the latched faults and leaves STATE_FAULT. Only after judge_can_reset(). */
void judge_reset(struct judge_axis *axis);

/* Gives `event` (ARM, DISARM or RUN) to the axis's state. */
void judge_event(struct judge_axis *axis, enum axis_event event);

/* E-stop chain, two channels, and its discrepancy timer. */
struct judge_estop {
    int32_t differ_cycles;
};

/* Shared faults of the chain in this cycle: ESTOP when either channel is open, ESTOP_DISCREPANCY when they differ for
 * `discrepancy_cycles`, IO_STALE when `io_ok` is false (the channels are then not looked at). */
uint32_t judge_estop(struct judge_estop *estop, bool io_ok, bool a_closed, bool b_closed, int32_t discrepancy_cycles);

/* Does the state ask the drive for torque? Does it ask the brake to be open? */
bool judge_wants_torque(enum axis_state state);
bool judge_wants_brake_open(enum axis_state state);

#endif
