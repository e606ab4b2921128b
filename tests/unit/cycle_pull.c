/* The load cell against the motor in the cycle: when both are compared, and what a cell that lies ends in. */
#include "controller/cycle.h"

#include <criterion/criterion.h>

#include "controller/safety/pull.h"
#include "tests/bench_rig.h"

#define TORQUE_WORD 3

static struct bench *b;
static int16_t torque_permille; /* that the motor tells, of 1000 N; take-in is negative */
static double cell_n;

static void inject(struct bench *bench) {
    const double ripple_n = bench->now_us / 10000 % 2 ? 1 : -1;
    bench->image.frame[BENCH_DRIVE].word[TORQUE_WORD] = (uint16_t)torque_permille;
    bench->tension_n = cell_n + ripple_n;
}

static void setup(void) {
    b = bench_new();
    b->rig.profile[BENCH_DRIVE].term[TERM_TORQUE] =
        (struct profile_term){.present = true, .word = TORQUE_WORD, .type = TYPE_S16, .scale = 0.001};
    b->rig.axis[0].monitors.pull = (struct rig_pull){
        .present = true, .rated_n = 1000, .tolerance_n = 100, .tolerance_percent = 10, .window_ms = 20};
    torque_permille = 0;
    cell_n = 90;
    b->inject = inject;
    cycle_init(b->cycle, &b->rig);
    bench_run(b, 49);
    bench_do(b, COMMAND_UNLOCK); /* found taut */
    bench_step(b, &(struct command){.kind = COMMAND_SHOW, .show = &b->show});
    bench_full_speed(b);
}

static void teardown(void) {
    bench_free(b);
}

TestSuite(cycle_pull, .init = setup, .fini = teardown);

static bool doubted(void) {
    return (b->out.snapshot.fault_mask >> FAULT_TENSION_MISMATCH & 1) != 0;
}

Test(cycle_pull, within_the_tolerance_nothing_happens_beyond_the_line_is_locked) {
    bench_go(b, 0);
    torque_permille = -190;
    bench_run(b, 100);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "100 N more than the cell's 90 N");
    torque_permille = -230;
    bench_run(b, 3);
    cr_expect_not(doubted(), "one window is no lie");
    bench_run(b, 4);
    cr_expect(doubted());
    cr_expect(bench_axis(b)->tension_doubted);
    bench_run(b, 100);
    cr_expect(bench_axis(b)->line_locked);
    cr_expect_eq(bench_axis(b)->state, STATE_FAULT);
}

/* Taking in is against pay-out: a motor that pushes out with 150 N beside a cell that feels 90 N can't be. */
Test(cycle_pull, the_torque_has_a_sign) {
    bench_go(b, 0);
    torque_permille = 150;
    bench_run(b, 10);
    cr_expect(doubted());
}

Test(cycle_pull, behind_the_brake_nothing_is_compared) {
    torque_permille = -900;
    bench_run(b, 100);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "disarmed");
    torque_permille = -90;
    bench_go(b, 0);
    bench_run(b, 20);
    b->press = 0; /* let go */
    bench_run(b, 60);
    torque_permille = -900;
    bench_run(b, 100);
    cr_expect_eq(b->out.snapshot.fault_mask, 0, "at rest behind the brake");
}

/* The tension goes up faster than a cell with its lag can tell. */
Test(cycle_pull, a_catch_is_no_time_to_compare) {
    bench_go(b, 0);
    torque_permille = -90;
    bench_run(b, 20);
    cell_n = 800;
    bool caught = false;
    for (int i = 0; i < 200; i++) {
        bench_run(b, 1);
        caught = caught || bench_axis(b)->mode == MODE_CATCH;
    }
    cr_expect(caught);
    cr_expect_not(doubted());
}

Test(cycle_pull, without_the_cell_nobody_compares) {
    bench_go(b, 0);
    torque_permille = -300;
    bench_run(b, 10);
    cr_assert(doubted());
    bench_run(b, 100);
    b->press = 0;
    bench_run(b, 5);
    cr_assert_eq(bench_step(b, &(struct command){.kind = COMMAND_RECOVER, .bypass = BYPASS_LOAD_CELL}), REFUSED_NOT);
    cr_expect_eq(bench_do(b, COMMAND_RESET), REFUSED_NOT);
    bench_run(b, 20);
    cr_expect_not(doubted());
}
