/* Lists, previews, several processes, and what the rollups say about first and last. */
#include <stdio.h>

#include "lib/db/db.h"
#include "src/ledger/ledger_state.h"
#include "src/ledger/ledger_test.h"
#include "tests/support/database.h"

/* ---- lists ---- */

struct listing {
    struct fact_filter filter;
    struct page page;
    struct fact_page facts;
};

static enum err list(struct ctx *ctx, void *arg)
{
    struct listing *listing = arg;
    return ledger_list(ctx, &listing->filter, &listing->page, &listing->facts);
}

/* Walks all pages by the keys that a cursor holds; checks the order. Returns how many. */
static size_t walk(struct books *books, struct listing *listing, int64_t limit)
{
    size_t count = 0;
    int64_t last_ms = INT64_MAX, last_id = INT64_MAX;
    listing->page = (struct page){.limit = limit};
    do {
        struct ctx *ctx = &books->world.ctx;
        CHECK_OK(ctx_read(ctx, list, listing));
        for (size_t i = 0; i < listing->facts.count; i++) {
            const struct fact *fact = &listing->facts.rows[i];
            CHECK(fact->at_ms < last_ms || (fact->at_ms == last_ms && fact->id.v < last_id));
            last_ms = fact->at_ms;
            last_id = fact->id.v;
            count++;
        }
        listing->page.has_cursor = true;
        listing->page.after_int = last_ms;
        listing->page.after_id = last_id;
    } while (listing->facts.next.len);
    return count;
}

static void record_many(struct books *books)
{
    for (int i = 0; i < 120; i++) {
        struct fact_draft draft = books_order(books);
        draft.partner = books->partners[i % 3];
        draft.kind = i % 2 ? FACT_ORDER : FACT_VISIT;
        draft.at_ms -= (int64_t)(i / 4) * 7 * MS_PER_HOUR;
        books_record(books, &draft);
    }
}

TEST(ledger_list, gives_every_fact_once_newest_first)
{
    struct books books;
    struct listing listing = {0};
    books_open(&books);
    record_many(&books);
    world_as(&books.world, ROLE_ANALYST);
    CHECK_INT(120, walk(&books, &listing, 7));
    listing.filter.kinds = FACT_KIND_BIT(FACT_VISIT);
    CHECK_INT(60, walk(&books, &listing, 7));
    listing.filter.partner = books.partners[1];
    CHECK_INT(20, walk(&books, &listing, 3));
    listing.filter.from_ms = WORLD_START_MS - MS_PER_DAY;
    listing.filter.to_ms = WORLD_START_MS;
    CHECK(walk(&books, &listing, 3) < 20);
    CHECK(walk(&books, &listing, 3) > 0);
    listing.filter.source = STR("nobody");
    CHECK_INT(0, walk(&books, &listing, 3));
    books_close(&books);
}

TEST(ledger_list, shows_a_partner_its_own_and_those_that_were_merged_into_it)
{
    struct books books;
    struct listing listing = {0};
    books_open(&books);
    record_many(&books);
    world_as_partner(&books.world, books.partners[0]);
    CHECK_INT(40, walk(&books, &listing, 7));
    books_merge(&books, books.partners[1], books.partners[0]);
    world_as_partner(&books.world, books.partners[0]);
    CHECK_INT(80, walk(&books, &listing, 7));
    listing.filter.partner = books.partners[2];
    struct ctx *ctx = world_as_partner(&books.world, books.partners[0]);
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, list, &listing));
    books_close(&books);
}

static struct fact_id record_deal(struct books *books, enum fact_kind kind, const char *id,
                                  const char *deal)
{
    struct fact_draft draft = books_order(books);
    draft.partner = books->partners[0];
    draft.kind = kind;
    draft.external_id = str_from_c(id);
    draft.ref = str_from_c(deal);
    return books_record(books, &draft).id;
}

