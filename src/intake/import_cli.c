/* Commands of imports. */
#include "src/intake/import_files.h"
#include "src/intake/import_report.h"
#include "src/intake/mapping.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/core/limits.h"

/* ---- rapport import FILE… ---- */

struct importing {
    struct command_run *run;
    struct import import;
    struct cli_progress *bar;
};

static enum err take_path(struct ctx *ctx, struct str given, struct import_file *file)
{
    char *path = realpath(arena_cstr(ctx->arena, given), NULL);
    if (!path)
        return CTX_FAULT(ctx, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "file",
                         "%.*s cannot be opened: %s.", STR_ARG(str_slice(given, 0, 200)),
                         strerror(errno));
    const char *slash = strrchr(path, '/');
    file->path = arena_str(ctx->arena, str_from_c(path));
    file->name = arena_str(ctx->arena, str_from_c(slash ? slash + 1 : path));
    free(path);
    return OK;
}

/* The first of the given mappings whose columns the file has; empty: none. */
static enum err choose_mapping(struct ctx *ctx, const struct importing *importing,
                               const struct import_file *file, struct str *ret_json)
{
    size_t count = cli_text_count(importing->run->args, "mapping");
    *ret_json = (struct str){NULL, 0};
    for (size_t i = 0; i < count && !ret_json->len; i++) {
        struct str json;
        bool fits;
        TRY(import_files_read(ctx, cli_text_at(importing->run->args, "mapping", i),
                              LIMIT_MAPPING_BYTES, &json));
        TRY(import_file_fits(ctx, json, file, &fits));
        if (fits || importing->import.file_count == 1)
            *ret_json = json;
    }
    return OK;
}

static enum err examine(struct ctx *ctx, void *arg)
{
    struct importing *importing = arg;
    const struct cli_args *args = importing->run->args;
    struct import *import = &importing->import;
    import->file_count = cli_operand_count(args);
    if (import->file_count > LIMIT_IMPORT_FILES)
        return CTX_FAULT(ctx, ERR_TOO_LARGE, "files_full", "An import has at most %d files.",
                         LIMIT_IMPORT_FILES);
    import->files = ARENA_ARRAY(ctx->arena, struct import_file, import->file_count);
    import->choices = (struct import_choices){cli_text(args, "partners"), cli_text(args, "dates"),
                                              cli_text(args, "currency")};
    TRY(import_choices_check(ctx, &import->choices));
    for (size_t i = 0; i < import->file_count; i++) {
        struct str mapping;
        import->files[i].number = (int64_t)i + 1;
        TRY(take_path(ctx, cli_operand(args, i), &import->files[i]));
        TRY(choose_mapping(ctx, importing, &import->files[i], &mapping));
        TRY(import_file_examine(ctx, &import->choices, mapping, &import->files[i]));
        import->rows += import->files[i].rows;
    }
    import_order_files(ctx, import);
    return OK;
}

static bool show_progress(void *self, int64_t rows_done, int64_t rows)
{
    struct importing *importing = self;
    cli_progress_set(importing->bar, rows_done, rows);
    return true;
}

static struct import_watch watch_of(struct ctx *ctx, struct importing *importing)
{
    importing->bar = cli_progress_new(importing->run->err_fd, "rows", ctx->arena);
    return (struct import_watch){show_progress, importing, false};
}

static enum err preview(struct ctx *ctx, void *arg)
{
    struct importing *importing = arg;
    struct import_watch watch = watch_of(ctx, importing);
    enum err err = import_preview(ctx, &importing->import, &watch);
    cli_progress_end(importing->bar);
    return err;
}

static enum err create(struct ctx *ctx, void *arg)
{
    struct importing *importing = arg;
    return import_create(ctx, &importing->import);
}

static enum err reload(struct ctx *ctx, void *arg)
{
    struct importing *importing = arg;
    struct page page = {.limit = LIMIT_PAGE_DEFAULT};
    struct import_bad_page bad;
    TRY(import_get(ctx, importing->import.id, &importing->import));
    TRY(import_bad_rows(ctx, importing->import.id, &page, &bad));
    importing->import.first_bad = bad.rows;
    importing->import.first_bad_count = bad.count;
    return OK;
}

/* Refused rows are in the report; a script sees them in the exit code. */
static enum err answer(struct ctx *ctx, const struct importing *importing, bool is_preview)
{
    const struct import *import = &importing->import;
    TRY(import_report_print(ctx, importing->run, import, is_preview));
    if (!import->outcome.refused)
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "rows_refused", "%lld rows %s refused.",
                     (long long)import->outcome.refused, is_preview ? "would be" : "were");
}

