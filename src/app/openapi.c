/* Describes every route: parameters, bodies, answers, roles, as the rows declare them. */
#include "src/app/openapi.h"

#include <ctype.h>
#include <string.h>

#include "lib/base/map.h"
#include "src/account/account.h"
#include "src/app/routes.h"
#include "src/app/version.h"
#include "src/core/limits.h"

enum { DOCUMENT_BYTES_MAX = 8 * 1024 * 1024 };

static void put(struct json_writer *writer, const char *key, const char *value)
{
    json_put_str(writer, key, str_from_c(value));
}

static void begin(struct json_writer *writer, const char *key)
{
    json_key(writer, key);
    json_begin_object(writer);
}

static void put_reference(struct json_writer *writer, const char *section, const char *name)
{
    json_begin_object(writer);
    json_key(writer, "$ref");
    json_add_str(writer, arena_format(writer->buf->arena, "#/components/%s/%s", section, name));
    json_end_object(writer);
}

static void put_schema(struct json_writer *writer, const struct schema *schema)
{
    if (schema->name)
        put_reference(writer, "schemas", schema->name);
    else
        schema_render(schema, writer);
}

/* ---- parameters ---- */

static void put_path_parameter(struct json_writer *writer, struct str name)
{
    json_begin_object(writer);
    json_put_str(writer, "name", name);
    put(writer, "in", "path");
    json_put_bool(writer, "required", true);
    begin(writer, "schema");
    put(writer, "type", "string");
    json_end_object(writer);
    json_end_object(writer);
}

static void put_path_parameters(struct json_writer *writer, const struct route *route)
{
    struct str rest = str_from_c(route->path), segment;
    while (str_split(&rest, '/', &segment))
        if (segment.len > 2 && segment.ptr[0] == '{')
            put_path_parameter(writer, str_slice(segment, 1, segment.len - 1));
}

static void put_query_parameters(struct json_writer *writer, const struct schema *query)
{
    for (size_t i = 0; query && i < query->count; i++) {
        const struct field *field = &query->fields[i];
        bool list = field->type == FIELD_TEXTS || field->type == FIELD_IDS;
        json_begin_object(writer);
        put(writer, "name", field->name);
        put(writer, "in", "query");
        if (field->flags & FIELD_REQUIRED)
            json_put_bool(writer, "required", true);
        if (field->help)
            put(writer, "description", field->help);
        if (list)
            json_put_bool(writer, "explode", false);
        json_key(writer, "schema");
        field_render(field, writer);
        json_end_object(writer);
    }
}

static void put_parameters(struct json_writer *writer, const struct route *route)
{
    json_key(writer, "parameters");
    json_begin_array(writer);
    put_path_parameters(writer, route);
    put_query_parameters(writer, route->query);
    if (route->needs_version)
        put_reference(writer, "parameters", "IfMatch");
    if (route->access == ACCESS_WRITE && route->raw_body == HTTP_BODY_NONE && !route->holds_secret)
        put_reference(writer, "parameters", "IdempotencyKey");
    json_end_array(writer);
}

/* ---- bodies and answers ---- */

static void begin_content(struct json_writer *writer, const char *type)
{
    begin(writer, "content");
    begin(writer, type);
    json_key(writer, "schema");
}

static void end_content(struct json_writer *writer)
{
    json_end_object(writer);
    json_end_object(writer);
}

static void put_any_text(struct json_writer *writer)
{
    json_begin_object(writer);
    put(writer, "type", "string");
    json_end_object(writer);
}

/* The same body in another form. */
static void put_more_content(struct json_writer *writer, const char *type)
{
    json_end_object(writer);
    begin(writer, type);
    json_key(writer, "schema");
    put_any_text(writer);
}

static void put_body(struct json_writer *writer, const struct route *route)
{
    if (!route->body && route->raw_body == HTTP_BODY_NONE)
        return;
    begin(writer, "requestBody");
    json_put_bool(writer, "required", true);
    if (route->body) {
        begin_content(writer, "application/json");
        put_schema(writer, route->body);
    } else {
        begin_content(writer, route->raw_type ? route->raw_type : "application/octet-stream");
        put_any_text(writer);
    }
    if (route->body && route->raw_body != HTTP_BODY_NONE)
        put_more_content(writer, route->raw_type);
    end_content(writer);
    json_end_object(writer);
}

static void put_list_schema(struct json_writer *writer, const struct schema *item)
{
    json_begin_object(writer);
    put(writer, "type", "object");
    json_key(writer, "required");
    json_begin_array(writer);
    json_add_str(writer, STR("items"));
    json_add_str(writer, STR("next"));
    json_end_array(writer);
    begin(writer, "properties");
    begin(writer, "items");
    put(writer, "type", "array");
    json_key(writer, "items");
    put_schema(writer, item);
    json_end_object(writer);
    begin(writer, "next");
    json_key(writer, "type");
    json_begin_array(writer);
    json_add_str(writer, STR("string"));
    json_add_str(writer, STR("null"));
    json_end_array(writer);
    put(writer, "description", "Cursor of the next page; null on the last one.");
    json_end_object(writer);
    json_end_object(writer);
    json_end_object(writer);
}

