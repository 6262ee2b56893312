/*
 * Known answers: the orders of Adventure Works, as the sample holds them, to the cent. Read with
 * lib/csv and recorded fact by fact, so that nothing but the ledger stands between file and number.
 */
#include <stdlib.h>
#include <zlib.h>

#include "lib/csv/csv.h"
#include "src/metric/metric_test.h"

enum { FILE_BYTES_MAX = 8 * 1024 * 1024, KEYS = 1000, JOB_ROWS = 2000 };

static const struct currency usd = {"USD"};

/* A partner by the file's key. */
struct channel {
    struct stage stage;
    struct partner_id partners[KEYS];
    struct str name; /* of the partner that is made */
};

static struct csv_reader *open_sample(const char *path, char *bytes)
{
    static const struct csv_limits limits = {100, 10000, 100000};
    struct csv_reader *reader;
    struct fault fault;
    gzFile file = gzopen(path, "rb");
    CHECK(file);
    int len = gzread(file, bytes, FILE_BYTES_MAX);
    CHECK(gzclose(file) == Z_OK && len > 0 && len < FILE_BYTES_MAX);
    CHECK_OK(csv_open_bytes((struct str){bytes, (size_t)len}, &limits, &reader, &fault));
    return reader;
}

static size_t column(const struct csv_reader *reader, const char *name)
{
    const struct csv_row *header = csv_header(reader);
    for (size_t i = 0; i < header->count; i++)
        if (str_equal(header->cells[i], str_from_c(name)))
            return i;
    test_fail(__FILE__, __LINE__, "the sample has no column %s", name);
}

static const struct csv_row *next_row(struct csv_reader *reader)
{
    const struct csv_row *row;
    struct fault fault;
    CHECK_OK(csv_next(reader, &row, &fault));
    return row;
}

static size_t key_of(struct str text)
{
    int64_t key;
    CHECK(parse_int64(text, 1, KEYS - 1, &key));
    return (size_t)key;
}

/* ---- partners ---- */

struct making {
    struct csv_reader *reader;
    struct channel *channel;
};

static enum err make_partners(struct ctx *ctx, void *arg)
{
    const struct making *making = arg;
    size_t key = column(making->reader, "ResellerKey"),
           name = column(making->reader, "ResellerName");
    const struct csv_row *row;
    while ((row = next_row(making->reader))) {
        struct partner_change change = {0};
        struct partner partner;
        change.fields[PARTNER_NAME].given = true;
        change.fields[PARTNER_NAME].text = row->cells[name];
        TRY(partner_create(ctx, &change, PARTNER_ACTIVE, 0, &partner));
        making->channel->partners[key_of(row->cells[key])] = partner.id;
    }
    return OK;
}

/* ---- orders ---- */

/* The lines of an order stand together; its total is their sum. */
struct reading {
    struct channel *channel;
    struct csv_reader *reader;
    size_t order, day, reseller, quantity, amount;
    struct fact_draft draft; /* of the order that is being added up */
    char order_number[40];
    int lines;
    bool over;
};

static enum err record(struct ctx *ctx, const struct fact_draft *draft)
{
    struct fact_outcome outcome;
    TRY(ledger_record(ctx, draft, &outcome));
    return outcome.result == FACT_RECORDED ? OK : ERR_CONFLICT;
}

static enum err end_order(struct ctx *ctx, struct reading *reading)
{
    struct fact_draft order = reading->draft;
    if (!reading->lines)
        return OK;
    order.kind = FACT_ORDER;
    order.external_id = str_from_c(reading->order_number);
    reading->lines = 0;
    return record(ctx, &order);
}

static void begin_order(struct reading *reading, const struct csv_row *row)
{
    struct day day;
    struct str number = row->cells[reading->order];
    CHECK(number.len < sizeof(reading->order_number));
    memcpy(reading->order_number, number.ptr, number.len);
    reading->order_number[number.len] = '\0';
    CHECK(day_parse(row->cells[reading->day], &day));
    reading->draft = (struct fact_draft){
        .partner = reading->channel->partners[key_of(row->cells[reading->reseller])],
        .at_ms = (int64_t)day.v * MS_PER_DAY + 12 * MS_PER_HOUR,
        .has_amount = true,
        .amount = {0, usd},
        .source = STR("adventureworks"),
    };
}

static enum err add_line(struct ctx *ctx, struct reading *reading, const struct csv_row *row)
{
    struct fact_draft line;
    int64_t quantity;
    if (!str_equal(row->cells[reading->order], str_from_c(reading->order_number))) {
        TRY(end_order(ctx, reading));
        begin_order(reading, row);
    }
    line = reading->draft;
    line.kind = FACT_ITEM;
    line.external_id = arena_format(ctx->arena, "%s-%d", reading->order_number, ++reading->lines);
    CHECK(money_parse(row->cells[reading->amount], usd, &line.amount));
    CHECK(money_add(reading->draft.amount, line.amount, &reading->draft.amount));
    CHECK(parse_int64(row->cells[reading->quantity], 0, 100000, &quantity));
    line.quantity_milli = quantity * 1000;
    reading->draft.quantity_milli += line.quantity_milli;
    return record(ctx, &line);
}

