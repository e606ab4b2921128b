/* The clamp: the last word on every setpoint. Reads readings, limits and the verdict, never the plan's reasons.
 * Integers only, pure. Units: um, um/s, um/s2, us, mN.
 *
 * Everything that holds for a direction of motion is an array by enum clamp_direction. A setpoint is signed: positive
 * pays out. A speed is a magnitude.
 */
#ifndef BELAY_CONTROLLER_SAFETY_CLAMP_H
#define BELAY_CONTROLLER_SAFETY_CLAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/state.h"

#define CLAMP_BANDS_MAX 8

enum clamp_direction { CLAMP_OUT, CLAMP_IN, CLAMP_DIRECTIONS };

/* The three ways in which a motion can end. Each must end in time, from every setpoint that is sent. */
enum clamp_stop {
    CLAMP_RAMP,       /* the setpoint ramps to zero: before the operating limit */
    CLAMP_LINK_LOST,  /* the drive's watchdog, then its own ramp: before the ultimate limit */
    CLAMP_TORQUE_OFF, /* torque off and brake: before the ultimate limit */
    CLAMP_STOPS
};

/* One way to stop. All begin with the common `reaction_us`: until then the drum still obeys older setpoints. */
struct clamp_path {
    int32_t delay_us;            /* from there until it brakes: 0, the drive's watchdog, torque off + brake */
    int32_t growth_um_s2;        /* how fast the speed grows in `delay_us`; gravity for a released load */
    int32_t deceleration_um_s2;  /* then at least this */
    int32_t jerk_us;             /* time in which the deceleration builds up */
};

/* A part of the way with a lower speed, which is reached before the drum enters it. The reading tells whether it is
 * behind the drum: an axis that turns round just outside may be faster inside for one reaction time. */
struct clamp_band {
    int64_t from_um, to_um;
    int32_t speed_um_s[CLAMP_DIRECTIONS];
};

/* Limits of one axis. Ranges (clamp_limits_good() checks them): positions +-10 km, speeds 0..50 m/s, accelerations up
 * to 100 m/s2 and at least 1 um/s a cycle, cycle 1..100 ms, reaction 0..2 s, delays and jerk times 0..10 s. */
struct clamp_limits {
    int64_t position_min_um, position_max_um; /* operating */
    int64_t ultimate_min_um, ultimate_max_um; /* mechanical or hardwired, at or outside the operating ones */
    int32_t speed_um_s[MODE_COUNT][CLAMP_DIRECTIONS];
    int32_t speed_max_um_s[CLAMP_DIRECTIONS]; /* the largest of the table's column: no drum turns faster */
    int32_t band_count;
    struct clamp_band band[CLAMP_BANDS_MAX];
    int32_t acceleration_um_s2[CLAMP_DIRECTIONS];      /* most change of the setpoint while running */
    int32_t stop_deceleration_um_s2[CLAMP_DIRECTIONS]; /* of stops and where slowing is overdue; never harder */
    int32_t catch_deceleration_um_s2[CLAMP_DIRECTIONS]; /* the same in MODE_CATCH */
    /* path[CLAMP_RAMP] decelerates no harder than the two lines above. */
    struct clamp_path path[CLAMP_STOPS][CLAMP_DIRECTIONS];
    int32_t weight_on_line_mn; /* at and above: no pay-out while belaying */
    int32_t cycle_us;
    int32_t reaction_us;       /* from a reading to the drum following the setpoint made of it: age, bus, drive lag */
};

struct clamp_in {
    enum axis_state state;
    enum axis_mode mode;
    bool belaying;                  /* pay-out needs the tension below weight_on_line_mn */
    bool blocked[CLAMP_DIRECTIONS]; /* the judge forbids motion in this direction */
    bool follows;                   /* in STATE_STOPPING: may be slower to stop than the ramp, beside a mate that is */
    bool position_ok, tension_ok;
    bool position_waived;           /* in MODE_RECOVERY only: moves without a position, so within no position limit */
    int64_t position_um;
    int32_t tension_mn;
    int32_t speed_cap_um_s[CLAMP_DIRECTIONS]; /* of the operating mode, beside the limits' own; at or above 0 */
    int32_t setpoint_um_s;          /* what the last cycle sent */
};

