/* Faults of the simulated devices, one at a time per unit. Pure: time is passed in. */
#ifndef BELAY_SIM_FAULT_SIM_FAULT_H
#define BELAY_SIM_FAULT_SIM_FAULT_H

#include <stdbool.h>
#include <stdint.h>

#include "sim/sim.h"

struct sim_fault {
    enum sim_fault_kind kind;
    int32_t ms;        /* SIM_FAULT_LATE: the delay; else how long it lasts */
    bool for_ever;     /* of the others: until taken away */
    int64_t left_us;
};

/* Passes time: faults that last `ms` end. */
void sim_fault_step(struct sim_fault *fault, int64_t dt_us);

/* Sets a fault; 0, or -EINVAL for a kind that needs a time and has none or a time out of 1..60000 ms. */
int sim_fault_set(struct sim_fault *fault, enum sim_fault_kind kind, int32_t ms);

#endif
