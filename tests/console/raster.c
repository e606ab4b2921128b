/* The plot's rasteriser, pixel by pixel. */
#include "console/widgets/belay-plot-raster.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define WIDTH 40
#define HEIGHT 21
#define GUARD 8 /* pixels before, after and beside the image that must stay as they were */
#define STRIDE (WIDTH + GUARD)
#define INK 0xffffffffu
#define NOBODY 0xdeadbeefu

static uint32_t memory[GUARD + STRIDE * HEIGHT + GUARD];
static struct belay_raster image;
static const struct belay_raster_scale scale = {.left_us = 0, .right_us = 39000, .bottom = 0, .top = 20};

static void blank(void) {
    for (size_t i = 0; i < sizeof memory / sizeof memory[0]; i++) {
        memory[i] = NOBODY;
    }
    image = (struct belay_raster){.pixels = memory + GUARD, .width = WIDTH, .height = HEIGHT, .stride_px = STRIDE};
    belay_raster_clear(&image, 0);
}

static void check_guards(void) {
    for (int i = 0; i < GUARD; i++) {
        cr_assert_eq(memory[i], NOBODY);
        for (int row = 0; row < HEIGHT; row++) {
            cr_assert_eq(image.pixels[row * STRIDE + WIDTH + i], NOBODY, "row %d", row);
        }
    }
}

TestSuite(raster, .init = blank, .fini = check_guards);

static uint32_t at(int x, int y) {
    return image.pixels[y * STRIDE + x];
}

static int inked(void) {
    int count = 0;
    for (int y = 0; y < HEIGHT; y++) {
        for (int x = 0; x < WIDTH; x++) {
            count += at(x, y) == INK;
        }
    }
    return count;
}

static void draw(const double *values, int count, int64_t step_us, int thickness) {
    struct belay_trace trace;
    belay_trace_begin(&trace, &image, &scale, INK, thickness);
    for (int i = 0; i < count; i++) {
        belay_trace_add(&trace, i * step_us, values[i]);
    }
    belay_trace_end(&trace);
}

Test(raster, a_level_line_is_one_row) {
    const double values[] = {10, 10};
    draw(values, 2, 39000, 1);
    for (int x = 0; x < WIDTH; x++) {
        cr_expect_eq(at(x, 10), INK, "column %d", x);
    }
    cr_assert_eq(inked(), WIDTH);
}

Test(raster, thickness_adds_rows) {
    const double values[] = {10, 10};
    draw(values, 2, 39000, 2);
    cr_assert_eq(inked(), 2 * WIDTH);
    cr_assert_eq(at(5, 11), INK);
}

Test(raster, a_ramp_has_no_holes) {
    const double values[] = {0, 20};
    draw(values, 2, 39000, 1);
    cr_assert_eq(at(0, 20), INK);
    cr_assert_eq(at(39, 0), INK);
    for (int x = 0; x < WIDTH; x++) {
        int column = 0;
        for (int y = 0; y < HEIGHT; y++) {
            column += at(x, y) == INK;
        }
        cr_assert_gt(column, 0, "column %d is empty", x);
    }
}

Test(raster, many_samples_in_one_column_show_their_extremes) {
    double values[400];
    for (int i = 0; i < 400; i++) {
        values[i] = i % 2 == 0 ? 2 : 18; /* 10 samples a column: both extremes in each */
    }
    draw(values, 400, 97, 1);
    for (int x = 1; x < WIDTH - 2; x++) {
        cr_assert_eq(at(x, 2), INK, "peak lost in column %d", x);
        cr_assert_eq(at(x, 18), INK, "dip lost in column %d", x);
    }
}

Test(raster, a_missing_value_is_a_gap) {
    const double values[] = {10, 10, (double)NAN, 10, 10};
    draw(values, 5, 9750, 1);
    cr_assert_eq(at(9, 10), INK);
    for (int x = 11; x <= 28; x++) {
        cr_assert_eq(at(x, 10), 0, "column %d is drawn", x);
    }
    cr_assert_eq(at(30, 10), INK);
}

Test(raster, values_and_times_outside_stay_outside) {
    struct belay_trace trace;
    belay_trace_begin(&trace, &image, &scale, INK, 3);
    belay_trace_add(&trace, -1000000000, 1e9);
    belay_trace_add(&trace, 10000, -1e9);
    belay_trace_add(&trace, 20000, 1e300);
    belay_trace_add(&trace, 9000000000, 10);
    belay_trace_end(&trace);
    cr_assert_gt(inked(), 0);
}

Test(raster, random_traces_never_leave_the_image) {
    unsigned seed = 7;
    for (int round = 0; round < 500; round++) {
        struct belay_trace trace;
        belay_trace_begin(&trace, &image, &scale, INK, 1 + round % 4);
        int64_t t_us = -20000;
        for (int i = 0; i < 50; i++) {
            seed = seed * 1664525u + 1013904223u;
            t_us += (int64_t)(seed >> 16) % 3000;
            const double value = (double)(seed >> 8) / 16777216.0 * 100 - 40;
            belay_trace_add(&trace, t_us, seed % 17 == 0 ? (double)NAN : value);
        }
        belay_trace_end(&trace);
        check_guards();
    }
    cr_assert_gt(inked(), 100);
}

Test(raster, steps_are_1_2_5) {
    static const struct {
        double span;
        int lines;
        double step;
    } cases[] = {{100, 10, 10}, {100, 6, 20}, {30, 6, 5}, {0.7, 4, 0.2}, {1, 1, 1}, {301, 1, 500}, {1001, 1, 2000}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        cr_expect_float_eq(belay_raster_step(cases[i].span, cases[i].lines), cases[i].step, 1e-9, "case %zu", i);
    }
}
