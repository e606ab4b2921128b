/* Reads a YAML text into a tree of nodes with places, refusing what a file of limits has no use for. */
#include "controller/base/yaml_tree.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

struct reader {
    yaml_parser_t parser;
    struct yaml_doc *doc;
    struct yaml_errors *errors;
    bool stopped; /* nothing sensible can be read any more */
};

/* ---- paths ---- */

static void append(char path[static YAML_PATH_MAX], const char *text) {
    const size_t used = strlen(path);
    assert(used < YAML_PATH_MAX);
    snprintf(path + used, YAML_PATH_MAX - used, "%.40s", text); /* a longer key is no key of any schema */
}

static void append_key(char path[static YAML_PATH_MAX], const char *key) {
    if (path[0] != '\0')
        append(path, ".");
    append(path, key);
}

static void append_node(const struct node *node, char path[static YAML_PATH_MAX]) {
    if (node->parent == NULL)
        return;
    append_node(node->parent, path); /* at most YAML_DEPTH_MAX deep */
    if (node->key != NULL) {
        append_key(path, node->key);
    } else {
        char index[16];
        snprintf(index, sizeof index, "[%d]", node->index);
        append(path, index);
    }
}

void yaml_path(const struct node *node, const char *key, char path[static YAML_PATH_MAX]) {
    assert(node != NULL);
    path[0] = '\0';
    append_node(node, path);
    if (key != NULL)
        append_key(path, key);
}

static const struct node *find_child(const struct node *parent, const char *key, size_t key_length, int index) {
    for (const struct node *child = parent->child; child != NULL; child = child->next) {
        if (key == NULL
                ? child->index == index
                : child->key != NULL && strlen(child->key) == key_length && memcmp(child->key, key, key_length) == 0)
            return child;
    }
    return NULL;
}

/* The node at `path`, or the nearest parent; `*exact` tells which. */
static const struct node *find(const struct yaml_doc *doc, const char *path, bool *exact) {
    assert(doc != NULL && doc->root != NULL && path != NULL);
    const struct node *node = doc->root;
    while (*path != '\0') {
        const struct node *child = NULL;
        if (*path == '[') {
            char *end = NULL;
            const long index = strtol(path + 1, &end, 10);
            assert(*end == ']'); /* paths come from the code */
            child = find_child(node, NULL, 0, (int)index);
            path = end + 1;
        } else {
            path += *path == '.';
            const size_t length = strcspn(path, ".[");
            assert(length > 0);
            child = find_child(node, path, length, -1);
            path += length;
        }
        if (child == NULL) {
            *exact = false;
            return node;
        }
        node = child;
    }
    *exact = true;
    return node;
}

struct yaml_place yaml_find_place(const struct yaml_doc *doc, const char *path) {
    bool exact = false;
    return find(doc, path, &exact)->place;
}

