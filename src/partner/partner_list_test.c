/* The list of partners: filters, orders, pages, and what a partner's own user sees. */
#include "lib/db/db.h"
#include "src/core/limits.h"
#include "src/partner/partner.h"
#include "tests/support/directory.h"
#include "tests/support/test.h"

/* ---- filters ---- */

TEST(partner_list, is_by_name_without_case_or_accents)
{
    struct world world;
    world_open(&world);
    directory_add(&world, "zeta");
    directory_add(&world, "Ärger");
    directory_add(&world, "Beta");
    struct partner_filter all = {.archived = PARTNERS_NOT_ARCHIVED};
    CHECK_STR("Ärger;Beta;zeta;", directory_names(&world, &all, ""));
    CHECK_STR("zeta;Beta;Ärger;", directory_names(&world, &all, "-name"));
    world_close(&world);
}

TEST(partner_list, keeps_what_every_filter_is_true_of)
{
    struct world world;
    world_open(&world);
    struct partner_id alpha = directory_add(&world, "Alpha"), beta = directory_add(&world, "Beta");
    struct partner_id gamma = directory_add(&world, "Gamma");
    directory_set(&world, alpha, PARTNER_COUNTRY, "US");
    directory_set(&world, beta, PARTNER_COUNTRY, "US");
    directory_set(&world, beta, PARTNER_TIER, "Gold");
    directory_set(&world, gamma, PARTNER_MANAGER, WORLD_ADMIN_EMAIL);
    directory_set(&world, gamma, PARTNER_PARENT, "Alpha");
    directory_add_tag(&world, beta, "vip");
    directory_move(&world, beta, PARTNER_ONBOARDING);
    directory_add_contact(&world, beta, "Bea", "");
    struct {
        struct partner_filter filter;
        const char *names;
    } cases[] = {
        {{.country = {"US"}}, "Alpha;Beta;"},
        {{.country = {"US"}, .tier = STR("Gold")}, "Beta;"},
        {{.manager = world.admin}, "Gamma;"},
        {{.manager = world.manager}, "Alpha;Beta;"},
        {{.parent = alpha}, "Gamma;"},
        {{.tag = STR("vip")}, "Beta;"},
        {{.tag = STR("vi")}, ""},
        {{.statuses = PARTNER_STATUS_BIT(PARTNER_ONBOARDING)}, "Beta;"},
        {{.statuses = PARTNER_STATUS_BIT(PARTNER_PROSPECT)}, "Alpha;Gamma;"},
        {{.without_contact = true}, "Alpha;Gamma;"},
        {{.search = STR("a"), .country = {"US"}, .without_contact = true}, "Alpha;"},
        {{.archived = PARTNERS_ARCHIVED}, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        CHECK_STR(cases[i].names, directory_names(&world, &cases[i].filter, "name"));
    world_close(&world);
}

TEST(partner_list, filters_by_a_product_that_is_carried)
{
    static const struct query add = {
        "test add product",
        "INSERT INTO product (id, name, name_key, created_ms) VALUES (7, 'Bike', 'bike', 0)", NULL};
    static const struct query carry = {
        "test carry", "INSERT INTO partner_product (partner_id, product_id) VALUES ($1, 7)", NULL};
    struct world world;
    world_open(&world);
    struct partner_id alpha = directory_add(&world, "Alpha");
    directory_add(&world, "Beta");
    struct db_args none = DB_NO_ARGS, args = DB_ARGS(db_int(alpha.v));
    world_run(&world, &add, &none);
    world_run(&world, &carry, &args);
    struct partner_filter filter = {.product = {7}};
    CHECK_STR("Alpha;", directory_names(&world, &filter, "name"));
    filter.product.v = 8;
    CHECK_STR("", directory_names(&world, &filter, "name"));
    world_close(&world);
}

TEST(partner_list, shows_those_that_are_archived_only_when_asked)
{
    struct world world;
    world_open(&world);
    struct partner_id alpha = directory_add(&world, "Alpha");
    directory_add(&world, "Beta");
    directory_archive(&world, alpha);
    struct partner_filter filter = {.archived = PARTNERS_NOT_ARCHIVED};
    CHECK_STR("Beta;", directory_names(&world, &filter, "name"));
    filter.archived = PARTNERS_ARCHIVED;
    CHECK_STR("Alpha;", directory_names(&world, &filter, "name"));
    filter.archived = PARTNERS_ALL;
    CHECK_STR("Alpha;Beta;", directory_names(&world, &filter, "name"));
    world_close(&world);
}

/* ---- orders and pages ---- */

struct paging {
    const struct partner_filter *filter;
    const char *sort;
    struct str names;
    struct str cursor;
    int64_t limit;
};

/* One page by the form that a request gives, so that the cursor goes out and comes back in. */
static enum err read_page(struct ctx *ctx, void *arg)
{
    static const struct field fields[] = {PAGE_FIELDS};
    static const struct schema schema = SCHEMA(NULL, NULL, fields);
    struct paging *paging = arg;
    struct str names[] = {STR("limit"), STR("cursor")};
    struct str texts[] = {arena_format(ctx->arena, "%lld", (long long)paging->limit),
                          paging->cursor};
    struct form_texts given = {names, texts, paging->cursor.len ? 2 : 1};
    const struct form *form;
    struct partner_order order = {.sort = PARTNER_SORT_NAME};
    struct page page;
    struct partner_page found;
    TRY(form_from_texts(ctx, &schema, &given, &form));
    TRY(partner_order_parse(ctx, str_from_c(paging->sort), &order));
    TRY(page_from_form(ctx, form, partner_order_text(ctx, &order), &page));
    TRY(partner_list(ctx, paging->filter, &order, &page, &found));
    for (size_t i = 0; i < found.count; i++)
        paging->names = arena_format(ctx->arena, "%.*s%.*s;", STR_ARG(paging->names),
                                     STR_ARG(found.rows[i].name));
    paging->cursor = found.next;
    return OK;
}

static struct str page_through(struct world *world, const struct partner_filter *filter,
                               const char *sort)
{
    struct paging paging = {.filter = filter, .sort = sort, .limit = 2};
    do
        CHECK_OK(ctx_read(world_as(world, ROLE_ANALYST), read_page, &paging));
    while (paging.cursor.len);
    return paging.names;
}

static int count_rows(struct str names)
{
    int count = 0;
    for (size_t i = 0; i < names.len; i++)
        count += names.ptr[i] == ';';
    return count;
}

TEST(partner_list, gives_every_row_once_in_every_order)
{
    struct world world;
    world_open(&world);
    const char *const names[] = {"Delta", "alpha", "Écho", "Bravo", "Charlie", "Bravo", "Foxtrot"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct partner_id id = directory_add(&world, names[i]);
        directory_set(&world, id, PARTNER_COUNTRY, i % 2 ? "DE" : "AT");
        directory_set(&world, id, PARTNER_CITY, i % 3 ? "Wien" : "");
        if (i % 3 == 0)
            directory_move(&world, id, PARTNER_ONBOARDING);
    }
    struct partner_filter all = {.archived = PARTNERS_NOT_ARCHIVED}, found = {.search = STR("b")};
    CHECK_STR("Bravo;Bravo;", page_through(&world, &found, "name"));
    for (enum partner_sort sort = 0; sort < PARTNER_SORT_COUNT; sort++)
        for (int descending = 0; descending < 2; descending++) {
            const char *text =
                arena_cstr(&world.arena, arena_format(&world.arena, "%s%s", descending ? "-" : "",
                                                      partner_sort_name(sort)));
            struct str paged = page_through(&world, &all, text);
            CHECK_INT(7, count_rows(paged));
            CHECK(str_equal(paged, directory_names(&world, &all, text)));
        }
    CHECK_STR("alpha;Bravo;Bravo;Charlie;Delta;Écho;Foxtrot;", page_through(&world, &all, "name"));
    CHECK_STR("Foxtrot;Bravo;Charlie;Bravo;Écho;alpha;Delta;",
              page_through(&world, &all, "-created"));
    world_close(&world);
}

TEST(partner_list, sorts_by_status_as_a_partner_lives)
{
    struct world world;
    world_open(&world);
    struct partner_id alpha = directory_add(&world, "Alpha");
    directory_add(&world, "Beta");
    directory_move(&world, alpha, PARTNER_ONBOARDING);
    directory_move(&world, alpha, PARTNER_ACTIVE);
    directory_move(&world, directory_add(&world, "Gamma"), PARTNER_ONBOARDING);
    struct partner_filter all = {.archived = PARTNERS_NOT_ARCHIVED};
    CHECK_STR("Beta;Gamma;Alpha;", directory_names(&world, &all, "status"));
    CHECK_STR("Alpha;Gamma;Beta;", directory_names(&world, &all, "-status"));
    world_close(&world);
}

TEST(partner_list, refuses_a_cursor_of_another_order)
{
    struct world world;
    world_open(&world);
    for (int i = 0; i < 3; i++)
        directory_add(&world, "Alpha");
    struct partner_filter all = {.archived = PARTNERS_NOT_ARCHIVED};
    struct paging paging = {.filter = &all, .sort = "name", .limit = 2};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ANALYST), read_page, &paging));
    CHECK(paging.cursor.len > 0);
    paging.sort = "-name";
    CHECK_ERR(ERR_INVALID, ctx_read(world_as(&world, ROLE_ANALYST), read_page, &paging));
    world_close(&world);
}

