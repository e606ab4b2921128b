/* First and second call: take inputs, judge. */
#include <assert.h>
#include <math.h>

#include "controller/cycle_parts.h"
#include "controller/motion/drum.h"

#define ONE_EVENT_US 250000 /* for which a load cell that is shorted or torn off is on its way */

/* An echo that stands still, or repeats an old number, is the last scan of a program that hangs. */
static void take_echo(struct cycle *cycle, const struct image_in *image, int device) {
    struct image_value value = image_read(cycle->rig, image, device, TERM_HEARTBEAT_ECHO, cycle->now_us);
    struct echo *echo = &cycle->echo[device];
    uint16_t now = (uint16_t)value.raw;
    uint16_t behind = (uint16_t)(cycle->heartbeat - now);
    bool recent = (int64_t)behind * cycle->rig->cycle_ms <= cycle->rig->device[device].stale_after_ms;
    if (value.quality != QUALITY_GOOD) {
        *echo = (struct echo){.known = false};
        return;
    }
    if (echo->known && now != echo->last && recent)
        echo->followed_us = cycle->now_us;
    echo->known = true;
    echo->last = now;
}

static void take_echoes(struct cycle *cycle, const struct image_in *image) {
    for (int i = 0; i < cycle->rig->device_count; i++)
        if (cycle->rig->profile[cycle->rig->device[i].profile].kind == DEVICE_SAFETY_IO)
            take_echo(cycle, image, i);
}

struct image_value cycle_read_inputs(const struct cycle *cycle, const struct image_in *image, int device) {
    struct image_value inputs = image_read(cycle->rig, image, device, TERM_INPUTS, cycle->now_us);
    int64_t since_us = cycle->now_us - cycle->echo[device].followed_us;
    bool follows = cycle->echo[device].followed_us > 0 &&
                   since_us <= (int64_t)cycle->rig->device[device].stale_after_ms * 1000;
    if (inputs.quality == QUALITY_GOOD && !follows)
        inputs.quality = QUALITY_STALE;
    return inputs;
}

/* What was belayed before this controller started is not known to it: on a rope that it finds taut somebody may hold
 * on. Nobody is pulled by a slack one. */
static void find_person(struct axis *axis, const struct rig_belay *belay) {
    if (axis->tension_found || axis->tension.quality != QUALITY_GOOD)
        return;
    axis->tension_found = true;
    axis->line_locked = belay->present && axis->tension_n >= belay->slack_n;
}

static void take_brakes(struct axis *axis, const struct rig_brake *brake, const struct profile_io_bits *bits,
                        uint32_t inputs) {
    axis->brake_open = axis->brake_closed = false;
    axis->brake_odd = -1;
    for (int i = 0; i < brake->unit_count; i++) {
        bool open = (inputs & bits->brake[brake->unit[i].output].open_feedback) != 0;
        axis->brake_open = axis->brake_open || open;
        axis->brake_closed = axis->brake_closed || !open;
        axis->brake_odd = open ? i : axis->brake_odd;
    }
    if (!axis->brake_closed)
        axis->brake_odd = -1;
}

int32_t cycle_counted(int32_t cycles, bool goes_on) {
    return !goes_on ? 0 : cycles < INT32_MAX ? cycles + 1 : cycles;
}

/* Without a load cell nobody knows: he may hang there all the while. Silence of the cell is no light moment. */
static void note_weight(struct cycle *cycle, int index) {
    struct axis *axis = &cycle->axis[index];
    const bool hangs = axis_person_hangs(cycle, index);
    if (axis->tension.quality == QUALITY_GOOD || axis_bypasses(axis, BYPASS_LOAD_CELL))
        axis->light_cycles = cycle_counted(axis->light_cycles, !hangs && !axis_bypasses(axis, BYPASS_LOAD_CELL));
    axis->heavy_cycles = cycle_counted(axis->heavy_cycles, hangs);
}

/* Somebody fell, or sat, onto a belay line that stood, and nothing else says so; one reading alone is noise. */
static void lock_at_rest(struct cycle *cycle, int index) {
    struct axis *axis = &cycle->axis[index];
    const bool weight = axis_climber_hangs(cycle, index) && axis->heavy_cycles >= cycle->touchdown_cycles;
    axis->line_locked = axis->line_locked || (weight && !axis_active(axis));
}

