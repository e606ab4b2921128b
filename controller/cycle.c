/* The controller's cycle, top to bottom. */
#include "controller/cycle.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "controller/cycle_parts.h"

#define TOUCHDOWN_MS 20 /* slack for so long ends a lowering */
#define AGAIN_MS 1000   /* a cause that was gone for less has only flickered */

size_t cycle_size(void) {
    return sizeof(struct cycle);
}

/* Cycles for which something must be read before it counts; never fewer than two, for one reading alone is noise. */
static int32_t readings(const struct rig *rig, int32_t ms) {
    int32_t count = cycle_count(rig, ms);
    return count < 2 ? 2 : count;
}

#define BOUNCES 2 /* free flight between two of them, too */

/* m x'' = -(EA / L) x on the longest rope: the slowest bounce of the person, of the heaviest where none is registered.
 */
static int32_t bounce_cycles(const struct rig *rig, const struct rig_axis *from) {
    if (!from->carries_person)
        return 0;
    double mass_kg = from->belay.present ? from->belay.person_mass_kg : from->load.rated_mass_kg;
    double length_m = from->rope.lead_m + from->limits.position_max_m;
    double bounce_s = 2 * M_PI * sqrt(mass_kg * length_m / from->rope.ea_n);
    return cycle_count(rig, (int32_t)ceil(BOUNCES * bounce_s * 1000));
}

static void axis_init(struct axis *axis, const struct rig *rig, const struct rig_axis *from) {
    cycle_judge_limits(&axis->judge_limits, rig, from);
    cycle_clamp_limits(&axis->clamp_limits, rig, from);
    cycle_guard_limits(&axis->guard_limits, from);
    cycle_load_limits(&axis->load_limits, rig, from);
    axis->cable = cable_of_axis(from);
    axis->stop_ways = stop_ways_of(rig, from, STOP_KIND_RAMP);
    cycle_duty_limits(&axis->duty_limits, rig, from);
    cycle_pull_limits(&axis->pull_limits, rig, from);
    cycle_landing_limits(&axis->landing, &axis->judge_limits.monitor, from);
    axis->stops = &rig->stop_table[from->stops].cells;
    axis->still_cycles_max = cycle_count(rig, from->brake.hold_ms_max);
    axis->io_loss_cycles = cycle_count(rig, rig->device[from->brake.io].comm_loss_ms_max);
    axis->bounce_cycles = bounce_cycles(rig, from);
    axis->light_cycles = axis->rest_cycles = INT32_MAX;
    axis->takes_limits = rig->profile[rig->device[from->drive].profile].torque_limit_full > 0;
    axis->handover_cycles = cycle_count(rig, from->brake.handover_ms);
    axis->handover_um = llround(from->brake.handover_mm * 1e3);
    judge_init(&axis->judge);
    axis->noted_state = axis->judge.state;
    axis->cue = axis->noted_cue = axis->run_rung = axis->follow.mate = -1;
    axis->setup_um_s = cycle_setup_um_s(from);
    axis->creep_um_s = cycle_creep_um_s(from);
    axis->snatch_um_s = cycle_snatch_um_s(from);
    /* Until serve has read the record. */
    const bool asks = (from->carries_person && from->commissioning.present) || from->reference.present;
    axis->clearance = asks ? REFUSED_NOT_COMMISSIONED : REFUSED_NOT;
}

/* A start so late makes readings stale by itself: they are a cycle or two old when all is well. */
static int64_t lateness_that_trips(const struct rig *rig) {
    int32_t shortest_ms = rig->device[0].stale_after_ms;
    for (int i = 1; i < rig->device_count; i++)
        shortest_ms = rig->device[i].stale_after_ms < shortest_ms ? rig->device[i].stale_after_ms : shortest_ms;
    int32_t beats = shortest_ms / rig->cycle_ms - OVERRUN_BEATS;
    return (int64_t)rig->cycle_ms * 1000 * (beats < OVERRUN_BEATS ? OVERRUN_BEATS : beats);
}

