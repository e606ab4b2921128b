/* What the field bus costs and how fast it is, beside libmodbus alone on the same machine in the same minute.
 *   hand-over: bus_read() and bus_write() on the cycle thread
 *   request:   one FC23 exchange through the bus, and through a bare libmodbus loop, in alternating blocks
 *   stop:      an E-stop input flips at a random instant; until the last drive was written its stop word
 * usage: bus [--trials N]   trials per row of `stop`; blocks of `request` */
#include <modbus.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/base/clock.h"
#include "controller/bus/bus.h"
#include "tests/pair/field.h"

#define LINKS_MAX 16
#define BLOCK 50 /* requests */

static struct rig rig;
static struct image_in in;
static struct image_out out;
static struct bus *bus;
static struct field *field[LINKS_MAX];
static int64_t tick_us;
static uint64_t random_state = 1;

static int below(int count) {
    random_state = random_state * UINT64_C(6364136223846793005) + 1;
    return (int)((random_state >> 33) % (unsigned)count);
}

static int by_size(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void print(const char *what, int64_t *times, int count, const char *unit) {
    qsort(times, (size_t)count, sizeof *times, by_size);
    printf("%-34s n %-6d median %6lld  p99 %6lld  slowest %6lld %s\n", what, count, (long long)times[count / 2],
           (long long)times[(count - 1) * 99 / 100], (long long)times[count - 1], unit);
}

/* `links` drives, each a link of its own. */
static void open_bus(int links, int cycle_ms) {
    bus_rig(&rig, 1, 2);
    struct rig_link link = rig.link[BUS_LINK_DRIVE];
    struct rig_device drive = rig.device[BUS_DRIVE];
    rig.cycle_ms = cycle_ms;
    rig.link_count = rig.device_count = links;
    for (int i = 0; i < links; i++) {
        field[i] = field_new();
        rig.link[i] = link;
        rig.link[i].port = field_port(field[i]);
        rig.device[i] = drive;
        rig.device[i].link = i;
    }
    image_out_safe(&rig, &out);
    memset(&in, 0, sizeof in);
    if (bus_start(&rig, 70, &bus) != 0)
        abort();
    tick_us = clock_now_us();
}

static void close_bus(void) {
    bus_stop(bus);
    for (int i = 0; i < rig.link_count; i++)
        field_free(field[i]);
}

/* Bit 0 of the first drive's status is the E-stop input: 1 = open. */
static void cycle(void) {
    int64_t period_us = rig.cycle_ms * 1000;
    tick_us += period_us;
    clock_sleep_until_us(tick_us);
    tick_us += (clock_now_us() - tick_us) / period_us * period_us;
    bus_read(bus, &in);
    bool stop = in.frame[0].stamp_us == 0 || (in.frame[0].word[0] & 1) != 0;
    for (int i = 0; i < rig.device_count; i++)
        out.word[i][0] = stop ? BUS_QUICK_STOP : BUS_RUN;
    out.cycle++;
    bus_write(bus, &out, tick_us);
}

static void fly(int cycles) {
    for (int i = 0; i < cycles; i++)
        cycle();
}

/* ---- hand-over ---- */

static void hand_over(int links, int count) {
    open_bus(links, 10);
    fly(20);
    int64_t start_us = clock_now_us();
    for (int i = 0; i < count; i++)
        bus_read(bus, &in);
    int64_t read_us = clock_now_us() - start_us;
    start_us = clock_now_us();
    for (int i = 0; i < count; i++)
        bus_write(bus, &out, start_us);
    int64_t write_us = clock_now_us() - start_us;
    printf("links %2d: bus_read %lld ns, bus_write %lld ns\n", links, (long long)(read_us * 1000 / count),
           (long long)(write_us * 1000 / count));
    close_bus();
}

/* ---- one request ---- */

static int64_t *bare(modbus_t *modbus, int64_t *times) {
    for (int i = 0; i < BLOCK; i++) {
        uint16_t words[3] = {BUS_IDLE, 0, (uint16_t)i}, read[4];
        clock_sleep_until_us(tick_us += 2000);
        int64_t start_us = clock_now_us();
        if (modbus_write_and_read_registers(modbus, BUS_DRIVE_CONTROL, 3, words, BUS_DRIVE_STATUS, 4, read) != 4)
            abort();
        *times++ = clock_now_us() - start_us;
    }
    return times;
}

static int64_t *through_bus(int64_t *times) {
    tick_us = clock_now_us();
    for (int i = 0; i < BLOCK; i++) {
        cycle();
        *times++ = in.link[0].round_trip_us;
    }
    return times;
}

static void requests(int blocks) {
    int64_t *of_bus = calloc((size_t)(blocks * BLOCK), sizeof *of_bus), *end_of_bus = of_bus;
    int64_t *of_bare = calloc((size_t)(blocks * BLOCK), sizeof *of_bare), *end_of_bare = of_bare;
    if (!of_bus || !of_bare)
        abort();
    open_bus(1, 2);
    fly(50);
    modbus_t *modbus = modbus_new_tcp("127.0.0.1", field_port(field[0]));
    if (!modbus || modbus_connect(modbus) != 0)
        abort();
    modbus_set_slave(modbus, BUS_DRIVE + 1);
    for (int i = 0; i < blocks; i++) {
        end_of_bus = through_bus(end_of_bus);
        end_of_bare = bare(modbus, end_of_bare);
    }
    print("FC23 through the bus", of_bus, blocks * BLOCK, "us");
    print("FC23 by libmodbus alone", of_bare, blocks * BLOCK, "us");
    modbus_close(modbus);
    modbus_free(modbus);
    close_bus();
    free(of_bus);
    free(of_bare);
}

/* ---- the stop ---- */

static int64_t first_stop_us(struct field *from, int64_t after_us) {
    static struct field_write writes[FIELD_WRITES_MAX];
    int count = field_writes(from, writes);
    for (int i = 0; i < count; i++)
        if (writes[i].t_us >= after_us && writes[i].word[0] == BUS_QUICK_STOP)
            return writes[i].t_us;
    return INT64_MAX;
}

/* The one who presses has a thread of his own, so that the instant has nothing to do with the cycle. */
static void *press(void *instant_us) {
    clock_sleep_until_us(*(int64_t *)instant_us);
    field_set(field[0], BUS_DRIVE + 1, BUS_DRIVE_STATUS, 1);
    *(int64_t *)instant_us = clock_now_us();
    return NULL;
}

/* Returns false when a drive was never stopped. */
static bool stops(int links, int cycle_ms, int trials) {
    int64_t *times = calloc((size_t)trials, sizeof *times);
    if (!times)
        abort();
    bool stopped = true;
    for (int i = 0; i < trials && stopped; i++) {
        open_bus(links, cycle_ms);
        fly(50);
        int64_t pressed_us = clock_now_us() + 20000 + below(20000);
        pthread_t presser;
        if (pthread_create(&presser, NULL, press, &pressed_us) != 0)
            abort();
        fly(80 / cycle_ms + 10);
        pthread_join(presser, NULL);
        for (int k = 0; k < links; k++) {
            int64_t took_us = first_stop_us(field[k], pressed_us) - pressed_us;
            stopped = stopped && took_us < 1000000;
            times[i] = took_us > times[i] ? took_us : times[i];
        }
        close_bus();
    }
    char what[64];
    snprintf(what, sizeof what, "stop: %d drives, cycle %d ms", links, cycle_ms);
    if (stopped)
        print(what, times, trials, "us");
    else
        printf("%s: a drive was not stopped\n", what);
    free(times);
    return stopped;
}

int main(int argc, char **argv) {
    int trials = argc == 3 && strcmp(argv[1], "--trials") == 0 ? atoi(argv[2]) : 60;
    if (trials < 1) {
        fprintf(stderr, "usage: bus [--trials N]   (N >= 1)\n");
        return 2;
    }
    if (pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){.sched_priority = 80}) != 0)
        printf("no real-time scheduling: times include other programs\n");
    hand_over(2, trials * 2000);
    hand_over(LINKS_MAX, trials * 2000);
    requests(trials);
    static const int links[] = {1, 4, LINKS_MAX}, cycles_ms[] = {10, 2};
    bool stopped = true;
    for (int c = 0; c < 2; c++)
        for (int i = 0; i < 3; i++)
            stopped = stops(links[i], cycles_ms[c], trials) && stopped;
    return stopped ? 0 : 1;
}
