/* The monitors: each is one question about the readings of one cycle, with its own limits and its own fault. Integers
 * only, pure, no plan known.
 *
 * Units: um, um/s, um/s2, mN, and cycles for times (1 or more). Pay-out is positive. A monitor that does not belong to
 * an axis says so by its `watched`; no number means "off".
 */
#ifndef BELAY_CONTROLLER_SAFETY_MONITOR_H
#define BELAY_CONTROLLER_SAFETY_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/fault.h"
#include "controller/safety/state.h"

#define MONITOR_WINDOW_MAX 64 /* cycles remembered */
#define MONITOR_SPEED_MAX_UM_S 100000000 /* readings beyond are taken for this: it is far beyond every limit */
#define MONITOR_GRAVITY_UM_S2 9806650

/* Limits of one axis, from the rig. Speeds and accelerations up to 1e8, distances up to 1e10, loads up to 1e9 mN. */
struct monitor_limits {
    int32_t cycle_us; /* 1000..100000 */
    int32_t standstill_um_s;
    int64_t position_min_um, position_max_um; /* working range */
    int64_t ultimate_min_um, ultimate_max_um; /* beyond the working range */
    int32_t overspeed_um_s;

    /* Actual speed against the setpoints of the last cycles: a drive that lags lies between them. */
    int32_t following_um_s;
    int32_t following_cycles; /* 1..MONITOR_WINDOW_MAX */

    /* Travel of the rope in the last window against the setpoints behind the declared lag. */
    int32_t dead_cycles; /* 0..MONITOR_WINDOW_MAX - 1: bus and drive, before the drum begins to follow */
    int32_t lag_us; /* first order, after that; 0..2000000 */
    int32_t window_cycles; /* 1..MONITOR_WINDOW_MAX, of all travels below */
    int32_t follow_base_um, follow_slack_us; /* allowed: base + fastest speed of the window x slack */
    int32_t mismatch_base_um, mismatch_slack_us; /* motor's travel against the encoder's, and for longer: travel.h */
    int32_t frozen_um; /* motor's travel with an encoder that stands still */
    int32_t unintended_um; /* without a setpoint, or against it, or beyond one below standstill */

    int32_t moved_um; /* with the brake closed, from where it closed */
    int32_t moved_cycles; /* readings of speed in a row with the brake closed */
    int32_t brake_close_cycles; /* from the command to pads that hold */

    int32_t tension_max_mn; /* working limit */
    int32_t tension_peak_mn; /* rated dynamic tension of the line, at or above the working limit */
    int32_t tension_low_mn, tension_high_mn; /* plausible readings of the cell; low is at or below 0 */
    int32_t tension_rate_mn; /* most change from one cycle to the next */
    int32_t tension_same_cycles; /* equal raw readings in a row while moving */
    int32_t overload_mn, overload_both_mn; /* at rest: 110 % and 130 % of the rated load's weight, as the rig says */
    int32_t overload_clear_mn; /* back under this an overload is over: 100 % */
    int32_t underload_mn, slack_mn;
    int32_t load_cycles; /* readings in a row of overload, underload or slack */

    int32_t confirm_cycles; /* longest time from a stop word to a status that says so */
    int32_t chain_cycles; /* longest time from a closed chain to a drive that says so */

    bool tension_same_watched;
    bool sto_watched; /* the drive's safety input is reported */
    bool overload_watched[MODE_COUNT], underload_watched[MODE_COUNT], slack_watched[MODE_COUNT];
    bool tension_rate_watched[MODE_COUNT];
};

/* Readings of one axis in one cycle. A value whose `_ok` is false must not be used and is not. */
struct monitor_in {
    bool drive_ok, position_ok, tension_ok, brake_ok; /* fresh and good */
    int64_t position_um;
    int32_t speed_um_s; /* the motor's own feedback, at the rope */
    int32_t tension_mn; /* as read: may be below zero */
    uint32_t cell_raw; /* the bits as they came */
    bool drive_enabled; /* the statusword says operation enabled */
    bool drive_fault; /* the statusword says fault or fault reaction */
    bool drive_stops; /* the statusword says quick stop active */
    bool drive_off; /* the statusword says a state without torque */
    bool asked_off, asked_stop; /* the word of the last cycle: no torque; the drive's own quick stop */
    bool sto_off; /* the drive says that its safety input keeps it off */
    bool chain_closed; /* both E-stop channels, fresh */
    bool brake_open, brake_closed; /* one of the brakes reads so, at least: both while they differ */
    int32_t setpoint_um_s; /* what went to the drive in the last cycle */
    enum axis_mode mode;
};

/* What the axis's state is doing: the judge says it. */
struct monitor_duty {
    bool obeys; /* the drum should follow the setpoint */
    bool holds; /* the drive should hold zero speed while the brake opens */
    bool needs_torque; /* a drive that gave it up may have restarted */
    bool stops_itself; /* quick stop active is what it was told */
    bool released; /* the brake must read open */
    bool asks_closed; /* the brake is told to close */
    bool relies_on_brake; /* told to hold alone; one that reads open does not, and the drive may have to */
};

/* Memory of the monitors of one axis; all zero at the start. */
struct monitor {
    int32_t setpoint_um_s[MONITOR_WINDOW_MAX]; /* ring of the last setpoints */
    int32_t setpoint_next;
    int64_t planned_nm_s; /* speed of the setpoint behind the declared lag */
    int64_t planned_before_nm_s;
    /* Rings of the travel of a cycle, for the windows: of the setpoint behind the declared lag, and as read. */
    int32_t travel_planned_um[MONITOR_WINDOW_MAX], travel_motor_um[MONITOR_WINDOW_MAX];
    int32_t travel_encoder_um[MONITOR_WINDOW_MAX];
    int32_t travel_next, travel_count;
    int64_t slip_nm; /* what motor and encoder differed by in the last seconds, and the motor's way in them: travel.h */
    int64_t path_nm;
    bool position_known;
    int64_t position_um; /* of the last cycle */
    int32_t disobeys_cycles, moving_cycles, same_cycles, chain_cycles, unconfirmed_cycles, closed_cycles, open_cycles;
    int32_t overload_cycles, overload_both_cycles, underload_cycles, slack_cycles;
    bool overloaded, overloaded_both; /* tripped and not yet back under the rated load */
    int64_t unintended_nm; /* without a setpoint, or against it, or beyond a slow one */
    bool held; /* the brake closed at held_um */
    int64_t held_um;
    bool tension_known;
    int32_t tension_mn; /* of the last good reading */
    uint32_t cell_raw;
    bool seen_good; /* all inputs were good once: from then on a stale one is a fault */
};

/* One cycle of all monitors: the faults whose cause is there now. */
uint64_t monitor_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty);

/* E-stop chain of two normally closed channels. */
struct monitor_chain {
    int32_t differ_cycles;
    bool welded; /* the channels differed for too long, and have not opened together since */
};

/* Faults of the chain in this cycle: ESTOP when either channel is open, ESTOP_DISCREPANCY when they differ for
 * `discrepancy_cycles`, ESTOP_WELDED when both read closed again after that and have not opened together since,
 * IO_STALE when `io_ok` is false (the channels are then not looked at). */
uint64_t monitor_chain(struct monitor_chain *chain, bool io_ok, bool a_closed, bool b_closed,
                       int32_t discrepancy_cycles);

#endif
