/* Routes of products. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/product/product.h"

/* ---- how a product looks ---- */

#define TEXT_OR_NULL(name_, ...)                                                                   \
    {                                                                                              \
        .name = (name_), .type = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_NULLABLE, __VA_ARGS__ \
    }

static const struct field external_fields[] = {
    {.name = "system",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = LIMIT_SOURCE_BYTES,
     .example = "shop"},
    {.name = "id",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .max = LIMIT_EXTERNAL_ID_BYTES,
     .example = "349"},
};
static const struct schema external_schema =
    SCHEMA("ProductExternalId", "What the product is called in another system.", external_fields);

static const struct field product_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "prd", .flags = FIELD_REQUIRED},
    {.name = "name",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .example = "HL Road Frame - Black, 58"},
    TEXT_OR_NULL("code", .help = "The vendor's article number.", .example = "FR-R92B-58"),
    TEXT_OR_NULL("category", .example = "Components"),
    TEXT_OR_NULL("subcategory", .example = "Road Frames"),
    {.name = "cost",
     .type = FIELD_MONEY,
     .flags = FIELD_REQUIRED | FIELD_NULLABLE,
     .help = "Standard cost of goods for one unit. null for a partner's user.",
     .example = "868.63"},
    TEXT_OR_NULL("currency", .help = "Of the cost, ISO 4217.", .example = "USD"),
    {.name = "external_ids",
     .type = FIELD_OBJECTS,
     .schema = &external_schema,
     .help = "Only where one product is read."},
    {.name = "created_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
    {.name = "archived_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED | FIELD_NULLABLE},
    {.name = "version", .type = FIELD_INT, .flags = FIELD_REQUIRED},
};
static const struct schema product_schema = SCHEMA("Product", "What is sold.", product_fields);

/* Without the closing brace, so that one product's answer can go on. */
static void begin_product(struct json_writer *writer, const struct product *product)
{
    json_begin_object(writer);
    json_put_str(writer, "id", product_id_text(product->id, writer->buf->arena));
    json_put_str(writer, "name", product->name);
    json_put_str_or_null(writer, "code", product->code);
    json_put_str_or_null(writer, "category", product->category);
    json_put_str_or_null(writer, "subcategory", product->subcategory);
    json_key(writer, "cost");
    if (product->has_cost)
        json_add_money(writer, product->cost);
    else
        json_add_null(writer);
    json_put_str_or_null(writer, "currency", currency_str(&product->cost.currency));
    json_put_time(writer, "created_at", product->created_ms);
    json_put_time_or_null(writer, "archived_at", product->archived_ms);
    json_put_int(writer, "version", product->version);
}

static void put_externals(struct json_writer *writer, const struct external_id *externals,
                          size_t count)
{
    json_key(writer, "external_ids");
    json_begin_array(writer);
    for (size_t i = 0; i < count; i++) {
        json_begin_object(writer);
        json_put_str(writer, "system", externals[i].system);
        json_put_str(writer, "id", externals[i].id);
        json_end_object(writer);
    }
    json_end_array(writer);
}

static struct responded answer(struct ctx *ctx, struct request *request, struct product_id id)
{
    struct product product;
    struct external_id *externals;
    size_t count;
    if (product_get(ctx, id, &product) != OK ||
        product_externals(ctx, id, &externals, &count) != OK)
        return respond_fault(ctx, request);
    begin_product(&request->json, &product);
    put_externals(&request->json, externals, count);
    json_end_object(&request->json);
    return respond_versioned(ctx, request, request->route->success, product.version);
}

/* ---- reading ---- */

#define LIST_FIELDS                                                      \
    PAGE_FIELDS,                                                         \
        {.name = "prefix",                                               \
         .type = FIELD_TEXT,                                             \
         .max = LIMIT_QUERY_BYTES,                                       \
         .help = "Names that begin so, whatever the case and accents."}, \
    {                                                                    \
        .name = "archived", .type = FIELD_BOOL,                          \
        .help = "true: those that are archived, instead of the others."  \
    }
static const struct field list_fields[] = {LIST_FIELDS};
static const struct schema list_schema = SCHEMA(NULL, NULL, list_fields);

static struct responded answer_list(struct ctx *ctx, struct request *request,
                                    struct partner_id partner)
{
    struct product_filter filter = {.partner = partner,
                                    .prefix = form_text(request->query, "prefix"),
                                    .archived = form_int(request->query, "archived") != 0};
    struct page page;
    struct product_page found;
    if (page_from_form(ctx, request->query, "name", &page) != OK ||
        product_list(ctx, &filter, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++) {
        begin_product(&request->json, &found.rows[i]);
        json_end_object(&request->json);
    }
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded list_products(struct ctx *ctx, struct request *request)
{
    return answer_list(ctx, request, (struct partner_id){0});
}

static struct responded list_carried(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    struct partner_brief brief;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK ||
        partner_brief(ctx, partner, &brief) != OK)
        return respond_fault(ctx, request);
    return answer_list(ctx, request, brief.id);
}

static struct responded get_product(struct ctx *ctx, struct request *request)
{
    struct product_id id;
    if (REQUEST_ID(ctx, request, "id", product, &id) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id);
}

/* ---- changing ---- */

#define BODY_FIELDS                                                                         \
    {.name = "code",                                                                        \
     .type = FIELD_TEXT,                                                                    \
     .flags = FIELD_NULLABLE,                                                               \
     .max = LIMIT_EXTERNAL_ID_BYTES,                                                        \
     .help = "The vendor's article number; unique.",                                        \
     .example = "FR-R92B-58"},                                                              \
        {.name = "category",                                                                \
         .type = FIELD_TEXT,                                                                \
         .flags = FIELD_NULLABLE,                                                           \
         .max = LIMIT_NAME_BYTES},                                                          \
        {.name = "subcategory",                                                             \
         .type = FIELD_TEXT,                                                                \
         .flags = FIELD_NULLABLE,                                                           \
         .max = LIMIT_NAME_BYTES},                                                          \
        {.name = "cost",                                                                    \
         .type = FIELD_MONEY,                                                               \
         .flags = FIELD_NULLABLE,                                                           \
         .help = "Standard cost of goods for one unit.",                                    \
         .example = "868.63"},                                                              \
    {                                                                                       \
        .name = "currency", .type = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 3,          \
        .help = "Of the cost; default: as before, or the organisation's.", .example = "USD" \
    }

static const struct field draft_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = LIMIT_NAME_BYTES},
    BODY_FIELDS,
    {.name = "external_id", .type = FIELD_OBJECT, .schema = &external_schema},
};
static const struct schema draft_schema =
    SCHEMA("ProductDraft", "A product to be made.", draft_fields);
