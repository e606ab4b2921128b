/* Flights: a point goes along its path, and each of its lines does its part. One plan for all, along the path, in a
 * stop too, so that the point stays on it and no line goes slack beside the others. */
#include <math.h>

#include "controller/cycle_parts.h"

#define NEAR_M 1e-9 /* of the way to the end */

void flight_take(struct cycle *cycle, const struct cue *cue) {
    cycle->flying[cue->point] = (struct flying){.cue = cue};
    for (int i = 0; i < POINT_LINES_MAX; i++)
        cycle->flying[cue->point].astray[i].mate = -1;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        cycle->axis[i].flies = cycle->axis[i].flies || (cue->axes >> i & 1) != 0;
}

/* The flight that this axis flies in, and which of its lines it is; NULL = none. */
static struct flying *flight_of(struct cycle *cycle, int index, int *line) {
    for (int p = 0; p < cycle->rig->point_count; p++)
        for (*line = 0; cycle->axis[index].flies && *line < cycle->rig->point[p].line_count; (*line)++)
            if (cycle->rig->point[p].line[*line].axis == index)
                return &cycle->flying[p];
    return NULL;
}

/* --- where it begins -------------------------------------------------------------------------------------------- */

/* The start of the path when the point is there, else the nearest way along it: a flight that was stopped goes on. */
static bool find_way(const struct cycle *cycle, const struct cue *cue, double *way_m) {
    const struct rig_point *point = &cycle->rig->point[cue->point];
    const struct show_flight *of = &cycle->show->flight[cue->flight];
    double length_m[POINT_LINES_MAX], place_m[3], off_m;
    for (int i = 0; i < point->line_count; i++) {
        const struct axis *axis = &cycle->axis[point->line[i].axis];
        if (axis->position_steps.quality != QUALITY_GOOD || axis->tension.quality != QUALITY_GOOD)
            return false;
        length_m[i] = point_length_m(&of->flight.point.line[i], axis->position_m, axis->tension_n);
    }
    if (point_place(&of->flight.point, length_m, place_m, &off_m) != POINT_HELD)
        return false;
    const struct path_place start = path_at(&of->path, 0);
    const double away_m = hypot(hypot(place_m[0] - start.place_m[0], place_m[1] - start.place_m[1]),
                                place_m[2] - start.place_m[2]);
    *way_m = 0;
    if (away_m > point->start_within_m)
        *way_m = path_nearest_m(&of->path, place_m, &off_m);
    else
        off_m = away_m;
    return off_m <= point->start_within_m;
}

struct verdict check_flight(const struct cycle *cycle, const struct cue *cue) {
    double way_m;
    if (cue->kind != CUE_FLY || find_way(cycle, cue, &way_m))
        return ACCEPTED;
    return REFUSED_AXIS(REFUSED_PLACE, cue->axis);
}

bool flight_is_whole(const struct cycle *cycle, const struct cue *cue) {
    double way_m;
    return find_way(cycle, cue, &way_m) && way_m == 0;
}

/* --- one cycle -------------------------------------------------------------------------------------------------- */

/* What a flight works on. */
struct plan_of {
    struct cycle *cycle;
    const struct rig_point *point;
    const struct show_flight *of;
    struct flying *flying;
};

static struct axis *line_of(const struct plan_of *plan, int i) {
    return &plan->cycle->axis[plan->point->line[i].axis];
}

static struct course_limits limits_of(const struct plan_of *plan, int i) {
    const struct cycle *cycle = plan->cycle;
    const struct axis *axis = line_of(plan, i);
    const struct rig_axis *from = &cycle->rig->axis[plan->point->line[i].axis];
    return (struct course_limits){
        .motion = {.speed_min_m_s = -axis_speed_cap(cycle, axis, CLAMP_IN) / 1e6,
                   .speed_max_m_s = axis_speed_cap(cycle, axis, CLAMP_OUT) / 1e6,
                   .acceleration_max_m_s2 = plan->flying->stops ? fmin(from->limits.stop_payout_deceleration_m_s2,
                                                                       from->limits.stop_takein_deceleration_m_s2)
                                                                : from->modes.move.acceleration_m_s2},
        .dead_s = from->monitors.dead_ms / 1000.0,
        .lag_s = from->monitors.lag_ms / 1000.0,
        .reaction_s = from->limits.reaction_ms / 1000.0,
        .dt_s = cycle->dt_s,
    };
}

static bool goes_on(const struct plan_of *plan) {
    for (int i = 0; i < plan->point->line_count; i++) {
        const struct axis *axis = line_of(plan, i);
        if (axis->judge.state != STATE_RUNNING || axis->finished || !axis_held(plan->cycle, axis))
            return false;
    }
    return true;
}

static void begin(const struct plan_of *plan, const struct cue *cue) {
    struct flying *flying = plan->flying;
    double way_m, tension_n[POINT_LINES_MAX];
    flying->begun = find_way(plan->cycle, cue, &way_m) &&
                    flight_drums(&plan->of->flight, &plan->of->path, way_m, flying->drum_m, tension_n);
    if (!flying->begun)
        return;
    flying->at = (struct otg_state){way_m, 0, 0};
    for (int i = 0; i < plan->point->line_count; i++)
        flying->line[i] = (struct course){.lagged_m = flying->drum_m[i]};
}

