/* Links over real TCP: coming up, carrying images both ways, being refused, lost, found again, and stopped. */
#include <criterion/criterion.h>
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
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

TestSuite(bus_link, .init = open_bench, .fini = close_bench, .timeout = 60);

static struct field *drive(void) {
    return bench.field[BUS_LINK_DRIVE];
}

static struct field *sensors(void) {
    return bench.field[BUS_LINK_SENSORS];
}

Test(bus_link, carries_images_both_ways) {
    field_set(sensors(), BUS_CELL + 1, BUS_CELL_STATUS + 2, 812);
    field_set(sensors(), BUS_ENCODER + 1, BUS_ENCODER_POSITION, 0x1234);
    field_set(drive(), BUS_DRIVE + 1, BUS_DRIVE_STATUS, 0x0237);
    bus_bench_fly(&bench);
    int64_t now_us = clock_now_us();
    struct image_value weight = image_read(&bench.rig, &bench.in, BUS_CELL, TERM_WEIGHT, now_us);
    struct image_value position = image_read(&bench.rig, &bench.in, BUS_ENCODER, TERM_POSITION, now_us);
    struct image_value status = image_read(&bench.rig, &bench.in, BUS_DRIVE, TERM_STATUS, now_us);
    cr_expect_eq(weight.quality, QUALITY_GOOD);
    cr_expect_eq(position.quality, QUALITY_GOOD);
    cr_expect_eq(status.quality, QUALITY_GOOD);
    cr_expect_float_eq(weight.value, 812, 0);
    cr_expect_eq(position.raw, 0x12340000u);
    cr_expect_eq(status.raw, 0x0237u);
    cr_expect_eq(field_get(sensors(), BUS_IO + 1, BUS_IO_OUTPUTS), 1);
    for (int i = 0; i < BUS_LINKS; i++) {
        cr_expect_eq(bus_bench_link(&bench, i)->generation, 1);
        cr_expect_eq(bus_bench_link(&bench, i)->errors, 0);
        cr_expect_gt(bus_bench_link(&bench, i)->round_trip_us, 0);
    }
}

Test(bus_link, each_device_is_asked_once_a_cycle) {
    bus_bench_fly(&bench);
    int before = field_requests(sensors());
    bus_bench_cycles(&bench, 1000);
    int asked = field_requests(sensors()) - before;
    cr_expect_leq(asked, 3 * 101 + 11, "and one setting every 100 ms");
    cr_expect_geq(asked, 3 * 80, "%d requests in 100 cycles of 3 devices", asked);
    cr_expect_eq(field_overlaps(sensors()), 0);
}

/* Everything written before the cycle has seen the connect is the stop word. */
Test(bus_link, a_connect_begins_with_stop_words) {
    bus_bench_fly(&bench);
    for (int round = 0; round < 3; round++) {
        field_power(drive(), false);
        bus_bench_until(&bench, BUS_LINK_DRIVE, LINK_DOWN);
        field_power(drive(), true);
        bus_bench_fly(&bench);
    }
    int count = field_writes(drive(), writes), runs = 0, connections = 0;
    for (int i = 0; i < count; i++) {
        if (i == 0 || writes[i].connection != writes[i - 1].connection) {
            connections++;
            cr_expect_eq(writes[i].word[0], BUS_QUICK_STOP, "connection %d starts with %04X", writes[i].connection,
                         writes[i].word[0]);
            cr_expect_eq(writes[i].word[1], 0);
        }
        runs += writes[i].word[0] == BUS_RUN;
    }
    cr_expect_eq(connections, 4);
    cr_expect_gt(runs, 4);
}

Test(bus_link, every_reconnect_is_a_generation) {
    bus_bench_fly(&bench);
    for (uint32_t generation = 2; generation <= 6; generation++) {
        field_fault(drive(), FIELD_CLOSE, 0, 1);
        bus_bench_reconnect(&bench, BUS_LINK_DRIVE);
        cr_expect_eq(bus_bench_link(&bench, BUS_LINK_DRIVE)->generation, generation);
        cr_expect_eq(bus_bench_link(&bench, BUS_LINK_DRIVE)->errors, generation - 1);
    }
    cr_expect_eq(field_connections(drive()), 6);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_SENSORS)->generation, 1, "the other link is not touched");
}