/* ---- metrics ---- */

/* Orders: Beta 20, Alpha 5; the others none. */
static struct partner_metric_value test_values[2] = {{.key = 5}, {.key = 20}};

static bool test_exists(struct str code)
{
    return str_equal(code, STR("orders"));
}

static enum err test_metric(struct ctx *ctx, const struct partner_metric_query *query,
                            struct partner_metric_values *ret_values)
{
    (void)ctx;
    (void)query;
    *ret_values = (struct partner_metric_values){test_values, ARRAY_LEN(test_values)};
    return OK;
}

TEST(partner_list, sorts_by_a_metric_with_no_data_last)
{
    static const struct partner_metrics metrics = {test_exists, test_metric};
    struct world world;
    world_open(&world);
    struct partner_filter all = {.archived = PARTNERS_NOT_ARCHIVED}, beta = {.search = STR("bet")};
    world.services.partner_metrics = &metrics;
    test_values[0].partner = directory_add(&world, "Alpha");
    test_values[1].partner = directory_add(&world, "Beta");
    directory_add(&world, "Gamma");
    directory_add(&world, "Delta");
    CHECK_STR("Alpha;Beta;Gamma;Delta;", page_through(&world, &all, "orders"));
    CHECK_STR("Beta;Alpha;Gamma;Delta;", page_through(&world, &all, "-orders"));
    CHECK_STR("Beta;", directory_names(&world, &beta, "-orders"));
    world_close(&world);
}

