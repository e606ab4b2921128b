/* A bench for bad-input tables on the rig of free-climb, or of BAD_RIG_FILE: its text, a place to write a changed one,
 * and what the loader says of that. For one test program each; the suite takes bad_rig_set_up and bad_rig_tear_down. */
#ifndef BELAY_TESTS_BADINPUT_BAD_RIG_H
#define BELAY_TESTS_BADINPUT_BAD_RIG_H

#include <errno.h>

#include "controller/rig/rig.h"
#include "tests/badinput/bad_rows.h"

#define BAD_RIG_PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"
#ifndef BAD_RIG_FILE
#define BAD_RIG_FILE BELAY_SOURCE_DIR "/sim/scenarios/free-climb/rig.yaml"
#endif

static char bad_rig_folder[] = "/tmp/belay-badinput-XXXXXX";
static char bad_rig_path[64];
static char *bad_rig_good;
static struct rig bad_rig;
static struct yaml_errors errors;

static void bad_rig_set_up(void) {
    size_t length = 0;
    cr_assert_not_null(mkdtemp(bad_rig_folder));
    snprintf(bad_rig_path, sizeof bad_rig_path, "%s/rig.yaml", bad_rig_folder);
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(yaml_read(BAD_RIG_FILE, &bad_rig_good, &length, &errors), 0);
}

static void bad_rig_tear_down(void) {
    free(bad_rig_good);
    unlink(bad_rig_path);
    rmdir(bad_rig_folder);
}

/* 0 or -EINVAL, and `errors`. */
static int bad_rig_load(const char *text) {
    memset(&errors, 0, sizeof errors);
    bad_write(bad_rig_path, text);
    return rig_load(bad_rig_path, BAD_RIG_PROFILES, &bad_rig, &errors);
}

/* How many errors say this, when the rig's only axis stands in it a second time under another name? */
static inline int bad_rig_errors_of_two_axes(const char *said) {
    static const char name[] = "  - name: climber\n";
    char *text = NULL;
    const char *const rest = strstr(bad_rig_good, name) + strlen(name);
    cr_assert_gt(asprintf(&text, "%s  - name: rider\n%s", bad_rig_good, rest), 0);
    cr_expect_eq(bad_rig_load(text), -EINVAL);
    free(text);
    int count = 0;
    for (int i = 0; i < errors.count; i++)
        count += strstr(errors.text[i], said) != NULL;
    return count;
}

/* The good rig is good, and each row is refused for just what it says. */
static inline void bad_rig_check(const struct bad_row *rows, size_t count) {
    cr_assert_eq(bad_rig_load(bad_rig_good), 0, "%s", errors.text[0]);
    for (size_t i = 0; i < count; i++) {
        char *const text = bad_text(bad_rig_good, &rows[i]);
        cr_expect_eq(bad_rig_load(text), -EINVAL, "%s -> %s was taken", rows[i].find, rows[i].replace);
        bad_expect(&errors, &rows[i]);
        free(text);
    }
}

#endif
