/* The tables of figures and quantities, and the rows of a window. Shared by the report*.c files only. */
#ifndef BELAY_SIM_CLI_REPORT_PARTS_H
#define BELAY_SIM_CLI_REPORT_PARTS_H

#include "sim/cli/report.h"

enum { FIGURE_COUNT = 51 };

/* Keys of a limit in expect.yaml. */
enum {
    LIMIT_WINDOW = 1, LIMIT_OF = 2, LIMIT_WINCH = 4, LIMIT_LESS = 8, LIMIT_FROM = 16, LIMIT_TO = 32, LIMIT_OVER = 64,
    LIMIT_FAULT = 128
};

struct report_figure {
    const char *name, *title, *unit; /* unit NULL: that of the quantity */
    int digits;
    /* Sets value and measured, completes max and note where the limit belongs to the run; returns measured. */
    bool (*measure)(const struct report_in *in, struct report_line *line);
    const char *window; /* its own, NULL = the whole run, or the one that the limit names */
    bool real_time;     /* of the real clock only */
    unsigned needs, may;
};

extern const struct report_figure report_figures[FIGURE_COUNT];

/* What is measured at an instant: of the load, or of a winch. */
struct report_quantity {
    const char *name, *title, *unit;
    int digits;
    bool of_winch;
    bool relative; /* of two winches only: their difference in percent of their mean */
    double (*load)(const struct report_row *row);
    double (*winch)(const struct report_winch *winch);
    bool virtual_only; /* the truth file does not have it */
};

extern const struct report_quantity report_quantities[];
const char *const *report_quantity_names(void);

/* ---- rows of a window ---- */

struct rows {
    const struct report_row *row;
    const struct report_winch *winch; /* of the first row; NULL when the trace has none */
    size_t count;
    int64_t from_us, to_us; /* of the span */
};

/* The next span of `window` from `*index` on, with its rows; false when there is none. */
bool report_next_span(const struct report_in *in, const char *window, int *index, struct rows *rows);

#define STANDS_M_S 0.02          /* slower than this a drum stands */
#define STANDS_ROWS 200          /* and it must keep so for this long */

/* ---- figures over a window that the limit names (report_windows.c) ---- */

bool window_least(const struct report_in *in, struct report_line *line);
bool window_most(const struct report_in *in, struct report_line *line);
bool window_largest(const struct report_in *in, struct report_line *line);
bool window_mean(const struct report_in *in, struct report_line *line);
bool window_mean_least(const struct report_in *in, struct report_line *line);
bool window_mean_most(const struct report_in *in, struct report_line *line);
bool window_share(const struct report_in *in, struct report_line *line);
bool window_travel(const struct report_in *in, struct report_line *line);
bool window_stray(const struct report_in *in, struct report_line *line);
bool window_drop(const struct report_in *in, struct report_line *line);
bool window_spread(const struct report_in *in, struct report_line *line);
bool window_times(const struct report_in *in, struct report_line *line);
bool window_time(const struct report_in *in, struct report_line *line);
bool window_stand(const struct report_in *in, struct report_line *line);
bool window_energised(const struct report_in *in, struct report_line *line);
bool window_trips(const struct report_in *in, struct report_line *line);
bool window_trip_ms(const struct report_in *in, struct report_line *line);

#endif
