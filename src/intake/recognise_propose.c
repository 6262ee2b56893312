/*
 * Proposes a mapping. What the rows are is told by the columns that are there: an order number and
 * a date make orders, a stage makes deals, a direction or duration makes calls, an address or phone
 * beside a company makes partners.
 */
#include <string.h>

#include "src/core/limits.h"
#include "src/intake/recognise_proposal.h"

/* All proposals share a source, so that an order file finds the partners of a partner file. */
#define PROPOSAL_SOURCE "files"

static struct str person_value(struct proposal *proposal)
{
    if (!proposal_has(proposal, COLUMN_LAST_NAME))
        return PROPOSAL_VALUE(proposal, COLUMN_PERSON_NAME, COLUMN_FIRST_NAME);
    struct str first = PROPOSAL_VALUE(proposal, COLUMN_FIRST_NAME),
               last = PROPOSAL_VALUE(proposal, COLUMN_LAST_NAME);
    return arena_format(proposal->arena, "%.*s%s%.*s", STR_ARG(first), first.len ? " " : "",
                        STR_ARG(last));
}

/* ---- deals ---- */

static struct str deal_date(struct proposal *proposal)
{
    return PROPOSAL_VALUE(proposal, COLUMN_CLOSE_DATE, COLUMN_DATE);
}

static bool are_deals(struct proposal *proposal)
{
    return proposal_has(proposal, COLUMN_DEAL_STAGE) && proposal_partner(proposal).len &&
           deal_date(proposal).len &&
           PROPOSAL_VALUE(proposal, COLUMN_KEY, COLUMN_DEAL_NAME, COLUMN_NAME).len;
}

static void put_deal(struct proposal *proposal, const char *kind, const char *stages, struct str at)
{
    struct str key = PROPOSAL_VALUE(proposal, COLUMN_KEY, COLUMN_DEAL_NAME, COLUMN_NAME);
    proposal_begin_record(proposal, arena_format(proposal->arena, "deal.%s", kind).ptr);
    if (stages) {
        json_put_bool(&proposal->writer, "withdraws", true);
        proposal_put_when(proposal, PROPOSAL_VALUE(proposal, COLUMN_DEAL_STAGE), "is", stages);
    }
    proposal_begin_fields(proposal);
    proposal_put(proposal, "external",
                 arena_format(proposal->arena, "deal/%.*s/%s", STR_ARG(key), kind));
    proposal_put(proposal, "partner", proposal_partner(proposal));
    proposal_put(proposal, "at", at);
    proposal_put(proposal, "amount",
                 PROPOSAL_VALUE(proposal, COLUMN_AMOUNT, COLUMN_LINE_TOTAL, COLUMN_ORDER_TOTAL));
    proposal_put(proposal, "currency", PROPOSAL_VALUE(proposal, COLUMN_CURRENCY));
    proposal_put(proposal, "ref", key);
    proposal_put(proposal, "note", PROPOSAL_VALUE(proposal, COLUMN_DEAL_NAME, COLUMN_NAME));
    proposal_end_record(proposal);
}

static void put_deals(struct proposal *proposal)
{
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    if (proposal_has(proposal, COLUMN_CREATED_DATE))
        put_deal(proposal, "registered", NULL, PROPOSAL_VALUE(proposal, COLUMN_CREATED_DATE));
    put_deal(proposal, "won", "*won*,*gewonnen*,gagn*,*ganad*", deal_date(proposal));
    put_deal(proposal, "lost", "*lost*,*verloren*,perdu*,*perdid*", deal_date(proposal));
    json_end_array(&proposal->writer);
}

/* ---- calls ---- */

static struct str call_date(struct proposal *proposal)
{
    return PROPOSAL_VALUE(proposal, COLUMN_DATE, COLUMN_CREATED_DATE);
}

static bool are_calls(struct proposal *proposal)
{
    bool is_call =
        proposal_has(proposal, COLUMN_CALL_DIRECTION) || proposal_has(proposal, COLUMN_DURATION);
    return is_call && call_date(proposal).len && proposal_partner(proposal).len;
}

static void put_call(struct proposal *proposal, const char *make, const char *is)
{
    struct str key = PROPOSAL_VALUE(proposal, COLUMN_KEY);
    proposal_begin_record(proposal, make);
    if (is)
        proposal_put_when(proposal, PROPOSAL_VALUE(proposal, COLUMN_CALL_DIRECTION), is,
                          "in,inbound,incoming,ein*");
    proposal_begin_fields(proposal);
    if (key.len)
        proposal_put(proposal, "external",
                     arena_format(proposal->arena, "call/%.*s", STR_ARG(key)));
    proposal_put(proposal, "partner", proposal_partner(proposal));
    proposal_put(proposal, "at", call_date(proposal));
    proposal_put(proposal, "quantity", PROPOSAL_VALUE(proposal, COLUMN_DURATION));
    proposal_put(proposal, "note", PROPOSAL_VALUE(proposal, COLUMN_NOTE));
    proposal_end_record(proposal);
}

