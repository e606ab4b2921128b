/* The controller's cycle, top to bottom. */
#include "controller/cycle.h"

#include <assert.h>
#include <string.h>

#include "controller/cycle_parts.h"

size_t cycle_size(void) {
    return sizeof(struct cycle);
}

static void axis_init(struct axis *axis, const struct rig *rig, const struct rig_axis *from) {
    cycle_judge_limits(&axis->judge_limits, rig, from);
    cycle_clamp_limits(&axis->clamp_limits, rig, from);
    axis->stops = &rig->stop_table[from->stops].cells;
    judge_init(&axis->judge);
    axis->noted_state = axis->judge.state;
}

void cycle_init(struct cycle *cycle, const struct rig *rig) {
    assert(rig->axis_count >= 1 && rig->axis_count <= RIG_AXES_MAX && rig->cycle_ms >= 1);
    memset(cycle, 0, sizeof *cycle);
    cycle->rig = rig;
    cycle->dt_s = rig->cycle_ms / 1000.0;
    cycle->discrepancy_cycles = cycle_count(rig, rig->safety.estop_discrepancy_ms);
    cycle->standby_cue = cycle->running_cue = cycle->noted_cue = cycle->first_out_axis = -1;
    cycle->estop_reaction_cycles = -1;
    for (int i = 0; i < rig->axis_count; i++)
        axis_init(&cycle->axis[i], rig, &rig->axis[i]);
}

void cycle_step(struct cycle *cycle, const struct cycle_in *in, int64_t now_us, struct cycle_out *out) {
    assert(in->command_count >= 0 && in->command_count <= CYCLE_COMMANDS_MAX);
    cycle->number++;
    cycle->now_us = now_us;
    out->reply_count = out->event_count = out->events_lost = 0;

    cycle_take_inputs(cycle, in, out);
    cycle_judge(cycle, out);
    cycle_commands(cycle, in, out);
    cycle_plan(cycle, out);
    cycle_clamp(cycle);
    cycle_give_outputs(cycle, out);
    cycle_publish(cycle, in, out);
}

bool axis_active(const struct axis *axis) {
    return judge_wants_torque(axis->judge.state) || axis->judge.state == STATE_RELEASING;
}

bool axis_inputs_good(const struct axis *axis) {
    return axis->status.quality == QUALITY_GOOD && axis->position_steps.quality == QUALITY_GOOD &&
           axis->tension.quality == QUALITY_GOOD && axis->brake_ok;
}

bool axis_weight_on_line(const struct cycle *cycle, int index) {
    const struct rig_belay *belay = &cycle->rig->axis[index].belay;
    return belay->present && cycle->axis[index].tension_n >= belay->weight_on_line_n;
}

void cycle_event(struct cycle *cycle, struct cycle_out *out, struct event event) {
    event.cycle = cycle->number;
    event.t_us = cycle->now_us;
    if (out->event_count < CYCLE_EVENTS_MAX)
        out->events[out->event_count++] = event;
    else
        out->events_lost++;
}
