/* What files say anew, and imports that are taken back. */
#include "lib/db/db.h"
#include "src/intake/intake_test.h"

/* ---- what changed in the source ---- */

TEST(import, replaces_an_order_that_says_something_else_now_and_undoes_that)
{
    struct desk desk;
    desk_open(&desk);
    desk_import_shops(&desk);
    desk_clear(&desk);
    desk_add_text(&desk, "lines.csv",
                  "Order,Day,Key,Article,Units,Total\nA2,2024-03-02,2,X,4,40.00\n", LINES_MAPPING);
    desk_preview(&desk);
    CHECK_INT(1, desk_count(&desk, "order").updated);
    desk_apply(&desk);
    CHECK_INT(1, desk_count(&desk, "order").updated);
    CHECK_INT(6550, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(2, desk_facts(&desk, FACT_ORDER));
    desk_undo(&desk);
    CHECK_INT(5550, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(2, desk_facts(&desk, FACT_ORDER));
    desk_close(&desk);
}

TEST(import, withdraws_an_order_that_was_cancelled_since)
{
    static const char mapping[] =
        "{\"name\":\"orders\",\"source\":\"till\",\"columns\":[\"Order\"],\"records\":[{\"make\":"
        "\"order\",\"withdraws\":true,\"when\":[{\"value\":\"{Status}\",\"is_not\":[\"void\"]}],"
        "\"fields\":{\"external\":\"{Order}\",\"partner\":\"{Key}\",\"at\":\"{Day}\",\"amount\":"
        "\"{Total}\"}}]}";
    struct desk desk;
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "o.csv", "Order,Key,Day,Total,Status\nA1,1,2024-03-01,7.00,paid\n",
                  mapping);
    desk_apply(&desk);
    CHECK_INT(700, desk_amount(&desk, FACT_ORDER));
    desk_clear(&desk);
    desk_add_text(&desk, "o.csv", "Order,Key,Day,Total,Status\nA1,1,2024-03-01,7.00,void\n",
                  mapping);
    desk_apply(&desk);
    CHECK_INT(1, desk.import.outcome.updated);
    CHECK_INT(0, desk_facts(&desk, FACT_ORDER));
    desk_undo(&desk);
    CHECK_INT(700, desk_amount(&desk, FACT_ORDER));
    desk_close(&desk);
}

/* ---- undoing ---- */

struct renaming {
    const char *key, *city;
};

static enum err set_city(struct ctx *ctx, void *arg)
{
    const struct renaming *renaming = arg;
    struct partner_change change = {.version = 0};
    struct external_id external = {STR("till"), str_from_c(renaming->key)};
    struct partner partner;
    struct partner_id id;
    TRY(partner_find_external(ctx, external, &id));
    change.fields[PARTNER_CITY].given = true;
    change.fields[PARTNER_CITY].text = str_from_c(renaming->city);
    return partner_update(ctx, id, &change, &partner, NULL);
}

TEST(import, is_undone_and_can_be_applied_again)
{
    struct desk desk;
    desk_open(&desk);
    desk_import_shops(&desk);
    struct import_undo_report report = desk_undo(&desk);
    CHECK_INT(IMPORT_UNDONE, desk.import.state);
    CHECK_INT(5, report.facts_reversed);
    CHECK_INT(4, report.archived);
    CHECK_INT(0, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(0, desk_partners(&desk));
    desk_import_shops(&desk);
    CHECK_INT(5, desk.import.outcome.created);
    CHECK_INT(2, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(5550, desk_amount(&desk, FACT_ITEM));
    CHECK_INT(2, desk_partners(&desk));
    desk_import_shops(&desk);
    CHECK_INT(0, desk.import.changes);
    desk_undo(&desk);
    CHECK_INT(5550, desk_amount(&desk, FACT_ORDER));
    desk_close(&desk);
}

TEST(import, sets_fields_back_unless_somebody_changed_them_since)
{
    struct desk desk;
    static const struct query cities = {
        "test cities", "SELECT COUNT(*) AS n FROM partner WHERE city IN ('Wien', 'Linz')", NULL};
    struct renaming renaming = {"2", "Linz"};
    desk_open(&desk);
    desk_import_shops(&desk);
    desk_clear(&desk);
    desk_add_text(&desk, "shops.csv", "Key,Shop,City\n1,Alpha,Paris\n2,Beta,Rome\n", SHOPS_MAPPING);
    desk_apply(&desk);
    CHECK_INT(2, desk.import.outcome.updated);
    CHECK_OK(ctx_write(desk_ctx(&desk), set_city, &renaming));
    struct import_undo_report report = desk_undo(&desk);
    CHECK_INT(1, report.set_back);
    CHECK_INT(1, report.kept);
    CHECK_INT(2, world_number(&desk.world, &cities));
    desk_close(&desk);
}
