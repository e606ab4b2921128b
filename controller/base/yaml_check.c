/* Holds a file's tree against its schema table and fills the struct that the table describes. */
#include "controller/base/yaml_tree.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SHOWN_MAX 40 /* characters of a wrong value that an error repeats */
#define KEY_MAX 48

struct checker {
    const struct yaml_doc *doc;
    struct yaml_errors *errors;
};

static void check_map(const struct checker *checker, struct node *map, const struct yaml_field *fields, void *out);

/* Adds "what, expected ..." at the node. */
__attribute__((format(printf, 4, 5))) static void refuse(const struct checker *checker, const struct node *node,
                                                         const struct yaml_field *field, const char *format, ...) {
    char path[YAML_PATH_MAX];
    char what[YAML_ERROR_TEXT_MAX];
    char wanted[YAML_ERROR_TEXT_MAX];
    yaml_path(node, NULL, path);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    yaml_describe(field, wanted, sizeof wanted);
    yaml_error_add(checker->errors, checker->doc->name, node->place, path, "%s, expected %s", what, wanted);
}

/* ---- scalars ---- */

/* How YAML 1.1 spells "nothing". */
static bool is_nothing(const struct node *node) {
    return node->kind == NODE_SCALAR && node->plain &&
           (node->text[0] == '\0' || strcmp(node->text, "~") == 0 || strcasecmp(node->text, "null") == 0);
}

static void take_number(const struct checker *checker, struct node *node, const struct yaml_field *field,
                        void *member) {
    char remedy[YAML_NUMBER_REMEDY_MAX];
    double value = 0;
    if (!node->plain) {
        refuse(checker, node, field, "\"%.*s\" is text, write the number without quotes", SHOWN_MAX, node->text);
        return;
    }
    const bool is_number = field->kind == YAML_KIND_DOUBLE     ? yaml_number_decimal(node->text, &value, remedy)
                           : field->kind == YAML_KIND_REGISTER ? yaml_number_register(node->text, &value, remedy)
                                                               : yaml_number_whole(node->text, &value, remedy);
    if (!is_number) {
        refuse(checker, node, field, "%.*s %s", SHOWN_MAX, node->text, remedy);
        return;
    }
    if (!(value >= field->min && value <= field->max)) {
        refuse(checker, node, field, "%.*s is out of range", SHOWN_MAX, node->text);
        return;
    }
    if (field->kind == YAML_KIND_DOUBLE) {
        memcpy(member, &value, sizeof value);
    } else {
        assert(field->min >= INT32_MIN && field->max <= INT32_MAX);
        const int32_t whole = (int32_t)value;
        memcpy(member, &whole, sizeof whole);
    }
    node->number = value;
    node->valid = true;
}

static void take_bool(const struct checker *checker, struct node *node, const struct yaml_field *field, void *member) {
    const bool value = strcmp(node->text, "true") == 0;
    if (!node->plain || (!value && strcmp(node->text, "false") != 0)) {
        refuse(checker, node, field, "%.*s is not true or false, write one of these two words", SHOWN_MAX, node->text);
        return;
    }
    memcpy(member, &value, sizeof value);
    node->valid = true;
}