static enum err apply(struct ctx *ctx, struct importing *importing)
{
    struct import_watch watch = watch_of(ctx, importing);
    enum err err = import_apply(ctx, importing->import.id, &watch);
    cli_progress_end(importing->bar);
    TRY(err);
    TRY(ctx_read(ctx, reload, importing));
    return answer(ctx, importing, false);
}

static enum err check_recognised(struct ctx *ctx, const struct importing *importing)
{
    for (size_t i = 0; i < importing->import.file_count; i++)
        if (!importing->import.files[i].mapping_json.len)
            return CTX_FAULT(ctx, ERR_INVALID, "mapping_missing",
                             "%.*s is not recognised: its columns are like nothing that an import "
                             "takes. Write a mapping to start from with --save-mapping FILE, "
                             "correct it, and give it with --mapping FILE.",
                             STR_ARG(str_slice(importing->import.files[i].name, 0, 100)));
    return OK;
}

static const struct import_file *first_guess(const struct importing *importing)
{
    for (size_t i = 0; i < importing->import.file_count; i++)
        if (importing->import.files[i].proposed)
            return &importing->import.files[i];
    return NULL;
}

static enum err run_preview(struct ctx *ctx, struct importing *importing)
{
    TRY(ctx_read(ctx, preview, importing));
    return answer(ctx, importing, true);
}

/* A guess is shown before it is believed. */
static enum err show_guess(struct ctx *ctx, struct importing *importing,
                           const struct import_file *guess)
{
    enum err err = run_preview(ctx, importing);
    if (err != OK && err != ERR_INVALID)
        return err;
    return CTX_FAULT(ctx, ERR_INVALID, "mapping_proposed",
                     "What the columns of %.*s mean is a guess. Where it is right, import with "
                     "--yes; else correct what --save-mapping FILE writes, and give it with "
                     "--mapping FILE.",
                     STR_ARG(str_slice(guess->name, 0, 100)));
}

