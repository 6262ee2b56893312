/*
 * Undoing: facts are reversed, then changes are taken back, the newest first. Each batch is one
 * write job that also forgets what it took back, so that a second start goes on.
 */
#include "src/intake/import_files.h"
#include "src/intake/import_run.h"
#include "src/intake/import_store.h"
#include "src/intake/unassigned_store.h"

#include "src/core/audit.h"
#include "src/ledger/rollup.h"

enum { FACTS_A_BATCH = 500, CHANGES_A_BATCH = 200, EDITIONS_MAX = 60 };
enum { BATCH_ARENA_BYTES = 256 * 1024 * 1024 };

struct undo {
    struct ctx *ctx;
    struct import import;
    const struct import_watch *watch;
    struct import_undo_report report;
    int64_t done, total;
    struct fact_id after;
    bool facts_end, changes_end;
};

/* ---- facts ---- */

static enum err reverse_facts(struct ctx *ctx, void *arg)
{
    struct undo *undo = arg;
    struct fact_page page;
    TRY(ledger_list_import(ctx, undo->import.id, undo->after, FACTS_A_BATCH, &page));
    for (size_t i = 0; i < page.count; i++) {
        struct fact_id reversal;
        undo->after = page.rows[i].id;
        undo->done++;
        if (fact_id_is_set(page.rows[i].reversed_by))
            continue;
        TRY(ledger_reverse(ctx, page.rows[i].id, STR("The import was undone"), undo->import.id,
                           &reversal));
        undo->report.facts_reversed++;
    }
    undo->facts_end = page.count == 0;
    return OK;
}

/* ---- what was created ---- */

static void count_row(void *self, const struct rollup_row *row)
{
    int64_t *rows = self;
    *rows += row->totals.facts != 0;
}

/* Whether anything but what was reversed stands in the partner's totals. */
static enum err has_other_facts(struct ctx *ctx, struct partner_id id, bool *ret_has)
{
    int64_t rows = 0;
    struct rollup_query query = {.partner = id};
    bool any;
    TRY(rollup_days(ctx, &query.from, &query.to, &any));
    query.to.v++;
    if (any)
        TRY(rollup_read(ctx, &query, count_row, &rows));
    *ret_has = rows > 0;
    return OK;
}

static enum err archive_partner(struct ctx *ctx, struct partner_id id, bool *ret_archived)
{
    struct partner partner;
    bool others;
    TRY(partner_get(ctx, id, &partner));
    TRY(has_other_facts(ctx, id, &others));
    *ret_archived = !others && !partner.archived_ms && partner_id_equal(partner.id, id);
    return *ret_archived ? partner_archive(ctx, id, 0) : OK;
}

static enum err archive(struct ctx *ctx, const struct import_change *change, bool *ret_archived)
{
    int64_t id = change->entity_id;
    *ret_archived = true;
    if (str_equal(change->entity, STR("partner")))
        return archive_partner(ctx, (struct partner_id){id}, ret_archived);
    if (str_equal(change->entity, STR("contact")))
        return contact_archive(ctx, (struct contact_id){id}, 0);
    return product_archive(ctx, (struct product_id){id}, 0);
}

static enum err take_back_created(struct undo *undo, struct ctx *ctx,
                                  const struct import_change *change)
{
    bool archived = false;
    TRY(archive(ctx, change, &archived));
    if (!archived) {
        undo->report.kept++;
        return OK;
    }
    undo->report.archived++;
    return import_store_mark_archived(ctx, arena_cstr(ctx->arena, change->entity),
                                      change->entity_id);
}

/* ---- what was changed ---- */

/* Sets the field back unless somebody changed it since. */
static enum err set_partner_back(struct ctx *ctx, const struct import_change *change, bool *ret_set)
{
    struct partner_id id = {change->entity_id};
    struct partner_change back = {.version = 0};
    struct partner partner;
    enum partner_field field = 0;
    if (str_equal(change->field, STR("tag"))) {
        *ret_set = true;
        return partner_remove_tag(ctx, id, change->new_value);
    }
    while (field < PARTNER_FIELD_COUNT &&
           !str_equal(change->field, str_from_c(partner_field_name(field))))
        field++;
    TRY(partner_get(ctx, id, &partner));
    *ret_set = field < PARTNER_FIELD_COUNT && str_equal(partner.fields[field], change->new_value);
    if (!*ret_set)
        return OK;
    back.fields[field].given = true;
    back.fields[field].text = change->old_value;
    return partner_update(ctx, id, &back, &partner, NULL);
}