void cycle_init(struct cycle *cycle, const struct rig *rig) {
    assert(rig->axis_count >= 1 && rig->axis_count <= RIG_AXES_MAX && rig->cycle_ms >= 1);
    memset(cycle, 0, sizeof *cycle);
    cycle->rig = rig;
    cycle->dt_s = rig->cycle_ms / 1000.0;
    cycle->discrepancy_cycles = cycle_count(rig, rig->safety.estop_discrepancy_ms);
    cycle->standby_cue = cycle->first_out.axis = cycle->first_out.station = -1;
    cycle->pulse_cycles_max = rig->safety.relay.present ? rig->safety.relay.pulse_ms / rig->cycle_ms : 0;
    cycle->touchdown_cycles = readings(rig, TOUCHDOWN_MS);
    cycle->again_cycles = cycle_count(rig, AGAIN_MS);
    cycle->late_us_trips = lateness_that_trips(rig);
    cycle->estop_reaction_cycles = -1;
    assert(rig->safety.station_count >= 1 && rig->safety.station_count <= RIG_STATIONS_MAX);
    for (int i = 0; i < rig->group_count; i++)
        cycle_group_limits(&cycle->group_limits[i], &rig->group[i]);
    for (int i = 0; i < rig->axis_count; i++)
        axis_init(&cycle->axis[i], rig, &rig->axis[i]);
    for (int i = 0; i < rig->axis_count; i++)
        axis_reference_limits(cycle, i);
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

bool axis_held(const struct cycle *cycle, const struct axis *axis) {
    const struct permission *permission = &cycle->permission;
    return permission->alive && permission->session == axis->session && permission->press == axis->press;
}

bool axis_brake_holds(const struct axis *axis) {
    if (axis->brake_ok ? axis->brake_open : axis->stays_open)
        return false;
    int32_t unheard = axis->brake_ok ? 0 : axis->io_loss_cycles;
    return axis->closed_cycles >= axis->judge_limits.brake_close_cycles_max + unheard;
}

bool axis_stands(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    return axis->speed.quality == QUALITY_GOOD && (axis_brake_holds(axis) || axis->sticks) &&
           fabs(axis->speed_m_s) <= cycle->rig->axis[index].limits.standstill_speed_m_s;
}

bool axis_inputs_good(const struct axis *axis) {
    bool position = axis->position_steps.quality == QUALITY_GOOD || axis_bypasses(axis, BYPASS_ENCODER);
    bool tension = axis->tension.quality == QUALITY_GOOD || axis_bypasses(axis, BYPASS_LOAD_CELL);
    bool switches = guard_all_read(&axis->guard_limits, &axis->guard_in) || axis_bypasses(axis, BYPASS_LIMIT_SWITCH);
    return axis->status.quality == QUALITY_GOOD && axis->brake_ok && position && tension && switches;
}

bool axis_weight_on_line(const struct cycle *cycle, int index) {
    const struct rig_belay *belay = &cycle->rig->axis[index].belay;
    return belay->present && cycle->axis[index].tension_n >= belay->weight_on_line_n;
}

bool axis_person_hangs(const struct cycle *cycle, int index) {
    const struct rig_person *person = &cycle->rig->axis[index].person;
    return person->present && cycle->axis[index].tension_n >= person->hangs_n;
}

bool axis_climber_hangs(const struct cycle *cycle, int index) {
    return cycle->rig->axis[index].belay.present && axis_person_hangs(cycle, index);
}

void cycle_event(struct cycle *cycle, struct cycle_out *out, struct event event) {
    event.cycle = cycle->number;
    event.t_us = cycle->now_us;
    if (out->event_count < CYCLE_EVENTS_MAX)
        out->events[out->event_count++] = event;
    else
        out->events_lost++;
}
