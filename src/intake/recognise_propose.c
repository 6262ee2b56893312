/*
 * Proposes a mapping. What the rows are is told by the columns that are there: an order number and
 * a date make orders, a stage makes deals, a direction or duration makes calls, an address or phone
 * beside a company makes partners.
 */
#include <string.h>

#include "src/intake/recognise_columns.h"

/* All proposals share a source, so that an order file finds the partners of a partner file. */
#define PROPOSAL_SOURCE "files"

struct proposal {
    struct arena *arena;
    struct json_writer writer;
    struct column_roles roles;
    bool used[COLUMN_COUNT]; /* stands in a value */
};

static bool has(const struct proposal *proposal, enum column_role role)
{
    return column_roles_have(&proposal->roles, role);
}

/* ---- values ---- */

/* A column's name as a mapping writes it: "a|b" is "a\|b". */
static struct str name_of(const struct proposal *proposal, enum column_role role)
{
    struct buf buf;
    struct str name = proposal->roles.file->names[proposal->roles.columns[role]];
    buf_init(&buf, proposal->arena, 2 * name.len + 1);
    for (size_t i = 0; i < name.len; i++) {
        char c = name.ptr[i];
        if (c == '{' || c == '}' || c == '|' || c == '\\')
            buf_add_char(&buf, '\\');
        buf_add_char(&buf, c);
    }
    return buf_str(&buf);
}

/* "{A}" of the first of the roles that has a column; empty: none has. */
static struct str first_of(struct proposal *proposal, const enum column_role *roles, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!has(proposal, roles[i]))
            continue;
        proposal->used[roles[i]] = true;
        struct str name = name_of(proposal, roles[i]);
        return arena_format(proposal->arena, "{%.*s}", STR_ARG(name));
    }
    return (struct str){NULL, 0};
}
#define VALUE(proposal, ...)                                      \
    first_of((proposal), (const enum column_role[]){__VA_ARGS__}, \
             ARRAY_LEN(((const enum column_role[]){__VA_ARGS__})))

/* "{A|B}": the second where a row has nothing in the first. */
static struct str either_of(struct proposal *proposal, enum column_role first,
                            enum column_role second)
{
    if (!has(proposal, first) || !has(proposal, second))
        return VALUE(proposal, first, second);
    proposal->used[first] = proposal->used[second] = true;
    struct str name = name_of(proposal, first), other = name_of(proposal, second);
    return arena_format(proposal->arena, "{%.*s|%.*s}", STR_ARG(name), STR_ARG(other));
}

static struct str partner_value(struct proposal *proposal)
{
    return either_of(proposal, COLUMN_PARTNER_KEY, COLUMN_PARTNER_NAME);
}

static struct str person_value(struct proposal *proposal)
{
    if (!has(proposal, COLUMN_LAST_NAME))
        return VALUE(proposal, COLUMN_PERSON_NAME, COLUMN_FIRST_NAME);
    struct str first = VALUE(proposal, COLUMN_FIRST_NAME), last = VALUE(proposal, COLUMN_LAST_NAME);
    return arena_format(proposal->arena, "%.*s%s%.*s", STR_ARG(first), first.len ? " " : "",
                        STR_ARG(last));
}

/* ---- writing ---- */

static void put(struct proposal *proposal, const char *field, struct str value)
{
    if (value.len)
        json_put_str(&proposal->writer, field, value);
}

static void begin_record(struct proposal *proposal, const char *make)
{
    json_begin_object(&proposal->writer);
    json_put_str(&proposal->writer, "make", str_from_c(make));
}

static void begin_fields(struct proposal *proposal)
{
    json_key(&proposal->writer, "fields");
    json_begin_object(&proposal->writer);
}

static void end_record(struct proposal *proposal)
{
    json_end_object(&proposal->writer);
    json_end_object(&proposal->writer);
}

