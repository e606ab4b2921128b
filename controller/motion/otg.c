/* Fastest jerk-limited moves. docs/motion.md has the derivation and the pictures; names here are those there. */
#include "controller/motion/otg.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stddef.h>

#define NEWTON_MAX 64 /* monotone, and quadratic near the root: a handful are used */
#define STEPS_MAX 200
#define ROOTS_MAX 8

/* A way that differs by less is the same: far below what an encoder shows, far above rounding. */
#define SAME_M 5e-11
#define INSIDE_M 1e-9 /* a plan that comes to a limit is inside it, whatever rounding says */
#define SAME_S 1e-12
#define SAME 1e-13 /* of the range of speeds */
#define ROUNDING (8 * DBL_EPSILON)

/* As fmax() and fmin(), which are calls. No number here is a NaN. */
static inline double greater(double one, double other) {
    return one > other ? one : other;
}

static inline double lesser(double one, double other) {
    return one < other ? one : other;
}

/* --- one side of the shortest ramp -------------------------------------------------------------------------------- */

/* The moves whose speed rises to a peak and falls then, in coordinates in which that is so. Both ramps count from
 * a = 0: the first as if it had begun at the speed `u` and had come to `a0` already; the second ends at `w`. */
struct side {
    double a, j, a0;
    double u, w;
    double d;       /* way to go, from the beginning of the first ramp */
    double top;     /* greatest speed */
    double at_once; /* speed at which the acceleration ends if it does so at once */
    double same;    /* ways that differ by less are the same */
};

/* Rises of both ramps, to their peak speed. x: greatest acceleration of the first one; below 0 it never came to 0 in
 * between. y: greatest deceleration of the second. */
struct found {
    double rise_x, rise_y, x, y, cruise_s, duration_s;
    bool falls; /* the first ramp comes down to the peak, from a start above it */
};

/* Of one side, the shortest first. */
struct roots {
    int count;
    struct found found[ROOTS_MAX];
};

static inline void note(struct roots *roots, struct found found) {
    assert(roots->count < ROOTS_MAX);
    roots->found[roots->count++] = found;
}

/* Greatest acceleration of a change of speed by `rise` >= 0. */
static inline double peak_of(const struct side *s, double rise) {
    const double square = s->j * rise;
    return square < s->a * s->a ? sqrt(square) : s->a;
}

static inline double time_of(const struct side *s, double rise, double peak) {
    return peak < s->a ? 2 * peak / s->j : rise / s->a + s->a / s->j;
}

/* Both ramps by q, of which q^2 / j is the lesser of their rises: the way is a smooth function of it. */
static inline struct found by(const struct side *s, double q) {
    const double apart = s->u - s->w, less = q * q / s->j;
    const double rise_x = apart > 0 ? less : less - apart, rise_y = apart > 0 ? less + apart : less;
    return (struct found){.rise_x = rise_x, .rise_y = rise_y, .x = peak_of(s, rise_x), .y = peak_of(s, rise_y)};
}

static inline double q_of(const struct side *s, double peak_m_s) {
    return sqrt(greater(0, s->j * (peak_m_s - greater(s->u, s->w))));
}

/* Way of both ramps without a cruise. */
static double way_over(const struct side *s, double q) {
    const struct found f = by(s, q);
    return (s->u + f.rise_x / 2) * time_of(s, f.rise_x, f.x) + (s->w + f.rise_y / 2) * time_of(s, f.rise_y, f.y);
}

static struct found over(const struct side *s, double q, double cruise_s) {
    struct found f = by(s, q);
    f.cruise_s = cruise_s;
    f.duration_s = time_of(s, f.rise_x, f.x) + time_of(s, f.rise_y, f.y) - s->a0 / s->j + cruise_s;
    return f;
}

/* Where this is positive the way grows with the peak v: d(way)/dv = slope (1/x + 1/y). */
static inline double slope(const struct side *s, double q) {
    const struct found f = by(s, q);
    return s->u + f.rise_x + f.x * f.y / (2 * s->j);
}

/* --- where the way rises with the peak ---------------------------------------------------------------------------- */

