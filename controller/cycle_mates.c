/* Axes that belong together: what moves under one cue, and the groups of the rig. They begin together; what stops one
 * stops them all; and beside a drum that stops in its own way the healthy ones stop as it does. */
#include <math.h>

#include "controller/cycle_parts.h"

#define SPARE_CYCLES 3
/* Faults with which a drum's encoder is not believed. */
#define UNTRUE (FAULT_BIT(POSITION_STALE) | FAULT_BIT(POSITION_FROZEN) | FAULT_BIT(POSITION_MISMATCH))
/* Faults that say nothing of a load that moves. */
#define SILENT                                                                                                         \
    (FAULT_BIT(IO_STALE) | FAULT_BIT(DRIVE_STALE) | FAULT_BIT(DRIVE_UNCLEAR) | FAULT_BIT(DRIVE_FAULT) |                \
     FAULT_BIT(TENSION_STALE) | FAULT_BIT(POSITION_STALE) | FAULT_BIT(LINK_LOST) | FAULT_BIT(SETTING_CHANGED) |        \
     FAULT_BIT(TENSION_FROZEN) | FAULT_BIT(TENSION_IMPLAUSIBLE) | FAULT_BIT(SWITCH_IMPLAUSIBLE) | FAULT_BIT(DUTY))

bool axis_is_mate(const struct axis *axis, int index) {
    return (axis->mates >> index & 1) != 0;
}

bool mates_are(const struct cycle *cycle, const struct axis *axis, bool (*so)(const struct axis *)) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_is_mate(axis, i) && !so(&cycle->axis[i]))
            return false;
    return true;
}

static bool goes_on(const struct axis *axis) {
    return axis_in_motion(axis->judge.state) && !axis->finished;
}

static bool runs(const struct axis *axis) {
    return axis->judge.state == STATE_RUNNING;
}

/* What ended one of them has been noted; the others end with it. */
bool mates_end(const struct cycle *cycle, const struct axis *axis) {
    return axis_in_motion(axis->judge.state) && !mates_are(cycle, axis, goes_on);
}

/* No drum is told to move before the brakes of all are open. */
bool mates_run(const struct cycle *cycle, const struct axis *axis) {
    return mates_are(cycle, axis, runs);
}

bool moves_alone(const struct axis *axis) {
    return (axis->mates & (axis->mates - 1)) == 0;
}

void mates_least(const struct cycle *cycle, const struct axis *axis, double *acceleration_m_s2, double *jerk_m_s3) {
    for (int i = 0; i < cycle->rig->axis_count && !moves_alone(axis); i++) {
        if (!axis_is_mate(axis, i))
            continue;
        *acceleration_m_s2 = fmin(*acceleration_m_s2, cycle->rig->axis[i].modes.jog.acceleration_m_s2);
        *jerk_m_s3 = fmin(*jerk_m_s3, cycle->rig->axis[i].limits.jerk_max_m_s3);
    }
}

double mates_slowest_m_s(const struct cycle *cycle, const struct axis *axis, double last_m_s) {
    for (int i = 0; i < cycle->rig->axis_count && !moves_alone(axis); i++) {
        const double mates_m_s = cycle->axis[i].setpoint_um_s / 1e6;
        if (axis_is_mate(axis, i) && fabs(mates_m_s) < fabs(last_m_s))
            last_m_s = mates_m_s;
    }
    return last_m_s;
}

double mates_snatch_m_s(const struct cycle *cycle, int index) {
    double least_m_s = axis_snatch_um_s(cycle, index) / 1e6;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_is_mate(&cycle->axis[index], i))
            least_m_s = fmin(least_m_s, axis_snatch_um_s(cycle, i) / 1e6);
    return least_m_s;
}

/* --- groups of the rig ------------------------------------------------------------------------------------------ */

static uint32_t group_axes(const struct cycle *cycle, int index, enum rig_group_kind least) {
    const int group = rig_group_of(cycle->rig, index);
    return group >= 0 && cycle->rig->group[group].kind >= least ? cycle->rig->group[group].axes : 0;
}

int group_mate_faulted(const struct cycle *cycle, int index) {
    const uint32_t axes = group_axes(cycle, index, GROUP_SAFE);
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((axes >> i & 1) != 0 && cycle->axis[i].judge.latched)
            return i;
    return -1;
}

typedef double place(const struct cycle *cycle, int axis);

static double drum_m(const struct cycle *cycle, int axis) {
    const struct axis *at = &cycle->axis[axis];
    return at->position_steps.quality == QUALITY_GOOD ? at->position_m : (double)NAN;
}

