/* The clamp by worked examples; tests/property/clamp.c and tests/proof cover the whole range. */
#include "controller/safety/clamp.h"

#include <criterion/criterion.h>
#include <limits.h>

#define OPEN_UM 100000000 /* an ultimate limit that decides nothing */

static struct clamp_limits rig(void) {
    struct clamp_limits limits = {
        .position_min_um = 1000000,
        .position_max_um = 26500000,
        .ultimate_min_um = -OPEN_UM,
        .ultimate_max_um = OPEN_UM,
        .speed_um_s = {[MODE_JOG] = {500000, 400000}, [MODE_MOVE] = {2000000, 1500000},
                       [MODE_FOLLOW] = {1300000, 1800000}, [MODE_CATCH] = {1300000, 1800000},
                       [MODE_RECOVERY] = {200000, 100000}},
        .speed_max_um_s = {2000000, 1800000},
        .acceleration_um_s2 = {6000000, 5000000},
        .stop_deceleration_um_s2 = {8000000, 4000000},
        .catch_deceleration_um_s2 = {10000000, 4000000},
        .path = {[CLAMP_RAMP] = {{0, 0, 8000000, 0}, {0, 0, 4000000, 0}},
                 [CLAMP_LINK_LOST] = {{200000, 0, 8000000, 0}, {200000, 0, 4000000, 0}},
                 [CLAMP_TORQUE_OFF] = {{250000, 9810000, 12000000, 50000}, {250000, 0, 12000000, 0}}},
        .weight_on_line_mn = 250000,
        .cycle_us = 10000,
        .reaction_us = 70000,
    };
    return limits;
}

static struct clamp_in running(enum axis_mode mode, int32_t setpoint_um_s) {
    return (struct clamp_in){.state = STATE_RUNNING, .mode = mode, .position_ok = true, .tension_ok = true,
                             .speed_cap_um_s = {INT32_MAX, INT32_MAX},
                             .position_um = 10000000, .tension_mn = 90000, .setpoint_um_s = setpoint_um_s};
}

static int32_t given(enum axis_mode mode, int32_t last_um_s, int32_t wanted_um_s) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(mode, last_um_s);
    return clamp_setpoint(&limits, &in, wanted_um_s);
}

Test(clamp, passes_what_is_inside) {
    cr_assert_eq(given(MODE_MOVE, 500000, 560000), 560000);
    cr_assert_eq(given(MODE_MOVE, 500000, 440000), 440000);
    cr_assert_eq(given(MODE_MOVE, -500000, -550000), -550000);
    cr_assert_eq(given(MODE_MOVE, -500000, -460000), -460000);
    cr_assert_eq(given(MODE_MOVE, 30000, -30000), -30000, "through zero, inside the acceleration");
}

Test(clamp, limits_the_change_of_a_cycle) {
    cr_assert_eq(given(MODE_MOVE, 500000, 900000), 560000, "6 m/s2 x 10 ms = 60 mm/s");
    cr_assert_eq(given(MODE_MOVE, 500000, -900000), 440000);
    cr_assert_eq(given(MODE_MOVE, -500000, -900000), -550000, "5 m/s2 taking in");
    cr_assert_eq(given(MODE_MOVE, -500000, 900000), -460000, "a rising load is slowed at 4 m/s2 at most");
    cr_assert_eq(given(MODE_MOVE, 0, INT32_MAX), 60000);
    cr_assert_eq(given(MODE_MOVE, 0, INT32_MIN), -50000);
}

Test(clamp, beyond_zero_the_other_directions_acceleration_holds) {
    struct clamp_limits limits = rig();
    limits.acceleration_um_s2[CLAMP_OUT] = 1000000;
    struct clamp_in in = running(MODE_MOVE, -5000);
    cr_assert_eq(clamp_setpoint(&limits, &in, 900000), 10000);
    limits = rig();
    limits.acceleration_um_s2[CLAMP_IN] = 1000000;
    in = running(MODE_MOVE, 5000);
    cr_assert_eq(clamp_setpoint(&limits, &in, -900000), -10000);
}

