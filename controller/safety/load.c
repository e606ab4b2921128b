/* The load of a cue against what the load cell reads. */
#include "controller/safety/load.h"

#define PERMILLE 1000

/*@ requires 0 <= weight_mn <= LOAD_WEIGHT_MAX_MN;
    requires -LOAD_LIFTING_MAX_UM_S2 <= lifting_um_s2 <= LOAD_LIFTING_MAX_UM_S2;
    assigns \nothing;
    ensures \result == load_expected(weight_mn, lifting_um_s2);
    ensures 0 <= \result <= 12 * (int64_t)LOAD_WEIGHT_MAX_MN;
*/
static int64_t expected(int64_t weight_mn, int64_t lifting_um_s2) {
    int64_t felt_um_s2 = LOAD_GRAVITY_UM_S2 + lifting_um_s2;
    if (felt_um_s2 < 0)
        return 0;
    //@ assert bounded: weight_mn * felt_um_s2 <= LOAD_WEIGHT_MAX_MN * felt_um_s2;
    return weight_mn * felt_um_s2 / LOAD_GRAVITY_UM_S2;
}

/*@ requires \valid_read(limits) && load_limits_valid(limits) && 0 <= expected_mn <= 12 * (int64_t)LOAD_WEIGHT_MAX_MN;
    assigns \nothing;
    ensures \result == load_allowed(limits, expected_mn);
*/
static int64_t allowed(const struct load_limits *limits, int64_t expected_mn) {
    //@ assert bounded: expected_mn * limits->tolerance_permille <= expected_mn * 1000;
    return limits->tolerance_mn + expected_mn * limits->tolerance_permille / PERMILLE;
}

/*@ requires \valid_read(limits) && \valid_read(in) && load_limits_valid(limits) && load_in_valid(in);
    assigns \nothing;
    ensures \result <==> load_off(limits, in);
*/
static bool off(const struct load_limits *limits, const struct load_in *in) {
    if (!in->hangs || !in->tension_ok)
        return false;
    int64_t expected_mn = expected(in->weight_mn, in->lifting_um_s2);
    int64_t beyond_mn = in->tension_mn - expected_mn;
    int64_t allowed_mn = allowed(limits, expected_mn);
    return beyond_mn > allowed_mn || -beyond_mn > allowed_mn;
}

bool load_step(struct load *load, const struct load_limits *limits, const struct load_in *in) {
    if (!off(limits, in))
        load->off_cycles = 0;
    else if (load->off_cycles < INT32_MAX)
        load->off_cycles++;
    return load->off_cycles >= limits->lasts_cycles;
}
