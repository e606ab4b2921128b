/* The pull that the load cell reads against the pull that the motor makes: two ways to the same force, so that a cell
 * that lies neither takes in on somebody nor pays out. Integers only, pure.
 *
 * On the drum act the rope, outwards, the motor, inwards, and friction, either way:
 * mass x d(speed)/dt = tension - motor +- friction. The means over a window are compared, for then the speed is needed
 * at its two ends only, and readings of different moments and noise even out. Two windows in a row trip: a transient is
 * no lie.
 *
 * Units: mN at the rope, um/s paid out, g, us.
 */
#ifndef BELAY_CONTROLLER_SAFETY_PULL_H
#define BELAY_CONTROLLER_SAFETY_PULL_H

#include <stdbool.h>
#include <stdint.h>

#define PULL_MN_MAX 1000000000        /* of a force or a tolerance: 1 MN */
#define PULL_MASS_MAX_G 100000000     /* 100 t */
#define PULL_SPEED_MAX_UM_S 100000000
#define PULL_WINDOW_MAX_CYCLES 1000
#define PULL_WINDOWS 2 /* in a row that trip */

/* Of one axis, from the rig. */
struct pull_limits {
    int32_t mass_g;             /* of motor, gear and drum, as a mass that moves with the rope, 0..PULL_MASS_MAX_G */
    int32_t tolerance_mn;       /* 0..PULL_MN_MAX: friction of gear and bearings, the cell, the torque's resolution */
    int32_t tolerance_permille; /* 0..1000: of the greater of both, beside it */
    int32_t window_cycles;      /* 1..PULL_WINDOW_MAX_CYCLES */
    int32_t cycle_us;           /* 1000..100000 */
};

/* Readings of one axis in one cycle; forces and speed within their greatest values, either sign. */
struct pull_in {
    bool compared;      /* brakes open, drive with torque, all three readings fresh and good */
    int32_t cell_mn;
    int32_t motor_mn;   /* force of its torque at the rope, taking in positive */
    int32_t speed_um_s; /* of the drum, by the motor */
};

/* Memory of one axis; all zero at the start. */
struct pull {
    bool runs;           /* a window does */
    int32_t cycles;      /* of it, so far */
    int32_t begun_um_s;  /* speed at its beginning */
    int64_t cell_mn, motor_mn; /* sums over it */
    int32_t off_windows; /* in a row, just before */
};

/*@ predicate pull_limits_valid(struct pull_limits *l) =
      0 <= l->mass_g <= PULL_MASS_MAX_G && 0 <= l->tolerance_mn <= PULL_MN_MAX && 0 <= l->tolerance_permille <= 1000 &&
      1 <= l->window_cycles <= PULL_WINDOW_MAX_CYCLES && 1000 <= l->cycle_us <= 100000;
    predicate pull_in_valid(struct pull_in *in) =
      -PULL_MN_MAX <= in->cell_mn <= PULL_MN_MAX && -PULL_MN_MAX <= in->motor_mn <= PULL_MN_MAX &&
      -PULL_SPEED_MAX_UM_S <= in->speed_um_s <= PULL_SPEED_MAX_UM_S;
    predicate pull_valid(struct pull *p) =
      0 <= p->cycles <= PULL_WINDOW_MAX_CYCLES && 0 <= p->off_windows <= PULL_WINDOWS &&
      -PULL_SPEED_MAX_UM_S <= p->begun_um_s <= PULL_SPEED_MAX_UM_S &&
      -(p->cycles * PULL_MN_MAX) <= p->cell_mn <= p->cycles * PULL_MN_MAX &&
      -(p->cycles * PULL_MN_MAX) <= p->motor_mn <= p->cycles * PULL_MN_MAX;
    // What the drum's change of speed takes of the motor's force, over n cycles: g x um/s / us = mN.
    logic integer pull_inertia(struct pull_limits *l, integer change_um_s, integer cycles) =
      l->mass_g * change_um_s / (cycles * l->cycle_us);
    logic integer pull_allowed(struct pull_limits *l, integer cell_mn, integer rope_mn) =
      l->tolerance_mn + \max(\abs(cell_mn), \abs(rope_mn)) * l->tolerance_permille / 1000;
    // Means over a window: the cell's, and what the motor leaves for the rope.
    predicate pull_off(struct pull_limits *l, integer cell_mn, integer rope_mn) =
      \abs(cell_mn - rope_mn) > pull_allowed(l, cell_mn, rope_mn);
    // With one more reading of each the window is over, and the cell says something else than the motor.
    predicate pull_differs(struct pull *p, struct pull_limits *l, struct pull_in *in) =
      pull_off(l, (p->cell_mn + in->cell_mn) / (p->cycles + 1),
               (p->motor_mn + in->motor_mn) / (p->cycles + 1) +
                 pull_inertia(l, in->speed_um_s - p->begun_um_s, p->cycles + 1));
    // The window that this cycle ends is one.
    predicate pull_ends(struct pull *p, struct pull_limits *l, struct pull_in *in) =
      in->compared && p->runs && p->cycles + 1 >= l->window_cycles;
*/

/* One cycle: have both disagreed for PULL_WINDOWS windows in a row? It stays so until a window agrees, or nothing is to
 * be compared any more: then all begins anew. */
/*@ requires \valid(pull) && \valid_read(limits) && \valid_read(in);
    requires \separated(pull, limits) && \separated(pull, in);
    requires pull_limits_valid(limits) && pull_valid(pull) && pull_in_valid(in);
    assigns *pull;
    ensures valid: pull_valid(pull);
    ensures trips: \result <==> pull->off_windows >= PULL_WINDOWS;
    ensures blind: \old(!in->compared) ==> pull->off_windows == 0 && !pull->runs;
    ensures lies: \old(pull_ends(pull, limits, in) && pull_differs(pull, limits, in)) ==>
      pull->off_windows == \min(\old(pull->off_windows) + 1, PULL_WINDOWS);
    ensures agrees: \old(pull_ends(pull, limits, in) && !pull_differs(pull, limits, in)) ==> pull->off_windows == 0;
    ensures waits: \old(in->compared && !pull_ends(pull, limits, in)) ==>
      pull->off_windows == \old(pull->off_windows);
    ensures sums: \old(in->compared && pull->runs && !pull_ends(pull, limits, in)) ==>
      pull->cycles == \old(pull->cycles) + 1 && pull->cell_mn == \old(pull->cell_mn) + in->cell_mn &&
      pull->motor_mn == \old(pull->motor_mn) + in->motor_mn && pull->begun_um_s == \old(pull->begun_um_s);
    ensures begins: \old(in->compared && (!pull->runs || pull_ends(pull, limits, in))) ==>
      pull->cycles == 0 && pull->cell_mn == 0 && pull->motor_mn == 0 && pull->begun_um_s == in->speed_um_s;
    ensures runs: \old(in->compared) ==> pull->runs;
*/
bool pull_step(struct pull *pull, const struct pull_limits *limits, const struct pull_in *in);

#endif