static enum err set_contact_back(struct ctx *ctx, const struct import_change *change, bool *ret_set)
{
    struct contact_id id = {change->entity_id};
    struct contact_change back = {.version = 0};
    struct contact contact;
    enum contact_field field = 0;
    while (field < CONTACT_FIELD_COUNT &&
           !str_equal(change->field, str_from_c(contact_field_name(field))))
        field++;
    TRY(contact_get(ctx, id, &contact));
    *ret_set = field < CONTACT_FIELD_COUNT && !contact.erased_ms &&
               str_equal(contact.fields[field], change->new_value);
    if (!*ret_set)
        return OK;
    back.fields[field].given = true;
    back.fields[field].text = change->old_value;
    return contact_update(ctx, id, &back, &contact, NULL);
}

static struct str product_text(const struct product *product, enum product_field field,
                               struct arena *arena)
{
    struct buf cost;
    switch (field) {
    case PRODUCT_NAME:
        return product->name;
    case PRODUCT_CODE:
        return product->code;
    case PRODUCT_CATEGORY:
        return product->category;
    case PRODUCT_SUBCATEGORY:
        return product->subcategory;
    case PRODUCT_CURRENCY:
        return product->has_cost ? currency_str(&product->cost.currency) : (struct str){NULL, 0};
    case PRODUCT_COST:
    case PRODUCT_FIELD_COUNT:
        break;
    }
    buf_init(&cost, arena, MONEY_TEXT_MAX);
    if (product->has_cost)
        money_render(product->cost, &cost);
    return buf_str(&cost);
}

static enum err set_product_back(struct ctx *ctx, const struct import_change *change, bool *ret_set)
{
    static const char *const names[PRODUCT_FIELD_COUNT] = {"name",        "code", "category",
                                                           "subcategory", "cost", "currency"};
    struct product_id id = {change->entity_id};
    struct product_change back = {.version = 0};
    struct product product;
    enum product_field field = 0;
    bool changed;
    while (field < PRODUCT_FIELD_COUNT && !str_equal(change->field, str_from_c(names[field])))
        field++;
    TRY(product_get(ctx, id, &product));
    *ret_set = field < PRODUCT_FIELD_COUNT &&
               str_equal(product_text(&product, field, ctx->arena), change->new_value);
    /* A currency without a cost is nothing: it goes with the cost. */
    if (!*ret_set || (field == PRODUCT_CURRENCY && !change->old_value.len))
        return OK;
    back.fields[field].given = true;
    back.fields[field].text = change->old_value;
    return product_update(ctx, id, &back, &product, &changed);
}

/* A fact that a later edition replaced is recorded again, as the next one. */
static enum err record_again(struct undo *undo, struct ctx *ctx, struct fact_id id)
{
    struct fact fact;
    struct fact_outcome met = {.result = FACT_DIFFERS};
    TRY(ledger_get(ctx, id, &fact));
    struct str base = fact.external_id;
    size_t tilde;
    if (str_find_char(base, '~', &tilde))
        base = str_slice(base, 0, tilde);
    struct fact_draft draft = {
        .partner = fact.partner,
        .kind = fact.kind,
        .at_ms = fact.at_ms,
        .quantity_milli = fact.quantity_milli,
        .has_amount = fact.has_amount,
        .amount = fact.amount,
        .has_cost = fact.has_cost,
        .cost_minor = fact.cost_minor,
        .product = fact.product,
        .contact = fact.contact,
        .source = fact.source,
        .ref = fact.ref,
        .note = fact.note,
    };
    for (int edition = 2; edition <= EDITIONS_MAX && met.result != FACT_RECORDED; edition++) {
        draft.external_id = arena_format(ctx->arena, "%.*s~%d", STR_ARG(base), edition);
        TRY(ledger_record(ctx, &draft, &met));
    }
    undo->report.set_back++;
    return OK;
}

static enum err take_back_changed(struct undo *undo, struct ctx *ctx,
                                  const struct import_change *change)
{
    bool set = false;
    if (str_equal(change->entity, STR("fact")))
        return record_again(undo, ctx, (struct fact_id){change->entity_id});
    if (str_equal(change->entity, STR("partner")))
        TRY(set_partner_back(ctx, change, &set));
    else if (str_equal(change->entity, STR("contact")))
        TRY(set_contact_back(ctx, change, &set));
    else
        TRY(set_product_back(ctx, change, &set));
    if (set)
        undo->report.set_back++;
    else
        undo->report.kept++;
    return OK;
}

