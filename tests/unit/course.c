/* A move flown through a drive that lags: it comes to rest at its place, whatever is declared a little wrong. */
#include "controller/motion/course.h"

#include <criterion/criterion.h>
#include <math.h>

#include "tests/property/random.h"

#define DT_S 0.01

struct flight {
    double dead_s, lag_s; /* of the drive: first a dead time (and the cycle of reading), then a first-order lag */
    double held_m_s;      /* the setpoint is held to this while the drum is between 3 m and 4 m; 0: never */
    double fast;          /* the drum turns so much faster than it is told: 0.05 = 5 % */
    double freezes_s;     /* once beyond 6 m the reading stays what it was for so long */
    double frozen_s, hidden_m;
    double stuck_s;       /* the drum stands so long when it has come to 3 m, whatever it is told */
    double position_m, speed_m_s, sent_m_s[16];
    double overshoot_m;
    double jerk_m_s3, change_m_s; /* worst of the setpoints: over 50 ms, and from one to the next */
};

static struct course_limits limits_of(double speed_m_s, double dead_s, double lag_s) {
    return (struct course_limits){.motion = {.speed_min_m_s = -speed_m_s,
                                             .speed_max_m_s = speed_m_s,
                                             .acceleration_max_m_s2 = 1,
                                             .jerk_max_m_s3 = 5,
                                             .position_min_m = -HUGE_VAL,
                                             .position_max_m = HUGE_VAL},
                                  .dead_s = dead_s,
                                  .lag_s = lag_s,
                                  .reaction_s = 0.08,
                                  .dt_s = DT_S};
}

static void turn(struct flight *f, double next_m_s) {
    const int dead = (int)lround(f->dead_s / DT_S);
    for (int i = 15; i > 0; i--)
        f->sent_m_s[i] = f->sent_m_s[i - 1];
    f->sent_m_s[0] = next_m_s;
    f->speed_m_s += (f->sent_m_s[dead] - f->speed_m_s) * DT_S / f->lag_s;
    if (f->position_m > 3 && f->stuck_s > 0) {
        f->stuck_s -= DT_S;
        f->speed_m_s = 0;
    }
    f->position_m += f->speed_m_s * (1 + f->fast) * DT_S;
    const bool freezes = f->position_m > 6 && f->freezes_s > 0;
    f->freezes_s -= freezes ? DT_S : 0;
    f->frozen_s = freezes ? f->frozen_s + DT_S : 0;
    f->hidden_m = freezes ? f->hidden_m + f->speed_m_s * (1 + f->fast) * DT_S : 0;
    const double change = next_m_s - f->sent_m_s[1];
    const double bend = next_m_s - 2 * f->sent_m_s[5] + f->sent_m_s[10];
    f->change_m_s = fmax(f->change_m_s, fabs(change));
    f->jerk_m_s3 = fmax(f->jerk_m_s3, fabs(bend) / (25 * DT_S * DT_S));
}

static void fly(struct flight *f, const struct course_limits *limits, double goal_m, double seconds) {
    struct course course;
    course_begin(&course, limits, &(struct course_reading){f->position_m, 0}, 0);
    for (int i = 0; i < seconds / DT_S; i++) {
        const struct course_reading reading = {f->position_m - f->hidden_m, f->frozen_s};
        double next_m_s = course_step(&course, limits, goal_m, &reading, f->sent_m_s[0]);
        cr_assert_leq(fabs(next_m_s), limits->motion.speed_max_m_s + 1e-12);
        if (f->held_m_s > 0 && f->position_m > 3 && f->position_m < 4)
            next_m_s = fmin(next_m_s, fmax(f->held_m_s, f->sent_m_s[0] - 2 * DT_S));
        turn(f, next_m_s);
        f->overshoot_m = fmax(f->overshoot_m, (f->position_m - goal_m) * copysign(1, goal_m));
    }
}

