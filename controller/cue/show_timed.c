/* Loads the paths in time of a show. */
#include "controller/cue/show_timed.h"

#include <math.h>
#include <stdarg.h>
#include <string.h>

#include "controller/base/yaml_fields.h"

#define PATH_MAX_BYTES 96
#define TEXT_MAX 256

/* ---- schema ---- */

#define OWNER timed_knot
static const struct yaml_field knot_fields[] = {
    FIELD_DOUBLE(t_s, 0, 3600, "time since GO, s; 0 in the first, at least 0.02 more in each other"),
    FIELD_DOUBLE(position_m, -100, 1000, "rope paid out then, m; within the axis's limits"), FIELD_END};
#undef OWNER

#define OWNER raw_timed
const struct yaml_field show_timed_fields[] = {
    FIELD_NAME(axis, "name of the axis in the rig; one that belays nobody"),
    FIELD_DOUBLE(error_m, 0.005, 1,
                 "farther than this from its place at the time the axis stops, m; it begins within half of it"),
    FIELD_LIST(path, 2, TIMED_KNOTS_MAX, knot_fields,
               "places and times, in order: the axis goes through them in a smooth curve and rests at its ends"),
    FIELD_END};
#undef OWNER

/* ---- errors ---- */

struct at {
    const struct yaml_doc *doc;
    struct yaml_errors *errors;
    const struct rig *rig;
    const struct rig_axis *axis;
    int cue;
};

static void key_of(const struct at *at, const char *key, char path[static PATH_MAX_BYTES]) {
    snprintf(path, PATH_MAX_BYTES, "cues[%d].timed.%s", at->cue, key);
}

__attribute__((format(printf, 3, 4))) static void fail(const struct at *at, int knot, const char *format, ...) {
    char path[PATH_MAX_BYTES], key[32], text[TEXT_MAX];
    va_list arguments;
    snprintf(key, sizeof key, "path[%d]", knot);
    key_of(at, key, path);
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_error_at(at->errors, at->doc, path, "%s", text);
}

static bool all_taken(const struct at *at, int count) {
    char path[PATH_MAX_BYTES], key[32];
    for (int i = 0; i < 2 * count; i++) {
        snprintf(key, sizeof key, "path[%d].%s", i / 2, i % 2 ? "position_m" : "t_s");
        key_of(at, key, path);
        if (!yaml_find_valid(at->doc, path))
            return false;
    }
    return count >= 2;
}

/* ---- checks ---- */

static bool lay(const struct at *at, const struct raw_timed *raw, struct timed_path *path) {
    int wrong = 0;
    const enum timed_result result = timed_lay(path, raw->path, raw->path_count, &wrong);
    if (result == TIMED_BAD_TIME && wrong == 0)
        fail(at, 0, "at %.10g s, expected the first place at 0 s: the time counts from GO", raw->path[0].t_s);
    else if (result == TIMED_BAD_TIME)
        fail(at, wrong, "at %.10g s, expected at least %.10g s: %.10g s after the one before", raw->path[wrong].t_s,
             raw->path[wrong - 1].t_s + TIMED_APART_S, TIMED_APART_S);
    return result == TIMED_LAID;
}

/* Whether the curve from this knot to the next keeps what the axis can do, with what catching up needs. */
static bool part_keeps(const struct at *at, const struct timed_path *path, int knot) {
    const struct timed_peaks peaks = timed_peaks(path, knot);
    const struct rig_motion *move = &at->axis->modes.move;
    const struct rig_limits *limits = &at->axis->limits;
    const double speed_m_s = TIMED_SPEED * fmin(move->payout_speed_max_m_s, move->takein_speed_max_m_s);
    const double a = TIMED_SHARE * move->acceleration_m_s2, jerk = TIMED_SHARE * limits->jerk_max_m_s3;
    if (peaks.position_min_m < limits->position_min_m || peaks.position_max_m > limits->position_max_m)
        fail(at, knot,
             "after it the curve goes from %.3f m to %.3f m, expected from %.10g m to %.10g m (the axis's position "
             "limits)",
             peaks.position_min_m, peaks.position_max_m, limits->position_min_m, limits->position_max_m);
    else if (peaks.speed_m_s > speed_m_s)
        fail(at, knot,
             "after it the curve is %.3f m/s fast, expected at most %.10g m/s, nine tenths of the axis's move: more "
             "time, or less way",
             peaks.speed_m_s, speed_m_s);
    else if (peaks.acceleration_m_s2 > a)
        fail(at, knot,
             "after it the curve asks for %.3f m/s2, expected at most %.10g m/s2, four fifths of the axis's move: more "
             "time, or a softer turn",
             peaks.acceleration_m_s2, a);
    else if (peaks.jerk_m_s3 > jerk)
        fail(at, knot,
             "after it the curve asks for %.3f m/s3, expected at most %.10g m/s3, four fifths of limits.jerk_max_m_s3: "
             "more time, or a softer turn",
             peaks.jerk_m_s3, jerk);
    else
        return true;
    return false;
}

