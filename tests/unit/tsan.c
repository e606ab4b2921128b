/* The hand-over between threads under ThreadSanitizer: ring, triple buffer, and a bus between a cycle and a field
 * server. A plain program, built with its own copy of the sources: ThreadSanitizer does not run under Criterion.
 */
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "controller/base/clock.h"
#include "controller/base/spsc.h"
#include "controller/base/tbuf.h"
#include "controller/bus/bus.h"
#include "tests/pair/field.h"

#define COUNT 200000
#define SLOTS 64

static int number;

/* Ends the program at the first thing that is wrong; ThreadSanitizer ends it by itself (halt_on_error). */
static void check(bool holds, const char *what) {
    if (holds)
        return;
    printf("not ok %d - %s\n", number + 1, what);
    exit(1);
}

static void passed(const char *what) {
    printf("ok %d - %s\n", ++number, what);
}

static struct spsc ring;
static uint64_t ring_slots[SLOTS];

static void *push_all(void *unused) {
    for (uint64_t i = 0; i < COUNT;)
        i += spsc_push(&ring, &i);
    return unused;
}

static void fly_ring(void) {
    spsc_init(&ring, ring_slots, sizeof ring_slots[0], SLOTS);
    pthread_t writer;
    check(pthread_create(&writer, NULL, push_all, NULL) == 0, "thread");
    for (uint64_t i = 0, value; i < COUNT;)
        if (spsc_pop(&ring, &value))
            check(value == i++, "elements come once and in order");
    pthread_join(writer, NULL);
    passed("ring between two threads");
}

struct value {
    uint64_t word[64];
};

static struct tbuf buffer;
static struct value values[3];

static void *publish_all(void *unused) {
    for (uint64_t i = 1; i <= COUNT; i++) {
        struct value *slot = tbuf_write_slot(&buffer);
        for (int k = 0; k < 64; k++)
            slot->word[k] = i;
        tbuf_publish(&buffer);
    }
    return unused;
}

static void fly_buffer(void) {
    tbuf_init(&buffer, values, sizeof values[0]);
    pthread_t writer;
    check(pthread_create(&writer, NULL, publish_all, NULL) == 0, "thread");
    for (uint64_t last = 0; last < COUNT;) {
        const struct value *value = tbuf_read(&buffer, NULL);
        for (int k = 1; k < 64; k++)
            check(value->word[k] == value->word[0], "a value is whole");
        check(value->word[0] >= last, "values never go back");
        last = value->word[0];
    }
    pthread_join(writer, NULL);
    passed("triple buffer between two threads");
}

/* A played cycle over a link that also loses its devices. */
static void fly_bus(void) {
    static struct rig rig;
    static struct image_in in;
    static struct image_out out;
    struct field *drive = field_new(), *sensors = field_new();
    bus_rig(&rig, field_port(drive), field_port(sensors));
    image_out_safe(&rig, &out);
    struct bus *bus;
    check(bus_start(&rig, 0, &bus) == 0, "bus starts");
    int64_t tick_us = clock_now_us();
    for (int i = 0; i < 200; i++) {
        clock_sleep_until_us(tick_us += rig.cycle_ms * 1000);
        bus_read(bus, &in);
        out.cycle++;
        out.word[BUS_IO][1]++;
        bus_write(bus, &out, tick_us);
        if (i % 50 == 40)
            field_fault(drive, i % 100 == 40 ? FIELD_CUT : FIELD_MUTE, 0, 1);
    }
    check(in.link[BUS_LINK_SENSORS].generation >= 1 && in.frame[BUS_CELL].stamp_us > 0, "frames came");
    check(in.link[BUS_LINK_DRIVE].generation >= 3, "the drive was lost and found");
    bus_stop(bus);
    field_free(drive);
    field_free(sensors);
    passed("bus between a cycle and two field servers");
}

/* Two threads without any order between them. */
static int raced;

static void *race(void *unused) {
    for (int i = 0; i < 200000; i++)
        raced++;
    return unused;
}

static int run_race(void) {
    pthread_t other;
    check(pthread_create(&other, NULL, race, NULL) == 0, "thread");
    race(NULL);
    pthread_join(other, NULL);
    return 0;
}

#define RACE_FOUND 66

const char *__tsan_default_options(void);
const char *__tsan_default_options(void) {
    return "halt_on_error=1:exitcode=66"; /* RACE_FOUND */
}

#define PLANTED_MAX 5 /* on a busy computer the two threads of one try may run one after the other */

static int race_in_a_copy(void) {
    pid_t child = fork();
    if (child == 0) {
        dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
        execl("/proc/self/exe", "tsan", "--race", (char *)NULL);
        _exit(1);
    }
    int status = 0;
    check(child > 0 && waitpid(child, &status, 0) == child, "fork");
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

/* That this program can fail at all: a copy of it that races on purpose is caught. */
static void plant_a_race(void) {
    bool caught = false;
    for (int i = 0; i < PLANTED_MAX && !caught; i++)
        caught = race_in_a_copy() == RACE_FOUND;
    check(caught, "a planted race is caught");
    passed("a planted race is caught");
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (argc > 1 && strcmp(argv[1], "--race") == 0)
        return run_race();
    printf("1..4\n");
    plant_a_race();
    fly_ring();
    fly_buffer();
    fly_bus();
    return 0;
}
