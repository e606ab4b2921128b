/* The schema of script.yaml, and which fields each verb takes. */
#include "sim/cli/rehearse_script.h"

#include <assert.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "controller/base/yaml_fields.h"

static const char *const verb_names[] = {
    "wait", "run", "act", "estop", "load", "walk-through", "reset", "unlock", "arm", "disarm", "hold", "let-go", "go",
    "jog", "terminate", "next-rung", "show-mode", "set-up", "standby", "stop", "defect", "fault", "switch", "cut-link",
    "restore-link", "draw", "kill-belayd", "start-belayd", "repeat", "again", NULL};
static const char *const condition_names[] = {"ready",  "following", "taut",   "jogging", "stopped", "caught",  "clear",
                                              "ground", "moving",    "arrived", "faulted", "standing", NULL};
static const char *const kind_names[] = {"none", "silent", "late", "frozen", "garbled", NULL};
static_assert(sizeof verb_names / sizeof verb_names[0] == VERB_COUNT + 1, "a name for each verb");
static_assert(sizeof condition_names / sizeof condition_names[0] == WHEN_COUNT + 1, "a name for each condition");
static_assert(sizeof kind_names / sizeof kind_names[0] == SIM_FAULT_COUNT + 1, "a name for each fault of a device");

/* Fields beside name, do and window, which any step may have. */
enum {
    ACT = 1 << 0, UNTIL = 1 << 1, DURING = 1 << 2, SECONDS = 1 << 3, SECONDS_MAX = 1 << 4, WITHIN = 1 << 5,
    SPEED = 1 << 6, CUE = 1 << 7, PRESSED = 1 << 8, STATION = 1 << 9, PERCENT = 1 << 10, AXIS = 1 << 11,
    WINCH = 1 << 12, DEFECT = 1 << 13, THERE = 1 << 14, UNIT = 1 << 15, KIND = 1 << 16, MS = 1 << 17,
    SWITCH = 1 << 18, WIRE = 1 << 19, LINK = 1 << 20, TIMES = 1 << 21, STIFFNESS = 1 << 22
};

static const struct {
    unsigned needs, may;
} verb_takes[VERB_COUNT] = {
    [VERB_WAIT] = {UNTIL | WITHIN, 0},  [VERB_RUN] = {SECONDS, SECONDS_MAX | DURING},
    [VERB_ACT] = {ACT, SPEED | PERCENT | STIFFNESS}, [VERB_ESTOP] = {PRESSED | STATION, 0},
    [VERB_GO] = {CUE, 0},               [VERB_JOG] = {SPEED, AXIS},
    [VERB_WALK] = {PERCENT, 0},         [VERB_STANDBY] = {CUE, 0},
    [VERB_UNLOCK] = {0, AXIS},          [VERB_RESET] = {0, AXIS},
    [VERB_ARM] = {0, AXIS},             [VERB_DEFECT] = {DEFECT | THERE, WINCH},
    [VERB_FAULT] = {UNIT | KIND, MS},   [VERB_SWITCH] = {SWITCH | WIRE, WINCH},
    [VERB_CUT_LINK] = {LINK, 0},        [VERB_RESTORE_LINK] = {LINK, 0},
    [VERB_REPEAT] = {TIMES, 0},
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
    {AXIS, "axis", offsetof(struct script_step, has_axis)},
    {WINCH, "winch", offsetof(struct script_step, has_winch)},
    {DEFECT, "defect", offsetof(struct script_step, has_defect)},
    {THERE, "there", offsetof(struct script_step, has_there)},
    {UNIT, "unit", offsetof(struct script_step, has_unit)},
    {KIND, "kind", offsetof(struct script_step, has_kind)},
    {MS, "ms", offsetof(struct script_step, has_ms)},
    {SWITCH, "switch", offsetof(struct script_step, has_switch)},
    {WIRE, "wire", offsetof(struct script_step, has_wire)},
    {LINK, "link", offsetof(struct script_step, has_link)},
    {TIMES, "times", offsetof(struct script_step, has_times)},
    {STIFFNESS, "stiffness_n_m", offsetof(struct script_step, has_stiffness)},
};

/* Names that the simulator has, as a table for a field. */
#define NAMES_OF(function_, type_, count_) \
    static const char *names[(count_) + 1]; \
    for (int i = 0; i < (count_); i++) \
        names[i] = function_((enum type_)i); \
    return names

static const char *const *act_names(void) {
    NAMES_OF(sim_act_name, sim_act, ACT_COUNT);
}

