/* Products: what is sold, with the standard cost of one unit. */
#include "src/product/product.h"

#include "src/core/audit.h"
#include "src/core/limits.h"
#include "src/organisation/organisation.h"
#include "src/product/product_store.h"

enum { COST_SCALE_MAX = 9 };

static enum err not_found(struct ctx *ctx)
{
    return CTX_FAULT(ctx, ERR_NOT_FOUND, "product_not_found", "There is no such product.");
}

static struct audit_subject subject_of(const struct product *product)
{
    return (struct audit_subject){"product", product->id.v, {0}};
}

static struct str cost_text(struct ctx *ctx, const struct product *product)
{
    struct buf buf;
    if (!product->has_cost)
        return (struct str){NULL, 0};
    buf_init(&buf, ctx->arena, MONEY_TEXT_MAX);
    money_render(product->cost, &buf);
    return buf_str(&buf);
}

/* ---- what a change makes of a product ---- */

static const struct {
    const char *name;
    size_t max_bytes;
} fields[PRODUCT_FIELD_COUNT] = {
    [PRODUCT_NAME] = {"name", LIMIT_NAME_BYTES},
    [PRODUCT_CODE] = {"code", LIMIT_EXTERNAL_ID_BYTES},
    [PRODUCT_CATEGORY] = {"category", LIMIT_NAME_BYTES},
    [PRODUCT_SUBCATEGORY] = {"subcategory", LIMIT_NAME_BYTES},
    [PRODUCT_COST] = {"cost", MONEY_TEXT_MAX},
    [PRODUCT_CURRENCY] = {"currency", MONEY_TEXT_MAX},
};

const char *product_field_name(enum product_field field)
{
    return fields[field].name;
}

static enum err clean(struct ctx *ctx, enum product_field field, struct str text,
                      struct str *ret_text)
{
    if (text.len > fields[field].max_bytes || !str_is_utf8(text))
        return fault_set_field(&ctx->fault, ERR_INVALID, "field_invalid",
                               str_from_c(fields[field].name),
                               "The %s must be UTF-8 text of at most %zu bytes.",
                               fields[field].name, fields[field].max_bytes);
    *ret_text = text_clean(text, ctx->arena);
    return OK;
}

static enum err set_texts(struct ctx *ctx, const struct product_change *change,
                          struct product *product)
{
    struct str *texts[] = {[PRODUCT_NAME] = &product->name,
                           [PRODUCT_CODE] = &product->code,
                           [PRODUCT_CATEGORY] = &product->category,
                           [PRODUCT_SUBCATEGORY] = &product->subcategory};
    for (enum product_field field = 0; field < ARRAY_LEN(texts); field++)
        if (change->fields[field].given)
            TRY(clean(ctx, field, change->fields[field].text, texts[field]));
    return product->name.len ? OK
                             : CTX_FAULT_FIELD(ctx, ERR_INVALID, "name_missing", "name",
                                               "A product needs a name.");
}

static enum err cost_currency(struct ctx *ctx, const struct product_change *change,
                              const struct product *product, struct currency *ret_currency)
{
    struct organisation organisation;
    struct str text = str_trim(change->fields[PRODUCT_CURRENCY].text);
    if (change->fields[PRODUCT_CURRENCY].given && text.len)
        return currency_parse(text, ret_currency)
                   ? OK
                   : CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency_invalid", "currency",
                                     "\"%.*s\" is no ISO 4217 code of a currency, such as EUR.",
                                     STR_ARG(str_slice(text, 0, 120)));
    if (product->has_cost) {
        *ret_currency = product->cost.currency;
        return OK;
    }
    TRY(organisation_get(ctx, &organisation));
    *ret_currency = organisation.currency;
    return OK;
}

static enum err set_cost(struct ctx *ctx, const struct product_change *change,
                         struct product *product)
{
    bool cost_given = change->fields[PRODUCT_COST].given;
    if (!cost_given && !change->fields[PRODUCT_CURRENCY].given)
        return OK;
    struct str text =
        cost_given ? str_trim(change->fields[PRODUCT_COST].text) : cost_text(ctx, product);
    struct currency currency;
    struct decimal cost;
    TRY(cost_currency(ctx, change, product, &currency));
    if (!text.len) {
        product->has_cost = false;
        product->cost = (struct money){.minor = 0};
        return OK;
    }
    if (!parse_decimal(text, COST_SCALE_MAX, &cost) || cost.mantissa < 0 ||
        !money_from_decimal(cost, currency, &product->cost))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "cost_invalid", "cost",
                               "\"%.*s\" is no cost, such as 12.50.",
                               STR_ARG(str_slice(text, 0, 120)));
    product->has_cost = true;
    return OK;
}

