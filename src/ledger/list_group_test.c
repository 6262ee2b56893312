/* Lists of the facts of groups: who is in them, in what order, by which index. */
#include <stdio.h>

#include "lib/db/db.h"
#include "src/ledger/ledger_store.h"
#include "src/ledger/ledger_test.h"
#include "tests/support/database.h"

enum { FACTS = 60, PAGE = 7, PARAMETERS = 14 };

static const struct query set_groups = {
    "test set groups",
    "UPDATE partner SET tier = $2, country = $3, archived_ms = $4, merged_into = $5 WHERE id = $1",
    NULL};
static const struct query add_tag = {
    "test add tag", "INSERT INTO partner_tag (partner_id, tag) VALUES ($1, $2)", NULL};

static void set_group(struct books *books, int partner, const char *tier, const char *country)
{
    struct db_args args =
        DB_ARGS(db_int(books->partners[partner].v), db_text(str_from_c(tier)),
                db_text(str_from_c(country)), db_int_or_null(partner == 3 ? WORLD_START_MS : 0),
                db_int_or_null(partner == 5 ? books->partners[0].v : 0));
    world_run(&books->world, &set_groups, &args);
}

/* P0 and P1 are Gold, of which P1 is German; P3 is archived; P5 was merged into P0. */
static void open_groups(struct books *books)
{
    books_open(books);
    books_merge(books, books->partners[5], books->partners[0]);
    set_group(books, 0, "Gold", "AT");
    set_group(books, 1, "Gold", "DE");
    set_group(books, 2, "Silver", "AT");
    set_group(books, 3, "Gold", "AT");
    set_group(books, 5, "Silver", "DE");
    struct db_args args = DB_ARGS(db_int(books->partners[1].v), db_text(STR("vip")));
    world_run(&books->world, &add_tag, &args);
    for (int i = 0; i < FACTS; i++) {
        struct fact_draft draft = books_order(books);
        draft.partner = books->partners[i % BOOKS_PARTNERS];
        draft.kind = i % 4 ? FACT_ORDER : FACT_VISIT;
        draft.at_ms -= (int64_t)(i / 3) * 9 * MS_PER_HOUR;
        books_record(books, &draft);
    }
}

struct listing {
    struct fact_filter filter;
    struct page page;
    struct fact_page facts;
    size_t counts[BOOKS_PARTNERS]; /* of each partner, as recorded */
};

static enum err list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    return ledger_list(ctx, &listing->filter, &listing->page, &listing->facts);
}

static void count(const struct books *books, struct listing *listing)
{
    for (size_t i = 0; i < listing->facts.count; i++)
        for (int j = 0; j < BOOKS_PARTNERS; j++)
            listing->counts[j] +=
                partner_id_equal(listing->facts.rows[i].partner, books->partners[j]);
}

/* Counts all pages; each row once, newest first. */
static void walk(struct books *books, struct listing *listing)
{
    int64_t last_ms = INT64_MAX, last_id = INT64_MAX;
    listing->page = (struct page){.limit = PAGE};
    do {
        CHECK_OK(ctx_read(world_as(&books->world, ROLE_ANALYST), list, listing));
        for (size_t i = 0; i < listing->facts.count; i++) {
            const struct fact *fact = &listing->facts.rows[i];
            CHECK(fact->at_ms < last_ms || (fact->at_ms == last_ms && fact->id.v < last_id));
            last_ms = fact->at_ms;
            last_id = fact->id.v;
        }
        count(books, listing);
        listing->page.has_cursor = true;
        listing->page.after_int = last_ms;
        listing->page.after_id = last_id;
    } while (listing->facts.next.len);
}

static void check_counts(struct books *books, struct fact_filter filter, const char *expected)
{
    struct listing listing = {.filter = filter};
    char counts[80];
    walk(books, &listing);
    const size_t *of = listing.counts;
    snprintf(counts, sizeof(counts), "%zu %zu %zu %zu %zu %zu", of[0], of[1], of[2], of[3], of[4],
             of[5]);
    CHECK_STR(expected, str_from_c(counts));
}

TEST(ledger_list, of_a_group_has_its_partners_and_those_that_were_merged_into_them)
{
    struct books books;
    open_groups(&books);
    check_counts(&books, (struct fact_filter){.group = {.tier = STR("Gold")}}, "10 10 0 0 0 10");
    check_counts(&books, (struct fact_filter){.group = {.country = STR("AT")}}, "10 0 10 0 0 10");
    check_counts(&books, (struct fact_filter){.group = {.tag = STR("vip")}}, "0 10 0 0 0 0");
    check_counts(&books, (struct fact_filter){.group = {.tier = STR("Gold"), .country = STR("DE")}},
                 "0 10 0 0 0 0");
    check_counts(&books, (struct fact_filter){.group = {.manager = books.world.manager}},
                 "10 10 10 0 10 10");
    check_counts(&books, (struct fact_filter){.group = {.manager = books.world.admin}},
                 "0 0 0 0 0 0");
    check_counts(
        &books,
        (struct fact_filter){.group = {.tier = STR("Gold")}, .kinds = FACT_KIND_BIT(FACT_VISIT)},
        "5 0 0 0 0 0");
    check_counts(&books,
                 (struct fact_filter){.group = {.tier = STR("Gold")}, .source = STR("nobody")},
                 "0 0 0 0 0 0");
    books_close(&books);
}

