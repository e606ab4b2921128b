/* A group: winches that carry one thing between them. While any of them moves, none may get further ahead of another,
 * from where all stood when the motion began, than the rig lets. Integers only, pure.
 *
 * Units: um. An axis whose place is not known might be anywhere: it counts as away.
 */
#ifndef BELAY_CONTROLLER_SAFETY_GROUP_H
#define BELAY_CONTROLLER_SAFETY_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#define GROUP_AXES_MAX 16
#define GROUP_PLACE_MAX_UM 1000000000000

/* Of one group, from the rig. */
struct group_limits {
    int32_t deviation_um; /* 0 or more */
};

/* Readings of a group's axes in one cycle, the first `count` of each array. A position that is not known must not be
 * used and is not. */
struct group_in {
    int32_t count; /* 0..GROUP_AXES_MAX */
    bool moves;    /* one of them at least is free to move, or moves */
    bool known[GROUP_AXES_MAX];
    int64_t position_um[GROUP_AXES_MAX];
};

/* Memory of one group; all zero at the start. */
struct group {
    bool moves;
    int64_t from_um[GROUP_AXES_MAX]; /* where each stood when that began */
};

/*@ predicate group_in_valid(struct group_in *in) = 0 <= in->count <= GROUP_AXES_MAX &&
      (\forall integer i; 0 <= i < GROUP_AXES_MAX ==>
        -GROUP_PLACE_MAX_UM <= in->position_um[i] <= GROUP_PLACE_MAX_UM);
    predicate group_valid(struct group *g) = \forall integer i; 0 <= i < GROUP_AXES_MAX ==>
      -GROUP_PLACE_MAX_UM <= g->from_um[i] <= GROUP_PLACE_MAX_UM;
    logic integer group_travel(struct group *g, struct group_in *in, integer i) = in->position_um[i] - g->from_um[i];
    predicate group_ahead(struct group *g, struct group_limits *l, struct group_in *in, integer i) =
      \exists integer j; 0 <= j < in->count && group_travel(g, in, i) - group_travel(g, in, j) > l->deviation_um;
    predicate group_apart(struct group *g, struct group_limits *l, struct group_in *in) =
      \exists integer i; 0 <= i < in->count && group_ahead(g, l, in, i);
    predicate group_unknown(struct group_in *in) = \exists integer i; 0 <= i < in->count && !in->known[i];
*/

/* One cycle: is the group apart? At rest it never is, and what was is forgotten. */
/*@ requires \valid(group) && \valid_read(limits) && \valid_read(in);
    requires \separated(group, limits) && \separated(group, in);
    requires 0 <= limits->deviation_um && group_in_valid(in) && group_valid(group);
    assigns group->moves, group->from_um[0 .. GROUP_AXES_MAX - 1];
    ensures valid: group_valid(group);
    ensures moves: group->moves <==> in->moves;
    ensures begins: in->moves && !\old(group->moves) ==>
      \forall integer i; 0 <= i < in->count ==> group->from_um[i] == in->position_um[i];
    ensures goes_on: in->moves && \old(group->moves) ==>
      \forall integer i; 0 <= i < GROUP_AXES_MAX ==> group->from_um[i] == \old(group->from_um[i]);
    ensures trips: \result <==> in->moves && (group_unknown(in) || group_apart(group, limits, in));
*/
bool group_step(struct group *group, const struct group_limits *limits, const struct group_in *in);

#endif
