/* Bends of a rope against a count by hand and by a walk that remembers every place; the file against damage. */
#include "controller/wear/bends.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "controller/wear/bends_file.h"

#define RIG BELAY_SOURCE_DIR "/sim/scenarios/sprint/rig.yaml"
#define PROFILES BELAY_SOURCE_DIR "/controller/drive/profiles"

static struct bends bends;

Test(bends, a_place_that_leaves_the_drum_and_comes_back_was_bent_once) {
    bends_begin(&bends, 0, 20, 5, 0);
    bends_see(&bends, 2);
    cr_expect_eq(bends_worst(&bends).bends, 0, "a first reading bends nothing");
    bends_see(&bends, 12);
    cr_expect_eq(bends_worst(&bends).bends, 1, "half a bend is rounded up");
    bends_see(&bends, 2);
    cr_expect_eq(bends_worst(&bends).bends, 1);
    bends_see(&bends, 7);
    bends_see(&bends, 6);
    bends_see(&bends, 7);
    struct bends_worst worst = bends_worst(&bends);
    cr_expect_eq(worst.bends, 3, "out, in, out, in, out there: five halves");
    cr_expect(worst.place_m > 6 && worst.place_m < 6.1, "%g", worst.place_m);
}

/* 4 m go over the sheave 5 m behind the drum: that is rope that left the drum 5 m ago. */
Test(bends, each_sheave_is_a_whole_bend_of_rope_that_left_the_drum_before) {
    bends_begin(&bends, 0, 20, 5, 2);
    bends_see(&bends, 0);
    bends_see(&bends, 9);
    struct bends_worst worst = bends_worst(&bends);
    cr_expect_eq(worst.bends, 3, "drum and two sheaves are two bends and a half");
    cr_expect(worst.place_m > 0 && worst.place_m < 0.1, "%g", worst.place_m);
    bends_see(&bends, 4);
    cr_expect_eq(bends_worst(&bends).bends, 5, "back over the sheaves, not on the drum yet: nine halves");
    bends_see(&bends, 0);
    bends_see(&bends, 4);
    cr_expect_eq(bends_worst(&bends).bends, 6, "to the drum and from it: eleven");
}

Test(bends, what_moves_unseen_is_not_counted) {
    bends_begin(&bends, 0, 20, 0, 0);
    bends_see(&bends, 1);
    bends_lose(&bends);
    bends_see(&bends, 19);
    cr_expect_eq(bends_worst(&bends).bends, 0);
    bends_see(&bends, 18);
    cr_expect_eq(bends_worst(&bends).bends, 1);
}

Test(bends, beyond_its_range_nothing_is_written) {
    bends_begin(&bends, 0, 20, 5, 1);
    for (int i = 0; i < 4; i++)
        bends_see(&bends, i % 2 ? 1e9 : -1e9);
    cr_expect_eq(bends_worst(&bends).bends, 5, "three times drum and sheave: nine halves");
    bends.half[3] = UINT32_MAX - 1;
    bends_see(&bends, -1e9);
    bends_see(&bends, 1e9);
    cr_expect_eq(bends.half[3], UINT32_MAX, "it stays at the end of its numbers");
}

static double unit(void) {
    return (double)rand() / RAND_MAX;
}

/* Each place asked for itself at each step: has it passed the drum, has it passed the sheave? */
Test(bends, a_random_walk_counts_as_by_hand) {
    static uint32_t want[BENDS_PLACES];
    for (int seed = 1; seed <= 20; seed++) {
        srand((unsigned)seed);
        double lead_m = 8 * unit(), at_m = 20 * unit(), next_m;
        int sheaves = rand() % 4;
        memset(want, 0, sizeof want);
        bends_begin(&bends, 0, 20, lead_m, sheaves);
        bends_see(&bends, at_m);
        for (int step = 0; step < 300; step++, at_m = next_m) {
            next_m = fmin(fmax(at_m + (unit() - 0.5) * (step % 3 ? 0.2 : 9), 0), 20);
            bends_see(&bends, next_m);
            for (int i = 0; i < BENDS_PLACES; i++) {
                double place_m = bends.from_m + (i + 0.5) * bends.step_m;
                want[i] += (at_m > place_m) != (next_m > place_m);
                want[i] += 2 * (uint32_t)sheaves * ((at_m - lead_m > place_m) != (next_m - lead_m > place_m));
            }
        }
        cr_expect_eq(memcmp(want, bends.half, sizeof want), 0, "seed %d", seed);
    }
}

/* --- file ------------------------------------------------------------------------------------------------------- */

static struct rig rig;
static struct yaml_errors errors;
static struct bends of_rig[RIG_AXES_MAX], seen[RIG_AXES_MAX];
static char directory[] = "/tmp/belay-bends-XXXXXX", path[64];

