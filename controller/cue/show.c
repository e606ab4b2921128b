/* Loads a show file: cues in order, each held against the limits of the axis that it moves. */
#include "controller/cue/show.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "controller/base/yaml_fields.h"
#include "controller/cue/show_fly.h"
#include "controller/cue/show_timed.h"
#include "controller/motion/cable.h"

#define PATH_MAX_BYTES 96
#define NAMES_MAX 160
#define FREE_ROPE_MIN_M 1.0 /* shorter rope counts as this long */

struct raw_to {
    char axis[RIG_NAME_MAX];
    double position_m;
};

struct raw_move {
    bool present;
    bool has_axis, has_group, has_position_m, has_to;
    int to_count;
    struct raw_to to[RIG_AXES_MAX];
    char axis[RIG_NAME_MAX], group[RIG_NAME_MAX];
    double position_m, speed_m_s, acceleration_m_s2;
    struct cue_load load;
};

struct raw_belay {
    bool present;
    char axis[RIG_NAME_MAX];
    double tension_n;
};

struct raw_compensate {
    bool present;
    char axis[RIG_NAME_MAX];
};

struct raw_cue {
    char id[SHOW_CUE_ID_MAX];
    char name[SHOW_NAME_MAX];
    struct raw_move move;
    struct raw_belay belay;
    struct raw_fly fly;
    struct raw_compensate compensate;
    struct raw_timed timed;
};

struct raw_show {
    int32_t format;
    char show[SHOW_NAME_MAX];
    char rig[RIG_NAME_MAX];
    int cues_count;
    struct raw_cue cues[SHOW_CUES_MAX];
};

struct loader {
    const struct yaml_doc *doc;
    const struct raw_show *raw;
    const struct rig *rig;
    struct yaml_errors *errors;
};

/* ---- schema ---- */

#define OWNER cue_load
static const struct yaml_field load_fields[] = {
    FIELD_DOUBLE(mass_kg, 0, 10000, "what hangs on this rope, kg; 0 is the empty rope"),
    FIELD_DOUBLE(hangs_from_m, -100, 1000, "least rope paid out with which it hangs free, m"),
    FIELD_DOUBLE(hangs_to_m, -100, 1000, "most rope paid out with which it hangs free, m"), FIELD_END};
#undef OWNER

#define OWNER raw_to
static const struct yaml_field to_fields[] = {
    FIELD_NAME(axis, "name of an axis of the group"),
    FIELD_DOUBLE(position_m, -100, 1000, "rope paid out at the end of the move, m; within the axis's limits"),
    FIELD_END};
#undef OWNER

#define OWNER raw_move
static const struct yaml_field move_fields[] = {
    OPTIONAL_NAME(axis, has_axis, "name of the axis in the rig; either this or group"),
    OPTIONAL_NAME(group, has_group,
                  "name of the group in the rig: all of its axes begin together and arrive together; a locked one is "
                  "level on its way and there"),
    OPTIONAL_DOUBLE(position_m, has_position_m, -100, 1000,
                    "rope paid out at the end of the move, m; within the axis's limits; of a group the same for all; "
                    "either this or to"),
    OPTIONAL_LIST(to, has_to, 2, RIG_AXES_MAX, to_fields,
                  "of a group that is not locked: each axis to its own place, all of them named"),
    FIELD_DOUBLE(speed_m_s, 0.001, 20, "greatest speed of the move, m/s; within the axis's limits"),
    FIELD_DOUBLE(acceleration_m_s2, 0.01, 30, "acceleration and deceleration, m/s2; within the axis's limits"),
    OPTIONAL_MAP(load, load_fields,
                 "what hangs on the rope meanwhile: tension that it does not explain stops the move; without it "
                 "none is expected"),
    FIELD_END};
#undef OWNER

#define OWNER raw_belay
static const struct yaml_field belay_fields[] = {
    FIELD_NAME(axis, "name of the axis in the rig; it must have a belay section"),
    FIELD_DOUBLE(tension_n, 5, 250, "tension held while the person moves, N; within the axis's band"), FIELD_END};
#undef OWNER

#define OWNER raw_compensate
static const struct yaml_field compensate_fields[] = {
    FIELD_NAME(axis, "name of the axis in the rig; it must have a reference section"), FIELD_END};
#undef OWNER

