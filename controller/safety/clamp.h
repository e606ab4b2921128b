/* The clamp: the last word on every setpoint. Reads readings, limits and the verdict, never the plan's reasons.
 * Integers only, pure. Units: um, um/s, um/s2, us, mN.
 *
 * Everything that holds for a direction of motion is an array by enum clamp_direction. A setpoint is signed: positive
 * pays out. A speed is a magnitude.
 */
#ifndef BELAY_CONTROLLER_SAFETY_CLAMP_H
#define BELAY_CONTROLLER_SAFETY_CLAMP_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/state.h"

#define CLAMP_BANDS_MAX 8

enum clamp_direction { CLAMP_OUT, CLAMP_IN, CLAMP_DIRECTIONS };

/* The three ways in which a motion can end. Each must end in time, from every setpoint that is sent. */
enum clamp_stop {
    CLAMP_RAMP,       /* the setpoint ramps to zero: before the operating limit */
    CLAMP_LINK_LOST,  /* the drive's watchdog, then its own ramp: before the ultimate limit */
    CLAMP_TORQUE_OFF, /* torque off and brake: before the ultimate limit */
    CLAMP_STOPS
};

/* One way to stop. All begin with the common `reaction_us`: until then the drum still obeys older setpoints. */
struct clamp_path {
    int32_t delay_us;            /* from there until the braking shows; ramp 0, link watchdog, torque off + brake */
    int32_t growth_um_s2;        /* how fast the speed grows in `delay_us`; gravity for a released load */
    int32_t deceleration_um_s2;  /* then at least this */
    int32_t jerk_us;             /* time in which the deceleration builds up */
};

/* A part of the way with a lower speed, which is reached before the drum enters it. */
struct clamp_band {
    int64_t from_um, to_um;
    int32_t speed_um_s[CLAMP_DIRECTIONS];
};

/* Limits of one axis. Ranges (clamp_limits_good() checks them): positions +-10 km, speeds 0..50 m/s, accelerations up
 * to 100 m/s2 and at least 1 um/s a cycle, cycle 1..100 ms, reaction 0..2 s, delays and jerk times 0..10 s. */
struct clamp_limits {
    int64_t position_min_um, position_max_um; /* operating */
    int64_t ultimate_min_um, ultimate_max_um; /* mechanical or hardwired, at or outside the operating ones */
    int32_t speed_um_s[MODE_COUNT][CLAMP_DIRECTIONS];
    int32_t speed_max_um_s[CLAMP_DIRECTIONS]; /* the largest of the table's column: no drum turns faster */
    int32_t band_count;
    struct clamp_band band[CLAMP_BANDS_MAX];
    int32_t acceleration_um_s2[CLAMP_DIRECTIONS];      /* most change of the setpoint while running */
    int32_t stop_deceleration_um_s2[CLAMP_DIRECTIONS]; /* of stops and where slowing is overdue; never harder */
    int32_t catch_deceleration_um_s2[CLAMP_DIRECTIONS]; /* the same in MODE_CATCH */
    /* path[CLAMP_RAMP] decelerates no harder than the two lines above. */
    struct clamp_path path[CLAMP_STOPS][CLAMP_DIRECTIONS];
    int32_t weight_on_line_mn; /* at and above: no pay-out while belaying */
    int32_t cycle_us;
    int32_t reaction_us;       /* from a reading to the drum following the setpoint made of it: age, bus, drive lag */
};

struct clamp_in {
    enum axis_state state;
    enum axis_mode mode;
    bool belaying;                  /* pay-out needs the tension below weight_on_line_mn */
    bool blocked[CLAMP_DIRECTIONS]; /* the judge forbids motion in this direction */
    bool position_ok, tension_ok;
    int64_t position_um;
    int32_t tension_mn;
    int32_t setpoint_um_s;          /* what the last cycle sent */
};

/* True when every limit is in its range and they fit together; the rest of this file needs that. */
bool clamp_limits_good(const struct clamp_limits *limits);

/* May `setpoint_um_s` be sent as far as position, speed and verdict are concerned? Whether the change from the last
 * setpoint is small enough is not asked. Zero always may. */
bool clamp_allows(const struct clamp_limits *limits, const struct clamp_in *in, int32_t setpoint_um_s);

/* The setpoint to send: `wanted_um_s` itself when clamp_allows() it and the change is inside the acceleration; else the
 * nearest such; else what falls at the deceleration of stops. Outside STATE_RUNNING and STATE_STOPPING it is 0. In
 * STATE_STOPPING, and blind (position, or while belaying tension, not ok), it ramps to 0 whatever is wanted. */
int32_t clamp_setpoint(const struct clamp_limits *limits, const struct clamp_in *in, int32_t wanted_um_s);

#endif
