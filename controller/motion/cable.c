/* Rope that stretches, weighs and rubs. */
#include "controller/motion/cable.h"

#include <assert.h>
#include <math.h>

struct cable cable_of_axis(const struct rig_axis *axis) {
    const struct rig_rope *rope = &axis->rope;
    return (struct cable){
        .ea_n = rope->ea_n,
        .lead_m = rope->lead_m,
        .weight_n_m = rope->has_weight ? rope->weight_kg_m * GRAVITY_M_S2 : 0,
        .friction = rope->has_friction ? rope->sheave_friction_percent / 100 : 0,
        .sheaves = 1, /* the share is that of all of them together */
        .parts = 1,
    };
}

/* ---- length and place ---- */

double cable_place_m(const struct cable *cable, double paid_m, double force_n) {
    assert(cable->ea_n > 0 && cable->parts >= 1);
    const double hangs_m = paid_m / cable->parts, end_n = force_n / cable->parts;
    const double middle_n = end_n + cable->weight_n_m * hangs_m / 2, top_n = end_n + cable->weight_n_m * hangs_m;
    return hangs_m + (middle_n * hangs_m + top_n * cable->lead_m / cable->parts) / cable->ea_n;
}

/* w/2EA h^2 + (1 + F/nEA + w lead/nEA) h - (place - lead F/n^2EA) = 0, by the root that does not cancel. */
double cable_paid_m(const struct cable *cable, double place_m, double force_n) {
    assert(cable->ea_n > 0 && cable->parts >= 1);
    const double end = force_n / cable->parts / cable->ea_n, heavy = cable->weight_n_m / cable->ea_n;
    const double lead_m = cable->lead_m / cable->parts;
    const double b = 1 + end + heavy * lead_m, c_m = place_m - lead_m * end;
    return cable->parts * 2 * c_m / (b + sqrt(b * b + 2 * heavy * c_m));
}

double cable_stiffness_n_m(const struct cable *cable, double paid_m) {
    assert(paid_m + cable->lead_m > 0);
    return cable->parts * cable->parts * cable->ea_n / (paid_m + cable->lead_m);
}

double cable_bounce_s(const struct cable *cable, double mass_kg, double paid_m) {
    const double rope_kg = cable->weight_n_m * (paid_m + cable->lead_m) / GRAVITY_M_S2;
    return 2 * M_PI * sqrt((mass_kg + rope_kg / 3) / cable_stiffness_n_m(cable, paid_m));
}

/* ---- tension ---- */

double cable_friction_factor(const struct cable *cable, enum cable_way way) {
    const double c = way == CABLE_PAYS_OUT ? 1 / (1 + cable->friction) : 1 + cable->friction;
    double sum = 0, before = 1; /* of what the parts carry when the last one carries 1: 1 + c + ... + c^(n-1) */
    if (way == CABLE_STANDS)
        return 1;
    for (int i = 0; i < cable->parts; i++, before *= c)
        sum += before;
    return pow(c, cable->parts - 1 + cable->sheaves) * cable->parts / sum;
}

double cable_tension_n(const struct cable *cable, double mass_kg, double paid_m, double payout_m_s2,
                       enum cable_way way) {
    const double parts = cable->parts;
    const double load_n = mass_kg * (GRAVITY_M_S2 - payout_m_s2 / parts) / parts;
    const double rope_n = cable->weight_n_m * paid_m / parts * (1 - payout_m_s2 / GRAVITY_M_S2);
    return fmax(0, load_n + rope_n) * cable_friction_factor(cable, way);
}

/* ---- what a plan leaves unexplained ---- */

double cable_left_swinging(double periods) {
    return periods == 0 ? 1 : fabs(sin(M_PI * periods) / (M_PI * periods));
}

double cable_left_swinging_most(double periods) {
    return periods < 0.5 ? cable_left_swinging(periods) : 1 / (M_PI * periods);
}

double cable_swing_m_s2(double payout_m_s2_max, double jerk_max_m_s3, double bounce_s) {
    assert(jerk_max_m_s3 > 0 && bounce_s > 0);
    const double periods = payout_m_s2_max / jerk_max_m_s3 / bounce_s;
    return 4 * payout_m_s2_max * cable_left_swinging_most(periods);
}

double cable_unexplained_n(const struct cable *cable, double mass_kg, double paid_m, double payout_m_s2_max,
                           double jerk_max_m_s3, double late_s) {
    const double bounce_s = cable_bounce_s(cable, mass_kg, paid_m);
    const double swing_m_s2 =
        cable_swing_m_s2(payout_m_s2_max, jerk_max_m_s3, bounce_s) + jerk_max_m_s3 * late_s;
    const double swing_n = (mass_kg / cable->parts / cable->parts + cable->weight_n_m * paid_m / cable->parts /
                            GRAVITY_M_S2) * swing_m_s2;
    const double hardest_n = cable_tension_n(cable, mass_kg, paid_m, -payout_m_s2_max, CABLE_STANDS) + swing_n;
    const double factor = cable_friction_factor(cable, CABLE_TAKES_IN);
    return swing_n + hardest_n * (factor - 1);
}
