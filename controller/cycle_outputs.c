/* Sixth and seventh call: give outputs, publish. */
#include <assert.h>
#include <math.h>
#include <string.h>

#include "controller/cycle_parts.h"
#include "controller/motion/drum.h"

/* A person may hang on the drive's torque until the brake's pads hold: till then it stops by its own ramp and holds,
 * unless the stop table says off. A brake that reads open is waited for without end, and one that can't be asked as
 * long as its I/O block may go on releasing it, or without end when it had read open till then. */
static bool holds_for_the_brake(const struct axis *axis) {
    return axis->judge.reaction != STOP_OFF && !axis_brake_holds(axis);
}

static bool reads_closed(const struct axis *axis) {
    return axis->brake_ok && !axis->brake_open;
}

/* A drive that makes torque although this controller never asked for it, as after a restart in the middle of a motion:
 * it stopped by its own ramp when the link came up, and a person may hang on it until the brake's pads hold. */
static bool found_with_torque(const struct axis *axis) {
    bool suspected = axis->judge.reaction == STOP_OFF;
    bool makes = axis_makes_torque(axis) || (axis->found && axis->drive == CIA402_UNKNOWN);
    return makes && !axis->torque_was_asked && !suspected;
}

static bool holds_as_found(const struct axis *axis) {
    return found_with_torque(axis) && axis->found_closed_cycles <= axis->judge_limits.brake_close_cycles_max;
}

/* What takes the hold away until the reset: an opened chain, and doubt of the drive itself. Whatever else happens to
 * the machine, a person who hangs on that torque has nothing better. */
#define ENDS_SLIP_HOLD \
    (FAULT_BIT(ESTOP) | FAULT_BIT(ESTOP_DISCREPANCY) | FAULT_BIT(ESTOP_WELDED) | FAULT_BIT(CHAIN_OFF) | \
     FAULT_BIT(DRIVE_STALE) | FAULT_BIT(DRIVE_FAULT) | FAULT_BIT(STOP_UNCONFIRMED))

/* Does the stop table leave the torque, with these faults too? The slide that the drive is to end may have been an
 * overspeed already. */
static bool table_leaves_torque(const struct axis *axis, uint64_t too) {
    uint64_t faults = (axis->judge.latched & ~FAULT_BIT(OVERSPEED)) | too;
    return stop_strongest(axis->stops, faults, MODE_NONE, DIRECTION_STANDING) != STOP_OFF;
}

bool axis_may_hold(const struct cycle *cycle, const struct axis *axis) {
    bool seen = axis->status.quality == QUALITY_GOOD && axis->speed.quality == QUALITY_GOOD;
    bool doubted = (axis->judge.latched & ENDS_SLIP_HOLD) != 0 || axis->judge.drive_link_lost;
    return seen && !doubted && !axis_estop_open(cycle, (int)(axis - cycle->axis)) && table_leaves_torque(axis, 0);
}

bool axis_on_drive(const struct axis *axis) {
    return axis->slips || axis->sticks;
}

static bool had_closing_time(const struct axis *axis) {
    return axis->closed_cycles >= axis->judge_limits.brake_close_cycles_max;
}

/* Where the table takes the torque for a drum that moves, a drive that creeps would drop its load: it waits for the
 * brake. */
void axis_watch_stick(struct axis *axis) {
    if (axis->brake_ok)
        axis->stays_open = axis->brake_open && (axis->stays_open || had_closing_time(axis));
    bool open = axis->brake_ok && axis->brake_open, late = (axis->judge.latched & FAULT_BIT(BRAKE_CLOSE)) != 0;
    bool begins = late && open && table_leaves_torque(axis, FAULT_BIT(MOVEMENT));
    const bool unread = axis->sticks && axis->drive == CIA402_UNKNOWN;
    axis->sticks = (axis_makes_torque(axis) || unread) && !reads_closed(axis) && (axis->sticks || begins);
    axis->line_locked = axis->line_locked || (axis->sticks && begins); /* what hangs there is only lowered */
}

bool axis_holds_slip(const struct cycle *cycle, const struct axis *axis) {
    return axis_on_drive(axis) && axis_may_hold(cycle, axis);
}

/* A drive in its quick stop holds already; one that can't be understood may, and any other word could let go of it. */
static enum drive_want want_behind_slip(const struct axis *axis) {
    const bool holds = axis->drive == CIA402_QUICK_STOP || axis->drive == CIA402_UNKNOWN;
    return holds ? DRIVE_WANT_QUICK_STOP : DRIVE_WANT_RUN;
}

