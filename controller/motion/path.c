/* A cubic spline by its arc length. */
#include "controller/motion/path.h"

#include <math.h>
#include <stdbool.h>

#define PLACE_MAX_M 1e5
#define SLOWEST 0.05 /* of a metre of curve for a metre of chord: less is a turn on the spot */
#define NEWTONS 3

/* --- one stretch -------------------------------------------------------------------------------------------------- */

static double rate(const struct path_stretch *s, double t, double *first) {
    double square = 0;
    for (int k = 0; k < 3; k++) {
        first[k] = s->b[k] + t * (2 * s->c[k] + 3 * t * s->d[k]);
        square += first[k] * first[k];
    }
    return sqrt(square);
}

/* Length between two places of a stretch: five points of Gauss and Legendre. */
static double length_m(const struct path_stretch *s, double from, double to) {
    static const double at[3] = {0, 0.53846931010568309104, 0.90617984593866399280};
    static const double part[3] = {0.56888888888888888889, 0.47862867049936646804, 0.23692688505618908751};
    const double middle = (from + to) / 2, half = (to - from) / 2;
    double first[3], sum = part[0] * rate(s, middle, first);
    for (int i = 1; i < 3; i++) {
        const double left = rate(s, middle - half * at[i], first), right = rate(s, middle + half * at[i], first);
        sum += part[i] * (left + right);
    }
    return sum * half;
}

/* --- laying ------------------------------------------------------------------------------------------------------- */

/* Second derivatives at the waypoints of a natural spline: one sweep down, one up (Thomas). */
static void bends(const struct path_waypoint *at, const double *chord_m, int count, int k,
                  double bend[PATH_WAYPOINTS_MAX]) {
    double share[PATH_WAYPOINTS_MAX] = {0};
    bend[0] = bend[count - 1] = 0;
    for (int i = 1; i < count - 1; i++) {
        const double before = chord_m[i - 1], after = chord_m[i];
        const double kink =
            (at[i + 1].place_m[k] - at[i].place_m[k]) / after - (at[i].place_m[k] - at[i - 1].place_m[k]) / before;
        const double pivot = 2 * (before + after) - before * share[i - 1];
        share[i] = after / pivot;
        bend[i] = (6 * kink - before * bend[i - 1]) / pivot;
    }
    for (int i = count - 2; i > 0; i--)
        bend[i] -= share[i] * bend[i + 1];
}

static void lay_one_axis(struct path *path, const struct path_waypoint *at, const double *chord_m, int count, int k) {
    double bend[PATH_WAYPOINTS_MAX];
    bends(at, chord_m, count, k, bend);
    for (int i = 0; i < count - 1; i++) {
        struct path_stretch *s = &path->stretch[i];
        const double h = chord_m[i];
        s->chord_m = h;
        s->a[k] = at[i].place_m[k];
        s->b[k] = (at[i + 1].place_m[k] - at[i].place_m[k]) / h - h * (2 * bend[i] + bend[i + 1]) / 6;
        s->c[k] = bend[i] / 2;
        s->d[k] = (bend[i + 1] - bend[i]) / (6 * h);
    }
}

/* Measures the way to each cut; false where the curve all but stops, between cuts too: looked at on a finer grid. */
static bool measure(struct path *path, int *waypoint) {
    double way_m = 0, first[3];
    for (int i = 0; i < path->stretch_count; i++) {
        const struct path_stretch *s = &path->stretch[i];
        for (int j = 0; j < PATH_CUTS; j++) {
            path->way_m[i * PATH_CUTS + j] = way_m;
            way_m += length_m(s, s->chord_m * j / PATH_CUTS, s->chord_m * (j + 1) / PATH_CUTS);
        }
        *waypoint = i;
        for (int j = 0; j <= 8 * PATH_CUTS; j++)
            if (rate(s, s->chord_m * j / (8 * PATH_CUTS), first) < SLOWEST)
                return false;
    }
    path->way_m[path->stretch_count * PATH_CUTS] = path->length_m = way_m;
    return true;
}

enum path_result path_lay(struct path *path, const struct path_waypoint *at, int count, int *waypoint) {
    double chord_m[PATH_WAYPOINTS_MAX];
    path->stretch_count = 0;
    path->length_m = 0;
    *waypoint = 0;
    if (count < 2 || count > PATH_WAYPOINTS_MAX)
        return PATH_BAD_COUNT;
    for (int i = 0; i < count; i++) {
        *waypoint = i;
        for (int k = 0; k < 3; k++)
            if (!(fabs(at[i].place_m[k]) <= PLACE_MAX_M))
                return PATH_NOT_FINITE;
        if (i == 0)
            continue;
        double square = 0;
        for (int k = 0; k < 3; k++)
            square += (at[i].place_m[k] - at[i - 1].place_m[k]) * (at[i].place_m[k] - at[i - 1].place_m[k]);
        chord_m[i - 1] = sqrt(square);
        if (chord_m[i - 1] < PATH_APART_M)
            return PATH_TOO_NEAR;
    }
    for (int k = 0; k < 3; k++)
        lay_one_axis(path, at, chord_m, count, k);
    path->stretch_count = count - 1;
    if (!measure(path, waypoint)) {
        path->stretch_count = 0;
        return PATH_TURNS_SHORT;
    }
    return PATH_LAID;
}

