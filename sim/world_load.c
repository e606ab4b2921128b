/* World files: the section `load`, one table for each kind of load. */
#include "sim/world_schema.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define OWNER climber_config
static const struct yaml_field climbing_fields[] = {
    NUMBER(low_m, 0, 1000, "random climbing turns up again at this height, m"),
    NUMBER(high_m, 0.5, 1000, "random climbing turns down again at this height, m"),
    NUMBER(speed_m_s, 0.05, 5, "greatest speed of random climbing, m/s"),
    NUMBER(burst_m_s2, 0.1, 20, "greatest acceleration, m/s2"),
    NUMBER(jerk_m_s3, 1, 500, "change of the acceleration, m/s3"),
    NUMBER(pause_s_min, 0.1, 60, "shortest random rest, s"),
    NUMBER(pause_s_max, 0.1, 60, "longest random rest, s"),
    END};
#undef OWNER

#define OWNER load_climber_config
static const struct yaml_field climber_fields[] = {
    NUMBER(mass_kg, 5, 250, "mass of the person with clothes and harness, kg"),
    NUMBER(height_m, 0, 1000, "height above the ground at the start, m"),
    NUMBER(slack_m, -1, 10, "rope that hangs loose at the start, m; below 0 it is stretched"),
    NUMBER(slump_s, 0.1, 10, "time in which a slump puts the weight onto the rope, s"),
    MAP(climbing, climbing_fields, "how the person climbs"),
    END};
#undef OWNER

#define OWNER load_mass_config
static const struct yaml_field mass_fields[] = {
    NUMBER(mass_kg, 1, 100000, "mass, kg"),
    NUMBER(height_m, 0, 1000, "height of the point on which it hangs above the ground at the start, m; 0 = it lies"),
    OPTIONAL_NUMBER(slack_m, 0, 10, "rope that hangs loose at the start, m; without it all lines pull alike"),
    END};
#undef OWNER

#define OWNER load_platform_config
static const struct yaml_field platform_fields[] = {
    NUMBER(mass_kg, 1, 100000, "mass with everybody on it, kg"),
    NUMBER(inertia_kg_m2, 0.01, 1e7, "moment of inertia about the centre of gravity, kg m2"),
    NUMBER(spacing_m, 0.1, 100, "between the two lines, m"),
    NUMBER(offset_m, -50, 50, "centre of gravity off the middle, towards the second line, m"),
    NUMBER(height_m, 0, 1000, "height of the middle above the ground at the start, m; it hangs level"),
    NUMBER(shift_s, 0.1, 60, "time in which people move to the other side, s"),
    END};
#undef OWNER

#define OWNER load_point_anchor
static const struct yaml_field anchor_fields[] = {
    NUMBER(x_m, -1000, 1000, "place of the winch's last sheave, m"),
    NUMBER(y_m, -1000, 1000, "the same across, m; its height is rope.anchor_height_m"), END};
#undef OWNER

#define OWNER load_point_config
static const struct yaml_field point_fields[] = {
    NUMBER(mass_kg, 1, 10000, "mass, kg"),
    NUMBER(x_m, -1000, 1000, "place at the start, where it hangs at rest, m; on two lines between them from above"),
    NUMBER(y_m, -1000, 1000, "the same across, m"),
    NUMBER(z_m, 0, 1000, "its height above the ground, m"),
    {.key = "anchors", .kind = YAML_KIND_LIST, AT(anchors), .min = 2, .size = LOAD_POINT_LINES_MAX,
     .fields = anchor_fields, .stride = sizeof(struct load_point_anchor),
     .count_offset = offsetof(struct OWNER, anchors_count), .doc = "last sheaves of the winches, in their order"},
    END};
#undef OWNER

#define OWNER sprint_config
static const struct yaml_field sprint_fields[] = {
    NUMBER(start_m, 0.5, 1000, "where a take begins, m along the rope above its end"),
    NUMBER(end_m, 0, 1000, "by where the runner stands again, m"),
    NUMBER(speed_m_s, 0.5, 12, "greatest mean speed, m/s"),
    NUMBER(acceleration_m_s2, 0.5, 15, "of start and stop, m/s2"),
    NUMBER(jerk_m_s3, 1, 500, "change of the acceleration, m/s3"),
    NUMBER(walk_m_s, 0.1, 3, "speed on the way back, m/s"),
    NUMBER(stride_hz, 0.5, 6, "steps a second"),
    NUMBER(stride_m_s, 0, 1, "ripple of the speed by the steps, m/s"),
    NUMBER(bounce_m, 0, 0.2, "up and down of the body by the steps, m"),
    NUMBER(sheave_m, 0, 50, "last sheave above the harness: by that the bounce comes into the rope, m"),
    NUMBER(rest_s_min, 0.1, 600, "shortest rest before each way, s"),
    NUMBER(rest_s_max, 0.1, 600, "longest rest before each way, s"),
    END};