bool axis_leaves_quick_stop(const struct cycle *cycle, const struct axis *axis) {
    const struct rig *rig = cycle->rig;
    const int drive = rig->axis[axis - cycle->axis].drive;
    return rig->profile[rig->device[drive].profile].leaves_quick_stop && !axis->keeps_quick_stop;
}

/* Out of a ramp that has taken the torque too far to prove any: through "switched on", where the hand-over would have
 * gone too, so that the drive makes its torque anew. */
static bool starts_anew(const struct cycle *cycle, const struct axis *axis) {
    const bool out_of_ramp = axis->told == DRIVE_WANT_HAND_OVER || axis->told == DRIVE_WANT_STANDBY;
    return axis->judge.state == STATE_ENABLING && axis->drive == CIA402_ENABLED && out_of_ramp &&
           !axis_shows_torque(cycle, axis);
}

/* While no brake holds, there is no way through a state without torque: a drive that stopped by itself, or can't be
 * understood, stays in its quick stop or leaves it in one step. */
static enum drive_want want_torque(const struct cycle *cycle, const struct axis *axis) {
    if (axis_brake_holds(axis) && !axis->slips)
        return starts_anew(cycle, axis) ? DRIVE_WANT_STANDBY : DRIVE_WANT_RUN;
    if (axis->drive == CIA402_UNKNOWN)
        return DRIVE_WANT_QUICK_STOP;
    if (axis->drive != CIA402_QUICK_STOP)
        return DRIVE_WANT_RUN;
    bool starts = axis->judge.state == STATE_ENABLING;
    return starts && axis_leaves_quick_stop(cycle, axis) ? DRIVE_WANT_RESUME : DRIVE_WANT_QUICK_STOP;
}

bool axis_asks_torque(const struct axis *axis) {
    return axis->told == DRIVE_WANT_RUN || axis->told == DRIVE_WANT_RESUME || axis->told == DRIVE_WANT_QUICK_STOP ||
           axis->told == DRIVE_WANT_HAND_OVER;
}

static enum drive_want want_of(const struct cycle *cycle, const struct axis *axis) {
    if (holds_as_found(axis))
        return DRIVE_WANT_QUICK_STOP;
    if (judge_wants_quick_stop(&axis->judge, &axis->judge_limits))
        return DRIVE_WANT_QUICK_STOP;
    if (judge_wants_torque(axis->judge.state))
        return want_torque(cycle, axis);
    if (axis->drive_reset_cycles > 0 && cia402_is_off(axis->drive)) /* one that can't be understood may hold a load */
        return DRIVE_WANT_RESET;
    if (axis_holds_slip(cycle, axis))
        return want_behind_slip(axis);
    if (holds_for_the_brake(axis))
        return DRIVE_WANT_QUICK_STOP;
    if (axis_ramps_torque(cycle, axis))
        return DRIVE_WANT_HAND_OVER;
    if (axis_hands_over(cycle, axis))
        return DRIVE_WANT_STANDBY;
    return axis->judge.state == STATE_FAULT ? DRIVE_WANT_COAST : DRIVE_WANT_IDLE;
}

static const struct profile_io_bits *io_bits(const struct rig *rig, int device) {
    return &rig->profile[rig->device[device].profile].io;
}

bool cycle_opens_chain(const struct cycle *cycle) {
    if (!cycle->rig->safety.relay.present)
        return false;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (cycle->axis[i].judge.latched & FAULT_BIT(STOP_UNCONFIRMED))
            return true;
    return false;
}

/* The cycle itself makes the edges: when it hangs there are none, whatever the bus workers still send. */
static void give_pulse(struct cycle *cycle, struct image_out *out) {
    const struct rig *rig = cycle->rig;
    if (!rig->safety.relay.present)
        return;
    cycle->pulse_cycles = cycle_counted(cycle->pulse_cycles, true);
    if (cycle->pulse_cycles >= cycle->pulse_cycles_max && !cycle_opens_chain(cycle)) {
        cycle->pulse = !cycle->pulse;
        cycle->pulse_cycles = 0;
    }
    image_write(rig, out, rig->safety.io, TERM_OUTPUTS, cycle->pulse ? io_bits(rig, rig->safety.io)->pulse : 0);
}

