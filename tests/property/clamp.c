/* Random limits, random plans, a drive that follows with the declared reaction time: the drum never passes a limit.
 * The drum is integrated here, in doubles, from the setpoints as they take effect. */
#include "controller/safety/clamp.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#define RUNS 2000
#define CYCLES 1500
#define DELAY_MAX 40

static uint64_t state;

static uint64_t next(void) { /* splitmix64 */
    uint64_t z = (state += UINT64_C(0x9E3779B97F4A7C15));
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static int64_t between(int64_t low, int64_t high) {
    return low + (int64_t)(next() % (uint64_t)(high - low + 1));
}

static struct clamp_limits draw(void) {
    struct clamp_limits limits = {
        .position_min_um = between(-5000000, 0),
        .position_max_um = between(1000000, 30000000),
        .payout_max_um_s = (int32_t)between(100000, 12000000),
        .takein_max_um_s = (int32_t)between(100000, 12000000),
        .acceleration_um_s2 = (int32_t)between(500000, 12000000),
        .weight_on_line_mn = 250000,
        .cycle_us = (int32_t)between(1, 10) * 2000,
    };
    limits.stop_deceleration_um_s2 = (int32_t)between(limits.acceleration_um_s2, 15000000);
    limits.reaction_us = limits.cycle_us * (int32_t)between(1, 8);
    return limits;
}

struct outcome {
    double beyond_um;  /* farthest beyond a limit */
    int clamped;       /* cycles in which the clamp changed the plan */
    int near;          /* cycles within 1.2 times the stopping distance of a limit */
};

/* One run: a plan that pushes towards one limit and changes its mind now and then. `guard` false leaves the clamp
 * out. */
static struct outcome fly(const struct clamp_limits *limits, bool guard) {
    struct outcome outcome = {0};
    int32_t sent[DELAY_MAX] = {0};
    int delay = limits->reaction_us / limits->cycle_us;
    double position_um = (double)between(limits->position_min_um, limits->position_max_um);
    int32_t setpoint = 0, wanted = 0;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
        if (cycle % 50 == 0)
            wanted = (int32_t)between(-15000000, 15000000);
        struct clamp_in in = {.state = STATE_RUNNING, .position_ok = true, .tension_ok = true,
                              .position_um = llround(position_um), .tension_mn = 0, .setpoint_um_s = setpoint};
        int32_t given = guard ? clamp_setpoint(limits, &in, wanted) : wanted;
        outcome.clamped += given != wanted;
        cr_assert(!guard ||
                  abs(given - setpoint) <= (int64_t)limits->stop_deceleration_um_s2 * limits->cycle_us / 1000000);
        double room = given > 0 ? (double)limits->position_max_um - position_um
                                : position_um - (double)limits->position_min_um;
        double stop = pow(given, 2) / (2.0 * limits->stop_deceleration_um_s2);
        outcome.near += given != 0 && room < 1.2 * stop + fabs((double)given) * limits->reaction_us / 1e6;
        sent[cycle % DELAY_MAX] = setpoint = given;
        int32_t acts = cycle >= delay ? sent[(cycle - delay) % DELAY_MAX] : 0;
        position_um += acts * (limits->cycle_us / 1e6);
        double beyond =
            fmax(position_um - (double)limits->position_max_um, (double)limits->position_min_um - position_um);
        outcome.beyond_um = fmax(outcome.beyond_um, beyond);
    }
    return outcome;
}

Test(clamp, no_plan_passes_a_limit) {
    state = 20261121;
    long clamped = 0, near = 0, unguarded = 0;
    for (int run = 0; run < RUNS; run++) {
        struct clamp_limits limits = draw();
        uint64_t seed = state;
        struct outcome outcome = fly(&limits, true);
        cr_assert_leq(outcome.beyond_um, 20.0, "seed %llu: %.0f um beyond", (unsigned long long)seed,
                      outcome.beyond_um);
        clamped += outcome.clamped;
        near += outcome.near;
        state = seed;
        unguarded += fly(&limits, false).beyond_um > 20.0;
    }
    double cycles = (double)RUNS * CYCLES;
    cr_assert_gt((double)clamped / cycles, 0.10, "the clamp had too little to do: %.3f", (double)clamped / cycles);
    cr_assert_gt((double)near / cycles, 0.02, "the plans came too rarely near a limit: %.3f", (double)near / cycles);
    cr_assert_gt(unguarded, RUNS * 3 / 4, "without the clamp the same plans must pass a limit: %ld", unguarded);
}
