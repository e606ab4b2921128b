/* Stage directions: a table of what can be asked, each taking its fields strictly. */
#include "sim/stage.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIELDS_MAX 4

struct stage {
    struct sim_world *world;
    int64_t t_us;
    json_t *request;
};

static json_t *done(void) {
    return json_pack("{s:b}", "ok", 1);
}

static json_t *refused(const char *format, ...) __attribute__((format(printf, 1, 2)));

static json_t *refused(const char *format, ...) {
    char text[200];
    va_list values;
    va_start(values, format);
    vsnprintf(text, sizeof text, format, values);
    va_end(values);
    return json_pack("{s:s}", "error", text);
}

/* The winch that the request names, the first one without a name, -1 for a name that none has. */
static int winch_of(const struct stage *stage) {
    const json_t *winch = json_object_get(stage->request, "winch");
    if (!winch)
        return 0;
    return json_is_string(winch) ? sim_world_winch_find(stage->world, json_string_value(winch)) : -1;
}

static json_t *no_winch(void) {
    return refused("winch: expected the name of one in the world file");
}

/* What an act may need besides its name; each act has at most one. */
static const char *const act_values[] = {"speed_m_s", "percent"};

static json_t *do_act(const struct stage *stage) {
    const char *name = json_string_value(json_object_get(stage->request, "act"));
    int act = name ? sim_act_find(name) : -1;
    if (act < 0)
        return refused("act: expected stand, climb, ascend, descend, fall, slump, hang, shift or snag");
    double least, most, value = 0;
    const char *key = sim_act_value((enum sim_act)act, &least, &most);
    for (size_t i = 0; i < sizeof act_values / sizeof act_values[0]; i++) {
        const json_t *given = json_object_get(stage->request, act_values[i]);
        const bool wanted = key && strcmp(key, act_values[i]) == 0;
        if (!given && wanted)
            return refused("%s: \"%s\" needs it", key, name);
        if (given && !wanted)
            return refused("%s: \"%s\" has none", act_values[i], name);
        if (!given)
            continue;
        value = json_number_value(given);
        if (!json_is_number(given) || value < least || value > most)
            return refused("%s: expected a number from %g to %g", key, least, most);
    }
    if (sim_world_act(stage->world, (enum sim_act)act, value) != 0)
        return refused("act: a load of the kind %s does not \"%s\"", sim_world_load(stage->world), name);
    return done();
}

static json_t *do_estop(const struct stage *stage) {
    const json_t *pressed = json_object_get(stage->request, "pressed");
    if (!json_is_boolean(pressed))
        return refused("pressed: expected true or false");
    const char *name = json_string_value(json_object_get(stage->request, "station")), *known;
    for (int i = 0; (known = sim_world_station(stage->world, i, NULL)) != NULL; i++) {
        if (!name || strcmp(known, name) != 0)
            continue;
        sim_world_estop(stage->world, i, json_is_true(pressed));
        return done();
    }
    return refused("station: expected the name of one in the world file");
}

static json_t *do_switch(const struct stage *stage) {
    const char *wire = json_string_value(json_object_get(stage->request, "wire"));
    const char *name = json_string_value(json_object_get(stage->request, "name")), *known;
    int found = wire ? sim_wire_find(wire) : -1, winch = winch_of(stage);
    if (found < 0)
        return refused("wire: expected good, broken or shorted");
    if (winch < 0)
        return no_winch();
    for (int i = 0; (known = sim_world_switch(stage->world, winch, i, NULL)) != NULL; i++) {
        if (!name || strcmp(known, name) != 0)
            continue;
        sim_world_wire(stage->world, winch, i, (enum sim_wire)found);
        return done();
    }
    return refused("name: expected the name of a limit switch of %s in the world file",
                   sim_world_winch(stage->world, winch).name);
}

static json_t *stations(const struct sim_world *world) {
    json_t *list = json_array();
    const char *name;
    bool pressed;
    for (int i = 0; (name = sim_world_station(world, i, &pressed)) != NULL; i++)
        json_array_append_new(list, json_pack("{s:s, s:b}", "name", name, "pressed", (int)pressed));
    return list;
}

static json_t *winches(const struct sim_world *world) {
    json_t *list = json_array();
    for (int i = 0; i < sim_world_winches(world); i++) {
        const struct sim_winch winch = sim_world_winch(world, i);
        json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:b, s:b}", "name", winch.name,
                                              "tension_n", winch.tension_n, "slack_m", winch.slack_m, "rope_out_m",
                                              winch.rope_out_m, "rope_speed_m_s", winch.rope_speed_m_s, "motor_torque",
                                              winch.motor_torque, "drive_enabled", (int)winch.drive_enabled,
                                              "brake_closed", (int)winch.brake_closed));
    }
    return list;
}

