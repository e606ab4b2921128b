/* Reads the simulator's truth file: CSV with a header, columns found by name. */
#include "sim/cli/report.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS_MAX 80
#define ROWS_FIRST 65536

enum kind { NUMBER, FLAG, STAMP, ACT };

static const struct column {
    const char *name;
    enum kind kind;
    size_t offset;
} columns[] = {
    {"t_us", STAMP, offsetof(struct report_row, t_us)},
    {"act", ACT, offsetof(struct report_row, falling)},
    {"height_m", NUMBER, offsetof(struct report_row, height_m)},
    {"person_speed_m_s", NUMBER, offsetof(struct report_row, person_speed_m_s)},
    {"person_accel_m_s2", NUMBER, offsetof(struct report_row, person_accel_m_s2)},
    {"tension_n", NUMBER, offsetof(struct report_row, tension_n)},
    {"slack_m", NUMBER, offsetof(struct report_row, slack_m)},
    {"rope_out_m", NUMBER, offsetof(struct report_row, rope_out_m)},
    {"rope_speed_m_s", NUMBER, offsetof(struct report_row, rope_speed_m_s)},
    {"tilt_mm", NUMBER, offsetof(struct report_row, tilt_mm)},
    {"drive_enabled", FLAG, offsetof(struct report_row, drive_enabled)},
    {"brake_closed", FLAG, offsetof(struct report_row, brake_closed)},
    {"estop_pressed", FLAG, offsetof(struct report_row, estop_pressed)},
    {"on_ground", FLAG, offsetof(struct report_row, on_ground)},
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };

struct reader {
    int order[COLUMNS_MAX]; /* of each column of the file: index in columns, or -1 */
    int order_count;
    char *error;
    size_t error_size;
};

__attribute__((format(printf, 2, 3))) static int refuse(struct reader *reader, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reader->error, reader->error_size, format, arguments);
    va_end(arguments);
    return -EINVAL;
}

static int take_header(struct reader *reader, char *line) {
    bool seen[COLUMN_COUNT] = {false};
    char *rest = line;
    for (char *name; (name = strsep(&rest, ",\n")) != NULL && *name;) {
        if (reader->order_count == COLUMNS_MAX)
            return refuse(reader, "more than %d columns", COLUMNS_MAX);
        int found = -1;
        for (int i = 0; i < COLUMN_COUNT; i++)
            if (strcmp(columns[i].name, name) == 0)
                found = i;
        reader->order[reader->order_count++] = found;
        if (found >= 0)
            seen[found] = true;
    }
    for (int i = 0; i < COLUMN_COUNT; i++)
        if (!seen[i])
            return refuse(reader, "line 1: there is no column %s", columns[i].name);
    return 0;
}

static bool take_value(const struct column *column, const char *text, struct report_row *row) {
    char *end = NULL;
    char *member = (char *)row + column->offset;
    if (column->kind == ACT) {
        row->falling = strcmp(text, "fall") == 0;
        return true;
    }
    if (column->kind == STAMP) {
        row->t_us = strtoll(text, &end, 10);
    } else {
        double value = strtod(text, &end);
        bool flag = value != 0;
        if (column->kind == FLAG)
            memcpy(member, &flag, sizeof flag);
        else
            memcpy(member, &value, sizeof value);
    }
    return end != text && *end == '\0';
}

/* A line cut short is the mark of a simulator that was killed: the trace ends before it. */
static bool take_row(const struct reader *reader, char *line, struct report_row *row) {
    *row = (struct report_row){0};
    size_t length = strlen(line);
    if (length == 0 || line[length - 1] != '\n')
        return false;
    line[length - 1] = '\0';
    char *rest = line;
    for (int i = 0; i < reader->order_count; i++) {
        const char *text = strsep(&rest, ",");
        if (!text || (reader->order[i] >= 0 && !take_value(&columns[reader->order[i]], text, row)))
            return false;
    }
    return rest == NULL;
}

static int take_rows(struct reader *reader, FILE *file, struct report_trace *trace) {
    char *line = NULL;
    size_t line_size = 0, room = 0;
    int status = getline(&line, &line_size, file) > 0 ? take_header(reader, line) : refuse(reader, "the file is empty");
    while (status == 0 && getline(&line, &line_size, file) > 0) {
        if (trace->count == room) {
            room = room ? 2 * room : ROWS_FIRST;
            struct report_row *more = realloc(trace->row, room * sizeof *more);
            if (!more) {
                status = -ENOMEM;
                break;
            }
            trace->row = more;
        }
        struct report_row *row = &trace->row[trace->count];
        if (take_row(reader, line, row)) {
            if (trace->count > 0 && row->t_us < row[-1].t_us)
                status = refuse(reader, "line %zu: time runs backwards", trace->count + 2);
            trace->count++;
        } else if (!feof(file) && getc(file) != EOF) {
            status = refuse(reader, "line %zu: not a row of %d numbers", trace->count + 2, reader->order_count);
        }
    }
    free(line);
    return status;
}

int report_trace_load(const char *path, struct report_trace *trace, char *error, size_t error_size) {
    assert(path && trace && error && error_size > 0);
    struct reader reader = {.error = error, .error_size = error_size};
    *trace = (struct report_trace){0};
    FILE *file = fopen(path, "re");
    if (!file) {
        int reason = errno;
        snprintf(error, error_size, "%s", strerror(reason));
        return -reason;
    }
    int status = take_rows(&reader, file, trace);
    fclose(file);
    if (status != 0)
        report_trace_free(trace);
    if (status == -ENOMEM)
        snprintf(error, error_size, "%s", strerror(ENOMEM));
    return status;
}

void report_trace_free(struct report_trace *trace) {
    assert(trace);
    free(trace->row);
    free(trace->winch);
    *trace = (struct report_trace){0};
}
