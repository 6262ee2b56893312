/* Which mapping a file gets, known or proposed. */
#include "src/intake/recognise.h"

#include "tests/support/test.h"

enum { CELLS_MAX = 80, ROWS_MAX = 20 };

/* A file from a text: names in its first line, apart by commas, then rows. */
struct sample {
    struct recognise_file file;
    struct str names[CELLS_MAX];
    struct str cells[ROWS_MAX][CELLS_MAX];
    const struct str *rows[ROWS_MAX];
};

static void read_line(struct str line, struct str *cells, size_t count)
{
    struct str cell;
    for (size_t i = 0; i < count && str_split(&line, ',', &cell); i++)
        cells[i] = cell;
}

static const struct recognise_file *sample_of(struct sample *sample, const char *text)
{
    struct str rest = str_from_c(text), line, cell;
    *sample = (struct sample){.file = {.names = sample->names, .rows = sample->rows}};
    CHECK(str_split(&rest, '\n', &line));
    struct str header = line;
    while (str_split(&header, ',', &cell))
        sample->names[sample->file.name_count++] = cell;
    while (str_split(&rest, '\n', &line) && line.len) {
        size_t row = sample->file.row_count++;
        read_line(line, sample->cells[row], sample->file.name_count);
        sample->rows[row] = sample->cells[row];
    }
    return &sample->file;
}

static void check_known(const char *expected, const char *header)
{
    struct arena arena;
    struct sample sample;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping = recognise_known(sample_of(&sample, header), NULL, 0, &arena, NULL);
    CHECK_STR(expected, mapping ? mapping->name : STR(""));
    arena_finish(&arena);
}

TEST(mapping_builtin, is_well_formed_and_has_its_own_name)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    CHECK(mapping_builtin_count() >= 16);
    for (size_t i = 0; i < mapping_builtin_count(); i++) {
        struct mapping *mapping, *other;
        struct fault fault = {0};
        if (mapping_parse(mapping_builtin(i), &arena, &mapping, &fault) != OK)
            test_fail(__FILE__, __LINE__, "%zu: %s", i, fault.sentence);
        CHECK(mapping->title.len && mapping->column_count);
        for (size_t j = 0; j < i; j++) {
            CHECK_OK(mapping_parse(mapping_builtin(j), &arena, &other, NULL));
            CHECK(!str_equal(mapping->name, other->name));
        }
    }
    arena_finish(&arena);
}

TEST(recognise_known, knows_the_objects_of_salesforce)
{
    check_known("salesforce-account",
                "Id,IsDeleted,Name,Type,ParentId,BillingCity,BillingState,BillingPostalCode,"
                "BillingLatitude,BillingLongitude,Industry,AnnualRevenue,NumberOfEmployees,"
                "Ownership,Rating,LastActivityDate,Active__c");
    check_known("salesforce-contact",
                "Id,IsDeleted,AccountId,LastName,FirstName,Phone,MobilePhone,AssistantPhone,Email,"
                "Title,Department,LeadSource,LastActivityDate,EmailBouncedReason,EmailBouncedDate,"
                "IsEmailBounced,Name");
    check_known("salesforce-lead",
                "Id,IsDeleted,LastName,FirstName,Salutation,Name,Title,Company,Phone,MobilePhone,"
                "Email,Website,LeadSource,Status,Industry,AnnualRevenue,NumberOfEmployees,OwnerId,"
                "IsConverted,ConvertedDate,ConvertedAccountId,ConvertedContactId,"
                "ConvertedOpportunityId,LastModifiedDate");
    check_known("salesforce-opportunity",
                "Id,AccountId,Name,Description,StageName,Amount,Probability,ExpectedRevenue,"
                "CloseDate,NextStep,LeadSource,IsClosed,IsWon,CreatedDate,LastModifiedDate");
    check_known("salesforce-task",
                "Id,WhoId,WhatId,Subject,ActivityDate,Status,Priority,OwnerId,AccountId,IsClosed,"
                "CallDurationInSeconds,CallType,CallDisposition,CallObject,CreatedDate,TaskSubtype,"
                "CompletedDateTime");
    check_known("salesforce-event",
                "Id,WhoId,WhatId,Subject,Location,IsAllDayEvent,ActivityDateTime,ActivityDate,"
                "DurationInMinutes,StartDateTime,EndDateTime,AccountId,Type,EventSubtype");
    check_known("salesforce-order",
                "Id,OwnerId,ContractId,AccountId,Pricebook2Id,EffectiveDate,EndDate,"
                "IsReductionOrder,Status,OrderNumber,TotalAmount,CurrencyIsoCode,StatusCode");
    check_known("salesforce-order-item",
                "Id,Product2Id,OrderId,PricebookEntryId,Quantity,UnitPrice,ListPrice,TotalPrice,"
                "ServiceDate,OrderItemNumber");
    check_known("salesforce-product",
                "Id,Name,ProductCode,Description,IsActive,CreatedDate,Family");
}

