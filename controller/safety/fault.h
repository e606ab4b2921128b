/* The faults, one table (fault.def): id, texts, category. Bit numbers of the fault masks are the ids. */
#ifndef BELAY_CONTROLLER_SAFETY_FAULT_H
#define BELAY_CONTROLLER_SAFETY_FAULT_H

#include <stdint.h>

enum fault_id {
    FAULT_NONE = 0,
#define FAULT(ID, name, category, text, cause, remedy) FAULT_##ID,
#include "controller/safety/fault.def"
#undef FAULT
    FAULT_COUNT
};
_Static_assert(FAULT_COUNT <= 32, "fault masks are 32 bits wide");

#define FAULT_BIT(ID) (UINT32_C(1) << FAULT_##ID)

struct fault_text {
    const char *name; /* stable, for files and the protocol: "estop" */
    int category;     /* stop category that the fault starts: 0 or 1 */
    const char *text; /* short, for the banner */
    const char *cause;
    const char *remedy;
};

/* Texts of a fault; FAULT_NONE gives empty ones. Asserts that the id is in range. Never NULL. */
const struct fault_text *fault_text(enum fault_id id);

#endif
