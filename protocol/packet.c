/* Envelopes: what stands around parameters, results and errors. */
#include "protocol/packet.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REAL_DIGITS 9 /* a millionth of a millimetre at 1 m, and no 0.1000000000000000055 */

/* The envelope of a request, as a type of the same codec: unknown keys in it are refused like any other. */
struct envelope {
    int64_t v, id;
    char method[64];
};

static const struct codec_field envelope_fields[] = {
    {.name = "v", .kind = CODEC_INT, .min = -1e15, .max = 1e15, .offset = offsetof(struct envelope, v)},
    {.name = "id", .kind = CODEC_INT, .min = 1, .max = PACKET_ID_MAX, .offset = offsetof(struct envelope, id)},
    {.name = "method", .kind = CODEC_TEXT, .min = 1, .offset = offsetof(struct envelope, method),
     .size = sizeof(((struct envelope *)0)->method)},
    {.name = "params", .kind = CODEC_SCHEMA},
};
static const struct codec_type envelope_type = {sizeof(struct envelope), 4, envelope_fields};

static int method_find(const char *name) {
    for (int i = 0; i < MSG_METHOD_COUNT; i++)
        if (strcmp(msg_methods[i].name, name) == 0)
            return i;
    return -ENOENT;
}

static int64_t readable_id(const json_t *json) {
    const json_t *id = json_object_get(json, "id");
    bool good = json_is_integer(id) && json_integer_value(id) >= 1 && json_integer_value(id) <= PACKET_ID_MAX;
    return good ? json_integer_value(id) : 0;
}

static bool read_request(const json_t *json, struct packet_request *request, struct codec_problem *problem) {
    struct envelope envelope;
    if (!codec_decode(&envelope_type, json, true, "", &envelope, problem))
        return false;
    if (envelope.v != PACKET_VERSION)
        return codec_refuse(problem, "version", "v", "This belayd speaks version %d.", PACKET_VERSION);
    int method = method_find(envelope.method);
    if (method < 0)
        return codec_refuse(problem, "unknown_method", "method", "There is no method \"%s\".", envelope.method);
    request->method = (enum msg_method)method;
    return codec_decode(msg_methods[method].params, json_object_get(json, "params"), true, "params", &request->params,
                        problem);
}

bool packet_read_request(const char *bytes, size_t length, struct packet_request *request,
                         struct codec_problem *problem) {
    assert(bytes && request && problem);
    request->id = 0;
    json_t *json = codec_parse(bytes, length, problem);
    if (!json)
        return false;
    request->id = readable_id(json);
    bool good = read_request(json, request, problem);
    json_decref(json);
    return good;
}

/* Takes the reference. */
static int dump(json_t *json, char *out, size_t size) {
    if (!json)
        return -EINVAL;
    size_t length = json_dumpb(json, out, size, JSON_COMPACT | JSON_REAL_PRECISION(REAL_DIGITS));
    json_decref(json);
    if (length == 0)
        return -ENOMEM;
    if (length >= size)
        return -EMSGSIZE;
    out[length] = '\0';
    return (int)length;
}

int packet_write_request(int64_t id, enum msg_method method, const void *params, char *out, size_t size) {
    assert(id >= 1 && id <= PACKET_ID_MAX && method >= 0 && method < MSG_METHOD_COUNT);
    json_t *json = json_pack("{s:i, s:I, s:s, s:o}", "v", PACKET_VERSION, "id", (json_int_t)id, "method",
                             msg_methods[method].name, "params", codec_encode(msg_methods[method].params, params));
    return dump(json, out, size);
}

int packet_write_result(int64_t id, enum msg_method method, const void *result, char *out, size_t size) {
    assert(id >= 1 && method >= 0 && method < MSG_METHOD_COUNT);
    json_t *json = json_pack("{s:i, s:I, s:o}", "v", PACKET_VERSION, "id", (json_int_t)id, "result",
                             codec_encode(msg_methods[method].result, result));
    return dump(json, out, size);
}

/* Whatever happens, an error gets through: a text that is not UTF-8 is replaced. */
static json_t *text_or(const char *text, const char *instead) {
    json_t *json = json_string(text);
    return json ? json : json_string(instead);
}

int packet_write_error(int64_t id, const char *code, const char *field, const char *message, char *out, size_t size) {
    int known = 0;
    while (msg_error_codes[known] && strcmp(msg_error_codes[known], code) != 0)
        known++;
    assert(msg_error_codes[known]);
    json_t *json = json_pack("{s:i, s:I, s:{s:s, s:o, s:o}}", "v", PACKET_VERSION, "id", (json_int_t)id, "error",
                             "code", code, "field", text_or(field, ""), "message", text_or(message, code));
    return dump(json, out, size);
}

int packet_write_params(enum msg_event event, const void *params, char *out, size_t size) {
    assert(event >= 0 && event < MSG_EVENT_COUNT);
    return dump(codec_encode(msg_events[event].params, params), out, size);
}

int packet_write_event(enum msg_event event, int64_t seq, int64_t t_us, const char *params, char *out, size_t size) {
    assert(event >= 0 && event < MSG_EVENT_COUNT);
    int length = snprintf(out, size,
                          "{\"v\":%d,\"event\":\"%s\",\"seq\":%" PRId64 ",\"t_us\":%" PRId64 ",\"params\":%s}",
                          PACKET_VERSION, msg_events[event].name, seq, t_us, params);
    return length > 0 && (size_t)length < size ? length : -EMSGSIZE;
}
