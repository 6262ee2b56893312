/* Tests of products: fields, finding, saving a file's rows, who carries and who sees them. */
#include "lib/db/db.h"
#include "tests/support/records.h"
#include "tests/support/test.h"

enum { PRODUCTS, AUDIT_OF_PRODUCTS };
static const struct query queries[] = {
    [PRODUCTS] = {"test products", "SELECT COUNT(*) AS n FROM product", NULL},
    [AUDIT_OF_PRODUCTS] = {"test audit of products",
                           "SELECT COUNT(*) AS n FROM audit WHERE subject_type = 'product'", NULL},
};

TEST(product_create, keeps_its_fields_in_their_one_form)
{
    struct world world;
    struct product product;
    world_open(&world);
    CHECK_OK(make_product(world_as(&world, ROLE_MANAGER),
                          "name= HL  Road Frame|code=FR-R92B-58|category=Components|"
                          "subcategory=Road Frames|cost=868.6342|currency=usd",
                          "shop:210", &product));
    CHECK_OK(read_product(&world.ctx, product.id, &product));
    CHECK_STR("HL Road Frame", product.name);
    CHECK_STR("FR-R92B-58", product.code);
    CHECK_STR("Components", product.category);
    CHECK_STR("Road Frames", product.subcategory);
    CHECK(product.has_cost);
    CHECK_INT(86863, product.cost.minor);
    CHECK_STR("USD", currency_str(&product.cost.currency));
    world_close(&world);
}

TEST(product_create, takes_a_cost_in_the_organisations_currency)
{
    struct world world;
    world_open(&world);
    struct product with = add_product(&world, "name=A|cost=0");
    struct product without = add_product(&world, "name=B");
    CHECK(with.has_cost);
    CHECK_INT(0, with.cost.minor);
    CHECK_STR("EUR", currency_str(&with.cost.currency));
    CHECK(!without.has_cost);
    world_close(&world);
}

TEST(product_create, names_the_field_that_is_wrong)
{
    static const char *const cases[][2] = {
        {"name", "code=1"},
        {"cost", "name=A|cost=-1"},
        {"cost", "name=A|cost=1,5"},
        {"currency", "name=A|cost=1|currency=XXZ"},
    };
    struct world world;
    struct product product;
    world_open(&world);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CHECK_ERR(ERR_INVALID, make_product(&world.ctx, cases[i][1], "", &product));
        CHECK_STR(cases[i][0], str_from_c(world.ctx.fault.field));
    }
    CHECK_INT(0, world_number(&world, &queries[PRODUCTS]));
    world_close(&world);
}

TEST(product_code, is_of_one_product_that_is_not_archived)
{
    struct world world;
    struct product product;
    world_open(&world);
    struct product first = add_product(&world, "name=A|code=X1");
    CHECK_ERR(ERR_CONFLICT, make_product(&world.ctx, "name=B|code=X1", "", &product));
    struct product second = add_product(&world, "name=B|code=X2");
    CHECK_ERR(ERR_CONFLICT, change_product(&world.ctx, &second, "code=X1"));
    CHECK_OK(live_product(&world.ctx, product_archive, first.id, 0));
    CHECK_OK(change_product(&world.ctx, &second, "code=X1"));
    CHECK_ERR(ERR_CONFLICT, live_product(&world.ctx, product_restore, first.id, 0));
    CHECK_OK(read_product(&world.ctx, first.id, &first));
    CHECK(first.archived_ms != 0);
    world_close(&world);
}

TEST(product_update, changes_what_is_given_to_the_version_it_was_made_to)
{
    struct world world;
    world_open(&world);
    struct product mine = add_product(&world, "name=A|category=C|cost=5"), theirs = mine;
    CHECK_OK(change_product(&world.ctx, &theirs, "category=|cost=7.50"));
    CHECK_ERR(ERR_STALE, change_product(&world.ctx, &mine, "category=D"));
    CHECK_OK(read_product(&world.ctx, mine.id, &mine));
    CHECK_STR("", mine.category);
    CHECK_INT(750, mine.cost.minor);
    CHECK_OK(change_product(&world.ctx, &mine, "cost="));
    CHECK(!mine.has_cost);
    CHECK_INT(3, world_number(&world, &queries[AUDIT_OF_PRODUCTS]));
    world_close(&world);
}

/* ---- saving what a file says ---- */

