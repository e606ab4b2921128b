/* The ground under a load: it gives a little, damps, and never pulls. */
#ifndef BELAY_SIM_PLANT_GROUND_H
#define BELAY_SIM_PLANT_GROUND_H

/* Push of the ground, at height 0, on a body of `mass_kg` that meets it with this stiffness and half the critical
 * damping; never negative. */
double ground_push_n(double stiffness_n_m, double mass_kg, double height_m, double speed_m_s);

#endif