/* One status word that fits no pattern is noise: taken at its word, it would let go of a load. Until the drive is read
 * again, the state before counts; a second such word says that nothing is known. */
static void take_state(struct axis *axis, int64_t now_us) {
    enum cia402_state state = cia402_decode((uint16_t)axis->status.raw);
    const int64_t read_us = now_us - axis->status.age_us;
    const bool good = axis->status.quality == QUALITY_GOOD, odd = good && state == CIA402_UNKNOWN;
    const bool first = odd && (!axis->odd_word || read_us == axis->odd_word_us);
    if (first && !axis->odd_word)
        axis->odd_word_us = read_us;
    axis->odd_word = odd;
    if (!first)
        axis->drive = good ? state : CIA402_UNKNOWN;
    axis->unclear = odd && !first;
}

static void take_axis(struct cycle *cycle, const struct image_in *image, int index) {
    const struct rig *rig = cycle->rig;
    const struct rig_axis *from = &rig->axis[index];
    struct axis *axis = &cycle->axis[index];
    int64_t now_us = cycle->now_us;

    axis->status = image_read(rig, image, from->drive, TERM_STATUS, now_us);
    axis->speed = image_read(rig, image, from->drive, TERM_ACTUAL_SPEED, now_us);
    axis->position_steps = image_read(rig, image, from->encoder, TERM_POSITION, now_us);
    axis->tension = image_read(rig, image, from->load_cell, TERM_WEIGHT, now_us);
    axis->cell_reads = axis->tension.quality == QUALITY_GOOD;
    axis->encoder_reads = axis->position_steps.quality == QUALITY_GOOD;
    axis_take_bypass(axis);
    take_state(axis, now_us);
    struct image_value code = image_read(rig, image, from->drive, TERM_FAULT_CODE, now_us);
    axis->drive_fault_code = code.quality == QUALITY_GOOD ? (int)code.raw : -1;
    axis->position_m = drum_position_m(&from->drum, axis->position_steps.raw);
    axis->speed_m_s = drum_speed_m_s(&from->drum, axis->position_m, axis->speed.value);
    axis->tension_n = axis_bypasses(axis, BYPASS_LOAD_CELL) ? 0 : fmax(0, axis->tension.value);
    find_person(axis, &from->belay);
    note_weight(cycle, index);
    lock_at_rest(cycle, index);

    struct image_value inputs = cycle_read_inputs(cycle, image, from->brake.io);
    const struct profile *io = &rig->profile[rig->device[from->brake.io].profile];
    axis->brake_ok = inputs.quality == QUALITY_GOOD;
    take_brakes(axis, &from->brake, &io->io, inputs.raw);
    axis->sto_off = axis->brake_ok && (inputs.raw & io->io.sto_inactive) == 0;
    bool torque = rig->profile[rig->device[from->drive].profile].term[TERM_TORQUE].present;
    axis->torque = (struct image_value){.quality = QUALITY_MISSING};
    if (torque)
        axis->torque = image_read(rig, image, from->drive, TERM_TORQUE, now_us);
    axis_take_reference(cycle, image, index);
    axis_take_switches(cycle, image, index);
    axis_guard(cycle, axis);
    axis_watch_rest(axis);
}

/* Faults of the links on which this axis has a device. */
static uint64_t link_faults(const struct cycle *cycle, int index) {
    uint64_t faults = 0;
    for (int i = 0; i < cycle->rig->link_count; i++)
        if (rig_axis_on_link(cycle->rig, index, i))
            faults |= cycle->link_faults[i];
    return faults;
}

