/* The planner on a table of problems: its plans, or what they cost.
 *   otg --plan FILE    one line a row: id,duration_s,dt:jerk dt:jerk ... from the row's start; or id,refused,reason
 *   otg --time FILE    ns of a plan and of a sample; instructions of a plan, by callgrind
 *   otg --repeat N FILE    plans all N times and says nothing: for callgrind
 * The columns say what is asked: with `axis` all rows of one id end together, without p1 only a speed. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "controller/motion/otg.h"
#include "tests/otg_rows.h"

#define TIMES 101
#define SAMPLES 64
#define BATCHES 5

enum kind { MOVES, SPEEDS, GROUPS };

struct problem {
    enum kind kind;
    int rows;
    struct otg_move move[OTG_TOGETHER_MAX];
    double speed_m_s;
};

static volatile double sink; /* keeps what is measured from being left out */

static enum kind kind_of(const struct otg_rows *rows) {
    if (otg_rows_have(rows, "axis"))
        return GROUPS;
    return otg_rows_have(rows, "p1") ? MOVES : SPEEDS;
}

static struct problem problem_at(const struct otg_rows *rows, int row) {
    struct problem problem = {.kind = kind_of(rows), .rows = 1};
    if (problem.kind == GROUPS)
        problem.rows = otg_rows_axes(rows, row);
    if (problem.rows > OTG_TOGETHER_MAX) {
        fprintf(stderr, "row %d: %d axes, at most %d\n", row + 1, problem.rows, OTG_TOGETHER_MAX);
        exit(1);
    }
    for (int i = 0; i < problem.rows; i++)
        problem.move[i] = otg_rows_move(rows, row + i);
    problem.speed_m_s = problem.move[0].goal.speed_m_s;
    if (problem.kind == SPEEDS)
        problem.move[0].start.position_m = 0;
    return problem;
}

static enum otg_result solve(const struct problem *p, struct otg_plan *plans) {
    if (p->kind == GROUPS)
        return otg_plan_together(p->move, p->rows, plans);
    if (p->kind == SPEEDS)
        return otg_plan_speed(&p->move[0].start, p->speed_m_s, &p->move[0].limits, plans);
    return otg_plan(&p->move[0].start, &p->move[0].goal, &p->move[0].limits, plans);
}

static void print(const char *id, enum otg_result result, const struct otg_plan *plan) {
    if (result != OTG_PLANNED) {
        printf("%s,refused,%s\n", id, otg_result_name(result));
        return;
    }
    printf("%s,%.17g,", id, plan->duration_s);
    for (int i = 0; i < plan->count; i++)
        printf("%s%.17g:%.17g", i > 0 ? " " : "", plan->segment[i].time_s, plan->segment[i].jerk_m_s3);
    putchar('\n');
}

static void print_plans(const struct otg_rows *rows) {
    struct otg_plan plans[OTG_TOGETHER_MAX];
    for (int row = 0; row < rows->count;) {
        const struct problem problem = problem_at(rows, row);
        const enum otg_result result = solve(&problem, plans);
        for (int i = 0; i < problem.rows; i++, row++)
            print(otg_rows_text(rows, row, "id"), result, &plans[i]);
    }
}

/* All problems of the table; their number. To be freed. */
static struct problem *problems_of(const struct otg_rows *rows, int *count) {
    struct problem *all = calloc((size_t)rows->count + 1, sizeof *all);
    if (!all)
        abort();
    *count = 0;
    for (int row = 0; row < rows->count; row += all[(*count)++].rows)
        all[*count] = problem_at(rows, row);
    return all;
}

static void repeat(const struct otg_rows *rows, long times) {
    struct otg_plan plans[OTG_TOGETHER_MAX];
    int count;
    struct problem *all = problems_of(rows, &count);
    for (long k = 0; k < times; k++)
        for (int i = 0; i < count; i++)
            if (solve(&all[i], plans) == OTG_PLANNED)
                sink = plans[0].duration_s;
    free(all);
}

/* --- time --------------------------------------------------------------------------------------------------------- */

