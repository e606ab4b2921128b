/* The load cell against the motor's torque, by means over windows. */
#include "controller/safety/pull.h"

#define PERMILLE 1000

/*@ requires \valid_read(limits) && pull_limits_valid(limits) && 1 <= cycles <= PULL_WINDOW_MAX_CYCLES + 1;
    requires -2 * PULL_SPEED_MAX_UM_S <= change_um_s <= 2 * PULL_SPEED_MAX_UM_S;
    assigns \nothing;
    ensures \result == pull_inertia(limits, change_um_s, cycles);
    ensures -20000000000000 <= \result <= 20000000000000;
*/
static int64_t inertia_mn(const struct pull_limits *limits, int64_t change_um_s, int64_t cycles) {
    //@ assert most: -20000000000000000 <= limits->mass_g * change_um_s <= 20000000000000000;
    //@ assert time: 1000 <= cycles * limits->cycle_us <= 200000000;
    return limits->mass_g * change_um_s / (cycles * limits->cycle_us);
}

/*@ requires -100000000000000 <= value <= 100000000000000;
    assigns \nothing;
    ensures \result == \abs(value);
*/
static int64_t magnitude(int64_t value) {
    return value < 0 ? -value : value;
}

/*@ requires \valid_read(limits) && pull_limits_valid(limits);
    requires -PULL_MN_MAX <= cell_mn <= PULL_MN_MAX;
    requires -30000000000000 <= rope_mn <= 30000000000000;
    assigns \nothing;
    ensures \result <==> pull_off(limits, cell_mn, rope_mn);
*/
static bool off(const struct pull_limits *limits, int64_t cell_mn, int64_t rope_mn) {
    int64_t cell = magnitude(cell_mn), rope = magnitude(rope_mn), greater = cell > rope ? cell : rope;
    //@ assert most: 0 <= greater * limits->tolerance_permille <= greater * 1000;
    return magnitude(cell_mn - rope_mn) > limits->tolerance_mn + greater * limits->tolerance_permille / PERMILLE;
}

/*@ requires 1 <= cycles && -(cycles * PULL_MN_MAX) <= sum_mn <= cycles * PULL_MN_MAX;
    assigns \nothing;
    ensures \result == sum_mn / cycles;
    ensures -PULL_MN_MAX <= \result <= PULL_MN_MAX;
*/
static int64_t mean(int64_t sum_mn, int64_t cycles) {
    return sum_mn / cycles;
}

/*@ requires \valid_read(pull) && \valid_read(limits) && \valid_read(in);
    requires pull_limits_valid(limits) && pull_valid(pull) && pull_in_valid(in);
    assigns \nothing;
    ensures \result <==> pull_differs(pull, limits, in);
*/
static bool differs(const struct pull *pull, const struct pull_limits *limits, const struct pull_in *in) {
    int64_t cycles = (int64_t)pull->cycles + 1;
    int64_t cell_mn = mean(pull->cell_mn + in->cell_mn, cycles), motor_mn = mean(pull->motor_mn + in->motor_mn, cycles);
    return off(limits, cell_mn, motor_mn + inertia_mn(limits, (int64_t)in->speed_um_s - pull->begun_um_s, cycles));
}

/*@ requires \valid(pull) && -PULL_SPEED_MAX_UM_S <= speed_um_s <= PULL_SPEED_MAX_UM_S;
    assigns pull->runs, pull->cycles, pull->begun_um_s, pull->cell_mn, pull->motor_mn;
    ensures pull->runs && pull->cycles == 0 && pull->begun_um_s == speed_um_s;
    ensures pull->cell_mn == 0 && pull->motor_mn == 0;
*/
static void begin(struct pull *pull, int32_t speed_um_s) {
    pull->runs = true;
    pull->cycles = 0;
    pull->begun_um_s = speed_um_s;
    pull->cell_mn = 0;
    pull->motor_mn = 0;
}

/*@ requires 0 <= off_windows <= PULL_WINDOWS;
    assigns \nothing;
    ensures \result == (off ? \min(off_windows + 1, PULL_WINDOWS) : 0);
    ensures 0 <= \result <= PULL_WINDOWS;
*/
static int32_t counted(int32_t off_windows, bool off) {
    if (!off)
        return 0;
    return off_windows < PULL_WINDOWS ? off_windows + 1 : PULL_WINDOWS;
}

bool pull_step(struct pull *pull, const struct pull_limits *limits, const struct pull_in *in) {
    if (!in->compared) {
        begin(pull, 0);
        pull->runs = false;
        pull->off_windows = 0;
    } else if (!pull->runs) {
        begin(pull, in->speed_um_s);
    } else if (pull->cycles + 1 >= limits->window_cycles) {
        pull->off_windows = counted(pull->off_windows, differs(pull, limits, in));
        begin(pull, in->speed_um_s);
    } else {
        pull->cell_mn += in->cell_mn;
        pull->motor_mn += in->motor_mn;
        pull->cycles++;
    }
    return pull->off_windows >= PULL_WINDOWS;
}
