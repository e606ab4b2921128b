/* Flies falls of everybody on every rope, and writes the report. Usage: falls-report FILE EVERY: one of so many. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/falls.h"

#define HANGING_S 60
#define CLIMBING_S 300
#define BROKEN_MAX 60

static const double masses_kg[] = {30, 45, 60, 80, 100, 150};
static const double stiffnesses_n_m[] = {500, 1000, 2000, 4000, 8000, 12000};
static const double told[] = {1, 0.75, 1.33, 0.8, 2};
static const int cycles_ms[] = {10, 2};
#define COUNT(array) (int)(sizeof(array) / sizeof(array)[0])
#define KINDS_MAX 32

/* The worst of many flights. */
struct worst {
    int flown, early, refused, hops_caught, broken;
    double seen_s, distance_share, peak_n, body_g, below_m, paid_m;
};

static struct worst by_rig[COUNT(masses_kg)][COUNT(stiffnesses_n_m)], by_kind[KINDS_MAX];
static char broken_lines[BROKEN_MAX][256];
static int broken_count;

static void add(struct worst *w, const struct falls_kind *kind, const struct falls_notes *n, bool broken) {
    w->flown++;
    w->early += n->early;
    w->broken += broken;
    if (n->early)
        return;
    if (kind->way == FALLS_HOPS) {
        w->hops_caught += n->caught;
        return;
    }
    w->seen_s = fmax(w->seen_s, n->seen_s);
    w->distance_share = fmax(w->distance_share, n->fall_m / n->allowed_m);
    w->peak_n = fmax(w->peak_n, n->peak_n);
    w->body_g = fmax(w->body_g, n->body_g);
    w->below_m = fmax(w->below_m, n->below_m);
    w->paid_m = fmax(w->paid_m, n->paid_m);
}

static void fly(const struct falls_rig *rig, int at_mass, int at_k, const struct falls_kind *kinds, int kind,
                int number) {
    struct falls_notes n;
    struct worst *w = &by_rig[at_mass][at_k];
    falls_fly(rig, &kinds[kind], (unsigned)(1 + number), HANGING_S, &n);
    if (n.refused[0] != '\0') {
        w->refused++;
        return;
    }
    const char *broken = falls_broken(rig, &kinds[kind], &n);
    add(w, &kinds[kind], &n, broken != NULL);
    add(&by_kind[kind], &kinds[kind], &n, broken != NULL);
    if (broken == NULL)
        return;
    if (broken_count < BROKEN_MAX)
        snprintf(broken_lines[broken_count], sizeof broken_lines[0],
                 "| %g | %g | %g | %d | %s | %d | %s | %.3f | %.2f of %.2f | %.0f | %.0f |", rig->mass_kg,
                 rig->k_n_m / 1000, rig->told, rig->cycle_ms, kinds[kind].name, 1 + number, broken, n.seen_s, n.fall_m,
                 n.allowed_m, n.below_m * 1000, n.paid_m * 1000);
    broken_count++;
}

static void fly_all(const struct falls_kind *kinds, int count, int every) {
    int number = 0;
    for (int m = 0; m < COUNT(masses_kg); m++)
        for (int k = 0; k < COUNT(stiffnesses_n_m); k++)
            for (int c = 0; c < COUNT(cycles_ms); c++)
                for (int t = 0; t < COUNT(told); t++)
                    for (int i = 0; i < count; i++, number++) {
                        const struct falls_rig rig = {masses_kg[m], stiffnesses_n_m[k], told[t], cycles_ms[c]};
                        if (number % every == 0)
                            fly(&rig, m, k, kinds, i, number);
                    }
}

static void print_worst(FILE *to, const struct worst *w) {
    fprintf(to, " %d | %d | %.2f | %.0f %% | %.2f | %.1f | %.0f | %.0f | %d |\n", w->flown, w->early, w->seen_s,
            100 * w->distance_share, w->peak_n / 1000, w->body_g, w->below_m * 1000, w->paid_m * 1000, w->broken);
}