static enum err check_code(struct ctx *ctx, const struct product *product)
{
    struct product other;
    bool taken;
    if (!product->code.len || product->archived_ms)
        return OK;
    TRY(product_store_by_code(ctx, product->code, &other, &taken));
    if (!taken || product_id_equal(other.id, product->id))
        return OK;
    return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "code_taken", "code",
                           "The product %.*s has the code %.*s.",
                           STR_ARG(product_id_text(other.id, ctx->arena)), STR_ARG(product->code));
}

static enum err apply(struct ctx *ctx, const struct product_change *change, struct product *product)
{
    TRY(set_texts(ctx, change, product));
    TRY(set_cost(ctx, change, product));
    return check_code(ctx, product);
}

static void differences(struct audit_changes *changes, const struct product *before,
                        const struct product *after)
{
    struct ctx *ctx = changes->ctx;
    audit_changed_text(changes, "name", before->name, after->name);
    audit_changed_text(changes, "code", before->code, after->code);
    audit_changed_text(changes, "category", before->category, after->category);
    audit_changed_text(changes, "subcategory", before->subcategory, after->subcategory);
    audit_changed_text(changes, "cost", cost_text(ctx, before), cost_text(ctx, after));
    audit_changed_text(changes, "currency", currency_str(&before->cost.currency),
                       currency_str(&after->cost.currency));
    audit_changed_time(changes, "archived_at", before->archived_ms, after->archived_ms);
}

/* ---- finding ---- */

enum err product_get(struct ctx *ctx, struct product_id id, struct product *ret_product)
{
    bool found;
    TRY(product_store_get(ctx, id, ret_product, &found));
    return found ? OK : not_found(ctx);
}

enum err product_find_external(struct ctx *ctx, struct external_id external,
                               struct product_id *ret_id)
{
    struct product product;
    bool found;
    TRY(external_id_normalise(ctx->arena, &ctx->fault, external, &external));
    TRY(product_store_by_external(ctx, external, &product, &found));
    if (!found)
        return not_found(ctx);
    *ret_id = product.id;
    return OK;
}

static enum err find_joined(struct ctx *ctx, struct str text, struct product *ret_product,
                            bool *ret_found)
{
    struct external_id external;
    *ret_found = false;
    if (!external_id_split(text, &external) ||
        external_id_normalise(ctx->arena, NULL, external, &external) != OK)
        return OK;
    return product_store_by_external(ctx, external, ret_product, ret_found);
}

static enum err find_name(struct ctx *ctx, struct str text, struct product *ret_product,
                          bool *ret_found)
{
    struct product products[PRODUCT_CANDIDATES];
    size_t count;
    TRY(product_store_by_name(ctx, text_fold(text, ctx->arena), products, &count));
    if (count > 1)
        return CTX_FAULT(
            ctx, ERR_CONFLICT, "product_ambiguous",
            "Several products are called \"%.*s\"; give the id: %.*s, %.*s%s.",
            STR_ARG(str_slice(text, 0, 80)), STR_ARG(product_id_text(products[0].id, ctx->arena)),
            STR_ARG(product_id_text(products[1].id, ctx->arena)), count > 2 ? " and others" : "");
    if (count)
        *ret_product = products[0];
    *ret_found = count == 1;
    return OK;
}

enum err product_find(struct ctx *ctx, struct str text, struct product_id *ret_id)
{
    struct str trimmed = str_trim(text);
    struct product product;
    struct product_id id;
    bool found = false;
    if (product_id_parse(trimmed, &id)) {
        TRY(product_get(ctx, id, &product));
        *ret_id = id;
        return OK;
    }
    if (!trimmed.len || !str_is_utf8(trimmed))
        return not_found(ctx);
    TRY(find_joined(ctx, trimmed, &product, &found));
    if (!found)
        TRY(product_store_by_code(ctx, trimmed, &product, &found));
    if (!found)
        TRY(find_name(ctx, trimmed, &product, &found));
    if (!found)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "product_not_found", "There is no product \"%.*s\".",
                         STR_ARG(str_slice(trimmed, 0, 80)));
    *ret_id = product.id;
    return OK;
}

/* ---- saving ---- */

