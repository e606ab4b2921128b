/* The schema of script.yaml, and which fields each verb takes. */
#include "sim/cli/rehearse_script.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>

#include "controller/base/yaml_fields.h"
#include "sim/cli/report.h"

static const char *const verb_names[] = {"wait", "run",    "act", "estop",  "load", "walk-through", "reset", "unlock",
                                         "arm",  "disarm", "hold", "let-go", "go",  "jog",   "terminate", NULL};
static const char *const condition_names[] = {"ready",   "following", "taut",  "jogging", "stopped",
                                              "caught", "clear",     "ground", NULL};
static_assert(sizeof verb_names / sizeof verb_names[0] == VERB_COUNT + 1, "a name for each verb");
static_assert(sizeof condition_names / sizeof condition_names[0] == WHEN_COUNT + 1, "a name for each condition");

/* Fields beside name, do and window, which any step may have. */
enum {
    ACT = 1, UNTIL = 2, DURING = 4, SECONDS = 8, SECONDS_MAX = 16, WITHIN = 32, SPEED = 64, CUE = 128, PRESSED = 256,
    STATION = 512, PERCENT = 1024
};

static const struct {
    unsigned needs, may;
} verb_takes[VERB_COUNT] = {
    [VERB_WAIT] = {UNTIL | WITHIN, 0},  [VERB_RUN] = {SECONDS, SECONDS_MAX | DURING},
    [VERB_ACT] = {ACT, SPEED | PERCENT}, [VERB_ESTOP] = {PRESSED | STATION, 0},
    [VERB_GO] = {CUE, 0},               [VERB_JOG] = {SPEED, 0},
    [VERB_WALK] = {PERCENT, 0},
};

static const struct {
    unsigned bit;
    const char *key;
    size_t flag;
} keys[] = {
    {ACT, "act", offsetof(struct script_step, has_act)},
    {UNTIL, "until", offsetof(struct script_step, has_until)},
    {DURING, "during", offsetof(struct script_step, has_during)},
    {SECONDS, "seconds", offsetof(struct script_step, has_seconds)},
    {SECONDS_MAX, "seconds_max", offsetof(struct script_step, has_seconds_max)},
    {WITHIN, "within_s", offsetof(struct script_step, has_within)},
    {SPEED, "speed_m_s", offsetof(struct script_step, has_speed)},
    {CUE, "cue", offsetof(struct script_step, has_cue)},
    {PRESSED, "pressed", offsetof(struct script_step, has_pressed)},
    {STATION, "station", offsetof(struct script_step, has_station)},
    {PERCENT, "percent", offsetof(struct script_step, has_percent)},
};

static const char *const *act_names(void) {
    static const char *names[ACT_COUNT + 1];
    for (int i = 0; i < ACT_COUNT; i++)
        names[i] = sim_act_name((enum sim_act)i);
    return names;
}

#define OPTIONAL(member_, flag_) \
    .key = #member_, .offset = offsetof(struct script_step, member_), .optional = true, \
    .present_offset = (ptrdiff_t)offsetof(struct script_step, flag_)

