/* Moves: of one axis, or of several that begin together, stay together and end together. */
#include <math.h>

#include "controller/cycle_parts.h"
#include "controller/motion/ramp.h"

#define SHARE_GAIN_1_S 0.5 /* a fifth of what the lag of a levelled drum and its cell bears */
#define SHARE_M_S 0.005    /* at most: a share drifts by less */
#define PLANNED_SPEED 0.97 /* of several: one that is behind can come up */

bool axis_weight_came_on(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    bool lasts = axis->heavy_cycles >= axis->judge_limits.monitor.load_cycles;
    return axis_weight_on_line(cycle, index) || (axis_climber_hangs(cycle, index) && lasts);
}

bool axis_waits_for_weight(const struct cycle *cycle, int index, double last_m_s, double *speed_m_s) {
    const struct rig_limits *limits = &cycle->rig->axis[index].limits;
    if (!axis_climber_hangs(cycle, index))
        return false;
    double stop_m_s2 = last_m_s > 0 ? limits->stop_payout_deceleration_m_s2 : limits->stop_takein_deceleration_m_s2;
    *speed_m_s = ramp_towards(last_m_s, 0, stop_m_s2, cycle->dt_s);
    return true;
}

void axis_finish(struct cycle *cycle, struct axis *axis, enum stop_cause cause) {
    if (axis->finished || cause == STOPPED_NOT)
        return;
    axis->finished = true;
    axis->stops_at_once = cause == STOPPED_WEIGHT;
    cycle->stop_cause = cause;
    cycle->stop_session = cycle->permission.session;
}


/* --- the move --------------------------------------------------------------------------------------------------- */

static bool is_there(const struct axis *axis) {
    return axis->there;
}

struct course_limits move_limits(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    const struct rig_axis *from = &cycle->rig->axis[index];
    return (struct course_limits){
        .motion = {.speed_min_m_s = -fmin(axis->move_speed_m_s, axis_snatch_um_s(cycle, index) / 1e6),
                   .speed_max_m_s = axis->move_speed_m_s,
                   .acceleration_max_m_s2 = axis->move_acceleration_m_s2,
                   .jerk_max_m_s3 = from->limits.jerk_max_m_s3,
                   .position_min_m = -HUGE_VAL, /* the clamp has them, and the show was checked against them */
                   .position_max_m = HUGE_VAL},
        .dead_s = from->monitors.dead_ms / 1000.0,
        .lag_s = from->monitors.lag_ms / 1000.0,
        .reaction_s = from->limits.reaction_ms / 1000.0,
        .dt_s = cycle->dt_s,
    };
}

/* What all of them can do, and the lag of the slowest. */
static struct course_limits limits_of_all(const struct cycle *cycle, const struct axis *axis) {
    struct course_limits all = move_limits(cycle, axis->lead);
    all.motion.speed_max_m_s *= PLANNED_SPEED;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if (!axis_is_mate(axis, i))
            continue;
        const struct course_limits one = move_limits(cycle, i);
        all.motion.speed_min_m_s = fmax(all.motion.speed_min_m_s, PLANNED_SPEED * one.motion.speed_min_m_s);
        all.motion.jerk_max_m_s3 = fmin(all.motion.jerk_max_m_s3, one.motion.jerk_max_m_s3);
        all.dead_s = fmax(all.dead_s, one.dead_s);
        all.lag_s = fmax(all.lag_s, one.lag_s);
        all.reaction_s = fmax(all.reaction_s, one.reaction_s);
    }
    return all;
}

struct course_reading move_reading(const struct cycle *cycle, int index) {
    const struct axis *axis = &cycle->axis[index];
    return (struct course_reading){axis->position_m - axis->trim_m,
                                   fmax(0, (double)axis->position_steps.age_us / 1e6 - cycle->dt_s)};
}

static double alone_m_s(const struct cycle *cycle, int index, struct axis *axis, double last_m_s) {
    const struct course_limits limits = move_limits(cycle, index);
    const struct course_reading reading = move_reading(cycle, index);
    if (!axis->under_way)
        course_begin(&axis->course, &limits, &reading, last_m_s);
    axis->under_way = true;
    return course_step(&axis->course, &limits, axis->move_to_m, &reading, last_m_s);
}