#define OWNER raw_cue
static const struct yaml_field cue_fields[] = {
    FIELD_NAME(id, "number or short name of the cue, unique in the show"),
    FIELD_TEXT(name, "what happens, as the operator reads it"),
    OPTIONAL_MAP(move, move_fields, "one axis, or a group, goes to a position"),
    OPTIONAL_MAP(belay, belay_fields, "one axis holds tension and follows the person until stopped"),
    OPTIONAL_MAP(fly, show_fly_fields, "a point on lines flies along a path"),
    OPTIONAL_MAP(compensate, compensate_fields,
                 "one axis holds the height of its hook while the deck under its winch moves, until stopped"),
    OPTIONAL_MAP(timed, show_timed_fields, "one axis goes through places at given times"),
    FIELD_END};
#undef OWNER

#define OWNER raw_show
static const struct yaml_field fields[] = {
    FIELD_INT(format, 1, 1, "version of this file format"), FIELD_TEXT(show, "name of the show"),
    FIELD_NAME(rig, "name of the rig that the show was made for"),
    FIELD_LIST(cues, 1, SHOW_CUES_MAX, cue_fields,
               "cues in the order of the show, each with exactly one of move, belay, fly, compensate and timed"),
    FIELD_END};
#undef OWNER

const struct yaml_field *show_fields(void) {
    return fields;
}

/* ---- checks ---- */

static void join(char path[static PATH_MAX_BYTES], int cue, const char *key) {
    const int length = snprintf(path, PATH_MAX_BYTES, "cues[%d].%s", cue, key);
    assert(length > 0 && length < PATH_MAX_BYTES);
}

/* Names, "a, b, c", in an array of structs that begin with them. */
static void list_names(const char *first, size_t stride, int count, char known[static NAMES_MAX]) {
    size_t used = 0;
    known[0] = '\0';
    for (int i = 0; i < count && used < NAMES_MAX; i++)
        used +=
            (size_t)snprintf(known + used, NAMES_MAX - used, "%s%s", i == 0 ? "" : ", ", first + (size_t)i * stride);
}

/* Axis called by name at cues[cue].key, or -1 with an error. */
static int resolve_axis(const struct loader *loader, int cue, const char *key, const char *name) {
    char path[PATH_MAX_BYTES];
    join(path, cue, key);
    if (!yaml_find_valid(loader->doc, path))
        return -1;
    const int axis = rig_axis_find(loader->rig, name);
    if (axis >= 0)
        return axis;
    char known[NAMES_MAX];
    list_names(loader->rig->axis[0].name, sizeof loader->rig->axis[0], loader->rig->axis_count, known);
    yaml_error_at(loader->errors, loader->doc, path, "rig %s has no axis %s, expected one of %s", loader->rig->name,
                  name, known);
    return -1;
}

/* The number at cues[cue].key must lie within the axis's limits. */
static void check_limit(const struct loader *loader, int cue, const char *key, double min, double max, const char *unit,
                        const char *why) {
    char path[PATH_MAX_BYTES];
    double value = 0;
    join(path, cue, key);
    if (!yaml_find_number(loader->doc, path, &value))
        return;
    if (value < min)
        yaml_error_at(loader->errors, loader->doc, path, "%.10g is too little, expected at least %.10g %s (%s)", value,
                      min, unit, why);
    else if (value > max)
        yaml_error_at(loader->errors, loader->doc, path, "%.10g is too much, expected at most %.10g %s (%s)", value,
                      max, unit, why);
}

/* As resolve_axis(). */
static int resolve_group(const struct loader *loader, int cue, const char *key, const char *name) {
    char path[PATH_MAX_BYTES];
    join(path, cue, key);
    const int group = rig_group_find(loader->rig, name);
    char known[NAMES_MAX];
    list_names(loader->rig->group[0].name, sizeof loader->rig->group[0], loader->rig->group_count, known);
    if (group < 0 && yaml_find_valid(loader->doc, path))
        yaml_error_at(loader->errors, loader->doc, path, "rig %s has no group %s, expected %s%s", loader->rig->name,
                      name, known[0] != '\0' ? "one of " : "axis: it has no groups", known);
    return group;
}

static const char *const why_position = "the axis's position limits";

