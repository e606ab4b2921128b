/* Stops from random states: against an integration of their jerks in extended precision, against what a ramp with a
 * jerk time takes by hand, against what the clamp counts, flown through the clamp, and with a load on a rope. */
#include "controller/motion/stop_path.h"

#include <criterion/criterion.h>
#include <math.h>

#include "controller/safety/clamp.h"
#include "tests/property/random.h"
#include "tests/property/runs.h"

#define PATHS RUNS_OF(20000)
#define FLIGHTS RUNS_OF(3000)
#define SAMPLES 400

static uint64_t state;

static double uniform(double low, double high) {
    return low + (high - low) * (double)(random_next(&state) >> 11) * 0x1p-53;
}

static struct stop_way random_way(void) {
    const double delay_s = random_next(&state) % 2 ? uniform(0, 0.5) : 0;
    const double deceleration_m_s2 = uniform(0.2, 20);
    return (struct stop_way){delay_s, deceleration_m_s2, random_next(&state) % 8 ? uniform(0, 1) : 0};
}

static struct stop_ways random_ways(void) {
    const struct stop_way out = random_way();
    return (struct stop_ways){out, random_way()};
}

static struct otg_state random_start(void) {
    const double position_m = uniform(-5, 30);
    const double speed_m_s = random_next(&state) % 10 ? uniform(-8, 8) : 0;
    return (struct otg_state){position_m, speed_m_s, random_next(&state) % 4 ? uniform(-12, 12) : 0};
}

/* --- the plan --------------------------------------------------------------------------------------------------- */

struct most {
    long double p, v, a, p_min, p_max, v_min, v_max, t;
};

static void note(struct most *m) {
    m->p_min = fminl(m->p_min, m->p);
    m->p_max = fmaxl(m->p_max, m->p);
    m->v_min = fminl(m->v_min, m->v);
    m->v_max = fmaxl(m->v_max, m->v);
}

/* The jerk of each part, exact within a step; what lies between two steps is missed by their square. */
static struct most integrate(const struct stop_path *path, const struct otg_state *start) {
    const long double p = (long double)start->position_m, v = (long double)start->speed_m_s;
    struct most m = {p, v, (long double)start->acceleration_m_s2, p, p, v, v, 0};
    if (path->delay_s > 0) {
        m.p += m.v * (long double)path->delay_s;
        m.t += (long double)path->delay_s;
        m.a = 0;
        note(&m);
    }
    for (int i = 0; i < path->plan.count; i++) {
        const long double h = (long double)path->plan.segment[i].time_s / SAMPLES;
        const long double j = (long double)path->plan.segment[i].jerk_m_s3;
        for (int k = 0; k < SAMPLES; k++) {
            m.p += ((j * h / 6 + m.a / 2) * h + m.v) * h;
            m.v += (j * h / 2 + m.a) * h;
            m.a += j * h;
            m.t += h;
            note(&m);
        }
    }
    return m;
}

static void expect_near(double got, long double is, double within, const char *what, int run) {
    cr_assert(fabsl((long double)got - is) <= (long double)within, "run %d: %s %.12g, integrated %.12Lg", run, what,
              got, is);
}

Test(stop_path, a_plan_is_what_its_jerks_integrate_to) {
    state = 1;
    for (int run = 0; run < PATHS; run++) {
        const struct otg_state start = random_start();
        const struct stop_ways ways = random_ways();
        struct stop_path path;
        cr_assert(stop_path_plan(&start, &ways, &path));
        const struct most m = integrate(&path, &start);
        /* An extreme between two steps: at most jerk h^2 / 8 in speed, a h^2 / 8 in place. */
        double h = 0, jerk = 0;
        for (int i = 0; i < path.plan.count; i++) {
            h = fmax(h, path.plan.segment[i].time_s / SAMPLES);
            jerk = fmax(jerk, fabs(path.plan.segment[i].jerk_m_s3));
        }
        const double fine_v = 1e-6 + fmin(jerk, 1e4) * h * h / 8, fine_p = 1e-6 + 20 * h * h / 8;
        expect_near(0, m.v, 1e-6, "last speed", run);
        expect_near(path.end_m, m.p, 1e-6, "end", run);
        expect_near(path.time_s, m.t, 1e-9, "time", run);
        expect_near(path.position_min_m, m.p_min, fine_p, "least place", run);
        expect_near(path.position_max_m, m.p_max, fine_p, "most place", run);
        expect_near(path.speed_min_m_s, m.v_min, fine_v, "least speed", run);
        expect_near(path.speed_max_m_s, m.v_max, fine_v, "most speed", run);
        const double t = uniform(0, path.time_s * 1.1);
        const struct otg_state at = stop_path_at(&path, t);
        cr_assert(at.position_m >= path.position_min_m - 1e-9 && at.position_m <= path.position_max_m + 1e-9);
    }
}