TEST(recognise_known, knows_the_exports_of_hubspot)
{
    check_known("hubspot-companies",
                "Record ID,Company name,Company owner,Create Date,Phone Number,Last Activity Date,"
                "City,Country/Region,Industry,Company Domain Name,Type,Lifecycle Stage");
    check_known("hubspot-contacts",
                "Record ID,First Name,Last Name,Email,Phone Number,Contact owner,"
                "Primary Associated Company ID,Last Activity Date,Lead Status,Create Date,"
                "Associated Company,Company name");
    check_known("hubspot-deals",
                "Record ID,Deal Name,Deal Stage,Close Date,Deal owner,Amount,Create Date,Pipeline,"
                "Associated Company IDs (Primary),Associated Company");
    check_known("hubspot-deals",
                "Record ID,Deal Name,Deal Stage,Close Date,Amount,Associated Company IDs");
    check_known("hubspot-calls",
                "Record ID,Call Title,Call direction,Call duration,Call outcome,Call status,"
                "Activity date,Activity assigned to,Associated Company IDs,Associated Contact IDs");
}

TEST(recognise_known, knows_the_orders_of_shopify)
{
    check_known("shopify-orders",
                "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,"
                "Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,Discount Code,"
                "Discount Amount,Shipping Method,Created at,Lineitem quantity,Lineitem name,"
                "Lineitem price,Lineitem compare at price,Lineitem sku,"
                "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,"
                "Billing Name,Billing Company,Billing City,Shipping Name,Notes,Cancelled at,"
                "Payment Method,Refunded Amount,Vendor,Id,Tags,Lineitem discount");
}

TEST(recognise_known, knows_adventure_works)
{
    check_known("adventureworks-resellers",
                "ResellerKey,AccountNumber,ResellerName,BusinessType,Phone,AddressLine1,"
                "AddressLine2,City,StateProvince,PostalCode,CountryCode,Country,NumberEmployees,"
                "ProductLine,AnnualSales,AnnualRevenue,YearOpened");
    check_known("adventureworks-products",
                "ProductKey,Product,StandardCost,Color,Subcategory,EnglishProductCategoryName");
    check_known("adventureworks-sales",
                "SalesOrderNumber,OrderDate,ProductKey,ResellerKey,EmployeeKey,SalesTerritoryKey,"
                "OrderQuantity,UnitPrice,TotalProductCost,SalesAmount,StandardCost");
}

TEST(recognise_known, knows_nothing_of_other_files)
{
    check_known("", "Id,Name");
    check_known("", "a,b,c");
    check_known("", "Order No,Order Date,Reseller,Amount");
}

TEST(recognise_known, takes_columns_in_any_order_and_case)
{
    check_known("salesforce-opportunity", "CLOSEDATE,stagename,accountid,id");
}

TEST(recognise_known, prefers_a_saved_mapping_that_fits_as_well_and_the_more_particular_one)
{
    static const struct str saved[] = {
        STR_INIT("not a mapping"),
        STR_INIT("{\"name\":\"ours\",\"source\":\"salesforce\",\"columns\":[\"Id\",\"AccountId\","
                 "\"StageName\",\"CloseDate\",\"Region__c\"],\"records\":[{\"make\":\"deal.won\","
                 "\"fields\":{\"partner\":\"{AccountId}\",\"at\":\"{CloseDate}\"}}]}"),
    };
    struct arena arena;
    struct sample sample;
    struct str json = {NULL, 0};
    arena_init(&arena, 1 << 24);
    const struct recognise_file *file =
        sample_of(&sample, "Id,AccountId,StageName,CloseDate,Region__c");
    struct mapping *mapping = recognise_known(file, saved, ARRAY_LEN(saved), &arena, &json);
    CHECK(mapping);
    CHECK_STR("ours", mapping->name);
    CHECK(str_equal(saved[1], json));
    file = sample_of(&sample, "Id,AccountId,StageName,CloseDate");
    mapping = recognise_known(file, saved, ARRAY_LEN(saved), &arena, NULL);
    CHECK(mapping);
    CHECK_STR("salesforce-opportunity", mapping->name);
    arena_finish(&arena);
}

