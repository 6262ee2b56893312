/* Lists what needs attention: partners out of the table, imports, in one order. */
#include "src/attention/attention_table.h"

#include <stdlib.h>

#include "src/metric/rate.h"

const char *const attention_reason_names[] = {
    "silent", "falling", "no_action", "duplicate", "unassigned_rows", "bad_rows", "dns", NULL};

enum { BAD_ROWS_DAYS = 14 };

enum err attention_want(struct ctx *ctx, struct str code, unsigned *reasons)
{
    for (int i = 0; i < ATTENTION_REASON_COUNT; i++) {
        if (str_equal(code, str_from_c(attention_reason_names[i]))) {
            *reasons |= ATTENTION_BIT(i);
            return OK;
        }
    }
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "reason_unknown", "reasons",
                           "There is no reason \"%.*s\".", STR_ARG(code));
}

struct listing {
    struct ctx *ctx;
    struct attention_table *table;
    struct attention_basis basis;
    struct attention_imports imports;
    struct attention_place *import_places; /* in the order of urgency */
};

/* ---- what is read beside the table ---- */

static void mark_duplicate(struct attention_table *table, struct partner_id id,
                           const struct attention_pair *pair)
{
    struct attention_known *row = attention_find(table, id);
    if (!row)
        return;
    if (!row->duplicates)
        row->duplicate = pair->id;
    row->duplicates++;
}

static enum err mark_duplicates(struct ctx *ctx, struct attention_table *table)
{
    struct attention_pairs pairs;
    TRY(attention_store_pairs(ctx, &pairs));
    for (size_t i = 0; i < table->count; i++)
        table->rows[i].duplicates = 0;
    for (size_t i = 0; i < pairs.count; i++) {
        mark_duplicate(table, pairs.rows[i].a, &pairs.rows[i]);
        mark_duplicate(table, pairs.rows[i].b, &pairs.rows[i]);
    }
    return OK;
}

static enum err mark_domains(struct ctx *ctx, struct attention_table *table)
{
    struct attention_domains domains;
    TRY(attention_store_domains(ctx, &domains));
    for (size_t i = 0; i < table->count; i++)
        table->rows[i].dns_ms = 0;
    for (size_t i = 0; i < domains.count; i++) {
        struct attention_known *row = attention_find(table, domains.rows[i].partner);
        if (row)
            row->dns_ms = domains.rows[i].since_ms;
    }
    return OK;
}

/* Both are in the order of partners. */
static enum err mark_group(struct ctx *ctx, struct attention_table *table,
                           const struct metric_scope *group)
{
    struct metric_members members = {0};
    bool all = !metric_scope_is_group(group);
    if (!all)
        TRY(metric_members(ctx, group, &members));
    for (size_t i = 0, at = 0; i < table->count; i++) {
        struct attention_known *row = &table->rows[i];
        while (at < members.count && members.ids[at].v < row->partner.v)
            at++;
        row->in_group =
            all || (at < members.count && partner_id_equal(members.ids[at], row->partner));
    }
    return OK;
}

static int64_t stake_of_import(struct rate_book *book, struct day day,
                               const struct attention_imported *import)
{
    struct money converted, stake = {import->amount_minor, import->currency};
    if (!currency_is_set(import->currency) || import->amount_minor <= 0)
        return 0;
    return attention_convert(book, day, stake, &converted) ? converted.minor : 1;
}

static enum err read_imports(struct listing *listing)
{
    struct ctx *ctx = listing->ctx;
    struct day day = {listing->basis.clock.reckoned};
    struct rate_book book;
    TRY(attention_store_imports(ctx, ctx->now_ms - BAD_ROWS_DAYS * MS_PER_DAY, &listing->imports));
    size_t count = listing->imports.count;
    listing->import_places = ARENA_ARRAY(ctx->arena, struct attention_place, count);
    rate_book_init(&book, ctx, listing->basis.reporting, (struct day){day.v + 1});
    for (size_t i = 0; i < count; i++) {
        const struct attention_imported *import = &listing->imports.rows[i];
        listing->import_places[i] =
            (struct attention_place){stake_of_import(&book, day, import), 0, import->id.v, i};
    }
    if (count)
        qsort(listing->import_places, count, sizeof(listing->import_places[0]),
              attention_compare_places);
    return book.failed;
}

