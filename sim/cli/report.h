/* The report of a rehearsal: figures measured on the simulator's truth, each against the limit that the scenario
 * states.
 *
 * What happened is judged by the truth trace (one row a millisecond, as an instrument bolted to the real
 * world would show), not by what belayd says of itself; only what nobody else can know (when it latched, its
 * overruns) comes from telemetry as struct report_facts. Pure: no clock, no process, and files only in
 * report_trace_load() and report_expect_load(). */
#ifndef BELAY_SIM_CLI_REPORT_H
#define BELAY_SIM_CLI_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "controller/base/yaml.h"

#define REPORT_LIMITS_MAX 128
#define REPORT_SPANS_MAX 512
#define REPORT_NOTE_MAX 96
#define REPORT_TITLE_MAX 96
#define REPORT_NAME_MAX 32
#define REPORT_WINCHES_MAX 8
#define REPORT_TRIPS_MAX 512

/* One row of the truth trace. Upward positive for the person, pay-out positive for the rope. */
struct report_row {
    int64_t t_us; /* CLOCK_MONOTONIC */
    double height_m, person_speed_m_s, person_accel_m_s2;
    double tension_n, slack_m, rope_out_m, rope_speed_m_s;
    bool falling; /* the act is "fall" */
    double tilt_mm, x_m, y_m;
    bool drive_enabled, brake_closed, estop_pressed, on_ground;
};

/* The same instant at one winch. */
struct report_winch {
    double rope_out_m;
    float tension_n, slack_m, rope_speed_m_s, torque;
    bool drive_enabled, brake_closed;
};

struct report_trace {
    struct report_row *row;
    size_t count;
    int winch_count;            /* 0: the rows know the first winch only */
    struct report_winch *winch; /* winch_count for each row */
    char winch_name[REPORT_WINCHES_MAX][REPORT_NAME_MAX];
};

/* What a stretch of time was for, by a name that the script gives; figures are taken over all spans of their window.
 * Some figures have a window of their own: */
#define REPORT_WINDOW_MAX 24
#define WINDOW_CLIMB "climb"       /* the winch follows the climber */
#define WINDOW_ESTOP "estop"       /* one E-stop, pressed within the span, until everything stands */
#define WINDOW_FALL "fall"         /* one fall, let go within the span, and the hanging after it */
#define WINDOW_LOWERING "lowering" /* the operator lowers */
#define WINDOW_KILL "kill"         /* one program killed or stopped within the span, until everything stands */
#define WINDOW_REST "rest"         /* nothing may move */

struct report_span {
    char window[REPORT_WINDOW_MAX];
    int64_t from_us, to_us;
};

/* What only the programs themselves can tell. A time of 0 or a count below 0 = it did not happen. */
struct report_facts {
    int64_t fall_latched_us;    /* cycle in which belayd latched the fall */
    int64_t estop_latched_us;   /* cycle in which belayd latched the E-stop */
    int estop_reaction_cycles;  /* from the image with the open chain to the stop word */
    int64_t overruns;           /* late cycles; -1 = never heard */
    int64_t late_us_max;        /* worst start of a cycle */
    int64_t telemetry_us_max;   /* oldest telemetry when it arrived */
    int64_t telemetry_gap_us_max; /* longest time without telemetry */
    int64_t renewal_us_max;     /* longest time between two renewals of the scripted operator's press */
    int64_t machine_us_max;     /* longest pause of the computer itself; -1 = not watched */
};

/* belayd latched a fault: the first one, or the first one after a reset. */
struct report_trip {
    int64_t t_us;
    const char *fault; /* its name; a constant */
};

/* The rope and the person that the rig names; with these the limits of a fall are computed. */
struct report_rope {
    double ea_n;      /* stiffness times length */
    double lead_m;    /* rope between drum and last sheave */
    double mass_kg;
    double band_min_n, band_max_n;
};

struct report_in {
    struct report_trace trace;
    struct report_span span[REPORT_SPANS_MAX];
    int span_count;
    bool span_cut; /* the next span begins anew, even when it touches the last one */
    struct report_facts facts;
    struct report_rope rope;
    struct report_trip trip[REPORT_TRIPS_MAX];
    int trip_count;    /* more are counted, and not kept */
    int cycle_ms;
    bool virtual_time; /* what only the real clock has is not measured */
};

/* One limit of expect.yaml: a figure by its index, and what it must keep. */
struct report_limit {
    int figure;
    bool has_min, has_max;
    double min, max;
    bool judged; /* false: shown, never fails the run */
    /* Of a figure that is taken over a window that the limit names. */
    bool has_window, has_of, has_winch, has_less, has_from, has_to, has_over, has_fault;
    char window[REPORT_WINDOW_MAX];
    int of;             /* index of a quantity */
    char winch[REPORT_NAME_MAX], less[REPORT_NAME_MAX]; /* of this one; less that of the other */
    double from, to, over_s;
    char fault[REPORT_NAME_MAX];
};

struct report_expect {
    int format;
    char scenario[32];
    int limits_count;
    struct report_limit limits[REPORT_LIMITS_MAX];
};

enum report_verdict {
    VERDICT_OK,
    VERDICT_EXCEEDED,
    VERDICT_MISSING, /* judged, but there was nothing to measure */
    VERDICT_REPORTED,
    VERDICT_COUNT
};

struct report_line {
    int figure;
    const struct report_limit *limit; /* as stated; NULL in a line that is made by hand */
    char title[REPORT_TITLE_MAX];
    char name[REPORT_TITLE_MAX]; /* for machines: "climb_slack_m", "flight.most.tension_n.left" */
    const char *unit;
    int digits;
    bool measured;
    double value;
    bool has_min, has_max;
    double min, max; /* complete: with the parts that belong to this run */
    char note[REPORT_NOTE_MAX]; /* how the limit came about; may be empty */
    enum report_verdict verdict;
};

struct report {
    int line_count;
    struct report_line line[REPORT_LIMITS_MAX];
    bool ok; /* every judged line is ok */
};

/* Reads the truth file of belay-sim (columns are found by their names in the header). Allocates; blocking file I/O.
 * Returns 0, -errno, or -EINVAL with a sentence in `error`. */
int report_trace_load(const char *path, struct report_trace *trace, char *error, size_t error_size);

/* Frees the rows; an empty trace is allowed. */
void report_trace_free(struct report_trace *trace);

/* Reads expect.yaml. Returns 0, or -EINVAL or -errno with errors added. */
int report_expect_load(const char *path, struct report_expect *expect, struct yaml_errors *errors);

/* The schema of expect.yaml, for the manual. */
const struct yaml_field *report_expect_fields(void);

/* Adds a span; merges with the last one when the window is the same and they touch. Full: the span is dropped and false
 * is returned. */
bool report_span_add(struct report_in *in, const char *window, int64_t from_us, int64_t to_us);

/* Measures every figure that `expect` names and judges it. Pure. */
void report_measure(const struct report_in *in, const struct report_expect *expect, struct report *report);

/* Names of figures in the order of their indices, NULL-terminated ("climb_slack_m", ...). */
const char *const *report_figure_names(void);

/* The window over which it is taken; NULL for a figure of the whole run. */
const char *report_limit_window(const struct report_limit *limit);

/* "ok", "EXCEEDED", "MISSING", "reported". Never NULL. */
const char *report_verdict_name(enum report_verdict verdict);

/* The table for people. */
void report_print(const struct report *report, FILE *out);

#endif