/* ---- proposals ---- */

/* A proposal that is well-formed and binds to its file. */
static struct mapping *proposed(const char *text, struct arena *arena)
{
    struct sample sample;
    struct mapping *mapping = NULL;
    struct fault fault = {0};
    const struct recognise_file *file = sample_of(&sample, text);
    struct str json = recognise_propose(file, STR("sample"), arena);
    if (!json.len)
        test_fail(__FILE__, __LINE__, "nothing is proposed");
    if (mapping_parse(json, arena, &mapping, &fault) != OK ||
        mapping_bind(mapping, file->names, file->name_count, &fault) != OK)
        test_fail(__FILE__, __LINE__, "%s in %.*s", fault.sentence, STR_ARG(json));
    return mapping;
}

static void check_field(const char *expected, const struct mapping *mapping, size_t record,
                        enum record_field field)
{
    CHECK(record < mapping->record_count);
    CHECK_STR(expected, mapping->records[record].fields[field].text);
}

TEST(recognise_propose, makes_orders_and_items_of_lines)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping = proposed("Order No.,Order Date,Reseller,SKU,Qty,Net Amount,Curr\n"
                                       "1,31.01.2024,A,x,2,1234.50,EUR\n",
                                       &arena);
    CHECK_STR("{Order No.}", mapping->group.text);
    CHECK_INT(FACT_ORDER, mapping->records[0].kind);
    CHECK(mapping->records[0].once);
    check_field("{Order No.}", mapping, 0, RECORD_EXTERNAL);
    check_field("{Reseller}", mapping, 0, RECORD_PARTNER);
    check_field("{Order Date}", mapping, 0, RECORD_AT);
    check_field("{Qty}", mapping, 0, RECORD_SUM_QUANTITY);
    CHECK_INT(FACT_ITEM, mapping->records[1].kind);
    check_field("{Order No.}/{SKU}", mapping, 1, RECORD_EXTERNAL);
    check_field("{SKU}", mapping, 1, RECORD_PRODUCT);
    check_field("{Curr}", mapping, 1, RECORD_CURRENCY);
    arena_finish(&arena);
}

TEST(recognise_propose, reads_adventure_works_without_its_mapping)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping =
        proposed("SalesOrderNumber,OrderDate,ProductKey,ResellerKey,EmployeeKey,"
                 "SalesTerritoryKey,OrderQuantity,UnitPrice,TotalProductCost,SalesAmount,"
                 "StandardCost\n"
                 "SO43659,2017-07-01,349,676,285,5,1,2024.99,NULL,2024.99,1898.09\n"
                 "SO43659,2017-07-01,350,676,285,5,3,2024.99,NULL,6074.97,1898.09\n",
                 &arena);
    CHECK_STR("{SalesOrderNumber}", mapping->group.text);
    check_field("{ResellerKey}", mapping, 0, RECORD_PARTNER);
    check_field("{SalesAmount}", mapping, 0, RECORD_SUM);
    check_field("{OrderQuantity}", mapping, 0, RECORD_SUM_QUANTITY);
    check_field("{ProductKey}", mapping, 1, RECORD_PRODUCT);
    check_field("{TotalProductCost}", mapping, 1, RECORD_COST);
    check_field("{StandardCost}", mapping, 1, RECORD_UNIT_COST);
    mapping = proposed("ResellerKey,AccountNumber,ResellerName,BusinessType,Phone,AddressLine1,"
                       "City,StateProvince,PostalCode,CountryCode\n",
                       &arena);
    CHECK_INT(MAKE_PARTNER, mapping->records[0].make);
    check_field("{ResellerKey}", mapping, 0, RECORD_EXTERNAL);
    check_field("{ResellerName}", mapping, 0, RECORD_NAME);
    check_field("{StateProvince}", mapping, 0, RECORD_REGION);
    check_field("{PostalCode}", mapping, 0, RECORD_POSTAL_CODE);
    check_field("{CountryCode}", mapping, 0, RECORD_COUNTRY);
    arena_finish(&arena);
}

