/* Frames of Modbus TCP: MBAP header and PDU (Modbus messaging on TCP/IP V1.0b, 3.1.3). Pure. */
#ifndef BELAY_SIM_MBAP_H
#define BELAY_SIM_MBAP_H

#include <stdint.h>

#define MBAP_HEADER 7
#define MBAP_PDU_MAX 253
#define MBAP_FRAME_MAX (MBAP_HEADER + MBAP_PDU_MAX)

struct mbap_frame {
    uint16_t transaction;
    uint8_t unit;
    const uint8_t *pdu; /* into the bytes given to mbap_take() */
    int pdu_length;     /* 1..MBAP_PDU_MAX */
};

/* Takes the first frame of a stream. Returns its bytes, 0 while it is incomplete, or -EPROTO when the header is not
 * Modbus: nothing behind it can be understood, so the connection must end. */
int mbap_take(const uint8_t *bytes, int available, struct mbap_frame *frame);

/* Writes the header in front of a PDU that already stands at frame + MBAP_HEADER. Returns the frame's bytes. */
int mbap_wrap(uint8_t *frame, uint16_t transaction, uint8_t unit, int pdu_length);

#endif