static const struct field change_fields[] = {
    {.name = "name", .type = FIELD_TEXT, .max = LIMIT_NAME_BYTES},
    BODY_FIELDS,
};
static const struct schema change_schema =
    SCHEMA("ProductChange", "What is to be changed; null clears, the rest stays.", change_fields);

static struct product_change change_of(const struct form *body)
{
    struct product_change change = {.version = 0};
    for (enum product_field field = 0; field < PRODUCT_FIELD_COUNT; field++) {
        change.fields[field].given = form_get(body, product_field_name(field))->given;
        change.fields[field].text = form_text(body, product_field_name(field));
    }
    return change;
}

static struct responded post_product(struct ctx *ctx, struct request *request)
{
    struct product product;
    struct product_change change = change_of(request->body);
    const struct form_value *given = form_get(request->body, "external_id");
    struct external_id external = {{NULL, 0}, {NULL, 0}};
    if (given->count)
        external = (struct external_id){form_text(given->objects[0], "system"),
                                        form_text(given->objects[0], "id")};
    if (product_create(ctx, &change, external, &product) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, product.id);
}

static struct responded patch_product(struct ctx *ctx, struct request *request)
{
    struct product_id id;
    struct product product;
    struct product_change change = change_of(request->body);
    if (REQUEST_ID(ctx, request, "id", product, &id) != OK ||
        request_version(ctx, request, &change.version) != OK ||
        product_update(ctx, id, &change, &product, NULL) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id);
}