static void check_move(const struct loader *loader, int cue, int axis, bool has_to) {
    const struct rig_limits *const limits = &loader->rig->axis[axis].limits;
    const struct rig_motion *const move = &loader->rig->axis[axis].modes.move;
    if (!has_to)
        check_limit(loader, cue, "move.position_m", limits->position_min_m, limits->position_max_m, "m", why_position);
    /* From where the move starts is not known before GO, so it may run either way. */
    check_limit(loader, cue, "move.speed_m_s", 0, fmin(move->payout_speed_max_m_s, move->takein_speed_max_m_s), "m/s",
                "the smaller of a move's speed limits, pay-out and take-in");
    check_limit(loader, cue, "move.acceleration_m_s2", 0, move->acceleration_m_s2, "m/s2",
                "the acceleration limit of moves");
}

static void check_load(const struct loader *loader, int cue, int axis, const struct cue_load *load) {
    const struct rig_axis *const from = &loader->rig->axis[axis];
    const struct rig_load_tolerance *const rule = &from->monitors.load;
    char path[PATH_MAX_BYTES];
    join(path, cue, "move.load");
    if (!rule->present) {
        yaml_error_at(loader->errors, loader->doc, path,
                      "axis %s has no tolerance for it, expected monitors.load of that axis in the rig file",
                      from->name);
        return;
    }
    check_limit(loader, cue, "move.load.mass_kg", 0, from->load.rated_mass_kg, "kg", "the axis's rated load");
    check_limit(loader, cue, "move.load.hangs_from_m", from->limits.position_min_m, from->limits.position_max_m, "m",
                "the axis's position limits");
    check_limit(loader, cue, "move.load.hangs_to_m", load->hangs_from_m, from->limits.position_max_m, "m",
                "hangs_from_m and the axis's position limit");
    double weight_n = load->mass_kg * GRAVITY_M_S2;
    double allowed_n = rule->tolerance_n + weight_n * rule->tolerance_percent / 100;
    join(path, cue, "move.load.mass_kg");
    if (load->mass_kg > 0 && allowed_n >= weight_n && yaml_find_valid(loader->doc, path))
        yaml_error_at(loader->errors, loader->doc, path,
                      "%.10g kg weigh no more than the tolerance of %.3g N, so that nobody would see it was not there; "
                      "expected more, or 0 for an empty rope",
                      load->mass_kg, allowed_n);
}

/* A drum that is ahead for its share must still reach its place. */
static void check_share(const struct loader *loader, int index, int axis, const struct cue *cue) {
    const struct rig_limits *const limits = &loader->rig->axis[axis].limits;
    const double trim_m = cue->group >= 0 ? loader->rig->group[cue->group].share_trim_m : 0;
    if (trim_m > 0)
        check_limit(loader, index, "move.position_m", limits->position_min_m + trim_m, limits->position_max_m - trim_m,
                    "m", "share_trim_m of the group inside the axis's position limits");
}

/* Where single readings count, the move itself must not swing the load beyond what is tolerated. */
static void check_swing(const struct loader *loader, int index, int axis, const struct cue *cue) {
    const struct rig_axis *const from = &loader->rig->axis[axis];
    const struct rig_load_tolerance *const rule = &from->monitors.load;
    const struct cable cable = cable_of_axis(from);
    const double mass_kg = cue->load.mass_kg, late_s = loader->rig->device[from->load_cell].stale_after_ms / 1000.0;
    const double longest_m = fmax(cue->load.hangs_to_m, FREE_ROPE_MIN_M);
    const double off_n = cable_unexplained_n(&cable, mass_kg, longest_m, cue->acceleration_m_s2,
                                             from->limits.jerk_max_m_s3, late_s);
    const double least_n = cable_tension_n(&cable, mass_kg, fmax(cue->load.hangs_from_m, 0), cue->acceleration_m_s2,
                                           CABLE_PAYS_OUT);
    const double allowed_n = rule->tolerance_n + least_n * rule->tolerance_percent / 100;
    char path[PATH_MAX_BYTES];
    join(path, index, "move.acceleration_m_s2");
    if (!rule->has_readings || off_n <= allowed_n || !yaml_find_valid(loader->doc, path))
        return;
    yaml_error_at(loader->errors, loader->doc, path,
                  "%.4g kg bounce in %.3g s on %.4g m of rope of axis %s: with this acceleration and "
                  "limits.jerk_max_m_s3 %.4g, swing and friction may differ by %.0f N from the plan, expected at most "
                  "the %.0f N of monitors.load: less acceleration, less jerk, or a wider tolerance",
                  mass_kg, cable_bounce_s(&cable, mass_kg, longest_m), longest_m, from->name,
                  from->limits.jerk_max_m_s3, off_n, allowed_n);
}

