/* SHA-256 through nettle. */
#include "controller/base/hash.h"

#include <assert.h>
#include <nettle/base16.h>
#include <nettle/sha2.h>
#include <string.h>

void hash_hex(const void *data, size_t length, char hex[static HASH_HEX_SIZE]) {
    assert(data != NULL || length == 0);
    struct sha256_ctx context;
    uint8_t digest[SHA256_DIGEST_SIZE];
    sha256_init(&context);
    sha256_update(&context, length, data);
    sha256_digest(&context, sizeof digest, digest);
    static_assert(BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE) + 1 == HASH_HEX_SIZE, "hex digits and terminator");
    base16_encode_update(hex, sizeof digest, digest);
    hex[HASH_HEX_SIZE - 1] = '\0';
}

bool hash_seals(const char *text, size_t length, const char *label) {
    assert(text && label);
    const size_t label_length = strlen(label), line = label_length + HASH_HEX_SIZE; /* with its line end */
    char hex[HASH_HEX_SIZE];
    if (length < line || text[length - 1] != '\n' || memcmp(text + length - line, label, label_length) != 0)
        return false;
    hash_hex(text, length - line, hex);
    return memcmp(text + length - HASH_HEX_SIZE, hex, HASH_HEX_SIZE - 1) == 0;
}
