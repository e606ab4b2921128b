/* Following a reference: known motions, lost and lying sensors, limits. */
#include "controller/motion/track.h"

#include <criterion/criterion.h>
#include <math.h>

#define DT_S 0.01

static const struct track_limits limits = {
    .latency_s = 0.02,
    .smoothing_s = 0.06,
    .jump_m = 0.2,
    .silent_s = 0.06,
    .dead_s = 0.035,
    .lag_s = 0.04,
    .speed_max_m_s = 3,
    .acceleration_max_m_s2 = 8,
    .jerk_max_m_s3 = 20,
    .dt_s = DT_S,
};

static uint32_t counted(double position_m) {
    return (uint32_t)(int32_t)lround(position_m * 1e7);
}

/* Its latency, the reply's age, and half a cycle since it came into the register. */
#define SEEN_S (0.02 + 1.5 * DT_S)

/* What a sensor shows now, of a motion that is known at every time. */
static struct track_reading shown(double (*place_m)(double), double now_s) {
    const double position_m = place_m(now_s - SEEN_S);
    return (struct track_reading){true, counted(position_m), position_m, DT_S};
}

static double listen_to(struct track *track, double (*place_m)(double), double from_s, double for_s) {
    double now_s = from_s;
    for (int i = 0; i < (int)lround(for_s / DT_S); i++) {
        const struct track_reading reading = shown(place_m, now_s);
        track_listen(track, &limits, &reading);
        now_s += DT_S;
    }
    return now_s - DT_S;
}

/* A swell that nobody told of. */
static double swell_m(double t_s) {
    return 3 + 0.8 * sin(1.4 * t_s + 0.3);
}

static double swell_m_s(double t_s) {
    return 0.8 * 1.4 * cos(1.4 * t_s + 0.3);
}

static double swell_m_s2(double t_s) {
    return -0.8 * 1.4 * 1.4 * sin(1.4 * t_s + 0.3);
}

static double steady_m(double t_s) {
    return 3 - 0.4 * t_s;
}

static double still_m(double t_s) {
    return 1.5 + 1e-6 * sin(1000 * t_s);
}

/* Nothing is left of how it began, and a speed that stays is known to the last digit. */
Test(track, a_steady_speed_is_known) {
    struct track track = {0};
    const double now_s = listen_to(&track, steady_m, 0, 6), then_s = now_s - track.age_s;
    cr_assert(track_ready(&track, &limits));
    cr_expect_float_eq(track.age_s, SEEN_S, 1e-9);
    cr_expect_float_eq(track.position_m, steady_m(then_s), 1e-6);
    cr_expect_float_eq(track.speed_m_s, -0.4, 1e-6);
    cr_expect_float_eq(track.acceleration_m_s2, 0, 1e-5);
}

/* Place, speed and acceleration are those of the wave: its frequency was learned. */
Test(track, a_wave_is_known) {
    struct track track = {0};
    const double now_s = listen_to(&track, swell_m, 0, 40), then_s = now_s - SEEN_S;
    cr_expect_float_eq(track.swing_per_s2, 1.4 * 1.4, 0.3); /* the mean of 5 s ripples */
    cr_expect_float_eq(track.position_m, swell_m(then_s), 1e-3);
    cr_expect_float_eq(track.speed_m_s, swell_m_s(then_s), 5e-3);
    cr_expect_float_eq(track.acceleration_m_s2, swell_m_s2(then_s), 5e-2);
}

/* The setpoint is the speed that the reference will have, and what the drive's lag asks for beside it. */
Test(track, the_drum_is_told_what_the_reference_will_do) {
    struct track track = {0};
    struct track_drum drum = {0};
    const double now_s = listen_to(&track, swell_m, 0, 40);
    const double acts_s = now_s + limits.dead_s;
    const double wanted_m_s = swell_m_s(acts_s) + limits.lag_s * swell_m_s2(acts_s);
    const double told_m_s = track_step(&drum, &track, &limits, swell_m(now_s - DT_S), DT_S, wanted_m_s - 0.02);
    cr_expect_float_eq(told_m_s, wanted_m_s, 1e-2, "%g of %g", told_m_s, wanted_m_s);
}

/* The place that is held is that of the end of coming up to the reference's speed. */
Test(track, what_is_held_is_the_place_once_matched) {
    struct track track = {0};
    struct track_drum drum = {0};
    double now_s = listen_to(&track, still_m, 0, 2), last_m_s = 0;
    for (int i = 0; i < 15; i++)
        last_m_s = track_step(&drum, &track, &limits, 7, DT_S, last_m_s);
    cr_expect_not(track_matched(&drum, &limits));
    for (int i = 0; i < 5; i++)
        last_m_s = track_step(&drum, &track, &limits, 7, DT_S, last_m_s);
    cr_assert(track_matched(&drum, &limits));
    cr_expect_float_eq(drum.hold_m, 7 - still_m(now_s), 1e-5);
    last_m_s = track_step(&drum, &track, &limits, 7.05, DT_S, 0);
    cr_expect_float_eq(drum.error_m, 0.05, 1e-5);
    cr_expect_float_eq(last_m_s, -0.08, 1e-9, "back as fast as the acceleration lets it");
    for (int i = 0; i < 50; i++)
        last_m_s = track_step(&drum, &track, &limits, 7.05, DT_S, last_m_s);
    cr_expect_float_eq(last_m_s, -0.05 * 3, 1e-4);
}

