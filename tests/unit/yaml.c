/* The strict YAML reader on a schema of its own: numbers, places, refusals, and errors that stay one line. */
#include "controller/base/yaml.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "controller/base/yaml_fields.h"

static const char *const colour_words[] = {"red", "green", NULL};

struct item {
    char name[8];
    double length_m;
};

struct extra {
    bool present;
    int32_t depth_mm;
};

struct words {
    bool present;
    uint64_t some, perhaps;
    struct yaml_names who;
};

struct sample {
    int32_t count, address;
    double speed_m_s;
    bool loud, has_note;
    int colour;
    char title[16], note[16];
    int items_count;
    struct item items[3];
    struct extra extra;
    struct words words;
};

#define OWNER item
static const struct yaml_field item_fields[] = {FIELD_NAME(name, "name"), FIELD_DOUBLE(length_m, 0, 10, "length, m"),
                                                FIELD_END};
#undef OWNER
#define OWNER extra
static const struct yaml_field extra_fields[] = {FIELD_INT(depth_mm, 1, 9, "depth, mm"), FIELD_END};
#undef OWNER
#define OWNER words
static const struct yaml_field words_fields[] = {FIELD_WORDS(some, 1, colour_words, "some"),
                                                 FIELD_WORDS(perhaps, 0, colour_words, "perhaps"),
                                                 FIELD_NAMES(who, "who"), FIELD_END};
#undef OWNER
#define OWNER sample
static const struct yaml_field fields[] = {FIELD_INT(count, -5, 2000000000, "count"),
                                           FIELD_REGISTER(address, 0, 65535, "address"),
                                           FIELD_DOUBLE(speed_m_s, -1000000, 1000000, "speed, m/s"),
                                           FIELD_BOOL(loud, "whether it is loud"),
                                           FIELD_ENUM(colour, colour_words, "colour"),
                                           FIELD_TEXT(title, "title"),
                                           OPTIONAL_TEXT(note, has_note, "note"),
                                           FIELD_LIST(items, 1, 3, item_fields, "things"),
                                           OPTIONAL_MAP(extra, extra_fields, "more"),
                                           OPTIONAL_MAP(words, words_fields, "words"),
                                           FIELD_END};
#undef OWNER

static struct sample sample;
static struct yaml_errors errors;
static struct yaml_doc *doc;

static int load_bytes(const char *text, size_t length) {
    yaml_doc_free(doc);
    doc = NULL;
    memset(&sample, 0, sizeof sample);
    memset(&errors, 0, sizeof errors);
    return yaml_load_text("t", text, length, fields, &sample, &doc, &errors);
}

static int load(const char *text) {
    return load_bytes(text, strlen(text));
}

/* A whole file with `value` as the speed. */
static int load_speed(const char *value) {
    char text[512];
    snprintf(
        text, sizeof text,
        "count: 1\naddress: 1\nspeed_m_s: %s\nloud: true\ncolour: red\ntitle: x\nitems: [{name: a, length_m: 1}]\n",
        value);
    return load(text);
}

/* A whole file with these two sets of words. */
static int load_words(const char *some, const char *perhaps, const char *who) {
    char text[512];
    snprintf(text, sizeof text,
             "count: 1\naddress: 1\nspeed_m_s: 1\nloud: true\ncolour: red\ntitle: x\n"
             "items: [{name: a, length_m: 1}]\nwords: {some: %s, perhaps: %s, who: %s}\n",
             some, perhaps, who);
    return load(text);
}

static void tear_down(void) {
    yaml_doc_free(doc);
    doc = NULL;
}

TestSuite(yaml, .fini = tear_down);

Test(yaml, a_good_file_fills_the_struct) {
    cr_assert_eq(load("# remark\ncount: -5\naddress: 0xB1d1 # remark\nspeed_m_s: -0.125\nloud: true\ncolour: green\n"
                      "title: \"Gr\u00FC\u00DFe # 1\"\nnote: 'it''s'\nitems:\n  - name: a\n    length_m: 10\n"
                      "  - {name: b-2, length_m: 0.5}\nextra: {depth_mm: 9}\n"),
                 0, "%s", errors.text[0]);
    cr_expect_eq(sample.count, -5);
    cr_expect_eq(sample.address, 0xB1D1);
    cr_expect_eq(sample.speed_m_s, -0.125);
    cr_expect(sample.loud && sample.has_note && sample.extra.present);
    cr_expect_eq(sample.colour, 1);
    cr_expect_str_eq(sample.title, "Gr\u00FC\u00DFe # 1");
    cr_expect_str_eq(sample.note, "it's");
    cr_expect_eq(sample.items_count, 2);
    cr_expect_str_eq(sample.items[1].name, "b-2");
    cr_expect_eq(sample.items[0].length_m, 10);
    cr_expect_eq(sample.items[1].length_m, 0.5);
    cr_expect_eq(sample.extra.depth_mm, 9);
}

