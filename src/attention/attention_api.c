/* Routes of what needs attention. */
#include "src/attention/attention_view.h"
#include "src/core/limits.h"
#include "src/core/route.h"

#define MANAGER_FIELD                                                  \
    {                                                                  \
        .name = "manager", .type = FIELD_ID, .prefix = "usr",          \
        .help = "Only partners of this manager; imports are nobody's." \
    }
static const struct field list_fields[] = {
    PAGE_FIELDS,
    MANAGER_FIELD,
    {.name = "reasons",
     .type = FIELD_TEXTS,
     .names = attention_reason_names,
     .max = 40,
     .max_items = ATTENTION_REASON_COUNT,
     .help = "Only items with one of these, separated by commas.",
     .example = "silent,falling"},
};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);
static const struct field summary_fields[] = {MANAGER_FIELD};
static const struct schema summary_query = SCHEMA(NULL, NULL, summary_fields);

static enum err read_filter(struct ctx *ctx, const struct form *form,
                            struct attention_filter *filter)
{
    const struct form_value *codes = form_get(form, "reasons");
    filter->manager.v = form_int_or(form, "manager", 0);
    for (size_t i = 0; i < codes->count; i++)
        TRY(attention_want(ctx, codes->texts[i], &filter->reasons));
    return OK;
}

static struct responded get_list(struct ctx *ctx, struct request *request)
{
    struct attention_filter filter = {0};
    struct attention_page found;
    struct page page;
    if (read_filter(ctx, request->query, &filter) != OK ||
        page_from_form(ctx, request->query, ATTENTION_ORDER, &page) != OK ||
        attention_list(ctx, &filter, &page, &found) != OK)
        return respond_fault(ctx, request);
    respond_list_begin(request);
    for (size_t i = 0; i < found.count; i++)
        attention_item_render(ctx, &found.basis, &found.rows[i], &request->json);
    respond_list_end(request, found.next);
    return respond_json(ctx, request, 200);
}

static struct responded get_summary(struct ctx *ctx, struct request *request)
{
    struct user_id manager = {form_int_or(request->query, "manager", 0)};
    struct attention_summary summary;
    enum err err = attention_summarise(ctx, manager, &summary);
    if (err == OK)
        attention_summary_render(&summary, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/attention", ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "listAttention",
          .summary = "Who needs attention, and why", .tag = "Metrics",
          .notes = "Partners that are silent longer than usual for them, whose sales fall, that "
                   "nobody acted for or that may be doubles, and imports with rows that belong to "
                   "nobody or were refused. Most urgent first: by what is at stake, then by a "
                   "year's sales.",
          .query = &list_query, .answer = &attention_item_schema, .answers_list = true,
          .success = 200, .handle = get_list),
    ROUTE("GET", "/api/v1/attention/summary", ROLES_STAFF, SCOPE_READ, ACCESS_READ,
          .id = "getAttentionSummary", .summary = "How many need attention, by reason",
          .tag = "Metrics",
          .notes = "With the formula of each reason, the day by which it is reckoned, and what "
                   "cannot be judged because no source delivers it.",
          .query = &summary_query, .answer = &attention_summary_schema, .success = 200,
          .handle = get_summary),
};
const struct route_table attention_routes = {routes, ARRAY_LEN(routes)};