Test(track, a_frozen_register_is_lost_after_its_time_and_not_before) {
    struct track track = {0};
    const double now_s = listen_to(&track, steady_m, 0, 4);
    const struct track_reading frozen = shown(steady_m, now_s);
    for (int i = 0; i < 6; i++) {
        track_listen(&track, &limits, &frozen);
        cr_expect(track_ready(&track, &limits), "cycle %d", i);
    }
    cr_expect_float_eq(track.age_s, SEEN_S + 6 * DT_S, 1e-9, "it went on by prediction");
    track_listen(&track, &limits, &frozen);
    cr_expect_not(track_ready(&track, &limits));
}

Test(track, a_silent_sensor_is_lost_alike) {
    struct track track = {0};
    const struct track_reading none = {.good = false};
    listen_to(&track, steady_m, 0, 4);
    for (int i = 0; i < 6; i++)
        track_listen(&track, &limits, &none);
    cr_expect(track_ready(&track, &limits));
    track_listen(&track, &limits, &none);
    cr_expect_not(track_ready(&track, &limits));
}

Test(track, one_jump_is_not_believed_and_a_new_zero_is_lost) {
    struct track track = {0};
    double now_s = listen_to(&track, still_m, 0, 3);
    struct track_reading off = shown(still_m, now_s + DT_S);
    off.position_m += 0.25;
    off.raw = counted(off.position_m);
    track_listen(&track, &limits, &off);
    now_s = listen_to(&track, still_m, now_s + 2 * DT_S, 0.1);
    cr_expect(track_ready(&track, &limits));
    cr_expect_float_eq(track.position_m, 1.5, 1e-4);
    for (int i = 0; i < 7; i++) {
        off.raw++; /* alive, and elsewhere */
        track_listen(&track, &limits, &off);
    }
    cr_expect_not(track_ready(&track, &limits));
}

Test(track, what_was_lost_is_to_settle_anew) {
    struct track track = {0};
    const struct track_reading none = {.good = false};
    double now_s = listen_to(&track, still_m, 0, 3);
    for (int i = 0; i < 10; i++)
        track_listen(&track, &limits, &none);
    now_s = listen_to(&track, still_m, now_s + 11 * DT_S, 1.1);
    cr_expect_not(track_ready(&track, &limits));
    listen_to(&track, still_m, now_s + DT_S, 0.2);
    cr_expect(track_ready(&track, &limits));
}

/* The same number again is not a reading: at 2 ms a register of 10 ms is seen five times. */
Test(track, what_is_seen_again_is_not_taken_again) {
    struct track track = {0}, once;
    const double now_s = listen_to(&track, steady_m, 0, 4);
    const struct track_reading again = shown(steady_m, now_s);
    once = track;
    track_listen(&track, &limits, &again);
    cr_expect_eq(track.position_m, once.position_m);
    cr_expect_float_eq(track.age_s, once.age_s + DT_S, 1e-12);
}

Test(track, without_a_reference_the_drum_stops) {
    const struct track track = {0};
    struct track_drum drum = {0};
    double last_m_s = 0.2;
    last_m_s = track_step(&drum, &track, &limits, 7, DT_S, last_m_s);
    cr_expect_float_eq(last_m_s, 0.12, 1e-12);
    for (int i = 0; i < 3; i++)
        last_m_s = track_step(&drum, &track, &limits, 7, DT_S, last_m_s);
    cr_expect_eq(last_m_s, 0);
}

static double fast_m(double t_s) {
    return 5 * t_s;
}

Test(track, speed_and_acceleration_keep_their_limits) {
    struct track_limits far = limits;
    struct track track = {0};
    struct track_drum drum = {0};
    double last_m_s = 0;
    far.jump_m = 1;
    for (int i = 0; i < 400; i++) {
        const struct track_reading reading = shown(fast_m, i * DT_S);
        track_listen(&track, &far, &reading);
    }
    for (int i = 0; i < 100; i++) {
        const double next_m_s = track_step(&drum, &track, &far, 7, DT_S, last_m_s);
        cr_expect_leq(fabs(next_m_s - last_m_s), limits.acceleration_max_m_s2 * DT_S + 1e-12);
        cr_expect_leq(fabs(next_m_s), limits.speed_max_m_s);
        last_m_s = next_m_s;
    }
    cr_expect_eq(last_m_s, limits.speed_max_m_s);
}
