/* Groups: what their axes must be to each other. */
#include <math.h>
#include <string.h>

#include "controller/rig/rig_check_parts.h"

static bool is_in(const struct rig *rig, int group, int axis) {
    return (rig->group[group].axes >> axis & 1) != 0;
}

static void check_apart(const struct rig_loader *loader, int group) {
    const struct rig *const rig = loader->rig;
    for (int i = 0; i < group; i++)
        if ((rig->group[i].axes & rig->group[group].axes) != 0)
            rig_fail(loader, "groups", group, "axes",
                     "one of them is in group %s already, expected each axis in one group at most", rig->group[i].name);
}

/* Cues and jogs call both by their names. */
static void check_name(const struct rig_loader *loader, int group) {
    for (int i = 0; i < loader->rig->axis_count && rig_valid_of(loader, "groups", group, "name"); i++)
        if (strcmp(loader->rig->axis[i].name, loader->rig->group[group].name) == 0)
            rig_fail(loader, "groups", group, "name", "%s is the name of an axis, expected one of its own",
                     loader->rig->group[group].name);
}

/* The rope of a belaying line follows its climber, and how far it goes is his to say. */
static void check_belays(const struct rig_loader *loader, int group) {
    const struct rig *const rig = loader->rig;
    for (int i = 0; i < rig->axis_count; i++)
        if (is_in(rig, group, i) && loader->raw->axes[i].belay.present)
            rig_fail(loader, "groups", group, "axes",
                     "%s has a belay section, expected axes that belay nobody: a belaying line follows its climber, "
                     "and would get ahead of the others with him",
                     rig->axis[i].name);
}

static void check_kind(const struct rig_loader *loader, int group) {
    const struct raw_group *const raw = &loader->raw->groups[group];
    const bool locked = raw->kind == GROUP_LOCKED;
    if (!rig_valid_of(loader, "groups", group, "kind"))
        return;
    if (locked && !raw->has_deviation_m)
        rig_fail(loader, "groups", group, "kind", "locked without deviation_m, expected how far they may get apart");
    if (locked && !raw->has_drop_m)
        rig_fail(loader, "groups", group, "kind",
                 "locked without drop_m, expected how far they may get apart when a brake stops one of them");
    if (!locked && raw->has_deviation_m)
        rig_fail(loader, "groups", group, "deviation_m", "there, expected it of a locked group only");
    if (!locked && raw->has_drop_m)
        rig_fail(loader, "groups", group, "drop_m", "there, expected it of a locked group only");
    if (!locked && raw->has_share_trim_m)
        rig_fail(loader, "groups", group, "share_trim_m", "there, expected it of a locked group only");
    if (locked && raw->has_share_trim_m && raw->has_deviation_m && 2 * raw->share_trim_m >= raw->deviation_m)
        rig_fail(loader, "groups", group, "share_trim_m",
                 "%.10g m to both sides reach deviation_m %.10g m, expected less than half of it", raw->share_trim_m,
                 raw->deviation_m);
    if (locked)
        check_belays(loader, group);
}

/* The healthy drum ramps, and the other one's brake stops it at once. */
static double ramps_ahead_m(const struct rig_axis *axis, double cycle_s, double speed_m_s, double stop_m_s2) {
    const double late_s = axis->limits.reaction_ms / 1000.0 + 2 * cycle_s + axis->rope.jerk_ms / 2000;
    return speed_m_s * late_s + speed_m_s * speed_m_s / (2 * stop_m_s2);
}

/* The other one falls until its brake holds. The healthy drum ramps at first, goes on once the other has come farther
 * than its ramp would, is never faster than it was, and ramps when its stop time asks for that: step by step as in
 * controller/cycle_mates.c. */