static void begin(void) {
    cr_assert_eq(rig_load(RIG, PROFILES, &rig, &errors), 0, "%s", errors.text[0]);
    cr_assert(rig.axis[0].rope.bends.present);
    cr_assert_not_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/bends", directory);
    bends_begin(&of_rig[0], -1, 30, 5, 3);
    bends_begin(&seen[0], -1, 30, 5, 3);
    srand(7);
    for (int i = 0; i < BENDS_PLACES; i++)
        of_rig[0].half[i] = (uint32_t)rand();
    of_rig[0].half[5] = UINT32_MAX;
}

static void end(void) {
    unlink(path);
    cr_expect_eq(rmdir(directory), 0, "something was left in %s", directory);
}

Test(bends, what_is_written_is_read, .init = begin, .fini = end) {
    cr_expect_eq(bends_load(path, &rig, seen), -ENOENT);
    cr_assert_eq(bends_save(path, &rig, of_rig), 0);
    cr_assert_eq(bends_load(path, &rig, seen), 0);
    cr_expect_eq(memcmp(of_rig[0].half, seen[0].half, sizeof seen[0].half), 0);
    cr_expect_eq(bends_save("/nowhere/at/all", &rig, of_rig), -ENOENT);
}

/* Each place gets the most of what it covers: a worst place stays as bad, wherever the limits were moved to. */
Test(bends, a_rig_with_other_limits_takes_them_over, .init = begin, .fini = end) {
    cr_assert_eq(bends_save(path, &rig, of_rig), 0);
    bends_begin(&seen[0], 3, 50, 2, 1);
    cr_assert_eq(bends_load(path, &rig, seen), 0);
    for (int i = 0; i < BENDS_PLACES; i++) {
        double middle_m = seen[0].from_m + (i + 0.5) * seen[0].step_m;
        int at = (int)floor((middle_m - of_rig[0].from_m) / of_rig[0].step_m);
        uint32_t was = at >= 0 && at < BENDS_PLACES ? of_rig[0].half[at] : 0;
        cr_assert_geq(seen[0].half[i], was, "place %d", i);
    }
    cr_expect_eq(seen[0].half[BENDS_PLACES - 1], 0, "there was no such rope");
    bends_begin(&seen[0], -1, 30, 5, 3);
    seen[0].half[9] = UINT32_MAX;
    bends_take(&seen[0], &of_rig[0]);
    cr_expect_eq(seen[0].half[9], UINT32_MAX, "what counts more stays");
}

static char *text_of(size_t *length) {
    FILE *in = fopen(path, "r");
    char *text = calloc(1, 40000);
    cr_assert(in && text);
    *length = fread(text, 1, 40000, in);
    fclose(in);
    return text;
}

static void write_text(const char *text, size_t length) {
    FILE *out = fopen(path, "w");
    cr_assert(out && fwrite(text, 1, length, out) == length);
    fclose(out);
}

/* Cut anywhere, or one byte of it another one: nothing is taken over. */
Test(bends, a_damaged_file_counts_as_none, .init = begin, .fini = end) {
    size_t length;
    cr_assert_eq(bends_save(path, &rig, of_rig), 0);
    char *text = text_of(&length);
    for (size_t at = 0; at < length; at += at < 130 || at + 80 > length ? 1 : 397) {
        write_text(text, at);
        cr_assert_eq(bends_load(path, &rig, seen), -EINVAL, "cut at %zu", at);
        text[at] ^= 1;
        write_text(text, length);
        cr_assert_eq(bends_load(path, &rig, seen), -EINVAL, "another byte at %zu", at);
        text[at] ^= 1;
    }
    cr_expect_eq(bends_worst(&seen[0]).bends, 0, "nothing was taken over");
    write_text(text, length);
    rig.name[0] ^= 1;
    cr_expect_eq(bends_load(path, &rig, seen), -EINVAL, "another rig's");
    free(text);
}

/* A good seal over nonsense: somebody else's program wrote it. */
static void is_refused(const char *body) {
    char text[2000], seal[HASH_HEX_SIZE];
    int length = snprintf(text, sizeof text - 100,
                          "# Written by belayd; do not edit: an edit makes it void. Half bends of each place of the "
                          "rope.\nbends 1 rig %s\n%s",
                          rig.name, body);
    hash_hex(text, (size_t)length, seal);
    length += snprintf(text + length, sizeof text - (size_t)length, "seal %s\n", seal);
    write_text(text, (size_t)length);
    cr_expect_eq(bends_load(path, &rig, seen), -EINVAL, "%s", body);
}

Test(bends, a_sealed_text_that_says_nothing_is_refused, .init = begin, .fini = end) {
    static const char *const bodies[] = {"axis runner from_m 0 step_m 0\n1 2 3\n",
                                         "axis runner from_m nan step_m 1\n1\n",
                                         "axis runner from_m 0 step_m 1\n1 2 3\n", "axis\n", "\n",
                                         "axis a_name_that_is_longer_than_any_name_may_be from_m 0 step_m 1\n1\n"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++)
        is_refused(bodies[i]);
}
