/* Loads the flights of a show. */
#include "controller/cue/show_fly.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "controller/base/yaml_fields.h"

#define PATH_MAX_BYTES 96
#define TEXT_MAX 256

/* ---- schema ---- */

#define OWNER raw_waypoint
static const struct yaml_field waypoint_fields[] = {FIELD_DOUBLE(x_m, -1000, 1000, "place on the path, m"),
                                                    FIELD_DOUBLE(y_m, -1000, 1000, "the same across, m"),
                                                    FIELD_DOUBLE(z_m, -1000, 1000, "the same, up, m"), FIELD_END};
#undef OWNER

#define OWNER raw_fly
const struct yaml_field show_fly_fields[] = {
    FIELD_NAME(point, "name of the point in the rig"),
    FIELD_DOUBLE(speed_m_s, 0.01, 20, "speed along the path, m/s; every line can follow it all the way"),
    FIELD_DOUBLE(acceleration_m_s2, 0.01, 30, "most acceleration along the path, and across it in a curve, m/s2"),
    FIELD_DOUBLE(jerk_m_s3, 0.01, 1000, "most jerk along the path, m/s3; within limits.jerk_max_m_s3 of its axes"),
    FIELD_LIST(waypoints, 2, PATH_WAYPOINTS_MAX, waypoint_fields,
               "places that the point flies through, from the first to the last, in a smooth curve"),
    FIELD_END};
#undef OWNER

/* ---- errors ---- */

struct at {
    const struct yaml_doc *doc;
    struct yaml_errors *errors;
    const struct rig *rig;
    int cue;
};

__attribute__((format(printf, 3, 4))) static void fail(const struct at *at, const char *key, const char *format, ...) {
    char path[PATH_MAX_BYTES], text[TEXT_MAX];
    va_list arguments;
    snprintf(path, sizeof path, "cues[%d].fly%s%s", at->cue, key[0] != '\0' ? "." : "", key);
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (yaml_find_valid(at->doc, path))
        yaml_error_at(at->errors, at->doc, path, "%s", text);
}

static void fail_waypoint(const struct at *at, int waypoint, const char *text) {
    char key[PATH_MAX_BYTES];
    snprintf(key, sizeof key, "waypoints[%d]", waypoint);
    fail(at, key, "%s", text);
}

/* ---- the flight ---- */

static void fill_line(const struct rig *rig, const struct rig_point_line *line, struct point_flight *flight, int i) {
    const struct rig_axis *axis = &rig->axis[line->axis];
    const struct rig_motion *move = &axis->modes.move;
    flight->point.line[i] = (struct point_line){.tension_min_n = line->tension_min_n,
                                                .tension_max_n = line->tension_max_n,
                                                .ea_n = axis->rope.ea_n,
                                                .lead_m = axis->rope.lead_m};
    memcpy(flight->point.line[i].anchor_m, line->anchor_m, sizeof line->anchor_m);
    flight->line[i] = (struct flight_line){
        .speed_max_m_s = fmin(move->payout_speed_max_m_s, move->takein_speed_max_m_s),
        .acceleration_max_m_s2 = move->acceleration_m_s2,
        .stop_m_s2 = fmin(axis->limits.stop_payout_deceleration_m_s2, axis->limits.stop_takein_deceleration_m_s2),
        .position_min_m = axis->limits.position_min_m,
        .position_max_m = axis->limits.position_max_m};
}

static struct point_flight flight_of(const struct rig *rig, const struct rig_point *point, const struct raw_fly *raw) {
    struct point_flight flight = {.point = {.count = point->line_count, .tension_n = point->tension_n},
                            .mass_min_kg = point->mass_min_kg, .mass_max_kg = point->mass_max_kg,
                            .speed_m_s = raw->speed_m_s, .acceleration_m_s2 = raw->acceleration_m_s2,
                            .stop_m_s2 = point->stop_m_s2};
    memcpy(flight.volume_min_m, point->volume_min_m, sizeof flight.volume_min_m);
    memcpy(flight.volume_max_m, point->volume_max_m, sizeof flight.volume_max_m);
    for (int i = 0; i < point->line_count; i++)
        fill_line(rig, &point->line[i], &flight, i);
    return flight;
}

