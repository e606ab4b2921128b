/* A rig file with one text changed, and what the loader says of it. For one test program each. */
#ifndef BELAY_TESTS_UNIT_RIG_CHANGED_H
#define BELAY_TESTS_UNIT_RIG_CHANGED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/rig/rig.h"

#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

static struct rig rig;
static struct yaml_errors errors;

/* A good rig with the first `from` replaced. */
static int load_changed(const char *good, const char *from, const char *to) {
    char path[] = "/tmp/belay-rig-XXXXXX", *text = NULL;
    size_t length = 0;
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(good, &text, &length, &errors), 0);
    char *const at = strstr(text, from);
    cr_assert_not_null(at, "%s", from);
    FILE *const file = fdopen(mkstemp(path), "w");
    cr_assert_not_null(file);
    fprintf(file, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from));
    cr_assert_eq(fclose(file), 0);
    const int status = rig_load(path, PROFILES, &rig, &errors);
    unlink(path);
    free(text);
    return status;
}

static void refused_in(const char *good, const char *from, const char *to, const char *error) {
    cr_expect_neq(load_changed(good, from, to), 0, "%s", to);
    for (int i = 0; i < errors.count; i++)
        if (strstr(errors.text[i], error))
            return;
    cr_expect(false, "%s: %s", to, errors.text[0]);
}

#endif
