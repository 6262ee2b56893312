/* The records of a mapping: which fields there are, and which of them a record can have. */
#include "src/intake/mapping_parse.h"

enum { DIVISOR_MAX = 1000000 };

/* What can have a field, as bits. */
enum { OF_PARTNER = 1 << MAKE_PARTNER, OF_CONTACT = 1 << MAKE_CONTACT };
enum { OF_PRODUCT = 1 << MAKE_PRODUCT, OF_FACT = 1 << MAKE_FACT };

static const struct {
    const char *name;
    unsigned of;
} fields[RECORD_FIELD_COUNT] = {
    [RECORD_EXTERNAL] = {"external", OF_PARTNER | OF_CONTACT | OF_PRODUCT | OF_FACT},
    [RECORD_PARTNER] = {"partner", OF_CONTACT | OF_FACT},
    [RECORD_CONTACT] = {"contact", OF_FACT},
    [RECORD_PRODUCT] = {"product", OF_FACT},
    [RECORD_ORDER] = {"order", OF_FACT},
    [RECORD_AT] = {"at", OF_PARTNER | OF_FACT},
    [RECORD_QUANTITY] = {"quantity", OF_FACT},
    [RECORD_AMOUNT] = {"amount", OF_FACT},
    [RECORD_UNIT_PRICE] = {"unit_price", OF_FACT},
    [RECORD_SUM] = {"sum", OF_FACT},
    [RECORD_SUM_QUANTITY] = {"sum_quantity", OF_FACT},
    [RECORD_REFUNDED] = {"refunded", OF_FACT},
    [RECORD_GROSS] = {"gross", OF_FACT},
    [RECORD_SHIPPING] = {"shipping", OF_FACT},
    [RECORD_COST] = {"cost", OF_PRODUCT | OF_FACT},
    [RECORD_UNIT_COST] = {"unit_cost", OF_FACT},
    [RECORD_CURRENCY] = {"currency", OF_PARTNER | OF_PRODUCT | OF_FACT},
    [RECORD_REF] = {"ref", OF_FACT},
    [RECORD_NOTE] = {"note", OF_PARTNER | OF_FACT},
    [RECORD_NAME] = {"name", OF_PARTNER | OF_CONTACT | OF_PRODUCT},
    [RECORD_TITLE] = {"title", OF_CONTACT},
    [RECORD_EMAIL] = {"email", OF_CONTACT},
    [RECORD_PHONE] = {"phone", OF_PARTNER | OF_CONTACT},
    [RECORD_MOBILE] = {"mobile", OF_CONTACT},
    [RECORD_PHONE2] = {"phone2", OF_PARTNER},
    [RECORD_CODE] = {"code", OF_PRODUCT},
    [RECORD_CATEGORY] = {"category", OF_PRODUCT},
    [RECORD_SUBCATEGORY] = {"subcategory", OF_PRODUCT},
    [RECORD_STATUS] = {"status", OF_PARTNER},
    [RECORD_TAG] = {"tag", OF_PARTNER},
    [RECORD_ADDRESS_LINE1] = {"address_line1", OF_PARTNER},
    [RECORD_ADDRESS_LINE2] = {"address_line2", OF_PARTNER},
    [RECORD_CITY] = {"city", OF_PARTNER},
    [RECORD_REGION] = {"region", OF_PARTNER},
    [RECORD_POSTAL_CODE] = {"postal_code", OF_PARTNER},
    [RECORD_COUNTRY] = {"country", OF_PARTNER},
    [RECORD_DOMAIN] = {"domain", OF_PARTNER},
    [RECORD_PRIMARY_DNS] = {"primary_dns", OF_PARTNER},
    [RECORD_SECONDARY_DNS] = {"secondary_dns", OF_PARTNER},
    [RECORD_SLA] = {"sla", OF_PARTNER},
    [RECORD_TIER] = {"tier", OF_PARTNER},
    [RECORD_MANAGER] = {"manager", OF_PARTNER},
    [RECORD_PARENT] = {"parent", OF_PARTNER},
    [RECORD_LANGUAGE] = {"language", OF_PARTNER},
    [RECORD_TIME_ZONE] = {"time_zone", OF_PARTNER},
};

static const char *const make_names[] = {"partner", "contact", "product"};

const char *record_field_name(enum record_field field)
{
    return fields[field].name;
}

bool record_field_parse(struct str name, enum record_field *ret_field)
{
    for (size_t i = 0; i < RECORD_FIELD_COUNT; i++) {
        if (str_equal(name, str_from_c(fields[i].name))) {
            *ret_field = (enum record_field)i;
            return true;
        }
    }
    return false;
}

