/* mbpoll, the command line tool of Debian, reads and writes belay-sim's registers as it would a drive's. */
#include "tests/pair/sim_process.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct sim_process sim;

static void begin(void) {
    sim_process_start(&sim);
}

static void end(void) {
    cr_assert_eq(sim_process_end(&sim), 0);
    sim_process_clean(&sim);
}

TestSuite(sim_mbpoll, .init = begin, .fini = end);

/* Runs mbpoll with `options` against `port`; returns what it printed (static). */
static const char *mbpoll(int port, const char *options, const char *values) {
    static char said[8192];
    char command[512];
    cr_assert_eq(system("command -v mbpoll >/dev/null"), 0, "mbpoll is missing: install the Debian package mbpoll");
    snprintf(command, sizeof command, "mbpoll -m tcp %s -p %d 127.0.0.1 %s 2>&1", options, port, values);
    FILE *pipe = popen(command, "r");
    cr_assert(pipe);
    said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
    cr_assert_eq(pclose(pipe), 0, "%s: %s", command, said);
    return said;
}

/* The value that mbpoll printed for a reference: "[273]: \t561". */
static long value_of(const char *said, int reference) {
    char name[16];
    snprintf(name, sizeof name, "[%d]:", reference);
    const char *at = strstr(said, name);
    cr_assert(at, "no %s in: %s", name, said);
    return strtol(at + strlen(name), NULL, 10);
}

Test(sim_mbpoll, reads_the_drive) {
    const char *said = mbpoll(sim.drive_port, "-a 1 -r 273 -c 6 -t 4 -1", "");
    cr_assert_eq(value_of(said, 273) & 0x4F, 0x40, "statusword: switch on disabled");
    cr_assert_eq(value_of(said, 274), 0);
    cr_assert_eq(value_of(said, 276), 0, "no fault");
    cr_assert_eq(value_of(said, 278), 0xB1D1);
}

Test(sim_mbpoll, writes_the_drive_and_sees_it_act) {
    mbpoll(sim.sensor_port, "-a 4 -0 -r 2048 -t 4", "0 1"); /* outputs, heartbeat */
    mbpoll(sim.sensor_port, "-a 4 -0 -r 2048 -t 4", "4 2"); /* an edge: the safety relay gives the drive power */
    mbpoll(sim.drive_port, "-a 1 -0 -r 256 -t 4", "6 0 77");
    usleep(5000);
    const char *said = mbpoll(sim.drive_port, "-a 1 -0 -r 272 -c 6 -t 4 -1", "");
    cr_assert_eq(value_of(said, 272) & 0x6F, 0x21, "ready to switch on");
    cr_assert_eq(value_of(said, 276), 77, "the sequence's echo");
    mbpoll(sim.drive_port, "-a 1 -0 -r 288 -t 4", "20");
    said = mbpoll(sim.drive_port, "-a 1 -0 -r 288 -c 4 -t 4 -1", "");
    cr_assert_eq(value_of(said, 288), 20);
    cr_assert_eq(value_of(said, 289), 7);
}

Test(sim_mbpoll, reads_the_sensors) {
    const char *said = mbpoll(sim.sensor_port, "-a 3 -r 1 -c 1 -t 3:int -B -1", "");
    cr_assert_eq(value_of(said, 1), 1000000 + 24 * 8192 + 409, "the encoder's 32 bits, high word first");
    said = mbpoll(sim.sensor_port, "-a 2 -r 7 -c 5 -t 4 -1", "");
    cr_assert_lt(value_of(said, 9), 40);
    said = mbpoll(sim.sensor_port, "-a 4 -r 1 -c 4 -t 4 -1", "");
    cr_assert_eq(value_of(said, 1), 0x7E33, "stations and limit switches closed; no pulse, no power");
    cr_assert_eq(value_of(said, 4), 0xB1D4);
}

Test(sim_mbpoll, is_told_what_it_may_not) {
    char command[256];
    snprintf(command, sizeof command, "mbpoll -m tcp -a 1 -0 -r 289 -t 4 -p %d 127.0.0.1 9 2>&1", sim.drive_port);
    FILE *pipe = popen(command, "r");
    char said[4096];
    said[fread(said, 1, sizeof said - 1, pipe)] = '\0';
    pclose(pipe);
    cr_assert(strstr(said, "Illegal data value"), "%s", said);
}