/* Rope off the drum and what its tension adds: T L / EA. */
static double load_m(const struct cycle *cycle, int axis) {
    const struct axis *at = &cycle->axis[axis];
    const struct rig_rope *rope = &cycle->rig->axis[axis].rope;
    if (at->tension.quality != QUALITY_GOOD)
        return (double)NAN;
    return drum_m(cycle, axis) + at->tension_n * fmax(0, at->position_m + rope->lead_m) / rope->ea_n;
}

static double apart_m(const struct cycle *cycle, int group, place *place_of) {
    double least_m = HUGE_VAL, most_m = -HUGE_VAL;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if ((cycle->rig->group[group].axes >> i & 1) == 0)
            continue;
        const double place_m = place_of(cycle, i);
        if (isnan(place_m))
            return (double)NAN;
        least_m = fmin(least_m, place_m);
        most_m = fmax(most_m, place_m);
    }
    return most_m - least_m;
}

double group_level_m(const struct cycle *cycle, int group) {
    return apart_m(cycle, group, drum_m);
}

double group_load_level_m(const struct cycle *cycle, int group) {
    return apart_m(cycle, group, load_m);
}

struct verdict group_out_of_level(const struct cycle *cycle, uint32_t axes) {
    for (int i = 0; i < cycle->rig->group_count; i++) {
        const struct rig_group *group = &cycle->rig->group[i];
        const bool moves = group->kind == GROUP_LOCKED && (axes & group->axes) == group->axes;
        if (moves && !(group_level_m(cycle, i) <= group->deviation_m))
            return REFUSED_AXIS(REFUSED_LEVEL, __builtin_ctz(group->axes));
    }
    return ACCEPTED;
}

/* --- stopping together ------------------------------------------------------------------------------------------ */

/* The axes that the new faults of this one stop beside it. */
static uint32_t stops(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    if (axis->judge.scope == STOP_RIG)
        return UINT32_MAX;
    if (axis->fresh == 0)
        return 0;
    return axis->fresh_mates | group_axes(cycle, index, axis->judge.scope == STOP_GROUP ? GROUP_FREE : GROUP_SAFE);
}

/* Something fell silent, or is doubted, on a drum that lay in a fault behind its closed brake already, as when somebody
 * pulls its plug to mend it. Nothing moved by that, and it does not end the lowering of what hangs beside it. */
static bool lies_still(const struct cycle *cycle, int mate) {
    const struct axis *axis = &cycle->axis[mate];
    return axis->lay && !axis->slips && !axis->stays_open && (axis->fresh & ~SILENT) == 0;
}

static bool is_lowered(const struct axis *axis) {
    return (axis->mode == MODE_JOG || axis->mode == MODE_RECOVERY) && axis->jog_m_s >= 0;
}

/* They carry one thing. */
static bool bound(const struct cycle *cycle, int index, int mate) {
    return (group_axes(cycle, index, GROUP_LOCKED) >> mate & 1) != 0;
}

/* Whose fault stops this one, itself left aside: first of all one that it carries something with; -1 = none does. At
 * rest a mate's fault only keeps it from starting. */
int axis_stopped_by(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    int by = -1;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const bool whole = cycle->axis[i].judge.scope == STOP_RIG;
        const bool goes_on_beside = !whole && lies_still(cycle, i) && is_lowered(axis);
        const bool meets = whole ? axis->judge.scope != STOP_RIG : axis_active(axis) && axis->fresh == 0;
        const bool stopped = meets && !goes_on_beside && (stops(cycle, i) >> index & 1) != 0;
        if (i != index && stopped && (by < 0 || bound(cycle, index, i)))
            by = i;
    }
    return by;
}

bool axis_place_known(const struct axis *axis) {
    return axis->position_steps.quality == QUALITY_GOOD && (axis->judge.latched & UNTRUE) == 0;
}

double axis_place_now_m(const struct axis *axis) {
    return axis->position_m + axis->setpoint_um_s / 1e6 * ((double)axis->position_steps.age_us / 1e6);
}

/* Who carries one thing with the drum whose fault stops it follows that; everybody else ramps. */
void axis_begin_following(struct cycle *cycle, int index, int mate) {
    struct follow *follow = &cycle->axis[index].follow;
    const struct axis *from = &cycle->axis[mate];
    if (!bound(cycle, index, mate) || follow->mate >= 0)
        return;
    *follow = (struct follow){.mate = mate,
                              .blind = !axis_place_known(from),
                              .speed_m_s = from->setpoint_um_s / 1e6,
                              .mate_from_m = axis_place_now_m(from),
                              .own_from_m = axis_place_now_m(&cycle->axis[index])};
}