bool record_field_fits(enum record_field field, enum record_make make)
{
    return (fields[field].of & 1u << make) != 0;
}

struct str mapping_make_name(const struct mapping_record *record)
{
    return str_from_c(record->make == MAKE_FACT ? fact_kind_name(record->kind)
                                                : make_names[record->make]);
}

static enum err read_make(struct mapping_reader *reader, struct mapping_node node,
                          struct mapping_record *record)
{
    struct str name = {NULL, 0};
    TRY(mapping_read_text(reader, node, LIMIT_MAPPING_BYTES, &name));
    for (size_t i = 0; i < ARRAY_LEN(make_names); i++) {
        if (str_equal(name, str_from_c(make_names[i]))) {
            record->make = (enum record_make)i;
            return OK;
        }
    }
    record->make = MAKE_FACT;
    if (fact_kind_parse(name, &record->kind))
        return OK;
    return mapping_refuse(reader, node,
                          "must be \"partner\", \"contact\", \"product\" or a kind of fact.");
}

static enum err read_fields(struct mapping_reader *reader, struct mapping_node node,
                            struct mapping_record *record)
{
    void *it = NULL;
    struct str key;
    const struct json *value;
    enum record_field field;
    if (json_type(node.value) != JSON_IS_OBJECT)
        return mapping_refuse(reader, node, "must be an object.");
    while (json_next(node.value, &it, &key, &value)) {
        struct mapping_node member = mapping_member(reader, node, arena_cstr(reader->arena, key));
        if (!record_field_parse(key, &field))
            return mapping_refuse(reader, member, "is no field.");
        if (!record_field_fits(field, record->make))
            return mapping_refuse(reader, member, "is no field of such a record.");
        TRY(mapping_read_template(reader, member, &record->fields[field]));
    }
    return OK;
}

static bool has(const struct mapping_record *record, enum record_field field)
{
    return record->fields[field].count > 0;
}

/* What no record can be without. */
static enum err check_record(struct mapping_reader *reader, struct mapping_node node,
                             const struct mapping_record *record)
{
    switch (record->make) {
    case MAKE_PARTNER:
        if (!has(record, RECORD_NAME))
            return mapping_refuse(reader, node, "needs the field \"name\".");
        break;
    case MAKE_CONTACT:
        if (!has(record, RECORD_NAME) && !has(record, RECORD_EMAIL))
            return mapping_refuse(reader, node, "needs the field \"name\" or \"email\".");
        break;
    case MAKE_PRODUCT:
        if (!has(record, RECORD_NAME) && !has(record, RECORD_CODE))
            return mapping_refuse(reader, node, "needs the field \"name\" or \"code\".");
        break;
    case MAKE_FACT:
        if (!has(record, RECORD_PARTNER) && !has(record, RECORD_ORDER))
            return mapping_refuse(reader, node, "needs the field \"partner\" or \"order\".");
        if (!has(record, RECORD_AT) && !has(record, RECORD_ORDER))
            return mapping_refuse(reader, node, "needs the field \"at\" or \"order\".");
        break;
    }
    if (record->withdraws && (record->make != MAKE_FACT || !has(record, RECORD_EXTERNAL)))
        return mapping_refuse(reader, node,
                              "withdraws, and is no fact with the field "
                              "\"external\".");
    return OK;
}

enum err mapping_read_record(struct mapping_reader *reader, struct mapping_node node,
                             struct mapping_record *ret_record)
{
    static const char *const names[] = {
        "make", "only", "once", "when", "fields", "withdraws", "quantity_divisor", NULL};
    int only = ONLY_ANY;
    ret_record->quantity_divisor = 1;
    TRY(mapping_check_object(reader, node, names));
    TRY(read_make(reader, mapping_member(reader, node, "make"), ret_record));
    TRY(mapping_read_name(reader, mapping_member(reader, node, "only"), mapping_only_names, &only));
    TRY(mapping_read_bool(reader, mapping_member(reader, node, "once"), &ret_record->once));
    TRY(mapping_read_bool(reader, mapping_member(reader, node, "withdraws"),
                          &ret_record->withdraws));
    TRY(mapping_read_int(reader, mapping_member(reader, node, "quantity_divisor"), DIVISOR_MAX,
                         &ret_record->quantity_divisor));
    TRY(mapping_read_conditions(reader, mapping_member(reader, node, "when"), &ret_record->when,
                                &ret_record->when_count));
    TRY(read_fields(reader, mapping_member(reader, node, "fields"), ret_record));
    ret_record->only = (enum record_only)only;
    ret_record->once =
        ret_record->once || has(ret_record, RECORD_SUM) || has(ret_record, RECORD_SUM_QUANTITY);
    return check_record(reader, node, ret_record);
}