TEST(product_save, finds_it_again_by_external_id_so_that_twice_is_as_once)
{
    struct world world;
    struct product_saved saved;
    world_open(&world);
    CHECK_OK(save_product(&world.ctx, "name=Frame|cost=868.63|currency=USD", "aw:210", &saved));
    CHECK(saved.created && saved.changed);
    struct product_id id = saved.product.id;
    CHECK_OK(save_product(&world.ctx, "name=Frame|cost=868.63|currency=USD", "aw:210", &saved));
    CHECK(!saved.created && !saved.changed);
    CHECK(product_id_equal(id, saved.product.id));
    CHECK_OK(save_product(&world.ctx, "name=Frame|cost=900|currency=USD", "aw:210", &saved));
    CHECK(!saved.created && saved.changed);
    CHECK_INT(90000, saved.product.cost.minor);
    CHECK_OK(save_product(&world.ctx, "name=Frame", "aw:211", &saved));
    CHECK(saved.created);
    CHECK_INT(2, world_number(&world, &queries[PRODUCTS]));
    world_close(&world);
}

TEST(product_save, joins_a_product_that_has_the_code)
{
    struct world world;
    struct product_saved saved;
    world_open(&world);
    struct product product = add_product(&world, "name=Frame|code=F1|category=C");
    CHECK_OK(save_product(&world.ctx, "name=Frame|code=F1", "shop:9", &saved));
    CHECK(!saved.created && saved.changed);
    CHECK(product_id_equal(product.id, saved.product.id));
    CHECK_STR("C", saved.product.category);
    CHECK_OK(save_product(&world.ctx, "name=Frame", "shop:9", &saved));
    CHECK(!saved.created && !saved.changed);
    CHECK_INT(1, world_number(&world, &queries[PRODUCTS]));
    world_close(&world);
}

TEST(product_save, goes_by_the_name_where_there_is_nothing_else)
{
    struct world world;
    struct product_saved saved;
    world_open(&world);
    CHECK_OK(save_product(&world.ctx, "name=Café Table", "", &saved));
    CHECK(saved.created);
    CHECK_OK(save_product(&world.ctx, "name=Café Table", "", &saved));
    CHECK(!saved.created && !saved.changed);
    CHECK_OK(save_product(&world.ctx, "name=Café Table", "shop:1", &saved));
    CHECK(saved.created);
    CHECK_ERR(ERR_CONFLICT, save_product(&world.ctx, "name=Café Table", "", &saved));
    world_close(&world);
}

struct check_call {
    struct product_draft draft;
    struct external_id external;
    struct product_id id;
    bool changes;
};

static enum err work_check(struct ctx *ctx, void *arg)
{
    struct check_call *call = arg;
    return product_check(ctx, &call->draft, call->external, &call->id, &call->changes);
}

TEST(product_check, says_what_saving_would_do_without_doing_it)
{
    struct world world;
    struct product_saved saved;
    world_open(&world);
    CHECK_OK(save_product(&world.ctx, "name=Frame|cost=5", "aw:210", &saved));
    struct check_call call = {.draft = {.name = STR("Frame"), .cost = STR("5.00")},
                              .external = {STR("aw"), STR("210")}};
    CHECK_OK(ctx_read(&world.ctx, work_check, &call));
    CHECK(product_id_equal(saved.product.id, call.id));
    CHECK(!call.changes);
    call.draft.cost = STR("6");
    CHECK_OK(ctx_read(&world.ctx, work_check, &call));
    CHECK(call.changes);
    call.external.id = STR("211");
    CHECK_OK(ctx_read(&world.ctx, work_check, &call));
    CHECK(!product_id_is_set(call.id));
    CHECK(call.changes);
    CHECK_INT(1, world_number(&world, &queries[PRODUCTS]));
    world_close(&world);
}

/* ---- finding ---- */

TEST(product_find, takes_id_external_id_code_and_name)
{
    static const char *const texts[] = {"aw:210", "AW:210", "F1", "frame", " FRAME "};
    struct world world;
    struct product_saved saved;
    struct product_id id;
    world_open(&world);
    CHECK_OK(save_product(&world.ctx, "name=Frame|code=F1", "aw:210", &saved));
    add_product(&world, "name=Wheel");
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        CHECK_OK(find_product(&world.ctx, texts[i], &id));
        CHECK(product_id_equal(saved.product.id, id));
    }
    char text[ID_TEXT_MAX];
    id_format("prd", saved.product.id.v, text);
    CHECK_OK(find_product(&world.ctx, text, &id));
    CHECK_ERR(ERR_NOT_FOUND, find_product(&world.ctx, "Saddle", &id));
    add_product(&world, "name=FRAME");
    CHECK_ERR(ERR_CONFLICT, find_product(&world.ctx, "frame", &id));
    world_close(&world);
}

