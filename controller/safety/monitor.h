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
    uint64_t cell_raw; /* wider than a cell's: no write of these functions can then meet a stop table, says WP */
    bool seen_good; /* all inputs were good once: from then on a stale one is a fault */
};

/*@ // What every cycle leaves behind, and what zero memory is.
  predicate monitor_setpoints_valid(struct monitor *m) =
    0 <= m->setpoint_next < MONITOR_WINDOW_MAX &&
    \forall integer i; 0 <= i < MONITOR_WINDOW_MAX ==> -100000000 <= m->setpoint_um_s[i] <= 100000000;
  predicate monitor_plan_valid(struct monitor *m) =
    -100000000000 <= m->planned_nm_s <= 100000000000 && -100000000000 <= m->planned_before_nm_s <= 100000000000;
  predicate monitor_travels_valid(struct monitor *m) =
    0 <= m->travel_next < MONITOR_WINDOW_MAX && 0 <= m->travel_count <= MONITOR_WINDOW_MAX &&
    (\forall integer i; 0 <= i < MONITOR_WINDOW_MAX ==> -100000000 <= m->travel_planned_um[i] <= 100000000) &&
    (\forall integer i; 0 <= i < MONITOR_WINDOW_MAX ==> -100000000 <= m->travel_motor_um[i] <= 100000000) &&
    (\forall integer i; 0 <= i < MONITOR_WINDOW_MAX ==> -1000000000 <= m->travel_encoder_um[i] <= 1000000000);
  predicate monitor_places_valid(struct monitor *m) =
    -MONITOR_PLACE_MAX_UM <= m->position_um <= MONITOR_PLACE_MAX_UM &&
    -MONITOR_PLACE_MAX_UM <= m->held_um <= MONITOR_PLACE_MAX_UM &&
    -1000000000000 <= m->unintended_nm <= 1000000000000 && -1000000000000 <= m->slip_nm <= 1000000000000 &&
    0 <= m->path_nm <= 1000000000000;
  predicate monitor_counts_valid(struct monitor *m) =
    0 <= m->disobeys_cycles && 0 <= m->moving_cycles && 0 <= m->same_cycles && 0 <= m->chain_cycles &&
    0 <= m->closed_cycles && 0 <= m->open_cycles && 0 <= m->overload_cycles && 0 <= m->overload_both_cycles &&
    0 <= m->underload_cycles && 0 <= m->slack_cycles && 0 <= m->unconfirmed_cycles;
  predicate monitor_valid(struct monitor *m) =
    monitor_setpoints_valid(m) && monitor_plan_valid(m) && monitor_travels_valid(m) && monitor_places_valid(m) &&
    monitor_counts_valid(m);

  // Not by \min(): provers lose themselves in its laws where many of these stand together.
  logic integer monitor_next(integer count) = count < INT32_MAX ? count + 1 : INT32_MAX;
  predicate monitor_counted(integer count, integer before) = count == monitor_next(before);

  predicate monitor_in_valid(struct monitor_in *in) =
    -MONITOR_PLACE_MAX_UM <= in->position_um <= MONITOR_PLACE_MAX_UM && 0 <= in->mode < MODE_COUNT;
  // The faults that one cycle's readings make, whatever was before and whatever the axis does.
  predicate monitor_reads(integer id, struct monitor_limits *l, struct monitor_in *in) =
    (id == FAULT_OVERSPEED && in->drive_ok && \abs(in->speed_um_s) > l->overspeed_um_s) ||
    (id == FAULT_OVERTENSION && in->tension_ok && in->tension_mn > l->tension_max_mn) ||
    (id == FAULT_PEAK_TENSION && in->tension_ok && in->tension_mn > l->tension_peak_mn) ||
    (id == FAULT_TENSION_IMPLAUSIBLE && in->tension_ok &&
      !(l->tension_low_mn <= in->tension_mn <= l->tension_high_mn)) ||
    (id == FAULT_DRIVE_FAULT && in->drive_ok && in->drive_fault) ||
    (id == FAULT_ULTIMATE_LIMIT && in->position_ok && !(l->ultimate_min_um <= in->position_um <= l->ultimate_max_um));
  predicate monitor_reads_on_duty(integer id, struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d) =
    (id == FAULT_POSITION_LIMIT && in->position_ok && in->drive_ok && d->obeys &&
      ((in->position_um > l->position_max_um && in->speed_um_s > l->standstill_um_s) ||
       (in->position_um < l->position_min_um && in->speed_um_s < -l->standstill_um_s))) ||
    (id == FAULT_DRIVE_DISOBEYS && in->drive_ok && d->needs_torque && !in->drive_enabled && !in->drive_fault &&
      !(d->stops_itself && in->drive_stops)) ||
    (id == FAULT_BRAKE_OPEN && d->released && in->brake_ok && in->brake_closed);
  predicate monitor_position_missing(struct monitor_in *in) = !in->position_ok && !in->position_waived;
  predicate monitor_tension_missing(struct monitor_in *in) = !in->tension_ok && !in->tension_waived;
  predicate monitor_all_good(struct monitor_in *in) =
    in->drive_ok && in->brake_ok && !monitor_position_missing(in) && !monitor_tension_missing(in);
  // Once all inputs were good, one that is missing.
  predicate monitor_misses(integer id, struct monitor *m, struct monitor_in *in) = m->seen_good &&
    ((id == FAULT_DRIVE_STALE && !in->drive_ok) || (id == FAULT_POSITION_STALE && monitor_position_missing(in)) ||
     (id == FAULT_TENSION_STALE && monitor_tension_missing(in)) || (id == FAULT_IO_STALE && !in->brake_ok));
  predicate monitor_unconfirmed(struct monitor_limits *l, struct monitor_in *in) = in->drive_ok &&
    ((in->asked_off && !in->drive_off) ||
     (in->asked_stop && in->drive_enabled && \abs(in->speed_um_s) > l->standstill_um_s));
  predicate monitor_light(struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d) = in->tension_ok &&
    l->underload_watched[in->mode] && d->obeys && in->setpoint_um_s != 0 && in->tension_mn < l->underload_mn;
  predicate monitor_slack(struct monitor_limits *l, struct monitor_in *in) = in->tension_ok &&
    l->slack_watched[in->mode] && in->setpoint_um_s > 0 && in->tension_mn < l->slack_mn;
  predicate monitor_same(struct monitor_limits *l, struct monitor_in *in, struct monitor *m) =
    l->tension_same_watched && in->tension_ok && m->tension_known && in->cell_raw == m->cell_raw && in->drive_ok &&
    \abs(in->speed_um_s) > l->standstill_um_s;

  // Behind the brake, from the memory before the cycle: told to hold alone for as long as it takes to close; what the
  // drum then does, and what the brake reads.
  logic integer monitor_closed(struct monitor *m, struct monitor_duty *d) =
    d->asks_closed ? monitor_next(m->closed_cycles) : 0;
  predicate monitor_relies(struct monitor *m, struct monitor_limits *l, struct monitor_duty *d) =
    d->relies_on_brake && monitor_closed(m, d) > l->brake_close_cycles;
  predicate monitor_turns(struct monitor *m, struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d) =
    monitor_relies(m, l, d) && in->brake_ok && !in->brake_open && in->drive_ok &&
    \abs(in->speed_um_s) > l->standstill_um_s;
  predicate monitor_away(struct monitor *m, struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d) =
    monitor_relies(m, l, d) && in->brake_ok && !in->brake_open && in->position_ok && m->held &&
    \abs(in->position_um - m->held_um) > l->moved_um;
  predicate monitor_stays_open(struct monitor *m, struct monitor_limits *l, struct monitor_in *in,
                               struct monitor_duty *d) = monitor_relies(m, l, d) && in->brake_ok && in->brake_open;
  predicate monitor_kept_off(struct monitor_limits *l, struct monitor_in *in) =
    l->sto_watched && in->sto_off && in->chain_closed;

  // The window: sums over the newest `n` places of a ring, and the greatest of them.
  logic integer monitor_place(integer newest, integer back) =
    back <= newest ? newest - back : newest - back + MONITOR_WINDOW_MAX;
  logic integer monitor_sum{L}(int32_t *ring, integer newest, integer n) =
    n <= 0 ? 0 : monitor_sum(ring, newest, n - 1) + ring[monitor_place(newest, n - 1)];
  logic integer monitor_most{L}(int32_t *ring, integer newest, integer n) =
    n <= 0 ? 0 : \max(monitor_most(ring, newest, n - 1), \abs(ring[monitor_place(newest, n - 1)]));
  logic integer monitor_least{L}(int32_t *ring, integer newest, integer n) = n <= 1 ? ring[newest] :
    \min(monitor_least(ring, newest, n - 1), ring[monitor_place(newest, n - 1)]);
  logic integer monitor_greatest{L}(int32_t *ring, integer newest, integer n) = n <= 1 ? ring[newest] :
    \max(monitor_greatest(ring, newest, n - 1), ring[monitor_place(newest, n - 1)]);
  logic integer monitor_slowest{L}(struct monitor *m, integer n) =
    monitor_least(&m->setpoint_um_s[0], m->setpoint_next, n);
  logic integer monitor_quickest{L}(struct monitor *m, integer n) =
    monitor_greatest(&m->setpoint_um_s[0], m->setpoint_next, n);
  predicate monitor_strays(struct monitor *m, struct monitor_limits *l, struct monitor_in *in,
                           struct monitor_duty *d) = d->obeys && in->drive_ok &&
    !(monitor_slowest(m, l->following_cycles) - l->following_um_s <= in->speed_um_s <=
      monitor_quickest(m, l->following_cycles) + l->following_um_s);
  logic integer monitor_planned{L}(struct monitor *m) =
    monitor_sum(&m->travel_planned_um[0], m->travel_next, m->travel_count);
  logic integer monitor_motor{L}(struct monitor *m) =
    monitor_sum(&m->travel_motor_um[0], m->travel_next, m->travel_count);
  logic integer monitor_encoder{L}(struct monitor *m) =
    monitor_sum(&m->travel_encoder_um[0], m->travel_next, m->travel_count);
  logic integer monitor_fastest{L}(struct monitor *m) =
    monitor_most(&m->travel_planned_um[0], m->travel_next, m->travel_count);
  predicate monitor_far(integer one_um, integer other_um, integer base_um, integer most_um, integer slack_us,
                        integer cycle_us) = \abs(one_um - other_um) > base_um + most_um * slack_us / cycle_us;
  predicate monitor_off_plan(struct monitor *m, struct monitor_limits *l) =
    monitor_far(monitor_planned(m), monitor_encoder(m), l->follow_base_um, monitor_fastest(m), l->follow_slack_us,
                l->cycle_us);
  predicate monitor_apart(struct monitor *m, struct monitor_limits *l) =
    monitor_far(monitor_motor(m), monitor_encoder(m), l->mismatch_base_um, monitor_fastest(m), l->mismatch_slack_us,
                l->cycle_us);
  predicate monitor_frozen(struct monitor *m, struct monitor_limits *l) =
    monitor_encoder(m) == 0 && \abs(monitor_motor(m)) > l->frozen_um;

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
  logic integer monitor_drum_nm(struct monitor *m, struct monitor_in *in, struct monitor_duty *d) =
    d->needs_torque ? monitor_step_um(in, m->position_um) * 1000 : 0;
  predicate monitor_slipped(struct monitor_limits *l, struct monitor_in *in, struct monitor_duty *d,
                            struct monitor *m) = !monitor_blind(l, in, d, m->position_known) &&
    monitor_slips(l, monitor_drive_nm(l, in, d),
      monitor_leaky(m->slip_nm, monitor_drive_nm(l, in, d) - monitor_drum_nm(m, in, d), l->cycle_us),
      monitor_leaky(m->path_nm, \abs(monitor_drive_nm(l, in, d)), l->cycle_us));
  // What the load has done for as long as it takes.
  predicate monitor_weighs(integer id, struct monitor *m, integer load_cycles, integer same_cycles) =
    (id == FAULT_OVERLOAD && m->overloaded) || (id == FAULT_OVERLOAD_BOTH && m->overloaded_both) ||
    (id == FAULT_UNDERLOAD && m->underload_cycles > 0 && m->underload_cycles >= load_cycles) ||
    (id == FAULT_SLACK_PAYOUT && m->slack_cycles > 0 && m->slack_cycles >= load_cycles) ||
    (id == FAULT_TENSION_FROZEN && m->same_cycles > 0 && m->same_cycles >= same_cycles);
  predicate monitor_jumps(struct monitor_limits *l, struct monitor_in *in, struct monitor *m) =
    in->tension_ok && m->tension_known && l->tension_rate_watched[in->mode] &&
    \abs(in->tension_mn - m->tension_mn) > l->tension_rate_mn;

  // An overload: T > m (g + a), a being what the setpoint lifts with, at most g and at least -g/2.
  logic integer monitor_lifting(struct monitor *m, struct monitor_limits *l) = \max(-4903325,
    \min((m->planned_before_nm_s - m->planned_nm_s) * 1000 / l->cycle_us, 9806650));
  predicate monitor_heavier(integer tension_mn, integer weight_mn, integer up_um_s2) =
    tension_mn * 9806650 > weight_mn * (9806650 + up_um_s2);
  predicate monitor_lifts_too_much(struct monitor *m, struct monitor_limits *l, struct monitor_in *in) =
    in->tension_ok && l->overload_watched[in->mode] &&
    (in->setpoint_um_s < 0 || m->planned_nm_s < -l->standstill_um_s * 1000) &&
    monitor_heavier(in->tension_mn, l->overload_mn, monitor_lifting(m, l));
  predicate monitor_far_too_heavy(struct monitor *m, struct monitor_limits *l, struct monitor_in *in) =
    in->tension_ok && l->overload_watched[in->mode] &&
    monitor_heavier(in->tension_mn, l->overload_both_mn, monitor_lifting(m, l));
  predicate monitor_cleared(struct monitor_limits *l, struct monitor_in *in) =
    in->tension_ok && in->tension_mn < l->overload_clear_mn;
  predicate monitor_still(struct monitor_limits *l, struct monitor_in *in, integer was, integer cycles) =
    (cycles > 0 && cycles >= l->load_cycles) || (was != 0 && !monitor_cleared(l, in));
*/