/* By hand: from rest of acceleration the deceleration builds up in the jerk time, or half of the way there; the mean
 * speed is half of the first. What is still gained first adds its own: v + a^2 / 2j is the peak, after a / j. */
Test(stop_path, a_stop_takes_what_it_takes_by_hand) {
    state = 2;
    for (int run = 0; run < PATHS; run++) {
        const double v = uniform(0.01, 8), most = uniform(0.2, 20), jerk_s = uniform(0.001, 1), j = most / jerk_s;
        const double a = random_next(&state) % 2 ? uniform(0, most) : 0;
        const struct stop_ways ways = {{0, most, jerk_s}, {0, most, jerk_s}};
        const double sign = random_next(&state) % 2 ? 1 : -1, peak = v + a * a / (2 * j);
        const double falls_s = peak >= most * jerk_s ? peak / most + jerk_s : 2 * sqrt(peak / j);
        const double rises_m = v * a / j + a * a * a / (3 * j * j);
        struct stop_path path;
        cr_assert(stop_path_plan(&(struct otg_state){3, sign * v, sign * a}, &ways, &path));
        cr_assert_float_eq(path.time_s, a / j + falls_s, 1e-9 * path.time_s, "run %d", run);
        cr_assert_float_eq(sign * (path.end_m - 3), rises_m + peak * falls_s / 2, 1e-8, "run %d", run);
        cr_assert_float_eq(sign > 0 ? path.speed_max_m_s : -path.speed_min_m_s, peak, 1e-9, "run %d", run);
        cr_assert_float_eq(sign > 0 ? path.position_max_m : path.position_min_m, path.end_m, 1e-9, "run %d", run);
        cr_assert(a == 0 || sign * (path.end_m - 3) > v * v / (2 * most), "v2 / 2a is no bound");
    }
}

/* A stop that brakes harder than it takes turns round: the farthest place is not the last. */
Test(stop_path, the_farthest_place_need_not_be_the_last) {
    const struct stop_ways ways = {{0, 2, 0.5}, {0, 2, 0.5}};
    struct stop_path path;
    cr_assert(stop_path_plan(&(struct otg_state){0, 0.1, -1.5}, &ways, &path));
    cr_expect_lt(path.end_m, path.position_max_m - 0.01);
    cr_expect_lt(path.speed_min_m_s, -0.1);
}

Test(stop_path, numbers_that_are_none_have_no_stop) {
    const struct stop_ways ways = {{0, 2, 0.5}, {0, 2, 0.5}};
    struct stop_path path;
    cr_expect_not(stop_path_plan(&(struct otg_state){(double)NAN, 0, 0}, &ways, &path));
    cr_expect_not(stop_path_plan(&(struct otg_state){0, HUGE_VAL, 0}, &ways, &path));
    cr_expect_not(stop_path_plan(&(struct otg_state){0, 0, 2e9}, &ways, &path));
}

/* --- through the clamp ------------------------------------------------------------------------------------------ */