/* --- asking ------------------------------------------------------------------------------------------------------- */

/* The cut that holds this way: the last one that is not beyond it. */
static int cut_of(const struct path *path, double way_m) {
    int low = 0, high = path->stretch_count * PATH_CUTS;
    while (high - low > 1) {
        const int middle = (low + high) / 2;
        if (path->way_m[middle] <= way_m)
            low = middle;
        else
            high = middle;
    }
    return low;
}

static struct path_place place_of(const struct path_stretch *s, double t) {
    struct path_place at;
    double first[3], inward = 0;
    const double stretch = rate(s, t, first);
    for (int k = 0; k < 3; k++) {
        at.place_m[k] = s->a[k] + t * (s->b[k] + t * (s->c[k] + t * s->d[k]));
        at.along[k] = first[k] / stretch;
        at.curve_1_m[k] = 2 * s->c[k] + 6 * t * s->d[k];
        inward += at.curve_1_m[k] * at.along[k];
    }
    for (int k = 0; k < 3; k++)
        at.curve_1_m[k] = (at.curve_1_m[k] - inward * at.along[k]) / (stretch * stretch);
    return at;
}

struct path_place path_at(const struct path *path, double way_m) {
    way_m = fmin(fmax(way_m, 0), path->length_m);
    const int cut = cut_of(path, way_m);
    const struct path_stretch *s = &path->stretch[cut / PATH_CUTS];
    const double from = s->chord_m * (cut % PATH_CUTS) / PATH_CUTS, wide = s->chord_m / PATH_CUTS;
    const double rest_m = way_m - path->way_m[cut];
    double first[3], t = from + wide * rest_m / (path->way_m[cut + 1] - path->way_m[cut]);
    for (int i = 0; i < NEWTONS; i++) {
        const double miss_m = rest_m - length_m(s, from, t);
        t += miss_m / rate(s, t, first);
        if (fabs(miss_m) < 1e-9)
            break;
    }
    return place_of(s, t);
}

int path_waypoint(const struct path *path, double way_m) {
    return way_m >= path->length_m ? path->stretch_count : cut_of(path, fmax(way_m, 0)) / PATH_CUTS;
}

double path_way_m(const struct path *path, int waypoint) {
    return path->way_m[waypoint * PATH_CUTS];
}

static double square_to(const struct path *path, double way_m, const double *place_m) {
    const struct path_place at = path_at(path, way_m);
    double square = 0;
    for (int k = 0; k < 3; k++)
        square += (at.place_m[k] - place_m[k]) * (at.place_m[k] - place_m[k]);
    return square;
}

static double square_at_cut(const struct path *path, int cut, const double *place_m) {
    const int i = cut == path->stretch_count * PATH_CUTS ? path->stretch_count - 1 : cut / PATH_CUTS;
    const struct path_stretch *s = &path->stretch[i];
    const double t = s->chord_m * (cut - i * PATH_CUTS) / PATH_CUTS;
    double square = 0;
    for (int k = 0; k < 3; k++) {
        const double off_m = s->a[k] + t * (s->b[k] + t * (s->c[k] + t * s->d[k])) - place_m[k];
        square += off_m * off_m;
    }
    return square;
}

/* The nearest cut, then thirds of the two beside it. */
double path_nearest_m(const struct path *path, const double place_m[3], double *off_m) {
    const int cuts = path->stretch_count * PATH_CUTS;
    int nearest = 0;
    double least = HUGE_VAL;
    for (int i = 0; i <= cuts; i++) {
        const double square = square_at_cut(path, i, place_m);
        nearest = square < least ? i : nearest;
        least = fmin(least, square);
    }
    double low = path->way_m[nearest > 0 ? nearest - 1 : 0], high = path->way_m[nearest < cuts ? nearest + 1 : cuts];
    while (high - low > 1e-4) {
        const double third = (high - low) / 3;
        if (square_to(path, low + third, place_m) < square_to(path, high - third, place_m))
            high -= third;
        else
            low += third;
    }
    *off_m = sqrt(square_to(path, (low + high) / 2, place_m));
    return (low + high) / 2;
}
