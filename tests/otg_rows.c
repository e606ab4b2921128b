/* Tables of motion problems: one text, cut into cells in place. */
#include "tests/otg_rows.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The whole file with a 0 behind it, or NULL. To be freed. */
static char *whole(const char *path) {
    FILE *const file = fopen(path, "r");
    if (!file) {
        perror(path);
        return NULL;
    }
    char *text = NULL;
    size_t size = 0;
    const ssize_t length = getdelim(&text, &size, '\0', file);
    fclose(file);
    if (length > 0)
        return text;
    free(text);
    fprintf(stderr, "%s: empty\n", path);
    return NULL;
}

static int count_of(const char *text, char what) {
    int count = 0;
    for (; *text; text++)
        count += *text == what;
    return count;
}

/* Cuts one line into its cells; their number. */
static int cut(char *line, char **cells, int most) {
    int count = 0;
    for (char *cell = line; cell; count++) {
        char *const comma = strchr(cell, ',');
        if (count < most)
            cells[count] = cell;
        if (comma)
            *comma = '\0';
        cell = comma ? comma + 1 : NULL;
    }
    return count;
}

bool otg_rows_read(struct otg_rows *rows, const char *path) {
    *rows = (struct otg_rows){.text = whole(path)};
    if (!rows->text)
        return false;
    const int lines = count_of(rows->text, '\n') + 1;
    char *rest = rows->text, *line = strsep(&rest, "\n");
    rows->columns = count_of(line, ',') + 1;
    const size_t columns = (size_t)rows->columns;
    rows->names = calloc(columns, sizeof *rows->names);
    rows->cells = calloc((size_t)lines * columns, sizeof *rows->cells);
    if (!rows->names || !rows->cells)
        abort();
    line[strcspn(line, "\r")] = '\0';
    cut(line, rows->names, rows->columns);
    while ((line = strsep(&rest, "\n"))) {
        line[strcspn(line, "\r")] = '\0';
        if (*line == '\0')
            continue;
        const int cells = cut(line, rows->cells + (size_t)rows->count * columns, rows->columns);
        if (cells != rows->columns) {
            fprintf(stderr, "%s: row %d has %d cells, the head names %d\n", path, rows->count + 1, cells,
                    rows->columns);
            otg_rows_free(rows);
            return false;
        }
        rows->count++;
    }
    return true;
}

void otg_rows_free(struct otg_rows *rows) {
    free(rows->names);
    free(rows->cells);
    free(rows->text);
    *rows = (struct otg_rows){0};
}

static int column_of(const struct otg_rows *rows, const char *column) {
    for (int i = 0; i < rows->columns; i++)
        if (strcmp(rows->names[i], column) == 0)
            return i;
    return -1;
}

bool otg_rows_have(const struct otg_rows *rows, const char *column) {
    return column_of(rows, column) >= 0;
}

const char *otg_rows_text(const struct otg_rows *rows, int row, const char *column) {
    const int i = column_of(rows, column);
    return i < 0 ? "" : rows->cells[row * rows->columns + i];
}

double otg_rows_number(const struct otg_rows *rows, int row, const char *column) {
    const char *const text = otg_rows_text(rows, row, column);
    char *end;
    const double number = strtod(text, &end);
    return *text == '\0' || *end != '\0' ? (double)NAN : number;
}

struct otg_move otg_rows_move(const struct otg_rows *rows, int row) {
    return (struct otg_move){
        .start = {otg_rows_number(rows, row, "p0"), otg_rows_number(rows, row, "v0"),
                  otg_rows_number(rows, row, "a0")},
        .goal = {otg_rows_number(rows, row, "p1"), otg_rows_number(rows, row, "v1")},
        .limits = {.speed_min_m_s = otg_rows_number(rows, row, "vmin"),
                   .speed_max_m_s = otg_rows_number(rows, row, "vmax"),
                   .acceleration_max_m_s2 = otg_rows_number(rows, row, "amax"),
                   .jerk_max_m_s3 = otg_rows_number(rows, row, "jmax"),
                   .position_min_m = -HUGE_VAL,
                   .position_max_m = HUGE_VAL},
    };
}

int otg_rows_axes(const struct otg_rows *rows, int row) {
    const char *const id = otg_rows_text(rows, row, "id");
    int count = 1;
    while (row + count < rows->count && strcmp(otg_rows_text(rows, row + count, "id"), id) == 0)
        count++;
    return count;
}
