/* Tests of passwords, tokens and digests. */
#include "lib/crypt/crypt.h"
#include "tests/support/test.h"

enum { ARENA_BYTES = 64 * 1024 };

static void count_up(void *self, void *bytes, size_t size_bytes)
{
    unsigned char *next = self;
    for (size_t i = 0; i < size_bytes; i++)
        ((unsigned char *)bytes)[i] = (*next)++;
}

TEST(crypt_init, may_be_repeated)
{
    CHECK_OK(crypt_init());
    CHECK_OK(crypt_init());
}

TEST(password_hash, makes_an_argon2id_string_with_its_costs_that_verifies)
{
    char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];
    CHECK_OK(crypt_init());
    CHECK_OK(password_hash(STR("correct horse"), hash));
    CHECK_OK(password_hash(STR("correct horse"), again));
    CHECK(str_starts_with(str_from_c(hash), STR("$argon2id$v=19$m=19456,t=2,p=1$")));
    CHECK(strcmp(hash, again) != 0);
    CHECK(password_verify(str_from_c(hash), STR("correct horse")));
    CHECK(!password_verify(str_from_c(hash), STR("correct horsf")));
    CHECK(!password_verify(str_from_c(hash), STR("correct horse ")));
    CHECK(!password_verify(str_from_c(hash), STR("")));
    CHECK(!password_verify(str_from_c(hash), (struct str){NULL, 0}));
}

TEST(password_hash, refuses_lengths_outside_the_limits_and_leaves_the_output)
{
    char hash[PASSWORD_HASH_MAX] = "before";
    char text[PASSWORD_MAX_LEN + 1];
    memset(text, 'x', sizeof(text));
    CHECK_OK(crypt_init());
    CHECK_ERR(ERR_INVALID, password_hash((struct str){text, PASSWORD_MIN_LEN - 1}, hash));
    CHECK_ERR(ERR_INVALID, password_hash((struct str){text, PASSWORD_MAX_LEN + 1}, hash));
    CHECK_STR("before", str_from_c(hash));
    CHECK_OK(password_hash((struct str){text, PASSWORD_MAX_LEN}, hash));
    CHECK(password_verify(str_from_c(hash), (struct str){text, PASSWORD_MAX_LEN}));
    CHECK(!password_verify(str_from_c(hash), (struct str){text, PASSWORD_MAX_LEN + 1}));
}

TEST(password_verify, refuses_hashes_that_are_none)
{
    char text[PASSWORD_HASH_MAX + 10];
    memset(text, 'x', sizeof(text));
    CHECK_OK(crypt_init());
    CHECK(!password_verify(STR(""), STR("correct horse")));
    CHECK(!password_verify(STR("$argon2id$"), STR("correct horse")));
    CHECK(!password_verify((struct str){text, sizeof(text)}, STR("correct horse")));
}

TEST(password_verify_nobody, always_fails)
{
    CHECK_OK(crypt_init());
    CHECK(!password_verify_nobody(STR("correct horse")));
    CHECK(!password_verify_nobody((struct str){NULL, 0}));
}

TEST(token_new, is_the_base64url_of_the_entropy)
{
    unsigned char next = 0;
    struct entropy entropy = {count_up, &next};
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    CHECK_STR("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8", token_new(&entropy, &arena));
    next = 0xDF;
    CHECK_STR("3-Dh4uPk5ebn6Onq6-zt7u_w8fLz9PX29_j5-vv8_f4", token_new(&entropy, &arena));
    arena_finish(&arena);
}

TEST(token_new, differs_each_time_with_the_system)
{
    struct entropy entropy = entropy_system();
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    CHECK_OK(crypt_init());
    struct str one = token_new(&entropy, &arena), two = token_new(&entropy, &arena);
    CHECK_INT(TOKEN_TEXT_LEN, one.len);
    CHECK(!str_equal(one, two));
    CHECK(entropy_uint64(&entropy) != entropy_uint64(&entropy));
    arena_finish(&arena);
}

/* `printf %s abc | b2sum -l 256` */
static const char *const abc_digest =
    "bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319";

TEST(token_digest, is_blake2b_of_256_bits)
{
    uint8_t digest[DIGEST_BYTES];
    struct arena arena;
    arena_init(&arena, ARENA_BYTES);
    token_digest(STR("abc"), digest);
    CHECK_STR(abc_digest, hex_encode(digest, sizeof(digest), &arena));
    token_digest((struct str){NULL, 0}, digest);
    CHECK_STR("0e5751c026e543b2e8ab2eb06099daa1d1e5df47778f7787faab45cdf12fe3a8",
              hex_encode(digest, sizeof(digest), &arena));
    arena_finish(&arena);
}

TEST(digest_update, in_pieces_gives_the_digest_of_the_whole)
{
    uint8_t whole[DIGEST_BYTES], pieces[DIGEST_BYTES];
    struct digest digest;
    token_digest(STR("abc"), whole);
    digest_init(&digest);
    digest_update(&digest, STR("a"));
    digest_update(&digest, (struct str){NULL, 0});
    digest_update(&digest, STR("bc"));
    digest_final(&digest, pieces);
    CHECK(memcmp(whole, pieces, sizeof(whole)) == 0);
}

TEST(secret_equal, compares_length_and_bytes)
{
    CHECK(secret_equal(STR("abc"), STR("abc")));
    CHECK(!secret_equal(STR("abc"), STR("abd")));
    CHECK(!secret_equal(STR("abc"), STR("ab")));
    CHECK(secret_equal(STR(""), (struct str){NULL, 0}));
}

TEST(secret_wipe, leaves_zeros)
{
    char secret[] = "secret";
    secret_wipe(secret, sizeof(secret));
    for (size_t i = 0; i < sizeof(secret); i++)
        CHECK(secret[i] == 0);
}