static void check_belay(const struct loader *loader, int cue, int axis) {
    const struct rig_belay *const belay = &loader->rig->axis[axis].belay;
    if (!belay->present) {
        char path[PATH_MAX_BYTES];
        join(path, cue, "belay.axis");
        yaml_error_at(loader->errors, loader->doc, path,
                      "axis %s can't belay, expected an axis with a belay section in the rig file",
                      loader->rig->axis[axis].name);
        return;
    }
    check_limit(loader, cue, "belay.tension_n", belay->band_min_n, belay->band_max_n, "N", "the axis's tension band");
}

static void check_compensate(const struct loader *loader, int cue, int axis) {
    char path[PATH_MAX_BYTES];
    join(path, cue, "compensate.axis");
    if (!loader->rig->axis[axis].reference.present)
        yaml_error_at(loader->errors, loader->doc, path,
                      "axis %s has nothing to go by, expected an axis with a reference section in the rig file",
                      loader->rig->axis[axis].name);
}

static uint32_t axis_bit(int axis) {
    return axis >= 0 ? UINT32_C(1) << axis : 0;
}

/* An axis of a locked group does not go anywhere without the others. */
static void check_free(const struct loader *loader, int index, const char *key, int axis) {
    const int group = axis >= 0 ? rig_group_of(loader->rig, axis) : -1;
    char path[PATH_MAX_BYTES];
    join(path, index, key);
    if (group < 0 || loader->rig->group[group].kind != GROUP_LOCKED || !yaml_find_valid(loader->doc, path))
        return;
    const char *const name = loader->rig->axis[axis].name, *const group_name = loader->rig->group[group].name;
    if (strncmp(key, "move.", strlen("move.")) == 0)
        yaml_error_at(loader->errors, loader->doc, path,
                      "%s is locked in group %s, expected group: %s in place of axis: they move in level", name,
                      group_name, group_name);
    else
        yaml_error_at(loader->errors, loader->doc, path,
                      "%s is locked in group %s, expected an axis of no locked group: a locked group takes moves only",
                      name, group_name);
}

/* A line that went alone, or as far as another one, would pull the point aside and throw the others slack or taut. */
static void check_no_line(const struct loader *loader, int index, const char *key, uint32_t axes) {
    char path[PATH_MAX_BYTES];
    join(path, index, key);
    for (int i = 0; i < loader->rig->axis_count; i++) {
        const int point = rig_point_of(loader->rig, i);
        if ((axes >> i & 1) != 0 && point >= 0 && yaml_find_valid(loader->doc, path))
            yaml_error_at(loader->errors, loader->doc, path,
                          "%s is a line of point %s, expected a fly cue: its lines move together",
                          loader->rig->axis[i].name, loader->rig->point[point].name);
    }
}

/* A climber's rope waits for weight, and mates would not. */
static void check_no_climber(const struct loader *loader, int index, uint32_t axes) {
    char path[PATH_MAX_BYTES];
    join(path, index, "move.group");
    for (int i = 0; i < loader->rig->axis_count; i++)
        if ((axes >> i & 1) != 0 && loader->rig->axis[i].belay.present)
            yaml_error_at(loader->errors, loader->doc, path,
                          "%s has a belay section, expected a group of axes that belay nobody",
                          loader->rig->axis[i].name);
}

static void find_movers(const struct loader *loader, int index, const struct raw_move *raw, struct cue *cue) {
    char path[PATH_MAX_BYTES];
    join(path, index, "move");
    if (raw->has_axis == raw->has_group && yaml_find_valid(loader->doc, path))
        yaml_error_at(loader->errors, loader->doc, path, "%s, expected exactly one of them",
                      raw->has_axis ? "both axis and group" : "neither axis nor group");
    if (raw->has_axis) {
        cue->axis = resolve_axis(loader, index, "move.axis", raw->axis);
        cue->axes = axis_bit(cue->axis);
        check_free(loader, index, "move.axis", cue->axis);
        check_no_line(loader, index, "move.axis", cue->axes);
    } else if (raw->has_group) {
        cue->group = resolve_group(loader, index, "move.group", raw->group);
        cue->axes = cue->group >= 0 ? loader->rig->group[cue->group].axes : 0;
        cue->axis = cue->axes != 0 ? __builtin_ctz(cue->axes) : -1;
        check_no_climber(loader, index, cue->axes);
        check_no_line(loader, index, "move.group", cue->axes);
    }
}

