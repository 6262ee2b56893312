/* Partners, or products, by a metric: each with its own sums, over the same days. */
#include <stdlib.h>

#include "src/metric/metric_render.h"
#include "src/metric/metric_sums.h"
#include "src/metric/metric_tally.h"

struct contestant {
    int64_t id; /* a partner's or a product's */
    struct metric_sums sums;
};

struct ranking {
    struct metric_frame *frame;
    const struct metric *metric;
    bool of_products;
    struct contestant *rows;
    size_t count, cap;
    struct metric_tally index; /* slot->count: 1 + where in `rows` */
    bool overflow;
};

static void grow(struct ranking *ranking)
{
    size_t cap = ranking->cap ? ranking->cap * 2 : 64;
    struct contestant *rows = ARENA_ARRAY(ranking->frame->ctx->arena, struct contestant, cap);
    for (size_t i = 0; i < ranking->count; i++)
        rows[i] = ranking->rows[i];
    ranking->rows = rows;
    ranking->cap = cap;
}

static struct contestant *contestant_of(struct ranking *ranking, struct partner_id partner,
                                        struct product_id product)
{
    int64_t id = ranking->of_products ? product.v : partner.v;
    struct metric_frame *frame = ranking->frame;
    struct metric_tally_slot *slot = metric_tally_of(&ranking->index, id);
    if (slot->count)
        return &ranking->rows[slot->count - 1];
    if (ranking->count == ranking->cap)
        grow(ranking);
    struct contestant *row = &ranking->rows[ranking->count++];
    slot->count = (int64_t)ranking->count;
    row->id = id;
    metric_sums_init(&row->sums, frame->ctx->arena, frame->heading.reporting,
                     ranking->of_products ? frame->usual : frame->heading.reporting);
    row->sums.delivered = frame->delivered;
    return row;
}

static void visit_row(void *self, const struct rollup_row *row)
{
    struct ranking *ranking = self;
    struct metric_frame *frame = ranking->frame;
    if (!metric_frame_has(frame, row->partner))
        return;
    struct metric_sum sum = metric_sum_of(row);
    int64_t rate =
        currency_is_set(row->currency) ? rate_book_find(&frame->book, row->currency, row->day) : 0;
    struct metric_sums *sums = &contestant_of(ranking, row->partner, row->product)->sums;
    ranking->overflow |= !metric_sums_add(sums, (int)row->kind, row->currency, &sum, rate);
}

static void visit_display(void *self, const struct display_row *row)
{
    struct ranking *ranking = self;
    struct product_id product = ranking->frame->heading.scope.product;
    bool asked = !product_id_is_set(product) || product_id_equal(product, row->product);
    if (asked && metric_frame_has(ranking->frame, row->partner))
        contestant_of(ranking, row->partner, row->product)->sums.beside.on_display++;
}

static void visit_first_order(void *self, const struct first_order *first)
{
    struct ranking *ranking = self;
    struct product_id none = {0};
    struct metric_beside *beside = &contestant_of(ranking, first->partner, none)->sums.beside;
    beside->first_orders++;
    beside->first_order_ms_sum += first->ms;
}

static enum err read_rollup(struct ranking *ranking)
{
    struct metric_frame *frame = ranking->frame;
    struct rollup_query query = metric_frame_rollup(frame, frame->heading.window);
    query.kinds = ranking->metric->kinds;
    if (ranking->of_products || product_id_is_set(frame->heading.scope.product))
        TRY(rollup_read_products(frame->ctx, &query, visit_row, ranking));
    else
        TRY(rollup_read(frame->ctx, &query, visit_row, ranking));
    TRY(frame->book.failed);
    return ranking->overflow ? CTX_FAULT(frame->ctx, ERR_INVALID, "sum_too_large",
                                         "A sum of this window is too large; ask for a shorter "
                                         "one.")
                             : OK;
}

/* Every partner that has a part in the metric. */
static enum err read_contestants(struct ranking *ranking)
{
    struct metric_frame *frame = ranking->frame;
    struct metric_points whole = {.stepped = false, .count = 1};
    metric_tally_init(&ranking->index, frame->ctx->arena);
    switch (ranking->metric->rule) {
    case FORMULA_ON_DISPLAY:
        return display_read(frame->ctx, frame->heading.scope.partner,
                            metric_frame_start_ms(frame, frame->heading.window.to) - 1,
                            visit_display, ranking);
    case FORMULA_FIRST_ORDER:
        return metric_first_orders_read(frame, &whole, visit_first_order, ranking);
    case FORMULA_ATTAINMENT:
        return OK;
    case FORMULA_FACTS:
    case FORMULA_QUANTITY:
    case FORMULA_AMOUNT:
    case FORMULA_AMOUNT_PER_FACT:
    case FORMULA_AMOUNT_PER_UNIT:
    case FORMULA_AMOUNT_PER_OTHER:
    case FORMULA_MARGIN:
    case FORMULA_MEAN_TIME:
    case FORMULA_SHARE:
    case FORMULA_PARTNERS_SELLING:
    case FORMULA_ORDER_GAP:
    case FORMULA_PROSPECT_RATE:
    case FORMULA_CONVERSION_MEDIAN:
        break;
    }
    return read_rollup(ranking);
}

