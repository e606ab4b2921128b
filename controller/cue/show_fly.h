/* Flights of a show: laid, and looked at from end to end. Private to controller/cue. */
#ifndef BELAY_CONTROLLER_CUE_SHOW_FLY_H
#define BELAY_CONTROLLER_CUE_SHOW_FLY_H

#include "controller/cue/show.h"

struct raw_waypoint {
    double x_m, y_m, z_m;
};

struct raw_fly {
    bool present;
    char point[RIG_NAME_MAX];
    double speed_m_s, acceleration_m_s2, jerk_m_s3;
    int waypoints_count;
    struct raw_waypoint waypoints[PATH_WAYPOINTS_MAX];
};

extern const struct yaml_field show_fly_fields[];

/* Fills the cue `index` and its flight, or adds errors at cues[index].fly. */
void show_fly_build(const struct yaml_doc *doc, struct yaml_errors *errors, const struct rig *rig, int index,
                    const struct raw_fly *raw, struct show *show);

#endif
