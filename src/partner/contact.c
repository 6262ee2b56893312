/* Contacts: the people at a partner, of whom one is the primary. */
#include "src/core/audit.h"
#include "src/core/limits.h"
#include "src/organisation/organisation.h"
#include "src/partner/contact_rules.h"
#include "src/partner/contact_store.h"
#include "src/partner/partner_search.h"

static enum err not_found(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "contact_not_found", "There is no such contact.");
}

static struct audit_subject subject_of(const struct contact *contact)
{
    return (struct audit_subject){"contact", contact->id.v, contact->partner};
}

static enum err open_record(struct ctx *ctx, struct contact_id id, int64_t version,
                            struct contact *ret_contact)
{
    struct contact contact = {.id = {0}};
    TRY(contact_get(ctx, id, &contact));
    if (version && version != contact.version)
        return CTX_FAULT(ctx, ERR_STALE, "stale",
                         "Somebody else changed this contact in the meantime.");
    *ret_contact = contact;
    return OK;
}

static void differences(struct audit_changes *changes, const struct contact *before,
                        const struct contact *after)
{
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++)
        audit_changed_text(changes, contact_field_name(field), before->fields[field],
                           after->fields[field]);
    audit_changed_int(changes, "is_primary", before->is_primary, after->is_primary);
    audit_changed_time(changes, "archived_at", before->archived_ms, after->archived_ms);
}

static enum err save_record(struct ctx *ctx, const struct contact *before, struct contact *after,
                            const char *action, bool *ret_changed)
{
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    differences(&changes, before, after);
    if (changes.count) {
        after->updated_ms = ctx->now_ms;
        TRY(contact_store_update(ctx, after));
        TRY(audit_record(ctx, subject_of(after), action, &changes));
        TRY(partner_search_refresh(ctx, after->partner));
        after->version++;
    }
    if (ret_changed)
        *ret_changed = changes.count > 0;
    return OK;
}

/* ---- the primary one ---- */

static enum err set_primary(struct ctx *ctx, const struct contact *contact, bool is_primary)
{
    struct contact changed = *contact;
    changed.is_primary = is_primary;
    return save_record(ctx, contact, &changed, "changed", NULL);
}

/* Takes it from the one that has it, if that is another. */
static enum err free_primary(struct ctx *ctx, const struct contact *next)
{
    struct contact current;
    bool found;
    TRY(contact_store_primary(ctx, next->partner, &current, &found));
    if (!found || contact_id_equal(current.id, next->id))
        return OK;
    return set_primary(ctx, &current, false);
}

/* Gives it to the oldest of the others. */
static enum err pass_primary_on(struct ctx *ctx, const struct contact *gone)
{
    struct contact heir;
    bool found;
    TRY(contact_store_oldest(ctx, gone->partner, gone->id, &heir, &found));
    return found ? set_primary(ctx, &heir, true) : OK;
}

/* ---- what a change makes of a contact ---- */

static enum err reading_of(struct ctx *ctx, struct partner_id id, struct partner_reading *reading)
{
    struct organisation organisation;
    struct partner partner = {.id = id};
    *reading = (struct partner_reading){
        .zones = ctx->services->zones, .arena = ctx->arena, .fault = &ctx->fault};
    if (partner_id_is_set(id))
        TRY(partner_get(ctx, id, &partner));
    if (country_parse(partner.fields[PARTNER_COUNTRY], &reading->country))
        return OK;
    TRY(organisation_get(ctx, &organisation));
    reading->country = organisation.country;
    return OK;
}

static enum err apply_primary(struct ctx *ctx, const struct contact_change *change,
                              struct contact *contact)
{
    if (!change->primary_given || change->is_primary == contact->is_primary)
        return OK;
    if (!change->is_primary && contact_id_is_set(contact->id))
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "primary_needed", "is_primary",
                               "Make another contact the primary one instead.");
    if (contact->archived_ms)
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "contact_archived", "is_primary",
                               "Restore this contact first.");
    contact->is_primary = change->is_primary;
    return OK;
}

static enum err apply(struct ctx *ctx, const struct contact_change *change, struct contact *contact)
{
    struct partner_reading reading;
    if (contact->erased_ms)
        return CTX_FAULT(ctx, ERR_CONFLICT, "contact_erased",
                         "The personal data of this contact was erased.");
    TRY(reading_of(ctx, contact->partner, &reading));
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++)
        if (change->fields[field].given)
            TRY(contact_normalise(&reading, field, change->fields[field].text,
                                  &contact->fields[field]));
    if (!contact->fields[CONTACT_NAME].len)
        contact->fields[CONTACT_NAME] = contact->fields[CONTACT_EMAIL];
    if (!contact->fields[CONTACT_NAME].len)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_missing", "name",
                               "A contact needs a name or a mail address.");
    return apply_primary(ctx, change, contact);
}

enum err contact_check(struct ctx *ctx, struct contact_id id, struct partner_id partner,
                       const struct contact_change *change, bool *ret_changes)
{
    struct contact before = {.partner = partner}, after;
    struct audit_changes changes;
    if (contact_id_is_set(id))
        TRY(open_record(ctx, id, change->version, &before));
    after = before;
    TRY(apply(ctx, change, &after));
    audit_changes_init(&changes, ctx);
    differences(&changes, &before, &after);
    *ret_changes = changes.count > 0;
    return OK;
}

/* ---- use cases ---- */

enum err contact_get(struct ctx *ctx, struct contact_id id, struct contact *ret_contact)
{
    bool found;
    TRY(contact_store_get(ctx, id, ret_contact, &found));
    return found ? OK : not_found(ctx);
}