static bool is_given(struct external_id external)
{
    return external.system.len || external.id.len;
}

static enum err insert(struct ctx *ctx, struct product *product, struct external_id external)
{
    static const struct product nothing;
    struct audit_changes changes;
    product->id.v = ctx_next_id(ctx);
    product->created_ms = ctx->now_ms;
    product->version = 1;
    TRY(product_store_insert(ctx, product));
    if (is_given(external))
        TRY(product_store_add_external(ctx, product->id, external));
    audit_changes_init(&changes, ctx);
    differences(&changes, &nothing, product);
    return audit_record(ctx, subject_of(product), "created", &changes);
}

static enum err update(struct ctx *ctx, const struct product *before, struct product *after,
                       const char *action, bool *ret_changed)
{
    struct audit_changes changes;
    audit_changes_init(&changes, ctx);
    differences(&changes, before, after);
    if (changes.count) {
        TRY(product_store_update(ctx, after));
        TRY(audit_record(ctx, subject_of(after), action, &changes));
        after->version++;
    }
    if (ret_changed)
        *ret_changed = changes.count > 0;
    return OK;
}

enum err product_create(struct ctx *ctx, const struct product_change *change,
                        struct external_id external, struct product *ret_product)
{
    struct product product = {.version = 0}, other;
    bool taken = false;
    TRY(apply(ctx, change, &product));
    if (is_given(external)) {
        TRY(external_id_normalise(ctx->arena, &ctx->fault, external, &external));
        TRY(product_store_by_external(ctx, external, &other, &taken));
    }
    if (taken)
        return CTX_FAULT_FIELD(ctx, ERR_CONFLICT, "external_id_taken", "external_ids",
                               "The id %.*s of %.*s belongs to the product %.*s.",
                               STR_ARG(external.id), STR_ARG(external.system),
                               STR_ARG(product_id_text(other.id, ctx->arena)));
    TRY(insert(ctx, &product, external));
    *ret_product = product;
    return OK;
}

static enum err open_record(struct ctx *ctx, struct product_id id, int64_t version,
                            struct product *ret_product)
{
    struct product product;
    TRY(product_get(ctx, id, &product));
    if (version && version != product.version)
        return CTX_FAULT(ctx, ERR_STALE, "stale",
                         "Somebody else changed this product in the meantime.");
    *ret_product = product;
    return OK;
}

enum err product_update(struct ctx *ctx, struct product_id id, const struct product_change *change,
                        struct product *ret_product, bool *ret_changed)
{
    struct product before, after;
    TRY(open_record(ctx, id, change->version, &before));
    after = before;
    TRY(apply(ctx, change, &after));
    TRY(update(ctx, &before, &after, "changed", ret_changed));
    *ret_product = after;
    return OK;
}

enum err product_archive(struct ctx *ctx, struct product_id id, int64_t version)
{
    struct product before, after;
    TRY(open_record(ctx, id, version, &before));
    after = before;
    if (!after.archived_ms)
        after.archived_ms = ctx->now_ms;
    return update(ctx, &before, &after, "archived", NULL);
}

enum err product_restore(struct ctx *ctx, struct product_id id, int64_t version)
{
    struct product before, after;
    TRY(open_record(ctx, id, version, &before));
    after = before;
    after.archived_ms = 0;
    TRY(check_code(ctx, &after));
    return update(ctx, &before, &after, "restored", NULL);
}

/* ---- saving what a file says ---- */

/* What a draft does: the product as it is (unset: a new one), and as it will be. */
struct plan {
    struct product before, after;
    struct external_id external; /* normalised */
    bool adds_external;
};

static struct product_change change_of(const struct product_draft *draft)
{
    const struct str texts[PRODUCT_FIELD_COUNT] = {
        [PRODUCT_NAME] = draft->name,         [PRODUCT_CODE] = draft->code,
        [PRODUCT_CATEGORY] = draft->category, [PRODUCT_SUBCATEGORY] = draft->subcategory,
        [PRODUCT_COST] = draft->cost,         [PRODUCT_CURRENCY] = draft->currency,
    };
    struct product_change change = {.version = 0};
    for (enum product_field field = 0; field < PRODUCT_FIELD_COUNT; field++) {
        change.fields[field].given = str_trim(texts[field]).len > 0;
        change.fields[field].text = texts[field];
    }
    return change;
}

