/* The quick reader of facts beside lib/json and the form: the same verdict, the same values. */
#include "src/ledger/fact_reader.h"

#include "lib/json/json.h"
#include "src/ledger/ledger_test.h"

#define GOOD                                                                                     \
    "{\"partner\":\"shop:17\",\"kind\":\"order\",\"at\":\"2026-05-31T12:00:00Z\","               \
    "\"quantity\":3,\"amount\":\"1250.00\",\"currency\":\"USD\",\"cost\":\"800.5\","             \
    "\"product\":\"shop:9\",\"contact\":\"shop:8\",\"source\":\"shop\",\"external_id\":\"SO1\"," \
    "\"ref\":\"R\",\"note\":\"late\"}"
static const char good[] = GOOD;

/* Parts of facts, good and bad, to be put together in every way. */
static const char *const members[] = {
    "\"partner\":\"shop:17\"",
    "\"partner\" : \"ptn_01hx4zq8r0wkd\"",
    "\"partner\":\"\"",
    "\"partner\":17",
    "\"kind\":\"order\"",
    "\"kind\":\"call.made\"",
    "\"kind\":\"nothing\"",
    "\"at\":\"2026-05-31T12:00:00Z\"",
    "\"at\":\"2026-05-31T12:00:00+02:00\"",
    "\"at\":\"yesterday\"",
    "\"quantity\":3",
    "\"quantity\":-3",
    "\"quantity\":0",
    "\"quantity\":03",
    "\"quantity\":3.5",
    "\"quantity\":\"3.5\"",
    "\"quantity\":1234567890123456789012",
    "\"quantity\":null",
    "\"quantity\":true",
    "\"amount\":\"12.50\"",
    "\"amount\":\"12.5.0\"",
    "\"amount\":12",
    "\"amount\":\"+12\"",
    "\"currency\":\"USD\"",
    "\"currency\":\"EURO\"",
    "\"source\":\"shop\"",
    "\"source\":\" shop  one \"",
    "\"source\":\"caf\xc3\xa9\"",
    "\"source\":\"cafe\xcc\x81\"",
    "\"source\":\"bad\xff\"",
    "\"source\":\"bad\xed\xa0\x80\"",
    "\"source\":\"caf\\u00e9\"",
    "\"source\":\"a\\tb\\\"c\\\\\"",
    "\"source\":\"bad\\x\"",
    "\"source\":\"bad\\\"",
    "\"source\":\"a\tb\"",
    "\"source\":\"a\177b\"",
    "\"external_id\":\"SO1\"",
    "\"external_id\":\"\\/\\b\\f\"",
    "\"external_id\":[\"SO1\"]",
    "\"external_id\":{\"a\":1}",
    "\"ref\":\"R\"",
    "\"ref\":null",
    "\"note\":\"one  two \"",
    "\"note\":\"one\\ntwo\"",
    "\"note\":\"na\xc3\xafve\"",
    "\"unknown\":1",
    "\"\":1",
    "\"pa\\u0072tner\":\"shop:17\"",
    "partner:1",
};
static const char *const joints[] = {",", ",", ",", ",", " , ", ",\n", ",,", ";", ""};
static const char *const begins[] = {"{", "{", "{", " {", "{ ", "[", "\xef\xbb\xbf{", "{{"};
static const char *const ends[] = {"}", "}", "}", " }", "} \n", ",}", "]", "", "}}", "}x"};

static uint64_t next_random(uint64_t *random)
{
    *random ^= *random << 13;
    *random ^= *random >> 7;
    *random ^= *random << 17;
    return *random;
}

#define PICK(random, list) ((list)[next_random(random) % ARRAY_LEN(list)])

static bool same_value(const struct form_value *a, const struct form_value *b)
{
    return a->given == b->given && a->null == b->null && a->integer == b->integer &&
           str_equal(a->text, b->text) && a->decimal.mantissa == b->decimal.mantissa &&
           a->decimal.scale == b->decimal.scale;
}

/* Whether lib/json takes the text; then the quick way gives the same values. */
static bool check_same(struct ctx *ctx, struct str text)
{
    struct form_value values[FACT_FIELD_COUNT], others[FACT_FIELD_COUNT];
    struct json_doc *doc;
    struct str rest = text;
    bool quick = fact_reader_take(&rest, ctx->arena, values) && !rest.len;
    enum err err = json_parse(text, &doc, &ctx->fault);
    if (err == OK) {
        err = fact_reader_read_json(ctx, json_root(doc), others);
        json_doc_free(doc);
    }
    for (size_t i = 0; quick && err == OK && i < FACT_FIELD_COUNT; i++)
        if (!same_value(&values[i], &others[i]))
            test_fail(__FILE__, __LINE__, "%.*s: field %zu", STR_ARG(text), i);
    if (quick && err != OK)
        test_fail(__FILE__, __LINE__, "taken: %.*s (%s)", STR_ARG(text), ctx->fault.sentence);
    return err == OK;
}

TEST(fact_reader, takes_what_lib_json_takes_and_nothing_else)
{
    struct world world;
    uint64_t random = test_seed() | 1;
    int taken = 0;
    world_open(&world);
    for (int round = 0; round < 20000; round++) {
        struct ctx *ctx = world_as(&world, ROLE_MANAGER);
        struct buf text;
        buf_init(&text, ctx->arena, 4096);
        buf_add(&text, str_from_c(PICK(&random, begins)));
        size_t count = next_random(&random) % 7;
        if (next_random(&random) % 2)
            buf_format(&text, "%s",
                       "\"partner\":\"a:b\",\"kind\":\"visit\",\"source\":\"s\","
                       "\"at\":\"2026-05-31T12:00:00Z\",\"external_id\":\"1\"");
        for (size_t i = 0; i < count; i++) {
            if (text.len > 3)
                buf_add(&text, str_from_c(PICK(&random, joints)));
            buf_add(&text, str_from_c(PICK(&random, members)));
        }
        buf_add(&text, str_from_c(PICK(&random, ends)));
        taken += check_same(ctx, buf_str(&text));
        arena_reset(&world.arena);
    }
    CHECK(taken > 250); /* of about 550 */
    world_close(&world);
}

TEST(fact_reader, takes_nothing_when_a_byte_is_lost_or_changed_that_lib_json_refuses)
{
    struct world world;
    char text[sizeof(good)];
    world_open(&world);
    for (size_t i = 0; i < sizeof(good) - 1; i++)
        for (int byte = 0; byte < 256; byte += 3) {
            struct ctx *ctx = world_as(&world, ROLE_MANAGER);
            memcpy(text, good, sizeof(good));
            text[i] = (char)byte;
            check_same(ctx, (struct str){text, sizeof(good) - 1});
            check_same(ctx, (struct str){good, i});
            arena_reset(&world.arena);
        }
    world_close(&world);
}

TEST(fact_reader, reads_the_usual_fact_without_help)
{
    struct form_value values[FACT_FIELD_COUNT];
    struct arena arena;
    struct str rest = STR(GOOD);
    arena_init(&arena, 1 << 16);
    CHECK(fact_reader_take(&rest, &arena, values));
    CHECK_INT(0, rest.len);
    CHECK_STR("shop:17", values[FACT_FIELD_PARTNER].text);
    CHECK_INT(FACT_ORDER - 1, values[FACT_FIELD_KIND].integer);
    CHECK_INT(3, values[FACT_FIELD_QUANTITY].decimal.mantissa);
    CHECK_STR("800.5", values[FACT_FIELD_COST].text);
    CHECK_STR("late", values[FACT_FIELD_NOTE].text);
    arena_finish(&arena);
}
