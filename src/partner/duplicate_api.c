/* Routes of pairs that may be one partner. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/partner/partner.h"

static const struct field side_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "city", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "country", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct schema side_schema =
    SCHEMA("DuplicateSide", "One of the two partners of a pair.", side_fields);

static const struct field duplicate_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "dup", .flags = FIELD_REQUIRED},
    {.name = "a",
     .type = FIELD_OBJECT,
     .schema = &side_schema,
     .flags = FIELD_REQUIRED,
     .help = "The one that was made first."},
    {.name = "b", .type = FIELD_OBJECT, .schema = &side_schema, .flags = FIELD_REQUIRED},
    {.name = "reasons",
     .type = FIELD_TEXTS,
     .flags = FIELD_REQUIRED,
     .help = "Why: external_id (the same id in two systems), name (equal but for the legal form),"
             " domain, phone, spelling (nearly the same name).",
     .example = "name"},
    {.name = "found_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "dismissed_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "dismissed_by", .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
};
static const struct schema duplicate_schema =
    SCHEMA("Duplicate", "Two partners that may be one.", duplicate_fields);

struct side {
    struct partner_id id;
    struct str name, city, country;
};

static void put_side(struct json_writer *writer, const char *key, const struct side *side)
{
    json_key(writer, key);
    json_begin_object(writer);
    json_put_str(writer, "id", partner_id_text(side->id, writer->buf->arena));
    json_put_str(writer, "name", side->name);
    json_put_str_or_null(writer, "city", side->city);
    json_put_str_or_null(writer, "country", side->country);
    json_end_object(writer);
}

static void put_duplicate(struct json_writer *writer, const struct duplicate *pair)
{
    struct side a = {pair->a, pair->a_name, pair->a_city, pair->a_country};
    struct side b = {pair->b, pair->b_name, pair->b_city, pair->b_country};
    json_begin_object(writer);
    json_put_str(writer, "id", duplicate_id_text(pair->id, writer->buf->arena));
    put_side(writer, "a", &a);
    put_side(writer, "b", &b);
    json_key(writer, "reasons");
    json_begin_array(writer);
    for (unsigned bit = DUPLICATE_DOMAIN; bit <= DUPLICATE_SPELLING; bit <<= 1)
        if (pair->reasons & bit)
            json_add_str(writer, str_from_c(duplicate_reason_name((enum duplicate_reason)bit)));
    json_end_array(writer);
    json_put_time(writer, "found_at", pair->found_ms);
    json_put_time_or_null(writer, "dismissed_at", pair->dismissed_ms);
    json_put_str_or_null(writer, "dismissed_by", pair->dismissed_by);
    json_end_object(writer);
}

static const struct field list_fields[] = {
    PAGE_FIELDS,
    {.name = "partner_id",
     .type = FIELD_ID,
     .prefix = "ptn",
     .help = "Only pairs with this partner."},
    {.name = "dismissed",
     .type = FIELD_BOOL,
     .help = "true: those that were judged to be two, instead of the open ones."},
};
static const struct schema list_schema = SCHEMA(NULL, NULL, list_fields);

static struct responded list_duplicates(struct ctx *ctx, struct request *request)
{
    struct duplicate_filter filter = {{form_int(request->query, "partner_id")},
                                      form_int(request->query, "dismissed") != 0};
    struct page page;
    struct duplicate_page found;
    if (page_from_form(ctx, request->query, "certainty", &page) != OK ||
        duplicate_list(ctx, &filter, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        put_duplicate(&request->json, &found.rows[i]);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded judge(struct ctx *ctx, struct request *request,
                              enum err (*verdict)(struct ctx *, struct duplicate_id))
{
    struct duplicate_id id;
    if (REQUEST_ID(ctx, request, "id", duplicate, &id) != OK || verdict(ctx, id) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

static struct responded post_dismiss(struct ctx *ctx, struct request *request)
{
    return judge(ctx, request, duplicate_dismiss);
}

static struct responded post_reopen(struct ctx *ctx, struct request *request)
{
    return judge(ctx, request, duplicate_reopen);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/duplicates", ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "listDuplicates",
          .summary = "List pairs of partners that may be one", .tag = "Partners",
          .notes = "The most certain first. A partner and its parent are no pair; neither is a"
                   " domain or number evidence that more than twenty partners share.",
          .query = &list_schema, .answer = &duplicate_schema, .answers_list = true, .success = 200,
          .handle = list_duplicates),
    ROUTE("POST", "/api/v1/duplicates/{id}/dismiss", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "dismissDuplicate", .summary = "Say that they are two", .tag = "Partners",
          .notes = "The pair does not come back, whatever else they share.", .success = 204,
          .handle = post_dismiss),
    ROUTE("POST", "/api/v1/duplicates/{id}/reopen", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "reopenDuplicate", .summary = "Take that back", .tag = "Partners", .success = 204,
          .handle = post_reopen),
};
const struct route_table duplicate_routes = {routes, ARRAY_LEN(routes)};
