/* Looking up the stop table. */
#include "controller/safety/stop.h"

#include <assert.h>

bool stop_cell_good(const struct stop_cell *cell, enum fault_id id) {
    bool hard_enough = cell->reaction >= fault_gentlest(id) && cell->reaction <= STOP_OFF;
    bool scoped = cell->scope == STOP_AXIS || cell->scope == STOP_GROUP || cell->scope == STOP_RIG;
    bool allows = cell->allows_payout || cell->allows_takein;
    bool wrongly = allows && fault_has(STOP_NEVER_ALLOWED, (int)id);
    return hard_enough && scoped && !wrongly;
}

/*@ requires \valid_read(table) && 1 <= id < FAULT_COUNT && 0 <= mode < MODE_COUNT;
    assigns \nothing;
    ensures 0 <= \result <= DIRECTION_COUNT;
    ensures stop_cells_valid(table, id, mode, \result);
*/
static int good_directions(const struct stop_table *table, int id, int mode) {
    int direction = 0;
    /*@ loop invariant 0 <= direction <= DIRECTION_COUNT;
        loop invariant stop_cells_valid(table, id, mode, direction);
        loop assigns direction;
        loop variant DIRECTION_COUNT - direction;
    */
    while (direction < DIRECTION_COUNT && stop_cell_good(&table->cell[id][mode][direction], (enum fault_id)id))
        direction++;
    return direction;
}

/* First mode with a bad cell in a fault's row; MODE_COUNT: none. */
/*@ requires \valid_read(table) && 1 <= id < FAULT_COUNT;
    assigns \nothing;
    ensures 0 <= \result <= MODE_COUNT;
    ensures \result == MODE_COUNT ==> stop_row_valid(table, id, MODE_COUNT);
*/
static int good_modes(const struct stop_table *table, int id) {
    int mode = 0;
    /*@ loop invariant 0 <= mode <= MODE_COUNT;
        loop invariant stop_row_valid(table, id, mode);
        loop assigns mode;
        loop variant MODE_COUNT - mode;
    */
    while (mode < MODE_COUNT && good_directions(table, id, mode) == DIRECTION_COUNT)
        mode++;
    return mode;
}

/* First fault with a bad cell; FAULT_COUNT: none. */
/*@ requires \valid_read(table);
    assigns \nothing;
    ensures 1 <= \result <= FAULT_COUNT;
    ensures \result == FAULT_COUNT ==> stop_table_valid(table);
*/
static int good_faults(const struct stop_table *table) {
    int id = 1;
    /*@ loop invariant 1 <= id <= FAULT_COUNT;
        loop invariant \forall integer i; 1 <= i < id ==> stop_row_valid(table, i, MODE_COUNT);
        loop assigns id;
        loop variant FAULT_COUNT - id;
    */
    while (id < FAULT_COUNT && good_modes(table, id) == MODE_COUNT)
        id++;
    return id;
}

struct stop_place stop_table_check(const struct stop_table *table) {
    struct stop_place place = {FAULT_NONE, MODE_NONE, DIRECTION_STANDING};
    int id = good_faults(table);
    if (id == FAULT_COUNT)
        return place;
    int mode = good_modes(table, id) % MODE_COUNT;
    place.fault = (enum fault_id)id;
    place.mode = (enum axis_mode)mode;
    place.direction = (enum stop_direction)(good_directions(table, id, mode) % DIRECTION_COUNT);
    return place;
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

/*@ requires \valid_read(table) && stop_table_valid(table) && 1 <= id < FAULT_COUNT;
    requires stop_place_valid(mode, direction);
    assigns \nothing;
    ensures \result == table->cell[id][mode][direction].reaction;
    ensures STOP_RAMP <= \result <= STOP_OFF;
*/
static enum stop_reaction reaction_of(const struct stop_table *table, int id, enum axis_mode mode,
                                      enum stop_direction direction) {
    //@ assert stop_row_valid(table, id, MODE_COUNT);
    //@ assert stop_cells_valid(table, id, mode, DIRECTION_COUNT);
    return table->cell[id][mode][direction].reaction;
}

enum stop_reaction stop_strongest(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                                  enum stop_direction direction) {
    enum stop_reaction strongest = STOP_NONE;
    /*@ loop invariant 1 <= id <= FAULT_COUNT && STOP_NONE <= strongest <= STOP_OFF;
        loop invariant \forall integer i; 1 <= i < id && fault_in(faults, i) ==>
          strongest >= table->cell[i][mode][direction].reaction;
        loop invariant \forall integer i; 1 <= i < id && fault_in(faults, i) ==> strongest >= STOP_RAMP;
        loop invariant strongest == STOP_NONE || \exists integer i; 1 <= i < id && fault_in(faults, i) &&
          strongest == table->cell[i][mode][direction].reaction;
        loop assigns id, strongest;
        loop variant FAULT_COUNT - id;
    */
    for (int id = 1; id < FAULT_COUNT; id++)
        if (fault_has(faults, id) && reaction_of(table, id, mode, direction) > strongest)
            strongest = reaction_of(table, id, mode, direction);
    return strongest;
}

enum stop_scope stop_widest(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                            enum stop_direction direction) {
    enum stop_scope widest = STOP_AXIS;
    /*@ loop invariant 1 <= id <= FAULT_COUNT && STOP_AXIS <= widest <= STOP_GROUP;
        loop invariant \forall integer i; 1 <= i < id && fault_in(faults, i) ==>
          table->cell[i][mode][direction].scope != STOP_RIG;
        loop invariant widest == STOP_GROUP <==> \exists integer i; 1 <= i < id && fault_in(faults, i) &&
          table->cell[i][mode][direction].scope == STOP_GROUP;
        loop assigns id, widest;
        loop variant FAULT_COUNT - id;
    */
    for (int id = 1; id < FAULT_COUNT; id++) {
        if (fault_has(faults, id) && table->cell[id][mode][direction].scope == STOP_RIG)
            return STOP_RIG;
        if (fault_has(faults, id) && table->cell[id][mode][direction].scope == STOP_GROUP)
            widest = STOP_GROUP;
    }
    return widest;
}

uint64_t stop_allowing_payout(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction) {
    uint64_t allowing = 0;
    /*@ loop invariant 1 <= id <= FAULT_COUNT;
        loop assigns id, allowing;
        loop variant FAULT_COUNT - id;
    */
    for (int id = 1; id < FAULT_COUNT; id++)
        if (table->cell[id][mode][direction].allows_payout)
            allowing |= UINT64_C(1) << id;
    return allowing & faults & ~STOP_NEVER_ALLOWED;
}

uint64_t stop_allowing_takein(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction) {
    uint64_t allowing = 0;
    /*@ loop invariant 1 <= id <= FAULT_COUNT;
        loop assigns id, allowing;
        loop variant FAULT_COUNT - id;
    */
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
    static const char *const names[STOP_SCOPE_COUNT] = {"axis", "group", "rig"};
    assert(scope >= 0 && scope < STOP_SCOPE_COUNT);
    return names[scope];
}

const char *stop_direction_name(enum stop_direction direction) {
    static const char *const names[DIRECTION_COUNT] = {"standing", "payout", "takein"};
    assert(direction >= 0 && direction < DIRECTION_COUNT);
    return names[direction];
}
