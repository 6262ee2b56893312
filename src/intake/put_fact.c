/*
 * Facts out of rows. A fact is immutable: where a file now says something else of one that was
 * imported before, the old one is reversed and a next edition of it is recorded ("id~2"). So is one
 * that an undo reversed. What a person reversed stays so.
 */
#include "src/intake/put.h"
#include "src/intake/unassigned_store.h"

enum { EDITIONS_MAX = 50, EXTERNAL_BYTES_MAX = 120, NOTE_BYTES_MAX = 4000, REF_BYTES_MAX = 400 };

/* Whose the fact is. */
struct ownership {
    struct known partner;
    struct str owner; /* the reference, where it is nobody */
    int64_t at_ms;    /* the order's; 0: none */
    bool missing;     /* the order is not there */
};

static struct str cut(struct str text, size_t max)
{
    size_t len = text.len > max ? max : text.len;
    while (len && len < text.len && ((unsigned char)text.ptr[len] & 0xC0) == 0x80)
        len--;
    return str_slice(text, 0, len);
}

/* ---- whose it is ---- */

static enum err owner_by_order(struct put *put, struct str order_text, struct ownership *owned)
{
    struct known_order order;
    TRY(references_order(put, order_text, &order));
    owned->missing = !order.found;
    owned->partner = order.partner;
    owned->owner = order.owner;
    owned->at_ms = order.at_ms;
    if (order.found && order.partner.state == KNOWN_NOBODY && order.owner.len)
        TRY(references_partner(put, order.owner, &owned->partner));
    return OK;
}

static enum err find_owner(struct put *put, const struct plan_record *record,
                           struct ownership *owned)
{
    struct str partner = record->texts[RECORD_PARTNER], order = record->texts[RECORD_ORDER];
    *owned = (struct ownership){.owner = partner};
    if (!partner.len && order.len)
        return owner_by_order(put, order, owned);
    return partner.len ? references_partner(put, partner, &owned->partner) : OK;
}

/* ---- the draft ---- */

static struct str external_of(struct put *put, const struct plan_record *record)
{
    struct str text = record->texts[RECORD_EXTERNAL];
    if (text.len)
        return text;
    return arena_format(put->ctx->arena, "%.*s/%lld/%zu", STR_ARG(str_slice(put->digest, 0, 16)),
                        (long long)put->row->number, (size_t)(record - put->row->records));
}

static struct fact_draft draft_of(struct put *put, const struct plan_record *record,
                                  const struct ownership *owned)
{
    return (struct fact_draft){
        .partner = {owned->partner.state == KNOWN_REAL ? owned->partner.id : 0},
        .kind = record->rule->kind,
        .at_ms = record->at_ms ? record->at_ms : owned->at_ms,
        .quantity_milli = record->quantity_milli,
        .has_amount = record->has_amount,
        .amount = {record->amount_minor, record->currency},
        .has_cost = record->has_cost,
        .cost_minor = record->cost_minor,
        .source = put->source,
        .external_id = external_of(put, record),
        .ref = cut(record->texts[RECORD_REF], REF_BYTES_MAX),
        .note = cut(record->texts[RECORD_NOTE], NOTE_BYTES_MAX),
        .import = put->import,
    };
}

static enum err fill_references(struct put *put, const struct plan_record *record,
                                struct fact_draft *draft)
{
    struct known product = {.state = KNOWN_NOBODY};
    if (!draft->ref.len)
        draft->ref = cut(record->texts[RECORD_ORDER], REF_BYTES_MAX);
    if (!draft->has_amount && !draft->has_cost)
        draft->amount.currency = (struct currency){""};
    if (record->texts[RECORD_CONTACT].len)
        TRY(references_contact(put, record->texts[RECORD_CONTACT], &draft->contact));
    if (record->texts[RECORD_PRODUCT].len)
        TRY(references_product(put, record->texts[RECORD_PRODUCT], &product));
    draft->product.v = product.id;
    return OK;
}

/* ---- editions ---- */

static enum err look_at(struct put *put, const struct fact_draft *draft,
                        struct fact_outcome *ret_outcome)
{
    return put->writes ? ledger_record(put->ctx, draft, ret_outcome)
                       : ledger_check(put->ctx, draft, ret_outcome);
}