TEST(ledger_list, gives_the_deals_that_are_neither_won_nor_lost)
{
    struct books books;
    struct listing listing = {0};
    books_open(&books);
    world_as(&books.world, ROLE_ANALYST);
    listing.filter = (struct fact_filter){.partner = books.partners[0], .open_deals = true};
    record_deal(&books, FACT_DEAL_REGISTERED, "d1", "");
    record_deal(&books, FACT_DEAL_REGISTERED, "d2", "Two");
    record_deal(&books, FACT_DEAL_REGISTERED, "d3", "Three");
    struct fact_id mistaken = record_deal(&books, FACT_DEAL_REGISTERED, "d4", "");
    record_deal(&books, FACT_ORDER, "o1", "");
    world_as(&books.world, ROLE_ANALYST);
    CHECK_INT(4, walk(&books, &listing, 3));
    books_reverse(&books, mistaken);
    record_deal(&books, FACT_DEAL_WON, "w1", "d1");
    struct fact_id lost = record_deal(&books, FACT_DEAL_LOST, "l2", "Two");
    world_as(&books.world, ROLE_ANALYST);
    CHECK_INT(1, walk(&books, &listing, 3));
    books_reverse(&books, lost);
    world_as(&books.world, ROLE_ANALYST);
    CHECK_INT(2, walk(&books, &listing, 1));
    books_merge(&books, books.partners[0], books.partners[1]);
    listing.filter.partner = books.partners[1];
    world_as_partner(&books.world, books.partners[1]);
    CHECK_INT(2, walk(&books, &listing, 1));
    listing.filter.partner.v = 0;
    CHECK_INT(2, walk(&books, &listing, 1));
    struct ctx *ctx = world_as(&books.world, ROLE_ANALYST);
    CHECK_ERR(ERR_INVALID, ctx_read(ctx, list, &listing));
    books_close(&books);
}

static enum err get(struct ctx *ctx, void *arg)
{
    struct fact fact;
    return ledger_get(ctx, *(struct fact_id *)arg, &fact);
}

static void never(void *self, const struct rollup_row *row)
{
    (void)self;
    (void)row;
    CHECK(false);
}

static enum err read_group(struct ctx *ctx, void *arg)
{
    struct rollup_query query = {.to = {40000}};
    return rollup_read(ctx, &query, never, arg);
}

TEST(ledger, hides_other_partners_from_a_partner)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    struct fact_id id = books_record(&books, &draft).id;
    CHECK_OK(ctx_read(world_as_partner(&books.world, books.partners[0]), get, &id));
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(world_as_partner(&books.world, books.partners[1]), get, &id));
    CHECK_OK(ctx_read(world_as_partner(&books.world, books.partners[1]), read_group, NULL));
    books_close(&books);
}

/* ---- previews ---- */

struct preview {
    const struct fact_draft *draft;
    struct fact_outcome outcome;
};

static enum err check(struct ctx *ctx, void *arg)
{
    struct preview *preview = arg;
    return ledger_check(ctx, preview->draft, &preview->outcome);
}

static enum fact_result preview(struct books *books, const struct fact_draft *draft)
{
    struct preview preview = {.draft = draft};
    CHECK_OK(ctx_read(world_as(&books->world, ROLE_MANAGER), check, &preview));
    return preview.outcome.result;
}

TEST(ledger_check, says_what_recording_would_say)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    CHECK_INT(FACT_RECORDED, preview(&books, &draft));
    books_record(&books, &draft);
    CHECK_INT(FACT_REPEATED, preview(&books, &draft));
    books_reopen(&books);
    CHECK_INT(FACT_REPEATED, preview(&books, &draft));
    draft.amount.minor++;
    CHECK_INT(FACT_DIFFERS, preview(&books, &draft));
    draft.external_id = STR("new");
    CHECK_INT(FACT_RECORDED, preview(&books, &draft));
    CHECK_INT(1, books_channel(&books, FACT_ORDER).facts);
    books_close(&books);
}

/* ---- several processes ---- */

/* A second process on the same file: connections, caches and a clock that is behind. */
static void open_other(struct books *books, struct books *ret_other)
{
    struct services *services = &ret_other->world.services;
    struct db_options options = {
        .readers = 1, .cache_bytes = 1 << 20, .busy_timeout_ms = 5000, .group_rows = 100};
    struct db_hooks hooks;
    struct fault fault;
    *ret_other = *books;
    arena_init(&ret_other->world.arena, 1 << 24);
    options.url = test_database_migrated(books->world.directory);
    CHECK_OK(db_open(&options, &services->db, &fault));
    services->ledger = ledger_new(services);
    ledger_hooks(services->ledger, &hooks);
    db_set_hooks(services->db, &hooks);
}

static void close_other(struct books *other)
{
    db_close(other->world.services.db);
    ledger_free(other->world.services.ledger);
    arena_finish(&other->world.arena);
}