/* What cannot be taken back (a record that was merged or erased meanwhile) is kept and counted. */
static enum err take_back(struct undo *undo, struct ctx *ctx, const struct import_change *change)
{
    enum err err = change->field.len ? take_back_changed(undo, ctx, change)
                                     : take_back_created(undo, ctx, change);
    if (err == OK || !put_is_row_fault(err))
        return err;
    fault_clear(&ctx->fault);
    undo->report.kept++;
    return OK;
}

static enum err undo_changes(struct ctx *ctx, void *arg)
{
    struct undo *undo = arg;
    size_t count;
    struct import_change *changes = ARENA_ARRAY(ctx->arena, struct import_change, CHANGES_A_BATCH);
    TRY(import_store_changes(ctx, undo->import.id, CHANGES_A_BATCH, changes, &count));
    for (size_t i = 0; i < count; i++) {
        TRY(take_back(undo, ctx, &changes[i]));
        TRY(import_store_delete_change(ctx, changes[i].id));
    }
    undo->done += (int64_t)count;
    undo->changes_end = count == 0;
    return OK;
}

/* ---- the run ---- */

static enum err run_batch(struct undo *undo, ctx_work *work, struct arena *arena)
{
    struct ctx ctx = *undo->ctx;
    struct undo before = *undo;
    ctx.arena = arena;
    ctx.now_ms = clock_now_ms(&ctx.services->clock);
    enum err err = ctx_write(&ctx, work, undo);
    arena_reset(arena);
    if (err != OK) {
        *undo = before;
        undo->ctx->fault = ctx.fault;
        return err;
    }
    TRY(import_keep_lock(undo->ctx, undo->import.id));
    return import_watch_tell(undo->ctx, undo->watch, undo->done, undo->total);
}

static enum err begin(struct ctx *ctx, void *arg)
{
    struct undo *undo = arg;
    int64_t changes;
    TRY(import_get(ctx, undo->import.id, &undo->import));
    if (undo->import.state != IMPORT_UNDOING)
        TRY(import_move(ctx, undo->import.id, IMPORT_UNDOING));
    TRY(import_store_count_changes(ctx, undo->import.id, &changes));
    undo->total = changes;
    for (size_t i = 0; i < undo->import.count_count; i++) {
        enum fact_kind kind;
        if (fact_kind_parse(undo->import.counts[i].entity, &kind))
            undo->total += undo->import.counts[i].created + undo->import.counts[i].updated;
    }
    return OK;
}

static enum err end(struct ctx *ctx, void *arg)
{
    struct undo *undo = arg;
    struct audit_subject subject = {"import", undo->import.id.v, {0}};
    struct audit_changes changes;
    TRY(unassigned_store_delete_of(ctx, undo->import.id));
    TRY(import_store_set_state(ctx, undo->import.id, IMPORT_UNDONE, STR("")));
    audit_changes_init(&changes, ctx);
    audit_changed_int(&changes, "facts_reversed", 0, undo->report.facts_reversed);
    audit_changed_int(&changes, "archived", 0, undo->report.archived);
    audit_changed_int(&changes, "set_back", 0, undo->report.set_back);
    return audit_record(ctx, subject, "undone", &changes);
}

static enum err run(struct undo *undo)
{
    struct arena arena;
    TRY(ctx_write(undo->ctx, begin, undo));
    arena_init(&arena, BATCH_ARENA_BYTES);
    enum err err = OK;
    while (err == OK && !undo->facts_end)
        err = run_batch(undo, reverse_facts, &arena);
    while (err == OK && !undo->changes_end)
        err = run_batch(undo, undo_changes, &arena);
    arena_finish(&arena);
    TRY(err);
    TRY(ctx_write(undo->ctx, end, undo));
    for (size_t i = 0; i < undo->import.file_count; i++)
        import_drop_file(undo->ctx, &undo->import.files[i]);
    return OK;
}

enum err import_undo(struct ctx *ctx, struct import_id id, const struct import_watch *watch,
                     struct import_undo_report *ret_report)
{
    int lock;
    struct undo undo = {.ctx = ctx, .watch = watch, .import = {.id = id}};
    TRY(import_lock(ctx, id, &lock));
    enum err err = run(&undo);
    import_unlock(ctx, id, lock, err == OK);
    if (err == OK)
        *ret_report = undo.report;
    return err;
}
