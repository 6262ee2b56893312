/* What the name of a column says about its cells. Private to src/intake. */
#ifndef SRC_INTAKE_RECOGNISE_NAMES_RULES_H
#define SRC_INTAKE_RECOGNISE_NAMES_RULES_H

#include "lib/base/arena.h"
#include "lib/base/str.h"

/* What a column may be, in the order in which names are given away: the more particular first. */
enum column_role {
    COLUMN_ORDER_NUMBER,
    COLUMN_ORDER_DATE,
    COLUMN_ORDER_STATUS,
    COLUMN_CLOSE_DATE,
    COLUMN_DEAL_STAGE,
    COLUMN_DEAL_NAME,
    COLUMN_CREATED_DATE,
    COLUMN_CALL_DIRECTION,
    COLUMN_DURATION,
    COLUMN_QUANTITY,
    COLUMN_UNIT_PRICE,
    COLUMN_LINE_TOTAL,
    COLUMN_ORDER_TOTAL,
    COLUMN_UNIT_COST,
    COLUMN_COST,
    COLUMN_CURRENCY,
    COLUMN_PRODUCT_KEY,
    COLUMN_PRODUCT_NAME,
    COLUMN_CATEGORY,
    COLUMN_SUBCATEGORY,
    COLUMN_PARTNER_KEY,
    COLUMN_PARTNER_NAME,
    COLUMN_FIRST_NAME,
    COLUMN_LAST_NAME,
    COLUMN_PERSON_NAME,
    COLUMN_TITLE,
    COLUMN_EMAIL,
    COLUMN_MOBILE,
    COLUMN_FAX,
    COLUMN_PHONE,
    COLUMN_DOMAIN,
    COLUMN_ADDRESS_LINE1,
    COLUMN_ADDRESS_LINE2,
    COLUMN_POSTAL_CODE,
    COLUMN_CITY,
    COLUMN_REGION,
    COLUMN_COUNTRY,
    COLUMN_TIER,
    COLUMN_MANAGER,
    COLUMN_TAG,
    COLUMN_NOTE,
    COLUMN_KEY,  /* an id of the row, whatever it is */
    COLUMN_NAME, /* a name, whosever it is */
    COLUMN_DATE, /* likewise */
    COLUMN_AMOUNT,
    COLUMN_COUNT
};

enum { LIKENESS_EXACT = 100 };

/*
 * How much a name is like what a role is called: 0 not at all, 100 exactly. Case, accents,
 * punctuation, and blanks are apart: "OrderNo." is "order no".
 */
int role_likeness(enum column_role role, struct str name, struct arena *arena);

#endif
