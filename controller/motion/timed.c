/* Lay a spline, and follow it. */
#include "controller/motion/timed.h"

#include <assert.h>
#include <math.h>

#define ORDER 6 /* coefficients of a part */
#define PLANNED 0.9 /* of the acceleration, as in a course: a tenth is the correction's */
#define LEAST 0.05  /* of a limit, to catch up with when the clock runs fast */
#define ON_PATH 1e-9 /* in the unit of each: rounding */
#define HALVINGS 60

/* --- the curve --------------------------------------------------------------------------------------------------- */

/* Speeds in the knots of the cubic spline that rests at both ends: continuous in acceleration. */
static void find_speeds(struct timed_path *path) {
    double over[TIMED_KNOTS_MAX] = {0}, right[TIMED_KNOTS_MAX] = {0};
    for (int i = 1; i < path->count - 1; i++) {
        struct timed_point *k = &path->knot[i];
        const double before_s = k[0].t_s - k[-1].t_s, after_s = k[1].t_s - k[0].t_s;
        const double before = (k[0].position_m - k[-1].position_m) / before_s;
        const double after = (k[1].position_m - k[0].position_m) / after_s;
        const double b = 2 / before_s + 2 / after_s - over[i - 1] / before_s;
        over[i] = 1 / after_s / b;
        right[i] = (3 * (before / before_s + after / after_s) - right[i - 1] / before_s) / b;
    }
    for (int i = path->count - 2; i > 0; i--)
        path->knot[i].speed_m_s = right[i] - over[i] * path->knot[i + 1].speed_m_s;
}

static void find_accelerations(struct timed_path *path) {
    for (int i = 1; i < path->count - 1; i++) {
        struct timed_point *k = &path->knot[i];
        const double h = k[1].t_s - k[0].t_s;
        const double mean_m_s = (k[1].position_m - k[0].position_m) / h;
        k->acceleration_m_s2 = (6 * mean_m_s - 4 * k[0].speed_m_s - 2 * k[1].speed_m_s) / h;
    }
}

/* Of the part from knot to knot, by the time since its begin: the one of fifth order that has all six of its ends. */
static void coefficients(const struct timed_point *k, double c[ORDER]) {
    const double h = k[1].t_s - k[0].t_s, a0 = k[0].acceleration_m_s2, a1 = k[1].acceleration_m_s2;
    const double way = k[1].position_m - k[0].position_m, v0 = k[0].speed_m_s * h, v1 = k[1].speed_m_s * h;
    const double b0 = a0 * h * h, b1 = a1 * h * h, h3 = h * h * h;
    c[0] = k[0].position_m;
    c[1] = k[0].speed_m_s;
    c[2] = a0 / 2;
    c[3] = (10 * way - 6 * v0 - 4 * v1 - (3 * b0 - b1) / 2) / h3;
    c[4] = (-15 * way + 8 * v0 + 7 * v1 + (3 * b0 - 2 * b1) / 2) / (h3 * h);
    c[5] = (6 * way - 3 * (v0 + v1) - (b0 - b1) / 2) / (h3 * h * h);
}