Test(course, a_move_ends_at_its_place_and_stays) {
    static const double distances_m[] = {0.002, 0.05, -0.3, 1.0, -7.0, 20.0}, speeds_m_s[] = {0.1, 0.5, 2.0};
    for (size_t d = 0; d < 6; d++)
        for (size_t s = 0; s < 3; s++) {
            struct flight f = {.dead_s = 0.02, .lag_s = 0.04};
            const struct course_limits limits = limits_of(speeds_m_s[s], 0.03, 0.04);
            fly(&f, &limits, distances_m[d], 250);
            cr_expect_float_eq(f.position_m, distances_m[d], 0.001, "%g m at %g m/s ends at %g", distances_m[d],
                               speeds_m_s[s], f.position_m);
            cr_expect_lt(f.overshoot_m, 0.003, "%g m at %g m/s overshoots %g m", distances_m[d], speeds_m_s[s],
                         f.overshoot_m);
            cr_expect_leq(f.change_m_s, 1 * DT_S + 1e-12);
            cr_expect_eq(f.sent_m_s[0], 0, "it sends %g m/s for ever", f.sent_m_s[0]);
        }
}

/* Commissioning lets the declared lag be off by its slack. */
Test(course, a_lag_declared_a_little_wrong_makes_little_overshoot) {
    static const double declared_s[] = {0.05, 0.06, 0.08, 0.09}, accelerations_m_s2[] = {0.05, 0.2, 1, 4};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            struct flight f = {.dead_s = 0.02, .lag_s = 0.04};
            struct course_limits limits = limits_of(2, 0.03, declared_s[i] - 0.03);
            limits.motion.acceleration_max_m_s2 = accelerations_m_s2[k];
            fly(&f, &limits, 10, 120);
            cr_expect_float_eq(f.position_m, 10, 0.001, "%g s: ends at %g", declared_s[i], f.position_m);
            cr_expect_lt(f.overshoot_m, 0.01, "%g s, %g m/s2: overshoots %g m", declared_s[i], accelerations_m_s2[k],
                         f.overshoot_m);
        }
}

/* The drum is near where it should be, so the setpoint has little more than the plan's own jerk. */
Test(course, with_a_drive_as_declared_the_jerk_is_nearly_the_plans) {
    struct flight f = {.dead_s = 0.05, .lag_s = DT_S};
    const struct course_limits limits = limits_of(2, 0.06, DT_S);
    fly(&f, &limits, 10, 5);
    cr_expect_lt(f.jerk_m_s3, 2 * limits.motion.jerk_max_m_s3, "%g m/s3", f.jerk_m_s3);
}

/* A band on the way: the setpoint is held, and the rest begins again from there; with little acceleration, too, with
 * which the plan would run ahead by little in a cycle. */
Test(course, what_holds_it_back_does_not_make_it_run_ahead) {
    static const double accelerations_m_s2[] = {0.05, 0.1, 0.5, 2};
    for (size_t i = 0; i < 4; i++) {
        struct flight f = {.dead_s = 0.02, .lag_s = 0.04, .held_m_s = 0.1};
        struct course_limits limits = limits_of(2, 0.03, 0.04);
        limits.motion.acceleration_max_m_s2 = accelerations_m_s2[i];
        fly(&f, &limits, 10, 250);
        cr_expect_float_eq(f.position_m, 10, 0.001, "%g m/s2: ends at %g", accelerations_m_s2[i], f.position_m);
        cr_expect_lt(f.overshoot_m, 0.003, "%g m/s2: overshoots %g m", accelerations_m_s2[i], f.overshoot_m);
    }
}

/* A wrong circumference, or a drive that is not true: the plan must not run away with it. */
Test(course, a_drum_that_is_faster_than_told_stops_at_its_goal) {
    static const double fast[] = {0.01, 0.02, 0.05, 0.2}, accelerations_m_s2[] = {0.05, 0.2, 0.5, 2};
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            struct flight f = {.dead_s = 0.02, .lag_s = 0.04, .fast = fast[i]};
            struct course_limits limits = limits_of(1, 0.03, 0.04);
            limits.motion.acceleration_max_m_s2 = accelerations_m_s2[k];
            fly(&f, &limits, 10, 200);
            cr_expect_float_eq(f.position_m, 10, 0.001, "%g, %g m/s2: ends at %g", fast[i], accelerations_m_s2[k],
                               f.position_m);
            cr_expect_lt(f.overshoot_m, fast[i] < 0.1 ? 0.01 : 0.05, "%g, %g m/s2: overshoots %g m", fast[i],
                         accelerations_m_s2[k], f.overshoot_m);
        }
}

