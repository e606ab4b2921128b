/* Random requests to the simulated devices: never a crash, never a reply that is malformed or longer than Modbus
 * allows, never a world that stops making sense. Seeded. */
#include "tests/sim_bus.h"

#include <math.h>
#include <string.h>

#define REQUESTS 400000

static uint64_t state = 20261121;

static uint32_t below(uint32_t limit) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)((state >> 33) % limit);
}

/* Where each unit keeps registers. */
static const uint16_t places[6][4] = {
    {0, 0, 0, 0},      {0x0000, 0x0100, 0x0110, 0x0120}, {0, 6, 7, 9},
    {0, 94, 0x20, 96}, {0, 0x0800, 0x1120, 1},           {0, 1, 2, 3},
};

/* Mostly nearly right: known functions and addresses, counts that fit. Returns the length. */
static int make(uint8_t unit, uint8_t *pdu) {
    static const uint8_t functions[] = {3, 4, 6, 16, 23, 3, 6, 16, 23, 1, 43};
    int length = 1 + (int)below(253);
    for (int i = 0; i < length; i++)
        pdu[i] = (uint8_t)below(256);
    if (below(10) == 0)
        return length;
    pdu[0] = functions[below(sizeof functions)];
    uint16_t first = (uint16_t)(places[unit][below(4)] + below(2));
    uint16_t second = (uint16_t)(places[unit][below(4)] + below(2));
    uint8_t count = (uint8_t)(1 + below(below(8) ? 4 : 130)), write_count = (uint8_t)(1 + below(below(8) ? 3 : 130));
    pdu[1] = (uint8_t)(first >> 8), pdu[2] = (uint8_t)first;
    if (pdu[0] != 6)
        pdu[3] = 0, pdu[4] = count;
    if (pdu[0] == 16)
        pdu[5] = (uint8_t)(2 * count);
    if (pdu[0] == 23) {
        const uint8_t rest[] = {(uint8_t)(second >> 8), (uint8_t)second, 0, write_count, (uint8_t)(2 * write_count)};
        memcpy(pdu + 5, rest, sizeof rest);
    }
    int right = pdu[0] == 16 ? 6 + 2 * count : pdu[0] == 23 ? 10 + 2 * write_count : 5;
    return below(20) && right <= 253 ? right : length;
}

static void check_reply(const uint8_t *pdu, const uint8_t *reply, int length) {
    cr_assert(length >= 2 && length <= 253, "function %d: %d bytes", pdu[0], length);
    if (reply[0] == (pdu[0] | 0x80)) {
        cr_assert(length == 2 && reply[1] >= 1 && reply[1] <= 3);
        return;
    }
    cr_assert_eq(reply[0], pdu[0]);
    if (pdu[0] == 6 || pdu[0] == 16)
        cr_assert(length == 5 && memcmp(reply, pdu, 5) == 0);
    else
        cr_assert(length == 2 + reply[1] && reply[1] == 2 * pdu[4], "function %d", pdu[0]);
}

Test(sim_requests, any_bytes_get_a_proper_answer) {
    struct sim_world *world = sim_bus_world(FREE_CLIMB_WORLD);
    int answered = 0;
    for (int i = 0; i < REQUESTS; i++) {
        uint8_t pdu[260], reply[260];
        memset(reply, 0xA5, sizeof reply);
        uint8_t unit = (uint8_t)below(6);
        int length = make(unit, pdu), got = sim_world_request(world, unit, pdu, length, reply);
        cr_assert_eq(got == 0, unit < 1 || unit > 4, "unit %d", unit);
        if (got > 0)
            check_reply(pdu, reply, got);
        answered += got > 0 && !(reply[0] & 0x80);
        for (int b = got; b < 260; b++)
            cr_assert_eq(reply[b], 0xA5, "written behind the reply");
        if (below(4) == 0)
            sim_world_step(world, below(20000));
        if (below(2000) == 0)
            sim_world_act(world, (enum sim_act)below(ACT_COUNT), below(20) / 10.0);
        if (below(2000) == 0)
            sim_world_estop(world, (int)below(2), below(2));
        struct sim_truth truth = sim_world_truth(world);
        cr_assert(isfinite(truth.height_m) && isfinite(truth.tension_n) && isfinite(truth.rope_out_m));
        cr_assert_geq(truth.tension_n, 0);
    }
    cr_assert_gt(answered, REQUESTS / 20, "%d of %d reached a register", answered, REQUESTS);
    uint8_t reply[253];
    cr_assert_eq(sim_world_request(world, 1, reply, 0, reply), 0, "an empty request");
    cr_assert_eq(sim_world_request(world, 1, reply, 254, reply), 0, "a request that is too long");
    sim_world_free(world);
}
