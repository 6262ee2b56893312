/*
 * A mapping says what each row of a file is and which columns give which field. It is JSON:
 *
 *   {"name": "adventureworks-sales", "title": "…", "source": "adventureworks", "stage": 50,
 *    "columns": ["SalesOrderNumber", "ResellerKey|Reseller", …],  recognised when all are in the
 *                                                            header ("A|B": one of them)
 *    "references": "plain" | "salesforce",                   how ids are compared
 *    "dates": "auto" | "day_first" | "month_first",
 *    "decimals": "auto" | "point" | "comma",
 *    "time_zone": "Europe/Vienna",                           of times without an offset
 *    "skip": [{"value": "{IsDeleted}", "is": ["true"], "reason": "deleted in the source"}],
 *    "partners": [{"value": "{IsPartner}", "is": ["true"]}, …],  the first whose columns exist
 *    "ignored": ["Colour"],                                  columns of which nothing is made
 *    "group": "{SalesOrderNumber}",
 *    "records": [
 *      {"make": "order", "fields": {"partner": "{ResellerKey}", "sum": "{SalesAmount}", …}},
 *      {"make": "item", "when": [{"value": "{OrderQuantity}", "is_not": ["0"]}], "fields": {…}}]}
 *
 * A value is a text in which {Column} stands for a cell, {A|B} for the first of several columns
 * that holds something, and a backslash takes the next character as it is. A condition compares it
 * without case to texts, in which * stands for anything; what a row leaves empty has the group's
 * first value there. "make" is "partner", "contact", "product", or a fact's kind; a fact with the
 * field "sum" or "sum_quantity", or with "once": true, is made once a group. Fields that a row
 * leaves empty take the group's first value. "only": "partner" | "customer" makes the record for
 * such owners alone. "quantity_divisor": 1000 turns milliseconds into seconds (not what is written
 * as H:MM:SS). "withdraws": true on a fact: where its "when" does not hold, the fact that an
 * earlier import made of the same id is reversed (an order that was cancelled since).
 */
#ifndef SRC_INTAKE_MAPPING_H
#define SRC_INTAKE_MAPPING_H

#include "lib/base/arena.h"
#include "lib/base/err.h"
#include "lib/base/str.h"
#include "lib/json/json.h"
#include "src/intake/value_rules.h"
#include "src/ledger/ledger.h"

/* The fields of all records, by the names that the JSON uses. */
enum record_field {
    RECORD_EXTERNAL, /* the record's own id in its source */
    RECORD_PARTNER,  /* whose it is: an external id */
    RECORD_CONTACT,
    RECORD_PRODUCT,
    RECORD_ORDER, /* of an item: the order, imported before, that says partner and date */
    RECORD_AT,
    RECORD_QUANTITY, /* a number, or H:MM:SS as seconds */
    RECORD_AMOUNT,
    RECORD_UNIT_PRICE, /* the amount is this times the quantity where "amount" is empty */
    RECORD_SUM,        /* the amount is the sum of this over the group */
    RECORD_SUM_QUANTITY,
    RECORD_REFUNDED, /* taken off the amount: as much of it as goods are of "gross" */
    RECORD_GROSS,    /* what was paid, with tax and shipping */
    RECORD_SHIPPING, /* the part of "gross" that is for sending */
    RECORD_COST,
    RECORD_UNIT_COST, /* likewise for "cost" */
    RECORD_CURRENCY,
    RECORD_REF,
    RECORD_NOTE,
    RECORD_NAME,
    RECORD_TITLE,
    RECORD_EMAIL,
    RECORD_PHONE,
    RECORD_MOBILE,
    RECORD_PHONE2,
    RECORD_CODE,
    RECORD_CATEGORY,
    RECORD_SUBCATEGORY,
    RECORD_STATUS,
    RECORD_TAG,
    RECORD_ADDRESS_LINE1,
    RECORD_ADDRESS_LINE2,
    RECORD_CITY,
    RECORD_REGION,
    RECORD_POSTAL_CODE,
    RECORD_COUNTRY,
    RECORD_DOMAIN,
    RECORD_PRIMARY_DNS,
    RECORD_SECONDARY_DNS,
    RECORD_SLA,
    RECORD_TIER,
    RECORD_MANAGER,
    RECORD_PARENT,
    RECORD_LANGUAGE,
    RECORD_TIME_ZONE,
    RECORD_FIELD_COUNT
};
const char *record_field_name(enum record_field field);
MUST_CHECK bool record_field_parse(struct str name, enum record_field *ret_field);

