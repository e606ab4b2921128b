/* A point on lines: lengths, pulls, place. */
#include "controller/motion/point.h"

#include <math.h>

#define LEAST_M 0.01     /* nearer to an anchor a line has no direction */
#define FLAT 1e-4        /* volume that three directions span, or area of two: below it they lie in one plane */
#define OFF_PLANE 1e-6   /* of the plane of two lines, relative */
#define STEPS_MAX 60     /* of the search for a place: 5 to 10 do */
#define SETTLED_M 1e-10
#define DAMPING 1e-6

static double dot(const double *a, const double *b) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static double volume(const double *a, const double *b, const double *c) {
    return a[0] * (b[1] * c[2] - b[2] * c[1]) - a[1] * (b[0] * c[2] - b[2] * c[0]) + a[2] * (b[0] * c[1] - b[1] * c[0]);
}

static bool finite_all(const double *values) {
    return isfinite(values[0]) && isfinite(values[1]) && isfinite(values[2]);
}

/* From the point to the anchor, of length 1; the length is returned. */
static double direction(const struct point_line *line, const double *place_m, double *unit) {
    for (int k = 0; k < 3; k++)
        unit[k] = line->anchor_m[k] - place_m[k];
    const double length_m = sqrt(dot(unit, unit));
    for (int k = 0; k < 3; k++)
        unit[k] /= length_m;
    return length_m;
}

static enum point_result directions(const struct point_rig *rig, const double *place_m,
                                    double unit[POINT_LINES_MAX][3], double length_m[POINT_LINES_MAX]) {
    for (int i = 0; i < rig->count; i++) {
        length_m[i] = direction(&rig->line[i], place_m, unit[i]);
        if (!(length_m[i] >= LEAST_M))
            return POINT_AT_ANCHOR;
    }
    return POINT_HELD;
}

enum point_result point_lines(const struct point_rig *rig, const struct point_motion *motion,
                              struct point_lengths *lengths) {
    double unit[POINT_LINES_MAX][3];
    if (!finite_all(motion->place_m) || !finite_all(motion->speed_m_s) || !finite_all(motion->acceleration_m_s2))
        return POINT_NOT_FINITE;
    const enum point_result found = directions(rig, motion->place_m, unit, lengths->length_m);
    if (found != POINT_HELD)
        return found;
    const double speed2 = dot(motion->speed_m_s, motion->speed_m_s);
    for (int i = 0; i < rig->count; i++) {
        const double along_m_s = -dot(unit[i], motion->speed_m_s);
        lengths->speed_m_s[i] = along_m_s;
        lengths->acceleration_m_s2[i] = -dot(unit[i], motion->acceleration_m_s2) +
                                        (speed2 - along_m_s * along_m_s) / lengths->length_m[i];
    }
    return POINT_HELD;
}

/* --- pulls -------------------------------------------------------------------------------------------------------- */

/* Horizontal, from the first anchor to the second, of length 1; false where one is above the other. */
static bool plane_of_two(const struct point_rig *rig, double *across) {
    const double *a = rig->line[0].anchor_m, *b = rig->line[1].anchor_m;
    const double far_m = hypot(b[0] - a[0], b[1] - a[1]);
    if (!(far_m >= LEAST_M))
        return false;
    across[0] = (b[0] - a[0]) / far_m;
    across[1] = (b[1] - a[1]) / far_m;
    across[2] = 0;
    return true;
}

static enum point_result pulls_of_two(const struct point_rig *rig, const struct point_motion *motion,
                                      double unit[][3], const double *force_n, double *tension_n) {
    double across[3];
    if (!plane_of_two(rig, across))
        return POINT_FLAT;
    const double normal[3] = {-across[1], across[0], 0};
    double from_m[3];
    for (int k = 0; k < 3; k++)
        from_m[k] = motion->place_m[k] - rig->line[0].anchor_m[k];
    if (fabs(dot(normal, from_m)) > OFF_PLANE * (1 + sqrt(dot(from_m, from_m))) ||
        fabs(dot(normal, force_n)) > OFF_PLANE * (1 + sqrt(dot(force_n, force_n))))
        return POINT_OFF_PLANE;
    const double h[2] = {dot(across, unit[0]), dot(across, unit[1])}, wanted_h = dot(across, force_n);
    const double area = h[0] * unit[1][2] - h[1] * unit[0][2];
    if (fabs(area) < FLAT)
        return POINT_FLAT;
    tension_n[0] = (wanted_h * unit[1][2] - h[1] * force_n[2]) / area;
    tension_n[1] = (h[0] * force_n[2] - wanted_h * unit[0][2]) / area;
    return POINT_HELD;
}

