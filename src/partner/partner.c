/* Partners' records: reading, checking, creating, changing. */
#include "src/partner/partner.h"

#include "src/account/account.h"
#include "src/organisation/organisation.h"
#include "src/partner/partner_record.h"
#include "src/partner/partner_rules.h"
#include "src/partner/partner_search.h"
#include "src/partner/partner_store.h"

enum { PARENTS_MAX = 16, MERGES_MAX = 16 };

enum err partner_get(struct ctx *ctx, struct partner_id id, struct partner *ret_partner)
{
    struct partner partner;
    bool found;
    TRY(partner_store_get(ctx, id, &partner, &found));
    for (int i = 0; i < MERGES_MAX && found && partner_id_is_set(partner.merged_into); i++)
        TRY(partner_store_get(ctx, partner.merged_into, &partner, &found));
    if (!found)
        return partner_not_found(ctx);
    *ret_partner = partner;
    return OK;
}

enum err partner_brief(struct ctx *ctx, struct partner_id id, struct partner_brief *ret_brief)
{
    struct partner_brief brief;
    struct partner_id survivor;
    bool found;
    TRY(partner_store_brief(ctx, id, &brief, &survivor, &found));
    for (int i = 0; i < MERGES_MAX && found && partner_id_is_set(survivor); i++)
        TRY(partner_store_brief(ctx, survivor, &brief, &survivor, &found));
    if (!found)
        return partner_not_found(ctx);
    *ret_brief = brief;
    return OK;
}

/* ---- what a change makes of a record ---- */

static enum err set_manager(struct ctx *ctx, struct partner *partner, struct user_id id)
{
    struct user user;
    if (user_id_equal(partner->manager, id))
        return OK;
    TRY(user_get(ctx, id, &user));
    TRY(user_check_manager(ctx, id));
    partner->manager = id;
    partner->manager_name = user.name;
    partner->manager_email = user.email;
    partner->fields[PARTNER_MANAGER] = user_id_text(id, ctx->arena);
    return OK;
}

static enum err find_manager(struct ctx *ctx, const struct organisation *organisation,
                             struct str text, struct user_id *ret_id)
{
    struct user user;
    if (!text.len) {
        *ret_id = organisation->default_manager;
        return OK;
    }
    if (user_id_parse(text, ret_id))
        return OK;
    TRY(user_find(ctx, text, &user));
    *ret_id = user.id;
    return OK;
}

static enum err change_manager(struct ctx *ctx, const struct organisation *organisation,
                               struct partner *partner)
{
    struct user_id id;
    enum err err = find_manager(ctx, organisation, partner->fields[PARTNER_MANAGER], &id);
    if (err == OK)
        err = set_manager(ctx, partner, id);
    if (err != OK)
        return partner_blame(ctx, err, "manager_invalid", "manager");
    partner->fields[PARTNER_MANAGER] = user_id_text(id, ctx->arena);
    return OK;
}

/* Up from the new parent: the partner itself must not be there. */
static enum err check_no_cycle(struct ctx *ctx, struct partner_id id, struct partner_id parent)
{
    struct partner_id at = parent;
    int depth = 0;
    for (; partner_id_is_set(at) && depth < PARENTS_MAX; depth++) {
        if (partner_id_equal(at, id))
            return CTX_FAULT_FIELD(ctx, ERR_INVALID, "parent_cycle", "parent",
                                   "A partner cannot stand below itself.");
        TRY(partner_store_parent_of(ctx, at, &at));
    }
    return depth < PARENTS_MAX
               ? OK
               : CTX_FAULT_FIELD(ctx, ERR_INVALID, "parent_depth", "parent",
                                 "Partners stand at most %d levels below another.", PARENTS_MAX);
}

static enum err find_parent(struct ctx *ctx, struct str text, struct partner *ret_parent)
{
    struct partner_id id;
    TRY(partner_find(ctx, text, &id));
    return partner_get(ctx, id, ret_parent);
}

static enum err change_parent(struct ctx *ctx, struct partner *partner)
{
    struct partner parent = {.id = {0}};
    struct str text = partner->fields[PARTNER_PARENT];
    if (text.len) {
        enum err err = find_parent(ctx, text, &parent);
        if (err != OK)
            return partner_blame(ctx, err, "parent_invalid", "parent");
        TRY(check_no_cycle(ctx, partner->id, parent.id));
        partner->fields[PARTNER_PARENT] = partner_id_text(parent.id, ctx->arena);
    }
    partner->parent = parent.id;
    partner->parent_name = parent.fields[PARTNER_NAME];
    return OK;
}

/* Numbers without a country code are of the partner's country, else of the organisation's. */
static struct country phone_country(const struct organisation *organisation,
                                    const struct partner *partner)
{
    struct country country;
    return country_parse(partner->fields[PARTNER_COUNTRY], &country) ? country
                                                                     : organisation->country;
}

