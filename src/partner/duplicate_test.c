/* Duplicates: what makes a pair, what unmakes it, and judgement. */
#include "src/partner/duplicate_rules.h"
#include "tests/support/directory.h"
#include "tests/support/test.h"

/* ---- rules ---- */

TEST(edit_distance, counts_slips_of_every_kind)
{
    CHECK_INT(0, edit_distance(STR("contoso"), STR("contoso"), 3));
    CHECK_INT(1, edit_distance(STR("contoso"), STR("contozo"), 3));
    CHECK_INT(1, edit_distance(STR("contoso"), STR("cotoso"), 3));
    CHECK_INT(1, edit_distance(STR("contoso"), STR("contosso"), 3));
    CHECK_INT(1, edit_distance(STR("contoso"), STR("cnotoso"), 3));
    CHECK_INT(2, edit_distance(STR("contoso"), STR("kontozo"), 3));
    CHECK_INT(3, edit_distance(STR(""), STR("abc"), 3));
    CHECK_INT(1, edit_distance(STR("мюллер"), STR("мюлер"), 3));
}

TEST(edit_distance, stops_above_its_maximum)
{
    CHECK_INT(2, edit_distance(STR("abcdefgh"), STR("zyxwvuts"), 1));
    CHECK_INT(4, edit_distance(STR("a"), STR("abcdefghijkl"), 3));
}

TEST(company_keys_close, lets_long_names_differ_more)
{
    CHECK(company_keys_close(STR("contosobikes"), STR("contozobikes")));
    CHECK(company_keys_close(STR("adventureworkscycles"), STR("advenutreworkscylces")));
    CHECK(!company_keys_close(STR("northbikes"), STR("southbikes")));
    CHECK(!company_keys_close(STR("northwindtraders"), STR("southwindtraders")));
    CHECK(!company_keys_close(STR("acme"), STR("acne")));
    CHECK(!company_keys_close(STR("contoso"), STR("contoso")));
}

TEST(company_keys_close, tells_numbers_apart)
{
    CHECK(!company_keys_close(STR("bikestore12"), STR("bikestore13")));
    CHECK(company_keys_close(STR("bikestore12"), STR("bykestore12")));
}

TEST(text_reversed, turns_characters_not_bytes)
{
    struct arena arena;
    arena_init(&arena, 64 * 1024);
    CHECK_STR("ecafé", text_reversed(STR("éface"), &arena));
    CHECK_STR("", text_reversed(STR(""), &arena));
    CHECK_STR("é", key_half(STR("éfg")));
    arena_finish(&arena);
}

/* ---- pairs ---- */

struct listing {
    struct duplicate_filter filter;
    struct duplicate_page page;
    int64_t limit;
};

static enum err list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    struct page page = {.limit = listing->limit ? listing->limit : 100};
    return duplicate_list(ctx, &listing->filter, &page, &listing->page);
}

static struct listing pairs_of(struct world *world, struct partner_id partner)
{
    struct listing listing = {.filter = {.partner = partner}};
    CHECK_OK(ctx_read(world_as(world, ROLE_ANALYST), list, &listing));
    return listing;
}

static struct listing all_pairs(struct world *world)
{
    return pairs_of(world, (struct partner_id){0});
}

TEST(duplicate, is_found_by_a_name_that_differs_in_legal_form_only)
{
    struct world world;
    world_open(&world);
    struct partner_id a = directory_add(&world, "Müller & Söhne GmbH");
    struct partner_id b = directory_add(&world, "Muller and Sohne Ltd.");
    directory_add(&world, "Huber & Söhne GmbH");
    struct listing found = all_pairs(&world);
    CHECK_INT(1, found.page.count);
    CHECK(partner_id_equal(a, found.page.rows[0].a));
    CHECK(partner_id_equal(b, found.page.rows[0].b));
    CHECK_INT(DUPLICATE_NAME, found.page.rows[0].reasons);
    CHECK_STR("Muller and Sohne Ltd.", found.page.rows[0].b_name);
    world_close(&world);
}

TEST(duplicate, is_found_by_a_slip_anywhere_in_the_name)
{
    struct world world;
    world_open(&world);
    directory_add(&world, "Northwind Traders");
    directory_add(&world, "Norhtwind Traders");
    directory_add(&world, "Northwind Tradres");
    directory_add(&world, "Southwind Traders");
    struct listing found = all_pairs(&world);
    CHECK_INT(2, found.page.count);
    for (size_t i = 0; i < found.page.count; i++)
        CHECK_INT(DUPLICATE_SPELLING, found.page.rows[i].reasons);
    world_close(&world);
}

TEST(duplicate, is_found_by_domain_phone_and_external_id)
{
    struct world world;
    world_open(&world);
    struct partner_id a = directory_add(&world, "Alpha");
    struct partner_id b = directory_add(&world, "Entirely Different");
    directory_set(&world, a, PARTNER_DOMAIN, "shop.example.com");
    directory_set(&world, b, PARTNER_DOMAIN, "https://www.example.com/");
    directory_set(&world, a, PARTNER_PHONE, "+12455550173");
    directory_set(&world, b, PARTNER_PHONE2, "+1 245-555-0173");
    directory_add_external(&world, a, "salesforce", "0015e00000XyZ");
    directory_add_external(&world, b, "dunning", "0015e00000XyZ");
    struct listing found = all_pairs(&world);
    CHECK_INT(1, found.page.count);
    CHECK_INT(DUPLICATE_DOMAIN | DUPLICATE_PHONE | DUPLICATE_EXTERNAL_ID,
              found.page.rows[0].reasons);
    directory_set(&world, b, PARTNER_PHONE2, "");
    directory_set(&world, b, PARTNER_DOMAIN, "example.org");
    CHECK_INT(DUPLICATE_EXTERNAL_ID, all_pairs(&world).page.rows[0].reasons);
    world_close(&world);
}