/* Room that the clamp asks for to come from `v` down to `to`: until then the drum may be faster by what a setpoint may
 * have fallen in the reaction time. */
static double room_m(const struct at *at, double v, double to, bool out) {
    const struct rig_limits *limits = &at->axis->limits;
    const double cycle_s = at->rig->cycle_ms / 1000.0, reaction_s = limits->reaction_ms / 1000.0;
    const double a = out ? limits->stop_payout_deceleration_m_s2 : limits->stop_takein_deceleration_m_s2;
    const double lead_m_s = a * (reaction_s + 2 * cycle_s);
    const double drum_m_s = fmin(v + lead_m_s, out ? limits->payout_speed_max_m_s : limits->takein_speed_max_m_s);
    return drum_m_s * (reaction_s + 2 * cycle_s + at->axis->rope.jerk_ms / 2000) + (v * v - to * to) / (2 * a);
}

/* Would the clamp let it go so fast there? */
static bool has_room(const struct at *at, int knot, double t_s, const struct timed_state *is) {
    const struct rig_limits *limits = &at->axis->limits;
    const bool out = is->speed_m_s > 0;
    const double v = fabs(is->speed_m_s), needs_m = room_m(at, v, 0, out);
    const double left_m = out ? limits->position_max_m - is->position_m : is->position_m - limits->position_min_m;
    if (needs_m > left_m) {
        fail(at, knot,
             "at %.2f s a stop from %.3f m and %.2f m/s takes %.3f m and %.3f m are left to the position limit, "
             "expected more: slower there, or farther from it",
             t_s, is->position_m, v, needs_m, left_m);
        return false;
    }
    for (int i = 0; i < at->axis->band_count; i++) {
        const struct rig_band *band = &at->axis->band[i];
        const double most_m_s = out ? band->payout_speed_max_m_s : band->takein_speed_max_m_s;
        const bool behind = out ? is->position_m > band->to_m : is->position_m < band->from_m;
        const double before_m = out ? band->from_m - is->position_m : is->position_m - band->to_m;
        if (behind || v <= most_m_s || room_m(at, v, most_m_s, out) <= before_m)
            continue;
        fail(at, knot,
             "at %.2f s it is at %.3f m with %.2f m/s, too fast for the band from %.10g m to %.10g m, expected at most "
             "%.10g m/s when it gets there: slower there",
             t_s, is->position_m, v, band->from_m, band->to_m, most_m_s);
        return false;
    }
    return true;
}

static void check_room(const struct at *at, const struct timed_path *path, int knot) {
    const double step_s = at->rig->cycle_ms / 1000.0;
    for (double t_s = path->knot[knot].t_s; t_s < path->knot[knot + 1].t_s; t_s += step_s) {
        const struct timed_state is = timed_at(path, t_s);
        if (is.speed_m_s != 0 && !has_room(at, knot, t_s, &is))
            return;
    }
}

void show_timed_build(const struct yaml_doc *doc, struct yaml_errors *errors, const struct rig *rig, int index,
                      const struct raw_timed *raw, struct show *show) {
    struct cue *cue = &show->cue[index];
    const struct at at = {doc, errors, rig, &rig->axis[cue->axis], index};
    char path[PATH_MAX_BYTES];
    if (at.axis->belay.present) {
        key_of(&at, "axis", path);
        yaml_error_at(errors, doc, path, "%s has a belay section, expected an axis that belays nobody", at.axis->name);
    }
    if (show->timed_count == SHOW_TIMED_MAX) {
        snprintf(path, sizeof path, "cues[%d].timed", index);
        yaml_error_at(errors, doc, path, "one path in time too many, expected at most %d in a show", SHOW_TIMED_MAX);
        return;
    }
    struct timed_path *to = &show->timed[cue->timed = show->timed_count++];
    if (!all_taken(&at, raw->path_count) || !lay(&at, raw, to))
        return;
    bool keeps = true;
    for (int i = 0; i + 1 < to->count; i++)
        keeps = part_keeps(&at, to, i) && keeps;
    for (int i = 0; i + 1 < to->count && keeps; i++)
        check_room(&at, to, i);
    cue->error_m = raw->error_m;
    cue->speed_m_s = to->speed_max_m_s;
    cue->position_m = raw->path[raw->path_count - 1].position_m;
}
