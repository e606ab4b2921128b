/* Where the programs and the scenario's files are: in the build tree that this program stands in, or installed. */
#include "sim/cli/rehearse_parts.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TREE_FILE "source-dir" /* written by meson beside the program: the top of the sources; never installed */

void places_join(char out[static PATH_SIZE], const char *directory, const char *name) {
    int length = snprintf(out, PATH_SIZE, "%s/%s", directory, name);
    assert(length > 0 && length < PATH_SIZE);
    (void)length;
}

/* This program, and the directory that it stands in. */
static bool own_place(char directory[static PLACE_MAX], struct places *places) {
    char self[PLACE_MAX];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    if (length <= 0)
        return false;
    self[length] = '\0';
    snprintf(places->belay, sizeof places->belay, "%s", self);
    char *slash = strrchr(self, '/');
    assert(slash);
    *slash = '\0';
    memcpy(directory, self, sizeof self);
    return true;
}

/* The top of the sources into `out` when this program stands in its build tree. */
static bool source_tree(const char *directory, char out[static PLACE_MAX]) {
    char path[PATH_SIZE];
    places_join(path, directory, TREE_FILE);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool got = fgets(out, PLACE_MAX, file) != NULL;
    fclose(file);
    if (got)
        out[strcspn(out, "\n")] = '\0';
    return got && out[0] == '/';
}

static void in_tree(struct places *places, const char *directory, const char *source, const char *scenario) {
    places_join(places->belayd, directory, "../../controller/belayd");
    places_join(places->sim, directory, "../belay-sim");
    places_join(places->console, directory, "../../console/belay-console");
    places_join(places->profiles, source, "controller/drive/profiles");
    snprintf(places->scenario, sizeof places->scenario, "%.200s/sim/scenarios/%.100s", source, scenario);
}

static void installed(struct places *places, const char *directory, const char *scenario) {
    places_join(places->belayd, directory, "belayd");
    places_join(places->sim, directory, "belay-sim");
    places_join(places->console, directory, "belay-console");
    places_join(places->profiles, directory, "../share/belay/profiles");
    snprintf(places->scenario, sizeof places->scenario, "%.200s/../share/belay/scenarios/%.100s", directory, scenario);
}

int places_find(struct places *places, const char *scenario, bool in_virtual_time, char *error, size_t error_size) {
    char directory[PLACE_MAX], source[PLACE_MAX];
    *places = (struct places){0};
    if (!own_place(directory, places)) {
        snprintf(error, error_size, "cannot find where this program is: /proc/self/exe: %s", strerror(errno));
        return -ENOENT;
    }
    if (source_tree(directory, source))
        in_tree(places, directory, source, scenario);
    else
        installed(places, directory, scenario);
    if (strchr(scenario, '/'))
        snprintf(places->scenario, sizeof places->scenario, "%.399s", scenario);

    const char *const needed[] = {places->belayd, places->sim, places->profiles, places->scenario};
    for (size_t i = 0; i < sizeof needed / sizeof needed[0]; i++) {
        const bool program = needed[i] == places->belayd || needed[i] == places->sim; /* virtual time has none */
        if ((in_virtual_time && program) || access(needed[i], F_OK) == 0)
            continue;
        snprintf(error, error_size, "%s: %s", needed[i],
                 needed[i] == places->scenario ? "there is no such scenario" : "not found; build the whole tree first");
        return -ENOENT;
    }
    return 0;
}
