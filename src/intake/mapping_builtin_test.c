/* What the mappings that come with the program make of rows. */
#include "src/intake/mapping.h"
#include "src/intake/mapping_parse.h"
#include "tests/support/test.h"

enum { CELLS_MAX = 40 };

static size_t split(const char *text, struct str cells[CELLS_MAX])
{
    struct str rest = str_from_c(text), cell;
    size_t count = 0;
    while (count < CELLS_MAX && str_split(&rest, ',', &cell))
        cells[count++] = cell;
    return count;
}

static struct mapping *find(const char *name, struct arena *arena)
{
    struct mapping *mapping = NULL;
    for (size_t i = 0; i < mapping_builtin_count(); i++) {
        CHECK_OK(mapping_parse(mapping_builtin(i), arena, &mapping, NULL));
        if (str_equal(mapping->name, str_from_c(name)))
            return mapping;
    }
    test_fail(__FILE__, __LINE__, "there is no mapping %s", name);
}

static bool is_made(const struct mapping_record *record, const struct str *cells,
                    struct arena *arena)
{
    for (size_t i = 0; i < record->when_count; i++)
        if (!condition_holds(&record->when[i], cells, arena))
            return false;
    return true;
}

/* "call.made(5 2024-01-01) funnel.call(…)", with partner and time; or "skip: reason". */
static struct str made_of(const struct mapping *mapping, const struct str *cells,
                          struct arena *arena)
{
    struct buf buf;
    buf_init(&buf, arena, 10000);
    for (size_t i = 0; i < mapping->skip_count; i++)
        if (condition_holds(&mapping->skip[i], cells, arena))
            return arena_format(arena, "skip: %.*s", STR_ARG(mapping->skip[i].reason));
    for (size_t i = 0; i < mapping->record_count; i++) {
        const struct mapping_record *record = &mapping->records[i];
        if (!is_made(record, cells, arena))
            continue;
        struct str partner = template_eval(&record->fields[RECORD_PARTNER], cells, arena);
        struct str at = template_eval(&record->fields[RECORD_AT], cells, arena);
        buf_format(&buf, "%s%.*s(%.*s %.*s)", buf.len ? " " : "",
                   STR_ARG(mapping_make_name(record)), STR_ARG(partner), STR_ARG(at));
    }
    return buf_str(&buf);
}

