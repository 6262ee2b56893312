/* Passwords, random tokens and digests, by libsodium. */
#include "lib/crypt/crypt.h"

#include <assert.h>
#include <sodium.h>
#include <stdalign.h>
#include <string.h>

/* OWASP's first choice for argon2id: 19 MiB and two passes. */
enum { HASH_PASSES = 2, HASH_MEMORY_BYTES = 19 * 1024 * 1024, HASH_KEY_BYTES = 32 };

static_assert(PASSWORD_HASH_MAX == crypto_pwhash_STRBYTES, "a PHC string must fit");
static_assert(TOKEN_TEXT_LEN + 1 ==
                  sodium_base64_ENCODED_LEN(TOKEN_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING),
              "a token's text must fit exactly");
static_assert(sizeof(struct digest) >= sizeof(crypto_generichash_state), "the state must fit");
static_assert(alignof(struct digest) >= alignof(crypto_generichash_state), "it must be aligned");

enum err crypt_init(void)
{
    return sodium_init() < 0 ? ERR_INTERNAL : OK;
}

static void fill_from_system(void *self, void *bytes, size_t size_bytes)
{
    (void)self;
    randombytes_buf(bytes, size_bytes);
}

struct entropy entropy_system(void)
{
    return (struct entropy){fill_from_system, NULL};
}

void entropy_fill(const struct entropy *entropy, void *bytes, size_t size_bytes)
{
    entropy->fill(entropy->self, bytes, size_bytes);
}

uint64_t entropy_uint64(const struct entropy *entropy)
{
    uint64_t value;
    entropy_fill(entropy, &value, sizeof(value));
    return value;
}

enum err password_hash(struct str password, char ret_hash[PASSWORD_HASH_MAX])
{
    char made[PASSWORD_HASH_MAX];
    if (password.len < PASSWORD_MIN_LEN || password.len > PASSWORD_MAX_LEN)
        return ERR_INVALID;
    if (crypto_pwhash_str_alg(made, password.ptr, password.len, HASH_PASSES, HASH_MEMORY_BYTES,
                              crypto_pwhash_ALG_ARGON2ID13) != 0)
        return ERR_MEMORY;
    memcpy(ret_hash, made, sizeof(made));
    return OK;
}

bool password_verify(struct str hash, struct str password)
{
    char terminated[PASSWORD_HASH_MAX] = "";
    if (str_is_empty(hash) || hash.len >= sizeof(terminated) || password.len > PASSWORD_MAX_LEN)
        return false;
    memcpy(terminated, hash.ptr, hash.len);
    const char *bytes = password.len ? password.ptr : "";
    return crypto_pwhash_str_verify(terminated, bytes, password.len) == 0;
}

bool password_verify_nobody(struct str password)
{
    static const unsigned char salt[crypto_pwhash_SALTBYTES];
    unsigned char key[HASH_KEY_BYTES];
    if (password.len > PASSWORD_MAX_LEN)
        return false;
    const char *bytes = password.len ? password.ptr : "";
    int failed = crypto_pwhash(key, sizeof(key), bytes, password.len, salt, HASH_PASSES,
                               HASH_MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13);
    (void)failed; /* the answer is the same */
    secret_wipe(key, sizeof(key));
    return false;
}

struct str token_new(const struct entropy *entropy, struct arena *arena)
{
    unsigned char bytes[TOKEN_BYTES];
    char *text = arena_alloc(arena, TOKEN_TEXT_LEN + 1);
    entropy_fill(entropy, bytes, sizeof(bytes));
    sodium_bin2base64(text, TOKEN_TEXT_LEN + 1, bytes, sizeof(bytes),
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    secret_wipe(bytes, sizeof(bytes));
    return (struct str){text, TOKEN_TEXT_LEN};
}

void token_digest(struct str token, uint8_t ret_digest[DIGEST_BYTES])
{
    struct digest digest;
    digest_init(&digest);
    digest_update(&digest, token);
    digest_final(&digest, ret_digest);
}

static crypto_generichash_state *state_of(struct digest *digest)
{
    return (crypto_generichash_state *)(void *)digest->state;
}

/* BLAKE2b fails for wrong lengths of key and digest only, and ours are constants. */
void digest_init(struct digest *digest)
{
    int failed = crypto_generichash_init(state_of(digest), NULL, 0, DIGEST_BYTES);
    assert(!failed);
}

void digest_update(struct digest *digest, struct str bytes)
{
    if (str_is_empty(bytes))
        return;
    int failed =
        crypto_generichash_update(state_of(digest), (const unsigned char *)bytes.ptr, bytes.len);
    assert(!failed);
}

void digest_final(struct digest *digest, uint8_t ret_digest[DIGEST_BYTES])
{
    int failed = crypto_generichash_final(state_of(digest), ret_digest, DIGEST_BYTES);
    assert(!failed);
    secret_wipe(digest, sizeof(*digest));
}

bool secret_equal(struct str a, struct str b)
{
    return a.len == b.len && (a.len == 0 || sodium_memcmp(a.ptr, b.ptr, a.len) == 0);
}

void secret_wipe(void *bytes, size_t size_bytes)
{
    sodium_memzero(bytes, size_bytes);
}

struct str hex_encode(const uint8_t *bytes, size_t size_bytes, struct arena *arena)
{
    char *text = arena_alloc_array(arena, size_bytes + 1, 2);
    sodium_bin2hex(text, size_bytes * 2 + 1, bytes, size_bytes);
    return (struct str){text, size_bytes * 2};
}
