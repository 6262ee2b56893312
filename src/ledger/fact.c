/* The checks of a draft, and the arithmetic of what a fact counts. */
#include "src/ledger/fact.h"

#include "src/core/limits.h"

const char *const fact_kind_names[] = {"order",
                                       "item",
                                       "call.made",
                                       "call.received",
                                       "visit",
                                       "display.on",
                                       "display.off",
                                       "shelf.sold",
                                       "funnel.call",
                                       "funnel.contact.to",
                                       "funnel.contact.by",
                                       "deal.registered",
                                       "deal.won",
                                       "deal.lost",
                                       "account.opened",
                                       "cost",
                                       "partner.converted",
                                       NULL};
_Static_assert(ARRAY_LEN(fact_kind_names) == FACT_KIND_COUNT, "a name for every kind");

const char *fact_kind_name(enum fact_kind kind)
{
    bool known = kind >= FACT_ORDER && kind < FACT_KIND_COUNT;
    return known ? fact_kind_names[kind - 1] : "";
}

bool fact_kind_parse(struct str name, enum fact_kind *ret_kind)
{
    for (enum fact_kind kind = FACT_ORDER; kind < FACT_KIND_COUNT; kind++) {
        if (!str_equal(name, str_from_c(fact_kind_names[kind - 1])))
            continue;
        *ret_kind = kind;
        return true;
    }
    return false;
}

/* ---- checks ---- */

/* `field` is the sentence's subject too. */
static enum err check_text(struct fault *fault, const char *field, struct str text, size_t max)
{
    if (text.len <= max && str_is_utf8(text))
        return OK;
    return fault_set_field(fault, ERR_INVALID, "text_invalid", str_from_c(field),
                           "%s must be text of at most %zu bytes.", field, max);
}

static enum err check_key(struct fault *fault, const char *field, struct str text, size_t max)
{
    TRY(check_text(fault, field, text, max));
    if (!text.len)
        return fault_set_field(fault, ERR_INVALID, "field_missing", str_from_c(field),
                               "%s is missing.", field);
    return OK;
}

static bool is_within(int64_t value, int64_t max)
{
    return value >= -max && value <= max;
}

static enum err check_money(const struct fact_draft *draft, struct fault *fault)
{
    bool money = draft->has_amount || draft->has_cost;
    if (money && !currency_is_set(draft->amount.currency))
        return fault_set_field(fault, ERR_INVALID, "field_missing", STR("currency"),
                               "currency is missing: money has one.");
    if (draft->has_amount && !is_within(draft->amount.minor, FACT_MONEY_MAX_MINOR))
        return fault_set_field(fault, ERR_INVALID, "out_of_range", STR("amount"),
                               "amount is larger than a fact may have.");
    if (draft->has_cost && !is_within(draft->cost_minor, FACT_MONEY_MAX_MINOR))
        return fault_set_field(fault, ERR_INVALID, "out_of_range", STR("cost"),
                               "cost is larger than a fact may have.");
    if (draft->kind == FACT_COST && !draft->has_amount)
        return fault_set_field(fault, ERR_INVALID, "field_missing", STR("amount"),
                               "amount is missing: a cost has one.");
    return OK;
}

enum err fact_check_draft(const struct fact_draft *draft, struct fault *fault)
{
    if (draft->kind < FACT_ORDER || draft->kind >= FACT_KIND_COUNT)
        return fault_set_field(fault, ERR_INVALID, "kind_unknown", STR("kind"),
                               "There is no such kind of fact.");
    if (draft->at_ms < TIME_MIN_MS || draft->at_ms > TIME_MAX_MS)
        return fault_set_field(fault, ERR_INVALID, "out_of_range", STR("at"),
                               "at must be in the years 1900 to 2199.");
    if (!is_within(draft->quantity_milli, FACT_QUANTITY_MAX_MILLI))
        return fault_set_field(fault, ERR_INVALID, "out_of_range", STR("quantity"),
                               "quantity is larger than a fact may have.");
    TRY(check_key(fault, "source", draft->source, LIMIT_SOURCE_BYTES));
    TRY(check_key(fault, "external_id", draft->external_id, LIMIT_EXTERNAL_ID_BYTES));
    TRY(check_text(fault, "ref", draft->ref, LIMIT_LINE_BYTES));
    TRY(check_text(fault, "note", draft->note, LIMIT_NOTE_BYTES));
    bool display = draft->kind == FACT_DISPLAY_ON || draft->kind == FACT_DISPLAY_OFF;
    if (display && !product_id_is_set(draft->product))
        return fault_set_field(fault, ERR_INVALID, "field_missing", STR("product"),
                               "product is missing: it is what stands on display.");
    return check_money(draft, fault);
}

bool fact_is_huge(const struct fact_draft *draft)
{
    return !is_within(draft->quantity_milli, FACT_HUGE) ||
           (draft->has_amount && !is_within(draft->amount.minor, FACT_HUGE)) ||
           (draft->has_cost && !is_within(draft->cost_minor, FACT_HUGE));
}

