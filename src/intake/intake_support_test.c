/* The world of the tests of imports. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "lib/db/db.h"
#include "src/core/limits.h"
#include "src/intake/intake_test.h"
#include "src/ledger/rollup.h"

const char desk_shops[] = "Key,Shop,Phone,City\n1,Alpha,+43 1 58858,Wien\n2,Beta,,Graz\n";
const char desk_lines[] = "Order,Day,Key,Article,Units,Total\n"
                          "A1,2024-03-01,1,X,2,20.00\n"
                          "A1,2024-03-01,1,Y,1,5.50\n"
                          "A2,2024-03-02,2,X,3,30.00\n";

static void attach_ledger(struct desk *desk)
{
    struct services *services = &desk->world.services;
    struct db_hooks hooks;
    services->ledger = ledger_new(services);
    services->partner_listener = &ledger_partner_listener;
    ledger_hooks(services->ledger, &hooks);
    db_set_hooks(services->db, &hooks);
}

void desk_open(struct desk *desk)
{
    *desk = (struct desk){.made = 0};
    world_open(&desk->world);
    attach_ledger(desk);
}

void desk_detach(struct desk *desk)
{
    db_close(desk->world.services.db);
    desk->world.services.db = NULL;
    ledger_free(desk->world.services.ledger);
    desk->world.services.ledger = NULL;
}

void desk_attach(struct desk *desk)
{
    world_reopen(&desk->world);
    attach_ledger(desk);
}

void desk_close(struct desk *desk)
{
    desk_detach(desk);
    world_close(&desk->world);
}

struct ctx *desk_ctx(struct desk *desk)
{
    return world_as(&desk->world, ROLE_MANAGER);
}

/* ---- files ---- */

void desk_clear(struct desk *desk)
{
    desk->import = (struct import){.files = desk->files};
}

const char *desk_write(struct desk *desk, const char *name, const char *text)
{
    struct str path =
        arena_format(&desk->world.arena, "%s/%d-%s", desk->world.directory, desk->made++, name);
    const char *file = arena_cstr(&desk->world.arena, path);
    int fd = open(file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    CHECK(fd >= 0);
    CHECK(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    CHECK(close(fd) == 0);
    return file;
}

struct adding {
    struct desk *desk;
    struct str mapping;
};

static enum err examine(struct ctx *ctx, void *arg)
{
    struct adding *adding = arg;
    struct import *import = &adding->desk->import;
    return import_file_examine(ctx, &import->choices, adding->mapping,
                               &import->files[import->file_count]);
}

enum err desk_try_add(struct desk *desk, const char *path, const char *mapping)
{
    struct adding adding = {desk, str_from_c(mapping)};
    if (!desk->import.files)
        desk_clear(desk);
    CHECK(desk->import.file_count < DESK_FILES);
    desk->files[desk->import.file_count] = (struct import_file){
        .number = (int64_t)desk->import.file_count + 1,
        .name = str_from_c(strrchr(path, '/') + 1),
        .path = str_from_c(path),
    };
    enum err err = ctx_read(desk_ctx(desk), examine, &adding);
    desk->import.file_count += err == OK;
    return err;
}

void desk_add(struct desk *desk, const char *path, const char *mapping)
{
    if (desk_try_add(desk, path, mapping) != OK)
        test_fail(__FILE__, __LINE__, "%s: %s", path, desk->world.ctx.fault.sentence);
}

void desk_add_text(struct desk *desk, const char *name, const char *text, const char *mapping)
{
    desk_add(desk, desk_write(desk, name, text), mapping);
}

/* ---- imports ---- */

static void must(struct desk *desk, enum err err, const char *what)
{
    if (err != OK)
        test_fail(__FILE__, __LINE__, "%s: %s %s", what, desk->world.ctx.fault.sentence,
                  desk->world.ctx.fault.detail);
}

static enum err preview(struct ctx *ctx, void *arg)
{
    struct desk *desk = arg;
    import_order_files(ctx, &desk->import);
    return import_preview(ctx, &desk->import, NULL);
}

void desk_preview(struct desk *desk)
{
    must(desk, ctx_read(desk_ctx(desk), preview, desk), "preview");
}

static enum err create(struct ctx *ctx, void *arg)
{
    struct desk *desk = arg;
    return import_create(ctx, &desk->import);
}

void desk_create(struct desk *desk)
{
    must(desk, ctx_write(desk_ctx(desk), create, desk), "create");
}

static enum err reload(struct ctx *ctx, void *arg)
{
    struct desk *desk = arg;
    struct page page = {.limit = LIMIT_PAGE_MAX};
    struct import_bad_page bad;
    TRY(import_get(ctx, desk->import.id, &desk->import));
    TRY(import_bad_rows(ctx, desk->import.id, &page, &bad));
    desk->import.first_bad = bad.rows;
    desk->import.first_bad_count = bad.count;
    return OK;
}

void desk_reload(struct desk *desk)
{
    must(desk, ctx_read(desk_ctx(desk), reload, desk), "reload");
}

void desk_apply(struct desk *desk)
{
    desk_create(desk);
    must(desk, import_apply(desk_ctx(desk), desk->import.id, NULL), "apply");
    desk_reload(desk);
}

void desk_import_shops(struct desk *desk)
{
    desk_clear(desk);
    desk_add_text(desk, "lines.csv", desk_lines, LINES_MAPPING);
    desk_add_text(desk, "shops.csv", desk_shops, SHOPS_MAPPING);
    desk_apply(desk);
}

struct import_undo_report desk_undo(struct desk *desk)
{
    struct import_undo_report report;
    must(desk, import_undo(desk_ctx(desk), desk->import.id, NULL, &report), "undo");
    desk_reload(desk);
    return report;
}

struct import_count desk_count(const struct desk *desk, const char *entity)
{
    for (size_t i = 0; i < desk->import.count_count; i++)
        if (str_equal(desk->import.counts[i].entity, str_from_c(entity)))
            return desk->import.counts[i];
    return (struct import_count){.created = 0};
}

/* ---- the ledger ---- */

struct summing {
    struct rollup_query query;
    struct rollup_totals totals;
};

static void add_row(void *self, const struct rollup_row *row)
{
    struct summing *summing = self;
    CHECK(rollup_totals_add(&summing->totals, &row->totals));
}

static enum err sum(struct ctx *ctx, void *arg)
{
    struct summing *summing = arg;
    return rollup_read_channel(ctx, &summing->query, add_row, summing);
}

static struct rollup_totals totals_of(struct desk *desk, enum fact_kind kind)
{
    struct summing summing = {
        .query = {.from = {-20000}, .to = {80000}, .kinds = FACT_KIND_BIT(kind)}};
    must(desk, ctx_read(desk_ctx(desk), sum, &summing), "sum");
    return summing.totals;
}

int64_t desk_facts(struct desk *desk, enum fact_kind kind)
{
    return totals_of(desk, kind).facts;
}

int64_t desk_amount(struct desk *desk, enum fact_kind kind)
{
    return totals_of(desk, kind).amount;
}

int64_t desk_quantity(struct desk *desk, enum fact_kind kind)
{
    return totals_of(desk, kind).quantity_milli;
}

int64_t desk_partners(struct desk *desk)
{
    static const struct query partners = {
        "test partners", "SELECT COUNT(*) AS n FROM partner WHERE archived_ms IS NULL", NULL};
    return world_number(&desk->world, &partners);
}