static double now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static int by_value(const void *one, const void *other) {
    const double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static double median(double *values, int count) {
    qsort(values, (size_t)count, sizeof *values, by_value);
    return values[count / 2];
}

/* Median of single calls, each with the time of asking for the time taken off. */
static double plan_ns(const struct problem *problem, double clock_ns) {
    struct otg_plan plans[OTG_TOGETHER_MAX];
    double ns[TIMES];
    for (int i = 0; i < TIMES; i++) {
        const double begin_ns = now_ns();
        if (solve(problem, plans) == OTG_PLANNED)
            sink = plans[0].duration_s;
        ns[i] = now_ns() - begin_ns - clock_ns;
    }
    return fmax(0, median(ns, TIMES));
}

static double clock_ns(void) {
    double ns[TIMES];
    for (int i = 0; i < TIMES; i++) {
        const double begin_ns = now_ns();
        ns[i] = now_ns() - begin_ns;
    }
    return median(ns, TIMES);
}

static double sample_ns(const struct problem *problem) {
    struct otg_plan plans[OTG_TOGETHER_MAX];
    if (solve(problem, plans) != OTG_PLANNED)
        return 0;
    double ns[BATCHES], sum = 0;
    for (int batch = 0; batch < BATCHES; batch++) {
        const double begin_ns = now_ns();
        for (int i = 0; i < SAMPLES; i++)
            sum += otg_at(&plans[0], plans[0].duration_s * i / SAMPLES).position_m;
        ns[batch] = (now_ns() - begin_ns) / SAMPLES;
    }
    sink = sum;
    return median(ns, BATCHES);
}

/* What callgrind counts in one run over the table, or -1. */
static double collected(const char *program, const char *file, int times) {
    char command[4096], line[256];
    double count = -1;
    snprintf(command, sizeof command,
             "valgrind --tool=callgrind --callgrind-out-file=/dev/null '%s' --repeat %d '%s' 2>&1", program, times,
             file);
    FILE *const pipe = popen(command, "r");
    while (pipe && fgets(line, sizeof line, pipe)) {
        const char *const at = strstr(line, "Collected : ");
        count = at ? strtod(at + strlen("Collected : "), NULL) : count;
    }
    return pipe && pclose(pipe) == 0 ? count : -1;
}

static void print_times(const struct otg_rows *rows, const char *program, const char *file) {
    int count;
    struct problem *all = problems_of(rows, &count);
    double *ns = calloc((size_t)count + 1, sizeof *ns), *samples = calloc((size_t)count + 1, sizeof *samples);
    if (!ns || !samples)
        abort();
    const double own_ns = clock_ns();
    for (int i = 0; i < count; i++) {
        ns[i] = plan_ns(&all[i], own_ns);
        samples[i] = sample_ns(&all[i]);
    }
    const double half = median(ns, count);
    printf("%d plans: median %.0f ns, p99 %.0f ns, slowest %.0f ns (medians of %d calls each)\n", count, half,
           ns[count * 99 / 100], ns[count - 1], TIMES);
    const double sample = median(samples, count);
    printf("a sample: median %.0f ns, p99 %.0f ns\n", sample, samples[count * 99 / 100]);
    const double one = collected(program, file, 1), three = collected(program, file, 3);
    if (one > 0 && three > 0)
        printf("instructions a plan: %.0f\n", (three - one) / 2 / count);
    else
        puts("instructions a plan: not counted (Debian package valgrind)");
    free(ns);
    free(samples);
    free(all);
}

int main(int argc, char **argv) {
    struct otg_rows rows;
    const bool plans = argc == 3 && strcmp(argv[1], "--plan") == 0, times = argc == 3 && strcmp(argv[1], "--time") == 0;
    const bool repeats = argc == 4 && strcmp(argv[1], "--repeat") == 0;
    if (!plans && !times && !repeats) {
        fputs("otg --plan FILE.csv | --time FILE.csv | --repeat N FILE.csv; columns: tests/vectors/README.md\n",
              stderr);
        return 2;
    }
    if (!otg_rows_read(&rows, argv[argc - 1]))
        return 1;
    if (plans)
        print_plans(&rows);
    else if (times)
        print_times(&rows, argv[0], argv[2]);
    else
        repeat(&rows, strtol(argv[2], NULL, 10));
    otg_rows_free(&rows);
    return 0;
}