enum err contact_find_external(struct ctx *ctx, struct external_id external,
                               struct contact *ret_contact)
{
    bool found;
    TRY(external_id_normalise(ctx->arena, &ctx->fault, external, &external));
    TRY(contact_store_by_external(ctx, external, ret_contact, &found));
    return found ? OK : not_found(ctx);
}

static enum err check_external(struct ctx *ctx, struct external_id given,
                               struct external_id *ret_external)
{
    struct contact owner;
    bool taken;
    *ret_external = (struct external_id){{NULL, 0}, {NULL, 0}};
    if (!given.system.len && !given.id.len)
        return OK;
    TRY(external_id_normalise(ctx->arena, &ctx->fault, given, ret_external));
    TRY(contact_store_by_external(ctx, *ret_external, &owner, &taken));
    if (taken)
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "external_id_taken", "external_id",
                               "The id %.*s of %.*s belongs to the contact %.*s.",
                               STR_ARG(ret_external->id), STR_ARG(ret_external->system),
                               STR_ARG(contact_id_text(owner.id, ctx->arena)));
    return OK;
}

static enum err check_room(struct ctx *ctx, struct partner_id partner)
{
    int64_t count;
    TRY(contact_store_count(ctx, partner, &count));
    return count < LIMIT_CONTACTS ? OK
                                  : CTX_FAULT(ctx, ERR_TOO_LARGE, "contacts_full",
                                              "A partner has at most %d contacts.", LIMIT_CONTACTS);
}

/* The first contact is the primary one whatever is asked; a later one takes it from another. */
static enum err settle_primary(struct ctx *ctx, struct contact *contact)
{
    struct contact current;
    bool found;
    TRY(contact_store_primary(ctx, contact->partner, &current, &found));
    if (!found)
        contact->is_primary = true;
    return contact->is_primary ? free_primary(ctx, contact) : OK;
}

enum err contact_create(struct ctx *ctx, struct partner_id partner,
                        const struct contact_change *change, struct external_id external,
                        struct contact *ret_contact)
{
    static const struct contact nothing;
    struct contact contact = {.version = 1};
    struct partner_brief brief;
    struct audit_changes changes;
    TRY(partner_brief(ctx, partner, &brief));
    contact.partner = brief.id;
    TRY(apply(ctx, change, &contact));
    TRY(check_external(ctx, external, &contact.external));
    TRY(check_room(ctx, contact.partner));
    TRY(settle_primary(ctx, &contact));
    contact.id.v = ctx_next_id(ctx);
    contact.created_ms = contact.updated_ms = ctx->now_ms;
    TRY(contact_store_insert(ctx, &contact));
    audit_changes_init(&changes, ctx);
    differences(&changes, &nothing, &contact);
    TRY(audit_record(ctx, subject_of(&contact), "created", &changes));
    TRY(partner_search_refresh(ctx, contact.partner));
    *ret_contact = contact;
    return OK;
}

enum err contact_update(struct ctx *ctx, struct contact_id id, const struct contact_change *change,
                        struct contact *ret_contact, bool *ret_changed)
{
    struct contact before = {0}, after;
    TRY(open_record(ctx, id, change->version, &before));
    after = before;
    TRY(apply(ctx, change, &after));
    if (after.is_primary && !before.is_primary)
        TRY(free_primary(ctx, &after));
    TRY(save_record(ctx, &before, &after, "changed", ret_changed));
    *ret_contact = after;
    return OK;
}

enum err contact_archive(struct ctx *ctx, struct contact_id id, int64_t version)
{
    struct contact before = {0}, after;
    TRY(open_record(ctx, id, version, &before));
    if (before.archived_ms)
        return OK;
    after = before;
    after.archived_ms = ctx->now_ms;
    after.is_primary = false;
    TRY(save_record(ctx, &before, &after, "archived", NULL));
    return before.is_primary ? pass_primary_on(ctx, &after) : OK;
}

enum err contact_restore(struct ctx *ctx, struct contact_id id, int64_t version)
{
    struct contact before = {0}, after;
    TRY(open_record(ctx, id, version, &before));
    if (before.erased_ms)
        return CTX_FAULT(ctx, ERR_CONFLICT, "contact_erased",
                         "The personal data of this contact was erased.");
    if (!before.archived_ms)
        return OK;
    after = before;
    after.archived_ms = 0;
    TRY(check_room(ctx, after.partner));
    TRY(settle_primary(ctx, &after));
    return save_record(ctx, &before, &after, "restored", NULL);
}

enum err contact_list(struct ctx *ctx, struct partner_id partner, bool archived,
                      const struct page *page, struct contact_page *ret_page)
{
    struct contact_page found = {
        .rows = ARENA_ARRAY(ctx->arena, struct contact, (size_t)page->limit + 1)};
    struct partner_brief brief;
    TRY(partner_brief(ctx, partner, &brief));
    struct contact_query query = {brief.id, archived, page->has_cursor ? page->after_id : 0,
                                  page->limit + 1};
    TRY(contact_store_list(ctx, &query, &found));
    if (found.count > (size_t)page->limit) {
        found.count = (size_t)page->limit;
        found.next =
            page_cursor(ctx, "created", (struct str){NULL, 0}, 0, found.rows[found.count - 1].id.v);
    }
    *ret_page = found;
    return OK;
}

enum err contact_primary(struct ctx *ctx, struct partner_id partner, struct contact *ret_contact,
                         bool *ret_found)
{
    struct partner_brief brief;
    TRY(partner_brief(ctx, partner, &brief));
    return contact_store_primary(ctx, brief.id, ret_contact, ret_found);
}