TEST(ledger_record, knows_what_another_process_has_recorded)
{
    struct books books, other;
    books_open(&books);
    open_other(&books, &other);
    books.world.services.ledger->run_keys = 20;
    other.world.services.ledger->run_keys = 30;
    for (int i = 0; i < 200; i++) {
        struct books *first = i % 3 ? &books : &other, *second = i % 3 ? &other : &books;
        struct fact_draft draft = books_order(&books);
        CHECK_INT(FACT_RECORDED, books_record(first, &draft).result);
        CHECK_INT(FACT_REPEATED, books_record(second, &draft).result);
    }
    CHECK_INT(200, books_channel(&books, FACT_ORDER).facts);
    CHECK_INT(0, books_examine(&books, false).differences);
    close_other(&other);
    books_close(&books);
}

TEST(ledger_record, follows_a_merger_by_another_process)
{
    struct books books, other;
    books_open(&books);
    open_other(&books, &other);
    struct fact_draft draft = books_order(&books);
    books_record(&books, &draft);
    books_merge(&other, books.partners[0], books.partners[1]);
    draft = books_order(&books);
    books_record(&books, &draft);
    CHECK_INT(2, books_totals(&books, books.partners[1], FACT_ORDER).facts);
    CHECK_INT(0, books_totals(&books, books.partners[0], FACT_ORDER).facts);
    CHECK_INT(0, books_examine(&books, false).differences);
    close_other(&other);
    books_close(&books);
}

/* A reader that looks between the commit of a run and the end of its group takes the run in first.
 */
struct looking {
    struct books *books;
    struct db_hooks hooks;
    struct fact_draft draft;
};

static void look_first(void *self, bool committed)
{
    struct looking *looking = self;
    struct preview preview = {.draft = &looking->draft};
    struct ctx ctx = looking->books->world.ctx;
    struct arena arena;
    arena_init(&arena, 1 << 24);
    ctx.arena = &arena;
    ctx.conn = NULL;
    CHECK_OK(ctx_read(&ctx, check, &preview));
    arena_finish(&arena);
    looking->hooks.group_ended(looking->hooks.self, committed);
}

static void job_began(void *self)
{
    struct looking *looking = self;
    looking->hooks.job_began(looking->hooks.self);
}

static void job_ended(void *self, bool kept)
{
    struct looking *looking = self;
    looking->hooks.job_ended(looking->hooks.self, kept);
}

static enum err before_commit(void *self, struct db_conn *conn)
{
    struct looking *looking = self;
    return looking->hooks.before_commit(looking->hooks.self, conn);
}

TEST(ledger_record, knows_a_run_that_a_reader_has_taken_in_first)
{
    struct books books;
    struct fact_draft drafts[60];
    books_open(&books);
    struct ledger *ledger = books.world.services.ledger;
    struct looking looking = {.books = &books};
    struct db_hooks hooks = {.self = &looking,
                             .job_began = job_began,
                             .job_ended = job_ended,
                             .before_commit = before_commit,
                             .group_ended = look_first};
    ledger->run_keys = 10;
    ledger_hooks(ledger, &looking.hooks);
    looking.draft = drafts[0] = books_order(&books);
    books_record(&books, &drafts[0]);
    db_set_hooks(books.world.services.db, &hooks);
    for (size_t i = 1; i < ARRAY_LEN(drafts); i++) {
        drafts[i] = books_order(&books);
        books_record(&books, &drafts[i]);
    }
    static const struct query runs = {"runs", "SELECT COUNT(*) AS n FROM fact_key_run", NULL};
    CHECK_INT(6, world_number(&books.world, &runs));
    CHECK_INT(6, ledger->keys.run_count);
    for (size_t i = 0; i < ARRAY_LEN(drafts); i++)
        CHECK_INT(FACT_REPEATED, books_record(&books, &drafts[i]).result);
    books_close(&books);
}