/* What to order by; money only where it is comparable. */
static int64_t key_of(const struct metric_result *result, struct currency reporting)
{
    const struct metric_value *value = &result->values[0];
    if (!currency_is_set(value->currency))
        return value->number.mantissa;
    if (result->has_reporting)
        return result->reporting.number.mantissa;
    if (result->count == 1 && currency_equal(value->currency, reporting))
        return value->number.mantissa;
    return INT64_MIN;
}

static void evaluate(const struct ranking *ranking, struct contestant *contestant,
                     struct metric_leader *ret_leader)
{
    struct metric_sums *sums = &contestant->sums;
    if (ranking->metric->rule == FORMULA_PARTNERS_SELLING)
        sums->beside.partners_selling = metric_sums_facts(sums, ranking->metric->kind) > 0;
    *ret_leader = (struct metric_leader){0};
    if (ranking->of_products)
        ret_leader->product.v = contestant->id;
    else
        ret_leader->partner.v = contestant->id;
    metric_evaluate(ranking->metric, sums, &ret_leader->result);
    if (ret_leader->result.count)
        ret_leader->key = key_of(&ret_leader->result, sums->reporting);
}

/* Where all money is in one currency it is comparable without any rate. */
static void key_by_one_currency(struct metric_leader_page *page)
{
    struct currency currency = {""};
    for (size_t i = 0; i < page->count; i++) {
        const struct metric_result *result = &page->rows[i].result;
        if (i == 0)
            currency = result->values[0].currency;
        if (result->count != 1 || !currency_equal(currency, result->values[0].currency))
            return;
    }
    for (size_t i = 0; i < page->count; i++)
        page->rows[i].key = page->rows[i].result.values[0].number.mantissa;
}

/* All contestants with data, unordered. */
static enum err rank(struct ranking *ranking, struct metric_leader_page *page)
{
    struct metric_frame *frame = ranking->frame;
    TRY(read_contestants(ranking));
    page->rows = ARENA_ARRAY(frame->ctx->arena, struct metric_leader, ranking->count);
    for (size_t i = 0; i < ranking->count; i++) {
        evaluate(ranking, &ranking->rows[i], &page->rows[page->count]);
        page->count += page->rows[page->count].result.count > 0;
    }
    key_by_one_currency(page);
    if (arena_failed(frame->ctx->arena))
        return CTX_FAULT(frame->ctx, ERR_MEMORY, "memory",
                         "This needs more memory than one request may use.");
    return OK;
}

static enum err read_leaders(struct metric_frame *frame, struct metric_leader_page *page)
{
    struct ranking ranking = {.frame = frame};
    ranking.metric = metric_frame_row(frame, metric_only(frame->wanted));
    return ranking.metric ? rank(&ranking, page) : OK;
}

/* ---- the ranking ---- */

struct place {
    int64_t key, id;
};

/* What has no place among the others stands behind them, in both directions. */
static int compare_places(struct place a, struct place b, bool lowest_first)
{
    bool a_last = a.key == INT64_MIN, b_last = b.key == INT64_MIN;
    if (a_last != b_last)
        return a_last ? 1 : -1;
    if (a.key != b.key)
        return (a.key > b.key) == lowest_first ? 1 : -1;
    return (a.id > b.id) - (a.id < b.id);
}

static struct place place_of(const struct metric_leader *leader)
{
    bool of_partner = partner_id_is_set(leader->partner);
    return (struct place){leader->key, of_partner ? leader->partner.v : leader->product.v};
}

static int compare_highest(const void *a, const void *b)
{
    return compare_places(place_of(a), place_of(b), false);
}

static int compare_lowest(const void *a, const void *b)
{
    return compare_places(place_of(a), place_of(b), true);
}

const char *metric_ranking_order(struct ctx *ctx, const struct metric_query *query)
{
    const char *code = metric_at(metric_only(query->wanted))->code;
    return query->lowest_first ? arena_format(ctx->arena, "%s lowest", code).ptr : code;
}