/* Word of the I/O block of this axis, which may be the one with the pulse. */
static uint16_t outputs_of(const struct cycle *cycle, const struct rig_axis *from, bool release) {
    const struct profile_io_bits *bits = io_bits(cycle->rig, from->brake.io);
    uint16_t word = cycle->pulse && from->brake.io == cycle->rig->safety.io ? bits->pulse : 0;
    for (int i = 0; release && i < from->brake.unit_count; i++)
        word |= bits->brake[from->brake.unit[i].output].release;
    return word;
}

static void give_axis(struct cycle *cycle, struct cycle_out *out, int index) {
    const struct rig *rig = cycle->rig;
    const struct rig_axis *from = &rig->axis[index];
    struct axis *axis = &cycle->axis[index];
    const struct profile *drive = &rig->profile[rig->device[from->drive].profile];

    axis->told = want_of(cycle, axis);
    uint16_t word = cia402_command(&drive->commands, axis->drive, axis->told, (int)(cycle->number / 4 % 2));
    image_write(rig, &out->image, from->drive, TERM_CONTROL, word);
    axis_step_ramp(axis, drive->torque_limit_full);
    double share = axis_torque_share(axis);
    image_write_limits(rig, &out->image, from->drive, share, share);
    double speed_m_s = axis->setpoint_um_s / 1e6;
    image_write(rig, &out->image, from->drive, TERM_SETPOINT_SPEED,
                drum_motor_rpm(&from->drum, axis->position_m, speed_m_s));
    bool release = judge_wants_brake_open(axis->judge.state);
    image_write(rig, &out->image, from->brake.io, TERM_OUTPUTS, outputs_of(cycle, from, release));
    bool slip = axis->slips && axis_holds_slip(cycle, axis);
    axis->torque_was_asked = axis->torque_was_asked || judge_wants_torque(axis->judge.state) || slip;
    axis->found = found_with_torque(axis);
    axis->found_closed_cycles = axis->found ? axis->found_closed_cycles + reads_closed(axis) : 0;
    axis->closed_cycles = cycle_counted(axis->closed_cycles, !release);
}

/* The stop of an E-stop is out when no axis of its zone may run any more; counted from the image that held the open
 * chain. */
static void note_reaction(struct cycle *cycle) {
    if (!cycle->estop_pending)
        return;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((cycle->estop_pending >> i & 1) != 0 && axis_in_motion(cycle->axis[i].judge.state))
            return;
    cycle->estop_pending = 0;
    cycle->estop_reaction_cycles = (int32_t)(cycle->number - cycle->estop_cycle);
}

/* Once a cycle, after judge and commands: one line whatever moved the state. */
static void note_state(struct cycle *cycle, struct cycle_out *out, int index) {
    struct axis *axis = &cycle->axis[index];
    if (axis->judge.state != axis->noted_state)
        cycle_event(
            cycle, out,
            (struct event){
                .kind = EVENT_STATE, .axis = index, .from = (int)axis->noted_state, .to = (int)axis->judge.state});
    axis->noted_state = axis->judge.state;
}

static void note_cue(struct cycle *cycle, struct cycle_out *out, int index) {
    struct axis *axis = &cycle->axis[index];
    if (axis->cue == axis->noted_cue)
        return;
    bool runs = axis->cue >= 0;
    int cue = runs ? axis->cue : axis->noted_cue;
    cycle_event(cycle, out, (struct event){.kind = EVENT_CUE, .axis = index, .from = cue, .to = runs});
    axis->noted_cue = axis->cue;
}

static void note_lock(struct cycle *cycle, struct cycle_out *out, int index) {
    struct axis *axis = &cycle->axis[index];
    if (axis->line_locked != axis->noted_lock)
        cycle_event(cycle, out, (struct event){.kind = EVENT_LOCK, .axis = index, .to = axis->line_locked});
    axis->noted_lock = axis->line_locked;
}

void cycle_give_outputs(struct cycle *cycle, struct cycle_out *out) {
    image_out_safe(cycle->rig, &out->image);
    out->image.cycle = cycle->number;
    cycle->heartbeat++;
    for (int i = 0; i < cycle->rig->device_count; i++)
        if (cycle->rig->profile[cycle->rig->device[i].profile].kind == DEVICE_SAFETY_IO)
            image_write(cycle->rig, &out->image, i, TERM_HEARTBEAT, cycle->heartbeat);
    give_pulse(cycle, &out->image);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        give_axis(cycle, out, i);
        note_state(cycle, out, i);
        note_cue(cycle, out, i);
        note_lock(cycle, out, i);
    }
    note_reaction(cycle);
}

