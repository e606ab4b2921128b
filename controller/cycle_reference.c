/* What moves by itself under a winch: its sensor's readings, and the motion that makes up for it. */
#include <math.h>

#include "controller/cycle_parts.h"

/* Sent once a cycle and held for it: the middle of that is when it acts. */
void axis_reference_limits(struct cycle *cycle, int index) {
    const struct rig_axis *from = &cycle->rig->axis[index];
    const struct rig_motion *move = &from->modes.move;
    const double dt_s = cycle->dt_s;
    cycle->axis[index].track_limits = (struct track_limits){
        .latency_s = from->reference.latency_ms / 1000,
        .smoothing_s = from->reference.smoothing_ms / 1000,
        .jump_m = from->reference.jump_mm / 1000,
        .silent_s = from->reference.silent_ms / 1000,
        .dead_s = fmax(0, from->monitors.dead_ms / 1000.0 - dt_s) + dt_s / 2, /* dead_ms has the cycle of its reading */
        .lag_s = from->monitors.lag_ms / 1000.0,
        .speed_max_m_s = fmin(move->payout_speed_max_m_s, move->takein_speed_max_m_s),
        .acceleration_max_m_s2 = move->acceleration_m_s2,
        .jerk_max_m_s3 = from->limits.jerk_max_m_s3,
        .dt_s = dt_s,
    };
}

void axis_take_reference(struct cycle *cycle, const struct image_in *image, int index) {
    const struct rig_reference *from = &cycle->rig->axis[index].reference;
    struct axis *axis = &cycle->axis[index];
    if (!from->present)
        return;
    const struct image_value place = image_read(cycle->rig, image, from->device, TERM_PLACE, cycle->now_us);
    const bool plausible = place.value >= from->low_mm && place.value <= from->high_mm;
    const struct track_reading reading = {.good = place.quality == QUALITY_GOOD && plausible,
                                          .raw = place.raw,
                                          .position_m = from->sign * place.value / 1000,
                                          .age_s = (double)place.age_us / 1e6};
    axis->reference_m = (struct snapshot_value){reading.position_m, place.age_us, place.quality};
    if (place.quality == QUALITY_GOOD && !plausible)
        axis->reference_m.quality = QUALITY_BAD;
    track_listen(&axis->track, &axis->track_limits, &reading);
}

bool axis_reference_ready(const struct axis *axis) {
    return track_ready(&axis->track, &axis->track_limits);
}

static bool is_behind(const struct axis *axis, const struct rig_reference *reference) {
    return track_matched(&axis->track_drum, &axis->track_limits) &&
           fabs(axis->track_drum.error_m) * 1000 > reference->error_max_mm;
}

/* A reference that is lost is no fault of the axis: its motion ends, by the ramp of any stop, and what hung still over
 * the ground hangs still under the deck from then on. Nothing is to be reset; a GO is refused until it is heard
 * again. */
double axis_plan_tracking(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    if (axis->judge.cycles_in_state == 0)
        axis->track_drum = (struct track_drum){0};
    if (!axis_reference_ready(axis))
        axis_finish(cycle, axis, STOPPED_REFERENCE);
    const double speed_m_s = track_step(&axis->track_drum, &axis->track, &axis->track_limits, axis->position_m,
                                        (double)axis->position_steps.age_us / 1e6, last_m_s);
    if (is_behind(axis, &cycle->rig->axis[index].reference))
        axis_finish(cycle, axis, STOPPED_BEHIND);
    return speed_m_s;
}