/*@ // What clamp_limits_good() checks.
  predicate clamp_path_valid(struct clamp_path *p) =
    0 <= p->delay_us <= 10000000 && 0 <= p->growth_um_s2 <= 100000000 &&
    10 <= p->deceleration_um_s2 <= 100000000 && 0 <= p->jerk_us <= 10000000;

  predicate clamp_paths_valid(struct clamp_limits *l, integer d) =
    clamp_path_valid(&l->path[CLAMP_RAMP][d]) && clamp_path_valid(&l->path[CLAMP_LINK_LOST][d]) &&
    clamp_path_valid(&l->path[CLAMP_TORQUE_OFF][d]);

  predicate clamp_rate_valid(integer rate, integer cycle_us) =
    10 <= rate <= 100000000 && rate * cycle_us >= 1000000;

  predicate clamp_direction_valid(struct clamp_limits *l, integer d) =
    0 <= l->speed_max_um_s[d] <= 50000000 &&
    (\forall integer m; 0 <= m < MODE_COUNT ==> 0 <= l->speed_um_s[m][d] <= l->speed_max_um_s[d]) &&
    clamp_rate_valid(l->acceleration_um_s2[d], l->cycle_us) &&
    clamp_rate_valid(l->stop_deceleration_um_s2[d], l->cycle_us) &&
    clamp_rate_valid(l->catch_deceleration_um_s2[d], l->cycle_us) &&
    clamp_paths_valid(l, d) &&
    l->path[CLAMP_RAMP][d].deceleration_um_s2 <= l->stop_deceleration_um_s2[d] &&
    l->path[CLAMP_RAMP][d].deceleration_um_s2 <= l->catch_deceleration_um_s2[d];

  predicate clamp_band_valid(struct clamp_band *b) =
    -10000000000 <= b->from_um <= b->to_um <= 10000000000 &&
    0 <= b->speed_um_s[CLAMP_OUT] <= 50000000 && 0 <= b->speed_um_s[CLAMP_IN] <= 50000000;

  predicate clamp_positions_valid(struct clamp_limits *l) =
    -10000000000 <= l->ultimate_min_um <= l->position_min_um <= l->position_max_um <= l->ultimate_max_um <=
      10000000000;

  predicate clamp_bands_valid(struct clamp_limits *l) =
    0 <= l->band_count <= CLAMP_BANDS_MAX &&
    (\forall integer i; 0 <= i < l->band_count ==> clamp_band_valid(&l->band[i]));

  predicate clamp_limits_valid(struct clamp_limits *l) =
    clamp_positions_valid(l) && clamp_bands_valid(l) &&
    1000 <= l->cycle_us <= 100000 && 0 <= l->reaction_us <= 2000000 && 0 <= l->weight_on_line_mn &&
    clamp_direction_valid(l, CLAMP_OUT) && clamp_direction_valid(l, CLAMP_IN);
*/

/* True when every limit is in its range and they fit together; the rest of this file needs that. */
/*@ requires \valid_read(limits);
    assigns \nothing;
    ensures \result <==> clamp_limits_valid(limits);
*/
bool clamp_limits_good(const struct clamp_limits *limits);