/* There the way is a convex function of q, so Newton's steps from above come down to the root and never pass it. The
 * ramp that begins or ends lower may have a plateau, the other one has none. */
static double newton(const struct side *s, double least, double q) {
    const double j = s->j, low = greater(s->u, s->w), far = lesser(s->u, s->w);
    for (int i = 0; i < NEWTON_MAX; i++) {
        const double v = low + q * q / j, r = peak_of(s, v - far);
        const double beyond = (low + v) * q / j + (far + v) / 2 * time_of(s, v - far, r) - s->d;
        const double step = beyond * j * j * r / ((r + q) * (2 * j * v + q * r));
        const double next = q - step;
        if (!(next > least))
            return least;
        if (!(step > 1e-15 * q))
            return next;
        q = next;
    }
    return q;
}

static double peak_between_plateaus(const struct side *s) {
    const double half = s->a * s->a / (2 * s->j);
    const double rest = (s->u * s->u + s->w * s->w) / 2 - (s->u + s->w) * half + s->a * s->d;
    return sqrt(greater(0, half * half + rest)) - half;
}

/* From q = `least` on the way rises, and there it is no more than d. */
static struct found rising(const struct side *s, double least) {
    const double most = q_of(s, s->top), both = lesser(s->a, most);
    if (both > least && way_over(s, both) >= s->d)
        return over(s, newton(s, least, both), 0);
    const double farthest = way_over(s, most);
    if (farthest >= s->d)
        return over(s, q_of(s, peak_between_plateaus(s)), 0);
    return over(s, most, (s->d - farthest) / s->top);
}

/* --- where it falls first ----------------------------------------------------------------------------------------- */

/* The q at which the way is least: the peak speed is below 0 there. */
static double q_of_least(const struct side *s) {
    const double a = s->a, j = s->j, u = s->u, w = s->w, sum = u + w;
    const double between = -a * a / (2 * j);
    if (j * (between - u) >= a * a && j * (between - w) >= a * a)
        return q_of(s, between);
    const double without = (-sum - sqrt(greater(0, sum * sum + 12 * u * w))) / 6;
    if (j * (without - u) <= a * a && j * (without - w) <= a * a)
        return q_of(s, without);
    return greater(0, (sqrt(greater(0, a * a / 4 - 4 * j * greater(u, w))) - a / 2) / 2);
}

typedef double way_at(const struct side *s, double q);

/* Between two places, of which at one the way is no more than d and at the other no less. By the chord, with the weight
 * of an end that stays halved (Illinois); in the middle where that does not get on. */
static double between(const struct side *s, double below, double above, way_at *way) {
    double under = way(s, below) - s->d, past = way(s, above) - s->d;
    for (int i = 0; i < STEPS_MAX && under < 0 && past > 0; i++) {
        const double middle = (below + above) / 2, chord = above - past * (above - below) / (past - under);
        const double at = i % 3 == 2 ? middle : chord, beyond = way(s, at) - s->d;
        if (at == below || at == above || fabs(beyond) <= s->same / 1024)
            return at;
        if (beyond > 0) {
            above = at;
            past = beyond;
            under /= 2;
        } else {
            below = at;
            under = beyond;
            past /= 2;
        }
    }
    return under >= 0 ? below : above;
}

/* All peaks from q on; `way` is that at q. */
static void past_zero(const struct side *s, double q, double way, struct roots *roots) {
    double turn = q;
    if (slope(s, q) < 0)
        turn = greater(q, lesser(q_of_least(s), q_of(s, s->top)));
    if (turn > q && way >= s->d) {
        const double least = way_over(s, turn);
        if (least > s->d + s->same)
            return;
        if (least >= s->d) {
            note(roots, over(s, turn, 0));
            return;
        }
        note(roots, over(s, between(s, turn, q, way_over), 0));
    } else if (way > s->d) {
        return;
    }
    note(roots, rising(s, turn));
}

/* --- moves whose acceleration does not come to 0 in between ------------------------------------------------------- */

