/* The guards: monitors of what a rig has beside drive, encoder, cell and brake. Here the limit switches of an axis,
 * normally closed: end of travel, ultimate, dead turns, overwrap. Integers only, pure, no plan known.
 *
 * Units: um, um/s. Pay-out is positive. A switch that is not fitted says nothing; one that is fitted and can't be read
 * counts as open for what it blocks.
 */
#ifndef BELAY_CONTROLLER_SAFETY_GUARD_H
#define BELAY_CONTROLLER_SAFETY_GUARD_H

#include <stdbool.h>
#include <stdint.h>

enum guard_switch {
    GUARD_END_PAYOUT,      /* the way on is blocked, the way back open */
    GUARD_END_TAKEIN,
    GUARD_ULTIMATE_PAYOUT, /* everything stops */
    GUARD_ULTIMATE_TAKEIN,
    GUARD_DEAD_TURNS,      /* the last turns that hold the rope on the drum: no pay-out */
    GUARD_OVERWRAP,        /* the rope lies beside its groove or over itself: everything stops */
    GUARD_SWITCH_COUNT
};

/* Where a switch must be what it is: closed from closed_min_um to closed_max_um, both included (nowhere when min is
 * above max), and open below open_below_um and above open_above_um. Between them it may be either. */
struct guard_place {
    bool fitted;
    int64_t closed_min_um, closed_max_um;
    int64_t open_below_um, open_above_um;
};

/* Of one axis, from the rig. */
struct guard_limits {
    int32_t standstill_um_s; /* not negative */
    struct guard_place place[GUARD_SWITCH_COUNT];
};

/* Readings of one axis in one cycle. A value whose `_ok` is false must not be used and is not. */
struct guard_in {
    bool drive_ok, position_ok; /* fresh and good */
    int32_t speed_um_s;
    int64_t position_um;
    bool read_ok[GUARD_SWITCH_COUNT]; /* the input is fresh */
    bool closed[GUARD_SWITCH_COUNT];
};

/* Memory of one axis; all zero at the start. */
struct guard {
    bool seen; /* every switch was read once: from then on a silent one is a fault */
};

/*@ predicate guard_switch_valid(integer which) = 0 <= which < GUARD_SWITCH_COUNT;

    predicate guard_open(struct guard_limits *l, struct guard_in *in, integer which) =
      l->place[which].fitted && in->read_ok[which] && !in->closed[which];

    predicate guard_blocks(struct guard_limits *l, struct guard_in *in, integer which) =
      l->place[which].fitted && (!in->read_ok[which] || !in->closed[which]);

    predicate guard_silent(struct guard_limits *l, struct guard_in *in, integer which) =
      l->place[which].fitted && !in->read_ok[which];

    predicate guard_open_outward(struct guard_limits *l, struct guard_in *in) =
      guard_open(l, in, GUARD_END_PAYOUT) || guard_open(l, in, GUARD_ULTIMATE_PAYOUT) ||
      guard_open(l, in, GUARD_DEAD_TURNS);

    predicate guard_open_inward(struct guard_limits *l, struct guard_in *in) =
      guard_open(l, in, GUARD_END_TAKEIN) || guard_open(l, in, GUARD_ULTIMATE_TAKEIN);

    // A switch that is not what its place says.
    predicate guard_misplaced(struct guard_limits *l, struct guard_in *in, integer which) =
      in->position_ok &&
      ((guard_open(l, in, which) &&
        l->place[which].closed_min_um <= in->position_um <= l->place[which].closed_max_um) ||
       (l->place[which].fitted && in->read_ok[which] && in->closed[which] &&
        (in->position_um < l->place[which].open_below_um || in->position_um > l->place[which].open_above_um)));

    predicate guard_pays_out(struct guard_limits *l, struct guard_in *in) =
      in->drive_ok && in->speed_um_s > l->standstill_um_s;

    predicate guard_takes_in(struct guard_limits *l, struct guard_in *in) =
      in->drive_ok && in->speed_um_s < -l->standstill_um_s;

    predicate guard_end_passed(struct guard_limits *l, struct guard_in *in) =
      (guard_open(l, in, GUARD_END_PAYOUT) && guard_pays_out(l, in)) ||
      (guard_open(l, in, GUARD_END_TAKEIN) && guard_takes_in(l, in));

    predicate guard_ultimate(struct guard_limits *l, struct guard_in *in) =
      guard_open(l, in, GUARD_ULTIMATE_PAYOUT) || guard_open(l, in, GUARD_ULTIMATE_TAKEIN);

    predicate guard_implausible(struct guard_limits *l, struct guard_in *in) =
      (guard_open_outward(l, in) && guard_open_inward(l, in)) ||
      (\exists integer which; guard_switch_valid(which) && guard_misplaced(l, in, which));

    predicate guard_any_silent(struct guard_limits *l, struct guard_in *in) =
      \exists integer which; guard_switch_valid(which) && guard_silent(l, in, which);
*/

