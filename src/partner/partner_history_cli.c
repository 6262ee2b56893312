/* Commands that show the history: of one partner, or of everything. */
#include "lib/json/json.h"
#include "src/core/audit.h"
#include "src/core/command.h"
#include "src/core/limits.h"
#include "src/partner/partner.h"

enum { CELL_BYTES = 64 * 1024, LINES_DEFAULT = 50 };

/* What a command acts on, and what came of it. */
struct reading {
    struct command_run *run;
    struct page page;
    struct audit_page found;
};

static const struct cli_column columns[] = {
    {"When", "at", CLI_LEFT, CLI_CELL_TEXT},         {"Who", "actor", CLI_LEFT, CLI_CELL_TEXT},
    {"What", "subject", CLI_LEFT, CLI_CELL_TEXT},    {"Action", "action", CLI_LEFT, CLI_CELL_TEXT},
    {"Changes", "changes", CLI_LEFT, CLI_CELL_TEXT},
};

static struct str value_text(const struct json *value, struct arena *arena)
{
    return json_type(value) == JSON_IS_STRING ? arena_str(arena, json_text(value))
                                              : json_render(value, arena);
}

/* "city: Wien → Graz; tier: Gold" */
static enum err changes_text(struct ctx *ctx, struct str changes_json, struct str *ret_text)
{
    struct json_doc *doc;
    struct buf buf;
    struct str field;
    const struct json *change;
    void *it = NULL;
    buf_init(&buf, ctx->arena, CELL_BYTES);
    TRY(json_parse(changes_json, &doc, &ctx->fault));
    while (json_next(json_root(doc), &it, &field, &change)) {
        struct str old = value_text(json_get(change, "old"), ctx->arena);
        struct str new = value_text(json_get(change, "new"), ctx->arena);
        buf_format(&buf, "%s%.*s: ", buf.len ? "; " : "", STR_ARG(field));
        if (old.len)
            buf_format(&buf, "%.*s → ", STR_ARG(old));
        buf_format(&buf, "%.*s", STR_ARG(new.len ? new : STR("–")));
    }
    json_doc_free(doc);
    *ret_text = buf_str(&buf);
    return OK;
}

static enum err read_history(struct ctx *ctx, void *arg)
{
    struct reading *reading = arg;
    struct partner_id id = {0};
    if (cli_operand_count(reading->run->args))
        TRY(partner_find(ctx, cli_operand(reading->run->args, 0), &id));
    return audit_list(ctx, id, &reading->page, &reading->found);
}

static enum err run_history(struct ctx *ctx, struct command_run *run)
{
    struct reading reading = {.run = run, .page = {.limit = LINES_DEFAULT}};
    if (cli_has(run->args, "limit"))
        reading.page.limit = cli_int(run->args, "limit");
    if (reading.page.limit < 1 || reading.page.limit > LIMIT_PAGE_MAX)
        return CTX_FAULT(ctx, ERR_INVALID, "limit_invalid", "--limit takes 1 to %d.",
                         LIMIT_PAGE_MAX);
    TRY(ctx_read(ctx, read_history, &reading));
    struct cli_table *table = cli_table_new(ctx->arena, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < reading.found.count; i++) {
        const struct audit_entry *entry = &reading.found.rows[i];
        struct str changes;
        struct buf at;
        buf_init(&at, ctx->arena, TIME_TEXT_MAX);
        time_render(entry->at_ms, &at);
        TRY(changes_text(ctx, entry->changes_json, &changes));
        const struct str cells[] = {buf_str(&at), entry->actor, entry->subject_type, entry->action,
                                    changes};
        cli_table_add(table, cells);
    }
    return command_print_table(ctx, run, table);
}

static const struct cli_option options[] = {
    {"limit", CLI_INT, "N", "how many changes (default: 50)", false},
};
static const struct command commands[] = {
    COMMAND("partner history", "PARTNER", "Show who changed what and when, the newest first",
            run_history, .options = options, .option_count = ARRAY_LEN(options)),
    COMMAND("history", "", "Show every change of everything, the newest first", run_history,
            .options = options, .option_count = ARRAY_LEN(options)),
};
const struct command_table partner_history_commands = {commands, ARRAY_LEN(commands)};
