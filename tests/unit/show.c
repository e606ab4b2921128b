/* The show of free-climb as the struct that the cycle runs. */
#include "controller/cue/show.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SCENARIO BELAY_SOURCE_DIR "/sim/scenarios/free-climb"

static struct rig rig;
static struct show show;
static struct yaml_errors errors;

static void set_up(void) {
    memset(&errors, 0, sizeof errors);
    cr_assert_eq(rig_load(SCENARIO "/rig.yaml", BELAY_SOURCE_DIR "/controller/drive/profiles", &rig, &errors), 0, "%s",
                 errors.text[0]);
}

TestSuite(show, .init = set_up);

Test(show, free_climb) {
    cr_assert_eq(show_load(SCENARIO "/show.yaml", &rig, &show, &errors), 0, "%s", errors.text[0]);
    cr_expect_str_eq(show.name, "Free climb");
    cr_expect_eq(show.cue_count, 2);
    const struct cue *const belay = &show.cue[0];
    cr_expect(belay->kind == CUE_BELAY && belay->axis == 0 && belay->tension_n == 90);
    cr_expect_str_eq(belay->name, "Belay the climber");
    const struct cue *const move = &show.cue[1];
    cr_expect(move->kind == CUE_MOVE && move->axis == 0);
    cr_expect(move->position_m == 2.0 && move->speed_m_s == 0.5 && move->acceleration_m_s2 == 0.5);
    cr_expect_eq(show_cue_find(&show, "1"), 0);
    cr_expect_eq(show_cue_find(&show, "2"), 1);
    cr_expect_eq(show_cue_find(&show, "3"), -ENOENT);
}

Test(show, the_hash_is_that_of_the_text) {
    char *text = NULL;
    size_t length = 0;
    char wanted[HASH_HEX_SIZE];
    cr_assert_eq(yaml_read(SCENARIO "/show.yaml", &text, &length, &errors), 0);
    cr_assert_eq(show_load_text("show", text, length, &rig, &show, &errors), 0);
    hash_hex(text, length, wanted);
    cr_expect_str_eq(show.hash, wanted);
    cr_assert_eq(text[0], '#'); /* a remark, that means nothing to the show: the hash tells all the same */
    text[2] = text[2] == 'x' ? 'y' : 'x';
    cr_assert_eq(show_load_text("show", text, length, &rig, &show, &errors), 0);
    cr_expect_str_neq(show.hash, wanted);
    free(text);
}

Test(show, a_file_that_is_not_there) {
    cr_expect_eq(show_load("/nonexistent/show.yaml", &rig, &show, &errors), -ENOENT);
    cr_expect_eq(errors.count, 1);
    cr_expect_not_null(strstr(errors.text[0], "/nonexistent/show.yaml:1:1: file: can't be opened"));
}

Test(show, limits_are_inclusive) {
    static const char text[] = "format: 1\nshow: Edges\nrig: free-climb\ncues:\n"
                               "  - {id: a, name: Top, move: {axis: climber, position_m: 1, speed_m_s: 2, "
                               "acceleration_m_s2: 4}}\n"
                               "  - {id: b, name: Foot, move: {axis: climber, position_m: 26.5, speed_m_s: 0.001, "
                               "acceleration_m_s2: 0.01}}\n"
                               "  - {id: c, name: Loose, belay: {axis: climber, tension_n: 30}}\n"
                               "  - {id: d, name: Tight, belay: {axis: climber, tension_n: 150}}\n";
    cr_expect_eq(show_load_text("show", text, strlen(text), &rig, &show, &errors), 0, "%s", errors.text[0]);
}