/* Gives what is wrong with the whole machine. */
static uint64_t take_links(struct cycle *cycle, const struct image_in *image, struct cycle_out *out) {
    uint64_t faults = 0;
    for (int i = 0; i < cycle->rig->link_count; i++) {
        const struct image_link *link = &image->link[i];
        cycle->link_lost[i] = link->generation != cycle->generation[i] && cycle->generation[i] != 0;
        cycle->link_faults[i] = cycle->link_lost[i] ? FAULT_BIT(LINK_LOST) : 0;
        bool went = cycle->link_state[i] == LINK_UP && (link->state != LINK_UP || cycle->link_lost[i]);
        if (went && link->loss == LOSS_CYCLE) /* its devices look silent, but it was us */
            faults |= FAULT_BIT(CYCLE_OVERRUN);
        if (link->setting_changed)
            cycle->link_faults[i] |= FAULT_BIT(SETTING_CHANGED);
        /* Behind this one is the chain: its trouble is everybody's. */
        if (i == cycle->rig->device[cycle->rig->safety.io].link)
            faults |= cycle->link_faults[i];
        if (link->state != cycle->link_state[i])
            cycle_event(cycle, out, (struct event){.kind = EVENT_LINK, .axis = -1, .from = i, .to = (int)link->state});
        cycle->generation[i] = link->generation;
        cycle->link_state[i] = link->state;
    }
    return faults;
}

/* Chain, discrepancy and welded contact of one station, and an opening to be answered in this cycle. */
static void judge_station(struct cycle *cycle, int index) {
    struct station *station = &cycle->station[index];
    station->faults = monitor_chain(&station->chain, cycle->io_ok, station->a_closed, station->b_closed,
                                    cycle->discrepancy_cycles);
    bool open = (station->faults & FAULT_BIT(ESTOP)) != 0;
    if (open && !station->open) {
        cycle->estop_count++;
        cycle->estop_cycle = cycle->number;
        cycle->estop_pending |= cycle->rig->safety.station[index].axes;
    }
    station->open = open;
}

static bool in_zone(const struct cycle *cycle, int station, int axis) {
    return (cycle->rig->safety.station[station].axes >> axis & 1) != 0;
}

bool axis_estop_open(const struct cycle *cycle, int index) {
    for (int i = 0; i < cycle->rig->safety.station_count; i++)
        if (in_zone(cycle, i, index) && cycle->station[i].open)
            return true;
    return false;
}

/* Faults of the stations that stop this axis. */
static uint64_t zone_faults(const struct cycle *cycle, int index) {
    uint64_t faults = 0;
    for (int i = 0; i < cycle->rig->safety.station_count; i++)
        if (in_zone(cycle, i, index))
            faults |= cycle->station[i].faults;
    return faults;
}

/* The first station from which the axis has this fault, or -1. A silent I/O block is no station's fault. */
static int station_of(const struct cycle *cycle, int index, enum fault_id fault) {
    for (int i = 0; i < cycle->rig->safety.station_count; i++)
        if (fault != FAULT_IO_STALE && in_zone(cycle, i, index) && fault_has(cycle->station[i].faults, (int)fault))
            return i;
    return -1;
}

static uint64_t take_estop(struct cycle *cycle, const struct image_in *image) {
    int device = cycle->rig->safety.io;
    const struct profile *block = &cycle->rig->profile[cycle->rig->device[device].profile];
    struct image_value inputs = cycle_read_inputs(cycle, image, device);
    cycle->io_ok = inputs.quality == QUALITY_GOOD;
    cycle->io_seen = cycle->io_seen || cycle->io_ok;
    cycle->estop_open = false;
    for (int i = 0; i < cycle->rig->safety.station_count; i++) {
        struct station *station = &cycle->station[i];
        const struct profile_station *bits = &block->io.station[cycle->rig->safety.station[i].pair];
        station->a_closed = (inputs.raw & bits->a_closed) != 0;
        station->b_closed = (inputs.raw & bits->b_closed) != 0;
        if (cycle->io_seen)
            judge_station(cycle, i);
        cycle->estop_open = cycle->estop_open || station->open;
    }
    return cycle->io_seen && !cycle->io_ok ? FAULT_BIT(IO_STALE) : 0;
}

static uint64_t take_lateness(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out) {
    int64_t period_us = (int64_t)cycle->rig->cycle_ms * 1000;
    bool late = in->late_us >= period_us;
    cycle->late_us_max = in->late_us > cycle->late_us_max ? in->late_us : cycle->late_us_max;
    cycle->overruns += late;
    cycle->overruns_in_row = late ? cycle->overruns_in_row + 1 : 0;
    if (late)
        cycle_event(cycle, out, (struct event){.kind = EVENT_OVERRUN, .axis = -1, .to = (int)(in->late_us / 1000)});
    bool trips = cycle->overruns_in_row >= OVERRUN_BEATS || in->late_us >= cycle->late_us_trips;
    return trips ? FAULT_BIT(CYCLE_OVERRUN) : 0;
}

