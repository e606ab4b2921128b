/* A platform on two lines: a rigid beam that moves up and down and rocks, a line at each end. */
#ifndef BELAY_SIM_PLANT_LOAD_PLATFORM_H
#define BELAY_SIM_PLANT_LOAD_PLATFORM_H

struct load_platform_config {
    double mass_kg;       /* with everybody on it */
    double inertia_kg_m2; /* about its centre of gravity */
    double spacing_m;     /* between the lines */
    double offset_m;      /* centre of gravity off the middle, towards the second line */
    double height_m;      /* of the middle at the start, where it hangs level */
    double shift_s;       /* in which people move to the other side */
};

struct load_platform {
    double tilt_rad, tilt_rad_s; /* the second line's end up */
    double shifted, shift_goal, shift_rate_s; /* share of the weight that people took to the second line */
    double ground_n[2];
};

extern const struct load_kind load_platform_kind;

#endif