/* Cuts the page out of the whole ranking. */
static void cut_page(struct ctx *ctx, const struct metric_query *query, const struct page *page,
                     struct metric_leader_page *all)
{
    struct place after = {page->after_int, page->after_id};
    size_t from = 0;
    while (page->has_cursor && from < all->count &&
           compare_places(place_of(&all->rows[from]), after, query->lowest_first) <= 0)
        from++;
    all->rows += from;
    all->count -= from;
    if (all->count <= (size_t)page->limit)
        return;
    all->count = (size_t)page->limit;
    struct place last = place_of(&all->rows[all->count - 1]);
    all->next = page_cursor(ctx, metric_ranking_order(ctx, query), STR(""), last.key, last.id);
}

static enum err fill_row(struct ctx *ctx, struct metric_leader *row)
{
    if (product_id_is_set(row->product))
        return metric_store_product(ctx, row->product, &row->name, &row->code);
    return metric_store_name(ctx, row->partner, &row->name);
}

/* The page asked for, of a whole ranking that is in no order yet. */
static enum err take_page(struct ctx *ctx, const struct metric_query *query,
                          const struct page *page, struct metric_leader_page *all)
{
    if (all->count)
        qsort(all->rows, all->count, sizeof(all->rows[0]),
              query->lowest_first ? compare_lowest : compare_highest);
    cut_page(ctx, query, page, all);
    for (size_t i = 0; i < all->count; i++)
        TRY(fill_row(ctx, &all->rows[i]));
    return OK;
}

enum err metric_leaders(struct ctx *ctx, const struct metric_query *query, const struct page *page,
                        struct metric_leader_page *ret_page)
{
    struct metric_frame frame;
    struct metric_leader_page found = {0};
    TRY(metric_frame_open(ctx, query, &frame));
    found.heading = frame.heading;
    TRY(read_leaders(&frame, &found));
    TRY(take_page(ctx, query, page, &found));
    *ret_page = found;
    return OK;
}

/* ---- products ---- */

/* NULL where it says nothing about a single product. */
static const struct metric *row_of_product(const struct metric_frame *frame)
{
    const struct metric *row = metric_frame_row(frame, metric_only(frame->wanted));
    const struct metric *metric = row ? metric_of_product(row) : NULL;
    return metric && metric->rule != FORMULA_PARTNERS_SELLING ? metric : NULL;
}

enum err metric_products(struct ctx *ctx, const struct metric_query *query, const struct page *page,
                         struct metric_leader_page *ret_page)
{
    struct metric_frame frame;
    struct metric_leader_page found = {0};
    struct ranking ranking = {.frame = &frame, .of_products = true};
    TRY(metric_frame_open(ctx, query, &frame));
    found.heading = frame.heading;
    ranking.metric = row_of_product(&frame);
    if (!ranking.metric)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "metric_of_products",
                         "This metric says nothing about single products.");
    TRY(rank(&ranking, &found));
    TRY(take_page(ctx, query, page, &found));
    *ret_page = found;
    return OK;
}

/* ---- for the list of partners ---- */

static bool exists(struct str code)
{
    return metric_find(code) != NULL;
}

static int compare_ids(const void *a, const void *b)
{
    const struct metric_leader *left = a, *right = b;
    return (left->partner.v > right->partner.v) - (left->partner.v < right->partner.v);
}

static struct partner_metric_value value_of(const struct metric_leader *leader, struct arena *arena)
{
    struct metric_result shown = leader->result;
    if (shown.count > 1 && shown.has_reporting) {
        shown.values = &shown.reporting;
        shown.count = 1;
    }
    struct partner_metric_value value = {
        .partner = leader->partner, .key = leader->key, .text = metric_result_text(&shown, arena)};
    if (shown.count == 1)
        value.currency = shown.values[0].currency;
    return value;
}

static enum err values(struct ctx *ctx, const struct partner_metric_query *query,
                       struct partner_metric_values *ret_values)
{
    struct metric_query wanted = {
        .days = {query->from_given, query->to_given, query->from, query->to}};
    struct metric_leader_page found = {0};
    struct metric_frame frame;
    TRY(metric_want(ctx, query->code, &wanted.wanted));
    TRY(metric_frame_open(ctx, &wanted, &frame));
    TRY(read_leaders(&frame, &found));
    if (found.count)
        qsort(found.rows, found.count, sizeof(found.rows[0]), compare_ids);
    struct partner_metric_values made = {
        .rows = ARENA_ARRAY(ctx->arena, struct partner_metric_value, found.count),
        .count = found.count};
    for (size_t i = 0; i < found.count; i++)
        made.rows[i] = value_of(&found.rows[i], ctx->arena);
    *ret_values = made;
    return OK;
}

const struct partner_metrics metric_partner_metrics = {exists, values};
