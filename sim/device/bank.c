/* Register requests: a table of function codes, each checked completely before it is carried out. */
#include "sim/device/bank.h"

#include <assert.h>
#include <stddef.h>

/* One request taken apart. */
struct request {
    const struct bank *bank;
    void *device;
    const void *shown;
    const uint8_t *pdu;
    int length;
    uint8_t *reply;
};

static uint16_t word_at(const uint8_t *bytes) {
    return (uint16_t)(bytes[0] << 8 | bytes[1]);
}

static void put_word(uint8_t *bytes, uint16_t value) {
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static int exception(const struct request *request, enum bank_exception code) {
    request->reply[0] = request->pdu[0] | 0x80;
    request->reply[1] = (uint8_t)code;
    return 2;
}

static const struct bank_range *range_of(const struct bank *bank, bool input, uint32_t wire) {
    for (int i = 0; i < bank->range_count; i++) {
        const struct bank_range *range = &bank->ranges[i];
        if (range->input == input && wire >= range->first && wire < (uint32_t)range->first + range->count)
            return range;
    }
    return NULL;
}

static bool known(const struct bank *bank, bool input, bool to_write, uint16_t first, uint16_t count) {
    for (uint32_t wire = first; wire < (uint32_t)first + count; wire++) {
        const struct bank_range *range = range_of(bank, input, wire);
        if (!range || (to_write && !range->writable))
            return false;
    }
    return true;
}

static bool accepted(const struct request *request, uint16_t first, uint16_t count, const uint8_t *values) {
    for (uint16_t i = 0; i < count; i++)
        if (!request->bank->accepts(request->device, (uint16_t)(first + i), word_at(values + 2 * i)))
            return false;
    return true;
}

static void store(const struct request *request, uint16_t first, uint16_t count, const uint8_t *values) {
    for (uint16_t i = 0; i < count; i++)
        request->bank->write(request->device, (uint16_t)(first + i), word_at(values + 2 * i));
}

static int show(const struct request *request, bool input, uint16_t first, uint16_t count) {
    assert(count <= BANK_READ_MAX);
    request->reply[0] = request->pdu[0];
    request->reply[1] = (uint8_t)(2 * count);
    for (uint16_t i = 0; i < count; i++)
        put_word(request->reply + 2 + 2 * i, request->bank->read(request->shown, input, (uint16_t)(first + i)));
    return 2 + 2 * count;
}

static bool count_fits(const struct request *request, uint16_t count, uint16_t most) {
    return count >= 1 && count <= most && count <= request->bank->request_max;
}

/* 03 and 04: first, count. */
static int serve_read(const struct request *request) {
    bool input = request->pdu[0] == BANK_READ_INPUT;
    uint16_t first = word_at(request->pdu + 1), count = word_at(request->pdu + 3);
    if (request->length != 5 || !count_fits(request, count, BANK_READ_MAX))
        return exception(request, BANK_ILLEGAL_VALUE);
    if (!known(request->bank, input, false, first, count))
        return exception(request, BANK_ILLEGAL_ADDRESS);
    return show(request, input, first, count);
}

static int echo_start(const struct request *request) {
    for (int i = 0; i < 5; i++)
        request->reply[i] = request->pdu[i];
    return 5;
}

/* 06: register, value. */
static int serve_write_one(const struct request *request) {
    uint16_t wire = word_at(request->pdu + 1);
    if (request->length != 5)
        return exception(request, BANK_ILLEGAL_VALUE);
    if (!known(request->bank, false, true, wire, 1))
        return exception(request, BANK_ILLEGAL_ADDRESS);
    if (!accepted(request, wire, 1, request->pdu + 3))
        return exception(request, BANK_ILLEGAL_VALUE);
    store(request, wire, 1, request->pdu + 3);
    return echo_start(request);
}

/* 16: first, count, bytes, values. */
static int serve_write(const struct request *request) {
    uint16_t first = word_at(request->pdu + 1), count = word_at(request->pdu + 3);
    if (!count_fits(request, count, BANK_WRITE_MAX) || request->pdu[5] != 2 * count ||
        request->length != 6 + 2 * count)
        return exception(request, BANK_ILLEGAL_VALUE);
    if (!known(request->bank, false, true, first, count))
        return exception(request, BANK_ILLEGAL_ADDRESS);
    if (!accepted(request, first, count, request->pdu + 6))
        return exception(request, BANK_ILLEGAL_VALUE);
    store(request, first, count, request->pdu + 6);
    return echo_start(request);
}

/* 23: read first, read count, write first, write count, bytes, values. The write comes first. */
static int serve_read_write(const struct request *request) {
    const uint8_t *pdu = request->pdu;
    uint16_t first = word_at(pdu + 1), count = word_at(pdu + 3);
    uint16_t write_first = word_at(pdu + 5), write_count = word_at(pdu + 7);
    if (!count_fits(request, count, BANK_READ_MAX) || !count_fits(request, write_count, BANK_BOTH_MAX) ||
        pdu[9] != 2 * write_count || request->length != 10 + 2 * write_count)
        return exception(request, BANK_ILLEGAL_VALUE);
    if (!known(request->bank, false, false, first, count) ||
        !known(request->bank, false, true, write_first, write_count))
        return exception(request, BANK_ILLEGAL_ADDRESS);
    if (!accepted(request, write_first, write_count, pdu + 10))
        return exception(request, BANK_ILLEGAL_VALUE);
    store(request, write_first, write_count, pdu + 10);
    return show(request, false, first, count);
}

static const struct {
    enum bank_function function;
    int length_min; /* up to the last fixed byte */
    int (*serve)(const struct request *request);
} table[] = {
    {BANK_READ_HOLDING, 5, serve_read},  {BANK_READ_INPUT, 5, serve_read},         {BANK_WRITE_ONE, 5, serve_write_one},
    {BANK_WRITE, 6, serve_write},        {BANK_READ_WRITE, 10, serve_read_write},
};

int bank_request(const struct bank *bank, void *device, const void *shown, const uint8_t *pdu, int length,
                 uint8_t *reply) {
    assert(bank->request_max <= BANK_READ_MAX && length >= 1 && length <= BANK_PDU_MAX);
    struct request request = {bank, device, shown, pdu, length, reply};
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (pdu[0] != table[i].function || !(bank->functions & UINT32_C(1) << table[i].function))
            continue;
        if (length < table[i].length_min)
            return exception(&request, BANK_ILLEGAL_VALUE);
        return table[i].serve(&request);
    }
    return exception(&request, BANK_ILLEGAL_FUNCTION);
}