/* The share of the speed that the clamp left to the line that it held back most. */
static double left_over(const struct plan_of *plan) {
    double least = 1;
    for (int i = 0; i < plan->point->line_count; i++) {
        const double sent_m_s = plan->flying->drum[i].sent_m_s, last_m_s = line_of(plan, i)->setpoint_um_s / 1e6;
        if (course_held_back(sent_m_s, last_m_s))
            least = fmin(least, fmax(0, last_m_s / sent_m_s));
    }
    return least;
}

static struct otg_state flown(const struct plan_of *plan, const struct cue *cue) {
    const double share = cycle_share(plan->cycle), left = left_over(plan);
    const struct otg_limits limits = {-cue->speed_m_s * share, cue->speed_m_s * share, cue->acceleration_m_s2,
                                      plan->of->jerk_m_s3, -HUGE_VAL, HUGE_VAL};
    struct otg_state from = plan->flying->at;
    const struct otg_goal end = {plan->of->path.length_m, 0};
    struct otg_plan rest;
    if (left < 1) {
        from.speed_m_s *= left;
        from.acceleration_m_s2 = 0;
    }
    if (otg_plan(&from, &end, &limits, &rest) != OTG_PLANNED)
        return (struct otg_state){from.position_m, 0, 0};
    return rest.duration_s <= plan->cycle->dt_s ? (struct otg_state){end.position_m, 0, 0}
                                                : otg_at(&rest, plan->cycle->dt_s);
}

/* --- the stop --------------------------------------------------------------------------------------------------- */

/* With its jerk, so that the point does not swing on its lines; what speed it gains it loses at once. Beside a drum
 * that a brake stops too: a harder stop would throw the others' lines slack. */
static struct otg_state stopped(const struct plan_of *plan) {
    const double dt_s = plan->cycle->dt_s;
    const struct otg_limits limits = {.acceleration_max_m_s2 = plan->of->flight.stop_m_s2,
                                      .jerk_max_m_s3 = plan->of->jerk_m_s3};
    struct otg_state from = plan->flying->at;
    struct otg_plan rest;
    from.acceleration_m_s2 = fmin(from.acceleration_m_s2, 0);
    if (otg_plan_speed(&from, 0, &limits, &rest) != OTG_PLANNED)
        return (struct otg_state){from.position_m, 0, 0};
    struct otg_state next = otg_at(&rest, dt_s);
    if (rest.duration_s <= dt_s)
        next.speed_m_s = next.acceleration_m_s2 = 0;
    next.position_m = fmin(next.position_m, plan->of->path.length_m);
    return next;
}

/* Its brake, or its drive, stops it harder than the path asks for. */
static bool is_astray(const struct axis *axis) {
    return axis->judge.reaction == STOP_OFF || axis->judge.reaction == STOP_DRIVE;
}

/* Rope that this drum has paid out by now: as read, or by the path that the rig declares for such a stop. */
static double astray_drum_m(const struct plan_of *plan, int i) {
    const struct axis *axis = line_of(plan, i);
    struct follow *astray = &plan->flying->astray[i];
    if (astray->mate < 0)
        *astray = (struct follow){.mate = plan->point->line[i].axis,
                                  .speed_m_s = plan->flying->mean_m_s[i],
                                  .mate_from_m = axis_place_now_m(axis)};
    follow_declared(astray, axis, plan->cycle->dt_s);
    return axis_place_known(axis) ? axis->position_m : astray->mate_from_m + astray->travel_m;
}

/* The point's place, at most so far from the anchor. */
static void draw_in(double place_m[3], const double anchor_m[3], double most_m) {
    const double x = place_m[0] - anchor_m[0], y = place_m[1] - anchor_m[1], z = place_m[2] - anchor_m[2];
    const double share = most_m / sqrt(x * x + y * y + z * z);
    for (int k = 0; k < 3 && share < 1; k++)
        place_m[k] = anchor_m[k] + (place_m[k] - anchor_m[k]) * share;
}

/* The drums for the place on the path, or, beside a line that stopped short, for the one nearest to it that this line
 * still reaches: so the others neither pull against it nor give out rope for a way that the point does not go. */
static bool find_drums(const struct plan_of *plan, double drum_m[POINT_LINES_MAX]) {
    const struct point_flight *flight = &plan->of->flight;
    const struct path_place at = path_at(&plan->of->path, plan->flying->at.position_m);
    double place_m[3] = {at.place_m[0], at.place_m[1], at.place_m[2]}, tension_n[POINT_LINES_MAX];
    bool astray = false, held = flight_drums_at(flight, place_m, drum_m, tension_n);
    for (int i = 0; i < plan->point->line_count && held && plan->flying->stops; i++) {
        const struct point_line *line = &flight->point.line[i];
        if (!is_astray(line_of(plan, i)))
            continue;
        draw_in(place_m, line->anchor_m, point_length_m(line, astray_drum_m(plan, i), tension_n[i]));
        astray = true;
    }
    return astray ? flight_drums_at(flight, place_m, drum_m, tension_n) : held;
}

