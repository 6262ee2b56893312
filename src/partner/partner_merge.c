/* Two records of one partner become one, and nothing is lost. */
#include "src/account/account.h"
#include "src/core/limits.h"
#include "src/partner/partner_merge_store.h"
#include "src/partner/partner_record.h"
#include "src/partner/partner_search.h"
#include "src/partner/partner_store.h"

enum {
    PARENTS_MAX = 16,
    ITEMS_BYTES = 48 * 1024 /* of one row in the history; more moves than fit give several rows */
};

/* ---- may they ---- */

static enum err open_one(struct ctx *ctx, struct partner_id id, struct partner *ret_partner)
{
    bool found;
    TRY(partner_store_get(ctx, id, ret_partner, &found));
    if (!found)
        return partner_not_found(ctx);
    if (!partner_id_is_set(ret_partner->merged_into))
        return OK;
    return CTX_FAULT(ctx, ERR_CONFLICT, "merged_already", "%.*s was merged into %.*s already.",
                     STR_ARG(ret_partner->fields[PARTNER_NAME]),
                     STR_ARG(partner_id_text(ret_partner->merged_into, ctx->arena)));
}

static enum err open_both(struct ctx *ctx, struct merge_pair pair, struct partner *from,
                          struct partner *into)
{
    if (partner_id_equal(pair.from, pair.into))
        return CTX_FAULT(ctx, ERR_CONFLICT, "merge_itself",
                         "A partner cannot be merged with itself.");
    TRY(open_one(ctx, pair.from, from));
    TRY(open_one(ctx, pair.into, into));
    if (into->archived_ms)
        return CTX_FAULT(ctx, ERR_CONFLICT, "survivor_archived",
                         "%.*s is archived; restore it first, or merge the other way round.",
                         STR_ARG(into->fields[PARTNER_NAME]));
    return OK;
}

/* ---- the parent ---- */

/* Whether `above` stands somewhere above `id`, or is it. */
static enum err stands_above(struct ctx *ctx, struct partner_id above, struct partner_id id,
                             bool *ret_above)
{
    *ret_above = false;
    for (int i = 0; i <= PARENTS_MAX && partner_id_is_set(id) && !*ret_above; i++) {
        *ret_above = partner_id_equal(id, above);
        TRY(partner_store_parent_of(ctx, id, &id));
    }
    return OK;
}

/* A survivor below the other takes its place in the tree; one without a parent gets the other's. */
static enum err fill_parent(struct ctx *ctx, const struct partner *from, const struct partner *into,
                            struct partner_change *change)
{
    bool below, cycle = false;
    TRY(stands_above(ctx, from->id, into->parent, &below));
    if (!below && partner_id_is_set(into->parent))
        return OK;
    if (!below)
        TRY(stands_above(ctx, into->id, from->parent, &cycle));
    change->fields[PARTNER_PARENT].given = !cycle;
    change->fields[PARTNER_PARENT].text = from->fields[PARTNER_PARENT];
    return OK;
}

/* ---- what the survivor lacks ---- */

static void fill(struct partner_change *change, enum partner_field field, struct str text)
{
    change->fields[field].given = true;
    change->fields[field].text = text;
}

static bool is_address(enum partner_field field)
{
    return field >= PARTNER_ADDRESS_LINE1 && field <= PARTNER_POSTAL_CODE;
}

/* An address moves as a whole, into the same country or none: halves of two make no address. */
static bool takes_address(const struct partner *from, const struct partner *into)
{
    struct str country = into->fields[PARTNER_COUNTRY];
    for (enum partner_field field = PARTNER_ADDRESS_LINE1; field <= PARTNER_POSTAL_CODE; field++)
        if (into->fields[field].len)
            return false;
    return !country.len || str_equal(country, from->fields[PARTNER_COUNTRY]);
}

static void fill_second_phone(const struct partner *from, const struct partner *into,
                              struct partner_change *change)
{
    struct str own = into->fields[PARTNER_PHONE], other = from->fields[PARTNER_PHONE];
    bool has_room = !into->fields[PARTNER_PHONE2].len && own.len;
    if (has_room && other.len && !str_equal(own, other))
        fill(change, PARTNER_PHONE2, other);
}

static void fill_note(struct ctx *ctx, const struct partner *from, const struct partner *into,
                      struct partner_change *change)
{
    struct str own = into->fields[PARTNER_NOTE], other = from->fields[PARTNER_NOTE];
    if (own.len && other.len && !str_equal(own, other) &&
        own.len + other.len + 1 <= LIMIT_NOTE_BYTES)
        fill(change, PARTNER_NOTE,
             arena_format(ctx->arena, "%.*s\n%.*s", STR_ARG(own), STR_ARG(other)));
}