static void put_success(struct json_writer *writer, const struct route *route)
{
    struct arena *arena = writer->buf->arena;
    int status = route->success ? route->success : 200;
    json_key(writer, arena_cstr(arena, arena_format(arena, "%d", status)));
    json_begin_object(writer);
    put(writer, "description", status == 201 ? "Created." : status == 204 ? "Done." : "OK.");
    if (status != 204) {
        begin_content(writer, route->answer_type ? route->answer_type : "application/json");
        if (route->answer && route->answers_list)
            put_list_schema(writer, route->answer);
        else if (route->answer)
            put_schema(writer, route->answer);
        else if (route->answer_type)
            put_any_text(writer);
        else {
            json_begin_object(writer);
            put(writer, "type", "object");
            json_end_object(writer);
        }
        end_content(writer);
    }
    json_end_object(writer);
}

static void put_answers(struct json_writer *writer, const struct route *route)
{
    begin(writer, "responses");
    put_success(writer, route);
    json_key(writer, "4XX");
    put_reference(writer, "responses", "Problem");
    json_key(writer, "5XX");
    put_reference(writer, "responses", "Problem");
    json_end_object(writer);
}

static void put_security(struct json_writer *writer, const struct route *route)
{
    json_key(writer, "security");
    json_begin_array(writer);
    if (route->roles & ROLE_PUBLIC) {
        json_begin_object(writer);
        json_end_object(writer);
    }
    if (route->roles & ROLES_SIGNED_IN) {
        json_begin_object(writer);
        json_key(writer, "token");
        json_begin_array(writer);
        json_end_array(writer);
        json_end_object(writer);
        json_begin_object(writer);
        json_key(writer, "session");
        json_begin_array(writer);
        json_end_array(writer);
        json_end_object(writer);
    }
    json_end_array(writer);
}

/* For programs that ask before they call, and for the test that walks every role. */
static void put_rights(struct json_writer *writer, const struct route *route)
{
    json_key(writer, "x-roles");
    json_begin_array(writer);
    for (unsigned role = ROLE_PUBLIC; role <= ROLE_ADMIN; role <<= 1)
        if (route->roles & role)
            json_add_str(writer, str_from_c(role_name((enum role)role)));
    json_end_array(writer);
    put(writer, "x-scope", scope_name(route->scope));
}

static struct str describe(const struct route *route, struct arena *arena)
{
    struct buf text;
    buf_init(&text, arena, 4096);
    if (route->notes)
        buf_format(&text, "%s\n\n", route->notes);
    buf_add(&text, STR("Roles: "));
    const char *comma = "";
    for (unsigned role = ROLE_PUBLIC; role <= ROLE_ADMIN; role <<= 1) {
        if (!(route->roles & role))
            continue;
        buf_format(&text, "%s%s", comma,
                   role == ROLE_PUBLIC ? "anyone" : role_name((enum role)role));
        comma = ", ";
    }
    buf_format(&text, ". Token scope: %s.", scope_name(route->scope));
    return buf_str(&text);
}

static void put_operation(struct json_writer *writer, const struct route *route)
{
    char method[8] = "";
    for (size_t i = 0; route->method[i] && i + 1 < sizeof(method); i++)
        method[i] = (char)tolower((unsigned char)route->method[i]);
    begin(writer, method);
    put(writer, "operationId", route->id);
    put(writer, "summary", route->summary);
    json_put_str(writer, "description", describe(route, writer->buf->arena));
    json_key(writer, "tags");
    json_begin_array(writer);
    json_add_str(writer, str_from_c(route->tag));
    json_end_array(writer);
    put_rights(writer, route);
    put_security(writer, route);
    put_parameters(writer, route);
    put_body(writer, route);
    put_answers(writer, route);
    json_end_object(writer);
}

/* ---- the document ---- */

static bool seen_before(size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (strcmp(route_at(i)->path, route_at(index)->path) == 0)
            return true;
    return false;
}

static void put_paths(struct json_writer *writer)
{
    begin(writer, "paths");
    for (size_t i = 0; i < route_count(); i++) {
        if (seen_before(i))
            continue;
        json_key(writer, route_at(i)->path);
        json_begin_object(writer);
        for (size_t j = i; j < route_count(); j++)
            if (strcmp(route_at(i)->path, route_at(j)->path) == 0)
                put_operation(writer, route_at(j));
        json_end_object(writer);
    }
    json_end_object(writer);
}

