/* Ground: spring and damper, cut off at zero force. */
#include "sim/plant/ground.h"

#include <math.h>

#define DAMPING 0.5 /* of critical */

double ground_push_n(double stiffness_n_m, double mass_kg, double height_m, double speed_m_s) {
    if (height_m >= 0)
        return 0;
    double damping_n_s_m = 2 * DAMPING * sqrt(stiffness_n_m * mass_kg);
    return fmax(0, -stiffness_n_m * height_m - damping_n_s_m * speed_m_s);
}
