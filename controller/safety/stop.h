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
    STOP_AXIS, /* this axis stops */
    STOP_RIG, /* every axis stops */
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
     FAULT_BIT(DRIVE_STALE) | FAULT_BIT(LINK_LOST) | FAULT_BIT(DRIVE_FAULT) | FAULT_BIT(CYCLE_OVERRUN) |               \
     FAULT_BIT(CHAIN_OFF) | FAULT_BIT(SETTING_CHANGED))

/*@ predicate stop_cell_valid(struct stop_cell *cell, integer id) =
      STOP_RAMP <= cell->reaction <= STOP_OFF && STOP_AXIS <= cell->scope <= STOP_RIG;

    predicate stop_table_valid(struct stop_table *table) =
      \forall integer id, mode, direction;
        1 <= id < FAULT_COUNT && 0 <= mode < MODE_COUNT && 0 <= direction < DIRECTION_COUNT ==>
        stop_cell_valid(&table->cell[id][mode][direction], id);
*/

/* A cell's place; `fault` is FAULT_NONE when there is none. */
struct stop_place {
    enum fault_id fault;
    enum axis_mode mode;
    enum stop_direction direction;
};

/* May this cell stand in a table for fault `id`? Its reaction must not be gentler than fault_gentlest(), its scope must
 * be one, and a fault of STOP_NEVER_ALLOWED must allow no direction. */
bool stop_cell_good(const struct stop_cell *cell, enum fault_id id);

/* The first bad cell of a table, or fault FAULT_NONE: then the table may be used. */
struct stop_place stop_table_check(const struct stop_table *table);

/* Standing, or the direction of the setpoint, and with none that of the drum. um/s. */
enum stop_direction stop_direction(int32_t setpoint_um_s, int32_t speed_um_s, int32_t standstill_um_s);

/* The hardest reaction that any fault of the mask asks for; STOP_NONE for an empty mask. */
enum stop_reaction stop_strongest(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                                  enum stop_direction direction);

/* Does any fault of the mask stop the whole rig? */
bool stop_of_rig(const struct stop_table *table, uint64_t faults, enum axis_mode mode, enum stop_direction direction);

/* The faults of the mask that allow pay-out, and those that allow take-in, while their cause remains. */
uint64_t stop_allowing_payout(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction);
uint64_t stop_allowing_takein(const struct stop_table *table, uint64_t faults, enum axis_mode mode,
                              enum stop_direction direction);

/* "ramp", "drive", "off"; "axis", "rig"; "standing", "payout", "takein": words of rig files and reports. Never NULL. */
const char *stop_reaction_name(enum stop_reaction reaction);
const char *stop_scope_name(enum stop_scope scope);
const char *stop_direction_name(enum stop_direction direction);

#endif