/* --- the lines -------------------------------------------------------------------------------------------------- */

static struct course_limits limits_of_all(const struct plan_of *plan) {
    struct course_limits all = limits_of(plan, 0);
    for (int i = 1; i < plan->point->line_count; i++)
        all.lag_s = fmax(all.lag_s, limits_of(plan, i).lag_s);
    return all;
}

static void step_line(const struct plan_of *plan, int i, double drum_m, const struct course_limits *all) {
    struct flying *flying = plan->flying;
    struct axis *axis = line_of(plan, i);
    const double dt_s = plan->cycle->dt_s, mean_m_s = (drum_m - flying->drum_m[i]) / dt_s;
    const double last_m_s = axis->setpoint_um_s / 1e6;
    const struct course_limits own = limits_of(plan, i);
    const struct course_pace pace = {true, mean_m_s, (mean_m_s - flying->mean_m_s[i]) / dt_s};
    const struct course_reading reading = {axis->position_m,
                                           fmax(0, (double)axis->position_steps.age_us / 1e6 - dt_s)};
    flying->line[i].at.speed_m_s = flying->at.speed_m_s;
    axis->course.at.speed_m_s = flying->at.speed_m_s; /* for who asks whether it only hovers */
    course_lag(&flying->line[i], all, mean_m_s);
    flying->wanted_m_s[i] = course_drum_step(&flying->drum[i], &flying->line[i], all, &pace, &own, drum_m, &reading,
                                             last_m_s);
    flying->drum_m[i] = drum_m;
    flying->mean_m_s[i] = mean_m_s;
    axis->there = flying->at.speed_m_s == 0 && flying->wanted_m_s[i] == 0 && last_m_s == 0 &&
                  fabs(drum_m - axis->position_m) < CYCLE_PLACE_M;
}

static void step(const struct plan_of *plan, const struct cue *cue) {
    struct flying *flying = plan->flying;
    double drum_m[POINT_LINES_MAX];
    flying->stops = flying->stops || !goes_on(plan);
    flying->at = flying->stops ? stopped(plan) : flown(plan, cue);
    if (!find_drums(plan, drum_m))
        flying->stops = true; /* no path that was looked at comes here */
    const struct course_limits all = limits_of_all(plan);
    for (int i = 0; i < plan->point->line_count; i++)
        if (line_of(plan, i)->flies)
            step_line(plan, i, drum_m[i], &all);
    for (int i = 0; i < plan->point->line_count && flying->stops && flying->at.speed_m_s == 0; i++)
        flying->wanted_m_s[i] = 0;
}

static bool any_flies(const struct cycle *cycle, const struct rig_point *point) {
    for (int i = 0; i < point->line_count; i++)
        if (cycle->axis[point->line[i].axis].flies)
            return true;
    return false;
}

void cycle_fly(struct cycle *cycle) {
    for (int i = 0; i < cycle->rig->axis_count; i++)
        cycle->axis[i].on_path = false;
    for (int p = 0; p < cycle->rig->point_count; p++) {
        const struct rig_point *point = &cycle->rig->point[p];
        const struct axis *first = &cycle->axis[point->line[0].axis];
        const struct cue *cue = cycle->flying[p].cue;
        if (!cue || !any_flies(cycle, point)) {
            cycle->flying[p].cue = NULL;
            continue;
        }
        const struct plan_of plan = {cycle, point, &cycle->show->flight[cue->flight], &cycle->flying[p]};
        if (!plan.flying->begun && mates_run(cycle, first) && goes_on(&plan))
            begin(&plan, cue);
        if (!plan.flying->begun)
            continue;
        step(&plan, cue);
        for (int i = 0; i < point->line_count; i++)
            line_of(&plan, i)->on_path = plan.flying->stops && line_of(&plan, i)->flies;
    }
}

/* The lead says for all that the flight has come to its end; it was told to stand with the others. */
static void look_for_the_end(struct cycle *cycle, struct axis *axis, const struct flying *flying) {
    const double length_m = cycle->show->flight[flying->cue->flight].path.length_m;
    const bool ends = flying->begun && flying->at.position_m >= length_m - NEAR_M;
    for (int i = 0; i < cycle->rig->axis_count; i++)
        if (axis_is_mate(axis, i) && !cycle->axis[i].there)
            return;
    if (ends && !axis->finished)
        axis_arrive(cycle, axis);
}

double axis_plan_flight(struct cycle *cycle, int index) {
    struct axis *axis = &cycle->axis[index];
    int line;
    const struct flying *flying = flight_of(cycle, index, &line);
    if (!flying || !flying->begun)
        return 0;
    if (index == axis->lead && !flying->stops)
        look_for_the_end(cycle, axis, flying);
    return flying->wanted_m_s[line];
}