/* The acceleration goes from a0 < 0 up to -z and on down. As if the first ramp had a peak behind it, at u + z^2 / j. */
static struct found short_of_zero(const struct side *s, double z) {
    const double rise_x = z * z / s->j, rise_y = rise_x + (s->u - s->w), y = peak_of(s, rise_y);
    const double t = time_of(s, rise_y, y) - (2 * z + s->a0) / s->j;
    return (struct found){.rise_x = rise_x, .rise_y = rise_y, .x = -z, .y = y, .duration_s = t};
}

static double way_short(const struct side *s, double z) {
    const struct found f = short_of_zero(s, z);
    return (s->w + f.rise_y / 2) * time_of(s, f.rise_y, f.y) - (2 * s->u + f.rise_x) * z / s->j;
}

/* Where the way turns, inside (0, z_max); up to four places. */
static int turns(const struct side *s, double z_max, double turn[4]) {
    const double a = s->a, q = s->j * s->u, c = s->j * (s->u - s->w);
    const double plateau = a * a - c; /* from this z^2 on the second ramp has one */
    int count = 0;
    const double flat = a * a / 16 - q, half = c / 8 - q, square = half * half - 3 * q * q / 4;
    for (int i = -1; i <= 1 && flat >= 0; i += 2) {
        const double z = a / 4 + i * sqrt(flat);
        if (z > 0 && z < z_max && z * z >= plateau)
            turn[count++] = z;
    }
    for (int i = -1; i <= 1 && square >= 0; i += 2) {
        const double z2 = (half + i * sqrt(square)) * 4 / 3;
        if (z2 > 0 && z2 < z_max * z_max && z2 <= plateau && q + z2 >= 0)
            turn[count++] = sqrt(z2);
    }
    return count;
}

/* The next one below z, or 0. */
static double next_turn(const double turn[4], int count, double z) {
    double next = 0;
    for (int i = 0; i < count; i++)
        if (turn[i] < z && turn[i] > next)
            next = turn[i];
    return next;
}

/* From the shortest ramp, which begins at a0 < 0, to the peak at a = 0; then on. */
static void before_zero(const struct side *s, double way, struct roots *roots) {
    double turn[4];
    const int count = turns(s, -s->a0, turn);
    for (double z = -s->a0; z > 0;) {
        const double next = next_turn(turn, count, z), there = way_short(s, next);
        if (way < s->d && there >= s->d)
            note(roots, short_of_zero(s, between(s, z, next, way_short)));
        if (way > s->d && there <= s->d)
            note(roots, short_of_zero(s, between(s, next, z, way_short)));
        z = next;
        way = there;
    }
    past_zero(s, 0, way, roots);
}

/* --- starts too fast ---------------------------------------------------------------------------------------------- */

/* Speed at which a ramp that comes down would have begun. */
static double falls_from(const struct side *s) {
    return s->u + s->a0 * s->a0 / s->j;
}

/* It comes down to the peak speed w + q^2 / j, which is no more than the limit, and then on. */
static struct found coming_down(const struct side *s, double q, double cruise_s) {
    const double rise_y = q * q / s->j, rise_x = falls_from(s) - s->w - rise_y;
    struct found f = {.rise_x = rise_x, .rise_y = rise_y, .x = peak_of(s, rise_x), .y = peak_of(s, rise_y)};
    f.falls = true;
    f.cruise_s = cruise_s;
    f.duration_s = time_of(s, rise_x, f.x) + time_of(s, rise_y, f.y) + s->a0 / s->j + cruise_s;
    return f;
}

/* Counted from the beginning of the ramp that would have risen, as d is. */
static double way_down(const struct side *s, double q) {
    const struct found f = coming_down(s, q, 0);
    const double t0 = s->a0 / s->j, peak = s->w + f.rise_y;
    const double begun = (falls_from(s) - s->a0 * t0 / 6) * t0 + (s->u + s->a0 * t0 / 6) * t0;
    const double first = (peak + f.rise_x / 2) * time_of(s, f.rise_x, f.x);
    return first + (s->w + f.rise_y / 2) * time_of(s, f.rise_y, f.y) + begun;
}