static void check_made(const char *expected, const char *name, const char *header, const char *row)
{
    struct arena arena;
    struct fault fault = {0};
    struct str names[CELLS_MAX], cells[CELLS_MAX];
    arena_init(&arena, 1 << 24);
    size_t count = split(header, names);
    CHECK_INT(count, split(row, cells));
    struct mapping *mapping = find(name, &arena);
    if (mapping_bind(mapping, names, count, &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s", fault.sentence);
    CHECK_STR(expected, made_of(mapping, cells, &arena));
    arena_finish(&arena);
}

#define TASK "Id,Subject,ActivityDate,AccountId,WhatId,WhoId,CallType,TaskSubtype,IsClosed"
static void check_task(const char *expected, const char *row)
{
    check_made(expected, "salesforce-task", TASK, row);
}

TEST(salesforce_task, is_a_call_by_its_call_type)
{
    check_task("call.made(001A 2024-01-02)", "1,x,2024-01-02,001A,,003C,Outbound,Call,TRUE");
    check_task("call.received(001A 2024-01-02)", "1,x,2024-01-02,001A,,,Inbound,Task,TRUE");
    check_task("call.made(001A 2024-01-02)", "1,x,2024-01-02,001A,,,,Call,1");
    check_task("call.made(001W 2024-01-02)", "1,x,2024-01-02,,001W,,Outbound,,");
    check_task("skip: an internal call", "1,x,2024-01-02,001A,,,Internal,Call,TRUE");
    check_task("skip: not a call", "1,x,2024-01-02,001A,,,,Email,TRUE");
    check_task("skip: not a call", "1,x,2024-01-02,001A,,,,,TRUE");
    check_task("skip: not done yet", "1,x,2024-01-02,001A,,,Outbound,Call,FALSE");
}

TEST(salesforce_task, is_a_funnel_call_when_it_is_to_a_lead_or_about_an_opportunity)
{
    check_task("call.made(001A 2024-01-02) funnel.call(001A 2024-01-02)",
               "1,x,2024-01-02,001A,006O,003C,Outbound,Call,TRUE");
    check_task("funnel.call( 2024-01-02)", "1,x,2024-01-02,,,00QL,Outbound,Call,TRUE");
    check_task("call.received( 2024-01-02)", "1,x,2024-01-02,,,00QL,Inbound,Call,TRUE");
}

TEST(salesforce_event, is_a_visit_unless_it_is_a_call)
{
    static const char header[] = "Id,Subject,StartDateTime,DurationInMinutes,AccountId,Type";
    check_made("visit(001A t)", "salesforce-event", header, "1,x,t,30,001A,Meeting");
    check_made("visit(001A t)", "salesforce-event", header, "1,x,t,30,001A,");
    check_made("call.made(001A t)", "salesforce-event", header, "1,x,t,30,001A,Call");
    check_made("skip: not a meeting", "salesforce-event", header, "1,x,t,30,001A,Email");
}

TEST(salesforce_opportunity, is_registered_and_then_won_or_lost)
{
    static const char header[] =
        "Id,AccountId,StageName,CloseDate,CreatedDate,IsClosed,IsWon,PartnerAccountId";
    static const char name[] = "salesforce-opportunity";
    check_made("deal.registered(A r)", name, header, "1,A,Prospecting,c,r,FALSE,FALSE,");
    check_made("deal.registered(A r) deal.won(A c)", name, header, "1,A,Closed Won,c,r,TRUE,TRUE,");
    check_made("deal.registered(P r) deal.lost(P c)", name, header, "1,A,Closed Lost,c,r,1,0,P");
    check_made("deal.won(A c)", name, header, "1,A,Closed Won,c,,TRUE,TRUE,");
}

TEST(salesforce_opportunity, is_told_by_its_stage_where_the_flags_are_not_exported)
{
    static const char header[] = "Id,AccountId,StageName,CloseDate";
    check_made("deal.won(A c)", "salesforce-opportunity", header, "1,A,Closed Won,c");
    check_made("deal.lost(A c)", "salesforce-opportunity", header, "1,A,Closed Lost,c");
    check_made("", "salesforce-opportunity", header, "1,A,Qualification,c");
}

TEST(salesforce_lead, opens_an_account_or_makes_a_partner_when_converted)
{
    static const char header[] = "Id,LastName,Company,IsConverted,ConvertedDate,ConvertedAccountId,"
                                 "PartnerAccountId,CreatedDate,FirstName,LeadSource";
    static const char name[] = "salesforce-lead";
    check_made("partner.converted(A v) account.opened(A v)", name, header,
               "1,L,C,TRUE,v,A,,r,F,Web");
    check_made("partner.converted(A v) account.opened(001P v) funnel.contact.by(001P r)", name,
               header, "1,L,C,TRUE,v,A,001P,r,F,Web");
    check_made("", name, header, "1,L,C,FALSE,,,,r,F,Web");
    check_made("funnel.contact.by(Partner Referral r)", name, header,
               "1,L,C,FALSE,,,,r,F,Partner Referral");
}

TEST(salesforce_lead, says_of_one_conversion_whether_it_is_a_partner_or_a_customer)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    const struct mapping *mapping = find("salesforce-lead", &arena);
    CHECK_INT(FACT_PARTNER_CONVERTED, mapping->records[0].kind);
    CHECK_INT(ONLY_PARTNER, mapping->records[0].only);
    CHECK_INT(FACT_ACCOUNT_OPENED, mapping->records[2].kind);
    CHECK_INT(ONLY_CUSTOMER, mapping->records[2].only);
    arena_finish(&arena);
}

TEST(salesforce_order, counts_from_its_activation_until_it_is_taken_back)
{
    static const char header[] = "Id,AccountId,EffectiveDate,OrderNumber,Status,IsReductionOrder";
    static const char name[] = "salesforce-order";
    check_made("order(A d)", name, header, "1,A,d,7,Activated,FALSE");
    check_made("", name, header, "1,A,d,7,Draft,FALSE");
    check_made("", name, header, "1,A,d,7,Cancelled,FALSE");
    check_made("skip: a reduction of an order that is counted", name, header,
               "1,A,d,7,Activated,TRUE");
}

TEST(hubspot_deals, are_won_and_lost_by_flag_or_stage)
{
    static const char header[] = "Record ID,Deal Name,Deal Stage,Close Date,Create Date,"
                                 "Associated Company IDs (Primary),Associated Company";
    static const char name[] = "hubspot-deals";
    check_made("deal.registered(5 r) deal.won(5 c)", name, header, "1,D,Closed Won,c,r,5,Acme");
    check_made("deal.registered(Acme r) deal.lost(Acme c)", name, header,
               "1,D,Closed Lost (Sales),c,r,,Acme");
    check_made("deal.registered(5 r)", name, header, "1,D,Contract Sent,c,r,5,Acme");
}

TEST(hubspot_calls, go_by_direction)
{
    static const char header[] = "Record ID,Call direction,Call duration,Call status,Activity date,"
                                 "Associated Company IDs";
    static const char name[] = "hubspot-calls";
    check_made("call.received(5 t)", name, header, "1,Inbound,60000,Completed,t,5");
    check_made("call.made(5 t)", name, header, "1,OUTBOUND,60000,Completed,t,5");
    check_made("call.made(5 t)", name, header, "1,,60000,,t,5");
    check_made("skip: not done yet", name, header, "1,Outbound,,Scheduled,t,5");
    check_made("skip: the call did not take place", name, header, "1,Outbound,,Failed,t,5");
}

TEST(shopify_orders, are_withdrawn_when_cancelled_or_refunded)
{
    static const char header[] =
        "Name,Financial Status,Currency,Subtotal,Created at,"
        "Lineitem quantity,Lineitem name,Lineitem price,Cancelled at,Email,"
        "Billing Company";
    static const char name[] = "shopify-orders";
    check_made("order(Acme t) item( )", name, header, "#1,paid,USD,5,t,1,x,5,,m,Acme");
    check_made("order(m t) item( )", name, header, "#1,partially_refunded,USD,5,t,1,x,5,,m,");
    check_made("", name, header, "#1,refunded,USD,5,t,1,x,5,,m,Acme");
    check_made("", name, header, "#1,paid,USD,5,t,1,x,5,t,m,Acme");
}

/* The same money is never in two records that are added: orders and items are kinds apart, and a
 * mapping makes each of them once. */
TEST(mapping_builtin, makes_each_kind_of_money_once)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    for (size_t i = 0; i < mapping_builtin_count(); i++) {
        struct mapping *mapping;
        int orders = 0, items = 0;
        CHECK_OK(mapping_parse(mapping_builtin(i), &arena, &mapping, NULL));
        for (size_t j = 0; j < mapping->record_count; j++) {
            const struct mapping_record *record = &mapping->records[j];
            orders += record->make == MAKE_FACT && record->kind == FACT_ORDER;
            items += record->make == MAKE_FACT && record->kind == FACT_ITEM;
            bool is_keyed = record->make != MAKE_FACT || record->fields[RECORD_EXTERNAL].count;
            CHECK(is_keyed);
        }
        CHECK(orders <= 1 && items <= 1);
    }
    arena_finish(&arena);
}
