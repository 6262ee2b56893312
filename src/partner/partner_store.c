/* All SQL of partners' records. */
#include "src/partner/partner_store.h"

#include "lib/db/db.h"

enum {
    GET,
    INSERT,
    UPDATE,
    BRIEF,
    OF_MANAGER,
    PARENT_OF,
    ADD_STATUS,
    BY_NAME,
    BY_COMPANY,
    BY_ANY_NAME,
    BY_EXTERNAL,
    EXTERNALS,
    COUNT_EXTERNALS,
    TAGS,
    ADD_EXTERNAL,
    REMOVE_EXTERNAL,
    ADD_TAG,
    REMOVE_TAG,
    TOUCH
};

/* A partner that was merged answers as its survivor. */
#define CANDIDATES                                                    \
    "SELECT DISTINCT s.id, s.name, s.city, s.name_key FROM partner p" \
    " JOIN partner s ON s.id = COALESCE(p.merged_into, p.id)"
#define CANDIDATES_END \
    " AND (CAST($2 AS BIGINT) = 0 OR s.id = $2) ORDER BY s.name_key, s.id LIMIT 4"

static const struct query queries[] = {
    [GET] = {"partner get",
             "SELECT " PARTNER_COLUMNS("$2") PARTNER_FROM
             " WHERE p.id = $1 AND " PARTNER_SCOPE("$2"),
             NULL},
    [INSERT] = {"partner insert",
                "INSERT INTO partner (id, version, status, name_key, company_key, manager_id,"
                " parent_id, created_ms, updated_ms, active_ms, archived_ms, merged_into, name,"
                " address_line1, address_line2, city, region, postal_code, country, phone, phone2,"
                " domain, primary_dns, secondary_dns, sla, tier, currency, language, time_zone,"
                " note) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15,"
                " $16, $17, $18, $19, $20, $21, $22, $23, $24, $25, $26, $27, $28, $29, $30)",
                NULL},
    [UPDATE] = {"partner update",
                "UPDATE partner SET version = version + 1, status = $3, name_key = $4,"
                " company_key = $5, manager_id = $6, parent_id = $7, created_ms = $8,"
                " updated_ms = $9, active_ms = $10, archived_ms = $11, merged_into = $12,"
                " name = $13, address_line1 = $14, address_line2 = $15, city = $16, region = $17,"
                " postal_code = $18, country = $19, phone = $20, phone2 = $21, domain = $22,"
                " primary_dns = $23, secondary_dns = $24, sla = $25, tier = $26, currency = $27,"
                " language = $28, time_zone = $29, note = $30 WHERE id = $1 AND version = $2",
                NULL},
    [BRIEF] = {"partner brief",
               "SELECT id, currency, time_zone, merged_into FROM partner"
               " WHERE id = $1 AND (CAST($2 AS BIGINT) = 0 OR id = $2)",
               NULL},
    [OF_MANAGER] = {"partner of manager",
                    "SELECT id FROM partner WHERE manager_id = $1 AND merged_into IS NULL"
                    " ORDER BY id LIMIT $2",
                    NULL},
    [PARENT_OF] = {"partner parent of", "SELECT parent_id FROM partner WHERE id = $1", NULL},
    [ADD_STATUS] = {"partner add status",
                    "INSERT INTO partner_status (partner_id, at_ms, from_status, to_status)"
                    " VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
                    NULL},
    [BY_NAME] = {"partner by name",
                 CANDIDATES " WHERE p.name_key = $1 AND s.archived_ms IS NULL" CANDIDATES_END,
                 NULL},
    [BY_COMPANY] = {"partner by company",
                    CANDIDATES " WHERE p.company_key = $1 AND s.archived_ms IS NULL" CANDIDATES_END,
                    NULL},
    [BY_ANY_NAME] = {"partner by any name", CANDIDATES " WHERE p.name_key = $1" CANDIDATES_END,
                     NULL},
    [BY_EXTERNAL] = {"partner by external id",
                     "SELECT COALESCE(p.merged_into, p.id) AS id FROM partner_external e"
                     " JOIN partner p ON p.id = e.partner_id"
                     " WHERE e.system = $1 AND e.external_id = $2"
                     " AND (CAST($3 AS BIGINT) = 0 OR COALESCE(p.merged_into, p.id) = $3)",
                     NULL},
    [EXTERNALS] = {"partner externals",
                   "SELECT system, external_id FROM partner_external WHERE partner_id = $1"
                   " AND (CAST($2 AS BIGINT) = 0 OR partner_id = $2)"
                   " ORDER BY system, external_id LIMIT $3",
                   NULL},
    [COUNT_EXTERNALS] = {"partner count externals",
                         "SELECT COUNT(*) AS n FROM partner_external WHERE partner_id = $1", NULL},
    [TAGS] = {"partner tags",
              "SELECT tag FROM partner_tag WHERE partner_id = $1 AND CAST($2 AS BIGINT) = 0"
              " ORDER BY tag LIMIT $3",
              NULL},
    [ADD_EXTERNAL] = {"partner add external",
                      "INSERT INTO partner_external (system, external_id, partner_id)"
                      " VALUES ($1, $2, $3)",
                      NULL},
    [REMOVE_EXTERNAL] = {"partner remove external",
                         "DELETE FROM partner_external WHERE system = $1 AND external_id = $2"
                         " AND partner_id = $3",
                         NULL},
    [ADD_TAG] = {"partner add tag",
                 "INSERT INTO partner_tag (partner_id, tag) VALUES ($1, $2)"
                 " ON CONFLICT DO NOTHING",
                 NULL},
    [REMOVE_TAG] = {"partner remove tag",
                    "DELETE FROM partner_tag WHERE partner_id = $1 AND tag = $2", NULL},
    [TOUCH] = {"partner touch",
               "UPDATE partner SET version = version + 1, updated_ms = $2 WHERE id = $1", NULL},
};
const struct query_table partner_queries = {"partner", queries, ARRAY_LEN(queries)};

