/* Exchange rates: kept, listed, and looked up by day. */
#include "src/metric/rate.h"

#include <string.h>

#include "src/core/audit.h"
#include "src/core/limits.h"
#include "src/metric/metric_rules.h"
#include "src/metric/rate_store.h"
#include "src/organisation/organisation.h"

enum { AUDITED_ONE_BY_ONE = 100, CURRENCIES_MAX = 200 };

bool rate_parse(struct str text, int64_t *ret_nano)
{
    struct decimal decimal;
    int64_t nano;
    if (!parse_decimal(text, METRIC_RATE_SCALE, &decimal) || decimal.mantissa <= 0)
        return false;
    nano = decimal.mantissa;
    for (int scale = decimal.scale; scale < METRIC_RATE_SCALE; scale++)
        if (__builtin_mul_overflow(nano, (int64_t)10, &nano))
            return false;
    if (nano > METRIC_RATE_ONE * METRIC_RATE_ONE)
        return false;
    *ret_nano = nano;
    return true;
}

struct str rate_text(int64_t nano, struct arena *arena)
{
    struct metric_value value = {.number = {nano, METRIC_RATE_SCALE}};
    struct buf buf;
    buf_init(&buf, arena, MONEY_TEXT_MAX);
    metric_value_render(&value, METRIC_UNIT_RATIO, &buf);
    return buf_str(&buf);
}

static enum err reporting_currency(struct ctx *ctx, struct currency *ret_currency)
{
    struct organisation organisation;
    TRY(organisation_get(ctx, &organisation));
    *ret_currency = organisation.currency;
    return OK;
}

enum err rate_list(struct ctx *ctx, const struct rate_filter *filter, const struct page *page,
                   struct rate_page *ret_page)
{
    struct currency reporting;
    TRY(reporting_currency(ctx, &reporting));
    struct rate_page found = {.rows =
                                  ARENA_ARRAY(ctx->arena, struct rate, (size_t)page->limit + 1)};
    struct rate_place after = {filter->to, STR("")};
    if (page->has_cursor)
        after = (struct rate_place){{(int32_t)page->after_int}, page->after_text};
    found.limit = page->limit + 1;
    TRY(rate_store_list(ctx, reporting, filter, &after, &found));
    if (found.count > (size_t)page->limit) {
        found.count = (size_t)page->limit;
        const struct rate *last = &found.rows[found.count - 1];
        found.next = page_cursor(ctx, "rates", currency_str(&last->currency), last->day.v, 0);
    }
    *ret_page = found;
    return OK;
}

static enum err save_one(struct ctx *ctx, struct currency reporting, const struct rate *rate,
                         struct audit_changes *changes)
{
    int64_t old;
    TRY(rate_store_find(ctx, reporting, rate, &old));
    if (old == rate->nano)
        return OK;
    struct buf name;
    buf_init(&name, ctx->arena, 32);
    buf_format(&name, "%s ", rate->currency.code);
    day_render(rate->day, &name);
    if (changes->count < AUDITED_ONE_BY_ONE)
        audit_changed_text(changes, arena_cstr(ctx->arena, buf_str(&name)),
                           old ? rate_text(old, ctx->arena) : STR(""),
                           rate->nano ? rate_text(rate->nano, ctx->arena) : STR(""));
    else
        changes->count++;
    return rate_store_put(ctx, reporting, rate);
}

enum err rate_save(struct ctx *ctx, const struct rate *rates, size_t count, size_t *ret_changed)
{
    struct currency reporting;
    struct audit_changes changes;
    TRY(reporting_currency(ctx, &reporting));
    audit_changes_init(&changes, ctx);
    for (size_t i = 0; i < count; i++) {
        if (currency_equal(rates[i].currency, reporting)) {
            enum err err =
                CTX_FAULT_FIELD(ctx, ERR_INVALID, "rate_of_reporting", "currency",
                                "%s is the reporting currency; its rate is 1.", reporting.code);
            ctx->fault.row = (int64_t)i + 1;
            return err;
        }
        TRY(save_one(ctx, reporting, &rates[i], &changes));
    }
    if (changes.count) {
        struct audit_subject subject = {.type = "rate", .id = ctx_next_id(ctx)};
        TRY(audit_record(ctx, subject, "changed", &changes));
    }
    *ret_changed = changes.count;
    return OK;
}

/* ---- conversion ---- */

struct rate_history {
    struct currency currency;
    struct rate_page rates;
};

void rate_book_init(struct rate_book *book, struct ctx *ctx, struct currency reporting,
                    struct day to)
{
    *book = (struct rate_book){.ctx = ctx, .reporting = reporting, .to = to};
}

static const struct rate_history *history_of(struct rate_book *book, struct currency currency)
{
    for (size_t i = 0; i < book->count; i++)
        if (currency_equal(book->histories[i].currency, currency))
            return &book->histories[i];
    if (!book->histories)
        book->histories = ARENA_ARRAY(book->ctx->arena, struct rate_history, CURRENCIES_MAX);
    if (book->count == CURRENCIES_MAX)
        return NULL;
    struct rate_history *history = &book->histories[book->count];
    history->currency = currency;
    book->failed =
        rate_store_history(book->ctx, book->reporting, currency, book->to, &history->rates);
    if (book->failed != OK)
        return NULL;
    book->count++;
    return history;
}

int64_t rate_book_find(struct rate_book *book, struct currency currency, struct day day)
{
    if (currency_equal(currency, book->reporting))
        return METRIC_RATE_ONE;
    const struct rate_history *history = book->failed == OK ? history_of(book, currency) : NULL;
    if (!history)
        return 0;
    size_t low = 0, high = history->rates.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (history->rates.rows[middle].day.v <= day.v)
            low = middle + 1;
        else
            high = middle;
    }
    return low ? history->rates.rows[low - 1].nano : 0;
}

enum err rate_of_day(struct ctx *ctx, struct currency reporting, struct currency currency,
                     struct day day, int64_t *ret_nano)
{
    *ret_nano = METRIC_RATE_ONE;
    return currency_equal(currency, reporting)
               ? OK
               : rate_store_latest(ctx, reporting, currency, day, ret_nano);
}
