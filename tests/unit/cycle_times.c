/* A rig behaves alike whatever its cycle time: what lasts for a time is counted in milliseconds. */
#include <criterion/criterion.h>

#include "controller/cycle.h"
#include "tests/bench_rig.h"

static const int cycle_times_ms[] = {2, 4, 5, 10, 15, 20};
enum { TIMES = sizeof cycle_times_ms / sizeof cycle_times_ms[0] };

/* Milliseconds until `holds`, from the first reading on. */
static int lasts_ms(struct bench *b, bool (*holds)(const struct bench *)) {
    for (int cycles = 0; cycles < 1000; cycles++) {
        bench_step(b, NULL);
        if (holds(b))
            return cycles * b->rig.cycle_ms;
    }
    return -1;
}

static bool latched(const struct bench *b) {
    return b->out.snapshot.first_out != FAULT_NONE;
}

static bool slows(const struct bench *b) {
    return bench_axis(b)->setpoint_m_s < 0.3 - 1e-6;
}

/* n readings in a row span n - 1 cycles; judging may take one more. */
static void expect_about(int ms, int expected_ms, int cycle_ms, const char *what) {
    int low_ms = expected_ms - 2 * cycle_ms, high_ms = expected_ms + cycle_ms;
    if (expected_ms < 2 * cycle_ms) /* two readings are the fewest */
        high_ms = 2 * cycle_ms;
    cr_expect(ms >= low_ms && ms <= high_ms && ms >= cycle_ms, "%s after %d ms at a cycle of %d ms, expected about %d",
              what, ms, cycle_ms, expected_ms);
}

Test(cycle_times, weight_on_the_line_is_seen_alike) {
    for (int i = 0; i < TIMES; i++) {
        struct bench *b = bench_new_at(cycle_times_ms[i]);
        bench_go(b, 0);
        bench_run_ms(b, 500);
        cr_assert_not(latched(b));
        b->tension_n = 800;
        expect_about(lasts_ms(b, latched), 20, cycle_times_ms[i], "caught");
        cr_expect_eq(b->out.snapshot.first_out, FAULT_FALL_CAUGHT);
        bench_free(b);
    }
}

Test(cycle_times, a_lowering_ends_alike) {
    for (int i = 0; i < TIMES; i++) {
        struct bench *b = bench_new_at(cycle_times_ms[i]);
        b->tension_n = 800;
        bench_do(b, COMMAND_ARM);
        b->press = 1;
        cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_JOG, .press = 1, .speed_m_s = 0.3}), REFUSED_NOT);
        bench_run_ms(b, 800);
        cr_assert_float_eq(bench_axis(b)->setpoint_m_s, 0.3, 1e-6);
        b->tension_n = 0;
        expect_about(lasts_ms(b, slows), 20, cycle_times_ms[i], "touched down");
        bench_free(b);
    }
}

Test(cycle_times, movement_with_the_brake_closed_is_seen_alike) {
    for (int i = 0; i < TIMES; i++) {
        struct bench *b = bench_new_at(cycle_times_ms[i]);
        b->drift_m_s = 0.1;
        expect_about(lasts_ms(b, latched), 30, cycle_times_ms[i], "movement");
        cr_expect_eq(b->out.snapshot.first_out, FAULT_MOVEMENT);
        bench_free(b);
    }
}

Test(cycle_times, a_stop_and_the_brakes_time_last_alike) {
    for (int i = 0; i < TIMES; i++) {
        struct bench *b = bench_new_at(cycle_times_ms[i]);
        bench_go(b, 1);
        bench_run_ms(b, 800);
        b->image.link[0].generation++;
        bench_step(b, NULL);
        int held_ms = 0;
        while (b->out.image.word[BENCH_DRIVE][0] == 0x02 && held_ms < 5000) {
            bench_step(b, NULL);
            held_ms += cycle_times_ms[i];
        }
        cr_expect(held_ms >= 200 && held_ms < 200 + 2 * cycle_times_ms[i], "held %d ms at a cycle of %d ms", held_ms,
                  cycle_times_ms[i]);
        bench_free(b);
    }
}
