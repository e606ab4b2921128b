/* Register requests: what each function answers, and every way of refusing. */
#include "sim/device/bank.h"

#include <criterion/criterion.h>
#include <string.h>

/* 10..19 can be written, 20..29 only read; input registers 10..14; 15 takes no odd values. */
struct registers {
    uint16_t word[30];
};

static uint16_t read_word(const void *device, bool input, uint16_t wire) {
    const struct registers *registers = device;
    return (uint16_t)(registers->word[wire] + (input ? 1000 : 0));
}

static bool accepts(const void *device, uint16_t wire, uint16_t value) {
    (void)device;
    return wire != 15 || value % 2 == 0;
}

static void write_word(void *device, uint16_t wire, uint16_t value) {
    struct registers *registers = device;
    registers->word[wire] = value;
}

static const struct bank_range ranges[] = {
    {.first = 10, .count = 10, .writable = true}, {.first = 20, .count = 10}, {.first = 10, .count = 5, .input = true}};
static const struct bank bank = {
    .ranges = ranges,
    .range_count = 3,
    .functions = 1u << 3 | 1u << 4 | 1u << 6 | 1u << 16 | 1u << 23,
    .request_max = 18,
    .read = read_word,
    .accepts = accepts,
    .write = write_word,
};

struct call {
    const char *what;
    uint8_t pdu[32];
    int length;
    uint8_t reply[16];
    int reply_length;
};

static const struct call calls[] = {
    {"read 2", {3, 0, 12, 0, 2}, 5, {3, 4, 0, 12, 0, 13}, 6},
    {"read across two ranges", {3, 0, 19, 0, 2}, 5, {3, 4, 0, 19, 0, 20}, 6},
    {"read input", {4, 0, 14, 0, 1}, 5, {4, 2, 0x03, 0xF6}, 4},
    {"read beyond the end", {3, 0, 29, 0, 2}, 5, {0x83, 2}, 2},
    {"read beyond 65535", {3, 0xFF, 0xFF, 0, 2}, 5, {0x83, 2}, 2},
    {"read before the start", {3, 0, 9, 0, 2}, 5, {0x83, 2}, 2},
    {"read input beyond the end", {4, 0, 14, 0, 2}, 5, {0x84, 2}, 2},
    {"read none", {3, 0, 12, 0, 0}, 5, {0x83, 3}, 2},
    {"read more than the device allows", {3, 0, 10, 0, 19}, 5, {0x83, 3}, 2},
    {"read 65535", {3, 0, 10, 0xFF, 0xFF}, 5, {0x83, 3}, 2},
    {"read, one byte short", {3, 0, 12, 0}, 4, {0x83, 3}, 2},
    {"read, one byte long", {3, 0, 12, 0, 1, 0}, 6, {0x83, 3}, 2},
    {"function code only", {3}, 1, {0x83, 3}, 2},
    {"write one", {6, 0, 12, 0x12, 0x34}, 5, {6, 0, 12, 0x12, 0x34}, 5},
    {"write one that is read only", {6, 0, 20, 0, 1}, 5, {0x86, 2}, 2},
    {"write one that is not there", {6, 0, 9, 0, 1}, 5, {0x86, 2}, 2},
    {"write one value refused", {6, 0, 15, 0, 1}, 5, {0x86, 3}, 2},
    {"write one, too long", {6, 0, 12, 0, 1, 0}, 6, {0x86, 3}, 2},
    {"write two", {16, 0, 14, 0, 2, 4, 0, 7, 0, 8}, 10, {16, 0, 14, 0, 2}, 5},
    {"write across the end of what is writable", {16, 0, 19, 0, 2, 4, 0, 7, 0, 8}, 10, {0x90, 2}, 2},
    {"write, bytes do not fit the count", {16, 0, 14, 0, 2, 2, 0, 7}, 8, {0x90, 3}, 2},
    {"write, shorter than its count", {16, 0, 14, 0, 2, 4, 0, 7, 0}, 9, {0x90, 3}, 2},
    {"write none", {16, 0, 14, 0, 0, 0}, 6, {0x90, 3}, 2},
    {"write, second value refused", {16, 0, 14, 0, 2, 4, 0, 99, 0, 9}, 10, {0x90, 3}, 2},
    {"read and write", {23, 0, 12, 0, 2, 0, 12, 0, 1, 2, 0, 77}, 12, {23, 4, 0, 77, 0, 13}, 6},
    {"read and write, read outside", {23, 0, 29, 0, 2, 0, 12, 0, 1, 2, 0, 77}, 12, {0x97, 2}, 2},
    {"read and write, write outside", {23, 0, 12, 0, 2, 0, 20, 0, 1, 2, 0, 77}, 12, {0x97, 2}, 2},
    {"read and write, write before the start", {23, 0, 12, 0, 1, 0, 0, 0, 1, 2, 0, 77}, 12, {0x97, 2}, 2},
    {"read and write, too many", {23, 0, 12, 0, 2, 0, 12, 0, 19, 38, 0, 77}, 12, {0x97, 3}, 2},
    {"read and write, header only", {23, 0, 12, 0, 2, 0, 12, 0, 1}, 9, {0x97, 3}, 2},
    {"coils", {1, 0, 12, 0, 1}, 5, {0x81, 1}, 2},
    {"function 7", {7}, 1, {0x87, 1}, 2},
    {"function 0", {0}, 1, {0x80, 1}, 2},
    {"function 0x83", {0x83, 0, 0}, 3, {0x83, 1}, 2},
};

