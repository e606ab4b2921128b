/* Looking up the stop table. */
#include "controller/safety/stop.h"

#include <assert.h>

bool stop_cell_good(const struct stop_cell *cell, enum fault_id id) {
    bool hard_enough = cell->reaction >= fault_gentlest(id) && cell->reaction <= STOP_OFF;
    bool scoped = cell->scope == STOP_AXIS || cell->scope == STOP_RIG;
    bool allows = cell->allows_payout || cell->allows_takein;
    bool wrongly = allows && fault_has(STOP_NEVER_ALLOWED, (int)id);
    return hard_enough && scoped && !wrongly;
}

struct stop_place stop_table_check(const struct stop_table *table) {
    for (int id = 1; id < FAULT_COUNT; id++)
        for (int mode = 0; mode < MODE_COUNT; mode++)
            for (int direction = 0; direction < DIRECTION_COUNT; direction++)
                if (!stop_cell_good(&table->cell[id][mode][direction], (enum fault_id)id))
                    return (struct stop_place){(enum fault_id)id, (enum axis_mode)mode, (enum stop_direction)direction};
    return (struct stop_place){FAULT_NONE, MODE_NONE, DIRECTION_STANDING};
}

enum stop_direction stop_direction(int32_t setpoint_um_s, int32_t speed_um_s, int32_t standstill_um_s) {
    if (setpoint_um_s > 0)
        return DIRECTION_PAYOUT;
    if (setpoint_um_s < 0)
        return DIRECTION_TAKEIN;
    if (speed_um_s > standstill_um_s)
        return DIRECTION_PAYOUT;
    return speed_um_s < -standstill_um_s ? DIRECTION_TAKEIN : DIRECTION_STANDING;
}

enum stop_reaction stop_strongest(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                                  enum stop_direction direction) {
    enum stop_reaction strongest = STOP_NONE;
    for (int id = 1; id < FAULT_COUNT; id++)
        if (fault_has(faults, id) && table->cell[id][mode][direction].reaction > strongest)
            strongest = table->cell[id][mode][direction].reaction;
    return strongest;
}

bool stop_of_rig(const struct stop_table *table, uint64_t faults, enum axis_mode mode, enum stop_direction direction) {
    for (int id = 1; id < FAULT_COUNT; id++)
        if (fault_has(faults, id) && table->cell[id][mode][direction].scope == STOP_RIG)
            return true;
    return false;
}

uint64_t stop_allowing_payout(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction) {
    uint64_t allowing = 0;
    for (int id = 1; id < FAULT_COUNT; id++)
        if (table->cell[id][mode][direction].allows_payout)
            allowing |= UINT64_C(1) << id;
    return allowing & faults & ~STOP_NEVER_ALLOWED;
}

uint64_t stop_allowing_takein(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction) {
    uint64_t allowing = 0;
    for (int id = 1; id < FAULT_COUNT; id++)
        if (table->cell[id][mode][direction].allows_takein)
            allowing |= UINT64_C(1) << id;
    return allowing & faults & ~STOP_NEVER_ALLOWED;
}

const char *stop_reaction_name(enum stop_reaction reaction) {
    static const char *const names[STOP_REACTION_COUNT] = {"none", "ramp", "drive", "off"};
    assert(reaction >= 0 && reaction < STOP_REACTION_COUNT);
    return names[reaction];
}

const char *stop_scope_name(enum stop_scope scope) {
    static const char *const names[STOP_SCOPE_COUNT] = {"axis", "rig"};
    assert(scope >= 0 && scope < STOP_SCOPE_COUNT);
    return names[scope];
}

const char *stop_direction_name(enum stop_direction direction) {
    static const char *const names[DIRECTION_COUNT] = {"standing", "payout", "takein"};
    assert(direction >= 0 && direction < DIRECTION_COUNT);
    return names[direction];
}