static void from_above(const struct side *s, struct roots *roots) {
    const double most = sqrt(greater(0, s->j * (s->top - s->w))), way = way_down(s, most);
    if (way <= s->d)
        note(roots, coming_down(s, most, (s->d - way) / s->top));
    else if (way_down(s, 0) <= s->d)
        note(roots, coming_down(s, between(s, 0, most, way_down), 0));
}

/* --- the shortest ramp, and what lies on one side of it ----------------------------------------------------------- */

static void outward(const struct side *s, struct roots *roots) {
    roots->count = 0;
    if (s->at_once > s->top) {
        from_above(s, roots);
    } else if (s->w < s->at_once && s->a0 < 0) {
        const double way = way_short(s, -s->a0);
        if (fabs(way - s->d) <= s->same)
            note(roots, short_of_zero(s, -s->a0));
        else
            before_zero(s, way, roots);
    } else {
        const double q = q_of(s, greater(s->w, s->at_once)), way = way_over(s, q);
        if (fabs(way - s->d) <= s->same)
            note(roots, over(s, q, 0));
        else
            past_zero(s, q, way, roots);
    }
}

/* Of numbers that come from a motion under way some are equal but for their rounding, and its root is no trifle. */
static double snapped(double value, double to, double scale) {
    return fabs(value - to) <= SAME * scale ? to : value;
}

static struct side side_of(double sign, const struct otg_state *from, const struct otg_goal *goal,
                           const struct otg_limits *limits) {
    const double a = limits->acceleration_max_m_s2, j = limits->jerk_max_m_s3, a0 = sign * from->acceleration_m_s2;
    const double v0 = sign * from->speed_m_s, t0 = a0 / j, half = a0 * t0 / 2;
    const double scale = limits->speed_max_m_s - limits->speed_min_m_s;
    const double way = sign * (goal->position_m - from->position_m);
    const double top = sign > 0 ? limits->speed_max_m_s : -limits->speed_min_m_s;
    struct side s = {.a = a, .j = j, .a0 = a0, .u = v0 - half, .d = way + (v0 - half + a0 * t0 / 6) * t0};
    s.at_once = a0 > 0 ? v0 + half : v0 - half;
    s.w = snapped(sign * goal->speed_m_s, s.at_once, scale);
    s.top = greater(snapped(top, s.at_once, scale), s.w);
    s.same = SAME_M + ROUNDING * (fabs(way) + fabs(from->position_m));
    return s;
}

/* --- plans -------------------------------------------------------------------------------------------------------- */

static void clear(struct otg_plan *plan, const struct otg_state *start) {
    plan->start = *start;
    plan->count = 0;
    plan->duration_s = 0;
}

static void add(struct otg_plan *plan, double time_s, double jerk_m_s3) {
    if (!(time_s > 0))
        return;
    assert(plan->count < OTG_SEGMENTS_MAX);
    plan->segment[plan->count++] = (struct otg_segment){time_s, jerk_m_s3};
    plan->duration_s += time_s;
}

/* A ramp of speed, whose acceleration has come from 0 to a0 already. */
static void add_ramp(struct otg_plan *plan, const struct side *s, double rise, double peak, double a0, double j) {
    peak = greater(peak, a0); /* rounding leaves no acceleration behind */
    add(plan, (peak - a0) / s->j, j);
    if (peak >= s->a)
        add(plan, rise / s->a - s->a / s->j, 0);
    add(plan, peak / s->j, -j);
}

static void lay_out(struct otg_plan *plan, const struct side *s, double sign, const struct found *f) {
    const double j = sign * s->j;
    if (f->x >= 0) {
        add_ramp(plan, s, f->rise_x, f->x, f->falls ? -s->a0 : s->a0, f->falls ? -j : j);
        add(plan, f->cruise_s, 0);
        add_ramp(plan, s, f->rise_y, f->y, 0, -j);
        return;
    }
    add(plan, (f->x - s->a0) / s->j, j);
    add_ramp(plan, s, f->rise_y, f->y, -f->x, -j);
}

static struct otg_state step(struct otg_state s, double t, double j) {
    return (struct otg_state){s.position_m + t * (s.speed_m_s + t * (s.acceleration_m_s2 / 2 + t * j / 6)),
                              s.speed_m_s + t * (s.acceleration_m_s2 + t * j / 2), s.acceleration_m_s2 + t * j};
}