/* Three unit vectors that are to give the force: Cramer's rule. */
static bool pulls_of_three(const double *a, const double *b, const double *c, const double *force_n, double *out_n) {
    const double all = volume(a, b, c);
    out_n[0] = volume(force_n, b, c) / all;
    out_n[1] = volume(a, force_n, c) / all;
    out_n[2] = volume(a, b, force_n) / all;
    return fabs(all) >= FLAT;
}

/* How four pulls may change together without any force: the volumes of the other three, with alternating sign. Scaled
 * to a largest part of 1, which is that of `*largest`. False where all four lie in one plane. */
static bool idle_pulls(double unit[][3], double *idle, int *largest) {
    *largest = 0;
    for (int i = 0; i < 4; i++) {
        const double *rest[3];
        for (int j = 0, k = 0; j < 4; j++)
            if (j != i)
                rest[k++] = unit[j];
        idle[i] = (i % 2 == 0 ? 1 : -1) * volume(rest[0], rest[1], rest[2]);
        if (fabs(idle[i]) > fabs(idle[*largest]))
            *largest = i;
    }
    const double scale = idle[*largest];
    for (int i = 0; i < 4; i++)
        idle[i] /= scale;
    return fabs(scale) >= FLAT;
}

/* How far along the idle pulls the lines' limits let go: from the largest of the least to the smallest of the most. */
static void bounds(const struct point_rig *rig, const double *base_n, const double *idle, double *low, double *high) {
    *low = -HUGE_VAL;
    *high = HUGE_VAL;
    for (int i = 0; i < 4; i++) {
        if (idle[i] == 0)
            continue;
        const double least = (rig->line[i].tension_min_n - base_n[i]) / idle[i];
        const double most = (rig->line[i].tension_max_n - base_n[i]) / idle[i];
        *low = fmax(*low, fmin(least, most));
        *high = fmin(*high, fmax(least, most));
    }
}

/* Base + share x idle nearest to the wanted tension, in the sense of least squares, inside the bounds; where they leave
 * nothing, half-way between those that exclude each other. */
static enum point_result pulls_of_four(const struct point_rig *rig, double unit[][3], const double *force_n,
                                       double *tension_n) {
    double idle[4], three_n[3], low, high;
    const double *rest[3];
    int largest;
    if (!idle_pulls(unit, idle, &largest))
        return POINT_FLAT;
    for (int j = 0, k = 0; j < 4; j++)
        if (j != largest)
            rest[k++] = unit[j];
    pulls_of_three(rest[0], rest[1], rest[2], force_n, three_n);
    for (int j = 0, k = 0; j < 4; j++)
        tension_n[j] = j == largest ? 0 : three_n[k++];
    double above = 0, square = 0;
    for (int i = 0; i < 4; i++) {
        above += (rig->tension_n - tension_n[i]) * idle[i];
        square += idle[i] * idle[i];
    }
    bounds(rig, tension_n, idle, &low, &high);
    const double share = low <= high ? fmin(fmax(above / square, low), high) : (low + high) / 2;
    for (int i = 0; i < 4; i++)
        tension_n[i] += share * idle[i];
    return POINT_HELD;
}

/* Rounding is not outside. */
enum point_result point_judge(const struct point_rig *rig, struct point_pull *pull) {
    double worst_n = 0;
    pull->line = -1;
    enum point_result result = POINT_HELD;
    for (int i = 0; i < rig->count; i++) {
        const double missing_n = rig->line[i].tension_min_n - pull->tension_n[i];
        const double over_n = pull->tension_n[i] - rig->line[i].tension_max_n;
        const double outside_n = fmax(missing_n, over_n) - 1e-9 * rig->line[i].tension_max_n;
        if (!(outside_n > worst_n))
            continue;
        worst_n = outside_n;
        pull->line = i;
        result = missing_n > over_n ? POINT_SLACK : POINT_OVERLOADED;
    }
    return result;
}