void follow_declared(struct follow *follow, const struct axis *mate, double dt_s) {
    const enum clamp_direction way = follow->speed_m_s >= 0 ? CLAMP_OUT : CLAMP_IN;
    const enum clamp_stop kind = mate->judge.reaction == STOP_OFF     ? CLAMP_TORQUE_OFF
                                 : mate->judge.reaction == STOP_DRIVE ? CLAMP_LINK_LOST
                                                                      : CLAMP_RAMP;
    const struct clamp_path *path = &mate->clamp_limits.path[kind][way];
    follow->blind_s += dt_s;
    if (follow->blind_s * 1e6 > path->delay_us)
        follow->speed_m_s -= copysign(fmin(fabs(follow->speed_m_s), path->deceleration_um_s2 / 1e6 * dt_s),
                                      follow->speed_m_s);
    follow->travel_m += follow->speed_m_s * dt_s;
}

/* A fault of its own, whenever it comes, is answered by the plain ramp: it may pull on what is caught. */
bool axis_stops_in_level(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const uint64_t own = axis->judge.latched & ~(FAULT_BIT(RIG_STOP) | FAULT_BIT(ESTOP) | FAULT_BIT(GROUP_DEVIATION));
    if (axis->judge.state != STATE_STOPPING || own != 0)
        return false;
    return axis->follow.mate >= 0 || (!moves_alone(axis) && group_axes(cycle, index, GROUP_LOCKED) != 0);
}

static double stop_m_s2(const struct cycle *cycle, int index, double way) {
    const struct rig_limits *limits = &cycle->rig->axis[index].limits;
    return way > 0 ? limits->stop_payout_deceleration_m_s2 : limits->stop_takein_deceleration_m_s2;
}

bool axis_ramp_is_due(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const struct rig_limits *limits = &cycle->rig->axis[index].limits;
    const double speed_m_s = fabs(axis->setpoint_um_s / 1e6);
    const double ramp_s = speed_m_s / stop_m_s2(cycle, index, axis->setpoint_um_s) + limits->reaction_ms / 1000.0;
    return ramp_s + SPARE_CYCLES * cycle->dt_s >=
           limits->stop_time_max_ms / 1000.0 - axis->judge.cycles_in_state * cycle->dt_s;
}

/* As fast as its ramp still ends where that drum is by now: no drum stops shorter than it has come. */
static double follow_m_s(struct cycle *cycle, int index, double way) {
    struct axis *axis = &cycle->axis[index];
    struct follow *follow = &axis->follow;
    const struct axis *mate = &cycle->axis[follow->mate];
    if (!follow->blind && axis_place_known(mate))
        follow->travel_m = axis_place_now_m(mate) - follow->mate_from_m;
    else
        follow_declared(follow, mate, cycle->dt_s);
    const double left_m = way * (follow->travel_m - (axis->position_m - follow->own_from_m));
    const double a = stop_m_s2(cycle, index, way), reaction_s = cycle->rig->axis[index].limits.reaction_ms / 1000.0;
    /* v^2 / 2a + v reaction = left */
    return left_m > 0 ? sqrt(a * a * reaction_s * reaction_s + 2 * a * left_m) - a * reaction_s : 0;
}

/* How much sooner than the laziest of them this drum does as it is told. */
static double quicker_s(const struct cycle *cycle, int index) {
    int32_t most_ms = 0;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_is_mate(&cycle->axis[index], i) && cycle->rig->axis[i].monitors.lag_ms > most_ms)
            most_ms = (int32_t)cycle->rig->axis[i].monitors.lag_ms;
    return fmax(0, most_ms - cycle->rig->axis[index].monitors.lag_ms) / 1000.0;
}

/* A ramp, later by as much: all come to rest with the laziest. */
static double late_ramp_m_s(struct cycle *cycle, int index, double way) {
    struct axis *axis = &cycle->axis[index];
    const double a = stop_m_s2(cycle, index, way);
    if (axis->judge.cycles_in_state == 0)
        axis->level_m_s = fabs(axis->setpoint_um_s / 1e6) + a * quicker_s(cycle, index);
    axis->level_m_s = fmax(0, axis->level_m_s - a * cycle->dt_s);
    return axis->level_m_s;
}

double axis_plan_stop_in_level(struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const double way = axis->setpoint_um_s >= 0 ? 1 : -1;
    if (axis_ramp_is_due(cycle, index))
        return 0;
    return way * (axis->follow.mate >= 0 ? follow_m_s(cycle, index, way) : late_ramp_m_s(cycle, index, way));
}
