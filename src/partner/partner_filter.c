/* The list's filter as people give it. */
#include "src/partner/partner_filter.h"

#include "src/account/account.h"
#include "src/partner/partner_list_store.h"
#include "src/partner/partner_record.h"

const char *const partner_archived_names[] = {"no", "only", "all", NULL};

static const struct field fields[] = {PARTNER_FILTER_FIELDS};
const struct schema partner_filter_schema =
    SCHEMA("PartnerFilter", "Which partners: all that every field given here is true of.", fields);

static enum err read_statuses(struct ctx *ctx, const struct form_value *value, unsigned *ret_bits)
{
    unsigned bits = 0;
    for (size_t i = 0; i < value->count; i++) {
        enum partner_status status;
        if (!partner_status_parse(value->texts[i], &status))
            return CTX_FAULT_FIELD(ctx, ERR_INVALID, "status_invalid", "status",
                                   "\"%.*s\" is no status: prospect, onboarding, active,"
                                   " suspended, ended.",
                                   STR_ARG(value->texts[i]));
        bits |= PARTNER_STATUS_BIT(status);
    }
    *ret_bits = bits;
    return OK;
}

static enum err read_manager(struct ctx *ctx, struct str text, struct user_id *ret_id)
{
    struct user user;
    if (!text.len || user_id_parse(text, ret_id))
        return OK;
    enum err err = user_find(ctx, text, &user);
    if (err != OK)
        return partner_blame(ctx, err, "manager_invalid", "manager");
    *ret_id = user.id;
    return OK;
}

static enum err read_parent(struct ctx *ctx, struct str text, struct partner_id *ret_id)
{
    enum err err = text.len ? partner_find(ctx, text, ret_id) : OK;
    return err == OK ? OK : partner_blame(ctx, err, "parent_invalid", "parent");
}

static enum err read_product(struct ctx *ctx, struct str text, struct product_id *ret_id)
{
    struct product_id ids[2];
    size_t count;
    if (!text.len || product_id_parse(text, ret_id))
        return OK;
    TRY(list_store_products(ctx, text, ids, &count));
    if (count == 1) {
        *ret_id = ids[0];
        return OK;
    }
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "product_invalid", "product",
                           count ? "Several products are called \"%.*s\"; give the id."
                                 : "There is no product \"%.*s\".",
                           STR_ARG(str_slice(text, 0, 80)));
}

enum err partner_filter_read(struct ctx *ctx, const struct form *form,
                             struct partner_filter *ret_filter)
{
    struct partner_filter filter = {
        .search = form_text(form, "search"),
        .tag = form_text(form, "tag"),
        .tier = form_text(form, "tier"),
        .without_contact = form_int(form, "without_contact") != 0,
        .archived = (enum partner_archived)form_int(form, "archived"),
    };
    struct str country = form_text(form, "country");
    TRY(read_statuses(ctx, form_get(form, "status"), &filter.statuses));
    if (country.len && !country_parse(country, &filter.country))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "country_invalid", "country",
                               "\"%.*s\" is no country.", STR_ARG(str_slice(country, 0, 80)));
    TRY(read_manager(ctx, form_text(form, "manager"), &filter.manager));
    TRY(read_parent(ctx, form_text(form, "parent"), &filter.parent));
    TRY(read_product(ctx, form_text(form, "product"), &filter.product));
    *ret_filter = filter;
    return OK;
}
