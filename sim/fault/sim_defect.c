/* Names of the defects. What each does stands where it acts, in sim/world_run.c. */
#include "sim/fault/sim_defect.h"

#include <assert.h>
#include <string.h>

static const char *const names[SIM_DEFECT_COUNT] = {
    [SIM_DEFECT_CHANNEL_OPEN] = "channel open",
    [SIM_DEFECT_CHANNEL_WELDED] = "channel welded",
    [SIM_DEFECT_STO_WIRE] = "torque-off wire",
    [SIM_DEFECT_FIRST_BRAKE_CLOSED] = "first brake stays closed",
    [SIM_DEFECT_SECOND_BRAKE_OPEN] = "second brake stays open",
    [SIM_DEFECT_FIRST_BRAKE_LIFTED] = "first brake lifted",
    [SIM_DEFECT_SECOND_BRAKE_LIFTED] = "second brake lifted",
    [SIM_DEFECT_BRAKES_SLIP] = "brakes slip",
    [SIM_DEFECT_DRIVE_TRIPS] = "drive trips",
    [SIM_DEFECT_DRIVE_WEAK] = "drive weak",
    [SIM_DEFECT_DRIVE_DEAF] = "drive deaf",
    [SIM_DEFECT_DRIVE_RACES] = "drive races",
    [SIM_DEFECT_ENCODER_SLIPS] = "encoder slips",
    [SIM_DEFECT_CELL_LOW] = "cell reads low",
    [SIM_DEFECT_CELL_HALF] = "cell reads half",
    [SIM_DEFECT_CELL_DRIFTS] = "cell drifts",
    [SIM_DEFECT_CELL_SHORTED] = "cell shorted",
};

const char *sim_defect_name(enum sim_defect defect) {
    assert((unsigned)defect < SIM_DEFECT_COUNT);
    return names[defect];
}

int sim_defect_find(const char *name) {
    for (int i = 0; i < SIM_DEFECT_COUNT; i++)
        if (strcmp(names[i], name) == 0)
            return i;
    return -1;
}

bool sim_defect_in(uint32_t defects, enum sim_defect defect) {
    return (defects >> defect & 1) != 0;
}