/* The texts that stand in columns of their own name, in the order of the statements. */
static const enum partner_field text_fields[] = {
    PARTNER_NAME,      PARTNER_ADDRESS_LINE1, PARTNER_ADDRESS_LINE2, PARTNER_CITY,
    PARTNER_REGION,    PARTNER_POSTAL_CODE,   PARTNER_COUNTRY,       PARTNER_PHONE,
    PARTNER_PHONE2,    PARTNER_DOMAIN,        PARTNER_PRIMARY_DNS,   PARTNER_SECONDARY_DNS,
    PARTNER_SLA,       PARTNER_TIER,          PARTNER_CURRENCY,      PARTNER_LANGUAGE,
    PARTNER_TIME_ZONE, PARTNER_NOTE,
};
enum { RECORD_ARGS_BEFORE = 12, RECORD_ARGS = RECORD_ARGS_BEFORE + ARRAY_LEN(text_fields) };

void partner_store_read(struct ctx *ctx, struct db_rows *rows, struct partner *ret_partner)
{
    struct arena *arena = ctx->arena;
    struct partner partner = {
        .id = {db_rows_int(rows, "id")},
        .manager = {db_rows_int(rows, "manager_id")},
        .manager_name = db_rows_copy(rows, "manager_name", arena),
        .manager_email = db_rows_copy(rows, "manager_email", arena),
        .parent = {db_rows_int(rows, "parent_id")},
        .parent_name = db_rows_copy(rows, "parent_name", arena),
        .created_ms = db_rows_int(rows, "created_ms"),
        .updated_ms = db_rows_int(rows, "updated_ms"),
        .active_ms = db_rows_int(rows, "active_ms"),
        .archived_ms = db_rows_int(rows, "archived_ms"),
        .merged_into = {db_rows_int(rows, "merged_into")},
        .version = db_rows_int(rows, "version"),
    };
    for (size_t i = 0; i < ARRAY_LEN(text_fields); i++)
        partner.fields[text_fields[i]] =
            db_rows_copy(rows, partner_field_name(text_fields[i]), arena);
    partner.fields[PARTNER_MANAGER] = user_id_text(partner.manager, arena);
    if (partner_id_is_set(partner.parent))
        partner.fields[PARTNER_PARENT] = partner_id_text(partner.parent, arena);
    partner.time_zone = partner.fields[PARTNER_TIME_ZONE];
    /* What the columns hold was checked when it was written. */
    if (!partner_status_parse(db_rows_text(rows, "status"), &partner.status))
        partner.status = PARTNER_PROSPECT;
    if (!currency_parse(partner.fields[PARTNER_CURRENCY], &partner.currency))
        partner.currency = (struct currency){{0}};
    *ret_partner = partner;
}

