/* Cost of controller/safety alone, by axes: in each cycle the judge with its monitors and the stop table, then the
 * clamp, of every axis. The axes fly to and fro between their limits with an ideal drum. Two plans: one that asks for
 * what is allowed, and the dearest one, which asks for too much in every cycle, so that the clamp searches.
 * usage: kernel [--steps N [--axes A PLAN]]   PLAN: plain or search
 * With --axes it prints nothing but what failed: for callgrind, which counts kernel_cycle(). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "controller/cycle_limits.h"
#include "tests/bench_rig.h"
#include "tests/stop_reference.h"

#define AXES_MAX 64

struct kernel_axis {
    struct judge_axis judge;
    struct judge_in judge_in;
    struct clamp_in clamp_in;
    int32_t wanted_um_s, setpoint_um_s;
};

struct kernel {
    struct judge_limits judge_limits;
    struct clamp_limits clamp_limits;
    int axes;
    struct kernel_axis axis[AXES_MAX];
};

enum plan { PLAN_PLAIN, PLAN_SEARCH, PLAN_COUNT };
static const char *const plan_name[PLAN_COUNT] = {"plain", "search"};
static const int32_t plan_um_s[PLAN_COUNT] = {500000, 40000000};

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

/* What is measured. Has its own name in a profile. */
__attribute__((noinline)) void kernel_cycle(struct kernel *kernel);
__attribute__((noinline)) void kernel_cycle(struct kernel *kernel) {
    for (int i = 0; i < kernel->axes; i++) {
        struct kernel_axis *axis = &kernel->axis[i];
        judge_step(&axis->judge, &stop_table_reference, &kernel->judge_limits, &axis->judge_in);
        axis->clamp_in.state = axis->judge.state;
        axis->clamp_in.blocked[CLAMP_OUT] = !judge_permits_payout(&axis->judge);
        axis->clamp_in.blocked[CLAMP_IN] = !judge_permits_takein(&axis->judge);
        axis->setpoint_um_s = clamp_setpoint(&kernel->clamp_limits, &axis->clamp_in, axis->wanted_um_s);
    }
}

/* What every axis reads a cycle later. Outside of what is measured. */
static void live(struct kernel *kernel, int32_t speed_um_s) {
    for (int i = 0; i < kernel->axes; i++) {
        struct kernel_axis *axis = &kernel->axis[i];
        struct monitor_in *in = &axis->judge_in.monitor;
        in->drive_enabled = judge_wants_torque(axis->judge.state);
        in->brake_open = judge_wants_brake_open(axis->judge.state);
        in->brake_closed = !in->brake_open;
        in->setpoint_um_s = in->speed_um_s = axis->setpoint_um_s;
        in->position_um += (int64_t)axis->setpoint_um_s * kernel->clamp_limits.cycle_us / 1000000;
        in->cell_raw++;
        in->mode = MODE_MOVE;
        axis->clamp_in.mode = MODE_MOVE;
        axis->clamp_in.position_um = in->position_um;
        axis->clamp_in.setpoint_um_s = axis->setpoint_um_s;
        if (axis->wanted_um_s == 0 || axis->setpoint_um_s == 0) /* come to rest before a limit: the other way */
            axis->wanted_um_s = axis->wanted_um_s > 0 ? -speed_um_s : speed_um_s;
    }
}

static void begin(struct kernel *kernel, int axes) {
    struct bench *bench = bench_new();
    memset(kernel, 0, sizeof *kernel);
    cycle_judge_limits(&kernel->judge_limits, &bench->rig, &bench->rig.axis[0]);
    cycle_clamp_limits(&kernel->clamp_limits, &bench->rig, &bench->rig.axis[0]);
    bench_free(bench);
    kernel->axes = axes;
    for (int i = 0; i < axes; i++) {
        struct kernel_axis *axis = &kernel->axis[i];
        judge_init(&axis->judge);
        axis->judge_in = (struct judge_in){.torque_ok = true, .torque_permille = 1000, .drive_ready = true};
        axis->judge_in.monitor = (struct monitor_in){.drive_ok = true,
                                                     .position_ok = true,
                                                     .tension_ok = true,
                                                     .brake_ok = true,
                                                     .position_um = 10000000,
                                                     .tension_mn = 500000,
                                                     .chain_closed = true};
        axis->clamp_in = (struct clamp_in){.position_ok = true,
                                           .tension_ok = true,
                                           .tension_mn = 500000,
                                           .position_um = 10000000,
                                           .speed_cap_um_s = {INT32_MAX, INT32_MAX}};
        axis->clamp_in.mode = MODE_MOVE;
    }
}