/* Has the drum turned further out although the end switch of that side is open? The way back is no fault. */
/*@ requires \valid_read(limits) && \valid_read(in) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \result <==> guard_end_passed(limits, in);
*/
bool guard_end_switch(const struct guard_limits *limits, const struct guard_in *in);

/* Is an ultimate switch open? In any state, whatever moves. */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> guard_ultimate(limits, in);
*/
bool guard_ultimate_switch(const struct guard_limits *limits, const struct guard_in *in);

/* Is rope paid out although the dead turns are reached? */
/*@ requires \valid_read(limits) && \valid_read(in) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \result <==> guard_open(limits, in, GUARD_DEAD_TURNS) && guard_pays_out(limits, in);
*/
bool guard_dead_turns(const struct guard_limits *limits, const struct guard_in *in);

/* Does the rope lie where it should not? */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> guard_open(limits, in, GUARD_OVERWRAP);
*/
bool guard_overwrap(const struct guard_limits *limits, const struct guard_in *in);

/* Do the switches contradict each other (open at both ends) or the position? A wire, a switch or the encoder. */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> guard_implausible(limits, in);
*/
bool guard_switch_implausible(const struct guard_limits *limits, const struct guard_in *in);

/* What is there in one cycle; the faults of these names, and IO_STALE for `silent`. */
struct guard_causes {
    bool end_switch, ultimate_switch, dead_turns, overwrap, switch_implausible;
    bool silent; /* a switch can't be read any more */
};

/* One cycle. */
/*@ requires \valid(guard) && \valid_read(limits) && \valid_read(in) && 0 <= limits->standstill_um_s;
    requires \separated(guard, limits) && \separated(guard, in);
    assigns guard->seen;
    ensures seen: guard->seen <==> \old(guard->seen) || !guard_any_silent(limits, in);
    ensures end: \result.end_switch <==> guard_end_passed(limits, in);
    ensures ultimate: \result.ultimate_switch <==> guard_ultimate(limits, in);
    ensures dead: \result.dead_turns <==> guard_open(limits, in, GUARD_DEAD_TURNS) && guard_pays_out(limits, in);
    ensures overwrap: \result.overwrap <==> guard_open(limits, in, GUARD_OVERWRAP);
    ensures implausible: \result.switch_implausible <==> \old(guard_implausible(limits, in));
    ensures silent: \result.silent <==> \old(guard->seen) && guard_any_silent(limits, in);
*/
struct guard_causes guard_step(struct guard *guard, const struct guard_limits *limits, const struct guard_in *in);

/* May no rope be paid out now, or none be taken in? An open or unreadable switch blocks its side; the overwrap switch
 * blocks taking in. */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> guard_blocks(limits, in, GUARD_END_PAYOUT) ||
      guard_blocks(limits, in, GUARD_ULTIMATE_PAYOUT) || guard_blocks(limits, in, GUARD_DEAD_TURNS);
*/
bool guard_blocks_payout(const struct guard_limits *limits, const struct guard_in *in);
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> guard_blocks(limits, in, GUARD_END_TAKEIN) ||
      guard_blocks(limits, in, GUARD_ULTIMATE_TAKEIN) || guard_blocks(limits, in, GUARD_OVERWRAP);
*/
bool guard_blocks_takein(const struct guard_limits *limits, const struct guard_in *in);

/* Is every switch that is fitted read in this cycle? */
/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> !guard_any_silent(limits, in);
*/
bool guard_all_read(const struct guard_limits *limits, const struct guard_in *in);

#endif