enum record_make { MAKE_PARTNER, MAKE_CONTACT, MAKE_PRODUCT, MAKE_FACT };
/* Whether such a record can have the field. */
bool record_field_fits(enum record_field field, enum record_make make);

/* Who a record is for: anybody, only a known partner, only an owner that is no partner. */
enum record_only { ONLY_ANY, ONLY_PARTNER, ONLY_CUSTOMER };

/* "{FirstName} {LastName}", taken apart. */
struct template_piece {
    struct str literal;        /* or, when count > 0: */
    const struct str *columns; /* names, the first that holds something counts */
    int *cells;                /* their cells in the bound file; -1: not in it */
    size_t count;
};
struct template
{
    struct str text;
    struct template_piece *pieces;
    size_t count;
};

struct condition {
    struct template value;
    const struct str *texts; /* "*" stands for anything */
    size_t count;
    bool negated;      /* "is_not" */
    struct str reason; /* of a skip */
};

struct mapping_record {
    enum record_make make;
    enum fact_kind kind; /* MAKE_FACT */
    enum record_only only;
    bool once;      /* a group */
    bool withdraws; /* where `when` does not hold, an earlier fact of this id is reversed */
    int64_t quantity_divisor; /* of plain numbers, not of H:MM:SS; at least 1 */
    struct condition *when;   /* all must hold */
    size_t when_count;
    struct template fields[RECORD_FIELD_COUNT]; /* count 0: not given */
};

struct mapping {
    struct str name, title, source;
    struct str system; /* of external ids; the source where not given */
    int64_t stage;
    struct template *columns; /* of one piece each */
    size_t column_count;
    const struct str
        *ignored; /* columns that are left out on purpose; says nothing to the import */
    size_t ignored_count;
    enum reference_form references;
    enum date_order dates;
    enum decimal_style decimals;
    struct str time_zone;
    struct condition *skip;
    size_t skip_count;
    struct condition *partners;
    size_t partner_count;
    struct template group;
    struct mapping_record *records;
    size_t record_count;
};

enum {
    LIMIT_MAPPING_BYTES = 64 * 1024, /* a page of JSON; the largest of ours has 4 KiB */
    LIMIT_MAPPING_RECORDS = 16,
    LIMIT_MAPPING_CONDITIONS = 32,
    LIMIT_MAPPING_TEXTS = 200,
    LIMIT_TEMPLATE_PIECES = 32,
    LIMIT_TEMPLATE_COLUMNS = 16
};

/*
 * ERR_INVALID with the path of the member that is wrong ("records[1].fields.at"), for a member that
 * is none, and for a field that the record cannot have. All in the arena.
 */
MUST_CHECK enum err mapping_parse(struct str json, struct arena *arena,
                                  struct mapping **ret_mapping, struct fault *fault);
void mapping_render(const struct mapping *mapping, struct json_writer *writer);

/* ERR_INVALID for an unclosed brace or an empty column. */
MUST_CHECK enum err template_parse(struct str text, struct arena *arena,
                                   struct template *ret_template, struct fault *fault);
/* Looks the columns up (ASCII case aside) among the names. */
void template_bind(struct template *value, const struct str *names, size_t count);
/* Whether all pieces that are columns have one in the file. */
bool template_is_bound(const struct template *value);
/* The text over these cells; a single column is borrowed, anything else is in the arena. Empty when
 * every column in it is. */
struct str template_eval(const struct template *value, const struct str *cells,
                         struct arena *arena);
/* The name of the first column of the template that is in the file; empty: none. */
struct str template_column(const struct template *value);

/* Binds every template. ERR_INVALID when a column that the mapping needs is not in the header:
 * those of "columns", of the group, and of what says who a record is and whose. */
MUST_CHECK enum err mapping_bind(struct mapping *mapping, const struct str *names, size_t count,
                                 struct fault *fault);
bool condition_holds(const struct condition *condition, const struct str *cells,
                     struct arena *arena);

/* ---- the mappings that come with the program ---- */

/* As JSON; static. */
size_t mapping_builtin_count(void);
struct str mapping_builtin(size_t index);

#endif
