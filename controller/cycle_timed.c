/* A cue that goes through places at times: by the cycle's own clock from when the axis runs, slower on a rung of the
 * ladder. */
#include <math.h>

#include "controller/cycle_parts.h"

static const struct timed_path *path_of(const struct cycle *cycle, const struct axis *axis) {
    return &cycle->show->timed[cycle->show->cue[axis->cue].timed];
}

struct verdict check_timed(const struct cycle *cycle, const struct cue *cue) {
    if (cue->kind != CUE_TIMED)
        return ACCEPTED;
    const double begins_m = cycle->show->timed[cue->timed].knot[0].position_m;
    struct verdict verdict = REFUSED_AXIS(REFUSED_START, cue->axis);
    verdict.detail.place_m = begins_m;
    return fabs(cycle->axis[cue->axis].position_m - begins_m) > cue->error_m / 2 ? verdict : ACCEPTED;
}

void timed_limits(const struct cycle *cycle, struct axis *axis) {
    const struct rig_motion *most = &cycle->rig->axis[axis - cycle->axis].modes.move;
    axis->move_speed_m_s = fmin(most->payout_speed_max_m_s, most->takein_speed_max_m_s) * cycle_share(cycle);
    axis->move_acceleration_m_s2 = most->acceleration_m_s2;
}

/* The time of the path in which a place is sent is later than that in which the drum is there. */
static void begin(const struct cycle *cycle, struct axis *axis, const struct course_limits *limits) {
    const double rate = cycle_share(cycle);
    axis->timed_follow = (struct timed_follow){0};
    axis->timed_source = (struct timed_source){-rate * timed_lead_s(limits), rate};
}

/* One that is behind or ahead by more than its cue allows is not where people think it is. */
static void look(struct cycle *cycle, int index, const struct course_reading *reading, double sent_m_s,
                 double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    const struct timed_path *path = path_of(cycle, axis);
    const double end_m = path->knot[path->count - 1].position_m;
    axis->there = axis->timed_source.time_s >= timed_end_s(path) && sent_m_s == 0 && last_m_s == 0 &&
                  fabs(reading->position_m - end_m) < CYCLE_PLACE_M;
    if (fabs(axis->timed_follow.error_m) > cycle->show->cue[axis->cue].error_m)
        axis_finish(cycle, axis, STOPPED_OFF_PATH);
    else if (axis->there && !axis->finished)
        axis_arrive(cycle, axis);
}

double axis_plan_timed(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    const struct course_limits limits = move_limits(cycle, index);
    const struct course_reading reading = move_reading(cycle, index);
    if (axis->judge.cycles_in_state == 0)
        begin(cycle, axis, &limits);
    const double sent_m_s = timed_step(&axis->timed_follow, path_of(cycle, axis), &limits, &axis->timed_source,
                                       &reading, last_m_s);
    axis->timed_source.time_s += axis->timed_source.rate * cycle->dt_s;
    axis->course.at = axis->timed_follow.course.at; /* for who asks whether it only hovers */
    look(cycle, index, &reading, sent_m_s, last_m_s);
    return sent_m_s;
}