/* "when": one condition; `texts` apart by commas. */
static void put_when(struct proposal *proposal, struct str value, const char *is, const char *texts)
{
    struct str rest = str_from_c(texts), text;
    json_key(&proposal->writer, "when");
    json_begin_array(&proposal->writer);
    json_begin_object(&proposal->writer);
    json_put_str(&proposal->writer, "value", value);
    json_key(&proposal->writer, is);
    json_begin_array(&proposal->writer);
    while (str_split(&rest, ',', &text))
        json_add_str(&proposal->writer, text);
    json_end_array(&proposal->writer);
    json_end_object(&proposal->writer);
    json_end_array(&proposal->writer);
}

static void put_money_of_line(struct proposal *proposal)
{
    struct str total = VALUE(proposal, COLUMN_LINE_TOTAL, COLUMN_AMOUNT);
    put(proposal, "amount", total);
    if (!total.len)
        put(proposal, "unit_price", VALUE(proposal, COLUMN_UNIT_PRICE));
    put(proposal, "cost", VALUE(proposal, COLUMN_COST));
    put(proposal, "unit_cost", VALUE(proposal, COLUMN_UNIT_COST));
    put(proposal, "currency", VALUE(proposal, COLUMN_CURRENCY));
}

/* ---- orders ---- */

static struct str order_date(struct proposal *proposal)
{
    return VALUE(proposal, COLUMN_ORDER_DATE, COLUMN_DATE, COLUMN_CREATED_DATE);
}

static bool are_orders(struct proposal *proposal)
{
    bool has_money = has(proposal, COLUMN_ORDER_TOTAL) || has(proposal, COLUMN_LINE_TOTAL) ||
                     has(proposal, COLUMN_AMOUNT) || has(proposal, COLUMN_UNIT_PRICE);
    return has_money && has(proposal, COLUMN_ORDER_NUMBER) && order_date(proposal).len &&
           partner_value(proposal).len;
}

static struct str product_value(struct proposal *proposal)
{
    return either_of(proposal, COLUMN_PRODUCT_KEY, COLUMN_PRODUCT_NAME);
}

static bool are_lines(struct proposal *proposal)
{
    return product_value(proposal).len ||
           column_roles_repeat(&proposal->roles, COLUMN_ORDER_NUMBER);
}

/* An order's total is what the file calls so, else the sum of its lines. */
static void put_order_money(struct proposal *proposal)
{
    struct str total = VALUE(proposal, COLUMN_ORDER_TOTAL);
    struct str line = VALUE(proposal, COLUMN_LINE_TOTAL, COLUMN_AMOUNT);
    struct str quantity = VALUE(proposal, COLUMN_QUANTITY);
    bool is_sum = are_lines(proposal);
    if (line.len && (is_sum || !total.len))
        put(proposal, is_sum ? "sum" : "amount", line);
    else if (total.len)
        put(proposal, "amount", total);
    else
        put(proposal, "unit_price", VALUE(proposal, COLUMN_UNIT_PRICE));
    /* A total that stands on every line must not be added up with the units. */
    bool is_total_once = is_sum && total.len && !line.len;
    if (!is_total_once)
        put(proposal, is_sum ? "sum_quantity" : "quantity", quantity);
    put(proposal, "currency", VALUE(proposal, COLUMN_CURRENCY));
}

static void put_order_heading(struct proposal *proposal, const char *make)
{
    begin_record(proposal, make);
    if (!has(proposal, COLUMN_ORDER_STATUS))
        return;
    json_put_bool(&proposal->writer, "withdraws", true);
    put_when(proposal, VALUE(proposal, COLUMN_ORDER_STATUS), "is_not",
             "*cancel*,draft,void*,refunded,*storn*,annul*");
}

static void put_item(struct proposal *proposal)
{
    struct str order = VALUE(proposal, COLUMN_ORDER_NUMBER), product = product_value(proposal);
    put_order_heading(proposal, "item");
    begin_fields(proposal);
    put(proposal, "external",
        arena_format(proposal->arena, "%.*s/%.*s", STR_ARG(order), STR_ARG(product)));
    put(proposal, "partner", partner_value(proposal));
    put(proposal, "at", order_date(proposal));
    put(proposal, "product", product);
    put(proposal, "quantity", VALUE(proposal, COLUMN_QUANTITY));
    put_money_of_line(proposal);
    put(proposal, "ref", order);
    end_record(proposal);
}