static double falls_ahead_m(const struct rig_axis *axis, double speed_m_s, double stop_m_s2) {
    const double step_s = 0.001, fall_s = (axis->hardwired.sto_response_ms + axis->brake.close_ms_max) / 1000.0;
    const double reaction_s = axis->limits.reaction_ms / 1000.0, stop_s = axis->limits.stop_time_max_ms / 1000.0;
    double other_m_s = speed_m_s, own_m_s = speed_m_s, other_m = 0, own_m = 0, most_m = 0;
    for (double t_s = 0; other_m_s > 0 || own_m_s > 0; t_s += step_s) {
        other_m_s = t_s < fall_s ? other_m_s + GRAVITY_M_S2 * step_s
                                 : fmax(0, other_m_s - axis->brake.deceleration_m_s2 * step_s);
        const double left_m = fmax(0, other_m - own_m), late_m_s = stop_m_s2 * reaction_s;
        const double goes_m_s = sqrt(late_m_s * late_m_s + 2 * stop_m_s2 * left_m) - late_m_s;
        const bool due = own_m_s / stop_m_s2 + reaction_s >= stop_s - t_s;
        own_m_s = fmin(own_m_s, fmax(due ? 0 : goes_m_s, fmax(0, own_m_s - stop_m_s2 * step_s)));
        other_m += other_m_s * step_s;
        own_m += own_m_s * step_s;
        most_m = fmax(most_m, other_m - own_m);
    }
    return most_m;
}

static bool drop_known(const struct rig_loader *loader, int axis) {
    static const char *const keys[] = {
        "limits.reaction_ms", "limits.stop_takein_deceleration_m_s2", "limits.stop_payout_deceleration_m_s2",
        "rope.jerk_ms", "hardwired.sto_response_ms", "brake.close_ms_max", "brake.deceleration_m_s2",
        "limits.stop_time_max_ms",
        "modes.move.payout_speed_max_m_s", "modes.move.takein_speed_max_m_s",
        "modes.jog.payout_speed_max_m_s", "modes.jog.takein_speed_max_m_s"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!rig_valid_of(loader, "axes", axis, keys[i]))
            return false;
    return true;
}

static void check_drop(const struct rig_loader *loader, int group, int axis) {
    const struct rig_axis *const from = &loader->rig->axis[axis];
    const double cycle_s = loader->raw->cycle_ms / 1000.0, drop_m = loader->raw->groups[group].drop_m;
    const struct rig_motion *const move = &from->modes.move, *const jog = &from->modes.jog; /* of the whole group */
    const double out_m_s = fmax(move->payout_speed_max_m_s, jog->payout_speed_max_m_s);
    const double in_m_s = fmax(move->takein_speed_max_m_s, jog->takein_speed_max_m_s);
    const double up_m = ramps_ahead_m(from, cycle_s, in_m_s, from->limits.stop_takein_deceleration_m_s2);
    const double down_m = fmax(ramps_ahead_m(from, cycle_s, out_m_s, from->limits.stop_payout_deceleration_m_s2),
                               falls_ahead_m(from, out_m_s, from->limits.stop_payout_deceleration_m_s2));
    if (fmax(up_m, down_m) > drop_m)
        rig_fail(loader, "groups", group, "drop_m",
                 "%.10g m, but when a brake stops one of them they get %.3g m apart (%s, %s), expected as "
                 "much for what they carry, slower moves and jogs or a harder stop",
                 drop_m, fmax(up_m, down_m), from->name, up_m > down_m ? "taking in" : "paying out");
}

/* Drums that ramp differently get apart in every stop. */
static void check_stops_alike(const struct rig_loader *loader, int group) {
    const int first = __builtin_ctz(loader->rig->group[group].axes);
    const struct rig_limits *const a = &loader->rig->axis[first].limits;
    for (int i = first + 1; i < loader->rig->axis_count; i++) {
        const struct rig_limits *const b = &loader->rig->axis[i].limits;
        const bool alike = a->stop_payout_deceleration_m_s2 == b->stop_payout_deceleration_m_s2 &&
                           a->stop_takein_deceleration_m_s2 == b->stop_takein_deceleration_m_s2;
        if (is_in(loader->rig, group, i) && !alike && drop_known(loader, first) && drop_known(loader, i))
            rig_fail(loader, "axes", i, "limits.stop_payout_deceleration_m_s2",
                     "this or that of take-in differs from %s's, expected the same in locked group %s: they stop in "
                     "level",
                     loader->rig->axis[first].name, loader->rig->group[group].name);
    }
}

static void check_drops(const struct rig_loader *loader, int group) {
    const struct raw_group *const raw = &loader->raw->groups[group];
    for (int i = 0; i < loader->rig->axis_count && raw->kind == GROUP_LOCKED && raw->has_drop_m; i++)
        if (is_in(loader->rig, group, i) && drop_known(loader, i))
            check_drop(loader, group, i);
    if (raw->kind == GROUP_LOCKED)
        check_stops_alike(loader, group);
}