#undef OWNER

#define OWNER load_runner_config
static const struct yaml_field runner_fields[] = {
    NUMBER(mass_kg, 5, 250, "mass of the person with clothes and harness, kg"),
    NUMBER(slack_m, -1, 10, "rope that hangs loose at the start, m; below 0 it is stretched"),
    MAP(sprint, sprint_fields, "how the person runs"),
    END};
#undef OWNER

#define OWNER load_deck_config
static const struct yaml_field deck_fields[] = {
    NUMBER(mass_kg, 1, 100000, "mass on the hook, kg"),
    NUMBER(height_m, 0, 1000, "height of the hook above ground or water at the start, m; 0 = it lies"),
    NUMBER(heave_m, 0, 20, "greatest way of the deck from its middle, from 20 s to 80 s after the start, m"),
    NUMBER(swell_hz, 0.01, 2, "the waves are within a fifth of this, Hz"),
    END};
#undef OWNER

#define OWNER raw_load
const struct yaml_field world_load_fields[] = {
    OPTIONAL_MAP(climber, climber_fields, "a person who climbs, on one line"),
    OPTIONAL_MAP(mass, mass_fields, "a free mass that moves up and down, on one line or several"),
    OPTIONAL_MAP(platform, platform_fields, "platforms on two lines each, which can rock, all alike"),
    OPTIONAL_MAP(point, point_fields, "a mass in space on two to four lines"),
    OPTIONAL_MAP(runner, runner_fields, "a person who runs on the ground, on one line"),
    OPTIONAL_MAP(deck, deck_fields, "a mass on the rope of a winch that stands on a deck at sea"),
    END};
#undef OWNER

/* The last sheave of every line is above `path`. */
static void check_below_anchors(const struct yaml_doc *doc, struct yaml_errors *errors, const char *path, int winches) {
    for (int i = 0; i < winches; i++) {
        char anchor[48];
        snprintf(anchor, sizeof anchor, "winches[%d].rope.anchor_height_m", i);
        world_check_below(doc, errors, path, anchor);
    }
}

static void check_climber(int winches, const struct yaml_doc *doc, struct yaml_errors *errors) {
    world_check_below(doc, errors, "load.climber.climbing.low_m", "load.climber.climbing.high_m");
    world_check_below(doc, errors, "load.climber.climbing.pause_s_min", "load.climber.climbing.pause_s_max");
    check_below_anchors(doc, errors, "load.climber.climbing.high_m", winches);
    check_below_anchors(doc, errors, "load.climber.height_m", winches);
}

static void check_platform(int winches, const struct yaml_doc *doc, struct yaml_errors *errors) {
    double offset_m = 0, spacing_m = 0;
    if (winches % 2 != 0)
        yaml_error_at(errors, doc, "load.platform", "hangs on two lines each, and there are %d winches", winches);
    check_below_anchors(doc, errors, "load.platform.height_m", winches);
    if (yaml_find_number(doc, "load.platform.offset_m", &offset_m) &&
        yaml_find_number(doc, "load.platform.spacing_m", &spacing_m) && fabs(offset_m) >= spacing_m / 2)
        yaml_error_at(errors, doc, "load.platform.offset_m", "%g is not between the lines; expected less than %g",
                      offset_m, spacing_m / 2);
}

static void check_mass(int winches, const struct yaml_doc *doc, struct yaml_errors *errors) {
    check_below_anchors(doc, errors, "load.mass.height_m", winches);
}

static void check_point(int winches, const struct yaml_doc *doc, struct yaml_errors *errors) {
    char behind[48];
    check_below_anchors(doc, errors, "load.point.z_m", winches);
    snprintf(behind, sizeof behind, "load.point.anchors[%d]", winches > 0 ? winches - 1 : 0);
    const bool fewer = winches > 0 && !yaml_find_valid(doc, behind);
    snprintf(behind, sizeof behind, "load.point.anchors[%d]", winches);
    if (yaml_find_valid(doc, "load.point.anchors") && winches > 0 && (fewer || yaml_find_valid(doc, behind)))
        yaml_error_at(errors, doc, "load.point.anchors", "expected one for each of the %d winches", winches);
}

