/* The clamp: the last word on every setpoint. Reads readings, limits and the verdict, never the plan's reasons.
 * Integers only, pure. Units: um, um/s, um/s2, mN.
 */
#ifndef BELAY_CONTROLLER_SAFETY_CLAMP_H
#define BELAY_CONTROLLER_SAFETY_CLAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/state.h"

/* Ranges that the rig loader guarantees: speeds up to 50 m/s, accelerations 1 mm/s2 to 100 m/s2, positions +-10 km,
 * cycle 1..100 ms, reaction 0..2 s. */
struct clamp_limits {
    int64_t position_min_um, position_max_um;
    int32_t payout_max_um_s, takein_max_um_s;
    int32_t acceleration_um_s2;      /* most change while running */
    int32_t stop_deceleration_um_s2; /* reserved for stops, >= acceleration_um_s2 */
    int32_t weight_on_line_mn;       /* at and above: no pay-out while belaying */
    int32_t cycle_us;
    int32_t reaction_us;             /* from reading to the drum following the setpoint */
};

struct clamp_in {
    enum axis_state state;
    bool belaying;      /* pay-out needs the tension below weight_on_line_mn */
    bool position_ok, tension_ok;
    int64_t position_um;
    int32_t tension_mn;
    int32_t setpoint_um_s; /* what the last cycle sent */
};

/*@ // Ranges of a limits struct, as the rig loader checks them.
  predicate clamp_limits_valid(struct clamp_limits *l) =
    -10000000000 <= l->position_min_um <= l->position_max_um <= 10000000000 &&
    0 <= l->payout_max_um_s <= 50000000 && 0 <= l->takein_max_um_s <= 50000000 &&
    1000 <= l->acceleration_um_s2 <= l->stop_deceleration_um_s2 <= 100000000 &&
    0 <= l->weight_on_line_mn && 1000 <= l->cycle_us <= 100000 && 0 <= l->reaction_us <= 2000000;

  // Travel before the braking shows: reaction and one cycle at `v`, and what setpoints still on their way are faster.
  logic integer clamp_coast(struct clamp_limits *l, integer v) =
    v * (l->reaction_us + l->cycle_us) / 1000000 +
    (l->stop_deceleration_um_s2 * l->reaction_us / 1000000) * (l->reaction_us + l->cycle_us) / 2000000 + 2;

  // The speed `v` ends within `d`.
  predicate clamp_stops_within(struct clamp_limits *l, integer v, integer d) =
    clamp_coast(l, v) <= d && v * v <= 2 * l->stop_deceleration_um_s2 * (d - clamp_coast(l, v));
*/

/* The setpoint to send: `wanted_um_s` brought inside speed, acceleration and position limits. Outside STATE_RUNNING
 * and STATE_STOPPING it is 0; in STATE_STOPPING it ramps to 0 whatever is wanted. The magnitude never grows in
 * STATE_STOPPING. */
/*@ requires \valid_read(limits) && \valid_read(in) && clamp_limits_valid(limits);
    requires -50000000 <= in->setpoint_um_s <= 50000000;
    requires -20000000000 <= in->position_um <= 20000000000;
    assigns \nothing;
    ensures in_range: -50000000 <= \result <= 50000000;
    ensures disabled: in->state != STATE_RUNNING && in->state != STATE_STOPPING ==> \result == 0;
    ensures stopping: in->state == STATE_STOPPING || !in->position_ok || (in->belaying && !in->tension_ok) ==>
      (in->setpoint_um_s >= 0 ==> 0 <= \result <= in->setpoint_um_s) &&
      (in->setpoint_um_s <= 0 ==> in->setpoint_um_s <= \result <= 0);
    ensures weight: in->belaying && in->tension_ok && in->tension_mn >= limits->weight_on_line_mn ==>
      \result <= 0 || \result <= in->setpoint_um_s;
    ensures no_faster_out: \result <= limits->payout_max_um_s || \result <= in->setpoint_um_s;
    ensures no_faster_in: -\result <= limits->takein_max_um_s || \result >= in->setpoint_um_s;
    ensures end_out: in->position_um >= limits->position_max_um ==> \result <= 0 || \result <= in->setpoint_um_s;
    ensures end_in: in->position_um <= limits->position_min_um ==> \result >= 0 || \result >= in->setpoint_um_s;
*/
int32_t clamp_setpoint(const struct clamp_limits *limits, const struct clamp_in *in, int32_t wanted_um_s);

/* Fastest speed towards a limit `distance_um` ahead from which a stop at the reserved deceleration, begun after the
 * reaction time, ends before it. 0 when there is no room, which it is from stop deceleration x reaction x (reaction
 * + cycle) / 2 before the limit. */
/*@ requires \valid_read(limits) && clamp_limits_valid(limits);
    requires -40000000000 <= distance_um <= 40000000000;
    assigns \nothing;
    ensures in_range: 0 <= \result <= 50000000;
    ensures no_room: distance_um <= 0 ==> \result == 0;
    ensures stops: \result > 0 && distance_um <= 10000000000 ==>
      clamp_stops_within(limits, \result, distance_um);
*/
int32_t clamp_speed_before(const struct clamp_limits *limits, int64_t distance_um);

#endif
