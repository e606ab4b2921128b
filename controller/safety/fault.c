/* The fault texts and gentlest reactions, from fault.def. */
#include "controller/safety/fault.h"

#include <assert.h>

static const struct fault_text texts[FAULT_COUNT] = {
    [FAULT_NONE] = {"none", "", "", ""},
#define FAULT(ID, name, gentlest, text, cause, remedy) [FAULT_##ID] = {name, text, cause, remedy},
#include "controller/safety/fault.def"
#undef FAULT
};

static const enum stop_reaction gentlest_of[FAULT_COUNT] = {
    [FAULT_NONE] = STOP_NONE,
#define FAULT(ID, name, gentlest, text, cause, remedy) [FAULT_##ID] = STOP_##gentlest,
#include "controller/safety/fault.def"
#undef FAULT
};

const struct fault_text *fault_text(enum fault_id id) {
    assert(id >= 0 && id < FAULT_COUNT);
    return &texts[id];
}

enum stop_reaction fault_gentlest(enum fault_id id) {
    assert(id > 0 && id < FAULT_COUNT);
    return gentlest_of[id];
}

bool fault_has(uint64_t faults, int id) {
    assert(id >= 0 && id < FAULT_COUNT);
    /*@ assert 0 <= id < 64; */
    return ((faults >> id) & 1) != 0;
}

uint64_t fault_if(bool there, int id) {
    return there ? UINT64_C(1) << id : 0;
}

uint64_t fault_with(uint64_t faults, bool there, int id) {
    return fault_either(faults, fault_if(there, id));
}

uint64_t fault_either(uint64_t one, uint64_t other) {
    return one | other;
}

uint64_t fault_both(uint64_t one, uint64_t other) {
    return one & other;
}

uint64_t fault_without(uint64_t faults, uint64_t others) {
    return faults & ~others;
}
