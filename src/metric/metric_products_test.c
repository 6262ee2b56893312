/* Products by a metric. */
#include "src/metric/metric.h"
#include "src/metric/metric_test.h"

#define SCOPED_STAGE CLEANUP(stage_close) struct stage

struct asking {
    struct metric_query query;
    struct metric_leader_page found;
    struct page page;
};

static enum err ask(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    return metric_products(ctx, &asking->query, &asking->page, &asking->found);
}

static void item(struct stage *stage, int partner, int product, int64_t minor, int64_t units)
{
    struct fact_draft draft = stage_fact(stage, FACT_ITEM);
    draft.partner = stage->partners[partner];
    draft.product = stage->products[product];
    draft.amount.minor = minor;
    draft.quantity_milli = units * 1000;
    stage_record(stage, &draft);
}

static struct asking asking_of(struct stage *stage, int partner, const char *code)
{
    struct asking asking = {.query = {.scope = {.partner = stage->partners[partner]}},
                            .page = {.limit = 10}};
    struct ctx *ctx = world_as(&stage->world, ROLE_ANALYST);
    CHECK_OK(metric_want(ctx, str_from_c(code), &asking.query.wanted));
    return asking;
}

TEST(metric_products, of_a_partner_are_its_own_highest_first_page_by_page)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    item(&stage, 0, 0, 500, 9);
    item(&stage, 0, 1, 2000, 1);
    item(&stage, 0, 0, 300, 1);
    item(&stage, 1, 2, 90000, 1);
    struct asking asking = asking_of(&stage, 0, "sales");
    struct ctx *ctx = world_as(&stage.world, ROLE_ANALYST);
    CHECK_OK(ctx_read(ctx, ask, &asking));
    CHECK_INT(2, asking.found.count);
    CHECK(product_id_equal(stage.products[1], asking.found.rows[0].product));
    CHECK_INT(2000, asking.found.rows[0].key);
    CHECK_INT(800, asking.found.rows[1].key);
    CHECK_INT(2, asking.found.rows[1].result.n);
    CHECK(asking.found.rows[1].name.len);
    asking.page = (struct page){
        .limit = 1, .has_cursor = true, .after_int = 2000, .after_id = stage.products[1].v};
    CHECK_OK(ctx_read(ctx, ask, &asking));
    CHECK(product_id_equal(stage.products[0], asking.found.rows[0].product));
    CHECK(!asking.found.next.len);
    asking = asking_of(&stage, 0, "units");
    CHECK_OK(ctx_read(ctx, ask, &asking));
    CHECK(product_id_equal(stage.products[0], asking.found.rows[0].product));
    CHECK_INT(10000, asking.found.rows[0].key);
}

TEST(metric_products, of_the_channel_add_up_all_partners)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    item(&stage, 0, 0, 500, 1);
    item(&stage, 1, 0, 700, 1);
    struct asking asking = asking_of(&stage, 0, "sales");
    asking.query.scope.partner.v = 0;
    CHECK_OK(ctx_read(world_as(&stage.world, ROLE_ANALYST), ask, &asking));
    CHECK_INT(1, asking.found.count);
    CHECK_INT(1200, asking.found.rows[0].key);
}

TEST(metric_products, refuse_what_says_nothing_about_a_product)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    item(&stage, 0, 0, 500, 1);
    struct ctx *ctx = world_as(&stage.world, ROLE_ANALYST);
    struct asking selling = asking_of(&stage, 0, "partners_selling");
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, ask, &selling));
    struct asking dates = asking_of(&stage, 0, "order_date_avg");
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, ask, &dates));
}

TEST(metric_products, tell_a_partners_user_its_own_and_no_margin)
{
    SCOPED_STAGE stage;
    stage_open(&stage);
    item(&stage, 0, 0, 500, 1);
    item(&stage, 1, 1, 700, 1);
    struct asking own = asking_of(&stage, 1, "sales");
    struct asking foreign = asking_of(&stage, 0, "sales");
    struct asking margin = asking_of(&stage, 1, "margin");
    struct ctx *ctx = world_as_partner(&stage.world, stage.partners[1]);
    CHECK_OK(ctx_read(ctx, ask, &own));
    CHECK_INT(1, own.found.count);
    CHECK_INT(700, own.found.rows[0].key);
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, ask, &foreign));
    CHECK_ERR(ERR_NOT_FOUND, ctx_read(ctx, ask, &margin));
}
