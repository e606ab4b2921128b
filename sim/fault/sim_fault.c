/* Device faults: a table of what each kind is called and whether it needs a time. */
#include "sim/fault/sim_fault.h"

#include <assert.h>
#include <errno.h>
#include <string.h>

#define MS_MAX 60000

static const struct {
    const char *name;
    bool needs_time; /* else a time is the fault's length, and without one it stays */
} kinds[SIM_FAULT_COUNT] = {
    [SIM_FAULT_NONE] = {"none", false},
    [SIM_FAULT_SILENT] = {"silent", false},
    [SIM_FAULT_LATE] = {"late", true},
    [SIM_FAULT_FROZEN] = {"frozen", false},
    [SIM_FAULT_GARBLED] = {"garbled", false},
};

int sim_fault_find(const char *name) {
    for (int i = 0; i < SIM_FAULT_COUNT; i++)
        if (strcmp(kinds[i].name, name) == 0)
            return i;
    return -1;
}

int sim_fault_set(struct sim_fault *fault, enum sim_fault_kind kind, int32_t ms) {
    assert((unsigned)kind < SIM_FAULT_COUNT);
    bool timed = ms != SIM_FAULT_STAYS;
    if (timed && (ms < 1 || ms > MS_MAX))
        return -EINVAL;
    if (!timed && kinds[kind].needs_time)
        return -EINVAL;
    bool for_ever = kinds[kind].needs_time || !timed;
    *fault = (struct sim_fault){.kind = kind, .ms = ms, .for_ever = for_ever, .left_us = (int64_t)ms * 1000};
    return 0;
}

void sim_fault_step(struct sim_fault *fault, int64_t dt_us) {
    if (fault->kind == SIM_FAULT_NONE || fault->for_ever)
        return;
    fault->left_us -= dt_us;
    if (fault->left_us <= 0)
        *fault = (struct sim_fault){.kind = SIM_FAULT_NONE};
}