static enum err read_lines(struct ctx *ctx, void *arg)
{
    struct reading *reading = arg;
    for (int i = 0; i < JOB_ROWS; i++) {
        const struct csv_row *row = next_row(reading->reader);
        if (!row) {
            reading->over = true;
            return end_order(ctx, reading);
        }
        TRY(add_line(ctx, reading, row));
    }
    return OK;
}

static void load(struct channel *channel)
{
    char *bytes = malloc(FILE_BYTES_MAX);
    struct world *world = &channel->stage.world;
    CHECK(bytes);
    struct making making = {open_sample("sample/adventureworks/resellers.csv.gz", bytes), channel};
    CHECK_OK(ctx_write(world_as(world, ROLE_MANAGER), make_partners, &making));
    csv_close(making.reader);
    struct csv_reader *reader = open_sample("sample/adventureworks/reseller_sales.csv.gz", bytes);
    struct reading reading = {.channel = channel,
                              .reader = reader,
                              .order = column(reader, "SalesOrderNumber"),
                              .day = column(reader, "OrderDate"),
                              .reseller = column(reader, "ResellerKey"),
                              .quantity = column(reader, "OrderQuantity"),
                              .amount = column(reader, "SalesAmount")};
    while (!reading.over)
        CHECK_OK(ctx_write(world_as(world, ROLE_MANAGER), read_lines, &reading));
    csv_close(reader);
    free(bytes);
}

/* ---- the answers ---- */

struct finding {
    struct partner_id partner;
};

static enum err find_partner(struct ctx *ctx, void *arg)
{
    struct finding *finding = arg;
    return partner_find(ctx, STR("Brakes and Gears"), &finding->partner);
}

static struct metric_query whole_time(struct metric_scope scope)
{
    struct metric_query query = {.scope = scope, .days = {.from_given = true, .to_given = true}};
    CHECK(day_parse(STR("2017-07-01"), &query.days.from));
    CHECK(day_parse(STR("2020-06-01"), &query.days.to));
    return query;
}

struct asking {
    struct metric_query query;
    struct metric_series series;
    struct metric_leader_page leaders;
};

static enum err ask(struct ctx *ctx, void *arg)
{
    struct asking *asking = arg;
    struct page page = {.limit = 1};
    TRY(metric_series(ctx, &asking->query, METRIC_BY_QUARTER, &asking->series));
    return metric_leaders(ctx, &asking->query, &page, &asking->leaders);
}

static void check_channel(struct stage *stage)
{
    struct metric_query query = whole_time((struct metric_scope){.partner = {0}});
    CHECK_STR("77548570.20 USD", stage_value(stage, "sales", &query));
    CHECK_STR("3616", stage_value(stage, "orders", &query));
    CHECK_STR("204114", stage_value(stage, "units", &query));
    CHECK_STR("632", stage_value(stage, "partners_selling", &query));
    CHECK_STR("21445.95 USD", stage_value(stage, "aov", &query));
    CHECK_STR("no data", stage_value(stage, "visits", &query));
    query.scope.manager = stage->world.manager;
    CHECK_STR("77548570.20 USD", stage_value(stage, "sales", &query));
    CHECK_STR("632", stage_value(stage, "partners_selling", &query));
}

static void check_quarters_and_leader(struct stage *stage)
{
    struct asking asking = {.query = whole_time((struct metric_scope){.partner = {0}})};
    struct ctx *ctx = world_as(&stage->world, ROLE_ANALYST);
    CHECK_OK(metric_want(ctx, STR("sales"), &asking.query.wanted));
    CHECK_OK(ctx_read(ctx, ask, &asking));
    int64_t total = 0, orders = 0;
    CHECK_INT(12, asking.series.count);
    for (size_t i = 0; i < asking.series.count; i++) {
        total += asking.series.points[i].results[0].values[0].number.mantissa;
        orders += asking.series.points[i].results[0].n;
    }
    CHECK_INT(7754857020, total);
    CHECK_INT(3616, orders);
    CHECK_STR("Brakes and Gears", asking.leaders.rows[0].name);
    CHECK_INT(88227353, asking.leaders.rows[0].result.values[0].number.mantissa);
}

TEST(metric_values, of_adventure_works_are_the_known_ones)
{
    static struct channel channel;
    struct finding finding;
    stage_open(&channel.stage);
    load(&channel);
    check_channel(&channel.stage);
    check_quarters_and_leader(&channel.stage);
    CHECK_OK(stage_read(&channel.stage, find_partner, &finding));
    struct metric_query query = whole_time((struct metric_scope){.partner = finding.partner});
    CHECK_STR("882273.53 USD", stage_value(&channel.stage, "sales", &query));
    CHECK_STR("12", stage_value(&channel.stage, "orders", &query));
    CHECK_STR("73522.79 USD", stage_value(&channel.stage, "aov", &query));
    CHECK_STR("1", stage_value(&channel.stage, "partners_selling", &query));
    stage_close(&channel.stage);
}