TEST(recognise_propose, makes_orders_of_rows_that_are_whole_orders)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping = proposed("Auftragsnummer,Auftragsdatum,Kunde,Betrag,Auftragsstatus\n"
                                       "A1,31.12.2023,Handel,7,offen\n",
                                       &arena);
    CHECK_INT(0, mapping->group.count);
    CHECK_INT(1, mapping->record_count);
    CHECK(mapping->records[0].withdraws && !mapping->records[0].once);
    check_field("{Betrag}", mapping, 0, RECORD_AMOUNT);
    check_field("{Kunde}", mapping, 0, RECORD_PARTNER);
    arena_finish(&arena);
}

TEST(recognise_propose, makes_partners_with_their_contacts)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping =
        proposed("Company,Street,City,Country,Phone,Website,Contact,E-mail\n", &arena);
    CHECK_INT(2, mapping->record_count);
    CHECK_INT(MAKE_PARTNER, mapping->records[0].make);
    check_field("{Company}", mapping, 0, RECORD_NAME);
    check_field("{Website}", mapping, 0, RECORD_DOMAIN);
    check_field("{Street}", mapping, 0, RECORD_ADDRESS_LINE1);
    CHECK_INT(MAKE_CONTACT, mapping->records[1].make);
    check_field("{Company}", mapping, 1, RECORD_PARTNER);
    check_field("{E-mail}", mapping, 1, RECORD_EMAIL);
    arena_finish(&arena);
}

TEST(recognise_propose, makes_contacts_deals_calls_and_products)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping = proposed("First Name,Last Name,Email,Account Name\n", &arena);
    CHECK_INT(MAKE_CONTACT, mapping->records[0].make);
    check_field("{First Name} {Last Name}", mapping, 0, RECORD_NAME);
    mapping = proposed("Opportunity,Account,Stage,Close Date,Created,Amount\n", &arena);
    CHECK_INT(3, mapping->record_count);
    CHECK_INT(FACT_DEAL_REGISTERED, mapping->records[0].kind);
    CHECK_INT(FACT_DEAL_WON, mapping->records[1].kind);
    check_field("{Close Date}", mapping, 1, RECORD_AT);
    mapping = proposed("Date,Partner,Direction,Duration\n2024-01-01,A,in,0:01:00\n", &arena);
    CHECK_INT(FACT_CALL_MADE, mapping->records[0].kind);
    CHECK_INT(FACT_CALL_RECEIVED, mapping->records[1].kind);
    check_field("{Duration}", mapping, 1, RECORD_QUANTITY);
    mapping = proposed("Article No,Product,Category,Unit Cost\n", &arena);
    CHECK_INT(MAKE_PRODUCT, mapping->records[0].make);
    check_field("{Article No}", mapping, 0, RECORD_EXTERNAL);
    check_field("{Unit Cost}", mapping, 0, RECORD_COST);
    arena_finish(&arena);
}

TEST(recognise_propose, tells_how_dates_and_numbers_are_written_where_rows_say_so)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping = proposed("Order No,Order Date,Partner,Amount\n"
                                       "1,13/02/2024,A,1.5\n"
                                       "2,01/02/2024,A,2.25\n",
                                       &arena);
    CHECK_INT(DATES_DAY_FIRST, mapping->dates);
    CHECK_INT(DECIMALS_POINT, mapping->decimals);
    mapping = proposed("Order No,Order Date,Partner,Amount\n1,01/02/2024,A,5\n", &arena);
    CHECK_INT(DATES_AUTO, mapping->dates);
    CHECK_INT(DECIMALS_AUTO, mapping->decimals);
    arena_finish(&arena);
}

TEST(recognise_propose, does_not_take_a_column_whose_cells_are_something_else)
{
    struct arena arena;
    struct sample sample;
    arena_init(&arena, 1 << 24);
    const struct recognise_file *file =
        sample_of(&sample, "Order No,Order Date,Partner,Amount\n1,soon,A,a lot\n");
    CHECK_STR("", recognise_propose(file, STR("x"), &arena));
    CHECK_STR("", recognise_propose(sample_of(&sample, "a,b,c\n1,2,3\n"), STR("x"), &arena));
    arena_finish(&arena);
}

TEST(recognise_propose, escapes_names_of_columns)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping =
        proposed("Order No,Order Date,Partner {key},Amount|\n1,2024-01-01,A,5\n", &arena);
    check_field("{Partner \\{key\\}}", mapping, 0, RECORD_PARTNER);
    check_field("{Amount\\|}", mapping, 0, RECORD_AMOUNT);
    arena_finish(&arena);
}

