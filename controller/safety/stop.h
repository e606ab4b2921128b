/* The stop table: fault x mode x direction -> what the stop does. Data of the rig; the kernel only looks it up and
 * refuses a table that is gentler than fault.def permits.
 */
#ifndef BELAY_CONTROLLER_SAFETY_STOP_H
#define BELAY_CONTROLLER_SAFETY_STOP_H

#include <stdbool.h>
#include <stdint.h>

#include "controller/safety/fault.h"
#include "controller/safety/state.h"

enum stop_direction { DIRECTION_STANDING, DIRECTION_PAYOUT, DIRECTION_TAKEIN, DIRECTION_COUNT };

enum stop_scope {
    STOP_AXIS,  /* this axis stops */
    STOP_GROUP, /* every axis of its group stops */
    STOP_RIG,   /* every axis stops */
    STOP_SCOPE_COUNT
};

/* One cell. The directions are those in which, after a reset, the axis may be jogged although the cause remains. */
struct stop_cell {
    enum stop_reaction reaction;
    enum stop_scope scope;
    bool allows_payout, allows_takein;
};

struct stop_table {
    struct stop_cell cell[FAULT_COUNT][MODE_COUNT][DIRECTION_COUNT]; /* row FAULT_NONE is never read */
};

/* Faults with whose cause there is no motion whatever a table says: an open or doubtful chain, a controller or a device
 * that may not be trusted. */
#define STOP_NEVER_ALLOWED                                                                                             \
    (FAULT_BIT(ESTOP) | FAULT_BIT(ESTOP_DISCREPANCY) | FAULT_BIT(ESTOP_WELDED) | FAULT_BIT(IO_STALE) |                 \
     FAULT_BIT(DRIVE_STALE) | FAULT_BIT(DRIVE_UNCLEAR) | FAULT_BIT(LINK_LOST) | FAULT_BIT(DRIVE_FAULT) |               \
     FAULT_BIT(CYCLE_OVERRUN) | FAULT_BIT(CHAIN_OFF) | FAULT_BIT(SETTING_CHANGED) | FAULT_BIT(STOP_UNCONFIRMED))

/*@ predicate stop_place_valid(integer mode, integer direction) =
      0 <= mode < MODE_COUNT && 0 <= direction < DIRECTION_COUNT;

    predicate stop_cells_valid(struct stop_table *table, integer id, integer mode, integer directions) =
      \forall integer d; 0 <= d < directions ==> STOP_RAMP <= table->cell[id][mode][d].reaction <= STOP_OFF;

    predicate stop_row_valid(struct stop_table *table, integer id, integer modes) =
      \forall integer m; 0 <= m < modes ==> stop_cells_valid(table, id, m, DIRECTION_COUNT);

    // What stop_table_check() ascertains and the judge relies on: every fault stops.
    predicate stop_table_valid(struct stop_table *table) =
      \forall integer id; 1 <= id < FAULT_COUNT ==> stop_row_valid(table, id, MODE_COUNT);
*/

/* A cell's place; `fault` is FAULT_NONE when there is none. */
struct stop_place {
    enum fault_id fault;
    enum axis_mode mode;
    enum stop_direction direction;
};

/* May this cell stand in a table for fault `id`? Its reaction must not be gentler than fault_gentlest(), its scope must
 * be one, and a fault of STOP_NEVER_ALLOWED must allow no direction. */
/*@ requires \valid_read(cell) && 1 <= id < FAULT_COUNT;
    assigns \nothing;
    ensures hard_enough: \result ==> STOP_RAMP <= cell->reaction <= STOP_OFF;
    ensures scoped: \result ==> STOP_AXIS <= cell->scope <= STOP_RIG;
    ensures off_is_good: cell->reaction == STOP_OFF && cell->scope == STOP_RIG && !cell->allows_payout &&
      !cell->allows_takein ==> \result;
*/
bool stop_cell_good(const struct stop_cell *cell, enum fault_id id);