static void print_climbs(FILE *to) {
    fputs("\n## Climbing without a fall\n\n| person kg | k kN/m | told | cycle ms | minutes | in the band % | most N | "
          "false catch |\n|---|---|---|---|---|---|---|---|\n",
          to);
    for (int m = 0; m < COUNT(masses_kg); m++)
        for (int k = 0; k < COUNT(stiffnesses_n_m); k++)
            for (int c = 0; c < COUNT(cycles_ms); c++)
                for (int t = 0; t < 3; t++) {
                    const struct falls_rig rig = {masses_kg[m], stiffnesses_n_m[k], told[t], cycles_ms[c]};
                    struct falls_notes n;
                    if (!falls_promised(&rig))
                        continue;
                    falls_climb(&rig, 1, CLIMBING_S, &n);
                    fprintf(to, "| %g | %g | %g | %d | %d | %.2f | %.0f | %s |\n", rig.mass_kg, rig.k_n_m / 1000,
                            rig.told, rig.cycle_ms, CLIMBING_S / 60, 100 * n.band_share, n.most_n,
                            n.early ? "yes" : "no");
                }
}

#define WORST_HEAD "flown | caught before | seen s | distance | peak kN | g | below mm | paid out mm | lines broken |\n"

static void print(FILE *to, const struct falls_kind *kinds, int count, int every) {
    fprintf(
        to,
        "# Falls of everybody on every rope\n\nPrinted by `ninja -C build falls` (`tests/scenario/falls_report.c`), "
        "one of %d of its falls. Free-climb's rig and world in virtual time, the newtons of\nthe rig in proportion "
        "to the registered person's weight, k told right, -25, +33, -20 and +100 %%, cycles of 10 and 2 ms; after each "
        "fall the person hangs for %d s.\n\n*caught before*: on a rope stiffer than the law promises to follow, the "
        "line was caught by the climb itself; nothing else is counted of such a flight. *distance*: share of 0.6 m + "
        "slack +\n2 m g/k, + 0.7 m where the torque went before the brakes held. A slump's way counts from 1 m/s, or "
        "from the weight on the line: before that nothing tells it from climbing down.\n\n"
        "## By person and rope, all kinds of falls\n\n| person kg | k kN/m | refused | " WORST_HEAD
        "|---|---|---|---|---|---|---|---|---|---|---|---|\n",
        every, HANGING_S);
    for (int m = 0; m < COUNT(masses_kg); m++)
        for (int k = 0; k < COUNT(stiffnesses_n_m); k++) {
            fprintf(to, "| %g | %g | %d |", masses_kg[m], stiffnesses_n_m[k] / 1000, by_rig[m][k].refused);
            print_worst(to, &by_rig[m][k]);
        }
    fputs("\n## By kind of fall\n\n| kind | hops caught | " WORST_HEAD
          "|---|---|---|---|---|---|---|---|---|---|---|\n",
          to);
    for (int i = 0; i < count; i++) {
        fprintf(to, "| %s | %d |", kinds[i].name, by_kind[i].hops_caught);
        print_worst(to, &by_kind[i]);
    }
    fprintf(to, "\n## Lines that were broken: %d flights\n\n", broken_count);
    fputs("| person kg | k kN/m | told | cycle ms | kind | seed | line | seen s | m | below mm | paid out mm |\n"
          "|---|---|---|---|---|---|---|---|---|---|---|\n",
          to);
    for (int i = 0; i < broken_count && i < BROKEN_MAX; i++)
        fprintf(to, "%s\n", broken_lines[i]);
    print_climbs(to);
}

int main(int argc, char **argv) {
    int count;
    const struct falls_kind *kinds = falls_kinds(&count);
    const int every = argc == 3 ? atoi(argv[2]) : 0;
    if (every < 1 || count > KINDS_MAX) {
        fputs("usage: falls-report FILE EVERY\n", stderr);
        return 2;
    }
    FILE *to = fopen(argv[1], "w");
    if (to == NULL) {
        perror(argv[1]);
        return 1;
    }
    fly_all(kinds, count, every);
    print(to, kinds, count, every);
    return fclose(to) == 0 ? 0 : 1;
}
