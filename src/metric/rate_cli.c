/* The commands of exchange rates. */
#include <fcntl.h>
#include <unistd.h>

#include "lib/csv/csv.h"
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/metric/metric.h"
#include "src/metric/rate.h"

enum { COLUMNS = 3, CELL_BYTES_MAX = 400 };

static enum err read_rate(struct ctx *ctx, const struct str *texts, struct rate *ret_rate)
{
    struct rate rate = {.nano = 0};
    if (!day_parse(texts[0], &rate.day))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "day_invalid", "day",
                               "\"%.*s\" is no day such as 2026-05-31.", STR_ARG(texts[0]));
    if (!currency_parse(texts[1], &rate.currency))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency_invalid", "currency",
                               "\"%.*s\" is no currency of ISO 4217.", STR_ARG(texts[1]));
    if (!rate_parse(texts[2], &rate.nano))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "rate_invalid", "rate",
                               "\"%.*s\" is no decimal over 0 with at most nine decimals.",
                               STR_ARG(texts[2]));
    *ret_rate = rate;
    return OK;
}

/* Rates to be saved. */
struct rate_job {
    struct rate *rates;
    size_t count, cap;
    size_t changed;
};

static void add_rate(struct ctx *ctx, struct rate_job *job, const struct rate *rate)
{
    if (job->count == job->cap) {
        job->cap = job->cap ? job->cap * 2 : 256;
        struct rate *rates = ARENA_ARRAY(ctx->arena, struct rate, job->cap);
        for (size_t i = 0; i < job->count; i++)
            rates[i] = job->rates[i];
        job->rates = rates;
    }
    job->rates[job->count++] = *rate;
}

static enum err save(struct ctx *ctx, void *arg)
{
    struct rate_job *job = arg;
    return rate_save(ctx, job->rates, job->count, &job->changed);
}