static enum err normalise_given(struct ctx *ctx, const struct organisation *organisation,
                                const struct partner_change *change, struct partner *partner)
{
    struct partner_reading reading = {
        .zones = ctx->services->zones, .arena = ctx->arena, .fault = &ctx->fault};
    for (enum partner_field field = 0; field < PARTNER_FIELD_COUNT; field++) {
        if (!change->fields[field].given)
            continue;
        reading.country = phone_country(organisation, partner);
        TRY(partner_normalise(&reading, field, change->fields[field].text,
                              &partner->fields[field]));
    }
    return OK;
}

static enum err fill_required(struct ctx *ctx, const struct organisation *organisation,
                              struct partner *partner)
{
    if (!partner->fields[PARTNER_NAME].len)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_missing", "name",
                               "A partner needs a business name.");
    if (!partner->fields[PARTNER_CURRENCY].len)
        partner->fields[PARTNER_CURRENCY] =
            arena_str(ctx->arena, currency_str(&organisation->currency));
    if (!partner->fields[PARTNER_TIME_ZONE].len)
        partner->fields[PARTNER_TIME_ZONE] = organisation->time_zone;
    partner->time_zone = partner->fields[PARTNER_TIME_ZONE];
    if (!currency_parse(partner->fields[PARTNER_CURRENCY], &partner->currency))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency_invalid", "currency",
                               "This is no currency.");
    return OK;
}

/* Turns the record into what it is after the change; on failure it is of no use. */
static enum err apply(struct ctx *ctx, const struct partner_change *change, struct partner *partner)
{
    struct organisation organisation;
    bool is_new = !partner_id_is_set(partner->id);
    TRY(organisation_get(ctx, &organisation));
    if (is_new && !change->fields[PARTNER_COUNTRY].given)
        partner->fields[PARTNER_COUNTRY] =
            arena_str(ctx->arena, country_str(&organisation.country));
    TRY(normalise_given(ctx, &organisation, change, partner));
    TRY(fill_required(ctx, &organisation, partner));
    if (is_new || change->fields[PARTNER_MANAGER].given)
        TRY(change_manager(ctx, &organisation, partner));
    if (change->fields[PARTNER_PARENT].given)
        TRY(change_parent(ctx, partner));
    return OK;
}

enum err partner_check(struct ctx *ctx, struct partner_id id, const struct partner_change *change,
                       bool *ret_changes)
{
    struct partner before = {.id = {0}}, after;
    struct external_id added;
    struct audit_changes changes;
    if (partner_id_is_set(id))
        TRY(partner_record_open(ctx, id, change->version, &before));
    after = before;
    TRY(apply(ctx, change, &after));
    TRY(partner_check_external(ctx, before.id, change->external, &added));
    audit_changes_init(&changes, ctx);
    partner_record_differences(&changes, &before, &after);
    *ret_changes = changes.count > 0 || added.id.len;
    return OK;
}

static enum err record_created(struct ctx *ctx, const struct partner *partner,
                               struct external_id external)
{
    static const struct partner nothing;
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    partner_record_differences(&changes, &nothing, partner);
    if (external.id.len)
        audit_changed_text(&changes, "external_ids", STR(""), partner_external_text(ctx, external));
    return audit_record(ctx, partner_subject(partner->id), "created", &changes);
}

enum err partner_create(struct ctx *ctx, const struct partner_change *change,
                        enum partner_status status, int64_t at_ms, struct partner *ret_partner)
{
    struct partner partner = {.status = status, .version = 1};
    struct external_id external;
    TRY(partner_instant(ctx, at_ms, &at_ms));
    TRY(apply(ctx, change, &partner));
    TRY(partner_check_external(ctx, partner.id, change->external, &external));
    partner.id.v = ctx_next_id(ctx);
    partner.created_ms = partner.updated_ms = ctx->now_ms;
    partner.active_ms = status == PARTNER_ACTIVE ? at_ms : 0;
    TRY(partner_store_insert(ctx, &partner));
    TRY(partner_store_add_status(ctx, &partner, "", at_ms));
    if (external.id.len)
        TRY(partner_store_add_external(ctx, partner.id, external));
    TRY(record_created(ctx, &partner, external));
    TRY(partner_search_refresh(ctx, partner.id));
    *ret_partner = partner;
    return OK;
}

static enum err tell_zone_changed(struct ctx *ctx, struct partner_id id)
{
    const struct partner_listener *listener = ctx->services->partner_listener;
    return listener && listener->zone_changed ? listener->zone_changed(ctx, id) : OK;
}

enum err partner_update(struct ctx *ctx, struct partner_id id, const struct partner_change *change,
                        struct partner *ret_partner, bool *ret_changed)
{
    struct partner before, after;
    struct external_id added;
    bool changed;
    TRY(partner_record_open(ctx, id, change->version, &before));
    after = before;
    TRY(apply(ctx, change, &after));
    TRY(partner_check_external(ctx, after.id, change->external, &added));
    TRY(partner_record_save(ctx, &before, &after, "changed", &changed));
    if (added.id.len) {
        TRY(partner_add_external(ctx, after.id, added));
        after.version++;
    }
    if (!str_equal(before.time_zone, after.time_zone))
        TRY(tell_zone_changed(ctx, after.id));
    if (ret_changed)
        *ret_changed = changed || added.id.len;
    *ret_partner = after;
    return OK;
}