static void collect_schema(struct json_writer *writer, struct map *seen,
                           const struct schema *schema)
{
    if (!schema || (schema->name && map_find(seen, str_from_c(schema->name))))
        return;
    if (schema->name) {
        map_put(seen, str_from_c(schema->name), (void *)(uintptr_t)schema);
        json_key(writer, schema->name);
        schema_render(schema, writer);
    }
    for (size_t i = 0; i < schema->count; i++)
        collect_schema(writer, seen, schema->fields[i].schema);
}

static const struct field problem_fields[] = {
    {.name = "type", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "title", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "status", .type = FIELD_INT, .flags = FIELD_REQUIRED},
    {.name = "code",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "For programs: stays the same when the sentence is improved."},
    {.name = "detail",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "One sentence for people."},
    {.name = "field", .type = FIELD_TEXT, .help = "The field that is to blame."},
    {.name = "column", .type = FIELD_TEXT},
    {.name = "row", .type = FIELD_INT},
    {.name = "request_id", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
};
static const struct schema problem_schema =
    SCHEMA("Problem", "Why a request failed (RFC 9457).", problem_fields);

static void put_schemas(struct json_writer *writer)
{
    struct map seen;
    map_init(&seen, writer->buf->arena, 0);
    begin(writer, "schemas");
    collect_schema(writer, &seen, &problem_schema);
    for (size_t i = 0; i < route_count(); i++) {
        collect_schema(writer, &seen, route_at(i)->body);
        collect_schema(writer, &seen, route_at(i)->answer);
    }
    json_end_object(writer);
}

static void put_header_parameter(struct json_writer *writer, const char *key, const char *header,
                                 const char *help)
{
    begin(writer, key);
    put(writer, "name", header);
    put(writer, "in", "header");
    json_put_bool(writer, "required", strcmp(header, "If-Match") == 0);
    put(writer, "description", help);
    begin(writer, "schema");
    put(writer, "type", "string");
    json_end_object(writer);
    json_end_object(writer);
}

static void put_components(struct json_writer *writer)
{
    begin(writer, "components");
    begin(writer, "securitySchemes");
    begin(writer, "token");
    put(writer, "type", "http");
    put(writer, "scheme", "bearer");
    json_end_object(writer);
    begin(writer, "session");
    put(writer, "type", "apiKey");
    put(writer, "in", "cookie");
    put(writer, "name", ACCOUNT_SESSION_COOKIE);
    json_end_object(writer);
    json_end_object(writer);
    begin(writer, "parameters");
    put_header_parameter(writer, "IfMatch", "If-Match",
                         "The ETag of the version that was changed.");
    put_header_parameter(
        writer, "IdempotencyKey", "Idempotency-Key",
        "A repeated call with the same key gets the first answer and counts once.");
    json_end_object(writer);
    begin(writer, "responses");
    begin(writer, "Problem");
    put(writer, "description", "The request failed and changed nothing.");
    begin_content(writer, "application/problem+json");
    put_reference(writer, "schemas", "Problem");
    end_content(writer);
    json_end_object(writer);
    json_end_object(writer);
    put_schemas(writer);
    json_end_object(writer);
}

static void put_info(struct json_writer *writer)
{
    put(writer, "openapi", "3.1.0");
    begin(writer, "info");
    put(writer, "title", "Rapport");
    put(writer, "version", RAPPORT_VERSION);
    put(writer, "summary", "Partner relationship management that a company runs itself.");
    put(writer, "description",
        "Money travels as decimal strings beside a currency, ids and cursors as strings, times as "
        "RFC 3339. "
        "Lists are pages: pass `next` as `cursor`. Updates need `If-Match`. Errors are problems "
        "(RFC 9457).");
    begin(writer, "license");
    put(writer, "name", "Apache-2.0");
    put(writer, "identifier", "Apache-2.0");
    json_end_object(writer);
    json_end_object(writer);
    json_key(writer, "servers");
    json_begin_array(writer);
    json_begin_object(writer);
    put(writer, "url", "/");
    json_end_object(writer);
    json_end_array(writer);
}

struct str openapi_render(struct arena *arena)
{
    struct buf buf;
    struct json_writer writer;
    buf_init(&buf, arena, DOCUMENT_BYTES_MAX);
    json_writer_init(&writer, &buf);
    json_begin_object(&writer);
    put_info(&writer);
    put_paths(&writer);
    put_components(&writer);
    json_end_object(&writer);
    return buf_str(&buf);
}

static struct responded get_openapi(struct ctx *ctx, struct request *request)
{
    return respond_text(ctx, request, 200, "application/json", openapi_render(ctx->arena));
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/openapi.json", ROLES_ANYONE, SCOPE_NONE, ACCESS_NONE, .id = "getOpenapi",
          .summary = "This document", .tag = "Service", .handle = get_openapi),
};
const struct route_table openapi_routes = {routes, ARRAY_LEN(routes)};
