/* Files as Shopify, HubSpot and Salesforce export them, imported by the mappings that come along.
 */
#include <stdio.h>

#include "src/intake/intake_test.h"

static const char shopify_header[] =
    "Name,Email,Financial Status,Paid at,Currency,Subtotal,Total,Created at,Lineitem quantity,"
    "Lineitem name,Lineitem price,Lineitem sku,Billing Company,Cancelled at";

static void add_shopify(struct desk *desk, const char *rows)
{
    char text[2000];
    snprintf(text, sizeof(text), "%s\n%s", shopify_header, rows);
    desk_add_text(desk, "orders_export.csv", text, NULL);
}

static void import_company(struct desk *desk)
{
    desk_open(desk);
    desk_add_text(desk, "companies.csv",
                  "Record ID,Company name,Company owner,Type,City\n501,Acme,Ada,Reseller,Austin\n"
                  "502,Direct Ltd,Ada,Prospect,London\n",
                  NULL);
    desk_apply(desk);
    CHECK_INT(1, desk_partners(desk));
    desk_clear(desk);
}

static const char two_orders[] =
    "#1,a@b.example,paid,2024-01-15 10:30:00 -0500,EUR,50.00,59.00,2024-01-15 10:29:00 -0500,2,"
    "Bell,10.00,BELL,Acme,\n"
    "#1,a@b.example,,,,,,2024-01-15 10:29:00 -0500,1,Bell,10.00,BELL,,\n"
    "#1,a@b.example,,,,,,2024-01-15 10:29:00 -0500,2,Bell,10.00,BELL,,\n"
    "#2,a@b.example,paid,2024-01-16 10:30:00 -0500,EUR,20.00,24.00,2024-01-16 10:29:00 -0500,2,"
    "Bell,10.00,BELL,Acme,\n";

