/* Register access to a simulated world without a network, for tests. */
#ifndef BELAY_TESTS_SIM_BUS_H
#define BELAY_TESTS_SIM_BUS_H

#include <criterion/criterion.h>
#include <stdint.h>

#include "sim/sim.h"

#define FREE_CLIMB_WORLD BELAY_SOURCE_DIR "/sim/scenarios/free-climb/world.yaml"
#define TWO_WINCHES_WORLD BELAY_SOURCE_DIR "/tests/worlds/two-winches.yaml"

static inline struct sim_world *sim_bus_world(const char *path) {
    char errors[4096];
    struct sim_world *world = sim_world_new(path, errors, sizeof errors);
    cr_assert(world, "%s", errors);
    return world;
}

/* Function 06. Returns 0 or the exception code. */
static inline int sim_bus_write(struct sim_world *world, uint8_t unit, uint16_t wire, uint16_t value) {
    const uint8_t pdu[] = {6, (uint8_t)(wire >> 8), (uint8_t)wire, (uint8_t)(value >> 8), (uint8_t)value};
    uint8_t reply[253];
    int length = sim_world_request(world, unit, pdu, sizeof pdu, reply);
    cr_assert(length == 5 || length == 2, "unit %d does not answer", unit);
    return length == 2 ? reply[1] : 0;
}

/* One register by function 03 or 04. */
static inline uint16_t sim_bus_read(struct sim_world *world, uint8_t unit, uint8_t function, uint16_t wire) {
    const uint8_t pdu[] = {function, (uint8_t)(wire >> 8), (uint8_t)wire, 0, 1};
    uint8_t reply[253];
    cr_assert_eq(sim_world_request(world, unit, pdu, sizeof pdu, reply), 4, "unit %d register %d", unit, wire);
    return (uint16_t)(reply[2] << 8 | reply[3]);
}

#endif
