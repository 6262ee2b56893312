/* The list of partners: filters, orders, pages; and all of it, for exports and actions on many. */
#include "src/partner/partner_list_store.h"
#include "src/partner/partner_metric_order.h"
#include "src/partner/partner_search_rules.h"

enum {
    /* So many hits of a word are put in order in less time than a walk takes that looks for them;
     * of several words each may have more, because a walk finds fewer partners that have all. */
    HITS_OF_ONE_MAX = 8000,
    HITS_MAX = 24000,
    RESTRICTIONS_MAX = LIMIT_SEARCH_WORDS + LIST_FROM_SELF,
    FIRST_HITS = 16,
    MORE_HITS = 6,
    EACH_ROWS = 500,
    EACH_IDS = 5000,
    EACH_ARENA_BYTES = 16 * 1024 * 1024
};

static const char *const sort_names[PARTNER_SORT_COUNT] = {
    [PARTNER_SORT_NAME] = "name",       [PARTNER_SORT_STATUS] = "status",
    [PARTNER_SORT_COUNTRY] = "country", [PARTNER_SORT_CITY] = "city",
    [PARTNER_SORT_MANAGER] = "manager", [PARTNER_SORT_TIER] = "tier",
    [PARTNER_SORT_DOMAIN] = "domain",   [PARTNER_SORT_CREATED] = "created",
    [PARTNER_SORT_UPDATED] = "updated", [PARTNER_SORT_ACTIVE] = "active",
};

const char *partner_sort_name(enum partner_sort sort)
{
    return sort < PARTNER_SORT_COUNT ? sort_names[sort] : "";
}

/* ---- from where to start ---- */

/* What will be read of a list. */
struct list_wish {
    int64_t rows;
    bool ordered; /* in an order that an index has */
    bool by_name;
};

struct plan {
    struct list_restriction restrictions[RESTRICTIONS_MAX];
    int64_t hits[RESTRICTIONS_MAX];
    size_t count;
};

static enum err plan_add(struct ctx *ctx, const struct list_filter *filter, struct plan *plan,
                         struct list_restriction restriction)
{
    plan->restrictions[plan->count] = restriction;
    TRY(list_store_hits(ctx, filter, &restriction, HITS_MAX, &plan->hits[plan->count]));
    plan->count++;
    return OK;
}

static enum err plan_all(struct ctx *ctx, const struct list_filter *filter, struct plan *plan)
{
    const struct partner_filter *given = filter->given;
    const bool set[LIST_FROM_SELF] = {
        [LIST_FROM_MANAGER] = user_id_is_set(given->manager),
        [LIST_FROM_TAG] = given->tag.len > 0,
        [LIST_FROM_PRODUCT] = product_id_is_set(given->product),
        [LIST_FROM_PARENT] = partner_id_is_set(given->parent),
        [LIST_FROM_COUNTRY] = country_is_set(given->country),
        [LIST_FROM_TIER] = given->tier.len > 0,
        [LIST_FROM_STATUS] = given->statuses && !(given->statuses & (given->statuses - 1)),
    };
    for (size_t i = 0; i < filter->word_count; i++)
        TRY(plan_add(ctx, filter, plan, (struct list_restriction){LIST_FROM_WORD, i}));
    for (enum list_source source = LIST_FROM_MANAGER; source < LIST_FROM_SELF; source++)
        if (set[source])
            TRY(plan_add(ctx, filter, plan, (struct list_restriction){source, 0}));
    return OK;
}

static void swap(struct str *a, struct str *b)
{
    struct str kept = *a;
    *a = *b;
    *b = kept;
}

/* The rarest word is looked for first. */
static void put_rarest_first(struct list_filter *filter, struct plan *plan)
{
    for (size_t i = 1; i < filter->word_count; i++)
        for (size_t j = i; j > 0 && plan->hits[j] < plan->hits[j - 1]; j--) {
            int64_t hits = plan->hits[j];
            plan->hits[j] = plan->hits[j - 1];
            plan->hits[j - 1] = hits;
            swap(&filter->words[j], &filter->words[j - 1]);
            swap(&filter->ends[j], &filter->ends[j - 1]);
        }
}

static size_t count_rare_words(const struct list_filter *filter, const struct plan *plan)
{
    const int64_t max = filter->word_count > 1 ? HITS_MAX : HITS_OF_ONE_MAX;
    size_t rare = 0;
    while (rare < filter->word_count && plan->hits[rare] < max)
        rare++;
    return rare;
}

