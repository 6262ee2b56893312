/* Search: what a partner is found by, and by what not. */
#include "src/partner/partner.h"
#include "src/partner/partner_search_rules.h"
#include "tests/support/directory.h"
#include "tests/support/test.h"

/* ---- words ---- */

static struct str joined(struct search_words *words)
{
    struct buf text;
    buf_init(&text, words->arena, 4096);
    for (size_t i = 0; i < words->count; i++)
        buf_format(&text, "%.*s;", STR_ARG(words->words[i]));
    return buf_str(&text);
}

TEST(search_words, are_folded_and_not_repeated)
{
    struct arena arena;
    struct search_words words;
    arena_init(&arena, 1024 * 1024);
    search_words_init(&words, &arena);
    search_words_add_text(&words, STR("Café Müller-Lüdenscheid café"));
    CHECK_STR("cafe;muller;ludenscheid;", joined(&words));
    arena_finish(&arena);
}

TEST(search_words, of_a_mail_address_leave_the_ending_out)
{
    struct arena arena;
    struct search_words words;
    arena_init(&arena, 1024 * 1024);
    search_words_init(&words, &arena);
    search_words_add_mail(&words, STR("max.muster@mail.wing.com"));
    CHECK_STR("maxmustermailwingcom;max;muster;mailwingcom;wingcom;", joined(&words));
    arena_finish(&arena);
}

TEST(search_words, that_a_user_types_take_a_domain_as_one)
{
    struct arena arena;
    struct search_words words;
    arena_init(&arena, 1024 * 1024);
    search_words_init(&words, &arena);
    search_words_add_query(&words, STR("Bike-Shop wing.com https://www.wide.co.uk/x?y S.A."));
    CHECK_STR("bike;shop;wingcom;widecouk;sa;", joined(&words));
    arena_finish(&arena);
}

TEST(search_words, are_cut_between_characters)
{
    struct arena arena;
    struct search_words words;
    arena_init(&arena, 1024 * 1024);
    search_words_init(&words, &arena);
    search_words_add_text(&words, STR("ббббббббббббббббббббббббббббббббббббббббббббббббббббббббб"));
    CHECK_INT(1, words.count);
    CHECK_INT(60, words.words[0].len);
    CHECK(str_is_utf8(words.words[0]));
    arena_finish(&arena);
}

TEST(search_start, takes_the_rarest_restriction_when_it_is_rare)
{
    const int64_t hits[] = {5000, 12, 800};
    struct search_cost cost = {hits, 3, 100000, 50, true};
    CHECK_INT(1, search_start(&cost));
}

TEST(search_start, walks_in_order_when_every_restriction_is_common)
{
    const int64_t hits[] = {8000, 8000};
    struct search_cost cost = {hits, 2, 100000, 50, true};
    CHECK_INT(-1, search_start(&cost));
    cost.ordered = false;
    CHECK_INT(0, search_start(&cost));
}

/* ---- what is found ---- */

TEST(partner_search, finds_by_the_beginning_of_every_word)
{
    struct world world;
    world_open(&world);
    directory_add(&world, "Valley Bicycle Specialists");
    directory_add(&world, "Valley Toys");
    directory_add(&world, "Bicycle Garage");
    CHECK_STR("Valley Bicycle Specialists;", directory_search(&world, "bic val"));
    CHECK_STR("Bicycle Garage;Valley Bicycle Specialists;", directory_search(&world, "BICY"));
    CHECK_STR("", directory_search(&world, "alley"));
    CHECK_STR("", directory_search(&world, "valley garage"));
    world_close(&world);
}

TEST(partner_search, does_not_mind_accents_case_or_punctuation)
{
    struct world world;
    world_open(&world);
    directory_add(&world, "Fahrräder Müller & Söhne GmbH");
    directory_add(&world, "Straßenrad");
    CHECK_STR("Fahrräder Müller & Söhne GmbH;", directory_search(&world, "muller sohne"));
    CHECK_STR("Fahrräder Müller & Söhne GmbH;", directory_search(&world, "MÜLLER, söhne"));
    CHECK_STR("Straßenrad;", directory_search(&world, "strassen"));
    world_close(&world);
}

TEST(partner_search, finds_by_domain_contact_mail_and_external_id)
{
    struct world world;
    world_open(&world);
    struct partner_id id = directory_add(&world, "Alpha");
    directory_add(&world, "Beta");
    directory_set(&world, id, PARTNER_DOMAIN, "wingtiptoys.com");
    directory_add_contact(&world, id, "Zoë Quinn", "z.quinn@mail.example.org");
    directory_add_external(&world, id, "salesforce", "0015e00000XyZ");
    const char *const searches[] = {
        "wingtip",      "wingtiptoys.com", "https://www.wingtiptoys.com",
        "zoe",          "quinn",           "z.quinn@mail.example.org",
        "@example.org", "0015E00000xyz",   "zoe wingtip"};
    for (size_t i = 0; i < ARRAY_LEN(searches); i++)
        CHECK_STR("Alpha;", directory_search(&world, searches[i]));
    CHECK_STR("", directory_search(&world, "com"));
    world_close(&world);
}

TEST(partner_search, follows_every_change)
{
    struct world world;
    world_open(&world);
    struct partner_id id = directory_add(&world, "Alpha");
    struct contact_id contact = directory_add_contact(&world, id, "Zoe Quinn", "");
    directory_set(&world, id, PARTNER_NAME, "Omega");
    CHECK_STR("", directory_search(&world, "alpha"));
    CHECK_STR("Omega;", directory_search(&world, "omega quinn"));
    (void)contact;
    directory_archive(&world, id);
    CHECK_STR("", directory_search(&world, "omega"));
    struct partner_filter archived = {.search = STR("omega"), .archived = PARTNERS_ARCHIVED};
    CHECK_STR("Omega;", directory_names(&world, &archived, "name"));
    world_close(&world);
}

static enum err search_too_much(struct ctx *ctx, void *arg)
{
    struct partner_filter filter = {.search = STR("a b c d e f g h i")};
    (void)arg;
    return partner_count(ctx, &filter, &(int64_t){0});
}

TEST(partner_search, refuses_more_words_than_it_takes)
{
    struct world world;
    world_open(&world);
    struct ctx *ctx = world_as(&world, ROLE_MANAGER);
    CHECK_ERR(ERR_INVALID, ctx_read(ctx, search_too_much, NULL));
    CHECK_STR("search", str_from_c(ctx->fault.field));
    world_close(&world);
}
