/* Imports from the file to the ledger: what is made, what is refused. */
#include "lib/db/db.h"
#include "src/core/limits.h"
#include "src/intake/intake_test.h"

TEST(import_state, becomes_only_what_the_table_says)
{
    static const char *const allowed[] = {
        "open queued",        "open applying",    "open discarded",     "queued applying",
        "queued cancelled",   "queued failed",    "applying applied",   "applying failed",
        "applying cancelled", "applied undoing",  "failed queued",      "failed applying",
        "failed undoing",     "cancelled queued", "cancelled applying", "cancelled undoing",
        "undoing undone",
    };
    size_t found = 0;
    for (enum import_state from = 0; from < IMPORT_STATE_COUNT; from++) {
        enum import_state parsed;
        CHECK(import_state_parse(str_from_c(import_state_name(from)), &parsed));
        CHECK_INT(from, parsed);
        for (enum import_state to = 0; to < IMPORT_STATE_COUNT; to++)
            found += import_state_may_become(from, to);
    }
    CHECK_INT(ARRAY_LEN(allowed), found);
    for (size_t i = 0; i < ARRAY_LEN(allowed); i++) {
        struct str rest = str_from_c(allowed[i]), word;
        enum import_state from, to;
        CHECK(str_split(&rest, ' ', &word) && import_state_parse(word, &from));
        CHECK(str_split(&rest, ' ', &word) && import_state_parse(word, &to));
        CHECK(import_state_may_become(from, to));
    }
}

/* ---- applying ---- */

TEST(import, puts_files_in_order_and_makes_partners_orders_and_items)
{
    struct desk desk;
    desk_open(&desk);
    desk_import_shops(&desk);
    CHECK_INT(IMPORT_APPLIED, desk.import.state);
    CHECK_STR("shops", desk.import.files[0].mapping_name);
    CHECK_INT(2, desk_count(&desk, "partner").created);
    CHECK_INT(2, desk_count(&desk, "order").created);
    CHECK_INT(3, desk_count(&desk, "item").created);
    CHECK_INT(2, desk_count(&desk, "product").created);
    CHECK_INT(5, desk.import.outcome.created);
    CHECK_INT(5, desk.import.rows_done);
    CHECK_INT(2, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(5550, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(6000, desk_quantity(&desk, FACT_ORDER));
    CHECK_INT(5550, desk_amount(&desk, FACT_ITEM));
    desk_close(&desk);
}

TEST(import, changes_nothing_the_second_time_and_says_so)
{
    struct desk desk;
    desk_open(&desk);
    desk_import_shops(&desk);
    CHECK(desk.import.changes > 0);
    desk_import_shops(&desk);
    CHECK_INT(5, desk.import.outcome.unchanged);
    CHECK_INT(0, desk.import.changes);
    CHECK_INT(2, desk_count(&desk, "order").unchanged);
    CHECK_INT(2, desk_facts(&desk, FACT_ORDER));
    desk_close(&desk);
}

TEST(import, shows_in_a_preview_what_applying_it_then_does)
{
    static const struct query everything = {
        "test everything",
        "SELECT (SELECT COUNT(*) FROM partner) + (SELECT COUNT(*) FROM fact)"
        " + (SELECT COUNT(*) FROM import) + (SELECT COUNT(*) FROM product) AS n",
        NULL};
    struct desk desk;
    struct import_count shown[3];
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "lines.csv", desk_lines, LINES_MAPPING);
    desk_preview(&desk);
    CHECK_INT(0, world_number(&desk.world, &everything));
    shown[0] = desk_count(&desk, "partner");
    shown[1] = desk_count(&desk, "item");
    shown[2] = desk_count(&desk, "product");
    CHECK_INT(5, desk.import.outcome.created);
    desk_apply(&desk);
    CHECK_INT(shown[0].created, desk_count(&desk, "partner").created);
    CHECK_INT(shown[1].created, desk_count(&desk, "item").created);
    CHECK_INT(shown[2].created, desk_count(&desk, "product").created);
    desk_clear(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "lines.csv", desk_lines, LINES_MAPPING);
    desk_preview(&desk);
    CHECK_INT(5, desk.import.outcome.unchanged);
    CHECK_INT(0, desk.import.changes);
    desk_close(&desk);
}

TEST(import, knows_partners_by_name_in_a_preview_as_when_it_is_applied)
{
    struct desk desk;
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", "Key,Shop\n1,Caf\xc3\xa9 Central GmbH\n", SHOPS_MAPPING);
    desk_add_text(&desk, "lines.csv",
                  "Order,Day,Key,Article,Units,Total\nA1,2024-03-01,cafe central,X,2,20.00\n",
                  LINES_MAPPING);
    desk_preview(&desk);
    CHECK_INT(2, desk.import.outcome.created);
    desk_apply(&desk);
    CHECK_INT(2, desk.import.outcome.created);
    CHECK_INT(2000, desk_amount(&desk, FACT_ORDER));
    desk_close(&desk);
}

TEST(import, sets_parents_that_stand_behind_their_children)
{
    struct desk desk;
    struct import_undo_report report;
    static const struct query children = {
        "test children", "SELECT COUNT(*) AS n FROM partner WHERE parent_id IS NOT NULL", NULL};
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", "Key,Shop,Parent\n1,Alpha,3\n2,Beta,3\n3,Group,\n4,Solo,9\n",
                  SHOPS_MAPPING);
    desk_apply(&desk);
    CHECK_INT(4, desk.import.outcome.created);
    CHECK_INT(2, world_number(&desk.world, &children));
    report = desk_undo(&desk);
    CHECK_INT(4, report.archived);
    CHECK_INT(0, world_number(&desk.world, &children));
    desk_close(&desk);
}