/* Locked. */
static enum err open_listing(struct listing *listing, struct attention *attention,
                             const struct metric_scope *group)
{
    struct ctx *ctx = listing->ctx;
    TRY(attention_refresh(ctx, attention));
    listing->table = &attention->table;
    listing->basis = attention->table.basis;
    listing->basis.time_zone = arena_str(ctx->arena, listing->basis.time_zone);
    TRY(mark_group(ctx, listing->table, group));
    TRY(mark_duplicates(ctx, listing->table));
    TRY(mark_domains(ctx, listing->table));
    return read_imports(listing);
}

/* ---- what is in it ---- */

static unsigned reasons_of(const struct attention_known *row)
{
    return row->verdict.reasons | (row->duplicates ? ATTENTION_BIT(ATTENTION_DUPLICATE) : 0) |
           (row->dns_ms ? ATTENTION_BIT(ATTENTION_DNS) : 0);
}

static unsigned reasons_of_import(const struct attention_imported *import)
{
    return (import->unassigned ? ATTENTION_BIT(ATTENTION_UNASSIGNED) : 0) |
           (import->bad_rows ? ATTENTION_BIT(ATTENTION_BAD_ROWS) : 0);
}

static bool is_meant(unsigned reasons, const struct attention_filter *filter)
{
    return (reasons & (filter->reasons ? filter->reasons : ~0U)) != 0;
}

static bool row_is_meant(const struct attention_known *row, const struct attention_filter *filter)
{
    return row->in_group && is_meant(reasons_of(row), filter);
}

static struct attention_item item_of_row(const struct attention_known *row)
{
    return (struct attention_item){.partner = row->partner,
                                   .manager = row->manager,
                                   .reasons = reasons_of(row),
                                   .currency = row->currency,
                                   .stake = {row->verdict.stake_minor, row->currency},
                                   .past = row->past,
                                   .duplicate = row->duplicate,
                                   .duplicates = row->duplicates,
                                   .dns_ms = row->dns_ms,
                                   .rank_stake = row->rank_stake,
                                   .rank_sales = row->rank_sales};
}

static struct attention_item item_of_import(const struct attention_imported *import,
                                            const struct attention_place *place)
{
    return (struct attention_item){.import = import->id,
                                   .name = import->name,
                                   .reasons = reasons_of_import(import),
                                   .currency = import->currency,
                                   .stake = {import->amount_minor, import->currency},
                                   .unassigned = import->unassigned,
                                   .bad_rows = import->bad_rows,
                                   .since_ms = import->finished_ms,
                                   .rank_stake = place->stake};
}

/* ---- the page ---- */

/* Two lists in one order, walked together. */
struct walk {
    const struct listing *listing;
    const struct attention_filter *filter;
    size_t row, import;
};

static const struct attention_place *next_row(struct walk *walk)
{
    const struct attention_table *table = walk->listing->table;
    for (; walk->row < table->count; walk->row++)
        if (row_is_meant(&table->rows[table->places[walk->row].index], walk->filter))
            return &table->places[walk->row];
    return NULL;
}

static const struct attention_place *next_import(struct walk *walk)
{
    const struct listing *listing = walk->listing;
    bool all = !metric_scope_is_group(&walk->filter->group);
    for (; all && walk->import < listing->imports.count; walk->import++) {
        const struct attention_place *place = &listing->import_places[walk->import];
        if (is_meant(reasons_of_import(&listing->imports.rows[place->index]), walk->filter))
            return place;
    }
    return NULL;
}

/* False at the end. */
static bool walk_on(struct walk *walk, struct attention_place *ret_place,
                    struct attention_item *ret_item)
{
    const struct listing *listing = walk->listing;
    const struct attention_place *row = next_row(walk), *import = next_import(walk);
    if (!row && !import)
        return false;
    if (row && (!import || attention_compare_places(row, import) < 0)) {
        walk->row++;
        *ret_place = *row;
        *ret_item = item_of_row(&listing->table->rows[row->index]);
        return true;
    }
    walk->import++;
    *ret_place = *import;
    *ret_item = item_of_import(&listing->imports.rows[import->index], import);
    return true;
}

static enum err read_place(struct ctx *ctx, const struct page *page,
                           struct attention_place *ret_after)
{
    *ret_after = (struct attention_place){.stake = page->after_int, .id = page->after_id};
    if (page->has_cursor && !parse_int64(page->after_text, INT64_MIN, INT64_MAX, &ret_after->sales))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "cursor_invalid", "cursor",
                               "The cursor does not belong to this list; start again without it.");
    return OK;
}

