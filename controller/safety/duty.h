/* The duty of a motor: the mean of its squared torque over a time like that in which it warms up, against the square of
 * the torque that it may give without end (IEC 60034-1, equivalent torque of a duty type). Integers only, pure.
 *
 * Units: permille of rated torque, us. A controller that was restarted takes the motor for a cold one: the drive's own
 * motor protection is the one that protects it, and this tells the operator before that one takes the torque away.
 */
#ifndef BELAY_CONTROLLER_SAFETY_DUTY_H
#define BELAY_CONTROLLER_SAFETY_DUTY_H

#include <stdbool.h>
#include <stdint.h>

#define DUTY_TORQUE_MAX_PERMILLE 10000 /* readings beyond are taken for this */
#define DUTY_SCALE 1000 /* parts of a squared permille that are kept */

/* Of one axis, from the rig. */
struct duty_limits {
    bool watched;
    int32_t continuous_permille; /* 1..DUTY_TORQUE_MAX_PERMILLE */
    int32_t cycle_us; /* 1000..100000 */
    int64_t time_us; /* time constant, 1e6..1e11 */
};

/* Memory of one axis; all zero at the start. */
struct duty {
    int64_t mean; /* of the squared torque, permille2 x DUTY_SCALE */
};

/*@ predicate duty_limits_valid(struct duty_limits *l) =
      1 <= l->continuous_permille <= DUTY_TORQUE_MAX_PERMILLE && 1000 <= l->cycle_us <= 100000 &&
      1000000 <= l->time_us <= 100000000000;
    logic integer duty_most = DUTY_TORQUE_MAX_PERMILLE * DUTY_TORQUE_MAX_PERMILLE * DUTY_SCALE;
    predicate duty_valid(struct duty *d) = 0 <= d->mean <= duty_most;
    logic integer duty_bounded(integer permille) = \min(\abs(permille), DUTY_TORQUE_MAX_PERMILLE);
    logic integer duty_square(integer permille) = duty_bounded(permille) * duty_bounded(permille) * DUTY_SCALE;
    predicate duty_over(struct duty *d, struct duty_limits *l) =
      l->watched && d->mean > duty_square(l->continuous_permille);
*/

/* One cycle: has the motor had more than it may have without end? `torque_ok`: the reading is fresh and good; without
 * one the mean stays as it is. The mean moves towards the square of the reading and never beyond it. */
/*@ requires \valid(duty) && \valid_read(limits) && \separated(duty, limits);
    requires duty_limits_valid(limits) && duty_valid(duty);
    assigns duty->mean;
    ensures valid: duty_valid(duty);
    ensures trips: \result <==> duty_over(duty, limits);
    ensures blind: !torque_ok ==> duty->mean == \old(duty->mean);
    ensures warms: torque_ok && duty_square(torque_permille) >= \old(duty->mean) ==>
      \old(duty->mean) <= duty->mean <= duty_square(torque_permille);
    ensures cools: torque_ok && duty_square(torque_permille) <= \old(duty->mean) ==>
      duty_square(torque_permille) <= duty->mean <= \old(duty->mean);
*/
bool duty_step(struct duty *duty, const struct duty_limits *limits, bool torque_ok, int32_t torque_permille);

#endif
