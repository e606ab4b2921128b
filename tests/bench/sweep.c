/* The map of the belaying law: lag sum by stiffness, and how wrong that is told. `belay-sweep --map CYCLE_MS` prints
 * a row of comma-separated values a cell: random climbing in time, and the margins of the loop; `--margins
 * CYCLE_MS` the margins over how wrong the stiffness is told; `--again` the rows that property-belay_sweep flies again;
 * `--curve TOLD` the loop of a 10 ms cycle over frequency. Report and pictures: tests/scripts. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/belay_climb.h"

#define CLIMB_S 200.0
#define SEEDS 2
#define AGAIN_S 60.0
#define STIFFNESSES 11 /* 0.5 to 12 kN/m, evenly by ratio */
#define OUTER_N 115.0 /* as under a climber who goes down; far from the limits of speed */
#define COUNT(table) (sizeof(table) / sizeof(table)[0])

static const double told[] = {0.8, 1, 2};

/* What the cycle leaves of the lag sum is a third the cell's and two thirds the drive's. */
static struct belay_loop loop_of(double cycle_s, int sum_ms) {
    const double rest_s = sum_ms / 1000.0 - 2.5 * cycle_s;
    return (struct belay_loop){.cycle_s = cycle_s, .drive_lag_s = rest_s * 2 / 3, .cell_lag_s = rest_s / 3,
                               .dead_cycles = 2, .told = 1, .tension_n = 90};
}

static void cell(struct belay_loop loop) {
    struct belay_climb seen = BELAY_CLIMB_NOTHING;
    struct belay_margins middle, outer;
    for (int seed = 1; seed <= SEEDS; seed++)
        belay_climb_fly(&loop, (uint64_t)seed, CLIMB_S, &seen);
    belay_loop_measure(&loop, &middle, NULL);
    loop.tension_n = OUTER_N;
    belay_loop_measure(&loop, &outer, NULL);
    printf("%g,%.0f,%.1f,%g,%.4f,%.2f,%.2f,%.4f,%d,%.4f,%.3f,%.4f,%.3f\n", loop.cycle_s * 1000,
           belay_loop_lag_sum_s(&loop) * 1000, loop.stiffness_n_m, loop.told, belay_climb_band_percent(&seen),
           seen.tension_min_n, seen.tension_max_n, seen.slack_max_m, seen.catches, middle.setpoint.gain,
           middle.setpoint.phase_deg, outer.setpoint.gain, outer.setpoint.phase_deg);
    fflush(stdout);
}

static void map(double cycle_s) {
    puts("cycle_ms,lag_ms,n_m,told,band_percent,min_n,max_n,slack_m,catches,gain,phase_deg,outer_gain,outer_phase_deg");
    for (int sum_ms = cycle_s < 0.01 ? 35 : 55; sum_ms <= 145; sum_ms += 10)
        for (int k = 0; k < STIFFNESSES; k++)
            for (size_t e = 0; e < COUNT(told); e++) {
                struct belay_loop loop = loop_of(cycle_s, sum_ms);
                loop.stiffness_n_m = 500 * pow(24, k / (STIFFNESSES - 1.0));
                loop.told = told[e];
                cell(loop);
            }
}

static void margins(double cycle_s) {
    static const int sums_ms[] = {35, 65, 85, 145};
    puts("cycle_ms,lag_ms,told,gain,phase_deg,outer_gain,outer_phase_deg");
    for (size_t i = cycle_s < 0.01 ? 0 : 1; i < COUNT(sums_ms); i++)
        for (int e = 0; e <= 60; e++) {
            struct belay_loop loop = loop_of(cycle_s, sums_ms[i]);
            struct belay_margins middle, outer;
            loop.stiffness_n_m = 1000;
            loop.told = 0.5 * pow(8, e / 60.0);
            belay_loop_measure(&loop, &middle, NULL);
            loop.tension_n = OUTER_N;
            belay_loop_measure(&loop, &outer, NULL);
            printf("%g,%d,%.4f,%.4f,%.3f,%.4f,%.3f\n", cycle_s * 1000, sums_ms[i], loop.told, middle.setpoint.gain,
                   middle.setpoint.phase_deg, outer.setpoint.gain, outer.setpoint.phase_deg);
        }
}

/* Those that the test flies again. */
static void again(void) {
    static const double lags_ms[][3] = {{2, 20, 10}, {2, 40, 20}, {10, 40, 20}, {20, 40, 20}, {10, 80, 40}};
    static const double stiffness_n_m[] = {1000, 4000};
    for (size_t i = 0; i < COUNT(lags_ms); i++)
        for (size_t k = 0; k < COUNT(stiffness_n_m); k++)
            for (size_t e = 0; e < COUNT(told); e++) {
                const double *ms = lags_ms[i];
                const struct belay_loop loop = {ms[0] / 1000, ms[1] / 1000, ms[2] / 1000, 2, stiffness_n_m[k], told[e],
                                                0, 90, false};
                char row[256];
                belay_climb_row(&loop, AGAIN_S, row, sizeof row);
                printf("| again | %g | %g | %g | %g | %g | %g | %s\n", ms[0], ms[1], ms[2], stiffness_n_m[k], told[e],
                       AGAIN_S, row);
            }
}

/* rad/s, then the whole loop and the one behind the cell, real and imaginary. */
static void curve(double stiffness_told) {
    const struct belay_loop loop = {0.010, 0.040, 0.020, 2, 1000, stiffness_told, 0, 90, false};
    struct belay_margins margins;
    puts("rad_s,re,im,cell_re,cell_im");
    belay_loop_measure(&loop, &margins, stdout);
}

int main(int argc, char **argv) {
    const double cycle_s = argc == 3 ? strtod(argv[2], NULL) / 1000 : 0;
    if (argc == 3 && strcmp(argv[1], "--map") == 0 && cycle_s >= 0.001)
        map(cycle_s);
    else if (argc == 3 && strcmp(argv[1], "--margins") == 0 && cycle_s >= 0.001)
        margins(cycle_s);
    else if (argc == 2 && strcmp(argv[1], "--again") == 0)
        again();
    else if (argc == 3 && strcmp(argv[1], "--curve") == 0 && strtod(argv[2], NULL) > 0)
        curve(strtod(argv[2], NULL));
    else
        return fprintf(stderr, "usage: belay-sweep --map CYCLE_MS | --margins CYCLE_MS | --again | --curve TOLD\n"), 2;
    return 0;
}