/* Too much acceleration ends first. */
static struct otg_state bring_back(struct otg_plan *plan, const struct otg_limits *limits) {
    const double a0 = plan->start.acceleration_m_s2, a = limits->acceleration_max_m_s2, j = limits->jerk_max_m_s3;
    if (fabs(a0) <= a)
        return plan->start;
    const double time_s = (fabs(a0) - a) / j;
    add(plan, time_s, -copysign(j, a0));
    struct otg_state state = step(plan->start, time_s, -copysign(j, a0));
    state.acceleration_m_s2 = copysign(a, a0);
    return state;
}

struct otg_state otg_at(const struct otg_plan *plan, double time_s) {
    struct otg_state state = plan->start;
    for (int i = 0; i < plan->count && time_s > 0; i++) {
        const double t = lesser(time_s, plan->segment[i].time_s);
        state = step(state, t, plan->segment[i].jerk_m_s3);
        time_s -= t;
    }
    state.position_m += state.speed_m_s * greater(0, time_s);
    return state;
}

/* --- whether there is a plan -------------------------------------------------------------------------------------- */

static bool in_range(double limit) {
    return limit >= 1 / OTG_MOST && limit <= OTG_MOST;
}

static enum otg_result check(const struct otg_state *start, const struct otg_goal *goal,
                             const struct otg_limits *limits) {
    const double most = greater(greater(fabs(start->position_m), fabs(goal->position_m)),
                                greater(fabs(start->speed_m_s), fabs(start->acceleration_m_s2)));
    const double sum = start->position_m + goal->position_m + start->speed_m_s + start->acceleration_m_s2;
    if (!(most <= OTG_MOST) || !isfinite(sum + goal->speed_m_s))
        return OTG_NOT_FINITE;
    if (!in_range(-limits->speed_min_m_s) || !in_range(limits->speed_max_m_s) ||
        !in_range(limits->acceleration_max_m_s2) || !in_range(limits->jerk_max_m_s3) ||
        !(limits->position_min_m < limits->position_max_m))
        return OTG_BAD_LIMITS;
    if (goal->speed_m_s < limits->speed_min_m_s || goal->speed_m_s > limits->speed_max_m_s)
        return OTG_GOAL_TOO_FAST;
    if (goal->position_m < limits->position_min_m || goal->position_m > limits->position_max_m)
        return OTG_GOAL_OUTSIDE;
    return OTG_PLANNED;
}

/* Times within a segment at which the speed is 0. */
static int standstills(const struct otg_state *s, double j, double at_s[2]) {
    const double a = s->acceleration_m_s2, v = s->speed_m_s, square = a * a - 2 * j * v;
    if (square < 0)
        return 0;
    const double q = -(a + copysign(sqrt(square), a));
    int count = 0;
    if (j != 0)
        at_s[count++] = q / j;
    if (q != 0)
        at_s[count++] = 2 * v / q;
    return count;
}

/* Where the plan comes closest to the limits, it stands. */
static bool stays_inside(const struct otg_plan *plan, const struct otg_limits *limits) {
    struct otg_state at = plan->start;
    double least = at.position_m, most = at.position_m;
    for (int i = 0; i < plan->count; i++) {
        const double t = plan->segment[i].time_s, j = plan->segment[i].jerk_m_s3;
        double stands[2];
        for (int k = standstills(&at, j, stands) - 1; k >= 0; k--) {
            const double there = stands[k] > 0 && stands[k] < t ? step(at, stands[k], j).position_m : at.position_m;
            least = lesser(least, there);
            most = greater(most, there);
        }
        at = step(at, t, j);
        least = lesser(least, at.position_m);
        most = greater(most, at.position_m);
    }
    return least >= limits->position_min_m - INSIDE_M && most <= limits->position_max_m + INSIDE_M;
}

/* --- what is asked for -------------------------------------------------------------------------------------------- */

/* One move: both sides of it, with all plans that take no longer than they must. */
struct problem {
    struct otg_plan *plan; /* with what comes before: too much acceleration ends */
    struct side up, down;
    struct roots rise, fall;
};

