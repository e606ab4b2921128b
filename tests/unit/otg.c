/* The planner against known problems, and what it refuses. */
#include "controller/motion/otg.h"

#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/otg_check.h"
#include "tests/otg_rows.h"

#define VECTORS BELAY_SOURCE_DIR "/tests/vectors/"

static struct otg_rows table(const char *path) {
    struct otg_rows rows;
    cr_assert(otg_rows_read(&rows, path));
    return rows;
}

static bool is(const struct otg_rows *rows, int row, const char *family) {
    return strcmp(otg_rows_text(rows, row, "family"), family) == 0;
}

/* Durations there hang on the tolerance of the end position. */
static bool hangs_on_tolerance(const struct otg_rows *rows, int row) {
    return is(rows, row, "noise") || is(rows, row, "tiny") || otg_rows_number(rows, row, "p_err") > 1e-10;
}

static bool starts_outside(const struct otg_rows *rows, int row) {
    return is(rows, row, "v_over") || is(rows, row, "a_over") || is(rows, row, "a_to_v_over");
}

Test(otg, known_moves_are_legal_and_as_fast_as_the_best_known) {
    struct otg_rows rows = table(VECTORS "otg.csv");
    cr_assert_eq(rows.count, 4000);
    for (int row = 0; row < rows.count; row++) {
        const struct otg_move m = otg_rows_move(&rows, row);
        struct otg_plan plan;
        cr_assert_eq(otg_plan(&m.start, &m.goal, &m.limits, &plan), OTG_PLANNED, "row %d", row);
        const char *illegal = otg_illegal(&m.start, &m.goal, &m.limits, &plan);
        cr_expect_null(illegal, "row %d: %s", row, illegal);
        const double best_s = otg_rows_number(&rows, row, "t_best");
        const double allowed_s = hangs_on_tolerance(&rows, row) ? 1e-3 : best_s * 1e-6 + 1e-6;
        cr_expect_leq(plan.duration_s, best_s + allowed_s, "row %d: %.9f s, known %.9f s", row, plan.duration_s,
                      best_s);
        cr_expect(plan.duration_s >= best_s - allowed_s || starts_outside(&rows, row),
                  "row %d: %.9f s, which is less than %.9f s: is it legal?", row, plan.duration_s, best_s);
    }
    otg_rows_free(&rows);
}

Test(otg, known_changes_of_speed_take_their_least_time) {
    struct otg_rows rows = table(VECTORS "otg-velocity.csv");
    cr_assert_eq(rows.count, 1000);
    for (int row = 0; row < rows.count; row++) {
        const struct otg_state start = {0, otg_rows_number(&rows, row, "v0"), otg_rows_number(&rows, row, "a0")};
        const struct otg_limits limits = {.acceleration_max_m_s2 = otg_rows_number(&rows, row, "amax"),
                                          .jerk_max_m_s3 = otg_rows_number(&rows, row, "jmax")};
        const double to_m_s = otg_rows_number(&rows, row, "v1"), least_s = otg_rows_number(&rows, row, "t_min");
        struct otg_plan plan;
        cr_assert_eq(otg_plan_speed(&start, to_m_s, &limits, &plan), OTG_PLANNED);
        const struct otg_state end = otg_at(&plan, plan.duration_s);
        cr_expect_float_eq(end.speed_m_s, to_m_s, 1e-9, "row %d", row);
        cr_expect_float_eq(end.acceleration_m_s2, 0, 1e-9, "row %d", row);
        cr_expect_float_eq(plan.duration_s, least_s, least_s * 1e-9 + 1e-9, "row %d", row);
        const double way_m = otg_rows_number(&rows, row, "displacement");
        cr_expect_float_eq(end.position_m, way_m, 1e-9 * (1 + fabs(way_m)), "row %d", row);
    }
    otg_rows_free(&rows);
}

/* Some axes can't take every longer time: with a moving goal the times that they can have a gap. */
Test(otg, known_groups_arrive_together_at_the_first_time_that_all_can) {
    struct otg_rows rows = table(VECTORS "otg-sync.csv");
    int problems = 0, in_a_gap = 0;
    for (int row = 0, axes; row < rows.count; row += axes) {
        struct otg_move moves[OTG_TOGETHER_MAX];
        struct otg_plan plans[OTG_TOGETHER_MAX];
        double slowest_s = 0;
        axes = otg_rows_axes(&rows, row);
        for (int i = 0; i < axes; i++) {
            moves[i] = otg_rows_move(&rows, row + i);
            slowest_s = fmax(slowest_s, otg_rows_number(&rows, row + i, "t_min_axis"));
        }
        cr_assert_eq(otg_plan_together(moves, axes, plans), OTG_PLANNED);
        const double known_s = otg_rows_number(&rows, row, "t_sync");
        for (int i = 0; i < axes; i++) {
            const char *illegal = otg_illegal(&moves[i].start, &moves[i].goal, &moves[i].limits, &plans[i]);
            cr_expect_null(illegal, "row %d: %s", row + i, illegal);
            cr_expect_leq(plans[i].duration_s, known_s * (1 + 1e-6) + 1e-6, "row %d", row + i);
            cr_expect_float_eq(plans[i].duration_s, plans[0].duration_s, 1e-9 * (1 + known_s), "row %d", row + i);
        }
        if (!is(&rows, row, "mixed")) /* in which a start outside the limits may be brought back in less time */
            cr_expect_geq(plans[0].duration_s, known_s * (1 - 1e-6) - 1e-6, "row %d", row);
        in_a_gap += plans[0].duration_s > slowest_s * (1 + 1e-6) + 1e-6;
        problems++;
    }
    cr_expect_eq(problems, 500);
    cr_expect_eq(in_a_gap, 56);
    otg_rows_free(&rows);
}