void cycle_take_inputs(struct cycle *cycle, const struct cycle_in *in, struct cycle_out *out) {
    take_echoes(cycle, in->image);
    cycle->shared_faults =
        take_links(cycle, in->image, out) | take_estop(cycle, in->image) | take_lateness(cycle, in, out);
    for (int i = 0; i < cycle->rig->axis_count; i++)
        take_axis(cycle, in->image, i);
    cycle_watch_groups(cycle);
}

static int32_t whole(double value) {
    return (int32_t)lround(fmax(-INT32_MAX, fmin(value, INT32_MAX)));
}

/* The setpoint of the last cycle as its register could say it: the drum follows that, and a rounded speed adds up. */
static int32_t sent_um_s(const struct cycle *cycle, int index) {
    const struct rig_axis *from = &cycle->rig->axis[index];
    const double at_m = cycle->axis[index].position_m;
    double rpm = drum_motor_rpm(&from->drum, at_m, cycle->axis[index].setpoint_um_s / 1e6);
    double sent_rpm = image_written(cycle->rig, from->drive, TERM_SETPOINT_SPEED, rpm);
    return whole(drum_speed_m_s(&from->drum, at_m, sent_rpm) * 1e6);
}

static bool reads_fault(const struct axis *axis) {
    return axis->drive == CIA402_FAULT || axis->drive == CIA402_FAULT_REACTION;
}

/* A drive in its quick stop hands over out of that. */
static bool asks_stop(const struct axis *axis) {
    const bool hands_over = axis->told == DRIVE_WANT_HAND_OVER && axis->drive == CIA402_QUICK_STOP;
    return axis->told == DRIVE_WANT_QUICK_STOP || hands_over;
}

static struct monitor_in monitor_inputs(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    return (struct monitor_in){
        .drive_ok = axis->status.quality == QUALITY_GOOD && axis->speed.quality == QUALITY_GOOD,
        .drive_unclear = axis->unclear,
        .position_ok = axis->position_steps.quality == QUALITY_GOOD,
        .tension_ok = axis->tension.quality == QUALITY_GOOD,
        .brake_ok = axis->brake_ok,
        .position_waived = axis_bypasses(axis, BYPASS_ENCODER),
        .tension_waived = axis_bypasses(axis, BYPASS_LOAD_CELL),
        .position_um = llround(axis->position_m * 1e6),
        .speed_um_s = whole(axis->speed_m_s * 1e6),
        .tension_mn = whole(axis->tension.value * 1e3),
        .cell_raw = axis->tension.raw,
        .drive_enabled = axis->drive == CIA402_ENABLED,
        .drive_fault = reads_fault(axis) && axis->drive_reset_cycles == 0,
        .drive_stops = axis->drive == CIA402_QUICK_STOP,
        .drive_off = cia402_is_off(axis->drive),
        .asked_off = !axis_asks_torque(axis),
        .asked_stop = asks_stop(axis),
        .sto_off = axis->sto_off,
        .chain_closed = cycle->io_ok && !axis_estop_open(cycle, index) && !cycle_opens_chain(cycle),
        .brake_open = axis->brake_open && !axis->sticks, /* nothing waits for it any more: the drive holds */
        .brake_closed = axis->brake_closed,
        .setpoint_um_s = sent_um_s(cycle, index),
        .mode = axis->mode,
    };
}

/* A drive whose torque stopped the slide has shown it, for as long as it keeps it. */
static void note_slip(struct cycle *cycle, int index) {
    struct axis *axis = &cycle->axis[index];
    const bool torque = axis_makes_torque(axis), hangs = axis_on_drive(axis);
    axis->slip_lost = hangs && (axis->slip_lost || axis_estop_open(cycle, index) || (axis->slip_held && !torque));
    axis->slip_held = hangs && (axis->slip_held || torque);
}