TEST(ledger_doctor, makes_lost_keys_anew_for_every_process)
{
    static const struct query lose = {"lose", "UPDATE fact_key SET slot = -1 - slot", NULL};
    struct books books, other;
    struct fact_draft drafts[50];
    struct db_args none = DB_NO_ARGS;
    books_open(&books);
    books.world.services.ledger->run_keys = 20;
    for (size_t i = 0; i < ARRAY_LEN(drafts); i++) {
        drafts[i] = books_order(&books);
        books_record(&books, &drafts[i]);
    }
    open_other(&books, &other);
    CHECK_INT(FACT_REPEATED, books_record(&other, &drafts[0]).result);
    CHECK_INT(0, books_examine(&books, false).differences);
    world_run(&books.world, &lose, &none);
    CHECK_INT(1, books_examine(&books, false).differences);
    CHECK_INT(1, books_examine(&books, true).repaired);
    CHECK_INT(0, books_examine(&books, false).differences);
    for (size_t i = 0; i < ARRAY_LEN(drafts); i++) {
        CHECK_INT(FACT_REPEATED, books_record(&books, &drafts[i]).result);
        CHECK_INT(FACT_REPEATED, books_record(&other, &drafts[i]).result);
    }
    close_other(&other);
    books_close(&books);
}

static const struct query double_fact = {
    "double",
    "INSERT INTO fact SELECT id + 1000000, day, partner_id, at_ms, kind, quantity_milli, amount,"
    " currency, cost, product_id, contact_id, source_id, external_id, ref, note, reverses,"
    " import_id FROM fact",
    NULL};

TEST(ledger_doctor, tells_a_fact_that_stands_there_twice)
{
    struct books books;
    struct db_args none = DB_NO_ARGS;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    books_record(&books, &draft);
    world_run(&books.world, &double_fact, &none);
    struct ledger_report report = books_examine(&books, true);
    CHECK(report.differences > 0);
    report = books_examine(&books, true);
    CHECK_INT(1, report.differences);
    CHECK(str_starts_with(report.first, STR("2 facts are not found")));
    books_close(&books);
}

/* ---- groups ---- */

static enum err record(struct ctx *ctx, void *arg)
{
    struct fact_outcome outcome;
    return ledger_record(ctx, arg, &outcome);
}

static enum err record_and_fail(struct ctx *ctx, void *arg)
{
    TRY(record(ctx, arg));
    return ERR_CONFLICT;
}

TEST(ledger_record, takes_a_failed_jobs_share_out_of_the_group)
{
    struct books books;
    books_open(&books);
    struct fact_draft drafts[3] = {books_order(&books), books_order(&books), books_order(&books)};
    struct books_job jobs[3] = {
        {record, &drafts[0], OK}, {record_and_fail, &drafts[1], OK}, {record, &drafts[2], OK}};
    books_group(&books, jobs, 3);
    CHECK_OK(jobs[0].result);
    CHECK_ERR(ERR_CONFLICT, jobs[1].result);
    CHECK_OK(jobs[2].result);
    CHECK_INT(2, books_totals(&books, books.partners[0], FACT_ORDER).facts);
    CHECK_INT(FACT_RECORDED, books_record(&books, &drafts[1]).result);
    CHECK_INT(0, books_examine(&books, false).differences);
    books_close(&books);
}

/* ---- first and last ---- */

struct spanning {
    struct rollup_query query;
    struct rollup_span span;
};

static enum err read_span(struct ctx *ctx, void *arg)
{
    struct spanning *spanning = arg;
    return rollup_read_span(ctx, &spanning->query, &spanning->span);
}

TEST(rollup_read_span, finds_the_first_and_the_last_that_count)
{
    struct books books;
    struct fact_id ids[4];
    struct spanning spanning = {.query = {.to = {40000}, .kinds = FACT_KIND_BIT(FACT_ORDER)}};
    books_open(&books);
    for (int i = 0; i < 4; i++) {
        struct fact_draft draft = books_order(&books);
        draft.at_ms += i * MS_PER_DAY;
        ids[i] = books_record(&books, &draft).id;
    }
    books_reverse(&books, ids[0]);
    books_reverse(&books, ids[3]);
    spanning.query.partner = books.partners[0];
    CHECK_OK(ctx_read(world_as(&books.world, ROLE_MANAGER), read_span, &spanning));
    CHECK_INT(WORLD_START_MS + MS_PER_DAY, spanning.span.first_ms);
    CHECK_INT(WORLD_START_MS + 2 * MS_PER_DAY, spanning.span.last_ms);
    spanning.query.partner = books.partners[1];
    CHECK_OK(ctx_read(world_as(&books.world, ROLE_MANAGER), read_span, &spanning));
    CHECK_INT(0, spanning.span.first_ms);
    books_close(&books);
}