/* The first bad cell of a table, or fault FAULT_NONE: then the table may be used. */
/*@ requires \valid_read(table);
    assigns \nothing;
    ensures good: \result.fault == FAULT_NONE ==> stop_table_valid(table);
    ensures place: 0 <= \result.fault < FAULT_COUNT && stop_place_valid(\result.mode, \result.direction);
*/
struct stop_place stop_table_check(const struct stop_table *table);

/* Standing, or the direction of the setpoint, and with none that of the drum. um/s. */
/*@ requires 0 <= standstill_um_s;
    assigns \nothing;
    ensures payout: \result == DIRECTION_PAYOUT <==>
      setpoint_um_s > 0 || (setpoint_um_s == 0 && speed_um_s > standstill_um_s);
    ensures takein: \result == DIRECTION_TAKEIN <==>
      setpoint_um_s < 0 || (setpoint_um_s == 0 && speed_um_s < -standstill_um_s);
    ensures standing: \result == DIRECTION_STANDING <==>
      setpoint_um_s == 0 && -standstill_um_s <= speed_um_s <= standstill_um_s;
*/
enum stop_direction stop_direction(int32_t setpoint_um_s, int32_t speed_um_s, int32_t standstill_um_s);

/* The hardest reaction that any fault of the mask asks for; STOP_NONE for an empty mask. */
/*@ requires \valid_read(table) && stop_table_valid(table) && stop_place_valid(mode, direction);
    assigns \nothing;
    ensures in_range: STOP_NONE <= \result <= STOP_OFF;
    ensures at_least: \forall integer id; 1 <= id < FAULT_COUNT && fault_in(faults, id) ==>
      \result >= table->cell[id][mode][direction].reaction;
    ensures stops: \forall integer id; 1 <= id < FAULT_COUNT && fault_in(faults, id) ==> \result >= STOP_RAMP;
    ensures no_more: \result == STOP_NONE || \exists integer id; 1 <= id < FAULT_COUNT && fault_in(faults, id) &&
      \result == table->cell[id][mode][direction].reaction;
*/
enum stop_reaction stop_strongest(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                                  enum stop_direction direction);

/* The widest scope of any fault of the mask; STOP_AXIS for an empty mask. */
/*@ requires \valid_read(table) && stop_place_valid(mode, direction);
    assigns \nothing;
    ensures in_range: STOP_AXIS <= \result <= STOP_RIG;
    ensures rig: \result == STOP_RIG <==> \exists integer id; 1 <= id < FAULT_COUNT && fault_in(faults, id) &&
      table->cell[id][mode][direction].scope == STOP_RIG;
    ensures group: \result >= STOP_GROUP <==> \exists integer id; 1 <= id < FAULT_COUNT && fault_in(faults, id) &&
      (table->cell[id][mode][direction].scope == STOP_GROUP || table->cell[id][mode][direction].scope == STOP_RIG);
*/
enum stop_scope stop_widest(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                            enum stop_direction direction);

/* The faults of the mask that allow pay-out, and those that allow take-in, while their cause remains. */
/*@ requires \valid_read(table) && stop_place_valid(mode, direction);
    assigns \nothing;
    ensures only_of_the_mask: \result == (\result & faults);
    ensures never: (\result & STOP_NEVER_ALLOWED) == 0;
*/
uint64_t stop_allowing_payout(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction);
/*@ requires \valid_read(table) && stop_place_valid(mode, direction);
    assigns \nothing;
    ensures only_of_the_mask: \result == (\result & faults);
    ensures never: (\result & STOP_NEVER_ALLOWED) == 0;
*/
uint64_t stop_allowing_takein(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction);

/* "ramp", "drive", "off"; "axis", "group", "rig"; "standing", "payout", "takein": words of rig files and reports. Never
 * NULL. */
/*@ requires 0 <= reaction < STOP_REACTION_COUNT;
    assigns \nothing;
*/
const char *stop_reaction_name(enum stop_reaction reaction);
/*@ requires 0 <= scope < STOP_SCOPE_COUNT;
    assigns \nothing;
*/
const char *stop_scope_name(enum stop_scope scope);
/*@ requires 0 <= direction < DIRECTION_COUNT;
    assigns \nothing;
*/
const char *stop_direction_name(enum stop_direction direction);

#endif