/* Locked. */
static enum err take_page(struct listing *listing, const struct attention_filter *filter,
                          const struct page *page, struct attention_page *found)
{
    struct ctx *ctx = listing->ctx;
    struct walk walk = {.listing = listing, .filter = filter};
    struct attention_place after, place = {0}, last = {0};
    struct attention_item item;
    TRY(read_place(ctx, page, &after));
    found->rows = ARENA_ARRAY(ctx->arena, struct attention_item, (size_t)page->limit);
    while (walk_on(&walk, &place, &item)) {
        if (page->has_cursor && attention_compare_places(&place, &after) <= 0)
            continue;
        if (found->count == (size_t)page->limit) {
            struct str sales = arena_format(ctx->arena, "%lld", (long long)last.sales);
            found->next = page_cursor(ctx, ATTENTION_ORDER, sales, last.stake, last.id);
            return OK;
        }
        found->rows[found->count++] = item;
        last = place;
    }
    return OK;
}

static enum err complete(struct ctx *ctx, const struct attention_basis *basis,
                         struct attention_page *page)
{
    struct day day = {basis->clock.reckoned};
    struct rate_book book;
    rate_book_init(&book, ctx, basis->reporting, (struct day){day.v + 1});
    for (size_t i = 0; i < page->count; i++) {
        struct attention_item *item = &page->rows[i];
        if (partner_id_is_set(item->partner))
            TRY(attention_store_names(ctx, item));
        if (item->duplicates)
            TRY(attention_store_pair_found(ctx, item->duplicate, &item->since_ms));
        if (item->dns_ms)
            TRY(attention_store_domain(ctx, item->partner, &item->dns_sentence));
        if (currency_is_set(item->currency) && item->stake.minor > 0)
            item->has_reporting = attention_convert(&book, day, item->stake, &item->reporting);
    }
    return book.failed;
}

/* ---- use cases ---- */

typedef enum err locked_work(struct listing *listing, void *arg);

/* Without a server the table lives as long as the command. */
static enum err with_table(struct ctx *ctx, struct listing *listing,
                           const struct metric_scope *group, locked_work *work, void *arg)
{
    struct attention *kept = ctx->services->attention, *own = kept ? NULL : attention_new();
    if (ctx_partner_scope(ctx)) {
        attention_free(own);
        return CTX_FAULT(ctx, ERR_FORBIDDEN, "attention", "This list is for the vendor's staff.");
    }
    struct attention *attention = kept ? kept : own;
    listing->ctx = ctx;
    pthread_mutex_lock(&attention->lock);
    enum err err = open_listing(listing, attention, group);
    if (err == OK)
        err = work(listing, arg);
    pthread_mutex_unlock(&attention->lock);
    attention_free(own);
    return err;
}

struct list_job {
    const struct attention_filter *filter;
    const struct page *page;
    struct attention_page found;
};

static enum err list_locked(struct listing *listing, void *arg)
{
    struct list_job *job = arg;
    job->found.basis = listing->basis;
    return take_page(listing, job->filter, job->page, &job->found);
}

enum err attention_list(struct ctx *ctx, const struct attention_filter *filter,
                        const struct page *page, struct attention_page *ret_page)
{
    struct list_job job = {.filter = filter, .page = page};
    struct listing listing = {0};
    TRY(with_table(ctx, &listing, &filter->group, list_locked, &job));
    TRY(complete(ctx, &listing.basis, &job.found));
    *ret_page = job.found;
    return OK;
}

struct summary_job {
    struct attention_filter filter;
    struct attention_summary summary;
};

static enum err summarise_locked(struct listing *listing, void *arg)
{
    struct summary_job *job = arg;
    struct walk walk = {.listing = listing, .filter = &job->filter};
    struct attention_place place;
    struct attention_item item;
    job->summary.basis = listing->basis;
    while (walk_on(&walk, &place, &item)) {
        job->summary.total++;
        for (int reason = 0; reason < ATTENTION_REASON_COUNT; reason++)
            job->summary.items[reason] += (item.reasons & ATTENTION_BIT(reason)) != 0;
    }
    return OK;
}

enum err attention_summarise(struct ctx *ctx, const struct metric_scope *group,
                             struct attention_summary *ret_summary)
{
    struct summary_job job = {.filter = {.group = *group}};
    struct listing listing = {0};
    TRY(with_table(ctx, &listing, group, summarise_locked, &job));
    *ret_summary = job.summary;
    return OK;
}