static void put_calls(struct proposal *proposal)
{
    bool has_direction = proposal_has(proposal, COLUMN_CALL_DIRECTION);
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    put_call(proposal, "call.made", has_direction ? "is_not" : NULL);
    if (has_direction)
        put_call(proposal, "call.received", "is");
    json_end_array(&proposal->writer);
}

/* ---- products ---- */

static bool are_products(struct proposal *proposal)
{
    bool says_more =
        proposal_has(proposal, COLUMN_CATEGORY) || proposal_has(proposal, COLUMN_UNIT_COST) ||
        proposal_has(proposal, COLUMN_COST) || proposal_has(proposal, COLUMN_UNIT_PRICE);
    return says_more && proposal_product(proposal).len && !proposal_partner(proposal).len;
}

static void put_products(struct proposal *proposal)
{
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    proposal_begin_record(proposal, "product");
    proposal_begin_fields(proposal);
    proposal_put(proposal, "external", PROPOSAL_VALUE(proposal, COLUMN_PRODUCT_KEY, COLUMN_KEY));
    proposal_put(proposal, "name",
                 PROPOSAL_VALUE(proposal, COLUMN_PRODUCT_NAME, COLUMN_NAME, COLUMN_PRODUCT_KEY));
    proposal_put(proposal, "category", PROPOSAL_VALUE(proposal, COLUMN_CATEGORY));
    proposal_put(proposal, "subcategory", PROPOSAL_VALUE(proposal, COLUMN_SUBCATEGORY));
    proposal_put(proposal, "cost", PROPOSAL_VALUE(proposal, COLUMN_UNIT_COST, COLUMN_COST));
    proposal_put(proposal, "currency", PROPOSAL_VALUE(proposal, COLUMN_CURRENCY));
    proposal_end_record(proposal);
    json_end_array(&proposal->writer);
}

/* ---- partners and contacts ---- */

static bool has_person(struct proposal *proposal)
{
    return person_value(proposal).len || proposal_has(proposal, COLUMN_EMAIL);
}

/* A name beside a first and a last one is a person's. */
static bool are_partners(struct proposal *proposal)
{
    bool has_name =
        proposal_has(proposal, COLUMN_PARTNER_NAME) ||
        (proposal_has(proposal, COLUMN_NAME) && !proposal_has(proposal, COLUMN_LAST_NAME));
    bool has_phone = proposal_has(proposal, COLUMN_PHONE) || proposal_has(proposal, COLUMN_FAX);
    return has_name &&
           (proposal_has_company_data(proposal) || (has_phone && !person_value(proposal).len));
}

static bool are_contacts(struct proposal *proposal)
{
    return has_person(proposal) && proposal_partner(proposal).len;
}

static void put_contact(struct proposal *proposal, struct str partner, bool has_own_phone)
{
    proposal_begin_record(proposal, "contact");
    proposal_begin_fields(proposal);
    proposal_put(proposal, "partner", partner);
    proposal_put(proposal, "name", person_value(proposal));
    proposal_put(proposal, "title", PROPOSAL_VALUE(proposal, COLUMN_TITLE));
    proposal_put(proposal, "email", PROPOSAL_VALUE(proposal, COLUMN_EMAIL));
    if (has_own_phone)
        proposal_put(proposal, "phone", PROPOSAL_VALUE(proposal, COLUMN_PHONE));
    proposal_put(proposal, "mobile", PROPOSAL_VALUE(proposal, COLUMN_MOBILE));
    proposal_end_record(proposal);
}

static void put_partners(struct proposal *proposal)
{
    struct str key = PROPOSAL_VALUE(proposal, COLUMN_PARTNER_KEY, COLUMN_KEY);
    struct str name = PROPOSAL_VALUE(proposal, COLUMN_PARTNER_NAME, COLUMN_NAME);
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    proposal_begin_partner(proposal, key, name);
    proposal_put(proposal, "currency", PROPOSAL_VALUE(proposal, COLUMN_CURRENCY));
    proposal_put(proposal, "tag", PROPOSAL_VALUE(proposal, COLUMN_TAG));
    proposal_put(proposal, "note", PROPOSAL_VALUE(proposal, COLUMN_NOTE));
    proposal_end_record(proposal);
    if (has_person(proposal))
        put_contact(proposal, key.len ? key : name, false);
    json_end_array(&proposal->writer);
}

static void put_contacts(struct proposal *proposal)
{
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    put_contact(proposal, proposal_partner(proposal), true);
    json_end_array(&proposal->writer);
}

/* ---- the whole ---- */

/* What the rows may be, the more particular first. */
static const struct kind {
    bool (*is)(struct proposal *proposal);
    void (*put)(struct proposal *proposal);
    const char *rows;
    int stage;
} kinds[] = {
    {proposal_are_orders, proposal_put_orders, "orders", 50},
    {are_deals, put_deals, "deals", 40},
    {are_calls, put_calls, "calls", 40},
    {are_products, put_products, "products", 20},
    {proposal_are_sales, proposal_put_sales, "sales without a number, told apart by what they hold",
     50},
    {are_partners, put_partners, "partners", 10},
    {are_contacts, put_contacts, "contacts", 30},
};