Test(clamp, each_mode_has_its_speed_in_each_direction) {
    static const struct {
        enum axis_mode mode;
        int32_t out, in;
    } modes[] = {{MODE_NONE, 0, 0},
                 {MODE_JOG, 500000, -400000},
                 {MODE_MOVE, 2000000, -1500000},
                 {MODE_FOLLOW, 1300000, -1800000},
                 {MODE_RECOVERY, 200000, -100000}};
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        int32_t near_out = modes[i].out > 10000 ? modes[i].out - 10000 : 0;
        int32_t near_in = modes[i].in < -10000 ? modes[i].in + 10000 : 0;
        cr_expect_eq(given(modes[i].mode, near_out, 9000000), modes[i].out, "mode %d", modes[i].mode);
        cr_expect_eq(given(modes[i].mode, near_in, -9000000), modes[i].in, "mode %d", modes[i].mode);
    }
}

Test(clamp, too_fast_for_the_mode_falls_as_a_stop_does) {
    cr_assert_eq(given(MODE_JOG, 1000000, 1000000), 920000);
    cr_assert_eq(given(MODE_JOG, -1000000, -1000000), -960000);
    cr_assert_eq(given(MODE_JOG, 550000, 550000), 500000, "and no further than the mode's speed");
}

Test(clamp, gives_zero_in_every_disabled_state) {
    struct clamp_limits limits = rig();
    for (int state = 0; state < STATE_COUNT; state++) {
        if (state == STATE_RUNNING || state == STATE_STOPPING)
            continue;
        struct clamp_in in = running(MODE_MOVE, 700000);
        in.state = (enum axis_state)state;
        cr_expect_eq(clamp_setpoint(&limits, &in, 700000), 0, "state %s", state_name(in.state));
    }
}

/* Cycles of a stop from `speed_um_s`, each a step of `step_um_s`. */
static int ramp(enum axis_mode mode, int32_t speed_um_s, int32_t step_um_s) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(mode, speed_um_s);
    in.state = STATE_STOPPING;
    int cycles = 0;
    while (in.setpoint_um_s != 0 && cycles < 100) {
        int32_t next = clamp_setpoint(&limits, &in, 2000000);
        cr_assert(next == in.setpoint_um_s - step_um_s || next == 0);
        in.setpoint_um_s = next;
        cycles++;
    }
    return cycles;
}

Test(clamp, stopping_ramps_to_zero_whatever_is_wanted) {
    cr_assert_eq(ramp(MODE_MOVE, 1000000, 80000), 13, "1 m/s at 8 m/s2 in cycles of 10 ms");
    cr_assert_eq(ramp(MODE_MOVE, -1000000, -40000), 25, "taking in at 4 m/s2");
    cr_assert_eq(ramp(MODE_CATCH, 1000000, 100000), 10, "a catch pays out at 10 m/s2");
    cr_assert_eq(ramp(MODE_CATCH, -1000000, -40000), 25);
}

Test(clamp, a_stop_that_follows_is_slower_than_the_ramp_and_never_faster_than_it_was) {
    const struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_MOVE, 500000);
    in.state = STATE_STOPPING;
    in.follows = true;
    cr_expect_eq(clamp_setpoint(&limits, &in, 480000), 480000);
    cr_expect_eq(clamp_setpoint(&limits, &in, 900000), 500000, "not faster");
    cr_expect_eq(clamp_setpoint(&limits, &in, 0), 420000, "not harder than 8 m/s2");
    cr_expect_eq(clamp_setpoint(&limits, &in, -900000), 420000);
    in.setpoint_um_s = -500000;
    cr_expect_eq(clamp_setpoint(&limits, &in, -480000), -480000);
    cr_expect_eq(clamp_setpoint(&limits, &in, -900000), -500000);
    cr_expect_eq(clamp_setpoint(&limits, &in, 0), -460000);
    in.setpoint_um_s = 0;
    cr_expect_eq(clamp_setpoint(&limits, &in, 900000), 0);
}

