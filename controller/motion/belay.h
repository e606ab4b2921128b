/* Belaying: the speed that keeps the rope's tension near its reference while a person moves on the wall. Pure; SI.
 *
 * Drum position and tension together tell where the rope's far end, the person, is: position + stretch, whatever the
 * winch does. An observer follows that end and predicts it to the moment a setpoint acts; the law drives the drum to
 * stand one reference stretch behind it. A fall is seen by tension or by the speed of the far end. The law never
 * decides to let a loaded rope out: at and above weight_on_line_n pay-out ends, in the plan and again in the clamp.
 * docs/belaying.md derives gains and limits.
 */
#ifndef BELAY_CONTROLLER_MOTION_BELAY_H
#define BELAY_CONTROLLER_MOTION_BELAY_H

#include <stdbool.h>

#include "controller/rig/rig.h"

#define BELAY_PAST_MAX 170 /* cycles of the fall window at the shortest cycle, 1 ms */

/* The rope's far end, away from the drum. */
struct belay_end {
    double m, m_s, m_s2;
};

struct belay {
    double lagged_m;             /* drum position through the load cell's lag, so that it belongs to the tension read */
    struct belay_end end;        /* as it is followed */
    struct belay_end falling;    /* as it is watched for a fall */
    double model_m, model_m_s;   /* the drum as the setpoints move it through the drive's lag */
    double model_before_m[2];    /* the model one and two cycles ago: what the encoder has not shown yet */
    double usual_n;              /* tension, as it was over the last while: what swings from it is hauled back */
    double slack_m_s;            /* extra take-in on a slack rope, ramped */
    double past_m_s[BELAY_PAST_MAX]; /* falling.m_s of the last cycles, for the gain of speed in a fall */
    int past_next, past_count;
    int weight_cycles;           /* cycles in a row with the weight on the line */
    bool looks;                  /* the observers have begun */
    bool restarting;             /* band not reached yet since the start: take-in at restart speed only */
};

/* Readings of one cycle; all good (the judge has seen to it). */
struct belay_reading {
    double position_m, tension_n;
    double setpoint_m_s; /* what was sent in the last cycle */
};

/* Starts with drum and person at standstill. */
void belay_start(struct belay *belay, const struct belay_reading *reading);

/* The speed wanted now (pay-out positive), inside the rig's belay speeds; the caller ramps to it. `*caught` is set
 * when the weight is on the line: the caller latches and stops. `reference_n` is the tension to hold. */
double belay_step(struct belay *belay, const struct rig_belay *limits, double reference_n,
                  const struct belay_reading *reading, double dt_s, bool *caught);

/* Stiffness of the free rope, and of a line spring in series until its stroke is used up, N/m. */
double belay_stiffness_n_m(const struct rig_belay *limits, double position_m);

/* How much longer rope and spring are under this tension than without, m. */
double belay_stretch_m(const struct rig_belay *limits, double position_m, double tension_n);

/* Height of the person above the ground: anchor less paid-out length less stretch. */
double belay_height_m(const struct rig_belay *limits, double position_m, double tension_n);

/* Longest fall from here until the rope has caught the person: 0.6 m + 2 m g / k of the rope, slack apart; with a line
 * spring its stroke and 0.2 m more. */
double belay_fall_m(const struct rig_belay *limits, double position_m);

#endif
