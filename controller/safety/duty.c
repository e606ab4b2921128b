/* The mean square of a motor's torque, first order. */
#include "controller/safety/duty.h"

/*@ assigns \nothing;
    ensures \result == duty_square(permille);
    ensures 0 <= \result <= duty_most;
*/
static int64_t square(int32_t permille) {
    int64_t all = permille < 0 ? -(int64_t)permille : permille;
    int64_t bounded = all < DUTY_TORQUE_MAX_PERMILLE ? all : DUTY_TORQUE_MAX_PERMILLE;
    //@ assert most: bounded * bounded <= DUTY_TORQUE_MAX_PERMILLE * DUTY_TORQUE_MAX_PERMILLE;
    return bounded * bounded * DUTY_SCALE;
}

/* Share of a way that one cycle goes: rounded towards 0, so never beyond. */
/*@ requires 0 <= way <= duty_most && 1000 <= cycle_us <= 100000 && 1000000 <= time_us <= 100000000000;
    assigns \nothing;
    ensures 0 <= \result <= way;
*/
static int64_t part(int64_t way, int64_t cycle_us, int64_t time_us) {
    //@ assert fits: way * cycle_us <= duty_most * 100000;
    //@ assert less: way * cycle_us <= way * time_us;
    return way * cycle_us / time_us;
}

bool duty_step(struct duty *duty, const struct duty_limits *limits, bool torque_ok, int32_t torque_permille) {
    int64_t now = square(torque_permille);
    if (torque_ok && now >= duty->mean)
        duty->mean += part(now - duty->mean, limits->cycle_us, limits->time_us);
    else if (torque_ok)
        duty->mean -= part(duty->mean - now, limits->cycle_us, limits->time_us);
    return limits->watched && duty->mean > square(limits->continuous_permille);
}