/* Element `i` of the list of places. */
static void find_place(const struct loader *loader, int index, int i, const struct raw_to *to, struct cue *cue,
                       uint32_t *named) {
    char key[32], path[PATH_MAX_BYTES];
    snprintf(key, sizeof key, "move.to[%d].axis", i);
    const int axis = resolve_axis(loader, index, key, to->axis);
    if (axis < 0)
        return;
    join(path, index, key);
    if ((cue->axes >> axis & 1) == 0)
        yaml_error_at(loader->errors, loader->doc, path, "%s is not in the group, expected each of its axes once",
                      to->axis);
    else if ((*named >> axis & 1) != 0)
        yaml_error_at(loader->errors, loader->doc, path, "%s has a place already, expected each axis once", to->axis);
    *named |= UINT32_C(1) << axis;
    cue->to_m[axis] = to->position_m;
    const struct rig_limits *const limits = &loader->rig->axis[axis].limits;
    snprintf(key, sizeof key, "move.to[%d].position_m", i);
    check_limit(loader, index, key, limits->position_min_m, limits->position_max_m, "m", why_position);
}

static void find_places(const struct loader *loader, int index, const struct raw_move *raw, struct cue *cue) {
    char path[PATH_MAX_BYTES];
    uint32_t named = 0;
    join(path, index, "move");
    cue->position_m = raw->position_m;
    cue->has_to = raw->has_to;
    if (raw->has_position_m == raw->has_to && yaml_find_valid(loader->doc, path))
        yaml_error_at(loader->errors, loader->doc, path, "%s, expected exactly one of them",
                      raw->has_to ? "both position_m and to" : "neither position_m nor to");
    join(path, index, "move.to");
    const bool locked = cue->group >= 0 && loader->rig->group[cue->group].kind == GROUP_LOCKED;
    if (raw->has_to && (cue->group < 0 || locked))
        yaml_error_at(loader->errors, loader->doc, path, "%s, expected position_m",
                      locked ? "the group is locked and level" : "of one axis");
    for (int i = 0; i < raw->to_count && cue->group >= 0; i++)
        find_place(loader, index, i, &raw->to[i], cue, &named);
    for (int i = 0; i < loader->rig->axis_count && raw->has_to; i++)
        if ((cue->axes & ~named) >> i & 1)
            yaml_error_at(loader->errors, loader->doc, path, "no place for %s, expected one for each axis of the group",
                          loader->rig->axis[i].name);
}

static void build_cue(const struct loader *loader, int index, struct show *show) {
    struct cue *const cue = &show->cue[index];
    const struct raw_cue *const raw = &loader->raw->cues[index];
    char path[PATH_MAX_BYTES];
    memcpy(cue->id, raw->id, sizeof cue->id);
    memcpy(cue->name, raw->name, sizeof cue->name);
    cue->axis = cue->group = cue->point = cue->flight = cue->timed = -1;
    snprintf(path, sizeof path, "cues[%d]", index);
    const int kinds = raw->move.present + raw->belay.present + raw->fly.present + raw->compensate.present +
                      raw->timed.present;
    if (kinds != 1 && yaml_find_valid(loader->doc, path))
        yaml_error_at(loader->errors, loader->doc, path,
                      "%s of move, belay, fly, compensate and timed, expected exactly one of them",
                      kinds == 0 ? "none" : "more than one");
    if (raw->move.present) {
        cue->kind = CUE_MOVE;
        find_movers(loader, index, &raw->move, cue);
        find_places(loader, index, &raw->move, cue);
        cue->speed_m_s = raw->move.speed_m_s;
        cue->acceleration_m_s2 = raw->move.acceleration_m_s2;
        cue->load = raw->move.load;
        for (int axis = 0; axis < loader->rig->axis_count; axis++) {
            if ((cue->axes >> axis & 1) == 0)
                continue;
            check_move(loader, index, axis, cue->has_to);
            if (cue->load.present)
                check_load(loader, index, axis, &cue->load);
            if (!cue->load.present || cue->load.mass_kg == 0)
                continue;
            check_swing(loader, index, axis, cue);
            check_share(loader, index, axis, cue);
        }
    }
    if (raw->belay.present) {
        cue->kind = CUE_BELAY;
        cue->axis = resolve_axis(loader, index, "belay.axis", raw->belay.axis);
        cue->tension_n = raw->belay.tension_n;
        cue->axes = axis_bit(cue->axis);
        if (cue->axis >= 0)
            check_belay(loader, index, cue->axis);
    }
    if (raw->fly.present)
        show_fly_build(loader->doc, loader->errors, loader->rig, index, &raw->fly, show);
    if (raw->compensate.present) {
        cue->kind = CUE_COMPENSATE;
        cue->axis = resolve_axis(loader, index, "compensate.axis", raw->compensate.axis);
        cue->axes = axis_bit(cue->axis);
        if (cue->axis >= 0)
            check_compensate(loader, index, cue->axis);
        check_free(loader, index, "compensate.axis", cue->axis);
        check_no_line(loader, index, "compensate.axis", cue->axes);
    }
    if (raw->timed.present) {
        cue->kind = CUE_TIMED;
        cue->axis = resolve_axis(loader, index, "timed.axis", raw->timed.axis);
        cue->axes = axis_bit(cue->axis);
        check_free(loader, index, "timed.axis", cue->axis);
        check_no_line(loader, index, "timed.axis", cue->axes);
        if (cue->axis >= 0)
            show_timed_build(loader->doc, loader->errors, loader->rig, index, &raw->timed, show);
    }
}

