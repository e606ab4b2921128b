/* Motor against encoder for longer than a window: an encoder that slips is seen, and what the rig grants never is. */
#include "controller/safety/travel.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define SECOND 100 /* cycles */
#define PLAN_MAX_NM_S 1e11

static const struct monitor_limits base_limits = {
    .cycle_us = 10000,
    .standstill_um_s = 20000,
    .lag_us = 40000,
    .window_cycles = 20,
    .follow_base_um = 2000000000, /* another test's */
    .mismatch_base_um = 20000,
    .mismatch_slack_us = 80000,
    .frozen_um = 2000000000,
    .unintended_um = 2000000000,
};

static const struct monitor_duty runs = {.obeys = true, .needs_torque = true, .released = true};
static const struct monitor_duty rests = {.asks_closed = true, .relies_on_brake = true};

struct drum {
    struct monitor_travel travel;
    struct monitor_limits limits;
    struct monitor_in in;
    struct monitor_duty duty;
    double encoder_um;
};

static struct drum drum_of(struct monitor_duty duty) {
    struct drum drum = {.limits = base_limits, .duty = duty, .in = {.drive_ok = true, .position_ok = true}};
    travel_step(&drum.travel, 0, &drum.limits, &drum.in, &drum.duty);
    return drum;
}

/* One cycle: the motor says this speed, and the encoder goes so far. */
static bool mismatch(struct drum *drum, double motor_um_s, double encoder_um_s) {
    drum->encoder_um += encoder_um_s * drum->limits.cycle_us / 1e6;
    drum->in.position_um = llround(drum->encoder_um);
    drum->in.speed_um_s = (int32_t)lround(motor_um_s);
    int64_t planned_nm_s = llround(fmax(-PLAN_MAX_NM_S, fmin(motor_um_s * 1e3, PLAN_MAX_NM_S)));
    uint64_t said = travel_step(&drum->travel, planned_nm_s, &drum->limits, &drum->in, &drum->duty);
    return (said & FAULT_BIT(POSITION_MISMATCH)) != 0;
}

/* Cycles until it is said; `most` if it is not. */
static int until(struct drum *drum, double motor_um_s, double encoder_um_s, int most) {
    int cycles = 1;
    while (cycles < most && !mismatch(drum, motor_um_s, encoder_um_s))
        cycles++;
    return cycles;
}

/* The window grants 52 mm in its 200 ms at 0.4 m/s, and 40 mm are missing. */
Test(travel, an_encoder_that_slips_by_half_is_seen_at_any_speed_of_a_jog) {
    static const double speeds_m_s[] = {0.05, 0.1, 0.2, 0.4, 0.5, 1};
    for (size_t i = 0; i < sizeof speeds_m_s / sizeof speeds_m_s[0]; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            struct drum drum = drum_of(runs);
            const double v_um_s = sign * speeds_m_s[i] * 1e6;
            int cycles = until(&drum, v_um_s, v_um_s / 2, 5 * SECOND);
            double lost_m = cycles * speeds_m_s[i] / 2 / SECOND;
            cr_expect_lt(lost_m, 0.06 + speeds_m_s[i] * 0.12, "%g m/s: %.3f m lost", speeds_m_s[i], lost_m);
        }
}

/* Beside a reckoning in floating point that has no rounding. */
Test(travel, the_sum_trips_where_it_is_reckoned_to) {
    for (int percent = 50; percent <= 150; percent += 5) {
        struct drum drum = drum_of(runs);
        const double v_um_s = 300000, n = MONITOR_LEAK_US / 10000.0;
        double sum_um = 0, path_um = 0;
        int reckoned = 0;
        for (bool over = false; !over && reckoned < 60 * SECOND; reckoned++) {
            sum_um += fabs(v_um_s * (100 - percent) / 100) / SECOND - sum_um / n;
            path_um += v_um_s / SECOND - path_um / n;
            over = sum_um > 40000 + (v_um_s / SECOND + path_um / n) * 8;
        }
        int seen = until(&drum, v_um_s, v_um_s * percent / 100, 60 * SECOND);
        cr_expect_leq(abs(seen - reckoned), 1, "%d %%: %d cycles, reckoned %d", percent, seen, reckoned);
    }
}

Test(travel, a_scale_that_is_a_little_off_is_granted_for_ever) {
    for (int sign = -1; sign <= 1; sign += 2) {
        struct drum drum = drum_of(runs);
        cr_expect_eq(until(&drum, sign * 2e6, sign * 2e6 * 1.03, 600 * SECOND), 600 * SECOND);
        drum = drum_of(runs);
        cr_expect_lt(until(&drum, sign * 2e6, sign * 2e6 * 1.05, 600 * SECOND), 5 * SECOND);
    }
}

/* The encoder's reading is as old as the rig lets it be, and comes in whole millimetres; the drum starts, stops and
 * reverses as hard as it can, for longer and shorter than the sum remembers. */
