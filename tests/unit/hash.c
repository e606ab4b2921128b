/* SHA-256 by the examples of FIPS 180-4. */
#include "controller/base/hash.h"

#include <criterion/criterion.h>
#include <string.h>

Test(hash, examples_of_the_standard) {
    char hex[HASH_HEX_SIZE];
    hash_hex("abc", 3, hex);
    cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_hex("", 0, hex);
    cr_expect_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* "abc" and its digest of FIPS 180-4, appendix B.1. */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

Test(hash, a_seal_is_the_last_line_over_all_before_it) {
    const char sealed[] = "abcseal: " ABC "\n";
    const size_t length = sizeof sealed - 1;
    cr_expect(hash_seals(sealed, length, "seal: "));
    cr_expect_not(hash_seals(sealed, length, "sael: "), "another label");
    cr_expect_not(hash_seals(sealed, length - 1, "seal: "), "no line end");
    cr_expect_not(hash_seals(sealed + 1, length - 1, "seal: "), "another text");
    cr_expect_not(hash_seals(sealed + 4, length - 4, "seal: "), "shorter than a seal");
    for (size_t i = 0; i < length; i++) {
        char broken[sizeof sealed];
        memcpy(broken, sealed, sizeof sealed);
        broken[i] ^= 1;
        cr_expect_not(hash_seals(broken, length, "seal: "), "byte %zu", i);
    }
}