static void solve(struct problem *problem, const struct otg_state *start, const struct otg_goal *goal,
                  const struct otg_limits *limits, struct otg_plan *plan) {
    clear(plan, start);
    problem->plan = plan;
    const struct otg_state from = bring_back(plan, limits);
    problem->up = side_of(1, &from, goal, limits);
    problem->down = side_of(-1, &from, goal, limits);
    outward(&problem->up, &problem->rise);
    outward(&problem->down, &problem->fall);
    assert(problem->rise.count + problem->fall.count > 0);
}

static bool rises(const struct problem *problem) {
    const struct roots *rise = &problem->rise, *fall = &problem->fall;
    if (rise->count == 0 || fall->count == 0)
        return rise->count > 0;
    return rise->found[0].duration_s <= fall->found[0].duration_s;
}

static void plan_shortest(const struct otg_state *start, const struct otg_goal *goal,
                          const struct otg_limits *limits, struct otg_plan *plan) {
    struct problem problem;
    solve(&problem, start, goal, limits, plan);
    if (rises(&problem))
        lay_out(plan, &problem.up, 1, &problem.rise.found[0]);
    else
        lay_out(plan, &problem.down, -1, &problem.fall.found[0]);
}

static void append(struct otg_plan *plan, const struct otg_plan *more) {
    for (int i = 0; i < more->count; i++)
        add(plan, more->segment[i].time_s, more->segment[i].jerk_m_s3);
}

/* The shortest plan leaves the range, which a stop would not: from the stop there may be another one. */
static enum otg_result plan_from_stop(const struct otg_state *start, const struct otg_goal *goal,
                                      const struct otg_limits *limits, struct otg_plan *plan) {
    struct otg_plan rest;
    otg_plan_speed(start, 0, limits, plan);
    if (!stays_inside(plan, limits))
        return OTG_START_LEAVES;
    const struct otg_state stop = {.position_m = otg_at(plan, plan->duration_s).position_m};
    plan_shortest(&stop, goal, limits, &rest);
    append(plan, &rest);
    return stays_inside(plan, limits) ? OTG_PLANNED : OTG_PLAN_LEAVES;
}

enum otg_result otg_plan(const struct otg_state *start, const struct otg_goal *goal,
                         const struct otg_limits *limits, struct otg_plan *plan) {
    clear(plan, start);
    enum otg_result result = check(start, goal, limits);
    if (result != OTG_PLANNED)
        return result;
    plan_shortest(start, goal, limits, plan);
    const bool bounded = isfinite(limits->position_min_m) || isfinite(limits->position_max_m);
    if (bounded && !stays_inside(plan, limits))
        result = plan_from_stop(start, goal, limits, plan);
    if (result != OTG_PLANNED)
        plan->count = 0;
    return result;
}

enum otg_result otg_plan_speed(const struct otg_state *start, double speed_m_s, const struct otg_limits *limits,
                               struct otg_plan *plan) {
    clear(plan, start);
    const double sum = fabs(start->position_m) + fabs(start->speed_m_s) + fabs(start->acceleration_m_s2);
    if (!(sum + fabs(speed_m_s) <= OTG_MOST))
        return OTG_NOT_FINITE;
    if (!in_range(limits->acceleration_max_m_s2) || !in_range(limits->jerk_max_m_s3))
        return OTG_BAD_LIMITS;
    const struct otg_state from = bring_back(plan, limits);
    const double j = limits->jerk_max_m_s3, half = from.acceleration_m_s2 * fabs(from.acceleration_m_s2) / (2 * j);
    const double sign = speed_m_s >= from.speed_m_s + half ? 1 : -1, a0 = sign * from.acceleration_m_s2;
    const double rise = greater(0, sign * (speed_m_s - from.speed_m_s) + a0 * a0 / (2 * j));
    const struct side s = {.a = limits->acceleration_max_m_s2, .j = j};
    add_ramp(plan, &s, rise, peak_of(&s, rise), a0, sign * j);
    return OTG_PLANNED;
}

/* --- together ----------------------------------------------------------------------------------------------------- */

