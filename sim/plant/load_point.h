/* A mass in space on two to four lines, each from a sheave of its own: a flying camera. */
#ifndef BELAY_SIM_PLANT_LOAD_POINT_H
#define BELAY_SIM_PLANT_LOAD_POINT_H

#define LOAD_POINT_LINES_MAX 4

/* Where a line's last sheave is, seen from above; its height is the rope's anchor_height_m. */
struct load_point_anchor {
    double x_m, y_m;
};

struct load_point_config {
    double mass_kg;
    double x_m, y_m, z_m; /* at the start, where it hangs at rest; on two lines between them, seen from above */
    int anchors_count;
    struct load_point_anchor anchors[LOAD_POINT_LINES_MAX]; /* of the winches, in their order */
};

struct load_point {
    double place_m[3], speed_m_s[3]; /* z up, the ground at 0 */
};

extern const struct load_kind load_point_kind;

#endif