static void put_orders(struct proposal *proposal)
{
    struct str order = VALUE(proposal, COLUMN_ORDER_NUMBER);
    bool is_lines = are_lines(proposal);
    put(proposal, "group", is_lines ? order : (struct str){NULL, 0});
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    put_order_heading(proposal, "order");
    if (is_lines)
        json_put_bool(&proposal->writer, "once", true);
    begin_fields(proposal);
    put(proposal, "external", order);
    put(proposal, "partner", partner_value(proposal));
    put(proposal, "at", order_date(proposal));
    put_order_money(proposal);
    put(proposal, "ref", order);
    put(proposal, "note", VALUE(proposal, COLUMN_NOTE));
    end_record(proposal);
    if (product_value(proposal).len)
        put_item(proposal);
    json_end_array(&proposal->writer);
}

/* ---- deals ---- */

static struct str deal_date(struct proposal *proposal)
{
    return VALUE(proposal, COLUMN_CLOSE_DATE, COLUMN_DATE);
}

static bool are_deals(struct proposal *proposal)
{
    return has(proposal, COLUMN_DEAL_STAGE) && partner_value(proposal).len &&
           deal_date(proposal).len &&
           VALUE(proposal, COLUMN_KEY, COLUMN_DEAL_NAME, COLUMN_NAME).len;
}

static void put_deal(struct proposal *proposal, const char *kind, const char *stages, struct str at)
{
    struct str key = VALUE(proposal, COLUMN_KEY, COLUMN_DEAL_NAME, COLUMN_NAME);
    begin_record(proposal, arena_format(proposal->arena, "deal.%s", kind).ptr);
    if (stages) {
        json_put_bool(&proposal->writer, "withdraws", true);
        put_when(proposal, VALUE(proposal, COLUMN_DEAL_STAGE), "is", stages);
    }
    begin_fields(proposal);
    put(proposal, "external", arena_format(proposal->arena, "deal/%.*s/%s", STR_ARG(key), kind));
    put(proposal, "partner", partner_value(proposal));
    put(proposal, "at", at);
    put(proposal, "amount", VALUE(proposal, COLUMN_AMOUNT, COLUMN_LINE_TOTAL, COLUMN_ORDER_TOTAL));
    put(proposal, "currency", VALUE(proposal, COLUMN_CURRENCY));
    put(proposal, "ref", key);
    put(proposal, "note", VALUE(proposal, COLUMN_DEAL_NAME, COLUMN_NAME));
    end_record(proposal);
}

static void put_deals(struct proposal *proposal)
{
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    if (has(proposal, COLUMN_CREATED_DATE))
        put_deal(proposal, "registered", NULL, VALUE(proposal, COLUMN_CREATED_DATE));
    put_deal(proposal, "won", "*won*,*gewonnen*,gagn*,*ganad*", deal_date(proposal));
    put_deal(proposal, "lost", "*lost*,*verloren*,perdu*,*perdid*", deal_date(proposal));
    json_end_array(&proposal->writer);
}

/* ---- calls ---- */

static struct str call_date(struct proposal *proposal)
{
    return VALUE(proposal, COLUMN_DATE, COLUMN_CREATED_DATE);
}

static bool are_calls(struct proposal *proposal)
{
    bool is_call = has(proposal, COLUMN_CALL_DIRECTION) || has(proposal, COLUMN_DURATION);
    return is_call && call_date(proposal).len && partner_value(proposal).len;
}