/* Whether a word has the fewest hits, so few that they can all be put in order. */
static bool starts_from_word(const struct plan *plan, size_t rare_words)
{
    if (!rare_words)
        return false;
    for (size_t i = 1; i < plan->count; i++)
        if (plan->hits[i] < plan->hits[0])
            return false;
    return true;
}

static enum err choose_start(struct ctx *ctx, struct list_filter *filter, const struct plan *plan,
                             int64_t wanted, bool ordered)
{
    int64_t partners;
    TRY(list_store_partners(ctx, &partners));
    struct search_cost cost = {plan->hits, plan->count, partners, wanted, ordered};
    int start = search_start(&cost);
    if (start >= 0)
        filter->source = plan->restrictions[start].source;
    return OK;
}

static enum err choose_source(struct ctx *ctx, struct list_filter *filter,
                              const struct list_wish *wish)
{
    struct plan plan = {.count = 0};
    filter->source = LIST_FROM_SELF;
    if (ctx_partner_scope(ctx))
        return OK;
    filter->source = LIST_WALK;
    TRY(plan_all(ctx, filter, &plan));
    put_rarest_first(filter, &plan);
    size_t rare_words = count_rare_words(filter, &plan);
    if (wish->by_name && starts_from_word(&plan, rare_words)) {
        filter->source = LIST_FROM_WORD;
        filter->rare_words = rare_words;
        return OK;
    }
    return plan.count ? choose_start(ctx, filter, &plan, wish->rows, wish->ordered) : OK;
}

/* ---- the filter ---- */

static enum err read_search(struct ctx *ctx, struct list_filter *filter)
{
    struct search_words words;
    if (filter->given->search.len > LIMIT_QUERY_BYTES)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "search_too_long", "search",
                               "Search for at most %d bytes.", LIMIT_QUERY_BYTES);
    search_words_init(&words, ctx->arena);
    search_words_add_query(&words, filter->given->search);
    if (words.count > LIMIT_SEARCH_WORDS)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "search_too_many", "search",
                               "Search for at most %d words.", LIMIT_SEARCH_WORDS);
    for (size_t i = 0; i < words.count; i++) {
        filter->words[i] = words.words[i];
        filter->ends[i] = search_word_end(words.words[i], ctx->arena);
    }
    filter->word_count = words.count;
    return OK;
}

static enum err open_filter(struct ctx *ctx, const struct partner_filter *given,
                            const struct list_wish *wish, struct list_filter *ret_filter)
{
    struct list_filter filter = {.given = given};
    TRY(read_search(ctx, &filter));
    TRY(choose_source(ctx, &filter, wish));
    *ret_filter = filter;
    return OK;
}

/* Everything, in the order of ids. */
static const struct list_wish all_rows = {INT64_MAX, true, false};

/* ---- a list that is being read ---- */

struct list_run {
    const struct partner_order *order;
    struct list_order by;
    struct list_filter filter;
    struct metric_order metric;
};

/* All ids of the filter, in their order, to whoever takes them; stops when one is refused. */
typedef bool take_id(void *self, struct partner_id id);
static enum err walk_ids(struct ctx *ctx, const struct partner_filter *given, take_id *take,
                         void *self)
{
    struct list_filter filter;
    struct list_order by = {LIST_SORT_ID, false};
    struct list_place after = list_start(&by);
    struct list_places places = {ARENA_ARRAY(ctx->arena, struct list_place, EACH_IDS), 0, EACH_IDS};
    TRY(open_filter(ctx, given, &all_rows, &filter));
    do {
        TRY(list_store_places(ctx, &filter, &by, &after, &places));
        for (size_t i = 0; i < places.count; i++)
            if (!take(self, places.rows[i].id))
                return OK;
        if (places.count)
            after = places.rows[places.count - 1];
    } while (places.count == places.limit);
    return OK;
}

static bool take_for_metric(void *self, struct partner_id id)
{
    metric_order_take(self, id);
    return true;
}

static enum err run_open(struct ctx *ctx, const struct partner_filter *filter,
                         const struct partner_order *order, int64_t wanted, struct list_run *run)
{
    *run = (struct list_run){.order = order, .by = {(int)order->sort, order->descending}};
    struct list_wish wish = {wanted, list_sort_is_indexed(run->by.sort),
                             order->sort == PARTNER_SORT_NAME};
    if (order->sort != PARTNER_SORT_METRIC)
        return open_filter(ctx, filter, &wish, &run->filter);
    TRY(metric_order_open(ctx, order, &run->metric));
    TRY(walk_ids(ctx, filter, take_for_metric, &run->metric));
    metric_order_sort(&run->metric);
    return OK;
}

