/* Routes of facts. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/ledger/fact_reader.h"
#include "src/ledger/fact_stream_api.h"

/* ---- lists ---- */

static const struct field list_fields[] = {
    PAGE_FIELDS,
    {.name = "partner",
     .type = FIELD_ID,
     .prefix = "ptn",
     .help = "Facts of this partner and of those that were merged into it."},
    {.name = "kind",
     .type = FIELD_TEXTS,
     .max = 40,
     .max_items = FACT_KIND_COUNT,
     .names = fact_kind_names,
     .help = "Kinds, separated by commas.",
     .example = "order,deal.won"},
    {.name = "manager", .type = FIELD_ID, .prefix = "usr", .help = "Partners of this manager."},
    {.name = "tier", .type = FIELD_TEXT, .help = "Partners of this tier."},
    {.name = "country",
     .type = FIELD_TEXT,
     .min = 2,
     .max = 2,
     .help = "Partners in this country: ISO 3166-1, two letters.",
     .example = "AT"},
    {.name = "tag", .type = FIELD_TEXT, .max = LIMIT_TAG_BYTES, .help = "Partners with it."},
    {.name = "product",
     .type = FIELD_ID,
     .prefix = "prd",
     .help = "Only facts that name this product."},
    {.name = "source", .type = FIELD_TEXT, .max = LIMIT_SOURCE_BYTES, .example = "shop"},
    {.name = "from",
     .type = FIELD_TIME,
     .help = "Happened at or after this instant.",
     .example = "2026-05-01T00:00:00Z"},
    {.name = "to",
     .type = FIELD_TIME,
     .help = "Happened before this instant.",
     .example = "2026-06-01T00:00:00Z"},
    {.name = "open_deals",
     .type = FIELD_BOOL,
     .help = "Deals of the partner that are neither won nor lost."},
};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);

static unsigned read_kinds(const struct form *query)
{
    const struct form_value *value = form_get(query, "kind");
    unsigned kinds = 0;
    for (size_t i = 0; i < value->count; i++) {
        enum fact_kind kind;
        if (fact_kind_parse(value->texts[i], &kind))
            kinds |= FACT_KIND_BIT(kind);
    }
    return kinds;
}

static struct responded list_facts(struct ctx *ctx, struct request *request)
{
    const struct form *query = request->query;
    struct fact_filter filter = {
        .partner = {form_int_or(query, "partner", 0)},
        .group = {.manager = {form_int_or(query, "manager", 0)},
                  .tier = form_text(query, "tier"),
                  .country = form_text(query, "country"),
                  .tag = form_text(query, "tag")},
        .kinds = read_kinds(query),
        .product = {form_int_or(query, "product", 0)},
        .source = form_text(query, "source"),
        .from_ms = form_int_or(query, "from", 0),
        .to_ms = form_int_or(query, "to", 0),
        .open_deals = form_int_or(query, "open_deals", 0) != 0,
    };
    struct page page;
    struct fact_page facts;
    enum err err = page_from_form(ctx, query, LEDGER_LIST_ORDER, &page);
    if (err == OK)
        err = ledger_list(ctx, &filter, &page, &facts);
    if (err != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < facts.count; i++)
        fact_render(&facts.rows[i], &request->json);
    respond_list_end(request, facts.next);
    return respond_json(ctx, request, 200);
}

static struct responded answer(struct ctx *ctx, struct request *request, struct fact_id id,
                               int status)
{
    struct fact fact;
    enum err err = ledger_get(ctx, id, &fact);
    if (err == OK)
        fact_render(&fact, &request->json);
    return respond_or_fault(ctx, request, err, status);
}

static struct responded get_fact(struct ctx *ctx, struct request *request)
{
    struct fact_id id;
    if (REQUEST_ID(ctx, request, "id", fact, &id) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id, 200);
}

/* ---- reversals ---- */

static const struct field reversal_fields[] = {
    {.name = "note",
     .type = FIELD_NOTE,
     .max = LIMIT_NOTE_BYTES,
     .help = "Why it is taken back.",
     .example = "Returned by the customer."},
};
static const struct schema reversal_schema =
    SCHEMA("Reversal", "Takes a fact back: it counts no more, and both stay.", reversal_fields);

static struct responded post_reversal(struct ctx *ctx, struct request *request)
{
    struct fact_id id, reversal;
    if (REQUEST_ID(ctx, request, "id", fact, &id) != OK ||
        ledger_reverse(ctx, id, form_text(request->body, "note"), (struct import_id){0},
                       &reversal) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, reversal, 201);
}

/* ---- recording ---- */

static const char *const result_names[] = {"recorded", "repeated", "differs", "refused", NULL};
static const struct field result_fields[] = {
    {.name = "row",
     .type = FIELD_INT,
     .help = "The line of the stream, or the place in the array, from 1."},
    {.name = "result",
     .type = FIELD_ENUM,
     .names = result_names,
     .help = "repeated: it was recorded before, with the same content; differs: with another,"
             " and that stays."},
    {.name = "id", .type = FIELD_ID, .prefix = "fct", .help = "Of the fact; not of a refused row."},
    {.name = "code", .type = FIELD_TEXT, .help = "Of a refused row, for machines."},
    {.name = "field", .type = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {.name = "detail", .type = FIELD_TEXT, .help = "Of a refused row: why."},
};
static const struct schema result_schema =
    SCHEMA("FactResult", "What became of one row.", result_fields);

static const struct route routes[] = {
    ROUTE("POST", "/api/v1/facts", ROLES_MANAGE, SCOPE_FACTS, ACCESS_WRITE, .id = "recordFacts",
          .summary = "Record facts", .tag = "Facts",
          .notes =
              "One fact, an array of facts, or a stream of any length with one fact a line"
              " (application/x-ndjson). The answer comes when everything is on disk.\n\n"
              "A fact counts once for its source and external id, however often it is sent.\n\n"
              "One fact is answered by its result (201, or 200 when it was there), and refused"
              " as any request is. An array is answered by {\"items\": [results]}, a stream by"
              " one result a line; a row that is refused does not keep others from being"
              " recorded.",
          .body = &fact_draft_schema, .answer = &result_schema, .success = 200,
          .raw_body = HTTP_BODY_PIECES, .raw_type = "application/x-ndjson", .pieces = &fact_stream),
    ROUTE("GET", "/api/v1/facts", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "listFacts",
          .summary = "List facts", .tag = "Facts",
          .notes = "By the time they happened, newest first. Of a partner, or of a group: manager,"
                   " tier, country and tag, a partner must meet all of them; archived ones are in"
                   " no group.",
          .query = &list_query, .answer = &fact_schema, .answers_list = true, .success = 200,
          .handle = list_facts),
    ROUTE("GET", "/api/v1/facts/{id}", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "getFact",
          .summary = "Get a fact", .tag = "Facts", .answer = &fact_schema, .success = 200,
          .handle = get_fact),
    ROUTE("POST", "/api/v1/facts/{id}/reversal", ROLES_MANAGE, SCOPE_FACTS, ACCESS_WRITE,
          .id = "reverseFact", .summary = "Take a fact back", .tag = "Facts",
          .notes = "Once. The reversal counts with the opposite sign at the time of the original.",
          .body = &reversal_schema, .answer = &fact_schema, .success = 201,
          .handle = post_reversal),
};
const struct route_table ledger_routes = {routes, ARRAY_LEN(routes)};
