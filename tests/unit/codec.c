/* The codec by walking its own tables: for every method a good request, and every way to spoil each of its fields. */
#include "protocol/codec.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/packet.h"

static struct packet_request request;
static struct codec_problem problem;
static char text[2 * MSG_PACKET_BYTES_MAX];

/* --- good requests from the tables
 * --------------------------------------------------------------------------------- */

static json_t *good_value(const struct codec_field *field) {
    char letters[64] = "";
    switch (field->kind) {
    case CODEC_INT:
        return json_integer((json_int_t)field->min);
    case CODEC_NUMBER:
        return json_real(field->max);
    case CODEC_BOOL:
        return json_true();
    case CODEC_TEXT:
        memset(letters, 'x', (size_t)field->min);
        return json_string(letters);
    case CODEC_ENUM:
        return json_string(field->words[0]);
    case CODEC_OBJECT:
    case CODEC_LIST:
    case CODEC_SCHEMA:
        break; /* no command has one */
    }
    cr_assert_fail("a command field of a kind that this test does not know");
    return NULL;
}

static json_t *good_request(int method) {
    const struct codec_type *type = msg_methods[method].params;
    json_t *params = json_object();
    for (int i = 0; i < type->field_count; i++)
        json_object_set_new(params, type->fields[i].name, good_value(&type->fields[i]));
    return json_pack("{s:i, s:i, s:s, s:o}", "v", 1, "id", 9, "method", msg_methods[method].name, "params", params);
}

/* Takes the reference. */
static bool reads(json_t *json) {
    char *dumped = json_dumps(json, JSON_COMPACT | JSON_ENCODE_ANY);
    cr_assert_not_null(dumped);
    bool good = packet_read_request(dumped, strlen(dumped), &request, &problem);
    free(dumped);
    json_decref(json);
    return good;
}

static void expect(json_t *json, const char *code, const char *path) {
    cr_assert_not(reads(json), "%s %s was taken", code, path);
    cr_expect_str_eq(problem.code, code, "%s: %s, not %s", path, problem.code, code);
    cr_expect_str_eq(problem.field, path);
    cr_expect_gt(strlen(problem.message), 5);
    cr_expect_eq(request.id, 9, "the reply finds its request");
}

/* A good request of `method` with `value` at params.`name`. Takes the reference. */
static json_t *with(int method, const char *name, json_t *value) {
    json_t *json = good_request(method);
    json_object_set_new(json_object_get(json, "params"), name, value);
    return json;
}

static const char *path_of(const struct codec_field *field) {
    static char path[CODEC_PATH_MAX];
    snprintf(path, sizeof path, "params.%s", field->name);
    return path;
}

Test(codec, takes_a_good_request_of_every_method) {
    for (int method = 0; method < MSG_METHOD_COUNT; method++) {
        cr_assert(reads(good_request(method)), "%s: %s", msg_methods[method].name, problem.message);
        cr_assert_eq((int)request.method, method);
        cr_assert_eq(request.id, 9);
    }
}

Test(codec, refuses_unknown_and_missing_fields_of_every_method) {
    for (int method = 0; method < MSG_METHOD_COUNT; method++) {
        expect(with(method, "extra", json_null()), "unknown_field", "params.extra");
        const struct codec_type *type = msg_methods[method].params;
        for (int i = 0; i < type->field_count; i++) {
            json_t *json = good_request(method);
            json_object_del(json_object_get(json, "params"), type->fields[i].name);
            expect(json, "missing_field", path_of(&type->fields[i]));
        }
    }
}

Test(codec, refuses_every_wrong_type_in_every_field) {
    for (int method = 0; method < MSG_METHOD_COUNT; method++) {
        const struct codec_type *type = msg_methods[method].params;
        for (int i = 0; i < type->field_count; i++) {
            const struct codec_field *field = &type->fields[i];
            const char *path = path_of(field);
            expect(with(method, field->name, json_null()), "type", path);
            expect(with(method, field->name, json_array()), "type", path);
            expect(with(method, field->name, json_object()), "type", path);
            if (field->kind != CODEC_BOOL)
                expect(with(method, field->name, json_true()), "type", path);
            bool word = field->kind == CODEC_TEXT || field->kind == CODEC_ENUM;
            if (!word)
                expect(with(method, field->name, json_string("1")), "type", path);
            if (field->kind == CODEC_INT)
                expect(with(method, field->name, json_real(1.5)), "type", path);
            if (word)
                expect(with(method, field->name, json_integer(1)), "type", path);
        }
    }
}

