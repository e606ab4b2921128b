/* Characters: what may stand in a file of limits, and how one error becomes one printable line. */
#include "controller/base/yaml_tree.h"

#include <assert.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

/* Length of the UTF-8 character at `text` and its code point; 0 when it is none. */
static size_t decode_utf8(const unsigned char *text, size_t left, uint32_t *code) {
    if (left == 0)
        return 0;
    const unsigned char first = text[0];
    const size_t length = first < 0x80   ? 1
                          : first < 0xC2 ? 0
                          : first < 0xE0 ? 2
                          : first < 0xF0 ? 3
                          : first < 0xF5 ? 4
                                         : 0;
    if (length == 0 || length > left)
        return 0;
    static const unsigned char first_mask[5] = {0, 0x7F, 0x1F, 0x0F, 0x07};
    *code = first & first_mask[length];
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xC0) != 0x80)
            return 0;
        *code = (*code << 6) | (text[i] & 0x3FU);
    }
    const bool overlong = (length == 3 && *code < 0x800) || (length == 4 && *code < 0x10000);
    const bool surrogate = *code >= 0xD800 && *code <= 0xDFFF;
    return overlong || surrogate || *code > 0x10FFFF ? 0 : length;
}

/* A quoted piece of a hostile file must not break the line or the JSON in which it is shown. */
static void make_printable(char *text) {
    unsigned char *at = (unsigned char *)text;
    size_t left = strlen(text);
    while (left > 0) {
        uint32_t code = 0;
        size_t length = decode_utf8(at, left, &code);
        if (length == 0 || code < 0x20 || (code >= 0x7F && code < 0xA0)) {
            *at = '?';
            length = 1;
        }
        at += length;
        left -= length;
    }
}

void yaml_error_add(struct yaml_errors *errors, const char *name, struct yaml_place place, const char *path,
                    const char *format, ...) {
    assert(errors != NULL && name != NULL && path != NULL);
    assert(errors->count >= 0 && errors->count <= YAML_ERRORS_MAX);
    if (errors->count == YAML_ERRORS_MAX) {
        errors->dropped++;
        return;
    }
    char *const text = errors->text[errors->count++];
    int used = snprintf(text, YAML_ERROR_TEXT_MAX, "%s:%d:%d: %s: ", name, place.line, place.column,
                        path[0] == '\0' ? "file" : path);
    assert(used > 0);
    if (used < YAML_ERROR_TEXT_MAX) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(text + used, (size_t)(YAML_ERROR_TEXT_MAX - used), format, arguments);
        va_end(arguments);
    }
    make_printable(text);
}

/* Characters that look like others or like nothing, or that YAML takes as line breaks. */
static bool is_hidden(uint32_t code) {
    static const struct {
        uint32_t first, last;
    } ranges[] = {{0x7F, 0xA0},     {0xAD, 0xAD},     {0x200B, 0x200F}, {0x2028, 0x202F},
                  {0x2060, 0x206F}, {0xFEFF, 0xFEFF}, {0xFFF9, 0xFFFB}, {0xE0000, 0xE007F}};
    if (code < 0x20)
        return code != '\n';
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        if (code >= ranges[i].first && code <= ranges[i].last)
            return true;
    }
    return false;
}

bool yaml_text_scan(const char *name, const char *text, size_t length, struct yaml_errors *errors) {
    struct yaml_place place = {1, 1};
    bool clean = true;
    size_t at = 0;
    while (at < length) {
        uint32_t code = 0;
        const size_t bytes = decode_utf8((const unsigned char *)text + at, length - at, &code);
        const bool line_end = code == '\r' && at + 1 < length && text[at + 1] == '\n'; /* a Windows editor's */
        if (bytes == 0) {
            yaml_error_add(errors, name, place, "", "byte 0x%02X is not UTF-8, expected a UTF-8 text",
                           (unsigned)(unsigned char)text[at]);
            return false;
        }
        if (code == '\t') {
            yaml_error_add(errors, name, place, "", "a tab, expected spaces");
            clean = false;
        } else if (is_hidden(code) && !line_end) {
            yaml_error_add(errors, name, place, "", "hidden character U+%04X, expected visible characters and spaces",
                           (unsigned)code);
            clean = false;
        }
        place.column++;
        if (code == '\n')
            place = (struct yaml_place){place.line + 1, 1};
        at += bytes;
    }
    if (length > 0 && text[length - 1] != '\n') { /* half a number is a number too */
        yaml_error_add(errors, name, place, "",
                       "the last line has no end, so the file may be cut off, expected a line break");
        clean = false;
    }
    return clean;
}

bool yaml_text_printable(const char *text) {
    assert(text != NULL);
    const size_t length = strlen(text);
    size_t bytes = 0;
    for (size_t at = 0; at < length; at += bytes) {
        uint32_t code = 0;
        bytes = decode_utf8((const unsigned char *)text + at, length - at, &code);
        if (bytes == 0 || code == '\n' || is_hidden(code))
            return false;
    }
    return true;
}
