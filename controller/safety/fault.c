/* The fault texts, from fault.def. */
#include "controller/safety/fault.h"

#include <assert.h>

static const struct fault_text texts[FAULT_COUNT] = {
    [FAULT_NONE] = {"none", 0, "", "", ""},
#define FAULT(ID, name, category, text, cause, remedy) [FAULT_##ID] = {name, category, text, cause, remedy},
#include "controller/safety/fault.def"
#undef FAULT
};

const struct fault_text *fault_text(enum fault_id id) {
    assert(id >= 0 && id < FAULT_COUNT);
    return &texts[id];
}
