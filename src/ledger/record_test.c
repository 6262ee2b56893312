/* Facts one by one: recorded once, refused with a reason, reversed once, counted on their day. */
#include "lib/db/db.h"
#include "src/ledger/ledger_test.h"

TEST(ledger_record, counts_a_fact_once)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    struct fact_outcome first = books_record(&books, &draft);
    struct fact_outcome second = books_record(&books, &draft);
    CHECK_INT(FACT_RECORDED, first.result);
    CHECK_INT(FACT_REPEATED, second.result);
    CHECK(fact_id_equal(first.id, second.id));
    struct rollup_totals totals = books_totals(&books, books.partners[0], FACT_ORDER);
    CHECK_INT(1, totals.facts);
    CHECK_INT(1250, totals.amount);
    CHECK_INT(1, books_channel(&books, FACT_ORDER).facts);
    books_close(&books);
}

TEST(ledger_record, knows_a_fact_again_after_a_restart)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    books_record(&books, &draft);
    books_reopen(&books);
    CHECK_INT(FACT_REPEATED, books_record(&books, &draft).result);
    CHECK_INT(1, books_totals(&books, books.partners[0], FACT_ORDER).facts);
    books_close(&books);
}

TEST(ledger_record, tells_another_content_under_the_same_external_id)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    struct fact_id id = books_record(&books, &draft).id;
    struct fact_draft other = draft;
    other.amount.minor++;
    struct fact_outcome outcome = books_record(&books, &other);
    CHECK_INT(FACT_DIFFERS, outcome.result);
    CHECK(fact_id_equal(id, outcome.id));
    other = draft;
    other.note = STR("late");
    CHECK_INT(FACT_DIFFERS, books_record(&books, &other).result);
    other = draft;
    other.partner = books.partners[1];
    CHECK_INT(FACT_DIFFERS, books_record(&books, &other).result);
    CHECK_INT(1250, books_totals(&books, books.partners[0], FACT_ORDER).amount);
    books_close(&books);
}

TEST(ledger_record, takes_the_same_external_id_from_another_source)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    books_record(&books, &draft);
    draft.source = STR("crm");
    CHECK_INT(FACT_RECORDED, books_record(&books, &draft).result);
    CHECK_INT(2, books_totals(&books, books.partners[0], FACT_ORDER).facts);
    books_close(&books);
}

static void check_refused(struct books *books, const struct fact_draft *draft, const char *field)
{
    struct fact_outcome outcome;
    CHECK_ERR(ERR_INVALID, books_try(books, draft, &outcome));
    CHECK_STR(field, str_from_c(books->world.ctx.fault.field));
}

TEST(ledger_record, refuses_what_is_no_fact)
{
    struct books books;
    struct fact_outcome outcome;
    books_open(&books);
    const struct fact_draft good = books_order(&books);
    struct fact_draft draft = good;
    draft.external_id = STR("");
    check_refused(&books, &draft, "external_id");
    draft = good;
    draft.source = STR("bad\xff");
    check_refused(&books, &draft, "source");
    draft = good;
    draft.at_ms = TIME_MAX_MS + 1;
    check_refused(&books, &draft, "at");
    draft = good;
    draft.amount.currency = (struct currency){0};
    check_refused(&books, &draft, "currency");
    draft = good;
    draft.amount.minor = INT64_MAX;
    check_refused(&books, &draft, "amount");
    draft = good;
    draft.kind = FACT_DISPLAY_ON;
    check_refused(&books, &draft, "product");
    draft = good;
    draft.partner.v = 1;
    CHECK_ERR(ERR_NOT_FOUND, books_try(&books, &draft, &outcome));
    CHECK_INT(0, books_channel(&books, FACT_ORDER).facts);
    books_close(&books);
}

TEST(ledger_record, refuses_a_total_that_64_bits_cannot_hold)
{
    struct books books;
    struct fact_outcome outcome;
    enum err err = OK;
    int64_t recorded = 0;
    books_open(&books);
    while (err == OK && recorded < 300) {
        struct fact_draft draft = books_order(&books);
        draft.amount.minor = INT64_C(10000000000000000);
        err = books_try(&books, &draft, &outcome);
        recorded += err == OK;
    }
    CHECK_ERR(ERR_INVALID, err);
    CHECK_INT(230, recorded); /* of 2^61 */
    CHECK_INT(230 * INT64_C(10000000000000000), books_channel(&books, FACT_ORDER).amount);
    struct fact_draft small = books_order(&books);
    CHECK_INT(FACT_RECORDED, books_record(&books, &small).result);
    CHECK_INT(0, books_examine(&books, false).differences);
    books_close(&books);
}

