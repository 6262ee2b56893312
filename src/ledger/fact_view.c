/* How a fact looks in the API. */
#include "lib/json/json.h"
#include "src/core/form.h"
#include "src/core/limits.h"
#include "src/ledger/ledger.h"

#define ID_FIELD(name_, prefix_, ...)                           \
    {                                                           \
        .name = (name_), .type = FIELD_ID, .prefix = (prefix_), \
        .flags = FIELD_REQUIRED | FIELD_NULLABLE, __VA_ARGS__   \
    }
#define TEXT_FIELD(name_, max_)                                                     \
    {                                                                               \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = (max_) \
    }

#define NAME_FIELD(name_)                                                              \
    {                                                                                  \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, \
        .help = "What it is called now."                                               \
    }

static const struct field fields[] = {
    {.name = "id", .type = FIELD_ID, .flags = FIELD_REQUIRED, .prefix = "fct"},
    {.name = "partner",
     .type = FIELD_ID,
     .flags = FIELD_REQUIRED,
     .prefix = "ptn",
     .help = "As it was recorded; its totals are those of the partner it was merged into."},
    NAME_FIELD("partner_name"),
    {.name = "kind", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 40, .example = "order"},
    {.name = "at", .type = FIELD_TIME, .flags = FIELD_REQUIRED, .help = "When it happened."},
    {.name = "recorded_at",
     .type = FIELD_TIME,
     .flags = FIELD_REQUIRED,
     .help = "When it was recorded."},
    {.name = "quantity", .type = FIELD_DECIMAL, .flags = FIELD_REQUIRED, .example = "3"},
    {.name = "amount",
     .type = FIELD_MONEY,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .example = "1250.00"},
    {.name = "cost",
     .type = FIELD_MONEY,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .example = "800.00"},
    {.name = "currency",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .max = 3,
     .help = "Of amount and cost.",
     .example = "USD"},
    ID_FIELD("product", "prd", .help = NULL),
    NAME_FIELD("product_name"),
    ID_FIELD("contact", "con", .help = NULL),
    TEXT_FIELD("source", LIMIT_SOURCE_BYTES),
    TEXT_FIELD("external_id", LIMIT_EXTERNAL_ID_BYTES),
    {.name = "ref",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "The order of an item, the deal of an outcome."},
    {.name = "note",
     .type = FIELD_NOTE,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .max = LIMIT_NOTE_BYTES},
    ID_FIELD("reverses", "fct", .help = "This is the reversal of that fact."),
    ID_FIELD("reversed_by", "fct", .help = "It counts no more: that fact takes it back."),
    ID_FIELD("import", "imp", .help = "The import that brought it."),
};
const struct schema fact_schema =
    SCHEMA("Fact", "One row of the ledger; it never changes.", fields);

static void put_id(struct json_writer *writer, const char *key, const char *prefix, int64_t id)
{
    char text[ID_TEXT_MAX];
    json_key(writer, key);
    if (!id) {
        json_add_null(writer);
        return;
    }
    id_format(prefix, id, text);
    json_add_str(writer, str_from_c(text));
}

static void put_money(struct json_writer *writer, const char *key, bool given, struct money money)
{
    json_key(writer, key);
    if (given)
        json_add_money(writer, money);
    else
        json_add_null(writer);
}

enum { QUANTITY_BYTES = 32 };

static struct str quantity_text(int64_t milli, char text[QUANTITY_BYTES])
{
    int64_t whole = milli / 1000, rest = milli % 1000;
    int count =
        snprintf(text, QUANTITY_BYTES, "%s%lld.%03lld", milli < 0 ? "-" : "",
                 (long long)(whole < 0 ? -whole : whole), (long long)(rest < 0 ? -rest : rest));
    while (text[count - 1] == '0')
        count--;
    if (text[count - 1] == '.')
        count--;
    return (struct str){text, (size_t)count};
}

void fact_quantity_render(int64_t milli, struct buf *buf)
{
    char text[QUANTITY_BYTES];
    buf_add(buf, quantity_text(milli, text));
}

void fact_render(const struct fact *fact, struct json_writer *writer)
{
    bool money = fact->has_amount || fact->has_cost;
    struct money cost = {fact->cost_minor, fact->amount.currency};
    char quantity[QUANTITY_BYTES];
    json_begin_object(writer);
    put_id(writer, "id", "fct", fact->id.v);
    put_id(writer, "partner", "ptn", fact->partner.v);
    json_put_str_or_null(writer, "partner_name", fact->partner_name);
    json_put_str(writer, "kind", str_from_c(fact_kind_name(fact->kind)));
    json_put_time(writer, "at", fact->at_ms);
    json_put_time(writer, "recorded_at", fact->recorded_ms);
    json_put_str(writer, "quantity", quantity_text(fact->quantity_milli, quantity));
    put_money(writer, "amount", fact->has_amount, fact->amount);
    put_money(writer, "cost", fact->has_cost, cost);
    json_put_str_or_null(writer, "currency",
                         money ? currency_str(&fact->amount.currency) : (struct str){NULL, 0});
    put_id(writer, "product", "prd", fact->product.v);
    json_put_str_or_null(writer, "product_name", fact->product_name);
    put_id(writer, "contact", "con", fact->contact.v);
    json_put_str(writer, "source", fact->source);
    json_put_str(writer, "external_id", fact->external_id);
    json_put_str_or_null(writer, "ref", fact->ref);
    json_put_str_or_null(writer, "note", fact->note);
    put_id(writer, "reverses", "fct", fact->reverses.v);
    put_id(writer, "reversed_by", "fct", fact->reversed_by.v);
    put_id(writer, "import", "imp", fact->import.v);
    json_end_object(writer);
}
