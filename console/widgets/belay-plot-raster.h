/* Draws traces into a 32-bit image, one vertical run of pixels per column (min to max of what falls into it). No GTK,
 * no cairo, no anti-aliasing: stroking the same traces costs six times as much without a GPU.
 *
 * Pixels are 0xAARRGGBB, premultiplied, as in a CAIRO_FORMAT_ARGB32 surface. Nothing is ever written outside the image.
 */
#ifndef BELAY_CONSOLE_WIDGETS_BELAY_PLOT_RASTER_H
#define BELAY_CONSOLE_WIDGETS_BELAY_PLOT_RASTER_H

#include <stdbool.h>
#include <stdint.h>

struct belay_raster {
    uint32_t *pixels; /* caller's */
    int width, height;
    int stride_px; /* pixels from one row to the next */
};

/* Where times and values lie in the image: the left and right edges and the values at the bottom and top rows. */
struct belay_raster_scale {
    int64_t left_us, right_us;
    double bottom, top;
};

/* One trace being drawn: points are added in the order of time. */
struct belay_trace {
    const struct belay_raster *raster;
    struct belay_raster_scale scale;
    uint32_t colour;
    int thickness_px;
    bool open;           /* the last point had a value */
    int column;          /* being collected */
    double low, high;    /* rows of that column, low = top of the image */
    double last_x, last_row;
};

/* Fills the image. */
void belay_raster_clear(const struct belay_raster *raster, uint32_t colour);
/* Fills a rectangle, clipped. */
void belay_raster_fill(const struct belay_raster *raster, int x, int y, int width, int height, uint32_t colour);

/* Row of a value, unclipped: 0 is the top row. The scale's top and bottom must differ. */
double belay_raster_row(const struct belay_raster *raster, const struct belay_raster_scale *scale, double value);
/* Column of a time, unclipped. The scale's times must differ. */
double belay_raster_column(const struct belay_raster *raster, const struct belay_raster_scale *scale, int64_t t_us);

/* Starts a trace; `thickness_px` is at least 1. */
void belay_trace_begin(struct belay_trace *trace, const struct belay_raster *raster,
                       const struct belay_raster_scale *scale, uint32_t colour, int thickness_px);
/* Adds a point; a value that is not finite breaks the line. Times must not fall back. */
void belay_trace_add(struct belay_trace *trace, int64_t t_us, double value);
/* Draws what is still collected. */
void belay_trace_end(struct belay_trace *trace);

/* A step of 1, 2 or 5 times a power of ten that divides `span` into at most `lines_max` parts. `span` > 0. */
double belay_raster_step(double span, int lines_max);

#endif