/* Arms, runs, and flies until the reversing has begun. False unless every axis runs. */
static bool start(struct kernel *kernel, int32_t speed_um_s) {
    for (int i = 0; i < kernel->judge_limits.reply_cycles_max; i++)
        kernel_cycle(kernel);
    for (int i = 0; i < kernel->axes; i++) {
        judge_event(&kernel->axis[i].judge, EVENT_AXIS_ARM);
        if (!judge_run(&kernel->axis[i].judge, true))
            return false;
    }
    for (int i = 0; i < 300; i++) {
        live(kernel, speed_um_s);
        kernel_cycle(kernel);
    }
    return true;
}

static bool all_run(const struct kernel *kernel) {
    for (int i = 0; i < kernel->axes; i++)
        if (kernel->axis[i].judge.state != STATE_RUNNING || kernel->axis[i].judge.latched != 0)
            return printf("axis %d: %s, faults %llx\n", i, state_name(kernel->axis[i].judge.state),
                          (unsigned long long)kernel->axis[i].judge.latched),
                   false;
    return true;
}

/* Fills `times`, one for each of `steps` cycles, in order of size. */
static bool measure(struct kernel *kernel, int axes, int steps, enum plan plan, int64_t *times) {
    begin(kernel, axes);
    if (!start(kernel, plan_um_s[plan]))
        return false;
    for (int i = 0; i < steps; i++) {
        live(kernel, plan_um_s[plan]);
        int64_t began_ns = now_ns();
        kernel_cycle(kernel);
        times[i] = now_ns() - began_ns;
    }
    qsort(times, (size_t)steps, sizeof *times, by_size);
    return all_run(kernel);
}

static int table(struct kernel *kernel, int steps, int64_t *times) {
    for (int plan = 0; plan < PLAN_COUNT; plan++)
        for (int axes = 1; axes <= AXES_MAX; axes *= 2) {
            if (!measure(kernel, axes, steps, (enum plan)plan, times))
                return 1;
            printf("%-6s axes %2d  ns a cycle: min %lld median %lld p99 %lld max %lld  an axis: min %lld median %lld\n",
                   plan_name[plan], axes, (long long)times[0], (long long)times[steps / 2],
                   (long long)times[steps * 99 / 100], (long long)times[steps - 1], (long long)(times[0] / axes),
                   (long long)(times[steps / 2] / axes));
        }
    return 0;
}

int main(int argc, char **argv) {
    int steps = argc >= 3 && strcmp(argv[1], "--steps") == 0 ? atoi(argv[2]) : argc == 1 ? 20000 : 0;
    int axes = argc == 6 && strcmp(argv[3], "--axes") == 0 ? atoi(argv[4]) : 0;
    if (steps < 100 || (argc != 1 && argc != 3 && argc != 6) || (argc == 6 && (axes < 1 || axes > AXES_MAX))) {
        fprintf(stderr, "usage: kernel [--steps N [--axes A plain|search]]   (N >= 100, A 1..%d)\n", AXES_MAX);
        return 2;
    }
    struct kernel *kernel = malloc(sizeof *kernel);
    int64_t *times = calloc((size_t)steps, sizeof *times);
    if (!kernel || !times)
        return 1;
    enum plan plan = argc == 6 && strcmp(argv[5], plan_name[PLAN_PLAIN]) == 0 ? PLAN_PLAIN : PLAN_SEARCH;
    int failed = axes > 0 ? !measure(kernel, axes, steps, plan, times) : table(kernel, steps, times);
    free(times);
    free(kernel);
    return failed;
}
