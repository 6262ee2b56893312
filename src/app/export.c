/* `rapport export`: everything as files that other programs read, in one consistent snapshot. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/csv/csv.h"
#include "lib/json/json.h"
#include "src/app/commands.h"
#include "src/app/data.h"
#include "src/core/limits.h"
#include "src/ledger/ledger.h"
#include "src/partner/partner.h"
#include "src/product/product.h"

enum { PAGE_BYTES_MAX = 16 * 1024 * 1024 };

/* One file on its way. `page` holds what was read for the rows in hand, and is emptied with them.
 */
struct file {
    struct ctx ctx; /* the command's, with the page's memory */
    struct arena page;
    struct buf rows;
    int fd;
    int64_t count;
    bool first; /* cell of the row */
};

static void put(struct file *file, struct str cell)
{
    csv_write_cell(&file->rows, cell, file->first);
    file->first = false;
}

static void put_c(struct file *file, const char *cell)
{
    put(file, str_from_c(cell));
}

static void put_time(struct file *file, int64_t at_ms)
{
    struct buf text;
    buf_init(&text, &file->page, TIME_TEXT_MAX);
    if (at_ms)
        time_render(at_ms, &text);
    put(file, buf_str(&text));
}

static void put_money(struct file *file, bool has, struct money money)
{
    struct buf text;
    buf_init(&text, &file->page, LIMIT_LINE_BYTES);
    if (has)
        money_render(money, &text);
    put(file, buf_str(&text));
}

static void end_row(struct file *file)
{
    csv_write_end(&file->rows);
    file->first = true;
    file->count++;
}

static void put_header(struct file *file, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++)
        put_c(file, names[i]);
    end_row(file);
    file->count = 0;
}

/* Writes the rows in hand, and takes their memory back. */
static enum err flush(struct file *file)
{
    if (file->rows.overflowed || arena_failed(&file->page))
        return CTX_FAULT(&file->ctx, ERR_MEMORY, "export", "A page of rows is too large.");
    if (cli_write(file->fd, buf_str(&file->rows)) != OK)
        return CTX_FAULT(&file->ctx, ERR_STORAGE_FULL, "export", "The export cannot be written.");
    arena_reset(&file->page);
    buf_init(&file->rows, &file->page, PAGE_BYTES_MAX);
    return OK;
}

/* ---- partners and their contacts ---- */

static struct str joined_tags(struct file *file, const struct partner_marks *marks)
{
    struct buf text;
    buf_init(&text, &file->page, LIMIT_TAGS * (LIMIT_TAG_BYTES + 1));
    for (size_t i = 0; i < marks->tag_count; i++)
        buf_format(&text, "%s%.*s", i ? ";" : "", STR_ARG(marks->tags[i]));
    return buf_str(&text);
}

static struct str joined_externals(struct file *file, const struct partner_marks *marks)
{
    struct buf text;
    buf_init(&text, &file->page,
             LIMIT_EXTERNAL_IDS * (LIMIT_SOURCE_BYTES + LIMIT_EXTERNAL_ID_BYTES + 2));
    for (size_t i = 0; i < marks->external_count; i++)
        buf_format(&text, "%s%.*s:%.*s", i ? ";" : "", STR_ARG(marks->externals[i].system),
                   STR_ARG(marks->externals[i].id));
    return buf_str(&text);
}

static enum err partner_row(struct file *file, struct partner_id id)
{
    struct partner partner;
    struct partner_marks marks;
    TRY(partner_get(&file->ctx, id, &partner));
    TRY(partner_marks_get(&file->ctx, id, &marks));
    put(file, partner_id_text(id, &file->page));
    for (size_t i = 0; i < PARTNER_FIELD_COUNT; i++)
        put(file, partner.fields[i]);
    put_c(file, partner_status_name(partner.status));
    put(file, joined_tags(file, &marks));
    put(file, joined_externals(file, &marks));
    put_time(file, partner.created_ms);
    put_time(file, partner.active_ms);
    put_time(file, partner.archived_ms);
    end_row(file);
    return flush(file);
}

/* What is done for every partner, archived ones too. */
struct each {
    struct file *file;
    enum err (*write)(struct file *file, struct partner_id id);
};

static enum err visit_partner(void *self, const struct partner_row *row)
{
    const struct each *each = self;
    return each->write(each->file, row->id);
}

