/* The text, its seal, and twice over it: first whether all of it can be read. */
#include "controller/wear/bends_file.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "controller/base/file.h"
#include "controller/base/hash.h"

#define SEAL "seal "
#define HEAD \
    "# Written by belayd; do not edit: an edit makes it void. Half bends of each place of the rope.\nbends 1 rig "
#define BYTES_MAX (RIG_AXES_MAX * (BENDS_PLACES * 11 + 200) + 400) /* 10 digits and a space each */

/* --- writing ---------------------------------------------------------------------------------------------------- */

static void put(FILE *out, const char *axis, const struct bends *bends) {
    fprintf(out, "axis %s from_m %.9g step_m %.17g", axis, bends->from_m, bends->step_m);
    for (int i = 0; i < BENDS_PLACES; i++)
        fprintf(out, "%c%" PRIu32, i % 32 == 0 ? '\n' : ' ', bends->half[i]);
    fputc('\n', out);
}

int bends_save(const char *path, const struct rig *rig, const struct bends bends[RIG_AXES_MAX]) {
    assert(path && rig && bends);
    char *text = NULL, seal[HASH_HEX_SIZE];
    size_t length = 0;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        return -ENOMEM;
    fprintf(out, HEAD "%s\n", rig->name);
    for (int i = 0; i < rig->axis_count; i++)
        if (rig->axis[i].rope.bends.present)
            put(out, rig->axis[i].name, &bends[i]);
    int error = fflush(out) == 0 ? 0 : -ENOMEM;
    if (!error) {
        hash_hex(text, length, seal);
        fprintf(out, SEAL "%s\n", seal);
    }
    if (fclose(out) != 0)
        error = -ENOMEM;
    if (!error)
        error = file_replace(path, text, length);
    free(text);
    return error;
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

/* The whole file with a zero behind it, to be freed; NULL with *error set. */
static char *read_all(const char *path, size_t *length, int *error) {
    FILE *in = fopen(path, "re");
    char *text = in ? calloc(1, BYTES_MAX + 1) : NULL;
    *error = in ? -ENOMEM : -errno;
    if (text) {
        *length = fread(text, 1, BYTES_MAX, in);
        *error = ferror(in) ? -EIO : *length == BYTES_MAX ? -EINVAL : 0;
    }
    if (in)
        fclose(in);
    if (*error) {
        free(text);
        text = NULL;
    }
    return text;
}

static bool read_places(const char **text, struct bends *bends) {
    for (int i = 0; i < BENDS_PLACES; i++) {
        char *end = NULL;
        unsigned long value = strtoul(*text, &end, 10);
        if (end == *text || value > UINT32_MAX)
            return false;
        bends->half[i] = (uint32_t)value;
        *text = end;
    }
    return true;
}

/* One axis's part; *text behind it. */
static bool read_axis(const char **text, char name[RIG_NAME_MAX], struct bends *bends) {
    int used = 0;
    memset(bends, 0, sizeof *bends);
    int found = sscanf(*text, "axis %31s from_m %lf step_m %lf%n", name, &bends->from_m, &bends->step_m, &used);
    bool good = found == 3 && isfinite(bends->from_m) && isfinite(bends->step_m) && bends->step_m > 0;
    *text += used;
    if (!good || !read_places(text, bends))
        return false;
    return *(*text)++ == '\n';
}

/* Twice over the text: whether all of it can be read, then taking it over. */
static bool take(const char *text, const struct rig *rig, struct bends *bends, bool over) {
    struct bends read;
    char name[RIG_NAME_MAX];
    static_assert(RIG_NAME_MAX == 32, "the width in read_axis()");
    while (strncmp(text, SEAL, strlen(SEAL)) != 0) {
        if (!read_axis(&text, name, &read))
            return false;
        int axis = rig_axis_find(rig, name);
        if (over && axis >= 0 && rig->axis[axis].rope.bends.present)
            bends_take(&bends[axis], &read);
    }
    return true;
}

int bends_load(const char *path, const struct rig *rig, struct bends bends[RIG_AXES_MAX]) {
    assert(path && rig && bends);
    size_t length = 0, head = strlen(HEAD) + strlen(rig->name) + 1;
    int error = 0;
    char *text = read_all(path, &length, &error);
    if (!text)
        return error;
    bool good = strlen(text) == length && hash_seals(text, length, SEAL) && strncmp(text, HEAD, strlen(HEAD)) == 0 &&
                strncmp(text + strlen(HEAD), rig->name, strlen(rig->name)) == 0 && text[head - 1] == '\n' &&
                take(text + head, rig, bends, false);
    if (good)
        take(text + head, rig, bends, true);
    free(text);
    return good ? 0 : -EINVAL;
}
