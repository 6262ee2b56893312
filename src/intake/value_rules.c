/* Cells that stand for nothing, flags, and references between records. */
#include "src/intake/value_rules.h"

#include <string.h>

enum { SALESFORCE_SHORT = 15, SALESFORCE_LONG = 18, SALESFORCE_CHUNK = 5 };

struct str value_present(struct str cell)
{
    static const struct str nothing[] = {
        STR_INIT("NULL"),
        STR_INIT("\\N"),
        STR_INIT("000000000000000"),
        STR_INIT("000000000000000AAA"),
    };
    struct str text = str_trim(cell);
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
        if (str_equal(text, nothing[i]))
            return (struct str){NULL, 0};
    return text;
}

bool value_bool(struct str text, bool *ret_value)
{
    return parse_bool(str_trim(text), ret_value);
}

static bool is_alphanumeric(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_one = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!is_one)
            return false;
    }
    return true;
}

/* The last three characters say which of the fifteen are capitals, five bits each. `rest` is what
 * follows. */
static struct str with_check(struct str text, struct str rest, struct arena *arena)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345";
    char *id = arena_alloc(arena, SALESFORCE_LONG + rest.len);
    for (size_t chunk = 0; chunk < SALESFORCE_SHORT / SALESFORCE_CHUNK; chunk++) {
        unsigned capitals = 0;
        for (size_t i = 0; i < SALESFORCE_CHUNK; i++) {
            char c = text.ptr[chunk * SALESFORCE_CHUNK + i];
            id[chunk * SALESFORCE_CHUNK + i] = c;
            if (c >= 'A' && c <= 'Z')
                capitals |= 1u << i;
        }
        id[SALESFORCE_SHORT + chunk] = digits[capitals];
    }
    if (rest.len)
        memcpy(id + SALESFORCE_LONG, rest.ptr, rest.len);
    return (struct str){id, SALESFORCE_LONG + rest.len};
}

/* An id, or an id and what was added to it: "001bm00001ZL8U9/won". */
static struct str salesforce_reference(struct str text, struct arena *arena)
{
    struct str id = str_slice(text, 0, SALESFORCE_SHORT);
    struct str rest = str_slice(text, SALESFORCE_SHORT, text.len);
    bool is_short =
        id.len == SALESFORCE_SHORT && is_alphanumeric(id) && (!rest.len || rest.ptr[0] == '/');
    return is_short ? with_check(id, rest, arena) : text;
}

struct str value_reference(struct str text, enum reference_form form, struct arena *arena)
{
    switch (form) {
    case REFERENCE_PLAIN:
        return text;
    case REFERENCE_SALESFORCE:
        return salesforce_reference(text, arena);
    }
    return text;
}
