/* Salesforce files, and rows that belong to nobody. */
#include "lib/db/db.h"
#include "src/core/limits.h"
#include "src/intake/intake_test.h"

#define SALESFORCE "tests/data/salesforce/"

/* ---- Salesforce ---- */

static void add_salesforce(struct desk *desk, const char *order)
{
    desk_clear(desk);
    for (; *order; order++)
        desk_add(desk,
                 *order == 'A'   ? SALESFORCE "Account.csv"
                 : *order == 'C' ? SALESFORCE "Contact.csv"
                 : *order == 'L' ? SALESFORCE "Lead.csv"
                                 : SALESFORCE "Opportunity.csv",
                 NULL);
}

static void check_salesforce(const struct desk *desk)
{
    CHECK_INT(101, import_rows_total(&desk->import.outcome));
    CHECK_INT(0, desk->import.outcome.refused);
    CHECK_INT(4, desk_count(desk, "partner").created);
    CHECK_INT(5, desk_count(desk, "contact").created);
    CHECK_INT(20, desk_count(desk, "contact").unassigned);
    CHECK_INT(8, desk_count(desk, "deal.registered").created);
    CHECK_INT(28, desk_count(desk, "deal.registered").unassigned);
    CHECK_INT(5, desk_count(desk, "account.opened").unassigned);
}

TEST(import_salesforce, accounts_for_every_row_in_any_order)
{
    static const char *const orders[] = {"ACLO", "OLCA", "LOAC"};
    for (size_t i = 0; i < ARRAY_LEN(orders); i++) {
        struct desk desk;
        desk_open(&desk);
        add_salesforce(&desk, orders[i]);
        desk_preview(&desk);
        check_salesforce(&desk);
        desk_apply(&desk);
        check_salesforce(&desk);
        add_salesforce(&desk, orders[i]);
        desk_apply(&desk);
        CHECK_INT(0, desk.import.changes);
        CHECK_INT(101, import_rows_total(&desk.import.outcome));
        desk_close(&desk);
    }
}

TEST(import_salesforce, says_which_rule_makes_partners_and_takes_another)
{
    struct desk desk;
    desk_open(&desk);
    add_salesforce(&desk, "A");
    CHECK(str_find(desk.files[0].notes_json, STR("whose Type contains"), &(size_t){0}));
    desk_clear(&desk);
    desk.import.choices.partners = STR("all");
    desk_add(&desk, SALESFORCE "Account.csv", NULL);
    desk_preview(&desk);
    CHECK_INT(18, desk_count(&desk, "partner").created);
    desk_clear(&desk);
    desk.import.choices.partners = STR("type:Customer - Direct");
    desk_add(&desk, SALESFORCE "Account.csv", NULL);
    desk_preview(&desk);
    CHECK_INT(7, desk_count(&desk, "partner").created);
    desk_clear(&desk);
    desk.import.choices.partners = STR("Nothing=1");
    CHECK_ERR(ERR_INVALID, desk_try_add(&desk, SALESFORCE "Account.csv", NULL));
    desk_close(&desk);
}

/* ---- rows that belong to nobody ---- */

struct assigning {
    struct unassigned_choice choice;
    struct unassigned_report report;
    const char *partner;
};

static enum err assign(struct ctx *ctx, void *arg)
{
    struct assigning *assigning = arg;
    struct partner_id partner;
    TRY(partner_find(ctx, str_from_c(assigning->partner), &partner));
    return unassigned_assign(ctx, &assigning->choice, partner, &assigning->report);
}

static enum err list(struct ctx *ctx, void *arg)
{
    struct unassigned_filter filter = {.owner = {NULL, 0}};
    struct page page = {.limit = LIMIT_PAGE_MAX};
    return unassigned_list(ctx, &filter, &page, arg);
}