Test(travel, a_reading_as_old_as_it_may_be_never_adds_up) {
    for (int age = 0; age <= 8; age++) {
        struct drum drum = drum_of(runs);
        drum.limits.window_cycles = 1;
        double v_um_s = 0, at_um = 0, was_um[9] = {0};
        uint32_t random = 1;
        double aim_um_s = 0;
        for (int i = 0, left = 0; i < 3600 * SECOND; i++) {
            if (left-- == 0) {
                random = random * 1664525 + 1013904223;
                aim_um_s = (int)((random >> 16) % 5) * 1e6 - 2e6;
                left = 5 << ((random >> 24) % 9);
            }
            v_um_s += fmax(-40000, fmin(aim_um_s - v_um_s, 40000));
            at_um += v_um_s / SECOND;
            was_um[i % 9] = at_um;
            drum.encoder_um = floor(was_um[(i + 9 - age) % 9] / 1000) * 1000;
            if (i > 8)
                cr_assert_not(mismatch(&drum, v_um_s, 0), "age %d, cycle %d", age, i);
            else
                drum.travel.stood.known = false;
        }
    }
}

/* Jogs of a third of a second, of which the encoder misses half: 60 mm each. */
Test(travel, a_slip_adds_up_over_short_jogs) {
    struct drum drum = drum_of(runs);
    int jogs = 0;
    for (bool said = false; !said && jogs < 10; jogs++) {
        drum.duty = runs;
        said = until(&drum, 400000, 200000, 30) < 30;
        for (int i = 0; i < 10; i++)
            said = mismatch(&drum, 0, 0) || said;
        drum.duty = rests;
        for (int i = 0; i < SECOND; i++)
            cr_assert_not(mismatch(&drum, 10000, -500000), "at rest nothing is added");
    }
    cr_expect_leq(jogs, 3);
    for (int pause = 0; pause < 20; pause++) { /* 20 mm and half a minute: old */
        drum = pause ? drum : drum_of(runs);
        drum.duty = runs;
        cr_assert_eq(until(&drum, 400000, 200000, 10), 10);
        drum.duty = rests;
        cr_assert_eq(until(&drum, 0, 0, 30 * SECOND), 30 * SECOND);
    }
}

static void with_drive_lost(struct drum *drum) { drum->in.drive_ok = false; }
static void with_position_lost(struct drum *drum) { drum->in.position_ok = false; }
static void with_torque_off(struct drum *drum) { drum->duty = rests; }
static void with_nothing_lost(struct drum *drum) { drum->limits.standstill_um_s += 0; }

/* 0.18 s of a slip by half at 0.4 m/s are 36 mm, and the motor's speed in one cycle of loss is a jog's. */
Test(travel, a_sum_that_lost_sight_begins_anew) {
    static const struct {
        void (*lose)(struct drum *drum);
        double speed_um_s;
        bool forgets;
    } cases[] = {{with_drive_lost, 400000, true},  {with_position_lost, 400000, true}, {with_torque_off, 400000, true},
                 {with_torque_off, -20001, true},  {with_torque_off, 20000, false},    {with_torque_off, -20000, false},
                 {with_nothing_lost, 400000, false}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct drum drum = drum_of(runs);
        cr_assert_eq(until(&drum, 400000, 200000, 19), 19);
        cases[i].lose(&drum);
        cr_assert_not(mismatch(&drum, cases[i].speed_um_s, cases[i].speed_um_s));
        drum.in.drive_ok = drum.in.position_ok = true;
        drum.duty = runs;
        cr_assert_not(mismatch(&drum, 0, 0));
        cr_expect_eq(drum.travel.slip.apart_nm == 0 && drum.travel.slip.path_nm == 0, cases[i].forgets, "case %zu", i);
        cr_expect_eq(until(&drum, 400000, 200000, 25) < 25, !cases[i].forgets, "case %zu", i);
    }
}

Test(travel, what_was_said_is_not_said_again_of_the_same_slip) {
    struct drum drum = drum_of(runs);
    cr_assert_lt(until(&drum, 400000, 200000, SECOND), SECOND);
    for (int i = 0; i < SECOND; i++)
        cr_assert_not(mismatch(&drum, 400000, 400000));
    cr_expect_lt(until(&drum, 400000, 200000, SECOND), SECOND, "it slips again");
}

/* The fastest that is read, the longest cycle, a jump beyond every counter, the widest grant. */
Test(travel, sums_stay_within_their_bounds) {
    for (int sign = -1; sign <= 1; sign += 2)
        for (int32_t cycle_us = 1000; cycle_us <= 100000; cycle_us *= 10) {
            struct drum drum = drum_of(runs);
            drum.limits.cycle_us = cycle_us;
            drum.limits.mismatch_base_um = drum.limits.mismatch_slack_us = INT32_MAX;
            for (int i = 0; i < 20000; i++)
                cr_assert_not(mismatch(&drum, sign * 2e9, sign * -1e12));
            cr_expect_eq(drum.travel.slip.apart_nm, sign * INT64_C(1000000000000));
            drum.limits.mismatch_base_um = drum.limits.mismatch_slack_us = 0;
            cr_expect(mismatch(&drum, 0, 0));
        }
}
