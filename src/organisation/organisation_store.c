/* All SQL of the organisation: one row. */
#include "src/organisation/organisation_store.h"

#include "lib/db/db.h"

enum { GET, INSERT, UPDATE };

static const struct query queries[] = {
    [GET] = {"organisation get",
             "SELECT o.name, o.contact_name, o.contact_phone, o.contact_email, o.country,"
             " o.currency, o.time_zone, o.default_manager_id, o.created_ms,"
             " o.version, u.name AS default_manager_name FROM organisation o"
             " LEFT JOIN user_account u ON u.id = o.default_manager_id WHERE o.id = 1",
             NULL},
    [INSERT] = {"organisation insert",
                "INSERT INTO organisation (id, version, name, contact_name, contact_phone,"
                " contact_email, country, currency, time_zone, default_manager_id, created_ms)"
                " VALUES (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
                NULL},
    [UPDATE] = {"organisation update",
                "UPDATE organisation SET version = version + 1, name = $2, contact_name = $3,"
                " contact_phone = $4, contact_email = $5, country = $6, currency = $7,"
                " time_zone = $8, default_manager_id = $9 WHERE id = 1 AND version = $1",
                NULL},
};
const struct query_table organisation_queries = {"organisation", queries, ARRAY_LEN(queries)};

enum { UPDATE_ARGS = 9, INSERT_ARGS = UPDATE_ARGS + 1 };

static void read_organisation(struct ctx *ctx, struct db_rows *rows,
                              struct organisation *ret_organisation)
{
    *ret_organisation = (struct organisation){
        .name = db_rows_copy(rows, "name", ctx->arena),
        .contact_name = db_rows_copy(rows, "contact_name", ctx->arena),
        .contact_phone = db_rows_copy(rows, "contact_phone", ctx->arena),
        .contact_email = db_rows_copy(rows, "contact_email", ctx->arena),
        .time_zone = db_rows_copy(rows, "time_zone", ctx->arena),
        .default_manager = {db_rows_int(rows, "default_manager_id")},
        .default_manager_name = db_rows_copy(rows, "default_manager_name", ctx->arena),
        .created_ms = db_rows_int(rows, "created_ms"),
        .version = db_rows_int(rows, "version"),
    };
    /* What the columns hold was checked when it was written; the country may be empty. */
    if (!country_parse(db_rows_text(rows, "country"), &ret_organisation->country))
        ret_organisation->country = (struct country){{0}};
    if (!currency_parse(db_rows_text(rows, "currency"), &ret_organisation->currency))
        ret_organisation->currency = (struct currency){{0}};
}

enum err organisation_store_get(struct ctx *ctx, struct organisation *ret_organisation,
                                bool *ret_found)
{
    struct db_rows *rows = db_select(ctx->conn, &queries[GET], DB_NO_ARGS);
    bool found = db_rows_next(rows);
    if (found)
        read_organisation(ctx, rows, ret_organisation);
    TRY(db_rows_close(rows));
    *ret_found = found;
    return OK;
}

static void fill_args(struct ctx *ctx, const struct organisation *organisation,
                      struct db_value values[INSERT_ARGS])
{
    const struct db_value filled[INSERT_ARGS] = {
        db_int(organisation->version),
        db_text(organisation->name),
        db_text(organisation->contact_name),
        db_text(organisation->contact_phone),
        db_text(organisation->contact_email),
        db_text(country_str(&organisation->country)),
        db_text(currency_str(&organisation->currency)),
        db_text(organisation->time_zone),
        db_int(organisation->default_manager.v),
        db_int(ctx->now_ms),
    };
    memcpy(values, filled, sizeof(filled));
}

enum err organisation_store_insert(struct ctx *ctx, const struct organisation *organisation)
{
    struct db_value values[INSERT_ARGS];
    fill_args(ctx, organisation, values);
    return db_run(ctx->conn, &queries[INSERT], (struct db_args){values, INSERT_ARGS}, NULL);
}

enum err organisation_store_update(struct ctx *ctx, const struct organisation *organisation)
{
    struct db_value values[INSERT_ARGS];
    int64_t changed;
    fill_args(ctx, organisation, values);
    TRY(db_run(ctx->conn, &queries[UPDATE], (struct db_args){values, UPDATE_ARGS}, &changed));
    return changed ? OK
                   : CTX_FAULT(ctx, ERR_STALE, "stale",
                               "Somebody else changed the organisation in the meantime.");
}
