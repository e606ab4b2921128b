/* SHA-256 through nettle. */
#include "controller/base/hash.h"

#include <assert.h>
#include <nettle/base16.h>
#include <nettle/sha2.h>

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