void yaml_error_at(struct yaml_errors *errors, const struct yaml_doc *doc, const char *path, const char *format, ...) {
    char text[YAML_ERROR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    yaml_error_add(errors, doc->name, yaml_find_place(doc, path), path, "%s", text);
}

bool yaml_find_valid(const struct yaml_doc *doc, const char *path) {
    bool exact = false;
    const struct node *const node = find(doc, path, &exact);
    return exact && node->valid;
}

bool yaml_find_number(const struct yaml_doc *doc, const char *path, double *value) {
    bool exact = false;
    const struct node *const node = find(doc, path, &exact);
    if (!exact || !node->valid || node->kind != NODE_SCALAR)
        return false;
    *value = node->number;
    return true;
}

/* ---- tree ---- */

static void *allocate(size_t count, size_t size) {
    void *const memory = calloc(count, size);
    if (memory == NULL)
        abort(); /* at most a few MB, asked for at start-up or load, never in the cycle */
    return memory;
}

static char *copy_text(const char *text, size_t length) {
    char *const copy = allocate(length + 1, 1);
    memcpy(copy, text, length);
    return copy;
}

static void free_node(struct node *node) {
    if (node == NULL)
        return;
    struct node *child = node->child;
    while (child != NULL) {
        struct node *const next = child->next;
        free_node(child);
        child = next;
    }
    free(node->key);
    free(node->text);
    free(node);
}

void yaml_doc_free(struct yaml_doc *doc) {
    if (doc == NULL)
        return;
    free_node(doc->root);
    free(doc->name);
    free(doc);
}

static struct yaml_place place_of(yaml_mark_t mark) {
    return (struct yaml_place){.line = (int)mark.line + 1, .column = (int)mark.column + 1};
}

static void report(struct reader *reader, const struct node *node, struct yaml_place place, const char *text) {
    char path[YAML_PATH_MAX];
    path[0] = '\0';
    if (node != NULL)
        yaml_path(node, NULL, path);
    yaml_error_add(reader->errors, reader->doc->name, place, path, "%s", text);
}

/* The next event; on a syntax error reports it, stops the reader and returns false. */
static bool next_event(struct reader *reader, yaml_event_t *event) {
    assert(!reader->stopped);
    if (yaml_parser_parse(&reader->parser, event))
        return true;
    char text[YAML_ERROR_TEXT_MAX];
    const char *const context = reader->parser.context;
    snprintf(text, sizeof text,
             "not valid YAML: %s%s%s, expected `key: value` lines, lists as `- `, two spaces per level",
             reader->parser.problem == NULL ? "unreadable" : reader->parser.problem, context == NULL ? "" : " ",
             context == NULL ? "" : context);
    report(reader, NULL, place_of(reader->parser.problem_mark), text);
    reader->stopped = true;
    return false;
}

static void refuse_decoration(struct reader *reader, struct node *node, const yaml_char_t *anchor,
                              const yaml_char_t *tag) {
    if (anchor != NULL) {
        report(reader, node, node->place, "an anchor (&) is not allowed, expected the value itself");
        node->broken = true;
    }
    if (tag != NULL) {
        report(reader, node, node->place, "a tag (!) is not allowed, expected the value itself");
        node->broken = true;
    }
}

static void read_scalar(struct reader *reader, struct node *node, const yaml_event_t *event) {
    node->kind = NODE_SCALAR;
    node->text = copy_text((const char *)event->data.scalar.value, event->data.scalar.length);
    node->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    refuse_decoration(reader, node, event->data.scalar.anchor, event->data.scalar.tag);
    const bool block =
        event->data.scalar.style == YAML_LITERAL_SCALAR_STYLE || event->data.scalar.style == YAML_FOLDED_SCALAR_STYLE;
    if (block || event->start_mark.line != event->end_mark.line) {
        report(reader, node, node->place, "a value over several lines is not allowed, expected one line");
        node->broken = true;
    }
    if (strlen(node->text) != event->data.scalar.length) { /* "\0" in double quotes */
        report(reader, node, node->place, "a zero byte in a text is not allowed, expected printable characters");
        node->broken = true;
    }
}

static void link_child(struct node *parent, struct node *last, struct node *child) {
    child->parent = parent;
    if (last == NULL)
        parent->child = child;
    else
        last->next = child;
}

static void read_value(struct reader *reader, struct node *node, const yaml_event_t *event, int depth);

static void read_list(struct reader *reader, struct node *list, int depth) {
    struct node *last = NULL;
    for (int index = 0; !reader->stopped; index++) {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return;
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return;
        }
        struct node *const item = allocate(1, sizeof *item);
        item->index = index;
        link_child(list, last, item);
        last = item;
        read_value(reader, item, &event, depth);
        yaml_event_delete(&event);
    }
}

/* A key's text, or NULL after an error. */
static char *read_key(struct reader *reader, const struct node *map, const yaml_event_t *event) {
    const struct yaml_place place = place_of(event->start_mark);
    if (event->type != YAML_SCALAR_EVENT || event->data.scalar.anchor != NULL || event->data.scalar.tag != NULL) {
        report(reader, map, place, "a key must be a plain word, expected `key: value`");
        reader->stopped = true; /* what belongs to which key is anybody's guess from here on */
        return NULL;
    }
    const char *const text = (const char *)event->data.scalar.value;
    return copy_text(text, strnlen(text, event->data.scalar.length));
}

static void read_map(struct reader *reader, struct node *map, int depth) {
    struct node *last = NULL;
    while (!reader->stopped) {
        yaml_event_t event;
        if (!next_event(reader, &event))
            return;
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            return;
        }
        char *const key = read_key(reader, map, &event);
        const struct yaml_place key_place = place_of(event.start_mark);
        yaml_event_delete(&event);
        if (key == NULL)
            return;
        const struct node *const twin = find_child(map, key, strlen(key), -1);
        struct node *const value = allocate(1, sizeof *value);
        value->key = key;
        value->key_place = key_place;
        value->index = -1;
        link_child(map, last, value);
        last = value;
        if (strcmp(key, "<<") == 0) {
            report(reader, value, key_place, "a merge key (<<) is not allowed, expected every key written out");
            value->broken = true;
        } else if (twin != NULL) {
            char text[96];
            snprintf(text, sizeof text, "duplicate key (first in line %d), expected it once", twin->key_place.line);
            report(reader, value, key_place, text);
            value->broken = true;
        }
        if (!next_event(reader, &event))
            return;
        read_value(reader, value, &event, depth);
        yaml_event_delete(&event);
    }
}