Test(yaml, numbers_that_are_one) {
    static const struct {
        const char *text;
        double value;
    } rows[] = {{"0", 0},
                {"-0", 0},
                {"1", 1},
                {"-1", -1},
                {"0.5", 0.5},
                {"1.50", 1.5},
                {"0.1", 0.1},
                {"123456", 123456},
                {"999999.999", 999999.999},
                {"-0.000001", -0.000001},
                {"0.30", 0.3},
                {"10.25", 10.25}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(load_speed(rows[i].text), 0, "%s: %s", rows[i].text, errors.text[0]);
        cr_expect_eq(sample.speed_m_s, rows[i].value, "%s", rows[i].text);
    }
}

Test(yaml, numbers_that_are_none) {
    static const struct {
        const char *text, *answer;
    } rows[] = {
        {"1,5", "1,5 is not a number (did you mean 1.5?)"},
        {"-1,5", "-1,5 is not a number (did you mean -1.5?)"},
        {"4,350", "4,350 is not a number (did you mean 4.350 or 4350?)"},
        {"1.234,5", "1.234,5 is not a number"},
        {"1,2,3", "1,2,3 is not a number (a comma is not allowed)"},
        {"1.5m", "1.5m is not a number; the unit belongs in the key name"},
        {"10 ms", "10 ms is not a number; the unit belongs in the key name"},
        {"50 %", "50 % is not a number; the unit"},
        {"5\u00B5m", "m is not a number; the unit"},
        {"1_000", "1_000 is not a number; write the digits without separators"},
        {"1'000", "1'000 is not a number; write the digits without separators"},
        {"1e3", "1e3 has an exponent"},
        {"1E-3", "1E-3 has an exponent"},
        {"+1", "+1 has a leading +; leave it out"},
        {".5", ".5 has no digit before the point; write 0.5"},
        {"-.5", "-.5 has no digit before the point; write -0.5"},
        {"5.", "5. has no digit after the point"},
        {"007", "007 has a leading zero"},
        {"0o17", "0o17 is not a number; the unit"},
        {"0x10", "0x10 is hexadecimal; write it in decimal"},
        {"0x1p3", "0x1p3 is hexadecimal"},
        {"0b11", "0b11 is not a number"},
        {"1:30", "1:30 is not a number"},
        {"nan", "nan is not a number; every value must be a real figure"},
        {".NaN", ".NaN is not a number; every value"},
        {"-nan", "-nan is not a number; every value"},
        {"inf", "inf is not a number; there is no 'unlimited'"},
        {"-.Inf", "-.Inf is not a number; there is no 'unlimited'"},
        {"infinity", "infinity is not a number; there is no 'unlimited'"},
        {"1 2", "1 2 is not a number"},
        {"1.2.3", "1.2.3 is not a number"},
        {"--1", "--1 is not a number"},
        {"1-2", "1-2 is not a number"},
        {"fast", "fast is not a number"},
        {"0.1234567890123456", "has more than 15 digits"},
        {"1000001", "1000001 is out of range, expected speed, m/s (-1000000 to 1000000)"},
        {"\"1.5\"", "\"1.5\" is text, write the number without quotes"},
        {"'1.5'", "\"1.5\" is text"},
        {"null", "no value, expected speed"},
        {"Null", "no value"},
        {"~", "no value"},
        {"", "no value"},
        {"# 5", "no value"},
        {"true", "true is not a number"},
        {"[1]", "a list stands here"},
        {"{}", "a map stands here"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(load_speed(rows[i].text), -EINVAL, "%s was taken", rows[i].text);
        cr_expect_eq(errors.count, 1, "%s: %s", rows[i].text, errors.text[1]);
        cr_expect_not_null(strstr(errors.text[0], rows[i].answer), "%s: %s", rows[i].text, errors.text[0]);
        cr_expect_eq(strncmp(errors.text[0], "t:3:1", 5), 0, "%s", errors.text[0]);
        double value = 7;
        cr_expect_not(yaml_find_number(doc, "speed_m_s", &value));
        cr_expect_eq(value, 7);
    }
}

/* Twelve digits behind the point and every last digit: the text is the value, whatever the locale. */
Test(yaml, numbers_are_the_nearest_double) {
    for (int i = 0; i < 2000; i++) {
        char text[32];
        snprintf(text, sizeof text, "%d.%05d", i * 7 % 1000, i * 49297 % 100000);
        cr_assert_eq(load_speed(text), 0, "%s", errors.text[0]);
        cr_assert_eq(sample.speed_m_s, atof(text), "%s", text);
    }
}

Test(yaml, whole_numbers_and_registers) {
    static const char format[] =
        "count: %s\naddress: %s\nspeed_m_s: 1\nloud: true\ncolour: red\ntitle: x\nitems: [{name: a, length_m: 1}]\n";
    static const struct {
        const char *count, *address, *answer;
    } rows[] = {
        {"2000000000", "65535", NULL},
        {"-5", "0xffff", NULL},
        {"1.0", "1",
         "t:1:8: count: 1.0 is not a whole number; write it without a point, expected count (whole number, "
         "-5 to 2000000000)"},
        {"0x1", "1", "count: 0x1 is hexadecimal"},
        {"9999999999", "1", "count: 9999999999 is out of range"},
        {"-2147483649", "1", "count: -2147483649 is out of range"},
        {"1", "0x10000", "address: 0x10000 is out of range"},
        {"1", "-1", "address: -1 is out of range"},
        {"1", "0X10", "address: 0X10 is hexadecimal"}, /* one way to write it */
        {"1", "0x", "address: 0x is not a register number"},
        {"1", "0x1 0", "address: 0x1 0 is not a register number"},
        {"1", "0x123456789", "address: 0x123456789 is not a register number"},
        {"1", "017", "address: 017 has a leading zero"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[256];
        snprintf(text, sizeof text, format, rows[i].count, rows[i].address);
        cr_expect_eq(load(text), rows[i].answer == NULL ? 0 : -EINVAL, "%s %s", rows[i].count, rows[i].address);
        if (rows[i].answer != NULL)
            cr_expect_not_null(strstr(errors.text[0], rows[i].answer), "%s", errors.text[0]);
    }
    cr_expect_eq(load("count: 1\naddress: 0x0a\n"), -EINVAL);
    cr_expect_eq(sample.address, 10);
}

Test(yaml, only_two_words_are_booleans) {
    static const char *const words[] = {"yes", "no", "on", "off", "True", "TRUE", "y", "1", "0", "\"true\"", "'false'"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "loud: %s\n", words[i]);
        cr_expect_eq(load(text), -EINVAL);
        cr_expect_not_null(strstr(errors.text[0], "is not true or false, write one of these two words"), "%s: %s",
                           words[i], errors.text[0]);
    }
}

Test(yaml, near_keys_are_suggested) {
    static const struct {
        const char *key, *answer;
    } rows[] = {{"speed", "t:1:1: speed: unknown key, did you mean speed_m_s?"},
                {"speed_ms", "did you mean speed_m_s?"},
                {"Speed_M_S", "did you mean speed_m_s?"},
                {"sped_m_s", "did you mean speed_m_s?"},
                {"tittle", "did you mean title?"},
                {"colr", "did you mean colour?"},
                {"items_count", "did you mean items?"},
                {"zebra", "expected one of count, address, speed_m_s, loud, colour, title, note, items, extra"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char text[64];
        snprintf(text, sizeof text, "%s: 1\n", rows[i].key);
        cr_expect_eq(load(text), -EINVAL);
        cr_expect_not_null(strstr(errors.text[0], rows[i].answer), "%s: %s", rows[i].key, errors.text[0]);
    }
}

Test(yaml, bytes_that_deceive_are_refused) {
    static const struct {
        const char *text;
        size_t length;
        const char *answer;
    } rows[] = {
        {"count:\t1\n", 9, "t:1:7: file: a tab, expected spaces"},
        {"\xEF\xBB\xBF"
         "count: 1\n",
         12, "t:1:1: file: hidden character U+FEFF"},
        {"\xFF\xFE"
         "c\0o\0",
         6, "t:1:1: file: byte 0xFF is not UTF-8"},
        {"count: \0001\n", 10, "t:1:8: file: hidden character U+0000"},
        {"count: \xE2\x80\x8B"
         "1\n",
         12, "t:1:8: file: hidden character U+200B"},
        {"count: 1 # \xE2\x80\xAE"
         "2\n",
         16, "t:1:12: file: hidden character U+202E"},
        {"a: 1\xC2\x85"
         "b: 2\n",
         11, "t:1:5: file: hidden character U+0085"},
        {"a: 1\xE2\x80\xA8"
         "b: 2\n",
         12, "t:1:5: file: hidden character U+2028"},
        {"a: 1\rb: 2\n", 10, "t:1:5: file: hidden character U+000D"},
        {"a: \xC0\xB1\n", 6, "t:1:4: file: byte 0xC0 is not UTF-8"},
        {"a: \xED\xA0\x80\n", 7, "t:1:4: file: byte 0xED is not UTF-8"},
        {"count: 1\nspeed_m_s: 2", 21, "t:2:13: file: the last line has no end, so the file may be cut off"},
        {"\n\n  a: \xC3\n", 9, "t:3:6: file: byte 0xC3 is not UTF-8"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(load_bytes(rows[i].text, rows[i].length), -EINVAL);
        cr_expect_eq(strncmp(errors.text[0], rows[i].answer, strlen(rows[i].answer)), 0, "%s: %s", rows[i].answer,
                     errors.text[0]);
        cr_expect_null(doc);
    }
}

Test(yaml, a_windows_editor_is_welcome) {
    cr_expect_eq(load("count: 1\r\naddress: 2\r\nspeed_m_s: 1\r\nloud: true\r\ncolour: red\r\ntitle: x\r\nitems:\r\n"
                      "  - name: a\r\n    length_m: 1\r\n"),
                 0, "%s", errors.text[0]);
    cr_expect_str_eq(sample.title, "x");
}

Test(yaml, structure_that_is_not_used_is_refused) {
    static const struct {
        const char *text, *answer;
    } rows[] = {
        {"count: &a 1\n", "t:1:8: count: an anchor (&) is not allowed"},
        {"items: &a []\n", "t:1:8: items: an anchor (&) is not allowed"},
        {"extra: &a {}\n", "t:1:8: extra: an anchor (&) is not allowed"},
        {"count: *a\n", "t:1:8: count: an alias (*) is not allowed"},
        {"count: !!int 1\n", "t:1:8: count: a tag (!) is not allowed"},
        {"items: !x []\n", "t:1:8: items: a tag (!) is not allowed"},
        {"extra: !x {}\n", "t:1:8: extra: a tag (!) is not allowed"},
        {"<<: {count: 1}\n", "t:1:1: <<: a merge key (<<) is not allowed"},
        {"&a count: 1\n", "t:1:1: file: a key must be a plain word"},
        {"? [1]\n: 2\n", "t:1:3: file: a key must be a plain word"},
        {"{a: 1}: 2\n", "t:1:1: file: a key must be a plain word"},
        {"title: |\n  x\n", "t:1:8: title: a value over several lines"},
        {"title: >\n  x\n", "t:1:8: title: a value over several lines"},
        {"title: a\n  b\n", "t:1:8: title: a value over several lines"},
        {"title: \"a\n  b\"\n", "t:1:8: title: a value over several lines"},
        {"title: \"a\\tb\"\n", "t:1:8: title: control or hidden characters"},
        {"title: \"a\\u202eb\"\n", "t:1:8: title: control or hidden characters"},
        {"title: sixteen bytes!!!\n", "t:1:8: title: 16 bytes are too long, expected title (text, up to 15 bytes)"},
        {"count: 1\ncount: 1\n", "t:2:1: count: duplicate key (first in line 1)"},
        {"count: 1\n\"count\": 1\n", "t:2:1: count: duplicate key (first in line 1)"},
        {"count: 1\n...\n---\ncount: 2\n", "t:3:1: file: a second document begins here"},
        {"%TAG ! tag:x,2000:\n---\ncount: 1\n", "t:1:1: file: a % directive is not allowed"},
        {"", "t:1:1: file: the file is empty"},
        {"7\n", "t:1:1: file: no keys, expected a map"},
        {"count: [1\n", "t:2:1: file: not valid YAML: did not find expected ',' or ']'"},
        {"[[[[[[[[[]]]]]]]]]\n", "t:1:9: [0][0][0][0][0][0][0][0]: lists and maps are nested too deep"},
        {"a: {b: {c: {d: {e: {f: {g: {h: 1}}}}}}}\n", "t:1:1: a: unknown key"}, /* eight levels are read */
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        cr_expect_eq(load(rows[i].text), -EINVAL);
        cr_expect_eq(strncmp(errors.text[0], rows[i].answer, 5), 0, "%s: %s", rows[i].text, errors.text[0]);
        cr_expect_not_null(strstr(errors.text[0], rows[i].answer), "%s: %s", rows[i].text, errors.text[0]);
    }
}

Test(yaml, places) {
    load("count: 1\nitems:\n  - name: a\n    length_m: 1\n  - {name: b, length_m: 2}\nextra:\n  depth_mm: 12\n");
    struct yaml_place place = yaml_find_place(doc, "items[1].length_m");
    cr_expect(place.line == 5 && place.column == 25, "%d:%d", place.line, place.column);
    place = yaml_find_place(doc, "items[1].weight"); /* not there: the item */
    cr_expect(place.line == 5 && place.column == 5, "%d:%d", place.line, place.column);
    place = yaml_find_place(doc, "items[7].name"); /* not there: the list */
    cr_expect(place.line == 3 && place.column == 3, "%d:%d", place.line, place.column);
    place = yaml_find_place(doc, "");
    cr_expect(place.line == 1 && place.column == 1, "%d:%d", place.line, place.column);
    cr_expect(yaml_find_valid(doc, "items[1].length_m") && yaml_find_valid(doc, "items") &&
              yaml_find_valid(doc, "extra"));
    cr_expect_not(yaml_find_valid(doc, "extra.depth_mm"));
    cr_expect_not(yaml_find_valid(doc, "items[2]"));
    double value = 0;
    cr_expect(yaml_find_number(doc, "items[1].length_m", &value) && value == 2);
    cr_expect_not(yaml_find_number(doc, "extra.depth_mm", &value));
    cr_expect_not(yaml_find_number(doc, "items", &value));
}

Test(yaml, lists_keep_their_bounds) {
    cr_expect_eq(load("items: []\n"), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "t:1:8: items: 0 entries, expected things (list of 1 to 3)"));
    cr_expect_eq(load("items: [{name: a, length_m: 1}, {name: b, length_m: 1}, {name: c, length_m: 1}, {name: d}]\n"),
                 -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "items: 4 entries, expected things"));
    cr_expect_eq(sample.items_count, 3);
    cr_expect_eq(load("items: [1, {name: b, length_m: 1}]\n"), -EINVAL);
    cr_expect_not_null(strstr(errors.text[0], "t:1:9: items[0]: not a map"));
}

Test(yaml, sets_of_words) {
    static const struct {
        const char *some, *perhaps;
        uint64_t wanted_some, wanted_perhaps;
    } good[] = {{"red", "[]", 1, 0}, {"[green]", "green", 2, 2}, {"[green, red]", "[red]", 3, 1}, {"any", "[]", 3, 0}};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        cr_expect_eq(load_words(good[i].some, good[i].perhaps, "any"), 0, "%s: %s", good[i].some, errors.text[0]);
        cr_expect(sample.words.some == good[i].wanted_some && sample.words.perhaps == good[i].wanted_perhaps);
        cr_expect(yaml_find_valid(doc, "words.some") && yaml_find_valid(doc, "words.perhaps"));
    }
    static const struct {
        const char *some, *perhaps, *answer;
    } bad[] = {
        {"[]", "[]", "words.some: an empty list, expected some (`any` or a list of red or green)"},
        {"blue", "[]", "words.some: blue is not one of the words"},
        {"[red, blue]", "[]", "words.some[1]: blue is not one of the words"},
        {"[red, red]", "[]", "words.some[1]: red stands here twice"},
        {"[[red]]", "[]", "words.some[0]: a list or map stands inside the list"},
        {"{red: 1}", "[]", "words.some: a map stands here"},
        {"[any]", "[]", "words.some[0]: any is not one of the words"},
        {"red", "any", "words.perhaps: any is not one of the words, expected perhaps ([] or a list of red or green)"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(load_words(bad[i].some, bad[i].perhaps, "any"), -EINVAL, "%s was taken", bad[i].some);
        cr_expect(errors.count == 1 && strstr(errors.text[0], bad[i].answer) != NULL, "%s", errors.text[0]);
    }
}

Test(yaml, an_error_is_one_line_of_text_whatever_it_quotes) {
    memset(&errors, 0, sizeof errors);
    yaml_error_add(&errors, "a\nb\x1B[2J\xFF", (struct yaml_place){1, 2}, "", "%s \xC3", "\xC2\x85\xF0\x9F\x98\x80");
    cr_expect_str_eq(errors.text[0], "a?b?[2J?:1:2: file: ??\xF0\x9F\x98\x80 ?");
}

Test(yaml, errors_beyond_the_list_are_counted) {
    memset(&errors, 0, sizeof errors);
    for (int i = 0; i < YAML_ERRORS_MAX + 5; i++)
        yaml_error_add(&errors, "t", (struct yaml_place){1, 1}, "a", "%d", i);
    cr_expect_eq(errors.count, YAML_ERRORS_MAX);
    cr_expect_eq(errors.dropped, 5);
}

Test(yaml, files) {
    char folder[] = "/tmp/belay-yaml-XXXXXX";
    char path[64];
    char *text = NULL;
    size_t length = 0;
    cr_assert_not_null(mkdtemp(folder));
    memset(&errors, 0, sizeof errors);
    cr_expect_eq(yaml_load(folder, fields, &sample, NULL, &errors), -EINVAL); /* a folder */
    snprintf(path, sizeof path, "%s/file", folder);
    cr_expect_eq(yaml_read(path, &text, &length, &errors), -ENOENT);
    cr_assert_eq(mkfifo(path, 0600), 0);
    cr_expect_eq(yaml_read(path, &text, &length, &errors), -EINVAL); /* and does not hang */
    unlink(path);
    cr_expect_eq(yaml_read("/proc/self/mem", &text, &length, &errors), -EIO); /* a file that can't be read */
    FILE *const file = fopen(path, "w");
    for (int i = 0; i < YAML_BYTES_MAX; i++)
        fputc('#', file);
    fflush(file);
    cr_expect_eq(yaml_read(path, &text, &length, &errors), 0);
    cr_expect_eq(length, YAML_BYTES_MAX);
    free(text);
    fputc('#', file);
    fclose(file);
    cr_expect_eq(errors.count, 4);
    cr_expect_eq(yaml_read(path, &text, &length, &errors), -EFBIG);
    cr_expect_null(text);
    cr_expect_not_null(strstr(errors.text[4], "the file is too large, expected at most 262144 bytes"));
    unlink(path);
    rmdir(folder);
}

Test(yaml, the_manual_lists_every_key) {
    char *text = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&text, &length);
    yaml_manual_print(out, fields);
    fclose(out);
    cr_expect_not_null(strstr(text, "| `count` | yes | whole number, -5 to 2000000000 | count |\n"));
    cr_expect_not_null(strstr(text, "| `address` | yes | 0 to 65535, decimal or 0x hexadecimal | address |\n"));
    cr_expect_not_null(strstr(text, "| `colour` | yes | red or green | colour |\n"));
    cr_expect_not_null(strstr(text, "| `items[].length_m` | yes | 0 to 10 | length, m |\n"));
    cr_expect_not_null(strstr(text, "| `extra` | no | map | more |\n"));
    cr_expect_not_null(strstr(text, "| `extra.depth_mm` | yes | whole number, 1 to 9 | depth, mm |\n"));
    free(text);
}