enum point_result point_tensions(const struct point_rig *rig, const struct point_motion *motion, double mass_kg,
                                 struct point_pull *pull) {
    double unit[POINT_LINES_MAX][3], length_m[POINT_LINES_MAX], force_n[3];
    *pull = (struct point_pull){.line = -1};
    if (!finite_all(motion->place_m) || !finite_all(motion->acceleration_m_s2) || !isfinite(mass_kg))
        return POINT_NOT_FINITE;
    enum point_result result = directions(rig, motion->place_m, unit, length_m);
    if (result != POINT_HELD)
        return result;
    for (int k = 0; k < 3; k++)
        force_n[k] = mass_kg * (motion->acceleration_m_s2[k] + (k == 2 ? POINT_GRAVITY_M_S2 : 0));
    if (rig->count == 2)
        result = pulls_of_two(rig, motion, unit, force_n, pull->tension_n);
    else if (rig->count == 3)
        result = pulls_of_three(unit[0], unit[1], unit[2], force_n, pull->tension_n) ? POINT_HELD : POINT_FLAT;
    else
        result = pulls_of_four(rig, unit, force_n, pull->tension_n);
    return result == POINT_HELD ? point_judge(rig, pull) : result;
}

/* Moved by d a line gets longer by -u.d and pulls k more for it: sum of k u u^T d is what the force moves. On two lines
 * nothing but their plane is asked for: across it any stiffness does. */
enum point_result point_yield(const struct point_rig *rig, const double place_m[3], const double force_n[3],
                              double change_n[POINT_LINES_MAX], double moved_m[3]) {
    double unit[POINT_LINES_MAX][3], length_m[POINT_LINES_MAX], m[3][3] = {{0}}, across[3], k_n_m = 0;
    const enum point_result found = directions(rig, place_m, unit, length_m);
    if (found != POINT_HELD)
        return found;
    for (int i = 0; i < rig->count; i++) {
        k_n_m = rig->line[i].ea_n / (rig->line[i].lead_m + length_m[i]);
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                m[a][b] += k_n_m * unit[i][a] * unit[i][b];
    }
    if (rig->count == 2) {
        if (!plane_of_two(rig, across))
            return POINT_FLAT;
        const double normal[3] = {-across[1], across[0], 0};
        for (int a = 0; a < 3; a++)
            for (int b = 0; b < 3; b++)
                m[a][b] += k_n_m * normal[a] * normal[b];
    }
    const double all = volume(m[0], m[1], m[2]); /* the matrix is its own mirror image */
    if (!(all > FLAT * FLAT * k_n_m * k_n_m * k_n_m))
        return POINT_FLAT;
    moved_m[0] = -volume(force_n, m[1], m[2]) / all;
    moved_m[1] = -volume(m[0], force_n, m[2]) / all;
    moved_m[2] = -volume(m[0], m[1], force_n) / all;
    for (int i = 0; i < rig->count; i++)
        change_n[i] = -rig->line[i].ea_n / (rig->line[i].lead_m + length_m[i]) * dot(unit[i], moved_m);
    return POINT_HELD;
}

/* --- place -------------------------------------------------------------------------------------------------------- */

/* What each line's length is off at a place, and the sum of squares. */
static double misses(const struct point_rig *rig, const double *length_m, const double *place_m, double *off_m,
                     double unit[][3]) {
    double sum = 0;
    for (int i = 0; i < rig->count; i++) {
        off_m[i] = direction(&rig->line[i], place_m, unit[i]) - length_m[i];
        sum += off_m[i] * off_m[i];
    }
    return sum;
}

