/* Strict YAML: libyaml plus a schema table. Every error of a file is found in one run and names its place.
 * docs/decisions/0003-yaml-and-hash.md says why.
 *
 * A file is described by tables of struct yaml_field. Refused, each with its own text: unknown key, duplicate key,
 * missing required key, wrong kind, number out of range, `1,5`, nan, inf, hex, a unit behind a number, anchors,
 * aliases, tags, merge keys, a second document, depth or size over the caps. There are no defaults: a key that may be
 * absent says so. An error in YAML's own syntax is the last one of its file, because nothing behind it can be read.
 */
#ifndef BELAY_CONTROLLER_BASE_YAML_H
#define BELAY_CONTROLLER_BASE_YAML_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define YAML_ERRORS_MAX 64
#define YAML_ERROR_TEXT_MAX 320
#define YAML_BYTES_MAX (256 * 1024) /* of one file */
#define YAML_DEPTH_MAX 8            /* maps and lists inside each other */

/* Errors collected over one or more files, in the order found. Plain data; the caller owns it. */
struct yaml_errors {
    int count;   /* texts held */
    int dropped; /* errors beyond YAML_ERRORS_MAX */
    char text[YAML_ERRORS_MAX][YAML_ERROR_TEXT_MAX];
};

enum yaml_kind {
    YAML_KIND_INT,    /* int32_t, decimal, within min..max */
    YAML_KIND_REGISTER, /* int32_t, decimal or 0x hexadecimal, within min..max: register addresses and words */
    YAML_KIND_DOUBLE, /* double, finite, within min..max */
    YAML_KIND_BOOL,   /* bool: true or false, nothing else */
    YAML_KIND_TEXT,   /* char[size], 1..size-1 bytes, printable UTF-8 */
    YAML_KIND_NAME,   /* char[size]: letters, digits, '-', '_', starting with a letter or digit */
    YAML_KIND_ENUM,   /* int: index in `names` */
    YAML_KIND_NAMES,  /* struct yaml_names: one name, a list of them, or `any` */
    YAML_KIND_WORDS,  /* uint64_t: one bit for each of `names`; one word, a list of words, or `any` for all of them */
    YAML_KIND_RISING, /* struct yaml_rising: a list of whole numbers within min..max, each more than the one before */
    YAML_KIND_MAP,    /* nested table `fields` */
    YAML_KIND_LIST    /* list of maps: `fields` per element of `stride` bytes, count into int at count_offset */
};

#define YAML_NAMES_MAX 16
#define YAML_NAME_MAX 32

/* Names of things that stand elsewhere in the file. */
struct yaml_names {
    bool any; /* all of them */
    int count;
    char name[YAML_NAMES_MAX][YAML_NAME_MAX];
};

#define YAML_RISING_MAX 8

/* Whole numbers, strictly rising. */
struct yaml_rising {
    int count;
    int32_t value[YAML_RISING_MAX];
};

struct yaml_field {
    const char *key;
    enum yaml_kind kind;
    bool optional;         /* absent is allowed; then present_offset, when used, stays false */
    size_t offset;         /* of the member in the enclosing struct */
    size_t size;           /* TEXT, NAME: bytes of the member; LIST: most elements */
    double min, max;       /* INT, DOUBLE, RISING: inclusive; LIST, WORDS: min = fewest; at 0 `any` is no word */
    const char *const *names;          /* ENUM, WORDS: NULL-terminated; WORDS: at most 64 */
    const struct yaml_field *fields;   /* MAP, LIST: NULL-key-terminated */
    size_t stride;         /* LIST: bytes of one element */
    size_t count_offset;   /* LIST: int in the enclosing struct */
    ptrdiff_t present_offset; /* bool in the enclosing struct set to true when the key is there; -1 = none */
    const char *doc;       /* one line for the manual and for "expected" in errors, unit included */
};

/* Where a value stood in the file, for checks that compare several fields. */
struct yaml_place {
    int line, column; /* from 1 */
};

struct yaml_doc; /* a loaded file; opaque */

/* Reads and checks the file `path` against `fields` and fills `*out`, which the caller has zeroed. Blocking file
 * I/O, allocates.
 * On success or error `*doc`, when doc is not NULL, is the parsed file for yaml_find_place() (free with yaml_doc_free;
 * NULL when the file could not be read or parsed).
 * Returns 0, -EINVAL when errors were added, or -errno when the file can't be read (an error text is added too). */
int yaml_load(const char *path, const struct yaml_field *fields, void *out, struct yaml_doc **doc,
              struct yaml_errors *errors);

/* Reads all of the file `path` into `*text`, to be freed by the caller, with a zero byte behind the end. Blocking,
 * allocates. Returns 0, or -errno (-EFBIG above YAML_BYTES_MAX) with an error text added and `*text` NULL. */
int yaml_read(const char *path, char **text, size_t *length, struct yaml_errors *errors);

/* yaml_load() for text in memory; `name` stands for the file in errors. Returns 0 or -EINVAL. */
int yaml_load_text(const char *name, const char *text, size_t length, const struct yaml_field *fields, void *out,
                   struct yaml_doc **doc, struct yaml_errors *errors);

/* Place of the value at `path` ("axes[0].limits.position_max_m"), or of the nearest parent that exists. */
struct yaml_place yaml_find_place(const struct yaml_doc *doc, const char *path);

/* True when a value stands at `path` and was taken without an error: the gate of every check across fields. A list or
 * map counts as taken when it is one; its contents are asked for on their own. */
bool yaml_find_valid(const struct yaml_doc *doc, const char *path);

/* The number at `path`, when it was taken without an error; returns false (and leaves *value) otherwise. */
bool yaml_find_number(const struct yaml_doc *doc, const char *path, double *value);

/* Frees a loaded file; NULL is allowed. */
void yaml_doc_free(struct yaml_doc *doc);

/* Prints the manual of a schema as a table in Markdown: key, required, value and range, meaning. */
void yaml_manual_print(FILE *out, const struct yaml_field *fields);

/* Adds one error "name:line:column: path: text" (printf style), kept to one line of valid UTF-8. An empty path stands
 * for the whole file and is printed as "file". Counts into `dropped` when full. */
void yaml_error_add(struct yaml_errors *errors, const char *name, struct yaml_place place, const char *path,
                    const char *format, ...) __attribute__((format(printf, 5, 6)));

/* The same at the value at `path` of a loaded file, or at its nearest parent that exists. */
void yaml_error_at(struct yaml_errors *errors, const struct yaml_doc *doc, const char *path, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