static void check_deck(int winches, const struct yaml_doc *doc, struct yaml_errors *errors) {
    check_below_anchors(doc, errors, "load.deck.height_m", winches);
}

/* A take's load may be lighter by variation.load_kg, and still weighs something. */
static void check_lighter(const struct yaml_doc *doc, struct yaml_errors *errors, const char *path) {
    double mass_kg = 0, load_kg = 0;
    if (yaml_find_number(doc, path, &mass_kg) && yaml_find_number(doc, "variation.load_kg", &load_kg) &&
        load_kg > mass_kg / 2)
        yaml_error_at(errors, doc, "variation.load_kg", "%g is more than half of %s (%g)", load_kg, path, mass_kg);
}

static void check_runner(int winches, const struct yaml_doc *doc, struct yaml_errors *errors) {
    world_check_below(doc, errors, "load.runner.sprint.end_m", "load.runner.sprint.start_m");
    world_check_below(doc, errors, "load.runner.sprint.rest_s_min", "load.runner.sprint.rest_s_max");
    check_below_anchors(doc, errors, "load.runner.sprint.start_m", winches);
}

static const struct row {
    const struct load_kind *kind;
    size_t present, settings, size; /* in struct raw_load; the settings go to load_config.of as they are */
    void (*check)(int winches, const struct yaml_doc *doc, struct yaml_errors *errors);
} rows[] = {
    {&load_climber_kind, offsetof(struct raw_load, has_climber), offsetof(struct raw_load, climber),
     sizeof(struct load_climber_config), check_climber},
    {&load_mass_kind, offsetof(struct raw_load, has_mass), offsetof(struct raw_load, mass),
     sizeof(struct load_mass_config), check_mass},
    {&load_platform_kind, offsetof(struct raw_load, has_platform), offsetof(struct raw_load, platform),
     sizeof(struct load_platform_config), check_platform},
    {&load_point_kind, offsetof(struct raw_load, has_point), offsetof(struct raw_load, point),
     sizeof(struct load_point_config), check_point},
    {&load_runner_kind, offsetof(struct raw_load, has_runner), offsetof(struct raw_load, runner),
     sizeof(struct load_runner_config), check_runner},
    {&load_deck_kind, offsetof(struct raw_load, has_deck), offsetof(struct raw_load, deck),
     sizeof(struct load_deck_config), check_deck},
};
enum { ROWS = sizeof rows / sizeof rows[0] };

static bool is_there(const struct raw_load *raw, const struct row *row) {
    bool there;
    memcpy(&there, (const char *)raw + row->present, sizeof there);
    return there;
}

void world_load_check(const struct raw_load *raw, int winches, const struct yaml_doc *doc, struct yaml_errors *errors) {
    char names[128] = "";
    int used = 0, found = 0;
    for (int i = 0; i < ROWS; i++) {
        const struct load_kind *kind = rows[i].kind;
        used += snprintf(names + used, sizeof names - (size_t)used, "%s%s", i ? ", " : "", kind->name);
        assert(used < (int)sizeof names);
        if (!is_there(raw, &rows[i]))
            continue;
        found++;
        char path[48];
        snprintf(path, sizeof path, "load.%s", kind->name);
        if (winches > 0 && (winches < kind->lines_min || winches > kind->lines_max))
            yaml_error_at(errors, doc, path, "hangs on %d to %d lines, and there are %d winches", kind->lines_min,
                          kind->lines_max, winches);
        rows[i].check(winches, doc, errors);
        snprintf(path, sizeof path, "load.%s.mass_kg", kind->name);
        check_lighter(doc, errors, path);
        if (!kind->vary && yaml_find_valid(doc, "variation"))
            yaml_error_at(errors, doc, "variation", "a load of the kind %s has none; expected no such section",
                          kind->name);
    }
    if (found != 1 && yaml_find_valid(doc, "load"))
        yaml_error_at(errors, doc, "load", "holds %d kinds of load; expected one of: %s", found, names);
}

void world_load_convert(const struct raw_load *raw, struct load_config *config) {
    for (int i = 0; i < ROWS; i++) {
        if (!is_there(raw, &rows[i]))
            continue;
        assert(rows[i].size <= sizeof config->of);
        config->kind = rows[i].kind;
        memcpy(&config->of, (const char *)raw + rows[i].settings, rows[i].size);
    }
}