/* --- by hand ------------------------------------------------------------------------------------------------------ */

static const struct otg_limits winch = {.speed_min_m_s = -2,
                                        .speed_max_m_s = 3,
                                        .acceleration_max_m_s2 = 2,
                                        .jerk_max_m_s3 = 10,
                                        .position_min_m = -HUGE_VAL,
                                        .position_max_m = HUGE_VAL};

static const struct otg_state winch_at_rest = {0, 0, 0};

static struct otg_plan plan_of(struct otg_state start, struct otg_goal goal, const struct otg_limits *limits) {
    struct otg_plan plan;
    cr_assert_eq(otg_plan(&start, &goal, limits, &plan), OTG_PLANNED);
    return plan;
}

/* Textbook: each ramp takes v/a + a/j, and goes half of that at v. */
Test(otg, from_rest_to_rest) {
    const double ramp_s = 3.0 / 2 + 2.0 / 10, ramp_m = 3 * ramp_s / 2;
    const struct otg_plan up = plan_of((struct otg_state){1, 0, 0}, (struct otg_goal){31, 0}, &winch);
    cr_expect_float_eq(up.duration_s, 2 * ramp_s + (30 - 2 * ramp_m) / 3, 1e-12);
    const double back_s = 2.0 / 2 + 2.0 / 10, back_m = 2 * back_s / 2;
    const struct otg_plan down = plan_of((struct otg_state){31, 0, 0}, (struct otg_goal){1, 0}, &winch);
    cr_expect_float_eq(down.duration_s, 2 * back_s + (30 - 2 * back_m) / 2, 1e-12, "the other limit");
    const struct otg_plan small = plan_of((struct otg_state){0, 0, 0}, (struct otg_goal){0.02, 0}, &winch);
    cr_expect_float_eq(small.duration_s, 4 * cbrt(0.02 / 2 / 10), 1e-12, "four times the same jerk");
}

Test(otg, it_is_there_already) {
    const struct otg_plan plan = plan_of((struct otg_state){5, 0, 0}, (struct otg_goal){5, 0}, &winch);
    cr_expect_eq(plan.count, 0);
    cr_expect_eq(plan.duration_s, 0);
    cr_expect_eq(plan_of((struct otg_state){5, 1, 0}, (struct otg_goal){5, 1}, &winch).duration_s, 0);
}

Test(otg, it_is_sampled_at_any_time) {
    const struct otg_plan plan = plan_of((struct otg_state){1, 0, 0}, (struct otg_goal){31, 1}, &winch);
    const struct otg_state begin = otg_at(&plan, 0), end = otg_at(&plan, plan.duration_s),
                           later = otg_at(&plan, plan.duration_s + 2);
    cr_expect(begin.position_m == 1 && begin.speed_m_s == 0 && begin.acceleration_m_s2 == 0);
    cr_expect(fabs(end.position_m - 31) < 1e-12 && fabs(end.speed_m_s - 1) < 1e-12);
    cr_expect(fabs(later.position_m - 33) < 1e-12 && fabs(later.speed_m_s - 1) < 1e-12, "on at its last speed");
    const struct otg_state early = otg_at(&plan, 0.1);
    cr_expect_float_eq(early.acceleration_m_s2, 1, 1e-12);
    cr_expect_float_eq(early.speed_m_s, 0.05, 1e-12);
    cr_expect_float_eq(early.position_m, 1 + 0.01 / 6, 1e-12);
}

/* The stop itself is a plan: from the state of any cycle. */
Test(otg, a_stop_is_always_a_plan) {
    struct otg_plan stop;
    const struct otg_state start = {10, 2.9, 1.3};
    cr_assert_eq(otg_plan_speed(&start, 0, &winch, &stop), OTG_PLANNED);
    const struct otg_state end = otg_at(&stop, stop.duration_s);
    cr_expect_float_eq(end.speed_m_s, 0, 1e-12);
    cr_expect_float_eq(end.acceleration_m_s2, 0, 1e-12);
    cr_expect_gt(end.position_m, 10 + 2.9 * 2.9 / 2 / 2, "more than v^2/2a: the acceleration must turn first");
}