static json_t *do_truth(const struct stage *stage) {
    struct sim_truth truth = sim_world_truth(stage->world);
    return json_pack("{s:b, s:I, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:b, s:b, s:b, s:b, s:f, s:o, s:o}",
                     "ok", 1, "t_us", (json_int_t)stage->t_us, "act", sim_act_name(truth.act), "t_s", truth.t_s,
                     "height_m", truth.height_m, "person_speed_m_s", truth.person_speed_m_s, "person_accel_m_s2",
                     truth.person_accel_m_s2, "tension_n", truth.tension_n, "slack_m", truth.slack_m, "rope_out_m",
                     truth.rope_out_m, "rope_speed_m_s", truth.rope_speed_m_s, "motor_torque", truth.motor_torque,
                     "drive_enabled", (int)truth.drive_enabled, "brake_closed", (int)truth.brake_closed,
                     "estop_pressed", (int)truth.estop_pressed, "on_ground", (int)truth.on_ground,
                     "tilt_mm", truth.tilt_mm, "stations", stations(stage->world), "winches", winches(stage->world));
}

static json_t *do_fault(const struct stage *stage) {
    const json_t *unit = json_object_get(stage->request, "unit"), *ms = json_object_get(stage->request, "ms");
    const char *name = json_string_value(json_object_get(stage->request, "kind"));
    int kind = name ? sim_fault_find(name) : -1;
    json_int_t number = json_integer_value(unit);
    if (!json_is_integer(unit) || number < 0 || number > UINT8_MAX)
        return refused("unit: expected a unit id");
    if (kind < 0)
        return refused("kind: expected none, silent, late, frozen or garbled");
    json_int_t time_ms = ms ? json_integer_value(ms) : SIM_FAULT_STAYS;
    if (ms && (!json_is_integer(ms) || time_ms < 1 || time_ms > INT32_MAX))
        return refused("ms: expected whole milliseconds from 1 on");
    switch (sim_world_fault(stage->world, (uint8_t)number, (enum sim_fault_kind)kind, (int32_t)time_ms)) {
    case 0:
        return done();
    case -ENODEV:
        return refused("unit: there is no unit %d", (int)number);
    default:
        return refused("ms: \"%s\" needs 1..60000", name);
    }
}

static json_t *do_defect(const struct stage *stage) {
    const char *name = json_string_value(json_object_get(stage->request, "what"));
    const json_t *there = json_object_get(stage->request, "there");
    int defect = name ? sim_defect_find(name) : -1, winch = winch_of(stage);
    if (defect < 0)
        return refused("what: expected the name of a defect, like \"%s\"", sim_defect_name(SIM_DEFECT_BRAKES_SLIP));
    if (!json_is_boolean(there))
        return refused("there: expected true or false");
    if (winch < 0)
        return no_winch();
    sim_world_defect(stage->world, winch, (enum sim_defect)defect, json_is_true(there));
    return done();
}

static json_t *do_draw(const struct stage *stage) {
    const json_t *seed = json_object_get(stage->request, "seed");
    const json_int_t number = json_integer_value(seed);
    if (!json_is_integer(seed) || number < 0 || number > UINT32_MAX)
        return refused("seed: expected a whole number from 0 to %" PRIu32, UINT32_MAX);
    if (sim_world_draw(stage->world, (uint32_t)number) != 0)
        return refused("draw: the world file has no section variation");
    return done();
}

static const struct {
    const char *name;
    json_t *(*answer)(const struct stage *stage);
    const char *field[FIELDS_MAX]; /* besides "do" */
} table[] = {
    {"act", do_act, {"act", "speed_m_s", "percent"}},
    {"estop", do_estop, {"station", "pressed"}},
    {"switch", do_switch, {"name", "wire", "winch"}},
    {"truth", do_truth, {NULL}},
    {"defect", do_defect, {"what", "there", "winch"}},
    {"fault", do_fault, {"unit", "kind", "ms"}},
    {"draw", do_draw, {"seed"}},
};

/* A field that the direction does not have. */
static bool unknown_field(json_t *request, size_t row) {
    const char *key;
    json_t *value;
    json_object_foreach(request, key, value) {
        bool known = strcmp(key, "do") == 0;
        for (int i = 0; i < FIELDS_MAX && table[row].field[i]; i++)
            known = known || strcmp(key, table[row].field[i]) == 0;
        if (!known)
            return true;
    }
    return false;
}

static json_t *answer(const struct stage *stage) {
    const char *name = json_string_value(json_object_get(stage->request, "do"));
    for (size_t i = 0; name && i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, name) != 0)
            continue;
        if (unknown_field(stage->request, i))
            return refused("a field that \"%s\" does not have", name);
        return table[i].answer(stage);
    }
    return refused("do: expected act, estop, switch, truth, defect, fault or draw");
}

int stage_answer(struct sim_world *world, int64_t t_us, const char *packet, size_t length, char *reply) {
    json_error_t problem;
    json_t *request = json_loadb(packet, length, JSON_REJECT_DUPLICATES, &problem);
    struct stage stage = {.world = world, .t_us = t_us, .request = request};
    json_t *said = json_is_object(request) ? answer(&stage)
                   : request               ? refused("expected one JSON object")
                                           : refused("no JSON at byte %d", problem.position);
    assert(said);
    size_t size = json_dumpb(said, reply, STAGE_PACKET_MAX, JSON_COMPACT);
    assert(size > 0 && size <= STAGE_PACKET_MAX);
    json_decref(said);
    json_decref(request);
    return (int)size;
}