/* Torque that holds the load, of rated: against pay-out. A drive that has held since the slide shares the load with the
 * brake that slipped, so that no share of it can be asked for; but never torque the other way. */
static int32_t holding_permille(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const int32_t permille = whole(-cycle->rig->axis[index].drum.motor_sign * axis->torque.value * 1000);
    const bool shown = axis->slip_held && !axis->slip_lost;
    return shown && permille > -axis->judge_limits.torque_min_permille ? INT32_MAX : permille;
}

bool axis_shows_torque(const struct cycle *cycle, const struct axis *axis) {
    const int32_t least = axis->judge_limits.torque_min_permille;
    const bool read = axis->torque.quality == QUALITY_GOOD;
    return least == 0 || (read && holding_permille(cycle, (int)(axis - cycle->axis)) >= least);
}

static struct judge_in judge_inputs(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    struct judge_in in = {
        .monitor = monitor_inputs(cycle, index),
        .torque_ok = axis->torque.quality == QUALITY_GOOD,
        .torque_permille = holding_permille(cycle, index),
        .drive_ready = axis_drive_ready(cycle, axis),
        .shared = cycle->shared_faults | zone_faults(cycle, index) | link_faults(cycle, index) | axis->guard_faults |
                  axis->group_faults | axis->rest_faults,
        .drive_link_lost = cycle->link_lost[cycle->rig->device[cycle->rig->axis[index].drive].link],
        .caught = axis->caught,
        .disarm = cycle->disarming || (cycle->shutting_down && !axis_on_drive(axis)),
        .holds_slip = axis_holds_slip(cycle, axis) || axis->told == DRIVE_WANT_HAND_OVER,
    };
    in.end = !axis_held(cycle, axis) || axis->finished || in.disarm;
    return in;
}

/* Without what was derived from a sensor that is doubted in the same cycle: its remedy would send people to the wrong
 * place. A fall that may be one stays: the person comes before the cell. */
static uint64_t without_derived(uint64_t fresh) {
    static const struct {
        uint64_t sensor, derived;
    } rows[] = {
        {FAULT_BIT(TENSION_STALE) | FAULT_BIT(TENSION_FROZEN) | FAULT_BIT(TENSION_IMPLAUSIBLE) |
             FAULT_BIT(TENSION_MISMATCH),
         FAULT_BIT(OVERTENSION) | FAULT_BIT(TENSION_RATE) | FAULT_BIT(PEAK_TENSION) | FAULT_BIT(OVERLOAD) |
             FAULT_BIT(OVERLOAD_BOTH) | FAULT_BIT(UNDERLOAD) | FAULT_BIT(SLACK_PAYOUT) | FAULT_BIT(LOAD_UNEXPECTED)},
        {FAULT_BIT(POSITION_STALE) | FAULT_BIT(POSITION_FROZEN) | FAULT_BIT(POSITION_MISMATCH),
         FAULT_BIT(POSITION_LIMIT) | FAULT_BIT(ULTIMATE_LIMIT) | FAULT_BIT(SWITCH_IMPLAUSIBLE) |
             FAULT_BIT(GROUP_DEVIATION)},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        fresh &= fresh & rows[i].sensor ? ~rows[i].derived : ~UINT64_C(0);
    return fresh;
}

/* A controller that slept finds everything stale when it wakes: then the sleep came first. */
static enum fault_id first_of(uint64_t latched) {
    const uint64_t fresh = without_derived(latched);
    if (fresh & FAULT_BIT(CYCLE_OVERRUN))
        return FAULT_CYCLE_OVERRUN;
    int id = 1;
    while (!(fresh & (UINT64_C(1) << id)))
        id++;
    return (enum fault_id)id;
}

static struct first_out first_out_of(const struct cycle *cycle, int index, uint64_t fresh) {
    enum fault_id fault = first_of(fresh);
    bool shared = fault_has(cycle->shared_faults | zone_faults(cycle, index), (int)fault);
    return (struct first_out){fault, shared ? -1 : index, station_of(cycle, index, fault), cycle->now_us};
}

/* What an axis has because of another one. */
static bool of_another(enum fault_id fault) {
    return fault == FAULT_RIG_STOP || fault == FAULT_GROUP_DEVIATION;
}

void cycle_next_first_out(struct cycle *cycle) {
    cycle->first_out = (struct first_out){.fault = FAULT_NONE, .axis = -1, .station = -1};
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct axis *axis = &cycle->axis[i];
        bool same = axis->first_out.us == cycle->first_out.us, older = axis->first_out.us < cycle->first_out.us;
        bool causes = same && of_another(cycle->first_out.fault);
        if (axis->judge.latched && (cycle->first_out.fault == FAULT_NONE || older || causes))
            cycle->first_out = axis->first_out;
    }
}