/* Whether an import's undo or a later edition reversed it, and not a person. */
static enum err is_reversed_by_import(struct put *put, const struct fact *fact, bool *ret_by_import)
{
    struct fact reversal;
    *ret_by_import = false;
    if (!fact_id_is_set(fact->reversed_by))
        return OK;
    TRY(ledger_get(put->ctx, fact->reversed_by, &reversal));
    *ret_by_import = import_id_is_set(reversal.import);
    return OK;
}

/* An edition that is recorded already: whether it settles the row, or the next one is to be tried.
 * A live edition that says something else is reversed. */
static enum err meet_edition(struct put *put, struct fact_outcome met, bool *ret_settled,
                             enum outcome *ret_outcome)
{
    struct fact fact;
    struct fact_id reversal;
    bool by_import;
    TRY(ledger_get(put->ctx, met.id, &fact));
    TRY(is_reversed_by_import(put, &fact, &by_import));
    *ret_settled = !by_import && (met.result == FACT_REPEATED || fact_id_is_set(fact.reversed_by));
    *ret_outcome = OUTCOME_UNCHANGED;
    if (*ret_settled || by_import)
        return OK;
    if (import_id_equal(fact.import, put->import))
        return CTX_FAULT_FIELD(put->ctx, ERR_CONFLICT, "id_twice", "external",
                               "An earlier row of this import has the same id and says something "
                               "else.");
    *ret_outcome = OUTCOME_UPDATED;
    if (!put->writes) {
        *ret_settled = true;
        return OK;
    }
    struct put_change change = {
        .entity = "fact", .id = fact.id.v, .field = "replaced", .new_value = STR("yes")};
    TRY(ledger_reverse(put->ctx, fact.id, STR("Replaced by a later import"), put->import,
                       &reversal));
    return put_note_change(put, &change);
}

static enum err settle(struct put *put, struct fact_draft *draft, enum outcome *ret_outcome)
{
    struct str base = draft->external_id;
    struct fact_outcome met;
    enum outcome outcome = OUTCOME_CREATED;
    for (int edition = 1; edition <= EDITIONS_MAX; edition++) {
        bool settled;
        if (edition > 1)
            draft->external_id = arena_format(put->ctx->arena, "%.*s~%d", STR_ARG(base), edition);
        TRY(look_at(put, draft, &met));
        if (met.result == FACT_RECORDED) {
            *ret_outcome = outcome;
            return OK;
        }
        enum outcome edition_outcome;
        TRY(meet_edition(put, met, &settled, &edition_outcome));
        *ret_outcome = edition_outcome;
        if (settled)
            return OK;
        if (edition_outcome == OUTCOME_UPDATED)
            outcome = OUTCOME_UPDATED;
    }
    return CTX_FAULT_FIELD(put->ctx, ERR_TOO_LARGE, "editions", "external",
                           "This was changed by imports more than %d times.", EDITIONS_MAX);
}

/* In a preview: the same fact again, or one with its id. */
static enum err check_seen(struct put *put, const struct fact_draft *draft, bool *ret_seen)
{
    struct arena *arena = put->ctx->arena;
    struct str key = arena_format(arena, "fact\n%.*s\n%.*s", STR_ARG(draft->source),
                                  STR_ARG(draft->external_id));
    struct str content = arena_format(
        arena, "%d %lld %lld %lld %lld %lld %.*s", (int)draft->kind, (long long)draft->partner.v,
        (long long)draft->at_ms, (long long)draft->quantity_milli, (long long)draft->amount.minor,
        (long long)draft->cost_minor, STR_ARG(draft->note));
    enum seen seen = references_seen(put, key, content);
    *ret_seen = seen == SEEN_SAME;
    if (seen != SEEN_OTHER)
        return OK;
    return CTX_FAULT_FIELD(put->ctx, ERR_CONFLICT, "id_twice", "external",
                           "An earlier row of this import has the same id and says something "
                           "else.");
}

/* ---- making ---- */

static enum err record(struct put *put, struct fact_draft *draft, enum outcome *ret_outcome)
{
    bool seen = false;
    if (!put->writes)
        TRY(check_seen(put, draft, &seen));
    struct str external = draft->external_id;
    *ret_outcome = OUTCOME_UNCHANGED;
    if (seen)
        return OK;
    TRY(settle(put, draft, ret_outcome));
    if (*ret_outcome != OUTCOME_CREATED)
        return OK;
    return references_found_owner(put, draft->source, str_from_c(fact_kind_name(draft->kind)),
                                  external);
}