Test(bus_link, a_watchdog_that_is_off_is_refused_until_it_is_set) {
    field_set(sensors(), BUS_IO + 1, BUS_IO_WATCHDOG, 0);
    field_power(sensors(), false);
    bus_bench_cycles(&bench, 50);
    field_power(sensors(), true);
    bus_bench_until(&bench, BUS_LINK_SENSORS, LINK_REFUSED);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_SENSORS)->refused_device, BUS_IO);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_SENSORS)->refused_check, 0);
    int before = field_connections(sensors());
    for (int i = 0; i < 210; i++) {
        bus_bench_cycles(&bench, 10);
        cr_assert_eq(bus_bench_link(&bench, BUS_LINK_SENSORS)->state, LINK_REFUSED);
    }
    int tries = field_connections(sensors()) - before;
    cr_expect(tries == 2 || tries == 3, "%d tries in 2.1 s", tries);
    uint32_t generation = bus_bench_link(&bench, BUS_LINK_SENSORS)->generation;
    field_set(sensors(), BUS_IO + 1, BUS_IO_WATCHDOG, 300);
    bus_bench_until(&bench, BUS_LINK_SENSORS, LINK_UP);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_SENSORS)->generation, generation + 1);
}

/* Another device took the address while the link was down. */
/* Somebody turns the watchdog off at the drive while it runs. */
Test(bus_link, a_watchdog_turned_off_in_flight_is_seen_and_refused_at_the_next_connect) {
    bus_bench_fly(&bench);
    field_set(drive(), BUS_DRIVE + 1, BUS_DRIVE_WATCHDOG, 0);
    bus_bench_cycles(&bench, bench.rig.profile[BUS_DRIVE].check_count * 100 + 100);
    const struct image_link *link = bus_bench_link(&bench, BUS_LINK_DRIVE);
    cr_assert(link->setting_changed);
    cr_expect_eq(link->state, LINK_UP);
    cr_expect_eq(link->refused_device, BUS_DRIVE);
    cr_expect_eq(link->refused_check, 0);
    cr_expect_not(bus_bench_link(&bench, BUS_LINK_SENSORS)->setting_changed);
    field_power(drive(), false);
    bus_bench_until(&bench, BUS_LINK_DRIVE, LINK_DOWN);
    field_power(drive(), true);
    bus_bench_until(&bench, BUS_LINK_DRIVE, LINK_REFUSED);
}

Test(bus_link, a_replaced_device_is_refused) {
    bus_bench_fly(&bench);
    field_power(drive(), false);
    bus_bench_until(&bench, BUS_LINK_DRIVE, LINK_DOWN);
    field_set(drive(), BUS_DRIVE + 1, BUS_DRIVE_IDENTITY, 0xB1D2);
    int before = field_writes(drive(), writes);
    field_power(drive(), true);
    bus_bench_until(&bench, BUS_LINK_DRIVE, LINK_REFUSED);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_DRIVE)->refused_device, BUS_DRIVE);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_DRIVE)->refused_check, -1);
    cr_expect_eq(bus_bench_link(&bench, BUS_LINK_DRIVE)->generation, 1);
    cr_expect_eq(field_writes(drive(), writes), before, "a refused device is never written to");
}

