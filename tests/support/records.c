/* Use cases of the directory for tests, each in a transaction of its own. */
#include "tests/support/records.h"

#include "src/account/account.h"
#include "tests/support/test.h"

/* What a use case takes and gives; each uses what it needs. */
struct work {
    struct partner_change partner_change;
    struct contact_change contact_change;
    struct product_change product_change;
    struct product_draft draft;
    struct user_draft user_draft;
    enum partner_status status;
    int64_t at_ms, version;
    struct str text;
    struct external_id external;
    bool flag, changed;
    struct partner partner;
    struct partner_id partner_id;
    struct partner_marks marks;
    struct contact contact;
    struct product product;
    struct product_saved saved;
    struct user user;
    partner_life *partner_life;
    contact_life *contact_life;
    product_life *product_life;
    partner_tagging *tagging;
    partner_externing *externing;
};

/* ---- fields ---- */

typedef const char *name_of_field(int field);

static const char *partner_name(int field)
{
    return partner_field_name((enum partner_field)field);
}

static const char *contact_name(int field)
{
    return contact_field_name((enum contact_field)field);
}

static const char *product_name(int field)
{
    return product_field_name((enum product_field)field);
}

/* Takes the next "name=text" off `*rest`. */
static bool next_field(struct str *rest, name_of_field *name_of, int count, int *ret_field,
                       struct str *ret_text)
{
    struct str piece;
    size_t equals;
    if (!str_split(rest, '|', &piece) || !str_find_char(piece, '=', &equals))
        return false;
    *ret_text = str_slice(piece, equals + 1, piece.len);
    for (int field = 0; field < count; field++) {
        *ret_field = field;
        if (str_equal(str_slice(piece, 0, equals), str_from_c(name_of(field))))
            return true;
    }
    test_fail(__FILE__, __LINE__, "there is no field %.*s", STR_ARG(piece));
}

struct partner_change partner_fields(const char *fields)
{
    struct partner_change change = {.version = 0};
    struct str rest = str_from_c(fields), text;
    int field;
    while (next_field(&rest, partner_name, PARTNER_FIELD_COUNT, &field, &text)) {
        change.fields[field].given = true;
        change.fields[field].text = text;
    }
    return change;
}

struct contact_change contact_fields(const char *fields)
{
    struct contact_change change = {.version = 0};
    struct str rest = str_from_c(fields), text;
    int field;
    while (next_field(&rest, contact_name, CONTACT_FIELD_COUNT, &field, &text)) {
        change.fields[field].given = true;
        change.fields[field].text = text;
    }
    return change;
}

struct product_change product_fields(const char *fields)
{
    struct product_change change = {.version = 0};
    struct str rest = str_from_c(fields), text;
    int field;
    while (next_field(&rest, product_name, PRODUCT_FIELD_COUNT, &field, &text)) {
        change.fields[field].given = true;
        change.fields[field].text = text;
    }
    return change;
}

static struct external_id external_of(const char *text)
{
    struct external_id external = {{NULL, 0}, {NULL, 0}};
    if (text[0] && !external_id_split(str_from_c(text), &external))
        test_fail(__FILE__, __LINE__, "%s is no system:id", text);
    return external;
}

/* ---- partners ---- */

static enum err work_make_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return partner_create(ctx, &work->partner_change, work->status, 0, &work->partner);
}

enum err make_partner(struct ctx *ctx, const char *fields, struct partner *ret_partner)
{
    struct work work = {.partner_change = partner_fields(fields)};
    TRY(ctx_write(ctx, work_make_partner, &work));
    *ret_partner = work.partner;
    return OK;
}

struct partner add_partner(struct world *world, const char *fields, enum partner_status status)
{
    struct work work = {.partner_change = partner_fields(fields), .status = status};
    struct ctx *ctx = world_as(world, ROLE_ADMIN);
    if (ctx_write(ctx, work_make_partner, &work) != OK)
        test_fail(__FILE__, __LINE__, "%s: %s", fields, ctx->fault.sentence);
    return work.partner;
}

static enum err work_change_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return partner_update(ctx, work->partner.id, &work->partner_change, &work->partner,
                          &work->changed);
}

enum err change_partner(struct ctx *ctx, struct partner *partner, const char *fields)
{
    struct work work = {.partner_change = partner_fields(fields), .partner = *partner};
    work.partner_change.version = partner->version;
    TRY(ctx_write(ctx, work_change_partner, &work));
    *partner = work.partner;
    return OK;
}

static enum err work_check_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return partner_check(ctx, work->partner_id, &work->partner_change, &work->changed);
}