Test(clamp, a_stop_that_follows_ramps_where_nothing_else_ends_in_time) {
    const struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_MOVE, 500000);
    in.state = STATE_STOPPING;
    in.follows = true;
    in.position_um = 26400000;
    cr_expect_eq(clamp_setpoint(&limits, &in, 500000), 420000, "the limit is near");
    in = running(MODE_MOVE, 500000);
    in.state = STATE_STOPPING;
    in.follows = true;
    in.position_ok = false;
    cr_expect_eq(clamp_setpoint(&limits, &in, 500000), 420000, "blind");
    in.position_ok = true;
    in.blocked[CLAMP_OUT] = true;
    cr_expect_eq(clamp_setpoint(&limits, &in, 500000), 420000, "blocked");
    in.blocked[CLAMP_OUT] = false;
    in.follows = false;
    cr_expect_eq(clamp_setpoint(&limits, &in, 500000), 420000, "nobody to follow");
}

Test(clamp, weight_on_the_line_forbids_paying_out) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_FOLLOW, 0);
    in.belaying = true;
    in.tension_mn = 250000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 30000), 0);
    cr_assert_eq(clamp_setpoint(&limits, &in, -30000), -30000, "taking in stays allowed");
    in.setpoint_um_s = 500000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 420000, "braked with what is reserved for stops");
    in = running(MODE_FOLLOW, 0);
    in.belaying = true;
    in.tension_mn = 249999;
    cr_assert_eq(clamp_setpoint(&limits, &in, 30000), 30000);
    in.belaying = false;
    in.tension_mn = 250000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 30000), 30000, "lowering");
}

Test(clamp, a_blocked_direction_ramps_to_zero_and_the_other_is_free) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_MOVE, 500000);
    in.blocked[CLAMP_OUT] = true;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 420000);
    in.setpoint_um_s = -500000;
    cr_assert_eq(clamp_setpoint(&limits, &in, -500000), -500000);
    in = running(MODE_MOVE, -500000);
    in.blocked[CLAMP_IN] = true;
    cr_assert_eq(clamp_setpoint(&limits, &in, -500000), -460000);
    in.setpoint_um_s = 500000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 500000);
}

Test(clamp, a_blind_axis_only_slows) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_MOVE, 500000);
    in.position_ok = false;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 420000);
    static const int64_t absurd[] = {20000000001, -20000000001, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof absurd / sizeof absurd[0]; i++) {
        in = running(MODE_MOVE, 500000);
        in.position_um = absurd[i];
        cr_expect_eq(clamp_setpoint(&limits, &in, 500000), 420000);
    }
    in = running(MODE_FOLLOW, 500000);
    in.tension_ok = false;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 500000, "nobody is belayed");
    in.belaying = true;
    cr_assert_eq(clamp_setpoint(&limits, &in, 500000), 420000);
}

Test(clamp, at_a_limit_only_away_from_it) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_MOVE, 0);
    in.position_um = limits.position_max_um;
    cr_assert_eq(clamp_setpoint(&limits, &in, 50000), 0);
    cr_assert_eq(clamp_setpoint(&limits, &in, -50000), -50000);
    in.position_um = limits.position_min_um - 5000;
    cr_assert_eq(clamp_setpoint(&limits, &in, -50000), 0);
    cr_assert_eq(clamp_setpoint(&limits, &in, 50000), 50000);
}

/* `room_um` is the least that admits 1 m/s in direction `d`, the limits being moved towards the drum. */
static void needs(struct clamp_limits limits, enum clamp_direction d, bool ultimate_only, int64_t room_um) {
    struct clamp_in in = running(MODE_MOVE, 0);
    int32_t setpoint = d == CLAMP_OUT ? 1000000 : -1000000;
    for (int less = 0; less <= 1; less++) {
        int64_t room = room_um - less;
        if (d == CLAMP_OUT) {
            limits.position_max_um = in.position_um + room;
            limits.ultimate_max_um = ultimate_only ? limits.position_max_um : OPEN_UM;
        } else {
            limits.position_min_um = in.position_um - room;
            limits.ultimate_min_um = ultimate_only ? limits.position_min_um : -OPEN_UM;
        }
        cr_expect_eq(clamp_allows(&limits, &in, setpoint), less == 0, "direction %d, %lld um", d, (long long)room);
    }
}

