/* A bank of 16-bit registers behind Modbus function codes 03, 04, 06, 16 and 23: request PDU in, reply PDU out. Pure.
 *
 * Modbus application protocol V1.1b3, sections 6 and 7. A request is checked as a whole before anything of it is done.
 */
#ifndef BELAY_SIM_DEVICE_BANK_H
#define BELAY_SIM_DEVICE_BANK_H

#include <stdbool.h>
#include <stdint.h>

#define BANK_PDU_MAX 253
#define BANK_READ_MAX 125  /* registers by function 03, 04 and 23 */
#define BANK_WRITE_MAX 123 /* registers by function 16 */
#define BANK_BOTH_MAX 121  /* registers written by function 23 */

enum bank_function {
    BANK_READ_HOLDING = 3,
    BANK_READ_INPUT = 4,
    BANK_WRITE_ONE = 6,
    BANK_WRITE = 16,
    BANK_READ_WRITE = 23
};

enum bank_exception {
    BANK_ILLEGAL_FUNCTION = 1,
    BANK_ILLEGAL_ADDRESS = 2,
    BANK_ILLEGAL_VALUE = 3
};

/* A run of registers. */
struct bank_range {
    uint16_t first, count;
    bool input;    /* read by function 04, else by 03 and 23 */
    bool writable; /* holding registers only */
};

/* What a device lets the bus see. */
struct bank {
    const struct bank_range *ranges;
    int range_count;
    uint32_t functions;   /* bit 1 << function code of those it answers */
    uint16_t request_max; /* registers one request may carry; BANK_READ_MAX unless the device allows less */
    uint16_t (*read)(const void *device, bool input, uint16_t wire);
    bool (*accepts)(const void *device, uint16_t wire, uint16_t value); /* may this be written? */
    void (*write)(void *device, uint16_t wire, uint16_t value);
};

/* Answers one request. Reads show `shown`, which is `device` or an old copy of it; writes go to `device`.
 * `reply` has room for BANK_PDU_MAX bytes. Returns the reply's length, at least 2. */
int bank_request(const struct bank *bank, void *device, const void *shown, const uint8_t *pdu, int length,
                 uint8_t *reply);

#endif