static enum err save_and_tell(struct ctx *ctx, struct command_run *run, struct rate_job *job)
{
    TRY(ctx_write(ctx, save, job));
    struct str keys[] = {STR("rates"), STR("changed")};
    struct str values[] = {arena_format(ctx->arena, "%zu", job->count),
                           arena_format(ctx->arena, "%zu", job->changed)};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

static enum err run_set(struct ctx *ctx, struct command_run *run)
{
    struct rate_job job = {.count = 0};
    struct rate rate;
    struct str texts[COLUMNS];
    for (size_t i = 0; i < COLUMNS; i++)
        texts[i] = cli_operand(run->args, i);
    TRY(read_rate(ctx, texts, &rate));
    add_rate(ctx, &job, &rate);
    return save_and_tell(ctx, run, &job);
}

/* ---- import ---- */

static enum err find_columns(struct ctx *ctx, const struct csv_row *header, size_t *at)
{
    static const char *const names[COLUMNS][2] = {
        {"day", "date"}, {"currency", "code"}, {"rate", "value"}};
    for (size_t i = 0; i < COLUMNS; i++) {
        at[i] = header->count;
        for (size_t j = 0; j < header->count; j++)
            if (str_equal_nocase(header->cells[j], str_from_c(names[i][0])) ||
                str_equal_nocase(header->cells[j], str_from_c(names[i][1])))
                at[i] = j;
        if (at[i] == header->count)
            return CTX_FAULT(ctx, ERR_INVALID, "column_missing",
                             "The file needs the columns day, currency and rate; %s is missing.",
                             names[i][0]);
    }
    return OK;
}

static enum err read_rows(struct ctx *ctx, struct csv_reader *reader, struct rate_job *job)
{
    const struct csv_row *row;
    size_t at[COLUMNS] = {0};
    TRY(find_columns(ctx, csv_header(reader), at));
    TRY(csv_next(reader, &row, &ctx->fault));
    while (row) {
        struct rate rate;
        struct str texts[] = {row->cells[at[0]], row->cells[at[1]], row->cells[at[2]]};
        enum err err = read_rate(ctx, texts, &rate);
        if (err != OK) {
            ctx->fault.row = row->number;
            return err;
        }
        add_rate(ctx, job, &rate);
        TRY(csv_next(reader, &row, &ctx->fault));
    }
    return OK;
}

static enum err read_file(struct ctx *ctx, struct str path, struct rate_job *job)
{
    static const struct csv_limits limits = {LIMIT_CSV_COLUMNS, CELL_BYTES_MAX,
                                             LIMIT_CSV_ROW_BYTES};
    struct csv_reader *reader;
    int fd = open(arena_cstr(ctx->arena, path), O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return CTX_FAULT(ctx, ERR_NOT_FOUND, "file", "The file %.*s cannot be read.",
                         STR_ARG(path));
    enum err err = csv_open(fd, &limits, &reader, &ctx->fault);
    if (err == OK) {
        err = read_rows(ctx, reader, job);
        csv_close(reader);
    }
    close(fd);
    return err;
}

static enum err run_import(struct ctx *ctx, struct command_run *run)
{
    struct rate_job job = {.count = 0};
    TRY(read_file(ctx, cli_operand(run->args, 0), &job));
    return save_and_tell(ctx, run, &job);
}

/* ---- list ---- */

static const struct cli_option list_options[] = {
    {"currency", CLI_TEXT, "CODE", "only this currency", false},
    {"from", CLI_DAY, "DAY", "first day", false},
    {"to", CLI_DAY, "DAY", "day after the last one", false},
};

struct list_job {
    struct rate_filter filter;
    struct cli_table *table;
};

static enum err read_list(struct ctx *ctx, void *arg)
{
    struct list_job *job = arg;
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct rate_page rates;
    do {
        TRY(rate_list(ctx, &job->filter, &page, &rates));
        for (size_t i = 0; i < rates.count; i++) {
            const struct rate *rate = &rates.rows[i];
            struct buf day;
            buf_init(&day, ctx->arena, TIME_TEXT_MAX);
            day_render(rate->day, &day);
            struct str cells[] = {buf_str(&day), currency_str(&rate->currency),
                                  rate_text(rate->nano, ctx->arena)};
            cli_table_add(job->table, cells);
            page.has_cursor = true;
            page.after_int = rate->day.v;
            page.after_text = currency_str(&rate->currency);
        }
    } while (rates.next.len);
    return OK;
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    static const struct cli_column columns[] = {
        {"Day", "day", CLI_LEFT, CLI_CELL_TEXT},
        {"Currency", "currency", CLI_LEFT, CLI_CELL_TEXT},
        {"Rate", "rate", CLI_RIGHT, CLI_CELL_TEXT},
    };
    struct list_job job = {.filter = {.from = {INT32_MIN}, .to = {INT32_MAX}}};
    const struct cli_args *args = run->args;
    if (cli_has(args, "currency") &&
        !currency_parse(cli_text(args, "currency"), &job.filter.currency))
        return CTX_FAULT_FIELD(ctx, ERR_INVALID, "currency_invalid", "currency",
                               "\"%.*s\" is no currency of ISO 4217.",
                               STR_ARG(cli_text(args, "currency")));
    if (cli_has(args, "from"))
        job.filter.from.v = (int32_t)cli_int(args, "from");
    if (cli_has(args, "to"))
        job.filter.to.v = (int32_t)cli_int(args, "to");
    job.table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    TRY(ctx_read(ctx, read_list, &job));
    return command_print_table(ctx, run, job.table);
}

static const struct command commands[] = {
    COMMAND("rates list", "", "Exchange rates towards the organisation's currency", run_list,
            .options = list_options, .option_count = ARRAY_LEN(list_options)),
    COMMAND("rates set", "DAY CURRENCY RATE", "Set the rate of one day", run_set,
            .notes = "RATE is how many units of the organisation's currency one unit of CURRENCY "
                     "was worth.\n\n  rapport rates set 2026-05-29 USD 0.9217"),
    COMMAND("rates import", "FILE", "Set the rates of a CSV file", run_import,
            .notes = "The file has the columns day, currency and rate, in any order. All rows are "
                     "set, or none."),
};
const struct command_table rate_commands = {commands, ARRAY_LEN(commands)};