/* Takes those of the hits that the filter is true of, until the page is full. */
static enum err take_fitting(struct ctx *ctx, const struct list_filter *filter,
                             const struct list_places *hits, struct list_places *places)
{
    for (size_t i = 0; i < hits->count && places->count < places->limit; i++) {
        bool fits;
        if (i > 0 && partner_id_equal(hits->rows[i].id, hits->rows[i - 1].id))
            continue;
        TRY(list_store_fits(ctx, filter, hits->rows[i].id, &fits));
        if (fits)
            places->rows[places->count++] = hits->rows[i];
    }
    return OK;
}

/* Mostly all hits fit, so few are asked for at first; each round that does not do asks for more,
 * because each reads all hits. */
static enum err places_of_words(struct ctx *ctx, const struct list_run *run,
                                const struct list_place *from, struct list_places *places)
{
    struct list_place after = *from;
    struct list_places hits = {NULL, 0, places->limit + FIRST_HITS};
    places->count = 0;
    do {
        hits.rows = ARENA_ARRAY(ctx->arena, struct list_place, hits.limit);
        TRY(list_store_hits_by_name(ctx, &run->filter, run->by.descending, &after, &hits));
        TRY(take_fitting(ctx, &run->filter, &hits, places));
        if (hits.count < hits.limit)
            return OK;
        after = hits.rows[hits.count - 1];
        hits.limit *= MORE_HITS;
    } while (places->count < places->limit);
    return OK;
}

static enum err run_places(struct ctx *ctx, const struct list_run *run, const struct page *page,
                           struct list_places *places)
{
    struct list_place after = list_start(&run->by);
    if (run->order->sort == PARTNER_SORT_METRIC) {
        metric_order_places(&run->metric, page, places);
        return OK;
    }
    if (page->has_cursor)
        after = (struct list_place){{page->after_id}, page->after_text, page->after_int};
    if (run->filter.rare_words)
        return places_of_words(ctx, run, &after, places);
    return list_store_places(ctx, &run->filter, &run->by, &after, places);
}

static enum err run_row(struct ctx *ctx, const struct list_run *run, struct partner_id id,
                        struct partner_row *ret_row, bool *ret_found)
{
    TRY(list_store_row(ctx, id, ret_row, ret_found));
    if (run->order->sort == PARTNER_SORT_METRIC)
        metric_order_show(&run->metric, ret_row);
    return OK;
}

/* ---- a page ---- */

const char *partner_order_text(struct ctx *ctx, const struct partner_order *order)
{
    struct str name = order->sort == PARTNER_SORT_METRIC
                          ? order->metric.code
                          : str_from_c(partner_sort_name(order->sort));
    return arena_cstr(ctx->arena, arena_format(ctx->arena, "%s%.*s", order->descending ? "-" : "",
                                               STR_ARG(name)));
}

static struct str next_cursor(struct ctx *ctx, const struct partner_order *order,
                              const struct list_place *last)
{
    return page_cursor(ctx, partner_order_text(ctx, order), last->text, last->number, last->id.v);
}

enum err partner_order_parse(struct ctx *ctx, struct str text, struct partner_order *ret_order)
{
    struct partner_order order = {.sort = PARTNER_SORT_NAME, .metric = ret_order->metric};
    order.descending = str_starts_with(text, STR("-"));
    struct str name = str_slice(text, order.descending, text.len);
    while (order.sort < PARTNER_SORT_COUNT &&
           !str_equal(name, str_from_c(partner_sort_name(order.sort))))
        order.sort++;
    if (!text.len)
        order.sort = PARTNER_SORT_NAME;
    order.metric.code = name;
    *ret_order = order;
    if (order.sort != PARTNER_SORT_METRIC)
        return OK;
    return metric_order_check(ctx, name);
}