enum err check_partner(struct ctx *ctx, struct partner_id id, const char *fields, bool *ret_changes)
{
    struct work work = {.partner_change = partner_fields(fields), .partner_id = id};
    TRY(ctx_read(ctx, work_check_partner, &work));
    *ret_changes = work.changed;
    return OK;
}

static enum err work_read_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return partner_get(ctx, work->partner_id, &work->partner);
}

enum err read_partner(struct ctx *ctx, struct partner_id id, struct partner *ret_partner)
{
    struct work work = {.partner_id = id};
    TRY(ctx_read(ctx, work_read_partner, &work));
    *ret_partner = work.partner;
    return OK;
}

static enum err work_find_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return partner_find(ctx, work->text, &work->partner_id);
}

enum err find_partner(struct ctx *ctx, const char *text, struct partner_id *ret_id)
{
    struct work work = {.text = str_from_c(text)};
    TRY(ctx_read(ctx, work_find_partner, &work));
    *ret_id = work.partner_id;
    return OK;
}

static enum err work_move_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return partner_move(ctx, work->partner_id, 0, work->status, work->at_ms);
}

enum err move_partner(struct ctx *ctx, struct partner_id id, enum partner_status to, int64_t at_ms)
{
    struct work work = {.partner_id = id, .status = to, .at_ms = at_ms};
    return ctx_write(ctx, work_move_partner, &work);
}

static enum err work_live_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return work->partner_life(ctx, work->partner_id, work->version);
}

enum err live_partner(struct ctx *ctx, partner_life *life, struct partner_id id, int64_t version)
{
    struct work work = {.partner_life = life, .partner_id = id, .version = version};
    return ctx_write(ctx, work_live_partner, &work);
}

static enum err work_tag_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return work->tagging(ctx, work->partner_id, work->text);
}

enum err tag_partner(struct ctx *ctx, partner_tagging *tagging, struct partner_id id,
                     const char *tag)
{
    struct work work = {.tagging = tagging, .partner_id = id, .text = str_from_c(tag)};
    return ctx_write(ctx, work_tag_partner, &work);
}

static enum err work_extern_partner(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return work->externing(ctx, work->partner_id, work->external);
}

enum err extern_partner(struct ctx *ctx, partner_externing *externing, struct partner_id id,
                        const char *text)
{
    struct work work = {.externing = externing, .partner_id = id, .external = external_of(text)};
    return ctx_write(ctx, work_extern_partner, &work);
}

static enum err work_read_marks(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return partner_marks_get(ctx, work->partner_id, &work->marks);
}

enum err read_marks(struct ctx *ctx, struct partner_id id, struct partner_marks *ret_marks)
{
    struct work work = {.partner_id = id};
    TRY(ctx_read(ctx, work_read_marks, &work));
    *ret_marks = work.marks;
    return OK;
}

/* ---- users ---- */

static enum err work_add_user(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return user_add(ctx, &work->user_draft, &work->user);
}

struct user_id add_user(struct world *world, const char *email, const char *name, enum role role)
{
    struct work work = {
        .user_draft = {.email = str_from_c(email), .name = str_from_c(name), .role = role}};
    CHECK_OK(ctx_write(world_as(world, ROLE_ADMIN), work_add_user, &work));
    return work.user.id;
}

/* ---- contacts ---- */

static enum err work_make_contact(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return contact_create(ctx, work->partner_id, &work->contact_change, work->external,
                          &work->contact);
}

enum err make_contact(struct ctx *ctx, struct partner_id partner, const char *fields,
                      const char *external, struct contact *ret_contact)
{
    struct work work = {.contact_change = contact_fields(fields),
                        .partner_id = partner,
                        .external = external_of(external)};
    TRY(ctx_write(ctx, work_make_contact, &work));
    *ret_contact = work.contact;
    return OK;
}

struct contact add_contact(struct world *world, struct partner_id partner, const char *fields)
{
    struct contact contact;
    CHECK_OK(make_contact(world_as(world, ROLE_ADMIN), partner, fields, "", &contact));
    return contact;
}

static enum err work_change_contact(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return contact_update(ctx, work->contact.id, &work->contact_change, &work->contact,
                          &work->changed);
}

enum err change_contact(struct ctx *ctx, struct contact *contact, const char *fields)
{
    struct work work = {.contact_change = contact_fields(fields), .contact = *contact};
    work.contact_change.version = contact->version;
    TRY(ctx_write(ctx, work_change_contact, &work));
    *contact = work.contact;
    return OK;
}