static bool lay(const struct at *at, const struct raw_fly *raw, struct path *path) {
    struct path_waypoint waypoints[PATH_WAYPOINTS_MAX];
    int waypoint = 0;
    for (int i = 0; i < raw->waypoints_count; i++)
        waypoints[i] = (struct path_waypoint){{raw->waypoints[i].x_m, raw->waypoints[i].y_m, raw->waypoints[i].z_m}};
    switch (path_lay(path, waypoints, raw->waypoints_count, &waypoint)) {
    case PATH_LAID:
        return true;
    case PATH_TOO_NEAR:
        fail_waypoint(at, waypoint, "on the spot of the one before, expected it at least 10 mm away");
        break;
    case PATH_TURNS_SHORT:
        fail_waypoint(at, waypoint,
                      "after it the curve turns round on the spot, expected more waypoints around the turn");
        break;
    case PATH_BAD_COUNT:
    case PATH_NOT_FINITE:
    case PATH_RESULT_COUNT:
        break; /* the schema keeps them out */
    }
    return false;
}

/* What each refusal says of a line or a direction, and what helps. */
static void explain(const struct at *at, const struct rig_point *point, const struct path *path,
                    enum flight_result result, const struct flight_refusal *no) {
    static const char *const directions[3] = {"x", "y", "z"};
    const int waypoint = path_waypoint(path, no->way_m);
    const bool of_line = result != FLIGHT_LEAVES && no->line >= 0;
    const char *name = of_line ? at->rig->axis[point->line[no->line].axis].name : "";
    char key[PATH_MAX_BYTES], where[PATH_MAX_BYTES];
    snprintf(key, sizeof key, "waypoints[%d]", waypoint);
    snprintf(where, sizeof where, "%.2f m after it, at %.2f m of %.2f m,", no->way_m - path_way_m(path, waypoint),
             no->way_m, path->length_m);
    switch (result) {
    case FLIGHT_LEAVES:
        fail(at, key, "%s the path is outside the point's volume: %s = %.3f m, expected %.10g m or %s", where,
             directions[no->line], no->value, no->limit, no->value < no->limit ? "more" : "less");
        break;
    case FLIGHT_UNHELD:
        fail(at, key, "%s the lines can't hold the point (%s), expected it below all anchors and between them", where,
             point_result_name(no->why));
        break;
    case FLIGHT_SLACK:
        fail(at, key,
             "%s outside the volume that the lines can hold: %s would pull %.1f N, expected at least %.10g N: fly "
             "nearer to the middle or more gently",
             where, name, no->value, no->limit);
        break;
    case FLIGHT_OVERLOADED:
        fail(at, key,
             "%s outside the volume that the lines can hold: %s would pull %.1f N, expected at most %.10g N: fly lower",
             where, name, no->value, no->limit);
        break;
    case FLIGHT_CURVE:
        fail(at, key, "%s the curve asks for %.3f m/s2, expected at most the flight's %.10g: widen it, or fly slower",
             where, no->value, no->limit);
        break;
    case FLIGHT_SPEED:
        fail(at, key, "%s %s would run at %.2f m/s, expected at most %.10g, nine tenths of its move: fly slower", where,
             name, no->value, no->limit);
        break;
    case FLIGHT_ACCELERATION:
        fail(at, key,
             "%s %s would need %.2f m/s2, expected at most %.10g, nine tenths of its move: fly slower or more gently",
             where, name, no->value, no->limit);
        break;
    case FLIGHT_STOP:
        fail(at, key,
             "%s %s would need %.2f m/s2 in a stop, expected at most %.10g, nine tenths of its own: fly slower",
             where, name, no->value, no->limit);
        break;
    case FLIGHT_POSITION:
        fail(at, key, "%s %s would be at %.3f m, outside its position limits, expected %.10g m or %s", where, name,
             no->value, no->limit, no->value < no->limit ? "more" : "less");
        break;
    case FLIGHT_GOOD:
    case FLIGHT_RESULT_COUNT:
        break;
    }
}

static void check_jerk(const struct at *at, const struct rig_point *point, double jerk_m_s3) {
    for (int i = 0; i < point->line_count; i++) {
        const struct rig_axis *axis = &at->rig->axis[point->line[i].axis];
        if (jerk_m_s3 > axis->limits.jerk_max_m_s3) {
            fail(at, "jerk_m_s3", "%.10g is too much, expected at most %.10g m/s3 (%s's limit)", jerk_m_s3,
                 axis->limits.jerk_max_m_s3, axis->name);
            return;
        }
    }
}