/*@ // Most that a rate changes the setpoint in a cycle: rounded down for what is wanted, up for what must be reached.
  logic integer clamp_step_of(integer rate, integer cycle_us) = rate * cycle_us / 1000000;
  logic integer clamp_stop_step_of(integer rate, integer cycle_us) = (rate * cycle_us + 999999) / 1000000;

  // How much faster than a setpoint the drum may still turn: with a dead time or a first-order lag of the reaction time
  // it is behind by what the setpoint may fall in that time.
  logic integer clamp_lead(struct clamp_limits *l, integer d) =
    clamp_stop_step_of(\max(l->stop_deceleration_um_s2[d], l->catch_deceleration_um_s2[d]), l->cycle_us) *
    (l->reaction_us / l->cycle_us + 2);
  logic integer clamp_drum(struct clamp_limits *l, integer d, integer v) =
    \min(v + clamp_lead(l, d), l->speed_max_um_s[d]);

  // Travel of a stop apart from v^2 / 2a: `drum` until the reaction time is over, then the path's delay and growth,
  // then what its deceleration needs to build up and to take away the growth. + 4: every division rounds down.
  logic integer clamp_grown(struct clamp_path *p) = (p->growth_um_s2 * p->delay_us + 999999) / 1000000;
  logic integer clamp_run(struct clamp_path *p, integer wait_us, integer drum) =
    drum * (wait_us + p->delay_us) / 1000000 + clamp_grown(p) * p->delay_us / 2000000 +
    (drum + clamp_grown(p)) * p->jerk_us / 2000000 +
    (2 * drum + clamp_grown(p)) * clamp_grown(p) / (2 * p->deceleration_um_s2) + 4;

  // The path brings `from` down to `to` within `distance`.
  predicate clamp_slows(struct clamp_path *p, integer slow, integer wait_us, integer drum, integer from, integer to,
                        integer distance) =
    clamp_run(p, wait_us, drum) <= distance &&
    from * from - to * to <= 2 * slow * (distance - clamp_run(p, wait_us, drum));

  // Until then the setpoints of before and of this cycle count, and one cycle of lag.
  logic integer clamp_wait(struct clamp_limits *l) = l->reaction_us + 2 * l->cycle_us;

  // A ramp from v is at `to` within `distance`.
  predicate clamp_ramp_slows(struct clamp_path *ramp, integer wait_us, integer drum, integer v, integer to,
                             integer distance) =
    clamp_slows(ramp, ramp->deceleration_um_s2, wait_us, drum, v, to, distance);

  // A stop of the two others, begun now or at any time of the ramp, ends within `distance`. Should its deceleration be
  // the harder one, the ramp's counts: a stop that begins late in the ramp has gained no more than that.
  predicate clamp_stop_ends(struct clamp_path *p, struct clamp_path *ramp, integer wait_us, integer drum,
                            integer distance) =
    clamp_slows(p, \min(p->deceleration_um_s2, ramp->deceleration_um_s2), wait_us, drum, drum, 0, distance);

  logic integer clamp_room(struct clamp_limits *l, integer d, integer position_um) =
    d == CLAMP_OUT ? l->position_max_um - position_um : position_um - l->position_min_um;
  logic integer clamp_last_room(struct clamp_limits *l, integer d, integer position_um) =
    d == CLAMP_OUT ? l->ultimate_max_um - position_um : position_um - l->ultimate_min_um;

  predicate clamp_hard_stops(struct clamp_limits *l, integer d, integer wait_us, integer drum, integer distance) =
    clamp_stop_ends(&l->path[CLAMP_LINK_LOST][d], &l->path[CLAMP_RAMP][d], wait_us, drum, distance) &&
    clamp_stop_ends(&l->path[CLAMP_TORQUE_OFF][d], &l->path[CLAMP_RAMP][d], wait_us, drum, distance);
  predicate clamp_stops(struct clamp_limits *l, integer d, integer wait_us, integer drum, integer v,
                        integer position_um) =
    clamp_ramp_slows(&l->path[CLAMP_RAMP][d], wait_us, drum, v, 0, clamp_room(l, d, position_um)) &&
    clamp_hard_stops(l, d, wait_us, drum, clamp_last_room(l, d, position_um));

  // Behind the drum, slow enough, or braked to its speed before it begins.
  predicate clamp_band_keeps(struct clamp_band *b, integer d, struct clamp_path *ramp, integer wait_us, integer drum,
                             integer v, integer position_um) =
    (d == CLAMP_OUT ? position_um > b->to_um : position_um < b->from_um) || v <= b->speed_um_s[d] ||
    clamp_ramp_slows(ramp, wait_us, drum, v, b->speed_um_s[d],
                     d == CLAMP_OUT ? b->from_um - position_um : position_um - b->to_um);
  predicate clamp_bands_keep(struct clamp_limits *l, integer count, integer d, integer wait_us, integer drum, integer v,
                             integer position_um) =
    \forall integer i; 0 <= i < count ==>
      clamp_band_keeps(&l->band[i], d, &l->path[CLAMP_RAMP][d], wait_us, drum, v, position_um);

  // Recovery takes nobody up whose weight it can't feel.
  predicate clamp_unfelt(struct clamp_in *in) = in->mode == MODE_RECOVERY && !in->tension_ok;
  predicate clamp_forbids(struct clamp_limits *l, struct clamp_in *in, integer d) =
    in->blocked[d] || (d == CLAMP_OUT && in->belaying && in->tension_mn >= l->weight_on_line_mn) ||
    (d == CLAMP_IN && clamp_unfelt(in));

  // No position is asked for.
  predicate clamp_waived(struct clamp_in *in) = in->mode == MODE_RECOVERY && in->position_waived;

  // The speed v has its room in direction d.
  predicate clamp_fits(struct clamp_limits *l, integer d, integer v, integer position_um) =
    clamp_stops(l, d, clamp_wait(l), clamp_drum(l, d, v), v, position_um) &&
    clamp_bands_keep(l, l->band_count, d, clamp_wait(l), clamp_drum(l, d, v), v, position_um);

  // The speed v > 0 in direction d may be sent.
  predicate clamp_admits(struct clamp_limits *l, struct clamp_in *in, integer d, integer v) =
    !clamp_forbids(l, in, d) && v <= l->speed_um_s[in->mode][d] && v <= in->speed_cap_um_s[d] &&
    (clamp_waived(in) || clamp_fits(l, d, v, in->position_um));
  predicate clamp_allowed(struct clamp_limits *l, struct clamp_in *in, integer setpoint) =
    (setpoint > 0 ==> clamp_admits(l, in, CLAMP_OUT, setpoint)) &&
    (setpoint < 0 ==> clamp_admits(l, in, CLAMP_IN, -setpoint));

  predicate clamp_in_valid(struct clamp_in *in) =
    0 <= in->mode < MODE_COUNT && -50000000 <= in->setpoint_um_s <= 50000000 &&
    0 <= in->speed_cap_um_s[CLAMP_OUT] && 0 <= in->speed_cap_um_s[CLAMP_IN];
  predicate clamp_position_sane(struct clamp_in *in) = -20000000000 <= in->position_um <= 20000000000;

  // What may follow the last setpoint: faster by the acceleration, slower by it or by a stop, whichever is gentler.
  logic integer clamp_faster(struct clamp_limits *l, integer d) = clamp_step_of(l->acceleration_um_s2[d], l->cycle_us);
  logic integer clamp_stop_step(struct clamp_limits *l, integer mode, integer d) =
    clamp_stop_step_of(mode == MODE_CATCH ? l->catch_deceleration_um_s2[d] : l->stop_deceleration_um_s2[d],
                       l->cycle_us);
  logic integer clamp_slower(struct clamp_limits *l, integer mode, integer d) =
    \min(clamp_faster(l, d), clamp_stop_step(l, mode, d));
  logic integer clamp_high(struct clamp_limits *l, integer mode, integer last) =
    last >= 0 ? last + clamp_faster(l, CLAMP_OUT) :
                \min(last + clamp_slower(l, mode, CLAMP_IN), clamp_faster(l, CLAMP_OUT));
  logic integer clamp_low(struct clamp_limits *l, integer mode, integer last) =
    last <= 0 ? last - clamp_faster(l, CLAMP_IN) :
                \max(last - clamp_slower(l, mode, CLAMP_OUT), -clamp_faster(l, CLAMP_IN));

  // The last setpoint, one cycle of a stop later.
  logic integer clamp_ramped(struct clamp_limits *l, integer mode, integer last) =
    last >= 0 ? \max(0, last - clamp_stop_step(l, mode, CLAMP_OUT)) :
                \min(0, last + clamp_stop_step(l, mode, CLAMP_IN));

  predicate clamp_moves(struct clamp_in *in) = in->state == STATE_RUNNING || in->state == STATE_STOPPING;
  predicate clamp_blind(struct clamp_in *in) =
    (!clamp_waived(in) && (!in->position_ok || !clamp_position_sane(in))) || (in->belaying && !in->tension_ok);
  predicate clamp_must_stop(struct clamp_in *in) =
    (in->state == STATE_STOPPING && !in->follows) || clamp_blind(in);
  predicate clamp_runs(struct clamp_in *in) = in->state == STATE_RUNNING && !clamp_blind(in);
  predicate clamp_follows(struct clamp_in *in) = in->state == STATE_STOPPING && in->follows && !clamp_blind(in);
*/

