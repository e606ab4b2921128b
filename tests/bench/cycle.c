/* Cost of one cycle_step, by axes: median and p99 in ns; under callgrind the instructions say the same without noise.
 * usage: cycle [--steps N] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tests/bench_rig.h"

static int64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static const struct command hold = {.kind = COMMAND_PERMIT, .session = 1, .press = 1, .expires_us = INT64_MAX};

static void stamp(struct bench *b, uint16_t status, uint16_t inputs) {
    b->now_us += 10000;
    for (int d = 0; d < BENCH_DEVICES; d++)
        b->image.frame[d].stamp_us = b->now_us;
    b->image.frame[BENCH_DRIVE].word[0] = status;
    b->image.frame[BENCH_IO].word[0] = inputs;
    b->image.frame[BENCH_IO].word[1] = b->out.image.word[BENCH_IO][1]; /* the heartbeat's echo */
}

static int64_t step(struct bench *b, const struct command *commands, int count) {
    struct cycle_in in = {.image = &b->image, .commands = commands, .command_count = count};
    int64_t start = now_ns();
    cycle_step(b->cycle, &in, b->now_us, &b->out);
    return now_ns() - start;
}

/* The bench rig's one axis `axes` times over, all of them belaying. */
static void fly(struct bench *b, int axes) {
    for (int i = 1; i < axes; i++)
        b->rig.axis[i] = b->rig.axis[0];
    b->rig.axis_count = axes;
    cycle_init(b->cycle, &b->rig);
    for (int i = 0; i < b->rig.axis[0].brake.close_ms_max / b->rig.cycle_ms; i++) {
        stamp(b, 0x0231, 0x0B);
        step(b, NULL, 0);
    }
    stamp(b, 0x0231, 0x0B);
    step(b, (struct command[]){{.kind = COMMAND_SHOW, .show = &b->show},
                               {.kind = COMMAND_MODE, .operating = OPERATING_WALK_THROUGH, .percent = 100},
                               {.kind = COMMAND_ARM}}, 3);
    for (int i = 0; i < axes; i++) {
        b->show.cue[0].axis = i;
        b->show.cue[0].axes = UINT32_C(1) << i;
        stamp(b, 0x0231, 0x0B);
        step(b, (struct command[]){hold,
                                   {.kind = COMMAND_UNLOCK, .axis = i},
                                   {.kind = COMMAND_GO, .session = 1, .press = 1, .cue = 0}}, 3);
    }
    for (int i = 0; i < 10; i++) {
        stamp(b, 0x0237, 0x4F);
        step(b, &hold, 1);
    }
}

static int measure(int axes, int steps, int64_t *times) {
    struct bench *b = bench_new();
    fly(b, axes);
    for (int i = 0; i < steps; i++) {
        stamp(b, 0x0237, 0x4F);
        times[i] = step(b, &hold, 1);
    }
    int running = 0;
    for (int i = 0; i < axes; i++)
        running += b->out.snapshot.axis[i].state == STATE_RUNNING;
    bench_free(b);
    qsort(times, (size_t)steps, sizeof *times, by_size);
    printf("axes %2d  belaying %2d  steps %d  median %lld ns  p99 %lld ns  slowest %lld ns\n", axes, running, steps,
           (long long)times[steps / 2], (long long)times[steps * 99 / 100], (long long)times[steps - 1]);
    return running == axes ? 0 : 1;
}

int main(int argc, char **argv) {
    int steps = argc == 3 && strcmp(argv[1], "--steps") == 0 ? atoi(argv[2]) : 100000;
    if (steps < 100) {
        fprintf(stderr, "usage: cycle [--steps N]   (N >= 100)\n");
        return 2;
    }
    int64_t *times = calloc((size_t)steps, sizeof *times);
    if (!times)
        return 1;
    int failed = 0;
    for (int axes = 1; axes <= RIG_AXES_MAX; axes *= 2)
        failed |= measure(axes, steps, times);
    free(times);
    return failed;
}
