/* The clamp: speed, acceleration, position envelope and weight on the line, in integers. */
#include "controller/safety/clamp.h"

#include <assert.h>

#define US_PER_S INT64_C(1000000)
#define SPEED_MAX_UM_S INT64_C(50000000)
#define DISTANCE_MAX_UM INT64_C(10000000000) /* beyond 10 km the speed limit decides */
#define ROOT_BITS 26 /* speeds stay below 2^26 um/s = 67 m/s */

/*@ requires min <= max;
    assigns \nothing;
    ensures min <= \result <= max;
    ensures min <= value <= max ==> \result == value;
    ensures value < min ==> \result == min;
    ensures value > max ==> \result == max;
*/
static int64_t bounded(int64_t value, int64_t min, int64_t max) {
    assert(min <= max);
    return value < min ? min : value > max ? max : value;
}

/*@ assigns \nothing;
    ensures \result == \min(a, b);
*/
static int64_t smaller(int64_t a, int64_t b) {
    return a < b ? a : b;
}

/*@ assigns \nothing;
    ensures \result == \max(a, b);
*/
static int64_t larger(int64_t a, int64_t b) {
    return a > b ? a : b;
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits);
    requires 0 <= speed_um_s <= SPEED_MAX_UM_S && 0 < distance_um <= DISTANCE_MAX_UM;
    assigns \nothing;
    ensures \result ==> clamp_stops_within(limits, speed_um_s, distance_um);
*/
/* Travel of a stop from v: through the reaction time and one cycle at v; what setpoints still on their way are
 * faster when v is already part of a braking: a T (T + dt) / 2 at most; then v^2 / 2a. */
static bool stops_within(const struct clamp_limits *limits, int64_t speed_um_s, int64_t distance_um) {
    int64_t wait_us = limits->reaction_us + limits->cycle_us;
    int64_t faster_um_s = (int64_t)limits->stop_deceleration_um_s2 * limits->reaction_us / US_PER_S;
    //@ assert 0 <= faster_um_s <= 200000000;
    int64_t coast_um = speed_um_s * wait_us / US_PER_S + faster_um_s * wait_us / (2 * US_PER_S) + 2;
    if (coast_um > distance_um)
        return false;
    return speed_um_s * speed_um_s <= 2 * (int64_t)limits->stop_deceleration_um_s2 * (distance_um - coast_um);
}

int32_t clamp_speed_before(const struct clamp_limits *limits, int64_t distance_um) {
    assert(limits->stop_deceleration_um_s2 > 0);
    if (distance_um <= 0)
        return 0;
    int64_t room_um = distance_um > DISTANCE_MAX_UM ? DISTANCE_MAX_UM : distance_um;
    /* The largest that passes, bit by bit. The check alone decides, so a wrong search could only brake. */
    int64_t speed_um_s = 0;
    int64_t step = INT64_C(1) << (ROOT_BITS - 1);
    /*@ loop invariant 0 <= step <= 33554432;
        loop invariant 0 <= speed_um_s <= SPEED_MAX_UM_S;
        loop invariant speed_um_s > 0 ==> clamp_stops_within(limits, speed_um_s, room_um);
        loop assigns step, speed_um_s;
        loop variant step;
    */
    while (step > 0) {
        int64_t trial = speed_um_s + step;
        if (trial <= SPEED_MAX_UM_S && stops_within(limits, trial, room_um))
            speed_um_s = trial;
        step /= 2;
    }
    return (int32_t)speed_um_s;
}

/*@ requires 1000 <= acceleration_um_s2 <= 100000000 && 1000 <= cycle_us <= 100000;
    assigns \nothing;
    ensures 1 <= \result <= 10000000;
    ensures \result == acceleration_um_s2 * cycle_us / 1000000;
*/
static int32_t per_cycle(int32_t acceleration_um_s2, int32_t cycle_us) {
    return (int32_t)((int64_t)acceleration_um_s2 * cycle_us / US_PER_S);
}

/*@ requires 0 <= step <= 10000000;
    assigns \nothing;
    ensures speed_um_s >= 0 ==> 0 <= \result <= speed_um_s && \result >= speed_um_s - step;
    ensures speed_um_s <= 0 ==> speed_um_s <= \result <= 0 && \result <= speed_um_s + step;
*/
static int32_t ramp_down(int32_t speed_um_s, int32_t step) {
    if (speed_um_s > 0)
        return speed_um_s > step ? speed_um_s - step : 0;
    return speed_um_s < -step ? speed_um_s + step : 0;
}

int32_t clamp_setpoint(const struct clamp_limits *limits, const struct clamp_in *in, int32_t wanted_um_s) {
    assert(limits->acceleration_um_s2 > 0 && limits->stop_deceleration_um_s2 >= limits->acceleration_um_s2);
    int32_t stop_step = per_cycle(limits->stop_deceleration_um_s2, limits->cycle_us);
    int32_t last = in->setpoint_um_s;
    if (in->state != STATE_RUNNING && in->state != STATE_STOPPING)
        return 0;
    bool blind = !in->position_ok || (in->belaying && !in->tension_ok);
    if (in->state == STATE_STOPPING || blind)
        return ramp_down(last, stop_step);

    int64_t fastest_out = clamp_speed_before(limits, limits->position_max_um - in->position_um);
    int64_t fastest_in = clamp_speed_before(limits, in->position_um - limits->position_min_um);
    int64_t high = bounded(fastest_out, 0, limits->payout_max_um_s);
    int64_t low = -bounded(fastest_in, 0, limits->takein_max_um_s);
    if (in->belaying && in->tension_mn >= limits->weight_on_line_mn)
        high = 0;

    int32_t step = per_cycle(limits->acceleration_um_s2, limits->cycle_us);
    int64_t value = bounded(bounded(wanted_um_s, low, high), (int64_t)last - step, (int64_t)last + step);
    /* Still outside the envelope: brake with what is reserved for stops, never harder and never through zero. */
    if (value > high)
        value = smaller(value, larger(high, ramp_down(last, stop_step)));
    if (value < low)
        value = larger(value, smaller(low, ramp_down(last, stop_step)));
    return (int32_t)value;
}