/* Not stale yet, and not what is: its age counts. */
Test(course, an_old_reading_is_no_drum_that_stands) {
    struct flight f = {.dead_s = 0.02, .lag_s = 0.04, .freezes_s = 0.07};
    const struct course_limits limits = limits_of(2, 0.03, 0.04);
    fly(&f, &limits, 8, 60);
    cr_expect_float_eq(f.position_m, 8, 0.001);
    cr_expect_lt(f.overshoot_m, 0.01, "overshoots %g m", f.overshoot_m);
}

/* Cut once, from full speed, with a jerk that would take long to end an acceleration: it does not run backwards. */
Test(course, one_cut_does_not_turn_it_round) {
    for (int i = 0; i < 3; i++) {
        struct flight f = {.dead_s = 0.02, .lag_s = 0.04};
        struct course_limits limits = limits_of(2, 0.03, 0.04);
        limits.motion.acceleration_max_m_s2 = 4;
        limits.motion.jerk_max_m_s3 = i == 0 ? 0.5 : i == 1 ? 2 : 20;
        struct course course;
        course_begin(&course, &limits, &(struct course_reading){0, 0}, 0);
        for (int k = 0; k < 12000; k++) {
            const struct course_reading reading = {f.position_m, 0};
            double next_m_s = course_step(&course, &limits, 20, &reading, f.sent_m_s[0]);
            cr_assert_geq(next_m_s, -0.02, "jerk %g: %g m/s at %g m", limits.motion.jerk_max_m_s3, next_m_s,
                          f.position_m);
            if (k > 400 && k < 405)
                next_m_s = fmax(0.05, f.sent_m_s[0] - 0.3);
            turn(&f, next_m_s);
        }
        cr_expect_float_eq(f.position_m, 20, 0.001, "ends at %g", f.position_m);
    }
}

/* The monitors see it first; but what is not followed must not be caught up with beyond the goal. */
Test(course, a_drum_that_did_not_follow_is_planned_for_anew) {
    static const double accelerations_m_s2[] = {0.05, 0.1, 0.5, 2};
    for (size_t i = 0; i < 4; i++) {
        struct flight f = {.dead_s = 0.02, .lag_s = 0.04, .stuck_s = 3};
        struct course_limits limits = limits_of(1, 0.03, 0.04);
        limits.motion.acceleration_max_m_s2 = accelerations_m_s2[i];
        fly(&f, &limits, 5, 250);
        cr_expect_float_eq(f.position_m, 5, 0.001, "%g m/s2: ends at %g", accelerations_m_s2[i], f.position_m);
        cr_expect_lt(f.overshoot_m, 0.02, "%g m/s2: overshoots %g m", accelerations_m_s2[i], f.overshoot_m);
    }
}

Test(course, a_limit_lowered_on_the_way_is_kept) {
    struct flight f = {.dead_s = 0.02, .lag_s = 0.04};
    const struct course_limits fast = limits_of(2, 0.03, 0.04), slow = limits_of(0.5, 0.03, 0.04);
    struct course course;
    course_begin(&course, &fast, &(struct course_reading){0, 0}, 0);
    for (int i = 0; i < 6000; i++) {
        const struct course_limits *limits = i < 400 ? &fast : &slow;
        const struct course_reading reading = {f.position_m, 0};
        const double next_m_s = course_step(&course, limits, 20, &reading, f.sent_m_s[0]);
        cr_assert(i < 700 || next_m_s <= 0.5 + 1e-9, "%g m/s after %d cycles", next_m_s, i);
        turn(&f, next_m_s);
    }
    cr_expect_float_eq(f.position_m, 20, 0.001);
}

/* --- a speed alone ------------------------------------------------------------------------------------------------ */