/* May `setpoint_um_s` be sent as far as position, speed and verdict are concerned? Whether the change from the last
 * setpoint is small enough is not asked. Zero always may. The position is within 20 km, or waived. */
/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits) && clamp_in_valid(in);
    requires clamp_waived(in) || clamp_position_sane(in);
    assigns \nothing;
    ensures \result <==> clamp_allowed(limits, in, setpoint_um_s);
*/
bool clamp_allows(const struct clamp_limits *limits, const struct clamp_in *in, int32_t setpoint_um_s);

/* The setpoint to send: `wanted_um_s` itself when clamp_allows() it and the change is inside the acceleration; else the
 * nearest such; else what falls at the deceleration of stops. Outside STATE_RUNNING and STATE_STOPPING it is 0. In
 * STATE_STOPPING, and blind (position not waived and not ok or beyond 20 km, or while belaying tension not ok), it
 * ramps to 0 whatever is wanted; but that a stop which follows a mate's is slower than the ramp as far as is wanted:
 * never faster than it was, and never where a ramp would not end in time any more. */
/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits) && clamp_in_valid(in);
    assigns \nothing;
    ensures in_range: -50000000 <= \result <= 50000000;
    ensures disabled: !clamp_moves(in) ==> \result == 0;
    ensures stopping: clamp_moves(in) && clamp_must_stop(in) ==>
      \result == clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures following: clamp_follows(in) ==>
      clamp_allowed(limits, in, \result) || \result == clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures never_rising: in->state == STATE_STOPPING ==>
      clamp_ramped(limits, in->mode, in->setpoint_um_s) <= \result <= in->setpoint_um_s ||
      in->setpoint_um_s <= \result <= clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures held: clamp_runs(in) ==>
      clamp_allowed(limits, in, \result) || \result == clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures change: clamp_runs(in) ==>
      clamp_low(limits, in->mode, in->setpoint_um_s) <= \result <= clamp_high(limits, in->mode, in->setpoint_um_s) ||
      clamp_ramped(limits, in->mode, in->setpoint_um_s) <= \result <= in->setpoint_um_s ||
      in->setpoint_um_s <= \result <= clamp_ramped(limits, in->mode, in->setpoint_um_s);
    ensures transparent: clamp_runs(in) && clamp_allowed(limits, in, wanted_um_s) &&
      clamp_low(limits, in->mode, in->setpoint_um_s) <= wanted_um_s <=
        clamp_high(limits, in->mode, in->setpoint_um_s) ==> \result == wanted_um_s;
*/
int32_t clamp_setpoint(const struct clamp_limits *limits, const struct clamp_in *in, int32_t wanted_um_s);

#endif
