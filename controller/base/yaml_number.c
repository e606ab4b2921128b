/* Strict numbers for files that carry limits: a text is a number as a whole or not at all. */
#include "controller/base/yaml_tree.h"

#include <assert.h>
#include <errno.h>
#include <locale.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define DIGITS_MAX 15 /* what a double holds exactly */

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static size_t count_digits(const char *text) {
    size_t count = 0;
    while (is_digit(text[count]))
        count++;
    return count;
}

__attribute__((format(printf, 2, 3))) static bool refuse(char remedy[static YAML_NUMBER_REMEDY_MAX], const char *format,
                                                         ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(remedy, YAML_NUMBER_REMEDY_MAX, format, arguments);
    va_end(arguments);
    return false;
}

/* `1,5` is one and a half to one half of the world, and `4,350` is ambiguous: say both readings. */
static bool refuse_comma(const char *text, size_t whole, char remedy[static YAML_NUMBER_REMEDY_MAX]) {
    const char *const rest = text + whole + 1;
    const size_t decimals = count_digits(rest);
    if (decimals == 0 || rest[decimals] != '\0' || whole + decimals > DIGITS_MAX + 1)
        return refuse(remedy, "is not a number (a comma is not allowed)");
    if (decimals == 3)
        return refuse(remedy, "is not a number (did you mean %.*s.%s or %.*s%s?)", (int)whole, text, rest, (int)whole,
                      text, rest);
    return refuse(remedy, "is not a number (did you mean %.*s.%s?)", (int)whole, text, rest);
}

/* What stands behind the digits of something that is no number. `end` is the first character that does not fit. */
static bool refuse_tail(const char *text, const char *end, char remedy[static YAML_NUMBER_REMEDY_MAX]) {
    const char *tail = end;
    while (*tail == ' ')
        tail++;
    if (*end == 'e' || *end == 'E')
        if (is_digit(end[1]) || ((end[1] == '-' || end[1] == '+') && is_digit(end[2])))
            return refuse(remedy, "has an exponent; write the number out in full");
    if (*end == ',' && memchr(text, '.', (size_t)(end - text)) == NULL)
        return refuse_comma(text, (size_t)(end - text), remedy);
    if (is_letter(*tail) || *tail == '%' || (unsigned char)*tail >= 0x80)
        return refuse(remedy, "is not a number; the unit belongs in the key name, write the number alone");
    if (*end == '_' || *end == '\'')
        return refuse(remedy, "is not a number; write the digits without separators");
    return refuse(remedy, "is not a number");
}

static bool refuse_start(const char *text, char remedy[static YAML_NUMBER_REMEDY_MAX]) {
    const char *const unsigned_text = text[0] == '-' || text[0] == '+' ? text + 1 : text;
    if (strcasecmp(unsigned_text, "nan") == 0 || strcasecmp(unsigned_text, ".nan") == 0)
        return refuse(remedy, "is not a number; every value must be a real figure");
    if (strncasecmp(unsigned_text, "inf", 3) == 0 || strncasecmp(unsigned_text, ".inf", 4) == 0)
        return refuse(remedy, "is not a number; there is no 'unlimited', every limit is a figure");
    if (text[0] == '+')
        return refuse(remedy, "has a leading +; leave it out");
    if (unsigned_text[0] == '.' && is_digit(unsigned_text[1]))
        return refuse(remedy, "has no digit before the point; write %s0%s", text[0] == '-' ? "-" : "", unsigned_text);
    return refuse(remedy, "is not a number");
}

bool yaml_number_decimal(const char *text, double *value, char remedy[static YAML_NUMBER_REMEDY_MAX]) {
    assert(text != NULL && value != NULL);
    const char *const first = text[0] == '-' ? text + 1 : text;
    const size_t whole = count_digits(first);
    if (whole == 0)
        return refuse_start(text, remedy);
    if (first[0] == '0' && (first[1] == 'x' || first[1] == 'X'))
        return refuse(remedy, "is hexadecimal; write it in decimal");
    if (whole > 1 && first[0] == '0')
        return refuse(remedy, "has a leading zero; leave it out");
    const char *end = first + whole;
    size_t decimals = 0;
    if (*end == '.') {
        decimals = count_digits(end + 1);
        if (decimals == 0)
            return refuse(remedy, "has no digit after the point");
        end += 1 + decimals;
    }
    if (*end != '\0')
        return refuse_tail(text, end, remedy);
    if (whole + decimals > DIGITS_MAX)
        return refuse(remedy, "has more than %d digits", DIGITS_MAX);

    const locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
    assert(c_locale != (locale_t)0);
    char *stop = NULL;
    *value = strtod_l(text, &stop, c_locale);
    freelocale(c_locale);
    assert(*stop == '\0'); /* the grammar above is a subset of strtod's */
    return true;
}

bool yaml_number_whole(const char *text, double *value, char remedy[static YAML_NUMBER_REMEDY_MAX]) {
    if (!yaml_number_decimal(text, value, remedy))
        return false;
    if (strchr(text, '.') != NULL)
        return refuse(remedy, "is not a whole number; write it without a point");
    return true;
}

bool yaml_number_register(const char *text, double *value, char remedy[static YAML_NUMBER_REMEDY_MAX]) {
    assert(text != NULL && value != NULL);
    if (text[0] != '0' || text[1] != 'x')
        return yaml_number_whole(text, value, remedy);
    const size_t digits = strspn(text + 2, "0123456789abcdefABCDEF");
    if (digits == 0 || digits > 8 || text[2 + digits] != '\0')
        return refuse(remedy, "is not a register number; write it in decimal or as 0x and up to 8 hexadecimal digits");
    *value = (double)strtoul(text + 2, NULL, 16);
    return true;
}