static struct clamp_limits random_limits(void) {
    struct clamp_limits limits = {.position_min_um = -1000000000, .ultimate_min_um = -2000000000,
                                  .position_max_um = 1000000000, .ultimate_max_um = 2000000000,
                                  .speed_max_um_s = {8000000, 8000000}, .weight_on_line_mn = INT32_MAX};
    limits.cycle_us = 1000 * (1 + (int32_t)(random_next(&state) % 10));
    limits.reaction_us = 3 * limits.cycle_us + (int32_t)(random_next(&state) % 60000);
    for (int d = 0; d < CLAMP_DIRECTIONS; d++) {
        const int32_t stop = 500000 + (int32_t)(random_next(&state) % 10000000);
        for (int m = 0; m < MODE_COUNT; m++)
            limits.speed_um_s[m][d] = 8000000;
        limits.acceleration_um_s2[d] = 300000 + (int32_t)(random_next(&state) % 10000000);
        limits.stop_deceleration_um_s2[d] = limits.catch_deceleration_um_s2[d] = stop;
        for (int k = 0; k < CLAMP_STOPS; k++)
            limits.path[k][d] = (struct clamp_path){.deceleration_um_s2 = stop};
        limits.path[CLAMP_RAMP][d].jerk_us = (int32_t)(random_next(&state) % 500000);
    }
    cr_assert(clamp_limits_good(&limits));
    return limits;
}

static struct stop_ways ways_of(const struct clamp_limits *limits) {
    struct stop_way way[CLAMP_DIRECTIONS];
    for (int d = 0; d < CLAMP_DIRECTIONS; d++)
        way[d] = (struct stop_way){.deceleration_m_s2 = limits->stop_deceleration_um_s2[d] / 1e6,
                                   .jerk_s = limits->path[CLAMP_RAMP][d].jerk_us / 1e6};
    return (struct stop_ways){way[CLAMP_OUT], way[CLAMP_IN]};
}

struct ended {
    int64_t way_um; /* of the setpoints, from when the stop begins */
    int acted;      /* cycles in which the clamp gave another speed */
    int cycles;
};

/* A drum that does what it is told a cycle later. */
static struct ended fly(const struct clamp_limits *limits, int64_t position_um, int32_t before_um_s,
                        int32_t last_um_s) {
    const struct stop_ways ways = ways_of(limits);
    const double dt_s = limits->cycle_us / 1e6;
    struct stop_course course = {0};
    struct ended ended = {0};
    struct clamp_in in = {.state = STATE_STOPPING, .mode = MODE_JOG, .follows = true, .position_ok = true,
                          .tension_ok = true, .speed_cap_um_s = {INT32_MAX, INT32_MAX}, .position_um = position_um,
                          .setpoint_um_s = last_um_s};
    stop_course_watch(&course, before_um_s / 1e6, dt_s);
    while (in.setpoint_um_s != 0) {
        stop_course_watch(&course, in.setpoint_um_s / 1e6, dt_s);
        const int32_t wanted = (int32_t)lround(stop_course_step(&course, &ways, in.setpoint_um_s / 1e6, dt_s) * 1e6);
        const int32_t sent = clamp_setpoint(limits, &in, wanted);
        ended.acted += sent != wanted;
        in.position_um += in.setpoint_um_s * (int64_t)limits->cycle_us / 1000000;
        in.setpoint_um_s = sent;
        ended.way_um += sent * (int64_t)limits->cycle_us / 1000000;
        cr_assert(++ended.cycles < 20000);
    }
    return ended;
}

/* From any speed and any acceleration: never beyond what the clamp counts for its own ramp with the jerk time, apart
 * from its wait; and far from all limits it has nothing to do. */
Test(stop_path, a_stop_that_is_flown_stays_within_what_the_clamp_counts) {
    state = 3;
    for (int run = 0; run < FLIGHTS; run++) {
        const struct clamp_limits limits = random_limits();
        const enum clamp_direction d = random_next(&state) % 2 ? CLAMP_OUT : CLAMP_IN;
        const int sign = d == CLAMP_OUT ? 1 : -1;
        const double v = uniform(0.01, 8), most = limits.stop_deceleration_um_s2[d] / 1e6;
        const double gains = limits.acceleration_um_s2[d] / 1e6, loses = fmin(gains, most);
        const double change = uniform(-loses, gains) * limits.cycle_us / 1e6; /* as the clamp lets setpoints change */
        const struct ended ended =
            fly(&limits, 0, sign * (int32_t)lround((v - change) * 1e6), sign * (int32_t)lround(v * 1e6));
        const double counted_m = v * v / (2 * most) + v * limits.path[CLAMP_RAMP][d].jerk_us / 2e6;
        cr_assert_leq(sign * (double)ended.way_um / 1e6, counted_m + 1e-5, "run %d: %.6f m of %.6f", run,
                      sign * (double)ended.way_um / 1e6, counted_m);
        cr_assert_eq(ended.acted, 0, "run %d: the clamp acted in %d of %d cycles", run, ended.acted, ended.cycles);
    }
}

