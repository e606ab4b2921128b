/* The walker over the generated tables: strict or tolerant decoding, and encoding. */
#include "protocol/codec.h"

#include <assert.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "protocol/belay_messages.h"

#define CODEC_DEPTH_MAX 8
#define CODEC_SHOWN_MAX 40 /* bytes of a client's text that are repeated in a message */

/* One decoding: what every level needs. */
struct walk {
    bool strict;
    struct codec_problem *problem;
};

/* Bytes of `text` that may be repeated: at most `max`, and never half a character. */
static int shown(const char *text, int max) {
    int length = (int)strnlen(text, (size_t)max + 1);
    if (length <= max)
        return length;
    length = max;
    while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--;
    return length;
}

bool codec_refuse(struct codec_problem *problem, const char *code, const char *field, const char *format, ...) {
    assert(problem && code && field);
    problem->code = code;
    snprintf(problem->field, sizeof problem->field, "%s", field);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(problem->message, sizeof problem->message, format, arguments);
    va_end(arguments);
    return false;
}

/* --- bytes to JSON --------------------------------------------------------------------------------------------- */

/* Nesting is counted before anything recursive looks at the packet. */
static bool shallow(const char *bytes, size_t length) {
    int depth = 0;
    bool quoted = false;
    for (size_t i = 0; i < length; i++) {
        char c = bytes[i];
        if (quoted) {
            i += c == '\\';
            quoted = c != '"';
        } else if (c == '"') {
            quoted = true;
        } else if (c == '{' || c == '[') {
            if (++depth > CODEC_DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

json_t *codec_parse(const char *bytes, size_t length, struct codec_problem *problem) {
    if (length > MSG_PACKET_BYTES_MAX) {
        codec_refuse(problem, "too_long", "", "The packet has more than %d bytes.", MSG_PACKET_BYTES_MAX);
        return NULL;
    }
    if (!shallow(bytes, length)) {
        codec_refuse(problem, "too_deep", "", "Objects and lists are more than %d deep.", CODEC_DEPTH_MAX);
        return NULL;
    }
    json_error_t error;
    json_t *json = json_loadb(bytes, length, JSON_REJECT_DUPLICATES, &error);
    if (!json) {
        enum json_error_code code = json_error_code(&error);
        codec_refuse(problem,
                     code == json_error_duplicate_key      ? "duplicate_key"
                     : code == json_error_numeric_overflow ? "range"
                                                           : "not_json",
                     "", "The packet is not one JSON object: %s.", error.text);
    } else if (!json_is_object(json)) {
        codec_refuse(problem, "not_json", "", "The packet is not one JSON object.");
        json_decref(json);
        json = NULL;
    }
    return json;
}

/* --- JSON to C ------------------------------------------------------------------------------------------------- */

static bool take_object(const struct walk *walk, const struct codec_type *type, const json_t *json, const char *path,
                        void *out);

static bool wrong_type(const struct walk *walk, const char *path, const char *expected) {
    return codec_refuse(walk->problem, "type", path, "%s is expected here.", expected);
}

static bool take_number(const struct walk *walk, const struct codec_field *field, const json_t *json, const char *path,
                        void *out) {
    if (field->kind == CODEC_INT ? !json_is_integer(json) : !json_is_number(json))
        return wrong_type(walk, path, field->kind == CODEC_INT ? "A whole number" : "A number");
    double value = json_number_value(json);
    assert(isfinite(value)); /* JSON has no others, and overflow was refused */
    if (value < field->min || value > field->max)
        return codec_refuse(walk->problem, "range", path, "%.10g is not within %.10g to %.10g.", value, field->min,
                            field->max);
    if (field->kind == CODEC_INT) {
        int64_t whole = json_integer_value(json);
        memcpy(out, &whole, sizeof whole);
    } else {
        memcpy(out, &value, sizeof value);
    }
    return true;
}

static bool take_bool(const struct walk *walk, const struct codec_field *field, const json_t *json, const char *path,
                      void *out) {
    (void)field;
    if (!json_is_boolean(json))
        return wrong_type(walk, path, "true or false");
    bool value = json_is_true(json);
    memcpy(out, &value, sizeof value);
    return true;
}

/* Control characters, C0 and C1, could forge lines of a log or of a terminal. */
static bool printable(const char *text, size_t length, bool multiline) {
    for (size_t i = 0; i < length; i++) {
        unsigned char c = (unsigned char)text[i], next = (unsigned char)text[i + 1]; /* the text ends with a zero */
        bool layout = multiline && (c == '\n' || c == '\t' || c == '\r');
        if ((c < 0x20 && !layout) || c == 0x7f || (c == 0xc2 && next < 0xa0))
            return false;
    }
    return true;
}

static bool take_text(const struct walk *walk, const struct codec_field *field, const json_t *json, const char *path,
                      void *out) {
    if (!json_is_string(json))
        return wrong_type(walk, path, "A text");
    const char *text = json_string_value(json);
    size_t length = json_string_length(json);
    if (length >= field->size)
        return codec_refuse(walk->problem, "too_long", path, "At most %zu bytes fit.", field->size - 1);
    if (field->kind == CODEC_TEXT && (double)length < field->min)
        return codec_refuse(walk->problem, "too_short", path, "At least %.0f byte is needed.", field->min);
    if (!printable(text, length, field->multiline))
        return codec_refuse(walk->problem, "text", path, "Control characters are not allowed.");
    memcpy(out, text, length + 1);
    return true;
}

static bool take_word(const struct walk *walk, const struct codec_field *field, const json_t *json, const char *path,
                      void *out) {
    if (!json_is_string(json))
        return wrong_type(walk, path, "A word");
    unsigned word = 1;
    while (field->words[word - 1] && strcmp(field->words[word - 1], json_string_value(json)) != 0)
        word++;
    if (!field->words[word - 1]) {
        if (walk->strict)
            return codec_refuse(walk->problem, "range", path, "\"%.*s\" is not one of the known words.",
                                shown(json_string_value(json), CODEC_SHOWN_MAX), json_string_value(json));
        word = 0;
    }
    memcpy(out, &word, sizeof word);
    return true;
}

static bool take_struct(const struct walk *walk, const struct codec_field *field, const json_t *json, const char *path,
                        void *out) {
    return take_object(walk, field->type, json, path, out);
}

static bool take_list(const struct walk *walk, const struct codec_field *field, const json_t *json, const char *path,
                      void *out) {
    if (!json_is_array(json))
        return wrong_type(walk, path, "A list");
    size_t count = json_array_size(json);
    if ((double)count > field->max)
        return codec_refuse(walk->problem, "too_long", path, "At most %.0f elements fit.", field->max);
    for (size_t i = 0; i < count; i++) {
        char inner[CODEC_PATH_MAX];
        snprintf(inner, sizeof inner, "%.70s[%zu]", path, i);
        void *element = (char *)out + i * field->size;
        const json_t *value = json_array_get(json, i);
        if (field->type ? !take_object(walk, field->type, value, inner, element)
                        : !take_text(walk, field, value, inner, element))
            return false;
    }
    return true;
}

static bool take_schema(const struct walk *walk, const struct codec_field *field, const json_t *json, const char *path,
                        void *out) {
    (void)field, (void)out;
    return json_is_object(json) || wrong_type(walk, path, "An object");
}

static bool (*const takers[])(const struct walk *, const struct codec_field *, const json_t *, const char *, void *) = {
    [CODEC_INT] = take_number, [CODEC_NUMBER] = take_number, [CODEC_BOOL] = take_bool, [CODEC_TEXT] = take_text,
    [CODEC_ENUM] = take_word,  [CODEC_OBJECT] = take_struct, [CODEC_LIST] = take_list, [CODEC_SCHEMA] = take_schema,
};

static bool take_field(const struct walk *walk, const struct codec_field *field, const json_t *object, const char *path,
                       char *out) {
    char inner[CODEC_PATH_MAX];
    snprintf(inner, sizeof inner, "%.60s%s%.30s", path, *path ? "." : "", field->name);
    const json_t *json = json_object_get(object, field->name);
    if (!json && field->nullable && !walk->strict)
        json = json_null();
    if (!json)
        return codec_refuse(walk->problem, "missing_field", inner, "The field \"%s\" is missing.", field->name);
    if (field->nullable) {
        bool present = !json_is_null(json);
        memcpy(out + field->has_offset, &present, sizeof present);
        if (!present)
            return true;
    }
    if (field->kind == CODEC_LIST && json_is_array(json)) {
        int count = (int)json_array_size(json);
        memcpy(out + field->count_offset, &count, sizeof count);
    }
    return takers[field->kind](walk, field, json, inner, out + field->offset);
}

static bool known(const struct codec_type *type, const char *name) {
    for (int i = 0; i < type->field_count; i++)
        if (strcmp(type->fields[i].name, name) == 0)
            return true;
    return false;
}

static bool take_object(const struct walk *walk, const struct codec_type *type, const json_t *json, const char *path,
                        void *out) {
    if (!json_is_object(json))
        return wrong_type(walk, path, "An object");
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)json, name, value) {
        (void)value;
        if (walk->strict && !known(type, name)) {
            char inner[CODEC_PATH_MAX];
            int length = shown(name, CODEC_SHOWN_MAX);
            snprintf(inner, sizeof inner, "%.50s%s%.*s", path, *path ? "." : "", length, name);
            return codec_refuse(walk->problem, "unknown_field", inner, "\"%.*s\" is not a field here.", length, name);
        }
    }
    for (int i = 0; i < type->field_count; i++)
        if (!take_field(walk, &type->fields[i], json, path, out))
            return false;
    return true;
}

bool codec_decode(const struct codec_type *type, const json_t *json, bool strict, const char *path, void *out,
                  struct codec_problem *problem) {
    assert(type && json && path && problem && (out || type->size == 0));
    if (type->size > 0)
        memset(out, 0, type->size);
    const struct walk walk = {strict, problem};
    return take_object(&walk, type, json, path, out);
}

/* --- C to JSON ------------------------------------------------------------------------------------------------- */

static json_t *give_list(const struct codec_field *field, const char *in);

static json_t *give_number(const struct codec_field *field, const char *member) {
    if (field->kind == CODEC_INT) {
        int64_t whole;
        memcpy(&whole, member, sizeof whole);
        return json_integer(whole);
    }
    double value;
    memcpy(&value, member, sizeof value);
    return json_real(value); /* NULL when not finite */
}

static json_t *give_word(const struct codec_field *field, const char *member) {
    unsigned word, count = 0;
    memcpy(&word, member, sizeof word);
    while (field->words[count])
        count++;
    return word >= 1 && word <= count ? json_string(field->words[word - 1]) : NULL;
}

static json_t *give_field(const struct codec_field *field, const char *in) {
    bool present = true;
    if (field->nullable)
        memcpy(&present, in + field->has_offset, sizeof present);
    if (!present)
        return json_null();
    const char *member = in + field->offset;
    switch (field->kind) {
    case CODEC_INT:
    case CODEC_NUMBER:
        return give_number(field, member);
    case CODEC_BOOL:
        memcpy(&present, member, sizeof present);
        return json_boolean(present);
    case CODEC_TEXT:
        return json_string(member);
    case CODEC_ENUM:
        return give_word(field, member);
    case CODEC_OBJECT:
        return codec_encode(field->type, member);
    case CODEC_LIST:
        return give_list(field, in);
    case CODEC_SCHEMA:
        return json_loads(msg_schema, 0, NULL);
    }
    abort(); /* the tables have no other kind */
}

static json_t *give_list(const struct codec_field *field, const char *in) {
    int count;
    memcpy(&count, in + field->count_offset, sizeof count);
    assert(count >= 0 && count <= (int)field->max);
    json_t *list = json_array();
    for (int i = 0; list && i < count; i++) {
        const char *element = in + field->offset + (size_t)i * field->size;
        if (json_array_append_new(list, field->type ? codec_encode(field->type, element) : json_string(element)) < 0) {
            json_decref(list);
            return NULL;
        }
    }
    return list;
}

json_t *codec_encode(const struct codec_type *type, const void *in) {
    assert(type && (in || type->size == 0));
    json_t *object = json_object();
    for (int i = 0; object && i < type->field_count; i++) {
        const struct codec_field *field = &type->fields[i];
        if (json_object_set_new(object, field->name, give_field(field, in)) < 0) {
            json_decref(object);
            return NULL;
        }
    }
    return object;
}
