/* Ramps: change per step, and the move that comes to rest at its place through a drive that lags. */
#include "controller/motion/ramp.h"

#include <criterion/criterion.h>
#include <math.h>

Test(ramp, changes_by_no_more_than_the_acceleration) {
    cr_assert_float_eq(ramp_towards(0, 1, 2, 0.01), 0.02, 1e-12);
    cr_assert_float_eq(ramp_towards(0.5, -1, 2, 0.01), 0.48, 1e-12);
    cr_assert_float_eq(ramp_towards(0.99, 1, 2, 0.01), 1.0, 1e-12);
}

/* Drum behind a dead time of two cycles and a 40 ms lag. Returns the farthest overshoot; `*end_m` is where it stays. */
static double fly(double distance_m, double speed_max, double acceleration, double *end_m) {
    const double dt = 0.01, lag = 0.065;
    double position = 0, speed = 0, setpoint[3] = {0}, overshoot = 0;
    for (int i = 0; i < 25000; i++) {
        double next = ramp_move(distance_m - position, setpoint[0], speed_max, acceleration, lag, dt);
        cr_assert_leq(fabs(next), speed_max + 1e-12);
        cr_assert_leq(fabs(next - setpoint[0]), acceleration * dt + 1e-12);
        setpoint[2] = setpoint[1];
        setpoint[1] = setpoint[0];
        setpoint[0] = next;
        speed += (setpoint[2] - speed) * dt / 0.04;
        position += speed * dt;
        overshoot = fmax(overshoot, (position - distance_m) * copysign(1, distance_m));
    }
    *end_m = position;
    return overshoot;
}

Test(ramp, a_move_ends_at_its_place_and_stays) {
    static const double distances[] = {0.002, 0.05, -0.3, 1.0, -7.0, 20.0};
    static const double speeds[] = {0.1, 0.5, 2.0};
    for (size_t d = 0; d < 6; d++)
        for (size_t s = 0; s < 3; s++) {
            double end = 0;
            double overshoot = fly(distances[d], speeds[s], 1.0, &end);
            cr_expect_float_eq(end, distances[d], 0.001, "%g m at %g m/s ends at %g", distances[d], speeds[s], end);
            cr_expect_lt(overshoot, 0.005, "%g m at %g m/s overshoots %g m", distances[d], speeds[s], overshoot);
        }
}
