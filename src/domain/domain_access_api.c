/* Routes of requests for access. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/domain/domain_access.h"

static const struct field ask_fields[] = {
    {.name = "email", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 254},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = LIMIT_NAME_BYTES},
    {.name = "password",
     .type = FIELD_SECRET,
     .flags = FIELD_REQUIRED,
     .max = PASSWORD_MAX_LEN,
     .help = "To sign in with once they are let in."},
};
static const struct schema ask_schema = SCHEMA("AccessAsk", NULL, ask_fields);

static const struct field told_fields[] = {
    {.name = "message", .type = FIELD_TEXT, .flags = FIELD_REQUIRED, .help = "What happens now."},
};
static const struct schema told_schema = SCHEMA(
    "AccessTold", "The same for everybody: it says nothing of partners and users.", told_fields);

static const struct field request_fields[] = {
    {.name = "id", .type = FIELD_ID, .prefix = "acr", .flags = FIELD_REQUIRED},
    {.name = "partner_id", .type = FIELD_ID, .prefix = "ptn", .flags = FIELD_REQUIRED},
    {.name = "partner_name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "domain", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "email",
     .type = FIELD_TEXT,
     .flags = FIELD_REQUIRED,
     .help = "As they gave it: nobody has checked that it is theirs."},
    {.name = "name", .type = FIELD_TEXT, .flags = FIELD_REQUIRED},
    {.name = "asked_at", .type = FIELD_TIME, .flags = FIELD_REQUIRED},
};
static const struct schema request_schema =
    SCHEMA("AccessRequest", "Somebody who asks for access to a partner's page.", request_fields);

static const struct field list_fields[] = {
    {.name = "partner", .type = FIELD_ID, .prefix = "ptn", .help = "Only those of this partner."},
};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);

/* On the slow lane: hashing takes long. The same work whatever becomes of it. */
static enum err hash_password(struct ctx *ctx, struct request *request)
{
    struct str *hash = ARENA_NEW(ctx->arena, struct str);
    TRY(account_limit(ctx, form_text(request->body, "email"), http_client(request->exchange)));
    TRY(user_hash_password(ctx, form_text(request->body, "password"), hash));
    request->input = hash;
    return OK;
}

static struct responded post_ask(struct ctx *ctx, struct request *request)
{
    const struct str *hash = request->input;
    struct access_draft draft = {.email = form_text(request->body, "email"),
                                 .name = form_text(request->body, "name"),
                                 .hash = *hash};
    if (access_ask(ctx, &draft) != OK)
        return respond_fault(ctx, request);
    json_begin_object(&request->json);
    json_put_str(&request->json, "message",
                 STR("If your company's domain is known here, somebody will look at this. You can "
                     "sign in once you are let in."));
    json_end_object(&request->json);
    return respond_json(ctx, request, 202);
}

static void render(const struct access_request *row, struct json_writer *writer)
{
    struct arena *arena = writer->buf->arena;
    json_begin_object(writer);
    json_put_str(writer, "id", access_id_text(row->id, arena));
    json_put_str(writer, "partner_id", partner_id_text(row->partner, arena));
    json_put_str(writer, "partner_name", row->partner_name);
    json_put_str(writer, "domain", row->domain);
    json_put_str(writer, "email", row->email);
    json_put_str(writer, "name", row->name);
    json_put_time(writer, "asked_at", row->asked_ms);
    json_end_object(writer);
}

static struct responded get_list(struct ctx *ctx, struct request *request)
{
    struct partner_id partner = {form_int_or(request->query, "partner", 0)};
    struct access_requests found;
    if (access_list(ctx, partner, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        render(&found.rows[i], &request->json);
    respond_list_end(request, STR(""));
    return respond_json(ctx, request, 200);
}

static struct responded post_admit(struct ctx *ctx, struct request *request)
{
    struct access_id id;
    struct user user;
    if (REQUEST_ID(ctx, request, "id", access, &id) != OK || access_admit(ctx, id, &user) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

static struct responded post_refuse(struct ctx *ctx, struct request *request)
{
    struct access_id id;
    if (REQUEST_ID(ctx, request, "id", access, &id) != OK || access_refuse(ctx, id) != OK)
        return respond_fault(ctx, request);
    return respond_empty(ctx, request);
}

#define LIST "/api/v1/access-requests"
static const struct route routes[] = {
    ROUTE("POST", LIST, ROLES_ANYONE, SCOPE_NONE, ACCESS_WRITE, .id = "askForAccess",
          .summary = "Ask for access to one's company's page", .tag = "DNS",
          .notes =
              "For people with a mail address in a domain that a partner has proven, where the "
              "administrator allows it (`admit`). Somebody of the vendor lets them in. The "
              "answer is the same for everybody.",
          .body = &ask_schema, .answer = &told_schema, .success = 202, .lane = HTTP_SLOW,
          .holds_secret = true, .prepare = hash_password, .handle = post_ask),
    ROUTE("GET", LIST, ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "listAccessRequests",
          .summary = "Who asks for access", .tag = "DNS", .notes = "Oldest first.",
          .query = &list_query, .answer = &request_schema, .answers_list = true, .success = 200,
          .handle = get_list),
    ROUTE("POST", LIST "/{id}/admit", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "admitAccess", .summary = "Let somebody in", .tag = "DNS",
          .notes = "A user of the partner, with the password that they chose. Nobody has checked "
                   "that the address is theirs: ask the partner's contact first.",
          .success = 204, .handle = post_admit),
    ROUTE("POST", LIST "/{id}/refuse", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_WRITE,
          .id = "refuseAccess", .summary = "Do not let somebody in", .tag = "DNS", .success = 204,
          .handle = post_refuse),
};
const struct route_table domain_access_routes = {routes, ARRAY_LEN(routes)};
