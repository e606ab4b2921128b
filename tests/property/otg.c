/* Random moves: each is planned, the plan is legal, and no plan that a search finds is shorter; on the way the rest of
 * a plan is the plan from there. The search knows nothing of the planner's sides and peaks: it lets the jerk act for a
 * time, holds the acceleration, and then takes the shortest ramp to the goal's speed; where that ends short of the goal
 * or beyond, it looks between. */
#include "controller/motion/otg.h"
#include "tests/otg_check.h"
#include "tests/property/random.h"
#include "tests/property/runs.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#define RUNS RUNS_OF(100000) /* or BELAY_RUNS of them */
#define GRID 24
#define HALVINGS 70
#define SAME_S 1e-6

static uint64_t state;

static uint64_t next(void) {
    return random_next(&state);
}

static double uniform(double low, double high) {
    return low + (high - low) * (double)(next() >> 11) * 0x1p-53;
}

static double spread(double low, double high) { /* as much in each decade */
    return exp(uniform(log(low), log(high)));
}

static bool chance(int one_in) {
    return next() % (uint64_t)one_in == 0;
}

struct move {
    struct otg_state start;
    struct otg_goal goal;
    struct otg_limits limits;
};

/* --- the search --------------------------------------------------------------------------------------------------- */

struct course {
    double t, p, v, a;
};

static void go(struct course *c, double t, double j) {
    c->p += t * (c->v + t * (c->a / 2 + t * j / 6));
    c->v += t * (c->a + t * j / 2);
    c->a += t * j;
    c->t += t;
}

static void ramp(struct course *c, double to_m_s, const struct otg_limits *limits) {
    const double a = limits->acceleration_max_m_s2, j = limits->jerk_max_m_s3;
    const double sign = to_m_s >= c->v + c->a * fabs(c->a) / (2 * j) ? 1 : -1;
    const double square = fmax(0, sign * j * (to_m_s - c->v) + c->a * c->a / 2), peak = fmin(a, sqrt(square));
    const double change = (2 * peak * peak - c->a * c->a) / (2 * j);
    const double hold = square > a * a ? (sign * (to_m_s - c->v) - change) / a : 0;
    go(c, fmax(0, (peak - sign * c->a) / j), sign * j);
    c->a = sign * peak;
    go(c, hold, 0);
    go(c, peak / j, -sign * j);
    c->a = 0;
}

/* The course that starts with the jerk of `sign` for `time_s`, what of it is too long at the greatest acceleration. */
static struct course begun(const struct move *m, double sign, double time_s) {
    const double j = m->limits.jerk_max_m_s3, a0 = sign * m->start.acceleration_m_s2;
    const double most = (m->limits.acceleration_max_m_s2 - a0) / j;
    struct course c = {0, m->start.position_m, m->start.speed_m_s, m->start.acceleration_m_s2};
    go(&c, fmin(time_s, most), sign * j);
    go(&c, fmax(0, time_s - most), 0);
    return c;
}

static struct course course(const struct move *m, double sign, double time_s) {
    struct course c = begun(m, sign, time_s);
    ramp(&c, m->goal.speed_m_s, &m->limits);
    return c;
}

/* How far the speed, when the acceleration is taken back at once, is below the limit on this side. */
static double room(const struct move *m, double sign, double time_s) {
    const struct course c = begun(m, sign, time_s);
    const double top = sign > 0 ? m->limits.speed_max_m_s : -m->limits.speed_min_m_s;
    return top - sign * c.v - (sign * c.a > 0 ? c.a * c.a / (2 * m->limits.jerk_max_m_s3) : 0);
}

/* The longest time of that jerk which keeps the speed limit. */
static double longest(const struct move *m, double sign) {
    double low = 0, high = 1e-3;
    while (room(m, sign, high) > 0 && high < 1e9)
        low = high, high *= 2;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        *(room(m, sign, middle) > 0 ? &low : &high) = middle;
    }
    return low;
}

static double between(const struct move *m, double sign, double low, double high) {
    const bool below = course(m, sign, low).p < m->goal.position_m;
    for (int i = 0; i < HALVINGS; i++) {
        const double middle = (low + high) / 2;
        *((course(m, sign, middle).p < m->goal.position_m) == below ? &low : &high) = middle;
    }
    return course(m, sign, high).t;
}

static double cruising(const struct move *m, double sign, double time_s) {
    struct course c = begun(m, sign, time_s);
    const double top = sign > 0 ? m->limits.speed_max_m_s : m->limits.speed_min_m_s;
    ramp(&c, top, &m->limits);
    struct course rest = c;
    ramp(&rest, m->goal.speed_m_s, &m->limits);
    const double cruise_s = (m->goal.position_m - rest.p) / top;
    return cruise_s >= 0 ? rest.t + cruise_s : HUGE_VAL;
}