struct refusal {
    struct otg_state start;
    struct otg_goal goal;
    double speed_min_m_s, speed_max_m_s, acceleration_max_m_s2, jerk_max_m_s3, position_min_m, position_max_m;
    enum otg_result result;
};

static const struct refusal refusals[] = {
    {{(double)NAN, 0, 0}, {1, 0}, -2, 3, 2, 10, -10, 40, OTG_NOT_FINITE},
    {{0, (double)INFINITY, 0}, {1, 0}, -2, 3, 2, 10, -10, 40, OTG_NOT_FINITE},
    {{0, 0, 0}, {(double)NAN, 0}, -2, 3, 2, 10, -10, 40, OTG_NOT_FINITE},
    {{0, 0, 0}, {1, 0}, -2, 3, 2, (double)INFINITY, -10, 40, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 0}, -2, 3, 2, 10, (double)NAN, 40, OTG_BAD_LIMITS},
    {{2e9, 0, 0}, {1, 0}, -2, 3, 2, 10, -10, 40, OTG_NOT_FINITE},
    {{0, 0, 0}, {1, 0}, -2, 3, 2, 1e-10, -10, 40, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 0}, -2, 3, (double)NAN, 10, -10, 40, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 0}, 0, 3, 2, 10, -10, 40, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 0}, -2, 0, 2, 10, -10, 40, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 0}, -2, 3, 0, 10, -10, 40, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 0}, -2, 3, 2, -1, -10, 40, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 0}, -2, 3, 2, 10, 40, -10, OTG_BAD_LIMITS},
    {{0, 0, 0}, {1, 3.1}, -2, 3, 2, 10, -10, 40, OTG_GOAL_TOO_FAST},
    {{0, 0, 0}, {1, -2.1}, -2, 3, 2, 10, -10, 40, OTG_GOAL_TOO_FAST},
    {{0, 0, 0}, {40.1, 0}, -2, 3, 2, 10, -10, 40, OTG_GOAL_OUTSIDE},
    {{0, 0, 0}, {-10.1, 0}, -2, 3, 2, 10, -10, 40, OTG_GOAL_OUTSIDE},
    {{39, 2.9, 0}, {20, 0}, -2, 3, 2, 10, -10, 40, OTG_START_LEAVES},
    {{-9.5, -2, 0}, {20, 0}, -2, 3, 2, 10, -10, 40, OTG_START_LEAVES},
    /* at the limit with a speed away from it there is no place for the run-up */
    {{0, 0, 0}, {0, 2.5}, -2, 3, 2, 10, -0.5, 40, OTG_PLAN_LEAVES},
    {{0, 0, 0}, {0, 2.5}, -2, 3, 2, 10, -10, 40, OTG_PLANNED},
};

Test(otg, what_has_no_plan_is_refused_by_name) {
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        const struct refusal *r = &refusals[i];
        const struct otg_limits limits = {r->speed_min_m_s, r->speed_max_m_s,  r->acceleration_max_m_s2,
                                          r->jerk_max_m_s3, r->position_min_m, r->position_max_m};
        struct otg_plan plan;
        const enum otg_result result = otg_plan(&r->start, &r->goal, &limits, &plan);
        cr_expect_eq(result, r->result, "row %zu: %s", i, otg_result_name(result));
        cr_expect(plan.count == 0 || result == OTG_PLANNED, "row %zu: a refused plan is empty", i);
    }
    struct otg_plan plan;
    const struct otg_limits still = {.jerk_max_m_s3 = 1};
    cr_expect_eq(otg_plan_speed(&winch_at_rest, (double)NAN, &winch, &plan), OTG_NOT_FINITE);
    cr_expect_eq(otg_plan_speed(&winch_at_rest, 1, &still, &plan), OTG_BAD_LIMITS);
    const struct otg_move moves[2] = {{winch_at_rest, {1, 0}, winch}, {winch_at_rest, {1, 5}, winch}};
    struct otg_plan plans[2];
    cr_expect_eq(otg_plan_together(moves, 2, plans), OTG_GOAL_TOO_FAST);
    cr_expect(plans[0].count == 0 && plans[1].count == 0);
}

/* The shortest way to this speed runs past the end; from a stop there is room for the run-up. */
Test(otg, a_plan_that_would_leave_goes_another_way) {
    struct otg_limits limits = winch;
    limits.position_min_m = 0;
    limits.position_max_m = 40;
    const struct otg_state start = {38.6, 2, 0};
    const struct otg_plan plan = plan_of(start, (struct otg_goal){38.2, 1.5}, &limits);
    for (int i = 0; i <= 1000; i++)
        cr_assert_leq(otg_at(&plan, i * plan.duration_s / 1000).position_m, 40 + 1e-9);
}