static enum err set_primary(struct ctx *ctx, struct contact_id id, bool is_primary)
{
    struct work work = {.contact = {.id = id},
                        .contact_change = {.primary_given = true, .is_primary = is_primary}};
    return ctx_write(ctx, work_change_contact, &work);
}

enum err make_primary(struct ctx *ctx, struct contact_id id)
{
    return set_primary(ctx, id, true);
}

enum err unmake_primary(struct ctx *ctx, struct contact_id id)
{
    return set_primary(ctx, id, false);
}

static enum err work_read_contact(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return contact_get(ctx, work->contact.id, &work->contact);
}

enum err read_contact(struct ctx *ctx, struct contact_id id, struct contact *ret_contact)
{
    struct work work = {.contact = {.id = id}};
    TRY(ctx_read(ctx, work_read_contact, &work));
    *ret_contact = work.contact;
    return OK;
}

static enum err work_live_contact(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return work->contact_life(ctx, work->contact.id, work->version);
}

enum err live_contact(struct ctx *ctx, contact_life *life, struct contact_id id, int64_t version)
{
    struct work work = {.contact_life = life, .contact = {.id = id}, .version = version};
    return ctx_write(ctx, work_live_contact, &work);
}

/* ---- products ---- */

static enum err work_make_product(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return product_create(ctx, &work->product_change, work->external, &work->product);
}

enum err make_product(struct ctx *ctx, const char *fields, const char *external,
                      struct product *ret_product)
{
    struct work work = {.product_change = product_fields(fields),
                        .external = external_of(external)};
    TRY(ctx_write(ctx, work_make_product, &work));
    *ret_product = work.product;
    return OK;
}

struct product add_product(struct world *world, const char *fields)
{
    struct product product;
    CHECK_OK(make_product(world_as(world, ROLE_ADMIN), fields, "", &product));
    return product;
}

static enum err work_change_product(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return product_update(ctx, work->product.id, &work->product_change, &work->product,
                          &work->changed);
}

enum err change_product(struct ctx *ctx, struct product *product, const char *fields)
{
    struct work work = {.product_change = product_fields(fields), .product = *product};
    work.product_change.version = product->version;
    TRY(ctx_write(ctx, work_change_product, &work));
    *product = work.product;
    return OK;
}

static enum err work_save_product(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return product_save(ctx, &work->draft, work->external, &work->saved);
}

enum err save_product(struct ctx *ctx, const char *fields, const char *external,
                      struct product_saved *ret_saved)
{
    struct product_change given = product_fields(fields);
    struct work work = {.draft = {.name = given.fields[PRODUCT_NAME].text,
                                  .code = given.fields[PRODUCT_CODE].text,
                                  .category = given.fields[PRODUCT_CATEGORY].text,
                                  .subcategory = given.fields[PRODUCT_SUBCATEGORY].text,
                                  .cost = given.fields[PRODUCT_COST].text,
                                  .currency = given.fields[PRODUCT_CURRENCY].text},
                        .external = external_of(external)};
    TRY(ctx_write(ctx, work_save_product, &work));
    *ret_saved = work.saved;
    return OK;
}

static enum err work_read_product(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return product_get(ctx, work->product.id, &work->product);
}

enum err read_product(struct ctx *ctx, struct product_id id, struct product *ret_product)
{
    struct work work = {.product = {.id = id}};
    TRY(ctx_read(ctx, work_read_product, &work));
    *ret_product = work.product;
    return OK;
}

static enum err work_find_product(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return product_find(ctx, work->text, &work->product.id);
}

enum err find_product(struct ctx *ctx, const char *text, struct product_id *ret_id)
{
    struct work work = {.text = str_from_c(text)};
    TRY(ctx_read(ctx, work_find_product, &work));
    *ret_id = work.product.id;
    return OK;
}

static enum err work_live_product(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return work->product_life(ctx, work->product.id, work->version);
}

enum err live_product(struct ctx *ctx, product_life *life, struct product_id id, int64_t version)
{
    struct work work = {.product_life = life, .product = {.id = id}, .version = version};
    return ctx_write(ctx, work_live_product, &work);
}

static enum err work_carry_product(struct ctx *ctx, void *arg)
{
    struct work *work = arg;
    return product_set_carried(ctx, work->product.id, work->partner_id, work->flag);
}

enum err carry_product(struct ctx *ctx, struct product_id product, struct partner_id partner,
                       bool carried)
{
    struct work work = {.product = {.id = product}, .partner_id = partner, .flag = carried};
    return ctx_write(ctx, work_carry_product, &work);
}
