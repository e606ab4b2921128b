/* A cycle that hangs, is late, frozen or killed: the link stops the devices, or leaves them to their watchdogs. */
#include <criterion/criterion.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "tests/pair/bus_bench.h"

static struct bus_bench bench;
static struct field_write writes[FIELD_WRITES_MAX];

static void open_bench(void) {
    bus_bench_open(&bench);
}

static void close_bench(void) {
    bus_bench_close(&bench);
}

TestSuite(bus_silence, .init = open_bench, .fini = close_bench, .timeout = 60);

static struct field *drive(void) {
    return bench.field[BUS_LINK_DRIVE];
}

static struct field *sensors(void) {
    return bench.field[BUS_LINK_SENSORS];
}

Test(bus_silence, a_hung_cycle_is_stopped_once_and_then_left_to_the_watchdogs) {
    bus_bench_fly(&bench);
    int64_t last_us = bench.tick_us;
    bus_bench_silence(&bench, 500);
    int count = field_writes(drive(), writes);
    cr_expect_eq(writes[count - 1].word[0], BUS_QUICK_STOP);
    cr_expect_eq(writes[count - 1].word[1], 0);
    cr_expect_eq(writes[count - 2].word[0], BUS_RUN, "stop words are sent once");
    int64_t after_us = writes[count - 1].t_us - last_us;
    cr_expect(after_us >= 20000 && after_us < 40000, "stopped %lld us after the last tick", (long long)after_us);
    cr_expect_eq(field_get(sensors(), BUS_IO + 1, BUS_IO_OUTPUTS), 0, "brake closed");
    cr_expect_eq(field_get(sensors(), BUS_IO + 1, BUS_IO_HEARTBEAT), 0);
    bus_read(bench.bus, &bench.in);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_DRIVE)->state, LINK_DOWN);
    cr_expect_eq(field_connections(drive()), 1, "nothing is connected for nobody");

    bus_bench_reconnect(&bench, BUS_LINK_DRIVE);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_DRIVE)->generation, 2);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_SENSORS)->generation, 2);
    field_writes(drive(), writes);
    cr_expect_eq(writes[count].word[0], BUS_QUICK_STOP, "it does not resume by itself");
}

Test(bus_silence, one_missed_beat_is_nothing) {
    bus_bench_fly(&bench);
    for (int try = 0; try < BUS_BENCH_TRIES; try++) {
        struct image_link before = *bus_bench_link(&bench, BUS_LINK_DRIVE);
        bus_bench_calm(&bench);
        for (int i = 0; i < 5; i++) {
            bench.tick_us += 10000;
            bus_bench_cycles(&bench, 50);
        }
        if (bus_bench_calm(&bench) && bus_bench_link(&bench, BUS_LINK_DRIVE)->errors == before.errors &&
            bus_bench_link(&bench, BUS_LINK_DRIVE)->generation == before.generation)
            return;
        bus_bench_fly(&bench);
    }
    cr_assert_fail("every time one beat was missed the link was lost");
}

Test(bus_silence, before_the_first_cycle_stop_words_are_sent) {
    bus_bench_silence(&bench, 200);
    int count = field_writes(drive(), writes);
    cr_expect_gt(count, 10);
    for (int i = 0; i < count; i++)
        cr_expect_eq(writes[i].word[0], BUS_QUICK_STOP);
}

/* A controller of its own in a child process, which plays cycles until it is ended. */
static pid_t fork_controller(void) {
    bus_stop(bench.bus);
    bench.bus = NULL;
    pid_t child = fork();
    if (child == 0) {
        struct bus_bench own = {.rig = bench.rig};
        if (bus_bench_start(&own) != 0)
            _exit(1);
        bus_bench_cycles(&own, 30000);
        _exit(0);
    }
    cr_assert_gt(child, 0);
    bus_bench_silence(&bench, 300);
    cr_assert_eq(field_get(drive(), BUS_DRIVE + 1, BUS_DRIVE_CONTROL), BUS_RUN);
    return child;
}

static void end(pid_t child) {
    kill(child, SIGKILL);
    cr_assert_eq(waitpid(child, NULL, 0), child);
}

/* Frozen and thawed (a debugger, a hypervisor): the words it held when it froze do not take effect. A freeze between
 * the worker's last look at the clock and the kernel's send can't be noticed: some 20 us of each 10 ms, so that one of
 * ten freezes may hit it, and two hardly ever do. The drive's own watchdog has acted by then. */
Test(bus_silence, a_thawed_controller_sends_nothing_old) {
    pid_t child = fork_controller();
    for (int i = 0; i < 10; i++) {
        kill(child, SIGSTOP);
        bus_bench_silence(&bench, 200);
        kill(child, SIGCONT);
        bus_bench_silence(&bench, 200);
    }
    end(child);
    int count = field_writes(drive(), writes), runs = 0, old = 0, age_ms_max = 0;
    for (int i = 0; i < count; i++) {
        int age_ms = writes[i].word[0] == BUS_RUN ? bus_bench_age_ms(&writes[i]) : 0;
        old += age_ms >= 150;
        age_ms_max = age_ms > age_ms_max ? age_ms : age_ms_max;
        runs += writes[i].word[0] == BUS_RUN;
    }
    cr_expect_leq(old, 1, "%d times old words took effect, up to %d ms old", old, age_ms_max);
    cr_expect_gt(runs, 100);
}

Test(bus_silence, a_killed_controller_writes_no_more) {
    pid_t child = fork_controller();
    end(child);
    int64_t dead_us = clock_now_us();
    bus_bench_silence(&bench, 300);
    int count = field_writes(drive(), writes);
    cr_expect_lt(writes[count - 1].t_us, dead_us + 5000);
    cr_expect_eq(field_resets(drive()), 2, "one of bus_stop(), one of the kernel");
}
