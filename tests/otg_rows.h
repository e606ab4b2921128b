/* Tables of motion problems: comma-separated, the first line names the columns (tests/vectors/README.md). */
#ifndef BELAY_TESTS_OTG_ROWS_H
#define BELAY_TESTS_OTG_ROWS_H

#include <stdbool.h>

#include "controller/motion/otg.h"

struct otg_rows {
    int count, columns;
    char **names;
    char **cells; /* count x columns */
    char *text;
};

/* Reads the whole table; false when it can't, with the reason on stderr: no such file, a row of another length. */
bool otg_rows_read(struct otg_rows *rows, const char *path);
void otg_rows_free(struct otg_rows *rows);

bool otg_rows_have(const struct otg_rows *rows, const char *column);
const char *otg_rows_text(const struct otg_rows *rows, int row, const char *column);

/* A column that is not there, or no number, is NAN. */
double otg_rows_number(const struct otg_rows *rows, int row, const char *column);

/* p0 v0 a0, p1 v1, vmin vmax amax jmax of a row; no position limits. */
struct otg_move otg_rows_move(const struct otg_rows *rows, int row);

/* How many rows from this one on have its id: the axes of one problem. */
int otg_rows_axes(const struct otg_rows *rows, int row);

#endif
