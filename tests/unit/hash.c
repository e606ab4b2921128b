/* SHA-256 by the examples of FIPS 180-4. */
#include "controller/base/hash.h"

#include <criterion/criterion.h>

Test(hash, examples_of_the_standard) {
    char hex[HASH_HEX_SIZE];
    hash_hex("abc", 3, hex);
    cr_expect_str_eq(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    hash_hex("", 0, hex);
    cr_expect_str_eq(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}