static struct registers fresh(void) {
    struct registers registers;
    for (uint16_t i = 0; i < 30; i++)
        registers.word[i] = i;
    return registers;
}

Test(sim_device_bank, every_answer) {
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        const struct call *call = &calls[i];
        struct registers registers = fresh(), before = fresh();
        uint8_t reply[BANK_PDU_MAX];
        int length = bank_request(&bank, &registers, &registers, call->pdu, call->length, reply);
        cr_expect_eq(length, call->reply_length, "%s: %d bytes", call->what, length);
        cr_expect_eq(memcmp(reply, call->reply, (size_t)call->reply_length), 0, "%s", call->what);
        if (call->reply[0] & 0x80)
            cr_expect_eq(memcmp(&registers, &before, sizeof before), 0, "%s: refused, and yet written", call->what);
    }
}

Test(sim_device_bank, writes_what_it_confirms) {
    struct registers registers = fresh();
    uint8_t reply[BANK_PDU_MAX];
    bank_request(&bank, &registers, &registers, (const uint8_t[]){16, 0, 14, 0, 2, 4, 1, 7, 0, 8}, 10, reply);
    cr_assert_eq(registers.word[14], 0x107);
    cr_assert_eq(registers.word[15], 8);
}

Test(sim_device_bank, a_function_the_device_lacks) {
    struct bank poor = bank;
    poor.functions = 1u << 3;
    struct registers registers = fresh();
    uint8_t reply[BANK_PDU_MAX];
    int length = bank_request(&poor, &registers, &registers, (const uint8_t[]){4, 0, 12, 0, 1}, 5, reply);
    cr_assert_eq(length, 2);
    cr_assert_eq(reply[0], 0x84);
    cr_assert_eq(reply[1], 1);
}

Test(sim_device_bank, a_frozen_device_shows_old_values_and_takes_new_ones) {
    struct registers registers = fresh(), old = fresh();
    uint8_t reply[BANK_PDU_MAX];
    bank_request(&bank, &registers, &old, (const uint8_t[]){23, 0, 12, 0, 1, 0, 12, 0, 1, 2, 0, 77}, 12, reply);
    cr_assert_eq(registers.word[12], 77);
    cr_assert_eq(reply[3], 12);
}
