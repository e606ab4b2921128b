/* The tables of docs/rig-file.md, show-file.md and profile-file.md are printed from the schemas; this test keeps them
 * equal. After a change of a schema: BELAY_WRITE_DOCS=1 meson test -C build unit-manual, look at the difference, commit
 * it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/cue/show.h"
#include "controller/rig/profile.h"
#include "controller/rig/rig.h"

#define DOCS BELAY_SOURCE_DIR "/docs/"
#define BEGIN_KEYS "<!-- keys: printed from the schema -->\n"
#define BEGIN_RULES "<!-- rules: printed from the schema -->\n"
#define END "<!-- end -->\n"

/* Compares what stands between `begin` and END with `wanted`, or puts `wanted` there. */
static void keep_equal(const char *path, const char *begin, const char *wanted) {
    static struct yaml_errors errors;
    char *page = NULL;
    size_t length = 0;
    cr_assert_eq(yaml_read(path, &page, &length, &errors), 0, "%s", errors.text[0]);
    char *const mark = strstr(page, begin);
    cr_assert_not_null(mark, "%s has no line %s", path, begin);
    const char *const from = mark + strlen(begin);
    const char *const to = strstr(from, END);
    cr_assert_not_null(to);
    const bool equal = (size_t)(to - from) == strlen(wanted) && memcmp(from, wanted, strlen(wanted)) == 0;
    if (!equal && getenv("BELAY_WRITE_DOCS") != NULL) {
        FILE *const out = fopen(path, "w");
        cr_assert_not_null(out);
        fprintf(out, "%.*s%s%s", (int)(from - page), page, wanted, to);
        cr_assert_eq(fclose(out), 0);
    } else {
        cr_expect(equal, "%s is not what the schema says; see the head of this test", path);
    }
    free(page);
}

static void keep_keys_equal(const char *path, const struct yaml_field *fields) {
    char *wanted = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&wanted, &length);
    yaml_manual_print(out, fields);
    cr_assert_eq(fclose(out), 0);
    keep_equal(path, BEGIN_KEYS, wanted);
    free(wanted);
}

Test(manual, rig_file) {
    keep_keys_equal(DOCS "rig-file.md", rig_fields());
    char *wanted = NULL;
    size_t length = 0;
    FILE *const out = open_memstream(&wanted, &length);
    rig_rules_print(out);
    cr_assert_eq(fclose(out), 0);
    keep_equal(DOCS "rig-file.md", BEGIN_RULES, wanted);
    free(wanted);
}

Test(manual, show_file) {
    keep_keys_equal(DOCS "show-file.md", show_fields());
}

Test(manual, profile_file) {
    keep_keys_equal(DOCS "profile-file.md", profile_fields());
}