Test(yaml, names_are_one_or_a_list_or_any) {
    cr_assert_eq(load_words("red", "red", "any"), 0, "%s", errors.text[0]);
    cr_expect(sample.words.who.any && sample.words.who.count == 0);
    cr_assert_eq(load_words("red", "red", "left"), 0, "%s", errors.text[0]);
    cr_expect(!sample.words.who.any && sample.words.who.count == 1);
    cr_assert_eq(load_words("red", "red", "[left, right-2]"), 0, "%s", errors.text[0]);
    cr_assert(!sample.words.who.any && sample.words.who.count == 2);
    cr_expect_str_eq(sample.words.who.name[1], "right-2");
    cr_expect(yaml_find_valid(doc, "words.who"));
    static const struct {
        const char *who, *answer;
    } bad[] = {
        {"[]", "words.who: an empty list, expected who (`any` or a list of names)"},
        {"[left, left]", "words.who[1]: left stands here twice"},
        {"[left, [right]]", "words.who[1]: a list or map stands inside the list"},
        {"[a b]", "words.who[0]: \"a b\" is not a name"},
        {"[\"\"]", "words.who[0]: \"\" is not a name"},
        {"a23456789012345678901234567890123", "words.who: \"a23456789012345678901234567890123\" is not a name"},
        {"[a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q]", "words.who[16]: more than 16 names"},
        {"{a: b}", "words.who: a map stands here"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        cr_expect_eq(load_words("red", "red", bad[i].who), -EINVAL, "%s was taken", bad[i].who);
        cr_expect_not_null(strstr(errors.text[0], bad[i].answer), "%s: %s", bad[i].who, errors.text[0]);
        cr_expect_not(yaml_find_valid(doc, "words.who"));
    }
}