static double search_side(const struct move *m, double sign) {
    const double j = m->limits.jerk_max_m_s3, most = longest(m, sign);
    const double jerk_s = fmin(most, (m->limits.acceleration_max_m_s2 - sign * m->start.acceleration_m_s2) / j);
    double best = cruising(m, sign, most), before = 0;
    bool below = course(m, sign, 0).p < m->goal.position_m;
    for (int i = 1; i <= 2 * GRID; i++) {
        const double share = (double)(i <= GRID ? i : i - GRID) / GRID;
        const double at = i <= GRID ? jerk_s * share * share : jerk_s + (most - jerk_s) * share * share;
        const bool there = course(m, sign, at).p < m->goal.position_m;
        if (there != below)
            best = fmin(best, between(m, sign, before, at));
        below = there;
        before = at;
    }
    return best;
}

static double search(const struct move *m) {
    return fmin(search_side(m, 1), search_side(m, -1));
}

/* --- moves -------------------------------------------------------------------------------------------------------- */

static struct move draw_limits(void) {
    struct move m = {.limits = {.speed_max_m_s = spread(0.2, 12),
                                .acceleration_max_m_s2 = spread(0.3, 10),
                                .jerk_max_m_s3 = spread(1, 100),
                                .position_min_m = -INFINITY,
                                .position_max_m = INFINITY}};
    m.limits.speed_min_m_s = chance(3) ? -spread(0.2, 12) : -m.limits.speed_max_m_s;
    m.start.position_m = uniform(0, 60);
    m.goal.position_m = uniform(0, 60);
    return m;
}

/* A state from which the limits are kept, at the speed limits in one of eight. */
static void draw_motion(struct move *m) {
    const double j = m->limits.jerk_max_m_s3, low = m->limits.speed_min_m_s, high = m->limits.speed_max_m_s;
    const double widest = fmin(m->limits.acceleration_max_m_s2, sqrt(j * (high - low)));
    m->start.acceleration_m_s2 = chance(4) ? 0 : uniform(-widest, widest);
    const double a = m->start.acceleration_m_s2, gone = a * a / (2 * j);
    m->start.speed_m_s = uniform(low + (a < 0 ? gone : 0), high - (a > 0 ? gone : 0));
    if (chance(8))
        m->start.speed_m_s = a > 0 ? high - gone : low + (a < 0 ? gone : 0);
    if (chance(4))
        m->goal.speed_m_s = uniform(low, high);
}

static void draw_moving(struct move *m) {
    draw_motion(m);
}

static void draw_rest(struct move *m) {
    (void)m;
}

static void draw_short(struct move *m) {
    draw_motion(m);
    m->goal.position_m = m->start.position_m + (chance(2) ? 1 : -1) * spread(1e-3, 1);
}

static void draw_tiny(struct move *m) {
    if (chance(2))
        draw_motion(m);
    m->goal.position_m = m->start.position_m + (chance(2) ? 1 : -1) * spread(1e-7, 1e-5);
}

static void draw_low_jerk(struct move *m) {
    m->limits.jerk_max_m_s3 = spread(0.001, 0.5);
    draw_motion(m);
}

static void draw_long(struct move *m) {
    draw_motion(m);
    m->goal.position_m = m->start.position_m + (chance(2) ? 1 : -1) * spread(1e3, 1e5);
}

/* Out of the middle of another move. */
static void draw_regoal(struct move *m) {
    struct otg_plan plan;
    draw_motion(m);
    cr_assert_eq(otg_plan(&m->start, &m->goal, &m->limits, &plan), OTG_PLANNED);
    m->start = otg_at(&plan, uniform(0, 1) * plan.duration_s);
    m->goal.position_m = uniform(0, 60);
    m->goal.speed_m_s = 0;
}

/* To where a stop ends, or a little off. */
static void draw_exact(struct move *m) {
    struct otg_plan stop;
    draw_motion(m);
    cr_assert_eq(otg_plan_speed(&m->start, m->goal.speed_m_s, &m->limits, &stop), OTG_PLANNED);
    const double off_m = chance(3) ? 0 : uniform(-1, 1) * spread(1e-8, 1e-3);
    m->goal.position_m = otg_at(&stop, stop.duration_s).position_m + off_m;
}

static void (*const draws[])(struct move *m) = {draw_moving, draw_moving, draw_rest,     draw_short, draw_tiny,
                                                draw_low_jerk, draw_long, draw_regoal, draw_exact};

