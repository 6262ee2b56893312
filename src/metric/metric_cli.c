/* The commands `metrics` and `report`. */
#include "src/account/account.h"
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/metric/metric_catalogue.h"
#include "src/metric/metric_render.h"
#include "src/product/product.h"

/* ---- what is asked ---- */

#define SCOPE_OPTIONS                                                                         \
    {"partner", CLI_TEXT, "PARTNER", "one partner: id, external id or name", false},          \
        {"manager", CLI_TEXT, "USER", "partners of this manager: id, mail or name", false},   \
        {"tier", CLI_TEXT, "TIER", "partners of this tier", false},                           \
        {"country", CLI_TEXT, "CODE", "partners in this country", false},                     \
        {"tag", CLI_TEXT, "TAG", "partners with this tag", false},                            \
    {                                                                                         \
        "product", CLI_TEXT, "PRODUCT", "only facts of this product: id, code or name", false \
    }

static const struct cli_option metrics_options[] = {
    SCOPE_OPTIONS,
    COMMAND_WINDOW_OPTIONS,
    {"by", CLI_TEXT, "STEP", "a series by day, week, month or quarter", false},
    {"catalogue", CLI_FLAG, NULL, "what there is, with formulas", false},
};
static const struct cli_option report_options[] = {COMMAND_WINDOW_OPTIONS};

static struct metric_days days_of(const struct cli_args *args)
{
    return (struct metric_days){
        .from_given = cli_has(args, "from"),
        .to_given = cli_has(args, "to"),
        .from = {(int32_t)cli_int(args, "from")},
        .to = {(int32_t)cli_int(args, "to")},
    };
}

static enum err read_scope(struct ctx *ctx, const struct cli_args *args, struct metric_scope *scope)
{
    struct user user;
    if (cli_has(args, "partner"))
        TRY(partner_find(ctx, cli_text(args, "partner"), &scope->partner));
    if (cli_has(args, "product"))
        TRY(product_find(ctx, cli_text(args, "product"), &scope->product));
    if (cli_has(args, "manager")) {
        TRY(user_find(ctx, cli_text(args, "manager"), &user));
        scope->manager = user.id;
    }
    scope->tier = cli_text(args, "tier");
    scope->country = cli_text(args, "country");
    scope->tag = cli_text(args, "tag");
    return OK;
}

static enum err read_query(struct ctx *ctx, const struct cli_args *args,
                           struct metric_query *ret_query)
{
    struct metric_query query = {.days = days_of(args)};
    for (size_t i = 0; i < cli_operand_count(args); i++)
        TRY(metric_want(ctx, cli_operand(args, i), &query.wanted));
    TRY(read_scope(ctx, args, &query.scope));
    *ret_query = query;
    return OK;
}

static enum err read_step(struct ctx *ctx, struct str name, enum metric_step *ret_step)
{
    for (enum metric_step step = METRIC_BY_DAY; step < METRIC_STEP_COUNT; step++) {
        if (str_equal(name, str_from_c(metric_step_names[step]))) {
            *ret_step = step;
            return OK;
        }
    }
    return CTX_FAULT_FIELD(ctx, ERR_INVALID, "step_invalid", "by",
                           "--by takes day, week, month or quarter.");
}

/* ---- tables ---- */

static struct str day_text(struct ctx *ctx, struct day day)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, TIME_TEXT_MAX);
    day_render(day, &buf);
    return buf_str(&buf);
}

static struct str value_text(struct ctx *ctx, const struct metric_value *value,
                             enum metric_unit unit)
{
    struct buf buf;
    buf_init(&buf, ctx->arena, MONEY_TEXT_MAX);
    metric_value_render(value, unit, &buf);
    return buf_str(&buf);
}

/* For people; a machine reads null. */
static struct str no_data(const struct command_run *run)
{
    return run->format == CLI_FORMAT_TEXT ? STR("no data") : STR("");
}

static struct str number_text(struct ctx *ctx, int64_t number)
{
    return arena_format(ctx->arena, "%lld", (long long)number);
}

/* The cells of one number, the same in every table: value, currency, reporting, n. */
enum { NUMBER_CELLS = 4 };
#define NUMBER_COLUMNS                                           \
    {"Value", "value", CLI_RIGHT, CLI_CELL_TEXT},                \
        {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},       \
        {"In reporting", "reporting", CLI_RIGHT, CLI_CELL_TEXT}, \
    {                                                            \
        "Facts", "n", CLI_RIGHT, CLI_CELL_NUMBER                 \
    }