enum err partner_store_get(struct ctx *ctx, struct partner_id id, struct partner *ret_partner,
                           bool *ret_found)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[GET], DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx))));
    bool found = db_rows_next(rows);
    if (found)
        partner_store_read(ctx, rows, ret_partner);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

static void fill_args(struct ctx *ctx, const struct partner *partner,
                      struct db_value values[RECORD_ARGS])
{
    struct str name = partner->fields[PARTNER_NAME];
    const struct db_value before[RECORD_ARGS_BEFORE] = {
        db_int(partner->id.v),
        db_int(partner->version),
        db_text(str_from_c(partner_status_name(partner->status))),
        db_text(text_fold(name, ctx->arena)),
        db_text(company_key(name, ctx->arena)),
        db_int(partner->manager.v),
        db_int_or_null(partner->parent.v),
        db_int(partner->created_ms),
        db_int(partner->updated_ms),
        db_int_or_null(partner->active_ms),
        db_int_or_null(partner->archived_ms),
        db_int_or_null(partner->merged_into.v),
    };
    memcpy(values, before, sizeof(before));
    for (size_t i = 0; i < ARRAY_LEN(text_fields); i++)
        values[RECORD_ARGS_BEFORE + i] = db_text(partner->fields[text_fields[i]]);
}

enum err partner_store_insert(struct ctx *ctx, const struct partner *partner)
{
    struct db_value values[RECORD_ARGS];
    fill_args(ctx, partner, values);
    return db_run(ctx->conn, &queries[INSERT], (struct db_args){values, RECORD_ARGS}, NULL);
}

enum err partner_store_update(struct ctx *ctx, const struct partner *partner)
{
    struct db_value values[RECORD_ARGS];
    int64_t changed;
    fill_args(ctx, partner, values);
    TRY(db_run(ctx->conn, &queries[UPDATE], (struct db_args){values, RECORD_ARGS}, &changed));
    return changed ? OK
                   : CTX_FAULT(ctx, ERR_STALE, "stale",
                               "Somebody else changed this partner in the meantime.");
}

enum err partner_store_brief(struct ctx *ctx, struct partner_id id, struct partner_brief *ret_brief,
                             struct partner_id *ret_merged_into, bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[BRIEF],
                                     DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx))));
    bool found = db_rows_next(rows);
    if (found) {
        ret_brief->id.v = db_rows_int(rows, "id");
        ret_brief->time_zone = db_rows_copy(rows, "time_zone", ctx->arena);
        ret_merged_into->v = db_rows_int(rows, "merged_into");
        found = currency_parse(db_rows_text(rows, "currency"), &ret_brief->currency);
    }
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err partner_store_of_manager(struct ctx *ctx, struct user_id manager, size_t limit,
                                  struct partner_id *ret_ids, size_t *ret_count)
{
    size_t count = 0;
    struct db_rows *rows = db_select(ctx->conn, &queries[OF_MANAGER],
                                     DB_ARGS(db_int(manager.v), db_int((int64_t)limit)));
    while (db_rows_next(rows))
        ret_ids[count++].v = db_rows_int(rows, "id");
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err partner_store_parent_of(struct ctx *ctx, struct partner_id id,
                                 struct partner_id *ret_parent)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[PARENT_OF], DB_ARGS(db_int(id.v)));
    int64_t parent = db_rows_next(rows) ? db_rows_int(rows, "parent_id") : 0;
    TRY(db_rows_close(rows));
    ret_parent->v = parent;
    return OK;
}

enum err partner_store_add_status(struct ctx *ctx, const struct partner *partner, const char *from,
                                  int64_t at_ms)
{
    return db_run(ctx->conn, &queries[ADD_STATUS],
                  DB_ARGS(db_int(partner->id.v), db_int(at_ms), db_text(str_from_c(from)),
                          db_text(str_from_c(partner_status_name(partner->status)))),
                  NULL);
}

/* ---- finding ---- */

