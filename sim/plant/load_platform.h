/* Platforms on two lines each: rigid beams that move up and down and rock, a line at each end. Winches 1 and 2 hold the
 * first one, 3 and 4 the second, and so on; all are alike. */
#ifndef BELAY_SIM_PLANT_LOAD_PLATFORM_H
#define BELAY_SIM_PLANT_LOAD_PLATFORM_H

#define PLATFORMS_MAX 4

/* Of each. */
struct load_platform_config {
    double mass_kg;       /* with everybody on it */
    double inertia_kg_m2; /* about its centre of gravity */
    double spacing_m;     /* between the lines */
    double offset_m;      /* centre of gravity off the middle, towards the second line */
    double height_m;      /* of the middle at the start, where it hangs level */
    double shift_s;       /* in which people move to the other side */
};

struct load_platforms {
    double shifted, shift_goal, shift_rate_s; /* share of the weight that people took to the second line, on all */
    struct load_platform {
        double height_m, speed_m_s, accel_m_s2; /* of the middle, upward positive */
        double tilt_rad, tilt_rad_s;            /* the second line's end up */
        double ground_n[2];
    } each[PLATFORMS_MAX];
};

extern const struct load_kind load_platform_kind;

#endif