static enum err fill_lacking(struct ctx *ctx, const struct partner *from,
                             const struct partner *into)
{
    struct partner_change change = {.version = 0};
    struct partner filled;
    bool address = takes_address(from, into);
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++)
        if (from->fields[field].len && !into->fields[field].len && field != PARTNER_PARENT &&
            (address || !is_address(field)))
            fill(&change, field, from->fields[field]);
    fill_second_phone(from, into, &change);
    fill_note(ctx, from, into, &change);
    TRY(fill_parent(ctx, from, into, &change));
    return partner_update(ctx, into->id, &change, &filled, NULL);
}

/* It became active when the first of the two did. */
static enum err fill_active(struct ctx *ctx, const struct partner *from, struct partner_id id)
{
    struct partner into = {0};
    TRY(partner_get(ctx, id, &into));
    if (!from->active_ms || (into.active_ms && into.active_ms <= from->active_ms))
        return OK;
    into.active_ms = from->active_ms;
    return partner_store_update(ctx, &into);
}

/* ---- what hangs on it ---- */

/* Rows in the survivor's history that name all that moved: with them the merge can be taken apart
 * again. */
static enum err record_moved(struct ctx *ctx, struct merge_pair pair, const char *what,
                             const struct merge_list *list)
{
    for (size_t at = 0; at < list->count;) {
        struct audit_changes changes;
        struct buf items;
        buf_init(&items, ctx->arena, ITEMS_BYTES);
        for (; at < list->count && items.len + list->items[at].len + 2 < ITEMS_BYTES; at++)
            buf_format(&items, "%s%.*s", items.len ? ", " : "", STR_ARG(list->items[at]));
        audit_changes_init(&changes, ctx);
        audit_changed_text(&changes, "from", STR(""), partner_id_text(pair.from, ctx->arena));
        audit_changed_text(&changes, what, STR(""), buf_str(&items));
        TRY(audit_record(ctx, partner_subject(pair.into), "took over", &changes));
    }
    return OK;
}

static enum err move_child(struct ctx *ctx, struct str child, struct partner_id parent)
{
    struct partner_change change = {.version = 0};
    struct partner_id id;
    struct partner changed;
    if (!partner_id_parse(child, &id))
        return CTX_FAULT(ctx, ERR_INTERNAL, "merge_child", "A child has no id.");
    fill(&change, PARTNER_PARENT, partner_id_text(parent, ctx->arena));
    return partner_update(ctx, id, &change, &changed, NULL);
}

static enum err move_kind(struct ctx *ctx, enum merge_kind kind, struct merge_pair pair)
{
    struct merge_list list;
    TRY(merge_store_list(ctx, kind, pair, &list));
    TRY(record_moved(ctx, pair, merge_kind_name(kind), &list));
    if (kind != MERGE_CHILDREN)
        return merge_store_move(ctx, kind, pair);
    for (size_t i = 0; i < list.count; i++)
        TRY(move_child(ctx, list.items[i], pair.into));
    return OK;
}

static enum err move_accounts(struct ctx *ctx, struct merge_pair pair)
{
    struct merge_list list;
    TRY(account_move_partner(ctx, pair.from, pair.into, &list.items, &list.count));
    return record_moved(ctx, pair, "accounts", &list);
}

static enum err tell_merged(struct ctx *ctx, struct merge_pair pair)
{
    const struct partner_listener *listener = ctx->services->partner_listener;
    return listener && listener->merged ? listener->merged(ctx, pair.from, pair.into) : OK;
}

/* ---- the merge ---- */

static enum err close_from(struct ctx *ctx, const struct partner *from, struct merge_pair pair)
{
    struct partner before, after;
    bool found;
    TRY(partner_store_get(ctx, pair.from, &before, &found));
    after = before;
    after.merged_into = pair.into;
    after.parent = (struct partner_id){0};
    after.fields[PARTNER_PARENT] = (struct str){NULL, 0};
    TRY(partner_record_save(ctx, &before, &after, "merged", NULL));
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "merged", STR(""), partner_id_text(pair.from, ctx->arena));
    audit_changed_text(&changes, "merged_name", STR(""), from->fields[PARTNER_NAME]);
    return audit_record(ctx, partner_subject(pair.into), "merged", &changes);
}

enum err partner_merge(struct ctx *ctx, struct partner_id from_id, struct partner_id into_id,
                       struct partner *ret_partner)
{
    struct merge_pair pair = {from_id, into_id};
    struct partner from = {0}, into = {0};
    TRY(open_both(ctx, pair, &from, &into));
    TRY(fill_lacking(ctx, &from, &into));
    TRY(fill_active(ctx, &from, into_id));
    for (enum merge_kind kind = 0; kind < MERGE_KINDS; kind++)
        TRY(move_kind(ctx, kind, pair));
    TRY(move_accounts(ctx, pair));
    TRY(close_from(ctx, &from, pair));
    TRY(audit_move_partner(ctx, from_id, into_id));
    TRY(partner_store_touch(ctx, into_id));
    TRY(partner_search_refresh(ctx, into_id));
    TRY(tell_merged(ctx, pair));
    return partner_get(ctx, into_id, ret_partner);
}
