/* The codec's tables and its walker: JSON <-> C structs, driven by what generate.py makes of schema.json.
 *
 * Private to those who touch JSON themselves (protocol/ and the server); clients include protocol/belay.h.
 * Pure apart from allocation inside jansson. Any thread.
 */
#ifndef BELAY_PROTOCOL_CODEC_H
#define BELAY_PROTOCOL_CODEC_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define CODEC_PATH_MAX 96
#define CODEC_MESSAGE_MAX 256

enum codec_kind {
    CODEC_INT,    /* int64_t */
    CODEC_NUMBER, /* double; JSON integers are taken too */
    CODEC_BOOL,   /* bool */
    CODEC_TEXT,   /* char[size], zero-terminated */
    CODEC_ENUM,   /* an enum: 0 = a word that this version does not know, then `words` from 1 */
    CODEC_OBJECT, /* a struct of `type` */
    CODEC_LIST,   /* array of elements of `type`, or of texts when that is NULL; int count */
    CODEC_SCHEMA  /* no member: the schema itself */
};

struct codec_type;

struct codec_field {
    const char *name;
    enum codec_kind kind;
    bool nullable;            /* null is allowed; then the bool at has_offset is false and the member all zero */
    bool multiline;           /* TEXT: line feed and tab are allowed */
    size_t offset, size;      /* of the member; LIST: of one element */
    double min, max;          /* INT, NUMBER: inclusive; TEXT: bytes; LIST: max elements */
    const char *const *words; /* ENUM: NULL-terminated */
    const struct codec_type *type;
    size_t count_offset, has_offset;
};

struct codec_type {
    size_t size;
    int field_count;
    const struct codec_field *fields;
};

/* Why a packet was refused: a code of the schema, the path of the field ("params.speed_m_s", empty = the whole packet)
 * and a sentence. */
struct codec_problem {
    const char *code;
    char field[CODEC_PATH_MAX];
    char message[CODEC_MESSAGE_MAX];
};

/* Fills `*out` (type->size bytes) from `json`; `path` names `json` in problems. Strict refuses unknown fields and
 * unknown words. Tolerant ignores the first, reads the second as 0, and a nullable field that is absent (an older
 * sender) as null. Returns false with `*problem` filled at the first problem; `*out` is then not to be used. */
bool codec_decode(const struct codec_type *type, const json_t *json, bool strict, const char *path, void *out,
                  struct codec_problem *problem);

/* A new JSON object from `*in`; NULL when memory is short, or a value can't be said: a number that is not finite, an
 * unknown word, a text that is not UTF-8. */
json_t *codec_encode(const struct codec_type *type, const void *in);

/* Parses one packet: one JSON object in UTF-8, no duplicate keys, limited depth. NULL with `*problem` filled, else a
 * new reference. */
json_t *codec_parse(const char *bytes, size_t length, struct codec_problem *problem);

/* Fills `*problem` (printf style) and returns false. */
bool codec_refuse(struct codec_problem *problem, const char *code, const char *field, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