/* What a table is being filled with. */
struct sheet {
    struct ctx *ctx;
    struct command_run *run;
    struct cli_table *table;
    enum { SHEET_VALUES, SHEET_SERIES } of;
    struct str from, to, label; /* of a series */
};

static void add_row(const struct sheet *sheet, const struct str *row_head, const struct str *number,
                    const struct str *row_tail)
{
    struct str cells[12];
    size_t count = 0;
    if (sheet->of == SHEET_SERIES) {
        cells[count++] = row_head[0];
        cells[count++] = sheet->label;
        cells[count++] = sheet->from;
        cells[count++] = sheet->to;
    } else {
        cells[count++] = row_head[0];
        cells[count++] = row_head[1];
    }
    for (size_t i = 0; i < NUMBER_CELLS; i++)
        cells[count++] = number[i];
    cells[count++] = row_tail[0];
    if (sheet->of == SHEET_VALUES)
        cells[count++] = row_tail[1];
    cli_table_add(sheet->table, cells);
}

/* For people it is left out where it is the value itself. */
static struct str reporting_text(const struct sheet *sheet, const struct metric_result *result)
{
    bool same = result->count == 1 &&
                currency_equal(result->values[0].currency, result->reporting.currency);
    if (!result->has_reporting || (same && sheet->run->format == CLI_FORMAT_TEXT))
        return STR("");
    return value_text(sheet->ctx, &result->reporting, result->metric->unit);
}

/* A row for each currency. */
static void add_result(const struct sheet *sheet, const struct metric_result *result)
{
    struct ctx *ctx = sheet->ctx;
    const struct metric *metric = result->metric;
    struct str head[] = {str_from_c(metric->code), str_from_c(metric->name)};
    struct str tail[] = {str_from_c(metric_unit_name(metric->unit)), str_from_c(metric->formula)};
    struct str reporting = reporting_text(sheet, result);
    for (size_t i = 0; i < result->count; i++) {
        const struct metric_value *value = &result->values[i];
        struct str number[] = {value_text(ctx, value, metric->unit),
                               arena_str(ctx->arena, currency_str(&value->currency)), reporting,
                               number_text(ctx, value->n)};
        add_row(sheet, head, number, tail);
    }
    if (!result->count) {
        struct str number[] = {no_data(sheet->run), STR(""), STR(""), number_text(ctx, result->n)};
        add_row(sheet, head, number, tail);
    }
}

static void add_companions(const struct sheet *sheet, const struct metric_result *result)
{
    struct ctx *ctx = sheet->ctx;
    for (size_t i = 0; i < ARRAY_LEN(result->companions); i++) {
        const struct metric_companion *row = &result->metric->companions[i];
        if (!row->code)
            return;
        bool has = result->companions[i].has;
        const struct metric_value *value = &result->companions[i].value;
        struct str head[] = {str_from_c(row->code), str_from_c(row->name)};
        struct str tail[] = {str_from_c(metric_unit_name(row->unit)), str_from_c(row->formula)};
        struct str number[] = {has ? value_text(ctx, value, row->unit) : no_data(sheet->run),
                               STR(""), STR(""), number_text(ctx, has ? value->n : 0)};
        add_row(sheet, head, number, tail);
    }
}

