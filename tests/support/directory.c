/* Partners and contacts for tests. */
#include "tests/support/directory.h"

#include "src/core/limits.h"
#include "tests/support/test.h"

/* One call of a use case, as an argument of ctx_write and ctx_read. */
struct step {
    struct partner_id partner, other;
    enum partner_field field;
    enum partner_status status;
    struct str text, second;
    struct partner record;
    struct contact_id contact;
    const struct partner_filter *filter;
};

static void write_step(struct world *world, ctx_work *work, struct step *step)
{
    struct ctx *ctx = world_as(world, ROLE_MANAGER);
    if (ctx_write(ctx, work, step) != OK)
        test_fail(__FILE__, __LINE__, "%s (%s)", ctx->fault.sentence, ctx->fault.detail);
}

static void read_step(struct world *world, ctx_work *work, struct step *step)
{
    struct ctx *ctx = world_as(world, ROLE_ADMIN);
    if (ctx_read(ctx, work, step) != OK)
        test_fail(__FILE__, __LINE__, "%s (%s)", ctx->fault.sentence, ctx->fault.detail);
}

static enum err add(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    struct partner_change change = {.fields[PARTNER_NAME] = {true, step->text}};
    return partner_create(ctx, &change, PARTNER_PROSPECT, 0, &step->record);
}

struct partner_id directory_add(struct world *world, const char *name)
{
    struct step step = {.text = str_from_c(name)};
    write_step(world, add, &step);
    return step.record.id;
}

static enum err set(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    struct partner_change change = {.version = 0};
    change.fields[step->field].given = true;
    change.fields[step->field].text = step->text;
    return partner_update(ctx, step->partner, &change, &step->record, NULL);
}

void directory_set(struct world *world, struct partner_id id, enum partner_field field,
                   const char *text)
{
    struct step step = {.partner = id, .field = field, .text = str_from_c(text)};
    write_step(world, set, &step);
}

static enum err add_contact(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    struct contact contact;
    struct external_id none = {{NULL, 0}, {NULL, 0}};
    struct contact_change change = {.fields[CONTACT_NAME] = {true, step->text},
                                    .fields[CONTACT_EMAIL] = {true, step->second}};
    TRY(contact_create(ctx, step->partner, &change, none, &contact));
    step->contact = contact.id;
    return OK;
}

struct contact_id directory_add_contact(struct world *world, struct partner_id partner,
                                        const char *name, const char *email)
{
    struct step step = {.partner = partner, .text = str_from_c(name), .second = str_from_c(email)};
    write_step(world, add_contact, &step);
    return step.contact;
}

static enum err add_external(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    return partner_add_external(ctx, step->partner, (struct external_id){step->text, step->second});
}

void directory_add_external(struct world *world, struct partner_id id, const char *system,
                            const char *external_id)
{
    struct step step = {
        .partner = id, .text = str_from_c(system), .second = str_from_c(external_id)};
    write_step(world, add_external, &step);
}

static enum err add_tag(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    return partner_add_tag(ctx, step->partner, step->text);
}

void directory_add_tag(struct world *world, struct partner_id id, const char *tag)
{
    struct step step = {.partner = id, .text = str_from_c(tag)};
    write_step(world, add_tag, &step);
}

static enum err move(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    return partner_move(ctx, step->partner, 0, step->status, 0);
}

void directory_move(struct world *world, struct partner_id id, enum partner_status to)
{
    struct step step = {.partner = id, .status = to};
    write_step(world, move, &step);
}

static enum err archive(struct ctx *ctx, void *arg)
{
    return partner_archive(ctx, ((struct step *)arg)->partner, 0);
}

void directory_archive(struct world *world, struct partner_id id)
{
    struct step step = {.partner = id};
    write_step(world, archive, &step);
}

static enum err restore(struct ctx *ctx, void *arg)
{
    return partner_restore(ctx, ((struct step *)arg)->partner, 0);
}

void directory_restore(struct world *world, struct partner_id id)
{
    struct step step = {.partner = id};
    write_step(world, restore, &step);
}

static enum err get(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    return partner_get(ctx, step->partner, &step->record);
}

struct partner directory_get(struct world *world, struct partner_id id)
{
    struct step step = {.partner = id};
    read_step(world, get, &step);
    return step.record;
}

static enum err list_names(struct ctx *ctx, void *arg)
{
    struct step *step = arg;
    struct partner_order order = {.sort = PARTNER_SORT_NAME};
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct partner_page found;
    struct buf names;
    buf_init(&names, ctx->arena, LIMIT_BODY_BYTES);
    TRY(partner_order_parse(ctx, step->text, &order));
    TRY(partner_list(ctx, step->filter, &order, &page, &found));
    for (size_t i = 0; i < found.count; i++)
        buf_format(&names, "%.*s;", STR_ARG(found.rows[i].name));
    step->second = buf_str(&names);
    return OK;
}

struct str directory_names(struct world *world, const struct partner_filter *filter,
                           const char *sort)
{
    struct step step = {.filter = filter, .text = str_from_c(sort)};
    read_step(world, list_names, &step);
    return step.second;
}

struct str directory_search(struct world *world, const char *search)
{
    struct partner_filter filter = {.search = str_from_c(search)};
    return directory_names(world, &filter, "name");
}