Test(clamp, a_ramp_ends_before_the_operating_limit) {
    /* Pay-out at 1 m/s: the drum may still turn at 1 + 0.1 x (7 + 2) = 1.9 m/s, for 70 + 20 ms = 171 mm; then v^2 / 2a
     * = 62.5 mm; 4 um for rounding. */
    needs(rig(), CLAMP_OUT, false, 171000 + 62500 + 4);
    /* Taking in: 1.36 m/s for 90 ms, 125 mm. */
    needs(rig(), CLAMP_IN, false, 122400 + 125000 + 4);
    struct clamp_limits limits = rig();
    limits.path[CLAMP_RAMP][CLAMP_OUT].jerk_us = 100000;
    needs(limits, CLAMP_OUT, false, 171000 + 62500 + 4 + 95000);
    limits.speed_max_um_s[CLAMP_OUT] = 1000000; /* no drum turns faster than the fastest setpoint */
    needs(limits, CLAMP_OUT, false, 90000 + 62500 + 4 + 50000);
}

Test(clamp, a_lost_link_stops_before_the_ultimate_limit) {
    struct clamp_limits limits = rig();
    limits.path[CLAMP_TORQUE_OFF][CLAMP_OUT] = limits.path[CLAMP_TORQUE_OFF][CLAMP_IN] = (struct clamp_path){
        .deceleration_um_s2 = 100000000};
    /* 1.9 m/s for 90 + 200 ms, then 1.9^2 / (2 x 8). */
    needs(limits, CLAMP_OUT, true, 551000 + 225625 + 4);
    needs(limits, CLAMP_IN, true, 394400 + 231200 + 4);
}

Test(clamp, torque_off_stops_before_the_ultimate_limit) {
    struct clamp_limits limits = rig();
    /* 1.9 m/s for 340 ms; 2.4525 m/s are added in 250 ms, 306.562 mm; jerk (1.9 + 2.4525) x 0.05 / 2 = 108.812 mm;
     * (2 x 1.9 + 2.4525) x 2.4525 / (2 x 12) = 638.927 mm; 1.9^2 / (2 x 8): the ramp is the gentler one. */
    needs(limits, CLAMP_OUT, true, 646000 + 306562 + 108812 + 638927 + 225625 + 4);
    /* 1.36 m/s for 340 ms would be less than what a lost link needs: the brake is made to be slow. */
    limits.path[CLAMP_TORQUE_OFF][CLAMP_IN].deceleration_um_s2 = 2000000;
    needs(limits, CLAMP_IN, true, 462400 + 462400 + 4);
}

Test(clamp, near_a_limit_the_fastest_that_stops_is_given) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_MOVE, 1020000);
    in.position_um = limits.position_max_um - (171000 + 62500 + 4);
    cr_assert_eq(clamp_setpoint(&limits, &in, 1050000), 1000000);
    in.setpoint_um_s = 1090000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 1090000), 1010000, "not harder than a stop");
    in = running(MODE_MOVE, -1020000);
    in.position_um = limits.position_min_um + 122400 + 125000 + 4;
    cr_assert_eq(clamp_setpoint(&limits, &in, -1050000), -1000000);
}

static struct clamp_limits banded(void) {
    struct clamp_limits limits = rig();
    limits.band_count = 2;
    limits.band[0] = (struct clamp_band){5000000, 6000000, {300000, 200000}};
    limits.band[1] = (struct clamp_band){14000000, 15000000, {300000, 200000}};
    return limits;
}