TEST(import, gives_lines_without_their_own_values_the_first_of_their_order)
{
    struct desk desk;
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "lines.csv",
                  "Order,Day,Key,Article,Units,Total\nA1,2024-03-01,1,X,2,20.00\n"
                  "A1,,,Y,1,5.50\nA1,,,Y,1,5.50\n",
                  LINES_MAPPING);
    desk_apply(&desk);
    CHECK_INT(0, desk.import.outcome.refused);
    CHECK_INT(3, desk_facts(&desk, FACT_ITEM));
    CHECK_INT(3100, desk_amount(&desk, FACT_ORDER));
    desk_close(&desk);
}

/* ---- bad rows ---- */

static void check_bad(const struct desk *desk, size_t index, int64_t row, const char *column)
{
    CHECK(index < desk->import.first_bad_count);
    CHECK_INT(row, desk->import.first_bad[index].row);
    CHECK_STR(column, desk->import.first_bad[index].column);
    CHECK(desk->import.first_bad[index].reason.len > 10);
}

TEST(import, takes_no_line_of_an_order_of_which_one_is_bad)
{
    struct desk desk;
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "lines.csv",
                  "Order,Day,Key,Article,Units,Total\nA1,2024-03-01,1,X,2,20.00\n"
                  "A1,2024-03-01,1,Y,one,5.50\nA2,2024-02-30,2,X,3,30.00\n"
                  "A3,2024-03-03,2,X,1,10.00\n",
                  LINES_MAPPING);
    desk_apply(&desk);
    CHECK_INT(3, desk.import.outcome.refused);
    CHECK_INT(1000, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(1, desk_facts(&desk, FACT_ITEM));
    CHECK_INT(3, desk.import.bad_rows);
    check_bad(&desk, 0, 2, "Units");
    CHECK_STR("one", desk.import.first_bad[0].value);
    check_bad(&desk, 1, 1, "");
    check_bad(&desk, 2, 3, "Day");
    desk_close(&desk);
}

TEST(import, leaves_out_a_cell_that_is_no_value_and_keeps_its_record)
{
    struct desk desk;
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", "Key,Shop,Phone,City\n1,Alpha,nonsense,Wien\n2,,,Graz\n",
                  SHOPS_MAPPING);
    desk_apply(&desk);
    CHECK_INT(1, desk.import.outcome.created);
    CHECK_INT(1, desk.import.outcome.refused);
    check_bad(&desk, 0, 1, "Phone");
    CHECK_STR("nonsense", desk.import.first_bad[0].value);
    CHECK(!desk.import.first_bad[0].refused);
    check_bad(&desk, 1, 2, "Shop");
    CHECK(desk.import.first_bad[1].refused);
    desk_close(&desk);
}