static void build(const struct loader *loader, struct show *show) {
    memcpy(show->name, loader->raw->show, sizeof show->name);
    show->cue_count = loader->raw->cues_count;
    if (yaml_find_valid(loader->doc, "rig") && strcmp(loader->raw->rig, loader->rig->name) != 0)
        yaml_error_at(loader->errors, loader->doc, "rig", "the show is for rig %s, expected the rig that runs, %s",
                      loader->raw->rig, loader->rig->name);
    for (int i = 0; i < show->cue_count; i++) {
        char path[PATH_MAX_BYTES];
        join(path, i, "id");
        build_cue(loader, i, show);
        for (int j = 0; j < i && yaml_find_valid(loader->doc, path); j++) {
            if (strcmp(show->cue[j].id, show->cue[i].id) != 0)
                continue;
            yaml_error_at(loader->errors, loader->doc, path,
                          "%s is the id of cues[%d] already, expected one of its own", show->cue[i].id, j);
            break;
        }
    }
}

int show_load_text(const char *name, const char *text, size_t length, const struct rig *rig, struct show *show,
                   struct yaml_errors *errors) {
    assert(rig != NULL && show != NULL && errors != NULL);
    assert(rig->axis_count > 0);
    memset(show, 0, sizeof *show);
    const int errors_before = errors->count + errors->dropped;
    struct raw_show raw = {0};
    struct yaml_doc *doc = NULL;
    yaml_load_text(name, text, length, show_fields(), &raw, &doc, errors);
    if (doc != NULL) {
        const struct loader loader = {.doc = doc, .raw = &raw, .rig = rig, .errors = errors};
        build(&loader, show);
    }
    yaml_doc_free(doc);
    if (errors->count + errors->dropped > errors_before) {
        memset(show, 0, sizeof *show); /* nothing half-checked leaves this file */
        return -EINVAL;
    }
    hash_hex(text, length, show->hash);
    return 0;
}

int show_load(const char *path, const struct rig *rig, struct show *show, struct yaml_errors *errors) {
    assert(path != NULL && errors != NULL);
    char *text = NULL;
    size_t length = 0;
    const int status = yaml_read(path, &text, &length, errors);
    if (status != 0) {
        memset(show, 0, sizeof *show);
        return status;
    }
    const int loaded = show_load_text(path, text, length, rig, show, errors);
    free(text);
    return loaded;
}

double cue_goal_m(const struct cue *cue, int axis) {
    return cue->has_to ? cue->to_m[axis] : cue->position_m;
}

int show_cue_find(const struct show *show, const char *id) {
    assert(show != NULL && id != NULL);
    for (int i = 0; i < show->cue_count; i++) {
        if (strcmp(show->cue[i].id, id) == 0)
            return i;
    }
    return -ENOENT;
}
