/* Modbus TCP frames. */
#include "sim/mbap.h"

#include <assert.h>
#include <errno.h>

static int word_at(const uint8_t *bytes) {
    return bytes[0] << 8 | bytes[1];
}

int mbap_take(const uint8_t *bytes, int available, struct mbap_frame *frame) {
    assert(available >= 0);
    if (available < MBAP_HEADER)
        return 0;
    int length = word_at(bytes + 4); /* unit and PDU */
    if (word_at(bytes + 2) != 0 || length < 2 || length > 1 + MBAP_PDU_MAX)
        return -EPROTO;
    int total = MBAP_HEADER - 1 + length;
    if (available < total)
        return 0;
    *frame = (struct mbap_frame){.transaction = (uint16_t)word_at(bytes),
                                 .unit = bytes[6],
                                 .pdu = bytes + MBAP_HEADER,
                                 .pdu_length = length - 1};
    return total;
}

int mbap_wrap(uint8_t *frame, uint16_t transaction, uint8_t unit, int pdu_length) {
    assert(pdu_length >= 1 && pdu_length <= MBAP_PDU_MAX);
    frame[0] = (uint8_t)(transaction >> 8);
    frame[1] = (uint8_t)transaction;
    frame[2] = frame[3] = 0;
    frame[4] = (uint8_t)((pdu_length + 1) >> 8);
    frame[5] = (uint8_t)(pdu_length + 1);
    frame[6] = unit;
    return MBAP_HEADER + pdu_length;
}
