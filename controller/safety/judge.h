/* The judge: from the readings of one cycle to faults and the axis's state. Integers only, pure, no plan known.
 *
 * Called once per axis and cycle, before any command is looked at, so that a stop beats a GO of the same cycle.
 */
#ifndef BELAY_CONTROLLER_SAFETY_JUDGE_H
#define BELAY_CONTROLLER_SAFETY_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/fault.h"
#include "controller/safety/monitor.h"
#include "controller/safety/state.h"
#include "controller/safety/stop.h"

/* Limits of one axis, from the rig. Counts of cycles are >= 1. */
struct judge_limits {
    struct monitor_limits monitor;
    int32_t stop_cycles_max;
    int32_t enable_cycles_max;
    int32_t brake_open_cycles_max;
    int32_t brake_close_cycles_max;
    int32_t reply_cycles_max; /* longest reply of the drive */
    bool torque_watched; /* the drive reports its torque */
    int32_t torque_min_permille; /* of rated: what must be there before the brake is released */
};

/* Readings of one axis in one cycle. */
struct judge_in {
    struct monitor_in monitor;
    bool torque_ok;
    int32_t torque_permille; /* of rated, against the load; magnitude */
    bool drive_ready; /* the drive waits to be enabled */
    uint64_t shared; /* faults of the whole machine in this cycle: E-stop, I/O, link, overrun */
    bool drive_link_lost; /* in this cycle, the link on which this axis's drive hangs; LINK_LOST is then in `shared` */
    bool caught; /* the belaying plan of the last cycle saw the weight come on the line */
    bool end; /* permission gone, STOP, motion done, disarm or shutdown */
    bool disarm; /* after the stop: disarmed, not armed */
    bool holds_slip; /* the drive is to keep its torque behind a closed brake that slipped */
};

struct judge_axis {
    enum axis_state state;
    int32_t cycles_in_state;
    uint64_t latched; /* faults since the last reset */
    uint64_t causes; /* faults whose cause is there in this cycle */
    uint64_t tolerated; /* causes that a reset left: motion only where their cells allow it; until they are gone */
    uint64_t allow_payout, allow_takein; /* latched or tolerated faults whose cell allowed the direction */
    enum stop_reaction reaction; /* hardest since the last reset, from the cells of the moments of latching */
    bool rig_stop; /* a fault of this cycle stops the whole rig */
    int32_t quiet_cycles; /* in a row in which the drive did not owe the confirmation of a stop word */
    bool quiet; /* for longer than any reply takes: none is under way that knows of something else */
    bool startable; /* in this cycle: quiet, chain closed, drive ready, inputs good, nothing latched */
    bool drive_link_lost; /* since the last reset */
    bool blind; /* FAULT for loss of sight only: the drive's own quick stop until the brake holds */
    struct monitor monitor;
};

/* Begins disarmed, nothing latched. */
void judge_init(struct judge_axis *axis);

/* One cycle. Updates state, causes, latched faults and reaction. `table` has passed stop_table_check(). */
void judge_step(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                const struct judge_in *in);

/* Another axis stops the whole rig: latches RIG_STOP with this axis's own cell. After judge_step() of the cycle. */
void judge_stop_with_rig(struct judge_axis *axis, const struct stop_table *table, const struct judge_limits *limits,
                         const struct judge_in *in);

/* True when a reset may clear the axis: standing, disabled, quiet, and every cause that is left allows at least one
 * common direction. An open chain and the like (STOP_NEVER_ALLOWED) never do. A caught fall has no cause that remains;
 * a drive's own fault is cleared by the reset. */
bool judge_can_reset(const struct judge_axis *axis);

/* Clears the latched faults and leaves STATE_FAULT; causes that remain are tolerated. Only after judge_can_reset(). */
void judge_reset(struct judge_axis *axis);

/* Directions in which the axis may move: false for those that a tolerated cause does not allow. */
bool judge_permits_payout(const struct judge_axis *axis);
bool judge_permits_takein(const struct judge_axis *axis);

/* Gives ARM or DISARM to the axis's state. */
void judge_event(struct judge_axis *axis, enum axis_event event);

/* GO or jog: the only way to torque. False and nothing done unless the axis is armed, startable in this cycle and
 * `permission` is alive. */
bool judge_run(struct judge_axis *axis, bool permission);

/* Does the state ask the drive for torque? Does it ask the brake to be open? */
bool judge_wants_torque(enum axis_state state);
bool judge_wants_brake_open(enum axis_state state);

/* Must the drive stop by its own quick stop now, instead of obeying the setpoint or letting go? */
bool judge_wants_quick_stop(const struct judge_axis *axis, const struct judge_limits *limits);

#endif