static struct snapshot_value shown(double value, const struct image_value *from) {
    return (struct snapshot_value){.value = value, .age_us = from->age_us, .quality = from->quality};
}

/* Whether a cell lives again, or tells the truth, shows only in motion: until then its fault stands for it. */
static bool tension_doubted(const struct axis *axis) {
    const uint64_t in_motion = FAULT_BIT(TENSION_FROZEN) | FAULT_BIT(TENSION_MISMATCH);
    const bool stands_for_it = ((axis->judge.causes | axis->judge.latched) & in_motion) != 0;
    return (axis->judge.causes & FAULT_BIT(TENSION_IMPLAUSIBLE)) != 0 || stands_for_it;
}

static void publish_belay(const struct rig_belay *belay, const struct axis *axis, struct snapshot_axis *to) {
    bool good = axis->tension.quality == QUALITY_GOOD && !to->tension_doubted;
    to->slack = good && axis->tension_n < belay->slack_n;
    /* On a slack rope he is somewhere above this, and falls as far down as from here. */
    double taut_m = belay_height_m(belay, axis->position_m, axis->tension_n);
    to->height_m = to->slack ? (double)NAN : taut_m;
    to->ground_fall = !belay->runner.present && taut_m < belay_fall_m(belay, axis->position_m);
}

static int64_t left_us(const struct cycle *cycle, int64_t until_us) {
    return until_us > cycle->now_us ? until_us - cycle->now_us : 0;
}

#define LEAST_SPEED_M_S 0.001 /* of the jog that is asked about beforehand */

static void publish_switches(const struct axis *axis, struct snapshot_axis *to) {
    for (int i = 0; i < GUARD_SWITCH_COUNT; i++) {
        bool known = axis->guard_limits.place[i].fitted && axis->guard_in.read_ok[i];
        to->switch_known |= known ? UINT32_C(1) << i : 0;
        to->switch_closed |= known && axis->guard_in.closed[i] ? UINT32_C(1) << i : 0;
    }
}

static void publish_mode(const struct cycle *cycle, struct snapshot *to) {
    const struct rig_ladder *ladder = &cycle->rig->ladder;
    int of_standby = ladder_of_cue(cycle, cycle->standby_cue);
    to->operating = cycle->operating;
    to->percent = cycle->operating == OPERATING_SETUP ? 0 : ladder->percent[cycle->rung];
    to->offer_percent = ladder->percent[ladder_offered(cycle)];
    to->offer_show = check_mode(cycle, OPERATING_SHOW, 100);
    to->standby_percent = of_standby < 0 ? 0 : ladder->percent[of_standby];
}

/* Of torque, not of its square. */
static double duty_share(const struct axis *axis) {
    if (!axis->duty_limits.watched)
        return -1;
    return sqrt((double)axis->duty.mean / DUTY_SCALE) / axis->duty_limits.continuous_permille;
}

static void publish_axis(const struct cycle *cycle, int index, struct snapshot_axis *to) {
    const struct axis *axis = &cycle->axis[index];
    *to = (struct snapshot_axis){
        .state = axis->judge.state,
        .mode = axis->mode,
        .position_m = shown(axis->position_m, &axis->position_steps),
        .speed_m_s = shown(axis->speed_m_s, &axis->speed),
        .tension_n = shown(axis->tension_n, &axis->tension),
        .tension_doubted = tension_doubted(axis),
        .setpoint_m_s = axis->setpoint_um_s / 1e6,
        .stop_at_m = axis->stop_known ? axis->stop_path.end_m : (double)NAN,
        .jog_max_m_s = axis_jog_max_m_s(cycle, index),
        .brake_known = axis->brake_ok,
        .brake_open = axis->brake_open,
        .brake_odd = axis->brake_odd,
        .drive_enabled = axis->drive == CIA402_ENABLED,
        .drive_holds = axis_makes_torque(axis) && (axis->slips || !reads_closed(axis)),
        .payout = check_jog(cycle, NULL, index, LEAST_SPEED_M_S),
        .takein = check_jog(cycle, NULL, index, -LEAST_SPEED_M_S),
        .drive_fault_code = axis->drive_fault_code,
        .line_locked = axis->line_locked,
        .fall_caught = axis->fall_caught,
        .clamped = axis->clamped,
        .duty = duty_share(axis),
        .cell_n = axis->tension.value,
        .torque_off = axis->sto_off,
        .reference_m = axis->reference_m,
        .clearance = axis->clearance,
        .alone = axis_alone(cycle, index),
        .bypass = axis->recovery.bypass,
        .recovery_left_us = left_us(cycle, axis_recovers(axis) ? axis->recovery.ends_us : 0),
        .clear_left_us = left_us(cycle, axis->recovery.clear_until_us),
        .fault_mask = axis->judge.latched,
        .there_mask = axis->judge.latched & axis->judge.causes,
        .tolerated_mask = axis->judge.tolerated,
        .allow_payout = axis->judge.allow_payout,
        .allow_takein = axis->judge.allow_takein,
    };
    publish_switches(axis, to);
    if (cycle->rig->axis[index].belay.present)
        publish_belay(&cycle->rig->axis[index].belay, axis, to);
}

