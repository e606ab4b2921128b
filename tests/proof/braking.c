/* That the pieces make a whole: the room that an accepted speed has is enough for the ramp that the clamp then gives,
 * cycle by cycle, to standstill. Machine-checked like controller/safety; never run.
 *
 * Distances are counted in (um/s) x cycles, accelerations in um/s a cycle, so that one cycle at v takes v.
 */
#include "controller/safety/clamp.h"

/*@ // In whole cycles v^2 <= 2ad is not kept by the ramp: the way of the cycle itself is missing. This is.
  predicate safe(integer v, integer a, integer d) =
    v == 0 || (v <= a && v <= d) || (2 * v + a) * (2 * v + a) <= 8 * a * d;

  // What clamp_slows() leaves after its reaction time and one cycle at v: a ramp of at least `a` a cycle.
  predicate accepted(integer v, integer a, integer d) = 0 <= v <= d && v * v <= 2 * a * (d - v);
*/

/*@ requires 0 <= v <= 50000000 && 1 <= a <= 10000000 && 0 <= d <= 40000000000;
    requires accepted(v, a, d);
    assigns \nothing;
    ensures safe(v, a, d);
*/
static void begins(int64_t v, int64_t a, int64_t d) {
    //@ assert (2 * v + a) * (2 * v + a) == 4 * (v * v) + 4 * (v * a) + a * a;
    //@ assert 8 * a * d == 4 * (2 * a * (d - v)) + 8 * (v * a);
    //@ assert v > a ==> a * a <= 4 * (v * a);
    (void)v, (void)a, (void)d;
}

/*@ requires -200000000 <= w <= 200000000;
    assigns \nothing;
    ensures \result == w * w && 0 <= \result;
*/
static int64_t square(int64_t w) {
    //@ assert 0 <= w * w <= 200000000 * 200000000;
    return w * w;
}

/*@ requires 0 < v <= 50000000 && 1 <= a <= 10000000 && 0 <= d <= 40000000000;
    requires 0 <= next <= \max(0, v - a);
    requires safe(v, a, d);
    assigns \nothing;
    ensures inside: v <= d;
    ensures kept: safe(next, a, d - v);
*/
static void keeps(int64_t v, int64_t a, int64_t next, int64_t d) {
    //@ assert (2 * v + a) * (2 * v + a) - 8 * (v * a) == (2 * v - a) * (2 * v - a);
    int64_t kept = square(2 * v - a);
    //@ assert kept == (2 * v + a) * (2 * v + a) - 8 * (v * a);
    //@ assert (2 * v + a) * (2 * v + a) <= 8 * a * d ==> 8 * a * (d - v) >= 0;
    //@ assert 8 * a * (d - v) >= 0 ==> d >= v;
    //@ assert next > 0 ==> 0 < 2 * next + a <= 2 * v - a;
    //@ assert next > 0 ==> (2 * next + a) * (2 * next + a) <= (2 * v - a) * (2 * v - a);
    //@ assert 8 * a * (d - v) == 8 * a * d - 8 * (v * a);
    (void)kept, (void)next, (void)d;
}

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && -50000000 <= last_um_s <= 50000000;
    assigns \nothing;
    ensures \result == clamp_ramped(limits, mode, last_um_s);
*/
/* What clamp_setpoint() gives in STATE_STOPPING, as its contract says under `stopping`. */
int32_t clamp_stopping(const struct clamp_limits *limits, enum axis_mode mode, int32_t last_um_s);

/*@ requires \valid_read(limits) && clamp_limits_valid(limits) && 0 <= setpoint_um_s <= 50000000;
    requires 1 <= a <= 10000000 && a <= clamp_stop_step(limits, mode, CLAMP_OUT) && 0 <= d <= 40000000000;
    requires accepted(setpoint_um_s, a, d);
    assigns \nothing;
    ensures inside: 0 <= \result <= d;
*/
/* From an accepted setpoint to standstill; what is left of the room `d`, which at no time was less than nothing. */
int64_t ramp_to_standstill(const struct clamp_limits *limits, enum axis_mode mode, int32_t setpoint_um_s, int64_t a,
                           int64_t d) {
    int64_t left = d;
    begins(setpoint_um_s, a, left);
    /*@ loop invariant 0 <= left <= d;
        loop invariant 0 <= setpoint_um_s <= 50000000;
        loop invariant safe(setpoint_um_s, a, left);
        loop assigns setpoint_um_s, left;
        loop variant setpoint_um_s;
    */
    while (setpoint_um_s > 0) {
        int32_t next = clamp_stopping(limits, mode, setpoint_um_s);
        keeps(setpoint_um_s, a, next, left);
        left -= setpoint_um_s;
        setpoint_um_s = next;
    }
    return left;
}
