/* `rapport doctor`: the file as the engine sees it, and every number as the ledger has it. */
#include "lib/db/db.h"
#include "src/app/commands.h"
#include "src/ledger/ledger.h"

static const struct cli_option options[] = {
    {"repair", CLI_FLAG, NULL, "set right what differs", false},
};

static bool show_progress(void *self, int64_t done, int64_t total)
{
    cli_progress_set(self, done, total);
    return true;
}

static enum err examine(struct ctx *ctx, struct command_run *run, struct ledger_report *ret_report)
{
    struct cli_progress *progress = cli_progress_new(run->err_fd, "days", ctx->arena);
    struct ledger_doctor_options how = {
        .repair = cli_has(run->args, "repair"), .progress = show_progress, .self = progress};
    enum err err = db_check(ctx->services->db, &ctx->fault);
    if (err == OK)
        err = ledger_doctor(ctx, &how, ret_report);
    cli_progress_end(progress);
    return err;
}

static enum err print_report(struct ctx *ctx, struct command_run *run,
                             const struct ledger_report *report)
{
    const struct str keys[] = {STR("facts"), STR("totals"), STR("differences"), STR("repaired"),
                               STR("first_difference")};
    const int64_t numbers[] = {report->facts, report->rows, report->differences, report->repaired};
    struct str values[ARRAY_LEN(keys)];
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        values[i] = arena_format(ctx->arena, "%lld", (long long)numbers[i]);
    values[ARRAY_LEN(numbers)] = report->first;
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

static enum err run_doctor(struct ctx *ctx, struct command_run *run)
{
    struct ledger_report report;
    TRY(examine(ctx, run, &report));
    TRY(print_report(ctx, run, &report));
    if (!report.differences || cli_has(run->args, "repair"))
        return OK;
    return CTX_FAULT(ctx, ERR_CORRUPT, "ledger_differs",
                     "%lld totals are not what the facts say. `rapport doctor --repair` sets them"
                     " right.",
                     (long long)report.differences);
}

static const struct command commands[] = {
    COMMAND("doctor", "", "Check the file, and every total against the facts", run_doctor,
            .options = options, .option_count = ARRAY_LEN(options),
            .notes = "Computes all totals from the ledger anew and reports each that differs. Works"
                     " while the\nserver runs."),
};
const struct command_table doctor_commands = {commands, ARRAY_LEN(commands)};