/* One cycle of all monitors: the faults whose cause is there now. */
/*@ requires \valid(monitor) && \valid_read(limits) && \valid_read(in) && \valid_read(duty);
    requires \separated(monitor, limits) && \separated(monitor, in) && \separated(monitor, duty);
    requires monitor_limits_valid(limits) && monitor_in_valid(in) && monitor_valid(monitor);
    assigns *monitor;
    ensures setpoints: monitor_setpoints_valid(monitor) && monitor_plan_valid(monitor);
    ensures places: monitor_travels_valid(monitor) && monitor_places_valid(monitor);
    ensures counts: monitor_counts_valid(monitor);
    ensures good: monitor->seen_good <==> \old(monitor->seen_good ||
      monitor_all_good(in));
    ensures unconfirmed: \old(monitor_unconfirmed(limits, in)) ==>
      monitor_counted(monitor->unconfirmed_cycles, \old(monitor->unconfirmed_cycles));
    ensures confirmed: \old(!monitor_unconfirmed(limits, in)) ==> monitor->unconfirmed_cycles == 0;
    ensures kept_off: \old(monitor_kept_off(limits, in)) ==>
      monitor_counted(monitor->chain_cycles, \old(monitor->chain_cycles));
    ensures let_on: \old(!monitor_kept_off(limits, in)) ==> monitor->chain_cycles == 0;
    ensures elsewhere: \old(!duty->obeys || !in->drive_ok) ==> monitor->disobeys_cycles == 0;
    ensures light: \old(monitor_light(limits, in, duty)) ==>
      monitor_counted(monitor->underload_cycles, \old(monitor->underload_cycles));
    ensures not_light: \old(!monitor_light(limits, in, duty)) ==> monitor->underload_cycles == 0;
    ensures slack: \old(monitor_slack(limits, in)) ==>
      monitor_counted(monitor->slack_cycles, \old(monitor->slack_cycles));
    ensures not_slack: \old(!monitor_slack(limits, in)) ==> monitor->slack_cycles == 0;
    ensures closed: monitor->closed_cycles == \old(monitor_closed(monitor, duty));
    ensures turns: \old(monitor_turns(monitor, limits, in, duty)) ==>
      monitor_counted(monitor->moving_cycles, \old(monitor->moving_cycles));
    ensures stands: \old(!monitor_turns(monitor, limits, in, duty)) ==> monitor->moving_cycles == 0;
    ensures stays_open: \old(monitor_stays_open(monitor, limits, in, duty)) ==>
      monitor_counted(monitor->open_cycles, \old(monitor->open_cycles));
    ensures closes: \old(!monitor_stays_open(monitor, limits, in, duty)) ==> monitor->open_cycles == 0;
    ensures no_window: \old(!duty->obeys || !in->drive_ok || !in->position_ok) ==> monitor->travel_count == 0;
    // What trips: each of these, whenever it is so, and nothing else.
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      \old(monitor_reads(id, limits, in)) || \old(monitor_reads_on_duty(id, limits, in, duty)) ||
      \old(monitor_misses(id, monitor, in)) ||
      monitor_weighs(id, monitor, \old(limits->load_cycles), \old(limits->tension_same_cycles)) ||
      (id == FAULT_TENSION_RATE && \old(monitor_jumps(limits, in, monitor))) ||
      (id == FAULT_DRIVE_DISOBEYS && monitor->disobeys_cycles >= \old(limits->following_cycles)) ||
      (id == FAULT_STOP_UNCONFIRMED && monitor->unconfirmed_cycles > \old(limits->confirm_cycles)) ||
      (id == FAULT_CHAIN_OFF && monitor->chain_cycles > \old(limits->chain_cycles)) ||
      (id == FAULT_MOVEMENT && (\old(monitor_away(monitor, limits, in, duty)) ||
        (monitor->moving_cycles > 0 && monitor->moving_cycles >= \old(limits->moved_cycles)))) ||
      (id == FAULT_BRAKE_CLOSE && monitor->open_cycles > 0 &&
        monitor->open_cycles >= \old(limits->brake_close_cycles)) ||
      (id == FAULT_FOLLOWING_ERROR && monitor_off_plan(monitor, limits)) ||
      (id == FAULT_POSITION_FROZEN && monitor_frozen(monitor, limits)) ||
      (id == FAULT_POSITION_MISMATCH &&
        (monitor_apart(monitor, limits) || \old(monitor_slipped(limits, in, duty, monitor)))) ||
      (id == FAULT_UNINTENDED_MOTION && \abs(monitor->unintended_nm) > limits->unintended_um * 1000));
*/
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
/*@ requires \valid(chain);
    requires chain->differ_cycles >= 0;
    assigns *chain;
    ensures chain->differ_cycles >= 0;
    ensures blind: !io_ok ==> chain->welded == \old(chain->welded);
    ensures members: \forall integer id; 0 <= id < 64 ==> (fault_in(\result, id) <==>
      (id == FAULT_IO_STALE && !io_ok) || (id == FAULT_ESTOP && io_ok && !(a_closed && b_closed)) ||
      (id == FAULT_ESTOP_DISCREPANCY && io_ok && chain->differ_cycles >= discrepancy_cycles) ||
      (id == FAULT_ESTOP_WELDED && io_ok && a_closed && b_closed && chain->welded));
    ensures differs: io_ok && a_closed != b_closed ==>
      monitor_counted(chain->differ_cycles, \old(chain->differ_cycles));
    ensures agrees: io_ok && a_closed == b_closed ==> chain->differ_cycles == 0;
    ensures both_open: io_ok && !a_closed && !b_closed ==> !chain->welded;
    ensures weld_stays: io_ok && (a_closed || b_closed) && \old(chain->welded) ==> chain->welded;
    ensures no_weld: io_ok && !\old(chain->welded) && a_closed == b_closed && discrepancy_cycles >= 1 ==>
      !chain->welded;
*/
uint64_t monitor_chain(struct monitor_chain *chain, bool io_ok, bool a_closed, bool b_closed,
                       int32_t discrepancy_cycles);

#endif
