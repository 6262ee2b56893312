/* Routes of the channel's domains: list, history, settings, and the check of many. */
#include "src/core/limits.h"
#include "src/core/route.h"
#include "src/domain/domain_view.h"

/* ---- lists ---- */

static const struct field list_fields[] = {
    PAGE_FIELDS,
    {.name = "verdict", .type = FIELD_ENUM, .names = domain_verdict_names},
    {.name = "unchecked", .type = FIELD_BOOL, .help = "Only those that were never checked."},
    {.name = "alarmed", .type = FIELD_BOOL, .help = "Only those that need attention."},
    {.name = "manager", .type = FIELD_ID, .prefix = "usr", .help = "Only this manager's partners."},
};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);
static const struct field page_fields[] = {PAGE_FIELDS};
static const struct schema page_query = SCHEMA(NULL, NULL, page_fields);

static struct responded get_list(struct ctx *ctx, struct request *request)
{
    struct domain_filter filter = {
        .verdict = (int)form_int_or(request->query, "verdict", -1),
        .unchecked = form_int_or(request->query, "unchecked", 0),
        .alarmed = form_int_or(request->query, "alarmed", 0),
        .manager = {form_int_or(request->query, "manager", 0)},
    };
    struct domain_state_page found;
    struct page page;
    if (page_from_form(ctx, request->query, DOMAIN_ORDER, &page) != OK ||
        domain_list(ctx, &filter, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        domain_row_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded get_summary(struct ctx *ctx, struct request *request)
{
    struct domain_summary summary;
    enum err err = domain_summarise(ctx, &summary);
    if (err == OK)
        domain_summary_render(&summary, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static struct responded answer_changes(struct ctx *ctx, struct request *request,
                                       struct partner_id partner)
{
    struct domain_change_page found;
    struct page page;
    if (page_from_form(ctx, request->query, DOMAIN_CHANGE_ORDER, &page) != OK ||
        domain_changes(ctx, partner, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        domain_change_render(&found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded get_changes(struct ctx *ctx, struct request *request)
{
    return answer_changes(ctx, request, (struct partner_id){0});
}

static struct responded get_partner_changes(struct ctx *ctx, struct request *request)
{
    struct partner_id partner;
    if (REQUEST_ID(ctx, request, "id", partner, &partner) != OK)
        return respond_fault(ctx, request);
    return answer_changes(ctx, request, partner);
}

/* ---- settings ---- */

static struct responded answer_settings(struct ctx *ctx, struct request *request,
                                        const struct domain_settings *settings)
{
    domain_settings_render(settings, &request->json);
    return respond_versioned(ctx, request, 200, settings->version);
}

static struct responded get_settings(struct ctx *ctx, struct request *request)
{
    struct domain_settings settings;
    if (domain_settings_get(ctx, &settings) != OK)
        return respond_fault(ctx, request);
    return answer_settings(ctx, request, &settings);
}

static enum err read_roots(struct ctx *ctx, const struct form *form,
                           struct domain_settings *settings)
{
    const struct form_value *roots = form_get(form, "roots");
    if (!roots->given)
        return OK;
    settings->root_count = 0;
    for (size_t i = 0; i < roots->count && i < DOMAIN_ROOTS_MAX; i++)
        if (!dns_address_parse(roots->texts[i], (uint16_t)settings->port,
                               &settings->roots[settings->root_count++]))
            return CTX_FAULT_FIELD(ctx, ERR_INVALID, "root_invalid", "roots",
                                   "\"%.*s\" is no address.", STR_ARG(roots->texts[i]));
    return OK;
}

static enum err change_settings(struct ctx *ctx, struct request *request,
                                struct domain_settings *settings)
{
    const struct form *form = request->body;
    int64_t version;
    TRY(request_version(ctx, request, &version));
    TRY(domain_settings_get(ctx, settings));
    settings->version = version;
    settings->watch = form_int_or(form, "watch", settings->watch);
    settings->fill = form_int_or(form, "fill", settings->fill);
    settings->admit = form_int_or(form, "admit", settings->admit);
    settings->allow_private = form_int_or(form, "allow_private", settings->allow_private);
    settings->every_hours = form_int_or(form, "every_hours", settings->every_hours);
    settings->per_second = form_int_or(form, "per_second", settings->per_second);
    settings->port = form_int_or(form, "port", settings->port);
    TRY(read_roots(ctx, form, settings));
    return domain_settings_set(ctx, settings, settings);
}

static struct responded patch_settings(struct ctx *ctx, struct request *request)
{
    struct domain_settings settings;
    if (change_settings(ctx, request, &settings) != OK)
        return respond_fault(ctx, request);
    return answer_settings(ctx, request, &settings);
}

/* ---- a check of many ---- */

static const struct field run_fields[] = {
    {.name = "partner_ids",
     .type = FIELD_IDS,
     .prefix = "ptn",
     .max_items = LIMIT_BULK_PARTNERS,
     .help = "Default: every partner that has a domain and is not archived."},
};
static const struct schema run_body = SCHEMA("DomainRunRequest", NULL, run_fields);

static struct responded answer_run(struct ctx *ctx, struct request *request, int status)
{
    struct domain_run run = {.total = 0};
    if (ctx->services->domain)
        domain_run_get(ctx->services->domain, &run);
    domain_run_render(&run, &request->json);
    return respond_json(ctx, request, status);
}

static struct responded get_run(struct ctx *ctx, struct request *request)
{
    return answer_run(ctx, request, 200);
}

static enum err start_run(struct ctx *ctx, const struct form *form)
{
    const struct form_value *given = form_get(form, "partner_ids");
    struct partner_id *ids;
    size_t count = given->count;
    if (!ctx->services->domain)
        return CTX_FAULT(ctx, ERR_BUSY, "no_service", "The server is starting; try again.");
    if (given->given) {
        ids = ARENA_ARRAY(ctx->arena, struct partner_id, count);
        for (size_t i = 0; i < count; i++)
            ids[i].v = given->ids[i];
    } else {
        TRY(domain_run_list(ctx, false, &ids, &count));
    }
    return domain_run_start(ctx, ctx->services->domain, ids, count);
}

static struct responded post_run(struct ctx *ctx, struct request *request)
{
    if (start_run(ctx, request->body) != OK)
        return respond_fault(ctx, request);
    return answer_run(ctx, request, 202);
}

static struct responded delete_run(struct ctx *ctx, struct request *request)
{
    if (ctx->services->domain)
        domain_run_stop(ctx->services->domain);
    return answer_run(ctx, request, 200);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/dns", ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "listDomains",
          .summary = "The partners' domains", .tag = "DNS",
          .notes = "Partners with a domain, by name, with the last check of each.",
          .query = &list_query, .answer = &domain_row_schema, .answers_list = true, .success = 200,
          .handle = get_list),
    ROUTE("GET", "/api/v1/dns/summary", ROLES_STAFF, SCOPE_READ, ACCESS_READ,
          .id = "getDomainSummary", .summary = "How many domains have which verdict", .tag = "DNS",
          .answer = &domain_summary_schema, .success = 200, .handle = get_summary),
    ROUTE("GET", "/api/v1/dns/changes", ROLES_STAFF, SCOPE_READ, ACCESS_READ,
          .id = "listDomainChanges", .summary = "What changed at domains", .tag = "DNS",
          .notes = "Newest first.", .query = &page_query, .answer = &domain_change_schema,
          .answers_list = true, .success = 200, .handle = get_changes),
    ROUTE("GET", "/api/v1/partners/{id}/dns/changes", ROLES_SIGNED_IN, SCOPE_READ, ACCESS_READ,
          .id = "listPartnerDnsChanges", .summary = "What changed at a partner's domain",
          .tag = "DNS", .notes = "Newest first.", .query = &page_query,
          .answer = &domain_change_schema, .answers_list = true, .success = 200,
          .handle = get_partner_changes),
    ROUTE("GET", "/api/v1/dns/settings", ROLES_STAFF, SCOPE_READ, ACCESS_READ,
          .id = "getDomainSettings", .summary = "How domains are checked", .tag = "DNS",
          .answer = &domain_settings_schema, .success = 200, .handle = get_settings),
    ROUTE("PATCH", "/api/v1/dns/settings", ROLES_ADMIN, SCOPE_ADMINISTRATION, ACCESS_WRITE,
          .id = "updateDomainSettings", .summary = "Change how domains are checked", .tag = "DNS",
          .body = &domain_settings_schema, .answer = &domain_settings_schema, .success = 200,
          .needs_version = true, .handle = patch_settings),
    ROUTE("GET", "/api/v1/dns/run", ROLES_STAFF, SCOPE_READ, ACCESS_NONE, .id = "getDomainRun",
          .summary = "The check of many partners, and how far it is", .tag = "DNS",
          .answer = &domain_run_schema, .success = 200, .handle = get_run),
    ROUTE("POST", "/api/v1/dns/run", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_READ,
          .id = "startDomainRun", .summary = "Check many partners", .tag = "DNS",
          .notes = "One at a time; what is found is kept with each partner.", .body = &run_body,
          .answer = &domain_run_schema, .success = 202, .handle = post_run),
    ROUTE("DELETE", "/api/v1/dns/run", ROLES_MANAGE, SCOPE_DIRECTORY, ACCESS_NONE,
          .id = "stopDomainRun", .summary = "Stop the check of many partners", .tag = "DNS",
          .notes = "What is found already stays.", .answer = &domain_run_schema, .success = 200,
          .handle = delete_run),
};
const struct route_table domain_list_routes = {routes, ARRAY_LEN(routes)};