/* By the clamp: all begin anew, with the slowest. */
static bool any_held_back(const struct cycle *cycle, const struct axis *lead) {
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        const struct axis *axis = &cycle->axis[i];
        if (axis_is_mate(lead, i) && course_held_back(axis->drum.sent_m_s, axis->setpoint_um_s / 1e6))
            return true;
    }
    return false;
}

/* ---- lines on one point: each carries its share ---- */

static double trim_max_m(const struct cycle *cycle, const struct axis *axis) {
    const int group = rig_group_of(cycle->rig, axis->lead);
    return group >= 0 ? cycle->rig->group[group].share_trim_m : 0;
}

typedef double value_of(const struct axis *axis);

static double place_m(const struct axis *axis) {
    return axis->position_m;
}

static double pull_n(const struct axis *axis) {
    return axis->tension_n;
}

static double mean_of_mates(const struct cycle *cycle, const struct axis *axis, value_of *value) {
    double sum = 0;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        sum += axis_is_mate(axis, i) ? value(&cycle->axis[i]) : 0;
    return sum / __builtin_popcount(axis->mates);
}

/* As they are found: so the last move's shares go on. */
static void begin_shares(struct cycle *cycle, const struct axis *lead) {
    const double most_m = trim_max_m(cycle, lead), mean_m = mean_of_mates(cycle, lead, place_m);
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_is_mate(lead, i))
            cycle->axis[i].trim_m = fmax(-most_m, fmin(cycle->axis[i].position_m - mean_m, most_m));
}

static bool hangs_and_reads(const struct axis *axis) {
    const struct cue_load *load = &axis->cue_load;
    return load->present && load->mass_kg > 0 && axis->position_m >= load->hangs_from_m &&
           axis->position_m <= load->hangs_to_m && axis->tension.quality == QUALITY_GOOD &&
           axis->position_steps.quality == QUALITY_GOOD;
}

/* A line that carries more than the others gives out what its rope is stretched too much. */
static void trim_share(const struct cycle *cycle, struct axis *axis) {
    const double most_m = trim_max_m(cycle, axis);
    if (most_m == 0 || !mates_are(cycle, axis, hangs_and_reads))
        return;
    const double beyond_n = axis->tension_n - mean_of_mates(cycle, axis, pull_n);
    const double beyond_m = beyond_n / cable_stiffness_n_m(&axis->cable, fmax(axis->position_m, 1));
    const double step_m_s = fmax(-SHARE_M_S, fmin(SHARE_GAIN_1_S * beyond_m, SHARE_M_S));
    axis->trim_m = fmax(-most_m, fmin(axis->trim_m + step_m_s * cycle->dt_s, most_m));
}

/* Once a cycle, by the first of them: the plan that all fly. */
static void fly_the_lead(struct cycle *cycle, struct axis *lead, const struct course_limits *all) {
    if (!lead->under_way)
        begin_shares(cycle, lead);
    const struct course_reading reading = move_reading(cycle, lead->lead);
    if (!lead->under_way || any_held_back(cycle, lead))
        course_begin(&lead->course, all, &reading, mates_slowest_m_s(cycle, lead, lead->setpoint_um_s / 1e6));
    lead->under_way = true;
    lead->pace = course_advance(&lead->course, all, lead->move_to_m);
}

static double together_m_s(struct cycle *cycle, int index, struct axis *axis, double last_m_s) {
    struct axis *lead = &cycle->axis[axis->lead];
    const struct course_limits all = limits_of_all(cycle, axis), own = move_limits(cycle, index);
    if (axis == lead)
        fly_the_lead(cycle, lead, &all);
    if (lead->course.at.speed_m_s != 0) /* standing, friction may hold either way */
        trim_share(cycle, axis);
    const struct course_reading reading = move_reading(cycle, index);
    return course_drum_step(&axis->drum, &lead->course, &all, &lead->pace, &own, lead->move_to_m, &reading, last_m_s);
}

/* Those that are not locked fly each their own way, as fast as brings them there with the slowest: the speed of each of
 * `axes` in `speed_m_s`. */