static struct move draw(void) {
    struct move m = draw_limits();
    draws[next() % (sizeof draws / sizeof draws[0])](&m);
    return m;
}

/* --- properties --------------------------------------------------------------------------------------------------- */

#define SHOWN "run %ld: %a %a %a -> %a %a in %a..%a, %a, %a"
#define SHOW(run, m)                                                                                                   \
    run, (m).start.position_m, (m).start.speed_m_s, (m).start.acceleration_m_s2, (m).goal.position_m,                \
        (m).goal.speed_m_s, (m).limits.speed_min_m_s, (m).limits.speed_max_m_s, (m).limits.acceleration_max_m_s2,    \
        (m).limits.jerk_max_m_s3

static long runs(void) {
    const char *const asked = getenv("BELAY_RUNS");
    return asked ? strtol(asked, NULL, 10) : RUNS;
}

static void seed(long run) {
    state = (uint64_t)run * UINT64_C(0x632BE59BD9B4E019);
}

static struct otg_plan planned(long run, const struct move *m) {
    struct otg_plan plan;
    cr_assert_eq(otg_plan(&m->start, &m->goal, &m->limits, &plan), OTG_PLANNED, SHOWN, SHOW(run, *m));
    const char *illegal = otg_illegal(&m->start, &m->goal, &m->limits, &plan);
    cr_assert_null(illegal, "%s: " SHOWN, illegal, SHOW(run, *m));
    return plan;
}

Test(otg, no_plan_fails_or_is_illegal_or_longer_than_one_that_a_search_finds) {
    long shorter = 0;
    for (long run = 0; run < runs(); run++) {
        seed(run);
        const struct move m = draw();
        const double planned_s = planned(run, &m).duration_s, found_s = search(&m);
        shorter += found_s > planned_s * (1 + SAME_S) + SAME_S;
        cr_expect_leq(planned_s, found_s * (1 + SAME_S) + SAME_S, "%.9f s, a search finds %.9f s: " SHOWN, planned_s,
                      found_s, SHOW(run, m));
    }
    cr_expect_lt(shorter, runs() / 100, "a search that finds little proves little: %ld plans are shorter", shorter);
}

/* How far from the goal the shortest ramp to its speed ends. */
static double miss_m(const struct move *m) {
    struct otg_plan ramp;
    cr_assert_eq(otg_plan_speed(&m->start, m->goal.speed_m_s, &m->limits, &ramp), OTG_PLANNED);
    return fabs(otg_at(&ramp, ramp.duration_s).position_m - m->goal.position_m);
}

/* The state on the way has its rounding. Just before the end that may be too much to get to the goal but by going
 * round, and then the shortest ramp misses it indeed. */
Test(otg, on_the_way_the_rest_of_the_plan_is_the_shortest) {
    long round = 0;
    for (long run = 0; run < runs(); run++) {
        seed(run);
        struct move m = draw();
        const struct otg_plan plan = planned(run, &m);
        const double at_s = uniform(0, 1) * plan.duration_s;
        m.start = otg_at(&plan, at_s);
        const double rest_s = planned(run, &m).duration_s;
        const bool longer = rest_s > (plan.duration_s - at_s) * (1 + SAME_S) + 1e-5;
        round += longer;
        cr_expect(!longer || miss_m(&m) > 1e-12, "%.9f s of %.9f s, then %.9f s: " SHOWN, at_s, plan.duration_s, rest_s,
                  SHOW(run, m));
    }
    cr_expect_leq(round, runs() / 2000, "%ld of %ld go round", round, runs());
}

static void draw_outside(struct move *m) {
    draw_motion(m);
    if (chance(2))
        m->start.speed_m_s = (chance(2) ? m->limits.speed_max_m_s : m->limits.speed_min_m_s) * uniform(1, 3);
    if (chance(2))
        m->start.acceleration_m_s2 = m->limits.acceleration_max_m_s2 * uniform(-3, 3);
}

Test(otg, a_start_outside_the_limits_comes_back_and_stays) {
    for (long run = 0; run < runs(); run++) {
        seed(run);
        struct move m = draw_limits();
        draw_outside(&m);
        planned(run, &m);
    }
}