static bool is_name(const char *text) {
    static const char alphanumeric[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    static const char name_characters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-_";
    return strchr(alphanumeric, text[0]) != NULL && strspn(text, name_characters) == strlen(text);
}

static void take_text(const struct checker *checker, struct node *node, const struct yaml_field *field, char *member) {
    const size_t length = strlen(node->text);
    if (length == 0) {
        refuse(checker, node, field, "empty text");
    } else if (length >= field->size) {
        refuse(checker, node, field, "%zu bytes are too long", length);
    } else if (field->kind == YAML_KIND_NAME && !is_name(node->text)) {
        refuse(checker, node, field, "\"%.*s\" is not a name", SHOWN_MAX, node->text);
    } else if (!yaml_text_printable(node->text)) { /* through escapes in double quotes */
        refuse(checker, node, field, "control or hidden characters in a text");
    } else {
        memcpy(member, node->text, length + 1);
        node->valid = true;
    }
}

static void take_enum(const struct checker *checker, struct node *node, const struct yaml_field *field, void *member) {
    for (int i = 0; field->names[i] != NULL; i++) {
        if (strcmp(node->text, field->names[i]) != 0)
            continue;
        memcpy(member, &i, sizeof i);
        node->valid = true;
        return;
    }
    refuse(checker, node, field, "%.*s is not one of the words", SHOWN_MAX, node->text);
}

/* Adds the name at `node`; false with an error. */
static bool add_name(const struct checker *checker, const struct node *node, const struct yaml_field *field,
                     struct yaml_names *names) {
    if (node->kind != NODE_SCALAR) {
        if (!node->broken)
            refuse(checker, node, field, "a list or map stands inside the list");
        return false;
    }
    const size_t length = strlen(node->text);
    if (length == 0 || length >= YAML_NAME_MAX || !is_name(node->text)) {
        refuse(checker, node, field, "\"%.*s\" is not a name", SHOWN_MAX, node->text);
        return false;
    }
    for (int i = 0; i < names->count; i++) {
        if (strcmp(names->name[i], node->text) == 0) {
            refuse(checker, node, field, "%s stands here twice", node->text);
            return false;
        }
    }
    if (names->count == YAML_NAMES_MAX) {
        refuse(checker, node, field, "more than %d names", YAML_NAMES_MAX);
        return false;
    }
    memcpy(names->name[names->count++], node->text, length + 1);
    return true;
}

static void take_names(const struct checker *checker, struct node *node, const struct yaml_field *field,
                       struct yaml_names *names) {
    bool good = true;
    if (node->kind == NODE_SCALAR) {
        names->any = strcmp(node->text, "any") == 0;
        good = names->any || add_name(checker, node, field, names);
    } else if (node->child == NULL) {
        refuse(checker, node, field, "an empty list");
        good = false;
    }
    const struct node *item = node->kind == NODE_LIST ? node->child : NULL;
    for (; item != NULL && good; item = item->next)
        good = add_name(checker, item, field, names);
    node->valid = good;
}

/* Adds the number at `node`; false with an error. */
static bool add_rising(const struct checker *checker, struct node *node, const struct yaml_field *field,
                       struct yaml_rising *rising) {
    if (node->kind != NODE_SCALAR) {
        if (!node->broken)
            refuse(checker, node, field, "a list or map stands inside the list");
        return false;
    }
    int32_t value = 0;
    take_number(checker, node, field, &value);
    if (!node->valid)
        return false;
    if (rising->count == YAML_RISING_MAX) {
        refuse(checker, node, field, "more than %d numbers", YAML_RISING_MAX);
        return false;
    }
    if (rising->count > 0 && value <= rising->value[rising->count - 1]) {
        refuse(checker, node, field, "%d is not more than the %d before it", value, rising->value[rising->count - 1]);
        return false;
    }
    rising->value[rising->count++] = value;
    return true;
}

static void take_rising(const struct checker *checker, struct node *node, const struct yaml_field *field,
                        struct yaml_rising *rising) {
    bool good = node->child != NULL;
    if (!good)
        refuse(checker, node, field, "an empty list");
    for (struct node *item = node->child; item != NULL && good; item = item->next)
        good = add_rising(checker, item, field, rising);
    node->valid = good;
}

/* Bit of the word at `node`, or 0 with an error. */
static uint64_t word_bit(const struct checker *checker, const struct node *node, const struct yaml_field *field) {
    if (node->kind != NODE_SCALAR) {
        if (!node->broken)
            refuse(checker, node, field, "a list or map stands inside the list");
        return 0;
    }
    for (int i = 0; field->names[i] != NULL; i++) {
        assert(i < 64);
        if (strcmp(node->text, field->names[i]) == 0)
            return UINT64_C(1) << i;
    }
    refuse(checker, node, field, "%.*s is not one of the words", SHOWN_MAX, node->text);
    return 0;
}

static uint64_t all_words(const struct yaml_field *field) {
    uint64_t all = 0;
    for (int i = 0; field->names[i] != NULL; i++)
        all |= UINT64_C(1) << i;
    return all;
}

static void take_words(const struct checker *checker, struct node *node, const struct yaml_field *field, void *member) {
    uint64_t words = 0;
    bool good = true;
    if (node->kind == NODE_SCALAR) {
        const bool any = field->min > 0 && strcmp(node->text, "any") == 0;
        words = any ? all_words(field) : word_bit(checker, node, field);
        good = words != 0;
    } else if (node->child == NULL && field->min > 0) {
        refuse(checker, node, field, "an empty list");
        good = false;
    }
    for (const struct node *item = node->kind == NODE_LIST ? node->child : NULL; item != NULL; item = item->next) {
        const uint64_t bit = word_bit(checker, item, field);
        if (bit & words)
            refuse(checker, item, field, "%.*s stands here twice", SHOWN_MAX, item->text);
        good = good && bit != 0 && (bit & words) == 0;
        words |= bit;
    }
    memcpy(member, &words, sizeof words);
    node->valid = good;
}

/* ---- keys ---- */

static int min_of(int a, int b) {
    return a < b ? a : b;
}

/* Levenshtein distance, case ignored; texts longer than KEY_MAX are far from everything. */
static int distance(const char *a, const char *b) {
    const int a_length = (int)strnlen(a, KEY_MAX + 1);
    const int b_length = (int)strnlen(b, KEY_MAX + 1);
    if (a_length > KEY_MAX || b_length > KEY_MAX)
        return KEY_MAX;
    int row[KEY_MAX + 1];
    for (int j = 0; j <= b_length; j++)
        row[j] = j;
    for (int i = 1; i <= a_length; i++) {
        int diagonal = row[0];
        row[0] = i;
        for (int j = 1; j <= b_length; j++) {
            const int swap = diagonal + (strncasecmp(a + i - 1, b + j - 1, 1) != 0);
            diagonal = row[j];
            row[j] = min_of(swap, min_of(row[j], row[j - 1]) + 1);
        }
    }
    return row[b_length];
}

/* The key that was probably meant, or NULL. A key that lacks its unit, or has too much at the end, is near. */
static const char *nearest_key(const char *key, const struct yaml_field *fields) {
    const char *nearest = NULL;
    int best = KEY_MAX;
    for (const struct yaml_field *field = fields; field->key != NULL; field++) {
        const size_t length = strlen(field->key);
        const size_t common = strlen(key) < length ? strlen(key) : length;
        const int allowed = length < 6 ? 1 : (int)length / 3;
        int far = distance(key, field->key);
        if (common >= 4 && strncasecmp(key, field->key, common) == 0)
            far = min_of(far, 1);
        if (far <= allowed && far < best) {
            best = far;
            nearest = field->key;
        }
    }
    return nearest;
}

static void refuse_key(const struct checker *checker, const struct node *node, const struct yaml_field *fields) {
    char path[YAML_PATH_MAX];
    char keys[YAML_ERROR_TEXT_MAX];
    yaml_path(node, NULL, path);
    if (node->key[0] >= '0' && node->key[0] <= '9' &&
        is_nothing(node)) { /* {position_m: 1,5} is position_m: 1 and a key 5 */
        yaml_error_add(checker->errors, checker->doc->name, node->key_place, path,
                       "unknown key; inside braces a comma ends a value, expected decimals behind a point");
        return;
    }
    const char *const nearest = nearest_key(node->key, fields);
    if (nearest != NULL) {
        yaml_error_add(checker->errors, checker->doc->name, node->key_place, path, "unknown key, did you mean %s?",
                       nearest);
        return;
    }
    size_t used = 0;
    keys[0] = '\0';
    for (const struct yaml_field *field = fields; field->key != NULL && used < sizeof keys; field++)
        used += (size_t)snprintf(keys + used, sizeof keys - used, "%s%s", used == 0 ? "" : ", ", field->key);
    yaml_error_add(checker->errors, checker->doc->name, node->key_place, path, "unknown key, expected one of %s", keys);
}

static const struct yaml_field *find_field(const struct yaml_field *fields, const char *key) {
    for (const struct yaml_field *field = fields; field->key != NULL; field++) {
        if (strcmp(field->key, key) == 0)
            return field;
    }
    return NULL;
}

/* ---- lists and maps ---- */

static void take_list(const struct checker *checker, struct node *node, const struct yaml_field *field, void *out) {
    char *const first = (char *)out + field->offset;
    int count = 0;
    for (struct node *item = node->child; item != NULL; item = item->next, count++) {
        if ((size_t)count >= field->size)
            continue; /* counted for the error below */
        if (item->kind == NODE_MAP) {
            item->valid = !item->broken;
            check_map(checker, item, field->fields, first + (size_t)count * field->stride);
        } else if (!item->broken) {
            char path[YAML_PATH_MAX];
            yaml_path(item, NULL, path);
            yaml_error_add(checker->errors, checker->doc->name, item->place, path,
                           "not a map, expected `key: value` lines behind the dash");
        }
    }
    if (count < (int)field->min || count > (int)field->size)
        refuse(checker, node, field, "%d %s", count, count == 1 ? "entry" : "entries");
    else
        node->valid = true;
    const int stored = min_of(count, (int)field->size);
    memcpy((char *)out + field->count_offset, &stored, sizeof stored);
}

static bool kind_fits(enum yaml_kind kind, enum node_kind node) {
    switch (node) {
    case NODE_MAP:
        return kind == YAML_KIND_MAP;
    case NODE_LIST:
        return kind == YAML_KIND_LIST || kind == YAML_KIND_WORDS || kind == YAML_KIND_NAMES || kind == YAML_KIND_RISING;
    case NODE_SCALAR:
        break;
    }
    return kind != YAML_KIND_MAP && kind != YAML_KIND_LIST && kind != YAML_KIND_RISING;
}

static void take_value(const struct checker *checker, struct node *node, const struct yaml_field *field, void *out) {
    static const char *const found[] = {[NODE_SCALAR] = "a single value", [NODE_MAP] = "a map", [NODE_LIST] = "a list"};
    if (node->broken)
        return;
    if (is_nothing(node)) {
        refuse(checker, node, field, "no value");
        return;
    }
    if (!kind_fits(field->kind, node->kind)) {
        refuse(checker, node, field, "%s stands here", found[node->kind]);
        return;
    }
    char *const member = (char *)out + field->offset;
    switch (field->kind) {
    case YAML_KIND_INT:
    case YAML_KIND_REGISTER:
    case YAML_KIND_DOUBLE:
        take_number(checker, node, field, member);
        break;
    case YAML_KIND_BOOL:
        take_bool(checker, node, field, member);
        break;
    case YAML_KIND_TEXT:
    case YAML_KIND_NAME:
        take_text(checker, node, field, member);
        break;
    case YAML_KIND_ENUM:
        take_enum(checker, node, field, member);
        break;
    case YAML_KIND_NAMES:
        take_names(checker, node, field, (struct yaml_names *)(void *)member);
        break;
    case YAML_KIND_RISING:
        take_rising(checker, node, field, (struct yaml_rising *)(void *)member);
        break;
    case YAML_KIND_WORDS:
        take_words(checker, node, field, member);
        break;
    case YAML_KIND_MAP:
        node->valid = true;
        check_map(checker, node, field->fields, member);
        break;
    case YAML_KIND_LIST:
        take_list(checker, node, field, out);
        break;
    }
}

static void check_map(const struct checker *checker, struct node *map, const struct yaml_field *fields, void *out) {
    assert(map->kind == NODE_MAP && fields != NULL && out != NULL);
    for (struct node *child = map->child; child != NULL; child = child->next) {
        const struct yaml_field *const field = find_field(fields, child->key);
        if (field != NULL) {
            take_value(checker, child, field, out);
            if (field->present_offset >= 0)
                memcpy((char *)out + field->present_offset, &(bool){true}, sizeof(bool));
        } else if (!child->broken) {
            refuse_key(checker, child, fields);
        }
    }
    for (const struct yaml_field *field = fields; field->key != NULL; field++) {
        bool found = field->optional;
        for (const struct node *child = map->child; child != NULL && !found; child = child->next)
            found = strcmp(child->key, field->key) == 0;
        if (found)
            continue;
        char path[YAML_PATH_MAX];
        char wanted[YAML_ERROR_TEXT_MAX];
        yaml_path(map, field->key, path);
        yaml_describe(field, wanted, sizeof wanted);
        yaml_error_add(checker->errors, checker->doc->name, map->place, path, "missing, expected %s", wanted);
    }
}

void yaml_check(struct yaml_doc *doc, const struct yaml_field *fields, void *out, struct yaml_errors *errors) {
    assert(doc != NULL && doc->root != NULL && errors != NULL);
    const struct checker checker = {.doc = doc, .errors = errors};
    if (doc->root->kind != NODE_MAP) {
        yaml_error_add(errors, doc->name, doc->root->place, "", "no keys, expected a map of `key: value` lines");
        return;
    }
    doc->root->valid = true;
    check_map(&checker, doc->root, fields, out);
}
