/* Routes of what needs attention. */
#include "src/attention/attention_view.h"
#include "src/core/limits.h"
#include "src/core/route.h"

/* With any of them there are no imports, which are nobody's. */
#define GROUP_FIELDS                                                                             \
    {.name = "manager", .type = FIELD_ID, .prefix = "usr", .help = "Partners of this manager."}, \
        {.name = "tier", .type = FIELD_TEXT, .help = "Partners of this tier."},                  \
        {.name = "country",                                                                      \
         .type = FIELD_TEXT,                                                                     \
         .min = 2,                                                                               \
         .max = 2,                                                                               \
         .help = "Partners in this country: ISO 3166-1, two letters.",                           \
         .example = "AT"},                                                                       \
    {                                                                                            \
        .name = "tag", .type = FIELD_TEXT, .max = LIMIT_TAG_BYTES, .help = "Partners with it."   \
    }
static const struct field list_fields[] = {
    PAGE_FIELDS,
    GROUP_FIELDS,
    {.name = "reasons",
     .type = FIELD_TEXTS,
     .names = attention_reason_names,
     .max = 40,
     .max_items = ATTENTION_REASON_COUNT,
     .help = "Only items with one of these, separated by commas.",
     .example = "silent,falling"},
};
static const struct schema list_query = SCHEMA(NULL, NULL, list_fields);
static const struct field summary_fields[] = {GROUP_FIELDS};
static const struct schema summary_query = SCHEMA(NULL, NULL, summary_fields);

static struct metric_scope read_group(const struct form *form)
{
    return (struct metric_scope){.manager = {form_int_or(form, "manager", 0)},
                                 .tier = form_text(form, "tier"),
                                 .country = form_text(form, "country"),
                                 .tag = form_text(form, "tag")};
}

static enum err read_filter(struct ctx *ctx, const struct form *form,
                            struct attention_filter *filter)
{
    const struct form_value *codes = form_get(form, "reasons");
    filter->group = read_group(form);
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
    struct metric_scope group = read_group(request->query);
    struct attention_summary summary;
    enum err err = attention_summarise(ctx, &group, &summary);
    if (err == OK)
        attention_summary_render(&summary, &request->json);
    return respond_or_fault(ctx, request, err, 200);
}

static const struct route routes[] = {
    ROUTE("GET", "/api/v1/attention", ROLES_STAFF, SCOPE_READ, ACCESS_READ, .id = "listAttention",
          .summary = "Who needs attention, and why", .tag = "Metrics",
          .notes = "Partners that are silent longer than usual for them, whose sales fall, that "
                   "nobody acted for or that may be doubles, and imports with rows that belong to "
                   "nobody or were refused; of a group, its partners only. Most urgent first: by "
                   "what is at stake, then by a "
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