TEST(shopify_import, counts_an_order_once_at_its_subtotal_and_every_line_of_it)
{
    struct desk desk;
    import_company(&desk);
    add_shopify(&desk, two_orders);
    desk_apply(&desk);
    CHECK_STR("shopify-orders", desk.import.files[0].mapping_name);
    CHECK_INT(2, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(7000, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(7000, desk_quantity(&desk, FACT_ORDER));
    CHECK_INT(4, desk_facts(&desk, FACT_ITEM));
    CHECK_INT(7000, desk_amount(&desk, FACT_ITEM));
    desk_clear(&desk);
    add_shopify(&desk, two_orders);
    desk_apply(&desk);
    CHECK_INT(4, desk.import.outcome.unchanged);
    CHECK_INT(4, desk_facts(&desk, FACT_ITEM));
    desk_close(&desk);
}

static void apply_refund(struct desk *desk, const char *status, const char *refunded)
{
    char text[2000];
    snprintf(text, sizeof(text),
             "%s,Shipping,Refunded Amount\n#2,a@b.example,%s,2024-01-16 10:30:00 -0500,EUR,20.00,"
             "29.00,2024-01-16 10:29:00 -0500,2,Bell,10.00,BELL,Acme,,5.00,%s\n",
             shopify_header, status, refunded);
    desk_clear(desk);
    desk_add_text(desk, "orders_export.csv", text, NULL);
    desk_apply(desk);
}

TEST(shopify_import, takes_the_goods_of_a_partial_refund_off_the_order)
{
    struct desk desk;
    import_company(&desk);
    apply_refund(&desk, "paid", "0.00");
    CHECK_INT(2000, desk_amount(&desk, FACT_ORDER));
    /* Half of the goods: 10.00 and 2.00 of tax. */
    apply_refund(&desk, "partially_refunded", "12.00");
    CHECK_INT(1000, desk_amount(&desk, FACT_ORDER));
    apply_refund(&desk, "partially_refunded", "12.00");
    CHECK_INT(0, desk.import.changes);
    apply_refund(&desk, "partially_refunded", "28.00");
    CHECK_INT(0, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(2000, desk_amount(&desk, FACT_ITEM));
    desk_close(&desk);
}

TEST(shopify_import, takes_back_all_lines_of_an_order_that_was_cancelled_since)
{
    struct desk desk;
    import_company(&desk);
    add_shopify(&desk, two_orders);
    desk_apply(&desk);
    desk_clear(&desk);
    add_shopify(&desk,
                "#1,a@b.example,refunded,2024-01-15 10:30:00 -0500,EUR,50.00,59.00,2024-01-15 "
                "10:29:00 -0500,2,Bell,10.00,BELL,Acme,2024-01-17 08:00:00 -0500\n"
                "#1,a@b.example,,,,,,2024-01-15 10:29:00 -0500,1,Bell,10.00,BELL,,\n"
                "#1,a@b.example,,,,,,2024-01-15 10:29:00 -0500,2,Bell,10.00,BELL,,\n");
    desk_apply(&desk);
    CHECK_INT(1, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(2000, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(1, desk_facts(&desk, FACT_ITEM));
    CHECK_INT(2000, desk_amount(&desk, FACT_ITEM));
    desk_close(&desk);
}

TEST(hubspot_import, takes_durations_in_milliseconds_or_as_clock_times)
{
    struct desk desk;
    import_company(&desk);
    desk_add_text(&desk, "calls.csv",
                  "Record ID,Call Title,Call direction,Call duration,Call status,Activity date,"
                  "Associated Company IDs\n"
                  "1,Hello,INBOUND,65000,COMPLETED,2024-01-15 10:30,501\n"
                  "2,Hello,Outbound,0:01:05,COMPLETED,2024-01-15 10:30,501\n"
                  "3,Hello,Outbound,,COMPLETED,2024-01-15 10:30,501\n"
                  "4,Hello,Outbound,5000,COMPLETED,2024-01-15 10:30,502\n",
                  NULL);
    desk_apply(&desk);
    CHECK_STR("hubspot-calls", desk.import.files[0].mapping_name);
    CHECK_INT(1, desk_facts(&desk, FACT_CALL_RECEIVED));
    CHECK_INT(65000, desk_quantity(&desk, FACT_CALL_RECEIVED));
    CHECK_INT(2, desk_facts(&desk, FACT_CALL_MADE));
    CHECK_INT(65000, desk_quantity(&desk, FACT_CALL_MADE));
    CHECK_INT(1, desk.import.outcome.unassigned);
    desk_close(&desk);
}

TEST(salesforce_import, joins_orders_and_calls_to_accounts_by_ids_of_either_length)
{
    struct desk desk;
    desk_open(&desk);
    desk_add_text(&desk, "OrderItem.csv",
                  "Id,OrderId,Product2Id,Quantity,UnitPrice\n"
                  "802bm00000OiTem,801bm00000OrDer,01tbm00000PrOdu,3,2.50\n",
                  NULL);
    desk_add_text(&desk, "Order.csv",
                  "Id,AccountId,EffectiveDate,OrderNumber,TotalAmount,Status\n"
                  "801bm00000OrDerAAF,001bm00001ZL8U9AAL,2024-02-03,00000100,7.50,Activated\n"
                  "801bm00000DraFtAAJ,001bm00001ZL8U9AAL,2024-02-03,00000101,9.00,Draft\n",
                  NULL);
    desk_add_text(&desk, "Task.csv",
                  "Id,Subject,ActivityDate,AccountId,CallType,CallDurationInSeconds,IsClosed\n"
                  "00Tbm000000TaSk,Call,2024-02-03,001bm00001ZL8U9AAL,Inbound,90,true\n",
                  NULL);
    desk_add_text(&desk, "Account.csv",
                  "Id,Name,IsPartner,BillingCity\n001bm00001ZL8U9,Edge,1,Austin\n", NULL);
    desk_apply(&desk);
    CHECK_INT(1, desk_partners(&desk));
    CHECK_INT(1, desk_facts(&desk, FACT_ORDER));
    CHECK_INT(750, desk_amount(&desk, FACT_ORDER));
    CHECK_INT(1, desk_facts(&desk, FACT_ITEM));
    CHECK_INT(750, desk_amount(&desk, FACT_ITEM));
    CHECK_INT(3000, desk_quantity(&desk, FACT_ITEM));
    CHECK_INT(90000, desk_quantity(&desk, FACT_CALL_RECEIVED));
    CHECK_INT(0, desk.import.outcome.unassigned);
    desk_close(&desk);
}