static enum err each_partner(struct ctx *ctx, struct file *file,
                             enum err (*write)(struct file *, struct partner_id))
{
    struct partner_filter filter = {.archived = PARTNERS_ALL};
    struct partner_order order = {.sort = PARTNER_SORT_NAME};
    struct each each = {file, write};
    enum err err = partner_list_each(ctx, &filter, &order, visit_partner, &each);
    if (err != OK && file->ctx.fault.err == err)
        ctx->fault = file->ctx.fault;
    return err;
}

static enum err write_partners(struct ctx *ctx, struct file *file)
{
    static const char *const behind[] = {"status",  "tags",   "external_ids",
                                         "created", "active", "archived"};
    put_c(file, "id");
    for (size_t i = 0; i < PARTNER_FIELD_COUNT; i++)
        put_c(file, partner_field_name((enum partner_field)i));
    put_header(file, behind, ARRAY_LEN(behind));
    return each_partner(ctx, file, partner_row);
}

static void contact_row(struct file *file, const struct contact *contact)
{
    put(file, contact_id_text(contact->id, &file->page));
    put(file, partner_id_text(contact->partner, &file->page));
    for (size_t i = 0; i < CONTACT_FIELD_COUNT; i++)
        put(file, contact->fields[i]);
    put_c(file, contact->is_primary ? "true" : "false");
    put_time(file, contact->created_ms);
    put_time(file, contact->archived_ms);
    end_row(file);
}

static enum err contacts_of(struct file *file, struct partner_id id, bool archived)
{
    struct contact_page found;
    struct page page = {.limit = LIMIT_CONTACTS};
    TRY(contact_list(&file->ctx, id, archived, &page, &found));
    for (size_t i = 0; i < found.count; i++)
        contact_row(file, &found.rows[i]);
    return flush(file);
}

static enum err partner_contacts(struct file *file, struct partner_id id)
{
    TRY(contacts_of(file, id, false));
    return contacts_of(file, id, true);
}

static enum err write_contacts(struct ctx *ctx, struct file *file)
{
    static const char *const behind[] = {"primary", "created", "archived"};
    put_c(file, "id");
    put_c(file, "partner_id");
    for (size_t i = 0; i < CONTACT_FIELD_COUNT; i++)
        put_c(file, contact_field_name((enum contact_field)i));
    put_header(file, behind, ARRAY_LEN(behind));
    return each_partner(ctx, file, partner_contacts);
}

/* ---- products and facts, page by page ---- */

static void product_row(struct file *file, const struct product *product)
{
    put(file, product_id_text(product->id, &file->page));
    put(file, product->name);
    put(file, product->code);
    put(file, product->category);
    put(file, product->subcategory);
    put_money(file, product->has_cost, product->cost);
    put_c(file, product->has_cost ? product->cost.currency.code : "");
    put_time(file, product->archived_ms);
    end_row(file);
}

static enum err products_where(struct ctx *ctx, struct file *file, bool archived)
{
    struct product_filter filter = {.archived = archived};
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct product_page found;
    do {
        TRY(product_list(&file->ctx, &filter, &page, &found));
        for (size_t i = 0; i < found.count; i++)
            product_row(file, &found.rows[i]);
        struct str next = arena_str(ctx->arena, found.next);
        TRY(flush(file));
        if (!next.len)
            return OK;
        TRY(page_continue(ctx, next, &page));
    } while (true);
}

static enum err write_products(struct ctx *ctx, struct file *file)
{
    static const char *const names[] = {"id",          "name", "code",     "category",
                                        "subcategory", "cost", "currency", "archived"};
    put_header(file, names, ARRAY_LEN(names));
    TRY(products_where(ctx, file, false));
    return products_where(ctx, file, true);
}

static void put_fact_money(struct file *file, const struct fact *fact)
{
    bool any = fact->has_amount || fact->has_cost;
    put_money(file, fact->has_amount, fact->amount);
    put_money(file, fact->has_cost, (struct money){fact->cost_minor, fact->amount.currency});
    put_c(file, any ? fact->amount.currency.code : "");
}

/* "3" or "0.125", as JSON writes numbers. */
static void put_quantity(struct file *file, int64_t quantity_milli)
{
    struct buf text;
    struct json_writer writer;
    bool whole = quantity_milli % 1000 == 0;
    buf_init(&text, &file->page, LIMIT_LINE_BYTES);
    json_writer_init(&writer, &text);
    json_add_decimal(&writer, whole ? (struct decimal){quantity_milli / 1000, 0}
                                    : (struct decimal){quantity_milli, 3});
    put(file, buf_str(&text));
}