static void speeds_with_the_slowest(const struct cycle *cycle, const struct course_limits *limits, uint32_t axes,
                                    const double *way_m, double *speed_m_s) {
    double time_s = 0;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((axes >> i & 1) != 0)
            time_s = fmax(time_s, course_time_s(&limits[i], way_m[i]));
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if ((axes >> i & 1) != 0)
            speed_m_s[i] = course_speed_for_m_s(&limits[i], way_m[i], time_s);
}

static void slow_down_for_the_slowest(struct cycle *cycle, const struct axis *lead) {
    struct course_limits limits[RIG_AXES_MAX];
    double way_m[RIG_AXES_MAX], speed_m_s[RIG_AXES_MAX];
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        limits[i] = move_limits(cycle, i);
        way_m[i] = cycle->axis[i].move_to_m - cycle->axis[i].position_m;
    }
    speeds_with_the_slowest(cycle, limits, lead->mates, way_m, speed_m_s);
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_is_mate(lead, i))
            cycle->axis[i].move_speed_m_s = speed_m_s[i];
}

void move_tops_m_s(const struct cycle *cycle, const struct cue *cue, double *top_m_s) {
    struct course_limits limits[RIG_AXES_MAX];
    double way_m[RIG_AXES_MAX];
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        limits[i] = move_limits(cycle, i);
        limits[i].motion.speed_max_m_s = cue->speed_m_s;
        limits[i].motion.speed_min_m_s = -cue->speed_m_s;
        limits[i].motion.acceleration_max_m_s2 = cue->acceleration_m_s2;
        way_m[i] = cue_goal_m(cue, i) - cycle->axis[i].position_m;
        top_m_s[i] = 0;
    }
    speeds_with_the_slowest(cycle, limits, cue_moves(cycle, cue), way_m, top_m_s);
}

static bool is_locked(const struct cycle *cycle, const struct axis *axis) {
    const int group = rig_group_of(cycle->rig, axis->lead);
    return group >= 0 && cycle->rig->group[group].kind == GROUP_LOCKED;
}

static double move_m_s(struct cycle *cycle, int index, struct axis *axis, double last_m_s) {
    if (!mates_run(cycle, axis))
        return 0;
    if (!moves_alone(axis) && is_locked(cycle, axis))
        return together_m_s(cycle, index, axis, last_m_s);
    if (!moves_alone(axis) && index == axis->lead && !axis->under_way)
        slow_down_for_the_slowest(cycle, axis);
    return alone_m_s(cycle, index, axis, last_m_s);
}

/* The lead, or the one, says so for all: they have arrived in the same cycle. */
void axis_arrive(struct cycle *cycle, struct axis *axis) {
    const bool next = cycle->standby_cue == axis->cue && cycle->standby_cue + 1 < cycle->show->cue_count;
    if (next)
        cycle->standby_cue++;
    for (int i = 0; i < cycle->rig->axis_count; i++) {
        if (!axis_is_mate(axis, i))
            continue;
        ladder_arrived(&cycle->axis[i]);
        axis_finish(cycle, &cycle->axis[i], STOPPED_ARRIVED);
    }
}

double axis_plan_move(struct cycle *cycle, int index, double last_m_s) {
    struct axis *axis = &cycle->axis[index];
    if (axis->flies)
        return axis_plan_flight(cycle, index);
    if (axis->tracks)
        return axis_plan_tracking(cycle, index, last_m_s);
    if (axis->timed)
        return axis_plan_timed(cycle, index, last_m_s);
    double speed_m_s = move_m_s(cycle, index, axis, last_m_s);
    axis_waits_for_weight(cycle, index, last_m_s, &speed_m_s);
    const double beyond_m = axis->position_m - axis->trim_m - axis->move_to_m;
    axis->there = speed_m_s == 0 && last_m_s == 0 && fabs(beyond_m) < CYCLE_PLACE_M;
    bool weight = axis_weight_came_on(cycle, index); /* somebody hangs on what was to be an empty rope */
    axis->line_locked = axis->line_locked || weight;
    if (weight)
        axis_finish(cycle, axis, STOPPED_WEIGHT);
    else if (index == axis->lead && !axis->finished && mates_are(cycle, axis, is_there))
        axis_arrive(cycle, axis);
    return speed_m_s;
}