static void put_call(struct proposal *proposal, const char *make, const char *is)
{
    struct str key = VALUE(proposal, COLUMN_KEY);
    begin_record(proposal, make);
    if (is)
        put_when(proposal, VALUE(proposal, COLUMN_CALL_DIRECTION), is, "in,inbound,incoming,ein*");
    begin_fields(proposal);
    if (key.len)
        put(proposal, "external", arena_format(proposal->arena, "call/%.*s", STR_ARG(key)));
    put(proposal, "partner", partner_value(proposal));
    put(proposal, "at", call_date(proposal));
    put(proposal, "quantity", VALUE(proposal, COLUMN_DURATION));
    put(proposal, "note", VALUE(proposal, COLUMN_NOTE));
    end_record(proposal);
}

static void put_calls(struct proposal *proposal)
{
    bool has_direction = has(proposal, COLUMN_CALL_DIRECTION);
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
    bool says_more = has(proposal, COLUMN_CATEGORY) || has(proposal, COLUMN_UNIT_COST) ||
                     has(proposal, COLUMN_COST) || has(proposal, COLUMN_UNIT_PRICE);
    return says_more && product_value(proposal).len && !partner_value(proposal).len;
}

static void put_products(struct proposal *proposal)
{
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    begin_record(proposal, "product");
    begin_fields(proposal);
    put(proposal, "external", VALUE(proposal, COLUMN_PRODUCT_KEY, COLUMN_KEY));
    put(proposal, "name", VALUE(proposal, COLUMN_PRODUCT_NAME, COLUMN_NAME, COLUMN_PRODUCT_KEY));
    put(proposal, "category", VALUE(proposal, COLUMN_CATEGORY));
    put(proposal, "subcategory", VALUE(proposal, COLUMN_SUBCATEGORY));
    put(proposal, "cost", VALUE(proposal, COLUMN_UNIT_COST, COLUMN_COST));
    put(proposal, "currency", VALUE(proposal, COLUMN_CURRENCY));
    end_record(proposal);
    json_end_array(&proposal->writer);
}

/* ---- partners and contacts ---- */

static bool has_company_data(const struct proposal *proposal)
{
    static const enum column_role data[] = {COLUMN_PARTNER_KEY, COLUMN_DOMAIN, COLUMN_ADDRESS_LINE1,
                                            COLUMN_POSTAL_CODE, COLUMN_CITY,   COLUMN_COUNTRY,
                                            COLUMN_TIER,        COLUMN_MANAGER};
    for (size_t i = 0; i < ARRAY_LEN(data); i++)
        if (has(proposal, data[i]))
            return true;
    return false;
}

static bool has_person(struct proposal *proposal)
{
    return person_value(proposal).len || has(proposal, COLUMN_EMAIL);
}

/* A name beside a first and a last one is a person's. */
static bool are_partners(struct proposal *proposal)
{
    bool has_name = has(proposal, COLUMN_PARTNER_NAME) ||
                    (has(proposal, COLUMN_NAME) && !has(proposal, COLUMN_LAST_NAME));
    return has_name && has_company_data(proposal);
}

static bool are_contacts(struct proposal *proposal)
{
    return has_person(proposal) && partner_value(proposal).len;
}

static void put_contact(struct proposal *proposal, struct str partner, bool has_own_phone)
{
    begin_record(proposal, "contact");
    begin_fields(proposal);
    put(proposal, "partner", partner);
    put(proposal, "name", person_value(proposal));
    put(proposal, "title", VALUE(proposal, COLUMN_TITLE));
    put(proposal, "email", VALUE(proposal, COLUMN_EMAIL));
    if (has_own_phone)
        put(proposal, "phone", VALUE(proposal, COLUMN_PHONE));
    put(proposal, "mobile", VALUE(proposal, COLUMN_MOBILE));
    end_record(proposal);
}

static void put_address(struct proposal *proposal)
{
    put(proposal, "address_line1", VALUE(proposal, COLUMN_ADDRESS_LINE1));
    put(proposal, "address_line2", VALUE(proposal, COLUMN_ADDRESS_LINE2));
    put(proposal, "city", VALUE(proposal, COLUMN_CITY));
    put(proposal, "region", VALUE(proposal, COLUMN_REGION));
    put(proposal, "postal_code", VALUE(proposal, COLUMN_POSTAL_CODE));
    put(proposal, "country", VALUE(proposal, COLUMN_COUNTRY));
}