Test(course, a_speed_is_changed_within_acceleration_and_jerk) {
    static const double wanted_m_s[] = {1, -0.5, 0, 0.3};
    struct speed_course course = {0};
    double last_m_s = 0, before_m_s = 0;
    for (int i = 0; i < 1200; i++) {
        const double next_m_s = speed_course_step(&course, 2, 10, wanted_m_s[i / 300], last_m_s, DT_S);
        const double change = next_m_s - last_m_s, changed = last_m_s - before_m_s;
        cr_assert_leq(fabs(change), 2 * DT_S + 1e-12);
        cr_assert_leq(fabs(change - changed), 10 * DT_S * DT_S + 1e-12, "cycle %d", i);
        cr_assert(i % 300 < 120 || next_m_s == wanted_m_s[i / 300], "cycle %d: %g", i, next_m_s);
        before_m_s = last_m_s;
        last_m_s = next_m_s;
    }
}

/* The clamp held it; it goes on from there, and not with what it had in mind. */
Test(course, a_speed_that_was_cut_goes_on_from_there) {
    struct speed_course course = {0};
    double last_m_s = 0;
    for (int i = 0; i < 500; i++) {
        const double next_m_s = speed_course_step(&course, 2, 10, 1, last_m_s, DT_S);
        cr_assert_leq(next_m_s - last_m_s, 2 * DT_S + 1e-12, "cycle %d", i);
        last_m_s = i < 200 ? fmin(next_m_s, 0.2) : next_m_s;
    }
    cr_expect_eq(last_m_s, 1);
}

/* ---- arriving together ---- */

static double planned_s(const struct course_limits *limits, double way_m, double speed_m_s) {
    struct otg_limits motion = limits->motion;
    struct otg_plan plan;
    motion.speed_max_m_s = speed_m_s;
    motion.speed_min_m_s = -speed_m_s;
    motion.acceleration_max_m_s2 *= 0.9;
    cr_assert_eq(otg_plan(&(struct otg_state){0, 0, 0}, &(struct otg_goal){way_m, 0}, &motion, &plan), OTG_PLANNED);
    return plan.duration_s;
}

Test(course, the_time_of_a_course_is_that_of_its_plan) {
    for (double way_m = 0.001; way_m < 40; way_m *= 1.7)
        for (double speed_m_s = 0.05; speed_m_s < 4; speed_m_s *= 1.9) {
            const struct course_limits limits = limits_of(speed_m_s, 0.02, 0.04);
            const double time_s = course_time_s(&limits, -way_m);
            cr_expect_float_eq(time_s, planned_s(&limits, way_m, speed_m_s), 1e-9 * time_s, "%g m, %g m/s", way_m,
                               speed_m_s);
        }
}

/* From rest there is no gap: the planner's common time is the slowest one's, which is all that a cue's axes need. */
Test(course, from_rest_all_can_take_the_slowest_one_s_time) {
    uint64_t state = 1;
    for (int run = 0; run < 500; run++) {
        struct otg_move moves[4];
        struct otg_plan plans[4];
        double slowest_s = 0;
        for (int i = 0; i < 4; i++) {
            const double way_m = (double)(1 + random_next(&state) % 20000) / 1000;
            struct course_limits limits = limits_of((double)(1 + random_next(&state) % 300) / 100, 0.02, 0.04);
            slowest_s = fmax(slowest_s, course_time_s(&limits, way_m));
            limits.motion.acceleration_max_m_s2 *= 0.9;
            moves[i] = (struct otg_move){{0, 0, 0}, {way_m, 0}, limits.motion};
        }
        cr_assert_eq(otg_plan_together(moves, 4, plans), OTG_PLANNED);
        for (int i = 0; i < 4; i++)
            cr_assert_float_eq(plans[i].duration_s, slowest_s, 1e-9 * slowest_s, "run %d", run);
    }
}

Test(course, a_slower_speed_takes_the_time_that_is_asked_for) {
    for (double way_m = 0.001; way_m < 40; way_m *= 1.7)
        for (double more = 1; more < 50; more *= 1.6) {
            const struct course_limits limits = limits_of(2, 0.02, 0.04);
            const double time_s = more * course_time_s(&limits, way_m);
            const double speed_m_s = course_speed_for_m_s(&limits, way_m, time_s);
            cr_expect_float_eq(planned_s(&limits, way_m, speed_m_s), time_s, 1e-9 * time_s, "%g m, x %g", way_m, more);
        }
}
