/* The expected load: what the cue says hangs on the rope, against what the load cell reads. A snag, a touch-down, the
 * wrong load and a load that is not clipped in are all tension that the plan does not explain. Integers only, pure.
 *
 * Units: mN, um/s2, cycles. Taking in lifts. Nothing is expected before the cue's load hangs free.
 */
#ifndef BELAY_CONTROLLER_SAFETY_LOAD_H
#define BELAY_CONTROLLER_SAFETY_LOAD_H

#include <stdbool.h>
#include <stdint.h>

#define LOAD_GRAVITY_UM_S2 9806650
#define LOAD_WEIGHT_MAX_MN 1000000000
#define LOAD_LIFTING_MAX_UM_S2 100000000

/* Of one axis, from the rig. */
struct load_limits {
    int32_t tolerance_mn; /* 0..1e9: friction, rope's own weight, the cell */
    int32_t tolerance_permille; /* 0..1000: of the expected tension, beside it */
    int32_t lasts_cycles; /* 1 or more: beyond it for so long */
};

/* Readings of one axis in one cycle. A value whose `_ok` is false must not be used and is not. */
struct load_in {
    bool hangs; /* a cue with a load moves the axis or has yet to stop it, and the rope is where that load hangs free */
    bool tension_ok;
    int32_t tension_mn;
    int32_t weight_mn; /* of the cue's load at rest, 0..LOAD_WEIGHT_MAX_MN */
    int32_t lifting_um_s2; /* upward acceleration of the plan, either sign, up to LOAD_LIFTING_MAX_UM_S2 */
};

/* Memory of one axis; all zero at the start. */
struct load {
    int32_t off_cycles; /* readings in a row that the plan does not explain */
};

/*@ predicate load_limits_valid(struct load_limits *l) =
      0 <= l->tolerance_mn <= LOAD_WEIGHT_MAX_MN && 0 <= l->tolerance_permille <= 1000 && 1 <= l->lasts_cycles;
    predicate load_in_valid(struct load_in *in) =
      0 <= in->weight_mn <= LOAD_WEIGHT_MAX_MN &&
      -LOAD_LIFTING_MAX_UM_S2 <= in->lifting_um_s2 <= LOAD_LIFTING_MAX_UM_S2;
    // m (g + a): a rope only pulls.
    logic integer load_expected(integer weight_mn, integer lifting_um_s2) =
      weight_mn * \max(0, LOAD_GRAVITY_UM_S2 + lifting_um_s2) / LOAD_GRAVITY_UM_S2;
    logic integer load_allowed(struct load_limits *l, integer expected_mn) =
      l->tolerance_mn + expected_mn * l->tolerance_permille / 1000;
    predicate load_off(struct load_limits *l, struct load_in *in) = in->hangs && in->tension_ok &&
      \abs(in->tension_mn - load_expected(in->weight_mn, in->lifting_um_s2)) >
        load_allowed(l, load_expected(in->weight_mn, in->lifting_um_s2));
*/

/* One cycle: is the tension one that the plan does not explain, and has it been so for long enough? A reading that is
 * missing is a fault of its own and ends the count. */
/*@ requires \valid(load) && \valid_read(limits) && \valid_read(in);
    requires \separated(load, limits) && \separated(load, in);
    requires load_limits_valid(limits) && load_in_valid(in) && 0 <= load->off_cycles;
    assigns load->off_cycles;
    ensures off: \old(load_off(limits, in)) ==> load->off_cycles == \min(\old(load->off_cycles) + 1, INT32_MAX);
    ensures explained: \old(!load_off(limits, in)) ==> load->off_cycles == 0;
    ensures trips: \result <==> load->off_cycles >= \old(limits->lasts_cycles);
*/
bool load_step(struct load *load, const struct load_limits *limits, const struct load_in *in);

#endif