/* A row that somebody assigned by itself is in the ledger and not kept again. */
static enum err keep(struct put *put, const struct fact_draft *draft, const struct ownership *owned,
                     enum outcome *ret_outcome)
{
    struct fact fact;
    bool found, is_new = false;
    struct unassigned row = {
        .import = put->import,
        .file = put->file,
        .row = put->row->number,
        .entity = str_from_c(fact_kind_name(draft->kind)),
        .system = put->system,
        .owner = owned->owner,
        .fields_json = STR("{}"),
        .draft = *draft,
    };
    TRY(ledger_find(put->ctx, draft->source, draft->external_id, &fact, &found));
    if (found && !fact_id_is_set(fact.reversed_by)) {
        *ret_outcome = OUTCOME_UNCHANGED;
        return OK;
    }
    if (put->writes)
        TRY(unassigned_store_keep(put->ctx, &row, &is_new));
    put->tally->changes += is_new;
    *ret_outcome = OUTCOME_UNASSIGNED;
    return OK;
}

static void remember_order(struct put *put, const struct fact_draft *draft, struct str text,
                           const struct ownership *owned)
{
    struct known_order order = {
        .found = true, .partner = owned->partner, .owner = owned->owner, .at_ms = draft->at_ms};
    if (put->keeps_orders && draft->kind == FACT_ORDER)
        references_set_order(put, text, &order);
}

static enum err make(struct put *put, const struct plan_record *planned,
                     const struct ownership *owned, enum outcome *ret_outcome)
{
    struct fact_draft draft = draft_of(put, planned, owned);
    struct str external = draft.external_id;
    if (owned->missing)
        return CTX_FAULT_FIELD(put->ctx, ERR_NOT_FOUND, "order_missing", "order",
                               "There is no such order; import the orders first or with this "
                               "file.");
    if (external.len > EXTERNAL_BYTES_MAX)
        return CTX_FAULT_FIELD(put->ctx, ERR_INVALID, "external_too_long", "external",
                               "An id has at most %d bytes.", EXTERNAL_BYTES_MAX);
    TRY(fill_references(put, planned, &draft));
    TRY(owned->partner.state == KNOWN_NOBODY ? keep(put, &draft, owned, ret_outcome)
                                             : record(put, &draft, ret_outcome));
    remember_order(put, &draft, external, owned);
    return OK;
}

/* ---- taking back ---- */

/* The edition that counts now; `ret_live` false: none does. */
static enum err find_live(struct put *put, struct str base, struct fact *ret_fact, bool *ret_live)
{
    bool found = true;
    *ret_live = false;
    for (int edition = 1; edition <= EDITIONS_MAX && found && !*ret_live; edition++) {
        struct str external = base;
        if (edition > 1)
            external = arena_format(put->ctx->arena, "%.*s~%d", STR_ARG(base), edition);
        TRY(ledger_find(put->ctx, put->source, external, ret_fact, &found));
        *ret_live = found && !fact_id_is_set(ret_fact->reversed_by);
    }
    return OK;
}

/* An earlier import recorded it; the file now says that it is not so. */
static enum err withdraw(struct put *put, const struct plan_record *planned,
                         enum outcome *ret_outcome)
{
    struct fact fact;
    struct fact_id reversal;
    bool live;
    TRY(find_live(put, external_of(put, planned), &fact, &live));
    if (!live)
        return OK;
    *ret_outcome = OUTCOME_UPDATED;
    if (!put->writes)
        return OK;
    struct put_change change = {
        .entity = "fact", .id = fact.id.v, .field = "replaced", .new_value = STR("yes")};
    TRY(ledger_reverse(put->ctx, fact.id, STR("Withdrawn by a later import"), put->import,
                       &reversal));
    return put_note_change(put, &change);
}

enum err put_fact(struct put *put, const struct plan_record *planned, enum outcome *ret_outcome)
{
    struct ownership owned;
    *ret_outcome = OUTCOME_NONE;
    if (planned->withdrawn)
        return put_refuse(put, planned, withdraw(put, planned, ret_outcome), ret_outcome);
    TRY(find_owner(put, planned, &owned));
    bool known = owned.partner.state != KNOWN_NOBODY;
    if (planned->rule->only != ONLY_ANY && known != (planned->rule->only == ONLY_PARTNER))
        return OK;
    return put_refuse(put, planned, make(put, planned, &owned, ret_outcome), ret_outcome);
}
