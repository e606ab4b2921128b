/* Defects of the simulated machine itself, beside the faults of its devices on the bus: what breaks, slips, sticks or
 * is wired wrong. Pure.
 */
#ifndef BELAY_SIM_FAULT_SIM_DEFECT_H
#define BELAY_SIM_FAULT_SIM_DEFECT_H

#include <stdint.h>

#include "sim/sim.h"

/* Is `defect` among the bits of `defects`? */
bool sim_defect_in(uint32_t defects, enum sim_defect defect);

#endif