/* With no more room than the clamp asks for at that speed: it may act, and the drum stays inside. */
Test(stop_path, at_the_edge_of_its_room_a_stop_ends_inside) {
    state = 4;
    int acted = 0;
    for (int run = 0; run < FLIGHTS; run++) {
        struct clamp_limits limits = random_limits();
        const int32_t v = (int32_t)lround(uniform(0.01, 8) * 1e6);
        struct clamp_in in = {.state = STATE_RUNNING, .mode = MODE_JOG, .position_ok = true, .tension_ok = true,
                              .speed_cap_um_s = {INT32_MAX, INT32_MAX}, .setpoint_um_s = v};
        int64_t inside = -900000000, outside = limits.position_max_um;
        while (outside - inside > 1) {
            in.position_um = inside + (outside - inside) / 2;
            if (clamp_allows(&limits, &in, v))
                inside = in.position_um;
            else
                outside = in.position_um;
        }
        const struct ended ended = fly(&limits, inside, v, v);
        const int64_t late_um = (int64_t)v * (limits.reaction_us + 2 * limits.cycle_us) / 1000000;
        cr_assert_leq(inside + late_um + ended.way_um, limits.position_max_um, "run %d", run);
        acted += ended.acted > 0;
    }
    cr_expect_gt(acted, 0, "the edge was never met");
}

/* --- a load on a rope ------------------------------------------------------------------------------------------- */

/* Least pull on a load that rises and is stopped, over its weight: rope without friction, the drum does as planned. */
static double least_pull(const struct stop_ways *ways, double v, double bounce_s) {
    const double w2 = pow(2 * M_PI / bounce_s, 2), h = bounce_s / 2000;
    struct stop_path path;
    double stretch = GRAVITY_M_S2 / w2, rate = 0, least = 1;
    cr_assert(stop_path_plan(&(struct otg_state){0, -v, 0}, ways, &path));
    for (double t = 0; t < path.time_s + bounce_s; t += h) { /* stretch'' = g - w2 stretch - the drum's, paid out */
        const double a = stop_path_at(&path, t + h / 2).acceleration_m_s2;
        rate += (GRAVITY_M_S2 - w2 * stretch - (t + h / 2 < path.time_s ? a : 0)) * h;
        stretch += rate * h;
        least = fmin(least, w2 * stretch / GRAVITY_M_S2);
    }
    return least;
}

/* The upward share of g: g / (1 + q), to which the loader holds the ramp. With it the rope stays taut because the jerk
 * time is flown; the same ramp without one throws the load. */
Test(stop_path, the_upward_share_of_g_leaves_the_rope_taut_with_its_jerk_and_not_without) {
    state = 5;
    int thrown = 0;
    for (int run = 0; run < RUNS_OF(200); run++) {
        const double bounce_s = uniform(0.1, 1.5), jerk_s = bounce_s * uniform(0.5, 1), v = uniform(0.2, 6);
        const double q = fmax(fabs(sin(M_PI * jerk_s / bounce_s) / (M_PI * jerk_s / bounce_s)), 0.2172);
        const struct stop_way smooth = {0, GRAVITY_M_S2 / (1 + q), jerk_s};
        const struct stop_way hard = {0, GRAVITY_M_S2 / (1 + q), 0};
        cr_assert_geq(least_pull(&(struct stop_ways){smooth, smooth}, v, bounce_s), -0.01, "run %d", run);
        thrown += least_pull(&(struct stop_ways){hard, hard}, v, bounce_s) < -0.05;
    }
    cr_expect_gt(thrown, RUNS_OF(200) / 2, "%d", thrown);
}