TEST(duplicate, is_not_found_by_short_external_ids_that_meet_by_chance)
{
    struct world world;
    world_open(&world);
    directory_add_external(&world, directory_add(&world, "Alpha"), "shop", "42");
    directory_add_external(&world, directory_add(&world, "Beta"), "crm", "42");
    CHECK_INT(0, all_pairs(&world).page.count);
    world_close(&world);
}

TEST(duplicate, goes_away_when_the_reason_does)
{
    struct world world;
    world_open(&world);
    directory_add(&world, "Contoso Bikes");
    struct partner_id b = directory_add(&world, "Contozo Bikes");
    CHECK_INT(1, all_pairs(&world).page.count);
    directory_set(&world, b, PARTNER_NAME, "Fabrikam");
    CHECK_INT(0, all_pairs(&world).page.count);
    directory_set(&world, b, PARTNER_NAME, "Contozo Bikes");
    directory_archive(&world, b);
    CHECK_INT(0, all_pairs(&world).page.count);
    directory_restore(&world, b);
    CHECK_INT(1, all_pairs(&world).page.count);
    world_close(&world);
}

TEST(duplicate, is_never_a_partner_and_its_parent)
{
    struct world world;
    world_open(&world);
    struct partner_id parent = directory_add(&world, "Contoso Holding");
    struct partner_id child = directory_add(&world, "Contoso");
    directory_set(&world, parent, PARTNER_DOMAIN, "contoso.com");
    directory_set(&world, child, PARTNER_DOMAIN, "contoso.com");
    CHECK_INT(1, all_pairs(&world).page.count);
    directory_set(&world, child, PARTNER_PARENT, "Contoso Holding");
    CHECK_INT(0, all_pairs(&world).page.count);
    world_close(&world);
}

TEST(duplicate, takes_a_domain_of_many_for_no_evidence)
{
    struct world world;
    world_open(&world);
    struct partner_id last = {0};
    for (int i = 0; i < 23; i++) {
        last = directory_add(
            &world, arena_cstr(&world.arena, arena_format(&world.arena, "Store %d", 100 + i)));
        directory_set(&world, last, PARTNER_DOMAIN, "franchise.com");
    }
    CHECK_INT(0, pairs_of(&world, last).page.count);
    world_close(&world);
}

TEST(duplicate, lists_the_most_certain_first_page_after_page)
{
    struct world world;
    world_open(&world);
    directory_add(&world, "Contoso Bikes");
    directory_add(&world, "Contozo Bikes");
    directory_add(&world, "Fabrikam Inc.");
    directory_add(&world, "Fabrikam GmbH");
    struct listing first = {.limit = 1};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ANALYST), list, &first));
    CHECK_INT(1, first.page.count);
    CHECK_INT(DUPLICATE_NAME, first.page.rows[0].reasons);
    CHECK(first.page.next.len > 0);
    CHECK_INT(2, all_pairs(&world).page.count);
    CHECK_INT(DUPLICATE_SPELLING, all_pairs(&world).page.rows[1].reasons);
    world_close(&world);
}

TEST(duplicate, is_nothing_for_a_partners_user)
{
    struct world world;
    world_open(&world);
    struct partner_id a = directory_add(&world, "Fabrikam Inc.");
    directory_add(&world, "Fabrikam GmbH");
    struct listing listing = {.filter = {.partner = a}};
    CHECK_OK(ctx_read(world_as_partner(&world, a), list, &listing));
    CHECK_INT(0, listing.page.count);
    world_close(&world);
}

/* ---- judgement ---- */

static enum err dismiss(struct ctx *ctx, void *arg)
{
    return duplicate_dismiss(ctx, *(struct duplicate_id *)arg);
}

static enum err reopen(struct ctx *ctx, void *arg)
{
    return duplicate_reopen(ctx, *(struct duplicate_id *)arg);
}

TEST(duplicate, that_was_dismissed_does_not_come_back)
{
    struct world world;
    world_open(&world);
    directory_add(&world, "Contoso Bikes");
    struct partner_id b = directory_add(&world, "Contozo Bikes");
    struct duplicate_id id = all_pairs(&world).page.rows[0].id;
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), dismiss, &id));
    CHECK_INT(0, all_pairs(&world).page.count);
    directory_set(&world, b, PARTNER_NAME, "Contoso Bikes Inc.");
    directory_set(&world, b, PARTNER_NAME, "Fabrikam");
    directory_set(&world, b, PARTNER_NAME, "Contozo Bikes");
    CHECK_INT(0, all_pairs(&world).page.count);
    struct listing dismissed = {.filter = {.dismissed = true}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ANALYST), list, &dismissed));
    CHECK_INT(1, dismissed.page.count);
    CHECK_STR(WORLD_MANAGER_EMAIL, dismissed.page.rows[0].dismissed_by);
    CHECK_OK(ctx_write(world_as(&world, ROLE_MANAGER), reopen, &id));
    CHECK_INT(1, all_pairs(&world).page.count);
    world_close(&world);
}

TEST(duplicate, that_does_not_exist_cannot_be_dismissed)
{
    struct world world;
    world_open(&world);
    struct duplicate_id id = {42};
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(world_as(&world, ROLE_MANAGER), dismiss, &id));
    world_close(&world);
}