static struct responded change_life(struct ctx *ctx, struct request *request,
                                    enum err (*change)(struct ctx *, struct product_id, int64_t))
{
    struct product_id id;
    int64_t version;
    if (REQUEST_ID(ctx, request, "id", product, &id) != OK ||
        request_version(ctx, request, &version) != OK || change(ctx, id, version) != OK)
        return respond_fault(ctx, request);
    return answer(ctx, request, id);
}

static struct responded archive_product(struct ctx *ctx, struct request *request)
{
    return change_life(ctx, request, product_archive);
}

static struct responded restore_product(struct ctx *ctx, struct request *request)
{
    return change_life(ctx, request, product_restore);
}

static struct responded set_carried(struct ctx *ctx, struct request *request, bool carried)
{
    struct partner_id partner;
    struct product_id product;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK ||
        REQUEST_ID(ctx, request, "product_id", product, &product) != OK ||
        product_set_carried(ctx, product, partner, carried) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

static struct responded put_carried(struct ctx *ctx, struct request *request)
{
    return set_carried(ctx, request, true);
}

static struct responded delete_carried(struct ctx *ctx, struct request *request)
{
    return set_carried(ctx, request, false);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/products", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ, .id = "listProducts",
          .summary = "List products", .tag = "Products",
          .notes = "By name. A partner's user gets what its own partner carries.",
          .query = &list_schema, .answer = &product_schema, .answers_list = true, .success = 200,
          .handle = list_products),
    ROUTE("POST", "/api/v1/products", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "createProduct", .summary = "Add a product", .tag = "Products",
          .body = &draft_schema, .answer = &product_schema, .success = 201, .handle = post_product),
    ROUTE("GET", "/api/v1/products/{id}", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "getProduct", .summary = "Read a product", .tag = "Products",
          .answer = &product_schema, .success = 200, .handle = get_product),
    ROUTE("PATCH", "/api/v1/products/{id}", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "updateProduct", .summary = "Change a product", .tag = "Products",
          .body = &change_schema, .answer = &product_schema, .success = 200, .needs_version = true,
          .handle = patch_product),
    ROUTE("POST", "/api/v1/products/{id}/archive", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "archiveProduct", .summary = "Archive a product", .tag = "Products",
          .notes = "It leaves every list; what was sold of it stays.", .answer = &product_schema,
          .success = 200, .needs_version = true, .handle = archive_product),
    ROUTE("POST", "/api/v1/products/{id}/restore", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "restoreProduct", .summary = "Take a product back from the archive",
          .tag = "Products", .answer = &product_schema, .success = 200, .needs_version = true,
          .handle = restore_product),
    ROUTE("GET", "/api/v1/partners/{id}/products", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "listPartnerProducts", .summary = "List what a partner carries", .tag = "Products",
          .notes = "Named by somebody, or seen in a fact.", .query = &list_schema,
          .answer = &product_schema, .answers_list = true, .success = 200, .handle = list_carried),
    ROUTE("PUT", "/api/v1/partners/{id}/products/{product_id}", ROLES_MANAGE, SCOPE_DIRECTORY,
          ACCESS_WRITE, .id = "addPartnerProduct",
          .summary = "Say that a partner carries a product", .tag = "Products", .success = 204,
          .handle = put_carried),
    ROUTE("DELETE", "/api/v1/partners/{id}/products/{product_id}", ROLES_MANAGE, SCOPE_DIRECTORY,
          ACCESS_WRITE, .id = "removePartnerProduct",
          .summary = "Say that a partner does not carry a product", .tag = "Products",
          .success = 204, .handle = delete_carried),
};
const struct route_table product_routes = {routes, ARRAY_LEN(routes)};