static enum err find_saved(struct ctx *ctx, const struct product_draft *draft, struct plan *plan)
{
    struct str code = str_trim(draft->code);
    bool found = false;
    if (is_given(plan->external)) {
        TRY(product_store_by_external(ctx, plan->external, &plan->before, &found));
        plan->adds_external = !found;
    }
    if (!found && code.len)
        TRY(product_store_by_code(ctx, code, &plan->before, &found));
    if (!found && !code.len && !is_given(plan->external))
        TRY(find_name(ctx, draft->name, &plan->before, &found));
    if (!found)
        plan->before = (struct product){.version = 0};
    return OK;
}

static enum err make_plan(struct ctx *ctx, const struct product_draft *draft,
                          struct external_id external, struct plan *plan)
{
    struct product_change change = change_of(draft);
    *plan = (struct plan){.external = external};
    if (is_given(external))
        TRY(external_id_normalise(ctx->arena, &ctx->fault, external, &plan->external));
    TRY(find_saved(ctx, draft, plan));
    plan->after = plan->before;
    return apply(ctx, &change, &plan->after);
}

enum err product_save(struct ctx *ctx, const struct product_draft *draft,
                      struct external_id external, struct product_saved *ret_saved)
{
    struct plan plan;
    bool changed = true;
    TRY(make_plan(ctx, draft, external, &plan));
    bool created = !product_id_is_set(plan.before.id);
    if (created) {
        TRY(insert(ctx, &plan.after, plan.external));
    } else {
        TRY(update(ctx, &plan.before, &plan.after, "changed", &changed));
        if (plan.adds_external)
            TRY(product_store_add_external(ctx, plan.after.id, plan.external));
    }
    *ret_saved = (struct product_saved){plan.after, created, changed || plan.adds_external};
    return OK;
}

enum err product_check(struct ctx *ctx, const struct product_draft *draft,
                       struct external_id external, struct product_id *ret_id, bool *ret_changes)
{
    struct audit_changes changes;
    struct plan plan;
    TRY(make_plan(ctx, draft, external, &plan));
    audit_changes_init(&changes, ctx);
    differences(&changes, &plan.before, &plan.after);
    *ret_id = plan.before.id;
    *ret_changes = changes.count > 0 || plan.adds_external;
    return OK;
}

/* ---- who carries it, and lists ---- */

enum err product_carried_by(struct ctx *ctx, struct product_id product, struct partner_id partner)
{
    return product_store_carry(ctx, product, partner, NULL);
}

enum err product_set_carried(struct ctx *ctx, struct product_id product, struct partner_id partner,
                             bool carried)
{
    struct partner_brief brief;
    struct product known;
    struct audit_changes changes;
    int64_t changed;
    TRY(partner_brief(ctx, partner, &brief));
    TRY(product_get(ctx, product, &known));
    TRY(carried ? product_store_carry(ctx, product, brief.id, &changed)
                : product_store_drop(ctx, product, brief.id, &changed));
    if (!changed)
        return OK;
    audit_changes_init(&changes, ctx);
    audit_changed_text(&changes, "products", carried ? STR("") : known.name,
                       carried ? known.name : STR(""));
    return audit_record(ctx, (struct audit_subject){"partner", brief.id.v, brief.id}, "changed",
                        &changes);
}

enum err product_externals(struct ctx *ctx, struct product_id id,
                           struct external_id **ret_externals, size_t *ret_count)
{
    *ret_externals = ARENA_ARRAY(ctx->arena, struct external_id, LIMIT_EXTERNAL_IDS);
    return product_store_externals(ctx, id, *ret_externals, ret_count);
}

enum err product_list(struct ctx *ctx, const struct product_filter *filter, const struct page *page,
                      struct product_page *ret_page)
{
    struct product_page found = {
        .rows = ARENA_ARRAY(ctx->arena, struct product, (size_t)page->limit + 1)};
    struct product_query query = {.partner = filter->partner,
                                  .archived = filter->archived,
                                  .prefix = text_fold(filter->prefix, ctx->arena),
                                  .after_name = page->after_text,
                                  .after_id = page->after_id,
                                  .limit = page->limit + 1};
    TRY(product_store_list(ctx, &query, &found));
    if (found.count > (size_t)page->limit) {
        found.count = (size_t)page->limit;
        const struct product *last = &found.rows[found.count - 1];
        found.next = page_cursor(ctx, "name", text_fold(last->name, ctx->arena), 0, last->id.v);
    }
    *ret_page = found;
    return OK;
}