enum err partner_store_by_name(struct ctx *ctx, enum partner_name_kind kind, struct str key,
                               struct partner_candidates *ret_found)
{
    static const int query_of[] = {[PARTNER_BY_NAME] = BY_NAME,
                                   [PARTNER_BY_COMPANY] = BY_COMPANY,
                                   [PARTNER_BY_ANY_NAME] = BY_ANY_NAME};
    struct partner_candidates found = {.count = 0};
    struct db_rows *rows = db_select(ctx->conn, &queries[query_of[kind]],
                                     DB_ARGS(db_text(key), db_int(ctx_partner_scope(ctx))));
    while (db_rows_next(rows) && found.count < PARTNER_CANDIDATES) {
        found.rows[found.count].id.v = db_rows_int(rows, "id");
        found.rows[found.count].name = db_rows_copy(rows, "name", ctx->arena);
        found.rows[found.count++].city = db_rows_copy(rows, "city", ctx->arena);
    }
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

enum err partner_store_by_external(struct ctx *ctx, struct external_id external,
                                   struct partner_id *ret_id)
{
    struct db_rows *rows = db_select(
        ctx->conn, &queries[BY_EXTERNAL],
        DB_ARGS(db_text(external.system), db_text(external.id), db_int(ctx_partner_scope(ctx))));
    int64_t id = db_rows_next(rows) ? db_rows_int(rows, "id") : 0;
    TRY(db_rows_close(rows));
    ret_id->v = id;
    return OK;
}

/* ---- tags and external ids ---- */

/* More than one partner may have of its own: a survivor has those of all that it took in. */
enum { MARKS_MAX = 500 };

static enum err read_externals(struct ctx *ctx, struct partner_id id, struct partner_marks *marks)
{
    struct db_rows *rows =
        db_select(ctx->conn, &queries[EXTERNALS],
                  DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx)), db_int(MARKS_MAX)));
    while (db_rows_next(rows)) {
        struct external_id *external = &marks->externals[marks->external_count++];
        external->system = db_rows_copy(rows, "system", ctx->arena);
        external->id = db_rows_copy(rows, "external_id", ctx->arena);
    }
    return db_rows_close(rows);
}

enum err partner_store_marks(struct ctx *ctx, struct partner_id id, struct partner_marks *ret_marks)
{
    struct partner_marks marks = {
        .externals = ARENA_ARRAY(ctx->arena, struct external_id, MARKS_MAX),
        .tags = ARENA_ARRAY(ctx->arena, struct str, MARKS_MAX),
    };
    TRY(read_externals(ctx, id, &marks));
    struct db_rows *rows =
        db_select(ctx->conn, &queries[TAGS],
                  DB_ARGS(db_int(id.v), db_int(ctx_partner_scope(ctx)), db_int(MARKS_MAX)));
    while (db_rows_next(rows))
        marks.tags[marks.tag_count++] = db_rows_copy(rows, "tag", ctx->arena);
    TRY(db_rows_close(rows));
    *ret_marks = marks;
    return OK;
}

enum err partner_store_count_externals(struct ctx *ctx, struct partner_id id, int64_t *ret_count)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[COUNT_EXTERNALS], DB_ARGS(db_int(id.v)));
    int64_t count = db_rows_next(rows) ? db_rows_int(rows, "n") : 0;
    TRY(db_rows_close(rows));
    *ret_count = count;
    return OK;
}

enum err partner_store_add_external(struct ctx *ctx, struct partner_id id,
                                    struct external_id external)
{
    return db_run(ctx->conn, &queries[ADD_EXTERNAL],
                  DB_ARGS(db_text(external.system), db_text(external.id), db_int(id.v)), NULL);
}

enum err partner_store_remove_external(struct ctx *ctx, struct partner_id id,
                                       struct external_id external, int64_t *ret_changed)
{
    return db_run(ctx->conn, &queries[REMOVE_EXTERNAL],
                  DB_ARGS(db_text(external.system), db_text(external.id), db_int(id.v)),
                  ret_changed);
}

enum err partner_store_add_tag(struct ctx *ctx, struct partner_id id, struct str tag,
                               int64_t *ret_changed)
{
    return db_run(ctx->conn, &queries[ADD_TAG], DB_ARGS(db_int(id.v), db_text(tag)), ret_changed);
}

enum err partner_store_remove_tag(struct ctx *ctx, struct partner_id id, struct str tag,
                                  int64_t *ret_changed)
{
    return db_run(ctx->conn, &queries[REMOVE_TAG], DB_ARGS(db_int(id.v), db_text(tag)),
                  ret_changed);
}

enum err partner_store_touch(struct ctx *ctx, struct partner_id id)
{
    return db_run(ctx->conn, &queries[TOUCH], DB_ARGS(db_int(id.v), db_int(ctx->now_ms)), NULL);
}