static int open_fds(void) {
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

/* One descriptor a link, none when it is down, and none lost over many connects. */
Test(bus_link, costs_one_descriptor_a_link) {
    bus_bench_fly(&bench);
    int up = open_fds();
    for (int round = 0; round < 20; round++) {
        field_fault(drive(), round % 2 ? FIELD_CUT : FIELD_MUTE, 0, 1);
        bus_bench_reconnect(&bench, BUS_LINK_DRIVE);
    }
    cr_expect_eq(open_fds(), up);
    field_power(drive(), false);
    field_power(sensors(), false);
    bus_bench_until(&bench, BUS_LINK_DRIVE, LINK_DOWN);
    bus_bench_until(&bench, BUS_LINK_SENSORS, LINK_DOWN);
    bus_bench_cycles(&bench, 50);
    /* Gone too: each server's listener and its end of the connection. */
    cr_expect_eq(open_fds(), up - BUS_LINKS * 3);
}

/* The line of /proc/self/task/TID/FILE that starts with `key`, without it; "" when there is none. */
static const char *task_line(const char *tid, const char *file, const char *key) {
    static char line[256];
    char path[64];
    snprintf(path, sizeof path, "/proc/self/task/%s/%s", tid, file);
    FILE *text = fopen(path, "re");
    cr_assert_not_null(text);
    bool found = false;
    while (!found && fgets(line, sizeof line, text))
        found = strncmp(line, key, strlen(key)) == 0;
    fclose(text);
    return found ? line + strlen(key) : "";
}

/* As an ordinary user without real-time rights: it runs all the same. */
Test(bus_link, starts_without_the_right_to_real_time) {
    bus_stop(bench.bus);
    bench.bus = NULL;
    pid_t child = fork();
    if (child == 0) {
        pthread_t self = pthread_self();
        pthread_setschedparam(self, SCHED_OTHER, &(struct sched_param){0});
        setrlimit(RLIMIT_RTPRIO, &(struct rlimit){0});
        bool plain = getuid() != 0 || setresuid(65534, 65534, 65534) == 0;
        if (!plain || pthread_setschedparam(self, SCHED_FIFO, &(struct sched_param){.sched_priority = 1}) == 0)
            _exit(2);
        int error = bus_bench_start(&bench);
        if (error == 0)
            bus_stop(bench.bus);
        _exit(error != 0);
    }
    int status = -1;
    cr_assert(child > 0 && waitpid(child, &status, 0) == child);
    cr_expect_eq(status, 0, "exit code %d", WEXITSTATUS(status));
}

/* A signal that a worker took would end its connect early. */
Test(bus_link, workers_bear_their_link_s_name_and_take_no_signal) {
    /* All but SIGKILL, SIGSTOP and the two of the C library. */
    const uint64_t takeable = UINT64_C(0xFFFFFFFE7FFBFEFF);
    DIR *folder = opendir("/proc/self/task");
    int workers = 0;
    bus_bench_fly(&bench);
    for (struct dirent *entry; (entry = readdir(folder));) {
        if (entry->d_name[0] == '.' || strcmp(task_line(entry->d_name, "comm", "bus-"), "link\n") != 0)
            continue;
        workers++;
        uint64_t blocked = strtoull(task_line(entry->d_name, "status", "SigBlk:"), NULL, 16);
        cr_expect_eq(blocked & takeable, takeable, "blocked: %016llx", (unsigned long long)blocked);
    }
    closedir(folder);
    cr_expect_eq(workers, BUS_LINKS);
}

Test(bus_link, stopping_sends_the_stop_words_last) {
    bus_bench_fly(&bench);
    int64_t start_us = clock_now_us();
    bus_stop(bench.bus);
    int64_t took_us = clock_now_us() - start_us;
    bench.bus = NULL;
    int count = field_writes(drive(), writes);
    cr_expect_eq(writes[count - 1].word[0], BUS_QUICK_STOP);
    cr_expect_eq(writes[count - 2].word[0], BUS_RUN);
    cr_expect_eq(field_get(sensors(), BUS_IO + 1, BUS_IO_OUTPUTS), 0);
    cr_expect_lt(took_us, 100000);
}

Test(bus_link, stopping_never_hangs) {
    static const enum field_fault faults[] = {FIELD_MUTE, FIELD_STALL, FIELD_DRIBBLE};
    for (size_t i = 0; i < sizeof faults / sizeof faults[0]; i++) {
        bus_bench_fly(&bench);
        field_fault(drive(), faults[i], 200, 1);
        int64_t start_us = clock_now_us();
        bus_stop(bench.bus);
        cr_expect_lt(clock_now_us() - start_us, 150000, "fault %d", (int)faults[i]);
        bus_bench_silence(&bench, 400);
        cr_assert_eq(bus_bench_start(&bench), 0);
    }
}

Test(bus_link, a_name_in_the_place_of_an_address_is_no_host) {
    static struct rig rig;
    struct bus *bus = NULL;
    bus_rig(&rig, 1, 2);
    snprintf(rig.link[1].host, sizeof rig.link[1].host, "localhost");
    cr_expect_eq(bus_start(&rig, 0, &bus), -EINVAL);
    cr_expect_null(bus);
}
