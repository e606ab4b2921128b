/* The guards. What each must and must not say is its contract. */
#include "controller/safety/guard.h"

/*@ requires \valid_read(limits) && \valid_read(in) && guard_switch_valid(which);
    assigns \nothing;
    ensures \result <==> guard_open(limits, in, which);
*/
static bool is_open(const struct guard_limits *limits, const struct guard_in *in, int which) {
    return limits->place[which].fitted && in->read_ok[which] && !in->closed[which];
}

/*@ requires \valid_read(limits) && \valid_read(in) && guard_switch_valid(which);
    assigns \nothing;
    ensures \result <==> guard_blocks(limits, in, which);
*/
static bool blocks(const struct guard_limits *limits, const struct guard_in *in, int which) {
    if (!limits->place[which].fitted)
        return false;
    return !in->read_ok[which] || !in->closed[which];
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> guard_open_outward(limits, in);
*/
static bool open_outward(const struct guard_limits *limits, const struct guard_in *in) {
    return is_open(limits, in, GUARD_END_PAYOUT) || is_open(limits, in, GUARD_ULTIMATE_PAYOUT) ||
           is_open(limits, in, GUARD_DEAD_TURNS);
}

/*@ requires \valid_read(limits) && \valid_read(in);
    assigns \nothing;
    ensures \result <==> guard_open_inward(limits, in);
*/
static bool open_inward(const struct guard_limits *limits, const struct guard_in *in) {
    return is_open(limits, in, GUARD_END_TAKEIN) || is_open(limits, in, GUARD_ULTIMATE_TAKEIN);
}

/*@ requires \valid_read(limits) && \valid_read(in) && guard_switch_valid(which);
    assigns \nothing;
    ensures \result <==> guard_misplaced(limits, in, which);
*/
static bool misplaced(const struct guard_limits *limits, const struct guard_in *in, int which) {
    const struct guard_place *place = &limits->place[which];
    if (!in->position_ok || !place->fitted || !in->read_ok[which])
        return false;
    if (in->closed[which])
        return in->position_um < place->open_below_um || in->position_um > place->open_above_um;
    return place->closed_min_um <= in->position_um && in->position_um <= place->closed_max_um;
}

/*@ requires \valid_read(limits) && \valid_read(in) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \result <==> guard_pays_out(limits, in);
*/
static bool pays_out(const struct guard_limits *limits, const struct guard_in *in) {
    return in->drive_ok && in->speed_um_s > limits->standstill_um_s;
}

/*@ requires \valid_read(limits) && \valid_read(in) && 0 <= limits->standstill_um_s;
    assigns \nothing;
    ensures \result <==> guard_takes_in(limits, in);
*/
static bool takes_in(const struct guard_limits *limits, const struct guard_in *in) {
    return in->drive_ok && in->speed_um_s < -limits->standstill_um_s;
}

bool guard_end_switch(const struct guard_limits *limits, const struct guard_in *in) {
    if (pays_out(limits, in))
        return is_open(limits, in, GUARD_END_PAYOUT);
    return takes_in(limits, in) && is_open(limits, in, GUARD_END_TAKEIN);
}

bool guard_ultimate_switch(const struct guard_limits *limits, const struct guard_in *in) {
    return is_open(limits, in, GUARD_ULTIMATE_PAYOUT) || is_open(limits, in, GUARD_ULTIMATE_TAKEIN);
}

bool guard_dead_turns(const struct guard_limits *limits, const struct guard_in *in) {
    return pays_out(limits, in) && is_open(limits, in, GUARD_DEAD_TURNS);
}

bool guard_overwrap(const struct guard_limits *limits, const struct guard_in *in) {
    return is_open(limits, in, GUARD_OVERWRAP);
}

bool guard_switch_implausible(const struct guard_limits *limits, const struct guard_in *in) {
    if (open_outward(limits, in) && open_inward(limits, in))
        return true;
    /*@ loop invariant 0 <= which <= GUARD_SWITCH_COUNT;
        loop invariant \forall integer w; 0 <= w < which ==> !guard_misplaced(limits, in, w);
        loop assigns which;
        loop variant GUARD_SWITCH_COUNT - which;
    */
    for (int which = 0; which < GUARD_SWITCH_COUNT; which++)
        if (misplaced(limits, in, which))
            return true;
    return false;
}

/*@ requires \valid_read(limits) && \valid_read(in) && guard_switch_valid(which);
    assigns \nothing;
    ensures \result <==> guard_silent(limits, in, which);
*/
static bool is_silent(const struct guard_limits *limits, const struct guard_in *in, int which) {
    return limits->place[which].fitted && !in->read_ok[which];
}

bool guard_all_read(const struct guard_limits *limits, const struct guard_in *in) {
    /*@ loop invariant 0 <= which <= GUARD_SWITCH_COUNT;
        loop invariant \forall integer w; 0 <= w < which ==> !guard_silent(limits, in, w);
        loop assigns which;
        loop variant GUARD_SWITCH_COUNT - which;
    */
    for (int which = 0; which < GUARD_SWITCH_COUNT; which++)
        if (is_silent(limits, in, which)) {
            /*@ assert guard_switch_valid(which) && guard_silent(limits, in, which); */
            return false;
        }
    return true;
}

struct guard_causes guard_step(struct guard *guard, const struct guard_limits *limits, const struct guard_in *in) {
    bool all_read = guard_all_read(limits, in);
    struct guard_causes causes = {
        .end_switch = guard_end_switch(limits, in),
        .ultimate_switch = guard_ultimate_switch(limits, in),
        .dead_turns = guard_dead_turns(limits, in),
        .overwrap = guard_overwrap(limits, in),
        .switch_implausible = guard_switch_implausible(limits, in),
        .silent = guard->seen && !all_read,
    };
    guard->seen = guard->seen || all_read;
    return causes;
}

bool guard_blocks_payout(const struct guard_limits *limits, const struct guard_in *in) {
    return blocks(limits, in, GUARD_END_PAYOUT) || blocks(limits, in, GUARD_ULTIMATE_PAYOUT) ||
           blocks(limits, in, GUARD_DEAD_TURNS);
}

bool guard_blocks_takein(const struct guard_limits *limits, const struct guard_in *in) {
    return blocks(limits, in, GUARD_END_TAKEIN) || blocks(limits, in, GUARD_ULTIMATE_TAKEIN) ||
           blocks(limits, in, GUARD_OVERWRAP);
}
