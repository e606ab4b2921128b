/* Says in words what a schema field wants: for errors and for the manual, from the same table. */
#include "controller/base/yaml_tree.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

#define RANGE_MAX 1024

__attribute__((format(printf, 3, 4))) static void append(char *text, size_t size, const char *format, ...) {
    const size_t used = strlen(text);
    assert(used < size);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text + used, size - used, format, arguments);
    va_end(arguments);
}

static void describe_words(const char *const *names, char *text, size_t size) {
    for (int i = 0; names[i] != NULL && strlen(text) + 1 < size; i++)
        append(text, size, "%s%s", i == 0 ? "" : names[i + 1] == NULL ? " or " : ", ", names[i]);
}

/* "whole number, 2 to 100". */
static void describe_value(const struct yaml_field *field, char *text, size_t size) {
    text[0] = '\0';
    switch (field->kind) {
    case YAML_KIND_WORDS:
        append(text, size, field->min > 0 ? "`any` or a list of " : "[] or a list of ");
        describe_words(field->names, text, size);
        break;
    case YAML_KIND_NAMES:
        append(text, size, "`any` or a list of names");
        break;
    case YAML_KIND_RISING:
        append(text, size, "list of 1 to %d rising whole numbers, %.0f to %.0f", YAML_RISING_MAX, field->min,
               field->max);
        break;
    case YAML_KIND_INT:
        append(text, size, "whole number, %.0f to %.0f", field->min, field->max);
        break;
    case YAML_KIND_REGISTER:
        append(text, size, "%.0f to %.0f, decimal or 0x hexadecimal", field->min, field->max);
        break;
    case YAML_KIND_DOUBLE:
        append(text, size, "%.10g to %.10g", field->min, field->max);
        break;
    case YAML_KIND_BOOL:
        append(text, size, "true or false");
        break;
    case YAML_KIND_TEXT:
        append(text, size, "text, up to %zu bytes", field->size - 1);
        break;
    case YAML_KIND_NAME:
        append(text, size, "name of letters, digits, - and _, up to %zu", field->size - 1);
        break;
    case YAML_KIND_ENUM:
        describe_words(field->names, text, size);
        break;
    case YAML_KIND_MAP:
        append(text, size, "map");
        break;
    case YAML_KIND_LIST:
        append(text, size, "list of %.0f to %zu", field->min, field->size);
        break;
    }
}

void yaml_describe(const struct yaml_field *field, char *text, size_t size) {
    assert(field != NULL && field->doc != NULL && size > 0);
    char value[RANGE_MAX];
    describe_value(field, value, sizeof value);
    snprintf(text, size, "%s (%s)", field->doc, value);
}

/* Neighbours that share a table, as the terms of a profile do, print it once. */
static void print_rows(FILE *out, const char *prefix, const struct yaml_field *fields) {
    const struct yaml_field *printed = NULL;
    for (const struct yaml_field *field = fields; field->key != NULL; field++) {
        char path[YAML_PATH_MAX];
        char value[RANGE_MAX];
        const bool is_list = field->kind == YAML_KIND_LIST;
        const bool is_new = field->fields != NULL && field->fields != printed;
        describe_value(field, value, sizeof value);
        fprintf(out, "| `%s%s%s` | %s | %s%s | %s |\n", prefix, field->key, is_list ? "[]" : "",
                field->optional ? "no" : "yes", value, field->fields != NULL && !is_new ? ", keys as above" : "",
                field->doc);
        if (is_new) {
            const int length = snprintf(path, sizeof path, "%s%s%s.", prefix, field->key, is_list ? "[]" : "");
            assert(length > 0 && length < (int)sizeof path);
            print_rows(out, path, field->fields); /* as deep as the table */
        }
        printed = field->fields;
    }
}

void yaml_manual_print(FILE *out, const struct yaml_field *fields) {
    assert(out != NULL && fields != NULL);
    fputs("| key | required | value | meaning |\n|---|---|---|---|\n", out);
    print_rows(out, "", fields);
}
