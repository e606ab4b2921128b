/* The table of figures. Shared by the report*.c files only. */
#ifndef BELAY_SIM_CLI_REPORT_PARTS_H
#define BELAY_SIM_CLI_REPORT_PARTS_H

#include "sim/cli/report.h"

enum { FIGURE_COUNT = 33 };

struct report_figure {
    const char *name, *title, *unit;
    int digits;
    /* Sets value and measured, completes max and note where the limit belongs to the run; returns measured. */
    bool (*measure)(const struct report_in *in, struct report_line *line);
};

extern const struct report_figure report_figures[FIGURE_COUNT];

#endif