/* A stop that lasts longer than an axis lets it ends on the brakes. */
static void check_stop_time(const struct at *at, const struct rig_point *point, const struct raw_fly *raw) {
    const double stop_s = raw->speed_m_s / point->stop_m_s2 + point->stop_m_s2 / raw->jerk_m_s3;
    for (int i = 0; i < point->line_count; i++) {
        const struct rig_axis *axis = &at->rig->axis[point->line[i].axis];
        const double most_s = FLIGHT_PLANNED * axis->limits.stop_time_max_ms / 1000.0;
        if (stop_s > most_s) {
            fail(at, "speed_m_s",
                 "a stop on the path would last %.2f s, expected at most %.2f s, nine tenths of %s's stop_time_max_ms: "
                 "fly slower, or with more jerk",
                 stop_s, most_s, axis->name);
            return;
        }
        const double chain_s =
            stop_s + (axis->limits.reaction_ms + 2 * at->rig->cycle_ms + axis->brake.close_ms_max) / 1000.0;
        if (axis->hardwired.off_delay_ms > 0 && chain_s > axis->hardwired.off_delay_ms / 1000.0) {
            fail(at, "speed_m_s",
                 "a stop on the path, reaction and brake last %.2f s, expected at most %.2f s, after which an E-stop "
                 "takes %s's torque (off_delay_ms): fly slower, or with more jerk",
                 chain_s, axis->hardwired.off_delay_ms / 1000.0, axis->name);
            return;
        }
    }
    if (raw->acceleration_m_s2 > point->stop_m_s2)
        fail(at, "acceleration_m_s2",
             "%.10g is too much, expected at most %.10g m/s2 (the point's stop_m_s2): a stop must beat every motion",
             raw->acceleration_m_s2, point->stop_m_s2);
}

static bool all_taken(const struct at *at, int waypoints) {
    static const char *const keys[] = {"speed_m_s", "acceleration_m_s2", "jerk_m_s3"};
    char path[PATH_MAX_BYTES];
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "cues[%d].fly.%s", at->cue, keys[i]);
        if (!yaml_find_valid(at->doc, path))
            return false;
    }
    for (int i = 0; i < 3 * waypoints; i++) {
        snprintf(path, sizeof path, "cues[%d].fly.waypoints[%d].%c_m", at->cue, i / 3, "xyz"[i % 3]);
        if (!yaml_find_valid(at->doc, path))
            return false;
    }
    return waypoints >= 2;
}

void show_fly_build(const struct yaml_doc *doc, struct yaml_errors *errors, const struct rig *rig, int index,
                    const struct raw_fly *raw, struct show *show) {
    const struct at at = {doc, errors, rig, index};
    struct cue *cue = &show->cue[index];
    cue->kind = CUE_FLY;
    cue->speed_m_s = raw->speed_m_s;
    cue->acceleration_m_s2 = raw->acceleration_m_s2;
    cue->point = rig_point_find(rig, raw->point);
    if (cue->point < 0) {
        fail(&at, "point", "rig %s has no point %s, expected one of its points", rig->name, raw->point);
        return;
    }
    const struct rig_point *point = &rig->point[cue->point];
    for (int i = 0; i < point->line_count; i++)
        cue->axes |= UINT32_C(1) << point->line[i].axis;
    cue->axis = __builtin_ctz(cue->axes);
    if (show->flight_count == SHOW_FLIGHTS_MAX) {
        fail(&at, "", "one flight too many, expected at most %d in a show", SHOW_FLIGHTS_MAX);
        return;
    }
    if (!all_taken(&at, raw->waypoints_count))
        return;
    check_jerk(&at, point, raw->jerk_m_s3);
    check_stop_time(&at, point, raw);
    struct show_flight *to = &show->flight[cue->flight = show->flight_count++];
    struct flight_refusal no;
    to->jerk_m_s3 = raw->jerk_m_s3;
    to->flight = flight_of(rig, point, raw);
    if (!lay(&at, raw, &to->path))
        return;
    const enum flight_result result = flight_check(&to->flight, &to->path, &no);
    if (result != FLIGHT_GOOD)
        explain(&at, point, &to->path, result, &no);
}