Test(clamp, a_band_is_entered_at_its_speed_and_left_behind) {
    struct clamp_limits limits = banded();
    struct clamp_in in = running(MODE_MOVE, 0);
    in.position_um = 14500000;
    cr_assert(clamp_allows(&limits, &in, 300000));
    cr_assert_not(clamp_allows(&limits, &in, 300001));
    cr_assert(clamp_allows(&limits, &in, -200000));
    cr_assert_not(clamp_allows(&limits, &in, -200001));
    in.position_um = 15000001;
    cr_assert(clamp_allows(&limits, &in, 2000000), "behind");
    cr_assert_not(clamp_allows(&limits, &in, -1500000), "just ahead");
    in.position_um = 13999999;
    cr_assert(clamp_allows(&limits, &in, -1500000));
    in.position_um = 14500000;
    in.setpoint_um_s = 1000000;
    cr_assert_eq(clamp_setpoint(&limits, &in, 1000000), 920000);
}

Test(clamp, before_a_band_it_brakes_in_time) {
    struct clamp_limits limits = banded();
    struct clamp_in in = running(MODE_MOVE, 0);
    /* From 1 m/s to 0.3 m/s at 8 m/s2: 171 mm + (1 - 0.09) / 16 = 56.875 mm. */
    in.position_um = 14000000 - 171000 - 56875 - 4;
    cr_assert(clamp_allows(&limits, &in, 1000000));
    in.position_um++;
    cr_assert_not(clamp_allows(&limits, &in, 1000000));
    /* Taking in to 0.2 m/s at 4 m/s2: 122.4 mm + (1 - 0.04) / 8 = 120 mm. */
    in.position_um = 6000000 + 122400 + 120000 + 4;
    cr_assert(clamp_allows(&limits, &in, -1000000));
    in.position_um--;
    cr_assert_not(clamp_allows(&limits, &in, -1000000));
}

Test(clamp, zero_is_always_allowed) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_NONE, 0);
    in.position_um = 20000000000;
    in.blocked[CLAMP_OUT] = in.blocked[CLAMP_IN] = true;
    cr_assert(clamp_allows(&limits, &in, 0));
    cr_assert_not(clamp_allows(&limits, &in, 1));
    cr_assert_not(clamp_allows(&limits, &in, INT32_MIN));
}

#define BAD(field, value)                                                                                              \
    do {                                                                                                               \
        struct clamp_limits spoilt = banded();                                                                         \
        spoilt.field = (value);                                                                                        \
        cr_expect_not(clamp_limits_good(&spoilt), #field " = " #value);                                                \
    } while (0)

Test(clamp, refuses_limits_of_the_axis_that_are_out_of_range) {
    struct clamp_limits limits = banded();
    cr_assert(clamp_limits_good(&limits));
    BAD(cycle_us, 999);
    BAD(cycle_us, 100001);
    BAD(reaction_us, -1);
    BAD(reaction_us, 2000001);
    BAD(weight_on_line_mn, -1);
    BAD(ultimate_min_um, -10000000001);
    BAD(ultimate_min_um, 1000001);
    BAD(position_min_um, 26500001);
    BAD(position_max_um, OPEN_UM + 1);
    BAD(ultimate_max_um, 10000000001);
    BAD(band_count, -1);
    BAD(band_count, CLAMP_BANDS_MAX + 1);
    BAD(band[0].from_um, -10000000001);
    BAD(band[0].from_um, 10000000001);
    BAD(band[0].to_um, 4999999);
    BAD(band[0].to_um, 10000000001);
    BAD(band[1].speed_um_s[CLAMP_OUT], -1);
    BAD(band[1].speed_um_s[CLAMP_OUT], 50000001);
    BAD(band[1].speed_um_s[CLAMP_IN], -1);
    BAD(band[1].speed_um_s[CLAMP_IN], 50000001);
}

Test(clamp, refuses_limits_of_a_direction_that_are_out_of_range) {
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        BAD(speed_max_um_s[d], -1);
        BAD(speed_max_um_s[d], 50000001);
        for (int mode = 0; mode < MODE_COUNT; mode++) {
            BAD(speed_um_s[mode][d], -1);
            BAD(speed_um_s[mode][d], 2000001);
        }
        BAD(acceleration_um_s2[d], 9);
        BAD(acceleration_um_s2[d], 99); /* less than 1 um/s in 10 ms */
        BAD(acceleration_um_s2[d], 100000001);
        BAD(stop_deceleration_um_s2[d], 99);
        BAD(stop_deceleration_um_s2[d], 3999999); /* gentler than the ramp that is reckoned with */
        BAD(stop_deceleration_um_s2[d], 100000001);
        BAD(catch_deceleration_um_s2[d], 99);
        BAD(catch_deceleration_um_s2[d], 3999999);
        BAD(catch_deceleration_um_s2[d], 100000001);
        for (int stop = 0; stop < CLAMP_STOPS; stop++) {
            BAD(path[stop][d].delay_us, -1);
            BAD(path[stop][d].delay_us, 10000001);
            BAD(path[stop][d].growth_um_s2, -1);
            BAD(path[stop][d].growth_um_s2, 100000001);
            BAD(path[stop][d].deceleration_um_s2, 9);
            BAD(path[stop][d].deceleration_um_s2, 100000001);
            BAD(path[stop][d].jerk_us, -1);
            BAD(path[stop][d].jerk_us, 10000001);
        }
    }
}

