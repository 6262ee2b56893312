/* Proposes orders and their lines, and sales that have no number. */
#include "src/intake/recognise_proposal.h"

static void put_money_of_line(struct proposal *proposal)
{
    struct str total = PROPOSAL_VALUE(proposal, COLUMN_LINE_TOTAL, COLUMN_AMOUNT);
    proposal_put(proposal, "amount", total);
    if (!total.len)
        proposal_put(proposal, "unit_price", PROPOSAL_VALUE(proposal, COLUMN_UNIT_PRICE));
    proposal_put(proposal, "cost", PROPOSAL_VALUE(proposal, COLUMN_COST));
    proposal_put(proposal, "unit_cost", PROPOSAL_VALUE(proposal, COLUMN_UNIT_COST));
    proposal_put(proposal, "currency", PROPOSAL_VALUE(proposal, COLUMN_CURRENCY));
}

/* ---- orders ---- */

static struct str order_date(struct proposal *proposal)
{
    return PROPOSAL_VALUE(proposal, COLUMN_ORDER_DATE, COLUMN_DATE, COLUMN_CREATED_DATE);
}

bool proposal_are_orders(struct proposal *proposal)
{
    bool has_money =
        proposal_has(proposal, COLUMN_ORDER_TOTAL) || proposal_has(proposal, COLUMN_LINE_TOTAL) ||
        proposal_has(proposal, COLUMN_AMOUNT) || proposal_has(proposal, COLUMN_UNIT_PRICE);
    return has_money && proposal_has(proposal, COLUMN_ORDER_NUMBER) && order_date(proposal).len &&
           proposal_partner(proposal).len;
}

static bool are_lines(struct proposal *proposal)
{
    return proposal_product(proposal).len ||
           column_roles_repeat(&proposal->roles, COLUMN_ORDER_NUMBER);
}

/* An order's total is what the file calls so, else the sum of its lines. */
static void put_order_money(struct proposal *proposal)
{
    struct str total = PROPOSAL_VALUE(proposal, COLUMN_ORDER_TOTAL);
    struct str line = PROPOSAL_VALUE(proposal, COLUMN_LINE_TOTAL, COLUMN_AMOUNT);
    struct str quantity = PROPOSAL_VALUE(proposal, COLUMN_QUANTITY);
    bool is_sum = are_lines(proposal);
    if (line.len && (is_sum || !total.len))
        proposal_put(proposal, is_sum ? "sum" : "amount", line);
    else if (total.len)
        proposal_put(proposal, "amount", total);
    else
        proposal_put(proposal, "unit_price", PROPOSAL_VALUE(proposal, COLUMN_UNIT_PRICE));
    /* A total that stands on every line must not be added up with the units. */
    bool is_total_once = is_sum && total.len && !line.len;
    if (!is_total_once)
        proposal_put(proposal, is_sum ? "sum_quantity" : "quantity", quantity);
    proposal_put(proposal, "currency", PROPOSAL_VALUE(proposal, COLUMN_CURRENCY));
}

static void put_order_heading(struct proposal *proposal, const char *make)
{
    proposal_begin_record(proposal, make);
    if (!proposal_has(proposal, COLUMN_ORDER_STATUS))
        return;
    json_put_bool(&proposal->writer, "withdraws", true);
    proposal_put_when(proposal, PROPOSAL_VALUE(proposal, COLUMN_ORDER_STATUS), "is_not",
                      "*cancel*,draft,void*,refunded,*storn*,annul*");
}

static void put_item(struct proposal *proposal)
{
    struct str order = PROPOSAL_VALUE(proposal, COLUMN_ORDER_NUMBER),
               product = proposal_product(proposal);
    put_order_heading(proposal, "item");
    proposal_begin_fields(proposal);
    proposal_put(proposal, "external",
                 arena_format(proposal->arena, "%.*s/%.*s", STR_ARG(order), STR_ARG(product)));
    proposal_put(proposal, "partner", proposal_partner(proposal));
    proposal_put(proposal, "at", order_date(proposal));
    proposal_put(proposal, "product", product);
    proposal_put(proposal, "quantity", PROPOSAL_VALUE(proposal, COLUMN_QUANTITY));
    put_money_of_line(proposal);
    proposal_put(proposal, "ref", order);
    proposal_end_record(proposal);
}

void proposal_put_orders(struct proposal *proposal)
{
    struct str order = PROPOSAL_VALUE(proposal, COLUMN_ORDER_NUMBER);
    bool is_lines = are_lines(proposal);
    proposal_put(proposal, "group", is_lines ? order : (struct str){NULL, 0});
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    put_order_heading(proposal, "order");
    if (is_lines)
        json_put_bool(&proposal->writer, "once", true);
    proposal_begin_fields(proposal);
    proposal_put(proposal, "external", order);
    proposal_put(proposal, "partner", proposal_partner(proposal));
    proposal_put(proposal, "at", order_date(proposal));
    put_order_money(proposal);
    proposal_put(proposal, "ref", order);
    proposal_put(proposal, "note", PROPOSAL_VALUE(proposal, COLUMN_NOTE));
    proposal_end_record(proposal);
    if (proposal_product(proposal).len)
        put_item(proposal);
    json_end_array(&proposal->writer);
}