Test(codec, refuses_what_is_outside_the_range_of_every_field) {
    for (int method = 0; method < MSG_METHOD_COUNT; method++) {
        const struct codec_type *type = msg_methods[method].params;
        for (int i = 0; i < type->field_count; i++) {
            const struct codec_field *field = &type->fields[i];
            const char *path = path_of(field);
            if (field->kind == CODEC_INT) {
                cr_assert(reads(with(method, field->name, json_integer((json_int_t)field->max))));
                expect(with(method, field->name, json_integer((json_int_t)field->min - 1)), "range", path);
                expect(with(method, field->name, json_integer((json_int_t)field->max + 1)), "range", path);
            } else if (field->kind == CODEC_NUMBER) {
                expect(with(method, field->name, json_real(field->min - 0.001)), "range", path);
                expect(with(method, field->name, json_real(field->max + 0.001)), "range", path);
            } else if (field->kind == CODEC_TEXT) {
                memset(text, 'x', (size_t)field->max + 1);
                text[(size_t)field->max + 1] = '\0';
                expect(with(method, field->name, json_string(text)), "too_long", path);
                text[(size_t)field->max] = '\0';
                cr_assert(reads(with(method, field->name, json_string(text))));
                cr_assert_gt(field->min, 0, "no command takes an empty text");
                expect(with(method, field->name, json_string("")), "too_short", path);
                expect(with(method, field->name, json_string("a\033[2J")), "text", path);
                expect(with(method, field->name, json_string("a\xc2\x9b")), "text", path);
            } else if (field->kind == CODEC_ENUM) {
                expect(with(method, field->name, json_string("a word of the future")), "range", path);
            }
        }
    }
}

Test(codec, takes_the_values_it_was_given) {
    json_t *json = good_request(MSG_AXIS_JOG);
    json_t *params = json_object_get(json, "params");
    json_object_set_new(params, "press", json_integer(2147483647));
    json_object_set_new(params, "axis", json_string("Kletterer-\xc3\xa4"));
    json_object_set_new(params, "speed_m_s", json_integer(-3));
    cr_assert(reads(json), "%s", problem.message);
    cr_expect_eq(request.params.axis_jog.press, 2147483647);
    cr_expect_str_eq(request.params.axis_jog.axis, "Kletterer-\xc3\xa4");
    cr_expect_eq(request.params.axis_jog.speed_m_s, -3);
    cr_assert(reads(with(MSG_SHOW_LOAD, "text", json_string("a: 1\n\tb\r\n"))));
    cr_expect_str_eq(request.params.show_load.text, "a: 1\n\tb\r\n");
}

/* --- results and events ------------------------------------------------------------------------------------------- */

/* Every list full, every text of the greatest length, every nullable present. */
static void fill(const struct codec_type *type, char letter, char *out) {
    for (int i = 0; i < type->field_count; i++) {
        const struct codec_field *field = &type->fields[i];
        char *member = out + field->offset;
        if (field->nullable)
            *(bool *)(out + field->has_offset) = true;
        if (field->kind == CODEC_INT)
            *(int64_t *)(void *)member = isfinite(field->min) ? (int64_t)field->min + 1 : 7 + i;
        if (field->kind == CODEC_NUMBER)
            *(double *)(void *)member = 0.123456789 * (i + 1);
        if (field->kind == CODEC_BOOL)
            *(bool *)member = i % 2;
        if (field->kind == CODEC_TEXT)
            memset(member, letter, field->size - 1);
        if (field->kind == CODEC_ENUM)
            *(unsigned *)(void *)member = 1;
        if (field->kind == CODEC_OBJECT)
            fill(field->type, letter, member);
        if (field->kind != CODEC_LIST)
            continue;
        *(int *)(void *)(out + field->count_offset) = (int)field->max;
        for (int j = 0; j < (int)field->max; j++) {
            if (field->type)
                fill(field->type, letter, member + (size_t)j * field->size);
            else
                memset(member + (size_t)j * field->size, letter, field->size - 1);
        }
    }
}

static void round_trip(const struct codec_type *type) {
    if (type->size == 0)
        return;
    char *before = calloc(1, type->size), *after = malloc(type->size);
    fill(type, 'x', before);
    json_t *json = codec_encode(type, before);
    cr_assert_not_null(json);
    cr_assert(codec_decode(type, json, true, "result", after, &problem), "%s: %s", problem.field, problem.message);
    cr_assert_eq(memcmp(before, after, type->size), 0);
    json_object_set_new(json, "from_the_future", json_true());
    cr_assert(codec_decode(type, json, false, "result", after, &problem), "%s", problem.message);
    cr_assert_not(codec_decode(type, json, true, "result", after, &problem));
    for (int i = 0; i < type->field_count; i++) {
        if (type->fields[i].kind == CODEC_SCHEMA)
            continue;
        json_t *less = json_deep_copy(json);
        json_object_del(less, type->fields[i].name);
        bool taken = codec_decode(type, less, false, "result", after, &problem);
        cr_assert_eq(taken, type->fields[i].nullable, "%s", type->fields[i].name);
        json_decref(less);
    }
    json_decref(json);
    free(before);
    free(after);
}