static enum err parse_order(struct ctx *ctx, void *arg)
{
    struct partner_order order = {.sort = PARTNER_SORT_NAME};
    return partner_order_parse(ctx, str_from_c(arg), &order);
}

TEST(partner_list, refuses_an_order_that_does_not_exist)
{
    struct world world;
    world_open(&world);
    char unknown[] = "-shoe_size";
    struct ctx *ctx = world_as(&world, ROLE_ANALYST);
    CHECK_ERR(ERR_INVALID, ctx_read(ctx, parse_order, unknown));
    CHECK_STR("sort", str_from_c(ctx->fault.field));
    world_close(&world);
}

/* ---- who sees what, and how many ---- */

struct counting {
    struct partner_filter filter;
    int64_t count;
    size_t ids;
};

static enum err count(struct ctx *ctx, void *arg)
{
    struct counting *counting = arg;
    struct partner_id *ids;
    TRY(partner_count(ctx, &counting->filter, &counting->count));
    return partner_list_ids(ctx, &counting->filter, &ids, &counting->ids);
}

TEST(partner_list, shows_a_partners_user_its_own_only)
{
    struct world world;
    world_open(&world);
    struct partner_id alpha = directory_add(&world, "Alpha");
    directory_add(&world, "Beta");
    directory_add_tag(&world, alpha, "risky");
    struct partner_filter all = {.archived = PARTNERS_NOT_ARCHIVED};
    struct paging paging = {.filter = &all, .sort = "name", .limit = 10};
    CHECK_OK(ctx_read(world_as_partner(&world, alpha), read_page, &paging));
    CHECK_STR("Alpha;", paging.names);
    struct counting everyone = {.filter = all}, other = {.filter = {.search = STR("beta")}};
    CHECK_OK(ctx_read(world_as_partner(&world, alpha), count, &everyone));
    CHECK_INT(1, everyone.count);
    CHECK_OK(ctx_read(world_as_partner(&world, alpha), count, &other));
    CHECK_INT(0, other.count);
    struct counting tagged = {.filter = {.tag = STR("risky")}};
    CHECK_OK(ctx_read(world_as_partner(&world, alpha), count, &tagged));
    CHECK_INT(0, tagged.count);
    world_close(&world);
}

TEST(partner_list, counts_what_it_lists)
{
    struct world world;
    world_open(&world);
    for (int i = 0; i < 5; i++)
        directory_add(&world, i % 2 ? "Bike Shop" : "Toy Shop");
    struct counting shops = {.filter = {.search = STR("sho")}};
    struct counting bikes = {.filter = {.search = STR("shop bik")}};
    CHECK_OK(ctx_read(world_as(&world, ROLE_ANALYST), count, &shops));
    CHECK_OK(ctx_read(world_as(&world, ROLE_ANALYST), count, &bikes));
    CHECK_INT(5, shops.count);
    CHECK_INT(5, shops.ids);
    CHECK_INT(2, bikes.count);
    CHECK_INT(2, bikes.ids);
    world_close(&world);
}
