/* Rows that belong to nobody: listed, and given to a partner later. */
#include "src/intake/import_store.h"
#include "src/intake/unassigned_store.h"

#include "lib/json/json.h"
#include "src/core/audit.h"
#include "src/core/limits.h"

static struct unassigned_row row_of(const struct unassigned *kept)
{
    return (struct unassigned_row){
        .id = kept->id,
        .import = kept->import,
        .file = kept->file,
        .row = kept->row,
        .entity = kept->entity,
        .system = kept->system,
        .owner = kept->owner,
        .owner_name = kept->owner_name,
        .external_id = kept->draft.external_id,
        .at_ms = kept->draft.at_ms,
        .has_amount = kept->draft.has_amount,
        .amount = kept->draft.amount,
        .note = kept->draft.note,
    };
}

enum err unassigned_list(struct ctx *ctx, const struct unassigned_filter *filter,
                         const struct page *page, struct unassigned_page *ret_page)
{
    size_t count, limit = (size_t)page->limit;
    struct unassigned *kept = ARENA_ARRAY(ctx->arena, struct unassigned, limit + 1);
    struct unassigned_query query = {.import = filter->import,
                                     .by_owner = filter->owner.len > 0,
                                     .owner = filter->owner,
                                     .after_id = page->has_cursor ? page->after_id : 0,
                                     .limit = page->limit + 1};
    TRY(unassigned_store_list(ctx, &query, kept, &count));
    struct unassigned_page found = {.rows =
                                        ARENA_ARRAY(ctx->arena, struct unassigned_row, limit + 1),
                                    .count = count > limit ? limit : count};
    for (size_t i = 0; i < found.count; i++)
        found.rows[i] = row_of(&kept[i]);
    if (count > limit)
        found.next = page_cursor(ctx, "unassigned", (struct str){NULL, 0}, 0, kept[limit - 1].id);
    *ret_page = found;
    return OK;
}

/* ---- giving rows to a partner ---- */

static enum err read_contact(struct ctx *ctx, struct str json, struct contact_change *ret_change)
{
    struct json_doc *doc;
    TRY(json_parse(json, &doc, &ctx->fault));
    for (enum contact_field field = 0; field < CONTACT_FIELD_COUNT; field++) {
        struct str text = json_text(json_get(json_root(doc), contact_field_name(field)));
        ret_change->fields[field].given = text.len > 0;
        ret_change->fields[field].text = arena_str(ctx->arena, text);
    }
    json_doc_free(doc);
    return OK;
}

/* The fields that are no values are left out; a name always is one. */
static enum err drop_bad_fields(struct ctx *ctx, struct partner_id partner,
                                struct contact_change *change)
{
    bool changes;
    for (enum contact_field field = CONTACT_TITLE; field < CONTACT_FIELD_COUNT; field++) {
        struct contact_change one = {.version = 0};
        one.fields[CONTACT_NAME].given = true;
        one.fields[CONTACT_NAME].text = STR("x");
        one.fields[field] = change->fields[field];
        enum err err = contact_check(ctx, (struct contact_id){0}, partner, &one, &changes);
        if (err != OK && err != ERR_INVALID)
            return err;
        change->fields[field].given = change->fields[field].given && err == OK;
    }
    fault_clear(&ctx->fault);
    return OK;
}

/* An undo of the import takes it back, as what the import itself created. */
static enum err assign_contact(struct ctx *ctx, const struct unassigned *row,
                               struct partner_id partner)
{
    struct contact_change change = {.version = 0};
    struct external_id external = {row->system, row->draft.external_id};
    struct contact contact;
    TRY(read_contact(ctx, row->fields_json, &change));
    TRY(drop_bad_fields(ctx, partner, &change));
    TRY(contact_create(ctx, partner, &change, external, &contact));
    struct import_change created = {.entity = STR("contact"), .entity_id = contact.id.v};
    return import_store_add_change(ctx, row->import, &created);
}

static enum err assign_fact(struct ctx *ctx, const struct unassigned *row,
                            struct partner_id partner)
{
    struct fact_draft draft = row->draft;
    struct fact_outcome outcome;
    draft.partner = partner;
    return ledger_record(ctx, &draft, &outcome);
}

static enum err assign_row(struct ctx *ctx, const struct unassigned *row, struct partner_id partner)
{
    TRY(str_equal(row->entity, STR("contact")) ? assign_contact(ctx, row, partner)
                                               : assign_fact(ctx, row, partner));
    return unassigned_store_delete(ctx, row->id);
}

static enum err assign_ids(struct ctx *ctx, const struct unassigned_choice *choice,
                           struct partner_id partner, struct unassigned_report *report)
{
    for (size_t i = 0; i < choice->count; i++) {
        struct unassigned row;
        bool found;
        TRY(unassigned_store_get(ctx, choice->ids[i], &row, &found));
        if (!found)
            return CTX_FAULT(ctx, ERR_NOT_FOUND, "unassigned_not_found",
                             "There is no unassigned row %lld.", (long long)choice->ids[i]);
        TRY(assign_row(ctx, &row, partner));
        report->assigned++;
    }
    return OK;
}

static enum err assign_owner(struct ctx *ctx, const struct unassigned_choice *choice,
                             struct partner_id partner, struct unassigned_report *report)
{
    size_t count;
    struct unassigned *rows = ARENA_ARRAY(ctx->arena, struct unassigned, LIMIT_UNASSIGNED_ASSIGN);
    struct unassigned_query query = {.by_owner = true,
                                     .system = choice->system,
                                     .owner = choice->owner,
                                     .limit = LIMIT_UNASSIGNED_ASSIGN};
    TRY(owner_store_set(ctx, choice->system, choice->owner, partner));
    TRY(unassigned_store_list(ctx, &query, rows, &count));
    for (size_t i = 0; i < count; i++)
        TRY(assign_row(ctx, &rows[i], partner));
    report->assigned = (int64_t)count;
    return unassigned_store_count_owner(ctx, choice->system, choice->owner, &report->left);
}

static enum err record_history(struct ctx *ctx, const struct unassigned_choice *choice,
                               struct partner_id partner, const struct unassigned_report *report)
{
    struct audit_changes changes;
    struct audit_subject subject = {"partner", partner.v, partner};
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "owner", STR(""), choice->owner);
    audit_changed_int(&changes, "rows", 0, report->assigned);
    return audit_record(ctx, subject, "rows assigned", &changes);
}

enum err unassigned_assign(struct ctx *ctx, const struct unassigned_choice *choice,
                           struct partner_id partner, struct unassigned_report *ret_report)
{
    struct unassigned_report report = {0, 0};
    struct partner_brief brief;
    if (choice->count > LIMIT_UNASSIGNED_ASSIGN)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "rows_too_many", "At most %d rows at once.",
                         LIMIT_UNASSIGNED_ASSIGN);
    if (!choice->count && (!choice->system.len || !choice->owner.len))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "owner_missing", "owner",
                               "Say which rows, or whose: a system and an owner.");
    TRY(partner_brief(ctx, partner, &brief));
    TRY(choice->count ? assign_ids(ctx, choice, brief.id, &report)
                      : assign_owner(ctx, choice, brief.id, &report));
    TRY(record_history(ctx, choice, brief.id, &report));
    *ret_report = report;
    return OK;
}