static enum err write_mapping(struct ctx *ctx, struct str path, struct str text)
{
    int fd = open(arena_cstr(ctx->arena, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return CTX_FAULT(ctx, errno == EEXIST ? ERR_CONFLICT : ERR_IO, "file",
                         "%.*s cannot be made: %s.", STR_ARG(str_slice(path, 0, 200)),
                         strerror(errno));
    enum err err = cli_write(fd, text);
    if (close(fd) && err == OK)
        err = ERR_IO;
    return err == OK ? OK
                     : CTX_FAULT(ctx, err, "file", "%.*s cannot be written.",
                                 STR_ARG(str_slice(path, 0, 200)));
}

static enum err save_mapping(struct ctx *ctx, const struct importing *importing)
{
    struct json_doc *doc;
    const struct import_file *file = &importing->import.files[0];
    if (importing->import.file_count != 1)
        return CTX_FAULT(ctx, ERR_INVALID, "mapping_one",
                         "--save-mapping takes the mapping of one file.");
    TRY(json_parse(file->mapping_json.len ? file->mapping_json : file->skeleton_json, &doc,
                   &ctx->fault));
    struct str text = json_render_lines(json_root(doc), ctx->arena);
    json_doc_free(doc);
    struct str path = cli_text(importing->run->args, "save-mapping");
    TRY(write_mapping(ctx, path, arena_format(ctx->arena, "%.*s\n", STR_ARG(text))));
    if (importing->run->format != CLI_FORMAT_TEXT)
        return OK;
    return command_print(
        importing->run,
        arena_format(ctx->arena, "%.*s holds %s.\n",
                     STR_ARG(cli_visible(str_slice(path, 0, 200), ctx->arena)),
                     file->mapping_json.len
                         ? "the mapping below; change it and give it with --mapping"
                         : "a mapping to start from, for nothing was recognised; say in it what "
                           "the columns mean and give it with --mapping"));
}

static enum err run_import(struct ctx *ctx, struct command_run *run)
{
    struct importing importing = {.run = run};
    TRY(ctx_read(ctx, examine, &importing));
    const struct import_file *guess = first_guess(&importing);
    bool saves = cli_has(run->args, "save-mapping");
    if (saves)
        TRY(save_mapping(ctx, &importing));
    if (saves && !importing.import.files[0].mapping_json.len)
        return OK;
    TRY(check_recognised(ctx, &importing));
    if (cli_has(run->args, "dry-run") || saves)
        return run_preview(ctx, &importing);
    if (guess && !cli_has(run->args, "yes"))
        return show_guess(ctx, &importing, guess);
    TRY(ctx_write(ctx, create, &importing));
    return apply(ctx, &importing);
}

/* ---- imports that are there ---- */

static enum err read_id(struct ctx *ctx, struct command_run *run, struct import_id *ret_id)
{
    if (import_id_parse(cli_operand(run->args, 0), ret_id))
        return OK;
    return CTX_FAULT(ctx, ERR_INVALID, "id_invalid", "An import is named by its id: imp_….");
}

static enum err all_imports(struct ctx *ctx, void *arg)
{
    struct page page = {.limit = LIMIT_PAGE_MAX};
    return import_list(ctx, &page, arg);
}

static enum err run_list(struct ctx *ctx, struct command_run *run)
{
    struct import_page page;
    TRY(ctx_read(ctx, all_imports, &page));
    return import_report_list(ctx, run, &page);
}

static enum err run_show(struct ctx *ctx, struct command_run *run)
{
    struct importing importing = {.run = run};
    TRY(read_id(ctx, run, &importing.import.id));
    TRY(ctx_read(ctx, reload, &importing));
    return import_report_print(ctx, run, &importing.import, false);
}

static enum err run_resume(struct ctx *ctx, struct command_run *run)
{
    struct importing importing = {.run = run};
    TRY(read_id(ctx, run, &importing.import.id));
    return apply(ctx, &importing);
}

static enum err run_undo(struct ctx *ctx, struct command_run *run)
{
    struct importing importing = {.run = run};
    struct import_undo_report report;
    TRY(read_id(ctx, run, &importing.import.id));
    struct import_watch watch = watch_of(ctx, &importing);
    enum err err = import_undo(ctx, importing.import.id, &watch, &report);
    cli_progress_end(importing.bar);
    TRY(err);
    const struct str keys[] = {STR("facts_reversed"), STR("archived"), STR("set_back"),
                               STR("kept")};
    const struct str values[] = {
        arena_format(ctx->arena, "%lld", (long long)report.facts_reversed),
        arena_format(ctx->arena, "%lld", (long long)report.archived),
        arena_format(ctx->arena, "%lld", (long long)report.set_back),
        arena_format(ctx->arena, "%lld", (long long)report.kept),
    };
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

static enum err cancel(struct ctx *ctx, void *arg)
{
    const struct import_id *id = arg;
    return import_move(ctx, *id, IMPORT_CANCELLED);
}

static enum err run_cancel(struct ctx *ctx, struct command_run *run)
{
    struct import_id id;
    TRY(read_id(ctx, run, &id));
    return ctx_write(ctx, cancel, &id);
}

/* ---- rows ---- */

struct rows {
    struct command_run *run;
    struct import_id id;
    struct import_bad_page bad;
    struct unassigned_page unassigned;
};

static enum err read_bad(struct ctx *ctx, void *arg)
{
    struct rows *rows = arg;
    struct page page = {.limit = LIMIT_IMPORT_BAD_ROWS};
    return import_bad_rows(ctx, rows->id, &page, &rows->bad);
}

static enum err run_bad_rows(struct ctx *ctx, struct command_run *run)
{
    struct rows rows = {.run = run};
    TRY(read_id(ctx, run, &rows.id));
    TRY(ctx_read(ctx, read_bad, &rows));
    return import_report_bad(ctx, run, rows.bad.rows, rows.bad.count);
}

static enum err read_unassigned(struct ctx *ctx, void *arg)
{
    struct rows *rows = arg;
    struct page page = {.limit = LIMIT_IMPORT_BAD_ROWS};
    struct unassigned_filter filter = {rows->id, cli_text(rows->run->args, "owner")};
    return unassigned_list(ctx, &filter, &page, &rows->unassigned);
}

static enum err run_unassigned(struct ctx *ctx, struct command_run *run)
{
    struct rows rows = {.run = run};
    if (cli_operand_count(run->args))
        TRY(read_id(ctx, run, &rows.id));
    TRY(ctx_read(ctx, read_unassigned, &rows));
    return import_report_unassigned(ctx, run, rows.unassigned.rows, rows.unassigned.count);
}

struct assigning {
    struct command_run *run;
    struct unassigned_choice choice;
    struct unassigned_report report;
};

static enum err read_choice(struct ctx *ctx, struct command_run *run,
                            struct unassigned_choice *choice)
{
    struct str owner = cli_text(run->args, "owner");
    size_t colon, count = cli_operand_count(run->args) - 1;
    int64_t *ids = ARENA_ARRAY(ctx->arena, int64_t, count);
    for (size_t i = 0; i < count; i++)
        if (!parse_int64(cli_operand(run->args, i + 1), 1, INT64_MAX, &ids[i]))
            return CTX_FAULT(ctx, ERR_INVALID, "id_invalid",
                             "A row is named by the number that the list gives it.");
    choice->ids = ids;
    choice->count = count;
    if ((owner.len > 0) == (count > 0) || (owner.len && !str_find_char(owner, ':', &colon)))
        return CTX_FAULT(ctx, ERR_INVALID, "which_rows",
                         "Name the rows, or their owner with --owner SYSTEM:ID.");
    if (owner.len) {
        choice->system = str_slice(owner, 0, colon);
        choice->owner = str_slice(owner, colon + 1, owner.len);
    }
    return OK;
}

static enum err assign(struct ctx *ctx, void *arg)
{
    struct assigning *assigning = arg;
    struct partner_id partner;
    TRY(partner_find(ctx, cli_operand(assigning->run->args, 0), &partner));
    return unassigned_assign(ctx, &assigning->choice, partner, &assigning->report);
}

static enum err run_assign(struct ctx *ctx, struct command_run *run)
{
    struct assigning assigning = {.run = run};
    int64_t assigned = 0;
    TRY(read_choice(ctx, run, &assigning.choice));
    do {
        TRY(ctx_write(ctx, assign, &assigning));
        assigned += assigning.report.assigned;
    } while (assigning.report.left && assigning.report.assigned);
    const struct str keys[] = {STR("assigned")};
    const struct str values[] = {arena_format(ctx->arena, "%lld", (long long)assigned)};
    return command_print_record(ctx, run, keys, values, ARRAY_LEN(keys));
}

/* ---- the rows ---- */

static const struct cli_option import_options[] = {
    {"dry-run", CLI_FLAG, NULL, "show what would happen and write nothing", false},
    {"mapping", CLI_TEXT, "FILE", "what the columns mean, instead of what is recognised", true},
    {"save-mapping", CLI_TEXT, "FILE", "write the mapping of the one file, and import nothing",
     false},
    {"partners", CLI_TEXT, "RULE", "which records are partners: all, type:VALUE, COLUMN=VALUE",
     false},
    {"dates", CLI_TEXT, "ORDER", "day_first or month_first, where both are possible", false},
    {"currency", CLI_TEXT, "CODE", "of amounts without one (default: the organisation's)", false},
    {"yes", CLI_FLAG, NULL, "believe a mapping that is only a proposal", false},
};
static const struct cli_option unassigned_options[] = {
    {"owner", CLI_TEXT, "ID", "only rows that name this owner", false},
};
static const struct cli_option assign_options[] = {
    {"owner", CLI_TEXT, "SYSTEM:ID", "all rows of this owner, also of later imports", false},
};

static const struct command rows[] = {
    COMMAND("import", "FILE…", "Take in files of other systems", run_import,
            .options = import_options, .option_count = ARRAY_LEN(import_options),
            .notes = "Several files are put in the right order. What was imported before changes "
                     "nothing. An import that was interrupted goes on with import resume.\n"
                     "Exits with 2 when rows were refused; the others are in.\n"
                     "Mapping files in the data directory's mappings/ are recognised by "
                     "themselves.\n"
                     "  rapport import Account.csv Contact.csv Opportunity.csv --dry-run\n"
                     "  rapport import orders.csv --save-mapping orders.json"),
    COMMAND("import list", "", "List imports, newest first", run_list),
    COMMAND("import show", "IMPORT", "State and counts of an import", run_show),
    COMMAND("import resume", "IMPORT", "Go on with an import that stopped", run_resume),
    COMMAND("import cancel", "IMPORT", "Stop an import that is running", run_cancel),
    COMMAND("import undo", "IMPORT", "Take an import back", run_undo,
            .notes = "Its facts are reversed, records it created are archived, fields it changed "
                     "are set back unless somebody changed them since."),
    COMMAND("import bad-rows", "IMPORT", "Rows that were refused and cells that were left out",
            run_bad_rows),
    COMMAND("import unassigned", "[IMPORT]", "Rows that belong to nobody", run_unassigned,
            .options = unassigned_options, .option_count = ARRAY_LEN(unassigned_options)),
    COMMAND("import assign", "PARTNER [ROW…]", "Give rows that belong to nobody to a partner",
            run_assign, .options = assign_options, .option_count = ARRAY_LEN(assign_options)),
};
const struct command_table import_commands = {rows, ARRAY_LEN(rows)};
