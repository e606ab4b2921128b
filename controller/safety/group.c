/* The axes of a group against each other. */
#include "controller/safety/group.h"

/*@ requires \valid_read(in) && group_in_valid(in);
    assigns \nothing;
    ensures \result <==> group_unknown(in);
*/
static bool unknown(const struct group_in *in) {
    /*@ loop invariant 0 <= i <= in->count;
        loop invariant \forall integer k; 0 <= k < i ==> in->known[k];
        loop assigns i;
        loop variant in->count - i;
    */
    for (int32_t i = 0; i < in->count; i++)
        if (!in->known[i])
            return true;
    return false;
}

/*@ requires \valid(group) && \valid_read(in) && \separated(group, in);
    requires group_in_valid(in) && group_valid(group);
    assigns group->from_um[0 .. GROUP_AXES_MAX - 1];
    ensures valid: group_valid(group);
    ensures here: \forall integer i; 0 <= i < in->count ==> group->from_um[i] == in->position_um[i];
*/
static void begin(struct group *group, const struct group_in *in) {
    /*@ loop invariant 0 <= i <= in->count;
        loop invariant group_valid(group);
        loop invariant \forall integer k; 0 <= k < i ==> group->from_um[k] == in->position_um[k];
        loop assigns i, group->from_um[0 .. GROUP_AXES_MAX - 1];
        loop variant in->count - i;
    */
    for (int32_t i = 0; i < in->count; i++)
        group->from_um[i] = in->position_um[i];
}

/*@ requires \valid_read(group) && \valid_read(in) && group_in_valid(in) && group_valid(group) && 0 <= i < in->count;
    assigns \nothing;
    ensures \result == group_travel(group, in, i);
    ensures -2 * GROUP_PLACE_MAX_UM <= \result <= 2 * GROUP_PLACE_MAX_UM;
*/
static int64_t travel_um(const struct group *group, const struct group_in *in, int32_t i) {
    return in->position_um[i] - group->from_um[i];
}

/* Further than another one by more than may be. */
/*@ requires \valid_read(group) && \valid_read(limits) && \valid_read(in);
    requires group_in_valid(in) && group_valid(group) && 0 <= i < in->count;
    assigns \nothing;
    ensures \result <==> group_ahead(group, limits, in, i);
*/
static bool ahead(const struct group *group, const struct group_limits *limits, const struct group_in *in, int32_t i) {
    const int64_t far_um = travel_um(group, in, i);
    /*@ loop invariant 0 <= j <= in->count;
        loop invariant \forall integer k; 0 <= k < j ==> far_um - group_travel(group, in, k) <= limits->deviation_um;
        loop assigns j;
        loop variant in->count - j;
    */
    for (int32_t j = 0; j < in->count; j++)
        if (far_um - travel_um(group, in, j) > limits->deviation_um)
            return true;
    return false;
}

/*@ requires \valid_read(group) && \valid_read(limits) && \valid_read(in);
    requires group_in_valid(in) && group_valid(group);
    assigns \nothing;
    ensures \result <==> group_apart(group, limits, in);
*/
static bool apart(const struct group *group, const struct group_limits *limits, const struct group_in *in) {
    /*@ loop invariant 0 <= i <= in->count;
        loop invariant \forall integer k; 0 <= k < i ==> !group_ahead(group, limits, in, k);
        loop assigns i;
        loop variant in->count - i;
    */
    for (int32_t i = 0; i < in->count; i++)
        if (ahead(group, limits, in, i))
            return true;
    return false;
}

bool group_step(struct group *group, const struct group_limits *limits, const struct group_in *in) {
    if (in->moves && !group->moves)
        begin(group, in);
    group->moves = in->moves;
    return in->moves && (unknown(in) || apart(group, limits, in));
}
