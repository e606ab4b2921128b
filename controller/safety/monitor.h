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
#define MONITOR_LEAK_US 5000000 /* time constant of the sum of what motor and encoder differ by */
#define MONITOR_PLACE_MAX_UM INT64_C(2000000000000000000) /* of a reading of position, either side of 0 */

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

/*@ // Ranges of a limits struct, as the rig loader checks them.
    predicate monitor_limits_valid(struct monitor_limits *l) =
      1000 <= l->cycle_us <= 100000 && 0 <= l->standstill_um_s && 0 <= l->following_um_s &&
      1 <= l->following_cycles <= MONITOR_WINDOW_MAX && 0 <= l->dead_cycles < MONITOR_WINDOW_MAX && 0 <= l->lag_us &&
      1 <= l->window_cycles <= MONITOR_WINDOW_MAX && 0 <= l->follow_slack_us && 0 <= l->mismatch_slack_us &&
      0 <= l->overload_mn && 0 <= l->overload_both_mn;
*/

/* Readings of one axis in one cycle. A value whose `_ok` is false must not be used and is not. */
struct monitor_in {
    bool drive_ok, position_ok, tension_ok, brake_ok; /* fresh and good */
    bool drive_unclear; /* its readings are good, but no state fits its status words */
    bool position_waived, tension_waived; /* recovery does without: its `_ok` is false, and that is no fault */
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

/* A value of each of the last cycles, around. */
struct monitor_ring {
    int32_t at[MONITOR_WINDOW_MAX];
};

/* What the setpoints have asked for. */
struct monitor_plan {
    struct monitor_ring setpoint_um_s;
    int32_t newest; /* place in the ring */
    int64_t speed_nm_s, before_nm_s; /* of the setpoint behind the declared lag: in this cycle, in the last one */
};

/* Travels of each cycle: of the setpoint behind the declared lag, and as read. */
struct monitor_window {
    struct monitor_ring planned_um, motor_um, encoder_um;
    int32_t newest, count;
};

/* What motor and encoder differed by in the last seconds, and the motor's way in them: travel.h. */
struct monitor_slip {
    int64_t apart_nm, path_nm;
};

/* Where the drum's encoder stood in the last cycle. */
struct monitor_stood {
    bool known;
    int64_t um;
};

struct monitor_travel {
    struct monitor_window window;
    struct monitor_slip slip;
    struct monitor_stood stood;
    int64_t unintended_nm; /* without a setpoint, or against it, or beyond a slow one */
};

/* The drive against its words: cycles in a row. */
struct monitor_drive {
    int32_t disobeys_cycles, unconfirmed_cycles, chain_cycles;
};

struct monitor_brake {
    int32_t closed_cycles, moving_cycles, open_cycles;
    bool held; /* the brake closed at held_um */
    int64_t held_um;
};

struct monitor_load {
    int32_t overload_cycles, overload_both_cycles, underload_cycles, slack_cycles, same_cycles;
    bool overloaded, overloaded_both; /* tripped and not yet back under the rated load */
    bool tension_known;
    int32_t tension_mn; /* of the last good reading */
    uint32_t cell_raw;
};

/* Memory of the monitors of one axis; all zero at the start. */
struct monitor {
    bool seen_good; /* all inputs were good once: from then on a stale one is a fault */
    struct monitor_plan plan;
    struct monitor_travel travel;
    struct monitor_drive drive;
    struct monitor_brake brake;
    struct monitor_load load;
};

/*@ // What every cycle leaves behind, and what zero memory is.
  predicate monitor_ring_valid(struct monitor_ring r, integer most) =
    \forall integer i; 0 <= i < MONITOR_WINDOW_MAX ==> -most <= r.at[i] <= most;
  predicate monitor_plan_valid(struct monitor_plan p) =
    0 <= p.newest < MONITOR_WINDOW_MAX && monitor_ring_valid(p.setpoint_um_s, 100000000) &&
    -100000000000 <= p.speed_nm_s <= 100000000000 && -100000000000 <= p.before_nm_s <= 100000000000;
  predicate monitor_window_valid(struct monitor_window w) =
    0 <= w.newest < MONITOR_WINDOW_MAX && 0 <= w.count <= MONITOR_WINDOW_MAX &&
    monitor_ring_valid(w.planned_um, 100000000) && monitor_ring_valid(w.motor_um, 100000000) &&
    monitor_ring_valid(w.encoder_um, 1000000000);
  predicate monitor_slip_valid(struct monitor_slip s) =
    -1000000000000 <= s.apart_nm <= 1000000000000 && 0 <= s.path_nm <= 1000000000000;
  predicate monitor_at_a_place(integer um) = -MONITOR_PLACE_MAX_UM <= um <= MONITOR_PLACE_MAX_UM;
  predicate monitor_travel_valid(struct monitor_travel t) =
    monitor_window_valid(t.window) && monitor_slip_valid(t.slip) && monitor_at_a_place(t.stood.um) &&
    -1000000000000 <= t.unintended_nm <= 1000000000000;
  predicate monitor_drive_valid(struct monitor_drive d) =
    0 <= d.disobeys_cycles && 0 <= d.unconfirmed_cycles && 0 <= d.chain_cycles;
  predicate monitor_brake_valid(struct monitor_brake b) =
    0 <= b.closed_cycles && 0 <= b.moving_cycles && 0 <= b.open_cycles && monitor_at_a_place(b.held_um);
  predicate monitor_load_valid(struct monitor_load l) =
    0 <= l.overload_cycles && 0 <= l.overload_both_cycles && 0 <= l.underload_cycles && 0 <= l.slack_cycles &&
    0 <= l.same_cycles;
  predicate monitor_valid(struct monitor m) =
    monitor_plan_valid(m.plan) && monitor_travel_valid(m.travel) && monitor_drive_valid(m.drive) &&
    monitor_brake_valid(m.brake) && monitor_load_valid(m.load);

  // Not by \min(): provers lose themselves in its laws where many of these stand together.
  logic integer monitor_next(integer count) = count < INT32_MAX ? count + 1 : INT32_MAX;
  predicate monitor_counted(integer count, integer before) = count == monitor_next(before);

  predicate monitor_in_valid(struct monitor_in *in) =
    monitor_at_a_place(in->position_um) && 0 <= in->mode < MODE_COUNT;
  // The faults that one cycle's readings make, whatever was before and whatever the axis does.
  predicate monitor_reads(integer id, struct monitor_limits *l, struct monitor_in *in) =
    (id == FAULT_OVERSPEED && in->drive_ok && \abs(in->speed_um_s) > l->overspeed_um_s) ||
    (id == FAULT_OVERTENSION && in->tension_ok && in->tension_mn > l->tension_max_mn) ||
    (id == FAULT_PEAK_TENSION && in->tension_ok && in->tension_mn > l->tension_peak_mn) ||
    (id == FAULT_TENSION_IMPLAUSIBLE && in->tension_ok &&
      !(l->tension_low_mn <= in->tension_mn <= l->tension_high_mn)) ||
    (id == FAULT_DRIVE_FAULT && in->drive_ok && in->drive_fault) ||
    (id == FAULT_DRIVE_UNCLEAR && in->drive_ok && in->drive_unclear) ||
    (id == FAULT_ULTIMATE_LIMIT && in->position_ok && !(l->ultimate_min_um <= in->position_um <= l->ultimate_max_um));
  predicate monitor_reads_on_duty(integer id, struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d) =
    (id == FAULT_POSITION_LIMIT && in->position_ok && in->drive_ok && d->obeys &&
      ((in->position_um > l->position_max_um && in->speed_um_s > l->standstill_um_s) ||
       (in->position_um < l->position_min_um && in->speed_um_s < -l->standstill_um_s))) ||
    (id == FAULT_DRIVE_DISOBEYS && in->drive_ok && d->needs_torque && !in->drive_enabled && !in->drive_fault &&
      !in->drive_unclear && !(d->stops_itself && in->drive_stops)) ||
    (id == FAULT_BRAKE_OPEN && d->released && in->brake_ok && in->brake_closed);
  predicate monitor_position_missing(struct monitor_in *in) = !in->position_ok && !in->position_waived;
  predicate monitor_tension_missing(struct monitor_in *in) = !in->tension_ok && !in->tension_waived;
  predicate monitor_all_good(struct monitor_in *in) =
    in->drive_ok && in->brake_ok && !monitor_position_missing(in) && !monitor_tension_missing(in);
  // Once all inputs were good, one that is missing.
  predicate monitor_misses(integer id, integer seen_good, struct monitor_in *in) = seen_good != 0 &&
    ((id == FAULT_DRIVE_STALE && !in->drive_ok) || (id == FAULT_POSITION_STALE && monitor_position_missing(in)) ||
     (id == FAULT_TENSION_STALE && monitor_tension_missing(in)) || (id == FAULT_IO_STALE && !in->brake_ok));
  predicate monitor_unconfirmed(struct monitor_limits *l, struct monitor_in *in) = in->drive_ok &&
    ((in->asked_off && !in->drive_off) ||
     (in->asked_stop && (in->drive_enabled || in->drive_unclear) && \abs(in->speed_um_s) > l->standstill_um_s));
  predicate monitor_light(struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d) = in->tension_ok &&
    l->underload_watched[in->mode] && d->obeys && in->setpoint_um_s != 0 && in->tension_mn < l->underload_mn;
  predicate monitor_slack(struct monitor_limits *l, struct monitor_in *in) = in->tension_ok &&
    l->slack_watched[in->mode] && in->setpoint_um_s > 0 && in->tension_mn < l->slack_mn;
  predicate monitor_same(struct monitor_limits *l, struct monitor_in *in, struct monitor_load m) =
    l->tension_same_watched && in->tension_ok && m.tension_known && in->cell_raw == m.cell_raw && in->drive_ok &&
    \abs(in->speed_um_s) > l->standstill_um_s;

  // Behind the brake, from the memory before the cycle: told to hold alone for as long as it takes to close; what the
  // drum then does, and what the brake reads.
  logic integer monitor_closed(struct monitor_brake m, struct monitor_duty *d) =
    d->asks_closed ? monitor_next(m.closed_cycles) : 0;
  predicate monitor_relies(struct monitor_brake m, struct monitor_limits *l, struct monitor_duty *d) =
    d->relies_on_brake && monitor_closed(m, d) > l->brake_close_cycles;
  predicate monitor_turns(struct monitor_brake m, struct monitor_limits *l, struct monitor_in *in,
                          struct monitor_duty *d) =
    monitor_relies(m, l, d) && in->brake_ok && !in->brake_open && in->drive_ok &&
    \abs(in->speed_um_s) > l->standstill_um_s;
  predicate monitor_away(struct monitor_brake m, struct monitor_limits *l, struct monitor_in *in,
                         struct monitor_duty *d) =
    monitor_relies(m, l, d) && in->brake_ok && !in->brake_open && in->position_ok && m.held &&
    \abs(in->position_um - m.held_um) > l->moved_um;
  predicate monitor_stays_open(struct monitor_brake m, struct monitor_limits *l, struct monitor_in *in,
                               struct monitor_duty *d) = monitor_relies(m, l, d) && in->brake_ok && in->brake_open;
  predicate monitor_kept_off(struct monitor_limits *l, struct monitor_in *in) =
    l->sto_watched && in->sto_off && in->chain_closed;

  // The window: sums over the newest `n` places of a ring, and the greatest of them.
  logic integer monitor_place(integer newest, integer back) =
    back <= newest ? newest - back : newest - back + MONITOR_WINDOW_MAX;
  logic integer monitor_sum(struct monitor_ring r, integer newest, integer n) =
    n <= 0 ? 0 : monitor_sum(r, newest, n - 1) + r.at[monitor_place(newest, n - 1)];
  logic integer monitor_most(struct monitor_ring r, integer newest, integer n) =
    n <= 0 ? 0 : \max(monitor_most(r, newest, n - 1), \abs(r.at[monitor_place(newest, n - 1)]));
  logic integer monitor_least(struct monitor_ring r, integer newest, integer n) = n <= 1 ? r.at[newest] :
    \min(monitor_least(r, newest, n - 1), r.at[monitor_place(newest, n - 1)]);
  logic integer monitor_greatest(struct monitor_ring r, integer newest, integer n) = n <= 1 ? r.at[newest] :
    \max(monitor_greatest(r, newest, n - 1), r.at[monitor_place(newest, n - 1)]);
  logic integer monitor_slowest(struct monitor_plan p, integer n) = monitor_least(p.setpoint_um_s, p.newest, n);
  logic integer monitor_quickest(struct monitor_plan p, integer n) = monitor_greatest(p.setpoint_um_s, p.newest, n);
  predicate monitor_strays(struct monitor_plan p, struct monitor_limits *l, struct monitor_in *in,
                           struct monitor_duty *d) = d->obeys && in->drive_ok &&
    !(monitor_slowest(p, l->following_cycles) - l->following_um_s <= in->speed_um_s <=
      monitor_quickest(p, l->following_cycles) + l->following_um_s);
  logic integer monitor_planned(struct monitor_window w) = monitor_sum(w.planned_um, w.newest, w.count);
  logic integer monitor_motor(struct monitor_window w) = monitor_sum(w.motor_um, w.newest, w.count);
  logic integer monitor_encoder(struct monitor_window w) = monitor_sum(w.encoder_um, w.newest, w.count);
  logic integer monitor_fastest(struct monitor_window w) = monitor_most(w.planned_um, w.newest, w.count);
  predicate monitor_far(integer one_um, integer other_um, integer base_um, integer most_um, integer slack_us,
                        integer cycle_us) = \abs(one_um - other_um) > base_um + most_um * slack_us / cycle_us;
  predicate monitor_off_plan(struct monitor_window w, struct monitor_limits *l) =
    monitor_far(monitor_planned(w), monitor_encoder(w), l->follow_base_um, monitor_fastest(w), l->follow_slack_us,
                l->cycle_us);
  predicate monitor_apart(struct monitor_window w, struct monitor_limits *l) =
    monitor_far(monitor_motor(w), monitor_encoder(w), l->mismatch_base_um, monitor_fastest(w), l->mismatch_slack_us,
                l->cycle_us);
  predicate monitor_frozen(struct monitor_window w, struct monitor_limits *l) =
    monitor_encoder(w) == 0 && \abs(monitor_motor(w)) > l->frozen_um;

  // For longer: how far motor and encoder went in this cycle, the sums with it, and what they may be.
  logic integer monitor_motor_nm(struct monitor_limits *l, struct monitor_in *in) =
    \max(-MONITOR_SPEED_MAX_UM_S, \min(in->speed_um_s, MONITOR_SPEED_MAX_UM_S)) * l->cycle_us / 1000;
  logic integer monitor_step_um(struct monitor_in *in, integer before_um) =
    \max(-1000000000, \min(in->position_um - before_um, 1000000000));
  logic integer monitor_leaky(integer sum_nm, integer more_nm, integer cycle_us) =
    \max(-1000000000000, \min(sum_nm - sum_nm / (MONITOR_LEAK_US / cycle_us) + more_nm, 1000000000000));
  predicate monitor_blind(struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d, integer known) =
    !in->position_ok || known == 0 || !in->drive_ok ||
    (!d->needs_torque && \abs(in->speed_um_s) > l->standstill_um_s);
  predicate monitor_slips(struct monitor_limits *l, integer motor_nm, integer slip_nm, integer path_nm) =
    \abs(slip_nm) / 1000 > 2 * l->mismatch_base_um +
      (\abs(motor_nm) + path_nm / (MONITOR_LEAK_US / l->cycle_us)) / 1000 * l->mismatch_slack_us / l->cycle_us;
  logic integer monitor_drive_nm(struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d) =
    d->needs_torque ? monitor_motor_nm(l, in) : 0;
  logic integer monitor_drum_nm(struct monitor_stood s, struct monitor_in *in, struct monitor_duty *d) =
    d->needs_torque ? monitor_step_um(in, s.um) * 1000 : 0;
  predicate monitor_slipped(struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d,
                            struct monitor_stood stood, struct monitor_slip slip) =
    !monitor_blind(l, in, d, stood.known) && monitor_slips(l, monitor_drive_nm(l, in, d),
      monitor_leaky(slip.apart_nm, monitor_drive_nm(l, in, d) - monitor_drum_nm(stood, in, d), l->cycle_us),
      monitor_leaky(slip.path_nm, \abs(monitor_drive_nm(l, in, d)), l->cycle_us));
  // What the load has done for as long as it takes.
  predicate monitor_weighs(integer id, struct monitor_load m, integer load_cycles, integer same_cycles) =
    (id == FAULT_OVERLOAD && m.overloaded) || (id == FAULT_OVERLOAD_BOTH && m.overloaded_both) ||
    (id == FAULT_UNDERLOAD && m.underload_cycles > 0 && m.underload_cycles >= load_cycles) ||
    (id == FAULT_SLACK_PAYOUT && m.slack_cycles > 0 && m.slack_cycles >= load_cycles) ||
    (id == FAULT_TENSION_FROZEN && m.same_cycles > 0 && m.same_cycles >= same_cycles);
  predicate monitor_jumps(struct monitor_limits *l, struct monitor_in *in, struct monitor_load m) =
    in->tension_ok && m.tension_known && l->tension_rate_watched[in->mode] &&
    \abs(in->tension_mn - m.tension_mn) > l->tension_rate_mn;

  // An overload: T > m (g + a), a being what the setpoint lifts with, at most g and at least -g/2.
  logic integer monitor_lifting(struct monitor_plan p, struct monitor_limits *l) = \max(-4903325,
    \min((p.before_nm_s - p.speed_nm_s) * 1000 / l->cycle_us, 9806650));
  predicate monitor_heavier(integer tension_mn, integer weight_mn, integer up_um_s2) =
    tension_mn * 9806650 > weight_mn * (9806650 + up_um_s2);
  predicate monitor_lifts_too_much(struct monitor_plan p, struct monitor_limits *l, struct monitor_in *in) =
    in->tension_ok && l->overload_watched[in->mode] &&
    (in->setpoint_um_s < 0 || p.speed_nm_s < -l->standstill_um_s * 1000) &&
    monitor_heavier(in->tension_mn, l->overload_mn, monitor_lifting(p, l));
  predicate monitor_far_too_heavy(struct monitor_plan p, struct monitor_limits *l, struct monitor_in *in) =
    in->tension_ok && l->overload_watched[in->mode] &&
    monitor_heavier(in->tension_mn, l->overload_both_mn, monitor_lifting(p, l));
  predicate monitor_cleared(struct monitor_limits *l, struct monitor_in *in) =
    in->tension_ok && in->tension_mn < l->overload_clear_mn;
  predicate monitor_still(struct monitor_limits *l, struct monitor_in *in, integer was, integer cycles) =
    (cycles > 0 && cycles >= l->load_cycles) || (was != 0 && !monitor_cleared(l, in));
*/

/* One cycle of all monitors: the faults whose cause is there now. */
/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(monitor, limits) && \separated(monitor, in) && \separated(monitor, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_valid(*monitor);
    assigns *monitor;
    ensures valid: monitor_valid(*monitor);
    ensures good: monitor->seen_good <==> \old(monitor->seen_good) || monitor_all_good(in);
    ensures unconfirmed: monitor_unconfirmed(limits, in) ==>
      monitor_counted(monitor->drive.unconfirmed_cycles, \old(monitor->drive.unconfirmed_cycles));
    ensures confirmed: !monitor_unconfirmed(limits, in) ==> monitor->drive.unconfirmed_cycles == 0;
    ensures kept_off: monitor_kept_off(limits, in) ==>
      monitor_counted(monitor->drive.chain_cycles, \old(monitor->drive.chain_cycles));
    ensures let_on: !monitor_kept_off(limits, in) ==> monitor->drive.chain_cycles == 0;
    ensures strays: monitor_strays(monitor->plan, limits, in, duty) ==>
      monitor_counted(monitor->drive.disobeys_cycles, \old(monitor->drive.disobeys_cycles));
    ensures obeys: !monitor_strays(monitor->plan, limits, in, duty) ==> monitor->drive.disobeys_cycles == 0;
    ensures asked: monitor->plan.setpoint_um_s.at[monitor->plan.newest] ==
      \max(-MONITOR_SPEED_MAX_UM_S, \min(in->setpoint_um_s, MONITOR_SPEED_MAX_UM_S));
    ensures light: monitor_light(limits, in, duty) ==>
      monitor_counted(monitor->load.underload_cycles, \old(monitor->load.underload_cycles));
    ensures not_light: !monitor_light(limits, in, duty) ==> monitor->load.underload_cycles == 0;
    ensures slack: monitor_slack(limits, in) ==>
      monitor_counted(monitor->load.slack_cycles, \old(monitor->load.slack_cycles));
    ensures not_slack: !monitor_slack(limits, in) ==> monitor->load.slack_cycles == 0;
    ensures up: monitor_lifts_too_much(monitor->plan, limits, in) ==>
      monitor_counted(monitor->load.overload_cycles, \old(monitor->load.overload_cycles));
    ensures not_up: !monitor_lifts_too_much(monitor->plan, limits, in) ==> monitor->load.overload_cycles == 0;
    ensures both: monitor_far_too_heavy(monitor->plan, limits, in) ==>
      monitor_counted(monitor->load.overload_both_cycles, \old(monitor->load.overload_both_cycles));
    ensures not_both: !monitor_far_too_heavy(monitor->plan, limits, in) ==> monitor->load.overload_both_cycles == 0;
    ensures same: \old(monitor_same(limits, in, monitor->load)) ==>
      monitor_counted(monitor->load.same_cycles, \old(monitor->load.same_cycles));
    ensures not_same: \old(!monitor_same(limits, in, monitor->load)) ==> monitor->load.same_cycles == 0;
    ensures closed: monitor->brake.closed_cycles == \old(monitor_closed(monitor->brake, duty));
    ensures turns: \old(monitor_turns(monitor->brake, limits, in, duty)) ==>
      monitor_counted(monitor->brake.moving_cycles, \old(monitor->brake.moving_cycles));
    ensures stands: \old(!monitor_turns(monitor->brake, limits, in, duty)) ==> monitor->brake.moving_cycles == 0;
    ensures stays_open: \old(monitor_stays_open(monitor->brake, limits, in, duty)) ==>
      monitor_counted(monitor->brake.open_cycles, \old(monitor->brake.open_cycles));
    ensures closes: \old(!monitor_stays_open(monitor->brake, limits, in, duty)) ==> monitor->brake.open_cycles == 0;
    ensures no_window: !duty->obeys || !in->drive_ok || !in->position_ok ==> monitor->travel.window.count == 0;
    // What trips: each of these, whenever it is so, and nothing else.
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      monitor_reads(id, limits, in) || monitor_reads_on_duty(id, limits, in, duty) ||
      \old(monitor_misses(id, monitor->seen_good, in)) ||
      monitor_weighs(id, monitor->load, limits->load_cycles, limits->tension_same_cycles) ||
      (id == FAULT_TENSION_RATE && \old(monitor_jumps(limits, in, monitor->load))) ||
      (id == FAULT_DRIVE_DISOBEYS && monitor->drive.disobeys_cycles >= limits->following_cycles) ||
      (id == FAULT_STOP_UNCONFIRMED && monitor->drive.unconfirmed_cycles > limits->confirm_cycles) ||
      (id == FAULT_CHAIN_OFF && monitor->drive.chain_cycles > limits->chain_cycles) ||
      (id == FAULT_MOVEMENT && (\old(monitor_away(monitor->brake, limits, in, duty)) ||
        (monitor->brake.moving_cycles > 0 && monitor->brake.moving_cycles >= limits->moved_cycles))) ||
      (id == FAULT_BRAKE_CLOSE && monitor->brake.open_cycles > 0 &&
        monitor->brake.open_cycles >= limits->brake_close_cycles) ||
      (id == FAULT_FOLLOWING_ERROR && monitor_off_plan(monitor->travel.window, limits)) ||
      (id == FAULT_POSITION_FROZEN && monitor_frozen(monitor->travel.window, limits)) ||
      (id == FAULT_POSITION_MISMATCH && (monitor_apart(monitor->travel.window, limits) ||
        \old(monitor_slipped(limits, in, duty, monitor->travel.stood, monitor->travel.slip)))) ||
      (id == FAULT_UNINTENDED_MOTION && \abs(monitor->travel.unintended_nm) > limits->unintended_um * 1000));
*/
uint64_t monitor_step(struct monitor *monitor, const struct monitor_limits *limits, const struct monitor_in *in,
                      const struct monitor_duty *duty);

/* E-stop chain of two normally closed channels. */
#define MONITOR_CHAIN_BOUNCE 4 /* of the discrepancy time, this part is bounce and noise */

struct monitor_chain {
    int32_t differ_cycles;
    bool opened; /* both, since they last were both closed */
    bool half;   /* one opened without the other, since then */
    bool welded; /* so they closed again, or they differed for too long; and have not opened together since */
};

/* Faults of the chain in this cycle: ESTOP when either channel is open, ESTOP_DISCREPANCY when they differ for
 * `discrepancy_cycles`, ESTOP_WELDED when both read closed again after that, or after one that opened alone, and have
 * not opened together since, IO_STALE when `io_ok` is false (the channels are then not looked at). */
/*@ requires \valid(chain);
    requires chain->differ_cycles >= 0;
    assigns *chain;
    ensures chain->differ_cycles >= 0;
    ensures blind: !io_ok ==> chain->welded == \old(chain->welded) && chain->half == \old(chain->half) &&
      chain->opened == \old(chain->opened);
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_IO_STALE && !io_ok) || (id == FAULT_ESTOP && io_ok && !(a_closed && b_closed)) ||
      (id == FAULT_ESTOP_DISCREPANCY && io_ok && chain->differ_cycles >= discrepancy_cycles) ||
      (id == FAULT_ESTOP_WELDED && io_ok && a_closed && b_closed && chain->welded));
    ensures differs: io_ok && a_closed != b_closed ==>
      monitor_counted(chain->differ_cycles, \old(chain->differ_cycles));
    ensures agrees: io_ok && a_closed == b_closed ==> chain->differ_cycles == 0;
    ensures both_open: io_ok && !a_closed && !b_closed ==> !chain->welded;
    ensures weld_stays: io_ok && (a_closed || b_closed) && \old(chain->welded) ==> chain->welded;
    ensures no_weld: io_ok && !\old(chain->welded) && !\old(chain->half) && a_closed == b_closed &&
      discrepancy_cycles >= 1 ==> !chain->welded;
    ensures half_weld: io_ok && a_closed && b_closed && \old(chain->half) ==> chain->welded;
    ensures half: chain->half <==> (\old(chain->half) && !(io_ok && a_closed == b_closed)) ||
      (io_ok && a_closed != b_closed && !\old(chain->opened) &&
       chain->differ_cycles > discrepancy_cycles / MONITOR_CHAIN_BOUNCE);
    ensures opened: io_ok ==> (chain->opened <==> !(a_closed && b_closed) && ((!a_closed && !b_closed) ||
      \old(chain->opened)));
*/
uint64_t monitor_chain(struct monitor_chain *chain, bool io_ok, bool a_closed, bool b_closed,
                       int32_t discrepancy_cycles);

#endif