Test(codec, results_and_events_keep_every_field) {
    for (int method = 0; method < MSG_METHOD_COUNT; method++) {
        round_trip(msg_methods[method].params);
        round_trip(msg_methods[method].result);
    }
    for (int event = 0; event < MSG_EVENT_COUNT; event++)
        round_trip(msg_events[event].params);
}

/* The greatest that each message can be fits into one packet, so no reply is ever too long. Only the names of cues
 * may hold letters that JSON writes as two bytes; all other names come from lists of ours. */
Test(codec, full_messages_fit_into_a_packet) {
    for (int method = 0; method < MSG_METHOD_COUNT; method++) {
        const struct codec_type *type = msg_methods[method].result;
        char *full = calloc(1, type->size + 1);
        fill(type, 'x', full);
        if (method == MSG_SHOW_GET)
            for (int i = 0; i < 200; i++)
                memset(((struct msg_show_get_result *)(void *)full)->cues[i].name, '"', 63);
        int length = packet_write_result(1, (enum msg_method)method, full, text, MSG_PACKET_BYTES_MAX);
        cr_expect_gt(length, 0, "%s: %s", msg_methods[method].name, strerror(-length));
        free(full);
    }
}

Test(codec, reads_words_of_the_future_as_unknown) {
    struct msg_value value;
    json_t *json = json_pack("{s:f, s:f, s:s}", "value", 1.0, "age_ms", 2.0, "quality", "excellent");
    const struct codec_type *type = msg_events[MSG_STATE_TELEMETRY].params;
    for (int i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, "axes") == 0)
            type = type->fields[i].type;
    for (int i = 0; i < type->field_count; i++)
        if (type->fields[i].kind == CODEC_OBJECT)
            type = type->fields[i].type;
    cr_assert_eq(type->size, sizeof value);
    cr_assert(codec_decode(type, json, false, "", &value, &problem));
    cr_expect_eq(value.quality, MSG_QUALITY_UNKNOWN);
    cr_expect_str_eq(msg_quality_name(value.quality), "unknown");
    cr_assert_not(codec_decode(type, json, true, "", &value, &problem));
    cr_expect_str_eq(problem.code, "range");
    json_object_set_new(json, "value", json_null());
    json_object_set_new(json, "quality", json_string("missing"));
    cr_assert(codec_decode(type, json, true, "", &value, &problem));
    cr_expect_not(value.has_value);
    json_decref(json);
}

Test(codec, schema_text_is_the_schema) {
    json_t *schema = json_loads(msg_schema, JSON_REJECT_DUPLICATES, NULL);
    cr_assert_not_null(schema);
    cr_assert_eq(json_array_size(json_object_get(schema, "methods")), (size_t)MSG_METHOD_COUNT);
    int length = packet_write_result(1, MSG_META_DESCRIBE, NULL, text, MSG_PACKET_BYTES_MAX);
    cr_assert_gt(length, 0);
    json_decref(schema);
}

Test(codec, says_nothing_that_can_not_be_said) {
    const double wrong[] = {NAN, INFINITY, -INFINITY};
    for (int i = 0; i < 3; i++) {
        const struct msg_axis_jog jog = {.press = 1, .axis = "a", .speed_m_s = wrong[i]};
        cr_expect_eq(packet_write_request(1, MSG_AXIS_JOG, &jog, text, sizeof text), -EINVAL);
    }
    const struct msg_axis_jog broken = {.press = 1, .axis = "\xff", .speed_m_s = 1};
    cr_expect_eq(packet_write_request(1, MSG_AXIS_JOG, &broken, text, sizeof text), -EINVAL);
    static const struct msg_meta_hello_result hello; /* its role is no word */
    cr_expect_eq(packet_write_result(1, MSG_META_HELLO, &hello, text, sizeof text), -EINVAL);
    const struct msg_cue_go go = {.press = 1, .cue = "1"};
    cr_expect_eq(packet_write_request(1, MSG_CUE_GO, &go, text, 20), -EMSGSIZE);
}

Test(codec, numbers_do_not_depend_on_the_locale) {
    const char *locales[] = {"de_DE.UTF-8", "C.UTF-8"};
    for (int i = 0; i < 2; i++) {
        setlocale(LC_ALL, locales[i]); /* where the system lacks it, the C locale is tested twice */
        struct msg_axis_jog jog = {.press = 1, .axis = "a", .speed_m_s = -0.25};
        int length = packet_write_request(1, MSG_AXIS_JOG, &jog, text, sizeof text);
        cr_assert_gt(length, 0);
        cr_assert_not_null(strstr(text, ":-0.25}"), "%s", text);
        cr_assert(packet_read_request(text, (size_t)length, &request, &problem));
        cr_assert_eq(request.params.axis_jog.speed_m_s, -0.25);
    }
}
