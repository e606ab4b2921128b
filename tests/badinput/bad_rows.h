/* Bad-input tables: a good text, one change a row, and the errors that the change must give: all of
 * them and no other. */
#ifndef BELAY_TESTS_BADINPUT_BAD_ROWS_H
#define BELAY_TESTS_BADINPUT_BAD_ROWS_H

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/base/yaml.h"

#define BAD_WANTED_MAX 10

struct bad_row {
    const char *find, *replace; /* `find` stands exactly once in the good text */
    const char *wanted[BAD_WANTED_MAX]; /* each a part of one error; as many errors as texts */
};

/* The good text with the row's change. To be freed. */
static inline char *bad_text(const char *good, const struct bad_row *row) {
    const char *const at = strstr(good, row->find);
    cr_assert_not_null(at, "the row's text is not in the good file: %s", row->find);
    cr_assert_null(strstr(at + 1, row->find), "the row's text stands twice in the good file: %s", row->find);
    char *text = NULL;
    const int length = asprintf(&text, "%.*s%s%s", (int)(at - good), good, row->replace, at + strlen(row->find));
    cr_assert_gt(length, 0);
    return text;
}

static inline void bad_write(const char *path, const char *text) {
    FILE *const file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_geq(fputs(text, file), 0);
    cr_assert_eq(fclose(file), 0);
}

static inline void bad_expect(const struct yaml_errors *errors, const struct bad_row *row) {
    int wanted = 0;
    while (wanted < BAD_WANTED_MAX && row->wanted[wanted] != NULL)
        wanted++;
    cr_assert_gt(wanted, 0);
    char all[4096] = "";
    for (int i = 0; i < errors->count; i++)
        snprintf(all + strlen(all), sizeof all - strlen(all), "\n    %s", errors->text[i]);
    cr_expect_eq(errors->count + errors->dropped, wanted, "%s -> %s: %d errors, not %d:%s", row->find, row->replace,
                 errors->count, wanted, all);
    for (int i = 0; i < wanted; i++)
        cr_expect_not_null(strstr(all, row->wanted[i]), "%s -> %s: no error with\n    %s\namong%s", row->find,
                           row->replace, row->wanted[i], all);
}

#endif
