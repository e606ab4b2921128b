/* Plans integrated anew, segment by segment. */
#include "tests/otg_check.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#define NEAR 1e-9

struct state {
    long double p, v, a;
};

/* Speeds may be beyond the limits only until they could have come inside for good. */
struct bounds {
    long double low, high; /* what the start can't help */
    bool inside_low, inside_high;
};

static struct state after(struct state s, long double t, long double j) {
    return (struct state){s.p + t * (s.v + t * (s.a / 2 + t * j / 6)), s.v + t * (s.a + t * j / 2), s.a + t * j};
}

/* Speed at which the acceleration is gone, if it goes at once. */
static long double gone(long double v, long double a, const struct otg_limits *limits) {
    return v + a * fabsl(a) / (2.0L * limits->jerk_max_m_s3);
}

/* A state that the plan comes to, at the end of a segment or where the acceleration is 0. */
static bool takes_speed(struct bounds *bounds, const struct otg_limits *limits, struct state s) {
    const long double v = s.v, rounding = NEAR * (1 + fabsl(v)), then = gone(v, s.a, limits);
    const bool high = v > limits->speed_max_m_s + rounding, low = v < limits->speed_min_m_s - rounding;
    if ((high && bounds->inside_high) || (low && bounds->inside_low))
        return false;
    if (v > bounds->high + rounding || v < bounds->low - rounding)
        return false;
    bounds->inside_high = bounds->inside_high || fmaxl(v, then) <= limits->speed_max_m_s;
    bounds->inside_low = bounds->inside_low || fminl(v, then) >= limits->speed_min_m_s;
    return true;
}

static struct bounds bounds_of(const struct otg_state *start, const struct otg_limits *limits) {
    const long double v = start->speed_m_s, then = gone(v, start->acceleration_m_s2, limits);
    const long double high = fmaxl(limits->speed_max_m_s, fmaxl(v, then));
    const long double low = fminl(limits->speed_min_m_s, fminl(v, then));
    return (struct bounds){.low = low,
                           .high = high,
                           .inside_low = low >= limits->speed_min_m_s,
                           .inside_high = high <= limits->speed_max_m_s};
}

static const char *bad_segment(const struct otg_segment *segment, const struct otg_limits *limits, struct state *s,
                               struct bounds *bounds) {
    const long double t = segment->time_s, j = segment->jerk_m_s3, most = limits->acceleration_max_m_s2 * (1 + NEAR);
    if (!(t > 0) || !isfinite((double)t))
        return "a time that is none";
    if (fabsl(j) > limits->jerk_max_m_s3 * (1 + NEAR))
        return "too much jerk";
    const struct state end = after(*s, t, j);
    if (fabsl(s->a) > most && !(j * s->a < 0))
        return "too much acceleration stays";
    if (fabsl(end.a) > most && fabsl(end.a) >= fabsl(s->a))
        return "too much acceleration";
    const long double level = j != 0 ? -s->a / j : -1;
    if (level > 0 && level < t && !takes_speed(bounds, limits, after(*s, level, j)))
        return "too fast inside a segment";
    if (!takes_speed(bounds, limits, end))
        return "too fast";
    *s = end;
    return NULL;
}

const char *otg_illegal(const struct otg_state *start, const struct otg_goal *goal,
                        const struct otg_limits *limits, const struct otg_plan *plan) {
    static char text[200];
    struct state s = {start->position_m, start->speed_m_s, start->acceleration_m_s2};
    struct bounds bounds = bounds_of(start, limits);
    long double time_s = 0, way = fabsl(goal->position_m - (long double)start->position_m);
    for (int i = 0; i < plan->count; i++) {
        const char *bad = bad_segment(&plan->segment[i], limits, &s, &bounds);
        if (bad) {
            snprintf(text, sizeof text, "segment %d: %s", i, bad);
            return text;
        }
        time_s += plan->segment[i].time_s;
        way = fmaxl(way, fabsl(s.p - start->position_m));
    }
    const long double rest_m_s2 = DBL_EPSILON * (long double)limits->acceleration_max_m_s2; /* of a - j (a / j) */
    const bool there = fabsl(s.p - goal->position_m) <= NEAR * (1 + way) + rest_m_s2 * time_s * time_s / 2 &&
                       fabsl(s.v - goal->speed_m_s) <= NEAR + rest_m_s2 * time_s && fabsl(s.a) <= NEAR;
    if (!there || fabsl(time_s - plan->duration_s) > NEAR * (1 + time_s)) {
        snprintf(text, sizeof text, "ends %.3Lg m, %.3Lg m/s, %.3Lg m/s2 away, %.3Lg s after its duration",
                 s.p - goal->position_m, s.v - goal->speed_m_s, s.a, time_s - plan->duration_s);
        return text;
    }
    return NULL;
}
