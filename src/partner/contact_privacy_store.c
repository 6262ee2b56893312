/* All SQL of a person's rights. */
#include "src/partner/contact_privacy_store.h"

#include "lib/db/db.h"

enum { FACTS_AT_ONCE = 1000 };
enum { FACTS, ERASE };

static const struct query queries[] = {
    /* No index: facts are written all the time, and this is asked a few times a year. */
    [FACTS] = {"privacy facts",
               "SELECT f.id, f.at_ms, s.name AS source, f.external_id FROM fact f"
               " JOIN fact_source s ON s.id = f.source_id"
               " WHERE f.contact_id = $1 AND f.id > $2 ORDER BY f.id LIMIT $3",
               NULL},
    [ERASE] = {"privacy erase",
               "UPDATE contact SET name = $2, title = '', email = '', phone = '', mobile = '',"
               " erased_ms = $3, updated_ms = $3, version = version + 1 WHERE id = $1",
               NULL},
};
const struct query_table contact_privacy_queries = {"contact privacy", queries, ARRAY_LEN(queries)};

static int64_t put_fact(struct ctx *ctx, struct db_rows *rows, struct json_writer *writer)
{
    struct fact_id id = {db_rows_int(rows, "id")};
    json_begin_object(writer);
    json_put_str(writer, "id", fact_id_text(id, ctx->arena));
    json_put_time(writer, "at", db_rows_int(rows, "at_ms"));
    json_put_str(writer, "source", db_rows_text(rows, "source"));
    json_put_str(writer, "external_id", db_rows_text(rows, "external_id"));
    json_end_object(writer);
    return id.v;
}

enum err privacy_store_put_facts(struct ctx *ctx, struct contact_id id, struct json_writer *writer)
{
    int64_t last = 0;
    int count;
    json_begin_array(writer);
    do {
        struct db_rows *rows = db_select(
            ctx->conn, &queries[FACTS], DB_ARGS(db_int(id.v), db_int(last), db_int(FACTS_AT_ONCE)));
        for (count = 0; db_rows_next(rows); count++)
            last = put_fact(ctx, rows, writer);
        TRY(db_rows_close(rows));
    } while (count == FACTS_AT_ONCE);
    json_end_array(writer);
    return OK;
}

enum err privacy_store_erase(struct ctx *ctx, struct contact_id id, struct str name)
{
    return db_run(ctx->conn, &queries[ERASE],
                  DB_ARGS(db_int(id.v), db_text(name), db_int(ctx->now_ms)), NULL);
}