struct both {
    struct fact_filter filter;
    struct fact few[FACTS], many[FACTS];
    size_t few_count, many_count;
};

static enum err read_both(struct ctx *ctx, void *arg)
{
    struct both *both = arg;
    struct fact_span span = {.from_day = 0,
                             .to_day = WORLD_START_MS / MS_PER_DAY + 1,
                             .to_ms = TIME_MAX_MS,
                             .before_ms = TIME_MAX_MS,
                             .limit = FACTS};
    span.from_day = span.to_day - 20;
    span.of_few = true;
    TRY(ledger_store_list_group(ctx, &both->filter, &span, both->few, &both->few_count));
    span.of_few = false;
    return ledger_store_list_group(ctx, &both->filter, &span, both->many, &both->many_count);
}

TEST(ledger_list, of_many_partners_is_the_same_as_of_few)
{
    static const char *const tiers[] = {"", "Gold", "Silver", "Lead"};
    struct books books;
    open_groups(&books);
    for (size_t i = 0; i < ARRAY_LEN(tiers); i++) {
        static struct both both;
        both = (struct both){.filter.group = {.tier = str_from_c(tiers[i])}};
        CHECK_OK(ctx_read(world_as(&books.world, ROLE_ANALYST), read_both, &both));
        CHECK_INT((int64_t)both.few_count, (int64_t)both.many_count);
        for (size_t j = 0; j < both.few_count; j++)
            CHECK_INT(both.few[j].id.v, both.many[j].id.v);
        CHECK((both.few_count == 0) == (i == 3));
    }
    books_close(&books);
}

TEST(ledger_list, of_a_group_is_not_for_partners_and_not_beside_a_partner)
{
    struct books books;
    struct listing listing = {.filter.group = {.tier = STR("Gold")}, .page = {.limit = 1}};
    open_groups(&books);
    CHECK_ERR(ERR_FORBIDDEN,
              ctx_read(world_as_partner(&books.world, books.partners[0]), list, &listing));
    listing.filter.partner = books.partners[0];
    CHECK_ERR(ERR_INVALID, ctx_read(world_as(&books.world, ROLE_ANALYST), list, &listing));
    books_close(&books);
}

/* ---- by which index ---- */

struct plan {
    const struct query *query;
    struct query explained; /* a statement is known by its address */
    struct buf text;
};

static enum err explain(struct ctx *ctx, void *arg)
{
    struct plan *plan = arg;
    struct str sql = arena_format(ctx->arena, "EXPLAIN QUERY PLAN %s", plan->query->sql);
    plan->explained = (struct query){"test explain", sql.ptr, NULL};
    struct db_value nothing[PARAMETERS];
    for (int i = 0; i < PARAMETERS; i++)
        nothing[i] = db_null();
    struct db_rows *rows =
        db_select(ctx->conn, &plan->explained, (struct db_args){nothing, PARAMETERS});
    while (db_rows_next(rows)) {
        buf_add(&plan->text, db_rows_text(rows, "detail"));
        buf_add_char(&plan->text, '\n');
    }
    return db_rows_close(rows);
}

static struct str plan_of(struct books *books, struct plan *plan, const char *name)
{
    for (size_t i = 0; i < ledger_list_group_queries.count; i++)
        if (strcmp(ledger_list_group_queries.queries[i].name, name) == 0)
            plan->query = &ledger_list_group_queries.queries[i];
    buf_init(&plan->text, &books->world.arena, 4096);
    CHECK(plan->query);
    CHECK_OK(ctx_read(world_as(&books->world, ROLE_ADMIN), explain, plan));
    return buf_str(&plan->text);
}

TEST(ledger_list, of_a_group_reads_facts_by_the_index_of_days)
{
    struct books books;
    struct plan plans[2] = {{.query = NULL}};
    if (test_on_postgres())
        return;
    books_open(&books);
    struct str few = plan_of(&books, &plans[0], "fact list of few"),
               many = plan_of(&books, &plans[1], "fact list of many");
    CHECK(str_find(few, STR("SEARCH f USING INDEX fact_day (day=? AND partner_id=? AND at_ms>?"),
                   NULL));
    CHECK(str_find(many, STR("SEARCH f USING INDEX fact_day (day>? AND day<?)"), NULL));
    CHECK(!str_find(few, STR("SCAN f\n"), NULL) && !str_find(many, STR("SCAN f\n"), NULL));
    books_close(&books);
}