/* ---- sales without a number ---- */

static bool has_money(struct proposal *proposal)
{
    return PROPOSAL_VALUE(proposal, COLUMN_ORDER_TOTAL, COLUMN_LINE_TOTAL, COLUMN_AMOUNT,
                          COLUMN_UNIT_PRICE)
               .len > 0;
}

/* A list of companies has a revenue and a last activity too, but does not call them so shortly. */
static bool are_called_exactly(const struct proposal *proposal)
{
    const struct column_roles *roles = &proposal->roles;
    return roles->likeness[COLUMN_AMOUNT] == LIKENESS_EXACT &&
           roles->likeness[COLUMN_DATE] == LIKENESS_EXACT;
}

static void put_money_of_sale(struct proposal *proposal)
{
    struct str total =
        PROPOSAL_VALUE(proposal, COLUMN_ORDER_TOTAL, COLUMN_LINE_TOTAL, COLUMN_AMOUNT);
    proposal_put(proposal, "amount", total);
    if (!total.len)
        proposal_put(proposal, "unit_price", PROPOSAL_VALUE(proposal, COLUMN_UNIT_PRICE));
    proposal_put(proposal, "currency", PROPOSAL_VALUE(proposal, COLUMN_CURRENCY));
}

bool proposal_are_sales(struct proposal *proposal)
{
    bool has_date = PROPOSAL_VALUE(proposal, COLUMN_ORDER_DATE, COLUMN_DATE).len > 0;
    return has_date && has_money(proposal) && proposal_partner(proposal).len &&
           (!proposal_has_company_data(proposal) || are_called_exactly(proposal));
}

/* All that tells one sale from another, so that a list that grew does not count them twice. */
static struct str sale_key(struct proposal *proposal)
{
    static const enum column_role parts[] = {
        COLUMN_ORDER_TOTAL, COLUMN_LINE_TOTAL,  COLUMN_AMOUNT,       COLUMN_UNIT_PRICE,
        COLUMN_QUANTITY,    COLUMN_PRODUCT_KEY, COLUMN_PRODUCT_NAME, COLUMN_NOTE};
    struct str key = PROPOSAL_VALUE(proposal, COLUMN_ORDER_NUMBER, COLUMN_KEY);
    if (key.len)
        return key;
    key = arena_format(proposal->arena, "%.*s/%.*s", STR_ARG(proposal_partner(proposal)),
                       STR_ARG(order_date(proposal)));
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        struct str part = proposal_first_of(proposal, &parts[i], 1);
        if (part.len)
            key = arena_format(proposal->arena, "%.*s/%.*s", STR_ARG(key), STR_ARG(part));
    }
    return key;
}

static void put_sale(struct proposal *proposal, const char *make, struct str external)
{
    put_order_heading(proposal, make);
    proposal_begin_fields(proposal);
    proposal_put(proposal, "external", external);
    proposal_put(proposal, "partner", proposal_partner(proposal));
    proposal_put(proposal, "at", order_date(proposal));
    proposal_put(proposal, "product", proposal_product(proposal));
    proposal_put(proposal, "quantity", PROPOSAL_VALUE(proposal, COLUMN_QUANTITY));
}

void proposal_put_sales(struct proposal *proposal)
{
    struct str key = sale_key(proposal);
    struct str name = PROPOSAL_VALUE(proposal, COLUMN_PARTNER_NAME);
    bool has_partner = proposal_has_company_data(proposal) ||
                       proposal_has(proposal, COLUMN_PHONE) || proposal_has(proposal, COLUMN_FAX);
    json_key(&proposal->writer, "records");
    json_begin_array(&proposal->writer);
    if (name.len && has_partner) {
        proposal_begin_partner(proposal, PROPOSAL_VALUE(proposal, COLUMN_PARTNER_KEY), name);
        proposal_end_record(proposal);
    }
    put_sale(proposal, "order", key);
    put_money_of_sale(proposal);
    proposal_put(proposal, "note", PROPOSAL_VALUE(proposal, COLUMN_NOTE));
    proposal_end_record(proposal);
    if (proposal_product(proposal).len) {
        put_sale(proposal, "item", arena_format(proposal->arena, "item/%.*s", STR_ARG(key)));
        put_money_of_sale(proposal);
        proposal_end_record(proposal);
    }
    json_end_array(&proposal->writer);
}