/* Its acceleration does not come to 0 in between. */
static struct found lasting_short(const struct side *s, double tau) {
    const double a = s->a, j = s->j, c = j * (s->u - s->w), k = j * tau / 2;
    const double z = (c / k - k) / 2;
    return short_of_zero(s, greater(0, z * z + c < a * a ? z : a - sqrt(greater(0, j * a * tau - c))));
}

/* The move of this side that lasts so long, no less than the shortest ramp; of all that do it goes farthest. */
static struct found lasting(const struct side *s, double time_s) {
    const double a = s->a, j = s->j, apart = j * fabs(s->u - s->w), tau = time_s + s->a0 / j, k = j * tau / 2;
    if (s->at_once > s->top) {
        const double q = sqrt(greater(0, j * (s->top - s->w))), least_s = coming_down(s, q, 0).duration_s;
        return time_s >= least_s ? coming_down(s, q, time_s - least_s) : (struct found){.duration_s = HUGE_VAL};
    }
    if (s->w < s->at_once && s->a0 < 0 && time_s < short_of_zero(s, 0).duration_s)
        return lasting_short(s, tau);
    double q = k > 0 ? greater(0, (k - apart / k) / 2) : 0;
    if (q * q + apart >= a * a)
        q = greater(0, sqrt(greater(0, j * a * tau - apart)) - a);
    if (q >= a)
        q = sqrt(greater(0, (j * a * tau - apart) / 2 - a * a));
    const double most = q_of(s, s->top);
    return q < most ? over(s, q, 0) : over(s, most, greater(0, time_s - over(s, most, 0).duration_s));
}

/* Its root of this duration, if there is one. */
static const struct found *root_lasting(const struct roots *roots, double time_s) {
    for (int i = 0; i < roots->count; i++)
        if (fabs(roots->found[i].duration_s - time_s) <= SAME_S * (1 + time_s))
            return &roots->found[i];
    return NULL;
}

/* The least duration of a root above `time_s`, or HUGE_VAL. */
static double next_root(const struct roots *roots, double time_s) {
    double next = HUGE_VAL;
    for (int i = 0; i < roots->count; i++)
        if (roots->found[i].duration_s > time_s + SAME_S * (1 + time_s))
            next = lesser(next, roots->found[i].duration_s);
    return next;
}

/* Jerk of both plans, mixed: as all limits are convex, the mixture keeps them. */
static void mix(const struct otg_plan *one, const struct otg_plan *other, double share, struct otg_plan *plan) {
    int i = 0, k = 0;
    double left_i = one->segment[0].time_s, left_k = other->segment[0].time_s;
    while (i < one->count && k < other->count) {
        const double t = lesser(left_i, left_k);
        add(plan, t, share * one->segment[i].jerk_m_s3 + (1 - share) * other->segment[k].jerk_m_s3);
        left_i -= t;
        left_k -= t;
        if (left_i <= 0 && ++i < one->count)
            left_i = one->segment[i].time_s;
        if (left_k <= 0 && ++k < other->count)
            left_k = other->segment[k].time_s;
    }
}

/* A plan that takes so long, or false: what can be reached in a given time is all between the nearest and the farthest
 * place, and it is reached by the mixture of the moves there. */
static bool plan_lasting(const struct problem *problem, double goal_m, double time_s, struct otg_plan *plan) {
    const double own_s = time_s - plan->duration_s; /* after too much acceleration */
    const struct found *rise = root_lasting(&problem->rise, own_s), *fall = root_lasting(&problem->fall, own_s);
    if (rise || fall) {
        lay_out(plan, rise ? &problem->up : &problem->down, rise ? 1 : -1, rise ? rise : fall);
        return true;
    }
    const struct found far = lasting(&problem->up, own_s), near = lasting(&problem->down, own_s);
    if (!isfinite(far.duration_s + near.duration_s))
        return false;
    struct otg_plan farther = *plan, nearer = *plan;
    lay_out(&farther, &problem->up, 1, &far);
    lay_out(&nearer, &problem->down, -1, &near);
    const double most_m = otg_at(&farther, time_s).position_m, least_m = otg_at(&nearer, time_s).position_m;
    if (!(goal_m >= least_m && goal_m <= most_m))
        return false;
    clear(plan, &farther.start);
    mix(&farther, &nearer, most_m > least_m ? (goal_m - least_m) / (most_m - least_m) : 0, plan);
    return true;
}

