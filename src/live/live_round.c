/* Facts of a round, and for whom they are. */
#include "src/live/live_round.h"

struct live_tallies {
    struct live_tallies *next;
    struct product_id product;
    struct fact_tallies rows;
};

/* ---- reading ---- */

/* Among the facts before: a round has few partners, and most rounds have one. */
static struct live_card *find_card(const struct live_round *round, struct partner_id recorded)
{
    for (size_t i = round->count; i > 0; i--)
        if (partner_id_equal(round->facts[i - 1].fact.partner, recorded))
            return round->facts[i - 1].card;
    return NULL;
}

static enum err add_fact(struct live_round *round, const struct fact *fact)
{
    struct live_card *card = find_card(round, fact->partner);
    if (!card) {
        card = ARENA_NEW(round->ctx->arena, struct live_card);
        TRY(partner_get(round->ctx, fact->partner, &card->partner));
    }
    round->facts[round->count++] = (struct live_fact){*fact, card};
    return OK;
}

enum err live_round_read(struct ctx *ctx, const struct fact_range *range, size_t limit,
                         struct live_round *ret_round)
{
    struct live_round round = {.ctx = ctx, .range = *range};
    struct fact_page page = {.count = 0};
    if (range->after.v < range->to.v)
        TRY(ledger_list_after(ctx, range, (int64_t)limit + 1, &page));
    round.is_bulk = page.count > limit;
    if (!round.is_bulk)
        round.facts = ARENA_ARRAY(ctx->arena, struct live_fact, page.count);
    for (size_t i = 0; !round.is_bulk && i < page.count; i++)
        TRY(add_fact(&round, &page.rows[i]));
    *ret_round = round;
    return OK;
}

void live_round_of_bulk(struct ctx *ctx, const struct fact_range *range,
                        const struct live_totals *all, struct live_round *ret_round)
{
    *ret_round = (struct live_round){.ctx = ctx, .range = *range, .is_bulk = true, .all = all};
}

bool live_round_is_empty(const struct live_round *round)
{
    return !round->is_bulk && !round->count;
}

/* ---- one fact, one view ---- */

static enum err has_tag(struct ctx *ctx, struct live_card *card, struct str tag, bool *ret_has)
{
    if (!card->has_marks)
        TRY(partner_marks_get(ctx, card->partner.id, &card->marks));
    card->has_marks = true;
    *ret_has = false;
    for (size_t i = 0; i < card->marks.tag_count && !*ret_has; i++)
        *ret_has = str_equal(card->marks.tags[i], tag);
    return OK;
}

static bool is_or_any(struct str wanted, struct str value)
{
    return !wanted.len || str_equal(wanted, value);
}

/* As metric_members says who is in a group. */
static enum err is_in_group(struct ctx *ctx, const struct metric_scope *scope,
                            struct live_card *card, bool *ret_is)
{
    const struct partner *partner = &card->partner;
    *ret_is =
        !partner->archived_ms &&
        (!user_id_is_set(scope->manager) || user_id_equal(scope->manager, partner->manager)) &&
        is_or_any(scope->tier, partner->fields[PARTNER_TIER]) &&
        is_or_any(scope->country, partner->fields[PARTNER_COUNTRY]);
    if (*ret_is && scope->tag.len)
        return has_tag(ctx, card, scope->tag, ret_is);
    return OK;
}

enum err live_round_wants(struct live_round *round, const struct live_view *view, size_t index,
                          bool *ret_wants)
{
    const struct live_fact *told = &round->facts[index];
    const struct metric_scope *scope = &view->scope;
    *ret_wants = live_view_has_kind(view, told->fact.kind) &&
                 (!product_id_is_set(scope->product) ||
                  product_id_equal(scope->product, told->fact.product));
    if (!*ret_wants)
        return OK;
    if (live_view_is_partner(view)) {
        *ret_wants = partner_id_equal(scope->partner, told->card->partner.id);
        return OK;
    }
    if (!metric_scope_is_group(scope))
        return OK;
    return is_in_group(round->ctx, scope, told->card, ret_wants);
}

/* ---- many facts, one view ---- */

static enum err find_tallies(struct live_round *round, struct product_id product,
                             const struct fact_tallies **ret_rows)
{
    struct live_tallies *tallies = round->tallies;
    while (tallies && !product_id_equal(tallies->product, product))
        tallies = tallies->next;
    if (!tallies) {
        struct fact_range range = round->range;
        tallies = ARENA_NEW(round->ctx->arena, struct live_tallies);
        tallies->product = product;
        range.product = product;
        TRY(ledger_tally_after(round->ctx, &range, &tallies->rows));
        tallies->next = round->tallies;
        round->tallies = tallies;
    }
    *ret_rows = &tallies->rows;
    return OK;
}

static void add_row(struct live_totals *totals, const struct live_view *view,
                    const struct fact_tally *row)
{
    if (row->kind >= FACT_KIND_COUNT || !live_view_has_kind(view, row->kind))
        return;
    totals->kinds[row->kind] += row->facts;
    totals->facts += row->facts;
}

/* The first row that is of this partner or of a later one. */
static size_t first_of(const struct fact_tallies *rows, struct partner_id partner)
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->rows[middle].partner.v < partner.v)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void sum_partner(const struct fact_tallies *rows, const struct live_view *view,
                        struct partner_id partner, struct live_totals *totals)
{
    for (size_t i = first_of(rows, partner); i < rows->count; i++) {
        if (!partner_id_equal(rows->rows[i].partner, partner))
            break;
        add_row(totals, view, &rows->rows[i]);
    }
}

/* Both are in the order of partners. */
static void sum_members(const struct fact_tallies *rows, const struct live_view *view,
                        const struct metric_members *members, struct live_totals *totals)
{
    size_t at = 0;
    for (size_t i = 0; i < rows->count; i++) {
        const struct fact_tally *row = &rows->rows[i];
        while (at < members->count && members->ids[at].v < row->partner.v)
            at++;
        if (at < members->count && partner_id_equal(members->ids[at], row->partner))
            add_row(totals, view, row);
    }
}

/* A view of the whole channel, kinds aside. */
static bool sees_all(const struct live_view *view)
{
    return !live_view_is_partner(view) && !metric_scope_is_group(&view->scope) &&
           !product_id_is_set(view->scope.product);
}

static void sum_all(const struct live_totals *all, const struct live_view *view,
                    struct live_totals *ret_totals)
{
    for (enum fact_kind kind = FACT_ORDER; kind < FACT_KIND_COUNT; kind++) {
        struct fact_tally row = {.kind = kind, .facts = all->kinds[kind]};
        add_row(ret_totals, view, &row);
    }
}

enum err live_round_sum(struct live_round *round, const struct live_view *view,
                        struct live_totals *ret_totals)
{
    struct live_totals totals = {0};
    const struct fact_tallies *rows;
    *ret_totals = totals;
    if (round->all && sees_all(view)) {
        sum_all(round->all, view, ret_totals);
        return OK;
    }
    TRY(find_tallies(round, view->scope.product, &rows));
    if (live_view_is_partner(view)) {
        sum_partner(rows, view, view->scope.partner, &totals);
    } else if (metric_scope_is_group(&view->scope)) {
        struct metric_members members;
        TRY(metric_members(round->ctx, &view->scope, &members));
        sum_members(rows, view, &members, &totals);
    } else {
        for (size_t i = 0; i < rows->count; i++)
            add_row(&totals, view, &rows->rows[i]);
    }
    *ret_totals = totals;
    return OK;
}