static void fact_row(struct file *file, const struct fact *fact)
{
    struct arena *arena = &file->page;
    struct str none = {NULL, 0};
    put(file, fact_id_text(fact->id, arena));
    put(file, partner_id_text(fact->partner, arena));
    put_c(file, fact_kind_name(fact->kind));
    put_time(file, fact->at_ms);
    put_time(file, fact->recorded_ms);
    put_quantity(file, fact->quantity_milli);
    put_fact_money(file, fact);
    put(file, product_id_is_set(fact->product) ? product_id_text(fact->product, arena) : none);
    put(file, contact_id_is_set(fact->contact) ? contact_id_text(fact->contact, arena) : none);
    put(file, fact->source);
    put(file, fact->external_id);
    put(file, fact->ref);
    put(file, fact->note);
    put(file, fact_id_is_set(fact->reverses) ? fact_id_text(fact->reverses, arena) : none);
    end_row(file);
}

static enum err write_facts(struct ctx *ctx, struct file *file)
{
    static const char *const names[] = {"id",          "partner_id", "kind",       "at",
                                        "recorded",    "quantity",   "amount",     "cost",
                                        "currency",    "product_id", "contact_id", "source",
                                        "external_id", "ref",        "note",       "reverses"};
    struct fact_filter filter = {0};
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct fact_page found;
    put_header(file, names, ARRAY_LEN(names));
    do {
        TRY(ledger_list(&file->ctx, &filter, &page, &found));
        for (size_t i = 0; i < found.count; i++)
            fact_row(file, &found.rows[i]);
        struct str next = arena_str(ctx->arena, found.next);
        TRY(flush(file));
        if (!next.len)
            return OK;
        TRY(page_continue(ctx, next, &page));
    } while (true);
}

/* ---- the directory of files ---- */

struct export
{
    struct command_run *run;
    struct str directory;
    struct cli_table *table;
};

typedef enum err write_file(struct ctx *ctx, struct file *file);

static enum err open_file(struct ctx *ctx, struct export *export, const char *name,
                          struct file *file)
{
    struct str path = data_path(ctx->arena, export->directory, name);
    file->fd = open(arena_cstr(ctx->arena, path), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file->fd < 0)
        return CTX_FAULT(ctx, ERR_IO, "export", "Cannot write %.*s: %s.", STR_ARG(path),
                         strerror(errno));
    return OK;
}

static enum err export_file(struct ctx *ctx, struct export *export, const char *name,
                            write_file *write)
{
    struct file file = {.ctx = *ctx, .first = true};
    TRY(open_file(ctx, export, name, &file));
    arena_init(&file.page, LIMIT_ARENA_BYTES);
    file.ctx.arena = &file.page;
    buf_init(&file.rows, &file.page, PAGE_BYTES_MAX);
    enum err err = write(ctx, &file);
    if (err == OK)
        err = flush(&file);
    if (err != OK && ctx->fault.err != err)
        ctx->fault = file.ctx.fault;
    arena_finish(&file.page);
    if (close(file.fd) && err == OK)
        err = CTX_FAULT(ctx, ERR_IO, "export", "%s could not be written.", name);
    TRY(err);
    struct str cells[] = {str_from_c(name),
                          arena_format(ctx->arena, "%lld", (long long)file.count)};
    cli_table_add(export->table, cells);
    return OK;
}

static enum err export_all(struct ctx *ctx, void *arg)
{
    static const struct {
        const char *name;
        write_file *write;
    } files[] = {{"partners.csv", write_partners},
                 {"contacts.csv", write_contacts},
                 {"products.csv", write_products},
                 {"facts.csv", write_facts}};
    for (size_t i = 0; i < ARRAY_LEN(files); i++)
        TRY(export_file(ctx, arg, files[i].name, files[i].write));
    return OK;
}

static enum err run_export(struct ctx *ctx, struct command_run *run)
{
    static const struct cli_column columns[] = {{"File", "file", CLI_LEFT, CLI_CELL_TEXT},
                                                {"Rows", "rows", CLI_RIGHT, CLI_CELL_NUMBER}};
    struct export export = {run, cli_operand(run->args, 0),
                            cli_table_new(ctx->arena, columns, ARRAY_LEN(columns))};
    TRY(data_make(export.directory, &ctx->fault));
    TRY(ctx_read(ctx, export_all, &export));
    return command_print_table(ctx, run, export.table);
}

static const struct command export_rows[] = {
    COMMAND("export", "DIRECTORY", "Write partners, contacts, products and facts as CSV files",
            run_export,
            .notes = "All files show one instant, whatever is written meanwhile. Refuses a "
                     "directory that is not empty."),
};
const struct command_table export_commands = {export_rows, ARRAY_LEN(export_rows)};
