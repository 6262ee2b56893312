/* Products out of rows. */
#include "src/intake/put.h"

enum { PRODUCT_TEXTS = 6 };

static void texts_of(const struct product *product, struct arena *arena,
                     struct str ret_texts[PRODUCT_TEXTS])
{
    struct buf cost;
    buf_init(&cost, arena, MONEY_TEXT_MAX);
    if (product->has_cost)
        money_render(product->cost, &cost);
    ret_texts[PRODUCT_NAME] = product->name;
    ret_texts[PRODUCT_CODE] = product->code;
    ret_texts[PRODUCT_CATEGORY] = product->category;
    ret_texts[PRODUCT_SUBCATEGORY] = product->subcategory;
    ret_texts[PRODUCT_COST] = buf_str(&cost);
    ret_texts[PRODUCT_CURRENCY] =
        product->has_cost ? currency_str(&product->cost.currency) : (struct str){NULL, 0};
}

static const char *field_name(enum product_field field)
{
    static const char *const names[PRODUCT_TEXTS] = {
        [PRODUCT_NAME] = "name",         [PRODUCT_CODE] = "code",
        [PRODUCT_CATEGORY] = "category", [PRODUCT_SUBCATEGORY] = "subcategory",
        [PRODUCT_COST] = "cost",         [PRODUCT_CURRENCY] = "currency",
    };
    return names[field];
}

static struct product_draft draft_of(struct put *put, const struct plan_record *record)
{
    struct buf cost;
    struct money money = {record->cost_minor, record->currency};
    struct product_draft draft = {
        .name = record->texts[RECORD_NAME],
        .code = record->texts[RECORD_CODE],
        .category = record->texts[RECORD_CATEGORY],
        .subcategory = record->texts[RECORD_SUBCATEGORY],
    };
    if (!draft.name.len)
        draft.name = draft.code.len ? draft.code : record->texts[RECORD_EXTERNAL];
    if (!record->has_cost)
        return draft;
    buf_init(&cost, put->ctx->arena, MONEY_TEXT_MAX);
    money_render(money, &cost);
    draft.cost = buf_str(&cost);
    draft.currency = currency_str(&record->currency);
    return draft;
}

static enum err note_changes(struct put *put, struct product_id id, const struct product *before,
                             const struct product *after)
{
    struct str old_texts[PRODUCT_TEXTS], new_texts[PRODUCT_TEXTS];
    texts_of(before, put->ctx->arena, old_texts);
    texts_of(after, put->ctx->arena, new_texts);
    for (enum product_field field = 0; field < PRODUCT_FIELD_COUNT; field++) {
        struct put_change change = {"product", id.v, field_name(field), old_texts[field],
                                    new_texts[field]};
        TRY(put_note_change(put, &change));
    }
    return OK;
}

static enum err write(struct put *put, const struct product_draft *draft,
                      struct external_id external, struct product_id *id)
{
    struct product before = {.id = *id};
    struct product_saved saved;
    if (product_id_is_set(*id))
        TRY(product_get(put->ctx, *id, &before));
    TRY(product_save(put->ctx, draft, external, &saved));
    *id = saved.product.id;
    return saved.created ? put_note_created(put, "product", id->v)
                         : note_changes(put, *id, &before, &saved.product);
}

static enum err revive(struct put *put, struct product_id id, enum outcome *ret_outcome)
{
    bool undone = false;
    if (product_id_is_set(id))
        TRY(put_is_undone(put, "product", id.v, &undone));
    if (!undone)
        return OK;
    *ret_outcome = OUTCOME_CREATED;
    if (put->writes)
        TRY(product_restore(put->ctx, id, 0));
    return put_note_revived(put, "product", id.v);
}

static enum err make(struct put *put, const struct plan_record *record, struct external_id external,
                     enum outcome *ret_outcome)
{
    struct product_draft draft = draft_of(put, record);
    struct product_id id;
    bool changes;
    TRY(product_check(put->ctx, &draft, external, &id, &changes));
    bool is_new = !product_id_is_set(id);
    *ret_outcome = is_new ? OUTCOME_CREATED : changes ? OUTCOME_UPDATED : OUTCOME_UNCHANGED;
    TRY(revive(put, id, ret_outcome));
    if (put->writes && (is_new || changes))
        TRY(write(put, &draft, external, &id));
    struct known known = {.state = product_id_is_set(id) ? KNOWN_REAL : KNOWN_NEW, .id = id.v};
    if (external.id.len)
        references_set_product(put, external.id, known);
    return OK;
}

/* In a preview: the same record again. */
static bool was_seen(struct put *put, const struct plan_record *record, struct external_id external,
                     enum outcome *ret_outcome)
{
    struct arena *arena = put->ctx->arena;
    struct product_draft draft = draft_of(put, record);
    struct str key = arena_format(arena, "product\n%.*s", STR_ARG(external.id));
    struct str content = arena_format(arena, "%.*s\n%.*s\n%.*s\n%.*s\n%.*s", STR_ARG(draft.name),
                                      STR_ARG(draft.code), STR_ARG(draft.category),
                                      STR_ARG(draft.subcategory), STR_ARG(draft.cost));
    enum seen seen = references_seen(put, key, content);
    *ret_outcome = seen == SEEN_SAME ? OUTCOME_UNCHANGED : OUTCOME_UPDATED;
    return seen != SEEN_NEVER;
}

enum err put_product(struct put *put, const struct plan_record *record, enum outcome *ret_outcome)
{
    struct external_id external = {put->system, record->texts[RECORD_EXTERNAL]};
    if (!external.id.len)
        external.id = record->texts[RECORD_CODE];
    if (!external.id.len)
        external.id = record->texts[RECORD_NAME];
    *ret_outcome = OUTCOME_NONE;
    if (!external.id.len)
        return OK;
    if (!put->writes && was_seen(put, record, external, ret_outcome))
        return OK;
    return put_refuse(put, record, make(put, record, external, ret_outcome), ret_outcome);
}