TEST(recognise_propose, takes_sales_without_a_number_for_orders_in_four_languages)
{
    static const char *const files[] = {"Company,Date,Revenue\nA,2024-01-31,5.00\n",
                                        "Firma,Datum,Umsatz\nA,31.01.2024,5.00\n",
                                        "Société,Date,Chiffre d'affaires\nA,31/01/2024,5.00\n",
                                        "Empresa,Fecha,Ventas\nA,31/01/2024,5.00\n"};
    for (size_t i = 0; i < ARRAY_LEN(files); i++) {
        struct arena arena;
        arena_init(&arena, 1 << 24);
        struct mapping *mapping = proposed(files[i], &arena);
        CHECK_INT(1, mapping->record_count);
        CHECK_INT(FACT_ORDER, mapping->records[0].kind);
        CHECK(mapping->records[0].fields[RECORD_PARTNER].count);
        CHECK(mapping->records[0].fields[RECORD_AT].count);
        CHECK(mapping->records[0].fields[RECORD_AMOUNT].count);
        arena_finish(&arena);
    }
}

TEST(recognise_propose, tells_sales_apart_by_all_that_they_hold)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping = proposed(
        "Firma,Telefon,Umsatz,Datum,Artikel,Menge,Farbe\nA,01 5,7,31.01.2024,x,2,rot\n", &arena);
    CHECK_INT(3, mapping->record_count);
    CHECK_INT(MAKE_PARTNER, mapping->records[0].make);
    check_field("{Telefon}", mapping, 0, RECORD_PHONE);
    check_field("{Firma}/{Datum}/{Umsatz}/{Menge}/{Artikel}", mapping, 1, RECORD_EXTERNAL);
    CHECK_INT(FACT_ITEM, mapping->records[2].kind);
    check_field("{Menge}", mapping, 2, RECORD_QUANTITY);
    check_field("{Umsatz}", mapping, 2, RECORD_AMOUNT);
    CHECK_INT(1, mapping->ignored_count);
    CHECK_STR("Farbe", mapping->ignored[0]);
    arena_finish(&arena);
}

TEST(recognise_propose, takes_a_list_of_companies_with_a_revenue_for_partners)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping =
        proposed("Company,City,Annual Revenue,Last Activity Date\nA,Graz,5,2024-01-31\n", &arena);
    CHECK_INT(1, mapping->record_count);
    CHECK_INT(MAKE_PARTNER, mapping->records[0].make);
    CHECK_INT(2, mapping->ignored_count);
    mapping = proposed("Firma,Telefon\nA,01 5\n", &arena);
    CHECK_INT(MAKE_PARTNER, mapping->records[0].make);
    arena_finish(&arena);
}

TEST(recognise_propose, looks_at_the_cells_where_names_say_nothing)
{
    struct arena arena;
    arena_init(&arena, 1 << 24);
    struct mapping *mapping = proposed("X1,X2,X3,X4,X5\n"
                                       "Alpenrad GmbH,03.05.2024,1234.50,4711,01 533 33 18\n"
                                       "Nordlicht AG,17.05.2024,99.00,4712,+49 30 1234567\n",
                                       &arena);
    check_field("{X1}", mapping, 0, RECORD_NAME);
    check_field("{X5}", mapping, 0, RECORD_PHONE);
    check_field("{X1}", mapping, 1, RECORD_PARTNER);
    check_field("{X2}", mapping, 1, RECORD_AT);
    check_field("{X3}", mapping, 1, RECORD_AMOUNT);
    CHECK_STR("X4", mapping->ignored[0]);
    arena_finish(&arena);
}

TEST(recognise_skeleton, has_all_columns_of_any_file)
{
    struct arena arena;
    struct sample sample;
    struct mapping *mapping;
    arena_init(&arena, 1 << 24);
    const struct recognise_file *file = sample_of(&sample, "Farbe,Zahl {x}\n1,2\n");
    struct str json = recognise_skeleton(file, STR("x"), &arena);
    CHECK_OK(mapping_parse(json, &arena, &mapping, NULL));
    CHECK_OK(mapping_bind(mapping, file->names, file->name_count, NULL));
    check_field("{Farbe}", mapping, 0, RECORD_NAME);
    CHECK_INT(1, mapping->ignored_count);
    CHECK_STR("Zahl {x}", mapping->ignored[0]);
    arena_finish(&arena);
}
