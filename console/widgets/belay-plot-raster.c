/* Min-max column rasteriser. */
#include "console/widgets/belay-plot-raster.h"

#include <assert.h>
#include <math.h>

void belay_raster_fill(const struct belay_raster *raster, int x, int y, int width, int height, uint32_t colour) {
    assert(raster->stride_px >= raster->width);
    const int left = x < 0 ? 0 : x, top = y < 0 ? 0 : y;
    const int right = x + width > raster->width ? raster->width : x + width;
    const int bottom = y + height > raster->height ? raster->height : y + height;
    for (int row = top; row < bottom; row++) {
        uint32_t *line = raster->pixels + (int64_t)row * raster->stride_px;
        for (int column = left; column < right; column++) {
            line[column] = colour;
        }
    }
}

void belay_raster_clear(const struct belay_raster *raster, uint32_t colour) {
    belay_raster_fill(raster, 0, 0, raster->width, raster->height, colour);
}

double belay_raster_row(const struct belay_raster *raster, const struct belay_raster_scale *scale, double value) {
    return (scale->top - value) / (scale->top - scale->bottom) * (raster->height - 1);
}

double belay_raster_column(const struct belay_raster *raster, const struct belay_raster_scale *scale, int64_t t_us) {
    return (double)(t_us - scale->left_us) / (double)(scale->right_us - scale->left_us) * (raster->width - 1);
}

static double clip(double value, double low, double high) {
    return value < low ? low : value > high ? high : value;
}

static void flush_column(struct belay_trace *trace) {
    if (trace->low > trace->high) {
        return; /* nothing collected */
    }
    const int top = (int)lround(trace->low), bottom = (int)lround(trace->high), size = trace->thickness_px;
    belay_raster_fill(trace->raster, trace->column, top - (size - 1) / 2, size, bottom - top + size, trace->colour);
    trace->low = (double)INFINITY;
    trace->high = -(double)INFINITY;
}

/* Takes the rows `from`..`to` into `column`, drawing the column before it. */
static void collect(struct belay_trace *trace, int column, double from, double to) {
    if (column != trace->column) {
        flush_column(trace);
        trace->column = column;
    }
    trace->low = fmin(trace->low, fmin(from, to));
    trace->high = fmax(trace->high, fmax(from, to));
}

void belay_trace_begin(struct belay_trace *trace, const struct belay_raster *raster,
                       const struct belay_raster_scale *scale, uint32_t colour, int thickness_px) {
    assert(thickness_px >= 1);
    assert(scale->right_us > scale->left_us);
    assert(scale->top > scale->bottom);
    *trace = (struct belay_trace){.raster = raster, .scale = *scale, .colour = colour, .thickness_px = thickness_px,
                                  .column = -1, .low = (double)INFINITY, .high = -(double)INFINITY};
}

void belay_trace_add(struct belay_trace *trace, int64_t t_us, double value) {
    if (!isfinite(value)) {
        flush_column(trace);
        trace->open = false;
        return;
    }
    const double edge = trace->raster->width, height = trace->raster->height;
    /* Times far outside are clipped too, so that a line entering from the left costs no more than the width. */
    const double x = clip(belay_raster_column(trace->raster, &trace->scale, t_us), -1, edge);
    const double row = clip(belay_raster_row(trace->raster, &trace->scale, value), -1 - trace->thickness_px,
                            height + trace->thickness_px);
    if (!trace->open) {
        collect(trace, (int)floor(x), row, row);
    } else {
        const int first = (int)floor(trace->last_x), last = (int)floor(x);
        const double slope = x > trace->last_x ? (row - trace->last_row) / (x - trace->last_x) : 0;
        assert(last >= first);
        for (int column = first; column <= last; column++) {
            const double from = column == first ? trace->last_row : trace->last_row + slope * (column - trace->last_x);
            const double to = column == last ? row : trace->last_row + slope * (column + 1 - trace->last_x);
            collect(trace, column, from, to);
        }
    }
    trace->open = true;
    trace->last_x = x;
    trace->last_row = row;
}

void belay_trace_end(struct belay_trace *trace) {
    flush_column(trace);
    trace->open = false;
}

double belay_raster_step(double span, int lines_max) {
    assert(span > 0 && lines_max >= 1);
    const double rough = span / lines_max, power = pow(10.0, floor(log10(rough)));
    const double parts[] = {1, 2, 5};
    for (int i = 0; i < 3; i++) {
        if (power * parts[i] >= rough * (1 - 1e-9)) {
            return power * parts[i];
        }
    }
    return power * 10;
}