static int part_at(const struct timed_path *path, double t_s) {
    int low = 0, high = path->count - 1;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        if (path->knot[middle].t_s <= t_s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

double timed_end_s(const struct timed_path *path) {
    return path->knot[path->count - 1].t_s;
}

struct timed_state timed_at(const struct timed_path *path, double t_s) {
    double c[ORDER];
    if (t_s <= 0)
        return (struct timed_state){.position_m = path->knot[0].position_m};
    if (t_s >= timed_end_s(path))
        return (struct timed_state){.position_m = path->knot[path->count - 1].position_m};
    const struct timed_point *k = &path->knot[part_at(path, t_s)];
    const double t = t_s - k->t_s;
    coefficients(k, c);
    return (struct timed_state){
        c[0] + (c[1] + (c[2] + (c[3] + (c[4] + c[5] * t) * t) * t) * t) * t,
        c[1] + (2 * c[2] + (3 * c[3] + (4 * c[4] + 5 * c[5] * t) * t) * t) * t,
        2 * c[2] + (6 * c[3] + (12 * c[4] + 20 * c[5] * t) * t) * t,
        6 * c[3] + (24 * c[4] + 60 * c[5] * t) * t,
    };
}

/* --- its extremes ------------------------------------------------------------------------------------------------ */

static double value_of(const double *c, int order, double t) {
    double sum = 0;
    for (int i = order; i >= 0; i--)
        sum = sum * t + c[i];
    return sum;
}

/* Where the polynomial is 0 in (0, end), in order: between the places where its slope is, it is once or never. */
static int roots_of(const double *c, int order, double end, double root[ORDER]) {
    double slope[ORDER], edge[ORDER + 2] = {0};
    int count = 0, edges = 1;
    if (order == 0)
        return 0;
    for (int i = 1; i <= order; i++)
        slope[i - 1] = i * c[i];
    edges += roots_of(slope, order - 1, end, edge + 1);
    edge[edges++] = end;
    for (int i = 0; i + 1 < edges; i++) {
        double low = edge[i], high = edge[i + 1];
        const double sign = value_of(c, order, low) > 0 ? 1 : -1;
        if (sign * value_of(c, order, high) >= 0)
            continue;
        for (int k = 0; k < HALVINGS; k++) {
            const double middle = (low + high) / 2;
            if (sign * value_of(c, order, middle) > 0)
                low = middle;
            else
                high = middle;
        }
        root[count++] = high;
    }
    return count;
}

static void extremes_of(const double *c, int order, double end, double *least, double *most) {
    double slope[ORDER] = {0}, at[ORDER + 2] = {0};
    for (int i = 1; i <= order; i++)
        slope[i - 1] = i * c[i];
    int count = 1 + roots_of(slope, order - 1, end, at + 1);
    at[count++] = end;
    *least = HUGE_VAL;
    *most = -HUGE_VAL;
    for (int i = 0; i < count; i++) {
        *least = fmin(*least, value_of(c, order, at[i]));
        *most = fmax(*most, value_of(c, order, at[i]));
    }
}

struct timed_peaks timed_peaks(const struct timed_path *path, int part) {
    const double end = path->knot[part + 1].t_s - path->knot[part].t_s;
    struct timed_peaks peaks;
    double c[ORDER], *const magnitude[] = {&peaks.speed_m_s, &peaks.acceleration_m_s2, &peaks.jerk_m_s3};
    coefficients(&path->knot[part], c);
    extremes_of(c, ORDER - 1, end, &peaks.position_min_m, &peaks.position_max_m);
    for (int order = ORDER - 1; order > 2; order--) {
        double least, most;
        for (int i = 1; i <= order; i++)
            c[i - 1] = i * c[i];
        extremes_of(c, order - 1, end, &least, &most);
        *magnitude[ORDER - 1 - order] = fmax(-least, most);
    }
    return peaks;
}

enum timed_result timed_lay(struct timed_path *path, const struct timed_knot *knot, int count, int *wrong) {
    *path = (struct timed_path){0};
    *wrong = 0;
    if (count < 2 || count > TIMED_KNOTS_MAX)
        return TIMED_BAD_COUNT;
    for (int i = 0; i < count; i++) {
        *wrong = i;
        if (!isfinite(knot[i].t_s) || !isfinite(knot[i].position_m))
            return TIMED_NOT_FINITE;
        if (i == 0 ? knot[i].t_s != 0 : !(knot[i].t_s - knot[i - 1].t_s >= TIMED_APART_S * (1 - 1e-9)))
            return TIMED_BAD_TIME;
    }
    for (int i = 0; i < count; i++)
        path->knot[i] = (struct timed_point){.t_s = knot[i].t_s, .position_m = knot[i].position_m};
    path->count = count;
    find_speeds(path);
    find_accelerations(path);
    for (int i = 0; i + 1 < count; i++) {
        const struct timed_peaks peaks = timed_peaks(path, i);
        path->speed_max_m_s = fmax(path->speed_max_m_s, peaks.speed_m_s);
        path->acceleration_max_m_s2 = fmax(path->acceleration_max_m_s2, peaks.acceleration_m_s2);
        path->jerk_max_m_s3 = fmax(path->jerk_max_m_s3, peaks.jerk_m_s3);
    }
    return TIMED_LAID;
}

/* --- followed ---------------------------------------------------------------------------------------------------- */

/* By a course's count the reading of the last cycle shows what the plan was at the end of this one, less the dead time
 * but for its own cycle, and the lag: the drum itself, now, is two cycles on. */
double timed_lead_s(const struct course_limits *limits) {
    return fmax(0, limits->dead_s - limits->dt_s) - 2 * limits->dt_s + limits->lag_s;
}

/* The path as it is told at this time of its clock. */
static struct otg_state told(const struct timed_path *path, const struct timed_source *source, double after_s) {
    const double rate = source->rate;
    const struct timed_state at = timed_at(path, source->time_s + rate * after_s);
    return (struct otg_state){at.position_m, rate * at.speed_m_s, rate * rate * at.acceleration_m_s2};
}

static double left_of(double limit, double used) {
    return fmax(limit - used, LEAST * limit);
}

/* What the path does not use: so path and catching up together keep the limits. */
static struct otg_limits left(const struct timed_path *path, const struct otg_limits *own, double rate) {
    const double speed_m_s = left_of(fmin(own->speed_max_m_s, -own->speed_min_m_s), rate * path->speed_max_m_s);
    const double a = left_of(PLANNED * own->acceleration_max_m_s2, rate * rate * path->acceleration_max_m_s2);
    const double jerk_m_s3 = left_of(own->jerk_max_m_s3, rate * rate * rate * path->jerk_max_m_s3);
    return (struct otg_limits){-speed_m_s, speed_m_s, a, jerk_m_s3, -HUGE_VAL, HUGE_VAL};
}

/* How far the plan will be off the path in a cycle; it goes to 0 as fast as it may. */
static struct otg_state come_back(const struct otg_state *off, const struct otg_limits *limits, double dt_s) {
    const struct otg_goal on = {0, 0};
    struct otg_plan plan;
    const bool there = fabs(off->position_m) < ON_PATH && fabs(off->speed_m_s) < ON_PATH &&
                       fabs(off->acceleration_m_s2) < ON_PATH;
    if (there || otg_plan(off, &on, limits, &plan) != OTG_PLANNED || plan.duration_s <= dt_s)
        return (struct otg_state){0};
    return otg_at(&plan, dt_s);
}

double timed_step(struct timed_follow *follow, const struct timed_path *path, const struct course_limits *limits,
                  const struct timed_source *source, const struct course_reading *reading, double last_m_s) {
    assert(path->count >= 2 && source->rate > 0);
    const double dt_s = limits->dt_s, lead_s = timed_lead_s(limits);
    struct course *course = &follow->course;
    if (!follow->begun || course_held_back(follow->drum.sent_m_s, last_m_s))
        course_begin(course, limits, reading, last_m_s);
    follow->begun = true;
    const struct otg_state from = course->at;
    const struct otg_state now = told(path, source, lead_s), next = told(path, source, lead_s + dt_s);
    const struct otg_state off = {from.position_m - now.position_m, from.speed_m_s - now.speed_m_s,
                                  from.acceleration_m_s2 - now.acceleration_m_s2};
    const struct otg_limits spare = left(path, &limits->motion, source->rate);
    const struct otg_state rest = come_back(&off, &spare, dt_s);
    course->at = (struct otg_state){next.position_m + rest.position_m, next.speed_m_s + rest.speed_m_s,
                                    next.acceleration_m_s2 + rest.acceleration_m_s2};
    const struct course_pace pace = {true, (course->at.position_m - from.position_m) / dt_s,
                                     (course->at.speed_m_s - from.speed_m_s) / dt_s};
    course_lag(course, limits, pace.speed_m_s);
    follow->error_m = reading->position_m - told(path, source, -dt_s - reading->old_s).position_m;
    return course_drum_step(&follow->drum, course, limits, &pace, limits, course->at.position_m, reading, last_m_s);
}
