/* A bus between a cycle played by the test and two misbehaving field servers. */
#ifndef BELAY_TESTS_PAIR_BUS_BENCH_H
#define BELAY_TESTS_PAIR_BUS_BENCH_H

#include "controller/bus/bus.h"
#include "tests/pair/field.h"

struct bus_bench {
    struct rig rig;
    struct field *field[BUS_LINKS];
    struct bus *bus;
    struct image_in in;
    struct image_out out;
    int64_t tick_us;
    int64_t late_us_max; /* of the cycles played since bus_bench_calm() */
};

#define BUS_BENCH_TRIES 20 /* of what a stall of the test machine can spoil */

/* Servers up, bus started, no cycle yet. Real-time priorities for all, where permitted. */
void bus_bench_open(struct bus_bench *bench);
void bus_bench_close(struct bus_bench *bench);

/* The bus alone, against servers that are up. Returns what bus_start() does. */
int bus_bench_start(struct bus_bench *bench);

/* Plays `ms` of cycles: reads, and writes the run word to the drive with the tick's millisecond as its setpoint, the
 * brake released and a new heartbeat. */
void bus_bench_cycles(struct bus_bench *bench, int ms);

/* The same until the links say `state`, at most 5 s; asserts that they do. */
void bus_bench_until(struct bus_bench *bench, int link, enum link_state state);

/* The same until a new connect of `link` is seen and the cycle's own words are on the wire again. */
void bus_bench_reconnect(struct bus_bench *bench, int link);

/* Both links up and the cycle's own words on the wire. */
void bus_bench_fly(struct bus_bench *bench);

/* True when no cycle since the last call was late by more than half a period: the machine did not stall meanwhile. */
bool bus_bench_calm(struct bus_bench *bench);

/* Nothing is read or written for `ms`, as when the cycle thread hangs. */
void bus_bench_silence(struct bus_bench *bench, int ms);

const struct image_link *bus_bench_link(const struct bus_bench *bench, int link);
const struct image_frame *bus_bench_frame(const struct bus_bench *bench, int device);

/* Age of a drive write of bus_bench_cycles() when it took effect. */
int bus_bench_age_ms(const struct field_write *write);

#endif