static bool same_fault(const struct first_out *one, const struct first_out *other) {
    return one->fault == other->fault && one->axis == other->axis && one->us == other->us;
}

/* A sensor that fails passes what is derived from it on its way to where it is doubted: it came first then. */
static void name_the_sensor(struct cycle *cycle, int index, uint64_t fresh) {
    struct axis *axis = &cycle->axis[index];
    const uint64_t first = UINT64_C(1) << axis->first_out.fault;
    if (cycle->now_us - axis->first_out.us > ONE_EVENT_US || (without_derived(fresh | first) & first) != 0)
        return;
    const bool of_all = same_fault(&cycle->first_out, &axis->first_out);
    axis->first_out = first_out_of(cycle, index, fresh | first);
    if (of_all)
        cycle->first_out = axis->first_out;
}

/* `before`: what the axis had latched already. */
static void note_faults(struct cycle *cycle, struct cycle_out *out, int index, uint64_t before) {
    struct axis *axis = &cycle->axis[index];
    const uint64_t fresh = axis->judge.latched & ~before;
    if (fresh && !before)
        axis->first_out = first_out_of(cycle, index, fresh);
    if (fresh && before)
        name_the_sensor(cycle, index, fresh);
    const bool causes = cycle->first_out.us == cycle->now_us && of_another(cycle->first_out.fault);
    if (fresh && (cycle->first_out.fault == FAULT_NONE || (causes && !of_another(axis->first_out.fault))))
        cycle->first_out = axis->first_out;
    for (int id = 1; id < FAULT_COUNT; id++)
        if (fresh & (UINT64_C(1) << id))
            cycle_event(cycle, out,
                        (struct event){.kind = EVENT_FAULT,
                                       .axis = index,
                                       .from = station_of(cycle, index, (enum fault_id)id),
                                       .to = id});
}

/* A latched fault is not latched twice, and its cause may come again later: another outage behind the same name. */
static void note_returns(struct cycle *cycle, struct cycle_out *out, int index, uint64_t before) {
    struct axis *axis = &cycle->axis[index];
    for (int id = 1; id < FAULT_COUNT; id++) {
        const bool there = fault_has(axis->judge.causes, id);
        if (there && fault_has(before, id) && axis->gone_cycles[id] >= cycle->again_cycles)
            cycle_event(cycle, out,
                        (struct event){.kind = EVENT_AGAIN,
                                       .axis = index,
                                       .from = station_of(cycle, index, (enum fault_id)id),
                                       .to = id});
        axis->gone_cycles[id] = cycle_counted(axis->gone_cycles[id], !there);
    }
}

/* A hold whose last motion is over is used up; it lives on while another axis moves under it. */
static void end_unused_hold(struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_in_motion(cycle->axis[i].judge.state) && axis_held(cycle, &cycle->axis[i]))
            return;
    permission_kill(&cycle->permission);
}

/* After motion ended: what it leaves behind. A line that belayed is locked whatever ended it. */
static void leave_motion(struct cycle *cycle, struct axis *axis) {
    bool belayed = axis->mode == MODE_FOLLOW || axis->mode == MODE_CATCH;
    bool weight = axis_weight_on_line(cycle, (int)(axis - cycle->axis));
    axis->line_locked = axis->line_locked || belayed || weight;
    if (axis->judge.latched & FAULT_BIT(FALL_CAUGHT)) {
        axis->fall_caught = true;
        axis->mode = axis->mode == MODE_FOLLOW ? MODE_CATCH : axis->mode;
    }
    axis->cue = -1;
    if (axis_held(cycle, axis)) /* not somebody else's, begun meanwhile */
        end_unused_hold(cycle);
}