static const struct cli_column values_columns[] = {
    {"Metric", "code", CLI_LEFT, CLI_CELL_TEXT},
    {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
    NUMBER_COLUMNS,
    {"Unit", "unit", CLI_LEFT, CLI_CELL_TEXT},
    {"Formula", "formula", CLI_LEFT, CLI_CELL_TEXT},
};
static const struct cli_column series_columns[] = {
    {"Metric", "code", CLI_LEFT, CLI_CELL_TEXT},
    {"Period", "period", CLI_LEFT, CLI_CELL_TEXT},
    {"From", "from", CLI_LEFT, CLI_CELL_TEXT},
    {"To", "to", CLI_LEFT, CLI_CELL_TEXT},
    NUMBER_COLUMNS,
    {"Unit", "unit", CLI_LEFT, CLI_CELL_TEXT},
};

static struct cli_table *values_table(struct ctx *ctx, struct command_run *run,
                                      const struct metric_values *values)
{
    struct sheet sheet = {.ctx = ctx, .run = run, .of = SHEET_VALUES};
    sheet.table = cli_table_new(ctx->arena, values_columns, ARRAY_LEN(values_columns));
    cli_table_spare(sheet.table, "reporting");
    cli_table_spare(sheet.table, "unit");
    cli_table_spare(sheet.table, "formula");
    for (size_t i = 0; i < values->count; i++) {
        add_result(&sheet, &values->results[i]);
        add_companions(&sheet, &values->results[i]);
    }
    return sheet.table;
}

static struct cli_table *series_table(struct ctx *ctx, struct command_run *run,
                                      const struct metric_series *series)
{
    struct sheet sheet = {.ctx = ctx, .run = run, .of = SHEET_SERIES};
    sheet.table = cli_table_new(ctx->arena, series_columns, ARRAY_LEN(series_columns));
    cli_table_spare(sheet.table, "reporting");
    cli_table_spare(sheet.table, "unit");
    for (size_t metric = 0; metric < series->metric_count; metric++) {
        for (size_t i = 0; i < series->count; i++) {
            const struct metric_point *point = &series->points[i];
            struct buf label;
            buf_init(&label, ctx->arena, TIME_TEXT_MAX);
            metric_step_render(series->step, point->window.from, &label);
            sheet.label = buf_str(&label);
            sheet.from = day_text(ctx, point->window.from);
            sheet.to = day_text(ctx, point->window.to);
            add_result(&sheet, &point->results[metric]);
        }
    }
    return sheet.table;
}

static enum err print_window(struct ctx *ctx, struct command_run *run, struct str title,
                             const struct metric_heading *heading)
{
    if (run->format != CLI_FORMAT_TEXT)
        return OK;
    struct day last = {heading->window.to.v - 1};
    return command_print(run,
                         arena_format(ctx->arena, "%.*s, %.*s to %.*s (%.*s)\n\n",
                                      STR_ARG(cli_visible(title, ctx->arena)),
                                      STR_ARG(day_text(ctx, heading->window.from)),
                                      STR_ARG(day_text(ctx, last)), STR_ARG(heading->time_zone)));
}

/* ---- metrics ---- */

static enum err print_catalogue(struct ctx *ctx, struct command_run *run)
{
    static const struct cli_column columns[] = {
        {"Metric", "code", CLI_LEFT, CLI_CELL_TEXT},
        {"Name", "name", CLI_LEFT, CLI_CELL_TEXT},
        {"Unit", "unit", CLI_LEFT, CLI_CELL_TEXT},
        {"Formula", "formula", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; metric_at(i); i++) {
        const struct metric *metric = metric_at(i);
        struct str cells[] = {str_from_c(metric->code), str_from_c(metric->name),
                              str_from_c(metric_unit_name(metric->unit)),
                              str_from_c(metric->formula)};
        cli_table_add(table, cells);
        for (size_t j = 0; j < ARRAY_LEN(metric->companions); j++) {
            const struct metric_companion *row = &metric->companions[j];
            struct str beside[] = {str_from_c(row->code), str_from_c(row->name),
                                   str_from_c(metric_unit_name(row->unit)),
                                   str_from_c(row->formula)};
            if (row->code)
                cli_table_add(table, beside);
        }
    }
    return command_print_table(ctx, run, table);
}

struct metrics_job {
    struct command_run *run;
    struct metric_values values;
    struct metric_series series;
};

static enum err read_metrics(struct ctx *ctx, void *arg)
{
    struct metrics_job *job = arg;
    const struct cli_args *args = job->run->args;
    struct metric_query query;
    enum metric_step step = METRIC_BY_DAY;
    TRY(read_query(ctx, args, &query));
    if (!cli_has(args, "by"))
        return metric_values(ctx, &query, &job->values);
    TRY(read_step(ctx, cli_text(args, "by"), &step));
    return metric_series(ctx, &query, step, &job->series);
}

static enum err run_metrics(struct ctx *ctx, struct command_run *run)
{
    struct metrics_job job = {.run = run};
    if (cli_has(run->args, "catalogue"))
        return print_catalogue(ctx, run);
    TRY(ctx_read(ctx, read_metrics, &job));
    bool series = cli_has(run->args, "by");
    TRY(print_window(ctx, run, STR("Metrics"), series ? &job.series.heading : &job.values.heading));
    return command_print_table(ctx, run,
                               series ? series_table(ctx, run, &job.series)
                                      : values_table(ctx, run, &job.values));
}

/* ---- report ---- */

struct report_job {
    struct command_run *run;
    struct metric_report report;
};

static enum err read_report(struct ctx *ctx, void *arg)
{
    struct report_job *job = arg;
    struct partner_id partner;
    struct metric_days days = days_of(job->run->args);
    TRY(partner_find(ctx, cli_operand(job->run->args, 0), &partner));
    return metric_report_read(ctx, partner, &days, &job->report);
}

static enum err print_json(struct ctx *ctx, struct command_run *run,
                           const struct metric_report *report)
{
    struct json_writer writer;
    struct buf buf;
    buf_init(&buf, ctx->arena, LIMIT_ANSWER_BYTES);
    json_writer_init(&writer, &buf);
    metric_report_render(report, &writer);
    buf_add_char(&buf, '\n');
    return command_print(run, buf_str(&buf));
}

static enum err print_live(struct ctx *ctx, struct command_run *run,
                           const struct metric_report *report)
{
    struct buf last;
    buf_init(&last, ctx->arena, TIME_TEXT_MAX);
    if (report->last_order_ms)
        time_render(report->last_order_ms, &last);
    struct str none = no_data(run), recent = metric_result_text(&report->recent, ctx->arena);
    struct str keys[] = {STR("Status"),     STR("Manager"),    STR("Orders in 30 days"),
                         STR("Last order"), STR("Deals open"), STR("Deals won"),
                         STR("Deals lost")};
    struct str values[] = {
        str_from_c(partner_status_name(report->partner.status)),
        cli_visible(report->partner.manager_name, ctx->arena),
        recent.len ? recent : none,
        last.len ? buf_str(&last) : none,
        report->has_deals ? number_text(ctx, report->deals_open) : none,
        report->has_deals ? number_text(ctx, report->deals_won) : none,
        report->has_deals ? number_text(ctx, report->deals_lost) : none,
    };
    TRY(command_print_record(ctx, run, keys, values, ARRAY_LEN(keys)));
    return command_print(run, STR("\n"));
}

static enum err print_latest(struct ctx *ctx, struct command_run *run,
                             const struct fact_page *latest)
{
    static const struct cli_column columns[] = {
        {"Latest orders", "at", CLI_LEFT, CLI_CELL_TEXT},
        {"Order", "external_id", CLI_LEFT, CLI_CELL_TEXT},
        {"Total", "amount", CLI_RIGHT, CLI_CELL_TEXT},
        {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},
    };
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < latest->count; i++) {
        const struct fact *fact = &latest->rows[i];
        struct buf at, amount;
        buf_init(&at, ctx->arena, TIME_TEXT_MAX);
        buf_init(&amount, ctx->arena, MONEY_TEXT_MAX);
        time_render(fact->at_ms, &at);
        if (fact->has_amount)
            money_render(fact->amount, &amount);
        struct str cells[] = {buf_str(&at), fact->external_id, buf_str(&amount),
                              currency_str(&fact->amount.currency)};
        cli_table_add(table, cells);
    }
    TRY(command_print(run, STR("\n")));
    return command_print_table(ctx, run, table);
}

static enum err run_report(struct ctx *ctx, struct command_run *run)
{
    struct report_job job = {.run = run};
    TRY(ctx_read(ctx, read_report, &job));
    const struct metric_report *report = &job.report;
    if (run->format == CLI_FORMAT_JSON)
        return print_json(ctx, run, report);
    TRY(print_window(ctx, run, report->partner.fields[PARTNER_NAME], &report->values.heading));
    if (run->format == CLI_FORMAT_TEXT)
        TRY(print_live(ctx, run, report));
    TRY(command_print_table(ctx, run, values_table(ctx, run, &report->values)));
    return run->format == CLI_FORMAT_TEXT ? print_latest(ctx, run, &report->latest) : OK;
}

static const struct command commands[] = {
    COMMAND("report", "PARTNER", "A partner's live report", run_report, .options = report_options,
            .option_count = ARRAY_LEN(report_options),
            .notes = "PARTNER is an id, an external id (system:id) or an unambiguous name. The "
                     "window is by the partner's days."),
    COMMAND("metrics", "[CODE…]", "Numbers of a partner, a group or the channel", run_metrics,
            .options = metrics_options, .option_count = ARRAY_LEN(metrics_options),
            .notes = "Without CODE all of the catalogue, without a partner or group the whole "
                     "channel.\n\n"
                     "  rapport metrics sales orders --country US --by quarter --from 2019-01-01"),
};
const struct command_table metric_commands = {commands, ARRAY_LEN(commands)};