static double shortest_s(const struct problem *problem) {
    const struct found *found = rises(problem) ? problem->rise.found : problem->fall.found;
    return problem->plan->duration_s + found->duration_s;
}

/* From when on a start above the speed limit can take any time: that of coming down to it. Else HUGE_VAL. */
static double opens_s(const struct side *s) {
    const double q = sqrt(greater(0, s->j * (s->top - s->w)));
    return s->at_once > s->top ? coming_down(s, q, 0).duration_s : HUGE_VAL;
}

/* The next time at which what an axis can reach changes. */
static double next_change_s(const struct problem *problem, double own_s) {
    const double roots_s = lesser(next_root(&problem->rise, own_s), next_root(&problem->fall, own_s));
    const double opens = lesser(opens_s(&problem->up), opens_s(&problem->down));
    return opens > own_s ? lesser(roots_s, opens) : roots_s;
}

/* The first time from `time_s` on which all can take: each can, or waits for the end of a gap. HUGE_VAL: none. */
static double common_s(const struct problem *problem, const struct otg_move *move, int count, double time_s) {
    for (int i = 0; i < count && isfinite(time_s);) {
        struct otg_plan plan = *problem[i].plan;
        const double before_s = plan.duration_s, own_s = time_s - before_s;
        if (plan_lasting(&problem[i], move[i].goal.position_m, time_s, &plan)) {
            i++;
            continue;
        }
        time_s = before_s + next_change_s(&problem[i], own_s);
        i = 0;
    }
    return time_s;
}

static enum otg_result check_all(const struct otg_move *move, int count) {
    for (int i = 0; i < count; i++) {
        const enum otg_result result = check(&move[i].start, &move[i].goal, &move[i].limits);
        if (result != OTG_PLANNED)
            return result;
    }
    return OTG_PLANNED;
}

static enum otg_result refused(const struct otg_move *move, int count, enum otg_result why, struct otg_plan *plan) {
    for (int i = 0; i < count; i++)
        clear(&plan[i], &move[i].start);
    return why;
}

enum otg_result otg_plan_together(const struct otg_move *move, int count, struct otg_plan *plan) {
    struct problem problem[OTG_TOGETHER_MAX];
    double time_s = 0;
    assert(count > 0 && count <= OTG_TOGETHER_MAX);
    const enum otg_result result = check_all(move, count);
    if (result != OTG_PLANNED)
        return refused(move, count, result, plan);
    for (int i = 0; i < count; i++) {
        solve(&problem[i], &move[i].start, &move[i].goal, &move[i].limits, &plan[i]);
        time_s = greater(time_s, shortest_s(&problem[i]));
    }
    time_s = common_s(problem, move, count, time_s);
    if (!isfinite(time_s))
        return refused(move, count, OTG_NO_COMMON_TIME, plan);
    for (int i = 0; i < count; i++) {
        plan_lasting(&problem[i], move[i].goal.position_m, time_s, &plan[i]);
        if (!stays_inside(&plan[i], &move[i].limits))
            return refused(move, count, OTG_PLAN_LEAVES, plan);
    }
    return OTG_PLANNED;
}

const char *otg_result_name(enum otg_result result) {
    static const char *const names[OTG_RESULT_COUNT] = {
        [OTG_PLANNED] = "planned",
        [OTG_NOT_FINITE] = "not_finite",
        [OTG_BAD_LIMITS] = "bad_limits",
        [OTG_GOAL_TOO_FAST] = "goal_too_fast",
        [OTG_GOAL_OUTSIDE] = "goal_outside",
        [OTG_START_LEAVES] = "start_leaves",
        [OTG_PLAN_LEAVES] = "plan_leaves",
        [OTG_NO_COMMON_TIME] = "no_common_time",
    };
    assert(result >= 0 && result < OTG_RESULT_COUNT);
    return names[result];
}
