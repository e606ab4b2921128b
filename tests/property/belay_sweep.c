/* docs/reports/sweep.md is what today's law does: the cells of its last table are flown again, figure for figure. And
 * the flight itself: what it must show whatever the law. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "tests/belay_climb.h"

#define REPORT BELAY_SOURCE_DIR "/docs/reports/sweep.md"
#define CELLS_MIN 12

Test(belay_sweep, the_reports_cells_fly_as_it_says, .timeout = 100) {
    char line[512], now[256];
    int cells = 0;
    FILE *report = fopen(REPORT, "r");
    cr_assert(report != NULL, "%s is missing: ninja -C build sweep", REPORT);
    while (fgets(line, sizeof line, report)) {
        double cycle_ms, drive_ms, cell_ms, stiffness_n_m, told, duration_s;
        int at = 0;
        if (sscanf(line, "| again | %lf | %lf | %lf | %lf | %lf | %lf | %n", &cycle_ms, &drive_ms, &cell_ms,
                   &stiffness_n_m, &told, &duration_s, &at) != 6 || at == 0)
            continue;
        const struct belay_loop loop = {.cycle_s = cycle_ms / 1000, .drive_lag_s = drive_ms / 1000,
                                        .cell_lag_s = cell_ms / 1000, .dead_cycles = 2,
                                        .stiffness_n_m = stiffness_n_m, .told = told, .tension_n = 90};
        belay_climb_row(&loop, duration_s, now, sizeof now);
        line[strcspn(line, "\n")] = '\0';
        cr_expect_str_eq(line + at, now, "the law changed: ninja -C build sweep, and read it.\n was %s\n now %s", line,
                         now);
        cells++;
    }
    fclose(report);
    cr_expect_geq(cells, CELLS_MIN);
}

static struct belay_climb climb(double stiffness_n_m, double told, uint64_t seed) {
    const struct belay_loop loop = {0.010, 0.040, 0.020, 2, stiffness_n_m, told, 0, 90, false};
    struct belay_climb seen = BELAY_CLIMB_NOTHING;
    belay_climb_fly(&loop, seed, 20, &seen);
    return seen;
}

/* Of a stretch error as long, the tension's is as many times larger as the rope is stiffer. */
Test(belay_sweep, a_stiffer_rope_leaves_the_band) {
    struct belay_climb soft = climb(500, 1, 1), stiff = climb(12000, 1, 1);
    cr_expect_eq(soft.steps, lround(20 / BELAY_CLIMB_STEP_S));
    cr_expect_gt(belay_climb_band_percent(&soft), 99.5);
    cr_expect_lt(belay_climb_band_percent(&stiff), 95.0);
    cr_expect_gt(stiff.tension_max_n, soft.tension_max_n);
    cr_expect_eq(stiff.tension_min_n, 0);
}

Test(belay_sweep, a_seed_is_a_climb) {
    struct belay_climb one = climb(1000, 1, 1), same = climb(1000, 1, 1), other = climb(1000, 1, 2);
    cr_expect_eq(one.tension_max_n, same.tension_max_n);
    cr_expect_neq(one.tension_max_n, other.tension_max_n);
}
