/* Passwords, random tokens and digests, by libsodium. Call crypt_init once before anything else. */
#ifndef LIB_CRYPT_CRYPT_H
#define LIB_CRYPT_CRYPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"

/* ERR_INTERNAL when the system gives no randomness. Safe to repeat. */
MUST_CHECK enum err crypt_init(void);

/* Time and randomness are handed in, so that a test decides them. */
struct entropy {
    void (*fill)(void *self, void *bytes, size_t size_bytes);
    void *self;
};
struct entropy entropy_system(void);
void entropy_fill(const struct entropy *entropy, void *bytes, size_t size_bytes);
uint64_t entropy_uint64(const struct entropy *entropy);

enum { PASSWORD_HASH_MAX = 128, PASSWORD_MIN_LEN = 10, PASSWORD_MAX_LEN = 256 };
/*
 * argon2id (RFC 9106), 19 MiB, 2 passes: about 20 ms of CPU. Not on a writer or event thread.
 * `ret_hash` is the PHC string, NUL-terminated. ERR_INVALID outside of the lengths above (bytes),
 * ERR_MEMORY when the memory cannot be had.
 */
MUST_CHECK enum err password_hash(struct str password, char ret_hash[PASSWORD_HASH_MAX]);
bool password_verify(struct str hash, struct str password);
/* Costs the same as password_verify and always fails: for an account that does not exist. */
bool password_verify_nobody(struct str password);

enum { TOKEN_BYTES = 32, TOKEN_TEXT_LEN = 43, DIGEST_BYTES = 32 };
/* 256 random bits as base64url without padding, in the arena. */
struct str token_new(const struct entropy *entropy, struct arena *arena);
/* BLAKE2b-256 of the text: what is stored instead of a token. */
void token_digest(struct str token, uint8_t ret_digest[DIGEST_BYTES]);
/* BLAKE2b-256 in pieces. */
struct digest {
    _Alignas(64) unsigned char state[384];
};
void digest_init(struct digest *digest);
void digest_update(struct digest *digest, struct str bytes);
void digest_final(struct digest *digest, uint8_t ret_digest[DIGEST_BYTES]);

/* Constant time for equal lengths. */
bool secret_equal(struct str a, struct str b);
void secret_wipe(void *bytes, size_t size_bytes);
struct str hex_encode(const uint8_t *bytes, size_t size_bytes, struct arena *arena);

#endif
