/* Values of fields become a draft. */
#include "src/ledger/fact_input.h"

#include "src/product/product.h"

enum { REFERENCES_MAX = 50000, REFERENCES_BYTES = 64 * 1024 * 1024, MILLI_SCALE = 3 };

static void forget(struct fact_references *references)
{
    map_init(&references->partners, &references->arena, 1);
    map_init(&references->products, &references->arena, 2);
    map_init(&references->contacts, &references->arena, 3);
}

void fact_references_init(struct fact_references *references)
{
    arena_init(&references->arena, REFERENCES_BYTES);
    forget(references);
}

void fact_references_finish(struct fact_references *references)
{
    arena_finish(&references->arena);
}

void fact_references_trim(struct fact_references *references)
{
    if (references->partners.count + references->products.count + references->contacts.count <
        REFERENCES_MAX)
        return;
    arena_reset(&references->arena);
    forget(references);
}

/* ---- what a text names ---- */

typedef enum err find_reference(struct ctx *ctx, struct str text, int64_t *ret_id);

static enum err unknown(struct ctx *ctx, const char *field, struct str text)
{
    struct str shown = str_slice(text, 0, 100);
    return fault_set_field(&ctx->fault, ERR_NOT_FOUND, "reference_unknown", str_from_c(field),
                           "There is no %s %.*s.", field, STR_ARG(shown));
}

/* `err` of looking for it, in words that name the field. */
static enum err tell(struct ctx *ctx, const char *field, struct str text, enum err err)
{
    return err == ERR_NOT_FOUND ? unknown(ctx, field, text) : err;
}

static enum err find_partner(struct ctx *ctx, struct str text, int64_t *ret_id)
{
    struct partner_id id = {0};
    struct external_id external;
    if (!external_id_split(text, &external))
        return unknown(ctx, "partner", text);
    TRY(tell(ctx, "partner", text, partner_find_external(ctx, external, &id)));
    *ret_id = id.v;
    return OK;
}

static enum err find_product(struct ctx *ctx, struct str text, int64_t *ret_id)
{
    struct product_id id = {0};
    struct product product;
    struct external_id external;
    enum err err = ERR_NOT_FOUND;
    if (product_id_parse(text, &id))
        err = product_get(ctx, id, &product);
    else if (external_id_split(text, &external))
        err = product_find_external(ctx, external, &id);
    TRY(tell(ctx, "product", text, err));
    *ret_id = id.v;
    return OK;
}

static enum err find_contact(struct ctx *ctx, struct str text, int64_t *ret_id)
{
    struct contact_id id = {0};
    struct contact contact = {0};
    struct external_id external;
    enum err err = ERR_NOT_FOUND;
    if (contact_id_parse(text, &id))
        err = contact_get(ctx, id, &contact);
    else if (external_id_split(text, &external))
        err = contact_find_external(ctx, external, &contact);
    TRY(tell(ctx, "contact", text, err));
    *ret_id = contact.id.v;
    return OK;
}

/* What is not known yet is found, and kept. */
static enum err find(struct ctx *ctx, struct map *known, struct str text, find_reference *find_it,
                     int64_t *ret_id)
{
    if (!ctx->conn)
        return ERR_BUSY;
    TRY(find_it(ctx, text, ret_id));
    int64_t *kept = ARENA_NEW(known->arena, int64_t);
    *kept = *ret_id;
    map_put(known, arena_str(known->arena, text), kept);
    return OK;
}

static enum err refer(struct ctx *ctx, struct map *known, const struct form_value *value,
                      find_reference *find_it, int64_t *ret_id)
{
    if (!value->given || value->null || !value->text.len)
        return OK;
    const int64_t *id = map_find(known, value->text);
    if (!id)
        return find(ctx, known, value->text, find_it, ret_id);
    *ret_id = *id;
    return OK;
}

static enum err refer_all(struct ctx *ctx, struct fact_references *references,
                          const struct form_value *values, struct fact_draft *draft)
{
    const struct form_value *partner = &values[FACT_FIELD_PARTNER];
    /* Whether a partner's own id exists, the writer asks. */
    if (!partner_id_parse(partner->text, &draft->partner))
        TRY(refer(ctx, &references->partners, partner, find_partner, &draft->partner.v));
    TRY(refer(ctx, &references->products, &values[FACT_FIELD_PRODUCT], find_product,
              &draft->product.v));
    return refer(ctx, &references->contacts, &values[FACT_FIELD_CONTACT], find_contact,
                 &draft->contact.v);
}

/* ---- numbers ---- */

static bool is_given(const struct form_value *value)
{
    return value->given && !value->null;
}

static enum err read_quantity(struct ctx *ctx, const struct form_value *value, int64_t *ret_milli)
{
    *ret_milli = 1000;
    if (!is_given(value))
        return OK;
    struct decimal decimal = value->decimal;
    bool fits = decimal.scale <= MILLI_SCALE;
    for (; fits && decimal.scale < MILLI_SCALE; decimal.scale++)
        fits = !__builtin_mul_overflow(decimal.mantissa, 10, &decimal.mantissa);
    if (!fits)
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "field_invalid", "quantity",
                               "quantity must be a number with at most three decimals.");
    *ret_milli = decimal.mantissa;
    return OK;
}

static enum err read_amount(struct ctx *ctx, const char *field, const struct form_value *value,
                            struct currency currency, struct money *ret_money)
{
    if (money_parse(value->text, currency, ret_money))
        return OK;
    return fault_set_field(&ctx->fault, ERR_INVALID, "field_invalid", str_from_c(field),
                           "%s must be an amount of %s, such as \"12\" with at most %d decimals.",
                           field, currency.code, currency_exponent(currency));
}

static enum err read_money(struct ctx *ctx, const struct form_value *values,
                           struct fact_draft *draft)
{
    const struct form_value *text = &values[FACT_FIELD_CURRENCY];
    struct currency currency = {0};
    struct money cost;
    draft->has_amount = is_given(&values[FACT_FIELD_AMOUNT]);
    draft->has_cost = is_given(&values[FACT_FIELD_COST]);
    if (is_given(text) && !currency_parse(text->text, &currency))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency_unknown", "currency",
                               "currency must be a code of ISO 4217, such as \"USD\".");
    if (!draft->has_amount && !draft->has_cost)
        return OK;
    if (!currency_is_set(currency))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "field_missing", "currency",
                               "currency is missing: money has one.");
    if (draft->has_amount)
        TRY(read_amount(ctx, "amount", &values[FACT_FIELD_AMOUNT], currency, &draft->amount));
    if (draft->has_cost) {
        TRY(read_amount(ctx, "cost", &values[FACT_FIELD_COST], currency, &cost));
        draft->cost_minor = cost.minor;
    }
    draft->amount.currency = currency;
    return OK;
}

enum err fact_input_draft(struct ctx *ctx, struct fact_references *references,
                          const struct form_value *values, struct fact_draft *ret_draft)
{
    struct fact_draft draft = {
        .kind = (enum fact_kind)(values[FACT_FIELD_KIND].integer + 1),
        .at_ms = values[FACT_FIELD_AT].integer,
        .source = values[FACT_FIELD_SOURCE].text,
        .external_id = values[FACT_FIELD_EXTERNAL_ID].text,
        .ref = values[FACT_FIELD_REF].text,
        .note = values[FACT_FIELD_NOTE].text,
    };
    TRY(read_quantity(ctx, &values[FACT_FIELD_QUANTITY], &draft.quantity_milli));
    TRY(read_money(ctx, values, &draft));
    TRY(refer_all(ctx, references, values, &draft));
    *ret_draft = draft;
    return OK;
}