bool axis_in_motion(enum axis_state state) {
    return state == STATE_ENABLING || state == STATE_OPENING || state == STATE_RUNNING;
}

/* After judging: what the axis's new faults and its new state mean for the others and for the permission. */
static void follow_up(struct cycle *cycle, struct cycle_out *out, int index, enum axis_state before, uint64_t latched) {
    struct axis *axis = &cycle->axis[index];
    bool ending = axis->judge_in.end;
    note_faults(cycle, out, index, latched);
    if (axis->judge.latched & ~latched && axis_in_motion(before) && !ending) {
        cycle->stop_cause = STOPPED_FAULT;
        cycle->stop_session = cycle->permission.session;
    }
    if (axis->judge.latched & ~latched & FAULT_BIT(MOVEMENT)) {
        axis->slips = axis->line_locked = true; /* what hangs there is only lowered */
        if (!axis_makes_torque(axis)) /* whose torque ends this slide has shown it, whatever was before */
            axis->slip_held = axis->slip_lost = false;
    }
    if (axis->judge.latched & ~latched) {
        end_unused_hold(cycle); /* also of an operator who holds and has not begun yet */
        permission_bury_waiting(&cycle->permission);
    }
    if (axis_in_motion(before) && !axis_in_motion(axis->judge.state))
        leave_motion(cycle, axis);
    if (!axis_active(axis)) {
        ladder_end(cycle, axis);
        axis->mode = MODE_NONE;
        axis->finished = axis->flies = false;
        axis->mates = 0;
        axis->follow.mate = -1;
    }
}

static void judge_axis(struct cycle *cycle, struct cycle_out *out, int index) {
    struct axis *axis = &cycle->axis[index];
    enum axis_state before = axis->judge.state;
    uint64_t latched = axis->judge.latched;
    axis_watch_stick(axis);
    axis_let_land(axis);
    note_slip(cycle, index);
    axis->judge_in = judge_inputs(cycle, index);
    judge_step(&axis->judge, axis->stops, &axis->judge_limits, &axis->judge_in);
    axis->stopped_rig = axis->stopped_rig || axis->judge.scope == STOP_RIG;
    axis->fresh = axis->judge.latched & ~latched;
    axis->fresh_mates = axis->mates;
    axis->lay = before == STATE_FAULT && axis_brake_holds(axis);
    axis->caught = false;
    /* Its fault gone, the reset is done: a new one is nobody's to clear but the operator's. */
    axis->drive_reset_cycles = reads_fault(axis) && axis->drive_reset_cycles > 0 ? axis->drive_reset_cycles - 1 : 0;
    follow_up(cycle, out, index, before, latched);
    note_returns(cycle, out, index, latched);
    axis_end_recovery(cycle, index);
}

/* An axis is stopped with those whose new faults stop others too: the rig, a group, what moves together. */
static void stop_the_others(struct cycle *cycle, struct cycle_out *out) {
    int by[RIG_AXES_MAX];
    for (int i = 0; i < cycle->rig->axis_count; i++)
        by[i] = axis_stopped_by(cycle, i);
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        struct axis *axis = &cycle->axis[i];
        enum axis_state before = axis->judge.state;
        uint64_t latched = axis->judge.latched;
        if (by[i] < 0)
            continue;
        axis_begin_following(cycle, i, by[i]);
        judge_stop_with_rig(&axis->judge, axis->stops, &axis->judge_limits, &axis->judge_in);
        follow_up(cycle, out, i, before, latched);
    }
}

void cycle_judge(struct cycle *cycle, struct cycle_out *out) {
    if (cycle->permission.alive && cycle->now_us >= cycle->permission.expires_us) {
        cycle_note_stop(cycle, STOPPED_EXPIRED, cycle->permission.session);
        permission_kill(&cycle->permission);
        cycle_event(cycle, out,
                    (struct event){.kind = EVENT_EXPIRED, .axis = -1, .session = cycle->permission.session});
    }
    bool active = false;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        judge_axis(cycle, out, i);
        active = active || axis_active(&cycle->axis[i]);
    }
    stop_the_others(cycle, out);
    if (!active)
        cycle->disarming = false;
}
