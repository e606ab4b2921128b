/* The faults, one table (fault.def): id, texts, gentlest reaction. Bit numbers of the fault masks are the ids. */
#ifndef BELAY_CONTROLLER_SAFETY_FAULT_H
#define BELAY_CONTROLLER_SAFETY_FAULT_H

#include <stdbool.h>
#include <stdint.h>

enum fault_id {
    FAULT_NONE = 0,
#define FAULT(ID, name, gentlest, text, cause, remedy) FAULT_##ID,
#include "controller/safety/fault.def"
#undef FAULT
    FAULT_COUNT
};
_Static_assert(FAULT_COUNT <= 64, "fault masks are 64 bits wide");

#define FAULT_BIT(ID) (UINT64_C(1) << FAULT_##ID)

/* What a stop does, from the gentlest to the hardest; the order is meant. */
enum stop_reaction {
    STOP_NONE, /* no stop; no cell of a table may say so */
    STOP_RAMP, /* category 1: the controller ramps the setpoint down, then the brake, then torque off */
    STOP_DRIVE, /* category 1: the drive's own quick stop, then the brake, then torque off */
    STOP_OFF, /* category 0: torque off and brake at once */
    STOP_REACTION_COUNT
};

struct fault_text {
    const char *name; /* stable, for files and the protocol: "estop" */
    const char *text; /* short, for the banner */
    const char *cause;
    const char *remedy;
};

/* Texts of a fault; FAULT_NONE gives empty ones. Asserts that the id is in range. Never NULL. */
/*@ requires 0 <= id < FAULT_COUNT;
    assigns \nothing;
    ensures \valid_read(\result);
*/
const struct fault_text *fault_text(enum fault_id id);

/* The gentlest reaction that a stop table may give this fault. */
/*@ requires 1 <= id < FAULT_COUNT;
    assigns \nothing;
    ensures STOP_RAMP <= \result <= STOP_OFF;
*/
enum stop_reaction fault_gentlest(enum fault_id id);

/*@ predicate fault_in(integer faults, integer id) = ((faults >> id) & 1) != 0; */

/* Is the fault in the mask? */
/*@ requires 0 <= id < FAULT_COUNT;
    assigns \nothing;
    ensures \result <==> fault_in(faults, id);
*/
bool fault_has(uint64_t faults, int id);

/* The mask of one fault, empty unless it is there. */
/*@ requires 0 <= id < 64;
    assigns \nothing;
    ensures members: \forall integer i; 0 <= i < 64 ==> (fault_in(\result, i) <==> there && i == id);
    ensures nothing: !there ==> \result == 0;
*/
uint64_t fault_if(bool there, int id);

/* The mask with one more fault, if it is there. */
/*@ requires 0 <= id < 64;
    assigns \nothing;
    ensures members: \forall integer i; 0 <= i < 64 ==>
      (fault_in(\result, i) <==> fault_in(faults, i) || (there && i == id));
*/
uint64_t fault_with(uint64_t faults, bool there, int id);

/* Faults of either mask, of both, of one and not of the other. */
/*@ assigns \nothing;
    ensures mask: \result == (one | other);
    ensures members: \forall integer id; 0 <= id < 64 ==>
      (fault_in(\result, id) <==> fault_in(one, id) || fault_in(other, id));
*/
uint64_t fault_either(uint64_t one, uint64_t other);
/*@ assigns \nothing;
    ensures mask: \result == (one & other);
    ensures members: \forall integer id; 0 <= id < 64 ==>
      (fault_in(\result, id) <==> fault_in(one, id) && fault_in(other, id));
*/
uint64_t fault_both(uint64_t one, uint64_t other);
/*@ assigns \nothing;
    ensures mask: \result == (faults & (uint64_t)~others);
    ensures members: \forall integer id; 0 <= id < 64 ==>
      (fault_in(\result, id) <==> fault_in(faults, id) && !fault_in(others, id));
*/
uint64_t fault_without(uint64_t faults, uint64_t others);

#endif