static void put_style(struct proposal *proposal)
{
    struct value_hints hints = column_roles_hints(&proposal->roles);
    if (hints.day_first && !hints.month_first)
        proposal_put(proposal, "dates", STR("day_first"));
    else if (hints.month_first && !hints.day_first)
        proposal_put(proposal, "dates", STR("month_first"));
    if (hints.comma && !hints.point)
        proposal_put(proposal, "decimals", STR("comma"));
    else if (hints.point && !hints.comma)
        proposal_put(proposal, "decimals", STR("point"));
}

static void put_columns(struct proposal *proposal)
{
    json_key(&proposal->writer, "columns");
    json_begin_array(&proposal->writer);
    for (int role = 0; role < COLUMN_COUNT; role++)
        if (proposal->used[role])
            json_add_str(&proposal->writer,
                         proposal_column(proposal, (size_t)proposal->roles.columns[role]));
    json_end_array(&proposal->writer);
}

enum { IGNORED_BYTES_MAX = LIMIT_MAPPING_BYTES / 2 };

/* What the mapping makes nothing of, so that nobody thinks it is in; as much as there is room for.
 */
static void put_ignored(struct proposal *proposal)
{
    json_key(&proposal->writer, "ignored");
    json_begin_array(&proposal->writer);
    for (size_t i = 0; i < proposal->roles.file->name_count; i++) {
        bool used = false;
        for (int role = 0; role < COLUMN_COUNT; role++)
            used = used || (proposal->used[role] && proposal->roles.columns[role] == (int)i);
        struct str name = str_slice(proposal->roles.file->names[i], 0, LIMIT_LINE_BYTES);
        if (!used && proposal->writer.buf->len + name.len < IGNORED_BYTES_MAX)
            json_add_str(&proposal->writer, name);
    }
    json_end_array(&proposal->writer);
}

static void begin_mapping(struct proposal *proposal, struct str name, struct str title, int stage)
{
    json_begin_object(&proposal->writer);
    json_put_str(&proposal->writer, "name", name);
    json_put_str(&proposal->writer, "title", title);
    json_put_str(&proposal->writer, "source", STR(PROPOSAL_SOURCE));
    json_put_int(&proposal->writer, "stage", stage);
    put_style(proposal);
    memset(proposal->used, 0, sizeof(proposal->used));
}

static void end_mapping(struct proposal *proposal)
{
    put_columns(proposal);
    put_ignored(proposal);
    json_end_object(&proposal->writer);
}

/* False when the rows are nothing that an import takes. */
static bool propose(struct proposal *proposal, struct str name, const char *by)
{
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!kinds[i].is(proposal))
            continue;
        struct str title =
            arena_format(proposal->arena, "Proposed by %s: rows are %s", by, kinds[i].rows);
        begin_mapping(proposal, name, title, kinds[i].stage);
        kinds[i].put(proposal);
        end_mapping(proposal);
        return true;
    }
    return false;
}

static void begin_proposal(struct proposal *proposal, const struct recognise_file *file,
                           struct buf *buf, struct arena *arena)
{
    *proposal = (struct proposal){.arena = arena};
    buf_init(buf, arena, LIMIT_MAPPING_BYTES);
    json_writer_init(&proposal->writer, buf);
    column_roles_find(file, arena, &proposal->roles);
}

static struct str text_of(const struct buf *buf)
{
    return buf->overflowed ? (struct str){NULL, 0} : buf_str(buf);
}

struct str recognise_propose(const struct recognise_file *file, struct str name,
                             struct arena *arena)
{
    struct buf buf;
    struct proposal proposal;
    begin_proposal(&proposal, file, &buf, arena);
    bool found = propose(&proposal, name, "the names of the columns");
    if (!found) {
        column_roles_guess(&proposal.roles);
        found = propose(&proposal, name, "names of columns and what stands in them");
    }
    return found ? text_of(&buf) : (struct str){NULL, 0};
}

/* The column that holds the partner's name: what is called so, else the first. */
struct str recognise_skeleton(const struct recognise_file *file, struct str name,
                              struct arena *arena)
{
    struct buf buf;
    struct proposal proposal;
    begin_proposal(&proposal, file, &buf, arena);
    column_roles_guess(&proposal.roles);
    if (!PROPOSAL_VALUE(&proposal, COLUMN_PARTNER_NAME, COLUMN_NAME).len) {
        for (int role = 0; role < COLUMN_COUNT; role++)
            if (proposal.roles.columns[role] == 0)
                proposal.roles.columns[role] = -1;
        proposal.roles.columns[COLUMN_NAME] = 0;
    }
    begin_mapping(&proposal, name,
                  STR("Nothing was recognised: say which column is what, and what a row makes"),
                  10);
    put_partners(&proposal);
    end_mapping(&proposal);
    return text_of(&buf);
}