TEST(import, refuses_a_row_that_cannot_be_read_and_goes_on)
{
    struct desk desk;
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", "Key,Shop\n1,Alpha\n2,Beta,too,many\n3,Gamma\n",
                  SHOPS_MAPPING);
    desk_apply(&desk);
    CHECK_INT(2, desk.import.outcome.created);
    CHECK_INT(1, desk.import.outcome.refused);
    CHECK_INT(3, import_rows_total(&desk.import.outcome));
    check_bad(&desk, 0, 2, "Column 3");
    desk_close(&desk);
}

TEST(import, refuses_a_row_that_is_too_large_wherever_it_stands)
{
    struct desk desk;
    struct buf buf;
    desk_open(&desk);
    buf_init(&buf, &desk.world.arena, 4 * 1024 * 1024);
    buf_add(&buf, STR("Key,Shop\n1,"));
    for (int i = 0; i < LIMIT_CSV_CELL_BYTES + 10; i++)
        buf_add_char(&buf, 'x');
    buf_add(&buf, STR("\n2,Beta\n"));
    desk_add_text(&desk, "shops.csv", arena_cstr(&desk.world.arena, buf_str(&buf)), SHOPS_MAPPING);
    desk_apply(&desk);
    CHECK_INT(2, desk.import.rows);
    CHECK_INT(1, desk.import.outcome.created);
    CHECK_INT(1, desk.import.outcome.refused);
    check_bad(&desk, 0, 1, "Shop");
    desk_close(&desk);
}

TEST(import, refuses_two_facts_with_one_id_that_say_something_else)
{
    struct desk desk;
    static const char mapping[] =
        "{\"name\":\"calls\",\"source\":\"till\",\"columns\":[\"Id\"],\"records\":[{\"make\":"
        "\"call.made\",\"fields\":{\"external\":\"{Id}\",\"partner\":\"{Key}\",\"at\":\"{Day}\","
        "\"quantity\":\"{Length}\"}}]}";
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "calls.csv",
                  "Id,Key,Day,Length\nC1,1,2024-03-01,60\nC1,1,2024-03-01,0:01:00\n"
                  "C1,1,2024-03-01,61\n",
                  mapping);
    desk_preview(&desk);
    CHECK_INT(1, desk.import.outcome.refused);
    desk_apply(&desk);
    CHECK_INT(1, desk_count(&desk, "call.made").created);
    CHECK_INT(1, desk_count(&desk, "call.made").unchanged);
    CHECK_INT(1, desk_count(&desk, "call.made").refused);
    CHECK_INT(60000, desk_quantity(&desk, FACT_CALL_MADE));
    desk_close(&desk);
}

TEST(import, refuses_a_file_whose_orders_are_scattered)
{
    struct desk desk;
    desk_open(&desk);
    const char *path = desk_write(&desk, "lines.csv",
                                  "Order,Day,Key,Article,Units,Total\nA1,2024-03-01,1,X,2,20.00\n"
                                  "A2,2024-03-01,1,X,2,20.00\nA1,2024-03-01,1,Y,1,5.50\n");
    CHECK_ERR(ERR_INVALID, desk_try_add(&desk, path, LINES_MAPPING));
    CHECK(strstr(desk.world.ctx.fault.sentence, "sort the file by Order"));
    desk_close(&desk);
}

TEST(import, reads_ambiguous_dates_as_the_clear_ones_of_their_column)
{
    struct desk desk;
    static const struct query march = {
        "test march",
        "SELECT COUNT(*) AS n FROM rollup_channel WHERE kind = 1 AND day = 19785"
        " AND facts = 1",
        NULL};
    desk_open(&desk);
    desk_add_text(&desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_add_text(&desk, "lines.csv",
                  "Order,Day,Key,Article,Units,Total\nA1,03.03.2024,1,X,2,20.00\n"
                  "A2,3/4/2024,1,X,2,20.00\nA3,25/4/2024,1,X,2,20.00\n",
                  LINES_MAPPING);
    desk_apply(&desk);
    CHECK_INT(0, desk.import.outcome.refused);
    CHECK_INT(19785, day_from_civil((struct civil){2024, 3, 3}).v);
    CHECK_INT(1, world_number(&desk.world, &march));
    CHECK(str_find(desk.import.files[1].notes_json, STR("day first"), &(size_t){0}));
    desk_close(&desk);
}