/* ---- the same ---- */

static bool same_money(const struct fact *fact, const struct fact_draft *draft)
{
    if (fact->has_amount != draft->has_amount || fact->has_cost != draft->has_cost)
        return false;
    if (fact->has_amount && fact->amount.minor != draft->amount.minor)
        return false;
    if (fact->has_cost && fact->cost_minor != draft->cost_minor)
        return false;
    return (!fact->has_amount && !fact->has_cost) ||
           currency_equal(fact->amount.currency, draft->amount.currency);
}

bool fact_says_the_same(const struct fact *fact, const struct fact_draft *draft)
{
    return fact->kind == draft->kind && fact->at_ms == draft->at_ms &&
           fact->quantity_milli == draft->quantity_milli && same_money(fact, draft) &&
           product_id_equal(fact->product, draft->product) &&
           contact_id_equal(fact->contact, draft->contact) && str_equal(fact->ref, draft->ref) &&
           str_equal(fact->note, draft->note) && fact_id_equal(fact->reverses, draft->reverses);
}

struct fact_draft fact_to_draft(const struct fact *fact)
{
    return (struct fact_draft){
        .partner = fact->partner,
        .kind = fact->kind,
        .at_ms = fact->at_ms,
        .quantity_milli = fact->quantity_milli,
        .has_amount = fact->has_amount,
        .amount = fact->amount,
        .has_cost = fact->has_cost,
        .cost_minor = fact->cost_minor,
        .product = fact->product,
        .contact = fact->contact,
        .source = fact->source,
        .external_id = fact->external_id,
        .ref = fact->ref,
        .note = fact->note,
        .reverses = fact->reverses,
        .import = fact->import,
    };
}

/* ---- what it counts ---- */

static struct rollup_totals totals_of(const struct fact_draft *draft)
{
    struct rollup_totals totals = {.facts = 1, .quantity_milli = draft->quantity_milli};
    if (draft->has_amount)
        totals.amount = draft->amount.minor;
    if (draft->has_cost)
        totals.cost = draft->cost_minor;
    if (draft->has_cost && draft->has_amount)
        totals.costed = draft->amount.minor;
    return fact_id_is_set(draft->reverses) ? rollup_totals_negated(&totals) : totals;
}

struct share {
    enum sum_table table;
    struct day day;
    enum rollup_calendar calendar;
};

static void add_share(struct fact_shares *shares, const struct fact_draft *draft,
                      const struct fact_place *place, struct share share)
{
    struct sum_key *key = &shares->keys[shares->count];
    struct rollup_totals *totals = &shares->totals[shares->count++];
    *key = (struct sum_key){.day = share.day.v,
                            .table = (uint8_t)share.table,
                            .kind = (uint8_t)draft->kind,
                            .calendar = (uint8_t)share.calendar};
    if (draft->has_amount || draft->has_cost)
        memcpy(key->currency, draft->amount.currency.code, sizeof(key->currency));
    if (share.table != SUM_CHANNEL)
        key->partner = place->partner.v;
    if (share.table == SUM_PRODUCT)
        key->product = draft->product.v;
    *totals = totals_of(draft);
    int64_t since_ms = draft->at_ms - (int64_t)share.day.v * MS_PER_DAY;
    if (share.table != SUM_PRODUCT)
        totals->time_ms = totals->facts * since_ms;
}

static void add_calendars(struct fact_shares *shares, const struct fact_draft *draft,
                          const struct fact_place *place, enum sum_table table)
{
    struct day partner = zone_day(place->partner_zone, draft->at_ms);
    struct day organisation = zone_day(place->organisation_zone, draft->at_ms);
    if (partner.v == organisation.v) {
        add_share(shares, draft, place, (struct share){table, partner, ROLLUP_BOTH});
        return;
    }
    add_share(shares, draft, place, (struct share){table, partner, ROLLUP_PARTNER});
    add_share(shares, draft, place, (struct share){table, organisation, ROLLUP_ORGANISATION});
}

void fact_share(const struct fact_draft *draft, const struct fact_place *place,
                struct fact_shares *ret_shares)
{
    ret_shares->count = 0;
    add_calendars(ret_shares, draft, place, SUM_PARTNER);
    if (product_id_is_set(draft->product))
        add_calendars(ret_shares, draft, place, SUM_PRODUCT);
    struct day day = zone_day(place->organisation_zone, draft->at_ms);
    add_share(ret_shares, draft, place, (struct share){SUM_CHANNEL, day, ROLLUP_BOTH});
    ret_shares->keys[ret_shares->count] =
        (struct sum_key){.table = SUM_KIND, .kind = (uint8_t)draft->kind};
    ret_shares->totals[ret_shares->count++] = (struct rollup_totals){.facts = 1};
}