/* The limit is lowered in motion, and the goal is far: the speed comes down to it, and neither below nor back. */
Test(otg, a_limit_lowered_in_motion_is_come_down_to) {
    for (long run = 0; run < runs(); run++) {
        seed(run);
        struct move m = draw_limits();
        draw_motion(&m);
        m.start.speed_m_s = m.limits.speed_max_m_s;
        m.start.acceleration_m_s2 = chance(2) ? 0 : -uniform(0, 1) * m.limits.acceleration_max_m_s2;
        const double gone = m.start.acceleration_m_s2 * m.start.acceleration_m_s2 / (2 * m.limits.jerk_max_m_s3);
        const double low = uniform(0.01, 1) * (m.start.speed_m_s - gone);
        if (low < 0.01 * m.start.speed_m_s)
            continue;
        m.limits.speed_max_m_s = low;
        const double a = m.limits.acceleration_max_m_s2, way_m = low * low / a + low * a / m.limits.jerk_max_m_s3;
        m.goal = (struct otg_goal){m.start.position_m + way_m + 100 * m.start.speed_m_s, 0};
        const struct otg_plan plan = planned(run, &m);
        double before_m_s = m.start.speed_m_s;
        for (int i = 1; i <= 200; i++) {
            const struct otg_state at = otg_at(&plan, i * plan.duration_s / 200);
            if (at.position_m > m.goal.position_m - way_m)
                break;
            cr_assert(at.speed_m_s >= low - 1e-9 && at.speed_m_s <= before_m_s + 1e-9, "%g m/s: " SHOWN, at.speed_m_s,
                      SHOW(run, m));
            before_m_s = at.speed_m_s;
        }
    }
}

/* Least and greatest position on the way, by looking often. */
static void reach(const struct otg_plan *plan, double *least_m, double *most_m) {
    *least_m = *most_m = plan->start.position_m;
    for (int i = 1; i <= 500; i++) {
        const double at_m = otg_at(plan, i * plan->duration_s / 500).position_m;
        *least_m = fmin(*least_m, at_m);
        *most_m = fmax(*most_m, at_m);
    }
}

Test(otg, a_plan_stays_between_the_position_limits_or_says_why_there_is_none) {
    long refused[OTG_RESULT_COUNT] = {0};
    for (long run = 0; run < runs() / 10; run++) {
        seed(run);
        struct move m = draw_limits();
        struct otg_plan plan, stop;
        double least_m, most_m;
        draw_motion(&m);
        m.limits.position_min_m = 0;
        m.limits.position_max_m = 60;
        const enum otg_result result = otg_plan(&m.start, &m.goal, &m.limits, &plan);
        refused[result]++;
        cr_assert_eq(otg_plan_speed(&m.start, 0, &m.limits, &stop), OTG_PLANNED);
        reach(result == OTG_PLANNED ? &plan : &stop, &least_m, &most_m);
        const bool inside = least_m >= -1e-8 && most_m <= 60 + 1e-8;
        if (result == OTG_PLANNED)
            cr_assert(inside, "%g..%g: " SHOWN, least_m, most_m, SHOW(run, m));
        else if (result == OTG_START_LEAVES)
            cr_assert(least_m < 1e-3 || most_m > 60 - 1e-3, "a stop keeps to %g..%g: " SHOWN, least_m, most_m,
                      SHOW(run, m));
        else
            cr_assert(result == OTG_PLAN_LEAVES && m.goal.speed_m_s != 0 && inside, "%s: " SHOWN,
                      otg_result_name(result), SHOW(run, m));
    }
    cr_expect(refused[OTG_START_LEAVES] > 0 && refused[OTG_PLAN_LEAVES] > 0);
}

Test(otg, all_of_a_group_end_at_the_same_time) {
    for (long run = 0; run < runs() / 10; run++) {
        struct move m[8];
        struct otg_move moves[8];
        struct otg_plan plans[8];
        double slowest_s = 0;
        seed(run);
        const int count = 2 + (int)(next() % 7);
        for (int i = 0; i < count; i++) {
            m[i] = draw_limits();
            if (chance(4))
                draw_outside(&m[i]);
            else
                draw_motion(&m[i]);
            moves[i] = (struct otg_move){m[i].start, m[i].goal, m[i].limits};
            slowest_s = fmax(slowest_s, planned(run, &m[i]).duration_s);
        }
        cr_assert_eq(otg_plan_together(moves, count, plans), OTG_PLANNED, "run %ld", run);
        for (int i = 0; i < count; i++) {
            const char *illegal = otg_illegal(&m[i].start, &m[i].goal, &m[i].limits, &plans[i]);
            cr_assert_null(illegal, "%s, axis %d: " SHOWN, illegal, i, SHOW(run, m[i]));
            cr_assert_float_eq(plans[i].duration_s, plans[0].duration_s, 1e-9 * (1 + slowest_s));
        }
        cr_assert_geq(plans[0].duration_s, slowest_s - 1e-9 * (1 + slowest_s));
    }
}
