/* The bus between a played cycle and two field servers. */
#include "tests/pair/bus_bench.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <string.h>

#include "controller/base/clock.h"

#define CYCLE_PRIORITY 80
#define BUS_PRIORITY 70

int bus_bench_start(struct bus_bench *bench) {
    pthread_setschedparam(pthread_self(), SCHED_FIFO, &(struct sched_param){.sched_priority = CYCLE_PRIORITY});
    image_out_safe(&bench->rig, &bench->out);
    memset(&bench->in, 0, sizeof bench->in);
    int error = bus_start(&bench->rig, BUS_PRIORITY, &bench->bus);
    bench->tick_us = clock_now_us();
    return error;
}

void bus_bench_open(struct bus_bench *bench) {
    memset(bench, 0, sizeof *bench);
    for (int i = 0; i < BUS_LINKS; i++)
        bench->field[i] = field_new();
    bus_rig(&bench->rig, field_port(bench->field[BUS_LINK_DRIVE]), field_port(bench->field[BUS_LINK_SENSORS]));
    cr_assert_eq(bus_bench_start(bench), 0);
}

void bus_bench_close(struct bus_bench *bench) {
    if (bench->bus)
        bus_stop(bench->bus);
    for (int i = 0; i < BUS_LINKS; i++)
        field_free(bench->field[i]);
}

static void cycle(struct bus_bench *bench) {
    int64_t period_us = bench->rig.cycle_ms * 1000;
    bench->tick_us += period_us;
    clock_sleep_until_us(bench->tick_us);
    int64_t late_us = clock_now_us() - bench->tick_us;
    bench->tick_us += late_us / period_us * period_us;
    bench->late_us_max = late_us > bench->late_us_max ? late_us : bench->late_us_max;
    bus_read(bench->bus, &bench->in);
    bench->out.cycle++;
    uint16_t *drive = bench->out.word[BUS_DRIVE], *io = bench->out.word[BUS_IO];
    drive[0] = BUS_RUN;
    drive[1] = (uint16_t)(bench->tick_us / 1000);
    io[0] = 1;
    io[1]++;
    bus_write(bench->bus, &bench->out, bench->tick_us);
}

void bus_bench_cycles(struct bus_bench *bench, int ms) {
    for (int64_t end_us = bench->tick_us + ms * 1000; bench->tick_us < end_us;)
        cycle(bench);
}

void bus_bench_until(struct bus_bench *bench, int link, enum link_state state) {
    for (int i = 0; i < 500 && bus_bench_link(bench, link)->state != state; i++)
        cycle(bench);
    cr_assert_eq(bus_bench_link(bench, link)->state, state, "link %d is %d, not %d", link,
                 (int)bus_bench_link(bench, link)->state, (int)state);
}

void bus_bench_reconnect(struct bus_bench *bench, int link) {
    uint32_t before = bus_bench_link(bench, link)->generation;
    for (int i = 0; i < 500 && bus_bench_link(bench, link)->generation == before; i++)
        cycle(bench);
    cr_assert_neq(bus_bench_link(bench, link)->generation, before, "link %d did not reconnect", link);
    bus_bench_fly(bench);
}

void bus_bench_fly(struct bus_bench *bench) {
    for (int i = 0; i < BUS_LINKS; i++)
        bus_bench_until(bench, i, LINK_UP);
    bus_bench_cycles(bench, 50);
    cr_assert_eq(field_get(bench->field[BUS_LINK_DRIVE], BUS_DRIVE + 1, BUS_DRIVE_CONTROL), BUS_RUN);
}

bool bus_bench_calm(struct bus_bench *bench) {
    bool calm = bench->late_us_max < bench->rig.cycle_ms * 500;
    bench->late_us_max = 0;
    return calm;
}

void bus_bench_silence(struct bus_bench *bench, int ms) {
    int64_t end_us = clock_now_us() + (int64_t)ms * 1000;
    clock_sleep_until_us(end_us);
    bench->tick_us = end_us;
}

const struct image_link *bus_bench_link(const struct bus_bench *bench, int link) {
    return &bench->in.link[link];
}

const struct image_frame *bus_bench_frame(const struct bus_bench *bench, int device) {
    return &bench->in.frame[device];
}

int bus_bench_age_ms(const struct field_write *write) {
    return (int16_t)(uint16_t)((uint16_t)(write->t_us / 1000) - write->word[1]);
}
