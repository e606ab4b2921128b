/* Paths in time of a show: laid, and looked at from end to end. Private to controller/cue. */
#ifndef BELAY_CONTROLLER_CUE_SHOW_TIMED_H
#define BELAY_CONTROLLER_CUE_SHOW_TIMED_H

#include "controller/cue/show.h"

struct raw_timed {
    bool present;
    char axis[RIG_NAME_MAX];
    double error_m;
    int path_count;
    struct timed_knot path[TIMED_KNOTS_MAX];
};

extern const struct yaml_field show_timed_fields[];

/* Fills the path of the cue `index`, whose axis is found, or adds errors at cues[index].timed. */
void show_timed_build(const struct yaml_doc *doc, struct yaml_errors *errors, const struct rig *rig, int index,
                      const struct raw_timed *raw, struct show *show);

#endif
