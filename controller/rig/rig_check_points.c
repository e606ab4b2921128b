/* Suspended points: what their lines must be to each other, and to their axes. */
#include <math.h>
#include <string.h>

#include "controller/rig/rig_check_parts.h"

#define ANCHORS_APART_M 0.5

static uint32_t axes_of(const struct rig_point *point) {
    uint32_t axes = 0;
    for (int i = 0; i < point->line_count; i++)
        axes |= point->line[i].axis >= 0 ? UINT32_C(1) << point->line[i].axis : 0;
    return axes;
}

/* Adds an error at points[point].lines[line].key, when that was taken. */
__attribute__((format(printf, 5, 6))) static void fail_line(const struct rig_loader *loader, int point, int line,
                                                            const char *key, const char *format, ...) {
    char list[RIG_PATH_MAX], text[256];
    va_list arguments;
    snprintf(list, sizeof list, "points[%d].lines", point);
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (rig_valid_of(loader, list, line, key))
        rig_fail(loader, list, line, key, "%s", text);
}

static void check_axes(const struct rig_loader *loader, int index) {
    const struct rig *const rig = loader->rig;
    const struct rig_point *const point = &rig->point[index];
    uint32_t used = 0;
    for (int i = 0; i < index; i++)
        used |= axes_of(&rig->point[i]);
    for (int i = 0; i < point->line_count; i++) {
        const int axis = point->line[i].axis;
        if (axis < 0)
            continue;
        const int group = rig_group_of(rig, axis);
        if (loader->raw->axes[axis].carries_person)
            fail_line(loader, index, i, "axis",
                      "%s carries a person, expected lines of a camera: a point's lines are not looked at for people",
                      rig->axis[axis].name);
        if (group >= 0 && rig->group[group].kind == GROUP_LOCKED)
            fail_line(loader, index, i, "axis",
                      "%s is in locked group %s, expected none: a point's lines are never level",
                      rig->axis[axis].name, rig->group[group].name);
        if ((used >> axis & 1) != 0)
            fail_line(loader, index, i, "axis", "%s is a line of a point already, expected another axis",
                      rig->axis[axis].name);
        if (loader->raw->axes[axis].belay.present)
            fail_line(loader, index, i, "axis",
                      "%s has a belay section, expected an axis that belays nobody: its rope follows its climber",
                      rig->axis[axis].name);
        used |= UINT32_C(1) << axis;
    }
}

/* A station that stopped some lines and not the others would pull the point off its path. */
static void check_zones(const struct rig_loader *loader, int index) {
    const struct rig *const rig = loader->rig;
    const uint32_t axes = axes_of(&rig->point[index]);
    for (int i = 0; i < rig->safety.station_count; i++) {
        const uint32_t stopped = rig->safety.station[i].axes & axes;
        if (stopped != 0 && stopped != axes)
            rig_fail(loader, "points", index, "name",
                     "E-stop station %s stops some of its lines and not the others, expected one zone for all",
                     rig->safety.station[i].name);
    }
}

static double apart_m(const struct rig_point_line *a, const struct rig_point_line *b, int directions) {
    double square = 0;
    for (int k = 0; k < directions; k++)
        square += (a->anchor_m[k] - b->anchor_m[k]) * (a->anchor_m[k] - b->anchor_m[k]);
    return sqrt(square);
}

static void check_anchors(const struct rig_loader *loader, int index) {
    const struct rig_point *const point = &loader->rig->point[index];
    for (int i = 0; i < point->line_count; i++)
        for (int j = 0; j < i; j++)
            if (apart_m(&point->line[i], &point->line[j], 3) < ANCHORS_APART_M)
                fail_line(loader, index, i, "x_m", "the anchor is that of line %s, expected one at least %.1f m away",
                          loader->raw->points[index].lines[j].axis, ANCHORS_APART_M);
    if (point->line_count == 2 && apart_m(&point->line[0], &point->line[1], 2) < ANCHORS_APART_M)
        fail_line(loader, index, 1, "x_m",
                  "the anchor is straight above or below that of %s, expected two at least %.1f m apart from above",
                  loader->raw->points[index].lines[0].axis, ANCHORS_APART_M);
}

/* What the monitors take for a fault must not be a pull that a flight may have. */
static void check_pulls(const struct rig_loader *loader, int index) {
    const struct rig *const rig = loader->rig;
    const struct rig_point *const point = &rig->point[index];
    for (int i = 0; i < point->line_count; i++) {
        const struct rig_point_line *line = &point->line[i];
        if (line->axis < 0)
            continue;
        const struct rig_axis *axis = &rig->axis[line->axis];
        const double lost_n = fmax(axis->load.has_underload ? axis->load.underload_n : 0,
                                   axis->load.has_slack ? axis->load.slack_n : 0);
        if (line->tension_max_n >= axis->limits.tension_max_n)
            fail_line(loader, index, i, "tension_max_n",
                      "%s trips at its limits.tension_max_n, expected less than %.10g",
                      axis->name, axis->limits.tension_max_n);
        if (line->tension_min_n <= lost_n)
            fail_line(loader, index, i, "tension_min_n",
                      "%s trips, or counts as slack, at its load.underload_n or slack_n, expected more than %.10g",
                      axis->name, lost_n);
        if (!axis->load.has_underload)
            fail_line(loader, index, i, "axis",
                      "%s has no load.underload_n, expected it: a line that lost its tension stops the point",
                      axis->name);
        if (line->tension_min_n >= point->tension_n)
            fail_line(loader, index, i, "tension_min_n", "%s, expected less than the point's tension_n, %.10g",
                      axis->name, point->tension_n);
        if (line->tension_max_n <= point->tension_n)
            fail_line(loader, index, i, "tension_max_n", "%s, expected more than the point's tension_n, %.10g",
                      axis->name, point->tension_n);
        if (point->stop_m_s2 > fmin(axis->limits.stop_payout_deceleration_m_s2,
                                    axis->limits.stop_takein_deceleration_m_s2))
            fail_line(loader, index, i, "axis",
                      "%s stops more gently than the point's stop_m_s2, expected at most %.10g there", axis->name,
                      fmin(axis->limits.stop_payout_deceleration_m_s2, axis->limits.stop_takein_deceleration_m_s2));
    }
}

void rig_check_points(const struct rig_loader *loader) {
    for (int i = 0; i < loader->rig->point_count; i++) {
        const struct rig_point *const point = &loader->rig->point[i];
        static const char *const sides[3] = {"x_max_m", "y_max_m", "z_max_m"};
        check_axes(loader, i);
        check_zones(loader, i);
        check_anchors(loader, i);
        check_pulls(loader, i);
        if (point->mass_min_kg > point->mass_max_kg && rig_valid_of(loader, "points", i, "mass_max_kg"))
            rig_fail(loader, "points", i, "mass_max_kg", "%.10g, expected at least mass_min_kg, %.10g",
                     point->mass_max_kg, point->mass_min_kg);
        for (int k = 0; k < 3; k++)
            if (point->volume_min_m[k] >= point->volume_max_m[k] && rig_valid_of(loader, "points", i, sides[k]))
                rig_fail(loader, "points", i, sides[k], "%.10g, expected more than the other side of the volume, %.10g",
                         point->volume_max_m[k], point->volume_min_m[k]);
    }
}