TEST(unassigned, rows_of_an_owner_become_a_partners_now_and_later)
{
    struct desk desk;
    struct unassigned_page page;
    struct assigning assigning = {
        .choice = {.system = STR("salesforce"), .owner = STR("001bm00001ZL8UEAA1")},
        .partner = "Dickenson plc"};
    desk_open(&desk);
    add_salesforce(&desk, "ACLO");
    desk_apply(&desk);
    CHECK_OK(ctx_read(desk_ctx(&desk), list, &page));
    CHECK_INT(70, page.count);
    int64_t registered = desk_facts(&desk, FACT_DEAL_REGISTERED);
    CHECK_OK(ctx_write(desk_ctx(&desk), assign, &assigning));
    CHECK_INT(20, assigning.report.assigned);
    CHECK_INT(0, assigning.report.left);
    CHECK(desk_facts(&desk, FACT_DEAL_REGISTERED) > registered);
    int64_t assigned = desk_facts(&desk, FACT_DEAL_REGISTERED);
    add_salesforce(&desk, "ACLO");
    desk_apply(&desk);
    CHECK_INT(0, desk.import.changes);
    CHECK_INT(assigned, desk_facts(&desk, FACT_DEAL_REGISTERED));
    CHECK_OK(ctx_read(desk_ctx(&desk), list, &page));
    CHECK_INT(50, page.count);
    desk_close(&desk);
}

TEST(unassigned, rows_go_when_their_import_is_undone_also_those_that_were_assigned)
{
    static const struct query contacts = {
        "test contacts", "SELECT COUNT(*) AS n FROM contact WHERE archived_ms IS NULL", NULL};
    struct desk desk;
    struct unassigned_page page;
    struct assigning assigning = {
        .choice = {.system = STR("salesforce"), .owner = STR("001bm00001ZL8UEAA1")},
        .partner = "Dickenson plc"};
    desk_open(&desk);
    add_salesforce(&desk, "ACLO");
    desk_apply(&desk);
    CHECK_OK(ctx_write(desk_ctx(&desk), assign, &assigning));
    desk_undo(&desk);
    CHECK_OK(ctx_read(desk_ctx(&desk), list, &page));
    CHECK_INT(0, page.count);
    CHECK_INT(0, desk_facts(&desk, FACT_DEAL_REGISTERED));
    CHECK_INT(0, world_number(&desk.world, &contacts));
    desk_close(&desk);
}

TEST(unassigned, rows_leave_the_list_when_a_later_import_knows_their_owner)
{
    struct desk desk;
    struct unassigned_page page;
    desk_open(&desk);
    add_salesforce(&desk, "ACLO");
    desk_apply(&desk);
    desk_clear(&desk);
    desk.import.choices.partners = STR("all");
    desk_add(&desk, SALESFORCE "Account.csv", NULL);
    desk_add(&desk, SALESFORCE "Contact.csv", NULL);
    desk_add(&desk, SALESFORCE "Opportunity.csv", NULL);
    desk_apply(&desk);
    CHECK_INT(20, desk_count(&desk, "contact").created);
    CHECK_OK(ctx_read(desk_ctx(&desk), list, &page));
    CHECK_INT(5, page.count); /* customers' accounts that were opened */
    CHECK_STR("account.opened", page.rows[0].entity);
    desk_close(&desk);
}

TEST(unassigned, keeps_a_row_that_was_assigned_by_itself_out_of_the_list)
{
    struct desk desk;
    struct unassigned_page page;
    int64_t id;
    struct assigning assigning = {.choice = {.ids = &id, .count = 1}, .partner = "Alpha"};
    static const char other[] = "Order,Day,Key,Article,Units,Total\nB1,2024-03-01,77,X,2,20.00\n";
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "lines.csv", other, LINES_MAPPING);
    desk_apply(&desk);
    CHECK_INT(1, desk.import.outcome.unassigned);
    CHECK_OK(ctx_read(desk_ctx(&desk), list, &page));
    CHECK_INT(2, page.count);
    CHECK_STR("77", page.rows[0].owner);
    id = page.rows[0].id;
    CHECK_OK(ctx_write(desk_ctx(&desk), assign, &assigning));
    id = page.rows[1].id;
    CHECK_OK(ctx_write(desk_ctx(&desk), assign, &assigning));
    CHECK_INT(2000, desk_amount(&desk, FACT_ORDER));
    desk_clear(&desk);
    desk_add_text(&desk, "lines.csv", other, LINES_MAPPING);
    desk_apply(&desk);
    CHECK_INT(1, desk.import.outcome.unchanged);
    CHECK_OK(ctx_read(desk_ctx(&desk), list, &page));
    CHECK_INT(0, page.count);
    desk_close(&desk);
}