/* The damped step of Gauss and Newton that makes the misses least, in up to three directions that the place may go. */
static bool step_to(const struct point_rig *rig, double axes[3][3], int free_count, double unit[][3],
                    const double *off_m, double damping, double *step_m) {
    double m[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, right[3] = {0}, move[3];
    for (int a = 0; a < free_count; a++) {
        for (int b = 0; b < free_count; b++)
            m[a][b] = a == b ? damping : 0;
        for (int i = 0; i < rig->count; i++) {
            for (int b = 0; b < free_count; b++)
                m[a][b] += dot(axes[a], unit[i]) * dot(axes[b], unit[i]);
            right[a] += dot(axes[a], unit[i]) * off_m[i];
        }
    }
    const double all = volume(m[0], m[1], m[2]); /* the matrix is its own mirror image */
    move[0] = volume(right, m[1], m[2]) / all;
    move[1] = volume(m[0], right, m[2]) / all;
    move[2] = volume(m[0], m[1], right) / all;
    for (int k = 0; k < 3; k++)
        step_m[k] = axes[0][k] * move[0] + axes[1][k] * move[1] + axes[2][k] * move[2];
    return finite_all(step_m);
}

/* Below the middle of the anchors, as far as the shortest line may hang. */
static void begin_below(const struct point_rig *rig, const double *length_m, double *place_m) {
    double lowest_m = HUGE_VAL, shortest_m = HUGE_VAL;
    place_m[0] = place_m[1] = 0;
    for (int i = 0; i < rig->count; i++) {
        place_m[0] += rig->line[i].anchor_m[0] / rig->count;
        place_m[1] += rig->line[i].anchor_m[1] / rig->count;
        lowest_m = fmin(lowest_m, rig->line[i].anchor_m[2]);
        shortest_m = fmin(shortest_m, length_m[i]);
    }
    place_m[2] = lowest_m - fmax(1, shortest_m);
}

static bool lengths_good(const struct point_rig *rig, const double *length_m) {
    for (int i = 0; i < rig->count; i++)
        if (!isfinite(length_m[i]))
            return false;
    return true;
}

enum point_result point_place(const struct point_rig *rig, const double length_m[POINT_LINES_MAX], double place_m[3],
                              double *off_m) {
    double unit[POINT_LINES_MAX][3], miss_m[POINT_LINES_MAX], step_m[3], next_m[3];
    double axes[3][3] = {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
    const int free_count = rig->count == 2 ? 2 : 3;
    double damping = DAMPING, far_m = HUGE_VAL;
    if (!lengths_good(rig, length_m))
        return POINT_NOT_FINITE;
    begin_below(rig, length_m, place_m);
    if (rig->count == 2) {
        if (!plane_of_two(rig, axes[0]))
            return POINT_FLAT;
        for (int k = 0; k < 3; k++) {
            axes[1][k] = k == 2;
            axes[2][k] = 0;
        }
    }
    double sum = misses(rig, length_m, place_m, miss_m, unit);
    for (int i = 0; i < STEPS_MAX && far_m > SETTLED_M; i++) {
        double try_m[POINT_LINES_MAX], try_unit[POINT_LINES_MAX][3];
        if (!step_to(rig, axes, free_count, unit, miss_m, damping, step_m))
            return POINT_FLAT;
        for (int k = 0; k < 3; k++)
            next_m[k] = place_m[k] + step_m[k];
        far_m = sqrt(dot(step_m, step_m));
        const bool better = misses(rig, length_m, next_m, try_m, try_unit) <= sum;
        damping = better ? fmax(damping / 8, 1e-12) : damping * 8 + 1e-6;
        if (!better)
            continue;
        for (int k = 0; k < 3; k++)
            place_m[k] = next_m[k];
        sum = misses(rig, length_m, place_m, miss_m, unit);
    }
    *off_m = sqrt(sum / rig->count);
    return far_m <= SETTLED_M * (1 + fabs(place_m[0]) + fabs(place_m[1]) + fabs(place_m[2])) && *off_m <= POINT_MEETS_M
               ? POINT_HELD
               : POINT_NO_PLACE;
}

/* --- stretch ------------------------------------------------------------------------------------------------------ */

double point_drum_m(const struct point_line *line, double length_m, double tension_n) {
    return (line->lead_m + length_m) / (1 + tension_n / line->ea_n) - line->lead_m;
}

double point_length_m(const struct point_line *line, double drum_m, double tension_n) {
    return (line->lead_m + drum_m) * (1 + tension_n / line->ea_n) - line->lead_m;
}

const char *point_result_name(enum point_result result) {
    static const char *const names[POINT_RESULT_COUNT] = {
        [POINT_HELD] = "held",           [POINT_NOT_FINITE] = "not_finite", [POINT_AT_ANCHOR] = "at_anchor",
        [POINT_FLAT] = "flat",           [POINT_OFF_PLANE] = "off_plane",   [POINT_SLACK] = "slack",
        [POINT_OVERLOADED] = "overloaded", [POINT_NO_PLACE] = "no_place",
    };
    return names[result];
}