static void put_partners(struct proposal *proposal)
{
    struct str key = VALUE(proposal, COLUMN_PARTNER_KEY, COLUMN_KEY);
    struct str name = VALUE(proposal, COLUMN_PARTNER_NAME, COLUMN_NAME);
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    begin_record(proposal, "partner");
    begin_fields(proposal);
    put(proposal, "external", key);
    put(proposal, "name", name);
    put(proposal, "status", STR("active"));
    put_address(proposal);
    put(proposal, "phone", VALUE(proposal, COLUMN_PHONE));
    put(proposal, "phone2", VALUE(proposal, COLUMN_FAX));
    put(proposal, "domain", VALUE(proposal, COLUMN_DOMAIN));
    put(proposal, "currency", VALUE(proposal, COLUMN_CURRENCY));
    put(proposal, "tier", VALUE(proposal, COLUMN_TIER));
    put(proposal, "tag", VALUE(proposal, COLUMN_TAG));
    put(proposal, "note", VALUE(proposal, COLUMN_NOTE));
    end_record(proposal);
    if (has_person(proposal))
        put_contact(proposal, key.len ? key : name, false);
    json_end_array(&proposal->writer);
}

static void put_contacts(struct proposal *proposal)
{
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    put_contact(proposal, partner_value(proposal), true);
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
    {are_orders, put_orders, "orders", 50},       {are_deals, put_deals, "deals", 40},
    {are_calls, put_calls, "calls", 40},          {are_products, put_products, "products", 20},
    {are_partners, put_partners, "partners", 10}, {are_contacts, put_contacts, "contacts", 30},
};

static void put_style(struct proposal *proposal)
{
    struct value_hints hints = column_roles_hints(&proposal->roles);
    if (hints.day_first && !hints.month_first)
        put(proposal, "dates", STR("day_first"));
    else if (hints.month_first && !hints.day_first)
        put(proposal, "dates", STR("month_first"));
    if (hints.comma && !hints.point)
        put(proposal, "decimals", STR("comma"));
    else if (hints.point && !hints.comma)
        put(proposal, "decimals", STR("point"));
}

static void put_columns(struct proposal *proposal)
{
    json_key(&proposal->writer, "columns");
    json_begin_array(&proposal->writer);
    for (int role = 0; role < COLUMN_COUNT; role++)
        if (proposal->used[role])
            json_add_str(&proposal->writer, name_of(proposal, (enum column_role)role));
    json_end_array(&proposal->writer);
}

static void put_mapping(struct proposal *proposal, const struct kind *kind, struct str name)
{
    struct str title = arena_format(
        proposal->arena, "Proposed by the names of the columns: rows are %s", kind->rows);
    json_begin_object(&proposal->writer);
    json_put_str(&proposal->writer, "name", name);
    json_put_str(&proposal->writer, "title", title);
    json_put_str(&proposal->writer, "source", STR(PROPOSAL_SOURCE));
    json_put_int(&proposal->writer, "stage", kind->stage);
    put_style(proposal);
    memset(proposal->used, 0, sizeof(proposal->used));
    kind->put(proposal);
    put_columns(proposal);
    json_end_object(&proposal->writer);
}

struct str recognise_propose(const struct recognise_file *file, struct str name,
                             struct arena *arena)
{
    struct buf buf;
    struct proposal proposal = {.arena = arena};
    buf_init(&buf, arena, LIMIT_MAPPING_BYTES);
    json_writer_init(&proposal.writer, &buf);
    column_roles_find(file, arena, &proposal.roles);
    for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
        if (!kinds[i].is(&proposal))
            continue;
        put_mapping(&proposal, &kinds[i], name);
        return buf.overflowed ? (struct str){NULL, 0} : buf_str(&buf);
    }
    return (struct str){NULL, 0};
}