/* Fills `node`, which hangs in the tree already, from `event` and, for a list or map, the events that follow. */
static void read_value(struct reader *reader, struct node *node, const yaml_event_t *event, int depth) {
    node->place = place_of(event->start_mark);
    switch ((int)event->type) {
    case YAML_SCALAR_EVENT:
        read_scalar(reader, node, event);
        return;
    case YAML_ALIAS_EVENT:
        report(reader, node, node->place, "an alias (*) is not allowed, expected the value itself");
        node->kind = NODE_SCALAR;
        node->text = copy_text("", 0);
        node->broken = true;
        return;
    case YAML_SEQUENCE_START_EVENT:
    case YAML_MAPPING_START_EVENT:
        break;
    default:
        assert(false && "libyaml gives no other event where a value stands");
    }
    const bool is_map = event->type == YAML_MAPPING_START_EVENT;
    node->kind = is_map ? NODE_MAP : NODE_LIST;
    if (depth == YAML_DEPTH_MAX) {
        report(reader, node, node->place, "lists and maps are nested too deep, expected at most 8 levels");
        reader->stopped = true;
        return;
    }
    if (is_map) {
        refuse_decoration(reader, node, event->data.mapping_start.anchor, event->data.mapping_start.tag);
        read_map(reader, node, depth + 1);
    } else {
        refuse_decoration(reader, node, event->data.sequence_start.anchor, event->data.sequence_start.tag);
        read_list(reader, node, depth + 1);
    }
}

/* ---- file ---- */

/* Takes the event up to the document's content; false when there is none. */
static bool read_document_start(struct reader *reader) {
    yaml_event_t event;
    if (!next_event(reader, &event)) /* stream start */
        return false;
    yaml_event_delete(&event);
    if (!next_event(reader, &event))
        return false;
    const bool empty = event.type == YAML_STREAM_END_EVENT;
    if (empty)
        report(reader, NULL, (struct yaml_place){1, 1}, "the file is empty, expected a map of keys");
    else if (event.data.document_start.version_directive != NULL ||
             event.data.document_start.tag_directives.start != event.data.document_start.tag_directives.end)
        report(reader, NULL, place_of(event.start_mark), "a % directive is not allowed, expected the keys alone");
    yaml_event_delete(&event);
    return !empty;
}

static void read_document_end(struct reader *reader) {
    yaml_event_t event;
    if (!next_event(reader, &event)) /* document end */
        return;
    yaml_event_delete(&event);
    if (!next_event(reader, &event))
        return;
    if (event.type == YAML_DOCUMENT_START_EVENT)
        report(reader, NULL, place_of(event.start_mark), "a second document begins here, expected one per file");
    yaml_event_delete(&event);
}

/* Fills doc->root; errors are in `errors` and reader->stopped tells whether the tree is whole. */
static void read_tree(struct reader *reader, const char *text, size_t length) {
    if (!yaml_parser_initialize(&reader->parser))
        abort(); /* out of memory */
    yaml_parser_set_encoding(&reader->parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&reader->parser, (const unsigned char *)text, length);
    yaml_event_t event;
    if (!read_document_start(reader)) {
        reader->stopped = true;
    } else if (next_event(reader, &event)) {
        reader->doc->root = allocate(1, sizeof *reader->doc->root);
        read_value(reader, reader->doc->root, &event, 0);
        yaml_event_delete(&event);
        if (!reader->stopped)
            read_document_end(reader);
    }
    yaml_parser_delete(&reader->parser);
}

int yaml_load_text(const char *name, const char *text, size_t length, const struct yaml_field *fields, void *out,
                   struct yaml_doc **doc, struct yaml_errors *errors) {
    assert(name != NULL && text != NULL && fields != NULL && out != NULL && errors != NULL);
    const int errors_before = errors->count + errors->dropped;
    if (doc != NULL)
        *doc = NULL;
    if (length > YAML_BYTES_MAX) {
        yaml_error_add(errors, name, (struct yaml_place){1, 1}, "", "the file has %zu bytes, expected at most %d",
                       length, YAML_BYTES_MAX);
        return -EINVAL;
    }
    if (!yaml_text_scan(name, text, length, errors))
        return -EINVAL; /* the parser would see something else than the reader of the file */
    struct reader reader = {.doc = allocate(1, sizeof *reader.doc), .errors = errors};
    reader.doc->name = copy_text(name, strlen(name));
    read_tree(&reader, text, length);
    if (reader.stopped) {
        assert(errors->count + errors->dropped > errors_before);
        yaml_doc_free(reader.doc);
        return -EINVAL;
    }
    yaml_check(reader.doc, fields, out, errors);
    if (doc != NULL)
        *doc = reader.doc;
    else
        yaml_doc_free(reader.doc);
    return errors->count + errors->dropped > errors_before ? -EINVAL : 0;
}