static uint32_t lines_of_people(const struct rig_loader *loader, int group) {
    uint32_t lines = 0;
    for (int i = 0; i < loader->rig->axis_count; i++)
        if (is_in(loader->rig, group, i) && loader->raw->axes[i].carries_person)
            lines |= UINT32_C(1) << i;
    return lines;
}

/* A station that stopped one line of a person and not the other would tip him out. */
static void check_zones(const struct rig_loader *loader, int group) {
    const struct rig *const rig = loader->rig;
    for (int i = 0; i < rig->safety.station_count; i++) {
        const uint32_t stopped = rig->safety.station[i].axes & rig->group[group].axes;
        if (stopped != 0 && stopped != rig->group[group].axes)
            rig_fail(loader, "groups", group, "axes",
                     "E-stop station %s stops some of these lines of one person and not the others, expected one zone",
                     rig->safety.station[i].name);
    }
}

/* The mass falls by what this rope hangs slack, and into it: m g (d + x) = k x^2 / 2 at the lowest point, k of the
 * shortest rope. */
static double jolt_n(const struct rig_axis *axis, const struct rig_group *group) {
    const double weight_n = group->mass_kg * GRAVITY_M_S2;
    const double stiffness_n_m = axis->rope.ea_n / fmax(axis->rope.lead_m + axis->limits.position_min_m, 1.0);
    return weight_n + sqrt(weight_n * weight_n + 2 * stiffness_n_m * weight_n * group->deviation_m);
}

static bool jolt_known(const struct rig_loader *loader, int axis) {
    static const char *const keys[] = {"rope.ea_n", "rope.lead_m", "limits.position_min_m", "load.rated_mass_kg",
                                       "load.rated_dynamic_tension_n"};
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        if (!rig_valid_of(loader, "axes", axis, keys[i]))
            return false;
    return true;
}

static void check_carries(const struct rig_loader *loader, int group, int axis) {
    const struct rig_group *const of = &loader->rig->group[group];
    const struct rig_axis *const from = &loader->rig->axis[axis];
    if (!jolt_known(loader, axis))
        return;
    if (from->load.rated_mass_kg < of->mass_kg)
        rig_fail(loader, "axes", axis, "load.rated_mass_kg",
                 "%.10g kg, but %.10g kg hang on group %s, expected as much: should another line go slack, this one "
                 "carries all",
                 from->load.rated_mass_kg, of->mass_kg, of->name);
    const double peak_n = jolt_n(from, of);
    if (from->load.rated_dynamic_tension_n < peak_n)
        rig_fail(loader, "axes", axis, "load.rated_dynamic_tension_n",
                 "%.10g N, but %.10g kg of group %s jolt it with %.0f N, m g + sqrt((m g)^2 + 2 k m g deviation_m), "
                 "when another line goes slack, expected as much, a softer rope or less deviation_m",
                 from->load.rated_dynamic_tension_n, of->mass_kg, of->name, peak_n);
}

/* Lines of one person: one E-stop zone, one locked group, and each alone carries him. */
static void check_people(const struct rig_loader *loader, int group) {
    const struct raw_group *const raw = &loader->raw->groups[group];
    const uint32_t people = lines_of_people(loader, group);
    if (!rig_valid_of(loader, "groups", group, "kind") || raw->kind != GROUP_LOCKED)
        return;
    if (people == 0 && raw->has_mass_kg)
        rig_fail(loader, "groups", group, "mass_kg", "there, expected it of lines that carry people only");
    if (people == 0)
        return;
    if (people != loader->rig->group[group].axes)
        rig_fail(loader, "groups", group, "axes", "some of them carry a person and some do not, expected all or none");
    check_zones(loader, group);
    if (!raw->has_mass_kg) {
        rig_fail(loader, "groups", group, "kind", "locked, with lines that carry people, and no mass_kg, expected it");
        return;
    }
    for (int i = 0; i < loader->rig->axis_count; i++)
        if (is_in(loader->rig, group, i))
            check_carries(loader, group, i);
}

void rig_check_groups(const struct rig_loader *loader) {
    for (int i = 0; i < loader->rig->group_count; i++) {
        check_name(loader, i);
        if (!rig_valid_of(loader, "groups", i, "axes"))
            continue;
        if (__builtin_popcount(loader->rig->group[i].axes) < 2)
            rig_fail(loader, "groups", i, "axes", "fewer than two axes, expected those that belong together");
        check_apart(loader, i);
        check_kind(loader, i);
        check_drops(loader, i);
        check_people(loader, i);
    }
}
