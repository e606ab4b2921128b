/* The clamp by worked examples; tests/property/clamp.c covers the whole range. */
#include "controller/safety/clamp.h"

#include <criterion/criterion.h>

static const struct clamp_limits limits = {
    .position_min_um = 1000000,
    .position_max_um = 26500000,
    .payout_max_um_s = 2000000,
    .takein_max_um_s = 1500000,
    .acceleration_um_s2 = 6000000,
    .stop_deceleration_um_s2 = 8000000,
    .weight_on_line_mn = 250000,
    .cycle_us = 10000,
    .reaction_us = 70000,
};

static struct clamp_in running(int32_t setpoint_um_s) {
    return (struct clamp_in){.state = STATE_RUNNING, .position_ok = true, .tension_ok = true, .position_um = 10000000,
                             .tension_mn = 90000, .setpoint_um_s = setpoint_um_s};
}

Test(clamp, passes_what_is_inside) {
    struct clamp_in in = running(500000);
    cr_assert_eq(clamp_setpoint(&limits, &in, 520000), 520000);
    cr_assert_eq(clamp_setpoint(&limits, &in, 450000), 450000);
}

Test(clamp, limits_the_change_of_a_cycle) {
    struct clamp_in in = running(500000);
    cr_assert_eq(clamp_setpoint(&limits, &in, 900000), 560000, "6 m/s2 x 10 ms = 60 mm/s");
    cr_assert_eq(clamp_setpoint(&limits, &in, -900000), 440000);
}

Test(clamp, limits_speed_in_both_directions) {
    struct clamp_in in = running(1990000);
    cr_assert_eq(clamp_setpoint(&limits, &in, 9000000), 2000000);
    in = running(-1490000);
    cr_assert_eq(clamp_setpoint(&limits, &in, -9000000), -1500000);
}

Test(clamp, gives_zero_in_every_disabled_state) {
    for (int state = 0; state < STATE_COUNT; state++) {
        if (state == STATE_RUNNING || state == STATE_STOPPING)
            continue;
        struct clamp_in in = running(700000);
        in.state = (enum axis_state)state;
        cr_expect_eq(clamp_setpoint(&limits, &in, 700000), 0, "state %s", state_name(in.state));
    }
}

Test(clamp, stopping_ramps_to_zero_whatever_is_wanted) {
    struct clamp_in in = running(1000000);
    in.state = STATE_STOPPING;
    int32_t speed = 1000000;
    int cycles = 0;
    while (speed > 0 && cycles < 100) {
        in.setpoint_um_s = speed;
        int32_t next = clamp_setpoint(&limits, &in, 2000000);
        cr_assert(next == speed - 80000 || next == 0);
        speed = next;
        cycles++;
    }
    cr_assert_eq(cycles, 13, "1 m/s at 8 m/s2 in cycles of 10 ms");
}

Test(clamp, weight_on_the_line_forbids_paying_out) {
    struct clamp_in in = running(0);
    in.belaying = true;
    in.tension_mn = 250000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 300000), 0);
    cr_assert_eq(clamp_setpoint(&limits, &in, -30000), -30000, "taking in stays allowed");
    in.tension_mn = 249999;
    cr_assert_eq(clamp_setpoint(&limits, &in, 30000), 30000);
}

Test(clamp, weight_while_paying_out_brakes_with_the_stop_deceleration) {
    struct clamp_in in = running(500000);
    in.belaying = true;
    in.tension_mn = 300000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 420000);
}

Test(clamp, a_blind_axis_only_slows) {
    struct clamp_in in = running(500000);
    in.position_ok = false;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 420000);
    in = running(500000);
    in.belaying = true;
    in.tension_ok = false;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 420000);
}

Test(clamp, at_a_limit_only_away_from_it) {
    struct clamp_in in = running(0);
    in.position_um = limits.position_max_um;
    cr_assert_eq(clamp_setpoint(&limits, &in, 50000), 0);
    cr_assert_eq(clamp_setpoint(&limits, &in, -50000), -50000);
    in.position_um = limits.position_min_um - 5000;
    cr_assert_eq(clamp_setpoint(&limits, &in, -50000), 0);
    cr_assert_eq(clamp_setpoint(&limits, &in, 50000), 50000);
}

Test(clamp, speed_before_a_limit_is_the_largest_that_stops) {
    /* v = 1 m/s: coast 80 mm, 8 m/s2 x 70 ms x 80 ms / 2 = 22.4 mm on its way, v^2 / 2a = 62.5 mm. */
    int32_t speed = clamp_speed_before(&limits, 164902);
    cr_assert_eq(speed, 1000000);
    cr_assert_lt(clamp_speed_before(&limits, 164890), 1000000);
    cr_assert_eq(clamp_speed_before(&limits, 0), 0);
    cr_assert_eq(clamp_speed_before(&limits, -5), 0);
}