/* 2024-05-15T12:00Z is the 16th in Auckland and the 15th elsewhere. */
TEST(ledger_record, counts_on_the_partners_day_and_on_the_organisations)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    draft.partner = books.partners[2];
    books_record(&books, &draft);
    static const struct query partner_day = {
        "day", "SELECT day AS n FROM rollup_partner WHERE calendar = 1", NULL};
    static const struct query organisation_day = {
        "day", "SELECT day AS n FROM rollup_partner WHERE calendar = 2", NULL};
    static const struct query channel_day = {"day", "SELECT day AS n FROM rollup_channel", NULL};
    int64_t day = day_from_civil((struct civil){2024, 5, 15}).v;
    CHECK_INT(day + 1, world_number(&books.world, &partner_day));
    CHECK_INT(day, world_number(&books.world, &organisation_day));
    CHECK_INT(day, world_number(&books.world, &channel_day));
    CHECK_INT(1, books_totals(&books, books.partners[2], FACT_ORDER).facts);
    CHECK_INT(1, books_totals(&books, (struct partner_id){0}, FACT_ORDER).facts);
    books_close(&books);
}

TEST(ledger_reverse, takes_a_fact_back_once)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    struct fact_id id = books_record(&books, &draft).id;
    struct fact_id reversal = books_reverse(&books, id);
    CHECK(!fact_id_equal(id, reversal));
    struct rollup_totals totals = books_totals(&books, books.partners[0], FACT_ORDER);
    CHECK_INT(0, totals.facts);
    CHECK_INT(0, totals.amount);
    CHECK_INT(FACT_REPEATED, books_record(&books, &draft).result);
    CHECK_INT(0, books_examine(&books, false).differences);
    books_close(&books);
}

struct twice {
    struct fact_id id;
};

static enum err reverse_again(struct ctx *ctx, void *arg)
{
    const struct twice *twice = arg;
    struct fact_id reversal;
    return ledger_reverse(ctx, twice->id, STR(""), (struct import_id){0}, &reversal);
}

TEST(ledger_reverse, refuses_what_is_reversed_and_what_is_a_reversal)
{
    struct books books;
    books_open(&books);
    struct fact_draft draft = books_order(&books);
    struct twice twice = {books_record(&books, &draft).id};
    struct fact_id reversal = books_reverse(&books, twice.id);
    struct ctx *ctx = world_as(&books.world, ROLE_MANAGER);
    CHECK_ERR(ERR_CONFLICT, ctx_write(ctx, reverse_again, &twice));
    twice.id = reversal;
    CHECK_ERR(ERR_CONFLICT, ctx_write(ctx, reverse_again, &twice));
    twice.id.v = 4711;
    CHECK_ERR(ERR_NOT_FOUND, ctx_write(ctx, reverse_again, &twice));
    CHECK_INT(0, books_channel(&books, FACT_ORDER).facts);
    books_close(&books);
}

/* ---- the display ---- */

static void count_display(void *self, const struct display_row *row)
{
    (void)row;
    ++*(int *)self;
}

static enum err read_display(struct ctx *ctx, void *arg)
{
    return display_read(ctx, (struct partner_id){0}, WORLD_START_MS, count_display, arg);
}

static int on_display(struct books *books)
{
    int count = 0;
    CHECK_OK(ctx_read(world_as(&books->world, ROLE_MANAGER), read_display, &count));
    return count;
}

static struct fact_id switch_display(struct books *books, enum fact_kind kind, int minutes)
{
    struct fact_draft draft = books_order(books);
    draft.kind = kind;
    draft.has_amount = false;
    draft.product = books->products[0];
    draft.at_ms += (int64_t)minutes * MS_PER_MINUTE;
    return books_record(books, &draft).id;
}

TEST(display, follows_the_times_and_not_the_order_of_arrival)
{
    struct books books;
    books_open(&books);
    switch_display(&books, FACT_DISPLAY_OFF, -10);
    CHECK_INT(0, on_display(&books));
    switch_display(&books, FACT_DISPLAY_ON, -20);
    CHECK_INT(0, on_display(&books));
    struct fact_id on = switch_display(&books, FACT_DISPLAY_ON, -5);
    CHECK_INT(1, on_display(&books));
    switch_display(&books, FACT_DISPLAY_OFF, 5);
    CHECK_INT(1, on_display(&books));
    books_reverse(&books, on);
    CHECK_INT(0, on_display(&books));
    CHECK_INT(0, books_examine(&books, false).differences);
    books_close(&books);
}

TEST(ledger_record, notes_what_a_partner_carries)
{
    static const struct query carried = {"carried", "SELECT COUNT(*) AS n FROM partner_product",
                                         NULL};
    struct books books;
    books_open(&books);
    switch_display(&books, FACT_DISPLAY_ON, 0);
    switch_display(&books, FACT_DISPLAY_OFF, 1);
    CHECK_INT(1, world_number(&books.world, &carried));
    books_close(&books);
}