static bool all_in(const struct cycle *cycle, bool (*holds)(const struct cycle *, const struct axis *)) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (!holds(cycle, &cycle->axis[i]))
            return false;
    return true;
}

static bool any_in(const struct cycle *cycle, bool (*holds)(const struct cycle *, const struct axis *)) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (holds(cycle, &cycle->axis[i]))
            return true;
    return false;
}

static bool is_armed(const struct cycle *cycle, const struct axis *axis) {
    (void)cycle;
    return axis->judge.state != STATE_FAULT && axis->judge.state != STATE_DISARMED;
}

/* Disabled; the brake says closed, or can't be asked any more, and has shown for its time that it holds. */
static bool is_stopped(const struct cycle *cycle, const struct axis *axis) {
    return !axis_active(axis) && axis->judge.state != STATE_ARMED && want_of(cycle, axis) != DRIVE_WANT_QUICK_STOP &&
           !axis_holds_slip(cycle, axis) && axis->told != DRIVE_WANT_HAND_OVER && !axis_hands_over(cycle, axis) &&
           (!axis->brake_ok || !axis->brake_open);
}

/* Of several that run, the last begun. */
static int running_cue(const struct cycle *cycle) {
    const struct axis *last = NULL;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct axis *axis = &cycle->axis[i];
        if (axis->cue >= 0 && (!last || axis->begun > last->begun))
            last = axis;
    }
    return last ? last->cue : -1;
}

void cycle_publish(const struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out) {
    struct snapshot *to = &out->snapshot;
    memset(to, 0, sizeof *to);
    to->cycle = cycle->number;
    to->t_us = cycle->now_us;
    to->estop_known = cycle->io_ok;
    for (int i = 0; i < cycle->rig->safety.station_count; i++) {
        to->estop_a_closed[i] = cycle->station[i].a_closed;
        to->estop_b_closed[i] = cycle->station[i].b_closed;
    }
    to->armed = any_in(cycle, is_armed);
    to->stopped = all_in(cycle, is_stopped);
    to->shutting_down = cycle->shutting_down;
    to->permission_alive = cycle->permission.alive;
    to->permission_session = cycle->permission.alive ? cycle->permission.session : 0;
    to->permission_press = cycle->permission.alive ? cycle->permission.press : 0;
    to->first_out = cycle->first_out.fault;
    to->first_out_axis = cycle->first_out.axis;
    to->first_out_station = cycle->first_out.station;
    to->first_out_us = cycle->first_out.us;
    to->overruns = cycle->overruns;
    to->late_us_max = cycle->late_us_max;
    to->estop_count = cycle->estop_count;
    to->estop_reaction_cycles = cycle->estop_reaction_cycles;
    to->show = cycle->show;
    to->standby_cue = cycle->standby_cue;
    to->running_cue = running_cue(cycle);
    publish_mode(cycle, to);
    to->go = check_go(cycle, NULL, cycle->standby_cue);
    to->stop_cause = cycle->stop_cause;
    to->stop_session = cycle->stop_session;
    memcpy(to->link, in->image->link, sizeof to->link);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        publish_axis(cycle, i, &to->axis[i]);
        to->fault_mask |= to->axis[i].fault_mask;
    }
    for (int i = 0; i < cycle->rig->group_count; i++)
        to->group[i] = (struct snapshot_group){group_level_m(cycle, i), group_load_level_m(cycle, i)};
}