/* --- recovery ----------------------------------------------------------------------------------------------------- */

Test(clamp, recovery_alone_may_do_without_a_position) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_RECOVERY, 100000);
    in.position_waived = true;
    in.position_ok = false;
    in.position_um = INT64_MAX;
    cr_expect_eq(clamp_setpoint(&limits, &in, 150000), 150000);
    cr_expect_eq(clamp_setpoint(&limits, &in, 900000), 160000, "the change");
    in.setpoint_um_s = 190000;
    cr_expect_eq(clamp_setpoint(&limits, &in, 900000), 200000, "the speed of recovery");
    in.mode = MODE_JOG;
    cr_expect_eq(clamp_setpoint(&limits, &in, 190000), 110000, "a jog may not");
    in.mode = MODE_RECOVERY;
    in.position_waived = false;
    cr_expect_eq(clamp_setpoint(&limits, &in, 190000), 110000, "nor a recovery that has an encoder to listen to");
}

Test(clamp, recovery_takes_nobody_up_unfelt) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_RECOVERY, 0);
    cr_expect_lt(clamp_setpoint(&limits, &in, -20000), 0);
    in.tension_ok = false;
    cr_expect_eq(clamp_setpoint(&limits, &in, -20000), 0);
    cr_expect_eq(clamp_setpoint(&limits, &in, 20000), 20000, "but down");
    in.mode = MODE_JOG;
    cr_expect_eq(clamp_setpoint(&limits, &in, -20000), -20000, "an empty hook of another line is not weighed");
}

/* The operating mode's cap: the lower of two, each direction for itself; a setpoint above it ramps as a stop does. */
Test(clamp, the_cap_of_the_operating_mode_is_kept) {
    struct clamp_limits limits = rig();
    struct clamp_in in = running(MODE_MOVE, 0);
    in.speed_cap_um_s[CLAMP_OUT] = 30000;
    cr_expect(clamp_allows(&limits, &in, 30000));
    cr_expect_not(clamp_allows(&limits, &in, 30001));
    cr_expect(clamp_allows(&limits, &in, -30001), "the other way has its own");
    in.setpoint_um_s = 29000;
    cr_expect_eq(clamp_setpoint(&limits, &in, 2000000), 30000);
    in.speed_cap_um_s[CLAMP_IN] = 0;
    in.setpoint_um_s = 0;
    cr_expect_eq(clamp_setpoint(&limits, &in, -1000), 0);
    in.setpoint_um_s = 500000;
    const int32_t ramped = clamp_setpoint(&limits, &in, 500000);
    in.state = STATE_STOPPING;
    cr_expect_eq(ramped, clamp_setpoint(&limits, &in, 500000));
    cr_expect_lt(ramped, 500000);
}