static const char *const *defect_names(void) {
    NAMES_OF(sim_defect_name, sim_defect, SIM_DEFECT_COUNT);
}

static const char *const *wire_names(void) {
    NAMES_OF(sim_wire_name, sim_wire, SIM_WIRE_COUNT);
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
        {OPTIONAL(act, has_act), .kind = YAML_KIND_ENUM, .doc = "act: what the load does from now on"},
        {OPTIONAL(until, has_until), .kind = YAML_KIND_ENUM, .names = condition_names, .doc = "wait: what for"},
        {OPTIONAL(during, has_during), .kind = YAML_KIND_ENUM, .names = condition_names,
         .doc = "run: what must hold all the time"},
        OPTIONAL_NAME(window, has_window, "which figures of the report it belongs to; each must be one of expect.yaml"),
        OPTIONAL_DOUBLE(seconds, has_seconds, 0, 3600, "run: how long, s"),
        OPTIONAL_DOUBLE(seconds_max, has_seconds_max, 0, 3600, "run: a random time between seconds and this, s"),
        OPTIONAL_DOUBLE(within_s, has_within, 0, 3600, "wait: at most so long, s"),
        OPTIONAL_DOUBLE(speed_m_s, has_speed, -10, 10, "act: of a steady climb; jog: positive pays out, m/s"),
        OPTIONAL_DOUBLE(stiffness_n_m, has_stiffness, 0, 1e9, "act: of what the load is caught by, N/m"),
        {OPTIONAL(cue, has_cue), .size = sizeof((struct script_step *)0)->cue, .kind = YAML_KIND_NAME,
         .doc = "go, standby: id of the cue"},
        {OPTIONAL(pressed, has_pressed), .kind = YAML_KIND_BOOL, .doc = "estop: true presses, false releases"},
        OPTIONAL_TEXT(station, has_station, "estop: name of the station in the world file"),
        OPTIONAL_INT(percent, has_percent, -100, 100, "walk-through: rung of the rig's ladder; act: of the weight"),
        OPTIONAL_NAME(axis, has_axis, "jog, arm, reset: an axis or a group of the rig, else the first, or all; unlock"),
        OPTIONAL_NAME(winch, has_winch, "defect, switch: of the world file, else the first"),
        {OPTIONAL(defect, has_defect), .kind = YAML_KIND_ENUM, .doc = "defect: which one"},
        {OPTIONAL(there, has_there), .kind = YAML_KIND_BOOL, .doc = "defect: true brings it in, false mends"},
        OPTIONAL_INT(unit, has_unit, 1, SIM_MOTION_SENSOR_UNIT, "fault: the device on the bus"),
        {OPTIONAL(kind, has_kind), .kind = YAML_KIND_ENUM, .names = kind_names, .doc = "fault: of which kind"},
        OPTIONAL_INT(ms, has_ms, 1, 60000, "fault: how long, of a late one how late; else until it is taken away, ms"),
        {.key = "switch", .offset = offsetof(struct script_step, switch_name), .optional = true,
         .present_offset = (ptrdiff_t)offsetof(struct script_step, has_switch), .size = SIM_STATION_NAME_MAX,
         .kind = YAML_KIND_TEXT, .doc = "switch: name of the limit switch in the world file"},
        {OPTIONAL(wire, has_wire), .kind = YAML_KIND_ENUM, .doc = "switch: its wire"},
        OPTIONAL_NAME(link, has_link, "cut-link, restore-link: of the rig"),
        OPTIONAL_INT(times, has_times, 1, 1000, "repeat: how often the steps up to `again` are done"),
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
        else if (field->offset == offsetof(struct script_step, defect))
            field->names = defect_names();
        else if (field->offset == offsetof(struct script_step, wire))
            field->names = wire_names();
    }
    return fields;
}

static void check_keys(const struct script_step *step, const char *path, const struct yaml_doc *doc,
                       struct yaml_errors *errors) {
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
}

/* An act has the value that the simulator asks for, and no other. */
static void check_act(struct script_step *step, const char *path, const struct yaml_doc *doc,
                      struct yaml_errors *errors) {
    const struct {
        const char *key;
        bool there;
        double value;
    } values[] = {{"speed_m_s", step->has_speed, step->speed_m_s},
                  {"percent", step->has_percent, step->percent},
                  {"stiffness_n_m", step->has_stiffness, step->stiffness_n_m}};
    double least, most;
    const char *act = sim_act_name((enum sim_act)step->act);
    const char *key = sim_act_value((enum sim_act)step->act, &least, &most);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        const bool wanted = key && strcmp(key, values[i].key) == 0;
        if (wanted && !values[i].there)
            yaml_error_at(errors, doc, path, "%s without %s, expected that key too", act, key);
        else if (!wanted && values[i].there)
            yaml_error_at(errors, doc, path, "%s takes no %s, expected that key to be left out", act, values[i].key);
        else if (wanted && (values[i].value < least || values[i].value > most))
            yaml_error_at(errors, doc, path, "%s of %s is %g, expected %g to %g", key, act, values[i].value, least,
                          most);
        else if (wanted)
            step->value = values[i].value;
    }
}