enum err partner_list(struct ctx *ctx, const struct partner_filter *filter,
                      const struct partner_order *order, const struct page *page,
                      struct partner_page *ret_page)
{
    size_t limit = (size_t)page->limit;
    struct partner_page found = {.rows = ARENA_ARRAY(ctx->arena, struct partner_row, limit)};
    struct list_places places = {ARENA_ARRAY(ctx->arena, struct list_place, limit + 1), 0,
                                 limit + 1};
    struct list_run run;
    TRY(run_open(ctx, filter, order, page->limit, &run));
    TRY(run_places(ctx, &run, page, &places));
    if (places.count > limit) {
        places.count = limit;
        found.next = next_cursor(ctx, order, &places.rows[limit - 1]);
    }
    for (size_t i = 0; i < places.count; i++) {
        bool is_there;
        TRY(run_row(ctx, &run, places.rows[i].id, &found.rows[found.count], &is_there));
        found.count += is_there;
    }
    *ret_page = found;
    return OK;
}

/* ---- all of it ---- */

enum err partner_count(struct ctx *ctx, const struct partner_filter *filter, int64_t *ret_count)
{
    struct list_filter open;
    TRY(open_filter(ctx, filter, &all_rows, &open));
    return list_store_count(ctx, &open, ret_count);
}

struct each_run {
    struct list_run run;
    struct page page;
    struct list_places places;
    partner_each *each;
    void *self;
};

/* The next rows, in an arena of their own; `places.count` says how many there were. */
static enum err each_some(struct ctx *ctx, struct each_run *each)
{
    struct list_places *places = &each->places;
    places->rows = ARENA_ARRAY(ctx->arena, struct list_place, places->limit);
    TRY(run_places(ctx, &each->run, &each->page, places));
    for (size_t i = 0; i < places->count; i++) {
        struct partner_row row;
        bool is_there;
        TRY(run_row(ctx, &each->run, places->rows[i].id, &row, &is_there));
        if (is_there)
            TRY(each->each(each->self, &row));
    }
    return OK;
}

/* Keeps the place of the last row, whose text's memory is about to go. */
static void keep_place(struct each_run *each, struct arena *arena)
{
    const struct list_place *last = &each->places.rows[each->places.count - 1];
    each->page = (struct page){each->page.limit, true, arena_str(arena, last->text), last->number,
                               last->id.v};
}

static enum err each_all(struct ctx *ctx, struct each_run *each)
{
    struct arena *arena = ctx->arena, some;
    enum err err = OK;
    size_t total = 0;
    arena_init(&some, EACH_ARENA_BYTES);
    ctx->arena = &some;
    do {
        err = each_some(ctx, each);
        total += each->places.count;
        if (err == OK && each->places.count)
            keep_place(each, arena);
        arena_reset(&some);
    } while (err == OK && each->places.count == each->places.limit &&
             total <= LIMIT_EXPORT_PARTNERS);
    ctx->arena = arena;
    arena_finish(&some);
    if (err == OK && total > LIMIT_EXPORT_PARTNERS)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "export_too_large",
                         "These are more than %d partners; narrow the filter.",
                         LIMIT_EXPORT_PARTNERS);
    return err;
}

enum err partner_list_each(struct ctx *ctx, const struct partner_filter *filter,
                           const struct partner_order *order, partner_each *each, void *self)
{
    struct each_run run = {
        .page = {.limit = EACH_ROWS}, .places = {NULL, 0, EACH_ROWS}, .each = each, .self = self};
    TRY(run_open(ctx, filter, order, INT64_MAX, &run.run));
    return each_all(ctx, &run);
}

struct bulk_ids {
    struct partner_id *ids;
    size_t count;
};

static bool take_for_bulk(void *self, struct partner_id id)
{
    struct bulk_ids *bulk = self;
    if (bulk->count < LIMIT_BULK_PARTNERS)
        bulk->ids[bulk->count] = id;
    return bulk->count++ < LIMIT_BULK_PARTNERS;
}

enum err partner_list_ids(struct ctx *ctx, const struct partner_filter *filter,
                          struct partner_id **ret_ids, size_t *ret_count)
{
    struct bulk_ids bulk = {ARENA_ARRAY(ctx->arena, struct partner_id, LIMIT_BULK_PARTNERS), 0};
    TRY(walk_ids(ctx, filter, take_for_bulk, &bulk));
    if (bulk.count > LIMIT_BULK_PARTNERS)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "too_many_partners",
                         "One action takes at most %d partners; narrow the filter.",
                         LIMIT_BULK_PARTNERS);
    *ret_ids = bulk.ids;
    *ret_count = bulk.count;
    return OK;
}