/* ---- lists, and who sees what ---- */

struct list_call {
    struct product_filter filter;
    struct page page;
    struct product_page found;
};

static enum err work_list(struct ctx *ctx, void *arg)
{
    struct list_call *call = arg;
    return product_list(ctx, &call->filter, &call->page, &call->found);
}

TEST(product_list, goes_by_name_in_pages)
{
    struct world world;
    world_open(&world);
    add_product(&world, "name=Wheel");
    add_product(&world, "name=Álvaro Saddle");
    struct product archived = add_product(&world, "name=Bell");
    add_product(&world, "name=Wheel, large");
    CHECK_OK(live_product(&world.ctx, product_archive, archived.id, 0));
    struct list_call call = {.page = {.limit = 2}};
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(2, call.found.count);
    CHECK_STR("Álvaro Saddle", call.found.rows[0].name);
    CHECK_STR("Wheel", call.found.rows[1].name);
    call.page.has_cursor = true;
    call.page.after_text = STR("wheel");
    call.page.after_id = call.found.rows[1].id.v;
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(1, call.found.count);
    CHECK_STR("Wheel, large", call.found.rows[0].name);
    CHECK_INT(0, call.found.next.len);
    call = (struct list_call){.filter = {.prefix = STR("WHE")}, .page = {.limit = 9}};
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(2, call.found.count);
    call = (struct list_call){.filter = {.archived = true}, .page = {.limit = 9}};
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(1, call.found.count);
    CHECK_STR("Bell", call.found.rows[0].name);
    world_close(&world);
}

TEST(product_set_carried, is_noted_once_in_the_partners_history)
{
    struct world world;
    world_open(&world);
    struct partner partner = add_partner(&world, "name=A", PARTNER_ACTIVE);
    struct product frame = add_product(&world, "name=Frame");
    add_product(&world, "name=Wheel");
    CHECK_OK(carry_product(&world.ctx, frame.id, partner.id, true));
    CHECK_OK(carry_product(&world.ctx, frame.id, partner.id, true));
    struct list_call call = {.filter = {.partner = partner.id}, .page = {.limit = 9}};
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(1, call.found.count);
    CHECK_STR("Frame", call.found.rows[0].name);
    CHECK_OK(carry_product(&world.ctx, frame.id, partner.id, false));
    CHECK_OK(ctx_read(&world.ctx, work_list, &call));
    CHECK_INT(0, call.found.count);
    CHECK_ERR(ERR_NOT_FOUND, carry_product(&world.ctx, (struct product_id){1}, partner.id, true));
    CHECK_ERR(ERR_NOT_FOUND, carry_product(&world.ctx, frame.id, (struct partner_id){1}, true));
    world_close(&world);
}

TEST(product_scope, is_what_the_own_partner_carries_without_the_cost)
{
    struct world world;
    struct product product;
    struct product_id id;
    world_open(&world);
    struct partner own = add_partner(&world, "name=Own", PARTNER_ACTIVE);
    struct partner other = add_partner(&world, "name=Other", PARTNER_ACTIVE);
    struct product frame = add_product(&world, "name=Frame|cost=5");
    struct product wheel = add_product(&world, "name=Wheel|cost=7");
    CHECK_OK(carry_product(&world.ctx, frame.id, own.id, true));
    CHECK_OK(carry_product(&world.ctx, wheel.id, other.id, true));
    struct ctx *ctx = world_as_partner(&world, own.id);
    CHECK_OK(read_product(ctx, frame.id, &product));
    CHECK_STR("Frame", product.name);
    CHECK(!product.has_cost);
    CHECK_ERR(ERR_NOT_FOUND, read_product(ctx, wheel.id, &product));
    CHECK_ERR(ERR_NOT_FOUND, find_product(ctx, "Wheel", &id));
    struct list_call call = {.page = {.limit = 9}};
    CHECK_OK(ctx_read(ctx, work_list, &call));
    CHECK_INT(1, call.found.count);
    call.filter.partner = other.id;
    CHECK_OK(ctx_read(ctx, work_list, &call));
    CHECK_INT(0, call.found.count);
    world_close(&world);
}
