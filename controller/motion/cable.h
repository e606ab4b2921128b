/* The rope between drum and load: where a load hangs, what the load cell should read, and how far it may be off without
 * anything being wrong. Pure; SI; pay-out positive. docs/cable.md derives every formula and says what is left out.
 *
 * n parts of rope carry the load (1: it hangs on the rope itself; more: a hook block). L is the rope paid out from the
 * last sheave without tension, h = L / n what hangs in each part, F the force of the load, m (g - a).
 */
#ifndef BELAY_CONTROLLER_MOTION_CABLE_H
#define BELAY_CONTROLLER_MOTION_CABLE_H

#include "controller/rig/rig.h"

struct cable {
    double ea_n;       /* force at 100 % stretch, > 0 */
    double lead_m;     /* rope between drum and last sheave: stretches, hangs from nothing; >= 0 */
    double weight_n_m; /* of the rope, >= 0 */
    double friction;   /* share of the tension that one sheave takes or adds, >= 0 */
    int sheaves;       /* over which the rope runs between the hanging part and the load cell, >= 0 */
    int parts;         /* >= 1 */
};

/* The line of an axis: one part, for a rig file counts rope and load at the rope; what the rig does not say is 0. */
struct cable cable_of_axis(const struct rig_axis *axis);

/* ---- length and place ---- */

/* How far below the last sheave a load of `force_n` hangs at rest:
 * h + (F/n) h / EA + w h^2 / 2 EA + (lead / n) (F/n + w h) / EA. Friction's share of the stretch is left out. */
double cable_place_m(const struct cable *cable, double paid_m, double force_n);

/* Rope paid out with which it hangs there: the inverse, a quadratic equation in h. `place_m` is at least that of
 * paid_m = 0. */
double cable_paid_m(const struct cable *cable, double place_m, double force_n);

/* Force per metre by which the load is moved from its place: n^2 EA / (L + lead). */
double cable_stiffness_n_m(const struct cable *cable, double paid_m);

/* Period in which the load bounces: 2 pi sqrt((m + w (L + lead) / 3 g) / k). */
double cable_bounce_s(const struct cable *cable, double mass_kg, double paid_m);

/* ---- tension ---- */

enum cable_way {
    CABLE_TAKES_IN = -1,
    CABLE_STANDS = 0, /* friction may hold it either way: none is counted */
    CABLE_PAYS_OUT = 1
};

/* What friction makes of the tension on the way to the load cell, behind reeving and sheaves:
 * c^(n-1) n (c - 1) / (c^n - 1) x c^sheaves, c = 1 + friction taking in and 1 / (1 + friction) paying out. */
double cable_friction_factor(const struct cable *cable, enum cable_way way);

/* The tension at the load cell on a plan that pays out with `payout_m_s2`:
 * (m (g - a/n) / n + w h (1 - a/g)) x the friction's factor; a rope only pulls. */
double cable_tension_n(const struct cable *cable, double mass_kg, double paid_m, double payout_m_s2,
                       enum cable_way way);

/* ---- what a plan leaves unexplained ---- */

/* A ramp of acceleration that builds up evenly in `periods` bounce periods leaves the load swinging with this share of
 * the acceleration: |sinc(periods)|, sin(pi x) / (pi x). */
double cable_left_swinging(double periods);

/* The most that any ramp with the same jerk leaves that goes up to that acceleration, in a bounce period up to that
 * one: |sinc(periods)| below 1/2, else 1 / (pi periods). Loads and ropes are never known well enough to hit a zero, and
 * a short move does not reach its acceleration. */
double cable_left_swinging_most(double periods);

/* The most by which the load's own acceleration differs from the plan's, in a move of four ramps whose swings add up:
 * 4 a cable_left_swinging_most((a / jerk) / bounce period). */
double cable_swing_m_s2(double payout_m_s2_max, double jerk_max_m_s3, double bounce_s);

/* The most by which the reading may differ from cable_tension_n() on a move within acceleration and jerk, from any
 * rope up to `paid_m`: the swing; `late_s` by which reading and plan may belong to different moments (m j late / n^2);
 * and the friction of a drum that turns or stands. A rope that is stiffer or shorter does not make it more. */
double cable_unexplained_n(const struct cable *cable, double mass_kg, double paid_m, double payout_m_s2_max,
                           double jerk_max_m_s3, double late_s);

#endif