static void check_step(struct script_step *step, int index, const struct yaml_doc *doc,
                       struct yaml_errors *errors) {
    char path[64];
    snprintf(path, sizeof path, "steps[%d].do", index);
    if (!yaml_find_valid(doc, path))
        return;
    assert(step->verb >= 0 && step->verb < VERB_COUNT);
    check_keys(step, path, doc, errors);
    if (step->verb == VERB_ACT && step->has_act)
        check_act(step, path, doc, errors);
    char percent[64];
    snprintf(percent, sizeof percent, "steps[%d].percent", index);
    if (step->verb == VERB_WALK && yaml_find_valid(doc, percent) && step->percent < 1)
        yaml_error_at(errors, doc, percent, "%d for walk-through, expected 1 to 100", step->percent);
    if (step->has_seconds && step->has_seconds_max && step->seconds_max < step->seconds)
        yaml_error_at(errors, doc, path, "seconds_max is below seconds, expected at least as much");
    if (step->verb == VERB_FAULT && step->has_kind && step->kind == SIM_FAULT_LATE && !step->has_ms)
        yaml_error_at(errors, doc, path, "late without ms, expected that key too");
    if (step->verb == VERB_FAULT && step->has_kind && step->kind == SIM_FAULT_NONE && step->has_ms)
        yaml_error_at(errors, doc, path, "none takes no ms, expected that key to be left out");
}

/* Every repeat has its again, and none stands in another. */
static void check_repeats(const struct script *script, const struct yaml_doc *doc, struct yaml_errors *errors) {
    int open = -1;
    for (int i = 0; i < script->steps_count; i++) {
        char path[64];
        snprintf(path, sizeof path, "steps[%d].do", i);
        const int verb = yaml_find_valid(doc, path) ? script->steps[i].verb : VERB_WAIT;
        if (verb == VERB_REPEAT && open >= 0)
            yaml_error_at(errors, doc, path, "a repeat in a repeat, expected again before it");
        if (verb == VERB_AGAIN && open < 0)
            yaml_error_at(errors, doc, path, "again without a repeat, expected one before it");
        open = verb == VERB_REPEAT ? i : verb == VERB_AGAIN ? -1 : open;
    }
    char path[64];
    snprintf(path, sizeof path, "steps[%d].do", open);
    if (open >= 0)
        yaml_error_at(errors, doc, path, "a repeat without again, expected one behind it");
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
        check_repeats(script, doc, errors);
    }
    yaml_doc_free(doc);
    return errors->count + errors->dropped > errors_before && status == 0 ? -EINVAL : status;
}

int script_find(const struct script *script, enum script_verb verb, int from) {
    for (int i = from; i < script->steps_count; i++)
        if (script->steps[i].verb == (int)verb)
            return i;
    return -1;
}

const char *script_verb_name(enum script_verb verb) {
    assert(verb >= 0 && verb < VERB_COUNT);
    return verb_names[verb];
}

int script_match(const struct script *script, const struct report_expect *expect, char *error, size_t error_size) {
    for (int i = 0; i < expect->limits_count; i++) {
        const char *window = report_limit_window(&expect->limits[i]);
        bool there = !window;
        for (int k = 0; k < script->steps_count && !there; k++)
            there = script->steps[k].has_window && strcmp(script->steps[k].window, window) == 0;
        if (there)
            continue;
        snprintf(error, error_size, "expect.yaml: limits[%d]: no step of script.yaml has the window %s", i, window);
        return -EINVAL;
    }
    for (int k = 0; k < script->steps_count; k++) {
        const struct script_step *step = &script->steps[k];
        bool there = !step->has_window;
        for (int i = 0; i < expect->limits_count && !there; i++) {
            const char *window = report_limit_window(&expect->limits[i]);
            there = window && strcmp(window, step->window) == 0;
        }
        if (there)
            continue;
        snprintf(error, error_size, "script.yaml: steps[%d]: no figure of expect.yaml is of the window %s", k,
                 step->window);
        return -EINVAL;
    }
    return 0;
}