const struct yaml_field *script_fields(void) {
#define OWNER script_step
    static struct yaml_field step_fields[] = {
        FIELD_TEXT(name, "what is shown while the step runs"),
        {.key = "do", .offset = offsetof(struct script_step, verb), .present_offset = -1, .kind = YAML_KIND_ENUM,
         .names = verb_names, .doc = "what is done"},
        {OPTIONAL(act, has_act), .kind = YAML_KIND_ENUM, .doc = "act: what the climber does from now on"},
        {OPTIONAL(until, has_until), .kind = YAML_KIND_ENUM, .names = condition_names, .doc = "wait: what for"},
        {OPTIONAL(during, has_during), .kind = YAML_KIND_ENUM, .names = condition_names,
         .doc = "run: what must hold all the time"},
        {OPTIONAL(window, has_window), .kind = YAML_KIND_ENUM, .doc = "which figures of the report it belongs to"},
        OPTIONAL_DOUBLE(seconds, has_seconds, 0, 3600, "run: how long, s"),
        OPTIONAL_DOUBLE(seconds_max, has_seconds_max, 0, 3600, "run: a random time between seconds and this, s"),
        OPTIONAL_DOUBLE(within_s, has_within, 0, 3600, "wait: at most so long, s"),
        OPTIONAL_DOUBLE(speed_m_s, has_speed, -10, 10, "act: of a steady climb; jog: positive pays out, m/s"),
        {OPTIONAL(cue, has_cue), .size = sizeof((struct script_step *)0)->cue, .kind = YAML_KIND_NAME,
         .doc = "go: id of the cue"},
        {OPTIONAL(pressed, has_pressed), .kind = YAML_KIND_BOOL, .doc = "estop: true presses, false releases"},
        OPTIONAL_TEXT(station, has_station, "estop: name of the station in the world file"),
        OPTIONAL_INT(percent, has_percent, -100, 100, "walk-through: rung of the rig's ladder; act: of the weight"),
        FIELD_END};
#undef OWNER
#define OWNER script
    static const struct yaml_field fields[] = {
        FIELD_INT(format, 1, 1, "version of this file's form"),
        FIELD_NAME(scenario, "name of the scenario that this script belongs to"),
        FIELD_LIST(steps, 1, SCRIPT_STEPS_MAX, step_fields, "in order"),
        FIELD_END};
#undef OWNER
    for (struct yaml_field *field = step_fields; field->key; field++) {
        if (field->offset == offsetof(struct script_step, act))
            field->names = act_names();
        else if (field->offset == offsetof(struct script_step, window))
            field->names = report_window_names();
    }
    return fields;
}

static void check_step(const struct script_step *step, int index, const struct yaml_doc *doc,
                       struct yaml_errors *errors) {
    char path[64];
    snprintf(path, sizeof path, "steps[%d].do", index);
    if (!yaml_find_valid(doc, path))
        return;
    assert(step->verb >= 0 && step->verb < VERB_COUNT);
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        bool there = *(const bool *)((const char *)step + keys[i].flag);
        bool needed = verb_takes[step->verb].needs & keys[i].bit;
        bool allowed = needed || verb_takes[step->verb].may & keys[i].bit;
        if (needed && !there)
            yaml_error_at(errors, doc, path, "%s without %s, expected that key too", verb_names[step->verb],
                          keys[i].key);
        if (there && !allowed)
            yaml_error_at(errors, doc, path, "%s takes no %s, expected that key to be left out", verb_names[step->verb],
                          keys[i].key);
    }
    bool steady = step->verb == VERB_ACT && (step->act == ACT_ASCEND || step->act == ACT_DESCEND);
    if (step->verb == VERB_ACT && step->has_act && step->has_speed != steady)
        yaml_error_at(errors, doc, path, steady ? "a steady climb without speed_m_s, expected that key too"
                                                : "only ascend and descend take speed_m_s, expected it to be left out");
    if (step->verb == VERB_ACT && step->has_speed && step->speed_m_s < 0)
        yaml_error_at(errors, doc, path, "a negative speed, expected a magnitude: the act says up or down");
    const bool shift = step->verb == VERB_ACT && step->act == ACT_SHIFT;
    if (step->verb == VERB_ACT && step->has_act && step->has_percent != shift)
        yaml_error_at(errors, doc, path, shift ? "a shift without percent, expected that key too"
                                               : "only shift takes percent, expected it to be left out");
    char percent[64];
    snprintf(percent, sizeof percent, "steps[%d].percent", index);
    if (step->verb == VERB_WALK && yaml_find_valid(doc, percent) && step->percent < 1)
        yaml_error_at(errors, doc, percent, "%d for walk-through, expected 1 to 100", step->percent);
    if (step->has_seconds && step->has_seconds_max && step->seconds_max < step->seconds)
        yaml_error_at(errors, doc, path, "seconds_max is below seconds, expected at least as much");
}

int script_load(const char *path, struct script *script, struct yaml_errors *errors) {
    assert(path && script && errors);
    const int errors_before = errors->count + errors->dropped;
    struct yaml_doc *doc = NULL;
    *script = (struct script){0};
    int status = yaml_load(path, script_fields(), script, &doc, errors);
    if (doc != NULL) {
        for (int i = 0; i < script->steps_count; i++)
            check_step(&script->steps[i], i, doc, errors);
    }
    yaml_doc_free(doc);
    return errors->count + errors->dropped > errors_before && status == 0 ? -EINVAL : status;
}
